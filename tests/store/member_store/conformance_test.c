/*
 * tests/store/member_store/conformance_test.c - what the centre relies on, of every adapter of its store.
 *
 * An adapter is a row of `adapters`; each test runs on each row. PostgreSQL will be a second row.
 */
#include "sync/central/store/sqlite/member_store_sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct adapter {
    const char *name;
    /* Opens the store at `where`, a fresh one or one that is there. */
    enum cf_rc (*open)(const char *where, bool create, struct cf_member_store **ret, struct cf_error *err);
    enum cf_rc (*check)(struct cf_member_store *store, struct cf_error *err);
};
static const struct adapter adapters[] = {
    {"sqlite", cf_member_store_sqlite_open, cf_member_store_sqlite_check},
};

struct bench {
    const struct adapter *adapter;
    char dir[200];
    char where[256];
    struct cf_member_store *store;
};

static int start(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    const char *tmp = getenv("TMPDIR");
    bench->adapter = *state;
    (void)snprintf(bench->dir, sizeof bench->dir, "%s/cf-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(bench->dir));
    (void)snprintf(bench->where, sizeof bench->where, "%s/member.db", bench->dir);
    assert_int_equal(bench->adapter->open(bench->where, true, &bench->store, NULL), CF_OK);
    *state = bench;
    return 0;
}

static int stop(void **state)
{
    struct bench *bench = *state;
    char path[300];
    static const char *const endings[] = {"", "-wal", "-shm"};
    cf_store_close(bench->store);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s%s", bench->where, endings[i]);
        (void)unlink(path);
    }
    (void)rmdir(bench->dir);
    free(bench);
    return 0;
}

static int64_t new_place(struct cf_member_store *store, int64_t kind)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    assert_int_equal(cf_store_row(store, CF_Q_PLACE_ADD, CF_ARGS(cf_v_int(kind)), row, &found, NULL), CF_OK);
    assert_true(found);
    return row[0].i;
}

static void put(struct cf_member_store *store, const char *name, const void *value, size_t n)
{
    assert_int_equal(cf_store_run(store, CF_Q_SETTING_PUT, CF_ARGS(cf_v_text(name), cf_v_blob(value, n)), NULL), CF_OK);
}

static bool get(struct cf_member_store *store, const char *name, struct cf_value *ret)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    assert_int_equal(cf_store_row(store, CF_Q_SETTING_GET, CF_ARGS(cf_v_text(name)), row, &found, NULL), CF_OK);
    if (found) {
        *ret = row[0];
    }
    return found;
}

static void every_statement_is_there_and_fits_its_declaration(void **state)
{
    struct bench *bench = *state;
    struct cf_error err = {.detail = ""};
    enum cf_rc rc = bench->adapter->check(bench->store, &err);
    if (rc != CF_OK) {
        print_message("# %s\n", err.detail);
    }
    assert_int_equal(rc, CF_OK);
}

static void values_come_back_as_they_went_in(void **state)
{
    struct bench *bench = *state;
    static const uint8_t bytes[] = {0, 1, 0xff, 0, 'x'};
    struct cf_value value;
    put(bench->store, "bytes", bytes, sizeof bytes);
    assert_true(get(bench->store, "bytes", &value));
    assert_int_equal(value.kind, CF_VALUE_BLOB);
    assert_true(cf_bytes_equal(value.b, cf_bytes_of(bytes, sizeof bytes)));
    put(bench->store, "none", "", 0); /* no bytes, and yet not nothing */
    assert_true(get(bench->store, "none", &value));
    assert_int_equal(value.kind, CF_VALUE_BLOB);
    assert_int_equal(value.b.n, 0);
    assert_false(get(bench->store, "absent", &value));
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    static const int64_t extremes[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
        assert_int_equal(
            cf_store_run(bench->store, CF_Q_MEMBER_ADD,
                         CF_ARGS(cf_v_int(extremes[i]), cf_v_text("李 \xf0\x9f\x8c\xb8"),
                                 cf_v_blob(bytes, sizeof bytes), cf_v_int(0), cf_v_int(extremes[i]), cf_v_int(0)),
                         NULL),
            CF_OK);
        assert_int_equal(cf_store_row(bench->store, CF_Q_MEMBER_GET, CF_ARGS(cf_v_int(extremes[i])), row, &found, NULL),
                         CF_OK);
        assert_true(found);
        assert_true(row[3].i == extremes[i]);
        assert_true(cf_bytes_equal(row[0].b, cf_bytes_str("李 \xf0\x9f\x8c\xb8")));
    }
}

static void a_row_stays_valid_while_others_run(void **state)
{
    struct bench *bench = *state;
    struct cf_value value;
    put(bench->store, "a", "first", 5);
    assert_true(get(bench->store, "a", &value));
    put(bench->store, "a", "second", 6);
    (void)new_place(bench->store, 1);
    assert_true(cf_bytes_equal(value.b, cf_bytes_str("first")));
}

static void a_rollback_leaves_no_trace(void **state)
{
    struct bench *bench = *state;
    struct cf_value value;
    put(bench->store, "kept", "1", 1);
    assert_int_equal(cf_store_begin(bench->store, NULL), CF_OK);
    put(bench->store, "kept", "2", 1);
    put(bench->store, "new", "2", 1);
    cf_store_rollback(bench->store);
    assert_true(get(bench->store, "kept", &value));
    assert_true(cf_bytes_equal(value.b, cf_bytes_str("1")));
    assert_false(get(bench->store, "new", &value));
    cf_store_rollback(bench->store); /* nothing is open: nothing happens */
}

static void what_is_committed_is_there_after_opening_again(void **state)
{
    struct bench *bench = *state;
    struct cf_value value;
    assert_int_equal(cf_store_begin(bench->store, NULL), CF_OK);
    put(bench->store, "committed", "1", 1);
    assert_int_equal(cf_store_commit(bench->store, NULL), CF_OK);
    assert_int_equal(cf_store_begin(bench->store, NULL), CF_OK);
    put(bench->store, "open", "1", 1);
    cf_store_close(bench->store); /* as a process that ends in the middle */
    assert_int_equal(bench->adapter->open(bench->where, false, &bench->store, NULL), CF_OK);
    assert_true(get(bench->store, "committed", &value));
    assert_false(get(bench->store, "open", &value));
}

static void a_store_is_made_once_and_opened_only_if_it_is_there(void **state)
{
    struct bench *bench = *state;
    struct cf_member_store *other = NULL;
    char absent[300];
    assert_int_equal(bench->adapter->open(bench->where, true, &other, NULL), CF_E_EXISTS);
    (void)snprintf(absent, sizeof absent, "%s-absent", bench->where);
    assert_int_equal(bench->adapter->open(absent, false, &other, NULL), CF_E_NOT_FOUND);
    assert_null(other);
}

static void a_key_that_is_taken_is_named(void **state)
{
    struct bench *bench = *state;
    const struct cf_value args[] = {cf_v_int(1), cf_v_text("x"), cf_v_blob("k", 1),
                                    cf_v_int(0), cf_v_int(0),    cf_v_int(0)};
    assert_int_equal(cf_store_run(bench->store, CF_Q_MEMBER_ADD, args, 6, NULL), CF_OK);
    assert_int_equal(cf_store_run(bench->store, CF_Q_MEMBER_ADD, args, 6, NULL), CF_E_EXISTS);
    /* A second entry under one number of a topic would be a fork of the log that goes down. */
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(cf_store_run(bench->store, CF_Q_DOWN_ENTRY_ADD,
                                      CF_ARGS(cf_v_int(1), cf_v_int(0), cf_v_int(1), cf_v_int(0), cf_v_blob("e", 1),
                                              cf_v_blob("d", 1)),
                                      NULL),
                         i == 0 ? CF_OK : CF_E_EXISTS);
    }
}

static void places_are_numbered_from_one_and_never_twice(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(new_place(bench->store, 1), 1);
    assert_int_equal(new_place(bench->store, 2), 2);
    assert_int_equal(cf_store_begin(bench->store, NULL), CF_OK);
    int64_t lost = new_place(bench->store, 3);
    cf_store_rollback(bench->store);
    assert_true(new_place(bench->store, 3) >= lost);
}

static void a_budget_that_does_not_add_up_cannot_be_written(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *why;
        int64_t free, outstanding, spent, stranded, over;
        enum cf_rc rc;
    } rows[] = {
        {"all free", 10, 0, 0, 0, 0, CF_OK},          {"divided", 3, 4, 2, 1, 0, CF_OK},
        {"overdrawn by one", 0, 0, 11, 0, 1, CF_OK},  {"one too few", 9, 0, 0, 0, 0, CF_E_STATE},
        {"one too many", 10, 1, 0, 0, 0, CF_E_STATE}, {"less than none", 11, -1, 0, 0, 0, CF_E_STATE},
    };
    assert_int_equal(cf_store_run(bench->store, CF_Q_CAMPAIGN_ADD,
                                  CF_ARGS(cf_v_int(1), cf_v_int(1), cf_v_blob("e", 1), cf_v_int(0), cf_v_int(0),
                                          cf_v_int(0), cf_v_int(10)),
                                  NULL),
                     CF_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            cf_store_run(bench->store, CF_Q_CAMPAIGN_FIGURES,
                         CF_ARGS(cf_v_int(1), cf_v_int(0), cf_v_int(rows[i].free), cf_v_int(rows[i].outstanding),
                                 cf_v_int(rows[i].spent), cf_v_int(rows[i].stranded), cf_v_int(rows[i].over),
                                 cf_v_int(0), cf_v_int(0)),
                         NULL),
            rows[i].rc);
    }
}

static void a_reference_to_nothing_is_refused(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(
        cf_store_run(bench->store, CF_Q_TERMINAL_ADD, CF_ARGS(cf_v_int(5), cf_v_int(9), cf_v_text("x")), NULL),
        CF_E_STATE);
}

static enum cf_rc count_and_write(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_member_store *store = ctx;
    (void)row;
    return cf_store_run(store, CF_Q_ALARM_ADD, CF_ARGS(cf_v_int(1), cf_v_null(), cf_v_int(100), cf_v_text("seen")),
                        err);
}

static enum cf_rc end_the_walk(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    (void)row;
    (*(size_t *)ctx)++;
    return cf_fail(err, CF_E_LIMIT, "enough");
}

static void a_walk_may_write_and_may_be_ended(void **state)
{
    struct bench *bench = *state;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    size_t seen = 0;
    for (int64_t version = 1; version <= 5; version++) {
        assert_int_equal(cf_store_run(bench->store, CF_Q_DOWN_ENTRY_ADD,
                                      CF_ARGS(cf_v_int(1), cf_v_int(0), cf_v_int(version), cf_v_int(version % 2),
                                              cf_v_blob(&version, 1), cf_v_blob("d", 1)),
                                      NULL),
                         CF_OK);
    }
    const struct cf_value args[] = {cf_v_int(1), cf_v_int(0), cf_v_int(1), cf_v_int(3)};
    assert_int_equal(cf_store_begin(bench->store, NULL), CF_OK);
    assert_int_equal(cf_store_each(bench->store, CF_Q_DOWN_ENTRY_RANGE, args, 4, count_and_write, bench->store, NULL),
                     CF_OK);
    assert_int_equal(cf_store_commit(bench->store, NULL), CF_OK);
    assert_int_equal(cf_store_row(bench->store, CF_Q_ALARM_COUNT, CF_NO_ARGS, row, &found, NULL), CF_OK);
    assert_int_equal(row[0].i, 3); /* versions 2, 3 and 4 */
    assert_int_equal(cf_store_each(bench->store, CF_Q_DOWN_ENTRY_RANGE, args, 4, end_the_walk, &seen, NULL),
                     CF_E_LIMIT);
    assert_int_equal(seen, 1);
}

static void an_inserted_row_tells_its_number(void **state)
{
    struct bench *bench = *state;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    for (int64_t i = 1; i <= 3; i++) {
        int64_t id = 0;
        assert_int_equal(
            cf_store_insert(bench->store, CF_Q_REDEMPTION_ADD,
                            CF_ARGS(cf_v_int(1), cf_v_int(i), cf_v_int(0), cf_v_int(2), cf_v_int(9), cf_v_int(5),
                                    cf_v_null(), cf_v_blob("k", 1), cf_v_int(1), cf_v_int(0), cf_v_null(), cf_v_int(0)),
                            &id, NULL),
            CF_OK);
        (void)new_place(bench->store, 1); /* another table has numbers of its own */
        assert_int_equal(cf_store_row(bench->store, CF_Q_REDEMPTION_GET, CF_ARGS(cf_v_int(id)), row, &found, NULL),
                         CF_OK);
        assert_true(found);
        assert_int_equal(row[1].i, i);
    }
}

struct seen_bytes {
    size_t n;
    uint8_t byte[8];
};

static enum cf_rc collect_byte(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct seen_bytes *seen = ctx;
    (void)err;
    assert_true(seen->n < sizeof seen->byte);
    seen->byte[seen->n++] = row[0].b.p[0];
    return CF_OK;
}

static void the_state_of_a_topic_is_the_newest_entry_of_each_key(void **state)
{
    struct bench *bench = *state;
    static const int64_t keys[] = {7, 8, 7, 9, 8};
    struct seen_bytes seen = {.n = 0};
    for (int64_t version = 1; version <= 5; version++) {
        uint8_t byte = (uint8_t)version;
        assert_int_equal(cf_store_run(bench->store, CF_Q_DOWN_ENTRY_ADD,
                                      CF_ARGS(cf_v_int(3), cf_v_int(0), cf_v_int(version), cf_v_int(keys[version - 1]),
                                              cf_v_blob(&byte, 1), cf_v_blob("d", 1)),
                                      NULL),
                         CF_OK);
    }
    assert_int_equal(
        cf_store_each(bench->store, CF_Q_DOWN_STATE, CF_ARGS(cf_v_int(3), cf_v_int(0)), collect_byte, &seen, NULL),
        CF_OK);
    assert_int_equal(seen.n, 3);
    assert_memory_equal(seen.byte, "\x03\x04\x05", 3);
}

static void points_are_added_and_the_higher_counter_kept(void **state)
{
    struct bench *bench = *state;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    static const int64_t counters[] = {5, 3, 9};
    assert_int_equal(
        cf_store_run(bench->store, CF_Q_MEMBER_ADD,
                     CF_ARGS(cf_v_int(-4), cf_v_text("x"), cf_v_blob("k", 1), cf_v_int(0), cf_v_int(0), cf_v_int(0)),
                     NULL),
        CF_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cf_store_row(bench->store, CF_Q_MEMBER_EARN,
                                      CF_ARGS(cf_v_int(-4), cf_v_int(10), cf_v_int(counters[i])), row, &found, NULL),
                         CF_OK);
        assert_true(found);
        assert_int_equal(row[0].i, 10 * ((int64_t)i + 1));
    }
    assert_int_equal(cf_store_row(bench->store, CF_Q_MEMBER_GET, CF_ARGS(cf_v_int(-4)), row, &found, NULL), CF_OK);
    assert_int_equal(row[8].i, 9);
    assert_int_equal(
        cf_store_row(bench->store, CF_Q_MEMBER_EARN, CF_ARGS(cf_v_int(1), cf_v_int(1), cf_v_int(1)), row, &found, NULL),
        CF_OK);
    assert_false(found);
}

static void an_enrolment_code_is_used_once(void **state)
{
    struct bench *bench = *state;
    uint64_t changed;
    int64_t store = new_place(bench->store, 1), terminal = new_place(bench->store, 2);
    assert_int_equal(cf_store_run(bench->store, CF_Q_STORE_ADD, CF_ARGS(cf_v_int(store), cf_v_blob("e", 1)), NULL),
                     CF_OK);
    assert_int_equal(cf_store_run(bench->store, CF_Q_TERMINAL_ADD,
                                  CF_ARGS(cf_v_int(terminal), cf_v_int(store), cf_v_text("t")), NULL),
                     CF_OK);
    assert_int_equal(cf_store_run(bench->store, CF_Q_ENROLMENT_ADD,
                                  CF_ARGS(cf_v_blob("h", 1), cf_v_int(terminal), cf_v_int(9)), NULL),
                     CF_OK);
    for (uint64_t i = 0; i < 2; i++) {
        assert_int_equal(
            cf_store_change(bench->store, CF_Q_ENROLMENT_USE, CF_ARGS(cf_v_blob("h", 1), cf_v_int(3)), &changed, NULL),
            CF_OK);
        assert_int_equal(changed, 1 - i);
    }
}

static void a_second_writer_waits_and_reads_what_was_committed(void **state)
{
    struct bench *bench = *state;
    struct cf_member_store *other;
    struct cf_value value;
    assert_int_equal(bench->adapter->open(bench->where, false, &other, NULL), CF_OK);
    put(bench->store, "a", "1", 1);
    assert_true(get(other, "a", &value));
    assert_int_equal(cf_store_begin(other, NULL), CF_OK);
    put(other, "a", "2", 1);
    assert_int_equal(cf_store_commit(other, NULL), CF_OK);
    assert_true(get(bench->store, "a", &value));
    assert_true(cf_bytes_equal(value.b, cf_bytes_str("2")));
    cf_store_close(other);
}

int main(void)
{
    enum { TESTS_MAX = 64 };
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } tests[] = {
#define TEST(name) {#name, name}
        TEST(every_statement_is_there_and_fits_its_declaration),
        TEST(values_come_back_as_they_went_in),
        TEST(a_row_stays_valid_while_others_run),
        TEST(a_rollback_leaves_no_trace),
        TEST(what_is_committed_is_there_after_opening_again),
        TEST(a_store_is_made_once_and_opened_only_if_it_is_there),
        TEST(a_key_that_is_taken_is_named),
        TEST(places_are_numbered_from_one_and_never_twice),
        TEST(a_budget_that_does_not_add_up_cannot_be_written),
        TEST(a_reference_to_nothing_is_refused),
        TEST(a_walk_may_write_and_may_be_ended),
        TEST(an_inserted_row_tells_its_number),
        TEST(the_state_of_a_topic_is_the_newest_entry_of_each_key),
        TEST(points_are_added_and_the_higher_counter_kept),
        TEST(an_enrolment_code_is_used_once),
        TEST(a_second_writer_waits_and_reads_what_was_committed),
    };
    struct CMUnitTest all[TESTS_MAX];
    static char names[TESTS_MAX][120];
    size_t n = 0;
    for (size_t a = 0; a < sizeof adapters / sizeof *adapters; a++) {
        for (size_t t = 0; t < sizeof tests / sizeof *tests; t++) {
            (void)snprintf(names[n], sizeof names[n], "%s_%s", adapters[a].name, tests[t].name);
            all[n] = (struct CMUnitTest){names[n], tests[t].test, start, stop, (void *)&adapters[a]};
            n++;
        }
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return _cmocka_run_group_tests("tests", all, n, NULL, NULL);
}
