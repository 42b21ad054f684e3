/*
 * tests/sim/bank.h - whoever takes card payments in the simulated world: one bank for all tills, and a card terminal at
 * each, whose line is cut before the bank decides, or after it did.
 *
 * It keeps its books by the ids of payments. What stands in them is held against what the tills' records say: money
 * that was taken is a tender of one committed sale, or it went back. A port of drivers/port/pay_port.h; the till may
 * die at each look at it.
 */
#ifndef CF_TESTS_SIM_BANK_H
#define CF_TESTS_SIM_BANK_H

#include "app/core/payment.h"
#include "app/core/sale.h"
#include "drivers/port/pay_port.h"

struct world;
struct node;

struct bank_payment {
    uint8_t id[CF_PAY_ID_BYTES];
    uint32_t terminal, epoch; /* who asked for it */
    int64_t amount_minor;
    bool refund;
    size_t of;      /* of a refund: the payment */
    bool taken;     /* or given, of a refund */
    bool returned;  /* reversed as a whole */
    bool closed;    /* never to be carried out */
    bool committed; /* a sale's record has it; a refund: its own record */
};
struct bank {
    size_t n, cap;
    struct bank_payment *payment;
};

struct cf_pay_port bank_port(struct node *node);
/* A committed record names payments: they are what the bank has. */
void bank_saw_sale(struct node *node, const struct cf_sale *sale);
void bank_saw_payment(struct node *node, const struct cf_payment_record *record);
/* When all is healed, of a till that nobody copied: what was taken is sold, or went back. */
void bank_check(struct node *node);

#endif
