/*
 * app/store/hub_store.c - see hub_store.h.
 */
#include "app/store/hub_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/store/db.h"
#include "app/store/folder.h"

#include "sql_hub_query.h"
#include "sql_hub_schema.h"

#define HUB_FILE "hub.db"

/* One for each query/hub/<name>.sql but the settings. */
enum query {
    Q_BATCH_ADD,
    Q_BATCH_BYTES,
    Q_BATCH_FORGETTABLE,
    Q_BATCH_PRUNE,
    Q_BATCH_REPLACE,
    Q_BATCH_WAITING,
    Q_BATCH_WITH,
    Q_CHUNK,
    Q_CHUNK_CLEAR,
    Q_CHUNK_SET,
    Q_CLAIM,
    Q_CLAIM_HELD_REMOVE,
    Q_CLAIM_OF_KEY,
    Q_CLAIM_PRUNE,
    Q_CLAIM_SET,
    Q_CLAIM_USE_REMOVE,
    Q_ELSEWHERE,
    Q_FORGOTTEN_PRUNE,
    Q_FORGOTTEN_SET,
    Q_HEARD,
    Q_HEARD_ADD,
    Q_KEPT,
    Q_KEPT_ADD,
    Q_KEPT_LINE_ADD,
    Q_KEPT_LINE_REMOVE,
    Q_KEPT_LINE_PRUNE,
    Q_KEPT_REMOVE,
    Q_KEPT_PRUNE,
    Q_KEPT_UNKNOWN,
    Q_MANIFEST,
    Q_MANIFEST_SET,
    Q_PARKED,
    Q_PARKED_COUNT,
    Q_PARKED_HAS_LABEL,
    Q_PARKED_LIST,
    Q_PARKED_PRUNE,
    Q_PARKED_SET,
    Q_PAGE,
    Q_PAGE_CLEAR,
    Q_PAGE_SET,
    Q_RELEASED_KEY,
    Q_RELEASED_KEY_ADD,
    Q_RELEASED_KEY_PRUNE,
    Q_RETURNED,
    Q_RETURNED_ADD,
    Q_RETURNED_PRUNE,
    Q_STATE,
    Q_STATE_SET,
    Q_STEP,
    Q_STEP_ADD,
    Q_STEP_PRUNE,
    Q_STORE_DAY,
    Q_STORE_DAY_LEND,
    Q_STORE_DAY_PRUNE,
    Q_STORE_DAY_SET,
    Q_STORE_LEASE,
    Q_STORE_LEASE_LEND,
    Q_STORE_LEASE_PRUNE,
    Q_STORE_LEASE_RAISE,
    Q_STORE_LEASE_RETURN,
    Q_SUBLEASE,
    Q_SUBLEASE_DAY,
    Q_SUBLEASE_DAYS,
    Q_SUBLEASE_DAY_PRUNE,
    Q_SUBLEASE_DAY_SET,
    Q_SUBLEASE_LACKING,
    Q_SUBLEASE_SET,
    Q_SUBLEASE_PRUNE,
    Q_SUBLEASE_UNSPENT,
    Q_TILL,
    Q_TILL_ACKNOWLEDGE,
    Q_TILL_SET,
    Q_TILL_SETTLE,
    QUERIES,
};
static const char *const query_names[QUERIES] = {
    [Q_BATCH_ADD] = "batch_add",
    [Q_BATCH_BYTES] = "batch_bytes",
    [Q_BATCH_FORGETTABLE] = "batch_forgettable",
    [Q_BATCH_PRUNE] = "batch_prune",
    [Q_BATCH_REPLACE] = "batch_replace",
    [Q_BATCH_WAITING] = "batch_waiting",
    [Q_BATCH_WITH] = "batch_with",
    [Q_CHUNK] = "chunk",
    [Q_CHUNK_CLEAR] = "chunk_clear",
    [Q_CHUNK_SET] = "chunk_set",
    [Q_CLAIM] = "claim",
    [Q_CLAIM_HELD_REMOVE] = "claim_held_remove",
    [Q_CLAIM_OF_KEY] = "claim_of_key",
    [Q_CLAIM_PRUNE] = "claim_prune",
    [Q_CLAIM_SET] = "claim_set",
    [Q_CLAIM_USE_REMOVE] = "claim_use_remove",
    [Q_ELSEWHERE] = "elsewhere",
    [Q_FORGOTTEN_PRUNE] = "forgotten_prune",
    [Q_FORGOTTEN_SET] = "forgotten_set",
    [Q_HEARD] = "heard",
    [Q_HEARD_ADD] = "heard_add",
    [Q_KEPT] = "kept",
    [Q_KEPT_ADD] = "kept_add",
    [Q_KEPT_LINE_ADD] = "kept_line_add",
    [Q_KEPT_LINE_REMOVE] = "kept_line_remove",
    [Q_KEPT_LINE_PRUNE] = "kept_line_prune",
    [Q_KEPT_REMOVE] = "kept_remove",
    [Q_KEPT_PRUNE] = "kept_prune",
    [Q_KEPT_UNKNOWN] = "kept_unknown",
    [Q_MANIFEST] = "manifest",
    [Q_MANIFEST_SET] = "manifest_set",
    [Q_PARKED] = "parked",
    [Q_PARKED_COUNT] = "parked_count",
    [Q_PARKED_HAS_LABEL] = "parked_has_label",
    [Q_PARKED_LIST] = "parked_list",
    [Q_PARKED_PRUNE] = "parked_prune",
    [Q_PARKED_SET] = "parked_set",
    [Q_PAGE] = "page",
    [Q_PAGE_CLEAR] = "page_clear",
    [Q_PAGE_SET] = "page_set",
    [Q_RELEASED_KEY] = "released_key",
    [Q_RELEASED_KEY_ADD] = "released_key_add",
    [Q_RELEASED_KEY_PRUNE] = "released_key_prune",
    [Q_RETURNED] = "returned",
    [Q_RETURNED_ADD] = "returned_add",
    [Q_RETURNED_PRUNE] = "returned_prune",
    [Q_STATE] = "state",
    [Q_STATE_SET] = "state_set",
    [Q_STEP] = "step",
    [Q_STEP_ADD] = "step_add",
    [Q_STEP_PRUNE] = "step_prune",
    [Q_STORE_DAY] = "store_day",
    [Q_STORE_DAY_LEND] = "store_day_lend",
    [Q_STORE_DAY_PRUNE] = "store_day_prune",
    [Q_STORE_DAY_SET] = "store_day_set",
    [Q_STORE_LEASE] = "store_lease",
    [Q_STORE_LEASE_LEND] = "store_lease_lend",
    [Q_STORE_LEASE_PRUNE] = "store_lease_prune",
    [Q_STORE_LEASE_RAISE] = "store_lease_raise",
    [Q_STORE_LEASE_RETURN] = "store_lease_return",
    [Q_SUBLEASE] = "sublease",
    [Q_SUBLEASE_DAY] = "sublease_day",
    [Q_SUBLEASE_DAYS] = "sublease_days",
    [Q_SUBLEASE_DAY_PRUNE] = "sublease_day_prune",
    [Q_SUBLEASE_DAY_SET] = "sublease_day_set",
    [Q_SUBLEASE_LACKING] = "sublease_lacking",
    [Q_SUBLEASE_SET] = "sublease_set",
    [Q_SUBLEASE_PRUNE] = "sublease_prune",
    [Q_SUBLEASE_UNSPENT] = "sublease_unspent",
    [Q_TILL] = "till",
    [Q_TILL_ACKNOWLEDGE] = "till_acknowledge",
    [Q_TILL_SET] = "till_set",
    [Q_TILL_SETTLE] = "till_settle",
};

struct cf_hub_store {
    struct cf_db db;
    sqlite3_stmt *q[QUERIES];
    bool log_to_empty; /* the write-ahead log may hold what was erased */
};

static const char *hub_sql(const char *name)
{
    for (size_t k = 0; k < sizeof cf_sql_hub_query / sizeof cf_sql_hub_query[0]; k++)
        if (strcmp(cf_sql_hub_query[k].name, name) == 0)
            return cf_sql_hub_query[k].text;
    assert(false); /* there is no query of this name */
    return NULL;
}

static const char *schema_text(size_t k)
{
    assert(k < sizeof cf_sql_hub_schema / sizeof cf_sql_hub_schema[0]);
    return cf_sql_hub_schema[k].text;
}

static const struct cf_db_schema hub_schema = {
    .n = sizeof cf_sql_hub_schema / sizeof cf_sql_hub_schema[0],
    .text = schema_text,
    .application_id = 0x43464831, /* "CFH1" */
};

/* --- open --------------------------------------------------------------------------------------------------------- */

static enum cf_rc bring_up_to_date(struct cf_hub_store *store, struct cf_error *err)
{
    int64_t version = 0;
    enum cf_rc rc = cf_db_schema_version(&store->db, &version, err);
    if (rc == CF_OK && version > 0)
        rc = cf_db_schema_check(&store->db, &hub_schema, &version, err);
    if (rc == CF_OK && store->db.read_only_file)
        rc = cf_fail(err, CF_E_READ_ONLY, "%s cannot be written", HUB_FILE);
    if (rc == CF_OK && version > 0)
        rc = cf_db_quick_check(&store->db, err);
    if (rc == CF_OK && version == 0)
        rc = cf_db_exec(&store->db, cf_db_common_sql("journal_mode_wal"), err);
    if (rc == CF_OK)
        rc = cf_db_exec(&store->db, hub_sql("settings"), err);
    return rc == CF_OK ? cf_db_migrate(&store->db, &hub_schema, hub_schema.n, err) : rc;
}

enum cf_rc cf_hub_store_open(const char *dir, struct cf_hub_store **ret, struct cf_error *err)
{
    char path[CF_FOLDER_PATH_MAX];
    struct cf_hub_store *store = calloc(1, sizeof *store);
    if (!store)
        return cf_fail(err, CF_E_NO_MEMORY, "the hub's database");
    store->log_to_empty = true; /* whoever had it open before may have fallen in between */
    enum cf_rc rc = cf_folder_path(dir, HUB_FILE, path, err);
    if (rc == CF_OK)
        rc = cf_db_init(&store->db, path, CF_DB_MAKE, HUB_FILE, CF_E_HUB_BROKEN, err);
    if (rc == CF_OK)
        rc = bring_up_to_date(store, err);
    if (rc == CF_OK)
        rc = cf_db_prepare_all(&store->db, hub_sql, query_names, QUERIES, store->q, err);
    if (rc == CF_OK)
        rc = cf_folder_sync(dir, err);
    if (rc != CF_OK) {
        cf_hub_store_close(store);
        return rc;
    }
    *ret = store;
    return CF_OK;
}

void cf_hub_store_close(struct cf_hub_store *store)
{
    if (!store)
        return;
    cf_db_finalize_all(store->q, QUERIES);
    cf_db_done(&store->db);
    free(store);
}

bool cf_hub_store_exists(const char *dir)
{
    return cf_folder_has(dir, HUB_FILE);
}

enum cf_rc cf_hub_store_begin(struct cf_hub_store *store, struct cf_error *err)
{
    return cf_db_begin_write(&store->db, err);
}

enum cf_rc cf_hub_store_end(struct cf_hub_store *store, enum cf_rc rc, struct cf_error *err)
{
    if (rc == CF_OK)
        return cf_db_commit(&store->db, err);
    cf_db_rollback(&store->db);
    return rc;
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static enum cf_rc run(struct cf_hub_store *store, enum query query, struct cf_error *err)
{
    return cf_db_run(&store->db, store->q[query], err);
}

/* Binds the first n numbers. */
static sqlite3_stmt *bound(struct cf_hub_store *store, enum query query, size_t n, const int64_t *v)
{
    for (size_t k = 0; k < n; k++)
        cf_bind_i64(store->q[query], (int)k + 1, v[k]);
    return store->q[query];
}
#define BOUND(store, query, ...)                                                                                       \
    bound(store, query, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (const int64_t[]){__VA_ARGS__})

/* The first row: the caller reads its columns, then resets the statement. */
static enum cf_rc first_row(struct cf_hub_store *store, sqlite3_stmt *get, bool *ret_found, struct cf_error *err)
{
    return cf_db_step(&store->db, get, ret_found, err);
}

static enum cf_rc number(struct cf_hub_store *store, sqlite3_stmt *get, int64_t *ret, struct cf_error *err)
{
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    *ret = 0;
    if (found) {
        *ret = cf_column_i64(get, 0);
        sqlite3_reset(get);
    }
    return CF_OK;
}

static enum cf_rc damaged(struct cf_hub_store *store, sqlite3_stmt *get, struct cf_error *err)
{
    sqlite3_reset(get);
    return cf_db_broken(&store->db, err, "a row is damaged");
}

/* Runs within a transaction of its own. */
static enum cf_rc run_alone(struct cf_hub_store *store, enum query query, struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_begin(store, err);
    return rc == CF_OK ? cf_hub_store_end(store, run(store, query, err), err) : rc;
}

/* --- which hub, and its history ----------------------------------------------------------------------------------- */

enum cf_rc cf_hub_store_state(struct cf_hub_store *store, struct cf_hub_state *ret, struct cf_error *err)
{
    struct cf_hub_state state = {.hub_epoch = 0};
    sqlite3_stmt *get = store->q[Q_STATE];
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_u32(get, 0, &state.store) || !cf_column_u32(get, 1, &state.terminal) ||
            !cf_column_u32(get, 2, &state.epoch) || !cf_column_u32(get, 3, &state.hub_epoch) ||
            !cf_column_bytes_of(get, 6, state.head.digest, CF_SHA256_BYTES))
            return damaged(store, get, err);
        state.incarnation = (uint64_t)cf_column_i64(get, 4);
        state.seq = (uint64_t)cf_column_i64(get, 5);
        state.fenced = cf_column_i64(get, 7) != 0;
        cf_bytes why = cf_column_bytes(get, 8);
        size_t n = why.n < CF_HUB_WHY_MAX ? why.n : CF_HUB_WHY_MAX;
        memcpy(state.why, why.p, n);
        sqlite3_reset(get);
    }
    *ret = state;
    return CF_OK;
}

enum cf_rc cf_hub_store_set_state(struct cf_hub_store *store, const struct cf_hub_state *state, struct cf_error *err)
{
    sqlite3_stmt *set = BOUND(store, Q_STATE_SET, state->store, state->terminal, state->epoch, state->hub_epoch,
                              (int64_t)state->incarnation, (int64_t)state->seq);
    cf_bind_bytes(set, 7, cf_bytes_of(state->head.digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 8, state->fenced);
    cf_bind_text(set, 9, state->why);
    return run(store, Q_STATE_SET, err);
}

enum cf_rc cf_hub_store_step(struct cf_hub_store *store, uint64_t seq, struct cf_sha256 *ret, bool *ret_found,
                             struct cf_error *err)
{
    sqlite3_stmt *get = BOUND(store, Q_STEP, (int64_t)seq);
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc == CF_OK && found) {
        if (!cf_column_bytes_of(get, 0, ret->digest, CF_SHA256_BYTES))
            return damaged(store, get, err);
        sqlite3_reset(get);
    }
    if (rc == CF_OK)
        *ret_found = found;
    return rc;
}

enum cf_rc cf_hub_store_add_step(struct cf_hub_store *store, uint64_t seq, const struct cf_sha256 *hash,
                                 struct cf_error *err)
{
    sqlite3_stmt *add = BOUND(store, Q_STEP_ADD, (int64_t)seq);
    cf_bind_bytes(add, 2, cf_bytes_of(hash->digest, CF_SHA256_BYTES));
    enum cf_rc rc = run(store, Q_STEP_ADD, err);
    if (rc != CF_OK || seq <= CF_HUB_STEPS_MAX)
        return rc;
    (void)BOUND(store, Q_STEP_PRUNE, (int64_t)(seq - CF_HUB_STEPS_MAX));
    return run(store, Q_STEP_PRUNE, err);
}

enum cf_rc cf_hub_store_clear_steps(struct cf_hub_store *store, struct cf_error *err)
{
    (void)BOUND(store, Q_STEP_PRUNE, INT64_MAX);
    return run(store, Q_STEP_PRUNE, err);
}

enum cf_rc cf_hub_store_heard(struct cf_hub_store *store, uint32_t hub_epoch, bool *ret, struct cf_error *err)
{
    int64_t n = 0;
    enum cf_rc rc = number(store, BOUND(store, Q_HEARD, hub_epoch), &n, err);
    if (rc == CF_OK)
        *ret = n != 0;
    return rc;
}

enum cf_rc cf_hub_store_set_heard(struct cf_hub_store *store, uint32_t hub_epoch, struct cf_error *err)
{
    bool heard = false;
    enum cf_rc rc = cf_hub_store_heard(store, hub_epoch, &heard, err);
    if (rc != CF_OK || heard)
        return rc;
    (void)BOUND(store, Q_HEARD_ADD, hub_epoch);
    return run_alone(store, Q_HEARD_ADD, err);
}

/* --- rights ------------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_store_right(struct cf_hub_store *store, uint32_t campaign, uint32_t index, struct cf_hub_right *ret,
                              bool *ret_found, struct cf_error *err)
{
    struct cf_hub_right right = {.campaign = campaign, .index = index};
    sqlite3_stmt *get = BOUND(store, Q_CLAIM, campaign, index);
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_u32(get, 0, &right.terminal) || !cf_column_u32(get, 1, &right.epoch) ||
            !cf_column_bytes_of(get, 2, right.request_key, CF_REQUEST_KEY_BYTES))
            return damaged(store, get, err);
        right.state = cf_column_i64(get, 3) == CF_HUB_HELD ? CF_HUB_HELD : CF_HUB_USED;
        sqlite3_reset(get);
        *ret = right;
    }
    *ret_found = found;
    return CF_OK;
}

enum cf_rc cf_hub_store_right_of_key(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                                     uint32_t *ret_campaign, uint32_t *ret_index, bool *ret_found, struct cf_error *err)
{
    sqlite3_stmt *get = store->q[Q_CLAIM_OF_KEY];
    uint32_t campaign, index;
    bool found = false;
    cf_bind_bytes(get, 1, cf_bytes_of(key, CF_REQUEST_KEY_BYTES));
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_u32(get, 0, &campaign) || !cf_column_u32(get, 1, &index))
            return damaged(store, get, err);
        sqlite3_reset(get);
        *ret_campaign = campaign;
        *ret_index = index;
    }
    *ret_found = found;
    return CF_OK;
}

static sqlite3_stmt *bound_right(struct cf_hub_store *store, enum query query, const struct cf_hub_right *right)
{
    return BOUND(store, query, right->campaign, right->index, right->terminal, right->epoch);
}

enum cf_rc cf_hub_store_set_right(struct cf_hub_store *store, const struct cf_hub_right *right, struct cf_error *err)
{
    sqlite3_stmt *set = bound_right(store, Q_CLAIM_SET, right);
    cf_bind_i64(set, 5, (int64_t)right->seq);
    cf_bind_bytes(set, 6, cf_bytes_of(right->request_key, CF_REQUEST_KEY_BYTES));
    cf_bind_i64(set, 7, right->state);
    return run(store, Q_CLAIM_SET, err);
}

enum cf_rc cf_hub_store_remove_right(struct cf_hub_store *store, const struct cf_hub_right *right, bool *ret_removed,
                                     struct cf_error *err)
{
    bool held = right->state == CF_HUB_HELD;
    enum query query = held ? Q_CLAIM_HELD_REMOVE : Q_CLAIM_USE_REMOVE;
    sqlite3_stmt *remove = bound_right(store, query, right);
    if (!held)
        cf_bind_i64(remove, 5, (int64_t)right->seq);
    cf_bind_bytes(remove, held ? 5 : 6, cf_bytes_of(right->request_key, CF_REQUEST_KEY_BYTES));
    enum cf_rc rc = run(store, query, err);
    if (rc == CF_OK)
        *ret_removed = sqlite3_changes64(store->db.handle) > 0;
    return rc;
}

enum cf_rc cf_hub_store_is_released(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES], bool *ret,
                                    struct cf_error *err)
{
    int64_t n = 0;
    sqlite3_stmt *get = store->q[Q_RELEASED_KEY];
    cf_bind_bytes(get, 1, cf_bytes_of(key, CF_REQUEST_KEY_BYTES));
    enum cf_rc rc = number(store, get, &n, err);
    if (rc == CF_OK)
        *ret = n != 0;
    return rc;
}

enum cf_rc cf_hub_store_add_released(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES], cf_wall at,
                                     struct cf_error *err)
{
    cf_bind_bytes(store->q[Q_RELEASED_KEY_ADD], 1, cf_bytes_of(key, CF_REQUEST_KEY_BYTES));
    cf_bind_i64(store->q[Q_RELEASED_KEY_ADD], 2, at.us);
    return run(store, Q_RELEASED_KEY_ADD, err);
}

enum cf_rc cf_hub_store_sublease(struct cf_hub_store *store, uint32_t hub_epoch, uint32_t campaign, uint32_t terminal,
                                 uint32_t epoch, struct cf_hub_sublease *ret, struct cf_error *err)
{
    struct cf_hub_sublease sublease = {
        .hub_epoch = hub_epoch, .campaign = campaign, .terminal = terminal, .epoch = epoch};
    sqlite3_stmt *get = BOUND(store, Q_SUBLEASE, hub_epoch, campaign, terminal, epoch);
    int64_t *const figures[] = {&sublease.granted,       &sublease.returned,       &sublease.spent,
                                &sublease.demand_milli,  &sublease.demand_us,      &sublease.lacks_us,
                                &sublease.granted_minor, &sublease.returned_minor, &sublease.spent_minor};
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    for (int k = 0; found && k < 9; k++)
        *figures[k] = cf_column_i64(get, k);
    sqlite3_reset(get);
    *ret = sublease;
    return CF_OK;
}

enum cf_rc cf_hub_store_set_sublease(struct cf_hub_store *store, const struct cf_hub_sublease *sublease,
                                     struct cf_error *err)
{
    (void)BOUND(store, Q_SUBLEASE_SET, sublease->hub_epoch, sublease->campaign, sublease->terminal, sublease->epoch,
                sublease->granted, sublease->returned, sublease->spent, sublease->demand_milli, sublease->demand_us,
                sublease->lacks_us, sublease->granted_minor, sublease->returned_minor, sublease->spent_minor);
    enum cf_rc rc = run(store, Q_SUBLEASE_SET, err);
    (void)BOUND(store, Q_STORE_LEASE_LEND, sublease->hub_epoch, sublease->campaign);
    return rc == CF_OK ? run(store, Q_STORE_LEASE_LEND, err) : rc;
}

enum cf_rc cf_hub_store_others_lack(struct cf_hub_store *store, const struct cf_hub_sublease *sublease, cf_wall since,
                                    bool *ret, struct cf_error *err)
{
    int64_t n = 0;
    enum cf_rc rc = number(store,
                           BOUND(store, Q_SUBLEASE_LACKING, sublease->hub_epoch, sublease->campaign, sublease->terminal,
                                 sublease->epoch, since.us),
                           &n, err);
    if (rc == CF_OK)
        *ret = n > 0;
    return rc;
}

enum cf_rc cf_hub_store_unspent(struct cf_hub_store *store, uint32_t hub_epoch, uint32_t campaign, int64_t *ret,
                                struct cf_error *err)
{
    return number(store, BOUND(store, Q_SUBLEASE_UNSPENT, hub_epoch, campaign), ret, err);
}

static enum cf_rc read_store_lease(struct cf_hub_store *store, uint32_t hub_epoch, uint32_t campaign,
                                   struct cf_hub_store_lease *ret, bool *ret_found, struct cf_error *err)
{
    struct cf_hub_store_lease lease = {.hub_epoch = hub_epoch, .campaign = campaign};
    sqlite3_stmt *get = BOUND(store, Q_STORE_LEASE, hub_epoch, campaign);
    int64_t *const figures[] = {&lease.granted,        &lease.granted_minor, &lease.returned,
                                &lease.returned_minor, &lease.lent,          &lease.lent_minor};
    enum cf_rc rc = first_row(store, get, ret_found, err);
    if (rc != CF_OK)
        return rc;
    for (int k = 0; *ret_found && k < 6; k++)
        *figures[k] = cf_column_i64(get, k);
    sqlite3_reset(get);
    *ret = lease;
    return CF_OK;
}

enum cf_rc cf_hub_store_lease(struct cf_hub_store *store, const struct cf_lease_grant *grant,
                              struct cf_hub_store_lease *ret, struct cf_error *err)
{
    bool found = false;
    enum cf_rc rc = read_store_lease(store, grant->epoch, grant->campaign, ret, &found, err);
    bool nothing_new = found ? ret->granted >= grant->granted && ret->granted_minor >= grant->granted_minor
                             : grant->granted <= 0 && grant->granted_minor <= 0;
    if (rc != CF_OK || nothing_new)
        return rc;
    (void)BOUND(store, Q_STORE_LEASE_RAISE, grant->epoch, grant->campaign, grant->granted, grant->granted_minor);
    rc = run(store, Q_STORE_LEASE_RAISE, err);
    return rc == CF_OK ? read_store_lease(store, grant->epoch, grant->campaign, ret, &found, err) : rc;
}

enum cf_rc cf_hub_store_return_lease(struct cf_hub_store *store, const struct cf_hub_store_lease *lease,
                                     struct cf_error *err)
{
    (void)BOUND(store, Q_STORE_LEASE_RETURN, lease->hub_epoch, lease->campaign, lease->returned, lease->returned_minor);
    return run(store, Q_STORE_LEASE_RETURN, err);
}

enum cf_rc cf_hub_store_day(struct cf_hub_store *store, struct cf_hub_store_day *day, struct cf_error *err)
{
    enum cf_rc rc = number(store, BOUND(store, Q_STORE_DAY, day->hub_epoch, day->campaign, day->day), &day->lent, err);
    return rc == CF_OK ? number(store,
                                BOUND(store, Q_SUBLEASE_DAY, day->hub_epoch, day->campaign, day->day, day->terminal,
                                      day->epoch),
                                &day->granted, err)
                       : rc;
}

enum cf_rc cf_hub_store_days(struct cf_hub_store *store, const struct cf_hub_store_day *day, int64_t *ret,
                             struct cf_error *err)
{
    return number(store, BOUND(store, Q_SUBLEASE_DAYS, day->hub_epoch, day->campaign, day->terminal, day->epoch), ret,
                  err);
}

enum cf_rc cf_hub_store_lend_day(struct cf_hub_store *store, const struct cf_hub_store_day *day, int64_t share,
                                 struct cf_error *err)
{
    (void)BOUND(store, Q_STORE_DAY_SET, day->hub_epoch, day->campaign, day->day, share);
    enum cf_rc rc = run(store, Q_STORE_DAY_SET, err);
    (void)BOUND(store, Q_SUBLEASE_DAY_SET, day->hub_epoch, day->campaign, day->day, day->terminal, day->epoch,
                day->granted);
    if (rc == CF_OK)
        rc = run(store, Q_SUBLEASE_DAY_SET, err);
    (void)BOUND(store, Q_STORE_DAY_LEND, day->hub_epoch, day->campaign, day->day);
    return rc == CF_OK ? run(store, Q_STORE_DAY_LEND, err) : rc;
}

/* --- the tills' records ------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_store_till(struct cf_hub_store *store, uint32_t terminal, uint32_t epoch, struct cf_hub_till *ret,
                             bool *ret_found, struct cf_error *err)
{
    struct cf_hub_till till = {.terminal = terminal, .epoch = epoch};
    sqlite3_stmt *get = BOUND(store, Q_TILL, terminal, epoch);
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_bytes_of(get, 1, till.head.digest, CF_SHA256_BYTES))
            return damaged(store, get, err);
        till.seq = (uint64_t)cf_column_i64(get, 0);
        till.acknowledged = (uint64_t)cf_column_i64(get, 2);
        till.forked = cf_column_i64(get, 3) != 0;
        sqlite3_reset(get);
        *ret = till;
    }
    *ret_found = found;
    return CF_OK;
}

enum cf_rc cf_hub_store_set_till(struct cf_hub_store *store, const struct cf_hub_till *till, struct cf_error *err)
{
    sqlite3_stmt *set = BOUND(store, Q_TILL_SET, till->terminal, till->epoch, (int64_t)till->seq);
    cf_bind_bytes(set, 4, cf_bytes_of(till->head.digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 5, (int64_t)till->acknowledged);
    cf_bind_i64(set, 6, till->forked);
    return run(store, Q_TILL_SET, err);
}

enum cf_rc cf_hub_store_acknowledge(struct cf_hub_store *store, uint32_t terminal, uint32_t epoch, uint64_t seq,
                                    struct cf_error *err)
{
    (void)BOUND(store, Q_TILL_ACKNOWLEDGE, terminal, epoch, (int64_t)seq);
    return run_alone(store, Q_TILL_ACKNOWLEDGE, err);
}

enum cf_rc cf_hub_store_add_batch(struct cf_hub_store *store, const struct cf_hub_batch *batch, cf_wall at,
                                  cf_bytes content, struct cf_error *err)
{
    struct cf_hub_till till = {.acknowledged = 0};
    bool found = false;
    int64_t bytes = 0;
    enum cf_rc rc = cf_hub_store_till(store, batch->terminal, batch->epoch, &till, &found, err);
    if (rc == CF_OK)
        rc = number(store, BOUND(store, Q_BATCH_BYTES, batch->terminal, batch->epoch, (int64_t)till.acknowledged),
                    &bytes, err);
    if (rc == CF_OK && bytes + (int64_t)content.n > (int64_t)CF_HUB_TILL_BYTES_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "terminal %u has %lld bytes here that the centre lacks", batch->terminal,
                     (long long)bytes);
    if (rc != CF_OK)
        return rc;
    sqlite3_stmt *add = BOUND(store, Q_BATCH_ADD, batch->terminal, batch->epoch, (int64_t)batch->first_seq,
                              (int64_t)batch->last_seq, at.us);
    cf_bind_bytes(add, 6, content);
    rc = run(store, Q_BATCH_ADD, err);
    cf_bind_null(add, 6);
    return rc;
}

/* The row that there may be: id, terminal, epoch, first_seq, last_seq, acknowledged (if it is wanted), content. */
static enum cf_rc read_batch(struct cf_hub_store *store, sqlite3_stmt *get, struct cf_hub_batch *ret,
                             uint64_t *ret_acknowledged, struct cf_buf *ret_content, bool *ret_found,
                             struct cf_error *err)
{
    struct cf_hub_batch batch = {.id = 0};
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc == CF_OK && found) {
        if (!cf_column_u32(get, 1, &batch.terminal) || !cf_column_u32(get, 2, &batch.epoch))
            return damaged(store, get, err);
        batch.id = cf_column_i64(get, 0);
        batch.first_seq = (uint64_t)cf_column_i64(get, 3);
        batch.last_seq = (uint64_t)cf_column_i64(get, 4);
        if (ret_acknowledged != NULL)
            *ret_acknowledged = (uint64_t)cf_column_i64(get, 5);
        cf_bytes content = cf_column_bytes(get, 6);
        rc = cf_buf_append(ret_content, content.p, content.n, err);
        sqlite3_reset(get);
    }
    if (rc != CF_OK)
        return rc;
    *ret_found = found;
    if (found)
        *ret = batch;
    return CF_OK;
}

enum cf_rc cf_hub_store_next_batch(struct cf_hub_store *store, int64_t after_id, cf_wall before,
                                   struct cf_hub_batch *ret, struct cf_buf *ret_content, bool *ret_found,
                                   struct cf_error *err)
{
    return read_batch(store, BOUND(store, Q_BATCH_WAITING, after_id, before.us), ret, NULL, ret_content, ret_found,
                      err);
}

/* Appends the column of the one row that there may be. */
static enum cf_rc append_blob(struct cf_hub_store *store, sqlite3_stmt *get, int column, struct cf_buf *ret,
                              bool *ret_found, struct cf_error *err)
{
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc == CF_OK && found) {
        cf_bytes content = cf_column_bytes(get, column);
        rc = cf_buf_append(ret, content.p, content.n, err);
        sqlite3_reset(get);
    }
    if (rc == CF_OK)
        *ret_found = found;
    return rc;
}

enum cf_rc cf_hub_store_batch_with(struct cf_hub_store *store, uint32_t terminal, uint32_t epoch, uint64_t seq,
                                   struct cf_buf *ret_content, bool *ret_found, struct cf_error *err)
{
    return append_blob(store, BOUND(store, Q_BATCH_WITH, terminal, epoch, (int64_t)seq), 0, ret_content, ret_found,
                       err);
}

static enum cf_rc prune(struct cf_hub_store *store, cf_wall before, struct cf_error *err)
{
    static const enum query old[] = {Q_KEPT_PRUNE, Q_RETURNED_PRUNE, Q_RELEASED_KEY_PRUNE, Q_PARKED_PRUNE};
    (void)BOUND(store, Q_BATCH_PRUNE, before.us);
    enum cf_rc rc = run(store, Q_BATCH_PRUNE, err);
    store->log_to_empty = store->log_to_empty || rc != CF_OK || sqlite3_changes64(store->db.handle) > 0;
    for (size_t i = 0; i < sizeof old / sizeof *old && rc == CF_OK; i++) {
        (void)BOUND(store, old[i], before.us);
        rc = run(store, old[i], err);
    }
    static const enum query over[] = {Q_FORGOTTEN_PRUNE,    Q_KEPT_LINE_PRUNE, Q_SUBLEASE_PRUNE,
                                      Q_SUBLEASE_DAY_PRUNE, Q_STORE_DAY_PRUNE, Q_STORE_LEASE_PRUNE};
    for (size_t i = 0; i < sizeof over / sizeof *over && rc == CF_OK; i++)
        rc = run(store, over[i], err);
    return rc;
}

enum cf_rc cf_hub_store_prune(struct cf_hub_store *store, cf_wall before, struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_begin(store, err);
    return rc == CF_OK ? cf_hub_store_end(store, prune(store, before, err), err) : rc;
}

enum cf_rc cf_hub_store_settle(struct cf_hub_store *store, struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_begin(store, err);
    if (rc != CF_OK)
        return rc;
    rc = run(store, Q_CLAIM_PRUNE, err);
    if (rc == CF_OK)
        rc = run(store, Q_TILL_SETTLE, err);
    return cf_hub_store_end(store, rc, err);
}

/* --- forgetting --------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_store_next_forgettable(struct cf_hub_store *store, int64_t after_id, uint64_t marks,
                                         struct cf_hub_batch *ret, uint64_t *ret_acknowledged,
                                         struct cf_buf *ret_content, bool *ret_found, struct cf_error *err)
{
    return read_batch(store, BOUND(store, Q_BATCH_FORGETTABLE, after_id, (int64_t)marks), ret, ret_acknowledged,
                      ret_content, ret_found, err);
}

static enum cf_rc set_forgotten(struct cf_hub_store *store, int64_t id, uint64_t marks, uint64_t seq, cf_bytes content,
                                struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (content.p != NULL) {
        sqlite3_stmt *replace = BOUND(store, Q_BATCH_REPLACE, id);
        cf_bind_bytes(replace, 2, content);
        store->log_to_empty = true;
        rc = run(store, Q_BATCH_REPLACE, err);
        cf_bind_null(replace, 2);
    }
    (void)BOUND(store, Q_FORGOTTEN_SET, id, (int64_t)marks, (int64_t)seq);
    return rc == CF_OK ? run(store, Q_FORGOTTEN_SET, err) : rc;
}

enum cf_rc cf_hub_store_set_forgotten(struct cf_hub_store *store, int64_t id, uint64_t marks, uint64_t seq,
                                      cf_bytes content, struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_begin(store, err);
    return rc == CF_OK ? cf_hub_store_end(store, set_forgotten(store, id, marks, seq, content, err), err) : rc;
}

void cf_hub_store_empty_log(struct cf_hub_store *store)
{
    if (store->log_to_empty)
        store->log_to_empty =
            sqlite3_wal_checkpoint_v2(store->db.handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK;
}

/* --- goods that come back ----------------------------------------------------------------------------------------- */

static sqlite3_stmt *with_key(struct cf_hub_store *store, enum query query, int at, const uint8_t *key)
{
    cf_bind_bytes(store->q[query], at, cf_bytes_of(key, CF_REQUEST_KEY_BYTES));
    return store->q[query];
}

enum cf_rc cf_hub_store_kept(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                             struct cf_hub_kept *ret, bool *ret_found, struct cf_error *err)
{
    struct cf_hub_kept kept = {.terminal = 0};
    sqlite3_stmt *get = with_key(store, Q_KEPT, 1, key);
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_u32(get, 0, &kept.terminal) || !cf_column_u32(get, 1, &kept.epoch) ||
            !cf_column_u32(get, 2, &kept.of.terminal) || !cf_column_u32(get, 3, &kept.of.epoch))
            return damaged(store, get, err);
        kept.of.seq = (uint64_t)cf_column_i64(get, 4);
        memcpy(kept.request_key, key, CF_REQUEST_KEY_BYTES);
        sqlite3_reset(get);
        *ret = kept;
    }
    *ret_found = found;
    return CF_OK;
}

enum cf_rc cf_hub_store_keep(struct cf_hub_store *store, const struct cf_hub_kept *kept, cf_wall at,
                             struct cf_error *err)
{
    (void)BOUND(store, Q_KEPT_ADD, kept->terminal, kept->epoch, kept->of.terminal, kept->of.epoch,
                (int64_t)kept->of.seq, at.us);
    (void)with_key(store, Q_KEPT_ADD, 7, kept->request_key);
    return run(store, Q_KEPT_ADD, err);
}

enum cf_rc cf_hub_store_keep_line(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES], uint32_t line_no,
                                  int64_t qty_milli, struct cf_error *err)
{
    (void)BOUND(store, Q_KEPT_LINE_ADD, line_no, qty_milli);
    (void)with_key(store, Q_KEPT_LINE_ADD, 3, key);
    return run(store, Q_KEPT_LINE_ADD, err);
}

enum cf_rc cf_hub_store_unkeep(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                               struct cf_error *err)
{
    (void)with_key(store, Q_KEPT_LINE_REMOVE, 1, key);
    (void)with_key(store, Q_KEPT_REMOVE, 1, key);
    enum cf_rc rc = run(store, Q_KEPT_LINE_REMOVE, err);
    return rc == CF_OK ? run(store, Q_KEPT_REMOVE, err) : rc;
}

enum cf_rc cf_hub_store_kept_unknown(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t terminal,
                                     uint32_t epoch, uint8_t ret_key[CF_REQUEST_KEY_BYTES], bool *ret_found,
                                     struct cf_error *err)
{
    sqlite3_stmt *get = BOUND(store, Q_KEPT_UNKNOWN, of->terminal, of->epoch, (int64_t)of->seq, terminal, epoch);
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_bytes_of(get, 0, ret_key, CF_REQUEST_KEY_BYTES))
            return damaged(store, get, err);
        sqlite3_reset(get);
    }
    *ret_found = found;
    return CF_OK;
}

enum cf_rc cf_hub_store_add_returned(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t line_no,
                                     uint32_t terminal, uint32_t epoch, int64_t qty_milli, cf_wall at,
                                     struct cf_error *err)
{
    (void)BOUND(store, Q_RETURNED_ADD, of->terminal, of->epoch, (int64_t)of->seq, line_no, terminal, epoch, qty_milli,
                at.us);
    return run(store, Q_RETURNED_ADD, err);
}

enum cf_rc cf_hub_store_returned(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t line_no,
                                 int64_t *ret, struct cf_error *err)
{
    return number(store, BOUND(store, Q_RETURNED, of->terminal, of->epoch, (int64_t)of->seq, line_no), ret, err);
}

enum cf_rc cf_hub_store_elsewhere(struct cf_hub_store *store, const struct cf_sale_ref *of, uint32_t line_no,
                                  uint32_t terminal, uint32_t epoch, int64_t *ret, struct cf_error *err)
{
    return number(store, BOUND(store, Q_ELSEWHERE, of->terminal, of->epoch, (int64_t)of->seq, line_no, terminal, epoch),
                  ret, err);
}

/* --- parked sales ------------------------------------------------------------------------------------------------- */

static bool column_text(sqlite3_stmt *get, int column, char *ret, size_t cap)
{
    cf_bytes text = cf_column_bytes(get, column);
    if (text.n >= cap)
        return false;
    if (text.n > 0)
        memcpy(ret, text.p, text.n);
    ret[text.n] = '\0';
    return true;
}

/* label, user, parked_ms, n_lines, total_minor, first_line, from this column on */
static bool parked_columns(sqlite3_stmt *get, int at, struct cf_hub_parked_row *row)
{
    row->at_ms = cf_column_i64(get, at + 2);
    row->total_minor = cf_column_i64(get, at + 4);
    return column_text(get, at, row->label, sizeof row->label) &&
           column_text(get, at + 1, row->user, sizeof row->user) && cf_column_u32(get, at + 3, &row->n_lines) &&
           column_text(get, at + 5, row->first_line, sizeof row->first_line);
}

enum cf_rc cf_hub_store_parked(struct cf_hub_store *store, const uint8_t key[CF_REQUEST_KEY_BYTES],
                               struct cf_hub_parked_row *ret, struct cf_buf *ret_steps, bool *ret_found,
                               struct cf_error *err)
{
    struct cf_hub_parked_row row = {.terminal = 0};
    sqlite3_stmt *get = with_key(store, Q_PARKED, 1, key);
    bool found = false;
    uint32_t state = 0;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc != CF_OK)
        return rc;
    if (found) {
        if (!cf_column_u32(get, 0, &state) || !cf_column_u32(get, 1, &row.terminal) ||
            !cf_column_u32(get, 2, &row.epoch) || !cf_column_u32(get, 3, &row.by_terminal) ||
            !cf_column_u32(get, 4, &row.by_epoch) || !parked_columns(get, 5, &row))
            return damaged(store, get, err);
        row.state = (enum cf_hub_parked_state)state;
        memcpy(row.key, key, CF_REQUEST_KEY_BYTES);
        cf_bytes steps = cf_column_bytes(get, 11);
        rc = cf_buf_append(ret_steps, steps.p, steps.n, err);
        sqlite3_reset(get);
        if (rc == CF_OK)
            *ret = row;
    }
    if (rc == CF_OK)
        *ret_found = found;
    return rc;
}

enum cf_rc cf_hub_store_set_parked(struct cf_hub_store *store, const struct cf_hub_parked_row *row, cf_bytes steps,
                                   cf_wall at, struct cf_error *err)
{
    static const uint8_t none[1] = {0};
    sqlite3_stmt *set = with_key(store, Q_PARKED_SET, 1, row->key);
    const int64_t numbers[] = {row->state, row->terminal, row->epoch, row->by_terminal, row->by_epoch, at.us};
    for (int i = 0; i < 6; i++)
        cf_bind_i64(set, i + 2, numbers[i]);
    cf_bind_text(set, 8, row->label);
    cf_bind_text(set, 9, row->user);
    cf_bind_i64(set, 10, row->at_ms);
    cf_bind_i64(set, 11, row->n_lines);
    cf_bind_i64(set, 12, row->total_minor);
    cf_bind_text(set, 13, row->first_line);
    cf_bind_bytes(set, 14, steps.p != NULL ? steps : cf_bytes_of(none, 0));
    store->log_to_empty = true; /* what was there may name a member */
    return run(store, Q_PARKED_SET, err);
}

enum cf_rc cf_hub_store_count_parked(struct cf_hub_store *store, const char *label, int64_t *ret_all,
                                     int64_t *ret_of_label, struct cf_error *err)
{
    enum cf_rc rc = number(store, store->q[Q_PARKED_COUNT], ret_all, err);
    cf_bind_text(store->q[Q_PARKED_HAS_LABEL], 1, label);
    return rc == CF_OK ? number(store, store->q[Q_PARKED_HAS_LABEL], ret_of_label, err) : rc;
}

enum cf_rc cf_hub_store_each_parked(struct cf_hub_store *store, cf_hub_parked_fn each, void *ctx, struct cf_error *err)
{
    sqlite3_stmt *get = store->q[Q_PARKED_LIST];
    for (;;) {
        struct cf_hub_parked_row row = {.state = CF_HUB_PARKED};
        bool found = false;
        enum cf_rc rc = first_row(store, get, &found, err);
        if (rc != CF_OK || !found)
            return rc;
        if (!cf_column_bytes_of(get, 0, row.key, CF_REQUEST_KEY_BYTES) || !cf_column_u32(get, 1, &row.terminal) ||
            !parked_columns(get, 2, &row))
            return damaged(store, get, err);
        rc = each(ctx, &row, err);
        if (rc != CF_OK) {
            sqlite3_reset(get);
            return rc;
        }
    }
}

/* --- signed pages ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_store_set_page(struct cf_hub_store *store, const struct cf_hub_page *page, cf_bytes cose,
                                 struct cf_error *err)
{
    sqlite3_stmt *set = BOUND(store, Q_PAGE_SET, page->topic, (int64_t)page->from);
    cf_bind_bytes(set, 3, cf_bytes_of(page->previous.digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 4, (int64_t)page->after);
    cf_bind_bytes(set, 5, cose);
    enum cf_rc rc = run_alone(store, Q_PAGE_SET, err);
    cf_bind_null(set, 3);
    cf_bind_null(set, 5);
    return rc;
}

enum cf_rc cf_hub_store_page(struct cf_hub_store *store, enum cf_topic topic, uint64_t from,
                             const struct cf_sha256 *previous, uint64_t *ret_after, struct cf_buf *ret_cose,
                             bool *ret_found, struct cf_error *err)
{
    sqlite3_stmt *get = BOUND(store, Q_PAGE, topic, (int64_t)from);
    cf_bind_bytes(get, 3, cf_bytes_of(previous->digest, CF_SHA256_BYTES));
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc == CF_OK && found) {
        cf_bytes content = cf_column_bytes(get, 1);
        *ret_after = (uint64_t)cf_column_i64(get, 0);
        rc = cf_buf_append(ret_cose, content.p, content.n, err);
        sqlite3_reset(get);
    }
    cf_bind_null(get, 3);
    if (rc == CF_OK)
        *ret_found = found;
    return rc;
}

static enum cf_rc set_manifest(struct cf_hub_store *store, enum cf_topic topic, uint64_t version, cf_bytes cose,
                               struct cf_error *err)
{
    (void)BOUND(store, Q_PAGE_CLEAR, topic);
    enum cf_rc rc = run(store, Q_PAGE_CLEAR, err);
    (void)BOUND(store, Q_CHUNK_CLEAR, topic);
    if (rc == CF_OK)
        rc = run(store, Q_CHUNK_CLEAR, err);
    sqlite3_stmt *set = BOUND(store, Q_MANIFEST_SET, topic, (int64_t)version);
    cf_bind_bytes(set, 3, cose);
    if (rc == CF_OK)
        rc = run(store, Q_MANIFEST_SET, err);
    cf_bind_null(set, 3);
    return rc;
}

enum cf_rc cf_hub_store_set_manifest(struct cf_hub_store *store, enum cf_topic topic, uint64_t version, cf_bytes cose,
                                     struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_begin(store, err);
    return rc == CF_OK ? cf_hub_store_end(store, set_manifest(store, topic, version, cose, err), err) : rc;
}

enum cf_rc cf_hub_store_manifest(struct cf_hub_store *store, enum cf_topic topic, uint64_t *ret_version,
                                 struct cf_buf *ret_cose, bool *ret_found, struct cf_error *err)
{
    sqlite3_stmt *get = BOUND(store, Q_MANIFEST, topic);
    bool found = false;
    enum cf_rc rc = first_row(store, get, &found, err);
    if (rc == CF_OK && found) {
        cf_bytes content = cf_column_bytes(get, 1);
        *ret_version = (uint64_t)cf_column_i64(get, 0);
        rc = cf_buf_append(ret_cose, content.p, content.n, err);
        sqlite3_reset(get);
    }
    if (rc == CF_OK)
        *ret_found = found;
    return rc;
}

enum cf_rc cf_hub_store_set_chunk(struct cf_hub_store *store, enum cf_topic topic, cf_bytes content,
                                  struct cf_error *err)
{
    struct cf_sha256 hash = cf_sha256(content);
    sqlite3_stmt *set = BOUND(store, Q_CHUNK_SET, topic);
    cf_bind_bytes(set, 2, cf_bytes_of(hash.digest, CF_SHA256_BYTES));
    cf_bind_bytes(set, 3, content);
    enum cf_rc rc = run_alone(store, Q_CHUNK_SET, err);
    cf_bind_null(set, 2);
    cf_bind_null(set, 3);
    return rc;
}

enum cf_rc cf_hub_store_chunk(struct cf_hub_store *store, enum cf_topic topic, const struct cf_sha256 *hash,
                              struct cf_buf *ret, bool *ret_found, struct cf_error *err)
{
    sqlite3_stmt *get = BOUND(store, Q_CHUNK, topic);
    cf_bind_bytes(get, 2, cf_bytes_of(hash->digest, CF_SHA256_BYTES));
    enum cf_rc rc = append_blob(store, get, 0, ret, ret_found, err);
    cf_bind_null(get, 2);
    return rc;
}
