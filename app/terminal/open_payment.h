/*
 * app/terminal/open_payment.h - the payments of the open sale that were asked for elsewhere (app/core/payment.h), and
 * the refunds that a committed return owes.
 *
 * At most one payment is open; those that were approved stay here beside their tenders, since they are to be reversed
 * if the sale does not come to pass. Refunds are asked for in their order, while no sale is open. What is over is gone.
 * Pure; part of open_sale.h.
 */
#ifndef CF_TERMINAL_OPEN_PAYMENT_H
#define CF_TERMINAL_OPEN_PAYMENT_H

#include "app/terminal/step.h"

#define CF_OPEN_PAYMENTS_MAX (CF_TENDERS_MAX + 1)

struct cf_open_payment {
    uint8_t id[CF_PAYMENT_ID_BYTES];
    enum cf_tender_kind kind;
    int64_t amount_minor;
    enum cf_payment_state state; /* never one that is over */
    char reference[CF_REFERENCE_MAX + 1];
    struct cf_pay_mark mark; /* of what is open */
    bool tendered;           /* it stands among the sale's tenders */
    /* of a refund */
    uint8_t of[CF_PAYMENT_ID_BYTES]; /* the payment; reference is that one's too */
    uint64_t return_seq;             /* 0: it is none */
    uint32_t tender_no;
    bool whole;
    bool asked; /* before, under this id or another: it was refused, or is */
};
struct cf_open_payments {
    size_t n;
    struct cf_open_payment at[CF_OPEN_PAYMENTS_MAX];
};

/* The one whose outcome is not known; NULL: none. */
const struct cf_open_payment *cf_open_payments_open(const struct cf_open_payments *payments);
/* NULL: there is none, or it is over. */
const struct cf_open_payment *cf_open_payments_find(const struct cf_open_payments *payments,
                                                    const uint8_t id[CF_PAYMENT_ID_BYTES]);
/* Was one taken that does not fit what is to be paid, since the price changed meanwhile? */
bool cf_open_payments_misfit(const struct cf_open_payments *payments);

/* CF_E_PAYMENT_OPEN, CF_E_LIMIT. */
enum cf_rc cf_open_payments_ask(struct cf_open_payments *payments, const struct cf_step_pay *pay,
                                struct cf_error *err) CF_MUST_CHECK;
/* A refund that is owed; or, in the place of the one of the same tender, which was refused. CF_E_LIMIT; CF_E_STATE if a
 * payment of a sale is here, or that one may still come to pass. */
enum cf_rc cf_open_payments_owe(struct cf_open_payments *payments, const struct cf_step_refund *refund,
                                struct cf_error *err) CF_MUST_CHECK;
/* Puts the tender of what was approved, if it fits, and takes off that of what went back. CF_E_NOT_FOUND, and errors of
 * cf_payment_step; then nothing has changed. */
enum cf_rc cf_open_payments_take(struct cf_open_payments *payments, struct cf_tenders *tenders,
                                 const struct cf_step_payment *what, struct cf_error *err) CF_MUST_CHECK;

#endif
