/*
 * sync/central/return_claims.c - POST /t1/sale: a till asks for a sale of its store, and that goods of it be kept for
 * it while it takes them back (sync/wire/sale_ask.h).
 *
 * What is kept ends by evidence alone: the return's record, or one that undoes the key. A till's own returns are not
 * counted against it, since it may have made some that have not arrived: its journal knows better.
 */
#include "sync/central/apply_return.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"

#include "sync/wire/sale_ask.h"

#include <stdlib.h>
#include <string.h>

enum claim_state { CLAIM_OPEN = 1, CLAIM_VOID = 2, CLAIM_CONFIRMED = 3 };

struct claim {
    uint64_t log;
    uint64_t sale_id;
    enum claim_state state;
};

static enum cf_rc find_claim(struct cf_central *central, const uint8_t *key, struct claim *ret, bool *ret_found,
                             struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RETURN_CLAIM_GET, CF_ARGS(cf_v_blob(key, CF_REQUEST_KEY_BYTES)),
                                 row, ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = (struct claim){(uint64_t)row[0].i, (uint64_t)row[1].i, (enum claim_state)row[2].i};
    }
    return rc;
}

static enum cf_rc put_claim(struct cf_central *central, const uint8_t *key, const struct claim *claim,
                            struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_RETURN_CLAIM_PUT,
                        CF_ARGS(cf_v_blob(key, CF_REQUEST_KEY_BYTES), cf_v_int((int64_t)claim->log),
                                cf_v_int((int64_t)claim->sale_id), cf_v_int(claim->state)),
                        err);
}

static enum cf_rc end_claim(struct cf_central *central, const struct cf_log *log, const uint8_t *key,
                            enum claim_state state, bool *ret_found, struct cf_error *err)
{
    struct claim claim;
    enum cf_rc rc = find_claim(central, key, &claim, ret_found, err);
    if (rc != CF_OK || !*ret_found || claim.state != CLAIM_OPEN || claim.log != log->id) {
        return rc;
    }
    claim.state = state;
    return put_claim(central, key, &claim, err);
}

enum cf_rc cf_return_claim_confirm(struct cf_central *central, const struct cf_log *log,
                                   const uint8_t key[CF_REQUEST_KEY_BYTES], struct cf_error *err)
{
    bool found; /* false: the hub keeps it, and the centre was never asked */
    return end_claim(central, log, key, CLAIM_CONFIRMED, &found, err);
}

enum cf_rc cf_return_claim_void(struct cf_central *central, const struct cf_log *log,
                                const uint8_t key[CF_REQUEST_KEY_BYTES], struct cf_error *err)
{
    const struct claim never = {log->id, 0, CLAIM_VOID};
    bool found;
    enum cf_rc rc = end_claim(central, log, key, CLAIM_VOID, &found, err);
    return rc == CF_OK && !found ? put_claim(central, key, &never, err) : rc;
}

/* --- the ask ------------------------------------------------------------------------------------------------------ */

struct asking {
    struct cf_sale_ask ask;
    struct cf_asked_line lines[CF_CART_LINES_MAX];
    struct cf_log_head head;
    uint64_t sale_id;
    struct cf_sale *sale;
    cf_bytes body;
    int64_t elsewhere[CF_CART_LINES_MAX]; /* back, or kept for another till */
    struct cf_sale_reply reply;
};

static enum cf_rc add_line(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct asking *a = ctx;
    (void)err;
    if (row[0].i >= 1 && row[0].i <= (int64_t)a->sale->n_lines) {
        int64_t *at = &a->elsewhere[row[0].i - 1];
        int64_t sold = a->sale->lines[row[0].i - 1].qty_milli;
        *at = row[1].i > sold - *at ? sold : *at + row[1].i;
    }
    return CF_OK;
}

/* A till may take back what was sold in its own store. */
static enum cf_rc find_sale(struct cf_central *central, struct asking *a, struct cf_error *err)
{
    const struct cf_sale_ref *of = &a->ask.of;
    struct cf_value log[CF_STORE_COLUMNS_MAX], terminal[CF_STORE_COLUMNS_MAX];
    bool found, known = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_LOG_GET, CF_ARGS(cf_v_int(of->terminal), cf_v_int(of->epoch)),
                                 log, &found, err);
    if (rc == CF_OK && found) {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(of->terminal)), terminal, &known, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (!found || !known || terminal[0].i != (int64_t)a->head.log.store || of->seq > CF_RECORD_SEQ_MAX) {
        return cf_fail(err, CF_E_RETURN_SALE, "not in this store");
    }
    a->sale_id = cf_record_id((uint64_t)log[0].i, of->seq);
    rc = cf_return_original(central, a->sale_id, a->sale, &a->body, &found, err);
    return rc == CF_OK && !found ? cf_fail(err, CF_E_RETURN_SALE, "not heard of yet") : rc;
}

static enum cf_rc sum_elsewhere(struct cf_central *central, struct asking *a, struct cf_error *err)
{
    struct cf_value sale = cf_v_int((int64_t)a->sale_id), log = cf_v_int((int64_t)a->head.log.id);
    enum cf_rc rc = cf_store_each(central->store, CF_Q_RETURNED_ELSEWHERE, CF_ARGS(sale, log), add_line, a, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_RETURN_KEPT, CF_ARGS(sale, log), add_line, a, err);
    }
    for (size_t i = 0; i < a->sale->n_lines && rc == CF_OK; i++) {
        if (a->elsewhere[i] > 0) {
            a->reply.before[a->reply.n_before++] =
                (struct cf_asked_line){.line_no = (uint32_t)(i + 1), .qty_milli = a->elsewhere[i]};
        }
    }
    return rc;
}

static enum cf_rc keep_line(struct cf_central *central, const struct asking *a, size_t line, int64_t qty_milli,
                            bool *any, struct cf_error *err)
{
    int64_t left = a->sale->lines[line].qty_milli - a->elsewhere[line];
    if (qty_milli > left) {
        return cf_fail(err, CF_E_RETURN_QUANTITY, "line %zu", line + 1);
    }
    qty_milli = qty_milli == 0 ? left : qty_milli;
    if (qty_milli == 0) {
        return CF_OK;
    }
    *any = true;
    return cf_store_run(
        central->store, CF_Q_RETURN_CLAIM_LINE_ADD,
        CF_ARGS(cf_v_blob(a->ask.request_key, CF_REQUEST_KEY_BYTES), cf_v_int((int64_t)line + 1), cf_v_int(qty_milli)),
        err);
}

static enum cf_rc keep_goods(struct cf_central *central, struct asking *a, struct cf_error *err)
{
    const struct claim claim = {a->head.log.id, a->sale_id, CLAIM_OPEN};
    bool any = false;
    enum cf_rc rc = put_claim(central, a->ask.request_key, &claim, err);
    for (size_t i = 0; a->ask.all && i < a->sale->n_lines && rc == CF_OK; i++) {
        rc = keep_line(central, a, i, 0, &any, err);
    }
    for (size_t i = 0; i < a->ask.n_lines && rc == CF_OK; i++) {
        const struct cf_asked_line *line = &a->ask.lines[i];
        rc = line->line_no > a->sale->n_lines ? cf_fail(err, CF_E_LINE_NONE, "the sale has %zu lines", a->sale->n_lines)
                                              : keep_line(central, a, line->line_no - 1, line->qty_milli, &any, err);
    }
    return rc == CF_OK && !any ? cf_fail(err, CF_E_RETURN_EMPTY, "all of it is back") : rc;
}

static enum cf_rc answer(struct cf_central *central, struct asking *a, struct cf_error *err)
{
    struct claim claim;
    bool found;
    enum cf_rc rc = cf_log_get(central, a->ask.terminal, a->ask.epoch, &a->head, err);
    if (rc == CF_OK && a->head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lu, epoch %lu", (unsigned long)a->ask.terminal,
                     (unsigned long)a->ask.epoch);
    }
    if (rc == CF_OK) {
        rc = find_claim(central, a->ask.request_key, &claim, &found, err);
    }
    if (rc == CF_OK && found && (claim.state != CLAIM_OPEN || claim.log != a->head.log.id)) {
        rc = cf_fail(err, CF_E_COUPON_REQUEST, claim.state == CLAIM_VOID ? "it was undone" : "other contents");
    }
    if (rc == CF_OK) {
        rc = find_sale(central, a, err);
    }
    if (rc == CF_OK && found && claim.sale_id != a->sale_id) {
        rc = cf_fail(err, CF_E_COUPON_REQUEST, "other contents");
    }
    if (rc == CF_OK) {
        rc = sum_elsewhere(central, a, err);
    }
    if (rc == CF_OK && !found) {
        rc = keep_goods(central, a, err);
    }
    return rc;
}

enum cf_rc cf_handle_till_sale(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a sale");
    }
    enum cf_rc rc = cf_sale_new(&a->sale, err);
    if (rc == CF_OK && cf_sale_ask_decode(call->request->body, a->lines, &a->ask, err) != CF_OK) {
        rc = cf_fail(err, CF_E_PROTOCOL, "the ask has not the shape of one");
    }
    if (rc == CF_OK && (a->ask.terminal != call->request->terminal || a->ask.epoch != call->request->epoch)) {
        rc = cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
        if (rc == CF_OK) {
            rc = cf_central_end(central, answer(central, a, err), err);
        }
        /* A rule said no: that is an answer. A fenced till or a broken part is a refusal of the request itself. */
        if (rc == CF_OK || (rc != CF_E_FENCED && cf_rc_class(rc) != CF_CLASS_BROKEN)) {
            a->reply.rc = rc;
            a->reply.sale = a->body;
            reply->content_type = "application/cbor";
            rc = cf_sale_reply_encode(&a->reply, reply->bytes, err);
        }
    }
    cf_sale_free(a->sale);
    free(a);
    return rc;
}
