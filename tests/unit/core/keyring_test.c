/*
 * tests/unit/core/keyring_test.c - which codes are genuine: keys, usages, grants, damage, and what a repetition costs.
 */
#include "tests/unit/core/keys_support.h"

#include <stdio.h>
#include <string.h>

#include "app/core/cose.h"
#include "base/cbor.h"
#include "tests/unit/core/core_cmocka.h"

static enum cf_rc verify(struct cf_keyring *ring, const struct cf_code *code)
{
    return cf_keyring_verify(ring, code, TEST_NOW_S, NULL);
}

static void each_kind_of_code_is_genuine(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        assert_rc(verify(ring, &code), CF_OK);
    }
    cf_keyring_free(ring);
}

static bool is_refusal_of_damage(enum cf_rc rc)
{
    return rc == CF_E_CODE_SHAPE || rc == CF_E_CODE_VERSION || rc == CF_E_CODE_KEY || rc == CF_E_CODE_USAGE ||
           rc == CF_E_CODE_SIGNATURE;
}

static void no_flipped_bit_is_genuine(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        size_t by_signature = 0;
        for (size_t bit = 0; bit < 8 * code.cose_n; bit++) {
            uint8_t bytes[CF_CODE_BYTES_MAX];
            memcpy(bytes, code.cose, code.cose_n);
            bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
            struct cf_code flipped;
            enum cf_rc rc = cf_code_decode_bytes(code.kind, cf_bytes_of(bytes, code.cose_n), &flipped, NULL);
            if (rc == CF_OK)
                rc = verify(ring, &flipped);
            if (!is_refusal_of_damage(rc))
                fail_msg("%s, bit %zu: %s", test_sample_name(k), bit, cf_rc_name(rc));
            by_signature += rc == CF_E_CODE_SIGNATURE;
        }
        print_message("# %s: %zu bits, %zu refused by the signature alone\n", test_sample_name(k), 8 * code.cose_n,
                      by_signature);
        assert_in_range(by_signature, 8 * CF_P256_SIGNATURE_BYTES, 8 * code.cose_n);
    }
    cf_keyring_free(ring);
}

static void no_flipped_bit_of_the_text_is_genuine(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        char text[CF_CODE_TEXT_MAX];
        assert_rc(cf_code_text(&code, text, NULL), CF_OK);
        size_t n = strlen(text);
        for (size_t bit = 0; bit < 8 * n; bit++) {
            text[bit / 8] = (char)((uint8_t)text[bit / 8] ^ (1U << bit % 8));
            struct cf_code flipped;
            enum cf_rc rc = cf_code_decode_text(cf_bytes_of(text, n), &flipped, NULL);
            bool same = rc == CF_OK && flipped.kind == code.kind && flipped.cose_n == code.cose_n &&
                        memcmp(flipped.cose, code.cose, code.cose_n) == 0;
            if (rc == CF_OK && !same)
                rc = verify(ring, &flipped);
            if (same || (!is_refusal_of_damage(rc) && rc != CF_E_BASE45 && rc != CF_E_CODE_PREFIX))
                fail_msg("%s, bit %zu: %s", test_sample_name(k), bit, cf_rc_name(rc));
            text[bit / 8] = (char)((uint8_t)text[bit / 8] ^ (1U << bit % 8));
        }
    }
    cf_keyring_free(ring);
}

static void a_key_signs_what_it_may_and_while_it_is_valid(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    const int64_t day = TEST_DAY_S;
    const struct {
        cf_kid kid;
        enum test_key key;
        int64_t now_s;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {KID_ALL, ISSUER, TEST_NOW_S, CF_OK, "as it should be"},
        {KID_ALL, STRANGER, TEST_NOW_S, CF_E_CODE_SIGNATURE, "the right kid, another key"},
        {KID_UNKNOWN, ISSUER, TEST_NOW_S, CF_E_CODE_KEY, "a kid of nobody"},
        {KID_PAGE, ISSUER, TEST_NOW_S, CF_E_CODE_USAGE, "a key for pages signs no coupon"},
        {KID_PAST, ISSUER, TEST_NOW_S, CF_E_CODE_KEY, "a key that ended a week ago"},
        {KID_PAST, ISSUER, TEST_NOW_S - 7 * day, CF_OK, "in its last second"},
        {KID_PAST, ISSUER, TEST_NOW_S - 6 * day, CF_OK, "a day after: clocks may be off"},
        {KID_PAST, ISSUER, TEST_NOW_S - 6 * day + 1, CF_E_CODE_KEY, "more than a day after"},
        {KID_FUTURE, ISSUER, TEST_NOW_S, CF_E_CODE_KEY, "a key that begins in a week"},
        {KID_FUTURE, ISSUER, TEST_NOW_S + 6 * day, CF_OK, "a day before"},
        {KID_ALL, ISSUER, TEST_NOW_S - 3650 * day, CF_E_CODE_KEY, "a clock ten years slow"},
        {KID_ALL, ISSUER, TEST_NOW_S + 25550 * day, CF_E_CODE_KEY, "a clock 70 years fast"},
        {KID_ALL, ISSUER, INT64_MIN, CF_E_CODE_KEY, "a clock at the end of int64"},
        {KID_ALL, ISSUER, INT64_MAX, CF_E_CODE_KEY, "and at the other"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct cf_coupon coupon = test_coupon();
        struct cf_code code = test_sign_coupon(&coupon, rows[k].kid, rows[k].key);
        enum cf_rc rc = cf_keyring_verify(ring, &code, rows[k].now_s, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
    cf_keyring_free(ring);
}

/* The key is right, the fields are right, but the signature was made for another kind. */
static void a_signature_for_one_kind_never_serves_another(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code coupon = test_sample(3);
    struct cf_cose cose;
    assert_rc(cf_cose_split(cf_bytes_of(coupon.cose, coupon.cose_n), &cose, NULL), CF_OK);
    static const char *const aads[] = {"CT1", "MS1", "MC1", "GR1", "KS1", "PG1", "", "CP1:"};
    for (size_t k = 0; k < sizeof aads / sizeof aads[0]; k++) {
        uint8_t bytes[CF_CODE_BYTES_MAX + 1];
        struct cf_buf buf;
        cf_buf_init_fixed(&buf, bytes, CF_CODE_BYTES_MAX);
        assert_rc(cf_statement_sign(aads[k], cose.payload, KID_ALL, test_key(ISSUER), &buf, NULL), CF_OK);
        struct cf_code code;
        assert_rc(cf_code_decode_bytes(CF_CODE_COUPON, cf_buf_bytes(&buf), &code, NULL), CF_OK);
        assert_rc(verify(ring, &code), CF_E_CODE_SIGNATURE);
    }
    cf_keyring_free(ring);
}

/* (r, n - s) is as good a signature as (r, s): other bytes, the same right. coupon_test.c shows that it buys nothing.
 */
static void the_twin_of_a_signature_is_genuine_and_the_same_right(void **state)
{
    (void)state;
    static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    struct cf_keyring *ring = test_ring();
    struct cf_code code = test_sample(3);
    struct cf_code twin = code;
    uint8_t order[32];
    assert_rc(cf_hex_decode(order_hex, order, sizeof order, NULL), CF_OK);
    uint8_t *s = twin.cose + twin.cose_n - 32;
    int borrow = 0;
    for (size_t k = 32; k-- > 0;) {
        int difference = (int)order[k] - (int)s[k] - borrow;
        borrow = difference < 0;
        s[k] = (uint8_t)(difference + (borrow ? 256 : 0));
    }
    struct cf_code back;
    assert_rc(cf_code_decode_bytes(CF_CODE_COUPON, cf_bytes_of(twin.cose, twin.cose_n), &back, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_OK);
    assert_rc(verify(ring, &back), CF_OK);
    assert_memory_not_equal(back.cose, code.cose, code.cose_n);
    assert_int_equal(back.coupon.campaign, code.coupon.campaign);
    assert_int_equal(back.coupon.index, code.coupon.index);
    cf_keyring_free(ring);
}

static void a_member_code_needs_its_own_device(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code member = test_sample(1);
    struct cf_cose cose;
    assert_rc(cf_cose_split(cf_bytes_of(member.cose, member.cose_n), &cose, NULL), CF_OK);
    /* A stranger's phone signs the same fields around the member's genuine card. */
    uint8_t bytes[CF_CODE_BYTES_MAX + 1];
    struct cf_buf buf;
    cf_buf_init_fixed(&buf, bytes, CF_CODE_BYTES_MAX);
    assert_rc(cf_cose_sign("MC1", cose.payload, NULL, test_key(STRANGER), &buf, NULL), CF_OK);
    struct cf_code code;
    assert_rc(cf_code_decode_bytes(CF_CODE_MEMBER, cf_buf_bytes(&buf), &code, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_E_CODE_SIGNATURE);

    /* A card that the stranger signed for the stranger's own phone: the device is right, the issuer is not. */
    struct cf_card fields = test_card();
    fields.device_key = test_public(STRANGER);
    struct cf_code card;
    assert_rc(cf_card_sign(&fields, KID_ALL, test_key(STRANGER), &card, NULL), CF_OK);
    assert_rc(cf_member_code_sign(&card, TEST_NOW_S, 1, NULL, NULL, test_key(STRANGER), &code, NULL), CF_OK);
    uint64_t before = cf_keyring_verifications(ring);
    assert_rc(verify(ring, &code), CF_E_CODE_SIGNATURE);
    assert_int_equal(cf_keyring_verifications(ring), before + 1); /* the forged device was not even asked */

    /* A card of a key that signs no cards. */
    fields = test_card();
    card = test_sign_card(&fields, KID_PAGE);
    assert_rc(cf_member_code_sign(&card, TEST_NOW_S, 1, NULL, NULL, test_key(DEVICE), &code, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_E_CODE_USAGE);
    cf_keyring_free(ring);
}

/* A point of the right form that is not on the curve: about every second x has none. */
static cf_public_key off_the_curve(void)
{
    cf_public_key key = {{2}};
    uint8_t point[65];
    while (cf_point_decompress(&key, point, NULL) == CF_OK)
        key.point[CF_P256_PUBLIC_BYTES - 1]++;
    return key;
}

static void keys_off_the_curve_sign_nothing(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_card fields = test_card();
    fields.device_key = off_the_curve();
    struct cf_code card = test_sign_card(&fields, KID_ALL);
    struct cf_buf payload;
    cf_buf_init(&payload, CF_CODE_BYTES_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, &payload);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_bytes(&w, cf_bytes_of(card.cose, card.cose_n));
    cf_cbor_write_uint(&w, (uint64_t)TEST_NOW_S);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_null(&w);
    assert_rc(cf_cbor_write_end(&w, NULL), CF_OK);
    uint8_t bytes[CF_CODE_BYTES_MAX + 1];
    struct cf_buf cose;
    cf_buf_init_fixed(&cose, bytes, CF_CODE_BYTES_MAX);
    assert_rc(cf_cose_sign("MC1", cf_buf_bytes(&payload), NULL, test_key(DEVICE), &cose, NULL), CF_OK);
    cf_buf_done(&payload);
    struct cf_code code;
    assert_rc(cf_code_decode_bytes(CF_CODE_MEMBER, cf_buf_bytes(&cose), &code, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_E_CODE_SIGNATURE);

    struct cf_grant grant = test_grant();
    grant.till_key = off_the_curve();
    struct cf_code grant_code = test_sign_grant(&grant, KID_ALL);
    assert_rc(cf_keyring_add_grant(ring, cf_bytes_of(grant_code.cose, grant_code.cose_n), NULL), CF_OK);
    struct cf_coupon coupon = test_coupon();
    coupon.index = 5000;
    code = test_sign_coupon(&coupon, KID_GRANT, TILL);
    assert_rc(verify(ring, &code), CF_E_CODE_KEY);
    cf_keyring_free(ring);

    const cf_public_key roots[2] = {test_public(ROOT_A), off_the_curve()};
    assert_rc(cf_keyring_new(roots, &ring, NULL), CF_E_CODE_KEY);
}

/* --- grants ------------------------------------------------------------------------------------------------------ */

static enum cf_rc add(struct cf_keyring *ring, const struct cf_code *grant)
{
    return cf_keyring_add_grant(ring, cf_bytes_of(grant->cose, grant->cose_n), NULL);
}

static void a_grant_covers_its_campaign_and_range_only(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code grant = test_sample(5);
    assert_rc(add(ring, &grant), CF_OK);
    const int64_t day = TEST_DAY_S;
    const struct {
        uint32_t campaign, index;
        enum test_key key;
        int64_t now_s;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {12, 5000, TILL, TEST_NOW_S, CF_OK, "the first"},
        {12, 5099, TILL, TEST_NOW_S, CF_OK, "the last"},
        {12, 4999, TILL, TEST_NOW_S, CF_E_CODE_USAGE, "before the first"},
        {12, 5100, TILL, TEST_NOW_S, CF_E_CODE_USAGE, "after the last"},
        {13, 5000, TILL, TEST_NOW_S, CF_E_CODE_USAGE, "another campaign"},
        {12, 5001, STRANGER, TEST_NOW_S, CF_E_CODE_SIGNATURE, "another till's key"},
        {12, 5001, ISSUER, TEST_NOW_S, CF_E_CODE_SIGNATURE, "even the centre's"},
        {12, 5002, TILL, TEST_NOW_S + 40 * day, CF_OK, "a day after the grant's end"},
        {12, 5002, TILL, TEST_NOW_S + 40 * day + 1, CF_E_CODE_KEY, "more than a day after"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct cf_coupon coupon = {.campaign = rows[k].campaign, .index = rows[k].index, .exp_s = TEST_NOW_S + day};
        struct cf_code code = test_sign_coupon(&coupon, KID_GRANT, rows[k].key);
        enum cf_rc rc = cf_keyring_verify(ring, &code, rows[k].now_s, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
    /* A till signs coupons, not cards, tickets or grants. */
    struct cf_code code;
    struct cf_ticket ticket = test_ticket();
    assert_rc(cf_ticket_sign(&ticket, KID_GRANT, test_key(TILL), &code, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_E_CODE_USAGE);
    struct cf_card card = test_card();
    assert_rc(cf_card_sign(&card, KID_GRANT, test_key(TILL), &code, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_E_CODE_USAGE);
    struct cf_grant more = test_grant();
    more.grant_id = KID_UNKNOWN;
    assert_rc(cf_grant_sign(&more, KID_GRANT, test_key(TILL), &code, NULL), CF_OK);
    assert_rc(verify(ring, &code), CF_E_CODE_USAGE);
    assert_rc(add(ring, &code), CF_E_CODE_KEY); /* a grant is no issuer */
    cf_keyring_free(ring);
}

static void a_grant_is_added_once_and_only_if_genuine(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code grant = test_sample(5);
    assert_null(cf_keyring_grant(ring, KID_GRANT));
    assert_null(cf_keyring_grant_at(ring, 0));
    assert_rc(add(ring, &grant), CF_OK);
    uint64_t before = cf_keyring_verifications(ring);
    assert_rc(add(ring, &grant), CF_OK);
    assert_int_equal(cf_keyring_verifications(ring), before);
    assert_int_equal(cf_keyring_grant(ring, KID_GRANT)->till, 21);
    assert_null(cf_keyring_grant_at(ring, 1));

    struct cf_grant other = test_grant();
    other.last++;
    struct cf_code code = test_sign_grant(&other, KID_ALL);
    assert_rc(add(ring, &code), CF_E_EXISTS);
    assert_int_equal(cf_keyring_grant(ring, KID_GRANT)->last, 5099);

    other.grant_id = KID_UNKNOWN;
    code = test_sign_grant(&other, KID_PAGE);
    assert_rc(add(ring, &code), CF_E_CODE_USAGE);
    code = test_sign_grant(&other, KID_GRANT);
    assert_rc(add(ring, &code), CF_E_CODE_KEY);
    code = test_sign_grant(&other, KID_ALL);
    code.cose[code.cose_n - 1] ^= 1;
    assert_rc(add(ring, &code), CF_E_CODE_SIGNATURE);
    struct cf_code coupon = test_sample(3);
    assert_rc(add(ring, &coupon), CF_E_CODE_SHAPE);
    assert_null(cf_keyring_grant(ring, KID_UNKNOWN));
    cf_keyring_free(ring);
}

static void a_stored_grant_is_verified_when_a_coupon_of_it_comes(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_coupon coupon = {.campaign = 12, .index = 5000, .exp_s = TEST_NOW_S};
    struct cf_code code = test_sign_coupon(&coupon, KID_GRANT, TILL);
    struct cf_code genuine = test_sample(5);
    struct cf_code forged;
    struct cf_grant fields = test_grant();
    fields.till_key = test_public(STRANGER);
    assert_rc(cf_grant_sign(&fields, KID_ALL, test_key(STRANGER), &forged, NULL), CF_OK);

    uint64_t before = cf_keyring_verifications(ring);
    assert_rc(cf_keyring_add_grant_unverified(ring, cf_bytes_of(forged.cose, forged.cose_n), NULL), CF_OK);
    assert_int_equal(cf_keyring_verifications(ring), before);
    struct cf_code stolen = test_sign_coupon(&coupon, KID_GRANT, STRANGER);
    assert_rc(verify(ring, &stolen), CF_E_CODE_SIGNATURE);
    assert_rc(cf_keyring_add_grant_unverified(ring, cf_bytes_of(genuine.cose, genuine.cose_n), NULL), CF_OK);
    assert_rc(verify(ring, &stolen), CF_E_CODE_SIGNATURE);
    assert_rc(verify(ring, &code), CF_OK);
    assert_rc(cf_keyring_add_grant_unverified(ring, cf_bytes_of(forged.cose, forged.cose_n), NULL),
              CF_E_CODE_SIGNATURE);
    assert_rc(verify(ring, &code), CF_OK);
    cf_keyring_free(ring);
}

static void as_many_grants_as_stated_are_found_again(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_grant grant = test_grant();
    for (uint32_t k = 0; k <= CF_KEYRING_GRANTS_MAX; k++) {
        cf_put_be32(grant.grant_id.b, k * UINT32_C(2654435761) + 7); /* in no order */
        grant.till = k;
        struct cf_code code = test_sign_grant(&grant, KID_ALL);
        assert_rc(cf_keyring_add_grant_unverified(ring, cf_bytes_of(code.cose, code.cose_n), NULL),
                  k < CF_KEYRING_GRANTS_MAX ? CF_OK : CF_E_LIMIT);
    }
    for (uint32_t k = 0; k < CF_KEYRING_GRANTS_MAX; k++) {
        cf_kid id;
        cf_put_be32(id.b, k * UINT32_C(2654435761) + 7);
        assert_int_equal(cf_keyring_grant(ring, id)->till, k);
        assert_ptr_equal(cf_keyring_grant_at(ring, k), cf_keyring_grant(ring, id));
    }
    assert_null(cf_keyring_grant_at(ring, CF_KEYRING_GRANTS_MAX));
    assert_null(cf_keyring_grant(ring, KID_UNKNOWN));
    cf_keyring_free(ring);
}

/* --- the key set ------------------------------------------------------------------------------------------------- */

static enum cf_rc load(struct cf_keyring *ring, const struct cf_keyset *keyset, enum test_key root)
{
    struct cf_buf cose;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    assert_rc(cf_keyset_sign(keyset, test_key(root), &cose, NULL), CF_OK);
    enum cf_rc rc = cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL);
    cf_buf_done(&cose);
    return rc;
}

static void a_key_set_is_never_downgraded(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_keyset keyset = test_keyset(6);
    assert_int_equal(cf_keyring_version(ring), 7);
    assert_rc(load(ring, &keyset, ROOT_A), CF_E_STATE);
    keyset.version = 7;
    assert_rc(load(ring, &keyset, ROOT_A), CF_OK); /* the same again */
    assert_rc(load(ring, &keyset, ROOT_B), CF_OK); /* the same, signed by the other root */
    keyset.n_keys--;
    assert_rc(load(ring, &keyset, ROOT_A), CF_E_STATE); /* another of the same version */
    keyset.version = 8;
    assert_rc(load(ring, &keyset, STRANGER), CF_E_CODE_SIGNATURE);
    assert_int_equal(cf_keyring_version(ring), 7);
    assert_rc(load(ring, &keyset, ROOT_B), CF_OK);
    assert_int_equal(cf_keyring_version(ring), 8);
    cf_keyring_free(ring);
}

static void a_damaged_key_set_changes_nothing(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_keyset keyset = test_keyset(8);
    struct cf_buf cose;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    assert_rc(cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, NULL), CF_OK);
    for (size_t n = 0; n < cose.n; n++) {
        assert_rc(cf_keyring_load_keyset(ring, cf_bytes_of(cose.p, n), NULL), CF_E_CODE_SHAPE);
        cose.p[n] ^= 0x10;
        enum cf_rc rc = cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL);
        assert_true(rc == CF_E_CODE_SHAPE || rc == CF_E_CODE_SIGNATURE);
        cose.p[n] ^= 0x10;
    }
    keyset.keys[3].key = off_the_curve();
    assert_rc(load(ring, &keyset, ROOT_A), CF_E_CODE_SHAPE);
    assert_int_equal(cf_keyring_version(ring), 7);
    struct cf_code code = test_sample(3);
    assert_rc(verify(ring, &code), CF_OK);
    assert_rc(cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL), CF_OK);
    cf_buf_done(&cose);
    cf_keyring_free(ring);
}

/* Genuinely signed by a root, and still not what a key set looks like. */
static void a_key_set_has_one_shape(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {"83010880", CF_OK, "no keys at all: everything is revoked"},
        {"83020880", CF_E_CODE_VERSION, "a form of a later version"},
        {"83010080", CF_E_CODE_SHAPE, "version 0"},
        {"830119000880", CF_E_CODE_SHAPE, "a version in more bytes than needed"},
        {"83011b800000000000000080", CF_E_CODE_SHAPE, "a version beyond int64"},
        {"8301089841", CF_E_CODE_SHAPE, "65 keys"},
        {"83010881854410000001", CF_E_CODE_SHAPE, "a key cut short"},
        {"8301088000", CF_E_CODE_SHAPE, "something after the keys"},
    };
    const cf_public_key root = test_public(ROOT_A);
    struct cf_sha256 hash = cf_sha256(cf_bytes_of(root.point, sizeof root.point));
    cf_kid kid;
    memcpy(kid.b, hash.digest, sizeof kid.b);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct cf_keyring *ring = test_ring();
        uint8_t payload[64];
        size_t n = strlen(rows[k].payload) / 2;
        assert_rc(cf_hex_decode(rows[k].payload, payload, n, NULL), CF_OK);
        struct cf_buf cose;
        cf_buf_init(&cose, 1024);
        assert_rc(cf_statement_sign("KS1", cf_bytes_of(payload, n), kid, test_key(ROOT_A), &cose, NULL), CF_OK);
        enum cf_rc rc = cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
        cf_buf_done(&cose);
        cf_keyring_free(ring);
    }
}

static void a_key_set_that_makes_no_sense_is_not_signed(void **state)
{
    (void)state;
    struct cf_buf cose;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    struct cf_keyset keyset = test_keyset(0);
    assert_rc(cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, NULL), CF_E_RANGE);
    keyset = test_keyset(1);
    keyset.keys[1].kid = KID_ALL; /* there twice */
    assert_rc(cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, NULL), CF_E_RANGE);
    keyset = test_keyset(1);
    keyset.keys[1].not_after_s = keyset.keys[1].not_before_s - 1;
    assert_rc(cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, NULL), CF_E_RANGE);
    keyset.n_keys = CF_KEYSET_KEYS_MAX + 1;
    assert_rc(cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, NULL), CF_E_RANGE);

    keyset.n_keys = CF_KEYSET_KEYS_MAX; /* the largest fits its stated size */
    for (uint32_t k = 0; k < CF_KEYSET_KEYS_MAX; k++) {
        keyset.keys[k] = test_keyset(1).keys[0];
        cf_put_be32(keyset.keys[k].kid.b, UINT32_MAX - k);
        keyset.keys[k].usage = UINT32_MAX;
        keyset.keys[k].not_after_s = INT64_MAX;
    }
    assert_rc(cf_keyset_sign(&keyset, test_key(ROOT_A), &cose, NULL), CF_OK);
    print_message("# a key set of %d keys has %zu bytes\n", CF_KEYSET_KEYS_MAX, cose.n);
    const cf_public_key roots[2] = {test_public(ROOT_A), test_public(ROOT_B)};
    struct cf_keyring *ring;
    assert_rc(cf_keyring_new(roots, &ring, NULL), CF_OK);
    assert_int_equal(cf_keyring_version(ring), 0);
    assert_rc(cf_keyring_load_keyset(ring, cf_buf_bytes(&cose), NULL), CF_OK);
    cf_buf_done(&cose);
    cf_keyring_free(ring);
}

static void another_key_set_forgets_every_verdict(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code grant = test_sample(5);
    struct cf_coupon fields = {.campaign = 12, .index = 5000, .exp_s = TEST_NOW_S};
    struct cf_code in_store = test_sign_coupon(&fields, KID_GRANT, TILL);
    struct cf_code coupon = test_sample(3);
    struct cf_code foreign = test_sign_coupon(&fields, KID_ALL, STRANGER);
    assert_rc(add(ring, &grant), CF_OK);
    assert_rc(verify(ring, &in_store), CF_OK);
    assert_rc(verify(ring, &coupon), CF_OK);
    assert_rc(verify(ring, &foreign), CF_E_CODE_SIGNATURE);

    struct cf_keyset keyset = test_keyset(8);
    keyset.keys[0].key = test_public(STRANGER); /* this kid is another's now */
    assert_rc(load(ring, &keyset, ROOT_A), CF_OK);
    assert_rc(verify(ring, &coupon), CF_E_CODE_SIGNATURE);
    assert_rc(verify(ring, &foreign), CF_OK);
    assert_rc(verify(ring, &in_store), CF_E_CODE_SIGNATURE); /* its grant is not vouched for any more */
    assert_rc(add(ring, &grant), CF_E_CODE_SIGNATURE);

    keyset.version = 9;
    keyset.keys[0] = keyset.keys[--keyset.n_keys];
    assert_rc(load(ring, &keyset, ROOT_A), CF_OK);
    assert_rc(verify(ring, &coupon), CF_E_CODE_KEY);
    assert_rc(verify(ring, &in_store), CF_E_CODE_KEY);

    keyset = test_keyset(10);
    assert_rc(load(ring, &keyset, ROOT_A), CF_OK);
    assert_rc(verify(ring, &coupon), CF_OK);
    assert_rc(verify(ring, &in_store), CF_OK);
    cf_keyring_free(ring);
}

/* --- what it costs ----------------------------------------------------------------------------------------------- */

static void a_repeated_code_costs_no_second_verification(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code coupon = test_sample(3);
    struct cf_code forged = coupon;
    forged.cose[forged.cose_n - 1] ^= 1;
    uint64_t before = cf_keyring_verifications(ring);
    for (int k = 0; k < 5; k++) {
        assert_rc(verify(ring, &coupon), CF_OK);
        assert_rc(verify(ring, &forged), CF_E_CODE_SIGNATURE);
    }
    assert_int_equal(cf_keyring_verifications(ring), before + 2);

    /* A phone's next code shows the same card: only the phone's own signature is new. */
    struct cf_code first = test_sample(1);
    struct cf_code next = test_sample(2);
    before = cf_keyring_verifications(ring);
    assert_rc(verify(ring, &first), CF_OK);
    assert_int_equal(cf_keyring_verifications(ring), before + 2);
    assert_rc(verify(ring, &next), CF_OK);
    assert_rc(verify(ring, &next), CF_OK);
    assert_int_equal(cf_keyring_verifications(ring), before + 3);

    /* What needs no signature to be refused costs none. */
    struct cf_coupon fields = test_coupon();
    before = cf_keyring_verifications(ring);
    struct cf_code unknown = test_sign_coupon(&fields, KID_UNKNOWN, ISSUER);
    struct cf_code past = test_sign_coupon(&fields, KID_PAST, ISSUER);
    struct cf_code unfit = test_sign_coupon(&fields, KID_PAGE, ISSUER);
    assert_rc(verify(ring, &unknown), CF_E_CODE_KEY);
    assert_rc(verify(ring, &past), CF_E_CODE_KEY);
    assert_rc(verify(ring, &unfit), CF_E_CODE_USAGE);
    assert_int_equal(cf_keyring_verifications(ring), before);
    cf_keyring_free(ring);
}

static void a_flood_of_codes_pushes_verdicts_out_but_changes_none(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    struct cf_code coupon = test_sample(3);
    assert_rc(verify(ring, &coupon), CF_OK);
    for (uint32_t k = 0; k < 3000; k++) {
        struct cf_code forged = coupon;
        cf_put_be32(forged.cose + forged.cose_n - 4, k);
        assert_rc(verify(ring, &forged), CF_E_CODE_SIGNATURE);
    }
    uint64_t before = cf_keyring_verifications(ring);
    assert_rc(verify(ring, &coupon), CF_OK);
    assert_int_equal(cf_keyring_verifications(ring), before + 1);
    /* More phones and tills than verifiers are kept: made again when needed. */
    for (int round = 0; round < 2; round++) {
        for (uint8_t k = 1; k <= 40; k++) {
            uint8_t scalar[CF_P256_PRIVATE_BYTES] = {0x77, k};
            struct cf_private_key *device;
            assert_rc(cf_private_key_load(scalar, &device, NULL), CF_OK);
            struct cf_card fields = test_card();
            cf_private_key_public(device, &fields.device_key);
            struct cf_code card = test_sign_card(&fields, KID_ALL);
            struct cf_code member;
            assert_rc(cf_member_code_sign(&card, TEST_NOW_S, 1, NULL, NULL, device, &member, NULL), CF_OK);
            assert_rc(verify(ring, &member), CF_OK);
            cf_private_key_free(device);
        }
    }
    cf_keyring_free(ring);
}

/* --- other statements -------------------------------------------------------------------------------------------- */

static void a_page_is_opened_by_its_aad_and_usage(void **state)
{
    (void)state;
    struct cf_keyring *ring = test_ring();
    static uint8_t page[1000000];
    memset(page, 0x61, sizeof page);
    struct cf_buf cose;
    cf_buf_init(&cose, sizeof page + 200);
    assert_rc(cf_statement_sign("PG1", cf_bytes_of(page, sizeof page), KID_PAGE, test_key(ISSUER), &cose, NULL), CF_OK);
    cf_bytes payload = {0};
    cf_bytes whole = cf_buf_bytes(&cose);
    assert_rc(cf_keyring_open(ring, "PG1", CF_USAGE_PAGE, whole, TEST_NOW_S, &payload, NULL), CF_OK);
    assert_true(cf_bytes_equal(payload, cf_bytes_of(page, sizeof page)));
    assert_true(payload.p > whole.p && payload.p < whole.p + whole.n);

    cf_bytes untouched = {0};
    assert_rc(cf_keyring_open(ring, "PG2", CF_USAGE_PAGE, whole, TEST_NOW_S, &untouched, NULL), CF_E_CODE_SIGNATURE);
    assert_rc(cf_keyring_open(ring, "PG1", CF_USAGE_COUPON, whole, TEST_NOW_S, &untouched, NULL), CF_E_CODE_USAGE);
    assert_rc(cf_keyring_open(ring, "PG1", CF_USAGE_PAGE, whole, TEST_NOW_S + 200 * TEST_DAY_S, &untouched, NULL),
              CF_E_CODE_KEY);
    assert_rc(
        cf_keyring_open(ring, "PG1", CF_USAGE_PAGE, cf_bytes_of(whole.p, whole.n - 1), TEST_NOW_S, &untouched, NULL),
        CF_E_CODE_SHAPE);
    cose.p[500000] ^= 4;
    assert_rc(cf_keyring_open(ring, "PG1", CF_USAGE_PAGE, whole, TEST_NOW_S, &untouched, NULL), CF_E_CODE_SIGNATURE);
    struct cf_code member = test_sample(1); /* a signature without a kid */
    assert_rc(cf_keyring_open(ring, "MC1", CF_USAGE_PAGE, cf_bytes_of(member.cose, member.cose_n), TEST_NOW_S,
                              &untouched, NULL),
              CF_E_CODE_SHAPE);
    assert_null(untouched.p);
    cf_buf_done(&cose);
    cf_keyring_free(ring);
}

static void a_ring_without_keys_refuses_everything(void **state)
{
    (void)state;
    const cf_public_key roots[2] = {test_public(ROOT_A), test_public(ROOT_B)};
    struct cf_keyring *ring;
    assert_rc(cf_keyring_new(roots, &ring, NULL), CF_OK);
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        assert_rc(verify(ring, &code), CF_E_CODE_KEY);
    }
    cf_keyring_free(ring);
    cf_keyring_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_code_is_genuine),
        cmocka_unit_test(no_flipped_bit_is_genuine),
        cmocka_unit_test(no_flipped_bit_of_the_text_is_genuine),
        cmocka_unit_test(a_key_signs_what_it_may_and_while_it_is_valid),
        cmocka_unit_test(a_signature_for_one_kind_never_serves_another),
        cmocka_unit_test(the_twin_of_a_signature_is_genuine_and_the_same_right),
        cmocka_unit_test(a_member_code_needs_its_own_device),
        cmocka_unit_test(keys_off_the_curve_sign_nothing),
        cmocka_unit_test(a_grant_covers_its_campaign_and_range_only),
        cmocka_unit_test(a_grant_is_added_once_and_only_if_genuine),
        cmocka_unit_test(a_stored_grant_is_verified_when_a_coupon_of_it_comes),
        cmocka_unit_test(as_many_grants_as_stated_are_found_again),
        cmocka_unit_test(a_key_set_is_never_downgraded),
        cmocka_unit_test(a_damaged_key_set_changes_nothing),
        cmocka_unit_test(a_key_set_has_one_shape),
        cmocka_unit_test(a_key_set_that_makes_no_sense_is_not_signed),
        cmocka_unit_test(another_key_set_forgets_every_verdict),
        cmocka_unit_test(a_repeated_code_costs_no_second_verification),
        cmocka_unit_test(a_flood_of_codes_pushes_verdicts_out_but_changes_none),
        cmocka_unit_test(a_page_is_opened_by_its_aad_and_usage),
        cmocka_unit_test(a_ring_without_keys_refuses_everything),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
