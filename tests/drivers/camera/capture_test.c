/* Cameras of the kernel: formats, the newest frame, what is refused, what lies, what fails at each call. */
#include "drivers/camera/capture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/videodev2.h>

#include "tests/drivers/camera/fake_video.h"

#define WIDTH 176u
#define HEIGHT 160u
#define PICTURES 6u

static uint8_t pictures[PICTURES][WIDTH * HEIGHT];

static int draw_pictures(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PICTURES; i++) {
        for (uint32_t k = 0; k < WIDTH * HEIGHT; k++)
            pictures[i][k] = (uint8_t)(k * 7 + k / WIDTH * 3 + i * 50);
    }
    return 0;
}

static void assert_shows(const struct cf_frame *frame, const uint8_t *picture)
{
    assert_int_equal(frame->width, WIDTH);
    assert_int_equal(frame->height, HEIGHT);
    for (uint32_t y = 0; y < HEIGHT; y++)
        assert_memory_equal(frame->grey + y * frame->stride, picture + y * WIDTH, WIDTH);
}

static void every_format_gives_its_luma(void **state)
{
    (void)state;
    static const struct {
        uint32_t format, padding;
    } rows[] = {{V4L2_PIX_FMT_GREY, 0}, {V4L2_PIX_FMT_GREY, 13},   {V4L2_PIX_FMT_YUYV, 0}, {V4L2_PIX_FMT_YUYV, 64},
                {V4L2_PIX_FMT_UYVY, 2}, {V4L2_PIX_FMT_YUV420, 16}, {V4L2_PIX_FMT_NV12, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_video fake;
        struct cf_capture *capture = NULL;
        fake_video_init(&fake, WIDTH, HEIGHT);
        fake.format[0] = V4L2_PIX_FMT_MJPEG;
        fake.format[1] = rows[i].format;
        fake.padding = rows[i].padding;
        assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
        assert_string_equal(cf_capture_name(capture), "Camera on a Stick");
        for (uint32_t k = 0; k < 2 * PICTURES; k++) { /* buffers go round more than once */
            enum cf_capture_got got = CF_CAPTURE_NONE;
            struct cf_frame frame;
            fake_video_play(&fake, pictures[k % PICTURES], 1, false);
            assert_int_equal(cf_capture_next(capture, -1, 1000, &got, &frame, NULL), CF_OK);
            assert_int_equal(got, CF_CAPTURE_FRAME);
            assert_shows(&frame, pictures[k % PICTURES]);
            assert_int_equal(cf_capture_next(capture, -1, 0, &got, &frame, NULL), CF_OK);
            assert_int_equal(got, CF_CAPTURE_NONE);
        }
        cf_capture_close(capture);
        fake_video_done(&fake);
    }
    cf_capture_close(NULL);
}

static void the_format_with_the_least_to_copy_is_chosen(void **state)
{
    (void)state;
    struct fake_video fake;
    struct cf_capture *capture = NULL;
    fake_video_init(&fake, WIDTH, HEIGHT);
    memcpy(fake.format, (uint32_t[]){V4L2_PIX_FMT_UYVY, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_NV12},
           sizeof fake.format);
    assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
    assert_int_equal(fake.chosen, V4L2_PIX_FMT_GREY);
    cf_capture_close(capture);
    fake_video_done(&fake);
}

static void compressed_frames_are_taken_where_open_ones_are_few_or_none(void **state)
{
    (void)state;
    static uint8_t large[1280u * 720u];
    static const struct {
        uint32_t format[2], slow, chosen;
        const char *why;
    } rows[] = {
        {{V4L2_PIX_FMT_MJPEG, 0}, 0, V4L2_PIX_FMT_MJPEG, "nothing else is there"},
        {{V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV}, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG, "open ones are few"},
        {{V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV}, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV, "they cost time"},
        {{V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG}, 0, V4L2_PIX_FMT_YUYV, "it tells of no rates"},
    };
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (uint8_t)(i % 1280 / 160 * 30 + 10);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_video fake;
        struct cf_capture *capture = NULL;
        struct cf_frame frame = {0};
        enum cf_capture_got got = CF_CAPTURE_NONE;
        fake_video_init(&fake, 1280, 720);
        memcpy(fake.format, rows[i].format, sizeof rows[i].format);
        fake.slow_format = rows[i].slow;
        assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
        if (fake.chosen != rows[i].chosen)
            fail_msg("%s", rows[i].why);
        fake_video_play(&fake, large, 1, false);
        assert_int_equal(cf_capture_next(capture, -1, 1000, &got, &frame, NULL), CF_OK);
        assert_int_equal(got, CF_CAPTURE_FRAME);
        for (size_t k = 0; k < sizeof large; k += 997)
            assert_in_range(frame.grey[k] + 8, large[k], large[k] + 16);
        cf_capture_close(capture);
        fake_video_done(&fake);
    }
}

static void compressed_frames_that_are_damaged_are_left_out(void **state)
{
    (void)state;
    struct fake_video fake;
    struct cf_capture *capture = NULL;
    struct cf_frame frame;
    enum cf_capture_got got = CF_CAPTURE_FRAME;
    fake_video_init(&fake, WIDTH, HEIGHT);
    fake.format[0] = V4L2_PIX_FMT_MJPEG;
    assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
    static const uint32_t says[] = {1, 20, UINT32_MAX}; /* cut off in its header; beyond its buffer */
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
        fake.says_bytes = says[i];
        fake_video_play(&fake, pictures[0], 1, false);
        assert_int_equal(cf_capture_next(capture, -1, 0, &got, &frame, NULL), CF_OK);
        assert_int_equal(got, CF_CAPTURE_NONE);
    }
    fake.says_bytes = 0;
    fake_video_play(&fake, pictures[0], 1, false);
    assert_int_equal(cf_capture_next(capture, -1, 0, &got, &frame, NULL), CF_OK);
    assert_int_equal(got, CF_CAPTURE_FRAME);
    cf_capture_close(capture);
    fake_video_done(&fake);
}

static void the_focus_is_looked_for_anew_where_the_lens_moves(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 3; has++) { /* a fixed lens; one that focuses on and on; one that does when told */
        struct fake_video fake;
        struct cf_capture *capture = NULL;
        fake_video_init(&fake, WIDTH, HEIGHT);
        fake.has_focus = has == 1;
        fake.has_focus_button = has == 2;
        assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
        assert_int_equal(cf_capture_refocus(capture, NULL), has > 0 ? CF_OK : CF_E_UNSUPPORTED);
        assert_int_equal(fake.refocused, has > 0);
        assert_int_equal(fake.focus, has == 1);
        cf_capture_close(capture);
        fake_video_done(&fake);
    }
}

static void a_slow_reader_gets_the_newest_frame(void **state)
{
    (void)state;
    struct fake_video fake;
    struct cf_capture *capture = NULL;
    enum cf_capture_got got = CF_CAPTURE_NONE;
    struct cf_frame frame;
    fake_video_init(&fake, WIDTH, HEIGHT);
    assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
    fake_video_play(&fake, pictures[0], 3, false);
    assert_int_equal(cf_capture_next(capture, -1, 1000, &got, &frame, NULL), CF_OK);
    assert_int_equal(got, CF_CAPTURE_FRAME);
    assert_shows(&frame, pictures[2]);
    assert_int_equal(fake.n_order, 3); /* the others went back */
    cf_capture_close(capture);
    fake_video_done(&fake);
}

static void cameras_that_cannot_be_used_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        struct fake_video is; /* what differs */
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {{.capabilities = V4L2_CAP_VIDEO_OUTPUT}, CF_E_DEVICE_FORMAT, "it shows, and does not see"},
        {{.capabilities = V4L2_CAP_VIDEO_CAPTURE}, CF_E_DEVICE_FORMAT, "no mapped buffers"},
        {{.format = {V4L2_PIX_FMT_HEVC, V4L2_PIX_FMT_H264}}, CF_E_DEVICE_FORMAT, "compressed as films are"},
        {{.takes_format = V4L2_PIX_FMT_MJPEG}, CF_E_DEVICE_FORMAT, "offers grey and takes another"},
        {{.says_width = 8}, CF_E_DEVICE_FORMAT, "too small for any code"},
        {{.says_width = 100000}, CF_E_DEVICE_FORMAT, "beyond all bounds"},
        {{.says_width = 8192}, CF_E_DEVICE_FAULT, "wider than its rows"},
        {{.says_stride = 10}, CF_E_DEVICE_FAULT, "rows shorter than their pixels"},
        {{.says_stride = UINT32_MAX}, CF_E_DEVICE_FAULT, "rows of 4 GB"},
        {{.says_length = 100}, CF_E_DEVICE_FAULT, "buffers smaller than a picture"},
        {{.gives_buffers = 1}, CF_E_DEVICE_FAULT, "one buffer alone"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fake_video fake;
        struct cf_capture *capture = NULL;
        const struct fake_video *is = &rows[i].is;
        fake_video_init(&fake, WIDTH, HEIGHT);
        if (is->capabilities != 0)
            fake.capabilities = is->capabilities;
        if (is->format[0] != 0)
            memcpy(fake.format, is->format, sizeof fake.format);
        fake.takes_format = is->takes_format;
        fake.says_width = is->says_width;
        fake.says_stride = is->says_stride;
        fake.says_length = is->says_length;
        fake.gives_buffers = is->gives_buffers;
        enum cf_rc rc = cf_capture_open(&fake.port, "/dev/video0", &capture, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
        assert_null(capture);
        fake_video_done(&fake);
    }
}

static void a_camera_that_fails_at_any_call_leaves_nothing_open(void **state)
{
    (void)state;
    static const struct {
        int error;
        enum cf_rc rc;
    } rows[] = {
        {EIO, CF_E_DEVICE_FAULT}, {ENODEV, CF_E_DEVICE_GONE}, {EBUSY, CF_E_DEVICE_BUSY}, {EACCES, CF_E_DEVICE_RIGHTS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool whole = false;
        for (unsigned from = 1; !whole; from++) {
            struct fake_video fake;
            struct cf_capture *capture = NULL;
            struct cf_frame frame;
            enum cf_capture_got got = CF_CAPTURE_NONE;
            fake_video_init(&fake, WIDTH, HEIGHT);
            fake.format[0] = V4L2_PIX_FMT_YUYV;
            fake_video_play(&fake, pictures[0], 1, true);
            fake.fails_from = from;
            fake.error = rows[i].error;
            enum cf_rc rc = cf_capture_open(&fake.port, "/dev/video0", &capture, NULL);
            bool opened = rc == CF_OK;
            for (unsigned k = 0; rc == CF_OK && k < 3; k++)
                rc = cf_capture_next(capture, -1, 0, &got, &frame, NULL);
            whole = rc == CF_OK;
            /* Memory that cannot be mapped has no errno of its own. */
            if (!whole && rc != rows[i].rc && !(rc == CF_E_DEVICE_FAULT && !opened))
                fail_msg("call %u, error %d: %s", from, rows[i].error, cf_rc_name(rc));
            cf_capture_close(capture);
            fake_video_done(&fake);
            assert_true(from < 100);
        }
    }
}

static void damaged_frames_are_left_out(void **state)
{
    (void)state;
    struct fake_video fake;
    struct cf_capture *capture = NULL;
    struct cf_frame frame;
    enum cf_capture_got got = CF_CAPTURE_FRAME;
    fake_video_init(&fake, WIDTH, HEIGHT);
    assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
    for (unsigned i = 0; i < 20; i++) {
        fake.says_bytes = i % 2 ? 100 : 0;
        fake.flags = i % 2 ? 0 : V4L2_BUF_FLAG_ERROR;
        fake_video_play(&fake, pictures[0], 1, false);
        assert_int_equal(cf_capture_next(capture, -1, 0, &got, &frame, NULL), CF_OK);
        assert_int_equal(got, CF_CAPTURE_NONE);
    }
    fake.says_bytes = fake.flags = 0;
    fake_video_play(&fake, pictures[1], 1, false);
    assert_int_equal(cf_capture_next(capture, -1, 0, &got, &frame, NULL), CF_OK);
    assert_int_equal(got, CF_CAPTURE_FRAME);
    fake.says_index = 99;
    fake_video_play(&fake, pictures[2], 1, false);
    assert_int_equal(cf_capture_next(capture, -1, 0, &got, &frame, NULL), CF_E_DEVICE_FAULT);
    cf_capture_close(capture);
    fake_video_done(&fake);
}

static void a_camera_that_promises_frames_and_has_none_is_found_out(void **state)
{
    (void)state;
    struct fake_video fake;
    struct cf_capture *capture = NULL;
    struct cf_frame frame;
    enum cf_capture_got got = CF_CAPTURE_FRAME;
    enum cf_rc rc = CF_OK;
    fake_video_init(&fake, WIDTH, HEIGHT);
    assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
    fake.never_has = true;
    for (unsigned i = 0; rc == CF_OK && i < 1000; i++)
        rc = cf_capture_next(capture, -1, 1000, &got, &frame, NULL);
    assert_int_equal(rc, CF_E_DEVICE_FAULT);
    cf_capture_close(capture);
    fake_video_done(&fake);
}

static void focus_is_switched_on_and_the_lamp_obeys_where_there_are_such(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 2; has++) {
        struct fake_video fake;
        struct cf_capture *capture = NULL;
        fake_video_init(&fake, WIDTH, HEIGHT);
        fake.has_torch = fake.has_focus = has != 0;
        assert_int_equal(cf_capture_open(&fake.port, "/dev/video0", &capture, NULL), CF_OK);
        assert_int_equal(fake.focus, has);
        assert_int_equal(cf_capture_torch(capture, true, NULL), has ? CF_OK : CF_E_UNSUPPORTED);
        assert_int_equal(fake.torch, has ? V4L2_FLASH_LED_MODE_TORCH : 0);
        assert_int_equal(cf_capture_torch(capture, false, NULL), has ? CF_OK : CF_E_UNSUPPORTED);
        assert_int_equal(fake.torch, V4L2_FLASH_LED_MODE_NONE);
        cf_capture_close(capture);
        fake_video_done(&fake);
    }
}

static void what_is_no_camera_of_this_kernel_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum cf_rc rc;
    } rows[] = {{"/nonexistent/video0", CF_E_DEVICE_GONE}, {"/dev/null", CF_E_DEVICE_FORMAT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_capture *capture = NULL;
        assert_int_equal(cf_capture_open(cf_video_kernel(), rows[i].path, &capture, NULL), rows[i].rc);
        assert_null(capture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_its_luma),
        cmocka_unit_test(the_format_with_the_least_to_copy_is_chosen),
        cmocka_unit_test(compressed_frames_are_taken_where_open_ones_are_few_or_none),
        cmocka_unit_test(compressed_frames_that_are_damaged_are_left_out),
        cmocka_unit_test(the_focus_is_looked_for_anew_where_the_lens_moves),
        cmocka_unit_test(a_slow_reader_gets_the_newest_frame),
        cmocka_unit_test(cameras_that_cannot_be_used_are_refused_by_name),
        cmocka_unit_test(a_camera_that_fails_at_any_call_leaves_nothing_open),
        cmocka_unit_test(damaged_frames_are_left_out),
        cmocka_unit_test(a_camera_that_promises_frames_and_has_none_is_found_out),
        cmocka_unit_test(focus_is_switched_on_and_the_lamp_obeys_where_there_are_such),
        cmocka_unit_test(what_is_no_camera_of_this_kernel_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, draw_pictures, NULL);
}
