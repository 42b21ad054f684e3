/*
 * drivers/camera/capture.h - frames from a camera of the kernel's, Video4Linux 2 (docs.kernel.org,
 * userspace-api/media/v4l).
 *
 * Takes formats whose luma lies open in memory (grey, YUYV, UYVY, NV12, YUV 4:2:0), by mapped buffers; and pictures
 * compressed one by one (JPEG) from a camera that gives no open ones, or those small or seldom alone. A slow reader
 * gets the newest frame, not the oldest. The kernel is behind a port, so that tests play cameras that fail at any step;
 * nothing that a camera says about sizes is believed unchecked. A capture belongs to one thread.
 */
#ifndef CF_CAMERA_CAPTURE_H
#define CF_CAMERA_CAPTURE_H

#include "drivers/camera/camera.h"

/* The calls of the kernel. What fails returns a negative errno. */
struct cf_video_ops {
    int (*open)(void *ctx, const char *path); /* not blocking */
    void (*close)(void *ctx, int fd);
    int (*ioctl)(void *ctx, int fd, unsigned long request, void *arg);
    void *(*map)(void *ctx, int fd, size_t length, uint32_t offset); /* NULL: it cannot */
    void (*unmap)(void *ctx, void *at, size_t length);
    /* Until fd (-1: none) has a frame: 1; until `stop_fd` is readable: 2; until the time is over: 0. */
    int (*wait)(void *ctx, int fd, int stop_fd, uint32_t timeout_ms);
};
struct cf_video_port {
    const struct cf_video_ops *ops;
    void *ctx;
};
const struct cf_video_port *cf_video_kernel(void); /* static */

struct cf_capture;

/*
 * Opens a camera ("/dev/video0", "/dev/v4l/by-id/..."), chooses a format near 1280 x 720 at 30 frames a second, and
 * starts it. Continuous focus is switched on where there is one.
 *
 *   CF_E_DEVICE_GONE, CF_E_DEVICE_BUSY, CF_E_DEVICE_RIGHTS
 *   CF_E_DEVICE_FORMAT  no camera, or none of our formats
 *   CF_E_DEVICE_FAULT   it says what cannot be, or refuses what it must do
 *   CF_E_NO_MEMORY
 *
 * `port` outlives it. Close with cf_capture_close, which accepts NULL.
 */
enum cf_rc cf_capture_open(const struct cf_video_port *port, const char *path, struct cf_capture **ret,
                           struct cf_error *err) CF_MUST_CHECK;
void cf_capture_close(struct cf_capture *capture);

#define CF_CAPTURE_NAME_MAX 32
/* Is that a camera whose pictures we can take, and how does it call itself? It may be in use meanwhile: nothing is
 * changed. Errors as above. */
enum cf_rc cf_capture_look(const struct cf_video_port *port, const char *path, char ret_name[CF_CAPTURE_NAME_MAX + 1],
                           struct cf_error *err) CF_MUST_CHECK;

/* As the camera calls itself: printable ASCII. */
const char *cf_capture_name(const struct cf_capture *capture);

enum cf_capture_got {
    CF_CAPTURE_NONE = 0, /* the time is over; or what came was damaged, and is left out */
    CF_CAPTURE_FRAME,
    CF_CAPTURE_STOPPED, /* stop_fd is readable */
};
/* The newest frame, valid until the next call. CF_E_DEVICE_GONE when it was unplugged, else CF_E_DEVICE_FAULT: then
 * nothing more comes from this capture. */
enum cf_rc cf_capture_next(struct cf_capture *capture, int stop_fd, uint32_t timeout_ms, enum cf_capture_got *ret_got,
                           struct cf_frame *ret, struct cf_error *err) CF_MUST_CHECK;

/* CF_E_UNSUPPORTED: it has no lamp that stays on. */
enum cf_rc cf_capture_torch(struct cf_capture *capture, bool on, struct cf_error *err) CF_MUST_CHECK;

/* Looks for the focus anew. CF_E_UNSUPPORTED: its lens does not move. */
enum cf_rc cf_capture_refocus(struct cf_capture *capture, struct cf_error *err) CF_MUST_CHECK;

#endif
