/*
 * tests/sim/files.h - the disks of the simulated machines: a file system in memory, under SQLite (as its VFS) and under
 * the few POSIX calls of the shipped code (linked with --wrap, see CMakeLists.txt).
 *
 * Everything below /sim/ is here, /sim/<machine>/ being one machine's disk; other paths are the real ones. What was
 * written is volatile until it is synced: a power cut keeps, drops or tears each write since, and undoes names that no
 * sync of the machine has made durable; a killed process only loses its locks. Disks are copied whole, for clones and
 * restores. As this is memory, a fork has a world of its own. One thread.
 */
#ifndef CF_TESTS_SIM_FILES_H
#define CF_TESTS_SIM_FILES_H

#include "base/bytes.h"

#define SIM_ROOT "/sim/"

/* Registers the VFS and makes SQLite single-threaded: once, before any other use of SQLite. */
void files_begin(void);

/* The process in whose name files are opened from now on; 0 is the harness. Gives the one before. */
uint32_t files_run_as(uint32_t process);
/* kill -9: its locks are gone, and its handles, which may still be closed, do nothing any more. */
void files_kill(uint32_t process);
/* The machine loses power: first kill its processes. Draws from *chance. */
void files_cut(const char *machine_dir, uint64_t *chance);
/* The whole folder, as it would be read now; the copy is durable. `to` must not exist. */
void files_copy(const char *from, const char *to);
void files_remove(const char *dir);
bool files_exists(const char *path);
/* Which of these (of two bytes at least, all of one length) stands in some file of the folder; NULL: none does. Not
 * looked at are journals that were set aside as broken, and what a hub has of other tills. */
const cf_bytes *files_hold(const char *dir, const cf_bytes *what, size_t n_what, const char **ret_path);

/* Called before each change of a file and before each sync; may longjmp. */
typedef void (*files_look_fn)(void *ctx);
void files_watch(files_look_fn look, void *ctx);

/* As env.h. */
enum cf_rc files_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err);
enum cf_rc files_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err);

struct files_counts {
    uint64_t writes, bytes_written, syncs, cuts, writes_lost, writes_torn, names_undone;
};
const struct files_counts *files_count(void);

#endif
