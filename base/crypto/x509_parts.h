/*
 * base/crypto/x509_parts.h - what certificates, requests and key files have in common.
 *
 * Internal to base/crypto. Written once by x509_write.c and key_pem.c; read by the crypto library in x509_read.c of
 * each implementation, since what is read may be hostile. Thread-safe.
 */
#ifndef CF_BASE_CRYPTO_X509_PARTS_H
#define CF_BASE_CRYPTO_X509_PARTS_H

#include "base/crypto/der.h"
#include "base/crypto/pem.h"

/* AlgorithmIdentifier of a P-256 key (RFC 5480) and of ECDSA with SHA-256 (RFC 5758), and keyUsage-like OIDs, as DER.
 */
extern const cf_bytes cf_x509_ec_p256;
extern const cf_bytes cf_x509_ecdsa_sha256;
extern const cf_bytes cf_x509_oid_key_id; /* contents only: subjectKeyIdentifier */

/* What a new certificate needs to know of its issuer's. */
struct cf_x509_issuer {
    uint8_t name[256]; /* the subject, whole DER */
    size_t name_n;
    uint8_t key_id[64];
    size_t key_id_n; /* 0 if it names none */
    cf_public_key key;
};
/* Each implementation has its own. CF_E_CERTIFICATE if it is no certificate of an authority with a P-256 key. */
enum cf_rc cf_x509_read_issuer(const char *pem, struct cf_x509_issuer *ret, struct cf_error *err) CF_MUST_CHECK;

/* Copies if it is 1 to CF_CN_MAX printable ASCII characters. */
bool cf_x509_accept_name(cf_bytes text, char ret[CF_CN_MAX + 1]) CF_MUST_CHECK;
/* SEQUENCE { what is signed, ecdsa-with-SHA256, signature }: checks the signature over the bytes as they stand.
 * CF_E_CERTIFICATE if it is another algorithm, another key's, or not this shape. */
enum cf_rc cf_x509_check_signature(cf_bytes der, const cf_public_key *key, struct cf_error *err) CF_MUST_CHECK;

#endif
