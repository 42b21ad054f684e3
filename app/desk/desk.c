/*
 * app/desk/desk.c - what happens at the desk: which page there is, and to whom acts, characters and scans go. See
 * desk.h.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/gtin.h"
#include "base/text.h"

#define THANKS_MS 10000 /* how long the last sale stays on the screens when nobody does anything */
#define ASKED_MS 60000  /* the same, as long as whether its receipt is wanted was not answered */
#define LOOK_MS 1000    /* between two looks at what the sync has left word of */
#define REST_MS 5000    /* between two rests of the till, while nothing is open */

/* --- making one ----------------------------------------------------------------------------------------------------
 */

/* What was sold before the last end and perhaps not printed: the cashier is told, and may print it again. */
static void tell_unprinted(struct cf_desk *desk)
{
    uint64_t seq = 0;
    if (cf_till_unprinted(desk->till, &seq, NULL) == CF_OK && seq != desk->asked_seq) {
        desk->printed_seq = seq;
        desk_say(desk, _("The last receipt was perhaps not printed."), _("Print it again, marked as a copy: F2"));
    }
}

enum cf_rc cf_desk_new(struct cf_till *till, const char *place, const struct cf_desk_ports *ports, struct cf_desk **ret,
                       struct cf_error *err)
{
    struct cf_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "desk");
    }
    desk->till = till;
    desk->ports = *ports;
    desk->over = CF_PAGE_LINES;
    desk->resumed = true;
    desk_put(desk->place, sizeof desk->place, "%s", place);
    snprintf(desk->language, sizeof desk->language, "%s", "en");
    snprintf(desk->house, sizeof desk->house, "%s", "en");
    desk_keys_default(desk);
    cf_asked_init(&desk->asked);
    if (till != NULL) {
        desk_look_at_user(desk);
        desk_count_held(desk);
        desk_wait_resume(desk);
        desk_sold_resume(desk);
        tell_unprinted(desk);
    }
    *ret = desk;
    return CF_OK;
}

void cf_desk_free(struct cf_desk *desk)
{
    if (desk != NULL) {
        cf_asked_done(&desk->asked);
        free(desk->found);
        free(desk->parked);
        free(desk->requests);
        explicit_bzero(desk, sizeof *desk); /* PINs and codes were typed here */
        free(desk);
    }
}

enum cf_rc cf_desk_join(struct cf_desk *desk, const char *url, struct cf_error *err)
{
    if (!cf_join_url_is(url)) {
        return cf_fail(err, CF_E_ARGUMENT, "to join is https:// and at most %d characters", CF_DESK_JOIN_MAX);
    }
    snprintf(desk->join, sizeof desk->join, "%s", url);
    return CF_OK;
}

static void speak(struct cf_desk *desk, const char *language)
{
    snprintf(desk->language, sizeof desk->language, "%s", language);
    cf_language_use(desk->language);
}

void cf_desk_language(struct cf_desk *desk, const char *language)
{
    snprintf(desk->house, sizeof desk->house, "%s", language);
    speak(desk, language);
    desk->seen_user = false;
    desk_look_at_user(desk);
}

void desk_look_at_user(struct cf_desk *desk)
{
    struct cf_till_user user;
    char language[CF_DESK_LANGUAGE_CAP];
    if (desk->till == NULL) {
        return;
    }
    cf_till_user(desk->till, &user);
    uint32_t who = user.is ? user.user : 0;
    if (desk->seen_user && who == desk->seen) {
        return;
    }
    bool came = user.is || !user.users;
    bool left = desk->seen_user && desk->seen != 0;
    desk->seen_user = true;
    desk->seen = who;
    if (came && desk->ports.language_of != NULL && desk->ports.language_of(desk->ports.ctx, who, language)) {
        language[sizeof language - 1] = '\0';
    } else if (left) {
        memcpy(language, desk->house, sizeof language);
    } else { /* as it was chosen on the page for signing on */
        return;
    }
    if (strcmp(language, desk->language) != 0) {
        speak(desk, language);
    }
}

/* The next one that there is: theirs until they choose another. */
void desk_next_language(struct cf_desk *desk)
{
    struct cf_till_user user = {.users = true}; /* nobody is known yet */
    struct cf_error err;
    const char *next = cf_language_after(desk->language);
    if (desk->till != NULL) {
        cf_till_user(desk->till, &user);
    }
    if (strcmp(next, desk->language) == 0) {
        desk_say_no(desk, _("No other language is installed."), "");
        return;
    }
    speak(desk, next);
    desk_say_nothing(desk);
    bool known = user.is || !user.users;
    if (known && desk->ports.keep_language != NULL &&
        desk->ports.keep_language(desk->ports.ctx, user.is ? user.user : 0, next, &err) != CF_OK) {
        desk_say_refused(desk, &err); /* it is spoken until they leave */
    }
}

/* --- saying --------------------------------------------------------------------------------------------------------
 */

void desk_tone(struct cf_desk *desk, bool good)
{
    desk->tone = good ? CF_TONE_GOOD : CF_TONE_REFUSED;
    desk->n_tones++;
    if (desk->ports.tone != NULL) {
        desk->ports.tone(desk->ports.ctx, good);
    }
}

void desk_say_nothing(struct cf_desk *desk)
{
    desk->bar = (struct cf_page_bar){.kind = CF_BAR_PROMPT};
}

void desk_say(struct cf_desk *desk, const char *what, const char *why)
{
    desk->bar = (struct cf_page_bar){.kind = CF_BAR_NEWS};
    desk_put(desk->bar.what, sizeof desk->bar.what, "%s", what);
    desk_put(desk->bar.why, sizeof desk->bar.why, "%s", why);
}

void desk_say_no(struct cf_desk *desk, const char *what, const char *why)
{
    desk_say(desk, what, why);
    desk->bar.kind = CF_BAR_REFUSED;
    desk_tone(desk, false);
}

/* A detail without a form is English: whoever reads another language has what to do in the text itself. */
static const char *detail_of(const struct cf_error *err, char ret[CF_PAGE_TEXT_MAX])
{
    const char *known = cf_text_of_form(err->detail, ret, CF_PAGE_TEXT_MAX);
    return known != err->detail || cf_language_is_source() ? known : "";
}

void desk_say_refused(struct cf_desk *desk, const struct cf_error *err)
{
    char why[CF_PAGE_TEXT_MAX];
    desk_say_no(desk, _(cf_rc_text(err->rc)), detail_of(err, why));
}

void cf_desk_trouble(struct cf_desk *desk, const struct cf_error *err)
{
    char detail[CF_PAGE_TEXT_MAX], why[CF_PAGE_TEXT_MAX];
    if (desk->bar.kind != CF_BAR_NEWS) {
        desk_say_refused(desk, err);
        return;
    }
    const char *text = _(cf_rc_text(err->rc)), *known = detail_of(err, detail);
    if (strstr(desk->bar.why, text) == NULL) { /* not told yet */
        desk_put(why, sizeof why, "%s%s%s%s%s", desk->bar.why, desk->bar.why[0] != '\0' ? " · " : "", text,
                 known[0] != '\0' ? " " : "", known);
        memcpy(desk->bar.why, why, sizeof why);
    }
    desk_tone(desk, false);
}

/* --- moving ---------------------------------------------------------------------------------------------------------
 */

void desk_clear_entry(struct cf_desk *desk)
{
    explicit_bzero(desk->entry, sizeof desk->entry);
    desk->n_entry = 0;
    desk->entry_over = false;
}

void desk_leave(struct cf_desk *desk)
{
    desk->over = CF_PAGE_LINES;
    desk->choice = 0;
    desk->asks = DESK_ASKS_USER;
    desk_clear_entry(desk);
}

void desk_enter(struct cf_desk *desk, enum cf_page_id page)
{
    desk_leave(desk);
    desk->over = page;
    desk_say_nothing(desk);
}

void desk_remember(struct cf_desk *desk, enum cf_rc rc, enum cf_desk_do act, int64_t arg)
{
    desk->refused_act = rc == CF_E_PERMIT ? act : CF_DO_NOTHING;
    desk->refused_arg = arg;
    desk->refused_page = desk->over;
    snprintf(desk->refused_entry, sizeof desk->refused_entry, "%.*s", (int)sizeof desk->refused_entry - 1, desk->entry);
}

void desk_outcome(struct cf_desk *desk, enum cf_rc rc, const struct cf_error *err, enum cf_desk_do act, int64_t arg)
{
    if (rc == CF_OK) {
        desk->refused_act = CF_DO_NOTHING; /* something else was done since: by somebody else, in another sale */
        desk_leave(desk);
        desk_say_nothing(desk);
        return;
    }
    desk_remember(desk, rc, act, arg);
    desk_clear_entry(desk);
    desk_say_refused(desk, err);
}

/* On the page where it was refused, with what was typed there. */
void desk_do_again(struct cf_desk *desk)
{
    enum cf_desk_do act = desk->refused_act;
    desk->refused_act = CF_DO_NOTHING;
    desk->over = desk->refused_page;
    desk->n_entry = strlen(desk->refused_entry);
    memcpy(desk->entry, desk->refused_entry, desk->n_entry + 1);
    cf_desk_act(desk, act, desk->refused_arg);
}

/* --- which page ----------------------------------------------------------------------------------------------------
 */

enum cf_page_id desk_page_now(const struct cf_desk *desk)
{
    struct cf_till_user user;
    struct cf_till_view view;
    if (desk->till == NULL) {
        return CF_PAGE_FIRST;
    }
    cf_till_user(desk->till, &user);
    cf_till_view(desk->till, &view);
    if (user.users && !user.is) {
        return view.state == CF_CHECKOUT_IDLE ? CF_PAGE_SIGN_ON : CF_PAGE_LOCKED;
    }
    if (desk->over != CF_PAGE_LINES) {
        return desk->over;
    }
    if (desk->wait.is) {
        return CF_PAGE_WAIT;
    }
    switch (view.state) {
    case CF_CHECKOUT_IDLE:
        return desk->done ? CF_PAGE_DONE : CF_PAGE_IDLE;
    case CF_CHECKOUT_SELLING:
        return CF_PAGE_LINES;
    case CF_CHECKOUT_TENDERING:
        return CF_PAGE_TENDER;
    case CF_CHECKOUT_PAID: /* and not committed, for want of room on the disk, say */
    case CF_CHECKOUT_PAYING:
        return CF_PAGE_UNKNOWN;
    }
    return CF_PAGE_IDLE;
}

const struct desk_page *desk_page_of(enum cf_page_id id)
{
    static const struct desk_page *const pages[CF_PAGES] = {
        [CF_PAGE_SIGN_ON] = &desk_page_sign_on,
        [CF_PAGE_LOCKED] = &desk_page_sign_on,
        [CF_PAGE_IDLE] = &desk_page_idle,
        [CF_PAGE_LINES] = &desk_page_lines,
        [CF_PAGE_ASK] = &desk_page_ask,
        [CF_PAGE_QUANTITY] = &desk_page_quantity,
        [CF_PAGE_PRICE] = &desk_page_price,
        [CF_PAGE_COUPONS] = &desk_page_coupons,
        [CF_PAGE_CASH] = &desk_page_cash,
        [CF_PAGE_DONE] = &desk_page_done,
        [CF_PAGE_PARK] = &desk_page_park,
        [CF_PAGE_RECALL] = &desk_page_recall,
        [CF_PAGE_CANCEL] = &desk_page_cancel,
        [CF_PAGE_OVERRIDE] = &desk_page_override,
        [CF_PAGE_SEARCH] = &desk_page_search,
        [CF_PAGE_MEMBER] = &desk_page_member,
        [CF_PAGE_DISCOUNT] = &desk_page_discount,
        [CF_PAGE_TENDER] = &desk_page_tender,
        [CF_PAGE_SLIP] = &desk_page_slip,
        [CF_PAGE_MOBILE] = &desk_page_mobile,
        [CF_PAGE_GIFT] = &desk_page_gift,
        [CF_PAGE_WAIT] = &desk_page_wait,
        [CF_PAGE_UNKNOWN] = &desk_page_unknown,
        [CF_PAGE_DECIDE] = &desk_page_decide,
        [CF_PAGE_RETURN] = &desk_page_return,
        [CF_PAGE_RETURN_LINES] = &desk_page_return_lines,
        [CF_PAGE_RETURN_WHY] = &desk_page_return_why,
        [CF_PAGE_OPEN_RETURN] = &desk_page_open_return,
        [CF_PAGE_PICK_UP] = &desk_page_pick_up,
        [CF_PAGE_MANAGER] = &desk_page_manager,
        [CF_PAGE_DAY] = &desk_page_day,
        [CF_PAGE_CLOSE] = &desk_page_close,
        [CF_PAGE_CLOSING] = &desk_page_closing,
        [CF_PAGE_CLOSED] = &desk_page_closed,
        [CF_PAGE_COUNT] = &desk_page_count,
        [CF_PAGE_DRAWER] = &desk_page_drawer,
        [CF_PAGE_USERS] = &desk_page_users,
        [CF_PAGE_DEVICES] = &desk_page_devices,
        [CF_PAGE_SYNC] = &desk_page_sync,
        [CF_PAGE_COMMANDS] = &desk_page_commands,
        [CF_PAGE_TRANSFER] = &desk_page_transfer,
        [CF_PAGE_REQUESTS] = &desk_page_requests,
        [CF_PAGE_EXPORT] = &desk_page_export,
        [CF_PAGE_FIRST] = &desk_page_first,
        [CF_PAGE_WORK] = &desk_page_work,
    };
    return pages[id];
}

/* --- acts -----------------------------------------------------------------------------------------------------------
 */

/* Goods that are scanned by a scanner that is a keyboard, while money or a quantity is asked for. */
static bool is_goods_code(const char *entry, size_t n)
{
    cf_gtin gtin;
    return (n == 8 || n >= 12) && n <= 14 && strspn(entry, "0123456789") == n &&
           cf_gtin_parse((cf_bytes){(const uint8_t *)entry, n}, &gtin, NULL) == CF_OK;
}

static void enter_key(struct cf_desk *desk, enum cf_page_id id)
{
    const struct desk_page *page = desk_page_of(id);
    bool figure = id == CF_PAGE_QUANTITY || id == CF_PAGE_PRICE || id == CF_PAGE_CASH || id == CF_PAGE_TENDER;
    if (desk->entry_over) {
        desk_clear_entry(desk);
        desk_say_no(desk, _("That is too long to be a code."), _("Scan it again, once."));
        return;
    }
    if (desk->n_entry > CF_PAGE_ENTRY_MAX || (figure && is_goods_code(desk->entry, desk->n_entry))) {
        char text[DESK_ENTRY_MAX];
        size_t n = desk->n_entry;
        memcpy(text, desk->entry, n);
        desk_clear_entry(desk);
        cf_desk_scan(desk, (cf_bytes){(const uint8_t *)text, n});
        return;
    }
    if ((desk->n_entry > 0 || page->empty_too) && page->enter != NULL) {
        page->enter(desk);
    }
}

/* Esc: what was typed goes first, then what was said, then the page. */
static void back(struct cf_desk *desk)
{
    if (desk->n_entry > 0) {
        desk_clear_entry(desk);
    } else if (desk->bar.kind != CF_BAR_PROMPT) {
        desk_say_nothing(desk);
    } else {
        desk_leave(desk);
    }
}

static size_t choices_of(struct cf_desk *desk)
{
    struct cf_cashier_page page;
    cf_desk_cashier(desk, &page);
    return page.n_choices;
}

static void move(struct cf_desk *desk, int by)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    if (desk_page_of(desk_page_now(desk))->choice != NULL) {
        if (by < 0 ? desk->choice > 0 : desk->choice + 1 < choices_of(desk)) {
            desk->choice = by < 0 ? desk->choice - 1 : desk->choice + 1;
        }
        return;
    }
    const struct cf_cart_line *at = desk_line_at_hand(desk, &view);
    if (at == NULL) {
        return;
    }
    size_t n = cf_cart_count(view.cart);
    for (size_t i = at->line_no - 1; by < 0 ? i-- > 0 : ++i < n;) {
        if (!cf_cart_at(view.cart, i)->voided) {
            desk->line_no = cf_cart_at(view.cart, i)->line_no;
            return;
        }
    }
}

/* What an act does on every page. */
static void act_anywhere(struct cf_desk *desk, enum cf_desk_do act, int64_t arg, enum cf_page_id id)
{
    struct cf_error err;
    switch ((int)act) {
    case CF_DO_ENTER:
        enter_key(desk, id);
        return;
    case CF_DO_BACK:
        back(desk);
        return;
    case CF_DO_ERASE:
        if (desk->n_entry > 0) {
            desk->entry[--desk->n_entry] = '\0';
        }
        return;
    case CF_DO_NEXT:
    case CF_DO_PREVIOUS:
        move(desk, act == CF_DO_NEXT ? 1 : -1);
        return;
    case CF_DO_PICK:
        cf_desk_point(desk, (size_t)arg);
        return;
    case CF_DO_OVERRIDE:
        desk_enter(desk, CF_PAGE_OVERRIDE);
        return;
    case CF_DO_LOCK:
        desk->done = false;
        desk_outcome(desk, cf_till_lock(desk->till, &err), &err, act, arg);
        return;
    default:
        break;
    }
    (void)(desk_sale_act(desk, act, arg) || desk_pay_act(desk, act, arg) || desk_return_act(desk, act, arg) ||
           desk_park_act(desk, act, arg) || desk_day_act(desk, act, arg) || desk_state_act(desk, act, arg));
}

void cf_desk_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    enum cf_page_id id = desk_page_now(desk);
    bool closed = id == CF_PAGE_SIGN_ON || id == CF_PAGE_LOCKED;
    if (id == CF_PAGE_FIRST) {
        desk_first_act(desk, act);
        return;
    }
    desk->touched_ms = desk->now_ms;
    if (closed && act != CF_DO_ENTER && act != CF_DO_BACK && act != CF_DO_ERASE && act != CF_DO_LANGUAGE) {
        return;
    }
    const struct desk_page *page = desk_page_of(id);
    if (page->act == NULL || !page->act(desk, act, arg)) {
        act_anywhere(desk, act, arg, id);
    }
    desk_paper_look(desk);
    desk_look_at_user(desk);
}

void cf_desk_type(struct cf_desk *desk, char character)
{
    desk->touched_ms = desk->now_ms;
    if (character < ' ' || character > '~' || desk->till == NULL) {
        return;
    }
    if (desk->n_entry == DESK_ENTRY_MAX) {
        desk->entry_over = true;
        return;
    }
    desk->entry[desk->n_entry++] = character;
}

void cf_desk_point(struct cf_desk *desk, size_t row)
{
    struct cf_till_view view;
    if (desk->till == NULL) {
        return;
    }
    cf_till_view(desk->till, &view);
    if (desk_page_of(desk_page_now(desk))->choice != NULL) {
        desk->choice = row < choices_of(desk) ? row : desk->choice;
    } else if (row < cf_cart_count(view.cart) && !cf_cart_at(view.cart, row)->voided) {
        desk->line_no = cf_cart_at(view.cart, row)->line_no;
    }
}

/* --- scans ----------------------------------------------------------------------------------------------------------
 */

/* A barcode that does what a key does: "CF!cash", "CF!note 50". */
static bool scan_command(struct cf_desk *desk, cf_bytes text)
{
    static const char prefix[] = CF_DESK_COMMAND_PREFIX;
    cf_money amount = {.minor = 0};
    char word[CF_PAGE_ENTRY_MAX + 1];
    if (text.n > 3 && text.p[0] == ']') { /* as a scanner tells the symbology */
        text = (cf_bytes){text.p + 3, text.n - 3};
    }
    if (text.n <= sizeof prefix - 1 || text.n > sizeof word || memcmp(text.p, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    size_t n = text.n - (sizeof prefix - 1);
    memcpy(word, text.p + sizeof prefix - 1, n);
    word[n] = '\0';
    size_t n_name = strcspn(word, " ");
    enum cf_desk_do act = desk_act_named(word, n_name);
    if (act == CF_DO_NOTHING) {
        desk_say_no(desk, _("That is no command of this till."), word);
    } else if (word[n_name] == '\0') {
        cf_desk_act(desk, act, 0);
    } else if (cf_money_parse(word + n_name + 1, cf_till_store(desk->till)->currency, &amount, NULL) == CF_OK) {
        cf_desk_act(desk, act, amount.minor);
    }
    return true;
}

void cf_desk_scan(struct cf_desk *desk, cf_bytes text)
{
    enum cf_page_id id = desk_page_now(desk);
    const struct desk_page *page = desk_page_of(id);
    desk->touched_ms = desk->now_ms;
    if (id == CF_PAGE_FIRST || scan_command(desk, text)) {
        return;
    }
    if (page->scan != NULL) {
        page->scan(desk, text);
    } else {
        desk_clear_entry(desk);
        desk_scan_any(desk, text);
    }
    desk_paper_look(desk);
}

/* --- the keyboard ---------------------------------------------------------------------------------------------------
 */

bool cf_desk_press(struct cf_desk *desk, const char *key)
{
    static const struct {
        const char *key;
        enum cf_desk_do act;
    } fixed[] = {
        {"Enter", CF_DO_ENTER}, {"Esc", CF_DO_BACK},    {"Backspace", CF_DO_ERASE},
        {"Down", CF_DO_NEXT},   {"Up", CF_DO_PREVIOUS},
    };
    struct cf_cashier_page page;
    cf_desk_cashier(desk, &page);
    for (size_t i = 0; i < page.n_keys; i++) {
        if (page.keys[i].enabled && strcmp(page.keys[i].hint, key) == 0) {
            cf_desk_act(desk, page.keys[i].act, page.keys[i].arg);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        if (strcmp(fixed[i].key, key) == 0) {
            cf_desk_act(desk, fixed[i].act, 0);
            return true;
        }
    }
    return false;
}

/* --- time -----------------------------------------------------------------------------------------------------------
 */

bool cf_desk_tick(struct cf_desk *desk, int64_t now_ms)
{
    struct cf_till_view view;
    struct cf_error err;
    enum cf_page_id before = desk_page_now(desk);
    desk->now_ms = now_ms;
    if (before == CF_PAGE_FIRST) {
        return desk_first_tick(desk);
    }
    desk_look_at_user(desk); /* a login ends by itself too */
    bool changed = desk_wait_look(desk);
    changed = desk_card_day_look(desk) || changed;
    changed = desk_member_look(desk) || changed;
    changed = desk_weigh_look(desk) || changed;
    changed = desk_work_look(desk) || changed;
    changed = desk_export_look(desk) || changed;
    changed = desk_look_at_sending(desk) || changed;
    if (now_ms >= desk->look_ms) {
        desk->look_ms = now_ms + LOOK_MS;
        changed = desk_look_at_link(desk) || changed;
    }
    cf_till_view(desk->till, &view);
    if (view.state == CF_CHECKOUT_IDLE) {
        desk->slip.over[0] = '\0';
        desk->slip.asked_minor = 0;
    }
    if (view.state == CF_CHECKOUT_IDLE && now_ms >= desk->rest_ms) {
        desk->rest_ms = now_ms + REST_MS;
        if (cf_till_rest(desk->till, &err) != CF_OK && desk->bar.kind == CF_BAR_PROMPT) {
            desk_say_refused(desk, &err);
            changed = true;
        }
    }
    if (view.state != CF_CHECKOUT_IDLE || desk->resumed) { /* thanks come after what is given back for an exchange */
        desk->touched_ms = now_ms;
        desk->resumed = false;
    }
    if (desk->done && now_ms - desk->touched_ms >= (desk->asked_seq != 0 ? ASKED_MS : THANKS_MS)) {
        desk->done = false;
        desk->has_relay = false;
        desk_paper_look(desk);
    }
    return changed || desk_page_now(desk) != before;
}
