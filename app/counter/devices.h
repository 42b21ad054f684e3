/*
 * app/counter/devices.h - what is plugged in at a till's counter, as a view of the till uses it: scans come in, and
 * what does not work is said in words that a cashier understands.
 *
 * One file descriptor for the view's loop; nothing here waits. One thread.
 */
#ifndef CF_COUNTER_DEVICES_H
#define CF_COUNTER_DEVICES_H

#include "drivers/usb/usb.h"

#define CF_DEVICES_RULES_MAX 16
#define CF_DEVICES_SEEN_MAX 4

struct cf_devices_options {
    struct cf_usb_rule rule[CF_DEVICES_RULES_MAX];
    size_t n_rules;
    void *ctx;
    void (*scan)(void *ctx, cf_bytes text); /* as app/core's scans take it */
    /* One begins to work (err CF_OK), does not any more, or lost a scan. */
    void (*told)(void *ctx, const char *name, const struct cf_error *err);
};

/* One that was plugged in since we look, also if it works no more. */
struct cf_device_seen {
    char name[CF_PORT_TEXT_MAX + 1]; /* as it calls itself; may be "" */
    enum cf_rc rc;                   /* CF_OK: it works */
};

struct cf_devices;

/* The options are copied. Devices that are there are found by the first dispatches. CF_E_DEVICE_RIGHTS,
 * CF_E_DEVICE_FAULT: there is no USB here, which a till can do without; CF_E_NO_MEMORY, CF_E_IO. */
enum cf_rc cf_devices_new(const struct cf_devices_options *options, struct cf_devices **ret,
                          struct cf_error *err) CF_MUST_CHECK;
void cf_devices_free(struct cf_devices *devices); /* waits a second at most; accepts NULL */
int cf_devices_fd(const struct cf_devices *devices);
/* When the descriptor is readable. Calls scan and told. */
void cf_devices_dispatch(struct cf_devices *devices);
size_t cf_devices_seen(const struct cf_devices *devices, struct cf_device_seen ret[CF_DEVICES_SEEN_MAX]);

/* "05e0:1200=wedge", "05e0:1200=none": what a model is used as, whatever it seems to be. False: it is none of these. */
bool cf_devices_rule(const char *text, struct cf_devices_options *options);

#endif
