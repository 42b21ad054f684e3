/*
 * tests/unit/core/keys_support.h - fixed keys and codes of the tests: the same bytes in every run and in docs/codes.md.
 *
 * Aborts the test on any failure. Not thread-safe.
 */
#ifndef CF_TESTS_CORE_KEYS_SUPPORT_H
#define CF_TESTS_CORE_KEYS_SUPPORT_H

#include "app/core/keyring.h"

/* 2026-11-22T08:00:00Z, the "now" of these tests. */
#define TEST_NOW_S INT64_C(1795334400)
#define TEST_DAY_S INT64_C(86400)

enum test_key { ROOT_A, ROOT_B, ISSUER, DEVICE, TILL, STRANGER, TEST_KEYS };

/* Scalars 1..6 repeated over 32 bytes: 0x0101..01, 0x0202..02, ... Made once, freed by test_keys_done. */
const struct cf_private_key *test_key(enum test_key which);
cf_public_key test_public(enum test_key which);
void test_keys_done(void);

/* kid 10000001 may sign everything, 10000002 only pages, 10000003 ended a week ago, 10000004 begins in a week. */
#define KID_ALL ((cf_kid){{0x10, 0, 0, 1}})
#define KID_PAGE ((cf_kid){{0x10, 0, 0, 2}})
#define KID_PAST ((cf_kid){{0x10, 0, 0, 3}})
#define KID_FUTURE ((cf_kid){{0x10, 0, 0, 4}})
#define KID_UNKNOWN ((cf_kid){{0x66, 0x66, 0x66, 0x66}})
#define KID_GRANT ((cf_kid){{0x20, 0, 0, 1}})
struct cf_keyset test_keyset(uint64_t version);
void test_load_keyset(struct cf_keyring *ring, const struct cf_keyset *keyset);
/* With key set 7 and no grant. Free with cf_keyring_free. */
struct cf_keyring *test_ring(void);

/* Till 21 may issue coupons 5000..5099 of campaign 12 until the end of 2026. */
struct cf_grant test_grant(void);

/* One of each, valid in an ordinary shop. */
struct cf_card test_card(void);
struct cf_coupon test_coupon(void);
struct cf_ticket test_ticket(void);
struct cf_code test_sign_card(const struct cf_card *card, cf_kid kid);
struct cf_code test_sign_coupon(const struct cf_coupon *coupon, cf_kid kid, enum test_key key);
struct cf_code test_sign_ticket(const struct cf_ticket *ticket, cf_kid kid);
struct cf_code test_sign_grant(const struct cf_grant *grant, cf_kid kid);
/* Of test_card, at TEST_NOW_S, counter 41; with a challenge of till 21 if asked. */
struct cf_code test_sign_member(bool with_challenge);

/* One code of each kind by KID_ALL; MC1 is there twice, without and with a challenge. */
#define TEST_SAMPLES 6
struct cf_code test_sample(size_t k);
const char *test_sample_name(size_t k);

#define assert_rc(call, expected) assert_string_equal(cf_rc_name(call), cf_rc_name(expected))

#endif
