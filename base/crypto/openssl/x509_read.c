/*
 * base/crypto/openssl/x509_read.c - certificates and requests parsed by OpenSSL 3.
 *
 * It reads facts; trust in a chain is decided inside the TLS handshake. Thread-safe.
 */
#include "base/crypto/openssl/library.h"
#include "base/crypto/x509_parts.h"

#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Exactly one common name: two could be read differently by two readers. */
static bool read_common_name(const X509_NAME *subject, char ret[CF_CN_MAX + 1])
{
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) {
        return false;
    }
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    int type = ASN1_STRING_type(text);
    return (type == V_ASN1_UTF8STRING || type == V_ASN1_PRINTABLESTRING) &&
           cf_x509_accept_name(cf_bytes_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)), ret);
}

/* From the raw bit string, and uncompressed only, which is what mbedTLS reads. */
static enum cf_rc read_key(const X509_PUBKEY *info, cf_public_key *ret, struct cf_error *err)
{
    const unsigned char *point = NULL;
    int n = 0;
    X509_ALGOR *algorithm = NULL;
    unsigned char *der = NULL;
    if (info == NULL || X509_PUBKEY_get0_param(NULL, &point, &n, &algorithm, info) != 1 || n != 65) {
        return cf_fail(err, CF_E_CERTIFICATE, "it has no P-256 key");
    }
    int der_n = i2d_X509_ALGOR(algorithm, &der);
    if (der_n <= 0) {
        return cf_openssl_fail(err, "a public key");
    }
    bool is_p256 = cf_bytes_equal(cf_bytes_of(der, (size_t)der_n), cf_x509_ec_p256);
    OPENSSL_free(der);
    if (!is_p256) {
        return cf_fail(err, CF_E_CERTIFICATE, "it has no P-256 key");
    }
    enum cf_rc rc = cf_point_compress(cf_bytes_of(point, 65), ret, err);
    return rc == CF_E_CODE_KEY ? cf_fail(err, CF_E_CERTIFICATE, "its key is not on the curve") : rc;
}

static bool read_time(const ASN1_TIME *at, cf_wall *ret)
{
    struct tm civil;
    if (ASN1_TIME_to_tm(at, &civil) != 1) {
        return false;
    }
    *ret = cf_wall_from_s(timegm(&civil));
    return true;
}

/* Why nothing could be parsed: the input's fault, or ours. */
static enum cf_rc parse_failed(const char *what, struct cf_error *err)
{
    if (cf_openssl_was_memory()) {
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a %s", what);
    }
    return cf_fail(err, CF_E_CERTIFICATE, "the PEM holds no %s", what);
}

/* Free with X509_free. */
static enum cf_rc parse(const char *pem, X509 **ret, struct cf_sha256 *ret_fingerprint, struct cf_error *err)
{
    uint8_t der[CF_DER_MAX];
    size_t n = 0;
    if (!cf_pem_decode(pem, "CERTIFICATE", der, &n)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the text is no PEM of a certificate");
    }
    ERR_clear_error();
    const unsigned char *at = der;
    X509 *certificate = d2i_X509(NULL, &at, (long)n);
    if (certificate == NULL || at != der + n) {
        X509_free(certificate);
        return parse_failed("certificate", err);
    }
    *ret_fingerprint = cf_sha256(cf_bytes_of(der, n));
    *ret = certificate;
    return CF_OK;
}

static enum cf_rc read_facts(X509 *certificate, struct cf_x509_info *info, struct cf_error *err)
{
    enum cf_rc rc = read_key(X509_get_X509_PUBKEY(certificate), &info->key, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!read_common_name(X509_get_subject_name(certificate), info->common_name)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate has no single plain common name");
    }
    if (ASN1_INTEGER_get_uint64(&info->serial, X509_get0_serialNumber(certificate)) != 1 || info->serial == 0) {
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate's serial number is not from 1 to 64 bits");
    }
    if (!read_time(X509_get0_notBefore(certificate), &info->not_before) ||
        !read_time(X509_get0_notAfter(certificate), &info->not_after)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate's time is not valid");
    }
    return CF_OK;
}

enum cf_rc cf_x509_read(const char *pem, struct cf_x509_info *ret, struct cf_error *err)
{
    struct cf_sha256 fingerprint;
    struct cf_x509_info info = {.serial = 0};
    X509 *certificate = NULL;
    enum cf_rc rc = parse(pem, &certificate, &fingerprint, err);
    if (rc == CF_OK) {
        rc = read_facts(certificate, &info, err);
    }
    X509_free(certificate);
    ERR_clear_error();
    if (rc == CF_OK) {
        memcpy(info.fingerprint, fingerprint.digest, sizeof info.fingerprint);
        *ret = info;
    }
    return rc;
}

static enum cf_rc read_issuer(X509 *certificate, struct cf_x509_issuer *issuer, struct cf_error *err)
{
    enum cf_rc rc = read_key(X509_get_X509_PUBKEY(certificate), &issuer->key, err);
    if (rc != CF_OK) {
        return rc;
    }
    const unsigned char *name = NULL;
    size_t n = 0;
    if (X509_check_ca(certificate) != 1 || X509_NAME_get0_der(X509_get_subject_name(certificate), &name, &n) != 1 ||
        n > sizeof issuer->name) {
        return cf_fail(err, CF_E_CERTIFICATE, "the issuer's certificate is not that of an authority");
    }
    memcpy(issuer->name, name, n);
    issuer->name_n = n;
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(certificate);
    size_t id_n = id == NULL ? 0 : (size_t)ASN1_STRING_length(id);
    if (id_n > 0 && id_n <= sizeof issuer->key_id) {
        memcpy(issuer->key_id, ASN1_STRING_get0_data(id), id_n);
        issuer->key_id_n = id_n;
    }
    return CF_OK;
}

enum cf_rc cf_x509_read_issuer(const char *pem, struct cf_x509_issuer *ret, struct cf_error *err)
{
    struct cf_sha256 unused;
    struct cf_x509_issuer issuer = {.name_n = 0};
    X509 *certificate = NULL;
    enum cf_rc rc = parse(pem, &certificate, &unused, err);
    if (rc == CF_OK) {
        rc = read_issuer(certificate, &issuer, err);
    }
    X509_free(certificate);
    ERR_clear_error();
    if (rc == CF_OK) {
        *ret = issuer;
    }
    return rc;
}

static enum cf_rc read_request(X509_REQ *request, cf_bytes der, char common_name[CF_CN_MAX + 1], cf_public_key *key,
                               struct cf_error *err)
{
    enum cf_rc rc = read_key(X509_REQ_get_X509_PUBKEY(request), key, err);
    if (rc == CF_OK && !read_common_name(X509_REQ_get_subject_name(request), common_name)) {
        rc = cf_fail(err, CF_E_CERTIFICATE, "the request has no single plain common name");
    }
    return rc == CF_OK ? cf_x509_check_signature(der, key, err) : rc;
}

enum cf_rc cf_x509_request_read(const char *pem, char ret_common_name[CF_CN_MAX + 1], cf_public_key *ret_key,
                                struct cf_error *err)
{
    uint8_t der[CF_DER_MAX];
    size_t n = 0;
    if (!cf_pem_decode(pem, "CERTIFICATE REQUEST", der, &n)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the text is no PEM of a certificate request");
    }
    ERR_clear_error();
    const unsigned char *at = der;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)n); /* that nothing follows is seen with the signature */
    if (request == NULL) {
        return parse_failed("certificate request", err);
    }
    char common_name[CF_CN_MAX + 1];
    cf_public_key key;
    enum cf_rc rc = read_request(request, cf_bytes_of(der, n), common_name, &key, err);
    X509_REQ_free(request);
    ERR_clear_error();
    if (rc == CF_OK) {
        memcpy(ret_common_name, common_name, sizeof common_name);
        *ret_key = key;
    }
    return rc;
}
