/*
 * tests/bench/bench.h - what the benchmark programs share: a clock, samples, and one JSON line a figure.
 *
 * A figure stands beside a floor that was measured in the same run, in turns with it, because the machines are shared
 * and their speed drifts. Nothing here passes or fails: a program ends badly only if what it measures does not work.
 */
#ifndef CF_TESTS_BENCH_BENCH_H
#define CF_TESTS_BENCH_BENCH_H

#include "base/error.h"

int64_t bench_now_ns(void); /* monotonic */

/* Measured durations or ratios, in any unit. Holds at most `max`; more is a mistake of the program. */
struct bench_samples {
    size_t n, max;
    double *at;
};
void bench_samples_init(struct bench_samples *samples, size_t max);
void bench_samples_done(struct bench_samples *samples);
void bench_samples_add(struct bench_samples *samples, double value);
/* permille 500 is the median, 990 the p99: the value that this share of the samples does not exceed. Sorts. */
double bench_samples_at(struct bench_samples *samples, unsigned permille);

/* What is printed of one figure. Units: "ms", "/s", "calls", "MB", ... */
struct bench_figure {
    const char *row;  /* of the table: "sale", "scan", ... */
    const char *what; /* the figure, with the percentile or mean it is */
    const char *unit;
    double value;
    const char *floor; /* NULL: none */
    double floor_value;
    double ratio;     /* value / floor, or the median of the rounds' ratios; 0: not given */
    const char *goal; /* NULL: for information */
    bool met;
};
void bench_print(const struct bench_figure *figure);

/* Ends the program with a message: what it measures does not work. */
void bench_check(enum cf_rc rc, const struct cf_error *err, const char *what);
_Noreturn void bench_die(const char *format, ...) CF_PRINTF(1, 2);

/* A repeatable pseudo-random sequence (xorshift64*): seed it with anything but 0. */
uint64_t bench_random(uint64_t *state);

#endif
