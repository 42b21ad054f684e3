/*
 * app/cli/devices_at.c - see devices_at.h.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/devices_at.h"
#include "drivers/camera/reader.h"
#include "drivers/display/pole_display.h"
#include "drivers/printer/receipt_printer.h"
#include "drivers/scale/scale.h"
#include "drivers/scanner/scanner.h"

#define FILM_WAIT_MS 100
#define FRAME_US 33333

bool devices_at_named(const struct cf_devices_options *use)
{
    return use->scanner != NULL || use->printer != NULL || use->scale != NULL || use->display != NULL ||
           use->camera != NULL;
}

/* ---- used -------------------------------------------------------------------------------------------------------- */

static void hear(void *ctx, const struct cf_device_event *event)
{
    struct devices_at *at = ctx;
    if (event->kind == CF_DEVICE_UP && strcmp(event->driver, cf_pole_display.name) == 0)
        at->display_fresh = at->shows;
    at->sink.take(at->sink.ctx, event);
}

static const struct cf_driver *scanner_at(const char *place)
{
    bool types = place != NULL && strncmp(place, CF_DEVICES_KEYBOARDS, sizeof CF_DEVICES_KEYBOARDS - 1) == 0;
    return types ? &cf_scanner_evdev : &cf_scanner_serial;
}

static enum cf_rc open_lines(struct devices_at *at, struct cf_line_options *line, struct cf_error *err)
{
    const struct {
        const char *place;
        const struct cf_driver *driver;
    } all[] = {{at->use->scanner, scanner_at(at->use->scanner)},
               {at->use->printer, &cf_receipt_printer},
               {at->use->scale, &cf_scale_toledo},
               {at->use->display, &cf_pole_display}};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof all / sizeof all[0]; i++) {
        line->place = all[i].place;
        line->driver = all[i].driver;
        rc = all[i].place != NULL ? cf_line_new(line, &at->line[i], err) : CF_OK;
        if (all[i].driver == &cf_pole_display)
            at->display = at->line[i];
    }
    return rc;
}

enum cf_rc devices_at_open(struct devices_at *at, const struct cf_devices_options *use,
                           const struct cf_device_sink *sink,
                           bool (*record)(void *ctx, const struct cf_port_info *info, struct cf_recording_sink *ret),
                           void *ctx, struct cf_error *err)
{
    struct cf_line_options line = {.env = cf_env_system(), .sink = {hear, at}, .record = record, .record_ctx = ctx};
    const struct cf_live_options live = {.path = use->camera, .port = cf_video_kernel(), .sink = {hear, at}};
    *at = (struct devices_at){.sink = *sink, .use = use, .shows = record == NULL};
    enum cf_rc rc = open_lines(at, &line, err);
    if (rc == CF_OK && use->camera != NULL)
        rc = cf_live_new(&live, &at->live, err);
    if (rc != CF_OK)
        devices_at_close(at);
    else if (at->live != NULL && use->camera_lamp)
        cf_live_torch(at->live, true);
    return rc;
}

void devices_at_close(struct devices_at *at)
{
    for (size_t i = 0; i < DEVICES_AT_MAX - 1; i++)
        cf_line_free(at->line[i]);
    cf_live_free(at->live);
    *at = (struct devices_at){.live = NULL};
}

size_t devices_at_poll(const struct devices_at *at, struct pollfd ret[DEVICES_AT_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < DEVICES_AT_MAX - 1; i++)
        if (at->line[i] != NULL)
            ret[n++] = (struct pollfd){.fd = cf_line_fd(at->line[i]), .events = POLLIN};
    if (at->live != NULL)
        ret[n++] = (struct pollfd){.fd = cf_live_fd(at->live), .events = POLLIN};
    return n;
}

/* All that a till shows a shopper is of this kind: two rows, each with a left and a right part. */
static void show_test(struct devices_at *at)
{
    static const struct cf_display_text text = {
        .row = {{.left = "Counterfoil", .right = "test"}, {.left = "1234567890", .right = "0987654321"}}};
    struct cf_display_frame frame;
    enum cf_rc rc = cf_display_encode(&at->use->display_model, &text, true, &frame, NULL);
    if (rc == CF_OK)
        rc = cf_line_print(at->display, 0, cf_bytes_of(frame.bytes, frame.n), NULL);
    at->display_fresh = rc != CF_OK; /* it has gone again: when it comes */
}

void devices_at_dispatch(struct devices_at *at)
{
    for (size_t i = 0; i < DEVICES_AT_MAX - 1; i++)
        if (at->line[i] != NULL)
            cf_line_dispatch(at->line[i]);
    if (at->live != NULL)
        cf_live_dispatch(at->live);
    if (at->display_fresh)
        show_test(at);
}

/* ---- seen -------------------------------------------------------------------------------------------------------- */

static int is_entry(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int is_node(const struct dirent *entry)
{
    return strncmp(entry->d_name, "video", 5) == 0;
}

/* The entries of a folder in the order of their names; false: there is no such folder, or nothing in it. */
static bool each_of(const char *folder, int (*filter)(const struct dirent *entry), bool cameras,
                    void (*see)(void *ctx, const char *path, const char *name), void *ctx)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, filter, alphasort);
    for (int i = 0; i < n; i++) {
        char path[CF_PORT_TEXT_MAX + 1], name[CF_CAPTURE_NAME_MAX + 1];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        bool fits = length > 0 && (size_t)length < sizeof path;
        if (fits && cameras && cf_capture_look(cf_video_kernel(), path, name, NULL) == CF_OK)
            see(ctx, path, name);
        else if (fits && !cameras)
            see(ctx, path, NULL);
        free(entries[i]);
    }
    free(entries);
    return n > 0;
}

void devices_at_each(void (*see)(void *ctx, const char *path, const char *name), void *ctx)
{
    /* Their names there stay the same when they are plugged in again. */
    if (!each_of("/dev/v4l/by-id", is_entry, true, see, ctx))
        (void)each_of("/dev", is_node, true, see, ctx);
    (void)each_of("/dev/serial/by-id", is_entry, false, see, ctx);
}

/* ---- clips ------------------------------------------------------------------------------------------------------- */

static bool put_frame(FILE *to, const struct cf_frame *frame)
{
    bool good = fputs("FRAME\n", to) >= 0;
    for (uint32_t y = 0; good && y < frame->height; y++)
        good = fwrite(frame->grey + y * frame->stride, 1, frame->width, to) == frame->width;
    return good;
}

enum cf_rc devices_at_film(const char *camera, FILE *to, bool (*over)(void *ctx), void *ctx, struct cf_error *err)
{
    struct cf_capture *capture = NULL;
    bool begun = false;
    enum cf_rc rc = cf_capture_open(cf_video_kernel(), camera, &capture, err);
    while (rc == CF_OK && !over(ctx)) {
        enum cf_capture_got got = CF_CAPTURE_NONE;
        struct cf_frame frame;
        rc = cf_capture_next(capture, -1, FILM_WAIT_MS, &got, &frame, err);
        if (rc != CF_OK || got != CF_CAPTURE_FRAME)
            continue;
        bool good = begun || fprintf(to, "YUV4MPEG2 W%u H%u F30:1 Ip A1:1 Cmono\n", frame.width, frame.height) > 0;
        begun = true;
        if (!good || !put_frame(to, &frame))
            rc = cf_fail(err, CF_E_IO, "the clip could not be written");
    }
    cf_capture_close(capture);
    return rc;
}

static void tell_scan(const struct cf_device_sink *sink, const struct cf_port_info *info,
                      const struct cf_symbol *symbol, cf_mono at)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) text;
    cf_buf_init(&text, symbol->text.n + sizeof symbol->aim + 2);
    if (cf_buf_printf(&text, NULL, "]%s", symbol->aim) != CF_OK ||
        cf_buf_append(&text, symbol->text.p, symbol->text.n, NULL) != CF_OK)
        return;
    const struct cf_device_event event = {
        .kind = CF_DEVICE_SCAN, .info = info, .driver = "camera", .text = cf_buf_bytes(&text), .at = at};
    sink->take(sink->ctx, &event);
}

static enum cf_rc play(struct cf_frame_source *source, struct cf_reader *reader, const struct cf_device_sink *sink,
                       const struct cf_port_info *info, struct cf_error *err)
{
    cf_mono at = {0};
    for (;; at.us += FRAME_US) {
        bool got = false;
        struct cf_frame frame;
        struct cf_symbols symbols;
        enum cf_rc rc = cf_frame_source_next(source, &got, &frame, err);
        if (rc == CF_OK && got)
            rc = cf_reader_frame(reader, &frame, at, &symbols, err);
        if (rc != CF_OK || !got)
            return rc;
        for (size_t i = 0; i < symbols.n; i++)
            tell_scan(sink, info, &symbols.symbol[i], at);
    }
}

enum cf_rc devices_at_play(const char *path, const struct cf_device_sink *sink, struct cf_error *err)
{
    struct cf_port_info info = {.bus = CF_PORT_VIDEO};
    struct cf_frame_source *source = NULL;
    struct cf_reader *reader = NULL;
    (void)snprintf(info.path, sizeof info.path, "%.*s", CF_PORT_TEXT_MAX, path);
    enum cf_rc rc = cf_frame_source_of_file(path, &source, err);
    if (rc == CF_OK)
        rc = cf_reader_new(&reader, err);
    if (rc == CF_OK)
        rc = play(source, reader, sink, &info, err);
    cf_reader_free(reader);
    cf_frame_source_free(source);
    return rc;
}
