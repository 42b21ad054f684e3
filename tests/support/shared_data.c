/*
 * tests/support/shared_data.c - finds and reads public test data.
 */
#include "tests/support/shared_data.h"

#include "base/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cf_shared_data_path(const char *name, char *ret_path, size_t cap)
{
    const char *top = getenv("CF_SHARED_DATA");
    int length = top != NULL ? snprintf(ret_path, cap, "%s/%s", top, name)
                             : snprintf(ret_path, cap, "%s/../shared/data/%s", CF_SOURCE_DIR, name);
    return length >= 0 && (size_t)length < cap;
}

bool cf_shared_data_read(const char *name, struct cf_buf *ret)
{
    char path[4096];
    if (!cf_shared_data_path(name, path, sizeof path))
        return false;
    const struct cf_env *env = cf_env_system();
    if (env->ops->file_read(env->ctx, path, ret, NULL) == CF_OK)
        return true;
    printf("# no %s beside this checkout\n", name);
    return false;
}

bool cf_shared_data_line(cf_bytes text, size_t *at, cf_bytes *ret_line)
{
    if (*at >= text.n)
        return false;
    const uint8_t *from = text.p + *at;
    const uint8_t *end = memchr(from, '\n', text.n - *at);
    size_t n = end == NULL ? text.n - *at : (size_t)(end - from);
    *ret_line = cf_bytes_of(from, n);
    *at += n + 1;
    return true;
}
