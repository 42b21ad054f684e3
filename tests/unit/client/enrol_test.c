/*
 * tests/unit/client/enrol_test.c - a terminal gets its identity from a centre that is right, wrong or somebody else.
 */
#include "sync/client/enrol.h"
#include "sync/client/tls_net.h"
#include "sync/wire/wire.h"
#include "tests/support/tls_server.h"
#include "tests/unit/client/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const LOOPBACK[] = {"127.0.0.1", NULL};

/* What the centre does with an enrolment; the fields say what is wrong with it. */
struct centre {
    struct pki pki, other_pki;
    struct pki_leaf leaf;
    struct cf_enrol_code code;
    cf_public_key roots[2];
    const char *ca_text;     /* instead of our CA, if not NULL */
    const char *enrol_text;  /* instead of an answer: three digits, a space, the body */
    const char *common_name; /* of the certificate that it gives */
    bool other_key;          /* the certificate is for another key */
    bool proof_is_good;      /* found so */
    struct tls_server *server;
};
static struct centre c;
static char dir[] = "/tmp/cf-enrol-XXXXXX";
static struct cf_error err;

static void field_of(cf_bytes request, const char *name, char *ret, size_t cap)
{
    char pattern[40];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *at = memmem(request.p, request.n, pattern, strlen(pattern));
    size_t n = 0;
    assert_non_null(at);
    for (at += strlen(pattern); *at != '"' && n < cap - 1; at++) {
        bool newline = at[0] == '\\' && at[1] == 'n';
        ret[n++] = newline ? '\n' : *at;
        at += newline;
    }
    ret[n] = '\0';
}

static void check_proof(cf_bytes request, const char *csr)
{
    char text[200];
    cf_public_key key;
    cf_signature proof;
    struct cf_buf message;
    struct cf_verifier *verifier;
    field_of(request, "sign_key", text, sizeof text);
    assert_int_equal(cf_hex_decode(text, key.point, sizeof key.point, NULL), CF_OK);
    field_of(request, "proof", text, sizeof text);
    assert_int_equal(cf_hex_decode(text, proof.rs, sizeof proof.rs, NULL), CF_OK);
    cf_buf_init(&message, 8192);
    assert_int_equal(cf_buf_append_str(&message, "cf-enrol", NULL), CF_OK);
    assert_int_equal(cf_buf_append(&message, c.code.secret, 8, NULL), CF_OK);
    assert_int_equal(cf_buf_append_str(&message, csr, NULL), CF_OK);
    assert_int_equal(cf_verifier_new(&key, &verifier, NULL), CF_OK);
    c.proof_is_good = cf_verify(verifier, cf_buf_bytes(&message), &proof, NULL) == CF_OK;
    cf_verifier_free(verifier);
    cf_buf_done(&message);
}

static void make_certificate(const char *csr, char ret_pem[CF_PEM_MAX])
{
    char name[CF_CN_MAX + 1];
    cf_public_key key;
    struct cf_x509_info ca;
    assert_int_equal(cf_x509_request_read(csr, name, &key, NULL), CF_OK);
    assert_int_equal(cf_x509_read(c.pki.ca, &ca, NULL), CF_OK);
    if (c.other_key)
        key = ca.key;
    const struct cf_x509_spec spec = {.kind = CF_X509_CLIENT,
                                      .common_name = c.common_name,
                                      .serial = 9,
                                      .not_before = ca.not_before,
                                      .not_after = ca.not_after};
    assert_int_equal(cf_x509_issue(&spec, &key, c.pki.ca, c.pki.ca_key, ret_pem, NULL), CF_OK);
}

static void append_answer(struct cf_buf *ret, const char *status, const char *body)
{
    assert_int_equal(
        cf_buf_printf(ret, NULL, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body), CF_OK);
}

static void enrol(cf_bytes request, struct cf_buf *ret)
{
    char csr[CF_PEM_MAX], pem[CF_PEM_MAX], root[2][67];
    struct cf_buf body;
    const char *text;
    field_of(request, "csr", csr, sizeof csr);
    check_proof(request, csr);
    make_certificate(csr, pem);
    cf_buf_init(&body, 16384);
    for (size_t i = 0; i < 2; i++)
        cf_hex_encode(cf_bytes_of(c.roots[i].point, CF_P256_PUBLIC_BYTES), root[i]);
    assert_int_equal(
        cf_buf_append_str(&body, "{\"terminal\": 9, \"epoch\": 2, \"store\": 4, \"certificate\": \"", NULL), CF_OK);
    for (const char *at = pem; *at != '\0'; at++)
        assert_int_equal(*at == '\n' ? cf_buf_append_str(&body, "\\n", NULL) : cf_buf_append(&body, at, 1, NULL),
                         CF_OK);
    assert_int_equal(
        cf_buf_printf(&body, NULL, "\", \"roots\": [\"%s\", \"%s\"], \"terminals_port\": 4444}", root[0], root[1]),
        CF_OK);
    assert_int_equal(cf_buf_cstr(&body, &text, NULL), CF_OK);
    append_answer(ret, "200 OK", text);
    cf_buf_done(&body);
}

static void respond(void *ctx, cf_bytes request, struct cf_buf *ret)
{
    (void)ctx;
    if (memcmp(request.p, "GET /v1/ca ", 11) == 0)
        append_answer(ret, "200 OK", c.ca_text != NULL ? c.ca_text : c.pki.ca);
    else if (c.enrol_text != NULL)
        append_answer(ret, (char[]){c.enrol_text[0], c.enrol_text[1], c.enrol_text[2], '\0'}, c.enrol_text + 4);
    else
        enrol(request, ret);
}

static int setup(void **state)
{
    (void)state;
    struct cf_x509_info ca;
    c = (struct centre){.common_name = "t9-e2"};
    pki_init(&c.pki);
    pki_init(&c.other_pki);
    pki_issue(&c.pki, "centre", LOOPBACK, -3600, 3600, &c.leaf);
    assert_int_equal(cf_x509_read(c.pki.ca, &ca, NULL), CF_OK);
    memcpy(c.code.ca_fingerprint, ca.fingerprint, 8);
    memcpy(c.code.secret, "secret!!", 8);
    cf_private_key_public(c.pki.ca_key, &c.roots[0]);
    cf_private_key_public(c.other_pki.ca_key, &c.roots[1]);
    c.server = tls_server_start(
        &(struct tls_server_config){.cert_pem = c.leaf.cert, .key_pem = c.leaf.key, .respond = respond});
    memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const files[] = {"identity.cbor", "ca.pem", "tls.key.pem", "tls.cert.pem", "sign.key"};
    tls_server_stop(c.server);
    pki_done(&c.pki);
    pki_done(&c.other_pki);
    for (size_t i = 0; i < 5; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        unlink(path);
    }
    rmdir(dir);
    return 0;
}

static enum cf_rc run(struct cf_identity *ret)
{
    char code[CF_ENROL_TEXT_MAX];
    cf_enrol_code_format(&c.code, code);
    return cf_enrol(cf_env_system(), "127.0.0.1", tls_server_port(c.server), code, dir, ret, &err);
}

static unsigned mode_of(const char *name)
{
    char path[100];
    struct stat found;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 0777;
}

/* --- what works --------------------------------------------------------------------------------------------------- */

static void a_terminal_is_enrolled_and_finds_its_identity_again(void **state)
{
    (void)state;
    struct cf_identity made, found;
    cf_public_key a, b;
    enum cf_rc rc = run(&made);
    if (rc != CF_OK)
        fail_msg("%s: %s", cf_rc_name(rc), err.detail);
    assert_true(c.proof_is_good);
    assert_int_equal(made.terminal, 9);
    assert_int_equal(mode_of("tls.key.pem"), 0600);
    assert_int_equal(mode_of("sign.key"), 0600);
    assert_int_equal(cf_identity_load(cf_env_system(), dir, &found, &err), CF_OK);
    assert_int_equal(found.terminal, 9);
    assert_int_equal(found.epoch, 2);
    assert_int_equal(found.store, 4);
    assert_int_equal(found.terminals_port, 4444);
    assert_string_equal(found.host, "127.0.0.1");
    assert_string_equal(found.ca_pem, c.pki.ca);
    assert_string_equal(found.cert_pem, made.cert_pem);
    assert_memory_equal(found.roots, c.roots, sizeof c.roots);
    cf_private_key_public(made.sign_key, &a);
    cf_private_key_public(found.sign_key, &b);
    assert_memory_equal(a.point, b.point, sizeof a.point);
    cf_identity_done(&made);
    cf_identity_done(&found);
}

static void the_identity_opens_a_mutual_connection(void **state)
{
    (void)state;
    struct cf_identity made;
    assert_int_equal(run(&made), CF_OK);
    struct tls_server *terminals = tls_server_start(
        &(struct tls_server_config){.cert_pem = c.leaf.cert, .key_pem = c.leaf.key, .client_ca_pem = c.pki.ca});
    tls_server_say(terminals,
                   &(struct tls_server_answer){.bytes = cf_bytes_str("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")});
    const struct cf_tls_net_config config = {.host = made.host,
                                             .port = tls_server_port(terminals),
                                             .ca_pem = made.ca_pem,
                                             .cert_pem = made.cert_pem,
                                             .key_pem = made.tls_key_pem};
    const struct cf_net_request request = {.method = "GET", .path = "/"};
    struct cf_tls_net *net;
    struct cf_buf body;
    int status = 0;
    cf_buf_init(&body, 100);
    assert_int_equal(cf_tls_net_new(cf_env_system(), &config, &net, &err), CF_OK);
    assert_int_equal(cf_tls_net_exchange(net, &request, &status, &body, &err), CF_OK);
    assert_int_equal(status, 200);
    cf_tls_net_free(net);
    cf_buf_done(&body);
    tls_server_stop(terminals);
    cf_identity_done(&made);
}

static void enrolling_again_replaces_the_identity(void **state)
{
    (void)state;
    struct cf_identity first, second, found;
    assert_int_equal(run(&first), CF_OK);
    assert_int_equal(run(&second), CF_OK);
    assert_string_not_equal(first.cert_pem, second.cert_pem);
    assert_int_equal(cf_identity_load(cf_env_system(), dir, &found, &err), CF_OK);
    assert_string_equal(found.cert_pem, second.cert_pem);
    cf_identity_done(&first);
    cf_identity_done(&second);
    cf_identity_done(&found);
}

/* --- whom to trust ------------------------------------------------------------------------------------------------ */

static void expect_refused(enum cf_rc want)
{
    struct cf_identity identity = {.terminal = 42};
    struct cf_identity none;
    enum cf_rc rc = run(&identity);
    if (rc != want)
        fail_msg("%s instead of %s: %s", cf_rc_name(rc), cf_rc_name(want), err.detail);
    assert_int_equal(identity.terminal, 42);
    assert_int_equal(cf_identity_load(cf_env_system(), dir, &none, &err), CF_E_NOT_ENROLLED);
}

static void a_centre_that_the_code_does_not_name_is_refused(void **state)
{
    (void)state;
    c.code.ca_fingerprint[7] ^= 1;
    expect_refused(CF_E_ENROL_CODE);
}

static void a_stranger_who_shows_the_right_ca_is_refused(void **state)
{
    (void)state;
    /* It knows our CA's certificate, which is public, but has none of that CA for itself. */
    tls_server_stop(c.server);
    pki_issue(&c.other_pki, "centre", LOOPBACK, -3600, 3600, &c.leaf);
    c.server = tls_server_start(
        &(struct tls_server_config){.cert_pem = c.leaf.cert, .key_pem = c.leaf.key, .respond = respond});
    expect_refused(CF_E_CERTIFICATE);
}

static void a_second_ca_in_the_same_text_is_refused(void **state)
{
    (void)state;
    char two[2 * CF_PEM_MAX];
    snprintf(two, sizeof two, "%s%s", c.pki.ca, c.other_pki.ca);
    c.ca_text = two;
    expect_refused(CF_E_PROTOCOL);
}

static void a_ca_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        c.ca_text = rows[i];
        expect_refused(CF_E_PROTOCOL);
    }
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void a_refused_code_is_said_as_such(void **state)
{
    (void)state;
    c.enrol_text = "403 {\"error\": \"ENROL_CODE\"}";
    expect_refused(CF_E_ENROL_CODE);
    c.enrol_text = "409 {\"error\": \"ENROL_USED\"}";
    expect_refused(CF_E_ENROL_USED);
    c.enrol_text = "500 oops";
    expect_refused(CF_E_SERVER);
    c.enrol_text = "302 elsewhere";
    expect_refused(CF_E_PROTOCOL);
}

static void answers_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "200 ",
        "200 null",
        "200 []",
        "200 {}",
        "200 {\"terminal\": 1",
        "200 {\"terminal\": 9, \"terminal\": 9}",
        "200 {\"terminal\": \"9\", \"epoch\": 2, \"store\": 4, \"certificate\": \"x\", \"roots\": [], "
        "\"terminals_port\": 1}",
        "200 {\"terminal\": 0, \"epoch\": 2, \"store\": 4, \"certificate\": \"x\", \"roots\": [], \"terminals_port\": "
        "1}",
        "200 {\"terminal\": 99999999999, \"epoch\": 2}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        c.enrol_text = rows[i];
        expect_refused(CF_E_PROTOCOL);
    }
    char *deep = malloc(30001); /* nesting that a recursive reader would die of */
    assert_non_null(deep);
    memset(deep, '[', 30000);
    memcpy(deep, "200 ", 4);
    deep[30000] = '\0';
    c.enrol_text = deep;
    expect_refused(CF_E_PROTOCOL);
    free(deep);
}

static void roots_that_are_no_points_are_refused(void **state)
{
    (void)state;
    memset(c.roots[1].point, 0xff, sizeof c.roots[1].point);
    expect_refused(CF_E_PROTOCOL);
}

static void a_certificate_that_is_not_ours_is_refused(void **state)
{
    (void)state;
    c.common_name = "t8-e2";
    expect_refused(CF_E_CERTIFICATE);
    c.common_name = "t9-e2";
    c.other_key = true;
    expect_refused(CF_E_CERTIFICATE);
}

static void codes_and_hosts_that_are_none_are_refused_before_any_contact(void **state)
{
    (void)state;
    struct cf_identity identity;
    struct tls_server_counts counts;
    static const char *const hosts[] = {"", "a b", "x\r\nHost: evil", "http://x", "\xc3\xa9"};
    char code[CF_ENROL_TEXT_MAX];
    cf_enrol_code_format(&c.code, code);
    uint16_t port = tls_server_port(c.server);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        assert_int_equal(cf_enrol(cf_env_system(), hosts[i], port, code, dir, &identity, &err), CF_E_ARGUMENT);
    assert_int_equal(cf_enrol(cf_env_system(), "127.0.0.1", port, "ABCDE-12345", dir, &identity, &err),
                     CF_E_ENROL_CODE);
    tls_server_counts(c.server, &counts);
    assert_int_equal(counts.accepted, 0);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void overwrite(const char *name, const void *p, size_t n)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    const struct cf_env *env = cf_env_system();
    assert_int_equal(env->ops->file_replace(env->ctx, path, cf_bytes_of(p, n), 0600, NULL), CF_OK);
}

static void files_that_do_not_fit_each_other_are_refused(void **state)
{
    (void)state;
    struct cf_identity made, found;
    struct pki_leaf stranger;
    static const char *const names[] = {"identity.cbor", "ca.pem", "tls.key.pem", "tls.cert.pem", "sign.key"};
    pki_issue(&c.pki, "t9-e2", NULL, -60, 60, &stranger);
    for (size_t i = 0; i < 5; i++) {
        char path[100];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(run(&made), CF_OK);
        cf_identity_done(&made);
        overwrite(names[i], "", 0);
        assert_int_equal(cf_identity_load(cf_env_system(), dir, &found, &err), CF_E_CERTIFICATE);
        overwrite(names[i], &stranger, 5000);
        assert_int_equal(cf_identity_load(cf_env_system(), dir, &found, &err), CF_E_CERTIFICATE);
        unlink(path);
        assert_int_equal(cf_identity_load(cf_env_system(), dir, &found, &err),
                         i == 0 ? CF_E_NOT_ENROLLED : CF_E_CERTIFICATE);
    }
    assert_int_equal(run(&made), CF_OK);
    cf_identity_done(&made);
    overwrite("tls.key.pem", stranger.key, strlen(stranger.key)); /* of another enrolment */
    assert_int_equal(cf_identity_load(cf_env_system(), dir, &found, &err), CF_E_CERTIFICATE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_terminal_is_enrolled_and_finds_its_identity_again),
        TEST(the_identity_opens_a_mutual_connection),
        TEST(enrolling_again_replaces_the_identity),
        TEST(a_centre_that_the_code_does_not_name_is_refused),
        TEST(a_stranger_who_shows_the_right_ca_is_refused),
        TEST(a_second_ca_in_the_same_text_is_refused),
        TEST(a_ca_that_is_none_is_refused),
        TEST(a_refused_code_is_said_as_such),
        TEST(answers_that_make_no_sense_are_refused),
        TEST(roots_that_are_no_points_are_refused),
        TEST(a_certificate_that_is_not_ours_is_refused),
        TEST(codes_and_hosts_that_are_none_are_refused_before_any_contact),
        TEST(files_that_do_not_fit_each_other_are_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
