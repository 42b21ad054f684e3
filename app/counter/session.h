/*
 * app/counter/session.h - who is logged in at a till, as programs beside it may read it.
 */
#ifndef CF_COUNTER_SESSION_H
#define CF_COUNTER_SESSION_H

#include "app/core/permit.h"

/*
 * Where the store has users: whoever logged in at the till of this folder, in this boot and at most `within_s` ago,
 * may do it, by the role that they have now. Nothing is written. Errors of cf_journal_open; CF_E_USER_NONE,
 * CF_E_USER_UNKNOWN, CF_E_PERMIT.
 */
enum cf_rc cf_counter_check_session(const char *dir, enum cf_act act, int64_t within_s,
                                    struct cf_error *err) CF_MUST_CHECK;

#endif
