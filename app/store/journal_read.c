/*
 * app/store/journal_read.c - reading records, and the questions that what follows from them answers.
 *
 * Records are copied a page at a time before anybody is called back, so that a slow caller (the network) holds no read
 * transaction, which would keep the till's checkpoints from finishing.
 */
#include "app/store/journal_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/money.h"

#define PAGE_RECORDS 64
#define PAGE_BYTES_MAX (CF_RECORD_BODY_MAX * 4)

bool cf_journal_record_of_row(sqlite3_stmt *statement, const struct cf_journal_identity *identity,
                              struct cf_record *ret, struct cf_sha256 *ret_body_hash, struct cf_sha256 *ret_hash)
{
    struct cf_record record = {
        .terminal = identity->terminal,
        .epoch = identity->epoch,
        .seq = (uint64_t)cf_column_i64(statement, 0),
        .mono_ms = cf_column_i64(statement, 2),
        .wall_ms = cf_column_i64(statement, 3),
        .down_cursor = (uint64_t)cf_column_i64(statement, 5),
        .body = cf_column_bytes(statement, 8),
    };
    int64_t time_quality = cf_column_i64(statement, 4);
    int64_t type = cf_column_i64(statement, 6);
    bool erased = record.body.p == NULL;
    if (time_quality < CF_TIME_UNKNOWN || time_quality > CF_TIME_SYNCED || type < 0 || type > INT32_MAX ||
        record.body.n > CF_RECORD_BODY_MAX || (int64_t)record.down_cursor < 0) {
        return false;
    }
    record.time_quality = (enum cf_time_quality)time_quality;
    record.type = (enum cf_record_type)type;
    if (!cf_column_bytes_of(statement, 1, record.boot_id, sizeof record.boot_id) ||
        (!erased && !cf_column_bytes_of(statement, 7, record.salt, sizeof record.salt)) ||
        !cf_column_bytes_of(statement, 9, ret_body_hash->digest, CF_SHA256_BYTES) ||
        !cf_column_bytes_of(statement, 10, ret_hash->digest, CF_SHA256_BYTES)) {
        return false;
    }
    *ret = record;
    return true;
}

/* --- a page of records -------------------------------------------------------------------------------------------- */

struct page {
    size_t n;
    struct cf_record record[PAGE_RECORDS];
    struct cf_sha256 body_hash[PAGE_RECORDS];
    struct cf_sha256 hash[PAGE_RECORDS];
    size_t body_at[PAGE_RECORDS];
    struct cf_buf bodies;
};

static enum cf_rc take_row(struct cf_journal *journal, sqlite3_stmt *rows, uint64_t expected_seq, struct page *page,
                           struct cf_error *err)
{
    struct cf_record *record = &page->record[page->n];
    if (!cf_journal_record_of_row(rows, &journal->identity, record, &page->body_hash[page->n], &page->hash[page->n]) ||
        record->seq != expected_seq) {
        return cf_fail(err, CF_E_JOURNAL_BROKEN, "record %llu is damaged or missing", (unsigned long long)expected_seq);
    }
    page->body_at[page->n] = page->bodies.n;
    enum cf_rc rc = cf_buf_append(&page->bodies, record->body.p, record->body.n, err);
    if (rc == CF_OK) {
        page->n++;
    }
    return rc;
}

/* Rows from_seq .. as far as they go into a page of at most max_n. The bodies are views into page->bodies. */
static enum cf_rc fill_page(struct cf_journal *journal, uint64_t from_seq, size_t max_n, struct page *page,
                            struct cf_error *err)
{
    struct cf_db *db = &journal->tables.db;
    sqlite3_stmt *rows = journal->tables.q[CF_JQ_RECORD_PAGE];
    page->n = 0;
    cf_buf_clear(&page->bodies);
    cf_bind_i64(rows, 1, (int64_t)from_seq);
    cf_bind_i64(rows, 2, max_n < PAGE_RECORDS ? (int64_t)max_n : PAGE_RECORDS);
    enum cf_rc rc = CF_OK;
    while (page->bodies.n <= PAGE_BYTES_MAX - CF_RECORD_BODY_MAX) {
        bool row = false;
        rc = cf_db_step(db, rows, &row, err);
        if (rc != CF_OK || !row) {
            break;
        }
        rc = take_row(journal, rows, from_seq + page->n, page, err);
        if (rc != CF_OK) {
            break;
        }
    }
    sqlite3_reset(rows);
    for (size_t k = 0; k < page->n; k++) {
        /* Only now does the buffer move no more. An erased record keeps its NULL. */
        if (page->record[k].body.p != NULL) {
            page->record[k].body.p =
                page->record[k].body.n > 0 ? page->bodies.p + page->body_at[k] : (const uint8_t *)"";
        }
    }
    return rc;
}

enum cf_rc cf_journal_read(struct cf_journal *journal, uint64_t from_seq, size_t max_n, cf_journal_record_fn each,
                           void *ctx, struct cf_error *err)
{
    if (from_seq == 0 || from_seq > INT64_MAX) {
        return cf_fail(err, CF_E_RANGE, "records are numbered from 1");
    }
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a page of records");
    }
    cf_buf_init(&page->bodies, PAGE_BYTES_MAX);
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && max_n > 0) {
        rc = fill_page(journal, from_seq, max_n, page, err);
        for (size_t k = 0; rc == CF_OK && k < page->n; k++) {
            rc = each(ctx, &page->record[k], &page->body_hash[k], &page->hash[k], err);
        }
        if (rc != CF_OK || page->n == 0) {
            break;
        }
        from_seq += page->n;
        max_n -= page->n;
    }
    cf_buf_done(&page->bodies);
    free(page);
    return rc;
}

/* --- goods that were asked for ------------------------------------------------------------------------------------ */

enum cf_rc cf_journal_requests(struct cf_journal *journal, size_t max, cf_journal_request_fn each, void *ctx,
                               struct cf_error *err)
{
    struct cf_journal_tables *tables = &journal->tables;
    sqlite3_stmt *rows = tables->q[CF_JQ_RECORD_ORDERS];
    enum cf_rc rc = CF_OK;
    cf_bind_i64(rows, 1, (int64_t)max);
    while (rc == CF_OK) {
        struct cf_request_record request;
        bool row = false;
        rc = cf_db_step(&tables->db, rows, &row, err);
        if (rc != CF_OK || !row) {
            return rc;
        }
        rc = cf_request_record_decode(cf_column_bytes(rows, 2), &request, err);
        if (rc == CF_OK && request.act == CF_REQUEST_ASK) {
            rc = each(ctx, (uint64_t)cf_column_i64(rows, 0), (cf_wall){cf_column_i64(rows, 1) * CF_US_PER_MS}, &request,
                      err);
        }
    }
    sqlite3_reset(rows);
    return rc;
}

/* --- what follows from the records -------------------------------------------------------------------------------- */

enum cf_rc cf_journal_is_spent(struct cf_journal *journal, uint32_t campaign, uint32_t index, bool *ret_spent,
                               struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_SPENT];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, index);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        sqlite3_reset(get);
        *ret_spent = row;
    }
    return rc;
}

enum cf_rc cf_journal_is_revoked(struct cf_journal *journal, uint32_t campaign, uint32_t index, bool *ret_revoked,
                                 struct cf_error *err)
{
    uint64_t by = 0;
    enum cf_rc rc = cf_journal_revoked_by(&journal->tables, campaign, index, &by, err);
    if (rc == CF_OK) {
        *ret_revoked = by != 0;
    }
    return rc;
}

enum cf_rc cf_journal_released(struct cf_journal *journal, uint32_t campaign, uint32_t index, bool *ret_released,
                               uint32_t *ret_generation, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_RELEASED];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, index);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret_generation = row ? (uint32_t)cf_column_i64(get, 0) : 0;
        *ret_released = row;
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_lease_use(struct cf_journal *journal, uint32_t campaign, struct cf_lease_used *ret,
                                struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_LEASE_USE];
    cf_bind_i64(get, 1, campaign);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret = (struct cf_lease_used){0};
        if (row) {
            *ret = (struct cf_lease_used){cf_column_i64(get, 0), cf_column_i64(get, 1), cf_column_i64(get, 2),
                                          cf_column_i64(get, 3)};
        }
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_lease_used(struct cf_journal *journal, uint32_t campaign, int64_t *ret_spent,
                                 int64_t *ret_returned, struct cf_error *err)
{
    struct cf_lease_used used;
    enum cf_rc rc = cf_journal_lease_use(journal, campaign, &used, err);
    if (rc == CF_OK) {
        *ret_spent = used.spent;
        *ret_returned = used.returned;
    }
    return rc;
}

enum cf_rc cf_journal_day_used(struct cf_journal *journal, uint32_t campaign, uint32_t day, int64_t *ret,
                               struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_DAY_USE];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, day);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret = row ? cf_column_i64(get, 0) : 0;
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_sublease_use(struct cf_journal *journal, uint32_t campaign, uint32_t hub_epoch,
                                   struct cf_sublease_used *ret, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_SUBLEASE_USE];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, hub_epoch);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret = (struct cf_sublease_used){0};
        if (row) {
            *ret = (struct cf_sublease_used){cf_column_i64(get, 0), cf_column_i64(get, 1), cf_column_i64(get, 2),
                                             cf_column_i64(get, 3), cf_column_i64(get, 4), cf_column_i64(get, 5)};
        }
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_sublease_day_used(struct cf_journal *journal, uint32_t campaign, uint32_t hub_epoch, uint32_t day,
                                        int64_t *ret, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_SUBLEASE_DAY];
    cf_bind_i64(get, 1, campaign);
    cf_bind_i64(get, 2, hub_epoch);
    cf_bind_i64(get, 3, day);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret = row ? cf_column_i64(get, 0) : 0;
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_next_sublease_return(struct cf_journal *journal, uint32_t hub_epoch, uint64_t after,
                                           uint64_t *ret_seq, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_SUBLEASE_RETURN_NEXT];
    cf_bind_i64(get, 1, hub_epoch);
    cf_bind_i64(get, 2, (int64_t)after);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret_seq = row ? (uint64_t)cf_column_i64(get, 0) : 0;
        sqlite3_reset(get);
    }
    return rc;
}

static struct cf_value_used value_of(sqlite3_stmt *row)
{
    return (struct cf_value_used){
        .account = (uint32_t)cf_column_i64(row, 0),
        .kind = (enum cf_gift_kind)cf_column_i64(row, 1),
        .issued_minor = cf_column_i64(row, 2),
        .spent_minor = cf_column_i64(row, 3),
        .released_minor = cf_column_i64(row, 4),
        .exp_s = cf_column_i64(row, 5),
        .seq = (uint64_t)cf_column_i64(row, 6),
    };
}

enum cf_rc cf_journal_value_row(struct cf_journal_tables *tables, uint32_t account, struct cf_value_used *ret,
                                struct cf_error *err)
{
    sqlite3_stmt *get = tables->q[CF_JQ_VALUE_USE];
    bool row = false;
    cf_bind_i64(get, 1, account);
    enum cf_rc rc = cf_db_step(&tables->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret = row ? value_of(get) : (struct cf_value_used){.account = account};
    sqlite3_reset(get);
    return CF_OK;
}

enum cf_rc cf_journal_value_used(struct cf_journal *journal, uint32_t account, struct cf_value_used *ret,
                                 struct cf_error *err)
{
    return cf_journal_value_row(&journal->tables, account, ret, err);
}

enum cf_rc cf_journal_values_held(struct cf_journal *journal, cf_journal_value_fn each, void *ctx, struct cf_error *err)
{
    sqlite3_stmt *rows = journal->tables.q[CF_JQ_VALUE_USE_HELD];
    enum cf_rc rc = CF_OK;
    bool row = true;
    while (rc == CF_OK && row) {
        rc = cf_db_step(&journal->tables.db, rows, &row, err);
        if (rc == CF_OK && row) {
            const struct cf_value_used used = value_of(rows);
            rc = each(ctx, &used, err);
        }
    }
    sqlite3_reset(rows);
    return rc;
}

enum cf_rc cf_journal_issued(struct cf_journal *journal, cf_kid grant_id, uint32_t *ret_count, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_ISSUED];
    cf_bind_bytes(get, 1, cf_bytes_of(grant_id.b, sizeof grant_id.b));
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret_count = row ? (uint32_t)cf_column_i64(get, 0) : 0;
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_member_counter(struct cf_journal *journal, cf_sub sub, bool *ret_known, uint64_t *ret_counter,
                                     struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_MEMBER_COUNTER];
    cf_bind_bytes(get, 1, cf_bytes_of(sub.b, sizeof sub.b));
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret_counter = row ? (uint64_t)cf_column_i64(get, 0) : 0;
        *ret_known = row;
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_purchases(struct cf_journal *journal, cf_sub sub, const struct cf_journal_since *since,
                                struct cf_journal_purchases *ret, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_MEMBER_SALES];
    cf_bind_bytes(get, 1, cf_bytes_of(sub.b, sizeof sub.b));
    cf_bind_i64(get, 2, (int64_t)since->known_seq);
    cf_bind_i64(get, 3, since->after_ms);
    cf_bind_i64(get, 4, CF_TIME_UNKNOWN);
    cf_bind_i64(get, 5, (int64_t)since->sent_seq);
    bool row = false;
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK && row) {
        *ret = (struct cf_journal_purchases){.n = (uint64_t)cf_column_i64(get, 0),
                                             .later = (uint64_t)cf_column_i64(get, 1),
                                             .certain = (uint64_t)cf_column_i64(get, 2)};
        sqlite3_reset(get);
    }
    return rc;
}

/* The body that a statement without arguments gives into `body` (cleared first); false if there is no such record. */
static enum cf_rc read_body(struct cf_journal *journal, enum cf_journal_query query, bool *ret_found,
                            struct cf_buf *body, struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[query];
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, ret_found, err);
    cf_buf_clear(body);
    if (rc == CF_OK && *ret_found) {
        cf_bytes stored = cf_column_bytes(get, 0);
        rc = cf_buf_append(body, stored.p, stored.n, err);
        sqlite3_reset(get);
    }
    return rc;
}

enum cf_rc cf_journal_standing(struct cf_journal *journal, struct cf_journal_standing *ret, struct cf_error *err)
{
    struct cf_start start = {.incarnation = 0};
    struct cf_quarantine quarantine = {.why = CF_QUARANTINE_NONE};
    bool found = false;
    enum cf_rc rc = read_body(journal, CF_JQ_START_LAST, &found, &journal->body, err);
    if (rc == CF_OK && found && cf_start_decode(cf_buf_bytes(&journal->body), &start, NULL) != CF_OK) {
        rc = cf_db_broken(&journal->tables.db, err, "the record of its newest start is damaged");
    }
    if (rc == CF_OK) {
        rc = read_body(journal, CF_JQ_QUARANTINE_FIRST, &found, &journal->body, err);
    }
    if (rc == CF_OK && found && cf_quarantine_decode(cf_buf_bytes(&journal->body), &quarantine, NULL) != CF_OK) {
        rc = cf_db_broken(&journal->tables.db, err, "the record of its quarantine is damaged");
    }
    if (rc == CF_OK) {
        *ret = (struct cf_journal_standing){.incarnation = start.incarnation, .quarantine = quarantine.why};
    }
    return rc;
}

enum cf_rc cf_journal_holds(struct cf_journal *journal, uint64_t seq, const struct cf_sha256 *hash, bool *ret,
                            struct cf_error *err)
{
    sqlite3_stmt *get = journal->tables.q[CF_JQ_RECORD_HASH];
    struct cf_sha256 own;
    bool row = false;
    cf_bind_i64(get, 1, (int64_t)(seq & INT64_MAX));
    enum cf_rc rc = cf_db_step(&journal->tables.db, get, &row, err);
    if (rc == CF_OK) {
        *ret = row && cf_column_bytes_of(get, 0, own.digest, CF_SHA256_BYTES) &&
               memcmp(own.digest, hash->digest, CF_SHA256_BYTES) == 0;
        sqlite3_reset(get);
    }
    return rc;
}

void cf_journal_keep_mark(struct cf_journal *journal, const struct cf_incarnation_store *store,
                          const struct cf_incarnation_mark *mark)
{
    journal->mark_store = *store;
    journal->mark = *mark;
}

static enum cf_rc current_state(struct cf_journal *journal, struct cf_journal_state *ret, struct cf_error *err)
{
    if (journal->mode == CF_JOURNAL_TILL) {
        *ret = journal->fold.state;
        return CF_OK;
    }
    return cf_journal_state_load(&journal->tables, ret, err);
}

enum cf_rc cf_journal_next_sale_no(struct cf_journal *journal, uint64_t *ret, struct cf_error *err)
{
    struct cf_journal_state state;
    enum cf_rc rc = current_state(journal, &state, err);
    if (rc == CF_OK) {
        *ret = state.last_sale_no + 1;
    }
    return rc;
}

/* --- the open business day ---------------------------------------------------------------------------------------- */

struct day_fold {
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_journal_day *day;
};

static enum cf_rc add_to_day(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                             const struct cf_sha256 *hash, struct cf_error *err)
{
    (void)body_hash;
    (void)hash;
    struct day_fold *fold = ctx;
    struct cf_journal_day *day = fold->day;
    bool opens = record->type == CF_RECORD_SALE || record->type == CF_RECORD_RETURN ||
                 record->type == CF_RECORD_DRAWER || record->type == CF_RECORD_OPEN_RETURN;
    if (opens && !day->has_first) {
        day->has_first = true;
        day->first_wall_ms = record->wall_ms;
    }
    return cf_day_add_record(&day->day, record, fold->sale, fold->back, err);
}

enum cf_rc cf_journal_day_on(struct cf_journal *journal, int32_t utc_offset_min, size_t max_n,
                             struct cf_journal_day *day, uint64_t *ret_left, struct cf_error *err)
{
    struct cf_journal_state state;
    enum cf_rc rc = current_state(journal, &state, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (day->first_seq != state.last_z_seq + 1 || day->day.detail.utc_offset_min != utc_offset_min) {
        memset(day, 0, sizeof *day);
        day->z_no = state.last_z_no + 1;
        day->first_seq = state.last_z_seq + 1;
        day->last_seq = state.last_z_seq;
        day->day.detail.utc_offset_min = utc_offset_min;
    }
    struct day_fold fold = {journal->fold.sale, journal->fold.back, day};
    uint64_t left = state.head.seq - day->last_seq;
    uint64_t n = left < max_n ? left : max_n;
    if (n > 0) {
        rc = cf_journal_read(journal, day->last_seq + 1, (size_t)n, add_to_day, &fold, err);
    }
    if (rc != CF_OK) {
        day->first_seq = 0; /* perhaps half of it was added: from the start, next time */
        return rc;
    }
    day->last_seq += n;
    *ret_left = left - n;
    return CF_OK;
}

enum cf_rc cf_journal_day(struct cf_journal *journal, int32_t utc_offset_min, struct cf_journal_day *ret,
                          struct cf_error *err)
{
    uint64_t left = 0;
    memset(ret, 0, sizeof *ret);
    return cf_journal_day_on(journal, utc_offset_min, SIZE_MAX, ret, &left, err);
}

struct z_found {
    struct cf_z_report *report;
    cf_wall at;
};

static enum cf_rc take_z(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                         const struct cf_sha256 *hash, struct cf_error *err)
{
    (void)body_hash;
    (void)hash;
    struct z_found *found = ctx;
    if (record->body.p == NULL || record->type != CF_RECORD_Z_REPORT) {
        return CF_OK;
    }
    found->at = (cf_wall){record->wall_ms * CF_US_PER_MS};
    return cf_z_report_decode(record->body, found->report, err);
}

enum cf_rc cf_journal_z_before(struct cf_journal *journal, uint64_t first_seq, struct cf_z_report *ret,
                               uint64_t *ret_seq, cf_wall *ret_at, struct cf_error *err)
{
    struct cf_journal_state state;
    struct z_found found = {.report = ret};
    enum cf_rc rc = current_state(journal, &state, err);
    memset(ret, 0, sizeof *ret);
    if (rc != CF_OK) {
        return rc;
    }
    uint64_t seq = first_seq == 0 ? state.last_z_seq : first_seq - 1;
    if (seq > 0) {
        rc = cf_journal_read(journal, seq, 1, take_z, &found, err);
    }
    if (rc == CF_OK) {
        *ret_seq = seq;
        *ret_at = found.at;
    }
    return rc;
}

enum cf_rc cf_journal_last_z(struct cf_journal *journal, struct cf_z_report *ret, struct cf_error *err)
{
    uint64_t seq;
    cf_wall at;
    return cf_journal_z_before(journal, 0, ret, &seq, &at, err);
}
