/*
 * app/store/journal.c - making, opening and closing the journal, its transactions, and its rest between sales.
 */
#include "app/store/journal_private.h"

#include "base/plant.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/store/folder.h"

#define NEW_FILE "journal.db.new"
#define RECEIPT_BYTES_MAX (4u << 20)
/* Checkpoints start when the log has this many frames of 1 KiB, and insist at four times that. A checkpoint costs a
 * few syncs: once in some 300 sales, that is about 1 %. */
#define REST_FRAMES 8192
#define REST_FRAMES_RETRY 512
#define MARK_SYNC_US 5000000 /* what a power cut may take from the mark outside of the folder */
#define REST_INSIST_MS 100

/* --- make --------------------------------------------------------------------------------------------------------- */

struct cf_row_sum cf_journal_identity_sum(const struct cf_journal_identity *identity)
{
    uint8_t store[4];
    cf_put_be32(store, identity->store);
    return cf_row_sum("identity", identity->terminal, identity->epoch, (cf_bytes){NULL, 0},
                      cf_bytes_of(store, sizeof store));
}

enum cf_rc cf_journal_identity_load(struct cf_journal_tables *tables, struct cf_journal_identity *ret,
                                    struct cf_error *err)
{
    sqlite3_stmt *get = tables->q[CF_JQ_IDENTITY];
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_journal_identity identity = {0};
    struct cf_row_sum sum = {{0}};
    bool good = row && cf_column_u32(get, 0, &identity.terminal) && cf_column_u32(get, 1, &identity.epoch) &&
                cf_column_u32(get, 2, &identity.store) && cf_column_bytes_of(get, 3, sum.b, sizeof sum.b);
    sqlite3_reset(get);
    struct cf_row_sum expected = cf_journal_identity_sum(&identity);
    if (!good || memcmp(sum.b, expected.b, sizeof sum.b) != 0) {
        return cf_db_broken(&tables->db, err, "it does not say whose it is");
    }
    *ret = identity;
    return CF_OK;
}

static enum cf_rc fill_new(struct cf_journal_tables *tables, const struct cf_journal_identity *identity,
                           struct cf_error *err)
{
    /* Small pages: a step writes one page each time, and a sale a dozen, all of which its one sync has to move. */
    enum cf_rc rc = cf_db_exec(&tables->db, cf_journal_sql("page_size"), err);
    if (rc == CF_OK) {
        rc = cf_db_migrate(&tables->db, &cf_journal_schema, cf_journal_schema.n, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_tables_prepare(tables, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_begin_write(&tables->db, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_row_sum sum = cf_journal_identity_sum(identity);
    sqlite3_stmt *set = tables->q[CF_JQ_IDENTITY_SET];
    cf_bind_i64(set, 1, identity->terminal);
    cf_bind_i64(set, 2, identity->epoch);
    cf_bind_i64(set, 3, identity->store);
    cf_bind_bytes(set, 4, cf_bytes_of(sum.b, sizeof sum.b));
    rc = cf_db_run(&tables->db, set, err);
    if (rc == CF_OK) {
        struct cf_journal_state state = {.head.hash = cf_record_chain_start(identity->terminal, identity->epoch)};
        rc = cf_journal_state_save(tables, &state, err);
    }
    if (rc != CF_OK) {
        cf_db_rollback(&tables->db);
        return rc;
    }
    rc = cf_db_commit(&tables->db, err);
    return rc != CF_OK ? rc : cf_db_exec(&tables->db, cf_db_common_sql("journal_mode_wal"), err);
}

static void remove_with_companions(const char *dir, const char *file)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t k = 0; k < sizeof ends / sizeof ends[0]; k++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", file, ends[k]);
        cf_folder_remove(dir, name);
    }
}

static enum cf_rc make_new(const char *dir, const struct cf_journal_identity *identity, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    enum cf_rc rc = cf_folder_path(dir, NEW_FILE, path, err);
    if (rc != CF_OK) {
        return rc;
    }
    remove_with_companions(dir, NEW_FILE);
    struct cf_journal_tables tables = {0};
    rc = cf_db_init(&tables.db, path, CF_DB_MAKE, CF_JOURNAL_FILE, CF_E_JOURNAL_BROKEN, err);
    if (rc == CF_OK) {
        rc = fill_new(&tables, identity, err);
    }
    cf_journal_tables_done(&tables);
    return rc;
}

/* Where an older journal goes: all of its log moved into the file first, so that the file alone is whole. */
static enum cf_rc put_older_aside(const char *dir, const struct cf_journal_identity *identity, const struct cf_env *env,
                                  struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    char aside[64];
    struct cf_journal_tables old = {0};
    struct cf_journal_identity whose = {0};
    int64_t version = 0;
    enum cf_rc rc = cf_folder_path(dir, CF_JOURNAL_FILE, path, err);
    if (rc == CF_OK) {
        rc = cf_db_init(&old.db, path, CF_DB_WRITE, CF_JOURNAL_FILE, CF_E_JOURNAL_BROKEN, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_schema_check(&old.db, &cf_journal_schema, &version, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_tables_prepare(&old, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_identity_load(&old, &whose, err);
    }
    if (rc == CF_OK && whose.terminal == identity->terminal && whose.epoch >= identity->epoch) {
        rc = cf_fail(err, CF_E_EXISTS, "%s is of epoch %u", path, whose.epoch);
    }
    if (rc == CF_OK &&
        sqlite3_wal_checkpoint_v2(old.db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK) {
        rc = cf_db_fail(&old.db, err);
    }
    cf_journal_tables_done(&old);
    if (rc == CF_E_JOURNAL_BROKEN) {
        /* A new epoch is the way out of a broken journal: keep what there is, for whoever can still read some of it. */
        snprintf(aside, sizeof aside, "journal-broken-%lld.db", (long long)cf_wall_s(cf_env_wall(env)));
        char log_aside[80];
        snprintf(log_aside, sizeof log_aside, "%s-wal", aside);
        if (cf_folder_has(dir, CF_JOURNAL_FILE "-wal")) {
            rc = cf_folder_rename(dir, CF_JOURNAL_FILE "-wal", log_aside, err);
        } else {
            rc = CF_OK;
        }
    } else if (whose.terminal == identity->terminal) {
        snprintf(aside, sizeof aside, "journal-%u.db", whose.epoch);
    } else {
        snprintf(aside, sizeof aside, "journal-%u-%u.db", whose.terminal, whose.epoch);
    }
    if (rc == CF_OK) {
        rc = cf_folder_rename(dir, CF_JOURNAL_FILE, aside, err);
    }
    if (rc == CF_OK) {
        /* An empty log that a reader held open would else be taken for the new file's. */
        remove_with_companions(dir, CF_JOURNAL_FILE);
    }
    return rc;
}

enum cf_rc cf_journal_hold(const char *dir, int *ret_fd, struct cf_error *err)
{
    return cf_folder_lock(dir, CF_JOURNAL_LOCK, CF_E_JOURNAL_LOCKED, ret_fd, err);
}

enum cf_rc cf_journal_create_held(const char *dir, const struct cf_journal_identity *identity, const struct cf_env *env,
                                  struct cf_error *err)
{
    enum cf_rc rc = make_new(dir, identity, err);
    if (rc == CF_OK && cf_folder_has(dir, CF_JOURNAL_FILE)) {
        rc = put_older_aside(dir, identity, env, err);
    }
    if (rc == CF_OK) {
        rc = cf_folder_rename(dir, NEW_FILE, CF_JOURNAL_FILE, err);
    }
    if (rc == CF_OK) {
        rc = cf_folder_sync(dir, err);
    }
    if (rc != CF_OK) {
        remove_with_companions(dir, NEW_FILE);
    }
    return rc;
}

enum cf_rc cf_journal_create(const char *dir, const struct cf_journal_identity *identity, const struct cf_env *env,
                             struct cf_error *err)
{
    int lock_fd = -1;
    enum cf_rc rc = cf_journal_hold(dir, &lock_fd, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_journal_create_held(dir, identity, env, err);
    close(lock_fd);
    return rc;
}

/* --- open --------------------------------------------------------------------------------------------------------- */

static int after_commit(void *ctx, sqlite3 *handle, const char *name, int frames)
{
    (void)handle;
    (void)name;
    struct cf_journal *journal = ctx;
    journal->wal_frames = frames;
    return SQLITE_OK;
}

static enum cf_rc open_tables(struct cf_journal *journal, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    struct cf_db *db = &journal->tables.db;
    bool till = journal->mode == CF_JOURNAL_TILL;
    enum cf_rc rc = cf_folder_path(journal->dir, CF_JOURNAL_FILE, path, err);
    if (rc == CF_OK) {
        rc = cf_db_init(db, path, till ? CF_DB_WRITE : CF_DB_READ, CF_JOURNAL_FILE, CF_E_JOURNAL_BROKEN, err);
    }
    int64_t version = 0;
    if (rc == CF_OK) {
        rc = cf_db_schema_check(db, &cf_journal_schema, &version, err);
    }
    if (rc == CF_OK && db->read_only_file) {
        rc = cf_fail(err, CF_E_READ_ONLY, "%s cannot be written", path);
    }
    if (rc == CF_OK && till) {
        /* It is in this mode already, unless damage to the header said otherwise. */
        rc = cf_db_exec(db, cf_db_common_sql("journal_mode_wal"), err);
    }
    if (rc == CF_OK && till) {
        /* What is forgotten is written over: journal_forget.c. */
        rc = cf_db_exec(db, cf_journal_sql("secure_delete"), err);
    }
    if (rc == CF_OK && till) {
        rc = cf_db_migrate(db, &cf_journal_schema, cf_journal_schema.n, err);
    }
    if (rc == CF_OK && !till && (uint64_t)version != cf_journal_schema.n) {
        rc = cf_fail(err, CF_E_STATE, "%s is of schema version %lld: start the till once, which brings it up to date",
                     path, (long long)version);
    }
    if (rc == CF_OK) {
        rc = cf_journal_tables_prepare(&journal->tables, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_identity_load(&journal->tables, &journal->identity, err);
    }
    int64_t from = 0;
    if (rc == CF_OK) {
        rc = cf_db_number(&journal->tables.db, cf_journal_sql("sublease_counted"), &from, err);
    }
    journal->fold.sublease_from = (uint64_t)from;
    if (rc == CF_OK) {
        rc = cf_db_number(&journal->tables.db, cf_journal_sql("member_counted"), &from, err);
    }
    journal->fold.member_from = (uint64_t)from;
    return rc;
}

static enum cf_rc open_for_till(struct cf_journal *journal, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_wal_hook(db->handle, after_commit, journal);
    enum cf_rc rc = cf_journal_state_load(&journal->tables, &journal->fold.state, err);
    if (rc == CF_OK) {
        rc = cf_journal_verify_open(journal, err);
    }
    int64_t last_step = 0;
    if (rc == CF_OK) {
        rc = cf_db_number(db, cf_journal_sql("step_last"), &last_step, err);
    }
    if (rc == CF_OK) {
        journal->last_step = (uint64_t)last_step;
        rc = cf_journal_touch(journal, true, err);
    }
    return rc;
}

enum cf_rc cf_journal_open(const char *dir, enum cf_journal_mode mode, const struct cf_env *env,
                           struct cf_journal **ret, struct cf_error *err)
{
    if (!cf_folder_has(dir, CF_JOURNAL_FILE)) {
        return cf_fail(err, CF_E_JOURNAL_NONE, "%s/%s", dir, CF_JOURNAL_FILE);
    }
    struct cf_journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a journal's handle");
    }
    journal->lock_fd = -1;
    journal->mode = mode;
    journal->env = env;
    journal->synced = true;           /* SQLite's default */
    journal->cancelled_in_log = true; /* before this start, perhaps */
    journal->fold.tables = &journal->tables;
    journal->dir = strdup(dir);
    cf_buf_init(&journal->body, CF_RECORD_BODY_MAX);
    cf_buf_init(&journal->receipt, RECEIPT_BYTES_MAX);
    enum cf_rc rc = journal->dir != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a journal's handle");
    if (rc == CF_OK) {
        rc = cf_sale_new(&journal->fold.sale, err);
    }
    if (rc == CF_OK) {
        rc = cf_return_new(&journal->fold.back, err);
    }
    if (rc == CF_OK && mode == CF_JOURNAL_TILL) {
        rc = cf_folder_lock(dir, CF_JOURNAL_LOCK, CF_E_JOURNAL_LOCKED, &journal->lock_fd, err);
    }
    if (rc == CF_OK) {
        rc = open_tables(journal, err);
    }
    if (rc == CF_OK && mode == CF_JOURNAL_TILL) {
        rc = open_for_till(journal, err);
    }
    if (rc != CF_OK) {
        cf_journal_close(journal);
        return rc;
    }
    *ret = journal;
    return CF_OK;
}

void cf_journal_close(struct cf_journal *journal)
{
    if (journal == NULL) {
        return;
    }
    cf_journal_tables_done(&journal->tables);
    cf_sale_free(journal->fold.sale);
    cf_return_free(journal->fold.back);
    cf_buf_done(&journal->body);
    cf_buf_done(&journal->receipt);
    if (journal->lock_fd >= 0) {
        close(journal->lock_fd); /* last: it lets the next one in */
    }
    free(journal->dir);
    free(journal);
}

void cf_journal_identity(const struct cf_journal *journal, struct cf_journal_identity *ret)
{
    *ret = journal->identity;
}

enum cf_rc cf_journal_head(struct cf_journal *journal, struct cf_journal_head *ret, struct cf_error *err)
{
    struct cf_journal_state state;
    if (journal->mode == CF_JOURNAL_TILL) {
        *ret = journal->fold.state.head;
        return CF_OK;
    }
    enum cf_rc rc = cf_journal_state_load(&journal->tables, &state, err);
    if (rc == CF_OK) {
        *ret = state.head;
    }
    return rc;
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

static enum cf_rc set_synced(struct cf_journal *journal, bool synced, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    if (journal->mode != CF_JOURNAL_TILL) {
        return cf_fail(err, CF_E_READ_ONLY, "%s was opened for reading", db->name);
    }
    synced = synced && !CF_PLANTED(journal_unsynced);
    if (journal->synced != synced) {
        enum cf_rc rc = cf_db_exec(db, cf_db_common_sql(synced ? "synchronous_full" : "synchronous_normal"), err);
        if (rc != CF_OK) {
            return rc;
        }
        journal->synced = synced;
    }
    return CF_OK;
}

enum cf_rc cf_journal_begin(struct cf_journal *journal, bool synced, struct cf_error *err)
{
    enum cf_rc rc = set_synced(journal, synced, err);
    return rc != CF_OK ? rc : cf_db_begin_write(&journal->tables.db, err);
}

enum cf_rc cf_journal_write(struct cf_journal *journal, bool synced, sqlite3_stmt *statement, struct cf_error *err)
{
    enum cf_rc rc = set_synced(journal, synced, err);
    return rc != CF_OK ? rc : cf_db_run(&journal->tables.db, statement, err);
}

enum cf_rc cf_journal_end(struct cf_journal *journal, enum cf_rc rc, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    if (rc != CF_OK) {
        cf_db_rollback(db);
        return rc;
    }
    rc = cf_db_commit(db, err);
    if (rc != CF_OK) {
        /* When only the sync failed, whole frames may stand in the log beyond its end as we know it, and a restart
         * would find them: a sale that the cashier was told did not happen. Write over them. If this fails too, the
         * restart may find that sale, whole, its receipt waiting. */
        if (cf_journal_touch(journal, false, NULL) != CF_OK) {
            cf_db_rollback(db);
        }
    }
    return rc;
}

enum cf_rc cf_journal_touch(struct cf_journal *journal, bool synced, struct cf_error *err)
{
    return cf_journal_write(journal, synced, journal->tables.q[CF_JQ_REST], err);
}

/* Not after each of many sales in a row: a till in a hurry would wait for the disk twice a sale. */
static void sync_mark(struct cf_journal *journal)
{
    if (journal->mark_store.ops == NULL) {
        return;
    }
    cf_mono now = cf_env_mono(journal->env);
    if (!journal->mark_synced || now.us - journal->mark_synced_at.us >= MARK_SYNC_US) {
        journal->mark_store.ops->sync(journal->mark_store.ctx);
        journal->mark_synced = true;
        journal->mark_synced_at = now;
    }
}

enum cf_rc cf_journal_rest(struct cf_journal *journal, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    if (journal->mode != CF_JOURNAL_TILL) {
        return cf_fail(err, CF_E_READ_ONLY, "%s was opened for reading", db->name);
    }
    sync_mark(journal);
    if (journal->wal_frames < REST_FRAMES || journal->wal_frames < journal->wal_frames_tried + REST_FRAMES_RETRY) {
        return CF_OK;
    }
    /* A reader in the middle of a page may keep the log from starting again: then try a little later. Only a log that
     * has grown far waits for it, and not for long. */
    bool insist = journal->wal_frames >= 4 * REST_FRAMES;
    int frames = 0;
    int moved = 0;
    sqlite3_busy_timeout(db->handle, insist ? REST_INSIST_MS : 0);
    int code = sqlite3_wal_checkpoint_v2(
        db->handle, NULL, insist ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    enum cf_rc rc = code == SQLITE_OK || code == SQLITE_BUSY ? CF_OK : cf_db_fail(db, err);
    sqlite3_busy_timeout(db->handle, CF_DB_BUSY_TIMEOUT_MS);
    journal->wal_frames_tried = journal->wal_frames;
    if (rc != CF_OK) {
        return rc;
    }
    /* The first write after a checkpoint starts the log again, which costs a sync of its own: let it be this one. */
    rc = cf_journal_touch(journal, true, err);
    if (rc == CF_OK && journal->wal_frames < REST_FRAMES) {
        journal->wal_frames_tried = 0;
    }
    return rc;
}

enum cf_rc cf_journal_format(struct cf_journal_format *ret, struct cf_error *err)
{
    uint32_t oldest = 0;
    enum cf_rc rc = cf_db_schema_window(&cf_journal_schema, &oldest, err);
    if (rc == CF_OK) {
        *ret = (struct cf_journal_format){.schema = (uint32_t)cf_journal_schema.n, .readable_from = oldest};
    }
    return rc;
}
