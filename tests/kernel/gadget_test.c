/*
 * tests/kernel/gadget_test.c - devices whose USB side others wrote: the kernel's own gadget functions f_hid, f_printer
 * and f_acm at its dummy_hcd. On a machine of its own, by kernel_test.py.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "drivers/printer/receipt_printer.h"
#include "drivers/scanner/scanner.h"
#include "drivers/usb/usb.h"
#include "tests/drivers/scanner/descriptors.h"
#include "tests/support/until.h"
#include "tests/usb/fake_printer.h"

#define GADGETS "/sys/kernel/config/usb_gadget"
#define JOB 7

static struct cf_usb *usb;
static unsigned n_up, n_down, n_scans, n_printed;
static char scanned[64], driver[32];
static enum cf_rc printed;

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    (void)snprintf(driver, sizeof driver, "%s", event->driver);
    n_up += event->kind == CF_DEVICE_UP;
    n_down += event->kind == CF_DEVICE_DOWN;
    if (event->kind == CF_DEVICE_SCAN) {
        n_scans++;
        (void)snprintf(scanned, sizeof scanned, "%.*s", (int)event->text.n, (const char *)event->text.p);
    } else if (event->kind == CF_DEVICE_PRINTED) {
        assert_int_equal(event->job, JOB);
        printed = event->rc;
        n_printed++;
    }
}

#define UNTIL(condition) UNTIL_OF(cf_usb_fd(usb), cf_usb_dispatch(usb), condition)

static int begin(void **state)
{
    static const struct cf_driver *drivers[CF_SCANNER_DRIVERS + 1];
    for (size_t i = 0; i < CF_SCANNER_DRIVERS; i++)
        drivers[i] = cf_scanner_drivers[i];
    drivers[CF_SCANNER_DRIVERS] = &cf_receipt_printer;
    const struct cf_usb_options options = {
        .env = cf_env_system(), .drivers = drivers, .n_drivers = CF_SCANNER_DRIVERS + 1, .sink = {hear, NULL}};
    (void)state;
    n_up = n_down = n_scans = n_printed = 0;
    return cf_usb_new(&options, &usb, NULL) == CF_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    cf_usb_free(usb);
    return 0;
}

/* ---- gadgets: Documentation/usb/gadget_configfs.rst of Linux ---- */

static void folder(const char *gadget, const char *at)
{
    char path[256];
    (void)snprintf(path, sizeof path, GADGETS "/%s/%s", gadget, at);
    assert_int_equal(mkdir(path, 0755), 0);
}

static void put(const char *gadget, const char *at, const void *p, size_t n)
{
    char path[256];
    (void)snprintf(path, sizeof path, GADGETS "/%s/%s", gadget, at);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        fail_msg("%s cannot be written", path);
    close(fd);
}

static void put_text(const char *gadget, const char *at, const char *text)
{
    put(gadget, at, text, strlen(text));
}

/* `function` is the kernel's name of it, "hid.scan". */
static void describe(const char *gadget, const char *vendor, const char *product, const char *name,
                     const char *function)
{
    char path[128];
    folder(gadget, "");
    put_text(gadget, "idVendor", vendor);
    put_text(gadget, "idProduct", product);
    folder(gadget, "strings/0x409");
    put_text(gadget, "strings/0x409/product", name);
    put_text(gadget, "strings/0x409/serialnumber", "SN1");
    folder(gadget, "configs/c.1");
    (void)snprintf(path, sizeof path, "functions/%s", function);
    folder(gadget, path);
}

static void plug(const char *gadget, const char *function, const char *controller)
{
    char from[256], to[256];
    (void)snprintf(from, sizeof from, GADGETS "/%s/functions/%s", gadget, function);
    (void)snprintf(to, sizeof to, GADGETS "/%s/configs/c.1/%s", gadget, function);
    assert_int_equal(symlink(from, to), 0);
    put_text(gadget, "UDC", controller);
}

static void unplug(const char *gadget)
{
    unsigned before = n_down;
    put_text(gadget, "UDC", "\n");
    UNTIL(n_down == before + 1);
}

/* It appears with the gadget, and some only when the host has chosen its configuration. */
static int open_device_side(const char *node)
{
    int fd = -1;
    for (int64_t end_ms = until_now_ms() + UNTIL_PATIENCE_MS; fd < 0 && until_now_ms() < end_ms; (void)poll(NULL, 0, 5))
        fd = open(node, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("there is no %s", node);
    return fd;
}

/* ---- tests ---- */

static void a_scanner_by_f_hid_scans(void **state)
{
    uint8_t report[POS_REPORT_BYTES];
    cf_bytes layout = descriptor_honeywell();
    (void)state;
    describe("pos", "0x0c2e", "0x0a07", "POS Scanner", "hid.scan");
    put_text("pos", "functions/hid.scan/protocol", "0");
    put_text("pos", "functions/hid.scan/subclass", "0");
    put_text("pos", "functions/hid.scan/report_length", "64");
    put("pos", "functions/hid.scan/report_desc", layout.p, layout.n);
    plug("pos", "hid.scan", "dummy_udc.0");
    UNTIL(n_up == 1);
    assert_string_equal(driver, "hid-pos");
    int fd = open_device_side("/dev/hidg0");
    for (unsigned i = 1; i <= 3; i++) {
        report_honeywell(report, "]E0", i % 2 ? "5901234123457" : "4006381333931", 13, 0);
        assert_int_equal(write(fd, report, sizeof report), sizeof report);
        UNTIL(n_scans == i);
        assert_string_equal(scanned, i % 2 ? "]E05901234123457" : "]E04006381333931");
    }
    close(fd);
    unplug("pos");
}

static void a_scanner_by_f_acm_scans(void **state)
{
    struct termios raw;
    (void)state;
    describe("modem", "0x05e0", "0x1701", "Serial Scanner", "acm.scan");
    plug("modem", "acm.scan", "dummy_udc.1");
    UNTIL(n_up == 1);
    assert_string_equal(driver, "serial");
    int fd = open_device_side("/dev/ttyGS0");
    assert_int_equal(tcgetattr(fd, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(fd, TCSANOW, &raw), 0);
    assert_int_equal(write(fd, "4006381333931\r\n", 15), 15);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "4006381333931");
    unplug("modem");
    close(fd);
}

struct printer {
    struct fake_printer paper;
    int fd, stop[2];
};

/* What stands behind the gadget: reads what was printed, and answers. */
static void *print_on_paper(void *ctx)
{
    struct printer *printer = ctx;
    uint8_t in[8192], reply[4096];
    for (;;) {
        struct pollfd p[2] = {{.fd = printer->fd, .events = POLLIN}, {.fd = printer->stop[0], .events = POLLIN}};
        (void)poll(p, 2, -1);
        if (p[1].revents != 0)
            return NULL;
        ssize_t n = read(printer->fd, in, sizeof in);
        size_t answers =
            n > 0 ? fake_printer_wrote(&printer->paper, cf_bytes_of(in, (size_t)n), reply, sizeof reply) : 0;
        if (answers > 0 && write(printer->fd, reply, answers) != (ssize_t)answers)
            return NULL;
    }
}

static void a_printer_by_f_printer_prints_and_confirms(void **state)
{
    static struct printer printer;
    static uint8_t job[20000]; /* more than one of its requests */
    pthread_t thread;
    (void)state;
    memset(job, 'x', sizeof job);
    memcpy(job, "\x1b@", 2);
    fake_printer_init(&printer.paper);
    describe("paper", "0x04b8", "0x0202", "TM-T20", "printer.receipts");
    put_text("paper", "functions/printer.receipts/pnp_string", "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;");
    put_text("paper", "functions/printer.receipts/q_len", "10");
    plug("paper", "printer.receipts", "dummy_udc.2");
    printer.fd = open_device_side("/dev/g_printer0");
    assert_int_equal(pipe2(printer.stop, O_CLOEXEC), 0);
    assert_int_equal(pthread_create(&thread, NULL, print_on_paper, &printer), 0);
    UNTIL(n_up == 1);
    assert_string_equal(driver, "escpos");
    assert_int_equal(cf_usb_print(usb, "04b8:0202/SN1", JOB, cf_bytes_of(job, sizeof job), NULL), CF_OK);
    UNTIL(n_printed == 1);
    assert_int_equal(printed, CF_OK);
    assert_true(fake_printer_printed(&printer.paper, cf_bytes_of(job, sizeof job)));
    unplug("paper");
    assert_int_equal(write(printer.stop[1], "", 1), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(printer.fd);
    close(printer.stop[0]);
    close(printer.stop[1]);
    fake_printer_done(&printer.paper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scanner_by_f_hid_scans, begin, end),
        cmocka_unit_test_setup_teardown(a_scanner_by_f_acm_scans, begin, end),
        cmocka_unit_test_setup_teardown(a_printer_by_f_printer_prints_and_confirms, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
