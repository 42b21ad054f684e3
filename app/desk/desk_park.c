/*
 * app/desk/desk_park.c - a sale put aside, and taken up again from a list.
 */
#include "app/desk/desk_private.h"

#include <stdlib.h>
#include <string.h>

void desk_count_held(struct cf_desk *desk)
{
    size_t n = 0;
    bool hub = false;
    if (desk->parked == NULL) {
        desk->parked = calloc(CF_TILL_PARKED_MAX, sizeof *desk->parked);
    }
    desk->n_parked = desk->n_held = 0;
    if (desk->parked == NULL || cf_till_parked(desk->till, desk->parked, &n, &hub, NULL) != CF_OK) {
        return;
    }
    desk->n_parked = n;
    desk->hub_heard = hub;
    for (size_t i = 0; i < n; i++) {
        desk->n_held += desk->parked[i].where == CF_TILL_PARKED_HERE;
    }
}

/* --- putting it aside -----------------------------------------------------------------------------------------------
 */

static const char *prompt_park(const struct cf_desk *desk)
{
    (void)desk;
    return _("A name to find this sale again, or just Enter");
}

static const char *asks_name(const struct cf_desk *desk)
{
    (void)desk;
    return _("Name");
}

static void fill_park(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    desk_key(desk, page, CF_DO_ENTER, _("Park"), CF_KEY_CONFIRM, true);
    desk_back_key(desk, page);
}

/* Without a name it gets the first number that is free. */
static void name_it(const struct cf_desk *desk, char name[CF_PAGE_ENTRY_MAX + 1])
{
    for (unsigned no = 1; no <= CF_TILL_PARKED_MAX + 1; no++) {
        bool taken = false;
        desk_put(name, CF_PAGE_ENTRY_MAX + 1, "%u", no);
        for (size_t i = 0; i < desk->n_parked; i++) {
            taken = taken || strcmp(desk->parked[i].label, name) == 0;
        }
        if (!taken) {
            return;
        }
    }
}

static void enter_park(struct cf_desk *desk)
{
    struct cf_till_handed handed = {.where = CF_TILL_PARKED_HERE};
    struct cf_error err;
    char name[CF_PAGE_ENTRY_MAX + 1], what[CF_PAGE_TEXT_MAX];
    desk_put(name, sizeof name, "%s", desk->entry);
    if (name[0] == '\0') {
        desk_count_held(desk);
        name_it(desk, name);
    }
    enum cf_rc rc = cf_till_park_at_hub(desk->till, name, &handed, &err);
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    if (rc != CF_OK) {
        return;
    }
    desk->line_no = 0;
    desk_count_held(desk);
    desk_put(what, sizeof what, _("Parked as \"%s\""), name);
    desk_say(desk, what,
             handed.n_coupons > 0 ? _("Its coupons were taken off: scan them again when it is recalled")
             : handed.where == CF_TILL_PARKED_AT_HUB ? _("Any till of the store can recall it")
             : handed.where == CF_TILL_PARKED_IN_DOUBT
                 ? _("Whether other tills can recall it is known once the store's hub answers")
                 : _("It can be recalled at this till"));
}

const struct desk_page desk_page_park = {
    .prompt = prompt_park, .asks = asks_name, .fill = fill_park, .enter = enter_park, .empty_too = true};

/* --- taking it up again ---------------------------------------------------------------------------------------------
 */

static const char *prompt_recall(const struct cf_desk *desk)
{
    return desk->n_parked == 0 ? _("Nothing is parked") : _("Choose the sale, and Enter; or type its name");
}

static void choice(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    char total[CF_PAGE_AMOUNT_MAX], at[CF_PAGE_AMOUNT_MAX];
    if (row >= desk->n_parked) {
        return;
    }
    const struct cf_till_parked *parked = &desk->parked[row];
    desk_time(desk, parked->at, at, sizeof at);
    desk_put(ret->title, sizeof ret->title, "%s · %s", parked->label, parked->first_line);
    desk_put(ret->detail, sizeof ret->detail,
             cf_text_of_n("%lu line, %s, %s, %s", "%lu lines, %s, %s, %s", parked->n_lines),
             (unsigned long)parked->n_lines, at, parked->user,
             parked->where == CF_TILL_PARKED_HERE     ? _("at this till")
             : parked->where == CF_TILL_PARKED_AT_HUB ? _("at the store's hub")
                                                      : _("perhaps at the store's hub"));
    desk_put(ret->value, sizeof ret->value, "%s", desk_money(desk, parked->total_minor, total));
    ret->good = true;
}

static void fill_recall(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    (void)view;
    page->n_choices = desk->n_parked;
    desk_key(desk, page, CF_DO_ENTER, _("Recall"), CF_KEY_CONFIRM, desk->n_parked > 0 || desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void enter_recall(struct cf_desk *desk)
{
    struct cf_error err;
    char name[CF_JOURNAL_LABEL_MAX + 1];
    if (desk->n_entry == 0 && desk->choice >= desk->n_parked) {
        return;
    }
    desk_put(name, sizeof name, "%s", desk->n_entry > 0 ? desk->entry : desk->parked[desk->choice].label);
    enum cf_rc rc = cf_till_recall(desk->till, name, &err);
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    desk_count_held(desk);
    if (rc == CF_OK) {
        desk->done = false;
        desk->line_no = 0;
    }
}

const struct desk_page desk_page_recall = {.prompt = prompt_recall,
                                           .asks = asks_name,
                                           .fill = fill_recall,
                                           .enter = enter_recall,
                                           .empty_too = true,
                                           .choice = choice};

/* --- acts -----------------------------------------------------------------------------------------------------------
 */

bool desk_park_act(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_PARK) {
        desk_enter(desk, CF_PAGE_PARK);
        return true;
    }
    if (act == CF_DO_RECALL) {
        desk_enter(desk, CF_PAGE_RECALL);
        desk_count_held(desk);
        return true;
    }
    return false;
}
