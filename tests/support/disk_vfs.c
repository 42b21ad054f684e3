/*
 * tests/support/disk_vfs.c - model disks (disk.h) as SQLite sees them: a VFS that is the default one and passes on what
 * is not below a disk's mount. It follows SQLite's own unix VFS in what it promises: powersafe overwrite, sectors of
 * 4096 bytes, and the folder's sync with the first sync of a log or rollback journal after it was opened.
 */
#include "tests/support/disk_private.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define UNIX_SECTOR_BYTES 4096

struct vfs_file {
    sqlite3_file base;
    struct handle handle;
    bool sync_names; /* with the next sync */
};

static sqlite3_vfs vfs;
static sqlite3_vfs *real;
static uint64_t sqlite_chance;

static struct handle *handle_of(sqlite3_file *file)
{
    return &((struct vfs_file *)file)->handle;
}

/* --- a file ------------------------------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *file)
{
    handle_close(handle_of(file));
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
    struct handle *handle = handle_of(file);
    if (!handle->file)
        return SQLITE_IOERR_READ;
    size_t got = handle_read(handle, p, (size_t)n, (uint64_t)at);
    if (got == (size_t)n)
        return SQLITE_OK;
    memset((uint8_t *)p + got, 0, (size_t)n - got);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
    return handle_write(handle_of(file), p, (size_t)n, (uint64_t)at) ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return handle_truncate(handle_of(file), (uint64_t)size) ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *file, int flags)
{
    struct vfs_file *self = (struct vfs_file *)file;
    struct cf_disk *disk = self->handle.file ? self->handle.file->disk : NULL;
    (void)flags;
    if (!handle_sync(&self->handle))
        return SQLITE_IOERR_FSYNC;
    if (self->sync_names && !disk_sync_names(disk))
        return SQLITE_IOERR_DIR_FSYNC;
    self->sync_names = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    const struct handle *handle = handle_of(file);
    if (!handle->file)
        return SQLITE_IOERR_FSTAT;
    *ret = (sqlite3_int64)handle->file->size;
    return SQLITE_OK;
}

static bool another_has(const struct handle *handle, int level)
{
    for (const struct handle *other = handle->file->handles; other; other = other->next)
        if (other != handle && other->lock >= level)
            return true;
    return false;
}

static int file_lock(sqlite3_file *file, int level)
{
    struct handle *handle = handle_of(file);
    if (!handle->file)
        return SQLITE_IOERR_LOCK;
    if (handle->lock >= level)
        return SQLITE_OK;
    if (another_has(handle, level == SQLITE_LOCK_RESERVED ? SQLITE_LOCK_RESERVED : SQLITE_LOCK_PENDING))
        return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && another_has(handle, SQLITE_LOCK_SHARED)) {
        handle->lock = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    handle->lock = level;
    return SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level)
{
    struct handle *handle = handle_of(file);
    handle->lock = handle->lock < level ? handle->lock : level;
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *file, int *ret)
{
    const struct handle *handle = handle_of(file);
    if (!handle->file)
        return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *ret = handle->lock >= SQLITE_LOCK_RESERVED || another_has(handle, SQLITE_LOCK_RESERVED);
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int what, void *p)
{
    (void)file;
    if (what == SQLITE_FCNTL_VFSNAME) {
        *(char **)p = sqlite3_mprintf("%s", vfs.zName);
        return SQLITE_OK;
    }
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file)
{
    (void)file;
    return UNIX_SECTOR_BYTES;
}

static int file_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- shared memory ------------------------------------------------------------------------------------------------ */

static int shm_map(sqlite3_file *file, int region, int bytes, int extend, void volatile **ret)
{
    struct handle *handle = handle_of(file);
    if (!handle->file)
        return SQLITE_IOERR_SHMMAP;
    if (!handle->shm) {
        if (!handle->file->shm)
            handle->file->shm = calloc(1, sizeof *handle->file->shm);
        if (!handle->file->shm)
            return SQLITE_NOMEM;
        handle->shm = handle->file->shm;
        handle->shm->refs++;
    }
    if (region >= SHM_REGIONS_MAX)
        return SQLITE_IOERR_SHMSIZE;
    if (!handle->shm->region[region] && extend)
        handle->shm->region[region] = calloc(1, (size_t)bytes);
    *ret = handle->shm->region[region];
    return *ret || !extend ? SQLITE_OK : SQLITE_NOMEM;
}

static int shm_lock(sqlite3_file *file, int first, int n, int flags)
{
    struct handle *handle = handle_of(file);
    uint16_t mask = (uint16_t)(((1u << n) - 1) << first), others_shared = 0, others_exclusive = 0;
    if (flags & SQLITE_SHM_UNLOCK) {
        handle->shm_shared = (uint16_t)(handle->shm_shared & ~mask);
        handle->shm_exclusive = (uint16_t)(handle->shm_exclusive & ~mask);
        return SQLITE_OK;
    }
    if (!handle->file)
        return SQLITE_IOERR_SHMLOCK;
    for (const struct handle *other = handle->file->handles; other; other = other->next)
        if (other != handle && other->shm) {
            others_shared |= other->shm_shared;
            others_exclusive |= other->shm_exclusive;
        }
    if ((others_exclusive & mask) || ((flags & SQLITE_SHM_EXCLUSIVE) && (others_shared & mask)))
        return SQLITE_BUSY;
    if (flags & SQLITE_SHM_EXCLUSIVE)
        handle->shm_exclusive |= mask;
    else
        handle->shm_shared |= mask;
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
    (void)file; /* one thread */
}

static int shm_unmap(sqlite3_file *file, int remove)
{
    (void)remove; /* shared memory is no file here */
    handle_unmap(handle_of(file));
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* --- the file system ---------------------------------------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
    struct vfs_file *opened = (struct vfs_file *)file;
    const char *below = NULL;
    struct cf_disk *disk = path ? disk_of_path(path, &below) : NULL;
    (void)self;
    memset(opened, 0, sizeof *opened);
    if (path && !disk)
        return real->xOpen(real, path, file, flags, ret_flags);
    if (ret_flags)
        *ret_flags = flags;
    if (!path) {
        handle_open_nameless(&opened->handle);
        opened->base.pMethods = &methods;
        return SQLITE_OK;
    }
    struct file *found = disk_find(disk, below);
    if (!disk_may(disk) || (!found && !(flags & SQLITE_OPEN_CREATE)) || (found && found->is_folder))
        return SQLITE_CANTOPEN;
    if (!found) {
        if (!disk_make(disk, below, false, &found))
            return SQLITE_CANTOPEN;
    }
    handle_open(&opened->handle, found);
    /* As the unix VFS: of each opening that might have made it, whoever did. */
    opened->sync_names = (flags & SQLITE_OPEN_CREATE) &&
                         (flags & (SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));
    opened->base.pMethods = &methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *self, const char *path, int sync_folder)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    (void)self;
    if (!disk)
        return real->xDelete(real, path, sync_folder);
    if (!disk_may(disk))
        return SQLITE_IOERR_DELETE;
    if (!disk_find(disk, below))
        return SQLITE_IOERR_DELETE_NOENT;
    if (!disk_remove(disk, below))
        return SQLITE_IOERR_DELETE;
    return !sync_folder || disk_sync_names(disk) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

static int vfs_access(sqlite3_vfs *self, const char *path, int flags, int *ret)
{
    const char *below = NULL;
    struct cf_disk *disk = disk_of_path(path, &below);
    (void)self;
    if (!disk)
        return real->xAccess(real, path, flags, ret);
    const struct file *file = !disk_may(disk) ? NULL : disk_find(disk, below);
    /* As the unix VFS: an empty file is none when asked whether it exists. */
    *ret = file && (flags != SQLITE_ACCESS_EXISTS || file->is_folder || file->size > 0);
    return SQLITE_OK;
}

static int vfs_full_pathname(sqlite3_vfs *self, const char *path, int n, char *ret)
{
    const char *below = NULL;
    (void)self;
    if (!disk_of_path(path, &below))
        return real->xFullPathname(real, path, n, ret);
    if (strlen(path) >= (size_t)n)
        return SQLITE_CANTOPEN;
    memcpy(ret, path, strlen(path) + 1);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *self, int n, char *p)
{
    (void)self;
    for (int k = 0; k < n; k++) {
        sqlite_chance =
            sqlite_chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth's MMIX */
        p[k] = (char)(sqlite_chance >> 56);
    }
    return n;
}

/* One thread: whoever waits for a lock would wait for itself. */
static int vfs_sleep(sqlite3_vfs *self, int us)
{
    (void)self;
    return us;
}

void disk_vfs_start(void)
{
    if (real)
        return;
    if (sqlite3_initialize() != SQLITE_OK)
        abort();
    real = sqlite3_vfs_find(NULL);
    vfs = *real;
    vfs.pNext = NULL;
    vfs.zName = "cf-disk";
    if ((size_t)vfs.szOsFile < sizeof(struct vfs_file))
        vfs.szOsFile = (int)sizeof(struct vfs_file);
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_pathname;
    vfs.xRandomness = vfs_randomness;
    vfs.xSleep = vfs_sleep;
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
        abort();
}

void cf_disk_seed_sqlite(uint64_t seed)
{
    disk_vfs_start();
    sqlite_chance = seed;
    sqlite3_randomness(0, NULL); /* the next use asks the VFS again */
}
