/*
 * drivers/usb/unit.h - one interface of one device: looked at, opened, driven, closed, tried again. Private to the
 * folder.
 *
 * Lifetime: marked dead -> all transfers cancelled -> none in flight -> released and closed -> freed, or tried again.
 * Only cf_usb_unit_step closes; whatever else finds a reason to, marks. One thread.
 */
#ifndef CF_DRIVERS_USB_UNIT_H
#define CF_DRIVERS_USB_UNIT_H

#include <libusb-1.0/libusb.h>

#include "drivers/usb/usb.h"

#define CF_UNIT_INS 2 /* reads in flight, so that none of a fast device's reports is missed */

enum cf_unit_state {
    CF_UNIT_WAITING, /* to be looked at, at look_at */
    CF_UNIT_ALONE,   /* not ours; or, with look_only and a driver, it would be */
    CF_UNIT_OPEN,
};
struct cf_unit {
    struct cf_unit *next;
    const struct cf_usb_options *options;
    libusb_device *device; /* a reference of ours */
    libusb_device_handle *handle;
    unsigned configuration;
    char place[CF_PORT_TEXT_MAX + 1]; /* "1-2.3" */
    struct cf_port_info info;

    enum cf_unit_state state;
    cf_mono plugged_at, look_at;
    unsigned n_looks, n_failures; /* failures since it last worked */
    bool left;                    /* unplugged: freed as soon as it is closed */

    const struct cf_driver *driver;
    void *driven;
    struct cf_recorder *recorder;
    bool up, dead, halted, listening;
    enum cf_rc dead_rc; /* CF_OK: declined */
    char dead_why[96];
    cf_mono wake_at; /* 0: no timer */
    unsigned in_flight, ins_in_flight;
    struct libusb_transfer *in[CF_UNIT_INS], *control, *out;
    bool control_busy, out_busy;
    uint8_t *in_bytes[CF_UNIT_INS];
    uint8_t control_bytes[LIBUSB_CONTROL_SETUP_SIZE + CF_PORT_CONTROL_MAX];
    uint8_t *out_bytes;
};

/* info: vendor, product, class and endpoints filled in, path and place not. NULL: no memory. */
struct cf_unit *cf_unit_new(const struct cf_usb_options *options, libusb_device *device, unsigned configuration,
                            const struct cf_port_info *info, cf_mono now);
/* Not open (asserted). Accepts NULL. */
void cf_unit_free(struct cf_unit *unit);
/* The device is gone. */
void cf_unit_leave(struct cf_unit *unit);
/* Closes it without a word; step until in_flight is 0. */
void cf_unit_stop(struct cf_unit *unit);
/* Does what is due. all: for twins to be told apart. false: it left and may be freed. */
bool cf_unit_step(struct cf_unit *unit, const struct cf_unit *all, cf_mono now);
/* When step has something to do though nothing happens; false: never. */
bool cf_unit_due(const struct cf_unit *unit, cf_mono *ret_at);

#endif
