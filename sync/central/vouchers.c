/*
 * sync/central/vouchers.c - POST /v1/members/{member}/vouchers: points become a coupon that is good offline at its
 * home.
 *
 * Points are taken and the coupon is made in one transaction, so that nothing but the coupon can spend them; they go
 * back by the home's own record that it gave the coupon up, and by nothing else. An expired voucher is still the
 * home's.
 */
#include "sync/central/vouchers.h"

#include "sync/central/claims.h"
#include "sync/central/members.h"
#include "sync/central/points.h"
#include "sync/central/replay.h"

#include <string.h>

struct order {
    struct cf_claim claim;
    char request_id[CF_REPLAY_KEY_MAX + 1];
};

static enum cf_rc read_order(const struct cf_call *call, struct order *order, struct cf_error *err)
{
    struct cf_claim *claim = &order->claim;
    const struct cf_json_field fields[] = {
        {.name = "campaign", .integer = &claim->campaign, .min = 1, .max = UINT32_MAX},
        {.name = "store", .integer = &claim->pin_store, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "place", .integer = &claim->pin_place, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "request_id", .text = order->request_id, .cap = sizeof order->request_id, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    claim->has_member = true;
    claim->paid = true;
    if (rc == CF_OK) {
        rc = cf_member_of_path(call, &claim->member, err);
    }
    if (rc == CF_OK && (claim->pin_store != 0) == (claim->pin_place != 0)) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "a voucher is for a store or for a place: exactly one of them");
    }
    return rc;
}

static enum cf_rc keep(struct cf_central *central, const struct cf_coupon_row *row, int64_t points, int64_t *ret_id,
                       struct cf_error *err)
{
    return cf_store_insert(central->store, CF_Q_VOUCHER_ADD,
                           CF_ARGS(cf_v_int(row->campaign), cf_v_int(row->index), cf_v_int(cf_sub_number(row->sub)),
                                   cf_v_int(points), cf_v_int(cf_central_now(central).us)),
                           ret_id, err);
}

static enum cf_rc mint(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    const struct order *order = ctx;
    struct cf_account *account;
    struct cf_coupon_row row;
    int64_t id = 0, price = 0;
    unsigned tier;
    enum cf_rc rc = cf_member_check(central, order->claim.member, &tier, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, (uint32_t)order->claim.campaign, &account, err);
    }
    if (rc == CF_OK) {
        price = account->terms.points_price;
        rc = price > 0 ? cf_claim_make(central, &order->claim, &row, err)
                       : cf_fail(err, CF_E_CAMPAIGN_CLOSED, "campaign %lld takes no points",
                                 (long long)order->claim.campaign);
    }
    if (rc == CF_OK) {
        rc = keep(central, &row, price, &id, err);
    }
    if (rc == CF_OK) {
        rc = cf_points_move(central, row.sub, -price, false, CF_POINTS_VOUCHER, (uint64_t)id, err);
    }
    if (rc == CF_OK) {
        rc = cf_claim_reply(central, &row, reply, err);
    }
    if (rc == CF_OK) {
        reply->status = 201;
        cf_json_set_int(reply->json, "points_price", price);
    }
    return rc;
}

enum cf_rc cf_handle_voucher(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                             struct cf_error *err)
{
    struct order order = {.claim = {.campaign = 0}};
    enum cf_rc rc = read_order(call, &order, err);
    return rc == CF_OK ? cf_replay_once(central, CF_REPLAY_VOUCHER, order.request_id, call->request->body, mint, &order,
                                        reply, err)
                       : rc;
}

enum cf_rc cf_voucher_released(struct cf_central *central, struct cf_coupon_row *coupon, uint64_t record,
                               struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    uint64_t changed = 0;
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VOUCHER_GET,
                                 CF_ARGS(cf_v_int(coupon->campaign), cf_v_int(coupon->index)), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    const int64_t id = row[0].i, points = row[2].i;
    const cf_sub sub = cf_sub_from_number(row[1].i);
    rc = cf_store_change(central->store, CF_Q_VOUCHER_RELEASE, CF_ARGS(cf_v_int(id), cf_v_int((int64_t)record)),
                         &changed, err);
    if (rc == CF_OK && changed > 0) {
        rc = cf_points_move(central, sub, points, true, CF_POINTS_REFUND, (uint64_t)id, err);
    }
    if (rc == CF_OK) {
        coupon->state = CF_COUPON_REFUNDED;
    }
    return rc;
}
