/*
 * tests/sim/network.h - the network between tills and the centre: loses requests and answers, delivers late and twice,
 * is cut for hours, or lets through in one direction only. What arrives is handled by cf_central_handle.
 */
#ifndef CF_TESTS_SIM_NETWORK_H
#define CF_TESTS_SIM_NETWORK_H

#include "tests/sim/world.h"

/* As net_exchange of base/env.h: CF_E_LINK_DOWN only if nothing was sent. */
enum cf_rc network_exchange(struct node *node, const struct cf_net_request *request, int *ret_status,
                            struct cf_buf *ret_body, struct cf_error *err);
/* A thief sends again what some till sent before, as that till (whose keys he has) or as another. */
void network_replay(struct world *world);
/* What is late and due arrives; all of it at the end. */
void network_deliver_late(struct world *world, bool all);

#endif
