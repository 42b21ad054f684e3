/* One picture of a phone: what each stage is there for is read, and what is too bad is not read rather than read wrong.
 */
#include "drivers/camera/camera.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/drivers/camera/phone.h"

#define WIDTH 480u
#define HEIGHT 400u

static const char text[] = "CP1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static void phones_are_read_through_what_shops_do_to_pictures(void **state)
{
    (void)state;
    static const struct {
        struct phone phone;
        const char *why;
    } rows[] = {
        {{.module_milli = 5000, .contrast = 100, .blur = 1, .noise = 4, .seed = 1}, "as it should be"},
        {{.module_milli = 5000, .contrast = 100, .turn_deg = 30, .seed = 2}, "turned, sharp"},
        {{.module_milli = 5000, .contrast = 100, .turn_deg = 140, .noise = 4, .seed = 3}, "upside down"},
        {{.module_milli = 2400, .contrast = 100, .noise = 4, .seed = 4}, "far away: enlarged"},
        {{.module_milli = 5000, .contrast = 100, .noise = 40, .seed = 5}, "a sensor's noise: threshold"},
        {{.module_milli = 5000, .contrast = 25, .noise = 2, .seed = 6}, "a dark shop: threshold"},
        {{.module_milli = 5000, .contrast = 100, .glare = 120, .noise = 4, .seed = 7}, "a lamp on the glass"},
        {{.module_milli = 5000, .contrast = 100, .inverted = true, .noise = 4, .seed = 8}, "light on dark: inverted"},
        {{.module_milli = 5000, .contrast = 100, .motion = 3, .noise = 4, .seed = 9}, "a hand that moves"},
        {{.module_milli = 5000, .contrast = 100, .tilt_deg = 30, .blur = 1, .noise = 4, .seed = 10}, "tilted by 30"},
        {{.module_milli = 5000, .contrast = 100, .tilt_deg = 40, .axis_deg = 60, .noise = 4, .seed = 11}, "by 40"},
    };
    struct cf_decoder *decoder = NULL;
    uint8_t *grey = malloc((size_t)WIDTH * HEIGHT);
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_frame frame = {grey, WIDTH, HEIGHT, WIDTH};
        struct cf_symbols symbols;
        phone_draw_text(&rows[i].phone, cf_bytes_str(text), grey, WIDTH, HEIGHT);
        assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
        if (symbols.n != 1 || !cf_bytes_equal(symbols.symbol[0].text, cf_bytes_str(text)))
            fail_msg("%s: %zu codes", rows[i].why, symbols.n);
        const struct cf_symbol *symbol = &symbols.symbol[0];
        assert_true(symbol->x + symbol->width <= WIDTH && symbol->y + symbol->height <= HEIGHT);
        assert_true(symbol->x <= WIDTH / 2 && symbol->x + symbol->width >= WIDTH / 2); /* it is in the middle */
    }
    cf_decoder_free(decoder);
    free(grey);
}

static void a_picture_that_is_too_bad_has_no_code(void **state)
{
    (void)state;
    struct phone phone = {.module_milli = 1200, .contrast = 100, .blur = 4, .noise = 10, .seed = 3};
    struct cf_decoder *decoder = NULL;
    uint8_t *grey = malloc((size_t)WIDTH * HEIGHT);
    struct cf_frame frame = {grey, WIDTH, HEIGHT, WIDTH};
    struct cf_symbols symbols;
    assert_int_equal(cf_decoder_new(&decoder, NULL), CF_OK);
    phone_draw_text(&phone, cf_bytes_str(text), grey, WIDTH, HEIGHT);
    assert_int_equal(cf_decode(decoder, &frame, &symbols, NULL), CF_OK);
    assert_int_equal(symbols.n, 0);
    cf_decoder_free(decoder);
    free(grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phones_are_read_through_what_shops_do_to_pictures),
        cmocka_unit_test(a_picture_that_is_too_bad_has_no_code),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
