/*
 * sync/central/value_api.c - gift cards for the online shop and the service desk: issue, look, spend in an order, home
 * an amount to a till; the terms; what the shop owes.
 */
#include "sync/central/value.h"

#include "sync/central/genuine.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"
#include "sync/central/replay.h"

#include <string.h>

#define DAY_S INT64_C(86400)
#define VALID_DAYS_MAX 365 /* the keys that sign a card, or a grant for it, are valid for not much longer */
#define CARDS_MAX 10000
#define ORDER_REFERENCE_MAX 100
#define RATE_MAX INT64_C(1000000)

static const char *kind_name(enum cf_gift_kind kind)
{
    return cf_tender_kind_name((enum cf_tender_kind)kind);
}

static void set_account(json_t *json, const struct cf_value_account *a)
{
    cf_json_set_int(json, "account", a->id);
    cf_json_set_text(json, "kind", kind_name(a->kind));
    cf_json_set_text(json, "currency", a->currency.code);
    cf_json_set_instant(json, "expires", cf_wall_from_s(a->exp_s));
    cf_json_set(json, "blocked", json_boolean(a->blocked));
    cf_json_set_int(json, "issued_minor", a->issued);
    cf_json_set_int(json, "balance_minor", a->balance);
    cf_json_set_int(json, "homed_minor", a->homed);
    cf_json_set_int(json, "held_minor", a->held);
    cf_json_set_int(json, "spent_minor", a->spent);
    cf_json_set_int(json, "over_minor", a->over);
}

/* A code of the account, signed now: whoever has an older one may go on using that. */
static enum cf_rc set_code(struct cf_central *central, json_t *json, const struct cf_value_account *a,
                           struct cf_error *err)
{
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_COUPON];
    const struct cf_value_code value = {.kind = a->kind, .account = a->id, .exp_s = a->exp_s};
    struct cf_code code;
    char text[CF_CODE_TEXT_MAX];
    enum cf_rc rc = cf_value_code_sign(&value, issuer->kid, issuer->key, &code, err);
    if (rc == CF_OK) {
        rc = cf_code_text(&code, text, err);
    }
    if (rc == CF_OK) {
        cf_json_set_text(json, "code", text);
    }
    return rc;
}

/* The account of a path. CF_E_NOT_FOUND. */
static enum cf_rc account_of_path(struct cf_central *central, const struct cf_call *call, struct cf_value_account *ret,
                                  struct cf_error *err)
{
    uint64_t id;
    bool found = false;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &id, err);
    if (rc == CF_OK) {
        rc = cf_value_account_get(central, (uint32_t)id, ret, &found, err);
    }
    return rc == CF_OK && !found ? cf_fail(err, CF_E_NOT_FOUND, "account %llu", (unsigned long long)id) : rc;
}

static enum cf_rc account_of_code(struct cf_central *central, const char *text, struct cf_value_account *ret,
                                  struct cf_error *err)
{
    struct cf_code code;
    bool found = false;
    enum cf_rc rc = cf_value_code(text, &code, err);
    if (rc == CF_OK) {
        rc = cf_genuine(central, &code, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_account_get(central, code.value.account, ret, &found, err);
    }
    return rc == CF_OK && !found ? cf_fail(err, CF_E_VALUE_UNKNOWN, "account %lu", (unsigned long)code.value.account)
                                 : rc;
}

/* --- issuing ------------------------------------------------------------------------------------------------------ */

struct issue {
    int64_t amount_minor;
    char currency[4];
    char kind[16];
    char request_id[CF_REPLAY_KEY_MAX + 1];
    struct cf_value_account account;
};

static enum cf_rc issue(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    struct issue *i = ctx;
    struct cf_value_terms terms;
    struct cf_value_account there;
    bool taken = true;
    cf_wall now = cf_central_now(central);
    enum cf_rc rc = cf_value_terms_get(central, &terms, err);
    while (rc == CF_OK && taken) { /* a till may have claimed to be paid by a number that nobody had */
        if (terms.next_account > UINT32_MAX) {
            return cf_fail(err, CF_E_LIMIT, "no account numbers are left");
        }
        i->account.id = (uint32_t)terms.next_account++;
        rc = cf_value_account_get(central, i->account.id, &there, &taken, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    i->account.exp_s = cf_wall_s(now) + terms.valid_days * DAY_S;
    i->account.at_us = now.us;
    i->account.issued = i->account.balance = i->amount_minor;
    rc = cf_value_terms_put(central, &terms, err);
    if (rc == CF_OK) {
        rc = cf_value_account_put(central, &i->account, err);
    }
    reply->json = json_object();
    set_account(reply->json, &i->account);
    reply->status = 201;
    return rc == CF_OK ? set_code(central, reply->json, &i->account, err) : rc;
}

enum cf_rc cf_handle_gift_card_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    struct issue i = {.kind = "gift_card"};
    const struct cf_json_field fields[] = {
        {.name = "amount_minor", .integer = &i.amount_minor, .min = 1, .max = CF_VALUE_MINOR_MAX},
        {.name = "currency", .text = i.currency, .cap = sizeof i.currency, .min_bytes = 3},
        {.name = "kind", .text = i.kind, .cap = sizeof i.kind, .min_bytes = 1, .optional = true},
        {.name = "request_id", .text = i.request_id, .cap = sizeof i.request_id, .min_bytes = 1},
    };
    enum cf_tender_kind kind;
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_currency_parse(i.currency, &i.account.currency, err);
    }
    if (rc == CF_OK &&
        (!cf_tender_kind_parse(i.kind, &kind) || !cf_tender_is_value(kind) || kind == CF_TENDER_POINTS)) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "kind is \"gift_card\" or \"store_credit\"");
    }
    if (rc != CF_OK) {
        return rc;
    }
    i.account.kind = (enum cf_gift_kind)kind;
    return cf_replay_once(central, CF_REPLAY_GIFT_CARD, i.request_id, call->request->body, issue, &i, reply, err);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

static enum cf_rc list_home(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "terminal", row[0].i);
    cf_json_set_int(json, "epoch", row[1].i);
    cf_json_set(json, "active", json_boolean(row[2].i == CF_LOG_ACTIVE));
    cf_json_set_int(json, "left_minor", row[3].i - row[4].i - row[5].i);
    cf_json_set_int(json, "granted_minor", row[3].i);
    cf_json_set_int(json, "spent_minor", row[4].i);
    cf_json_set_int(json, "returned_minor", row[5].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

static enum cf_rc show(struct cf_central *central, const struct cf_value_account *account, struct cf_reply *reply,
                       struct cf_error *err)
{
    json_t *homes = json_array();
    reply->json = json_object();
    set_account(reply->json, account);
    cf_json_set(reply->json, "homes", homes);
    return cf_store_each(central->store, CF_Q_VALUE_HOME_LIST, CF_ARGS(cf_v_int(account->id)), list_home, homes, err);
}

enum cf_rc cf_handle_gift_card_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    struct cf_value_account account;
    enum cf_rc rc = account_of_path(central, call, &account, err);
    if (rc == CF_OK) {
        rc = show(central, &account, reply, err);
    }
    return rc == CF_OK ? set_code(central, reply->json, &account, err) : rc;
}

enum cf_rc cf_handle_gift_card_verify(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                      struct cf_error *err)
{
    char code[CF_CODE_TEXT_MAX];
    struct cf_value_account account;
    const struct cf_json_field fields[] = {{.name = "code", .text = code, .cap = sizeof code, .min_bytes = 1}};
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = account_of_code(central, code, &account, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_account_judge(central, &account, account.currency, err);
    }
    return rc == CF_OK ? show(central, &account, reply, err) : rc;
}

/* --- spending in an order ----------------------------------------------------------------------------------------- */

struct spending {
    char code[CF_CODE_TEXT_MAX];
    int64_t amount_minor;
    char currency_text[4];
    cf_currency currency;
    char order[ORDER_REFERENCE_MAX + 1];
    char request_id[CF_REPLAY_KEY_MAX + 1];
};

static enum cf_rc spend(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    const struct spending *s = ctx;
    struct cf_value_account account;
    int64_t id = 0;
    enum cf_rc rc = account_of_code(central, s->code, &account, err);
    if (rc == CF_OK) {
        rc = cf_value_account_judge(central, &account, s->currency, err);
    }
    if (rc == CF_OK && account.balance == 0) {
        rc = cf_fail(err, CF_E_VALUE_EMPTY, "%lld lie at tills, %lld are held for sales", (long long)account.homed,
                     (long long)account.held);
    }
    if (rc == CF_OK && account.balance < s->amount_minor) {
        rc = cf_fail(err, CF_E_VALUE_SHORT, "%lld are left", (long long)account.balance);
    }
    if (rc != CF_OK) {
        return rc;
    }
    account.balance -= s->amount_minor;
    account.spent += s->amount_minor;
    rc = cf_value_account_put(central, &account, err);
    if (rc == CF_OK) {
        rc = cf_store_insert(central->store, CF_Q_VALUE_ORDER_ADD,
                             CF_ARGS(cf_v_int(account.id), cf_v_int(s->amount_minor), cf_v_text(s->order),
                                     cf_v_int(cf_central_now(central).us)),
                             &id, err);
    }
    reply->json = json_object();
    cf_json_set_int(reply->json, "payment", id);
    cf_json_set_int(reply->json, "amount_minor", s->amount_minor);
    set_account(reply->json, &account);
    return rc;
}

enum cf_rc cf_handle_gift_card_spend(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    struct spending s = {.amount_minor = 0};
    const struct cf_json_field fields[] = {
        {.name = "code", .text = s.code, .cap = sizeof s.code, .min_bytes = 1},
        {.name = "amount_minor", .integer = &s.amount_minor, .min = 1, .max = CF_VALUE_MINOR_MAX},
        {.name = "currency", .text = s.currency_text, .cap = sizeof s.currency_text, .min_bytes = 3},
        {.name = "order", .text = s.order, .cap = sizeof s.order, .min_bytes = 1},
        {.name = "request_id", .text = s.request_id, .cap = sizeof s.request_id, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_currency_parse(s.currency_text, &s.currency, err);
    }
    return rc == CF_OK
               ? cf_replay_once(central, CF_REPLAY_GIFT_SPEND, s.request_id, call->request->body, spend, &s, reply, err)
               : rc;
}

/* The order was cancelled, or the shop never got it done: the money goes back, once. */
static enum cf_rc undo_spend(struct cf_central *central, int64_t payment, struct cf_reply *reply, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_value_account account;
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_VALUE_ORDER_GET, CF_ARGS(cf_v_int(payment)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "payment %lld", (long long)payment);
    }
    if (rc != CF_OK) {
        return rc;
    }
    int64_t amount = row[1].i;
    bool undone = row[2].i != 0;
    rc = cf_value_account_get(central, (uint32_t)row[0].i, &account, &found, err);
    if (rc == CF_OK && !undone) {
        account.spent -= amount;
        account.balance += amount;
        rc = cf_value_account_put(central, &account, err);
    }
    if (rc == CF_OK && !undone) {
        rc = cf_store_run(central->store, CF_Q_VALUE_ORDER_UNDO,
                          CF_ARGS(cf_v_int(payment), cf_v_int(cf_central_now(central).us)), err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = json_object();
    cf_json_set_int(reply->json, "payment", payment);
    cf_json_set_int(reply->json, "amount_minor", amount);
    set_account(reply->json, &account);
    return CF_OK;
}

enum cf_rc cf_handle_gift_card_undo(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    uint64_t payment = 0;
    enum cf_rc rc = cf_call_number(call, 0, INT64_MAX, &payment, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    return rc == CF_OK ? cf_central_end(central, undo_spend(central, (int64_t)payment, reply, err), err) : rc;
}

/* --- at a till ---------------------------------------------------------------------------------------------------- */

struct homing {
    const struct cf_call *call;
    int64_t terminal, amount_minor;
    char request_id[CF_REPLAY_KEY_MAX + 1];
};

static enum cf_rc active_log(struct cf_central *central, int64_t terminal, struct cf_log *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_log_head head;
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(terminal)), row, &found, err);
    if (rc == CF_OK && (!found || row[2].i == 0)) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "no terminal %lld is enrolled", (long long)terminal);
    }
    if (rc == CF_OK) {
        rc = cf_log_get(central, (uint32_t)terminal, (uint32_t)row[2].i, &head, err);
    }
    if (rc == CF_OK && head.log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_FENCED, "terminal %lld", (long long)terminal);
    }
    if (rc == CF_OK) {
        *ret = head.log;
    }
    return rc;
}

static enum cf_rc home(struct cf_central *central, void *ctx, struct cf_reply *reply, struct cf_error *err)
{
    const struct homing *h = ctx;
    struct cf_value_account account;
    struct cf_store_settings store;
    struct cf_log log;
    enum cf_rc rc = account_of_path(central, h->call, &account, err);
    if (rc == CF_OK) {
        rc = active_log(central, h->terminal, &log, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, log.store, &store, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_account_judge(central, &account, store.currency, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_home(central, &account, &log, h->amount_minor, err);
    }
    return rc == CF_OK ? show(central, &account, reply, err) : rc;
}

enum cf_rc cf_handle_gift_card_home(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    struct homing h = {.call = call};
    const struct cf_json_field fields[] = {
        {.name = "terminal", .integer = &h.terminal, .min = 1, .max = UINT32_MAX},
        {.name = "amount_minor", .integer = &h.amount_minor, .min = 1, .max = CF_VALUE_MINOR_MAX},
        {.name = "request_id", .text = h.request_id, .cap = sizeof h.request_id, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    return rc == CF_OK
               ? cf_replay_once(central, CF_REPLAY_GIFT_HOME, h.request_id, call->request->body, home, &h, reply, err)
               : rc;
}

static enum cf_rc recall(struct cf_central *central, const struct cf_call *call, int64_t terminal,
                         struct cf_reply *reply, struct cf_error *err)
{
    struct cf_value_account account;
    struct cf_log log;
    enum cf_rc rc = account_of_path(central, call, &account, err);
    if (rc == CF_OK) {
        rc = active_log(central, terminal, &log, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_recall(central, &account, &log, err);
    }
    return rc == CF_OK ? show(central, &account, reply, err) : rc;
}

enum cf_rc cf_handle_gift_card_recall(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                      struct cf_error *err)
{
    int64_t terminal = 0;
    const struct cf_json_field fields[] = {{.name = "terminal", .integer = &terminal, .min = 1, .max = UINT32_MAX}};
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    return rc == CF_OK ? cf_central_end(central, recall(central, call, terminal, reply, err), err) : rc;
}

static enum cf_rc block(struct cf_central *central, const struct cf_call *call, bool blocked, struct cf_reply *reply,
                        struct cf_error *err)
{
    struct cf_value_account account;
    enum cf_rc rc = account_of_path(central, call, &account, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (account.blocked != blocked) {
        account.blocked = blocked;
        rc = cf_value_account_put(central, &account, err);
        if (rc == CF_OK) {
            rc = cf_value_tell_block(central, &account, err);
        }
    }
    return rc == CF_OK ? show(central, &account, reply, err) : rc;
}

enum cf_rc cf_handle_gift_card_block(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    bool blocked = true;
    const struct cf_json_field fields[] = {{.name = "blocked", .boolean = &blocked}};
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    return rc == CF_OK ? cf_central_end(central, block(central, call, blocked, reply, err), err) : rc;
}

/* --- terms -------------------------------------------------------------------------------------------------------- */

static void set_terms(json_t *json, const struct cf_value_terms *terms)
{
    cf_json_set_int(json, "cards_per_terminal", terms->cards_per_terminal);
    cf_json_set_int(json, "valid_days", terms->valid_days);
    cf_json_set_int(json, "points", terms->rate.points);
    cf_json_set_int(json, "minor", terms->rate.minor);
}

enum cf_rc cf_handle_value_terms_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    struct cf_value_terms terms;
    (void)call;
    enum cf_rc rc = cf_value_terms_get(central, &terms, err);
    if (rc == CF_OK) {
        reply->json = json_object();
        set_terms(reply->json, &terms);
    }
    return rc;
}

static enum cf_rc give_range(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_log log = {.id = (uint64_t)row[0].i,
                         .terminal = (uint32_t)row[1].i,
                         .epoch = (uint32_t)row[2].i,
                         .store = (uint32_t)row[3].i,
                         .state = CF_LOG_ACTIVE};
    cf_public_key key;
    if (row[4].b.n != sizeof key.point) {
        return cf_fail(err, CF_E_INTERNAL, "key of terminal %lu", (unsigned long)log.terminal);
    }
    memcpy(key.point, row[4].b.p, sizeof key.point);
    return cf_value_range(ctx, &log, &key, err);
}

static enum cf_rc put_terms(struct cf_central *central, const struct cf_value_terms *wanted, struct cf_reply *reply,
                            struct cf_error *err)
{
    struct cf_value_terms terms;
    enum cf_rc rc = cf_value_terms_get(central, &terms, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t next = terms.next_account;
    terms = *wanted;
    terms.next_account = next;
    rc = cf_value_terms_put(central, &terms, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_LOG_ACTIVE, CF_NO_ARGS, give_range, central, err);
    }
    reply->json = json_object();
    set_terms(reply->json, &terms);
    return rc;
}

enum cf_rc cf_handle_value_terms_put(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    struct cf_value_terms terms = {.valid_days = VALID_DAYS_MAX};
    const struct cf_json_field fields[] = {
        {.name = "cards_per_terminal", .integer = &terms.cards_per_terminal, .max = CARDS_MAX, .optional = true},
        {.name = "valid_days", .integer = &terms.valid_days, .min = 1, .max = VALID_DAYS_MAX, .optional = true},
        {.name = "points", .integer = &terms.rate.points, .max = RATE_MAX, .optional = true},
        {.name = "minor", .integer = &terms.rate.minor, .max = RATE_MAX, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK && (terms.rate.points == 0) != (terms.rate.minor == 0)) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "so many points are so many minor units: both, or neither");
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    return rc == CF_OK ? cf_central_end(central, put_terms(central, &terms, reply, err), err) : rc;
}

/* --- what the shop owes ------------------------------------------------------------------------------------------- */

static enum cf_rc list_liability(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    static const char *const names[] = {"accounts",   "issued_minor", "balance_minor", "homed_minor",
                                        "held_minor", "spent_minor",  "over_minor",    "stranded_minor"};
    json_t *json = json_object();
    char currency[4] = "";
    if (row[1].b.n == 3) {
        memcpy(currency, row[1].b.p, 3);
    }
    cf_json_set_text(json, "kind", kind_name((enum cf_gift_kind)row[0].i));
    cf_json_set_text(json, "currency", currency);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cf_json_set_int(json, names[i], row[2 + i].i);
    }
    /* What is owed: all that was put on and not spent, wherever it lies. */
    cf_json_set_int(json, "owed_minor", row[4].i + row[5].i + row[6].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_value_report(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    json_t *list = json_array();
    (void)call;
    reply->json = json_object();
    cf_json_set(reply->json, "accounts", list);
    return cf_store_each(central->store, CF_Q_VALUE_LIABILITY, CF_NO_ARGS, list_liability, list, err);
}
