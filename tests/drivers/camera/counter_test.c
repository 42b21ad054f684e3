/* A till's devices with a camera among them: what it reads comes in as any scan, what is wrong with it is said. */
#include "app/counter/devices.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <string.h>

#include <cmocka.h>

#include "tests/drivers/camera/canvas.h"
#include "tests/drivers/camera/fake_video.h"

#define WIDTH 320u
#define HEIGHT 240u
#define PATIENCE_MS 60000

static struct {
    unsigned scans, told;
    char text[64], name[64];
    enum cf_rc rc;
} heard;

static void scan(void *ctx, cf_bytes text)
{
    (void)ctx;
    assert_true(text.n < sizeof heard.text);
    memcpy(heard.text, text.p, text.n);
    heard.text[text.n] = '\0';
    heard.scans++;
}

static void told(void *ctx, const char *name, const struct cf_error *err)
{
    (void)ctx;
    (void)snprintf(heard.name, sizeof heard.name, "%.60s", name);
    heard.rc = err->rc;
    heard.told++;
}

static void wait_for(struct cf_devices *devices, const unsigned *count, unsigned n)
{
    while (*count < n) {
        struct pollfd ready = {.fd = cf_devices_fd(devices), .events = POLLIN};
        assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
        cf_devices_dispatch(devices);
    }
}

static void a_cameras_codes_are_scans_and_its_absence_is_told(void **state)
{
    (void)state;
    struct fake_video fake;
    struct cf_devices *devices = NULL;
    struct cf_device_seen seen[CF_DEVICES_SEEN_MAX];
    struct canvas canvas = canvas_new(WIDTH, HEIGHT, WIDTH);
    canvas_ean13(&canvas, 20, 40, 2, 120, "5901234123457");
    fake_video_init(&fake, WIDTH, HEIGHT);
    fake_video_play(&fake, canvas.grey, 1, true);
    const struct cf_devices_options options = {
        .no_scanners = true, .camera = "/dev/video0", .video = &fake.port, .scan = scan, .told = told};
    assert_int_equal(cf_devices_new(&options, &devices, NULL), CF_OK);
    wait_for(devices, &heard.scans, 1);
    assert_string_equal(heard.text, "]E05901234123457");
    assert_string_equal(heard.name, "Camera on a Stick");
    assert_int_equal(heard.told, 1);
    fake_video_plug(&fake, false);
    wait_for(devices, &heard.told, 2);
    assert_int_equal(heard.rc, CF_E_DEVICE_GONE);
    assert_int_equal(cf_devices_seen(devices, seen), 1);
    assert_int_equal(seen[0].rc, CF_E_DEVICE_GONE);
    cf_devices_free(devices);
    fake_video_done(&fake);
    canvas_done(&canvas);
}

static void a_path_that_is_no_camera_is_told_and_the_till_goes_on(void **state)
{
    (void)state;
    struct cf_devices *devices = NULL;
    const struct cf_devices_options options = {.no_scanners = true, .camera = "/dev/null", .scan = scan, .told = told};
    heard.told = 0;
    assert_int_equal(cf_devices_new(&options, &devices, NULL), CF_OK);
    wait_for(devices, &heard.told, 1);
    assert_int_equal(heard.rc, CF_E_DEVICE_FORMAT);
    cf_devices_free(devices);
    const struct cf_devices_options none = {.no_scanners = true, .camera = "", .scan = scan, .told = told};
    assert_int_equal(cf_devices_new(&none, &devices, NULL), CF_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cameras_codes_are_scans_and_its_absence_is_told),
        cmocka_unit_test(a_path_that_is_no_camera_is_told_and_the_till_goes_on),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
