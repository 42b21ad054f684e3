/*
 * app/core/cose.c - see cose.h.
 */
#include "app/core/cose.h"

#include <string.h>

#include "base/cbor.h"

/* {1: -7}: algorithm ES256 (RFC 9053 section 2.1); with 4: kid. */
#define HEADER_WITH_KID "\xa2\x01\x26\x04\x44"
#define HEADER_WITHOUT_KID "\xa1\x01\x26"
#define HEADER_WITH_KID_BYTES 5
#define HEADER_WITHOUT_KID_BYTES 3

enum cf_rc cf_cose_split(cf_bytes cose, struct cf_cose *ret, struct cf_error *err)
{
    struct cf_cose found = {0};
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, cose);
    cf_cbor_read_array_of(&r, 4);
    cf_cbor_read_bytes(&r, &found.protected_header, HEADER_WITH_KID_BYTES + CF_KID_BYTES);
    cf_cbor_read_map_of(&r, 0);
    cf_cbor_read_bytes(&r, &found.payload, cose.n);
    cf_cbor_read_bytes_of(&r, found.signature.rs, sizeof found.signature.rs);
    if (cf_cbor_read_end(&r, NULL) != CF_OK)
        return cf_fail(err, CF_E_CODE_SHAPE, "not the bytes of a signed code");

    cf_bytes header = found.protected_header;
    if (header.n == HEADER_WITH_KID_BYTES + CF_KID_BYTES &&
        memcmp(header.p, HEADER_WITH_KID, HEADER_WITH_KID_BYTES) == 0) {
        found.has_kid = true;
        memcpy(found.kid.b, header.p + HEADER_WITH_KID_BYTES, CF_KID_BYTES);
    } else if (header.n != HEADER_WITHOUT_KID_BYTES ||
               memcmp(header.p, HEADER_WITHOUT_KID, HEADER_WITHOUT_KID_BYTES) != 0) {
        return cf_fail(err, CF_E_CODE_SHAPE, "the header of the signature is not ours");
    }
    *ret = found;
    return CF_OK;
}

enum cf_rc cf_cose_signed_bytes(const char *aad, cf_bytes protected_header, cf_bytes payload, struct cf_buf *ret,
                                struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_text(&w, "Signature1");
    cf_cbor_write_bytes(&w, protected_header);
    cf_cbor_write_bytes(&w, cf_bytes_str(aad));
    cf_cbor_write_bytes(&w, payload);
    return cf_cbor_write_end(&w, err);
}

static enum cf_rc sign(const char *aad, cf_bytes header, cf_bytes payload, const struct cf_private_key *key,
                       cf_signature *ret, struct cf_error *err)
{
    struct cf_buf message CF_CLEANUP(cf_buf_done);
    cf_buf_init(&message, payload.n + strlen(aad) + CF_COSE_OVERHEAD_MAX);
    enum cf_rc rc = cf_cose_signed_bytes(aad, header, payload, &message, err);
    return rc == CF_OK ? cf_sign(key, cf_buf_bytes(&message), ret, err) : rc;
}

enum cf_rc cf_cose_sign(const char *aad, cf_bytes payload, const cf_kid *kid, const struct cf_private_key *key,
                        struct cf_buf *ret, struct cf_error *err)
{
    uint8_t header_bytes[HEADER_WITH_KID_BYTES + CF_KID_BYTES] = HEADER_WITHOUT_KID;
    cf_bytes header = cf_bytes_of(header_bytes, HEADER_WITHOUT_KID_BYTES);
    if (kid != NULL) {
        memcpy(header_bytes, HEADER_WITH_KID, HEADER_WITH_KID_BYTES);
        memcpy(header_bytes + HEADER_WITH_KID_BYTES, kid->b, CF_KID_BYTES);
        header.n = sizeof header_bytes;
    }
    cf_signature signature;
    enum cf_rc rc = sign(aad, header, payload, key, &signature, err);
    if (rc != CF_OK)
        return rc;

    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_bytes(&w, header);
    cf_cbor_write_map(&w, 0);
    cf_cbor_write_bytes(&w, payload);
    cf_cbor_write_bytes(&w, cf_bytes_of(signature.rs, sizeof signature.rs));
    return cf_cbor_write_end(&w, err);
}
