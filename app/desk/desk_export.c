/*
 * app/desk/desk_export.c - a day as files, from the manager's pages: which day, in which form, and how far it is.
 *
 * Somebody else writes the files, beside the till (ports.export_day): sales go on meanwhile.
 */
#include "app/desk/desk_private.h"

#include <string.h>

static const char *prompt_export(const struct cf_desk *desk)
{
    return desk->exporting ? _("The day is being exported. Sales may go on") : _("Which day, and in which form?");
}

/* The open day first, then the closed ones from the newest on. */
static void choose_day(const struct cf_desk *desk, size_t row, struct cf_page_choice *ret)
{
    char text[CF_PAGE_ENTRY_MAX], day[CF_PAGE_AMOUNT_MAX];
    if (row == 0) {
        desk_put(ret->title, sizeof ret->title, "%s", _("The open day"));
        desk_put(ret->detail, sizeof ret->detail, "%s", _("As far as it has come; not as an audit file"));
        ret->good = true;
        return;
    }
    if (row > desk->n_closed) {
        return;
    }
    const struct cf_till_closed *closed = &desk->closed[row - 1];
    desk_date(closed->business_day, day);
    desk_put(text, sizeof text, _("Z report %lu"), (unsigned long)closed->z_no);
    desk_put(ret->title, sizeof ret->title, "%s · %s", day, text);
    desk_put(ret->detail, sizeof ret->detail, cf_text_of_n("%lu sale", "%lu sales", (unsigned long)closed->n_sales),
             (unsigned long)closed->n_sales);
    desk_money(desk, closed->total_minor, ret->value);
    ret->good = true;
}

static void fill_export(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool may = desk->ports.export_day != NULL && !desk->exporting;
    (void)view;
    page->n_choices = 1 + desk->n_closed;
    page->progress_percent = !desk->exporting ? -1
                             : desk->export_state.all == 0
                                 ? 0
                                 : (int)(desk->export_state.done * 100 / desk->export_state.all);
    desk_key(desk, page, CF_DO_EXPORT_CSV, _("Tables (CSV)"), CF_KEY_CONFIRM, may);
    desk_key(desk, page, CF_DO_EXPORT_JSON, _("JSON"), CF_KEY_PLAIN, may);
    desk_key(desk, page, CF_DO_EXPORT_AUDIT, _("Audit file"), CF_KEY_PLAIN, may && desk->choice > 0);
    desk_back_key(desk, page);
}

static void begin(struct cf_desk *desk, enum cf_desk_form form)
{
    struct cf_error err;
    uint32_t z_no = desk->choice > 0 && desk->choice <= desk->n_closed ? desk->closed[desk->choice - 1].z_no : 0;
    if (desk->ports.export_day == NULL || desk->exporting || (z_no == 0 && form == CF_FORM_AUDIT)) {
        return;
    }
    enum cf_rc rc = desk->ports.export_day(desk->ports.ctx, form, z_no, &err);
    if (rc == CF_OK) {
        desk->exporting = true;
        desk->export_state = (struct cf_desk_exporting){.all = 0};
        desk_say_nothing(desk);
    } else if (rc == CF_E_EXISTS) {
        desk_say_no(desk, _("That day was exported in this form already."), err.detail);
    } else if (rc == CF_E_NOT_FOUND) {
        desk_say_no(desk, _("The place for exports is not there."), _("Put the stick in, and try again"));
    } else {
        desk_say_refused(desk, &err);
    }
}

static bool act_export(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    switch ((int)act) {
    case CF_DO_EXPORT_CSV:
        begin(desk, CF_FORM_CSV);
        return true;
    case CF_DO_EXPORT_JSON:
        begin(desk, CF_FORM_JSON);
        return true;
    case CF_DO_EXPORT_AUDIT:
        begin(desk, CF_FORM_AUDIT);
        return true;
    default:
        return false;
    }
}

const struct desk_page desk_page_export = {
    .prompt = prompt_export, .fill = fill_export, .choice = choose_day, .act = act_export};

void desk_export_open(struct cf_desk *desk)
{
    struct cf_error err;
    size_t n = 0;
    enum cf_rc rc = cf_till_closed_days(desk->till, desk->closed, DESK_CLOSED_MAX, &n, &err);
    desk->n_closed = rc == CF_OK ? n : 0;
    desk_enter(desk, CF_PAGE_EXPORT);
    if (rc != CF_OK) {
        desk_say_refused(desk, &err);
    }
}

/* It ends on whatever page the till has come to: whoever waits for it is told there. */
bool desk_export_look(struct cf_desk *desk)
{
    char why[CF_PAGE_TEXT_MAX];
    if (!desk->exporting) {
        return false;
    }
    uint64_t before = desk->export_state.done;
    if (desk->ports.exporting(desk->ports.ctx, &desk->export_state)) {
        return desk->over == CF_PAGE_EXPORT && desk->export_state.done != before;
    }
    desk->exporting = false;
    if (desk->export_state.rc != CF_OK) {
        desk_say_no(desk, _("The export failed. Nothing of it is left."), _(cf_rc_text(desk->export_state.rc)));
        return true;
    }
    desk_tone(desk, true);
    desk_put(why, sizeof why, "%s", desk->export_state.name);
    desk_say(desk, _("The day is exported, and written to the end"), why);
    return true;
}
