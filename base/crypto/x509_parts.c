/*
 * base/crypto/x509_parts.c - see x509_parts.h.
 */
#include "base/crypto/x509_parts.h"

#include <string.h>

static const uint8_t ec_p256[] = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, /* ecPublicKey */
                                  0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};      /* prime256v1 */
static const uint8_t ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t key_id[] = {0x55, 0x1d, 0x0e};

const cf_bytes cf_x509_ec_p256 = {ec_p256, sizeof ec_p256};
const cf_bytes cf_x509_ecdsa_sha256 = {ecdsa_sha256, sizeof ecdsa_sha256};
const cf_bytes cf_x509_oid_key_id = {key_id, sizeof key_id};

bool cf_x509_accept_name(cf_bytes text, char ret[CF_CN_MAX + 1])
{
    if (text.n == 0 || text.n > CF_CN_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < 0x20 || text.p[i] > 0x7e) {
            return false;
        }
    }
    memcpy(ret, text.p, text.n);
    ret[text.n] = '\0';
    return true;
}

bool cf_x509_is_signed_by(cf_bytes der, const cf_public_key *key)
{
    cf_bytes body;
    cf_bytes unused;
    cf_bytes bits;
    if (!cf_der_take(&der, CF_DER_SEQUENCE, &body) || der.n != 0) {
        return false;
    }
    cf_bytes rest = body;
    if (!cf_der_take(&rest, CF_DER_SEQUENCE, &unused)) {
        return false;
    }
    cf_bytes message = cf_bytes_of(body.p, (size_t)(rest.p - body.p));
    cf_bytes algorithm = rest;
    if (!cf_der_take(&rest, CF_DER_SEQUENCE, &unused)) {
        return false;
    }
    algorithm.n = (size_t)(rest.p - algorithm.p);
    if (!cf_bytes_equal(algorithm, cf_x509_ecdsa_sha256) || !cf_der_take(&rest, CF_DER_BIT_STRING, &bits) ||
        rest.n != 0 || bits.n == 0 || bits.p[0] != 0) {
        return false;
    }
    return cf_verify_der(cf_bytes_of(key->point, sizeof key->point), message, cf_bytes_of(bits.p + 1, bits.n - 1),
                         NULL) == CF_OK;
}
