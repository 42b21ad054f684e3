/*
 * drivers/line/line.c - see line.h.
 */
#include "drivers/line/line.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/line/place.h"

#define READ_BYTES 4096
#define CONNECT_US (5 * CF_US_PER_S)
#define RETRY_FIRST_US (100 * CF_US_PER_MS)
#define RETRY_MOST_US (5 * CF_US_PER_S)
#define LOOK_US (10 * CF_US_PER_MS)

enum state {
    STATE_CLOSED, /* tried again at `next` */
    STATE_CONNECTING,
    STATE_OPEN,
    STATE_DECLINED,
};
/* What a driver is owed: ports deliver nothing from within a request. */
enum owed { OWED_NOTHING, OWED_REFUSAL };

struct cf_line {
    struct cf_line_options options;
    struct cf_place place;
    struct cf_port_info info;
    int epoll, timer, fd;
    enum state state;
    void *driven;
    struct cf_recorder *recorder;
    bool up, dead, listening, told; /* told: that it failed, since it last worked */
    enum cf_rc dead_rc;
    char dead_why[96];
    cf_mono next, wake_at, write_until; /* 0: none */
    cf_mono look_at;                    /* whether what the kernel took has gone out */
    unsigned n_failures;
    enum owed owed;
    uint8_t *out;
    size_t n_out, written;
    bool writing;
};

static cf_mono now_of(const struct cf_line *line)
{
    return cf_env_mono(line->options.env);
}

static cf_mono after(cf_mono now, int64_t us)
{
    return (cf_mono){now.us + us};
}

/* ---- what becomes of it ---- */

static void say(struct cf_line *line, enum cf_device_event_kind kind, enum cf_rc rc, const char *why)
{
    struct cf_device_event event = {.kind = kind,
                                    .info = &line->info,
                                    .driver = line->options.driver->name,
                                    .rc = rc,
                                    .why = why,
                                    .at = now_of(line)};
    line->options.sink.take(line->options.sink.ctx, &event);
}

static void pass_on(void *ctx, const struct cf_device_event *event)
{
    struct cf_line *line = ctx;
    struct cf_device_event named = *event;
    if (line->dead && event->kind != CF_DEVICE_PRINTED) /* who gave a job hears of it in any case */
        return;
    named.info = &line->info;
    named.driver = line->options.driver->name;
    named.at = now_of(line);
    line->up = line->up || event->kind == CF_DEVICE_UP;
    line->options.sink.take(line->options.sink.ctx, &named);
}

static void mark_dead(struct cf_line *line, enum cf_rc rc, const char *why)
{
    if (line->dead)
        return;
    line->dead = true;
    line->dead_rc = rc;
    (void)snprintf(line->dead_why, sizeof line->dead_why, "%.*s", (int)sizeof line->dead_why - 1, why);
}

static void deliver(struct cf_line *line, struct cf_port_event *event)
{
    if (line->dead || line->state != STATE_OPEN)
        return;
    event->at = now_of(line);
    if (line->recorder != NULL)
        cf_recorder_event(line->recorder, event);
    line->options.driver->take(line->driven, event);
}

/* ---- the loop's side ---- */

static void watch(struct cf_line *line)
{
    bool out = line->state == STATE_CONNECTING || (line->writing && line->written < line->n_out);
    struct epoll_event event = {.events = (line->listening ? (uint32_t)EPOLLIN : 0) | (out ? (uint32_t)EPOLLOUT : 0)};
    if (line->fd >= 0)
        (void)epoll_ctl(line->epoll, EPOLL_CTL_MOD, line->fd, &event);
}

static void sooner(cf_mono at, cf_mono *first)
{
    if (at.us != 0 && (first->us == 0 || at.us < first->us))
        *first = at;
}

static void arm(struct cf_line *line)
{
    cf_mono first = {0}, now = now_of(line);
    if (line->state == STATE_CLOSED || line->state == STATE_CONNECTING)
        sooner(line->next, &first);
    if (line->state == STATE_OPEN) {
        sooner(line->wake_at, &first);
        sooner(line->write_until, &first);
        if (line->writing && line->written == line->n_out)
            sooner(line->look_at, &first);
    }
    if (line->dead || line->owed != OWED_NOTHING)
        first = now;
    struct itimerspec when = {.it_value.tv_nsec = 0};
    if (first.us != 0) {
        int64_t us = first.us > now.us ? first.us - now.us : 1;
        when.it_value.tv_sec = us / CF_US_PER_S;
        when.it_value.tv_nsec = us % CF_US_PER_S * 1000;
    }
    (void)timerfd_settime(line->timer, 0, &when, NULL);
    watch(line);
}

/* ---- the port that the driver has ---- */

static void port_control(void *ctx, const struct cf_port_setup *setup, cf_bytes out)
{
    struct cf_line *line = ctx;
    (void)setup;
    (void)out;
    assert(line->owed == OWED_NOTHING);
    line->owed = OWED_REFUSAL;
}

static void port_listen(void *ctx)
{
    struct cf_line *line = ctx;
    assert(!line->listening);
    line->listening = true;
}

static void port_write(void *ctx, cf_bytes bytes, uint32_t timeout_ms)
{
    struct cf_line *line = ctx;
    assert(!line->writing && bytes.n <= CF_PORT_WRITE_MAX);
    if (line->dead)
        return;
    memcpy(line->out, bytes.p, bytes.n);
    line->n_out = bytes.n;
    line->written = 0;
    line->writing = true;
    line->write_until = timeout_ms > 0 ? after(now_of(line), timeout_ms * CF_US_PER_MS) : (cf_mono){0};
    watch(line);
}

static void port_wake(void *ctx, uint32_t after_ms)
{
    struct cf_line *line = ctx;
    line->wake_at = after_ms > 0 ? after(now_of(line), after_ms * CF_US_PER_MS) : (cf_mono){0};
}

static void port_decline(void *ctx)
{
    mark_dead(ctx, CF_OK, "");
}

static void port_fail(void *ctx, enum cf_rc rc, const char *why)
{
    mark_dead(ctx, rc, why);
}

/* ---- opening and closing ---- */

static void try_again_later(struct cf_line *line)
{
    int64_t us = RETRY_FIRST_US << (line->n_failures < 6 ? line->n_failures : 6);
    line->state = STATE_CLOSED;
    line->next = after(now_of(line), us < RETRY_MOST_US ? us : RETRY_MOST_US);
    line->n_failures++;
}

static void close_fd(struct cf_line *line)
{
    if (line->fd < 0)
        return;
    if (line->place.bus == CF_PORT_TTY)
        cf_place_leave(line->fd, line->writing);
    close(line->fd); /* which takes it out of the epoll set */
    line->fd = -1;
}

/* Told once, not at each attempt. */
static void tell_failure(struct cf_line *line, enum cf_rc rc, const char *why)
{
    if (line->up)
        say(line, CF_DEVICE_DOWN, rc, why);
    else if (!line->told)
        say(line, CF_DEVICE_TROUBLE, rc, why);
    line->told = true;
    line->up = false;
}

static void bury(struct cf_line *line)
{
    bool declined = line->dead_rc == CF_OK;
    if (line->driven != NULL)
        line->options.driver->stop(line->driven);
    line->driven = NULL;
    cf_recorder_free(line->recorder);
    line->recorder = NULL;
    close_fd(line);
    line->listening = line->writing = false;
    line->owed = OWED_NOTHING;
    line->wake_at = line->write_until = (cf_mono){0};
    if (declined)
        line->state = STATE_DECLINED;
    else
        try_again_later(line);
    line->dead = false;
    if (!declined)
        tell_failure(line, line->dead_rc, line->dead_why);
}

static void start(struct cf_line *line)
{
    static const struct cf_port_ops ops = {port_control, port_listen, port_write, port_wake, port_decline, port_fail};
    struct cf_port port = {&ops, line};
    const struct cf_device_sink sink = {pass_on, line};
    const struct cf_driver *driver = line->options.driver;
    struct cf_recording_sink tape;
    struct cf_error err;
    enum cf_rc rc = CF_OK;
    line->state = STATE_OPEN;
    if (line->options.record != NULL && line->options.record(line->options.record_ctx, &line->info, &tape)) {
        rc = cf_recorder_new(&line->info, driver->name, &port, &tape, now_of(line), &line->recorder, &err);
        port = rc == CF_OK ? cf_recorder_port(line->recorder) : port;
    }
    if (rc != CF_OK || driver->start(&line->info, &port, &sink, &line->driven, &err) != CF_OK)
        mark_dead(line, err.rc, err.detail);
}

static bool is_allowed(const struct cf_line *line)
{
    uint32_t model = (uint32_t)line->info.vendor << 16 | line->info.product;
    for (size_t i = 0; i < line->options.n_allowed; i++)
        if (line->options.allowed[i] == model)
            return true;
    return line->options.driver->match(&line->info) == CF_MATCH_YES;
}

/* Looked at before it is taken: a keyboard that is no scanner stays everybody's. */
static enum cf_rc take_keyboard(struct cf_line *line, struct cf_error *err)
{
    if (!cf_place_look(line->fd, &line->info))
        return cf_fail(err, CF_E_DEVICE_FORMAT, "it is no keyboard");
    if (!is_allowed(line))
        return cf_fail(err, CF_E_DEVICE_RIGHTS, "%04x:%04x is not known as a scanner, and no rule says that it is one",
                       line->info.vendor, line->info.product);
    return cf_place_grab(line->fd, err);
}

static void open_line(struct cf_line *line)
{
    struct cf_error err = {.rc = CF_OK};
    struct epoll_event event = {.events = 0};
    bool connecting = false;
    enum cf_rc rc = cf_place_open(&line->place, &line->fd, &connecting, &err);
    if (rc == CF_OK && line->place.bus == CF_PORT_INPUT)
        rc = take_keyboard(line, &err);
    if (rc == CF_OK && epoll_ctl(line->epoll, EPOLL_CTL_ADD, line->fd, &event) != 0)
        rc = cf_fail(&err, CF_E_IO, "it cannot be waited for");
    if (rc != CF_OK) {
        close_fd(line);
        try_again_later(line);
        tell_failure(line, rc, err.detail);
    } else if (connecting) {
        line->state = STATE_CONNECTING;
        line->next = after(now_of(line), CONNECT_US);
    } else {
        start(line);
    }
}

/* ---- what happens ---- */

static void finish_connecting(struct cf_line *line, uint32_t events)
{
    int failed = 0;
    socklen_t n = sizeof failed;
    bool late = now_of(line).us >= line->next.us;
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0 && !late)
        return;
    if (!late && (getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &failed, &n) != 0 || failed == 0)) {
        start(line);
        return;
    }
    close_fd(line);
    try_again_later(line);
    tell_failure(line, CF_E_DEVICE_GONE, "nobody answers there");
}

static void end_write(struct cf_line *line, enum cf_port_status status)
{
    struct cf_port_event event = {.kind = CF_PORT_WRITTEN, .status = status, .n_written = (uint32_t)line->written};
    line->writing = false;
    line->write_until = (cf_mono){0};
    deliver(line, &event);
}

/* A serial port's bytes are written when they have left: what the kernel still holds is lost with the line. */
static void finish_write(struct cf_line *line)
{
    int left = 0;
    if (line->place.bus == CF_PORT_TTY && ioctl(line->fd, TIOCOUTQ, &left) == 0 && left > 0)
        line->look_at = after(now_of(line), LOOK_US);
    else
        end_write(line, CF_PORT_DONE);
}

static void write_some(struct cf_line *line)
{
    const uint8_t *from = line->out + line->written;
    size_t left = line->n_out - line->written;
    ssize_t n =
        line->place.bus == CF_PORT_STREAM ? send(line->fd, from, left, MSG_NOSIGNAL) : write(line->fd, from, left);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        mark_dead(line, CF_E_DEVICE_GONE, "the connection broke");
        return;
    }
    line->written += n > 0 ? (size_t)n : 0;
    if (line->written == line->n_out)
        finish_write(line);
}

static void read_some(struct cf_line *line)
{
    uint8_t bytes[READ_BYTES];
    ssize_t n = read(line->fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        mark_dead(line, CF_E_DEVICE_GONE, "the connection broke");
        return;
    }
    struct cf_port_event event = {.kind = CF_PORT_IN, .data = cf_bytes_of(bytes, (size_t)n)};
    deliver(line, &event);
    if (line->up && !line->dead) { /* a byte from what never comes up is no sign that it works */
        line->n_failures = 0;
        line->told = false;
    }
}

static void pay_what_is_owed(struct cf_line *line)
{
    struct cf_port_event refused = {.kind = CF_PORT_CONTROL_DONE, .status = CF_PORT_STALL};
    if (line->owed == OWED_NOTHING)
        return;
    line->owed = OWED_NOTHING;
    deliver(line, &refused);
}

static void step_open(struct cf_line *line, uint32_t events)
{
    cf_mono now = now_of(line);
    struct cf_port_event woken = {.kind = CF_PORT_WAKE};
    pay_what_is_owed(line);
    if ((events & EPOLLIN) != 0 && line->listening && !line->dead)
        read_some(line);
    if (line->writing && !line->dead && line->written < line->n_out && (events & EPOLLOUT) != 0)
        write_some(line);
    else if (line->writing && !line->dead && line->written == line->n_out && now.us >= line->look_at.us)
        finish_write(line);
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (events & EPOLLIN) == 0)
        mark_dead(line, CF_E_DEVICE_GONE, "the connection broke");
    if (line->writing && line->write_until.us != 0 && now.us >= line->write_until.us)
        end_write(line, CF_PORT_TIMEOUT);
    if (line->wake_at.us != 0 && now.us >= line->wake_at.us) {
        line->wake_at = (cf_mono){0};
        deliver(line, &woken);
    }
}

void cf_line_dispatch(struct cf_line *line)
{
    struct epoll_event event[2];
    uint64_t fired;
    uint32_t events = 0;
    (void)!read(line->timer, &fired, sizeof fired);
    int n = epoll_wait(line->epoll, event, 2, 0);
    for (int i = 0; i < n; i++)
        events |= event[i].data.u64 == 0 ? event[i].events : 0;
    switch (line->state) {
    case STATE_CLOSED:
        if (now_of(line).us >= line->next.us)
            open_line(line);
        break;
    case STATE_CONNECTING:
        finish_connecting(line, events);
        break;
    case STATE_OPEN:
        step_open(line, events);
        break;
    case STATE_DECLINED:
        break;
    }
    if (line->dead)
        bury(line);
    arm(line);
}

int cf_line_fd(const struct cf_line *line)
{
    return line->epoll;
}

enum cf_rc cf_line_print(struct cf_line *line, uint64_t id, cf_bytes bytes, struct cf_error *err)
{
    if (line->state != STATE_OPEN || line->dead || !line->up || line->options.driver->print == NULL)
        return cf_fail(err, CF_E_PRINTER_OFF, "nobody answers at %s", line->info.path);
    enum cf_rc rc = line->options.driver->print(line->driven, id, bytes, err);
    arm(line);
    return rc;
}

/* ---- begin and end ---- */

static enum cf_rc begin(struct cf_line *line, struct cf_error *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 1};
    line->epoll = epoll_create1(EPOLL_CLOEXEC);
    line->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    line->out = malloc(CF_PORT_WRITE_MAX);
    if (line->out == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "line");
    if (line->epoll < 0 || line->timer < 0 || epoll_ctl(line->epoll, EPOLL_CTL_ADD, line->timer, &event) != 0)
        return cf_fail_errno(err, errno, "line");
    line->next = now_of(line);
    arm(line);
    return CF_OK;
}

enum cf_rc cf_line_new(const struct cf_line_options *options, struct cf_line **ret, struct cf_error *err)
{
    struct cf_line *line = calloc(1, sizeof *line);
    if (line == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "line");
    line->options = *options;
    line->epoll = line->timer = line->fd = -1;
    enum cf_rc rc = cf_place_parse(options->place, &line->place, err);
    line->info = (struct cf_port_info){.bus = line->place.bus, .settled = true};
    memcpy(line->info.path, line->place.path, sizeof line->info.path);
    memcpy(line->info.name, line->place.path, sizeof line->info.name);
    line->options.place = line->info.path;
    if (rc == CF_OK)
        rc = begin(line, err);
    if (rc != CF_OK) {
        cf_line_free(line);
        return rc;
    }
    *ret = line;
    return CF_OK;
}

void cf_line_free(struct cf_line *line)
{
    if (line == NULL)
        return;
    line->dead = true;
    if (line->driven != NULL)
        line->options.driver->stop(line->driven);
    cf_recorder_free(line->recorder);
    close_fd(line);
    if (line->epoll >= 0)
        close(line->epoll);
    if (line->timer >= 0)
        close(line->timer);
    free(line->out);
    free(line);
}
