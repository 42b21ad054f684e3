/*
 * drivers/scanner/serial_device.c - a scanner on a line: CDC-ACM (set the line up, listen) or a serial port (listen).
 *
 * USB CDC PSTN 1.2, 6.3. What looks like a modem is taken only if its maker makes scanners, or a rule says so.
 */
#include <stdlib.h>

#include "drivers/scanner/serial_proto.h"

#define SET_LINE_CODING 0x20
#define SET_CONTROL_LINE_STATE 0x22
#define DTR_AND_RTS 3
#define GAP_MS 100
#define CDC_DATA_CLASS 0x0a

enum state {
    STATE_CODING, /* told speed and form of the line; a USB scanner has none, but some wait for it */
    STATE_LINES,  /* told that somebody is there */
    STATE_LISTEN,
    STATE_OVER,
};
struct scanner {
    struct cf_scanner common;
    enum state state;
    struct cf_serial_scan scan;
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_TTY || (info->class_code == CDC_DATA_CLASS && info->in_endpoint != 0);
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_TTY || cf_scanner_is_makers(info->vendor) ? CF_MATCH_YES : CF_MATCH_NO;
}

static void ask(struct scanner *scanner, enum state state, uint8_t request, uint16_t value, cf_bytes out)
{
    struct cf_port_setup setup = {.request_type = 0x21,
                                  .request = request,
                                  .value = value,
                                  .index = scanner->common.info->control_interface,
                                  .length = (uint16_t)out.n};
    scanner->state = state;
    scanner->common.port.ops->control(scanner->common.port.ctx, &setup, out);
}

static void listen(struct scanner *scanner, cf_mono at)
{
    scanner->state = STATE_LISTEN;
    cf_scanner_listen(&scanner->common, at);
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    static const uint8_t coding[] = {0x80, 0x25, 0, 0, 0, 0, 8}; /* 9600 bits a second, 1 stop bit, no parity, 8 bits */
    struct scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "scanner");
    cf_scanner_init(&scanner->common, info, port, sink);
    cf_serial_scan_init(&scanner->scan);
    *ret_device = scanner;
    if (info->bus == CF_PORT_TTY)
        listen(scanner, (cf_mono){0});
    else
        ask(scanner, STATE_CODING, SET_LINE_CODING, 0, cf_bytes_of(coding, sizeof coding));
    return CF_OK;
}

static void say(const struct scanner *scanner, enum cf_scanner_result result, cf_mono at)
{
    cf_scanner_say(&scanner->common, result, cf_serial_scan_text(&scanner->scan), "a part of the scan did not arrive",
                   at);
}

static void take_bytes(struct scanner *scanner, const struct cf_port_event *event)
{
    cf_bytes in = event->data;
    if (cf_scanner_fails(&scanner->common, event->status == CF_PORT_DONE, "the scanner's data does not arrive")) {
        scanner->state = STATE_OVER;
        return;
    }
    while (in.n > 0) {
        size_t used = 0;
        say(scanner, cf_serial_scan_take(&scanner->scan, in, &used), event->at);
        in = cf_bytes_of(in.p + used, in.n - used);
    }
    if (event->status != CF_PORT_DONE)
        cf_serial_scan_damage(&scanner->scan);
    scanner->common.port.ops->wake(scanner->common.port.ctx, cf_serial_scan_is_open(&scanner->scan) ? GAP_MS : 0);
}

static void take(void *device, const struct cf_port_event *event)
{
    struct scanner *scanner = device;
    switch (scanner->state) {
    case STATE_CODING: /* whoever refuses it has no line */
        if (event->kind == CF_PORT_CONTROL_DONE)
            ask(scanner, STATE_LINES, SET_CONTROL_LINE_STATE, DTR_AND_RTS, (cf_bytes){0});
        break;
    case STATE_LINES:
        if (event->kind == CF_PORT_CONTROL_DONE)
            listen(scanner, event->at);
        break;
    case STATE_LISTEN:
        if (event->kind == CF_PORT_IN)
            take_bytes(scanner, event);
        else if (event->kind == CF_PORT_WAKE)
            say(scanner, cf_serial_scan_gap(&scanner->scan), event->at);
        break;
    case STATE_OVER:
        break;
    }
}

static void stop(void *device)
{
    free(device);
}

const struct cf_driver cf_scanner_serial = {
    .name = "serial", .fits = fits, .match = match, .start = start, .take = take, .stop = stop};
