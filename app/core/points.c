/*
 * app/core/points.c - points of the member programme: how many a sale earns, and the tier they lead to.
 *
 * Declared in pricing.h. Balances are the centre's. Pure; thread-safe.
 */
#include "app/core/pricing.h"

#include <string.h>

#define TIERS 10

enum cf_rc cf_points_earned(const struct cf_programme *programme, unsigned tier, int64_t net_minor, int64_t *ret_points,
                            struct cf_error *err)
{
    if (tier >= TIERS)
        return cf_fail(err, CF_E_RANGE, "tier %u is not in 0..%d", tier, TIERS - 1);
    if (programme->minor_per_point <= 0)
        return cf_fail(err, CF_E_RANGE, "minor_per_point %lld is not above zero",
                       (long long)programme->minor_per_point);
    if (net_minor < 0)
        return cf_fail(err, CF_E_RANGE, "net %lld is below zero", (long long)net_minor);
    /* Down and not to the nearest, hence not cf_muldiv_round: a point is earned when its money is spent, not before. */
    __extension__ typedef __int128 wide;
    wide points = (wide)net_minor * programme->tier_bp[tier] / ((wide)programme->minor_per_point * 10000);
    if (points > INT64_MAX)
        return cf_fail(err, CF_E_OVERFLOW, "points of %lld", (long long)net_minor);
    *ret_points = (int64_t)points;
    return CF_OK;
}

enum cf_rc cf_points_of(const struct cf_programme *programme, unsigned tier, const struct cf_priced *priced,
                        int64_t *ret_points, struct cf_error *err)
{
    int64_t net, points;
    enum cf_rc rc = cf_add_i64(priced->net_minor, priced->points_net_minor, &net, err);
    if (rc == CF_OK)
        rc = cf_points_earned(programme, tier, net, &points, err);
    return rc == CF_OK ? cf_add_i64(points, priced->points_more, ret_points, err) : rc;
}

/* What the campaigns' effects count for, summed by campaign in rising order. */
static size_t gather_effects(const struct cf_priced *priced, struct cf_effect ret[CF_EFFECTS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < priced->n_effects; i++) {
        const struct cf_effect *effect = &priced->effects[i];
        size_t at = 0;
        if (effect->kind != CF_EFFECT_POINTS)
            continue;
        while (at < n && ret[at].campaign < effect->campaign)
            at++;
        if (at < n && ret[at].campaign == effect->campaign) { /* two coupons of it; both parts are within the sums */
            ret[at].points_net_minor += effect->points_net_minor;
            ret[at].points_more += effect->points_more;
            continue;
        }
        memmove(&ret[at + 1], &ret[at], (n - at) * sizeof ret[0]);
        ret[at] = *effect;
        n++;
    }
    return n;
}

enum cf_rc cf_points_by_campaign(const struct cf_programme *programme, unsigned tier, const struct cf_priced *priced,
                                 struct cf_points_given ret[CF_EFFECTS_MAX], size_t *ret_n, struct cf_error *err)
{
    struct cf_effect by[CF_EFFECTS_MAX];
    struct cf_points_given given[CF_EFFECTS_MAX];
    size_t n_given = 0, n = gather_effects(priced, by);
    int64_t net, before = 0, after = 0;
    enum cf_rc rc = cf_add_i64(priced->net_minor, priced->points_net_minor, &net, err);
    for (size_t i = 0; i < n && rc == CF_OK; i++)
        rc = cf_sub_i64(net, by[i].points_net_minor, &net, err);
    if (rc == CF_OK)
        rc = cf_points_earned(programme, tier, net, &before, err);
    for (size_t i = 0; i < n && rc == CF_OK; i++, before = after) {
        net += by[i].points_net_minor; /* at most the sum that it was taken off */
        rc = cf_points_earned(programme, tier, net, &after, err);
        int64_t points = 0;
        if (rc == CF_OK)
            rc = cf_add_i64(after - before, by[i].points_more, &points, err);
        if (rc == CF_OK && points != 0)
            given[n_given++] = (struct cf_points_given){by[i].campaign, points};
    }
    if (rc != CF_OK)
        return rc;
    memcpy(ret, given, n_given * sizeof given[0]);
    *ret_n = n_given;
    return CF_OK;
}

unsigned cf_tier_of_points(const struct cf_programme *programme, int64_t points_ever)
{
    unsigned tier = 0;
    for (unsigned t = 1; t < TIERS; t++)
        if (programme->tier_from_points[t] != INT64_MAX && points_ever >= programme->tier_from_points[t])
            tier = t;
    return tier;
}
