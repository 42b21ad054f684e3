/*
 * drivers/port/pay_port.h - whoever takes money for the till: a card terminal, or a payment provider.
 *
 * The till calls these in the order of app/core/payment.h and journals before each call; an implementation keeps
 * nothing over a restart of the till, so all it needs to ask again is in the order: the id, or a mark that it gave
 * itself. Calls block up to a time-out of the implementation's own. The answer is one of three; whatever is not surely
 * yes or no is unknown. One thread.
 */
#ifndef CF_DRIVERS_PORT_PAY_PORT_H
#define CF_DRIVERS_PORT_PAY_PORT_H

#include "base/bytes.h"
#include "base/money.h"

#define CF_PAY_ID_BYTES 16
#define CF_PAY_MARK_MAX 64
#define CF_PAY_REFERENCE_MAX 64
#define CF_PAY_CODE_MAX 64
#define CF_PAY_TEXT_MAX 128

/* What the other side remembered last, before it was asked: whoever has no ids of ours tells an attempt by it. */
struct cf_pay_mark {
    size_t n;
    uint8_t b[CF_PAY_MARK_MAX];
};
struct cf_pay_order {
    uint8_t id[CF_PAY_ID_BYTES];
    int64_t amount_minor;
    cf_currency currency;
    const char *code;      /* what a shopper's phone showed; NULL: none, or it is not known any more */
    const char *reference; /* of what is to be given back; NULL for a payment */
    const uint8_t *of;     /* of a refund: the id of the payment, CF_PAY_ID_BYTES; NULL for anything else */
    bool whole;            /* of a refund: it is all of that payment, and was not refused before */
    struct cf_pay_mark mark;
};
enum cf_pay_outcome {
    CF_PAY_UNKNOWN = 0, /* so that an answer nobody filled in is this */
    CF_PAY_YES = 1,
    CF_PAY_NO = 2, /* it was not done, and it will not be done by this order later */
};
struct cf_pay_answer {
    enum cf_pay_outcome outcome;
    char reference[CF_PAY_REFERENCE_MAX + 1]; /* of YES: how the other side names it */
    char text[CF_PAY_TEXT_MAX + 1];           /* why not, or why unknown: for the cashier */
};
struct cf_pay_totals {
    bool known;
    uint64_t count;
    int64_t total_minor;
};

struct cf_pay_ops {
    /* Before a payment, a reversal or a refund, while nothing is asked yet. CF_E_PAYMENT_LINK: nobody is there. */
    enum cf_rc (*mark)(void *ctx, struct cf_pay_mark *ret, struct cf_error *err);
    /* `again`: this order may have been sent before, by this till; it is carried out once at most. */
    void (*pay)(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret);
    /* What became of a payment. NO also makes sure that it does not come to pass later. */
    void (*query)(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret);
    void (*reverse)(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret);
    void (*query_reverse)(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret);
    /* Gives back part or all of a payment of before, under the order's own id: once at most. */
    void (*refund)(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret);
    void (*query_refund)(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret);
    /* Closes the other side's day. */
    enum cf_rc (*end_of_day)(void *ctx, struct cf_pay_totals *ret, struct cf_error *err);
    /* NULL: it cannot. From any thread: what goes on in another shall end soon, as if the shopper took too long; its
     * answer says how it ended. And the next query sees to it that what is still open never comes to pass. */
    void (*stop)(void *ctx);
};
struct cf_pay_port {
    const struct cf_pay_ops *ops; /* NULL: there is none */
    void *ctx;
};

#endif
