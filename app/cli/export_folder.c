/*
 * app/cli/export_folder.c - the folder that an export makes: it is there whole, and on the disk, or not at all; see
 * export.h.
 *
 * It is filled under another name beside, which it loses once everything is written: a stick may be pulled out, and a
 * till killed, at any time. What such an end left behind goes with the next export of that name. A folder that was
 * there is filled as it is.
 */
#include "app/cli/export.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum cf_rc sync_folder(const char *path, struct cf_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return cf_fail_errno(err, errno, "%s", path);
    int failed = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    /* Some file systems of sticks cannot do it for a folder, and do it with its files. */
    return failed == 0 || failed == EINVAL ? CF_OK : cf_fail_errno(err, failed, "%s", path);
}

/* Files alone: an export makes nothing else. */
static void discard(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    (void)rmdir(path);
}

enum cf_rc export_folder_begin(struct export *export, const char *out, struct cf_error *err)
{
    struct stat is;
    int n = snprintf(export->part, sizeof export->part, "%s.part", out);
    if (n < 0 || (size_t)n >= sizeof export->part)
        return cf_fail(err, CF_E_ARGUMENT, "the path of the folder is too long");
    export->out = export->folder = out;
    if (stat(out, &is) == 0)
        return S_ISDIR(is.st_mode) ? CF_OK : cf_fail_errno(err, ENOTDIR, "%s", out);
    discard(export->part);
    if (mkdir(export->part, 0755) != 0)
        return cf_fail_errno(err, errno, "%s", export->part);
    export->folder = export->part;
    return CF_OK;
}

enum cf_rc export_file_close(FILE *file, const char *folder, struct cf_error *err)
{
    bool failed = ferror(file) || fflush(file) != 0 || fsync(fileno(file)) != 0;
    failed = fclose(file) != 0 || failed;
    return failed ? cf_fail(err, CF_E_IO, "not all of the files could be written to %s", folder) : CF_OK;
}

enum cf_rc export_folder_end(struct export *export, enum cf_rc rc, struct cf_error *err)
{
    char parent[sizeof export->part];
    if (rc == CF_OK)
        rc = sync_folder(export->folder, err);
    if (export->folder != export->part)
        return rc;
    if (rc == CF_OK && rename(export->part, export->out) != 0)
        rc = cf_fail_errno(err, errno, "%s", export->out);
    if (rc != CF_OK) {
        discard(export->part);
        return rc;
    }
    (void)snprintf(parent, sizeof parent, "%s/..", export->out);
    return sync_folder(parent, err);
}
