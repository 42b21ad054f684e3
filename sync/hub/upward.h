/*
 * sync/hub/upward.h - what the sync of a hub's terminal does for it at the centre: brings the tills' records, tells how
 * far the hub's history has come, and keeps what came down for tills that reach only the hub.
 *
 * It works on hub.db beside the running hub, in the sync's own process. The env's network reaches the centre.
 */
#ifndef CF_SYNC_HUB_UPWARD_H
#define CF_SYNC_HUB_UPWARD_H

#include "app/store/hub_store.h"
#include "base/crypto/crypto.h"
#include "base/env.h"

struct cf_replica;

struct cf_hub_relayed {
    uint64_t batches; /* that the centre took, or had */
    uint64_t refused; /* of which it would not hear */
};
/* Brings batches that have waited since `before` and that nobody has seen acknowledged. CF_E_LINK_DOWN, CF_E_TIMEOUT,
 * CF_E_TLS, CF_E_CERTIFICATE end it; a batch that the centre refuses does not. CF_E_SERVER: the centre failed at some,
 * whose tills wait for the next round; the others' batches were brought, unless it failed at those of four tills. */
enum cf_rc cf_hub_relay(struct cf_hub_store *store, const struct cf_env *env, cf_wall before,
                        struct cf_hub_relayed *ret, struct cf_error *err) CF_MUST_CHECK;

/* Forgets what is older than the store's return window (as the replica has it) and nobody can ask for any more. heard:
 * the terminal has heard the centre to the end, in a round that began after the call before this one; then uses that
 * the centre knew of by then are forgotten too, since what came down says all of them. */
enum cf_rc cf_hub_tidy(struct cf_hub_store *store, struct cf_replica *replica, const struct cf_env *env, bool heard,
                       struct cf_error *err) CF_MUST_CHECK;

/* Erases salts and bodies of the records that the centre has, of members whom the replica names to be forgotten; and
 * sees to it that nothing is left of them in the log of hub.db, nor of what cf_hub_tidy forgot. A batch that cannot be
 * read does not stop the others: CF_E_HUB_BROKEN once all are done. */
enum cf_rc cf_hub_forget(struct cf_hub_store *store, struct cf_replica *replica, uint64_t *ret_erased,
                         struct cf_error *err) CF_MUST_CHECK;

/* Tells the centre how far the hub has come, and hears what others saw of it. CF_E_HUB_FENCED: it is, or now was, set
 * apart, which hub.db keeps. sign_key: the terminal's, that of the witnesses. */
enum cf_rc cf_hub_tell_centre(struct cf_hub_store *store, const struct cf_env *env,
                              const struct cf_private_key *sign_key, struct cf_error *err) CF_MUST_CHECK;

#endif
