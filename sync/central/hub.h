/*
 * sync/central/hub.h - the hubs of stores: who is one, what the store was leased through it, and its end.
 *
 * Inside a transaction only (state.h). A hub is one assignment of one terminal in one epoch. It ends with the next
 * assignment, with its terminal's epoch, or when it is seen not to be itself any more; then what the store was leased
 * and has not accounted for is stranded, and so are the coupons pinned to the store. Facts that a hub that has ended
 * was part of are still booked, from what was stranded with it.
 */
#ifndef CF_CENTRAL_HUB_H
#define CF_CENTRAL_HUB_H

#include "app/core/lease_return.h"
#include "sync/central/ledger.h"

enum cf_hub_end { CF_HUB_ACTIVE = 1, CF_HUB_REPLACED = 2, CF_HUB_FENCED = 3 };

struct cf_hub_row {
    uint64_t id;
    uint32_t store, epoch;
    uint32_t terminal; /* of its log */
    uint64_t log;
};
/* The store's active hub; *ret_found false if it has none. */
enum cf_rc cf_hub_active(struct cf_central *central, uint32_t store, struct cf_hub_row *ret, bool *ret_found,
                         struct cf_error *err) CF_MUST_CHECK;

/* The store as a holder of leases, through this hub. */
struct cf_holder cf_holder_of_hub(const struct cf_hub_row *hub, bool active);
/* The hub that the store of this log had in that epoch, whether it still is one or not. */
enum cf_rc cf_hub_holder(struct cf_central *central, const struct cf_log *log, uint32_t hub_epoch,
                         struct cf_holder *ret, bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
/* The terminal that is a hub tells what of the store's lease came back, as far as there is that much, else with an
 * alarm. CF_E_RANGE, and nothing moved: it is not that hub, or gives nothing back. What an ended hub gives back stays
 * stranded. */
enum cf_rc cf_hub_return(struct cf_central *central, const struct cf_log *log, const struct cf_hub_lease_return *given,
                         struct cf_error *err) CF_MUST_CHECK;
/* Is the log's terminal a hub whose store gets a lease of the campaign? */
enum cf_rc cf_hub_may_hold(struct cf_central *central, const struct cf_account *account, const struct cf_log *log,
                           bool *ret, struct cf_error *err) CF_MUST_CHECK;
/* If it is one: brings the store's lease up to what it should have, and tells it. `sharers`: as for cf_ledger_top_up.
 */
enum cf_rc cf_hub_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                         int64_t sharers, struct cf_error *err) CF_MUST_CHECK;

/* A terminal was enrolled: its store's hub is to know its key. */
enum cf_rc cf_hub_tell_terminal(struct cf_central *central, const struct cf_log *log, const cf_public_key *sign_key,
                                bool fenced, struct cf_error *err) CF_MUST_CHECK;
/* A log has ended or was set apart: if its terminal is a hub, that ends too. Before the log's state is changed. */
enum cf_rc cf_hub_log_ends(struct cf_central *central, const struct cf_log *log, struct cf_error *err) CF_MUST_CHECK;

/* Ends the hub: strands, and tells the store's tills that there is none. */
enum cf_rc cf_hub_end(struct cf_central *central, const struct cf_hub_row *hub, enum cf_hub_end how, const char *why,
                      struct cf_error *err) CF_MUST_CHECK;

#endif
