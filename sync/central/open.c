/*
 * sync/central/open.c - opens a centre: reads its keys and settings, makes the scratch space of the use cases.
 */
#include "sync/central/delta.h"
#include "sync/central/files.h"
#include "sync/central/state.h"

#include "sync/central/down_log.h"
#include "sync/central/ingest.h"
#include "sync/central/issuers.h"
#include "sync/central/ledger.h"
#include "sync/central/order.h"
#include "sync/central/pull.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum cf_rc cf_central_path(const char *dir, const char *name, char ret_path[CF_PATH_NAME_MAX], struct cf_error *err)
{
    char path[CF_PATH_NAME_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return cf_fail(err, CF_E_LIMIT, "the folder's name is too long");
    }
    memcpy(ret_path, path, (size_t)n + 1);
    return CF_OK;
}

enum cf_rc cf_central_setting_put(struct cf_member_store *store, const char *name, cf_bytes value, struct cf_error *err)
{
    return cf_store_run(store, CF_Q_SETTING_PUT, CF_ARGS(cf_v_text(name), cf_v_bytes(value)), err);
}

enum cf_rc cf_central_setting(struct cf_member_store *store, const char *name, size_t bytes, cf_bytes *ret,
                              struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(store, CF_Q_SETTING_GET, CF_ARGS(cf_v_text(name)), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found) {
        return cf_fail(err, CF_E_NOT_FOUND, "setting %s: was this centre made by init?", name);
    }
    if (bytes != 0 && row[0].b.n != bytes) {
        return cf_fail(err, CF_E_INTERNAL, "setting %s has %zu bytes", name, row[0].b.n);
    }
    *ret = row[0].b;
    return CF_OK;
}

uint64_t cf_central_serial(const struct cf_env *env)
{
    uint8_t bytes[8];
    cf_env_random(env, bytes, sizeof bytes);
    return (cf_get_be64(bytes) >> 1) | 1;
}

cf_kid cf_central_kid(const cf_public_key *key)
{
    struct cf_sha256 hash = cf_sha256(cf_bytes_of(key->point, sizeof key->point));
    cf_kid kid;
    memcpy(kid.b, hash.digest, CF_KID_BYTES);
    return kid;
}

static enum cf_rc read_pem(const struct cf_env *env, const char *dir, const char *name, char pem[CF_PEM_MAX],
                           struct cf_error *err)
{
    char path[CF_PATH_NAME_MAX];
    struct cf_buf buf;
    cf_buf_init(&buf, CF_PEM_MAX - 1);
    enum cf_rc rc = cf_central_path(dir, name, path, err);
    if (rc == CF_OK) {
        rc = env->ops->file_read(env->ctx, path, &buf, err);
    }
    if (rc == CF_OK) {
        memcpy(pem, buf.p, buf.n);
        pem[buf.n] = '\0';
        cf_bytes_wipe(buf.p, buf.n);
    }
    cf_buf_done(&buf);
    return rc;
}

enum cf_rc cf_central_read_key(const struct cf_env *env, const char *dir, const char *name, struct cf_private_key **ret,
                               struct cf_error *err)
{
    char pem[CF_PEM_MAX];
    enum cf_rc rc = read_pem(env, dir, name, pem, err);
    if (rc == CF_OK) {
        rc = cf_private_key_from_pem(pem, ret, err);
    }
    cf_bytes_wipe(pem, sizeof pem);
    return rc;
}

static enum cf_rc open_files(struct cf_central *central, const char *dir, struct cf_error *err)
{
    enum cf_rc rc = read_pem(central->env, dir, "ca.pem", central->ca_pem, err);
    struct cf_x509_info info;
    if (rc == CF_OK) {
        rc = cf_x509_read(central->ca_pem, &info, err);
    }
    if (rc == CF_OK) {
        memcpy(central->ca_fingerprint, info.fingerprint, sizeof central->ca_fingerprint);
        rc = cf_central_read_key(central->env, dir, "ca.key.pem", &central->ca_key, err);
    }
    return rc == CF_OK ? cf_issuers_open(central, dir, err) : rc;
}

static void read_programme(struct cf_programme *programme, const uint8_t *p)
{
    programme->minor_per_point = (int64_t)cf_get_be64(p);
    for (size_t i = 0; i < 10; i++) {
        programme->tier_from_points[i] = (int64_t)cf_get_be64(p + 8 + i * 12);
        programme->tier_bp[i] = cf_get_be32(p + 16 + i * 12);
    }
}

static enum cf_rc open_settings(struct cf_central *central, struct cf_error *err)
{
    cf_bytes value;
    enum cf_rc rc = cf_central_setting(central->store, "brand", 0, &value, err);
    if (rc == CF_OK) {
        (void)snprintf(central->brand, sizeof central->brand, "%.*s", (int)value.n, (const char *)value.p);
        rc = cf_central_setting(central->store, "api_key_hash", CF_SHA256_BYTES, &value, err);
    }
    if (rc == CF_OK) {
        memcpy(central->api_key_hash, value.p, value.n);
        rc = cf_central_setting(central->store, "roots", sizeof central->roots, &value, err);
    }
    if (rc == CF_OK) {
        memcpy(central->roots, value.p, value.n);
        rc = cf_central_setting(central->store, "programme", 8 + 10 * 12, &value, err);
    }
    if (rc == CF_OK) {
        read_programme(&central->programme, value.p);
    }
    return rc;
}

enum cf_rc cf_central_ring_new(struct cf_central *central, struct cf_error *err)
{
    cf_bytes keyset;
    struct cf_keyring *ring = NULL;
    enum cf_rc rc = cf_central_setting(central->store, "keyset", 0, &keyset, err);
    if (rc == CF_OK) {
        rc = cf_keyring_new(central->roots, &ring, err);
    }
    if (rc == CF_OK) {
        rc = cf_keyring_load_keyset(ring, keyset, err);
    }
    if (rc != CF_OK) {
        cf_keyring_free(ring);
        return rc;
    }
    cf_keyring_free(central->ring);
    central->ring = ring;
    return CF_OK;
}

static enum cf_rc open_scratch(struct cf_central *central, struct cf_error *err)
{
    enum cf_rc rc = cf_down_log_new(&central->down, err);
    if (rc == CF_OK) {
        rc = cf_ledger_new(&central->ledger, err);
    }
    if (rc == CF_OK) {
        rc = cf_ingest_new(&central->ingest, err);
    }
    if (rc == CF_OK) {
        rc = cf_pull_scratch_new(&central->pull, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_scratch_new(&central->order, err);
    }
    if (rc == CF_OK) {
        rc = cf_deltas_new(&central->deltas, err);
    }
    return rc;
}

enum cf_rc cf_central_open(const char *dir, struct cf_member_store *store, const struct cf_env *env,
                           struct cf_central **ret, struct cf_error *err)
{
    struct cf_central *central = calloc(1, sizeof *central);
    if (central == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "centre");
    }
    central->env = env;
    central->store = store;
    enum cf_rc rc = cf_central_path(dir, ".", central->dir, err);
    if (rc == CF_OK) {
        rc = open_files(central, dir, err);
    }
    if (rc == CF_OK) {
        rc = open_settings(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_ring_new(central, err);
    }
    if (rc == CF_OK) {
        rc = open_scratch(central, err);
    }
    if (rc != CF_OK) {
        cf_central_close(central);
        return rc;
    }
    *ret = central;
    return CF_OK;
}

void cf_central_close(struct cf_central *central)
{
    if (central == NULL) {
        return;
    }
    cf_deltas_free(central->deltas);
    cf_order_scratch_free(central->order);
    cf_pull_scratch_free(central->pull);
    cf_ingest_free(central->ingest);
    cf_ledger_free(central->ledger);
    cf_down_log_free(central->down);
    cf_keyring_free(central->ring);
    cf_issuers_free(central->issuers);
    cf_private_key_free(central->ca_key);
    free(central);
}

void cf_central_set_terminals_port(struct cf_central *central, uint16_t port)
{
    central->terminals_port = port;
}

void cf_central_set_counts(struct cf_central *central, const struct cf_listener_counts *counts)
{
    central->counts = counts;
}
