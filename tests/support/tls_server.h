/*
 * tests/support/tls_server.h - a small HTTPS server by OpenSSL, in a thread, that answers as a test tells it to.
 *
 * It serves one connection at a time. What it sends is the test's own bytes, so that it can also be wrong.
 */
#ifndef CF_TESTS_SUPPORT_TLS_SERVER_H
#define CF_TESTS_SUPPORT_TLS_SERVER_H

#include "base/bytes.h"

struct tls_server;

struct tls_server_config {
    const char *cert_pem;
    const char *key_pem;
    const char *client_ca_pem; /* NULL: clients need no certificate */
    bool plain;                /* no TLS at all: accepts, and says `answer` to whatever comes */
    bool silent;               /* accepts and says nothing, not even TLS */
    /* Makes the answer's bytes from the request, in the server's thread; NULL: what tls_server_say said. */
    void (*respond)(void *ctx, cf_bytes request, struct cf_buf *ret);
    void *respond_ctx;
};
/* Listens on 127.0.0.1 at a port of the system's choice. Aborts if it cannot. */
struct tls_server *tls_server_start(const struct tls_server_config *config);
void tls_server_stop(struct tls_server *server); /* waits for the thread */
uint16_t tls_server_port(const struct tls_server *server);

/* What is sent for each request from now on. */
struct tls_server_answer {
    cf_bytes bytes;    /* head and body, borrowed until the next tls_server_say; none: nothing is sent */
    size_t split_at;   /* > 0: pauses after so many bytes */
    int pause_ms;      /* where it pauses; with split_at 0 before the first byte */
    bool byte_by_byte; /* pauses after each byte */
    bool close_after;  /* closes the connection after it, properly */
    bool drop_after;   /* closes the socket after it, without TLS's goodbye */
};
void tls_server_say(struct tls_server *server, const struct tls_server_answer *answer);

/* Closes the next n connections as soon as the client has spoken. */
void tls_server_hang_up(struct tls_server *server, unsigned n);

struct tls_server_counts {
    unsigned accepted, handshakes, resumed, requests;
};
void tls_server_counts(struct tls_server *server, struct tls_server_counts *ret);
/* The newest request, head and body. */
void tls_server_request(struct tls_server *server, struct cf_buf *ret);

#endif
