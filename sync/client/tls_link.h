/*
 * sync/client/tls_link.h - one TLS connection by mbedTLS: made, written, read, closed, each within a deadline.
 *
 * Inside cf_client_tls only: mbedTLS's types stand here because tls_net.c owns the configuration.
 */
#ifndef CF_SYNC_CLIENT_TLS_LINK_H
#define CF_SYNC_CLIENT_TLS_LINK_H

#include "base/env.h"
#include "sync/client/lookup.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ssl.h>

/* What all connections of a net share. */
struct cf_tls_setup {
    const struct cf_env *env;
    char *host;
    char *peer; /* NULL: the certificate is to be of the host */
    uint16_t port;
    struct cf_lookup *lookup;
    bool unverified;
    bool host_is_address;
    size_t address_n; /* 4 or 16 */
    uint8_t address[16];
    bool (*true_time)(void *ctx, cf_wall *ret);
    void *true_time_ctx;
    mbedtls_ctr_drbg_context drbg;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt ca;
    mbedtls_x509_crt cert;
    mbedtls_pk_context key;
    mbedtls_ssl_session session; /* of the last connection, to be resumed */
    bool has_session;
    unsigned session_failures; /* handshakes in a row that broke off */
};

struct cf_tls_link {
    struct cf_tls_setup *setup;
    int fd; /* -1: none */
    mbedtls_ssl_context ssl;
    bool certificate_seen; /* in this handshake: it was a full one */
    enum cf_rc io_rc;      /* why the transport under TLS failed, CF_OK if it did not */
    int io_errno;
    uint64_t bytes_in, bytes_out; /* of this link */
};

/* Until when to wait for bytes: each byte that moves sets `idle` anew, `total` stands. */
struct cf_tls_deadline {
    cf_duration idle_timeout;
    cf_mono idle;
    cf_mono total;
};

/* Connects and shakes hands; the setup's session is offered, and replaced after a full handshake. The link stays where
 * it is while it is open. */
enum cf_rc cf_tls_link_open(struct cf_tls_link *link, struct cf_tls_setup *setup, struct cf_tls_deadline *deadline,
                            bool *ret_resumed, struct cf_error *err) CF_MUST_CHECK;
/* Accepts a link that is not open. */
void cf_tls_link_close(struct cf_tls_link *link);
bool cf_tls_link_is_open(const struct cf_tls_link *link);
/* Has the other end closed, or sent what nobody asked for? Then the link cannot be used again. */
bool cf_tls_link_is_stale(const struct cf_tls_link *link);
void cf_tls_forget_session(struct cf_tls_setup *setup);
/* CF_E_CERTIFICATE if the true time is known and the centre's certificate is not of it. */
enum cf_rc cf_tls_link_judge_dates(const struct cf_tls_link *link, struct cf_error *err) CF_MUST_CHECK;

enum cf_rc cf_tls_link_write(struct cf_tls_link *link, cf_bytes bytes, struct cf_tls_deadline *deadline,
                             struct cf_error *err) CF_MUST_CHECK;
/* At least one byte, at most n. */
enum cf_rc cf_tls_link_read(struct cf_tls_link *link, uint8_t *p, size_t n, size_t *ret_n,
                            struct cf_tls_deadline *deadline, struct cf_error *err) CF_MUST_CHECK;

#endif
