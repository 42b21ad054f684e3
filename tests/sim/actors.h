/*
 * tests/sim/actors.h - who does what in a simulated history: cashiers, shoppers, the online shop, marketing, and fate.
 */
#ifndef CF_TESTS_SIM_ACTORS_H
#define CF_TESTS_SIM_ACTORS_H

#include "tests/sim/world.h"

/* One event by somebody, chosen by chance; time passes. */
void actors_step(struct world *world);
/* The links are whole, late requests arrive, nobody crashes: tills close what is open and sync until all is sent. */
void actors_heal(struct world *world);

#endif
