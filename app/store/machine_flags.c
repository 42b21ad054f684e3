/*
 * app/store/machine_flags.c - see machine_flags.h.
 */
#include "app/store/machine_flags.h"

#include <string.h>

#include "app/store/folder.h"

#define RESTARTING "restarting"
#define CONSENT "logs.consent"

static enum cf_rc put(const struct cf_env *env, const char *dir, const char *name, cf_bytes content,
                      struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    enum cf_rc rc = cf_folder_path(dir, name, path, err);
    return rc == CF_OK ? env->ops->file_replace(env->ctx, path, content, 0600, err) : rc;
}

enum cf_rc cf_restart_flag_set(const struct cf_env *env, const char *dir, struct cf_error *err)
{
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    env->ops->boot_id(env->ctx, boot_id);
    return put(env, dir, RESTARTING, cf_bytes_of(boot_id, sizeof boot_id), err);
}

void cf_restart_flag_clear(const char *dir)
{
    cf_folder_remove(dir, RESTARTING);
}

/* A file of just `n` bytes. */
static bool get(const struct cf_env *env, const char *dir, const char *name, uint8_t *ret, size_t n)
{
    char path[CF_FOLDER_PATH_MAX];
    struct cf_buf CF_CLEANUP(cf_buf_done) held;
    cf_buf_init(&held, n);
    bool has = cf_folder_has(dir, name) && cf_folder_path(dir, name, path, NULL) == CF_OK &&
               env->ops->file_read(env->ctx, path, &held, NULL) == CF_OK && held.n == n;
    if (has) {
        memcpy(ret, held.p, n);
    }
    return has;
}

bool cf_restart_flag_is_set(const struct cf_env *env, const char *dir)
{
    uint8_t of[CF_BOOT_ID_BYTES], boot_id[CF_BOOT_ID_BYTES];
    if (!get(env, dir, RESTARTING, of, sizeof of)) {
        return false;
    }
    env->ops->boot_id(env->ctx, boot_id);
    return cf_bytes_equal(cf_bytes_of(of, sizeof of), cf_bytes_of(boot_id, sizeof boot_id));
}

enum cf_rc cf_logs_consent_set(const struct cf_env *env, const char *dir, int64_t until_s, struct cf_error *err)
{
    uint8_t until[8];
    cf_put_be64(until, (uint64_t)until_s);
    return put(env, dir, CONSENT, cf_bytes_of(until, sizeof until), err);
}

int64_t cf_logs_consent(const struct cf_env *env, const char *dir)
{
    uint8_t until[8];
    int64_t now_s = env->ops->wall_now(env->ctx).us / CF_US_PER_S;
    if (!get(env, dir, CONSENT, until, sizeof until)) {
        return 0;
    }
    int64_t until_s = (int64_t)cf_get_be64(until);
    return until_s > now_s && until_s <= now_s + CF_LOGS_CONSENT_S ? until_s : 0;
}
