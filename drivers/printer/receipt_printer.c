/*
 * drivers/printer/receipt_printer.c - see receipt_printer.h. USB Printer Class 1.1, 4.2; status in status_proto.h.
 */
#include "drivers/printer/receipt_printer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/printer/printer.h"
#include "drivers/printer/status_proto.h"

#define PRINTER_CLASS 7
#define GET_DEVICE_ID 0
#define GET_PORT_STATUS 1
#define SOFT_RESET 2
#define PORT_PAPER_EMPTY 0x20

#define CHUNK_BYTES 8192
#define TICK_MS 1000
#define PROBE_MS 1000
#define CONFIRM_TICKS 15      /* a short receipt, and some */
#define CONFIRM_TICKS_MOST 80 /* a till that ends waits a little longer */
#define TICK_LINES 8          /* printed in a tick by a slow one: 34 mm */
#define TICK_RASTER_BYTES 16384
#define STUCK_TICKS 60 /* paper is put in within that, or somebody has to look anyway */

#define LOOK_MS 5000 /* between jobs, at one that tells nothing by itself */
#define QUIET_MS 500 /* in which nothing old comes any more from one that has just answered */
#define DRAIN_TICKS 4

/* After a job: tell by itself what changes (ESC @ switches that off), and: is everything worked off? */
#define REPORT "\x1d\x61\x0f"
#define ASK "\x1d\x72\x01"
#define ASK_NAMING                                                                                                     \
    "\x1d(H\x06\0"                                                                                                     \
    "00" /* and the name */
#define TAIL_MAX (sizeof REPORT ASK_NAMING - 1 + CF_PRINTER_PROCESS_BYTES)
#define NAMES 81450625 /* 95 to the 4th */
#define QUESTIONS "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
#define PROBE QUESTIONS "\x1d\x61\x0f"

enum state {
    STATE_RESET,     /* what another job left in it is thrown away */
    STATE_OLD_RESET, /* the same, as version 1.0 of the class had it */
    STATE_ID,
    STATE_PROBE, /* asked how it is; one that does not answer prints, and confirms nothing until it does */
    STATE_DRAIN, /* what it still has to answer to somebody before us is let by */
    STATE_READY,
    STATE_LOOK, /* between jobs: one that tells nothing by itself is asked how it is */
    STATE_WRITE,
    STATE_CONFIRM,
    STATE_OVER,
};
struct job {
    uint64_t id;
    uint8_t *bytes; /* with the tail */
    size_t n, n_tail;
    uint8_t name[CF_PRINTER_PROCESS_BYTES];
    unsigned confirm_ticks; /* how long it may be printed after it is written */
};
struct printer {
    const struct cf_port_info *info;
    struct cf_port port;
    struct cf_device_sink sink;
    enum state state;
    bool names;   /* jobs are confirmed by their names */
    bool answers; /* to DLE EOT, or tells by itself */
    bool trusted; /* the next answer to GS r is to our next question */
    bool drained_in_vain, drain_heard, drain_read;
    bool asking_port, port_no_paper;
    int64_t last_name;
    cf_mono at;           /* of the last event */
    bool probe_read;      /* and not only sent: one that is off line takes no byte at all; of STATE_LOOK, too */
    unsigned still_ticks; /* since something last moved */
    struct cf_printer_ear ear;
    enum cf_rc told;
    const char *told_why;
    bool told_drawer, told_pin;
    struct cf_printer_id id;
    struct job job[CF_RECEIPT_PRINTER_JOBS_MAX];
    size_t n_jobs, written;
};

static bool fits(const struct cf_port_info *info)
{
    return info->bus == CF_PORT_STREAM || info->bus == CF_PORT_TTY ||
           (info->class_code == PRINTER_CLASS && info->subclass == 1 && info->out_endpoint != 0);
}

static enum cf_driver_match match(const struct cf_port_info *info)
{
    (void)info;
    return CF_MATCH_YES;
}

/* ---- what is told ---- */

static void tell_status(struct printer *printer, cf_mono at)
{
    const char *why;
    struct cf_printer_status status = printer->ear.status;
    status.paper_end = status.paper_end || printer->port_no_paper;
    enum cf_rc rc = cf_printer_status_rc(&status, &why);
    if (rc == printer->told && strcmp(why, printer->told_why) == 0 && status.has_drawer == printer->told_drawer &&
        status.drawer_pin == printer->told_pin)
        return;
    printer->told = rc;
    printer->told_why = why;
    printer->told_drawer = status.has_drawer;
    printer->told_pin = status.drawer_pin;
    const struct cf_device_event event = {.kind = CF_DEVICE_STATUS,
                                          .rc = rc,
                                          .why = why,
                                          .paper_low = status.paper_near_end,
                                          .has_drawer = status.has_drawer,
                                          .drawer_pin = status.drawer_pin,
                                          .at = at};
    printer->sink.take(printer->sink.ctx, &event);
}

static void tell_job(const struct printer *printer, uint64_t id, enum cf_rc rc, const char *why, cf_mono at)
{
    struct cf_device_event event = {.kind = CF_DEVICE_PRINTED, .job = id, .rc = rc, .why = why, .at = at};
    printer->sink.take(printer->sink.ctx, &event);
}

/* The first is over. It is forgotten before it is told, so that who hears of it may give the next. */
static void end_job(struct printer *printer, enum cf_rc rc, const char *why, cf_mono at)
{
    struct job job = printer->job[0];
    assert(printer->n_jobs > 0);
    printer->port_no_paper = false; /* asked again in the next, and what it says itself counts for more */
    printer->n_jobs--;
    memmove(&printer->job[0], &printer->job[1], printer->n_jobs * sizeof printer->job[0]);
    free(job.bytes);
    tell_job(printer, job.id, rc, why, at);
}

/* ---- printing ---- */

/* By the length of its paper, guessed: a printer with much memory has all of it long before it is printed. */
static unsigned ticks_for(cf_bytes job)
{
    size_t lines = 0;
    for (size_t i = 0; i < job.n; i++)
        lines += job.p[i] == '\n' ? 1 : 0;
    size_t ticks = CONFIRM_TICKS + lines / TICK_LINES + job.n / TICK_RASTER_BYTES;
    return ticks < CONFIRM_TICKS_MOST ? (unsigned)ticks : CONFIRM_TICKS_MOST;
}

static bool can_confirm(const struct printer *printer)
{
    return printer->answers && (printer->names || printer->trusted);
}

static size_t to_write(const struct printer *printer)
{
    const struct job *job = &printer->job[0];
    return can_confirm(printer) ? job->n : job->n - job->n_tail;
}

static void write_on(struct printer *printer)
{
    size_t left = to_write(printer) - printer->written;
    printer->port.ops->write(
        printer->port.ctx,
        cf_bytes_of(printer->job[0].bytes + printer->written, left < CHUNK_BYTES ? left : CHUNK_BYTES), 0);
    printer->port.ops->wake(printer->port.ctx, TICK_MS);
}

static void drain(struct printer *printer)
{
    printer->state = STATE_DRAIN;
    printer->still_ticks = 0;
    printer->drain_heard = printer->drain_read = false;
    printer->port.ops->write(printer->port.ctx, cf_bytes_of(ASK, sizeof ASK - 1), 0);
    printer->port.ops->wake(printer->port.ctx, QUIET_MS);
}

static void begin_next(struct printer *printer)
{
    if (printer->n_jobs > 0 && printer->answers && !can_confirm(printer) && !printer->drained_in_vain) {
        drain(printer);
        return;
    }
    printer->state = printer->n_jobs > 0 ? STATE_WRITE : STATE_READY;
    printer->written = 0;
    printer->still_ticks = 0;
    if (printer->n_jobs > 0)
        write_on(printer);
    else
        printer->port.ops->wake(printer->port.ctx, printer->answers && !printer->ear.tells ? LOOK_MS : 0);
}

/* Nobody knows how much of it is on paper, nor what the printer takes the next byte for: begin anew. */
static void give_up(struct printer *printer, const char *why, cf_mono at)
{
    printer->state = STATE_OVER;
    end_job(printer, CF_E_PRINT_UNKNOWN, why, at);
    printer->port.ops->fail(printer->port.ctx, CF_E_DEVICE_FAULT, why);
}

static void take_written(struct printer *printer, const struct cf_port_event *event)
{
    if (event->status != CF_PORT_DONE) {
        give_up(printer, "the printer stopped reading", event->at);
        return;
    }
    printer->written += event->n_written;
    printer->still_ticks = 0;
    if (printer->written < to_write(printer)) {
        write_on(printer);
    } else if (can_confirm(printer)) {
        printer->state = STATE_CONFIRM;
        printer->port.ops->wake(printer->port.ctx, TICK_MS);
    } else {
        end_job(printer, CF_E_PRINT_UNKNOWN,
                printer->answers ? "the printer did not say which receipt it has printed"
                                 : "the printer never says what it has printed",
                event->at);
        begin_next(printer);
    }
}

static void ask_port(struct printer *printer)
{
    struct cf_port_setup setup = {
        .request_type = 0xa1, .request = GET_PORT_STATUS, .index = printer->info->interface, .length = 1};
    if (printer->info->bus != CF_PORT_USB || printer->asking_port)
        return;
    printer->asking_port = true;
    printer->port.ops->control(printer->port.ctx, &setup, (cf_bytes){0});
}

static void take_tick(struct printer *printer, cf_mono at)
{
    bool stuck = printer->state == STATE_WRITE || printer->told != CF_OK;
    unsigned most = printer->job[0].confirm_ticks;
    if (stuck && most < STUCK_TICKS)
        most = STUCK_TICKS;
    if (++printer->still_ticks >= most) {
        give_up(printer, "the printer did not say that it is done", at);
        return;
    }
    ask_port(printer);
    printer->port.ops->wake(printer->port.ctx, TICK_MS);
}

static void take_port_status(struct printer *printer, const struct cf_port_event *event)
{
    printer->asking_port = false;
    if (event->status != CF_PORT_DONE || event->data.n != 1)
        return;
    printer->port_no_paper = (event->data.p[0] & PORT_PAPER_EMPTY) != 0;
    tell_status(printer, event->at);
}

/* ---- beginning ---- */

static void ask(struct printer *printer, enum state state, uint8_t type, uint8_t request, uint16_t length)
{
    unsigned index = printer->info->interface;
    struct cf_port_setup setup = {.request_type = type,
                                  .request = request,
                                  .index = (uint16_t)(request == GET_DEVICE_ID ? index << 8 : index),
                                  .length = length};
    printer->state = state;
    printer->port.ops->control(printer->port.ctx, &setup, (cf_bytes){0});
}

/* `questions` begin with QUESTIONS. */
static void question(struct printer *printer, enum state state, const char *questions, size_t n)
{
    printer->state = state;
    printer->probe_read = false;
    for (uint8_t number = 1; number <= 4; number++)
        cf_printer_ear_asked(&printer->ear, number);
    printer->port.ops->write(printer->port.ctx, cf_bytes_of((const uint8_t *)questions, n), 0);
    printer->port.ops->wake(printer->port.ctx, PROBE_MS);
}

static void probe(struct printer *printer)
{
    if (printer->info->bus != CF_PORT_USB || printer->info->in_endpoint != 0)
        printer->port.ops->listen(printer->port.ctx);
    question(printer, STATE_PROBE, PROBE, sizeof PROBE - 1);
}

static void take_id(struct printer *printer, const struct cf_port_event *event)
{
    if (event->status == CF_PORT_DONE)
        cf_printer_id_read(event->data, &printer->id);
    if (printer->id.prints_pages) {
        printer->state = STATE_OVER;
        printer->port.ops->decline(printer->port.ctx);
        return;
    }
    probe(printer);
}

static void up(struct printer *printer, cf_mono at)
{
    const struct cf_device_event event = {.kind = CF_DEVICE_UP,
                                          .text = cf_bytes_str(printer->id.model),
                                          .has_drawer = printer->ear.status.has_drawer,
                                          .drawer_pin = printer->ear.status.drawer_pin,
                                          .at = at};
    printer->told_drawer = event.has_drawer;
    printer->told_pin = event.drawer_pin;
    printer->sink.take(printer->sink.ctx, &event);
    tell_status(printer, at);
    if (printer->answers && !can_confirm(printer))
        drain(printer);
    else
        begin_next(printer);
}

static enum cf_rc begin(bool names, const struct cf_port_info *info, const struct cf_port *port,
                        const struct cf_device_sink *sink, void **ret_device, struct cf_error *err)
{
    struct printer *printer = calloc(1, sizeof *printer);
    if (printer == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "printer");
    printer->names = names;
    printer->info = info;
    printer->port = *port;
    printer->sink = *sink;
    printer->told_why = "";
    cf_printer_ear_init(&printer->ear);
    *ret_device = printer;
    if (info->bus == CF_PORT_USB)
        ask(printer, STATE_RESET, 0x21, SOFT_RESET, 0);
    else
        probe(printer);
    return CF_OK;
}

static enum cf_rc start(const struct cf_port_info *info, const struct cf_port *port, const struct cf_device_sink *sink,
                        void **ret_device, struct cf_error *err)
{
    return begin(false, info, port, sink, ret_device, err);
}

static enum cf_rc start_naming(const struct cf_port_info *info, const struct cf_port *port,
                               const struct cf_device_sink *sink, void **ret_device, struct cf_error *err)
{
    return begin(true, info, port, sink, ret_device, err);
}

/* ---- what happens ---- */

/* The answer to the question after the job under way. */
static bool confirms(const struct printer *printer, enum cf_printer_heard heard)
{
    if (printer->names)
        return heard == CF_PRINTER_HEARD_PROCESS && printer->n_jobs > 0 &&
               memcmp(printer->ear.process, printer->job[0].name, CF_PRINTER_PROCESS_BYTES) == 0;
    return heard == CF_PRINTER_HEARD_ANSWER;
}

/* A sign of life is one that the ear knows: what sends XON alone will not answer after a job either. Late is not never.
 * Each status that is whole is told, also if the next came with it: a drawer that was open, and is shut by now.
 * True: among it an answer that would confirm a job. */
static bool hear(struct printer *printer, const struct cf_port_event *event)
{
    bool answered = false;
    if (event->status != CF_PORT_DONE)
        return false;
    for (size_t i = 0; i < event->data.n; i++) {
        enum cf_printer_heard heard = cf_printer_ear_take(&printer->ear, event->data.p[i]);
        printer->answers = printer->answers || heard == CF_PRINTER_HEARD_STATUS;
        answered = answered || confirms(printer, heard);
        if (heard == CF_PRINTER_HEARD_STATUS && printer->ear.n_asked == 0 && printer->state != STATE_PROBE)
            tell_status(printer, event->at);
    }
    return answered;
}

/* Nobody has asked, so it is an answer to somebody before us: more of them may come. */
static void hear_unasked(struct printer *printer, const struct cf_port_event *event)
{
    if (hear(printer, event))
        printer->trusted = false;
    printer->drained_in_vain = false;
}

static void refuse_probe(struct printer *printer)
{
    printer->state = STATE_OVER;
    printer->port.ops->fail(printer->port.ctx, CF_E_DEVICE_FAULT, "the printer does not read");
}

static void take_probe(struct printer *printer, const struct cf_port_event *event)
{
    if (event->kind == CF_PORT_WRITTEN && event->status != CF_PORT_DONE) {
        refuse_probe(printer);
        return;
    }
    if (event->kind == CF_PORT_WRITTEN)
        printer->probe_read = true;
    if (event->kind == CF_PORT_IN)
        hear_unasked(printer, event);
    bool waited = event->kind == CF_PORT_WAKE;
    if (waited && !printer->probe_read)
        refuse_probe(printer); /* a job would come on top of it */
    else if (waited || (printer->probe_read && printer->ear.n_asked == 0))
        up(printer, event->at);
}

static void look(struct printer *printer)
{
    printer->still_ticks = 0;
    cf_printer_ear_forget(&printer->ear);
    question(printer, STATE_LOOK, QUESTIONS, sizeof QUESTIONS - 1);
}

/* A job that has come meanwhile waits: its bytes would come on top of the questions. One without paper may not read. */
static void take_look(struct printer *printer, const struct cf_port_event *event)
{
    switch (event->kind) {
    case CF_PORT_WRITTEN:
        printer->probe_read = true;
        if (event->status != CF_PORT_DONE)
            refuse_probe(printer);
        break;
    case CF_PORT_IN:
        hear_unasked(printer, event);
        break;
    case CF_PORT_WAKE:
        if (printer->probe_read) {
            cf_printer_ear_forget(&printer->ear);
        } else if (++printer->still_ticks >= STUCK_TICKS) {
            refuse_probe(printer);
        } else {
            ask_port(printer);
            printer->port.ops->wake(printer->port.ctx, TICK_MS);
        }
        break;
    case CF_PORT_CONTROL_DONE:
        take_port_status(printer, event);
        break;
    }
    if (printer->state == STATE_LOOK && printer->probe_read && printer->ear.n_asked == 0)
        begin_next(printer);
}

/* An answer, and nothing after it: what comes from now on is to what we ask. One without paper may answer late. */
static void take_drain(struct printer *printer, const struct cf_port_event *event)
{
    switch (event->kind) {
    case CF_PORT_WRITTEN:
        printer->drain_read = true;
        if (event->status != CF_PORT_DONE)
            refuse_probe(printer);
        break;
    case CF_PORT_IN:
        if (hear(printer, event)) {
            printer->drain_heard = true;
            printer->port.ops->wake(printer->port.ctx, QUIET_MS);
        }
        tell_status(printer, event->at);
        break;
    case CF_PORT_WAKE:
        printer->trusted = printer->drain_heard && printer->drain_read;
        printer->drained_in_vain = !printer->trusted && printer->told == CF_OK && ++printer->still_ticks >= DRAIN_TICKS;
        if (!printer->drain_read && printer->drained_in_vain)
            refuse_probe(printer);
        else if (printer->trusted || printer->drained_in_vain)
            begin_next(printer);
        else
            printer->port.ops->wake(printer->port.ctx, QUIET_MS);
        break;
    case CF_PORT_CONTROL_DONE:
        take_port_status(printer, event);
        break;
    }
}

/* A job is under way: more of it, or its confirmation. */
static void take_printing(struct printer *printer, const struct cf_port_event *event)
{
    switch (event->kind) {
    case CF_PORT_WRITTEN:
        take_written(printer, event);
        break;
    case CF_PORT_IN: {
        bool answered = hear(printer, event);
        tell_status(printer, event->at);
        if (answered && printer->state == STATE_CONFIRM) {
            end_job(printer, CF_OK, NULL, event->at);
            begin_next(printer);
        } else if (answered && !printer->names) {
            printer->trusted = false; /* it comes before our question */
        }
        break;
    }
    case CF_PORT_WAKE:
        take_tick(printer, event->at);
        break;
    case CF_PORT_CONTROL_DONE:
        take_port_status(printer, event);
        break;
    }
}

static void take(void *device, const struct cf_port_event *event)
{
    struct printer *printer = device;
    printer->at = event->at;
    switch (printer->state) {
    case STATE_RESET:
        printer->trusted = event->kind == CF_PORT_CONTROL_DONE && event->status == CF_PORT_DONE;
        if (event->kind == CF_PORT_CONTROL_DONE && event->status == CF_PORT_STALL)
            ask(printer, STATE_OLD_RESET, 0x23, SOFT_RESET, 0);
        else if (event->kind == CF_PORT_CONTROL_DONE)
            ask(printer, STATE_ID, 0xa1, GET_DEVICE_ID, CF_PRINTER_ID_MAX);
        break;
    case STATE_OLD_RESET: /* whoever has none prints all the same */
        printer->trusted = event->kind == CF_PORT_CONTROL_DONE && event->status == CF_PORT_DONE;
        if (event->kind == CF_PORT_CONTROL_DONE)
            ask(printer, STATE_ID, 0xa1, GET_DEVICE_ID, CF_PRINTER_ID_MAX);
        break;
    case STATE_ID:
        if (event->kind == CF_PORT_CONTROL_DONE)
            take_id(printer, event);
        break;
    case STATE_PROBE:
        take_probe(printer, event);
        break;
    case STATE_DRAIN:
        take_drain(printer, event);
        break;
    case STATE_READY:
        if (event->kind == CF_PORT_IN)
            hear_unasked(printer, event);
        if (event->kind == CF_PORT_CONTROL_DONE)
            take_port_status(printer, event);
        tell_status(printer, event->at);
        if (event->kind == CF_PORT_WAKE && !printer->ear.tells)
            look(printer);
        break;
    case STATE_LOOK:
        take_look(printer, event);
        break;
    case STATE_WRITE:
    case STATE_CONFIRM:
        take_printing(printer, event);
        break;
    case STATE_OVER:
        break;
    }
}

/* By the clock, so that no job has the name of one before it, of an earlier opening neither, within a day. */
static void name_job(struct printer *printer, uint8_t name[CF_PRINTER_PROCESS_BYTES])
{
    int64_t number = printer->at.us / CF_US_PER_MS;
    number = number > printer->last_name ? number : printer->last_name + 1;
    printer->last_name = number;
    number %= NAMES;
    for (size_t i = 0; i < CF_PRINTER_PROCESS_BYTES; i++, number /= '~' - ' ' + 1)
        name[i] = (uint8_t)(' ' + number % ('~' - ' ' + 1));
}

static void append_tail(struct printer *printer, struct job *job, size_t n)
{
    memcpy(job->bytes + n, REPORT, sizeof REPORT - 1);
    job->n = n + sizeof REPORT - 1;
    if (printer->names) {
        name_job(printer, job->name);
        memcpy(job->bytes + job->n, ASK_NAMING, sizeof ASK_NAMING - 1);
        job->n += sizeof ASK_NAMING - 1;
        memcpy(job->bytes + job->n, job->name, sizeof job->name);
        job->n += sizeof job->name;
    } else {
        memcpy(job->bytes + job->n, ASK, sizeof ASK - 1);
        job->n += sizeof ASK - 1;
    }
    job->n_tail = job->n - n;
}

static enum cf_rc print(void *device, uint64_t id, cf_bytes bytes, struct cf_error *err)
{
    struct printer *printer = device;
    if (printer->state == STATE_OVER)
        return cf_fail(err, CF_E_PRINTER_OFF, "the printer is being opened again");
    if (printer->n_jobs == CF_RECEIPT_PRINTER_JOBS_MAX)
        return cf_fail(err, CF_E_BUSY, "%d receipts wait for the printer", CF_RECEIPT_PRINTER_JOBS_MAX);
    if (bytes.n == 0 || bytes.n > CF_PRINT_JOB_BYTES_MAX)
        return cf_fail(err, CF_E_LIMIT, "print job of %zu bytes", bytes.n);
    uint8_t *whole = malloc(bytes.n + TAIL_MAX);
    if (whole == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "print job");
    struct job *job = &printer->job[printer->n_jobs++];
    *job = (struct job){.id = id, .bytes = whole, .confirm_ticks = ticks_for(bytes)};
    memcpy(whole, bytes.p, bytes.n);
    append_tail(printer, job, bytes.n);
    if (printer->state == STATE_READY)
        begin_next(printer);
    return CF_OK;
}

static void stop(void *device)
{
    struct printer *printer = device;
    if (printer == NULL)
        return;
    bool begun = printer->state == STATE_WRITE || printer->state == STATE_CONFIRM;
    printer->state = STATE_OVER;
    for (; printer->n_jobs > 0; begun = false)
        end_job(printer, begun ? CF_E_PRINT_UNKNOWN : CF_E_PRINTER_OFF,
                begun ? "the printer went in the middle of it" : "it was not begun", (cf_mono){0});
    free(printer);
}

const struct cf_driver cf_receipt_printer = {
    .name = "escpos", .fits = fits, .match = match, .start = start, .take = take, .stop = stop, .print = print};
const struct cf_driver cf_receipt_printer_naming = {
    .name = "escpos", .fits = fits, .match = match, .start = start_naming, .take = take, .stop = stop, .print = print};
