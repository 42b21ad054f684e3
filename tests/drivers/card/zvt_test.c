/*
 * tests/drivers/card/zvt_test.c - ZVT's bytes: frames, bitmaps, commands, and conversations that make no sense.
 */
#include "drivers/card/zvt.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static cf_bytes hex(const char *text)
{
    static uint8_t bytes[1024];
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ')
            continue;
        char pair[3] = {text[0], text[1], '\0'};
        bytes[n++] = (uint8_t)strtoul(pair, NULL, 16);
        text++;
    }
    return cf_bytes_of(bytes, n);
}

/* --- frames ---------------------------------------------------------------------------------------------------------
 */

static void a_frame_has_a_short_length_or_a_long_one(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *head;
    } rows[] = {{0, "06 0F 00"},         {1, "06 0F 01"},         {254, "06 0F FE"},
                {255, "06 0F FF FF 00"}, {256, "06 0F FF 00 01"}, {65535, "06 0F FF FF FF"}};
    uint8_t *data = calloc(1, CF_ZVT_DATA_MAX + 1);
    assert_non_null(data);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_buf buf;
        struct cf_zvt_apdu apdu;
        size_t used = 99;
        cf_buf_init(&buf, CF_ZVT_APDU_MAX);
        assert_int_equal(cf_zvt_apdu_write(CF_ZVT_COMPLETION, cf_bytes_of(data, rows[i].n), &buf, NULL), CF_OK);
        cf_bytes head = hex(rows[i].head);
        assert_memory_equal(buf.p, head.p, head.n);
        assert_int_equal(buf.n, head.n + rows[i].n);
        cf_zvt_apdu_next(cf_buf_bytes(&buf), &apdu, &used);
        assert_int_equal(used, buf.n);
        assert_int_equal(apdu.control, CF_ZVT_COMPLETION);
        assert_int_equal(apdu.data.n, rows[i].n);
        for (size_t n = 0; n < buf.n; n += 1 + buf.n / 50) { /* it is not whole before it is */
            cf_zvt_apdu_next(cf_bytes_of(buf.p, n), &apdu, &used);
            assert_int_equal(used, 0);
        }
        cf_buf_done(&buf);
    }
    struct cf_buf buf;
    cf_buf_init(&buf, 2 * CF_ZVT_APDU_MAX);
    assert_int_equal(cf_zvt_apdu_write(CF_ZVT_ACK, cf_bytes_of(data, CF_ZVT_DATA_MAX + 1), &buf, NULL), CF_E_LIMIT);
    assert_int_equal(buf.n, 0);
    cf_buf_done(&buf);
    free(data);
}

/* --- status ---------------------------------------------------------------------------------------------------------
 */

static void a_status_is_read(void **state)
{
    (void)state;
    struct cf_zvt_status status;
    /* Result, amount 12.34, receipt 17, trace 231, terminal, currency, a masked card number, a name with NUL, a
     * container whose length takes two bytes. */
    cf_bytes data = hex("27 00 04 00 00 00 00 12 34 87 00 17 0B 00 02 31 29 52 50 00 38 49 09 78 22 F0 F3 EE EE 12 "
                        "8B F0 F5 56 49 53 41 00 06 81 02 07 00 37 00 01 99 0C 13 50 01 0D 11 22 3C F0 F0 F2 41 42");
    assert_int_equal(cf_zvt_status_parse(data, &status, NULL), CF_OK);
    assert_true(status.has_result && status.result == 0);
    assert_int_equal(status.amount_minor, 1234);
    assert_int_equal(status.receipt, 17);
    assert_int_equal(status.trace, 231);
    assert_int_equal(status.original, 199);
    assert_int_equal(status.tid, 52500038);
    assert_int_equal(status.currency, 978);
    assert_string_equal(status.card, "VISA");
    assert_int_equal(cf_zvt_status_parse(hex("04 99 99 99 99 99 99"), &status, NULL), CF_OK);
    assert_int_equal(status.amount_minor, CF_ZVT_AMOUNT_MAX);
    assert_int_equal(cf_zvt_status_parse(hex(""), &status, NULL), CF_OK);
    assert_false(status.has_result);
}

static void a_damaged_status_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        const char *why;
    } rows[] = {
        {"27", "no value"},
        {"04 00 00 00 00 12", "an amount that is cut"},
        {"04 00 00 00 00 12 3A", "an amount that is no number"},
        {"FE 00", "a bitmap that nobody knows, so nobody knows where it ends"},
        {"8B F0 F5 56", "a text that is cut"},
        {"8B 00 05 56 49 53 41 00", "a length that is none"},
        {"8B FA F0", "a digit above nine"},
        {"8B F0", "a length that is cut"},
        {"06 83 00 00 01 00", "a length of three bytes"},
        {"06 81", "a length that is cut"},
        {"06 05 00", "a container that is cut"},
        {"06 80", "a length without end"},
        {"87 00 1F", "a receipt that is no number"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_zvt_status status = {.receipt = 77};
        enum cf_rc rc = cf_zvt_status_parse(hex(rows[i].data), &status, NULL);
        if (rc != CF_E_PROTOCOL || status.receipt != 77)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
    }
}

/* --- commands -------------------------------------------------------------------------------------------------------
 */

static void assert_written(const struct cf_buf *buf, const char *expected)
{
    cf_bytes bytes = hex(expected);
    assert_int_equal(buf->n, bytes.n);
    assert_memory_equal(buf->p, bytes.p, bytes.n);
}

static void commands_are_as_the_specification_has_them(void **state)
{
    (void)state;
    struct cf_buf buf;
    cf_buf_init(&buf, 64);
    assert_int_equal(cf_zvt_write_registration("123456", &buf, NULL), CF_OK);
    assert_written(&buf, "06 00 04 12 34 56 8E");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_authorisation(1234, 978, &buf, NULL), CF_OK);
    assert_written(&buf, "06 01 0A 04 00 00 00 00 12 34 49 09 78");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_authorisation(CF_ZVT_AMOUNT_MAX, 156, &buf, NULL), CF_OK);
    assert_written(&buf, "06 01 0A 04 99 99 99 99 99 99 49 01 56");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_reversal("000000", 17, &buf, NULL), CF_OK);
    assert_written(&buf, "06 30 06 00 00 00 87 00 17");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_repeat_receipt("000000", &buf, NULL), CF_OK);
    assert_written(&buf, "06 20 03 00 00 00");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_end_of_day("000000", &buf, NULL), CF_OK);
    assert_written(&buf, "06 50 03 00 00 00");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_abort(&buf, NULL), CF_OK);
    assert_written(&buf, "06 B0 00");
    cf_buf_clear(&buf);
    assert_int_equal(cf_zvt_write_authorisation(0, 978, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_zvt_write_authorisation(CF_ZVT_AMOUNT_MAX + 1, 978, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_zvt_write_authorisation(1, 0, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_zvt_write_reversal("000000", 0, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_zvt_write_refund("000000", 0, 978, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_zvt_write_refund("00000", 1, 978, &buf, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_zvt_write_reversal("000000", 10000, &buf, NULL), CF_E_RANGE);
    assert_int_equal(cf_zvt_write_reversal("00000", 1, &buf, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_zvt_write_reversal("0000000", 1, &buf, NULL), CF_E_ARGUMENT);
    assert_int_equal(cf_zvt_write_end_of_day("00000a", &buf, NULL), CF_E_ARGUMENT);
    assert_int_equal(buf.n, 0);
    cf_buf_done(&buf);
    assert_int_equal(cf_zvt_currency("CNY"), 156);
    assert_int_equal(cf_zvt_currency("JPY"), 0); /* has no hundredths */
    assert_int_equal(cf_zvt_currency("XXX"), 0);
}

/* --- conversations --------------------------------------------------------------------------------------------------
 */

static enum cf_rc hear(struct cf_zvt_dialogue *dialogue, const char *apdus, size_t *ret_replies)
{
    struct cf_buf reply;
    cf_bytes in = hex(apdus);
    enum cf_rc rc = CF_OK;
    cf_buf_init(&reply, 1024);
    while (rc == CF_OK && in.n > 0) {
        struct cf_zvt_apdu apdu;
        size_t used = 0;
        cf_zvt_apdu_next(in, &apdu, &used);
        assert_true(used > 0);
        rc = cf_zvt_dialogue_take(dialogue, &apdu, &reply, NULL);
        in.p += used;
        in.n -= used;
    }
    *ret_replies = reply.n / 3;
    cf_buf_done(&reply);
    return rc;
}

static void a_conversation_ends_as_the_terminal_says(void **state)
{
    (void)state;
    static const struct {
        const char *apdus;
        enum cf_zvt_stage stage;
        size_t replies;
        const char *why;
    } rows[] = {
        {"80 00 00 04 FF 01 0A 04 FF 01 0E 04 0F 02 27 00 06 D1 02 00 41 06 0F 00", CF_ZVT_COMPLETED, 5, "paid"},
        {"80 00 00 04 0F 02 27 6C 06 1E 01 6C", CF_ZVT_ABORTED, 2, "nobody showed a card"},
        {"80 00 00 06 1E 00", CF_ZVT_ABORTED, 1, "without a reason"},
        {"84 83 00", CF_ZVT_REFUSED, 0, "not taken at all"},
        {"84 9C 00", CF_ZVT_REFUSED, 0, "busy"},
        {"84 00 00 06 0F 00", CF_ZVT_COMPLETED, 1, "the other positive acknowledgement"},
        {"80 00 00 04 01 00 06 D3 00 04 FF 00", CF_ZVT_RUNNING, 3, "still at it"},
        {"", CF_ZVT_SENT, 0, "silence"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_zvt_dialogue dialogue = {.stage = CF_ZVT_SENT};
        size_t replies = 0;
        enum cf_rc rc = hear(&dialogue, rows[i].apdus, &replies);
        if (rc != CF_OK || dialogue.stage != rows[i].stage || replies != rows[i].replies)
            fail_msg("%s: %s, stage %d, %zu replies", rows[i].why, cf_rc_name(rc), (int)dialogue.stage, replies);
    }
}

static void a_conversation_without_sense_is_broken_off(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "80 00 00 84 83 00",          /* refused after it was taken */
        "48 54 00",                   /* "HT": somebody else's protocol */
        "80 00 00 04 0F 01 27",       /* a status that is cut */
        "80 00 00 06 0F 00 06 0F 00", /* an end after the end */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_zvt_dialogue dialogue = {.stage = CF_ZVT_SENT};
        size_t replies = 0;
        assert_int_equal(hear(&dialogue, rows[i], &replies), CF_E_PROTOCOL);
    }
    struct cf_zvt_dialogue dialogue = {.stage = CF_ZVT_SENT, .n = CF_ZVT_DIALOGUE_MAX};
    size_t replies = 0;
    assert_int_equal(hear(&dialogue, "04 FF 00", &replies), CF_E_PROTOCOL); /* it never comes to an end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_has_a_short_length_or_a_long_one),
        cmocka_unit_test(a_status_is_read),
        cmocka_unit_test(a_damaged_status_is_refused_and_changes_nothing),
        cmocka_unit_test(commands_are_as_the_specification_has_them),
        cmocka_unit_test(a_conversation_ends_as_the_terminal_says),
        cmocka_unit_test(a_conversation_without_sense_is_broken_off),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
