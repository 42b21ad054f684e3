/*
 * app/desk/desk_member.c - the member of the sale: the page about her, and who she is as the centre tells it.
 *
 * A till knows a pseudonym and a tier. With a link the centre is asked beside everything else for a masked name, points
 * and usable coupons; that is for the eyes alone, and is wiped when the sale has that member no more.
 */
#include "app/desk/desk_private.h"

#include <string.h>

#define AGAIN_MS 10000 /* until a centre that did not answer is asked again */

/* --- asking ---------------------------------------------------------------------------------------------------------
 */

static bool forget(struct cf_desk *desk)
{
    bool was = desk->member.asked;
    if (was) {
        desk->ports.members.forget(desk->ports.ctx);
        explicit_bzero(&desk->member, sizeof desk->member);
    }
    return was;
}

static void ask(struct cf_desk *desk, cf_sub sub)
{
    desk->member = (struct desk_member){.asked = true, .sub = sub};
    desk->ports.members.ask(desk->ports.ctx, sub);
}

/* The name stands where the number stood, in what was said of her too. */
static bool heard(struct cf_desk *desk, const struct cf_till_view *view)
{
    char number[CF_PAGE_ENTRY_MAX], name[CF_PAGE_ENTRY_MAX];
    desk_member(desk, view, number);
    desk->member.told = true;
    desk_member(desk, view, name);
    if (desk->bar.kind == CF_BAR_NEWS && strcmp(desk->bar.what, number) == 0) {
        desk_put(desk->bar.what, sizeof desk->bar.what, "%s", name);
    }
    return true;
}

bool desk_member_look(struct cf_desk *desk)
{
    struct desk_member *member = &desk->member;
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    if (desk->ports.members.ask == NULL || cf_till_is_training(desk->till)) {
        return false;
    }
    if (!view.has_member) {
        return forget(desk);
    }
    if (!member->asked || !cf_sub_equal(member->sub, view.member)) {
        bool was = forget(desk);
        ask(desk, view.member);
        return was;
    }
    if (member->told) {
        return false;
    }
    if (member->again_ms > 0) {
        if (desk->now_ms >= member->again_ms) {
            ask(desk, view.member);
        }
        return false;
    }
    switch (desk->ports.members.look(desk->ports.ctx, &member->seen)) {
    case CF_DESK_HEARD:
        return heard(desk, &view);
    case CF_DESK_HEARD_FAILED:
        member->again_ms = desk->now_ms + AGAIN_MS;
        return false;
    case CF_DESK_HEARD_NOBODY: /* forgotten meanwhile: she has no name, and nobody is asked again */
    case CF_DESK_HEARD_NOTHING:
        return false;
    }
    return false;
}

static const struct cf_desk_member *seen_of(const struct cf_desk *desk, const struct cf_till_view *view)
{
    bool is = desk->member.told && view->has_member && cf_sub_equal(desk->member.sub, view->member);
    return is && desk->member.seen.shown[0] != '\0' ? &desk->member.seen : NULL;
}

/* --- in words -------------------------------------------------------------------------------------------------------
 */

void desk_member(const struct cf_desk *desk, const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX])
{
    const struct cf_desk_member *seen = seen_of(desk, view);
    if (!view->has_member) {
        ret[0] = '\0';
    } else if (seen != NULL && view->member_live) {
        desk_put(ret, CF_PAGE_ENTRY_MAX, _("%s, tier %u"), seen->shown, view->tier);
    } else if (seen != NULL) {
        desk_put(ret, CF_PAGE_ENTRY_MAX, _("%s, card: earns only"), seen->shown);
    } else if (view->member_live) {
        desk_put(ret, CF_PAGE_ENTRY_MAX, _("Member %02x%02x…, tier %u"), view->member.b[0], view->member.b[1],
                 view->tier);
    } else {
        desk_put(ret, CF_PAGE_ENTRY_MAX, _("Card %02x%02x…, earns only"), view->member.b[0], view->member.b[1]);
    }
}

void desk_member_shopper(const struct cf_desk *desk, const struct cf_till_view *view, char ret[CF_PAGE_ENTRY_MAX])
{
    const struct cf_desk_member *seen = seen_of(desk, view);
    char points[CF_PAGE_AMOUNT_MAX];
    if (seen == NULL || seen->points < 0) { /* a return took back more than she had: between her and the brand */
        desk_member(desk, view, ret);
        return;
    }
    desk_put(points, sizeof points, cf_text_of_n("%lu point", "%lu points", (unsigned long)seen->points),
             (unsigned long)seen->points);
    desk_put(ret, CF_PAGE_ENTRY_MAX, "%s · %s", seen->shown, points);
}

/* --- the page -------------------------------------------------------------------------------------------------------
 */

static const char *prompt(const struct cf_desk *desk)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    return view.has_member ? _("Scan another code to change the member") : _("Scan the member's code or card");
}

static void fill_seen(const struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    const struct cf_desk_member *seen = seen_of(desk, view);
    char text[CF_PAGE_AMOUNT_MAX];
    if (seen == NULL) {
        bool waits = desk->member.asked && desk->member.again_ms == 0 && !desk->member.told;
        desk_field(page->fields, &page->n_fields, _("Name and points"),
                   !desk->online ? _("not offline")
                   : waits       ? _("being asked")
                                 : _("not known"),
                   false);
        return;
    }
    desk_put(text, sizeof text, "%lld", (long long)seen->points);
    desk_field(page->fields, &page->n_fields, _("Points"), text, false);
    desk_put(text, sizeof text, "%lu", seen->n_usable);
    desk_field(page->fields, &page->n_fields, _("Usable coupons"), text, false);
    page->n_choices = seen->n_coupons;
}

static void fill(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    char text[CF_PAGE_ENTRY_MAX];
    if (view->has_member) {
        desk_member(desk, view, text);
        desk_field(page->fields, &page->n_fields, _("Member"), text, true);
        desk_put(text, sizeof text, "%u", view->tier);
        desk_field(page->fields, &page->n_fields, _("Tier"), text, false);
        fill_seen(desk, view, page);
        desk_put(text, sizeof text, "%lld", (long long)view->points);
        desk_field(page->fields, &page->n_fields, _("Points to be earned"), text, false);
        desk_put(text, sizeof text, "%zu", view->n_coupons);
        desk_field(page->fields, &page->n_fields, _("Coupons on this sale"), text, false);
        desk_field(page->fields, &page->n_fields, _("Points as money"),
                   !view->member_live ? _("no: a printed card")
                   : desk->online     ? _("yes")
                                      : _("not offline"),
                   false);
    }
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, desk->n_entry > 0);
    desk_back_key(desk, page);
}

/* Coupons that she can use: a code of each is on her phone. */
static void choose(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    const struct cf_desk_member *seen = &desk->member.seen;
    if (!desk->member.told || row >= seen->n_coupons) {
        return;
    }
    desk_put(ret->title, sizeof ret->title, "%s", seen->coupons[row].name);
    desk_put(ret->value, sizeof ret->value, "%lu", seen->coupons[row].n);
    ret->good = true;
}

const struct desk_page desk_page_member = {
    .prompt = prompt, .asks = desk_asks_code, .fill = fill, .enter = desk_enter_code, .choice = choose};
