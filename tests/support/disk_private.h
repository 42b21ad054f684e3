/*
 * tests/support/disk_private.h - what the files disk*.c share. Not for others.
 */
#ifndef CF_TESTS_DISK_PRIVATE_H
#define CF_TESTS_DISK_PRIVATE_H

#include "tests/support/disk.h"

#define DISK_ROOT "/cf-disk/" /* a disk is mounted at this and its number */
#define BLOCK_BYTES 4096
#define BLOCK_SECTORS (BLOCK_BYTES / CF_DISK_SECTOR_BYTES)
#define SHM_REGIONS_MAX 64

struct block {
    unsigned refs;
    uint8_t b[BLOCK_BYTES];
};
/* NULL is a block of zeros. */
struct slot {
    struct block *now;             /* as programs read it */
    struct block *kept;            /* as it lasts */
    uint32_t stamp[BLOCK_SECTORS]; /* operation of a sector's last write, modulo 2^32 */
    uint8_t dirty;                 /* sectors of `now` that do not last yet */
    bool listed;                   /* in the file's list of dirty blocks */
};
struct handle;
struct file {
    struct file *next; /* all of the disk */
    struct cf_disk *disk;
    unsigned refs; /* names, lasting names, changes of names, handles */
    uint64_t number;
    bool is_folder;
    uint64_t size, kept_size;
    struct slot *slots;
    size_t n_slots;
    uint32_t *dirty; /* blocks, once each */
    size_t n_dirty, dirty_room;
    struct handle *handles; /* open on it */
    struct shm *shm;        /* of its write-ahead log; NULL when nobody uses it */
};
/* The handles of stopped processes keep what they had mapped. */
struct shm {
    unsigned refs;
    void *region[SHM_REGIONS_MAX];
};
/* One open of one file. Of a process that was stopped: file is NULL. */
struct handle {
    struct file *file;
    struct handle *next;
    unsigned process;
    int lock; /* SQLite's level */
    bool holds_flock;
    struct shm *shm; /* NULL: not mapped */
    uint16_t shm_shared, shm_exclusive;
};
struct name {
    char *path; /* below the mount, without a slash before it */
    struct file *file;
};
struct names {
    struct name *name;
    size_t n, room;
};
/* Making (from NULL), removing (to NULL), renaming. */
struct change {
    char *from, *to;
    struct file *file;
    uint32_t stamp;
};

/* The disk of a path and the part below its mount ("" for the mount itself); NULL: of the real file system. */
struct cf_disk *disk_of_path(const char *path, const char **ret_below);
/* False: the disk is off, or the process at work was killed. */
bool disk_may(const struct cf_disk *disk);
struct file *disk_find(struct cf_disk *disk, const char *below); /* NULL: not there */
/* Each: false if it may not, or if it stopped in it: then it may have happened, or not. */
bool disk_make(struct cf_disk *disk, const char *below, bool is_folder, struct file **ret);
bool disk_remove(struct cf_disk *disk, const char *below);
bool disk_rename(struct cf_disk *disk, const char *from, const char *to);
bool disk_sync_names(struct cf_disk *disk);

void handle_open(struct handle *handle, struct file *file);
void handle_open_nameless(struct handle *handle); /* a file of no disk, gone when closed */
void handle_close(struct handle *handle);
size_t handle_read(const struct handle *handle, void *p, size_t n, uint64_t at); /* less only at the file's end */
bool handle_write(struct handle *handle, const void *p, size_t n, uint64_t at);
bool handle_truncate(struct handle *handle, uint64_t size);
bool handle_sync(struct handle *handle);

/* Of the shared memory; the last one frees it. */
void handle_unmap(struct handle *handle);

void disk_vfs_start(void); /* registers the VFS, once */
uint64_t disk_chance(struct cf_disk *disk, uint64_t below);

#endif
