/*
 * app/terminal/hub_net.c - see hub_net.h.
 */
#include "app/terminal/hub_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/env_net.h"
#include "sync/client/tls_net.h"
#include "sync/wire/hub.h"

/* How long a till waits for an answer of its hub: to connect it gets half of that, for a batch or a page three times.
 */
#define PATIENCE_MS 1600
#define PATIENCE_MIN_MS 200
#define PATIENCE_MAX_MS 10000

struct cf_hub_net {
    struct cf_env_net outer; /* the centre's env, with the hub's paths */
    const struct cf_identity *identity;
    cf_hub_net_find_fn find;
    void *find_ctx;
    int64_t patience_us;
    struct cf_hub_entry hub; /* whom `tls` reaches */
    struct cf_tls_net *tls;
};

/* The dates of a hub's certificate are not judged: the centre's signed page names this very certificate as the hub's.
 */
static bool unknown_time(void *ctx, cf_wall *ret)
{
    (void)ctx;
    (void)ret;
    return false;
}

static enum cf_rc point(struct cf_hub_net *net, const struct cf_hub_entry *hub, struct cf_error *err)
{
    char peer[32];
    cf_tls_net_free(net->tls);
    net->tls = NULL;
    (void)snprintf(peer, sizeof peer, "t%u-e%u", hub->terminal, hub->terminal_epoch);
    struct cf_tls_net_config config = {
        .host = hub->host,
        .port = hub->port,
        .peer = peer,
        .ca_pem = net->identity->ca_pem,
        .cert_pem = net->identity->cert_pem,
        .key_pem = net->identity->tls_key_pem,
        .connect_timeout = {net->patience_us / 2},
        .idle_timeout = {net->patience_us},
        .total_timeout = {net->patience_us * 3},
        .true_time = unknown_time,
    };
    enum cf_rc rc = cf_tls_net_new(net->outer.base, &config, &net->tls, err);
    net->hub = *hub;
    return rc;
}

static bool is_same_hub(const struct cf_hub_entry *a, const struct cf_hub_entry *b)
{
    return a->store == b->store && a->hub_epoch == b->hub_epoch && a->terminal == b->terminal &&
           a->terminal_epoch == b->terminal_epoch && a->port == b->port && strcmp(a->host, b->host) == 0;
}

static enum cf_rc net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_hub_net *net = ctx;
    struct cf_hub_entry hub = {.terminal = 0};
    if (strncmp(request->path, CF_PATH_HUB, sizeof CF_PATH_HUB - 1) != 0)
        return net->outer.base->ops->net_exchange(net->outer.base->ctx, request, ret_status, ret_body, err);
    if (net->find == NULL || !net->find(net->find_ctx, &hub) || hub.terminal == 0)
        return cf_fail(err, CF_E_LINK_DOWN, "the store has no hub");
    if (net->tls == NULL || !is_same_hub(&hub, &net->hub)) {
        struct cf_error why;
        if (point(net, &hub, &why) != CF_OK)
            return cf_fail(err, CF_E_LINK_DOWN, "%s", why.detail);
    }
    return cf_tls_net_exchange(net->tls, request, ret_status, ret_body, err);
}

/* A store with a slow network may set it; what is no such number is as if it were not set. */
static int64_t patience_us(void)
{
    const char *text = getenv("CF_HUB_PATIENCE_MS");
    char *end = NULL;
    long ms = text != NULL ? strtol(text, &end, 10) : 0;
    bool is_good = text != NULL && end != text && *end == '\0' && ms >= PATIENCE_MIN_MS && ms <= PATIENCE_MAX_MS;
    return (is_good ? ms : PATIENCE_MS) * CF_US_PER_MS;
}

enum cf_rc cf_hub_net_new(const struct cf_env *centre, const struct cf_identity *identity, struct cf_hub_net **ret,
                          struct cf_error *err)
{
    struct cf_hub_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "the network");
    net->identity = identity;
    net->patience_us = patience_us();
    cf_env_net_init(&net->outer, centre, net_exchange, net);
    *ret = net;
    return CF_OK;
}

void cf_hub_net_free(struct cf_hub_net *net)
{
    if (net == NULL)
        return;
    cf_tls_net_free(net->tls);
    free(net);
}

void cf_hub_net_find(struct cf_hub_net *net, cf_hub_net_find_fn fn, void *ctx)
{
    net->find = fn;
    net->find_ctx = ctx;
}

const struct cf_env *cf_hub_net_env(struct cf_hub_net *net)
{
    return &net->outer.env;
}
