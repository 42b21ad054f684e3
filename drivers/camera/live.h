/*
 * drivers/camera/live.h - a camera at the counter: opened, read, lost and found again by a thread of its own.
 *
 * Decoding a picture takes longer than a till may wait, so a thread does it and queues what it has to tell; the owner's
 * loop watches one descriptor and calls cf_live_dispatch, which calls the sink: the same events as any device's. A
 * camera that is not there, or fails, is tried again with growing pauses. All calls are made from one thread, the
 * owner's.
 */
#ifndef CF_CAMERA_LIVE_H
#define CF_CAMERA_LIVE_H

#include "drivers/camera/capture.h"
#include "drivers/port/port.h"

struct cf_live_options {
    const char *path;                 /* "/dev/video0"; copied */
    const struct cf_video_port *port; /* cf_video_kernel() */
    struct cf_device_sink sink;       /* UP, SCAN, TROUBLE, DOWN; info->bus is CF_PORT_VIDEO, the driver is "camera" */
};
struct cf_live;

/* Starts the thread. CF_E_RANGE: no path, or beyond CF_PORT_TEXT_MAX; CF_E_NO_MEMORY, CF_E_IO, CF_E_UNSUPPORTED. */
enum cf_rc cf_live_new(const struct cf_live_options *options, struct cf_live **ret, struct cf_error *err) CF_MUST_CHECK;
/* Waits until the thread has left the camera: as long as one frame takes. Says no DOWN. Accepts NULL. */
void cf_live_free(struct cf_live *live);
int cf_live_fd(const struct cf_live *live);
void cf_live_dispatch(struct cf_live *live);
/* The camera's lamp, from its next frame on, and whenever it comes back; a camera without one says so as TROUBLE. */
void cf_live_torch(struct cf_live *live, bool on);

#endif
