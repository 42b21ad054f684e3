/*
 * tests/unit/terminal/bank_support.h - a bank that takes money for tills, in memory that outlives the till's process.
 *
 * It is a port of drivers/port/pay_port.h for cards and for phones at once. What it does next is set by the test; what
 * it took stands in its books, by id, which is what the till's journal is held against.
 */
#ifndef CF_TESTS_TERMINAL_BANK_SUPPORT_H
#define CF_TESTS_TERMINAL_BANK_SUPPORT_H

#include "app/terminal/till.h"

#define BANK_PAYMENTS_MAX 512

enum bank_does {
    BANK_AGREES,       /* says yes, by the book */
    BANK_REFUSES,      /* says no */
    BANK_NEVER_HEARS,  /* the line is cut before it decides */
    BANK_IS_NOT_HEARD, /* it says yes, and the line is cut */
    BANK_NO_IS_NOT_HEARD,
    BANK_IS_AWAY, /* and says so before anything is asked */
};
struct bank_payment {
    uint8_t id[CF_PAY_ID_BYTES];
    int64_t amount_minor;
    bool taken, returned;
    bool closed;        /* never to be taken, or given back */
    bool refund, given; /* it is one, of the payment `of`; it was given */
    size_t of;
    char reference[CF_PAY_REFERENCE_MAX + 1];
};
struct bank {
    enum bank_does pays, answers, reverses, refunds; /* to pay; to all queries; to reverse; to refund */
    size_t n;
    struct bank_payment payments[BANK_PAYMENTS_MAX];
    unsigned asked, queried, reversed, refunded;
    char code[CF_PAY_CODE_MAX + 1]; /* of the last payment */
    unsigned hooks, kill_at_hook;   /* a place inside of the bank at which the till's process is killed; 0: never */
};

struct bank *bank_new(void); /* shared with children */
void bank_free(struct bank *bank);
struct cf_pay_port bank_port(struct bank *bank);
/* Taken and not returned, of all payments, less what was refunded. */
int64_t bank_holds(const struct bank *bank);

#endif
