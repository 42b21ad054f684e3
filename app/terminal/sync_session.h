/*
 * app/terminal/sync_session.h - everything that one terminal's sync is made of, wired together: identity, network,
 * keys, databases, client. For the sync service and `counterfoil sync`. One thread.
 */
#ifndef CF_TERMINAL_SYNC_SESSION_H
#define CF_TERMINAL_SYNC_SESSION_H

#include "sync/client/client.h"
#include "app/terminal/hub_sync.h"
#include "app/terminal/link.h"
#include "sync/client/tls_net.h"

struct cf_sync_session;

/* DIR as cf_enrol left it. Connects at the first cycle. CF_E_NOT_ENROLLED, CF_E_JOURNAL_NONE, and as the parts fail. */
enum cf_rc cf_sync_session_new(const char *dir, const struct cf_env *env, struct cf_sync_session **ret,
                               struct cf_error *err) CF_MUST_CHECK;
void cf_sync_session_free(struct cf_sync_session *session);
/* cf_sync_cycle. */
enum cf_rc cf_sync_session_cycle(struct cf_sync_session *session, struct cf_sync_report *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
/* The store's hub, as far as the last cycle went: who it is (terminal 0: none), and what this cycle did with it;
 * *ret_rc says why not. */
void cf_sync_session_hub(struct cf_sync_session *session, struct cf_hub_entry *ret_hub,
                         struct cf_hub_sync_report *ret_report, enum cf_rc *ret_rc, const char **ret_detail);
/* cf_link_keep_pages of this session. */
void cf_sync_session_keep_pages(struct cf_sync_session *session, struct cf_hub_store *store);
/* The journal and the replica that it works on. */
struct cf_link *cf_sync_session_link(struct cf_sync_session *session);
const struct cf_identity *cf_sync_session_identity(const struct cf_sync_session *session);
/* An env whose network reaches the centre. */
const struct cf_env *cf_sync_session_env(struct cf_sync_session *session);
cf_duration cf_sync_session_delay(struct cf_sync_session *session, cf_duration idle);
/* A damaged replica was thrown away when this session began. */
bool cf_sync_session_rebuilt(const struct cf_sync_session *session);
/* Somebody met damage in the replica since this session began: only another one throws it away. */
bool cf_sync_session_is_stale(const struct cf_sync_session *session);
void cf_sync_session_stats(const struct cf_sync_session *session, struct cf_tls_net_stats *ret);

#endif
