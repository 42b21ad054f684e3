/*
 * base/crypto/mbedtls/private_key.c - P-256 private keys and deterministic ECDSA (RFC 6979) by mbedTLS.
 *
 * The nonce comes from key and message; only the blinding inside mbedTLS is random, which no result shows. A key may be
 * used by several threads, since nothing here changes it.
 */
#include "base/crypto/mbedtls/curve.h"

#include <assert.h>
#include <stdlib.h>

#include <mbedtls/ecdsa.h>

struct cf_private_key {
    mbedtls_mpi scalar;
    cf_public_key public_key;
};

static enum cf_rc derive_public(struct cf_private_key *key, struct cf_error *err)
{
    mbedtls_ecp_group *curve = NULL;
    enum cf_rc rc = cf_curve(&curve, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (mbedtls_ecp_check_privkey(curve, &key->scalar) != 0) {
        return cf_fail(err, CF_E_RANGE, "the private key is not in [1, n-1]");
    }
    mbedtls_ecp_point point;
    mbedtls_ecp_point_init(&point);
    int code = mbedtls_ecp_mul(curve, &point, &key->scalar, &curve->G, cf_curve_random, NULL);
    rc = code == 0 ? cf_curve_compress(&point, &key->public_key, err) : cf_mbedtls_fail(err, code, "a public key");
    mbedtls_ecp_point_free(&point);
    return rc;
}

enum cf_rc cf_private_key_load(const uint8_t scalar[CF_P256_PRIVATE_BYTES], struct cf_private_key **ret,
                               struct cf_error *err)
{
    struct cf_private_key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a private key");
    }
    mbedtls_mpi_init(&key->scalar);
    enum cf_rc rc = CF_OK;
    if (mbedtls_mpi_read_binary(&key->scalar, scalar, CF_P256_PRIVATE_BYTES) != 0) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "no memory for a private key");
    }
    if (rc == CF_OK) {
        rc = derive_public(key, err);
    }
    if (rc != CF_OK) {
        cf_private_key_free(key);
        return rc;
    }
    *ret = key;
    return CF_OK;
}

void cf_private_key_save(const struct cf_private_key *key, uint8_t ret_scalar[CF_P256_PRIVATE_BYTES])
{
    int code = mbedtls_mpi_write_binary(&key->scalar, ret_scalar, CF_P256_PRIVATE_BYTES);
    assert(code == 0);
    (void)code;
}

void cf_private_key_public(const struct cf_private_key *key, cf_public_key *ret)
{
    *ret = key->public_key;
}

void cf_private_key_free(struct cf_private_key *key)
{
    if (key != NULL) {
        mbedtls_mpi_free(&key->scalar); /* wipes */
        free(key);
    }
}

enum cf_rc cf_sign(const struct cf_private_key *key, cf_bytes message, cf_signature *ret, struct cf_error *err)
{
    mbedtls_ecp_group *curve = NULL;
    enum cf_rc rc = cf_curve(&curve, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_sha256 hash = cf_sha256(message);
    cf_signature signature;
    mbedtls_mpi r;
    mbedtls_mpi s;
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    int code = mbedtls_ecdsa_sign_det_ext(curve, &r, &s, &key->scalar, hash.digest, sizeof hash.digest,
                                          MBEDTLS_MD_SHA256, cf_curve_random, NULL);
    if (code == 0) {
        code = mbedtls_mpi_write_binary(&r, signature.rs, 32);
    }
    if (code == 0) {
        code = mbedtls_mpi_write_binary(&s, signature.rs + 32, 32);
    }
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&s);
    if (code != 0) {
        return cf_mbedtls_fail(err, code, "signing");
    }
    *ret = signature;
    return CF_OK;
}
