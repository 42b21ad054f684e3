/*
 * sync/central/claims.c - a shopper claims a coupon, and pins it to a store or takes it back.
 *
 * A pinned coupon holds one unit of the budget for its home. It moves on only by evidence: the home's own record that
 * it gave the right up, or a coupon that never had a home.
 */
#include "sync/central/claims.h"
#include "sync/central/genuine.h"
#include "sync/central/handlers.h"
#include "sync/central/hub.h"
#include "sync/central/members.h"
#include "sync/central/places.h"
#include "sync/central/replay.h"

#include "base/plant.h"

#include <string.h>

#define DAY_S INT64_C(86400)
#define OPEN_ENDED_DAYS 365

/* --- the answer --------------------------------------------------------------------------------------------------- */

enum cf_rc cf_claim_reply(struct cf_central *central, const struct cf_coupon_row *row, struct cf_reply *reply,
                          struct cf_error *err)
{
    struct cf_coupon coupon = {.campaign = row->campaign,
                               .index = row->index,
                               .exp_s = row->exp_s,
                               .bound = row->bound,
                               .sub = row->sub,
                               .pinned = row->pinned,
                               .home = row->home,
                               .home_epoch = row->pinned ? row->home_epoch : 0,
                               .generation = row->generation};
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_COUPON];
    enum cf_rc rc = cf_coupon_sign(&coupon, issuer->kid, issuer->key, &code, err);
    if (rc == CF_OK) {
        rc = cf_code_text(&code, text, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = json_object();
    cf_json_set_text(reply->json, "code", text);
    cf_json_set_int(reply->json, "campaign", row->campaign);
    cf_json_set_int(reply->json, "index", row->index);
    cf_json_set_int(reply->json, "generation", row->generation);
    cf_json_set_instant(reply->json, "expires", cf_wall_from_s(row->exp_s));
    cf_json_set(reply->json, "home", row->pinned ? json_integer(row->home) : json_null());
    cf_json_set(reply->json, "home_epoch", row->pinned ? json_integer(row->home_epoch) : json_null());
    return CF_OK;
}

/* --- pinning ------------------------------------------------------------------------------------------------------ */

/* Who may honour it: a terminal, or a store's hub, in one epoch. */
struct home {
    uint32_t place, epoch, store;
};

/* Where a coupon pinned to a store is at home: in the whole store if a hub answers for all its lanes, else in one lane,
 * that of its first enrolled terminal. */
static enum cf_rc choose_home(struct cf_central *central, const struct cf_campaign *terms, uint32_t store,
                              struct home *ret, struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_hub_row hub;
    bool found = false;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    if (rc == CF_OK && !cf_campaign_has_store(terms, store)) {
        rc = cf_fail(err, CF_E_COUPON_STORE, "not for store %lu", (unsigned long)store);
    }
    if (rc == CF_OK) {
        rc = cf_hub_active(central, store, &hub, &found, err);
    }
    if (rc == CF_OK && found) {
        *ret = (struct home){store, hub.epoch, store};
        return CF_OK;
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_FIRST_OF_STORE, CF_ARGS(cf_v_int(store)), row, &found, err);
    }
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_STATE, "store %lu has no enrolled terminal", (unsigned long)store);
    }
    if (rc == CF_OK) {
        *ret = (struct home){(uint32_t)row[0].i, (uint32_t)row[2].i, store};
    }
    return rc;
}

/* One lane, by its own number. Of one that was set apart there may be copies, and each would honour the coupon. */
static enum cf_rc check_place(struct cf_central *central, const struct cf_campaign *terms, uint32_t place,
                              struct home *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_log_head head;
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(place)), row, &found, err);
    if (rc == CF_OK && (!found || row[2].i == 0)) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "place %lu is no enrolled terminal", (unsigned long)place);
    }
    if (rc == CF_OK && !cf_campaign_has_store(terms, (uint32_t)row[0].i)) {
        rc = cf_fail(err, CF_E_COUPON_STORE, "not for store %lu", (unsigned long)row[0].i);
    }
    if (rc != CF_OK) {
        return rc;
    }
    const struct home home = {place, (uint32_t)row[2].i, (uint32_t)row[0].i};
    rc = cf_log_get_active(central, home.place, home.epoch, &head, err);
    if (rc == CF_OK) {
        *ret = home;
    }
    return rc;
}

/* place 0: where the store has its home for coupons. */
static enum cf_rc pin_to(struct cf_central *central, struct cf_account *account, struct cf_coupon_row *coupon,
                         uint32_t store, uint32_t place, struct cf_error *err)
{
    if (account->terms.policy != CF_POLICY_PINNED) {
        return cf_fail(err, CF_E_STATE, "only coupons of a pinned campaign can be pinned");
    }
    struct home home = {0};
    enum cf_rc rc = place != 0 ? check_place(central, &account->terms, place, &home, err)
                               : choose_home(central, &account->terms, store, &home, err);
    const struct cf_bill bill = {.store = home.store, .has_member = coupon->bound, .member = coupon->sub};
    if (rc == CF_OK) {
        rc = cf_ledger_reserve(central, account, &bill, err);
    }
    coupon->pinned = true;
    coupon->home = home.place;
    coupon->home_epoch = home.epoch;
    coupon->reserved = true;
    return rc;
}

/* --- claiming ----------------------------------------------------------------------------------------------------- */

static enum cf_rc check_claim(struct cf_central *central, const struct cf_claim *claim,
                              const struct cf_account *account, struct cf_error *err)
{
    const struct cf_campaign *terms = &account->terms;
    int64_t now_us = cf_central_now(central).us;
    if (terms->policy == CF_POLICY_AUTOMATIC || terms->without_coupon) {
        return cf_fail(err, CF_E_CAMPAIGN_CLOSED, "campaign %lu has no coupons", (unsigned long)terms->id);
    }
    if (terms->stopped || (terms->to.us != 0 && now_us >= terms->to.us)) {
        return cf_fail(err, CF_E_CAMPAIGN_CLOSED, "campaign %lu is over", (unsigned long)terms->id);
    }
    if (terms->points_price > 0 && !claim->paid) {
        return cf_fail(err, CF_E_CAMPAIGN_CLOSED, "campaign %lu is paid for with points", (unsigned long)terms->id);
    }
    if (account->free + account->outstanding <= 0) {
        return cf_fail(err, CF_E_COUPON_BUDGET, "campaign %lu", (unsigned long)terms->id);
    }
    if (account->next_index >= UINT32_MAX) {
        return cf_fail(err, CF_E_LIMIT, "campaign %lu has no coupon numbers left", (unsigned long)terms->id);
    }
    if ((account->claims_per_member > 0 || terms->per_member_day > 0) && !claim->has_member) {
        return cf_fail(err, CF_E_MEMBER_REQUIRED, "campaign %lu counts claims by member", (unsigned long)terms->id);
    }
    return CF_OK;
}

static enum cf_rc count_claim(struct cf_central *central, const struct cf_claim *claim,
                              const struct cf_account *account, struct cf_error *err)
{
    unsigned tier;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    if (!claim->has_member) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_check(central, claim->member, &tier, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_CLAIM_COUNT_ADD,
                          CF_ARGS(cf_v_int(claim->campaign), cf_v_int(cf_sub_number(claim->member))), row, &found, err);
    }
    if (rc == CF_OK && account->claims_per_member > 0 && row[0].i > account->claims_per_member) {
        rc = cf_fail(err, CF_E_CLAIM_LIMIT, "%lld a member", (long long)account->claims_per_member);
    }
    return rc;
}

enum cf_rc cf_claim_make(struct cf_central *central, const struct cf_claim *claim, struct cf_coupon_row *ret,
                         struct cf_error *err)
{
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(central, (uint32_t)claim->campaign, &account, err);
    if (rc == CF_OK) {
        rc = check_claim(central, claim, account, err);
    }
    if (rc == CF_OK) {
        rc = count_claim(central, claim, account, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    const struct cf_campaign *terms = &account->terms;
    struct cf_coupon_row coupon = {.campaign = terms->id,
                                   .index = (uint32_t)account->next_index,
                                   .bound = claim->has_member,
                                   .sub = claim->member,
                                   .exp_s = terms->to.us != 0
                                                ? cf_wall_s(terms->to)
                                                : cf_wall_s(cf_central_now(central)) + OPEN_ENDED_DAYS * DAY_S,
                                   .released = -1,
                                   .state = CF_COUPON_LIVE,
                                   .origin = CF_COUPON_CLAIMED,
                                   .at_us = cf_central_now(central).us};
    account->next_index++;
    account->dirty = true;
    if (claim->pin_store != 0 || claim->pin_place != 0) {
        rc = pin_to(central, account, &coupon, (uint32_t)claim->pin_store, (uint32_t)claim->pin_place, err);
    }
    if (rc == CF_OK) {
        rc = cf_coupon_row_put(central, &coupon, err);
    }
    if (rc == CF_OK) {
        *ret = coupon;
    }
    return rc;
}

static enum cf_rc claim_effect(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    const struct cf_claim *claim = ctx;
    struct cf_coupon_row coupon;
    reply->status = 201;
    enum cf_rc rc = cf_claim_make(central, claim, &coupon, err);
    return rc == CF_OK ? cf_claim_reply(central, &coupon, reply, err) : rc;
}

enum cf_rc cf_handle_claim(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                           struct cf_error *err)
{
    struct cf_claim claim = {0};
    const struct cf_json_field fields[] = {
        {.name = "campaign", .integer = &claim.campaign, .min = 1, .max = UINT32_MAX},
        {.name = "member",
         .hex = claim.member.b,
         .hex_bytes = CF_SUB_BYTES,
         .present = &claim.has_member,
         .optional = true},
        {.name = "pin_store", .integer = &claim.pin_store, .min = 1, .max = UINT32_MAX, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    const struct cf_central_request *request = call->request;
    return rc == CF_OK ? cf_replay_once(central, CF_REPLAY_CLAIM, request->idempotency_key, request->body, claim_effect,
                                        &claim, reply, err)
                       : rc;
}

/* --- pinning a coupon that is there ------------------------------------------------------------------------------- */

/* It has no home, or its home gave this very generation up. */
static enum cf_rc check_movable(const struct cf_coupon_row *row, const struct cf_coupon *coupon, struct cf_error *err)
{
    if (row->state == CF_COUPON_REDEEMED) {
        return cf_fail(err, CF_E_COUPON_SPENT, "coupon %lu", (unsigned long)row->index);
    }
    if (row->state == CF_COUPON_REVOKED) {
        return cf_fail(err, CF_E_COUPON_REVOKED, "coupon %lu", (unsigned long)row->index);
    }
    if (coupon->generation < row->generation) {
        return cf_fail(err, CF_E_COUPON_GENERATION, "generation %lu, the newest is %lu",
                       (unsigned long)coupon->generation, (unsigned long)row->generation);
    }
    if (row->state == CF_COUPON_REFUNDED) {
        return cf_fail(err, CF_E_STATE, "the points for it were given back");
    }
    if (row->state == CF_COUPON_STRANDED) {
        return cf_fail(err, CF_E_STATE, "its home was lost: nobody can know whether it was used there");
    }
    if (row->pinned && row->released != (int64_t)row->generation && !CF_PLANTED(moved_unreleased)) {
        return cf_fail(err, CF_E_STATE, "place %lu has not given it up yet", (unsigned long)row->home);
    }
    return CF_OK;
}

struct pin {
    struct cf_code code;
    int64_t store; /* 0: nowhere */
};

static enum cf_rc pin_effect(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    const struct pin *pin = ctx;
    const struct cf_coupon *coupon = &pin->code.coupon;
    struct cf_account *account;
    struct cf_coupon_row row;
    bool found;
    enum cf_rc rc = cf_genuine(central, &pin->code, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, coupon->campaign, &account, err);
    }
    if (rc == CF_OK) {
        rc = cf_coupon_row_get(central, coupon->campaign, coupon->index, &row, &found, err);
    }
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_COUPON_RANGE, "coupon %lu", (unsigned long)coupon->index);
    }
    if (rc == CF_OK) {
        rc = check_movable(&row, coupon, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    row.pinned = false; /* what its old home held was freed when it gave the right up */
    row.generation++;
    if (pin->store != 0) {
        rc = pin_to(central, account, &row, (uint32_t)pin->store, 0, err);
    }
    if (rc == CF_OK) {
        rc = cf_coupon_row_put(central, &row, err);
    }
    if (rc == CF_OK) {
        rc = cf_coupon_row_tell_generation(central, &row, err);
    }
    return rc == CF_OK ? cf_claim_reply(central, &row, reply, err) : rc;
}

enum cf_rc cf_handle_pin(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                         struct cf_error *err)
{
    struct pin pin = {.store = 0};
    char text[CF_CODE_TEXT_MAX];
    const struct cf_json_field fields[] = {
        {.name = "code", .text = text, .cap = sizeof text, .min_bytes = 1},
        {.name = "store", .integer = &pin.store, .min = 1, .max = UINT32_MAX, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_coupon_code(text, &pin.code, err);
    }
    const struct cf_central_request *request = call->request;
    return rc == CF_OK ? cf_replay_once(central, CF_REPLAY_PIN, request->idempotency_key, request->body, pin_effect,
                                        &pin, reply, err)
                       : rc;
}
