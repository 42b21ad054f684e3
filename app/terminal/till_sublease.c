/*
 * app/terminal/till_sublease.c - what the store's hub lent to this till: spent when its own lease is used up, and given
 * back; and, on the terminal that is the hub, what the store was leased, given back to the centre.
 *
 * What goes back is gone here with the record's commit, before anybody hears of it. What the store was leased goes back
 * in two steps: the hub lowers what it may lend, durably, and then this till's record tells the centre.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>

struct search {
    struct cf_till *till;
    uint32_t campaign;
    uint32_t hub_epoch; /* the newest of which something is left */
};

static int64_t held_of(const struct cf_till *till, uint32_t campaign, uint32_t hub_epoch)
{
    int64_t n = 0;
    for (size_t i = 0; i < till->sale.n_coupons; i++) {
        const struct cf_redemption *redemption = &till->sale.coupons[i].redemption;
        n += redemption->campaign == campaign && redemption->source == CF_RIGHT_SUBLEASE &&
             redemption->hub_epoch == hub_epoch;
    }
    return n;
}

static enum cf_rc weigh(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct search *search = ctx;
    int64_t used = 0;
    enum cf_rc rc = cf_journal_sublease_used(search->till->journal, search->campaign, sublease->hub_epoch, &used, err);
    used += held_of(search->till, search->campaign, sublease->hub_epoch); /* on the open sale */
    if (rc == CF_OK && sublease->granted > used)
        search->hub_epoch = sublease->hub_epoch;
    return rc;
}

enum cf_rc till_find_sublease(struct cf_till *till, uint32_t campaign, uint32_t *ret_hub_epoch, struct cf_error *err)
{
    struct search search = {.till = till, .campaign = campaign};
    enum cf_rc rc = cf_replica_subleases(till->replica, campaign, till->epoch, weigh, &search, err);
    if (rc == CF_OK)
        *ret_hub_epoch = search.hub_epoch;
    return rc;
}

struct check {
    struct cf_till *till;
    const struct cf_redemption *redemption;
    bool covered;
};

static enum cf_rc cover(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct check *check = ctx;
    int64_t used = 0;
    const struct cf_redemption *redemption = check->redemption;
    uint32_t hub_epoch = sublease->hub_epoch;
    if (hub_epoch != redemption->hub_epoch)
        return CF_OK;
    enum cf_rc rc = cf_journal_sublease_used(check->till->journal, redemption->campaign, hub_epoch, &used, err);
    check->covered = rc == CF_OK && sublease->granted - used >= held_of(check->till, redemption->campaign, hub_epoch);
    return rc;
}

/* A parked sale may have been spent meanwhile from the same sub-lease. */
enum cf_rc till_check_sublease(struct cf_till *till, const struct cf_redemption *redemption, struct cf_error *err)
{
    struct check check = {.till = till, .redemption = redemption};
    if (redemption->source != CF_RIGHT_SUBLEASE)
        return CF_OK;
    enum cf_rc rc = cf_replica_subleases(till->replica, redemption->campaign, till->epoch, cover, &check, err);
    if (rc == CF_OK && !check.covered)
        rc = cf_fail(err, CF_E_COUPON_LEASE, "campaign %u: what the hub sub-leased does not cover coupon %u",
                     redemption->campaign, redemption->index);
    return rc;
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

struct beyond {
    struct cf_till *till;
    uint32_t campaign;
    bool over;
    int64_t units;
};

/* To the hub that lent it, and only while that is the hub. */
static enum cf_rc find_beyond(void *ctx, const struct cf_sublease *sublease, struct cf_error *err)
{
    struct beyond *beyond = ctx;
    int64_t used = 0, keep = beyond->over ? 0 : sublease->keep;
    if (sublease->hub_epoch != beyond->till->hub_entry.hub_epoch)
        return CF_OK;
    enum cf_rc rc = cf_journal_sublease_used(beyond->till->journal, beyond->campaign, sublease->hub_epoch, &used, err);
    int64_t left = sublease->granted - used;
    if (rc == CF_OK && left > keep)
        beyond->units = left - keep;
    return rc;
}

enum cf_rc till_return_sublease(struct cf_till *till, const struct cf_campaign *campaign, bool over, bool *ret_gave,
                                struct cf_error *err)
{
    struct beyond beyond = {.till = till, .campaign = campaign->id, .over = over};
    if (till->hub_entry.terminal == 0)
        return CF_OK;
    enum cf_rc rc = cf_replica_subleases(till->replica, campaign->id, till->epoch, find_beyond, &beyond, err);
    if (rc != CF_OK || beyond.units <= 0)
        return rc;
    const struct cf_hub_lease_return given = {till->hub_entry.hub_epoch, {campaign->id, beyond.units, 0}};
    *ret_gave = true;
    return till_write_hub_return(till, CF_RECORD_SUBLEASE_RETURN, &given, err);
}

/* --- the store's lease -------------------------------------------------------------------------------------------- */

static int by_campaign(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Every campaign of which the store was leased something, with what of it the centre says to keep. */
static enum cf_rc make_ask(struct cf_till *till, cf_wall certainly, struct cf_hub_giveback_ask *ask,
                           struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    *ask = (struct cf_hub_giveback_ask){.terminal = till->terminal, .epoch = till->epoch};
    for (size_t i = 0; rc == CF_OK && i < till->n_campaigns && ask->n < CF_HUB_SUBLEASES_MAX; i++) {
        const struct cf_campaign *campaign = till->campaigns[i];
        struct cf_lease_grant lease;
        rc = cf_replica_store_lease(till->replica, campaign->id, till->hub_entry.hub_epoch, &lease, err);
        if (rc != CF_OK || lease.granted == 0)
            continue;
        ask->items[ask->n].campaign = campaign->id;
        ask->items[ask->n].keep = till_campaign_is_over(campaign, certainly) || lease.keep < 0 ? 0 : lease.keep;
        ask->n++;
    }
    qsort(ask->items, ask->n, sizeof ask->items[0], by_campaign); /* the campaign is the item's first member */
    return rc;
}

/* The centre hears of what the hub has lowered and this journal has not told yet. */
static enum cf_rc tell_lowered(struct cf_till *till, uint32_t campaign, int64_t returned, struct cf_error *err)
{
    struct cf_sublease_used used;
    enum cf_rc rc = cf_journal_sublease_use(till->journal, campaign, till->hub_entry.hub_epoch, &used, err);
    if (rc != CF_OK || returned <= used.store_returned)
        return rc;
    const struct cf_hub_lease_return given = {till->hub_entry.hub_epoch, {campaign, returned - used.store_returned, 0}};
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
    enum cf_rc rc = make_ask(till, certainly, &talk->ask, err);
    bool heard =
        rc == CF_OK && talk->ask.n > 0 && till_ask_hub_to_give_back(till, &talk->ask, &talk->lowered, NULL) == CF_OK;
    for (size_t i = 0; heard && rc == CF_OK && i < talk->lowered.n; i++)
        rc = tell_lowered(till, talk->lowered.items[i].campaign, talk->lowered.items[i].returned, err);
    free(talk);
    return rc;
}
