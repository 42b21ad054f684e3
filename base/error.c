/*
 * base/error.c - the error registry as tables, and the making of an error's detail.
 *
 * Everything here is made from error_registry.def, in its order. Pure but for the caller's struct; thread-safe.
 */
#include "base/error.h"

#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct registry_row {
    enum cf_rc rc;
    const char *name;
    int http_status;
    enum cf_error_class class;
    bool retry;
    const char *text;
};

static const struct registry_row registry[] = {
#define CF_ERROR(number, name, http, class, retry, text)                                                               \
    {(enum cf_rc)(number), #name, (http), CF_CLASS_##class, (retry) != 0, text},
#include "base/error_registry.def"
#undef CF_ERROR
};

#define REGISTRY_ROWS (sizeof registry / sizeof registry[0])

/* The rows stand in ascending order of their numbers; a test holds the registry to that. */
static const struct registry_row *find(int64_t number)
{
    size_t low = 0;
    size_t high = REGISTRY_ROWS;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((int64_t)registry[middle].rc < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < REGISTRY_ROWS && (int64_t)registry[low].rc == number ? &registry[low] : NULL;
}

static const struct registry_row *row_of(enum cf_rc rc)
{
    static const struct registry_row ok = {CF_OK, "OK", 200, CF_CLASS_REFUSED, false, "Done."};
    if (rc == CF_OK)
        return &ok;
    const struct registry_row *row = find((int64_t)rc);
    if (row == NULL)
        abort();
    return row;
}

const char *cf_rc_name(enum cf_rc rc)
{
    return row_of(rc)->name;
}

const char *cf_rc_text(enum cf_rc rc)
{
    return row_of(rc)->text;
}

int cf_rc_http_status(enum cf_rc rc)
{
    return row_of(rc)->http_status;
}

enum cf_error_class cf_rc_class(enum cf_rc rc)
{
    assert(rc != CF_OK);
    return row_of(rc)->class;
}

bool cf_rc_retry(enum cf_rc rc)
{
    return row_of(rc)->retry;
}

bool cf_rc_from_number(int64_t number, enum cf_rc *ret_rc)
{
    const struct registry_row *row = find(number);
    if (row == NULL)
        return false;
    *ret_rc = row->rc;
    return true;
}

bool cf_rc_at(size_t position, enum cf_rc *ret_rc)
{
    if (position >= REGISTRY_ROWS)
        return false;
    *ret_rc = registry[position].rc;
    return true;
}

/* A detail may quote what came from outside, and ends up on terminals and in logs. */
static void set_detail(struct cf_error *err, const char *raw)
{
    cf_bytes in = cf_bytes_str(raw);
    size_t at = 0;
    size_t n = 0;
    while (at < in.n) {
        size_t from = at;
        uint32_t code_point = cf_text_next(in, &at);
        bool malformed = code_point == CF_TEXT_REPLACEMENT && at - from == 1;
        bool replaced = malformed || cf_text_is_control(code_point);
        size_t width = replaced ? 1 : at - from;
        if (n + width > CF_ERROR_DETAIL_MAX)
            break;
        if (replaced)
            err->detail[n] = '?';
        else
            memcpy(err->detail + n, in.p + from, width);
        n += width;
    }
    err->detail[n] = '\0';
}

/* Room for a detail of which each three bytes shrink to one '?'. Formatting goes here first, since an argument may be
 * err->detail itself. */
#define RAW_DETAIL_MAX (4 * CF_ERROR_DETAIL_MAX)

enum cf_rc(cf_fail)(struct cf_error *err, enum cf_rc rc, const char *format, ...)
{
    assert(rc != CF_OK);
    if (err == NULL)
        return rc;

    char raw[RAW_DETAIL_MAX];
    va_list args;
    va_start(args, format);
    if (vsnprintf(raw, sizeof raw, format, args) < 0)
        raw[0] = '\0';
    va_end(args);
    err->rc = rc;
    set_detail(err, raw);
    return rc;
}

static enum cf_rc rc_of_errno(int errnum)
{
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return CF_E_DISK_FULL;
    case EROFS:
        return CF_E_READ_ONLY;
    case ENOENT:
    case ENOTDIR:
        return CF_E_NOT_FOUND;
    case EEXIST:
        return CF_E_EXISTS;
    case EACCES:
    case EPERM:
        return CF_E_DENIED;
    case ENOMEM:
        return CF_E_NO_MEMORY;
    case EBUSY:
    case EAGAIN:
        return CF_E_BUSY;
    case ETIMEDOUT:
        return CF_E_TIMEOUT;
    case ENAMETOOLONG:
        return CF_E_ARGUMENT;
    case ENOSYS:
    case EOPNOTSUPP:
        return CF_E_UNSUPPORTED;
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENETUNREACH:
    case EPIPE:
        return CF_E_LINK_DOWN;
    default:
        return CF_E_IO;
    }
}

enum cf_rc(cf_fail_errno)(struct cf_error *err, int errnum, const char *format, ...)
{
    enum cf_rc rc = rc_of_errno(errnum);
    if (err == NULL)
        return rc;

    char raw[RAW_DETAIL_MAX];
    va_list args;
    va_start(args, format);
    if (vsnprintf(raw, sizeof raw, format, args) < 0)
        raw[0] = '\0';
    va_end(args);
    char buffer[128];
    const char *reason = strerror_r(errnum, buffer, sizeof buffer);
    /* The reason matters more than the end of a long path. */
    int room = CF_ERROR_DETAIL_MAX - (int)strlen(reason) - 2;
    return cf_fail(err, rc, "%.*s: %s", room, raw, reason);
}
