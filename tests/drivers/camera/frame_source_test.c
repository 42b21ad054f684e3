/* Picture files: each format, each way of being broken, each bound. */
#include "drivers/camera/camera.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/receipt/qr.h"
#include "base/env.h"
#include "tests/support/shared_data.h"

/* Opens and takes frames until the end: the first error, or CF_OK. The input is on the heap in its exact size. */
static enum cf_rc read_all(const void *file, size_t n, unsigned *ret_frames)
{
    uint8_t *copy = malloc(n + (n == 0));
    if (n > 0) {
        memcpy(copy, file, n);
    }
    struct cf_frame_source *source = NULL;
    enum cf_rc rc = cf_frame_source_of_memory(cf_bytes_of(copy, n), &source, NULL);
    bool got = rc == CF_OK;
    *ret_frames = 0;
    while (rc == CF_OK && got) {
        struct cf_frame frame;
        rc = cf_frame_source_next(source, &got, &frame, NULL);
        if (rc == CF_OK && got) {
            volatile uint8_t last = frame.grey[(frame.height - 1) * frame.stride + frame.width - 1];
            (void)last;
            ++*ret_frames;
        }
    }
    cf_frame_source_free(source);
    free(copy);
    return rc;
}

struct row {
    const char *bytes;
    size_t n;
    enum cf_rc rc;
    unsigned frames;
    const char *why;
};
#define ROW(bytes, rc, frames, why)                                                                                    \
    {                                                                                                                  \
        bytes, sizeof(bytes) - 1, rc, frames, why                                                                      \
    }

static void check(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned frames;
        enum cf_rc rc = read_all(rows[i].bytes, rows[i].n, &frames);
        if (rc != rows[i].rc || frames != rows[i].frames) {
            fail_msg("%s: %d with %u frames", rows[i].why, rc, frames);
        }
    }
}

static void what_is_no_picture_is_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", CF_E_IMAGE_FORMAT, 0, "nothing"),
        ROW("x", CF_E_IMAGE_FORMAT, 0, "a byte"),
        ROW("P", CF_E_IMAGE_FORMAT, 0, "half a magic number"),
        ROW("not a picture at all, but text", CF_E_IMAGE_FORMAT, 0, "text"),
        ROW("\xff\xd8\xff\xe0JFIF", CF_E_IMAGE_FORMAT, 0, "a format that is not ours"),
        ROW("RIFF\x10\0\0\0WAVEfmt ", CF_E_IMAGE_FORMAT, 0, "a sound"),
        ROW("RIFF\x10\0\0\0WEBP", CF_E_IMAGE_FORMAT, 0, "WebP that ends after its magic"),
        ROW("RIFF\x10\0\0\0WEBPVP8 \x04\0\0\0abcd", CF_E_IMAGE_FORMAT, 0, "WebP with garbage inside"),
        ROW("\x89PNG\r\n\x1a\n", CF_E_IMAGE_FORMAT, 0, "PNG that ends after its magic"),
        ROW("\x89PNG\r\n\x1a\nxxxxxxxxxxxxxxxxxxxxxxxxx", CF_E_IMAGE_FORMAT, 0, "PNG with garbage inside"),
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void pgm_is_read_and_held_to_its_header(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("P5 2 1 255\nab", CF_OK, 1, "plain"),
        ROW("P5\n# a comment\n2\t1 # another\n255\nab", CF_OK, 1, "comments"),
        ROW("P5 2 1 255\nabTRAILING", CF_OK, 1, "only the first picture of a file is read"),
        ROW("P5 2 1 15\nab", CF_OK, 1, "scaled, values over the maximum too"),
        ROW("P5 1 1 65535\nab", CF_OK, 1, "two bytes a pixel"),
        ROW("P5 2 1 65535\nab", CF_E_IMAGE_FORMAT, 0, "two bytes a pixel, one pixel missing"),
        ROW("P5 2 1 255\na", CF_E_IMAGE_FORMAT, 0, "a pixel missing"),
        ROW("P5 2 1 255", CF_E_IMAGE_FORMAT, 0, "no pixels"),
        ROW("P5 2 1", CF_E_IMAGE_FORMAT, 0, "half a header"),
        ROW("P5 ", CF_E_IMAGE_FORMAT, 0, "no header"),
        ROW("P5 # a comment without end", CF_E_IMAGE_FORMAT, 0, "a comment without end"),
        ROW("P5 -2 1 255\nab", CF_E_IMAGE_FORMAT, 0, "negative"),
        ROW("P5 2 1 0\nab", CF_E_IMAGE_FORMAT, 0, "a maximum of 0"),
        ROW("P5 2 1 65536\nab", CF_E_IMAGE_FORMAT, 0, "a maximum beyond two bytes"),
        ROW("P5 0 1 255\n", CF_E_IMAGE_FORMAT, 0, "no width"),
        ROW("P5 99999999999999999999 1 255\nab", CF_E_IMAGE_FORMAT, 0, "a width beyond any"),
        ROW("P5 8193 1 255\nab", CF_E_IMAGE_SIZE, 0, "one too wide"),
        ROW("P5 8000 8000 255\nab", CF_E_IMAGE_SIZE, 0, "64 megapixels"),
        ROW("P5 5000 5000 255\nab", CF_E_IMAGE_FORMAT, 0, "25 megapixels said, two given"),
        ROW("P6 1 1 255\nabc", CF_E_IMAGE_FORMAT, 0, "colour"),
        ROW("P2 1 1 255\n1", CF_E_IMAGE_FORMAT, 0, "the text form"),
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void pgm_of_other_depths_is_scaled_to_eight_bits(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t n;
        uint8_t first, second;
    } rows[] = {
        {"P5 2 1 255\n\x00\xff", 13, 0, 255},
        {"P5 2 1 15\n\x0f\x63", 12, 255, 255},
        {"P5 2 1 1\n\x01\x00", 11, 255, 0},
        {"P5 2 1 65535\n\xff\xff\x80\x00", 17, 255, 127},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_frame_source *source = NULL;
        struct cf_frame frame;
        bool got = false;
        assert_int_equal(cf_frame_source_of_memory(cf_bytes_of(rows[i].file, rows[i].n), &source, NULL), CF_OK);
        assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
        assert_int_equal(frame.grey[0], rows[i].first);
        assert_int_equal(frame.grey[1], rows[i].second);
        cf_frame_source_free(source);
    }
}

static void y4m_gives_the_luma_of_each_frame(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("YUV4MPEG2 W2 H2 F25:1\nFRAME\nabcdUVFRAME\nabcdUV", CF_OK, 2, "4:2:0 unless said otherwise"),
        ROW("YUV4MPEG2 W3 H3 C420jpeg\nFRAME\nabcdefghiUUUUVVVV", CF_OK, 1, "odd sides round up"),
        ROW("YUV4MPEG2 W2 H2 C422\nFRAME Ixyz\nabcdUUVV", CF_OK, 1, "4:2:2, a frame with parameters"),
        ROW("YUV4MPEG2 W2 H2 C444\nFRAME\nabcdUUUUVVVV", CF_OK, 1, "4:4:4"),
        ROW("YUV4MPEG2 W2 H2 C411\nFRAME\nabcdUUVV", CF_OK, 1, "4:1:1"),
        ROW("YUV4MPEG2 W2 H2 C444alpha\nFRAME\nabcdUUUUVVVVAAAA", CF_OK, 1, "with alpha"),
        ROW("YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcd", CF_OK, 1, "grey"),
        ROW("YUV4MPEG2 W2 H2 Cmono\n", CF_OK, 0, "no frames"),
        ROW("YUV4MPEG2 W2 H2 Cmono\nFRAME\nabc", CF_E_IMAGE_FORMAT, 0, "cut inside the luma"),
        ROW("YUV4MPEG2 W2 H2\nFRAME\nabcdU", CF_E_IMAGE_FORMAT, 0, "cut inside the chroma"),
        ROW("YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcdFRAM", CF_E_IMAGE_FORMAT, 1, "cut inside a frame's header"),
        ROW("YUV4MPEG2 W2 H2 Cmono\nFRAMES\nabcd", CF_E_IMAGE_FORMAT, 0, "another word"),
        ROW("YUV4MPEG2 W2 H2 Cmono\nabcd", CF_E_IMAGE_FORMAT, 0, "no FRAME"),
        ROW("YUV4MPEG2 W2 H2 C420p10\nFRAME\n", CF_E_IMAGE_FORMAT, 0, "ten bits"),
        ROW("YUV4MPEG2 W2\nFRAME\nab", CF_E_IMAGE_FORMAT, 0, "no height"),
        ROW("YUV4MPEG2 Wx H2\nFRAME\nab", CF_E_IMAGE_FORMAT, 0, "a width that is no number"),
        ROW("YUV4MPEG2 W999999999 H2\nFRAME\nab", CF_E_IMAGE_FORMAT, 0, "nine digits"),
        ROW("YUV4MPEG2 W8193 H2\nFRAME\nab", CF_E_IMAGE_SIZE, 0, "too wide"),
        ROW("YUV4MPEG2 W2 H2", CF_E_IMAGE_FORMAT, 0, "a header without end"),
        ROW("YUV4MPEG2 W2 H2\0 Cmono\nFRAME\nabcd", CF_E_IMAGE_FORMAT, 0, "a NUL in the header"),
    };
    check(rows, sizeof rows / sizeof rows[0]);
}

static void png_put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int k = 0; k < 8; k++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
        }
    }
    return ~crc;
}

static void png_that_claims_huge_sides_takes_no_memory(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        enum cf_rc rc;
    } rows[] = {
        {8193, 1, CF_E_IMAGE_SIZE},
        {1, 8193, CF_E_IMAGE_SIZE},
        {8192, 8192, CF_E_IMAGE_SIZE},
        {1000000, 1000000, CF_E_IMAGE_SIZE},
        {0x7fffffff, 0x7fffffff, CF_E_IMAGE_FORMAT},
        {0, 5, CF_E_IMAGE_FORMAT},
        {8192, 4000, CF_E_IMAGE_FORMAT}, /* allowed, but nothing follows */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        /* signature, IHDR (8-bit grey), the head of an IDAT */
        uint8_t file[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR........\x08\0\0\0\0cccc\0\0\0\x10IDAT";
        png_put32(file + 16, rows[i].width);
        png_put32(file + 20, rows[i].height);
        png_put32(file + 29, crc32_of(file + 12, 17));
        unsigned frames;
        assert_int_equal(read_all(file, sizeof file - 1, &frames), rows[i].rc);
    }
}

static struct cf_buf sample_png(void)
{
    struct cf_buf png;
    cf_buf_init(&png, CF_QR_PNG_BYTES_MAX);
    assert_int_equal(cf_qr_png(cf_bytes_str("CP1:ABC"), CF_QR_M, 3, &png, NULL), CF_OK);
    return png;
}

static void every_truncation_of_a_png_is_refused(void **state)
{
    (void)state;
    struct cf_buf png = sample_png();
    unsigned frames;
    assert_int_equal(read_all(png.p, png.n, &frames), CF_OK);
    assert_int_equal(frames, 1);
    for (size_t n = 0; n + 12 < png.n; n++) { /* the last 12 bytes, IEND, hold no pixel */
        assert_int_equal(read_all(png.p, n, &frames), CF_E_IMAGE_FORMAT);
    }
    cf_buf_done(&png);
}

static void no_flipped_bit_of_a_png_does_harm(void **state)
{
    (void)state;
    struct cf_buf png = sample_png();
    for (size_t bit = 0; bit < png.n * 8; bit += 3) {
        unsigned frames;
        png.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum cf_rc rc = read_all(png.p, png.n, &frames);
        assert_true(rc == CF_OK || rc == CF_E_IMAGE_FORMAT || rc == CF_E_IMAGE_SIZE);
        png.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cf_buf_done(&png);
}

static void truncated_and_flipped_webp_does_no_harm(void **state)
{
    (void)state;
    struct cf_buf webp;
    unsigned frames;
    cf_buf_init(&webp, 1u << 20);
    if (!cf_shared_data_read("images/upca-1/3.webp", &webp)) {
        skip();
    }
    assert_int_equal(read_all(webp.p, webp.n, &frames), CF_OK);
    for (size_t n = 0; n < webp.n; n += 41) {
        assert_int_equal(read_all(webp.p, n, &frames), CF_E_IMAGE_FORMAT);
    }
    for (size_t bit = 0; bit < 8 * webp.n; bit += 397) {
        webp.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum cf_rc rc = read_all(webp.p, webp.n, &frames);
        assert_true(rc == CF_OK || rc == CF_E_IMAGE_FORMAT || rc == CF_E_IMAGE_SIZE);
        webp.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cf_buf_done(&webp);
}

/* Each shows the code of 29 x 29 modules, three pixels each. */
static void jpeg_is_read_also_of_cameras_that_leave_its_tables_out(void **state)
{
    (void)state;
    static const char *const names[] = {"qr.jpg", "progressive.jpg", "motion.jpg"};
    const struct cf_env *env = cf_env_system();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[4096];
        struct cf_buf jpeg;
        unsigned frames;
        cf_buf_init(&jpeg, 1u << 16);
        (void)snprintf(path, sizeof path, CF_SOURCE_DIR "/tests/fuzz/corpus/image/%s", names[i]);
        assert_int_equal(env->ops->file_read(env->ctx, path, &jpeg, NULL), CF_OK);
        struct cf_frame_source *source = NULL;
        struct cf_decoder *decoder = NULL;
        struct cf_symbols symbols;
        struct cf_frame frame;
        bool got = false;
        assert_int_equal(cf_frame_source_of_memory(cf_buf_bytes(&jpeg), &source, NULL), CF_OK);
        assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
        assert_int_equal(frame.width, 87);
        assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
        assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
        assert_int_equal(symbols.n, 1);
        cf_decoder_free(decoder);
        cf_frame_source_free(source);
        for (size_t n = 0; n + 2 < jpeg.n; n += 7) /* the last two bytes say that it ends */
            assert_int_equal(read_all(jpeg.p, n, &frames), CF_E_IMAGE_FORMAT);
        for (size_t bit = 0; bit < 8 * jpeg.n; bit += 13) {
            jpeg.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            enum cf_rc rc = read_all(jpeg.p, jpeg.n, &frames);
            assert_true(rc == CF_OK || rc == CF_E_IMAGE_FORMAT || rc == CF_E_IMAGE_SIZE);
            jpeg.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        cf_buf_done(&jpeg);
    }
}

static void a_still_picture_has_one_frame_and_can_end_twice(void **state)
{
    (void)state;
    struct cf_frame_source *source = NULL;
    struct cf_frame frame;
    bool got = false;
    assert_int_equal(cf_frame_source_of_memory(cf_bytes_str("P5 2 1 255\nab"), &source, NULL), CF_OK);
    assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
    assert_true(got);
    assert_int_equal(frame.width, 2);
    assert_int_equal(frame.height, 1);
    assert_memory_equal(frame.grey, "ab", 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cf_frame_source_next(source, &got, &frame, NULL), CF_OK);
        assert_false(got);
    }
    cf_frame_source_free(source);
}

static void files_are_read_like_memory(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", CF_E_IMAGE_FORMAT, 0, "an empty file"),
        ROW("not a picture", CF_E_IMAGE_FORMAT, 0, "text"),
        ROW("P5 2 1 255\nab", CF_OK, 1, "PGM"),
        ROW("YUV4MPEG2 W2 H2\nFRAME\nabcdUVFRAME\nabcdUV", CF_OK, 2, "Y4M"),
    };
    const struct cf_env *env = cf_env_system();
    const char *folder = getenv("TMPDIR");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/cf-frame-%d", folder == NULL ? "/tmp" : folder, (int)getpid());
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_frame_source *source = NULL;
        unsigned frames = 0;
        assert_int_equal(env->ops->file_replace(env->ctx, path, cf_bytes_of(rows[i].bytes, rows[i].n), 0600, NULL),
                         CF_OK);
        enum cf_rc rc = cf_frame_source_of_file(path, &source, NULL);
        for (bool got = rc == CF_OK; rc == CF_OK && got;) {
            struct cf_frame frame;
            rc = cf_frame_source_next(source, &got, &frame, NULL);
            frames += rc == CF_OK && got;
        }
        assert_int_equal(rc, rows[i].rc);
        assert_int_equal(frames, rows[i].frames);
        cf_frame_source_free(source);
    }
    assert_int_equal(unlink(path), 0);
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
    (void)state;
    struct cf_frame_source *source = NULL;
    assert_int_equal(cf_frame_source_of_file("/nowhere/picture.png", &source, NULL), CF_E_NOT_FOUND);
    assert_int_equal(cf_frame_source_of_file("/", &source, NULL), CF_E_IMAGE_FORMAT);
    assert_int_equal(cf_frame_source_of_file("/dev/zero", &source, NULL), CF_E_IMAGE_FORMAT);
    assert_null(source);
    cf_frame_source_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(pgm_is_read_and_held_to_its_header),
        cmocka_unit_test(pgm_of_other_depths_is_scaled_to_eight_bits),
        cmocka_unit_test(y4m_gives_the_luma_of_each_frame),
        cmocka_unit_test(png_that_claims_huge_sides_takes_no_memory),
        cmocka_unit_test(every_truncation_of_a_png_is_refused),
        cmocka_unit_test(no_flipped_bit_of_a_png_does_harm),
        cmocka_unit_test(truncated_and_flipped_webp_does_no_harm),
        cmocka_unit_test(jpeg_is_read_also_of_cameras_that_leave_its_tables_out),
        cmocka_unit_test(a_still_picture_has_one_frame_and_can_end_twice),
        cmocka_unit_test(files_are_read_like_memory),
        cmocka_unit_test(a_file_that_cannot_be_read_says_why),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
