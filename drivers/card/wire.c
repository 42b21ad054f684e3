/*
 * drivers/card/wire.c - see wire.h.
 */
#include "drivers/card/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 4096

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for the event until `deadline_ms`. */
static bool wait_for(int fd, short event, int64_t deadline_ms)
{
    for (;;) {
        int64_t left = deadline_ms - now_ms();
        struct pollfd p = {.fd = fd, .events = event};
        int n = poll(&p, 1, left > 0 ? (int)(left < 60000 ? left : 60000) : 0);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
        if (n == 0 && left <= 0)
            return false;
    }
}

static int connect_one(const struct addrinfo *to, int64_t deadline_ms)
{
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
    int one = 1, failed = 0;
    socklen_t n = sizeof failed;
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return fd;
    if (errno == EINPROGRESS && wait_for(fd, POLLOUT, deadline_ms) &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &n) == 0 && failed == 0)
        return fd;
    close(fd);
    return -1;
}

enum cf_rc cf_wire_connect(const char *host, uint16_t port, cf_duration timeout, int *ret_fd, struct cf_error *err)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list = NULL;
    char service[8];
    int64_t deadline_ms = now_ms() + timeout.us / CF_US_PER_MS;
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    int failed = getaddrinfo(host, service, &hints, &list);
    if (failed != 0)
        return cf_fail(err, CF_E_PAYMENT_LINK, "%s: %s", host, gai_strerror(failed));
    int fd = -1;
    for (const struct addrinfo *to = list; to != NULL && fd < 0; to = to->ai_next)
        fd = connect_one(to, deadline_ms);
    freeaddrinfo(list);
    if (fd < 0)
        return cf_fail(err, CF_E_PAYMENT_LINK, "%s:%u does not answer", host, (unsigned)port);
    *ret_fd = fd;
    return CF_OK;
}

enum cf_rc cf_wire_send(int fd, cf_bytes bytes, cf_duration timeout, struct cf_error *err)
{
    int64_t deadline_ms = now_ms() + timeout.us / CF_US_PER_MS;
    while (bytes.n > 0) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n >= 0) {
            bytes.p += n;
            bytes.n -= (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_for(fd, POLLOUT, deadline_ms))
                return cf_fail(err, CF_E_TIMEOUT, "the device takes nothing");
        } else if (errno != EINTR) {
            return cf_fail(err, CF_E_LINK_DOWN, "the line to the device was cut");
        }
    }
    return CF_OK;
}

enum cf_rc cf_wire_receive(int fd, cf_duration timeout, struct cf_buf *ret, struct cf_error *err)
{
    int64_t deadline_ms = now_ms() + timeout.us / CF_US_PER_MS;
    uint8_t chunk[CHUNK];
    for (;;) {
        ssize_t n = recv(fd, chunk, sizeof chunk, 0);
        if (n > 0)
            return cf_buf_append(ret, chunk, (size_t)n, err);
        if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return cf_fail(err, CF_E_LINK_DOWN, "the line to the device was cut");
        if (errno != EINTR && !wait_for(fd, POLLIN, deadline_ms))
            return cf_fail(err, CF_E_TIMEOUT, "the device does not answer");
    }
}
