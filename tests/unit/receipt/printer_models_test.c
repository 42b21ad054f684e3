/* Printers as data: what the file says is what is printed, on a printer model that reads the bytes as that model would.
 */
#include "app/receipt/printer_models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/receipt/logo.h"
#include "app/receipt/pen.h"
#include "app/receipt/png_write.h"
#include "drivers/camera/camera.h"
#include "tests/support/shared_data.h"
#include "tests/unit/receipt/escpos_parser.h"
#include "tests/unit/receipt/sample.h"

static struct cf_escpos_profile model(const char *name)
{
    struct cf_escpos_profile profile;
    assert_int_equal(cf_printer_model_named(cf_printer_models(), name, &profile, NULL), CF_OK);
    return profile;
}

static struct cf_buf job_with(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                              const struct cf_escpos_extras *extras)
{
    struct cf_buf job;
    cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
    assert_int_equal(cf_receipt_escpos_with(receipt, profile, extras, &job, NULL), CF_OK);
    return job;
}

/* A receipt of one line. */
static struct cf_receipt *line_of(const char *text)
{
    struct cf_receipt *r = NULL;
    assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, text, NULL), CF_OK);
    return r;
}

/* ---- the file ---- */

static void each_model_that_we_know_prints_a_whole_sale(void **state)
{
    struct cf_escpos_profile profile;
    struct cf_pen pen;
    size_t n = 0;
    (void)state;
    if (cf_pen_open(NULL, &pen, NULL) != CF_OK) {
        print_message("no font: fonts-wqy-microhei\n");
        skip();
    }
    const struct cf_escpos_extras extras = {.pen = &pen};
    for (; cf_printer_model_at(cf_printer_models(), n, &profile, NULL) == CF_OK; n++) {
        struct cf_receipt *r = sample_receipt();
        struct cf_buf job = job_with(r, &profile, &extras);
        struct paper paper;
        paper_print_as(cf_buf_bytes(&job), &profile, &paper);
        if (strchr((const char *)paper.text.p, '?') != NULL && profile.raster_text)
            fail_msg("%s printed a question mark", profile.name);
        assert_true(paper.columns_most <= profile.columns);
        assert_true(paper.ends_plain);
        assert_int_equal(paper.n_cuts, profile.cutter ? 1 : 0);
        assert_int_equal(paper.n_native_qr, profile.native_qr ? 2 : 0);
        paper_done(&paper);
        cf_buf_done(&job);
        cf_receipt_free(r);
    }
    assert_true(n >= 8);
    cf_pen_close(&pen);
}

static void a_printer_is_known_by_what_it_says(void **state)
{
    struct cf_escpos_profile profile;
    cf_bytes models =
        cf_bytes_str("model a\ncolumns 48\ndots 576\nusb 0416:5011\nmodel b\ncolumns 32\ndots 384\nsays X Y\n");
    (void)state;
    assert_int_equal(
        cf_printer_model_of(cf_printer_models(), cf_bytes_str("EPSON TM-T88V"), 0x04b8, 0x0202, &profile, NULL), CF_OK);
    assert_string_equal(profile.name, "epson-tm-t88v");
    assert_int_equal(profile.columns, 42);
    assert_true(profile.names_jobs);
    assert_int_equal(cf_printer_model_of(models, cf_bytes_str(""), 0x0416, 0x5011, &profile, NULL), CF_OK);
    assert_string_equal(profile.name, "a");
    assert_int_equal(cf_printer_model_of(models, cf_bytes_str("X Y"), 1, 2, &profile, NULL), CF_OK);
    assert_string_equal(profile.name, "b");
    assert_int_equal(cf_printer_model_of(models, cf_bytes_str("X"), 1, 2, &profile, NULL), CF_E_NOT_FOUND);
    assert_int_equal(cf_printer_model_of(models, cf_bytes_str(""), 0, 0, &profile, NULL), CF_E_NOT_FOUND);
    assert_int_equal(cf_printer_model_named(models, "c", &profile, NULL), CF_E_NOT_FOUND);
}

static void a_file_that_is_wrong_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *where;
    } rows[] = {
        {"columns 48\n", "line 1"},
        {"model a\ncolumns 48\ndots 576\ncolour red\n", "line 4"},
        {"model a\ncolumns 4x\n", "line 2"},
        {"model a\ncolumns 97\n", "line 2"},
        {"model a\ncolumns 48\ndots 99999\n", "line 3"},
        {"model a\n# x\n\npage 256 CP437\n", "line 4"},
        {"model a\npage 2\n", "line 2"},
        {"model a\npage 2 a-character-set-of-a-very-long-name\n", "line 2"},
        {"model a\ndrawer 3 50 500\n", "line 2"},
        {"model a\ndrawer 2 51 500\n", "line 2"},
        {"model a\ndrawer 2 50 512\n", "line 2"},
        {"model a\nusb 04b8-0202\n", "line 2"},
        {"model a\nusb 04b8:02zz\n", "line 2"},
        {"model a\nqr\n", "line 2"},
        {"model a\nsays \x1b@\n", "line 2"},
        {"model a-name-that-is-longer-than-any-model\n", "line 1"},
        {"model a\nutf8 A\nutf8 B\nutf8 C\nutf8 D\nutf8 E\n", "line 6"},
    };
    struct cf_escpos_profile profile = {.columns = 7};
    struct cf_error err;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        err.rc = CF_OK;
        if (cf_printer_model_named(cf_bytes_str(rows[i].text), "a", &profile, &err) != CF_E_ARGUMENT ||
            strstr(err.detail, rows[i].where) == NULL)
            fail_msg("\"%s\": %s", rows[i].text, err.detail);
    }
    assert_int_equal(cf_printer_model_named(cf_bytes_str("model a\ndots 576\n"), "a", &profile, NULL), CF_E_RANGE);
    assert_int_equal(profile.columns, 7);
}

/* Other people's data base is a list of models that exist: all that a model can differ in there can be said in our
 * file. */
static void what_others_know_of_printers_can_be_said_in_our_file(void **state)
{
    struct cf_buf file;
    const char *name;
    json_t *profile_json;
    unsigned n = 0;
    (void)state;
    cf_buf_init(&file, 1u << 20);
    if (!cf_shared_data_read("escpos/printer-db/capabilities.json", &file))
        skip();
    json_t *all = json_loadb((const char *)file.p, file.n, 0, NULL);
    assert_non_null(all);
    json_object_foreach(json_object_get(all, "profiles"), name, profile_json)
    {
        char text[4096];
        const char *number;
        json_t *page, *features = json_object_get(profile_json, "features");
        json_int_t columns = json_integer_value(
            json_object_get(json_object_get(json_object_get(profile_json, "fonts"), "0"), "columns"));
        json_int_t dots = json_integer_value(
            json_object_get(json_object_get(json_object_get(profile_json, "media"), "width"), "pixels"));
        if (columns < 24 || (dots > 0 && dots < 200))
            continue; /* a display and a label writer are among them */
        int used = snprintf(text, sizeof text, "model it\ncolumns %d\ndots %d\n%s%s", (int)columns,
                            (int)(dots > 0 ? dots / 8 * 8 : 576),
                            json_is_true(json_object_get(features, "qrCode")) ? "qr native\n" : "",
                            json_is_true(json_object_get(features, "paperFullCut")) ? "cut\n" : "");
        unsigned pages = 0;
        json_object_foreach(json_object_get(profile_json, "codePages"), number, page)
        {
            if (strncmp(json_string_value(page), "CP8", 3) == 0 && pages++ < CF_ESCPOS_PAGES_MAX)
                used +=
                    snprintf(text + used, sizeof text - (size_t)used, "page %s %s\n", number, json_string_value(page));
        }
        struct cf_escpos_profile profile;
        struct cf_error err;
        if (cf_printer_model_named(cf_bytes_str(text), "it", &profile, &err) != CF_OK)
            fail_msg("%s: %s", name, err.detail);
        n++;
    }
    assert_true(n > 20);
    json_decref(all);
    cf_buf_done(&file);
}

/* ---- text ---- */

static void each_character_comes_from_the_page_that_has_it(void **state)
{
    struct cf_escpos_profile profile = model("epson-tm-t88v");
    const struct cf_escpos_extras none = {.pen = NULL};
    struct cf_receipt *r = line_of("Preis: 5 é, Łódź, цена");
    struct cf_buf job = job_with(r, &profile, &none);
    struct paper paper;
    (void)state;
    paper_print_as(cf_buf_bytes(&job), &profile, &paper);
    assert_string_equal((const char *)paper.text.p, "Preis: 5 é, Łódź, цена\n");
    assert_int_equal(paper.n_pages, 5); /* 0 for é, 18 for Ł, 0 for ó, 18 for ź, 17 */
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static void a_model_with_utf8_gets_utf8_and_is_left_without(void **state)
{
    struct cf_escpos_profile profile = model("epson-tm-m30iii");
    const struct cf_escpos_extras none = {.pen = NULL};
    struct cf_receipt *r = line_of("é Москва ok");
    struct cf_buf job = job_with(r, &profile, &none);
    struct paper paper;
    (void)state;
    assert_memory_equal(job.p,
                        "\x1b@\x1c.\x1c(C\x02\0"
                        "01",
                        11);
    paper_print_as(cf_buf_bytes(&job), &profile, &paper);
    assert_string_equal((const char *)paper.text.p, "é Москва ok\n");
    assert_true(paper.n_utf8 > 0);
    assert_true(paper.ends_plain);
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

/* A pen that draws a block a character: where, and how large, is all that is looked at. */
static unsigned n_drawn;
static void draw_block(void *ctx, uint32_t code_point, int64_t x, int64_t baseline, uint32_t style,
                       const struct cf_ink *ink)
{
    (void)ctx;
    (void)code_point;
    (void)style;
    n_drawn++;
    for (int64_t dx = 0; dx < 10; dx++)
        for (int64_t dy = 1; dy <= 20; dy++)
            ink->dot(ink->ctx, x + dx, baseline - dy, 255);
    ink->dot(ink->ctx, -1, 0, 255);
    ink->dot(ink->ctx, 0, -1, 255);
    ink->dot(ink->ctx, 1 << 20, 1 << 20, 255);
    ink->dot(ink->ctx, 0, 0, 1); /* too pale to be printed */
}

static bool is_black(const struct picture *p, unsigned x, unsigned y)
{
    return (p->bits[y * p->width_bytes + x / 8] & 0x80u >> x % 8) != 0;
}

static void a_row_with_a_character_that_it_has_not_is_drawn_in_its_columns(void **state)
{
    static const struct cf_pen pen = {draw_block, NULL};
    const struct cf_escpos_extras extras = {.pen = &pen};
    struct cf_escpos_profile profile = model("58mm");
    struct cf_receipt *r = NULL;
    struct paper paper;
    (void)state;
    n_drawn = 0;
    assert_int_equal(cf_receipt_new(&r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, "plain", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_columns(r, 0, "a茶", "1.00", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_CENTRE, CF_STYLE_TALL | CF_STYLE_WIDE, "茶", NULL), CF_OK);
    struct cf_buf job = job_with(r, &profile, &extras);
    paper_print_as(cf_buf_bytes(&job), &profile, &paper);
    assert_string_equal((const char *)paper.text.p, "plain\n");
    assert_int_equal(paper.n_pictures, 2);
    assert_int_equal(n_drawn, 2 + 4 + 1);
    assert_int_equal(paper.pictures[0].width_bytes, 384 / 8);
    assert_true(is_black(&paper.pictures[0], 0, 10));
    assert_true(is_black(&paper.pictures[0], 12, 10));       /* the tea, in the second column */
    assert_false(is_black(&paper.pictures[0], 27 * 12, 10)); /* five columns from the right: between */
    assert_true(is_black(&paper.pictures[0], 28 * 12, 10));  /* 1.00 takes the last four */
    assert_true(is_black(&paper.pictures[0], 31 * 12, 10));
    assert_int_equal(paper.pictures[1].height, 2 * paper.pictures[0].height);
    assert_true(is_black(&paper.pictures[1], (384 - 48) / 2, 40)); /* four columns wide, in the middle */
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

static void without_a_font_it_is_a_question_mark(void **state)
{
    struct cf_escpos_profile profile = model("80mm");
    const struct cf_escpos_extras none = {.pen = NULL};
    struct cf_receipt *r = line_of("茶 5 ¥");
    struct cf_buf job = job_with(r, &profile, &none);
    struct paper paper;
    struct cf_pen pen;
    (void)state;
    paper_print_as(cf_buf_bytes(&job), &profile, &paper);
    assert_string_equal((const char *)paper.text.p, "? 5 ?\n");
    assert_int_equal(cf_pen_open("/nonexistent.ttf", &pen, NULL), CF_E_NOT_FOUND);
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
}

/* ---- what is drawn, looked at as a camera does ---- */

static void paper_as_png_has_text_and_a_code_that_is_read(void **state)
{
    struct cf_escpos_profile profile = model("80mm");
    struct cf_receipt *r = sample_receipt();
    struct cf_pen pen;
    struct paper paper;
    unsigned n_read = 0;
    (void)state;
    if (cf_pen_open(NULL, &pen, NULL) != CF_OK) {
        print_message("no font: fonts-wqy-microhei\n");
        cf_receipt_free(r);
        skip();
    }
    const struct cf_escpos_extras extras = {.pen = &pen};
    struct cf_buf job = job_with(r, &profile, &extras), png;
    paper_print_as(cf_buf_bytes(&job), &profile, &paper);
    cf_buf_init(&png, 4u << 20);
    for (size_t i = 0; i < paper.n_pictures; i++) {
        struct cf_frame frame;
        struct cf_symbol symbol[4];
        size_t n = 0;
        uint8_t *grey = paper_photograph(&paper.pictures[i], &frame);
        assert_int_equal(cf_png_write(grey, (uint32_t)frame.width, (uint32_t)frame.height, &png, NULL), CF_OK);
        (void)symbol;
        (void)n;
        n_read += paper_reads_code(&frame) ? 1 : 0;
        free(grey);
    }
    assert_int_equal(n_read, 2); /* the coupon, and the name of the sale */
    assert_true(paper.n_pictures > 2 && paper.n_pictures < PAPER_PICTURES_MAX); /* rows of Chinese, and of ¥ */
    cf_buf_done(&png);
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
    cf_pen_close(&pen);
}

/* ---- logo ---- */

static struct cf_buf png_of(unsigned width, unsigned height, uint8_t grey)
{
    struct cf_buf png;
    uint8_t *dots = malloc((size_t)width * height);
    memset(dots, grey, (size_t)width * height);
    cf_buf_init(&png, 16u << 20);
    assert_int_equal(cf_png_write(dots, width, height, &png, NULL), CF_OK);
    free(dots);
    return png;
}

static void a_logo_stands_first_and_no_wider_than_the_paper(void **state)
{
    struct cf_escpos_profile profile = model("58mm");
    struct cf_buf png = png_of(1000, 500, 0);
    struct cf_logo logo = {0};
    struct cf_receipt *r = line_of("shop");
    struct paper paper;
    (void)state;
    assert_int_equal(cf_logo_from_png(cf_buf_bytes(&png), profile.dots, &logo, NULL), CF_OK);
    assert_int_equal(logo.row_bytes, 384 / 8);
    assert_int_equal(logo.height, 192);
    const struct cf_escpos_extras extras = {.logo = &logo, .opens_drawer = true};
    struct cf_buf job = job_with(r, &profile, &extras);
    assert_memory_equal(job.p,
                        "\x1bp\0\x19\xfa\x1b@\x1c.\x1b"
                        "a\x01\x1dv0\0\x30\0\xc0\0",
                        20);
    paper_print_as(cf_bytes_of(job.p + CF_ESCPOS_PULSE_BYTES, job.n - CF_ESCPOS_PULSE_BYTES), &profile, &paper);
    assert_int_equal(paper.n_pictures, 1);
    assert_true(is_black(&paper.pictures[0], 0, 0) && is_black(&paper.pictures[0], 383, 191));
    assert_string_equal((const char *)paper.text.p, "shop\n");
    paper_done(&paper);
    cf_buf_done(&job);
    cf_receipt_free(r);
    cf_logo_done(&logo);
    cf_buf_done(&png);
}

static void greys_of_a_logo_are_scattered(void **state)
{
    struct cf_buf png = png_of(64, 64, 128);
    struct cf_logo logo = {0};
    unsigned n_black = 0;
    (void)state;
    assert_int_equal(cf_logo_from_png(cf_buf_bytes(&png), 576, &logo, NULL), CF_OK);
    for (size_t i = 0; i < logo.bits.n; i++)
        n_black += (unsigned)__builtin_popcount(logo.bits.p[i]);
    assert_in_range(n_black, 64 * 64 / 2 - 200, 64 * 64 / 2 + 200);
    cf_logo_done(&logo);
    cf_buf_done(&png);
}

static void files_that_are_no_logo_are_refused(void **state)
{
    struct cf_buf png = png_of(64, 64, 128), wide = png_of(5000, 2, 0);
    struct cf_logo logo = {0};
    static uint8_t big[CF_LOGO_PNG_BYTES_MAX + 1];
    (void)state;
    assert_int_equal(cf_logo_from_png(cf_bytes_str(""), 576, &logo, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_logo_from_png(cf_bytes_str("GIF89a"), 576, &logo, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_logo_from_png(cf_bytes_of(big, sizeof big), 576, &logo, NULL), CF_E_LIMIT);
    assert_int_equal(cf_logo_from_png(cf_buf_bytes(&wide), 576, &logo, NULL), CF_E_LIMIT);
    for (size_t n = 0; n + 20 < png.n; n++) { /* cut anywhere before its end */
        enum cf_rc rc = cf_logo_from_png(cf_bytes_of(png.p, n), 576, &logo, NULL);
        assert_true(rc == CF_E_ARGUMENT);
    }
    assert_int_equal(logo.height, 0);
    cf_buf_done(&png);
    cf_buf_done(&wide);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_model_that_we_know_prints_a_whole_sale),
        cmocka_unit_test(a_printer_is_known_by_what_it_says),
        cmocka_unit_test(a_file_that_is_wrong_is_refused_with_its_line),
        cmocka_unit_test(what_others_know_of_printers_can_be_said_in_our_file),
        cmocka_unit_test(each_character_comes_from_the_page_that_has_it),
        cmocka_unit_test(a_model_with_utf8_gets_utf8_and_is_left_without),
        cmocka_unit_test(a_row_with_a_character_that_it_has_not_is_drawn_in_its_columns),
        cmocka_unit_test(without_a_font_it_is_a_question_mark),
        cmocka_unit_test(paper_as_png_has_text_and_a_code_that_is_read),
        cmocka_unit_test(a_logo_stands_first_and_no_wider_than_the_paper),
        cmocka_unit_test(greys_of_a_logo_are_scattered),
        cmocka_unit_test(files_that_are_no_logo_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
