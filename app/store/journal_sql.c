/*
 * app/store/journal_sql.c - the journal's migrations and statements, embedded from schema/journal and query/journal.
 */
#include "app/store/journal_private.h"

#include <assert.h>
#include <string.h>

#include "sql_journal_query.h"
#include "sql_journal_schema.h"

static const char *schema_text(size_t k)
{
    assert(k < sizeof cf_sql_journal_schema / sizeof cf_sql_journal_schema[0]);
    return cf_sql_journal_schema[k].text;
}

const struct cf_db_schema cf_journal_schema = {
    .n = sizeof cf_sql_journal_schema / sizeof cf_sql_journal_schema[0],
    .text = schema_text,
    .application_id = 0x43464a31, /* "CFJ1" */
};

const char *cf_journal_sql(const char *name)
{
    for (size_t k = 0; k < sizeof cf_sql_journal_query / sizeof cf_sql_journal_query[0]; k++) {
        if (strcmp(cf_sql_journal_query[k].name, name) == 0) {
            return cf_sql_journal_query[k].text;
        }
    }
    assert(false); /* there is no query of this name */
    return NULL;
}

static const char *const query_names[CF_JQ_QUERIES] = {
    [CF_JQ_CHALLENGE_ADD] = "challenge_add",
    [CF_JQ_CHALLENGE_ALL] = "challenge_all",
    [CF_JQ_CHALLENGE_REMOVE] = "challenge_remove",
    [CF_JQ_DAY_USE] = "day_use",
    [CF_JQ_DAY_USE_ADD] = "day_use_add",
    [CF_JQ_DAY_USE_ALL] = "day_use_all",
    [CF_JQ_FORGETTING] = "forgetting",
    [CF_JQ_FORGETTING_SET] = "forgetting_set",
    [CF_JQ_IDENTITY] = "identity",
    [CF_JQ_IDENTITY_SET] = "identity_set",
    [CF_JQ_ISSUED] = "issued",
    [CF_JQ_ISSUED_ALL] = "issued_all",
    [CF_JQ_ISSUED_SET] = "issued_set",
    [CF_JQ_LEASE_USE] = "lease_use",
    [CF_JQ_LEASE_USE_ALL] = "lease_use_all",
    [CF_JQ_LEASE_USE_SET] = "lease_use_set",
    [CF_JQ_MEMBER_COUNTED] = "member_counted",
    [CF_JQ_MEMBER_COUNTER] = "member_counter",
    [CF_JQ_MEMBER_COUNTER_ALL] = "member_counter_all",
    [CF_JQ_MEMBER_COUNTER_SET] = "member_counter_set",
    [CF_JQ_MEMBER_COUNTER_REMOVE] = "member_counter_remove",
    [CF_JQ_MEMBER_KNOWN] = "member_known",
    [CF_JQ_MEMBER_SALES] = "member_sales",
    [CF_JQ_MEMBER_SALE_ADD] = "member_sale_add",
    [CF_JQ_MEMBER_SALE_ALL] = "member_sale_all",
    [CF_JQ_MEMBER_SALE_DROP] = "member_sale_drop",
    [CF_JQ_MEMBER_SALE_ERASE] = "member_sale_erase",
    [CF_JQ_MEMBER_SALE_REMOVE] = "member_sale_remove",
    [CF_JQ_PARKED_ADD] = "parked_add",
    [CF_JQ_PARKED_COUNT] = "parked_count",
    [CF_JQ_PARKED_HAS] = "parked_has",
    [CF_JQ_PARKED_LIST] = "parked_list",
    [CF_JQ_PARKED_NOTE_ALL] = "parked_note_all",
    [CF_JQ_PARKED_NOTE_REMOVE] = "parked_note_remove",
    [CF_JQ_PARKED_NOTE_SET] = "parked_note_set",
    [CF_JQ_PARKED_OF] = "parked_of",
    [CF_JQ_PARKED_REMOVE] = "parked_remove",
    [CF_JQ_PRINTING_ADD] = "printing_add",
    [CF_JQ_PRINTING_ALL] = "printing_all",
    [CF_JQ_PRINTING_REMOVE] = "printing_remove",
    [CF_JQ_PRINTING_WAITING] = "printing_waiting",
    [CF_JQ_QUARANTINE_FIRST] = "quarantine_first",
    [CF_JQ_QUOTE_USED] = "quote_used",
    [CF_JQ_QUOTE_USED_ADD] = "quote_used_add",
    [CF_JQ_QUOTE_USED_ALL] = "quote_used_all",
    [CF_JQ_RECEIPT] = "receipt",
    [CF_JQ_RECEIPT_ADD] = "receipt_add",
    [CF_JQ_RECEIPT_ALL] = "receipt_all",
    [CF_JQ_RECEIPT_HAS] = "receipt_has",
    [CF_JQ_RECEIPT_REMOVE] = "receipt_remove",
    [CF_JQ_RECORD_ADD] = "record_add",
    [CF_JQ_RECORD_ERASE] = "record_erase",
    [CF_JQ_RECORD_ERASED] = "record_erased",
    [CF_JQ_RECORD_HASH] = "record_hash",
    [CF_JQ_RECORD_ORDERS] = "record_orders",
    [CF_JQ_RECORD_PAGE] = "record_page",
    [CF_JQ_RECORD_QUOTES] = "record_quotes",
    [CF_JQ_RELEASED] = "released",
    [CF_JQ_RELEASED_ALL] = "released_all",
    [CF_JQ_RELEASED_SET] = "released_set",
    [CF_JQ_REST] = "rest",
    [CF_JQ_RETURNED] = "returned",
    [CF_JQ_RETURNED_ALL] = "returned_all",
    [CF_JQ_RETURNED_OF] = "returned_of",
    [CF_JQ_RETURNED_SET] = "returned_set",
    [CF_JQ_REVOKED] = "revoked",
    [CF_JQ_REVOKED_ADD] = "revoked_add",
    [CF_JQ_REVOKED_ALL] = "revoked_all",
    [CF_JQ_SESSION] = "session",
    [CF_JQ_SESSION_ALL] = "session_all",
    [CF_JQ_SESSION_CLEAR] = "session_clear",
    [CF_JQ_SESSION_SET] = "session_set",
    [CF_JQ_SPENT] = "spent",
    [CF_JQ_SPENT_ADD] = "spent_add",
    [CF_JQ_SPENT_ALL] = "spent_all",
    [CF_JQ_SPENT_REMOVE] = "spent_remove",
    [CF_JQ_START_LAST] = "start_last",
    [CF_JQ_STATE] = "state",
    [CF_JQ_STATE_SET] = "state_set",
    [CF_JQ_STEP_ADD] = "step_add",
    [CF_JQ_STEP_ALL] = "step_all",
    [CF_JQ_STEP_CLEAR] = "step_clear",
    [CF_JQ_STEP_LAST] = "step_last",
    [CF_JQ_SUBLEASE_COUNTED] = "sublease_counted",
    [CF_JQ_SUBLEASE_DAY] = "sublease_day",
    [CF_JQ_SUBLEASE_DAY_ADD] = "sublease_day_add",
    [CF_JQ_SUBLEASE_DAY_ALL] = "sublease_day_all",
    [CF_JQ_SUBLEASE_RETURN_ADD] = "sublease_return_add",
    [CF_JQ_SUBLEASE_RETURN_ALL] = "sublease_return_all",
    [CF_JQ_SUBLEASE_RETURN_NEXT] = "sublease_return_next",
    [CF_JQ_SUBLEASE_USE] = "sublease_use",
    [CF_JQ_SUBLEASE_USE_ADD] = "sublease_use_add",
    [CF_JQ_SUBLEASE_USE_ALL] = "sublease_use_all",
    [CF_JQ_TAKING_ALL] = "taking_all",
    [CF_JQ_TAKING_REMOVE] = "taking_remove",
    [CF_JQ_TAKING_SET] = "taking_set",
    [CF_JQ_TOLD] = "told",
    [CF_JQ_TOLD_FORGET] = "told_forget",
    [CF_JQ_TOLD_REMOVE] = "told_remove",
    [CF_JQ_TOLD_SET] = "told_set",
    [CF_JQ_TOLD_TRIM] = "told_trim",
    [CF_JQ_UNPRINTED_ALL] = "unprinted_all",
    [CF_JQ_UNPRINTED_REMOVE] = "unprinted_remove",
    [CF_JQ_UNPRINTED_SET] = "unprinted_set",
    [CF_JQ_VALUE_USE] = "value_use",
    [CF_JQ_VALUE_USE_ALL] = "value_use_all",
    [CF_JQ_VALUE_USE_HELD] = "value_use_held",
    [CF_JQ_VALUE_USE_SET] = "value_use_set",
    [CF_JQ_WRONG_PIN] = "wrong_pin",
    [CF_JQ_WRONG_PIN_ADD] = "wrong_pin_add",
    [CF_JQ_WRONG_PIN_ALL] = "wrong_pin_all",
    [CF_JQ_WRONG_PIN_REMOVE] = "wrong_pin_remove",
};

enum cf_rc cf_journal_tables_prepare(struct cf_journal_tables *tables, struct cf_error *err)
{
    return cf_db_prepare_all(&tables->db, cf_journal_sql, query_names, CF_JQ_QUERIES, tables->q, err);
}

void cf_journal_tables_done(struct cf_journal_tables *tables)
{
    cf_db_finalize_all(tables->q, CF_JQ_QUERIES);
    cf_db_done(&tables->db);
}
