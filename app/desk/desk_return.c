/*
 * app/desk/desk_return.c - goods that come back, with a receipt and without; and orders that are handed out.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void forget_lines(struct cf_desk *desk)
{
    memset(&desk->back, 0, sizeof desk->back);
}

static size_t n_chosen(const struct cf_desk *desk)
{
    size_t n = 0;
    for (size_t i = 0; i < DESK_LINES_MAX; i++) {
        n += desk->back.chosen[i];
    }
    return n;
}

/* Enter chooses a line, or leaves it out again; a quantity before it, so much of the line. */
static void enter_line(struct cf_desk *desk)
{
    struct cf_error err;
    int64_t qty_milli = 0;
    if (desk->choice >= DESK_LINES_MAX) {
        return;
    }
    enum cf_rc rc = desk->n_entry > 0 ? desk_parse_milli(desk->entry, &qty_milli, &err) : CF_OK;
    bool typed = desk->n_entry > 0;
    desk_clear_entry(desk);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
        return;
    }
    desk->back.chosen[desk->choice] = typed ? qty_milli > 0 : !desk->back.chosen[desk->choice];
    desk->back.qty_milli[desk->choice] = qty_milli;
}

static const char *asks_quantity(const struct cf_desk *desk)
{
    (void)desk;
    return _("Quantity");
}

/* "✓ Soap", "✓ 2 × Soap" */
static void put_title(const struct cf_desk *desk, size_t row, const char *name, char ret[CF_PAGE_TEXT_MAX])
{
    char quantity[CF_PAGE_AMOUNT_MAX];
    desk_quantity(desk->back.qty_milli[row], quantity, sizeof quantity);
    if (!desk->back.chosen[row]) {
        desk_put(ret, CF_PAGE_TEXT_MAX, "%s", name);
    } else if (desk->back.qty_milli[row] == 0) {
        desk_put(ret, CF_PAGE_TEXT_MAX, "✓ %s", name);
    } else {
        desk_put(ret, CF_PAGE_TEXT_MAX, "✓ %s × %s", quantity, name);
    }
}

/* --- which receipt
 * ----------------------------------------------------------------------------------------------------
 */

static const char *prompt_return(const struct cf_desk *desk)
{
    (void)desk;
    return _("Scan the code on the receipt, or type its number");
}

static const char *asks_receipt(const struct cf_desk *desk)
{
    (void)desk;
    return _("Receipt");
}

static void fill_return(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    desk_key(desk, page, CF_DO_OPEN_RETURN, _("No receipt"), CF_KEY_PLAIN, view->state == CF_CHECKOUT_IDLE);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void find_receipt(struct cf_desk *desk, const char *receipt)
{
    struct cf_error err;
    forget_lines(desk);
    snprintf(desk->back.receipt, sizeof desk->back.receipt, "%s", receipt);
    enum cf_rc rc =
        cf_till_sold_lines(desk->till, receipt, desk->back.lines, DESK_LINES_MAX, &desk->back.n_lines, &err);
    struct cf_sale_ref of;
    desk_clear_entry(desk);
    if (rc != CF_OK && !cf_sale_ref_parse(receipt, &of)) {
        desk_say_refused(desk, &err);
        return;
    }
    desk_enter(desk, CF_PAGE_RETURN_LINES);
    if (rc != CF_OK) { /* another till's, or forgotten here: the store's hub or the centre has it */
        desk_say(desk, _("Not a sale of this till."),
                 _("All of it can be taken back if the store's hub or the centre answers"));
    }
}

static void enter_return(struct cf_desk *desk)
{
    char receipt[CF_PAGE_ENTRY_MAX + 1];
    snprintf(receipt, sizeof receipt, "%.*s", CF_PAGE_ENTRY_MAX, desk->entry);
    find_receipt(desk, receipt);
}

static void scan_return(struct cf_desk *desk, cf_bytes text)
{
    char receipt[CF_PAGE_ENTRY_MAX + 1];
    struct cf_error err;
    cf_bytes bare = text.n > 3 && text.p[0] == ']' ? (cf_bytes){text.p + 3, text.n - 3} : text;
    if (cf_text_accept(bare, receipt, sizeof receipt, &err) == CF_OK) {
        find_receipt(desk, receipt);
    } else {
        desk_say_refused(desk, &err);
    }
}

const struct desk_page desk_page_return = {
    .prompt = prompt_return, .asks = asks_receipt, .fill = fill_return, .enter = enter_return, .scan = scan_return};

/* --- what of it
 * -------------------------------------------------------------------------------------------------------
 */

static const char *prompt_lines(const struct cf_desk *desk)
{
    return desk->back.n_lines > 0 ? _("Enter chooses a line, 2 Enter two of it; none means all")
                                  : _("Take back all that is left of this receipt?");
}

/* With a sale open, goods come back in exchange only. */
static void fill_lines(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool idle = view->state == CF_CHECKOUT_IDLE, some = n_chosen(desk) > 0;
    page->n_choices = desk->back.n_lines;
    desk_field(page->fields, &page->n_fields, _("Receipt"), desk->back.receipt, false);
    desk_key(desk, page, CF_DO_TAKE_BACK, some ? _("Take back these") : _("Take back all"), CF_KEY_CONFIRM, idle);
    desk_key(desk, page, CF_DO_GIFT, _("As store credit"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_ELSEWHERE, _("Refund by hand"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_VOID, _("Void the sale"), CF_KEY_DESTRUCTIVE, idle && !some);
    desk_key(desk, page, CF_DO_EXCHANGE, some ? _("Exchange these") : _("Exchange all"), CF_KEY_CONFIRM, true);
    desk_key(desk, page, CF_DO_EXCHANGE_CREDIT, _("Exchange, rest as credit"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_ENTER, _("Choose"), CF_KEY_PLAIN, desk->back.n_lines > 0);
    desk_back_key(desk, page);
}

static void choose_line(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    char sold[CF_PAGE_AMOUNT_MAX], left[CF_PAGE_AMOUNT_MAX];
    if (row >= desk->back.n_lines) {
        return;
    }
    const struct cf_till_sold_line *line = &desk->back.lines[row];
    desk_quantity(line->qty_milli, sold, sizeof sold);
    desk_quantity(line->left_milli, left, sizeof left);
    put_title(desk, row, line->name, ret->title);
    desk_put(ret->detail, sizeof ret->detail, _("Sold %s, left %s"), sold, left);
    desk_money(desk, line->amount_minor, ret->value);
    ret->good = line->left_milli > 0;
}

/* What the drawer has to give, which is what the cashier does next. */
static void tell_returned(struct cf_desk *desk, const struct cf_till_returned *back)
{
    char what[CF_PAGE_TEXT_MAX], why[CF_PAGE_TEXT_MAX] = "", amount[CF_PAGE_AMOUNT_MAX];
    desk_put(what, sizeof what, _("Taken back: %s"), desk_money(desk, back->total_minor, amount));
    for (size_t i = 0; i < back->n_tenders; i++) {
        size_t n = strlen(why);
        desk_put(why + n, sizeof why - n, "%s%s %s", n > 0 ? ", " : "", desk_tender_name(back->tenders[i].kind),
                 desk_money(desk, back->tenders[i].amount_minor, amount));
    }
    desk_say(desk, what, why);
}

static size_t put_chosen(const struct cf_desk *desk, struct cf_asked_line lines[DESK_LINES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < desk->back.n_lines; i++) {
        if (desk->back.chosen[i]) {
            lines[n++] = (struct cf_asked_line){desk->back.lines[i].line_no, desk->back.qty_milli[i]};
        }
    }
    return n;
}

void desk_refunds(struct cf_desk *desk, const struct cf_till_returned *back)
{
    for (size_t i = 0; i < back->n_tenders; i++) {
        if (back->refund.rc != CF_OK && back->tenders[i].has_id) {
            desk_paid(desk, back->refund.rc, NULL, back->tenders[i].kind, CF_DO_TAKE_BACK, &back->refund);
            return;
        }
    }
}

static void take_back(struct cf_desk *desk, enum cf_desk_do act)
{
    struct cf_asked_line lines[DESK_LINES_MAX];
    static struct cf_till_returned back; /* several kilobytes; one thread */
    struct cf_error err;
    struct cf_till_return what = {.receipt = desk->back.receipt,
                                  .is_void = act == CF_DO_VOID,
                                  .as_credit = act == CF_DO_GIFT,
                                  .by_hand = act == CF_DO_ELSEWHERE,
                                  .reason = desk->back.reason,
                                  .lines = lines};
    what.n_lines = what.is_void ? 0 : put_chosen(desk, lines);
    enum cf_rc rc = cf_till_return(desk->till, &what, &back, &err);
    if (rc == CF_E_PAYMENT_LINK) {
        desk_paid(desk, rc, NULL, desk_busy_kind(desk), CF_DO_TAKE_BACK, &err);
        return;
    }
    desk_outcome(desk, rc, &err, act, 0);
    if (rc != CF_OK) {
        return;
    }
    desk_tone(desk, true);
    tell_returned(desk, &back);
    desk_print(desk, back.at.seq, false);
    desk_refunds(desk, &back);
}

/* They pay for what is in the basket, or will be. */
static void exchange(struct cf_desk *desk, enum cf_desk_do act)
{
    struct cf_asked_line lines[DESK_LINES_MAX];
    struct cf_error err;
    char what_for[CF_PAGE_TEXT_MAX], amount[CF_PAGE_AMOUNT_MAX];
    int64_t worth_minor = 0;
    struct cf_till_return what = {.receipt = desk->back.receipt,
                                  .as_credit = act == CF_DO_EXCHANGE_CREDIT,
                                  .reason = desk->back.reason,
                                  .lines = lines};
    what.n_lines = put_chosen(desk, lines);
    enum cf_rc rc = cf_till_exchange(desk->till, &what, &worth_minor, &err);
    desk_outcome(desk, rc, &err, act, 0);
    if (rc == CF_OK) {
        desk_tone(desk, true);
        desk_put(what_for, sizeof what_for, _("In exchange: %s"), desk_money(desk, worth_minor, amount));
        desk_say(desk, what_for, _("Scan what the shopper takes for it"));
    }
}

/* After whoever refunds was asked whether it is there. */
void desk_take_back(struct cf_desk *desk)
{
    struct cf_till_view view;
    struct cf_error err;
    cf_till_view(desk->till, &view);
    if (view.has_payment) { /* the return is recorded, and its refund is owed */
        enum cf_rc rc = cf_till_payment_retry(desk->till, NULL, NULL, &err);
        desk_paid(desk, rc, NULL, view.payment.kind, CF_DO_TAKE_BACK, &err);
        return;
    }
    desk->wait.is = false;
    take_back(desk, desk->back.act);
}

static bool takes_back(enum cf_desk_do act)
{
    return act == CF_DO_TAKE_BACK || act == CF_DO_VOID || act == CF_DO_GIFT || act == CF_DO_ELSEWHERE ||
           act == CF_DO_EXCHANGE || act == CF_DO_EXCHANGE_CREDIT;
}

/* How they come back is said: then why. */
static bool act_lines(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (takes_back(act)) {
        desk->back.act = act;
        desk_enter(desk, CF_PAGE_RETURN_WHY);
    }
    return takes_back(act);
}

const struct desk_page desk_page_return_lines = {.prompt = prompt_lines,
                                                 .asks = asks_quantity,
                                                 .fill = fill_lines,
                                                 .enter = enter_line,
                                                 .empty_too = true,
                                                 .choice = choose_line,
                                                 .scan = scan_return,
                                                 .act = act_lines};

/* --- why
 * --------------------------------------------------------------------------------------------------------------
 */

/* Where the store has no list of its own. On record they stand in English. */
static const char *const usual_reasons[] = {
    N_("Faulty or damaged"), N_("Does not fit"),        N_("Not as expected"),
    N_("The wrong goods"),   N_("Not needed any more"),
};

static size_t n_reasons(const struct cf_desk *desk)
{
    size_t n = cf_till_rules(desk->till)->n_reasons;
    return n > 0 ? n : sizeof usual_reasons / sizeof usual_reasons[0];
}

static const char *reason_at(const struct cf_desk *desk, size_t row)
{
    const struct cf_store_rules *rules = cf_till_rules(desk->till);
    return rules->n_reasons > 0 ? rules->reasons[row] : usual_reasons[row];
}

static const char *prompt_why(const struct cf_desk *desk)
{
    (void)desk;
    return _("Why do they come back? Choose, and Enter; or say it. It stays on record");
}

static const char *asks_why(const struct cf_desk *desk)
{
    (void)desk;
    return _("Reason");
}

static void fill_why(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = n_reasons(desk);
    desk_field(page->fields, &page->n_fields, _("Receipt"), desk->back.receipt, false);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, true);
    desk_back_key(desk, page);
}

static void choose_why(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    if (row < n_reasons(desk)) {
        bool own = cf_till_rules(desk->till)->n_reasons > 0;
        desk_put(ret->title, sizeof ret->title, "%s", own ? reason_at(desk, row) : _(reason_at(desk, row)));
        ret->good = true;
    }
}

static void do_it(struct cf_desk *desk)
{
    enum cf_desk_do act = desk->back.act;
    if (act == CF_DO_EXCHANGE || act == CF_DO_EXCHANGE_CREDIT) {
        exchange(desk, act);
    } else {
        take_back(desk, act);
    }
}

static void enter_why(struct cf_desk *desk)
{
    if (desk->n_entry == 0 && desk->choice >= n_reasons(desk)) {
        return;
    }
    desk_put(desk->back.reason, sizeof desk->back.reason, "%s",
             desk->n_entry > 0 ? desk->entry : reason_at(desk, desk->choice));
    do_it(desk);
}

/* Once somebody has allowed it, it is done with the reason that was given. Esc goes back to the lines. */
static bool act_why(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_BACK && desk->n_entry == 0 && desk->bar.kind == CF_BAR_PROMPT) {
        desk->over = CF_PAGE_RETURN_LINES;
        desk->choice = 0;
        return true;
    }
    if (act == desk->back.act) {
        do_it(desk);
        return true;
    }
    return false;
}

const struct desk_page desk_page_return_why = {.prompt = prompt_why,
                                               .asks = asks_why,
                                               .fill = fill_why,
                                               .enter = enter_why,
                                               .empty_too = true,
                                               .choice = choose_why,
                                               .act = act_why};

/* --- without a receipt
 * ------------------------------------------------------------------------------------------------
 */

static const char *prompt_open(const struct cf_desk *desk)
{
    return desk->back.asks_reason ? _("Why? It stays on record") : _("Scan the goods that come back without a receipt");
}

static const char *asks_open(const struct cf_desk *desk)
{
    return desk->back.asks_reason ? _("Reason") : _("Code");
}

static void fill_open(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = desk->back.n_goods;
    desk_key(desk, page, CF_DO_TAKE_BACK, _("Take back"), CF_KEY_CONFIRM,
             desk->back.n_goods > 0 && !desk->back.asks_reason);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void choose_goods(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    if (row < desk->back.n_goods) {
        desk_put(ret->title, sizeof ret->title, "%s", desk->back.goods[row].code);
        desk_quantity(desk->back.goods[row].qty_milli, ret->value, sizeof ret->value);
        ret->good = true;
    }
}

static void scan_open(struct cf_desk *desk, cf_bytes text)
{
    char code[CF_PAGE_ENTRY_MAX + 1];
    struct cf_error err;
    if (desk->back.asks_reason) {
        return;
    }
    if (cf_text_accept(text, code, sizeof code, &err) != CF_OK) {
        desk_say_refused(desk, &err);
        return;
    }
    desk_say_nothing(desk);
    for (size_t i = 0; i < desk->back.n_goods; i++) {
        if (strcmp(desk->back.goods[i].code, code) == 0) {
            desk->back.goods[i].qty_milli += 1000;
            return;
        }
    }
    if (desk->back.n_goods < DESK_GOODS_MAX) {
        desk->choice = desk->back.n_goods++;
        snprintf(desk->back.goods[desk->choice].code, sizeof code, "%s", code);
        desk->back.goods[desk->choice].qty_milli = 1000;
    }
}

static void take_open(struct cf_desk *desk)
{
    struct cf_till_open_goods goods[DESK_GOODS_MAX];
    struct cf_till_open_returned back;
    struct cf_error err;
    char what[CF_PAGE_TEXT_MAX], amount[CF_PAGE_AMOUNT_MAX];
    for (size_t i = 0; i < desk->back.n_goods; i++) {
        goods[i] = (struct cf_till_open_goods){desk->back.goods[i].code, desk->back.goods[i].qty_milli};
    }
    const struct cf_till_open_return open = {.n_goods = desk->back.n_goods, .goods = goods, .reason = desk->entry};
    enum cf_rc rc = cf_till_open_return(desk->till, &open, &back, &err);
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    if (rc == CF_OK) {
        desk_put(what, sizeof what, _("Give back %s in cash"), desk_money(desk, back.cash_minor, amount));
        desk_say(desk, what, "");
        desk_print(desk, back.at.seq, false);
    }
}

static void enter_open(struct cf_desk *desk)
{
    if (desk->back.asks_reason) {
        take_open(desk);
        return;
    }
    char code[CF_PAGE_ENTRY_MAX + 1];
    snprintf(code, sizeof code, "%.*s", CF_PAGE_ENTRY_MAX, desk->entry);
    desk_clear_entry(desk);
    scan_open(desk, cf_bytes_str(code));
}

static bool act_open(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_TAKE_BACK && desk->back.n_goods > 0) {
        desk->back.asks_reason = true;
        desk_clear_entry(desk);
    }
    return act == CF_DO_TAKE_BACK;
}

const struct desk_page desk_page_open_return = {.prompt = prompt_open,
                                                .asks = asks_open,
                                                .fill = fill_open,
                                                .enter = enter_open,
                                                .choice = choose_goods,
                                                .scan = scan_open,
                                                .act = act_open};

/* --- orders
 * -----------------------------------------------------------------------------------------------------------
 */

void desk_order_came(struct cf_desk *desk)
{
    forget_lines(desk);
    desk_enter(desk, CF_PAGE_PICK_UP);
}

static const char *prompt_order(const struct cf_desk *desk)
{
    (void)desk;
    return _("An order that is paid. Enter chooses a line; without any, all is handed out");
}

static void fill_order(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    const struct cf_order *order = cf_till_order(desk->till);
    char text[CF_PAGE_AMOUNT_MAX];
    (void)view;
    if (order != NULL) {
        page->n_choices = order->n_lines;
        desk_put(text, sizeof text, "%lu", (unsigned long)order->number);
        desk_field(page->fields, &page->n_fields, _("Order"), text, false);
        desk_money_field(desk, page->fields, &page->n_fields, _("Paid"), order->total_minor, false);
    }
    desk_key(desk, page, CF_DO_HAND_OUT, n_chosen(desk) > 0 ? _("Hand out these") : _("Hand out all"), CF_KEY_CONFIRM,
             order != NULL);
    desk_key(desk, page, CF_DO_ENTER, _("Choose"), CF_KEY_PLAIN, order != NULL);
    desk_back_key(desk, page);
}

static void choose_order(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    const struct cf_order *order = cf_till_order(desk->till);
    char quantity[CF_PAGE_AMOUNT_MAX];
    if (order == NULL || row >= order->n_lines) {
        return;
    }
    desk_quantity(order->lines[row].qty_milli, quantity, sizeof quantity);
    put_title(desk, row, order->lines[row].name, ret->title);
    desk_put(ret->detail, sizeof ret->detail, "%s", quantity);
    desk_money(desk, order->lines[row].amount_minor, ret->value);
    ret->good = true;
}

static void hand_out(struct cf_desk *desk)
{
    struct cf_taken_line lines[CF_ORDER_LINES_MAX];
    struct cf_till_handed_out out;
    struct cf_error err;
    const struct cf_order *order = cf_till_order(desk->till);
    size_t n = 0;
    for (size_t i = 0; order != NULL && i < order->n_lines; i++) {
        if (desk->back.chosen[i]) {
            lines[n++] = (struct cf_taken_line){.line_no = (uint32_t)i + 1,
                                                .qty_milli = desk->back.qty_milli[i] > 0 ? desk->back.qty_milli[i]
                                                                                         : order->lines[i].qty_milli};
        }
    }
    enum cf_rc rc = cf_till_hand_out(desk->till, lines, n, &out, &err);
    desk_outcome(desk, rc, &err, CF_DO_HAND_OUT, 0);
    if (rc == CF_OK) {
        desk_tone(desk, true);
        desk_say(desk, out.whole ? _("The order is handed out") : _("A part of the order is handed out"), "");
        desk_print(desk, out.at.seq, false);
    }
}

static bool act_order(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_HAND_OUT) {
        hand_out(desk);
    }
    return act == CF_DO_HAND_OUT;
}

const struct desk_page desk_page_pick_up = {.prompt = prompt_order,
                                            .asks = asks_quantity,
                                            .fill = fill_order,
                                            .enter = enter_line,
                                            .empty_too = true,
                                            .choice = choose_order,
                                            .act = act_order};

/* --- acts
 * -------------------------------------------------------------------------------------------------------------
 */

bool desk_return_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_RETURN || act == CF_DO_OPEN_RETURN) {
        forget_lines(desk);
        desk->done = false;
        desk_enter(desk, act == CF_DO_RETURN ? CF_PAGE_RETURN : CF_PAGE_OPEN_RETURN);
        return true;
    }
    return false;
}
