/*
 * tests/bench/reconnect_client.c - a till's connections to the centre: made again 100 times, and 100 times made anew.
 *
 *   reconnect_client TILL-FOLDER
 *
 * A reconnect is what follows a lost connection: the same cf_tls_net, which resumes its session by the ticket. Anew is
 * what a restarted process does: the whole handshake. In turns. Run by reconnect_bench.py against a real centre.
 */
#include <string.h>

#include "sync/client/enrol.h"
#include "sync/client/tls_net.h"
#include "tests/bench/bench.h"

#define TURNS 100

static struct cf_tls_net *new_net(const struct cf_identity *identity)
{
    struct cf_tls_net_config config = {
        .host = identity->host,
        .port = identity->terminals_port,
        .ca_pem = identity->ca_pem,
        .cert_pem = identity->cert_pem,
        .key_pem = identity->tls_key_pem,
    };
    struct cf_tls_net *net = NULL;
    struct cf_error err;
    bench_check(cf_tls_net_new(cf_env_system(), &config, &net, &err), &err, "network");
    return net;
}

/* Connects, asks for something that is not there, and closes. */
static double exchange_ms(struct cf_tls_net *net)
{
    struct cf_net_request request = {.method = "GET", .path = "/t1/chunk/2/00"};
    struct cf_buf body;
    struct cf_error err;
    int status = 0;
    cf_buf_init(&body, 65536);
    int64_t from = bench_now_ns();
    bench_check(cf_tls_net_exchange(net, &request, &status, &body, &err), &err, "exchange");
    int64_t to = bench_now_ns();
    cf_tls_net_close(net);
    cf_buf_done(&body);
    if (status < 400) {
        bench_die("the centre answered %d", status);
    }
    return (double)(to - from) / 1e6;
}

int main(int argc, char **argv)
{
    struct cf_identity identity = {0};
    struct cf_error err;
    struct bench_samples again, anew, ratio;
    if (argc != 2) {
        bench_die("usage: reconnect_client TILL-FOLDER");
    }
    bench_check(cf_identity_load(cf_env_system(), argv[1], &identity, &err), &err, "identity");
    bench_samples_init(&again, TURNS);
    bench_samples_init(&anew, TURNS);
    bench_samples_init(&ratio, TURNS);
    struct cf_tls_net *kept = new_net(&identity);
    exchange_ms(kept);
    struct cf_tls_net_stats before, after;
    cf_tls_net_stats(kept, &before);
    for (unsigned i = 0; i < TURNS; i++) {
        struct cf_tls_net *fresh = new_net(&identity);
        double anew_ms = exchange_ms(fresh), again_ms = exchange_ms(kept);
        cf_tls_net_free(fresh);
        bench_samples_add(&anew, anew_ms);
        bench_samples_add(&again, again_ms);
        bench_samples_add(&ratio, again_ms / anew_ms);
    }
    cf_tls_net_stats(kept, &after);
    double percent = 100.0 * (double)(after.resumed - before.resumed) / (double)(after.connects - before.connects);
    bench_print(&(struct bench_figure){.row = "reconnect",
                                       .what = "TLS reconnects that resume, of 100",
                                       .unit = "%",
                                       .value = percent,
                                       .goal = ">= 95 %",
                                       .met = after.connects - before.connects == TURNS && percent >= 95});
    bench_print(&(struct bench_figure){.row = "reconnect",
                                       .what = "reconnect and one request, p50",
                                       .unit = "ms",
                                       .value = bench_samples_at(&again, 500),
                                       .floor = "with a whole handshake",
                                       .floor_value = bench_samples_at(&anew, 500),
                                       .ratio = bench_samples_at(&ratio, 500)});
    bench_samples_done(&again);
    bench_samples_done(&anew);
    bench_samples_done(&ratio);
    cf_tls_net_free(kept);
    cf_identity_done(&identity);
    return 0;
}
