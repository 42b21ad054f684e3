/*
 * app/update/fleet.h - tells the centre how this machine is, and sends the logs of the last hour where the store
 * agreed.
 *
 * A report goes up when something a person would act on has changed, and else every few minutes. Logs go up only while
 * a manager's consent stands in DIR/logs.consent, which the till writes with a record of it (record type 21): whatever
 * the centre asks, this machine decides. One thread.
 */
#ifndef CF_UPDATE_FLEET_H
#define CF_UPDATE_FLEET_H

#include "app/store/journal.h"
#include "app/store/replica.h"
#include "app/update/update.h"

struct cf_fleet_config {
    const char *dir;  /* of the till */
    const char *root; /* vitals.h */
    const char *log;  /* whose last hour may be asked for; NULL: none */
    uint32_t terminal, epoch;
};
struct cf_fleet;

/* Borrows the texts of config. */
enum cf_rc cf_fleet_new(const struct cf_fleet_config *config, const struct cf_env *env, struct cf_fleet **ret,
                        struct cf_error *err) CF_MUST_CHECK;
void cf_fleet_free(struct cf_fleet *fleet);
/* What this machine is, with the format of the journal that its program writes. */
enum cf_rc cf_fleet_facts(const char *root, const struct cf_env *env, struct cf_machine_facts *ret,
                          struct cf_error *err) CF_MUST_CHECK;

/* Reports if it is time, and answers what the centre asks. Its errors stop nothing. */
enum cf_rc cf_fleet_work(struct cf_fleet *fleet, const struct cf_env *env, struct cf_replica *replica,
                         struct cf_journal *journal, const struct cf_update *update,
                         struct cf_error *err) CF_MUST_CHECK;

#endif
