/*
 * sync/client/enrol.c - how a terminal gets its identity. See enrol.h. One thread.
 */
#include "sync/client/enrol.h"

#include "sync/client/identity.h"
#include "sync/client/tls_net.h"
#include "sync/wire/wire.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define PATH_CA "/v1/ca"
#define PATH_ENROL "/v1/enrol"
#define ANSWER_BYTES_MAX 32768
#define PROOF_PREFIX "cf-enrol"

/* A till out of its box does not know the time: the code alone says whom to trust. */
static bool time_unknown(void *ctx, cf_wall *ret)
{
    (void)ctx;
    (void)ret;
    return false;
}

/* ca_pem NULL: to ask for it. */
static enum cf_rc exchange(const struct cf_env *env, const char *host, uint16_t port, const char *ca_pem,
                           const struct cf_net_request *request, int *ret_status, struct cf_buf *ret_body,
                           struct cf_error *err)
{
    const struct cf_tls_net_config config = {
        .host = host, .port = port, .ca_pem = ca_pem, .unverified = ca_pem == NULL, .true_time = time_unknown};
    struct cf_tls_net *net = NULL;
    enum cf_rc rc = cf_tls_net_new(env, &config, &net, err);
    if (rc == CF_OK)
        rc = cf_tls_net_exchange(net, request, ret_status, ret_body, err);
    cf_tls_net_free(net);
    return rc;
}

/* --- whom to trust ------------------------------------------------------------------------------------------------ */

/* A second certificate in the same text would be trusted too, and no code names it. */
static bool is_one_certificate(const char *pem)
{
    static const char BEGIN[] = "-----BEGIN ";
    const char *first = strstr(pem, BEGIN);
    return first != NULL && strstr(first + 1, BEGIN) == NULL;
}

static enum cf_rc take_ca(cf_bytes body, const struct cf_enrol_code *code, struct cf_identity *identity,
                          struct cf_error *err)
{
    struct cf_x509_info ca;
    if (body.n == 0 || body.n >= CF_PEM_MAX || memchr(body.p, '\0', body.n) != NULL)
        return cf_fail(err, CF_E_PROTOCOL, "the centre's CA certificate cannot be read");
    memcpy(identity->ca_pem, body.p, body.n);
    identity->ca_pem[body.n] = '\0';
    if (!is_one_certificate(identity->ca_pem) || cf_x509_read(identity->ca_pem, &ca, NULL) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "the centre's CA certificate cannot be read");
    if (!cf_bytes_equal_secret(ca.fingerprint, code->ca_fingerprint, sizeof code->ca_fingerprint))
        return cf_fail(err, CF_E_ENROL_CODE, "the centre at %s is not the one that this code is for", identity->host);
    return CF_OK;
}

static enum cf_rc fetch_ca(const struct cf_env *env, uint16_t api_port, const struct cf_enrol_code *code,
                           struct cf_identity *identity, struct cf_error *err)
{
    const struct cf_net_request request = {.method = "GET", .path = PATH_CA};
    struct cf_buf body;
    int status = 0;
    cf_buf_init(&body, ANSWER_BYTES_MAX);
    enum cf_rc rc = exchange(env, identity->host, api_port, NULL, &request, &status, &body, err);
    if (rc == CF_OK && status != 200)
        rc = cf_fail(err, CF_E_PROTOCOL, "%s answered " PATH_CA " with HTTP status %d", identity->host, status);
    if (rc == CF_OK)
        rc = take_ca(cf_buf_bytes(&body), code, identity, err);
    cf_buf_done(&body);
    return rc;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum cf_rc prove(const struct cf_enrol_code *code, const char *csr, const struct cf_private_key *sign_key,
                        cf_signature *ret, struct cf_error *err)
{
    struct cf_buf message;
    cf_buf_init(&message, CF_PEM_MAX + 64);
    enum cf_rc rc = cf_buf_append_str(&message, PROOF_PREFIX, err);
    if (rc == CF_OK)
        rc = cf_buf_append(&message, code->secret, sizeof code->secret, err);
    if (rc == CF_OK)
        rc = cf_buf_append_str(&message, csr, err);
    if (rc == CF_OK)
        rc = cf_sign(sign_key, cf_buf_bytes(&message), ret, err);
    cf_buf_done(&message);
    return rc;
}

/* PEM needs no escape but for its line ends. */
static enum cf_rc append_pem(struct cf_buf *json, const char *pem, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (const char *at = pem; *at != '\0' && rc == CF_OK; at++) {
        if (*at == '\n')
            rc = cf_buf_append_str(json, "\\n", err);
        else if (*at == '\r')
            rc = cf_buf_append_str(json, "\\r", err);
        else
            rc = cf_buf_append(json, at, 1, err);
    }
    return rc;
}

static enum cf_rc print_request(const struct cf_enrol_code *code, const struct cf_identity *identity,
                                const struct cf_private_key *tls_key, struct cf_buf *ret, struct cf_error *err)
{
    char csr[CF_PEM_MAX];
    char secret[2 * CF_ENROL_SECRET_BYTES + 1], sign_key[2 * CF_P256_PUBLIC_BYTES + 1];
    char proof_text[2 * CF_P256_SIGNATURE_BYTES + 1];
    cf_public_key public;
    cf_signature proof;
    enum cf_rc rc = cf_x509_request(tls_key, "terminal", csr, err);
    if (rc == CF_OK)
        rc = prove(code, csr, identity->sign_key, &proof, err);
    if (rc != CF_OK)
        return rc;
    cf_private_key_public(identity->sign_key, &public);
    cf_hex_encode(cf_bytes_of(code->secret, sizeof code->secret), secret);
    cf_hex_encode(cf_bytes_of(public.point, sizeof public.point), sign_key);
    cf_hex_encode(cf_bytes_of(proof.rs, sizeof proof.rs), proof_text);
    rc = cf_buf_printf(ret, err, "{\"secret\":\"%s\",\"sign_key\":\"%s\",\"proof\":\"%s\",\"csr\":\"", secret, sign_key,
                       proof_text);
    if (rc == CF_OK)
        rc = append_pem(ret, csr, err);
    if (rc == CF_OK)
        rc = cf_buf_append_str(ret, "\"}", err);
    return rc;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static bool take_number(const json_t *object, const char *key, uint64_t max, uint64_t *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 1 || (uint64_t)json_integer_value(value) > max)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

static bool take_roots(const json_t *object, struct cf_identity *identity)
{
    const json_t *roots = json_object_get(object, "roots");
    uint8_t sec1[65];
    if (!json_is_array(roots) || json_array_size(roots) != 2)
        return false;
    for (size_t i = 0; i < 2; i++) {
        const char *text = json_string_value(json_array_get(roots, i));
        if (text == NULL || cf_hex_decode(text, identity->roots[i].point, CF_P256_PUBLIC_BYTES, NULL) != CF_OK ||
            cf_point_decompress(&identity->roots[i], sec1, NULL) != CF_OK)
            return false;
    }
    return true;
}

static bool take_fields(const json_t *object, struct cf_identity *identity)
{
    uint64_t terminal, epoch, store, port;
    const char *certificate = json_string_value(json_object_get(object, "certificate"));
    if (!take_number(object, "terminal", UINT32_MAX, &terminal) || !take_number(object, "epoch", UINT32_MAX, &epoch) ||
        !take_number(object, "store", UINT32_MAX, &store) ||
        !take_number(object, "terminals_port", UINT16_MAX, &port) || !take_roots(object, identity) ||
        certificate == NULL || strlen(certificate) >= CF_PEM_MAX)
        return false;
    identity->terminal = (uint32_t)terminal;
    identity->epoch = (uint32_t)epoch;
    identity->store = (uint32_t)store;
    identity->terminals_port = (uint16_t)port;
    memcpy(identity->cert_pem, certificate, strlen(certificate) + 1);
    return true;
}

static enum cf_rc take_answer(cf_bytes body, struct cf_identity *identity, struct cf_error *err)
{
    json_t *answer = json_loadb((const char *)body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
    bool good = answer != NULL && take_fields(answer, identity);
    json_decref(answer);
    if (!good)
        return cf_fail(err, CF_E_PROTOCOL, "the centre's answer to an enrolment makes no sense");
    return cf_identity_check(identity, err);
}

static enum cf_rc refused(int status, const char *host, struct cf_error *err)
{
    if (status == 401 || status == 403)
        return cf_fail(err, CF_E_ENROL_CODE, "%s does not know this code, or it has expired", host);
    if (status == 409)
        return cf_fail(err, CF_E_ENROL_USED, "this code was used already");
    return cf_fail(err, status >= 500 ? CF_E_SERVER : CF_E_PROTOCOL, "%s answered with HTTP status %d", host, status);
}

static enum cf_rc ask(const struct cf_env *env, uint16_t api_port, const struct cf_enrol_code *code,
                      const struct cf_private_key *tls_key, struct cf_identity *identity, struct cf_error *err)
{
    struct cf_buf json, body;
    int status = 0;
    cf_buf_init(&json, 3 * CF_PEM_MAX);
    cf_buf_init(&body, ANSWER_BYTES_MAX);
    enum cf_rc rc = print_request(code, identity, tls_key, &json, err);
    if (rc == CF_OK) {
        const struct cf_net_request request = {
            .method = "POST", .path = PATH_ENROL, .content_type = "application/json", .body = cf_buf_bytes(&json)};
        rc = exchange(env, identity->host, api_port, identity->ca_pem, &request, &status, &body, err);
    }
    if (rc == CF_OK && status != 200 && status != 201)
        rc = refused(status, identity->host, err);
    if (rc == CF_OK)
        rc = take_answer(cf_buf_bytes(&body), identity, err);
    if (json.p != NULL)
        cf_bytes_wipe(json.p, json.n);
    cf_buf_done(&json);
    cf_buf_done(&body);
    return rc;
}

enum cf_rc cf_enrol(const struct cf_env *env, const char *host, uint16_t api_port, const char *code_text,
                    const char *dir, struct cf_identity *ret, struct cf_error *err)
{
    struct cf_enrol_code code;
    struct cf_identity identity = {.terminal = 0};
    struct cf_private_key *tls_key = NULL;
    enum cf_rc rc = cf_enrol_code_parse(code_text, &code, err);
    if (rc != CF_OK)
        return rc;
    if (!cf_host_is_plausible(host) || api_port == 0)
        return cf_fail(err, CF_E_ARGUMENT, "that is not a host and a port");
    memcpy(identity.host, host, strlen(host) + 1);
    rc = fetch_ca(env, api_port, &code, &identity, err);
    if (rc == CF_OK)
        rc = cf_private_key_generate(&identity.sign_key, err);
    if (rc == CF_OK)
        rc = cf_private_key_generate(&tls_key, err);
    if (rc == CF_OK)
        rc = cf_private_key_pem(tls_key, identity.tls_key_pem, err);
    if (rc == CF_OK)
        rc = ask(env, api_port, &code, tls_key, &identity, err);
    if (rc == CF_OK)
        rc = cf_identity_save(env, dir, &identity, err);
    cf_private_key_free(tls_key);
    cf_bytes_wipe(&code, sizeof code);
    if (rc == CF_OK)
        *ret = identity;
    else
        cf_identity_done(&identity);
    cf_bytes_wipe(identity.tls_key_pem, sizeof identity.tls_key_pem);
    return rc;
}
