/* A shopper's display on a serial line, real to the kernel: a PTY. */
#include "drivers/display/pole_display.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "drivers/line/line.h"
#include "tests/drivers/display/fake_display.h"
#include "tests/support/until.h"

static struct cf_line *line;
static struct fake_display display;
static int master = -1, slave = -1;
static bool reads;
static unsigned n_up, n_down, n_shown;
static enum cf_rc shown[8];

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    n_up += event->kind == CF_DEVICE_UP ? 1 : 0;
    n_down += event->kind == CF_DEVICE_DOWN ? 1 : 0;
    if (event->kind == CF_DEVICE_PRINTED) {
        shown[event->job] = event->rc;
        n_shown++;
    }
}

static void serve(void)
{
    uint8_t bytes[256];
    ssize_t n = reads ? read(master, bytes, sizeof bytes) : 0;
    if (n > 0)
        fake_display_take(&display, cf_bytes_of(bytes, (size_t)n));
}

#define UNTIL(condition) UNTIL_OF(cf_line_fd(line), (cf_line_dispatch(line), serve()), condition)

static int begin(void **state)
{
    char place[64];
    (void)state;
    n_up = n_down = n_shown = 0;
    reads = true;
    fake_display_init(&display, CF_DISPLAY_CD5220);
    if (openpty(&master, &slave, NULL, NULL, NULL) != 0 || fcntl(master, F_SETFL, O_NONBLOCK) != 0)
        return -1;
    (void)snprintf(place, sizeof place, "%s@9600", ttyname(slave));
    const struct cf_line_options options = {
        .env = cf_env_system(), .driver = &cf_pole_display, .place = place, .sink = {hear, NULL}};
    return cf_line_new(&options, &line, NULL) == CF_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    cf_line_free(line);
    if (master >= 0)
        close(master);
    close(slave);
    return 0;
}

static enum cf_rc show(uint64_t id, const char *left, const char *right)
{
    const struct cf_display_model model = {CF_DISPLAY_CD5220, false};
    struct cf_display_text text = {.row = {{.left = ""}}};
    struct cf_display_frame frame;
    (void)snprintf(text.row[0].left, sizeof text.row[0].left, "%s", left);
    (void)snprintf(text.row[0].right, sizeof text.row[0].right, "%s", right);
    assert_int_equal(cf_display_encode(&model, &text, id == 1, &frame, NULL), CF_OK);
    return cf_line_print(line, id, cf_bytes_of(frame.bytes, frame.n), NULL);
}

static void what_is_shown_stands_on_the_display(void **state)
{
    char row[CF_DISPLAY_COLUMNS * 4 + 1];
    (void)state;
    assert_int_equal(show(1, "Soap", "1.50"), CF_E_PRINTER_OFF);
    UNTIL(n_up == 1);
    assert_int_equal(show(1, "Soap", "1.50"), CF_OK);
    UNTIL(n_shown == 1);
    assert_int_equal(shown[1], CF_OK);
    fake_display_row(&display, 0, row);
    UNTIL((fake_display_row(&display, 0, row), strcmp(row, "Soap            1.50") == 0));
}

/* Scans come faster than 9600 bits a second carry: what was overtaken is never shown late. */
static void only_the_newest_of_what_waits_is_shown(void **state)
{
    char row[CF_DISPLAY_COLUMNS * 4 + 1];
    (void)state;
    UNTIL(n_up == 1);
    for (uint64_t id = 1; id <= 5; id++) {
        char left[8];
        (void)snprintf(left, sizeof left, "item %d", (int)id);
        assert_int_equal(show(id, left, ""), CF_OK);
    }
    assert_int_equal(n_shown, 3); /* overtaken: 2, 3 and 4 */
    UNTIL(n_shown == 5);
    UNTIL((fake_display_row(&display, 0, row), strcmp(row, "item 5              ") == 0));
    for (int id = 1; id <= 5; id++)
        assert_int_equal(shown[id], CF_OK);
}

static void one_that_goes_is_told_and_what_was_on_its_way_is_over(void **state)
{
    (void)state;
    UNTIL(n_up == 1);
    assert_int_equal(show(1, "Soap", "1.50"), CF_OK);
    close(slave);
    close(master);
    master = -1;
    slave = open("/dev/null", O_RDONLY | O_CLOEXEC);
    reads = false;
    UNTIL(n_down == 1);
    assert_int_equal(n_shown, 1);
}

static void a_frame_of_no_size_is_refused(void **state)
{
    static const uint8_t big[CF_POLE_DISPLAY_FRAME_MAX + 1];
    (void)state;
    UNTIL(n_up == 1);
    assert_int_equal(cf_line_print(line, 1, cf_bytes_of(big, 0), NULL), CF_E_LIMIT);
    assert_int_equal(cf_line_print(line, 1, cf_bytes_of(big, sizeof big), NULL), CF_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_shown_stands_on_the_display, begin, end),
        cmocka_unit_test_setup_teardown(only_the_newest_of_what_waits_is_shown, begin, end),
        cmocka_unit_test_setup_teardown(one_that_goes_is_told_and_what_was_on_its_way_is_over, begin, end),
        cmocka_unit_test_setup_teardown(a_frame_of_no_size_is_refused, begin, end),
    };
    (void)signal(SIGHUP, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
