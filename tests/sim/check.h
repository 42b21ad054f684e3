/*
 * tests/sim/check.h - the invariants of docs/REDEMPTION (section 4), held against journals, replicas and the centre.
 *
 * The centre is read from its database file, the tills from their journals, and what must agree is counted anew here:
 * a figure that is wrong at both ends in the same way is still found.
 */
#ifndef CF_TESTS_SIM_CHECK_H
#define CF_TESTS_SIM_CHECK_H

#include "tests/sim/world.h"

/* While it runs: no record that was committed is ever gone or another; a lease is never overspent; what is acknowledged
 * is at the centre with the same hash; each topic is a prefix of the centre's. */
void check_head(struct node *node);
void check_lease(struct node *node);
void check_acknowledged(struct node *node);
void check_topics(struct node *node);
/* When all is healed. */
void check_all(struct world *world);

#endif
