/*
 * tests/sim/actors.c - see actors.h. Shipped code does the work; what is here only decides by chance what is asked of
 * it, and writes down what came of it.
 */
#include "tests/sim/actors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/check.h"

static const char *const goods[] = {"6901234567892", "4006381333931", "5901234123457", "SKU-7"};

/* --- a cashier ---------------------------------------------------------------------------------------------------- */

static struct cf_till_view view_of(const struct node *node)
{
    struct cf_till_view view;
    cf_till_view(node->till, &view);
    return view;
}

static void scan(struct node *node, const char *what, const char *text)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_till_scan(node->till, cf_bytes_str(text), NULL, &err);
    sim_log(world, "till %u scans %s: %s", node->number, what, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        sim_violation(world, "till %u: scanning %s: %s: %s", node->number, what, cf_rc_name(rc), err.detail);
    if (rc != CF_OK && *text == 'C')
        world->count.refused++;
}

static void scan_coupon(struct node *node)
{
    struct world *world = node->world;
    char what[64];
    if (world->n_coupons == 0)
        return;
    const struct sim_coupon *coupon = &world->coupon[sim_chance(world, world->n_coupons)];
    (void)snprintf(what, sizeof what, "coupon %u/%u", coupon->campaign, coupon->index);
    if (coupon->member >= 0 && !view_of(node).has_member && sim_percent(world, 80)) {
        struct sim_member *member = &world->member[coupon->member];
        char text[CF_CODE_TEXT_MAX];
        struct cf_code code;
        if (cf_member_code_sign(&member->card, world->now_us / SIM_S, ++member->counter, NULL, NULL, member->device,
                                &code, NULL) != CF_OK ||
            cf_code_text(&code, text, NULL) != CF_OK)
            abort();
        scan(node, "a member", text);
    }
    scan(node, what, coupon->text);
}

/* The coupon on the receipt goes into somebody's pocket. */
static void take_receipt(struct node *node, uint64_t seq)
{
    struct world *world = node->world;
    struct cf_receipt *receipt = NULL;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_till_receipt(node->till, seq, &receipt, &err);
    if (rc != CF_OK) {
        sim_violation(world, "till %u has no receipt of sale %llu: %s", node->number, (unsigned long long)seq,
                      err.detail);
        return;
    }
    for (size_t k = 0; k < cf_receipt_count(receipt); k++) {
        struct cf_receipt_block block = cf_receipt_at(receipt, k);
        struct cf_code code;
        if (block.kind != CF_RECEIPT_QR || world->n_coupons == SIM_COUPONS_MAX ||
            cf_code_decode_text(cf_bytes_str(block.text), &code, NULL) != CF_OK)
            continue;
        struct sim_coupon *coupon = &world->coupon[world->n_coupons++];
        *coupon = (struct sim_coupon){.campaign = code.coupon.campaign, .index = code.coupon.index, .member = -1};
        (void)snprintf(coupon->text, sizeof coupon->text, "%s", block.text);
        sim_log(world, "  with coupon %u/%u on the receipt", coupon->campaign, coupon->index);
    }
    cf_receipt_free(receipt);
    sim_must(world, cf_till_printed(node->till, seq, CF_PRINT_DONE, &sim_err));
}

static void pay(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_view view = view_of(node);
    struct cf_till_sold sold = {.committed = false};
    struct cf_error err = {.rc = CF_OK};
    struct cf_tender tender = {.kind = CF_TENDER_CASH, .amount_minor = view.due_minor};
    if (cf_cart_live_count(view.cart) == 0)
        return;
    if (view.due_minor > 100 && sim_percent(world, 25)) { /* a card pays a part of it */
        struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 100, .reference = "A-1"};
        enum cf_rc rc = cf_till_tender(node->till, &card, &sold, &err);
        if (rc != CF_OK)
            sim_violation(world, "till %u: card: %s: %s", node->number, cf_rc_name(rc), err.detail);
        tender.amount_minor -= 100;
    }
    if (sim_percent(world, 30))
        tender.amount_minor += 500; /* change comes back; for nothing due it is refused */
    enum cf_rc rc = cf_till_tender(node->till, &tender, &sold, &err);
    sim_log(world, "till %u is paid %lld: %s", node->number, (long long)view.due_minor, cf_rc_name(rc));
    if (rc != CF_OK) {
        if (cf_rc_class(rc) != CF_CLASS_REFUSED)
            sim_violation(world, "till %u: paying: %s: %s", node->number, cf_rc_name(rc), err.detail);
        return;
    }
    if (!sold.committed)
        return;
    world->count.sales++;
    check_head(node);
    take_receipt(node, sold.at.seq);
}

static void leave_or_pay(struct node *node)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = CF_OK;
    char label[8];
    switch (sim_chance(world, 12)) {
    case 0:
        rc = cf_till_cancel(node->till, &err);
        sim_log(world, "till %u cancels: %s", node->number, cf_rc_name(rc));
        break;
    case 1:
        (void)snprintf(label, sizeof label, "%u", (unsigned)sim_chance(world, 4));
        rc = cf_till_park(node->till, label, &err);
        sim_log(world, "till %u parks %s: %s", node->number, label, cf_rc_name(rc));
        if (rc == CF_OK)
            node->parked |= 1u << (label[0] - '0');
        break;
    case 2:
        sim_log(world, "till %u: the shopper is still looking", node->number);
        break;
    default:
        pay(node);
        break;
    }
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        sim_violation(world, "till %u: %s: %s", node->number, cf_rc_name(rc), err.detail);
}

static void recall(struct node *node)
{
    char label[8];
    struct cf_error err = {.rc = CF_OK};
    unsigned which = (unsigned)sim_chance(node->world, 4);
    if (!(node->parked & 1u << which) || view_of(node).state != CF_CHECKOUT_IDLE)
        return;
    (void)snprintf(label, sizeof label, "%u", which);
    enum cf_rc rc = cf_till_recall(node->till, label, &err);
    sim_log(node->world, "till %u recalls %s: %s", node->number, label, cf_rc_name(rc));
    node->parked &= ~(1u << which); /* after a kill a label may be gone or back: both are tried */
    if (rc != CF_OK && rc != CF_E_NOT_FOUND)
        sim_violation(node->world, "till %u: recall: %s: %s", node->number, cf_rc_name(rc), err.detail);
}

static void serve(struct node *node, void *ctx)
{
    struct world *world = node->world;
    (void)ctx;
    if (!node->till)
        return;
    if (sim_percent(world, 15))
        recall(node);
    struct cf_till_view view = view_of(node);
    if (view.state == CF_CHECKOUT_IDLE || view.state == CF_CHECKOUT_SELLING) {
        for (uint64_t n = sim_chance(world, 3) + (cf_cart_live_count(view.cart) == 0); n > 0; n--)
            scan(node, "goods", goods[sim_chance(world, 4)]);
        if (sim_percent(world, 20))
            sim_must(world, cf_till_quantity(node->till, 0, 2000, &sim_err));
        for (uint64_t n = sim_chance(world, 3); n > 0; n--)
            scan_coupon(node);
        if (sim_percent(world, 20))
            scan(node, "goods", goods[0]);
    }
    if (view_of(node).state == CF_CHECKOUT_TENDERING && sim_percent(world, 30))
        sim_must(world, cf_till_untender(node->till, &sim_err));
    leave_or_pay(node);
}

void actors_interleave(struct node *node)
{
    if (node->in_sync && !node->world->healing && sim_percent(node->world, 10)) {
        node->in_sync = false; /* once a cycle */
        serve(node, NULL);
    }
}

static void close_day(struct node *node, void *ctx)
{
    struct cf_till_report report;
    struct cf_error err = {.rc = CF_OK};
    (void)ctx;
    if (!node->till)
        return;
    enum cf_rc rc = cf_till_z_report(node->till, &report, &err);
    sim_log(node->world, "till %u closes the day: %s", node->number, cf_rc_name(rc));
    if (rc == CF_OK)
        check_head(node);
    else if (rc != CF_E_SALE_OPEN && rc != CF_E_SALE_TENDERED)
        sim_violation(node->world, "till %u: Z: %s: %s", node->number, cf_rc_name(rc), err.detail);
}

static void rest(struct node *node, void *ctx)
{
    struct cf_till_report report;
    (void)ctx;
    if (!node->till)
        return;
    sim_must(node->world, cf_till_rest(node->till, &sim_err));
    sim_must(node->world, cf_till_x_report(node->till, &report, &sim_err));
}

/* A cashier's friend: the coupon counts, whatever the lease says. */
static enum cf_rc no_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_receipt *receipt = NULL;
    (void)ctx;
    (void)committed;
    enum cf_rc rc = cf_receipt_new(&receipt, err);
    if (rc == CF_OK)
        rc = cf_receipt_encode(receipt, ret, err);
    cf_receipt_free(receipt);
    return rc;
}

static void sell_without_lease(struct node *node, void *ctx)
{
    struct world *world = node->world;
    struct cf_sale *sale = NULL;
    struct cf_committed at;
    struct cf_stamp stamp = {.wall = {world->now_us / 1000 * 1000}, .time_quality = CF_TIME_SYNCED};
    (void)ctx;
    if (!node->till || view_of(node).state != CF_CHECKOUT_IDLE || cf_sale_new(&sale, NULL) != CF_OK)
        return;
    sim_must(world, cf_journal_next_sale_no(cf_till_journal(node->till), &sale->sale_no, &sim_err));
    sale->business_day = cf_wall_date(stamp.wall, 0);
    (void)snprintf(sale->currency.code, sizeof sale->currency.code, "CNY");
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = 1;
    sale->lines[0] = (struct cf_sale_line){2, 1000, 1000, 300, 1300};
    sale->n_discounts = 1;
    sale->discounts[0] = (struct cf_sale_discount){world->campaign[SIM_LEASED], 1, 0, 300};
    sale->n_redemptions = 1;
    sale->redemptions[0] = (struct cf_redemption){.campaign = world->campaign[SIM_LEASED],
                                                  .index = 900000 + (uint32_t)world->n_events,
                                                  .policy = CF_POLICY_LEASED,
                                                  .source = CF_RIGHT_LEASE};
    cf_env_random(&world->central_env, sale->redemptions[0].request_key, CF_REQUEST_KEY_BYTES);
    sale->gross_minor = 1000;
    sale->discount_minor = 300;
    sale->total_minor = 700;
    sale->tax_minor = 81;
    cf_tenders_init(&sale->tenders, 700);
    struct cf_tender tender = {.kind = CF_TENDER_CASH, .amount_minor = 700};
    sim_must(world, cf_tenders_add(&sale->tenders, &tender, &sim_err));
    sim_must(world, cf_journal_commit_sale(cf_till_journal(node->till), sale, &stamp, no_receipt, NULL, &at, &sim_err));
    sim_log(world, "till %u sells a coupon without a lease", node->number);
    cf_sale_free(sale);
    check_head(node);
}

/* --- the sync ----------------------------------------------------------------------------------------------------- */

static void cycle(struct node *node, void *ctx)
{
    struct world *world = node->world;
    enum cf_rc *ret = ctx;
    struct cf_sync_report report;
    struct cf_error err = {.rc = CF_OK};
    node->in_sync = true;
    enum cf_rc rc = cf_sync_cycle(node->sync, &report, &err);
    node->in_sync = false;
    world->count.cycles++;
    world->count.cycles_failed += rc != CF_OK;
    sim_log(world, "till %u syncs: %s, pushed %llu, %llu pages, at %llu of %llu", node->number, cf_rc_name(rc),
            (unsigned long long)report.pushed, (unsigned long long)report.pages,
            (unsigned long long)report.acknowledged, (unsigned long long)report.recorded);
    if (rc != CF_OK && rc != CF_E_LINK_DOWN && rc != CF_E_TIMEOUT)
        sim_violation(world, "till %u: sync: %s: %s", node->number, cf_rc_name(rc), err.detail);
    if (report.n_results > 0)
        sim_violation(world, "till %u: the centre flagged record %llu: %s", node->number,
                      (unsigned long long)report.results[0].seq, cf_rc_name(report.results[0].rc));
    check_acknowledged(node);
    check_topics(node);
    if (!node->till && !world->failed)
        node_open_till(node);
    if (ret)
        *ret = rc;
}

/* --- shoppers, the online shop, marketing ------------------------------------------------------------------------- */

static void keep_claim(struct world *world, const json_t *json, int member)
{
    struct sim_coupon *coupon = &world->coupon[world->n_coupons++];
    *coupon = (struct sim_coupon){
        .campaign = (uint32_t)json_integer_value(json_object_get(json, "campaign")),
        .index = (uint32_t)json_integer_value(json_object_get(json, "index")),
        .member = member,
    };
    (void)snprintf(coupon->text, sizeof coupon->text, "%s", json_string_value(json_object_get(json, "code")));
}

static const char *error_name(const json_t *json)
{
    const char *name = json_string_value(json_object_get(json_object_get(json, "error"), "name"));
    return name ? name : "OK";
}

static void claim(struct world *world)
{
    char body[200], member_text[64] = "", pin[40] = "";
    int status = 0, member = sim_percent(world, 50) ? (int)sim_chance(world, SIM_MEMBERS) : -1;
    enum sim_campaign which = (enum sim_campaign)sim_chance(world, SIM_ISSUED); /* not of those that tills issue */
    if (world->n_coupons == SIM_COUPONS_MAX)
        return;
    if (member >= 0)
        (void)snprintf(member_text, sizeof member_text, ",\"member\":\"%s\"", world->member[member].sub_text);
    if (which == SIM_PINNED && sim_percent(world, 75))
        (void)snprintf(pin, sizeof pin, ",\"pin_store\":%u", world->store_id[sim_chance(world, 2)]);
    (void)snprintf(body, sizeof body, "{\"campaign\":%u%s%s}", world->campaign[which], member_text, pin);
    json_t *json = central_call(world, "POST", "/v1/coupons/claim", body, &status);
    if (status == 201)
        keep_claim(world, json, member);
    sim_log(world, "a shopper claims of campaign %u: %d %s", world->campaign[which], status, error_name(json));
    json_decref(json);
}

/* A coupon that has no home yet gets one, or is refused. */
static void pin(struct world *world)
{
    char body[CF_CODE_TEXT_MAX + 64];
    int status = 0;
    if (world->n_coupons == 0 || world->n_coupons == SIM_COUPONS_MAX)
        return;
    const struct sim_coupon *coupon = &world->coupon[sim_chance(world, world->n_coupons)];
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"store\":%u}", coupon->text,
                   world->store_id[sim_chance(world, 2)]);
    json_t *json = central_call(world, "POST", "/v1/coupons/pin", body, &status);
    sim_log(world, "a shopper pins coupon %u/%u: %d %s", coupon->campaign, coupon->index, status, error_name(json));
    if (status / 100 == 2)
        keep_claim(world, json, coupon->member); /* she keeps the old picture too */
    json_decref(json);
}

static bool same_answer(const struct world *world, const struct cf_buf *before)
{
    return cf_bytes_equal(cf_buf_bytes(&world->response.body), cf_buf_bytes(before));
}

/* The shop's own retry after a lost answer: the same request. */
static void order_again(struct world *world)
{
    int status = 0;
    struct sim_order *order = &world->order[sim_chance(world, world->n_orders)];
    json_t *json = central_call(world, "POST", "/v1/coupons/redeem", order->body, &status);
    sim_log(world, "the online shop asks again for %u/%u: %d", order->campaign, order->index, status);
    if (!same_answer(world, &order->answer))
        sim_violation(world, "the same order was answered otherwise: %.*s", (int)world->response.body.n,
                      (const char *)world->response.body.p);
    json_decref(json);
}

static void order(struct world *world)
{
    int status = 0;
    if (world->n_orders > 0 && sim_percent(world, 25)) {
        order_again(world);
        return;
    }
    if (world->n_coupons == 0 || world->n_orders == SIM_ORDERS_MAX)
        return;
    struct sim_order *o = &world->order[world->n_orders];
    o->coupon = (unsigned)sim_chance(world, world->n_coupons);
    const struct sim_coupon *coupon = &world->coupon[o->coupon];
    char body[sizeof o->body];
    char member_text[64] = "";
    if (coupon->member >= 0)
        (void)snprintf(member_text, sizeof member_text, ",\"member\":\"%s\"", world->member[coupon->member].sub_text);
    (void)snprintf(body, sizeof body,
                   "{\"code\":\"%s\",\"channel\":%u%s,\"request_id\":\"order-%zu-%llu\","
                   "\"order\":{\"lines\":[{\"product\":1,\"qty_milli\":1000},{\"product\":3,\"qty_milli\":2000}]}}",
                   coupon->text, world->channel, member_text, world->n_orders, (unsigned long long)world->n_events);
    json_t *json = central_call(world, "POST", "/v1/coupons/redeem", body, &status);
    sim_log(world, "the online shop redeems %u/%u: %d %s", coupon->campaign, coupon->index, status, error_name(json));
    if (status / 100 == 2) {
        memcpy(o->body, body, sizeof body);
        o->campaign = coupon->campaign;
        o->index = coupon->index;
        cf_buf_init(&o->answer, 1u << 20);
        if (cf_buf_append(&o->answer, world->response.body.p, world->response.body.n, NULL) != CF_OK)
            abort();
        if (coupon->member >= 0)
            world->member[coupon->member].points += json_integer_value(json_object_get(json, "points"));
        world->n_orders++;
        world->count.orders++;
    } else if (status / 100 == 5) {
        sim_violation(world, "the online shop was answered %d", status);
    }
    json_decref(json);
}

static void change_campaign(struct world *world)
{
    char path[64], body[200];
    int status = 0;
    unsigned which = (unsigned)sim_chance(world, SIM_CAMPAIGNS);
    (void)snprintf(path, sizeof path, "/v1/campaigns/%u", world->campaign[which]);
    if (which == SIM_AUTOMATIC)
        (void)snprintf(body, sizeof body,
                       "{\"promotion\":{\"kind\":\"order_percent\",\"percent_bp\":%u,\"scope\":{\"categories\":[7]}}}",
                       500 + (unsigned)sim_chance(world, 3000));
    else
        (void)snprintf(body, sizeof body,
                       "{\"budget\":%lld,\"promotion\":{\"kind\":\"order_amount\",\"amount_minor\":%u}}",
                       (long long)++world->budget[which], 100 + (unsigned)sim_chance(world, 500));
    json_t *json = central_call(world, "PATCH", path, body, &status);
    sim_log(world, "marketing changes campaign %u: %d %s", world->campaign[which], status, error_name(json));
    if (status != 200)
        sim_violation(world, "changing campaign %u: %d", world->campaign[which], status);
    json_decref(json);
}

/* --- fate --------------------------------------------------------------------------------------------------------- */

static void cut_or_mend(struct node *node)
{
    struct world *world = node->world;
    if (world->now_us < node->cut_until_us && sim_percent(world, 40)) {
        node->cut_until_us = 0;
        sim_log(world, "till %u has a link again", node->number);
        return;
    }
    int64_t hours = (int64_t)sim_chance(world, sim_percent(world, 20) ? 72 : 8);
    node->cut_until_us = world->now_us + hours * SIM_HOUR + SIM_MIN;
    sim_log(world, "till %u is cut off for %lld h", node->number, (long long)hours);
}

/* The till's disk is put back to what it was some sales ago: only for SIM_BUG_SEQ_ONLY. */
static void restore(struct node *node)
{
    static char copy[SIM_NODES][SIM_PATH_MAX + 32];
    struct world *world = node->world;
    if (copy[node->number][0] == '\0') {
        (void)snprintf(copy[node->number], sizeof copy[0], "%s/backup-%u-%u", world->dir, node->number, node->lives);
        sim_copy_folder(node->dir, copy[node->number]);
        return;
    }
    (void)snprintf(node->dir, sizeof node->dir, "%.*s", SIM_PATH_MAX - 1, copy[node->number]);
    node->known_seq = 0;
    copy[node->number][0] = '\0';
    sim_log(world, "till %u is restored from a copy", node->number);
    node_crash(node, false);
}

static void let_a_bug_happen(struct node *node)
{
    switch (node->world->bug) {
    case SIM_BUG_NO_LEASE:
        (void)node_run(node, sell_without_lease, NULL, 0);
        break;
    case SIM_BUG_SEQ_ONLY:
        restore(node);
        break;
    case SIM_BUG_NONE:
    case SIM_BUG_NOT_DURABLE:
    case SIM_BUG_POINTS_TWICE:
    case SIM_BUGS:
        break; /* in the network */
    }
}

static void restart_centre(struct world *world)
{
    central_stop(world);
    central_start(world);
    sim_log(world, "the centre restarts");
}

static void happen(struct world *world, struct node *node)
{
    uint64_t dice = sim_chance(world, 990);
    if (world->bug != SIM_BUG_NONE && sim_percent(world, 5))
        let_a_bug_happen(node);
    if (dice < 440)
        (void)node_run(node, serve, NULL, 6);
    else if (dice < 660)
        (void)node_run(node, cycle, NULL, 6);
    else if (dice < 760)
        claim(world);
    else if (dice < 850)
        order(world);
    else if (dice < 895)
        cut_or_mend(node);
    else if (dice < 910)
        node_crash(node, sim_percent(world, 60));
    else if (dice < 945)
        (void)node_run(node, rest, NULL, 5);
    else if (dice < 960)
        (void)node_run(node, close_day, NULL, 8);
    else if (dice < 970)
        pin(world);
    else if (dice < 985)
        change_campaign(world);
    else
        restart_centre(world);
}

void actors_step(struct world *world)
{
    struct node *node = &world->node[sim_chance(world, SIM_NODES)];
    world_pass(world, (int64_t)sim_chance(world, sim_percent(world, 10) ? 7200 : 600) * SIM_S);
    world_deliver(world, false);
    happen(world, node);
    check_head(node);
    check_lease(node);
}

static void finish(struct node *node, void *ctx)
{
    struct world *world = node->world;
    (void)ctx;
    if (!node->till)
        return;
    for (unsigned k = 0; k <= 4 && !world->failed; k++) {
        char label[8];
        struct cf_till_view view = view_of(node);
        if (view.state == CF_CHECKOUT_TENDERING)
            sim_must(world, cf_till_untender(node->till, &sim_err));
        if (view.state != CF_CHECKOUT_IDLE)
            sim_must(world, cf_till_cancel(node->till, &sim_err));
        (void)snprintf(label, sizeof label, "%u", k);
        if (k < 4 && cf_till_recall(node->till, label, NULL) == CF_OK)
            sim_log(world, "till %u recalls %s", node->number, label);
    }
    check_head(node);
}

void actors_heal(struct world *world)
{
    world->loss_percent = 0;
    world->healing = true;
    world_deliver(world, true);
    for (unsigned k = 0; k < SIM_NODES && !world->failed; k++) {
        struct node *node = &world->node[k];
        enum cf_rc rc = CF_E_TIMEOUT;
        node->cut_until_us = 0;
        if (!node->till)
            (void)node_run(node, cycle, NULL, 0);
        (void)node_run(node, finish, NULL, 0);
        for (unsigned n = 0; n < 4 && rc != CF_OK && !world->failed; n++) {
            world_pass(world, SIM_MIN);
            (void)node_run(node, cycle, &rc, 0);
        }
        if (rc != CF_OK)
            sim_violation(world, "till %u does not get its records through: %s", k, cf_rc_name(rc));
    }
    /* Once more: what the others' records made news of. */
    for (unsigned k = 0; k < SIM_NODES && !world->failed; k++)
        (void)node_run(&world->node[k], cycle, NULL, 0);
}
