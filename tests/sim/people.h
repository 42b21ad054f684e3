/*
 * tests/sim/people.h - who works at the tills, and what they may do.
 *
 * In some histories stores have users, from the beginning or from some day on: a manager who stays, and others who
 * come, go and rise at the centre while tills may be cut off. Whoever is at a till logs in as one of them, right or
 * wrong, and does what not everybody may do alone. The centre holds each record against who there ever was: any alarm
 * is a mistake.
 */
#ifndef CF_TESTS_SIM_PEOPLE_H
#define CF_TESTS_SIM_PEOPLE_H

#include "base/error.h"

struct world;
struct node;

void people_begin(struct world *world);
/* The centre's people change who works there. */
void people_change(struct world *world);
/* Somebody comes to the till; in healing the manager. */
void people_come(struct node *node);
/* After this refusal somebody else may have allowed the act: it is worth another try. */
bool people_allow(struct node *node, enum cf_rc refusal);
/* Something with the open sale that not everybody may do alone. */
void people_act(struct node *node);

#endif
