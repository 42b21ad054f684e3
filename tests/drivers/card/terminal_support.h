/*
 * tests/drivers/card/terminal_support.h - a card terminal on a port of its own, in a thread: keeps receipts, and does
 * wrong what the test asks for.
 */
#ifndef CF_TESTS_DRIVERS_CARD_TERMINAL_SUPPORT_H
#define CF_TESTS_DRIVERS_CARD_TERMINAL_SUPPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum terminal_does {
    T_AGREES,
    T_DECLINES,           /* a status that says so, and an abort */
    T_ABORTS,             /* an abort alone */
    T_REFUSES,            /* 84 83: takes no such command */
    T_CUTS_BEFORE,        /* the line, before it decides */
    T_CUTS_AFTER,         /* after it has taken the money, before it says so */
    T_CUTS_AFTER_STATUS,  /* it has said yes, and the end of the conversation is missing */
    T_CUTS_IN_THE_MIDDLE, /* of an APDU */
    T_GARBAGE,            /* takes the money, and talks nonsense */
    T_HALF_STATUS,        /* a status that cannot be read */
    T_NO_STATUS,          /* an end without one */
    T_OTHER_AMOUNT,
    T_YES_THEN_ABORTS,
    T_SILENT, /* until it is told to abort: then it aborts */
    T_SILENT_FOR_EVER,
    T_SLOW,              /* byte by byte */
    T_DECLINES_SILENTLY, /* keeps a receipt of the refusal, and cuts the line */
};
struct terminal_receipt {
    int64_t amount_minor;
    uint8_t result;
    uint32_t original; /* trace; 0: a payment */
    bool reversed;
    bool refund;
};
struct terminal {
    int listener;
    uint16_t port;
    pthread_t thread;
    volatile enum terminal_does does; /* on the next payment or reversal; then it is good again */
    volatile bool busy;               /* answers nothing but "please wait" */
    volatile unsigned tid;
    volatile bool forgets;        /* repeats no receipts */
    void (*registers)(void *ctx); /* called in the terminal's thread while a till makes its line; NULL: nothing */
    void *ctx;
    unsigned n;
    struct terminal_receipt receipts[64]; /* number i + 1, trace i + 101 */
};

void terminal_start(struct terminal *terminal);
void terminal_stop(struct terminal *terminal);
/* Taken and not reversed. */
int64_t terminal_holds(const struct terminal *terminal);

#endif
