/* Scales from recordings: what is asked of them and when, and that a scale that says nothing has no weight. */
#include "drivers/port/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/scale/scale.h"

static char heard[512]; /* "up|", grams, numbers of errors */

static void hear(void *ctx, const struct cf_device_event *event)
{
    size_t at = strlen(heard);
    (void)ctx;
    if (event->kind == CF_DEVICE_UP)
        (void)snprintf(heard + at, sizeof heard - at, "up|");
    else if (event->rc == CF_OK)
        (void)snprintf(heard + at, sizeof heard - at, "%d g|", (int)event->weight_g);
    else
        (void)snprintf(heard + at, sizeof heard - at, "%d|", (int)event->rc);
}

static void plays(const char *recording, const char *wanted)
{
    static const struct cf_driver *const drivers[] = {&cf_scale_hid, &cf_scale_toledo};
    const struct cf_device_sink sink = {hear, NULL};
    struct cf_error err = {.rc = CF_OK};
    memset(heard, 0, sizeof heard);
    if (cf_replay(cf_bytes_str(recording), drivers, 2, &sink, &err) != CF_OK)
        fail_msg("%s", err.detail);
    assert_string_equal(heard, wanted);
}

#define HID                                                                                                            \
    "counterfoil-device 1\ndriver hid-scale\ndevice 1 0922 8003 0100 0 0 03 00 00 82 00 1 8 80\npath 1-1:0\nserial \n" \
    "name Scale\nreport 058d0920a101850315012508750895011971297881001501250c1951295c81000941158125"                    \
    "7f8102094015007510950181"                                                                                         \
    "02c0\n0 > control 21 0a 1903 0000 0 -\n1 < control done -\n1 > listen\n1 > wake 500\n"

static void a_hid_scale_tells_what_changes(void **state)
{
    (void)state;
    plays(HID "10 < in done 030202000000\n10 > wake 500\n" /* zero */
              "20 < in done 030302002001\n20 > wake 500\n" /* moves */
              "30 < in done 030402005901\n30 > wake 500\n"
              "40 < in done 030402005901\n40 > wake 500\n" /* the same is no news */
              "50 < in done 040402005901\n"                /* another report */
              "60 < in error -\n"
              "70 < in done 030802000000\n70 > wake 500\n",
          "up|972|971|345 g|975|");
}

static void a_hid_scale_that_is_still_is_asked_and_one_that_does_not_answer_has_no_weight(void **state)
{
    (void)state;
    plays(HID "10 < in done 030402005901\n10 > wake 500\n"
              "510 < wake\n510 > wake 500\n510 > control a1 01 0103 0000 6 -\n"
              "511 < control done 030402005901\n511 > wake 500\n" /* it is well */
              "1011 < wake\n1011 > wake 500\n1011 > control a1 01 0103 0000 6 -\n1012 < control stall -\n"
              "1511 < wake\n1511 > wake 500\n1511 > control a1 01 0103 0000 6 -\n1512 < control stall -\n"
              "2011 < wake\n2011 > wake 500\n2011 > control a1 01 0103 0000 6 -\n"
              "2511 < wake\n2511 > wake 500\n" /* it has not even refused */
              "3011 < wake\n3011 > wake 500\n"
              "3012 < control timeout -\n"
              "3100 < in done 030402005901\n3100 > wake 500\n",
          "up|345 g|970|345 g|");
}

static void a_hid_device_that_is_no_scale_is_let_go(void **state)
{
    (void)state;
    plays("counterfoil-device 1\ndriver hid-scale\ndevice 1 0922 8003 0100 0 0 03 00 00 82 00 1 8 7\npath 1-1:0\n"
          "0 > control 81 06 2200 0000 7 -\n1 < control done 05010906a101c0\n1 > decline\n",
          "");
}

#define SERIAL "counterfoil-device 1\ndriver toledo\ndevice 2 0000 0000 0000 0 0 00 00 00 00 00 0 0 0\n0 > listen\n"

static void a_serial_scale_is_asked_again_and_again(void **state)
{
    (void)state;
    plays(SERIAL "0 > wake 500\n0 > write 500 d7\n1 < written done 1\n"
                 "20 < in done 823030\n" /* 7 bits and parity: 82 is STX */
                 "21 < in done 2e33b4\n22 < in done 358d\n22 > wake 150\n"
                 "172 < wake\n172 > wake 500\n172 > write 500 d7\n173 < written done 1\n"
                 "190 < in done 823f418d\n190 > wake 150\n",
          "up|345 g|971|");
}

static void a_serial_scale_that_does_not_answer_is_asked_the_other_way_and_then_off(void **state)
{
    (void)state;
    plays(SERIAL "0 > wake 500\n0 > write 500 d7\n1 < written done 1\n"
                 "500 < wake\n500 > wake 500\n500 > write 500 57\n501 < written done 1\n"
                 "510 < in done 0230302e3334350d\n510 > wake 150\n"
                 "660 < wake\n660 > wake 500\n660 > write 500 57\n"
                 "1160 < wake\n1160 > wake 500\n" /* the line itself does not take it */
                 "1161 < written timeout 0\n"
                 "1660 < wake\n1660 > wake 500\n1660 > write 500 57\n1661 < written done 1\n"
                 "2160 < wake\n2160 > wake 500\n2160 > write 500 d7\n2161 < written done 1\n"
                 "2660 < wake\n2660 > wake 500\n2660 > write 500 57\n2661 < written done 1\n"
                 "2670 < in done 0230302e3334350d\n2670 > wake 150\n",
          "up|345 g|970|345 g|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hid_scale_tells_what_changes),
        cmocka_unit_test(a_hid_scale_that_is_still_is_asked_and_one_that_does_not_answer_has_no_weight),
        cmocka_unit_test(a_hid_device_that_is_no_scale_is_let_go),
        cmocka_unit_test(a_serial_scale_is_asked_again_and_again),
        cmocka_unit_test(a_serial_scale_that_does_not_answer_is_asked_the_other_way_and_then_off),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
