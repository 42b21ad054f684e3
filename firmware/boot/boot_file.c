/*
 * firmware/boot/boot_file.c - see boot_file.h.
 */
#include "firmware/boot/boot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* All of it or a failure: the block is too short for a disk to take it by halves unless something is wrong. */
static enum cf_rc put(int fd, const char *path, const uint8_t *bytes, size_t n, struct cf_error *err)
{
    ssize_t done = pwrite(fd, bytes, n, 0);
    if (done < 0)
        return cf_fail_errno(err, errno, "%s", path);
    if ((size_t)done != n)
        return cf_fail(err, CF_E_IO, "%s took %zd bytes of %zu", path, done, n);
    return fsync(fd) == 0 ? CF_OK : cf_fail_errno(err, errno, "%s", path);
}

static enum cf_rc open_block(const char *path, int flags, int *ret, struct cf_error *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return cf_fail_errno(err, errno, "%s", path);
    struct stat about;
    enum cf_rc rc = CF_OK;
    if (fstat(fd, &about) != 0)
        rc = cf_fail_errno(err, errno, "%s", path);
    else if (!S_ISREG(about.st_mode) || about.st_size != CF_BOOT_BLOCK_BYTES)
        rc = cf_fail(err, CF_E_CBOR_SHAPE, "%s is not a file of %d bytes", path, CF_BOOT_BLOCK_BYTES);
    if (rc != CF_OK) {
        close(fd);
        return rc;
    }
    *ret = fd;
    return CF_OK;
}

enum cf_rc cf_boot_file_read(const char *path, struct cf_boot_state *ret, struct cf_error *err)
{
    int fd;
    enum cf_rc rc = open_block(path, O_RDONLY, &fd, err);
    if (rc != CF_OK)
        return rc;
    uint8_t block[CF_BOOT_BLOCK_BYTES];
    ssize_t got = pread(fd, block, sizeof block, 0);
    if (got < 0)
        rc = cf_fail_errno(err, errno, "%s", path);
    else if (got != (ssize_t)sizeof block)
        rc = cf_fail(err, CF_E_IO, "%s gave %zd bytes of %zu", path, got, sizeof block);
    close(fd);
    return rc == CF_OK ? cf_boot_state_parse(block, ret, err) : rc;
}

enum cf_rc cf_boot_file_write(const char *path, const struct cf_boot_state *state, struct cf_error *err)
{
    int fd;
    enum cf_rc rc = open_block(path, O_WRONLY, &fd, err);
    if (rc != CF_OK)
        return rc;
    uint8_t block[CF_BOOT_BLOCK_BYTES];
    cf_boot_state_format(state, block);
    rc = put(fd, path, block, CF_BOOT_SECTOR_BYTES, err);
    if (close(fd) != 0 && rc == CF_OK)
        rc = cf_fail_errno(err, errno, "%s", path);
    return rc;
}

enum cf_rc cf_boot_file_create(const char *path, struct cf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno == EEXIST ? cf_fail(err, CF_E_EXISTS, "%s", path) : cf_fail_errno(err, errno, "%s", path);
    uint8_t block[CF_BOOT_BLOCK_BYTES];
    struct cf_boot_state state = cf_boot_state_new();
    cf_boot_state_format(&state, block);
    enum cf_rc rc = put(fd, path, block, sizeof block, err);
    if (close(fd) != 0 && rc == CF_OK)
        rc = cf_fail_errno(err, errno, "%s", path);
    return rc;
}
