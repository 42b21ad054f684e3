/*
 * drivers/line/line.h - a device at the end of a line of bytes, driven by one driver: a TCP connection or a serial
 * port.
 *
 * Connects, tries again with growing pauses what failed, and closes. Driven by one file descriptor as drivers/usb is,
 * and it never waits: an address is digits, since looking up a name would. Of control requests it knows none: they are
 * refused. One thread.
 */
#ifndef CF_DRIVERS_LINE_LINE_H
#define CF_DRIVERS_LINE_LINE_H

#include "base/env.h"
#include "drivers/port/recorder.h"

struct cf_line_options {
    const struct cf_env *env; /* its monotonic clock */
    const struct cf_driver *driver;
    /* Keyboards that the driver may have though it does not know them, vendor << 16 | product; it outlives the line. */
    const uint32_t *allowed;
    size_t n_allowed;
    /* "192.0.2.7", "192.0.2.7:9100", "[2001:db8::7]:9100"; "/dev/ttyS0", "/dev/ttyS0@115200";
     * "/dev/input/by-id/...-event-kbd" */
    const char *place;
    struct cf_device_sink sink;
    /* It is about to be used: shall it be recorded, and where? NULL: it is not. */
    bool (*record)(void *ctx, const struct cf_port_info *info, struct cf_recording_sink *ret);
    void *record_ctx;
};
struct cf_line;

/* What the options point at outlives it, but for `place`. The first try is made by the first dispatch. CF_E_ARGUMENT:
 * no such place; CF_E_NO_MEMORY, CF_E_IO. */
enum cf_rc cf_line_new(const struct cf_line_options *options, struct cf_line **ret, struct cf_error *err) CF_MUST_CHECK;
/* Closes it without a word, but for jobs of a printer. Accepts NULL. */
void cf_line_free(struct cf_line *line);
int cf_line_fd(const struct cf_line *line);
void cf_line_dispatch(struct cf_line *line);
/* As cf_usb_print, of a driver that is a printer's. */
enum cf_rc cf_line_print(struct cf_line *line, uint64_t id, cf_bytes bytes, struct cf_error *err) CF_MUST_CHECK;

#endif
