/*
 * sync/central/order_book.c - see order_book.h.
 */
#include "sync/central/order_book.h"

#include "base/plant.h"
#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/hub.h"
#include "sync/central/order_requests.h"
#include "sync/central/places.h"

#include "sync/wire/order_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum claim_state { CLAIM_OPEN = 1, CLAIM_VOID = 2, CLAIM_CONFIRMED = 3 };

#define CLAIMS_MAX 256   /* keys of one generation, most of them undone */
#define CONFLICTS_MAX 64 /* of one order that are kept with it; the records and the alarms are all there */

/* --- rows --------------------------------------------------------------------------------------------------------- */

static enum cf_rc read_row(const struct cf_value *v, struct cf_order_row *ret, struct cf_error *err)
{
    if (cf_order_decode(v[1].b, &ret->order, NULL) != CF_OK || v[4].b.n > CF_ORDER_REFERENCE_MAX) {
        return cf_fail(err, CF_E_INTERNAL, "a stored order is damaged");
    }
    ret->state = (enum cf_order_state)v[0].i;
    ret->has_member = v[2].kind == CF_VALUE_INT;
    ret->member = cf_sub_from_number(v[2].i);
    ret->at_us = v[3].i;
    memcpy(ret->reference, v[4].b.p, v[4].b.n);
    ret->reference[v[4].b.n] = '\0';
    ret->online_only = v[5].i != 0;
    ret->terminal = (uint32_t)v[6].i;
    ret->recall_to = (uint32_t)v[7].i;
    ret->recall_version = v[8].i;
    return CF_OK;
}

enum cf_rc cf_order_row_get(struct cf_central *central, uint32_t number, struct cf_order_row *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ORDER_GET, CF_ARGS(cf_v_int(number)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "order %lu", (unsigned long)number);
    }
    return rc == CF_OK ? read_row(row, ret, err) : rc;
}

enum cf_rc cf_order_row_put(struct cf_central *central, const struct cf_order_row *row, struct cf_error *err)
{
    const struct cf_order *order = &row->order;
    struct cf_buf body;
    cf_buf_init(&body, CF_ORDER_BYTES_MAX);
    enum cf_rc rc = cf_order_encode(order, &body, err);
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_ORDER_PUT,
                          CF_ARGS(cf_v_int(order->number), cf_v_int(order->kind), cf_v_int(row->state),
                                  cf_v_int(order->store), cf_v_int(order->home), cf_v_bytes(cf_buf_bytes(&body)),
                                  row->has_member ? cf_v_int(cf_sub_number(row->member)) : cf_v_null(),
                                  cf_v_int(row->at_us), cf_v_text(row->reference), cf_v_int(row->online_only),
                                  cf_v_int(row->terminal), cf_v_int(row->recall_to), cf_v_int(row->recall_version)),
                          err);
    }
    cf_buf_done(&body);
    return rc == CF_OK && !cf_order_is_open(row->state) ? cf_request_follow(central, order->number, err) : rc;
}

/* --- where it is at home ------------------------------------------------------------------------------------------ */

static enum cf_rc home_at_terminal(struct cf_central *central, struct cf_order_row *row, struct cf_error *err)
{
    struct cf_order *order = &row->order;
    struct cf_value at[CF_STORE_COLUMNS_MAX];
    struct cf_log_head head;
    uint32_t terminal = row->terminal;
    bool found;
    enum cf_rc rc = CF_OK;
    if (terminal == 0) {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_FIRST_OF_STORE, CF_ARGS(cf_v_int(order->store)), at, &found,
                          err);
        if (rc == CF_OK && !found) {
            rc = cf_fail(err, CF_E_STATE, "store %lu has no enrolled terminal", (unsigned long)order->store);
        }
        terminal = rc == CF_OK ? (uint32_t)at[0].i : 0;
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(terminal)), at, &found, err);
    }
    if (rc == CF_OK && (!found || at[0].i != (int64_t)order->store || at[2].i == 0)) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "place %lu is no enrolled terminal of store %lu", (unsigned long)terminal,
                     (unsigned long)order->store);
    }
    if (rc == CF_OK) {
        order->home = terminal;
        order->home_epoch = (uint32_t)at[2].i;
        rc = cf_log_get_active(central, order->home, order->home_epoch, &head, err);
    }
    return rc;
}

enum cf_rc cf_order_choose_home(struct cf_central *central, struct cf_order_row *row, struct cf_error *err)
{
    struct cf_order *order = &row->order;
    struct cf_store_settings settings;
    struct cf_hub_row hub;
    bool has_hub = false;
    enum cf_rc rc = cf_store_settings_get(central, order->store, &settings, err);
    order->home = 0;
    order->home_epoch = 0;
    if (rc != CF_OK || row->online_only) {
        return rc;
    }
    rc = row->terminal == 0 ? cf_hub_active(central, order->store, &hub, &has_hub, err) : CF_OK;
    if (rc == CF_OK && has_hub) {
        order->home = order->store;
        return CF_OK;
    }
    return rc == CF_OK ? home_at_terminal(central, row, err) : rc;
}

/* The same of one that waits for nobody: if no till can be its home, whoever comes asks the centre. */
static enum cf_rc choose_home_or_none(struct cf_central *central, struct cf_order_row *row, struct cf_error *err)
{
    enum cf_rc rc = cf_order_choose_home(central, row, err);
    if (rc == CF_E_STATE || rc == CF_E_NOT_FOUND) {
        row->order.home = row->order.home_epoch = 0;
        rc = CF_OK;
    }
    return rc;
}

/* --- what its store is told --------------------------------------------------------------------------------------- */

static bool is_out(enum cf_order_state state)
{
    return state == CF_ORDER_READY || state == CF_ORDER_PARTLY;
}

static enum cf_rc tell_gone(struct cf_central *central, const struct cf_order *order, bool handed_out,
                            struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_ORDER_GONE};
    entry.order_gone = (struct cf_order_gone){order->number, order->generation, handed_out};
    return cf_down_append(central, CF_TOPIC_ORDERS, order->store, order->number, &entry, err);
}

enum cf_rc cf_order_tell(struct cf_central *central, const struct cf_order_row *row, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_ORDER};
    struct cf_buf body;
    if (!is_out(row->state)) {
        return tell_gone(central, &row->order, row->state == CF_ORDER_HANDED_OUT, err);
    }
    cf_buf_init(&body, CF_ORDER_BYTES_MAX);
    enum cf_rc rc = cf_order_encode(&row->order, &body, err);
    entry.order = cf_buf_bytes(&body);
    if (rc == CF_OK) {
        rc = cf_down_append(central, CF_TOPIC_ORDERS, row->order.store, row->order.number, &entry, err);
    }
    cf_buf_done(&body);
    return rc;
}

enum cf_rc cf_order_arrive(struct cf_central *central, struct cf_order_row *row, int64_t expires_s,
                           struct cf_error *err)
{
    enum cf_rc rc = cf_order_step(row->state, CF_ORDER_ARRIVE, &row->state, NULL, err);
    row->order.ready_s = cf_wall_s(cf_central_now(central));
    row->order.expires_s = expires_s;
    if (rc == CF_OK && row->order.expires_s < row->order.ready_s) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "expires: before now");
    }
    if (rc == CF_OK) {
        rc = choose_home_or_none(central, row, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_row_put(central, row, err);
    }
    return rc == CF_OK ? cf_order_tell(central, row, err) : rc;
}

/* --- recalling ---------------------------------------------------------------------------------------------------- */

/* Nobody may hand out this generation any more. What is left of the order is cancelled, or goes on as the next one. */
static enum cf_rc end_recall(struct cf_central *central, struct cf_order_row *row, bool generation_is_next,
                             struct cf_error *err)
{
    bool expired = cf_wall_s(cf_central_now(central)) > row->order.expires_s;
    enum cf_order_event event = row->recall_to != 0 ? CF_ORDER_HEARD_MOVE
                                : expired           ? CF_ORDER_HEARD_EXPIRE
                                                    : CF_ORDER_HEARD_CANCEL;
    enum cf_rc rc = cf_order_step(row->state, event, &row->state, NULL, err);
    if (rc == CF_OK && event == CF_ORDER_HEARD_MOVE) {
        if (!generation_is_next && row->order.generation == CF_ORDER_GENERATION_MAX) {
            return cf_fail(err, CF_E_LIMIT, "order %lu was changed too often", (unsigned long)row->order.number);
        }
        row->order.generation += generation_is_next ? 0 : 1;
        row->terminal = row->recall_to == row->order.store ? row->terminal : 0;
        row->order.store = row->recall_to;
        rc = choose_home_or_none(central, row, err);
        if (rc == CF_OK) {
            rc = cf_order_tell(central, row, err);
        }
    }
    row->recall_to = 0;
    row->recall_version = 0;
    return rc == CF_OK ? cf_order_row_put(central, row, err) : rc;
}

/* Has everybody heard who could hand it out? `log` has heard all up to `cursor`. */
static enum cf_rc has_heard(struct cf_central *central, const struct cf_order_row *row, const struct cf_log *log,
                            uint64_t cursor, bool *ret, struct cf_error *err)
{
    const struct cf_order *order = &row->order;
    struct cf_value at[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc;
    *ret = false;
    if (order->home == 0) { /* the centre knows whom it told yes */
        rc = cf_store_row(central->store, CF_Q_ORDER_CLAIM_OPEN,
                          CF_ARGS(cf_v_int(order->number), cf_v_int(order->generation)), at, &found, err);
        *ret = rc == CF_OK && !found;
        return rc;
    }
    if (log == NULL || log->state != CF_LOG_ACTIVE || (int64_t)(cursor & INT64_MAX) < row->recall_version) {
        return CF_OK;
    }
    if (order->home != order->store) {
        *ret = order->home == log->terminal && order->home_epoch == log->epoch;
        return CF_OK;
    }
    rc = cf_store_row(central->store, CF_Q_LOG_BEHIND,
                      CF_ARGS(cf_v_int(order->store), cf_v_int((int64_t)log->id), cf_v_int(row->recall_version)), at,
                      &found, err);
    *ret = rc == CF_OK && at[0].i == 0;
    return rc;
}

enum cf_rc cf_order_recall(struct cf_central *central, struct cf_order_row *row, uint32_t to_store,
                           struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_value last[CF_STORE_COLUMNS_MAX];
    bool was_out = is_out(row->state), found, heard = !was_out;
    if (row->state == CF_ORDER_RECALLED) {
        if (row->recall_to == to_store) {
            return CF_OK;
        }
        return cf_fail(err, CF_E_ORDER_STATE, "its home has not heard of the recall before this one yet");
    }
    enum cf_rc rc = to_store != 0 ? cf_store_settings_get(central, to_store, &settings, err) : CF_OK;
    if (rc == CF_OK && to_store != 0 && row->state == CF_ORDER_PLACED) { /* no till has heard of it */
        row->order.store = to_store;
        row->terminal = 0;
        rc = cf_order_choose_home(central, row, err);
        return rc == CF_OK ? cf_order_row_put(central, row, err) : rc;
    }
    if (rc == CF_OK) {
        rc = cf_order_step(row->state, CF_ORDER_RECALL, &row->state, NULL, err);
    }
    row->recall_to = to_store;
    row->recall_version = 0;
    if (rc == CF_OK && was_out) {
        rc = tell_gone(central, &row->order, false, err);
        if (rc == CF_OK) {
            rc = cf_store_row(central->store, CF_Q_DOWN_LAST_ID, CF_NO_ARGS, last, &found, err);
        }
        if (rc == CF_OK) {
            row->recall_version = last[0].i;
            rc = has_heard(central, row, NULL, 0, &heard, err);
        }
    }
    if (rc != CF_OK) {
        return rc;
    }
    return heard || CF_PLANTED(recall_unheard) ? end_recall(central, row, false, err)
                                               : cf_order_row_put(central, row, err);
}

enum cf_rc cf_order_force(struct cf_central *central, struct cf_order_row *row, const char *by, const char *reason,
                          struct cf_error *err)
{
    char text[240];
    if (row->state != CF_ORDER_RECALLED) {
        return cf_fail(err, CF_E_ORDER_STATE, "it is %s", cf_order_state_name(row->state));
    }
    (void)snprintf(text, sizeof text, "order %lu: place %lu did not say whether it handed it out; %s says: %s",
                   (unsigned long)row->order.number, (unsigned long)row->order.home, by, reason);
    enum cf_rc rc = cf_central_alarm(central, 0, CF_E_ORDER_STATE, text, err);
    return rc == CF_OK ? end_recall(central, row, false, err) : rc;
}

#define NUMBERS_AT_ONCE 64 /* as the query has it */
struct numbers {
    size_t n;
    uint32_t number[NUMBERS_AT_ONCE];
};

static enum cf_rc take_number(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct numbers *numbers = ctx;
    (void)err;
    if (numbers->n < NUMBERS_AT_ONCE) {
        numbers->number[numbers->n++] = (uint32_t)row[0].i;
    }
    return CF_OK;
}

static enum cf_rc settle_heard(struct cf_central *central, uint32_t number, const struct cf_log *log, uint64_t cursor,
                               struct cf_order_row *row, struct cf_error *err)
{
    bool heard = false;
    enum cf_rc rc = cf_order_row_get(central, number, row, err);
    if (rc == CF_OK) {
        rc = has_heard(central, row, log, cursor, &heard, err);
    }
    return rc == CF_OK && heard ? end_recall(central, row, false, err) : rc;
}

/* Those that wait for others must not hide those behind them: all are looked at, a few at a time. */
enum cf_rc cf_order_heard(struct cf_central *central, const struct cf_log *log, uint64_t cursor, struct cf_error *err)
{
    struct numbers numbers = {.n = 0};
    struct cf_order_row *row = NULL;
    uint32_t after = 0;
    enum cf_rc rc;
    do {
        numbers.n = 0;
        rc = cf_store_each(central->store, CF_Q_ORDER_RECALLED,
                           CF_ARGS(cf_v_int(log->store), cf_v_int((int64_t)(cursor & INT64_MAX)),
                                   cf_v_int(log->terminal), cf_v_int(after)),
                           take_number, &numbers, err);
        if (rc == CF_OK && numbers.n > 0 && row == NULL) {
            row = calloc(1, sizeof *row);
            rc = row == NULL ? cf_fail(err, CF_E_NO_MEMORY, "orders") : CF_OK;
        }
        for (size_t i = 0; rc == CF_OK && i < numbers.n; i++) {
            after = numbers.number[i];
            rc = settle_heard(central, after, log, cursor, row, err);
        }
    } while (rc == CF_OK && numbers.n == NUMBERS_AT_ONCE);
    free(row);
    return rc;
}

static enum cf_rc leave_hub(void *ctx, const struct cf_value *v, struct cf_error *err)
{
    struct cf_central *central = ctx;
    struct cf_order_row *row = calloc(1, sizeof *row);
    if (row == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    enum cf_rc rc = cf_order_row_get(central, (uint32_t)v[0].i, row, err);
    if (rc == CF_OK && is_out(row->state)) {
        rc = cf_order_recall(central, row, row->order.store, err);
    }
    free(row);
    return rc;
}

enum cf_rc cf_order_hub_ends(struct cf_central *central, uint32_t store, struct cf_error *err)
{
    return cf_store_each(central->store, CF_Q_ORDER_AT_HUB, CF_ARGS(cf_v_int(store)), leave_hub, central, err);
}

/* --- what a till asked for ---------------------------------------------------------------------------------------- */

struct claim {
    uint64_t log;
    uint32_t order, generation;
    enum claim_state state;
};

static enum cf_rc find_claim(struct cf_central *central, const uint8_t *key, struct claim *ret, bool *ret_found,
                             struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ORDER_CLAIM_GET, CF_ARGS(cf_v_blob(key, CF_REQUEST_KEY_BYTES)),
                                 row, ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = (struct claim){(uint64_t)row[0].i, (uint32_t)row[1].i, (uint32_t)row[2].i, (enum claim_state)row[3].i};
    }
    return rc;
}

static enum cf_rc put_claim(struct cf_central *central, const uint8_t *key, const struct claim *claim,
                            struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_ORDER_CLAIM_PUT,
                        CF_ARGS(cf_v_blob(key, CF_REQUEST_KEY_BYTES), cf_v_int((int64_t)claim->log),
                                cf_v_int(claim->order), cf_v_int(claim->generation), cf_v_int(claim->state)),
                        err);
}

/* May another key be kept for this generation? Else a till could fill the book with keys; too strict, never too lax. */
static enum cf_rc has_room(struct cf_central *central, uint32_t order, uint32_t generation, bool *ret,
                           struct cf_error *err)
{
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ORDER_CLAIM_COUNT, CF_ARGS(cf_v_int(order), cf_v_int(generation)),
                                 v, &found, err);
    if (rc == CF_OK) {
        *ret = v[0].i < CLAIMS_MAX;
    }
    return rc;
}

/* The void may come before the ask that it undoes: its key is kept, if the order may still be asked for. */
static enum cf_rc void_claim(struct cf_central *central, const uint8_t key[CF_REQUEST_KEY_BYTES], struct claim *claim,
                             bool known, struct cf_order_row *row, struct cf_error *err)
{
    bool room = true;
    enum cf_rc rc = cf_order_row_get(central, claim->order, row, err);
    if (rc == CF_E_NOT_FOUND) {
        return CF_OK;
    }
    if (rc == CF_OK && !known) {
        rc = has_room(central, claim->order, claim->generation, &room, err);
        room = room && claim->generation == row->order.generation && cf_order_is_open(row->state);
    }
    claim->state = CLAIM_VOID;
    if (rc == CF_OK && room) {
        rc = put_claim(central, key, claim, err);
    }
    if (rc == CF_OK && row->state == CF_ORDER_RECALLED && row->order.home == 0) {
        rc = settle_heard(central, claim->order, NULL, 0, row, err); /* what waited for this till */
    }
    return rc;
}

enum cf_rc cf_order_void(struct cf_central *central, const struct cf_log *log, const uint8_t key[CF_REQUEST_KEY_BYTES],
                         uint32_t order, uint32_t generation, enum cf_rc *ret_what, struct cf_error *why,
                         struct cf_error *err)
{
    struct claim claim = {log->id, order, generation, CLAIM_OPEN};
    bool found;
    enum cf_rc rc = find_claim(central, key, &claim, &found, err);
    if (rc == CF_OK && found && (claim.order != order || claim.generation != generation)) {
        *ret_what =
            cf_fail(why, CF_E_RECORD, "undoes an ask for order %lu under the key of another", (unsigned long)order);
        return CF_OK;
    }
    /* Of a log that was set apart nothing comes back: its twin may have handed it out. */
    if (rc != CF_OK || claim.state != CLAIM_OPEN || claim.log != log->id || log->state != CF_LOG_ACTIVE) {
        return rc;
    }
    struct cf_order_row *row = calloc(1, sizeof *row);
    if (row == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    rc = void_claim(central, key, &claim, found, row, err);
    free(row);
    return rc;
}

static enum cf_rc judge_ask(struct cf_central *central, const struct cf_order_ask *ask, const struct cf_log *log,
                            const struct cf_order_row *row, struct cf_error *err)
{
    cf_wall now = cf_central_now(central);
    const struct cf_order_facts facts = {
        .now = {now, now}, .store = log->store, .terminal = log->terminal, .epoch = log->epoch};
    enum cf_order_asks asks = CF_ORDER_ASKS_NOBODY;
    struct cf_value at[CF_STORE_COLUMNS_MAX];
    bool found;
    if (row->state == CF_ORDER_HANDED_OUT) {
        return cf_fail(err, CF_E_ORDER_DONE, "order %lu", (unsigned long)ask->order);
    }
    if (!is_out(row->state)) {
        return cf_fail(err, CF_E_ORDER_CANCELLED, "it is %s", cf_order_state_name(row->state));
    }
    if (ask->generation != row->order.generation) {
        return cf_fail(err, CF_E_ORDER_GENERATION, "generation %lu, the newest is %lu", (unsigned long)ask->generation,
                       (unsigned long)row->order.generation);
    }
    enum cf_rc rc = cf_order_judge(&row->order, &facts, &asks, err);
    if (rc == CF_OK && asks != CF_ORDER_ASKS_CENTRE) {
        rc = cf_fail(err, CF_E_ORDER_HOME, "at place %lu", (unsigned long)row->order.home);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_ORDER_CLAIM_OPEN,
                          CF_ARGS(cf_v_int(ask->order), cf_v_int(ask->generation)), at, &found, err);
        if (rc == CF_OK && found) {
            rc = cf_fail(err, CF_E_ORDER_DONE, "another till asked for it before");
        }
    }
    return rc;
}

static enum cf_rc answer_ask(struct cf_central *central, const struct cf_order_ask *ask, struct cf_order_row *row,
                             struct cf_error *err)
{
    struct cf_log_head head;
    struct claim claim = {0};
    bool found = false;
    enum cf_rc rc = cf_log_get(central, ask->terminal, ask->epoch, &head, err);
    if (rc == CF_OK && head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lu, epoch %lu", (unsigned long)ask->terminal,
                     (unsigned long)ask->epoch);
    }
    if (rc == CF_OK) {
        rc = find_claim(central, ask->request_key, &claim, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (found) { /* the same ask gets the same answer, until its log has said how it ended */
        bool same = claim.state == CLAIM_OPEN && claim.log == head.log.id && claim.order == ask->order &&
                    claim.generation == ask->generation;
        return same ? CF_OK
                    : cf_fail(err, CF_E_COUPON_REQUEST, claim.state == CLAIM_VOID ? "it was undone" : "other contents");
    }
    rc = cf_order_row_get(central, ask->order, row, err);
    if (rc == CF_E_NOT_FOUND) {
        return cf_fail(err, CF_E_ORDER_UNKNOWN, "order %lu", (unsigned long)ask->order);
    }
    if (rc == CF_OK) {
        rc = judge_ask(central, ask, &head.log, row, err);
    }
    bool room = true;
    if (rc == CF_OK) {
        rc = has_room(central, ask->order, ask->generation, &room, err);
    }
    if (rc == CF_OK && !room) {
        rc = cf_fail(err, CF_E_LIMIT, "it was asked for %d times", CLAIMS_MAX);
    }
    claim = (struct claim){head.log.id, ask->order, ask->generation, CLAIM_OPEN};
    return rc == CF_OK ? put_claim(central, ask->request_key, &claim, err) : rc;
}

enum cf_rc cf_handle_till_order(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct cf_order_ask ask;
    if (cf_order_ask_decode(call->request->body, &ask, NULL) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "the ask has not the shape of one");
    }
    if (ask.terminal != call->request->terminal || ask.epoch != call->request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    struct cf_order_row *row = calloc(1, sizeof *row);
    if (row == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = cf_central_end(central, answer_ask(central, &ask, row, err), err);
    }
    free(row);
    /* A rule said no: that is an answer. A fenced till or a broken part is a refusal of the request itself. */
    if (rc == CF_OK || (rc != CF_E_FENCED && cf_rc_class(rc) != CF_CLASS_BROKEN)) {
        reply->content_type = "application/cbor";
        rc = cf_redeem_reply_encode(rc, reply->bytes, err);
    }
    return rc;
}

/* --- what was handed out ------------------------------------------------------------------------------------------ */

struct taking {
    struct cf_central *central;
    const struct cf_log *log;
    uint64_t id;                /* of the record */
    const struct cf_sale *sale; /* that paid for it; NULL: it was paid online */
    struct cf_pick_up taken;
    struct cf_order_row row;
};

static enum cf_rc keep_taking(const struct taking *t, bool conflict, struct cf_error *err)
{
    struct cf_buf body;
    struct cf_value v[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = CF_OK;
    if (conflict) {
        rc = cf_store_row(t->central->store, CF_Q_ORDER_TAKEN_CONFLICTS, CF_ARGS(cf_v_int(t->taken.claim.order)), v,
                          &found, err);
        if (rc != CF_OK || v[0].i >= CONFLICTS_MAX) {
            return rc;
        }
    }
    cf_buf_init(&body, CF_PICK_UP_BYTES_MAX);
    rc = cf_pick_up_encode(&t->taken, &body, err);
    if (rc == CF_OK) {
        rc = cf_store_run(t->central->store, CF_Q_ORDER_TAKEN_ADD,
                          CF_ARGS(cf_v_int((int64_t)t->id), cf_v_int(t->taken.claim.order),
                                  cf_v_int(t->taken.claim.generation), cf_v_bytes(cf_buf_bytes(&body)),
                                  cf_v_int(cf_central_now(t->central).us), cf_v_int(conflict)),
                          err);
    }
    cf_buf_done(&body);
    return rc;
}

/* Was this generation ever at home where its record says? If not, no till that keeps the rules handed it out. */
static bool is_of_home(const struct taking *t)
{
    const struct cf_order *order = &t->row.order;
    enum cf_right_source source = t->taken.claim.source;
    bool good = source == CF_RIGHT_HOME    ? order->home == t->log->terminal && order->home_epoch == t->log->epoch
                : source == CF_RIGHT_STORE ? order->home == order->store
                                           : order->home == 0;
    return good && order->store == t->log->store;
}

/* By whose word it was handed out: did they give it? A copy of the till may have taken it back. */
static enum cf_rc judge_source(const struct taking *t, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    const struct cf_order_claim *by = &t->taken.claim;
    struct claim claim = {.state = CLAIM_OPEN};
    bool found = false, good = true;
    enum cf_rc rc = CF_OK;
    if (by->source == CF_RIGHT_CENTRE) {
        rc = find_claim(t->central, by->request_key, &claim, &found, err);
        good = found && claim.log == t->log->id && claim.order == by->order && claim.generation == by->generation &&
               claim.state == CLAIM_OPEN;
        if (rc == CF_OK && found && claim.log == t->log->id && claim.state == CLAIM_OPEN) {
            claim.state = CLAIM_CONFIRMED;
            rc = put_claim(t->central, by->request_key, &claim, err);
        }
    }
    if (!good) {
        *ret_what = cf_fail(why, CF_E_ORDER_HOME, "order %lu was not theirs to hand out", (unsigned long)by->order);
    }
    return rc;
}

/* Was it paid as it was ordered: online, or by this sale at the order's prices? */
static void judge_payment(const struct taking *t, enum cf_rc *ret_what, struct cf_error *why)
{
    const struct cf_order *order = &t->row.order;
    bool unpaid = order->kind == CF_ORDER_UNPAID;
    if (unpaid != (t->sale != NULL)) {
        *ret_what =
            cf_fail(why, unpaid ? CF_E_ORDER_UNPAID : CF_E_ORDER_PAID, "order %lu was %s", (unsigned long)order->number,
                    unpaid ? "handed out and nobody paid" : "paid online and paid again");
    } else if (t->sale != NULL && cf_order_judge_sale(order, t->sale, why) != CF_OK) {
        *ret_what = CF_E_ORDER_LINE;
    }
}

/* Goods are gone: the order is as much of it as is left. */
static enum cf_rc take_off(struct taking *t, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_order_row *row = &t->row;
    struct cf_pick_up again = {.amount_minor = 0};
    bool odd = false, was_recalled = row->state == CF_ORDER_RECALLED;
    bool known = cf_pick_up_make(&row->order, t->taken.lines, t->taken.n_lines, &again, why) == CF_OK;
    bool whole = !known || cf_pick_up_is_whole(&row->order, t->taken.lines, t->taken.n_lines);
    if (!known) {
        *ret_what = CF_E_ORDER_LINE;
    } else if (again.amount_minor != t->taken.amount_minor) {
        *ret_what =
            cf_fail(why, CF_E_ORDER_LINE, "order %lu: %lld in the record, %lld as it was ordered",
                    (unsigned long)row->order.number, (long long)t->taken.amount_minor, (long long)again.amount_minor);
    }
    if (*ret_what == CF_OK) {
        judge_payment(t, ret_what, why);
    }
    if (!whole && row->order.generation == CF_ORDER_GENERATION_MAX) {
        whole = true;
    }
    enum cf_rc rc = cf_order_step(row->state, whole ? CF_ORDER_TAKE_ALL : CF_ORDER_TAKE_PART, &row->state, &odd, err);
    if (rc == CF_OK && odd) {
        *ret_what = cf_fail(why, CF_E_ORDER_CANCELLED, "order %lu was handed out all the same",
                            (unsigned long)row->order.number);
    }
    if (rc == CF_OK && !whole) {
        rc = cf_order_rest(&row->order, t->taken.lines, t->taken.n_lines, err);
        if (rc == CF_OK && was_recalled) {
            return end_recall(t->central, row, true, err);
        }
        if (rc == CF_OK && is_out(row->state)) {
            rc = choose_home_or_none(t->central, row, err);
        }
    }
    row->recall_to = 0;
    row->recall_version = 0;
    if (rc == CF_OK) {
        rc = cf_order_row_put(t->central, row, err);
    }
    return rc == CF_OK ? cf_order_tell(t->central, row, err) : rc;
}

static enum cf_rc apply_taking(struct taking *t, enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    const struct cf_order_claim *claim = &t->taken.claim;
    struct cf_value first[CF_STORE_COLUMNS_MAX];
    bool twice = false;
    enum cf_rc rc = cf_order_row_get(t->central, claim->order, &t->row, err);
    if (rc == CF_E_NOT_FOUND || (rc == CF_OK && claim->generation > t->row.order.generation)) {
        *ret_what = cf_fail(why, CF_E_ORDER_UNKNOWN, "order %lu, generation %lu", (unsigned long)claim->order,
                            (unsigned long)claim->generation);
        return rc == CF_OK ? keep_taking(t, true, err) : CF_OK; /* of what never was the record is all there is */
    }
    if (rc == CF_OK) {
        rc = cf_store_row(t->central->store, CF_Q_ORDER_TAKEN_FIRST,
                          CF_ARGS(cf_v_int(claim->order), cf_v_int(claim->generation)), first, &twice, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (twice || claim->generation < t->row.order.generation) {
        *ret_what =
            cf_fail(why, CF_E_ORDER_DONE, "order %lu, generation %lu, was %s", (unsigned long)claim->order,
                    (unsigned long)claim->generation, twice ? "handed out before" : "moved away from there before");
        return keep_taking(t, true, err);
    }
    if (!is_of_home(t)) {
        *ret_what = cf_fail(why, CF_E_ORDER_HOME, "order %lu was not theirs to hand out", (unsigned long)claim->order);
        return keep_taking(t, true, err);
    }
    rc = judge_source(t, ret_what, why, err);
    if (rc == CF_OK) {
        rc = keep_taking(t, false, err);
    }
    return rc == CF_OK ? take_off(t, ret_what, why, err) : rc;
}

static struct taking *new_taking(struct cf_central *central, const struct cf_log *log, uint64_t id)
{
    struct taking *t = calloc(1, sizeof *t);
    if (t != NULL) {
        t->central = central;
        t->log = log;
        t->id = id;
    }
    return t;
}

enum cf_rc cf_order_apply_pick_up(struct cf_central *central, const struct cf_log *log, uint64_t id, cf_bytes body,
                                  enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct taking *t = new_taking(central, log, id);
    enum cf_rc rc = CF_OK;
    if (t == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    if (cf_pick_up_decode(body, &t->taken, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
    } else {
        rc = apply_taking(t, ret_what, why, err);
    }
    free(t);
    return rc;
}

enum cf_rc cf_order_apply_sale(struct cf_central *central, const struct cf_log *log, uint64_t id,
                               const struct cf_sale *sale, enum cf_rc *ret_what, struct cf_error *why,
                               struct cf_error *err)
{
    enum cf_rc what = CF_OK;
    struct cf_error odd = {.rc = CF_OK, .detail = ""};
    if (sale->order.order == 0) {
        return CF_OK;
    }
    struct taking *t = new_taking(central, log, id);
    if (t == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "orders");
    }
    t->sale = sale;
    (void)cf_pick_up_of_sale(sale, &t->taken);
    enum cf_rc rc = apply_taking(t, &what, &odd, err);
    free(t);
    if (rc == CF_OK && what != CF_OK && *ret_what != CF_OK) { /* the record tells of one; this is the other */
        rc = cf_central_alarm(central, id, what, odd.detail, err);
    } else if (rc == CF_OK && what != CF_OK) {
        *ret_what = what;
        *why = odd;
    }
    return rc;
}
