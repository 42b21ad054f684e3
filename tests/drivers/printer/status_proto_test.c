/* What a printer says, told apart by its fixed bits, and the text by which it names itself. */
#include "drivers/printer/status_proto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum cf_printer_heard hear(struct cf_printer_ear *ear, const void *p, size_t n)
{
    enum cf_printer_heard heard = CF_PRINTER_HEARD_NOTHING;
    for (size_t i = 0; i < n; i++)
        heard = cf_printer_ear_take(ear, ((const uint8_t *)p)[i]);
    return heard;
}

static enum cf_rc state_of(const struct cf_printer_ear *ear, const char *why)
{
    const char *said;
    enum cf_rc rc = cf_printer_status_rc(&ear->status, &said);
    assert_string_equal(said, why);
    return rc;
}

static void each_answer_says_what_was_asked(void **state)
{
    static const struct {
        uint8_t number, byte;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {1, 0x12, CF_OK, ""},
        {1, 0x16, CF_OK, ""}, /* the drawer's pin is no fault */
        {1, 0x1a, CF_E_PRINTER_FAULT, "it is off line"},
        {2, 0x16, CF_E_PRINTER_COVER, "its cover is open"},
        {3, 0x1a, CF_E_PRINTER_FAULT, "its cutter is jammed"},
        {3, 0x32, CF_E_PRINTER_FAULT, "it reports a fault"}, /* one that does not heal */
        {3, 0x52, CF_E_PRINTER_FAULT, "it reports a fault"}, /* hot: it heals by itself */
        {4, 0x1e, CF_OK, "its paper is near the end"},
        {4, 0x7e, CF_E_PRINTER_PAPER, "it has no paper"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_printer_ear ear;
        cf_printer_ear_init(&ear);
        cf_printer_ear_asked(&ear, rows[i].number);
        assert_int_equal(hear(&ear, &rows[i].byte, 1), CF_PRINTER_HEARD_STATUS);
        assert_int_equal(state_of(&ear, rows[i].why), rows[i].rc);
    }
}

static void automatic_status_is_four_bytes_and_no_answer_to_anything(void **state)
{
    struct cf_printer_ear ear;
    (void)state;
    cf_printer_ear_init(&ear);
    cf_printer_ear_asked(&ear, 1);
    assert_int_equal(hear(&ear, "\x38\x00\x00", 3), CF_PRINTER_HEARD_NOTHING);
    assert_int_equal(hear(&ear, "\x0f", 1), CF_PRINTER_HEARD_STATUS);
    assert_int_equal(state_of(&ear, "its cover is open"), CF_E_PRINTER_COVER);
    assert_int_equal(hear(&ear, "\x10\x00\x0f\x0f", 4), CF_PRINTER_HEARD_STATUS);
    assert_int_equal(state_of(&ear, "it has no paper"), CF_E_PRINTER_PAPER);
    assert_int_equal(ear.n_asked, 1);
    assert_int_equal(hear(&ear, "\x12", 1), CF_PRINTER_HEARD_STATUS);
    assert_int_equal(ear.n_asked, 0);
}

static void the_answer_after_a_job_is_told_from_all_else(void **state)
{
    struct cf_printer_ear ear;
    (void)state;
    cf_printer_ear_init(&ear);
    assert_int_equal(hear(&ear, "\x10\x00\x00\x0f\x00", 5), CF_PRINTER_HEARD_ANSWER);
    assert_int_equal(hear(&ear, "\x03", 1), CF_PRINTER_HEARD_ANSWER);
    assert_int_equal(state_of(&ear, "its paper is near the end"), CF_OK);
    assert_int_equal(hear(&ear, "\x13\x11\xff", 3), CF_PRINTER_HEARD_NOTHING); /* XOFF, XON, and noise */
    assert_int_equal(hear(&ear, "\x12", 1), CF_PRINTER_HEARD_NOTHING);         /* nobody asked */
    assert_int_equal(hear(&ear, "\x10\x00\x12", 3), CF_PRINTER_HEARD_NOTHING); /* status that broke off */
    assert_int_equal(hear(&ear, "\x00", 1), CF_PRINTER_HEARD_ANSWER);
}

static void a_printer_is_named_by_its_maker_and_model(void **state)
{
    static const struct {
        const char *id, *model;
        bool prints_pages;
    } rows[] = {
        {"xxMFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;", "EPSON TM-T88V", false},
        {"xxMANUFACTURER:Bixolon;COMMAND SET:;MODEL:SRP-350", "Bixolon SRP-350", false},
        {"xxMDL:POS80", "POS80", false}, /* cheap ones say little */
        {"xxMFG:HP;MDL:LaserJet;CMD:PJL,PCL,POSTSCRIPT;", "HP LaserJet", true},
        {"xxMFG:EPSON;CMD:ESCPL2,BDC,D4;MDL:Stylus;", "EPSON Stylus", true}, /* the same maker's for an office */
        {"xx;;:;MFG;MDL:a\x01z;", "a?z", false},
        {"", "", false},
        {"x", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_printer_id id;
        cf_printer_id_read(cf_bytes_str(rows[i].id), &id);
        assert_string_equal(id.model, rows[i].model);
        assert_int_equal(id.prints_pages, rows[i].prints_pages);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_says_what_was_asked),
        cmocka_unit_test(automatic_status_is_four_bytes_and_no_answer_to_anything),
        cmocka_unit_test(the_answer_after_a_job_is_told_from_all_else),
        cmocka_unit_test(a_printer_is_named_by_its_maker_and_model),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
