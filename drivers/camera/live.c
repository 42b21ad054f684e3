/*
 * drivers/camera/live.c - the camera's thread, and the queue between it and the owner.
 *
 * The mutex guards the queue and the lamp's wish. The thread alone touches capture and reader.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/env.h"
#include "drivers/camera/live.h"
#include "drivers/camera/reader.h"

#define TOLD_MAX 32u /* what the owner has not fetched; a code more is lost, and that is told */
#define WHY_MAX 120u
#define TEXT_MAX 7096u         /* "]Q1" and the 7,089 digits of the largest QR code */
#define HINT_PAUSE_MS 15000u   /* between two hints that the focus is wrong: one that nobody heeds is no help */
#define FRAME_TIMEOUT_MS 2000u /* without a frame for so long a camera does not work */
#define PAUSE_MIN_MS 100u
#define PAUSE_MAX_MS 5000u

struct told {
    enum cf_device_event_kind kind;
    enum cf_rc rc;
    char why[WHY_MAX];
    char name[CF_PORT_TEXT_MAX + 1]; /* of UP */
    size_t n_text;
    uint8_t text[TEXT_MAX]; /* of SCAN */
    cf_mono at;
};

struct cf_live {
    struct cf_port_info info;
    const struct cf_video_port *port;
    struct cf_device_sink sink;
    struct cf_reader *reader;
    bool refocused, hinted; /* since a code was read; ever */
    cf_mono hinted_at;
    pthread_t thread;
    bool started;
    int stop_fd, told_fd;

    pthread_mutex_t mutex;
    struct told told[TOLD_MAX];
    size_t first, n;
    bool lost; /* a code did not fit */
    bool wants_torch, torch_changed;
};

static cf_mono now(void)
{
    return cf_env_mono(cf_env_system());
}

/* ---- the queue --------------------------------------------------------------------------------------------------- */

static void ring(int fd)
{
    uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof one); /* can only fail when it is rung already */
    (void)n;
}

/* Half of the places are kept for what is no scan. */
static void tell(struct cf_live *live, struct told *told)
{
    told->at = now();
    (void)pthread_mutex_lock(&live->mutex);
    if (live->n + (told->kind == CF_DEVICE_SCAN ? TOLD_MAX / 2 : 0) < TOLD_MAX)
        live->told[(live->first + live->n++) % TOLD_MAX] = *told;
    else
        live->lost = true;
    (void)pthread_mutex_unlock(&live->mutex);
    ring(live->told_fd);
}

static void tell_state(struct cf_live *live, enum cf_device_event_kind kind, const struct cf_error *err,
                       const char *name)
{
    struct told told = {.kind = kind, .rc = err != NULL ? err->rc : CF_OK};
    if (err != NULL)
        (void)snprintf(told.why, sizeof told.why, "%.*s", (int)sizeof told.why - 1, err->detail);
    if (name != NULL)
        cf_port_text(cf_bytes_str(name), told.name);
    tell(live, &told);
}

/* As a scanner sends it: "]", the AIM identifier, the data. */
static void tell_scan(struct cf_live *live, const struct cf_symbol *symbol)
{
    size_t n_aim = strlen(symbol->aim);
    struct told told = {.kind = CF_DEVICE_SCAN, .n_text = 1 + n_aim + symbol->text.n};
    if (told.n_text > sizeof told.text)
        return; /* no symbol of ours holds so much */
    told.text[0] = ']';
    memcpy(told.text + 1, symbol->aim, n_aim);
    memcpy(told.text + 1 + n_aim, symbol->text.p, symbol->text.n);
    tell(live, &told);
}

static bool fetch(struct cf_live *live, struct told *ret, bool *ret_lost)
{
    (void)pthread_mutex_lock(&live->mutex);
    bool any = live->n > 0;
    *ret_lost = !any && live->lost;
    if (any) {
        *ret = live->told[live->first];
        live->first = (live->first + 1) % TOLD_MAX;
        live->n--;
    } else {
        live->lost = false;
    }
    (void)pthread_mutex_unlock(&live->mutex);
    return any;
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

/* fresh: the camera was opened just now, and knows nothing of an earlier wish. */
static void set_torch(struct cf_live *live, struct cf_capture *capture, bool fresh)
{
    struct cf_error err;
    (void)pthread_mutex_lock(&live->mutex);
    bool on = live->wants_torch, changed = live->torch_changed || (fresh && on);
    live->torch_changed = false;
    (void)pthread_mutex_unlock(&live->mutex);
    if (changed && cf_capture_torch(capture, on, &err) != CF_OK)
        tell_state(live, CF_DEVICE_TROUBLE, &err, NULL);
}

/* What is out of focus: the camera looks for it once; where that is no help, or its lens does not move, the cashier has
 * to. */
static void mend_focus(struct cf_live *live, struct cf_capture *capture, cf_mono at)
{
    struct cf_error err;
    bool refocuses = !live->refocused && cf_capture_refocus(capture, NULL) == CF_OK;
    live->refocused = true;
    if (refocuses || (live->hinted && cf_mono_since(at, live->hinted_at).us < (int64_t)HINT_PAUSE_MS * CF_US_PER_MS))
        return;
    live->hinted = true;
    live->hinted_at = at;
    (void)cf_fail(&err, CF_E_CAMERA_FOCUS, "edges are blurred");
    tell_state(live, CF_DEVICE_TROUBLE, &err, NULL);
}

static enum cf_rc read_frame(struct cf_live *live, struct cf_capture *capture, const struct cf_frame *frame,
                             struct cf_error *err)
{
    struct cf_symbols symbols;
    cf_mono at = now();
    enum cf_rc rc = cf_reader_frame(live->reader, frame, at, &symbols, err);
    for (size_t i = 0; rc == CF_OK && i < symbols.n; i++)
        tell_scan(live, &symbols.symbol[i]);
    live->refocused = live->refocused && (rc != CF_OK || symbols.n == 0);
    if (rc == CF_OK && cf_reader_blurred(live->reader))
        mend_focus(live, capture, at);
    return rc;
}

/* Until it is stopped (true) or the camera fails. *ret_up: a frame has come, and UP was told. */
static bool watch(struct cf_live *live, struct cf_capture *capture, bool *ret_up, struct cf_error *err)
{
    cf_mono last = now();
    for (bool fresh = true;; fresh = false) {
        enum cf_capture_got got;
        struct cf_frame frame;
        set_torch(live, capture, fresh);
        enum cf_rc rc = cf_capture_next(capture, live->stop_fd, FRAME_TIMEOUT_MS / 4, &got, &frame, err);
        if (rc == CF_OK && got == CF_CAPTURE_STOPPED)
            return true;
        if (rc == CF_OK && got == CF_CAPTURE_FRAME) {
            last = now();
            if (!*ret_up)
                tell_state(live, CF_DEVICE_UP, NULL, cf_capture_name(capture));
            *ret_up = true;
            rc = read_frame(live, capture, &frame, err);
        } else if (rc == CF_OK && cf_mono_since(now(), last).us > (int64_t)FRAME_TIMEOUT_MS * CF_US_PER_MS) {
            rc = cf_fail(err, CF_E_DEVICE_FAULT, "no picture for %u ms", FRAME_TIMEOUT_MS);
        }
        if (rc != CF_OK)
            return false;
    }
}

static void *run(void *ctx)
{
    struct cf_live *live = ctx;
    uint32_t pause_ms = PAUSE_MIN_MS;
    enum cf_rc told = CF_OK; /* a failure is told once, not at each attempt */
    for (;;) {
        struct cf_capture *capture = NULL;
        struct cf_error err;
        bool up = false;
        enum cf_rc rc = cf_capture_open(live->port, live->info.path, &capture, &err);
        bool stopped = rc == CF_OK && watch(live, capture, &up, &err);
        cf_capture_close(capture);
        if (stopped)
            return NULL;
        if (up || err.rc != told)
            tell_state(live, up ? CF_DEVICE_DOWN : CF_DEVICE_TROUBLE, &err, NULL);
        told = err.rc;
        pause_ms = up ? PAUSE_MIN_MS : pause_ms;
        if (live->port->ops->wait(live->port->ctx, -1, live->stop_fd, pause_ms) == 2)
            return NULL;
        pause_ms = 2 * pause_ms < PAUSE_MAX_MS ? 2 * pause_ms : PAUSE_MAX_MS;
    }
}

/* ---- the owner --------------------------------------------------------------------------------------------------- */

static enum cf_rc prepare(struct cf_live *live, struct cf_error *err)
{
    live->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    live->told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (live->stop_fd < 0 || live->told_fd < 0)
        return cf_fail(err, CF_E_IO, "no descriptor for the camera's thread");
    enum cf_rc rc = cf_reader_new(&live->reader, err);
    if (rc != CF_OK)
        return rc;
    if (pthread_create(&live->thread, NULL, run, live) != 0)
        return cf_fail(err, CF_E_NO_MEMORY, "no thread for the camera");
    live->started = true;
    return CF_OK;
}

enum cf_rc cf_live_new(const struct cf_live_options *options, struct cf_live **ret, struct cf_error *err)
{
    size_t n = strlen(options->path);
    if (n == 0 || n > CF_PORT_TEXT_MAX)
        return cf_fail(err, CF_E_RANGE, "a camera's path of %zu characters", n);
    struct cf_live *live = calloc(1, sizeof *live);
    if (live == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "camera");
    live->info.bus = CF_PORT_VIDEO;
    memcpy(live->info.path, options->path, n);
    live->port = options->port;
    live->sink = options->sink;
    live->stop_fd = live->told_fd = -1;
    if (pthread_mutex_init(&live->mutex, NULL) != 0) {
        free(live);
        return cf_fail(err, CF_E_NO_MEMORY, "camera");
    }
    enum cf_rc rc = prepare(live, err);
    if (rc != CF_OK) {
        cf_live_free(live);
        return rc;
    }
    *ret = live;
    return CF_OK;
}

void cf_live_free(struct cf_live *live)
{
    if (live == NULL)
        return;
    if (live->started) {
        ring(live->stop_fd);
        (void)pthread_join(live->thread, NULL);
    }
    if (live->stop_fd >= 0)
        (void)close(live->stop_fd);
    if (live->told_fd >= 0)
        (void)close(live->told_fd);
    (void)pthread_mutex_destroy(&live->mutex);
    cf_reader_free(live->reader);
    free(live);
}

int cf_live_fd(const struct cf_live *live)
{
    return live->told_fd;
}

static void pass_on(struct cf_live *live, const struct told *told)
{
    if (told->kind == CF_DEVICE_UP)
        memcpy(live->info.name, told->name, sizeof live->info.name);
    const struct cf_device_event event = {.kind = told->kind,
                                          .info = &live->info,
                                          .driver = "camera",
                                          .text = cf_bytes_of(told->text, told->n_text),
                                          .rc = told->rc,
                                          .why = told->why,
                                          .at = told->at};
    live->sink.take(live->sink.ctx, &event);
}

void cf_live_dispatch(struct cf_live *live)
{
    uint64_t rung;
    ssize_t n = read(live->told_fd, &rung, sizeof rung);
    (void)n; /* nothing was rung: then nothing is there either */
    struct told told;
    bool lost;
    while (fetch(live, &told, &lost))
        pass_on(live, &told);
    if (lost) {
        const struct told trouble = {
            .kind = CF_DEVICE_TROUBLE, .rc = CF_E_DEVICE_LOST, .why = "too many at once", .at = now()};
        pass_on(live, &trouble);
    }
}

void cf_live_torch(struct cf_live *live, bool on)
{
    (void)pthread_mutex_lock(&live->mutex);
    live->wants_torch = on;
    live->torch_changed = true;
    (void)pthread_mutex_unlock(&live->mutex);
}
