/*
 * base/crypto/openssl/nonce.c - the deterministic nonce of RFC 6979, which OpenSSL offers only from 3.2 on.
 */
#include "base/crypto/openssl/library.h"

#include <string.h>

#define BLOCK CF_SHA256_BYTES

/* HMAC_DRBG of section 3.2; scalar, hash and order all have 256 bits, so bits2int and int2octets are plain copies but
 * for one reduction of the hash. */
struct drbg {
    uint8_t key[BLOCK];
    uint8_t value[BLOCK];
};

static void next_value(struct drbg *drbg)
{
    struct cf_sha256 mac = cf_hmac_sha256(cf_bytes_of(drbg->key, BLOCK), cf_bytes_of(drbg->value, BLOCK));
    memcpy(drbg->value, mac.digest, BLOCK);
    cf_bytes_wipe(&mac, sizeof mac);
}

/* K = HMAC(K, V || separator || seed), V = HMAC(K, V) */
static void reseed(struct drbg *drbg, uint8_t separator, cf_bytes seed)
{
    uint8_t message[BLOCK + 1 + 2 * BLOCK];
    memcpy(message, drbg->value, BLOCK);
    message[BLOCK] = separator;
    if (seed.n > 0) {
        memcpy(message + BLOCK + 1, seed.p, seed.n);
    }
    struct cf_sha256 mac = cf_hmac_sha256(cf_bytes_of(drbg->key, BLOCK), cf_bytes_of(message, BLOCK + 1 + seed.n));
    memcpy(drbg->key, mac.digest, BLOCK);
    cf_bytes_wipe(&mac, sizeof mac);
    cf_bytes_wipe(message, sizeof message);
    next_value(drbg);
}

/* bits2octets: the hash modulo the order. */
static bool reduce(const struct cf_sha256 *hash, const BIGNUM *order, uint8_t ret[BLOCK])
{
    BN_CTX *scratch = BN_CTX_new();
    BIGNUM *number = BN_bin2bn(hash->digest, BLOCK, NULL);
    bool ok = scratch != NULL && number != NULL && BN_nnmod(number, number, order, scratch) == 1 &&
              BN_bn2binpad(number, ret, BLOCK) == BLOCK;
    BN_free(number);
    BN_CTX_free(scratch);
    return ok;
}

BIGNUM *cf_openssl_nonce(const BIGNUM *order, const uint8_t scalar[CF_P256_PRIVATE_BYTES], const struct cf_sha256 *hash)
{
    uint8_t seed[2 * BLOCK];
    memcpy(seed, scalar, BLOCK);
    BIGNUM *nonce = BN_secure_new();
    if (nonce == NULL || !reduce(hash, order, seed + BLOCK)) {
        BN_clear_free(nonce);
        return NULL;
    }
    struct drbg drbg;
    memset(drbg.key, 0x00, BLOCK);
    memset(drbg.value, 0x01, BLOCK);
    reseed(&drbg, 0x00, cf_bytes_of(seed, sizeof seed));
    reseed(&drbg, 0x01, cf_bytes_of(seed, sizeof seed));
    cf_bytes_wipe(seed, sizeof seed);

    bool ok = true;
    while (ok) { /* a candidate is out of range once in 2^32 */
        next_value(&drbg);
        ok = BN_bin2bn(drbg.value, BLOCK, nonce) != NULL;
        if (ok && !BN_is_zero(nonce) && BN_cmp(nonce, order) < 0) {
            break;
        }
        reseed(&drbg, 0x00, (cf_bytes){NULL, 0});
    }
    cf_bytes_wipe(&drbg, sizeof drbg);
    if (!ok) {
        BN_clear_free(nonce);
        return NULL;
    }
    BN_set_flags(nonce, BN_FLG_CONSTTIME);
    return nonce;
}
