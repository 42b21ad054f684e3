/*
 * app/terminal/till_sublease.c - what the store's hub lent to this till: spent when its own lease is used up, and given
 * back; and, on the terminal that is the hub, what the store was leased, given back to the centre.
 *
 * What goes back is gone here with the record's commit, before anybody hears of it. What the store was leased goes back
 * in two steps: the hub lowers what it may lend, durably, and then this till's record tells the centre.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>

/* --- spending ----------------------------------------------------------------------------------------------------- */

struct look {
    const struct cf_till *till;
    const struct cf_campaign *campaign;
    cf_wall now;
    uint32_t hub_epoch; /* of this one; 0: of the newest that has something left for another coupon */
    struct cf_own_left left;
};

/* Uses that the day's share leaves. What was lent for another day is worth nothing today. */
static enum cf_rc day_left(const struct look *look, const struct cf_sublease *sublease, int64_t *ret,
                           struct cf_error *err)
{
    int64_t used = 0;
    uint32_t today = till_day_at(look->till, look->now);
    enum cf_rc rc =
        cf_journal_sublease_day_used(look->till->journal, look->campaign->id, sublease->hub_epoch, today, &used, err);
    *ret = (sublease->day == today ? sublease->day_granted : 0) - used;
    return rc;
}

static enum cf_rc weigh(const struct look *look, const struct cf_sublease *sublease, struct cf_own_left *ret,
                        struct cf_error *err)
{
    const struct cf_campaign *campaign = look->campaign;
    struct cf_sublease_used used;
    int64_t today = INT64_MAX;
    enum cf_rc rc = cf_journal_sublease_use(look->till->journal, campaign->id, sublease->hub_epoch, &used, err);
    if (rc == CF_OK && campaign->per_day != 0)
        rc = day_left(look, sublease, &today, err);
    if (rc != CF_OK)
        return rc;
    /* None of these overflows: what was used and returned was granted before, or a damaged replica says less. */
    int64_t units = sublease->granted - used.spent - used.returned;
    *ret = (struct cf_own_left){
        .campaign = campaign->id,
        .source = CF_RIGHT_SUBLEASE,
        .hub_epoch = sublease->hub_epoch,
        .units = today < units ? today : units,
        .minor = campaign->money_limited ? sublease->granted_minor - used.spent_minor - used.returned_minor : INT64_MAX,
    };
    return CF_OK;
}

static enum cf_rc take_that(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct look *look = ctx;
    return sublease->hub_epoch == look->hub_epoch ? weigh(look, sublease, &look->left, err) : CF_OK;
}

enum cf_rc till_sublease_left(const struct cf_till *till, const struct cf_campaign *campaign, uint32_t hub_epoch,
                              cf_wall now, struct cf_own_left *ret, struct cf_error *err)
{
    struct look look = {.till = till, .campaign = campaign, .now = now, .hub_epoch = hub_epoch};
    look.left = (struct cf_own_left){.campaign = campaign->id, .source = CF_RIGHT_SUBLEASE, .hub_epoch = hub_epoch};
    enum cf_rc rc = cf_replica_subleases(till->replica, campaign->id, till->epoch, take_that, &look, err);
    if (rc == CF_OK)
        *ret = look.left;
    return rc;
}

/* Without what the coupons on the open sale take. */
static void take_held(const struct cf_till *till, struct cf_own_left *left)
{
    for (size_t i = 0; i < till->sale.n_coupons; i++) {
        if (!cf_own_left_is_of(left, &till->sale.coupons[i].redemption))
            continue;
        left->units--;
        left->minor -= left->minor == INT64_MAX ? 0 : till->sale.shown[i].amount_minor;
    }
}

static enum cf_rc take_newest(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct look *look = ctx;
    struct cf_own_left left;
    enum cf_rc rc = weigh(look, sublease, &left, err);
    if (rc != CF_OK)
        return rc;
    take_held(look->till, &left);
    if (left.units > 0 && left.minor > 0)
        look->left = left; /* they come in rising order */
    return CF_OK;
}

enum cf_rc till_find_sublease(struct cf_till *till, const struct cf_campaign *campaign, cf_wall now,
                              struct cf_own_left *ret, struct cf_error *err)
{
    struct look look = {.till = till, .campaign = campaign, .now = now};
    enum cf_rc rc = cf_replica_subleases(till->replica, campaign->id, till->epoch, take_newest, &look, err);
    if (rc == CF_OK)
        *ret = look.left;
    return rc;
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

struct beyond {
    const struct cf_till *till;
    const struct cf_campaign *campaign;
    bool over;
    struct cf_lease_return back;
};

/* To the hub that lent it, and only while that is the hub. */
static enum cf_rc find_beyond(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct beyond *beyond = ctx;
    struct cf_sublease_used used;
    if (sublease->hub_epoch != beyond->till->hub_entry.hub_epoch)
        return CF_OK;
    enum cf_rc rc =
        cf_journal_sublease_use(beyond->till->journal, beyond->campaign->id, sublease->hub_epoch, &used, err);
    return rc == CF_OK ? till_work_out_return(beyond->campaign, sublease->granted - used.spent - used.returned,
                                              sublease->granted_minor - used.spent_minor - used.returned_minor,
                                              beyond->over ? 0 : sublease->keep, &beyond->back, err)
                       : rc;
}

enum cf_rc till_return_sublease(struct cf_till *till, const struct cf_campaign *campaign, bool over, bool *ret_gave,
                                struct cf_error *err)
{
    struct beyond beyond = {.till = till, .campaign = campaign, .over = over};
    if (till->hub_entry.terminal == 0)
        return CF_OK;
    enum cf_rc rc = cf_replica_subleases(till->replica, campaign->id, till->epoch, find_beyond, &beyond, err);
    if (rc != CF_OK || (beyond.back.units == 0 && beyond.back.minor == 0))
        return rc;
    const struct cf_hub_lease_return given = {till->hub_entry.hub_epoch, beyond.back};
    *ret_gave = true;
    return till_write_hub_return(till, CF_RECORD_SUBLEASE_RETURN, &given, err);
}

/* --- the store's lease -------------------------------------------------------------------------------------------- */

static int by_campaign(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The campaigns from the *at-th on of which the store was leased something, as many as a message holds, with what of it
 * the centre says to keep. */
static enum cf_rc make_ask(struct cf_till *till, cf_wall certainly, size_t *at, struct cf_hub_giveback_ask *ask,
                           struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    *ask = (struct cf_hub_giveback_ask){.terminal = till->terminal, .epoch = till->epoch};
    for (; rc == CF_OK && *at < till->n_campaigns && ask->n < CF_HUB_SUBLEASES_MAX; (*at)++) {
        const struct cf_campaign *campaign = till->campaigns[*at];
        struct cf_lease_grant lease;
        rc = cf_replica_store_lease(till->replica, campaign->id, till->hub_entry.hub_epoch, &lease, err);
        if (rc != CF_OK || lease.granted == 0)
            continue;
        ask->items[ask->n].campaign = campaign->id;
        bool over = cf_campaign_is_over_in(campaign, till->store, certainly);
        ask->items[ask->n].keep = over || lease.keep < 0 ? 0 : lease.keep;
        ask->n++;
    }
    qsort(ask->items, ask->n, sizeof ask->items[0], by_campaign); /* the campaign is the item's first member */
    return rc;
}

/* The centre hears of what the hub has lowered and this journal has not told yet. */
static enum cf_rc tell_lowered(struct cf_till *till, uint32_t campaign, int64_t returned, int64_t returned_minor,
                               struct cf_error *err)
{
    struct cf_sublease_used used;
    enum cf_rc rc = cf_journal_sublease_use(till->journal, campaign, till->hub_entry.hub_epoch, &used, err);
    if (rc != CF_OK || (returned <= used.store_returned && returned_minor <= used.store_returned_minor))
        return rc;
    /* Neither of them ever falls at the hub, which lowers them in one step. */
    int64_t units = returned > used.store_returned ? returned - used.store_returned : 0;
    int64_t minor = returned_minor > used.store_returned_minor ? returned_minor - used.store_returned_minor : 0;
    const struct cf_hub_lease_return given = {till->hub_entry.hub_epoch, {campaign, units, minor}};
    return till_write_hub_return(till, CF_RECORD_STORE_LEASE_RETURN, &given, err);
}

enum cf_rc till_return_store_lease(struct cf_till *till, cf_wall certainly, struct cf_error *err)
{
    struct {
        struct cf_hub_giveback_ask ask;
        struct cf_hub_givebacks lowered;
    } * talk;
    bool is_hub = till->hub_entry.terminal == till->terminal && till->hub_entry.terminal_epoch == till->epoch;
    if (!is_hub || !till_may_ask_hub(till))
        return CF_OK;
    talk = calloc(1, sizeof *talk); /* some 8 kB */
    if (talk == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "giving back");
    enum cf_rc rc = CF_OK;
    bool heard = true;
    for (size_t at = 0; heard && rc == CF_OK && at < till->n_campaigns;) {
        rc = make_ask(till, certainly, &at, &talk->ask, err);
        heard = rc == CF_OK && talk->ask.n > 0 &&
                till_ask_hub_to_give_back(till, &talk->ask, &talk->lowered, NULL) == CF_OK;
        for (size_t i = 0; heard && rc == CF_OK && i < talk->lowered.n; i++)
            rc = tell_lowered(till, talk->lowered.items[i].campaign, talk->lowered.items[i].returned,
                              talk->lowered.items[i].returned_minor, err);
    }
    free(talk);
    return rc;
}
