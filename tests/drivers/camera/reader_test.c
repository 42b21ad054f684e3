/* Frames of a camera, one after another: clips of phones, bar codes on goods, what stays, what goes, what is too bad.
 */
#include "drivers/camera/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/camera/decoder.h"
#include "drivers/camera/filter.h"
#include "drivers/camera/region.h"
#include "tests/drivers/camera/canvas.h"
#include "tests/drivers/camera/phone.h"

#define WIDTH 640u
#define HEIGHT 480u
#define FRAME_MS 33

static struct cf_reader *reader;
static struct cf_symbols symbols;
static uint8_t *grey;
static int64_t now_ms;

static int begin(void **state)
{
    (void)state;
    grey = malloc((size_t)WIDTH * HEIGHT);
    now_ms = 0;
    return grey != NULL && cf_reader_new(&reader, NULL) == CF_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    cf_reader_free(reader);
    free(grey);
    return 0;
}

static void show(const struct cf_frame *frame)
{
    now_ms += FRAME_MS;
    assert_int_equal(cf_reader_frame(reader, frame, (cf_mono){now_ms * CF_US_PER_MS}, &symbols, NULL), CF_OK);
}

static const char text[] = "CP1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Every frame has its own noise, and a hand is never quite still. */
static void show_phone(struct phone phone, unsigned frame)
{
    phone.seed += frame;
    phone.shift_x += (int)(frame * 5 % 9);
    phone.shift_y -= (int)(frame * 7 % 5);
    phone_draw_text(&phone, cf_bytes_str(text), grey, WIDTH, HEIGHT);
    show(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH});
}

static void show_empty(unsigned frame)
{
    memset(grey, 120 + (int)(frame % 2) * 10, (size_t)WIDTH * HEIGHT);
    show(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH});
}

static void clips_of_phones_are_read_within_their_stages(void **state)
{
    (void)state;
    static const struct {
        struct phone phone;
        const char *why;
    } rows[] = {
        {{.module_milli = 5000, .contrast = 100, .blur = 1, .noise = 4}, "as it should be"},
        {{.module_milli = 2500, .contrast = 100, .noise = 4}, "far away"},
        {{.module_milli = 8000, .contrast = 100, .blur = 2, .noise = 4}, "near, and out of focus"},
        {{.module_milli = 4000, .contrast = 100, .shift_x = 150, .shift_y = -60, .noise = 4}, "not in the middle"},
        {{.module_milli = 5000, .contrast = 25, .noise = 2}, "a dark shop"},
        {{.module_milli = 5000, .contrast = 100, .glare = 120, .noise = 4}, "a lamp on the glass"},
        {{.module_milli = 5000, .contrast = 100, .inverted = true, .noise = 4}, "light on dark"},
        {{.module_milli = 5000, .contrast = 100, .motion = 3, .noise = 4}, "a hand that moves"},
        {{.module_milli = 5000, .contrast = 100, .noise = 40}, "a sensor's noise"},
        {{.module_milli = 3500, .contrast = 100, .glare = 200, .noise = 4}, "a strong lamp"},
        {{.module_milli = 2400, .contrast = 100, .tilt_deg = 35, .noise = 8}, "far away and tilted"},
        {{.module_milli = 4500, .contrast = 100, .tilt_deg = 30, .axis_deg = 20, .blur = 1, .noise = 4}, "tilted"},
        {{.module_milli = 4500, .contrast = 100, .tilt_deg = 40, .noise = 4}, "by 40 degrees"},
        {{.module_milli = 4500, .contrast = 100, .tilt_deg = 40, .axis_deg = 90, .noise = 4}, "across"},
        {{.module_milli = 4500, .contrast = 100, .tilt_deg = 40, .axis_deg = 135, .turn_deg = 20, .noise = 4}, "askew"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned frames = 0, told = 0;
        for (; frames < CF_READER_STAGES && told == 0; frames++) {
            show_phone(rows[i].phone, frames);
            told += (unsigned)symbols.n;
        }
        if (told != 1 || !cf_bytes_equal(symbols.symbol[0].text, cf_bytes_str(text)))
            fail_msg("%s: %u codes in %u frames", rows[i].why, told, frames);
        printf("# %s: frame %u\n", rows[i].why, frames);
        now_ms += 2 * CF_READER_GONE_MS;
        show_empty(0);
    }
}

static void what_is_shown_on_is_told_once(void **state)
{
    (void)state;
    unsigned told = 0;
    for (unsigned frame = 0; frame < 40; frame++) {
        show_phone(PHONE_PLAIN, frame);
        told += (unsigned)symbols.n;
    }
    assert_int_equal(told, 1);
}

static void what_is_shown_on_is_told_once_also_by_a_slow_machine(void **state)
{
    (void)state;
    unsigned told = 0;
    for (unsigned frame = 0; frame < 10; frame++) {
        show_phone(PHONE_PLAIN, frame);
        told += (unsigned)symbols.n;
        now_ms += 2 * CF_READER_GONE_MS; /* for this frame */
    }
    assert_int_equal(told, 1);
    now_ms += CF_READER_SLOW_MS;
    show_phone(PHONE_PLAIN, 0);
    assert_int_equal(symbols.n, 1);
}

static void what_comes_back_is_told_again(void **state)
{
    (void)state;
    unsigned told = 0;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned frame = 0; frame < 5; frame++) {
            show_phone(PHONE_PLAIN, frame);
            told += (unsigned)symbols.n;
        }
        for (unsigned frame = 0; frame < CF_READER_GONE_MS / FRAME_MS + 2; frame++) {
            show_empty(frame);
            assert_int_equal(symbols.n, 0);
        }
    }
    assert_int_equal(told, 3);
}

static void a_code_lying_before_the_camera_is_told_once_however_long(void **state)
{
    (void)state;
    unsigned told = 0;
    phone_draw_text(&PHONE_PLAIN, cf_bytes_str(text), grey, WIDTH, HEIGHT);
    for (unsigned frame = 0; frame < 200; frame++) {
        show(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH});
        told += (unsigned)symbols.n;
    }
    assert_int_equal(told, 1);
    for (unsigned frame = 0; frame < 20; frame++) /* another phone in its place is no rest */
        show_empty(0);
    now_ms += 2 * CF_READER_GONE_MS;
    phone_draw_text(&PHONE_PLAIN, cf_bytes_str("CP1:ANOTHER"), grey, WIDTH, HEIGHT);
    show(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH});
    assert_int_equal(symbols.n, 1);
}

static void a_code_that_changes_on_the_same_phone_is_seen(void **state)
{
    (void)state;
    unsigned told = 0;
    struct phone phone = PHONE_PLAIN;
    for (unsigned frame = 0; frame < 60; frame++) { /* a member's code is another every 30 seconds */
        phone_draw_text(&phone, cf_bytes_str(frame < 30 ? "MC1:0123456789ABCDEFGHIJ" : "MC1:JIHGFEDCBA9876543210"),
                        grey, WIDTH, HEIGHT);
        show(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH});
        told += (unsigned)symbols.n;
    }
    assert_int_equal(told, 2);
}

static void a_bar_code_must_be_seen_twice(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(WIDTH, HEIGHT, WIDTH + 8);
    canvas_ean13(&canvas, 200, 150, 2, 120, "5901234123457");
    struct cf_frame frame = canvas_frame(&canvas);
    show(&frame);
    assert_int_equal(symbols.n, 0);
    show(&frame);
    assert_int_equal(symbols.n, 1);
    assert_true(cf_bytes_equal(symbols.symbol[0].text, cf_bytes_str("5901234123457")));
    assert_true(symbols.symbol[0].x >= 200 && symbols.symbol[0].x + symbols.symbol[0].width <= 200 + 2 * 117);
    show(&frame);
    assert_int_equal(symbols.n, 0);
    canvas_done(&canvas);
}

static void two_codes_of_one_frame_are_both_told(void **state)
{
    (void)state;
    struct canvas canvas = canvas_new(WIDTH, HEIGHT, WIDTH);
    canvas_qr(&canvas, 20, 20, 4, cf_bytes_str("CP1:ABC"));
    canvas_qr(&canvas, 320, 220, 4, cf_bytes_str("CP1:ABD"));
    struct cf_frame frame = canvas_frame(&canvas);
    show(&frame);
    assert_int_equal(symbols.n, 2);
    canvas_done(&canvas);
}

static void a_phone_beside_print_is_the_likeliest_region(void **state)
{
    (void)state;
    struct phone phone = PHONE_PLAIN;
    phone.shift_x = 90;
    phone.tilt_deg = 35;
    phone_draw_text(&phone, cf_bytes_str(text), grey, WIDTH, HEIGHT);
    uint8_t *dark = malloc((size_t)WIDTH * HEIGHT);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        dark[i] = grey[i] < 130 ? 0 : 255;
    struct cf_box region[CF_REGIONS_MAX];
    size_t n = cf_region_find(dark, WIDTH, HEIGHT, region);
    assert_in_range(n, 1, CF_REGIONS_MAX);
    assert_true(region[0].x < WIDTH / 2 + 90 && region[0].x + region[0].width > WIDTH / 2 + 90);
    for (size_t i = 0; i < n; i++)
        assert_true(region[i].x + region[i].width <= WIDTH && region[i].y + region[i].height <= HEIGHT);
    memset(dark, 255, (size_t)WIDTH * HEIGHT);
    assert_int_equal(cf_region_find(dark, WIDTH, HEIGHT, region), 0);
    assert_int_equal(cf_region_find(dark, 3, 1, region), 0);
    free(dark);
}

/* What a lens out of focus makes of the picture; the sensor's noise comes after it. */
static void soften(unsigned passes)
{
    uint8_t *to = malloc((size_t)WIDTH * HEIGHT);
    assert_non_null(to);
    for (unsigned i = 0; i < passes; i++) {
        cf_filter_blur(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH}, to);
        memcpy(grey, to, (size_t)WIDTH * HEIGHT);
    }
    free(to);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        grey[i] = (uint8_t)(grey[i] + i * 2654435761u % 7);
}

static void what_is_out_of_focus_is_told_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        struct phone phone;
        unsigned passes, told;
        const char *why;
    } rows[] = {
        {{.module_milli = 4000, .contrast = 85, .blur = 8}, 16, 2, "too near for a lens that does not move"},
        {{.module_milli = 4000, .contrast = 85, .blur = 8}, 48, 2, "much too near"},
        {{.module_milli = 5000, .contrast = 85, .blur = 1}, 0, 0, "a phone that is read"},
        {{.module_milli = 1200, .contrast = 85}, 0, 0, "sharp, and too far away to be read"},
        {{.module_milli = 4000, .contrast = 30, .blur = 8}, 16, 0, "too dark to tell"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned told = 0, read = 0;
        for (unsigned frame = 0; frame < 70; frame++) { /* 2.3 s */
            struct phone phone = rows[i].phone;
            phone.shift_x = (int)(frame * 5 % 9);
            phone_draw_text(&phone, cf_bytes_str(text), grey, WIDTH, HEIGHT);
            soften(rows[i].passes);
            show(&(struct cf_frame){grey, WIDTH, HEIGHT, WIDTH});
            read += (unsigned)symbols.n;
            told += cf_reader_blurred(reader) ? 1 : 0;
        }
        if (told != rows[i].told)
            fail_msg("%s: told %u times, read %u", rows[i].why, told, read);
        now_ms += 2 * CF_READER_GONE_MS;
        for (unsigned frame = 0; frame < 5; frame++) {
            show_empty(frame);
            assert_false(cf_reader_blurred(reader));
        }
    }
}

static void frames_of_any_size_and_content_do_no_harm(void **state)
{
    (void)state;
    uint32_t seed = 5;
    for (uint32_t round = 0; round < 60; round++) {
        struct canvas canvas = canvas_new(1 + round * 9 % 300, 1 + round * 13 % 200, 300 + round % 3);
        for (size_t i = 0; i < canvas.stride * canvas.height; i++) {
            seed = seed * 1664525u + 1013904223u;
            canvas.grey[i] = (uint8_t)(round % 3 == 0 ? seed >> 24 : (seed >> 31) * 255 * (i / 40 % 2));
        }
        struct cf_frame frame = canvas_frame(&canvas);
        show(&frame);
        assert_int_equal(symbols.n, 0);
        canvas_done(&canvas);
    }
    struct cf_frame empty = {grey, 0, 4, 4}, vast = {grey, 3000, 3000, 3000};
    assert_int_equal(cf_reader_frame(reader, &empty, (cf_mono){0}, &symbols, NULL), CF_E_IMAGE_SIZE);
    assert_int_equal(cf_reader_frame(reader, &vast, (cf_mono){0}, &symbols, NULL), CF_E_IMAGE_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(clips_of_phones_are_read_within_their_stages, begin, end),
        cmocka_unit_test_setup_teardown(what_is_shown_on_is_told_once, begin, end),
        cmocka_unit_test_setup_teardown(what_is_shown_on_is_told_once_also_by_a_slow_machine, begin, end),
        cmocka_unit_test_setup_teardown(what_comes_back_is_told_again, begin, end),
        cmocka_unit_test_setup_teardown(a_code_lying_before_the_camera_is_told_once_however_long, begin, end),
        cmocka_unit_test_setup_teardown(a_code_that_changes_on_the_same_phone_is_seen, begin, end),
        cmocka_unit_test_setup_teardown(a_bar_code_must_be_seen_twice, begin, end),
        cmocka_unit_test_setup_teardown(two_codes_of_one_frame_are_both_told, begin, end),
        cmocka_unit_test_setup_teardown(a_phone_beside_print_is_the_likeliest_region, begin, end),
        cmocka_unit_test_setup_teardown(what_is_out_of_focus_is_told_and_nothing_else, begin, end),
        cmocka_unit_test_setup_teardown(frames_of_any_size_and_content_do_no_harm, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
