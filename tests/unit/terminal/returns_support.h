/*
 * tests/unit/terminal/returns_support.h - what tests of goods that come back share: receipts by their number, a sale
 * that somebody else tells of, and a link.
 */
#ifndef CF_TESTS_TERMINAL_RETURNS_SUPPORT_H
#define CF_TESTS_TERMINAL_RETURNS_SUPPORT_H

#include "tests/unit/terminal/till_support.h"

/* "21-1-000005", of the shop's till; valid until the next call. */
const char *returns_receipt(uint64_t seq);
/* What whoever is asked for a sale tells: a copy of one that this till made. */
struct other_sale {
    struct cf_sale *sale;
    struct cf_buf bytes;
    struct cf_sale_reply reply;
};
void other_sale_of(struct shop *shop, uint64_t seq, struct other_sale *ret);
void other_sale_done(struct shop *shop, struct other_sale *other);
/* The centre may be asked, and that is how the link is. */
void shop_go_online(struct shop *shop, enum cf_rc net_rc);

/* Why the goods of that return came back; valid until the next call. */
const char *returns_reason(struct shop *shop, uint64_t seq);

#endif
