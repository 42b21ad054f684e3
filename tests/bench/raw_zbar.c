/*
 * tests/bench/raw_zbar.c - zbar as its manual says, and nothing around it.
 */
#include "tests/bench/raw_zbar.h"

#include <string.h>
#include <time.h>

#include <zbar.h>

#include "tests/bench/bench.h"

int64_t raw_cpu_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
        bench_die("no clock of the thread");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void raw_zbar_init(struct raw_zbar *raw)
{
    static const zbar_symbol_type_t types[] = {ZBAR_EAN13, ZBAR_EAN8, ZBAR_UPCE, ZBAR_CODE128, ZBAR_QRCODE};
    raw->scanner = zbar_image_scanner_create();
    raw->image = zbar_image_create();
    if (raw->scanner == NULL || raw->image == NULL)
        bench_die("no memory");
    zbar_image_scanner_set_config(raw->scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        zbar_image_scanner_set_config(raw->scanner, types[i], ZBAR_CFG_ENABLE, 1);
    zbar_image_scanner_set_config(raw->scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
    zbar_image_set_format(raw->image, zbar_fourcc('Y', '8', '0', '0'));
}

void raw_zbar_done(struct raw_zbar *raw)
{
    zbar_image_destroy(raw->image);
    zbar_image_scanner_destroy(raw->scanner);
}

int64_t raw_zbar_scan(struct raw_zbar *raw, const struct cf_frame *frame)
{
    zbar_image_set_size(raw->image, frame->width, frame->height);
    zbar_image_set_data(raw->image, frame->grey, (unsigned long)frame->width * frame->height, NULL);
    int64_t from = raw_cpu_ns();
    int found = zbar_scan_image(raw->scanner, raw->image);
    int64_t took = raw_cpu_ns() - from;
    if (found < 0)
        bench_die("zbar cannot scan");
    raw->n = 0;
    const zbar_symbol_t *symbol = zbar_image_first_symbol(raw->image);
    for (; symbol != NULL && raw->n < RAW_READS_MAX; symbol = zbar_symbol_next(symbol)) {
        struct raw_read *read = &raw->read[raw->n];
        read->n = zbar_symbol_get_data_length(symbol);
        if (read->n > sizeof read->text)
            continue;
        memcpy(read->text, zbar_symbol_get_data(symbol), read->n);
        read->qr = zbar_symbol_get_type(symbol) == ZBAR_QRCODE;
        read->quality = zbar_symbol_get_quality(symbol);
        raw->n++;
    }
    return took;
}
