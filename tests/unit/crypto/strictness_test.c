/*
 * tests/unit/crypto/strictness_test.c - what a verifier must refuse, case by case: keys, numbers, DER.
 *
 * These are the kinds of cases that the Wycheproof sets hold (wycheproof_test.py runs those themselves), made here from
 * signatures of our own, so that strictness is tested on a machine without the sets too.
 */
#include "base/crypto/crypto.h"
#include "tests/unit/crypto/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* RFC 6979 section A.2.5 */
#define PRIVATE "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define KEY_X "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define KEY_Y "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define PRIME "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

/* --- numbers of 32 bytes, big-endian ---------------------------------------------------------------------------- */

struct number {
    uint8_t p[33]; /* one byte in front for a carry */
};

static struct number number_of(const uint8_t p[32])
{
    struct number a = {{0}};
    memcpy(a.p + 1, p, 32);
    return a;
}

static struct number number_hex(const char *digits)
{
    struct hex bytes = hex(digits);
    assert_int_equal(bytes.n, 32);
    return number_of(bytes.p);
}

static struct number add(struct number a, struct number b)
{
    unsigned carry = 0;
    for (size_t i = sizeof a.p; i-- > 0;) {
        carry += (unsigned)a.p[i] + b.p[i];
        a.p[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return a;
}

/* a - b, with a ff in front if it is negative */
static struct number subtract(struct number a, struct number b)
{
    int borrow = 0;
    for (size_t i = sizeof a.p; i-- > 0;) {
        borrow += a.p[i] - b.p[i];
        a.p[i] = (uint8_t)borrow;
        borrow >>= 8;
    }
    return a;
}

static struct number small(uint8_t value)
{
    struct number a = {{0}};
    a.p[32] = value;
    return a;
}

static void sign(const char *message, const char *private_key, cf_signature *ret)
{
    struct hex scalar = hex(private_key);
    struct cf_private_key *key = NULL;
    assert_int_equal(cf_private_key_load(scalar.p, &key, NULL), CF_OK);
    assert_int_equal(cf_sign(key, cf_bytes_str(message), ret, NULL), CF_OK);
    cf_private_key_free(key);
}

static enum cf_rc verify_numbers(const char *sec1_key, const char *message, struct number r, struct number s)
{
    struct hex key = hex(sec1_key);
    cf_signature signature;
    assert_true(r.p[0] == 0 && s.p[0] == 0);
    memcpy(signature.rs, r.p + 1, 32);
    memcpy(signature.rs + 32, s.p + 1, 32);
    return cf_verify_p1363(hex_view(&key), cf_bytes_str(message), cf_bytes_of(signature.rs, 64), NULL);
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

static void a_public_key_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *key;
        enum cf_rc rc;
    } rows[] = {
        {"compressed", "03" KEY_X, CF_OK},
        {"uncompressed", "04" KEY_X KEY_Y, CF_OK},
        {"the negated point is a key, but not this one", "02" KEY_X, CF_E_CODE_SIGNATURE},
        {"x = 0 is on the curve", "02" ZERO, CF_E_CODE_SIGNATURE},
        {"x = 5 is on the curve", "020000000000000000000000000000000000000000000000000000000000000005",
         CF_E_CODE_SIGNATURE},
        {"nothing", "", CF_E_CODE_KEY},
        {"infinity", "00", CF_E_CODE_KEY},
        {"infinity, padded", "00" ZERO, CF_E_CODE_KEY},
        {"zero is not on the curve", "04" ZERO ZERO, CF_E_CODE_KEY},
        {"no point has x = 1", "020000000000000000000000000000000000000000000000000000000000000001", CF_E_CODE_KEY},
        {"x = p", "02" PRIME, CF_E_CODE_KEY},
        {"x = p + 5, which is 5 if reduced", "02ffffffff00000001000000000000000000000001000000000000000000000004",
         CF_E_CODE_KEY},
        {"x beyond p", "02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", CF_E_CODE_KEY},
        {"y off by one", "04" KEY_X "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d446229a", CF_E_CODE_KEY},
        {"y = p", "04" KEY_X PRIME, CF_E_CODE_KEY},
        {"x and y swapped", "04" KEY_Y KEY_X, CF_E_CODE_KEY},
        {"hybrid form", "07" KEY_X KEY_Y, CF_E_CODE_KEY},
        {"hybrid form, wrong parity", "06" KEY_X KEY_Y, CF_E_CODE_KEY},
        {"form 05", "05" KEY_X, CF_E_CODE_KEY},
        {"form 01", "01" KEY_X, CF_E_CODE_KEY},
        {"no form", KEY_X, CF_E_CODE_KEY},
        {"uncompressed without y", "04" KEY_X, CF_E_CODE_KEY},
        {"compressed with y", "03" KEY_X KEY_Y, CF_E_CODE_KEY},
        {"a byte less", "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29f", CF_E_CODE_KEY},
        {"a byte more", "03" KEY_X "00", CF_E_CODE_KEY},
        {"a byte more, uncompressed", "04" KEY_X KEY_Y "00", CF_E_CODE_KEY},
    };
    cf_signature signature;
    sign("sample", PRIVATE, &signature);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex key = hex(rows[i].key);
        cf_public_key compressed;
        enum cf_rc rc = cf_verify_p1363(hex_view(&key), cf_bytes_str("sample"), cf_bytes_of(signature.rs, 64), NULL);
        if (rc != rows[i].rc) {
            fail_msg("%s: %d, not %d", rows[i].why, rc, rows[i].rc);
        }
        rc = cf_point_compress(hex_view(&key), &compressed, NULL);
        assert_int_equal(rc == CF_OK, rows[i].rc != CF_E_CODE_KEY);
    }
}

static void a_verifier_is_made_of_compressed_points_only(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 256; form++) {
        struct hex bytes = hex("00" KEY_X);
        cf_public_key key;
        struct cf_verifier *verifier = NULL;
        memcpy(key.point, bytes.p, sizeof key.point);
        key.point[0] = (uint8_t)form;
        enum cf_rc rc = cf_verifier_new(&key, &verifier, NULL);
        assert_int_equal(rc, form == 2 || form == 3 ? CF_OK : CF_E_CODE_KEY);
        assert_true((verifier != NULL) == (rc == CF_OK));
        cf_verifier_free(verifier);
    }
}

/* --- numbers ---------------------------------------------------------------------------------------------------- */

static void r_and_s_are_numbers_from_1_to_n_less_1(void **state)
{
    (void)state;
    cf_signature signature;
    sign("sample", PRIVATE, &signature);
    const struct number r = number_of(signature.rs);
    const struct number s = number_of(signature.rs + 32);
    const struct number n = number_hex(ORDER);
    const struct number p = number_hex(PRIME);
    struct number ones = subtract(small(0), small(1));
    ones.p[0] = 0;
    const struct {
        const char *why;
        struct number r, s;
        bool valid;
    } rows[] = {
        {"as signed", r, s, true},
        {"s negated: FIPS 186-4 allows it, so codes are told apart by content, not by bytes", r, subtract(n, s), true},
        {"r negated", subtract(n, r), s, false},
        {"r and s swapped", s, r, false},
        {"both 0 (the psychic signature)", small(0), small(0), false},
        {"r = 0", small(0), s, false},
        {"s = 0", r, small(0), false},
        {"both 1", small(1), small(1), false},
        {"r = n, s = n", n, n, false},
        {"r = n", n, s, false},
        {"s = n", r, n, false},
        {"r = 0, s = n", small(0), n, false},
        {"r = n, s = 1", n, small(1), false},
        {"r = n - 1", subtract(n, small(1)), s, false},
        {"s = n - 1", r, subtract(n, small(1)), false},
        {"r = n + 1", add(n, small(1)), s, false},
        {"s = n + 1", r, add(n, small(1)), false},
        {"r = p", p, s, false},
        {"s = p", r, p, false},
        {"r = 2^256 - 1", ones, s, false},
        {"s = 2^256 - 1", r, ones, false},
        {"r off by one", add(r, small(1)), s, false},
        {"s off by one", r, subtract(s, small(1)), false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum cf_rc rc = verify_numbers("03" KEY_X, "sample", rows[i].r, rows[i].s);
        if (rc != (rows[i].valid ? CF_OK : CF_E_CODE_SIGNATURE)) {
            fail_msg("%s: %d", rows[i].why, rc);
        }
    }
}

/* With the key G (scalar 1), u1 G + u2 Q = ((hash + r) / s) G: it is infinity for r = -hash. */
static void a_sum_at_infinity_is_refused(void **state)
{
    (void)state;
    const char *generator = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    struct cf_sha256 hash = cf_sha256(cf_bytes_str("sample"));
    struct number n = number_hex(ORDER);
    struct number r = subtract(n, number_of(hash.digest));
    assert_int_equal(r.p[0], 0); /* the hash of "sample" is below n */
    assert_int_equal(verify_numbers(generator, "sample", r, small(1)), CF_E_CODE_SIGNATURE);
    assert_int_equal(verify_numbers(generator, "sample", r, small(5)), CF_E_CODE_SIGNATURE);
}

/* With the same key and r = hash, both summands are one point, which a plain addition formula cannot add. That it is
 * added rightly is seen by the Wycheproof sets only. */
static void two_equal_summands_do_no_harm(void **state)
{
    (void)state;
    const char *generator = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    struct cf_sha256 hash = cf_sha256(cf_bytes_str("sample"));
    struct number r = number_of(hash.digest);
    assert_int_equal(verify_numbers(generator, "sample", r, small(7)), CF_E_CODE_SIGNATURE);
}

static void a_p1363_signature_has_64_bytes(void **state)
{
    (void)state;
    struct hex key = hex("03" KEY_X);
    uint8_t bytes[66] = {0};
    cf_signature signature;
    sign("sample 51", PRIVATE, &signature); /* its r begins with a zero */
    assert_int_equal(signature.rs[0], 0);
    memcpy(bytes + 1, signature.rs, 64);
    static const struct {
        const char *why;
        size_t from, n;
        bool valid;
    } rows[] = {
        {"as it is", 1, 64, true},       {"a zero in front", 0, 65, false},
        {"a zero behind", 1, 65, false}, {"r without its zero", 2, 63, false},
        {"nothing", 1, 0, false},        {"r alone", 1, 32, false},
        {"one byte less", 1, 63, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum cf_rc rc = cf_verify_p1363(hex_view(&key), cf_bytes_str("sample 51"),
                                        cf_bytes_of(bytes + rows[i].from, rows[i].n), NULL);
        assert_int_equal(rc, rows[i].valid ? CF_OK : CF_E_CODE_SIGNATURE);
    }
}

/* --- DER -------------------------------------------------------------------------------------------------------- */

/* Replaces the capital letters of a template by the digits of numbers; spaces are for the reader. */
static struct hex fill_in(const char *template, const cf_signature *signature)
{
    char digits[2 * HEX_BYTES_MAX + 1];
    char r[65];
    char s[65];
    char sum[67];
    char difference[67];
    struct number n = number_hex(ORDER);
    struct number r_plus_n = add(number_of(signature->rs), n);
    struct number r_less_n = subtract(number_of(signature->rs), n);
    cf_hex_encode(cf_bytes_of(signature->rs, 32), r);
    cf_hex_encode(cf_bytes_of(signature->rs + 32, 32), s);
    cf_hex_encode(cf_bytes_of(r_plus_n.p, 33), sum);
    cf_hex_encode(cf_bytes_of(r_less_n.p, 33), difference);
    size_t at = 0;
    for (const char *c = template; *c != '\0'; c++) {
        char one[2] = {*c, '\0'};
        const char *text = one;
        switch (*c) {
        case ' ':
            continue;
        case 'R': /* r, 32 bytes; its first bit is set */
            text = r;
            break;
        case 'S': /* s, 32 bytes; its first bit is set */
            text = s;
            break;
        case 'T': /* s without its first byte */
            text = s + 2;
            break;
        case 'P': /* r + n, 33 bytes, positive */
            text = sum;
            break;
        case 'M': /* r - n, 33 bytes, negative */
            text = difference;
            break;
        default:
            break;
        }
        size_t length = strlen(text);
        assert_true(at + length < sizeof digits);
        memcpy(digits + at, text, length);
        at += length;
    }
    digits[at] = '\0';
    return hex(digits);
}

static void a_der_signature_is_exact(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *der;
        bool valid;
    } rows[] = {
        {"as DER has it", "30 46 0221 00R 0221 00S", true},
        {"nothing", "", false},
        {"a tag alone", "30", false},
        {"an empty sequence", "30 00", false},
        {"one byte after the end", "30 46 0221 00R 0221 00S 00", false},
        {"NULL after the end", "30 46 0221 00R 0221 00S 0500", false},
        {"another sequence after the end", "30 46 0221 00R 0221 00S 3000", false},
        {"something before", "00 30 46 0221 00R 0221 00S", false},
        {"NULL inside", "30 48 0221 00R 0221 00S 0500", false},
        {"NULL first", "30 48 0500 0221 00R 0221 00S", false},
        {"a third number", "30 49 0221 00R 0221 00S 020101", false},
        {"r alone", "30 23 0221 00R", false},
        {"r and an empty s", "30 25 0221 00R 0200", false},
        {"an empty r", "30 25 0200 0221 00S", false},
        {"wrapped twice", "30 48 30 46 0221 00R 0221 00S", false},

        {"long form of a short length", "30 8146 0221 00R 0221 00S", false},
        {"longer form", "30 820046 0221 00R 0221 00S", false},
        {"longest form", "30 8400000046 0221 00R 0221 00S", false},
        {"long form inside", "30 47 028121 00R 0221 00S", false},
        {"longer form inside", "30 48 0221 00R 02820021 00S", false},
        {"indefinite length", "30 80 0221 00R 0221 00S 0000", false},
        {"indefinite length inside", "30 48 0280 00R 0000 0221 00S", false},
        {"length one too small", "30 45 0221 00R 0221 00S", false},
        {"length one too large", "30 47 0221 00R 0221 00S", false},
        {"length of 4 GiB", "30 84ffffffff 0221 00R 0221 00S", false},
        {"length that overflows 64 bits", "30 890100000000000046 0221 00R 0221 00S", false},
        {"length of a length of 127 bytes", "30 ff 0221 00R 0221 00S", false},
        {"r longer than the whole", "30 46 027f 00R 0221 00S", false},
        {"r one too long", "30 46 0222 00R 0221 00S", false},
        {"s one too short", "30 46 0221 00R 0220 00S", false},
        {"the end is missing", "30 46 0221 00R 0221 00T", false},

        {"r negative, as its sign bit says", "30 45 0220 R 0221 00S", false},
        {"s negative", "30 45 0221 00R 0220 S", false},
        {"both negative", "30 44 0220 R 0220 S", false},
        {"r - n", "30 46 0221 M 0221 00S", false},
        {"r - n, minimal", "30 47 0222 ffM 0221 00S", false},
        {"r + n", "30 46 0221 P 0221 00S", false},
        {"r + n, positive", "30 47 0222 00P 0221 00S", false},
        {"r + 2^256", "30 46 0221 01R 0221 00S", false},
        {"a needless zero before r", "30 47 0222 0000R 0221 00S", false},
        {"a needless zero before s", "30 47 0221 00R 0222 0000S", false},
        {"r with 32 zeros before",
         "30 66 0241 00 0000000000000000000000000000000000000000000000000000000000000000 R 0221 00S", false},
        {"r and a zero behind", "30 47 0222 00R00 0221 00S", false},
        {"r = 0", "30 26 020100 0221 00S", false},
        {"s = 0", "30 26 0221 00R 020100", false},
        {"both 0", "30 06 020100 020100", false},
        {"both 1", "30 06 020101 020101", false},
        {"both -1", "30 06 0201ff 0201ff", false},

        {"a set", "31 46 0221 00R 0221 00S", false},
        {"a primitive sequence", "10 46 0221 00R 0221 00S", false},
        {"an octet string", "04 46 0221 00R 0221 00S", false},
        {"a context tag", "a0 46 0221 00R 0221 00S", false},
        {"r as an octet string", "30 46 0421 00R 0221 00S", false},
        {"r as a bit string", "30 46 0321 00R 0221 00S", false},
        {"r constructed", "30 46 2221 00R 0221 00S", false},
        {"s enumerated", "30 46 0221 00R 0a21 00S", false},
        {"r a real number", "30 28 0903 80fb05 0221 00S", false},
        {"r a boolean", "30 26 010101 0221 00S", false},
        {"r NULL", "30 25 0500 0221 00S", false},
        {"a tag of two bytes", "30 47 1f0221 00R 0221 00S", false},
    };
    struct hex key = hex("04" KEY_X KEY_Y);
    cf_signature signature;
    sign("sample", PRIVATE, &signature);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex der = fill_in(rows[i].der, &signature);
        enum cf_rc rc = cf_verify_der(hex_view(&key), cf_bytes_str("sample"), hex_view(&der), NULL);
        if (rc != (rows[i].valid ? CF_OK : CF_E_CODE_SIGNATURE)) {
            fail_msg("%s: %d", rows[i].why, rc);
        }
    }
}

static void a_short_number_is_written_short(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *der;
        bool valid;
    } rows[] = {
        {"31 bytes", "30 44 0221 00R 021f T", true},
        {"32 with the zero", "30 45 0221 00R 0220 S", false},
        {"33 with two", "30 46 0221 00R 0221 00S", false},
    };
    struct hex key = hex("04" KEY_X KEY_Y);
    cf_signature signature;
    sign("sample 2438", PRIVATE, &signature); /* its s begins with a zero, and no sign bit follows */
    assert_true(signature.rs[32] == 0 && signature.rs[33] < 0x80);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex der = fill_in(rows[i].der, &signature);
        assert_int_equal(cf_verify_der(hex_view(&key), cf_bytes_str("sample 2438"), hex_view(&der), NULL),
                         rows[i].valid ? CF_OK : CF_E_CODE_SIGNATURE);
    }
}

static void each_changed_byte_of_a_der_signature_is_refused(void **state)
{
    (void)state;
    struct hex key = hex("04" KEY_X KEY_Y);
    cf_signature signature;
    sign("sample", PRIVATE, &signature);
    const struct hex der = fill_in("30 46 0221 00R 0221 00S", &signature);
    for (size_t i = 0; i < der.n; i++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            struct hex changed = der;
            changed.p[i] ^= (uint8_t)(1U << bit);
            assert_int_equal(cf_verify_der(hex_view(&key), cf_bytes_str("sample"), hex_view(&changed), NULL),
                             CF_E_CODE_SIGNATURE);
        }
        assert_int_equal(cf_verify_der(hex_view(&key), cf_bytes_str("sample"), cf_bytes_of(der.p, i), NULL),
                         CF_E_CODE_SIGNATURE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_public_key_is_exact),
        cmocka_unit_test(a_verifier_is_made_of_compressed_points_only),
        cmocka_unit_test(r_and_s_are_numbers_from_1_to_n_less_1),
        cmocka_unit_test(a_sum_at_infinity_is_refused),
        cmocka_unit_test(two_equal_summands_do_no_harm),
        cmocka_unit_test(a_p1363_signature_has_64_bytes),
        cmocka_unit_test(a_der_signature_is_exact),
        cmocka_unit_test(a_short_number_is_written_short),
        cmocka_unit_test(each_changed_byte_of_a_der_signature_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
