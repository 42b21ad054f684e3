/*
 * sync/central/revoked.c - see revoked.h.
 */
#include "sync/central/revoked.h"

#include "sync/central/adjudicate.h"

#include "base/bytes.h"

/* --- a use of what is revoked ---------------------------------------------------------------------------------------
 */

enum cf_rc cf_is_revoked(struct cf_central *central, uint32_t campaign, uint32_t index, bool *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    return cf_store_row(central->store, CF_Q_REVOKED_GET, CF_ARGS(cf_v_int(campaign), cf_v_int(index)), row, ret, err);
}

static enum cf_rc report(struct cf_central *central, uint32_t campaign, uint32_t index, int64_t redemption,
                         uint64_t record, struct cf_error *err)
{
    const struct cf_conflict conflict = {.kind = CF_CONFLICT_REVOKED,
                                         .campaign = campaign,
                                         .index = index,
                                         .redemption = redemption,
                                         .loser = CF_LOSER_ABSORB};
    enum cf_rc rc = cf_conflict_add(central, &conflict, err);
    return rc == CF_OK ? cf_conflict_tell(central, record, err) : rc;
}

enum cf_rc cf_revoked_used(struct cf_central *central, uint32_t campaign, uint32_t index, int64_t redemption,
                           uint64_t record, struct cf_error *err)
{
    bool revoked = false;
    enum cf_rc rc = cf_is_revoked(central, campaign, index, &revoked, err);
    return rc == CF_OK && revoked ? report(central, campaign, index, redemption, record, err) : rc;
}

enum cf_rc cf_revoked_unused(struct cf_central *central, int64_t redemption, uint64_t record, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_CONFLICT_DROP,
                                 CF_ARGS(cf_v_int(redemption), cf_v_int(CF_CONFLICT_REVOKED)), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    rc = cf_central_alarm_over(central, (struct cf_alarm_cause){CF_CONFLICT_REVOKED, redemption}, err);
    return rc == CF_OK ? cf_conflict_tell(central, record, err) : rc;
}

/* --- all goods are back ---------------------------------------------------------------------------------------------
 */

/* Its till may give out only what it was granted, and so it may revoke nothing else. */
static enum cf_rc was_granted(struct cf_central *central, const struct cf_issued *issued, uint64_t log, bool *ret,
                              struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ISSUE_RANGE_GET,
                                 CF_ARGS(cf_v_int(cf_get_be32(issued->grant_id.b))), row, &found, err);
    *ret = rc == CF_OK && found && row[0].i == issued->campaign && (uint64_t)row[1].i == log &&
           issued->index >= row[2].i && issued->index <= row[3].i;
    return rc;
}

#define USES_AT_ONCE 64 /* more uses of one coupon than this are conflicts of their own kind already */

struct uses {
    size_t n;
    struct use_of {
        int64_t redemption;
        uint64_t record;
    } use[USES_AT_ONCE];
};

static enum cf_rc collect_use(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct uses *uses = ctx;
    (void)err;
    if (uses->n < USES_AT_ONCE) {
        uses->use[uses->n++] = (struct use_of){row[0].i, (uint64_t)row[1].i};
    }
    return CF_OK;
}

static enum cf_rc revoke(struct cf_central *central, const struct cf_issued *issued, struct cf_error *err)
{
    struct cf_coupon_row coupon;
    struct uses uses = {.n = 0};
    bool found = false;
    enum cf_rc rc = cf_coupon_row_get(central, issued->campaign, issued->index, &coupon, &found, err);
    if (rc == CF_OK && coupon.state == CF_COUPON_LIVE) {
        coupon.state = CF_COUPON_REVOKED;
        rc = cf_coupon_row_put(central, &coupon, err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_redeemed(central, issued->campaign, issued->index, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_USES_OF, CF_ARGS(cf_v_int(issued->campaign), cf_v_int(issued->index)),
                           collect_use, &uses, err);
    }
    for (size_t i = 0; i < uses.n && rc == CF_OK; i++) {
        rc = report(central, issued->campaign, issued->index, uses.use[i].redemption, uses.use[i].record, err);
    }
    return rc;
}

enum cf_rc cf_revoke_issued(struct cf_central *central, const struct cf_sale *sale, uint64_t sale_id,
                            struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sale->n_issued && rc == CF_OK; i++) {
        const struct cf_issued *issued = &sale->issued[i];
        uint64_t changed = 0;
        bool granted = false;
        rc = was_granted(central, issued, sale_id >> CF_RECORD_ID_SHIFT, &granted, err);
        if (rc == CF_OK && granted) {
            rc = cf_store_change(
                central->store, CF_Q_REVOKED_ADD,
                CF_ARGS(cf_v_int(issued->campaign), cf_v_int(issued->index), cf_v_int((int64_t)sale_id)), &changed,
                err);
        }
        if (rc == CF_OK && changed > 0) {
            rc = revoke(central, issued, err);
        }
    }
    return rc;
}
