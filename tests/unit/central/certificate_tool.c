/*
 * tests/unit/central/certificate_tool.c - keys and certificates for the script tests; not a test itself.
 *
 *   certificate_tool certificate DIR OUT NAME FROM_DAYS TO_DAYS   a client certificate by the CA of the centre in DIR,
 *                                                                 valid from and to so many days from now
 *   certificate_tool enrolment CODE OUT                           OUT.key.pem, and the body of POST /v1/enrol
 *   certificate_tool device-key                                   a phone's public key in hex
 */
#include "base/crypto/crypto.h"
#include "base/env.h"
#include "sync/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * CF_US_PER_S)

static void require(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "certificate_tool: %s\n", what);
        exit(1);
    }
}

static void read_file(const char *dir, const char *name, char ret[CF_PEM_MAX])
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    require(file != NULL, path);
    size_t n = fread(ret, 1, CF_PEM_MAX - 1, file);
    ret[n] = '\0';
    (void)fclose(file);
}

static void write_file(const char *out, const char *ending, const char *text)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s%s", out, ending);
    FILE *file = fopen(path, "wb");
    require(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, path);
}

static struct cf_private_key *new_key(const char *out)
{
    struct cf_private_key *key;
    char pem[CF_PEM_MAX];
    require(cf_private_key_generate(&key, NULL) == CF_OK && cf_private_key_pem(key, pem, NULL) == CF_OK, "key");
    if (out != NULL) {
        write_file(out, ".key.pem", pem);
    }
    return key;
}

static int certificate(char **argv)
{
    char ca_pem[CF_PEM_MAX], ca_key_pem[CF_PEM_MAX], pem[CF_PEM_MAX];
    struct cf_private_key *ca_key, *key = new_key(argv[1]);
    cf_public_key public_key;
    int64_t now_us = cf_env_wall(cf_env_system()).us;
    read_file(argv[0], "ca.pem", ca_pem);
    read_file(argv[0], "ca.key.pem", ca_key_pem);
    require(cf_private_key_from_pem(ca_key_pem, &ca_key, NULL) == CF_OK, "ca.key.pem");
    cf_private_key_public(key, &public_key);
    struct cf_x509_spec spec = {.kind = CF_X509_CLIENT,
                                .common_name = argv[2],
                                .serial = 77,
                                .not_before = {now_us + strtol(argv[3], NULL, 10) * DAY_US},
                                .not_after = {now_us + strtol(argv[4], NULL, 10) * DAY_US}};
    require(cf_x509_issue(&spec, &public_key, ca_pem, ca_key, pem, NULL) == CF_OK, "certificate");
    write_file(argv[1], ".pem", pem);
    cf_private_key_free(key);
    cf_private_key_free(ca_key);
    return 0;
}

static void print_hex(const char *name, const void *p, size_t n, const char *after)
{
    char text[260];
    cf_hex_encode(cf_bytes_of(p, n), text);
    (void)printf("\"%s\":\"%s\"%s", name, text, after);
}

static int enrolment(char **argv)
{
    struct cf_enrol_code code;
    struct cf_private_key *tls_key = new_key(argv[1]), *sign_key = new_key(NULL);
    char csr[CF_PEM_MAX];
    uint8_t message[8 + CF_ENROL_SECRET_BYTES + CF_PEM_MAX] = "cf-enrol";
    cf_public_key public_key;
    cf_signature proof;
    require(cf_enrol_code_parse(argv[0], &code, NULL) == CF_OK, "code");
    require(cf_x509_request(tls_key, "terminal", csr, NULL) == CF_OK, "request");
    memcpy(message + 8, code.secret, sizeof code.secret);
    memcpy(message + 16, csr, strlen(csr));
    require(cf_sign(sign_key, cf_bytes_of(message, 16 + strlen(csr)), &proof, NULL) == CF_OK, "proof");
    cf_private_key_public(sign_key, &public_key);
    (void)putchar('{');
    print_hex("secret", code.secret, sizeof code.secret, ",");
    print_hex("sign_key", public_key.point, sizeof public_key.point, ",");
    print_hex("proof", proof.rs, sizeof proof.rs, ",");
    (void)fputs("\"csr\":\"", stdout);
    for (const char *p = csr; *p != '\0'; p++) {
        (void)fputs(*p == '\n' ? "\\n" : (char[]){*p, '\0'}, stdout);
    }
    (void)puts("\"}");
    cf_private_key_free(tls_key);
    cf_private_key_free(sign_key);
    return 0;
}

static int device_key(void)
{
    struct cf_private_key *key = new_key(NULL);
    cf_public_key public_key;
    char text[2 * CF_P256_PUBLIC_BYTES + 1];
    cf_private_key_public(key, &public_key);
    cf_hex_encode(cf_bytes_of(public_key.point, sizeof public_key.point), text);
    (void)puts(text);
    cf_private_key_free(key);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "certificate") == 0) {
        return certificate(argv + 2);
    }
    if (argc == 4 && strcmp(argv[1], "enrolment") == 0) {
        return enrolment(argv + 2);
    }
    require(argc == 2 && strcmp(argv[1], "device-key") == 0, "usage: see the file");
    return device_key();
}
