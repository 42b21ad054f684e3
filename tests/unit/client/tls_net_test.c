/*
 * tests/unit/client/tls_net_test.c - the real network of a till against a server that is right, wrong, slow or gone.
 */
#include "sync/client/tls_net.h"
#include "tests/support/tls_server.h"
#include "tests/unit/client/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: application/cbor\r\n\r\nhello"

static struct pki pki, other_pki;
static struct pki_leaf server_leaf, client_leaf;
static const char *const LOOPBACK[] = {"127.0.0.1", "localhost", NULL};

static int make_certificates(void **state)
{
    (void)state;
    pki_init(&pki);
    pki_init(&other_pki);
    pki_issue(&pki, "centre", LOOPBACK, -3600, 3600, &server_leaf);
    pki_issue(&pki, "t7-e1", NULL, -3600, 3600, &client_leaf);
    return 0;
}

static int drop_certificates(void **state)
{
    (void)state;
    pki_done(&pki);
    pki_done(&other_pki);
    return 0;
}

/* --- a server and a net that reaches it --------------------------------------------------------------------------- */

struct fixture {
    struct tls_server *server;
    struct cf_tls_net *net;
    struct cf_buf body;
    int status;
    struct cf_error err;
};

static struct cf_tls_net_config plain_config(uint16_t port)
{
    return (struct cf_tls_net_config){.host = "127.0.0.1",
                                      .port = port,
                                      .ca_pem = pki.ca,
                                      .cert_pem = client_leaf.cert,
                                      .key_pem = client_leaf.key,
                                      .connect_timeout = {3 * CF_US_PER_S},
                                      .idle_timeout = {3 * CF_US_PER_S},
                                      .total_timeout = {10 * CF_US_PER_S}};
}

static void start_server(struct fixture *f, const struct tls_server_config *config)
{
    struct tls_server_config plain = {
        .cert_pem = server_leaf.cert, .key_pem = server_leaf.key, .client_ca_pem = pki.ca};
    *f = (struct fixture){.server = tls_server_start(config != NULL ? config : &plain)};
    cf_buf_init(&f->body, 4u << 20);
    tls_server_say(f->server, &(struct tls_server_answer){.bytes = cf_bytes_str(OK_ANSWER)});
}

static void start_net(struct fixture *f, const struct cf_tls_net_config *config)
{
    struct cf_tls_net_config plain = plain_config(tls_server_port(f->server));
    assert_int_equal(cf_tls_net_new(cf_env_system(), config != NULL ? config : &plain, &f->net, &f->err), CF_OK);
}

static void start(struct fixture *f)
{
    start_server(f, NULL);
    start_net(f, NULL);
}

static void finish(struct fixture *f)
{
    cf_tls_net_free(f->net);
    tls_server_stop(f->server);
    cf_buf_done(&f->body);
}

static enum cf_rc get(struct fixture *f)
{
    const struct cf_net_request request = {.method = "GET", .path = "/t1/chunk/2/00"};
    cf_buf_clear(&f->body);
    return cf_tls_net_exchange(f->net, &request, &f->status, &f->body, &f->err);
}

static enum cf_rc post(struct fixture *f, cf_bytes content)
{
    const struct cf_net_request request = {
        .method = "POST", .path = "/t1/records", .content_type = "application/cbor", .body = content};
    cf_buf_clear(&f->body);
    return cf_tls_net_exchange(f->net, &request, &f->status, &f->body, &f->err);
}

static void say(struct fixture *f, const char *text)
{
    tls_server_say(f->server, &(struct tls_server_answer){.bytes = cf_bytes_str(text)});
}

/* --- what works --------------------------------------------------------------------------------------------------- */

static void a_request_gets_its_answer(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    assert_int_equal(get(&f), CF_OK);
    assert_int_equal(f.status, 200);
    assert_true(cf_bytes_equal(cf_buf_bytes(&f.body), cf_bytes_str("hello")));
    struct cf_buf request;
    cf_buf_init(&request, 4u << 20);
    tls_server_request(f.server, &request);
    char want[100];
    snprintf(want, sizeof want, "GET /t1/chunk/2/00 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", tls_server_port(f.server));
    assert_true(cf_bytes_equal(cf_buf_bytes(&request), cf_bytes_str(want)));
    cf_buf_done(&request);
    finish(&f);
}

static void a_large_body_arrives_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 16000, 16384, 16385, 300000, 4000000};
    struct fixture f;
    start(&f);
    uint8_t *content = malloc(4000000);
    assert_non_null(content);
    for (size_t i = 0; i < 4000000; i++)
        content[i] = (uint8_t)(i * 31 >> 3);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        struct cf_buf request;
        cf_buf_init(&request, 8u << 20);
        assert_int_equal(post(&f, cf_bytes_of(content, sizes[k])), CF_OK);
        tls_server_request(f.server, &request);
        assert_true(request.n > sizes[k]);
        assert_memory_equal(request.p + request.n - sizes[k], content, sizes[k]);
        cf_buf_done(&request);
    }
    free(content);
    finish(&f);
}

static void the_connection_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    struct tls_server_counts counts;
    start(&f);
    for (int i = 0; i < 10; i++)
        assert_int_equal(get(&f), CF_OK);
    tls_server_counts(f.server, &counts);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.requests, 10);
    finish(&f);
}

static void a_refusal_is_an_answer_too(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    say(&f, "HTTP/1.1 409 Conflict\r\ncontent-length:   3  \r\n\r\ngap");
    assert_int_equal(get(&f), CF_OK);
    assert_int_equal(f.status, 409);
    assert_true(cf_bytes_equal(cf_buf_bytes(&f.body), cf_bytes_str("gap")));
    say(&f, "HTTP/1.1 204 No Content\r\n\r\n");
    assert_int_equal(get(&f), CF_OK);
    assert_int_equal(f.status, 204);
    assert_int_equal(f.body.n, 0);
    finish(&f);
}

static void nearly_every_reconnect_resumes(void **state)
{
    (void)state;
    struct fixture f;
    struct tls_server_counts counts;
    struct cf_tls_net_stats stats;
    start(&f);
    for (int i = 0; i < 51; i++) {
        assert_int_equal(get(&f), CF_OK);
        cf_tls_net_close(f.net);
    }
    cf_tls_net_stats(f.net, &stats);
    tls_server_counts(f.server, &counts);
    assert_int_equal(stats.connects, 51);
    assert_int_equal(stats.resumed, 50);
    assert_int_equal(counts.resumed, 50); /* the server says so too */
    finish(&f);
}

static void a_session_outlives_a_link_that_breaks_in_the_handshake(void **state)
{
    (void)state;
    struct fixture f;
    struct cf_tls_net_stats stats;
    start(&f);
    assert_int_equal(get(&f), CF_OK);
    cf_tls_net_close(f.net);
    tls_server_hang_up(f.server, 2);
    assert_int_equal(get(&f), CF_E_LINK_DOWN);
    assert_int_equal(get(&f), CF_E_LINK_DOWN);
    assert_int_equal(get(&f), CF_OK);
    cf_tls_net_stats(f.net, &stats);
    assert_int_equal(stats.resumed, 1);
    /* But it is not offered for ever to one who hangs up on it. */
    cf_tls_net_close(f.net);
    tls_server_hang_up(f.server, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(get(&f), CF_E_LINK_DOWN);
    assert_int_equal(get(&f), CF_OK);
    cf_tls_net_stats(f.net, &stats);
    assert_int_equal(stats.resumed, 1);
    finish(&f);
}

/* The first writing may have arrived, so that the second's failure to connect must not be called a link that is down.
 */
static void a_kept_connection_that_dies_for_good_is_no_link_that_is_down(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    assert_int_equal(get(&f), CF_OK);
    tls_server_say(f.server, &(struct tls_server_answer){.drop_after = true});
    assert_int_equal(get(&f), CF_E_TIMEOUT); /* dropped, sent again, dropped again */
    finish(&f);
}

static void a_server_that_closes_after_each_answer_is_served_again(void **state)
{
    (void)state;
    static const struct tls_server_answer ways[] = {
        {.close_after = true}, /* unannounced, properly */
        {.drop_after = true},  /* unannounced, rudely */
    };
    for (size_t k = 0; k < 3; k++) {
        struct fixture f;
        struct cf_tls_net_stats stats;
        start(&f);
        struct tls_server_answer answer = ways[k % 2];
        answer.bytes = cf_bytes_str(k < 2 ? OK_ANSWER
                                          : "HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\nContent-Length: "
                                            "5\r\n\r\nhello");
        tls_server_say(f.server, &answer);
        for (int i = 0; i < 10; i++)
            assert_int_equal(get(&f), CF_OK);
        cf_tls_net_stats(f.net, &stats);
        assert_int_equal(stats.connects - stats.repeats <= 10 && stats.connects >= 10, 1);
        finish(&f);
    }
}

static void count_call(void *ctx)
{
    (*(unsigned *)ctx)++;
}

static void the_time_of_waiting_is_offered_once_an_exchange(void **state)
{
    (void)state;
    struct fixture f;
    unsigned calls = 0;
    start(&f);
    cf_tls_net_on_wait(f.net, count_call, &calls);
    assert_int_equal(get(&f), CF_OK);
    assert_int_equal(get(&f), CF_OK);
    assert_int_equal(calls, 2);
    finish(&f);
}

static void the_env_of_a_net_is_the_base_with_a_network(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    const struct cf_env *env = cf_tls_net_env(f.net);
    uint8_t a[CF_BOOT_ID_BYTES], b[CF_BOOT_ID_BYTES];
    env->ops->boot_id(env->ctx, a);
    cf_env_system()->ops->boot_id(cf_env_system()->ctx, b);
    assert_memory_equal(a, b, sizeof a);
    const struct cf_net_request request = {.method = "GET", .path = "/"};
    assert_int_equal(env->ops->net_exchange(env->ctx, &request, &f.status, &f.body, NULL), CF_OK);
    assert_true(llabs(cf_env_wall(env).us - cf_env_wall(cf_env_system()).us) < 5 * CF_US_PER_S);
    finish(&f);
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

static void expect_with_server(const struct pki *issuer, const char *const *names, int64_t from_s, int64_t to_s,
                               const char *host, enum cf_rc want)
{
    struct fixture f;
    struct pki_leaf leaf;
    pki_issue(issuer, "centre", names, from_s, to_s, &leaf);
    start_server(&f, &(struct tls_server_config){.cert_pem = leaf.cert, .key_pem = leaf.key, .client_ca_pem = pki.ca});
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.host = host;
    start_net(&f, &config);
    enum cf_rc rc = get(&f);
    if (rc != want)
        fail_msg("%s instead of %s: %s", cf_rc_name(rc), cf_rc_name(want), f.err.detail);
    finish(&f);
}

static void a_server_of_another_ca_is_refused(void **state)
{
    (void)state;
    expect_with_server(&other_pki, LOOPBACK, -3600, 3600, "127.0.0.1", CF_E_CERTIFICATE);
}

static void a_certificate_for_another_host_is_refused(void **state)
{
    (void)state;
    static const char *const elsewhere[] = {"centre.example", "127.0.0.2", NULL};
    static const char *const name_only[] = {"localhost", NULL};
    static const char *const address_as_name[] = {"centre.example", NULL};
    expect_with_server(&pki, elsewhere, -3600, 3600, "127.0.0.1", CF_E_CERTIFICATE);
    expect_with_server(&pki, elsewhere, -3600, 3600, "localhost", CF_E_CERTIFICATE);
    expect_with_server(&pki, name_only, -3600, 3600, "127.0.0.1", CF_E_CERTIFICATE);
    expect_with_server(&pki, address_as_name, -3600, 3600, "localhost", CF_E_CERTIFICATE);
    expect_with_server(&pki, name_only, -3600, 3600, "localhost", CF_OK);
}

static void an_expired_certificate_is_refused(void **state)
{
    (void)state;
    expect_with_server(&pki, LOOPBACK, -3600, -60, "127.0.0.1", CF_E_CERTIFICATE);
}

static void a_certificate_of_the_future_is_refused(void **state)
{
    (void)state;
    expect_with_server(&pki, LOOPBACK, 600, 3600, "127.0.0.1", CF_E_CERTIFICATE);
}

struct told_time {
    bool known;
    cf_wall now;
};

static bool tell_time(void *ctx, cf_wall *ret)
{
    const struct told_time *told = ctx;
    if (told->known)
        *ret = told->now;
    return told->known;
}

/* A till whose clock says 2016 must still be able to ask what time it is. */
static void dates_are_judged_only_by_a_time_that_is_known(void **state)
{
    (void)state;
    struct fixture f;
    struct cf_tls_net_stats stats;
    struct told_time told = {.known = false};
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.true_time = tell_time;
    config.true_time_ctx = &told;
    start_net(&f, &config);
    assert_int_equal(get(&f), CF_OK);
    /* The time becomes known, and the certificate is of another: not one request more. */
    told.known = true;
    told.now = cf_wall_from_s(cf_wall_s(cf_env_wall(cf_env_system())) + 70 * INT64_C(31557600));
    assert_int_equal(get(&f), CF_E_CERTIFICATE);
    assert_int_equal(get(&f), CF_E_CERTIFICATE);
    told.now = cf_env_wall(cf_env_system());
    assert_int_equal(get(&f), CF_OK);
    cf_tls_net_stats(f.net, &stats);
    assert_int_equal(stats.exchanges, 2);
    finish(&f);
}

static void dates_are_judged_in_a_resumed_session_too(void **state)
{
    (void)state;
    struct fixture f;
    struct told_time told = {.known = false};
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.true_time = tell_time;
    config.true_time_ctx = &told;
    start_net(&f, &config);
    assert_int_equal(get(&f), CF_OK);
    cf_tls_net_close(f.net);
    told.known = true;
    told.now = cf_wall_from_s(0);
    assert_int_equal(get(&f), CF_E_CERTIFICATE);
    finish(&f);
}

static void our_certificate_refused_is_said_as_such(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, &(struct tls_server_config){
                         .cert_pem = server_leaf.cert, .key_pem = server_leaf.key, .client_ca_pem = other_pki.ca});
    start_net(&f, NULL);
    enum cf_rc rc = get(&f);
    if (rc != CF_E_CERTIFICATE)
        fail_msg("%s: %s", cf_rc_name(rc), f.err.detail);
    finish(&f);
}

static void a_terminal_without_a_certificate_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.cert_pem = config.key_pem = NULL;
    start_net(&f, &config);
    assert_int_equal(get(&f), CF_E_CERTIFICATE);
    finish(&f);
}

static void the_very_first_contact_trusts_anyone(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, &(struct tls_server_config){.cert_pem = server_leaf.cert, .key_pem = server_leaf.key});
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.ca_pem = config.cert_pem = config.key_pem = NULL;
    config.unverified = true;
    start_net(&f, &config);
    assert_int_equal(get(&f), CF_OK);
    finish(&f);
}

static void pems_that_are_none_are_refused(void **state)
{
    (void)state;
    struct cf_tls_net *net = NULL;
    struct cf_tls_net_config config = plain_config(1);
    char two[2 * CF_PEM_MAX];
    config.ca_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_int_equal(cf_tls_net_new(cf_env_system(), &config, &net, NULL), CF_E_CERTIFICATE);
    snprintf(two, sizeof two, "%s%s", pki.ca, other_pki.ca);
    config.ca_pem = two;
    assert_int_equal(cf_tls_net_new(cf_env_system(), &config, &net, NULL), CF_E_CERTIFICATE);
    config = plain_config(1);
    config.key_pem = server_leaf.key; /* of another certificate */
    assert_int_equal(cf_tls_net_new(cf_env_system(), &config, &net, NULL), CF_E_CERTIFICATE);
    config.key_pem = "";
    assert_int_equal(cf_tls_net_new(cf_env_system(), &config, &net, NULL), CF_E_CERTIFICATE);
    assert_null(net);
}

/* --- time-outs and broken links ----------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    return cf_env_mono(cf_env_system()).us / CF_US_PER_MS;
}

static void nobody_listening_is_a_link_that_is_down(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    start_net(&f, &config);
    tls_server_stop(f.server);
    f.server = NULL;
    assert_int_equal(get(&f), CF_E_LINK_DOWN);
    finish(&f);
}

/* Nothing was sent, and a till goes by that: it may use its offline reserve. */
static void a_server_that_never_speaks_is_a_link_that_is_down(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, &(struct tls_server_config){.silent = true});
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.connect_timeout = (cf_duration){200 * CF_US_PER_MS};
    start_net(&f, &config);
    int64_t began = now_ms();
    assert_int_equal(get(&f), CF_E_LINK_DOWN);
    assert_true(now_ms() - began < 2000);
    finish(&f);
}

/* Whether its name server answers, refuses or is cut off: the cashier waits no longer than was said. */
static void a_name_that_cannot_be_looked_up_is_a_link_that_is_down_in_time(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.host = "counterfoil.invalid"; /* RFC 6761: never exists */
    config.connect_timeout = (cf_duration){300 * CF_US_PER_MS};
    start_net(&f, &config);
    for (int i = 0; i < 3; i++) {
        int64_t began = now_ms();
        assert_int_equal(get(&f), CF_E_LINK_DOWN);
        assert_true(now_ms() - began < 2000);
    }
    finish(&f);
}

static void an_answer_that_does_not_come_times_out(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.idle_timeout = (cf_duration){200 * CF_US_PER_MS};
    start_net(&f, &config);
    static const struct tls_server_answer stalls[] = {
        {.pause_ms = 2000},                                   /* before it */
        {.pause_ms = 2000, .split_at = 10},                   /* in its head */
        {.pause_ms = 2000, .split_at = sizeof OK_ANSWER - 3}, /* in its body */
    };
    for (size_t i = 0; i < 3; i++) {
        struct tls_server_answer answer = stalls[i];
        answer.bytes = cf_bytes_str(OK_ANSWER);
        tls_server_say(f.server, &answer);
        enum cf_rc rc = get(&f);
        if (rc != CF_E_TIMEOUT)
            fail_msg("stall %zu: %s", i, cf_rc_name(rc));
        assert_int_equal(f.body.n, 0);
        finish(&f);
        start_server(&f, NULL);
        config.port = tls_server_port(f.server);
        start_net(&f, &config);
    }
    finish(&f);
}

static void an_answer_that_drips_ends_at_the_total_time_out(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, NULL);
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.total_timeout = (cf_duration){400 * CF_US_PER_MS};
    start_net(&f, &config);
    tls_server_say(f.server,
                   &(struct tls_server_answer){.bytes = cf_bytes_str(OK_ANSWER), .byte_by_byte = true, .pause_ms = 50});
    int64_t began = now_ms();
    assert_int_equal(get(&f), CF_E_TIMEOUT);
    assert_true(now_ms() - began < 2000);
    finish(&f);
}

static void half_an_answer_may_have_been_a_request_that_arrived(void **state)
{
    (void)state;
    static const char *const halves[] = {
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
    };
    for (size_t i = 0; i < sizeof halves / sizeof halves[0]; i++) {
        for (int rude = 0; rude < 2; rude++) {
            struct fixture f;
            start(&f);
            assert_int_equal(get(&f), CF_OK);
            tls_server_say(f.server, &(struct tls_server_answer){.bytes = cf_bytes_str(halves[i]),
                                                                 .close_after = rude == 0,
                                                                 .drop_after = rude == 1});
            assert_int_equal(cf_buf_append_str(&f.body, "kept", NULL), CF_OK);
            size_t before = f.body.n;
            const struct cf_net_request request = {.method = "GET", .path = "/"};
            assert_int_equal(cf_tls_net_exchange(f.net, &request, &f.status, &f.body, &f.err), CF_E_TIMEOUT);
            assert_int_equal(f.body.n, before);
            finish(&f);
        }
    }
}

/* --- answers that are none ---------------------------------------------------------------------------------------- */

static void what_is_no_plain_answer_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *answer;
    } rows[] = {
        {"not HTTP", "220 mail.example ESMTP\r\n\r\n"},
        {"another version", "HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n"},
        {"no length", "HTTP/1.1 200 OK\r\n\r\nhello"},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
        {"a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello"},
        {"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"},
        {"a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello"},
        {"a hexadecimal length", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello"},
        {"a length beyond all numbers", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello"},
        {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
        {"chunks and a length",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
        {"a folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"},
        {"a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello"},
        {"a bare LF in a field", "HTTP/1.1 200 OK\r\nX: a\nContent-Length: 5\r\n\r\nhello"},
        {"a bare CR in a field", "HTTP/1.1 200 OK\r\nX: a\rContent-Length: 5\r\n\r\nhello"},
        {"a field without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 5\r\n\r\nhello"},
        {"a field without a name", "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 5\r\n\r\nhello"},
        {"an interim answer that nobody asked for", "HTTP/1.1 100 Continue\r\n\r\n"},
        {"a status that is none", "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello"},
        {"a status below", "HTTP/1.1 099 OK\r\nContent-Length: 5\r\n\r\nhello"},
        {"more than it says", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        start(&f);
        say(&f, rows[i].answer);
        enum cf_rc rc = get(&f);
        if (rc != CF_E_PROTOCOL)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
        assert_int_equal(f.body.n, 0);
        say(&f, OK_ANSWER);
        assert_int_equal(get(&f), CF_OK); /* on a new connection */
        finish(&f);
    }
}

static void an_answer_of_ten_megabytes_is_not_taken(void **state)
{
    (void)state;
    struct fixture f;
    start(&f);
    size_t n = 10u << 20;
    char head[100];
    int head_n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
    char *answer = calloc(1, n + (size_t)head_n);
    assert_non_null(answer);
    memcpy(answer, head, (size_t)head_n);
    tls_server_say(f.server, &(struct tls_server_answer){.bytes = cf_bytes_of(answer, n + (size_t)head_n)});
    assert_int_equal(get(&f), CF_E_LIMIT);
    say(&f, OK_ANSWER);
    assert_int_equal(get(&f), CF_OK);
    /* Exactly the buffer's maximum is taken. */
    size_t most = f.body.max;
    head_n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", most);
    memcpy(answer, head, (size_t)head_n);
    tls_server_say(f.server, &(struct tls_server_answer){.bytes = cf_bytes_of(answer, most + (size_t)head_n)});
    assert_int_equal(get(&f), CF_OK);
    assert_int_equal(f.body.n, most);
    finish(&f);
    free(answer);
}

static void a_flood_of_fields_is_refused(void **state)
{
    (void)state;
    static char flood[40000];
    struct fixture f;
    start(&f);
    int n = snprintf(flood, sizeof flood, "HTTP/1.1 200 OK\r\nX: ");
    memset(flood + n, 'x', sizeof flood - 1 - (size_t)n); /* one field that never ends */
    say(&f, flood);
    assert_int_equal(get(&f), CF_E_PROTOCOL);
    n = snprintf(flood, sizeof flood, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 200; i++)
        n += snprintf(flood + n, sizeof flood - (size_t)n, "X-%d: y\r\n", i);
    snprintf(flood + n, sizeof flood - (size_t)n, "Content-Length: 0\r\n\r\n");
    say(&f, flood);
    assert_int_equal(get(&f), CF_E_PROTOCOL);
    finish(&f);
}

static void a_server_without_tls_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    start_server(&f, &(struct tls_server_config){.plain = true});
    tls_server_say(f.server, &(struct tls_server_answer){
                                 .bytes = cf_bytes_str("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")});
    struct cf_tls_net_config config = plain_config(tls_server_port(f.server));
    config.connect_timeout = (cf_duration){500 * CF_US_PER_MS};
    start_net(&f, &config);
    enum cf_rc rc = get(&f);
    /* It may also wait for the end of the "request" that our hello looks like. */
    assert_true(rc == CF_E_TLS || rc == CF_E_LINK_DOWN);
    finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_gets_its_answer),
        cmocka_unit_test(a_large_body_arrives_whole),
        cmocka_unit_test(the_connection_is_kept),
        cmocka_unit_test(a_refusal_is_an_answer_too),
        cmocka_unit_test(nearly_every_reconnect_resumes),
        cmocka_unit_test(a_session_outlives_a_link_that_breaks_in_the_handshake),
        cmocka_unit_test(a_kept_connection_that_dies_for_good_is_no_link_that_is_down),
        cmocka_unit_test(a_server_that_closes_after_each_answer_is_served_again),
        cmocka_unit_test(the_time_of_waiting_is_offered_once_an_exchange),
        cmocka_unit_test(the_env_of_a_net_is_the_base_with_a_network),
        cmocka_unit_test(a_server_of_another_ca_is_refused),
        cmocka_unit_test(a_certificate_for_another_host_is_refused),
        cmocka_unit_test(an_expired_certificate_is_refused),
        cmocka_unit_test(a_certificate_of_the_future_is_refused),
        cmocka_unit_test(dates_are_judged_only_by_a_time_that_is_known),
        cmocka_unit_test(dates_are_judged_in_a_resumed_session_too),
        cmocka_unit_test(our_certificate_refused_is_said_as_such),
        cmocka_unit_test(a_terminal_without_a_certificate_is_refused),
        cmocka_unit_test(the_very_first_contact_trusts_anyone),
        cmocka_unit_test(pems_that_are_none_are_refused),
        cmocka_unit_test(nobody_listening_is_a_link_that_is_down),
        cmocka_unit_test(a_server_that_never_speaks_is_a_link_that_is_down),
        cmocka_unit_test(a_name_that_cannot_be_looked_up_is_a_link_that_is_down_in_time),
        cmocka_unit_test(an_answer_that_does_not_come_times_out),
        cmocka_unit_test(an_answer_that_drips_ends_at_the_total_time_out),
        cmocka_unit_test(half_an_answer_may_have_been_a_request_that_arrived),
        cmocka_unit_test(what_is_no_plain_answer_is_refused),
        cmocka_unit_test(an_answer_of_ten_megabytes_is_not_taken),
        cmocka_unit_test(a_flood_of_fields_is_refused),
        cmocka_unit_test(a_server_without_tls_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_certificates, drop_certificates);
}
