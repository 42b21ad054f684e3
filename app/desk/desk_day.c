/*
 * app/desk/desk_day.c - the manager's pages: X and Z, the drawer and its count, who sold what.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/receipt/receipt.h"

/* --- the menu
 * ---------------------------------------------------------------------------------------------------------
 */

static const char *prompt_manager(const struct cf_desk *desk)
{
    (void)desk;
    return _("The day, the drawer, and the state of this till");
}

static void fill_manager(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool idle = view->state == CF_CHECKOUT_IDLE;
    desk_key(desk, page, CF_DO_DAY, _("X report"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_COUNT, _("Count drawer"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_FLOAT, _("Float"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_PAID_IN, _("Paid in"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_PAID_OUT, _("Paid out"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_DROP, _("Drop"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_NO_SALE, _("Open drawer"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_USERS, _("Users"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_DEVICES, _("Devices"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_SYNC, _("Sync"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_COMMANDS, _("Command codes"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_EXPORT, _("Export"), CF_KEY_PLAIN, desk->ports.export_day != NULL);
    desk_key(desk, page, CF_DO_LANGUAGE, _("中文 / English"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_REQUESTS, _("Goods asked for"), CF_KEY_PLAIN, idle);
    desk_key(desk, page, CF_DO_CLOSE, _("Close the day"), CF_KEY_DESTRUCTIVE, idle);
    desk_back_key(desk, page);
}

const struct desk_page desk_page_manager = {.prompt = prompt_manager, .fill = fill_manager};

/* --- X and Z
 * ----------------------------------------------------------------------------------------------------------
 */

static void count_field(struct cf_cashier_page *page, const char *label, uint64_t n)
{
    char text[CF_PAGE_AMOUNT_MAX];
    desk_put(text, sizeof text, "%llu", (unsigned long long)n);
    desk_field(page->fields, &page->n_fields, label, text, false);
}

static void day_fields(const struct cf_desk *desk, struct cf_cashier_page *page)
{
    const struct cf_z_report *z = &desk->day.report.z;
    char day[CF_PAGE_AMOUNT_MAX];
    desk_date(z->business_day, day);
    desk_field(page->fields, &page->n_fields, _("Business day"), day, false);
    count_field(page, _("Sales"), z->totals.n_sales);
    desk_money_field(desk, page->fields, &page->n_fields, _("Total"), z->totals.total_minor, true);
    desk_money_field(desk, page->fields, &page->n_fields, _("Taken off"), z->totals.discount_minor, false);
    desk_money_field(desk, page->fields, &page->n_fields, _("Tax"), z->totals.tax_minor, false);
    count_field(page, _("Returns"), z->totals.returned.n_returns);
    desk_money_field(desk, page->fields, &page->n_fields, _("Returned"), z->totals.returned.total_minor, false);
    for (int kind = CF_TENDER_CASH; kind <= CF_TENDER_POINTS; kind++) {
        if (z->totals.tender_minor[kind] != 0) {
            desk_money_field(desk, page->fields, &page->n_fields, desk_tender_name((enum cf_tender_kind)kind),
                             z->totals.tender_minor[kind], false);
        }
    }
}

static const char *prompt_day(const struct cf_desk *desk)
{
    (void)desk;
    return _("The day so far. Nothing is closed by this");
}

static void fill_day(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    day_fields(desk, page);
    desk_key(desk, page, CF_DO_PRINT, _("Print"), CF_KEY_PLAIN, desk->ports.print_document != NULL);
    desk_back_key(desk, page);
}

static bool look_at_day(struct cf_desk *desk, enum cf_desk_do act)
{
    struct cf_error err;
    enum cf_rc rc = cf_till_x_report(desk->till, &desk->day.report, &err);
    if (rc != CF_OK) {
        desk_outcome(desk, rc, &err, act, 0);
    }
    return rc == CF_OK;
}

static void print_day(struct cf_desk *desk)
{
    struct cf_receipt *receipt = NULL;
    struct cf_error err;
    enum cf_rc rc = cf_till_x_receipt(desk->till, &desk->day.report, &receipt, &err);
    if (rc == CF_OK) {
        rc = desk->ports.print_document(desk->ports.ctx, receipt, "x-report", &err);
    }
    cf_receipt_free(receipt);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
    } else {
        desk_say(desk, _("Printed"), "");
    }
}

static bool act_day(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_PRINT && desk->ports.print_document != NULL) {
        print_day(desk);
    }
    return act == CF_DO_PRINT;
}

const struct desk_page desk_page_day = {.prompt = prompt_day, .fill = fill_day, .act = act_day};

/* What has to be settled before the day is closed, and what should be. */
enum check { CHECK_SALE, CHECK_PAYMENT, CHECK_COUNT, CHECK_PARKED, CHECK_UNSENT, CHECK_FINDINGS, CHECKS };

static const char *prompt_close(const struct cf_desk *desk)
{
    (void)desk;
    return _("Before the day is closed");
}

static bool is_must(enum check check)
{
    return check == CHECK_SALE || check == CHECK_PAYMENT;
}

static bool is_settled(const struct cf_desk *desk, enum check check)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    switch (check) {
    case CHECK_SALE:
        return view.state == CF_CHECKOUT_IDLE || view.has_payment;
    case CHECK_PAYMENT:
        return !view.has_payment;
    case CHECK_COUNT:
        return desk->day.report.z.detail.drawer.n_counts > 0;
    case CHECK_PARKED:
        return desk->day.report.n_parked == 0;
    case CHECK_UNSENT:
        return desk->day.report.heads_agree;
    case CHECK_FINDINGS:
        return desk->day.report.conflicts_open + desk->day.report.faults_open == 0;
    case CHECKS:
        break;
    }
    return false;
}

static void choose_check(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    static const struct {
        const char *good, *bad, *what;
    } texts[CHECKS] = {
        [CHECK_SALE] = {N_("No sale is open"), N_("A sale is open"), N_("Finish, park or cancel it first")},
        [CHECK_PAYMENT] = {N_("No payment is in doubt"), N_("A payment is in doubt"), N_("Settle it first")},
        [CHECK_COUNT] = {N_("The drawer is counted"), N_("The drawer is not counted"),
                         N_("It can be counted later too")},
        [CHECK_PARKED] = {N_("Nothing is parked"), N_("Sales are parked"), N_("They stay parked over the close")},
        [CHECK_UNSENT] = {N_("All records are sent"), N_("Records are not sent yet"),
                          N_("They are sent when there is a link")},
        [CHECK_FINDINGS] = {N_("The centre found nothing wrong"), N_("The centre found something"),
                            N_("Look at the sync page")},
    };
    if (row >= CHECKS) {
        return;
    }
    bool settled = is_settled(desk, (enum check)row);
    desk_put(ret->title, sizeof ret->title, "%s %s",
             settled                    ? "✓"
             : is_must((enum check)row) ? "✗"
                                        : "!",
             _(settled ? texts[row].good : texts[row].bad));
    desk_put(ret->detail, sizeof ret->detail, "%s", settled ? "" : _(texts[row].what));
    ret->good = settled;
}

static bool may_close(const struct cf_desk *desk)
{
    return is_settled(desk, CHECK_SALE) && is_settled(desk, CHECK_PAYMENT);
}

/* It has a day of its own, which it settles with the bank. */
static void card_key(struct cf_desk *desk, struct cf_cashier_page *page)
{
    desk_key(desk, page, CF_DO_CARD_DAY, _("Card terminal's day"), CF_KEY_PLAIN,
             desk->ports.card.is && !desk->day.card_closes);
}

static void close_card_day(struct cf_desk *desk)
{
    struct cf_pay_totals totals = {.known = false};
    struct cf_error err;
    char amount[CF_PAGE_AMOUNT_MAX];
    enum cf_rc rc = cf_till_card_end_of_day(desk->till, &totals, &err);
    desk->day.card_closes = rc == CF_E_BUSY && desk->ports.card.state != NULL;
    if (desk->day.card_closes) {
        desk_say(desk, _("The card terminal closes its day ..."), "");
    } else if (rc != CF_OK) {
        desk_say_refused(desk, &err);
    } else {
        desk_tone(desk, true);
        desk_say(desk, _("The card terminal has closed its day"),
                 totals.known ? desk_money(desk, totals.total_minor, amount) : "");
    }
}

bool desk_card_day_look(struct cf_desk *desk)
{
    struct cf_till_view view;
    enum cf_desk_payer_state state = CF_DESK_PAYER_IDLE;
    cf_till_view(desk->till, &view);
    if (desk->day.card_closes && desk->ports.card.state != NULL) {
        state = desk->ports.card.state(desk->ports.card.ctx);
    }
    if (!desk->day.card_closes || state == CF_DESK_PAYER_BUSY || view.state != CF_CHECKOUT_IDLE) {
        return false;
    }
    if (state == CF_DESK_PAYER_ANSWERED) {
        close_card_day(desk);
    } else { /* it was asked for something else since: to ask again would be to close another day */
        desk->day.card_closes = false;
        desk_say_no(desk, _("Whether the card terminal closed its day was not heard."), _("Look at its slip"));
    }
    return true;
}

static void fill_close(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = CHECKS;
    desk_key(desk, page, CF_DO_CLOSE, _("Close the day"), CF_KEY_DESTRUCTIVE, may_close(desk));
    desk_key(desk, page, CF_DO_COUNT, _("Count drawer"), CF_KEY_PLAIN, true);
    card_key(desk, page);
    desk_back_key(desk, page);
}

static bool act_close(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_CLOSE && may_close(desk)) {
        desk_enter(desk, CF_PAGE_CLOSING);
    }
    return act == CF_DO_CLOSE;
}

const struct desk_page desk_page_close = {
    .prompt = prompt_close, .fill = fill_close, .choice = choose_check, .act = act_close};

static const char *prompt_closing(const struct cf_desk *desk)
{
    (void)desk;
    return _("Close the business day? It cannot be opened again. Enter closes it");
}

static void fill_closing(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->modal = true;
    day_fields(desk, page);
    desk_key(desk, page, CF_DO_ENTER, _("Close the day"), CF_KEY_DESTRUCTIVE, true);
    desk_back_key(desk, page);
}

static void enter_closing(struct cf_desk *desk)
{
    struct cf_error err;
    if (!desk_read_first(desk, CF_DO_ENTER, 0, true)) {
        return;
    }
    enum cf_rc rc = cf_till_z_report(desk->till, &desk->day.report, &err);
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    if (rc == CF_OK) {
        desk_enter(desk, CF_PAGE_CLOSED);
        desk_print(desk, desk->day.report.at.seq, false);
        desk->has_last = false;
    }
}

const struct desk_page desk_page_closing = {
    .prompt = prompt_closing, .fill = fill_closing, .enter = enter_closing, .empty_too = true};

static const char *prompt_closed(const struct cf_desk *desk)
{
    (void)desk;
    return _("The day is closed");
}

static void fill_closed(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    count_field(page, _("Z report"), desk->day.report.z.z_no);
    day_fields(desk, page);
    desk_key(desk, page, CF_DO_REPRINT, _("Print again"), CF_KEY_PLAIN, desk->ports.print != NULL);
    card_key(desk, page);
    desk_key(desk, page, CF_DO_LOCK, _("Lock"), CF_KEY_PLAIN, true);
    desk_back_key(desk, page);
}

const struct desk_page desk_page_closed = {.prompt = prompt_closed, .fill = fill_closed};

/* --- counting
 * ---------------------------------------------------------------------------------------------------------
 */

static size_t kinds(const struct cf_desk *desk, int64_t values[CF_DENOMINATIONS_MAX])
{
    return cf_denominations(cf_till_store(desk->till)->currency, values);
}

static const char *prompt_count(const struct cf_desk *desk)
{
    return !desk->day.asks_reason ? _("How many of each? Type the number, and Enter; Count ends it")
           : desk->day.was_off    ? _("The drawer is not as it should be. Why? It stays on record")
                                  : _("Why? It stays on record");
}

static const char *asks_count(const struct cf_desk *desk)
{
    int64_t values[CF_DENOMINATIONS_MAX];
    static char label[CF_PAGE_ENTRY_MAX];
    char value[CF_PAGE_AMOUNT_MAX];
    if (desk->day.asks_reason) {
        return _("Reason");
    }
    if (desk->choice >= kinds(desk, values)) {
        return "";
    }
    desk_put(label, sizeof label, _("Pieces of %s"), desk_money(desk, values[desk->choice], value));
    return label;
}

static uint32_t pieces_of(const struct cf_drawer_count *count, int64_t value_minor)
{
    for (size_t i = 0; i < count->n; i++) {
        if (count->pieces[i].value_minor == value_minor) {
            return count->pieces[i].n;
        }
    }
    return 0;
}

static void choose_kind(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    int64_t values[CF_DENOMINATIONS_MAX];
    if (row < kinds(desk, values)) {
        uint32_t n = pieces_of(&desk->day.count, values[row]);
        char value[CF_PAGE_AMOUNT_MAX];
        desk_put(ret->title, sizeof ret->title, "%s × %u", desk_money(desk, values[row], value), n);
        desk_money(desk, values[row] * n, ret->value);
        ret->good = n > 0;
    }
}

static void fill_count(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    int64_t values[CF_DENOMINATIONS_MAX];
    (void)view;
    page->n_choices = desk->day.asks_reason ? 0 : kinds(desk, values);
    desk_money_field(desk, page->fields, &page->n_fields, _("Counted"), cf_drawer_count_total(&desk->day.count), true);
    desk_key(desk, page, CF_DO_COUNT, _("Count"), CF_KEY_CONFIRM, !desk->day.asks_reason);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_PLAIN, true);
    desk_back_key(desk, page);
}

static void tell_counted(struct cf_desk *desk, const struct cf_till_drawer *drawer)
{
    char what[CF_PAGE_TEXT_MAX], why[CF_PAGE_TEXT_MAX] = "", a[CF_PAGE_AMOUNT_MAX], b[CF_PAGE_AMOUNT_MAX];
    desk_put(what, sizeof what, _("Counted: %s"), desk_money(desk, drawer->event.amount_minor, a));
    if (drawer->sees_expected) {
        desk_put(why, sizeof why, _("Expected %s, off by %s"), desk_money(desk, drawer->event.expected_minor, a),
                 desk_money(desk, drawer->event.amount_minor - drawer->event.expected_minor, b));
    }
    desk_say(desk, what, why);
}

/* The count is over: without a reason at first, and nobody is told by how much it is off. */
static void end_count(struct cf_desk *desk)
{
    struct cf_till_drawer drawer;
    struct cf_error err;
    enum cf_rc rc =
        cf_till_count(desk->till, &desk->day.count, desk->day.asks_reason ? desk->entry : NULL, &drawer, &err);
    if (rc == CF_E_DRAWER_VARIANCE && !desk->day.asks_reason) {
        desk->day.asks_reason = desk->day.was_off = true;
        desk_clear_entry(desk);
        desk_say_nothing(desk);
        return;
    }
    desk_outcome(desk, rc, &err, desk->day.asks_reason ? CF_DO_ENTER : CF_DO_COUNT, 0);
    if (rc == CF_OK) {
        tell_counted(desk, &drawer);
        desk_print(desk, drawer.at.seq, false);
    }
}

/* What was typed is how many there are of the kind at hand; then comes the next. */
static void enter_count(struct cf_desk *desk)
{
    int64_t values[CF_DENOMINATIONS_MAX];
    struct cf_drawer_count count = {.n = 0};
    struct cf_error err;
    cf_currency currency = cf_till_store(desk->till)->currency;
    size_t n = kinds(desk, values);
    if (desk->day.asks_reason) {
        if (desk->n_entry > 0) {
            end_count(desk);
        }
        return;
    }
    bool number = strspn(desk->entry, "0123456789") == desk->n_entry && desk->n_entry <= 7;
    uint32_t pieces = number ? (uint32_t)strtoul(desk->entry, NULL, 10) : 0;
    enum cf_rc rc = number ? CF_OK : cf_fail(&err, CF_E_DRAWER_COUNT, "\"%.32s\" is no number of pieces", desk->entry);
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        uint32_t here = i == desk->choice && desk->n_entry > 0 ? pieces : pieces_of(&desk->day.count, values[i]);
        rc = here > 0 ? cf_drawer_count_add(&count, currency, values[i], here, &err) : CF_OK;
    }
    desk_clear_entry(desk);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
        return;
    }
    desk_say_nothing(desk);
    desk->day.count = count;
    desk->choice += desk->choice + 1 < n;
}

static bool act_count(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act != CF_DO_COUNT || desk->day.asks_reason) {
        return act == CF_DO_COUNT;
    }
    if (desk->n_entry > 0) {
        enter_count(desk);
    }
    if (desk->bar.kind != CF_BAR_REFUSED) {
        end_count(desk);
    }
    return true;
}

const struct desk_page desk_page_count = {.prompt = prompt_count,
                                          .asks = asks_count,
                                          .fill = fill_count,
                                          .enter = enter_count,
                                          .empty_too = true,
                                          .choice = choose_kind,
                                          .act = act_count};

/* --- cash that is no sale
 * ---------------------------------------------------------------------------------------------
 */

static const char *name_of_kind(enum cf_drawer_kind kind)
{
    switch (kind) {
    case CF_DRAWER_FLOAT:
        return _("Float");
    case CF_DRAWER_PAID_IN:
        return _("Paid in");
    case CF_DRAWER_PAID_OUT:
        return _("Paid out");
    case CF_DRAWER_DROP:
        return _("Drop");
    case CF_DRAWER_NO_SALE:
        return _("Open drawer");
    case CF_DRAWER_COUNT:
        return _("Count drawer");
    }
    return "";
}

static const char *prompt_drawer(const struct cf_desk *desk)
{
    return desk->day.asks_reason ? _("Why? It stays on record") : _("How much?");
}

static const char *asks_drawer(const struct cf_desk *desk)
{
    return desk->day.asks_reason ? _("Reason") : _("Amount");
}

static void fill_drawer(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    if (desk->day.asks_reason && desk->day.amount_minor > 0) {
        desk_money_field(desk, page->fields, &page->n_fields, name_of_kind(desk->day.kind), desk->day.amount_minor,
                         true);
    } else {
        desk_field(page->fields, &page->n_fields, name_of_kind(desk->day.kind), "", true);
    }
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void enter_drawer(struct cf_desk *desk)
{
    struct cf_till_drawer drawer;
    struct cf_error err;
    enum cf_rc rc = CF_OK;
    bool asks = desk->day.kind == CF_DRAWER_PAID_IN || desk->day.kind == CF_DRAWER_PAID_OUT;
    if (!desk->day.asks_reason) {
        rc = desk_parse_money(desk, &desk->day.amount_minor, &err);
        desk->day.asks_reason = rc == CF_OK && asks;
        if (desk->day.asks_reason) {
            desk_clear_entry(desk);
            return;
        }
    }
    if (rc == CF_OK) {
        rc = cf_till_drawer(desk->till, desk->day.kind, desk->day.amount_minor,
                            desk->day.asks_reason ? desk->entry : NULL, &drawer, &err);
    }
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    if (rc == CF_OK) {
        desk_say(desk, name_of_kind(desk->day.kind), _("Recorded"));
        desk_print(desk, drawer.at.seq, false);
    }
}

const struct desk_page desk_page_drawer = {
    .prompt = prompt_drawer, .asks = asks_drawer, .fill = fill_drawer, .enter = enter_drawer};

/* --- who sold what
 * ----------------------------------------------------------------------------------------------------
 */

static const char *prompt_users(const struct cf_desk *desk)
{
    return desk->day.report.z.detail.n_users > 0 ? _("Who did what today") : _("Nobody has sold anything today");
}

static void fill_users(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = desk->day.report.z.detail.n_users;
    desk_back_key(desk, page);
}

static void choose_user(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    const struct cf_day_detail *detail = &desk->day.report.z.detail;
    if (row >= detail->n_users) {
        return;
    }
    const struct cf_day_user *user = &detail->users[row];
    desk_put(ret->title, sizeof ret->title, "%s", user->user[0] != '\0' ? user->user : _("All others"));
    desk_put(ret->detail, sizeof ret->detail, _("Sales %lu, returns %lu, void lines %lu, cancelled %lu, allowed %lu"),
             (unsigned long)user->n_sales, (unsigned long)user->n_returns, (unsigned long)user->n_void_lines,
             (unsigned long)user->n_cancelled, (unsigned long)user->n_allowed);
    desk_money(desk, user->sales_minor, ret->value);
    ret->good = true;
}

const struct desk_page desk_page_users = {.prompt = prompt_users, .fill = fill_users, .choice = choose_user};

/* --- acts
 * -------------------------------------------------------------------------------------------------------------
 */

static void begin_drawer(struct cf_desk *desk, enum cf_drawer_kind kind)
{
    desk->done = false;
    desk_enter(desk, CF_PAGE_DRAWER);
    desk->day.kind = kind;
    desk->day.amount_minor = 0;
    desk->day.asks_reason = kind == CF_DRAWER_NO_SALE;
}

static void begin_count(struct cf_desk *desk)
{
    desk->done = false;
    desk_enter(desk, CF_PAGE_COUNT);
    desk->day.count.n = 0;
    desk->day.asks_reason = desk->day.was_off = false;
}

bool desk_day_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    switch ((int)act) {
    case CF_DO_MANAGER:
        desk->done = false;
        desk_enter(desk, CF_PAGE_MANAGER);
        return true;
    case CF_DO_DAY:
    case CF_DO_USERS:
    case CF_DO_CLOSE:
        if (desk_read_first(desk, act, arg, false) && look_at_day(desk, act)) {
            desk_enter(desk, act == CF_DO_DAY ? CF_PAGE_DAY : act == CF_DO_USERS ? CF_PAGE_USERS : CF_PAGE_CLOSE);
        }
        return true;
    case CF_DO_CARD_DAY:
        if (desk->ports.card.is && !desk->day.card_closes) {
            close_card_day(desk);
        }
        return true;
    case CF_DO_COUNT:
        if (desk_read_first(desk, act, arg, false)) {
            begin_count(desk);
        }
        return true;
    case CF_DO_REQUESTS:
        desk_requests_open(desk);
        return true;
    case CF_DO_EXPORT:
        if (desk->ports.export_day != NULL) {
            desk_export_open(desk);
        }
        return true;
    case CF_DO_FLOAT:
        begin_drawer(desk, CF_DRAWER_FLOAT);
        return true;
    case CF_DO_PAID_IN:
        begin_drawer(desk, CF_DRAWER_PAID_IN);
        return true;
    case CF_DO_PAID_OUT:
        begin_drawer(desk, CF_DRAWER_PAID_OUT);
        return true;
    case CF_DO_DROP:
        begin_drawer(desk, CF_DRAWER_DROP);
        return true;
    case CF_DO_NO_SALE:
        begin_drawer(desk, CF_DRAWER_NO_SALE);
        return true;
    default:
        return false;
    }
}
