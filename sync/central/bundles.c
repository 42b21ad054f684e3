/*
 * sync/central/bundles.c - see bundles.h.
 */
#include "sync/central/bundles.h"

#include "app/core/release.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_CAP 4096
#define PIECE_BYTES 65536

static enum cf_rc path_of(const char *dir, const char *name, char ret[PATH_CAP], struct cf_error *err)
{
    int n = snprintf(ret, PATH_CAP, "%s/releases%s%s", dir, name[0] != '\0' ? "/" : "", name);
    return n > 0 && n < PATH_CAP ? CF_OK : cf_fail(err, CF_E_LIMIT, "the folder's name is too long");
}

static void name_of(const struct cf_sha256 *hash, char ret[2 * CF_SHA256_BYTES + 1])
{
    cf_hex_encode(cf_bytes_of(hash->digest, CF_SHA256_BYTES), ret);
}

/* One pass: what is hashed is what is written. */
struct copying {
    int from, to;
    uint64_t size;
    int errnum;
    uint8_t piece[PIECE_BYTES];
};

static bool write_all(struct copying *copying, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t wrote = write(copying->to, copying->piece + done, n - done);
        if (wrote <= 0) {
            copying->errnum = errno;
            return false;
        }
        done += (size_t)wrote;
    }
    return true;
}

static bool copy_piece(void *ctx, cf_bytes *ret_piece)
{
    struct copying *copying = ctx;
    ssize_t n = read(copying->from, copying->piece, sizeof copying->piece);
    if (n < 0) {
        copying->errnum = errno;
    }
    if (n <= 0 || copying->size > CF_BUNDLE_BYTES_MAX || !write_all(copying, (size_t)n)) {
        return false;
    }
    copying->size += (uint64_t)n;
    *ret_piece = cf_bytes_of(copying->piece, (size_t)n);
    return true;
}

static enum cf_rc copy_file(const char *from, const char *to, struct cf_sha256 *ret_hash, uint64_t *ret_size,
                            struct cf_error *err)
{
    struct copying copying = {.from = open(from, O_RDONLY | O_CLOEXEC), .to = -1};
    if (copying.from < 0) {
        return cf_fail_errno(err, errno, "%s", from);
    }
    enum cf_rc rc = CF_OK;
    copying.to = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (copying.to < 0) {
        rc = cf_fail_errno(err, errno, "%s", to);
    } else {
        *ret_hash = cf_sha256_stream(copy_piece, &copying);
        *ret_size = copying.size;
        if (copying.errnum != 0 || (fsync(copying.to) != 0 && (copying.errnum = errno) != 0)) {
            rc = cf_fail_errno(err, copying.errnum, "copying %s", from);
        } else if (copying.size == 0 || copying.size > CF_BUNDLE_BYTES_MAX) {
            rc = cf_fail(err, CF_E_RANGE, "a bundle has 1 to %lld bytes", (long long)CF_BUNDLE_BYTES_MAX);
        }
        close(copying.to);
    }
    close(copying.from);
    return rc;
}

static enum cf_rc sync_folder(const char *folder, struct cf_error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return cf_fail_errno(err, errno, "%s", folder);
    }
    int errnum = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return errnum == 0 ? CF_OK : cf_fail_errno(err, errnum, "%s", folder);
}

enum cf_rc cf_bundle_add(const char *dir, const char *path, struct cf_sha256 *ret_hash, uint64_t *ret_size,
                         struct cf_error *err)
{
    char folder[PATH_CAP], part[PATH_CAP], whole[PATH_CAP], name[2 * CF_SHA256_BYTES + 1];
    struct cf_sha256 hash;
    uint64_t size = 0;
    enum cf_rc rc = path_of(dir, "", folder, err);
    if (rc == CF_OK && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        rc = cf_fail_errno(err, errno, "%s", folder);
    }
    (void)snprintf(name, sizeof name, "%ld.part", (long)getpid());
    if (rc == CF_OK) {
        rc = path_of(dir, name, part, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = copy_file(path, part, &hash, &size, err);
    if (rc == CF_OK) {
        name_of(&hash, name);
        rc = path_of(dir, name, whole, err);
    }
    if (rc == CF_OK && rename(part, whole) != 0) {
        rc = cf_fail_errno(err, errno, "%s", whole);
    }
    if (rc == CF_OK) {
        rc = sync_folder(folder, err);
    }
    if (rc != CF_OK) {
        (void)unlink(part);
        return rc;
    }
    *ret_hash = hash;
    *ret_size = size;
    return CF_OK;
}

static enum cf_rc read_piece(int fd, uint64_t from, size_t n, struct cf_buf *ret, struct cf_error *err)
{
    uint8_t piece[PIECE_BYTES];
    for (size_t done = 0; done < n;) {
        size_t most = n - done < sizeof piece ? n - done : sizeof piece;
        ssize_t got = pread(fd, piece, most, (off_t)(from + done));
        if (got <= 0) {
            return cf_fail(err, CF_E_IO, "a bundle ends before its end");
        }
        enum cf_rc rc = cf_buf_append(ret, piece, (size_t)got, err);
        if (rc != CF_OK) {
            return rc;
        }
        done += (size_t)got;
    }
    return CF_OK;
}

enum cf_rc cf_bundle_read(const char *dir, const struct cf_sha256 *hash, uint64_t from, size_t n, struct cf_buf *ret,
                          uint64_t *ret_size, struct cf_error *err)
{
    char path[PATH_CAP], name[2 * CF_SHA256_BYTES + 1];
    struct stat about;
    name_of(hash, name);
    enum cf_rc rc = path_of(dir, name, path, err);
    if (rc != CF_OK) {
        return rc;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? cf_fail(err, CF_E_NOT_FOUND, "no bundle of that hash")
                               : cf_fail_errno(err, errno, "%s", path);
    }
    if (fstat(fd, &about) != 0) {
        rc = cf_fail_errno(err, errno, "%s", path);
    } else if (from >= (uint64_t)about.st_size) {
        rc = cf_fail(err, CF_E_RANGE, "it has %lld bytes", (long long)about.st_size);
    } else {
        uint64_t left = (uint64_t)about.st_size - from;
        rc = read_piece(fd, from, left < n ? (size_t)left : n, ret, err);
        *ret_size = (uint64_t)about.st_size;
    }
    close(fd);
    return rc;
}
