/*
 * tests/support/crypto_sim.c - keys and signatures for simulations: the third implementation of base/crypto/crypto.h,
 * fast and as hard to forge inside its world as ECDSA is outside.
 *
 * Keys are those of P-256, so that certificates hold true points, but a signature is a hash keyed by the private
 * scalar. To verify one, the scalar of a public key is looked up among the keys that this process has loaded: nothing
 * that the shipped code sees lets it sign for a key that it does not hold. As with ECDSA there are two signatures of
 * each message (s odd or even), so that a code that is compared by its bytes is caught. Hashes, AES and X.509 are the
 * ones of cf_crypto_openssl. Keys are made from a counter, not by chance. One thread. Never in a product.
 */
#include "base/crypto/openssl/library.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 8192 /* a power of two */

struct known_key {
    bool used;
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_public_key public_key;
};
struct cf_private_key {
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_public_key public_key;
};
struct cf_verifier {
    bool known;
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
};

static struct known_key by_scalar[KEYS_MAX], by_point[KEYS_MAX];
static uint64_t n_generated;

static size_t slot_of(const uint8_t *bytes)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < 32; i++)
        h = (h ^ bytes[i]) * UINT64_C(0x100000001B3);
    return (size_t)(h % KEYS_MAX);
}

/* The key's place, or the free one where it belongs. */
static struct known_key *find_scalar(const uint8_t *scalar)
{
    size_t k = slot_of(scalar);
    while (by_scalar[k].used && memcmp(by_scalar[k].scalar, scalar, CF_P256_PRIVATE_BYTES) != 0)
        k = (k + 1) % KEYS_MAX;
    return &by_scalar[k];
}

static struct known_key *find_point(const cf_public_key *key)
{
    size_t k = slot_of(key->point + 1);
    while (by_point[k].used && memcmp(&by_point[k].public_key, key, sizeof *key) != 0)
        k = (k + 1) % KEYS_MAX;
    return &by_point[k];
}

static bool derive(const uint8_t *scalar, cf_public_key *ret)
{
    const EC_GROUP *curve = NULL;
    if (cf_openssl_curve(&curve, NULL) != CF_OK)
        abort();
    BIGNUM *number = BN_bin2bn(scalar, CF_P256_PRIVATE_BYTES, NULL);
    EC_POINT *point = EC_POINT_new(curve);
    if (!number || !point)
        abort();
    bool in_range = !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(curve)) < 0;
    if (in_range && (EC_POINT_mul(curve, point, number, NULL, NULL, NULL) != 1 ||
                     EC_POINT_point2oct(curve, point, POINT_CONVERSION_COMPRESSED, ret->point, sizeof ret->point,
                                        NULL) != sizeof ret->point))
        abort();
    EC_POINT_free(point);
    BN_free(number);
    return in_range;
}

enum cf_rc cf_private_key_load(const uint8_t scalar[CF_P256_PRIVATE_BYTES], struct cf_private_key **ret,
                               struct cf_error *err)
{
    static size_t n_known;
    struct known_key *known = find_scalar(scalar);
    if (!known->used) {
        cf_public_key public_key;
        if (!derive(scalar, &public_key))
            return cf_fail(err, CF_E_RANGE, "the private key is not in [1, n-1]");
        if (++n_known > KEYS_MAX / 2)
            return cf_fail(err, CF_E_LIMIT, "a simulation with more than %d keys", KEYS_MAX / 2);
        known->used = true;
        memcpy(known->scalar, scalar, sizeof known->scalar);
        known->public_key = public_key;
        *find_point(&public_key) = *known;
    }
    struct cf_private_key *key = malloc(sizeof *key);
    if (!key)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a private key");
    memcpy(key->scalar, scalar, sizeof key->scalar);
    key->public_key = known->public_key;
    *ret = key;
    return CF_OK;
}

enum cf_rc cf_private_key_generate(struct cf_private_key **ret, struct cf_error *err)
{
    uint8_t count[8];
    cf_put_be64(count, ++n_generated);
    struct cf_sha256 scalar = cf_sha256(cf_bytes_of(count, sizeof count));
    return cf_private_key_load(scalar.digest, ret, err);
}

void cf_private_key_save(const struct cf_private_key *key, uint8_t ret_scalar[CF_P256_PRIVATE_BYTES])
{
    memcpy(ret_scalar, key->scalar, sizeof key->scalar);
}

void cf_private_key_public(const struct cf_private_key *key, cf_public_key *ret)
{
    *ret = key->public_key;
}

void cf_private_key_free(struct cf_private_key *key)
{
    free(key);
}

/* r, s in [1, n-1], which readers of DER check: the top bit is clear, and none is 0. s is even. */
static void sign_with(const uint8_t *scalar, cf_bytes message, cf_signature *ret)
{
    const cf_bytes keyed[] = {{scalar, CF_P256_PRIVATE_BYTES}, message};
    struct cf_sha256 r = cf_sha256_parts(keyed, 2);
    memcpy(ret->rs, r.digest, CF_SHA256_BYTES);
    for (size_t i = 0; i < CF_SHA256_BYTES; i++)
        ret->rs[CF_SHA256_BYTES + i] = (uint8_t)~r.digest[i];
    ret->rs[0] = (uint8_t)((ret->rs[0] & 0x3f) | 0x40);
    ret->rs[32] = (uint8_t)((ret->rs[32] & 0x3f) | 0x40);
    ret->rs[63] &= 0xfe;
}

enum cf_rc cf_sign(const struct cf_private_key *key, cf_bytes message, cf_signature *ret, struct cf_error *err)
{
    (void)err;
    sign_with(key->scalar, message, ret);
    return CF_OK;
}

enum cf_rc cf_verifier_new(const cf_public_key *key, struct cf_verifier **ret, struct cf_error *err)
{
    const struct known_key *known = find_point(key);
    if (!known->used) {
        uint8_t sec1[65];
        enum cf_rc rc = cf_point_decompress(key, sec1, err);
        if (rc != CF_OK)
            return rc;
    }
    struct cf_verifier *verifier = calloc(1, sizeof *verifier);
    if (!verifier)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a verifier");
    verifier->known = known->used;
    memcpy(verifier->scalar, known->scalar, sizeof verifier->scalar);
    *ret = verifier;
    return CF_OK;
}

void cf_verifier_free(struct cf_verifier *verifier)
{
    free(verifier);
}

enum cf_rc cf_verify(struct cf_verifier *verifier, cf_bytes message, const cf_signature *signature,
                     struct cf_error *err)
{
    cf_signature good;
    sign_with(verifier->scalar, message, &good);
    good.rs[63] |= signature->rs[63] & 1;
    if (verifier->known && memcmp(good.rs, signature->rs, sizeof good.rs) == 0)
        return CF_OK;
    return cf_fail(err, CF_E_CODE_SIGNATURE, "the signature does not fit message and key");
}
