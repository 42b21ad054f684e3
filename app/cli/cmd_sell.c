/*
 * app/cli/cmd_sell.c - sells by a script of labelled steps, from a file or as they are typed.
 *
 * It is a view like the windows of the till: it calls app/terminal and tells what came of it. After a commit it prints:
 * ESC/POS to a folder, and if asked the text and picture of the receipt.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/parked.h"
#include "app/cli/people.h"
#include "app/cli/report.h"
#include "app/cli/returned.h"
#include "app/cli/sell_order.h"
#include "app/cli/sell_quote.h"
#include "app/cli/sell_request.h"
#include "app/cli/sell_script.h"
#include "app/core/cash_notes.h"
#include "app/core/drawer.h"
#include "app/counter/counter.h"
#include "app/counter/devices.h"
#include "app/counter/payers.h"
#include "app/counter/printing.h"
#include "app/counter/showing.h"
#include "app/receipt/qr.h"
#include "app/terminal/asked_goods.h"
#include "base/text.h"
#include "drivers/camera/camera.h"

#define LINE_BYTES_MAX 65536
#define PATH_MAX_BYTES 1024
#define CHALLENGE_SCALE 8 /* dots a module */
#define PRINTER_WAIT_MS 3000
#define SCALE_WAIT_MS 5000  /* for the goods to come to rest */
#define LAST_PAPER_MS 90000 /* longer than a printer is waited for anyway */

struct seller {
    bool json;
    struct cf_printing printing;
    struct cf_till *till;
    struct cf_decoder *decoder;
    uint64_t step_no;
    bool takes_cards;           /* a terminal is connected */
    struct cf_asked asked;      /* by goods that wait for an answer */
    struct cf_devices *devices; /* NULL: only the script scans, and nothing goes to a printer */
    bool selling;               /* what devices scan is sold */
    bool broken;                /* a device's scan found that the machine does not work */
    struct cf_showing showing;
    uint64_t confirmed; /* the receipt of which the printer last said that it is printed */
    int status;
};

/* --- telling ------------------------------------------------------------------------------------------------------ */

static const char *money(int64_t minor, cf_currency currency, char text[CF_MONEY_TEXT_MAX])
{
    cf_money_format_signed((cf_money){minor, currency}, text);
    return text;
}

static json_t *coupons_json(const struct cf_till_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->n_coupons; i++)
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:b, s:I, s:s, s:s}", "campaign", (json_int_t)view->coupons[i].campaign,
                            "index", (json_int_t)view->coupons[i].index, "effective", view->coupons[i].rc == CF_OK,
                            "amount_minor", (json_int_t)view->coupons[i].amount_minor, "rule",
                            cf_rc_name(view->coupons[i].rc), "reason", view->coupons[i].reason));
    return list;
}

/* Automatic promotions of which too little is left at this till. */
static json_t *left_out_json(const struct cf_till_view *view)
{
    json_t *list = json_array();
    for (size_t i = 0; i < view->n_left_out; i++)
        json_array_append_new(list,
                              json_pack("{s:I, s:s, s:s, s:s}", "campaign", (json_int_t)view->left_out[i].campaign,
                                        "name", view->left_out[i].name, "rule", cf_rc_name(view->left_out[i].rc),
                                        "reason", view->left_out[i].reason));
    return list;
}

static json_t *by_hand_json(const struct cf_till_view *view)
{
    const struct cf_hand_discount *given;
    json_t *list = json_array();
    size_t n = cf_cart_discounts(view->cart, &given);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:I, s:I, s:s}", "line", (json_int_t)given[i].line_no, "amount_minor",
                                              (json_int_t)view->priced->hand[i].amount_minor, "reason",
                                              view->priced->hand[i].reason));
    return list;
}

static json_t *view_json(const struct seller *seller)
{
    struct cf_till_view view;
    cf_till_view(seller->till, &view);
    json_t *object = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "state", cf_checkout_state_name(view.state), "lines",
        (json_int_t)cf_cart_live_count(view.cart), "gross_minor", (json_int_t)view.priced->gross_minor,
        "discount_minor", (json_int_t)view.priced->discount_minor, "total_minor", (json_int_t)view.priced->total_minor,
        "due_minor", (json_int_t)view.due_minor, "points", (json_int_t)view.points);
    if (view.order != 0)
        json_object_set_new(object, "order", json_integer((json_int_t)view.order));
    if (view.quote.of.terminal != 0)
        json_object_set_new(object, "quote_stands", json_boolean(view.quote.stands));
    if (view.n_coupons)
        json_object_set_new(object, "coupons", coupons_json(&view));
    if (view.n_left_out)
        json_object_set_new(object, "left_out", left_out_json(&view));
    if (view.priced->n_hand)
        json_object_set_new(object, "by_hand", by_hand_json(&view));
    if (view.exchange_minor > 0)
        json_object_set_new(object, "exchange_minor", json_integer(view.exchange_minor));
    if (view.has_payment)
        json_object_set_new(
            object, "payment",
            json_pack("{s:o, s:s, s:s, s:I}", "id", cli_json_hex(view.payment.id, sizeof view.payment.id), "kind",
                      cf_tender_kind_name(view.payment.kind), "state", cf_payment_state_name(view.payment.state),
                      "amount_minor", (json_int_t)view.payment.amount_minor));
    return object;
}

static json_t *begin_json(const struct seller *seller, const struct sell_step *step, bool ok)
{
    json_t *object =
        json_pack("{s:I, s:s, s:b}", "step", (json_int_t)seller->step_no, "verb", sell_verb_name(step->verb), "ok", ok);
    if (step->label[0])
        json_object_set_new(object, "label", cli_json_text(cf_bytes_str(step->label)));
    return object;
}

static void tell_refused(struct seller *seller, const struct sell_step *step, const struct cf_error *err)
{
    int status = cli_exit_status(err->rc);
    seller->status = status > seller->status ? status : seller->status;
    if (seller->json) {
        json_t *object = begin_json(seller, step, false);
        json_object_set_new(object, "error", cli_error_json(err));
        if (err->rc == CF_E_PAYMENT_UNKNOWN || err->rc == CF_E_PAYMENT_OPEN)
            json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
        return;
    }
    printf("%5llu %s%s%s refused: %s\n        %s%s%s\n", (unsigned long long)seller->step_no, step->label,
           step->label[0] ? ": " : "", sell_verb_name(step->verb), cf_rc_name(err->rc), cf_rc_text(err->rc),
           err->detail[0] ? " — " : "", err->detail);
}

/* Goods that are not sold yet: the next step is the answer. */
static void tell_asked(struct seller *seller, const struct sell_step *step, const struct cf_error *why)
{
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "asks", json_string(cf_asked_name(seller->asked.rc)));
        json_object_set_new(object, "error", cli_error_json(why));
        cli_print_json(object);
        return;
    }
    printf("%5llu %s%s%s asks for %s: %s\n", (unsigned long long)seller->step_no, step->label,
           step->label[0] ? ": " : "", sell_verb_name(step->verb), cf_asked_name(seller->asked.rc), why->detail);
}

static void tell_line(struct seller *seller, const struct cf_till_scanned *scanned)
{
    struct cf_till_view view;
    char unit[CF_MONEY_TEXT_MAX], amount[CF_MONEY_TEXT_MAX], total[CF_MONEY_TEXT_MAX];
    cf_till_view(seller->till, &view);
    const struct cf_cart_line *line = cf_cart_at(view.cart, scanned->line_no - 1);
    const struct cf_priced_line *priced = &view.priced->lines[scanned->line_no - 1];
    printf("%5llu %2u  %s  %lld.%03lld × %s = %s   total %s\n", (unsigned long long)seller->step_no, line->line_no,
           line->name, (long long)(line->qty_milli / 1000), (long long)(line->qty_milli % 1000),
           money(line->unit_price_minor, view.currency, unit), money(priced->gross_minor, view.currency, amount),
           money(view.priced->total_minor, view.currency, total));
}

static void tell_coupon(struct seller *seller, const struct cf_till_scanned *scanned)
{
    struct cf_till_view view;
    cf_till_view(seller->till, &view);
    const struct cf_till_coupon *coupon = &view.coupons[scanned->coupon];
    if (coupon->rc == CF_OK) /* the reason of a discount begins with its name */
        printf("%5llu     coupon %s\n", (unsigned long long)seller->step_no, coupon->reason);
    else
        printf("%5llu     coupon %s: kept, no effect yet: %s\n", (unsigned long long)seller->step_no, coupon->name,
               coupon->reason);
}

static void tell_scanned(struct seller *seller, const struct sell_step *step, const struct cf_till_scanned *scanned)
{
    struct cf_till_view view;
    cf_till_view(seller->till, &view);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "kind", json_string(cf_scan_kind_name(scanned->kind)));
        if (scanned->line_no) {
            const struct cf_cart_line *line = cf_cart_at(view.cart, scanned->line_no - 1);
            json_object_set_new(object, "line",
                                json_pack("{s:I, s:s, s:I, s:I}", "no", (json_int_t)line->line_no, "name", line->name,
                                          "qty_milli", (json_int_t)line->qty_milli, "unit_price_minor",
                                          (json_int_t)line->unit_price_minor));
        }
        json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
    } else if (scanned->line_no) {
        tell_line(seller, scanned);
    } else if (scanned->kind == CF_SCAN_COUPON || scanned->kind == CF_SCAN_TICKET) {
        tell_coupon(seller, scanned);
    } else {
        printf("%5llu     member %02x%02x…, tier %u%s\n", (unsigned long long)seller->step_no, view.member.b[0],
               view.member.b[1], view.tier, view.member_live ? "" : " (printed card: earns, cannot spend)");
    }
}

/* What settles the sale in cash, and what a shopper is likely to hand over. */
static json_t *cash_json(const struct seller *seller)
{
    int64_t due = 0, values[CF_DENOMINATIONS_MAX], amounts[CF_CASH_SUGGESTIONS_MAX];
    cf_currency currency = cf_till_store(seller->till)->currency;
    json_t *list = json_array();
    if (cf_till_due_in_cash(seller->till, currency, &due, NULL) != CF_OK)
        due = 0;
    size_t n_values = cf_denominations(currency, values);
    size_t n = cf_cash_suggest(due, values, n_values, amounts);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer((json_int_t)amounts[i]));
    return json_pack("{s:I, s:o}", "due_minor", (json_int_t)due, "suggested", list);
}

static void tell_done(struct seller *seller, const struct sell_step *step)
{
    struct cf_till_view view;
    char total[CF_MONEY_TEXT_MAX], due[CF_MONEY_TEXT_MAX];
    cf_till_view(seller->till, &view);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "sale", view_json(seller));
        if (step->verb == SELL_TOTAL && view.due_minor > 0)
            json_object_set_new(object, "cash", cash_json(seller));
        cli_print_json(object);
    } else {
        printf("%5llu     %s: total %s, due %s\n", (unsigned long long)seller->step_no, sell_verb_name(step->verb),
               money(view.priced->total_minor, view.currency, total), money(view.due_minor, view.currency, due));
        for (size_t i = 0; step->verb == SELL_TOTAL && i < view.n_left_out; i++)
            printf("          without %s: %s\n", view.left_out[i].name, view.left_out[i].reason);
    }
}

static json_t *cards_json(const struct cf_till_sold *sold)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sold->n_cards; i++)
        json_array_append_new(list, json_pack("{s:I, s:I, s:s}", "account", (json_int_t)sold->cards[i].account,
                                              "amount_minor", (json_int_t)sold->cards[i].amount_minor, "code",
                                              sold->cards[i].code));
    return list;
}

static void tell_sold(struct seller *seller, const struct sell_step *step, const struct cf_till_sold *sold,
                      const char *receipt_no, const struct cf_error *print_error)
{
    cf_currency currency = cf_till_store(seller->till)->currency;
    char total[CF_MONEY_TEXT_MAX], change[CF_MONEY_TEXT_MAX];
    const struct cf_till_ignored *ignored;
    size_t n_ignored = cf_till_ignored_news(seller->till, &ignored);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "sold",
                            json_pack("{s:I, s:I, s:s, s:I, s:I, s:I}", "seq", (json_int_t)sold->at.seq, "sale_no",
                                      (json_int_t)sold->sale_no, "receipt", receipt_no, "total_minor",
                                      (json_int_t)sold->total_minor, "change_minor", (json_int_t)sold->change_minor,
                                      "points", (json_int_t)sold->points));
        if (sold->n_cards > 0)
            json_object_set_new(object, "gift_cards", cards_json(sold));
        if (sold->exchanged)
            json_object_set_new(object, "returned", cli_returned_json(&sold->back, receipt_no));
        if (seller->printing.dir)
            json_object_set_new(object, "printed", json_boolean(print_error == NULL));
        if (print_error)
            json_object_set_new(object, "print_error", cli_error_json(print_error));
        if (n_ignored > 0) {
            json_t *list = json_array();
            for (size_t i = 0; i < n_ignored; i++)
                json_array_append_new(list, cli_json_ignored(&ignored[i]));
            json_object_set_new(object, "promotions_ignored", list);
        }
        cli_print_json(object);
        return;
    }
    printf("%5llu     sold: %s, change %s, receipt %s%s\n", (unsigned long long)seller->step_no,
           money(sold->total_minor, currency, total), money(sold->change_minor, currency, change), receipt_no,
           print_error ? " — NOT PRINTED: reprint it" : "");
    if (sold->exchanged) {
        printf("          ");
        cli_print_returned(&sold->back, currency, receipt_no);
        putchar('\n');
    }
    for (size_t i = 0; i < n_ignored; i++)
        printf("          without %s (campaign %lu): this till does not understand it, update it\n", ignored[i].name,
               (unsigned long)ignored[i].campaign);
}

/* --- steps
 * ----------------------------------------------------------------------------------------------------------------------
 */

static enum cf_rc parse_line_no(const struct sell_step *step, size_t word, uint32_t *ret, struct cf_error *err)
{
    char *end;
    *ret = 0;
    if (step->n_words <= word)
        return CF_OK;
    errno = 0;
    unsigned long v = strtoul(step->word[word], &end, 10);
    if (errno || *end || v < 1 || v > CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_LINE_NONE, "\"%s\" is not the number of a line", step->word[word]);
    *ret = (uint32_t)v;
    return CF_OK;
}

/* The one code that a picture shows, as a scanner would send it. */
static enum cf_rc read_image(struct seller *seller, cf_bytes path, struct cf_buf *ret_text, struct cf_error *err)
{
    static const char *const ours[] = {"MC1:", "CP1:", "CT1:", "MS1:", "PU1:"};
    struct cf_frame_source *source = NULL;
    struct cf_frame frame;
    struct cf_symbols symbols;
    const struct cf_symbol *symbol = NULL;
    char name[PATH_MAX_BYTES];
    bool got = false;
    enum cf_rc rc = cf_text_accept(path, name, sizeof name, err);
    if (rc == CF_OK && !seller->decoder)
        rc = cf_decoder_new(&seller->decoder, err);
    if (rc == CF_OK)
        rc = cf_frame_source_of_file(name, &source, err);
    if (rc == CF_OK)
        rc = cf_frame_source_next(source, &got, &frame, err);
    if (rc == CF_OK && !got)
        rc = cf_fail(err, CF_E_IMAGE_FORMAT, "%s has no frame", name);
    if (rc == CF_OK)
        rc = cf_decode(seller->decoder, &frame, &symbols, err);
    if (rc == CF_OK)
        rc = cf_symbols_choose(&symbols, ours, sizeof ours / sizeof *ours, &symbol, err);
    if (rc == CF_OK)
        rc = cf_buf_printf(ret_text, err, "]%s", symbol->aim);
    if (rc == CF_OK)
        rc = cf_buf_append(ret_text, symbol->text.p, symbol->text.n, err);
    cf_frame_source_free(source);
    return rc;
}

static enum cf_rc scan(struct seller *seller, const struct sell_step *step, cf_bytes text, struct cf_till_scanned *ret,
                       struct cf_error *err)
{
    struct cf_scan seen;
    cf_scan_classify(text, &seen);
    bool goods_too = step->verb != SELL_MEMBER && step->verb != SELL_COUPON && step->verb != SELL_PICKUP;
    if (!goods_too && seen.kind == CF_SCAN_UNKNOWN)
        return cf_fail(err, seen.rc, "this is no %s",
                       step->verb == SELL_MEMBER   ? "member code"
                       : step->verb == SELL_COUPON ? "coupon"
                                                   : "code of an order");
    if (step->verb == SELL_MEMBER && seen.kind != CF_SCAN_MEMBER_CARD && seen.kind != CF_SCAN_MEMBER_CODE)
        return cf_fail(err, CF_E_CODE_PREFIX, "this is no member code");
    if (step->verb == SELL_COUPON && seen.kind != CF_SCAN_COUPON && seen.kind != CF_SCAN_TICKET)
        return cf_fail(err, CF_E_CODE_PREFIX, "this is no coupon");
    if (step->verb == SELL_PICKUP && seen.kind != CF_SCAN_ORDER)
        return cf_fail(err, CF_E_CODE_PREFIX, "this is no code of an order");
    bool asks = false;
    enum cf_rc rc = cf_asked_scan(&seller->asked, seller->till, text, ret, &asks, err);
    if (rc == CF_OK && asks) {
        ret->line_no = 0;
        tell_asked(seller, step, err);
    }
    return rc;
}

/* Its goods are in the sale. */
static void tell_quote(struct seller *seller, const struct sell_step *step)
{
    struct cf_till_view view;
    char total[CF_MONEY_TEXT_MAX];
    cf_till_view(seller->till, &view);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "kind", json_string(cf_scan_kind_name(CF_SCAN_QUOTE)));
        json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
        return;
    }
    printf("%5llu     quotation %llu: %zu lines, total %s\n", (unsigned long long)seller->step_no,
           (unsigned long long)view.quote.of.sale_no, cf_cart_live_count(view.cart),
           money(view.priced->total_minor, view.currency, total));
}

/* Goods that wait for an answer are scanned again with it. */
static enum cf_rc scan_again(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_scanned scanned = {.kind = CF_SCAN_UNKNOWN};
    enum cf_rc rc = scan(seller, step, cf_buf_bytes(&seller->asked.text), &scanned, err);
    if (rc == CF_OK && scanned.line_no != 0)
        tell_scanned(seller, step, &scanned);
    else if (rc == CF_OK && scanned.kind == CF_SCAN_QUOTE && seller->asked.rc == CF_OK)
        tell_quote(seller, step);
    return rc;
}

static bool scale_is_at_rest(const void *ctx)
{
    const struct seller *seller = ctx;
    int32_t weight_g;
    enum cf_rc rc = cf_devices_scale(seller->devices, &weight_g, NULL);
    return rc != CF_E_SCALE_MOVING && rc != CF_E_SCALE_OFF;
}

/* "weigh", "weigh 0.012": what lies on the scale, less the tare. */
static enum cf_rc answer_by_scale(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    int64_t tare_milli = 0;
    int32_t weight_g = 0;
    if (seller->asked.rc != CF_E_GOODS_WEIGHT)
        return cf_fail(err, CF_E_STATE, "no goods ask for it");
    if (seller->devices == NULL)
        return cf_fail(err, CF_E_SCALE_OFF, "there is no scale");
    enum cf_rc rc = step->n_words > 0 ? cli_parse_milli(step->word[0], &tare_milli, err) : CF_OK;
    if (rc == CF_OK && (tare_milli < 0 || tare_milli > CF_QTY_MILLI_MAX))
        rc = cf_fail(err, CF_E_SCALE_TARE, "\"%s\" is no tare", step->word[0]);
    if (rc != CF_OK)
        return rc;
    cf_devices_wait(seller->devices, SCALE_WAIT_MS, scale_is_at_rest, seller);
    rc = cf_devices_weigh(seller->devices, (int32_t)tare_milli, &weight_g, err);
    return rc == CF_OK ? cf_asked_weight(&seller->asked, weight_g, err) : rc;
}

static enum cf_rc do_answer(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_view view;
    cf_money price = {.minor = 0};
    int64_t weight_milli = 0;
    enum cf_rc rc = CF_OK;
    if (step->verb == SELL_AGE) {
        rc = cf_asked_age(&seller->asked, step->word[0], err);
    } else if (step->verb == SELL_SERIAL) {
        rc = cf_asked_serial(&seller->asked, step->word[0], err);
    } else if (step->verb == SELL_WEIGH) {
        rc = answer_by_scale(seller, step, err);
    } else if (step->verb == SELL_QUANTITY) {
        rc = cli_parse_milli(step->word[0], &weight_milli, err);
        rc = rc == CF_OK ? cf_asked_weight(&seller->asked, weight_milli, err) : rc;
    } else {
        cf_till_view(seller->till, &view);
        rc = cf_money_parse(step->word[0], view.currency, &price, err);
        rc = rc == CF_OK ? cf_asked_price(&seller->asked, price.minor, err) : rc;
    }
    return rc == CF_OK ? scan_again(seller, step, err) : rc;
}

static enum cf_rc do_plu(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char text[SELL_WORD_MAX + 2];
    struct cf_till_scanned scanned = {.kind = CF_SCAN_UNKNOWN};
    snprintf(text, sizeof text, "#%s", step->word[0]);
    enum cf_rc rc = scan(seller, step, cf_bytes_str(text), &scanned, err);
    if (rc == CF_OK && scanned.line_no != 0)
        tell_scanned(seller, step, &scanned);
    return rc;
}

/* The receipt of what is committed already; NULL if it is printed, or nothing is to be. Paper that is missing is said
 * by the script's end too. */
static const struct cf_error *print_slip(struct seller *seller, uint64_t seq, char ret_receipt_no[CF_RECEIPT_NO_MAX],
                                         struct cf_error *print_error)
{
    if (cf_print_or_skip(&seller->printing, seq, false, ret_receipt_no, print_error) == CF_OK)
        return NULL;
    if (seller->status < CLI_BROKEN)
        seller->status = CLI_BROKEN;
    return print_error;
}

/* What a payment came to: the sale goes on, or is sold and printed. */
static enum cf_rc tell_paid(struct seller *seller, const struct sell_step *step, const struct cf_till_sold *sold,
                            struct cf_error *err)
{
    if (!sold->committed) {
        tell_done(seller, step);
        return CF_OK;
    }
    char receipt_no[CF_RECEIPT_NO_MAX];
    struct cf_error print_error;
    const struct cf_error *unprinted = print_slip(seller, sold->at.seq, receipt_no, &print_error);
    tell_sold(seller, step, sold, receipt_no, unprinted);
    return cf_till_rest(seller->till, err);
}

static void tell_order(struct seller *seller, const struct sell_step *step, bool in_sale)
{
    const struct cf_order *order = cf_till_order(seller->till);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "kind", json_string("order"));
        json_object_set_new(object, "order", sell_order_json(order));
        if (in_sale)
            json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
        return;
    }
    printf("%5llu     ", (unsigned long long)seller->step_no);
    sell_order_print(order, cf_till_store(seller->till)->currency);
}

static void tell_handed_out(struct seller *seller, const struct sell_step *step, const struct cf_till_handed_out *out,
                            const char *receipt_no, const struct cf_error *print_error)
{
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "handed_out", sell_handed_out_json(out, receipt_no));
        if (print_error)
            json_object_set_new(object, "print_error", cli_error_json(print_error));
        cli_print_json(object);
        return;
    }
    printf("%5llu     order %lu handed out%s, receipt %s%s\n", (unsigned long long)seller->step_no,
           (unsigned long)out->order, out->whole ? "" : " in part", receipt_no,
           print_error ? " — NOT PRINTED: reprint it" : "");
}

/* Of a line without a quantity: all that is left. */
static void complete_lines(const struct cf_order *order, struct cf_taken_line *lines, size_t n)
{
    for (size_t i = 0; order != NULL && i < n; i++)
        if (lines[i].qty_milli == 0 && lines[i].line_no <= order->n_lines)
            lines[i].qty_milli = order->lines[lines[i].line_no - 1].qty_milli;
}

static enum cf_rc do_hand_out(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_taken_line lines[CF_ORDER_LINES_MAX];
    struct cf_till_handed_out out;
    size_t n = 0;
    enum cf_rc rc = step->n_words > 0 ? sell_order_lines(step->word[0], lines, &n, err) : CF_OK;
    complete_lines(cf_till_order(seller->till), lines, n);
    if (rc == CF_OK)
        rc = cf_till_hand_out(seller->till, lines, n, &out, err);
    if (rc != CF_OK)
        return rc;
    char receipt_no[CF_RECEIPT_NO_MAX];
    struct cf_error print_error;
    const struct cf_error *unprinted = print_slip(seller, out.at.seq, receipt_no, &print_error);
    tell_handed_out(seller, step, &out, receipt_no, unprinted);
    return cf_till_rest(seller->till, err);
}

/* By its number: one that is to be paid here. */
static enum cf_rc do_order(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(step->word[0], &end, 10);
    if (errno != 0 || *end != '\0' || step->word[0][0] < '0' || step->word[0][0] > '9' || number > UINT32_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is no number of an order", step->word[0]);
    enum cf_rc rc = cf_till_choose_order(seller->till, (uint32_t)number, NULL, err);
    if (rc == CF_OK)
        tell_order(seller, step, true);
    return rc;
}

static enum cf_rc do_pay_order(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_taken_line lines[CF_ORDER_LINES_MAX];
    size_t n = 0;
    enum cf_rc rc = step->n_words > 0 ? sell_order_lines(step->word[0], lines, &n, err) : CF_OK;
    complete_lines(cf_till_order(seller->till), lines, n);
    return rc == CF_OK ? cf_till_pay_order(seller->till, lines, n, err) : rc;
}

static void tell_ordered(struct seller *seller, const struct sell_step *step, const struct cf_till_asked *asked,
                         const char *receipt_no, const struct cf_error *print_error)
{
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "asked", sell_asked_json(asked, receipt_no));
        if (print_error)
            json_object_set_new(object, "print_error", cli_error_json(print_error));
        cli_print_json(object);
        return;
    }
    printf("%5llu     ordered, nothing paid, slip %s%s\n", (unsigned long long)seller->step_no, receipt_no,
           print_error ? " — NOT PRINTED: reprint it" : "");
}

/* The goods of the open sale, from the brand's shop or another store. */
static enum cf_rc do_ask(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    bool transfer = step->verb == SELL_TRANSFER;
    size_t who_at = transfer ? 2 : 0;
    struct cf_till_asking what = {.asked = 0};
    struct cf_till_asked asked;
    struct sell_who who;
    enum cf_rc rc = sell_who_parse(step->n_words > who_at ? step->word[who_at] : "", &who, err);
    if (rc == CF_OK && transfer)
        rc = sell_store_parse(step->word[0], &what.asked, err);
    if (rc == CF_OK && transfer && strcmp(step->word[1], "here") != 0 && strcmp(step->word[1], "there") != 0)
        rc = cf_fail(err, CF_E_ARGUMENT, "\"%s\": fetched here or there", step->word[1]);
    if (rc != CF_OK)
        return rc;
    what.there = transfer && strcmp(step->word[1], "there") == 0;
    what.name = who.name;
    what.reach = who.reach;
    rc = cf_till_ask_goods(seller->till, &what, &asked, err);
    if (rc != CF_OK)
        return rc;
    char receipt_no[CF_RECEIPT_NO_MAX];
    struct cf_error print_error;
    const struct cf_error *unprinted = print_slip(seller, asked.at.seq, receipt_no, &print_error);
    tell_ordered(seller, step, &asked, receipt_no, unprinted);
    return cf_till_rest(seller->till, err);
}

static enum cf_rc do_request_answer(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_sale_ref of;
    enum cf_request_act act;
    uint32_t number = 0;
    enum cf_rc rc = sell_request_parse(step->word[0], &number, &of, err);
    if (rc == CF_OK)
        rc = cf_request_act_parse(step->word[1], &act, err);
    return rc == CF_OK ? cf_till_answer_request(seller->till, number, number == 0 ? &of : NULL, act,
                                                step->n_words > 2 ? step->word[2] : "", NULL, err)
                       : rc;
}

static enum cf_rc print_list(struct seller *seller, enum sell_verb verb, struct cf_error *err)
{
    if (verb == SELL_QUOTES)
        return sell_quotes_print(seller->till, err);
    return verb == SELL_REQUESTS ? sell_requests_print(seller->till, err) : sell_orders_print(seller->till, err);
}

static enum cf_rc list_json(struct seller *seller, enum sell_verb verb, json_t **ret, struct cf_error *err)
{
    if (verb == SELL_QUOTES)
        return sell_quotes_json(seller->till, ret, err);
    return verb == SELL_REQUESTS ? sell_requests_json(seller->till, ret, err)
                                 : sell_orders_json(seller->till, ret, err);
}

static enum cf_rc do_lists(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    json_t *list = NULL;
    if (!seller->json)
        return print_list(seller, step->verb, err);
    enum cf_rc rc = list_json(seller, step->verb, &list, err);
    if (rc != CF_OK)
        return rc;
    json_t *object = begin_json(seller, step, true);
    json_object_set_new(object, sell_verb_name(step->verb), list);
    cli_print_json(object);
    return CF_OK;
}

static enum cf_rc do_quote(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_quoted quoted;
    uint32_t days = 0;
    enum cf_rc rc = sell_quote_days(step->n_words > 0 ? step->word[0] : "", &days, err);
    if (rc == CF_OK)
        rc = cf_till_quote(seller->till, days, &quoted, err);
    if (rc != CF_OK)
        return rc;
    char receipt_no[CF_RECEIPT_NO_MAX];
    struct cf_error print_error;
    const struct cf_error *unprinted = print_slip(seller, quoted.at.seq, receipt_no, &print_error);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "quote", sell_quoted_json(&quoted, receipt_no));
        if (unprinted != NULL)
            json_object_set_new(object, "print_error", cli_error_json(unprinted));
        cli_print_json(object);
    } else {
        const struct cf_store_settings *store = cf_till_store(seller->till);
        printf("%5llu     ", (unsigned long long)seller->step_no);
        sell_quoted_print(&quoted, receipt_no, store->currency, cf_store_offset_min(store, quoted.at.wall));
        if (unprinted != NULL)
            printf("          NOT PRINTED: reprint it\n");
    }
    return cf_till_rest(seller->till, err);
}

static enum cf_rc do_unquote(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    const char *const words[] = {step->word[0], step->word[1], step->word[2]};
    struct cf_till_answers answers;
    struct cf_till_unquote what;
    struct cf_till_unquoted unquoted;
    enum cf_rc rc = sell_unquote_words(words, step->n_words, &answers, &what, err);
    if (rc == CF_OK)
        rc = cf_till_unquote(seller->till, &what, &unquoted, err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "quote", sell_unquoted_json(&unquoted));
        json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     ", (unsigned long long)seller->step_no);
    sell_unquoted_print(&unquoted, cf_till_store(seller->till)->currency);
    return CF_OK;
}

static enum cf_rc do_scan(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_buf text;
    struct cf_till_scanned scanned = {.kind = CF_SCAN_UNKNOWN};
    cf_buf_init(&text, LINE_BYTES_MAX);
    enum cf_rc rc = CF_OK;
    if (step->verb == SELL_SCAN_IMAGE)
        rc = read_image(seller, step->rest, &text, err);
    if (rc == CF_OK)
        rc = scan(seller, step, step->verb == SELL_SCAN_IMAGE ? cf_buf_bytes(&text) : step->rest, &scanned, err);
    if (rc == CF_OK && scanned.kind == CF_SCAN_ORDER && seller->asked.rc == CF_OK)
        tell_order(seller, step, scanned.in_sale);
    else if (rc == CF_OK && scanned.kind == CF_SCAN_QUOTE && seller->asked.rc == CF_OK)
        tell_quote(seller, step);
    else if (rc == CF_OK && (scanned.kind == CF_SCAN_PAYMENT || scanned.kind == CF_SCAN_VALUE))
        rc = tell_paid(seller, step, &scanned.sold, err);
    else if (rc == CF_OK && seller->asked.rc == CF_OK)
        tell_scanned(seller, step, &scanned);
    cf_buf_done(&text);
    return rc;
}

/* "12.50" or "due": in cash what there are coins for, in whatever money. */
static enum cf_rc parse_amount(struct seller *seller, const char *text, bool in_cash, cf_currency currency,
                               int64_t *ret_minor, struct cf_error *err)
{
    struct cf_till_view view;
    cf_money amount;
    cf_till_view(seller->till, &view);
    if (strcmp(text, "due") == 0 && in_cash)
        return cf_till_due_in_cash(seller->till, currency, ret_minor, err);
    amount.minor = view.due_minor;
    enum cf_rc rc = strcmp(text, "due") == 0 ? CF_OK : cf_money_parse(text, currency, &amount, err);
    if (rc == CF_OK)
        *ret_minor = amount.minor;
    return rc;
}

/* tender cash AMOUNT [CURRENCY] */
static enum cf_rc parse_cash(struct seller *seller, const struct sell_step *step, struct cf_tender *tender,
                             struct cf_error *err)
{
    cf_currency home = cf_till_store(seller->till)->currency, currency = home;
    enum cf_rc rc = step->n_words == 3 ? cf_currency_parse(step->word[2], &currency, err) : CF_OK;
    if (rc != CF_OK || cf_currency_equal(currency, home))
        return rc == CF_OK ? parse_amount(seller, step->word[1], true, home, &tender->amount_minor, err) : rc;
    tender->rate.currency = currency;
    rc = parse_amount(seller, step->word[1], true, currency, &tender->foreign_minor, err);
    if (rc == CF_OK && tender->foreign_minor <= 0)
        rc = cf_fail(err, CF_E_TENDER_ZERO, "tender of %s", step->word[1]);
    return rc;
}

/* total [KIND]: the price if all is paid in this way. */
static enum cf_rc announce(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    enum cf_tender_kind kind;
    if (step->n_words == 0)
        return cf_till_total(seller->till, err);
    if (!cf_tender_kind_parse(step->word[0], &kind))
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is not cash, card or mobile", step->word[0]);
    return cf_till_announce(seller->till, kind, err);
}

/* A card without a reference is one for the terminal that is connected here, if there is one. */
static enum cf_rc do_tender(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_tender tender = {0};
    struct cf_till_sold sold;
    if (!cf_tender_kind_parse(step->word[0], &tender.kind))
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is not cash, card or mobile", step->word[0]);
    cf_currency home = cf_till_store(seller->till)->currency;
    struct cf_till_view view;
    cf_till_view(seller->till, &view);
    /* What is due may depend on how it is paid. */
    bool due = strcmp(step->word[1], "due") == 0 && view.state == CF_CHECKOUT_SELLING;
    enum cf_rc rc = due ? cf_till_announce(seller->till, tender.kind, err) : CF_OK;
    if (rc != CF_OK)
        return rc;
    rc = tender.kind == CF_TENDER_CASH ? parse_cash(seller, step, &tender, err)
                                       : parse_amount(seller, step->word[1], false, home, &tender.amount_minor, err);
    if (rc == CF_OK && step->n_words == 3 && tender.kind != CF_TENDER_CASH)
        rc = cf_text_accept(cf_bytes_str(step->word[2]), tender.reference, sizeof tender.reference, err);
    if (rc != CF_OK)
        return rc;
    if (tender.kind == CF_TENDER_CARD && step->n_words == 2 && seller->takes_cards) {
        struct cf_till_pay pay = {.kind = CF_TENDER_CARD, .amount_minor = tender.amount_minor};
        rc = cf_till_pay(seller->till, &pay, &sold, err);
    } else {
        rc = cf_till_tender(seller->till, &tender, &sold, err);
    }
    return rc == CF_OK ? tell_paid(seller, step, &sold, err) : rc;
}

/* A word, and the code of a card: all the rest, since a code may hold blanks. */
static enum cf_rc split_card(const struct sell_step *step, char word[SELL_WORD_MAX + 1], cf_bytes *ret_code,
                             struct cf_error *err)
{
    size_t n = 0;
    while (n < step->rest.n && step->rest.p[n] != ' ')
        n++;
    if (n == 0 || n > SELL_WORD_MAX || n + 1 >= step->rest.n)
        return cf_fail(err, CF_E_ARGUMENT, "it takes: %s", sell_verb_takes(step->verb));
    memcpy(word, step->rest.p, n);
    word[n] = '\0';
    *ret_code = cf_bytes_of(step->rest.p + n + 1, step->rest.n - n - 1);
    return CF_OK;
}

/* giftcard AMOUNT|due CODE, credit AMOUNT|due CODE */
static enum cf_rc do_card(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char amount[SELL_WORD_MAX + 1];
    struct cf_till_sold sold;
    struct cf_till_value what = {.kind = step->verb == SELL_CREDIT ? CF_TENDER_STORE_CREDIT : CF_TENDER_GIFT_CARD};
    enum cf_rc rc = split_card(step, amount, &what.code, err);
    if (rc == CF_OK && strcmp(amount, "due") != 0) {
        rc = parse_amount(seller, amount, false, cf_till_store(seller->till)->currency, &what.amount_minor, err);
        if (rc == CF_OK && what.amount_minor <= 0)
            rc = cf_fail(err, CF_E_TENDER_ZERO, "a payment of %s", amount);
    }
    if (rc == CF_OK)
        rc = cf_till_value(seller->till, &what, &sold, NULL, err);
    return rc == CF_OK ? tell_paid(seller, step, &sold, err) : rc;
}

/* points N */
static enum cf_rc do_points(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_sold sold;
    char *end = NULL;
    errno = 0;
    long long points = strtoll(step->word[0], &end, 10);
    if (errno != 0 || points < 1 || *end != '\0')
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is no number of points", step->word[0]);
    const struct cf_till_value what = {.kind = CF_TENDER_POINTS, .points = points};
    enum cf_rc rc = cf_till_value(seller->till, &what, &sold, NULL, err);
    return rc == CF_OK ? tell_paid(seller, step, &sold, err) : rc;
}

static enum cf_rc do_sell_card(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    int64_t amount = 0;
    enum cf_rc rc = parse_amount(seller, step->word[0], false, cf_till_store(seller->till)->currency, &amount, err);
    return rc == CF_OK ? cf_till_sell_card(seller->till, amount, NULL, err) : rc;
}

/* top-up AMOUNT CODE */
static enum cf_rc do_top_up(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char word[SELL_WORD_MAX + 1];
    cf_bytes code;
    int64_t amount = 0;
    enum cf_rc rc = split_card(step, word, &code, err);
    if (rc == CF_OK)
        rc = parse_amount(seller, word, false, cf_till_store(seller->till)->currency, &amount, err);
    return rc == CF_OK ? cf_till_top_up(seller->till, code, amount, NULL, err) : rc;
}

static enum cf_rc do_balance(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    int64_t left = 0;
    char text[CF_MONEY_TEXT_MAX];
    enum cf_rc rc = cf_till_value_left(seller->till, step->rest, &left, err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "left_minor", json_integer((json_int_t)left));
        cli_print_json(object);
    } else {
        printf("%5llu     left %s\n", (unsigned long long)seller->step_no,
               money(left, cf_till_store(seller->till)->currency, text));
    }
    return CF_OK;
}

/* pay-decide taken|not-taken|elsewhere MANAGER REASON... */
static enum cf_rc decide(struct seller *seller, const struct sell_step *step, struct cf_till_sold *ret,
                         struct cf_error *err)
{
    static const struct {
        const char *name;
        enum cf_payment_event event;
    } words[] = {{"taken", CF_PAYMENT_SAY_TAKEN},
                 {"not-taken", CF_PAYMENT_SAY_NOT_TAKEN},
                 {"elsewhere", CF_PAYMENT_SETTLE_ELSEWHERE}};
    char text[SELL_WORD_MAX + 1], *reason = NULL;
    struct cf_till_decision what = {.reason = NULL};
    enum cf_rc rc = cf_text_accept(step->rest, text, sizeof text, err);
    if (rc != CF_OK)
        return rc;
    char *by = strchr(text, ' ');
    if (by != NULL) {
        *by++ = '\0';
        reason = strchr(by, ' ');
    }
    if (reason != NULL)
        *reason++ = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, text) == 0)
            what.event = words[i].event;
    what.by = by;
    what.reason = reason;
    return cf_till_payment_decide(seller->till, &what, ret, err);
}

static enum cf_rc do_payment(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_sold sold = {.committed = false};
    enum cf_rc rc = CF_E_INTERNAL;
    switch ((int)step->verb) {
    case SELL_PAY_QUERY:
        rc = cf_till_payment_query(seller->till, &sold, err);
        break;
    case SELL_PAY_RETRY:
        rc = cf_till_payment_retry(seller->till, step->n_words > 0 ? step->word[0] : NULL, &sold, err);
        break;
    case SELL_PAY_DECIDE:
        rc = decide(seller, step, &sold, err);
        break;
    case SELL_SETTLE:
        rc = cf_till_settle(seller->till, &sold, err);
        break;
    }
    return rc == CF_OK ? tell_paid(seller, step, &sold, err) : rc;
}

static enum cf_rc do_card_close(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_pay_totals totals;
    char total[CF_MONEY_TEXT_MAX];
    enum cf_rc rc = cf_till_card_end_of_day(seller->till, &totals, err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        if (totals.known)
            json_object_set_new(object, "total_minor", json_integer((json_int_t)totals.total_minor));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     the card terminal closed its day%s%s\n", (unsigned long long)seller->step_no,
           totals.known ? ": " : "",
           totals.known ? money(totals.total_minor, cf_till_store(seller->till)->currency, total) : "");
    return CF_OK;
}

/* The challenge as the customer's display shows it. */
static enum cf_rc draw_challenge(const char *text, const char *path, struct cf_error *err)
{
    struct cf_buf png;
    cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
    enum cf_rc rc = cf_qr_png(cf_bytes_str(text), CF_QR_M, CHALLENGE_SCALE, &png, err);
    if (rc == CF_OK)
        rc = cf_env_system()->ops->file_replace(cf_env_system()->ctx, path, cf_buf_bytes(&png), 0644, err);
    cf_buf_done(&png);
    return rc;
}

static enum cf_rc do_relay(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char text[CF_CHALLENGE_TEXT_MAX];
    enum cf_rc rc = cf_till_challenge(seller->till, text, err);
    if (rc == CF_OK && step->n_words > 0)
        rc = draw_challenge(text, step->word[0], err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "challenge", json_string(text));
        json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     let the shopper's phone read this, then scan the ticket that it shows: %s\n",
           (unsigned long long)seller->step_no, text);
    return CF_OK;
}

static enum cf_rc do_reprint(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char name[CF_RECEIPT_NO_MAX], *end;
    const struct cf_identity *own = &seller->printing.at->identity;
    const char *number = step->word[0], *last = strrchr(number, '-');
    char of_ours[CF_RECEIPT_NO_MAX];
    unsigned long long seq = strtoull(last != NULL ? last + 1 : number, &end, 10);
    if (*end || !seq)
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is not a receipt's number", number);
    cf_receipt_no_format(own->terminal, own->epoch, seq, of_ours);
    if (last != NULL && strcmp(number, of_ours) != 0)
        return cf_fail(err, CF_E_NOT_FOUND, "receipt %s is not of this till", number);
    if (!cf_printing_is_on(&seller->printing))
        return cf_fail(err, CF_E_ARGUMENT, "nothing prints without --print DIR or --printer");
    enum cf_rc rc = cf_till_note_reprint(seller->till, seq, err);
    return rc == CF_OK ? cf_print_record(&seller->printing, seq, true, name, err) : rc;
}

static void tell_returned(struct seller *seller, const struct sell_step *step, const struct cf_till_returned *back,
                          const char *receipt_no, const struct cf_error *print_error)
{
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "returned", cli_returned_json(back, receipt_no));
        if (seller->printing.dir)
            json_object_set_new(object, "printed", json_boolean(print_error == NULL));
        if (print_error)
            json_object_set_new(object, "print_error", cli_error_json(print_error));
        cli_print_json(object);
        return;
    }
    printf("%5llu     ", (unsigned long long)seller->step_no);
    cli_print_returned(back, cf_till_store(seller->till)->currency, receipt_no);
    printf("%s\n", print_error ? " — NOT PRINTED: reprint it" : "");
}

/* return RECEIPT [LINE [QUANTITY]] [as-credit], void-sale RECEIPT */
static enum cf_rc do_return(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    bool as_credit = step->n_words > 1 && strcmp(step->word[step->n_words - 1], "as-credit") == 0;
    size_t n_words = step->n_words - as_credit;
    struct cf_asked_line line = {0};
    struct cf_till_return what = {.receipt = step->word[0],
                                  .is_void = step->verb == SELL_VOID_SALE,
                                  .n_lines = n_words > 1,
                                  .lines = &line,
                                  .as_credit = as_credit};
    struct cf_till_returned back;
    enum cf_rc rc = n_words > 1 ? parse_line_no(step, 1, &line.line_no, err) : CF_OK;
    if (rc == CF_OK && n_words > 2)
        rc = cli_parse_milli(step->word[2], &line.qty_milli, err);
    if (rc == CF_OK && n_words > 2 && line.qty_milli <= 0)
        rc = cf_fail(err, CF_E_QUANTITY, "\"%s\" does not come back", step->word[2]);
    if (rc == CF_OK && n_words > 3)
        rc = cf_fail(err, CF_E_ARGUMENT, "it takes: return RECEIPT [LINE [QUANTITY]] [as-credit]");
    if (rc == CF_OK)
        rc = cf_till_return(seller->till, &what, &back, err);
    if (rc != CF_OK)
        return rc;
    char receipt_no[CF_RECEIPT_NO_MAX];
    struct cf_error print_error;
    const struct cf_error *unprinted = print_slip(seller, back.at.seq, receipt_no, &print_error);
    tell_returned(seller, step, &back, receipt_no, unprinted);
    return cf_till_rest(seller->till, err);
}

/* exchange RECEIPT [LINE[=QUANTITY],...] [as-credit] */
static enum cf_rc do_exchange(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    bool as_credit = step->n_words > 1 && strcmp(step->word[step->n_words - 1], "as-credit") == 0;
    struct cf_taken_line taken[CF_ORDER_LINES_MAX];
    struct cf_asked_line lines[CF_ORDER_LINES_MAX];
    struct cf_till_return what = {.receipt = step->word[0], .lines = lines, .as_credit = as_credit};
    enum cf_rc rc = CF_OK;
    if (step->n_words - as_credit > 1)
        rc = sell_order_lines(step->word[1], taken, &what.n_lines, err);
    for (size_t i = 0; rc == CF_OK && i < what.n_lines; i++) {
        lines[i] = (struct cf_asked_line){.line_no = taken[i].line_no, .qty_milli = taken[i].qty_milli};
        if (i > 0 && lines[i].line_no <= lines[i - 1].line_no)
            rc = cf_fail(err, CF_E_ARGUMENT, "lines are named once, in rising order");
    }
    if (rc == CF_OK)
        rc = cf_till_exchange(seller->till, &what, NULL, err);
    if (rc == CF_OK)
        tell_done(seller, step);
    return rc;
}

/* CODE[*QUANTITY],... in `text`, which is cut up. */
static enum cf_rc split_goods(char *text, struct cf_till_open_goods goods[CF_OPEN_RETURN_LINES_MAX], size_t *ret_n,
                              struct cf_error *err)
{
    *ret_n = 0;
    for (char *at = text, *next; at != NULL; at = next) {
        if (*ret_n == CF_OPEN_RETURN_LINES_MAX)
            return cf_fail(err, CF_E_LIMIT, "more than %d goods", CF_OPEN_RETURN_LINES_MAX);
        struct cf_till_open_goods *one = &goods[(*ret_n)++];
        next = strchr(at, ',');
        if (next != NULL)
            *next++ = '\0';
        char *times = strchr(at, '*');
        if (times != NULL)
            *times++ = '\0';
        *one = (struct cf_till_open_goods){.code = at, .qty_milli = 1000};
        enum cf_rc rc = times != NULL ? cli_parse_milli(times, &one->qty_milli, err) : CF_OK;
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* What was given without any receipt, `what` being taken back. */
static enum cf_rc tell_open_returned(struct seller *seller, const struct sell_step *step, const char *what,
                                     const struct cf_till_open_returned *back, struct cf_error *err)
{
    char receipt_no[CF_RECEIPT_NO_MAX], cash[CF_MONEY_TEXT_MAX];
    struct cf_error print_error;
    const struct cf_error *unprinted = print_slip(seller, back->at.seq, receipt_no, &print_error);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_t *returned =
            json_pack("{s:I, s:I, s:s, s:I, s:I}", "seq", (json_int_t)back->at.seq, "return_no",
                      (json_int_t)back->return_no, "receipt", receipt_no, "total_minor", (json_int_t)back->total_minor,
                      "cash_minor", (json_int_t)(back->has_credit ? 0 : back->cash_minor));
        if (back->has_credit)
            json_object_set_new(returned, "store_credit", cli_credit_json(&back->credit));
        json_object_set_new(object, "returned", returned);
        if (unprinted != NULL)
            json_object_set_new(object, "print_error", cli_error_json(unprinted));
        cli_print_json(object);
    } else {
        printf("%5llu     %s: %s %s, receipt %s%s\n", (unsigned long long)seller->step_no, what,
               money(back->cash_minor, cf_till_store(seller->till)->currency, cash),
               back->has_credit ? "as store credit" : "in cash", receipt_no,
               unprinted != NULL ? " — NOT PRINTED: reprint it" : "");
    }
    return cf_till_rest(seller->till, err);
}

/* return-goods and credit-goods CODE[*QUANTITY][,CODE ...] REASON */
static enum cf_rc do_return_goods(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    char text[SELL_WORD_MAX + 1];
    struct cf_till_open_goods goods[CF_OPEN_RETURN_LINES_MAX];
    struct cf_till_open_return what = {
        .goods = goods, .reason = step->word[1], .as_credit = step->verb == SELL_CREDIT_GOODS};
    struct cf_till_open_returned back;
    memcpy(text, step->word[0], sizeof text);
    enum cf_rc rc = split_goods(text, goods, &what.n_goods, err);
    if (rc == CF_OK)
        rc = cf_till_open_return(seller->till, &what, &back, err);
    return rc == CF_OK ? tell_open_returned(seller, step, "taken back without a receipt", &back, err) : rc;
}

/* refund-card REASON CODE: the reason may have blanks, and ends where the code begins. */
static enum cf_rc do_refund_card(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    static const char prefix[] = " GC1:";
    const size_t n_prefix = sizeof prefix - 1;
    char reason[SELL_WORD_MAX + 1];
    struct cf_till_open_returned back;
    size_t n = 0;
    while (n + n_prefix <= step->rest.n && memcmp(step->rest.p + n, prefix, n_prefix) != 0)
        n++;
    if (n == 0 || n > SELL_WORD_MAX || n + n_prefix > step->rest.n || memchr(step->rest.p, '\0', n) != NULL)
        return cf_fail(err, CF_E_ARGUMENT, "it takes: %s", sell_verb_takes(step->verb));
    memcpy(reason, step->rest.p, n);
    reason[n] = '\0';
    enum cf_rc rc =
        cf_till_card_back(seller->till, cf_bytes_of(step->rest.p + n + 1, step->rest.n - n - 1), reason, &back, err);
    return rc == CF_OK ? tell_open_returned(seller, step, "card taken back", &back, err) : rc;
}

static enum cf_rc do_people(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (step->verb == SELL_LOGIN)
        rc = cf_till_login(seller->till, step->word[0], step->word[1], err);
    else if (step->verb == SELL_LOCK)
        rc = cf_till_lock(seller->till, err);
    else
        rc = cf_till_override(seller->till, step->word[0], step->word[1], step->word[2], err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "people", cli_user_json(seller->till));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     %s: ", (unsigned long long)seller->step_no, sell_verb_name(step->verb));
    cli_print_user(seller->till);
    putchar('\n');
    return CF_OK;
}

static enum cf_rc do_drawer(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    bool no_sale = step->verb == SELL_NO_SALE;
    struct cf_till_drawer drawer;
    struct cf_error print_error;
    char receipt_no[CF_RECEIPT_NO_MAX];
    const char *reason = no_sale ? step->word[0] : step->n_words > 1 ? step->word[1] : NULL;
    enum cf_rc rc = cli_drawer_step(seller->till, step->verb, no_sale ? NULL : step->word[0], reason, &drawer, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_error *unprinted = print_slip(seller, drawer.at.seq, receipt_no, &print_error);
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "drawer", cli_drawer_json(&drawer, receipt_no));
        if (unprinted != NULL)
            json_object_set_new(object, "print_error", cli_error_json(unprinted));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     ", (unsigned long long)seller->step_no);
    cli_print_drawer(&drawer, cf_till_store(seller->till)->currency, receipt_no);
    printf("%s\n", unprinted == NULL ? "" : " — NOT PRINTED: reprint it");
    return CF_OK;
}

/* Another process cannot: the journal is this one's. */
static enum cf_rc do_x_report(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_report report;
    enum cf_rc rc = cf_till_x_report(seller->till, &report, err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "report", cli_report_json(seller->till, &report));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     ", (unsigned long long)seller->step_no);
    cli_print_report(&report);
    return CF_OK;
}

static enum cf_rc do_park(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_handed handed = {.where = CF_TILL_PARKED_HERE};
    bool here = step->n_words > 1;
    if (here && strcmp(step->word[1], "here") != 0)
        return cf_fail(err, CF_E_ARGUMENT, "it takes: park LABEL [here]");
    enum cf_rc rc = here ? cf_till_park(seller->till, step->word[0], err)
                         : cf_till_park_at_hub(seller->till, step->word[0], &handed, err);
    if (rc != CF_OK)
        return rc;
    if (seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "parked", cli_handed_json(&handed));
        json_object_set_new(object, "sale", view_json(seller));
        cli_print_json(object);
        return CF_OK;
    }
    printf("%5llu     ", (unsigned long long)seller->step_no);
    cli_print_handed(&handed);
    return CF_OK;
}

static enum cf_rc do_parked(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    size_t n = 0;
    bool hub = false;
    struct cf_till_parked *parked = calloc(CF_TILL_PARKED_MAX, sizeof *parked);
    enum cf_rc rc =
        parked ? cf_till_parked(seller->till, parked, &n, &hub, err) : cf_fail(err, CF_E_NO_MEMORY, "parked sales");
    if (rc == CF_OK && seller->json) {
        json_t *object = begin_json(seller, step, true);
        json_object_set_new(object, "hub", json_boolean(hub));
        json_object_set_new(object, "parked", cli_parked_json(parked, n));
        cli_print_json(object);
    } else if (rc == CF_OK) {
        cli_print_parked(parked, n, hub, cf_till_store(seller->till)->currency);
    }
    free(parked);
    return rc;
}

static enum cf_rc change_line(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_view view;
    cf_money price;
    int64_t qty_milli = 0;
    uint32_t line_no = 0;
    enum cf_rc rc = parse_line_no(step, step->verb == SELL_VOID || step->verb == SELL_UNCOUPON ? 0 : 1, &line_no, err);
    if (rc != CF_OK)
        return rc;
    switch ((int)step->verb) {
    case SELL_QUANTITY:
        rc = cli_parse_milli(step->word[0], &qty_milli, err);
        return rc == CF_OK ? cf_till_quantity(seller->till, line_no, qty_milli, err) : rc;
    case SELL_PRICE:
        cf_till_view(seller->till, &view);
        rc = cf_money_parse(step->word[0], view.currency, &price, err);
        return rc == CF_OK ? cf_till_price(seller->till, line_no, price.minor, err) : rc;
    case SELL_UNCOUPON:
        return cf_till_untake(seller->till, line_no, err);
    default:
        return cf_till_void(seller->till, line_no, err);
    }
}

/* discount 5%|2.00|none LINE|last|sale REASON */
static enum cf_rc do_discount(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    struct cf_till_view view;
    struct cf_till_discount what = {.reason = step->n_words > 2 ? step->word[2] : NULL};
    char asked[SELL_WORD_MAX + 1];
    cf_money amount = {.minor = 0};
    int64_t milli = 0;
    size_t n = strlen(step->word[0]);
    bool percent = n > 1 && step->word[0][n - 1] == '%', none = strcmp(step->word[0], "none") == 0;
    enum cf_rc rc = CF_OK;
    cf_till_view(seller->till, &view);
    memcpy(asked, step->word[0], n + 1);
    asked[percent ? n - 1 : n] = '\0';
    what.last_line = strcmp(step->word[1], "last") == 0;
    if (!what.last_line && strcmp(step->word[1], "sale") != 0)
        rc = parse_line_no(step, 1, &what.line_no, err);
    if (rc == CF_OK && percent && cli_parse_milli(asked, &milli, NULL) != CF_OK)
        rc = cf_fail(err, CF_E_ARGUMENT, "\"%s\" is no percentage", step->word[0]);
    else if (rc == CF_OK && !percent && !none)
        rc = cf_money_parse(asked, view.currency, &amount, err);
    if (rc == CF_OK && !none && (percent ? milli < 10 || milli > 100000 || milli % 10 != 0 : amount.minor <= 0))
        rc = cf_fail(err, CF_E_RANGE, "\"%s\" is no discount", step->word[0]);
    what.percent_bp = (uint32_t)(milli / 10);
    what.amount_minor = amount.minor;
    return rc == CF_OK ? cf_till_discount(seller->till, &what, err) : rc;
}

/* A question that the next step does not answer is a refusal after all. */
static void drop_question(struct seller *seller, const struct sell_step *step)
{
    bool answers = step->verb == SELL_AGE || step->verb == SELL_SERIAL || step->verb == SELL_PRICE ||
                   step->verb == SELL_WEIGH || (step->verb == SELL_QUANTITY && seller->asked.rc == CF_E_GOODS_WEIGHT);
    if (seller->asked.rc == CF_OK || answers || step->verb == SELL_NOTHING)
        return;
    seller->asked.rc = CF_OK;
    if (seller->status < CLI_REFUSED)
        seller->status = CLI_REFUSED;
}

static enum cf_rc do_step(struct seller *seller, const struct sell_step *step, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    drop_question(seller, step);
    switch (step->verb) {
    case SELL_NOTHING:
        return CF_OK;
    case SELL_SCAN:
    case SELL_SCAN_IMAGE:
    case SELL_MEMBER:
    case SELL_COUPON:
    case SELL_PICKUP:
        return do_scan(seller, step, err);
    case SELL_HAND_OUT:
        return do_hand_out(seller, step, err);
    case SELL_ORDER:
        return do_order(seller, step, err);
    case SELL_PAY_ORDER:
        rc = do_pay_order(seller, step, err);
        break;
    case SELL_SPECIAL:
    case SELL_TRANSFER:
        return do_ask(seller, step, err);
    case SELL_ANSWER:
        rc = do_request_answer(seller, step, err);
        break;
    case SELL_ORDERS:
    case SELL_REQUESTS:
    case SELL_QUOTES:
        return do_lists(seller, step, err);
    case SELL_QUOTE:
        return do_quote(seller, step, err);
    case SELL_UNQUOTE:
        return do_unquote(seller, step, err);
    case SELL_RELAY:
        return do_relay(seller, step, err);
    case SELL_TENDER:
        return do_tender(seller, step, err);
    case SELL_GIFT_CARD:
    case SELL_CREDIT:
        return do_card(seller, step, err);
    case SELL_POINTS:
        return do_points(seller, step, err);
    case SELL_BALANCE:
        return do_balance(seller, step, err);
    case SELL_CARD:
        rc = do_sell_card(seller, step, err);
        break;
    case SELL_TOP_UP:
        rc = do_top_up(seller, step, err);
        break;
    case SELL_REFUND_CARD:
        return do_refund_card(seller, step, err);
    case SELL_PAY_QUERY:
    case SELL_PAY_RETRY:
    case SELL_PAY_DECIDE:
    case SELL_SETTLE:
        return do_payment(seller, step, err);
    case SELL_CARD_CLOSE:
        return do_card_close(seller, step, err);
    case SELL_RETURN_GOODS:
    case SELL_CREDIT_GOODS:
        return do_return_goods(seller, step, err);
    case SELL_EXCHANGE:
        return do_exchange(seller, step, err);
    case SELL_RETURN:
    case SELL_VOID_SALE:
        return do_return(seller, step, err);
    case SELL_LOGIN:
    case SELL_LOCK:
    case SELL_OVERRIDE:
        return do_people(seller, step, err);
    case SELL_FLOAT:
    case SELL_PAID_IN:
    case SELL_PAID_OUT:
    case SELL_DROP:
    case SELL_NO_SALE:
    case SELL_COUNT:
        return do_drawer(seller, step, err);
    case SELL_X_REPORT:
        return do_x_report(seller, step, err);
    case SELL_QUANTITY:
    case SELL_PRICE:
    case SELL_VOID:
    case SELL_UNCOUPON:
        if ((step->verb == SELL_PRICE && seller->asked.rc == CF_E_GOODS_PRICE) ||
            (step->verb == SELL_QUANTITY && seller->asked.rc == CF_E_GOODS_WEIGHT))
            return do_answer(seller, step, err);
        rc = change_line(seller, step, err);
        break;
    case SELL_DISCOUNT:
        rc = do_discount(seller, step, err);
        break;
    case SELL_AGE:
    case SELL_SERIAL:
    case SELL_WEIGH:
        return do_answer(seller, step, err);
    case SELL_PLU:
        return do_plu(seller, step, err);
    case SELL_UNTENDER:
        rc = cf_till_untender(seller->till, err);
        break;
    case SELL_CANCEL:
        rc = cf_till_cancel(seller->till, err);
        break;
    case SELL_PARK:
        return do_park(seller, step, err);
    case SELL_PARKED:
        return do_parked(seller, step, err);
    case SELL_RECALL:
        rc = cf_till_recall(seller->till, step->word[0], err);
        break;
    case SELL_TOTAL:
        rc = announce(seller, step, err);
        break;
    case SELL_REPRINT:
        rc = do_reprint(seller, step, err);
        break;
    }
    if (rc == CF_OK)
        tell_done(seller, step);
    return rc;
}

/* --- the script
 * -------------------------------------------------------------------------------------------------------------------
 */

/* A step of the script, or a device's. False: a machine that does not work is not sold on. */
static bool take_step(struct seller *seller, const struct sell_step *step, enum cf_rc rc, struct cf_error *err)
{
    seller->step_no++;
    if (rc == CF_OK)
        rc = do_step(seller, step, err);
    if (rc == CF_OK)
        return true;
    tell_refused(seller, step, err);
    return cli_exit_status(rc) != CLI_BROKEN;
}

static void device_scan(void *ctx, cf_bytes text)
{
    struct seller *seller = ctx;
    const struct sell_step step = {.verb = SELL_SCAN, .rest = text};
    struct cf_error err = {.rc = CF_OK};
    if (!seller->selling)
        return;
    seller->broken = !take_step(seller, &step, CF_OK, &err) || seller->broken;
    (void)fflush(stdout);
}

static void device_told(void *ctx, const char *name, const struct cf_error *err)
{
    const struct seller *seller = ctx;
    json_t *clean = cli_json_text(cf_bytes_str(name));
    if (seller->json) {
        json_t *object = json_pack("{s:s, s:O, s:b}", "event", "device", "name", clean, "works", err->rc == CF_OK);
        if (err->rc != CF_OK)
            json_object_set_new(object, "error", cli_error_json(err));
        cli_print_json(object);
    } else {
        printf("      %s: %s\n", json_string_value(clean), err->rc == CF_OK ? "ready" : cf_rc_text(err->rc));
    }
    json_decref(clean);
    (void)fflush(stdout);
}

static void device_printed(void *ctx, uint64_t id, const struct cf_error *how)
{
    struct seller *seller = ctx;
    struct cf_error err;
    char name[CF_RECEIPT_NO_MAX];
    cf_receipt_no_format(seller->printing.at->identity.terminal, seller->printing.at->identity.epoch, id, name);
    enum cf_rc rc = cf_printing_ended(&seller->printing, id, how->rc, &err);
    if (how->rc != CF_OK) {
        rc = how->rc;
        err = *how;
    }
    if (rc == CF_OK)
        seller->confirmed = id;
    else
        seller->status = CLI_BROKEN; /* sold all the same: the script's end says that paper is missing */
    if (seller->json) {
        json_t *object = json_pack("{s:s, s:s, s:b}", "event", "printed", "receipt", name, "ok", rc == CF_OK);
        if (rc != CF_OK)
            json_object_set_new(object, "error", cli_error_json(&err));
        cli_print_json(object);
    } else if (rc != CF_OK) {
        printf("      receipt %s: %s\n", name, cf_rc_text(rc));
    }
    (void)fflush(stdout);
}

static bool printer_is_there(const void *ctx)
{
    const struct seller *seller = ctx;
    return cf_devices_printer(seller->devices) != CF_E_PRINTER_OFF;
}

static bool all_is_printed(const void *ctx)
{
    const struct seller *seller = ctx;
    return !cf_devices_prints_any(seller->devices);
}

/* Lets the devices scan until the script has something to read. */
static void wait_for_script(struct seller *seller, FILE *script)
{
    struct pollfd p[] = {{.fd = fileno(script), .events = POLLIN}, {.events = POLLIN}};
    if (seller->devices == NULL)
        return;
    p[1].fd = cf_devices_fd(seller->devices);
    while (!seller->broken && p[0].revents == 0) {
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return;
        if (p[1].revents != 0)
            cf_devices_dispatch(seller->devices);
        cf_showing_look(&seller->showing, seller->till);
    }
}

static void run_script(struct seller *seller, FILE *script)
{
    struct cf_buf line;
    bool got = false;
    cf_buf_init(&line, LINE_BYTES_MAX);
    cf_asked_init(&seller->asked);
    seller->selling = true;
    while (true) {
        struct cf_error err;
        struct sell_step step = {0};
        wait_for_script(seller, script);
        enum cf_rc rc = seller->broken ? CF_OK : cli_read_line(script, &line, &got, &err);
        if (seller->broken || (rc == CF_OK && !got))
            break;
        if (rc == CF_OK)
            rc = sell_step_parse(cf_buf_bytes(&line), &step, &err);
        if (!take_step(seller, &step, rc, &err))
            break;
        cf_showing_look(&seller->showing, seller->till);
    }
    const struct sell_step end = {.verb = SELL_TOTAL};
    seller->selling = false;
    drop_question(seller, &end);
    cf_asked_done(&seller->asked);
    cf_buf_done(&line);
}

/* Said at once, not when the first coupon is refused. */
static void tell_quarantine(const struct seller *seller)
{
    enum cf_quarantine_why why = cf_till_quarantine(seller->till);
    if (why == CF_QUARANTINE_NONE)
        return;
    if (seller->json)
        cli_print_json(json_pack("{s:s, s:i, s:s, s:s}", "event", "quarantined", "why", (int)why, "text",
                                 cf_quarantine_text(why), "what_to_do", cf_rc_text(CF_E_QUARANTINED)));
    else
        printf("      %s (%s)\n", cf_rc_text(CF_E_QUARANTINED), cf_quarantine_text(why));
}

/* Sales that were committed but perhaps not printed before the last end: offered again, marked as copies. A device
 * has them one at a time; what it did not begin waits for another start, which is no reason not to sell. */
static enum cf_rc print_waiting(struct seller *seller, struct cf_error *err)
{
    uint64_t seq = 0, before = 0;
    enum cf_rc rc;
    while ((rc = cf_till_unprinted(seller->till, &seq, err)) == CF_OK && seq != before) {
        char name[CF_RECEIPT_NO_MAX];
        before = seq;
        rc = cf_print_or_skip(&seller->printing, seq, true, name, err);
        if (seller->devices != NULL)
            cf_devices_wait(seller->devices, LAST_PAPER_MS, all_is_printed, seller);
        if (seller->printing.devices != NULL && (rc == CF_E_PRINTER_OFF || rc == CF_E_BUSY))
            return CF_OK;
        if (rc != CF_OK)
            return rc;
        if (seller->printing.devices != NULL && seller->confirmed != seq)
            continue; /* how it ended was told */
        if (seller->json)
            cli_print_json(json_pack("{s:s, s:I, s:s}", "event", "reprinted", "seq", (json_int_t)seq, "receipt", name));
        else
            printf("      receipt %s was committed but perhaps not printed: %s\n", name,
                   cf_printing_is_on(&seller->printing) ? "printed again, marked as a copy"
                                                        : "not printed (no --print)");
    }
    return rc == CF_E_NOT_FOUND ? CF_OK : rc;
}

/* A printer that does not come in time is no reason not to sell: what waits is printed at another start. */
static enum cf_rc open_devices(struct seller *seller, const struct cf_devices_options *options, struct cf_error *err)
{
    if (options->no_scanners && options->scanner == NULL && options->printer == NULL && options->camera == NULL &&
        options->display == NULL && options->scale == NULL)
        return CF_OK;
    enum cf_rc rc = cf_devices_new(options, &seller->devices, err);
    if (rc == CF_OK && !options->no_scanners && cf_devices_no_usb(seller->devices) != CF_OK)
        rc = cf_fail(err, cf_devices_no_usb(seller->devices), "the USB cannot be used");
    cf_till_weighs(seller->till, options->scale != NULL);
    seller->showing = (struct cf_showing){.devices = options->display != NULL ? seller->devices : NULL,
                                          .chinese = options->display_model.gb18030,
                                          .greeting = cf_till_store(seller->till)->name};
    if (rc == CF_OK)
        cf_showing_look(&seller->showing, seller->till);
    if (rc == CF_OK && options->printer != NULL) {
        seller->printing.devices = seller->devices;
        cf_devices_wait(seller->devices, PRINTER_WAIT_MS, printer_is_there, seller);
    }
    return rc;
}

static enum cf_rc open_seller(struct seller *seller, const struct cf_counter_options *options,
                              const struct cf_devices_options *devices, struct cf_counter *at, struct cf_error *err)
{
    enum cf_rc rc = cf_printing_check(&seller->printing, err);
    if (rc == CF_OK)
        rc = cf_counter_open(options, at, err);
    if (rc != CF_OK)
        return rc;
    seller->till = at->till;
    if (cf_till_is_training(seller->till) && seller->json)
        cli_print_json(json_pack("{s:s}", "event", "training"));
    else if (cf_till_is_training(seller->till))
        printf("      %s\n", CF_TRAINING_MARK);
    tell_quarantine(seller);
    rc = cf_printing_open(&seller->printing, at, err);
    if (rc == CF_OK)
        rc = open_devices(seller, devices, err);
    if (rc == CF_OK && seller->devices != NULL && !printer_is_there(seller))
        return CF_OK;
    return rc == CF_OK ? print_waiting(seller, err) : rc;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"dir", required_argument, NULL, 'd'},
        {"print", required_argument, NULL, 'p'},
        {"views", no_argument, NULL, 'v'},
        {"label", required_argument, NULL, 'l'},
        {"cashier", required_argument, NULL, 'c'},
        {"training", no_argument, NULL, 'T'},
        {"online", no_argument, NULL, 'o'},
        {"scanners", no_argument, NULL, 'S'},
        {"use", required_argument, NULL, 'u'},
        {"printer", required_argument, NULL, 'r'},
        CF_PRINTING_OPTIONS,
        CF_DEVICES_OPTIONS,
        {"camera", required_argument, NULL, 'E'},
        {"scanner", required_argument, NULL, 'n'},
        {"scale", required_argument, NULL, 'w'},
        CF_PAYER_OPTIONS,
        {0},
    };
    struct seller seller = {0};
    struct cf_counter_options where = {0};
    struct cf_devices_options devices = {
        .no_scanners = true, .ctx = &seller, .scan = device_scan, .told = device_told, .printed = device_printed};
    struct cf_payer_options pay = {0};
    struct cf_payers payers = {0};
    struct cf_counter at = {0};
    struct cf_error err;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'j':
            seller.json = true;
            break;
        case 'd':
            where.dir = optarg;
            break;
        case 'p':
            seller.printing.dir = optarg;
            break;
        case 'v':
            seller.printing.views = true;
            break;
        case 'l':
            where.label = optarg;
            break;
        case 'c':
            where.cashier = optarg;
            break;
        case 'o':
            where.ask_online = true;
            break;
        case 'T':
            where.training = true;
            break;
        case 'S':
            devices.no_scanners = false;
            break;
        case 'r':
            devices.printer = optarg;
            break;
        case 'E':
            devices.camera = optarg;
            break;
        case 'n':
            devices.scanner = optarg;
            break;
        case 'w':
            devices.scale = optarg;
            break;
        case 'u':
            if (!cf_devices_rule(optarg, &devices))
                return cli_usage(&cli_sell, "--use is VENDOR:PRODUCT=DRIVER, at most %d times", CF_DEVICES_RULES_MAX);
            break;
        default:
            if (!cf_printing_option(option, optarg, &seller.printing) && !cf_devices_option(option, optarg, &devices) &&
                !cf_payer_option(option, optarg, &pay))
                return cli_usage_option(&cli_sell, argv);
        }
    }
    if (!where.dir || argc - optind > 1)
        return cli_usage(&cli_sell, "it needs --dir and at most one script");
    if (seller.printing.dir != NULL && devices.printer != NULL)
        return cli_usage(&cli_sell, "receipts go to a folder or to a printer, not to both");
    FILE *script = optind < argc ? fopen(argv[optind], "re") : stdin;
    if (!script) {
        cf_fail_errno(&err, errno, "%s", argv[optind]);
        return cli_fail(seller.json, NULL, &err);
    }
    devices.printer_names_jobs = cf_printing_names_jobs(seller.printing.model);
    enum cf_rc rc = cf_payers_open(&pay, &payers, &err);
    cf_payers_put(&payers, &where);
    seller.takes_cards = payers.card != NULL;
    if (rc == CF_OK)
        rc = open_seller(&seller, &where, &devices, &at, &err);
    if (seller.devices != NULL)
        (void)setvbuf(script, NULL, _IONBF, 0); /* what is read is what poll knows of */
    if (rc == CF_OK)
        run_script(&seller, script);
    else
        seller.status = cli_fail(seller.json, NULL, &err);
    if (script != stdin)
        fclose(script);
    if (seller.devices != NULL)
        cf_devices_wait(seller.devices, LAST_PAPER_MS, all_is_printed, &seller);
    cf_devices_free(seller.devices);
    cf_decoder_free(seller.decoder);
    cf_printing_close(&seller.printing);
    cf_counter_close(&at);
    cf_payers_close(&payers);
    return seller.status;
}

const struct cli_command cli_sell = {
    .name = "sell",
    .summary = "sell by a script of steps, from a file or stdin",
    .help =
        "usage: counterfoil sell --dir DIR [--print FOLDER [--views]] [--label TEXT] [--cashier NAME] [--online] "
        "[--training] [--card HOST:PORT\n"
        "       [--card-password DIGITS]] [--psp HOST:PORT --psp-ca FILE --psp-key FILE]\n"
        "       [--printer PLACE] [--scanners [--use VENDOR:PRODUCT=DRIVER]...] [--scanner PLACE] [--scale PLACE] "
        "[--camera DEVICE] "
        "[--json] "
        "[SCRIPT]\n\n"
        "One step a line, optionally labelled (\"milk: scan 6901234567892\"); lines that begin with # are comments:\n\n"
        "  scan TEXT              goods, a member code or a coupon, as a scanner sends it\n"
        "  scan-image FILE        the same, read from a picture\n"
        "  member TEXT            as scan, but only a member code or card\n"
        "  coupon TEXT            as scan, but only a coupon or a ticket\n"
        "  relay [FILE]           shows a code for the shopper's phone, which fetches a ticket from the centre; FILE: "
        "as PNG\n"
        "  quantity N [LINE]      of the last line, or of that one (2, 0.345)\n"
        "  weigh [TARE]           answers goods that are sold by weight with what lies on the scale (0.012: tare)\n"
        "  price AMOUNT [LINE]    overrides the unit price\n"
        "  void [LINE]\n"
        "  discount PERCENT%|AMOUNT|none LINE|last|sale REASON   by hand, after all promotions; none takes it back\n"
        "  tender KIND AMOUNT [REFERENCE]   cash, card or mobile; \"due\" for what is due; the last one commits the "
        "sale\n"
        "  tender cash AMOUNT USD  cash in other money, by the store's rate\n"
        "  untender               gives the payments back\n"
        "  pay-query              asks what became of a payment that is not known\n"
        "  pay-retry [CODE]       tries it again, under the same id\n"
        "  pay-decide taken|not-taken|elsewhere MANAGER REASON   a manager's word, on record\n"
        "  settle                 commits a sale that is paid and could not be committed\n"
        "  card-close             closes the card terminal's day\n"
        "  cancel                 drops the open sale\n"
        "  park LABEL [here]      at the store's hub, if it answers: any till may recall it; here: at this till\n"
        "  recall LABEL           goes on with a parked sale, of this till or at the hub\n"
        "  parked                 lists them\n"
        "  total                  shows where the sale stands\n"
        "  return RECEIPT [LINE [QUANTITY]] [as-credit]   takes goods of an earlier sale back: all that is left, or of "
        "a "
        "line\n"
        "  exchange RECEIPT [LINE[=QUANTITY],...] [as-credit]   the same, in exchange for what is scanned: pays first; "
        "the "
        "rest is paid,\n"
        "                         or given back when the sale is paid (\"tender cash due\" where nothing is due)\n"
        "  void-sale RECEIPT      takes a whole sale of today back\n"
        "  pickup CODE            looks at an order of the online shop; one that is not paid goes into the sale\n"
        "  hand-out [LINE[=QUANTITY],...]   hands that order out, or some lines of it\n"
        "  order NUMBER           puts an order that is to be paid here into the sale, by its number\n"
        "  pay-order [LINE[=QUANTITY],...]  puts lines of that order into the sale, to be paid here\n"
        "  orders                 lists the orders that this store has to hand out\n"
        "  special [NAME, PHONE]  orders the goods of the open sale from the brand's shop; nothing is paid\n"
        "  transfer STORE here|there [NAME, PHONE]   the same from another store, to be fetched here or there\n"
        "  quote [DAYS]           makes a quotation of the open sale; unquote CODE|NUMBER [today] [seen] sells by one\n"
        "  quotes                 lists those of this till\n"
        "  requests               lists what this store asked for, or was asked for\n"
        "  answer ORDER|SLIP accept|refuse|send|ready|withdraw [REASON]   says something of one of them\n"
        "  reprint RECEIPT        a marked copy of a receipt of this till, by its number; a record says who\n\n"
        "With --card, \"tender card AMOUNT\" without a reference is paid at that terminal (ZVT over TCP); with --psp, "
        "a "
        "scanned payment\ncode pays what is due.\n"
        "--training: everything as in earnest, in a journal of its own that is thrown away; receipts are marked.\n"
        "Where the store has users, one who may is logged in at the till first: counterfoil user login.\n"
        "--print writes each receipt as ESC/POS into FOLDER, --views also as text and PNG. --online lets the till ask "
        "the centre\n"
        "about coupons while there is a link. --scanners: what the scanners on the USB read is scanned too, while the\n"
        "script waits for its next step; --use as for counterfoil devices; --scanner: also what one on a serial port "
        "reads, --camera: what that camera does, named by its path. --printer: receipts go to a printer that "
        "speaks\n"
        "ESC/POS; PLACE is usb, an address (192.0.2.7:9100) or a serial port (/dev/ttyS0@19200). --scale: goods that "
        "are\n"
        "sold by weight ask for it, and weigh answers; PLACE is usb or a serial port. A refused step leaves "
        "the sale as it was "
        "and the script goes on; the "
        "exit\n"
        "status is then 1. An open sale at the end of the script is still open at the next start.\n",
    .run = run,
};
