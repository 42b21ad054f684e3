/*
 * app/terminal/checkout.c - see checkout.h. One function a state; every event stands in each.
 */
#include "app/terminal/checkout.h"

const char *cf_checkout_state_name(enum cf_checkout_state state)
{
    switch (state) {
    case CF_CHECKOUT_IDLE:
        return "idle";
    case CF_CHECKOUT_SELLING:
        return "selling";
    case CF_CHECKOUT_TENDERING:
        return "tendering";
    case CF_CHECKOUT_PAID:
        return "paid";
    case CF_CHECKOUT_PAYING:
        return "paying";
    }
    return "?";
}

static enum cf_rc when_idle(enum cf_checkout_event event, enum cf_checkout_state *ret_next)
{
    switch (event) {
    case CF_EVENT_GOODS:
    case CF_EVENT_MEMBER:
    case CF_EVENT_COUPON:
    case CF_EVENT_RECALL:
        *ret_next = CF_CHECKOUT_SELLING;
        return CF_OK;
    case CF_EVENT_CLOSE_DAY:
    case CF_EVENT_RETURN:
        *ret_next = CF_CHECKOUT_IDLE;
        return CF_OK;
    case CF_EVENT_REFUND:
        *ret_next = CF_CHECKOUT_PAYING;
        return CF_OK;
    case CF_EVENT_CHANGE_LINE:
    case CF_EVENT_TENDER:
    case CF_EVENT_UNTENDER:
    case CF_EVENT_COMMITTED:
    case CF_EVENT_CANCEL:
    case CF_EVENT_PARK:
    case CF_EVENT_PAY:
    case CF_EVENT_REVERSE:
    case CF_EVENT_PAYMENT:
        return CF_E_SALE_NONE;
    }
    return CF_E_INTERNAL;
}

/* Where a sale stands after something became of a payment. */
static enum cf_checkout_state after_payment(const struct cf_checkout_facts *facts)
{
    if (facts->payment_open)
        return CF_CHECKOUT_PAYING;
    if (!facts->has_goods) /* it was a refund, and no sale is open */
        return CF_CHECKOUT_IDLE;
    if (facts->settled)
        return CF_CHECKOUT_PAID;
    return facts->has_paid ? CF_CHECKOUT_TENDERING : CF_CHECKOUT_SELLING;
}

static enum cf_rc when_selling(enum cf_checkout_event event, const struct cf_checkout_facts *facts,
                               enum cf_checkout_state *ret_next)
{
    switch (event) {
    case CF_EVENT_GOODS:
    case CF_EVENT_MEMBER:
    case CF_EVENT_COUPON:
    case CF_EVENT_CHANGE_LINE:
        *ret_next = CF_CHECKOUT_SELLING;
        return CF_OK;
    case CF_EVENT_TENDER:
        if (!facts->has_goods)
            return CF_E_SALE_EMPTY;
        *ret_next = facts->settled ? CF_CHECKOUT_PAID : CF_CHECKOUT_TENDERING;
        return CF_OK;
    case CF_EVENT_PAY:
        if (!facts->has_goods)
            return CF_E_SALE_EMPTY;
        *ret_next = CF_CHECKOUT_PAYING;
        return CF_OK;
    case CF_EVENT_PARK:
    case CF_EVENT_CANCEL:
        *ret_next = CF_CHECKOUT_IDLE;
        return CF_OK;
    case CF_EVENT_RECALL:
    case CF_EVENT_CLOSE_DAY:
    case CF_EVENT_RETURN:
        return CF_E_SALE_OPEN;
    case CF_EVENT_UNTENDER:
    case CF_EVENT_COMMITTED:
    case CF_EVENT_REVERSE:
    case CF_EVENT_PAYMENT:
    case CF_EVENT_REFUND:
        return CF_E_STATE;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_tendering(enum cf_checkout_event event, const struct cf_checkout_facts *facts,
                                 enum cf_checkout_state *ret_next)
{
    switch (event) {
    case CF_EVENT_TENDER:
        *ret_next = facts->settled ? CF_CHECKOUT_PAID : CF_CHECKOUT_TENDERING;
        return CF_OK;
    case CF_EVENT_UNTENDER:
        *ret_next = CF_CHECKOUT_SELLING;
        return CF_OK;
    case CF_EVENT_PAY:
    case CF_EVENT_REVERSE:
        *ret_next = CF_CHECKOUT_PAYING;
        return CF_OK;
    case CF_EVENT_PAYMENT: /* one that was taken is settled elsewhere */
        *ret_next = after_payment(facts);
        return CF_OK;
    case CF_EVENT_GOODS:
    case CF_EVENT_MEMBER:
    case CF_EVENT_COUPON:
    case CF_EVENT_CHANGE_LINE:
    case CF_EVENT_PARK:
    case CF_EVENT_CANCEL:
        return CF_E_SALE_TENDERED;
    case CF_EVENT_RECALL:
    case CF_EVENT_CLOSE_DAY:
    case CF_EVENT_RETURN:
        return CF_E_SALE_OPEN;
    case CF_EVENT_COMMITTED:
    case CF_EVENT_REFUND:
        return CF_E_STATE;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_paid(enum cf_checkout_event event, const struct cf_checkout_facts *facts,
                            enum cf_checkout_state *ret_next)
{
    switch (event) {
    case CF_EVENT_COMMITTED:
        *ret_next = CF_CHECKOUT_IDLE;
        return CF_OK;
    case CF_EVENT_UNTENDER: /* the commit failed: a full disk, say */
        *ret_next = CF_CHECKOUT_SELLING;
        return CF_OK;
    case CF_EVENT_REVERSE:
        *ret_next = CF_CHECKOUT_PAYING;
        return CF_OK;
    case CF_EVENT_PAYMENT: /* as above */
        *ret_next = after_payment(facts);
        return CF_OK;
    case CF_EVENT_GOODS:
    case CF_EVENT_MEMBER:
    case CF_EVENT_COUPON:
    case CF_EVENT_CHANGE_LINE:
    case CF_EVENT_PARK:
    case CF_EVENT_CANCEL:
        return CF_E_SALE_TENDERED;
    case CF_EVENT_TENDER:
    case CF_EVENT_PAY:
    case CF_EVENT_REFUND:
        return CF_E_STATE;
    case CF_EVENT_RECALL:
    case CF_EVENT_CLOSE_DAY:
    case CF_EVENT_RETURN:
        return CF_E_SALE_OPEN;
    }
    return CF_E_INTERNAL;
}

/* Neither sold nor cancelled nor changed before it is known what became of the payment. */
static enum cf_rc when_paying(enum cf_checkout_event event, const struct cf_checkout_facts *facts,
                              enum cf_checkout_state *ret_next)
{
    switch (event) {
    case CF_EVENT_PAYMENT:
        *ret_next = after_payment(facts);
        return CF_OK;
    case CF_EVENT_REFUND: /* another one of the same return, or in the place of one */
        *ret_next = CF_CHECKOUT_PAYING;
        return CF_OK;
    case CF_EVENT_GOODS:
    case CF_EVENT_MEMBER:
    case CF_EVENT_COUPON:
    case CF_EVENT_CHANGE_LINE:
    case CF_EVENT_TENDER:
    case CF_EVENT_UNTENDER:
    case CF_EVENT_COMMITTED:
    case CF_EVENT_CANCEL:
    case CF_EVENT_PARK:
    case CF_EVENT_PAY:
    case CF_EVENT_REVERSE:
        return CF_E_PAYMENT_OPEN;
    case CF_EVENT_RECALL:
    case CF_EVENT_CLOSE_DAY:
    case CF_EVENT_RETURN:
        return CF_E_SALE_OPEN;
    }
    return CF_E_INTERNAL;
}

enum cf_rc cf_checkout_step(enum cf_checkout_state state, enum cf_checkout_event event,
                            const struct cf_checkout_facts *facts, enum cf_checkout_state *ret_next,
                            struct cf_error *err)
{
    enum cf_checkout_state next = state;
    enum cf_rc rc = CF_E_INTERNAL;
    switch (state) {
    case CF_CHECKOUT_IDLE:
        rc = when_idle(event, &next);
        break;
    case CF_CHECKOUT_SELLING:
        rc = when_selling(event, facts, &next);
        break;
    case CF_CHECKOUT_TENDERING:
        rc = when_tendering(event, facts, &next);
        break;
    case CF_CHECKOUT_PAID:
        rc = when_paid(event, facts, &next);
        break;
    case CF_CHECKOUT_PAYING:
        rc = when_paying(event, facts, &next);
        break;
    }
    if (rc != CF_OK)
        return cf_fail(err, rc, "the till is %s", cf_checkout_state_name(state));
    *ret_next = next;
    return CF_OK;
}
