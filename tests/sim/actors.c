/*
 * tests/sim/actors.c - see actors.h. Shipped code does the work; what is here only decides by chance what is asked of
 * it, and writes down what came of it.
 */
#include "tests/sim/actors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/store/replica.h"
#include "tests/sim/chance.h"
#include "tests/sim/check.h"
#include "tests/sim/hubs.h"
#include "tests/sim/network.h"
#include "tests/sim/people.h"

static const char *const goods[] = {"6901234567892", "4006381333931", "5901234123457", "SKU-7"};

/* --- a cashier ---------------------------------------------------------------------------------------------------- */

static struct cf_till_view view_of(const struct node *node)
{
    struct cf_till_view view;
    cf_till_view(node->till, &view);
    return view;
}

bool actors_is_open(const struct node *node)
{
    return node->till != NULL;
}

/* Anything but a refusal of the business is a bug. */
static void must_be_business(struct node *node, const char *what, enum cf_rc rc, const struct cf_error *err)
{
    if (rc != CF_OK && cf_rc_class(rc) != CF_CLASS_REFUSED)
        sim_violation(node->world, "refusals are of the business", "till %u: %s: %s: %s", node->number, what,
                      cf_rc_name(rc), err->detail);
}

/* keyset: see struct sim_coupon; 0: nothing is known. */
static enum cf_rc scan_made_under(struct node *node, const char *what, const char *text, uint64_t keyset)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    if (view_of(node).state == CF_CHECKOUT_IDLE)
        check_keys_read(node);
    enum cf_rc rc = cf_till_scan(node->till, cf_bytes_str(text), NULL, &err);
    sim_log(world, "till %u scans %s: %s", node->number, what, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        must_be_business(node, what, rc, &err);
    if (rc != CF_OK && *text == 'C')
        world->count.refused++;
    if (rc == CF_E_CODE_SIGNATURE)
        sim_violation(world, "a genuine code stays genuine", "till %u: %s: %s", node->number, what, err.detail);
    if (rc == CF_E_CODE_KEY)
        check_code_is_known(node, what, keyset);
    return rc;
}

static enum cf_rc scan(struct node *node, const char *what, const char *text)
{
    return scan_made_under(node, what, text, 0);
}

static void scan_coupon(struct node *node, const struct sim_coupon *coupon)
{
    struct world *world = node->world;
    char what[64];
    (void)snprintf(what, sizeof what, "coupon %u/%u", coupon->campaign, coupon->index);
    if (coupon->member >= 0 && !world->member[coupon->member].erased && !view_of(node).has_member &&
        sim_percent(world, 80)) { /* who wants to be forgotten throws the card away */
        struct sim_member *member = &world->member[coupon->member];
        char text[CF_CODE_TEXT_MAX];
        if (member->last_code[0] && sim_percent(world, 10))
            memcpy(text, member->last_code, sizeof text); /* a picture of her phone */
        else
            shoppers_show_member(world, member, text);
        (void)scan_made_under(node, "a member", text, 1);
    }
    (void)scan_made_under(node, what, coupon->text, coupon->keyset);
}

/* --- the phone relay ---------------------------------------------------------------------------------------------- */

#define RELAY_PERCENT 10 /* of the coupons that are shown */

/* The shopper's phone asks the centre for the till; its own network is up when the store's is not. */
static bool fetch_ticket(struct node *node, const struct sim_coupon *coupon, const char *challenge,
                         char ticket[CF_CODE_TEXT_MAX])
{
    struct world *world = node->world;
    char body[CF_CODE_TEXT_MAX + 300], member_text[64] = "";
    int status = 0;
    if (coupon->member >= 0)
        (void)snprintf(member_text, sizeof member_text, ",\"member\":\"%s\"", world->member[coupon->member].sub_text);
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\",\"challenge\":\"%s\",\"request_id\":\"relay-%llx\"%s}",
                   coupon->text, challenge, (unsigned long long)sim_chance(world, UINT64_MAX), member_text);
    json_t *json = NULL;
    for (int n = 0; n < 3 && (status == 0 || sim_percent(world, 10)); n++) {
        json_decref(json);
        json = central_call(world, "POST", "/v1/coupons/relay", body, &status);
    }
    sim_log(world, "a phone relays %u/%u for till %u: %d", coupon->campaign, coupon->index, node->number, status);
    if (status == 200)
        (void)snprintf(ticket, CF_CODE_TEXT_MAX, "%s", json_string_value(json_object_get(json, "ticket")));
    else if (status / 100 == 5)
        sim_violation(world, "refusals are of the business", "a phone was answered %d", status);
    json_decref(json);
    return status == 200;
}

/* Now and then the ticket is never shown, or shown again later, here or elsewhere: then it is refused. */
static void relay_coupon(struct node *node, const struct sim_coupon *shown)
{
    struct world *world = node->world;
    struct sim_coupon coupon = *shown;
    struct cf_error err = {.rc = CF_OK};
    char challenge[CF_CHALLENGE_TEXT_MAX];
    char *ticket = world->ticket[node->number % SIM_TICKETS];
    if (ticket[0] && sim_percent(world, 30))
        (void)scan(node, "an old ticket", ticket);
    enum cf_rc rc = cf_till_challenge(node->till, challenge, &err);
    sim_log(world, "till %u shows a challenge: %s", node->number, cf_rc_name(rc));
    must_be_business(node, "a challenge", rc, &err);
    if (rc == CF_OK && fetch_ticket(node, &coupon, challenge, ticket) && sim_percent(world, 85))
        (void)scan_made_under(node, "a ticket", ticket, world->keyset);
}

/* The coupon on the receipt goes into somebody's pocket. */
static void take_receipt(struct node *node, uint64_t seq)
{
    struct world *world = node->world;
    struct cf_receipt *receipt = NULL;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_till_receipt(node->till, seq, &receipt, &err);
    if (rc != CF_OK) {
        sim_violation(world, "5: committed is durable", "till %u has no receipt of sale %llu: %s", node->number,
                      (unsigned long long)seq, err.detail);
        return;
    }
    for (size_t k = 0; k < cf_receipt_count(receipt); k++) {
        struct cf_receipt_block block = cf_receipt_at(receipt, k);
        struct cf_code code;
        if (block.kind != CF_RECEIPT_QR || cf_code_decode_text(cf_bytes_str(block.text), &code, NULL) != CF_OK)
            continue;
        if (code.kind == CF_CODE_VALUE) {
            values_keep_code(world, code.value.account, block.text);
            sim_log(world, "  with card %u on the receipt", code.value.account);
        }
        if (code.kind != CF_CODE_COUPON)
            continue;
        shoppers_keep(world, code.coupon.campaign, code.coupon.index, -1, 0, block.text);
        sim_log(world, "  with coupon %u/%u on the receipt", code.coupon.campaign, code.coupon.index);
    }
    cf_receipt_free(receipt);
    sim_must(world, cf_till_printed(node->till, seq, CF_PRINT_DONE, &sim_err));
}

static void sell_is_over(struct node *node, const struct cf_till_sold *sold)
{
    node->world->count.sales++;
    truth_follow(node);
    take_receipt(node, sold->at.seq);
}

/* A part of it or all. False: it was not to be had, or nobody knows. */
static bool pay_by_card(struct node *node, struct cf_till_sold *ret)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    struct cf_tender typed = {.kind = CF_TENDER_CARD, .amount_minor = 100, .reference = "A-1"};
    struct cf_till_pay what = {.kind = CF_TENDER_CARD, .amount_minor = sim_percent(world, 50) ? 100 : 0};
    bool by_phone = world->by_phone && sim_percent(world, 50);
    if (by_phone) {
        what.kind = CF_TENDER_MOBILE;
        what.code = "281234567890123456";
        world->count.by_phone++;
    }
    enum cf_rc rc =
        world->has_bank ? cf_till_pay(node->till, &what, ret, &err) : cf_till_tender(node->till, &typed, ret, &err);
    sim_log(world, "till %u takes a %s: %s", node->number, by_phone ? "phone" : "card", cf_rc_name(rc));
    must_be_business(node, "a card", rc, &err);
    return rc == CF_OK;
}

/* A payment, a reversal or a refund that is not known holds everything up. */
static void ask_for_payment(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_sold sold = {.committed = false};
    struct cf_error err = {.rc = CF_OK};
    bool retry = view_of(node).payment.state == CF_PAYMENT_OWED || sim_percent(world, 30);
    enum cf_rc rc =
        retry ? cf_till_payment_retry(node->till, NULL, &sold, &err) : cf_till_payment_query(node->till, &sold, &err);
    sim_log(world, "till %u asks for the payment%s: %s", node->number, retry ? " again" : "", cf_rc_name(rc));
    must_be_business(node, "asking for a payment", rc, &err);
    if (rc == CF_OK && sold.committed)
        sell_is_over(node, &sold);
    if (view_of(node).payment.state != CF_PAYMENT_OWED || !(world->healing || sim_percent(world, 30)))
        return;
    struct cf_till_decision decision = {
        .event = CF_PAYMENT_SETTLE_ELSEWHERE, .by = "Manager", .reason = "given back in cash"};
    rc = cf_till_payment_decide(node->till, &decision, NULL, &err);
    sim_log(world, "till %u: a manager settles a refund: %s", node->number, cf_rc_name(rc));
    must_be_business(node, "a manager's word", rc, &err);
}

static void pay(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_view view = view_of(node);
    struct cf_till_sold sold = {.committed = false};
    struct cf_error err = {.rc = CF_OK};
    if (cf_cart_live_count(view.cart) == 0)
        return;
    if (world->values.on && sim_percent(world, 35))
        values_pay(node, &sold);
    view = view_of(node);
    if (!sold.committed && view.due_minor > 100 && sim_percent(world, 25) && !pay_by_card(node, &sold))
        return;
    if (!sold.committed) {
        view = view_of(node);
        struct cf_tender tender = {.kind = CF_TENDER_CASH, .amount_minor = view.due_minor};
        if (sim_percent(world, 30))
            tender.amount_minor += 500; /* change comes back; for nothing due it is refused */
        enum cf_rc rc = cf_till_tender(node->till, &tender, &sold, &err);
        sim_log(world, "till %u is paid %lld: %s", node->number, (long long)view.due_minor, cf_rc_name(rc));
        must_be_business(node, "paying", rc, &err);
        if (rc != CF_OK)
            return;
    }
    if (sold.committed)
        sell_is_over(node, &sold);
}

static void leave_or_pay(struct node *node)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = CF_OK;
    char label[8];
    switch (sim_chance(world, 14)) {
    case 0:
        rc = cf_till_cancel(node->till, &err);
        if (people_allow(node, rc))
            rc = cf_till_cancel(node->till, &err);
        sim_log(world, "till %u cancels: %s", node->number, cf_rc_name(rc));
        break;
    case 1:
        if (world->parking.on && world->count.hubs > 0 && sim_percent(world, 75) && parking_park(node))
            break;
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
        must_be_business(node, "leaving", rc, &err);
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
    if (rc != CF_E_NOT_FOUND)
        must_be_business(node, "recalling", rc, &err);
}

static void scan_goods(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_view view = view_of(node);
    for (uint64_t n = sim_chance(world, 3) + (cf_cart_live_count(view.cart) == 0); n > 0; n--)
        (void)scan(node, "goods", goods[sim_chance(world, 4)]);
    if (sim_percent(world, 10)) { /* of a gift card there is one */
        enum cf_rc rc = cf_till_quantity(node->till, 0, 2000, &sim_err);
        must_be_business(node, "a quantity", rc, &sim_err);
    }
}

static bool may_scan(const struct node *node)
{
    enum cf_checkout_state state = view_of(node).state;
    return state == CF_CHECKOUT_IDLE || state == CF_CHECKOUT_SELLING;
}

static void serve(struct node *node, void *ctx)
{
    struct world *world = node->world;
    const struct sim_coupon *coupon;
    (void)ctx;
    people_come(node);
    if (view_of(node).has_payment)
        ask_for_payment(node);
    if (sim_percent(world, 15))
        recall(node);
    if (world->parking.on && world->count.hubs > 0 && sim_percent(world, 25))
        parking_recall(node);
    if (may_scan(node)) {
        scan_goods(node);
        for (uint64_t n = sim_chance(world, 3); n > 0 && (coupon = shoppers_any_coupon(world)); n--) {
            if (sim_percent(world, RELAY_PERCENT))
                relay_coupon(node, coupon);
            else
                scan_coupon(node, coupon);
        }
        if (sim_percent(world, 20))
            (void)scan(node, "goods", goods[0]);
        if (world->values.on && sim_percent(world, 12))
            values_buy_card(node);
        people_act(node);
        if (world->exchanges && sim_percent(world, 10))
            (void)!cf_till_untake(node->till, 0, NULL);
    }
    if (view_of(node).state == CF_CHECKOUT_TENDERING && sim_percent(world, 30)) {
        struct cf_error err = {.rc = CF_OK};
        must_be_business(node, "giving back", cf_till_untender(node->till, &err), &err);
    }
    leave_or_pay(node);
}

static void serve_coupon(struct node *node, void *ctx)
{
    people_come(node);
    if (!may_scan(node))
        return;
    if (cf_cart_live_count(view_of(node).cart) == 0)
        (void)scan(node, "goods", goods[sim_chance(node->world, 4)]);
    scan_coupon(node, ctx);
    pay(node);
}

void cashier_serve(struct node *node)
{
    (void)node_run(node, NODE_TILL, serve, NULL);
}

void cashier_serve_coupon(struct node *node, const struct sim_coupon *coupon)
{
    struct sim_coupon shown = *coupon;
    (void)node_run(node, NODE_TILL, serve_coupon, &shown);
}

void actors_interleave(struct node *node)
{
    if (node->in_sync && !node->world->healing && sim_percent(node->world, 5))
        node_interleave(node, serve);
}

void cashier_open(struct node *node)
{
    if (!node->till || !node->sync)
        node_open(node);
    if (node->till)
        cashier_rest(node);
}

/* For other goods: both or neither, now or when the sale goes on. */
static void exchange(struct node *node, const struct cf_till_return *what)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    int64_t worth_minor = 0;
    if (!may_scan(node))
        return;
    if (sim_percent(world, 50))
        scan_goods(node);
    enum cf_rc rc = cf_till_exchange(node->till, what, &worth_minor, &err);
    if (people_allow(node, rc))
        rc = cf_till_exchange(node->till, what, &worth_minor, &err);
    sim_log(world, "till %u exchanges %s for %lld: %s", node->number, what->receipt, (long long)worth_minor,
            cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        must_be_business(node, "an exchange", rc, &err);
    if (rc != CF_OK)
        return;
    world->count.exchanged++;
    if (sim_percent(world, 80)) {
        scan_goods(node);
        leave_or_pay(node);
    }
}

/* A receipt of this till or of another of the store: all of it, or a line. */
static void take_back(struct node *node, void *ctx)
{
    struct world *world = node->world;
    const struct sold *sold = ctx;
    struct cf_error err = {.rc = CF_OK};
    struct cf_till_returned returned;
    char receipt[64];
    struct cf_asked_line line = {.line_no = 1};
    (void)snprintf(receipt, sizeof receipt, "%u-%u-%06llu", sold->terminal, sold->epoch, (unsigned long long)sold->seq);
    struct cf_till_return what = {.receipt = receipt, .is_void = sim_percent(world, 20)};
    if (!what.is_void && sim_percent(world, 50)) {
        what.n_lines = 1;
        what.lines = &line;
    }
    people_come(node);
    if (world->exchanges && !what.is_void && sim_percent(world, 50)) {
        exchange(node, &what);
        return;
    }
    enum cf_rc rc = cf_till_return(node->till, &what, &returned, &err);
    if (people_allow(node, rc))
        rc = cf_till_return(node->till, &what, &returned, &err);
    sim_log(world, "till %u takes back %s: %s", node->number, receipt, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        must_be_business(node, "taking back", rc, &err);
    if (rc == CF_OK)
        world->count.returns++;
}

void cashier_take_back(struct node *node)
{
    struct world *world = node->world;
    size_t n = world->truth.n_sold, tries = 20;
    while (n > 0 && tries-- > 0) {
        struct sold sold = world->truth.sold[sim_chance(world, n)];
        if (sold.store != node->store || (sold.terminal != node->terminal && sim_percent(world, 60)))
            continue;
        (void)node_run(node, NODE_TILL, take_back, &sold);
        return;
    }
}

static void close_day(struct node *node, void *ctx)
{
    struct cf_till_report report;
    struct cf_error err = {.rc = CF_OK};
    (void)ctx;
    people_come(node);
    enum cf_rc rc = cf_till_z_report(node->till, &report, &err);
    if (people_allow(node, rc))
        rc = cf_till_z_report(node->till, &report, &err);
    sim_log(node->world, "till %u closes the day: %s", node->number, cf_rc_name(rc));
    if (rc == CF_OK)
        node->world->count.z_reports++;
    else if (rc != CF_E_SALE_OPEN && rc != CF_E_SALE_TENDERED && rc != CF_E_DAY_CLOSED && rc != CF_E_PERMIT &&
             rc != CF_E_USER_NONE)
        sim_violation(node->world, "refusals are of the business", "till %u: Z: %s: %s", node->number, cf_rc_name(rc),
                      err.detail);
}

void cashier_close_day(struct node *node)
{
    (void)node_run(node, NODE_TILL, close_day, NULL);
}

static void rest(struct node *node, void *ctx)
{
    struct cf_till_report report;
    struct cf_error err = {.rc = CF_OK};
    (void)ctx;
    sim_must(node->world, cf_till_rest(node->till, &sim_err));
    must_be_business(node, "an X report", cf_till_x_report(node->till, &report, &err), &err);
}

void cashier_rest(struct node *node)
{
    (void)node_run(node, NODE_TILL, rest, NULL);
}

/* --- the sync ----------------------------------------------------------------------------------------------------- */

struct cycle {
    enum cf_rc rc;
    bool news;
};

static void cycle(struct node *node, void *ctx)
{
    struct world *world = node->world;
    struct cycle *ret = ctx;
    struct cf_sync_report report;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_sync_cycle(node->sync, &report, &err);
    if (rc == CF_OK) { /* as app/terminal/sync_session.h */
        char next[SIM_PATH_MAX + 32];
        (void)snprintf(next, sizeof next, "%s/replica.next.db", node->dir);
        world->count.rebuilt += files_exists(next);
        rc = cf_replica_publish(cf_link_replica(node->link), &err);
    }
    world->count.cycles++;
    world->count.cycles_failed += rc != CF_OK;
    sim_log(world, "till %u syncs: %s, pushed %llu, %llu pages, at %llu of %llu", node->number, cf_rc_name(rc),
            (unsigned long long)report.pushed, (unsigned long long)report.pages,
            (unsigned long long)report.acknowledged, (unsigned long long)report.recorded);
    bool apart = rc == CF_E_FORK || rc == CF_E_FENCED || rc == CF_E_GAP;
    world->count.forks += apart;
    if (rc != CF_OK && rc != CF_E_LINK_DOWN && rc != CF_E_TIMEOUT && !(apart && (node->copied || node->replaced)))
        sim_violation(world, apart ? "only copies are fenced" : "a sync works", "till %u: %s: %s", node->number,
                      cf_rc_name(rc), err.detail);
    if (report.n_results > 0 && !node->copied && !node->replaced)
        sim_violation(world, "both ends judge alike", "till %u: the centre flagged record %llu: %s", node->number,
                      (unsigned long long)report.results[0].seq, cf_rc_name(report.results[0].rc));
    *ret = (struct cycle){rc, report.pages > 0 || report.snapshots > 0};
}

static enum cf_rc sync_once(struct node *node)
{
    struct cycle done = {CF_E_TIMEOUT, true};
    uint32_t hub_epoch = node->hub ? node->hub_epoch : 0;
    node_renew_sync(node);
    if (!node_run(node, NODE_SYNC, cycle, &done))
        return CF_E_TIMEOUT;
    check_synced(node, done.news);
    node_open_till(node);
    hubs_sync(node, done.rc == CF_OK);
    if (done.rc == CF_OK && hub_epoch != 0 && node->hub_epoch == hub_epoch)
        hubs_heard(node);
    if (node->hub || (done.news && node->world->count.hubs > 0))
        hubs_tick(node);
    return done.rc;
}

void cashier_sync(struct node *node)
{
    (void)sync_once(node);
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static void happen(struct world *world, const struct sim_event *event)
{
    struct node *node = &world->node[event->who % world->n_nodes];
    /* A copy lives as its original does. */
    if (event->kind <= SIM_CLOSE && world->n_nodes > world->scale.tills && sim_percent(world, 30))
        for (unsigned k = world->scale.tills; k < world->n_nodes; k++)
            if (world->node[k].terminal == node->terminal)
                node = &world->node[k];
    switch (event->kind) {
    case SIM_OPEN:
        cashier_open(node);
        if (world->count.hubs > 0)
            hubs_tick(node);
        break;
    case SIM_SERVE:
        cashier_serve(node);
        break;
    case SIM_SYNC:
        cashier_sync(node);
        break;
    case SIM_REST:
        cashier_rest(node);
        if (world->count.hubs > 0)
            hubs_tick(node);
        break;
    case SIM_RETURN:
        cashier_take_back(node);
        break;
    case SIM_CLOSE:
        cashier_close_day(node);
        break;
    case SIM_CLAIM:
        shoppers_claim(world);
        break;
    case SIM_PIN:
        shoppers_pin(world);
        break;
    case SIM_ORDER:
        shoppers_order(world);
        break;
    case SIM_EVERYWHERE:
        shoppers_everywhere(world);
        break;
    case SIM_CHANGE:
        marketing_change(world);
        break;
    case SIM_CUT:
        fate_cut(world, node);
        break;
    case SIM_END:
        fate_end(world, node);
        break;
    case SIM_LOSE:
        if (sim_percent(world, 50)) {
            node_doubt_replica(node);
            break;
        }
        node_end(node, NODE_REBOOT);
        node_close(node);
        node_lose_replica(node);
        node_open(node);
        break;
    case SIM_CLOCK:
        fate_clock(node);
        break;
    case SIM_CENTRE_END:
        fate_centre(world);
        break;
    case SIM_BACKUP:
        node_backup(node);
        break;
    case SIM_RESTORE:
        node_restore(node);
        break;
    case SIM_COPY:
        (void)node_copy(node);
        break;
    case SIM_ENROL:
        fate_enrol(node);
        break;
    case SIM_HUB:
        hubs_assign(world);
        break;
    case SIM_THIEF:
        network_replay(world);
        break;
    case SIM_FORGE:
        thief_forges(node);
        break;
    case SIM_CUT_LAN:
        fate_cut_lan(world, node);
        break;
    case SIM_ROTATE:
        fate_rotate(world);
        break;
    case SIM_ERASE:
        shoppers_erase(world);
        break;
    case SIM_VALUE:
        values_happen(world);
        break;
    case SIM_SHOP:
        pickups_shop(world);
        break;
    case SIM_FETCH:
        pickups_fetch(node);
        break;
    case SIM_HOME:
        shoppers_at_home(world);
        break;
    case SIM_PEOPLE:
        people_change(world);
        break;
    case SIM_RELEASE:
        shoppers_move(node);
        break;
    case SIM_KINDS:
        abort();
    }
    truth_follow(node);
}

void actors_do(struct world *world, const struct sim_event *event)
{
    world->chance = event->seed;
    if (event->at_us > world->now_us)
        world->now_us = event->at_us;
    if (world->n_late > 0)
        network_deliver_late(world, false);
    happen(world, event);
    if (world->centre_asked)
        check_figures(world);
}

/* --- healing ------------------------------------------------------------------------------------------------------ */

static void finish(struct node *node, void *ctx)
{
    struct world *world = node->world;
    (void)ctx;
    people_come(node);
    for (unsigned k = 0; k <= 4 && !world->failed; k++) {
        char label[8];
        for (int n = 0; n < 8 && view_of(node).has_payment && !world->failed; n++)
            ask_for_payment(node);
        struct cf_till_view view = view_of(node);
        if (view.state != CF_CHECKOUT_IDLE && view.state != CF_CHECKOUT_SELLING)
            sim_must(world, cf_till_untender(node->till, &sim_err));
        if (view.state != CF_CHECKOUT_IDLE)
            sim_must(world, cf_till_cancel(node->till, &sim_err));
        (void)snprintf(label, sizeof label, "%u", k);
        if (k < 4 && cf_till_recall(node->till, label, NULL) == CF_OK)
            sim_log(world, "till %u recalls %s", node->number, label);
    }
    parking_finish(node);
}

static void come(struct node *node, void *ctx)
{
    (void)ctx;
    people_come(node);
}

static void heal_node(struct node *node)
{
    struct world *world = node->world;
    enum cf_rc rc = CF_E_TIMEOUT;
    node->cut_until_us = node->deaf_until_us = node->lan_cut_until_us = 0;
    node_open(node);
    if (node->number >= world->scale.tills) {
        /* A copy, or a machine that was replaced, tells what it sold, if it may, and is switched off. */
        (void)sync_once(node);
        (void)sync_once(node); /* its start is a record, too */
        if (node->replaced && !node->copied)
            check_told(node);
        node_close(node);
        return;
    }
    if (!node->till)
        (void)sync_once(node);
    (void)node_run(node, NODE_TILL, finish, NULL);
    truth_follow(node);
    for (unsigned n = 0; n < 4 && rc != CF_OK && !world->failed; n++) {
        world_pass(world, SIM_MIN);
        rc = sync_once(node);
        if (node->copied && rc != CF_OK) {
            node_enrol_again(node); /* the way out of quarantine */
            rc = sync_once(node);
        }
    }
    if (rc != CF_OK && !world->failed)
        sim_violation(world, "9: outboxes drain", "till %u does not get its records through: %s", node->number,
                      cf_rc_name(rc));
}

/* A till forgets what is acknowledged and of a closed day, when it rests. */
static void close_and_forget(struct node *node)
{
    cashier_close_day(node);
    (void)sync_once(node);
    cashier_rest(node);
    (void)sync_once(node);
}

void actors_heal(struct world *world)
{
    world->chance = chance_split(world->seed, 2);
    world->loss_percent = 0;
    world->healing = true;
    network_deliver_late(world, true);
    if (world->has_people)
        world_pass(world, SIM_HOUR); /* that wrong PINs cost */
    /* The copies first: what they still say may set their originals apart. */
    for (unsigned k = world->n_nodes; k-- > 0 && !world->failed;)
        heal_node(&world->node[k]);
    /* Once more: what the others' records made news of. */
    for (unsigned k = 0; k < world->scale.tills && !world->failed; k++)
        (void)sync_once(&world->node[k]);
    for (unsigned k = 0; k < world->scale.tills && world->count.erased > 0 && !world->failed; k++)
        close_and_forget(&world->node[k]);
    for (unsigned k = 0; k < world->scale.tills && world->has_people && !world->failed;
         k++) { /* who sees the reports */
        (void)node_run(&world->node[k], NODE_TILL, come, NULL);
        (void)sync_once(&world->node[k]);
    }
    if (!world->failed)
        check_figures(world);
}
