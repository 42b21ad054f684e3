/*
 * app/desk/desk_first.c - a till that has not been set up: the one page that there is before the first sync has brought
 * the store's settings, its goods and its prices.
 */
#include "app/desk/desk_private.h"

#include <string.h>

/* What large parts there are, in words of a shop. */
static const char *part_name(enum cf_topic topic)
{
    return topic == CF_TOPIC_PRICES     ? _("Goods and prices")
           : topic == CF_TOPIC_REDEEMED ? _("Coupons that are used up")
                                        : _("What the centre sent");
}

int desk_coming(const struct cf_replica_coming *coming, struct cf_cashier_page *page)
{
    char text[CF_PAGE_AMOUNT_MAX];
    if (!coming->is) {
        return -1;
    }
    desk_put(text, sizeof text, _("%lu of %lu parts"), (unsigned long)coming->chunks, (unsigned long)coming->all);
    desk_field(page->fields, &page->n_fields, part_name(coming->topic), text, false);
    uint64_t percent = coming->all > 0 ? (uint64_t)coming->chunks * 100 / coming->all : 100;
    return percent < 100 ? (int)percent : 100;
}

void cf_desk_first(struct cf_desk *desk, const struct cf_first_sync *first)
{
    desk->first = *first;
}

static const char *prompt_first(const struct cf_desk *desk)
{
    return desk->first.coming.is && desk->first.coming.chunks == desk->first.coming.all
               ? _("This till is being set up: all has come and is being stored")
           : desk->first.last_contact.us != 0
               ? _("This till is being set up: goods and prices are coming")
               : _("This till waits for the centre: goods and prices come with the first sync");
}

static void fill_first(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    const struct cf_first_sync *first = &desk->first;
    page->progress_percent = desk_coming(&first->coming, page);
    if (page->progress_percent >= 0) {
        char text[CF_PAGE_AMOUNT_MAX];
        desk_put(text, sizeof text, "%d %%", page->progress_percent);
        desk_field(page->fields, &page->n_fields, _("Done"), text, true);
    } else {
        desk_field(page->fields, &page->n_fields, _("Goods and prices"),
                   first->last_contact.us != 0 ? _("on their way") : _("none yet"), false);
    }
    desk_key(desk, page, CF_DO_SEND, _("Sync now"), CF_KEY_CONFIRM, desk->ports.send != NULL && !desk->sending);
    desk_key(desk, page, CF_DO_LANGUAGE, _("中文 / English"), CF_KEY_PLAIN, true);
}

const struct desk_page desk_page_first = {.prompt = prompt_first, .fill = fill_first};

/* --- instead of what a desk with a till does -----------------------------------------------------------------------
 */

void desk_first_act(struct cf_desk *desk, enum cf_desk_do act)
{
    struct cf_error err;
    if (act == CF_DO_LANGUAGE) {
        desk_next_language(desk);
    } else if (act == CF_DO_BACK) {
        desk_say_nothing(desk);
    } else if (act == CF_DO_SEND && desk->ports.send != NULL && !desk->sending) {
        desk->sending = desk->ports.send(desk->ports.ctx, &err) == CF_OK;
        if (desk->sending) {
            desk_say_nothing(desk);
        } else {
            desk_say_refused(desk, &err);
        }
    }
}

/* A sync that ended well ends this page: whoever is still here has to be told that it did not. */
bool desk_first_tick(struct cf_desk *desk)
{
    if (desk->sending && desk->ports.sending != NULL && !desk->ports.sending(desk->ports.ctx)) {
        desk->sending = false;
        if (!desk->first.whole) {
            desk_say_no(desk, _("The centre was not heard to the end."), _("Look at the network, and try again"));
        }
    }
    return true;
}

void desk_first_cashier(struct cf_desk *desk, struct cf_cashier_page *ret)
{
    ret->id = CF_PAGE_FIRST;
    desk_put(ret->place, sizeof ret->place, "%s", desk->place);
    ret->online = desk->first.coming.is || desk->sending;
    ret->bar = desk->bar;
    ret->tone = desk->tone;
    ret->n_tones = desk->n_tones;
    if (ret->bar.kind == CF_BAR_PROMPT) {
        desk_put(ret->bar.what, sizeof ret->bar.what, "%s", prompt_first(desk));
    }
    fill_first(desk, NULL, ret);
}

void desk_first_shopper(struct cf_shopper_page *ret)
{
    ret->look = CF_SHOPPER_CLOSED;
    desk_put(ret->title, sizeof ret->title, "%s", _("This lane is closed"));
}
