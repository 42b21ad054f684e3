/*
 * app/counter/devices.c - see devices.h.
 */
#include "app/counter/devices.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "app/counter/printer_role.h"
#include "base/env.h"
#include "drivers/camera/live.h"
#include "drivers/display/pole_display.h"
#include "drivers/line/line.h"
#include "drivers/printer/receipt_printer.h"
#include "drivers/scale/scale.h"
#include "drivers/scanner/scanner.h"

struct entry {
    char identity[CF_PORT_IDENTITY_MAX + 1];
    struct cf_device_seen seen;
};
struct cf_devices {
    struct cf_devices_options options;
    struct cf_usb *usb;   /* NULL: `no_usb` says why, or nothing on it is wanted */
    struct cf_line *line; /* to a printer; NULL: it has none */
    struct cf_line *scanner, *scale;
    struct cf_error weight_error; /* rc CF_OK: `weight_g` lies on the scale */
    int32_t weight_g;
    bool weight_sold;
    uint32_t keyboard[CF_DEVICES_RULES_MAX]; /* that rules call scanners, vendor << 16 | product */
    size_t n_keyboards;
    struct cf_live *live; /* a camera, or NULL */
    enum cf_rc no_usb, printer;
    struct cf_printer_said said;
    bool drawer_known, drawer_open, paper_low;
    struct cf_line *display;
    struct cf_display_text shows;
    bool has_shows, display_fresh; /* fresh: shown nothing since it came */
    struct cf_printer_role role;   /* of printers on the USB */
    int epoll;                     /* of all */
    const struct cf_driver *driver[CF_SCANNER_DRIVERS + 2];
    uint64_t job[CF_DEVICES_JOBS_MAX]; /* under way */
    size_t n_jobs;
    struct entry entry[CF_DEVICES_SEEN_MAX];
    size_t n_entries;
};

/* --- which there are --------------------------------------------------------------------------------------------- */

/* Where there is no room, one that works no more goes. NULL: all work. */
static struct entry *entry_of(struct cf_devices *devices, const char *identity)
{
    for (size_t i = 0; i < devices->n_entries; i++)
        if (strcmp(devices->entry[i].identity, identity) == 0)
            return &devices->entry[i];
    if (devices->n_entries < CF_DEVICES_SEEN_MAX)
        return &devices->entry[devices->n_entries++];
    for (size_t i = 0; i < devices->n_entries; i++)
        if (devices->entry[i].seen.rc != CF_OK)
            return &devices->entry[i];
    return NULL;
}

static void note(struct cf_devices *devices, const struct cf_port_info *info, enum cf_rc rc)
{
    char identity[CF_PORT_IDENTITY_MAX + 1];
    cf_port_identity(info, identity);
    struct entry *entry = entry_of(devices, identity);
    if (entry == NULL)
        return;
    memcpy(entry->identity, identity, sizeof identity);
    memcpy(entry->seen.name, info->name, sizeof info->name);
    entry->seen.rc = rc;
}

static void tell(const struct cf_devices *devices, const struct cf_device_event *event)
{
    struct cf_error err = {.rc = CF_OK};
    if (event->rc != CF_OK)
        (void)cf_fail(&err, event->rc, "%s", event->why);
    devices->options.told(devices->options.ctx, event->info->name, &err);
}

static void forget_job(struct cf_devices *devices, uint64_t id)
{
    for (size_t i = 0; i < devices->n_jobs; i++) {
        if (devices->job[i] != id)
            continue;
        devices->n_jobs--;
        memmove(&devices->job[i], &devices->job[i + 1], (devices->n_jobs - i) * sizeof devices->job[0]);
        return;
    }
}

/* A spare: told that it is one, and where it comes and goes nothing else. */
static void hear_spare(const struct cf_devices *devices, const struct cf_device_event *event)
{
    struct cf_error err;
    if (event->kind != CF_DEVICE_UP)
        return;
    (void)cf_fail(&err, CF_E_PRINTER_SPARE, "%s gets the receipts", devices->role.identity);
    devices->options.told(devices->options.ctx, event->info->name, &err);
}

/* Is the event of the printer that gets the receipts? */
static bool is_the_one(struct cf_devices *devices, const struct cf_device_event *event)
{
    if (event->info->bus != CF_PORT_USB)
        return true;
    return event->kind == CF_DEVICE_UP ? cf_printer_role_take(&devices->role, event->info)
                                       : cf_printer_role_is(&devices->role, event->info);
}

static void hear_drawer(struct cf_devices *devices, const struct cf_device_event *event)
{
    bool open = event->drawer_pin == devices->options.drawer_open_is_high;
    struct cf_error err = {.rc = CF_OK};
    if (!devices->options.drawer_sensed || !event->has_drawer ||
        (devices->drawer_known && open == devices->drawer_open))
        return;
    devices->drawer_known = true;
    if (!open && !devices->drawer_open)
        return; /* it was never said to be open */
    devices->drawer_open = open;
    if (open)
        (void)cf_fail(&err, CF_E_DRAWER_OPEN, "the drawer's switch");
    devices->options.told(devices->options.ctx, "drawer", &err);
}

/* How it is, said once; what it says of the drawer is another thing. */
static void hear_status(struct cf_devices *devices, const struct cf_device_event *event)
{
    bool is_up = event->kind == CF_DEVICE_UP;
    struct cf_error err = {.rc = CF_OK};
    size_t n = event->text.n < CF_PORT_TEXT_MAX ? event->text.n : CF_PORT_TEXT_MAX;
    if (is_up) {
        devices->said = (struct cf_printer_said){.vendor = event->info->vendor, .product = event->info->product};
        memcpy(devices->said.model, event->text.p, n);
        devices->paper_low = false;
    }
    if (is_up || event->rc != devices->printer || event->paper_low != devices->paper_low) {
        devices->printer = event->rc;
        devices->paper_low = event->paper_low;
        if (event->rc != CF_OK || event->paper_low)
            (void)cf_fail(&err, event->rc != CF_OK ? event->rc : CF_E_PRINTER_PAPER_LOW, "%s", event->why);
        devices->options.told(devices->options.ctx, event->info->name, &err);
    }
    hear_drawer(devices, event);
}

static void hear_printer(struct cf_devices *devices, const struct cf_device_event *event)
{
    struct cf_error err = {.rc = CF_OK};
    if (event->kind != CF_DEVICE_PRINTED && !is_the_one(devices, event)) {
        hear_spare(devices, event);
        if (event->kind == CF_DEVICE_DOWN && event->rc == CF_E_DEVICE_GONE)
            (void)cf_printer_role_leave(&devices->role, event->info);
        return;
    }
    switch (event->kind) {
    case CF_DEVICE_UP:
    case CF_DEVICE_STATUS:
        hear_status(devices, event);
        break;
    case CF_DEVICE_DOWN:
    case CF_DEVICE_TROUBLE:
        devices->printer = CF_E_PRINTER_OFF;
        (void)cf_fail(&err, CF_E_PRINTER_OFF, "%s", event->why);
        devices->options.told(devices->options.ctx, event->info->name, &err);
        if (event->rc == CF_E_DEVICE_GONE && cf_printer_role_leave(&devices->role, event->info)) {
            devices->printer = CF_OK;
            devices->said = (struct cf_printer_said){.vendor = 0}; /* whatever fits any */
            err = (struct cf_error){.rc = CF_OK};
            devices->options.told(devices->options.ctx, devices->role.identity, &err);
        }
        break;
    case CF_DEVICE_PRINTED:
        forget_job(devices, event->job);
        if (event->rc != CF_OK)
            (void)cf_fail(&err, event->rc, "%s", event->why);
        devices->options.printed(devices->options.ctx, event->job, &err);
        break;
    case CF_DEVICE_SCAN:
    case CF_DEVICE_WEIGHT:
        break;
    }
}

static bool cannot_weigh(enum cf_rc rc)
{
    return rc == CF_E_SCALE_OFF || rc == CF_E_SCALE_FAULT;
}

/* Only what keeps it from weighing at all is told: that nothing lies on it, or that it moves, is seen where it counts.
 */
static void hear_scale(struct cf_devices *devices, const struct cf_device_event *event)
{
    bool gone = event->kind == CF_DEVICE_DOWN || event->kind == CF_DEVICE_TROUBLE;
    if (event->kind == CF_DEVICE_UP) /* how it is follows */
        return;
    bool was_broken = cannot_weigh(devices->weight_error.rc);
    devices->weight_sold = false;
    devices->weight_g = event->weight_g;
    devices->weight_error.rc = CF_OK;
    if (gone)
        (void)cf_fail(&devices->weight_error, CF_E_SCALE_OFF, "%s", event->why);
    else if (event->rc != CF_OK)
        (void)cf_fail(&devices->weight_error, event->rc, "%s", event->why);
    bool is_broken = cannot_weigh(devices->weight_error.rc);
    if (is_broken || was_broken) {
        const struct cf_error works = {.rc = CF_OK};
        devices->options.told(devices->options.ctx, event->info->name, is_broken ? &devices->weight_error : &works);
    }
}

/* ---- the shopper's display ---- */

static void show(struct cf_devices *devices)
{
    struct cf_display_frame frame;
    struct cf_error err;
    if (!devices->has_shows || devices->display == NULL ||
        cf_display_encode(&devices->options.display_model, &devices->shows, devices->display_fresh, &frame, &err) !=
            CF_OK)
        return;
    if (cf_line_print(devices->display, 0, cf_bytes_of(frame.bytes, frame.n), &err) == CF_OK)
        devices->display_fresh = false; /* else it is shown when the display comes */
}

/* What does not work is said, and that it does again; what was shown and is not any more is nobody's business. */
static void hear_display(struct cf_devices *devices, const struct cf_device_event *event)
{
    if (event->kind == CF_DEVICE_PRINTED)
        return;
    if (event->kind == CF_DEVICE_UP)
        devices->display_fresh = true;
    tell(devices, event);
}

void cf_devices_show(struct cf_devices *devices, const struct cf_display_text *text)
{
    if (devices->has_shows && memcmp(&devices->shows, text, sizeof *text) == 0)
        return;
    devices->shows = *text;
    devices->has_shows = true;
    show(devices);
}

static void hear(void *ctx, const struct cf_device_event *event)
{
    struct cf_devices *devices = ctx;
    if (strcmp(event->driver, cf_receipt_printer.name) == 0) {
        hear_printer(devices, event);
        return;
    }
    if (strcmp(event->driver, cf_pole_display.name) == 0) {
        hear_display(devices, event);
        return;
    }
    if (strcmp(event->driver, cf_scale_hid.name) == 0 || strcmp(event->driver, cf_scale_toledo.name) == 0) {
        hear_scale(devices, event);
        return;
    }
    switch (event->kind) {
    case CF_DEVICE_UP:
    case CF_DEVICE_DOWN:
        note(devices, event->info, event->rc);
        tell(devices, event);
        break;
    case CF_DEVICE_TROUBLE:
        if (event->rc != CF_E_DEVICE_LOST && event->rc != CF_E_CODE_SIZE && event->rc != CF_E_CAMERA_FOCUS &&
            event->rc != CF_E_UNSUPPORTED) /* of a scan, or its lamp: the device goes on */
            note(devices, event->info, event->rc);
        tell(devices, event);
        break;
    case CF_DEVICE_SCAN:
        devices->options.scan(devices->options.ctx, event->text);
        break;
    case CF_DEVICE_STATUS:
    case CF_DEVICE_PRINTED:
    case CF_DEVICE_WEIGHT:
        break;
    }
}

size_t cf_devices_seen(const struct cf_devices *devices, struct cf_device_seen ret[CF_DEVICES_SEEN_MAX])
{
    for (size_t i = 0; i < devices->n_entries; i++)
        ret[i] = devices->entry[i].seen;
    return devices->n_entries;
}

/* --- the printer -------------------------------------------------------------------------------------------------- */

enum cf_rc cf_devices_print(struct cf_devices *devices, uint64_t id, cf_bytes bytes, struct cf_error *err)
{
    if (devices->n_jobs == CF_DEVICES_JOBS_MAX)
        return cf_fail(err, CF_E_BUSY, "%d receipts wait for the printer", CF_DEVICES_JOBS_MAX);
    if (devices->line == NULL && devices->usb == NULL)
        return cf_fail(err, CF_E_PRINTER_OFF, "there is no USB here");
    if (devices->line == NULL && devices->role.identity[0] == '\0')
        return cf_fail(err, CF_E_PRINTER_OFF, "no printer is connected");
    devices->job[devices->n_jobs++] = id; /* before: what cannot be written may be told from within */
    enum cf_rc rc = devices->line != NULL ? cf_line_print(devices->line, id, bytes, err)
                                          : cf_usb_print(devices->usb, devices->role.identity, id, bytes, err);
    if (rc != CF_OK)
        forget_job(devices, id);
    return rc;
}

bool cf_devices_prints(const struct cf_devices *devices, uint64_t id)
{
    for (size_t i = 0; i < devices->n_jobs; i++)
        if (devices->job[i] == id)
            return true;
    return false;
}

bool cf_devices_prints_any(const struct cf_devices *devices)
{
    return devices->n_jobs > 0;
}

enum cf_rc cf_devices_printer(const struct cf_devices *devices)
{
    return devices->options.printer != NULL ? devices->printer : CF_E_NOT_FOUND;
}

void cf_devices_printer_said(const struct cf_devices *devices, struct cf_printer_said *ret)
{
    *ret = devices->said;
}

bool cf_devices_drawer_is_open(const struct cf_devices *devices)
{
    return devices->drawer_open;
}

/* --- the scale ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_devices_scale(const struct cf_devices *devices, int32_t *ret_g, struct cf_error *err)
{
    const struct cf_error *why = &devices->weight_error;
    if (devices->options.scale == NULL)
        return cf_fail(err, CF_E_NOT_FOUND, "there is no scale");
    if (why->rc != CF_OK)
        return cf_fail(err, why->rc, "%s", why->detail);
    *ret_g = devices->weight_g;
    return CF_OK;
}

enum cf_rc cf_devices_weigh(struct cf_devices *devices, int32_t tare_g, int32_t *ret_g, struct cf_error *err)
{
    int32_t gross_g = 0;
    enum cf_rc rc = cf_devices_scale(devices, &gross_g, err);
    if (rc != CF_OK)
        return rc;
    if (devices->weight_sold)
        return cf_fail(err, CF_E_SCALE_SAME, "the scale has not moved since");
    if (tare_g < 0 || tare_g >= gross_g)
        return cf_fail(err, CF_E_SCALE_TARE, "%ld g lie on the scale", (long)gross_g);
    devices->weight_sold = true;
    *ret_g = gross_g - tare_g;
    return CF_OK;
}

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static const struct cf_driver *printer_driver(const struct cf_devices_options *options)
{
    return options->printer_names_jobs ? &cf_receipt_printer_naming : &cf_receipt_printer;
}

/* "usb", or "usb:IDENTITY". */
static bool is_usb(const char *printer)
{
    size_t n = sizeof CF_DEVICES_PRINTER_USB - 1;
    return printer != NULL && strncmp(printer, CF_DEVICES_PRINTER_USB, n) == 0 &&
           (printer[n] == '\0' || (printer[n] == ':' && strlen(printer) - n - 1 <= CF_PORT_IDENTITY_MAX));
}

static const char *usb_identity(const char *printer)
{
    size_t n = sizeof CF_DEVICES_PRINTER_USB - 1;
    return is_usb(printer) && printer[n] == ':' ? printer + n + 1 : NULL;
}

static enum cf_rc open_usb(struct cf_devices *devices, struct cf_error *err)
{
    bool prints = is_usb(devices->options.printer);
    size_t n = 0;
    struct cf_error why;
    for (; !devices->options.no_scanners && n < CF_SCANNER_DRIVERS; n++)
        devices->driver[n] = cf_scanner_drivers[n];
    if (prints)
        devices->driver[n++] = printer_driver(&devices->options);
    if (devices->options.scale != NULL && strcmp(devices->options.scale, CF_DEVICES_SCALE_USB) == 0)
        devices->driver[n++] = &cf_scale_hid;
    const struct cf_usb_options usb = {.env = cf_env_system(),
                                       .drivers = devices->driver,
                                       .n_drivers = n,
                                       .rules = devices->options.rule,
                                       .n_rules = devices->options.n_rules,
                                       .sink = {hear, devices}};
    if (n == 0)
        return CF_OK;
    devices->no_usb = cf_usb_new(&usb, &devices->usb, &why);
    return devices->no_usb == CF_E_NO_MEMORY ? cf_fail(err, CF_E_NO_MEMORY, "USB") : CF_OK;
}

static enum cf_rc open_line(struct cf_devices *devices, struct cf_error *err)
{
    const struct cf_line_options line = {.env = cf_env_system(),
                                         .driver = printer_driver(&devices->options),
                                         .place = devices->options.printer,
                                         .sink = {hear, devices}};
    bool is_line = devices->options.printer != NULL && !is_usb(devices->options.printer);
    return is_line ? cf_line_new(&line, &devices->line, err) : CF_OK;
}

static enum cf_rc open_display(struct cf_devices *devices, struct cf_error *err)
{
    const struct cf_line_options line = {
        .env = cf_env_system(), .driver = &cf_pole_display, .place = devices->options.display, .sink = {hear, devices}};
    return devices->options.display != NULL ? cf_line_new(&line, &devices->display, err) : CF_OK;
}

static enum cf_rc open_scanner(struct cf_devices *devices, struct cf_error *err)
{
    const char *place = devices->options.scanner;
    bool types = place != NULL && strncmp(place, CF_DEVICES_KEYBOARDS, sizeof CF_DEVICES_KEYBOARDS - 1) == 0;
    for (size_t i = 0; i < devices->options.n_rules; i++) {
        const struct cf_usb_rule *rule = &devices->options.rule[i];
        if (rule->driver != NULL && strcmp(rule->driver, cf_scanner_evdev.name) == 0)
            devices->keyboard[devices->n_keyboards++] = (uint32_t)rule->vendor << 16 | rule->product;
    }
    const struct cf_line_options line = {.env = cf_env_system(),
                                         .driver = types ? &cf_scanner_evdev : &cf_scanner_serial,
                                         .allowed = devices->keyboard,
                                         .n_allowed = devices->n_keyboards,
                                         .place = place,
                                         .sink = {hear, devices}};
    return devices->options.scanner != NULL ? cf_line_new(&line, &devices->scanner, err) : CF_OK;
}

static enum cf_rc open_scale(struct cf_devices *devices, struct cf_error *err)
{
    const struct cf_line_options line = {
        .env = cf_env_system(), .driver = &cf_scale_toledo, .place = devices->options.scale, .sink = {hear, devices}};
    bool is_line = devices->options.scale != NULL && strcmp(devices->options.scale, CF_DEVICES_SCALE_USB) != 0;
    return is_line ? cf_line_new(&line, &devices->scale, err) : CF_OK;
}

static enum cf_rc open_camera(struct cf_devices *devices, struct cf_error *err)
{
    const struct cf_video_port *kernel = cf_video_kernel();
    const struct cf_live_options live = {.path = devices->options.camera,
                                         .port = devices->options.video != NULL ? devices->options.video : kernel,
                                         .sink = {hear, devices}};
    if (devices->options.camera == NULL)
        return CF_OK;
    enum cf_rc rc = cf_live_new(&live, &devices->live, err);
    if (rc == CF_OK && devices->options.camera_lamp)
        cf_live_torch(devices->live, true);
    return rc;
}

static enum cf_rc watch(struct cf_devices *devices, struct cf_error *err)
{
    const int all[] = {devices->usb != NULL ? cf_usb_fd(devices->usb) : -1,
                       devices->line != NULL ? cf_line_fd(devices->line) : -1,
                       devices->scanner != NULL ? cf_line_fd(devices->scanner) : -1,
                       devices->display != NULL ? cf_line_fd(devices->display) : -1,
                       devices->scale != NULL ? cf_line_fd(devices->scale) : -1,
                       devices->live != NULL ? cf_live_fd(devices->live) : -1};
    struct epoll_event event = {.events = EPOLLIN};
    devices->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (devices->epoll < 0)
        return cf_fail_errno(err, errno, "devices");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] >= 0 && epoll_ctl(devices->epoll, EPOLL_CTL_ADD, all[i], &event) != 0)
            return cf_fail_errno(err, errno, "devices");
    return CF_OK;
}

enum cf_rc cf_devices_new(const struct cf_devices_options *options, struct cf_devices **ret, struct cf_error *err)
{
    struct cf_devices *devices = calloc(1, sizeof *devices);
    if (devices == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "devices");
    devices->options = *options;
    devices->epoll = -1;
    devices->printer = CF_E_PRINTER_OFF;
    (void)cf_fail(&devices->weight_error, CF_E_SCALE_OFF, "no scale is connected");
    cf_printer_role_init(&devices->role, usb_identity(options->printer));
    enum cf_rc rc = open_line(devices, err);
    if (rc == CF_OK)
        rc = open_scanner(devices, err);
    if (rc == CF_OK)
        rc = open_display(devices, err);
    if (rc == CF_OK)
        rc = open_scale(devices, err);
    if (rc == CF_OK)
        rc = open_usb(devices, err);
    if (rc == CF_OK)
        rc = open_camera(devices, err);
    if (rc == CF_OK)
        rc = watch(devices, err);
    if (rc != CF_OK) {
        cf_devices_free(devices);
        return rc;
    }
    *ret = devices;
    return CF_OK;
}

void cf_devices_free(struct cf_devices *devices)
{
    if (devices == NULL)
        return;
    cf_live_free(devices->live);
    cf_usb_free(devices->usb);
    cf_line_free(devices->line);
    cf_line_free(devices->scanner);
    cf_line_free(devices->display);
    cf_line_free(devices->scale);
    if (devices->epoll >= 0)
        close(devices->epoll);
    free(devices);
}

enum cf_rc cf_devices_no_usb(const struct cf_devices *devices)
{
    return devices->no_usb;
}

int cf_devices_fd(const struct cf_devices *devices)
{
    return devices->epoll;
}

/* It came just now: what it should show is shown then, not from within its own driver. */
static void dispatch_display(struct cf_devices *devices)
{
    cf_line_dispatch(devices->display);
    if (devices->display_fresh)
        show(devices);
}

void cf_devices_dispatch(struct cf_devices *devices)
{
    if (devices->usb != NULL)
        cf_usb_dispatch(devices->usb);
    if (devices->line != NULL)
        cf_line_dispatch(devices->line);
    if (devices->live != NULL)
        cf_live_dispatch(devices->live);
    if (devices->display != NULL)
        dispatch_display(devices);
    if (devices->scanner != NULL)
        cf_line_dispatch(devices->scanner);
    if (devices->scale != NULL)
        cf_line_dispatch(devices->scale);
}

void cf_devices_wait(struct cf_devices *devices, int64_t most_ms, bool (*done)(const void *ctx), const void *ctx)
{
    const struct cf_env *env = cf_env_system();
    int64_t until_us = cf_env_mono(env).us + most_ms * CF_US_PER_MS;
    while (!done(ctx) && cf_env_mono(env).us < until_us) {
        struct pollfd p = {.fd = cf_devices_fd(devices), .events = POLLIN};
        (void)poll(&p, 1, 50);
        cf_devices_dispatch(devices);
    }
}

/* --- how it is told ----------------------------------------------------------------------------------------------- */

static bool parse_hex4(const char *text, uint16_t *ret)
{
    char hex[5] = {0};
    uint8_t bytes[2];
    memcpy(hex, text, 4);
    if (cf_hex_decode(hex, bytes, sizeof bytes, NULL) != CF_OK)
        return false;
    *ret = (uint16_t)(bytes[0] << 8 | bytes[1]);
    return true;
}

bool cf_devices_rule(const char *text, struct cf_devices_options *options)
{
    struct cf_usb_rule rule = {.driver = NULL};
    if (options->n_rules == CF_DEVICES_RULES_MAX || strlen(text) < 11 || text[4] != ':' || text[9] != '=' ||
        !parse_hex4(text, &rule.vendor) || !parse_hex4(text + 5, &rule.product))
        return false;
    for (size_t i = 0; i < CF_SCANNER_DRIVERS; i++)
        if (strcmp(text + 10, cf_scanner_drivers[i]->name) == 0)
            rule.driver = cf_scanner_drivers[i]->name;
    if (strcmp(text + 10, cf_scanner_evdev.name) == 0)
        rule.driver = cf_scanner_evdev.name;
    if (rule.driver == NULL && strcmp(text + 10, "none") != 0)
        return false;
    options->rule[options->n_rules++] = rule;
    return true;
}

bool cf_devices_display(char *text, struct cf_devices_options *options)
{
    static const char chinese[] = ",gb18030", escpos[] = ",escpos", cd5220[] = ",cd5220";
    size_t n = strlen(text);
    struct cf_display_model model = {.language = CF_DISPLAY_ESCPOS};
    if (n >= sizeof chinese && strcmp(text + n - (sizeof chinese - 1), chinese) == 0) {
        model.gb18030 = true;
        n -= sizeof chinese - 1;
        text[n] = '\0';
    }
    if (n < sizeof escpos)
        return false;
    char *language = text + n - (sizeof escpos - 1);
    if (strcmp(language, cd5220) == 0)
        model.language = CF_DISPLAY_CD5220;
    else if (strcmp(language, escpos) != 0)
        return false;
    *language = '\0';
    options->display = text;
    options->display_model = model;
    return true;
}

bool cf_devices_option(int option, char *value, struct cf_devices_options *options)
{
    if (option == 0x310)
        return cf_devices_display(value, options);
    if (option == 0x312) {
        options->camera_lamp = true;
        return true;
    }
    if (option != 0x311 || (strcmp(value, "high") != 0 && strcmp(value, "low") != 0))
        return false;
    options->drawer_sensed = true;
    options->drawer_open_is_high = strcmp(value, "high") == 0;
    return true;
}
