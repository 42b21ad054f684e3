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

struct grant_pass {
    struct cf_keyring *ring;
    uint32_t terminal;
    bool own, others; /* which are wanted: this terminal's grants, or those of others */
    int64_t over_s;   /* what expired before counts no more */
};

static enum cf_rc keep_grant(void *ctx, cf_kid id, cf_bytes cose, struct cf_error *err)
{
    const struct grant_pass *pass = ctx;
    struct cf_code code;
    if (cf_keyring_holds_grant(pass->ring, id, cose))
        return CF_OK; /* most are there: a chain has thousands, and a sync brings a few */
    /* One that is damaged must not stop a till: its coupons are refused by name when one is shown. */
    if (cf_code_decode_bytes(CF_CODE_GRANT, cose, &code, NULL) != CF_OK || code.grant.exp_s < pass->over_s ||
        !(code.grant.till == pass->terminal ? pass->own : pass->others))
        return CF_OK;
    enum cf_rc rc = cf_keyring_add_grant_unverified(pass->ring, cose, NULL);
    return rc == CF_E_NO_MEMORY ? cf_fail(err, rc, "grants") : CF_OK;
}

/* If there may be more than the keyring holds, the terminal's own first: those are what it cannot do without. */
static enum cf_rc load_grants(struct cf_replica *replica, uint32_t terminal, struct cf_keyring *ring,
                              struct cf_error *err)
{
    struct cf_sync_state sync;
    struct grant_pass pass = {.ring = ring, .terminal = terminal, .own = true, .over_s = INT64_MIN};
    size_t n = 0;
    enum cf_rc rc = cf_replica_sync_state(replica, &sync, err);
    if (rc == CF_OK && sync.has_time)
        pass.over_s = cf_wall_s(sync.centre_wall) - CF_KEY_SLACK_S;
    if (rc == CF_OK)
        rc = cf_replica_grant_count(replica, &n, err);
    pass.others = n <= CF_KEYRING_GRANTS_MAX && cf_keyring_grant_at(ring, CF_KEYRING_GRANTS_MAX - n) == NULL;
    if (rc == CF_OK)
        rc = cf_replica_grants(replica, keep_grant, &pass, err);
    if (rc != CF_OK || pass.others)
        return rc;
    pass.own = false;
    pass.others = true;
    return cf_replica_grants(replica, keep_grant, &pass, err);
}

enum cf_rc cf_keys_load(struct cf_replica *replica, uint32_t terminal, struct cf_keyring *ring, struct cf_error *err)
{
    enum cf_rc rc = cf_keys_load_keyset(replica, ring, err);
    return rc == CF_OK ? load_grants(replica, terminal, ring, err) : rc;
}
