/*
 * app/store/folder.c - the folder that holds the databases; see folder.h.
 */
#include "app/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/private_files.h"

enum cf_rc cf_folder_path(const char *dir, const char *name, char ret[CF_FOLDER_PATH_MAX], struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return cf_fail(err, CF_E_LIMIT, "the path of %s is too long", name);
    }
    for (int k = 0; k <= n; k++) {
        ret[k] = path[k];
    }
    return CF_OK;
}

bool cf_folder_has(const char *dir, const char *name)
{
    char path[CF_FOLDER_PATH_MAX];
    return cf_folder_path(dir, name, path, NULL) == CF_OK && access(path, F_OK) == 0;
}

enum cf_rc cf_folder_lock(const char *dir, const char *name, enum cf_rc taken, int *ret_fd, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    enum cf_rc rc = cf_folder_path(dir, name, path, err);
    if (rc != CF_OK) {
        return rc;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, cf_private_mode(path, 0600));
    if (fd < 0) {
        int errnum = errno;
        if (errnum == EACCES || errnum == EPERM || errnum == EROFS) {
            return cf_fail(err, CF_E_READ_ONLY, "%s cannot be written", path);
        }
        return cf_fail_errno(err, errnum, "%s", path);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int errnum = errno;
        close(fd);
        if (errnum == EWOULDBLOCK) {
            return cf_fail(err, taken, "%s is held by another program", path);
        }
        return cf_fail_errno(err, errnum, "%s", path);
    }
    *ret_fd = fd;
    return CF_OK;
}

enum cf_rc cf_folder_rename(const char *dir, const char *from, const char *to, struct cf_error *err)
{
    char from_path[CF_FOLDER_PATH_MAX];
    char to_path[CF_FOLDER_PATH_MAX];
    enum cf_rc rc = cf_folder_path(dir, from, from_path, err);
    if (rc == CF_OK) {
        rc = cf_folder_path(dir, to, to_path, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    return rename(from_path, to_path) == 0 ? CF_OK : cf_fail_errno(err, errno, "%s", from_path);
}

void cf_folder_remove(const char *dir, const char *name)
{
    char path[CF_FOLDER_PATH_MAX];
    if (cf_folder_path(dir, name, path, NULL) == CF_OK) {
        (void)unlink(path);
    }
}

enum cf_rc cf_folder_sync(const char *dir, struct cf_error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return cf_fail_errno(err, errno, "%s", dir);
    }
    int code = fsync(fd);
    int errnum = errno;
    close(fd);
    return code == 0 ? CF_OK : cf_fail_errno(err, errnum, "%s", dir);
}
