/*
 * app/store/journal_told.c - what the centre said of a receipt when goods of it were to come back: kept for when nobody
 * can be asked. No record; forgotten with the return window, and the oldest first when there is much of it.
 *
 *   [refused, [line_no, qty_milli ...]]     refused: it would not have what was asked for taken back
 *
 * A row that is damaged counts as refused: whoever asks again has it written anew.
 */
#include "app/store/journal_private.h"

#include <string.h>

#include "base/cbor.h"

#define FIELDS 2
#define KEY_BYTES 16

static struct cf_row_sum told_sum(const struct cf_sale_ref *of, int64_t at_ms, cf_bytes body)
{
    uint8_t key[KEY_BYTES];
    cf_put_be32(key, of->terminal);
    cf_put_be32(key + 4, of->epoch);
    cf_put_be64(key + 8, of->seq);
    return cf_row_sum("told", (uint64_t)at_ms, 0, cf_bytes_of(key, sizeof key), body);
}

static void bind_sale(sqlite3_stmt *q, const struct cf_sale_ref *of)
{
    cf_bind_i64(q, 1, of->terminal);
    cf_bind_i64(q, 2, of->epoch);
    cf_bind_i64(q, 3, (int64_t)of->seq);
}

static enum cf_rc put(struct cf_journal *journal, const struct cf_journal_told *told, int64_t at_ms,
                      struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    struct cf_cbor_writer w;
    cf_buf_clear(&journal->body);
    cf_cbor_write_init(&w, &journal->body);
    cf_cbor_write_array(&w, FIELDS);
    cf_cbor_write_bool(&w, told->refused);
    cf_cbor_write_array(&w, told->n_lines * 2);
    for (size_t i = 0; i < told->n_lines; i++) {
        cf_cbor_write_uint(&w, told->lines[i].line_no);
        cf_cbor_write_int(&w, told->lines[i].qty_milli);
    }
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_bytes body = cf_buf_bytes(&journal->body);
    struct cf_row_sum sum = told_sum(&told->of, at_ms, body);
    sqlite3_stmt *set = tables->q[CF_JQ_TOLD_SET];
    bind_sale(set, &told->of);
    cf_bind_i64(set, 4, at_ms);
    cf_bind_bytes(set, 5, body);
    cf_bind_bytes(set, 6, cf_bytes_of(sum.b, sizeof sum.b));
    rc = cf_db_run(&tables->db, set, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *trim = tables->q[CF_JQ_TOLD_TRIM];
    cf_bind_i64(trim, 1, CF_JOURNAL_TOLD_MAX);
    return cf_db_run(&tables->db, trim, err);
}

static enum cf_rc remove_told(struct cf_journal *journal, const struct cf_sale_ref *of, struct cf_error *err)
{
    sqlite3_stmt *remove = journal->tables.q[CF_JQ_TOLD_REMOVE];
    bind_sale(remove, of);
    return cf_db_run(&journal->tables.db, remove, err);
}

static bool read_body(cf_bytes body, struct cf_journal_told *ret)
{
    struct cf_cbor_reader r;
    size_t n = 0;
    cf_cbor_read_init(&r, body);
    (void)cf_cbor_read_array_of(&r, FIELDS);
    (void)cf_cbor_read_bool(&r, &ret->refused);
    if (!cf_cbor_read_array(&r, &n, (size_t)CF_CART_LINES_MAX * 2) || n % 2 != 0) {
        return false;
    }
    ret->n_lines = n / 2;
    for (size_t i = 0; i < ret->n_lines; i++) {
        ret->lines[i].line_no = cf_cbor_read_u32(&r);
        (void)cf_cbor_read_int(&r, &ret->lines[i].qty_milli);
    }
    return cf_cbor_read_end(&r, NULL) == CF_OK;
}

enum cf_rc cf_journal_told(struct cf_journal *journal, const struct cf_sale_ref *of, struct cf_journal_told *ret,
                           struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_TOLD];
    struct cf_row_sum sum;
    bool row = false;
    bind_sale(get, of);
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    memset(ret, 0, sizeof *ret);
    ret->of = *of;
    if (row) {
        cf_bytes body = cf_column_bytes(get, 1);
        struct cf_row_sum expected = told_sum(of, cf_column_i64(get, 0), body);
        bool whole = cf_column_bytes_of(get, 2, sum.b, sizeof sum.b) && memcmp(sum.b, expected.b, sizeof sum.b) == 0 &&
                     read_body(body, ret);
        if (!whole) {
            ret->refused = true;
            ret->n_lines = 0;
        }
        sqlite3_reset(get);
    }
    return CF_OK;
}

enum cf_rc cf_journal_tell(struct cf_journal *journal, const struct cf_journal_told *told, int64_t at_ms,
                           struct cf_error *err)
{
    bool says = told->refused || told->n_lines > 0;
    enum cf_rc rc = cf_journal_begin(journal, true, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = says ? put(journal, told, at_ms, err) : remove_told(journal, &told->of, err);
    return cf_journal_end(journal, rc, err);
}
