/*
 * app/terminal/open_payment.c - see open_payment.h.
 */
#include "app/terminal/open_payment.h"

#include <stdio.h>
#include <string.h>

_Static_assert(CF_PAYMENT_ID_BYTES == CF_TENDER_ID_BYTES, "a tender carries the id of its payment");

const struct cf_open_payment *cf_open_payments_open(const struct cf_open_payments *payments)
{
    for (size_t i = 0; i < payments->n; i++)
        if (cf_payment_is_open(payments->at[i].state))
            return &payments->at[i];
    return NULL;
}

static size_t place_of(const struct cf_open_payments *payments, const uint8_t id[CF_PAYMENT_ID_BYTES])
{
    size_t i = 0;
    while (i < payments->n && memcmp(payments->at[i].id, id, CF_PAYMENT_ID_BYTES) != 0)
        i++;
    return i;
}

const struct cf_open_payment *cf_open_payments_find(const struct cf_open_payments *payments,
                                                    const uint8_t id[CF_PAYMENT_ID_BYTES])
{
    size_t i = place_of(payments, id);
    return i < payments->n ? &payments->at[i] : NULL;
}

bool cf_open_payments_misfit(const struct cf_open_payments *payments)
{
    for (size_t i = 0; i < payments->n; i++)
        if (payments->at[i].state == CF_PAYMENT_APPROVED && !payments->at[i].tendered)
            return true;
    return false;
}

enum cf_rc cf_open_payments_ask(struct cf_open_payments *payments, const struct cf_step_pay *pay, struct cf_error *err)
{
    if (cf_open_payments_open(payments) != NULL)
        return cf_fail(err, CF_E_PAYMENT_OPEN, "one payment at a time");
    if (payments->n == CF_OPEN_PAYMENTS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d payments", CF_OPEN_PAYMENTS_MAX);
    struct cf_open_payment *payment = &payments->at[payments->n++];
    *payment = (struct cf_open_payment){
        .kind = pay->kind, .amount_minor = pay->amount_minor, .state = CF_PAYMENT_ASKED, .mark = pay->mark};
    memcpy(payment->id, pay->id, sizeof payment->id);
    return CF_OK;
}

enum cf_rc cf_open_payments_owe(struct cf_open_payments *payments, const struct cf_step_refund *refund,
                                struct cf_error *err)
{
    size_t at = 0;
    while (at < payments->n && payments->at[at].tender_no != refund->tender_no)
        at++;
    bool again = at < payments->n;
    if ((payments->n > 0 && payments->at[0].return_seq != refund->return_seq) ||
        (again && payments->at[at].state != CF_PAYMENT_OWED))
        return cf_fail(err, CF_E_STATE, "something else is not settled");
    if (at == CF_OPEN_PAYMENTS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a return has at most %d refunds", CF_OPEN_PAYMENTS_MAX);
    struct cf_open_payment *payment = &payments->at[at];
    *payment = (struct cf_open_payment){
        .kind = refund->kind,
        .amount_minor = refund->amount_minor,
        .state = CF_PAYMENT_OWED,
        .return_seq = refund->return_seq,
        .tender_no = refund->tender_no,
        .whole = refund->whole,
        .asked = again,
    };
    memcpy(payment->id, refund->id, sizeof payment->id);
    memcpy(payment->of, refund->of, sizeof payment->of);
    memcpy(payment->reference, refund->reference, sizeof payment->reference);
    payments->n += !again;
    return CF_OK;
}

static struct cf_tender tender_of(const struct cf_open_payment *payment)
{
    struct cf_tender tender = {.kind = payment->kind, .amount_minor = payment->amount_minor};
    (void)snprintf(tender.reference, sizeof tender.reference, "%s", payment->reference);
    tender.has_id = true;
    memcpy(tender.id, payment->id, sizeof tender.id);
    return tender;
}

static void take_off(struct cf_open_payment *payment, struct cf_tenders *tenders)
{
    for (size_t i = 0; payment->tendered && i < tenders->n; i++)
        if (tenders->tender[i].has_id && memcmp(tenders->tender[i].id, payment->id, sizeof payment->id) == 0) {
            cf_tenders_remove(tenders, i);
            payment->tendered = false;
        }
}

enum cf_rc cf_open_payments_take(struct cf_open_payments *payments, struct cf_tenders *tenders,
                                 const struct cf_step_payment *what, struct cf_error *err)
{
    enum cf_payment_state next;
    size_t i = place_of(payments, what->id);
    if (i == payments->n)
        return cf_fail(err, CF_E_NOT_FOUND, "there is no such payment on this sale");
    struct cf_open_payment *payment = &payments->at[i];
    enum cf_rc rc = cf_payment_step(payment->state, what->event, &next, err);
    if (rc != CF_OK)
        return rc;
    bool was_asked = payment->state == CF_PAYMENT_ASKED || payment->state == CF_PAYMENT_UNKNOWN;
    payment->state = next;
    if (what->event == CF_PAYMENT_REVERSE)
        payment->mark = what->mark;
    if (next == CF_PAYMENT_OWED)
        payment->asked = true;
    if (next == CF_PAYMENT_APPROVED && was_asked) {
        memcpy(payment->reference, what->reference, sizeof payment->reference);
        struct cf_tender tender = tender_of(payment);
        payment->tendered = cf_tenders_add(tenders, &tender, NULL) == CF_OK; /* else cf_open_payments_misfit */
    }
    if (cf_payment_is_over(next)) {
        take_off(payment, tenders);
        payments->n--;
        memmove(payment, payment + 1, (payments->n - i) * sizeof *payment);
    }
    return CF_OK;
}
