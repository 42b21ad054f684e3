/*
 * tests/store/flip_test.c - one flipped byte anywhere in the journal is found, or is provably harmless.
 *
 * Harmless is a byte in free space or in a part of the file's header that SQLite does not use: then the journal opens,
 * and every row of every table is what it was. By default a sample of offsets; CF_FLIP_STRIDE=1 takes them all.
 */
#include "tests/store/store_support.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cbor.h"
#include "base/crypto/crypto.h"

/* --- what a journal holds ----------------------------------------------------------------------------------------- */

/* Sales with and without coupons, issued serials, members, a lease return, a release, a cancelled sale, a Z report, a
 * parked sale, an open one, receipts in each state. */
static void fill_journal(struct cf_journal *journal, uint32_t n_sales)
{
    struct cf_committed committed;
    struct cf_sale *sale = NULL;
    assert_ok(cf_sale_new(&sale, &err));
    for (uint32_t k = 1; k <= n_sales; k++) {
        fill_sale(sale, k, 1 + k % 10, k % 2 == 0 ? 5 : 0, k);
        if (k % 3 == 0) {
            sale->has_member = sale->member_live = true;
            sale->member.b[0] = (uint8_t)k;
            sale->member_counter = k;
        }
        if (k % 4 == 0) {
            sale->n_issued = 1;
            sale->issued[0] = (struct cf_issued){{{9, 9, 9, 9}}, 6, 1000 + k / 4, 1900000000};
        }
        assert_ok(cf_journal_commit_sale(journal, sale, &test_stamp, test_receipt, NULL, &committed, &err));
        if (k % 5 != 0)
            assert_ok(cf_journal_print_mark(journal, committed.seq, CF_PRINT_DONE, &err));
        else if (k % 10 == 0)
            assert_ok(cf_journal_print_mark(journal, committed.seq, CF_PRINT_UNKNOWN, &err));
    }
    static const uint8_t lease_return[] = {0x83, 5, 3, 0};
    static const uint8_t released[] = {0x83, 5, 1, 0};
    assert_ok(cf_journal_append(journal, CF_RECORD_LEASE_RETURN, cf_bytes_of(lease_return, 4), false, &test_stamp,
                                &committed, &err));
    assert_ok(
        cf_journal_append(journal, CF_RECORD_RELEASED, cf_bytes_of(released, 4), false, &test_stamp, &committed, &err));
    struct cf_journal_day day;
    struct cf_buf body;
    cf_buf_init(&body, 10000);
    assert_ok(cf_journal_day(journal, 0, &day, &err));
    struct cf_z_report z = {.z_no = 1, .business_day = 20261122, .totals = day.day.totals};
    z.first_seq = day.first_seq;
    z.last_seq = day.last_seq;
    assert_ok(cf_z_report_encode(&z, &body, &err));
    assert_ok(
        cf_journal_append(journal, CF_RECORD_Z_REPORT, cf_buf_bytes(&body), false, &test_stamp, &committed, &err));
    cf_buf_done(&body);
    for (int k = 0; k < 5; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_str("a step of a parked sale"), &err));
    assert_ok(cf_journal_park(journal, "blue bag", &err));
    for (int k = 0; k < 5; k++)
        assert_ok(cf_journal_step(journal, cf_bytes_str("a step of the open sale"), &err));
    cf_sale_free(sale);
}

/* SHA-256 over every value of every table but the one that holds nothing. */
static struct cf_sha256 contents(const char *path)
{
    static const char *const tables[] = {
        "schema_version", "identity", "record",    "step",    "parked", "receipt",        "printing",  "state",
        "spent",          "released", "lease_use", "day_use", "issued", "member_counter", "unprinted", "member_sale",
    };
    struct cf_sha256 sum = {{0}};
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        char sql[100];
        sqlite3_stmt *rows = NULL;
        snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[t]);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
        while (sqlite3_step(rows) == SQLITE_ROW) {
            for (int k = 0; k < sqlite3_column_count(rows); k++) {
                uint8_t type = (uint8_t)sqlite3_column_type(rows, k);
                const void *p = sqlite3_column_blob(rows, k);
                cf_bytes value = cf_bytes_of(p != NULL ? p : "", (size_t)sqlite3_column_bytes(rows, k));
                const cf_bytes parts[] = {cf_bytes_of(sum.digest, CF_SHA256_BYTES), cf_bytes_of(&type, 1), value};
                sum = cf_sha256_parts(parts, 3);
            }
        }
        sqlite3_finalize(rows);
    }
    sqlite3_close(db);
    return sum;
}

/* --- flipping ----------------------------------------------------------------------------------------------------- */

struct flips {
    const char *from; /* the good files */
    const char *to;   /* where the bad ones are tried */
    const char *file; /* which is flipped */
    bool with_log;
    struct cf_sha256 good;
    size_t n_refused;
    size_t n_named; /* of those, with the first bad record named */
    size_t n_harmless;
};

static void lay_out(const struct flips *flips)
{
    static const char *const files[] = {"journal.db", "journal.lock", "journal.db-wal"};
    remove(in_folder(flips->to, "journal.db-wal"));
    remove(in_folder(flips->to, "journal.db-shm"));
    for (size_t k = 0; k < (flips->with_log ? 3 : 2); k++)
        copy_file(in_folder(flips->from, files[k]), in_folder(flips->to, files[k]));
}

static void try_flip(struct flips *flips, size_t at, uint8_t mask)
{
    struct cf_journal *journal = NULL;
    lay_out(flips);
    flip_byte(in_folder(flips->to, flips->file), at, mask);
    enum cf_rc rc = cf_journal_open(flips->to, CF_JOURNAL_TILL, test_env(), &journal, &err);
    if (rc != CF_OK) {
        if (rc != CF_E_JOURNAL_BROKEN && rc != CF_E_SCHEMA_NEWER && rc != CF_E_READ_ONLY)
            fail_msg("offset %zu, mask %02x: %s: %s", at, mask, cf_rc_name(rc), err.detail);
        flips->n_refused++;
        flips->n_named += strstr(err.detail, "the first bad one") != NULL;
        return;
    }
    cf_journal_close(journal);
    struct cf_sha256 now = contents(in_folder(flips->to, "journal.db"));
    if (memcmp(now.digest, flips->good.digest, CF_SHA256_BYTES) != 0)
        fail_msg("%s, offset %zu, mask %02x: the journal opened with other contents", flips->file, at, mask);
    flips->n_harmless++;
}

static void try_flips(struct flips *flips, size_t n_default)
{
    const char *stride = getenv("CF_FLIP_STRIDE");
    size_t size = file_size(in_folder(flips->from, flips->file));
    size_t by = stride != NULL ? strtoul(stride, NULL, 10) : size / n_default | 1;
    uint32_t x = 99;
    size_t n = 0;
    for (size_t at = 0; at < size; at += at < 100 ? 1 : by, n++) { /* each byte of the file's header */
        x = x * 1664525u + 1013904223u;
        try_flip(flips, at, (uint8_t)(1u << (x >> 29)));
    }
    print_message("# %s of %zu bytes: %zu flips, %zu refused (%zu with the record named), %zu harmless\n", flips->file,
                  size, n, flips->n_refused, flips->n_named, flips->n_harmless);
    assert_true(flips->n_refused > n / 4);
}

static void a_flipped_byte_of_the_file_is_found_or_harmless(void **state)
{
    void *elsewhere = NULL;
    folder_setup(&elsewhere);
    struct cf_journal *journal = journal_made(*state);
    fill_journal(journal, 40);
    cf_journal_close(journal);
    assert_int_equal(file_size(in_folder(*state, "journal.db-wal")), 0); /* all is in the file */
    struct flips flips = {.from = *state, .to = elsewhere, .file = "journal.db"};
    flips.good = contents(in_folder(*state, "journal.db"));
    try_flips(&flips, 500);
    assert_true(flips.n_named > 0);
    folder_teardown(&elsewhere);
}

/* As a power cut leaves it: most of it in the log, where a damaged frame ends the log for SQLite. */
static void a_flipped_byte_of_the_log_is_found_or_harmless(void **state)
{
    void *crashed = NULL;
    void *elsewhere = NULL;
    folder_setup(&crashed);
    folder_setup(&elsewhere);
    struct cf_journal *journal = journal_made(*state);
    fill_journal(journal, 20);
    struct cf_committed committed;
    static const uint8_t lease_return[] = {0x83, 5, 3, 0};
    assert_ok(cf_journal_append(journal, CF_RECORD_LEASE_RETURN, cf_bytes_of(lease_return, 4), true, &test_stamp,
                                &committed, &err));
    struct flips flips = {.from = crashed, .to = elsewhere, .file = "journal.db-wal", .with_log = true};
    copy_file(in_folder(*state, "journal.db"), in_folder(crashed, "journal.db"));
    copy_file(in_folder(*state, "journal.db-wal"), in_folder(crashed, "journal.db-wal"));
    copy_file(in_folder(*state, "journal.lock"), in_folder(crashed, "journal.lock"));
    flips.good = contents(in_folder(*state, "journal.db"));
    /* Without a till: a reader recovers the log by itself. */
    struct cf_journal_verdict verdict;
    lay_out(&flips);
    struct cf_journal *reader = journal_opened(elsewhere, CF_JOURNAL_READ);
    assert_ok(cf_journal_verify(reader, &verdict, &err));
    assert_int_equal(verdict.n_records, committed.seq);
    cf_journal_close(reader);
    try_flips(&flips, 250);
    cf_journal_close(journal);
    folder_teardown(&crashed);
    folder_teardown(&elsewhere);
}

static void a_reader_verifies_too_and_names_the_first_bad_record(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    fill_journal(journal, 10);
    cf_journal_close(journal);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(in_folder(*state, "journal.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE record SET wall_ms = wall_ms + 1 WHERE seq = 7", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    struct cf_journal_verdict verdict;
    struct cf_journal *reader = journal_opened(*state, CF_JOURNAL_READ);
    assert_rc(cf_journal_verify(reader, &verdict, &err), CF_E_JOURNAL_BROKEN);
    assert_int_equal(verdict.first_bad_seq, 7);
    assert_int_equal(verdict.n_records, 6);
    assert_non_null(strstr(err.detail, "record 7"));
    cf_journal_close(reader);
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_JOURNAL_BROKEN);
}

/* Somebody who knows SQL, and even the hashes of his own forgery, but not what follows from the records. */
static void tampering_with_any_table_is_found(void **state)
{
    static const char *const forgeries[] = {
        "DELETE FROM spent WHERE number = 2",
        "INSERT INTO spent VALUES (5, 77, 1)",
        "UPDATE lease_use SET spent = spent - 1",
        "UPDATE lease_use SET spent_minor = spent_minor - 1",
        "UPDATE day_use SET day = day + 1",
        "UPDATE issued SET count = count + 1",
        "DELETE FROM member_counter",
        "UPDATE member_sale SET seq = seq + 1",
        "UPDATE released SET generation = 9",
        "UPDATE state SET last_sale_no = 5",
        "UPDATE state SET last_z_seq = 0",
        "DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)",
        "DELETE FROM record WHERE seq = 4",
        "UPDATE record SET body = NULL, salt = NULL, body_hash = zeroblob(32) WHERE seq = 3",
        "UPDATE record SET type = 5 WHERE seq = 3",
        "UPDATE record SET salt = randomblob(16) WHERE seq = 3",
        "UPDATE receipt SET document = x'00' WHERE seq = 3",
        "UPDATE printing SET seq = seq + 1",
        "UPDATE step SET body = x'00' WHERE n = 2",
        "UPDATE parked SET body = x'00' WHERE n = 2",
        "UPDATE identity SET store = 4",
        "UPDATE identity SET epoch = 2",
        "UPDATE unprinted SET state = 4 WHERE state = 3",
        "CREATE INDEX i ON record (type)",
        "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM spent; END",
        "CREATE TABLE extra (x INTEGER)",
        "PRAGMA application_id = 1",
    };
    void *elsewhere = NULL;
    folder_setup(&elsewhere);
    struct cf_journal *journal = journal_made(*state);
    fill_journal(journal, 10);
    cf_journal_close(journal);
    struct flips files = {.from = *state, .to = elsewhere};
    for (size_t k = 0; k < sizeof forgeries / sizeof forgeries[0]; k++) {
        sqlite3 *db = NULL;
        lay_out(&files);
        assert_int_equal(sqlite3_open(in_folder(elsewhere, "journal.db"), &db), SQLITE_OK);
        if (sqlite3_exec(db, forgeries[k], NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", forgeries[k], sqlite3_errmsg(db));
        sqlite3_close(db);
        enum cf_rc rc = cf_journal_open(elsewhere, CF_JOURNAL_TILL, test_env(), &journal, &err);
        if (rc != CF_E_JOURNAL_BROKEN)
            fail_msg("%s: %s", forgeries[k], cf_rc_name(rc));
    }
    folder_teardown(&elsewhere);
}

static void an_older_copy_put_back_is_found(void **state)
{
    struct cf_journal *journal = journal_made(*state);
    fill_journal(journal, 10);
    cf_journal_close(journal);
    copy_file(in_folder(*state, "journal.db"), in_folder(*state, "backup"));
    journal = journal_opened(*state, CF_JOURNAL_TILL);
    assert_ok(cf_journal_steps_clear(journal, &err));
    assert_ok(sell(journal, 11, 2, 5, 900, NULL));
    cf_journal_close(journal);
    copy_file(in_folder(*state, "backup"), in_folder(*state, "journal.db"));
    assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err), CF_E_JOURNAL_BROKEN);
    assert_non_null(strstr(err.detail, "record 14 was committed and is not there any more"));
    journal = journal_opened(*state, CF_JOURNAL_READ);
    struct cf_journal_verdict verdict;
    assert_rc(cf_journal_verify(journal, &verdict, &err), CF_E_JOURNAL_BROKEN);
    cf_journal_close(journal);
}

/* Of a long journal only the newest records' chain is verified at open; all of it when asked. */
static void a_long_journal_is_verified_at_its_end_when_opened_and_whole_when_asked(void **state)
{
    static const uint8_t lease_return[] = {0x83, 5, 3, 0};
    struct cf_journal *journal = journal_made(*state);
    struct cf_committed committed;
    struct cf_journal_verdict verdict;
    for (int k = 0; k < CF_JOURNAL_VERIFY_AT_OPEN + 10; k++)
        assert_ok(cf_journal_append(journal, CF_RECORD_LEASE_RETURN, cf_bytes_of(lease_return, 4), false, &test_stamp,
                                    &committed, &err));
    cf_journal_close(journal);
    const struct {
        const char *forgery;
        bool opens;
    } rows[] = {
        {"UPDATE record SET mono_ms = mono_ms + 1 WHERE seq = 5", true},
        {"UPDATE record SET mono_ms = mono_ms - 1 WHERE seq = 5", true}, /* as it was */
        {"UPDATE lease_use SET returned = 0", true},
        {"UPDATE record SET mono_ms = mono_ms + 1 WHERE seq = 20", false},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        sqlite3 *db = NULL;
        assert_int_equal(sqlite3_open(in_folder(*state, "journal.db"), &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, rows[k].forgery, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        assert_rc(cf_journal_open(*state, CF_JOURNAL_TILL, test_env(), &journal, &err),
                  rows[k].opens ? CF_OK : CF_E_JOURNAL_BROKEN);
        if (rows[k].opens) {
            assert_rc(cf_journal_verify(journal, &verdict, &err), k == 1 ? CF_OK : CF_E_JOURNAL_BROKEN);
            assert_int_equal(verdict.first_bad_seq, k == 0 ? 5 : 0);
            cf_journal_close(journal);
        }
    }
}

#define test(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_flipped_byte_of_the_file_is_found_or_harmless),
        test(a_flipped_byte_of_the_log_is_found_or_harmless),
        test(a_reader_verifies_too_and_names_the_first_bad_record),
        test(tampering_with_any_table_is_found),
        test(an_older_copy_put_back_is_found),
        test(a_long_journal_is_verified_at_its_end_when_opened_and_whole_when_asked),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
