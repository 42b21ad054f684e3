/*
 * sync/hub/leases.c - what the store was leased: lent to its tills in parts, and given back.
 *
 * What is out on sub-leases and what was given back to the centre are together never more than the store was granted,
 * in units and in money; of a day, what is lent of it is never more than the store's share, which is whole again on the
 * next. A part of it comes back by its till's record alone, and by this alone is it lent again; what goes back to the
 * centre is a step of the hub's history first. A clock is looked at for how much to lend, never for whose it is.
 */
#include "sync/hub/inside.h"

#include "app/core/demand.h"
#include "base/money.h"

#define LACKS_FOR_US (INT64_C(3600) * CF_US_PER_S)
#define LACKS_AGAIN_US (INT64_C(900) * CF_US_PER_S) /* noted again, not at each ask */
#define SPENT_AT_ONCE_MAX 1000000
#define DAYS_MAX 400 /* of which a till is lent a share under one assignment: it names them itself */

/* What the store was leased, what the hub may still lend of it, and what is out and was not told as spent. */
struct left {
    struct cf_hub_store_lease lease;
    int64_t per_day; /* the store's share of each day */
    int64_t units, minor;
    int64_t unspent;
};

static enum cf_rc find_left(struct cf_hub *hub, uint32_t campaign, struct left *ret, struct cf_error *err)
{
    struct cf_lease_grant grant;
    struct cf_hub_store_lease *lease = &ret->lease;
    enum cf_rc rc = cf_replica_store_lease(hub->replica, campaign, hub->config.hub_epoch, &grant, err);
    if (rc == CF_OK)
        rc = cf_hub_store_lease(hub->store, &grant, lease, err);
    if (rc == CF_OK)
        rc = cf_hub_store_unspent(hub->store, hub->config.hub_epoch, campaign, &ret->unspent, err);
    if (rc != CF_OK)
        return rc;
    /* Of what came down: a replica that fell back lends less. None of these overflows. */
    ret->units = grant.granted - lease->returned - lease->lent;
    ret->minor = grant.granted_minor - lease->returned_minor - lease->lent_minor;
    ret->per_day = grant.per_day;
    return CF_OK;
}

/* --- sub-leases --------------------------------------------------------------------------------------------------- */

/* What the campaigns of an ask say, by its items. */
struct terms {
    struct cf_hub *hub;
    struct term {
        bool over;
        bool money, days;   /* it is counted in these beside units */
        int64_t most_minor; /* that one use takes off */
    } of[CF_HUB_SUBLEASES_MAX];
};

static enum cf_rc note_terms(void *ctx, const struct cf_campaign *campaign, struct cf_error *err)
{
    struct terms *terms = ctx;
    const struct cf_hub_sublease_ask *ask = &terms->hub->sublease_ask;
    (void)err;
    for (size_t i = 0; i < ask->n; i++)
        if (ask->items[i].campaign == campaign->id)
            terms->of[i] = (struct term){
                .over = cf_campaign_is_over_in(campaign, terms->hub->config.store, cf_env_wall(terms->hub->config.env)),
                .money = campaign->money_limited,
                .days = campaign->per_day != 0,
                .most_minor = cf_promotion_most_minor(&campaign->promotion),
            };
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
    if (now->granted == before->granted && now->spent == before->spent && now->lacks_us == before->lacks_us &&
        now->granted_minor == before->granted_minor && now->spent_minor == before->spent_minor)
        return CF_OK;
    return cf_hub_store_set_sublease(hub->store, now, err);
}

/* One item of an ask, from what there is to what is lent. */
struct lending {
    const struct cf_hub_sublease_asked *asked;
    const struct term *term;
    struct left left;
    struct cf_hub_sublease before, now;
    struct cf_hub_store_day day;
    int64_t keep;
    int64_t units, minor, day_units; /* more than before */
    bool lacks;
};

static int64_t half_of(int64_t left)
{
    return left > 0 ? left / 2 + left % 2 : 0;
}

/* As the till's part of all units at hand is, so is its part of the money; and it should do for one use. */
static int64_t money_for(const struct lending *l, int64_t at_hand)
{
    int64_t all = 0, part = 0, units = 0;
    if (!l->term->money || l->left.minor <= 0 || at_hand <= 0)
        return 0;
    if (cf_add_i64(l->left.minor, l->asked->left_minor, &all, NULL) != CF_OK ||
        cf_add_i64(l->left.units > 0 ? l->left.units : 0, l->asked->left, &units, NULL) != CF_OK ||
        cf_muldiv_round(all, at_hand, units, &part, NULL) != CF_OK)
        return 0; /* no till has that much */
    if (part < l->term->most_minor)
        part = l->term->most_minor;
    int64_t more = part - l->asked->left_minor;
    more = more < l->left.minor ? more : l->left.minor;
    return more > 0 ? more : 0;
}

/* A till gets at most half of what is left, so that the first to ask does not take all. */
static void work_out(struct lending *l)
{
    const struct cf_hub_sublease_asked *asked = l->asked;
    bool uncounted = asked->day == 0 && (l->term->money || l->term->days); /* a till that cannot count it */
    int64_t want = asked->want < l->keep ? asked->want : l->keep;
    int64_t wanted = l->term->over || uncounted ? 0 : want - asked->left;
    bool broke = l->term->money && l->left.minor <= 0 && asked->left_minor <= 0; /* units alone are of no use */
    l->units = wanted > 0 && !broke ? half_of(l->left.units) : 0;
    l->units = l->units < wanted ? l->units : wanted > 0 ? wanted : 0;
    l->lacks = wanted > 0 && l->units < wanted && (broke || l->left.units - l->units <= 0);
    if (l->term->over || asked->day == 0)
        return;
    int64_t at_hand = asked->left + l->units; /* no overflow: it wants more than it has only below a million */
    l->minor = money_for(l, at_hand);
    l->lacks = l->lacks ||
               (l->term->money && asked->left_minor + l->minor < l->term->most_minor && l->left.minor - l->minor <= 0);
    int64_t today = l->term->days ? half_of(l->left.per_day - l->day.lent) : 0;
    l->day_units = at_hand - asked->day_left;
    l->day_units = l->day_units < today ? l->day_units : today;
    l->day_units = l->day_units > 0 ? l->day_units : 0;
}

static enum cf_rc bound_days(struct cf_hub *hub, struct lending *l, struct cf_error *err)
{
    int64_t n = 0;
    if (l->day_units == 0 || l->day.granted > 0)
        return CF_OK;
    enum cf_rc rc = cf_hub_store_days(hub->store, &l->day, &n, err);
    if (n >= DAYS_MAX)
        l->day_units = 0;
    return rc;
}

/* A share that was cut reaches what is out of that day already: each till's part falls with it. What a till was told of
 * before stays lent, so that none of it is lent again. */
static int64_t part_of_day(const struct lending *l)
{
    int64_t out = l->day.lent + l->day_units, share = l->left.per_day;
    return out > share ? (int64_t)((uint64_t)l->day.granted * (uint64_t)share / (uint64_t)out) /* all within 32 bits */
                       : l->day.granted;
}

static enum cf_rc keep_lent(struct cf_hub *hub, struct lending *l, cf_wall at, struct cf_error *err)
{
    struct cf_hub_sublease *now = &l->now;
    enum cf_rc rc = CF_OK;
    now->granted += l->units;
    now->granted_minor += l->minor;
    l->day.granted += l->day_units;
    if (l->units > 0 || l->minor > 0 || l->day_units > 0)
        rc = cf_hub_add_step(hub, CF_HUB_STEP_SUBLEASE,
                             CF_HUB_NUMBERS(now->terminal, now->epoch, now->campaign, (uint64_t)now->granted,
                                            (uint64_t)now->granted_minor, l->day.day, (uint64_t)l->day.granted),
                             cf_bytes_of(NULL, 0), err);
    if (rc == CF_OK)
        rc = put_sublease(hub, &l->before, now, l->lacks, at, err);
    return rc == CF_OK && l->day_units > 0 ? cf_hub_store_lend_day(hub->store, &l->day, l->left.per_day, err) : rc;
}

/* Never more than the store was granted, whoever asks: of its units, of its money, of its share of a day. */
static enum cf_rc lend(struct cf_hub *hub, const struct cf_hub_caller *caller, size_t item, const struct term *term,
                       struct cf_error *err)
{
    struct lending l = {.asked = &hub->sublease_ask.items[item], .term = term};
    uint32_t campaign = l.asked->campaign, hub_epoch = hub->config.hub_epoch;
    cf_wall at = cf_env_wall(hub->config.env);
    l.day = (struct cf_hub_store_day){hub_epoch, campaign, l.asked->day, caller->terminal, caller->epoch, 0, 0};
    enum cf_rc rc = find_left(hub, campaign, &l.left, err);
    if (rc == CF_OK)
        rc = cf_hub_store_sublease(hub->store, hub_epoch, campaign, caller->terminal, caller->epoch, &l.before, err);
    if (rc == CF_OK && l.asked->day != 0)
        rc = cf_hub_store_day(hub->store, &l.day, err);
    if (rc != CF_OK)
        return rc;
    l.now = l.before;
    note_demand(&l.now, l.asked->spent, at);
    l.now.spent_minor = l.asked->spent_minor;
    rc = find_keep(hub, &l.now, at, &l.keep, err);
    if (rc != CF_OK)
        return rc;
    work_out(&l);
    rc = bound_days(hub, &l, err);
    if (rc == CF_OK)
        rc = keep_lent(hub, &l, at, err);
    hub->subleases.items[item] = (struct cf_hub_subleased){.campaign = campaign,
                                                           .granted = l.now.granted,
                                                           .keep = l.keep,
                                                           .day = l.asked->day,
                                                           .granted_minor = l.asked->day != 0 ? l.now.granted_minor : 0,
                                                           .day_granted = part_of_day(&l)};
    return rc;
}

enum cf_rc cf_hub_sublease(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                           struct cf_error *err)
{
    struct cf_hub_sublease_ask *ask = &hub->sublease_ask;
    struct terms terms = {.hub = hub};
    struct cf_error why;
    if (cf_hub_sublease_ask_decode(body, ask, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, ask->terminal, ask->epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    if (rc == CF_OK)
        rc = cf_replica_campaigns(hub->replica, note_terms, &terms, err);
    hub->subleases.n = ask->n;
    for (size_t i = 0; i < ask->n && rc == CF_OK; i++)
        rc = lend(hub, caller, i, &terms.of[i], err);
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
    if (rc != CF_OK || given->back.units > sublease.granted - sublease.returned - sublease.spent ||
        given->back.minor > sublease.granted_minor - sublease.returned_minor - sublease.spent_minor)
        return rc;
    sublease.returned += given->back.units;
    sublease.returned_minor += given->back.minor;
    return cf_hub_store_set_sublease(hub->store, &sublease, err);
}

/* --- back to the centre ------------------------------------------------------------------------------------------- */

/* What is out and unspent counts as kept. Money goes back in proportion to units; where nothing is kept, all of it. */
static enum cf_rc give_back(struct cf_hub *hub, uint32_t campaign, int64_t keep, struct cf_hub_store_lease *ret,
                            struct cf_error *err)
{
    struct left left;
    enum cf_rc rc = find_left(hub, campaign, &left, err);
    if (rc != CF_OK)
        return rc;
    *ret = left.lease;
    int64_t units = left.units - (keep > left.unspent ? keep - left.unspent : 0);
    int64_t minor = keep == 0 && left.minor > 0 ? left.minor : 0;
    units = units > 0 ? units : 0;
    if (keep > 0 && units > 0 && left.minor > 0)
        rc = cf_muldiv_round(left.minor, units, left.units, &minor, err);
    if (rc != CF_OK || (units == 0 && minor == 0))
        return rc;
    ret->returned += units;
    ret->returned_minor += minor;
    rc = cf_hub_store_return_lease(hub->store, ret, err);
    return rc == CF_OK
               ? cf_hub_add_step(hub, CF_HUB_STEP_GIVE_BACK,
                                 CF_HUB_NUMBERS(campaign, (uint64_t)ret->returned, (uint64_t)ret->returned_minor),
                                 cf_bytes_of(NULL, 0), err)
               : rc;
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
        struct cf_hub_store_lease lease = {0};
        rc = give_back(hub, ask->items[i].campaign, ask->items[i].keep, &lease, err);
        answer->items[i].campaign = ask->items[i].campaign;
        answer->items[i].returned = lease.returned;
        answer->items[i].returned_minor = lease.returned_minor;
    }
    hub->mark_durably = true; /* before its record can tell the centre, also of what an ask before this one lowered */
    return rc == CF_OK ? cf_hub_givebacks_encode(answer, ret, err) : rc;
}
