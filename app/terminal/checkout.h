/*
 * app/terminal/checkout.h - the state machine of a sale: which event is allowed when, and where it leads.
 *
 * Pure: step(state, event, facts) -> state, verdict. What an event does to cart, coupons and tenders is in sale.c; this
 * says only whether it may happen now. Member, coupon and goods come in any order before the first tender.
 */
#ifndef CF_TERMINAL_CHECKOUT_H
#define CF_TERMINAL_CHECKOUT_H

#include "base/error.h"

enum cf_checkout_state {
    CF_CHECKOUT_IDLE,      /* no sale */
    CF_CHECKOUT_SELLING,   /* goods, member and coupons are taken */
    CF_CHECKOUT_TENDERING, /* part is paid; the price stands still */
    CF_CHECKOUT_PAID,      /* all is paid: to be committed */
    CF_CHECKOUT_PAYING, /* a payment was asked for elsewhere, or asked back, and its outcome is not known; or a return
                           owes a refund: stands still */
};
enum cf_checkout_event {
    CF_EVENT_GOODS,
    CF_EVENT_MEMBER,
    CF_EVENT_COUPON,
    CF_EVENT_CHANGE_LINE, /* quantity, price, void */
    CF_EVENT_TENDER,
    CF_EVENT_UNTENDER, /* gives all tenders back */
    CF_EVENT_COMMITTED,
    CF_EVENT_CANCEL,
    CF_EVENT_PARK,
    CF_EVENT_RECALL,
    CF_EVENT_CLOSE_DAY,
    CF_EVENT_RETURN,  /* goods of an earlier sale come back */
    CF_EVENT_PAY,     /* a payment is asked for elsewhere */
    CF_EVENT_REVERSE, /* one that was taken is asked back */
    CF_EVENT_PAYMENT, /* something became of one: an answer, a retry, a manager's word */
    CF_EVENT_REFUND,  /* a return that is committed owes something that somebody else took */
};
/* What the sale looks like, after the event for TENDER and PAYMENT, before it for the others. */
struct cf_checkout_facts {
    bool has_goods; /* at least one line that is not void */
    bool settled;
    bool payment_open; /* the outcome of a payment is not known */
    bool has_paid;     /* something is paid, by whatever tender */
};

/* CF_OK and *ret_next; or CF_E_SALE_NONE, _SALE_EMPTY, _SALE_OPEN, _SALE_TENDERED, _PAYMENT_OPEN, _STATE. */
enum cf_rc cf_checkout_step(enum cf_checkout_state state, enum cf_checkout_event event,
                            const struct cf_checkout_facts *facts, enum cf_checkout_state *ret_next,
                            struct cf_error *err) CF_MUST_CHECK;
const char *cf_checkout_state_name(enum cf_checkout_state state);

#endif
