/*
 * base/crypto/openssl/private_key.c - P-256 private keys and deterministic ECDSA (RFC 6979) by OpenSSL 3.
 *
 * A key may be used by several threads, since nothing here changes it.
 */
#include "base/crypto/openssl/library.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>

struct cf_private_key {
    EC_KEY *key;
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_public_key public_key;
};

/* key->scalar is in range: fills in the rest. */
static bool derive(const EC_GROUP *curve, struct cf_private_key *key)
{
    BIGNUM *scalar = BN_secure_new();
    EC_POINT *point = EC_POINT_new(curve);
    bool ok = scalar != NULL && point != NULL && BN_bin2bn(key->scalar, sizeof key->scalar, scalar) != NULL;
    if (ok) {
        BN_set_flags(scalar, BN_FLG_CONSTTIME);
    }
    ok = ok && EC_POINT_mul(curve, point, scalar, NULL, NULL, NULL) == 1 &&
         EC_POINT_point2oct(curve, point, POINT_CONVERSION_COMPRESSED, key->public_key.point,
                            sizeof key->public_key.point, NULL) == sizeof key->public_key.point;
    ok = ok && (key->key = EC_KEY_new()) != NULL && EC_KEY_set_group(key->key, curve) == 1 &&
         EC_KEY_set_private_key(key->key, scalar) == 1 && EC_KEY_set_public_key(key->key, point) == 1;
    EC_POINT_free(point);
    BN_clear_free(scalar);
    return ok;
}

enum cf_rc cf_private_key_load(const uint8_t scalar[CF_P256_PRIVATE_BYTES], struct cf_private_key **ret,
                               struct cf_error *err)
{
    const EC_GROUP *curve = NULL;
    enum cf_rc rc = cf_openssl_curve(&curve, err);
    if (rc != CF_OK) {
        return rc;
    }
    BIGNUM *number = BN_bin2bn(scalar, CF_P256_PRIVATE_BYTES, NULL);
    if (number == NULL) {
        return cf_openssl_fail(err, "a private key");
    }
    bool in_range = !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(curve)) < 0;
    BN_clear_free(number);
    if (!in_range) {
        return cf_fail(err, CF_E_RANGE, "the private key is not in [1, n-1]");
    }
    struct cf_private_key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a private key");
    }
    memcpy(key->scalar, scalar, sizeof key->scalar);
    if (!derive(curve, key)) {
        cf_private_key_free(key);
        return cf_openssl_fail(err, "a private key");
    }
    *ret = key;
    return CF_OK;
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
    if (key != NULL) {
        EC_KEY_free(key->key); /* wipes */
        cf_bytes_wipe(key->scalar, sizeof key->scalar);
        free(key);
    }
}

/* r = x(nonce G) mod n and 1 / nonce mod n, the latter as nonce^(n-2) (Fermat), all in time independent of the nonce.
 */
static bool set_up(const EC_GROUP *curve, const BIGNUM *nonce, BIGNUM *ret_r, BIGNUM *ret_inverse)
{
    const BIGNUM *order = EC_GROUP_get0_order(curve);
    BN_CTX *scratch = BN_CTX_secure_new();
    EC_POINT *point = EC_POINT_new(curve);
    BIGNUM *exponent = BN_dup(order);
    bool ok = scratch != NULL && point != NULL && exponent != NULL &&
              EC_POINT_mul(curve, point, nonce, NULL, NULL, scratch) == 1 &&
              EC_POINT_get_affine_coordinates(curve, point, ret_r, NULL, scratch) == 1 &&
              BN_nnmod(ret_r, ret_r, order, scratch) == 1 && !BN_is_zero(ret_r) && BN_sub_word(exponent, 2) == 1 &&
              BN_mod_exp_mont_consttime(ret_inverse, nonce, exponent, order, scratch, NULL) == 1;
    BN_free(exponent);
    EC_POINT_clear_free(point);
    BN_CTX_free(scratch);
    return ok;
}

/* NULL without memory, or if r or s came out as 0, which no one will ever see (1 in 2^256). */
static ECDSA_SIG *sign_with(const struct cf_private_key *key, const struct cf_sha256 *hash, const BIGNUM *nonce)
{
    BIGNUM *r = BN_new();
    BIGNUM *inverse = BN_secure_new();
    ECDSA_SIG *pair = NULL;
    if (r != NULL && inverse != NULL && set_up(EC_KEY_get0_group(key->key), nonce, r, inverse)) {
        pair = ECDSA_do_sign_ex(hash->digest, sizeof hash->digest, inverse, r, key->key);
    }
    BN_clear_free(inverse);
    BN_free(r);
    return pair;
}

enum cf_rc cf_sign(const struct cf_private_key *key, cf_bytes message, cf_signature *ret, struct cf_error *err)
{
    struct cf_sha256 hash = cf_sha256(message);
    BIGNUM *nonce = cf_openssl_nonce(EC_GROUP_get0_order(EC_KEY_get0_group(key->key)), key->scalar, &hash);
    if (nonce == NULL) {
        return cf_openssl_fail(err, "a nonce");
    }
    ECDSA_SIG *pair = sign_with(key, &hash, nonce);
    BN_clear_free(nonce);
    cf_signature signature;
    bool ok = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature.rs, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature.rs + 32, 32) == 32;
    ECDSA_SIG_free(pair);
    if (!ok) {
        return cf_openssl_fail(err, "signing");
    }
    *ret = signature;
    return CF_OK;
}
