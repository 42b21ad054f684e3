/*
 * sync/central/conflicts.c - what adjudication found, for people: conflicts, who settles one, and flagged members.
 */
#include "sync/central/adjudicate.h"
#include "sync/central/boots.h"
#include "sync/central/handlers.h"

#include <string.h>

enum conflict_state { CONFLICT_OPEN = 1, CONFLICT_SETTLED = 2 };

struct conflict_list {
    struct cf_central *central;
    json_t *list;
};

static json_t *instant_or_null(bool known, cf_wall at)
{
    json_t *json = json_object();
    if (known) {
        cf_json_set_instant(json, "at", at);
    }
    json_t *value = known ? json_incref(json_object_get(json, "at")) : json_null();
    json_decref(json);
    return value;
}

/* One use of the right: where, when, and between which instants it was for sure. */
static enum cf_rc use_json(struct cf_central *central, const struct cf_value *redemption, json_t **ret,
                           struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_boot_time boot;
    bool found = false;
    if (redemption->kind != CF_VALUE_INT) {
        *ret = json_null();
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_USE_GET, CF_ARGS(*redemption), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc == CF_OK ? cf_fail(err, CF_E_INTERNAL, "redemption %lld", (long long)redemption->i) : rc;
    }
    cf_wall at = {row[5].i}, lo = at, hi = at;
    if (row[9].kind == CF_VALUE_INT && cf_boot_of_row(&row[12], &boot)) {
        struct cf_record_time time = cf_record_time(&boot, row[9].i, row[10].i, (enum cf_time_quality)row[11].i);
        at = cf_wall_from_ms(time.at_ms);
        lo = cf_wall_from_ms(time.lo_ms);
        hi = cf_wall_from_ms(time.hi_ms);
    }
    bool of_till = row[2].kind == CF_VALUE_INT;
    *ret = json_object();
    cf_json_set_int(*ret, "place", row[1].i);
    cf_json_set_instant(*ret, "at", at);
    cf_json_set(*ret, "earliest", instant_or_null(lo.us != INT64_MIN, lo));
    cf_json_set_instant(*ret, "latest", hi);
    cf_json_set(*ret, "epoch", of_till ? json_integer(row[8].i) : json_null());
    cf_json_set(*ret, "seq",
                of_till ? json_integer((json_int_t)((uint64_t)row[2].i & CF_RECORD_SEQ_MAX)) : json_null());
    return CF_OK;
}

static json_t *record_json(int64_t terminal, int64_t epoch, uint64_t record)
{
    json_t *json = json_object();
    cf_json_set_int(json, "terminal", terminal);
    cf_json_set_int(json, "epoch", epoch);
    cf_json_set_int(json, "seq", (int64_t)(record & CF_RECORD_SEQ_MAX));
    return json;
}

/* Of a conflict about a return: which one, of what sale, and what it refunded. */
static enum cf_rc return_json(struct cf_central *central, enum cf_conflict_kind kind, const struct cf_value *record,
                              json_t **ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = kind == CF_CONFLICT_RETURN && record->kind == CF_VALUE_INT
                        ? cf_store_row(central->store, CF_Q_RETURN_GET, CF_ARGS(*record), row, &found, err)
                        : CF_OK;
    *ret = NULL;
    if (rc != CF_OK || !found) {
        return rc;
    }
    *ret = record_json(row[0].i, row[1].i, (uint64_t)record->i);
    cf_json_set(*ret, "sale", record_json(row[2].i, row[3].i, (uint64_t)row[4].i));
    cf_json_set_int(*ret, "refund_minor", row[5].i);
    return CF_OK;
}

/* Of a conflict about what was given again: on which sale, and by which one before. */
static enum cf_rc given_json(struct cf_central *central, const struct cf_value *conflict, json_t *json,
                             struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX], log[CF_STORE_COLUMNS_MAX];
    const uint64_t record = (uint64_t)conflict[10].i;
    bool found = false;
    if (conflict[1].i != CF_CONFLICT_AGAIN || conflict[10].kind != CF_VALUE_INT) {
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_LOG_BY_ID,
                                 CF_ARGS(cf_v_int((int64_t)(record >> CF_RECORD_ID_SHIFT))), log, &found, err);
    if (rc == CF_OK && found) {
        cf_json_set(json, "sale", record_json(log[0].i, log[1].i, record));
        rc = cf_store_row(central->store, CF_Q_VISIT_BEFORE, CF_ARGS(conflict[10], conflict[2]), row, &found, err);
    }
    if (rc == CF_OK && found) {
        cf_json_set(json, "before", record_json(row[0].i, row[1].i, (uint64_t)row[2].i));
    }
    return rc;
}

static json_t *member_or_null(const struct cf_value *number)
{
    char text[2 * CF_SUB_BYTES + 1];
    cf_sub sub = cf_sub_from_number(number->i);
    cf_hex_encode(cf_bytes_of(sub.b, CF_SUB_BYTES), text);
    return number->kind == CF_VALUE_INT ? json_string(text) : json_null();
}

static enum cf_rc list_conflict(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct conflict_list *conflicts = ctx;
    json_t *json = json_object(), *first = NULL, *second = NULL, *back = NULL;
    cf_json_set_int(json, "conflict", row[0].i);
    cf_json_set_text(json, "kind", cf_conflict_kind_name((enum cf_conflict_kind)row[1].i));
    cf_json_set_int(json, "campaign", row[2].i);
    cf_json_set(json, "index", row[3].i != CF_INDEX_NONE ? json_integer(row[3].i) : json_null());
    cf_json_set_instant(json, "found", (cf_wall){row[4].i});
    cf_json_set_text(json, "loser", cf_loser_name((enum cf_loser)row[5].i));
    cf_json_set_text(json, "state", row[6].i == CONFLICT_OPEN ? "open" : "settled");
    cf_json_set(json, "member", member_or_null(&row[7]));
    cf_json_set_int(json, "cost_minor", row[9].i);
    enum cf_rc rc = use_json(conflicts->central, &row[11], &first, err);
    if (rc == CF_OK) {
        cf_json_set(json, "first", first);
        rc = use_json(conflicts->central, &row[8], &second, err);
    }
    if (rc == CF_OK) {
        cf_json_set(json, "second", second);
        rc = return_json(conflicts->central, (enum cf_conflict_kind)row[1].i, &row[10], &back, err);
    }
    if (rc == CF_OK) {
        cf_json_set(json, "return", back != NULL ? back : json_null());
        rc = given_json(conflicts->central, row, json, err);
    }
    if (json_array_append_new(conflicts->list, json) != 0 && rc == CF_OK) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return rc;
}

/* ?after=ID, at most 1000; &store= of either use, &campaign=, &open=1. */
enum cf_rc cf_handle_conflicts(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    static const char *const names[] = {"after", "store", "campaign", "open"};
    uint64_t value[4] = {0};
    bool present;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < 4 && rc == CF_OK; i++) {
        rc = cf_call_query(call, names[i], &value[i], &present, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct conflict_list conflicts = {central, json_array()};
    reply->json = json_object();
    cf_json_set(reply->json, "conflicts", conflicts.list);
    return cf_store_each(central->store, CF_Q_CONFLICT_LIST,
                         CF_ARGS(cf_v_int((int64_t)value[0]), cf_v_int((int64_t)value[1]), cf_v_int((int64_t)value[2]),
                                 cf_v_int((int64_t)value[3])),
                         list_conflict, &conflicts, err);
}

/* Somebody has looked at it. It stays in the list, and the till is told that nothing is open. */
static enum cf_rc settle(struct cf_central *central, uint64_t conflict, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_CONFLICT_GET, CF_ARGS(cf_v_int((int64_t)conflict)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "conflict %llu", (unsigned long long)conflict);
    }
    if (rc != CF_OK || row[0].i == CONFLICT_SETTLED) {
        return rc;
    }
    uint64_t record = row[1].kind == CF_VALUE_INT ? (uint64_t)row[1].i : 0;
    rc = cf_store_run(central->store, CF_Q_CONFLICT_SETTLE, CF_ARGS(cf_v_int((int64_t)conflict)), err);
    return rc == CF_OK ? cf_conflict_tell(central, record, err) : rc;
}

enum cf_rc cf_handle_conflict_settle(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    uint64_t conflict;
    enum cf_rc rc = cf_call_number(call, 0, INT64_MAX, &conflict, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_end(central, settle(central, conflict, err), err);
    }
    if (rc == CF_OK) {
        reply->json = json_object();
        cf_json_set_int(reply->json, "conflict", (int64_t)conflict);
        cf_json_set_text(reply->json, "state", "settled");
    }
    return rc;
}

/* --- members ------------------------------------------------------------------------------------------------------ */

static enum cf_rc list_flagged(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set(json, "member", member_or_null(&row[0]));
    cf_json_set_int(json, "conflicts", row[1].i);
    cf_json_set_int(json, "oldest_conflict", row[2].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

/* ?flagged=1: members whose bound coupons were used twice in campaigns that ask for it. &after=an oldest conflict. */
enum cf_rc cf_handle_member_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    uint64_t flagged = 0, after = 0;
    bool present;
    enum cf_rc rc = cf_call_query(call, "flagged", &flagged, &present, err);
    if (rc == CF_OK && flagged != 1) {
        rc = cf_fail(err, CF_E_ARGUMENT, "only ?flagged=1 is listed");
    }
    if (rc == CF_OK) {
        rc = cf_call_query(call, "after", &after, &present, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "members", list);
    return cf_store_each(central->store, CF_Q_MEMBER_FLAGGED, CF_ARGS(cf_v_int((int64_t)after)), list_flagged, list,
                         err);
}
