/*
 * drivers/scanner/hid_pos_device.c - a HID point-of-sale scanner: learn its layout, wake it up, listen.
 *
 * What its reports mean is in hid_pos_proto.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "drivers/scanner/hid_pos_proto.h"

#define GET_DESCRIPTOR 0x06
#define SET_REPORT 0x09
#define HID_REPORT_DESCRIPTOR 0x2200
#define FEATURE 0x0300
#define PART_MS 500 /* between two reports of one scan; they come within a few frames of the bus */

#define HID_CLASS 3
#define HONEYWELL_HID_POS 0xfe /* their feature report: 1 makes them send reports at all */

enum state {
    STATE_DESCRIPTOR, /* asked for the report descriptor */
    STATE_ENABLE,     /* told it to send */
    STATE_LISTEN,
    STATE_OVER, /* declined or failed */
};
struct scanner {
    struct cf_scanner common;
    enum state state;
    struct cf_hid_pos pos;
};

static bool fits(const struct cf_port_info *info)
{
    /* A boot keyboard or mouse (USB HID 1.11, 4.2) is somebody's even if it calls itself a scanner besides. */
    return info->bus == CF_PORT_USB && info->class_code == HID_CLASS && info->in_endpoint != 0 &&
           !(info->subclass == 1 && info->protocol != 0);
}

static enum cf_rc layout_of(cf_bytes descriptor, struct cf_hid_pos_layout *ret, struct cf_error *err)
{
    struct cf_hid_report report;
    enum cf_rc rc = cf_hid_report_parse(descriptor, &report, err);
    return rc == CF_OK ? cf_hid_pos_layout_find(&report, ret, err) : rc;
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    struct cf_hid_pos_layout layout;
    if (info->n_report > 0)
        return layout_of(cf_bytes_of(info->report, info->n_report), &layout, NULL) == CF_OK ? CF_MATCH_YES
                                                                                            : CF_MATCH_NO;
    if (!info->settled)
        return CF_MATCH_LATER;
    return info->kernel_holds ? CF_MATCH_NO : CF_MATCH_ASK;
}

static void listen(struct scanner *scanner, cf_mono at)
{
    scanner->state = STATE_LISTEN;
    cf_scanner_listen(&scanner->common, at);
}

/* The layout is known. */
static void enable(struct scanner *scanner, const struct cf_hid_pos_layout *layout, cf_mono at)
{
    static const uint8_t on[] = {HONEYWELL_HID_POS, 1};
    cf_hid_pos_init(&scanner->pos, layout);
    if (scanner->common.info->vendor != 0x0c2e && scanner->common.info->vendor != 0x23d0) {
        listen(scanner, at);
        return;
    }
    struct cf_port_setup setup = {.request_type = 0x21,
                                  .request = SET_REPORT,
                                  .value = FEATURE | HONEYWELL_HID_POS,
                                  .index = scanner->common.info->interface,
                                  .length = sizeof on};
    scanner->state = STATE_ENABLE;
    scanner->common.port.ops->control(scanner->common.port.ctx, &setup, cf_bytes_of(on, sizeof on));
}

static void ask_descriptor(struct scanner *scanner)
{
    uint16_t n = scanner->common.info->report_descriptor_bytes;
    struct cf_port_setup setup = {.request_type = 0x81,
                                  .request = GET_DESCRIPTOR,
                                  .value = HID_REPORT_DESCRIPTOR,
                                  .index = scanner->common.info->interface,
                                  .length = n > 0 && n <= CF_PORT_DESCRIPTOR_MAX ? n : CF_PORT_DESCRIPTOR_MAX};
    scanner->state = STATE_DESCRIPTOR;
    scanner->common.port.ops->control(scanner->common.port.ctx, &setup, (cf_bytes){0});
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    struct scanner *scanner = calloc(1, sizeof *scanner);
    struct cf_hid_pos_layout layout;
    if (scanner == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "scanner");
    cf_scanner_init(&scanner->common, info, port, sink);
    *ret_device = scanner;
    if (info->n_report > 0 && layout_of(cf_bytes_of(info->report, info->n_report), &layout, NULL) == CF_OK)
        enable(scanner, &layout, (cf_mono){0});
    else
        ask_descriptor(scanner);
    return CF_OK;
}

static void over(struct scanner *scanner, enum cf_rc rc, const char *why)
{
    scanner->state = STATE_OVER;
    scanner->common.port.ops->fail(scanner->common.port.ctx, rc, why);
}

static void take_descriptor(struct scanner *scanner, const struct cf_port_event *event)
{
    struct cf_hid_pos_layout layout;
    if (event->status != CF_PORT_DONE) {
        over(scanner, CF_E_DEVICE_FAULT, "the scanner does not say what it sends");
    } else if (layout_of(event->data, &layout, NULL) == CF_OK) {
        enable(scanner, &layout, event->at);
    } else {
        scanner->state = STATE_OVER;
        scanner->common.port.ops->decline(scanner->common.port.ctx);
    }
}

static void say(const struct scanner *scanner, unsigned result, cf_mono at)
{
    cf_scanner_say(&scanner->common, result, cf_hid_pos_text(&scanner->pos), "a part of the scan did not arrive", at);
}

static void take_report(struct scanner *scanner, const struct cf_port_event *event)
{
    bool good = event->status == CF_PORT_DONE;
    if (cf_scanner_fails(&scanner->common, good, "the scanner's reports do not arrive")) {
        scanner->state = STATE_OVER;
        return;
    }
    unsigned result =
        good ? cf_hid_pos_take(&scanner->pos, event->data) : cf_hid_pos_gap(&scanner->pos) | CF_SCANNER_LOST;
    scanner->common.port.ops->wake(scanner->common.port.ctx, scanner->pos.partial ? PART_MS : 0);
    say(scanner, result, event->at);
}

static void take(void *device, const struct cf_port_event *event)
{
    struct scanner *scanner = device;
    switch (scanner->state) {
    case STATE_DESCRIPTOR:
        if (event->kind == CF_PORT_CONTROL_DONE)
            take_descriptor(scanner, event);
        break;
    case STATE_ENABLE:
        if (event->kind == CF_PORT_CONTROL_DONE)
            listen(scanner, event->at); /* those that refuse it send without it */
        break;
    case STATE_LISTEN:
        if (event->kind == CF_PORT_IN)
            take_report(scanner, event);
        else if (event->kind == CF_PORT_WAKE)
            say(scanner, cf_hid_pos_gap(&scanner->pos), event->at);
        break;
    case STATE_OVER:
        break;
    }
}

static void stop(void *device)
{
    free(device);
}

const struct cf_driver cf_scanner_hid_pos = {
    .name = "hid-pos", .fits = fits, .match = match, .start = start, .take = take, .stop = stop};
