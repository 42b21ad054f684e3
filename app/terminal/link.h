/*
 * app/terminal/link.h - connects the sync's ports to this till's databases: the journal is its outbox, the replica its
 * sink.
 *
 * The journal is opened for reading only: a sale never waits for the sync. One thread.
 */
#ifndef CF_TERMINAL_LINK_H
#define CF_TERMINAL_LINK_H

#include "app/core/keyring.h"
#include "app/store/journal.h"
#include "app/store/replica.h"
#include "sync/client/ports.h"

struct cf_link;

/* DIR holds journal.db and, unless this makes it, replica.db. *ret_rebuilt (nullable): a broken replica was replaced,
 * and everything comes down anew. Free with cf_link_free. Errors of cf_journal_open (READ) and cf_replica_open (SYNC).
 */
enum cf_rc cf_link_new(const char *dir, const struct cf_env *env, struct cf_link **ret, bool *ret_rebuilt,
                       struct cf_error *err) CF_MUST_CHECK;
void cf_link_free(struct cf_link *link);

/* Its databases: the journal for reading, the replica as the sync's. */
struct cf_journal *cf_link_journal(struct cf_link *link);
struct cf_replica *cf_link_replica(struct cf_link *link);

/* Where signed pages are kept as they come, while this terminal is its store's hub; NULL: nowhere. Borrowed. */
struct cf_hub_store;
void cf_link_keep_pages(struct cf_link *link, struct cf_hub_store *store);

struct cf_outbox cf_link_outbox(struct cf_link *link);
struct cf_sink cf_link_sink(struct cf_link *link);
/* cf_keys_load_keyset of this link's replica. */
enum cf_rc cf_link_load_keys(struct cf_link *link, struct cf_keyring *ring, struct cf_error *err) CF_MUST_CHECK;

#endif
