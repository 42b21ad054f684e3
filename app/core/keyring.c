/*
 * app/core/keyring.c - see keyring.h. Framing is in cose.c, the key set's bytes in keyset.c.
 */
#include "app/core/keyring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/cose.h"
#include "app/core/keyset.h"
#include "app/core/verdict_cache.h"
#include "app/core/verifier_cache.h"
#include "base/cbor.h"

#define ROOTS 2
#define CODE_SIGNED_BYTES_MAX (CF_KEYSET_BYTES_MAX + CF_COSE_OVERHEAD_MAX)
#define STATEMENT_SIGNED_BYTES_MAX (16 * 1024 * 1024)

struct issuer {
    struct cf_keyset_key key;
    struct cf_verifier *verifier;
};

struct granted {
    struct cf_grant grant;
    cf_kid issuer; /* who signed the grant */
    bool verified; /* else cose holds the grant's own bytes, to be verified at its first use */
    uint16_t cose_n;
    uint8_t cose[160];
};

struct cf_keyring {
    cf_kid root_kids[ROOTS];
    struct cf_verifier *roots[ROOTS];
    uint64_t version;
    struct cf_sha256 payload_hash; /* of the loaded key set */
    size_t n_issuers;
    struct issuer issuers[CF_KEYSET_KEYS_MAX];
    size_t n_grants;
    struct granted *grants;                 /* in order of adding; room for CF_KEYRING_GRANTS_MAX */
    uint16_t by_kid[CF_KEYRING_GRANTS_MAX]; /* positions in grants, by ascending grant_id */
    struct cf_verifier_cache till_verifiers;
    struct cf_verifier_cache device_verifiers;
    struct cf_verdict_cache verdicts;
    struct cf_buf signed_bytes; /* kept, so that verifying a code allocates nothing here */
    uint64_t verifications;
};
static_assert(CF_KEYRING_GRANTS_MAX <= UINT16_MAX, "a position of a grant fits by_kid");

enum cf_rc cf_keyring_new(const cf_public_key roots[2], struct cf_keyring **ret, struct cf_error *err)
{
    struct cf_keyring *ring = calloc(1, sizeof *ring);
    if (ring == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for the keys");
    cf_buf_init(&ring->signed_bytes, CODE_SIGNED_BYTES_MAX);
    enum cf_rc rc = cf_buf_reserve(&ring->signed_bytes, CF_CODE_BYTES_MAX + CF_COSE_OVERHEAD_MAX, err);
    ring->grants = calloc(CF_KEYRING_GRANTS_MAX, sizeof ring->grants[0]);
    if (rc == CF_OK && ring->grants == NULL)
        rc = cf_fail(err, CF_E_NO_MEMORY, "no memory for grants");
    for (size_t k = 0; k < ROOTS && rc == CF_OK; k++) {
        ring->root_kids[k] = cf_keyset_root_kid(&roots[k]);
        rc = cf_verifier_new(&roots[k], &ring->roots[k], err);
    }
    if (rc != CF_OK) {
        cf_keyring_free(ring);
        return rc;
    }
    *ret = ring;
    return CF_OK;
}

static void free_issuers(struct issuer *issuers, size_t n)
{
    for (size_t k = 0; k < n; k++)
        cf_verifier_free(issuers[k].verifier);
}

void cf_keyring_free(struct cf_keyring *ring)
{
    if (ring == NULL)
        return;
    free_issuers(ring->issuers, ring->n_issuers);
    for (size_t k = 0; k < ROOTS; k++)
        cf_verifier_free(ring->roots[k]);
    cf_verifier_cache_done(&ring->till_verifiers);
    cf_verifier_cache_done(&ring->device_verifiers);
    cf_buf_done(&ring->signed_bytes);
    free(ring->grants);
    free(ring);
}

uint64_t cf_keyring_version(const struct cf_keyring *ring)
{
    return ring->version;
}

uint64_t cf_keyring_verifications(const struct cf_keyring *ring)
{
    return ring->verifications;
}

/* --- signatures -------------------------------------------------------------------------------------------------- */

static enum cf_rc verify_in(struct cf_keyring *ring, struct cf_buf *scratch, const char *aad,
                            const struct cf_cose *cose, struct cf_verifier *verifier, struct cf_error *err)
{
    cf_buf_clear(scratch);
    enum cf_rc rc = cf_cose_signed_bytes(aad, cose->protected_header, cose->payload, scratch, err);
    if (rc != CF_OK)
        return rc;
    ring->verifications++;
    return cf_verify(verifier, cf_buf_bytes(scratch), &cose->signature, err);
}

static enum cf_rc verify_once(struct cf_keyring *ring, const char *aad, const struct cf_cose *cose,
                              struct cf_verifier *verifier, struct cf_error *err)
{
    return verify_in(ring, &ring->signed_bytes, aad, cose, verifier, err);
}

/* As verify_once, but asks and feeds the cache of verdicts. The aad has one length for all that comes here, so the
 * hash is of one thing only. */
static enum cf_rc verify_cached(struct cf_keyring *ring, const char *aad, cf_bytes cose_bytes,
                                const struct cf_cose *cose, struct cf_verifier *verifier, struct cf_error *err)
{
    cf_bytes parts[] = {cf_bytes_str(aad), cose_bytes};
    struct cf_sha256 of = cf_sha256_parts(parts, 2);
    bool genuine;
    if (cf_verdict_cache_find(&ring->verdicts, &of, &genuine))
        return genuine ? CF_OK : cf_fail(err, CF_E_CODE_SIGNATURE, "found not genuine before");
    enum cf_rc rc = verify_once(ring, aad, cose, verifier, err);
    if (rc == CF_OK || rc == CF_E_CODE_SIGNATURE)
        cf_verdict_cache_put(&ring->verdicts, &of, rc == CF_OK);
    return rc;
}

/* --- issuers ----------------------------------------------------------------------------------------------------- */

static int compare_kids(cf_kid a, cf_kid b)
{
    return memcmp(a.b, b.b, sizeof a.b);
}

static enum cf_rc no_such_key(cf_kid kid, struct cf_error *err)
{
    char hex[2 * CF_KID_BYTES + 1];
    cf_hex_encode(cf_bytes_of(kid.b, sizeof kid.b), hex);
    return cf_fail(err, CF_E_CODE_KEY, "no key %s", hex);
}

static struct issuer *find_issuer(struct cf_keyring *ring, cf_kid kid)
{
    for (size_t k = 0; k < ring->n_issuers; k++) {
        if (cf_kid_equal(ring->issuers[k].key.kid, kid))
            return &ring->issuers[k];
    }
    return NULL;
}

static enum cf_rc check_issuer(const struct issuer *issuer, enum cf_key_usage usage, struct cf_error *err)
{
    if ((issuer->key.usage & (uint32_t)usage) == 0)
        return cf_fail(err, CF_E_CODE_USAGE, "this key's usage is %u, not %u", (unsigned)issuer->key.usage,
                       (unsigned)usage);
    return CF_OK;
}

static enum cf_rc check_span(int64_t from_s, int64_t to_s, int64_t now_s, struct cf_error *err)
{
    /* The instants of a key set may be any int64: compare without adding to them. */
    bool early = now_s < INT64_MAX - CF_KEY_SLACK_S && now_s + CF_KEY_SLACK_S < from_s;
    bool late = now_s > INT64_MIN + CF_KEY_SLACK_S && now_s - CF_KEY_SLACK_S > to_s;
    if (!early && !late)
        return CF_OK;
    char text[CF_WALL_TEXT_MAX];
    cf_wall_format(cf_wall_from_s(early ? from_s : to_s), 0, text);
    return cf_fail(err, CF_E_CODE_KEY, "the key is valid %s %s", early ? "from" : "until", text);
}

/* The issuer of this kid if it may sign this now. */
static enum cf_rc get_issuer(struct cf_keyring *ring, cf_kid kid, enum cf_key_usage usage, int64_t now_s,
                             struct issuer **ret, struct cf_error *err)
{
    struct issuer *issuer = find_issuer(ring, kid);
    if (issuer == NULL)
        return no_such_key(kid, err);
    enum cf_rc rc = check_issuer(issuer, usage, err);
    if (rc == CF_OK)
        rc = check_span(issuer->key.not_before_s, issuer->key.not_after_s, now_s, err);
    if (rc == CF_OK)
        *ret = issuer;
    return rc;
}

/* --- the key set ------------------------------------------------------------------------------------------------- */

static enum cf_rc prepare_issuers(const struct cf_keyset *keyset, struct issuer issuers[CF_KEYSET_KEYS_MAX],
                                  struct cf_error *err)
{
    for (size_t k = 0; k < keyset->n_keys; k++) {
        issuers[k].key = keyset->keys[k];
        enum cf_rc rc = cf_verifier_new(&keyset->keys[k].key, &issuers[k].verifier, err);
        if (rc != CF_OK) {
            free_issuers(issuers, k);
            return rc == CF_E_CODE_KEY ? cf_fail(err, CF_E_CODE_SHAPE, "key %zu is no point of the curve", k) : rc;
        }
    }
    return CF_OK;
}

static enum cf_rc open_keyset(struct cf_keyring *ring, cf_bytes cose_bytes, struct cf_keyset *ret,
                              struct cf_sha256 *ret_hash, struct cf_error *err)
{
    if (cose_bytes.n > CF_KEYSET_BYTES_MAX)
        return cf_fail(err, CF_E_CODE_SHAPE, "%zu bytes are too many for a key set", cose_bytes.n);
    struct cf_cose cose;
    enum cf_rc rc = cf_cose_split(cose_bytes, &cose, err);
    if (rc != CF_OK)
        return rc;
    struct cf_verifier *root = NULL;
    for (size_t k = 0; k < ROOTS && cose.has_kid; k++) {
        if (cf_kid_equal(cose.kid, ring->root_kids[k]))
            root = ring->roots[k];
    }
    if (root == NULL)
        return cf_fail(err, CF_E_CODE_SIGNATURE, "the key set is signed by neither pinned root");
    rc = verify_once(ring, CF_KEYSET_AAD, &cose, root, err);
    if (rc == CF_OK)
        rc = cf_keyset_decode(cose.payload, ret, err);
    if (rc == CF_OK)
        *ret_hash = cf_sha256(cose.payload);
    return rc;
}

enum cf_rc cf_keyring_load_keyset(struct cf_keyring *ring, cf_bytes cose, struct cf_error *err)
{
    struct cf_keyset keyset;
    struct cf_sha256 hash;
    enum cf_rc rc = open_keyset(ring, cose, &keyset, &hash, err);
    if (rc != CF_OK)
        return rc;
    if (keyset.version < ring->version)
        return cf_fail(err, CF_E_STATE, "key set %llu is older than the loaded %llu",
                       (unsigned long long)keyset.version, (unsigned long long)ring->version);
    if (keyset.version == ring->version) {
        if (memcmp(&hash, &ring->payload_hash, sizeof hash) != 0)
            return cf_fail(err, CF_E_STATE, "another key set of version %llu is loaded",
                           (unsigned long long)keyset.version);
        return CF_OK;
    }
    struct issuer prepared[CF_KEYSET_KEYS_MAX] = {0};
    rc = prepare_issuers(&keyset, prepared, err);
    if (rc != CF_OK)
        return rc;
    free_issuers(ring->issuers, ring->n_issuers);
    memcpy(ring->issuers, prepared, sizeof prepared);
    ring->n_issuers = keyset.n_keys;
    ring->version = keyset.version;
    ring->payload_hash = hash;
    /* Nothing that was proven with the old keys counts any more; each grant is proven anew when it is next used. */
    cf_verdict_cache_clear(&ring->verdicts);
    for (size_t k = 0; k < ring->n_grants; k++)
        ring->grants[k].verified = false;
    return CF_OK;
}

/* --- grants ------------------------------------------------------------------------------------------------------ */

/* Where this grant_id is in by_kid, or would be. */
static bool find_position(const struct cf_keyring *ring, cf_kid grant_id, size_t *ret_at)
{
    size_t low = 0;
    size_t high = ring->n_grants;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_kids(ring->grants[ring->by_kid[middle]].grant.grant_id, grant_id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_at = low;
    return low < ring->n_grants && cf_kid_equal(ring->grants[ring->by_kid[low]].grant.grant_id, grant_id);
}

static struct granted *find_granted(const struct cf_keyring *ring, cf_kid grant_id)
{
    size_t at;
    return find_position(ring, grant_id, &at) ? &ring->grants[ring->by_kid[at]] : NULL;
}

static bool grants_equal(const struct cf_grant *a, const struct cf_grant *b)
{
    return cf_kid_equal(a->grant_id, b->grant_id) && a->till == b->till &&
           memcmp(&a->till_key, &b->till_key, sizeof a->till_key) == 0 && a->campaign == b->campaign &&
           a->first == b->first && a->last == b->last && a->exp_s == b->exp_s;
}

/* The grant's own signature, if that is still to be checked. */
static enum cf_rc verify_grant(struct cf_keyring *ring, struct granted *granted, struct cf_error *err)
{
    if (granted->verified)
        return CF_OK;
    struct issuer *issuer = find_issuer(ring, granted->issuer);
    struct cf_cose cose;
    if (issuer == NULL)
        return no_such_key(granted->issuer, err);
    enum cf_rc rc = check_issuer(issuer, CF_USAGE_GRANT, err);
    cf_bytes bytes = cf_bytes_of(granted->cose, granted->cose_n);
    if (rc == CF_OK)
        rc = cf_cose_split(bytes, &cose, err);
    if (rc == CF_OK)
        rc = verify_cached(ring, "GR1", bytes, &cose, issuer->verifier, err);
    granted->verified = rc == CF_OK;
    return rc;
}

/* A grant of an id that is there: the same changes nothing, and one that can be proven takes the place of one that
 * cannot. */
static enum cf_rc add_again(struct cf_keyring *ring, struct granted *there, struct granted *granted, bool verify_now,
                            struct cf_error *err)
{
    if (grants_equal(&there->grant, &granted->grant) && !verify_now)
        return CF_OK;
    if (grants_equal(&there->grant, &granted->grant) && there->verified)
        return CF_OK;
    enum cf_rc rc = verify_grant(ring, granted, err);
    if (rc != CF_OK)
        return rc;
    if (!grants_equal(&there->grant, &granted->grant) && verify_grant(ring, there, NULL) == CF_OK)
        return cf_fail(err, CF_E_EXISTS, "another grant of this id was added before");
    *there = *granted;
    return CF_OK;
}

static enum cf_rc add_grant(struct cf_keyring *ring, cf_bytes cose, bool verify_now, struct cf_error *err)
{
    struct cf_code code;
    enum cf_rc rc = cf_code_decode_bytes(CF_CODE_GRANT, cose, &code, err);
    if (rc != CF_OK)
        return rc;
    struct granted granted = {.grant = code.grant, .issuer = code.kid, .cose_n = (uint16_t)code.cose_n};
    assert(code.cose_n <= sizeof granted.cose); /* the longest grant has 151 bytes */
    memcpy(granted.cose, code.cose, code.cose_n);
    size_t at;
    if (find_position(ring, code.grant.grant_id, &at))
        return add_again(ring, &ring->grants[ring->by_kid[at]], &granted, verify_now, err);
    if (ring->n_grants == CF_KEYRING_GRANTS_MAX)
        return cf_fail(err, CF_E_LIMIT, "there are %d grants already", CF_KEYRING_GRANTS_MAX);
    if (verify_now)
        rc = verify_grant(ring, &granted, err);
    if (rc != CF_OK)
        return rc;
    ring->grants[ring->n_grants] = granted;
    memmove(&ring->by_kid[at + 1], &ring->by_kid[at], (ring->n_grants - at) * sizeof ring->by_kid[0]);
    ring->by_kid[at] = (uint16_t)ring->n_grants++;
    return CF_OK;
}

enum cf_rc cf_keyring_add_grant(struct cf_keyring *ring, cf_bytes cose, struct cf_error *err)
{
    return add_grant(ring, cose, true, err);
}

enum cf_rc cf_keyring_add_grant_unverified(struct cf_keyring *ring, cf_bytes cose, struct cf_error *err)
{
    return add_grant(ring, cose, false, err);
}

bool cf_keyring_holds_grant(const struct cf_keyring *ring, cf_kid grant_id, cf_bytes cose)
{
    const struct granted *granted = find_granted(ring, grant_id);
    return granted != NULL && cf_bytes_equal(cf_bytes_of(granted->cose, granted->cose_n), cose);
}

const struct cf_grant *cf_keyring_grant(const struct cf_keyring *ring, cf_kid grant_id)
{
    const struct granted *granted = find_granted(ring, grant_id);
    return granted != NULL ? &granted->grant : NULL;
}

const struct cf_grant *cf_keyring_grant_at(const struct cf_keyring *ring, size_t k)
{
    return k < ring->n_grants ? &ring->grants[k].grant : NULL;
}

/* --- verdicts on codes ------------------------------------------------------------------------------------------- */

/* Is it one of those that the grant allows? */
static enum cf_rc check_granted(const struct cf_grant *grant, const struct cf_code *code, struct cf_error *err)
{
    if (code->kind != CF_CODE_COUPON && code->kind != CF_CODE_VALUE)
        return cf_fail(err, CF_E_CODE_USAGE, "a grant allows coupons or cards only");
    uint32_t campaign = code->kind == CF_CODE_COUPON ? code->coupon.campaign : CF_GRANT_OF_ACCOUNTS;
    uint32_t index = code->kind == CF_CODE_COUPON ? code->coupon.index : code->value.account;
    bool of_accounts = grant->campaign == CF_GRANT_OF_ACCOUNTS;
    if (campaign != grant->campaign || of_accounts != (code->kind == CF_CODE_VALUE) || index < grant->first ||
        index > grant->last)
        return cf_fail(err, CF_E_CODE_USAGE, "coupon %u of campaign %u, where the grant allows %u to %u of %u",
                       (unsigned)index, (unsigned)campaign, (unsigned)grant->first, (unsigned)grant->last,
                       (unsigned)grant->campaign);
    return CF_OK;
}

/* What a till issued, by its grant: campaign, range and time are checked before any signature. A card is good for
 * longer than the time in which it may be given out. */
static enum cf_rc verify_granted(struct cf_keyring *ring, struct granted *granted, const struct cf_code *code,
                                 const struct cf_cose *cose, const char *aad, int64_t now_s, struct cf_error *err)
{
    const struct cf_grant *grant = &granted->grant;
    enum cf_rc rc = check_granted(grant, code, err);
    if (rc == CF_OK)
        rc = check_span(0, grant->exp_s, now_s, err);
    struct issuer *issuer;
    if (rc == CF_OK)
        rc = get_issuer(ring, granted->issuer, CF_USAGE_GRANT, now_s, &issuer, err);
    if (rc == CF_OK)
        rc = verify_grant(ring, granted, err);
    struct cf_verifier *verifier;
    if (rc == CF_OK)
        rc = cf_verifier_cache_get(&ring->till_verifiers, &grant->till_key, &verifier, err);
    if (rc != CF_OK)
        return rc;
    return verify_cached(ring, aad, cf_bytes_of(code->cose, code->cose_n), cose, verifier, err);
}

static enum cf_rc verify_issued(struct cf_keyring *ring, const struct cf_code *code, const char *aad,
                                enum cf_key_usage usage, int64_t now_s, struct cf_error *err)
{
    cf_bytes bytes = cf_bytes_of(code->cose, code->cose_n);
    struct cf_cose cose;
    enum cf_rc rc = cf_cose_split(bytes, &cose, err);
    if (rc != CF_OK)
        return rc;
    struct granted *granted = find_issuer(ring, code->kid) == NULL ? find_granted(ring, code->kid) : NULL;
    if (granted != NULL)
        return verify_granted(ring, granted, code, &cose, aad, now_s, err);
    struct issuer *issuer;
    rc = get_issuer(ring, code->kid, usage, now_s, &issuer, err);
    return rc == CF_OK ? verify_cached(ring, aad, bytes, &cose, issuer->verifier, err) : rc;
}

/* The card first: a forger's own "device" is never asked to sign anything that counts. */
static enum cf_rc verify_member(struct cf_keyring *ring, const struct cf_code *code, int64_t now_s,
                                struct cf_error *err)
{
    cf_bytes bytes = cf_bytes_of(code->cose, code->cose_n);
    struct cf_cose cose;
    struct cf_cose card;
    cf_bytes card_bytes;
    struct cf_cbor_reader r;
    uint64_t version;
    size_t fields;
    enum cf_rc rc = cf_cose_split(bytes, &cose, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_read_init(&r, cose.payload);
    cf_cbor_read_array(&r, &fields, 5);
    cf_cbor_read_uint(&r, &version, 1);
    if (!cf_cbor_read_bytes(&r, &card_bytes, CF_CODE_BYTES_MAX))
        return cf_fail(err, CF_E_CODE_SHAPE, "a member code without a card");
    rc = cf_cose_split(card_bytes, &card, err);
    struct issuer *issuer;
    if (rc == CF_OK)
        rc = get_issuer(ring, code->kid, CF_USAGE_CARD, now_s, &issuer, err);
    if (rc == CF_OK)
        rc = verify_cached(ring, "MS1", card_bytes, &card, issuer->verifier, err);
    struct cf_verifier *device;
    if (rc == CF_OK) {
        rc = cf_verifier_cache_get(&ring->device_verifiers, &code->member.card.device_key, &device, err);
        if (rc == CF_E_CODE_KEY)
            rc = cf_fail(err, CF_E_CODE_SIGNATURE, "the device key is no point of the curve");
    }
    return rc == CF_OK ? verify_cached(ring, "MC1", bytes, &cose, device, err) : rc;
}

enum cf_rc cf_keyring_verify(struct cf_keyring *ring, const struct cf_code *code, int64_t now_s, struct cf_error *err)
{
    switch (code->kind) {
    case CF_CODE_CARD:
        return verify_issued(ring, code, "MS1", CF_USAGE_CARD, now_s, err);
    case CF_CODE_MEMBER:
        return verify_member(ring, code, now_s, err);
    case CF_CODE_COUPON:
        return verify_issued(ring, code, "CP1", CF_USAGE_COUPON, now_s, err);
    case CF_CODE_TICKET:
        return verify_issued(ring, code, "CT1", CF_USAGE_TICKET, now_s, err);
    case CF_CODE_GRANT:
        return verify_issued(ring, code, "GR1", CF_USAGE_GRANT, now_s, err);
    case CF_CODE_VALUE:
        return verify_issued(ring, code, "GC1", CF_USAGE_COUPON, now_s, err);
    case CF_CODE_ORDER:
        return verify_issued(ring, code, "PU1", CF_USAGE_TICKET, now_s, err);
    }
    assert(false && "a kind of code without a rule");
    return CF_E_INTERNAL;
}

/* --- other statements -------------------------------------------------------------------------------------------- */

enum cf_rc cf_keyring_open(struct cf_keyring *ring, const char *aad, enum cf_key_usage usage, cf_bytes cose_bytes,
                           int64_t now_s, cf_bytes *ret_payload, struct cf_error *err)
{
    struct cf_cose cose;
    enum cf_rc rc = cf_cose_split(cose_bytes, &cose, err);
    if (rc == CF_OK && !cose.has_kid)
        rc = cf_fail(err, CF_E_CODE_SHAPE, "the signature names no key");
    struct issuer *issuer;
    if (rc == CF_OK)
        rc = get_issuer(ring, cose.kid, usage, now_s, &issuer, err);
    /* A buffer of its own: a page may be large, and is not kept in memory once it is opened. */
    struct cf_buf scratch CF_CLEANUP(cf_buf_done);
    cf_buf_init(&scratch, STATEMENT_SIGNED_BYTES_MAX);
    if (rc == CF_OK)
        rc = verify_in(ring, &scratch, aad, &cose, issuer->verifier, err);
    if (rc == CF_OK)
        *ret_payload = cose.payload;
    return rc;
}

enum cf_rc cf_statement_sign(const char *aad, cf_bytes payload, cf_kid kid, const struct cf_private_key *key,
                             struct cf_buf *ret_cose, struct cf_error *err)
{
    return cf_cose_sign(aad, payload, &kid, key, ret_cose, err);
}
