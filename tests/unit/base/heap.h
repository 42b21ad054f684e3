/*
 * tests/unit/base/heap.h - a heap that counts, and that runs out when a test says so.
 *
 * Linked with --wrap: sees the calls of our own code, not those within the C library.
 */
#ifndef CF_TESTS_UNIT_BASE_HEAP_H
#define CF_TESTS_UNIT_BASE_HEAP_H

#include <stdint.h>

/* Allocations so far. */
extern uint64_t heap_calls;
/* How many more succeed; all, as long as it is negative. */
extern int64_t heap_calls_left;

#endif
