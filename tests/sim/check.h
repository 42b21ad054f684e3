/*
 * tests/sim/check.h - the invariants of the design (docs/simulation.md), held against journals, replicas and the
 * centre.
 *
 * The centre is read from its database file, the tills from their journals, and what must agree is counted anew here:
 * a figure that is wrong at both ends in the same way is still found. What truth.h can tell at once is checked there.
 */
#ifndef CF_TESTS_SIM_CHECK_H
#define CF_TESTS_SIM_CHECK_H

#include "tests/sim/world.h"

/* After anything that asked the centre: free + outstanding + spent + stranded = budget, of each campaign. */
void check_figures(struct world *world);
/* After a sync: what is acknowledged is at the centre with the same hash, what the centre has was written by this
 * terminal, each topic (if there is news of any) is a prefix of the centre's, no lease is overspent. */
void check_synced(struct node *node, bool news);
/* The centre saw two histories of these: no later acknowledgement may give them rights. */
void check_fork_is_fenced(struct world *world, uint32_t terminal, uint32_t epoch);
/* The centre has all records of this machine: facts count, also those of an epoch that is over. */
void check_told(struct node *node);
/* A hub that nobody copied was set apart: the centre has given the role to another meanwhile, or ended it. */
void check_hub_is_over(const struct node *node, uint32_t hub_epoch);
/* What the centre has of this machine's log: what a thief with its keys would ask for. */
void check_log(const struct node *node, uint64_t *ret_seq, struct cf_sha256 *ret_head, uint64_t *ret_incarnation);
/* When all is healed. */
void check_all(struct world *world);

/* Which set of keys is in force. */
void check_keyset(struct world *world);
/* The till looks what is new now. */
void check_keys_read(struct node *node);
/* The till called a code that the centre made under this set, or a later one, unknown: it may, if it has not heard of
 * that set or is wrong about the time. */
void check_code_is_known(struct node *node, const char *what, uint64_t keyset);
/* What the centre ever leased to this terminal in this epoch. */
int64_t check_granted(struct node *node, uint32_t campaign);
/* What of this campaign hubs of its store may hold, or have sub-leased: at most. */
int64_t check_with_hubs(struct node *node, uint32_t campaign);
/* What the centre holds of this account for sales of this machine. */
int64_t check_held(const struct node *node, uint32_t account);
/* The centre's books of an account, when all is healed. */
void check_account(struct world *world, uint32_t account, int64_t issued_minor, int64_t spent_minor,
                   int64_t homed_minor);
/* The centre's books of an order that was handed out in so many parts, when all is healed. */
void check_order(struct world *world, uint32_t order, unsigned n_taken, bool whole);
/* Before the centre's file is closed or cut: the handle that looks into it is closed. */
void check_forget_centre(void);

#endif
