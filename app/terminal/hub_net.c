/*
 * app/terminal/hub_net.c - see hub_net.h.
 */
#include "app/terminal/hub_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/client/tls_net.h"
#include "sync/wire/hub.h"

/* How long a till waits for an answer of its hub: to connect it gets half of that, for a batch or a page three times.
 */
#define PATIENCE_MS 1600
#define PATIENCE_MIN_MS 200
#define PATIENCE_MAX_MS 10000

struct cf_hub_net {
    const struct cf_env *centre;
    const struct cf_identity *identity;
    struct cf_env_ops ops;
    struct cf_env env;
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
    enum cf_rc rc = cf_tls_net_new(net->centre, &config, &net->tls, err);
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
        return net->centre->ops->net_exchange(net->centre->ctx, request, ret_status, ret_body, err);
    if (net->find == NULL || !net->find(net->find_ctx, &hub) || hub.terminal == 0)
        return cf_fail(err, CF_E_LINK_DOWN, "the store has no hub");
    if (net->tls == NULL || !is_same_hub(&hub, &net->hub)) {
        struct cf_error why;
        if (point(net, &hub, &why) != CF_OK)
            return cf_fail(err, CF_E_LINK_DOWN, "%s", why.detail);
    }
    return cf_tls_net_exchange(net->tls, request, ret_status, ret_body, err);
}

static const struct cf_env *base_of(void *ctx)
{
    return ((struct cf_hub_net *)ctx)->centre;
}

static cf_wall wall_now(void *ctx)
{
    return cf_env_wall(base_of(ctx));
}

static cf_mono mono_now(void *ctx)
{
    return cf_env_mono(base_of(ctx));
}

static void boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    base_of(ctx)->ops->boot_id(base_of(ctx)->ctx, ret_id);
}

static void random_bytes(void *ctx, void *p, size_t n)
{
    cf_env_random(base_of(ctx), p, n);
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    return base_of(ctx)->ops->file_read(base_of(ctx)->ctx, path, ret, err);
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    return base_of(ctx)->ops->file_replace(base_of(ctx)->ctx, path, content, mode, err);
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
    net->centre = centre;
    net->identity = identity;
    net->patience_us = patience_us();
    net->ops = (struct cf_env_ops){
        .wall_now = wall_now,
        .mono_now = mono_now,
        .boot_id = boot_id,
        .random = random_bytes,
        .net_exchange = net_exchange,
        .file_read = file_read,
        .file_replace = file_replace,
    };
    net->env = (struct cf_env){.ops = &net->ops, .ctx = net};
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
    return &net->env;
}
