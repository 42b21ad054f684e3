/*
 * tests/drivers/camera/fake_video.c - Video4Linux as far as a camera's reader sees it.
 */
#include "tests/drivers/camera/fake_video.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <linux/videodev2.h>
#include <turbojpeg.h>

#define FD 7000 /* no descriptor of ours */

static uint32_t stride_of(const struct fake_video *fake)
{
    bool mixed = fake->chosen == V4L2_PIX_FMT_YUYV || fake->chosen == V4L2_PIX_FMT_UYVY;
    return fake->width * (mixed ? 2 : 1) + fake->padding;
}

/* Room for the luma and for colour behind it, as 4:2:0 has it. */
static uint32_t bytes_of(const struct fake_video *fake)
{
    return stride_of(fake) * fake->height * 3 / 2;
}

static int count_call(struct fake_video *fake)
{
    fake->calls++;
    return fake->fails_from != 0 && fake->calls >= fake->fails_from ? -fake->error : fake->unplugged ? -ENODEV : 0;
}

static int fake_open(void *ctx, const char *path)
{
    struct fake_video *fake = ctx;
    (void)pthread_mutex_lock(&fake->mutex);
    assert(path[0] != '\0' && fake->open == 0);
    int rc = count_call(fake);
    if (rc == 0) {
        fake->open++;
        fake->opened++;
        fake->n_order = 0;
        memset(fake->queued, 0, sizeof fake->queued);
    }
    (void)pthread_mutex_unlock(&fake->mutex);
    return rc == 0 ? FD : rc;
}

static void fake_close(void *ctx, int fd)
{
    struct fake_video *fake = ctx;
    (void)pthread_mutex_lock(&fake->mutex);
    assert(fd == FD && fake->open == 1 && fake->mapped == 0 && !fake->streams);
    fake->open--;
    (void)pthread_mutex_unlock(&fake->mutex);
}

static int enumerate(const struct fake_video *fake, struct v4l2_fmtdesc *arg)
{
    if (arg->index >= 4 || fake->format[arg->index] == 0)
        return -EINVAL;
    arg->pixelformat = fake->format[arg->index];
    return 0;
}

static int set_format(struct fake_video *fake, struct v4l2_format *arg)
{
    assert(!fake->streams);
    fake->chosen = arg->fmt.pix.pixelformat;
    arg->fmt.pix.width = fake->says_width != 0 ? fake->says_width : fake->width;
    arg->fmt.pix.height = fake->height;
    arg->fmt.pix.bytesperline = fake->says_stride != 0 ? fake->says_stride : stride_of(fake);
    arg->fmt.pix.pixelformat = fake->takes_format != 0 ? fake->takes_format : fake->chosen;
    return 0;
}

static int request(struct fake_video *fake, struct v4l2_requestbuffers *arg)
{
    assert(arg->memory == V4L2_MEMORY_MMAP && arg->count > 0);
    arg->count = fake->gives_buffers != 0 ? fake->gives_buffers : arg->count;
    fake->n_buffers = arg->count;
    return 0;
}

static int query(const struct fake_video *fake, struct v4l2_buffer *arg)
{
    assert(arg->index < fake->n_buffers);
    arg->length = fake->says_length != 0 ? fake->says_length : bytes_of(fake);
    arg->m.offset = arg->index << 12;
    return 0;
}

static int queue(struct fake_video *fake, const struct v4l2_buffer *arg)
{
    assert(arg->index < FAKE_BUFFERS_MAX && !fake->queued[arg->index]);
    fake->queued[arg->index] = true;
    fake->order[fake->n_order++] = arg->index;
    return 0;
}

/* Its bytes. */
static uint32_t compress(const struct fake_video *fake, const uint8_t *from, uint32_t index)
{
    tjhandle handle = tjInitCompress();
    unsigned char *jpeg = NULL;
    unsigned long n = 0;
    int rc =
        tjCompress2(handle, from, (int)fake->width, 0, (int)fake->height, TJPF_GRAY, &jpeg, &n, TJSAMP_GRAY, 90, 0);
    assert(rc == 0 && n <= bytes_of(fake));
    memcpy(fake->memory[index], jpeg, n);
    tjFree(jpeg);
    (void)tjDestroy(handle);
    return (uint32_t)n;
}

/* Its bytes. */
static uint32_t draw(const struct fake_video *fake, uint32_t index)
{
    const uint8_t *from = fake->picture + (size_t)fake->next * fake->width * fake->height;
    if (fake->chosen == V4L2_PIX_FMT_MJPEG)
        return compress(fake, from, index);
    bool mixed = fake->chosen == V4L2_PIX_FMT_YUYV || fake->chosen == V4L2_PIX_FMT_UYVY;
    memset(fake->memory[index], 0x55, bytes_of(fake));
    for (uint32_t y = 0; y < fake->height; y++) {
        uint8_t *row = fake->memory[index] + (size_t)y * stride_of(fake);
        for (uint32_t x = 0; x < fake->width; x++)
            row[mixed ? 2 * x + (fake->chosen == V4L2_PIX_FMT_UYVY) : x] = from[(size_t)y * fake->width + x];
    }
    return bytes_of(fake);
}

static bool has_picture(const struct fake_video *fake)
{
    return fake->n_order > 0 && fake->next < fake->n_pictures;
}

static int dequeue(struct fake_video *fake, struct v4l2_buffer *arg)
{
    assert(fake->streams);
    if (fake->never_has || !has_picture(fake))
        return -EAGAIN;
    uint32_t index = fake->order[0];
    memmove(fake->order, fake->order + 1, --fake->n_order * sizeof fake->order[0]);
    fake->queued[index] = false;
    uint32_t bytes = draw(fake, index);
    fake->next++;
    if (fake->again && fake->next == fake->n_pictures)
        fake->next = 0;
    arg->index = fake->says_index != 0 ? fake->says_index : index;
    arg->bytesused = fake->says_bytes != 0 ? fake->says_bytes : bytes;
    arg->flags = fake->flags;
    return 0;
}

static int control(struct fake_video *fake, const struct v4l2_control *arg)
{
    if (arg->id == V4L2_CID_FLASH_LED_MODE && fake->has_torch)
        fake->torch = arg->value;
    else if (arg->id == V4L2_CID_FOCUS_AUTO && fake->has_focus)
        fake->focus = arg->value;
    else if (arg->id == V4L2_CID_AUTO_FOCUS_START && fake->has_focus_button)
        fake->refocused++;
    else
        return -EINVAL;
    fake->refocused += arg->id == V4L2_CID_FOCUS_AUTO && arg->value == 0;
    return 0;
}

static int set_rate(const struct fake_video *fake, struct v4l2_streamparm *arg)
{
    arg->parm.capture.timeperframe = (struct v4l2_fract){1, fake->chosen == fake->slow_format ? 10 : 30};
    return fake->slow_format != 0 ? 0 : -ENOTTY;
}

static int dispatch(struct fake_video *fake, unsigned long number, void *arg)
{
    if (number == VIDIOC_QUERYCAP) {
        struct v4l2_capability *is = arg;
        (void)memcpy(is->card, fake->name, strlen(fake->name) + 1);
        is->capabilities = V4L2_CAP_DEVICE_CAPS;
        is->device_caps = fake->capabilities;
        return 0;
    }
    if (number == VIDIOC_ENUM_FMT)
        return enumerate(fake, arg);
    if (number == VIDIOC_S_FMT)
        return set_format(fake, arg);
    if (number == VIDIOC_S_PARM)
        return set_rate(fake, arg);
    if (number == VIDIOC_REQBUFS)
        return request(fake, arg);
    if (number == VIDIOC_QUERYBUF)
        return query(fake, arg);
    if (number == VIDIOC_QBUF)
        return queue(fake, arg);
    if (number == VIDIOC_DQBUF)
        return dequeue(fake, arg);
    if (number == VIDIOC_S_CTRL)
        return control(fake, arg);
    if (number == VIDIOC_STREAMON)
        fake->streams = true;
    return number == VIDIOC_STREAMON ? 0 : -ENOTTY;
}

static int fake_ioctl(void *ctx, int fd, unsigned long number, void *arg)
{
    struct fake_video *fake = ctx;
    (void)pthread_mutex_lock(&fake->mutex);
    assert(fd == FD && fake->open == 1);
    int rc = count_call(fake);
    if (number == VIDIOC_STREAMOFF) { /* also of one that is gone */
        fake->streams = false;
        fake->n_order = 0;
    } else if (rc == 0) {
        rc = dispatch(fake, number, arg);
    }
    (void)pthread_mutex_unlock(&fake->mutex);
    return rc;
}

static void *fake_map(void *ctx, int fd, size_t length, uint32_t offset)
{
    struct fake_video *fake = ctx;
    (void)pthread_mutex_lock(&fake->mutex);
    uint32_t index = offset >> 12;
    void *at = NULL;
    assert(fd == FD && index < FAKE_BUFFERS_MAX && length >= bytes_of(fake));
    if (count_call(fake) == 0) {
        at = fake->memory[index] = malloc(length);
        assert(at != NULL);
        fake->mapped++;
    }
    (void)pthread_mutex_unlock(&fake->mutex);
    return at;
}

static void fake_unmap(void *ctx, void *at, size_t length)
{
    struct fake_video *fake = ctx;
    (void)length;
    (void)pthread_mutex_lock(&fake->mutex);
    assert(fake->mapped > 0 && !fake->streams);
    fake->mapped--;
    free(at);
    (void)pthread_mutex_unlock(&fake->mutex);
}

/* Like poll, but a pause is never long. */
static int fake_wait(void *ctx, int fd, int stop_fd, uint32_t timeout_ms)
{
    struct fake_video *fake = ctx;
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    (void)pthread_mutex_lock(&fake->mutex);
    bool ready = fd == FD && (fake->unplugged || fake->never_has || has_picture(fake));
    (void)pthread_mutex_unlock(&fake->mutex);
    int n = poll(&stop, 1, ready || timeout_ms == 0 ? 0 : 2);
    return n > 0 ? 2 : ready ? 1 : 0;
}

void fake_video_init(struct fake_video *fake, uint32_t width, uint32_t height)
{
    static const struct cf_video_ops ops = {.open = fake_open,
                                            .close = fake_close,
                                            .ioctl = fake_ioctl,
                                            .map = fake_map,
                                            .unmap = fake_unmap,
                                            .wait = fake_wait};
    *fake = (struct fake_video){.name = "Camera on a Stick",
                                .capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
                                .format = {V4L2_PIX_FMT_GREY},
                                .width = width,
                                .height = height,
                                .error = EIO};
    fake->port = (struct cf_video_port){&ops, fake};
    int rc = pthread_mutex_init(&fake->mutex, NULL);
    assert(rc == 0);
}

void fake_video_done(struct fake_video *fake)
{
    assert(fake->open == 0 && fake->mapped == 0);
    (void)pthread_mutex_destroy(&fake->mutex);
}

void fake_video_plug(struct fake_video *fake, bool in)
{
    (void)pthread_mutex_lock(&fake->mutex);
    fake->unplugged = !in;
    (void)pthread_mutex_unlock(&fake->mutex);
}

void fake_video_play(struct fake_video *fake, const uint8_t *picture, uint32_t n_pictures, bool again)
{
    (void)pthread_mutex_lock(&fake->mutex);
    fake->picture = picture;
    fake->n_pictures = n_pictures;
    fake->next = 0;
    fake->again = again;
    (void)pthread_mutex_unlock(&fake->mutex);
}

int fake_video_torch(struct fake_video *fake)
{
    (void)pthread_mutex_lock(&fake->mutex);
    int torch = fake->torch;
    (void)pthread_mutex_unlock(&fake->mutex);
    return torch;
}

void fake_video_forget_torch(struct fake_video *fake)
{
    (void)pthread_mutex_lock(&fake->mutex);
    fake->torch = 0;
    (void)pthread_mutex_unlock(&fake->mutex);
}
