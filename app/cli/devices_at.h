/*
 * app/cli/devices_at.h - for `counterfoil devices`: devices that somebody names by their place (a serial port, an
 * address, a camera's node), and clips of cameras.
 *
 * Those of the USB are found by themselves and are not here. One thread.
 */
#ifndef CF_CLI_DEVICES_AT_H
#define CF_CLI_DEVICES_AT_H

#include <poll.h>
#include <stdio.h>

#include "app/counter/devices.h"
#include "drivers/camera/live.h"
#include "drivers/line/line.h"

#define DEVICES_AT_MAX 5

struct devices_at {
    struct cf_device_sink sink;
    const struct cf_devices_options *use;
    struct cf_line *line[DEVICES_AT_MAX - 1]; /* NULL: none */
    struct cf_line *display;                  /* one of them */
    struct cf_live *live;
    bool shows, display_fresh; /* a display gets something to show when it comes */
};

/* Does `use` name any? */
bool devices_at_named(const struct cf_devices_options *use);
/* Opens those that `use` names. `record` and `ctx` are as in cf_line_options; where they are not NULL nothing is shown.
 * `use` outlives it. Errors as of cf_line_new and cf_live_new; what was opened is closed then. */
enum cf_rc devices_at_open(struct devices_at *at, const struct cf_devices_options *use,
                           const struct cf_device_sink *sink,
                           bool (*record)(void *ctx, const struct cf_port_info *info, struct cf_recording_sink *ret),
                           void *ctx, struct cf_error *err) CF_MUST_CHECK;
void devices_at_close(struct devices_at *at);
size_t devices_at_poll(const struct devices_at *at, struct pollfd ret[DEVICES_AT_MAX]);
void devices_at_dispatch(struct devices_at *at);

/* Cameras and serial ports of this machine; calls back for each, and takes none of them. `name` is NULL for a port, of
 * which nobody knows what hangs on it. */
void devices_at_each(void (*see)(void *ctx, const char *path, const char *name), void *ctx);

/* A camera's pictures to `to`, as YUV4MPEG2, until `over`. */
enum cf_rc devices_at_film(const char *camera, FILE *to, bool (*over)(void *ctx), void *ctx,
                           struct cf_error *err) CF_MUST_CHECK;
/* What a camera would have told of that clip, at 30 frames a second. CF_E_IMAGE_FORMAT: it is none. */
enum cf_rc devices_at_play(const char *path, const struct cf_device_sink *sink, struct cf_error *err) CF_MUST_CHECK;

#endif
