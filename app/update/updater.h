/*
 * app/update/updater.h - carries an update out, a little at a time, beside the sync.
 *
 * update.h decides; this has the bundle in DIR/update/bundle, the state in DIR/update/state, the centre by env's
 * network, and the programs that install and restart. A call does a bounded piece of work and returns; whatever is
 * killed or cut goes on from what is on the disk. One thread.
 */
#ifndef CF_UPDATE_UPDATER_H
#define CF_UPDATE_UPDATER_H

#include "app/store/journal.h"
#include "app/store/replica.h"
#include "app/update/update.h"

struct cf_updater_config {
    const char *dir;       /* of the till */
    const char *installer; /* RAUC: `installer install BUNDLE`, `installer status mark-active other` */
    const char *restart;   /* restarts the machine */
    const char *health;    /* `health health --dir DIR`: exit status 0 if the machine is fit to sell */
};
struct cf_updater;

/* Borrows the texts of config. Makes DIR/update. A state that cannot be read counts as none: what was fetched is
 * fetched again. */
enum cf_rc cf_updater_new(const struct cf_updater_config *config, const struct cf_machine_facts *facts,
                          const struct cf_env *env, struct cf_updater **ret, struct cf_error *err) CF_MUST_CHECK;
/* Programs that it started are ended. */
void cf_updater_free(struct cf_updater *updater);

/*
 * Looks at what the centre ordered and does the next piece. `env` reaches the centre's port for terminals.
 * *ret_soon: there is more to do at once. Errors of a piece are told in *err and tried again with the next call;
 * nothing of them stops the sync.
 */
enum cf_rc cf_updater_work(struct cf_updater *updater, const struct cf_env *env, struct cf_replica *replica,
                           struct cf_journal *journal, bool *ret_soon, struct cf_error *err) CF_MUST_CHECK;
const struct cf_update *cf_updater_state(const struct cf_updater *updater);

#endif
