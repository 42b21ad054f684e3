/*
 * sync/central/api_keys.c - see api_keys.h: making, listing and revoking keys, and what each is good for.
 */
#include "sync/central/api_keys.h"

#include "base/text.h"
#include "sync/central/handlers.h"

#include <string.h>

#define SECRET_BYTES 20
#define KEYS_EVER_MAX 10000
#define USED_EVERY_US (60 * CF_US_PER_S)

static const char *const role_names[CF_API_ROLES] = {
    [CF_API_OWNER] = "owner",           [CF_API_SHOP] = "shop",
    [CF_API_MARKETING] = "marketing",   [CF_API_MANAGER] = "manager",
    [CF_API_TECHNICIAN] = "technician", [CF_API_AUDITOR] = "auditor",
};

const char *cf_api_role_name(enum cf_api_role role)
{
    return role_names[role];
}

const char *cf_central_role(size_t role)
{
    return role < CF_API_ROLES ? role_names[role] : NULL;
}

/* --- whose is it? ------------------------------------------------------------------------------------------------- */

static enum cf_rc note_use(struct cf_central *central, int64_t id, int64_t used_us, struct cf_error *err)
{
    int64_t now_us = cf_central_now(central).us;
    if (now_us < used_us + USED_EVERY_US) {
        return CF_OK;
    }
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_store_run(central->store, CF_Q_API_KEY_USED, CF_ARGS(cf_v_int(id), cf_v_int(now_us)), err);
    return cf_central_end(central, rc, err);
}

enum cf_rc cf_api_key_role(struct cf_central *central, const char *key, enum cf_api_role *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    if (key == NULL) {
        return cf_fail(err, CF_E_TOKEN, "send Authorization: Bearer KEY");
    }
    struct cf_sha256 hash = cf_sha256(cf_bytes_str(key));
    if (cf_bytes_equal_secret(hash.digest, central->api_key_hash, CF_SHA256_BYTES)) {
        *ret = CF_API_OWNER;
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_API_KEY_GET, CF_ARGS(cf_v_blob(hash.digest, CF_SHA256_BYTES)),
                                 row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found) {
        return cf_fail(err, CF_E_TOKEN, "another key is expected");
    }
    if (row[3].i != 0) {
        return cf_fail(err, CF_E_TOKEN, "key %lld was revoked", (long long)row[0].i);
    }
    *ret = (enum cf_api_role)row[1].i;
    return note_use(central, row[0].i, row[2].i, err);
}

/* --- making ------------------------------------------------------------------------------------------------------- */

void cf_api_key_draw(const struct cf_env *env, char ret_key[CF_API_KEY_TEXT_MAX], struct cf_sha256 *ret_hash)
{
    uint8_t secret[SECRET_BYTES];
    cf_env_random(env, secret, sizeof secret);
    memcpy(ret_key, "cfk_", 4);
    cf_hex_encode(cf_bytes_of(secret, sizeof secret), ret_key + 4);
    cf_bytes_wipe(secret, sizeof secret);
    *ret_hash = cf_sha256(cf_bytes_str(ret_key));
}

static enum cf_rc parse_role(const char *name, enum cf_api_role *ret, struct cf_error *err)
{
    for (unsigned role = CF_API_SHOP; role < CF_API_ROLES; role++) {
        if (strcmp(role_names[role], name) == 0) {
            *ret = (enum cf_api_role)role;
            return CF_OK;
        }
    }
    return cf_fail(err, CF_E_JSON_TYPE, "role is shop, marketing, manager, technician or auditor");
}

static enum cf_rc add_key(struct cf_central *central, enum cf_api_role role, const char *name,
                          const struct cf_sha256 *hash, int64_t *ret_id, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_API_KEY_COUNT, CF_NO_ARGS, row, &found, err);
    if (rc == CF_OK && (row[0].i >= CF_API_KEYS_MAX || row[1].i >= KEYS_EVER_MAX)) {
        return cf_fail(err, CF_E_LIMIT, "at most %d keys are good at a time", CF_API_KEYS_MAX);
    }
    return rc == CF_OK ? cf_store_insert(central->store, CF_Q_API_KEY_ADD,
                                         CF_ARGS(cf_v_blob(hash->digest, CF_SHA256_BYTES), cf_v_int(role),
                                                 cf_v_text(name), cf_v_int(cf_central_now(central).us)),
                                         ret_id, err)
                       : rc;
}

enum cf_rc cf_central_api_key_add(struct cf_central *central, const char *role_name, const char *name, int64_t *ret_id,
                                  char ret_key[CF_API_KEY_TEXT_MAX], struct cf_error *err)
{
    char key[CF_API_KEY_TEXT_MAX];
    enum cf_api_role role = CF_API_AUDITOR;
    struct cf_sha256 hash;
    enum cf_rc rc = parse_role(role_name, &role, err);
    if (rc == CF_OK && (*name == '\0' || strlen(name) > CF_NAME_MAX || !cf_text_is_utf8(cf_bytes_str(name)))) {
        rc = cf_fail(err, CF_E_RANGE, "name has 1 to %d bytes of UTF-8", CF_NAME_MAX);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    cf_api_key_draw(central->env, key, &hash);
    rc = cf_central_end(central, add_key(central, role, name, &hash, ret_id, err), err);
    if (rc == CF_OK) {
        memcpy(ret_key, key, sizeof key);
    }
    cf_bytes_wipe(key, sizeof key);
    return rc;
}

enum cf_rc cf_handle_api_key_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    char role[16], name[CF_NAME_MAX + 1], key[CF_API_KEY_TEXT_MAX];
    int64_t id = 0;
    const struct cf_json_field fields[] = {
        {.name = "role", .text = role, .cap = sizeof role, .min_bytes = 1},
        {.name = "name", .text = name, .cap = sizeof name, .min_bytes = 1},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK) {
        rc = cf_central_api_key_add(central, role, name, &id, key, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    reply->status = 201;
    reply->json = json_object();
    cf_json_set_int(reply->json, "key", id);
    cf_json_set_text(reply->json, "role", role);
    cf_json_set_text(reply->json, "name", name);
    cf_json_set_text(reply->json, "api_key", key);
    cf_bytes_wipe(key, sizeof key);
    return CF_OK;
}

/* --- listing ------------------------------------------------------------------------------------------------------ */

static void set_instant(json_t *json, const char *name, int64_t us)
{
    if (us == 0) {
        cf_json_set(json, name, json_null());
    } else {
        cf_json_set_instant(json, name, (cf_wall){us});
    }
}

static enum cf_rc list_key(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "key", row[0].i);
    cf_json_set_text(json, "role", role_names[row[1].i]);
    cf_json_set(json, "name", json_stringn((const char *)row[2].b.p, row[2].b.n));
    set_instant(json, "made", row[3].i);
    set_instant(json, "used", row[4].i);
    set_instant(json, "revoked", row[5].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

static enum cf_rc list_keys(struct cf_central *central, json_t *ret, struct cf_error *err)
{
    json_t *list = json_array();
    cf_json_set(ret, "keys", list);
    return cf_store_each(central->store, CF_Q_API_KEY_LIST, CF_NO_ARGS, list_key, list, err);
}

enum cf_rc cf_central_api_key_list(struct cf_central *central, struct cf_buf *json, struct cf_error *err)
{
    json_t *all = json_object();
    enum cf_rc rc = list_keys(central, all, err);
    if (rc == CF_OK) {
        rc = cf_json_write(all, json, err);
    }
    json_decref(all);
    return rc;
}

enum cf_rc cf_handle_api_key_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    (void)call;
    reply->json = json_object();
    return list_keys(central, reply->json, err);
}

/* --- revoking ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_central_api_key_revoke(struct cf_central *central, int64_t id, struct cf_error *err)
{
    uint64_t changed = 0;
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_store_change(central->store, CF_Q_API_KEY_REVOKE,
                         CF_ARGS(cf_v_int(id), cf_v_int(cf_central_now(central).us)), &changed, err);
    if (rc == CF_OK && changed == 0) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "no key %lld is good", (long long)id);
    }
    return cf_central_end(central, rc, err);
}

enum cf_rc cf_handle_api_key_revoke(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err)
{
    uint64_t id = 0;
    enum cf_rc rc = cf_call_number(call, 0, INT64_MAX, &id, err);
    reply->json = json_object();
    return rc == CF_OK ? cf_central_api_key_revoke(central, (int64_t)id, err) : rc;
}
