/*
 * app/store/journal_parked.c - what is known of parked sales beside their steps, and sales that are asked for at the
 * hub.
 *
 *   note    [where, key, hub_epoch, user, at_ms, n_lines, total_minor, first_line]
 *   taking  [label, hub_epoch]
 *
 * They stand in no record, so each row carries a sum of its own.
 */
#include "app/store/journal_private.h"

#include <string.h>

#include "base/cbor.h"

#define NOTE_FIELDS 8
#define TAKING_FIELDS 2
#define BODY_MAX 512

static struct cf_row_sum note_sum(const char *label, cf_bytes body)
{
    return cf_row_sum("parked_note", 0, 0, cf_bytes_str(label), body);
}

static struct cf_row_sum taking_sum(const uint8_t key[CF_REQUEST_KEY_BYTES], cf_bytes body)
{
    return cf_row_sum("taking", 0, 0, cf_bytes_of(key, CF_REQUEST_KEY_BYTES), body);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static enum cf_rc put_note(struct cf_journal *journal, const struct cf_journal_parked_note *note, struct cf_error *err)
{
    uint8_t bytes[BODY_MAX];
    struct cf_cbor_writer w;
    struct cf_buf body;
    cf_buf_init_fixed(&body, bytes, sizeof bytes);
    cf_cbor_write_init(&w, &body);
    cf_cbor_write_array(&w, NOTE_FIELDS);
    cf_cbor_write_uint(&w, note->where);
    cf_cbor_write_bytes(&w, cf_bytes_of(note->key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(&w, note->hub_epoch);
    cf_cbor_write_text(&w, note->user);
    cf_cbor_write_int(&w, note->at_ms);
    cf_cbor_write_uint(&w, note->n_lines);
    cf_cbor_write_int(&w, note->total_minor);
    cf_cbor_write_text(&w, note->first_line);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = journal->tables.q[CF_JQ_PARKED_NOTE_SET];
    struct cf_row_sum sum = note_sum(note->label, cf_buf_bytes(&body));
    cf_bind_text(set, 1, note->label);
    cf_bind_bytes(set, 2, cf_buf_bytes(&body));
    cf_bind_bytes(set, 3, cf_bytes_of(sum.b, sizeof sum.b));
    return cf_db_run(&journal->tables.db, set, err);
}

static bool read_note(cf_bytes body, struct cf_journal_parked_note *note)
{
    struct cf_cbor_reader r;
    uint64_t where = 0;
    cf_cbor_read_init(&r, body);
    (void)cf_cbor_read_array_of(&r, NOTE_FIELDS);
    if (cf_cbor_read_uint(&r, &where, CF_JOURNAL_PARKED_OFFERED) && where < CF_JOURNAL_PARKED_HERE) {
        cf_cbor_read_refuse(&r);
    }
    note->where = (enum cf_journal_parked_where)where;
    (void)cf_cbor_read_bytes_of(&r, note->key, CF_REQUEST_KEY_BYTES);
    note->hub_epoch = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, note->user, sizeof note->user);
    (void)cf_cbor_read_int(&r, &note->at_ms);
    note->n_lines = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_int(&r, &note->total_minor);
    (void)cf_cbor_read_cstr(&r, note->first_line, sizeof note->first_line);
    return cf_cbor_read_end(&r, NULL) == CF_OK;
}

/* label, n_steps, body, sum */
static bool note_of_row(sqlite3_stmt *row, struct cf_journal_parked_note *note)
{
    struct cf_row_sum sum;
    cf_bytes label = cf_column_bytes(row, 0), body = cf_column_bytes(row, 2);
    if (label.n == 0 || label.n > CF_JOURNAL_LABEL_MAX) {
        return false;
    }
    memcpy(note->label, label.p, label.n);
    note->n_steps = (uint32_t)cf_column_i64(row, 1);
    note->is_noted = body.p != NULL;
    if (!note->is_noted) {
        note->where = CF_JOURNAL_PARKED_HERE;
        return true;
    }
    if (!cf_column_bytes_of(row, 3, sum.b, sizeof sum.b)) {
        return false;
    }
    struct cf_row_sum expected = note_sum(note->label, body);
    return memcmp(sum.b, expected.b, sizeof sum.b) == 0 && read_note(body, note);
}

enum cf_rc cf_journal_parked_notes(struct cf_journal *journal, cf_journal_parked_note_fn each, void *ctx,
                                   struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *all = journal->tables.q[CF_JQ_PARKED_NOTE_ALL];
    for (;;) {
        struct cf_journal_parked_note note;
        bool row = false;
        memset(&note, 0, sizeof note);
        enum cf_rc rc = cf_db_step(db, all, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        if (!note_of_row(all, &note)) {
            rc = cf_db_broken(db, err, "the note of a parked sale is damaged");
        } else if (each != NULL) {
            rc = each(ctx, &note, err);
        }
        if (rc != CF_OK) {
            sqlite3_reset(all);
            return rc;
        }
    }
}

static enum cf_rc remove_parked(struct cf_journal *journal, const char *label, struct cf_error *err)
{
    static const enum cf_journal_query both[] = {CF_JQ_PARKED_REMOVE, CF_JQ_PARKED_NOTE_REMOVE};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof both / sizeof both[0]; i++) {
        sqlite3_stmt *remove = journal->tables.q[both[i]];
        cf_bind_text(remove, 1, label);
        rc = cf_db_run(&journal->tables.db, remove, err);
    }
    return rc;
}

/* --- giving a sale to the hub --------------------------------------------------------------------------------------
 */

enum cf_rc cf_journal_park_noted(struct cf_journal *journal, const struct cf_journal_parked_note *note,
                                 struct cf_error *err)
{
    enum cf_rc rc = cf_journal_check_label(note->label, err);
    if (rc == CF_OK && journal->last_step == 0) {
        rc = cf_fail(err, CF_E_SALE_NONE, "there is nothing to park");
    }
    if (rc == CF_OK) {
        rc = cf_journal_begin(journal, true, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_journal_park_within(journal, note->label, err);
    if (rc == CF_OK) {
        rc = put_note(journal, note, err);
    }
    rc = cf_journal_end(journal, rc, err);
    if (rc == CF_OK) {
        journal->last_step = 0;
    }
    return rc;
}

enum cf_rc cf_journal_park_given(struct cf_journal *journal, const char *label, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    return rc == CF_OK ? cf_journal_end(journal, remove_parked(journal, label, err), err) : rc;
}

enum cf_rc cf_journal_park_note(struct cf_journal *journal, const struct cf_journal_parked_note *note,
                                struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    return rc == CF_OK ? cf_journal_end(journal, put_note(journal, note, err), err) : rc;
}

/* --- taking one from it --------------------------------------------------------------------------------------------
 */

static enum cf_rc put_taking(struct cf_journal *journal, const struct cf_journal_taking *taking, struct cf_error *err)
{
    uint8_t bytes[BODY_MAX];
    struct cf_cbor_writer w;
    struct cf_buf body;
    cf_buf_init_fixed(&body, bytes, sizeof bytes);
    cf_cbor_write_init(&w, &body);
    cf_cbor_write_array(&w, TAKING_FIELDS);
    cf_cbor_write_text(&w, taking->label);
    cf_cbor_write_uint(&w, taking->hub_epoch);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *set = journal->tables.q[CF_JQ_TAKING_SET];
    struct cf_row_sum sum = taking_sum(taking->key, cf_buf_bytes(&body));
    cf_bind_bytes(set, 1, cf_bytes_of(taking->key, CF_REQUEST_KEY_BYTES));
    cf_bind_bytes(set, 2, cf_buf_bytes(&body));
    cf_bind_bytes(set, 3, cf_bytes_of(sum.b, sizeof sum.b));
    return cf_db_run(&journal->tables.db, set, err);
}

enum cf_rc cf_journal_take(struct cf_journal *journal, const struct cf_journal_taking *taking, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    return rc == CF_OK ? cf_journal_end(journal, put_taking(journal, taking, err), err) : rc;
}

static enum cf_rc remove_taking(struct cf_journal *journal, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                struct cf_error *err)
{
    sqlite3_stmt *remove = journal->tables.q[CF_JQ_TAKING_REMOVE];
    cf_bind_bytes(remove, 1, cf_bytes_of(key, CF_REQUEST_KEY_BYTES));
    return cf_db_run(&journal->tables.db, remove, err);
}

enum cf_rc cf_journal_take_none(struct cf_journal *journal, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                struct cf_error *err)
{
    enum cf_rc rc = cf_journal_begin(journal, false, err);
    return rc == CF_OK ? cf_journal_end(journal, remove_taking(journal, key, err), err) : rc;
}

static enum cf_rc put_steps(struct cf_journal *journal, const struct cf_journal_parked_note *note,
                            const cf_bytes *steps, size_t n_steps, struct cf_error *err)
{
    bool parked = false;
    enum cf_rc rc = cf_journal_is_parked(journal, note->label, &parked, err);
    if (rc == CF_OK && parked) {
        rc = cf_fail(err, CF_E_EXISTS, "a sale is parked as \"%s\" already", note->label);
    }
    for (size_t i = 0; rc == CF_OK && i < n_steps; i++) {
        rc = steps[i].n <= CF_STEP_BYTES_MAX ? cf_journal_add_parked(journal, note->label, i + 1, steps[i], err)
                                             : cf_fail(err, CF_E_LIMIT, "a step of %zu bytes", steps[i].n);
    }
    return rc == CF_OK ? put_note(journal, note, err) : rc;
}

enum cf_rc cf_journal_take_came(struct cf_journal *journal, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                const struct cf_journal_parked_note *note, const cf_bytes *steps, size_t n_steps,
                                struct cf_error *err)
{
    enum cf_rc rc = cf_journal_check_label(note->label, err);
    if (rc == CF_OK && n_steps == 0) {
        rc = cf_fail(err, CF_E_SALE_NONE, "there is nothing in it");
    }
    if (rc == CF_OK) {
        rc = cf_journal_begin(journal, true, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = put_steps(journal, note, steps, n_steps, err);
    if (rc == CF_OK) {
        rc = remove_taking(journal, key, err);
    }
    return cf_journal_end(journal, rc, err);
}

static bool taking_of_row(sqlite3_stmt *row, struct cf_journal_taking *ret)
{
    struct cf_row_sum sum;
    struct cf_cbor_reader r;
    cf_bytes body = cf_column_bytes(row, 1);
    if (!cf_column_bytes_of(row, 0, ret->key, CF_REQUEST_KEY_BYTES) || body.p == NULL ||
        !cf_column_bytes_of(row, 2, sum.b, sizeof sum.b)) {
        return false;
    }
    struct cf_row_sum expected = taking_sum(ret->key, body);
    cf_cbor_read_init(&r, body);
    (void)cf_cbor_read_array_of(&r, TAKING_FIELDS);
    (void)cf_cbor_read_cstr(&r, ret->label, sizeof ret->label);
    ret->hub_epoch = cf_cbor_read_u32(&r);
    return memcmp(sum.b, expected.b, sizeof sum.b) == 0 && cf_cbor_read_end(&r, NULL) == CF_OK;
}

enum cf_rc cf_journal_takings(struct cf_journal *journal, cf_journal_taking_fn each, void *ctx, struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *all = journal->tables.q[CF_JQ_TAKING_ALL];
    for (;;) {
        struct cf_journal_taking taking;
        bool row = false;
        memset(&taking, 0, sizeof taking);
        enum cf_rc rc = cf_db_step(db, all, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        if (!taking_of_row(all, &taking)) {
            rc = cf_db_broken(db, err, "a sale that was asked for at the hub is damaged");
        } else if (each != NULL) {
            rc = each(ctx, &taking, err);
        }
        if (rc != CF_OK) {
            sqlite3_reset(all);
            return rc;
        }
    }
}
