/* Frames to codes: symbologies, raw bytes, weak reads, and which code of several is meant. */
#include "drivers/camera/camera.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/drivers/camera/canvas.h"

static struct cf_decoder *decoder; /* one for all tests: it is made to be reused */
static struct cf_symbols symbols;

static int make_decoder(void **state)
{
    (void)state;
    return cf_decoder_new(&decoder, NULL) == CF_OK ? 0 : -1;
}

static int free_decoder(void **state)
{
    (void)state;
    cf_decoder_free(decoder);
    cf_decoder_free(NULL);
    return 0;
}

static void decode(const struct canvas *canvas)
{
    struct cf_frame frame = canvas_frame(canvas);
    assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
}

static void assert_symbol(size_t i, enum cf_symbology symbology, const char *aim, const char *text)
{
    assert_true(i < symbols.n);
    assert_string_equal(cf_symbology_name(symbols.symbol[i].symbology), cf_symbology_name(symbology));
    assert_string_equal(symbols.symbol[i].aim, aim);
    assert_true(cf_bytes_equal(symbols.symbol[i].text, cf_bytes_str(text)));
}

static void each_symbology_is_read_with_its_aim_identifier(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(700, 200, 700);
    canvas_ean13(&canvas, 10, 20, 3, 120, "5901234123457");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_EAN13, "E0", "5901234123457");
    assert_true(symbols.symbol[0].quality >= CF_QUALITY_FLOOR_1D);
    canvas_done(&canvas);

    canvas = canvas_new(700, 200, 700);
    canvas_ean13(&canvas, 10, 20, 3, 120, "0036000291452");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_UPCA, "E0", "0036000291452");
    canvas_done(&canvas);

    canvas = canvas_new(700, 200, 700);
    canvas_ean8(&canvas, 10, 20, 3, 120, "96385074");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_EAN8, "E4", "96385074");
    canvas_done(&canvas);

    canvas = canvas_new(700, 200, 700);
    canvas_code128(&canvas, 10, 20, 3, 120, false, "Shelf-42");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_CODE128, "C0", "Shelf-42");
    canvas_done(&canvas);

    canvas = canvas_new(900, 200, 900);
    canvas_code128(&canvas, 10, 20, 3, 120, true, "0109521234543213");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_CODE128, "C1", "0109521234543213");
    canvas_done(&canvas);

    canvas = canvas_new(300, 300, 300);
    canvas_qr(&canvas, 10, 10, 4, cf_bytes_str("CP1:ABC"));
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_QR, "Q1", "CP1:ABC");
    canvas_done(&canvas);
}

static void upc_e_is_expanded_to_the_gtin_that_it_stands_for(void **state)
{
    (void)state;
    static const struct {
        const char *symbol, *gtin;
        const char *why;
    } rows[] = {
        {"01234505", "0012000003455", "last digit 0: three zeroes more"},
        {"01234514", "0012100003454", "last digit 1"},
        {"01234523", "0012200003453", "last digit 2"},
        {"01234531", "0012300000451", "last digit 3: two digits remain"},
        {"01234543", "0012340000053", "last digit 4: one digit remains"},
        {"01234565", "0012345000065", "last digit 5 to 9: itself"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct canvas canvas = canvas_new(300, 160, 300);
        canvas_upce(&canvas, 10, 20, 3, 120, rows[i].symbol);
        decode(&canvas);
        if (symbols.n != 1 || !cf_bytes_equal(symbols.symbol[0].text, cf_bytes_str(rows[i].gtin))) {
            fail_msg("%s: %zu codes, %.*s", rows[i].why, symbols.n, symbols.n ? (int)symbols.symbol[0].text.n : 0,
                     symbols.n ? (const char *)symbols.symbol[0].text.p : "");
        }
        assert_symbol(0, CF_SYMBOLOGY_UPCE, "E0", rows[i].gtin);
        canvas_done(&canvas);
    }
}

static void a_code_that_few_lines_agree_on_is_weak(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(400, 100, 400);
    canvas_ean13(&canvas, 10, 40, 3, 8, "5901234123457");
    decode(&canvas);
    assert_int_equal(symbols.n, 0);
    assert_int_equal(symbols.n_weak, 1);
    struct cf_error err;
    const struct cf_symbol *chosen = NULL;
    assert_int_equal(cf_symbols_choose(&symbols, NULL, 0, &chosen, &err), CF_E_IMAGE_EMPTY);
    assert_non_null(strstr(err.detail, "faintly"));
    assert_null(chosen);
    canvas_done(&canvas);
}

static void padding_of_rows_is_not_read(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(341, 160, 1000);
    canvas_ean13(&canvas, 5, 20, 2, 120, "5901234123457");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_symbol(0, CF_SYMBOLOGY_EAN13, "E0", "5901234123457");
    canvas_done(&canvas);
}

static void an_empty_frame_has_no_codes_and_forgets_those_before(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(300, 300, 300);
    canvas_qr(&canvas, 10, 10, 4, cf_bytes_str("CP1:ABC"));
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    canvas_done(&canvas);
    canvas = canvas_new(1, 1, 1);
    decode(&canvas);
    assert_int_equal(symbols.n, 0);
    canvas_done(&canvas);
}

static void the_same_frame_gives_the_same_codes_again(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(400, 160, 400);
    canvas_ean13(&canvas, 10, 20, 3, 120, "5901234123457");
    for (int i = 0; i < 20; i++) { /* zbar can hold back what it has seen before: it must not here */
        decode(&canvas);
        assert_int_equal(symbols.n, 1);
    }
    canvas_done(&canvas);
}

static void noise_does_no_harm(void **state)
{
    (void)state;
    uint32_t seed = 11;
    for (uint32_t round = 0; round < 40; round++) {
        struct canvas canvas = canvas_new(1 + round * 7, 1 + round * 5, 1 + round * 7 + round % 3);
        for (size_t i = 0; i < canvas.stride * canvas.height; i++) {
            seed = seed * 1664525u + 1013904223u;
            canvas.grey[i] = (uint8_t)(seed >> (round % 2 == 0 ? 24 : 31)); /* grey, or nearly black */
        }
        decode(&canvas);
        canvas_done(&canvas);
    }
}

static void frames_out_of_bounds_are_refused(void **state)
{
    (void)state;
    uint8_t dot = 0;
    static const struct {
        uint32_t width, height;
        size_t stride;
    } rows[] = {{0, 1, 0},         {1, 0, 1},
                {2, 1, 1},         {CF_FRAME_SIDE_MAX + 1, 1, CF_FRAME_SIDE_MAX + 1},
                {1, 8193, 1},      {UINT32_MAX, UINT32_MAX, SIZE_MAX},
                {8000, 8000, 8000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_frame frame = {&dot, rows[i].width, rows[i].height, rows[i].stride};
        symbols.n = 99;
        assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_E_IMAGE_SIZE);
        assert_int_equal(symbols.n, 99);
    }
}

static const char *const ours[] = {"MS1:", "MC1:", "CP1:", "CT1:"};

static enum cf_rc choose(const struct cf_symbol **ret)
{
    return cf_symbols_choose(&symbols, ours, sizeof ours / sizeof ours[0], ret, NULL);
}

static void two_different_bar_codes_are_never_one_choice(void **state)
{
    (void)state;
    const struct cf_symbol *chosen = NULL;
    struct canvas canvas = canvas_new(400, 300, 400);
    canvas_ean13(&canvas, 10, 20, 3, 100, "5901234123457");
    canvas_ean13(&canvas, 10, 160, 3, 100, "4006381333931");
    decode(&canvas);
    assert_int_equal(symbols.n, 2);
    assert_symbol(0, CF_SYMBOLOGY_EAN13, "E0", "5901234123457"); /* top to bottom */
    assert_symbol(1, CF_SYMBOLOGY_EAN13, "E0", "4006381333931");
    assert_int_equal(choose(&chosen), CF_E_SCAN_AMBIGUOUS);
    assert_null(chosen);
    canvas_done(&canvas);
}

static void the_same_bar_code_twice_is_one(void **state)
{
    (void)state;
    const struct cf_symbol *chosen = NULL;
    struct canvas canvas = canvas_new(400, 300, 400);
    canvas_ean13(&canvas, 10, 20, 3, 100, "5901234123457");
    canvas_ean13(&canvas, 10, 160, 3, 100, "5901234123457");
    decode(&canvas);
    assert_int_equal(symbols.n, 1);
    assert_int_equal(choose(&chosen), CF_OK);
    assert_ptr_equal(chosen, &symbols.symbol[0]);
    canvas_done(&canvas);
}

static void our_own_code_goes_before_bar_codes_and_those_before_foreign_codes(void **state)
{
    (void)state;
    const struct cf_symbol *chosen = NULL;
    struct canvas canvas = canvas_new(800, 500, 800);
    canvas_ean13(&canvas, 10, 20, 3, 100, "5901234123457");
    canvas_ean13(&canvas, 10, 160, 3, 100, "4006381333931");
    canvas_qr(&canvas, 500, 10, 4, cf_bytes_str("https://example.com/"));
    canvas_qr(&canvas, 500, 250, 4, cf_bytes_str("CP1:ABC"));
    decode(&canvas);
    assert_int_equal(symbols.n, 4);
    assert_int_equal(choose(&chosen), CF_OK);
    assert_true(cf_bytes_equal(chosen->text, cf_bytes_str("CP1:ABC")));
    canvas_done(&canvas);

    canvas = canvas_new(800, 500, 800);
    canvas_qr(&canvas, 10, 10, 4, cf_bytes_str("https://example.com/"));
    canvas_ean13(&canvas, 10, 300, 3, 100, "5901234123457");
    decode(&canvas);
    assert_int_equal(symbols.n, 2);
    assert_int_equal(choose(&chosen), CF_OK);
    assert_true(cf_bytes_equal(chosen->text, cf_bytes_str("5901234123457")));
    canvas_done(&canvas);
}

static void two_different_codes_of_ours_are_ambiguous_too(void **state)
{
    (void)state;
    const struct cf_symbol *chosen = NULL;
    struct canvas canvas = canvas_new(500, 300, 500);
    canvas_qr(&canvas, 10, 10, 4, cf_bytes_str("CP1:ABC"));
    canvas_qr(&canvas, 250, 10, 4, cf_bytes_str("CP1:ABD"));
    decode(&canvas);
    assert_int_equal(symbols.n, 2);
    assert_int_equal(choose(&chosen), CF_E_SCAN_AMBIGUOUS);
    canvas_done(&canvas);
}

static void a_lower_case_prefix_is_not_ours(void **state)
{
    (void)state;
    const struct cf_symbol *chosen = NULL;
    struct canvas canvas = canvas_new(700, 300, 700);
    canvas_qr(&canvas, 10, 10, 4, cf_bytes_str("cp1:ABC"));
    canvas_ean13(&canvas, 300, 40, 3, 100, "5901234123457");
    decode(&canvas);
    assert_int_equal(choose(&chosen), CF_OK);
    assert_int_equal(chosen->symbology, CF_SYMBOLOGY_EAN13);
    canvas_done(&canvas);
}

static void at_most_sixteen_codes_of_a_frame_are_kept(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(1300, 900, 1300);
    for (unsigned i = 0; i < 20; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "CODE %02u", i);
        canvas_qr(&canvas, 20 + i % 5 * 250, 20 + i / 5 * 210, 5, cf_bytes_str(text));
    }
    decode(&canvas);
    assert_int_equal(symbols.n, CF_SYMBOLS_MAX);
    for (size_t i = 1; i < symbols.n; i++) {
        assert_true(symbols.symbol[i - 1].y <= symbols.symbol[i].y);
    }
    canvas_done(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_symbology_is_read_with_its_aim_identifier),
        cmocka_unit_test(upc_e_is_expanded_to_the_gtin_that_it_stands_for),
        cmocka_unit_test(a_code_that_few_lines_agree_on_is_weak),
        cmocka_unit_test(padding_of_rows_is_not_read),
        cmocka_unit_test(an_empty_frame_has_no_codes_and_forgets_those_before),
        cmocka_unit_test(the_same_frame_gives_the_same_codes_again),
        cmocka_unit_test(noise_does_no_harm),
        cmocka_unit_test(frames_out_of_bounds_are_refused),
        cmocka_unit_test(two_different_bar_codes_are_never_one_choice),
        cmocka_unit_test(the_same_bar_code_twice_is_one),
        cmocka_unit_test(our_own_code_goes_before_bar_codes_and_those_before_foreign_codes),
        cmocka_unit_test(two_different_codes_of_ours_are_ambiguous_too),
        cmocka_unit_test(a_lower_case_prefix_is_not_ours),
        cmocka_unit_test(at_most_sixteen_codes_of_a_frame_are_kept),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_decoder, free_decoder);
}
