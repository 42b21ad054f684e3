/*
 * tests/sim/shoppers.c - shoppers, the online shop and marketing; see actors.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/actors.h"

#define RECENT 200 /* coupons that are still in somebody's pocket */
#define ASKS_MAX 8

void shoppers_keep(struct world *world, uint32_t campaign, uint32_t index, int member, uint64_t keyset,
                   const char *text)
{
    if (world->n_coupons == SIM_COUPONS_MAX)
        return;
    struct sim_coupon *coupon = &world->coupon[world->n_coupons++];
    *coupon = (struct sim_coupon){.campaign = campaign, .index = index, .member = member, .keyset = keyset};
    (void)snprintf(coupon->text, sizeof coupon->text, "%s", text);
}

const struct sim_coupon *shoppers_any_coupon(struct world *world)
{
    size_t n = world->n_coupons, recent = RECENT < n ? RECENT : n;
    if (n == 0)
        return NULL;
    return &world->coupon[sim_percent(world, 80) ? n - 1 - sim_chance(world, recent) : sim_chance(world, n)];
}

void shoppers_show_member(struct world *world, struct sim_member *member, char text[CF_CODE_TEXT_MAX])
{
    struct cf_code code;
    if (cf_member_code_sign(&member->card, world->now_us / SIM_S, ++member->counter, NULL, NULL, member->device, &code,
                            NULL) != CF_OK ||
        cf_code_text(&code, text, NULL) != CF_OK)
        abort();
    memcpy(member->last_code, text, CF_CODE_TEXT_MAX);
}

static void keep_claim(struct world *world, const json_t *json, int member)
{
    shoppers_keep(world, (uint32_t)json_integer_value(json_object_get(json, "campaign")),
                  (uint32_t)json_integer_value(json_object_get(json, "index")), member, world->keyset,
                  json_string_value(json_object_get(json, "code")));
}

static const char *error_name(const json_t *json)
{
    const char *name = json_string_value(json_object_get(json_object_get(json, "error"), "name"));
    return name ? name : "OK";
}

json_t *shoppers_ask(struct world *world, const char *method, const char *path, const char *body, int *ret_status)
{
    if (sim_chance(world, 3000) < world->deaths_per_1000) {
        world->centre_armed = true;
        world->centre_dies_in = (unsigned)sim_chance(world, 12);
    }
    json_t *json = central_call(world, method, path, body, ret_status);
    world->centre_armed = false;
    return json;
}

/* Points for a coupon. She asks until she has an answer; which points she has is the centre's to know. */
static void buy_voucher(struct world *world)
{
    char path[80], body[160];
    int status = 0, member = (int)sim_chance(world, world->n_members);
    json_t *json = NULL;
    (void)snprintf(path, sizeof path, "/v1/members/%s/vouchers", world->member[member].sub_text);
    (void)snprintf(body, sizeof body, "{\"campaign\":%u,\"store\":%u,\"request_id\":\"voucher-%llx\"}",
                   world->campaign[SIM_VOUCHERS], world->store_id[sim_chance(world, world->scale.stores)],
                   (unsigned long long)sim_chance(world, UINT64_MAX));
    for (int n = 0; n < ASKS_MAX && (status == 0 || sim_percent(world, 10)); n++) {
        json_decref(json);
        json = shoppers_ask(world, "POST", path, body, &status);
    }
    if (status == 201) {
        keep_claim(world, json, member);
        world->truth.points[member] -= world->points_price;
        world->count.vouchers++;
    }
    sim_log(world, "member %d takes a voucher of campaign %u: %d %s", member, world->campaign[SIM_VOUCHERS], status,
            error_name(json));
    if (status / 100 == 5)
        sim_violation(world, "refusals are of the business", "a voucher was answered %d", status);
    json_decref(json);
}

void shoppers_claim(struct world *world)
{
    char body[200], member_text[64] = "", pin[40] = "";
    int status = 0, member = sim_percent(world, 50) ? (int)sim_chance(world, world->n_members) : -1;
    enum sim_campaign which = (enum sim_campaign)sim_chance(world, SIM_ISSUED); /* not of those that tills issue */
    if (!world->campaign[which])
        return;
    if (world->campaign[SIM_VOUCHERS] && sim_percent(world, 15)) {
        buy_voucher(world);
        return;
    }
    if (member >= 0)
        (void)snprintf(member_text, sizeof member_text, ",\"member\":\"%s\"", world->member[member].sub_text);
    if (which == SIM_PINNED && sim_percent(world, 75))
        (void)snprintf(pin, sizeof pin, ",\"pin_store\":%u", world->store_id[sim_chance(world, world->scale.stores)]);
    (void)snprintf(body, sizeof body, "{\"campaign\":%u%s%s}", world->campaign[which], member_text, pin);
    json_t *json = shoppers_ask(world, "POST", "/v1/coupons/claim", body, &status);
    if (status == 201)
        keep_claim(world, json, member);
    if (status == 201 && member >= 0 && which == SIM_ONLINE_ONLY &&
        ++world->member[member].claims > world->claims_max && world->claims_max > 0)
        sim_violation(world, "1: claims of a member", "member %d has %u coupons of campaign %u, and may have %u",
                      member, world->member[member].claims, world->campaign[which], world->claims_max);
    sim_log(world, "a shopper claims of campaign %u: %d %s", world->campaign[which], status, error_name(json));
    json_decref(json);
}

/* A coupon that has no home yet gets one, or is refused. */
void shoppers_pin(struct world *world)
{
    char body[CF_CODE_TEXT_MAX + 64];
    int status = 0;
    const struct sim_coupon *any = shoppers_any_coupon(world);
    if (!any)
        return;
    struct sim_coupon coupon = *any;
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%u}", coupon.text,
                   world->store_id[sim_chance(world, world->scale.stores)]);
    json_t *json = shoppers_ask(world, "POST", "/v1/coupons/pin", body, &status);
    sim_log(world, "a shopper pins coupon %u/%u: %d %s", coupon.campaign, coupon.index, status, error_name(json));
    if (status / 100 == 2)
        keep_claim(world, json, coupon.member); /* she keeps the old picture too */
    json_decref(json);
}

/* Never the last one: somebody has to have points. */
void shoppers_erase(struct world *world)
{
    char path[80];
    int status = 0;
    struct sim_member *member = &world->member[sim_chance(world, world->n_members - 1)];
    (void)snprintf(path, sizeof path, "/v1/members/%s/erase", member->sub_text);
    for (int n = 0; n < ASKS_MAX && status == 0; n++)
        json_decref(shoppers_ask(world, "POST", path, NULL, &status));
    sim_log(world, "a member wants to be forgotten: %d", status);
    world->count.erased += status == 200 && !member->erased;
    member->erased |= status == 200;
    if (status / 100 == 5)
        sim_violation(world, "refusals are of the business", "an erasure was answered %d", status);
}

/* --- the online shop ---------------------------------------------------------------------------------------------- */

/* The shop's own retry after a lost answer: the same request. */
static void order_again(struct world *world)
{
    int status = 0;
    struct sim_order *order = &world->order[sim_chance(world, world->n_orders)];
    json_t *json = shoppers_ask(world, "POST", "/v1/coupons/redeem", order->body, &status);
    sim_log(world, "the online shop asks again for %u/%u: %d", order->campaign, order->index, status);
    if (status != 0 && !cf_bytes_equal(cf_buf_bytes(&world->response.body), order->answer))
        sim_violation(world, "a request is answered once", "the same order was answered otherwise: %.*s",
                      (int)world->response.body.n, (const char *)world->response.body.p);
    json_decref(json);
}

static void keep_order(struct world *world, const struct sim_coupon *coupon, const char *body, const json_t *json)
{
    truth_redeemed_online(world, coupon->campaign, coupon->index);
    if (coupon->member >= 0)
        world->truth.points[coupon->member] += json_integer_value(json_object_get(json, "points"));
    world->count.orders++;
    if (world->n_orders == SIM_ORDERS_MAX)
        return;
    struct sim_order *order = &world->order[world->n_orders++];
    uint8_t *answer = malloc(world->response.body.n + 1);
    *order = (struct sim_order){.campaign = coupon->campaign, .index = coupon->index, .body = strdup(body)};
    if (!answer || !order->body)
        abort();
    memcpy(answer, world->response.body.p, world->response.body.n);
    order->answer = cf_bytes_of(answer, world->response.body.n);
}

void shoppers_order_with(struct world *world, const struct sim_coupon *shown)
{
    int status = 0;
    struct sim_coupon coupon = *shown;
    char body[CF_CODE_TEXT_MAX + 300], member_text[64] = "";
    json_t *json = NULL;
    if (coupon.member >= 0)
        (void)snprintf(member_text, sizeof member_text, ",\"member\":\"%s\"", world->member[coupon.member].sub_text);
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"channel\":%u%s,\"request_id\":\"order-%llx\","
                   "\"order\":{\"lines\":[{\"product\":1,\"qty_milli\":1000},{\"product\":3,\"qty_milli\":2000}]}}",
                   coupon.text, world->channel, member_text, (unsigned long long)sim_chance(world, UINT64_MAX));
    for (int n = 0; n < ASKS_MAX && status == 0; n++) { /* without an answer it asks again */
        json_decref(json);
        json = shoppers_ask(world, "POST", "/v1/coupons/redeem", body, &status);
    }
    sim_log(world, "the online shop redeems %u/%u: %d %s", coupon.campaign, coupon.index, status, error_name(json));
    if (status / 100 == 2)
        keep_order(world, &coupon, body, json);
    else if (status / 100 == 5)
        sim_violation(world, "refusals are of the business", "the online shop was answered %d", status);
    json_decref(json);
}

void shoppers_order(struct world *world)
{
    const struct sim_coupon *coupon = shoppers_any_coupon(world);
    if (world->n_orders > 0 && sim_percent(world, 20))
        order_again(world);
    else if (coupon)
        shoppers_order_with(world, coupon);
}

/* One coupon, at many tills in the same minutes, and online. */
void shoppers_everywhere(struct world *world)
{
    const struct sim_coupon *any = shoppers_any_coupon(world);
    if (!any)
        return;
    struct sim_coupon coupon = *any;
    unsigned n = 2 + (unsigned)sim_chance(world, world->n_nodes < 10 ? world->n_nodes : 10);
    for (unsigned k = 0; k < n && !world->failed; k++) {
        struct node *node = &world->node[sim_chance(world, world->n_nodes)];
        if (node->till)
            cashier_serve_coupon(node, &coupon);
        truth_follow(node);
        if (k == n / 2)
            shoppers_order_with(world, &coupon);
    }
}

/* Where a machine stands that was given up for lost, if there is one: it does not know. */
static uint32_t store_of_interest(struct world *world)
{
    for (unsigned k = world->n_nodes; k > 0; k--)
        if (world->node[k - 1].replaced)
            return world->node[k - 1].store;
    return world->store_id[sim_chance(world, world->scale.stores)];
}

/* One coupon that was just claimed for a store, at all who are, were or take themselves for that store's. */
void shoppers_at_home(struct world *world)
{
    char body[120];
    int status = 0;
    const uint32_t store = store_of_interest(world);
    (void)snprintf(body, sizeof body, "{\"campaign\":%u,\"pin_store\":%u}", world->campaign[SIM_PINNED], store);
    json_t *json = shoppers_ask(world, "POST", "/v1/coupons/claim", body, &status);
    sim_log(world, "a shopper claims of campaign %u for store %u: %d %s", world->campaign[SIM_PINNED], store, status,
            error_name(json));
    if (status == 201)
        keep_claim(world, json, -1);
    json_decref(json);
    if (status != 201 || world->n_coupons == SIM_COUPONS_MAX)
        return;
    const struct sim_coupon coupon = world->coupon[world->n_coupons - 1];
    for (unsigned k = 0; k < world->n_nodes && !world->failed; k++) {
        struct node *node = &world->node[k];
        if (node->store == store && node->till)
            cashier_serve_coupon(node, &coupon);
        truth_follow(node);
    }
}

/* --- a coupon moves ----------------------------------------------------------------------------------------------- */

static bool is_at_home(const struct node *node, const struct sim_coupon *coupon)
{
    struct cf_code code;
    return coupon->campaign == node->world->campaign[SIM_PINNED] &&
           cf_code_decode_text(cf_bytes_str(coupon->text), &code, NULL) == CF_OK && code.coupon.pinned &&
           code.coupon.home == node->terminal && code.coupon.home_epoch == node->epoch;
}

struct giving_up {
    struct sim_coupon coupon;
    bool done;
};

static void give_up(struct node *node, void *ctx)
{
    struct giving_up *up = ctx;
    struct cf_coupon coupon;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_till_release(node->till, cf_bytes_str(up->coupon.text), &coupon, &err);
    sim_log(node->world, "till %u gives coupon %u/%u up: %s", node->number, up->coupon.campaign, up->coupon.index,
            cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) != CF_CLASS_REFUSED)
        sim_violation(node->world, "refusals are of the business", "till %u: giving up: %s: %s", node->number,
                      cf_rc_name(rc), err.detail);
    up->done = rc == CF_OK;
}

static void show_everywhere(struct world *world, const struct sim_coupon *shown, uint32_t store)
{
    const struct sim_coupon coupon = *shown;
    for (unsigned k = 0; k < world->n_nodes && !world->failed; k++) {
        struct node *node = &world->node[k];
        if ((store == 0 || node->store == store) && node->till && sim_percent(world, 60))
            cashier_serve_coupon(node, &coupon);
        truth_follow(node);
    }
}

void shoppers_move(struct node *node)
{
    struct world *world = node->world;
    struct giving_up up = {.done = false};
    char body[CF_CODE_TEXT_MAX + 64];
    int status = 0;
    bool found = false;
    const uint32_t to = world->store_id[sim_chance(world, world->scale.stores)];
    for (size_t k = world->n_coupons; k-- > 0 && !found;)
        if ((found = is_at_home(node, &world->coupon[k])))
            up.coupon = world->coupon[k];
    if (!found)
        return;
    if (sim_percent(world, 80))
        (void)node_run(node, NODE_TILL, give_up, &up);
    truth_follow(node);
    world->count.moves += up.done;
    if (sim_percent(world, 60))
        cashier_sync(node);
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%u}", up.coupon.text, to);
    json_t *json = shoppers_ask(world, "POST", "/v1/coupons/pin", body, &status);
    sim_log(world, "a shopper moves coupon %u/%u to store %u: %d %s", up.coupon.campaign, up.coupon.index, to, status,
            error_name(json));
    if (status / 100 == 2)
        keep_claim(world, json, up.coupon.member);
    json_decref(json);
    show_everywhere(world, &up.coupon, node->store);
    if (status / 100 == 2 && world->n_coupons > 0)
        show_everywhere(world, &world->coupon[world->n_coupons - 1], 0);
}

/* --- marketing ---------------------------------------------------------------------------------------------------- */

void marketing_change(struct world *world)
{
    char path[64], body[SIM_PROMOTION_MAX + 50];
    int status = 0;
    unsigned which = (unsigned)sim_chance(world, SIM_COUNTED);
    if (!world->campaign[which])
        return;
    struct campaign_truth *truth = truth_campaign(world, world->campaign[which]);
    (void)snprintf(path, sizeof path, "/v1/campaigns/%u", world->campaign[which]);
    if (which >= SIM_RICH) {
        char promotion[SIM_PROMOTION_MAX];
        world_any_promotion(world, promotion);
        (void)snprintf(body, sizeof body, "{\"promotion\":%s}", promotion);
    } else if (which == SIM_AUTOMATIC)
        (void)snprintf(body, sizeof body,
                       "{\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":%u,\"scope\":{\"categories\":[7]}}}",
                       500 + (unsigned)sim_chance(world, 3000));
    else
        (void)snprintf(
            body, sizeof body, "{\"budget\":%lld,\"promotion\":{\"kind\":\"order_amount\",\"amount_minor\":%u}}",
            (long long)++truth->budget, 100 + (unsigned)sim_chance(world, truth->budget_minor > 0 ? 200 : 500));
    json_t *json = central_call(world, "PATCH", path, body, &status);
    sim_log(world, "marketing changes campaign %u: %d %s", world->campaign[which], status, error_name(json));
    if (status != 200)
        sim_violation(world, "refusals are of the business", "changing campaign %u: %d", world->campaign[which],
                      status);
    json_decref(json);
}
