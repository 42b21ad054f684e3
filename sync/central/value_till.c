/*
 * sync/central/value_till.c - see value.h: what tills ask for, and what their records say became of it.
 */
#include "sync/central/value_private.h"

#include "sync/central/adjudicate.h"
#include "sync/central/genuine.h"
#include "sync/central/handlers.h"
#include "sync/central/members.h"
#include "sync/central/places.h"
#include "sync/central/points.h"

#include <stdio.h>
#include <string.h>

#define MEMBER_POINTS 5 /* column of MEMBER_GET */

enum hold_state { HOLD_TAKEN = 1, HOLD_VOID = 2, HOLD_SETTLED = 3 };

struct hold {
    int64_t id;
    uint64_t log;
    enum cf_tender_kind kind;
    uint32_t account;
    bool has_sub;
    cf_sub sub;
    int64_t amount, points;
    enum hold_state state;
};

static enum cf_rc get_hold(struct cf_central *central, const uint8_t key[CF_VALUE_KEY_BYTES], struct hold *ret,
                           bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_HOLD_GET, CF_ARGS(cf_v_blob(key, CF_VALUE_KEY_BYTES)), row,
                                 ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = (struct hold){.id = row[0].i,
                             .log = (uint64_t)row[1].i,
                             .kind = (enum cf_tender_kind)row[2].i,
                             .account = (uint32_t)row[3].i,
                             .has_sub = row[4].kind == CF_VALUE_INT,
                             .sub = cf_sub_from_number(row[4].i),
                             .amount = row[5].i,
                             .points = row[6].i,
                             .state = (enum hold_state)row[7].i};
    }
    return rc;
}

static enum cf_rc add_hold(struct cf_central *central, const uint8_t key[CF_VALUE_KEY_BYTES], struct hold *hold,
                           struct cf_error *err)
{
    return cf_store_insert(central->store, CF_Q_VALUE_HOLD_ADD,
                           CF_ARGS(cf_v_blob(key, CF_VALUE_KEY_BYTES), cf_v_int((int64_t)hold->log),
                                   cf_v_int(hold->kind), cf_v_int(hold->account),
                                   hold->has_sub ? cf_v_int(cf_sub_number(hold->sub)) : cf_v_null(),
                                   cf_v_int(hold->amount), cf_v_int(hold->points), cf_v_int(hold->state)),
                           &hold->id, err);
}

static enum cf_rc end_hold(struct cf_central *central, const struct hold *hold, enum hold_state state, uint64_t record,
                           struct cf_error *err)
{
    return cf_store_run(
        central->store, CF_Q_VALUE_HOLD_END,
        CF_ARGS(cf_v_int(hold->id), cf_v_int(state), record != 0 ? cf_v_int((int64_t)record) : cf_v_null()), err);
}

/* --- taking ------------------------------------------------------------------------------------------------------- */

/* The account of a genuine card that may be spent now. */
static enum cf_rc open_account(struct cf_central *central, const struct cf_value_ask *ask, struct cf_value_account *ret,
                               struct cf_error *err)
{
    struct cf_code code;
    char mask[CF_VALUE_MASK_MAX];
    bool found = false;
    enum cf_rc rc = cf_code_decode_bytes(CF_CODE_VALUE, ask->card, &code, err);
    if (rc == CF_OK && (enum cf_tender_kind)code.value.kind != ask->kind) {
        rc = cf_fail(err, CF_E_ARGUMENT, "the card is of another kind");
    }
    if (rc == CF_OK) {
        rc = cf_genuine(central, &code, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_account_get(central, code.value.account, ret, &found, err);
    }
    if (rc == CF_OK && !found) {
        cf_value_mask(code.value.account, mask);
        rc = cf_fail(err, CF_E_VALUE_UNKNOWN, "card %s", mask);
    }
    return rc == CF_OK ? cf_value_account_judge(central, ret, ask->currency, err) : rc;
}

static enum cf_rc take_card(struct cf_central *central, const struct cf_value_ask *ask, struct hold *hold,
                            struct cf_value_reply *ret, struct cf_error *err)
{
    struct cf_value_account account;
    enum cf_rc rc = open_account(central, ask, &account, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (account.balance == 0) {
        return cf_fail(err, CF_E_VALUE_EMPTY, "%lld lie at tills, %lld are held for sales", (long long)account.homed,
                       (long long)account.held);
    }
    if (account.balance < ask->amount_minor && !ask->up_to) {
        return cf_fail(err, CF_E_VALUE_SHORT, "%lld are left", (long long)account.balance);
    }
    hold->amount = account.balance < ask->amount_minor ? account.balance : ask->amount_minor;
    hold->account = account.id;
    account.balance -= hold->amount;
    account.held += hold->amount;
    rc = cf_value_account_put(central, &account, err);
    if (rc == CF_OK) {
        rc = add_hold(central, ask->key, hold, err);
    }
    *ret = (struct cf_value_reply){CF_OK, hold->amount, 0, account.balance};
    return rc;
}

static enum cf_rc points_left(struct cf_central *central, cf_sub member, int64_t *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MEMBER_GET, CF_ARGS(cf_v_int(cf_sub_number(member))), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_MEMBER_UNKNOWN, "nobody has such points");
    }
    if (rc == CF_OK) {
        *ret = row[MEMBER_POINTS].i > 0 ? row[MEMBER_POINTS].i : 0;
    }
    return rc;
}

static enum cf_rc take_points(struct cf_central *central, const struct cf_value_ask *ask, struct hold *hold,
                              struct cf_value_reply *ret, struct cf_error *err)
{
    struct cf_value_terms terms;
    int64_t left = 0, wanted = ask->points;
    enum cf_rc rc = cf_value_terms_get(central, &terms, err);
    if (rc == CF_OK) {
        rc = points_left(central, ask->member, &left, err);
    }
    if (rc == CF_OK && left == 0) {
        rc = cf_fail(err, CF_E_POINTS, "none are left");
    }
    if (rc == CF_OK && wanted > left) {
        if (!ask->up_to) {
            return cf_fail(err, CF_E_POINTS, "%lld are left", (long long)left);
        }
        wanted = left;
    }
    if (rc == CF_OK) {
        rc = cf_points_worth(&terms.rate, wanted, ask->amount_minor, &hold->amount, &hold->points, err);
    }
    hold->has_sub = true;
    hold->sub = ask->member;
    if (rc == CF_OK) {
        rc = add_hold(central, ask->key, hold, err);
    }
    if (rc == CF_OK) {
        rc = cf_points_move(central, ask->member, -hold->points, false, CF_POINTS_TENDER, (uint64_t)hold->id, err);
    }
    *ret = (struct cf_value_reply){CF_OK, hold->amount, hold->points, left - hold->points};
    return rc;
}

static enum cf_rc tell_balance(struct cf_central *central, const struct cf_value_ask *ask, struct cf_value_reply *ret,
                               struct cf_error *err)
{
    struct cf_value_account account;
    *ret = (struct cf_value_reply){.rc = CF_OK};
    if (ask->kind == CF_TENDER_POINTS) {
        return points_left(central, ask->member, &ret->left_minor, err);
    }
    enum cf_rc rc = open_account(central, ask, &account, err);
    ret->left_minor = rc == CF_OK ? account.balance : 0;
    return rc;
}

/* A copy of an ask that was refused is refused again: the till has long gone on. */
static enum cf_rc check_not_refused(struct cf_central *central, const struct cf_value_ask *ask, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_REFUSED_REQUEST_GET,
                                 CF_ARGS(cf_v_blob(ask->key, CF_VALUE_KEY_BYTES)), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    return row[0].i == ask->terminal ? cf_fail(err, (enum cf_rc)row[1].i, "it was refused before")
                                     : cf_fail(err, CF_E_VALUE_REQUEST, "other contents");
}

/* What the same key was answered before. */
static enum cf_rc again(struct cf_central *central, const struct cf_value_ask *ask, const struct cf_log *log,
                        const struct hold *hold, struct cf_value_reply *ret, struct cf_error *err)
{
    struct cf_code code;
    bool same = hold->log == log->id && hold->kind == ask->kind && hold->amount <= ask->amount_minor;
    if (same && ask->kind != CF_TENDER_POINTS) {
        same =
            cf_code_decode_bytes(CF_CODE_VALUE, ask->card, &code, NULL) == CF_OK && code.value.account == hold->account;
    }
    if (!same || hold->state == HOLD_VOID) {
        return cf_fail(err, CF_E_VALUE_REQUEST, hold->state == HOLD_VOID ? "it was undone" : "other contents");
    }
    struct cf_value_ask balance = *ask;
    balance.op = CF_VALUE_BALANCE;
    enum cf_rc rc = tell_balance(central, &balance, ret, NULL);
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN) {
        return cf_fail(err, rc, "reading the account again");
    }
    ret->rc = CF_OK;
    ret->amount_minor = hold->amount;
    ret->points = hold->points;
    return CF_OK;
}

/* A till sells in the currency of its store: no card pays as many of another's units. */
static enum cf_rc check_currency(struct cf_central *central, const struct cf_value_ask *ask, const struct cf_log *log,
                                 struct cf_error *err)
{
    struct cf_store_settings store;
    enum cf_rc rc = cf_store_settings_get(central, log->store, &store, err);
    return rc == CF_OK && !cf_currency_equal(store.currency, ask->currency)
               ? cf_fail(err, CF_E_CURRENCY, "store %lu sells in %s", (unsigned long)log->store, store.currency.code)
               : rc;
}

static enum cf_rc take(struct cf_central *central, const struct cf_value_ask *ask, const struct cf_log *log,
                       struct cf_value_reply *ret, struct cf_error *err)
{
    struct hold hold;
    bool found;
    enum cf_rc rc = get_hold(central, ask->key, &hold, &found, err);
    if (rc == CF_OK && found) {
        return again(central, ask, log, &hold, ret, err);
    }
    if (rc == CF_OK) {
        rc = check_not_refused(central, ask, err);
    }
    if (rc == CF_OK && (ask->amount_minor == 0 || (ask->kind == CF_TENDER_POINTS && ask->points == 0))) {
        rc = cf_fail(err, CF_E_TENDER_ZERO, "nothing is asked for");
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = check_currency(central, ask, log, err);
    if (rc != CF_OK) {
        return rc;
    }
    hold = (struct hold){.log = log->id, .kind = ask->kind, .state = HOLD_TAKEN};
    return ask->kind == CF_TENDER_POINTS ? take_points(central, ask, &hold, ret, err)
                                         : take_card(central, ask, &hold, ret, err);
}

enum cf_rc cf_value_ask(struct cf_central *central, const struct cf_value_ask *ask, struct cf_value_reply *ret,
                        struct cf_error *err)
{
    struct cf_log_head head;
    struct cf_value_reply reply = {.rc = CF_OK};
    enum cf_rc rc = cf_log_get(central, ask->terminal, ask->epoch, &head, err);
    if (rc == CF_OK && head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lu, epoch %lu", (unsigned long)ask->terminal,
                     (unsigned long)ask->epoch);
    }
    if (rc != CF_OK) {
        return rc;
    }
    switch (ask->op) {
    case CF_VALUE_TAKE:
        rc = take(central, ask, &head.log, &reply, err);
        break;
    case CF_VALUE_RELEASE:
        rc = cf_value_void(central, &head.log, ask->key, err);
        break;
    case CF_VALUE_BALANCE:
        rc = tell_balance(central, ask, &reply, err);
        break;
    }
    if (rc == CF_OK) {
        *ret = reply;
    }
    return rc;
}

static enum cf_rc remember_refusal(struct cf_central *central, const struct cf_value_ask *ask, enum cf_rc refusal,
                                   struct cf_error *err)
{
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc =
        cf_store_run(central->store, CF_Q_REFUSED_REQUEST_ADD,
                     CF_ARGS(cf_v_blob(ask->key, CF_VALUE_KEY_BYTES), cf_v_int(ask->terminal), cf_v_int(refusal)), err);
    return cf_central_end(central, rc, err);
}

enum cf_rc cf_handle_till_value(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct cf_value_ask ask;
    struct cf_value_reply answer = {.rc = CF_OK};
    enum cf_rc rc = cf_value_ask_decode(call->request->body, &ask, err);
    if (rc != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "%s", err->detail);
    }
    if (ask.terminal != call->request->terminal || ask.epoch != call->request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    }
    rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = cf_central_end(central, cf_value_ask(central, &ask, &answer, err), err);
    }
    /* A rule said no: that is an answer. A fenced till or a broken part is a refusal of the request itself. */
    if (rc != CF_OK && (rc == CF_E_FENCED || cf_rc_class(rc) == CF_CLASS_BROKEN)) {
        return rc;
    }
    if (rc != CF_OK) {
        answer = (struct cf_value_reply){.rc = rc};
        struct cf_error why;
        enum cf_rc kept = ask.op == CF_VALUE_TAKE ? remember_refusal(central, &ask, rc, &why) : CF_OK;
        if (kept != CF_OK) {
            *err = why;
            return kept;
        }
    }
    reply->content_type = "application/cbor";
    return cf_value_reply_encode(&answer, reply->bytes, err);
}

/* --- undoing ------------------------------------------------------------------------------------------------------ */

static enum cf_rc give_back(struct cf_central *central, const struct hold *hold, struct cf_error *err)
{
    struct cf_value_account account;
    bool found;
    if (hold->kind == CF_TENDER_POINTS) {
        enum cf_rc rc = hold->has_sub ? cf_points_move(central, hold->sub, hold->points, true, CF_POINTS_UNTENDER,
                                                       (uint64_t)hold->id, err)
                                      : CF_OK;
        return rc == CF_E_MEMBER_UNKNOWN ? CF_OK : rc; /* forgotten meanwhile, and the points with them */
    }
    enum cf_rc rc = cf_value_account_get(central, hold->account, &account, &found, err);
    if (rc != CF_OK || !found) {
        return rc == CF_OK ? cf_fail(err, CF_E_INTERNAL, "account %lu", (unsigned long)hold->account) : rc;
    }
    account.held -= hold->amount;
    account.balance += hold->amount;
    return cf_value_account_put(central, &account, err);
}

enum cf_rc cf_value_void(struct cf_central *central, const struct cf_log *log, const uint8_t key[CF_VALUE_KEY_BYTES],
                         struct cf_error *err)
{
    struct hold hold;
    bool found;
    enum cf_rc rc = get_hold(central, key, &hold, &found, err);
    if (rc == CF_OK && !found) {
        hold = (struct hold){.log = log->id, .state = HOLD_VOID};
        return add_hold(central, key, &hold, err);
    }
    /* What another epoch asked for is not this log's to undo; one that was set apart may have a twin that sold. */
    if (rc != CF_OK || hold.state != HOLD_TAKEN || hold.log != log->id || log->state != CF_LOG_ACTIVE) {
        return rc;
    }
    rc = give_back(central, &hold, err);
    return rc == CF_OK ? end_hold(central, &hold, HOLD_VOID, 0, err) : rc;
}

/* --- a sale ------------------------------------------------------------------------------------------------------- */

static enum cf_rc say_conflict(struct cf_central *central, uint64_t record, const struct cf_tender *tender,
                               struct cf_error *err)
{
    const struct cf_conflict conflict = {
        .kind = CF_CONFLICT_VALUE, .index = tender->value.account, .record = record, .loser = CF_LOSER_ABSORB};
    char text[120];
    (void)snprintf(text, sizeof text, "%s %lu paid %lld that were not there for it", cf_tender_kind_name(tender->kind),
                   (unsigned long)tender->value.account, (long long)tender->amount_minor);
    enum cf_rc rc = cf_conflict_add(central, &conflict, err);
    if (rc == CF_OK) {
        rc = cf_central_alarm(central, record, CF_E_VALUE_SPENT, text, err);
    }
    return rc == CF_OK ? cf_conflict_tell(central, record, err) : rc;
}

/* Points that were not held for this sale are not taken afterwards: a manager sees the conflict. */
static enum cf_rc spend_points(struct cf_central *central, uint64_t record, size_t tender_no,
                               const struct cf_tender *tender, const struct hold *hold, bool *ret_uncovered,
                               struct cf_error *err)
{
    bool covered = hold != NULL && hold->amount == tender->amount_minor && hold->points == tender->value.points;
    *ret_uncovered = !covered;
    return cf_store_run(central->store, CF_Q_VALUE_USE_ADD,
                        CF_ARGS(cf_v_int((int64_t)record), cf_v_int((int64_t)tender_no), cf_v_int(0),
                                cf_v_int(tender->kind), cf_v_int(tender->amount_minor), cf_v_int(tender->value.points),
                                cf_v_int(covered ? 0 : tender->amount_minor)),
                        err);
}

static enum cf_rc settle_tender(struct cf_central *central, const struct cf_log *log, uint64_t record,
                                const struct cf_tender *tender, size_t tender_no, cf_currency currency,
                                struct cf_error *err)
{
    struct hold hold;
    bool found = false, uncovered = false;
    enum cf_rc rc = CF_OK;
    if (tender->value.source == CF_VALUE_CENTRE) {
        rc = get_hold(central, tender->value.key, &hold, &found, err);
        found = found && hold.state == HOLD_TAKEN && hold.log == log->id && hold.kind == tender->kind &&
                hold.account == tender->value.account;
    }
    if (rc == CF_OK && tender->kind == CF_TENDER_POINTS) {
        rc = spend_points(central, record, tender_no, tender, found ? &hold : NULL, &uncovered, err);
    } else if (rc == CF_OK) {
        rc =
            cf_value_spend(central, log, record, tender_no, tender, currency, found ? hold.amount : 0, &uncovered, err);
    }
    if (rc == CF_OK && found) {
        rc = end_hold(central, &hold, HOLD_SETTLED, record, err);
    }
    return rc == CF_OK && uncovered ? say_conflict(central, record, tender, err) : rc;
}

enum cf_rc cf_value_sale(struct cf_central *central, const struct cf_log *log, uint64_t record,
                         const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sale->n_cards && rc == CF_OK; i++) {
        rc = cf_value_card_out(central, log, record, &sale->cards[i].card, sale->currency, err);
    }
    for (size_t i = 0; i < sale->n_lines && rc == CF_OK; i++) {
        if (cf_sale_line_tops_up(&sale->lines[i])) {
            rc = cf_value_top_up(central, log, record, &sale->lines[i], sale->currency, err);
        }
    }
    for (size_t i = 0; i < sale->tenders.n && rc == CF_OK; i++) {
        if (cf_tender_is_value(sale->tenders.tender[i].kind)) {
            rc = settle_tender(central, log, record, &sale->tenders.tender[i], i + 1, sale->currency, err);
        }
    }
    return rc;
}

/* As a sale that it paid for would take it: from what was held, and from what lay at the terminal. */
enum cf_rc cf_value_card_back(struct cf_central *central, const struct cf_log *log, uint64_t record,
                              const struct cf_card_back *card, cf_currency currency, struct cf_error *err)
{
    struct cf_tender tender = {.kind = (enum cf_tender_kind)card->kind, .value = {.account = card->account}};
    enum cf_rc rc = CF_OK;
    if (card->held_minor > 0) {
        tender.amount_minor = card->held_minor;
        tender.value.source = CF_VALUE_CENTRE;
        memcpy(tender.value.key, card->key, sizeof tender.value.key);
        rc = settle_tender(central, log, record, &tender, 1, currency, err);
    }
    if (rc == CF_OK && card->home_minor > 0) {
        tender.amount_minor = card->home_minor;
        tender.value.source = CF_VALUE_HOME;
        rc = settle_tender(central, log, record, &tender, 2, currency, err);
    }
    return rc;
}

/* --- a return ----------------------------------------------------------------------------------------------------- */

/* Of so many points, those for this part of what they had paid: all of them with the last of it. */
static int64_t points_of(int64_t points, int64_t amount_minor, int64_t part_minor)
{
    int64_t share = 0;
    return part_minor == amount_minor                                                 ? points
           : cf_muldiv_round(points, part_minor, amount_minor, &share, NULL) == CF_OK ? share
                                                                                      : 0;
}

static enum cf_rc refund_tender(struct cf_central *central, uint64_t sale_id, const struct cf_return_tender *tender,
                                int64_t *ret_points, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_value_account account;
    bool found;
    const struct cf_value sale = cf_v_int((int64_t)sale_id), no = cf_v_int(tender->tender_no);
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_USE_GET, CF_ARGS(sale, no), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    const int64_t amount = row[2].i, points = row[3].i, over = row[4].i, before = row[6].i;
    int64_t asked = 0;
    if (cf_add_i64(row[5].i, tender->amount_minor, &asked, NULL) != CF_OK) {
        asked = INT64_MAX; /* a lie, and as good as any more than the tender: it must not hold up who sold */
    }
    int64_t refunded = asked < amount ? asked : amount;
    const uint32_t id = (uint32_t)row[0].i;
    rc = cf_store_run(central->store, CF_Q_VALUE_USE_BACK, CF_ARGS(sale, no, cf_v_int(asked), cf_v_int(refunded)), err);
    if (rc != CF_OK || refunded == before) {
        return rc;
    }
    if (id == 0 && over > 0) { /* points that nobody held were not taken: there is nothing to give back */
        return CF_OK;
    }
    if (id == 0) {
        *ret_points += points_of(points, amount, refunded) - points_of(points, amount, before);
        return CF_OK;
    }
    rc = cf_value_account_get(central, id, &account, &found, err);
    if (rc != CF_OK || !found) {
        return rc == CF_OK ? cf_fail(err, CF_E_INTERNAL, "account %lu", (unsigned long)id) : rc;
    }
    account.spent -= refunded - before;
    account.balance += refunded - before;
    return cf_value_account_put(central, &account, err);
}

enum cf_rc cf_value_refund(struct cf_central *central, uint64_t sale_id, uint64_t id, const struct cf_sale *sale,
                           const struct cf_return *back, struct cf_error *err)
{
    int64_t points = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < back->n_tenders && rc == CF_OK; i++) {
        if (cf_tender_is_value(back->tenders[i].kind)) {
            rc = refund_tender(central, sale_id, &back->tenders[i], &points, err);
        }
    }
    if (rc != CF_OK || points == 0) {
        return rc;
    }
    rc = cf_points_move(central, sale->member, points, true, CF_POINTS_REFUNDED, id, err);
    return rc == CF_E_MEMBER_UNKNOWN ? CF_OK : rc; /* forgotten meanwhile */
}
