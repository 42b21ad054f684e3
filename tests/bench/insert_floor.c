/*
 * tests/bench/insert_floor.c - how long SQLite takes for the rows of an upload when nobody else is involved.
 *
 *   insert_floor WORK.db AFTER.db RECORDS   prints {"seconds": ..., "cpu_seconds": ..., "rows": ...}
 *
 * WORK.db is the centre's database as it was before an upload, AFTER.db as it was afterwards. What they differ in is
 * read into memory first; then it is written into WORK.db, timed: same schema, same pragmas as the centre's, prepared
 * statements, 256 records a transaction, each table's rows in the order of their keys. No network, no signature, no
 * judgement: a centre cannot be faster than this.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/bench.h"

#define TABLES_MAX 64
#define COLUMNS_MAX 32
#define BATCH 256

struct table {
    char name[64];
    int n_columns;
    size_t n_rows, cap;
    sqlite3_value **values; /* n_rows * n_columns */
    sqlite3_stmt *put;
};
struct floor {
    sqlite3 *db;
    size_t n_tables;
    struct table tables[TABLES_MAX];
};

static void run(struct floor *floor, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(floor->db, sql, NULL, NULL, &message) != SQLITE_OK) {
        bench_die("%s: %s", sql, message);
    }
}

static sqlite3_stmt *prepare(struct floor *floor, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v3(floor->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
        bench_die("%s: %s", sql, sqlite3_errmsg(floor->db));
    }
    return stmt;
}

static void list_tables(struct floor *floor)
{
    sqlite3_stmt *list =
        prepare(floor, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
                       "ORDER BY name <> 'boot', rowid"); /* a redemption refers to its boot */
    while (sqlite3_step(list) == SQLITE_ROW) {
        if (floor->n_tables == TABLES_MAX) {
            bench_die("more than %d tables", TABLES_MAX);
        }
        snprintf(floor->tables[floor->n_tables++].name, sizeof floor->tables[0].name, "%s",
                 (const char *)sqlite3_column_text(list, 0));
    }
    sqlite3_finalize(list);
}

static void keep_row(struct table *table, sqlite3_stmt *rows)
{
    if (table->n_rows == table->cap) {
        table->cap = table->cap ? table->cap * 2 : 256;
        table->values = realloc(table->values, table->cap * (size_t)table->n_columns * sizeof *table->values);
        if (table->values == NULL) {
            bench_die("no memory for the rows of %s", table->name);
        }
    }
    for (int i = 0; i < table->n_columns; i++) {
        table->values[table->n_rows * (size_t)table->n_columns + (size_t)i] =
            sqlite3_value_dup(sqlite3_column_value(rows, i));
    }
    table->n_rows++;
}

static void read_difference(struct floor *floor, struct table *table)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT * FROM after.%s EXCEPT SELECT * FROM main.%s", table->name, table->name);
    sqlite3_stmt *rows = prepare(floor, sql);
    table->n_columns = sqlite3_column_count(rows);
    if (table->n_columns > COLUMNS_MAX) {
        bench_die("%s has more than %d columns", table->name, COLUMNS_MAX);
    }
    while (sqlite3_step(rows) == SQLITE_ROW) {
        keep_row(table, rows);
    }
    sqlite3_finalize(rows);
}

/* INSERT, and for rows that were there already and changed, an update of all their columns. */
static void prepare_put(struct floor *floor, struct table *table)
{
    char info[128], sql[4096], sets[3072] = "", marks[128] = "";
    snprintf(info, sizeof info, "PRAGMA main.table_info(%s)", table->name);
    sqlite3_stmt *columns = prepare(floor, info);
    size_t at = 0, mark = 0;
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(columns, 1);
        at += (size_t)snprintf(sets + at, sizeof sets - at, "%s%s = excluded.%s", at ? ", " : "", name, name);
        mark += (size_t)snprintf(marks + mark, sizeof marks - mark, mark ? ",?" : "?");
    }
    sqlite3_finalize(columns);
    snprintf(sql, sizeof sql, "INSERT INTO main.%s VALUES (%s) ON CONFLICT DO UPDATE SET %s", table->name, marks, sets);
    table->put = prepare(floor, sql);
}

static void put_rows(struct floor *floor, struct table *table, size_t from, size_t to)
{
    for (size_t row = from; row < to; row++) {
        for (int i = 0; i < table->n_columns; i++) {
            sqlite3_bind_value(table->put, i + 1, table->values[row * (size_t)table->n_columns + (size_t)i]);
        }
        if (sqlite3_step(table->put) != SQLITE_DONE) {
            bench_die("%s: %s", table->name, sqlite3_errmsg(floor->db));
        }
        sqlite3_reset(table->put);
    }
}

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static double put_all(struct floor *floor, size_t n_batches)
{
    int64_t from = bench_now_ns();
    for (size_t batch = 0; batch < n_batches; batch++) {
        run(floor, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < floor->n_tables; i++) {
            struct table *table = &floor->tables[i];
            /* What is less than one a batch is there from the first on: others refer to it. */
            size_t parts = table->n_rows < n_batches ? 1 : n_batches, part = batch < parts ? batch : parts;
            put_rows(floor, table, table->n_rows * part / parts,
                     table->n_rows * (part < parts ? part + 1 : parts) / parts);
        }
        run(floor, "COMMIT");
    }
    return (double)(bench_now_ns() - from) / 1e9;
}

int main(int argc, char **argv)
{
    static struct floor floor;
    char sql[1024];
    size_t rows = 0;
    if (argc != 4) {
        bench_die("usage: insert_floor WORK.db AFTER.db RECORDS");
    }
    if (sqlite3_open(argv[1], &floor.db) != SQLITE_OK) {
        bench_die("%s cannot be opened", argv[1]);
    }
    run(&floor, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                "PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY;");
    snprintf(sql, sizeof sql, "ATTACH '%s' AS after", argv[2]);
    run(&floor, sql);
    list_tables(&floor);
    for (size_t i = 0; i < floor.n_tables; i++) {
        read_difference(&floor, &floor.tables[i]);
        rows += floor.tables[i].n_rows;
    }
    run(&floor, "DETACH after");
    for (size_t i = 0; i < floor.n_tables; i++) {
        prepare_put(&floor, &floor.tables[i]);
    }
    size_t records = strtoull(argv[3], NULL, 10);
    double cpu_before = cpu_seconds();
    double seconds = put_all(&floor, (records + BATCH - 1) / BATCH);
    printf("{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"rows\": %zu}\n", seconds, cpu_seconds() - cpu_before, rows);
    for (size_t i = 0; i < floor.n_tables; i++) {
        sqlite3_finalize(floor.tables[i].put);
    }
    sqlite3_close(floor.db);
    return 0;
}
