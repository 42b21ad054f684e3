/*
 * sync/client/tls_net.c - requests and answers over a kept TLS connection. See tls_net.h. One thread.
 */
#include "sync/client/tls_net.h"

#include "base/env_net.h"
#include "sync/client/http.h"
#include "sync/client/tls_link.h"

#include <arpa/inet.h>
#include <assert.h>
#include <mbedtls/error.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_US (10 * CF_US_PER_S)
#define IDLE_TIMEOUT_US (30 * CF_US_PER_S)
#define TOTAL_TIMEOUT_US (120 * CF_US_PER_S)

/* mbedTLS writes at most this much as one record. */
#define RECORD_BYTES 16384
#define REQUEST_HEAD_MAX 1024
#define HOST_FIELD_MAX 300

struct cf_tls_net {
    struct cf_env_net outer; /* base's env, with our exchange */
    struct cf_tls_setup setup;
    struct cf_tls_link link;
    char *host_field;
    cf_duration connect_timeout, idle_timeout, total_timeout;
    void (*on_wait)(void *ctx);
    void *on_wait_ctx;
    struct cf_tls_net_stats stats;
    uint8_t received[CF_HTTP_HEAD_MAX];
};

static enum cf_rc env_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    return cf_tls_net_exchange(ctx, request, ret_status, ret_body, err);
}

/* --- making it ---------------------------------------------------------------------------------------------------- */

static int entropy(void *ctx, unsigned char *p, size_t n)
{
    cf_env_random(ctx, p, n);
    return 0;
}

static enum cf_rc setup_failed(int code, const char *what, struct cf_error *err)
{
    char text[100];
    mbedtls_strerror(code, text, sizeof text);
    return cf_fail(err, code == MBEDTLS_ERR_SSL_ALLOC_FAILED ? CF_E_NO_MEMORY : CF_E_CERTIFICATE, "%s: %s", what, text);
}

static enum cf_rc load_certificates(struct cf_tls_setup *setup, const struct cf_tls_net_config *config,
                                    struct cf_error *err)
{
    int code = 0;
    if (config->ca_pem != NULL)
        code = mbedtls_x509_crt_parse(&setup->ca, (const unsigned char *)config->ca_pem, strlen(config->ca_pem) + 1);
    if (code != 0)
        return setup_failed(code, "the CA's certificate", err);
    if (setup->ca.next != NULL)
        return cf_fail(err, CF_E_CERTIFICATE, "more than one CA, where one is to be trusted");
    if (config->cert_pem == NULL)
        return CF_OK;
    code = mbedtls_x509_crt_parse(&setup->cert, (const unsigned char *)config->cert_pem, strlen(config->cert_pem) + 1);
    if (code != 0)
        return setup_failed(code, "this terminal's certificate", err);
    code =
        mbedtls_pk_parse_key(&setup->key, (const unsigned char *)config->key_pem, strlen(config->key_pem) + 1, NULL, 0);
    if (code == 0)
        code = mbedtls_pk_check_pair(&setup->cert.pk, &setup->key);
    return code == 0 ? CF_OK : setup_failed(code, "this terminal's TLS key", err);
}

static enum cf_rc configure_tls(struct cf_tls_setup *setup, const struct cf_tls_net_config *config,
                                struct cf_error *err)
{
    static const int SUITES[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};
    static const mbedtls_ecp_group_id CURVES[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
    mbedtls_ssl_config *conf = &setup->conf;
    int code = mbedtls_ctr_drbg_seed(&setup->drbg, entropy, (void *)(uintptr_t)setup->env, NULL, 0);
    if (code == 0)
        code = mbedtls_ssl_config_defaults(conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
    if (code != 0)
        return setup_failed(code, "TLS", err);
    mbedtls_ssl_conf_rng(conf, mbedtls_ctr_drbg_random, &setup->drbg);
    mbedtls_ssl_conf_min_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_ciphersuites(conf, SUITES);
    mbedtls_ssl_conf_curves(conf, CURVES);
    mbedtls_ssl_conf_cert_profile(conf, &mbedtls_x509_crt_profile_suiteb);
    mbedtls_ssl_conf_session_tickets(conf, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
    mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    mbedtls_ssl_conf_authmode(conf, setup->unverified ? MBEDTLS_SSL_VERIFY_NONE : MBEDTLS_SSL_VERIFY_REQUIRED);
    if (!setup->unverified)
        mbedtls_ssl_conf_ca_chain(conf, &setup->ca, NULL);
    if (config->cert_pem != NULL)
        code = mbedtls_ssl_conf_own_cert(conf, &setup->cert, &setup->key);
    return code == 0 ? CF_OK : setup_failed(code, "TLS", err);
}

static void note_address(struct cf_tls_setup *setup)
{
    if (inet_pton(AF_INET, setup->host, setup->address) == 1)
        setup->address_n = 4;
    else if (inet_pton(AF_INET6, setup->host, setup->address) == 1)
        setup->address_n = 16;
    setup->host_is_address = setup->address_n > 0;
}

static enum cf_rc format_host_field(struct cf_tls_net *net, struct cf_error *err)
{
    struct cf_buf text;
    const char *cstr;
    cf_buf_init(&text, HOST_FIELD_MAX);
    bool v6 = net->setup.address_n == 16;
    enum cf_rc rc =
        cf_buf_printf(&text, err, "%s%s%s:%u", v6 ? "[" : "", net->setup.host, v6 ? "]" : "", net->setup.port);
    if (rc == CF_OK)
        rc = cf_buf_cstr(&text, &cstr, err);
    if (rc == CF_OK) {
        net->host_field = strdup(cstr);
        rc = net->host_field == NULL ? cf_fail(err, CF_E_NO_MEMORY, "a host name") : CF_OK;
    }
    cf_buf_done(&text);
    return rc;
}

static cf_duration or_else(cf_duration given, int64_t otherwise_us)
{
    return given.us > 0 ? given : (cf_duration){otherwise_us};
}

static struct cf_tls_net *alloc_net(const struct cf_env *base, const struct cf_tls_net_config *config)
{
    struct cf_tls_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return NULL;
    cf_env_net_init(&net->outer, base, env_exchange, net);
    net->link.fd = -1;
    net->connect_timeout = or_else(config->connect_timeout, CONNECT_TIMEOUT_US);
    net->idle_timeout = or_else(config->idle_timeout, IDLE_TIMEOUT_US);
    net->total_timeout = or_else(config->total_timeout, TOTAL_TIMEOUT_US);
    struct cf_tls_setup *setup = &net->setup;
    setup->env = base;
    setup->port = config->port;
    setup->unverified = config->unverified;
    setup->true_time = config->true_time;
    setup->true_time_ctx = config->true_time_ctx;
    mbedtls_ctr_drbg_init(&setup->drbg);
    mbedtls_ssl_config_init(&setup->conf);
    mbedtls_x509_crt_init(&setup->ca);
    mbedtls_x509_crt_init(&setup->cert);
    mbedtls_pk_init(&setup->key);
    mbedtls_ssl_session_init(&setup->session);
    setup->host = strdup(config->host);
    setup->peer = config->peer != NULL ? strdup(config->peer) : NULL;
    return net;
}

enum cf_rc cf_tls_net_new(const struct cf_env *base, const struct cf_tls_net_config *config, struct cf_tls_net **ret,
                          struct cf_error *err)
{
    assert((config->ca_pem == NULL) == config->unverified);
    assert((config->cert_pem == NULL) == (config->key_pem == NULL));
    struct cf_tls_net *net = alloc_net(base, config);
    if (net == NULL || net->setup.host == NULL || (config->peer != NULL && net->setup.peer == NULL)) {
        cf_tls_net_free(net);
        return cf_fail(err, CF_E_NO_MEMORY, "the network");
    }
    note_address(&net->setup);
    enum cf_rc rc = format_host_field(net, err);
    if (rc == CF_OK)
        rc = cf_lookup_new(net->setup.host, net->setup.port, &net->setup.lookup, err);
    if (rc == CF_OK)
        rc = load_certificates(&net->setup, config, err);
    if (rc == CF_OK)
        rc = configure_tls(&net->setup, config, err);
    if (rc != CF_OK) {
        cf_tls_net_free(net);
        return rc;
    }
    *ret = net;
    return CF_OK;
}

void cf_tls_net_free(struct cf_tls_net *net)
{
    if (net == NULL)
        return;
    cf_tls_net_close(net);
    mbedtls_ssl_session_free(&net->setup.session);
    mbedtls_pk_free(&net->setup.key);
    mbedtls_x509_crt_free(&net->setup.cert);
    mbedtls_x509_crt_free(&net->setup.ca);
    mbedtls_ssl_config_free(&net->setup.conf);
    mbedtls_ctr_drbg_free(&net->setup.drbg);
    cf_lookup_free(net->setup.lookup);
    free(net->setup.host);
    free(net->setup.peer);
    free(net->host_field);
    free(net);
}

const struct cf_env *cf_tls_net_env(struct cf_tls_net *net)
{
    return &net->outer.env;
}

void cf_tls_net_on_wait(struct cf_tls_net *net, void (*fn)(void *ctx), void *ctx)
{
    net->on_wait = fn;
    net->on_wait_ctx = ctx;
}

void cf_tls_net_true_time(struct cf_tls_net *net, bool (*fn)(void *ctx, cf_wall *ret), void *ctx)
{
    net->setup.true_time = fn;
    net->setup.true_time_ctx = ctx;
}

void cf_tls_net_stats(const struct cf_tls_net *net, struct cf_tls_net_stats *ret)
{
    *ret = net->stats;
    ret->bytes_up += net->link.bytes_out;
    ret->bytes_down += net->link.bytes_in;
}

void cf_tls_net_close(struct cf_tls_net *net)
{
    cf_tls_link_close(&net->link);
    net->stats.bytes_up += net->link.bytes_out;
    net->stats.bytes_down += net->link.bytes_in;
    net->link.bytes_out = 0;
    net->link.bytes_in = 0;
}

/* --- one exchange ------------------------------------------------------------------------------------------------- */

static struct cf_tls_deadline deadline_from_now(const struct cf_tls_net *net, cf_duration idle, cf_duration total)
{
    int64_t now_us = cf_env_mono(net->outer.base).us;
    return (struct cf_tls_deadline){.idle_timeout = idle, .idle = {now_us + idle.us}, .total = {now_us + total.us}};
}

static enum cf_rc connect_link(struct cf_tls_net *net, struct cf_error *err)
{
    struct cf_tls_deadline deadline = deadline_from_now(net, net->connect_timeout, net->connect_timeout);
    bool resumed = false;
    cf_tls_net_close(net);
    struct cf_error why = {.rc = CF_OK};
    enum cf_rc rc = cf_tls_link_open(&net->link, &net->setup, &deadline, &resumed, &why);
    /* However long it took: nothing was sent, and callers go by that. */
    if (rc != CF_OK)
        return cf_fail(err, rc == CF_E_TIMEOUT ? CF_E_LINK_DOWN : rc, "%s", why.detail);
    net->stats.connects++;
    net->stats.resumed += resumed;
    return CF_OK;
}

/* Head and the beginning of the body go as one record, and thus as one packet if they are small. */
static enum cf_rc send_request(struct cf_tls_net *net, const struct cf_net_request *request,
                               struct cf_tls_deadline *deadline, struct cf_error *err)
{
    uint8_t first[RECORD_BYTES];
    struct cf_buf head;
    cf_buf_init(&head, REQUEST_HEAD_MAX);
    enum cf_rc rc = cf_http_request_head(request, net->host_field, &head, err);
    size_t n = head.n;
    if (rc == CF_OK)
        memcpy(first, head.p, n);
    cf_buf_done(&head);
    if (rc != CF_OK)
        return rc;
    cf_bytes body = request->body;
    size_t with = body.n < sizeof first - n ? body.n : sizeof first - n;
    if (with > 0)
        memcpy(first + n, body.p, with);
    rc = cf_tls_link_write(&net->link, cf_bytes_of(first, n + with), deadline, err);
    if (rc == CF_OK && body.n > with)
        rc = cf_tls_link_write(&net->link, cf_bytes_of(body.p + with, body.n - with), deadline, err);
    return rc;
}

/* Reads until the head is whole. What came of the body with it is received[*ret_head_n .. *ret_n). */
static enum cf_rc receive_head(struct cf_tls_net *net, size_t *ret_head_n, size_t *ret_n, bool *ret_any,
                               struct cf_tls_deadline *deadline, struct cf_error *err)
{
    size_t n = 0;
    for (;;) {
        if (n == sizeof net->received)
            return cf_fail(err, CF_E_PROTOCOL, "the answer's head has more than %d bytes", CF_HTTP_HEAD_MAX);
        size_t got = 0;
        enum cf_rc rc = cf_tls_link_read(&net->link, net->received + n, sizeof net->received - n, &got, deadline, err);
        if (rc != CF_OK)
            return rc;
        *ret_any = true;
        n += got;
        *ret_head_n = cf_http_head_size(cf_bytes_of(net->received, n));
        if (*ret_head_n > 0) {
            *ret_n = n;
            return CF_OK;
        }
    }
}

static enum cf_rc receive_body(struct cf_tls_net *net, uint64_t length, cf_bytes begun, struct cf_buf *ret,
                               struct cf_tls_deadline *deadline, struct cf_error *err)
{
    if (length > ret->max - ret->n)
        return cf_fail(err, CF_E_LIMIT, "an answer of %llu bytes, where %zu are allowed", (unsigned long long)length,
                       ret->max - ret->n);
    if (begun.n > length)
        return cf_fail(err, CF_E_PROTOCOL, "the answer is longer than it says");
    enum cf_rc rc = cf_buf_reserve(ret, (size_t)length, err);
    if (rc == CF_OK)
        rc = cf_buf_append(ret, begun.p, begun.n, err);
    size_t left = (size_t)length - begun.n;
    while (rc == CF_OK && left > 0) {
        size_t got = 0;
        rc = cf_tls_link_read(&net->link, ret->p + ret->n, left, &got, deadline, err);
        ret->n += got;
        left -= got;
    }
    return rc;
}

struct answer {
    bool any; /* something of it came */
    struct cf_http_head head;
};

static enum cf_rc exchange_once(struct cf_tls_net *net, const struct cf_net_request *request, struct answer *answer,
                                struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_tls_deadline deadline = deadline_from_now(net, net->idle_timeout, net->total_timeout);
    size_t head_n = 0, n = 0;
    enum cf_rc rc = send_request(net, request, &deadline, err);
    if (rc == CF_OK && net->on_wait != NULL) {
        net->on_wait(net->on_wait_ctx);
        deadline.idle.us = cf_env_mono(net->outer.base).us + deadline.idle_timeout.us;
    }
    if (rc == CF_OK)
        rc = receive_head(net, &head_n, &n, &answer->any, &deadline, err);
    if (rc == CF_OK)
        rc = cf_http_head_read(cf_bytes_of(net->received, head_n), &answer->head, err);
    if (rc == CF_OK)
        rc = receive_body(net, answer->head.content_length, cf_bytes_of(net->received + head_n, n - head_n), ret_body,
                          &deadline, err);
    /* After a failure nobody knows where the next answer begins. */
    if (rc != CF_OK || !answer->head.keep)
        cf_tls_net_close(net);
    return rc;
}

enum cf_rc cf_tls_net_exchange(struct cf_tls_net *net, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    size_t before = ret_body->n;
    struct answer answer = {.any = false};
    bool kept = cf_tls_link_is_open(&net->link) && !cf_tls_link_is_stale(&net->link);
    enum cf_rc rc = kept ? CF_OK : connect_link(net, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_tls_link_judge_dates(&net->link, err);
    if (rc != CF_OK) {
        /* A resumed session would never show the certificate that replaces this one. */
        cf_tls_net_close(net);
        cf_tls_forget_session(&net->setup);
        return rc;
    }
    struct cf_error why = {.rc = CF_OK};
    net->stats.exchanges++;
    rc = exchange_once(net, request, &answer, ret_body, &why);
    if (rc == CF_E_LINK_DOWN && kept && !answer.any) {
        /* They closed the kept connection just as we wrote. */
        net->stats.repeats++;
        rc = connect_link(net, &why);
        if (rc == CF_OK)
            rc = exchange_once(net, request, &answer, ret_body, &why);
    }
    if (rc != CF_OK) {
        ret_body->n = before;
        /* It may have arrived, and the names of what goes wrong before it is sent say that it did not. */
        bool unsure = rc == CF_E_LINK_DOWN || rc == CF_E_TLS || rc == CF_E_CERTIFICATE;
        return cf_fail(err, unsure ? CF_E_TIMEOUT : rc, "%s", why.detail);
    }
    *ret_status = answer.head.status;
    return CF_OK;
}
