/*
 * app/store/replica_sql.c - the replica's migrations and statements, embedded from schema/replica and query/replica.
 */
#include "app/store/replica_private.h"

#include <assert.h>
#include <string.h>

#include "sql_replica_query.h"
#include "sql_replica_schema.h"

static const char *schema_text(size_t k)
{
    assert(k < sizeof cf_sql_replica_schema / sizeof cf_sql_replica_schema[0]);
    return cf_sql_replica_schema[k].text;
}

const struct cf_db_schema cf_replica_schema = {
    .n = sizeof cf_sql_replica_schema / sizeof cf_sql_replica_schema[0],
    .text = schema_text,
    .application_id = 0x43465231, /* "CFR1" */
};

const char *cf_replica_sql(const char *name)
{
    for (size_t k = 0; k < sizeof cf_sql_replica_query / sizeof cf_sql_replica_query[0]; k++) {
        if (strcmp(cf_sql_replica_query[k].name, name) == 0) {
            return cf_sql_replica_query[k].text;
        }
    }
    assert(false); /* there is no query of this name */
    return NULL;
}

static const char *const query_names[CF_RQ_QUERIES] = {
    [CF_RQ_ACKNOWLEDGED_BEFORE] = "acknowledged_before",
    [CF_RQ_ACKNOWLEDGED_SET] = "acknowledged_set",
    [CF_RQ_ACKNOWLEDGED_TRIM] = "acknowledged_trim",
    [CF_RQ_BARCODE] = "barcode",
    [CF_RQ_BARCODE_CLEAR] = "barcode_clear",
    [CF_RQ_BARCODE_REMOVE] = "barcode_remove",
    [CF_RQ_CAMPAIGN_ALL] = "campaign_all",
    [CF_RQ_CAMPAIGN_CLEAR] = "campaign_clear",
    [CF_RQ_CAMPAIGN_SET] = "campaign_set",
    [CF_RQ_ERASURE_ALL] = "erasure_all",
    [CF_RQ_ERASURE_SET] = "erasure_set",
    [CF_RQ_GENERATION] = "generation",
    [CF_RQ_GENERATION_CLEAR] = "generation_clear",
    [CF_RQ_GENERATION_SET] = "generation_set",
    [CF_RQ_HUB] = "hub",
    [CF_RQ_HUB_SET] = "hub_set",
    [CF_RQ_HUB_SYNC] = "hub_sync",
    [CF_RQ_HUB_SYNC_SET] = "hub_sync_set",
    [CF_RQ_KEYSET] = "keyset",
    [CF_RQ_KEYSET_CLEAR] = "keyset_clear",
    [CF_RQ_KEYSET_SET] = "keyset_set",
    [CF_RQ_HOME_VALUE] = "home_value",
    [CF_RQ_HOME_VALUE_ALL] = "home_value_all",
    [CF_RQ_HOME_VALUE_SET] = "home_value_set",
    [CF_RQ_LEASE] = "lease",
    [CF_RQ_LEASE_SET] = "lease_set",
    [CF_RQ_LISTED_PRICE] = "listed_price",
    [CF_RQ_LISTED_PRICE_ADD] = "listed_price_add",
    [CF_RQ_LISTED_PRICE_CLEAR] = "listed_price_clear",
    [CF_RQ_LISTED_PRICE_DROP] = "listed_price_drop",
    [CF_RQ_LISTED_PRICE_LOWEST] = "listed_price_lowest",
    [CF_RQ_MACHINE] = "machine",
    [CF_RQ_MACHINE_CLEAR] = "machine_clear",
    [CF_RQ_MACHINE_SET] = "machine_set",
    [CF_RQ_ORDER] = "order",
    [CF_RQ_ORDER_CLEAR] = "order_clear",
    [CF_RQ_ORDER_PAGE] = "order_page",
    [CF_RQ_ORDER_SET] = "order_set",
    [CF_RQ_PRICE_LIST_CLEAR] = "price_list_clear",
    [CF_RQ_PRICE_LIST_SET] = "price_list_set",
    [CF_RQ_PRODUCT] = "product",
    [CF_RQ_PRODUCT_BY_CODE] = "product_by_code",
    [CF_RQ_PRODUCT_CLEAR] = "product_clear",
    [CF_RQ_PRODUCT_REMOVE] = "product_remove",
    [CF_RQ_PRODUCT_SEARCH] = "product_search",
    [CF_RQ_PRODUCT_SET] = "product_set",
    [CF_RQ_REDEEMED] = "redeemed",
    [CF_RQ_REDEEMED_ALL] = "redeemed_all",
    [CF_RQ_REDEEMED_CLEAR] = "redeemed_clear",
    [CF_RQ_REDEEMED_SET] = "redeemed_set",
    [CF_RQ_REQUEST] = "request",
    [CF_RQ_REQUEST_CLEAR] = "request_clear",
    [CF_RQ_REQUEST_OF] = "request_of",
    [CF_RQ_REQUEST_PAGE] = "request_page",
    [CF_RQ_REQUEST_SET] = "request_set",
    [CF_RQ_RESULT_CLEAR] = "result_clear",
    [CF_RQ_RESULT_PAGE] = "result_page",
    [CF_RQ_RESULT_SET] = "result_set",
    [CF_RQ_SNAPSHOT] = "snapshot",
    [CF_RQ_SNAPSHOT_ANNOUNCE] = "snapshot_announce",
    [CF_RQ_SNAPSHOT_CHUNK] = "snapshot_chunk",
    [CF_RQ_SNAPSHOT_CHUNK_ADD] = "snapshot_chunk_add",
    [CF_RQ_SNAPSHOT_CHUNK_REMOVE] = "snapshot_chunk_remove",
    [CF_RQ_SNAPSHOT_COMING] = "snapshot_coming",
    [CF_RQ_SNAPSHOT_REMOVE] = "snapshot_remove",
    [CF_RQ_SNAPSHOT_SET] = "snapshot_set",
    [CF_RQ_STORE] = "store",
    [CF_RQ_STORE_CLEAR] = "store_clear",
    [CF_RQ_STORE_LEASE] = "store_lease",
    [CF_RQ_STORE_LEASE_SET] = "store_lease_set",
    [CF_RQ_STORE_RULES] = "store_rules",
    [CF_RQ_STORE_RULES_CLEAR] = "store_rules_clear",
    [CF_RQ_STORE_RULES_SET] = "store_rules_set",
    [CF_RQ_STORE_SET] = "store_set",
    [CF_RQ_SUBLEASE_ALL] = "sublease_all",
    [CF_RQ_SUBLEASE_SET] = "sublease_set",
    [CF_RQ_SYNC_STATE] = "sync_state",
    [CF_RQ_SYNC_STATE_SET] = "sync_state_set",
    [CF_RQ_TALLY] = "tally",
    [CF_RQ_TALLY_SET] = "tally_set",
    [CF_RQ_TERMINAL] = "terminal",
    [CF_RQ_TERMINAL_CLEAR] = "terminal_clear",
    [CF_RQ_TERMINAL_NEWEST] = "terminal_newest",
    [CF_RQ_TERMINAL_SET] = "terminal_set",
    [CF_RQ_TILL_GRANT_ALL] = "till_grant_all",
    [CF_RQ_TILL_GRANT_CLEAR] = "till_grant_clear",
    [CF_RQ_TILL_GRANT_COUNT] = "till_grant_count",
    [CF_RQ_TILL_GRANT_SET] = "till_grant_set",
    [CF_RQ_TOPIC] = "topic",
    [CF_RQ_TOPIC_SET] = "topic_set",
    [CF_RQ_USER] = "user",
    [CF_RQ_USER_BY_BADGE] = "user_by_badge",
    [CF_RQ_USER_CLEAR] = "user_clear",
    [CF_RQ_USER_COUNT] = "user_count",
    [CF_RQ_USER_REMOVE] = "user_remove",
    [CF_RQ_USER_SET] = "user_set",
    [CF_RQ_CODE_QUEUE_ADD] = "code_queue_add",
    [CF_RQ_CODE_QUEUE_CLEAR] = "code_queue_clear",
    [CF_RQ_CODE_QUEUE_FLUSH] = "code_queue_flush",
    [CF_RQ_VALUE_BLOCK] = "value_block",
    [CF_RQ_VALUE_BLOCK_REMOVE] = "value_block_remove",
    [CF_RQ_VALUE_BLOCK_SET] = "value_block_set",
};

enum cf_rc cf_replica_prepare(struct cf_replica *replica, bool writer, struct cf_error *err)
{
    size_t n = writer ? CF_RQ_QUERIES : CF_RQ_READER_QUERIES;
    return cf_db_prepare_all(&replica->db, cf_replica_sql, query_names, n, replica->q, err);
}
