/*
 * tests/unit/crypto/aead_test.c - AES-256-GCM gives what the GCM specification prints, and notices any change.
 */
#include "base/crypto/crypto.h"
#include "tests/unit/crypto/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define KEY "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define NONCE "cafebabefacedbaddecaf888"
#define PLAIN_60                                                                                                       \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657" \
    "ba637b39"
#define CIPHER_60                                                                                                      \
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a" \
    "bcc9f662"
#define AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"

/* McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, cases 13 to 16 */
static void sealing_gives_the_bytes_of_the_gcm_specification(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *key, *nonce, *aad, *plain, *sealed;
    } rows[] = {
        {"nothing at all", "0000000000000000000000000000000000000000000000000000000000000000",
         "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {"one block", "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
         "", "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
        {"four blocks", KEY, NONCE, "", PLAIN_60 "1aafd255", CIPHER_60 "898015adb094dac5d93471bdec1a502270e3cc6c"},
        {"a part of a block, and additional data", KEY, NONCE, AAD, PLAIN_60,
         CIPHER_60 "76fc6ece0f4e1768cddf8853bb2d551b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex key = hex(rows[i].key);
        struct hex nonce = hex(rows[i].nonce);
        struct hex aad = hex(rows[i].aad);
        struct hex plain = hex(rows[i].plain);
        uint8_t sealed[HEX_BYTES_MAX];
        uint8_t opened[HEX_BYTES_MAX];
        size_t n = plain.n + CF_AES_TAG_BYTES;
        assert_int_equal(cf_aes_gcm_seal(key.p, nonce.p, hex_view(&aad), hex_view(&plain), sealed, NULL), CF_OK);
        assert_hex(sealed, n, rows[i].sealed);
        assert_int_equal(cf_aes_gcm_open(key.p, nonce.p, hex_view(&aad), cf_bytes_of(sealed, n), opened, NULL), CF_OK);
        assert_hex(opened, plain.n, rows[i].plain);
    }
}

/* What a change of any input leaves in `out` is nothing. */
static void expect_refusal(const struct hex *key, const struct hex *nonce, const struct hex *aad, cf_bytes sealed)
{
    static const uint8_t zero[HEX_BYTES_MAX];
    uint8_t out[HEX_BYTES_MAX] = {0};
    struct cf_error err = {.rc = CF_OK};
    assert_int_equal(cf_aes_gcm_open(key->p, nonce->p, hex_view(aad), sealed, out, &err), CF_E_CODE_SIGNATURE);
    assert_int_equal(err.rc, CF_E_CODE_SIGNATURE);
    assert_memory_equal(out, zero, sizeof out);
}

static void any_changed_bit_is_noticed_and_leaves_nothing(void **state)
{
    (void)state;
    const struct hex key = hex(KEY);
    const struct hex nonce = hex(NONCE);
    const struct hex aad = hex(AAD);
    const struct hex sealed = hex(CIPHER_60 "76fc6ece0f4e1768cddf8853bb2d551b");
    for (size_t bit = 0; bit < 8 * sealed.n; bit += 5) {
        struct hex changed = sealed;
        changed.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
        expect_refusal(&key, &nonce, &aad, hex_view(&changed));
    }
    struct hex changed = key;
    changed.p[31] ^= 1;
    expect_refusal(&changed, &nonce, &aad, hex_view(&sealed));
    changed = nonce;
    changed.p[0] ^= 0x80;
    expect_refusal(&key, &changed, &aad, hex_view(&sealed));
    changed = aad;
    changed.n--;
    expect_refusal(&key, &nonce, &changed, hex_view(&sealed));
}

static void a_seal_cut_or_extended_is_refused(void **state)
{
    (void)state;
    const struct hex key = hex(KEY);
    const struct hex nonce = hex(NONCE);
    const struct hex aad = hex(AAD);
    struct hex sealed = hex(CIPHER_60 "76fc6ece0f4e1768cddf8853bb2d551b");
    for (size_t n = 0; n < sealed.n; n++) {
        expect_refusal(&key, &nonce, &aad, cf_bytes_of(sealed.p, n));
    }
    sealed.p[sealed.n++] = 0;
    expect_refusal(&key, &nonce, &aad, hex_view(&sealed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealing_gives_the_bytes_of_the_gcm_specification),
        cmocka_unit_test(any_changed_bit_is_noticed_and_leaves_nothing),
        cmocka_unit_test(a_seal_cut_or_extended_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
