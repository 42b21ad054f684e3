/*
 * sync/central/places.c - see places.h; and the requests that make and list places.
 */
#include "sync/central/places.h"

#include "sync/central/down_log.h"
#include "sync/central/handlers.h"

#include "sync/wire/wire.h"

#include <string.h>

#define ENROL_HOURS 24
#define UTC_OFFSET_MAX 840

static enum cf_rc new_place(struct cf_central *central, enum cf_place_kind kind, uint32_t *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_PLACE_ADD, CF_ARGS(cf_v_int(kind)), row, &found, err);
    if (rc == CF_OK && (row[0].i <= 0 || row[0].i > UINT32_MAX)) {
        rc = cf_fail(err, CF_E_LIMIT, "all place numbers are given out");
    }
    if (rc == CF_OK) {
        *ret = (uint32_t)row[0].i;
    }
    return rc;
}

/* --- stores ------------------------------------------------------------------------------------------------------- */

static json_t *store_json(const struct cf_store_settings *s)
{
    json_t *json = json_object();
    cf_json_set_int(json, "store", s->store);
    cf_json_set_text(json, "name", s->name);
    cf_json_set_text(json, "address", s->address);
    cf_json_set_text(json, "tax_id", s->tax_id);
    cf_json_set_text(json, "currency", s->currency.code);
    cf_json_set(json, "tax_inclusive", json_boolean(s->tax_mode == CF_TAX_INCLUSIVE));
    cf_json_set_int(json, "utc_offset_min", s->utc_offset_min);
    if (s->time_zone[0] != '\0') {
        cf_json_set_text(json, "time_zone", s->time_zone);
    }
    cf_json_set_int(json, "minor_per_point", s->programme.minor_per_point);
    return json;
}

static enum cf_rc read_store(const struct cf_central *central, const json_t *json, struct cf_store_settings *s,
                             struct cf_error *err)
{
    char currency[8] = "";
    bool inclusive = true;
    struct cf_error why;
    int64_t offset = 0, per_point = central->programme.minor_per_point;
    const struct cf_json_field fields[] = {
        {.name = "name", .text = s->name, .cap = sizeof s->name, .min_bytes = 1},
        {.name = "address", .text = s->address, .cap = sizeof s->address, .optional = true},
        {.name = "tax_id", .text = s->tax_id, .cap = sizeof s->tax_id, .optional = true},
        {.name = "currency", .text = currency, .cap = sizeof currency},
        {.name = "tax_inclusive", .boolean = &inclusive, .optional = true},
        {.name = "utc_offset_min", .integer = &offset, .min = -UTC_OFFSET_MAX, .max = UTC_OFFSET_MAX, .optional = true},
        {.name = "time_zone", .text = s->time_zone, .cap = sizeof s->time_zone, .optional = true},
        {.name = "minor_per_point", .integer = &per_point, .min = 1, .max = CF_PRICE_MINOR_MAX, .optional = true},
    };
    enum cf_rc rc = CF_JSON_READ(json, "", fields, err);
    if (rc == CF_OK) {
        rc = cf_currency_parse(currency, &s->currency, err);
    }
    if (rc == CF_OK && s->time_zone[0] != '\0' && cf_zone_parse(s->time_zone, &s->zone, &why) != CF_OK) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "time_zone: %s", why.detail);
    }
    s->tax_mode = inclusive ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
    s->utc_offset_min = (int32_t)offset;
    s->programme = central->programme;
    s->programme.minor_per_point = per_point;
    return rc;
}

static enum cf_rc add_store(struct cf_central *central, struct cf_store_settings *settings, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE};
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    enum cf_rc rc = new_place(central, CF_PLACE_STORE, &settings->store, err);
    entry.store = *settings;
    if (rc == CF_OK) {
        rc = cf_down_encode(&entry, &buf, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_STORE_ADD,
                          CF_ARGS(cf_v_int(settings->store), cf_v_bytes(cf_buf_bytes(&buf))), err);
    }
    if (rc == CF_OK) {
        rc = cf_down_append_bytes(central, CF_TOPIC_PRICES, settings->store, 0, cf_buf_bytes(&buf), NULL, err);
    }
    cf_buf_done(&buf);
    return rc;
}

enum cf_rc cf_handle_store_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    json_t *json;
    struct cf_store_settings settings = {0};
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_store(central, json, &settings, err);
    json_decref(json);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, add_store(central, &settings, err), err);
    if (rc == CF_OK) {
        reply->status = 201;
        reply->json = store_json(&settings);
    }
    return rc;
}

static enum cf_rc list_store(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(row[1].b, &entry, err);
    if (rc == CF_OK && json_array_append_new(ctx, store_json(&entry.store)) != 0) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return rc;
}

enum cf_rc cf_handle_store_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    (void)call;
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "stores", list);
    return cf_store_each(central->store, CF_Q_STORE_LIST, CF_NO_ARGS, list_store, list, err);
}

enum cf_rc cf_store_settings_get(struct cf_central *central, uint32_t store, struct cf_store_settings *ret,
                                 struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_down_entry entry;
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_STORE_GET, CF_ARGS(cf_v_int(store)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_STORE_UNKNOWN, "store %lu", (unsigned long)store);
    }
    if (rc == CF_OK) {
        rc = cf_down_decode(row[0].b, &entry, err);
    }
    if (rc == CF_OK) {
        *ret = entry.store;
    }
    return rc;
}

/* --- channels ----------------------------------------------------------------------------------------------------- */

static json_t *channel_json(uint32_t id, const char *name, size_t name_n, uint32_t store)
{
    json_t *json = json_object();
    cf_json_set_int(json, "channel", id);
    cf_json_set(json, "name", json_stringn(name, name_n));
    cf_json_set_int(json, "store", store);
    return json;
}

static enum cf_rc add_channel(struct cf_central *central, const char *name, uint32_t store, uint32_t *ret_id,
                              struct cf_error *err)
{
    struct cf_store_settings settings;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    if (rc == CF_OK) {
        rc = new_place(central, CF_PLACE_CHANNEL, ret_id, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_CHANNEL_ADD,
                          CF_ARGS(cf_v_int(*ret_id), cf_v_text(name), cf_v_int(store)), err);
    }
    return rc;
}

enum cf_rc cf_handle_channel_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    char name[CF_NAME_MAX + 1];
    int64_t store;
    uint32_t id = 0;
    const struct cf_json_field fields[] = {
        {.name = "name", .text = name, .cap = sizeof name, .min_bytes = 1},
        {.name = "store", .integer = &store, .min = 1, .max = UINT32_MAX},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, add_channel(central, name, (uint32_t)store, &id, err), err);
    if (rc == CF_OK) {
        reply->status = 201;
        reply->json = channel_json(id, name, strlen(name), (uint32_t)store);
    }
    return rc;
}

static enum cf_rc list_channel(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = channel_json((uint32_t)row[0].i, (const char *)row[1].b.p, row[1].b.n, (uint32_t)row[2].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_channel_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    (void)call;
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "channels", list);
    return cf_store_each(central->store, CF_Q_CHANNEL_LIST, CF_NO_ARGS, list_channel, list, err);
}

struct channel_search {
    uint32_t wanted; /* 0: any */
    size_t n;
    uint32_t id, store;
};

static enum cf_rc find_channel(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    (void)err;
    struct channel_search *search = ctx;
    if (search->wanted == 0 || (uint32_t)row[0].i == search->wanted) {
        search->n++;
        search->id = (uint32_t)row[0].i;
        search->store = (uint32_t)row[2].i;
    }
    return CF_OK;
}

enum cf_rc cf_channel_get(struct cf_central *central, uint32_t id, uint32_t *ret_id, uint32_t *ret_store,
                          struct cf_error *err)
{
    struct channel_search search = {.wanted = id};
    enum cf_rc rc = cf_store_each(central->store, CF_Q_CHANNEL_LIST, CF_NO_ARGS, find_channel, &search, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (search.n == 0) {
        return cf_fail(err, CF_E_NOT_FOUND, "channel %lu", (unsigned long)id);
    }
    if (search.n > 1) {
        return cf_fail(err, CF_E_ARGUMENT, "there are %zu channels: say which in \"channel\"", search.n);
    }
    *ret_id = search.id;
    *ret_store = search.store;
    return CF_OK;
}

/* --- terminals ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_log_get(struct cf_central *central, uint32_t terminal, uint32_t epoch, struct cf_log_head *ret,
                      struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX], place[CF_STORE_COLUMNS_MAX];
    bool found, place_found = false;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_LOG_GET, CF_ARGS(cf_v_int(terminal), cf_v_int(epoch)), row, &found, err);
    if (rc == CF_OK && found) {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(terminal)), place, &place_found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (!found || !place_found) {
        return cf_fail(err, CF_E_CERTIFICATE, "terminal %lu has no epoch %lu here", (unsigned long)terminal,
                       (unsigned long)epoch);
    }
    if (row[1].b.n != CF_P256_PUBLIC_BYTES || row[4].b.n != CF_SHA256_BYTES) {
        return cf_fail(err, CF_E_INTERNAL, "log of terminal %lu", (unsigned long)terminal);
    }
    ret->log = (struct cf_log){.id = (uint64_t)row[0].i,
                               .terminal = terminal,
                               .epoch = epoch,
                               .store = (uint32_t)place[0].i,
                               .state = (enum cf_log_state)row[2].i};
    memcpy(ret->sign_key.point, row[1].b.p, CF_P256_PUBLIC_BYTES);
    ret->seq = (uint64_t)row[3].i;
    memcpy(ret->head.digest, row[4].b.p, CF_SHA256_BYTES);
    return CF_OK;
}

enum cf_rc cf_log_get_active(struct cf_central *central, uint32_t terminal, uint32_t epoch, struct cf_log_head *ret,
                             struct cf_error *err)
{
    enum cf_rc rc = cf_log_get(central, terminal, epoch, ret, err);
    if (rc == CF_OK && ret->log.state != CF_LOG_ACTIVE) {
        rc = cf_fail(err, CF_E_STATE, "terminal %lu was set apart, and has to be enrolled again",
                     (unsigned long)terminal);
    }
    return rc;
}

/* A one-time code for a new terminal of `store`, or for one that is there (*terminal > 0). */
static enum cf_rc add_terminal(struct cf_central *central, uint32_t store, const char *label, uint32_t *terminal,
                               cf_wall expires, struct cf_enrol_code *code, struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = true;
    enum cf_rc rc;
    if (*terminal == 0) {
        rc = cf_store_settings_get(central, store, &settings, err);
        if (rc == CF_OK) {
            rc = new_place(central, CF_PLACE_TERMINAL, terminal, err);
        }
        if (rc == CF_OK) {
            rc = cf_store_run(central->store, CF_Q_TERMINAL_ADD,
                              CF_ARGS(cf_v_int(*terminal), cf_v_int(store), cf_v_text(label)), err);
        }
    } else {
        rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(*terminal)), row, &found, err);
        if (rc == CF_OK && !found) {
            rc = cf_fail(err, CF_E_NOT_FOUND, "terminal %lu", (unsigned long)*terminal);
        }
    }
    if (rc != CF_OK) {
        return rc;
    }
    cf_env_random(central->env, code->secret, sizeof code->secret);
    memcpy(code->ca_fingerprint, central->ca_fingerprint, sizeof code->ca_fingerprint);
    struct cf_sha256 hash = cf_sha256(cf_bytes_of(code->secret, sizeof code->secret));
    return cf_store_run(central->store, CF_Q_ENROLMENT_ADD,
                        CF_ARGS(cf_v_blob(hash.digest, CF_SHA256_BYTES), cf_v_int(*terminal), cf_v_int(expires.us)),
                        err);
}

enum cf_rc cf_handle_terminal_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    char label[CF_NAME_MAX + 1] = "";
    int64_t store = 0, again = 0;
    const struct cf_json_field fields[] = {
        {.name = "store", .integer = &store, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "label", .text = label, .cap = sizeof label, .optional = true},
        {.name = "terminal", .integer = &again, .min = 1, .max = UINT32_MAX, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK && (store == 0) == (again == 0)) {
        rc = cf_fail(err, CF_E_JSON_TYPE, "either store (a new terminal) or terminal (one enrolled before)");
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    uint32_t terminal = (uint32_t)again;
    cf_wall expires = {cf_central_now(central).us + ENROL_HOURS * 3600 * CF_US_PER_S};
    struct cf_enrol_code code;
    rc = cf_central_end(central, add_terminal(central, (uint32_t)store, label, &terminal, expires, &code, err), err);
    if (rc == CF_OK) {
        char text[CF_ENROL_TEXT_MAX];
        cf_enrol_code_format(&code, text);
        reply->status = 201;
        reply->json = json_object();
        cf_json_set_int(reply->json, "terminal", terminal);
        cf_json_set_text(reply->json, "enrol_code", text);
        cf_json_set_instant(reply->json, "expires", expires);
    }
    return rc;
}

const char *cf_log_state_name(enum cf_log_state state)
{
    switch (state) {
    case CF_LOG_ACTIVE:
        return "active";
    case CF_LOG_REPLACED:
        return "replaced";
    case CF_LOG_FORKED:
        return "fenced";
    }
    return "?";
}

static enum cf_rc list_terminal(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "terminal", row[0].i);
    cf_json_set_int(json, "store", row[1].i);
    cf_json_set(json, "label", json_stringn((const char *)row[2].b.p, row[2].b.n));
    cf_json_set_int(json, "epoch", row[3].i);
    cf_json_set_text(json, "state",
                     row[5].kind == CF_VALUE_NULL ? "waiting" : cf_log_state_name((enum cf_log_state)row[5].i));
    cf_json_set_int(json, "recorded", row[7].i > row[6].i ? row[7].i : row[6].i);
    cf_json_set_int(json, "acknowledged", row[6].i);
    if (row[8].kind == CF_VALUE_INT) {
        cf_json_set_instant(json, "last_contact", (cf_wall){row[8].i});
    }
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_terminal_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    (void)call;
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "terminals", list);
    return cf_store_each(central->store, CF_Q_TERMINAL_LIST, CF_NO_ARGS, list_terminal, list, err);
}
