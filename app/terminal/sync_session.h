/*
 * app/terminal/sync_session.h - everything that one terminal's sync is made of, wired together: identity, network,
 * keys, databases, client. For the sync service and `counterfoil sync`. One thread.
 */
#ifndef CF_TERMINAL_SYNC_SESSION_H
#define CF_TERMINAL_SYNC_SESSION_H

#include "sync/client/client.h"
#include "sync/client/tls_net.h"

struct cf_sync_session;

/* DIR as cf_enrol left it. Connects at the first cycle. CF_E_NOT_ENROLLED, CF_E_JOURNAL_NONE, and as the parts fail. */
enum cf_rc cf_sync_session_new(const char *dir, const struct cf_env *env, struct cf_sync_session **ret,
                               struct cf_error *err) CF_MUST_CHECK;
void cf_sync_session_free(struct cf_sync_session *session);
/* cf_sync_cycle. */
enum cf_rc cf_sync_session_cycle(struct cf_sync_session *session, struct cf_sync_report *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
cf_duration cf_sync_session_delay(struct cf_sync_session *session, cf_duration idle);
/* A damaged replica was thrown away when this session began. */
bool cf_sync_session_rebuilt(const struct cf_sync_session *session);
void cf_sync_session_stats(const struct cf_sync_session *session, struct cf_tls_net_stats *ret);

#endif
