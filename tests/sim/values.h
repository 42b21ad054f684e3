/*
 * tests/sim/values.h - money on accounts in the simulated world: gift cards, store credit and points as money.
 *
 * Shoppers get cards at the centre, at the service desk that homes an amount to a till, and at tills that sell them;
 * they pay with them in stores and online. What was put on each card, where it lies and what was spent is counted anew
 * here, from the records as they are committed, as truth.h does for rights.
 */
#ifndef CF_TESTS_SIM_VALUES_H
#define CF_TESTS_SIM_VALUES_H

#include "app/core/sale_return.h"
#include "app/core/value.h"
#include "app/terminal/till.h"

struct world;
struct node;
struct sold;

struct value_account {
    uint32_t account;
    char text[CF_CODE_TEXT_MAX]; /* "": nobody has its code yet */
    int64_t issued_minor;
    int64_t spent_minor;     /* less what returns gave back */
    int64_t allowance_minor; /* what copies of tills may spend once more */
};
/* What lies at one terminal in one epoch, which spends it alone. */
struct value_home {
    uint32_t account, terminal, epoch;
    int64_t granted_minor, spent_minor, released_minor;
};
struct values {
    bool on; /* in some histories nobody has a card */
    size_t n, cap;
    struct value_account *account;
    size_t n_homes, homes_cap;
    struct value_home *home;
    size_t n_keys, keys_cap;
    uint8_t (*key)[CF_VALUE_KEY_BYTES]; /* of asks that sales have settled */
    bool loose;                         /* goods came back of which nobody here knows the sale */
};

/* The terms, if anybody has cards in this history. */
void values_begin(struct world *world);
/* Shoppers, the service desk and the online shop. */
void values_happen(struct world *world);
/* A shopper pays with a card or with points, a part or all of it. */
void values_pay(struct node *node, struct cf_till_sold *ret);
/* She buys a card with the rest. */
void values_buy_card(struct node *node);
/* The code of a card was on a receipt. */
void values_keep_code(struct world *world, uint32_t account, const char *text);

/* --- what committed records say ----------------------------------------------------------------------------------- */

void values_saw_sale(struct node *node, const struct cf_sale *sale);
void values_saw_release(struct node *node, const struct cf_value_release *release);
/* `of` is the sale as its record has it, and `sold` what is known of it; NULL: nobody knows which it was. */
void values_saw_return(struct node *node, const struct cf_return *back, struct sold *sold, const struct cf_sale *of);
/* Before a machine is copied: what it holds may be spent twice. */
void values_allow_copy(const struct node *node);
/* When all is healed. */
void values_check(struct world *world);

#endif
