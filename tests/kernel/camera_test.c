/*
 * tests/kernel/camera_test.c - cameras of the kernel's own (vivid): frames, held by somebody else, pulled out; and one
 * that sees what is written to its own output: phones with codes. On a machine of its own, by kernel_test.py.
 */
#include "drivers/camera/live.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/drivers/camera/phone.h"
#include "tests/support/until.h"

#define CAMERA "/dev/video0"
#define SHOWN_CAMERA "/dev/video1" /* sees what is written to SHOW */
#define SHOW "/dev/video2"
#define WIDTH 1280u
#define HEIGHT 720u
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

/* ---- what is shown to it ---- */

struct show {
    int fd;
    uint8_t *buffer[2];
    unsigned shown;
};

/* Of HDMI's timings those of 1280 x 720 with the fewest pictures a second: each costs this machine time. */
static void set_timings(int fd)
{
    struct v4l2_enum_dv_timings has = {.index = 0};
    struct v4l2_dv_timings slowest = {.type = 0};
    uint32_t most_columns = 0; /* with those that nobody sees: so long takes a row */
    for (; ioctl(fd, VIDIOC_ENUM_DV_TIMINGS, &has) == 0; has.index++) {
        const struct v4l2_bt_timings *bt = &has.timings.bt;
        uint32_t columns = bt->width + bt->hfrontporch + bt->hsync + bt->hbackporch;
        if (bt->width != WIDTH || bt->height != HEIGHT || bt->interlaced != V4L2_DV_PROGRESSIVE ||
            columns <= most_columns)
            continue;
        most_columns = columns;
        slowest = has.timings;
    }
    assert_true(most_columns > 0);
    assert_int_equal(ioctl(fd, VIDIOC_S_DV_TIMINGS, &slowest), 0);
}

/* The pictures must be of the camera's own kind. */
static void show_open(struct show *show)
{
    struct v4l2_format set = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
    struct v4l2_requestbuffers ask = {.count = 2, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
    show->shown = 0;
    show->fd = open(SHOW, O_RDWR | O_CLOEXEC);
    assert_true(show->fd >= 0);
    set_timings(show->fd);
    set.fmt.pix.width = WIDTH;
    set.fmt.pix.height = HEIGHT;
    set.fmt.pix.pixelformat = V4L2_PIX_FMT_GREY;
    assert_int_equal(ioctl(show->fd, VIDIOC_S_FMT, &set), 0);
    assert_int_equal(set.fmt.pix.pixelformat, V4L2_PIX_FMT_GREY);
    assert_int_equal(set.fmt.pix.bytesperline, WIDTH);
    assert_int_equal(ioctl(show->fd, VIDIOC_REQBUFS, &ask), 0);
    assert_int_equal(ask.count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        struct v4l2_buffer is = {.index = i, .type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
        assert_int_equal(ioctl(show->fd, VIDIOC_QUERYBUF, &is), 0);
        show->buffer[i] = mmap(NULL, is.length, PROT_READ | PROT_WRITE, MAP_SHARED, show->fd, is.m.offset);
        assert_true(show->buffer[i] != MAP_FAILED);
    }
}

/* Shown until the next is. Vivid gives a picture back when it has another, so each of two comes round in its turn. */
static void show_phone(struct show *show, const struct phone *phone, const char *text)
{
    uint32_t index = show->shown % 2;
    struct v4l2_buffer buffer = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT, .memory = V4L2_MEMORY_MMAP};
    if (show->shown >= 2) {
        assert_int_equal(ioctl(show->fd, VIDIOC_DQBUF, &buffer), 0);
        assert_int_equal(buffer.index, index);
    }
    phone_draw_text(phone, cf_bytes_str(text), show->buffer[index], WIDTH, HEIGHT);
    buffer = (struct v4l2_buffer){.index = index,
                                  .type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
                                  .memory = V4L2_MEMORY_MMAP,
                                  .field = V4L2_FIELD_NONE,
                                  .bytesused = WIDTH * HEIGHT};
    assert_int_equal(ioctl(show->fd, VIDIOC_QBUF, &buffer), 0);
    int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
    if (show->shown++ == 0)
        assert_int_equal(ioctl(show->fd, VIDIOC_STREAMON, &type), 0);
}

/* "Loop Video" has no number in the headers that programs see. */
static void show_to_the_camera(void)
{
    struct v4l2_queryctrl control = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};
    bool shows = false;
    int fd = open(SHOWN_CAMERA, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    set_timings(fd);
    while (!shows && ioctl(fd, VIDIOC_QUERYCTRL, &control) == 0) {
        struct v4l2_control on = {.id = control.id, .value = 1};
        shows = strcmp((const char *)control.name, "Loop Video") == 0 && ioctl(fd, VIDIOC_S_CTRL, &on) == 0;
        control.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
    }
    close(fd);
    assert_true(shows);
}

static struct cf_live *live;
static unsigned n_up, n_scans;
static char scanned[256];

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    n_up += event->kind == CF_DEVICE_UP;
    n_scans += event->kind == CF_DEVICE_SCAN;
    if (event->kind == CF_DEVICE_SCAN)
        (void)snprintf(scanned, sizeof scanned, "%.*s", (int)event->text.n, (const char *)event->text.p);
}

#define UNTIL(condition) UNTIL_OF(cf_live_fd(live), cf_live_dispatch(live), condition)

static void codes_on_phones_before_it_are_scans(void **state)
{
    static const struct phone straight = {.module_milli = 5000, .contrast = 100, .blur = 1, .noise = 4, .seed = 1};
    static const struct phone tilted = {
        .module_milli = 4500, .contrast = 100, .blur = 1, .noise = 4, .tilt_deg = 35, .axis_deg = 45, .seed = 2};
    const struct cf_live_options options = {.path = SHOWN_CAMERA, .port = cf_video_kernel(), .sink = {hear, NULL}};
    struct show show;
    (void)state;
    show_open(&show);
    show_phone(&show, &straight, "CP1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    show_to_the_camera();
    assert_int_equal(cf_live_new(&options, &live, NULL), CF_OK);
    UNTIL(n_up == 1);
    UNTIL(n_scans == 1);
    assert_string_equal(scanned, "]Q1CP1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    show_phone(&show, &tilted, "MC1:ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210");
    UNTIL(n_scans == 2); /* and the first, which was shown on and on, is none */
    assert_string_equal(scanned, "]Q1MC1:ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210");
    cf_live_free(live);
    for (size_t i = 0; i < 2; i++)
        (void)munmap(show.buffer[i], WIDTH * HEIGHT);
    close(show.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_again_and_again),
        cmocka_unit_test(one_that_somebody_else_has_is_busy),
        cmocka_unit_test(codes_on_phones_before_it_are_scans),
        cmocka_unit_test(one_that_is_pulled_out_is_gone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
