/*
 * sync/central/tls_context.c - see tls_context.h.
 */
#include "sync/central/tls_context.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>

#define PATH_MAX_BYTES 1024
#define SESSION_S 86400
#define NAME_MAX_BYTES 65

static enum cf_rc fail_tls(struct cf_error *err, const char *what)
{
    char text[160] = "?";
    unsigned long code = ERR_get_error();
    if (code != 0) {
        ERR_error_string_n(code, text, sizeof text);
    }
    ERR_clear_error();
    return cf_fail(err, CF_E_TLS, "%s: %s", what, text);
}

static enum cf_rc load_server(SSL_CTX *ctx, const char *dir, struct cf_error *err)
{
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/server.pem", dir);
    if (SSL_CTX_use_certificate_file(ctx, path, SSL_FILETYPE_PEM) != 1) {
        return fail_tls(err, path);
    }
    (void)snprintf(path, sizeof path, "%s/server.key.pem", dir);
    if (SSL_CTX_use_PrivateKey_file(ctx, path, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
        return fail_tls(err, path);
    }
    return CF_OK;
}

static enum cf_rc require_clients(SSL_CTX *ctx, const char *dir, struct cf_error *err)
{
    static const unsigned char context_id[] = "counterfoil-terminals";
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/ca.pem", dir);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);
    if (names == NULL || SSL_CTX_load_verify_locations(ctx, path, NULL) != 1) {
        return fail_tls(err, path);
    }
    SSL_CTX_set_client_CA_list(ctx, names);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_verify_depth(ctx, 1);
    /* Without a context id OpenSSL fails every resumption of a session that had a client certificate. */
    if (SSL_CTX_set_session_id_context(ctx, context_id, sizeof context_id - 1) != 1) {
        return fail_tls(err, "session context");
    }
    return CF_OK;
}

enum cf_rc cf_tls_context_new(const char *dir, enum cf_central_port port, SSL_CTX **ret, struct cf_error *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL) {
        return fail_tls(err, "TLS");
    }
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets hold the state, not we */
    SSL_CTX_set_timeout(ctx, SESSION_S);
    enum cf_rc rc = load_server(ctx, dir, err);
    if (rc == CF_OK && port == CF_PORT_TERMINALS) {
        rc = require_clients(ctx, dir, err);
    }
    if (rc != CF_OK) {
        SSL_CTX_free(ctx);
        return rc;
    }
    *ret = ctx;
    return CF_OK;
}

bool cf_tls_terminal(SSL *ssl, uint32_t *ret_terminal, uint32_t *ret_epoch)
{
    char name[NAME_MAX_BYTES];
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    if (certificate == NULL) {
        return false;
    }
    bool valid = SSL_get_verify_result(ssl) == X509_V_OK && X509_cmp_time(X509_get0_notAfter(certificate), NULL) > 0;
    int n = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return valid && n > 0 && cf_central_parse_terminal(name, ret_terminal, ret_epoch);
}
