/* Scanners from recordings: each driver's whole life without a device, and recordings that are none. */
#include "drivers/port/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/port/recorder.h"
#include "drivers/scanner/scanner.h"

static char heard[1024]; /* "up", the scans and the troubles' numbers, '|' after each */

static void hear(void *ctx, const struct cf_device_event *event)
{
    size_t at = strlen(heard);
    (void)ctx;
    assert_non_null(event->info);
    if (event->kind == CF_DEVICE_SCAN)
        (void)snprintf(heard + at, sizeof heard - at, "%.*s|", (int)event->text.n, (const char *)event->text.p);
    else if (event->kind == CF_DEVICE_UP)
        (void)snprintf(heard + at, sizeof heard - at, "%s up|", event->driver);
    else
        (void)snprintf(heard + at, sizeof heard - at, "%d|", (int)event->rc);
}

static enum cf_rc run(const char *recording, struct cf_error *err)
{
    const struct cf_device_sink sink = {hear, NULL};
    memset(heard, 0, sizeof heard);
    return cf_replay(cf_bytes_str(recording), cf_scanner_drivers, CF_SCANNER_DRIVERS, &sink, err);
}

#define WEDGE                                                                                                          \
    "counterfoil-device 1\ndriver wedge\ndevice 1 05e0 1200 0100 0 0 03 01 01 81 00 1 8 65\npath 1-1:0\nserial \n"     \
    "name Bar Code Scanner\nreport -\n0 > control 21 0b 0000 0000 0 -\n"
#define WEDGE_UP "2 < control done -\n2 > control 21 0a 0000 0000 0 -\n3 < control stall -\n3 > listen\n"

static const char wedge[] = WEDGE WEDGE_UP "900 < in done 00001e0000000000\n900 > wake 100\n"
                                           "908 < in done 0000000000000000\n908 > wake 100\n"
                                           "916 < in done 0200040000000000\n916 > wake 100\n"
                                           "1020 < wake\n"
                                           "2000 < in done 00001e0000000000\n2000 > wake 100\n"
                                           "2001 < in babble 00\n2001 > wake 100\n"
                                           "2008 < in done 0000280000000000\n2008 > wake 0\n";

static void a_recorded_scanner_scans_again(void **state)
{
    (void)state;
    struct cf_error err;
    assert_int_equal(run(wedge, &err), CF_OK);
    assert_string_equal(heard, "wedge up|1A|955|");
}

static void a_hid_pos_scanner_tells_its_layout_is_switched_on_and_scans(void **state)
{
    (void)state;
    struct cf_error err;
    static const char recording[] =
        "counterfoil-device 1\ndriver hid-pos\ndevice 1 23d0 0001 0100 1 1 03 00 00 81 00 1 64 20\n"
        "0 > control 81 06 2200 0001 20 -\n"
        "1 < control done 058c0902a101150026ff0075089520"
        "09fe8102c0\n"
        "1 > control 21 09 03fe 0001 2 fe01\n"
        "2 < control stall -\n"
        "2 > listen\n"
        "50 < in done 3430313100000000000000000000000000000000000000000000000000000000\n"
        "50 > wake 0\n"
        "60 < in error -\n60 > wake 0\n61 < in error -\n61 > wake 0\n62 < in error -\n62 > wake 0\n"
        "63 < in error -\n63 > wake 0\n64 < in error -\n64 > fail 953\n";
    assert_int_equal(run(recording, &err), CF_OK);
    assert_string_equal(heard, "hid-pos up|4011|955|955|955|955|");
}

static void a_device_that_is_none_of_ours_is_declined(void **state)
{
    (void)state;
    struct cf_error err;
    static const char recording[] =
        "counterfoil-device 1\ndriver hid-pos\ndevice 1 1234 0001 0100 0 0 03 00 00 81 00 1 64 0\n"
        "0 > control 81 06 2200 0000 4096 -\n1 < control done 05010902a101c0\n1 > decline\n2 < in done 00\n";
    assert_int_equal(run(recording, &err), CF_OK);
    assert_string_equal(heard, "");
}

static void a_scanner_on_a_line_scans(void **state)
{
    (void)state;
    struct cf_error err;
    static const char recording[] =
        "counterfoil-device 1\ndriver serial\ndevice 1 05f9 4204 0100 1 0 0a 00 00 82 02 0 64 0\n"
        "0 > control 21 20 0000 0000 7 80250000000008\n1 < control done -\n"
        "1 > control 21 22 0003 0000 0 -\n2 < control done -\n2 > listen\n"
        "10 < in done 5d45303539\n10 > wake 100\n"
        "11 < in done 300d34303131\n11 > wake 100\n"
        "111 < wake\n";
    assert_int_equal(run(recording, &err), CF_OK);
    assert_string_equal(heard, "serial up|]E0590|4011|");
}

static void a_driver_that_acts_otherwise_is_named_with_the_line(void **state)
{
    (void)state;
    struct cf_error err;
    assert_int_equal(run(WEDGE "0 < control done -\n0 > listen\n", &err), CF_E_DEVICE_RECORDING);
    assert_non_null(strstr(err.detail, "line 10"));
    assert_non_null(strstr(err.detail, "21 0a 0000 0000"));
    assert_int_equal(run(WEDGE "0 < control done -\n1 < control done -\n", &err), CF_E_DEVICE_RECORDING);
    assert_int_equal(run(WEDGE "0 < control done -\n", &err), CF_E_DEVICE_RECORDING);
    assert_int_equal(run(WEDGE "0 > control 21 0b 0000 0000 0 -\n", &err), CF_E_DEVICE_RECORDING);
}

static void what_is_no_recording_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "hello\n",
        "counterfoil-device 1\n",
        "counterfoil-device 1\ndriver nobody\n0 > listen\n",
        "counterfoil-device 1\ndriver wedge\ndevice 1 05e0\n",
        "counterfoil-device 1\ndriver wedge\ndevice 3 05e0 1200 0100 0 0 03 01 01 81 00 1 8 65\n0 > listen\n",
        "counterfoil-device 1\ndriver wedge\n0 > listen\n", /* no such device for that driver */
        WEDGE "0 < in done 0\n",
        WEDGE "0 < in done zz\n",
        WEDGE "0 < in fine 00\n",
        WEDGE "0 ? in done 00\n",
        WEDGE "99999999999999999999 < wake\n",
        WEDGE "0 < wake up\n",
        WEDGE "0 > fail 0\n",
        WEDGE "path 2-2:0\n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(run(rows[i], NULL), CF_E_DEVICE_RECORDING);
}

/* A port that a test plays, so that what is recorded is known. */
static char asked[256];

static void ask_control(void *ctx, const struct cf_port_setup *setup, cf_bytes out)
{
    (void)ctx;
    (void)out;
    (void)snprintf(asked, sizeof asked, "control %02x", setup->request);
}

static void ask_listen(void *ctx)
{
    (void)ctx;
    (void)snprintf(asked, sizeof asked, "listen");
}

static void ask_wake(void *ctx, uint32_t after_ms)
{
    (void)ctx;
    (void)after_ms;
}

static bool keep(void *ctx, cf_bytes lines)
{
    return cf_buf_append(ctx, lines.p, lines.n, NULL) == CF_OK;
}

static void what_is_recorded_replays_to_the_same_events(void **state)
{
    (void)state;
    static const struct cf_port_ops ops = {.control = ask_control, .listen = ask_listen, .wake = ask_wake};
    static struct cf_port_info info = {.bus = CF_PORT_USB,
                                       .vendor = 0x05e0,
                                       .product = 0x1200,
                                       .class_code = 3,
                                       .subclass = 1,
                                       .protocol = 1,
                                       .in_endpoint = 0x81,
                                       .in_is_interrupt = true,
                                       .in_packet_bytes = 8,
                                       .path = "1-1:0",
                                       .name = "Bar Code Scanner"};
    struct cf_buf CF_CLEANUP(cf_buf_done) tape;
    cf_buf_init(&tape, 65536);
    const struct cf_port below = {&ops, NULL};
    const struct cf_recording_sink to = {keep, &tape};
    const struct cf_device_sink sink = {hear, NULL};
    struct cf_recorder *recorder;
    assert_int_equal(cf_recorder_new(&info, "wedge", &below, &to, (cf_mono){5000000}, &recorder, NULL), CF_OK);
    struct cf_port port = cf_recorder_port(recorder);
    void *device;
    memset(heard, 0, sizeof heard);
    assert_int_equal(cf_scanner_wedge.start(&info, &port, &sink, &device, NULL), CF_OK);
    (void)sink;
    cf_scanner_wedge.stop(device);
    cf_recorder_free(recorder);
    assert_string_equal(asked, "control 0b");
    assert_int_equal(
        cf_buf_append_str(&tape, WEDGE_UP "7 < in done 00001e0000000000\n7 > wake 100\n107 < wake\n", NULL), CF_OK);
    const char *text;
    assert_int_equal(cf_buf_cstr(&tape, &text, NULL), CF_OK);
    assert_int_equal(run(text, NULL), CF_OK);
    assert_string_equal(heard, "wedge up|1|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_scanner_scans_again),
        cmocka_unit_test(a_hid_pos_scanner_tells_its_layout_is_switched_on_and_scans),
        cmocka_unit_test(a_device_that_is_none_of_ours_is_declined),
        cmocka_unit_test(a_scanner_on_a_line_scans),
        cmocka_unit_test(a_driver_that_acts_otherwise_is_named_with_the_line),
        cmocka_unit_test(what_is_no_recording_is_refused),
        cmocka_unit_test(what_is_recorded_replays_to_the_same_events),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
