/*
 * sync/central/rollouts_api.c - releases and roll-outs, by the API; and the bundles, to terminals that were told of
 * them.
 */
#include "sync/central/bundles.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"
#include "sync/central/rollout.h"
#include "sync/wire/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_CAP 8 /* "close" or "03:30" */

/* --- releases ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_central_release_add(struct cf_central *central, const char *path, struct cf_release *release,
                                  struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    int64_t number = 0;
    release->size = 1;
    enum cf_rc rc = cf_release_check(release, err); /* before so much is copied */
    if (rc == CF_OK) {
        rc = cf_bundle_add(central->dir, path, &release->hash, &release->size, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_RELEASE_OF, CF_ARGS(cf_v_blob(release->hash.digest, CF_SHA256_BYTES)),
                          row, &found, err);
    }
    if (rc == CF_OK && found) {
        rc = cf_fail(err, CF_E_EXISTS, "that bundle is release %lld", (long long)row[0].i);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_store_insert(central->store, CF_Q_RELEASE_ADD,
                         CF_ARGS(cf_v_text(release->version), cf_v_text(release->hardware),
                                 cf_v_int((int64_t)release->size), cf_v_blob(release->hash.digest, CF_SHA256_BYTES),
                                 cf_v_int(release->schema), cf_v_int(release->readable_from),
                                 cf_v_int(cf_central_now(central).us)),
                         &number, err);
    rc = cf_central_end(central, rc, err);
    release->number = (uint32_t)number;
    return rc;
}

static enum cf_rc list_release(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_release release;
    enum cf_rc rc = cf_release_of_row(row, &release, err);
    if (rc != CF_OK) {
        return rc;
    }
    json_t *json = json_object();
    cf_json_set_int(json, "release", release.number);
    cf_json_set_text(json, "version", release.version);
    cf_json_set_text(json, "hardware", release.hardware);
    cf_json_set_int(json, "size", (int64_t)release.size);
    cf_json_set_hex(json, "sha256", cf_bytes_of(release.hash.digest, CF_SHA256_BYTES));
    cf_json_set_int(json, "schema", release.schema);
    cf_json_set_int(json, "readable_from", release.readable_from);
    cf_json_set_instant(json, "made", (cf_wall){row[7].i});
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_release_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    (void)call;
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "releases", list);
    return cf_store_each(central->store, CF_Q_RELEASE_LIST, CF_NO_ARGS, list_release, list, err);
}

enum cf_rc cf_central_release_list(struct cf_central *central, struct cf_buf *json, struct cf_error *err)
{
    struct cf_reply reply = {.json = NULL};
    enum cf_rc rc = cf_handle_release_list(central, NULL, &reply, err);
    if (rc == CF_OK) {
        rc = cf_json_write(reply.json, json, err);
    }
    json_decref(reply.json);
    return rc;
}

/* --- roll-outs ---------------------------------------------------------------------------------------------------- */

static void set_at(json_t *json, const struct cf_rollout *rollout)
{
    char at[AT_CAP] = "close";
    if (rollout->when == CF_UPDATE_AT_MINUTE) {
        unsigned minute = rollout->minute % CF_DAY_MINUTES;
        (void)snprintf(at, sizeof at, "%02u:%02u", minute / 60 % 24, minute % 60);
    }
    cf_json_set_text(json, "at", at);
}

static enum cf_rc rollout_json(struct cf_central *central, const struct cf_rollout *rollout, json_t **ret,
                               struct cf_error *err)
{
    struct cf_rollout_figures figures;
    enum cf_rc rc = cf_rollout_look(central, rollout, &figures, err);
    if (rc != CF_OK) {
        return rc;
    }
    json_t *json = json_object();
    cf_json_set_int(json, "rollout", rollout->number);
    cf_json_set_int(json, "release", rollout->release);
    cf_json_set_int(json, "store", rollout->store);
    cf_json_set_int(json, "percent_bp", rollout->share_bp);
    set_at(json, rollout);
    cf_json_set_int(json, "bytes_per_s", rollout->bytes_per_s);
    cf_json_set_text(json, "state", rollout->state == CF_ROLLOUT_RUNS ? "runs" : "stopped");
    cf_json_set_text(json, "why", rollout->why);
    cf_json_set(json, "widened", json_boolean(rollout->widened));
    cf_json_set_instant(json, "begun", rollout->begun);
    cf_json_set_int(json, "meant", figures.meant);
    cf_json_set_int(json, "first", figures.first);
    cf_json_set_int(json, "told", figures.told);
    cf_json_set_int(json, "activated", figures.activated);
    cf_json_set_int(json, "failed", figures.failed);
    *ret = json;
    return CF_OK;
}

static bool parse_at(const char *text, struct cf_rollout *ret)
{
    if (strcmp(text, "close") == 0) {
        ret->when = CF_UPDATE_AT_CLOSE;
        return true;
    }
    static const char digits[] = "0123456789";
    if (strlen(text) != 5 || strspn(text, digits) != 2 || text[2] != ':' || strspn(text + 3, digits) != 2) {
        return false;
    }
    unsigned hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    unsigned minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
    ret->when = CF_UPDATE_AT_MINUTE;
    ret->minute = (uint16_t)(hour * 60 + minute);
    return hour < 24 && minute < 60;
}

static enum cf_rc read_rollout(const struct cf_call *call, struct cf_rollout *ret, struct cf_error *err)
{
    int64_t release = 0, store = 0, share = CF_ROLLOUT_ALL_BP, rate = 0;
    char at[AT_CAP] = "close";
    const struct cf_json_field fields[] = {
        {.name = "release", .integer = &release, .min = 1, .max = UINT32_MAX},
        {.name = "store", .integer = &store, .min = 1, .max = UINT32_MAX, .optional = true},
        {.name = "percent_bp", .integer = &share, .min = 1, .max = CF_ROLLOUT_ALL_BP, .optional = true},
        {.name = "at", .text = at, .cap = sizeof at, .optional = true},
        {.name = "bytes_per_s", .integer = &rate, .min = 0, .max = UINT32_MAX, .optional = true},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    *ret = (struct cf_rollout){
        .release = (uint32_t)release,
        .store = (uint32_t)store,
        .share_bp = (uint32_t)share,
        .bytes_per_s = (uint32_t)rate,
        .state = CF_ROLLOUT_RUNS,
    };
    if (rc == CF_OK && !parse_at(at, ret)) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "at: \"close\", or an hour like \"03:30\"");
    }
    return rc;
}

/* Of two roll-outs for one machine the later counts. */
struct making_room {
    struct cf_central *central;
    const struct cf_rollout *newer;
    struct cf_release release;
};

static enum cf_rc make_room(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct making_room *making = ctx;
    struct cf_rollout older;
    struct cf_release release;
    cf_rollout_of_row(row, &older);
    enum cf_rc rc = cf_release_get(making->central, older.release, &release, err);
    if (rc != CF_OK) {
        return rc;
    }
    bool meets = strcmp(release.hardware, making->release.hardware) == 0 &&
                 (older.store == 0 || making->newer->store == 0 || older.store == making->newer->store);
    return meets ? cf_rollout_stop(making->central, &older, "another roll-out began", err) : CF_OK;
}

static enum cf_rc begin_rollout(struct cf_central *central, struct cf_rollout *rollout, struct cf_error *err)
{
    struct making_room making = {.central = central, .newer = rollout};
    struct cf_store_settings settings;
    int64_t number = 0;
    enum cf_rc rc = cf_release_get(central, rollout->release, &making.release, err);
    if (rc == CF_OK && rollout->store != 0) {
        rc = cf_store_settings_get(central, rollout->store, &settings, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_ROLLOUT_RUNNING, CF_NO_ARGS, make_room, &making, err);
    }
    rollout->begun = cf_central_now(central);
    if (rc == CF_OK) {
        rc = cf_store_insert(central->store, CF_Q_ROLLOUT_ADD,
                             CF_ARGS(cf_v_int(rollout->release), cf_v_int(rollout->store), cf_v_int(rollout->share_bp),
                                     cf_v_int(rollout->when), cf_v_int(rollout->minute), cf_v_int(rollout->bytes_per_s),
                                     cf_v_int(rollout->begun.us)),
                             &number, err);
    }
    rollout->number = (uint32_t)number;
    return rc == CF_OK ? cf_rollout_advance(central, rollout, err) : rc;
}

enum cf_rc cf_handle_rollout_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    struct cf_rollout rollout;
    enum cf_rc rc = read_rollout(call, &rollout, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, begin_rollout(central, &rollout, err), err);
    reply->status = 201;
    return rc == CF_OK ? rollout_json(central, &rollout, &reply->json, err) : rc;
}

struct change {
    int64_t share;
    bool has_share, widen, stop;
};

static enum cf_rc change_rollout(struct cf_central *central, uint32_t number, const struct change *change,
                                 struct cf_rollout *ret, struct cf_error *err)
{
    enum cf_rc rc = cf_rollout_get(central, number, ret, err);
    if (rc == CF_OK && ret->state != CF_ROLLOUT_RUNS) {
        rc = cf_fail(err, CF_E_STATE, "it was stopped: %s", ret->why);
    }
    if (rc == CF_OK && change->has_share && (uint32_t)change->share < ret->share_bp) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "percent_bp: whom it was told cannot be left out again: stop it");
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (change->stop) {
        return cf_rollout_stop(central, ret, "by hand", err);
    }
    ret->share_bp = change->has_share ? (uint32_t)change->share : ret->share_bp;
    ret->widened = ret->widened || change->widen;
    rc = cf_rollout_put(central, ret, err);
    return rc == CF_OK ? cf_rollout_advance(central, ret, err) : rc;
}

enum cf_rc cf_handle_rollout_change(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    struct cf_rollout rollout;
    struct change change = {.share = 0};
    uint64_t number = 0;
    const struct cf_json_field fields[] = {
        {.name = "percent_bp",
         .integer = &change.share,
         .min = 1,
         .max = CF_ROLLOUT_ALL_BP,
         .optional = true,
         .present = &change.has_share},
        {.name = "widen", .boolean = &change.widen, .optional = true},
        {.name = "stop", .boolean = &change.stop, .optional = true},
    };
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &number, err);
    if (rc == CF_OK) {
        rc = CF_CALL_READ(call, fields, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, change_rollout(central, (uint32_t)number, &change, &rollout, err), err);
    return rc == CF_OK ? rollout_json(central, &rollout, &reply->json, err) : rc;
}

struct listing {
    struct cf_central *central;
    json_t *list;
};

static enum cf_rc list_rollout(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct listing *listing = ctx;
    struct cf_rollout rollout;
    json_t *json = NULL;
    cf_rollout_of_row(row, &rollout);
    enum cf_rc rc = rollout_json(listing->central, &rollout, &json, err);
    if (rc == CF_OK && json_array_append_new(listing->list, json) != 0) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return rc;
}

enum cf_rc cf_handle_rollout_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    struct listing listing = {central, json_array()};
    (void)call;
    reply->json = json_object();
    cf_json_set(reply->json, "rollouts", listing.list);
    return cf_store_each(central->store, CF_Q_ROLLOUT_LIST, CF_NO_ARGS, list_rollout, &listing, err);
}

/* --- the bundle itself -------------------------------------------------------------------------------------------- */

/* "bytes=0-1023", "bytes=1024-": the one form of RFC 9110, section 14.1.2 that resuming needs. */
static bool parse_range(const char *text, uint64_t *ret_from, uint64_t *ret_n)
{
    char *end = NULL;
    if (text == NULL || strncmp(text, "bytes=", 6) != 0 || text[6] < '0' || text[6] > '9') {
        return false;
    }
    unsigned long long from = strtoull(text + 6, &end, 10);
    unsigned long long to = from + CF_BUNDLE_PIECE_MAX - 1;
    if (*end != '-' || from > CF_BUNDLE_BYTES_MAX) {
        return false;
    }
    if (end[1] >= '0' && end[1] <= '9') {
        to = strtoull(end + 1, &end, 10);
    } else {
        end++;
    }
    *ret_from = from;
    *ret_n = to >= from && to - from < CF_BUNDLE_PIECE_MAX ? to - from + 1 : CF_BUNDLE_PIECE_MAX;
    return *end == '\0' && to >= from;
}

enum cf_rc cf_handle_bundle(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                            struct cf_error *err)
{
    struct cf_sha256 hash;
    uint64_t from = 0, n = 0, size = 0;
    if (cf_hex_decode(call->param[0], hash.digest, CF_SHA256_BYTES, err) != CF_OK) {
        return cf_fail(err, CF_E_NOT_FOUND, "no bundle of that hash");
    }
    if (!parse_range(call->request->range, &from, &n)) {
        return cf_fail(err, CF_E_ARGUMENT, "a bundle is given in pieces: Range: bytes=FROM-TO");
    }
    enum cf_rc rc = cf_bundle_read(central->dir, &hash, from, (size_t)n, reply->bytes, &size, err);
    if (rc == CF_OK) {
        reply->status = 206;
        reply->content_type = "application/octet-stream";
        (void)snprintf(reply->content_range, sizeof reply->content_range, "bytes %llu-%llu/%llu",
                       (unsigned long long)from, (unsigned long long)(from + reply->bytes->n - 1),
                       (unsigned long long)size);
    }
    return rc;
}
