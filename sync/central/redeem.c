/*
 * sync/central/redeem.c - the centre judges and redeems a coupon: for the online channel, and for a till with a link.
 *
 * Both judge with cf_coupon_judge, as a till does. The right, the budget and the answer to remember are one
 * transaction.
 */
#include "sync/central/redeem.h"

#include "sync/central/adjudicate.h"
#include "sync/central/genuine.h"
#include "sync/central/handlers.h"
#include "sync/central/members.h"
#include "sync/central/order.h"
#include "sync/central/places.h"
#include "sync/central/points.h"
#include "sync/central/replay.h"

#include "sync/wire/redeem.h"

#include <string.h>

enum request_state { REQUEST_TAKEN = 1, REQUEST_VOID = 2, REQUEST_CONFIRMED = 3 };

/* Where and for whom a coupon is shown. */
struct showing {
    enum cf_channel channel;
    uint32_t store; /* 0 online */
    uint32_t place;
    uint32_t place_epoch; /* 0 online */
    uint32_t civil_store; /* by whose days coupons expire */
    bool has_member;
    cf_sub member;
};
struct judgement {
    struct cf_account *account;
    struct cf_coupon_row row;
};

/* --- judging ------------------------------------------------------------------------------------------------------ */

/* A code that the centre made or granted: its row, or that of one which the issuing till has not told of yet. */
static enum cf_rc find_coupon(struct cf_central *central, const struct cf_code *code, struct cf_coupon_row *ret,
                              struct cf_error *err)
{
    const struct cf_coupon *coupon = &code->coupon;
    bool found;
    enum cf_rc rc = cf_coupon_row_get(central, coupon->campaign, coupon->index, ret, &found, err);
    if (rc != CF_OK || found) {
        return rc;
    }
    if (cf_keyring_grant(central->ring, code->kid) == NULL) {
        return cf_fail(err, CF_E_COUPON_RANGE, "coupon %lu of campaign %lu", (unsigned long)coupon->index,
                       (unsigned long)coupon->campaign);
    }
    ret->exp_s = coupon->exp_s;
    ret->bound = coupon->bound;
    ret->sub = coupon->sub;
    return CF_OK;
}

static enum cf_rc judge(struct cf_central *central, const struct cf_code *code, const struct showing *showing,
                        struct judgement *ret, struct cf_error *err)
{
    const struct cf_coupon *coupon = &code->coupon;
    enum cf_rc rc = cf_genuine(central, code, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, coupon->campaign, &ret->account, err);
        if (rc == CF_E_CAMPAIGN_UNKNOWN) {
            return cf_fail(err, CF_E_COUPON_CAMPAIGN, "campaign %lu", (unsigned long)coupon->campaign);
        }
    }
    if (rc == CF_OK) {
        rc = find_coupon(central, code, &ret->row, err);
    }
    struct cf_store_settings store;
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, showing->civil_store, &store, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    cf_wall now = cf_central_now(central);
    struct cf_coupon_facts facts = {.now = {now, now},
                                    .channel = showing->channel,
                                    .store = showing->store,
                                    .place = showing->place,
                                    .place_epoch = showing->place_epoch,
                                    .utc_offset_min = cf_store_offset_min(&store, cf_central_now(central)),
                                    .campaign = &ret->account->terms,
                                    .has_member = showing->has_member,
                                    .member = showing->member,
                                    .spent = ret->row.state == CF_COUPON_REDEEMED,
                                    .revoked = ret->row.state == CF_COUPON_REVOKED,
                                    .known_generation = ret->row.generation,
                                    .lease_left = ret->account->free,
                                    .online = true};
    return cf_coupon_judge(coupon, &facts, err);
}

/* Pays for the use, within every limit, and writes it down. */
static enum cf_rc take(struct cf_central *central, struct judgement *judgement, const struct cf_bill *bill,
                       struct cf_use *use, int64_t *ret_redemption, struct cf_error *err)
{
    struct cf_account *account = judgement->account;
    struct cf_coupon_row *row = &judgement->row;
    bool reserved = row->reserved && row->home == use->place && row->home_epoch == use->epoch;
    enum cf_rc rc = cf_ledger_take(central, account, bill, reserved, &use->source, err);
    if (rc != CF_OK) {
        return rc;
    }
    row->reserved = row->reserved && !reserved;
    use->policy = account->terms.policy;
    use->order_ms = use->at_us / CF_US_PER_MS;
    rc = cf_ledger_risk_certain(central, account, row->index, 1, err);
    return rc == CF_OK ? cf_adjudicate_use(central, account, row, use, ret_redemption, err) : rc;
}

static bool is_reserved_here(const struct judgement *judgement, const struct showing *showing)
{
    return judgement->row.reserved && judgement->row.home == showing->place &&
           judgement->row.home_epoch == showing->place_epoch;
}

static struct cf_bill bill_of(const struct judgement *judgement, const struct showing *showing)
{
    return (struct cf_bill){.store = showing->store,
                            .channel = showing->channel == CF_CHANNEL_ONLINE ? showing->place : 0,
                            .has_member = judgement->row.bound,
                            .member = judgement->row.sub};
}

/* --- the online channel ------------------------------------------------------------------------------------------- */

struct online {
    char text[CF_CODE_TEXT_MAX];
    char request_id[CF_REPLAY_KEY_MAX + 1];
    int64_t channel;
    const json_t *order; /* NULL: none */
    struct cf_code code;
    struct showing showing;
    uint32_t catalogue; /* the store by whose prices the channel sells, unless the order names another */
};

static enum cf_rc read_online(const json_t *json, bool redeem, struct online *o, struct cf_error *err)
{
    const struct cf_json_field fields[] = {
        {.name = "code", .text = o->text, .cap = sizeof o->text, .min_bytes = 1},
        {.name = "member",
         .hex = o->showing.member.b,
         .hex_bytes = CF_SUB_BYTES,
         .present = &o->showing.has_member,
         .optional = true},
        {.name = "channel", .integer = &o->channel, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "order", .object = &o->order, .optional = !redeem},
        {.name = "request_id", .text = o->request_id, .cap = sizeof o->request_id, .min_bytes = 1},
    };
    return cf_json_read(json, "", fields, redeem ? 5 : 4, err);
}

static enum cf_rc place_online(struct cf_central *central, struct online *o, struct cf_error *err)
{
    unsigned tier;
    o->showing.channel = CF_CHANNEL_ONLINE;
    enum cf_rc rc = cf_channel_get(central, (uint32_t)o->channel, &o->showing.place, &o->catalogue, err);
    o->showing.civil_store = o->catalogue;
    if (rc == CF_OK) {
        rc = cf_coupon_code(o->text, &o->code, err);
    }
    if (rc == CF_OK && o->showing.has_member) {
        rc = cf_member_check(central, o->showing.member, &tier, err);
    }
    return rc;
}

static enum cf_rc earn_online(struct cf_central *central, const struct online *o, const struct cf_order_priced *order,
                              int64_t redemption, json_t *reply, struct cf_error *err)
{
    unsigned tier;
    int64_t points = 0;
    bool known = false;
    if (!o->showing.has_member) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_check(central, o->showing.member, &tier, err);
    if (rc == CF_OK) {
        rc = cf_points_of(&order->programme, tier, order->priced, &points, err);
    }
    if (rc == CF_OK) {
        rc = cf_member_earn(central, o->showing.member, points, 0, &known, err);
    }
    if (rc == CF_OK) {
        rc = cf_points_note(central, o->showing.member, points, CF_POINTS_ONLINE, (uint64_t)redemption, err);
    }
    cf_json_set_int(reply, "points", points);
    return rc;
}

static void set_coupon(json_t *reply, const struct cf_coupon *coupon)
{
    cf_json_set_int(reply, "campaign", coupon->campaign);
    cf_json_set_int(reply, "index", coupon->index);
    cf_json_set_int(reply, "generation", coupon->generation);
}

static enum cf_rc redeem_online(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    struct online *o = ctx;
    struct judgement judgement;
    struct cf_order_priced order;
    int64_t redemption = 0;
    enum cf_rc rc = place_online(central, o, err);
    if (rc == CF_OK) {
        rc = judge(central, &o->code, &o->showing, &judgement, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_price(central, o->showing.place, o->catalogue, o->order, &judgement.account->terms,
                            o->showing.has_member ? &o->showing.member : NULL, &order, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = order.json;
    set_coupon(reply->json, &o->code.coupon);
    struct cf_use use = {
        .generation = o->code.coupon.generation, .at_us = cf_central_now(central).us, .place = o->showing.place};
    struct cf_sha256 key = cf_sha256(cf_bytes_str(o->request_id));
    memcpy(use.request_key, key.digest, sizeof use.request_key);
    struct cf_bill bill = bill_of(&judgement, &o->showing);
    bill.cost_known = true;
    bill.cost_minor = use.cost_minor = order.coupon_minor;
    rc = take(central, &judgement, &bill, &use, &redemption, err);
    if (rc == CF_OK) {
        rc = cf_ledger_redeemed(central, o->code.coupon.campaign, o->code.coupon.index, err);
    }
    if (rc == CF_OK) {
        const struct cf_campaign *terms = &judgement.account->terms;
        rc = cf_ledger_sold(central, terms->id, terms->version, use.cost_minor, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_take_uses(central, &order, o->showing.place, o->request_id, err);
    }
    if (rc == CF_OK) {
        rc = earn_online(central, o, &order, redemption, reply->json, err);
    }
    cf_json_set_int(reply->json, "redemption", redemption);
    return rc;
}

enum cf_rc cf_handle_redeem(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                            struct cf_error *err)
{
    struct online o = {.channel = 0};
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_online(json, true, &o, err);
    if (rc == CF_OK) {
        rc =
            cf_replay_once(central, CF_REPLAY_REDEEM, o.request_id, call->request->body, redeem_online, &o, reply, err);
    }
    json_decref(json);
    return rc;
}

/* As redeeming would judge, without effect. */
enum cf_rc cf_handle_verify(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                            struct cf_error *err)
{
    struct online o = {.channel = 0};
    struct judgement judgement;
    struct cf_order_priced order = {.json = NULL};
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_online(json, false, &o, err);
    if (rc == CF_OK) {
        rc = place_online(central, &o, err);
    }
    if (rc == CF_OK) {
        rc = judge(central, &o.code, &o.showing, &judgement, err);
    }
    if (rc == CF_OK && o.order != NULL) {
        rc = cf_order_price(central, o.showing.place, o.catalogue, o.order, &judgement.account->terms,
                            o.showing.has_member ? &o.showing.member : NULL, &order, err);
    }
    if (rc == CF_OK) {
        struct cf_bill bill = bill_of(&judgement, &o.showing);
        bill.cost_known = o.order != NULL;
        bill.cost_minor = order.coupon_minor;
        rc = cf_ledger_may_take(central, judgement.account, &bill, is_reserved_here(&judgement, &o.showing), err);
        if (rc != CF_OK) {
            json_decref(order.json);
        }
    }
    cf_ledger_forget(central);
    json_decref(json);
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = order.json != NULL ? order.json : json_object();
    set_coupon(reply->json, &o.code.coupon);
    cf_json_set_instant(reply->json, "expires", cf_wall_from_s(o.code.coupon.exp_s));
    return CF_OK;
}

/* --- a till with a link ------------------------------------------------------------------------------------------- */

struct request_row {
    uint64_t log; /* of the epoch that asked: no other says how the ask ended */
    uint32_t campaign, index;
    enum request_state state;
    int64_t redemption;
};

static enum cf_rc find_request(struct cf_central *central, const uint8_t key[CF_REQUEST_KEY_BYTES],
                               struct request_row *ret, bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TILL_REQUEST_GET, CF_ARGS(cf_v_blob(key, CF_REQUEST_KEY_BYTES)),
                                 row, ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = (struct request_row){(uint64_t)row[0].i, (uint32_t)row[1].i, (uint32_t)row[2].i,
                                    (enum request_state)row[3].i, row[4].i};
    }
    return rc;
}

static enum cf_rc keep_request(struct cf_central *central, const uint8_t key[CF_REQUEST_KEY_BYTES],
                               const struct cf_log *log, const struct request_row *row, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_TILL_REQUEST_PUT,
                        CF_ARGS(cf_v_blob(key, CF_REQUEST_KEY_BYTES), cf_v_int((int64_t)row->log),
                                cf_v_int(log->terminal), cf_v_int(row->campaign), cf_v_int(row->index),
                                cf_v_int(row->state), row->redemption != 0 ? cf_v_int(row->redemption) : cf_v_null()),
                        err);
}

/* The right is not told to other tills before the sale is: it may still be given back. */
static enum cf_rc take_for_till(struct cf_central *central, const struct cf_redeem_ask *ask, const struct cf_log *log,
                                const struct cf_code *code, struct cf_error *err)
{
    struct judgement judgement;
    struct showing showing = {.channel = CF_CHANNEL_STORE,
                              .store = log->store,
                              .place = log->terminal,
                              .place_epoch = log->epoch,
                              .civil_store = log->store,
                              .has_member = ask->has_member,
                              .member = ask->member};
    struct cf_use use = {.generation = code->coupon.generation,
                         .at_us = cf_central_now(central).us,
                         .place = log->terminal,
                         .epoch = log->epoch};
    struct request_row row = {log->id, code->coupon.campaign, code->coupon.index, REQUEST_TAKEN, 0};
    memcpy(use.request_key, ask->request_key, CF_REQUEST_KEY_BYTES);
    enum cf_rc rc = judge(central, code, &showing, &judgement, err);
    struct cf_bill bill = bill_of(&judgement, &showing);
    if (rc == CF_OK) {
        rc = take(central, &judgement, &bill, &use, &row.redemption, err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_taken(central, judgement.account, &bill, row.redemption, err);
    }
    return rc == CF_OK ? keep_request(central, ask->request_key, log, &row, err) : rc;
}

/* A copy of an ask that was refused is refused again, whatever has become free meanwhile: the till has long gone on,
 * and nobody would ever use or give back what the copy took. */
static enum cf_rc check_not_refused(struct cf_central *central, const struct cf_redeem_ask *ask, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_REFUSED_REQUEST_GET,
                                 CF_ARGS(cf_v_blob(ask->request_key, CF_REQUEST_KEY_BYTES)), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    return row[0].i == ask->terminal ? cf_fail(err, (enum cf_rc)row[1].i, "it was refused before")
                                     : cf_fail(err, CF_E_COUPON_REQUEST, "other contents");
}

static enum cf_rc remember_refusal(struct cf_central *central, const struct cf_redeem_ask *ask, enum cf_rc refusal,
                                   struct cf_error *err)
{
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_store_run(
        central->store, CF_Q_REFUSED_REQUEST_ADD,
        CF_ARGS(cf_v_blob(ask->request_key, CF_REQUEST_KEY_BYTES), cf_v_int(ask->terminal), cf_v_int(refusal)), err);
    return cf_central_end(central, rc, err);
}

enum cf_rc cf_redeem_for_till(struct cf_central *central, const struct cf_redeem_ask *ask, const struct cf_code *code,
                              struct cf_error *err)
{
    struct cf_log_head head;
    struct request_row row;
    bool found;
    enum cf_rc rc = cf_log_get(central, ask->terminal, ask->epoch, &head, err);
    if (rc == CF_OK && head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lu, epoch %lu", (unsigned long)ask->terminal,
                     (unsigned long)ask->epoch);
    }
    if (rc == CF_OK) {
        rc = find_request(central, ask->request_key, &row, &found, err);
    }
    if (rc == CF_OK && !found) {
        rc = check_not_refused(central, ask, err);
    }
    if (rc != CF_OK || !found) {
        return rc == CF_OK ? take_for_till(central, ask, &head.log, code, err) : rc;
    }
    if (row.state == REQUEST_VOID || row.log != head.log.id || row.campaign != code->coupon.campaign ||
        row.index != code->coupon.index) {
        return cf_fail(err, CF_E_COUPON_REQUEST, row.state == REQUEST_VOID ? "it was undone" : "other contents");
    }
    return CF_OK;
}

enum cf_rc cf_handle_till_redeem(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    struct cf_redeem_ask ask;
    struct cf_code code;
    enum cf_rc rc = cf_redeem_ask_decode(call->request->body, &ask, err);
    if (rc != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "%s", err->detail);
    }
    if (ask.terminal != call->request->terminal || ask.epoch != call->request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    rc = cf_code_decode_bytes(CF_CODE_COUPON, ask.coupon, &code, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
        if (rc == CF_OK) {
            rc = cf_central_end(central, cf_redeem_for_till(central, &ask, &code, err), err);
        }
    }
    /* A rule said no: that is an answer. A fenced till or a broken part is a refusal of the request itself. */
    if (rc != CF_OK && (rc == CF_E_FENCED || cf_rc_class(rc) == CF_CLASS_BROKEN)) {
        return rc;
    }
    if (rc != CF_OK) {
        struct cf_error why;
        enum cf_rc kept = remember_refusal(central, &ask, rc, &why);
        if (kept != CF_OK) {
            *err = why;
            return kept;
        }
    }
    reply->content_type = "application/cbor";
    return cf_redeem_reply_encode(rc, reply->bytes, err);
}

enum cf_rc cf_redeem_confirm(struct cf_central *central, const struct cf_log *log,
                             const struct cf_redemption *redemption, int64_t cost_minor, uint64_t record,
                             bool *ret_known, struct cf_error *err)
{
    struct request_row row;
    bool found;
    struct cf_value old[CF_STORE_COLUMNS_MAX];
    *ret_known = false;
    enum cf_rc rc = find_request(central, redemption->request_key, &row, &found, err);
    if (rc != CF_OK || !found || row.state != REQUEST_TAKEN || row.log != log->id ||
        row.campaign != redemption->campaign || row.index != redemption->index) {
        return rc;
    }
    row.state = REQUEST_CONFIRMED;
    rc = keep_request(central, redemption->request_key, log, &row, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_REDEMPTION_GET, CF_ARGS(cf_v_int(row.redemption)), old, &found, err);
    }
    if (rc == CF_OK && found) {
        rc = cf_store_run(central->store, CF_Q_REDEMPTION_SETTLE,
                          CF_ARGS(cf_v_int(row.redemption), cf_v_int((int64_t)record), cf_v_int(old[3].i)), err);
    }
    struct cf_account *account;
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, row.campaign, &account, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_REDEMPTION_COST, CF_ARGS(cf_v_int(row.redemption), cf_v_int(cost_minor)),
                          err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_confirm(central, account, row.redemption, cost_minor, err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_redeemed(central, row.campaign, row.index, err);
    }
    *ret_known = rc == CF_OK;
    return rc;
}

/* A coupon that was reserved, and of which another use was told meanwhile, is reserved no more: nor is its money. */
static enum cf_rc drop_hold(struct cf_central *central, struct cf_account *account, uint32_t index,
                            struct cf_error *err)
{
    struct cf_coupon_row coupon;
    bool found;
    enum cf_rc rc = cf_coupon_row_get(central, account->terms.id, index, &coupon, &found, err);
    return rc == CF_OK && !coupon.reserved ? cf_ledger_drop_hold(account, err) : rc;
}

/* What limits it beside the budget, then the use itself. */
static enum cf_rc undo_taken(struct cf_central *central, const struct request_row *row, struct cf_error *err)
{
    struct cf_value use[CF_STORE_COLUMNS_MAX];
    struct cf_account *account;
    enum cf_source source = CF_SOURCE_NONE;
    bool found;
    enum cf_rc rc = cf_ledger_account(central, row->campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_REDEMPTION_GET, CF_ARGS(cf_v_int(row->redemption)), use, &found, err);
    }
    if (rc == CF_OK && found) {
        source = (enum cf_source)use[3].i;
        rc = cf_ledger_undo(central, account, row->redemption, source, err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_risk_certain(central, account, row->index, -1, err);
    }
    if (rc == CF_OK) {
        rc = cf_adjudicate_undo(central, row->campaign, row->index, row->redemption, err);
    }
    return rc == CF_OK && source == CF_SOURCE_RESERVE ? drop_hold(central, account, row->index, err) : rc;
}

enum cf_rc cf_redeem_void(struct cf_central *central, const struct cf_log *log, const uint8_t key[CF_REQUEST_KEY_BYTES],
                          uint32_t campaign, uint32_t index, struct cf_error *err)
{
    struct request_row row;
    bool found;
    enum cf_rc rc = find_request(central, key, &row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found) {
        row = (struct request_row){log->id, campaign, index, REQUEST_VOID, 0};
        return keep_request(central, key, log, &row, err);
    }
    /* A log that was set apart may have a twin that sold with it: then nothing comes back. */
    if (row.state != REQUEST_TAKEN || row.log != log->id || log->state != CF_LOG_ACTIVE) {
        return CF_OK;
    }
    rc = undo_taken(central, &row, err);
    row.state = REQUEST_VOID;
    row.redemption = 0;
    return rc == CF_OK ? keep_request(central, key, log, &row, err) : rc;
}
