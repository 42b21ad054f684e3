/*
 * app/store/replica.c - opening the replica, making a new one beside a broken one, and noticing changes.
 */
#include "app/store/replica_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/store/folder.h"
#include "base/private_files.h"

#define NEW_FILE "replica.db.new"
/* Of the disk, what stays for the till's own records while another replica is filled. */
#define ROOM_OF_TILL_BYTES (4 << 20)
/* A structure check reads all of the file: on a large one only when somebody met damage. */
#define CHECKED_BYTES_MAX (16 << 20)
#define OPEN_TRIES 3

/* --- make --------------------------------------------------------------------------------------------------------- */

static void remove_end(const char *dir, const char *file, const char *end)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s", file, end);
    cf_folder_remove(dir, name);
}

/* A log without its file would be taken for the new file's. */
static void remove_log(const char *dir, const char *file)
{
    remove_end(dir, file, "-wal");
    remove_end(dir, file, "-shm");
}

static void remove_with_companions(const char *dir, const char *file)
{
    remove_end(dir, file, "");
    remove_log(dir, file);
    remove_end(dir, file, "-journal");
}

static enum cf_rc make_new(const char *dir, const char *file, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    struct cf_db db = {0};
    remove_with_companions(dir, NEW_FILE);
    enum cf_rc rc = cf_folder_path(dir, NEW_FILE, path, err);
    if (rc == CF_OK) {
        rc = cf_db_init(&db, path, CF_DB_MAKE, CF_REPLICA_FILE, CF_E_REPLICA_BROKEN, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_migrate(&db, &cf_replica_schema, cf_replica_schema.n, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_exec(&db, cf_db_common_sql("journal_mode_wal"), err);
    }
    cf_db_done(&db);
    remove_log(dir, file);
    if (rc == CF_OK) {
        rc = cf_folder_rename(dir, NEW_FILE, file, err);
    }
    if (rc == CF_OK) {
        rc = cf_folder_sync(dir, err);
    }
    return rc;
}

/* --- open --------------------------------------------------------------------------------------------------------- */

static void close_file(struct cf_replica *replica)
{
    replica->topics_known = 0;
    cf_replica_cache_free(replica);
    cf_db_finalize_all(replica->q, CF_RQ_QUERIES);
    cf_db_finalize_all(&replica->data_version, 1);
    cf_db_done(&replica->db);
}

static enum cf_rc stat_file(const struct cf_replica *replica, struct stat *ret, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    enum cf_rc rc = cf_folder_path(replica->dir, replica->file, path, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (stat(path, ret) == 0) {
        return CF_OK;
    }
    return errno == ENOENT ? cf_fail(err, CF_E_REPLICA_NONE, "%s", path) : cf_fail_errno(err, errno, "%s", path);
}

static enum cf_rc open_reader(struct cf_replica *replica, const char *path, struct cf_error *err)
{
    struct cf_db *db = &replica->db;
    int64_t version = 0;
    enum cf_rc rc = cf_db_init(db, path, CF_DB_READ, replica->file, CF_E_REPLICA_BROKEN, err);
    if (rc == CF_OK) {
        rc = cf_db_schema_check(db, &cf_replica_schema, &version, err);
    }
    if (rc == CF_OK && (uint64_t)version != cf_replica_schema.n) {
        /* Of an older program: the sync brings it up to date when it opens it. */
        rc = cf_fail(err, CF_E_REPLICA_NONE, "%s is of schema version %lld: sync first", path, (long long)version);
    }
    if (rc == CF_OK) {
        rc = cf_db_exec(db, cf_replica_sql("reader_settings"), err);
    }
    return rc != CF_OK ? rc : cf_replica_prepare(replica, false, err);
}

static enum cf_rc open_writer(struct cf_replica *replica, const char *path, bool check, struct cf_error *err)
{
    struct cf_db *db = &replica->db;
    int64_t version = 0;
    enum cf_rc rc = cf_db_init(db, path, CF_DB_WRITE, replica->file, CF_E_REPLICA_BROKEN, err);
    if (rc == CF_OK) {
        rc = cf_db_schema_check(db, &cf_replica_schema, &version, err);
    }
    if (rc == CF_OK && db->read_only_file) {
        rc = cf_fail(err, CF_E_READ_ONLY, "%s cannot be written", path);
    }
    if (rc == CF_OK && check) {
        rc = cf_db_quick_check(db, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_exec(db, cf_replica_sql("writer_settings"), err);
    }
    if (rc == CF_OK) {
        rc = cf_db_migrate(db, &cf_replica_schema, cf_replica_schema.n, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_exec(db, cf_replica_sql("code_queue_make"), err);
    }
    return rc != CF_OK ? rc : cf_replica_prepare(replica, true, err);
}

enum cf_rc cf_replica_data_version(struct cf_replica *replica, int64_t *ret, struct cf_error *err)
{
    bool row = false;
    enum cf_rc rc = cf_db_step(&replica->db, replica->data_version, &row, err);
    if (rc == CF_OK && row) {
        *ret = cf_column_i64(replica->data_version, 0);
        sqlite3_reset(replica->data_version);
    }
    return rc;
}

/* Opens the file and remembers which one it is. While it is replaced, log and file could be of different ones: the
 * name must stand for the same file before, and after the first read has opened the log. */
static enum cf_rc open_file(struct cf_replica *replica, bool suspect, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    enum cf_rc rc = cf_folder_path(replica->dir, replica->file, path, err);
    for (int k = 0; rc == CF_OK && k < OPEN_TRIES; k++) {
        struct stat before;
        struct stat after;
        rc = stat_file(replica, &before, err);
        if (rc != CF_OK) {
            return rc;
        }
        bool check = suspect || before.st_size <= CHECKED_BYTES_MAX;
        rc =
            replica->mode == CF_REPLICA_SYNC ? open_writer(replica, path, check, err) : open_reader(replica, path, err);
        if (rc == CF_OK) {
            rc = cf_db_prepare(&replica->db, cf_db_common_sql("data_version"), &replica->data_version, err);
        }
        if (rc == CF_OK) {
            rc = cf_replica_data_version(replica, &replica->seen_data_version, err);
        }
        bool same =
            stat_file(replica, &after, NULL) == CF_OK && before.st_dev == after.st_dev && before.st_ino == after.st_ino;
        if (same) {
            replica->device = before.st_dev;
            replica->inode = before.st_ino;
            break;
        }
        close_file(replica);
        rc = k + 1 < OPEN_TRIES ? CF_OK : cf_fail(err, CF_E_BUSY, "%s is being replaced", path);
    }
    if (rc != CF_OK) {
        close_file(replica);
    }
    return rc;
}

static uint64_t bytes_of(const char *dir, const char *name)
{
    char path[CF_FOLDER_PATH_MAX];
    struct stat about;
    bool is = cf_folder_path(dir, name, path, NULL) == CF_OK && stat(path, &about) == 0 && about.st_size > 0;
    return is ? (uint64_t)about.st_size : 0;
}

static bool row_was_damaged(const char *dir)
{
    return bytes_of(dir, CF_REPLICA_SUSPECT) > 0;
}

/* For another beside it, and for its log, which may grow as large before it is in the file. Without it the sync would
 * take the last of the disk, and the till could sell nothing at all. */
static bool has_room(const char *dir)
{
    struct statvfs disk;
    uint64_t begun = bytes_of(dir, CF_REPLICA_NEXT) + bytes_of(dir, CF_REPLICA_NEXT "-wal");
    return statvfs(dir, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize + begun >= 2 * bytes_of(dir, CF_REPLICA_FILE) + ROOM_OF_TILL_BYTES;
}

/* In place of the file, which is put aside if it is there. Nobody writes to either now. */
static enum cf_rc put_in_place(const char *dir, struct cf_error *err)
{
    enum cf_rc rc =
        cf_folder_has(dir, CF_REPLICA_FILE) ? cf_folder_rename(dir, CF_REPLICA_FILE, CF_REPLICA_ASIDE, err) : CF_OK;
    if (rc == CF_OK) {
        remove_log(dir, CF_REPLICA_FILE);
        rc = cf_folder_rename(dir, CF_REPLICA_NEXT, CF_REPLICA_FILE, err);
    }
    if (rc == CF_OK) {
        cf_folder_remove(dir, CF_REPLICA_SUSPECT);
        rc = cf_folder_sync(dir, err);
    }
    return rc;
}

/* Beside the damaged file: what was begun there before, if that is whole itself. */
static enum cf_rc open_next(struct cf_replica *replica, struct cf_error *err)
{
    const char *dir = replica->dir;
    enum cf_rc rc = CF_E_REPLICA_BROKEN;
    replica->file = CF_REPLICA_NEXT;
    if (cf_folder_has(dir, CF_REPLICA_NEXT)) {
        rc = open_file(replica, true, err);
    }
    if (rc == CF_E_REPLICA_BROKEN) {
        rc = make_new(dir, CF_REPLICA_NEXT, err);
        if (rc == CF_OK) {
            rc = open_file(replica, false, err);
        }
    }
    return rc;
}

static enum cf_rc open_or_make(struct cf_replica *replica, struct cf_error *err)
{
    const char *dir = replica->dir;
    enum cf_rc rc = CF_OK;
    if (!cf_folder_has(dir, CF_REPLICA_FILE)) { /* a kill while that took its place, or there was never one */
        rc = cf_folder_has(dir, CF_REPLICA_NEXT) ? put_in_place(dir, err) : make_new(dir, CF_REPLICA_FILE, err);
    }
    if (rc == CF_OK) {
        rc = open_file(replica, cf_folder_has(dir, CF_REPLICA_SUSPECT), err);
    }
    if (rc == CF_OK && row_was_damaged(dir) && has_room(dir)) {
        close_file(replica);
        rc = CF_E_REPLICA_BROKEN;
    }
    return rc;
}

static enum cf_rc open_for_sync(struct cf_replica *replica, bool *ret_rebuilt, struct cf_error *err)
{
    const char *dir = replica->dir;
    enum cf_rc rc = cf_folder_lock(dir, CF_REPLICA_LOCK, CF_E_BUSY, &replica->lock_fd, err);
    if (rc == CF_OK) {
        rc = open_or_make(replica, err);
    }
    bool rebuilt = rc == CF_E_REPLICA_BROKEN;
    if (rebuilt) {
        rc = open_next(replica, err);
    } else if (rc == CF_OK) {
        if (!row_was_damaged(dir)) { /* else it waits for room */
            cf_folder_remove(dir, CF_REPLICA_SUSPECT);
        }
        remove_with_companions(dir, CF_REPLICA_NEXT);
    }
    if (rc == CF_OK && ret_rebuilt != NULL) {
        *ret_rebuilt = rebuilt;
    }
    return rc;
}

enum cf_rc cf_replica_publish(struct cf_replica *replica, struct cf_error *err)
{
    if (strcmp(replica->file, CF_REPLICA_NEXT) != 0) {
        return CF_OK;
    }
    /* Its log goes into the file, nobody else has it open. A close would do that as well, and not say where it could
     * not: without room for it on the disk what takes the place would be a part of what has come. */
    if (sqlite3_wal_checkpoint_v2(replica->db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK) {
        return cf_db_fail(&replica->db, err);
    }
    close_file(replica);
    enum cf_rc rc = put_in_place(replica->dir, err);
    replica->file = CF_REPLICA_FILE;
    return rc == CF_OK ? open_file(replica, false, err) : rc;
}

enum cf_rc cf_replica_open(const char *dir, enum cf_replica_mode mode, struct cf_replica **ret, bool *ret_rebuilt,
                           struct cf_error *err)
{
    struct cf_replica *replica = calloc(1, sizeof *replica);
    if (replica == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a replica's handle");
    }
    replica->mode = mode;
    replica->file = CF_REPLICA_FILE;
    replica->lock_fd = -1;
    replica->dir = strdup(dir);
    enum cf_rc rc = replica->dir != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a replica's handle");
    if (rc == CF_OK && mode == CF_REPLICA_SYNC) {
        rc = open_for_sync(replica, ret_rebuilt, err);
    } else if (rc == CF_OK) {
        rc = cf_replica_noted(replica, open_file(replica, false, err));
        if (rc == CF_OK && ret_rebuilt != NULL) {
            *ret_rebuilt = false;
        }
    }
    if (rc != CF_OK) {
        cf_replica_close(replica);
        return rc;
    }
    *ret = replica;
    return CF_OK;
}

enum cf_rc cf_replica_hold(const char *dir, int *ret_fd, struct cf_error *err)
{
    return cf_folder_lock(dir, CF_REPLICA_LOCK, CF_E_BUSY, ret_fd, err);
}

void cf_replica_discard(const char *dir)
{
    remove_with_companions(dir, CF_REPLICA_NEXT); /* first: alone it would be taken for a whole one */
    remove_with_companions(dir, CF_REPLICA_FILE);
}

void cf_replica_close(struct cf_replica *replica)
{
    if (replica == NULL) {
        return;
    }
    close_file(replica);
    if (replica->lock_fd >= 0) {
        close(replica->lock_fd);
    }
    free(replica->dir);
    free(replica);
}

/* If the mark cannot be made, whoever meets the damage next tries again. */
static void mark(const struct cf_replica *replica, const char *what)
{
    char path[CF_FOLDER_PATH_MAX];
    if (cf_folder_path(replica->dir, CF_REPLICA_SUSPECT, path, NULL) != CF_OK) {
        return;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, cf_private_mode(path, 0600));
    if (fd >= 0) {
        (void)!write(fd, what, strlen(what));
        close(fd);
    }
}

enum cf_rc cf_replica_noted(struct cf_replica *replica, enum cf_rc rc)
{
    if (rc == CF_E_REPLICA_BROKEN) {
        mark(replica, "");
    }
    return rc;
}

enum cf_rc cf_replica_row_noted(struct cf_replica *replica, enum cf_rc rc)
{
    if (rc == CF_E_REPLICA_BROKEN) {
        mark(replica, "row\n");
    }
    return rc;
}

enum cf_rc cf_replica_changed(struct cf_replica *replica, bool *ret_replaced, bool *ret_changed, struct cf_error *err)
{
    struct stat now;
    enum cf_rc rc = stat_file(replica, &now, err);
    if (rc == CF_E_REPLICA_NONE) {
        /* Between the old file and the new one: the old one still serves. */
        *ret_replaced = false;
        *ret_changed = false;
        return CF_OK;
    }
    if (rc != CF_OK) {
        return rc;
    }
    bool replaced = now.st_dev != replica->device || now.st_ino != replica->inode;
    bool next = strcmp(replica->file, CF_REPLICA_NEXT) == 0; /* the damage is what that is made for */
    if (replica->mode == CF_REPLICA_SYNC && !next && cf_folder_has(replica->dir, CF_REPLICA_SUSPECT) &&
        (!row_was_damaged(replica->dir) || has_room(replica->dir))) {
        replaced = true; /* somebody met damage: opening it again checks it, and begins another if need be */
    }
    if (replaced) {
        *ret_replaced = true;
        *ret_changed = true;
        return CF_OK;
    }
    int64_t version = replica->seen_data_version;
    rc = cf_replica_data_version(replica, &version, err);
    if (rc != CF_OK) {
        return cf_replica_noted(replica, rc);
    }
    *ret_changed = version != replica->seen_data_version;
    *ret_replaced = false;
    replica->seen_data_version = version;
    return CF_OK;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_replica_begin(struct cf_replica *replica, struct cf_error *err)
{
    if (replica->mode != CF_REPLICA_SYNC) {
        return cf_fail(err, CF_E_READ_ONLY, "%s was opened for reading", replica->db.name);
    }
    return cf_replica_noted(replica, cf_db_begin_write(&replica->db, err));
}

enum cf_rc cf_replica_end(struct cf_replica *replica, enum cf_rc rc, struct cf_error *err)
{
    if (rc == CF_OK) {
        rc = cf_db_commit(&replica->db, err);
    } else {
        cf_db_rollback(&replica->db);
    }
    if (rc != CF_OK) {
        replica->topics_known = 0;
    }
    return cf_replica_row_noted(replica, rc);
}
