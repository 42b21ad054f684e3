/*
 * app/core/keyring.h - which keys may sign what, and the verdict whether a code is genuine.
 *
 * A key set is a versioned list of public keys, signed by one of two pinned offline roots ("KS1" as external_aad,
 * payload [1, version, [[kid(4), key(33), usage, not_before_s, not_after_s] ...]]; the protected header's kid is the
 * first four bytes of SHA-256 of the root's compressed key). A lower version is never accepted. Grants (code.h) add a
 * till's own key for one campaign and one range. Keys are prepared once, when loaded; verdicts on codes are remembered
 * by the SHA-256 of their bytes (a bounded cache), so that a repeated code costs no second verification. Not
 * thread-safe.
 */
#ifndef CF_CORE_KEYRING_H
#define CF_CORE_KEYRING_H

#include "app/core/code.h"

enum cf_key_usage {
    CF_USAGE_CARD = 1,
    CF_USAGE_COUPON = 2,
    CF_USAGE_TICKET = 4,
    CF_USAGE_GRANT = 8,
    CF_USAGE_PAGE = 16, /* downward pages, snapshots, signed time */
};

#define CF_KEYSET_KEYS_MAX 64
#define CF_KEYSET_BYTES_MAX 8192
#define CF_KEYRING_GRANTS_MAX 4096
/* A key counts this much before and after its validity, and so does a grant after its end: a till's clock may be off.
 */
#define CF_KEY_SLACK_S 86400

struct cf_keyset_key {
    cf_kid kid;
    cf_public_key key;
    uint32_t usage; /* of enum cf_key_usage, or-ed */
    int64_t not_before_s, not_after_s;
};
struct cf_keyset {
    uint64_t version;
    size_t n_keys;
    struct cf_keyset_key keys[CF_KEYSET_KEYS_MAX];
};

enum cf_rc cf_keyset_sign(const struct cf_keyset *keyset, const struct cf_private_key *root, struct cf_buf *ret_cose,
                          struct cf_error *err) CF_MUST_CHECK;

struct cf_keyring;

/* roots: the two pinned offline roots. Free with cf_keyring_free. */
enum cf_rc cf_keyring_new(const cf_public_key roots[2], struct cf_keyring **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_keyring_free(struct cf_keyring *ring);

/* Replaces the key set, and forgets every verdict. CF_E_CODE_SIGNATURE, CF_E_CODE_SHAPE, CF_E_CODE_VERSION; CF_E_STATE
 * for a version below the loaded one, or another key set of the same version. On an error the loaded one stays. */
enum cf_rc cf_keyring_load_keyset(struct cf_keyring *ring, cf_bytes cose, struct cf_error *err) CF_MUST_CHECK;
uint64_t cf_keyring_version(const struct cf_keyring *ring); /* 0: none loaded */
/* Verifies and adds; a grant that is there already changes nothing. CF_E_LIMIT; CF_E_EXISTS for another grant of the
 * same id; else as cf_keyring_verify. */
enum cf_rc cf_keyring_add_grant(struct cf_keyring *ring, cf_bytes cose, struct cf_error *err) CF_MUST_CHECK;
/* As above, but leaves the grant's own signature to be verified when a coupon of it is first met: for grants that were
 * verified when they were stored, so that a start with thousands of them takes no thousands of verifications. */
enum cf_rc cf_keyring_add_grant_unverified(struct cf_keyring *ring, cf_bytes cose, struct cf_error *err) CF_MUST_CHECK;
/* Was exactly this added, as the grant of that id? Costs little more than a comparison of bytes. */
bool cf_keyring_holds_grant(const struct cf_keyring *ring, cf_kid grant_id, cf_bytes cose);
/* NULL if unknown. Valid until the ring changes. After another key set, a grant is here still that no key of the set
 * vouches for: only cf_keyring_verify says whether a coupon of it is genuine. */
const struct cf_grant *cf_keyring_grant(const struct cf_keyring *ring, cf_kid grant_id);
/* The k-th grant in order of adding, NULL past the end. */
const struct cf_grant *cf_keyring_grant_at(const struct cf_keyring *ring, size_t k);

/*
 * Is this code genuine? now_s only chooses keys by their validity (with CF_KEY_SLACK_S), it does not judge the code's
 * own expiry: coupon.h does that. `code` must come from code.h: it is its bytes that are verified. Where a key and a
 * grant have one kid, the key counts.
 *
 *   CF_E_CODE_KEY        no key or grant of this kid, or one that is not valid now
 *   CF_E_CODE_USAGE      the key may not sign this; a coupon outside its grant's campaign or range
 *   CF_E_CODE_SIGNATURE  not genuine (for MC1: the card or the device signature)
 */
enum cf_rc cf_keyring_verify(struct cf_keyring *ring, const struct cf_code *code, int64_t now_s,
                             struct cf_error *err) CF_MUST_CHECK;
/* Any other signed statement of the centre (pages, time): COSE_Sign1 bytes with this aad and usage. The payload is a
 * view into `cose`. */
enum cf_rc cf_keyring_open(struct cf_keyring *ring, const char *aad, enum cf_key_usage usage, cf_bytes cose,
                           int64_t now_s, cf_bytes *ret_payload, struct cf_error *err) CF_MUST_CHECK;
/* The other end of cf_keyring_open. */
enum cf_rc cf_statement_sign(const char *aad, cf_bytes payload, cf_kid kid, const struct cf_private_key *key,
                             struct cf_buf *ret_cose, struct cf_error *err) CF_MUST_CHECK;

/* Signature verifications really done since _new: a repeated code adds none. */
uint64_t cf_keyring_verifications(const struct cf_keyring *ring);

#endif
