/*
 * drivers/display/pole_display.c - see pole_display.h. USB CDC PSTN 1.2, 6.3.
 */
#include "drivers/display/pole_display.h"

#include <stdlib.h>
#include <string.h>

#define CDC_DATA_CLASS 0x0a
#define SET_LINE_CODING 0x20
#define SET_CONTROL_LINE_STATE 0x22
#define DTR_AND_RTS 3
#define WRITE_MS 2000

enum state {
    STATE_CODING,
    STATE_LINES,
    STATE_BEGIN, /* up, as soon as something happens: no event may be told from within start */
    STATE_READY,
    STATE_WRITING,
    STATE_OVER,
};
struct frame {
    uint64_t id;
    uint8_t *bytes;
    size_t n;
};
struct display {
    const struct cf_port_info *info;
    struct cf_port port;
    struct cf_device_sink sink;
    enum state state;
    struct frame now, next; /* bytes NULL: none */
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_STREAM || info->bus == CF_PORT_TTY ||
           (info->class_code == CDC_DATA_CLASS && info->out_endpoint != 0);
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_USB ? CF_MATCH_NO : CF_MATCH_YES;
}

static void tell(const struct display *display, struct frame *frame, enum cf_rc rc, const char *why, cf_mono at)
{
    struct cf_device_event event = {.kind = CF_DEVICE_PRINTED, .job = frame->id, .rc = rc, .why = why, .at = at};
    if (frame->bytes == NULL)
        return;
    free(frame->bytes);
    frame->bytes = NULL;
    display->sink.take(display->sink.ctx, &event);
}

static void ask(struct display *display, enum state state, uint8_t request, uint16_t value, cf_bytes out)
{
    struct cf_port_setup setup = {.request_type = 0x21,
                                  .request = request,
                                  .value = value,
                                  .index = display->info->control_interface,
                                  .length = (uint16_t)out.n};
    display->state = state;
    display->port.ops->control(display->port.ctx, &setup, out);
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    static const uint8_t coding[] = {0x80, 0x25, 0, 0, 0, 0, 8}; /* 9600 bits a second, 1 stop bit, no parity, 8 bits */
    struct display *display = calloc(1, sizeof *display);
    if (display == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "display");
    display->info = info;
    display->port = *port;
    display->sink = *sink;
    *ret_device = display;
    if (info->bus == CF_PORT_USB) {
        ask(display, STATE_CODING, SET_LINE_CODING, 0, cf_bytes_of(coding, sizeof coding));
    } else {
        display->state = STATE_BEGIN;
        port->ops->listen(port->ctx); /* so that a line that breaks is noticed */
        port->ops->wake(port->ctx, 1);
    }
    return CF_OK;
}

static void up(struct display *display, cf_mono at)
{
    display->state = STATE_READY;
    cf_device_say(&display->sink, CF_DEVICE_UP, (cf_bytes){0}, CF_OK, NULL, at);
}

static void write_next(struct display *display)
{
    display->now = display->next;
    display->next.bytes = NULL;
    display->state = display->now.bytes != NULL ? STATE_WRITING : STATE_READY;
    if (display->now.bytes != NULL)
        display->port.ops->write(display->port.ctx, cf_bytes_of(display->now.bytes, display->now.n), WRITE_MS);
}

static void take_written(struct display *display, const struct cf_port_event *event)
{
    if (event->status == CF_PORT_DONE && event->n_written == display->now.n) {
        tell(display, &display->now, CF_OK, NULL, event->at);
        write_next(display);
        return;
    }
    display->state = STATE_OVER;
    display->port.ops->fail(display->port.ctx, CF_E_DEVICE_FAULT, "the display does not read");
}

static void take(void *device, const struct cf_port_event *event)
{
    struct display *display = device;
    switch (display->state) {
    case STATE_CODING: /* whoever refuses it has no line */
        if (event->kind == CF_PORT_CONTROL_DONE)
            ask(display, STATE_LINES, SET_CONTROL_LINE_STATE, DTR_AND_RTS, (cf_bytes){0});
        break;
    case STATE_LINES:
        if (event->kind == CF_PORT_CONTROL_DONE)
            up(display, event->at);
        break;
    case STATE_BEGIN:
        up(display, event->at);
        break;
    case STATE_WRITING:
        if (event->kind == CF_PORT_WRITTEN)
            take_written(display, event);
        break;
    case STATE_READY: /* what a display says is not asked for */
    case STATE_OVER:
        break;
    }
}

static enum cf_rc print(void *device, uint64_t id, cf_bytes bytes, struct cf_error *err)
{
    struct display *display = device;
    if (display->state != STATE_READY && display->state != STATE_WRITING)
        return cf_fail(err, CF_E_DEVICE_GONE, "the display is being opened");
    if (bytes.n == 0 || bytes.n > CF_POLE_DISPLAY_FRAME_MAX)
        return cf_fail(err, CF_E_LIMIT, "a display's frame of %zu bytes", bytes.n);
    struct frame frame = {.id = id, .bytes = malloc(bytes.n), .n = bytes.n};
    if (frame.bytes == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "display");
    memcpy(frame.bytes, bytes.p, bytes.n);
    tell(display, &display->next, CF_OK, NULL, (cf_mono){0});
    display->next = frame;
    if (display->state == STATE_READY)
        write_next(display);
    return CF_OK;
}

static void stop(void *device)
{
    struct display *display = device;
    if (display == NULL)
        return;
    display->state = STATE_OVER;
    tell(display, &display->now, CF_E_DEVICE_GONE, "the display went", (cf_mono){0});
    tell(display, &display->next, CF_E_DEVICE_GONE, "the display went", (cf_mono){0});
    free(display);
}

const struct cf_driver cf_pole_display = {
    .name = "display", .fits = fits, .match = match, .start = start, .take = take, .stop = stop, .print = print};
