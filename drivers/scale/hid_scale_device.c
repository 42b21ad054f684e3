/*
 * drivers/scale/hid_scale_device.c - a HID scale: learn its layout, ask it to repeat itself, listen; ask if it is
 * still.
 *
 * What its reports mean is in hid_scale_proto.h. A scale may report always or only what changes (USB HID 1.11, 7.2.4:
 * its idle rate). A weight that stands still and a scale that hangs look alike then, so one that is still is asked, and
 * one that does not answer has no weight until it reports again.
 */
#include <stdlib.h>

#include "drivers/scale/hid_scale_proto.h"

#define GET_REPORT 0x01
#define GET_DESCRIPTOR 0x06
#define SET_IDLE 0x0a
#define HID_REPORT_DESCRIPTOR 0x2200
#define INPUT 0x0100
#define IDLE_100_MS 0x1900 /* in the high byte, by 4 ms */
#define STILL_MS 500
#define HID_CLASS 3

enum state {
    STATE_DESCRIPTOR, /* asked for the report descriptor */
    STATE_IDLE,       /* asked to repeat its reports */
    STATE_LISTEN,
    STATE_OVER, /* declined or failed */
};
struct scale {
    struct cf_scale common;
    enum state state;
    bool asking; /* for a report, since none came */
    struct cf_hid_scale_layout layout;
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_USB && info->class_code == HID_CLASS && info->in_endpoint != 0 &&
           !(info->subclass == 1 && info->protocol != 0);
}

static enum cf_rc layout_of(cf_bytes descriptor, struct cf_hid_scale_layout *ret, struct cf_error *err)
{
    struct cf_hid_report report;
    enum cf_rc rc = cf_hid_report_parse(descriptor, &report, err);
    return rc == CF_OK ? cf_hid_scale_layout_find(&report, ret, err) : rc;
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    struct cf_hid_scale_layout layout;
    if (info->n_report > 0)
        return layout_of(cf_bytes_of(info->report, info->n_report), &layout, NULL) == CF_OK ? CF_MATCH_YES
                                                                                            : CF_MATCH_NO;
    return info->settled ? CF_MATCH_NO : CF_MATCH_LATER;
}

static void control(struct scale *scale, uint8_t request_type, uint8_t request, uint16_t value, uint16_t length)
{
    struct cf_port_setup setup = {.request_type = request_type,
                                  .request = request,
                                  .value = value,
                                  .index = scale->common.info->interface,
                                  .length = length};
    scale->common.port.ops->control(scale->common.port.ctx, &setup, (cf_bytes){0});
}

static void wake(const struct scale *scale)
{
    scale->common.port.ops->wake(scale->common.port.ctx, STILL_MS);
}

/* The layout is known. */
static void begin(struct scale *scale)
{
    scale->state = STATE_IDLE;
    control(scale, 0x21, SET_IDLE, (uint16_t)(IDLE_100_MS | scale->layout.report_id), 0);
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    struct scale *scale = calloc(1, sizeof *scale);
    uint16_t n = info->report_descriptor_bytes;
    if (scale == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "scale");
    cf_scale_init(&scale->common, info, port, sink);
    *ret_device = scale;
    if (info->n_report > 0 && layout_of(cf_bytes_of(info->report, info->n_report), &scale->layout, NULL) == CF_OK) {
        begin(scale);
    } else {
        scale->state = STATE_DESCRIPTOR;
        control(scale, 0x81, GET_DESCRIPTOR, HID_REPORT_DESCRIPTOR,
                n > 0 && n <= CF_PORT_DESCRIPTOR_MAX ? n : CF_PORT_DESCRIPTOR_MAX);
    }
    return CF_OK;
}

static void take_descriptor(struct scale *scale, const struct cf_port_event *event)
{
    const struct cf_port *port = &scale->common.port;
    if (event->status == CF_PORT_DONE && layout_of(event->data, &scale->layout, NULL) == CF_OK) {
        begin(scale);
        return;
    }
    scale->state = STATE_OVER;
    if (event->status == CF_PORT_DONE)
        port->ops->decline(port->ctx);
    else
        port->ops->fail(port->ctx, CF_E_DEVICE_FAULT, "the scale does not say what it sends");
}

/* True: it held a weight. */
static bool take_report(struct scale *scale, const struct cf_port_event *event)
{
    struct cf_weight weight;
    if (event->status != CF_PORT_DONE || !cf_hid_scale_take(&scale->layout, event->data, &weight))
        return false;
    wake(scale);
    cf_scale_say(&scale->common, &weight, event->at);
    return true;
}

static void ask(struct scale *scale, cf_mono at)
{
    wake(scale);
    if (scale->asking) { /* it has not even refused */
        cf_scale_silent(&scale->common, at);
        return;
    }
    scale->asking = true;
    control(scale, 0xa1, GET_REPORT, (uint16_t)(INPUT | scale->layout.report_id), (uint16_t)scale->layout.report_bytes);
}

static void take_listening(struct scale *scale, const struct cf_port_event *event)
{
    switch (event->kind) {
    case CF_PORT_IN:
        (void)take_report(scale, event);
        break;
    case CF_PORT_WAKE:
        ask(scale, event->at);
        break;
    case CF_PORT_CONTROL_DONE:
        scale->asking = false;
        if (!take_report(scale, event))
            cf_scale_silent(&scale->common, event->at);
        break;
    case CF_PORT_WRITTEN:
        break;
    }
}

static void take(void *device, const struct cf_port_event *event)
{
    struct scale *scale = device;
    switch (scale->state) {
    case STATE_DESCRIPTOR:
        if (event->kind == CF_PORT_CONTROL_DONE)
            take_descriptor(scale, event);
        break;
    case STATE_IDLE:
        if (event->kind != CF_PORT_CONTROL_DONE) /* those that refuse it are asked */
            break;
        scale->state = STATE_LISTEN;
        scale->common.port.ops->listen(scale->common.port.ctx);
        wake(scale);
        break;
    case STATE_LISTEN:
        take_listening(scale, event);
        break;
    case STATE_OVER:
        break;
    }
}

static void stop(void *device)
{
    free(device);
}

const struct cf_driver cf_scale_hid = {
    .name = "hid-scale", .fits = fits, .match = match, .start = start, .take = take, .stop = stop};
