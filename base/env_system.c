/*
 * base/env_system.c - the real world: Linux clocks, kernel randomness, files.
 *
 * It has no network; the program that has one wraps this table and puts its own net_exchange in.
 */
#include "base/env.h"
#include "base/private_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define READ_CHUNK_BYTES 16384

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        abort();
    return (int64_t)now.tv_sec * CF_US_PER_S + now.tv_nsec / 1000;
}

static cf_wall wall_now(void *ctx)
{
    (void)ctx;
    return (cf_wall){clock_us(CLOCK_REALTIME)};
}

/* Of the clocks that never jump, the one that also counts while the machine sleeps. */
static cf_mono mono_now(void *ctx)
{
    (void)ctx;
    return (cf_mono){clock_us(CLOCK_BOOTTIME)};
}

static void random_bytes(void *ctx, void *p, size_t n)
{
    (void)ctx;
    uint8_t *at = p;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        n -= (size_t)got;
    }
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err);

/* "0d2c47bc-1c0e-4b43-9d7e-0d0a3b9f8d1c\n" */
static bool read_boot_id(uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    struct cf_buf CF_CLEANUP(cf_buf_done) text;
    cf_buf_init(&text, 64);
    if (file_read(NULL, BOOT_ID_FILE, &text, NULL) != CF_OK)
        return false;
    char digits[2 * CF_BOOT_ID_BYTES + 1];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < sizeof digits - 1; i++)
        if (text.p[i] != '-')
            digits[n++] = (char)text.p[i];
    digits[n] = '\0';
    return cf_hex_decode(digits, ret_id, CF_BOOT_ID_BYTES, NULL) == CF_OK;
}

static void boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    static uint8_t known[CF_BOOT_ID_BYTES];
    static bool is_known;
    if (!is_known) {
        /* Without the kernel's word each start counts as a boot: monotonic times are then never compared across. */
        if (!read_boot_id(known))
            random_bytes(ctx, known, sizeof known);
        is_known = true;
    }
    memcpy(ret_id, known, sizeof known);
}

static enum cf_rc net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *err)
{
    (void)ctx;
    (void)ret_status;
    (void)ret_body;
    return cf_fail(err, CF_E_LINK_DOWN, "no network is configured for %s %s", request->method, request->path);
}

static enum cf_rc append_all(int fd, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    uint8_t chunk[READ_CHUNK_BYTES];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cf_fail_errno(err, errno, "%s cannot be read", path);
        if (got == 0)
            return CF_OK;
        enum cf_rc rc = cf_buf_append(ret, chunk, (size_t)got, NULL);
        if (rc != CF_OK)
            return cf_fail(err, rc, "%s has more than the %zu bytes that are allowed", path, ret->max);
    }
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    (void)ctx;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cf_fail_errno(err, errno, "%s cannot be opened", path);
    size_t before = ret->n;
    enum cf_rc rc = append_all(fd, path, ret, err);
    (void)close(fd);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static bool write_all(int fd, cf_bytes content)
{
    while (content.n > 0) {
        ssize_t written = write(fd, content.p, content.n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content.p += written;
        content.n -= (size_t)written;
    }
    return true;
}

/* A rename is durable once its folder is. */
static bool sync_folder(const char *path)
{
    char *folder = cf_folder_of(path);
    if (folder == NULL)
        return false;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    bool good = fd >= 0 && fsync(fd) == 0;
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    return good;
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    (void)ctx;
    char *fresh;
    if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory to write %s", path);
    int fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0) {
        int errnum = errno;
        free(fresh);
        return cf_fail_errno(err, errnum, "%s cannot be written", path);
    }

    bool written = write_all(fd, content) && fchmod(fd, cf_private_mode(path, (mode_t)mode)) == 0 && fsync(fd) == 0;
    int errnum = errno;
    /* Some file systems report a failed write as late as at close. */
    if (close(fd) != 0 && written) {
        written = false;
        errnum = errno;
    }
    bool renamed = written && rename(fresh, path) == 0;
    if (written && !renamed)
        errnum = errno;
    if (!renamed)
        (void)unlink(fresh);
    free(fresh);
    if (!renamed)
        return cf_fail_errno(err, errnum, "%s cannot be written", path);
    if (!sync_folder(path))
        return cf_fail_errno(err, errno, "the folder of %s cannot be synced", path);
    return CF_OK;
}

const struct cf_env *cf_env_system(void)
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
    static const struct cf_env env = {.ops = &ops};
    return &env;
}
