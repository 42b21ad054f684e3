/*
 * drivers/scanner/wedge_device.c - a scanner that types: set it to boot reports, listen.
 *
 * It is claimed, so that what it types reaches nobody else. Only a maker's name or a rule tells it from a keyboard.
 */
#include <stdlib.h>

#include "drivers/scanner/wedge_proto.h"

#define SET_IDLE 0x0a
#define SET_PROTOCOL 0x0b
#define BOOT_PROTOCOL 0
#define GAP_MS 100 /* a slow wedge leaves 30 ms between keys */

enum state {
    STATE_PROTOCOL, /* asked for boot reports */
    STATE_IDLE,     /* asked to send a report only when something changes */
    STATE_LISTEN,
    STATE_OVER,
};
struct scanner {
    struct cf_scanner common;
    enum state state;
    struct cf_wedge wedge;
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_USB && info->class_code == 3 && info->subclass == 1 && info->protocol == 1 &&
           info->in_endpoint != 0;
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    return cf_scanner_is_makers(info->vendor) ? CF_MATCH_YES : CF_MATCH_NO;
}

static void ask(struct scanner *scanner, enum state state, uint8_t request, uint16_t value)
{
    struct cf_port_setup setup = {
        .request_type = 0x21, .request = request, .value = value, .index = scanner->common.info->interface};
    scanner->state = state;
    scanner->common.port.ops->control(scanner->common.port.ctx, &setup, (cf_bytes){0});
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    struct scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "scanner");
    cf_scanner_init(&scanner->common, info, port, sink);
    cf_wedge_init(&scanner->wedge);
    *ret_device = scanner;
    ask(scanner, STATE_PROTOCOL, SET_PROTOCOL, BOOT_PROTOCOL);
    return CF_OK;
}

static void say(const struct scanner *scanner, unsigned result, cf_mono at)
{
    cf_scanner_say(&scanner->common, result, cf_wedge_text(&scanner->wedge), "not all that it typed was understood",
                   at);
}

static void take_report(struct scanner *scanner, const struct cf_port_event *event)
{
    bool good = event->status == CF_PORT_DONE;
    if (cf_scanner_fails(&scanner->common, good, "the scanner's reports do not arrive")) {
        scanner->state = STATE_OVER;
        return;
    }
    /* A report that did not arrive whole damages the scan, as one byte does. */
    unsigned result = cf_wedge_take(&scanner->wedge, good ? event->data : cf_bytes_of("", 1));
    scanner->common.port.ops->wake(scanner->common.port.ctx, cf_wedge_is_open(&scanner->wedge) ? GAP_MS : 0);
    say(scanner, result, event->at);
}

static void take(void *device, const struct cf_port_event *event)
{
    struct scanner *scanner = device;
    switch (scanner->state) {
    case STATE_PROTOCOL: /* whoever refuses it, knows no other reports */
        if (event->kind == CF_PORT_CONTROL_DONE)
            ask(scanner, STATE_IDLE, SET_IDLE, 0);
        break;
    case STATE_IDLE:
        if (event->kind != CF_PORT_CONTROL_DONE)
            break;
        scanner->state = STATE_LISTEN;
        cf_scanner_listen(&scanner->common, event->at);
        break;
    case STATE_LISTEN:
        if (event->kind == CF_PORT_IN)
            take_report(scanner, event);
        else if (event->kind == CF_PORT_WAKE)
            say(scanner, cf_wedge_gap(&scanner->wedge), event->at);
        break;
    case STATE_OVER:
        break;
    }
}

static void stop(void *device)
{
    free(device);
}

const struct cf_driver cf_scanner_wedge = {
    .name = "wedge", .fits = fits, .match = match, .start = start, .take = take, .stop = stop};
