/* The printer's driver over a port that is only noted: what it asks when, and how long it is patient. */
#include "drivers/printer/receipt_printer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char log_text[4096];
static void *device;
static unsigned n_printed;
static enum cf_rc printed;
static uint8_t last[64]; /* what was written last */
static size_t n_last;

static void note(const char *what)
{
    size_t n = strlen(log_text);
    (void)snprintf(log_text + n, sizeof log_text - n, "%s ", what);
}

static void control(void *ctx, const struct cf_port_setup *setup, cf_bytes out)
{
    char text[32];
    (void)ctx;
    (void)out;
    (void)snprintf(text, sizeof text, "control:%02x.%u", setup->request_type, setup->request);
    note(text);
}

static void listen(void *ctx)
{
    (void)ctx;
    note("listen");
}

static void write_bytes(void *ctx, cf_bytes bytes, uint32_t timeout_ms)
{
    char text[32];
    (void)ctx;
    assert_int_equal(timeout_ms, 0); /* a printer without paper reads on when it has some */
    (void)snprintf(text, sizeof text, "write:%zu", bytes.n);
    note(text);
    n_last = bytes.n < sizeof last ? bytes.n : sizeof last;
    memcpy(last, bytes.p, n_last);
}

static void wake(void *ctx, uint32_t after_ms)
{
    (void)ctx;
    (void)after_ms;
}

static void decline(void *ctx)
{
    (void)ctx;
    note("decline");
}

static void fail_port(void *ctx, enum cf_rc rc, const char *why)
{
    (void)ctx;
    (void)why;
    note(rc == CF_E_DEVICE_FAULT ? "fail" : "?");
}

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    if (event->kind == CF_DEVICE_UP)
        note("UP");
    if (event->kind == CF_DEVICE_STATUS)
        note(event->rc != CF_OK ? cf_rc_name(event->rc) : event->paper_low ? "STATUS:low" : "STATUS:ok");
    if ((event->kind == CF_DEVICE_UP || event->kind == CF_DEVICE_STATUS) && event->has_drawer && event->drawer_pin)
        note("(pin)");
    if (event->kind == CF_DEVICE_PRINTED) {
        n_printed++;
        printed = event->rc;
    }
}

static struct cf_port_info info;

static const struct cf_driver *driver;

static int begin_with(const struct cf_driver *which)
{
    static const struct cf_port_ops ops = {control, listen, write_bytes, wake, decline, fail_port};
    const struct cf_port port = {&ops, NULL};
    const struct cf_device_sink sink = {hear, NULL};
    driver = which;
    log_text[0] = '\0';
    n_printed = 0;
    info = (struct cf_port_info){.bus = CF_PORT_STREAM};
    return driver->start(&info, &port, &sink, &device, NULL) == CF_OK ? 0 : -1;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(&cf_receipt_printer);
}

static int begin_naming(void **state)
{
    (void)state;
    return begin_with(&cf_receipt_printer_naming);
}

static int end(void **state)
{
    (void)state;
    driver->stop(device);
    return 0;
}

static void happens(enum cf_port_event_kind kind, const char *bytes, size_t n)
{
    const struct cf_port_event event = {.kind = kind, .data = cf_bytes_of(bytes, n), .n_written = (uint32_t)n};
    driver->take(device, &event);
}

/* Asked something, it answers, and nothing comes after it: whatever comes now is to what we ask. */
static void let_old_answers_by(void)
{
    assert_string_equal(log_text + strlen(log_text) - 8, "write:3 ");
    happens(CF_PORT_WRITTEN, "", 3);
    happens(CF_PORT_IN, "\0", 1);
    happens(CF_PORT_WAKE, "", 0);
}

static void bring_up(void)
{
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    assert_string_equal(log_text, "listen write:15 UP write:3 ");
    let_old_answers_by();
    log_text[0] = '\0';
}

static void one_that_does_not_read_is_no_printer_yet(void **state)
{
    (void)state;
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "listen write:15 fail ");
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_E_PRINTER_OFF);
}

static void one_that_answers_sooner_than_it_is_written_waits_for_that(void **state)
{
    (void)state;
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    assert_string_equal(log_text, "listen write:15 ");
    happens(CF_PORT_WRITTEN, "", 15);
    assert_string_equal(log_text, "listen write:15 UP write:3 ");
}

static void one_that_answers_late_confirms_from_then_on(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x11", 1); /* XON is no answer */
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "listen write:15 UP ");
    log_text[0] = '\0';
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", 5);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_E_PRINT_UNKNOWN);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    assert_int_equal(cf_receipt_printer.print(device, 8, cf_bytes_str("soap\n"), NULL), CF_OK);
    let_old_answers_by();
    happens(CF_PORT_WRITTEN, "", 11);
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(n_printed, 2);
    assert_int_equal(printed, CF_OK);
    assert_string_equal(log_text, "write:5 STATUS:ok write:3 write:11 "); /* of the drawer it had not said anything */
}

static void one_whose_answer_comes_while_a_job_is_written_confirms_from_the_next_on(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    happens(CF_PORT_WRITTEN, "", 5);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_E_PRINT_UNKNOWN);
    assert_int_equal(cf_receipt_printer.print(device, 8, cf_bytes_str("soap\n"), NULL), CF_OK);
    let_old_answers_by();
    assert_string_equal(log_text, "listen write:15 UP write:5 STATUS:ok write:3 write:11 ");
    happens(CF_PORT_WRITTEN, "", 11);
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(printed, CF_OK);
    assert_int_equal(n_printed, 2);
}

/* ---- one that tells nothing by itself ---- */

static void one_that_tells_nothing_by_itself_is_asked_between_jobs(void **state)
{
    (void)state;
    bring_up();
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "write:12 ");
    assert_memory_equal(last, "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04", 12); /* and no ESC/POS else */
    happens(CF_PORT_WRITTEN, "", 12);
    happens(CF_PORT_IN, "\x1a\x16\x12", 3); /* the cover is open */
    assert_string_equal(log_text, "write:12 ");
    happens(CF_PORT_IN, "\x12", 1);
    assert_string_equal(log_text, "write:12 PRINTER_COVER ");
    happens(CF_PORT_WAKE, "", 0);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    happens(CF_PORT_WRITTEN, "", 12);
    assert_string_equal(log_text, "write:12 PRINTER_COVER write:12 STATUS:ok ");
}

static void a_job_waits_for_the_questions_before_it(void **state)
{
    (void)state;
    bring_up();
    happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", 12);
    assert_string_equal(log_text, "write:12 ");
    happens(CF_PORT_WAKE, "", 0); /* it answers no question this time: the job is printed all the same */
    assert_string_equal(log_text, "write:12 write:11 ");
    happens(CF_PORT_WRITTEN, "", 11);
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_OK);
}

static void one_that_does_not_even_read_questions_begins_anew(void **state)
{
    (void)state;
    bring_up();
    happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    for (unsigned i = 0; i < 59; i++) /* a minute, in which paper may be put in */
        happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "write:12 ");
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "write:12 fail ");
}

static void one_that_tells_by_itself_is_not_asked_again(void **state)
{
    (void)state;
    bring_up();
    happens(CF_PORT_WAKE, "", 0);
    happens(CF_PORT_WRITTEN, "", 12);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    happens(CF_PORT_IN, "\x10\0\0\x0f", 4);
    log_text[0] = '\0';
    happens(CF_PORT_WAKE, "", 0); /* the last that it had asked for */
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "");
}

/* ---- answers to somebody before us ---- */

static void an_old_answer_before_the_first_job_confirms_nothing(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    happens(CF_PORT_WRITTEN, "", 3);
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_IN, "\0", 1); /* to the job of the program that was killed */
    happens(CF_PORT_IN, "\0", 1); /* to us */
    assert_string_equal(log_text, "listen write:15 UP write:3 ");
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "listen write:15 UP write:3 write:11 ");
    happens(CF_PORT_WRITTEN, "", 11);
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_OK);
}

static void an_old_answer_between_jobs_makes_it_ask_anew_before_the_next(void **state)
{
    (void)state;
    bring_up();
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    assert_string_equal(log_text, "write:3 ");
    let_old_answers_by();
    assert_string_equal(log_text, "write:3 write:11 ");
}

static void without_paper_old_answers_are_waited_for_and_the_job_is_not_begun(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x1a\x12\x12\x72", 4);
    happens(CF_PORT_WRITTEN, "", 3);
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    for (int tick = 0; tick < 100; tick++)
        happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "listen write:15 UP PRINTER_PAPER write:3 ");
    happens(CF_PORT_IN, "\x10\0\0\x0f\0\0", 6); /* a roll: the old answer, and ours */
    happens(CF_PORT_WAKE, "", 0);
    assert_string_equal(log_text, "listen write:15 UP PRINTER_PAPER write:3 STATUS:ok write:11 ");
}

static void one_that_answers_no_question_in_order_prints_and_confirms_nothing(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    happens(CF_PORT_WRITTEN, "", 3);
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    for (int tick = 0; tick < 4; tick++)
        happens(CF_PORT_WAKE, "", 0);
    happens(CF_PORT_WRITTEN, "", 5);
    assert_string_equal(log_text, "listen write:15 UP write:3 write:5 ");
    assert_int_equal(printed, CF_E_PRINT_UNKNOWN);
}

/* Function 48 of GS ( H: what it answers names the job, so nothing else can. */
static void a_model_that_names_jobs_confirms_the_one_that_it_names(void **state)
{
    uint8_t old[7], answer[7] = {0x37, 0x22};
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x12\x12\x12\x12", 4);
    assert_string_equal(log_text, "listen write:15 UP ");
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    assert_int_equal(n_last, 5 + 3 + 7 + 4);
    assert_memory_equal(last + 5,
                        "\x1d\x61\x0f\x1d(H\x06\0"
                        "00",
                        10);
    memcpy(answer + 2, last + 15, 4);
    memcpy(old, answer, sizeof old);
    old[2]++;
    happens(CF_PORT_WRITTEN, "", n_last);
    happens(CF_PORT_IN, "\0", 1);
    happens(CF_PORT_IN, (const char *)old, sizeof old);
    happens(CF_PORT_IN, (const char *)answer, 6); /* not whole yet */
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_OK);
    assert_int_equal(driver->print(device, 8, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", n_last);
    happens(CF_PORT_IN, (const char *)answer, sizeof answer); /* once more, of the first */
    assert_int_equal(n_printed, 1);
}

/* ---- what is told of drawer and paper ---- */

static void the_drawer_is_told_with_the_printer_and_by_each_status_of_one_read(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_IN, "\x16\x12\x12\x12", 4);
    assert_string_equal(log_text, "listen write:15 UP (pin) write:3 ");
    let_old_answers_by();
    log_text[0] = '\0';
    happens(CF_PORT_IN, "\x10\0\0\x0f\x14\0\0\x0f\x10\0\x03\x0f\x10\0\0\x0f\x10\0", 18);
    assert_string_equal(log_text, "STATUS:ok STATUS:ok (pin) STATUS:low STATUS:ok ");
    happens(CF_PORT_IN, "\0\x0f", 2); /* the rest of the same */
    happens(CF_PORT_IN, "\x10\0\0\x0f", 4);
    assert_string_equal(log_text, "STATUS:ok STATUS:ok (pin) STATUS:low STATUS:ok ");
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", 11);
    happens(CF_PORT_IN, "\x14\0\0\x0f\x10\0\0\x0f\0", 9); /* while it prints too, and before its answer */
    assert_string_equal(log_text, "STATUS:ok STATUS:ok (pin) STATUS:low STATUS:ok write:11 STATUS:ok (pin) STATUS:ok ");
    assert_int_equal(printed, CF_OK);
}

/* Four answers are one picture: none is told before the last is there. */
static void late_answers_are_told_when_all_are_there(void **state)
{
    (void)state;
    happens(CF_PORT_WRITTEN, "", 15);
    happens(CF_PORT_WAKE, "", 0);
    happens(CF_PORT_IN, "\x1e\x12\x12\x72", 4);
    assert_string_equal(log_text, "listen write:15 UP PRINTER_PAPER (pin) ");
}

/* ---- what the port says of paper ---- */

static void a_port_that_sees_paper_does_not_overrule_a_printer_without(void **state)
{
    (void)state;
    bring_up();
    info.bus = CF_PORT_USB;
    assert_int_equal(driver->print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", 11);
    happens(CF_PORT_IN, "\x18\0\x0f\x0f", 4);
    assert_string_equal(log_text, "write:11 PRINTER_PAPER ");
    happens(CF_PORT_WAKE, "", 0);
    happens(CF_PORT_CONTROL_DONE, "\x18", 1); /* GET_PORT_STATUS: selected, no error, paper */
    assert_string_equal(log_text, "write:11 PRINTER_PAPER control:a1.1 ");
    happens(CF_PORT_IN, "\x10\0\0\x0f\0", 5);
    assert_int_equal(printed, CF_OK);
}

static void a_job_is_written_whole_and_then_asked_about(void **state)
{
    (void)state;
    bring_up();
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    assert_string_equal(log_text, "write:11 ");
    happens(CF_PORT_WRITTEN, "soap\n\x1d\x61\x0f\x1d\x72\x01", 11);
    happens(CF_PORT_IN, "\x10\0", 2);
    happens(CF_PORT_IN, "\0\x0f", 2); /* automatic status, in two parts */
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_IN, "\0", 1);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_OK);
}

static void an_old_answer_in_a_job_leaves_it_unknown(void **state)
{
    (void)state;
    bring_up();
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_IN, "\0", 1); /* nobody has asked yet: an answer to somebody else, and more may follow */
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_WRITTEN, "", 11);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_E_PRINT_UNKNOWN);
}

static void a_job_that_is_not_confirmed_is_unknown_and_the_printer_begins_anew(void **state)
{
    (void)state;
    bring_up();
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", 11);
    for (int tick = 0; tick < 14; tick++)
        happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_E_PRINT_UNKNOWN);
    assert_string_equal(log_text, "write:11 fail ");
    assert_int_equal(cf_receipt_printer.print(device, 8, cf_bytes_str("soap\n"), NULL), CF_E_PRINTER_OFF);
}

static void a_long_one_has_the_time_that_its_paper_takes(void **state)
{
    char lines[440];
    (void)state;
    for (size_t i = 0; i < sizeof lines; i += 2)
        memcpy(lines + i, "x\n", 2);
    bring_up();
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_of(lines, sizeof lines), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", sizeof lines + 6);
    for (int tick = 0; tick < 41; tick++) /* 15, and 220 lines by eights */
        happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(n_printed, 1);
    assert_int_equal(printed, CF_E_PRINT_UNKNOWN);
}

static void without_paper_it_has_a_minute(void **state)
{
    (void)state;
    bring_up();
    assert_int_equal(cf_receipt_printer.print(device, 7, cf_bytes_str("soap\n"), NULL), CF_OK);
    happens(CF_PORT_WRITTEN, "", 11);
    happens(CF_PORT_IN, "\x18\0\x0f\x0f", 4);
    for (int tick = 0; tick < 59; tick++)
        happens(CF_PORT_WAKE, "", 0);
    assert_int_equal(n_printed, 0);
    happens(CF_PORT_IN, "\x10\0\0\x0f\0", 5);
    assert_int_equal(printed, CF_OK);
    assert_int_equal(n_printed, 1);
    assert_string_equal(log_text, "write:11 PRINTER_PAPER STATUS:ok ");
}

static void jobs_of_no_size_are_refused(void **state)
{
    (void)state;
    bring_up();
    assert_int_equal(cf_receipt_printer.print(device, 1, cf_bytes_of("", 0), NULL), CF_E_LIMIT);
    cf_bytes huge = cf_bytes_of("", (16u << 20) + (size_t)1); /* only its length is looked at */
    assert_int_equal(cf_receipt_printer.print(device, 1, huge, NULL), CF_E_LIMIT);
    assert_string_equal(log_text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_does_not_read_is_no_printer_yet, begin, end),
        cmocka_unit_test_setup_teardown(one_that_answers_sooner_than_it_is_written_waits_for_that, begin, end),
        cmocka_unit_test_setup_teardown(one_that_answers_late_confirms_from_then_on, begin, end),
        cmocka_unit_test_setup_teardown(one_whose_answer_comes_while_a_job_is_written_confirms_from_the_next_on, begin,
                                        end),
        cmocka_unit_test_setup_teardown(one_that_tells_nothing_by_itself_is_asked_between_jobs, begin, end),
        cmocka_unit_test_setup_teardown(a_job_waits_for_the_questions_before_it, begin, end),
        cmocka_unit_test_setup_teardown(one_that_does_not_even_read_questions_begins_anew, begin, end),
        cmocka_unit_test_setup_teardown(one_that_tells_by_itself_is_not_asked_again, begin, end),
        cmocka_unit_test_setup_teardown(an_old_answer_before_the_first_job_confirms_nothing, begin, end),
        cmocka_unit_test_setup_teardown(an_old_answer_between_jobs_makes_it_ask_anew_before_the_next, begin, end),
        cmocka_unit_test_setup_teardown(an_old_answer_in_a_job_leaves_it_unknown, begin, end),
        cmocka_unit_test_setup_teardown(without_paper_old_answers_are_waited_for_and_the_job_is_not_begun, begin, end),
        cmocka_unit_test_setup_teardown(one_that_answers_no_question_in_order_prints_and_confirms_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_model_that_names_jobs_confirms_the_one_that_it_names, begin_naming, end),
        cmocka_unit_test_setup_teardown(the_drawer_is_told_with_the_printer_and_by_each_status_of_one_read, begin, end),
        cmocka_unit_test_setup_teardown(late_answers_are_told_when_all_are_there, begin, end),
        cmocka_unit_test_setup_teardown(a_port_that_sees_paper_does_not_overrule_a_printer_without, begin, end),
        cmocka_unit_test_setup_teardown(a_job_is_written_whole_and_then_asked_about, begin, end),
        cmocka_unit_test_setup_teardown(a_job_that_is_not_confirmed_is_unknown_and_the_printer_begins_anew, begin, end),
        cmocka_unit_test_setup_teardown(a_long_one_has_the_time_that_its_paper_takes, begin, end),
        cmocka_unit_test_setup_teardown(without_paper_it_has_a_minute, begin, end),
        cmocka_unit_test_setup_teardown(jobs_of_no_size_are_refused, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
