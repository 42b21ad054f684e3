/* CBOR: what RFC 8949 section 4.2.1 demands is written, and nothing else is read. */
#include "base/cbor.h"
#include "tests/support/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES_MAX 512

static size_t from_hex(const char *hex, uint8_t bytes[BYTES_MAX])
{
    size_t n = strlen(hex) / 2;
    assert_true(n <= BYTES_MAX);
    assert_int_equal(cf_hex_decode(hex, bytes, n, NULL), CF_OK);
    return n;
}

/* What becomes of an input when each reader is asked for exactly one item and the end. */
static enum cf_rc read_as_any(const char *hex)
{
    uint8_t bytes[BYTES_MAX];
    size_t n = from_hex(hex, bytes);
    /* On the heap, so that a read past its end is seen. */
    uint8_t *copy = malloc(n + (n == 0));
    assert_non_null(copy);
    memcpy(copy, bytes, n);
    struct cf_cbor_reader r;
    cf_bytes item;
    cf_cbor_read_init(&r, cf_bytes_of(copy, n));
    bool good = cf_cbor_read_any(&r, &item);
    enum cf_rc rc = cf_cbor_read_end(&r, NULL);
    if (good && rc == CF_OK)
        assert_int_equal(item.n, n);
    if (!good)
        assert_null(item.p);
    free(copy);
    return rc;
}

struct shape_row {
    const char *hex;
    enum cf_rc rc;
    const char *why;
};

static const struct shape_row shapes[] = {
    {"", CF_E_CBOR_SHORT, "nothing"},
    {"00", CF_OK, "0"},
    {"17", CF_OK, "23, the largest in one byte"},
    {"1817", CF_E_CBOR_SHAPE, "23 in two bytes"},
    {"1818", CF_OK, "24"},
    {"18", CF_E_CBOR_SHORT, "the length byte alone"},
    {"1900ff", CF_E_CBOR_SHAPE, "255 in three bytes"},
    {"190100", CF_OK, "256"},
    {"1901", CF_E_CBOR_SHORT, "half of two bytes"},
    {"1a0000ffff", CF_E_CBOR_SHAPE, "65535 in five bytes"},
    {"1a00010000", CF_OK, "65536"},
    {"1b00000000ffffffff", CF_E_CBOR_SHAPE, "2^32-1 in nine bytes"},
    {"1b0000000100000000", CF_OK, "2^32"},
    {"1bffffffffffffffff", CF_OK, "2^64-1"},
    {"1bffffffffffffff", CF_E_CBOR_SHORT, "seven of eight bytes"},
    {"1c", CF_E_CBOR_SHAPE, "reserved additional information 28"},
    {"1d", CF_E_CBOR_SHAPE, "reserved 29"},
    {"1e", CF_E_CBOR_SHAPE, "reserved 30"},
    {"1f", CF_E_CBOR_SHAPE, "an integer of indefinite length"},
    {"20", CF_OK, "-1"},
    {"3817", CF_E_CBOR_SHAPE, "-24 in two bytes"},
    {"3b7fffffffffffffff", CF_OK, "-2^63"},
    {"3b8000000000000000", CF_E_CBOR_SHAPE, "-2^63-1 fits no int64"},
    {"40", CF_OK, "no bytes"},
    {"4100", CF_OK, "one byte"},
    {"41", CF_E_CBOR_SHORT, "one byte, absent"},
    {"580100", CF_E_CBOR_SHAPE, "length 1 in two bytes"},
    {"5bffffffffffffffff", CF_E_CBOR_SHORT, "2^64-1 bytes: what makes a general decoder allocate"},
    {"5b7fffffffffffffff", CF_E_CBOR_SHORT, "2^63-1 bytes"},
    {"5f4100ff", CF_E_CBOR_SHAPE, "bytes of indefinite length"},
    {"6161", CF_OK, "a letter"},
    {"61ff", CF_E_CBOR_SHAPE, "not UTF-8"},
    {"62c0af", CF_E_CBOR_SHAPE, "an overlong slash"},
    {"63eda080", CF_E_CBOR_SHAPE, "a surrogate"},
    {"6100", CF_E_CBOR_SHAPE, "a NUL within text"},
    {"7f6161ff", CF_E_CBOR_SHAPE, "text of indefinite length"},
    {"80", CF_OK, "an empty array"},
    {"8100", CF_OK, "[0]"},
    {"81", CF_E_CBOR_SHORT, "an array without its item"},
    {"8200", CF_E_CBOR_SHORT, "an array without its second item"},
    {"9bffffffffffffffff", CF_E_CBOR_SHORT, "2^64-1 items"},
    {"9a10000000", CF_E_CBOR_SHORT, "2^28 items in five bytes: 1.05 GB in libcbor 0.8"},
    {"9fff", CF_E_CBOR_SHAPE, "an array of indefinite length"},
    {"ff", CF_E_CBOR_SHAPE, "a break outside of anything"},
    {"a0", CF_OK, "an empty map"},
    {"a10000", CF_OK, "{0: 0}"},
    {"a100", CF_E_CBOR_SHORT, "a key without its value"},
    {"a201000200", CF_OK, "keys ascend"},
    {"a202000100", CF_E_CBOR_SHAPE, "keys descend"},
    {"a201000100", CF_E_CBOR_SHAPE, "a key twice"},
    {"a2616100616200", CF_OK, "text keys ascend"},
    {"a2616200616100", CF_E_CBOR_SHAPE, "text keys descend"},
    {"a26162006261610a", CF_OK, "bytewise order puts the shorter text first"},
    {"a262616100616200", CF_E_CBOR_SHAPE, "... and never last"},
    {"a281000081010a", CF_OK, "arrays as keys ascend"},
    {"a281010081000a", CF_E_CBOR_SHAPE, "arrays as keys descend"},
    {"a2a00080010a", CF_E_CBOR_SHAPE, "a map before an array as keys"},
    {"bbffffffffffffffff", CF_E_CBOR_SHORT, "2^64-1 pairs, which twice would wrap"},
    {"bb8000000000000000", CF_E_CBOR_SHORT, "2^63 pairs, which twice is 0"},
    {"bf0000ff", CF_E_CBOR_SHAPE, "a map of indefinite length"},
    {"c000", CF_E_CBOR_SHAPE, "a tag"},
    {"d81800", CF_E_CBOR_SHAPE, "a long tag"},
    {"d28443a10126a0", CF_E_CBOR_SHAPE, "the tag of COSE_Sign1"},
    {"f4", CF_OK, "false"},
    {"f5", CF_OK, "true"},
    {"f6", CF_OK, "null"},
    {"f7", CF_E_CBOR_SHAPE, "undefined"},
    {"f0", CF_E_CBOR_SHAPE, "an unassigned simple value"},
    {"f820", CF_E_CBOR_SHAPE, "a simple value in two bytes"},
    {"f814", CF_E_CBOR_SHAPE, "false in two bytes"},
    {"f93c00", CF_E_CBOR_SHAPE, "a half float"},
    {"fa3f800000", CF_E_CBOR_SHAPE, "a float"},
    {"fb3ff0000000000000", CF_E_CBOR_SHAPE, "a double"},
    {"0000", CF_E_CBOR_TRAILING, "one item more"},
    {"8000", CF_E_CBOR_TRAILING, "an item after an empty array"},
    {"818181818181818100", CF_OK, "eight arrays deep"},
    {"81818181818181818100", CF_E_CBOR_SHAPE, "nine arrays deep"},
    {"818181818181818180", CF_E_CBOR_SHAPE, "nine deep, the last one empty"},
    {"a100a100a100a100a100a100a100a10000", CF_OK, "eight maps deep"},
    {"a100a100a100a100a100a100a100a100a10000", CF_E_CBOR_SHAPE, "nine maps deep"},
    {"8280818000", CF_E_CBOR_TRAILING, "arrays that end together"},
    {"838080f6", CF_OK, "empty arrays side by side are not deep"},
};

static void each_rule_of_the_shape_has_its_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        enum cf_rc rc = read_as_any(shapes[i].hex);
        if (rc != shapes[i].rc)
            fail_msg("%s (%s): %s instead of %s", shapes[i].hex, shapes[i].why, cf_rc_name(rc),
                     cf_rc_name(shapes[i].rc));
    }
}

static void deep_nesting_costs_no_stack(void **state)
{
    (void)state;
    static uint8_t deep[1000000];
    memset(deep, 0x81, sizeof deep);
    struct cf_cbor_reader r;
    cf_bytes item;
    cf_cbor_read_init(&r, cf_bytes_of(deep, sizeof deep));
    assert_false(cf_cbor_read_any(&r, &item));
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
}

static void every_truncation_of_a_message_is_short(void **state)
{
    (void)state;
    uint8_t bytes[BYTES_MAX];
    size_t n = from_hex("8501390100a2616101626161820a8043010203f5", bytes);
    struct cf_cbor_reader r;
    cf_bytes item;
    cf_cbor_read_init(&r, cf_bytes_of(bytes, n));
    assert_true(cf_cbor_read_any(&r, &item));
    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *copy = malloc(cut + (cut == 0));
        assert_non_null(copy);
        memcpy(copy, bytes, cut);
        cf_cbor_read_init(&r, cf_bytes_of(copy, cut));
        assert_false(cf_cbor_read_any(&r, &item));
        assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHORT);
        free(copy);
    }
}

static struct cf_cbor_reader reader_of(const char *hex)
{
    static uint8_t bytes[BYTES_MAX];
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, cf_bytes_of(bytes, from_hex(hex, bytes)));
    return r;
}

static void a_reader_refuses_another_type_than_it_asked_for(void **state)
{
    (void)state;
    static const char *const items[] = {"00", "20", "4100", "6161", "8100", "a10000", "f4", "f6"};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        uint64_t u = 1;
        int64_t s = 1;
        bool b = true;
        cf_bytes v = {(const uint8_t *)"x", 1};
        size_t count = 1;
        struct cf_cbor_reader r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_uint(&r, &u, UINT64_MAX), i == 0);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_int(&r, &s), i == 0 || i == 1);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_bytes(&r, &v, 10), i == 2);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_text(&r, &v, 10), i == 3);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_array(&r, &count, 10), i == 4);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_map_of(&r, 1), i == 5);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_bool(&r, &b), i == 6);
        r = reader_of(items[i]);
        assert_int_equal(cf_cbor_read_null(&r), i == 7);
        assert_int_equal(r.rc, CF_OK);
    }
}

static void a_refused_output_is_zero(void **state)
{
    (void)state;
    uint64_t u = 1;
    int64_t s = 1;
    bool b = true;
    cf_bytes v = {(const uint8_t *)"x", 1};
    size_t count = 1;
    uint8_t fixed[3] = {1, 1, 1};
    char text[4] = "abc";
    struct cf_cbor_reader r = reader_of("f7");
    assert_false(cf_cbor_read_uint(&r, &u, 9) || cf_cbor_read_int(&r, &s) || cf_cbor_read_bool(&r, &b) ||
                 cf_cbor_read_bytes(&r, &v, 9) || cf_cbor_read_array(&r, &count, 9) ||
                 cf_cbor_read_bytes_of(&r, fixed, 3) || cf_cbor_read_cstr(&r, text, 4));
    assert_true(u == 0 && s == 0 && !b && v.p == NULL && v.n == 0 && count == 0);
    assert_memory_equal(fixed, "\0\0\0", 3);
    assert_memory_equal(text, "\0\0\0", 4);
}

static void the_first_error_stays(void **state)
{
    (void)state;
    struct cf_cbor_reader r = reader_of("0100");
    uint64_t u;
    bool b;
    assert_true(cf_cbor_read_uint(&r, &u, 1));
    assert_false(cf_cbor_read_bool(&r, &b));
    assert_false(cf_cbor_read_uint(&r, &u, 1));
    assert_false(cf_cbor_read_null(&r));
    struct cf_error err = {0};
    assert_int_equal(cf_cbor_read_end(&r, &err), CF_E_CBOR_SHAPE);
    assert_int_equal(err.rc, CF_E_CBOR_SHAPE);
    assert_non_null(strstr(err.detail, "byte 1"));

    r = reader_of("18");
    assert_false(cf_cbor_read_uint(&r, &u, 99));
    cf_cbor_read_refuse(&r);
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHORT);
}

static void a_number_for_a_field_fits_it_or_is_zero(void **state)
{
    (void)state;
    struct cf_cbor_reader r = reader_of("1affffffff18ff");
    assert_int_equal(cf_cbor_read_u32(&r), UINT32_MAX);
    assert_int_equal(cf_cbor_read_u8(&r), UINT8_MAX);
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_OK);
    r = reader_of("1b0000000100000000");
    assert_int_equal(cf_cbor_read_u32(&r), 0);
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
    r = reader_of("190100");
    assert_int_equal(cf_cbor_read_u8(&r), 0);
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
}

static void a_caller_can_refuse_and_what_is_left_is_trailing(void **state)
{
    (void)state;
    struct cf_cbor_reader r = reader_of("01");
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_TRAILING);
    uint64_t u;
    assert_true(cf_cbor_read_uint(&r, &u, 1));
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_OK);
    cf_cbor_read_refuse(&r);
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
}

static void limits_of_the_caller_hold(void **state)
{
    (void)state;
    uint64_t u;
    cf_bytes v;
    size_t count;
    uint8_t fixed[2];
    char text[3];
    struct cf_cbor_reader r = reader_of("0a");
    assert_false(cf_cbor_read_uint(&r, &u, 9));
    r = reader_of("0a");
    assert_true(cf_cbor_read_uint(&r, &u, 10) && u == 10);
    r = reader_of("1bffffffffffffffff");
    assert_true(cf_cbor_read_uint(&r, &u, UINT64_MAX) && u == UINT64_MAX);
    r = reader_of("43010203");
    assert_false(cf_cbor_read_bytes(&r, &v, 2));
    r = reader_of("43010203");
    assert_true(cf_cbor_read_bytes(&r, &v, 3) && v.n == 3);
    r = reader_of("43010203");
    assert_false(cf_cbor_read_bytes_of(&r, fixed, 2));
    r = reader_of("4101");
    assert_false(cf_cbor_read_bytes_of(&r, fixed, 2));
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
    r = reader_of("420102");
    assert_true(cf_cbor_read_bytes_of(&r, fixed, 2) && fixed[1] == 2);
    r = reader_of("40");
    assert_true(cf_cbor_read_bytes_of(&r, NULL, 0));
    r = reader_of("83000000");
    assert_false(cf_cbor_read_array(&r, &count, 2));
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
    r = reader_of("83000000");
    assert_false(cf_cbor_read_array_of(&r, 2));
    r = reader_of("83000000");
    assert_true(cf_cbor_read_array_of(&r, 3));
    r = reader_of("830000");
    assert_false(cf_cbor_read_array(&r, &count, 100));
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHORT);
    r = reader_of("63616263");
    assert_false(cf_cbor_read_cstr(&r, text, 3));
    r = reader_of("626162");
    assert_true(cf_cbor_read_cstr(&r, text, 3));
    assert_string_equal(text, "ab");
    r = reader_of("60");
    assert_true(cf_cbor_read_cstr(&r, text, 1));
}

static void a_string_for_people_has_no_control_characters(void **state)
{
    (void)state;
    static const char *const refused[] = {"6100", "610a", "611b", "617f", "62c285", "63e280ae", "63e280a8", "63efbbbf"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char text[8] = "before";
        struct cf_cbor_reader r = reader_of(refused[i]);
        assert_false(cf_cbor_read_cstr(&r, text, sizeof text));
        assert_string_equal(text, "");
        assert_int_equal(cf_cbor_read_end(&r, NULL), CF_E_CBOR_SHAPE);
    }
}

static void null_is_taken_only_if_it_comes_next(void **state)
{
    (void)state;
    struct cf_cbor_reader r = reader_of("f600");
    uint64_t u;
    assert_true(cf_cbor_read_null(&r));
    assert_false(cf_cbor_read_null(&r));
    assert_true(cf_cbor_read_uint(&r, &u, 0));
    assert_false(cf_cbor_read_null(&r));
    assert_int_equal(cf_cbor_read_end(&r, NULL), CF_OK);
}

static void integers_reach_the_ends_of_int64(void **state)
{
    (void)state;
    static const int64_t values[] = {0,         23, 24,  255, 256,  65535, 65536,     UINT32_MAX,   INT64_C(1) << 32,
                                     INT64_MAX, -1, -24, -25, -256, -257,  INT64_MIN, INT64_MIN + 1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct cf_buf CF_CLEANUP(cf_buf_done) out;
        struct cf_cbor_writer w;
        struct cf_cbor_reader r;
        int64_t again;
        cf_buf_init(&out, 16);
        cf_cbor_write_init(&w, &out);
        cf_cbor_write_int(&w, values[i]);
        assert_int_equal(cf_cbor_write_end(&w, NULL), CF_OK);
        cf_cbor_read_init(&r, cf_buf_bytes(&out));
        assert_true(cf_cbor_read_int(&r, &again));
        assert_true(again == values[i]);
        assert_int_equal(cf_cbor_read_end(&r, NULL), CF_OK);
    }
}

static void a_writer_writes_the_bytes_of_the_standard(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    struct cf_cbor_writer w;
    cf_buf_init(&out, 256);
    cf_cbor_write_init(&w, &out);
    cf_cbor_write_array(&w, 9);
    cf_cbor_write_uint(&w, UINT64_MAX);
    cf_cbor_write_int(&w, -1000);
    cf_cbor_write_bool(&w, false);
    cf_cbor_write_bool(&w, true);
    cf_cbor_write_null(&w);
    cf_cbor_write_bytes(&w, cf_bytes_of("\1\2\3\4", 4));
    cf_cbor_write_text(&w, "水");
    cf_cbor_write_map(&w, 1);
    cf_cbor_write_uint(&w, 1000000);
    cf_cbor_write_text(&w, "");
    cf_cbor_write_raw(&w, cf_bytes_of("\x82\x01\x02", 3));
    assert_int_equal(cf_cbor_write_end(&w, NULL), CF_OK);
    char hex[2 * 256 + 1];
    cf_hex_encode(cf_buf_bytes(&out), hex);
    assert_string_equal(hex, "891bffffffffffffffff3903e7f4f5f6440102030463e6b0b4a11a000f424060820102");
    assert_int_equal(read_as_any(hex), CF_OK);
}

static void a_writer_keeps_its_first_error(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    struct cf_cbor_writer w;
    cf_buf_init(&out, 4);
    cf_cbor_write_init(&w, &out);
    cf_cbor_write_text(&w, "abcd");
    cf_cbor_write_null(&w);
    struct cf_error err = {0};
    assert_int_equal(cf_cbor_write_end(&w, &err), CF_E_LIMIT);
    assert_int_equal(err.rc, CF_E_LIMIT);
    assert_int_equal(out.n, 1);

    cf_buf_clear(&out);
    cf_cbor_write_init(&w, &out);
    cf_cbor_write_text(&w, "\xff");
    assert_int_equal(cf_cbor_write_end(&w, NULL), CF_E_ENCODING);
}

/* The items of appendix A that have a type of ours and one encoding of ours; all others must be refused. */
static bool is_ours(const char *hex)
{
    static const char *const others[] = {
        "c2", "c3", "3bffffffffffffffff", "f9",     "fa", "fb",       "f7", "f0", "f8", "c0", "c1", "d7", "d8", "5f",
        "7f", "9f", "83018202039f",       "83019f", "bf", "826161bf",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strncmp(hex, others[i], strlen(others[i])) == 0)
            return false;
    return true;
}

static void shared_vectors_of_appendix_a_are_read_or_refused(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 1 << 20);
    if (!cf_shared_data_read("rfc/appendix_a.json", &file))
        skip();
    static const char key[] = "    \"hex\": \"";
    cf_bytes line;
    size_t read = 0;
    size_t refused = 0;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line);) {
        if (line.n < sizeof key || memcmp(line.p, key, sizeof key - 1) != 0)
            continue;
        char hex[2 * BYTES_MAX + 1];
        size_t n = line.n - (sizeof key - 1) - 2; /* without the quote and the comma */
        assert_true(n < sizeof hex);
        memcpy(hex, line.p + sizeof key - 1, n);
        hex[n] = '\0';
        enum cf_rc rc = read_as_any(hex);
        if (rc != (is_ours(hex) ? CF_OK : CF_E_CBOR_SHAPE))
            fail_msg("%s: %s", hex, cf_rc_name(rc));
        read += rc == CF_OK;
        refused += rc != CF_OK;
    }
    assert_int_equal(read, 36);
    assert_int_equal(refused, 46);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_of_the_shape_has_its_error),
        cmocka_unit_test(deep_nesting_costs_no_stack),
        cmocka_unit_test(every_truncation_of_a_message_is_short),
        cmocka_unit_test(a_reader_refuses_another_type_than_it_asked_for),
        cmocka_unit_test(a_refused_output_is_zero),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(a_number_for_a_field_fits_it_or_is_zero),
        cmocka_unit_test(a_caller_can_refuse_and_what_is_left_is_trailing),
        cmocka_unit_test(limits_of_the_caller_hold),
        cmocka_unit_test(a_string_for_people_has_no_control_characters),
        cmocka_unit_test(null_is_taken_only_if_it_comes_next),
        cmocka_unit_test(integers_reach_the_ends_of_int64),
        cmocka_unit_test(a_writer_writes_the_bytes_of_the_standard),
        cmocka_unit_test(a_writer_keeps_its_first_error),
        cmocka_unit_test(shared_vectors_of_appendix_a_are_read_or_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
