/*
 * drivers/psp/psp.c - see psp.h.
 */
#include "drivers/psp/psp.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define BODY_MAX 16384

struct cf_psp {
    const struct cf_env *net;
    char key[CF_PSP_KEY_MAX + 1];
    struct cf_buf body;
    atomic_bool stopped; /* by another thread, while a shopper is waited for */
};

enum cf_rc cf_psp_new(const struct cf_env *net, const char *key, struct cf_psp **ret, struct cf_error *err)
{
    size_t n = strnlen(key, CF_PSP_KEY_MAX + 1);
    bool good = n > 0 && n <= CF_PSP_KEY_MAX;
    for (size_t i = 0; good && i < n; i++)
        good = key[i] > 0x20 && key[i] < 0x7f;
    if (!good)
        return cf_fail(err, CF_E_ARGUMENT, "a provider's key is 1 to %d printable characters", CF_PSP_KEY_MAX);
    struct cf_psp *psp = calloc(1, sizeof *psp);
    if (psp == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a payment provider");
    psp->net = net;
    memcpy(psp->key, key, n);
    cf_buf_init(&psp->body, BODY_MAX);
    *ret = psp;
    return CF_OK;
}

void cf_psp_free(struct cf_psp *psp)
{
    if (psp == NULL)
        return;
    cf_buf_done(&psp->body);
    cf_bytes_wipe(psp->key, sizeof psp->key);
    free(psp);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static bool read_string(const json_t *object, const char *name, char *ret, size_t cap)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value))
        return false;
    cf_text_clean(cf_bytes_of(json_string_value(value), json_string_length(value)), ret, cap);
    return true;
}

static enum cf_psp_state state_of(const char *name)
{
    static const struct {
        const char *name;
        enum cf_psp_state state;
    } states[] = {
        {"pending", CF_PSP_PENDING},   {"paid", CF_PSP_PAID},         {"declined", CF_PSP_DECLINED},
        {"closed", CF_PSP_DECLINED},   {"reversed", CF_PSP_REVERSED}, {"none", CF_PSP_NONE},
        {"refunded", CF_PSP_REFUNDED},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].name, name) == 0)
            return states[i].state;
    return CF_PSP_UNKNOWN;
}

/* Is the answer about this order? One about nothing has no amount. */
static bool is_about(const json_t *answer, const struct cf_pay_order *order, enum cf_psp_state state)
{
    char id[2 * CF_PAY_ID_BYTES + 1], expected[2 * CF_PAY_ID_BYTES + 1], currency[4];
    const json_t *amount = json_object_get(answer, "amount_minor");
    cf_hex_encode(cf_bytes_of(order->id, sizeof order->id), expected);
    if (!read_string(answer, "id", id, sizeof id) || strcmp(id, expected) != 0)
        return false;
    if (state != CF_PSP_PAID && state != CF_PSP_REVERSED && state != CF_PSP_REFUNDED)
        return true;
    return json_is_integer(amount) && json_integer_value(amount) == order->amount_minor &&
           read_string(answer, "currency", currency, sizeof currency) && strcmp(currency, order->currency.code) == 0;
}

enum cf_psp_state cf_psp_read(int status, cf_bytes body, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    char name[16];
    ret->reference[0] = ret->text[0] = '\0';
    json_t *answer = body.n > 0 ? json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    enum cf_psp_state state = CF_PSP_UNKNOWN;
    if (json_is_object(answer) && status == 200 && read_string(answer, "state", name, sizeof name))
        state = state_of(name);
    if (state != CF_PSP_UNKNOWN && !is_about(answer, order, state))
        state = CF_PSP_UNKNOWN;
    bool refused = status == 400 || status == 401 || status == 403 || status == 404;
    if (json_is_object(answer) && refused && read_string(answer, "error", name, sizeof name))
        state = CF_PSP_REFUSED;
    if (json_is_object(answer))
        (void)read_string(answer, "reason", ret->text, sizeof ret->text);
    if (json_is_object(answer) && !read_string(answer, "reference", ret->reference, sizeof ret->reference) &&
        (state == CF_PSP_PAID || state == CF_PSP_REVERSED || state == CF_PSP_REFUNDED))
        state = CF_PSP_UNKNOWN;
    if (state == CF_PSP_UNKNOWN && ret->text[0] == '\0')
        (void)snprintf(ret->text, sizeof ret->text, "the provider's answer (%d) makes no sense", status);
    json_decref(answer);
    return state;
}

/* --- requests -------------------------------------------------------------------------------------------------------
 */

static enum cf_rc write_body(struct cf_psp *psp, enum cf_psp_request what, const struct cf_pay_order *order,
                             struct cf_error *err)
{
    char id[2 * CF_PAY_ID_BYTES + 1];
    cf_hex_encode(cf_bytes_of(order->id, sizeof order->id), id);
    json_t *object = json_pack("{s:s, s:s, s:I, s:s}", "key", psp->key, "id", id, "amount_minor",
                               (json_int_t)order->amount_minor, "currency", order->currency.code);
    if (object != NULL && what == CF_PSP_PAY && order->code != NULL)
        json_object_set_new(object, "code", json_string(order->code));
    if (object != NULL && what == CF_PSP_REFUND) {
        if (order->of != NULL)
            cf_hex_encode(cf_bytes_of(order->of, CF_PAY_ID_BYTES), id);
        json_object_set_new(object, "of", json_string(id));
        json_object_set_new(object, "reference", json_string(order->reference != NULL ? order->reference : ""));
    }
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (text == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a request to the provider");
    cf_buf_clear(&psp->body);
    enum cf_rc rc = cf_buf_append_str(&psp->body, text, err);
    free(text);
    return rc;
}

/* *ret_sent false: the provider surely has not got it. */
static enum cf_psp_state ask(struct cf_psp *psp, enum cf_psp_request what, const struct cf_pay_order *order,
                             struct cf_pay_answer *ret, bool *ret_sent)
{
    static const char *const paths[] = {"/v1/pay", "/v1/query", "/v1/close", "/v1/reverse", "/v1/refund"};
    struct cf_error why;
    struct cf_buf CF_CLEANUP(cf_buf_done) reply;
    int status = 0;
    cf_buf_init(&reply, BODY_MAX);
    *ret_sent = false;
    enum cf_rc rc = write_body(psp, what, order, &why);
    if (rc == CF_OK) {
        struct cf_net_request request = {.method = "POST",
                                         .path = paths[what],
                                         .content_type = "application/json",
                                         .body = cf_buf_bytes(&psp->body)};
        rc = psp->net->ops->net_exchange(psp->net->ctx, &request, &status, &reply, &why);
        *ret_sent = rc != CF_E_LINK_DOWN && rc != CF_E_TLS && rc != CF_E_CERTIFICATE;
    }
    if (rc == CF_OK)
        return cf_psp_read(status, cf_buf_bytes(&reply), order, ret);
    (void)snprintf(ret->text, sizeof ret->text, "%.*s", CF_PAY_TEXT_MAX, why.detail);
    return CF_PSP_UNKNOWN;
}

/* --- the port -------------------------------------------------------------------------------------------------------
 */

static enum cf_pay_outcome outcome_of(enum cf_psp_state state, bool reversal, struct cf_pay_answer *ret)
{
    switch (state) {
    case CF_PSP_PAID:
        return reversal ? CF_PAY_NO : CF_PAY_YES;
    case CF_PSP_REVERSED: /* of a payment: it is not there any more */
        return reversal ? CF_PAY_YES : CF_PAY_NO;
    case CF_PSP_DECLINED: /* of a reversal: there was nothing */
        return reversal ? CF_PAY_UNKNOWN : CF_PAY_NO;
    case CF_PSP_PENDING:
        (void)snprintf(ret->text, sizeof ret->text, "the shopper has to confirm it on the phone");
        return CF_PAY_UNKNOWN;
    case CF_PSP_REFUNDED: /* which is another id's */
    case CF_PSP_NONE:
    case CF_PSP_REFUSED:
    case CF_PSP_UNKNOWN:
        return CF_PAY_UNKNOWN;
    }
    return CF_PAY_UNKNOWN;
}

static enum cf_pay_outcome outcome_of_refund(enum cf_psp_state state, struct cf_pay_answer *ret)
{
    switch (state) {
    case CF_PSP_REFUNDED:
        return CF_PAY_YES;
    case CF_PSP_DECLINED: /* or closed: never under this id */
        return CF_PAY_NO;
    case CF_PSP_PENDING:
        (void)snprintf(ret->text, sizeof ret->text, "the provider is at it");
        return CF_PAY_UNKNOWN;
    case CF_PSP_PAID:
    case CF_PSP_REVERSED:
    case CF_PSP_NONE:
    case CF_PSP_REFUSED:
    case CF_PSP_UNKNOWN:
        return CF_PAY_UNKNOWN;
    }
    return CF_PAY_UNKNOWN;
}

/* Nothing came of the first request that this order is the subject of. */
static bool came_to_nothing(enum cf_psp_state state, bool sent, bool again)
{
    return !again && (!sent || state == CF_PSP_REFUSED);
}

static void query(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct cf_psp *psp = ctx;
    bool sent, stopped = atomic_exchange(&psp->stopped, false);
    enum cf_psp_state state = ask(ctx, CF_PSP_QUERY, order, ret, &sent);
    /* Nor shall it hear of it later; and a shopper who has not confirmed yet shall not any more. */
    if (state == CF_PSP_NONE || (stopped && state == CF_PSP_PENDING))
        state = ask(ctx, CF_PSP_CLOSE, order, ret, &sent);
    ret->outcome = outcome_of(state, false, ret);
}

static void pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    bool sent;
    if (order->code == NULL) { /* after a restart it is not known any more: the provider may have what came before */
        query(ctx, order, ret);
        return;
    }
    struct cf_psp *psp = ctx;
    atomic_store(&psp->stopped, false); /* whatever was stopped was something else */
    enum cf_psp_state state = ask(ctx, CF_PSP_PAY, order, ret, &sent);
    ret->outcome = came_to_nothing(state, sent, again) ? CF_PAY_NO : outcome_of(state, false, ret);
}

static void reverse(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    bool sent;
    enum cf_psp_state state = ask(ctx, CF_PSP_REVERSE, order, ret, &sent);
    ret->outcome = came_to_nothing(state, sent, again) ? CF_PAY_NO : outcome_of(state, true, ret);
}

static void query_reverse(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    bool sent;
    enum cf_psp_state state = ask(ctx, CF_PSP_QUERY, order, ret, &sent);
    ret->outcome = outcome_of(state, true, ret);
}

static void refund(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    bool sent;
    enum cf_psp_state state = ask(ctx, CF_PSP_REFUND, order, ret, &sent);
    ret->outcome = came_to_nothing(state, sent, again) ? CF_PAY_NO : outcome_of_refund(state, ret);
}

static void query_refund(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    bool sent;
    enum cf_psp_state state = ask(ctx, CF_PSP_QUERY, order, ret, &sent);
    if (state == CF_PSP_NONE) /* nor shall it hear of it later */
        state = ask(ctx, CF_PSP_CLOSE, order, ret, &sent);
    ret->outcome = outcome_of_refund(state, ret);
}

static enum cf_rc end_of_day(void *ctx, struct cf_pay_totals *ret, struct cf_error *err)
{
    (void)ctx;
    (void)ret;
    return cf_fail(err, CF_E_UNSUPPORTED, "a provider's day closes by itself");
}

static void stop(void *ctx)
{
    struct cf_psp *psp = ctx;
    atomic_store(&psp->stopped, true);
}

struct cf_pay_port cf_psp_port(struct cf_psp *psp)
{
    static const struct cf_pay_ops ops = {NULL,   pay,          query,      reverse, query_reverse,
                                          refund, query_refund, end_of_day, stop};
    return (struct cf_pay_port){&ops, psp};
}
