/*
 * tests/kernel/camera_test.c - a camera of the kernel's own (vivid): frames, held by somebody else, pulled out. On a
 * machine of its own, by kernel_test.py.
 */
#include "drivers/camera/capture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CAMERA "/dev/video0"
#define FRAME_MS 30000 /* how long a slow machine may take for one */

static struct cf_capture *open_camera(void)
{
    struct cf_capture *capture = NULL;
    struct cf_error err = {.rc = CF_OK};
    if (cf_capture_open(cf_video_kernel(), CAMERA, &capture, &err) != CF_OK)
        fail_msg("%d: %s", (int)err.rc, err.detail);
    return capture;
}

static void next_frame(struct cf_capture *capture, struct cf_frame *ret)
{
    enum cf_capture_got got = CF_CAPTURE_NONE;
    for (int tries = 0; tries < 10 && got != CF_CAPTURE_FRAME; tries++)
        assert_int_equal(cf_capture_next(capture, -1, FRAME_MS, &got, ret, NULL), CF_OK);
    assert_int_equal(got, CF_CAPTURE_FRAME);
}

/* Bars from white to black: each row has both. */
static void assert_bars(const struct cf_frame *frame)
{
    uint8_t least = 255, most = 0;
    const uint8_t *row = frame->grey + (size_t)(frame->height / 2) * frame->stride;
    for (uint32_t x = 0; x < frame->width; x++) {
        least = row[x] < least ? row[x] : least;
        most = row[x] > most ? row[x] : most;
    }
    assert_true(most > least + 100);
}

static void frames_come_again_and_again(void **state)
{
    (void)state;
    for (int opened = 0; opened < 2; opened++) {
        struct cf_capture *capture = open_camera();
        assert_string_equal(cf_capture_name(capture), "vivid");
        for (int i = 0; i < 10; i++) { /* its buffers go round more than once */
            struct cf_frame frame;
            next_frame(capture, &frame);
            assert_int_equal(frame.width, 1280);
            assert_int_equal(frame.height, 720);
            assert_bars(&frame);
        }
        cf_capture_close(capture);
    }
}

static void one_that_somebody_else_has_is_busy(void **state)
{
    (void)state;
    struct cf_capture *first = open_camera(), *second = NULL;
    struct cf_frame frame;
    next_frame(first, &frame);
    assert_int_equal(cf_capture_open(cf_video_kernel(), CAMERA, &second, NULL), CF_E_DEVICE_BUSY);
    next_frame(first, &frame); /* which does not disturb it */
    cf_capture_close(first);
}

static void one_that_is_pulled_out_is_gone(void **state)
{
    (void)state;
    struct cf_capture *capture = open_camera(), *again = NULL;
    struct cf_frame frame;
    enum cf_capture_got got = CF_CAPTURE_NONE;
    enum cf_rc rc = CF_OK;
    next_frame(capture, &frame);
    int fd = open("/sys/bus/platform/drivers/vivid/unbind", O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(fd, "vivid.0", 7), 7);
    close(fd);
    for (int tries = 0; tries < 10 && rc == CF_OK; tries++) /* what was filled before may still come */
        rc = cf_capture_next(capture, -1, 1000, &got, &frame, NULL);
    assert_int_equal(rc, CF_E_DEVICE_GONE);
    cf_capture_close(capture);
    assert_int_equal(cf_capture_open(cf_video_kernel(), CAMERA, &again, NULL), CF_E_DEVICE_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_again_and_again),
        cmocka_unit_test(one_that_somebody_else_has_is_busy),
        cmocka_unit_test(one_that_is_pulled_out_is_gone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
