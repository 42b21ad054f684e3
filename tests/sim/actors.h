/*
 * tests/sim/actors.h - who does what in a simulated history: cashiers and syncs (actors.c), shoppers, the online shop
 * and marketing (shoppers.c), fate (fate.c).
 */
#ifndef CF_TESTS_SIM_ACTORS_H
#define CF_TESTS_SIM_ACTORS_H

#include "tests/sim/plan.h"
#include "tests/sim/world.h"

/* One event of the plan, and the checks after it. */
void actors_do(struct world *world, const struct sim_event *event);
/* The links are whole, late requests arrive, nobody crashes; who was copied is enrolled anew; tills close what is open
 * and sync until all is sent. */
void actors_heal(struct world *world);
/* Within a sync that waits for an answer. */
void actors_interleave(struct node *node);

/* --- parts -------------------------------------------------------------------------------------------------------- */

bool actors_is_open(const struct node *node); /* its till runs and is open */
void cashier_open(struct node *node);
void cashier_serve(struct node *node);
void cashier_rest(struct node *node);
void cashier_take_back(struct node *node);
void cashier_close_day(struct node *node);
void cashier_sync(struct node *node);
/* A customer with this coupon and nothing else to do. */
void cashier_serve_coupon(struct node *node, const struct sim_coupon *coupon);

/* A shopper's phone or a shop asks; now and then the centre dies over it: status 0, and nobody knows what came of it.
 */
json_t *shoppers_ask(struct world *world, const char *method, const char *path, const char *body, int *ret_status);
void shoppers_claim(struct world *world);
void shoppers_pin(struct world *world);
void shoppers_erase(struct world *world);
void shoppers_order(struct world *world);
void shoppers_order_with(struct world *world, const struct sim_coupon *coupon);
void shoppers_everywhere(struct world *world);
void shoppers_at_home(struct world *world);
/* A coupon that is at home there is given up, pinned anew, and both are shown. */
void shoppers_move(struct node *node);
void marketing_change(struct world *world);
/* What her phone shows now. */
void shoppers_show_member(struct world *world, struct sim_member *member, char text[CF_CODE_TEXT_MAX]);
const struct sim_coupon *shoppers_any_coupon(struct world *world); /* NULL: there is none */
/* keyset: in force when the centre made it; 0: a till did. */
void shoppers_keep(struct world *world, uint32_t campaign, uint32_t index, int member, uint64_t keyset,
                   const char *text);

void thief_forges(struct node *node);

void fate_cut(struct world *world, struct node *node);
void fate_cut_lan(struct world *world, struct node *node);
void fate_end(struct world *world, struct node *node);
void fate_clock(struct node *node);
void fate_centre(struct world *world);
void fate_rotate(struct world *world);
void fate_enrol(struct node *node);

#endif
