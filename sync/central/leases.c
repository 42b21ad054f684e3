/*
 * sync/central/leases.c - what holders may spend while they are apart: how much they get, what they used, what they
 * gave back, and what is stranded with them. See ledger.h.
 *
 * How much: a holder's demand is its uses of late, halved every two days; it should have twice that at hand, or the
 * campaign's base if that is more, but no more than a quarter of what is left (unless the base says so). At half of
 * that, its low-water mark, it is filled up. A part of what is left is never leased: it is for the online channel and
 * for tills to come. Where a holder gets less than it should have, the others are told to keep only what their own
 * demand says.
 */
#include "sync/central/ledger_private.h"

#include "sync/central/coupon_row.h"
#include "sync/central/down_log.h"
#include "sync/central/hub.h"

#include "app/core/demand.h"
#include "base/money.h"
#include "base/plant.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define REBALANCE_US (INT64_C(3600) * CF_US_PER_S)
#define LEASE_UNITS_MAX INT64_C(1000000000)
#define BASIS 10000
/* Entries of a terminal's leases are keyed by campaign; those of the store whose hub it is beside them. */
#define STORE_LEASE_KEY (INT64_C(1) << 40)

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t cf_lease_units_left(const struct cf_lease *lease)
{
    return lease->granted - lease->spent - lease->returned;
}

int64_t cf_lease_minor_left(const struct cf_lease *lease)
{
    return lease->granted_minor - lease->spent_minor - lease->returned_minor;
}

/* --- demand ------------------------------------------------------------------------------------------------------- */

static void note_demand(struct cf_central *central, struct cf_lease *lease, int64_t cost_minor)
{
    int64_t now_us = cf_central_now(central).us, since_us = now_us - lease->demand_us;
    lease->demand_milli = least(cf_demand_decayed(lease->demand_milli, since_us) + 1000, LEASE_UNITS_MAX * 1000);
    lease->demand_minor =
        least(cf_demand_decayed(lease->demand_minor, since_us) + cost_minor, CF_PRICE_MINOR_MAX * 1000);
    lease->demand_us = now_us;
    lease->dirty = true;
}

/* Twice its demand, in what the campaign's leases count. */
static int64_t needed(struct cf_central *central, const struct cf_account *account, const struct cf_lease *lease)
{
    int64_t since_us = cf_central_now(central).us - lease->demand_us;
    return account->terms.policy == CF_POLICY_OPTIMISTIC
               ? 2 * cf_demand_decayed(lease->demand_minor, since_us)
               : cf_demand_units(cf_demand_decayed(lease->demand_milli, since_us));
}

/* Each lease once, were it written and read again in between. */
static void note_used(struct cf_central *central, struct cf_lease *lease)
{
    struct cf_ledger *ledger = central->ledger;
    bool noted = lease->used || !lease->holder.active;
    lease->used = lease->holder.active;
    for (size_t i = 0; i < ledger->n_used && !noted; i++) {
        const struct cf_holder *used = &ledger->used[i].holder;
        noted = used->log == lease->holder.log && used->hub == lease->holder.hub &&
                ledger->used[i].campaign == lease->campaign;
    }
    if (!noted && ledger->n_used < CF_LEDGER_USED_MAX) {
        ledger->used[ledger->n_used++] = (struct cf_used_lease){lease->holder, lease->campaign};
    }
}

/* --- uses --------------------------------------------------------------------------------------------------------- */

/* What a use cost: from the lease as far as that goes, the rest from what is free, or beyond the budget. */
static void pay(struct cf_account *account, struct cf_lease *lease, int64_t cost_minor)
{
    struct cf_purse *money = &account->money;
    if (!cf_account_has_money(account)) {
        return;
    }
    int64_t covered = most(least(cf_lease_minor_left(lease), cost_minor), 0);
    bool moved = cf_purse_move(account, money, lease->holder.active ? &money->outstanding : &money->stranded,
                               &money->spent, covered);
    assert(moved); /* a lease is part of what is outstanding, or stranded with its holder */
    lease->spent_minor += covered;
    lease->dirty = true;
    cf_purse_spend(account, money, cost_minor - covered);
}

enum cf_rc cf_ledger_spend(struct cf_central *central, struct cf_account *account, const struct cf_holder *holder,
                           int64_t cost_minor, enum cf_source *ret_source, struct cf_error *err)
{
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, holder, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret_source = CF_SOURCE_NONE;
    if (cf_lease_units_left(lease) > 0) {
        bool moved = holder->active ? cf_account_spend_reserved(account) : cf_account_spend_stranded(account);
        assert(moved);
        lease->spent++;
        lease->dirty = true;
        *ret_source = holder->active ? CF_SOURCE_LEASE : CF_SOURCE_STRANDED;
    }
    note_used(central, lease);
    note_demand(central, lease, cost_minor);
    pay(account, lease, cost_minor);
    return CF_OK;
}

enum cf_rc cf_ledger_spend_risk(struct cf_central *central, struct cf_account *account, const struct cf_holder *holder,
                                uint32_t index, int64_t cost_minor, bool *ret_covered, struct cf_error *err)
{
    struct cf_lease *lease;
    struct cf_purse *risk = &account->risk;
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, holder, &lease, err);
    if (rc == CF_OK) {
        rc = cf_risk_count(central, account, index, cost_minor, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    int64_t covered = most(least(cf_lease_minor_left(lease), cost_minor), 0);
    bool moved =
        cf_purse_move(account, risk, holder->active ? &risk->outstanding : &risk->stranded, &risk->free, covered);
    assert(moved);
    lease->spent_minor += covered;
    note_used(central, lease);
    note_demand(central, lease, cost_minor);
    *ret_covered = covered == cost_minor;
    return CF_OK;
}

static struct cf_purse *purse_of(struct cf_account *account)
{
    return account->terms.policy == CF_POLICY_OPTIMISTIC ? &account->risk : &account->money;
}

enum cf_rc cf_ledger_return(struct cf_central *central, const struct cf_holder *holder,
                            const struct cf_lease_return *back, struct cf_error *err)
{
    struct cf_account *account;
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_account(central, back->campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_ledger_lease(central, back->campaign, holder, &lease, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (back->units < 0 || back->minor < 0 || (back->units == 0 && back->minor == 0) ||
        back->units > cf_lease_units_left(lease) || back->minor > cf_lease_minor_left(lease)) {
        return cf_fail(err, CF_E_RANGE, "returns %lld and %lld in money of a lease that has %lld and %lld left",
                       (long long)back->units, (long long)back->minor, (long long)cf_lease_units_left(lease),
                       (long long)cf_lease_minor_left(lease));
    }
    /* A holder that was set apart may have a twin that spent the same: what it returns stays stranded. */
    if (!holder->active) {
        return CF_OK;
    }
    struct cf_purse *purse = purse_of(account);
    bool moved = cf_account_move(account, &account->outstanding, &account->free, back->units) &&
                 cf_purse_move(account, purse, &purse->outstanding, &purse->free, back->minor);
    assert(moved);
    lease->returned += back->units;
    lease->returned_minor += back->minor;
    lease->dirty = true;
    return cf_ledger_count_store(central, account, holder->store, -back->units, err);
}

/* --- granting ----------------------------------------------------------------------------------------------------- */

/* What tills of a store risk alone is not divided by its hub. */
bool cf_ledger_may_hold(struct cf_central *central, const struct cf_account *account, const struct cf_holder *holder)
{
    const struct cf_campaign *terms = &account->terms;
    return (terms->policy == CF_POLICY_LEASED || (terms->policy == CF_POLICY_OPTIMISTIC && holder->hub == 0)) &&
           holder->active && !cf_campaign_is_over_in(terms, holder->store, cf_central_now(central));
}

/* Of what is left, `free` of which is free: what may be leased beyond the reserve. */
static int64_t leasable(const struct cf_account *account, int64_t free, int64_t left)
{
    int64_t reserve = 0;
    if (account->reserve_bp > 0 && cf_muldiv_round(left, account->reserve_bp, BASIS, &reserve, NULL) == CF_OK) {
        reserve = most(reserve, 1);
    }
    return most(free - reserve, 0);
}

int64_t cf_account_leasable(const struct cf_account *account)
{
    return leasable(account, account->free, account->free + account->outstanding);
}

/* The pieces of one decision: what the lease should come up to, and what of it can be had. */
struct fill {
    int64_t want, more;             /* units; minor units of an optimistic campaign */
    int64_t want_minor, more_minor; /* money beside units */
    int64_t share;                  /* of a day, if it has none yet */
};

/* How much of `more` there is when `sharers` have to be served, of whom this is the first: at least one. */
static int64_t fair(struct cf_account *account, int64_t more, int64_t there, int64_t sharers)
{
    int64_t part = sharers > 1 ? most(there / sharers, least(there, 1)) : there;
    if (more > part) {
        account->wanting = true;
        return part;
    }
    return most(more, 0);
}

static void work_out_risk(struct cf_account *account, const struct cf_lease *lease, int64_t base, int64_t need,
                          int64_t sharers, struct fill *fill)
{
    const struct cf_purse *risk = &account->risk;
    int64_t left = risk->free + risk->outstanding;
    fill->want = base == 0 ? 0 : least(most(base, need), most(base, left / 4));
    fill->more = fair(account, fill->want - cf_lease_minor_left(lease), leasable(account, risk->free, left), sharers);
}

static enum cf_rc work_out_units(struct cf_central *central, struct cf_account *account, const struct cf_lease *lease,
                                 int64_t base, int64_t need, int64_t sharers, struct fill *fill, struct cf_error *err)
{
    const struct cf_purse *money = &account->money;
    int64_t left = account->free + account->outstanding, room = 0;
    enum cf_rc rc = cf_limits_store_room(central, account, lease->holder.store, &room, err);
    fill->want = base == 0 ? 0 : least(most(base, need), most(base, left / 4));
    fill->more =
        fair(account, fill->want - cf_lease_units_left(lease), least(cf_account_leasable(account), room), sharers);
    if (rc != CF_OK || !cf_account_has_money(account) || left <= 0 || fill->want == 0) {
        return rc;
    }
    /* Money in proportion to units, and enough for one use. */
    int64_t left_minor = money->free + money->outstanding;
    rc = cf_muldiv_round(left_minor, cf_lease_units_left(lease) + fill->more, left, &fill->want_minor, err);
    fill->want_minor = most(fill->want_minor, account->hold_minor);
    fill->more_minor = fair(account, fill->want_minor - cf_lease_minor_left(lease),
                            leasable(account, money->free, left_minor), sharers);
    return rc;
}

/* A share is given once: it comes back with nothing, so a part is kept for the centre and for tills to come. */
static enum cf_rc work_out_share(struct cf_central *central, const struct cf_account *account,
                                 const struct cf_lease *lease, int64_t sharers, struct fill *fill, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    if (account->terms.per_day == 0 || lease->per_day != 0) {
        return CF_OK;
    }
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_DAY_COUNT_MOST, CF_ARGS(cf_v_int(account->terms.id)), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    /* Whatever day a till believes it is: the centre's own uses of its busiest day are counted against it. */
    int64_t there = (int64_t)account->terms.per_day - account->day_shared - row[0].i;
    int64_t beyond_reserve = there - (int64_t)account->terms.per_day / 4;
    fill->share = beyond_reserve > 0 ? most(beyond_reserve / sharers, 1) : there / 4;
    fill->share = most(fill->share, 0);
    return CF_OK;
}

static enum cf_rc tell(struct cf_central *central, const struct cf_lease *lease, struct cf_error *err)
{
    const struct cf_holder *holder = &lease->holder;
    struct cf_down_entry entry = {.kind = holder->hub != 0 ? CF_DOWN_STORE_LEASE : CF_DOWN_LEASE};
    int64_t key = (holder->hub != 0 ? STORE_LEASE_KEY : 0) + (int64_t)lease->campaign;
    entry.lease = (struct cf_lease_grant){.campaign = lease->campaign,
                                          .epoch = holder->epoch,
                                          .granted = lease->granted,
                                          .granted_minor = lease->granted_minor,
                                          .per_day = (uint32_t)lease->per_day,
                                          .keep = lease->keep};
    return cf_down_append(central, CF_TOPIC_LEASES, holder->terminal, key, &entry, err);
}

static enum cf_rc grant(struct cf_central *central, struct cf_account *account, struct cf_lease *lease,
                        const struct fill *fill, struct cf_error *err)
{
    bool optimistic = account->terms.policy == CF_POLICY_OPTIMISTIC;
    int64_t units = optimistic ? 0 : fill->more, minor = optimistic ? fill->more : fill->more_minor;
    struct cf_purse *purse = purse_of(account);
    bool tells_less = lease->keep < fill->want;
    if (units == 0 && minor == 0 && fill->share == 0 && !tells_less) {
        return CF_OK;
    }
    bool moved = cf_account_move(account, &account->free, &account->outstanding, units) &&
                 cf_purse_move(account, purse, &purse->free, &purse->outstanding, minor);
    assert(moved);
    lease->granted += units;
    lease->granted_minor += minor;
    lease->per_day += fill->share;
    lease->keep = most(fill->want, lease->keep);
    lease->dirty = true;
    if (fill->share > 0) {
        account->day_shared += fill->share;
        account->money_dirty = true;
    }
    enum cf_rc rc = cf_ledger_count_store(central, account, lease->holder.store, units, err);
    return rc == CF_OK ? tell(central, lease, err) : rc;
}

static bool is_low(const struct cf_account *account, const struct cf_lease *lease, const struct fill *fill)
{
    bool optimistic = account->terms.policy == CF_POLICY_OPTIMISTIC;
    int64_t left = optimistic ? cf_lease_minor_left(lease) : cf_lease_units_left(lease);
    return left <= fill->want / 2 || (fill->want_minor > 0 && cf_lease_minor_left(lease) <= fill->want_minor / 2);
}

static enum cf_rc fill_lease(struct cf_central *central, struct cf_account *account, struct cf_lease *lease,
                             int64_t base, int64_t sharers, bool if_low, struct cf_error *err)
{
    struct fill fill = {.want = 0};
    bool wanting = account->wanting;
    int64_t need = needed(central, account, lease);
    enum cf_rc rc = cf_ledger_settle_risk(central, account, err);
    if (rc == CF_OK && account->terms.policy == CF_POLICY_OPTIMISTIC) {
        work_out_risk(account, lease, base, need, sharers, &fill);
    } else if (rc == CF_OK) {
        rc = work_out_units(central, account, lease, base, need, sharers, &fill, err);
    }
    if (rc == CF_OK && fill.want > 0) {
        rc = work_out_share(central, account, lease, sharers, &fill, err);
    }
    if (rc != CF_OK || fill.want == 0 || (if_low && !is_low(account, lease, &fill))) {
        account->wanting = wanting;
        return rc;
    }
    return grant(central, account, lease, &fill, err);
}

static int64_t base_of(const struct cf_account *account)
{
    return account->terms.policy == CF_POLICY_OPTIMISTIC ? account->risk_per_terminal : account->lease_per_terminal;
}

enum cf_rc cf_ledger_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                            int64_t sharers, struct cf_error *err)
{
    struct cf_holder holder = cf_holder_of_log(log);
    struct cf_lease *lease;
    if (!cf_ledger_may_hold(central, account, &holder)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, &holder, &lease, err);
    return rc == CF_OK ? fill_lease(central, account, lease, base_of(account), sharers, false, err) : rc;
}

enum cf_rc cf_ledger_top_up_store(struct cf_central *central, struct cf_account *account,
                                  const struct cf_holder *holder, int64_t sharers, struct cf_error *err)
{
    struct cf_lease *lease;
    if (!cf_ledger_may_hold(central, account, holder)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, holder, &lease, err);
    return rc == CF_OK ? fill_lease(central, account, lease, base_of(account), sharers, false, err) : rc;
}

/* --- asking for what is not needed -------------------------------------------------------------------------------- */

static struct cf_log active_log(const struct cf_value *row)
{
    return (struct cf_log){.id = (uint64_t)row[0].i,
                           .terminal = (uint32_t)row[1].i,
                           .epoch = (uint32_t)row[2].i,
                           .store = (uint32_t)row[3].i,
                           .state = CF_LOG_ACTIVE};
}

static struct cf_holder holder_of_store(const struct cf_value *row)
{
    const struct cf_hub_row hub = {.id = (uint64_t)row[0].i,
                                   .store = (uint32_t)row[1].i,
                                   .epoch = (uint32_t)row[2].i,
                                   .log = (uint64_t)row[3].i,
                                   .terminal = (uint32_t)row[4].i};
    return cf_holder_of_hub(&hub, true);
}

struct rebalance {
    struct cf_central *central;
    struct cf_account *account;
};

static enum cf_rc ask_holder_back(struct rebalance *r, const struct cf_holder *holder, struct cf_error *err)
{
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_lease(r->central, r->account->terms.id, holder, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    bool optimistic = r->account->terms.policy == CF_POLICY_OPTIMISTIC;
    int64_t keep = most(most(needed(r->central, r->account, lease), base_of(r->account) / 10), 1);
    int64_t left = optimistic ? cf_lease_minor_left(lease) : cf_lease_units_left(lease);
    if (left <= keep || lease->keep <= keep) {
        return CF_OK;
    }
    lease->keep = keep;
    lease->dirty = true;
    return tell(r->central, lease, err);
}

static enum cf_rc ask_back(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_log log = active_log(row);
    struct cf_holder holder = cf_holder_of_log(&log);
    return ask_holder_back(ctx, &holder, err);
}

static enum cf_rc ask_store_back(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_holder holder = holder_of_store(row);
    return ask_holder_back(ctx, &holder, err);
}

static enum cf_rc rebalance(struct cf_central *central, uint32_t campaign, struct cf_error *err)
{
    struct rebalance r = {.central = central};
    enum cf_rc rc = cf_ledger_account(central, campaign, &r.account, err);
    int64_t now_us = cf_central_now(central).us;
    if (rc != CF_OK || (r.account->rebalanced_us != 0 && now_us - r.account->rebalanced_us < REBALANCE_US)) {
        return rc;
    }
    r.account->rebalanced_us = now_us;
    r.account->money_dirty = true;
    rc = cf_ledger_flush_leases(central, err); /* the walk reads what is written */
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_LEASE_HELD, CF_ARGS(cf_v_int(campaign)), ask_back, &r, err);
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_STORE_LEASE_HELD, CF_ARGS(cf_v_int(campaign)),
                                       ask_store_back, &r, err)
                       : rc;
}

static enum cf_rc top_up_used(struct cf_central *central, const struct cf_holder *holder, uint32_t campaign,
                              struct cf_account **ret, struct cf_error *err)
{
    struct cf_account *account;
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_account(central, campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_ledger_lease(central, campaign, holder, &lease, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    *ret = account;
    lease->used = false;
    if (CF_PLANTED(reclaim_at_expiry) &&
        cf_account_move(account, &account->outstanding, &account->free, cf_lease_units_left(lease))) {
        lease->returned += cf_lease_units_left(lease);
    }
    return cf_ledger_may_hold(central, account, holder)
               ? fill_lease(central, account, lease, base_of(account), 1, true, err)
               : CF_OK;
}

/* *ret stays as it is for a lease of another log. A hub may have ended since it was used. */
static enum cf_rc top_up_holder(struct cf_central *central, const struct cf_log *log, const struct cf_used_lease *used,
                                struct cf_account **ret, struct cf_error *err)
{
    struct cf_holder holder = cf_holder_of_log(log);
    struct cf_hub_row hub;
    bool found = false;
    if (used->holder.hub == 0) {
        return used->holder.log == log->id ? top_up_used(central, &holder, used->campaign, ret, err) : CF_OK;
    }
    holder = used->holder;
    enum cf_rc rc = cf_hub_active(central, holder.store, &hub, &found, err);
    holder.active = found && hub.id == holder.hub;
    return rc == CF_OK ? top_up_used(central, &holder, used->campaign, ret, err) : rc;
}

#define WANTING_MAX 64
enum cf_rc cf_ledger_top_up_used(struct cf_central *central, const struct cf_log *log, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    uint32_t wanting[WANTING_MAX];
    size_t n_wanting = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_used && rc == CF_OK; i++) {
        struct cf_account *account = NULL;
        rc = top_up_holder(central, log, &ledger->used[i], &account, err);
        if (rc == CF_OK && account != NULL && account->wanting && n_wanting < WANTING_MAX) {
            account->wanting = false;
            wanting[n_wanting++] = account->terms.id;
        }
    }
    ledger->n_used = 0;
    for (size_t i = 0; i < n_wanting && rc == CF_OK; i++) {
        rc = rebalance(central, wanting[i], err);
    }
    return rc;
}

/* --- a day that got shorter ----------------------------------------------------------------------------------------
 */

struct cut {
    struct cf_central *central;
    struct cf_account *account;
    uint32_t before;
};

static enum cf_rc cut_share(struct cut *cut, const struct cf_holder *holder, struct cf_error *err)
{
    struct cf_account *account = cut->account;
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_lease(cut->central, account->terms.id, holder, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t share = (int64_t)((uint64_t)lease->per_day * account->terms.per_day / cut->before); /* all within 32 bits */
    account->day_shared -= lease->per_day - share;
    account->money_dirty = true;
    lease->per_day = share;
    lease->dirty = true;
    return tell(cut->central, lease, err);
}

static enum cf_rc cut_log(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_log log = active_log(row);
    struct cf_holder holder = cf_holder_of_log(&log);
    return cut_share(ctx, &holder, err);
}

/* A hub that has lent more of a day already lends no more of it. */
static enum cf_rc cut_store(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_holder holder = holder_of_store(row);
    return cut_share(ctx, &holder, err);
}

enum cf_rc cf_ledger_cut_shares(struct cf_central *central, struct cf_account *account, uint32_t before,
                                struct cf_error *err)
{
    struct cut cut = {central, account, before};
    enum cf_rc rc = cf_ledger_flush_leases(central, err); /* the walk reads what is written */
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_LEASE_SHARES, CF_ARGS(cf_v_int(account->terms.id)), cut_log, &cut, err);
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_STORE_LEASE_SHARES, CF_ARGS(cf_v_int(account->terms.id)),
                                       cut_store, &cut, err)
                       : rc;
}

/* --- channels ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_ledger_set_channel(struct cf_central *central, struct cf_account *account, uint32_t channel,
                                 int64_t units, struct cf_error *err)
{
    struct cf_holder holder = cf_holder_of_channel(channel);
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, &holder, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t more = units - cf_lease_units_left(lease);
    bool moved = more > 0 ? cf_account_move(account, &account->free, &account->outstanding, more)
                          : cf_account_move(account, &account->outstanding, &account->free, -more);
    if (!moved) {
        return cf_fail(err, CF_E_COUPON_BUDGET, "campaign %lu has %lld free", (unsigned long)account->terms.id,
                       (long long)account->free);
    }
    if (more > 0) {
        lease->granted += more;
    } else {
        lease->returned -= more;
    }
    lease->keep = units;
    lease->dirty = true;
    return CF_OK;
}

/* --- stranding ---------------------------------------------------------------------------------------------------- */

struct strand {
    size_t n;
    struct cf_right pinned[CF_LEDGER_REDEEMED_MAX];
};

static enum cf_rc strand_left(struct cf_central *central, uint32_t campaign, int64_t units, int64_t minor,
                              struct cf_error *err)
{
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(central, campaign, &account, err);
    if (rc == CF_OK) {
        struct cf_purse *purse = purse_of(account);
        bool moved = cf_account_strand(account, units) &&
                     cf_purse_move(account, purse, &purse->outstanding, &purse->stranded, minor);
        assert(moved);
    }
    return rc;
}

static enum cf_rc strand_lease(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_account *account;
    if (CF_PLANTED(reclaim_dead_lease)) {
        enum cf_rc rc = cf_ledger_account(ctx, (uint32_t)row[0].i, &account, err);
        bool moved = rc == CF_OK && cf_account_move(account, &account->outstanding, &account->free, row[1].i);
        return moved || rc != CF_OK ? rc : CF_E_INTERNAL;
    }
    return strand_left(ctx, (uint32_t)row[0].i, row[1].i, row[2].i, err);
}

static enum cf_rc strand_store_lease(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    return strand_left(ctx, (uint32_t)row[0].i, row[1].i - row[2].i - row[3].i, row[4].i - row[5].i - row[6].i, err);
}

enum cf_rc cf_ledger_strand_store(struct cf_central *central, uint64_t hub, struct cf_error *err)
{
    enum cf_rc rc = cf_ledger_flush_leases(central, err); /* the walk reads what is written */
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_STORE_LEASE_OF_HUB, CF_ARGS(cf_v_int((int64_t)hub)),
                                       strand_store_lease, central, err)
                       : rc;
}

/* As many as there is room for; the others are found again once these are stranded. */
static enum cf_rc collect_pinned(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct strand *strand = ctx;
    (void)err;
    if (strand->n < CF_LEDGER_REDEEMED_MAX) {
        strand->pinned[strand->n++] = (struct cf_right){(uint32_t)row[0].i, (uint32_t)row[1].i};
    }
    return CF_OK;
}

static enum cf_rc strand_pinned(struct cf_central *central, struct cf_right right, struct cf_error *err)
{
    struct cf_coupon_row coupon;
    struct cf_account *account = NULL;
    bool found;
    enum cf_rc rc = cf_coupon_row_get(central, right.campaign, right.index, &coupon, &found, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, right.campaign, &account, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    assert(found && account != NULL);
    struct cf_purse *money = &account->money;
    bool moved = cf_account_strand(account, 1) &&
                 cf_purse_move(account, money, &money->outstanding, &money->stranded, account->hold_minor);
    assert(moved);
    coupon.reserved = false;
    coupon.stranded = true;
    coupon.state = coupon.redemption != 0 ? CF_COUPON_REDEEMED : CF_COUPON_STRANDED;
    coupon.generation++;
    rc = cf_coupon_row_put(central, &coupon, err);
    return rc == CF_OK ? cf_coupon_row_tell_generation(central, &coupon, err) : rc;
}

enum cf_rc cf_ledger_strand_home(struct cf_central *central, uint32_t place, struct cf_error *err)
{
    struct strand *strand = calloc(1, sizeof *strand);
    if (strand == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "stranding");
    }
    enum cf_rc rc = CF_OK;
    do {
        strand->n = 0;
        if (rc == CF_OK) {
            rc = cf_store_each(central->store, CF_Q_COUPON_RESERVED_AT, CF_ARGS(cf_v_int(place)), collect_pinned,
                               strand, err);
        }
        for (size_t i = 0; i < strand->n && rc == CF_OK; i++) {
            rc = strand_pinned(central, strand->pinned[i], err);
        }
    } while (rc == CF_OK && strand->n == CF_LEDGER_REDEEMED_MAX);
    free(strand);
    return rc;
}

static enum cf_rc strand_hold(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    return strand_left(ctx, (uint32_t)row[0].i, 0, row[1].i, err);
}

/* Money that is held for what the log asked for: its sale may still come, or never. */
static enum cf_rc strand_holds(struct cf_central *central, const struct cf_log *log, struct cf_error *err)
{
    struct cf_value id = cf_v_int((int64_t)log->id);
    enum cf_rc rc = cf_store_each(central->store, CF_Q_TAKEN_OF_LOG, CF_ARGS(id), strand_hold, central, err);
    return rc == CF_OK ? cf_store_run(central->store, CF_Q_TAKEN_STRAND, CF_ARGS(id), err) : rc;
}

enum cf_rc cf_ledger_strand(struct cf_central *central, const struct cf_log *log, struct cf_error *err)
{
    enum cf_rc rc = cf_ledger_flush_leases(central, err); /* the walk reads what is written */
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_LEASE_OF_LOG, CF_ARGS(cf_v_int((int64_t)log->id)), strand_lease,
                           central, err);
    }
    if (rc == CF_OK) {
        rc = strand_holds(central, log, err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_strand_home(central, log->terminal, err);
    }
    return rc == CF_OK ? cf_hub_log_ends(central, log, err) : rc;
}
