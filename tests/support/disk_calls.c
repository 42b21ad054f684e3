/*
 * tests/support/disk_calls.c - our own calls of the C library on model disks (disk.h).
 *
 * The linker's --wrap sends what our objects and libraries call here (shared libraries call on as before): lock files,
 * witnesses, renames, syncs of folders, file_replace. Paths below a mount are served; all others go on to the C
 * library. Only what the project uses of each call is modelled; permissions and access modes are not.
 */
#include "tests/support/disk_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS_MAX 4096
#define FD_BASE (1 << 30) /* far above what the kernel gives out */
#define FD_LIVES (1 << 17)

struct fd {
    bool used;
    int life; /* so that a number is not given out again soon */
    struct cf_disk *disk;
    struct handle handle;
    uint64_t at;
    bool append;
};
static struct fd fds[FDS_MAX];

/* NULL: not ours, or closed before. */
static struct fd *fd_of(int number)
{
    if (number < FD_BASE)
        return NULL;
    struct fd *fd = &fds[(number - FD_BASE) % FDS_MAX];
    return fd->used && fd->life == (number - FD_BASE) / FDS_MAX ? fd : NULL;
}

static int failed(int errnum)
{
    errno = errnum;
    return -1;
}

/* -1 with EIO when the disk is off or the process dead. */
static int kept(bool good)
{
    return good ? 0 : failed(EIO);
}

static int fd_new(struct cf_disk *disk, struct file *file, bool append)
{
    static int next;
    for (int tries = 0; tries < FDS_MAX; tries++) {
        next = (next + 1) % FDS_MAX;
        struct fd *fd = &fds[next];
        /* Of a process that was stopped and abandoned: nobody will close it. */
        if (fd->used && fd->handle.file)
            continue;
        fd->life = (fd->life + 1) % FD_LIVES;
        fd->used = true;
        fd->disk = disk;
        fd->at = 0;
        fd->append = append;
        handle_open(&fd->handle, file);
        return FD_BASE + fd->life * FDS_MAX + next;
    }
    return failed(EMFILE);
}

static int disk_open(struct cf_disk *disk, const char *below, int flags)
{
    if (!disk_may(disk))
        return failed(EIO);
    struct file *file = disk_find(disk, below);
    if (file && (flags & O_CREAT) && (flags & O_EXCL))
        return failed(EEXIST);
    if (!file && !(flags & O_CREAT))
        return failed(ENOENT);
    if (file && file->is_folder && (flags & O_ACCMODE) != O_RDONLY)
        return failed(EISDIR);
    if (file && !file->is_folder && (flags & O_DIRECTORY))
        return failed(ENOTDIR);
    if (!file && !disk_make(disk, below, false, &file))
        return failed(EIO);
    int number = fd_new(disk, file, (flags & O_APPEND) != 0);
    if (number >= 0 && (flags & O_TRUNC) && file->size > 0 && !handle_truncate(&fd_of(number)->handle, 0))
        return failed(EIO);
    return number;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return disk ? disk_open(disk, below, flags) : __real_open(path, flags, mode);
}

int __real_mkostemp(char *path, int flags);
int __wrap_mkostemp(char *path, int flags);
int __wrap_mkostemp(char *path, int flags)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    if (!disk)
        return __real_mkostemp(path, flags);
    for (char *at = path + strlen(path) - 6; *at; at++)
        *at = (char)('a' + disk_chance(disk, 26));
    return disk_open(disk, below, O_RDWR | O_CREAT | O_EXCL);
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int number)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_close(number);
    handle_close(&fd->handle);
    fd->used = false;
    return 0;
}

ssize_t __real_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *p, size_t n, off_t at);
ssize_t __wrap_pread(int number, void *p, size_t n, off_t at)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_pread(number, p, n, at);
    return fd->handle.file ? (ssize_t)handle_read(&fd->handle, p, n, (uint64_t)at) : failed(EIO);
}

ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __wrap_read(int number, void *p, size_t n)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_read(number, p, n);
    if (!fd->handle.file)
        return failed(EIO);
    size_t got = handle_read(&fd->handle, p, n, fd->at);
    fd->at += got;
    return (ssize_t)got;
}

ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t at);
ssize_t __wrap_pwrite(int number, const void *p, size_t n, off_t at)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_pwrite(number, p, n, at);
    return handle_write(&fd->handle, p, n, (uint64_t)at) ? (ssize_t)n : failed(EIO);
}

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int number, const void *p, size_t n)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_write(number, p, n);
    if (fd->append && fd->handle.file)
        fd->at = fd->handle.file->size;
    if (!handle_write(&fd->handle, p, n, fd->at))
        return failed(EIO);
    fd->at += n;
    return (ssize_t)n;
}

int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int number, off_t size)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_ftruncate(number, size);
    return kept(handle_truncate(&fd->handle, (uint64_t)size));
}

static int synced(struct fd *fd)
{
    if (fd->handle.file && fd->handle.file->is_folder)
        return kept(disk_sync_names(fd->disk));
    return kept(handle_sync(&fd->handle));
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __wrap_fsync(int number)
{
    struct fd *fd = fd_of(number);
    return fd ? synced(fd) : number >= FD_BASE ? failed(EBADF) : __real_fsync(number);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fdatasync(int number)
{
    struct fd *fd = fd_of(number);
    return fd ? synced(fd) : number >= FD_BASE ? failed(EBADF) : __real_fdatasync(number);
}

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);
int __wrap_flock(int number, int how)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_flock(number, how);
    if (!fd->handle.file)
        return failed(EIO);
    for (const struct handle *other = fd->handle.file->handles; other; other = other->next)
        if (other != &fd->handle && other->holds_flock && (how & LOCK_UN) == 0)
            return failed(EWOULDBLOCK);
    fd->handle.holds_flock = (how & LOCK_UN) == 0;
    return 0;
}

int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int number, mode_t mode)
{
    struct fd *fd = fd_of(number);
    return fd ? 0 : number >= FD_BASE ? failed(EBADF) : __real_fchmod(number, mode);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static int described(const struct file *file, struct stat *ret)
{
    *ret = (struct stat){
        .st_dev = 0xcf,
        .st_ino = (ino_t)file->number,
        .st_mode = file->is_folder ? S_IFDIR | 0700 : S_IFREG | 0600,
        .st_nlink = 1,
        .st_size = (off_t)file->size,
    };
    return 0;
}

int __real_fstat(int fd, struct stat *ret);
int __wrap_fstat(int fd, struct stat *ret);
int __wrap_fstat(int number, struct stat *ret)
{
    struct fd *fd = fd_of(number);
    if (!fd)
        return number >= FD_BASE ? failed(EBADF) : __real_fstat(number, ret);
    return fd->handle.file ? described(fd->handle.file, ret) : failed(EIO);
}

int __real_stat(const char *path, struct stat *ret);
int __wrap_stat(const char *path, struct stat *ret);
int __wrap_stat(const char *path, struct stat *ret)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    if (!disk)
        return __real_stat(path, ret);
    const struct file *file = disk_find(disk, below);
    return !disk_may(disk) ? failed(EIO) : file ? described(file, ret) : failed(ENOENT);
}

int __real_access(const char *path, int how);
int __wrap_access(const char *path, int how);
int __wrap_access(const char *path, int how)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    if (!disk)
        return __real_access(path, how);
    return !disk_may(disk) ? failed(EIO) : disk_find(disk, below) ? 0 : failed(ENOENT);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to)
{
    const char *below = NULL, *below_to = NULL;
    struct cf_disk *disk = disk_of_path(from, &below);
    if (!disk)
        return __real_rename(from, to);
    if (disk_of_path(to, &below_to) != disk)
        return failed(EXDEV);
    if (!disk_may(disk))
        return failed(EIO);
    return disk_find(disk, below) ? kept(disk_rename(disk, below, below_to)) : failed(ENOENT);
}

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __wrap_unlink(const char *path)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    if (!disk)
        return __real_unlink(path);
    if (!disk_may(disk))
        return failed(EIO);
    return disk_find(disk, below) ? kept(disk_remove(disk, below)) : failed(ENOENT);
}

int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    struct file *folder = NULL;
    if (!disk)
        return __real_mkdir(path, mode);
    if (!disk_may(disk))
        return failed(EIO);
    return disk_find(disk, below) ? failed(EEXIST) : kept(disk_make(disk, below, true, &folder));
}
