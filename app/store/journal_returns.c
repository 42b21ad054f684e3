/*
 * app/store/journal_returns.c - sales of before: found by their number, read again, and what came back of them.
 */
#include "app/store/journal_private.h"

#include <string.h>

#include "base/cbor.h"

/* --- by number ---------------------------------------------------------------------------------------------------- */

/* The first record from some seq on that has a number in the row of sale numbers, which rises with seq. */
struct numbered {
    uint64_t seq; /* 0: none */
    uint64_t number;
    bool is_sale;
};

/* Only the first fields of the body are read: the record was checked when it was written. */
static bool read_number(const struct cf_record *record, uint64_t *ret)
{
    struct cf_cbor_reader r;
    size_t n;
    uint64_t version;
    if (record->body.p == NULL) {
        return false;
    }
    cf_cbor_read_init(&r, record->body);
    cf_cbor_read_array(&r, &n, 64);
    if (record->type == CF_RECORD_SALE || record->type == CF_RECORD_RETURN) {
        cf_cbor_read_uint(&r, &version, UINT64_MAX);
    } else if (record->type != CF_RECORD_CANCELLED) {
        return false;
    }
    return cf_cbor_read_uint(&r, ret, INT64_MAX);
}

static enum cf_rc find_numbered(struct cf_journal *journal, uint64_t from, uint64_t to, struct numbered *ret,
                                struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *rows = journal->tables.q[CF_JQ_RECORD_PAGE];
    *ret = (struct numbered){0};
    cf_bind_i64(rows, 1, (int64_t)from);
    cf_bind_i64(rows, 2, (int64_t)(to - from + 1));
    enum cf_rc rc = CF_OK;
    while (ret->seq == 0) {
        struct cf_record record;
        struct cf_sha256 body_hash, hash;
        bool row = false;
        rc = cf_db_step(db, rows, &row, err);
        if (rc != CF_OK || !row) {
            break;
        }
        if (!cf_journal_record_of_row(rows, &journal->identity, &record, &body_hash, &hash)) {
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "a record from %llu on is damaged", (unsigned long long)from);
            break;
        }
        if (read_number(&record, &ret->number)) {
            ret->seq = record.seq;
            ret->is_sale = record.type == CF_RECORD_SALE;
        }
    }
    sqlite3_reset(rows);
    return rc;
}

enum cf_rc cf_journal_find_sale(struct cf_journal *journal, uint64_t sale_no, uint64_t *ret_seq, struct cf_error *err)
{
    struct cf_journal_head head;
    struct numbered found;
    enum cf_rc rc = cf_journal_head(journal, &head, err);
    uint64_t low = 1, high = head.seq; /* the record, if there, is within */
    while (rc == CF_OK && low <= high) {
        uint64_t middle = low + (high - low) / 2;
        rc = find_numbered(journal, middle, high, &found, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (found.seq != 0 && found.number == sale_no) {
            if (!found.is_sale) {
                break;
            }
            *ret_seq = found.seq;
            return CF_OK;
        }
        if (found.seq != 0 && found.number < sale_no) {
            low = found.seq + 1;
        } else {
            high = middle - 1;
        }
    }
    return rc != CF_OK ? rc : cf_fail(err, CF_E_RETURN_SALE, "no sale number %llu here", (unsigned long long)sale_no);
}

/* --- read again ----------------------------------------------------------------------------------------------------
 */

struct one {
    struct cf_sale *sale;
    bool found;
};

static enum cf_rc take_sale(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    struct one *one = ctx;
    (void)body_hash;
    (void)hash;
    if (record->type != CF_RECORD_SALE) {
        return CF_OK;
    }
    if (record->body.p == NULL) {
        return cf_fail(err, CF_E_RETURN_ERASED, "record %llu", (unsigned long long)record->seq);
    }
    one->found = true;
    return cf_sale_decode(record->body, one->sale, err);
}

enum cf_rc cf_journal_sale(struct cf_journal *journal, uint64_t seq, struct cf_sale *ret, struct cf_error *err)
{
    struct one one = {.sale = ret};
    enum cf_rc rc = seq == 0 || seq > INT64_MAX ? CF_OK : cf_journal_read(journal, seq, 1, take_sale, &one, err);
    if (rc == CF_OK && !one.found) {
        rc = cf_fail(err, CF_E_RETURN_SALE, "record %llu is no sale", (unsigned long long)seq);
    }
    return rc;
}

enum cf_rc cf_journal_returned(struct cf_journal *journal, const struct cf_sale_ref *sale, int64_t *ret_milli,
                               struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *rows = journal->tables.q[CF_JQ_RETURNED_OF];
    int64_t milli[CF_CART_LINES_MAX] = {0};
    cf_bind_i64(rows, 1, sale->terminal);
    cf_bind_i64(rows, 2, sale->epoch);
    cf_bind_i64(rows, 3, (int64_t)sale->seq);
    for (;;) {
        bool row = false;
        enum cf_rc rc = cf_db_step(db, rows, &row, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (!row) {
            break;
        }
        int64_t line = cf_column_i64(rows, 0);
        if (line >= 1 && line <= CF_CART_LINES_MAX) {
            milli[line - 1] = cf_column_i64(rows, 1);
        }
    }
    memcpy(ret_milli, milli, sizeof milli);
    return CF_OK;
}
