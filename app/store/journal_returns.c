/*
 * app/store/journal_returns.c - sales and quotations of before: found by their number, read again, and what came of
 * them.
 */
#include "app/store/journal_private.h"

#include <string.h>

#include "app/core/quote.h"
#include "base/cbor.h"

/* --- by number ---------------------------------------------------------------------------------------------------- */

/* The first record from some seq on that has a number in the row of sale numbers, which rises with seq. */
struct numbered {
    uint64_t seq; /* 0: none */
    uint64_t number;
    enum cf_record_type type;
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
    } else if (record->type == CF_RECORD_QUOTE) { /* [version, expires_s, the sale's bytes: [version, number ...]] */
        uint64_t expires_s;
        cf_bytes sale = {NULL, 0};
        cf_cbor_read_uint(&r, &version, UINT64_MAX);
        cf_cbor_read_uint(&r, &expires_s, UINT64_MAX);
        if (!cf_cbor_read_bytes(&r, &sale, CF_SALE_BYTES_MAX)) {
            return false;
        }
        cf_cbor_read_init(&r, sale);
        cf_cbor_read_array(&r, &n, 64);
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
            ret->type = record.type;
        }
    }
    sqlite3_reset(rows);
    return rc;
}

/* 0: no record of that type has it. */
static enum cf_rc search_number(struct cf_journal *journal, enum cf_record_type type, uint64_t sale_no,
                                uint64_t *ret_seq, struct cf_error *err)
{
    struct cf_journal_head head;
    struct numbered found;
    enum cf_rc rc = cf_journal_head(journal, &head, err);
    uint64_t low = 1, high = head.seq; /* the record, if there, is within */
    *ret_seq = 0;
    while (rc == CF_OK && low <= high) {
        uint64_t middle = low + (high - low) / 2;
        rc = find_numbered(journal, middle, high, &found, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (found.seq != 0 && found.number == sale_no) {
            *ret_seq = found.type == type ? found.seq : 0;
            return CF_OK;
        }
        if (found.seq != 0 && found.number < sale_no) {
            low = found.seq + 1;
        } else {
            high = middle - 1;
        }
    }
    return rc;
}

static enum cf_rc find_by_number(struct cf_journal *journal, enum cf_record_type type, uint64_t sale_no,
                                 enum cf_rc none, uint64_t *ret_seq, struct cf_error *err)
{
    uint64_t seq = 0;
    enum cf_rc rc = search_number(journal, type, sale_no, &seq, err);
    if (rc == CF_OK && seq == 0) {
        rc = cf_fail(err, none, "number %llu is not here", (unsigned long long)sale_no);
    }
    if (rc == CF_OK) {
        *ret_seq = seq;
    }
    return rc;
}

enum cf_rc cf_journal_find_sale(struct cf_journal *journal, uint64_t sale_no, uint64_t *ret_seq, struct cf_error *err)
{
    return find_by_number(journal, CF_RECORD_SALE, sale_no, CF_E_RETURN_SALE, ret_seq, err);
}

enum cf_rc cf_journal_find_quote(struct cf_journal *journal, uint64_t sale_no, uint64_t *ret_seq, struct cf_error *err)
{
    return find_by_number(journal, CF_RECORD_QUOTE, sale_no, CF_E_QUOTE_UNKNOWN, ret_seq, err);
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

/* --- quotations --------------------------------------------------------------------------------------------------- */

struct one_quote {
    struct cf_sale *sale;
    int64_t expires_s;
    struct cf_sha256 hash;
    bool found;
};

static enum cf_rc take_quote(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    struct one_quote *one = ctx;
    (void)body_hash;
    if (record->type != CF_RECORD_QUOTE || record->body.p == NULL) {
        return CF_OK;
    }
    one->found = true;
    one->hash = *hash;
    return cf_quote_decode(record->body, one->sale, &one->expires_s, err);
}

enum cf_rc cf_journal_quote(struct cf_journal *journal, uint64_t seq, struct cf_sale *ret, int64_t *ret_expires_s,
                            struct cf_sha256 *ret_hash, struct cf_error *err)
{
    struct one_quote one = {.sale = ret};
    enum cf_rc rc = seq == 0 || seq > INT64_MAX ? CF_OK : cf_journal_read(journal, seq, 1, take_quote, &one, err);
    if (rc == CF_OK && !one.found) {
        rc = cf_fail(err, CF_E_QUOTE_UNKNOWN, "record %llu is none, or was erased", (unsigned long long)seq);
    }
    if (rc == CF_OK) {
        *ret_expires_s = one.expires_s;
        *ret_hash = one.hash;
    }
    return rc;
}

static enum cf_rc each_quote(struct cf_journal_tables *tables, struct cf_sale *sale, cf_journal_quote_fn each,
                             void *ctx, struct cf_error *err)
{
    sqlite3_stmt *rows = tables->q[CF_JQ_RECORD_QUOTES];
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK) {
        struct cf_journal_quote quote = {.sale = sale};
        bool row = false;
        rc = cf_db_step(&tables->db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        quote.seq = (uint64_t)cf_column_i64(rows, 0);
        quote.at.us = cf_column_i64(rows, 1) * CF_US_PER_MS;
        if (!cf_column_bytes_of(rows, 2, quote.hash.digest, CF_SHA256_BYTES)) {
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "record %llu is damaged", (unsigned long long)quote.seq);
        }
        if (rc == CF_OK) {
            rc = cf_quote_decode(cf_column_bytes(rows, 3), sale, &quote.expires_s, err);
        }
        if (rc == CF_OK) {
            rc = each(ctx, &quote, err);
        }
    }
    sqlite3_reset(rows);
    return rc;
}

enum cf_rc cf_journal_quotes(struct cf_journal *journal, uint64_t before_seq, size_t max, cf_journal_quote_fn each,
                             void *ctx, struct cf_error *err)
{
    sqlite3_stmt *rows = journal->tables.q[CF_JQ_RECORD_QUOTES];
    struct cf_sale *sale = NULL;
    enum cf_rc rc = cf_sale_new(&sale, err);
    if (rc == CF_OK) {
        cf_bind_i64(rows, 1, before_seq == 0 || before_seq > INT64_MAX ? INT64_MAX : (int64_t)before_seq);
        cf_bind_i64(rows, 2, (int64_t)max);
        rc = each_quote(&journal->tables, sale, each, ctx, err);
    }
    cf_sale_free(sale);
    return rc;
}

enum cf_rc cf_journal_quote_row(struct cf_journal_tables *tables, const struct cf_sale_ref *of, uint64_t *ret_by,
                                struct cf_error *err)
{
    sqlite3_stmt *used = tables->q[CF_JQ_QUOTE_USED];
    cf_bind_i64(used, 1, of->terminal);
    cf_bind_i64(used, 2, of->epoch);
    cf_bind_i64(used, 3, (int64_t)of->seq);
    bool row = false;
    enum cf_rc rc = cf_db_step(&tables->db, used, &row, err);
    if (rc == CF_OK) {
        *ret_by = row ? (uint64_t)cf_column_i64(used, 0) : 0;
        sqlite3_reset(used);
    }
    return rc;
}

enum cf_rc cf_journal_quote_used(struct cf_journal *journal, const struct cf_sale_ref *of, bool *ret_used,
                                 struct cf_error *err)
{
    uint64_t by = 0;
    enum cf_rc rc = cf_journal_quote_row(&journal->tables, of, &by, err);
    if (rc == CF_OK) {
        *ret_used = by != 0;
    }
    return rc;
}

/* --- what came back ----------------------------------------------------------------------------------------------- */

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
