/*
 * base/crypto/openssl/curve.c - what is fetched once, and points of P-256; see library.h.
 */
#include "base/crypto/openssl/library.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/obj_mac.h>

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;
static EVP_CIPHER *aes_256_gcm;
static EC_GROUP *curve;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    if (sha256 == NULL || aes_256_gcm == NULL || curve == NULL) {
        abort(); /* a libcrypto without these is not the one that we were built for */
    }
}

static void fetch_once(void)
{
    if (pthread_once(&fetched, fetch) != 0) {
        abort();
    }
}

const EVP_MD *cf_openssl_sha256(void)
{
    fetch_once();
    return sha256;
}

const EVP_CIPHER *cf_openssl_aes_256_gcm(void)
{
    fetch_once();
    return aes_256_gcm;
}

const EC_GROUP *cf_openssl_curve(void)
{
    fetch_once();
    return curve;
}

enum cf_rc cf_openssl_fail(struct cf_error *err, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for %s", what);
    }
    return cf_fail(err, CF_E_INTERNAL, "OpenSSL fails at %s (%08lx)", what, code);
}

enum cf_rc cf_openssl_point(const cf_public_key *key, EC_POINT **ret, struct cf_error *err)
{
    if (key->point[0] != 0x02 && key->point[0] != 0x03) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is no compressed point");
    }
    EC_POINT *point = EC_POINT_new(cf_openssl_curve());
    if (point == NULL) {
        return cf_openssl_fail(err, "a public key");
    }
    /* Checks that x is below p and that the point is on the curve. */
    if (EC_POINT_oct2point(cf_openssl_curve(), point, key->point, sizeof key->point, NULL) != 1) {
        EC_POINT_free(point);
        ERR_clear_error();
        return cf_fail(err, CF_E_CODE_KEY, "the public key is not on the curve");
    }
    *ret = point;
    return CF_OK;
}

enum cf_rc cf_point_decompress(const cf_public_key *key, uint8_t ret_sec1[65], struct cf_error *err)
{
    EC_POINT *point = NULL;
    enum cf_rc rc = cf_openssl_point(key, &point, err);
    if (rc != CF_OK) {
        return rc;
    }
    size_t n = EC_POINT_point2oct(cf_openssl_curve(), point, POINT_CONVERSION_UNCOMPRESSED, ret_sec1, 65, NULL);
    EC_POINT_free(point);
    return n == 65 ? CF_OK : cf_openssl_fail(err, "writing a public key");
}
