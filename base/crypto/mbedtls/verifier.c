/*
 * base/crypto/mbedtls/verifier.c - ECDSA verification (FIPS 186-4 section 6.4) with the key's multiples kept.
 *
 * mbedtls_ecdsa_verify computes the multiples of the public key anew at every call, and seeds a generator of random
 * numbers to blind scalars that are public here. mbedTLS keeps the multiples of one point a group, the group's
 * generator; so each verifier has a group of its own whose generator is the key. This takes a second verification by
 * the same key to 0.6 of its time, and leaves the first, with its decompression, what mbedTLS takes. Not shared between
 * threads.
 */
#include "base/crypto/mbedtls/curve.h"

#include <stdlib.h>
#include <string.h>

struct cf_verifier {
    mbedtls_ecp_group *curve;    /* borrowed from the process */
    mbedtls_ecp_group key_curve; /* P-256 with the public key as G, so that mbedTLS keeps the key's multiples */
};

enum cf_rc cf_verifier_new(const cf_public_key *key, struct cf_verifier **ret, struct cf_error *err)
{
    struct cf_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a verifier");
    }
    mbedtls_ecp_group_init(&verifier->key_curve);
    enum cf_rc rc = cf_curve(&verifier->curve, err);
    if (rc == CF_OK) {
        int code = mbedtls_ecp_group_load(&verifier->key_curve, MBEDTLS_ECP_DP_SECP256R1);
        rc = code == 0 ? CF_OK : cf_mbedtls_fail(err, code, "loading the curve");
    }
    /* The generator that was loaded is a constant of mbedTLS: drop the view of it before a point of ours goes there. */
    mbedtls_ecp_point_init(&verifier->key_curve.G);
    if (rc == CF_OK) {
        rc = cf_curve_point(verifier->curve, key, &verifier->key_curve.G, err);
    }
    if (rc != CF_OK) {
        cf_verifier_free(verifier);
        return rc;
    }
    *ret = verifier;
    return CF_OK;
}

void cf_verifier_free(struct cf_verifier *verifier)
{
    if (verifier != NULL) {
        mbedtls_ecp_point_free(&verifier->key_curve.G); /* ours; mbedTLS frees only the table of multiples */
        mbedtls_ecp_group_free(&verifier->key_curve);
        free(verifier);
    }
}

/* mbedTLS randomises coordinates to hide secret scalars; those of a verification are public, so any number will do. */
static int no_blinding(void *unused, unsigned char *ret, size_t n)
{
    (void)unused;
    memset(ret, 0x55, n);
    return 0;
}

/* The numbers of one verification, freed together. */
struct numbers {
    mbedtls_mpi r, s, hash, u1, u2, one;
    mbedtls_ecp_point sum, by_key;
};

static void numbers_init(struct numbers *a)
{
    mbedtls_mpi_init(&a->r);
    mbedtls_mpi_init(&a->s);
    mbedtls_mpi_init(&a->hash);
    mbedtls_mpi_init(&a->u1);
    mbedtls_mpi_init(&a->u2);
    mbedtls_mpi_init(&a->one);
    mbedtls_ecp_point_init(&a->sum);
    mbedtls_ecp_point_init(&a->by_key);
}

static void numbers_free(struct numbers *a)
{
    mbedtls_mpi_free(&a->r);
    mbedtls_mpi_free(&a->s);
    mbedtls_mpi_free(&a->hash);
    mbedtls_mpi_free(&a->u1);
    mbedtls_mpi_free(&a->u2);
    mbedtls_mpi_free(&a->one);
    mbedtls_ecp_point_free(&a->sum);
    mbedtls_ecp_point_free(&a->by_key);
}

static bool is_in_range(const mbedtls_mpi *a, const mbedtls_mpi *order)
{
    return mbedtls_mpi_cmp_int(a, 1) >= 0 && mbedtls_mpi_cmp_mpi(a, order) < 0;
}

/* u1 = hash / s, u2 = r / s modulo the order. */
static int compute_scalars(struct numbers *a, const mbedtls_mpi *order, const struct cf_sha256 *hash)
{
    int code = mbedtls_mpi_read_binary(&a->hash, hash->digest, sizeof hash->digest);
    if (code == 0) {
        code = mbedtls_mpi_inv_mod(&a->s, &a->s, order);
    }
    if (code == 0) {
        code = mbedtls_mpi_mul_mpi(&a->u1, &a->hash, &a->s);
    }
    if (code == 0) {
        code = mbedtls_mpi_mod_mpi(&a->u1, &a->u1, order);
    }
    if (code == 0) {
        code = mbedtls_mpi_mul_mpi(&a->u2, &a->r, &a->s);
    }
    if (code == 0) {
        code = mbedtls_mpi_mod_mpi(&a->u2, &a->u2, order);
    }
    return code;
}

/* sum = u1 G + u2 Q. mbedTLS multiplies by [1, n-1] only; u1 is 0 if the hash is a multiple of the order. */
static int compute_point(struct cf_verifier *verifier, struct numbers *a)
{
    mbedtls_ecp_group *curve = verifier->curve;
    mbedtls_ecp_group *key_curve = &verifier->key_curve;
    int code = mbedtls_ecp_mul(key_curve, &a->by_key, &a->u2, &key_curve->G, no_blinding, NULL);
    if (code != 0 || mbedtls_mpi_cmp_int(&a->u1, 0) == 0) {
        return code != 0 ? code : mbedtls_ecp_copy(&a->sum, &a->by_key);
    }
    code = mbedtls_ecp_mul(curve, &a->sum, &a->u1, &curve->G, no_blinding, NULL);
    if (code == 0) {
        code = mbedtls_mpi_lset(&a->one, 1);
    }
    if (code == 0) {
        code = mbedtls_ecp_muladd(curve, &a->sum, &a->one, &a->sum, &a->one, &a->by_key);
    }
    return code;
}

static enum cf_rc verify(struct cf_verifier *verifier, struct numbers *a, cf_bytes message,
                         const cf_signature *signature, struct cf_error *err)
{
    const mbedtls_mpi *order = &verifier->curve->N;
    if (mbedtls_mpi_read_binary(&a->r, signature->rs, 32) != 0 ||
        mbedtls_mpi_read_binary(&a->s, signature->rs + 32, 32) != 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a signature");
    }
    if (!is_in_range(&a->r, order) || !is_in_range(&a->s, order)) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "the signature is out of range");
    }
    struct cf_sha256 hash = cf_sha256(message);
    int code = compute_scalars(a, order, &hash);
    if (code == 0) {
        code = compute_point(verifier, a);
    }
    bool is_zero = code == 0 && mbedtls_ecp_is_zero(&a->sum);
    if (code == 0 && !is_zero) {
        code = mbedtls_mpi_mod_mpi(&a->sum.X, &a->sum.X, order);
    }
    if (code != 0) {
        return cf_mbedtls_fail(err, code, "verifying");
    }
    if (is_zero || mbedtls_mpi_cmp_mpi(&a->sum.X, &a->r) != 0) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "the signature does not fit message and key");
    }
    return CF_OK;
}

enum cf_rc cf_verify(struct cf_verifier *verifier, cf_bytes message, const cf_signature *signature,
                     struct cf_error *err)
{
    struct numbers numbers;
    numbers_init(&numbers);
    enum cf_rc rc = verify(verifier, &numbers, message, signature, err);
    numbers_free(&numbers);
    return rc;
}
