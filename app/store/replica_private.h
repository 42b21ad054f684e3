/*
 * app/store/replica_private.h - what the files replica*.c share. Not for others.
 */
#ifndef CF_STORE_REPLICA_PRIVATE_H
#define CF_STORE_REPLICA_PRIVATE_H

#include "app/store/db.h"
#include "app/core/redeemed_set.h"
#include "app/store/replica.h"

#include <sys/types.h>

#define CF_REPLICA_FILE "replica.db"
#define CF_REPLICA_LOCK "replica.lock"
#define CF_REPLICA_ASIDE "replica.broken.db"
/* What the sync fills beside a damaged file, until all has come. Without a CF_REPLICA_FILE it is whole. */
#define CF_REPLICA_NEXT "replica.next.db"
/* Made by whoever meets damage in the file; the sync then checks all of it. Not empty: a row was damaged, which no
 * check of the structure finds, so the sync makes another file without one. */
#define CF_REPLICA_SUSPECT "replica.suspect"

#define CF_REDEEMED_PAGE_BYTES 512u
#define CF_REDEEMED_PAGE_RIGHTS (CF_REDEEMED_PAGE_BYTES * 8)

/* One for each query/replica/<name>.sql but the settings; names in replica_sql.c. */
enum cf_replica_query {
    CF_RQ_ACKNOWLEDGED_BEFORE,
    CF_RQ_ACKNOWLEDGED_SET,
    CF_RQ_ACKNOWLEDGED_TRIM,
    CF_RQ_BARCODE,
    CF_RQ_BARCODE_CLEAR,
    CF_RQ_BARCODE_REMOVE,
    CF_RQ_CAMPAIGN_ALL,
    CF_RQ_CAMPAIGN_CLEAR,
    CF_RQ_CAMPAIGN_SET,
    CF_RQ_ERASURE_ALL,
    CF_RQ_ERASURE_SET,
    CF_RQ_GENERATION,
    CF_RQ_GENERATION_CLEAR,
    CF_RQ_GENERATION_SET,
    CF_RQ_HUB,
    CF_RQ_HUB_SET,
    CF_RQ_HUB_SYNC,
    CF_RQ_HUB_SYNC_SET,
    CF_RQ_KEYSET,
    CF_RQ_KEYSET_CLEAR,
    CF_RQ_KEYSET_SET,
    CF_RQ_HOME_VALUE,
    CF_RQ_HOME_VALUE_ALL,
    CF_RQ_HOME_VALUE_SET,
    CF_RQ_LEASE,
    CF_RQ_LEASE_SET,
    CF_RQ_LISTED_PRICE,
    CF_RQ_LISTED_PRICE_ADD,
    CF_RQ_LISTED_PRICE_CLEAR,
    CF_RQ_LISTED_PRICE_DROP,
    CF_RQ_LISTED_PRICE_LOWEST,
    CF_RQ_MACHINE,
    CF_RQ_MACHINE_CLEAR,
    CF_RQ_MACHINE_SET,
    CF_RQ_ORDER,
    CF_RQ_ORDER_CLEAR,
    CF_RQ_ORDER_PAGE,
    CF_RQ_ORDER_SET,
    CF_RQ_PRICE_LIST_CLEAR,
    CF_RQ_PRICE_LIST_SET,
    CF_RQ_PRODUCT,
    CF_RQ_PRODUCT_BY_CODE,
    CF_RQ_PRODUCT_CLEAR,
    CF_RQ_PRODUCT_REMOVE,
    CF_RQ_PRODUCT_SEARCH,
    CF_RQ_PRODUCT_SET,
    CF_RQ_REDEEMED,
    CF_RQ_REDEEMED_ALL,
    CF_RQ_REDEEMED_CLEAR,
    CF_RQ_REDEEMED_SET,
    CF_RQ_REQUEST,
    CF_RQ_REQUEST_CLEAR,
    CF_RQ_REQUEST_OF,
    CF_RQ_REQUEST_PAGE,
    CF_RQ_REQUEST_SET,
    CF_RQ_RESULT_CLEAR,
    CF_RQ_RESULT_PAGE,
    CF_RQ_RESULT_SET,
    CF_RQ_SNAPSHOT,
    CF_RQ_SNAPSHOT_ANNOUNCE,
    CF_RQ_SNAPSHOT_CHUNK,
    CF_RQ_SNAPSHOT_CHUNK_ADD,
    CF_RQ_SNAPSHOT_CHUNK_REMOVE,
    CF_RQ_SNAPSHOT_COMING,
    CF_RQ_SNAPSHOT_REMOVE,
    CF_RQ_SNAPSHOT_SET,
    CF_RQ_STORE,
    CF_RQ_STORE_CLEAR,
    CF_RQ_STORE_LEASE,
    CF_RQ_STORE_LEASE_SET,
    CF_RQ_STORE_RULES,
    CF_RQ_STORE_RULES_CLEAR,
    CF_RQ_STORE_RULES_SET,
    CF_RQ_STORE_SET,
    CF_RQ_SUBLEASE_ALL,
    CF_RQ_SUBLEASE_SET,
    CF_RQ_SYNC_STATE,
    CF_RQ_SYNC_STATE_SET,
    CF_RQ_TALLY,
    CF_RQ_TALLY_SET,
    CF_RQ_TERMINAL,
    CF_RQ_TERMINAL_CLEAR,
    CF_RQ_TERMINAL_NEWEST,
    CF_RQ_TERMINAL_SET,
    CF_RQ_TILL_GRANT_ALL,
    CF_RQ_TILL_GRANT_CLEAR,
    CF_RQ_TILL_GRANT_COUNT,
    CF_RQ_TILL_GRANT_SET,
    CF_RQ_TOPIC,
    CF_RQ_TOPIC_SET,
    CF_RQ_USER,
    CF_RQ_USER_BY_BADGE,
    CF_RQ_USER_CLEAR,
    CF_RQ_USER_COUNT,
    CF_RQ_USER_REMOVE,
    CF_RQ_USER_SET,
    CF_RQ_VALUE_BLOCK,
    CF_RQ_VALUE_BLOCK_REMOVE,
    CF_RQ_VALUE_BLOCK_SET,
    CF_RQ_READER_QUERIES, /* those after it need the table that a writer makes for itself */
    CF_RQ_CODE_QUEUE_ADD = CF_RQ_READER_QUERIES,
    CF_RQ_CODE_QUEUE_CLEAR,
    CF_RQ_CODE_QUEUE_FLUSH,
    CF_RQ_QUERIES,
};
const char *cf_replica_sql(const char *name);
extern const struct cf_db_schema cf_replica_schema;

struct cf_replica {
    struct cf_db db;
    sqlite3_stmt *q[CF_RQ_QUERIES];
    sqlite3_stmt *data_version;
    enum cf_replica_mode mode;
    int lock_fd; /* of the sync */
    char *dir;
    const char *file; /* CF_REPLICA_FILE, or of the sync CF_REPLICA_NEXT */
    dev_t device;     /* of the file that is open */
    ino_t inode;
    int64_t seen_data_version;
    int64_t n_products;      /* while applying */
    int64_t n_products_kept; /* while applying: what the tally says */
    size_t n_code_queue;     /* while applying: codes not yet in barcode */
    /* Of the sync, which alone writes: what it read of the topics since it last wrote or gave up. A bit a topic. */
    uint32_t topics_known;
    struct cf_topic_state topic[CF_TOPICS_MAX + 1];
    struct cf_replica_cache *cache; /* of a reader: redeemed rights; NULL before the first was asked for */
};
/* Prepares the reader's queries, and the writer's if `writer`. */
enum cf_rc cf_replica_prepare(struct cf_replica *replica, bool writer, struct cf_error *err) CF_MUST_CHECK;

/* Passes rc through; damage also leaves a mark for the sync. */
enum cf_rc cf_replica_noted(struct cf_replica *replica, enum cf_rc rc);
/* The same where a row was read that means nothing. */
enum cf_rc cf_replica_row_noted(struct cf_replica *replica, enum cf_rc rc);

/* Within a write transaction: empties the topic's tables; applies one entry of it; ends a series of entries. CF_E_PAGE
 * for an entry that cannot be decoded or is not of this topic. */
enum cf_rc cf_replica_apply_begin(struct cf_replica *replica, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_topic_clear(struct cf_replica *replica, enum cf_topic topic, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_apply_entry(struct cf_replica *replica, enum cf_topic topic, cf_bytes bytes,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_apply_end(struct cf_replica *replica, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_topic_set(struct cf_replica *replica, enum cf_topic topic, const struct cf_topic_state *state,
                                struct cf_error *err) CF_MUST_CHECK;
/* Decodes an entry and checks that it is one of this topic: CF_E_PAGE. */
struct cf_down_entry;
enum cf_rc cf_replica_entry_decode(enum cf_topic topic, cf_bytes bytes, struct cf_down_entry *ret,
                                   struct cf_error *err) CF_MUST_CHECK;
/* replica_redeemed.c. Serials rise. */
enum cf_rc cf_replica_set_redeemed(struct cf_replica *replica, const struct cf_redeemed *redeemed, bool used,
                                   struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_replica_set_redeemed_block(struct cf_replica *replica, const struct cf_redeemed_block *block,
                                         struct cf_error *err) CF_MUST_CHECK;
void cf_replica_cache_free(struct cf_replica *replica);
/* Changes whenever another connection has written. */
enum cf_rc cf_replica_data_version(struct cf_replica *replica, int64_t *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_READ_ONLY for a reader. */
enum cf_rc cf_replica_begin(struct cf_replica *replica, struct cf_error *err) CF_MUST_CHECK;
/* Commits if rc is CF_OK, else rolls back. */
enum cf_rc cf_replica_end(struct cf_replica *replica, enum cf_rc rc, struct cf_error *err) CF_MUST_CHECK;

#endif
