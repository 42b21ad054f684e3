/*
 * drivers/port/port.h - what stands between a driver and its device, whatever carries the bytes.
 *
 * A driver asks a port for something and later gets one event for it; it never waits, and knows neither libusb nor a
 * file descriptor. So the same driver runs over USB (drivers/usb), under a recorder (recorder.h) and from a recording
 * without any device (replay.h). One thread; a port delivers no event from within a request.
 */
#ifndef CF_DRIVERS_PORT_PORT_H
#define CF_DRIVERS_PORT_PORT_H

#include "base/bytes.h"
#include "base/time.h"

#define CF_PORT_TEXT_MAX 95
#define CF_PORT_CONTROL_MAX 4096 /* bytes of data in one control request */
#define CF_PORT_WRITE_MAX 65536
#define CF_PORT_DESCRIPTOR_MAX 4096 /* HID report descriptors: what the kernel takes, too */

enum cf_port_bus {
    CF_PORT_USB = 1,
    CF_PORT_TTY = 2,
    CF_PORT_STREAM = 3, /* bytes over the network */
    CF_PORT_VIDEO = 4,  /* a camera: no driver here, see drivers/camera/live.h */
    CF_PORT_INPUT = 5,  /* a keyboard of the kernel's: struct input_event */
};

/* What is known of a device, or of one interface of it, before anybody opens it. */
struct cf_port_info {
    enum cf_port_bus bus;
    uint16_t vendor, product, release;
    uint8_t interface, class_code, subclass, protocol;
    uint8_t control_interface;         /* where class requests go: CDC has one beside its data; else `interface` */
    uint8_t in_endpoint, out_endpoint; /* 0: none */
    bool in_is_interrupt;
    uint16_t in_packet_bytes;
    uint16_t report_descriptor_bytes; /* of HID: how long the device says that it is; else 0 */
    bool kernel_holds;                /* a driver of the kernel has it, so that claiming takes it away from somebody */
    bool settled;                    /* the kernel has had its time: what is not known by now will not come by itself */
    char path[CF_PORT_TEXT_MAX + 1]; /* where it is plugged in: "1-2.3:0", "/dev/ttyS0" */
    char serial[CF_PORT_TEXT_MAX + 1]; /* "" if it has none, or a twin that came before it says the same */
    char name[CF_PORT_TEXT_MAX + 1];   /* printable ASCII, as the device says; may be "" */
    size_t n_report;                   /* 0: the report descriptor is not known */
    uint8_t report[CF_PORT_DESCRIPTOR_MAX];
};

#define CF_PORT_IDENTITY_MAX 255
/* "0c2e:0a07/SN0001", or "0c2e:0a07@1-2.3:0" where it has no serial number; of a serial line its path. */
void cf_port_identity(const struct cf_port_info *info, char ret[CF_PORT_IDENTITY_MAX + 1]);
/* Copies what is printable of a device's own words, cut at CF_PORT_TEXT_MAX; the rest becomes '?'. */
void cf_port_text(cf_bytes said, char ret[CF_PORT_TEXT_MAX + 1]);

/* USB 2.0, 9.3: with bit 7 of request_type the device sends, else it gets. */
struct cf_port_setup {
    uint8_t request_type, request;
    uint16_t value, index, length;
};

struct cf_port_ops {
    /* One at a time (asserted); answered by CONTROL_DONE. `out` has setup->length bytes, or none if the device sends.
     */
    void (*control)(void *ctx, const struct cf_port_setup *setup, cf_bytes out);
    /* From now on what the device sends comes as IN. Once. */
    void (*listen)(void *ctx);
    /* One at a time (asserted), at most CF_PORT_WRITE_MAX; answered by WRITTEN. `bytes` is copied. */
    void (*write)(void *ctx, cf_bytes bytes, uint32_t timeout_ms);
    /* One timer: WAKE once after that time; again: the first is forgotten; 0: none. */
    void (*wake)(void *ctx, uint32_t after_ms);
    /* The device is not for this driver: nobody hears of it, and it is left alone until it is plugged in again. */
    void (*decline)(void *ctx);
    /* The device does not work as it should: it is closed and tried again later, and `why` reaches the cashier. */
    void (*fail)(void *ctx, enum cf_rc rc, const char *why);
};
struct cf_port {
    const struct cf_port_ops *ops;
    void *ctx;
};

enum cf_port_event_kind {
    CF_PORT_CONTROL_DONE = 1,
    CF_PORT_IN,
    CF_PORT_WRITTEN,
    CF_PORT_WAKE,
};
enum cf_port_status {
    CF_PORT_DONE = 0,
    CF_PORT_STALL,   /* refused: no such request, or the endpoint was halted and has been freed again */
    CF_PORT_TIMEOUT, /* of a write: `n_written` went out, or more: nobody knows */
    CF_PORT_BABBLE,  /* more came than was asked for: `data` is what fitted */
    CF_PORT_ERROR,   /* anything else; a device that is gone gives no event, its driver is stopped */
};
struct cf_port_event {
    enum cf_port_event_kind kind;
    enum cf_port_status status;
    cf_bytes data;      /* of IN and of a CONTROL_DONE that reads; valid during the call */
    uint32_t n_written; /* of WRITTEN */
    cf_mono at;
};
const char *cf_port_status_name(enum cf_port_status status); /* "done", "stall", ... */

/* What devices tell the till. */
enum cf_device_event_kind {
    CF_DEVICE_UP = 1, /* may be used */
    CF_DEVICE_SCAN,
    CF_DEVICE_TROUBLE, /* something went wrong; without a DOWN after it the device goes on */
    CF_DEVICE_DOWN,    /* after UP: unplugged, or failed */
    CF_DEVICE_STATUS,  /* of a printer that is up: rc and why tell what keeps it from printing, if anything */
    CF_DEVICE_PRINTED, /* `job` is over; rc CF_OK: all of it, as the printer itself says */
    CF_DEVICE_WEIGHT,  /* of a scale: what lies on it is another than before; rc tells why that cannot be sold by */
};
struct cf_device_event {
    enum cf_device_event_kind kind;
    const struct cf_port_info *info; /* put in by whoever runs the driver */
    const char *driver;              /* so is this */
    cf_bytes text;    /* of SCAN: with its AIM identifier in front if the scanner told one; of UP: a printer's model */
    uint64_t job;     /* of PRINTED */
    int32_t weight_g; /* of WEIGHT, with rc CF_OK */
    enum cf_rc rc;    /* of TROUBLE, STATUS, PRINTED, WEIGHT, and of DOWN: CF_E_DEVICE_... */
    const char *why;  /* of the same: in plain words */
    bool paper_low;   /* of STATUS: it prints, but not for long */
    bool has_drawer;  /* of STATUS, and of a printer's UP: it said how the drawer is */
    bool drawer_pin;  /* with it: pin 3 of the drawer's socket is high; which level means open is the drawer's */
    cf_mono at;
};
struct cf_device_sink {
    void (*take)(void *ctx, const struct cf_device_event *event);
    void *ctx;
};

enum cf_driver_match {
    CF_MATCH_NO,
    CF_MATCH_LATER, /* cannot be told before the kernel knows more of it: ask again when it is settled, or earlier */
    CF_MATCH_ASK,   /* nobody holds it and nothing is known: claim it, ask it, decline if it is something else */
    CF_MATCH_YES,   /* surely one, so it may be taken away from the kernel */
};

/* A kind of device. Drivers are tables, without state of their own. */
struct cf_driver {
    const char *name; /* as in rules and recordings: "hid-pos" */
    /* Could this driver drive such an interface, if somebody says that it shall? */
    bool (*fits)(const struct cf_port_info *info);
    /* Is it one, as far as can be told before claiming it? Only asked if it fits. */
    enum cf_driver_match (*match)(const struct cf_port_info *info);
    /* The port is open. info, port and sink outlive the device; the sink may be called until stop. */
    enum cf_rc (*start)(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err) CF_MUST_CHECK;
    void (*take)(void *device, const struct cf_port_event *event);
    void (*stop)(void *device); /* frees it; accepts NULL; asks the port for nothing any more */
    /* Prints a copy of `bytes` after what was given before; PRINTED with `id` follows, from within stop if it must.
     * NULL: it is no printer. CF_E_BUSY: too many wait; CF_E_PRINTER_OFF, CF_E_LIMIT, CF_E_NO_MEMORY. */
    enum cf_rc (*print)(void *device, uint64_t id, cf_bytes bytes, struct cf_error *err) CF_MUST_CHECK;
};

static inline void cf_device_say(const struct cf_device_sink *sink, enum cf_device_event_kind kind, cf_bytes text,
                                 enum cf_rc rc, const char *why, cf_mono at)
{
    struct cf_device_event event = {.kind = kind, .text = text, .rc = rc, .why = why, .at = at};
    sink->take(sink->ctx, &event);
}

#endif
