/*
 * app/terminal/till_order.c - orders of the online shop that are picked up here (docs/orders.md).
 *
 * A code says which order; what is in it and who may hand it out the replica knows. Whoever is its home says yes before
 * anything is handed out: this till itself, the store's hub, or the centre. The key of the ask is in the journal before
 * it is sent, and in the record afterwards; in between a kill undoes it. What was paid online is handed out by a record
 * of its own, between sales. What is not paid yet goes into the open sale, at the order's prices, once somebody said
 * yes: the record of that sale hands it out.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

#include "app/receipt/pick_up_receipt.h"
#include "base/plant.h"
#include "sync/wire/order_ask.h"

/* --- which order -------------------------------------------------------------------------------------------------- */

static enum cf_rc judge(struct cf_till *till, const struct cf_order *order, uint32_t code_generation,
                        enum cf_order_asks *ret_asks, struct cf_error *err)
{
    struct cf_order_facts facts = {
        .now = cf_till_clock(till).now,
        .store = till->store,
        .terminal = till->terminal,
        .epoch = till->epoch,
        .code_generation = code_generation,
        .quarantined = till_is_quarantined(till),
    };
    enum cf_rc rc =
        cf_journal_is_spent(till->journal, CF_ORDER_SPACE + order->generation, order->number, &facts.done, err);
    if (rc == CF_OK && till_is_doubtful(till, CF_ORDER_SPACE + order->generation, order->number))
        rc = cf_fail(err, CF_E_ORDER_ASK, "somebody was asked about it without an answer");
    return rc == CF_OK ? cf_order_judge(order, &facts, ret_asks, err) : rc;
}

static void forget_order(struct cf_till *till)
{
    free(till->order);
    till->order = NULL;
}

/* code_generation 0: nobody has shown a code. */
static enum cf_rc look_at(struct cf_till *till, uint32_t number, uint32_t code_generation, struct cf_error *err)
{
    enum cf_order_asks asks;
    forget_order(till);
    struct till_order *found = calloc(1, sizeof *found);
    if (found == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an order");
    found->code_generation = code_generation;
    enum cf_rc rc = cf_replica_order(till->replica, number, &found->order, err);
    if (rc == CF_OK && code_generation == 0 && found->order.kind != CF_ORDER_UNPAID)
        rc = cf_fail(err, CF_E_ORDER_PAID, "whoever fetches it shows its code");
    if (rc == CF_OK)
        rc = judge(till, &found->order, found->code_generation, &asks, err);
    if (rc == CF_OK)
        till->order = found;
    else
        free(found);
    return rc;
}

const struct cf_order *cf_till_order(const struct cf_till *till)
{
    return till->order != NULL ? &till->order->order : NULL;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum cf_rc ask_hub(struct cf_till *till, struct cf_order_claim *claim, struct cf_error *err)
{
    const struct cf_coupon right = {.campaign = CF_ORDER_SPACE + claim->generation,
                                    .index = claim->order,
                                    .generation = claim->generation,
                                    .pinned = true};
    struct cf_step_coupon held = {.redemption = {.campaign = right.campaign, .index = right.index}};
    struct cf_error why = {.rc = CF_OK, .detail = ""};
    memcpy(held.redemption.request_key, claim->request_key, CF_REQUEST_KEY_BYTES);
    enum cf_rc rc = CF_E_LINK_DOWN;
    if (till_may_ask_hub(till))
        rc = till_ask_hub(till, &right, &held, &why);
    if (rc == CF_OK) {
        claim->source = CF_RIGHT_STORE;
        claim->hub_epoch = till->hub_entry.hub_epoch;
        return CF_OK;
    }
    if (rc == CF_E_COUPON_SPENT)
        return cf_fail(err, CF_E_ORDER_DONE, "by another till of this store, as the hub says");
    if (rc == CF_E_LINK_DOWN || rc == CF_E_COUPON_HUB)
        return cf_fail(err, CF_E_ORDER_ASK, "the store's hub does not answer");
    return cf_fail(err, rc, "%s", why.detail);
}

static enum cf_rc exchange(struct cf_till *till, const struct cf_order_claim *claim, enum cf_rc *ret_reply,
                           struct cf_error *err)
{
    struct cf_order_ask ask = {
        .terminal = till->terminal, .epoch = till->epoch, .order = claim->order, .generation = claim->generation};
    struct cf_buf request CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    int status = 0;
    memcpy(ask.request_key, claim->request_key, sizeof ask.request_key);
    cf_buf_init(&request, CF_REDEEM_BYTES_MAX);
    cf_buf_init(&reply, CF_REDEEM_BYTES_MAX);
    enum cf_rc rc = cf_order_ask_encode(&ask, &request, err);
    if (rc != CF_OK)
        return rc;
    struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_ORDER, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    rc = till->env->ops->net_exchange(till->env->ctx, &post, &status, &reply, err);
    if (rc == CF_OK && status != 200)
        rc = cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    return rc == CF_OK ? cf_redeem_reply_decode(cf_buf_bytes(&reply), ret_reply, err) : rc;
}

static enum cf_rc ask_centre(struct cf_till *till, struct cf_order_claim *claim, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_ASK};
    enum cf_rc reply = CF_OK;
    if (!till->ask_online || !till_may_doubt(till) || cf_env_mono(till->env).us < till->ask_again_at.us)
        return cf_fail(err, CF_E_ORDER_ASK, "there is no link to the centre");
    memcpy(step.ask.request_key, claim->request_key, CF_REQUEST_KEY_BYTES);
    step.ask.campaign = CF_ORDER_SPACE + claim->generation;
    step.ask.index = claim->order;
    enum cf_rc rc = till_settle_ask(till, err);
    if (rc == CF_OK)
        rc = till_take(till, &step, err);
    if (rc != CF_OK)
        return rc;
    rc = exchange(till, claim, &reply, err);
    if (rc == CF_OK && reply == CF_OK) {
        claim->source = CF_RIGHT_CENTRE;
        return CF_OK;
    }
    bool sent = rc != CF_E_LINK_DOWN && rc != CF_E_TLS && rc != CF_E_CERTIFICATE; /* base/env.h */
    till->sale.asking = rc != CF_OK && sent;
    if (rc == CF_OK)
        return cf_fail(err, reply, "as the centre says");
    till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
    return cf_fail(err, CF_E_ORDER_ASK, "the centre does not answer");
}

/* Is this generation ours to hand out? On an error what was asked is undone by the caller. */
static enum cf_rc ask(struct cf_till *till, const struct cf_order *order, enum cf_order_asks asks,
                      struct cf_order_claim *ret, struct cf_error *err)
{
    *ret = (struct cf_order_claim){.order = order->number, .generation = order->generation, .source = CF_RIGHT_HOME};
    cf_env_random(till->env, ret->request_key, sizeof ret->request_key);
    switch (asks) {
    case CF_ORDER_ASKS_NOBODY:
        /* What was handed out here in an epoch before has come down with the rest, once a pull has brought all. */
        if (till->sync.down_cursor == 0)
            return cf_fail(err, CF_E_ORDER_ASK, "this till has not heard all from the centre since it was enrolled");
        return CF_OK;
    case CF_ORDER_ASKS_HUB:
        return ask_hub(till, ret, err);
    case CF_ORDER_ASKS_CENTRE:
        return CF_PLANTED(order_unasked) ? CF_OK : ask_centre(till, ret, err);
    }
    return CF_E_INTERNAL;
}

/* --- handing out -------------------------------------------------------------------------------------------------- */

struct handing {
    struct cf_till *till;
    const struct cf_order *order;
    struct cf_pick_up taken;
};

static enum cf_rc build_slip(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                             struct cf_error *err)
{
    const struct handing *h = ctx;
    struct cf_store_info store = till_store_info(h->till, committed->wall);
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    const struct cf_pick_up_receipt facts = {.store = &store,
                                             .order = h->order,
                                             .taken = &h->taken,
                                             .currency = h->till->settings.currency,
                                             .terminal = h->till->terminal,
                                             .epoch = h->till->epoch,
                                             .seq = committed->seq,
                                             .at = committed->wall,
                                             .chain_tag = tag.text};
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_pick_up_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

static enum cf_rc commit(struct handing *h, struct cf_till_handed_out *ret, struct cf_error *err)
{
    struct cf_till *till = h->till;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    struct cf_till_handed_out done = {.order = h->order->number,
                                      .generation = h->order->generation,
                                      .whole = cf_pick_up_is_whole(h->order, h->taken.lines, h->taken.n_lines),
                                      .amount_minor = h->taken.amount_minor};
    cf_buf_init(&body, CF_PICK_UP_BYTES_MAX);
    h->taken.business_day = till_business_day(till);
    memcpy(h->taken.cashier, till->cashier, sizeof h->taken.cashier);
    cf_fiscal_sign_pick_up(&till->fiscal, &h->taken, till->settings.currency, clock.best);
    enum cf_rc rc = cf_pick_up_encode(&h->taken, &body, err);
    if (rc == CF_OK)
        rc = cf_journal_commit_pick_up(till->journal, cf_buf_bytes(&body), &stamp, build_slip, h, &done.at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, done.at.wall, stamp.time_quality);
    cf_open_sale_clear(&till->sale); /* the ask is kept by the record now */
    if (ret != NULL)
        *ret = done;
    return CF_OK;
}

/* n 0: all of it. */
static size_t put_lines(const struct cf_order *order, const struct cf_taken_line *lines, size_t n,
                        struct cf_taken_line *ret)
{
    if (n != 0) {
        memcpy(ret, lines, (n < CF_ORDER_LINES_MAX ? n : CF_ORDER_LINES_MAX) * sizeof *ret);
        return n;
    }
    for (size_t i = 0; i < order->n_lines; i++)
        ret[i] = (struct cf_taken_line){(uint32_t)i + 1, order->lines[i].qty_milli};
    return order->n_lines;
}

static enum cf_rc hand_out(struct handing *h, const struct cf_taken_line *lines, size_t n,
                           struct cf_till_handed_out *ret, struct cf_error *err)
{
    struct cf_till *till = h->till;
    struct cf_taken_line chosen[CF_ORDER_LINES_MAX];
    enum cf_order_asks asks;
    size_t n_chosen = put_lines(h->order, lines, n, chosen);
    enum cf_rc rc = judge(till, h->order, till->order->code_generation, &asks, err);
    if (rc == CF_OK)
        rc = cf_pick_up_make(h->order, chosen, n_chosen, &h->taken, err);
    if (rc == CF_OK)
        rc = ask(till, h->order, asks, &h->taken.claim, err);
    if (rc == CF_OK)
        rc = commit(h, ret, err);
    if (rc != CF_OK) {
        /* Undoes the ask, whether it arrived or not. If that cannot be kept now it is done at the next start. */
        (void)!till_settle_ask(till, NULL);
        (void)!till_forget_asks(till, NULL);
    }
    return rc;
}

/* --- paying ------------------------------------------------------------------------------------------------------- */

/* The line of the sale that is this line of its order; 0: none. */
static uint32_t line_in_sale(const struct cf_till *till, uint32_t order_line)
{
    const struct cf_cart *cart = till->sale.cart;
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (!line->voided && line->extra.origin == CF_PRICE_ORDER && line->extra.list == order_line)
            return line->line_no;
    }
    return 0;
}

/* What may go into the sale of that order: all that is not there already, or what was chosen. */
static enum cf_rc choose_to_pay(const struct cf_till *till, const struct cf_order *order,
                                const struct cf_taken_line *lines, size_t n, struct cf_pick_up *ret,
                                struct cf_error *err)
{
    struct cf_taken_line chosen[CF_ORDER_LINES_MAX];
    size_t n_all = put_lines(order, lines, n, chosen), n_chosen = 0;
    for (size_t i = 0; i < n_all; i++) {
        bool there = till->sale.has_order && line_in_sale(till, chosen[i].line_no) != 0;
        if (there && n != 0)
            return cf_fail(err, CF_E_ORDER_LINE, "line %u of the order is in the sale: void it there first",
                           chosen[i].line_no);
        if (!there)
            chosen[n_chosen++] = chosen[i];
    }
    if (n_chosen == 0)
        return cf_fail(err, CF_E_ORDER_LINE, "all of it is in the sale");
    if (cf_cart_count(till->sale.cart) + n_chosen > CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d lines", CF_CART_LINES_MAX);
    return cf_pick_up_make(order, chosen, n_chosen, ret, err);
}

/* The step of one line, if such goods may be sold to this shopper. */
static enum cf_rc line_to_pay(struct cf_till *till, const struct cf_order *order, const struct cf_taken_line *taken,
                              const struct cf_till_answers *answers, struct cf_step *ret, struct cf_error *err)
{
    const struct cf_order_line *line = &order->lines[taken->line_no - 1];
    *ret = (struct cf_step){.kind = CF_STEP_LINE};
    ret->line.product = line->product;
    memcpy(ret->line.name, line->name, sizeof ret->line.name);
    ret->line.qty_milli = taken->qty_milli;
    ret->line.unit_price_minor = line->unit_price_minor;
    ret->line.tax_bp = line->tax_bp;
    ret->line.weighed = line->weighed;
    ret->line.extra.origin = CF_PRICE_ORDER;
    ret->line.extra.list = taken->line_no;
    return till_admit_goods(till, line->product, answers, &ret->line.extra, err);
}

/* May it go into the sale that is open, or opens now? */
static enum cf_rc begin_paying(const struct cf_till *till, const struct cf_order *order, struct cf_error *err)
{
    const struct cf_checkout_facts facts = {0};
    const struct cf_open_sale *sale = &till->sale;
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(sale->state, CF_EVENT_GOODS, &facts, &next, err);
    if (rc == CF_OK && till->training)
        return cf_fail(err, CF_E_TRAINING, "the goods are somebody's");
    if (rc == CF_OK && order->kind != CF_ORDER_UNPAID)
        return cf_fail(err, CF_E_ORDER_PAID, "order %u", order->number);
    if (rc == CF_OK && sale->has_order && sale->order.order != order->number)
        return cf_fail(err, CF_E_ORDER_TWICE, "order %u", sale->order.order);
    if (rc == CF_OK && sale->has_order && sale->order.generation != order->generation)
        return cf_fail(err, CF_E_ORDER_GENERATION, "generation %u is in the sale", sale->order.generation);
    return rc;
}

static enum cf_rc pay_here(struct cf_till *till, const struct cf_taken_line *lines, size_t n,
                           const struct cf_till_answers *answers, struct cf_error *err)
{
    const struct cf_order *order = &till->order->order;
    struct cf_pick_up chosen = {.amount_minor = 0};
    struct cf_step step;
    enum cf_order_asks asks;
    enum cf_rc rc = begin_paying(till, order, err);
    if (rc == CF_OK)
        rc = choose_to_pay(till, order, lines, n, &chosen, err);
    for (size_t i = 0; rc == CF_OK && i < chosen.n_lines; i++)
        rc = line_to_pay(till, order, &chosen.lines[i], answers, &step, err);
    if (rc == CF_OK && !till->sale.has_order) {
        rc = judge(till, order, till->order->code_generation, &asks, err);
        if (rc == CF_OK) {
            step = (struct cf_step){.kind = CF_STEP_ORDER};
            rc = ask(till, order, asks, &step.order, err);
            if (rc == CF_OK)
                rc = till_take(till, &step, err);
            if (rc != CF_OK) { /* as in hand_out */
                (void)!till_settle_ask(till, NULL);
                (void)!till_forget_asks(till, NULL);
            }
        }
    }
    for (size_t i = 0; rc == CF_OK && i < chosen.n_lines; i++) {
        rc = line_to_pay(till, order, &chosen.lines[i], answers, &step, err);
        if (rc == CF_OK)
            rc = till_take(till, &step, err);
    }
    return rc;
}

enum cf_rc till_scan_order(struct cf_till *till, const struct cf_code *code, const struct cf_till_answers *answers,
                           bool *ret_in_sale, struct cf_error *err)
{
    forget_order(till);
    enum cf_rc rc = cf_keyring_verify(till->keyring, code, cf_wall_s(cf_till_clock(till).best), err);
    if (rc == CF_OK)
        rc = look_at(till, code->order.order, code->order.generation, err);
    if (rc == CF_E_ORDER_UNKNOWN && code->order.store != till->store)
        rc = cf_fail(err, CF_E_ORDER_HOME, "in store %u", code->order.store);
    if (rc != CF_OK || till->order->order.kind != CF_ORDER_UNPAID)
        return rc;
    rc = pay_here(till, NULL, 0, answers, err);
    *ret_in_sale = rc == CF_OK;
    return rc;
}

enum cf_rc cf_till_choose_order(struct cf_till *till, uint32_t number, const struct cf_till_answers *answers,
                                struct cf_error *err)
{
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_IDLE)
        rc = till_refresh(till, err);
    if (rc == CF_OK)
        rc = look_at(till, number, 0, err);
    return rc == CF_OK ? pay_here(till, NULL, 0, answers, err) : rc;
}

enum cf_rc cf_till_pay_order(struct cf_till *till, const struct cf_taken_line *lines, size_t n, struct cf_error *err)
{
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK && till->order == NULL)
        rc = cf_fail(err, CF_E_ORDER_UNKNOWN, "scan its code first");
    if (rc == CF_OK && n > CF_ORDER_LINES_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "%zu lines", n);
    if (rc == CF_OK)
        rc = cf_replica_order(till->replica, till->order->order.number, &till->order->order, err);
    return rc == CF_OK ? pay_here(till, lines, n, NULL, err) : rc;
}

static bool has_goods_of_order(const struct cf_till *till)
{
    for (uint32_t line = 1; till->sale.has_order && line <= CF_ORDER_LINES_MAX; line++)
        if (line_in_sale(till, line) != 0)
            return true;
    return false;
}

enum cf_rc till_check_order(struct cf_till *till, struct cf_error *err)
{
    const struct cf_order_claim *claim = &till->sale.order;
    if (!has_goods_of_order(till))
        return CF_OK;
    struct cf_order *now = calloc(1, sizeof *now);
    if (now == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an order");
    /* What was called back while the sale stood, or was parked, may have been told to be over by a record since. */
    enum cf_rc rc = cf_replica_order(till->replica, claim->order, now, err);
    if (rc == CF_OK && now->generation != claim->generation)
        rc = cf_fail(err, CF_E_ORDER_GENERATION, "generation %u is in the sale, %u is the newest", claim->generation,
                     now->generation);
    if (rc == CF_OK && till_is_quarantined(till))
        rc = cf_fail(err, CF_E_QUARANTINED, "it hands out no orders");
    free(now);
    return rc;
}

/* Asks nobody: of what is held under the claim of the sale's order. */
static struct cf_void_request undo_of(const struct cf_order_claim *claim)
{
    struct cf_void_request request = {.campaign = CF_ORDER_SPACE + claim->generation, .index = claim->order};
    memcpy(request.request_key, claim->request_key, sizeof request.request_key);
    return request;
}

enum cf_rc till_give_back_order(struct cf_till *till, struct cf_error *err)
{
    const struct cf_order_claim claim = till->sale.order;
    if (!till->sale.has_order || claim.source == CF_RIGHT_HOME)
        return CF_OK;
    /* A kill in between leaves the sale open without its goods: were they still there, somebody else could have got
     * them meanwhile. */
    struct cf_step step = {.kind = CF_STEP_ASK, .ask = undo_of(&claim)};
    if (claim.source == CF_RIGHT_STORE)
        till_note_hub_key(till, claim.request_key);
    enum cf_rc rc = till_take(till, &step, err);
    return rc == CF_OK ? till_settle_ask(till, err) : rc;
}

enum cf_rc till_leave_order(struct cf_till *till, struct cf_error *err)
{
    bool selling = till->sale.state == CF_CHECKOUT_SELLING; /* later the sale stands still: see till_drop_order */
    return selling && !has_goods_of_order(till) ? till_give_back_order(till, err) : CF_OK;
}

void till_drop_order(struct cf_till *till)
{
    const struct cf_order_claim claim = till->sale.order;
    const struct cf_void_request request = undo_of(&claim);
    if (!till->sale.has_order || claim.source == CF_RIGHT_HOME)
        return;
    if (claim.source == CF_RIGHT_STORE)
        till_note_hub_key(till, claim.request_key);
    (void)!till_void_request(till, &request, NULL);
}

/* --- handing out between sales ------------------------------------------------------------------------------------ */

enum cf_rc cf_till_hand_out(struct cf_till *till, const struct cf_taken_line *lines, size_t n,
                            struct cf_till_handed_out *ret, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_RETURN, &facts, &next, err); /* between sales too */
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK && till->training)
        rc = cf_fail(err, CF_E_TRAINING, "the goods are somebody's");
    if (rc == CF_OK && till->order == NULL)
        rc = cf_fail(err, CF_E_ORDER_UNKNOWN, "scan its code first");
    if (rc == CF_OK && n > CF_ORDER_LINES_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "%zu lines", n);
    if (rc == CF_OK)
        rc = till_refresh(till, err);
    /* As it is now: it may have been changed since it was scanned. */
    if (rc == CF_OK)
        rc = cf_replica_order(till->replica, till->order->order.number, &till->order->order, err);
    if (rc == CF_OK && till->order->order.kind == CF_ORDER_UNPAID)
        rc = cf_fail(err, CF_E_ORDER_UNPAID, "order %u", till->order->order.number);
    if (rc != CF_OK)
        return rc;
    struct handing *h = calloc(1, sizeof *h);
    if (h == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an order");
    h->till = till;
    h->order = &till->order->order;
    rc = hand_out(h, lines, n, ret, err);
    free(h);
    if (rc == CF_OK)
        forget_order(till);
    return rc;
}
