/*
 * base/env_net.h - an env that is another one, but for its network.
 *
 * Whoever brings a network of its own (a TLS connection, the store's hub beside the centre) embeds this and gives out
 * `env`; clock, chance and files are those of `base`. One thread.
 */
#ifndef CF_BASE_ENV_NET_H
#define CF_BASE_ENV_NET_H

#include "base/env.h"

/* As cf_env_ops.net_exchange. */
typedef enum cf_rc (*cf_net_exchange_fn)(void *ctx, const struct cf_net_request *request, int *ret_status,
                                         struct cf_buf *ret_body, struct cf_error *err);

struct cf_env_net {
    struct cf_env env; /* its ctx is this struct: it stays where it is */
    const struct cf_env *base;
    cf_net_exchange_fn exchange;
    void *ctx;
};

/* `base` and `ctx` are borrowed, and outlive `net`. */
void cf_env_net_init(struct cf_env_net *net, const struct cf_env *base, cf_net_exchange_fn exchange, void *ctx);

#endif
