/*
 * sync/client/tls_net.h - the real network of a terminal: HTTP/1.1 over TLS 1.2 by mbedTLS, one kept connection.
 *
 * One request at a time, a body with Content-Length both ways, nothing else of HTTP: an answer that is chunked, has two
 * lengths, or a head over 16 KB is refused. The connection is kept; a lost one is made again, resuming the TLS session
 * by its ticket. Every request of ours may be repeated, so one that meets a kept connection which the other end had
 * closed meanwhile is sent once more on a new one. Blocks up to its time-outs. One thread.
 */
#ifndef CF_SYNC_CLIENT_TLS_NET_H
#define CF_SYNC_CLIENT_TLS_NET_H

#include "base/env.h"

struct cf_tls_net;

struct cf_tls_net_config {
    const char *host; /* name or address, as it stands in the centre's certificate */
    uint16_t port;
    /* The common name of the only certificate to accept, whatever `host` is: of a hub. NULL: a certificate for `host`.
     */
    const char *peer;
    const char *ca_pem;   /* the only CA to trust; NULL: see `unverified` */
    const char *cert_pem; /* ours, with key_pem; NULL for neither */
    const char *key_pem;
    /* For the very first contact only (enrol.h), to fetch the CA's certificate that a code's fingerprint then judges:
     * asserted to be set if and only if ca_pem is NULL. */
    bool unverified;
    cf_duration connect_timeout; /* name look-up, TCP and TLS together; 0: 10 s */
    cf_duration idle_timeout;    /* without a byte moving; 0: 30 s */
    cf_duration total_timeout;   /* of one exchange; 0: 120 s */
    /* The true time, if known, to judge the dates of the centre's certificate. A till whose clock was reset cannot
     * judge them before it has heard the centre's signed time, so unknown means: not judged until known, then judged
     * before the next request. NULL: env's wall clock is believed. */
    bool (*true_time)(void *ctx, cf_wall *ret);
    void *true_time_ctx;
};

struct cf_tls_net_stats {
    uint64_t exchanges;
    uint64_t connects;
    uint64_t resumed;              /* of the connects */
    uint64_t repeats;              /* requests sent again on a new connection */
    uint64_t bytes_up, bytes_down; /* on the wire, with TLS */
};

/* Copies the config's texts. `base` gives clocks, randomness and files. Connects at the first exchange.
 * CF_E_CERTIFICATE for PEMs that cannot be read. Free with cf_tls_net_free (accepts NULL). */
enum cf_rc cf_tls_net_new(const struct cf_env *base, const struct cf_tls_net_config *config, struct cf_tls_net **ret,
                          struct cf_error *err) CF_MUST_CHECK;
void cf_tls_net_free(struct cf_tls_net *net);

/* `base` with this network: what cf_sync_new takes. Owned by net. */
const struct cf_env *cf_tls_net_env(struct cf_tls_net *net);

/*
 * As net_exchange of base/env.h. The answer's body is at most ret_body's maximum (CF_E_LIMIT beyond).
 *
 *   CF_E_LINK_DOWN    no such name, refused, unreachable, not in time
 *   CF_E_TLS          the handshake failed
 *   CF_E_CERTIFICATE  theirs is not of our CA, not of this host or not of this time; or ours was refused
 *                     of all these: the request was surely not sent
 *   CF_E_TIMEOUT      sent, perhaps in part, and no whole answer came: it may have arrived
 *   CF_E_PROTOCOL     not an HTTP answer of the shape above
 */
enum cf_rc cf_tls_net_exchange(struct cf_tls_net *net, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err) CF_MUST_CHECK;

/* Called once an exchange, when the request is sent and no answer has come yet: time to prepare something. */
void cf_tls_net_on_wait(struct cf_tls_net *net, void (*fn)(void *ctx), void *ctx);
/* Sets the function that tells the true time, after _new (cf_sync_true_time needs the cf_sync, which needs the env). */
void cf_tls_net_true_time(struct cf_tls_net *net, bool (*fn)(void *ctx, cf_wall *ret), void *ctx);
void cf_tls_net_stats(const struct cf_tls_net *net, struct cf_tls_net_stats *ret);
/* Closes the connection (its session is kept for resumption): before a long pause. */
void cf_tls_net_close(struct cf_tls_net *net);

#endif
