/*
 * drivers/usb/usb.h - the devices on the USB, each driven by the driver that knows it, on one event loop.
 *
 * Finds devices as they come and go, chooses before it claims (a keyboard or mouse that is no scanner is never taken
 * from the kernel), opens, tries again with growing pauses what failed, and closes without leaving a transfer behind.
 * It is driven by one file descriptor and never waits: cf_usb_dispatch when cf_usb_fd is readable. libusb stays inside.
 * One thread.
 */
#ifndef CF_DRIVERS_USB_USB_H
#define CF_DRIVERS_USB_USB_H

#include "base/env.h"
#include "drivers/port/port.h"
#include "drivers/port/recorder.h"

#define CF_USB_UNITS_MAX 64 /* interfaces that any driver of ours could drive, at a time */

/* What somebody decided about a model, before all that drivers think themselves. */
struct cf_usb_rule {
    uint16_t vendor, product;
    const char *driver; /* its name; NULL: leave it alone */
};
struct cf_usb_options {
    const struct cf_env *env; /* its monotonic clock */
    const struct cf_driver *const *drivers;
    size_t n_drivers;
    const struct cf_usb_rule *rules; /* the first that fits counts */
    size_t n_rules;
    struct cf_device_sink sink;
    bool look_only; /* choose, and claim nothing */
    /* A device is about to be used: shall it be recorded, and where? NULL: nothing is. */
    bool (*record)(void *ctx, const struct cf_port_info *info, struct cf_recording_sink *ret);
    void *record_ctx;
};
struct cf_usb;

/* What options point at outlives it. Devices that are there are found by the first dispatches. CF_E_DEVICE_RIGHTS,
 * CF_E_DEVICE_FAULT: libusb does not work here; CF_E_NO_MEMORY, CF_E_IO. */
enum cf_rc cf_usb_new(const struct cf_usb_options *options, struct cf_usb **ret, struct cf_error *err) CF_MUST_CHECK;
/* Closes all devices and waits until no transfer is under way, a second at most; says no DOWN. Accepts NULL. */
void cf_usb_free(struct cf_usb *usb);
int cf_usb_fd(const struct cf_usb *usb);
/* Does what is due, calls drivers and sink, and returns. */
void cf_usb_dispatch(struct cf_usb *usb);

/* To the printer of that identity (cf_port_identity). CF_E_PRINTER_OFF: it is not up; else as its driver's print. May
 * be called from the sink. */
enum cf_rc cf_usb_print(struct cf_usb *usb, const char *identity, uint64_t id, cf_bytes bytes,
                        struct cf_error *err) CF_MUST_CHECK;

/* The devices that are plugged in and have an interface that a driver of ours could drive. */
enum cf_usb_use {
    CF_USB_LOOKED_AT,  /* not decided yet */
    CF_USB_LEFT_ALONE, /* of somebody else, or of nobody that we know */
    CF_USB_CHOSEN,     /* with look_only: it would be used */
    CF_USB_USED,
    CF_USB_FAILED, /* it will be tried again */
};
struct cf_usb_seen {
    const struct cf_port_info *info;
    enum cf_usb_use use;
    const char *driver; /* NULL unless CHOSEN, USED or FAILED */
};
void cf_usb_each(const struct cf_usb *usb, void (*see)(void *ctx, const struct cf_usb_seen *seen), void *ctx);

#endif
