/*
 * app/terminal/till_order.c - orders of the online shop that are picked up here (docs/orders.md).
 *
 * A code says which order; what is in it and who may hand it out the replica knows. Whoever is its home says yes before
 * anything is handed out: this till itself, the store's hub, or the centre. The key of the ask is in the journal before
 * it is sent, and in the record afterwards; in between a kill undoes it.
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
    if (order->kind != CF_ORDER_PICK_UP)
        return cf_fail(err, CF_E_ORDER_STATE, "order %u is a %s", order->number, cf_order_kind_name(order->kind));
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

enum cf_rc till_scan_order(struct cf_till *till, const struct cf_code *code, struct cf_error *err)
{
    enum cf_order_asks asks;
    forget_order(till);
    enum cf_rc rc = cf_keyring_verify(till->keyring, code, cf_wall_s(cf_till_clock(till).best), err);
    if (rc != CF_OK)
        return rc;
    struct till_order *found = calloc(1, sizeof *found);
    if (found == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an order");
    found->code_generation = code->order.generation;
    rc = cf_replica_order(till->replica, code->order.order, &found->order, err);
    if (rc == CF_E_ORDER_UNKNOWN && code->order.store != till->store)
        rc = cf_fail(err, CF_E_ORDER_HOME, "in store %u", code->order.store);
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
    if (rc == CF_OK)
        rc = cf_receipt_encode(receipt, ret_receipt, err);
    cf_receipt_free(receipt);
    return rc;
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
