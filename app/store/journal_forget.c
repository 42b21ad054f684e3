/*
 * app/store/journal_forget.c - members who are to be forgotten, and baskets beyond the return window.
 *
 * Erasing takes salt and body out of a record, its receipt and its place among what waits to be printed; the chain goes
 * on over the hash that stays. SQLite writes over what is deleted (secure_delete, set when the till opens the journal);
 * what stands in the write-ahead log goes with a checkpoint that empties it. If a reader keeps that from happening, the
 * next call tries again.
 */
#include "app/store/journal_private.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/quote.h"
#include "app/store/folder.h"
#include "base/plant.h"

#define FOUND_MAX 64
#define BROKEN "journal-broken-"

struct progress {
    uint64_t marks;
    uint64_t seen_seq;
    uint64_t sealed_seq;
};

/* --- how far it has come ------------------------------------------------------------------------------------------ */

static struct cf_row_sum progress_sum(const struct progress *progress)
{
    uint8_t sealed[8];
    cf_put_be64(sealed, progress->sealed_seq);
    return cf_row_sum("forgetting", progress->marks, progress->seen_seq, (cf_bytes){NULL, 0},
                      cf_bytes_of(sealed, sizeof sealed));
}

/* One that is not there, or damaged, begins anew: forgetting twice is harmless. */
static enum cf_rc load(struct cf_journal_tables *tables, struct progress *ret, struct cf_error *err)
{
    sqlite3_stmt *get = tables->q[CF_JQ_FORGETTING];
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct progress progress = {0};
    if (row) {
        progress.marks = (uint64_t)cf_column_i64(get, 0);
        progress.seen_seq = (uint64_t)cf_column_i64(get, 1);
        progress.sealed_seq = (uint64_t)cf_column_i64(get, 2);
        struct cf_row_sum expected = progress_sum(&progress);
        if (!cf_bytes_equal(cf_column_bytes(get, 3), cf_bytes_of(expected.b, sizeof expected.b))) {
            progress = (struct progress){0};
        }
        sqlite3_reset(get);
    }
    *ret = progress;
    return CF_OK;
}

static enum cf_rc save(struct cf_journal_tables *tables, const struct progress *progress, struct cf_error *err)
{
    struct cf_row_sum sum = progress_sum(progress);
    sqlite3_stmt *set = tables->q[CF_JQ_FORGETTING_SET];
    cf_bind_i64(set, 1, (int64_t)progress->marks);
    cf_bind_i64(set, 2, (int64_t)progress->seen_seq);
    cf_bind_i64(set, 3, (int64_t)progress->sealed_seq);
    cf_bind_bytes(set, 4, cf_bytes_of(sum.b, sizeof sum.b));
    return cf_db_run(&tables->db, set, err);
}

/* --- what is to be erased ----------------------------------------------------------------------------------------- */

struct found {
    uint64_t seq;
    bool has_member;
    cf_sub member;
};
struct forgetting {
    struct cf_journal_tables *tables;
    struct cf_sale *sale;
    struct cf_return *back;
    const struct cf_journal_forget *what;
    size_t n;
    struct found found[FOUND_MAX];
    uint64_t n_erased;
};

/* The member of a sale, return or quotation, and who asked for goods; false for any other record, and for one without
 * anybody. */
static bool member_of(struct forgetting *f, enum cf_record_type type, cf_bytes body, cf_sub *ret)
{
    if (type == CF_RECORD_SALE && cf_sale_decode(body, f->sale, NULL) == CF_OK && f->sale->has_member) {
        *ret = f->sale->member;
        return true;
    }
    if (type == CF_RECORD_RETURN && cf_return_decode(body, f->back, NULL) == CF_OK && f->back->has_member) {
        *ret = f->back->member;
        return true;
    }
    int64_t expires_s;
    if (type == CF_RECORD_QUOTE && cf_quote_decode(body, f->sale, &expires_s, NULL) == CF_OK && f->sale->has_member) {
        *ret = f->sale->member;
        return true;
    }
    struct cf_request_record request;
    if (type == CF_RECORD_ORDER && cf_request_record_decode(body, &request, NULL) == CF_OK &&
        request.act == CF_REQUEST_ASK) {
        *ret = request.who;
        return true;
    }
    return false;
}

/* Decides of one row whether it goes: the one place that says what is forgotten. */
static bool is_forgotten(struct forgetting *f, sqlite3_stmt *row, uint64_t sealed_from, struct found *ret)
{
    enum cf_record_type type = (enum cf_record_type)cf_column_i64(row, 6);
    cf_bytes body = cf_column_bytes(row, 8);
    *ret = (struct found){.seq = (uint64_t)cf_column_i64(row, 0)};
    if (body.p == NULL ||
        (type != CF_RECORD_SALE && type != CF_RECORD_RETURN && type != CF_RECORD_ORDER && type != CF_RECORD_QUOTE)) {
        return false;
    }
    bool sealed = ret->seq > sealed_from && cf_column_i64(row, 3) < f->what->sealed_before.us / CF_US_PER_MS;
    bool has_member = f->what->n_marks > 0 && member_of(f, type, body, &ret->member);
    ret->has_member = has_member && cf_erase_marked(f->what->marks, f->what->n_marks, ret->member);
    return sealed || ret->has_member;
}

/* --- erasing ------------------------------------------------------------------------------------------------------ */

/* The counter of the phone, and that there were purchases. */
static enum cf_rc remove_counter(struct cf_journal_tables *tables, cf_sub member, struct cf_error *err)
{
    static const enum cf_journal_query of_member[] = {CF_JQ_MEMBER_COUNTER_REMOVE, CF_JQ_MEMBER_SALE_DROP};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < sizeof of_member / sizeof of_member[0]; k++) {
        cf_bind_bytes(tables->q[of_member[k]], 1, cf_bytes_of(member.b, sizeof member.b));
        rc = cf_db_run(&tables->db, tables->q[of_member[k]], err);
    }
    return rc;
}

static enum cf_rc erase_one(struct cf_journal_tables *tables, const struct found *found, struct cf_error *err)
{
    static const enum cf_journal_query of_seq[] = {CF_JQ_RECORD_ERASE, CF_JQ_RECEIPT_REMOVE, CF_JQ_PRINTING_REMOVE,
                                                   CF_JQ_UNPRINTED_REMOVE, CF_JQ_MEMBER_SALE_ERASE};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < sizeof of_seq / sizeof of_seq[0]; k++) {
        cf_bind_i64(tables->q[of_seq[k]], 1, (int64_t)found->seq);
        rc = cf_db_run(&tables->db, tables->q[of_seq[k]], err);
    }
    if (rc == CF_OK && found->has_member) {
        rc = remove_counter(tables, found->member, err);
    }
    return rc;
}

/* From record `from` on, at most `last`: finds a handful, erases it; *ret_next is where to go on, 0 at the end. */
static enum cf_rc find_some(struct forgetting *f, uint64_t from, uint64_t last, uint64_t sealed_from,
                            uint64_t *ret_next, struct cf_error *err)
{
    sqlite3_stmt *rows = f->tables->q[CF_JQ_RECORD_PAGE];
    f->n = 0;
    *ret_next = 0;
    cf_bind_i64(rows, 1, (int64_t)from);
    cf_bind_i64(rows, 2, -1);
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(&f->tables->db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        uint64_t seq = (uint64_t)cf_column_i64(rows, 0);
        if (seq > last || f->n == FOUND_MAX) {
            *ret_next = seq > last ? 0 : seq;
            sqlite3_reset(rows);
            return CF_OK;
        }
        f->n += is_forgotten(f, rows, sealed_from, &f->found[f->n]);
    }
}

static enum cf_rc forget_range(struct forgetting *f, uint64_t from, uint64_t last, uint64_t sealed_from,
                               struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && from > 0 && from <= last) {
        rc = find_some(f, from, last, sealed_from, &from, err);
        for (size_t k = 0; rc == CF_OK && k < f->n; k++) {
            rc = erase_one(f->tables, &f->found[k], err);
        }
        f->n_erased += f->n;
    }
    return rc;
}

/* A handful of the counters of whoever is to be forgotten. */
static enum cf_rc find_counters(struct forgetting *f, struct cf_error *err)
{
    sqlite3_stmt *rows = f->tables->q[CF_JQ_MEMBER_KNOWN];
    f->n = 0;
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(&f->tables->db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        cf_sub member;
        if (cf_column_bytes_of(rows, 0, member.b, sizeof member.b) &&
            cf_erase_marked(f->what->marks, f->what->n_marks, member)) {
            f->found[f->n++].member = member;
        }
        if (f->n == FOUND_MAX) {
            sqlite3_reset(rows);
            return CF_OK;
        }
    }
}

/* Of a basket that was sealed before, only the counter still tells whose it was. While nothing at all is erased, the
 * counters follow from the records, and verification holds them to it: each then goes with its record. */
static enum cf_rc forget_counters(struct forgetting *f, struct cf_error *err)
{
    sqlite3_stmt *erased = f->tables->q[CF_JQ_RECORD_ERASED];
    bool row = false;
    enum cf_rc rc = cf_db_step(&f->tables->db, erased, &row, err);
    bool any = rc == CF_OK && row && cf_column_i64(erased, 0) != 0;
    sqlite3_reset(erased);
    f->n = any ? FOUND_MAX : 0;
    while (rc == CF_OK && f->n == FOUND_MAX) {
        rc = find_counters(f, err);
        for (size_t k = 0; rc == CF_OK && k < f->n; k++) {
            rc = remove_counter(f->tables, f->found[k].member, err);
        }
    }
    return rc;
}

/* Empties the write-ahead log, in which the old pages stand. */
static bool empty_log(struct cf_db *db)
{
    return sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK;
}

/* The same, as far as somebody is to be forgotten whose steps or records may stand in it. */
static void empty_log_if_due(struct cf_journal *journal, bool due)
{
    journal->log_to_empty = (due || journal->log_to_empty) && !empty_log(&journal->tables.db);
    journal->cancelled_in_log = journal->cancelled_in_log && (!due || journal->log_to_empty);
}

/* --- journals of epochs before ------------------------------------------------------------------------------------ */

/* The sale that was open when the epoch ended, and those that were parked: nobody can take them up any more, nor does
 * anybody ask who is in them. */
static enum cf_rc clear_begun(struct cf_journal_tables *old, struct cf_error *err)
{
    static const char *const clear[] = {"step_clear", "parked_clear", "parked_note_clear", "taking_clear"};
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; rc == CF_OK && k < sizeof clear / sizeof clear[0]; k++) {
        rc = cf_db_exec(&old->db, cf_journal_sql(clear[k]), err);
    }
    return rc;
}

/* What they hold was sent, or can be sent no more: their keys are gone. */
static enum cf_rc forget_in_file(struct cf_journal *journal, const char *name, const struct cf_journal_forget *what,
                                 uint64_t *n_erased, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    struct cf_journal_tables old = {0};
    struct forgetting f = {.tables = &old, .sale = journal->fold.sale, .back = journal->fold.back, .what = what};
    enum cf_rc rc = cf_folder_path(journal->dir, name, path, err);
    if (rc == CF_OK) {
        rc = cf_db_init(&old.db, path, CF_DB_WRITE, CF_JOURNAL_FILE, CF_E_JOURNAL_BROKEN, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_exec(&old.db, cf_journal_sql("secure_delete"), err);
    }
    if (rc == CF_OK) {
        rc = cf_db_migrate(&old.db, &cf_journal_schema, cf_journal_schema.n, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_tables_prepare(&old, err);
    }
    if (rc == CF_OK) {
        rc = cf_db_begin_write(&old.db, err);
    }
    if (rc == CF_OK) {
        rc = forget_range(&f, 1, INT64_MAX, INT64_MAX, err);
        if (rc == CF_OK) {
            rc = forget_counters(&f, err);
        }
        if (rc == CF_OK) {
            rc = clear_begun(&old, err);
        }
        if (rc == CF_OK) {
            rc = cf_db_commit(&old.db, err);
        } else {
            cf_db_rollback(&old.db);
        }
    }
    if (rc == CF_OK) {
        (void)empty_log(&old.db);
        *n_erased += f.n_erased;
    }
    cf_journal_tables_done(&old);
    return rc;
}

static bool is_older_journal(const char *name)
{
    size_t n = strlen(name);
    return strncmp(name, "journal-", 8) == 0 && strncmp(name, BROKEN, sizeof BROKEN - 1) != 0 && n > 11 &&
           strcmp(name + n - 3, ".db") == 0;
}

/* Its name tells when it was set aside. A time that lies ahead was told by a clock that was wrong: it is no reason to
 * keep it. */
static bool is_broken_and_due(const char *name, cf_wall now)
{
    if (strncmp(name, BROKEN, sizeof BROKEN - 1) != 0) {
        return false;
    }
    int64_t age = cf_wall_s(now) - strtoll(name + sizeof BROKEN - 1, NULL, 10);
    return age < -86400 || age >= CF_JOURNAL_BROKEN_KEEP_S;
}

static void remove_broken(struct cf_journal *journal, const struct cf_journal_forget *what)
{
    DIR *entries = what->n_marks > 0 && what->now.us > 0 ? opendir(journal->dir) : NULL;
    if (entries == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (is_broken_and_due(entry->d_name, what->now)) {
            cf_folder_remove(journal->dir, entry->d_name);
        }
    }
    closedir(entries);
}

/* One that cannot be opened is left to whoever looks after the machine. */
static void forget_in_older(struct cf_journal *journal, const struct cf_journal_forget *what, uint64_t *n_erased)
{
    DIR *entries = opendir(journal->dir);
    if (entries == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (is_older_journal(entry->d_name)) {
            (void)!forget_in_file(journal, entry->d_name, what, n_erased, NULL);
        }
    }
    closedir(entries);
}

/* --- together ----------------------------------------------------------------------------------------------------- */

/* The sales that are old enough are the first ones: up to the first that is not. */
static enum cf_rc sealed_until(struct cf_journal *journal, uint64_t from, uint64_t last, cf_wall before, uint64_t *ret,
                               struct cf_error *err)
{
    sqlite3_stmt *rows = journal->tables.q[CF_JQ_RECORD_PAGE];
    *ret = from;
    cf_bind_i64(rows, 1, (int64_t)from + 1);
    cf_bind_i64(rows, 2, -1);
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(&journal->tables.db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        uint64_t seq = (uint64_t)cf_column_i64(rows, 0);
        if (seq > last || cf_column_i64(rows, 3) >= before.us / CF_US_PER_MS) {
            sqlite3_reset(rows);
            return CF_OK;
        }
        *ret = seq;
    }
}

/* What was said before the first basket that is kept is of baskets that are not. */
static enum cf_rc forget_told(struct forgetting *f, struct cf_error *err)
{
    sqlite3_stmt *forget = f->tables->q[CF_JQ_TOLD_FORGET];
    cf_bind_i64(forget, 1, f->what->sealed_before.us / CF_US_PER_MS);
    return cf_db_run(&f->tables->db, forget, err);
}

static enum cf_rc forget_within(struct cf_journal *journal, struct forgetting *f, const struct progress *before,
                                const struct progress *after, struct cf_error *err)
{
    bool new_marks = after->marks != before->marks;
    uint64_t from = new_marks ? 1 : before->seen_seq + 1;
    enum cf_rc rc = CF_OK;
    if (f->what->n_marks > 0) {
        rc = forget_range(f, from, after->seen_seq, INT64_MAX, err);
    }
    if (rc == CF_OK) {
        rc = forget_range(f, before->sealed_seq + 1, after->sealed_seq, before->sealed_seq, err);
    }
    if (rc == CF_OK && after->sealed_seq > before->sealed_seq) {
        rc = forget_told(f, err);
    }
    if (rc == CF_OK && new_marks) {
        rc = forget_counters(f, err);
    }
    return rc == CF_OK ? save(&journal->tables, after, err) : rc;
}

enum cf_rc cf_journal_forget(struct cf_journal *journal, const struct cf_journal_forget *what, uint64_t *ret_n,
                             struct cf_error *err)
{
    struct forgetting f = {
        .tables = &journal->tables, .sale = journal->fold.sale, .back = journal->fold.back, .what = what};
    struct progress before;
    uint64_t closed = journal->fold.state.last_z_seq;
    uint64_t last = what->acknowledged_seq < closed ? what->acknowledged_seq : closed;
    *ret_n = 0;
    remove_broken(journal, what);
    enum cf_rc rc = load(&journal->tables, &before, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct progress after = {.marks = what->n_marks, .seen_seq = what->n_marks > 0 ? last : before.seen_seq};
    rc = sealed_until(journal, before.sealed_seq, last, what->sealed_before, &after.sealed_seq, err);
    if (rc == CF_OK && memcmp(&before, &after, sizeof before) == 0) {
        empty_log_if_due(journal, what->n_marks > 0 && journal->cancelled_in_log);
        return CF_OK;
    }
    /* Before it is noted that these marks were seen: whoever dies in between does it again. */
    if (rc == CF_OK && after.marks != before.marks && !CF_PLANTED(older_journals_kept)) {
        forget_in_older(journal, what, &f.n_erased);
    }
    if (rc == CF_OK) {
        rc = cf_journal_begin(journal, true, err);
    }
    if (rc == CF_OK) {
        rc = cf_journal_end(journal, forget_within(journal, &f, &before, &after, err), err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    /* Without a record of theirs, too: what a restart has cleared away may stand in the log still. */
    empty_log_if_due(journal, f.n_erased > 0 || what->n_marks > 0);
    *ret_n = f.n_erased;
    return CF_OK;
}
