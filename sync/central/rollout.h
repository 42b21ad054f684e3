/*
 * sync/central/rollout.h - which terminals are told to run which release, and when to stop telling them.
 *
 * A roll-out is for the terminals of a store, or all, up to a share of them; each has a place in it by its number
 * (cf_rollout_place). It begins with the first hundredth, one at least. Once all of those run it and are healthy it
 * goes to the rest. It stops by itself with the first of the first that fails, later when more than a hundredth has
 * failed.
 */
#ifndef CF_CENTRAL_ROLLOUT_H
#define CF_CENTRAL_ROLLOUT_H

#include "app/core/release.h"
#include "sync/central/state.h"

enum cf_rollout_state { CF_ROLLOUT_RUNS = 1, CF_ROLLOUT_STOPPED = 2 };
#define CF_ROLLOUT_WHY_MAX 127

struct cf_rollout {
    uint32_t number, release, store; /* store 0: all */
    uint32_t share_bp;
    enum cf_update_when when;
    uint16_t minute;
    uint32_t bytes_per_s;
    enum cf_rollout_state state;
    bool widened; /* beyond the first hundredth */
    char why[CF_ROLLOUT_WHY_MAX + 1];
    cf_wall begun;
};
/* How many terminals it is for, and how far they are. */
struct cf_rollout_figures {
    uint32_t meant, first, told, activated, failed;
};

/* As stored in a row of ROLLOUT_GET or RELEASE_GET. */
void cf_rollout_of_row(const struct cf_value *row, struct cf_rollout *ret);
enum cf_rc cf_release_of_row(const struct cf_value *row, struct cf_release *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_UPDATE_NONE. */
enum cf_rc cf_release_get(struct cf_central *central, uint32_t number, struct cf_release *ret,
                          struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_rollout_get(struct cf_central *central, uint32_t number, struct cf_rollout *ret,
                          struct cf_error *err) CF_MUST_CHECK;

/* Inside a transaction: looks at all terminals, tells those that are to be told, and stops or widens the roll-out if it
 * is time. *rollout is as it is then. */
enum cf_rc cf_rollout_advance(struct cf_central *central, struct cf_rollout *rollout,
                              struct cf_error *err) CF_MUST_CHECK;
/* The same of all that run. */
enum cf_rc cf_rollouts_advance(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;
/* Inside a transaction. Whoever was told and does not run it yet is told to keep what it runs. */
enum cf_rc cf_rollout_stop(struct cf_central *central, struct cf_rollout *rollout, const char *why,
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_rollout_put(struct cf_central *central, const struct cf_rollout *rollout,
                          struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_rollout_look(struct cf_central *central, const struct cf_rollout *rollout, struct cf_rollout_figures *ret,
                           struct cf_error *err) CF_MUST_CHECK;

#endif
