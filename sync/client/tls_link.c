/*
 * sync/client/tls_link.c - see tls_link.h. One thread.
 */
#include "sync/client/tls_link.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <mbedtls/error.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Probes of an idle connection: a middlebox that forgot it is noticed before the next batch needs it. */
#define KEEPALIVE_IDLE_S 30
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_PROBES 3

/* Handshakes in a row that may break off before the old session is no longer offered. */
#define SESSION_FAILURES_MAX 3

#define SAN_IP_ADDRESS (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)

/* --- waiting ------------------------------------------------------------------------------------------------------ */

static void moved(struct cf_tls_link *link, struct cf_tls_deadline *deadline)
{
    deadline->idle.us = cf_env_mono(link->setup->env).us + deadline->idle_timeout.us;
}

static enum cf_rc wait_for(struct cf_tls_link *link, short events, const struct cf_tls_deadline *deadline,
                           struct cf_error *err)
{
    int64_t until_us = deadline->idle.us < deadline->total.us ? deadline->idle.us : deadline->total.us;
    for (;;) {
        int64_t left_us = until_us - cf_env_mono(link->setup->env).us;
        if (left_us <= 0)
            return cf_fail(err, CF_E_TIMEOUT, "no answer from %s:%u in time", link->setup->host, link->setup->port);
        int64_t left_ms = left_us / CF_US_PER_MS + 1;
        struct pollfd p = {.fd = link->fd, .events = events};
        int n = poll(&p, 1, left_ms > 60000 ? 60000 : (int)left_ms);
        if (n > 0)
            return CF_OK;
        if (n < 0 && errno != EINTR)
            return cf_fail_errno(err, errno, "waiting for %s", link->setup->host);
    }
}

/* --- the transport under TLS -------------------------------------------------------------------------------------- */

static int transport_failed(struct cf_tls_link *link, int mbedtls_code)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return mbedtls_code;
    link->io_rc = CF_E_LINK_DOWN;
    link->io_errno = errno;
    return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int transport_send(void *ctx, const unsigned char *p, size_t n)
{
    struct cf_tls_link *link = ctx;
    ssize_t sent = send(link->fd, p, n, MSG_NOSIGNAL);
    if (sent < 0)
        return transport_failed(link, MBEDTLS_ERR_SSL_WANT_WRITE);
    link->bytes_out += (uint64_t)sent;
    return (int)sent;
}

static int transport_receive(void *ctx, unsigned char *p, size_t n)
{
    struct cf_tls_link *link = ctx;
    ssize_t got = recv(link->fd, p, n, 0);
    if (got < 0)
        return transport_failed(link, MBEDTLS_ERR_SSL_WANT_READ);
    link->bytes_in += (uint64_t)got;
    return (int)got;
}

static enum cf_rc connect_one(struct cf_tls_link *link, const struct addrinfo *address,
                              const struct cf_tls_deadline *deadline, struct cf_error *err)
{
    const struct cf_tls_setup *setup = link->setup;
    link->fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd < 0)
        return cf_fail(err, CF_E_LINK_DOWN, "no socket for %s: %s", setup->host, strerror(errno));
    int failed = connect(link->fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    enum cf_rc rc = CF_OK;
    if (failed == EINPROGRESS) {
        rc = wait_for(link, POLLOUT, deadline, err);
        socklen_t size = sizeof failed;
        if (rc == CF_OK && getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
            failed = errno;
    }
    if (rc == CF_OK && failed != 0)
        rc = cf_fail(err, CF_E_LINK_DOWN, "%s:%u cannot be reached: %s", setup->host, setup->port, strerror(failed));
    if (rc != CF_OK) {
        close(link->fd);
        link->fd = -1;
    }
    return rc;
}

static void tune(int fd)
{
    /* A request is two writes: without this the second waits for the first one's acknowledgement, 40 ms. What the
     * system refuses here only costs speed. */
    const int on = 1, idle = KEEPALIVE_IDLE_S, interval = KEEPALIVE_INTERVAL_S, probes = KEEPALIVE_PROBES;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

static enum cf_rc connect_any(struct cf_tls_link *link, const struct cf_tls_deadline *deadline, struct cf_error *err)
{
    const struct cf_tls_setup *setup = link->setup;
    struct addrinfo *found = NULL;
    cf_duration patience = {deadline->total.us - cf_env_mono(setup->env).us};
    enum cf_rc rc = cf_lookup_wait(setup->lookup, patience, &found, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_fail(err, CF_E_LINK_DOWN, "no address for %s", setup->host);
    for (const struct addrinfo *at = found; at != NULL && rc != CF_OK && rc != CF_E_TIMEOUT; at = at->ai_next)
        rc = connect_one(link, at, deadline, err);
    freeaddrinfo(found);
    if (rc == CF_OK)
        tune(link->fd);
    return rc;
}

/* --- the centre's certificate ------------------------------------------------------------------------------------- */

static int64_t seconds_of(const mbedtls_x509_time *time)
{
    struct tm tm = {.tm_year = time->year - 1900,
                    .tm_mon = time->mon - 1,
                    .tm_mday = time->day,
                    .tm_hour = time->hour,
                    .tm_min = time->min,
                    .tm_sec = time->sec};
    return (int64_t)timegm(&tm);
}

/* MBEDTLS_X509_BADCERT_EXPIRED, _FUTURE or 0: by the true time, not by the clock that mbedTLS reads. */
static uint32_t judge_dates(const struct cf_tls_setup *setup, const mbedtls_x509_crt *crt)
{
    cf_wall now = {0};
    if (setup->true_time == NULL)
        now = cf_env_wall(setup->env);
    else if (!setup->true_time(setup->true_time_ctx, &now))
        return 0;
    int64_t now_s = cf_wall_s(now);
    if (now_s < seconds_of(&crt->valid_from))
        return MBEDTLS_X509_BADCERT_FUTURE;
    return now_s > seconds_of(&crt->valid_to) ? MBEDTLS_X509_BADCERT_EXPIRED : 0;
}

/* mbedTLS 2.28 compares names only; an address stands in subjectAltName as its bytes (RFC 5280 section 4.2.1.6). */
static bool has_address(const struct cf_tls_setup *setup, const mbedtls_x509_crt *crt)
{
    for (const mbedtls_x509_sequence *at = &crt->subject_alt_names; at != NULL; at = at->next)
        if (at->buf.tag == SAN_IP_ADDRESS && at->buf.len == setup->address_n &&
            memcmp(at->buf.p, setup->address, setup->address_n) == 0)
            return true;
    return false;
}

static int verify(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    struct cf_tls_link *link = ctx;
    link->certificate_seen = true;
    *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    *flags |= judge_dates(link->setup, crt);
    bool by_address = link->setup->peer == NULL && link->setup->host_is_address;
    if (depth == 0 && by_address && !has_address(link->setup, crt))
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    return 0;
}

static enum cf_rc certificate_refused(const struct cf_tls_link *link, uint32_t flags, struct cf_error *err)
{
    const char *why = "it is not genuine";
    if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0)
        why = "it is not of the CA that this terminal was enrolled with";
    else if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0)
        why = "it is for another host";
    else if ((flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0)
        why = "it has expired";
    else if ((flags & MBEDTLS_X509_BADCERT_FUTURE) != 0)
        why = "it is not valid yet";
    return cf_fail(err, CF_E_CERTIFICATE, "the certificate of %s was refused: %s", link->setup->host, why);
}

enum cf_rc cf_tls_link_judge_dates(const struct cf_tls_link *link, struct cf_error *err)
{
    const mbedtls_x509_crt *crt = link->setup->unverified ? NULL : mbedtls_ssl_get_peer_cert(&link->ssl);
    uint32_t flags = crt == NULL ? 0 : judge_dates(link->setup, crt);
    return flags == 0 ? CF_OK : certificate_refused(link, flags, err);
}

/* --- failures of TLS ---------------------------------------------------------------------------------------------- */

/* Alerts by which the centre refuses our certificate (RFC 5246 section 7.2.2). OpenSSL sends handshake_failure to a
 * client that has none. */
static bool is_about_certificate(const struct cf_tls_link *link, unsigned char alert)
{
    switch (alert) {
    case MBEDTLS_SSL_ALERT_MSG_BAD_CERT:
    case MBEDTLS_SSL_ALERT_MSG_UNSUPPORTED_CERT:
    case MBEDTLS_SSL_ALERT_MSG_CERT_REVOKED:
    case MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED:
    case MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN:
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA:
    case MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED:
        return true;
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
        return link->setup->cert.raw.p == NULL;
    default:
        return false;
    }
}

/* A server that refuses a certificate says so and closes, while the client still writes the rest of its flight: the
 * write fails first, and the alert lies there unread. Gives its description, 0 if there is none. */
static unsigned char unread_alert(const struct cf_tls_link *link)
{
    unsigned char record[7]; /* RFC 5246 section 6.2.1: type, version(2), length(2), level, description */
    if (link->ssl.state >= MBEDTLS_SSL_SERVER_CHANGE_CIPHER_SPEC)
        return 0;
    ssize_t got = recv(link->fd, record, sizeof record, MSG_DONTWAIT);
    bool is_alert = got == (ssize_t)sizeof record && record[0] == MBEDTLS_SSL_MSG_ALERT && record[4] == 2;
    return is_alert ? record[6] : 0;
}

static enum cf_rc refused_by_alert(const struct cf_tls_link *link, unsigned char alert, struct cf_error *err)
{
    const char *host = link->setup->host;
    if (is_about_certificate(link, alert))
        return cf_fail(err, CF_E_CERTIFICATE, "%s refused this terminal's certificate (TLS alert %u)", host, alert);
    return cf_fail(err, CF_E_TLS, "%s refused the connection (TLS alert %u)", host, alert);
}

static enum cf_rc tls_failed(const struct cf_tls_link *link, int code, struct cf_error *err)
{
    const struct cf_tls_setup *setup = link->setup;
    unsigned char alert = 0;
    if (link->io_rc != CF_OK)
        alert = unread_alert(link);
    else if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
        alert = link->ssl.in_msg[1];
    if (alert != 0)
        return refused_by_alert(link, alert, err);
    if (link->io_rc != CF_OK)
        return cf_fail(err, link->io_rc, "the link to %s broke: %s", setup->host, strerror(link->io_errno));
    if (code == 0 || code == MBEDTLS_ERR_SSL_CONN_EOF || code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        return cf_fail(err, CF_E_LINK_DOWN, "%s:%u closed the connection", setup->host, setup->port);
    if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
        return certificate_refused(link, mbedtls_ssl_get_verify_result(&link->ssl), err);
    char text[100];
    mbedtls_strerror(code, text, sizeof text);
    return cf_fail(err, CF_E_TLS, "TLS with %s: %s", setup->host, text);
}

/* --- the link ----------------------------------------------------------------------------------------------------- */

static enum cf_rc handshake(struct cf_tls_link *link, struct cf_tls_deadline *deadline, struct cf_error *err)
{
    for (;;) {
        int code = mbedtls_ssl_handshake(&link->ssl);
        if (code == 0)
            return CF_OK;
        if (code != MBEDTLS_ERR_SSL_WANT_READ && code != MBEDTLS_ERR_SSL_WANT_WRITE)
            return tls_failed(link, code, err);
        enum cf_rc rc = wait_for(link, code == MBEDTLS_ERR_SSL_WANT_READ ? POLLIN : POLLOUT, deadline, err);
        if (rc != CF_OK)
            return rc;
    }
}

static enum cf_rc begin_tls(struct cf_tls_link *link, struct cf_error *err)
{
    struct cf_tls_setup *setup = link->setup;
    mbedtls_ssl_init(&link->ssl);
    mbedtls_ssl_conf_verify(&setup->conf, verify, link);
    int code = mbedtls_ssl_setup(&link->ssl, &setup->conf);
    /* SNI is for names (RFC 6066 section 3); an address is checked in verify(). */
    if (code == 0)
        code = mbedtls_ssl_set_hostname(&link->ssl, setup->peer != NULL      ? setup->peer
                                                    : setup->host_is_address ? NULL
                                                                             : setup->host);
    if (code == 0 && setup->has_session)
        code = mbedtls_ssl_set_session(&link->ssl, &setup->session);
    if (code != 0)
        return tls_failed(link, code, err);
    mbedtls_ssl_set_bio(&link->ssl, link, transport_send, transport_receive, NULL);
    return CF_OK;
}

void cf_tls_forget_session(struct cf_tls_setup *setup)
{
    mbedtls_ssl_session_free(&setup->session);
    mbedtls_ssl_session_init(&setup->session);
    setup->has_session = false;
}

static void keep_session(struct cf_tls_link *link)
{
    cf_tls_forget_session(link->setup);
    link->setup->has_session = mbedtls_ssl_get_session(&link->ssl, &link->setup->session) == 0;
}

enum cf_rc cf_tls_link_open(struct cf_tls_link *link, struct cf_tls_setup *setup, struct cf_tls_deadline *deadline,
                            bool *ret_resumed, struct cf_error *err)
{
    *link = (struct cf_tls_link){.setup = setup, .fd = -1};
    enum cf_rc rc = connect_any(link, deadline, err);
    if (rc != CF_OK)
        return rc;
    bool offered = setup->has_session;
    rc = begin_tls(link, err);
    if (rc == CF_OK)
        rc = handshake(link, deadline, err);
    if (rc != CF_OK) {
        /* Perhaps it was the old session that they choked on; but a link that breaks now and then is not that. */
        setup->session_failures++;
        if ((rc != CF_E_LINK_DOWN && rc != CF_E_TIMEOUT) || setup->session_failures >= SESSION_FAILURES_MAX)
            cf_tls_forget_session(setup);
        cf_tls_link_close(link);
        return rc;
    }
    setup->session_failures = 0;
    /* A resumed handshake shows no certificate; an unverified one never calls verify(), and is never resumed. */
    *ret_resumed = offered && !link->certificate_seen;
    if (setup->unverified)
        return CF_OK;
    if (!*ret_resumed)
        keep_session(link);
    return CF_OK;
}

void cf_tls_link_close(struct cf_tls_link *link)
{
    if (link->fd < 0)
        return;
    if (link->io_rc == CF_OK)
        (void)mbedtls_ssl_close_notify(&link->ssl);
    mbedtls_ssl_free(&link->ssl);
    close(link->fd);
    link->fd = -1;
}

bool cf_tls_link_is_open(const struct cf_tls_link *link)
{
    return link->fd >= 0;
}

bool cf_tls_link_is_stale(const struct cf_tls_link *link)
{
    struct pollfd p = {.fd = link->fd, .events = POLLIN};
    return poll(&p, 1, 0) != 0 || mbedtls_ssl_get_bytes_avail(&link->ssl) > 0;
}

enum cf_rc cf_tls_link_write(struct cf_tls_link *link, cf_bytes bytes, struct cf_tls_deadline *deadline,
                             struct cf_error *err)
{
    moved(link, deadline);
    while (bytes.n > 0) {
        int code = mbedtls_ssl_write(&link->ssl, bytes.p, bytes.n);
        if (code > 0) {
            bytes = cf_bytes_of(bytes.p + code, bytes.n - (size_t)code);
            moved(link, deadline);
            continue;
        }
        if (code != MBEDTLS_ERR_SSL_WANT_WRITE && code != MBEDTLS_ERR_SSL_WANT_READ)
            return tls_failed(link, code, err);
        enum cf_rc rc = wait_for(link, code == MBEDTLS_ERR_SSL_WANT_READ ? POLLIN : POLLOUT, deadline, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

enum cf_rc cf_tls_link_read(struct cf_tls_link *link, uint8_t *p, size_t n, size_t *ret_n,
                            struct cf_tls_deadline *deadline, struct cf_error *err)
{
    assert(n > 0);
    for (;;) {
        int code = mbedtls_ssl_read(&link->ssl, p, n);
        if (code > 0) {
            *ret_n = (size_t)code;
            moved(link, deadline);
            return CF_OK;
        }
        if (code != MBEDTLS_ERR_SSL_WANT_READ && code != MBEDTLS_ERR_SSL_WANT_WRITE)
            return tls_failed(link, code, err);
        enum cf_rc rc = wait_for(link, code == MBEDTLS_ERR_SSL_WANT_READ ? POLLIN : POLLOUT, deadline, err);
        if (rc != CF_OK)
            return rc;
    }
}
