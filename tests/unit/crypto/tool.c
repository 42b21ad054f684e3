/*
 * tests/unit/crypto/tool.c - one implementation from outside, for the script tests; not a test itself.
 *
 *   tool verify < LINES     each line "der|p1363 KEY MESSAGE SIGNATURE" in hex ("-" for nothing); says valid or invalid
 *   tool issue FOLDER       writes the keys, request and certificates of a small authority there
 *   tool issue-from FOLDER  issues other.pem by the authority and to the request found there
 *   tool read PATH...       absolute paths; says of each what it is
 */
#include "base/crypto/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 65536
#define DAY_S INT64_C(86400)
#define START_S INT64_C(1767225600) /* 2026-01-01 */

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "tool: %s\n", what);
        exit(1);
    }
}

static void require_ok(enum cf_rc rc, const struct cf_error *err)
{
    require(rc == CF_OK, rc == CF_OK ? "" : err->detail);
}

/* --- verify ----------------------------------------------------------------------------------------------------- */

static cf_bytes next_field(char **position, uint8_t *room)
{
    char *digits = strsep(position, " \n");
    require(digits != NULL, "a field is missing");
    size_t n = strcmp(digits, "-") == 0 ? 0 : strlen(digits) / 2;
    require(n == 0 || cf_hex_decode(digits, room, n, NULL) == CF_OK, "a field is not hex");
    return cf_bytes_of(room, n);
}

static int verify(void)
{
    static char line[LINE_MAX_BYTES];
    static uint8_t room[3][LINE_MAX_BYTES / 2];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *position = line;
        const char *form = strsep(&position, " \n");
        cf_bytes key = next_field(&position, room[0]);
        cf_bytes message = next_field(&position, room[1]);
        cf_bytes signature = next_field(&position, room[2]);
        enum cf_rc rc = strcmp(form, "der") == 0 ? cf_verify_der(key, message, signature, NULL)
                                                 : cf_verify_p1363(key, message, signature, NULL);
        puts(rc == CF_OK ? "valid" : rc == CF_E_CODE_SIGNATURE || rc == CF_E_CODE_KEY ? "invalid" : "fault");
    }
    return 0;
}

/* --- issue and read --------------------------------------------------------------------------------------------- */

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    require(file != NULL, path);
    return file;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    FILE *file = open_in(folder, name, "w");
    require(fputs(text, file) >= 0 && fclose(file) == 0, name);
}

static void read_file(const char *folder, const char *name, char ret_text[CF_PEM_MAX])
{
    FILE *file = open_in(folder, name, "r");
    size_t n = fread(ret_text, 1, CF_PEM_MAX - 1, file);
    ret_text[n] = '\0';
    fclose(file);
}

static struct cf_private_key *write_key(const char *folder, const char *name)
{
    struct cf_error err;
    struct cf_private_key *key = NULL;
    char pem[CF_PEM_MAX];
    require_ok(cf_private_key_generate(&key, &err), &err);
    require_ok(cf_private_key_pem(key, pem, &err), &err);
    write_file(folder, name, pem);
    return key;
}

static void write_certificate(const char *folder, const char *name, const struct cf_x509_spec *spec,
                              const cf_public_key *subject, const char *issuer_pem, const struct cf_private_key *issuer,
                              char ret_pem[CF_PEM_MAX])
{
    struct cf_error err;
    require_ok(cf_x509_issue(spec, subject, issuer_pem, issuer, ret_pem, &err), &err);
    write_file(folder, name, ret_pem);
}

static struct cf_x509_spec spec_of(enum cf_x509_kind kind, const char *common_name, uint64_t serial)
{
    return (struct cf_x509_spec){.kind = kind,
                                 .common_name = common_name,
                                 .serial = serial,
                                 .not_before = cf_wall_from_s(START_S),
                                 .not_after = cf_wall_from_s(START_S + 36500 * DAY_S)};
}

static int issue(const char *folder)
{
    static const char *const names[] = {"localhost", "127.0.0.1", NULL};
    struct cf_error err;
    char authority_pem[CF_PEM_MAX];
    char pem[CF_PEM_MAX];
    cf_public_key public_key;
    struct cf_private_key *authority = write_key(folder, "ca.key");
    struct cf_private_key *server = write_key(folder, "server.key");
    struct cf_private_key *client = write_key(folder, "client.key");

    struct cf_x509_spec spec = spec_of(CF_X509_CA, "root", 1);
    cf_private_key_public(authority, &public_key);
    write_certificate(folder, "ca.pem", &spec, &public_key, NULL, authority, authority_pem);

    spec = spec_of(CF_X509_SERVER, "central", 2);
    spec.dns_or_ip = names;
    cf_private_key_public(server, &public_key);
    write_certificate(folder, "server.pem", &spec, &public_key, authority_pem, authority, pem);

    require_ok(cf_x509_request(client, "till 1", pem, &err), &err);
    write_file(folder, "client.req", pem);
    spec = spec_of(CF_X509_CLIENT, "till 1", 3);
    cf_private_key_public(client, &public_key);
    write_certificate(folder, "client.pem", &spec, &public_key, authority_pem, authority, pem);

    cf_private_key_free(authority);
    cf_private_key_free(server);
    cf_private_key_free(client);
    return 0;
}

static int issue_from(const char *folder)
{
    struct cf_error err;
    char authority_pem[CF_PEM_MAX];
    char pem[CF_PEM_MAX];
    char common_name[CF_CN_MAX + 1];
    cf_public_key subject;
    struct cf_private_key *authority = NULL;
    read_file(folder, "ca.key", pem);
    require_ok(cf_private_key_from_pem(pem, &authority, &err), &err);
    read_file(folder, "client.req", pem);
    require_ok(cf_x509_request_read(pem, common_name, &subject, &err), &err);
    read_file(folder, "ca.pem", authority_pem);
    struct cf_x509_spec spec = spec_of(CF_X509_CLIENT, common_name, 4);
    write_certificate(folder, "other.pem", &spec, &subject, authority_pem, authority, pem);
    cf_private_key_free(authority);
    return 0;
}

static void read_one(const char *path)
{
    char pem[CF_PEM_MAX];
    char common_name[CF_CN_MAX + 1];
    cf_public_key key;
    struct cf_x509_info info;
    struct cf_private_key *private_key = NULL;
    read_file("/", path, pem);
    if (cf_x509_read(pem, &info, NULL) == CF_OK) {
        char from[CF_WALL_TEXT_MAX];
        char to[CF_WALL_TEXT_MAX];
        char fingerprint[2 * CF_SHA256_BYTES + 1];
        cf_wall_format(info.not_before, 0, from);
        cf_wall_format(info.not_after, 0, to);
        cf_hex_encode(cf_bytes_of(info.fingerprint, sizeof info.fingerprint), fingerprint);
        printf("certificate %s, %llu, %s, %s, %s\n", info.common_name, (unsigned long long)info.serial, from, to,
               fingerprint);
    } else if (cf_x509_request_read(pem, common_name, &key, NULL) == CF_OK) {
        printf("request %s\n", common_name);
    } else if (cf_private_key_from_pem(pem, &private_key, NULL) == CF_OK) {
        puts("key");
        cf_private_key_free(private_key);
    } else {
        puts("refused");
    }
}

int main(int n, char **words)
{
    if (n == 2 && strcmp(words[1], "verify") == 0) {
        return verify();
    }
    if (n == 3 && strcmp(words[1], "issue") == 0) {
        return issue(words[2]);
    }
    if (n == 3 && strcmp(words[1], "issue-from") == 0) {
        return issue_from(words[2]);
    }
    if (n >= 3 && strcmp(words[1], "read") == 0) {
        for (int i = 2; i < n; i++) {
            read_one(words[i]);
        }
        return 0;
    }
    fprintf(stderr, "usage: tool verify | issue FOLDER | issue-from FOLDER | read FILE...\n");
    return 2;
}
