/*
 * tests/unit/crypto/ecdsa_test.c - signatures of P-256 with SHA-256: RFC 6979, keys, and each library's own signatures.
 */
#include "base/crypto/crypto.h"
#include "tests/unit/crypto/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <threads.h>
#include <cmocka.h>

/* RFC 6979 section A.2.5 */
#define RFC_KEY "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define RFC_PUBLIC "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define RFC_PUBLIC_FULL                                                                                                \
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"                                               \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ORDER_LESS_1 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define GENERATOR "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define GENERATOR_NEGATED "026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"

static struct cf_private_key *key_of(const char *digits)
{
    struct hex scalar = hex(digits);
    struct cf_private_key *key = NULL;
    assert_int_equal(scalar.n, CF_P256_PRIVATE_BYTES);
    assert_int_equal(cf_private_key_load(scalar.p, &key, NULL), CF_OK);
    return key;
}

static struct cf_verifier *verifier_of(const struct cf_private_key *key)
{
    cf_public_key public_key;
    struct cf_verifier *verifier = NULL;
    cf_private_key_public(key, &public_key);
    assert_int_equal(cf_verifier_new(&public_key, &verifier, NULL), CF_OK);
    return verifier;
}

static void a_signature_is_the_one_of_rfc_6979(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        const char *rs;
    } rows[] = {
        {"sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                   "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
        {"test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                 "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
    };
    struct cf_private_key *key = key_of(RFC_KEY);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cf_signature signature;
        assert_int_equal(cf_sign(key, cf_bytes_str(rows[i].message), &signature, NULL), CF_OK);
        assert_hex(signature.rs, sizeof signature.rs, rows[i].rs);
    }
    cf_private_key_free(key);
}

static void a_private_key_has_the_public_key_of_rfc_6979(void **state)
{
    (void)state;
    struct cf_private_key *key = key_of(RFC_KEY);
    cf_public_key public_key;
    uint8_t full[65];
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_public(key, &public_key);
    assert_hex(public_key.point, sizeof public_key.point, RFC_PUBLIC);
    assert_int_equal(cf_point_decompress(&public_key, full, NULL), CF_OK);
    assert_hex(full, sizeof full, RFC_PUBLIC_FULL);
    cf_private_key_save(key, scalar);
    assert_hex(scalar, sizeof scalar, RFC_KEY);
    cf_private_key_free(key);
}

static void a_scalar_outside_1_to_n_less_1_is_no_private_key(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *scalar;
        enum cf_rc rc;
        const char *public_key;
    } rows[] = {
        {"zero", "0000000000000000000000000000000000000000000000000000000000000000", CF_E_RANGE, NULL},
        {"the least", "0000000000000000000000000000000000000000000000000000000000000001", CF_OK, GENERATOR},
        {"the greatest", ORDER_LESS_1, CF_OK, GENERATOR_NEGATED},
        {"the order", ORDER, CF_E_RANGE, NULL},
        {"all ones", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", CF_E_RANGE, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex scalar = hex(rows[i].scalar);
        struct cf_private_key *key = NULL;
        assert_int_equal(cf_private_key_load(scalar.p, &key, NULL), rows[i].rc);
        if (rows[i].rc == CF_OK) {
            cf_public_key public_key;
            cf_private_key_public(key, &public_key);
            assert_hex(public_key.point, sizeof public_key.point, rows[i].public_key);
        } else {
            assert_null(key);
        }
        cf_private_key_free(key);
    }
}

static void a_fresh_key_signs_what_its_public_key_verifies(void **state)
{
    (void)state;
    cf_public_key before = {{0}};
    for (int i = 0; i < 8; i++) {
        struct cf_private_key *key = NULL;
        cf_public_key public_key;
        cf_signature signature;
        assert_int_equal(cf_private_key_generate(&key, NULL), CF_OK);
        cf_private_key_public(key, &public_key);
        assert_memory_not_equal(&public_key, &before, sizeof before);
        before = public_key;
        struct cf_verifier *verifier = verifier_of(key);
        assert_int_equal(cf_sign(key, cf_bytes_str("a coupon"), &signature, NULL), CF_OK);
        assert_int_equal(cf_verify(verifier, cf_bytes_str("a coupon"), &signature, NULL), CF_OK);
        assert_int_equal(cf_verify(verifier, cf_bytes_str("a coupom"), &signature, NULL), CF_E_CODE_SIGNATURE);
        cf_verifier_free(verifier);
        cf_private_key_free(key);
    }
}

static void keys_1_and_n_less_1_sign_and_verify(void **state)
{
    (void)state;
    static const char *const scalars[] = {
        "0000000000000000000000000000000000000000000000000000000000000001", /* Q = G: the sum may be a doubling */
        ORDER_LESS_1,                                                       /* Q = -G: it may cancel */
    };
    for (size_t i = 0; i < 2; i++) {
        struct cf_private_key *key = key_of(scalars[i]);
        struct cf_verifier *verifier = verifier_of(key);
        cf_signature signature;
        assert_int_equal(cf_sign(key, cf_bytes_str("sample"), &signature, NULL), CF_OK);
        assert_int_equal(cf_verify(verifier, cf_bytes_str("sample"), &signature, NULL), CF_OK);
        signature.rs[40] ^= 1;
        assert_int_equal(cf_verify(verifier, cf_bytes_str("sample"), &signature, NULL), CF_E_CODE_SIGNATURE);
        cf_verifier_free(verifier);
        cf_private_key_free(key);
    }
}

static void each_flipped_bit_of_a_signature_is_noticed(void **state)
{
    (void)state;
    struct cf_private_key *key = key_of(RFC_KEY);
    struct cf_verifier *verifier = verifier_of(key);
    cf_bytes message = cf_bytes_str("a redeemed coupon");
    cf_signature signature;
    assert_int_equal(cf_sign(key, message, &signature, NULL), CF_OK);
    for (size_t bit = 0; bit < 8 * sizeof signature.rs; bit += 7) {
        cf_signature flipped = signature;
        flipped.rs[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(cf_verify(verifier, message, &flipped, NULL), CF_E_CODE_SIGNATURE);
    }
    assert_int_equal(cf_verify(verifier, message, &signature, NULL), CF_OK);
    cf_verifier_free(verifier);
    cf_private_key_free(key);
}

static void a_signature_of_nothing_verifies(void **state)
{
    (void)state;
    struct cf_private_key *key = key_of(RFC_KEY);
    struct cf_verifier *verifier = verifier_of(key);
    cf_signature signature;
    assert_int_equal(cf_sign(key, (cf_bytes){NULL, 0}, &signature, NULL), CF_OK);
    assert_int_equal(cf_verify(verifier, (cf_bytes){NULL, 0}, &signature, NULL), CF_OK);
    cf_verifier_free(verifier);
    cf_private_key_free(key);
}

/* One thread's share: its own key and verifier, on the curve that all share. 0 if all went well. */
static int sign_and_verify_often(void *unused)
{
    (void)unused;
    struct cf_private_key *key = NULL;
    struct cf_verifier *verifier = NULL;
    cf_public_key public_key;
    cf_signature signature;
    if (cf_private_key_generate(&key, NULL) != CF_OK) {
        return 1;
    }
    cf_private_key_public(key, &public_key);
    int failures = cf_verifier_new(&public_key, &verifier, NULL) != CF_OK;
    for (int i = 0; i < 20 && failures == 0; i++) {
        cf_bytes message = cf_bytes_of(&i, sizeof i);
        failures += cf_sign(key, message, &signature, NULL) != CF_OK;
        failures += cf_verify(verifier, message, &signature, NULL) != CF_OK;
        signature.rs[i] ^= 4;
        failures += cf_verify(verifier, message, &signature, NULL) != CF_E_CODE_SIGNATURE;
    }
    cf_verifier_free(verifier);
    cf_private_key_free(key);
    return failures;
}

static void threads_sign_and_verify_at_once(void **state)
{
    (void)state;
    thrd_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(thrd_create(&threads[i], sign_and_verify_often, NULL), thrd_success);
    }
    for (size_t i = 0; i < 4; i++) {
        int failures = -1;
        assert_int_equal(thrd_join(threads[i], &failures), thrd_success);
        assert_int_equal(failures, 0);
    }
}

static void null_is_freed_quietly(void **state)
{
    (void)state;
    cf_verifier_free(NULL);
    cf_private_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_the_one_of_rfc_6979),
        cmocka_unit_test(a_private_key_has_the_public_key_of_rfc_6979),
        cmocka_unit_test(a_scalar_outside_1_to_n_less_1_is_no_private_key),
        cmocka_unit_test(a_fresh_key_signs_what_its_public_key_verifies),
        cmocka_unit_test(keys_1_and_n_less_1_sign_and_verify),
        cmocka_unit_test(each_flipped_bit_of_a_signature_is_noticed),
        cmocka_unit_test(a_signature_of_nothing_verifies),
        cmocka_unit_test(threads_sign_and_verify_at_once),
        cmocka_unit_test(null_is_freed_quietly),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
