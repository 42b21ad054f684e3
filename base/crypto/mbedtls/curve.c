/*
 * base/crypto/mbedtls/curve.c - see curve.h. mbedTLS 2.28 reads no compressed points, so they are decompressed here.
 */
#include "base/crypto/mbedtls/curve.h"
#include "base/crypto/random.h"

#include <pthread.h>

#include <mbedtls/cipher.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509.h>

bool cf_mbedtls_is_memory(int code)
{
    /* A code is a module's, in the upper bits, plus one of the layer below. */
    int low = -(-code & 0x7f);
    int high = -(-code & 0xff80);
    return low == MBEDTLS_ERR_MPI_ALLOC_FAILED || low == MBEDTLS_ERR_ASN1_ALLOC_FAILED ||
           high == MBEDTLS_ERR_ECP_ALLOC_FAILED || high == MBEDTLS_ERR_MD_ALLOC_FAILED ||
           high == MBEDTLS_ERR_CIPHER_ALLOC_FAILED || high == MBEDTLS_ERR_PK_ALLOC_FAILED ||
           high == MBEDTLS_ERR_X509_ALLOC_FAILED;
}

enum cf_rc cf_mbedtls_fail(struct cf_error *err, int code, const char *what)
{
    if (cf_mbedtls_is_memory(code)) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for %s", what);
    }
    return cf_fail(err, CF_E_INTERNAL, "mbedTLS fails at %s (-0x%04x)", what, (unsigned)-code);
}

int cf_curve_random(void *unused, unsigned char *ret, size_t n)
{
    (void)unused;
    cf_random_secret(ret, n);
    return 0;
}

/* One multiplication of the generator makes mbedTLS compute and keep its table. */
static int load_curve(mbedtls_ecp_group *curve)
{
    mbedtls_mpi two;
    mbedtls_ecp_point unused;
    mbedtls_mpi_init(&two);
    mbedtls_ecp_point_init(&unused);
    mbedtls_ecp_group_init(curve);
    int code = mbedtls_ecp_group_load(curve, MBEDTLS_ECP_DP_SECP256R1);
    if (code == 0) {
        code = mbedtls_mpi_lset(&two, 2);
    }
    if (code == 0) {
        code = mbedtls_ecp_mul(curve, &unused, &two, &curve->G, cf_curve_random, NULL);
    }
    if (code != 0) {
        mbedtls_ecp_group_free(curve);
    }
    mbedtls_ecp_point_free(&unused);
    mbedtls_mpi_free(&two);
    return code;
}

enum cf_rc cf_curve(mbedtls_ecp_group **ret, struct cf_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static mbedtls_ecp_group curve;
    static bool loaded;

    /* Not pthread_once: a first try without memory must leave room for a second one. */
    pthread_mutex_lock(&lock);
    int code = loaded ? 0 : load_curve(&curve);
    loaded = code == 0;
    pthread_mutex_unlock(&lock);
    if (code != 0) {
        return cf_mbedtls_fail(err, code, "loading the curve");
    }
    *ret = &curve;
    return CF_OK;
}

/* SEC 1 section 2.3.4: y = (x^3 - 3x + b)^((p+1)/4) mod p, since p = 3 mod 4; no root means no point. False: no memory,
 * the only way in which this arithmetic fails. */
static bool square_root(const mbedtls_ecp_group *curve, const mbedtls_mpi *x, mbedtls_mpi *ret_y, bool *ret_exists)
{
    const mbedtls_mpi *p = &curve->P;
    mbedtls_mpi right;
    mbedtls_mpi scratch;
    mbedtls_mpi_init(&right);
    mbedtls_mpi_init(&scratch);
    bool ok = mbedtls_mpi_mul_mpi(&right, x, x) == 0 && mbedtls_mpi_sub_int(&right, &right, 3) == 0 &&
              mbedtls_mpi_mod_mpi(&right, &right, p) == 0 && mbedtls_mpi_mul_mpi(&right, &right, x) == 0 &&
              mbedtls_mpi_add_mpi(&right, &right, &curve->B) == 0 && mbedtls_mpi_mod_mpi(&right, &right, p) == 0;
    ok = ok && mbedtls_mpi_add_int(&scratch, p, 1) == 0 && mbedtls_mpi_shift_r(&scratch, 2) == 0 &&
         mbedtls_mpi_exp_mod(ret_y, &right, &scratch, p, NULL) == 0;
    ok = ok && mbedtls_mpi_mul_mpi(&scratch, ret_y, ret_y) == 0 && mbedtls_mpi_mod_mpi(&scratch, &scratch, p) == 0;
    *ret_exists = ok && mbedtls_mpi_cmp_mpi(&scratch, &right) == 0;
    mbedtls_mpi_free(&right);
    mbedtls_mpi_free(&scratch);
    return ok;
}

enum cf_rc cf_curve_point(mbedtls_ecp_group *curve, const cf_public_key *key, mbedtls_ecp_point *ret,
                          struct cf_error *err)
{
    if (key->point[0] != 0x02 && key->point[0] != 0x03) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is no compressed point");
    }
    bool odd = key->point[0] == 0x03;
    bool exists = false;
    mbedtls_mpi *y = &ret->Y;
    if (mbedtls_mpi_read_binary(&ret->X, key->point + 1, 32) != 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a public key");
    }
    if (mbedtls_mpi_cmp_mpi(&ret->X, &curve->P) >= 0) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is out of range");
    }
    if (!square_root(curve, &ret->X, y, &exists)) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a public key");
    }
    /* y = 0 would have no odd twin, but P-256 has no such point: its order is odd. */
    if (!exists || mbedtls_mpi_cmp_int(y, 0) == 0) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is not on the curve");
    }
    if ((mbedtls_mpi_get_bit(y, 0) == 1) != odd && mbedtls_mpi_sub_mpi(y, &curve->P, y) != 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a public key");
    }
    if (mbedtls_mpi_lset(&ret->Z, 1) != 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a public key");
    }
    int code = mbedtls_ecp_check_pubkey(curve, ret);
    if (code == MBEDTLS_ERR_ECP_INVALID_KEY) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is not valid");
    }
    return code == 0 ? CF_OK : cf_mbedtls_fail(err, code, "a public key");
}

enum cf_rc cf_curve_compress(const mbedtls_ecp_point *point, cf_public_key *ret, struct cf_error *err)
{
    cf_public_key key = {{mbedtls_mpi_get_bit(&point->Y, 0) == 1 ? 0x03 : 0x02}};
    int code = mbedtls_mpi_write_binary(&point->X, key.point + 1, 32);
    if (code != 0) {
        return cf_mbedtls_fail(err, code, "writing a public key");
    }
    *ret = key;
    return CF_OK;
}

enum cf_rc cf_point_decompress(const cf_public_key *key, uint8_t ret_sec1[65], struct cf_error *err)
{
    mbedtls_ecp_group *curve = NULL;
    mbedtls_ecp_point point;
    mbedtls_ecp_point_init(&point);
    enum cf_rc rc = cf_curve(&curve, err);
    if (rc == CF_OK) {
        rc = cf_curve_point(curve, key, &point, err);
    }
    size_t n = 0;
    if (rc == CF_OK) {
        int code = mbedtls_ecp_point_write_binary(curve, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, ret_sec1, 65);
        rc = code == 0 ? CF_OK : cf_mbedtls_fail(err, code, "writing a public key");
    }
    mbedtls_ecp_point_free(&point);
    return rc;
}
