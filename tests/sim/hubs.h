/*
 * tests/sim/hubs.h - the hubs of stores: a third process on the machine whose terminal the centre made the hub.
 */
#ifndef CF_TESTS_SIM_HUBS_H
#define CF_TESTS_SIM_HUBS_H

#include "tests/sim/world.h"

/* The centre gives the role to some terminal of a store, or takes it away. */
void hubs_assign(struct world *world);
/* After a sync of this machine: begins or ends the role as the replica says, and does what the sync does for a hub. */
/* A round with the centre that began under this hub's assignment came to its end. */
void hubs_heard(struct node *node);
void hubs_tick(struct node *node);
/* What the till's sync has to say to its store's hub. centre: its cycle with the centre ended well. */
void hubs_sync(struct node *node, bool centre);
/* The hub's process is gone: closed, or, if `in_call`, left as it is. */
void hubs_end(struct node *node, bool in_call);
/* A message over the store's network. CF_E_LINK_DOWN: nothing was sent. */
enum cf_rc hubs_exchange(struct node *node, const struct cf_net_request *request, int *ret_status,
                         struct cf_buf *ret_body, struct cf_error *err);

#endif
