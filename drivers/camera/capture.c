/*
 * drivers/camera/capture.c - a camera: found able, set up, started, its frames as grey views.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>

#include "drivers/camera/capture.h"
#include "drivers/camera/image.h"
#include "drivers/camera/reader.h"

#define WIDTH_WANTED 1280u
#define HEIGHT_WANTED 720u
#define SIDE_MIN 160u
#define FRAMES_A_SECOND 30u
#define FRAMES_FEW 15u /* fewer are too few: a code would be shown for seconds */
#define FORMATS_MAX 64u
#define BUFFERS 4u
#define EMPTY_MAX 100u /* times in a row that a frame is said to be ready and is not */

/* In the order in which we like them: the first needs no copy, what has less to copy comes before, and compressed ones
 * cost more than a copy. */
static const struct format {
    uint32_t fourcc;
    uint32_t pixel_bytes; /* of the plane with the luma; 0: compressed */
    uint32_t luma_at;     /* in each pixel's bytes */
} formats[] = {
    {V4L2_PIX_FMT_GREY, 1, 0}, {V4L2_PIX_FMT_NV12, 1, 0},  {V4L2_PIX_FMT_YUV420, 1, 0}, {V4L2_PIX_FMT_YUYV, 2, 0},
    {V4L2_PIX_FMT_UYVY, 2, 1}, {V4L2_PIX_FMT_MJPEG, 0, 0}, {V4L2_PIX_FMT_JPEG, 0, 0},
};
#define FORMATS (sizeof formats / sizeof formats[0])

struct cf_capture {
    const struct cf_video_port *port;
    int fd;
    char name[CF_CAPTURE_NAME_MAX + 1];
    const struct format *format;
    uint32_t width, height, stride;
    struct {
        uint8_t *at;
        size_t length;
    } buffer[BUFFERS];
    uint32_t n_buffers;
    bool streams;
    unsigned empty;
    bool holds; /* buffer `held` is shown to our reader */
    uint32_t held;
    uint8_t *grey;        /* where the luma does not lie in the buffer as it is needed */
    struct cf_jpeg *jpeg; /* where the pictures are compressed */
    bool few;             /* it says that it gives few frames a second */
    bool focuses;         /* by itself, on and on */
};

static enum cf_rc fail(int error, const char *what, struct cf_error *err)
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return cf_fail(err, CF_E_DEVICE_GONE, "%s: there is no camera", what);
    case EBUSY:
        return cf_fail(err, CF_E_DEVICE_BUSY, "%s: another program has the camera", what);
    case EACCES:
    case EPERM:
        return cf_fail(err, CF_E_DEVICE_RIGHTS, "%s: not allowed", what);
    case ENOMEM:
        return cf_fail(err, CF_E_NO_MEMORY, "%s", what);
    default:
        return cf_fail(err, CF_E_DEVICE_FAULT, "%s: error %d", what, error);
    }
}

static int call(const struct cf_capture *capture, unsigned long request, void *arg)
{
    return capture->port->ops->ioctl(capture->port->ctx, capture->fd, request, arg);
}

/* ---- set up ------------------------------------------------------------------------------------------------------ */

static enum cf_rc ask_what_it_is(struct cf_capture *capture, struct cf_error *err)
{
    struct v4l2_capability is = {0};
    int rc = call(capture, VIDIOC_QUERYCAP, &is);
    if (rc == -ENOTTY || rc == -EINVAL)
        return cf_fail(err, CF_E_DEVICE_FORMAT, "it is no camera");
    if (rc < 0)
        return fail(-rc, "asking what it is", err);
    uint32_t can = (is.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? is.device_caps : is.capabilities;
    if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
        return cf_fail(err, CF_E_DEVICE_FORMAT, "it gives no pictures");
    for (size_t i = 0; i + 1 < sizeof capture->name && i < sizeof is.card && is.card[i] != '\0'; i++)
        capture->name[i] = is.card[i] >= ' ' && is.card[i] <= '~' ? (char)is.card[i] : '?';
    return CF_OK;
}

/* The best open format and the best compressed one; NULL: none. */
static enum cf_rc find_formats(struct cf_capture *capture, const struct format **ret_open,
                               const struct format **ret_compressed, struct cf_error *err)
{
    const struct format *best[2] = {NULL, NULL};
    for (uint32_t index = 0; index < FORMATS_MAX; index++) {
        struct v4l2_fmtdesc has = {.index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
        int rc = call(capture, VIDIOC_ENUM_FMT, &has);
        if (rc == -EINVAL)
            break;
        if (rc < 0)
            return fail(-rc, "asking for its formats", err);
        for (size_t i = 0; i < FORMATS; i++) {
            const struct format **kind = &best[formats[i].pixel_bytes == 0];
            if (formats[i].fourcc == has.pixelformat && (*kind == NULL || *kind > &formats[i]))
                *kind = &formats[i];
        }
    }
    if (best[0] == NULL && best[1] == NULL)
        return cf_fail(err, CF_E_DEVICE_FORMAT, "it gives no pictures of a kind that is known");
    *ret_open = best[0];
    *ret_compressed = best[1];
    return CF_OK;
}

/* It need not know of rates, nor tell: then it is taken to be quick. */
static void set_rate(struct cf_capture *capture)
{
    struct v4l2_streamparm rate = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    struct v4l2_fract *frame = &rate.parm.capture.timeperframe;
    *frame = (struct v4l2_fract){.numerator = 1, .denominator = FRAMES_A_SECOND};
    int rc = call(capture, VIDIOC_S_PARM, &rate);
    capture->few = rc == 0 && (uint64_t)frame->numerator * FRAMES_FEW > frame->denominator && frame->denominator > 0;
}

/* The camera may answer with another size: it is taken if it can be, and held against what it says of its rows. */
static enum cf_rc set_format(struct cf_capture *capture, const struct format *format, struct cf_error *err)
{
    struct v4l2_format set = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    set.fmt.pix.width = WIDTH_WANTED;
    set.fmt.pix.height = HEIGHT_WANTED;
    set.fmt.pix.pixelformat = format->fourcc;
    set.fmt.pix.field = V4L2_FIELD_NONE;
    int rc = call(capture, VIDIOC_S_FMT, &set);
    if (rc < 0)
        return fail(-rc, "setting its format", err);
    const struct v4l2_pix_format *pix = &set.fmt.pix;
    if (pix->pixelformat != format->fourcc)
        return cf_fail(err, CF_E_DEVICE_FORMAT, "it offers a format and does not take it");
    if (pix->width < SIDE_MIN || pix->height < SIDE_MIN || pix->width > CF_FRAME_SIDE_MAX ||
        pix->height > CF_FRAME_SIDE_MAX || (uint64_t)pix->width * pix->height > CF_READER_PIXELS_MAX)
        return cf_fail(err, CF_E_DEVICE_FORMAT, "pictures of %u x %u", pix->width, pix->height);
    uint32_t least = pix->width * format->pixel_bytes;
    capture->format = format;
    capture->width = pix->width;
    capture->height = pix->height;
    capture->stride = pix->bytesperline == 0 || least == 0 ? least : pix->bytesperline;
    if (capture->stride < least || capture->stride > 16 * CF_FRAME_SIDE_MAX)
        return cf_fail(err, CF_E_DEVICE_FAULT, "rows of %u bytes for %u pixels", pix->bytesperline, pix->width);
    set_rate(capture);
    return CF_OK;
}

static uint32_t pixels_of(const struct cf_capture *capture)
{
    return capture->width * capture->height;
}

static bool falls_short(const struct cf_capture *capture)
{
    return capture->few || pixels_of(capture) < WIDTH_WANTED * HEIGHT_WANTED;
}

/* Open pictures if they are as many and as large as we want; else compressed ones, if those are. */
static enum cf_rc choose_format(struct cf_capture *capture, struct cf_error *err)
{
    const struct format *open = NULL, *compressed = NULL;
    enum cf_rc rc = find_formats(capture, &open, &compressed, err);
    if (rc == CF_OK)
        rc = set_format(capture, open != NULL ? open : compressed, err);
    if (rc != CF_OK || open == NULL || compressed == NULL || !falls_short(capture))
        return rc;
    uint32_t pixels = pixels_of(capture);
    if (set_format(capture, compressed, NULL) == CF_OK && (!falls_short(capture) || pixels_of(capture) > pixels))
        return CF_OK;
    return set_format(capture, open, err);
}

static enum cf_rc make_room(struct cf_capture *capture, struct cf_error *err)
{
    if (capture->format->pixel_bytes == 1)
        return CF_OK;
    capture->grey = malloc(pixels_of(capture));
    if (capture->grey == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a picture of %u x %u", capture->width, capture->height);
    return capture->format->pixel_bytes == 0 ? cf_jpeg_new(&capture->jpeg, err) : CF_OK;
}

/* Bytes that a frame must have for every luma to be in it. */
static size_t frame_bytes(const struct cf_capture *capture)
{
    if (capture->format->pixel_bytes == 0)
        return 1; /* as many as it says */
    return (size_t)capture->stride * (capture->height - 1) + (size_t)capture->width * capture->format->pixel_bytes;
}

static enum cf_rc give_buffer(struct cf_capture *capture, uint32_t index, struct cf_error *err)
{
    struct v4l2_buffer buffer = {.index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int rc = call(capture, VIDIOC_QBUF, &buffer);
    return rc < 0 ? fail(-rc, "giving it a buffer", err) : CF_OK;
}

static enum cf_rc map_buffers(struct cf_capture *capture, struct cf_error *err)
{
    struct v4l2_requestbuffers ask = {
        .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int rc = call(capture, VIDIOC_REQBUFS, &ask);
    if (rc < 0)
        return fail(-rc, "asking for buffers", err);
    if (ask.count < 2)
        return cf_fail(err, CF_E_DEVICE_FAULT, "it has memory for %u pictures", ask.count);
    uint32_t count = ask.count < BUFFERS ? ask.count : BUFFERS; /* more than were asked for: the rest is not used */
    for (uint32_t i = 0; i < count; i++) {
        struct v4l2_buffer buffer = {.index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
        rc = call(capture, VIDIOC_QUERYBUF, &buffer);
        if (rc < 0)
            return fail(-rc, "asking for a buffer", err);
        if (buffer.length < frame_bytes(capture))
            return cf_fail(err, CF_E_DEVICE_FAULT, "a buffer of %u bytes for a picture of %zu", buffer.length,
                           frame_bytes(capture));
        capture->buffer[i].at =
            capture->port->ops->map(capture->port->ctx, capture->fd, buffer.length, buffer.m.offset);
        if (capture->buffer[i].at == NULL)
            return cf_fail(err, CF_E_DEVICE_FAULT, "its memory cannot be mapped");
        capture->buffer[i].length = buffer.length;
        capture->n_buffers = i + 1;
    }
    return CF_OK;
}

static int set_control(struct cf_capture *capture, uint32_t id, int32_t value)
{
    struct v4l2_control control = {.id = id, .value = value};
    return call(capture, VIDIOC_S_CTRL, &control);
}

/* What a camera may or may not have: that it refuses is no error. */
static void set_extras(struct cf_capture *capture)
{
    capture->focuses = set_control(capture, V4L2_CID_FOCUS_AUTO, 1) == 0;
}

static enum cf_rc start(struct cf_capture *capture, struct cf_error *err)
{
    enum cf_rc rc = ask_what_it_is(capture, err);
    if (rc == CF_OK)
        rc = choose_format(capture, err);
    if (rc == CF_OK)
        rc = make_room(capture, err);
    if (rc != CF_OK)
        return rc;
    set_extras(capture);
    rc = map_buffers(capture, err);
    for (uint32_t i = 0; rc == CF_OK && i < capture->n_buffers; i++)
        rc = give_buffer(capture, i, err);
    if (rc != CF_OK)
        return rc;
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    int started = call(capture, VIDIOC_STREAMON, &type);
    if (started < 0)
        return fail(-started, "starting it", err);
    capture->streams = true;
    return CF_OK;
}

enum cf_rc cf_capture_open(const struct cf_video_port *port, const char *path, struct cf_capture **ret,
                           struct cf_error *err)
{
    struct cf_capture *capture = calloc(1, sizeof *capture);
    if (capture == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "camera");
    capture->port = port;
    capture->fd = port->ops->open(port->ctx, path);
    enum cf_rc rc = capture->fd < 0 ? fail(-capture->fd, path, err) : start(capture, err);
    if (rc != CF_OK) {
        cf_capture_close(capture);
        return rc;
    }
    *ret = capture;
    return CF_OK;
}

enum cf_rc cf_capture_look(const struct cf_video_port *port, const char *path, char ret_name[CF_CAPTURE_NAME_MAX + 1],
                           struct cf_error *err)
{
    struct cf_capture capture = {.port = port, .fd = port->ops->open(port->ctx, path)};
    const struct format *open = NULL, *compressed = NULL;
    if (capture.fd < 0)
        return fail(-capture.fd, path, err);
    enum cf_rc rc = ask_what_it_is(&capture, err);
    if (rc == CF_OK)
        rc = find_formats(&capture, &open, &compressed, err);
    port->ops->close(port->ctx, capture.fd);
    if (rc == CF_OK)
        memcpy(ret_name, capture.name, sizeof capture.name);
    return rc;
}

void cf_capture_close(struct cf_capture *capture)
{
    if (capture == NULL)
        return;
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (capture->streams)
        (void)call(capture, VIDIOC_STREAMOFF, &type);
    for (uint32_t i = 0; i < capture->n_buffers; i++)
        capture->port->ops->unmap(capture->port->ctx, capture->buffer[i].at, capture->buffer[i].length);
    if (capture->fd >= 0)
        capture->port->ops->close(capture->port->ctx, capture->fd);
    cf_jpeg_free(capture->jpeg);
    free(capture->grey);
    free(capture);
}

const char *cf_capture_name(const struct cf_capture *capture)
{
    return capture->name;
}

/* ---- frames ------------------------------------------------------------------------------------------------------ */

/* One buffer back from the camera. *ret_got is false if it has none ready. */
static enum cf_rc take_buffer(struct cf_capture *capture, bool *ret_got, struct v4l2_buffer *ret, struct cf_error *err)
{
    *ret = (struct v4l2_buffer){.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int rc = call(capture, VIDIOC_DQBUF, ret);
    *ret_got = rc == 0;
    if (rc == -EAGAIN)
        return CF_OK;
    if (rc < 0)
        return fail(-rc, "taking a picture", err);
    if (ret->index >= capture->n_buffers)
        return cf_fail(err, CF_E_DEVICE_FAULT, "a picture in buffer %u of %u", ret->index, capture->n_buffers);
    return CF_OK;
}

/* The newest that is ready; those before it go back. */
static enum cf_rc take_newest(struct cf_capture *capture, bool *ret_got, struct v4l2_buffer *ret, struct cf_error *err)
{
    enum cf_rc rc = take_buffer(capture, ret_got, ret, err);
    bool more = rc == CF_OK && *ret_got;
    for (uint32_t i = 1; more && i < capture->n_buffers; i++) {
        struct v4l2_buffer newer;
        rc = take_buffer(capture, &more, &newer, err);
        if (rc == CF_OK && more) {
            rc = give_buffer(capture, ret->index, err);
            *ret = newer;
        }
        more = rc == CF_OK && more;
    }
    return rc;
}

static void take_luma(struct cf_capture *capture, const uint8_t *from)
{
    for (uint32_t y = 0; y < capture->height; y++) {
        const uint8_t *row = from + (size_t)y * capture->stride + capture->format->luma_at;
        uint8_t *to = capture->grey + (size_t)y * capture->width;
        for (uint32_t x = 0; x < capture->width; x++)
            to[x] = row[2 * x];
    }
}

/* The luma of a buffer in `grey`. false: it is damaged. */
static bool take_picture(struct cf_capture *capture, const struct v4l2_buffer *buffer)
{
    const uint8_t *at = capture->buffer[buffer->index].at;
    if (capture->jpeg != NULL)
        return cf_jpeg_luma(capture->jpeg, cf_bytes_of(at, buffer->bytesused), capture->width, capture->height,
                            capture->grey, NULL) == CF_OK;
    take_luma(capture, at);
    return true;
}

static enum cf_rc give_back(struct cf_capture *capture, struct cf_error *err)
{
    bool held = capture->holds;
    capture->holds = false;
    return held ? give_buffer(capture, capture->held, err) : CF_OK;
}

enum cf_rc cf_capture_next(struct cf_capture *capture, int stop_fd, uint32_t timeout_ms, enum cf_capture_got *ret_got,
                           struct cf_frame *ret, struct cf_error *err)
{
    struct v4l2_buffer buffer;
    bool got;
    enum cf_rc rc = give_back(capture, err);
    if (rc != CF_OK)
        return rc;
    int ready = capture->port->ops->wait(capture->port->ctx, capture->fd, stop_fd, timeout_ms);
    if (ready < 0)
        return fail(-ready, "waiting for a picture", err);
    if (ready != 1) {
        *ret_got = ready == 2 ? CF_CAPTURE_STOPPED : CF_CAPTURE_NONE;
        return CF_OK;
    }
    rc = take_newest(capture, &got, &buffer, err);
    if (rc != CF_OK)
        return rc;
    capture->empty = got ? 0 : capture->empty + 1;
    if (capture->empty > EMPTY_MAX)
        return cf_fail(err, CF_E_DEVICE_FAULT, "it says that it has a picture, and has none");
    *ret_got = CF_CAPTURE_NONE;
    if (!got)
        return CF_OK;
    capture->holds = true;
    capture->held = buffer.index;
    if ((buffer.flags & V4L2_BUF_FLAG_ERROR) != 0 || buffer.bytesused < frame_bytes(capture) ||
        buffer.bytesused > capture->buffer[buffer.index].length)
        return give_back(capture, err); /* damaged on its way: the next will do */
    if (capture->grey == NULL) {
        const uint8_t *at = capture->buffer[buffer.index].at;
        *ret_got = CF_CAPTURE_FRAME;
        *ret = (struct cf_frame){at, capture->width, capture->height, capture->stride};
        return CF_OK;
    }
    if (!take_picture(capture, &buffer))
        return give_back(capture, err);
    *ret_got = CF_CAPTURE_FRAME;
    *ret = (struct cf_frame){capture->grey, capture->width, capture->height, capture->width};
    return give_back(capture, err);
}

static bool has_no_such(int rc)
{
    return rc == -EINVAL || rc == -ENOTTY || rc == -ERANGE;
}

enum cf_rc cf_capture_torch(struct cf_capture *capture, bool on, struct cf_error *err)
{
    int rc = set_control(capture, V4L2_CID_FLASH_LED_MODE, on ? V4L2_FLASH_LED_MODE_TORCH : V4L2_FLASH_LED_MODE_NONE);
    if (has_no_such(rc))
        return cf_fail(err, CF_E_UNSUPPORTED, "this camera has no lamp that stays on");
    return rc < 0 ? fail(-rc, "its lamp", err) : CF_OK;
}

/* One that focuses on and on, and has settled on something else, begins anew when that is switched off and on. */
enum cf_rc cf_capture_refocus(struct cf_capture *capture, struct cf_error *err)
{
    int rc = -EINVAL;
    if (capture->focuses) {
        rc = set_control(capture, V4L2_CID_FOCUS_AUTO, 0);
        rc = rc < 0 ? rc : set_control(capture, V4L2_CID_FOCUS_AUTO, 1);
    } else {
        rc = set_control(capture, V4L2_CID_AUTO_FOCUS_START, 0);
    }
    if (has_no_such(rc))
        return cf_fail(err, CF_E_UNSUPPORTED, "this camera's lens does not move");
    return rc < 0 ? fail(-rc, "its focus", err) : CF_OK;
}
