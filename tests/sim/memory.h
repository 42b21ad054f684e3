/*
 * tests/sim/memory.h - memory in a simulation: SQLite allocates each small thing by malloc, and a simulation does
 * little else; and the shipped code's large blocks (linked with --wrap) are touched only where they are used. One
 * thread.
 */
#ifndef CF_TESTS_SIM_MEMORY_H
#define CF_TESTS_SIM_MEMORY_H

/* Before any other use of SQLite. */
void memory_begin(void);

#endif
