/*
 * tests/unit/terminal/crash/kill_support.h - a whole till in a process of its own, killed at the write that the test
 * chose (tests/support/sync_shim.h).
 */
#ifndef CF_TESTS_KILL_SUPPORT_H
#define CF_TESTS_KILL_SUPPORT_H

#include <stdbool.h>

#include "tests/unit/terminal/till_support.h"

/* Opens the shop's till in a child, and there does `act` with it, whose writes alone count for kill_at of the shim.
 * Returns whether the child was killed; the test fails if `act` said no. The shop stays closed here. */
bool kill_in_child(struct shop *shop, bool (*act)(struct shop *shop));

#endif
