/*
 * app/terminal/hub_sync.h - a terminal's sync with its store's hub, beside the one with the centre.
 *
 * It brings the hub the records that the centre has not acknowledged, so that a burnt till loses none that the hub has;
 * fetches sub-leases ahead of need; while the centre cannot be reached it takes signed pages from the hub; and it tells
 * the centre how far it has seen the hub. How far the hub has come with the records is kept apart from the centre's
 * word: only the centre acknowledges. One thread.
 */
#ifndef CF_TERMINAL_HUB_SYNC_H
#define CF_TERMINAL_HUB_SYNC_H

#include "app/terminal/link.h"
#include "sync/client/client.h"
#include "sync/client/enrol.h"

struct cf_hub_sync_session;

/* All borrowed. The env's network reaches the centre, and the hub under CF_PATH_HUB. */
struct cf_hub_sync_config {
    const struct cf_env *env;
    const char *dir;
    const struct cf_identity *identity;
    struct cf_keyring *ring;
    struct cf_link *link;
};
enum cf_rc cf_hub_sync_session_new(const struct cf_hub_sync_config *config, struct cf_hub_sync_session **ret,
                                   struct cf_error *err) CF_MUST_CHECK;
void cf_hub_sync_session_free(struct cf_hub_sync_session *session); /* accepts NULL */

struct cf_hub_sync_report {
    bool has_hub;
    uint64_t pushed, entries; /* records to the hub, entries from it */
    uint64_t granted;         /* campaigns of which it sub-leased more */
};
/* centre: the last cycle with the centre ended well. CF_OK also without a hub. */
enum cf_rc cf_hub_sync_session_cycle(struct cf_hub_sync_session *session, bool centre, struct cf_hub_sync_report *ret,
                                     struct cf_error *err) CF_MUST_CHECK;

#endif
