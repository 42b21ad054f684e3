/*
 * sync/hub/goods.c - goods of a sale that come back at another till than sold them: kept for the one that asked first.
 *
 * As the centre does it (sync/central/return_claims.c), of the sales whose records are here. What is kept ends by the
 * asking till's log alone: the return's record, or one that undoes the key. A till's own returns are not counted
 * against it: its journal knows better.
 */
#include "sync/hub/inside.h"

#include <string.h>

/* --- the sale, and what of it is gone ----------------------------------------------------------------------------- */

enum cf_rc cf_hub_find_record(struct cf_hub *hub, const struct cf_sale_ref *of, cf_bytes *ret_body, bool *ret_found,
                              struct cf_error *err)
{
    bool found = false;
    *ret_found = false;
    cf_buf_clear(&hub->stored);
    enum cf_rc rc = cf_hub_store_batch_with(hub->store, of->terminal, of->epoch, of->seq, &hub->stored, &found, err);
    if (rc == CF_OK && found)
        rc = cf_batch_decode(cf_buf_bytes(&hub->stored), &hub->stored_batch, err);
    if (rc != CF_OK || !found || of->seq < hub->stored_batch.first_seq ||
        of->seq - hub->stored_batch.first_seq >= hub->stored_batch.n_records)
        return rc;
    const struct cf_record *record = &hub->stored_batch.records[of->seq - hub->stored_batch.first_seq];
    *ret_found = record->type == CF_RECORD_SALE && cf_sale_decode(record->body, hub->sale, NULL) == CF_OK;
    *ret_body = record->body;
    return CF_OK;
}

static enum cf_rc sum_elsewhere(struct cf_hub *hub, const struct cf_sale_ask *ask, struct cf_sale_reply *reply,
                                struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < hub->sale->n_lines && rc == CF_OK; i++) {
        int64_t sold = hub->sale->lines[i].qty_milli, *at = &hub->elsewhere[i];
        rc = cf_hub_store_elsewhere(hub->store, &ask->of, (uint32_t)(i + 1), ask->terminal, ask->epoch, at, err);
        if (*at > sold)
            *at = sold;
        if (rc == CF_OK && *at > 0)
            reply->before[reply->n_before++] = (struct cf_asked_line){(uint32_t)(i + 1), *at};
    }
    return rc;
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

/* How much of each line is wanted: hub->wanted. Gives a rule's no. */
static enum cf_rc choose(struct cf_hub *hub, const struct cf_sale_ask *ask, struct cf_error *err)
{
    const struct cf_sale *sale = hub->sale;
    bool any = false;
    memset(hub->wanted, 0, sizeof hub->wanted);
    for (size_t i = 0; ask->all && i < sale->n_lines; i++)
        hub->wanted[i] = sale->lines[i].qty_milli - hub->elsewhere[i];
    for (size_t i = 0; i < ask->n_lines; i++) {
        size_t at = ask->lines[i].line_no - 1;
        if (ask->lines[i].line_no == 0 || at >= sale->n_lines)
            return cf_fail(err, CF_E_LINE_NONE, "the sale has %zu lines", sale->n_lines);
        int64_t left = sale->lines[at].qty_milli - hub->elsewhere[at];
        if (ask->lines[i].qty_milli > left)
            return cf_fail(err, CF_E_RETURN_QUANTITY, "line %zu", at + 1);
        hub->wanted[at] = ask->lines[i].qty_milli == 0 ? left : ask->lines[i].qty_milli;
    }
    for (size_t i = 0; i < sale->n_lines; i++)
        any = any || hub->wanted[i] > 0;
    return any ? CF_OK : cf_fail(err, CF_E_RETURN_EMPTY, "all of it is back");
}

static enum cf_rc keep(struct cf_hub *hub, const struct cf_sale_ask *ask, bool known, cf_bytes body,
                       struct cf_error *err)
{
    struct cf_hub_kept kept = {.terminal = ask->terminal, .epoch = ask->epoch, .of = ask->of};
    memcpy(kept.request_key, ask->request_key, sizeof kept.request_key);
    enum cf_rc rc = cf_hub_store_keep(hub->store, &kept, cf_env_wall(hub->config.env), err);
    for (size_t i = 0; known && i < hub->sale->n_lines && rc == CF_OK; i++)
        if (hub->wanted[i] > 0)
            rc = cf_hub_store_keep_line(hub->store, kept.request_key, (uint32_t)(i + 1), hub->wanted[i], err);
    if (rc == CF_OK && !known)
        rc = cf_hub_store_keep_line(hub->store, kept.request_key, 0, 1, err);
    return rc == CF_OK
               ? cf_hub_add_step(
                     hub, CF_HUB_STEP_KEEP,
                     CF_HUB_NUMBERS(ask->terminal, ask->epoch, ask->of.terminal, ask->of.epoch, ask->of.seq), body, err)
               : rc;
}

/* A till takes back what it sold itself, and its record of the sale is on its way. Others wait until its returns of it
 * are here too. */
static enum cf_rc keep_unknown(struct cf_hub *hub, const struct cf_sale_ask *ask, bool again, cf_bytes body,
                               enum cf_rc *ret_verdict, struct cf_error *err)
{
    *ret_verdict = CF_E_RETURN_SALE;
    bool own = ask->of.terminal == ask->terminal && ask->of.epoch == ask->epoch;
    return own && !again ? keep(hub, ask, false, body, err) : CF_OK;
}

/* *ret_verdict: CF_OK, or a rule's no. */
static enum cf_rc judge(struct cf_hub *hub, const struct cf_sale_ask *ask, cf_bytes body, struct cf_sale_reply *reply,
                        enum cf_rc *ret_verdict, struct cf_error *err)
{
    struct cf_hub_kept kept;
    bool released = false, again = false, known = false;
    int64_t unknown = 0;
    cf_bytes sale = {0};
    *ret_verdict = CF_OK;
    enum cf_rc rc = cf_hub_store_is_released(hub->store, ask->request_key, &released, err);
    if (rc == CF_OK)
        rc = cf_hub_store_kept(hub->store, ask->request_key, &kept, &again, err);
    if (rc != CF_OK)
        return rc;
    bool same = again && kept.terminal == ask->terminal && kept.epoch == ask->epoch &&
                kept.of.terminal == ask->of.terminal && kept.of.epoch == ask->of.epoch && kept.of.seq == ask->of.seq;
    if (released || (again && !same)) {
        *ret_verdict = CF_E_COUPON_REQUEST;
        return CF_OK;
    }
    rc = cf_hub_find_record(hub, &ask->of, &sale, &known, err);
    if (rc == CF_OK && !known)
        return keep_unknown(hub, ask, again, body, ret_verdict, err);
    if (rc == CF_OK)
        rc = sum_elsewhere(hub, ask, reply, err);
    if (rc == CF_OK)
        rc = cf_hub_store_elsewhere(hub->store, &ask->of, 0, ask->terminal, ask->epoch, &unknown, err);
    if (rc != CF_OK)
        return rc;
    reply->sale = sale;
    if (unknown > 0)
        *ret_verdict = CF_E_RETURN_ELSEWHERE;
    else if (!again)
        *ret_verdict = choose(hub, ask, NULL);
    return *ret_verdict == CF_OK && !again ? keep(hub, ask, true, body, err) : CF_OK;
}

enum cf_rc cf_hub_find_sale(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                            struct cf_error *err)
{
    struct cf_sale_ask ask;
    struct cf_sale_reply *reply = &hub->sale_reply;
    struct cf_error why;
    enum cf_rc verdict = CF_OK;
    if (cf_sale_ask_decode(body, hub->asked, &ask, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    *reply = (struct cf_sale_reply){.rc = CF_OK};
    enum cf_rc rc = cf_hub_check_caller(caller, ask.terminal, ask.epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    if (rc == CF_OK)
        rc = judge(hub, &ask, body, reply, &verdict, err);
    reply->rc = verdict;
    if (verdict != CF_OK) { /* a no tells nothing of the sale */
        reply->sale = (cf_bytes){0};
        reply->n_before = 0;
    }
    return rc == CF_OK ? cf_sale_reply_encode(reply, ret, err) : rc;
}

/* --- how it ended ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_unkeep(struct cf_hub *hub, uint32_t terminal, uint32_t epoch, const uint8_t key[CF_REQUEST_KEY_BYTES],
                         struct cf_error *err)
{
    struct cf_hub_kept kept;
    bool found = false;
    enum cf_rc rc = cf_hub_store_kept(hub->store, key, &kept, &found, err);
    return rc == CF_OK && found && kept.terminal == terminal && kept.epoch == epoch
               ? cf_hub_store_unkeep(hub->store, key, err)
               : rc;
}

enum cf_rc cf_hub_note_goods(struct cf_hub *hub, const struct cf_record *record, const struct cf_return *back,
                             struct cf_error *err)
{
    uint8_t unknown[CF_REQUEST_KEY_BYTES];
    bool found = true;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < back->n_lines && rc == CF_OK; i++)
        if (back->lines[i].qty_milli > 0)
            rc = cf_hub_store_add_returned(hub->store, &back->of, back->lines[i].line_no, record->terminal,
                                           record->epoch, back->lines[i].qty_milli, cf_env_wall(hub->config.env), err);
    if (rc == CF_OK && back->claimed)
        rc = cf_hub_unkeep(hub, record->terminal, record->epoch, back->request_key, err);
    if (rc == CF_OK && back->claimed) /* the same ask, come late, keeps nothing any more */
        rc = cf_hub_store_add_released(hub->store, back->request_key, cf_env_wall(hub->config.env), err);
    while (rc == CF_OK && found) {
        rc = cf_hub_store_kept_unknown(hub->store, &back->of, record->terminal, record->epoch, unknown, &found, err);
        if (rc == CF_OK && found)
            rc = cf_hub_store_unkeep(hub->store, unknown, err);
    }
    return rc;
}
