/*
 * base/crypto/mbedtls/x509_read.c - certificates and requests parsed by mbedTLS.
 *
 * It reads facts; trust in a chain is decided inside the TLS handshake. Thread-safe.
 */
#include "base/crypto/mbedtls/curve.h"
#include "base/crypto/x509_parts.h"

#include <string.h>
#include <time.h>

#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

/* Exactly one common name: two could be read differently by two readers. */
static bool read_common_name(const mbedtls_x509_name *subject, char ret[CF_CN_MAX + 1])
{
    const mbedtls_x509_name *found = NULL;
    for (const mbedtls_x509_name *at = subject; at != NULL; at = at->next) {
        if (at->oid.p == NULL || MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &at->oid) != 0) {
            continue;
        }
        if (found != NULL) {
            return false;
        }
        found = at;
    }
    return found != NULL &&
           (found->val.tag == MBEDTLS_ASN1_UTF8_STRING || found->val.tag == MBEDTLS_ASN1_PRINTABLE_STRING) &&
           cf_x509_accept_name(cf_bytes_of(found->val.p, found->val.len), ret);
}

static enum cf_rc read_key(const mbedtls_pk_context *pk, cf_public_key *ret, struct cf_error *err)
{
    uint8_t point[65];
    size_t n = 0;
    const mbedtls_ecp_keypair *pair = mbedtls_pk_get_type(pk) == MBEDTLS_PK_ECKEY ? mbedtls_pk_ec(*pk) : NULL;
    if (pair == NULL || pair->grp.id != MBEDTLS_ECP_DP_SECP256R1 ||
        mbedtls_ecp_point_write_binary(&pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, point, sizeof point) !=
            0) {
        return cf_fail(err, CF_E_CERTIFICATE, "it has no P-256 key");
    }
    return cf_point_compress(cf_bytes_of(point, n), ret, err);
}

static bool read_serial(cf_bytes number, uint64_t *ret)
{
    if (number.n == 0 || (number.p[0] & 0x80) != 0) {
        return false;
    }
    uint64_t serial = 0;
    for (size_t i = 0; i < number.n; i++) {
        if (serial >> 56 != 0) {
            return false;
        }
        serial = serial << 8 | number.p[i];
    }
    *ret = serial;
    return serial > 0;
}

static cf_wall wall_of(const mbedtls_x509_time *at)
{
    struct tm civil = {.tm_year = at->year - 1900,
                       .tm_mon = at->mon - 1,
                       .tm_mday = at->day,
                       .tm_hour = at->hour,
                       .tm_min = at->min,
                       .tm_sec = at->sec};
    return cf_wall_from_s(timegm(&civil));
}

/* The caller frees *certificate, whatever is returned. */
static enum cf_rc parse(const char *pem, mbedtls_x509_crt *certificate, struct cf_sha256 *ret_fingerprint,
                        struct cf_error *err)
{
    uint8_t der[CF_DER_MAX];
    size_t n = 0;
    mbedtls_x509_crt_init(certificate);
    if (!cf_pem_decode(pem, "CERTIFICATE", der, &n)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the text is no PEM of a certificate");
    }
    int code = mbedtls_x509_crt_parse_der(certificate, der, n);
    if (cf_mbedtls_is_memory(code)) {
        return cf_mbedtls_fail(err, code, "a certificate");
    }
    if (code != 0 || certificate->raw.len != n) {
        return cf_fail(err, CF_E_CERTIFICATE, "the PEM holds no certificate (-0x%04x)", (unsigned)-code);
    }
    *ret_fingerprint = cf_sha256(cf_bytes_of(der, n));
    return CF_OK;
}

static enum cf_rc read_facts(const mbedtls_x509_crt *certificate, struct cf_x509_info *info, struct cf_error *err)
{
    enum cf_rc rc = read_key(&certificate->pk, &info->key, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!read_common_name(&certificate->subject, info->common_name)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate has no single plain common name");
    }
    if (!read_serial(cf_bytes_of(certificate->serial.p, certificate->serial.len), &info->serial)) {
        return cf_fail(err, CF_E_CERTIFICATE, "the certificate's serial number is not from 1 to 64 bits");
    }
    info->not_before = wall_of(&certificate->valid_from);
    info->not_after = wall_of(&certificate->valid_to);
    return CF_OK;
}

enum cf_rc cf_x509_read(const char *pem, struct cf_x509_info *ret, struct cf_error *err)
{
    mbedtls_x509_crt certificate;
    struct cf_sha256 fingerprint;
    struct cf_x509_info info = {.serial = 0};
    enum cf_rc rc = parse(pem, &certificate, &fingerprint, err);
    if (rc == CF_OK) {
        rc = read_facts(&certificate, &info, err);
    }
    mbedtls_x509_crt_free(&certificate);
    if (rc == CF_OK) {
        memcpy(info.fingerprint, fingerprint.digest, sizeof info.fingerprint);
        *ret = info;
    }
    return rc;
}

/* mbedTLS 2.28 parses no subjectKeyIdentifier: it is found in the raw extensions. */
static void find_key_id(const mbedtls_x509_crt *certificate, struct cf_x509_issuer *issuer)
{
    cf_bytes raw = cf_bytes_of(certificate->v3_ext.p, certificate->v3_ext.len);
    cf_bytes extensions;
    cf_bytes extension;
    if (raw.n == 0 || !cf_der_take(&raw, CF_DER_SEQUENCE, &extensions)) {
        return;
    }
    while (cf_der_take(&extensions, CF_DER_SEQUENCE, &extension)) {
        cf_bytes oid;
        cf_bytes value;
        cf_bytes id;
        if (cf_der_take(&extension, CF_DER_OID, &oid) && cf_bytes_equal(oid, cf_x509_oid_key_id) &&
            cf_der_take(&extension, CF_DER_OCTET_STRING, &value) && cf_der_take(&value, CF_DER_OCTET_STRING, &id) &&
            id.n > 0 && id.n <= sizeof issuer->key_id) {
            memcpy(issuer->key_id, id.p, id.n);
            issuer->key_id_n = id.n;
        }
    }
}

static enum cf_rc read_issuer(const mbedtls_x509_crt *certificate, struct cf_x509_issuer *issuer, struct cf_error *err)
{
    enum cf_rc rc = read_key(&certificate->pk, &issuer->key, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (certificate->ca_istrue == 0 || certificate->subject_raw.len > sizeof issuer->name) {
        return cf_fail(err, CF_E_CERTIFICATE, "the issuer's certificate is not that of an authority");
    }
    memcpy(issuer->name, certificate->subject_raw.p, certificate->subject_raw.len);
    issuer->name_n = certificate->subject_raw.len;
    find_key_id(certificate, issuer);
    return CF_OK;
}

enum cf_rc cf_x509_read_issuer(const char *pem, struct cf_x509_issuer *ret, struct cf_error *err)
{
    mbedtls_x509_crt certificate;
    struct cf_sha256 unused;
    struct cf_x509_issuer issuer = {.name_n = 0};
    enum cf_rc rc = parse(pem, &certificate, &unused, err);
    if (rc == CF_OK) {
        rc = read_issuer(&certificate, &issuer, err);
    }
    mbedtls_x509_crt_free(&certificate);
    if (rc == CF_OK) {
        *ret = issuer;
    }
    return rc;
}

static enum cf_rc read_request(mbedtls_x509_csr *request, cf_bytes der, char common_name[CF_CN_MAX + 1],
                               cf_public_key *key, struct cf_error *err)
{
    int code = mbedtls_x509_csr_parse_der(request, der.p, der.n);
    if (cf_mbedtls_is_memory(code)) {
        return cf_mbedtls_fail(err, code, "a certificate request");
    }
    if (code != 0) {
        return cf_fail(err, CF_E_CERTIFICATE, "the PEM holds no certificate request (-0x%04x)", (unsigned)-code);
    }
    enum cf_rc rc = read_key(&request->pk, key, err);
    if (rc == CF_OK && !read_common_name(&request->subject, common_name)) {
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
    char common_name[CF_CN_MAX + 1];
    cf_public_key key;
    mbedtls_x509_csr request;
    mbedtls_x509_csr_init(&request);
    enum cf_rc rc = read_request(&request, cf_bytes_of(der, n), common_name, &key, err);
    mbedtls_x509_csr_free(&request);
    if (rc == CF_OK) {
        memcpy(ret_common_name, common_name, sizeof common_name);
        *ret_key = key;
    }
    return rc;
}
