/*
 * tests/unit/terminal/accounts_support.h - a centre that keeps the balance of one card, for a shop's till: in memory
 * that a killed child shares, so that a test holds its books against the till's.
 */
#ifndef CF_TESTS_TERMINAL_ACCOUNTS_SUPPORT_H
#define CF_TESTS_TERMINAL_ACCOUNTS_SUPPORT_H

#include "sync/wire/value.h"

#define ACCOUNTS_HOLDS_MAX 64
#define ACCOUNTS_CARD 4242u

enum accounts_does {
    ACCOUNTS_ANSWERS,
    ACCOUNTS_NEVER_HEARS, /* and the till knows it */
    ACCOUNTS_LOSES_ANSWER,
};
struct accounts {
    enum accounts_does does;
    int64_t issued, balance;
    unsigned asked;
    unsigned kill_at_ask; /* the process, after this ask was heard; 0: never */
    size_t n;
    struct accounts_hold {
        uint8_t key[CF_VALUE_KEY_BYTES];
        int64_t amount;
        enum { HOLD_HELD = 1, HOLD_VOID = 2, HOLD_SPENT = 3 } state;
    } holds[ACCOUNTS_HOLDS_MAX];
};

struct accounts *accounts_new(int64_t issued_minor);
void accounts_free(struct accounts *accounts);
/* What the till asks, and what its records say. */
enum cf_rc accounts_exchange(struct accounts *accounts, cf_bytes request, int *ret_status, struct cf_buf *ret_reply,
                             struct cf_error *err);
void accounts_void(struct accounts *accounts, const uint8_t key[CF_VALUE_KEY_BYTES]);
/* False: nothing of that amount is held under the key. */
bool accounts_settle(struct accounts *accounts, const uint8_t key[CF_VALUE_KEY_BYTES], int64_t amount_minor);
int64_t accounts_held(const struct accounts *accounts);
int64_t accounts_spent(const struct accounts *accounts);

#endif
