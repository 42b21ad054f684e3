/*
 * drivers/scanner/evdev_device.c - a scanner that types, where only the kernel's keyboard driver can reach it.
 *
 * The line (drivers/line) has taken it for itself, so that nobody else hears what it types. Only a known maker's is
 * taken, or one that a rule names: never a keyboard.
 */
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/scanner/evdev_proto.h"

#define GAP_MS 100

struct scanner {
    struct cf_scanner common;
    struct cf_evdev evdev;
    size_t n_part; /* of an event that was cut */
    uint8_t part[sizeof(struct input_event)];
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_INPUT;
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    return cf_scanner_is_makers(info->vendor) ? CF_MATCH_YES : CF_MATCH_NO;
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    struct scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "scanner");
    cf_scanner_init(&scanner->common, info, port, sink);
    cf_evdev_init(&scanner->evdev);
    *ret_device = scanner;
    cf_scanner_listen(&scanner->common, (cf_mono){0});
    return CF_OK;
}

static void say(const struct scanner *scanner, unsigned result, cf_mono at)
{
    cf_scanner_say(&scanner->common, result, cf_wedge_text(&scanner->evdev.wedge),
                   "not all that it typed was understood", at);
}

static void take_byte(struct scanner *scanner, uint8_t byte, cf_mono at)
{
    struct input_event event;
    scanner->part[scanner->n_part++] = byte;
    if (scanner->n_part < sizeof scanner->part)
        return;
    scanner->n_part = 0;
    memcpy(&event, scanner->part, sizeof event);
    say(scanner, cf_evdev_take(&scanner->evdev, event.type, event.code, event.value), at);
}

static void take(void *device, const struct cf_port_event *event)
{
    struct scanner *scanner = device;
    if (event->kind == CF_PORT_WAKE)
        say(scanner, cf_wedge_gap(&scanner->evdev.wedge), event->at);
    if (event->kind != CF_PORT_IN)
        return;
    for (size_t i = 0; i < event->data.n; i++)
        take_byte(scanner, event->data.p[i], event->at);
    scanner->common.port.ops->wake(scanner->common.port.ctx, cf_wedge_is_open(&scanner->evdev.wedge) ? GAP_MS : 0);
}

static void stop(void *device)
{
    free(device);
}

const struct cf_driver cf_scanner_evdev = {
    .name = "evdev", .fits = fits, .match = match, .start = start, .take = take, .stop = stop};
