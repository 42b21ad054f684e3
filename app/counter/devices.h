/*
 * app/counter/devices.h - what is plugged in at a till's counter, as a view of the till uses it: scans come in, and
 * what does not work is said in words that a cashier understands.
 *
 * One file descriptor for the view's loop; nothing here waits. One thread.
 */
#ifndef CF_COUNTER_DEVICES_H
#define CF_COUNTER_DEVICES_H

#include "drivers/camera/capture.h"
#include "drivers/display/display_proto.h"
#include "drivers/usb/usb.h"

#define CF_DEVICES_PRINTER_USB "usb" /* or "usb:" and which: "usb:04b8:0202/SN1", "usb:04b8:0202@1-2.3:0" */
#define CF_DEVICES_SCALE_USB "usb"
#define CF_DEVICES_JOBS_MAX 16
#define CF_DEVICES_RULES_MAX 16
#define CF_DEVICES_KEYBOARDS "/dev/input/"
#define CF_DEVICES_SEEN_MAX 4

struct cf_devices_options {
    struct cf_usb_rule rule[CF_DEVICES_RULES_MAX];
    size_t n_rules;
    bool no_scanners;
    const char *scanner;     /* NULL: none but those on the USB; a serial port or a keyboard (line.h) */
    const char *printer;     /* NULL: none; CF_DEVICES_PRINTER_USB, or a place as in drivers/line/line.h */
    const char *scale;       /* NULL: none; CF_DEVICES_SCALE_USB, or a place */
    bool printer_names_jobs; /* its model answers with a job's name (app/receipt/printer_models.h) */
    const char *display;     /* NULL: none; a place as in drivers/line/line.h: a shopper's, of two rows */
    struct cf_display_model display_model;
    bool drawer_sensed, drawer_open_is_high; /* the drawer's switch is wired to the printer, and how */
    const char *camera;                      /* NULL: none; else its path: "/dev/v4l/by-id/..." */
    bool camera_lamp;                        /* is on */
    const struct cf_video_port *video;       /* NULL: the kernel's cameras */
    void *ctx;
    void (*scan)(void *ctx, cf_bytes text); /* as app/core's scans take it */
    /* One begins to work (err CF_OK), does not any more, or lost a scan. */
    void (*told)(void *ctx, const char *name, const struct cf_error *err);
    /* A job is over: CF_OK, CF_E_PRINT_UNKNOWN, or why it was not begun. */
    void (*printed)(void *ctx, uint64_t id, const struct cf_error *err);
};

/* One that was plugged in since we look, also if it works no more. */
struct cf_device_seen {
    char name[CF_PORT_TEXT_MAX + 1]; /* as it calls itself; may be "" */
    enum cf_rc rc;                   /* CF_OK: it works */
};

struct cf_devices;

/* The options are copied, but for the places. Devices that are there are found by the first dispatches. That
 * there is no USB here is no error: a till can do without. CF_E_ARGUMENT: no such place; CF_E_NO_MEMORY, CF_E_IO. */
enum cf_rc cf_devices_new(const struct cf_devices_options *options, struct cf_devices **ret,
                          struct cf_error *err) CF_MUST_CHECK;
void cf_devices_free(struct cf_devices *devices); /* waits a second at most; accepts NULL */
int cf_devices_fd(const struct cf_devices *devices);
/* When the descriptor is readable. Calls scan and told. */
void cf_devices_dispatch(struct cf_devices *devices);
/* Lets them work until `done`, or for so long: for a program that has nothing else to do. */
void cf_devices_wait(struct cf_devices *devices, int64_t most_ms, bool (*done)(const void *ctx), const void *ctx);
/* Why there is no USB here; CF_OK if there is. */
enum cf_rc cf_devices_no_usb(const struct cf_devices *devices);
size_t cf_devices_seen(const struct cf_devices *devices, struct cf_device_seen ret[CF_DEVICES_SEEN_MAX]);

/* Copies a job to the printer: `printed` follows. CF_E_PRINTER_OFF: none is there; CF_E_BUSY: too many wait. */
enum cf_rc cf_devices_print(struct cf_devices *devices, uint64_t id, cf_bytes bytes,
                            struct cf_error *err) CF_MUST_CHECK;
/* Is that job, or is any, under way? */
bool cf_devices_prints(const struct cf_devices *devices, uint64_t id);
bool cf_devices_prints_any(const struct cf_devices *devices);
/* How the printer is: CF_OK, CF_E_PRINTER_... ; CF_E_NOT_FOUND where none is wanted. */
enum cf_rc cf_devices_printer(const struct cf_devices *devices);
/* What the printer said of itself: maker and model, "" if nothing, and its numbers on the USB, 0 on a line. */
struct cf_printer_said {
    char model[CF_PORT_TEXT_MAX + 1];
    uint16_t vendor, product;
};
void cf_devices_printer_said(const struct cf_devices *devices, struct cf_printer_said *ret);
/* Is the drawer open, as far as its switch tells? */
bool cf_devices_drawer_is_open(const struct cf_devices *devices);

/* Shows that, as soon as there is a display, until something else is shown. */
void cf_devices_show(struct cf_devices *devices, const struct cf_display_text *text);
/* "/dev/ttyS1@9600,cd5220", ",escpos", with ",gb18030" behind it where it has Chinese characters: its place, which then
 * is NUL-terminated in `text`, and its model. False: it is none of these. */
bool cf_devices_display(char *text, struct cf_devices_options *options);

/* What lies on the scale now, in grams. CF_E_NOT_FOUND: none is wanted; CF_E_SCALE_...: nothing can be sold by it now.
 */
enum cf_rc cf_devices_scale(const struct cf_devices *devices, int32_t *ret_g, struct cf_error *err) CF_MUST_CHECK;
/* The same less the tare, to sell by. What lies there then is not given twice: CF_E_SCALE_SAME until the scale has told
 * of something else. CF_E_SCALE_TARE. */
enum cf_rc cf_devices_weigh(struct cf_devices *devices, int32_t tare_g, int32_t *ret_g,
                            struct cf_error *err) CF_MUST_CHECK;

/* For getopt_long: "display" (as cf_devices_display takes it), "drawer-sensor" (high or low: at which level it is
 * open), "camera-lamp". */
#define CF_DEVICES_OPTIONS                                                                                             \
    {"display", required_argument, NULL, 0x310}, {"drawer-sensor", required_argument, NULL, 0x311},                    \
    {                                                                                                                  \
        "camera-lamp", no_argument, NULL, 0x312                                                                        \
    }
/* Takes one of these; false: it is none of them, or says nothing that is understood. */
bool cf_devices_option(int option, char *value, struct cf_devices_options *options);

/* "05e0:1200=wedge", "05e0:1200=none": what a model is used as, whatever it seems to be. False: it is none of these. */
bool cf_devices_rule(const char *text, struct cf_devices_options *options);

#endif
