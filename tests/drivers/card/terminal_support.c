/*
 * tests/drivers/card/terminal_support.c - see terminal_support.h. Writes its bytes by itself, so that a mistake of the
 * driver's codec is not made twice.
 */
#include "tests/drivers/card/terminal_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

static bool send_all(int fd, const uint8_t *p, size_t n, bool slow)
{
    for (size_t i = 0; i < n;) {
        ssize_t sent = send(fd, p + i, slow ? 1 : n - i, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        i += (size_t)sent;
    }
    return true;
}

/* One APDU of the till; short lengths are all it sends. Returns its length, 0 when the line is gone. */
static size_t receive(int fd, uint8_t buf[260])
{
    size_t n = 0, want = 3;
    while (n < want) {
        ssize_t got = recv(fd, buf + n, want - n, 0);
        if (got <= 0)
            return 0;
        n += (size_t)got;
        if (n >= 3)
            want = 3 + (size_t)buf[2];
    }
    return n;
}

static bool tell(int fd, const uint8_t *p, size_t n, bool slow)
{
    uint8_t ack[260];
    return send_all(fd, p, n, slow) && receive(fd, ack) > 0;
}
#define TELL(fd, ...) tell(fd, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), false)
#define SAY(fd, ...) send_all(fd, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), false)

static uint8_t bcd(unsigned v)
{
    return (uint8_t)(v % 100 / 10 << 4 | v % 10);
}

static bool tell_status(struct terminal *terminal, int fd, unsigned number, int64_t amount, bool slow)
{
    const struct terminal_receipt *receipt = &terminal->receipts[number - 1];
    unsigned trace = number + 100, tid = terminal->tid;
    uint8_t b[64] = {0x04, 0x0f, 0, 0x27, receipt->result, 0x04};
    size_t n = 6;
    for (int i = 5; i >= 0; i--, amount /= 100)
        b[n + (size_t)i] = bcd((unsigned)(amount % 100));
    n += 6;
    b[n++] = 0x87;
    b[n++] = bcd(number / 100);
    b[n++] = bcd(number);
    b[n++] = 0x0b;
    b[n++] = bcd(trace / 10000);
    b[n++] = bcd(trace / 100);
    b[n++] = bcd(trace);
    b[n++] = 0x29;
    b[n++] = bcd(tid / 1000000);
    b[n++] = bcd(tid / 10000);
    b[n++] = bcd(tid / 100);
    b[n++] = bcd(tid);
    if (receipt->original != 0) {
        b[n++] = 0x37;
        b[n++] = bcd(receipt->original / 10000);
        b[n++] = bcd(receipt->original / 100);
        b[n++] = bcd(receipt->original);
    }
    b[2] = (uint8_t)(n - 3);
    return tell(fd, b, n, slow);
}

#define REFUND UINT32_MAX /* in the place of an original: money goes out, and no payment is named */

static unsigned keep(struct terminal *terminal, int64_t amount, uint8_t result, uint32_t original)
{
    must(terminal->n < 64, "receipts");
    terminal->receipts[terminal->n++] =
        (struct terminal_receipt){amount, result, original == REFUND ? 0 : original, false, original == REFUND};
    if (original != 0 && original != REFUND && result == 0)
        terminal->receipts[original - 101].reversed = true;
    return terminal->n;
}

/* A payment, a refund, or a reversal of `original`; false: the line is gone. */
static bool transact(struct terminal *terminal, int fd, int64_t amount, uint32_t original)
{
    enum terminal_does does = terminal->does;
    uint8_t buf[260];
    terminal->does = T_AGREES;
    if (does == T_CUTS_BEFORE)
        return false;
    if (does == T_REFUSES)
        return SAY(fd, 0x84, 0x83, 0x00);
    if (!SAY(fd, 0x80, 0x00, 0x00) || does == T_SILENT_FOR_EVER) {
        (void)!receive(fd, buf);
        (void)!receive(fd, buf);
        return false;
    }
    if (does == T_SILENT) { /* the till gives the shopper up */
        bool aborted = receive(fd, buf) > 0 && buf[0] == 0x06 && buf[1] == 0xb0;
        return aborted && SAY(fd, 0x80, 0x00, 0x00) && TELL(fd, 0x06, 0x1e, 0x01, 0x6c);
    }
    if (does == T_ABORTS)
        return TELL(fd, 0x06, 0x1e, 0x01, 0x6c);
    if (!TELL(fd, 0x04, 0xff, 0x01, 0x0a))
        return false;
    if (does == T_DECLINES || does == T_DECLINES_SILENTLY) {
        unsigned number = keep(terminal, amount, 0x05, original);
        return does == T_DECLINES && tell_status(terminal, fd, number, amount, false) &&
               TELL(fd, 0x06, 0x1e, 0x01, 0x05);
    }
    unsigned number = keep(terminal, amount, 0, original);
    if (does == T_CUTS_AFTER)
        return false;
    if (does == T_CUTS_IN_THE_MIDDLE) {
        (void)!SAY(fd, 0x04, 0x0f, 0x20, 0x27);
        return false;
    }
    if (does == T_GARBAGE) {
        (void)!SAY(fd, 'H', 'T', 'T', 'P', '/', '1');
        return false;
    }
    if (does == T_HALF_STATUS)
        return TELL(fd, 0x04, 0x0f, 0x03, 0x27, 0x00, 0x04);
    if (does != T_NO_STATUS && !tell_status(terminal, fd, number, amount + (does == T_OTHER_AMOUNT), does == T_SLOW))
        return false;
    if (does == T_CUTS_AFTER_STATUS)
        return false;
    if (does == T_YES_THEN_ABORTS)
        return TELL(fd, 0x06, 0x1e, 0x01, 0x6c);
    return TELL(fd, 0x06, 0xd1, 0x03, 0x00, 'O', 'K') && TELL(fd, 0x06, 0x0f, 0x00);
}

static int64_t read_bcd(const uint8_t *p, size_t n)
{
    int64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 100 + (p[i] >> 4) * 10 + (p[i] & 15);
    return v;
}

static bool repeat(struct terminal *terminal, int fd)
{
    if (terminal->n == 0 || terminal->forgets)
        return SAY(fd, 0x80, 0x00, 0x00) && TELL(fd, 0x06, 0x1e, 0x01, 0x66);
    return SAY(fd, 0x80, 0x00, 0x00) &&
           tell_status(terminal, fd, terminal->n, terminal->receipts[terminal->n - 1].amount_minor, false) &&
           TELL(fd, 0x06, 0x0f, 0x00);
}

static bool serve_one(struct terminal *terminal, int fd, const uint8_t *buf)
{
    if (terminal->busy)
        return SAY(fd, 0x84, 0x9c, 0x00);
    switch (buf[0] << 8 | buf[1]) {
    case 0x0600:
        if (terminal->registers != NULL)
            terminal->registers(terminal->ctx);
        return SAY(fd, 0x80, 0x00, 0x00) && TELL(fd, 0x06, 0x0f, 0x00);
    case 0x0601:
        return transact(terminal, fd, read_bcd(buf + 4, 6), 0);
    case 0x0620:
        return repeat(terminal, fd);
    case 0x0630: {
        unsigned number = (unsigned)read_bcd(buf + 7, 2);
        if (number == 0 || number > terminal->n || terminal->receipts[number - 1].reversed)
            return SAY(fd, 0x80, 0x00, 0x00) && TELL(fd, 0x06, 0x1e, 0x01, 0x66);
        return transact(terminal, fd, terminal->receipts[number - 1].amount_minor, number + 100);
    }
    case 0x0631: /* password, amount, currency */
        return transact(terminal, fd, read_bcd(buf + 7, 6), REFUND);
    case 0x0650:
        return SAY(fd, 0x80, 0x00, 0x00) &&
               TELL(fd, 0x04, 0x0f, 0x09, 0x27, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x12, 0x34) &&
               TELL(fd, 0x06, 0x0f, 0x00);
    default:
        return SAY(fd, 0x84, 0x83, 0x00);
    }
}

static void *serve(void *ctx)
{
    struct terminal *terminal = ctx;
    for (;;) {
        uint8_t buf[260];
        int fd = accept(terminal->listener, NULL, NULL);
        if (fd < 0)
            return NULL;
        while (receive(fd, buf) > 0)
            if (!serve_one(terminal, fd, buf))
                break;
        close(fd);
    }
}

void terminal_start(struct terminal *terminal)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof at;
    memset(terminal, 0, sizeof *terminal);
    terminal->tid = 52500038;
    terminal->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(terminal->listener >= 0 && bind(terminal->listener, (struct sockaddr *)&at, sizeof at) == 0 &&
             listen(terminal->listener, 8) == 0 && getsockname(terminal->listener, (struct sockaddr *)&at, &n) == 0,
         "listen");
    terminal->port = ntohs(at.sin_port);
    must(pthread_create(&terminal->thread, NULL, serve, terminal) == 0, "thread");
}

void terminal_stop(struct terminal *terminal)
{
    shutdown(terminal->listener, SHUT_RDWR);
    pthread_join(terminal->thread, NULL);
    close(terminal->listener);
}

int64_t terminal_holds(const struct terminal *terminal)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < terminal->n; i++)
        if (terminal->receipts[i].result == 0 && terminal->receipts[i].refund)
            sum -= terminal->receipts[i].amount_minor;
        else if (terminal->receipts[i].result == 0 && terminal->receipts[i].original == 0 &&
                 !terminal->receipts[i].reversed)
            sum += terminal->receipts[i].amount_minor;
    return sum;
}
