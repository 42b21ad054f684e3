/*
 * base/crypto/der.h - the little DER (ITU-T X.690) that our own formats need, read strictly.
 *
 * Internal to base/crypto. A reader is told which tag comes next and refuses anything else: long-form lengths that are
 * not minimal, indefinite lengths, multi-byte tags, and contents beyond the view. It is no general ASN.1 parser; whole
 * certificates are read by the crypto library. Not thread-safe on one writer.
 */
#ifndef CF_BASE_CRYPTO_DER_H
#define CF_BASE_CRYPTO_DER_H

#include "base/crypto/crypto.h"

#define CF_DER_BOOLEAN 0x01
#define CF_DER_INTEGER 0x02
#define CF_DER_BIT_STRING 0x03
#define CF_DER_OCTET_STRING 0x04
#define CF_DER_OID 0x06
#define CF_DER_UTF8_STRING 0x0c
#define CF_DER_UTC_TIME 0x17
#define CF_DER_GENERALIZED_TIME 0x18
#define CF_DER_SEQUENCE 0x30
#define CF_DER_SET 0x31
#define CF_DER_CONTEXT(n) (0x80 | (n))     /* implicit, primitive */
#define CF_DER_CONSTRUCTED(n) (0xa0 | (n)) /* explicit */

/* Takes the element with this tag off the front of *rest and gives its contents; false leaves *rest unchanged. */
bool cf_der_take(cf_bytes *rest, uint8_t tag, cf_bytes *ret_contents) CF_MUST_CHECK;
/* Takes an INTEGER that is minimal, not negative and fits n bytes, big-endian, padded with zeros in front. */
bool cf_der_take_unsigned(cf_bytes *rest, uint8_t *ret, size_t n) CF_MUST_CHECK;

/* Ecdsa-Sig-Value of SEC 1 section C.5, nothing around it. r and s are not yet compared with the order. */
bool cf_der_read_signature(cf_bytes der, cf_signature *ret) CF_MUST_CHECK;
#define CF_DER_SIGNATURE_MAX 72
size_t cf_der_write_signature(const cf_signature *signature, uint8_t ret_der[CF_DER_SIGNATURE_MAX]);

/* Writes front to back; a constructed element is opened and closed around its contents. An overflow of the caller's
 * array sticks in `full`, so only the end needs a check. */
struct cf_der_writer {
    uint8_t *p;
    size_t n;
    size_t cap;
    bool full;
};
void cf_der_put(struct cf_der_writer *out, uint8_t tag, cf_bytes contents);
void cf_der_put_unsigned(struct cf_der_writer *out, const uint8_t *big_endian, size_t n);
/* Already encoded DER, as it is. */
void cf_der_put_raw(struct cf_der_writer *out, cf_bytes der);
/* A BIT STRING of whole bytes. */
void cf_der_put_bits(struct cf_der_writer *out, cf_bytes contents);
size_t cf_der_open(struct cf_der_writer *out, uint8_t tag);
void cf_der_close(struct cf_der_writer *out, size_t opened);

#endif
