/*
 * drivers/port/recorder.c - see recorder.h.
 */
#include "drivers/port/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/port/recording.h"

struct cf_recorder {
    struct cf_port below;
    struct cf_recording_sink sink;
    cf_mono began, now; /* a request is as late as the event that caused it */
    bool over;
    struct cf_buf line;
};

static void put(struct cf_recorder *r, struct cf_recording_line *line, cf_bytes data, const struct cf_port_info *info)
{
    if (r->over)
        return;
    int64_t ms = cf_mono_since(r->now, r->began).us / CF_US_PER_MS;
    line->at_ms = ms > 0 ? (uint64_t)ms : 0;
    cf_buf_clear(&r->line);
    r->over = cf_recording_write(line, data, info, &r->line, NULL) != CF_OK ||
              !r->sink.take(r->sink.ctx, cf_buf_bytes(&r->line));
}

static void put_head(struct cf_recorder *r, const struct cf_port_info *info, const char *driver)
{
    static const enum cf_recording_kind head[] = {CF_RECORDING_HEADER, CF_RECORDING_DRIVER, CF_RECORDING_DEVICE,
                                                  CF_RECORDING_PATH,   CF_RECORDING_SERIAL, CF_RECORDING_NAME,
                                                  CF_RECORDING_REPORT};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
        struct cf_recording_line line = {.kind = head[i]};
        (void)snprintf(line.word, sizeof line.word, "%s", driver);
        put(r, &line, (cf_bytes){0}, info);
    }
}

enum cf_rc cf_recorder_new(const struct cf_port_info *info, const char *driver, const struct cf_port *below,
                           const struct cf_recording_sink *sink, cf_mono now, struct cf_recorder **ret,
                           struct cf_error *err)
{
    struct cf_recorder *r = calloc(1, sizeof *r);
    if (r == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "recorder");
    r->below = *below;
    r->sink = *sink;
    r->began = r->now = now;
    cf_buf_init(&r->line, CF_RECORDING_LINE_MAX);
    put_head(r, info, driver);
    *ret = r;
    return CF_OK;
}

void cf_recorder_free(struct cf_recorder *recorder)
{
    if (recorder == NULL)
        return;
    cf_buf_done(&recorder->line);
    free(recorder);
}

static void control(void *ctx, const struct cf_port_setup *setup, cf_bytes out)
{
    struct cf_recorder *r = ctx;
    struct cf_recording_line line = {.kind = CF_RECORDING_CONTROL, .setup = *setup};
    put(r, &line, out, NULL);
    r->below.ops->control(r->below.ctx, setup, out);
}

static void listen(void *ctx)
{
    struct cf_recorder *r = ctx;
    struct cf_recording_line line = {.kind = CF_RECORDING_LISTEN};
    put(r, &line, (cf_bytes){0}, NULL);
    r->below.ops->listen(r->below.ctx);
}

static void write_out(void *ctx, cf_bytes bytes, uint32_t timeout_ms)
{
    struct cf_recorder *r = ctx;
    struct cf_recording_line line = {.kind = CF_RECORDING_WRITE, .ms = timeout_ms};
    put(r, &line, bytes, NULL);
    r->below.ops->write(r->below.ctx, bytes, timeout_ms);
}

static void wake(void *ctx, uint32_t after_ms)
{
    struct cf_recorder *r = ctx;
    struct cf_recording_line line = {.kind = CF_RECORDING_WAKE, .ms = after_ms};
    put(r, &line, (cf_bytes){0}, NULL);
    r->below.ops->wake(r->below.ctx, after_ms);
}

static void decline(void *ctx)
{
    struct cf_recorder *r = ctx;
    struct cf_recording_line line = {.kind = CF_RECORDING_DECLINE};
    put(r, &line, (cf_bytes){0}, NULL);
    r->below.ops->decline(r->below.ctx);
}

static void fail(void *ctx, enum cf_rc rc, const char *why)
{
    struct cf_recorder *r = ctx;
    struct cf_recording_line line = {.kind = CF_RECORDING_FAIL, .rc = rc};
    put(r, &line, (cf_bytes){0}, NULL);
    r->below.ops->fail(r->below.ctx, rc, why);
}

struct cf_port cf_recorder_port(struct cf_recorder *recorder)
{
    static const struct cf_port_ops ops = {control, listen, write_out, wake, decline, fail};
    return (struct cf_port){&ops, recorder};
}

void cf_recorder_event(struct cf_recorder *recorder, const struct cf_port_event *event)
{
    struct cf_recording_line line = {
        .kind = CF_RECORDING_EVENT, .event = event->kind, .status = event->status, .n_written = event->n_written};
    if (recorder->now.us < event->at.us)
        recorder->now = event->at;
    put(recorder, &line, event->data, NULL);
}
