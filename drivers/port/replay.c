/*
 * drivers/port/replay.c - see replay.h.
 */
#include "drivers/port/replay.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/port/recording.h"

#define ASKED_MAX 16 /* requests that one event may cause */

/* What the driver asked for and the recording has not named yet: as text, so that comparing is comparing lines. */
struct replay {
    struct cf_buf asked[ASKED_MAX];
    size_t n_asked;
    bool too_many;
    const struct cf_driver *driver;
    void *device;
    struct cf_device_sink sink;
    struct cf_port_info info;
    uint8_t data[CF_RECORDING_DATA_MAX];
};

static void ask(struct replay *r, struct cf_recording_line *line, cf_bytes data)
{
    if (r->n_asked == ASKED_MAX || cf_recording_write(line, data, NULL, &r->asked[r->n_asked], NULL) != CF_OK) {
        r->too_many = true;
        return;
    }
    r->n_asked++;
}

static void control(void *ctx, const struct cf_port_setup *setup, cf_bytes out)
{
    struct cf_recording_line line = {.kind = CF_RECORDING_CONTROL, .setup = *setup};
    ask(ctx, &line, out);
}

static void listen(void *ctx)
{
    struct cf_recording_line line = {.kind = CF_RECORDING_LISTEN};
    ask(ctx, &line, (cf_bytes){0});
}

static void write_out(void *ctx, cf_bytes bytes, uint32_t timeout_ms)
{
    struct cf_recording_line line = {.kind = CF_RECORDING_WRITE, .ms = timeout_ms};
    ask(ctx, &line, bytes);
}

static void wake(void *ctx, uint32_t after_ms)
{
    struct cf_recording_line line = {.kind = CF_RECORDING_WAKE, .ms = after_ms};
    ask(ctx, &line, (cf_bytes){0});
}

static void decline(void *ctx)
{
    struct cf_recording_line line = {.kind = CF_RECORDING_DECLINE};
    ask(ctx, &line, (cf_bytes){0});
}

static void fail(void *ctx, enum cf_rc rc, const char *why)
{
    struct cf_recording_line line = {.kind = CF_RECORDING_FAIL, .rc = rc};
    (void)why;
    ask(ctx, &line, (cf_bytes){0});
}

/* What the driver says gets the device's and the driver's names, as it would from a real port. */
static void pass_on(void *ctx, const struct cf_device_event *event)
{
    struct replay *r = ctx;
    struct cf_device_event named = *event;
    named.info = &r->info;
    named.driver = r->driver->name;
    r->sink.take(r->sink.ctx, &named);
}

static enum cf_rc start(struct replay *r, struct cf_error *err)
{
    static const struct cf_port_ops ops = {control, listen, write_out, wake, decline, fail};
    struct cf_port port = {&ops, r};
    struct cf_device_sink sink = {pass_on, r};
    if (r->driver == NULL || !r->driver->fits(&r->info))
        return cf_fail(err, CF_E_DEVICE_RECORDING, "no driver of ours is recorded");
    return r->driver->start(&r->info, &port, &sink, &r->device, err);
}

static enum cf_rc expect(struct replay *r, struct cf_recording_line *line, cf_bytes data, struct cf_error *err)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) recorded;
    cf_buf_init(&recorded, CF_RECORDING_LINE_MAX);
    line->at_ms = 0;
    enum cf_rc rc = cf_recording_write(line, data, NULL, &recorded, err);
    if (rc != CF_OK)
        return rc;
    if (r->n_asked == 0 || !cf_bytes_equal(cf_buf_bytes(&recorded), cf_buf_bytes(&r->asked[0])))
        return cf_fail(err, CF_E_DEVICE_RECORDING, "recorded is \"%.*s\", the driver asks for \"%.*s\"",
                       (int)(recorded.n - 1), (const char *)recorded.p, r->n_asked == 0 ? 0 : (int)r->asked[0].n - 1,
                       r->n_asked == 0 ? "" : (const char *)r->asked[0].p);
    struct cf_buf first = r->asked[0];
    memmove(&r->asked[0], &r->asked[1], (ASKED_MAX - 1) * sizeof r->asked[0]);
    cf_buf_clear(&first);
    r->asked[ASKED_MAX - 1] = first;
    r->n_asked--;
    return CF_OK;
}

static enum cf_rc nothing_more(const struct replay *r, struct cf_error *err)
{
    if (r->too_many)
        return cf_fail(err, CF_E_LIMIT, "the driver asks for more than %d things at once", ASKED_MAX);
    if (r->n_asked > 0)
        return cf_fail(err, CF_E_DEVICE_RECORDING, "the driver asks for \"%.*s\", which is not recorded",
                       (int)r->asked[0].n - 1, (const char *)r->asked[0].p);
    return CF_OK;
}

static enum cf_rc happen(struct replay *r, const struct cf_recording_line *line, cf_bytes data, struct cf_error *err)
{
    enum cf_rc rc = r->device == NULL ? start(r, err) : CF_OK;
    rc = rc == CF_OK ? nothing_more(r, err) : rc;
    if (rc != CF_OK)
        return rc;
    struct cf_port_event event = {.kind = line->event,
                                  .status = line->status,
                                  .data = data,
                                  .n_written = line->n_written,
                                  .at = {(int64_t)(line->at_ms % (INT64_MAX / 1000)) * CF_US_PER_MS}};
    r->driver->take(r->device, &event);
    return CF_OK;
}

static enum cf_rc take_line(struct replay *r, cf_bytes text, const struct cf_driver *const *drivers, size_t n_drivers,
                            struct cf_error *err)
{
    struct cf_recording_line line;
    struct cf_port_info about = r->info;
    enum cf_rc rc = cf_recording_parse(text, &line, r->data, &about, err);
    if (rc != CF_OK)
        return rc;
    if (line.kind == CF_RECORDING_COMMENT || line.kind == CF_RECORDING_HEADER)
        return CF_OK;
    if (line.kind <= CF_RECORDING_REPORT) {
        if (r->device != NULL)
            return cf_fail(err, CF_E_DEVICE_RECORDING, "the device is told of again");
        r->info = about;
        for (size_t i = 0; i < n_drivers && line.kind == CF_RECORDING_DRIVER; i++)
            if (strcmp(drivers[i]->name, line.word) == 0)
                r->driver = drivers[i];
        return CF_OK;
    }
    cf_bytes data = cf_bytes_of(r->data, line.n_data);
    if (line.kind == CF_RECORDING_EVENT)
        return happen(r, &line, data, err);
    rc = r->device == NULL ? start(r, err) : CF_OK;
    return rc == CF_OK ? expect(r, &line, data, err) : rc;
}

enum cf_rc cf_replay(cf_bytes recording, const struct cf_driver *const *drivers, size_t n_drivers,
                     const struct cf_device_sink *sink, struct cf_error *err)
{
    if (recording.n > CF_REPLAY_BYTES_MAX)
        return cf_fail(err, CF_E_LIMIT, "the recording has %zu bytes", recording.n);
    struct replay *r = calloc(1, sizeof *r);
    enum cf_rc rc = CF_OK;
    struct cf_error why = {0};
    if (r == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "replay");
    r->sink = *sink;
    for (size_t i = 0; i < ASKED_MAX; i++)
        cf_buf_init(&r->asked[i], CF_RECORDING_LINE_MAX);
    size_t number = 0;
    while (recording.n > 0 && rc == CF_OK) {
        const uint8_t *end = memchr(recording.p, '\n', recording.n);
        size_t n = end != NULL ? (size_t)(end - recording.p) : recording.n;
        number++;
        rc = take_line(r, cf_bytes_of(recording.p, n), drivers, n_drivers, &why);
        n += end != NULL ? 1 : 0;
        recording = cf_bytes_of(recording.p + n, recording.n - n);
    }
    rc = rc == CF_OK && r->device == NULL ? cf_fail(&why, CF_E_DEVICE_RECORDING, "nothing happens in it") : rc;
    rc = rc == CF_OK ? nothing_more(r, &why) : rc;
    if (r->device != NULL)
        r->driver->stop(r->device);
    for (size_t i = 0; i < ASKED_MAX; i++)
        cf_buf_done(&r->asked[i]);
    free(r);
    return rc == CF_OK ? CF_OK : cf_fail(err, rc, "line %zu: %s", number, why.detail);
}
