/*
 * sync/central/baskets.c - /v1/baskets: the online shop asks what a basket without a coupon costs before it is paid,
 * and says that it was.
 *
 * Priced by cf_order_price, as an order with a coupon is. A basket that was bought is one purchase of its member.
 */
#include "sync/central/baskets.h"

#include "sync/central/handlers.h"
#include "sync/central/members.h"
#include "sync/central/places.h"
#include "sync/central/points.h"
#include "sync/central/replay.h"

#include <string.h>

#define REFERENCE_MAX 64

/* --- what is bought ----------------------------------------------------------------------------------------------- */

enum cf_rc cf_basket_points(struct cf_central *central, const struct cf_basket *basket,
                            const struct cf_order_priced *priced, int64_t *ret, struct cf_error *err)
{
    unsigned tier;
    *ret = 0;
    if (!basket->has_member) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_check(central, basket->member, &tier, err);
    return rc == CF_OK ? cf_points_of(&priced->programme, tier, priced->priced, ret, err) : rc;
}

enum cf_rc cf_basket_buy(struct cf_central *central, const struct cf_basket *basket,
                         const struct cf_order_priced *priced, struct cf_error *err)
{
    int64_t points = 0, id = 0;
    bool known = false;
    enum cf_rc rc = cf_order_take_uses(central, priced, basket->channel, basket->request_id, err);
    if (rc == CF_OK) {
        rc = cf_basket_points(central, basket, priced, &points, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_insert(central->store, CF_Q_BASKET_ADD,
                             CF_ARGS(cf_v_int(cf_central_now(central).us), cf_v_int(basket->channel),
                                     cf_v_int(basket->store), cf_v_text(basket->reference), cf_v_int(basket->ordered),
                                     basket->has_member ? cf_v_int(cf_sub_number(basket->member)) : cf_v_null(),
                                     cf_v_int(priced->priced->discount_minor), cf_v_int(priced->priced->total_minor)),
                             &id, err);
    }
    if (rc == CF_OK && basket->has_member) {
        rc = cf_member_earn(central, basket->member, points, 0, &known, err);
    }
    if (rc == CF_OK && known) {
        rc = cf_points_note(central, basket->member, points, CF_POINTS_BASKET, (uint64_t)id, err);
    }
    if (rc == CF_OK) {
        cf_json_set_int(priced->json, "basket", id);
    }
    if (rc == CF_OK && basket->has_member) {
        cf_json_set_int(priced->json, "points", points);
    }
    return rc;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

struct request {
    struct cf_basket basket;
    char reference[REFERENCE_MAX + 1];
    char request_id[CF_REPLAY_KEY_MAX + 1];
    int64_t channel;
    const json_t *order;
};

static enum cf_rc read_request(const json_t *json, bool buys, struct request *r, struct cf_error *err)
{
    const struct cf_json_field fields[] = {
        {.name = "channel", .integer = &r->channel, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "member",
         .hex = r->basket.member.b,
         .hex_bytes = CF_SUB_BYTES,
         .present = &r->basket.has_member,
         .optional = true},
        {.name = "order", .object = &r->order},
        {.name = "request_id", .text = r->request_id, .cap = sizeof r->request_id, .min_bytes = 1},
        {.name = "reference", .text = r->reference, .cap = sizeof r->reference, .min_bytes = 1, .optional = true},
    };
    r->basket.reference = r->reference;
    r->basket.request_id = r->request_id;
    return cf_json_read(json, "", fields, buys ? 5 : 3, err);
}

static enum cf_rc price(struct cf_central *central, struct request *r, struct cf_order_priced *ret,
                        struct cf_error *err)
{
    struct cf_basket *basket = &r->basket;
    enum cf_rc rc = cf_channel_get(central, (uint32_t)r->channel, &basket->channel, &basket->store, err);
    return rc == CF_OK ? cf_order_price(central, basket->channel, basket->store, r->order, NULL,
                                        basket->has_member ? &basket->member : NULL, ret, err)
                       : rc;
}

enum cf_rc cf_handle_basket_price(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    struct request r = {.channel = 0};
    struct cf_order_priced priced;
    int64_t points = 0;
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_request(json, false, &r, err);
    if (rc == CF_OK) {
        rc = price(central, &r, &priced, err);
    }
    cf_ledger_forget(central);
    json_decref(json);
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = priced.json;
    rc = cf_basket_points(central, &r.basket, &priced, &points, err);
    if (rc == CF_OK && r.basket.has_member) {
        cf_json_set_int(reply->json, "points", points);
    }
    return rc;
}

static enum cf_rc buy(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    struct request *r = ctx;
    struct cf_order_priced priced;
    enum cf_rc rc = price(central, r, &priced, err);
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = priced.json;
    reply->status = 201;
    return cf_basket_buy(central, &r->basket, &priced, err);
}

enum cf_rc cf_handle_basket_buy(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct request r = {.channel = 0};
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_request(json, true, &r, err);
    if (rc == CF_OK) {
        rc = cf_replay_once(central, CF_REPLAY_BASKET, r.request_id, call->request->body, buy, &r, reply, err);
    }
    json_decref(json);
    return rc;
}
