/*
 * tests/torture/migration.h - the power goes at each write of a migration; for the tests migrate_*, which are three so
 * that they run side by side.
 *
 * An older file is made from a new one: the tables of the older schema, filled with the columns that both know.
 */
#ifndef CF_TORTURE_MIGRATION_H
#define CF_TORTURE_MIGRATION_H

#include "app/store/db.h"
#include "tests/torture/shop.h"

extern struct shop shop; /* whose files are of an older version */
extern unsigned n_cuts;

/* Around all tests of a program. */
int migration_begin(void **state);
int migration_end(void **state);

/* The shop gets some history, and all of it is closed. */
void migration_history(uint64_t seed);
/* The file at `path` becomes one of an older version; schema NULL: the centre's. */
void migration_make_older(const char *path, size_t version, const struct cf_db_schema *schema);

/* Under sanitizers each fourth write is enough, and one fate of it. */
uint64_t migration_stride(void);
int migration_fates(void);

typedef enum cf_rc (*migration_open_fn)(struct shop *at, struct cf_error *err);
typedef void (*migration_close_fn)(struct shop *at);
typedef void (*migration_check_fn)(struct shop *at);
/* Opens with the power going at the first write, the second, ... until it opens; after each of them it opens and is
 * checked. */
void migration_cut_at_each_write(struct cf_disk *disk, migration_open_fn open_it, migration_close_fn close_it,
                                 migration_check_fn check);
/* Its books, and its journal's chain. */
void migration_check_till(struct shop *at);

#endif
