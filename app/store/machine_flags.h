/*
 * app/store/machine_flags.h - two small files in a till's folder, by which the till and the sync tell each other of the
 * machine that they run on. No records: what is to be remembered is in the journal.
 *
 * DIR/restarting: the machine is about to restart, and no sale may begin. The sync writes it before it looks a last
 * time whether somebody sells; the till looks for it once a sale's first step is in its journal, and takes that back if
 * it is there. Whichever comes second sees the other, so that the machine never goes down in a sale. It is of one boot:
 * after the restart it means nothing.
 *
 * DIR/logs.consent: until when a manager lets the centre see the logs of the last hour.
 */
#ifndef CF_STORE_MACHINE_FLAGS_H
#define CF_STORE_MACHINE_FLAGS_H

#include "base/env.h"

#define CF_LOGS_CONSENT_S 3600 /* a consent is good for so long at most */

/* On the disk when it returns. */
enum cf_rc cf_restart_flag_set(const struct cf_env *env, const char *dir, struct cf_error *err) CF_MUST_CHECK;
void cf_restart_flag_clear(const char *dir);
bool cf_restart_flag_is_set(const struct cf_env *env, const char *dir);

/* Seconds since 1970; 0 takes it back. */
enum cf_rc cf_logs_consent_set(const struct cf_env *env, const char *dir, int64_t until_s,
                               struct cf_error *err) CF_MUST_CHECK;
/* 0: there is none, or it is over. A clock that was set back makes none longer than it was given for. */
int64_t cf_logs_consent(const struct cf_env *env, const char *dir);

#endif
