/*
 * tests/sim/bank.c - see bank.h.
 */
#include "tests/sim/bank.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

/* What becomes of an order on its way there and back. */
enum way {
    WAY_GOOD,
    WAY_REFUSED,
    WAY_NEVER_HEARD,
    WAY_LOST, /* the bank decided, and nobody heard it */
};

static struct bank *bank_of(struct node *node)
{
    return &node->world->bank;
}

static enum way draw(struct node *node)
{
    struct world *world = node->world;
    uint64_t x = sim_chance(world, 100);
    node_look(node);
    if (world->healing || x < 70)
        return WAY_GOOD;
    return x < 78 ? WAY_REFUSED : x < 88 ? WAY_NEVER_HEARD : WAY_LOST;
}

static struct bank_payment *find(struct bank *bank, const uint8_t *id)
{
    for (size_t k = bank->n; k-- > 0;)
        if (memcmp(bank->payment[k].id, id, CF_PAY_ID_BYTES) == 0)
            return &bank->payment[k];
    return NULL;
}

static struct bank_payment *add(struct node *node, const uint8_t *id, int64_t amount_minor)
{
    struct bank *bank = bank_of(node);
    if (bank->n == bank->cap) {
        bank->cap = bank->cap ? 2 * bank->cap : 64;
        bank->payment = realloc(bank->payment, bank->cap * sizeof *bank->payment);
        if (!bank->payment)
            abort();
    }
    struct bank_payment *payment = &bank->payment[bank->n++];
    *payment = (struct bank_payment){.terminal = node->terminal, .epoch = node->epoch, .amount_minor = amount_minor};
    memcpy(payment->id, id, CF_PAY_ID_BYTES);
    return payment;
}

static struct bank_payment *book(struct node *node, const struct cf_pay_order *order)
{
    struct bank_payment *there = find(bank_of(node), order->id);
    if (there && there->amount_minor != order->amount_minor)
        sim_violation(node->world, "a payment is one payment", "till %u asks for %lld under the id of %lld",
                      node->number, (long long)order->amount_minor, (long long)there->amount_minor);
    return there ? there : add(node, order->id, order->amount_minor);
}

static void tell(struct node *node, const struct bank_payment *payment, bool yes, struct cf_pay_answer *ret)
{
    ret->outcome = yes ? CF_PAY_YES : CF_PAY_NO;
    (void)snprintf(yes ? ret->reference : ret->text, CF_PAY_REFERENCE_MAX, yes ? "BANK-%zu" : "refused %zu",
                   (size_t)(payment - bank_of(node)->payment));
    node_look(node);
}

/* Once at most, and never after it was said that it would not be. */
static void carry_out(struct node *node, struct bank_payment *payment, enum way way, struct cf_pay_answer *ret)
{
    if (way == WAY_NEVER_HEARD)
        return;
    if (!payment->taken && !payment->closed) {
        payment->taken = way != WAY_REFUSED;
        payment->closed = way == WAY_REFUSED;
    }
    node_look(node);
    if (way != WAY_LOST)
        tell(node, payment, payment->taken, ret);
}

static void answer(struct node *node, struct bank_payment *payment, struct cf_pay_answer *ret)
{
    if (draw(node) != WAY_GOOD)
        return;
    payment->closed |= !payment->taken;
    tell(node, payment, payment->taken, ret);
}

static enum cf_rc mark(void *ctx, struct cf_pay_mark *ret, struct cf_error *err)
{
    struct node *node = ctx;
    if (draw(node) == WAY_NEVER_HEARD)
        return cf_fail(err, CF_E_PAYMENT_LINK, "the card terminal is not there");
    *ret = (struct cf_pay_mark){.n = 1, .b = {(uint8_t)node->number}};
    return CF_OK;
}

static void pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    (void)again;
    enum way way = draw(ctx);
    carry_out(ctx, book(ctx, order), way, ret);
}

static void query(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    answer(ctx, book(ctx, order), ret);
}

static void reverse(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct node *node = ctx;
    struct bank_payment *payment = book(node, order);
    enum way way = draw(node);
    (void)again;
    if (way == WAY_NEVER_HEARD)
        return;
    if (!payment->taken)
        sim_violation(node->world, "a payment is one payment", "till %u reverses what was not taken", node->number);
    payment->returned |= way != WAY_REFUSED;
    node_look(node);
    if (way != WAY_LOST)
        tell(node, payment, payment->returned, ret);
}

static void query_reverse(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct bank_payment *payment = book(ctx, order);
    if (draw(ctx) == WAY_GOOD)
        tell(ctx, payment, payment->returned, ret);
}

/* Of a payment that stands, and all refunds together no more than it. */
static struct bank_payment *book_refund(struct node *node, const struct cf_pay_order *order)
{
    struct bank *bank = bank_of(node);
    struct bank_payment *of = order->of ? find(bank, order->of) : NULL;
    int64_t sum_minor = order->amount_minor;
    if (!of || !of->taken || of->returned)
        sim_violation(node->world, "never refunded more than was paid", "till %u refunds what the bank does not hold",
                      node->number);
    size_t at = of ? (size_t)(of - bank->payment) : 0;
    struct bank_payment *refund = book(node, order);
    refund->refund = true;
    refund->of = at;
    for (size_t k = 0; k < bank->n; k++)
        if (&bank->payment[k] != refund && bank->payment[k].refund && bank->payment[k].of == at &&
            bank->payment[k].taken)
            sum_minor += bank->payment[k].amount_minor;
    if (sum_minor > bank->payment[at].amount_minor)
        refund->closed |= !refund->taken; /* two tills that did not hear each other: the bank knows better */
    return refund;
}

static void refund(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    (void)again;
    enum way way = draw(ctx);
    carry_out(ctx, book_refund(ctx, order), way, ret);
}

static void query_refund(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    answer(ctx, book_refund(ctx, order), ret);
}

static enum cf_rc end_of_day(void *ctx, struct cf_pay_totals *ret, struct cf_error *err)
{
    (void)ctx;
    (void)err;
    *ret = (struct cf_pay_totals){.known = false};
    return CF_OK;
}

struct cf_pay_port bank_port(struct node *node)
{
    static const struct cf_pay_ops ops = {mark,   pay,          query,      reverse, query_reverse,
                                          refund, query_refund, end_of_day, NULL};
    return (struct cf_pay_port){.ops = node->world->has_bank ? &ops : NULL, .ctx = node};
}

/* --- what the tills say of it ------------------------------------------------------------------------------------- */

static void saw(struct node *node, const struct cf_tender *tender)
{
    struct world *world = node->world;
    struct bank_payment *payment = find(&world->bank, tender->id);
    if (!payment || !payment->taken || payment->returned || payment->amount_minor != tender->amount_minor)
        sim_violation(world, "what is paid was taken", "till %u sold for %lld that the bank did not take", node->number,
                      (long long)tender->amount_minor);
    else if (payment->committed && world->truth.copies == 0)
        sim_violation(world, "a payment is one payment", "till %u sold twice for one payment", node->number);
    else
        payment->committed = true;
}

void bank_saw_sale(struct node *node, const struct cf_sale *sale)
{
    for (size_t k = 0; k < sale->tenders.n && node->world->has_bank; k++)
        if (sale->tenders.tender[k].has_id && !node->copied)
            saw(node, &sale->tenders.tender[k]);
}

/* Money that went back, and is on record: each refund, and each reversal. */
void bank_saw_payment(struct node *node, const struct cf_payment_record *record)
{
    struct world *world = node->world;
    bool is_refund = record->state == CF_PAYMENT_REFUNDED;
    if (!world->has_bank || node->copied || (!is_refund && record->state != CF_PAYMENT_REVERSED))
        return;
    struct bank_payment *payment = find(&world->bank, record->id);
    bool good = payment && payment->amount_minor == record->amount_minor &&
                (is_refund ? payment->refund && payment->taken : payment->returned && !payment->committed);
    if (!good)
        sim_violation(world, "what went back is on record", "till %u: %lld of %s are on record otherwise", node->number,
                      (long long)record->amount_minor, cf_payment_state_name(record->state));
    else if (is_refund)
        payment->committed = true;
}

void bank_check(struct node *node)
{
    struct world *world = node->world;
    for (size_t k = 0; k < world->bank.n && !node->copied && !node->replaced; k++) {
        const struct bank_payment *payment = &world->bank.payment[k];
        if (payment->terminal != node->terminal || payment->epoch != node->epoch)
            continue;
        if (payment->taken && !payment->returned && !payment->committed)
            sim_violation(world, "what was taken is sold or went back", "till %u: the bank %s %lld for nothing",
                          node->number, payment->refund ? "gave" : "holds", (long long)payment->amount_minor);
    }
}
