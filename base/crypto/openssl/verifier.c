/*
 * base/crypto/openssl/verifier.c - ECDSA verification (FIPS 186-4 section 6.4) by OpenSSL 3.
 *
 * The key is decompressed and checked once. Not shared between threads.
 */
#include "base/crypto/openssl/library.h"

#include <stdlib.h>

#include <openssl/ecdsa.h>
#include <openssl/err.h>

struct cf_verifier {
    EC_KEY *key;
};

enum cf_rc cf_verifier_new(const cf_public_key *key, struct cf_verifier **ret, struct cf_error *err)
{
    const EC_GROUP *curve = NULL;
    EC_POINT *point = NULL;
    enum cf_rc rc = cf_openssl_curve(&curve, err);
    if (rc == CF_OK) {
        rc = cf_openssl_point(curve, key, &point, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_verifier *verifier = calloc(1, sizeof *verifier);
    bool ok = verifier != NULL && (verifier->key = EC_KEY_new()) != NULL &&
              EC_KEY_set_group(verifier->key, curve) == 1 && EC_KEY_set_public_key(verifier->key, point) == 1;
    EC_POINT_free(point);
    if (!ok) {
        cf_verifier_free(verifier);
        ERR_clear_error();
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a verifier");
    }
    *ret = verifier;
    return CF_OK;
}

void cf_verifier_free(struct cf_verifier *verifier)
{
    if (verifier != NULL) {
        EC_KEY_free(verifier->key);
        free(verifier);
    }
}

static ECDSA_SIG *signature_of(const cf_signature *signature)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature->rs, 32, NULL);
    BIGNUM *s = BN_bin2bn(signature->rs + 32, 32, NULL);
    if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        ECDSA_SIG_free(pair);
        BN_free(r);
        BN_free(s);
        return NULL;
    }
    return pair;
}

enum cf_rc cf_verify(struct cf_verifier *verifier, cf_bytes message, const cf_signature *signature,
                     struct cf_error *err)
{
    ECDSA_SIG *pair = signature_of(signature);
    if (pair == NULL) {
        return cf_openssl_fail(err, "a signature");
    }
    struct cf_sha256 hash = cf_sha256(message);
    ERR_clear_error();
    int verdict = ECDSA_do_verify(hash.digest, sizeof hash.digest, pair, verifier->key);
    ECDSA_SIG_free(pair);
    if (verdict == 1) {
        return CF_OK;
    }
    /* Errors stand for signatures too whose sum is the point at infinity, so only want of memory is no verdict. */
    if (cf_openssl_was_memory()) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for verifying");
    }
    return cf_fail(err, CF_E_CODE_SIGNATURE, "the signature does not fit message and key");
}
