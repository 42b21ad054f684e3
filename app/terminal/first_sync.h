/*
 * app/terminal/first_sync.h - may a till be opened, and how far is the sync that it waits for? For who looks on.
 *
 * Nobody is asked: it stands in the replica, which is opened for the look alone.
 */
#ifndef CF_TERMINAL_FIRST_SYNC_H
#define CF_TERMINAL_FIRST_SYNC_H

#include "app/store/replica.h"

struct cf_first_sync {
    bool opens;                      /* the store's settings are there, and the replica is of this program's version */
    bool whole;                      /* so is everything else that the centre had to say: it was heard to the end */
    struct cf_replica_coming coming; /* a large part of it, on its way */
    cf_wall last_contact;            /* by our own clock; 0: never */
};
/* All zero while there is no replica. CF_E_REPLICA_BROKEN. */
enum cf_rc cf_first_sync_look(const char *dir, struct cf_first_sync *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
