/*
 * app/desk/desk_sale.c - goods and coupons: the pages between the first scan and the first payment.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const struct cf_cart_line *desk_line_at_hand(const struct cf_desk *desk, const struct cf_till_view *view)
{
    for (size_t i = cf_cart_count(view->cart); i-- > 0;) {
        const struct cf_cart_line *line = cf_cart_at(view->cart, i);
        if (!line->voided && (desk->line_no == 0 || line->line_no == desk->line_no)) {
            return line;
        }
    }
    return NULL;
}

/* --- what was scanned ------------------------------------------------------------------------------------------------
 */

/* A coupon is held: with what it takes off, or with what is missing. */
static void tell_coupon(struct cf_desk *desk, size_t at)
{
    struct cf_till_view view;
    char why[CF_PAGE_TEXT_MAX];
    cf_till_view(desk->till, &view);
    const struct cf_till_coupon *coupon = &view.coupons[at];
    desk_say(desk, coupon->rc == CF_OK ? _("Coupon taken") : _("Coupon held: it has no effect yet"),
             cf_text_of_form(coupon->reason, why, sizeof why));
}

static void tell_member(struct cf_desk *desk)
{
    struct cf_till_view view;
    char who[CF_PAGE_ENTRY_MAX];
    cf_till_view(desk->till, &view);
    desk_member(desk, &view, who);
    desk_say(desk, who, view.member_live ? "" : _("A printed card earns points and cannot spend"));
}

static void take_scanned(struct cf_desk *desk, const struct cf_till_scanned *scanned)
{
    enum cf_page_id was = desk->over;
    desk->done = false;
    desk->line_no = 0;
    desk->refused_act = CF_DO_NOTHING;
    desk_leave(desk);
    desk_say_nothing(desk);
    desk_tone(desk, true);
    switch ((int)scanned->kind) {
    case CF_SCAN_COUPON:
    case CF_SCAN_TICKET:
        desk->has_relay = desk->has_relay && scanned->kind != CF_SCAN_TICKET;
        tell_coupon(desk, scanned->coupon);
        break;
    case CF_SCAN_MEMBER_CARD:
    case CF_SCAN_MEMBER_CODE:
        tell_member(desk);
        desk->over = was == CF_PAGE_MEMBER ? CF_PAGE_MEMBER : CF_PAGE_LINES;
        break;
    case CF_SCAN_ORDER:
        if (!scanned->in_sale) /* else its goods are lines of the sale now */
            desk_order_came(desk);
        break;
    default:
        break;
    }
}

static void scan_goods(struct cf_desk *desk, cf_bytes text)
{
    struct cf_till_scanned scanned = {.kind = CF_SCAN_UNKNOWN};
    struct cf_error err;
    struct cf_scan seen;
    bool asks = false;
    char why[CF_PAGE_TEXT_MAX];
    cf_scan_classify(text, &seen);
    enum cf_rc rc = cf_asked_scan(&desk->asked, desk->till, text, &scanned, &asks, &err);
    if (seen.kind == CF_SCAN_PAYMENT || seen.kind == CF_SCAN_VALUE) {
        desk_paid(desk, rc, &scanned.sold, seen.kind == CF_SCAN_PAYMENT ? CF_TENDER_MOBILE : CF_TENDER_GIFT_CARD,
                  CF_DO_NOTHING, &err);
    } else if (rc == CF_OK && asks) {
        desk_enter(desk, CF_PAGE_ASK);
        desk->tare_milli = 0;
        (void)desk_weigh_look(desk);
        desk_put(desk->bar.why, sizeof desk->bar.why, "%s", cf_text_of_form(err.detail, why, sizeof why));
    } else if (rc == CF_OK) {
        take_scanned(desk, &scanned);
    } else {
        desk_leave(desk);
        desk_say_refused(desk, &err);
    }
}

void desk_scan_any(struct cf_desk *desk, cf_bytes text)
{
    struct cf_scan seen;
    cf_scan_classify(text, &seen);
    if (seen.kind == CF_SCAN_PAYMENT && desk->ports.mobile.is) {
        char code[CF_PAY_CODE_MAX + 1];
        struct cf_error err;
        /* As a scanner tells the symbology, which is no part of the code. */
        cf_bytes bare = text.n > 3 && text.p[0] == ']' ? (cf_bytes){text.p + 3, text.n - 3} : text;
        if (cf_text_accept(bare, code, sizeof code, &err) == CF_OK) {
            desk_pay(desk, CF_TENDER_MOBILE, 0, code);
        } else {
            desk_say_refused(desk, &err);
        }
        return;
    }
    scan_goods(desk, text);
}

/* --- what can be done with a sale ------------------------------------------------------------------------------------
 */

/* The keys of a sale are always at their places: what cannot be done now is grey, and nothing moves under a finger. */
static void sale_keys(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool selling = view->state == CF_CHECKOUT_SELLING, idle = view->state == CF_CHECKOUT_IDLE;
    bool goods = selling && cf_cart_live_count(view->cart) > 0;
    desk_key(desk, page, CF_DO_SEARCH, _("Search"), CF_KEY_PLAIN, idle || selling);
    desk_key(desk, page, CF_DO_MEMBER, _("Member"), CF_KEY_PLAIN, idle || selling);
    if (idle && desk->printed_seq != 0) {
        desk_key(desk, page, CF_DO_REPRINT, _("Print again"), CF_KEY_PLAIN, true);
    } else {
        desk_key(desk, page, CF_DO_COUPONS, _("Coupons"), CF_KEY_PLAIN, selling);
    }
    if (idle) {
        desk_key(desk, page, CF_DO_RECALL, _("Recall"), CF_KEY_PLAIN, true);
    } else {
        desk_key(desk, page, CF_DO_PARK, _("Park"), CF_KEY_PLAIN, goods && view->exchange_minor == 0);
    }
    desk_key(desk, page, CF_DO_QUANTITY, _("Quantity"), CF_KEY_PLAIN, goods);
    desk_key(desk, page, CF_DO_PRICE, _("Price"), CF_KEY_PLAIN, goods);
    desk_key(desk, page, CF_DO_DISCOUNT, _("Discount"), CF_KEY_PLAIN, goods);
    desk_key(desk, page, CF_DO_VOID, _("Void line"), CF_KEY_DESTRUCTIVE, goods);
    desk_key(desk, page, CF_DO_RETURN, idle ? _("Return") : _("Exchange"), CF_KEY_PLAIN,
             idle || (selling && view->exchange_minor == 0));
    if (desk->refused_act != CF_DO_NOTHING) {
        desk_key(desk, page, CF_DO_OVERRIDE, _("Manager allows it"), CF_KEY_CONFIRM, true);
    } else {
        desk_key(desk, page, CF_DO_MANAGER, _("Manager"), CF_KEY_PLAIN, idle);
    }
    desk_key(desk, page, CF_DO_LOCK, _("Lock"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_CANCEL, _("Cancel sale"), CF_KEY_DESTRUCTIVE, selling);
    desk_key(desk, page, CF_DO_TENDER, _("Pay"), CF_KEY_TENDER, goods);
    desk_key(desk, page, CF_DO_CASH, _("Cash"), CF_KEY_TENDER, goods);
}

const char *desk_asks_code(const struct cf_desk *desk)
{
    (void)desk;
    return _("Code");
}

static const char *prompt_idle(const struct cf_desk *desk)
{
    (void)desk;
    return _("Scan goods or a member code");
}

static const char *prompt_lines(const struct cf_desk *desk)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    return view.exchange_minor == 0        ? _("Scan goods or a coupon, or choose how to pay")
           : desk_difference(&view) < 0    ? _("Scan the goods in exchange. Cash gives the rest back")
           : cf_cart_live_count(view.cart) ? _("Scan the goods in exchange, then the difference is paid")
                                           : _("Scan the goods in exchange");
}

static void fill_idle(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    char text[CF_PAGE_AMOUNT_MAX];
    if (desk->has_last) {
        desk_money_field(desk, page->fields, &page->n_fields, _("Last sale"), desk->last_total_minor, false);
        desk_money_field(desk, page->fields, &page->n_fields, _("Change"), desk->last_change_minor, false);
    }
    if (desk->n_held > 0) {
        desk_put(text, sizeof text, "%zu", desk->n_held);
        desk_field(page->fields, &page->n_fields, _("Parked"), text, false);
    }
    sale_keys(desk, view, page);
}

static void fill_lines(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    if (view->exchange_minor > 0 && cf_cart_count(view->cart) == 0) { /* else the basket has this place */
        desk_tender_fields(desk, view, page->fields, &page->n_fields);
    }
    sale_keys(desk, view, page);
}

void desk_enter_code(struct cf_desk *desk)
{
    char text[CF_PAGE_ENTRY_MAX + 1];
    size_t n = desk->n_entry;
    memcpy(text, desk->entry, n);
    desk_clear_entry(desk);
    cf_desk_scan(desk, (cf_bytes){(const uint8_t *)text, n});
}

const struct desk_page desk_page_idle = {
    .prompt = prompt_idle, .asks = desk_asks_code, .fill = fill_idle, .enter = desk_enter_code};
const struct desk_page desk_page_lines = {
    .prompt = prompt_lines, .asks = desk_asks_code, .fill = fill_lines, .enter = desk_enter_code};

/* --- what goods ask
 * ---------------------------------------------------------------------------------------------------
 */

static const char *prompt_ask(const struct cf_desk *desk)
{
    return desk->asked.rc == CF_E_GOODS_PRICE ? _("What do these goods cost?")
           : desk->asked.rc == CF_E_GOODS_WEIGHT
               ? (desk->scale_rc == CF_OK ? _("Confirm the weight on the scale, or type another")
                                          : _(cf_rc_text(desk->scale_rc)))
           : desk->asked.rc == CF_E_GOODS_AGE
               ? _("Is the shopper old enough? Touch \"Seen\", or type the date of birth")
               : _("Scan or type the serial number");
}

static const char *asks_answer(const struct cf_desk *desk)
{
    return desk->asked.rc == CF_E_GOODS_PRICE    ? _("Price")
           : desk->asked.rc == CF_E_GOODS_AGE    ? _("Date of birth")
           : desk->asked.rc == CF_E_GOODS_WEIGHT ? _("Weight")
                                                 : _("Serial number");
}

static void fill_ask(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_key(desk, page, CF_DO_SEEN, _("Seen"), CF_KEY_CONFIRM, desk->asked.rc == CF_E_GOODS_AGE);
    if (desk->asked.rc == CF_E_GOODS_WEIGHT) {
        desk_weigh_fill(desk, page);
    } else {
        desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    }
    desk_back_key(desk, page);
}

static void answer(struct cf_desk *desk, const char *text)
{
    struct cf_error err;
    int64_t price_minor = 0;
    enum cf_rc rc;
    if (desk->asked.rc == CF_E_GOODS_AGE) {
        rc = cf_asked_age(&desk->asked, text, &err);
    } else if (desk->asked.rc == CF_E_GOODS_SERIAL) {
        rc = cf_asked_serial(&desk->asked, text, &err);
    } else if (desk->asked.rc == CF_E_GOODS_WEIGHT) {
        rc = desk_weigh_answer(desk, text, &err);
    } else {
        rc = desk_parse_money(desk, &price_minor, &err);
        if (rc == CF_OK) {
            rc = cf_asked_price(&desk->asked, price_minor, &err);
        }
    }
    desk_clear_entry(desk);
    if (rc == CF_OK) {
        scan_goods(desk, cf_buf_bytes(&desk->asked.text));
    } else {
        desk_say_refused(desk, &err);
    }
}

static void enter_ask(struct cf_desk *desk)
{
    char text[CF_PAGE_ENTRY_MAX + 1];
    if (desk->n_entry == 0 && desk->asked.rc != CF_E_GOODS_WEIGHT) { /* only a scale has said something already */
        return;
    }
    snprintf(text, sizeof text, "%.*s", CF_PAGE_ENTRY_MAX, desk->entry);
    answer(desk, text);
}

static void scan_ask(struct cf_desk *desk, cf_bytes text)
{
    char serial[CF_PAGE_ENTRY_MAX + 1];
    struct cf_error err;
    if (desk->asked.rc != CF_E_GOODS_SERIAL) { /* the shopper thinks of something else: these goods are not sold */
        desk_scan_any(desk, text);
    } else if (cf_text_accept(text, serial, sizeof serial, &err) == CF_OK) {
        answer(desk, serial);
    } else {
        desk_say_refused(desk, &err);
    }
}

static bool act_ask(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_SEEN && desk->asked.rc == CF_E_GOODS_AGE) {
        answer(desk, "seen");
    } else if (act == CF_DO_TARE && desk->asked.rc == CF_E_GOODS_WEIGHT) {
        desk_weigh_tare(desk);
    }
    return act == CF_DO_SEEN || act == CF_DO_TARE;
}

const struct desk_page desk_page_ask = {.prompt = prompt_ask,
                                        .asks = asks_answer,
                                        .fill = fill_ask,
                                        .enter = enter_ask,
                                        .empty_too = true,
                                        .scan = scan_ask,
                                        .act = act_ask};

/* --- the line at hand
 * -------------------------------------------------------------------------------------------------
 */

static const char *prompt_quantity(const struct cf_desk *desk)
{
    (void)desk;
    return _("How many, or how heavy?");
}

static const char *asks_quantity(const struct cf_desk *desk)
{
    (void)desk;
    return _("Quantity");
}

static const char *prompt_price(const struct cf_desk *desk)
{
    (void)desk;
    return _("The new price of one");
}

static const char *asks_price(const struct cf_desk *desk)
{
    (void)desk;
    return _("Price");
}

static void fill_figure(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void enter_quantity(struct cf_desk *desk)
{
    struct cf_error err;
    int64_t qty_milli = 0;
    enum cf_rc rc = desk_parse_milli(desk->entry, &qty_milli, &err);
    if (rc == CF_OK) {
        rc = cf_till_quantity(desk->till, desk->line_no, qty_milli, &err);
    }
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
}

static void enter_price(struct cf_desk *desk)
{
    struct cf_error err;
    int64_t price_minor = 0;
    enum cf_rc rc = desk_parse_money(desk, &price_minor, &err);
    if (rc == CF_OK) {
        rc = cf_till_price(desk->till, desk->line_no, price_minor, &err);
    }
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
}

const struct desk_page desk_page_quantity = {
    .prompt = prompt_quantity, .asks = asks_quantity, .fill = fill_figure, .enter = enter_quantity};
const struct desk_page desk_page_price = {
    .prompt = prompt_price, .asks = asks_price, .fill = fill_figure, .enter = enter_price};

/* --- a discount by hand
 * -----------------------------------------------------------------------------------------------
 */

static const char *prompt_discount(const struct cf_desk *desk)
{
    return desk->discount[0] != '\0' ? _("Why? It stays on record")
           : desk->whole             ? _("Off the whole sale: 2.00, or 5%; 0 takes it back")
                                     : _("Off this line: 2.00, or 5%; 0 takes it back");
}

static const char *asks_discount(const struct cf_desk *desk)
{
    return desk->discount[0] != '\0' ? _("Reason") : _("Discount");
}

static void fill_discount(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_key(desk, page, CF_DO_WHOLE, desk->whole ? _("This line") : _("Whole sale"), CF_KEY_PLAIN,
             desk->discount[0] == '\0');
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

/* "5%", "2.00", "0" */
static enum cf_rc parse_discount(const struct cf_desk *desk, const char *text, struct cf_till_discount *ret,
                                 struct cf_error *err)
{
    char figure[CF_PAGE_ENTRY_MAX + 1];
    size_t n = strlen(text);
    int64_t milli = 0;
    cf_money amount = {.minor = 0};
    if (n < 2 || text[n - 1] != '%') {
        enum cf_rc rc = cf_money_parse(text, cf_till_store(desk->till)->currency, &amount, err);
        ret->amount_minor = rc == CF_OK ? amount.minor : 0;
        return rc;
    }
    snprintf(figure, sizeof figure, "%.*s", (int)n - 1, text);
    enum cf_rc rc = desk_parse_milli(figure, &milli, err);
    if (rc == CF_OK && (milli < 10 || milli > 100000 || milli % 10 != 0)) {
        rc = cf_fail(err, CF_E_RANGE, "\"%s\" is no discount", text);
    }
    ret->percent_bp = (uint32_t)(milli / 10);
    return rc;
}

static void enter_discount(struct cf_desk *desk)
{
    struct cf_till_view view;
    struct cf_error err;
    struct cf_till_discount what = {.reason = desk->entry};
    cf_till_view(desk->till, &view);
    const struct cf_cart_line *line = desk_line_at_hand(desk, &view);
    bool asks_reason = desk->discount[0] != '\0';
    enum cf_rc rc = parse_discount(desk, asks_reason ? desk->discount : desk->entry, &what, &err);
    if (rc == CF_OK && !asks_reason && (what.percent_bp > 0 || what.amount_minor > 0)) {
        snprintf(desk->discount, sizeof desk->discount, "%.*s", CF_PAGE_ENTRY_MAX, desk->entry);
        desk_clear_entry(desk);
        return;
    }
    what.line_no = desk->whole || line == NULL ? 0 : line->line_no;
    if (rc == CF_OK) {
        rc = cf_till_discount(desk->till, &what, &err);
    }
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    if (rc != CF_E_PERMIT) { /* then it is the same again once somebody allows it */
        desk->discount[0] = '\0';
    }
}

static bool act_discount(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_WHOLE) {
        desk->whole = !desk->whole;
    }
    return act == CF_DO_WHOLE;
}

const struct desk_page desk_page_discount = {.prompt = prompt_discount,
                                             .asks = asks_discount,
                                             .fill = fill_discount,
                                             .enter = enter_discount,
                                             .act = act_discount};

/* --- coupons
 * ----------------------------------------------------------------------------------------------------------
 */

static const char *prompt_coupons(const struct cf_desk *desk)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    return view.priced->choice.n_competing > view.priced->choice.n_chosen
               ? _("Of promotions that exclude each other, those that save most are taken")
               : _("Coupons of this sale");
}

static void fill_coupons(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    page->n_choices = view->n_coupons + view->n_left_out;
    desk_key(desk, page, CF_DO_UNTAKE, _("Take off"), CF_KEY_DESTRUCTIVE, desk->choice < view->n_coupons);
    desk_key(desk, page, CF_DO_RELAY, _("Ask by phone"), CF_KEY_PLAIN, view->state == CF_CHECKOUT_SELLING);
    desk_back_key(desk, page);
}

/* Coupons first; then the promotions that would give something, had this till enough left of them. */
static void choose_coupon(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    struct cf_till_view view;
    char text[CF_PAGE_TEXT_MAX];
    cf_till_view(desk->till, &view);
    if (row >= view.n_coupons + view.n_left_out) {
        return;
    }
    const struct cf_till_coupon *coupon =
        row < view.n_coupons ? &view.coupons[row] : &view.left_out[row - view.n_coupons];
    desk_put(ret->title, sizeof ret->title, "%s", coupon->name);
    desk_put(ret->detail, sizeof ret->detail, "%s", cf_text_of_form(coupon->reason, text, sizeof text));
    ret->good = coupon->rc == CF_OK;
    if (ret->good) {
        desk_money(desk, -coupon->amount_minor, ret->value);
    }
}

static bool act_coupons(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    struct cf_till_view view;
    struct cf_error err;
    (void)arg;
    cf_till_view(desk->till, &view);
    if (act == CF_DO_UNTAKE && desk->choice < view.n_coupons) {
        desk_outcome(desk, cf_till_untake(desk->till, (uint32_t)desk->choice + 1, &err), &err, act, 0);
    }
    return act == CF_DO_UNTAKE;
}

const struct desk_page desk_page_coupons = {
    .prompt = prompt_coupons, .fill = fill_coupons, .choice = choose_coupon, .act = act_coupons};

/* --- search
 * -----------------------------------------------------------------------------------------------------------
 */

static const char *prompt_search(const struct cf_desk *desk)
{
    return desk->n_found > 0 ? _("Choose the goods, and Enter") : _("A part of the name, or a short number");
}

static const char *asks_search(const struct cf_desk *desk)
{
    (void)desk;
    return _("Name or number");
}

static void fill_search(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = desk->n_found;
    desk_key(desk, page, CF_DO_ENTER, desk->n_entry > 0 ? _("Search") : _("Sell"), CF_KEY_CONFIRM,
             desk->n_entry > 0 || desk->n_found > 0);
    desk_back_key(desk, page);
}

static void choose_found(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    if (row >= desk->n_found) {
        return;
    }
    const struct cf_product *product = &desk->found[row];
    desk_put(ret->title, sizeof ret->title, "%s", product->name);
    desk_put(ret->detail, sizeof ret->detail, "%s%s%s", product->n_codes > 0 ? product->codes[0] : "",
             product->name_other[0] != '\0' ? " · " : "", product->name_other);
    desk_money(desk, product->price_minor, ret->value);
    ret->good = true;
}

/* "7" is the short number 7 (PLU); anything else a part of names. */
static void look_for(struct cf_desk *desk)
{
    struct cf_error err;
    char text[CF_PAGE_ENTRY_MAX + 2];
    bool number = strspn(desk->entry, "0123456789") == desk->n_entry;
    snprintf(text, sizeof text, "%s%.*s", number ? "#" : "", CF_PAGE_ENTRY_MAX, desk->entry);
    desk_clear_entry(desk);
    desk->choice = 0;
    if (number) {
        desk_scan_any(desk, cf_bytes_str(text));
        return;
    }
    if (desk->found == NULL) {
        desk->found = calloc(DESK_FOUND_MAX, sizeof *desk->found);
    }
    enum cf_rc rc = desk->found != NULL
                        ? cf_till_search(desk->till, text, desk->found, DESK_FOUND_MAX, &desk->n_found, &err)
                        : cf_fail(&err, CF_E_NO_MEMORY, "search");
    if (rc != CF_OK) {
        desk->n_found = 0;
        desk_say_refused(desk, &err);
    } else if (desk->n_found == 0) {
        desk_say_no(desk, _("No goods of that name."), text);
    } else {
        desk_say_nothing(desk);
    }
}

static void enter_search(struct cf_desk *desk)
{
    if (desk->n_entry > 0) {
        look_for(desk);
    } else if (desk->choice < desk->n_found && desk->found[desk->choice].n_codes > 0) {
        desk_scan_any(desk, cf_bytes_str(desk->found[desk->choice].codes[0]));
    }
}

const struct desk_page desk_page_search = {.prompt = prompt_search,
                                           .asks = asks_search,
                                           .fill = fill_search,
                                           .enter = enter_search,
                                           .empty_too = true,
                                           .choice = choose_found};

/* --- giving up
 * --------------------------------------------------------------------------------------------------------
 */

static const char *prompt_cancel(const struct cf_desk *desk)
{
    (void)desk;
    return _("Cancel the whole sale? Enter cancels it, Esc goes on selling");
}

static void fill_cancel(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_key(desk, page, CF_DO_ENTER, _("Cancel sale"), CF_KEY_DESTRUCTIVE, true);
    desk_key(desk, page, CF_DO_BACK, _("Go on selling"), CF_KEY_PLAIN, true);
}

static void enter_cancel(struct cf_desk *desk)
{
    struct cf_error err;
    enum cf_rc rc = cf_till_cancel(desk->till, &err);
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    if (rc == CF_OK) {
        desk->has_relay = false;
        desk->line_no = 0;
    }
}

const struct desk_page desk_page_cancel = {
    .prompt = prompt_cancel, .fill = fill_cancel, .enter = enter_cancel, .empty_too = true};

/* --- acts
 * -------------------------------------------------------------------------------------------------------------
 */

static void show_challenge(struct cf_desk *desk)
{
    struct cf_error err;
    enum cf_rc rc = cf_till_challenge(desk->till, desk->relay, &err);
    desk_outcome(desk, rc, &err, CF_DO_RELAY, 0);
    desk->has_relay = rc == CF_OK;
    if (rc == CF_OK) {
        desk_say(desk, _("The shopper's screen shows a code"), _("Scan the ticket that the phone fetches"));
    }
}

bool desk_sale_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    static const struct {
        enum cf_desk_do act;
        enum cf_page_id page;
    } turns[] = {
        {CF_DO_QUANTITY, CF_PAGE_QUANTITY}, {CF_DO_PRICE, CF_PAGE_PRICE},   {CF_DO_COUPONS, CF_PAGE_COUPONS},
        {CF_DO_CANCEL, CF_PAGE_CANCEL},     {CF_DO_SEARCH, CF_PAGE_SEARCH}, {CF_DO_MEMBER, CF_PAGE_MEMBER},
        {CF_DO_DISCOUNT, CF_PAGE_DISCOUNT},
    };
    struct cf_error err;
    /* An entry before QUANTITY is its answer: 3 QUANTITY. */
    if (act == CF_DO_QUANTITY && desk->n_entry > 0 && desk->n_entry < 8) {
        desk->over = CF_PAGE_QUANTITY;
        enter_quantity(desk);
        return true;
    }
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        if (turns[i].act == act) {
            desk_enter(desk, turns[i].page);
            desk->n_found = 0;
            desk->whole = false;
            desk->discount[0] = '\0';
            return true;
        }
    }
    if (act == CF_DO_VOID) {
        desk_outcome(desk, cf_till_void(desk->till, desk->line_no, &err), &err, act, arg);
        if (desk->bar.kind != CF_BAR_REFUSED) {
            desk->line_no = 0;
        }
        return true;
    }
    if (act == CF_DO_RELAY) {
        show_challenge(desk);
        return true;
    }
    return false;
}
