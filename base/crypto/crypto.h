/*
 * base/crypto/crypto.h - the cryptography of Counterfoil behind one header.
 *
 * Two implementations, chosen at link time: cf_crypto_mbedtls (terminals) and cf_crypto_openssl (the central service).
 * One conformance test runs both on the same vectors. No type of either library appears here. Verification is strict:
 * r and s in [1, n-1], DER minimal and exact, points on the curve and not at infinity. Thread-safe unless a handle is
 * shared. Private keys wipe themselves when freed.
 */
#ifndef CF_BASE_CRYPTO_CRYPTO_H
#define CF_BASE_CRYPTO_CRYPTO_H

#include "base/bytes.h"
#include "base/time.h"

#define CF_SHA256_BYTES 32
#define CF_P256_PUBLIC_BYTES 33    /* compressed point, SEC 1 section 2.3.3 */
#define CF_P256_PRIVATE_BYTES 32   /* big-endian scalar */
#define CF_P256_SIGNATURE_BYTES 64 /* r || s, IEEE P1363 */
#define CF_AES_KEY_BYTES 32
#define CF_AES_NONCE_BYTES 12
#define CF_AES_TAG_BYTES 16

/* "mbedtls" or "openssl": which implementation is linked. */
const char *cf_crypto_name(void);

/* --- hashes and keys from keys ---------------------------------------------------------------------------------- */

struct cf_sha256 {
    uint8_t digest[CF_SHA256_BYTES];
};
/* FIPS 180-4 over the concatenation of parts. Cannot fail (aborts on a library fault). */
struct cf_sha256 cf_sha256(cf_bytes a);
struct cf_sha256 cf_sha256_parts(const cf_bytes *parts, size_t n_parts);
/* The same of more than is held at once: `next` gives piece after piece, and false behind the last. */
typedef bool (*cf_sha256_next_fn)(void *ctx, cf_bytes *ret_piece);
struct cf_sha256 cf_sha256_stream(cf_sha256_next_fn next, void *ctx);
/* FIPS 198-1. */
struct cf_sha256 cf_hmac_sha256(cf_bytes key, cf_bytes message);
/* RFC 5869. n <= 255 * 32, else CF_E_LIMIT. */
enum cf_rc cf_hkdf_sha256(cf_bytes salt, cf_bytes secret, cf_bytes info, uint8_t *ret, size_t n,
                          struct cf_error *err) CF_MUST_CHECK;

/* --- AES-256-GCM (NIST SP 800-38D) ------------------------------------------------------------------------------- */

/* out has room for plain.n + CF_AES_TAG_BYTES: ciphertext, then tag. May not overlap the input. */
enum cf_rc cf_aes_gcm_seal(const uint8_t key[CF_AES_KEY_BYTES], const uint8_t nonce[CF_AES_NONCE_BYTES], cf_bytes aad,
                           cf_bytes plain, uint8_t *out, struct cf_error *err) CF_MUST_CHECK;
/* sealed = ciphertext and tag; out has room for sealed.n - CF_AES_TAG_BYTES. CF_E_CODE_SIGNATURE if it is not genuine;
 * then nothing is left in out. */
enum cf_rc cf_aes_gcm_open(const uint8_t key[CF_AES_KEY_BYTES], const uint8_t nonce[CF_AES_NONCE_BYTES], cf_bytes aad,
                           cf_bytes sealed, uint8_t *out, struct cf_error *err) CF_MUST_CHECK;

/* --- ECDSA P-256 with SHA-256 (FIPS 186-4) -------------------------------------------------------------------- */

typedef struct {
    uint8_t point[CF_P256_PUBLIC_BYTES];
} cf_public_key;
typedef struct {
    uint8_t rs[CF_P256_SIGNATURE_BYTES];
} cf_signature;

/* A public key made ready once (decompressed, checked, precomputed) and used often. Not shared between threads. */
struct cf_verifier;
/* CF_E_CODE_KEY if the bytes are no point of the curve. Free with cf_verifier_free. */
enum cf_rc cf_verifier_new(const cf_public_key *key, struct cf_verifier **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_verifier_free(struct cf_verifier *verifier);
/* CF_OK, or CF_E_CODE_SIGNATURE. */
enum cf_rc cf_verify(struct cf_verifier *verifier, cf_bytes message, const cf_signature *signature,
                     struct cf_error *err) CF_MUST_CHECK;
/* The same for a DER signature (strict) and a key given in any SEC 1 form (33 or 65 bytes): for tests and tools. */
enum cf_rc cf_verify_der(cf_bytes sec1_key, cf_bytes message, cf_bytes der, struct cf_error *err) CF_MUST_CHECK;
/* P1363 signature of any length (wrong lengths are refused). */
enum cf_rc cf_verify_p1363(cf_bytes sec1_key, cf_bytes message, cf_bytes rs, struct cf_error *err) CF_MUST_CHECK;

struct cf_private_key;
/* A fresh key from the system's randomness. Free with cf_private_key_free. */
enum cf_rc cf_private_key_generate(struct cf_private_key **ret, struct cf_error *err) CF_MUST_CHECK;
/* From a scalar in [1, n-1], else CF_E_RANGE. */
enum cf_rc cf_private_key_load(const uint8_t scalar[CF_P256_PRIVATE_BYTES], struct cf_private_key **ret,
                               struct cf_error *err) CF_MUST_CHECK;
void cf_private_key_save(const struct cf_private_key *key, uint8_t ret_scalar[CF_P256_PRIVATE_BYTES]);
void cf_private_key_public(const struct cf_private_key *key, cf_public_key *ret);
void cf_private_key_free(struct cf_private_key *key);
/* Deterministic nonce (RFC 6979), so that a simulator repeats itself. */
enum cf_rc cf_sign(const struct cf_private_key *key, cf_bytes message, cf_signature *ret,
                   struct cf_error *err) CF_MUST_CHECK;

/* SEC 1 point forms. CF_E_CODE_KEY if not on the curve. */
enum cf_rc cf_point_decompress(const cf_public_key *key, uint8_t ret_sec1[65], struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_point_compress(cf_bytes sec1, cf_public_key *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- X.509 (RFC 5280) and PKCS #10 (RFC 2986); everything as PEM text, NUL-terminated ----------------------------- */

#define CF_PEM_MAX 4096
#define CF_CN_MAX 64

/* The private key as unencrypted PKCS #8 or SEC 1 PEM, which both implementations and the TLS stacks read. */
enum cf_rc cf_private_key_pem(const struct cf_private_key *key, char ret_pem[CF_PEM_MAX],
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_private_key_from_pem(const char *pem, struct cf_private_key **ret, struct cf_error *err) CF_MUST_CHECK;

/* A certificate request with subject CN=common_name (printable ASCII, <= CF_CN_MAX). */
enum cf_rc cf_x509_request(const struct cf_private_key *key, const char *common_name, char ret_pem[CF_PEM_MAX],
                           struct cf_error *err) CF_MUST_CHECK;
/* Reads a request and checks its own signature. */
enum cf_rc cf_x509_request_read(const char *pem, char ret_common_name[CF_CN_MAX + 1], cf_public_key *ret_key,
                                struct cf_error *err) CF_MUST_CHECK;

enum cf_x509_kind { CF_X509_CA, CF_X509_SERVER, CF_X509_CLIENT };

struct cf_x509_spec {
    enum cf_x509_kind kind;
    const char *common_name;
    const char *const *dns_or_ip; /* subject alternative names of a server, NULL-terminated; NULL if none */
    uint64_t serial;              /* > 0 */
    cf_wall not_before;
    cf_wall not_after;
};
/* Signs a certificate for `subject_key`. Self-signed CA: issuer_pem NULL and issuer_key the subject's own key.
 * Sets basicConstraints, keyUsage, extendedKeyUsage, subjectKeyIdentifier, authorityKeyIdentifier. */
enum cf_rc cf_x509_issue(const struct cf_x509_spec *spec, const cf_public_key *subject_key, const char *issuer_pem,
                         const struct cf_private_key *issuer_key, char ret_pem[CF_PEM_MAX],
                         struct cf_error *err) CF_MUST_CHECK;

struct cf_x509_info {
    char common_name[CF_CN_MAX + 1];
    uint64_t serial;
    cf_wall not_before;
    cf_wall not_after;
    cf_public_key key;
    uint8_t fingerprint[CF_SHA256_BYTES]; /* SHA-256 of the DER */
};
/* CF_E_CERTIFICATE if the PEM is no certificate with a P-256 key. */
enum cf_rc cf_x509_read(const char *pem, struct cf_x509_info *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
