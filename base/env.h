/*
 * base/env.h - the world as seen by everything that decides: clock, randomness, network, files.
 *
 * Deciding code takes a `const struct cf_env *` and asks nothing else of the world, so that the shipped code also runs
 * in a simulator, where a seed makes time, chance, loss and crashes. Real: cf_env_system (env_system.c); the network
 * of a real till is put in by sync/client. Calls are made from one thread.
 */
#ifndef CF_BASE_ENV_H
#define CF_BASE_ENV_H

#include "base/bytes.h"
#include "base/time.h"

#define CF_BOOT_ID_BYTES 16
#define CF_NET_PATH_MAX 255

/* One exchange with the centre: a request and its answer, at most once each. */
struct cf_net_request {
    const char *method;       /* "GET", "POST" */
    const char *path;         /* "/t1/records" */
    const char *content_type; /* NULL without a body */
    cf_bytes body;
    uint64_t range_from, range_n; /* GET: only these bytes of what is there; range_n 0: all */
};

struct cf_env_ops {
    cf_wall (*wall_now)(void *ctx);
    cf_mono (*mono_now)(void *ctx);
    /* Changes at each boot of the machine. */
    void (*boot_id)(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES]);
    /* Cryptographically strong; aborts if the system has none. */
    void (*random)(void *ctx, void *p, size_t n);
    /* Sends and waits for the answer. *ret_status is the HTTP status, the body is appended to `ret_body`.
     * CF_E_LINK_DOWN, CF_E_TLS, CF_E_CERTIFICATE: the request was surely not sent. Others: it may have arrived. */
    enum cf_rc (*net_exchange)(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err);
    /* Appends the whole file to `ret`; CF_E_NOT_FOUND, CF_E_IO, CF_E_LIMIT. */
    enum cf_rc (*file_read)(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err);
    /* Replaces the file as one durable step: a new file, fsync, rename, fsync of the folder. mode as chmod, and
     * for the group where the folder is shared (private_files.h). */
    enum cf_rc (*file_replace)(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err);
};

struct cf_env {
    const struct cf_env_ops *ops;
    void *ctx;
};

/* The real clock, kernel randomness and files; its net_exchange answers CF_E_LINK_DOWN. Static. */
const struct cf_env *cf_env_system(void);

static inline cf_wall cf_env_wall(const struct cf_env *env)
{
    return env->ops->wall_now(env->ctx);
}
static inline cf_mono cf_env_mono(const struct cf_env *env)
{
    return env->ops->mono_now(env->ctx);
}
static inline void cf_env_random(const struct cf_env *env, void *p, size_t n)
{
    env->ops->random(env->ctx, p, n);
}

#endif
