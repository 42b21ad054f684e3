/*
 * tests/support/sync_shim.c - see sync_shim.h. The real calls are made as system calls, so that it needs no dlsym.
 */
#include "tests/support/sync_shim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct cf_sync_shim own;
static struct cf_sync_shim *shim = &own;

struct cf_sync_shim *cf_sync_shim(void)
{
    return shim;
}

static uint64_t number_of(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void start(void)
{
    const char *file = getenv("CF_SHIM_STATE");
    if (file != NULL) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0 && syscall(SYS_ftruncate, fd, sizeof own) == 0) {
            void *p = mmap(NULL, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (p != MAP_FAILED)
                shim = p;
        }
        if (fd >= 0)
            close(fd);
    }
    shim->delay_us |= number_of("CF_SHIM_DELAY_US");
    shim->full_from |= number_of("CF_SHIM_FULL_FROM");
    shim->kill_at |= number_of("CF_SHIM_KILL_AT");
    shim->read_only |= number_of("CF_SHIM_READ_ONLY");
}

/* --- syncs -------------------------------------------------------------------------------------------------------- */

static int synced(long number, int fd, uint64_t *count)
{
    (*count)++;
    if (shim->delay_us > 0) {
        struct timespec pause = {(time_t)(shim->delay_us / 1000000), (long)(shim->delay_us % 1000000) * 1000};
        nanosleep(&pause, NULL);
    }
    if (shim->sync_fails_from > 0 && shim->n_fsync + shim->n_fdatasync >= shim->sync_fails_from) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(number, fd);
}

int fsync(int fd)
{
    return synced(SYS_fsync, fd, &shim->n_fsync);
}

int fdatasync(int fd)
{
    return synced(SYS_fdatasync, fd, &shim->n_fdatasync);
}

/* --- writes ------------------------------------------------------------------------------------------------------- */

static bool is_regular(int fd)
{
    struct stat what;
    return fd != STDOUT_FILENO && fd != STDERR_FILENO && syscall(SYS_fstat, fd, &what) == 0 && S_ISREG(what.st_mode);
}

/* Of a call that only files take. */
static bool may_write(void)
{
    shim->n_writes++;
    if (shim->kill_at > 0 && shim->n_writes == shim->kill_at)
        kill(getpid(), SIGKILL);
    if (shim->read_only != 0) {
        errno = EROFS;
        return false;
    }
    if (shim->full_from > 0 && shim->n_writes >= shim->full_from) {
        errno = ENOSPC;
        return false;
    }
    return true;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return may_write() ? syscall(SYS_pwrite64, fd, p, n, at) : -1;
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return may_write() ? syscall(SYS_pwrite64, fd, p, n, at) : -1;
}

ssize_t write(int fd, const void *p, size_t n)
{
    return !is_regular(fd) || may_write() ? syscall(SYS_write, fd, p, n) : -1;
}

int ftruncate(int fd, off_t n)
{
    return may_write() ? (int)syscall(SYS_ftruncate, fd, n) : -1;
}

int ftruncate64(int fd, off64_t n)
{
    return may_write() ? (int)syscall(SYS_ftruncate, fd, n) : -1;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int opened(const char *path, int flags, mode_t mode)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
    if (shim->read_only != 0 && writes && strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0) {
        errno = EROFS;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static mode_t mode_of(int flags, va_list *arguments)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(*arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, &arguments);
    va_end(arguments);
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, &arguments);
    va_end(arguments);
    return opened(path, flags, mode);
}

int access(const char *path, int how)
{
    if (shim->read_only != 0 && (how & W_OK) != 0) {
        errno = EROFS;
        return -1;
    }
    return (int)syscall(SYS_faccessat, AT_FDCWD, path, how);
}
