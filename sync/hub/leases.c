/*
 * sync/hub/leases.c - what the store was leased: lent to its tills in parts, and given back.
 *
 * What is out on sub-leases and what was given back to the centre are together never more than the store was granted. A
 * part of it comes back by its till's record alone, and by this alone is it lent again; what goes back to the centre is
 * a step of the hub's history first. A clock is looked at for how much to lend, never for whose it is.
 */
#include "sync/hub/inside.h"

#include "app/core/demand.h"
#include "base/plant.h"

#define LACKS_FOR_US (INT64_C(3600) * CF_US_PER_S)
#define LACKS_AGAIN_US (INT64_C(900) * CF_US_PER_S) /* noted again, not at each ask */
#define SPENT_AT_ONCE_MAX 1000000

/* What the hub may still lend, and what is out and was not told as spent. */
static enum cf_rc find_left(struct cf_hub *hub, uint32_t campaign, int64_t *ret_left, int64_t *ret_unspent,
                            int64_t *ret_returned, struct cf_error *err)
{
    struct cf_lease_grant lease;
    int64_t subleased = 0;
    uint32_t hub_epoch = hub->config.hub_epoch;
    enum cf_rc rc = cf_replica_store_lease(hub->replica, campaign, hub_epoch, &lease, err);
    if (rc == CF_OK)
        rc = cf_hub_store_subleased(hub->store, hub_epoch, campaign, &subleased, ret_unspent, err);
    if (rc == CF_OK)
        rc = cf_hub_store_returned_of_store(hub->store, hub_epoch, campaign, ret_returned, err);
    if (rc == CF_OK)
        *ret_left = lease.granted - *ret_returned - subleased;
    return rc;
}

/* --- sub-leases --------------------------------------------------------------------------------------------------- */

struct ended {
    struct cf_hub *hub;
    bool over[CF_HUB_SUBLEASES_MAX]; /* by item of the ask */
};

static enum cf_rc note_ended(void *ctx, const struct cf_campaign *campaign, struct cf_error *err)
{
    struct ended *ended = ctx;
    const struct cf_hub_sublease_ask *ask = &ended->hub->sublease_ask;
    (void)err;
    for (size_t i = 0; i < ask->n; i++)
        if (ask->items[i].campaign == campaign->id)
            ended->over[i] = campaign->stopped ||
                             (campaign->to.us != 0 && cf_env_wall(ended->hub->config.env).us >= campaign->to.us);
    return CF_OK;
}

static void note_demand(struct cf_hub_sublease *sublease, int64_t spent, cf_wall now)
{
    int64_t more = spent > sublease->spent ? spent - sublease->spent : 0;
    if (more > SPENT_AT_ONCE_MAX)
        more = SPENT_AT_ONCE_MAX;
    sublease->demand_milli = cf_demand_decayed(sublease->demand_milli, now.us - sublease->demand_us) + 1000 * more;
    sublease->demand_us = now.us;
    sublease->spent = spent;
}

/* While another till lacks, this one keeps twice its demand, and at least one. */
static enum cf_rc find_keep(struct cf_hub *hub, const struct cf_hub_sublease *sublease, cf_wall now, int64_t *ret,
                            struct cf_error *err)
{
    bool lack = false;
    enum cf_rc rc = cf_hub_store_others_lack(hub->store, sublease, (cf_wall){now.us - LACKS_FOR_US}, &lack, err);
    int64_t need = cf_demand_units(cf_demand_decayed(sublease->demand_milli, now.us - sublease->demand_us));
    if (!lack || need > CF_HUB_SUBLEASE_WANT_MAX)
        need = CF_HUB_SUBLEASE_WANT_MAX;
    *ret = need > 1 ? need : 1;
    return rc;
}

/* Writes what changed; of what it asks and gets, only now and then that it lacks. */
static enum cf_rc put_sublease(struct cf_hub *hub, const struct cf_hub_sublease *before, struct cf_hub_sublease *now,
                               bool lacks, cf_wall at, struct cf_error *err)
{
    if (!lacks)
        now->lacks_us = 0;
    else if (before->lacks_us == 0 || at.us - before->lacks_us > LACKS_AGAIN_US || at.us < before->lacks_us)
        now->lacks_us = at.us;
    if (now->granted == before->granted && now->spent == before->spent && now->lacks_us == before->lacks_us)
        return CF_OK;
    return cf_hub_store_set_sublease(hub->store, now, err);
}

/*
 * Never more than the store was granted, whoever asks. A till gets at most half of what is left, so that the first to
 * ask does not take all.
 */
static enum cf_rc grant_more(struct cf_hub *hub, const struct cf_hub_caller *caller, size_t item, bool over,
                             struct cf_error *err)
{
    uint32_t campaign = hub->sublease_ask.items[item].campaign, hub_epoch = hub->config.hub_epoch;
    int64_t left = 0, unspent = 0, returned = 0, keep = 0;
    struct cf_hub_sublease before;
    cf_wall at = cf_env_wall(hub->config.env);
    enum cf_rc rc = find_left(hub, campaign, &left, &unspent, &returned, err);
    if (rc == CF_OK)
        rc = cf_hub_store_sublease(hub->store, hub_epoch, campaign, caller->terminal, caller->epoch, &before, err);
    if (rc != CF_OK)
        return rc;
    struct cf_hub_sublease now = before;
    note_demand(&now, hub->sublease_ask.items[item].spent, at);
    rc = find_keep(hub, &now, at, &keep, err);
    if (rc != CF_OK)
        return rc;
    int64_t want = hub->sublease_ask.items[item].want < keep ? hub->sublease_ask.items[item].want : keep;
    int64_t wanted = over ? 0 : want - hub->sublease_ask.items[item].left;
    int64_t more = left > 0 ? (left + 1) / 2 : 0;
    more = more < wanted ? more : wanted;
    if (more > 0) {
        now.granted += more;
        rc = cf_hub_add_step(hub, CF_HUB_STEP_SUBLEASE,
                             CF_HUB_NUMBERS(caller->terminal, caller->epoch, campaign, (uint64_t)now.granted),
                             cf_bytes_of(NULL, 0), err);
    }
    if (rc == CF_OK)
        rc = put_sublease(hub, &before, &now, more < wanted && left - more <= 0, at, err);
    hub->subleases.items[item].campaign = campaign;
    hub->subleases.items[item].granted = now.granted;
    hub->subleases.items[item].keep = keep;
    return rc;
}

enum cf_rc cf_hub_sublease(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                           struct cf_error *err)
{
    struct cf_hub_sublease_ask *ask = &hub->sublease_ask;
    struct ended ended = {.hub = hub};
    struct cf_error why;
    if (cf_hub_sublease_ask_decode(body, ask, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, ask->terminal, ask->epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    if (rc == CF_OK)
        rc = cf_replica_campaigns(hub->replica, note_ended, &ended, err);
    hub->subleases.n = ask->n;
    for (size_t i = 0; i < ask->n && rc == CF_OK; i++)
        rc = grant_more(hub, caller, i, ended.over[i], err);
    return rc == CF_OK ? cf_hub_subleases_encode(&hub->subleases, ret, err) : rc;
}

/*
 * The till's log says so: it can never spend them, so another till may. What it gives back beyond what it has, or of
 * another hub, is nothing. The step of its batch holds this as well.
 */
enum cf_rc cf_hub_note_sublease_return(struct cf_hub *hub, const struct cf_record *record,
                                       const struct cf_hub_lease_return *given, struct cf_error *err)
{
    struct cf_hub_sublease sublease;
    if (given->hub_epoch != hub->config.hub_epoch)
        return CF_OK;
    enum cf_rc rc = cf_hub_store_sublease(hub->store, given->hub_epoch, given->back.campaign, record->terminal,
                                          record->epoch, &sublease, err);
    if (rc != CF_OK || given->back.units > sublease.granted - sublease.returned - sublease.spent)
        return rc;
    sublease.returned += given->back.units;
    return cf_hub_store_set_sublease(hub->store, &sublease, err);
}

/* --- back to the centre ------------------------------------------------------------------------------------------- */

static enum cf_rc give_back(struct cf_hub *hub, uint32_t campaign, int64_t keep, int64_t *ret_returned,
                            struct cf_error *err)
{
    int64_t left = 0, unspent = 0, returned = 0;
    enum cf_rc rc = find_left(hub, campaign, &left, &unspent, &returned, err);
    int64_t more = left - (keep > unspent ? keep - unspent : 0); /* what is out and unspent counts as kept */
    if (rc == CF_OK && more > 0) {
        returned += more;
        rc = cf_hub_store_set_returned_of_store(hub->store, hub->config.hub_epoch, campaign, returned, err);
        if (rc == CF_OK)
            rc = cf_hub_add_step(hub, CF_HUB_STEP_GIVE_BACK, CF_HUB_NUMBERS(campaign, (uint64_t)returned),
                                 cf_bytes_of(NULL, 0), err);
    }
    *ret_returned = returned;
    return rc;
}

enum cf_rc cf_hub_give_lease_back(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                                  struct cf_buf *ret, struct cf_error *err)
{
    struct cf_hub_giveback_ask *ask = &hub->giveback_ask;
    struct cf_hub_givebacks *answer = &hub->givebacks;
    struct cf_error why;
    if (cf_hub_giveback_ask_decode(body, ask, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, ask->terminal, ask->epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_caller(caller, hub->config.terminal, hub->config.epoch, err); /* whose log tells the centre */
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    answer->n = ask->n;
    for (size_t i = 0; i < ask->n && rc == CF_OK; i++) {
        answer->items[i].campaign = ask->items[i].campaign;
        rc = give_back(hub, ask->items[i].campaign, ask->items[i].keep, &answer->items[i].returned, err);
    }
    hub->mark_durably = true; /* before its record can tell the centre, also of what an ask before this one lowered */
    return rc == CF_OK ? cf_hub_givebacks_encode(answer, ret, err) : rc;
}
