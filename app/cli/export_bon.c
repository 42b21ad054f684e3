/*
 * app/cli/export_bon.c - bons from the records of a day; see export.h.
 *
 * A record has its tax as one sum. By rate it is shared out in proportion to what each rate comes to, and within a rate
 * over its lines, by largest remainder: so the parts are the sum, to the cent, whatever was rounded where.
 */
#include "app/cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct split {
    enum cf_tax_mode mode;
    int64_t tax_minor;
    int64_t due[CF_CART_LINES_MAX]; /* of each line, after discount, as the store states prices */
};

static enum cf_rc rate_of(struct bon *bon, uint32_t tax_bp, size_t *ret, struct cf_error *err)
{
    for (size_t i = 0; i < bon->n_rates; i++)
        if (bon->rates[i].tax_bp == tax_bp) {
            *ret = i;
            return CF_OK;
        }
    if (bon->n_rates == CF_REPORT_RATES_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d tax rates on one bon", CF_REPORT_RATES_MAX);
    bon->rates[bon->n_rates] = (struct bon_rate){.tax_bp = tax_bp};
    *ret = bon->n_rates++;
    return CF_OK;
}

/* The tax that is in (or comes on top of) an amount, in ten-thousandths: enough to share by. */
static enum cf_rc weigh(enum cf_tax_mode mode, int64_t due, uint32_t tax_bp, int64_t *ret, struct cf_error *err)
{
    int64_t size = due < 0 ? -due : due;
    int64_t per = mode == CF_TAX_INCLUSIVE ? 10000 + (int64_t)tax_bp : 10000;
    return cf_muldiv_round(size, (int64_t)tax_bp * 100, per, ret, err);
}

static enum cf_rc share_tax(struct bon *bon, const struct split *split, struct cf_error *err)
{
    static int64_t weight[CF_CART_LINES_MAX], share[CF_CART_LINES_MAX];
    int64_t sum = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < bon->n_lines; i++) {
        rc = weigh(split->mode, split->due[i], bon->rates[bon->lines[i].rate].tax_bp, &weight[i], err);
        if (rc == CF_OK)
            rc = cf_add_i64(sum, weight[i], &sum, err);
    }
    if (rc != CF_OK)
        return rc;
    memset(share, 0, bon->n_lines * sizeof share[0]);
    if (sum > 0)
        rc = cf_allocate(split->tax_minor, weight, bon->n_lines, share, err);
    for (size_t i = 0; rc == CF_OK && i < bon->n_lines; i++) {
        struct bon_line *line = &bon->lines[i];
        struct bon_rate *rate = &bon->rates[line->rate];
        bool inclusive = split->mode == CF_TAX_INCLUSIVE;
        line->tax_minor = share[i];
        line->net_minor = inclusive ? split->due[i] - share[i] : split->due[i];
        line->gross_minor = line->net_minor + line->tax_minor;
        rate->tax_minor += line->tax_minor;
        rate->net_minor += line->net_minor;
        rate->gross_minor += line->gross_minor;
    }
    return rc;
}

static void add_payment(struct bon *bon, enum cf_tender_kind kind, int64_t amount_minor)
{
    bon->payments[bon->n_payments++] =
        (struct bon_payment){cf_tender_kind_name(kind), kind == CF_TENDER_CASH, amount_minor};
}

static void put_rounding(struct bon *bon)
{
    bon->rounding_minor = -bon->total_minor;
    for (size_t i = 0; i < bon->n_payments; i++)
        bon->rounding_minor += bon->payments[i].amount_minor;
}

/* `sign` -1: they were taken back. What no campaign gave stands as that of campaign 0; of a return's rest, of which
 * each part is rounded by itself, it may be a point the other way. */
static void put_points(struct bon *bon, int64_t points, const struct cf_points_given *by, size_t n, int sign)
{
    int64_t rest = points;
    bon->points = sign * points;
    for (size_t i = 0; i < n; i++)
        rest -= by[i].points;
    if (rest != 0)
        bon->points_by[bon->n_points_by++] = (struct cf_points_given){0, sign * rest};
    for (size_t i = 0; i < n; i++)
        bon->points_by[bon->n_points_by++] = (struct cf_points_given){by[i].campaign, sign * by[i].points};
}

enum cf_rc bon_of_sale(const struct cf_sale *sale, struct bon *ret, struct cf_error *err)
{
    static struct split split;
    enum cf_rc rc = CF_OK;
    ret->kind = BON_SALE;
    ret->fiscal = sale->fiscal;
    ret->no = sale->sale_no;
    ret->total_minor = sale->total_minor;
    ret->tax_minor = split.tax_minor = sale->tax_minor;
    ret->discount_minor = sale->discount_minor;
    split.mode = sale->tax_mode;
    memcpy(ret->user, sale->cashier, sizeof ret->user);
    ret->n_void_lines = sale->people.n_void_lines;
    ret->void_lines_minor = sale->people.void_lines_minor;
    ret->n_by_hand = sale->n_by_hand;
    ret->by_hand = sale->by_hand;
    put_points(ret, sale->points, sale->points_by, sale->n_points_by, 1);
    if (sale->order.order != 0)
        (void)snprintf(ret->of, sizeof ret->of, "order %" PRIu32, sale->order.order);
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines; i++) {
        const struct cf_sale_line *from = &sale->lines[i];
        struct bon_line *line = &ret->lines[ret->n_lines++];
        *line = (struct bon_line){.product = from->product,
                                  .qty_milli = from->qty_milli,
                                  .unit_price_minor = from->unit_price_minor,
                                  .discount_minor = from->discount_minor,
                                  .price = cf_price_origin_name(from->extra.origin),
                                  .shelf_minor = from->shelf_minor};
        rc = cf_muldiv_round(from->unit_price_minor, from->qty_milli, 1000, &split.due[i], err);
        split.due[i] -= from->discount_minor;
        if (rc == CF_OK)
            rc = rate_of(ret, from->tax_bp, &line->rate, err);
    }
    int64_t change = sale->change_minor;
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        int64_t back =
            tender->kind == CF_TENDER_CASH ? (change < tender->amount_minor ? change : tender->amount_minor) : 0;
        change -= back;
        add_payment(ret, tender->kind, tender->amount_minor - back);
    }
    put_rounding(ret);
    return rc == CF_OK ? share_tax(ret, &split, err) : rc;
}

enum cf_rc bon_of_return(const struct cf_return *r, struct bon *ret, struct cf_error *err)
{
    static struct split split;
    enum cf_rc rc = CF_OK;
    ret->kind = r->is_void ? BON_VOID : BON_RETURN;
    ret->fiscal = r->fiscal;
    ret->no = r->return_no;
    ret->total_minor = -r->total_minor;
    ret->tax_minor = split.tax_minor = -r->tax_minor;
    ret->discount_minor = -r->discount_minor;
    put_points(ret, r->points, r->points_by, r->n_points_by, -1);
    split.mode = r->tax_mode;
    memcpy(ret->user, r->cashier, sizeof ret->user);
    cf_receipt_no_format(r->of.terminal, r->of.epoch, r->of.seq, ret->of);
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", r->reason);
    for (size_t i = 0; rc == CF_OK && i < r->n_lines; i++) {
        const struct cf_return_line *from = &r->lines[i];
        if (from->qty_milli == 0)
            continue;
        split.due[ret->n_lines] = from->discount_minor - from->gross_minor;
        struct bon_line *line = &ret->lines[ret->n_lines++];
        *line = (struct bon_line){
            .product = from->product, .qty_milli = -from->qty_milli, .discount_minor = -from->discount_minor};
        rc = cf_muldiv_round(from->gross_minor, 1000, from->qty_milli, &line->unit_price_minor, err);
        if (rc == CF_OK)
            rc = rate_of(ret, from->tax_bp, &line->rate, err);
    }
    struct cf_return_paid paid[CF_RETURN_PAID_MAX];
    size_t n_paid = cf_return_paid(r, paid);
    for (size_t i = 0; i < n_paid; i++)
        add_payment(ret, paid[i].kind, -paid[i].amount_minor);
    put_rounding(ret);
    return rc == CF_OK ? share_tax(ret, &split, err) : rc;
}

enum cf_rc bon_of_open_return(const struct cf_open_return *open, struct cf_return *back, struct bon *ret,
                              struct cf_error *err)
{
    enum cf_rc rc = cf_open_return_as_return(open, back, err);
    if (rc == CF_OK)
        rc = bon_of_return(back, ret, err);
    ret->fiscal = open->fiscal;
    ret->of[0] = '\0'; /* of no sale that anybody knows */
    if (open->by != 0)
        (void)snprintf(ret->by, sizeof ret->by, "%" PRIu32, open->by);
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", open->reason);
    return rc;
}

enum cf_rc bon_of_drawer(const struct cf_drawer_event *event, struct bon *ret, struct cf_error *err)
{
    int64_t sign = event->kind == CF_DRAWER_PAID_OUT || event->kind == CF_DRAWER_DROP ? -1 : 1;
    ret->kind = BON_DRAWER;
    ret->fiscal = event->fiscal;
    ret->drawer = event->kind;
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", event->reason);
    memcpy(ret->user, event->user, sizeof ret->user);
    if (event->kind == CF_DRAWER_COUNT) /* what was found beside what was expected */
        return cf_sub_i64(event->amount_minor, event->expected_minor, &ret->total_minor, err);
    ret->total_minor = sign * event->amount_minor;
    return CF_OK;
}

enum cf_rc bon_of_cancelled(const struct cf_cancelled *cancelled, cf_currency currency, struct bon *ret,
                            struct cf_error *err)
{
    char goods[CF_MONEY_TEXT_MAX];
    (void)err;
    cf_money_format_signed((cf_money){cancelled->gross_minor, currency}, goods);
    ret->kind = BON_CANCELLED;
    ret->no = cancelled->sale_no;
    ret->total_minor = cancelled->gross_minor;
    ret->n_void_lines = cancelled->n_void_lines;
    ret->void_lines_minor = cancelled->void_lines_minor;
    memcpy(ret->user, cancelled->user, sizeof ret->user);
    (void)snprintf(ret->reason, sizeof ret->reason, "%" PRIu32 " lines, %s", cancelled->n_lines, goods);
    return CF_OK;
}

enum cf_rc bon_of_quote(const struct cf_sale *sale, struct bon *ret, struct cf_error *err)
{
    enum cf_rc rc = bon_of_sale(sale, ret, err);
    ret->kind = BON_QUOTE;
    ret->n_payments = 0; /* the card that settles it is nobody's */
    ret->rounding_minor = 0;
    return rc;
}

enum cf_rc bon_of_request(const struct cf_request_record *request, enum cf_tax_mode mode, struct bon *ret,
                          struct cf_error *err)
{
    static struct split split;
    enum cf_rc rc = CF_OK;
    bool fits = true; /* nothing limits the rates of what is asked for: then it has its sum alone */
    ret->kind = BON_REQUEST;
    split.mode = mode;
    split.tax_minor = 0;
    memcpy(ret->user, request->cashier, sizeof ret->user);
    (void)snprintf(ret->of, sizeof ret->of, request->asked ? "store %" PRIu32 : "shop", request->asked);
    for (size_t i = 0; rc == CF_OK && i < request->n_lines; i++) {
        const struct cf_request_line *from = &request->lines[i];
        struct bon_line *line = &ret->lines[ret->n_lines];
        int64_t tax = 0, *due = &split.due[ret->n_lines++];
        *line = (struct bon_line){
            .product = from->product, .qty_milli = from->qty_milli, .unit_price_minor = from->unit_price_minor};
        rc = cf_muldiv_round(from->unit_price_minor, from->qty_milli, 1000, due, err);
        if (rc == CF_OK)
            rc = cf_muldiv_round(*due, (int64_t)from->tax_bp,
                                 mode == CF_TAX_INCLUSIVE ? 10000 + (int64_t)from->tax_bp : 10000, &tax, err);
        fits = fits && rate_of(ret, from->tax_bp, &line->rate, NULL) == CF_OK;
        if (rc == CF_OK)
            rc = cf_add_i64(split.tax_minor, tax, &split.tax_minor, err);
        if (rc == CF_OK)
            rc = cf_add_i64(ret->total_minor, *due, &ret->total_minor, err);
    }
    if (rc == CF_OK && mode != CF_TAX_INCLUSIVE)
        rc = cf_add_i64(ret->total_minor, split.tax_minor, &ret->total_minor, err);
    ret->tax_minor = split.tax_minor;
    if (!fits)
        ret->n_lines = ret->n_rates = 0;
    return rc == CF_OK ? share_tax(ret, &split, err) : rc;
}

enum cf_rc bon_of_pick_up(const struct cf_pick_up *taken, cf_currency currency, struct bon *ret, struct cf_error *err)
{
    char paid[CF_MONEY_TEXT_MAX];
    (void)err;
    cf_money_format_signed((cf_money){taken->amount_minor, currency}, paid);
    ret->kind = BON_PICK_UP;
    ret->fiscal = taken->fiscal;
    memcpy(ret->user, taken->cashier, sizeof ret->user);
    (void)snprintf(ret->of, sizeof ret->of, "order %" PRIu32, taken->claim.order);
    (void)snprintf(ret->reason, sizeof ret->reason, "order %" PRIu32 ", paid online: %s", taken->claim.order, paid);
    return CF_OK;
}

bool bon_moves_money(const struct bon *bon)
{
    return bon->kind != BON_PICK_UP && bon->kind != BON_CANCELLED && bon->kind != BON_QUOTE && bon->kind != BON_REQUEST;
}

const char *bon_kind_name(const struct bon *bon)
{
    switch (bon->kind) {
    case BON_SALE:
        return "sale";
    case BON_RETURN:
        return "return";
    case BON_VOID:
        return "void";
    case BON_DRAWER:
        return bon->drawer == CF_DRAWER_COUNT ? "variance" : cf_drawer_kind_name(bon->drawer);
    case BON_CANCELLED:
        return "cancelled";
    case BON_QUOTE:
        return "quote";
    case BON_REQUEST:
        return "order";
    case BON_PICK_UP:
        return "pick_up";
    }
    return "?";
}
