/*
 * app/desk/desk_park.c - a sale put aside, and taken up again from a list; or made a quotation, and sold by its number.
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
    return _("A name to find it again, or just Enter. A quotation: how many days. An order: for whom");
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
    desk_key(desk, page, CF_DO_QUOTE, _("Quotation"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_SPECIAL, _("Special order"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_TRANSFER, _("From another store"), CF_KEY_PLAIN, true);
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

/* "", "14": how many days it is good. */
static enum cf_rc parse_days(const struct cf_desk *desk, uint32_t *ret, struct cf_error *err)
{
    int64_t milli = 0;
    enum cf_rc rc = desk->n_entry == 0 ? CF_OK : desk_parse_milli(desk->entry, &milli, err);
    if (rc == CF_OK && (milli % 1000 != 0 || milli < 0 || milli > CF_QUOTE_DAYS_MAX * 1000)) {
        rc = cf_fail(err, CF_E_RANGE, "at most %d days", CF_QUOTE_DAYS_MAX);
    }
    *ret = rc == CF_OK ? (uint32_t)(milli / 1000) : 0;
    return rc;
}

static void quote(struct cf_desk *desk)
{
    struct cf_till_quoted quoted;
    struct cf_error err;
    char what[CF_PAGE_TEXT_MAX], why[CF_PAGE_TEXT_MAX], until[CF_PAGE_AMOUNT_MAX], total[CF_PAGE_AMOUNT_MAX];
    uint32_t days = 0;
    enum cf_rc rc = parse_days(desk, &days, &err);
    if (rc == CF_OK) {
        rc = cf_till_quote(desk->till, days, &quoted, &err);
    }
    desk_outcome(desk, rc, &err, CF_DO_QUOTE, 0);
    if (rc != CF_OK) {
        return;
    }
    desk->line_no = 0;
    desk_tone(desk, true);
    desk_time(desk, cf_wall_from_s(quoted.expires_s), until, sizeof until);
    desk_put(what, sizeof what, _("Quotation %s: %s"), quoted.code, desk_money(desk, quoted.total_minor, total));
    desk_put(why, sizeof why,
             quoted.n_coupons > 0 ? _("Good until %s. Its coupons were taken off") : _("Good until %s"), until);
    desk_say(desk, what, why);
    desk_print(desk, quoted.at.seq, false);
}

static bool act_park(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_QUOTE) {
        quote(desk);
    }
    return act == CF_DO_QUOTE || desk_request_ask(desk, act);
}

const struct desk_page desk_page_park = {.prompt = prompt_park,
                                         .asks = asks_name,
                                         .fill = fill_park,
                                         .enter = enter_park,
                                         .empty_too = true,
                                         .act = act_park};

/* --- taking it up again ---------------------------------------------------------------------------------------------
 */

static const char *prompt_recall(const struct cf_desk *desk)
{
    return desk->n_parked == 0 ? _("Nothing is parked. A quotation: scan its code, or type its number")
                               : _("Choose the sale, and Enter; or type its name, or a quotation's number");
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

/* As a slip or a code names it; a number alone is what a parked sale may be called. */
static bool is_quotation(const char *name)
{
    struct cf_sale_ref of;
    struct cf_quote_tag tag;
    bool has_tag = false;
    return cf_quote_code_parse(name, &of, &has_tag, &tag);
}

static void tell_unquoted(struct cf_desk *desk, const struct cf_till_unquoted *unquoted)
{
    char what[CF_PAGE_TEXT_MAX], total[CF_PAGE_AMOUNT_MAX];
    desk_put(what, sizeof what, _("Quoted: %s"), desk_money(desk, unquoted->total_minor, total));
    desk_say(desk, what, unquoted->n_cheaper_now > 0 ? _("Some of its goods cost less today") : "");
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
    struct cf_till_unquoted unquoted = {.n_lines = 0};
    if (rc == CF_E_PARKED_NONE && is_quotation(name)) {
        const struct cf_till_unquote what = {.name = name};
        rc = cf_till_unquote(desk->till, &what, &unquoted, &err);
    }
    desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    desk_count_held(desk);
    if (rc == CF_OK && unquoted.n_lines > 0) {
        tell_unquoted(desk, &unquoted);
    }
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
