/*
 * tests/support/disk_test.c - what a model disk keeps and loses, and that SQLite on it keeps its promises, and no
 * others.
 */
#include "tests/support/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/env.h"

#define SEEDS 60

static const char *at(const struct cf_disk *disk, const char *name)
{
    static char path[2][CF_DISK_PATH_MAX + 64];
    static unsigned turn;
    turn ^= 1;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", cf_disk_path(disk), name);
    return path[turn];
}

static void put(const struct cf_disk *disk, const char *name, const char *text, bool sync)
{
    int fd = open(at(disk, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_true(!sync || fsync(fd) == 0);
    assert_int_equal(close(fd), 0);
}

/* "-" if it is not there. */
static const char *get(const struct cf_disk *disk, const char *name)
{
    static char text[64];
    int fd = open(at(disk, name), O_RDONLY);
    if (fd < 0)
        return "-";
    ssize_t n = read(fd, text, sizeof text - 1);
    assert_true(n >= 0);
    text[n] = '\0';
    (void)close(fd);
    return text;
}

static void sync_folder(const struct cf_disk *disk)
{
    int fd = open(cf_disk_path(disk), O_RDONLY | O_DIRECTORY);
    assert_int_equal(fsync(fd), 0);
    (void)close(fd);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void what_was_synced_lasts_and_what_was_not_is_at_the_cuts_mercy(void **state)
{
    (void)state;
    unsigned lost = 0, kept = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct cf_disk *disk = cf_disk_new(seed);
        put(disk, "a", "old", true);
        sync_folder(disk);
        put(disk, "a", "new", false);
        put(disk, "b", "", true);
        cf_disk_restart(disk, CF_DISK_ANY);
        const char *text = get(disk, "a");
        /* O_TRUNC may have lasted alone; a sector that was not written back there is zero. */
        assert_true(strcmp(text, "old") == 0 || strcmp(text, "new") == 0 || strcmp(text, "") == 0);
        lost += strcmp(text, "new") != 0;
        kept += strcmp(text, "new") == 0;
        cf_disk_free(disk);
    }
    assert_true(lost > 5 && kept > 5);
}

static void a_name_lasts_once_its_folder_is_synced(void **state)
{
    (void)state;
    unsigned seen[3] = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct cf_disk *disk = cf_disk_new(seed);
        put(disk, "a.new", "one", true);
        assert_int_equal(rename(at(disk, "a.new"), at(disk, "a")), 0);
        assert_string_equal(get(disk, "a"), "one");
        if (seed % 2) {
            sync_folder(disk);
            put(disk, "a.new", "two", true);
            assert_int_equal(rename(at(disk, "a.new"), at(disk, "a")), 0);
        }
        cf_disk_restart(disk, CF_DISK_ANY);
        const char *text = get(disk, "a");
        if (seed % 2)
            assert_true(strcmp(text, "one") == 0 || strcmp(text, "two") == 0);
        seen[strcmp(text, "-") == 0 ? 0 : strcmp(text, "one") == 0 ? 1 : 2]++;
        cf_disk_free(disk);
    }
    assert_true(seen[0] > 2 && seen[1] > 2 && seen[2] > 2);
}

static void a_file_that_is_replaced_is_the_old_one_or_the_new_one(void **state)
{
    (void)state;
    const struct cf_env *env = cf_env_system();
    for (uint64_t n = 1; n < 14; n++)
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct cf_error err;
            struct cf_disk *disk = cf_disk_new(seed * 100 + n);
            assert_int_equal(env->ops->file_replace(env->ctx, at(disk, "a"), cf_bytes_str("old"), 0600, &err), CF_OK);
            cf_disk_stop_at(disk, n, CF_DISK_CUT, NULL, NULL);
            enum cf_rc rc = env->ops->file_replace(env->ctx, at(disk, "a"), cf_bytes_str("new"), 0600, &err);
            cf_disk_restart(disk, CF_DISK_ANY);
            assert_true(rc == CF_OK || strcmp(get(disk, "a"), "old") == 0 || strcmp(get(disk, "a"), "new") == 0);
            assert_true(rc != CF_OK || strcmp(get(disk, "a"), "new") == 0);
            cf_disk_free(disk);
        }
}

static void sectors_survive_alone_and_out_of_order(void **state)
{
    (void)state;
    static uint8_t ones[8192], got[8192];
    unsigned gaps = 0, early_versions = 0;
    memset(ones, 1, sizeof ones);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct cf_disk *disk = cf_disk_new(seed);
        struct cf_disk_rules rules = {.write_back_per_1000 = 200};
        cf_disk_set_rules(disk, &rules);
        int fd = open(at(disk, "a"), O_RDWR | O_CREAT, 0600);
        assert_true(fd >= 0);
        sync_folder(disk);
        for (int version = 1; version <= 3; version++)
            for (size_t k = 0; k < sizeof ones; k += 1024) {
                memset(ones + k, version, 1024);
                assert_int_equal(pwrite(fd, ones + k, 1024, (off_t)k), 1024);
            }
        cf_disk_restart(disk, CF_DISK_TEAR);
        assert_int_equal(pread(fd, got, 1, 0), -1); /* of a process that is no more */
        assert_int_equal(close(fd), 0);
        fd = open(at(disk, "a"), O_RDWR);
        ssize_t n = pread(fd, got, sizeof got, 0);
        for (ssize_t k = 0; k + 1 < n; k++) {
            gaps += got[k] == 0 && got[k + 1] == 3;
            early_versions += got[k] == 1 || got[k] == 2;
            assert_true(got[k] == got[k + 1] || (k + 1) % CF_DISK_SECTOR_BYTES == 0);
        }
        (void)close(fd);
        cf_disk_free(disk);
    }
    assert_true(gaps > 5 && early_versions > 5);
}

static void a_killed_process_loses_its_locks_and_none_of_its_writes(void **state)
{
    (void)state;
    struct cf_disk *disk = cf_disk_new(1);
    cf_disk_as(disk, 0);
    int fd = open(at(disk, "lock"), O_RDWR | O_CREAT, 0600);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(pwrite(fd, "w", 1, 0), 1);
    cf_disk_as(disk, 1);
    int other = open(at(disk, "lock"), O_RDWR);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    cf_disk_kill(disk, 0);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(pwrite(fd, "x", 1, 0), -1);
    assert_int_equal(close(fd), 0);
    assert_string_equal(get(disk, "lock"), "w");
    assert_int_equal(close(other), 0);
    cf_disk_free(disk);
}

static void an_image_put_back_is_the_disk_as_it_was(void **state)
{
    (void)state;
    struct cf_disk *disk = cf_disk_new(1);
    put(disk, "a", "then", false);
    struct cf_disk *image = cf_disk_copy(disk, 2);
    put(disk, "a", "now", true);
    put(disk, "b", "more", true);
    assert_string_equal(get(image, "a"), "then");
    assert_string_equal(get(disk, "a"), "now");
    cf_disk_restore(disk, image);
    assert_string_equal(get(disk, "a"), "then");
    assert_string_equal(get(disk, "b"), "-");
    put(disk, "a", "again", true);
    assert_string_equal(get(image, "a"), "then");
    cf_disk_free(image);
    cf_disk_free(disk);
}

static void other_paths_reach_the_real_file_system(void **state)
{
    (void)state;
    char path[] = "/tmp/cf-disk-test-XXXXXX";
    sqlite3 *db = NULL;
    struct cf_disk *disk = cf_disk_new(1);
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    struct stat what;
    assert_int_equal(fstat(fd, &what), 0);
    assert_true(what.st_size > 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    cf_disk_free(disk);
}

/* --- SQLite ------------------------------------------------------------------------------------------------------- */

static sqlite3 *opened(const struct cf_disk *disk, const char *more)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(at(disk, "t.db"), &db), SQLITE_OK);
    (void)sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    (void)sqlite3_exec(db, more, NULL, NULL, NULL);
    return db;
}

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int n = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static bool is_whole(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    bool whole = sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
                 sqlite3_step(stmt) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
    sqlite3_finalize(stmt);
    return whole;
}

/* Rows 1, 2, ... a transaction each, until the cut at operation n; how many were acknowledged. */
static int fill(struct cf_disk *disk, const char *settings, uint64_t n)
{
    int rows = 0;
    sqlite3 *db = opened(disk, settings);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x INTEGER PRIMARY KEY, y)", NULL, NULL, NULL), SQLITE_OK);
    sync_folder(disk);
    cf_disk_stop_at(disk, n, CF_DISK_CUT, NULL, NULL);
    for (int k = 1; k < 200 && !cf_disk_is_off(disk); k++) {
        if (k % 16 == 0)
            (void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        rows += sqlite3_exec(db, "INSERT INTO t (y) VALUES (randomblob(900))", NULL, NULL, NULL) == SQLITE_OK;
    }
    (void)sqlite3_close(db);
    return rows;
}

/* True if all that was acknowledged is there, whole. */
static bool keeps_its_promise(const char *settings, uint64_t seed, const struct cf_disk_rules *rules)
{
    struct cf_disk *disk = cf_disk_new(seed);
    if (rules)
        cf_disk_set_rules(disk, rules);
    int rows = fill(disk, settings, 1 + seed * 7 % 400);
    cf_disk_restart(disk, CF_DISK_ANY);
    sqlite3 *db = opened(disk, "");
    int found = number(db, "SELECT count(*) FROM t");
    bool good = is_whole(db) && (found == rows || found == rows + 1);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    cf_disk_free(disk);
    return good;
}

static unsigned promises_broken(const char *settings, const struct cf_disk_rules *rules)
{
    unsigned broken = 0;
    for (uint64_t seed = 0; seed < 6 * SEEDS; seed++)
        broken += !keeps_its_promise(settings, seed, rules);
    return broken;
}

static void a_synced_commit_outlives_every_cut(void **state)
{
    (void)state;
    assert_int_equal(promises_broken("PRAGMA synchronous = FULL", NULL), 0);
    assert_int_equal(promises_broken("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA", NULL), 0);
}

static void a_commit_that_was_not_synced_is_lost_at_some_cut(void **state)
{
    (void)state;
    struct cf_disk_rules lies = {.sync_lies = true};
    assert_true(promises_broken("PRAGMA synchronous = NORMAL", NULL) > 20);
    assert_true(promises_broken("PRAGMA synchronous = OFF", NULL) > 20);
    assert_true(promises_broken("PRAGMA synchronous = FULL", &lies) > 20);
}

static void told(void *ctx, enum cf_disk_stop stop)
{
    assert_int_equal(stop, CF_DISK_KILL);
    *(bool *)ctx = true;
}

static void two_processes_share_a_log_and_one_may_die(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 40; n++) {
        struct cf_disk *disk = cf_disk_new(n);
        cf_disk_as(disk, 0);
        sqlite3 *writer = opened(disk, "CREATE TABLE t (x INTEGER PRIMARY KEY, y)");
        cf_disk_as(disk, 1);
        sqlite3 *reader = opened(disk, "");
        assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
        cf_disk_as(disk, 0);
        bool dead = false;
        cf_disk_stop_at(disk, n, CF_DISK_KILL, told, &dead);
        int rows = 0;
        while (sqlite3_exec(writer, "INSERT INTO t (y) VALUES (1)", NULL, NULL, NULL) == SQLITE_OK)
            rows++;
        assert_true(dead);
        assert_int_not_equal(sqlite3_exec(writer, "INSERT INTO t (y) VALUES (1)", NULL, NULL, NULL), SQLITE_OK);
        int found = number(reader, "SELECT count(*) FROM t");
        assert_true(found == rows || found == rows + 1);
        (void)sqlite3_close(writer);
        cf_disk_as(disk, 0);
        writer = opened(disk, "INSERT INTO t (y) VALUES (2)");
        assert_int_equal(number(reader, "SELECT count(*) FROM t"), found + 1);
        assert_true(is_whole(reader));
        assert_int_equal(sqlite3_close(writer), SQLITE_OK);
        assert_int_equal(sqlite3_close(reader), SQLITE_OK);
        cf_disk_free(disk);
    }
}

static void count_bytes(void *ctx, const char *path, cf_bytes content)
{
    (void)path;
    for (size_t k = 0; k < content.n; k++)
        *(uint64_t *)ctx = (*(uint64_t *)ctx ^ content.p[k]) * UINT64_C(0x100000001B3); /* FNV-1a */
}

static uint64_t hash_of_history(uint64_t seed)
{
    uint64_t hash = 0;
    struct cf_disk *disk = cf_disk_new(seed);
    cf_disk_seed_sqlite(seed);
    (void)fill(disk, "PRAGMA synchronous = NORMAL", 150);
    cf_disk_restart(disk, CF_DISK_ANY);
    cf_disk_each_file(disk, count_bytes, &hash);
    cf_disk_free(disk);
    return hash;
}

static void a_seed_gives_the_same_bytes_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 10; seed++)
        assert_int_equal(hash_of_history(seed), hash_of_history(seed));
    assert_int_not_equal(hash_of_history(1), hash_of_history(2));
}

static void it_costs_little(void **state)
{
    (void)state;
    struct cf_disk *disk = cf_disk_new(1);
    sqlite3 *db = opened(disk, "PRAGMA page_size = 1024; PRAGMA synchronous = FULL; CREATE TABLE t (x)");
    sqlite3_stmt *add = NULL;
    struct timespec from, to;
    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO t VALUES (randomblob(700))", -1, &add, NULL), SQLITE_OK);
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    for (int k = 0; k < 20000; k++) {
        assert_int_equal(sqlite3_step(add), SQLITE_DONE);
        (void)sqlite3_reset(add);
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    double s = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    print_message("# %.0f synced commits a second\n", 20000 / s);
    (void)sqlite3_finalize(add);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    cf_disk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_synced_lasts_and_what_was_not_is_at_the_cuts_mercy),
        cmocka_unit_test(a_name_lasts_once_its_folder_is_synced),
        cmocka_unit_test(a_file_that_is_replaced_is_the_old_one_or_the_new_one),
        cmocka_unit_test(sectors_survive_alone_and_out_of_order),
        cmocka_unit_test(a_killed_process_loses_its_locks_and_none_of_its_writes),
        cmocka_unit_test(an_image_put_back_is_the_disk_as_it_was),
        cmocka_unit_test(other_paths_reach_the_real_file_system),
        cmocka_unit_test(a_synced_commit_outlives_every_cut),
        cmocka_unit_test(a_commit_that_was_not_synced_is_lost_at_some_cut),
        cmocka_unit_test(two_processes_share_a_log_and_one_may_die),
        cmocka_unit_test(a_seed_gives_the_same_bytes_twice),
        cmocka_unit_test(it_costs_little),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
