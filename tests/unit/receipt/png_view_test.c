/* The picture of a receipt: its code is read back by a camera, straight, turned and framed. */
#include "app/receipt/png_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/camera/camera.h"
#include "tests/support/shared_data.h"
#include "tests/unit/receipt/sample.h"

/* The picture's pixels. Free ret->grey. */
struct pixels {
    uint8_t *grey;
    uint32_t width, height;
};

static struct pixels pixels_of(struct cf_receipt *receipt)
{
    struct cf_buf png;
    struct cf_frame_source *source = NULL;
    struct cf_frame frame;
    bool got;
    cf_buf_init(&png, CF_PNG_VIEW_BYTES_MAX);
    assert_int_equal(cf_receipt_png(receipt, NULL, &png, NULL), CF_OK);
    assert_int_equal(cf_frame_source_of_memory(cf_buf_bytes(&png), &source, NULL), CF_OK);
    assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
    struct pixels pixels = {malloc((size_t)frame.width * frame.height), frame.width, frame.height};
    memcpy(pixels.grey, frame.grey, (size_t)frame.width * frame.height);
    cf_frame_source_free(source);
    cf_buf_done(&png);
    cf_receipt_free(receipt);
    return pixels;
}

static void assert_reads_coupon(const struct pixels *pixels)
{
    struct cf_decoder *decoder = NULL;
    struct cf_symbols symbols;
    struct cf_frame frame = {pixels->grey, pixels->width, pixels->height, pixels->width};
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
    const struct cf_symbol *chosen = NULL;
    static const char *const ours[] = {"CP1:"};
    assert_int_equal(cf_symbols_choose(&symbols, ours, 1, &chosen, NULL), CF_OK); /* the sale's name is there too */
    assert_true(cf_bytes_equal(chosen->text, cf_bytes_str(sample_coupon)));
    cf_decoder_free(decoder);
}

static bool is_font_there(void)
{
    struct cf_receipt *r = sample_receipt();
    struct cf_buf png;
    cf_buf_init(&png, CF_PNG_VIEW_BYTES_MAX);
    enum cf_rc rc = cf_receipt_png(r, NULL, &png, NULL);
    cf_buf_done(&png);
    cf_receipt_free(r);
    if (rc == CF_E_NOT_FOUND) {
        printf("# no font: install fonts-wqy-microhei\n");
    }
    return rc != CF_E_NOT_FOUND;
}

static void the_coupon_on_the_picture_is_read_back(void **state)
{
    (void)state;
    if (!is_font_there()) {
        skip();
    }
    struct pixels pixels = pixels_of(sample_receipt());
    assert_int_equal(pixels.width, 640);
    assert_reads_coupon(&pixels);
    free(pixels.grey);
}

/* A quarter turn clockwise. */
static struct pixels turned(const struct pixels *from)
{
    struct pixels to = {malloc((size_t)from->width * from->height), from->height, from->width};
    for (uint32_t y = 0; y < from->height; y++) {
        for (uint32_t x = 0; x < from->width; x++) {
            to.grey[(size_t)x * to.width + (to.width - 1 - y)] = from->grey[(size_t)y * from->width + x];
        }
    }
    return to;
}

static void it_is_read_back_in_each_quarter_turn(void **state)
{
    (void)state;
    if (!is_font_there()) {
        skip();
    }
    struct pixels pixels = pixels_of(sample_receipt());
    for (int turn = 0; turn < 4; turn++) {
        assert_reads_coupon(&pixels);
        struct pixels next = turned(&pixels);
        free(pixels.grey);
        pixels = next;
    }
    free(pixels.grey);
}

/* The receipt on a dark table, slanted by a sixth, at half the size: what a camera above the counter sees. */
static struct pixels on_a_table(const struct pixels *from)
{
    struct pixels to = {NULL, from->width / 2 + from->height / 12 + 80, from->height / 2 + 80};
    to.grey = malloc((size_t)to.width * to.height);
    for (uint32_t y = 0; y < to.height; y++) {
        for (uint32_t x = 0; x < to.width; x++) {
            int64_t sy = ((int64_t)y - 40) * 2;
            int64_t sx = ((int64_t)x - 40) * 2 - sy / 6;
            bool inside = sx >= 0 && sy >= 0 && sx + 1 < from->width && sy + 1 < from->height;
            const uint8_t *p = inside ? &from->grey[(size_t)sy * from->width + (size_t)sx] : NULL;
            unsigned light = inside ? ((unsigned)p[0] + p[1] + p[from->width] + p[from->width + 1]) / 4 : 60;
            to.grey[(size_t)y * to.width + x] = (uint8_t)(40 + light * 3 / 4);
        }
    }
    return to;
}

static void it_is_read_back_slanted_small_and_on_a_dark_table(void **state)
{
    (void)state;
    if (!is_font_there()) {
        skip();
    }
    struct pixels pixels = pixels_of(sample_receipt());
    struct pixels table = on_a_table(&pixels);
    assert_reads_coupon(&table);
    free(table.grey);
    free(pixels.grey);
}

static void without_a_font_the_error_names_the_package(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_error err = {0};
    struct cf_buf png;
    cf_buf_init(&png, CF_PNG_VIEW_BYTES_MAX);
    static const char *const paths[] = {"/nowhere/font.ttc", "/dev/null", "/proc/self/status"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(cf_receipt_png(r, paths[i], &png, &err), CF_E_NOT_FOUND);
        assert_non_null(strstr(err.detail, "fonts-wqy-microhei"));
    }
    assert_int_equal(setenv("CF_RECEIPT_FONT", "/nowhere/font.ttc", 1), 0);
    assert_int_equal(cf_receipt_png(r, NULL, &png, &err), CF_E_NOT_FOUND);
    unsetenv("CF_RECEIPT_FONT");
    assert_int_equal(png.n, 0);
    cf_buf_done(&png);
    cf_receipt_free(r);
}

static void a_picture_beyond_the_limits_is_refused(void **state)
{
    (void)state;
    if (!is_font_there()) {
        skip();
    }
    struct cf_receipt *r = NULL;
    struct cf_buf png;
    cf_buf_init(&png, CF_PNG_VIEW_BYTES_MAX);
    assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
    for (size_t i = 0; i < CF_RECEIPT_BLOCKS_MAX; i++) {
        assert_int_equal(cf_receipt_add_blank(r, NULL), CF_OK);
    }
    assert_int_equal(cf_receipt_png(r, NULL, &png, NULL), CF_E_LIMIT);
    assert_int_equal(png.n, 0);
    cf_buf_done(&png);
    cf_receipt_free(r);
}

static void naughty_strings_are_drawn(void **state)
{
    (void)state;
    struct cf_buf file;
    cf_bytes line;
    cf_buf_init(&file, 1u << 20);
    if (!is_font_there() || !cf_shared_data_read("strings/blns.txt", &file)) {
        skip();
    }
    struct cf_receipt *r = NULL;
    assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        char name[600];
        size_t n = line.n < sizeof name ? line.n : sizeof name - 1;
        memcpy(name, line.p, n);
        name[n] = '\0';
        assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_CENTRE, (uint32_t)at & CF_STYLE_ALL, name, NULL), CF_OK);
    }
    struct cf_buf png;
    cf_buf_init(&png, CF_PNG_VIEW_BYTES_MAX);
    assert_int_equal(cf_receipt_png(r, NULL, &png, NULL), CF_OK);
    cf_buf_done(&png);
    cf_receipt_free(r);
    cf_buf_done(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_coupon_on_the_picture_is_read_back),
        cmocka_unit_test(it_is_read_back_in_each_quarter_turn),
        cmocka_unit_test(it_is_read_back_slanted_small_and_on_a_dark_table),
        cmocka_unit_test(without_a_font_the_error_names_the_package),
        cmocka_unit_test(a_picture_beyond_the_limits_is_refused),
        cmocka_unit_test(naughty_strings_are_drawn),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
