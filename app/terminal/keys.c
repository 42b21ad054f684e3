/*
 * app/terminal/keys.c - see keys.h.
 */
#include "app/terminal/keys.h"

enum cf_rc cf_keys_load_keyset(struct cf_replica *replica, struct cf_keyring *ring, struct cf_error *err)
{
    struct cf_buf cose CF_CLEANUP(cf_buf_done);
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    enum cf_rc rc = cf_replica_keyset(replica, &cose, err);
    if (rc == CF_OK)
        rc = cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), err);
    return rc == CF_E_NOT_FOUND || rc == CF_E_REPLICA_NONE ? CF_OK : rc;
}

static enum cf_rc keep_grant(void *ctx, cf_bytes cose, struct cf_error *err)
{
    /* One that is damaged must not stop a till: its coupons are refused by name when one is shown. */
    enum cf_rc rc = cf_keyring_add_grant_unverified(ctx, cose, NULL);
    return rc == CF_E_NO_MEMORY ? cf_fail(err, rc, "grants") : CF_OK;
}

enum cf_rc cf_keys_load(struct cf_replica *replica, struct cf_keyring *ring, struct cf_error *err)
{
    enum cf_rc rc = cf_keys_load_keyset(replica, ring, err);
    return rc == CF_OK ? cf_replica_grants(replica, keep_grant, ring, err) : rc;
}
