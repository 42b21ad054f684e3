/*
 * tests/unit/crypto/hash_test.c - SHA-256, HMAC and HKDF give what their standards print.
 */
#include "base/crypto/crypto.h"
#include "tests/unit/crypto/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void sha256_gives_the_digests_of_fips_180(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *message;
        const char *digest;
    } rows[] = {
        {"nothing at all", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"the padding opens a second block", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"two blocks and more",
         "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnop"
         "qrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_sha256 hash = cf_sha256(cf_bytes_str(rows[i].message));
        assert_hex(hash.digest, sizeof hash.digest, rows[i].digest);
    }
}

static void sha256_of_a_million_letters_is_right(void **state)
{
    (void)state;
    uint8_t letters[1000];
    cf_bytes parts[1000];
    memset(letters, 'a', sizeof letters);
    for (size_t i = 0; i < 1000; i++) {
        parts[i] = cf_bytes_of(letters, sizeof letters);
    }
    struct cf_sha256 hash = cf_sha256_parts(parts, 1000);
    assert_hex(hash.digest, sizeof hash.digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void a_hash_of_parts_is_the_hash_of_their_concatenation(void **state)
{
    (void)state;
    cf_bytes whole = cf_bytes_str("a sale, its salt and its body");
    struct cf_sha256 expected = cf_sha256(whole);
    for (size_t cut = 0; cut <= whole.n; cut++) {
        const cf_bytes parts[] = {{whole.p, cut}, {NULL, 0}, {whole.p + cut, whole.n - cut}};
        struct cf_sha256 hash = cf_sha256_parts(parts, 3);
        assert_memory_equal(hash.digest, expected.digest, sizeof hash.digest);
    }
    struct cf_sha256 none = cf_sha256_parts(NULL, 0);
    assert_hex(none.digest, sizeof none.digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 */
static void hmac_gives_the_codes_of_rfc_4231(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *key;
        const char *message;
        const char *mac;
    } rows[] = {
        {"a key below a block", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"a key shorter than the digest", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"key and message beyond a block",
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b657920466972737"
         "4",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex key = hex(rows[i].key);
        struct hex message = hex(rows[i].message);
        struct cf_sha256 mac = cf_hmac_sha256(hex_view(&key), hex_view(&message));
        assert_hex(mac.digest, sizeof mac.digest, rows[i].mac);
    }
}

/* RFC 5869 appendix A, cases 1 to 3 */
static void hkdf_gives_the_keys_of_rfc_5869(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *secret;
        const char *salt;
        const char *info;
        const char *key;
    } rows[] = {
        {"one block and a part of the next", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
         "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"long inputs",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334"
         "35363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f9091929394"
         "95969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4"
         "e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c"
         "2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {"no salt, no info", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hex secret = hex(rows[i].secret);
        struct hex salt = hex(rows[i].salt);
        struct hex info = hex(rows[i].info);
        uint8_t key[HEX_BYTES_MAX];
        size_t n = strlen(rows[i].key) / 2;
        assert_int_equal(cf_hkdf_sha256(hex_view(&salt), hex_view(&secret), hex_view(&info), key, n, NULL), CF_OK);
        assert_hex(key, n, rows[i].key);
    }
}

static void hkdf_refuses_more_than_255_blocks(void **state)
{
    (void)state;
    static uint8_t key[255 * CF_SHA256_BYTES + 1];
    cf_bytes secret = cf_bytes_str("secret");
    cf_bytes none = {NULL, 0};
    assert_int_equal(cf_hkdf_sha256(none, secret, none, key, sizeof key - 1, NULL), CF_OK);
    memset(key, 7, sizeof key);
    assert_int_equal(cf_hkdf_sha256(none, secret, none, key, sizeof key, NULL), CF_E_LIMIT);
    assert_int_equal(key[0], 7);
    assert_int_equal(cf_hkdf_sha256(none, secret, none, key, 0, NULL), CF_OK);
    assert_int_equal(key[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_digests_of_fips_180),
        cmocka_unit_test(sha256_of_a_million_letters_is_right),
        cmocka_unit_test(a_hash_of_parts_is_the_hash_of_their_concatenation),
        cmocka_unit_test(hmac_gives_the_codes_of_rfc_4231),
        cmocka_unit_test(hkdf_gives_the_keys_of_rfc_5869),
        cmocka_unit_test(hkdf_refuses_more_than_255_blocks),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
