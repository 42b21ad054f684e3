/*
 * sync/central/init.c - makes a new centre: its certificates, its keys and the first key set.
 *
 * The two root keys sign key sets and nothing else; they are written to a folder of their own and belong on two sticks
 * in two safes. The centre itself works without them until the next key set.
 */
#include "sync/central/api_keys.h"
#include "sync/central/files.h"
#include "sync/central/state.h"

#include "app/core/down.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CA_YEARS 20
#define SERVER_YEARS 10

static const char roots_note[] =
    "These two keys are the roots of trust of every till and phone: they sign the sets of issuer keys.\n"
    "Move root-1.key.pem and root-2.key.pem to two different offline places now, and delete them here.\n"
    "The central service runs without them; one of them is needed to put a new key set into force.\n";

static enum cf_rc make_folder(const char *dir, const char *name, struct cf_error *err)
{
    char path[CF_PATH_NAME_MAX];
    enum cf_rc rc = cf_central_path(dir, name, path, err);
    if (rc == CF_OK && mkdir(path, 0700) != 0 && errno != EEXIST) {
        rc = cf_fail_errno(err, errno, "%s", path);
    }
    return rc;
}

static enum cf_rc write_text(const struct cf_env *env, const char *dir, const char *name, const char *text,
                             unsigned mode, struct cf_error *err)
{
    char path[CF_PATH_NAME_MAX];
    enum cf_rc rc = cf_central_path(dir, name, path, err);
    return rc == CF_OK ? env->ops->file_replace(env->ctx, path, cf_bytes_str(text), mode, err) : rc;
}

enum cf_rc cf_central_write_key(const struct cf_env *env, const char *dir, const char *name,
                                const struct cf_private_key *key, struct cf_error *err)
{
    char pem[CF_PEM_MAX];
    enum cf_rc rc = cf_private_key_pem(key, pem, err);
    if (rc == CF_OK) {
        rc = write_text(env, dir, name, pem, 0600, err);
    }
    cf_bytes_wipe(pem, sizeof pem);
    return rc;
}

/* A fresh key in NAME. Free with cf_private_key_free. */
static enum cf_rc make_key(const struct cf_env *env, const char *dir, const char *name, struct cf_private_key **ret,
                           struct cf_error *err)
{
    struct cf_private_key *key;
    enum cf_rc rc = cf_private_key_generate(&key, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_write_key(env, dir, name, key, err);
    if (rc != CF_OK) {
        cf_private_key_free(key);
        return rc;
    }
    *ret = key;
    return CF_OK;
}

static enum cf_rc make_server_certificate(const struct cf_env *env, const char *dir, const struct cf_central_plan *plan,
                                          const char *ca_pem, const struct cf_private_key *ca_key, struct cf_error *err)
{
    struct cf_private_key *key;
    enum cf_rc rc = make_key(env, dir, "server.key.pem", &key, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_public_key public_key;
    char pem[CF_PEM_MAX];
    cf_private_key_public(key, &public_key);
    cf_private_key_free(key);
    struct cf_x509_spec spec = {.kind = CF_X509_SERVER,
                                .common_name = plan->hosts[0] != NULL ? plan->hosts[0] : "localhost",
                                .dns_or_ip = plan->hosts,
                                .serial = cf_central_serial(env),
                                .not_before = {cf_env_wall(env).us - CF_DAY_S * CF_US_PER_S},
                                .not_after = {cf_env_wall(env).us + SERVER_YEARS * 365 * CF_DAY_S * CF_US_PER_S}};
    rc = cf_x509_issue(&spec, &public_key, ca_pem, ca_key, pem, err);
    return rc == CF_OK ? write_text(env, dir, "server.pem", pem, 0644, err) : rc;
}

static enum cf_rc make_certificates(const struct cf_env *env, const char *dir, const struct cf_central_plan *plan,
                                    struct cf_error *err)
{
    struct cf_private_key *ca_key;
    enum cf_rc rc = make_key(env, dir, "ca.key.pem", &ca_key, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_public_key public_key;
    char ca_pem[CF_PEM_MAX];
    cf_private_key_public(ca_key, &public_key);
    struct cf_x509_spec spec = {.kind = CF_X509_CA,
                                .common_name = "Counterfoil CA",
                                .serial = cf_central_serial(env),
                                .not_before = {cf_env_wall(env).us - CF_DAY_S * CF_US_PER_S},
                                .not_after = {cf_env_wall(env).us + CA_YEARS * 365 * CF_DAY_S * CF_US_PER_S}};
    rc = cf_x509_issue(&spec, &public_key, NULL, ca_key, ca_pem, err);
    if (rc == CF_OK) {
        rc = write_text(env, dir, "ca.pem", ca_pem, 0644, err);
    }
    if (rc == CF_OK) {
        rc = make_server_certificate(env, dir, plan, ca_pem, ca_key, err);
    }
    cf_private_key_free(ca_key);
    return rc;
}

/* The issuers' keys into files, and their public halves into a key set of version 1. */
static enum cf_rc make_issuers(const struct cf_env *env, const char *dir, struct cf_keyset *keyset,
                               struct cf_error *err)
{
    int64_t now_s = cf_wall_s(cf_env_wall(env));
    enum cf_rc rc = make_folder(dir, "keys", err);
    keyset->version = 1;
    for (size_t i = 0; i < CF_ISSUERS && rc == CF_OK; i++) {
        struct cf_private_key *key;
        char name[64];
        (void)snprintf(name, sizeof name, "keys/%s.key.pem", cf_issuer_names[i]);
        rc = make_key(env, dir, name, &key, err);
        if (rc != CF_OK) {
            break;
        }
        struct cf_keyset_key *entry = &keyset->keys[keyset->n_keys++];
        cf_private_key_public(key, &entry->key);
        cf_private_key_free(key);
        entry->kid = cf_central_kid(&entry->key);
        entry->usage = (uint32_t)cf_issuer_usages[i];
        entry->not_before_s = now_s - CF_DAY_S;
        entry->not_after_s = now_s + CF_ISSUER_DAYS * CF_DAY_S;
    }
    return rc;
}

static enum cf_rc make_roots(const struct cf_env *env, const char *dir, const struct cf_keyset *keyset,
                             cf_public_key roots[2], struct cf_buf *ret_cose, struct cf_error *err)
{
    enum cf_rc rc = make_folder(dir, "offline-roots", err);
    if (rc == CF_OK) {
        rc = write_text(env, dir, "offline-roots/MOVE-THESE-AWAY.txt", roots_note, 0600, err);
    }
    for (size_t i = 0; i < 2 && rc == CF_OK; i++) {
        struct cf_private_key *root;
        char name[64];
        (void)snprintf(name, sizeof name, "offline-roots/root-%zu.key.pem", i + 1);
        rc = make_key(env, dir, name, &root, err);
        if (rc != CF_OK) {
            break;
        }
        cf_private_key_public(root, &roots[i]);
        if (i == 0) {
            rc = cf_keyset_sign(keyset, root, ret_cose, err);
        }
        cf_private_key_free(root);
    }
    return rc;
}

/* Points: 1 a whole unit of two-digit money; tiers at 1,000, 5,000 and 20,000 points ever earned. */
static const struct {
    int64_t from_points;
    uint32_t bp;
} tiers[] = {{0, 10000}, {1000, 11000}, {5000, 12500}, {20000, 15000}};

static enum cf_rc write_programme(struct cf_member_store *store, struct cf_error *err)
{
    uint8_t bytes[8 + 10 * 12];
    cf_put_be64(bytes, 100);
    for (size_t i = 0; i < 10; i++) {
        bool used = i < sizeof tiers / sizeof *tiers;
        cf_put_be64(bytes + 8 + i * 12, (uint64_t)(used ? tiers[i].from_points : INT64_MAX));
        cf_put_be32(bytes + 16 + i * 12, used ? tiers[i].bp : 10000);
    }
    return cf_central_setting_put(store, "programme", cf_bytes_of(bytes, sizeof bytes), err);
}

static enum cf_rc write_settings(const struct cf_env *env, struct cf_member_store *store, const char *brand,
                                 const cf_public_key roots[2], char api_key[CF_API_KEY_TEXT_MAX], struct cf_error *err)
{
    struct cf_sha256 hash;
    cf_api_key_draw(env, api_key, &hash);
    enum cf_rc rc = cf_central_setting_put(store, "brand", cf_bytes_str(brand), err);
    if (rc == CF_OK) {
        rc = cf_central_setting_put(store, "api_key_hash", cf_bytes_of(hash.digest, sizeof hash.digest), err);
    }
    if (rc == CF_OK) {
        rc = cf_central_setting_put(store, "roots", cf_bytes_of(roots, 2 * sizeof *roots), err);
    }
    return rc == CF_OK ? write_programme(store, err) : rc;
}

/* The first entry of topic keys, written as down_log.c would. */
static enum cf_rc write_keyset(struct cf_member_store *store, cf_bytes cose, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_KEYSET, .keyset = cose};
    struct cf_sha256 zero = {{0}};
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    enum cf_rc rc = cf_down_encode(&entry, &buf, err);
    if (rc == CF_OK) {
        struct cf_sha256 digest = cf_down_digest(&zero, cf_buf_bytes(&buf));
        struct cf_value sum = cf_v_blob(digest.digest, CF_SHA256_BYTES);
        rc = cf_store_run(store, CF_Q_DOWN_ENTRY_ADD,
                          CF_ARGS(cf_v_int(CF_TOPIC_KEYS), cf_v_int(0), cf_v_int(1), cf_v_int(0),
                                  cf_v_bytes(cf_buf_bytes(&buf)), sum),
                          err);
        if (rc == CF_OK) {
            rc = cf_store_run(store, CF_Q_DOWN_TOPIC_PUT,
                              CF_ARGS(cf_v_int(CF_TOPIC_KEYS), cf_v_int(0), cf_v_int(1), sum), err);
        }
    }
    cf_buf_done(&buf);
    return rc == CF_OK ? cf_central_setting_put(store, "keyset", cose, err) : rc;
}

static enum cf_rc fill_store(const struct cf_env *env, struct cf_member_store *store, const char *brand,
                             const cf_public_key roots[2], cf_bytes keyset, char api_key[CF_API_KEY_TEXT_MAX],
                             struct cf_error *err)
{
    enum cf_rc rc = cf_store_begin(store, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = write_settings(env, store, brand, roots, api_key, err);
    if (rc == CF_OK) {
        rc = write_keyset(store, keyset, err);
    }
    if (rc != CF_OK) {
        cf_store_rollback(store);
        return rc;
    }
    return cf_store_commit(store, err);
}

enum cf_rc cf_central_init(const char *dir, struct cf_member_store *store, const struct cf_central_plan *plan,
                           const struct cf_env *env, char ret_api_key[CF_API_KEY_TEXT_MAX], struct cf_error *err)
{
    char brand[CF_NAME_MAX + 1], path[CF_PATH_NAME_MAX], api_key[CF_API_KEY_TEXT_MAX];
    enum cf_rc rc = cf_text_accept(cf_bytes_str(plan->brand), brand, sizeof brand, err);
    if (rc == CF_OK && brand[0] == '\0') {
        rc = cf_fail(err, CF_E_RANGE, "the brand needs a name");
    }
    if (rc == CF_OK) {
        rc = cf_central_path(dir, "ca.pem", path, err);
    }
    if (rc == CF_OK && access(path, F_OK) == 0) {
        rc = cf_fail(err, CF_E_EXISTS, "%s holds a centre", dir);
    }
    struct cf_keyset keyset = {0};
    cf_public_key roots[2];
    struct cf_buf cose;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    if (rc == CF_OK) {
        rc = make_issuers(env, dir, &keyset, err);
    }
    if (rc == CF_OK) {
        rc = make_roots(env, dir, &keyset, roots, &cose, err);
    }
    if (rc == CF_OK) {
        rc = fill_store(env, store, brand, roots, cf_buf_bytes(&cose), api_key, err);
    }
    if (rc == CF_OK) { /* last: ca.pem says that all is there */
        rc = make_certificates(env, dir, plan, err);
    }
    cf_buf_done(&cose);
    if (rc == CF_OK) {
        memcpy(ret_api_key, api_key, sizeof api_key);
    }
    return rc;
}
