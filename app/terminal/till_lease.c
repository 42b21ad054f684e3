/*
 * app/terminal/till_lease.c - gives back what was leased to this till and is wanted elsewhere.
 *
 * The centre says how much a holder shall keep; of a campaign that is over here the till keeps nothing. What it gives
 * back is gone here with the record's commit, and comes to the centre with the record: never by time, never by request.
 */
#include "app/terminal/till_internal.h"

#include "app/core/lease_return.h"
#include "base/money.h"

#define RETURNS_AT_ONCE 8 /* each is a write that waits for the disk */
#define LOOK_AGAIN_S (15 * 60)

static enum cf_rc note_parked(void *ctx, const char *label, uint32_t n_steps, struct cf_error *err)
{
    bool *parked = ctx;
    (void)label;
    (void)n_steps;
    (void)err;
    *parked = true;
    return CF_OK;
}

enum cf_rc till_work_out_return(const struct cf_campaign *campaign, int64_t units, int64_t minor, int64_t keep,
                                struct cf_lease_return *ret, struct cf_error *err)
{
    units = units > 0 ? units : 0;
    minor = minor > 0 ? minor : 0;
    struct cf_lease_return back = {.campaign = campaign->id, .units = units > keep ? units - keep : 0};
    const int64_t use_minor = cf_promotion_most_minor(&campaign->promotion);
    enum cf_rc rc = CF_OK;
    if (keep == 0)
        back.minor = minor;
    else if (back.units > 0)
        rc = cf_muldiv_round(minor, back.units, units, &back.minor, err);
    if (rc != CF_OK)
        return rc;
    /* Cut into parts that are too small for a use it would serve nobody. */
    if (keep > 0 && minor >= use_minor && back.minor > minor - use_minor)
        back.minor = minor - use_minor;
    *ret = back;
    return CF_OK;
}

/* Of a risk lease `keep` counts money. */
static enum cf_rc work_out(const struct cf_campaign *campaign, const struct till_lease *lease, int64_t keep,
                           struct cf_lease_return *ret, struct cf_error *err)
{
    if (campaign->policy != CF_POLICY_OPTIMISTIC)
        return till_work_out_return(campaign, lease->units, lease->minor, keep, ret, err);
    *ret = (struct cf_lease_return){.campaign = campaign->id, .minor = lease->minor > keep ? lease->minor - keep : 0};
    return CF_OK;
}

/* The body is in till->scratch. */
static enum cf_rc append(struct cf_till *till, enum cf_record_type type, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    enum cf_rc rc = cf_journal_append(till->journal, type, cf_buf_bytes(&till->scratch), false, &stamp, &at, err);
    if (rc == CF_OK)
        till_note_time(till, at.wall, stamp.time_quality);
    return rc;
}

static enum cf_rc give_back(struct cf_till *till, const struct cf_lease_return *back, struct cf_error *err)
{
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_lease_return_encode(back, &till->scratch, err);
    return rc == CF_OK ? append(till, CF_RECORD_LEASE_RETURN, err) : rc;
}

enum cf_rc till_write_hub_return(struct cf_till *till, enum cf_record_type type,
                                 const struct cf_hub_lease_return *given, struct cf_error *err)
{
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_hub_lease_return_encode(given, &till->scratch, err);
    return rc == CF_OK ? append(till, type, err) : rc;
}

/* Of this terminal's own lease, and of what the hub lent it: a record each. */
static enum cf_rc return_of(struct cf_till *till, const struct cf_campaign *campaign, cf_wall certainly, size_t *n,
                            struct cf_error *err)
{
    struct till_lease lease;
    struct cf_lease_return back;
    bool over = cf_campaign_is_over_in(campaign, till->store, certainly), gave = false;
    enum cf_rc rc = till_own_lease(till, campaign->id, &lease, err);
    if (rc == CF_OK)
        rc = work_out(campaign, &lease, over ? 0 : lease.grant.keep, &back, err);
    if (rc == CF_OK && (back.units > 0 || back.minor > 0)) {
        rc = give_back(till, &back, err);
        (*n)++;
    }
    if (rc == CF_OK && campaign->policy == CF_POLICY_LEASED)
        rc = till_return_sublease(till, campaign, over, &gave, err);
    *n += gave;
    return rc;
}

enum cf_rc till_return_leases(struct cf_till *till, bool all, struct cf_error *err)
{
    cf_wall certainly = cf_till_clock(till).now.lo;
    bool parked = false;
    size_t n = 0;
    if ((!all && cf_env_mono(till->env).us < till->look_at_leases_at.us) || till_is_quarantined(till) || till->training)
        return CF_OK; /* a till that was set apart may have a twin: nobody believes what it gives back, nor in training
                       */
    enum cf_rc rc = cf_journal_parked(till->journal, note_parked, &parked, err);
    if (rc != CF_OK || parked)
        return rc; /* a parked sale may hold a coupon of it */
    for (size_t i = 0; rc == CF_OK && i < till->n_campaigns && (all || n < RETURNS_AT_ONCE); i++) {
        const struct cf_campaign *campaign = till->campaigns[i];
        if (campaign->policy == CF_POLICY_LEASED || campaign->policy == CF_POLICY_OPTIMISTIC)
            rc = return_of(till, campaign, certainly, &n, err);
    }
    if (rc == CF_OK)
        rc = till_return_store_lease(till, certainly, err);
    if (rc == CF_OK && (all || n < RETURNS_AT_ONCE))
        till->look_at_leases_at.us = cf_env_mono(till->env).us + LOOK_AGAIN_S * CF_US_PER_S;
    return rc;
}
