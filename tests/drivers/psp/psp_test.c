/*
 * tests/drivers/psp/psp_test.c - a payment provider's answers, and its silence, against a provider in memory that takes
 * each id once.
 */
#include "drivers/psp/psp.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "00000000000000000000000000000000"
#define ABOUT "\"id\":\"" ID "\",\"amount_minor\":1000,\"currency\":\"CNY\""

static const struct cf_pay_order order = {.amount_minor = 1000, .currency = {"CNY"}, .code = "134567890123456789"};

static void an_answer_is_only_good_if_it_is_about_the_order(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum cf_psp_state expected;
        const char *why;
    } rows[] = {
        {200, "{" ABOUT ",\"state\":\"paid\",\"reference\":\"P-1\"}", CF_PSP_PAID, "paid"},
        {200, "{" ABOUT ",\"state\":\"pending\"}", CF_PSP_PENDING, "the shopper looks for the password"},
        {200, "{\"id\":\"" ID "\",\"state\":\"declined\",\"reason\":\"no money\"}", CF_PSP_DECLINED, "declined"},
        {200, "{\"id\":\"" ID "\",\"state\":\"closed\"}", CF_PSP_DECLINED, "closed"},
        {200, "{\"id\":\"" ID "\",\"state\":\"none\"}", CF_PSP_NONE, "never heard of"},
        {200, "{" ABOUT ",\"state\":\"reversed\",\"reference\":\"P-1\"}", CF_PSP_REVERSED, "given back"},
        {200, "{" ABOUT ",\"state\":\"refunded\",\"reference\":\"R-1\"}", CF_PSP_REFUNDED, "refunded"},
        {200, "{" ABOUT ",\"state\":\"refunded\"}", CF_PSP_UNKNOWN, "refunded, without a reference"},
        {500, "{" ABOUT ",\"state\":\"paid\",\"reference\":\"P-1\"}", CF_PSP_UNKNOWN, "a fault that says paid"},
        {200, "{" ABOUT ",\"state\":\"paid\"}", CF_PSP_UNKNOWN, "paid, without a reference"},
        {200, "{" ABOUT ",\"state\":\"PAID\",\"reference\":\"P-1\"}", CF_PSP_UNKNOWN, "a state nobody knows"},
        {200, "{\"id\":\"00000000000000000000000000000001\",\"state\":\"declined\"}", CF_PSP_UNKNOWN, "another's"},
        {200, "{\"id\":\"" ID "\",\"state\":\"paid\",\"reference\":\"P-1\",\"amount_minor\":999,\"currency\":\"CNY\"}",
         CF_PSP_UNKNOWN, "another amount"},
        {200,
         "{\"id\":\"" ID "\",\"state\":\"paid\",\"reference\":\"P-1\",\"amount_minor\":1000.0,\"currency\":\"CNY\"}",
         CF_PSP_UNKNOWN, "an amount that is no integer"},
        {200, "{\"id\":\"" ID "\",\"state\":\"paid\",\"reference\":\"P-1\",\"amount_minor\":1000,\"currency\":\"USD\"}",
         CF_PSP_UNKNOWN, "other money"},
        {200, "{" ABOUT ",\"state\":\"declined\",\"state\":\"paid\",\"reference\":\"P-1\"}", CF_PSP_UNKNOWN, "both"},
        {200, "{\"state\":\"declined\"}", CF_PSP_UNKNOWN, "about nothing"},
        {200, "[]", CF_PSP_UNKNOWN, "no object"},
        {200, "<html>", CF_PSP_UNKNOWN, "somebody else's page"},
        {200, "", CF_PSP_UNKNOWN, "nothing"},
        {401, "{\"error\":\"key\",\"reason\":\"no such key\"}", CF_PSP_REFUSED, "a refusal of the provider"},
        {401, "{\"reason\":\"no such key\"}", CF_PSP_UNKNOWN, "a refusal by somebody in between"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_pay_answer answer;
        enum cf_psp_state got = cf_psp_read(rows[i].status, cf_bytes_str(rows[i].body), &order, &answer);
        if (got != rows[i].expected)
            fail_msg("%s: %d", rows[i].why, (int)got);
    }
}

/* --- a provider in memory -------------------------------------------------------------------------------------------
 */

enum line { UP, DOWN, CUT_BEFORE, CUT_AFTER };

struct provider {
    enum line line; /* for the next request; then it is up again */
    bool declines, pends;
    enum { NOTHING, PENDING, PAID, CLOSED, REVERSED, REFUNDED } it;
    unsigned taken;
    char last_path[32];
};

static enum cf_rc exchange(void *ctx, const struct cf_net_request *request, int *ret_status, struct cf_buf *ret_body,
                           struct cf_error *err)
{
    static const char *const names[] = {"none", "pending", "paid", "closed", "reversed", "refunded"};
    struct provider *p = ctx;
    enum line line = p->line;
    p->line = UP;
    if (line == DOWN)
        return cf_fail(err, CF_E_LINK_DOWN, "no link");
    if (line == CUT_BEFORE)
        return cf_fail(err, CF_E_TIMEOUT, "no answer");
    assert_string_equal(request->method, "POST");
    const char *body = NULL;
    struct cf_buf text;
    cf_buf_init(&text, 4096);
    assert_int_equal(cf_buf_append(&text, request->body.p, request->body.n, NULL), CF_OK);
    assert_int_equal(cf_buf_cstr(&text, &body, NULL), CF_OK);
    assert_non_null(strstr(body, "\"key\":\"secret\""));
    assert_non_null(strstr(body, "\"id\":\"" ID "\""));
    snprintf(p->last_path, sizeof p->last_path, "%s", request->path);
    if (strcmp(request->path, "/v1/pay") == 0) {
        assert_non_null(strstr(body, "\"code\":\"134567890123456789\""));
        if (p->it == NOTHING) {
            p->it = p->declines ? CLOSED : p->pends ? PENDING : PAID;
            p->taken += p->it == PAID;
        }
    } else if (strcmp(request->path, "/v1/close") == 0 && p->it == NOTHING) {
        p->it = CLOSED;
    } else if (strcmp(request->path, "/v1/reverse") == 0 && p->it == PAID && !p->declines) {
        p->it = REVERSED;
        p->taken--;
    } else if (strcmp(request->path, "/v1/refund") == 0) {
        assert_non_null(strstr(body, "\"of\":\"abababababababababababababababab\""));
        assert_non_null(strstr(body, "\"reference\":\"P-1\""));
        if (p->it == NOTHING) {
            p->it = p->declines ? CLOSED : p->pends ? PENDING : REFUNDED;
            p->taken -= p->it == REFUNDED;
        }
    }
    cf_buf_done(&text);
    if (line == CUT_AFTER)
        return cf_fail(err, CF_E_TIMEOUT, "no answer");
    *ret_status = 200;
    return cf_buf_printf(ret_body, err, "{" ABOUT ",\"state\":\"%s\",\"reference\":\"P-1\"}", names[p->it]);
}

static const struct cf_env_ops ops = {.net_exchange = exchange};

struct asked {
    struct provider provider;
    struct cf_env env;
    struct cf_psp *psp;
    struct cf_pay_port port;
};

static void begin(struct asked *a)
{
    memset(a, 0, sizeof *a);
    a->env = (struct cf_env){&ops, &a->provider};
    assert_int_equal(cf_psp_new(&a->env, "secret", &a->psp, NULL), CF_OK);
    a->port = cf_psp_port(a->psp);
}

static enum cf_pay_outcome pay(struct asked *a, bool again)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    a->port.ops->pay(a->port.ctx, &order, again, &answer);
    return answer.outcome;
}

static enum cf_pay_outcome query(struct asked *a)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    a->port.ops->query(a->port.ctx, &order, &answer);
    return answer.outcome;
}

static enum cf_pay_outcome reverse(struct asked *a, bool again)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    a->port.ops->reverse(a->port.ctx, &order, again, &answer);
    return answer.outcome;
}

static enum cf_pay_outcome query_reverse(struct asked *a)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    a->port.ops->query_reverse(a->port.ctx, &order, &answer);
    return answer.outcome;
}

static void a_payment_is_known_or_asked_about(void **state)
{
    (void)state;
    static const struct {
        enum line line;
        bool declines;
        enum cf_pay_outcome then, asked, again;
        unsigned taken;
        const char *why;
    } rows[] = {
        {UP, false, CF_PAY_YES, CF_PAY_YES, CF_PAY_YES, 1, "paid"},
        {UP, true, CF_PAY_NO, CF_PAY_NO, CF_PAY_NO, 0, "declined"},
        {DOWN, false, CF_PAY_NO, CF_PAY_NO, CF_PAY_NO, 0, "nothing was sent"},
        {CUT_BEFORE, false, CF_PAY_UNKNOWN, CF_PAY_NO, CF_PAY_NO, 0, "cut before: the query closes it"},
        {CUT_AFTER, false, CF_PAY_UNKNOWN, CF_PAY_YES, CF_PAY_YES, 1, "cut after"},
        {CUT_AFTER, true, CF_PAY_UNKNOWN, CF_PAY_NO, CF_PAY_NO, 0, "declined, and cut"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct asked a;
        begin(&a);
        a.provider.line = rows[i].line;
        a.provider.declines = rows[i].declines;
        enum cf_pay_outcome then = pay(&a, false), asked = query(&a), again = pay(&a, true);
        if (then != rows[i].then || asked != rows[i].asked || again != rows[i].again ||
            a.provider.taken != rows[i].taken)
            fail_msg("%s: %d, %d, %d, taken %u", rows[i].why, (int)then, (int)asked, (int)again, a.provider.taken);
        cf_psp_free(a.psp);
    }
}

static void a_retry_takes_the_money_once(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    a.provider.line = CUT_AFTER;
    assert_int_equal(pay(&a, false), CF_PAY_UNKNOWN);
    a.provider.line = DOWN;
    assert_int_equal(pay(&a, true), CF_PAY_UNKNOWN); /* nothing was sent now, but something was before */
    assert_int_equal(pay(&a, true), CF_PAY_YES);
    assert_int_equal(a.provider.taken, 1);
    cf_psp_free(a.psp);
    begin(&a);
    a.provider.line = CUT_BEFORE;
    assert_int_equal(pay(&a, false), CF_PAY_UNKNOWN);
    assert_int_equal(pay(&a, true), CF_PAY_YES);
    assert_int_equal(a.provider.taken, 1);
    cf_psp_free(a.psp);
}

static void what_waits_for_the_shopper_is_unknown(void **state)
{
    (void)state;
    struct asked a;
    begin(&a);
    a.provider.pends = true;
    assert_int_equal(pay(&a, false), CF_PAY_UNKNOWN);
    assert_int_equal(query(&a), CF_PAY_UNKNOWN);
    a.provider.it = PAID;
    assert_int_equal(query(&a), CF_PAY_YES);
    cf_psp_free(a.psp);
}

static void without_its_code_a_payment_is_only_asked_about(void **state)
{
    (void)state;
    struct asked a;
    struct cf_pay_order codeless = order;
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    codeless.code = NULL;
    begin(&a);
    a.port.ops->pay(a.port.ctx, &codeless, true, &answer);
    assert_int_equal(answer.outcome, CF_PAY_NO);
    assert_string_equal(a.provider.last_path, "/v1/close");
    cf_psp_free(a.psp);
}

static void a_reversal_is_known_or_asked_about(void **state)
{
    (void)state;
    static const struct {
        enum line line;
        bool declines;
        enum cf_pay_outcome then, asked;
        const char *why;
    } rows[] = {
        {UP, false, CF_PAY_YES, CF_PAY_YES, "given back"},
        {UP, true, CF_PAY_NO, CF_PAY_NO, "refused"},
        {DOWN, false, CF_PAY_NO, CF_PAY_NO, "nothing was sent"},
        {CUT_BEFORE, false, CF_PAY_UNKNOWN, CF_PAY_NO, "cut before"},
        {CUT_AFTER, false, CF_PAY_UNKNOWN, CF_PAY_YES, "cut after"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct asked a;
        begin(&a);
        a.provider.it = PAID;
        a.provider.taken = 1;
        a.provider.line = rows[i].line;
        a.provider.declines = rows[i].declines;
        enum cf_pay_outcome then = reverse(&a, false), asked = query_reverse(&a);
        if (then != rows[i].then || asked != rows[i].asked)
            fail_msg("%s: %d, %d", rows[i].why, (int)then, (int)asked);
        a.provider.declines = false;
        assert_int_equal(reverse(&a, true), CF_PAY_YES);
        assert_int_equal(a.provider.taken, 0);
        cf_psp_free(a.psp);
    }
}

static enum cf_pay_outcome refund(struct asked *a, bool again)
{
    static const uint8_t of[CF_PAY_ID_BYTES] = {171, 171, 171, 171, 171, 171, 171, 171,
                                                171, 171, 171, 171, 171, 171, 171, 171};
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    struct cf_pay_order back = order;
    back.of = of;
    back.reference = "P-1";
    a->port.ops->refund(a->port.ctx, &back, again, &answer);
    return answer.outcome;
}

static enum cf_pay_outcome query_refund(struct asked *a)
{
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    a->port.ops->query_refund(a->port.ctx, &order, &answer);
    return answer.outcome;
}

static void a_refund_is_given_once_and_asked_about(void **state)
{
    (void)state;
    static const struct {
        enum line line;
        bool declines;
        enum cf_pay_outcome then, again, asked;
        const char *why;
    } rows[] = {
        {UP, false, CF_PAY_YES, CF_PAY_YES, CF_PAY_YES, "given"},
        {UP, true, CF_PAY_NO, CF_PAY_NO, CF_PAY_NO, "refused, for good under this id"},
        {DOWN, false, CF_PAY_NO, CF_PAY_YES, CF_PAY_YES, "nothing was sent"},
        {CUT_BEFORE, false, CF_PAY_UNKNOWN, CF_PAY_YES, CF_PAY_YES, "cut before"},
        {CUT_AFTER, false, CF_PAY_UNKNOWN, CF_PAY_YES, CF_PAY_YES, "cut after"},
        {CUT_AFTER, true, CF_PAY_UNKNOWN, CF_PAY_NO, CF_PAY_NO, "refused, and cut"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct asked a;
        begin(&a);
        a.provider.taken = 1;
        a.provider.line = rows[i].line;
        a.provider.declines = rows[i].declines;
        enum cf_pay_outcome then = refund(&a, false), again = refund(&a, true), asked = query_refund(&a);
        if (then != rows[i].then || again != rows[i].again || asked != rows[i].asked ||
            a.provider.taken != (rows[i].asked == CF_PAY_YES ? 0 : 1))
            fail_msg("%s: %d, %d, %d, holds %u", rows[i].why, (int)then, (int)again, (int)asked, a.provider.taken);
        cf_psp_free(a.psp);
    }
    struct asked a;
    begin(&a);
    a.provider.line = CUT_BEFORE;
    assert_int_equal(refund(&a, false), CF_PAY_UNKNOWN);
    assert_int_equal(query_refund(&a), CF_PAY_NO); /* never heard of, and it never will be */
    assert_int_equal(refund(&a, true), CF_PAY_NO);
    cf_psp_free(a.psp);
}

static void a_key_is_printable(void **state)
{
    (void)state;
    struct cf_psp *psp = NULL;
    assert_int_equal(cf_psp_new(NULL, "", &psp, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_psp_new(NULL, "a b", &psp, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_psp_new(NULL, "a\n", &psp, NULL), CF_E_ARGUMENT);
    assert_null(psp);
    cf_psp_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_only_good_if_it_is_about_the_order),
        cmocka_unit_test(a_payment_is_known_or_asked_about),
        cmocka_unit_test(a_retry_takes_the_money_once),
        cmocka_unit_test(what_waits_for_the_shopper_is_unknown),
        cmocka_unit_test(without_its_code_a_payment_is_only_asked_about),
        cmocka_unit_test(a_reversal_is_known_or_asked_about),
        cmocka_unit_test(a_refund_is_given_once_and_asked_about),
        cmocka_unit_test(a_key_is_printable),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
