/* A camera with its thread: what it reads arrives as a scan, and it may be unplugged at any moment. */
#include "drivers/camera/live.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/camera/filter.h"
#include "tests/drivers/camera/canvas.h"
#include "tests/drivers/camera/fake_video.h"

#define WIDTH 320u
#define HEIGHT 240u
#define CODES 40u
#define EVENTS_MAX 64u
#define PATIENCE_MS 60000 /* of a machine that is very busy; nothing here waits for it */

static uint8_t pictures[CODES][WIDTH * HEIGHT]; /* each another code */
static uint8_t empty[WIDTH * HEIGHT];
static uint8_t blurred[WIDTH * HEIGHT]; /* a code that nobody can read */

struct heard {
    enum cf_device_event_kind kind;
    enum cf_rc rc;
    char text[64], name[64];
};
static struct {
    size_t n;
    struct heard event[EVENTS_MAX];
} heard;

static struct fake_video fake;
static struct cf_live *live;

static void draw_blurred(void)
{
    static uint8_t softer[WIDTH * HEIGHT];
    struct canvas canvas = canvas_new(WIDTH, HEIGHT, WIDTH);
    canvas_qr(&canvas, 60, 30, 4, cf_bytes_str("CP1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"));
    memcpy(blurred, canvas.grey, sizeof blurred);
    for (unsigned i = 0; i < 32; i++) {
        cf_filter_blur(&(struct cf_frame){blurred, WIDTH, HEIGHT, WIDTH}, softer);
        memcpy(blurred, softer, sizeof blurred);
    }
    canvas_done(&canvas);
}

static int draw_pictures(void **state)
{
    (void)state;
    memset(empty, 200, sizeof empty);
    draw_blurred();
    for (uint32_t i = 0; i < CODES; i++) {
        char text[16];
        struct canvas canvas = canvas_new(WIDTH, HEIGHT, WIDTH);
        (void)snprintf(text, sizeof text, "CP1:%03u", i);
        canvas_qr(&canvas, 20, 20, 5, cf_bytes_str(text));
        memcpy(pictures[i], canvas.grey, sizeof pictures[i]);
        canvas_done(&canvas);
    }
    return 0;
}

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    assert_true(heard.n < EVENTS_MAX && event->text.n < 64);
    assert_string_equal(event->driver, "camera");
    assert_string_equal(event->info->path, "/dev/video0");
    struct heard *to = &heard.event[heard.n++];
    *to = (struct heard){.kind = event->kind, .rc = event->rc};
    if (event->text.n > 0)
        memcpy(to->text, event->text.p, event->text.n);
    (void)snprintf(to->name, sizeof to->name, "%.60s", event->info->name);
}

static int begin(void **state)
{
    (void)state;
    heard.n = 0;
    fake_video_init(&fake, WIDTH, HEIGHT);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_live_free(live);
    live = NULL;
    fake_video_done(&fake);
    return 0;
}

static void start(void)
{
    const struct cf_live_options options = {.path = "/dev/video0", .port = &fake.port, .sink = {hear, NULL}};
    assert_int_equal(cf_live_new(&options, &live, NULL), CF_OK);
}

/* Until the nth event is there. */
static void wait_for(size_t n)
{
    while (heard.n < n) {
        struct pollfd told = {.fd = cf_live_fd(live), .events = POLLIN};
        assert_int_equal(poll(&told, 1, PATIENCE_MS), 1);
        cf_live_dispatch(live);
    }
}

static void assert_event(size_t i, enum cf_device_event_kind kind, enum cf_rc rc, const char *text)
{
    assert_true(i < heard.n);
    assert_int_equal(heard.event[i].kind, kind);
    assert_int_equal(heard.event[i].rc, rc);
    assert_string_equal(heard.event[i].text, text);
}

static void a_code_before_the_camera_is_a_scan(void **state)
{
    (void)state;
    fake_video_play(&fake, pictures[3], 1, true);
    start();
    wait_for(2);
    assert_event(0, CF_DEVICE_UP, CF_OK, "");
    assert_string_equal(heard.event[0].name, "Camera on a Stick");
    assert_event(1, CF_DEVICE_SCAN, CF_OK, "]Q1CP1:003");
}

static void an_unplugged_camera_says_so_and_works_again_when_it_is_back(void **state)
{
    (void)state;
    fake_video_play(&fake, pictures[0], 1, true);
    start();
    wait_for(2);
    for (unsigned i = 1; i < 4; i++) {
        fake_video_plug(&fake, false);
        wait_for(3 * i);
        assert_event(3 * i - 1, CF_DEVICE_DOWN, CF_E_DEVICE_GONE, "");
        fake_video_play(&fake, pictures[i], 1, true);
        fake_video_plug(&fake, true);
        wait_for(3 * i + 2);
        assert_event(3 * i, CF_DEVICE_UP, CF_OK, "");
        assert_int_equal(heard.event[3 * i + 1].kind, CF_DEVICE_SCAN);
        assert_int_equal(heard.event[3 * i + 1].text[9], '0' + (char)i);
    }
}

static void a_camera_that_is_not_there_is_told_once(void **state)
{
    (void)state;
    fake_video_plug(&fake, false);
    start();
    wait_for(1);
    assert_event(0, CF_DEVICE_TROUBLE, CF_E_DEVICE_GONE, "");
    for (unsigned calls = 0; calls < 5;) { /* attempts that nobody hears of */
        (void)pthread_mutex_lock(&fake.mutex);
        calls = fake.calls;
        (void)pthread_mutex_unlock(&fake.mutex);
        (void)poll(NULL, 0, 1);
    }
    cf_live_dispatch(live);
    assert_int_equal(heard.n, 1);
    fake_video_play(&fake, pictures[1], 1, true);
    fake_video_plug(&fake, true);
    wait_for(3);
    assert_event(1, CF_DEVICE_UP, CF_OK, "");
    assert_event(2, CF_DEVICE_SCAN, CF_OK, "]Q1CP1:001");
}

static void it_can_be_left_at_any_moment(void **state)
{
    (void)state;
    fake_video_play(&fake, pictures[0], CODES, true);
    for (unsigned i = 0; i < 20; i++) {
        fake_video_plug(&fake, i % 5 != 4);
        start();
        for (unsigned k = 0; k < i % 4; k++)
            (void)poll(NULL, 0, 1);
        cf_live_free(live);
        live = NULL;
    }
    cf_live_free(NULL);
}

static void codes_that_nobody_fetches_are_lost_by_name(void **state)
{
    (void)state;
    start();
    for (uint32_t i = 0; i < CODES; i++) { /* one at a time, so that none is passed over for a newer one */
        uint32_t played = 0;
        fake_video_play(&fake, pictures[i], 1, false);
        while (played == 0) {
            (void)pthread_mutex_lock(&fake.mutex);
            played = fake.next;
            (void)pthread_mutex_unlock(&fake.mutex);
            (void)poll(NULL, 0, 1);
        }
    }
    fake_video_plug(&fake, false); /* whatever was lost, that the camera is gone is not */
    bool gone = false, lost = false;
    size_t scans = 0;
    for (size_t i = 0; !gone; i++) {
        wait_for(i + 1);
        gone = heard.event[i].kind == CF_DEVICE_DOWN;
        lost = lost || heard.event[i].rc == CF_E_DEVICE_LOST;
        scans += heard.event[i].kind == CF_DEVICE_SCAN;
    }
    cf_live_dispatch(live);
    lost = lost || heard.event[heard.n - 1].rc == CF_E_DEVICE_LOST;
    assert_true(lost);
    assert_in_range(scans, 1, CODES - 1);
}

static void a_camera_without_a_lamp_says_so(void **state)
{
    (void)state;
    fake_video_play(&fake, empty, 1, true);
    start();
    wait_for(1);
    cf_live_torch(live, true);
    wait_for(2);
    assert_event(1, CF_DEVICE_TROUBLE, CF_E_UNSUPPORTED, "");
}

static void the_lamp_goes_on(void **state)
{
    (void)state;
    fake.has_torch = true;
    fake_video_play(&fake, empty, 1, true);
    start();
    wait_for(1);
    cf_live_torch(live, true);
    while (fake_video_torch(&fake) == 0)
        (void)poll(NULL, 0, 1);
}

static void the_lamp_goes_on_again_when_the_camera_is_back(void **state)
{
    (void)state;
    fake.has_torch = true;
    fake_video_play(&fake, empty, 1, true);
    start();
    wait_for(1);
    cf_live_torch(live, true);
    while (fake_video_torch(&fake) == 0)
        (void)poll(NULL, 0, 1);
    fake_video_plug(&fake, false);
    wait_for(2);
    fake_video_forget_torch(&fake);
    fake_video_plug(&fake, true);
    while (fake_video_torch(&fake) == 0)
        (void)poll(NULL, 0, 1);
}

static void what_is_out_of_focus_is_said_when_the_camera_cannot_help_itself(void **state)
{
    (void)state;
    for (unsigned moves = 0; moves < 2; moves++) {
        heard.n = 0;
        fake.has_focus_button = moves != 0;
        fake.refocused = 0;
        fake_video_play(&fake, blurred, 1, true);
        start();
        wait_for(2);
        assert_event(1, CF_DEVICE_TROUBLE, CF_E_CAMERA_FOCUS, "");
        cf_live_free(live);
        live = NULL;
        assert_int_equal(fake.refocused, moves);
    }
}

static void a_path_that_is_none_is_refused(void **state)
{
    (void)state;
    char path[CF_PORT_TEXT_MAX + 2];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    const struct cf_live_options none = {.path = "", .port = &fake.port, .sink = {hear, NULL}};
    const struct cf_live_options large = {.path = path, .port = &fake.port, .sink = {hear, NULL}};
    assert_int_equal(cf_live_new(&none, &live, NULL), CF_E_RANGE);
    assert_int_equal(cf_live_new(&large, &live, NULL), CF_E_RANGE);
    assert_null(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_code_before_the_camera_is_a_scan, begin, end),
        cmocka_unit_test_setup_teardown(an_unplugged_camera_says_so_and_works_again_when_it_is_back, begin, end),
        cmocka_unit_test_setup_teardown(a_camera_that_is_not_there_is_told_once, begin, end),
        cmocka_unit_test_setup_teardown(it_can_be_left_at_any_moment, begin, end),
        cmocka_unit_test_setup_teardown(codes_that_nobody_fetches_are_lost_by_name, begin, end),
        cmocka_unit_test_setup_teardown(a_camera_without_a_lamp_says_so, begin, end),
        cmocka_unit_test_setup_teardown(the_lamp_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(the_lamp_goes_on_again_when_the_camera_is_back, begin, end),
        cmocka_unit_test_setup_teardown(what_is_out_of_focus_is_said_when_the_camera_cannot_help_itself, begin, end),
        cmocka_unit_test_setup_teardown(a_path_that_is_none_is_refused, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, draw_pictures, NULL);
}
