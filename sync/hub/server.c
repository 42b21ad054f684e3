/*
 * sync/hub/server.c - see server.h. One thread.
 */
#include "sync/hub/server.h"

#include <errno.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sync/hub/http_in.h"
#include "sync/wire/hub.h"

#define BACKLOG 256
#define SHAKING_US (250 * CF_US_PER_MS)  /* what a handshake on a store's network takes at most, many times over */
#define FULL_WAIT_US (20 * CF_US_PER_MS) /* until somebody's place is looked for again */
#define REQUEST_TIMEOUT_US (20 * CF_US_PER_S)
#define IDLE_TIMEOUT_US (300 * CF_US_PER_S)
#define TICKET_LIFETIME_S 86400
#define READ_BYTES 16384

enum phase { FREE, SHAKING, READING, WRITING };

struct connection {
    enum phase phase;
    int fd;
    mbedtls_ssl_context ssl;
    uint32_t terminal, epoch;
    short wants;      /* what poll waits for */
    cf_mono since;    /* of the request under way, or of the last one */
    struct cf_buf in; /* of the request */
    size_t head_n;    /* 0: the head is not whole yet */
    struct cf_hub_head head;
    struct cf_buf out;
    size_t out_at;
};
struct cf_hub_server {
    struct cf_hub_server_config config;
    int listener;
    uint16_t port;
    mbedtls_ctr_drbg_context drbg;
    mbedtls_ssl_config conf;
    mbedtls_ssl_ticket_context tickets;
    mbedtls_x509_crt ca, cert;
    mbedtls_pk_context key;
    struct cf_hub_response response;
    size_t pending_bytes;
    struct connection connections[CF_HUB_CONNECTIONS_MAX];
};

/* --- who calls ---------------------------------------------------------------------------------------------------- */

static bool parse_number(const char **at, uint32_t *ret)
{
    uint64_t v = 0;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9' && v <= UINT32_MAX; (*at)++)
        v = v * 10 + (uint64_t)(**at - '0');
    *ret = (uint32_t)v;
    return *at > start && *start != '0' && v <= UINT32_MAX;
}

bool cf_hub_parse_name(const char *common_name, uint32_t *ret_terminal, uint32_t *ret_epoch)
{
    const char *at = common_name;
    if (*at++ != 't' || !parse_number(&at, ret_terminal) || at[0] != '-' || at[1] != 'e')
        return false;
    at += 2;
    return parse_number(&at, ret_epoch) && *at == '\0';
}

static bool know_peer(struct connection *c)
{
    const mbedtls_x509_crt *crt = mbedtls_ssl_get_peer_cert(&c->ssl);
    if (crt == NULL)
        return false;
    for (const mbedtls_x509_name *at = &crt->subject; at != NULL; at = at->next) {
        char name[CF_CN_MAX + 1];
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &at->oid) != 0 || at->val.len > CF_CN_MAX)
            continue;
        memcpy(name, at->val.p, at->val.len);
        name[at->val.len] = '\0';
        return cf_hub_parse_name(name, &c->terminal, &c->epoch);
    }
    return false;
}

/* --- one connection ----------------------------------------------------------------------------------------------- */

static void close_connection(struct cf_hub_server *server, struct connection *c)
{
    if (c->phase == FREE)
        return;
    server->pending_bytes -= c->in.cap;
    mbedtls_ssl_free(&c->ssl);
    close(c->fd);
    cf_buf_done(&c->in);
    cf_buf_done(&c->out);
    *c = (struct connection){.phase = FREE, .fd = -1};
}

static int send_bytes(void *ctx, const unsigned char *p, size_t n)
{
    ssize_t sent = send(((struct connection *)ctx)->fd, p, n, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    return (int)sent;
}

static int receive_bytes(void *ctx, unsigned char *p, size_t n)
{
    ssize_t got = recv(((struct connection *)ctx)->fd, p, n, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    return (int)got;
}

/* True if the call is to be tried again when the socket is ready. */
static bool waits(struct connection *c, int code)
{
    if (code == MBEDTLS_ERR_SSL_WANT_READ)
        c->wants = POLLIN;
    else if (code == MBEDTLS_ERR_SSL_WANT_WRITE)
        c->wants = POLLOUT;
    else
        return false;
    return true;
}

static void begin_request(struct cf_hub_server *server, struct connection *c)
{
    /* What a large request took is not kept for the next. */
    server->pending_bytes -= c->in.cap;
    cf_buf_done(&c->in);
    cf_buf_init(&c->in, CF_HUB_HEAD_MAX + CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX);
    c->head_n = 0;
    c->phase = READING;
    c->wants = POLLIN;
    c->since = cf_env_mono(server->config.env);
}

static enum cf_rc write_head(struct connection *c, int status, size_t length)
{
    cf_buf_clear(&c->out);
    c->out_at = 0;
    return cf_buf_printf(&c->out, NULL,
                         "HTTP/1.1 %d %s\r\nContent-Type: application/cbor\r\nContent-Length: %zu\r\n%s\r\n", status,
                         status == 200 ? "OK" : "No", length, c->head.keep ? "" : "Connection: close\r\n");
}

/* The whole request is in: the hub answers. */
static bool answer(struct cf_hub_server *server, struct connection *c)
{
    struct cf_hub_request request = {.method = c->head.method,
                                     .path = c->head.path,
                                     .body = cf_bytes_of(c->in.p + c->head_n, (size_t)c->head.content_length),
                                     .terminal = c->terminal,
                                     .epoch = c->epoch};
    cf_hub_handle(server->config.hub, &request, &server->response);
    c->phase = WRITING;
    c->wants = POLLOUT;
    return write_head(c, server->response.status, server->response.body.n) == CF_OK &&
           cf_buf_append(&c->out, server->response.body.p, server->response.body.n, NULL) == CF_OK;
}

static bool has_request(const struct connection *c)
{
    return c->head_n > 0 && c->in.n >= c->head_n + c->head.content_length;
}

/* Takes what was read; false if it is no request of ours. */
static bool take_bytes(struct cf_hub_server *server, struct connection *c, const uint8_t *p, size_t n)
{
    size_t cap = c->in.cap;
    if (server->pending_bytes + n > CF_HUB_PENDING_BYTES_MAX || cf_buf_append(&c->in, p, n, NULL) != CF_OK)
        return false;
    server->pending_bytes += c->in.cap - cap;
    if (c->head_n == 0) {
        c->head_n = cf_hub_head_size(cf_buf_bytes(&c->in));
        if (c->head_n == 0)
            return c->in.n <= CF_HUB_HEAD_MAX;
        if (c->head_n > CF_HUB_HEAD_MAX || cf_hub_head_read(cf_bytes_of(c->in.p, c->head_n), &c->head, NULL) != CF_OK ||
            c->head.content_length > CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX)
            return false;
    }
    return c->in.n <= c->head_n + c->head.content_length; /* nobody asks before the answer */
}

/* Each step goes on as far as it can without waiting; false: close. */
static bool shake(struct cf_hub_server *server, struct connection *c)
{
    int code = mbedtls_ssl_handshake(&c->ssl);
    if (waits(c, code))
        return true;
    if (code != 0 || !know_peer(c))
        return false;
    begin_request(server, c);
    return true;
}

static bool read_on(struct cf_hub_server *server, struct connection *c)
{
    uint8_t bytes[READ_BYTES];
    while (!has_request(c)) {
        int got = mbedtls_ssl_read(&c->ssl, bytes, sizeof bytes);
        if (waits(c, got))
            return true;
        if (got <= 0 || !take_bytes(server, c, bytes, (size_t)got))
            return false;
    }
    return answer(server, c);
}

static bool write_on(struct cf_hub_server *server, struct connection *c)
{
    while (c->out_at < c->out.n) {
        int sent = mbedtls_ssl_write(&c->ssl, c->out.p + c->out_at, c->out.n - c->out_at);
        if (waits(c, sent))
            return true;
        if (sent <= 0)
            return false;
        c->out_at += (size_t)sent;
    }
    if (!c->head.keep)
        return false;
    begin_request(server, c);
    return true;
}

static void go_on(struct cf_hub_server *server, struct connection *c)
{
    bool good = true;
    enum phase before;
    do {
        before = c->phase;
        switch (c->phase) {
        case FREE:
            return;
        case SHAKING:
            good = shake(server, c);
            break;
        case READING:
            good = read_on(server, c);
            break;
        case WRITING:
            good = write_on(server, c);
            break;
        }
    } while (good && c->phase != before);
    if (!good)
        close_connection(server, c);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/* A place for a new connection: a free one; else that of a stranger, who has not shown a certificate in a while that is
 * long enough for any till; else, unless some stranger is soon to go, of whoever has been idle for longest. NULL:
 * whoever calls waits in the listener's queue. */
static struct connection *find_place(struct cf_hub_server *server)
{
    struct connection *stranger = NULL, *idle = NULL;
    for (size_t i = 0; i < CF_HUB_CONNECTIONS_MAX; i++) {
        struct connection *c = &server->connections[i];
        if (c->phase == FREE)
            return c;
        if (c->phase == SHAKING && (stranger == NULL || c->since.us < stranger->since.us))
            stranger = c;
        if (c->phase == READING && c->in.n == 0 && (idle == NULL || c->since.us < idle->since.us))
            idle = c;
    }
    if (stranger == NULL)
        return idle;
    return cf_env_mono(server->config.env).us - stranger->since.us > SHAKING_US ? stranger : NULL;
}

static void accept_all(struct cf_hub_server *server)
{
    struct connection *c;
    while ((c = find_place(server)) != NULL) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        const int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        close_connection(server, c);
        *c = (struct connection){.phase = SHAKING, .fd = fd, .wants = POLLIN, .since = cf_env_mono(server->config.env)};
        mbedtls_ssl_init(&c->ssl);
        cf_buf_init(&c->in, 0);
        cf_buf_init(&c->out, CF_HUB_HEAD_MAX + CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX);
        if (mbedtls_ssl_setup(&c->ssl, &server->conf) != 0) {
            close_connection(server, c);
            continue;
        }
        mbedtls_ssl_set_bio(&c->ssl, c, send_bytes, receive_bytes, NULL);
    }
}

static void close_slow(struct cf_hub_server *server)
{
    int64_t now_us = cf_env_mono(server->config.env).us;
    for (size_t i = 0; i < CF_HUB_CONNECTIONS_MAX; i++) {
        struct connection *c = &server->connections[i];
        bool idle = c->phase == READING && c->in.n == 0;
        if (c->phase != FREE && now_us - c->since.us > (idle ? IDLE_TIMEOUT_US : REQUEST_TIMEOUT_US))
            close_connection(server, c);
    }
}

enum cf_rc cf_hub_server_run(struct cf_hub_server *server, cf_duration patience, struct cf_error *err)
{
    struct pollfd polls[CF_HUB_CONNECTIONS_MAX + 1];
    size_t of[CF_HUB_CONNECTIONS_MAX + 1], n = 0;
    bool has_place = find_place(server) != NULL;
    if (!has_place && patience.us > FULL_WAIT_US)
        patience.us = FULL_WAIT_US;
    polls[n++] = (struct pollfd){.fd = server->listener, .events = has_place ? POLLIN : 0};
    for (size_t i = 0; i < CF_HUB_CONNECTIONS_MAX; i++) {
        if (server->connections[i].phase != FREE) {
            of[n] = i;
            polls[n++] = (struct pollfd){.fd = server->connections[i].fd, .events = server->connections[i].wants};
        }
    }
    int ready = poll(polls, n, (int)(patience.us / CF_US_PER_MS));
    if (ready < 0 && errno != EINTR)
        return cf_fail_errno(err, errno, "waiting for tills");
    for (size_t k = 1; ready > 0 && k < n; k++) {
        struct connection *c = &server->connections[of[k]];
        if (polls[k].revents == 0)
            continue;
        if (c->phase == READING && c->in.n == 0) /* from its first byte on a request has its time */
            c->since = cf_env_mono(server->config.env);
        go_on(server, c);
    }
    if (ready > 0 && polls[0].revents != 0)
        accept_all(server);
    close_slow(server);
    return CF_OK;
}

/* --- making it ---------------------------------------------------------------------------------------------------- */

static int entropy(void *ctx, unsigned char *p, size_t n)
{
    cf_env_random(ctx, p, n);
    return 0;
}

static int verify(void *ctx, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    (void)ctx;
    (void)crt;
    (void)depth;
    *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    return 0;
}

static enum cf_rc setup_failed(int code, const char *what, struct cf_error *err)
{
    char text[100];
    mbedtls_strerror(code, text, sizeof text);
    return cf_fail(err, CF_E_CERTIFICATE, "%s: %s", what, text);
}

static enum cf_rc load_certificates(struct cf_hub_server *server, struct cf_error *err)
{
    const struct cf_hub_server_config *config = &server->config;
    int code = mbedtls_x509_crt_parse(&server->ca, (const unsigned char *)config->ca_pem, strlen(config->ca_pem) + 1);
    if (code != 0 || server->ca.next != NULL)
        return setup_failed(code, "the CA's certificate", err);
    code = mbedtls_x509_crt_parse(&server->cert, (const unsigned char *)config->cert_pem, strlen(config->cert_pem) + 1);
    if (code != 0)
        return setup_failed(code, "this terminal's certificate", err);
    if (mbedtls_x509_crt_check_extended_key_usage(&server->cert, MBEDTLS_OID_SERVER_AUTH,
                                                  MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0)
        return cf_fail(err, CF_E_CERTIFICATE, "this terminal's certificate is not one of a hub: enrol it again");
    code = mbedtls_pk_parse_key(&server->key, (const unsigned char *)config->key_pem, strlen(config->key_pem) + 1, NULL,
                                0);
    if (code == 0)
        code = mbedtls_pk_check_pair(&server->cert.pk, &server->key);
    return code == 0 ? CF_OK : setup_failed(code, "this terminal's TLS key", err);
}

static enum cf_rc configure_tls(struct cf_hub_server *server, struct cf_error *err)
{
    static const int SUITES[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};
    static const mbedtls_ecp_group_id CURVES[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
    mbedtls_ssl_config *conf = &server->conf;
    int code = mbedtls_ctr_drbg_seed(&server->drbg, entropy, (void *)(uintptr_t)server->config.env, NULL, 0);
    if (code == 0)
        code = mbedtls_ssl_config_defaults(conf, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
    if (code == 0)
        code = mbedtls_ssl_ticket_setup(&server->tickets, mbedtls_ctr_drbg_random, &server->drbg,
                                        MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFETIME_S);
    if (code != 0)
        return setup_failed(code, "TLS", err);
    mbedtls_ssl_conf_rng(conf, mbedtls_ctr_drbg_random, &server->drbg);
    mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_ciphersuites(conf, SUITES);
    mbedtls_ssl_conf_curves(conf, CURVES);
    mbedtls_ssl_conf_cert_profile(conf, &mbedtls_x509_crt_profile_suiteb);
    mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(conf, &server->ca, NULL);
    mbedtls_ssl_conf_verify(conf, verify, NULL);
    mbedtls_ssl_conf_session_tickets_cb(conf, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &server->tickets);
    code = mbedtls_ssl_conf_own_cert(conf, &server->cert, &server->key);
    return code == 0 ? CF_OK : setup_failed(code, "TLS", err);
}

/* One socket for both families where the machine has IPv6, else for IPv4. */
static enum cf_rc listen_on(struct cf_hub_server *server, struct cf_error *err)
{
    const int on = 1, off = 0;
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(server->config.port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(server->config.port)};
    struct sockaddr *address = (struct sockaddr *)&six;
    socklen_t size = sizeof six;
    server->listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listener >= 0) {
        (void)setsockopt(server->listener, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    } else {
        server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        address = (struct sockaddr *)&four;
        size = sizeof four;
    }
    if (server->listener < 0)
        return cf_fail_errno(err, errno, "no socket");
    (void)setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in6 bound = {0};
    socklen_t bound_size = sizeof bound;
    if (bind(server->listener, address, size) != 0 || listen(server->listener, BACKLOG) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&bound, &bound_size) != 0)
        return cf_fail(err, CF_E_IO, "port %u: %s", server->config.port, strerror(errno));
    server->port = ntohs(bound.sin6_port); /* at the same place in both families */
    return CF_OK;
}

enum cf_rc cf_hub_server_new(const struct cf_hub_server_config *config, struct cf_hub_server **ret,
                             struct cf_error *err)
{
    struct cf_hub_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "the hub's server");
    server->config = *config;
    server->listener = -1;
    for (size_t i = 0; i < CF_HUB_CONNECTIONS_MAX; i++)
        server->connections[i].fd = -1;
    mbedtls_ctr_drbg_init(&server->drbg);
    mbedtls_ssl_config_init(&server->conf);
    mbedtls_ssl_ticket_init(&server->tickets);
    mbedtls_x509_crt_init(&server->ca);
    mbedtls_x509_crt_init(&server->cert);
    mbedtls_pk_init(&server->key);
    cf_hub_response_init(&server->response);
    enum cf_rc rc = load_certificates(server, err);
    if (rc == CF_OK)
        rc = configure_tls(server, err);
    if (rc == CF_OK)
        rc = listen_on(server, err);
    if (rc != CF_OK) {
        cf_hub_server_free(server);
        return rc;
    }
    *ret = server;
    return CF_OK;
}

void cf_hub_server_free(struct cf_hub_server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < CF_HUB_CONNECTIONS_MAX; i++)
        close_connection(server, &server->connections[i]);
    if (server->listener >= 0)
        close(server->listener);
    cf_hub_response_done(&server->response);
    mbedtls_pk_free(&server->key);
    mbedtls_x509_crt_free(&server->cert);
    mbedtls_x509_crt_free(&server->ca);
    mbedtls_ssl_ticket_free(&server->tickets);
    mbedtls_ssl_config_free(&server->conf);
    mbedtls_ctr_drbg_free(&server->drbg);
    free(server);
}

uint16_t cf_hub_server_port(const struct cf_hub_server *server)
{
    return server->port;
}
