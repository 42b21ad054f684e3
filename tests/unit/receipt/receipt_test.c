/* The document: what it takes, what it refuses, and its bytes in the journal. */
#include "app/receipt/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/receipt/sample.h"

static struct cf_receipt *new_receipt(void)
{
    struct cf_receipt *receipt = NULL;
    assert_int_equal(cf_receipt_new(&receipt, NULL), CF_OK);
    return receipt;
}

static void blocks_come_back_in_order_as_they_were_added(void **state)
{
    (void)state;
    struct cf_receipt *r = new_receipt();
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_CENTRE, CF_STYLE_BOLD, "Store 店", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_columns(r, CF_STYLE_TALL, "Total", "1.00", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_rule(r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_qr(r, "CP1:ABC", "caption", NULL), CF_OK);
    assert_int_equal(cf_receipt_add_blank(r, NULL), CF_OK);
    assert_int_equal(cf_receipt_add_cut(r, NULL), CF_OK);
    assert_int_equal(cf_receipt_count(r), 6);
    struct cf_receipt_block block = cf_receipt_at(r, 0);
    assert_int_equal(block.kind, CF_RECEIPT_TEXT);
    assert_int_equal(block.align, CF_ALIGN_CENTRE);
    assert_int_equal(block.style, CF_STYLE_BOLD);
    assert_string_equal(block.text, "Store 店");
    assert_string_equal(block.right, "");
    block = cf_receipt_at(r, 1);
    assert_string_equal(block.text, "Total");
    assert_string_equal(block.right, "1.00");
    block = cf_receipt_at(r, 3);
    assert_string_equal(block.text, "CP1:ABC");
    assert_string_equal(block.right, "caption");
    assert_int_equal(cf_receipt_at(r, 5).kind, CF_RECEIPT_CUT);
    cf_receipt_free(r);
    cf_receipt_free(NULL);
}

static void control_characters_become_replacement_characters(void **state)
{
    (void)state;
    struct cf_receipt *r = new_receipt();
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, "a\x1b@b\xff\u202e\n", NULL), CF_OK);
    assert_string_equal(cf_receipt_at(r, 0).text, "a\ufffd@b\ufffd\ufffd\ufffd");
    assert_int_equal(cf_receipt_add_columns(r, 0, NULL, "\x07", NULL), CF_OK);
    assert_string_equal(cf_receipt_at(r, 1).text, "");
    assert_string_equal(cf_receipt_at(r, 1).right, "\ufffd");
    cf_receipt_free(r);
}

static void a_long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    char text[CF_RECEIPT_TEXT_MAX * 2] = "";
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "面", 4);
    }
    struct cf_receipt *r = new_receipt();
    assert_int_equal(cf_receipt_add_text(r, CF_ALIGN_LEFT, 0, text, NULL), CF_OK);
    assert_int_equal(strlen(cf_receipt_at(r, 0).text), CF_RECEIPT_TEXT_MAX / 3 * 3);
    cf_receipt_free(r);
}

static void a_qr_payload_is_refused_rather_than_altered(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {NULL, CF_E_CODE_SIZE, "nothing to encode"},
        {"", CF_E_CODE_SIZE, "nothing to encode"},
        {"CP1:\x1b@", CF_E_ENCODING, "a control character"},
        {"CP1:é", CF_E_ENCODING, "cleaning or a character set could change it"},
        {"CP1:\x7f", CF_E_ENCODING, "DEL"},
        {"CP1: ~", CF_OK, "the ends of printable ASCII"},
    };
    struct cf_receipt *r = new_receipt();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(cf_receipt_add_qr(r, rows[i].payload, "", NULL), rows[i].rc);
    }
    char longest[CF_RECEIPT_QR_MAX + 2];
    sample_base45(longest, CF_RECEIPT_QR_MAX + 1, 1);
    assert_int_equal(cf_receipt_add_qr(r, longest, "", NULL), CF_E_CODE_SIZE);
    longest[CF_RECEIPT_QR_MAX] = '\0';
    assert_int_equal(cf_receipt_add_qr(r, longest, "", NULL), CF_OK);
    assert_string_equal(cf_receipt_at(r, 1).text, longest);
    assert_int_equal(cf_receipt_count(r), 2);
    cf_receipt_free(r);
}

static void blocks_and_bytes_are_bounded(void **state)
{
    (void)state;
    struct cf_receipt *r = new_receipt();
    for (size_t i = 0; i < CF_RECEIPT_BLOCKS_MAX; i++) {
        assert_int_equal(cf_receipt_add_rule(r, NULL), CF_OK);
    }
    assert_int_equal(cf_receipt_add_rule(r, NULL), CF_E_LIMIT);
    assert_int_equal(cf_receipt_count(r), CF_RECEIPT_BLOCKS_MAX);
    cf_receipt_free(r);

    r = new_receipt();
    char text[CF_RECEIPT_TEXT_MAX + 1];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    enum cf_rc rc = CF_OK;
    size_t added = 0;
    while ((rc = cf_receipt_add_columns(r, 0, text, text, NULL)) == CF_OK) {
        added++;
    }
    assert_int_equal(rc, CF_E_LIMIT);
    assert_int_equal(cf_receipt_count(r), added);
    assert_true(added * 2 * CF_RECEIPT_TEXT_MAX <= CF_RECEIPT_BYTES_MAX);
    assert_int_equal(cf_receipt_add_rule(r, NULL), CF_OK); /* what still fits is still taken */
    cf_receipt_free(r);
}

static struct cf_buf encoded(const struct cf_receipt *receipt)
{
    struct cf_buf buf;
    cf_buf_init(&buf, 2 * CF_RECEIPT_BYTES_MAX);
    assert_int_equal(cf_receipt_encode(receipt, &buf, NULL), CF_OK);
    return buf;
}

static void a_decoded_document_encodes_to_the_same_bytes(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    assert_int_equal(cf_receipt_set_copy(r, CF_RECEIPT_COPY_MARK, NULL), CF_OK);
    struct cf_buf once = encoded(r);
    struct cf_receipt *again = NULL;
    assert_int_equal(cf_receipt_decode(cf_buf_bytes(&once), &again, NULL), CF_OK);
    struct cf_buf twice = encoded(again);
    assert_true(cf_bytes_equal(cf_buf_bytes(&once), cf_buf_bytes(&twice)));
    assert_string_equal(cf_receipt_copy(again), ""); /* the mark is of a printing, not of the document */
    cf_buf_done(&once);
    cf_buf_done(&twice);
    cf_receipt_free(r);
    cf_receipt_free(again);
}

static void every_truncation_is_refused_and_no_bit_flip_does_harm(void **state)
{
    (void)state;
    struct cf_receipt *r = sample_receipt();
    struct cf_buf whole = encoded(r);
    cf_receipt_free(r);
    for (size_t n = 0; n < whole.n; n++) {
        uint8_t *part = malloc(n + 1);
        memcpy(part, whole.p, n);
        struct cf_receipt *decoded = NULL;
        assert_int_not_equal(cf_receipt_decode(cf_bytes_of(part, n), &decoded, NULL), CF_OK);
        assert_null(decoded);
        free(part);
    }
    for (size_t bit = 0; bit < whole.n * 8; bit++) {
        whole.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct cf_receipt *decoded = NULL;
        if (cf_receipt_decode(cf_buf_bytes(&whole), &decoded, NULL) == CF_OK) {
            struct cf_buf again = encoded(decoded);
            assert_true(cf_bytes_equal(cf_buf_bytes(&whole), cf_buf_bytes(&again)));
            cf_buf_done(&again);
        }
        cf_receipt_free(decoded);
        whole.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cf_buf_done(&whole);
}

static void malformed_documents_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {"", 0, CF_E_CBOR_SHORT, "nothing"},
        {"\x82\x01\x80", 3, CF_OK, "an empty document"},
        {"\x82\x02\x80", 3, CF_E_CBOR_SHAPE, "version 2"},
        {"\x82\x00\x80", 3, CF_E_CBOR_SHAPE, "version 0"},
        {"\x82\x01\x80\x00", 4, CF_E_CBOR_TRAILING, "a byte after the end"},
        {"\x82\x01\x81\x81\x00", 5, CF_E_CBOR_SHAPE, "kind 0"},
        {"\x82\x01\x81\x81\x07", 5, CF_E_CBOR_SHAPE, "kind 7"},
        {"\x82\x01\x81\x82\x03\x00", 6, CF_E_CBOR_SHAPE, "a rule with a field"},
        {"\x82\x01\x81\x84\x01\x03\x00\x60", 8, CF_E_CBOR_SHAPE, "alignment 3"},
        {"\x82\x01\x81\x84\x01\x00\x08\x60", 8, CF_E_CBOR_SHAPE, "style 8"},
        {"\x82\x01\x81\x84\x01\x00\x00\x61\x1b", 9, CF_E_CBOR_SHAPE, "ESC in a text"},
        {"\x82\x01\x81\x83\x04\x60\x60", 7, CF_E_CODE_SIZE, "an empty QR code"},
        {"\x82\x01\x99\x20\x01", 5, CF_E_CBOR_SHAPE, "8,193 blocks"},
        {"\x82\x01\x9f\xff", 4, CF_E_CBOR_SHAPE, "an array without a length"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_receipt *decoded = NULL;
        enum cf_rc rc = cf_receipt_decode(cf_bytes_of(rows[i].bytes, rows[i].n), &decoded, NULL);
        if (rc != rows[i].rc) {
            fail_msg("%s: %d, not %d", rows[i].why, rc, rows[i].rc);
        }
        cf_receipt_free(decoded);
    }
}

static void a_copy_mark_is_cleaned_bounded_and_taken_off_again(void **state)
{
    (void)state;
    struct cf_receipt *r = new_receipt();
    assert_string_equal(cf_receipt_copy(r), "");
    assert_int_equal(cf_receipt_set_copy(r, "COPY\x1b", NULL), CF_OK);
    assert_string_equal(cf_receipt_copy(r), "COPY\ufffd");
    char huge[200];
    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_int_equal(cf_receipt_set_copy(r, huge, NULL), CF_E_LIMIT);
    assert_int_equal(cf_receipt_set_copy(r, NULL, NULL), CF_OK);
    assert_string_equal(cf_receipt_copy(r), "");
    cf_receipt_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_back_in_order_as_they_were_added),
        cmocka_unit_test(control_characters_become_replacement_characters),
        cmocka_unit_test(a_long_text_is_cut_at_a_character),
        cmocka_unit_test(a_qr_payload_is_refused_rather_than_altered),
        cmocka_unit_test(blocks_and_bytes_are_bounded),
        cmocka_unit_test(a_decoded_document_encodes_to_the_same_bytes),
        cmocka_unit_test(every_truncation_is_refused_and_no_bit_flip_does_harm),
        cmocka_unit_test(malformed_documents_are_refused_by_name),
        cmocka_unit_test(a_copy_mark_is_cleaned_bounded_and_taken_off_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
