/*
 * drivers/scale/toledo_device.c - a scale on a serial port: asked for its weight, again and again.
 *
 * Whether its line has a parity bit nobody says; ten bits a byte go over it either way, so a question that nobody
 * answers is asked the other way the next time. What it answers is in toledo_proto.h.
 */
#include <stdlib.h>

#include "drivers/scale/toledo_proto.h"

#define ASK_MS 150    /* between an answer and the next question */
#define ANSWER_MS 500 /* the manual has them within 150 */

enum state {
    STATE_RESTS,
    STATE_ASKS, /* the question is on its way, or its answer */
};
struct scale {
    struct cf_scale common;
    enum state state;
    bool writing;
    struct cf_toledo toledo;
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_TTY || info->bus == CF_PORT_STREAM;
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    (void)info;
    return CF_MATCH_YES; /* whoever names a line says what stands at its end */
}

static void ask(struct scale *scale)
{
    uint8_t question = cf_toledo_question(&scale->toledo);
    const struct cf_port *port = &scale->common.port;
    scale->state = STATE_ASKS;
    port->ops->wake(port->ctx, ANSWER_MS);
    if (!scale->writing)
        port->ops->write(port->ctx, cf_bytes_of(&question, 1), ANSWER_MS);
    scale->writing = true;
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    struct scale *scale = calloc(1, sizeof *scale);
    if (scale == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "scale");
    cf_scale_init(&scale->common, info, port, sink);
    cf_toledo_init(&scale->toledo, true);
    *ret_device = scale;
    port->ops->listen(port->ctx);
    ask(scale);
    return CF_OK;
}

static void take_bytes(struct scale *scale, const struct cf_port_event *event)
{
    struct cf_weight weight;
    bool answered = false;
    for (size_t i = 0; i < event->data.n; i++)
        answered = cf_toledo_take(&scale->toledo, event->data.p[i], &weight) || answered;
    if (!answered)
        return;
    cf_scale_say(&scale->common, &weight, event->at);
    scale->state = STATE_RESTS;
    scale->common.port.ops->wake(scale->common.port.ctx, ASK_MS);
}

static void take(void *device, const struct cf_port_event *event)
{
    struct scale *scale = device;
    switch (event->kind) {
    case CF_PORT_IN:
        if (event->status == CF_PORT_DONE)
            take_bytes(scale, event);
        break;
    case CF_PORT_WRITTEN:
        scale->writing = false;
        break;
    case CF_PORT_WAKE:
        if (scale->state == STATE_ASKS) {
            cf_scale_silent(&scale->common, event->at);
            cf_toledo_init(&scale->toledo, !scale->toledo.parity);
        }
        ask(scale);
        break;
    case CF_PORT_CONTROL_DONE:
        break;
    }
}

static void stop(void *device)
{
    free(device);
}

const struct cf_driver cf_scale_toledo = {
    .name = "toledo", .fits = fits, .match = match, .start = start, .take = take, .stop = stop};
