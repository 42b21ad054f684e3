/*
 * sync/central/coupon_row.c - see coupon_row.h.
 */
#include "sync/central/coupon_row.h"

#include "sync/central/down_log.h"

#include <string.h>

enum reserve { RESERVED = 1, RESERVE_STRANDED = 2 }; /* coupon.reserved */

enum cf_rc cf_coupon_row_get(struct cf_central *central, uint32_t campaign, uint32_t index, struct cf_coupon_row *ret,
                             bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_COUPON_GET, CF_ARGS(cf_v_int(campaign), cf_v_int(index)), row,
                                 ret_found, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret = (struct cf_coupon_row){.campaign = campaign,
                                  .index = index,
                                  .released = -1,
                                  .state = CF_COUPON_LIVE,
                                  .origin = CF_COUPON_SEEN,
                                  .at_us = cf_central_now(central).us};
    if (!*ret_found) {
        return CF_OK;
    }
    ret->bound = row[0].kind == CF_VALUE_INT;
    ret->sub = cf_sub_from_number(row[0].i);
    ret->exp_s = row[1].i;
    ret->pinned = row[2].kind == CF_VALUE_INT;
    ret->home = (uint32_t)row[2].i;
    ret->home_epoch = (uint32_t)row[3].i;
    ret->generation = (uint32_t)row[4].i;
    ret->released = row[5].i;
    ret->reserved = row[6].i == RESERVED;
    ret->stranded = row[6].i == RESERVE_STRANDED;
    ret->state = (enum cf_coupon_state)row[7].i;
    ret->origin = (enum cf_coupon_origin)row[8].i;
    ret->redemption = row[9].i;
    ret->at_us = row[10].i;
    return CF_OK;
}

enum cf_rc cf_coupon_row_put(struct cf_central *central, const struct cf_coupon_row *c, struct cf_error *err)
{
    return cf_store_run(
        central->store, CF_Q_COUPON_PUT,
        CF_ARGS(cf_v_int(c->campaign), cf_v_int(c->index), c->bound ? cf_v_int(cf_sub_number(c->sub)) : cf_v_null(),
                cf_v_int(c->exp_s), c->pinned ? cf_v_int(c->home) : cf_v_null(),
                c->pinned ? cf_v_int(c->home_epoch) : cf_v_null(), cf_v_int(c->generation), cf_v_int(c->released),
                cf_v_int(c->reserved   ? RESERVED
                         : c->stranded ? RESERVE_STRANDED
                                       : 0),
                cf_v_int(c->state), cf_v_int(c->origin), c->redemption != 0 ? cf_v_int(c->redemption) : cf_v_null(),
                cf_v_int(c->at_us)),
        err);
}

enum cf_rc cf_coupon_row_tell_generation(struct cf_central *central, const struct cf_coupon_row *coupon,
                                         struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_GENERATION};
    entry.generation.campaign = coupon->campaign;
    entry.generation.index = coupon->index;
    entry.generation.generation = coupon->generation;
    int64_t key = (int64_t)((uint64_t)coupon->campaign << 31 | coupon->index >> 1) * 2 + (coupon->index & 1);
    return cf_down_append(central, CF_TOPIC_REDEEMED, 0, key, &entry, err);
}

/* Most coupons are there and have no home: then only what the use changes is written. */
static enum cf_rc put_used(struct cf_central *central, const struct cf_coupon_row *coupon, struct cf_error *err)
{
    uint64_t changed = 0;
    if (!coupon->pinned) {
        enum cf_rc rc = cf_store_change(
            central->store, CF_Q_COUPON_USE,
            CF_ARGS(cf_v_int(coupon->campaign), cf_v_int(coupon->index), cf_v_int(coupon->redemption)), &changed, err);
        if (rc != CF_OK || changed > 0) {
            return rc;
        }
    }
    return cf_coupon_row_put(central, coupon, err);
}

enum cf_rc cf_use_add(struct cf_central *central, uint32_t campaign, uint32_t index, const struct cf_use *use,
                      int64_t *ret_redemption, struct cf_error *err)
{
    return cf_store_insert(central->store, CF_Q_REDEMPTION_ADD,
                           CF_ARGS(cf_v_int(campaign), cf_v_int(index), cf_v_int(use->generation),
                                   cf_v_int(use->policy), cf_v_int(use->at_us), cf_v_int(use->place),
                                   use->record != 0 ? cf_v_int((int64_t)use->record) : cf_v_null(),
                                   cf_v_blob(use->request_key, CF_REQUEST_KEY_BYTES), cf_v_int(use->source),
                                   cf_v_int(use->n), use->boot != 0 ? cf_v_int(use->boot) : cf_v_null(),
                                   cf_v_int(use->cost_minor)),
                           ret_redemption, err);
}

enum cf_rc cf_coupon_row_use(struct cf_central *central, struct cf_coupon_row *coupon, const struct cf_use *use,
                             int64_t *ret_redemption, struct cf_error *err)
{
    int64_t redemption = 0;
    enum cf_rc rc = cf_use_add(central, coupon->campaign, coupon->index, use, &redemption, err);
    if (rc == CF_OK && coupon->redemption == 0) {
        coupon->state = CF_COUPON_REDEEMED;
        coupon->redemption = redemption;
        rc = put_used(central, coupon, err);
    } else if (rc == CF_OK && coupon->pinned) { /* the reserve may have been used */
        rc = cf_coupon_row_put(central, coupon, err);
    }
    if (rc == CF_OK) {
        *ret_redemption = redemption;
    }
    return rc;
}
