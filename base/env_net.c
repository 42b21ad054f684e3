/*
 * base/env_net.c - see env_net.h.
 */
#include "base/env_net.h"

static const struct cf_env *base_of(void *ctx)
{
    return ((struct cf_env_net *)ctx)->base;
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

static enum cf_rc net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_env_net *net = ctx;
    return net->exchange(net->ctx, request, ret_status, ret_body, err);
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    return base_of(ctx)->ops->file_read(base_of(ctx)->ctx, path, ret, err);
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    return base_of(ctx)->ops->file_replace(base_of(ctx)->ctx, path, content, mode, err);
}

void cf_env_net_init(struct cf_env_net *net, const struct cf_env *base, cf_net_exchange_fn exchange, void *ctx)
{
    static const struct cf_env_ops ops = {
        .wall_now = wall_now,
        .mono_now = mono_now,
        .boot_id = boot_id,
        .random = random_bytes,
        .net_exchange = net_exchange,
        .file_read = file_read,
        .file_replace = file_replace,
    };
    *net = (struct cf_env_net){.env = {.ops = &ops, .ctx = net}, .base = base, .exchange = exchange, .ctx = ctx};
}
