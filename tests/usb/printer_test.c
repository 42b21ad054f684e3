/* A receipt printer on an unmodified libusb: confirmed, mute, out of paper in mid-receipt, pulled out, replaced. */
#include "drivers/printer/receipt_printer.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/usb/usb.h"
#include "tests/usb/fake_printer.h"
#include "tests/usb/fake_usb.h"
#include "tests/support/until.h"

#define IN 0x82
#define OUT 0x01
#define ID "xxMFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;"
#define BIG_BYTES 100000
#define JOBS_MAX 16

static struct cf_usb *usb;
static struct fake_printer paper;
static unsigned n_up, n_down, n_printed, n_troubles;
static enum cf_rc printed[JOBS_MAX], status;
static char model[64], why[96];

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    switch (event->kind) {
    case CF_DEVICE_UP:
        n_up++;
        (void)snprintf(model, sizeof model, "%.*s", (int)event->text.n, (const char *)event->text.p);
        break;
    case CF_DEVICE_DOWN:
        n_down++;
        break;
    case CF_DEVICE_STATUS:
        status = event->rc;
        (void)snprintf(why, sizeof why, "%s", event->why);
        break;
    case CF_DEVICE_PRINTED:
        assert_true(event->job < JOBS_MAX);
        printed[event->job] = event->rc;
        n_printed++;
        break;
    case CF_DEVICE_SCAN:
    case CF_DEVICE_WEIGHT:
        break;
    case CF_DEVICE_TROUBLE:
        n_troubles++;
        (void)snprintf(why, sizeof why, "%s", event->why);
        break;
    }
}

static int begin(void **state)
{
    static const struct cf_driver *const drivers[] = {&cf_receipt_printer};
    const struct cf_usb_options options = {
        .env = cf_env_system(), .drivers = drivers, .n_drivers = 1, .sink = {hear, NULL}};
    (void)state;
    n_up = n_down = n_printed = n_troubles = 0;
    status = CF_OK;
    memset(printed, 0, sizeof printed);
    fake_printer_init(&paper);
    return cf_usb_new(&options, &usb, NULL) == CF_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    cf_usb_free(usb);
    fake_printer_done(&paper);
    return 0;
}

#define UNTIL(condition) UNTIL_OF(cf_usb_fd(usb), cf_usb_dispatch(usb), condition)

static struct fake_model model_of(const char *id)
{
    return (struct fake_model){.vendor = 0x04b8,
                               .product = 0x0202,
                               .serial = "SN1",
                               .name = "TM-T88V",
                               .n_interfaces = 1,
                               .interface = {{.class_code = 7,
                                              .subclass = 1,
                                              .protocol = 2,
                                              .in = IN,
                                              .out = OUT,
                                              .in_bytes = 64,
                                              .bulk = true,
                                              .kernel_driver = "usblp"}},
                               .device_id = cf_bytes_str(id),
                               .wrote = fake_printer_wrote,
                               .ctx = &paper};
}

static struct fake_usb *plug(void)
{
    struct fake_model m = model_of(ID);
    return fake_usb_plug(&m, 1);
}

static enum cf_rc print(uint64_t id, cf_bytes job)
{
    return cf_usb_print(usb, "04b8:0202/SN1", id, job, NULL);
}

static const char receipt[] = "\x1b@\x1c.two bars of soap\n\x1dV1";

/* A picture whose data are the very bytes of a question: whoever asks in its middle is printed. */
static cf_bytes big_picture(uint8_t *to)
{
    memcpy(to, "\x1b@\x1dv0\0", 6);
    to[6] = 100; /* times 8 dots wide */
    to[7] = 0;
    to[8] = (uint8_t)((BIG_BYTES / 100) & 0xff);
    to[9] = (uint8_t)((BIG_BYTES / 100) >> 8);
    for (size_t i = 0; i < BIG_BYTES; i++)
        to[10 + i] = (uint8_t) "\x10\x04\x01\x1d"[i % 4];
    return cf_bytes_of(to, BIG_BYTES + 10);
}

static void a_receipt_is_confirmed_by_the_printer_itself(void **state)
{
    static uint8_t big[BIG_BYTES + 10];
    (void)state;
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_E_PRINTER_OFF);
    struct fake_usb *printer = plug();
    UNTIL(n_up == 1);
    assert_string_equal(model, "EPSON TM-T88V");
    assert_int_equal(fake_usb_detached(printer), 1);
    assert_true(fake_usb_was_asked(printer, 0x21, 2, 0)); /* SOFT_RESET: what another program left in it is gone */
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_OK);
    UNTIL(n_printed == 1);
    assert_int_equal(printed[1], CF_OK);
    assert_true(fake_printer_printed(&paper, cf_bytes_str(receipt)));
    cf_bytes picture = big_picture(big);
    assert_int_equal(print(2, picture), CF_OK);
    UNTIL(n_printed == 2);
    assert_int_equal(printed[2], CF_OK);
    assert_true(fake_printer_printed(&paper, picture));
    fake_usb_unplug(printer);
    UNTIL(n_down == 1);
    assert_int_equal(print(3, cf_bytes_str(receipt)), CF_E_PRINTER_OFF);
}

static void one_for_an_office_is_let_go(void **state)
{
    struct fake_model m = model_of("xxMFG:HP;MDL:LaserJet;CMD:PJL,PCL;");
    (void)state;
    struct fake_usb *printer = fake_usb_plug(&m, 1);
    UNTIL(fake_usb_was_asked(printer, 0xa1, 0, 0) && fake_usb_claims(printer) == 0);
    assert_int_equal(n_up, 0);
    assert_int_equal(fake_printer_paper_bytes(&paper), 0);
    fake_usb_unplug(printer);
}

static void one_that_refuses_all_requests_prints_all_the_same(void **state)
{
    struct fake_model m = model_of("");
    (void)state;
    m.refuses_control = true;
    struct fake_usb *printer = fake_usb_plug(&m, 1);
    UNTIL(n_up == 1);
    assert_true(fake_usb_was_asked(printer, 0x23, 2, 0)); /* as version 1.0 of the class had it */
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_OK);
    UNTIL(n_printed == 1);
    assert_int_equal(printed[1], CF_OK);
    fake_usb_unplug(printer);
}

static void one_that_answers_nothing_confirms_nothing(void **state)
{
    (void)state;
    paper.mute = true;
    struct fake_usb *printer = plug();
    UNTIL(n_up == 1);
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_OK);
    assert_int_equal(print(2, cf_bytes_str(receipt)), CF_OK);
    UNTIL(n_printed == 2);
    assert_int_equal(printed[1], CF_E_PRINT_UNKNOWN);
    assert_int_equal(printed[2], CF_E_PRINT_UNKNOWN);
    assert_int_equal(n_down, 0);
    fake_usb_unplug(printer);
}

static void paper_that_ends_in_mid_receipt_is_said_and_the_receipt_goes_on(void **state)
{
    (void)state;
    struct fake_usb *printer = plug();
    UNTIL(n_up == 1);
    fake_usb_hold(printer, true, true);
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_OK);
    UNTIL(status == CF_E_PRINTER_PAPER);
    assert_int_equal(n_printed, 0);
    fake_usb_hold(printer, false, false);
    UNTIL(n_printed == 1);
    assert_int_equal(printed[1], CF_OK);
    assert_true(fake_printer_printed(&paper, cf_bytes_str(receipt)));
    fake_usb_unplug(printer);
}

static void one_off_line_as_it_is_plugged_in_comes_up_when_it_reads(void **state)
{
    (void)state;
    struct fake_usb *printer = plug();
    fake_usb_hold(printer, true, true);
    UNTIL(n_troubles > 0);
    assert_string_equal(why, "the printer does not read");
    assert_int_equal(n_up, 0);
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_E_PRINTER_OFF);
    fake_usb_hold(printer, false, false);
    UNTIL(n_up == 1);
    assert_int_equal(print(1, cf_bytes_str(receipt)), CF_OK);
    UNTIL(n_printed == 1);
    assert_int_equal(printed[1], CF_OK);
    fake_usb_unplug(printer);
}

static void one_pulled_out_in_mid_receipt_never_prints_it_again_by_itself(void **state)
{
    (void)state;
    struct fake_usb *printer = plug();
    UNTIL(n_up == 1);
    fake_usb_hold(printer, true, false);
    for (uint64_t job = 1; job <= CF_RECEIPT_PRINTER_JOBS_MAX; job++)
        assert_int_equal(print(job, cf_bytes_str(receipt)), CF_OK);
    assert_int_equal(print(9, cf_bytes_str(receipt)), CF_E_BUSY);
    fake_usb_unplug(printer);
    UNTIL(n_printed == CF_RECEIPT_PRINTER_JOBS_MAX);
    assert_int_equal(printed[1], CF_E_PRINT_UNKNOWN);
    for (size_t job = 2; job <= CF_RECEIPT_PRINTER_JOBS_MAX; job++)
        assert_int_equal(printed[job], CF_E_PRINTER_OFF);
    printer = plug();
    UNTIL(n_up == 2);
    assert_int_equal(print(10, cf_bytes_str("\x1b@after\n")), CF_OK);
    UNTIL(printed[10] == CF_OK && n_printed == CF_RECEIPT_PRINTER_JOBS_MAX + 1);
    assert_true(fake_printer_printed(&paper, cf_bytes_str("\x1b@after\n")));
    fake_usb_unplug(printer);
}

static void a_cover_that_opens_between_receipts_is_said_at_once(void **state)
{
    uint8_t bytes[4];
    (void)state;
    struct fake_usb *printer = plug();
    UNTIL(n_up == 1);
    paper.cover_open = true;
    fake_usb_send(printer, IN, bytes, fake_printer_automatic(&paper, bytes));
    UNTIL(status == CF_E_PRINTER_COVER);
    assert_string_equal(why, "its cover is open");
    paper.cover_open = false;
    fake_usb_send(printer, IN, bytes, fake_printer_automatic(&paper, bytes));
    UNTIL(status == CF_OK);
    fake_usb_unplug(printer);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_receipt_is_confirmed_by_the_printer_itself, begin, end),
        cmocka_unit_test_setup_teardown(one_for_an_office_is_let_go, begin, end),
        cmocka_unit_test_setup_teardown(one_that_refuses_all_requests_prints_all_the_same, begin, end),
        cmocka_unit_test_setup_teardown(one_that_answers_nothing_confirms_nothing, begin, end),
        cmocka_unit_test_setup_teardown(paper_that_ends_in_mid_receipt_is_said_and_the_receipt_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(one_off_line_as_it_is_plugged_in_comes_up_when_it_reads, begin, end),
        cmocka_unit_test_setup_teardown(one_pulled_out_in_mid_receipt_never_prints_it_again_by_itself, begin, end),
        cmocka_unit_test_setup_teardown(a_cover_that_opens_between_receipts_is_said_at_once, begin, end),
    };
    (void)argc;
    if (!fake_usb_begin(argv)) {
        (void)printf("1..1\nok 1 - a printer on a played USB # SKIP umockdev does not start here\n");
        return 0;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fake_usb_end();
    return failed;
}
