/*
 * app/syncd/machine_role.h - the machine that the sync runs on: its updates, and what the centre is told of it.
 *
 * Beside the link to the centre and never before it: its errors are logged, and stop nothing. One thread.
 */
#ifndef CF_SYNCD_MACHINE_ROLE_H
#define CF_SYNCD_MACHINE_ROLE_H

#include "app/terminal/sync_session.h"
#include "base/log.h"

struct cf_machine_role_options {
    const char *dir;
    const char *installer, *restart; /* updater.h; NULL: RAUC, and systemd's reboot */
    const char *root;                /* vitals.h; NULL: that of this machine */
    const char *log;                 /* the sync's own; NULL: none */
};
struct cf_machine_role;

/* Borrows the texts. NULL if there is no memory for it, or the folder cannot be written: then it is said in the log. */
struct cf_machine_role *cf_machine_role_new(const struct cf_machine_role_options *options, struct cf_log *log);
void cf_machine_role_free(struct cf_machine_role *role);
/* After a cycle. True: there is more to do at once. */
bool cf_machine_role_follow(struct cf_machine_role *role, struct cf_sync_session *session, bool linked);

#endif
