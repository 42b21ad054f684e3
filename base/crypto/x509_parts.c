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

/* Takes the whole element, tag and length too. */
static bool take_whole(cf_bytes *rest, uint8_t tag, cf_bytes *ret_element)
{
    cf_bytes contents;
    cf_bytes from = *rest;
    if (!cf_der_take(rest, tag, &contents)) {
        return false;
    }
    *ret_element = cf_bytes_of(from.p, (size_t)(rest->p - from.p));
    return true;
}

enum cf_rc cf_x509_check_signature(cf_bytes der, const cf_public_key *key, struct cf_error *err)
{
    cf_bytes body;
    cf_bytes message;
    cf_bytes algorithm;
    cf_bytes bits;
    if (!cf_der_take(&der, CF_DER_SEQUENCE, &body) || der.n != 0 || !take_whole(&body, CF_DER_SEQUENCE, &message) ||
        !take_whole(&body, CF_DER_SEQUENCE, &algorithm) || !cf_der_take(&body, CF_DER_BIT_STRING, &bits) ||
        body.n != 0 || bits.n == 0 || bits.p[0] != 0) {
        return cf_fail(err, CF_E_CERTIFICATE, "the request is not exact DER");
    }
    if (!cf_bytes_equal(algorithm, cf_x509_ecdsa_sha256)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the request is not signed with ECDSA and SHA-256");
    }
    enum cf_rc rc =
        cf_verify_der(cf_bytes_of(key->point, sizeof key->point), message, cf_bytes_of(bits.p + 1, bits.n - 1), err);
    return rc == CF_E_CODE_SIGNATURE ? cf_fail(err, CF_E_CERTIFICATE, "the request is not signed by its own key") : rc;
}
