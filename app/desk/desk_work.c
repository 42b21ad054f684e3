/*
 * app/desk/desk_work.c - work that takes long is done in steps, one a tick, so that both screens go on: a page says
 * what is being done and how far it is. Then the act that needed it is done.
 *
 * What takes long is to read the receipts of a long day, which every report of it needs. The close itself always has
 * its page, so that it is seen on both screens before it happens.
 */
#include "app/desk/desk_private.h"

#define RECORDS_A_STEP 512 /* a few milliseconds of reading */

bool desk_read_first(struct cf_desk *desk, enum cf_desk_do then, int64_t arg, bool always)
{
    struct cf_till_reading reading;
    if (desk->work.ready) {
        return true;
    }
    if (cf_till_read_day(desk->till, RECORDS_A_STEP, &reading, NULL) != CF_OK) {
        return true; /* the act meets the same, and tells it */
    }
    if (reading.read == reading.all && !always) {
        return true;
    }
    enum cf_page_id from = desk->over;
    desk_enter(desk, CF_PAGE_WORK);
    desk->work = (struct desk_work){.then = then, .arg = arg, .from = from, .reading = reading};
    return false;
}

bool cf_desk_is_busy(const struct cf_desk *desk)
{
    return desk_page_now(desk) == CF_PAGE_WORK;
}

static void do_it(struct cf_desk *desk)
{
    desk->over = desk->work.from;
    desk->work.ready = true;
    cf_desk_act(desk, desk->work.then, desk->work.arg);
    desk->work.ready = false;
}

bool desk_work_look(struct cf_desk *desk)
{
    struct cf_error err;
    if (desk->over != CF_PAGE_WORK) {
        return false;
    }
    if (!cf_desk_is_busy(desk)) { /* whoever wanted it has left: it is not done for the next one */
        desk_leave(desk);
        return true;
    }
    if (!desk->work.shown) {
        desk->work.shown = true;
        return true;
    }
    if (cf_till_read_day(desk->till, RECORDS_A_STEP, &desk->work.reading, &err) != CF_OK) {
        desk_leave(desk);
        desk_say_refused(desk, &err);
    } else if (desk->work.reading.read == desk->work.reading.all) {
        do_it(desk);
    }
    return true;
}

bool desk_closes_day(const struct cf_desk *desk)
{
    return desk->over == CF_PAGE_WORK && desk->work.from == CF_PAGE_CLOSING;
}

static const char *prompt_work(const struct cf_desk *desk)
{
    return desk_closes_day(desk) ? _("Closing the day ...") : _("Reading the day's receipts ...");
}

static void fill_work(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    const struct cf_till_reading *reading = &desk->work.reading;
    char text[CF_PAGE_AMOUNT_MAX];
    (void)view;
    page->modal = true;
    page->progress_percent = reading->all > 0 ? (int)(reading->read * 100 / reading->all) : 100;
    desk_put(text, sizeof text, _("%llu of %llu"), (unsigned long long)reading->read, (unsigned long long)reading->all);
    desk_field(page->fields, &page->n_fields, _("Records read"), text, false);
    desk_put(text, sizeof text, "%d %%", page->progress_percent);
    desk_field(page->fields, &page->n_fields, _("Done"), text, true);
    desk_back_key(desk, page);
}

/* Nothing but Esc, so that no command that is scanned by chance leaves half of it undone. */
static bool act_work(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)desk;
    (void)arg;
    return act != CF_DO_BACK && act != CF_DO_ERASE;
}

static void scan_work(struct cf_desk *desk, cf_bytes text)
{
    (void)text;
    desk_say_no(desk, _("This till is busy."), _("Scan it again in a moment"));
}

const struct desk_page desk_page_work = {.prompt = prompt_work, .fill = fill_work, .act = act_work, .scan = scan_work};
