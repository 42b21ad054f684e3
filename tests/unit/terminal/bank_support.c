/*
 * tests/unit/terminal/bank_support.c - see bank_support.h.
 */
#include "tests/unit/terminal/bank_support.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/terminal/terminal_cmocka.h"

struct bank *bank_new(void)
{
    void *p = mmap(NULL, sizeof(struct bank), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    return p;
}

void bank_free(struct bank *bank)
{
    munmap(bank, sizeof *bank);
}

int64_t bank_holds(const struct bank *bank)
{
    int64_t sum = 0;
    for (size_t i = 0; i < bank->n; i++)
        if (bank->payments[i].taken && !bank->payments[i].returned)
            sum += bank->payments[i].amount_minor;
        else if (bank->payments[i].given)
            sum -= bank->payments[i].amount_minor;
    return sum;
}

static void hook(struct bank *bank)
{
    if (++bank->hooks == bank->kill_at_hook)
        kill(getpid(), SIGKILL);
}

static struct bank_payment *find(struct bank *bank, const struct cf_pay_order *order)
{
    for (size_t i = 0; i < bank->n; i++)
        if (memcmp(bank->payments[i].id, order->id, sizeof order->id) == 0)
            return &bank->payments[i];
    assert_true(bank->n < BANK_PAYMENTS_MAX);
    struct bank_payment *payment = &bank->payments[bank->n];
    *payment = (struct bank_payment){.amount_minor = order->amount_minor};
    memcpy(payment->id, order->id, sizeof payment->id);
    snprintf(payment->reference, sizeof payment->reference, "BANK-%zu", bank->n);
    bank->n++;
    return payment;
}

static void tell(const struct bank_payment *payment, bool yes, struct cf_pay_answer *ret)
{
    ret->outcome = yes ? CF_PAY_YES : CF_PAY_NO;
    if (yes)
        memcpy(ret->reference, payment->reference, sizeof ret->reference);
    else
        snprintf(ret->text, sizeof ret->text, "card refused");
}

static enum cf_rc mark(void *ctx, struct cf_pay_mark *ret, struct cf_error *err)
{
    struct bank *bank = ctx;
    hook(bank);
    if (bank->pays == BANK_IS_AWAY)
        return cf_fail(err, CF_E_PAYMENT_LINK, "nobody is there");
    *ret = (struct cf_pay_mark){.n = 1, .b = {(uint8_t)bank->n}};
    return CF_OK;
}

static void pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct bank *bank = ctx;
    hook(bank);
    bank->asked++;
    snprintf(bank->code, sizeof bank->code, "%s", order->code != NULL ? order->code : "");
    if (bank->pays == BANK_NEVER_HEARS)
        return;
    struct bank_payment *payment = find(bank, order);
    assert_int_equal(payment->amount_minor, order->amount_minor);
    if (!again)
        assert_false(payment->taken);
    bool refuses = bank->pays == BANK_REFUSES || bank->pays == BANK_NO_IS_NOT_HEARD;
    if (!payment->taken && !payment->closed) {
        payment->taken = !refuses;
        payment->closed = refuses;
    }
    hook(bank);
    if (bank->pays == BANK_AGREES || bank->pays == BANK_REFUSES)
        tell(payment, payment->taken, ret);
    hook(bank);
}

static void query(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct bank *bank = ctx;
    hook(bank);
    bank->queried++;
    if (bank->answers != BANK_AGREES)
        return;
    struct bank_payment *payment = find(bank, order);
    if (!payment->taken)
        payment->closed = true;
    hook(bank);
    tell(payment, payment->taken, ret);
    hook(bank);
}

static void reverse(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct bank *bank = ctx;
    hook(bank);
    bank->reversed++;
    if (bank->reverses == BANK_NEVER_HEARS)
        return;
    struct bank_payment *payment = find(bank, order);
    assert_true(payment->taken);
    assert_string_equal(order->reference, payment->reference);
    if (!again)
        assert_false(payment->returned);
    if (bank->reverses == BANK_AGREES || bank->reverses == BANK_IS_NOT_HEARD)
        payment->returned = true;
    hook(bank);
    if (bank->reverses == BANK_AGREES || bank->reverses == BANK_REFUSES)
        tell(payment, payment->returned, ret);
    hook(bank);
}

static void query_reverse(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct bank *bank = ctx;
    hook(bank);
    bank->queried++;
    if (bank->answers == BANK_AGREES)
        tell(find(bank, order), find(bank, order)->returned, ret);
    hook(bank);
}

/* A refund by its own id; never more than what the payment took. */
static struct bank_payment *find_refund(struct bank *bank, const struct cf_pay_order *order)
{
    int64_t sum = order->amount_minor;
    size_t of = 0;
    assert_non_null(order->of);
    while (of < bank->n && memcmp(bank->payments[of].id, order->of, sizeof order->id) != 0)
        of++;
    assert_true(of < bank->n && bank->payments[of].taken && !bank->payments[of].returned);
    assert_string_equal(order->reference, bank->payments[of].reference);
    struct bank_payment *refund = find(bank, order);
    refund->refund = true;
    refund->of = of;
    for (size_t i = 0; i < bank->n; i++)
        if (bank->payments[i].given && bank->payments[i].of == of && &bank->payments[i] != refund)
            sum += bank->payments[i].amount_minor;
    if (sum > bank->payments[of].amount_minor)
        fail_msg("%lld of %lld are refunded", (long long)sum, (long long)bank->payments[of].amount_minor);
    return refund;
}

static void refund(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct bank *bank = ctx;
    hook(bank);
    bank->refunded++;
    if (bank->refunds == BANK_NEVER_HEARS)
        return;
    struct bank_payment *payment = find_refund(bank, order);
    assert_int_equal(payment->amount_minor, order->amount_minor);
    if (!again)
        assert_false(payment->given || payment->closed);
    bool refuses = bank->refunds == BANK_REFUSES || bank->refunds == BANK_NO_IS_NOT_HEARD;
    if (!payment->given && !payment->closed) {
        payment->given = !refuses;
        payment->closed = refuses;
    }
    hook(bank);
    if (bank->refunds == BANK_AGREES || bank->refunds == BANK_REFUSES)
        tell(payment, payment->given, ret);
    hook(bank);
}

static void query_refund(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct bank *bank = ctx;
    hook(bank);
    bank->queried++;
    if (bank->answers != BANK_AGREES)
        return;
    struct bank_payment *payment = find_refund(bank, order);
    if (!payment->given)
        payment->closed = true;
    hook(bank);
    tell(payment, payment->given, ret);
    hook(bank);
}

static enum cf_rc end_of_day(void *ctx, struct cf_pay_totals *ret, struct cf_error *err)
{
    (void)err;
    *ret = (struct cf_pay_totals){.known = true, .count = 1, .total_minor = bank_holds(ctx)};
    return CF_OK;
}

struct cf_pay_port bank_port(struct bank *bank)
{
    static const struct cf_pay_ops ops = {mark,   pay,          query,      reverse, query_reverse,
                                          refund, query_refund, end_of_day, NULL};
    return (struct cf_pay_port){&ops, bank};
}
