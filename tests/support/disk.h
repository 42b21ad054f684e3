/*
 * tests/support/disk.h - model disks: machines whose power can go at any write, in memory, from a seed.
 *
 * A disk is what one machine writes to. It is mounted at a path of its own, cf_disk_path(), below which the shipped
 * code works unchanged: SQLite by a VFS "cf-disk" that is the default once there is a disk (disk_vfs.c), and our own
 * calls of the C library (lock files, the witness, file_replace, folders) by the linker's --wrap (disk_calls.c); a
 * program that links cf_test_disk gets both. All other paths reach the real file system as before.
 *
 * What is modelled. A write changes what programs read at once and is volatile: each 512-byte sector of it lasts only
 * once the file is synced, or by chance before. Of a write that was not synced any subset of sectors may be there after
 * a power cut, old versions of them too, in any order between writes and between files; a sector itself is never torn
 * and bytes outside a write never change (SQLite counts on both: powersafe overwrite). A file's length is as volatile.
 * Names (making, renaming, removing) last once their folder is synced; until then a cut leaves the first few of them,
 * in the order in which they were done, as a journalling file system does. A sync of a file lasts its name only where
 * cf_disk_rules says so. A rename is whole or not at all.
 *
 * What is not: sectors torn inside, bits that rot, a disk that lies about a sync (but see cf_disk_rules), a full disk
 * (sync_shim.h), links, permissions, memory-mapped files (the shared memory of a write-ahead log is real memory).
 *
 * A till and its sync are two processes on one disk: cf_disk_as says who is at work, cf_disk_kill ends one of them. A
 * process that was killed, or whose machine lost its power, may still run on in a test: everything it does on the disk
 * then fails (EIO, SQLITE_IOERR) and changes nothing; its handles may be closed, or abandoned by a longjmp.
 *
 * Costs: a block of 4 KiB is shared between what is read, what lasts and all copies of a disk until somebody writes it.
 * Some 190,000 synced commits of a small row a second in release. Not thread-safe. fork() copies all disks.
 */
#ifndef CF_TESTS_DISK_H
#define CF_TESTS_DISK_H

#include "base/bytes.h"

#define CF_DISK_SECTOR_BYTES 512
#define CF_DISK_PATH_MAX 64
#define CF_DISK_PROCESSES 8

struct cf_disk;

/* An empty disk. `seed` decides what survives its cuts and what is written back early. Aborts without memory. */
struct cf_disk *cf_disk_new(uint64_t seed);
/* Its handles must be closed or abandoned. NULL is accepted. */
void cf_disk_free(struct cf_disk *disk);
/* Where it is mounted: a folder, absolute, without a slash at its end. Valid as long as the disk. */
const char *cf_disk_path(const struct cf_disk *disk);

/* Images: a copy of what programs read now (a backup, a cloned card), as a disk of its own; and putting one back in the
 * place of what there is, the machine being off: as cf_disk_restart otherwise. Cheap: blocks are shared. */
struct cf_disk *cf_disk_copy(const struct cf_disk *disk, uint64_t seed);
void cf_disk_restore(struct cf_disk *disk, const struct cf_disk *image);

/* --- stopping ----------------------------------------------------------------------------------------------------- */

enum cf_disk_stop {
    CF_DISK_CUT, /* the machine loses its power */
    CF_DISK_KILL /* the process at work ends; what it wrote is there, also without a sync */
};
/* Called in the operation that stops; it may leave by longjmp, or return: then the operation fails. */
typedef void (*cf_disk_stop_fn)(void *ctx, enum cf_disk_stop stop);
/* At the n-th operation from now (1: the next; 0: never): a write, a sync, a change of a length or a name. */
void cf_disk_stop_at(struct cf_disk *disk, uint64_t n, enum cf_disk_stop stop, cf_disk_stop_fn fn, void *ctx);
/* At once. */
void cf_disk_cut(struct cf_disk *disk);
void cf_disk_kill(struct cf_disk *disk, unsigned process);
/* Who opens what is opened from now on: 0 .. CF_DISK_PROCESSES - 1. A killed process starts anew by this. */
void cf_disk_as(struct cf_disk *disk, unsigned process);
bool cf_disk_is_off(const struct cf_disk *disk); /* after a cut, until the restart */
uint64_t cf_disk_operations(const struct cf_disk *disk);

/* How a cut chooses among what was not synced. ANY draws one of the others, each time anew. */
enum cf_disk_fate {
    CF_DISK_ANY,
    CF_DISK_LOSE,     /* all of it is lost */
    CF_DISK_KEEP,     /* all of it is there */
    CF_DISK_TEAR,     /* each sector by a coin */
    CF_DISK_MOSTLY,   /* each sector is there but for one in sixteen */
    CF_DISK_IN_ORDER, /* what was written before some moment is there, the write of that moment in part */
    CF_DISK_ONE_FILE, /* all of some files, nothing of the others: writes reordered between files */
    CF_DISK_FATES
};
/* The power comes back: what is read is what lasted. Cuts first if it was on. */
void cf_disk_restart(struct cf_disk *disk, enum cf_disk_fate fate);

/* --- rules -------------------------------------------------------------------------------------------------------- */

struct cf_disk_rules {
    bool sync_keeps_name; /* a file's sync lasts its name and all names before it (ext4, XFS); else as POSIX says */
    bool sync_lies;       /* syncs do nothing: for tests of tests */
    unsigned write_back_per_1000; /* how often a write is followed by a sector written back early: 30 unless changed */
};
void cf_disk_set_rules(struct cf_disk *disk, const struct cf_disk_rules *rules);

/* SQLite takes its salts from one generator a process; for histories that must repeat to the byte, start it from here.
 */
void cf_disk_seed_sqlite(uint64_t seed);

/* --- looking ------------------------------------------------------------------------------------------------------ */

/* Each file by its path below cf_disk_path ("till/journal.db"), in no order, as programs read it now. `content` is
 * valid during the call. Companions in shared memory (-shm) are no files here. */
typedef void (*cf_disk_file_fn)(void *ctx, const char *path, cf_bytes content);
void cf_disk_each_file(const struct cf_disk *disk, cf_disk_file_fn each, void *ctx);
struct cf_disk_counts {
    uint64_t writes, bytes, syncs, names, cuts;
    uint64_t lost_sectors; /* by all cuts */
};
void cf_disk_counts(const struct cf_disk *disk, struct cf_disk_counts *ret);

#endif
