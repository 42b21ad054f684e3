/*
 * tests/support/tls_server.c - see tls_server.h. Two threads: the test's and the server's, with one lock between them.
 */
#include "tests/support/tls_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX (16u << 20)
#define POLL_MS 20

struct tls_server {
    struct tls_server_config config;
    SSL_CTX *ctx;
    int listener;
    uint16_t port;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t lock; /* of what follows */
    struct tls_server_answer answer;
    struct tls_server_counts counts;
    struct cf_buf request;
    unsigned hang_up;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "the test server: %s\n", what);
    abort();
}

/* --- bytes, until the server is stopped --------------------------------------------------------------------------- */

static bool wait_readable(struct tls_server *server, int fd)
{
    while (!server->stopping) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, POLL_MS) > 0)
            return true;
    }
    return false;
}

static void pause_for(struct tls_server *server, int ms)
{
    for (; ms > 0 && !server->stopping; ms -= POLL_MS)
        usleep((useconds_t)(ms < POLL_MS ? ms : POLL_MS) * 1000);
}

/* 0 at the end, -1 on an error */
static int read_some(struct tls_server *server, SSL *ssl, int fd, uint8_t *p, size_t n)
{
    if ((ssl == NULL || SSL_pending(ssl) == 0) && !wait_readable(server, fd))
        return -1;
    return ssl != NULL ? SSL_read(ssl, p, (int)n) : (int)recv(fd, p, n, 0);
}

static bool write_all(SSL *ssl, int fd, const uint8_t *p, size_t n)
{
    while (n > 0) {
        int part = n > 16384 ? 16384 : (int)n;
        int done = ssl != NULL ? SSL_write(ssl, p, part) : (int)send(fd, p, (size_t)part, MSG_NOSIGNAL);
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* --- one request -------------------------------------------------------------------------------------------------- */

static size_t whole_request(cf_bytes received)
{
    const uint8_t *end = received.n == 0 ? NULL : memmem(received.p, received.n, "\r\n\r\n", 4);
    if (end == NULL)
        return SIZE_MAX;
    size_t head = (size_t)(end - received.p) + 4;
    const char *field = memmem(received.p, head, "Content-Length: ", 16);
    return head + (field == NULL ? 0 : strtoul(field + 16, NULL, 10));
}

static bool read_request(struct tls_server *server, SSL *ssl, int fd)
{
    struct cf_buf received;
    uint8_t chunk[16384];
    cf_buf_init(&received, REQUEST_MAX);
    bool whole = false;
    while (!whole) {
        int n = read_some(server, ssl, fd, chunk, sizeof chunk);
        if (n <= 0 || cf_buf_append(&received, chunk, (size_t)n, NULL) != CF_OK)
            break;
        whole = received.n >= whole_request(cf_buf_bytes(&received));
    }
    pthread_mutex_lock(&server->lock);
    if (whole) {
        server->counts.requests++;
        cf_buf_done(&server->request);
        server->request = received;
    }
    pthread_mutex_unlock(&server->lock);
    if (!whole)
        cf_buf_done(&received);
    return whole;
}

static bool send_made_answer(struct tls_server *server, SSL *ssl, int fd)
{
    struct cf_buf answer;
    cf_buf_init(&answer, REQUEST_MAX);
    server->config.respond(server->config.respond_ctx, cf_buf_bytes(&server->request), &answer);
    bool good = write_all(ssl, fd, answer.p, answer.n);
    cf_buf_done(&answer);
    return good;
}

/* Returns whether the connection goes on. */
static bool send_answer(struct tls_server *server, SSL *ssl, int fd)
{
    if (server->config.respond != NULL)
        return send_made_answer(server, ssl, fd);
    pthread_mutex_lock(&server->lock);
    struct tls_server_answer answer = server->answer;
    pthread_mutex_unlock(&server->lock);
    size_t first = answer.split_at < answer.bytes.n ? answer.split_at : answer.bytes.n;
    bool good = write_all(ssl, fd, answer.bytes.p, first);
    pause_for(server, answer.pause_ms);
    size_t step = answer.byte_by_byte ? 1 : answer.bytes.n - first;
    for (size_t at = first; good && at < answer.bytes.n && !server->stopping; at += step) {
        good = write_all(ssl, fd, answer.bytes.p + at, step);
        if (answer.byte_by_byte)
            pause_for(server, answer.pause_ms);
    }
    if (answer.close_after && ssl != NULL)
        SSL_shutdown(ssl);
    return good && !answer.close_after && !answer.drop_after;
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static bool takes_hang_up(struct tls_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool now = server->hang_up > 0;
    server->hang_up -= now;
    pthread_mutex_unlock(&server->lock);
    return now;
}

static void serve(struct tls_server *server, int fd)
{
    SSL *ssl = NULL;
    bool good = true;
    const int on = 1;
    const struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (server->config.silent) {
        while (!server->stopping)
            usleep(POLL_MS * 1000);
        return;
    }
    if (takes_hang_up(server)) {
        uint8_t hello[4096];
        if (wait_readable(server, fd))
            (void)!recv(fd, hello, sizeof hello, 0);
        return;
    }
    if (!server->config.plain) {
        ssl = SSL_new(server->ctx);
        must(ssl != NULL && SSL_set_fd(ssl, fd) == 1, "no SSL");
        good = wait_readable(server, fd) && SSL_accept(ssl) == 1;
    }
    if (good) {
        pthread_mutex_lock(&server->lock);
        server->counts.handshakes++;
        server->counts.resumed += ssl != NULL && SSL_session_reused(ssl) == 1;
        pthread_mutex_unlock(&server->lock);
    }
    while (good && read_request(server, ssl, fd))
        good = send_answer(server, ssl, fd);
    SSL_free(ssl);
}

static void *run(void *arg)
{
    struct tls_server *server = arg;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    while (wait_readable(server, server->listener)) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            continue;
        pthread_mutex_lock(&server->lock);
        server->counts.accepted++;
        pthread_mutex_unlock(&server->lock);
        serve(server, fd);
        close(fd);
    }
    return NULL;
}

/* --- setting up --------------------------------------------------------------------------------------------------- */

static X509 *read_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    must(cert != NULL, "a certificate that cannot be read");
    return cert;
}

static void configure(struct tls_server *server)
{
    const struct tls_server_config *config = &server->config;
    server->ctx = SSL_CTX_new(TLS_server_method());
    must(server->ctx != NULL, "no SSL_CTX");
    X509 *cert = read_certificate(config->cert_pem);
    BIO *bio = BIO_new_mem_buf(config->key_pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    must(key != NULL, "a key that cannot be read");
    must(SSL_CTX_use_certificate(server->ctx, cert) == 1 && SSL_CTX_use_PrivateKey(server->ctx, key) == 1,
         "certificate and key do not fit");
    X509_free(cert);
    EVP_PKEY_free(key);
    if (config->client_ca_pem != NULL) {
        X509 *ca = read_certificate(config->client_ca_pem);
        must(X509_STORE_add_cert(SSL_CTX_get_cert_store(server->ctx), ca) == 1, "the client CA");
        X509_free(ca);
        SSL_CTX_set_verify(server->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    /* Without a context id OpenSSL resumes no session of a client with a certificate. */
    must(SSL_CTX_set_session_id_context(server->ctx, (const unsigned char *)"test", 4) == 1, "the session context");
}

struct tls_server *tls_server_start(const struct tls_server_config *config)
{
    struct tls_server *server = calloc(1, sizeof *server);
    must(server != NULL, "no memory");
    server->config = *config;
    if (!config->plain && !config->silent)
        configure(server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(server->listener >= 0 && bind(server->listener, (struct sockaddr *)&address, size) == 0 &&
             listen(server->listener, 16) == 0 &&
             getsockname(server->listener, (struct sockaddr *)&address, &size) == 0,
         "no port");
    server->port = ntohs(address.sin_port);
    pthread_mutex_init(&server->lock, NULL);
    cf_buf_init(&server->request, REQUEST_MAX);
    must(pthread_create(&server->thread, NULL, run, server) == 0, "no thread");
    return server;
}

void tls_server_stop(struct tls_server *server)
{
    if (server == NULL)
        return;
    server->stopping = true;
    pthread_join(server->thread, NULL);
    close(server->listener);
    SSL_CTX_free(server->ctx);
    cf_buf_done(&server->request);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

uint16_t tls_server_port(const struct tls_server *server)
{
    return server->port;
}

void tls_server_say(struct tls_server *server, const struct tls_server_answer *answer)
{
    pthread_mutex_lock(&server->lock);
    server->answer = *answer;
    pthread_mutex_unlock(&server->lock);
}

void tls_server_hang_up(struct tls_server *server, unsigned n)
{
    pthread_mutex_lock(&server->lock);
    server->hang_up = n;
    pthread_mutex_unlock(&server->lock);
}

void tls_server_counts(struct tls_server *server, struct tls_server_counts *ret)
{
    pthread_mutex_lock(&server->lock);
    *ret = server->counts;
    pthread_mutex_unlock(&server->lock);
}

void tls_server_request(struct tls_server *server, struct cf_buf *ret)
{
    cf_buf_clear(ret);
    pthread_mutex_lock(&server->lock);
    must(cf_buf_append(ret, server->request.p, server->request.n, NULL) == CF_OK, "a request that does not fit");
    pthread_mutex_unlock(&server->lock);
}
