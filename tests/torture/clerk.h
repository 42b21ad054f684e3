/*
 * tests/torture/clerk.h - what people do at the till and at the centre, by chance, until the power goes.
 */
#ifndef CF_TESTS_TORTURE_CLERK_H
#define CF_TESTS_TORTURE_CLERK_H

#include "tests/torture/shop.h"

/* One thing: a sale or a part of one, the end of a day, a sync, a program ended and started, an order online. */
void clerk_step(struct shop *shop);
/* What a cashier is offered when the till starts: receipts that may not be on paper. */
void clerk_reprint(struct shop *shop);
/* All is mended: no sale is left open, and everything is synced. */
void clerk_finish(struct shop *shop);

#endif
