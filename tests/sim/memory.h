/*
 * tests/sim/memory.h - memory for SQLite in a simulation: its library allocates each small thing by malloc, and a
 * simulation does little else. One thread.
 */
#ifndef CF_TESTS_SIM_MEMORY_H
#define CF_TESTS_SIM_MEMORY_H

/* Before any other use of SQLite. */
void memory_begin(void);

#endif
