/*
 * tests/sim/facts.h - what the centre knows of members beside their points, and a promotion that asks for it.
 *
 * In some histories every second member has said a birthday and is in a segment, and has a card that says so. Who has
 * not is given nothing for it, anywhere.
 */
#ifndef CF_TESTS_SIM_FACTS_H
#define CF_TESTS_SIM_FACTS_H

#include "app/core/sale.h"

struct world;
struct node;

void facts_begin(struct world *world);
/* A committed sale. */
void facts_saw_sale(struct node *node, const struct cf_sale *sale);

#endif
