/*
 * app/syncd/hub_role.h - the part of the sync service that makes its terminal the hub of the store, while it is
 * assigned.
 *
 * The hub runs in a process of its own, so that no till waits for this one's link to the centre: a child that is
 * started, watched and ended here, and ends with us. Beside it this process brings the tills' records to the centre,
 * and tells it how far the hub has come. One thread.
 */
#ifndef CF_SYNCD_HUB_ROLE_H
#define CF_SYNCD_HUB_ROLE_H

#include "app/terminal/sync_session.h"
#include "base/log.h"

struct cf_hub_role;

/* dir, log: borrowed. relay_after: how long a till has to bring a batch itself. */
enum cf_rc cf_hub_role_new(const char *dir, cf_duration relay_after, struct cf_log *log, struct cf_hub_role **ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* Ends the child, too. Accepts NULL. */
void cf_hub_role_free(struct cf_hub_role *role);

/* After each cycle: starts or ends the hub as the replica says; with the centre in reach, relays and reports. */
void cf_hub_role_follow(struct cf_hub_role *role, struct cf_sync_session *session, bool centre);

/* What the child does: serves until it is told to end. The exit status; CF_HUB_ROLE_OVER: not again for this hub epoch.
 */
#define CF_HUB_ROLE_OVER 4
int cf_hub_role_serve(const char *dir, struct cf_log *log, const volatile int *stop);

#endif
