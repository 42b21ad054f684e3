/*
 * tests/bench/bench.c - see bench.h.
 */
#include "tests/bench/bench.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bench_samples_init(struct bench_samples *samples, size_t max)
{
    *samples = (struct bench_samples){.max = max, .at = calloc(max, sizeof *samples->at)};
    if (samples->at == NULL) {
        bench_die("no memory for %zu samples", max);
    }
}

void bench_samples_done(struct bench_samples *samples)
{
    free(samples->at);
    *samples = (struct bench_samples){0};
}

void bench_samples_add(struct bench_samples *samples, double value)
{
    assert(samples->n < samples->max);
    samples->at[samples->n++] = value;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_samples_at(struct bench_samples *samples, unsigned permille)
{
    assert(permille <= 1000);
    if (samples->n == 0) {
        bench_die("a figure has no sample: nothing that it counts has happened");
    }
    qsort(samples->at, samples->n, sizeof *samples->at, compare);
    size_t rank = (samples->n * permille + 999) / 1000;
    return samples->at[rank == 0 ? 0 : rank - 1];
}

void bench_print(const struct bench_figure *figure)
{
    printf("{\"row\": \"%s\", \"figure\": \"%s\", \"value\": %.6g, \"unit\": \"%s\"", figure->row, figure->what,
           figure->value, figure->unit);
    if (figure->floor != NULL) {
        printf(", \"floor\": \"%s\", \"floor_value\": %.6g", figure->floor, figure->floor_value);
    }
    if (figure->ratio > 0) {
        printf(", \"ratio\": %.4g", figure->ratio);
    }
    if (figure->goal != NULL) {
        printf(", \"goal\": \"%s\", \"met\": %s", figure->goal, figure->met ? "true" : "false");
    }
    puts("}");
    fflush(stdout);
}

void bench_check(enum cf_rc rc, const struct cf_error *err, const char *what)
{
    if (rc != CF_OK) {
        bench_die("%s: %s (%s)", what, cf_rc_name(rc), err == NULL ? "" : err->detail);
    }
}

void bench_die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(3);
}

uint64_t bench_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * UINT64_C(0x2545F4914F6CDD1D);
}
