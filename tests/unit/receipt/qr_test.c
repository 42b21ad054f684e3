/* QR codes: sizes of our own codes, the limits, and pictures that a camera reads back. */
#include "app/receipt/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base45.h"
#include "drivers/camera/camera.h"
#include "tests/unit/receipt/sample.h"

/* Prefix and base45 of `cose_n` bytes, as code.h makes it. */
static size_t code_text(const char *prefix, size_t cose_n, char text[600])
{
    uint8_t cose[400];
    uint32_t seed = 7;
    for (size_t i = 0; i < cose_n; i++) {
        seed = seed * 1664525u + 1013904223u;
        cose[i] = (uint8_t)(seed >> 24);
    }
    size_t n = (size_t)snprintf(text, 600, "%s", prefix);
    assert_int_equal(cf_base45_encode(cf_bytes_of(cose, cose_n), text + n, 600 - n, NULL), CF_OK);
    return strlen(text);
}

static void our_codes_are_alphanumeric_and_of_the_versions_that_the_design_counts_on(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        size_t cose_n;
        enum cf_qr_level level;
        unsigned version;
        const char *why;
    } rows[] = {
        {"CP1:", 95, CF_QR_M, 6, "the shortest coupon"},
        {"CP1:", 111, CF_QR_M, 7, "the longest coupon"},
        {"CT1:", 118, CF_QR_M, 8, "a claim ticket"},
        {"MS1:", 135, CF_QR_M, 8, "a printed card"},
        {"MC1:", 220, CF_QR_M, 11, "a rotating code"},
        {"MC1:", 234, CF_QR_M, 11, "a rotating code with the till's challenge"},
        {"MC1:", 220, CF_QR_L, 9, "the same on a phone, with larger modules"},
        {"MC1:", 234, CF_QR_L, 10, "with a challenge it is one version more at level L"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[600];
        size_t n = code_text(rows[i].prefix, rows[i].cose_n, text);
        static struct cf_qr qr;
        assert_true(cf_qr_is_alphanumeric(cf_bytes_of(text, n)));
        assert_int_equal(cf_qr_make(cf_bytes_of(text, n), rows[i].level, &qr, NULL), CF_OK);
        if (qr.version != rows[i].version) {
            fail_msg("%s: version %u, not %u", rows[i].why, qr.version, rows[i].version);
        }
        assert_int_equal(qr.side, 17 + 4 * qr.version);
    }
}

static void lower_case_and_nul_are_not_alphanumeric(void **state)
{
    (void)state;
    assert_false(cf_qr_is_alphanumeric(cf_bytes_of("cp1", 3)));
    assert_false(cf_qr_is_alphanumeric(cf_bytes_of("A\0", 2)));
    assert_false(cf_qr_is_alphanumeric(cf_bytes_of("A,", 2)));
    assert_true(cf_qr_is_alphanumeric(cf_bytes_of("A1 $%*+-./:", 11)));
}

static void what_no_version_holds_is_refused(void **state)
{
    (void)state;
    static struct cf_qr qr;
    static const struct {
        enum cf_qr_level level;
        bool alphanumeric;
        size_t most; /* of version 40: ISO/IEC 18004, table 7 */
    } rows[] = {
        {CF_QR_L, true, 4296},  {CF_QR_M, true, 3391},  {CF_QR_Q, true, 2420},  {CF_QR_H, true, 1852},
        {CF_QR_L, false, 2953}, {CF_QR_M, false, 2331}, {CF_QR_Q, false, 1663}, {CF_QR_H, false, 1273},
    };
    char text[5000];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(text, rows[i].alphanumeric ? 'A' : 'a', sizeof text);
        struct cf_error err;
        assert_int_equal(cf_qr_make(cf_bytes_of(text, rows[i].most), rows[i].level, &qr, &err), CF_OK);
        assert_int_equal(qr.version, 40);
        assert_int_equal(cf_qr_make(cf_bytes_of(text, rows[i].most + 1), rows[i].level, &qr, &err), CF_E_CODE_SIZE);
    }
    assert_int_equal(cf_qr_make(cf_bytes_of("", 0), CF_QR_M, &qr, NULL), CF_E_CODE_SIZE);
}

static void read_back(cf_bytes png, cf_bytes expected)
{
    struct cf_frame_source *source = NULL;
    struct cf_decoder *decoder = NULL;
    struct cf_frame frame;
    struct cf_symbols symbols;
    bool got = false;
    assert_int_equal(cf_frame_source_of_memory(png, &source, NULL), CF_OK);
    assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
    assert_true(got);
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
    assert_int_equal(symbols.n, 1);
    assert_int_equal(symbols.symbol[0].symbology, CF_SYMBOLOGY_QR);
    assert_true(cf_bytes_equal(symbols.symbol[0].text, expected));
    cf_decoder_free(decoder);
    cf_frame_source_free(source);
}

static void pictures_are_read_back_at_every_level_and_scale(void **state)
{
    (void)state;
    char text[600];
    size_t n = code_text("MC1:", 234, text);
    for (unsigned level = CF_QR_L; level <= CF_QR_H; level++) {
        for (unsigned scale = 2; scale <= 8; scale += 3) {
            struct cf_buf png;
            cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
            assert_int_equal(cf_qr_png(cf_bytes_of(text, n), (enum cf_qr_level)level, scale, &png, NULL), CF_OK);
            read_back(cf_buf_bytes(&png), cf_bytes_of(text, n));
            cf_buf_done(&png);
        }
    }
}

static void every_byte_comes_back_unaltered(void **state)
{
    (void)state;
    /* Above all those that a reader could take for Shift-JIS, UTF-8 or Latin-1 and "convert". */
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(255 - i);
    }
    struct cf_buf png;
    cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
    assert_int_equal(cf_qr_png(cf_bytes_of(bytes, sizeof bytes), CF_QR_M, 4, &png, NULL), CF_OK);
    read_back(cf_buf_bytes(&png), cf_bytes_of(bytes, sizeof bytes));
    cf_buf_done(&png);
}

static void a_code_of_three_kilobytes_is_read_whole(void **state)
{
    (void)state;
    static char text[3001];
    sample_base45(text, 3000, 5);
    struct cf_buf png;
    cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
    assert_int_equal(cf_qr_png(cf_bytes_of(text, 3000), CF_QR_L, 5, &png, NULL), CF_OK);
    read_back(cf_buf_bytes(&png), cf_bytes_of(text, 3000));
    cf_buf_done(&png);
}

static void scale_and_size_are_bounded(void **state)
{
    (void)state;
    struct cf_buf png;
    cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
    cf_bytes text = cf_bytes_str("CP1:A");
    char huge[3000];
    memset(huge, 'A', sizeof huge);
    assert_int_equal(cf_qr_png(text, CF_QR_M, 0, &png, NULL), CF_E_RANGE);
    assert_int_equal(cf_qr_png(text, CF_QR_M, CF_QR_SCALE_MAX + 1, &png, NULL), CF_E_RANGE);
    assert_int_equal(cf_qr_png(cf_bytes_of(huge, sizeof huge), CF_QR_M, CF_QR_SCALE_MAX, &png, NULL), CF_E_RANGE);
    assert_int_equal(png.n, 0);
    png.max = 10;
    assert_int_equal(cf_qr_png(text, CF_QR_M, 4, &png, NULL), CF_E_LIMIT);
    assert_int_equal(png.n, 0);
    cf_buf_done(&png);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_codes_are_alphanumeric_and_of_the_versions_that_the_design_counts_on),
        cmocka_unit_test(lower_case_and_nul_are_not_alphanumeric),
        cmocka_unit_test(what_no_version_holds_is_refused),
        cmocka_unit_test(pictures_are_read_back_at_every_level_and_scale),
        cmocka_unit_test(every_byte_comes_back_unaltered),
        cmocka_unit_test(a_code_of_three_kilobytes_is_read_whole),
        cmocka_unit_test(scale_and_size_are_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
