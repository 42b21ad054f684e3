/*
 * tests/support/sync_shim.h - a disk that counts its syncs, is as slow as wanted, fills up, fails, or is read-only.
 *
 * sync_shim.c defines fsync, fdatasync, pwrite, write, ftruncate and open in front of the C library's. Linked into a
 * test it works on that program alone and is steered through cf_sync_shim(); built as libcf_sync_shim.so it is given to
 * any program by LD_PRELOAD and steered by its environment:
 *
 *   CF_SHIM_STATE=FILE     keep the struct below in this file, where another program can read and set it
 *   CF_SHIM_DELAY_US=N     each sync takes N microseconds more
 *   CF_SHIM_FULL_FROM=N    from the Nth write on: ENOSPC
 *   CF_SHIM_KILL_AT=N      the program is killed instead of its Nth write
 *   CF_SHIM_READ_ONLY=1    no file can be opened for writing or written to: EROFS
 *
 * Writes are those to regular files other than standard output and error. Not thread-safe, but for counts that may
 * come out low.
 */
#ifndef CF_TESTS_SYNC_SHIM_H
#define CF_TESTS_SYNC_SHIM_H

#include <stdint.h>

struct cf_sync_shim {
    uint64_t n_fsync;
    uint64_t n_fdatasync;
    uint64_t n_writes;
    uint64_t delay_us;
    uint64_t full_from;       /* n_writes from which on writes fail with ENOSPC; 0: never */
    uint64_t sync_fails_from; /* n_fsync + n_fdatasync from which on syncs fail with EIO; 0: never */
    uint64_t read_only;
    uint64_t kill_at; /* n_writes at which the program is killed, before that write; 0: never */
};
struct cf_sync_shim *cf_sync_shim(void);

#endif
