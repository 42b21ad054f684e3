/*
 * tests/unit/crypto/x509_test.c - keys, requests and certificates as PEM: our own, OpenSSL's, and garbage.
 *
 * The FOREIGN_ texts were made by the openssl command from one key, with its own random nonces. That both
 * implementations write the same bytes is seen by their fingerprints, which stand here once.
 */
#include "base/crypto/crypto.h"
#include "tests/unit/crypto/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const char FOREIGN_SEC1[] = "-----BEGIN EC PRIVATE KEY-----\n"
                                   "MHcCAQEEINMAYhD+1fOclr8OScIT3Z4wXP5GK2Ot2Rza8UV3sZiHoAoGCCqGSM49\n"
                                   "AwEHoUQDQgAEpEd0s4RO6Y9/7nAmV9/5tsyJoxcjGWaF+mCMX459EeJPrH6qRanq\n"
                                   "jMHN5OeGfs9tapExneDqbtdyv7gLdLY56w==\n"
                                   "-----END EC PRIVATE KEY-----\n";
static const char FOREIGN_PKCS8[] = "-----BEGIN PRIVATE KEY-----\n"
                                    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0wBiEP7V85yWvw5J\n"
                                    "whPdnjBc/kYrY63ZHNrxRXexmIehRANCAASkR3SzhE7pj3/ucCZX3/m2zImjFyMZ\n"
                                    "ZoX6YIxfjn0R4k+sfqpFqeqMwc3k54Z+z21qkTGd4Opu13K/uAt0tjnr\n"
                                    "-----END PRIVATE KEY-----\n";
static const char FOREIGN_REQUEST[] = "-----BEGIN CERTIFICATE REQUEST-----\n"
                                      "MIHfMIGFAgEAMCMxEDAOBgNVBAoMB0ZvcmVpZ24xDzANBgNVBAMMBnRpbGwtOTBZ\n"
                                      "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABKRHdLOETumPf+5wJlff+bbMiaMXIxlm\n"
                                      "hfpgjF+OfRHiT6x+qkWp6ozBzeTnhn7PbWqRMZ3g6m7Xcr+4C3S2OeugADAKBggq\n"
                                      "hkjOPQQDAgNJADBGAiEArcCw2xf82txYZHpj4sQyZ2OhAYT74I313b86u2/1KFYC\n"
                                      "IQCmLk+Oy932b8jWYmWM0v7d9WokNlPTa/ssWqvCbEldow==\n"
                                      "-----END CERTIFICATE REQUEST-----\n";
static const char FOREIGN_AUTHORITY[] = "-----BEGIN CERTIFICATE-----\n"
                                        "MIIBlDCCATqgAwIBAgIBTTAKBggqhkjOPQQDAjApMRAwDgYDVQQKDAdGb3JlaWdu\n"
                                        "MRUwEwYDVQQDDAxmb3JlaWduIHJvb3QwHhcNMjYxMTIyMDcyODEwWhcNMzYxMTE5\n"
                                        "MDcyODEwWjApMRAwDgYDVQQKDAdGb3JlaWduMRUwEwYDVQQDDAxmb3JlaWduIHJv\n"
                                        "b3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASkR3SzhE7pj3/ucCZX3/m2zImj\n"
                                        "FyMZZoX6YIxfjn0R4k+sfqpFqeqMwc3k54Z+z21qkTGd4Opu13K/uAt0tjnro1Mw\n"
                                        "UTAdBgNVHQ4EFgQUOcoOqEg6+lOBBcAs2g83LpQrT+gwHwYDVR0jBBgwFoAUOcoO\n"
                                        "qEg6+lOBBcAs2g83LpQrT+gwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNI\n"
                                        "ADBFAiAKBzRX3ZgoF2hB2hMvx+sQYTYVve4Ww5ueOnh6HXfrhwIhAOh9XH9HvYIV\n"
                                        "MfEn0b0HnZz/GMnw8e266DQ68w4AJ8Di\n"
                                        "-----END CERTIFICATE-----\n";
#define FOREIGN_SCALAR "d3006210fed5f39c96bf0e49c213dd9e305cfe462b63add91cdaf14577b19887"
#define FOREIGN_POINT "03a44774b3844ee98f7fee702657dff9b6cc89a31723196685fa608c5f8e7d11e2"

#define DAY_S INT64_C(86400)
#define START_S INT64_C(1767225600) /* 2026-01-01 */

static struct cf_private_key *key_of(uint8_t last)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES] = {0};
    struct cf_private_key *key = NULL;
    scalar[31] = last;
    assert_int_equal(cf_private_key_load(scalar, &key, NULL), CF_OK);
    return key;
}

static struct cf_x509_spec spec_of(enum cf_x509_kind kind, const char *common_name, uint64_t serial)
{
    return (struct cf_x509_spec){.kind = kind,
                                 .common_name = common_name,
                                 .serial = serial,
                                 .not_before = cf_wall_from_s(START_S),
                                 .not_after = cf_wall_from_s(START_S + 3650 * DAY_S)};
}

/* An authority of key 1, and its certificate. */
static struct cf_private_key *authority_of(char ret_pem[CF_PEM_MAX])
{
    struct cf_private_key *key = key_of(1);
    cf_public_key public_key;
    struct cf_x509_spec spec = spec_of(CF_X509_CA, "Counterfoil test root", 1);
    cf_private_key_public(key, &public_key);
    assert_int_equal(cf_x509_issue(&spec, &public_key, NULL, key, ret_pem, NULL), CF_OK);
    return key;
}

/* Issues to key 2 by the authority of key 1. */
static enum cf_rc issue(const struct cf_x509_spec *spec, char ret_pem[CF_PEM_MAX], struct cf_error *err)
{
    char authority_pem[CF_PEM_MAX];
    struct cf_private_key *authority = authority_of(authority_pem);
    struct cf_private_key *subject = key_of(2);
    cf_public_key public_key;
    cf_private_key_public(subject, &public_key);
    enum cf_rc rc = cf_x509_issue(spec, &public_key, authority_pem, authority, ret_pem, err);
    cf_private_key_free(subject);
    cf_private_key_free(authority);
    return rc;
}

static void a_private_key_survives_its_pem(void **state)
{
    (void)state;
    struct cf_private_key *key = NULL;
    struct cf_private_key *again = NULL;
    char pem[CF_PEM_MAX];
    uint8_t before[CF_P256_PRIVATE_BYTES];
    uint8_t after[CF_P256_PRIVATE_BYTES];
    assert_int_equal(cf_private_key_generate(&key, NULL), CF_OK);
    assert_int_equal(cf_private_key_pem(key, pem, NULL), CF_OK);
    assert_int_equal(cf_private_key_from_pem(pem, &again, NULL), CF_OK);
    cf_private_key_save(key, before);
    cf_private_key_save(again, after);
    assert_memory_equal(before, after, sizeof before);
    cf_private_key_free(key);
    cf_private_key_free(again);
}

static void the_key_files_of_openssl_are_read(void **state)
{
    (void)state;
    static const char *const files[] = {FOREIGN_SEC1, FOREIGN_PKCS8};
    for (size_t i = 0; i < 2; i++) {
        struct cf_private_key *key = NULL;
        uint8_t scalar[CF_P256_PRIVATE_BYTES];
        char pem[CF_PEM_MAX];
        assert_int_equal(cf_private_key_from_pem(files[i], &key, NULL), CF_OK);
        cf_private_key_save(key, scalar);
        assert_hex(scalar, sizeof scalar, FOREIGN_SCALAR);
        assert_int_equal(cf_private_key_pem(key, pem, NULL), CF_OK);
        assert_string_equal(pem, FOREIGN_PKCS8);
        cf_private_key_free(key);
    }
}

/* Changes one base64 character of a line of the body. */
static void spoil(const char *pem, size_t line, size_t column, char ret[CF_PEM_MAX])
{
    assert_true(strlen(pem) < CF_PEM_MAX);
    memcpy(ret, pem, strlen(pem) + 1);
    char *at = ret;
    for (size_t i = 0; i < line; i++) {
        at = strchr(at, '\n') + 1;
    }
    at[column] = at[column] == 'A' ? 'B' : 'A';
}

static void a_key_file_whose_halves_differ_is_refused(void **state)
{
    (void)state;
    char pem[CF_PEM_MAX];
    struct cf_private_key *key = NULL;
    spoil(FOREIGN_SEC1, 1, 20, pem); /* inside the scalar */
    assert_int_equal(cf_private_key_from_pem(pem, &key, NULL), CF_E_CERTIFICATE);
    spoil(FOREIGN_SEC1, 3, 10, pem); /* inside the point */
    assert_int_equal(cf_private_key_from_pem(pem, &key, NULL), CF_E_CERTIFICATE);
    assert_null(key);
}

static void a_request_gives_its_name_and_key(void **state)
{
    (void)state;
    struct cf_private_key *key = key_of(2);
    cf_public_key expected;
    cf_public_key read;
    char pem[CF_PEM_MAX];
    char common_name[CF_CN_MAX + 1];
    cf_private_key_public(key, &expected);
    assert_int_equal(cf_x509_request(key, "till 7 / store 12", pem, NULL), CF_OK);
    assert_int_equal(cf_x509_request_read(pem, common_name, &read, NULL), CF_OK);
    assert_string_equal(common_name, "till 7 / store 12");
    assert_memory_equal(&read, &expected, sizeof read);
    struct cf_sha256 hash = cf_sha256(cf_bytes_str(pem));
    assert_hex(hash.digest, sizeof hash.digest, "eb34899cb25dd6e55549a2499e9dc909e151623d56f8880f9f95cfc2e21edb73");
    cf_private_key_free(key);
}

static void a_request_of_openssl_is_read(void **state)
{
    (void)state;
    cf_public_key key;
    char common_name[CF_CN_MAX + 1];
    assert_int_equal(cf_x509_request_read(FOREIGN_REQUEST, common_name, &key, NULL), CF_OK);
    assert_string_equal(common_name, "till-9");
    assert_hex(key.point, sizeof key.point, FOREIGN_POINT);
}

static void a_request_that_its_key_did_not_sign_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t line;
        size_t column;
    } rows[] = {
        {"the name was changed", 1, 50},
        {"the key was changed", 3, 20},
        {"r was changed", 4, 40},
        {"s was changed", 5, 20},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char pem[CF_PEM_MAX];
        char common_name[CF_CN_MAX + 1] = "untouched";
        cf_public_key key;
        spoil(FOREIGN_REQUEST, rows[i].line, rows[i].column, pem);
        assert_int_equal(cf_x509_request_read(pem, common_name, &key, NULL), CF_E_CERTIFICATE);
        assert_string_equal(common_name, "untouched");
    }
}

static void a_certificate_gives_back_what_it_was_issued_with(void **state)
{
    (void)state;
    static const char *const names[] = {"localhost", "central.example", "127.0.0.1", "::1", NULL};
    static const struct {
        const char *why;
        enum cf_x509_kind kind;
        uint64_t serial;
        int64_t start_s;
        int64_t end_s;
        const char *const *names;
        const char *fingerprint;
    } rows[] = {
        {"a terminal", CF_X509_CLIENT, 1, START_S, START_S + 90 * DAY_S, NULL,
         "109858cd50ecf64804d0976b1f6e1618fdb77cc60bebfbbba14508f8a2f8396d"},
        {"a server with names and addresses", CF_X509_SERVER, 0x7f, START_S, START_S + 1, names,
         "ff745569454df7e1f90d54dfca0c6ed4f49a1581d6defccf46fe03eb8a8cbb14"},
        {"a serial number whose first bit is set", CF_X509_CLIENT, UINT64_MAX, START_S, START_S, NULL,
         "78ecfa1d4742d3e6b8e162ad3160302a09974b250bca2dbf4d8635bf758afcf0"},
        {"another authority below", CF_X509_CA, 0x8000, START_S, START_S + DAY_S, NULL,
         "0b59620d36fec84ff5613debe8d833cd4762a18e5483a0ffe0701cad0c6d2fb6"},
        {"the last second of UTCTime, the first of GeneralizedTime", CF_X509_CLIENT, 2, INT64_C(2524607999),
         INT64_C(2524608000), NULL, "ee3bdedacaf0acd90b18b6c76c8e65e6f70b0fe02ea0973545251ffbdd288d51"},
        {"the ends of time", CF_X509_CLIENT, 3, 0, INT64_C(253402300799), NULL,
         "1433d5f08467042a47e48e50e5ae347a224caeec92b74e1f03906976a8feb40a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cf_x509_spec spec = spec_of(rows[i].kind, "store 12, till 7", rows[i].serial);
        spec.not_before = cf_wall_from_s(rows[i].start_s);
        spec.not_after = cf_wall_from_s(rows[i].end_s);
        spec.dns_or_ip = rows[i].names;
        char pem[CF_PEM_MAX];
        struct cf_x509_info info;
        assert_int_equal(issue(&spec, pem, NULL), CF_OK);
        assert_int_equal(cf_x509_read(pem, &info, NULL), CF_OK);
        assert_string_equal(info.common_name, "store 12, till 7");
        assert_true(info.serial == rows[i].serial);
        assert_true(info.not_before.us == spec.not_before.us);
        assert_true(info.not_after.us == spec.not_after.us);
        /* 2G */
        assert_hex(info.key.point, sizeof info.key.point,
                   "037cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978");
        assert_hex(info.fingerprint, sizeof info.fingerprint, rows[i].fingerprint);
    }
}

static void a_certificate_of_openssl_is_read_and_issues(void **state)
{
    (void)state;
    struct cf_x509_info info;
    assert_int_equal(cf_x509_read(FOREIGN_AUTHORITY, &info, NULL), CF_OK);
    assert_string_equal(info.common_name, "foreign root");
    assert_int_equal(info.serial, 77);
    assert_true(cf_wall_s(info.not_before) == INT64_C(1795332490));
    assert_hex(info.key.point, sizeof info.key.point, FOREIGN_POINT);

    struct cf_private_key *key = NULL;
    char pem[CF_PEM_MAX];
    struct cf_x509_spec spec = spec_of(CF_X509_CLIENT, "till", 9);
    assert_int_equal(cf_private_key_from_pem(FOREIGN_SEC1, &key, NULL), CF_OK);
    assert_int_equal(cf_x509_issue(&spec, &info.key, FOREIGN_AUTHORITY, key, pem, NULL), CF_OK);
    assert_int_equal(cf_x509_read(pem, &info, NULL), CF_OK);
    cf_private_key_free(key);
}

static void a_certificate_that_makes_no_sense_is_not_issued(void **state)
{
    (void)state;
    static const char *const bad_names[] = {"localhost", "two words", NULL};
    static const char *const empty_names[] = {"", NULL};
    static const char *const too_many[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                           "j", "k", "l", "m", "n", "o", "p", "q", NULL};
    static const char long_name[] = "12345678901234567890123456789012345678901234567890123456789012345";
    struct cf_x509_spec good = spec_of(CF_X509_SERVER, "server", 5);
    struct cf_x509_spec no_serial = good;
    struct cf_x509_spec backwards = good;
    struct cf_x509_spec before_1970 = good;
    struct cf_x509_spec year_10000 = good;
    struct cf_x509_spec no_name = spec_of(CF_X509_CLIENT, "", 5);
    struct cf_x509_spec control = spec_of(CF_X509_CLIENT, "a\nb", 5);
    struct cf_x509_spec chinese = spec_of(CF_X509_CLIENT, "\xe5\xba\x97", 5);
    struct cf_x509_spec too_long = spec_of(CF_X509_CLIENT, long_name, 5);
    struct cf_x509_spec two_words = good;
    struct cf_x509_spec empty = good;
    struct cf_x509_spec many = good;
    no_serial.serial = 0;
    backwards.not_after.us = backwards.not_before.us - 1;
    before_1970.not_before.us = -1;
    year_10000.not_after = cf_wall_from_s(INT64_C(253402300800));
    two_words.dns_or_ip = bad_names;
    empty.dns_or_ip = empty_names;
    many.dns_or_ip = too_many;
    const struct {
        const struct cf_x509_spec *spec;
        enum cf_rc rc;
    } rows[] = {
        {&good, CF_OK},
        {&no_serial, CF_E_RANGE},
        {&backwards, CF_E_RANGE},
        {&before_1970, CF_E_RANGE},
        {&year_10000, CF_E_RANGE},
        {&no_name, CF_E_ARGUMENT},
        {&control, CF_E_ARGUMENT},
        {&chinese, CF_E_ARGUMENT},
        {&too_long, CF_E_ARGUMENT},
        {&two_words, CF_E_ARGUMENT},
        {&empty, CF_E_ARGUMENT},
        {&many, CF_E_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char pem[CF_PEM_MAX] = "untouched";
        struct cf_error err = {.rc = CF_OK};
        assert_int_equal(issue(rows[i].spec, pem, &err), rows[i].rc);
        if (rows[i].rc != CF_OK) {
            assert_string_equal(pem, "untouched");
            assert_int_equal(err.rc, rows[i].rc);
        }
    }
}

static void only_the_authority_itself_issues(void **state)
{
    (void)state;
    char authority_pem[CF_PEM_MAX];
    char terminal_pem[CF_PEM_MAX];
    char pem[CF_PEM_MAX];
    struct cf_private_key *authority = authority_of(authority_pem);
    struct cf_private_key *terminal = key_of(2);
    cf_public_key public_key;
    struct cf_x509_spec spec = spec_of(CF_X509_CLIENT, "till", 4);
    cf_private_key_public(terminal, &public_key);
    assert_int_equal(issue(&spec, terminal_pem, NULL), CF_OK);
    /* a terminal's certificate is no authority's */
    assert_int_equal(cf_x509_issue(&spec, &public_key, terminal_pem, terminal, pem, NULL), CF_E_CERTIFICATE);
    /* the right certificate, another key */
    assert_int_equal(cf_x509_issue(&spec, &public_key, authority_pem, terminal, pem, NULL), CF_E_ARGUMENT);
    /* self-signed, for another's key */
    assert_int_equal(cf_x509_issue(&spec, &public_key, NULL, authority, pem, NULL), CF_E_ARGUMENT);
    /* a key that is none */
    public_key.point[0] = 0x04;
    assert_int_equal(cf_x509_issue(&spec, &public_key, authority_pem, authority, pem, NULL), CF_E_CODE_KEY);
    cf_private_key_free(terminal);
    cf_private_key_free(authority);
}

/* None of these is a certificate, a request or a key. */
static void refuse_everywhere(const char *pem)
{
    struct cf_private_key *key = NULL;
    struct cf_x509_info info;
    char common_name[CF_CN_MAX + 1];
    cf_public_key public_key;
    assert_int_equal(cf_private_key_from_pem(pem, &key, NULL), CF_E_CERTIFICATE);
    assert_int_equal(cf_x509_read(pem, &info, NULL), CF_E_CERTIFICATE);
    assert_int_equal(cf_x509_request_read(pem, common_name, &public_key, NULL), CF_E_CERTIFICATE);
}

static void garbage_is_no_pem(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *pem;
    } rows[] = {
        {"nothing", ""},
        {"white space", " \n\t\r\n"},
        {"plain text", "certificate, please"},
        {"no end", "-----BEGIN CERTIFICATE-----\nAAAA\n"},
        {"only an end", "-----END CERTIFICATE-----\n"},
        {"an empty body", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"},
        {"another end", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n"},
        {"another label", "-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n"},
        {"base64 of nothing sensible", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
        {"a key of nothing sensible", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
        {"three characters", "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n"},
        {"padding alone", "-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----\n"},
        {"padding in the middle", "-----BEGIN CERTIFICATE-----\nMA==MAAA\n-----END CERTIFICATE-----\n"},
        {"bits beyond the last byte", "-----BEGIN CERTIFICATE-----\nMB==\n-----END CERTIFICATE-----\n"},
        {"a character of base64url", "-----BEGIN CERTIFICATE-----\nMA_A\n-----END CERTIFICATE-----\n"},
        {"a header", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----\n"},
        {"a sequence that promises more", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
        {"an indefinite length", "-----BEGIN CERTIFICATE-----\nMIAAAA==\n-----END CERTIFICATE-----\n"},
        {"a byte above 127", "-----BEGIN CERTIFICATE-----\n\xff\xff\xff\xff\n-----END CERTIFICATE-----\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        refuse_everywhere(rows[i].pem);
    }
}

static void a_pem_larger_than_any_of_ours_is_refused(void **state)
{
    (void)state;
    static char pem[100000];
    size_t n = (size_t)snprintf(pem, sizeof pem, "-----BEGIN CERTIFICATE-----\n");
    memset(pem + n, 'A', 90000);
    snprintf(pem + n + 90000, sizeof pem - n - 90000, "\n-----END CERTIFICATE-----\n");
    refuse_everywhere(pem);
}

static void a_certificate_cut_or_extended_is_refused(void **state)
{
    (void)state;
    char pem[CF_PEM_MAX + 64];
    struct cf_x509_info info;
    char extended[2 * sizeof FOREIGN_AUTHORITY];
    for (size_t n = 0; n + 2 < sizeof FOREIGN_AUTHORITY; n += 3) {
        memcpy(pem, FOREIGN_AUTHORITY, n);
        pem[n] = '\0';
        assert_int_equal(cf_x509_read(pem, &info, NULL), CF_E_CERTIFICATE);
    }
    snprintf(extended, sizeof extended, "%s%s", FOREIGN_AUTHORITY, FOREIGN_AUTHORITY);
    assert_int_equal(cf_x509_read(extended, &info, NULL), CF_E_CERTIFICATE);
    snprintf(extended, sizeof extended, "%s.", FOREIGN_AUTHORITY);
    assert_int_equal(cf_x509_read(extended, &info, NULL), CF_E_CERTIFICATE);
    snprintf(extended, sizeof extended, "\r\n %s \n", FOREIGN_AUTHORITY);
    assert_int_equal(cf_x509_read(extended, &info, NULL), CF_OK);
}

static void each_spoilt_character_is_read_or_refused_but_never_breaks(void **state)
{
    (void)state;
    for (size_t at = 28; at + 26 < sizeof FOREIGN_AUTHORITY; at++) {
        char pem[sizeof FOREIGN_AUTHORITY];
        struct cf_x509_info info;
        memcpy(pem, FOREIGN_AUTHORITY, sizeof pem);
        pem[at] = (char)(pem[at] == 'z' ? 'Q' : 'z');
        enum cf_rc rc = cf_x509_read(pem, &info, NULL);
        assert_true(rc == CF_OK || rc == CF_E_CERTIFICATE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_private_key_survives_its_pem),
        cmocka_unit_test(the_key_files_of_openssl_are_read),
        cmocka_unit_test(a_key_file_whose_halves_differ_is_refused),
        cmocka_unit_test(a_request_gives_its_name_and_key),
        cmocka_unit_test(a_request_of_openssl_is_read),
        cmocka_unit_test(a_request_that_its_key_did_not_sign_is_refused),
        cmocka_unit_test(a_certificate_gives_back_what_it_was_issued_with),
        cmocka_unit_test(a_certificate_of_openssl_is_read_and_issues),
        cmocka_unit_test(a_certificate_that_makes_no_sense_is_not_issued),
        cmocka_unit_test(only_the_authority_itself_issues),
        cmocka_unit_test(garbage_is_no_pem),
        cmocka_unit_test(a_pem_larger_than_any_of_ours_is_refused),
        cmocka_unit_test(a_certificate_cut_or_extended_is_refused),
        cmocka_unit_test(each_spoilt_character_is_read_or_refused_but_never_breaks),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
