/* base45: the vectors of RFC 9285, and everything that it says to refuse. */
#include "base/base45.h"
#include "tests/support/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct vector {
    const char *base45;
    const char *bytes;
    const char *why;
};

static const struct vector vectors[] = {
    {"BB8", "AB", "RFC 9285, 4.3, example 1"},
    {"%69 VD92EX0", "Hello!!", "RFC 9285, 4.3, example 2: an odd number of bytes"},
    {"UJCLQE7W581", "base-45", "RFC 9285, 4.3, example 3"},
    {"QED8WEX0", "ietf!", "RFC 9285, 4.4"},
    {"", "", "nothing is something"},
    {"FGW", "\xff\xff", "the largest group of three"},
    {"U5", "\xff", "the largest group of two"},
    {"E2", "\x68", "a lone byte"},
};

static void public_vectors_decode_and_encode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        uint8_t out[64];
        size_t n = 999;
        char text[97];
        assert_int_equal(cf_base45_decode(cf_bytes_str(v->base45), out, sizeof out, &n, NULL), CF_OK);
        assert_true(cf_bytes_equal(cf_bytes_of(out, n), cf_bytes_str(v->bytes)));
        assert_int_equal(cf_base45_encode(cf_bytes_str(v->bytes), text, sizeof text, NULL), CF_OK);
        assert_string_equal(text, v->base45);
    }
}

static const struct vector refused[] = {
    {"A", NULL, "length 1"},
    {"BB8A", NULL, "length 1 mod 3"},
    {"GGW", NULL, "65536 in a triple"},
    {":::", NULL, "91124, the largest triple"},
    {"V5", NULL, "256 in a pair"},
    {"::", NULL, "2024, the largest pair"},
    {"bb8", NULL, "lower case is not folded"},
    {"BB\n", NULL, "a line end"},
    {"BB8 A_", NULL, "a foreign character in the last place"},
    {"_B8", NULL, "a foreign character in the first place"},
    {"\xef\xbc\xa2"
     "BB",
     NULL, "a full-width letter"},
    {"BB=", NULL, "no padding exists"},
    {"B#", NULL, "a foreign character in a pair"},
};

static void damaged_text_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        uint8_t out[16];
        size_t n = 77;
        struct cf_error err = {0};
        if (cf_base45_decode(cf_bytes_str(refused[i].base45), out, sizeof out, &n, &err) != CF_E_BASE45)
            fail_msg("not refused: %s", refused[i].why);
        assert_int_equal(err.rc, CF_E_BASE45);
        assert_int_equal(n, 77);
    }
    static const char with_nul[] = {'B', '\0', '8'};
    size_t n;
    uint8_t out[2];
    assert_int_equal(cf_base45_decode(cf_bytes_of(with_nul, 3), out, sizeof out, &n, NULL), CF_E_BASE45);
}

static void each_character_outside_the_alphabet_is_refused(void **state)
{
    (void)state;
    unsigned accepted = 0;
    for (unsigned c = 0; c < 256; c++) {
        uint8_t text[3] = {(uint8_t)c, '0', '0'};
        uint8_t out[2];
        size_t n;
        bool in_alphabet = c != 0 && strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", (int)c) != NULL;
        enum cf_rc rc = cf_base45_decode(cf_bytes_of(text, 3), out, sizeof out, &n, NULL);
        assert_int_equal(rc, in_alphabet ? CF_OK : CF_E_BASE45);
        accepted += rc == CF_OK;
    }
    assert_int_equal(accepted, 45);
}

static void every_pair_of_bytes_survives_the_round_trip(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 65536; value++) {
        uint8_t in[2] = {(uint8_t)(value >> 8), (uint8_t)value};
        uint8_t out[2];
        char text[4];
        size_t n;
        assert_int_equal(cf_base45_encode(cf_bytes_of(in, 2), text, sizeof text, NULL), CF_OK);
        assert_int_equal(cf_base45_decode(cf_bytes_str(text), out, sizeof out, &n, NULL), CF_OK);
        assert_true(n == 2 && memcmp(in, out, 2) == 0);
    }
}

/* Two texts of the same bytes would let one coupon have two faces. */
static void every_triple_that_decodes_is_what_encoding_gives(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    size_t accepted = 0;
    for (size_t i = 0; i < (size_t)45 * 45 * 45; i++) {
        char text[4] = {alphabet[i % 45], alphabet[i / 45 % 45], alphabet[i / 2025], '\0'};
        char again[4];
        uint8_t out[2];
        size_t n;
        if (cf_base45_decode(cf_bytes_str(text), out, sizeof out, &n, NULL) != CF_OK)
            continue;
        accepted++;
        assert_int_equal(cf_base45_encode(cf_bytes_of(out, n), again, sizeof again, NULL), CF_OK);
        assert_string_equal(again, text);
    }
    assert_int_equal(accepted, 65536);
}

static void room_is_exact_and_never_passed(void **state)
{
    (void)state;
    uint8_t out[4] = {0, 0, 0xaa, 0xaa};
    size_t n;
    assert_int_equal(cf_base45_decode(cf_bytes_str("BB8"), out, 1, &n, NULL), CF_E_LIMIT);
    assert_int_equal(cf_base45_decode(cf_bytes_str("BB8"), out, 2, &n, NULL), CF_OK);
    assert_int_equal(out[2], 0xaa);

    char text[8];
    assert_int_equal(cf_base45_encode(cf_bytes_str("abc"), text, 6, NULL), CF_E_LIMIT);
    assert_int_equal(cf_base45_encode(cf_bytes_str("abc"), text, CF_BASE45_ENCODED_MAX(3) + 1, NULL), CF_OK);
    assert_int_equal(strlen(text), 5);
    assert_int_equal(cf_base45_encode(cf_bytes_of(NULL, 0), text, 1, NULL), CF_OK);
    assert_string_equal(text, "");
    assert_int_equal(cf_base45_encode(cf_bytes_of(NULL, 0), text, 0, NULL), CF_E_LIMIT);
}

/* The value of a string field of a line of JSON that holds no escapes; false if it has no such field. */
static bool field_of(const char *line, const char *name, char *value, size_t cap)
{
    char key[32];
    (void)snprintf(key, sizeof key, "\"%s\": \"", name);
    const char *at = strstr(line, key);
    if (at == NULL)
        return false;
    at += strlen(key);
    size_t n = strcspn(at, "\"");
    assert_true(n < cap);
    memcpy(value, at, n);
    value[n] = '\0';
    return true;
}

static void shared_vectors_of_rfc_9285_hold(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) file;
    cf_buf_init(&file, 65536);
    if (!cf_shared_data_read("rfc/rfc9285-base45.jsonl", &file))
        skip();
    cf_bytes line;
    size_t rows = 0;
    for (size_t at = 0; cf_shared_data_line(cf_buf_bytes(&file), &at, &line); rows++) {
        char text[1024];
        char code[256];
        char hex[256];
        assert_true(line.n < sizeof text);
        memcpy(text, line.p, line.n);
        text[line.n] = '\0';
        assert_true(field_of(text, "base45", code, sizeof code));
        uint8_t out[128];
        size_t n;
        enum cf_rc rc = cf_base45_decode(cf_bytes_str(code), out, sizeof out, &n, NULL);
        if (!field_of(text, "hex", hex, sizeof hex)) {
            assert_int_equal(rc, CF_E_BASE45);
            continue;
        }
        uint8_t wanted[128];
        assert_int_equal(rc, CF_OK);
        assert_int_equal(cf_hex_decode(hex, wanted, strlen(hex) / 2, NULL), CF_OK);
        assert_true(cf_bytes_equal(cf_bytes_of(out, n), cf_bytes_of(wanted, strlen(hex) / 2)));
    }
    assert_true(rows >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_vectors_decode_and_encode),
        cmocka_unit_test(damaged_text_is_refused),
        cmocka_unit_test(each_character_outside_the_alphabet_is_refused),
        cmocka_unit_test(every_pair_of_bytes_survives_the_round_trip),
        cmocka_unit_test(every_triple_that_decodes_is_what_encoding_gives),
        cmocka_unit_test(room_is_exact_and_never_passed),
        cmocka_unit_test(shared_vectors_of_rfc_9285_hold),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
