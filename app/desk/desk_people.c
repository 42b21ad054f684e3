/*
 * app/desk/desk_people.c - signing on, unlocking, and somebody else who allows what was refused.
 */
#include "app/desk/desk_private.h"

#include <string.h>

static const char *prompt_sign_on(const struct cf_desk *desk)
{
    return desk->asks == DESK_ASKS_USER ? _("Type your number, or scan your badge") : _("Type your PIN");
}

static const char *prompt_override(const struct cf_desk *desk)
{
    return desk->asks == DESK_ASKS_USER  ? _("Who allows it? Number or badge")
           : desk->asks == DESK_ASKS_PIN ? _("Their PIN")
                                         : _("Why? It stays on record");
}

static const char *asks(const struct cf_desk *desk)
{
    return desk->asks == DESK_ASKS_USER ? _("Number") : desk->asks == DESK_ASKS_PIN ? _("PIN") : _("Reason");
}

/* User, PIN, and for an override a reason, one after the other. */
static void answer_who(struct cf_desk *desk, bool override)
{
    struct cf_error err;
    switch (desk->asks) {
    case DESK_ASKS_USER:
        memcpy(desk->user, desk->entry, sizeof desk->user);
        desk_clear_entry(desk);
        desk->asks = DESK_ASKS_PIN;
        desk_say_nothing(desk);
        return;
    case DESK_ASKS_PIN:
        memcpy(desk->pin, desk->entry, sizeof desk->pin);
        if (override) {
            desk_clear_entry(desk);
            desk->asks = DESK_ASKS_REASON;
            return;
        }
        break;
    case DESK_ASKS_REASON:
        break;
    }
    enum cf_rc rc = override ? cf_till_override(desk->till, desk->user, desk->pin, desk->entry, &err)
                             : cf_till_login(desk->till, desk->user, desk->pin, &err);
    explicit_bzero(desk->pin, sizeof desk->pin);
    desk->asks = DESK_ASKS_USER;
    desk_clear_entry(desk);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
        return;
    }
    if (override) {
        desk_say_nothing(desk);
        desk_do_again(desk);
    } else {
        desk->refused_act = CF_DO_NOTHING; /* a till that idles logs out by itself */
        desk_leave(desk);
        desk_say_nothing(desk);
    }
}

static void enter_sign_on(struct cf_desk *desk)
{
    answer_who(desk, false);
}

static void enter_override(struct cf_desk *desk)
{
    answer_who(desk, true);
}

/* A badge says who; the PIN is still to be typed. */
static void scan(struct cf_desk *desk, cf_bytes text)
{
    if (desk->asks == DESK_ASKS_USER && text.n > 0 && text.n <= CF_PAGE_ENTRY_MAX) {
        desk_clear_entry(desk);
        memcpy(desk->entry, text.p, text.n);
        desk->n_entry = text.n;
        answer_who(desk, desk->over == CF_PAGE_OVERRIDE);
    }
}

/* Who signs on, where, and on which day of the store: a mistyped number is seen before its PIN is typed. */
static void fill_who(struct cf_desk *desk, struct cf_cashier_page *page)
{
    char name[CF_CASHIER_MAX + 1], day[CF_WALL_TEXT_MAX];
    cf_wall now = cf_till_clock(desk->till).best;
    if (desk->asks == DESK_ASKS_PIN) {
        bool known = cf_till_user_name(desk->till, desk->user, name, NULL) == CF_OK;
        desk_field(page->fields, &page->n_fields, _("Name"), known ? name : _("not known"), true);
    }
    desk_field(page->fields, &page->n_fields, _("Lane"), desk->place, false);
    cf_wall_format(now, cf_store_offset_min(cf_till_store(desk->till), now), day);
    day[strlen("2026-11-23")] = '\0';
    desk_field(page->fields, &page->n_fields, _("Shift"), day, false);
}

static void fill_sign_on(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    fill_who(desk, page);
    desk_key(desk, page, CF_DO_LANGUAGE, _("中文 / English"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
}

static void fill_override(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->modal = true;
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

const struct desk_page desk_page_sign_on = {
    .prompt = prompt_sign_on, .asks = asks, .fill = fill_sign_on, .enter = enter_sign_on, .scan = scan};
const struct desk_page desk_page_override = {
    .prompt = prompt_override, .asks = asks, .fill = fill_override, .enter = enter_override, .scan = scan};
