/* A printer on the network and a scanner on a serial line, both real to the kernel: a TCP server and a PTY. */
#include "drivers/line/line.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "drivers/printer/receipt_printer.h"
#include "drivers/scanner/scanner.h"
#include "tests/usb/fake_printer.h"
#include "tests/support/until.h"

#define JOBS_MAX 8

static struct cf_line *line;
static struct fake_printer paper;
static int server = -1, printer = -1, port;
static bool reads;
static unsigned n_up, n_down, n_trouble, n_printed, n_scans;
static enum cf_rc printed[JOBS_MAX], trouble, down;
static char scanned[64];

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    switch (event->kind) {
    case CF_DEVICE_UP:
        n_up++;
        break;
    case CF_DEVICE_SCAN:
        n_scans++;
        (void)snprintf(scanned, sizeof scanned, "%.*s", (int)event->text.n, (const char *)event->text.p);
        break;
    case CF_DEVICE_TROUBLE:
        n_trouble++;
        trouble = event->rc;
        break;
    case CF_DEVICE_DOWN:
        n_down++;
        down = event->rc;
        break;
    case CF_DEVICE_STATUS:
    case CF_DEVICE_WEIGHT:
        break;
    case CF_DEVICE_PRINTED:
        n_printed++;
        printed[event->job] = event->rc;
        break;
    }
}

/* ---- a UART, which a PTY is not: what was written leaves by and by, and what is flushed never does ---- */

static int n_in_uart; /* bytes that the kernel took and that have not left */
static unsigned n_flushed;

int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __real_ioctl(int fd, unsigned long request, void *argument);
int __wrap_tcflush(int fd, int which);
int __real_tcflush(int fd, int which);

int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
    if (request != TIOCOUTQ)
        return __real_ioctl(fd, request, argument);
    *(int *)argument = n_in_uart;
    return 0;
}

int __wrap_tcflush(int fd, int which)
{
    n_flushed += which == TCOFLUSH ? 1 : 0;
    return __real_tcflush(fd, which);
}

/* ---- the printer's side ---- */

/* Bound and not listening: the port is ours, and who connects is refused. */
static void bind_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(server >= 0);
    assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(server, (struct sockaddr *)&address, &n), 0);
    port = ntohs(address.sin_port);
}

static void serve(void)
{
    uint8_t bytes[4096], reply[64];
    if (printer < 0 && server >= 0)
        printer = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ssize_t n = printer >= 0 && reads ? read(printer, bytes, sizeof bytes) : 0;
    if (n <= 0)
        return;
    size_t n_reply = fake_printer_wrote(&paper, cf_bytes_of(bytes, (size_t)n), reply, sizeof reply);
    if (n_reply > 0)
        assert_int_equal(write(printer, reply, n_reply), (ssize_t)n_reply);
}

static void hang_up(void)
{
    if (printer >= 0)
        close(printer);
    printer = -1;
}

#define UNTIL(condition) UNTIL_OF(cf_line_fd(line), (cf_line_dispatch(line), serve()), condition)

static enum cf_rc open_line(const struct cf_driver *driver, const char *place)
{
    const struct cf_line_options options = {
        .env = cf_env_system(), .driver = driver, .place = place, .sink = {hear, NULL}};
    return cf_line_new(&options, &line, NULL);
}

static int begin(void **state)
{
    (void)state;
    n_up = n_down = n_trouble = n_printed = n_scans = 0;
    memset(printed, 0, sizeof printed);
    reads = true;
    fake_printer_init(&paper);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_line_free(line);
    line = NULL;
    hang_up();
    if (server >= 0)
        close(server);
    server = -1;
    fake_printer_done(&paper);
    return 0;
}

static void open_printer(void)
{
    char place[64];
    bind_server();
    assert_int_equal(listen(server, 1), 0);
    (void)snprintf(place, sizeof place, "127.0.0.1:%d", port);
    assert_int_equal(open_line(&cf_receipt_printer, place), CF_OK);
}

/* ---- the network ---- */

static void a_receipt_goes_over_the_network_and_is_confirmed(void **state)
{
    static const char job[] = "\x1b@\x1c.soap\n";
    (void)state;
    open_printer();
    assert_int_equal(cf_line_print(line, 1, cf_bytes_str(job), NULL), CF_E_PRINTER_OFF);
    UNTIL(n_up == 1);
    assert_int_equal(cf_line_print(line, 1, cf_bytes_str(job), NULL), CF_OK);
    UNTIL(n_printed == 1);
    assert_int_equal(printed[1], CF_OK);
    assert_true(fake_printer_printed(&paper, cf_bytes_str(job)));
}

static void a_connection_that_breaks_in_mid_receipt_leaves_it_unknown_and_comes_back(void **state)
{
    static uint8_t job[8u << 20]; /* more than the network holds by itself */
    (void)state;
    memset(job, 'a', sizeof job);
    open_printer();
    UNTIL(n_up == 1);
    assert_int_equal(cf_line_print(line, 1, cf_bytes_of(job, sizeof job), NULL), CF_OK);
    assert_int_equal(cf_line_print(line, 2, cf_bytes_str("next\n"), NULL), CF_OK);
    UNTIL(fake_printer_paper_bytes(&paper) > 0);
    reads = false;
    hang_up();
    UNTIL(n_printed == 2);
    assert_int_equal(printed[1], CF_E_PRINT_UNKNOWN);
    assert_int_equal(printed[2], CF_E_PRINTER_OFF);
    UNTIL(n_down == 1);
    assert_int_equal(down, CF_E_DEVICE_GONE);
    fake_printer_done(&paper);
    fake_printer_init(&paper);
    reads = true;
    UNTIL(n_up == 2);
    assert_int_equal(fake_printer_paper_bytes(&paper), 0); /* nothing is sent again by itself */
}

static void a_printer_that_is_off_is_told_once_and_found_when_it_is_on(void **state)
{
    char place[64];
    (void)state;
    bind_server();
    (void)snprintf(place, sizeof place, "127.0.0.1:%d", port);
    assert_int_equal(open_line(&cf_receipt_printer, place), CF_OK);
    UNTIL(n_trouble == 1);
    assert_int_equal(trouble, CF_E_DEVICE_GONE);
    for (int64_t until_ms = until_now_ms() + 500; until_now_ms() < until_ms;) {
        struct pollfd p = {.fd = cf_line_fd(line), .events = POLLIN};
        (void)poll(&p, 1, 20);
        cf_line_dispatch(line);
    }
    assert_int_equal(n_trouble, 1);
    assert_int_equal(listen(server, 1), 0);
    UNTIL(n_up == 1);
}

static void one_that_says_a_byte_and_hangs_up_is_told_once_and_tried_ever_more_seldom(void **state)
{
    char place[64];
    unsigned n_calls = 0;
    (void)state;
    bind_server();
    assert_int_equal(listen(server, 1), 0);
    (void)snprintf(place, sizeof place, "127.0.0.1:%d", port);
    assert_int_equal(open_line(&cf_receipt_printer, place), CF_OK);
    for (int64_t until_ms = until_now_ms() + 1200; until_now_ms() < until_ms;) {
        struct pollfd p = {.fd = cf_line_fd(line), .events = POLLIN};
        (void)poll(&p, 1, 5);
        cf_line_dispatch(line);
        int call = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (call < 0)
            continue;
        n_calls++;
        assert_int_equal(send(call, "\x12", 1, MSG_NOSIGNAL), 1);
        close(call);
    }
    assert_int_equal(n_trouble, 1);
    assert_in_range(n_calls, 1, 4); /* after 100, 200 and 400 ms */
    assert_int_equal(n_up + n_down, 0);
}

/* ---- a serial line ---- */

static void a_scanner_on_a_serial_line_is_read(void **state)
{
    char place[128];
    int master = -1, slave = -1;
    (void)state;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    (void)snprintf(place, sizeof place, "%s@19200", ttyname(slave));
    assert_int_equal(open_line(&cf_scanner_serial, place), CF_OK);
    UNTIL(n_up == 1);
    assert_int_equal(write(master, "]E05901234123457\r", 17), 17);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "]E05901234123457");
    assert_int_equal(write(master, "no line end", 11), 11);
    UNTIL(n_scans == 2); /* a gap ends it */
    assert_string_equal(scanned, "no line end");
    close(slave);
    close(master);
    UNTIL(n_down == 1);
    assert_int_equal(down, CF_E_DEVICE_GONE);
}

/* A PTY's other end, as a printer that reads and never answers. */
static int open_pty(char place[64])
{
    int slave = -1;
    assert_int_equal(openpty(&printer, &slave, NULL, NULL, NULL), 0);
    assert_int_equal(fcntl(printer, F_SETFL, O_NONBLOCK), 0);
    (void)snprintf(place, 64, "%s", ttyname(slave));
    return slave;
}

static void a_serial_printer_that_never_answers_gets_its_receipt_whole(void **state)
{
    char place[64], got[64];
    int slave = open_pty(place);
    (void)state;
    reads = false;
    n_flushed = 0;
    assert_int_equal(open_line(&cf_receipt_printer, place), CF_OK);
    UNTIL(n_up == 1);
    assert_int_equal(read(printer, got, sizeof got), 15); /* asked how it is */
    n_in_uart = 5;
    assert_int_equal(cf_line_print(line, 1, cf_bytes_str("soap\n"), NULL), CF_OK);
    struct pollfd arrived = {.fd = printer, .events = POLLIN};
    UNTIL(poll(&arrived, 1, 0) == 1); /* the kernel has it, and it has not left */
    for (int i = 0; i < 20; i++)
        cf_line_dispatch(line);
    assert_int_equal(n_printed, 0);
    n_in_uart = 0;
    UNTIL(n_printed == 1);
    assert_int_equal(printed[1], CF_E_PRINT_UNKNOWN);
    cf_line_free(line);
    line = NULL;
    assert_int_equal(n_flushed, 0);
    assert_int_equal(read(printer, got, sizeof got), 5);
    close(slave);
}

static void a_serial_line_is_nobody_elses_while_it_is_open(void **state)
{
    struct cf_line *first;
    char place[64];
    int held = 0, slave = open_pty(place);
    (void)state;
    paper.mute = true;
    assert_int_equal(open_line(&cf_receipt_printer, place), CF_OK);
    UNTIL(n_up == 1);
    assert_int_equal(ioctl(slave, TIOCGEXCL, &held), 0);
    assert_int_equal(held, 1);
    first = line;
    assert_int_equal(open_line(&cf_receipt_printer, place), CF_OK);
    UNTIL(n_trouble == 1);
    assert_int_equal(trouble, CF_E_DEVICE_BUSY);
    cf_line_free(first);
    UNTIL(n_up == 2);
    close(slave);
}

static void places_that_are_none_are_refused(void **state)
{
    static const char *const rows[] = {
        "",       "printer.local",  "192.0.2.7:0", "192.0.2.7:65536", "192.0.2.7:x", "192.0.2",  "[::1",
        "[::1]x", "/dev/ttyS0@300", "/dev/ttyS0@", "1.2.3.4:",        "::1::2:3",    "[]:9100x",
    };
    static const char *const good[] = {"192.0.2.7",          "192.0.2.7:9100", "2001:db8::7",
                                       "[2001:db8::7]:9101", "/dev/ttyS0",     "/dev/ttyS0@115200"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (open_line(&cf_scanner_serial, rows[i]) != CF_E_ARGUMENT)
            fail_msg("%s was taken", rows[i]);
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (open_line(&cf_scanner_serial, good[i]) != CF_OK)
            fail_msg("%s was refused", good[i]);
        cf_line_free(line);
        line = NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_receipt_goes_over_the_network_and_is_confirmed, begin, end),
        cmocka_unit_test_setup_teardown(a_connection_that_breaks_in_mid_receipt_leaves_it_unknown_and_comes_back, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_printer_that_is_off_is_told_once_and_found_when_it_is_on, begin, end),
        cmocka_unit_test_setup_teardown(one_that_says_a_byte_and_hangs_up_is_told_once_and_tried_ever_more_seldom,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_scanner_on_a_serial_line_is_read, begin, end),
        cmocka_unit_test_setup_teardown(a_serial_printer_that_never_answers_gets_its_receipt_whole, begin, end),
        cmocka_unit_test_setup_teardown(a_serial_line_is_nobody_elses_while_it_is_open, begin, end),
        cmocka_unit_test_setup_teardown(places_that_are_none_are_refused, begin, end),
    };
    (void)signal(SIGHUP, SIG_IGN); /* of whoever leads a session, when the PTY goes */
    (void)signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
