/*
 * app/terminal/first_sync.c - see first_sync.h.
 */
#include "app/terminal/first_sync.h"

static enum cf_rc look(struct cf_replica *replica, struct cf_first_sync *ret, struct cf_error *err)
{
    struct cf_store_settings store;
    struct cf_sync_state state;
    enum cf_rc rc = cf_replica_coming(replica, &ret->coming, err);
    if (rc == CF_OK)
        rc = cf_replica_sync_state(replica, &state, err);
    if (rc != CF_OK)
        return rc;
    ret->last_contact = state.last_contact;
    rc = cf_replica_store(replica, &store, err);
    ret->opens = rc == CF_OK;
    ret->whole = ret->opens && state.down_cursor > 0;
    return rc == CF_E_REPLICA_NONE ? CF_OK : rc;
}

enum cf_rc cf_first_sync_look(const char *dir, struct cf_first_sync *ret, struct cf_error *err)
{
    struct cf_replica *replica = NULL;
    struct cf_first_sync first = {.opens = false};
    enum cf_rc rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_OK)
        rc = look(replica, &first, err);
    else if (rc == CF_E_REPLICA_NONE)
        rc = CF_OK;
    cf_replica_close(replica);
    if (rc == CF_OK)
        *ret = first;
    return rc;
}
