/*
 * base/crypto/key_pem.c - private keys as unencrypted PEM: PKCS #8 (RFC 5958) out, PKCS #8 or SEC 1 (RFC 5915) in.
 *
 * The file's permissions are the caller's business. Thread-safe.
 */
#include "base/crypto/x509_parts.h"

#include <string.h>

static const uint8_t version_0[] = {0};
static const uint8_t version_1[] = {1};

/* ECPrivateKey */
static void put_sec1(struct cf_der_writer *out, const uint8_t scalar[CF_P256_PRIVATE_BYTES], const uint8_t point[65])
{
    size_t whole = cf_der_open(out, CF_DER_SEQUENCE);
    cf_der_put(out, CF_DER_INTEGER, cf_bytes_of(version_1, 1));
    cf_der_put(out, CF_DER_OCTET_STRING, cf_bytes_of(scalar, CF_P256_PRIVATE_BYTES));
    size_t public_key = cf_der_open(out, CF_DER_CONSTRUCTED(1));
    cf_der_put_bits(out, cf_bytes_of(point, 65));
    cf_der_close(out, public_key);
    cf_der_close(out, whole);
}

enum cf_rc cf_private_key_pem(const struct cf_private_key *key, char ret_pem[CF_PEM_MAX], struct cf_error *err)
{
    cf_public_key public_key;
    uint8_t point[65];
    cf_private_key_public(key, &public_key);
    enum cf_rc rc = cf_point_decompress(&public_key, point, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    uint8_t der[256];
    struct cf_der_writer out = {.p = der, .cap = sizeof der};
    cf_private_key_save(key, scalar);
    size_t whole = cf_der_open(&out, CF_DER_SEQUENCE);
    cf_der_put(&out, CF_DER_INTEGER, cf_bytes_of(version_0, 1));
    cf_der_put_raw(&out, cf_x509_ec_p256);
    size_t wrapped = cf_der_open(&out, CF_DER_OCTET_STRING);
    put_sec1(&out, scalar, point);
    cf_der_close(&out, wrapped);
    cf_der_close(&out, whole);
    rc = out.full ? cf_fail(err, CF_E_INTERNAL, "a private key does not fit")
                  : cf_pem_encode("PRIVATE KEY", cf_bytes_of(der, out.n), ret_pem, err);
    cf_bytes_wipe(scalar, sizeof scalar);
    cf_bytes_wipe(der, sizeof der);
    return rc;
}

/* Finds the scalar and, if it is there, the public key. */
static bool read_sec1(cf_bytes der, cf_bytes *ret_scalar, cf_bytes *ret_point)
{
    cf_bytes body;
    cf_bytes version;
    cf_bytes curve;
    cf_bytes tagged;
    cf_bytes bits;
    if (!cf_der_take(&der, CF_DER_SEQUENCE, &body) || der.n != 0 || !cf_der_take(&body, CF_DER_INTEGER, &version) ||
        !cf_bytes_equal(version, cf_bytes_of(version_1, 1)) || !cf_der_take(&body, CF_DER_OCTET_STRING, ret_scalar) ||
        ret_scalar->n != CF_P256_PRIVATE_BYTES) {
        return false;
    }
    /* The curve's OID closes cf_x509_ec_p256. */
    if (cf_der_take(&body, CF_DER_CONSTRUCTED(0), &curve) &&
        !cf_bytes_equal(curve, cf_bytes_of(cf_x509_ec_p256.p + 11, 10))) {
        return false;
    }
    *ret_point = (cf_bytes){NULL, 0};
    if (body.n > 0) {
        if (!cf_der_take(&body, CF_DER_CONSTRUCTED(1), &tagged) || !cf_der_take(&tagged, CF_DER_BIT_STRING, &bits) ||
            tagged.n != 0 || bits.n < 2 || bits.p[0] != 0) {
            return false;
        }
        *ret_point = cf_bytes_of(bits.p + 1, bits.n - 1);
    }
    return body.n == 0;
}

static bool read_pkcs8(cf_bytes der, cf_bytes *ret_scalar, cf_bytes *ret_point)
{
    cf_bytes body;
    cf_bytes version;
    cf_bytes wrapped;
    if (!cf_der_take(&der, CF_DER_SEQUENCE, &body) || der.n != 0 || !cf_der_take(&body, CF_DER_INTEGER, &version) ||
        !cf_bytes_equal(version, cf_bytes_of(version_0, 1)) || body.n < cf_x509_ec_p256.n ||
        !cf_bytes_equal(cf_bytes_of(body.p, cf_x509_ec_p256.n), cf_x509_ec_p256)) {
        return false;
    }
    body = cf_bytes_of(body.p + cf_x509_ec_p256.n, body.n - cf_x509_ec_p256.n);
    return cf_der_take(&body, CF_DER_OCTET_STRING, &wrapped) && body.n == 0 &&
           read_sec1(wrapped, ret_scalar, ret_point);
}

/* A file whose two halves do not belong together was tampered with or mixed up. */
static enum cf_rc load_matching(cf_bytes scalar, cf_bytes point, struct cf_private_key **ret, struct cf_error *err)
{
    struct cf_private_key *key = NULL;
    enum cf_rc rc = cf_private_key_load(scalar.p, &key, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_public_key computed;
    cf_public_key stated;
    cf_private_key_public(key, &computed);
    if (point.n > 0 && (cf_point_compress(point, &stated, NULL) != CF_OK ||
                        memcmp(stated.point, computed.point, sizeof stated.point) != 0)) {
        cf_private_key_free(key);
        return cf_fail(err, CF_E_CERTIFICATE, "the public half of the key file is not that of its private half");
    }
    *ret = key;
    return CF_OK;
}

enum cf_rc cf_private_key_from_pem(const char *pem, struct cf_private_key **ret, struct cf_error *err)
{
    uint8_t der[CF_DER_MAX];
    size_t n = 0;
    cf_bytes scalar = {NULL, 0};
    cf_bytes point = {NULL, 0};
    bool found = (cf_pem_decode(pem, "PRIVATE KEY", der, &n) && read_pkcs8(cf_bytes_of(der, n), &scalar, &point)) ||
                 (cf_pem_decode(pem, "EC PRIVATE KEY", der, &n) && read_sec1(cf_bytes_of(der, n), &scalar, &point));
    enum cf_rc rc = found ? load_matching(scalar, point, ret, err)
                          : cf_fail(err, CF_E_CERTIFICATE, "the PEM is no unencrypted P-256 private key");
    cf_bytes_wipe(der, sizeof der);
    return rc;
}
