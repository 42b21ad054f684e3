/*
 * sync/central/users.c - the users of a store's tills: made here, known by the tills, never with their PIN.
 *
 * What the centre knows of them are the newest entries of the topic `users`: no table of its own, and the same bytes
 * that the tills have.
 */
#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"

#include "app/core/user.h"

#include <string.h>

struct user_search {
    uint32_t user;              /* to be found */
    struct cf_badge_mark badge; /* that nobody else may have */
    bool has_badge;
    bool found, badge_taken;
    size_t n; /* all that are not gone */
    struct cf_user is;
};

static enum cf_rc look_at(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct user_search *search = ctx;
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(row[0].b, &entry, err);
    if (rc != CF_OK || entry.kind != CF_DOWN_USER || entry.user.gone) {
        return rc;
    }
    search->n++;
    if (entry.user.user == search->user) {
        search->found = true;
        search->is = entry.user;
    } else if (search->has_badge && entry.user.has_badge &&
               memcmp(entry.user.badge.b, search->badge.b, CF_BADGE_MARK_BYTES) == 0) {
        search->badge_taken = true;
    }
    return CF_OK;
}

static enum cf_rc search_user(struct cf_central *central, uint32_t store, struct user_search *search,
                              struct cf_error *err)
{
    struct cf_store_settings settings;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_DOWN_STATE,
                                       CF_ARGS(cf_v_int(CF_TOPIC_USERS), cf_v_int(store)), look_at, search, err)
                       : rc;
}

static enum cf_rc append_user(struct cf_central *central, const struct cf_user *user, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_USER};
    entry.user = *user;
    enum cf_rc rc = cf_user_check(user, err);
    return rc == CF_OK ? cf_down_append(central, CF_TOPIC_USERS, user->store, user->user, &entry, err) : rc;
}

static json_t *user_json(const struct cf_user *user)
{
    json_t *json = json_object();
    cf_json_set_int(json, "user", user->user);
    cf_json_set_text(json, "name", user->name);
    cf_json_set_text(json, "role", cf_role_name(user->role));
    cf_json_set_text(json, "on_receipt", user->on_receipt);
    cf_json_set(json, "badge", json_boolean(user->has_badge));
    return json;
}

/* --- making and changing -------------------------------------------------------------------------------------------
 */

struct user_form {
    int64_t user;
    char name[CF_USER_NAME_MAX + 1], role[16], on_receipt[CF_USER_NAME_MAX + 1];
    char pin[CF_PIN_DIGITS_MAX + 1], badge[CF_BADGE_TEXT_MAX + 1];
    bool has_name, has_role, has_on_receipt, has_pin, has_badge;
};

static enum cf_rc read_form(const struct cf_call *call, struct user_form *form, struct cf_error *err)
{
    const struct cf_json_field fields[] = {
        {.name = "user", .integer = &form->user, .min = 1, .max = CF_USER_MAX},
        {.name = "name",
         .text = form->name,
         .cap = sizeof form->name,
         .min_bytes = 1,
         .optional = true,
         .present = &form->has_name},
        {.name = "role", .text = form->role, .cap = sizeof form->role, .optional = true, .present = &form->has_role},
        {.name = "on_receipt",
         .text = form->on_receipt,
         .cap = sizeof form->on_receipt,
         .optional = true,
         .present = &form->has_on_receipt},
        {.name = "pin", .text = form->pin, .cap = sizeof form->pin, .optional = true, .present = &form->has_pin},
        {.name = "badge",
         .text = form->badge,
         .cap = sizeof form->badge,
         .optional = true,
         .present = &form->has_badge},
    };
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK && form->has_pin) {
        rc = cf_pin_check(form->pin, err);
    }
    return rc;
}

/* What the form does not name stays as it was; a new user needs a name, a role and a PIN. */
static enum cf_rc fill_user(const struct user_form *form, bool is_new, struct cf_user *user, struct cf_error *err)
{
    if (is_new && !(form->has_name && form->has_role && form->has_pin)) {
        return cf_fail(err, CF_E_JSON_TYPE, "a new user needs name, role and pin");
    }
    if (form->has_role && !cf_role_parse(form->role, &user->role)) {
        return cf_fail(err, CF_E_JSON_RANGE, "role: cashier, supervisor, manager or technician");
    }
    if (form->has_name) {
        memcpy(user->name, form->name, sizeof user->name);
    }
    if (form->has_on_receipt) {
        memcpy(user->on_receipt, form->on_receipt, sizeof user->on_receipt);
    }
    if (form->has_badge) {
        user->has_badge = form->badge[0] != '\0';
        user->badge = cf_badge_mark_of(cf_bytes_str(form->badge));
    }
    return CF_OK;
}

static enum cf_rc put_user(struct cf_central *central, uint32_t store, const struct user_form *form,
                           const struct cf_pin_verifier *pin, struct cf_user *ret, bool *ret_new, struct cf_error *err)
{
    struct user_search search = {.user = (uint32_t)form->user};
    search.has_badge = form->has_badge && form->badge[0] != '\0';
    search.badge = cf_badge_mark_of(cf_bytes_str(form->badge));
    enum cf_rc rc = search_user(central, store, &search, err);
    if (rc == CF_OK && search.badge_taken) {
        rc = cf_fail(err, CF_E_EXISTS, "badge: it is another user's");
    }
    if (rc == CF_OK && !search.found && search.n >= CF_USERS_MAX) {
        rc = cf_fail(err, CF_E_LIMIT, "a store has at most %d users", CF_USERS_MAX);
    }
    if (rc != CF_OK) {
        return rc;
    }
    *ret_new = !search.found;
    *ret = search.is;
    ret->store = store;
    ret->user = (uint32_t)form->user;
    rc = fill_user(form, *ret_new, ret, err);
    if (rc == CF_OK && form->has_pin) {
        ret->pin = *pin;
    }
    return rc == CF_OK ? append_user(central, ret, err) : rc;
}

enum cf_rc cf_handle_user_put(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                              struct cf_error *err)
{
    struct user_form form = {.user = 0};
    struct cf_pin_verifier pin = {.memory_kib = CF_PIN_MEMORY_KIB, .passes = CF_PIN_PASSES};
    struct cf_user user;
    bool is_new = false;
    uint64_t store;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = read_form(call, &form, err);
    }
    if (rc == CF_OK && form.has_pin) { /* before the transaction: it takes its time */
        cf_env_random(central->env, pin.salt, sizeof pin.salt);
        rc = cf_pin_hash(cf_bytes_str(form.pin), &pin, err);
    }
    cf_bytes_wipe(form.pin, sizeof form.pin);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, put_user(central, (uint32_t)store, &form, &pin, &user, &is_new, err), err);
    if (rc == CF_OK) {
        reply->status = is_new ? 201 : 200;
        reply->json = user_json(&user);
    }
    return rc;
}

/* --- the rest ------------------------------------------------------------------------------------------------------
 */

static enum cf_rc list_user(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_down_entry entry;
    enum cf_rc rc = cf_down_decode(row[0].b, &entry, err);
    if (rc != CF_OK || entry.user.gone) {
        return rc;
    }
    return json_array_append_new(ctx, user_json(&entry.user)) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_handle_user_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    struct cf_store_settings settings;
    uint64_t store;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, (uint32_t)store, &settings, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "users", list);
    return cf_store_each(central->store, CF_Q_DOWN_STATE, CF_ARGS(cf_v_int(CF_TOPIC_USERS), cf_v_int((int64_t)store)),
                         list_user, list, err);
}

static enum cf_rc remove_user(struct cf_central *central, uint32_t store, uint32_t user, struct cf_error *err)
{
    struct user_search search = {.user = user};
    const struct cf_user gone = {.store = store, .user = user, .gone = true};
    enum cf_rc rc = search_user(central, store, &search, err);
    if (rc == CF_OK && !search.found) {
        rc = cf_fail(err, CF_E_USER_UNKNOWN, "user %lu of store %lu", (unsigned long)user, (unsigned long)store);
    }
    return rc == CF_OK ? append_user(central, &gone, err) : rc;
}

enum cf_rc cf_handle_user_remove(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                 struct cf_error *err)
{
    uint64_t store, user = 0;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = cf_call_number(call, 1, CF_USER_MAX, &user, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    reply->json = json_object();
    return cf_central_end(central, remove_user(central, (uint32_t)store, (uint32_t)user, err), err);
}
