/* Recordings of devices: every driver with any events in any order, and each line written back as it was read. */
#include "drivers/port/recording.h"
#include "drivers/port/replay.h"
#include "drivers/scanner/scanner.h"

#include <stdlib.h>
#include <string.h>

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    if (event->kind == CF_DEVICE_SCAN && (event->text.n == 0 || event->text.n > CF_SCANNER_TEXT_MAX))
        abort();
}

static void write_back(cf_bytes text)
{
    static uint8_t data[CF_RECORDING_DATA_MAX];
    static struct cf_port_info info;
    struct cf_recording_line line, again;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_RECORDING_LINE_MAX + 1);
    memset(&info, 0, sizeof info);
    if (cf_recording_parse(text, &line, data, &info, NULL) != CF_OK || line.kind == CF_RECORDING_COMMENT)
        return;
    if (cf_recording_write(&line, cf_bytes_of(data, line.n_data), &info, &out, NULL) != CF_OK ||
        cf_recording_parse(cf_bytes_of(out.p, out.n - 1), &again, data, &info, NULL) != CF_OK ||
        again.kind != line.kind || again.n_data != line.n_data)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct cf_device_sink sink = {hear, NULL};
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    struct cf_error err;
    if (cf_replay(cf_bytes_of(data, size), cf_scanner_drivers, CF_SCANNER_DRIVERS, &sink, &err) != CF_OK &&
        err.rc == CF_OK)
        abort();
    write_back(cf_bytes_of(data, end != NULL ? (size_t)(end - data) : size));
    return 0;
}
