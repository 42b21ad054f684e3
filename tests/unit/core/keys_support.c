/*
 * tests/unit/core/keys_support.c - see keys_support.h.
 */
#include "tests/unit/core/keys_support.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"

static struct cf_private_key *keys[TEST_KEYS];

const struct cf_private_key *test_key(enum test_key which)
{
    if (keys[which] == NULL) {
        uint8_t scalar[CF_P256_PRIVATE_BYTES];
        memset(scalar, (int)which + 1, sizeof scalar);
        assert_rc(cf_private_key_load(scalar, &keys[which], NULL), CF_OK);
    }
    return keys[which];
}

cf_public_key test_public(enum test_key which)
{
    cf_public_key key;
    cf_private_key_public(test_key(which), &key);
    return key;
}

void test_keys_done(void)
{
    for (size_t k = 0; k < TEST_KEYS; k++) {
        cf_private_key_free(keys[k]);
        keys[k] = NULL;
    }
}

struct cf_keyset test_keyset(uint64_t version)
{
    struct cf_keyset keyset = {.version = version, .n_keys = 4};
    for (size_t k = 0; k < keyset.n_keys; k++) {
        keyset.keys[k].key = test_public(ISSUER);
        keyset.keys[k].usage = CF_USAGE_CARD | CF_USAGE_COUPON | CF_USAGE_TICKET | CF_USAGE_GRANT | CF_USAGE_PAGE;
        keyset.keys[k].not_before_s = TEST_NOW_S - 100 * TEST_DAY_S;
        keyset.keys[k].not_after_s = TEST_NOW_S + 100 * TEST_DAY_S;
    }
    keyset.keys[0].kid = KID_ALL;
    keyset.keys[1].kid = KID_PAGE;
    keyset.keys[1].usage = CF_USAGE_PAGE;
    keyset.keys[2].kid = KID_PAST;
    keyset.keys[2].not_after_s = TEST_NOW_S - 7 * TEST_DAY_S;
    keyset.keys[3].kid = KID_FUTURE;
    keyset.keys[3].not_before_s = TEST_NOW_S + 7 * TEST_DAY_S;
    return keyset;
}

void test_load_keyset(struct cf_keyring *ring, const struct cf_keyset *keyset)
{
    struct cf_buf cose;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    assert_rc(cf_keyset_sign(keyset, test_key(ROOT_A), &cose, NULL), CF_OK);
    assert_rc(cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL), CF_OK);
    cf_buf_done(&cose);
}

struct cf_keyring *test_ring(void)
{
    const cf_public_key roots[2] = {test_public(ROOT_A), test_public(ROOT_B)};
    struct cf_keyring *ring;
    assert_rc(cf_keyring_new(roots, &ring, NULL), CF_OK);
    struct cf_keyset keyset = test_keyset(7);
    test_load_keyset(ring, &keyset);
    return ring;
}

static const cf_sub test_sub = {{0x53, 0x75, 0x62, 0x6a, 0x65, 0x63, 0x74, 0x31}};

struct cf_grant test_grant(void)
{
    return (struct cf_grant){
        .grant_id = KID_GRANT,
        .till = 21,
        .till_key = test_public(TILL),
        .campaign = 12,
        .first = 5000,
        .last = 5099,
        .exp_s = TEST_NOW_S + 39 * TEST_DAY_S,
    };
}

struct cf_card test_card(void)
{
    return (struct cf_card){
        .sub = test_sub,
        .exp_s = TEST_NOW_S + 365 * TEST_DAY_S,
        .device_key = test_public(DEVICE),
        .tier = 2,
        .home_store = 301,
    };
}

struct cf_coupon test_coupon(void)
{
    return (struct cf_coupon){
        .campaign = 12,
        .index = 100234,
        .exp_s = TEST_NOW_S + 30 * TEST_DAY_S,
        .bound = true,
        .sub = test_sub,
        .pinned = true,
        .home = 21,
        .home_epoch = 1,
        .generation = 1,
    };
}

struct cf_ticket test_ticket(void)
{
    return (struct cf_ticket){
        .campaign = 12,
        .index = 100234,
        .sub = test_sub,
        .till = 21,
        .nonce = {1, 2, 3, 4, 5, 6, 7, 8},
        .exp_s = TEST_NOW_S + 300,
    };
}

struct cf_code test_sign_card(const struct cf_card *card, cf_kid kid)
{
    struct cf_code code;
    assert_rc(cf_card_sign(card, kid, test_key(ISSUER), &code, NULL), CF_OK);
    return code;
}

struct cf_code test_sign_coupon(const struct cf_coupon *coupon, cf_kid kid, enum test_key key)
{
    struct cf_code code;
    assert_rc(cf_coupon_sign(coupon, kid, test_key(key), &code, NULL), CF_OK);
    return code;
}

struct cf_code test_sign_ticket(const struct cf_ticket *ticket, cf_kid kid)
{
    struct cf_code code;
    assert_rc(cf_ticket_sign(ticket, kid, test_key(ISSUER), &code, NULL), CF_OK);
    return code;
}

struct cf_code test_sign_grant(const struct cf_grant *grant, cf_kid kid)
{
    struct cf_code code;
    assert_rc(cf_grant_sign(grant, kid, test_key(ISSUER), &code, NULL), CF_OK);
    return code;
}

struct cf_code test_sign_member(bool with_challenge)
{
    struct cf_card fields = test_card();
    struct cf_code card = test_sign_card(&fields, KID_ALL);
    struct cf_code code;
    const uint32_t till = 21;
    const uint8_t nonce[CF_NONCE_BYTES] = {9, 8, 7, 6, 5, 4, 3, 2};
    assert_rc(cf_member_code_sign(&card, TEST_NOW_S, 41, with_challenge ? &till : NULL, with_challenge ? nonce : NULL,
                                  test_key(DEVICE), &code, NULL),
              CF_OK);
    return code;
}

struct cf_code test_sample(size_t k)
{
    struct cf_card card = test_card();
    struct cf_coupon coupon = test_coupon();
    struct cf_ticket ticket = test_ticket();
    struct cf_grant grant = test_grant();
    switch (k) {
    case 0:
        return test_sign_card(&card, KID_ALL);
    case 1:
        return test_sign_member(false);
    case 2:
        return test_sign_member(true);
    case 3:
        return test_sign_coupon(&coupon, KID_ALL, ISSUER);
    case 4:
        return test_sign_ticket(&ticket, KID_ALL);
    default:
        return test_sign_grant(&grant, KID_ALL);
    }
}

const char *test_sample_name(size_t k)
{
    static const char *const names[TEST_SAMPLES] = {"MS1", "MC1", "MC1 with a challenge", "CP1", "CT1", "GR1"};
    return names[k];
}
