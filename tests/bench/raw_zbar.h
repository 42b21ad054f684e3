/*
 * tests/bench/raw_zbar.h - a bare zbar scanner with the symbologies of a shop: the floor of everything about pictures.
 */
#ifndef CF_TESTS_BENCH_RAW_ZBAR_H
#define CF_TESTS_BENCH_RAW_ZBAR_H

#include "drivers/camera/camera.h"

#define RAW_READS_MAX 16
#define RAW_TEXT_MAX 4096

struct raw_read {
    bool qr;
    int quality;
    size_t n;
    char text[RAW_TEXT_MAX];
};

struct raw_zbar {
    void *scanner, *image; /* zbar's */
    size_t n;
    struct raw_read read[RAW_READS_MAX];
};

void raw_zbar_init(struct raw_zbar *raw);
void raw_zbar_done(struct raw_zbar *raw);
/* The frame has no padding. What is read is in raw->read afterwards; returns the time that zbar took. */
int64_t raw_zbar_scan(struct raw_zbar *raw, const struct cf_frame *frame);

int64_t raw_cpu_ns(void); /* processor time of this thread: what other programs do to the machine is not in it */

#endif
