/*
 * base/crypto/x509_write.c - certificates (RFC 5280) and certificate requests (RFC 2986) of our own.
 *
 * Both implementations write the same bytes: the shapes are few and fixed, and the signature is deterministic. Reading
 * is left to the crypto libraries. Thread-safe.
 */
#include "base/crypto/x509_parts.h"

#include <arpa/inet.h>
#include <string.h>

#define KEY_ID_BYTES 20
#define ALTERNATIVE_NAMES_MAX 16
#define DNS_NAME_MAX 253
#define YEAR_10000_S INT64_C(253402300800)

/* OIDs as contents. */
static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_key_usage[] = {0x55, 0x1d, 0x0f};
static const uint8_t oid_alternative_names[] = {0x55, 0x1d, 0x11};
static const uint8_t oid_basic_constraints[] = {0x55, 0x1d, 0x13};
static const uint8_t oid_issuer_key_id[] = {0x55, 0x1d, 0x23};
static const uint8_t oid_extended_usage[] = {0x55, 0x1d, 0x25};
static const uint8_t oid_server_auth[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
static const uint8_t oid_client_auth[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

#define VIEW(array) cf_bytes_of((array), sizeof(array))

/* A Name of one attribute, the common name. */
static void put_name(struct cf_der_writer *out, const char *common_name)
{
    size_t name = cf_der_open(out, CF_DER_SEQUENCE);
    size_t set = cf_der_open(out, CF_DER_SET);
    size_t attribute = cf_der_open(out, CF_DER_SEQUENCE);
    cf_der_put(out, CF_DER_OID, VIEW(oid_common_name));
    cf_der_put(out, CF_DER_UTF8_STRING, cf_bytes_str(common_name));
    cf_der_close(out, attribute);
    cf_der_close(out, set);
    cf_der_close(out, name);
}

/* SubjectPublicKeyInfo */
static void put_public_key(struct cf_der_writer *out, const uint8_t point[65])
{
    size_t info = cf_der_open(out, CF_DER_SEQUENCE);
    cf_der_put_raw(out, cf_x509_ec_p256);
    cf_der_put_bits(out, cf_bytes_of(point, 65));
    cf_der_close(out, info);
}

/* Wraps what `signed_part` holds with its signature and writes the whole as PEM. */
static enum cf_rc sign_and_encode(const struct cf_der_writer *signed_part, const struct cf_private_key *key,
                                  const char *label, char ret_pem[CF_PEM_MAX], struct cf_error *err)
{
    if (signed_part->full) {
        return cf_fail(err, CF_E_LIMIT, "the names are too long for a %s", label);
    }
    cf_signature signature;
    enum cf_rc rc = cf_sign(key, cf_bytes_of(signed_part->p, signed_part->n), &signature, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint8_t signature_der[CF_DER_SIGNATURE_MAX];
    size_t signature_n = cf_der_write_signature(&signature, signature_der);
    uint8_t der[CF_DER_MAX];
    struct cf_der_writer out = {.p = der, .cap = sizeof der};
    size_t whole = cf_der_open(&out, CF_DER_SEQUENCE);
    cf_der_put_raw(&out, cf_bytes_of(signed_part->p, signed_part->n));
    cf_der_put_raw(&out, cf_x509_ecdsa_sha256);
    cf_der_put_bits(&out, cf_bytes_of(signature_der, signature_n));
    cf_der_close(&out, whole);
    if (out.full) {
        return cf_fail(err, CF_E_LIMIT, "the names are too long for a %s", label);
    }
    return cf_pem_encode(label, cf_bytes_of(der, out.n), ret_pem, err);
}

static enum cf_rc check_name(const char *common_name, struct cf_error *err)
{
    char unused[CF_CN_MAX + 1];
    if (common_name == NULL || !cf_x509_accept_name(cf_bytes_str(common_name), unused)) {
        return cf_fail(err, CF_E_ARGUMENT, "a common name is 1 to %d printable ASCII characters", CF_CN_MAX);
    }
    return CF_OK;
}

enum cf_rc cf_x509_request(const struct cf_private_key *key, const char *common_name, char ret_pem[CF_PEM_MAX],
                           struct cf_error *err)
{
    static const uint8_t version_1[] = {0}; /* version 1 is written 0 */
    cf_public_key public_key;
    uint8_t point[65];
    enum cf_rc rc = check_name(common_name, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_private_key_public(key, &public_key);
    rc = cf_point_decompress(&public_key, point, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint8_t buffer[512];
    struct cf_der_writer out = {.p = buffer, .cap = sizeof buffer};
    size_t info = cf_der_open(&out, CF_DER_SEQUENCE);
    cf_der_put(&out, CF_DER_INTEGER, VIEW(version_1));
    put_name(&out, common_name);
    put_public_key(&out, point);
    cf_der_put(&out, CF_DER_CONSTRUCTED(0), (cf_bytes){NULL, 0}); /* no attributes */
    cf_der_close(&out, info);
    return sign_and_encode(&out, key, "CERTIFICATE REQUEST", ret_pem, err);
}

/* UTCTime through 2049, GeneralizedTime from then on (section 4.1.2.5). */
static void put_time(struct cf_der_writer *out, cf_wall wall)
{
    char text[CF_WALL_TEXT_MAX];
    cf_wall_format(wall, 0, text); /* 2026-11-22T07:05:09Z */
    char digits[] = {text[0],  text[1],  text[2],  text[3],  text[5],  text[6],  text[8], text[9],
                     text[11], text[12], text[14], text[15], text[17], text[18], 'Z'};
    if (memcmp(digits, "2050", 4) < 0) {
        cf_der_put(out, CF_DER_UTC_TIME, cf_bytes_of(digits + 2, sizeof digits - 2));
    } else {
        cf_der_put(out, CF_DER_GENERALIZED_TIME, cf_bytes_of(digits, sizeof digits));
    }
}

static size_t open_extension(struct cf_der_writer *out, cf_bytes oid, bool critical, size_t *ret_value)
{
    static const uint8_t yes[] = {0xff};
    size_t extension = cf_der_open(out, CF_DER_SEQUENCE);
    cf_der_put(out, CF_DER_OID, oid);
    if (critical) {
        cf_der_put(out, CF_DER_BOOLEAN, VIEW(yes));
    }
    *ret_value = cf_der_open(out, CF_DER_OCTET_STRING);
    return extension;
}

static void put_extension(struct cf_der_writer *out, cf_bytes oid, bool critical, cf_bytes value)
{
    size_t wrapped = 0;
    size_t extension = open_extension(out, oid, critical, &wrapped);
    cf_der_put_raw(out, value);
    cf_der_close(out, wrapped);
    cf_der_close(out, extension);
}

static void put_usage(struct cf_der_writer *out, enum cf_x509_kind kind)
{
    static const uint8_t authority[] = {0x30, 0x03, 0x01, 0x01, 0xff};
    static const uint8_t no_authority[] = {0x30, 0x00};
    static const uint8_t signs_certificates[] = {0x03, 0x02, 0x01, 0x06}; /* keyCertSign, cRLSign */
    static const uint8_t signs_handshakes[] = {0x03, 0x02, 0x07, 0x80};   /* digitalSignature */
    bool is_authority = kind == CF_X509_CA;
    put_extension(out, VIEW(oid_basic_constraints), true, is_authority ? VIEW(authority) : VIEW(no_authority));
    put_extension(out, VIEW(oid_key_usage), true, is_authority ? VIEW(signs_certificates) : VIEW(signs_handshakes));
    if (!is_authority) {
        size_t wrapped = 0;
        size_t extension = open_extension(out, VIEW(oid_extended_usage), false, &wrapped);
        size_t list = cf_der_open(out, CF_DER_SEQUENCE);
        cf_der_put(out, CF_DER_OID, kind == CF_X509_SERVER ? VIEW(oid_server_auth) : VIEW(oid_client_auth));
        if (kind == CF_X509_CLIENT) { /* a terminal may be the hub of its store: other terminals call it by this name */
            cf_der_put(out, CF_DER_OID, VIEW(oid_server_auth));
        }
        cf_der_close(out, list);
        cf_der_close(out, wrapped);
        cf_der_close(out, extension);
    }
}

/* RFC 7093 section 2, method 1: the SHA-256 of the point, cut to 160 bits. */
static void compute_key_id(const uint8_t point[65], uint8_t ret[KEY_ID_BYTES])
{
    struct cf_sha256 hash = cf_sha256(cf_bytes_of(point, 65));
    memcpy(ret, hash.digest, KEY_ID_BYTES);
}

static void put_key_ids(struct cf_der_writer *out, const uint8_t point[65], const struct cf_x509_issuer *issuer)
{
    uint8_t own[KEY_ID_BYTES];
    compute_key_id(point, own);
    size_t wrapped = 0;
    size_t extension = open_extension(out, cf_x509_oid_key_id, false, &wrapped);
    cf_der_put(out, CF_DER_OCTET_STRING, VIEW(own));
    cf_der_close(out, wrapped);
    cf_der_close(out, extension);

    extension = open_extension(out, VIEW(oid_issuer_key_id), false, &wrapped);
    size_t identifier = cf_der_open(out, CF_DER_SEQUENCE);
    cf_der_put(out, CF_DER_CONTEXT(0), cf_bytes_of(issuer->key_id, issuer->key_id_n));
    cf_der_close(out, identifier);
    cf_der_close(out, wrapped);
    cf_der_close(out, extension);
}

/* Letters, digits, dots, hyphens; a star may stand for the first label. */
static bool is_dns_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    const char *plain = strncmp(name, "*.", 2) == 0 ? name + 2 : name;
    return *plain != '\0' && strlen(name) <= DNS_NAME_MAX && plain[strspn(plain, letters)] == '\0';
}

/* subjectAltName: each entry as an address if it reads as one, else as a DNS name. */
static bool put_alternative_names(struct cf_der_writer *out, const char *const *names)
{
    size_t wrapped = 0;
    size_t extension = open_extension(out, VIEW(oid_alternative_names), false, &wrapped);
    size_t list = cf_der_open(out, CF_DER_SEQUENCE);
    for (size_t i = 0; names[i] != NULL; i++) {
        uint8_t address[16];
        if (i == ALTERNATIVE_NAMES_MAX) {
            return false;
        }
        if (inet_pton(AF_INET, names[i], address) == 1) {
            cf_der_put(out, CF_DER_CONTEXT(7), cf_bytes_of(address, 4));
        } else if (inet_pton(AF_INET6, names[i], address) == 1) {
            cf_der_put(out, CF_DER_CONTEXT(7), cf_bytes_of(address, 16));
        } else if (is_dns_name(names[i])) {
            cf_der_put(out, CF_DER_CONTEXT(2), cf_bytes_str(names[i]));
        } else {
            return false;
        }
    }
    cf_der_close(out, list);
    cf_der_close(out, wrapped);
    cf_der_close(out, extension);
    return true;
}

static enum cf_rc check_spec(const struct cf_x509_spec *spec, struct cf_error *err)
{
    if (spec->serial == 0) {
        return cf_fail(err, CF_E_RANGE, "a certificate's serial number is more than 0");
    }
    if (spec->not_before.us < 0 || spec->not_after.us < spec->not_before.us ||
        cf_wall_s(spec->not_after) >= YEAR_10000_S) {
        return cf_fail(err, CF_E_RANGE, "a certificate's time is not from 1970 on, or ends before it begins");
    }
    return check_name(spec->common_name, err);
}

/* A self-signed certificate is its own issuer. */
static enum cf_rc find_issuer(const struct cf_x509_spec *spec, const cf_public_key *subject_key, const char *issuer_pem,
                              const struct cf_private_key *issuer_key, struct cf_x509_issuer *ret, struct cf_error *err)
{
    struct cf_x509_issuer issuer = {.key = *subject_key};
    if (issuer_pem != NULL) {
        enum cf_rc rc = cf_x509_read_issuer(issuer_pem, &issuer, err);
        if (rc != CF_OK) {
            return rc;
        }
    } else {
        struct cf_der_writer name = {.p = issuer.name, .cap = sizeof issuer.name};
        put_name(&name, spec->common_name);
        issuer.name_n = name.n;
    }
    cf_public_key signing;
    cf_private_key_public(issuer_key, &signing);
    if (memcmp(signing.point, issuer.key.point, sizeof signing.point) != 0) {
        return cf_fail(err, CF_E_ARGUMENT, "the signing key is not that of the issuer's certificate");
    }
    if (issuer.key_id_n == 0) {
        uint8_t point[65];
        enum cf_rc rc = cf_point_decompress(&issuer.key, point, err);
        if (rc != CF_OK) {
            return rc;
        }
        compute_key_id(point, issuer.key_id);
        issuer.key_id_n = KEY_ID_BYTES;
    }
    *ret = issuer;
    return CF_OK;
}

/* TBSCertificate up to the extensions. */
static void put_facts(struct cf_der_writer *out, const struct cf_x509_spec *spec, const struct cf_x509_issuer *issuer,
                      const uint8_t point[65])
{
    static const uint8_t version_3[] = {2}; /* version 3 is written 2 */
    uint8_t serial[8];
    cf_put_be64(serial, spec->serial);
    size_t version = cf_der_open(out, CF_DER_CONSTRUCTED(0));
    cf_der_put(out, CF_DER_INTEGER, VIEW(version_3));
    cf_der_close(out, version);
    cf_der_put_unsigned(out, serial, sizeof serial);
    cf_der_put_raw(out, cf_x509_ecdsa_sha256);
    cf_der_put_raw(out, cf_bytes_of(issuer->name, issuer->name_n));
    size_t validity = cf_der_open(out, CF_DER_SEQUENCE);
    put_time(out, spec->not_before);
    put_time(out, spec->not_after);
    cf_der_close(out, validity);
    put_name(out, spec->common_name);
    put_public_key(out, point);
}

enum cf_rc cf_x509_issue(const struct cf_x509_spec *spec, const cf_public_key *subject_key, const char *issuer_pem,
                         const struct cf_private_key *issuer_key, char ret_pem[CF_PEM_MAX], struct cf_error *err)
{
    uint8_t point[65];
    struct cf_x509_issuer issuer;
    enum cf_rc rc = check_spec(spec, err);
    if (rc == CF_OK) {
        rc = cf_point_decompress(subject_key, point, err);
    }
    if (rc == CF_OK) {
        rc = find_issuer(spec, subject_key, issuer_pem, issuer_key, &issuer, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    uint8_t buffer[CF_DER_MAX];
    struct cf_der_writer out = {.p = buffer, .cap = sizeof buffer};
    size_t facts = cf_der_open(&out, CF_DER_SEQUENCE);
    put_facts(&out, spec, &issuer, point);
    size_t tagged = cf_der_open(&out, CF_DER_CONSTRUCTED(3));
    size_t extensions = cf_der_open(&out, CF_DER_SEQUENCE);
    put_usage(&out, spec->kind);
    put_key_ids(&out, point, &issuer);
    if (spec->dns_or_ip != NULL && spec->dns_or_ip[0] != NULL && !put_alternative_names(&out, spec->dns_or_ip)) {
        return cf_fail(err, CF_E_ARGUMENT, "a server has at most %d names, each an address or a DNS name",
                       ALTERNATIVE_NAMES_MAX);
    }
    cf_der_close(&out, extensions);
    cf_der_close(&out, tagged);
    cf_der_close(&out, facts);
    return sign_and_encode(&out, issuer_key, "CERTIFICATE", ret_pem, err);
}
