/*
 * base/crypto/verify_forms.c - verification from the forms that other software writes: DER or P1363, any SEC 1 key.
 *
 * For tests and tools; what runs often keeps a cf_verifier. Thread-safe.
 */
#include "base/crypto/crypto.h"
#include "base/crypto/der.h"

#include <string.h>

static enum cf_rc verify_once(cf_bytes sec1_key, cf_bytes message, const cf_signature *signature, struct cf_error *err)
{
    cf_public_key key;
    enum cf_rc rc = cf_point_compress(sec1_key, &key, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_verifier *verifier = NULL;
    rc = cf_verifier_new(&key, &verifier, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_verify(verifier, message, signature, err);
    cf_verifier_free(verifier);
    return rc;
}

enum cf_rc cf_verify_der(cf_bytes sec1_key, cf_bytes message, cf_bytes der, struct cf_error *err)
{
    cf_signature signature;
    if (!cf_der_read_signature(der, &signature)) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "the signature is not DER of two numbers of this curve");
    }
    return verify_once(sec1_key, message, &signature, err);
}

enum cf_rc cf_verify_p1363(cf_bytes sec1_key, cf_bytes message, cf_bytes rs, struct cf_error *err)
{
    cf_signature signature;
    if (rs.n != sizeof signature.rs) {
        return cf_fail(err, CF_E_CODE_SIGNATURE, "a signature of %zu bytes, not %d", rs.n, CF_P256_SIGNATURE_BYTES);
    }
    memcpy(signature.rs, rs.p, sizeof signature.rs);
    return verify_once(sec1_key, message, &signature, err);
}
