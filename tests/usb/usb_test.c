/* Scanners on an unmodified libusb: plugged in, read, pulled out at any moment, refused, halted, garbled, doubled. */
#include "drivers/usb/usb.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/port/replay.h"
#include "drivers/scanner/scanner.h"
#include "tests/drivers/scanner/descriptors.h"
#include "tests/usb/fake_usb.h"
#include "tests/support/until.h"

#define IN 0x81

static struct cf_usb *usb;
static unsigned n_up, n_down, n_scans, n_troubles;
static enum cf_rc trouble, down;
static char scanned[CF_SCANNER_TEXT_MAX + 1], identity[CF_PORT_IDENTITY_MAX + 1], driver[32];
static struct cf_buf tape;
static bool taping;
static const struct cf_usb_rule *rules;
static size_t n_rules;

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    cf_port_identity(event->info, identity);
    (void)snprintf(driver, sizeof driver, "%s", event->driver);
    switch (event->kind) {
    case CF_DEVICE_UP:
        n_up++;
        break;
    case CF_DEVICE_SCAN:
        n_scans++;
        memcpy(scanned, event->text.p, event->text.n);
        scanned[event->text.n] = '\0';
        break;
    case CF_DEVICE_TROUBLE:
        n_troubles++;
        trouble = event->rc;
        break;
    case CF_DEVICE_DOWN:
        n_down++;
        down = event->rc;
        break;
    case CF_DEVICE_STATUS:
    case CF_DEVICE_PRINTED:
    case CF_DEVICE_WEIGHT:
        break;
    }
}

static bool keep(void *ctx, cf_bytes lines)
{
    return cf_buf_append(ctx, lines.p, lines.n, NULL) == CF_OK;
}

static bool record(void *ctx, const struct cf_port_info *info, struct cf_recording_sink *ret)
{
    (void)ctx;
    (void)info;
    *ret = (struct cf_recording_sink){keep, &tape};
    return taping;
}

static void start(void)
{
    const struct cf_usb_options options = {.env = cf_env_system(),
                                           .drivers = cf_scanner_drivers,
                                           .n_drivers = CF_SCANNER_DRIVERS,
                                           .rules = rules,
                                           .n_rules = n_rules,
                                           .sink = {hear, NULL},
                                           .record = record};
    n_up = n_down = n_scans = n_troubles = 0;
    assert_int_equal(cf_usb_new(&options, &usb, NULL), CF_OK);
}

static int begin(void **state)
{
    (void)state;
    rules = NULL;
    n_rules = 0;
    taping = false;
    cf_buf_init(&tape, 16 * 1024 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_usb_free(usb);
    usb = NULL;
    cf_buf_done(&tape);
    return 0;
}

/* One turn of the loop: waits until something is to be done, or a while. */
static void turn(int wait_ms)
{
    struct pollfd p = {.fd = cf_usb_fd(usb), .events = POLLIN};
    (void)poll(&p, 1, wait_ms);
    cf_usb_dispatch(usb);
}

#define UNTIL(condition) UNTIL_OF(cf_usb_fd(usb), cf_usb_dispatch(usb), condition)

static struct fake_model scanner(uint16_t vendor, const char *serial)
{
    return (struct fake_model){.vendor = vendor,
                               .product = 0x0a07,
                               .serial = serial,
                               .name = "HID POS Scanner",
                               .n_interfaces = 1,
                               .interface = {{.class_code = 3,
                                              .in = IN,
                                              .in_bytes = POS_REPORT_BYTES,
                                              .report = descriptor_honeywell(),
                                              .kernel_driver = "usbhid"}}};
}

static struct fake_model keyboard(uint16_t vendor)
{
    return (struct fake_model){.vendor = vendor,
                               .product = 0x1200,
                               .name = "Keyboard",
                               .n_interfaces = 1,
                               .interface = {{.class_code = 3,
                                              .subclass = 1,
                                              .protocol = 1,
                                              .in = IN,
                                              .in_bytes = 8,
                                              .report = descriptor_keyboard(),
                                              .kernel_driver = "usbhid"}}};
}

static void scan(struct fake_usb *fake, const char *aim, const char *text, size_t n)
{
    uint8_t report[POS_REPORT_BYTES];
    for (size_t at = 0; at < n;) {
        size_t part = n - at < POS_DATA_BYTES ? n - at : POS_DATA_BYTES;
        report_honeywell(report, aim, text + at, part, at + part < n);
        fake_usb_send(fake, IN, report, sizeof report);
        at += part;
    }
}

static void type(struct fake_usb *fake, uint8_t key)
{
    uint8_t report[8] = {0, 0, key};
    fake_usb_send(fake, IN, report, sizeof report);
    report[2] = 0;
    fake_usb_send(fake, IN, report, sizeof report);
}

struct looking {
    const char *path;
    int use;
};

static void see(void *ctx, const struct cf_usb_seen *seen)
{
    struct looking *looking = ctx;
    if (strcmp(seen->info->path, looking->path) == 0)
        looking->use = (int)seen->use;
}

static int use_of(const char *path)
{
    struct looking looking = {path, -1};
    cf_usb_each(usb, see, &looking);
    return looking.use;
}

static void a_scanner_that_is_plugged_in_scans_and_goes_down_when_pulled(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x0c2e, "SN0001");
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    assert_string_equal(identity, "0c2e:0a07/SN0001");
    assert_string_equal(driver, "hid-pos");
    assert_int_equal(fake_usb_claims(fake), 1);
    assert_int_equal(fake_usb_detached(fake), 1);
    assert_true(fake_usb_was_asked(fake, 0x21, 0x09, 0x03fe)); /* Honeywell's switch */
    scan(fake, "]E0", "5901234123457", 13);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "]E05901234123457");
    for (unsigned i = 0; i < 50; i++) {
        char text[14];
        (void)snprintf(text, sizeof text, "%013u", i);
        scan(fake, "]E0", text, 13);
        UNTIL(n_scans == 2 + i);
        assert_string_equal(scanned + 3, text);
    }
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
    assert_int_equal(down, CF_E_DEVICE_GONE);
    assert_int_equal(n_troubles, 0);
    UNTIL(use_of("1-1:0") == -1);
}

static void a_scanner_that_was_there_before_is_found_and_given_back(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x1234, NULL);
    struct fake_usb *fake = fake_usb_plug(&model, 2);
    start();
    UNTIL(n_up == 1);
    assert_string_equal(identity, "1234:0a07@1-2:0");
    assert_false(fake_usb_was_asked(fake, 0x21, 0x09, 0x03fe));
    cf_usb_free(usb);
    usb = NULL;
    assert_int_equal(fake_usb_claims(fake), 0);
    assert_int_equal(fake_usb_detached(fake), 0); /* the kernel's driver has it again */
    fake_usb_unplug(fake);
}

static void keyboards_and_mice_stay_with_the_kernel(void **state)
{
    (void)state;
    struct fake_model board = keyboard(0x046d), mouse = keyboard(0x046d), both = scanner(0x046d, NULL);
    mouse.interface[0].protocol = 2;
    mouse.interface[0].report = descriptor_mouse();
    both.interface[0].report = descriptor_mouse(); /* no boot device: only its report descriptor tells */
    start();
    struct fake_usb *a = fake_usb_plug(&board, 1), *b = fake_usb_plug(&mouse, 2), *c = fake_usb_plug(&both, 3);
    UNTIL(use_of("1-1:0") == CF_USB_LEFT_ALONE && use_of("1-3:0") == CF_USB_LEFT_ALONE);
    assert_int_equal(use_of("1-2:0"), -1); /* nobody's kind */
    assert_false(fake_usb_was_opened(a) || fake_usb_was_opened(b) || fake_usb_was_opened(c));
    fake_usb_unplug(a);
    fake_usb_unplug(b);
    fake_usb_unplug(c);
    UNTIL(use_of("1-1:0") == -1 && use_of("1-3:0") == -1);
    assert_int_equal(n_up + n_down + n_troubles, 0);
}

static void a_wedge_of_a_scanner_maker_is_claimed_and_its_keys_are_scans(void **state)
{
    (void)state;
    struct fake_model model = keyboard(0x05e0);
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    assert_int_equal(fake_usb_detached(fake), 1);
    assert_true(fake_usb_was_asked(fake, 0x21, 0x0b, 0)); /* boot reports */
    type(fake, 0x21);
    type(fake, 0x27);
    type(fake, 0x1e);
    type(fake, 0x1e);
    type(fake, 0x28);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "4011");
    type(fake, 0x1e); /* and without Enter, after a pause */
    UNTIL(n_scans == 2);
    assert_string_equal(scanned, "1");
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
}

static void rules_come_before_what_drivers_think(void **state)
{
    (void)state;
    static const struct cf_usb_rule both[] = {{0x046d, 0x1200, "wedge"}, {0x05e0, 0x1200, NULL}};
    struct fake_model unknown = keyboard(0x046d), known = keyboard(0x05e0);
    rules = both;
    n_rules = 2;
    start();
    struct fake_usb *a = fake_usb_plug(&unknown, 1), *b = fake_usb_plug(&known, 2);
    UNTIL(n_up == 1 && use_of("1-2:0") == CF_USB_LEFT_ALONE);
    assert_int_equal(fake_usb_claims(a), 1);
    assert_false(fake_usb_was_opened(b));
    fake_usb_unplug(a);
    fake_usb_unplug(b);
    UNTIL(n_down == 1);
}

static void a_scanner_on_a_modem_interface_scans(void **state)
{
    (void)state;
    struct fake_model model = {
        .vendor = 0x05f9,
        .product = 0x4204,
        .n_interfaces = 2,
        .interface = {
            {.class_code = 2, .subclass = 2, .kernel_driver = "cdc_acm"},
            {.class_code = 10, .in = IN, .out = 2, .in_bytes = 64, .bulk = true, .kernel_driver = "cdc_acm"}}};
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    assert_int_equal(fake_usb_claims(fake), 3);
    assert_true(fake_usb_was_asked(fake, 0x21, 0x22, 3)); /* DTR and RTS */
    fake_usb_send(fake, IN, "]E05901234", 10);
    fake_usb_send(fake, IN, "123457\r\n", 8);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "]E05901234123457");
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
    fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 2);
    char *much = malloc(1024 * 1024); /* a megabyte without end, then a code */
    assert_non_null(much);
    memset(much, 'x', 1024 * 1024);
    for (size_t at = 0; at < 1024 * 1024; at += 4096)
        fake_usb_send(fake, IN, much + at, 4096);
    free(much);
    fake_usb_send(fake, IN, "\r4011\r", 6);
    UNTIL(n_scans == 2);
    assert_string_equal(scanned, "4011");
    assert_int_equal(n_troubles, 1);
    assert_int_equal(trouble, CF_E_CODE_SIZE);
    fake_usb_unplug(fake);
    UNTIL(n_down == 2);
}

static void a_code_of_many_reports_is_one_scan(void **state)
{
    (void)state;
    char *text = malloc(CF_SCANNER_DATA_MAX + 1);
    struct fake_model model = scanner(0x1234, "A");
    assert_non_null(text);
    for (size_t i = 0; i < CF_SCANNER_DATA_MAX; i++)
        text[i] = (char)('0' + i % 10);
    text[CF_SCANNER_DATA_MAX] = '\0';
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    scan(fake, "]Q1", text, CF_SCANNER_DATA_MAX);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned + 3, text);
    free(text);
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
}

static void a_scanner_pulled_in_mid_code_loses_it_and_the_next_is_whole(void **state)
{
    (void)state;
    uint8_t report[POS_REPORT_BYTES];
    struct fake_model model = scanner(0x1234, "A");
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    report_honeywell(report, "]Q1", "first", 5, 1);
    fake_usb_send(fake, IN, report, sizeof report);
    UNTIL(fake_usb_unsent(fake) == 0);
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
    fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 2);
    scan(fake, "]Q1", "second", 6);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "]Q1second");
    fake_usb_unplug(fake);
    UNTIL(n_down == 2);
}

static void replugged_many_times_it_scans_each_time(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x0c2e, "A");
    /* A real kernel takes half a second of its own time to look at each. */
    const unsigned times = fake_usb_is_kernel() ? 10 : 200;
    start();
    for (unsigned i = 0; i < times; i++) {
        struct fake_usb *fake = fake_usb_plug(&model, 1);
        UNTIL(n_up == i + 1);
        scan(fake, "]E0", "5901234123457", 13);
        UNTIL(n_scans == i + 1);
        fake_usb_unplug(fake);
        UNTIL(n_down == i + 1);
    }
    assert_int_equal(n_troubles, 0);
    UNTIL(use_of("1-1:0") == -1);
}

static void a_storm_of_plugs_that_nobody_waits_for_leaves_what_is_there(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x0c2e, "A");
    start();
    for (unsigned i = 0; i < 200; i++) {
        struct fake_usb *fake = fake_usb_plug(&model, 1);
        for (unsigned k = 0; k < i % 5; k++) /* anywhere between nothing and up */
            turn(0);
        fake_usb_unplug(fake);
    }
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == n_down + 1 && fake_usb_reading(fake) > 0);
    scan(fake, "]E0", "5901234123457", 13);
    UNTIL(n_scans == 1);
    fake_usb_unplug(fake);
    UNTIL(n_up == n_down && use_of("1-1:0") == -1);
}

static void a_halted_endpoint_is_freed_and_the_next_code_comes(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x1234, "A");
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    fake_usb_halt(fake, IN);
    UNTIL(n_troubles == 1);
    assert_int_equal(trouble, CF_E_DEVICE_LOST);
    scan(fake, "]E0", "5901234123457", 13);
    UNTIL(n_scans == 1);
    fake_usb_babble(fake, IN);
    UNTIL(n_troubles == 2);
    scan(fake, "]E0", "5901234123457", 13);
    UNTIL(n_scans == 2);
    assert_int_equal(n_down, 0);
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
}

static void a_scanner_that_fails_on_and_on_goes_down_and_comes_back_when_it_works(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x1234, "A");
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    fake_usb_break(fake, true);
    UNTIL(n_down == 1);
    assert_int_equal(down, CF_E_DEVICE_FAULT);
    fake_usb_break(fake, false);
    UNTIL(n_up == n_down + 1 && fake_usb_reading(fake) > 0);
    scan(fake, "]E0", "5901234123457", 13);
    UNTIL(n_scans == 1);
    unsigned before = n_down;
    fake_usb_unplug(fake);
    UNTIL(n_down == before + 1);
    assert_int_equal(down, CF_E_DEVICE_GONE);
}

static void one_that_another_program_holds_is_told_once_and_taken_when_free(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x1234, "A");
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    fake_usb_occupy(fake, true);
    start();
    UNTIL(n_troubles == 1 && use_of("1-1:0") == CF_USB_FAILED);
    assert_int_equal(trouble, CF_E_DEVICE_BUSY);
    int64_t a_while_ms = until_now_ms() + 500; /* it tries again, silently */
    while (until_now_ms() < a_while_ms)
        turn(20);
    assert_int_equal(n_troubles, 1);
    assert_int_equal(n_up, 0);
    fake_usb_occupy(fake, false);
    UNTIL(n_up == 1);
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
}

static void garbage_for_descriptors_is_nobody_and_harms_nobody(void **state)
{
    (void)state;
    static const uint8_t device[] = {18, 1, 0, 2, 0, 0, 0, 64, 0x34, 0x12, 1, 0, 0, 1, 0, 0, 0, 1};
    static const uint8_t junk[] = {9, 2, 255, 255, 4, 1, 0, 0x80, 250, 9, 4, 0, 0, 30, 3, 0, 0, 0, 7, 5, 0x81, 3, 64};
    static const uint8_t zeros[] = {9, 2, 34, 0, 1, 1, 0, 0x80, 250, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t report[] = {0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0xc0, 0xc0, 0xff, 0xff, 0xff};
    uint8_t whole[64];
    struct fake_model model = scanner(0x1234, "A"), good = scanner(0x0c2e, "B");
    struct fake_usb *fakes[4];
    start();
    memcpy(whole, device, sizeof device);
    memcpy(whole + sizeof device, junk, sizeof junk);
    model.descriptors = cf_bytes_of(whole, sizeof device + sizeof junk);
    fakes[0] = fake_usb_plug(&model, 1);
    memcpy(whole + sizeof device, zeros, sizeof zeros);
    model.descriptors = cf_bytes_of(whole, sizeof device + sizeof zeros);
    fakes[1] = fake_usb_plug(&model, 2);
    model.descriptors = (cf_bytes){0};
    model.interface[0].report = cf_bytes_of(report, sizeof report);
    fakes[2] = fake_usb_plug(&model, 3);
    fakes[3] = fake_usb_plug(&good, 4);
    UNTIL(n_up == 1 && use_of("1-3:0") == CF_USB_LEFT_ALONE);
    assert_string_equal(identity, "0c2e:0a07/B");
    scan(fakes[3], "]E0", "5901234123457", 13);
    UNTIL(n_scans == 1);
    for (size_t i = 0; i < 4; i++)
        fake_usb_unplug(fakes[i]);
    UNTIL(n_down == 1);
    assert_int_equal(n_troubles, 0);
}

static void one_that_nobody_holds_is_asked_and_let_go_if_it_is_none(void **state)
{
    (void)state;
    struct fake_model one = scanner(0x1234, NULL), other = scanner(0x4321, NULL), mute = scanner(0x5678, NULL);
    one.interface[0].kernel_driver = other.interface[0].kernel_driver = mute.interface[0].kernel_driver = NULL;
    other.interface[0].report = descriptor_mouse();
    mute.refuses_control = true;
    start();
    struct fake_usb *a = fake_usb_plug(&one, 1), *b = fake_usb_plug(&other, 2), *c = fake_usb_plug(&mute, 3);
    UNTIL(n_up == 1 && use_of("1-2:0") == CF_USB_LEFT_ALONE && n_troubles == 1);
    assert_true(fake_usb_was_asked(a, 0x81, 0x06, 0x2200));
    UNTIL(fake_usb_claims(b) == 0);
    assert_int_equal(trouble, CF_E_DEVICE_FAULT);
    fake_usb_unplug(a);
    fake_usb_unplug(b);
    fake_usb_unplug(c);
    UNTIL(n_down == 1 && use_of("1-3:0") == -1);
}

static void a_report_descriptor_that_comes_late_is_waited_for(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x1234, NULL);
    if (fake_usb_is_kernel()) { /* it asks for the descriptor itself, and its hub waits for the answer */
        print_message("a descriptor that comes late is only played\n");
        skip();
    }
    model.interface[0].report_is_late = true;
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(use_of("1-1:0") == CF_USB_LOOKED_AT);
    fake_usb_show_report(fake);
    UNTIL(n_up == 1 || use_of("1-1:0") == CF_USB_LEFT_ALONE);
    if (n_up == 0) /* this machine was so slow that it came too late for us: as for a kernel, plugging in again helps */
        print_message("the report descriptor came after the time that is given for it\n");
    fake_usb_unplug(fake);
    UNTIL(use_of("1-1:0") == -1);
}

static void two_of_a_kind_are_told_apart(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x0c2e, "SAME");
    char first[sizeof identity];
    start();
    struct fake_usb *a = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    memcpy(first, identity, sizeof first);
    struct fake_usb *b = fake_usb_plug(&model, 2);
    UNTIL(n_up == 2);
    assert_string_equal(first, "0c2e:0a07/SAME");
    assert_string_equal(identity, "0c2e:0a07@1-2:0");
    scan(a, "]E0", "5901234123457", 13);
    UNTIL(n_scans == 1);
    assert_string_equal(identity, first);
    scan(b, "]E4", "96385074", 8);
    UNTIL(n_scans == 2);
    assert_string_equal(scanned, "]E496385074");
    assert_string_equal(identity, "0c2e:0a07@1-2:0");
    fake_usb_unplug(a);
    UNTIL(n_down == 1);
    scan(b, "]E4", "96385074", 8);
    UNTIL(n_scans == 3);
    fake_usb_unplug(b);
    UNTIL(n_down == 2);
}

static void what_was_recorded_replays_without_the_device(void **state)
{
    (void)state;
    struct fake_model model = scanner(0x0c2e, "A");
    const struct cf_device_sink sink = {hear, NULL};
    taping = true;
    start();
    struct fake_usb *fake = fake_usb_plug(&model, 1);
    UNTIL(n_up == 1);
    scan(fake, "]Q1", "a code that goes on for longer than one report can hold, which is 56", 68);
    UNTIL(n_scans == 1);
    fake_usb_halt(fake, IN);
    UNTIL(n_troubles == 1);
    fake_usb_unplug(fake);
    UNTIL(n_down == 1);
    n_up = n_scans = n_troubles = 0;
    memset(scanned, 0, sizeof scanned);
    assert_int_equal(cf_replay(cf_buf_bytes(&tape), cf_scanner_drivers, CF_SCANNER_DRIVERS, &sink, NULL), CF_OK);
    assert_int_equal(n_up, 1);
    assert_int_equal(n_scans, 1);
    assert_int_equal(n_troubles, 1);
    assert_string_equal(scanned, "]Q1a code that goes on for longer than one report can hold, which is 56");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(a_scanner_that_is_plugged_in_scans_and_goes_down_when_pulled),
        TEST(a_scanner_that_was_there_before_is_found_and_given_back),
        TEST(keyboards_and_mice_stay_with_the_kernel),
        TEST(a_wedge_of_a_scanner_maker_is_claimed_and_its_keys_are_scans),
        TEST(rules_come_before_what_drivers_think),
        TEST(a_scanner_on_a_modem_interface_scans),
        TEST(a_code_of_many_reports_is_one_scan),
        TEST(a_scanner_pulled_in_mid_code_loses_it_and_the_next_is_whole),
        TEST(replugged_many_times_it_scans_each_time),
        TEST(a_storm_of_plugs_that_nobody_waits_for_leaves_what_is_there),
        TEST(a_halted_endpoint_is_freed_and_the_next_code_comes),
        TEST(a_scanner_that_fails_on_and_on_goes_down_and_comes_back_when_it_works),
        TEST(one_that_another_program_holds_is_told_once_and_taken_when_free),
        TEST(garbage_for_descriptors_is_nobody_and_harms_nobody),
        TEST(one_that_nobody_holds_is_asked_and_let_go_if_it_is_none),
        TEST(a_report_descriptor_that_comes_late_is_waited_for),
        TEST(two_of_a_kind_are_told_apart),
        TEST(what_was_recorded_replays_without_the_device),
    };
    (void)argc;
    if (!fake_usb_begin(argv)) {
        (void)printf("1..1\nok 1 - scanners on a played USB # SKIP umockdev does not start here\n");
        return 0;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fake_usb_end();
    return failed;
}
