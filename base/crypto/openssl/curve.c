/*
 * base/crypto/openssl/curve.c - P-256 and its points; see library.h.
 */
#include "base/crypto/openssl/library.h"

#include <pthread.h>

#include <openssl/err.h>
#include <openssl/obj_mac.h>

enum cf_rc cf_openssl_curve(const EC_GROUP **ret, struct cf_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static EC_GROUP *curve;

    /* Not pthread_once: a first try without memory must leave room for a second one. */
    pthread_mutex_lock(&lock);
    if (curve == NULL) {
        curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    }
    const EC_GROUP *loaded = curve;
    pthread_mutex_unlock(&lock);
    if (loaded == NULL) {
        return cf_openssl_fail(err, "loading the curve");
    }
    *ret = loaded;
    return CF_OK;
}

bool cf_openssl_was_memory(void)
{
    bool found = false;
    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
        found = found || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return found;
}

enum cf_rc cf_openssl_fail(struct cf_error *err, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    if (cf_openssl_was_memory()) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for %s", what);
    }
    return cf_fail(err, CF_E_INTERNAL, "OpenSSL fails at %s (%08lx)", what, code);
}

enum cf_rc cf_openssl_point(const EC_GROUP *curve, const cf_public_key *key, EC_POINT **ret, struct cf_error *err)
{
    if (key->point[0] != 0x02 && key->point[0] != 0x03) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is no compressed point");
    }
    EC_POINT *point = EC_POINT_new(curve);
    if (point == NULL) {
        return cf_openssl_fail(err, "a public key");
    }
    ERR_clear_error();
    /* Checks that x is below p and that the point is on the curve. */
    if (EC_POINT_oct2point(curve, point, key->point, sizeof key->point, NULL) != 1) {
        EC_POINT_free(point);
        if (cf_openssl_was_memory()) {
            return cf_fail(err, CF_E_NO_MEMORY, "no memory for a public key");
        }
        return cf_fail(err, CF_E_CODE_KEY, "the public key is not on the curve");
    }
    *ret = point;
    return CF_OK;
}

enum cf_rc cf_point_decompress(const cf_public_key *key, uint8_t ret_sec1[65], struct cf_error *err)
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
    size_t n = EC_POINT_point2oct(curve, point, POINT_CONVERSION_UNCOMPRESSED, ret_sec1, 65, NULL);
    EC_POINT_free(point);
    return n == 65 ? CF_OK : cf_openssl_fail(err, "writing a public key");
}
