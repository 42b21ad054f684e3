/*
 * sync/central/lag.c - GET /v1/reports/lag: how far each till is behind, the slowest first.
 *
 * What a till has of the centre's log stands in its records (the down cursor): what it has not sent, the centre can
 * only know as far as the till said so. An erasure, a price, a stricter rule has reached every till when none is behind
 * it.
 */
#include "sync/central/handlers.h"
#include "sync/central/places.h"

struct lag {
    json_t *list;
    int64_t newest; /* entry of the log that goes down */
};

static enum cf_rc list_terminal(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct lag *lag = ctx;
    json_t *json = json_object();
    int64_t seq = row[5].i, recorded = row[6].i > seq ? row[6].i : seq, cursor = row[8].i;
    cf_json_set_int(json, "terminal", row[0].i);
    cf_json_set_int(json, "store", row[1].i);
    cf_json_set(json, "label", json_stringn((const char *)row[2].b.p, row[2].b.n));
    cf_json_set_int(json, "epoch", row[3].i);
    cf_json_set_text(json, "state", cf_log_state_name((enum cf_log_state)row[4].i));
    cf_json_set_instant(json, "last_contact", (cf_wall){row[7].i});
    cf_json_set_int(json, "recorded", recorded);
    cf_json_set_int(json, "acknowledged", seq);
    cf_json_set_int(json, "unsent", recorded - seq);
    cf_json_set_int(json, "cursor", cursor);
    cf_json_set_int(json, "behind_by", cursor < lag->newest ? lag->newest - cursor : 0);
    if (row[9].kind == CF_VALUE_INT) {
        cf_json_set_instant(json, "behind_since", (cf_wall){row[9].i});
    } else {
        cf_json_set(json, "behind_since", json_null());
    }
    return json_array_append_new(lag->list, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

/* ?store=ID: of that store alone. */
enum cf_rc cf_handle_lag(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                         struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    uint64_t store = 0;
    bool present, found;
    enum cf_rc rc = cf_call_query(call, "store", &store, &present, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_DOWN_LAST_ID, CF_NO_ARGS, row, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct lag lag = {.list = json_array(), .newest = row[0].i};
    reply->json = json_object();
    cf_json_set_int(reply->json, "newest", lag.newest);
    cf_json_set(reply->json, "terminals", lag.list);
    return cf_store_each(central->store, CF_Q_TERMINAL_LAG, CF_ARGS(cf_v_int((int64_t)store)), list_terminal, &lag,
                         err);
}
