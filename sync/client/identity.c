/*
 * sync/client/identity.c - the files that make a terminal what it is. See enrol.h.
 *
 * identity.cbor: [1, terminal, epoch, store, [root(33), root(33)], host, terminals_port]
 */
#include "sync/client/identity.h"

#include "base/cbor.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_BYTES 4096
#define IDENTITY_BYTES_MAX 1024
#define FILE_SECRET 0600
#define FILE_PUBLIC 0644

/* --- files -------------------------------------------------------------------------------------------------------- */

static enum cf_rc path_of(const char *dir, const char *name, char path[PATH_MAX_BYTES], struct cf_error *err)
{
    int n = snprintf(path, PATH_MAX_BYTES, "%s/%s", dir, name);
    return n > 0 && n < PATH_MAX_BYTES ? CF_OK : cf_fail(err, CF_E_LIMIT, "the path of %s is too long", name);
}

static enum cf_rc replace_file(const struct cf_env *env, const char *dir, const char *name, cf_bytes content,
                               unsigned mode, struct cf_error *err)
{
    char path[PATH_MAX_BYTES];
    enum cf_rc rc = path_of(dir, name, path, err);
    return rc != CF_OK ? rc : env->ops->file_replace(env->ctx, path, content, mode, err);
}

static enum cf_rc read_file(const struct cf_env *env, const char *dir, const char *name, struct cf_buf *ret,
                            struct cf_error *err)
{
    char path[PATH_MAX_BYTES];
    enum cf_rc rc = path_of(dir, name, path, err);
    return rc != CF_OK ? rc : env->ops->file_read(env->ctx, path, ret, err);
}

/* --- saving ------------------------------------------------------------------------------------------------------- */

static enum cf_rc encode(const struct cf_identity *identity, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 7);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_uint(&w, identity->terminal);
    cf_cbor_write_uint(&w, identity->epoch);
    cf_cbor_write_uint(&w, identity->store);
    cf_cbor_write_array(&w, 2);
    for (size_t i = 0; i < 2; i++)
        cf_cbor_write_bytes(&w, cf_bytes_of(identity->roots[i].point, CF_P256_PUBLIC_BYTES));
    cf_cbor_write_text(&w, identity->host);
    cf_cbor_write_uint(&w, identity->terminals_port);
    return cf_cbor_write_end(&w, err);
}

static enum cf_rc save_sign_key(const struct cf_env *env, const char *dir, const struct cf_private_key *key,
                                struct cf_error *err)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(key, scalar);
    enum cf_rc rc = replace_file(env, dir, "sign.key", cf_bytes_of(scalar, sizeof scalar), FILE_SECRET, err);
    cf_bytes_wipe(scalar, sizeof scalar);
    return rc;
}

enum cf_rc cf_identity_save(const struct cf_env *env, const char *dir, const struct cf_identity *identity,
                            struct cf_error *err)
{
    uint8_t bytes[IDENTITY_BYTES_MAX];
    struct cf_buf cbor;
    cf_buf_init_fixed(&cbor, bytes, sizeof bytes - 1);
    enum cf_rc rc = encode(identity, &cbor, err);
    if (rc == CF_OK)
        rc = replace_file(env, dir, "ca.pem", cf_bytes_str(identity->ca_pem), FILE_PUBLIC, err);
    if (rc == CF_OK)
        rc = replace_file(env, dir, "tls.key.pem", cf_bytes_str(identity->tls_key_pem), FILE_SECRET, err);
    if (rc == CF_OK)
        rc = save_sign_key(env, dir, identity->sign_key, err);
    if (rc == CF_OK)
        rc = replace_file(env, dir, "tls.cert.pem", cf_bytes_str(identity->cert_pem), FILE_PUBLIC, err);
    /* Last: a power cut before it leaves files that do not fit each other, and cf_identity_load says so. */
    if (rc == CF_OK)
        rc = replace_file(env, dir, "identity.cbor", cf_buf_bytes(&cbor), FILE_PUBLIC, err);
    return rc;
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

bool cf_host_is_plausible(const char *host)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";
    size_t n = strlen(host);
    return n > 0 && n <= CF_HOST_MAX && strspn(host, ALLOWED) == n;
}

static enum cf_rc decode(cf_bytes bytes, struct cf_identity *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t version, terminal, epoch, store, port;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 7);
    cf_cbor_read_uint(&r, &version, 1);
    cf_cbor_read_uint(&r, &terminal, UINT32_MAX);
    cf_cbor_read_uint(&r, &epoch, UINT32_MAX);
    cf_cbor_read_uint(&r, &store, UINT32_MAX);
    cf_cbor_read_array_of(&r, 2);
    for (size_t i = 0; i < 2; i++)
        cf_cbor_read_bytes_of(&r, ret->roots[i].point, CF_P256_PUBLIC_BYTES);
    cf_cbor_read_cstr(&r, ret->host, sizeof ret->host);
    cf_cbor_read_uint(&r, &port, UINT16_MAX);
    if (cf_cbor_read_end(&r, NULL) != CF_OK || version != 1 || terminal == 0 || epoch == 0 || port == 0 ||
        !cf_host_is_plausible(ret->host))
        return cf_fail(err, CF_E_CERTIFICATE, "identity.cbor is damaged");
    ret->terminal = (uint32_t)terminal;
    ret->epoch = (uint32_t)epoch;
    ret->store = (uint32_t)store;
    ret->terminals_port = (uint16_t)port;
    return CF_OK;
}

/* A missing file of an enrolled terminal is damage, not "not enrolled". */
static enum cf_rc damaged(enum cf_rc rc, const char *name, struct cf_error *err)
{
    return rc == CF_E_NOT_FOUND || rc == CF_E_LIMIT ? cf_fail(err, CF_E_CERTIFICATE, "%s is missing or damaged", name)
                                                    : rc;
}

static enum cf_rc load_pem(const struct cf_env *env, const char *dir, const char *name, char ret_pem[CF_PEM_MAX],
                           struct cf_error *err)
{
    struct cf_buf text;
    cf_buf_init_fixed(&text, (uint8_t *)ret_pem, CF_PEM_MAX - 1);
    enum cf_rc rc = read_file(env, dir, name, &text, err);
    if (rc == CF_OK && memchr(ret_pem, '\0', text.n) != NULL)
        rc = CF_E_LIMIT;
    ret_pem[rc == CF_OK ? text.n : 0] = '\0';
    return damaged(rc, name, err);
}

static enum cf_rc load_sign_key(const struct cf_env *env, const char *dir, struct cf_private_key **ret,
                                struct cf_error *err)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES + 1]; /* a fixed buffer keeps room for a NUL */
    struct cf_buf bytes;
    cf_buf_init_fixed(&bytes, scalar, CF_P256_PRIVATE_BYTES);
    enum cf_rc rc = damaged(read_file(env, dir, "sign.key", &bytes, err), "sign.key", err);
    if (rc == CF_OK && (bytes.n != CF_P256_PRIVATE_BYTES || cf_private_key_load(scalar, ret, NULL) != CF_OK))
        rc = cf_fail(err, CF_E_CERTIFICATE, "sign.key is damaged");
    cf_bytes_wipe(scalar, sizeof scalar);
    return rc;
}

enum cf_rc cf_identity_check(const struct cf_identity *identity, struct cf_error *err)
{
    struct cf_x509_info ca, ours;
    struct cf_private_key *key = NULL;
    cf_public_key public;
    char name[CF_CN_MAX + 1];
    if (cf_x509_read(identity->ca_pem, &ca, NULL) != CF_OK || cf_x509_read(identity->cert_pem, &ours, NULL) != CF_OK)
        return cf_fail(err, CF_E_CERTIFICATE, "ca.pem or tls.cert.pem is damaged");
    if (cf_private_key_from_pem(identity->tls_key_pem, &key, NULL) != CF_OK)
        return cf_fail(err, CF_E_CERTIFICATE, "tls.key.pem is damaged");
    cf_private_key_public(key, &public);
    cf_private_key_free(key);
    snprintf(name, sizeof name, "t%u-e%u", identity->terminal, identity->epoch);
    if (strcmp(name, ours.common_name) != 0)
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate is for %s, the identity is %s", ours.common_name, name);
    if (memcmp(public.point, ours.key.point, CF_P256_PUBLIC_BYTES) != 0)
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate is for another key than tls.key.pem");
    return CF_OK;
}

enum cf_rc cf_identity_load(const struct cf_env *env, const char *dir, struct cf_identity *ret, struct cf_error *err)
{
    struct cf_identity found = {.terminal = 0};
    uint8_t bytes[IDENTITY_BYTES_MAX];
    struct cf_buf cbor;
    cf_buf_init_fixed(&cbor, bytes, sizeof bytes - 1);
    enum cf_rc rc = read_file(env, dir, "identity.cbor", &cbor, err);
    if (rc == CF_E_NOT_FOUND)
        return cf_fail(err, CF_E_NOT_ENROLLED, "there is no identity in %s", dir);
    if (rc == CF_OK || rc == CF_E_LIMIT)
        rc = rc == CF_OK ? decode(cf_buf_bytes(&cbor), &found, err) : damaged(rc, "identity.cbor", err);
    if (rc == CF_OK)
        rc = load_pem(env, dir, "ca.pem", found.ca_pem, err);
    if (rc == CF_OK)
        rc = load_pem(env, dir, "tls.cert.pem", found.cert_pem, err);
    if (rc == CF_OK)
        rc = load_pem(env, dir, "tls.key.pem", found.tls_key_pem, err);
    if (rc == CF_OK)
        rc = load_sign_key(env, dir, &found.sign_key, err);
    if (rc == CF_OK)
        rc = cf_identity_check(&found, err);
    if (rc == CF_OK)
        *ret = found;
    else
        cf_identity_done(&found);
    cf_bytes_wipe(found.tls_key_pem, sizeof found.tls_key_pem);
    return rc;
}

void cf_identity_done(struct cf_identity *identity)
{
    cf_private_key_free(identity->sign_key);
    identity->sign_key = NULL;
    cf_bytes_wipe(identity->tls_key_pem, sizeof identity->tls_key_pem);
}
