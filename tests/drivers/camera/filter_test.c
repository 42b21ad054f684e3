/* What is done to pictures: right in the middle and at every edge, for every size down to one pixel. */
#include "drivers/camera/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Exactly as many bytes as promised, so that the sanitizer sees one more. */
static uint8_t *bytes(size_t n)
{
    uint8_t *p = malloc(n);
    assert_non_null(p);
    return p;
}

static uint8_t *noise(size_t n, uint32_t seed)
{
    uint8_t *p = bytes(n);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        p[i] = (uint8_t)(seed >> 24);
    }
    return p;
}

/* As the header says it, slowly. */
static uint8_t slow_threshold(const struct cf_frame *frame, int x, int y)
{
    uint32_t sum = 0, area = 0;
    for (int v = y - CF_FILTER_RADIUS; v <= y + CF_FILTER_RADIUS; v++) {
        for (int u = x - CF_FILTER_RADIUS; u <= x + CF_FILTER_RADIUS; u++) {
            if (u >= 0 && v >= 0 && u < (int)frame->width && v < (int)frame->height) {
                sum += frame->grey[(size_t)v * frame->stride + (size_t)u];
                area++;
            }
        }
    }
    return (frame->grey[(size_t)y * frame->stride + (size_t)x] + CF_FILTER_BIAS) * area < sum ? 0 : 255;
}

static void a_threshold_is_the_mean_of_the_window_around_each_pixel(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        size_t stride;
        const char *why;
    } rows[] = {
        {1, 1, 1, "one pixel"},           {7, 5, 9, "smaller than the window, padded"},
        {25, 24, 25, "as large as half"}, {60, 70, 61, "larger than the window"},
        {120, 1, 120, "one row"},         {1, 120, 3, "one column"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t width = rows[i].width, height = rows[i].height;
        uint8_t *from = noise(rows[i].stride * height, (uint32_t)i), *to = bytes((size_t)width * height);
        uint32_t *scratch = calloc(CF_FILTER_SCRATCH(width), sizeof *scratch);
        struct cf_frame frame = {from, width, height, rows[i].stride};
        cf_filter_threshold(&frame, scratch, to);
        for (uint32_t y = 0; y < height; y++) {
            for (uint32_t x = 0; x < width; x++) {
                if (to[y * width + x] != slow_threshold(&frame, (int)x, (int)y))
                    fail_msg("%s: %u, %u", rows[i].why, x, y);
            }
        }
        free(scratch);
        free(from);
        free(to);
    }
}

static void paper_in_a_shadow_stays_white(void **state)
{
    (void)state;
    enum { SIDE = 100 };
    uint8_t *from = bytes(SIDE * SIDE), *to = bytes(SIDE * SIDE);
    uint32_t *scratch = calloc(CF_FILTER_SCRATCH(SIDE), sizeof *scratch);
    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        from[i] = (uint8_t)(20 + i % SIDE * 2 + i % 3); /* from dark to light, and a little noise */
    for (uint32_t i = 0; i < 5; i++)
        memset(from + (40 + i) * SIDE + 60, 90, 5); /* darker than what is beside it, lighter than the shadow */
    cf_filter_threshold(&(struct cf_frame){from, SIDE, SIDE, SIDE}, scratch, to);
    unsigned dark = 0;
    for (uint32_t y = 0; y < SIDE; y++) {
        for (uint32_t x = CF_FILTER_RADIUS; x < SIDE; x++) /* at the left edge the window has only what is lighter */
            dark += to[y * SIDE + x] == 0;
    }
    assert_int_equal(dark, 25);
    assert_int_equal(to[42 * SIDE + 62], 0);
    free(scratch);
    free(from);
    free(to);
}

static void every_filter_keeps_to_its_memory(void **state)
{
    (void)state;
    for (uint32_t width = 1; width < 8; width++) {
        for (uint32_t height = 1; height < 8; height++) {
            size_t n = (size_t)width * height;
            uint8_t *from = noise((width + 2) * height, width), *to = bytes(n), *large = bytes(4 * n);
            uint8_t *scratch = bytes(4 * n);
            struct cf_frame frame = {from, width, height, width + 2};
            cf_filter_enlarge(&frame, scratch, large);
            cf_filter_blur(&frame, to);
            cf_filter_turn(&frame, to);
            assert_int_equal(to[n - 1], from[0]);
            assert_int_equal(to[0], from[(height - 1) * (width + 2) + width - 1]);
            cf_filter_invert(&frame, to);
            assert_int_equal(to[n - 1], 255 - from[(height - 1) * (width + 2) + width - 1]);
            for (unsigned tilt = 0; tilt < CF_FILTER_TILTS; tilt++)
                cf_filter_tilt(&frame, tilt, to);
            if (width > 1 && height > 1) {
                uint8_t *small = bytes((width / 2) * (height / 2));
                cf_filter_halve(&frame, small);
                free(small);
            }
            free(from);
            free(to);
            free(large);
            free(scratch);
        }
    }
}

static void a_flat_picture_stays_flat(void **state)
{
    (void)state;
    enum { SIDE = 20 };
    uint8_t *from = bytes(SIDE * SIDE), *to = bytes(4 * SIDE * SIDE), *scratch = bytes(4 * SIDE * SIDE);
    memset(from, 77, SIDE * SIDE);
    struct cf_frame frame = {from, SIDE, SIDE, SIDE};
    cf_filter_enlarge(&frame, scratch, to);
    for (size_t i = 0; i < 4 * SIDE * SIDE; i++)
        assert_int_equal(to[i], 77);
    cf_filter_blur(&frame, to);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        assert_int_equal(to[i], 77);
    cf_filter_halve(&frame, to);
    for (size_t i = 0; i < SIDE * SIDE / 4; i++)
        assert_int_equal(to[i], 77);
    free(from);
    free(to);
    free(scratch);
}

static void a_tilt_keeps_the_middle_and_stretches_across_its_axis(void **state)
{
    (void)state;
    enum { SIDE = 101 };
    uint8_t *from = bytes(SIDE * SIDE), *to = bytes(SIDE * SIDE);
    memset(from, 255, SIDE * SIDE);
    for (uint32_t y = 40; y <= 60; y++)
        memset(from + y * SIDE + 40, 0, 21);
    for (unsigned tilt = 0; tilt < CF_FILTER_TILTS; tilt++) {
        cf_filter_tilt(&(struct cf_frame){from, SIDE, SIDE, SIDE}, tilt, to);
        assert_int_equal(to[50 * SIDE + 50], 0);
        uint32_t wide = 0, high = 0;
        for (uint32_t i = 0; i < SIDE; i++) {
            wide += to[50 * SIDE + i] == 0;
            high += to[i * SIDE + 50] == 0;
        }
        if (tilt < 2)
            assert_true(high > wide);
        if (tilt == 4 || tilt == 5)
            assert_true(wide > high);
    }
    free(from);
    free(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threshold_is_the_mean_of_the_window_around_each_pixel),
        cmocka_unit_test(paper_in_a_shadow_stays_white),
        cmocka_unit_test(every_filter_keeps_to_its_memory),
        cmocka_unit_test(a_flat_picture_stays_flat),
        cmocka_unit_test(a_tilt_keeps_the_middle_and_stretches_across_its_axis),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
