/*
 * tests/unit/terminal/park_support.h - what a store's hub says of parked sales, as a table in memory: the rules of
 * sync/hub/parked.c, to hold a till against. A second till of the store is a second name for who asks.
 */
#ifndef CF_TESTS_TERMINAL_PARK_SUPPORT_H
#define CF_TESTS_TERMINAL_PARK_SUPPORT_H

#include "sync/wire/parked.h"
#include "tests/unit/terminal/till_support.h"

#define PARK_ROWS 64
#define PARK_OTHER 22u /* the other till */

struct park_row {
    uint8_t key[CF_REQUEST_KEY_BYTES];
    int state; /* 1 waits, 2 taken, 3 over, 4 given up */
    uint32_t by;
    struct cf_parked sale;
    uint8_t steps[16384];
};
struct park_hub {
    size_t n;
    struct park_row rows[PARK_ROWS];
    unsigned asked; /* messages about parked sales */
};

/* A shop with such a hub behind it, heard of; its hub is *ret. Free with park_done. */
struct park_hub *park_begin(struct shop *shop);
void park_done(struct shop *shop);
size_t park_waiting(const struct park_hub *hub);
/* The other till takes this sale, or says that it has it. */
enum cf_rc park_other_takes(struct park_hub *hub, const char *label);

#endif
