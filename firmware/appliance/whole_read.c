/*
 * firmware/appliance/whole_read.c - see whole_read.h.
 */
#include "firmware/appliance/whole_read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK_BYTES (256 * 1024)
#define ALIGN_BYTES 4096

static enum cf_rc read_all(int fd, const char *path, uint8_t chunk[CHUNK_BYTES], uint64_t *ret_bytes,
                           struct cf_error *err)
{
    uint64_t bytes = 0;
    for (;;) {
        ssize_t n = read(fd, chunk, CHUNK_BYTES);
        if (n == 0)
            break;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cf_fail_errno(err, errno, "%s, after %llu bytes", path, (unsigned long long)bytes);
        bytes += (uint64_t)n;
    }
    *ret_bytes = bytes;
    return CF_OK;
}

enum cf_rc cf_whole_read(const char *path, uint64_t *ret_bytes, struct cf_error *err)
{
    /* Not every file system knows O_DIRECT; a device does. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECT);
    if (fd < 0 && errno == EINVAL)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cf_fail_errno(err, errno, "%s", path);
    static _Alignas(ALIGN_BYTES) uint8_t chunk[CHUNK_BYTES];
    enum cf_rc rc = read_all(fd, path, chunk, ret_bytes, err);
    close(fd);
    return rc;
}
