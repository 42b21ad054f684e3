/*
 * sync/central/http_server.c - see http_server.h.
 *
 * Slow clients are closed by a sweep that looks at when a handshake, a request or an answer began, not at when the last
 * byte came: a client that sends a byte a second gets no further than one that is silent. Full house: the listeners
 * pause, so that the kernel's queue waits, not our memory.
 */
#include "sync/central/http_server.h"

#include "sync/central/tls_context.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define CONNECTIONS_DEFAULT 4096
#define REQUEST_S_DEFAULT 20
#define ANSWER_S 60
#define IDLE_S 120
#define HEADERS_MAX 16384
#define BACKLOG 512
#define ADDRESS_TEXT_MAX 80
/* A body beyond what the centre takes is still read up to here, so that its sender gets our answer, not a reset. */
#define BODY_TAKEN_MAX (16u << 20)
#define BUFFERED_MAX (256u << 20) /* of all connections together */

struct port {
    struct cf_http_server *server;
    enum cf_central_port kind;
    SSL_CTX *tls;
    struct evhttp *http;
    struct evconnlistener *listener; /* owned by http once bound */
    uint16_t number;
};
/* Lives in the SSL object, and so exactly as long as the connection. */
struct connection {
    struct port *port;
    struct bufferevent *bev;
    struct connection *next, *previous;
    bool handshake_done;
    int64_t opened_us;
    int64_t request_us; /* when the first byte of a request came that is not whole yet, 0: none */
    size_t buffered;
    int64_t answer_us; /* when an answer was handed over that is not sent yet, 0: none */
};
struct cf_http_server {
    struct cf_central *central;
    struct event_base *base;
    struct port ports[2];
    struct event *on_term, *on_int, *sweep;
    struct connection *first;
    struct cf_listener_counts counts;
    struct cf_central_response response;
    unsigned connections_max;
    int64_t request_us_max;
    bool paused;
    size_t buffered;      /* bytes of requests that are not whole yet */
    int connection_index; /* of SSL ex_data */
};

static int64_t now_us(void)
{
    return cf_env_mono(cf_env_system()).us;
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static void pause_or_resume(struct cf_http_server *server)
{
    bool full = server->counts.connections >= server->connections_max;
    if (full == server->paused) {
        return;
    }
    server->paused = full;
    server->counts.connections_refused += full;
    for (size_t i = 0; i < 2; i++) {
        if (server->ports[i].listener == NULL) {
            continue;
        }
        if (full) {
            evconnlistener_disable(server->ports[i].listener);
        } else {
            evconnlistener_enable(server->ports[i].listener);
        }
    }
}

static void connection_freed(void *ssl, void *ptr, CRYPTO_EX_DATA *data, int index, long arg, void *server_arg)
{
    (void)ssl, (void)data, (void)index, (void)arg;
    struct cf_http_server *server = server_arg;
    struct connection *c = ptr;
    if (c == NULL) {
        return;
    }
    if (c->previous != NULL) {
        c->previous->next = c->next;
    } else {
        server->first = c->next;
    }
    if (c->next != NULL) {
        c->next->previous = c->previous;
    }
    server->counts.connections--;
    server->buffered -= c->buffered;
    server->counts.handshakes_failed += !c->handshake_done;
    free(c);
    pause_or_resume(server);
}

static void on_tls_info(const SSL *ssl, int where, int result)
{
    (void)result;
    struct port *port = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct connection *c = SSL_get_ex_data(ssl, port->server->connection_index);
    if (c == NULL || (where & SSL_CB_HANDSHAKE_DONE) == 0 || c->handshake_done) {
        return;
    }
    c->handshake_done = true;
    if (SSL_session_reused(ssl)) {
        port->server->counts.handshakes_resumed++;
    } else {
        port->server->counts.handshakes_full++;
    }
}

/* evhttp sees the end of the stream and frees the connection in its own way. */
static void cut(struct connection *c)
{
    evutil_socket_t fd = bufferevent_getfd(c->bev);
    if (fd >= 0) {
        (void)shutdown(fd, SHUT_RDWR);
    }
    c->request_us = 0;
    c->answer_us = 0;
    c->opened_us = now_us();
    c->port->server->counts.closed_slow++;
}

static void on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *ctx)
{
    (void)buffer;
    struct connection *c = ctx;
    struct cf_http_server *server = c->port->server;
    if (info->n_added > 0 && c->request_us == 0) {
        c->request_us = now_us();
    }
    size_t now = info->orig_size + info->n_added - info->n_deleted;
    server->buffered = server->buffered - c->buffered + now;
    c->buffered = now;
    if (server->buffered > BUFFERED_MAX && info->n_added > 0) {
        cut(c);
    }
}

/* evhttp would go on in the clear if this gave it nothing: without memory we end, and are started again. */
static struct bufferevent *accept_tls(struct event_base *base, void *arg)
{
    struct port *port = arg;
    struct cf_http_server *server = port->server;
    struct connection *c = calloc(1, sizeof *c);
    SSL *ssl = SSL_new(port->tls);
    struct bufferevent *bev =
        ssl != NULL ? bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE)
                    : NULL;
    if (c == NULL || bev == NULL || SSL_set_ex_data(ssl, server->connection_index, c) != 1 ||
        evbuffer_add_cb(bufferevent_get_input(bev), on_input, c) == NULL) {
        abort();
    }
    bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    c->port = port;
    c->bev = bev;
    c->opened_us = now_us();
    c->next = server->first;
    if (c->next != NULL) {
        c->next->previous = c;
    }
    server->first = c;
    server->counts.connections++;
    pause_or_resume(server);
    return bev;
}

static bool is_late(const struct cf_http_server *server, const struct connection *c, int64_t now)
{
    return (!c->handshake_done && now - c->opened_us > server->request_us_max) ||
           (c->request_us != 0 && now - c->request_us > server->request_us_max) ||
           (c->answer_us != 0 && now - c->answer_us > ANSWER_S * CF_US_PER_S);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct cf_http_server *server = arg;
    int64_t now = now_us();
    for (struct connection *c = server->first; c != NULL; c = c->next) {
        if (is_late(server, c, now)) {
            cut(c);
        }
    }
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static struct connection *connection_of(struct evhttp_request *request, struct port *port, SSL **ret_ssl)
{
    struct evhttp_connection *http_connection = evhttp_request_get_connection(request);
    if (http_connection == NULL) {
        return NULL;
    }
    SSL *ssl = bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(http_connection));
    *ret_ssl = ssl;
    return ssl != NULL ? SSL_get_ex_data(ssl, port->server->connection_index) : NULL;
}

static void on_answered(struct evhttp_request *request, void *arg)
{
    SSL *ssl;
    struct connection *c = connection_of(request, arg, &ssl);
    if (c != NULL) {
        c->answer_us = 0;
    }
}

static void answer(struct port *port, struct evhttp_request *request)
{
    struct cf_central_response *response = &port->server->response;
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct evbuffer *body = evbuffer_new();
    SSL *ssl;
    struct connection *c = connection_of(request, port, &ssl);
    if (body == NULL || evbuffer_add(body, response->body.p, response->body.n) != 0) {
        abort();
    }
    (void)evhttp_add_header(headers, "Content-Type", response->content_type);
    (void)evhttp_add_header(headers, "Cache-Control", "no-store");
    if (response->content_range[0] != '\0') {
        (void)evhttp_add_header(headers, "Content-Range", response->content_range);
    }
    if (c != NULL) {
        c->request_us = 0;
        c->answer_us = now_us();
        evhttp_request_set_on_complete_cb(request, on_answered, port);
    }
    evhttp_send_reply(request, response->status, NULL, body);
    evbuffer_free(body);
    port->server->counts.requests++;
}

static const char *method_name(enum evhttp_cmd_type type)
{
    switch (type) {
    case EVHTTP_REQ_GET:
        return "GET";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_PATCH:
        return "PATCH";
    case EVHTTP_REQ_PUT:
        return "PUT";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    case EVHTTP_REQ_OPTIONS:
        return "OPTIONS";
    case EVHTTP_REQ_TRACE:
    case EVHTTP_REQ_CONNECT:
        break;
    }
    return "other";
}

static const char *bearer(const char *header)
{
    return header != NULL && strncmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

/* A whole request. */
static void on_request(struct evhttp_request *request, void *arg)
{
    struct port *port = arg;
    const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    size_t n = evbuffer_get_length(body);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    struct cf_central_request r = {.port = port->kind,
                                   .method = method_name(evhttp_request_get_command(request)),
                                   .path = path != NULL ? path : "",
                                   .query = uri != NULL ? evhttp_uri_get_query(uri) : NULL,
                                   .body = {n > 0 ? evbuffer_pullup(body, -1) : NULL, n},
                                   .api_key = bearer(evhttp_find_header(headers, "Authorization")),
                                   .range = evhttp_find_header(headers, "Range"),
                                   .idempotency_key = evhttp_find_header(headers, "Idempotency-Key")};
    SSL *ssl = NULL;
    (void)connection_of(request, port, &ssl);
    if (port->kind == CF_PORT_TERMINALS && ssl != NULL) {
        r.has_terminal = cf_tls_terminal(ssl, &r.terminal, &r.epoch);
    }
    cf_central_handle(port->server->central, &r, &port->server->response);
    answer(port, request);
}

/* --- listening ---------------------------------------------------------------------------------------------------- */

/* "127.0.0.1:0", "[::1]:443"; libevent's own parser takes no port 0, which means that the system chooses. */
static bool parse_address(const char *text, struct sockaddr_storage *ret, int *ret_n)
{
    char host[ADDRESS_TEXT_MAX];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || strcmp(colon, ":0") != 0) {
        return colon != NULL && evutil_parse_sockaddr_port(text, (struct sockaddr *)ret, ret_n) == 0;
    }
    size_t n = (size_t)(colon - text);
    if (n >= sizeof host) {
        return false;
    }
    memcpy(host, text, n);
    host[n] = '\0';
    return evutil_parse_sockaddr_port(host, (struct sockaddr *)ret, ret_n) == 0;
}

static enum cf_rc listen_on(struct port *port, const char *address, struct cf_error *err)
{
    struct sockaddr_storage at = {0};
    int n = (int)sizeof at, on = 1;
    if (!parse_address(address, &at, &n)) {
        return cf_fail(err, CF_E_ARGUMENT, "%s is no address: HOST:PORT with a numeric host", address);
    }
    port->listener = evconnlistener_new_bind(port->server->base, NULL, NULL,
                                             LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG,
                                             (struct sockaddr *)&at, n);
    if (port->listener == NULL) {
        return cf_fail_errno(err, errno, "listening on %s", address);
    }
    evutil_socket_t fd = evconnlistener_get_fd(port->listener);
    /* Inherited by what is accepted. Without it an answer in two writes waits 40 ms for the peer's delayed ACK. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    socklen_t length = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &length) != 0) {
        return cf_fail_errno(err, errno, "listening on %s", address);
    }
    port->number = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                                  : ((struct sockaddr_in *)&at)->sin_port);
    return CF_OK;
}

static enum cf_rc open_port(struct cf_http_server *server, enum cf_central_port kind, const char *dir,
                            const char *address, struct cf_error *err)
{
    struct port *port = &server->ports[kind == CF_PORT_TERMINALS];
    port->server = server;
    port->kind = kind;
    enum cf_rc rc = cf_tls_context_new(dir, kind, &port->tls, err);
    if (rc == CF_OK) {
        SSL_CTX_set_app_data(port->tls, port);
        SSL_CTX_set_info_callback(port->tls, on_tls_info);
        port->http = evhttp_new(server->base);
        rc = port->http != NULL ? listen_on(port, address, err) : cf_fail(err, CF_E_NO_MEMORY, "listener");
    }
    if (rc != CF_OK) {
        return rc;
    }
    evhttp_set_bevcb(port->http, accept_tls, port);
    evhttp_set_gencb(port->http, on_request, port);
    evhttp_set_max_body_size(port->http, BODY_TAKEN_MAX);
    evhttp_set_max_headers_size(port->http, HEADERS_MAX);
    evhttp_set_timeout(port->http, IDLE_S);
    evhttp_set_flags(port->http, EVHTTP_SERVER_LINGERING_CLOSE);
    evhttp_set_allowed_methods(port->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PATCH | EVHTTP_REQ_PUT |
                                               EVHTTP_REQ_DELETE | EVHTTP_REQ_HEAD | EVHTTP_REQ_OPTIONS);
    if (evhttp_bind_listener(port->http, port->listener) == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "listener");
    }
    return CF_OK;
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    event_base_loopbreak(arg);
}

static enum cf_rc open_events(struct cf_http_server *server, struct cf_error *err)
{
    const struct timeval second = {1, 0};
    server->on_term = evsignal_new(server->base, SIGTERM, on_signal, server->base);
    server->on_int = evsignal_new(server->base, SIGINT, on_signal, server->base);
    server->sweep = event_new(server->base, -1, EV_PERSIST, on_sweep, server);
    if (server->on_term == NULL || server->on_int == NULL || server->sweep == NULL ||
        event_add(server->on_term, NULL) != 0 || event_add(server->on_int, NULL) != 0 ||
        event_add(server->sweep, &second) != 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "events");
    }
    return CF_OK;
}

enum cf_rc cf_http_server_new(struct cf_central *central, const struct cf_http_options *options,
                              struct cf_http_server **ret, struct cf_error *err)
{
    struct cf_http_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "server");
    }
    (void)signal(SIGPIPE, SIG_IGN);
    server->central = central;
    server->connections_max = options->connections_max > 0 ? options->connections_max : CONNECTIONS_DEFAULT;
    server->request_us_max = (int64_t)(options->request_s > 0 ? options->request_s : REQUEST_S_DEFAULT) * CF_US_PER_S;
    cf_central_response_init(&server->response);
    server->connection_index = SSL_get_ex_new_index(0, server, NULL, NULL, connection_freed);
    server->base = event_base_new();
    enum cf_rc rc = server->base != NULL && server->connection_index >= 0
                        ? open_port(server, CF_PORT_API, options->dir, options->api, err)
                        : cf_fail(err, CF_E_NO_MEMORY, "server");
    if (rc == CF_OK) {
        rc = open_port(server, CF_PORT_TERMINALS, options->dir, options->terminals, err);
    }
    if (rc == CF_OK) {
        rc = open_events(server, err);
    }
    if (rc != CF_OK) {
        cf_http_server_free(server);
        return rc;
    }
    cf_central_set_counts(central, &server->counts);
    cf_central_set_terminals_port(central, cf_http_server_port(server, CF_PORT_TERMINALS));
    *ret = server;
    return CF_OK;
}

static void free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

void cf_http_server_free(struct cf_http_server *server)
{
    if (server == NULL) {
        return;
    }
    cf_central_set_counts(server->central, NULL);
    for (size_t i = 0; i < 2; i++) {
        struct port *port = &server->ports[i];
        port->listener = NULL; /* evhttp frees it; pause_or_resume leaves it alone now */
        if (port->http != NULL) {
            evhttp_free(port->http);
        }
    }
    /* Connections are freed by deferred callbacks of the loop. */
    if (server->base != NULL) {
        (void)event_base_loop(server->base, EVLOOP_NONBLOCK);
    }
    for (size_t i = 0; i < 2; i++) {
        SSL_CTX_free(server->ports[i].tls);
    }
    free_event(server->on_term);
    free_event(server->on_int);
    free_event(server->sweep);
    if (server->base != NULL) {
        event_base_free(server->base);
    }
    if (server->connection_index >= 0) {
        CRYPTO_free_ex_index(CRYPTO_EX_INDEX_SSL, server->connection_index);
    }
    cf_central_response_done(&server->response);
    free(server);
}

uint16_t cf_http_server_port(const struct cf_http_server *server, enum cf_central_port port)
{
    return server->ports[port == CF_PORT_TERMINALS].number;
}

enum cf_rc cf_http_server_run(struct cf_http_server *server, struct cf_error *err)
{
    return event_base_dispatch(server->base) >= 0 ? CF_OK : cf_fail(err, CF_E_INTERNAL, "the event loop ended");
}
