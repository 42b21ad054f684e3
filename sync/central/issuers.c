/*
 * sync/central/issuers.c - see issuers.h.
 */
#include "sync/central/issuers.h"

#include "app/core/keyset.h"
#include "base/plant.h"
#include "sync/central/down_log.h"
#include "sync/central/files.h"
#include "sync/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_NAME_MAX 64
#define SIGNS_FROM_BYTES (CF_KID_BYTES + 8)

struct signer {
    enum cf_issuer_slot slot;
    cf_kid kid;
    struct cf_private_key *key;
    int64_t from_s; /* it signs from then on */
};
struct cf_issuers {
    struct cf_keyset keyset;
    size_t n;
    struct signer signer[CF_KEYSET_KEYS_MAX]; /* those whose private key is here */
    int64_t turn_at_s;                        /* when the next begins to sign */
};

void cf_issuers_free(struct cf_issuers *issuers)
{
    for (size_t i = 0; issuers != NULL && i < issuers->n; i++) {
        cf_private_key_free(issuers->signer[i].key);
    }
    free(issuers);
}

bool cf_issuers_has(const struct cf_issuers *issuers, cf_kid kid)
{
    for (size_t i = 0; i < issuers->keyset.n_keys; i++) {
        if (cf_kid_equal(issuers->keyset.keys[i].kid, kid)) {
            return true;
        }
    }
    return false;
}

/* --- who signs ---------------------------------------------------------------------------------------------------- */

static bool is_better(const struct signer *a, const struct signer *than, int64_t now_s)
{
    if (than == NULL) {
        return true;
    }
    if ((a->from_s <= now_s) != (than->from_s <= now_s)) {
        return a->from_s <= now_s;
    }
    return a->from_s <= now_s ? a->from_s > than->from_s : a->from_s < than->from_s;
}

static void choose(struct cf_central *central, int64_t now_s)
{
    struct cf_issuers *issuers = central->issuers;
    issuers->turn_at_s = INT64_MAX;
    for (size_t slot = 0; slot < CF_ISSUERS; slot++) {
        const struct signer *best = NULL;
        for (size_t i = 0; i < issuers->n; i++) {
            const struct signer *s = &issuers->signer[i];
            if (s->slot != slot) {
                continue;
            }
            if (is_better(s, best, now_s)) {
                best = s;
            }
            if (s->from_s > now_s && s->from_s < issuers->turn_at_s) {
                issuers->turn_at_s = s->from_s;
            }
        }
        central->issuer[slot] = (struct cf_issuer){.kid = best->kid, .key = best->key};
    }
}

void cf_issuers_turn(struct cf_central *central)
{
    int64_t now_s = cf_wall_s(cf_central_now(central));
    if (now_s >= central->issuers->turn_at_s) {
        choose(central, now_s);
    }
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void name_key(enum cf_issuer_slot slot, cf_kid kid, char ret[KEY_NAME_MAX])
{
    char hex[2 * CF_KID_BYTES + 1];
    cf_hex_encode(cf_bytes_of(kid.b, sizeof kid.b), hex);
    (void)snprintf(ret, KEY_NAME_MAX, "keys/%s-%s.key.pem", cf_issuer_names[slot], hex);
}

static bool is_key_of(const struct cf_private_key *key, cf_kid kid)
{
    cf_public_key public_key;
    cf_private_key_public(key, &public_key);
    return cf_kid_equal(cf_central_kid(&public_key), kid);
}

/* One that is not here only verifies. */
static enum cf_rc read_signer(struct cf_central *central, const char *dir, enum cf_issuer_slot slot, cf_kid kid,
                              struct cf_issuers *issuers, struct cf_error *err)
{
    char name[KEY_NAME_MAX];
    struct cf_private_key *key = NULL;
    name_key(slot, kid, name);
    enum cf_rc rc = cf_central_read_key(central->env, dir, name, &key, err);
    if (rc == CF_E_NOT_FOUND) {
        (void)snprintf(name, sizeof name, "keys/%s.key.pem", cf_issuer_names[slot]);
        rc = cf_central_read_key(central->env, dir, name, &key, err);
    }
    if (rc != CF_OK) {
        return rc == CF_E_NOT_FOUND ? CF_OK : rc;
    }
    if (!is_key_of(key, kid)) {
        cf_private_key_free(key);
        return CF_OK;
    }
    issuers->signer[issuers->n++] = (struct signer){.slot = slot, .kid = kid, .key = key, .from_s = INT64_MIN};
    return CF_OK;
}

/* From when on each key signs: kids and seconds. Those that are not named there always did. */
static enum cf_rc read_times(struct cf_central *central, struct cf_issuers *issuers, struct cf_error *err)
{
    cf_bytes times;
    enum cf_rc rc = cf_central_setting(central->store, "signs_from", 0, &times, err);
    if (rc != CF_OK) {
        return rc == CF_E_NOT_FOUND ? CF_OK : rc;
    }
    for (size_t at = 0; at + SIGNS_FROM_BYTES <= times.n; at += SIGNS_FROM_BYTES) {
        for (size_t i = 0; i < issuers->n; i++) {
            if (memcmp(issuers->signer[i].kid.b, times.p + at, CF_KID_BYTES) == 0) {
                issuers->signer[i].from_s = (int64_t)cf_get_be64(times.p + at + CF_KID_BYTES);
            }
        }
    }
    return CF_OK;
}

static enum cf_rc read_keyset(struct cf_central *central, struct cf_keyset *ret, struct cf_error *err)
{
    cf_bytes cose, payload;
    enum cf_rc rc = cf_central_setting(central->store, "keyset", 0, &cose, err);
    if (rc == CF_OK) {
        rc = cf_cose_peek(cose, &payload, err);
    }
    return rc == CF_OK ? cf_keyset_decode(payload, ret, err) : rc;
}

static enum cf_rc read_signers(struct cf_central *central, const char *dir, struct cf_issuers *issuers,
                               struct cf_error *err)
{
    for (size_t slot = 0; slot < CF_ISSUERS; slot++) {
        size_t before = issuers->n;
        for (size_t k = 0; k < issuers->keyset.n_keys; k++) {
            const struct cf_keyset_key *key = &issuers->keyset.keys[k];
            if (key->usage != (uint32_t)cf_issuer_usages[slot]) {
                continue;
            }
            enum cf_rc rc = read_signer(central, dir, (enum cf_issuer_slot)slot, key->kid, issuers, err);
            if (rc != CF_OK) {
                return rc;
            }
        }
        if (issuers->n == before) {
            return cf_fail(err, CF_E_NOT_FOUND, "%s/keys: no key for %s", dir, cf_issuer_names[slot]);
        }
    }
    return read_times(central, issuers, err);
}

enum cf_rc cf_issuers_open(struct cf_central *central, const char *dir, struct cf_error *err)
{
    struct cf_issuers *issuers = calloc(1, sizeof *issuers);
    if (issuers == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "keys");
    }
    enum cf_rc rc = read_keyset(central, &issuers->keyset, err);
    if (rc == CF_OK) {
        rc = read_signers(central, dir, issuers, err);
    }
    if (rc != CF_OK) {
        cf_issuers_free(issuers);
        return rc;
    }
    cf_issuers_free(central->issuers);
    central->issuers = issuers;
    choose(central, cf_wall_s(cf_central_now(central)));
    return CF_OK;
}

/* --- a new generation --------------------------------------------------------------------------------------------- */

/* Keys whose validity is over are left out; what they signed is refused anyway. */
static void keep_old_keys(const struct cf_keyset *old, int64_t now_s, struct cf_keyset *ret)
{
    for (size_t k = 0; k < old->n_keys && !CF_PLANTED(rotation_drops_keys); k++) {
        if (old->keys[k].not_after_s + CF_KEY_SLACK_S >= now_s) {
            ret->keys[ret->n_keys++] = old->keys[k];
        }
    }
}

/* A kid names one key or one grant. */
static enum cf_rc is_taken(struct cf_central *central, const struct cf_keyset *keyset, cf_kid kid, bool *ret,
                           struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    for (size_t k = 0; k < keyset->n_keys; k++) {
        if (cf_kid_equal(keyset->keys[k].kid, kid)) {
            *ret = true;
            return CF_OK;
        }
    }
    return cf_store_row(central->store, CF_Q_ISSUE_RANGE_GET, CF_ARGS(cf_v_int(cf_get_be32(kid.b))), row, ret, err);
}

/* A fresh key, kept in its file, whose public half joins the set. */
static enum cf_rc add_key(struct cf_central *central, const char *dir, enum cf_issuer_slot slot, int64_t not_after_s,
                          struct cf_keyset *keyset, struct cf_error *err)
{
    struct cf_private_key *key = NULL;
    struct cf_keyset_key entry = {.usage = (uint32_t)cf_issuer_usages[slot],
                                  .not_before_s = cf_wall_s(cf_central_now(central)) - CF_KEY_SLACK_S,
                                  .not_after_s = not_after_s};
    char name[KEY_NAME_MAX];
    bool taken = true;
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && taken) {
        cf_private_key_free(key);
        key = NULL;
        rc = cf_private_key_generate(&key, err);
        if (rc == CF_OK) {
            cf_private_key_public(key, &entry.key);
            entry.kid = cf_central_kid(&entry.key);
            rc = is_taken(central, keyset, entry.kid, &taken, err);
        }
    }
    if (rc == CF_OK) {
        name_key(slot, entry.kid, name);
        rc = cf_central_write_key(central->env, dir, name, key, err);
    }
    if (rc == CF_OK) {
        keyset->keys[keyset->n_keys++] = entry;
    }
    cf_private_key_free(key);
    return rc;
}

static enum cf_rc put_times(struct cf_central *central, const struct cf_keyset *keyset, size_t n_old, int64_t from_s,
                            struct cf_error *err)
{
    uint8_t times[CF_KEYSET_KEYS_MAX * SIGNS_FROM_BYTES];
    size_t n = 0;
    for (size_t k = 0; k < keyset->n_keys; k++) {
        int64_t at_s = from_s;
        for (size_t i = 0; i < central->issuers->n && k < n_old; i++) {
            if (cf_kid_equal(central->issuers->signer[i].kid, keyset->keys[k].kid)) {
                at_s = central->issuers->signer[i].from_s;
            }
        }
        memcpy(times + n, keyset->keys[k].kid.b, CF_KID_BYTES);
        cf_put_be64(times + n + CF_KID_BYTES, (uint64_t)at_s);
        n += SIGNS_FROM_BYTES;
    }
    return cf_central_setting_put(central->store, "signs_from", cf_bytes_of(times, n), err);
}

static enum cf_rc put_into_force(struct cf_central *central, const struct cf_keyset *keyset,
                                 const struct cf_private_key *root, struct cf_error *err)
{
    struct cf_buf cose CF_CLEANUP(cf_buf_done);
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    enum cf_rc rc = cf_keyset_sign(keyset, root, &cose, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_KEYSET, .keyset = cf_buf_bytes(&cose)};
    rc = cf_down_append(central, CF_TOPIC_KEYS, 0, 0, &entry, err);
    return rc == CF_OK ? cf_central_setting_put(central->store, "keyset", cf_buf_bytes(&cose), err) : rc;
}

static enum cf_rc rotate(struct cf_central *central, const char *dir, const struct cf_private_key *root, int64_t lead_s,
                         uint64_t *ret_version, struct cf_error *err)
{
    int64_t now_s = cf_wall_s(cf_central_now(central));
    struct cf_keyset old, keyset = {0};
    enum cf_rc rc = read_keyset(central, &old, err); /* in the transaction: another process may have rotated */
    if (rc == CF_OK && old.version != central->issuers->keyset.version) {
        rc = cf_issuers_open(central, dir, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    keyset.version = old.version + 1;
    keep_old_keys(&old, now_s, &keyset);
    size_t n_old = keyset.n_keys;
    if (n_old + CF_ISSUERS > CF_KEYSET_KEYS_MAX) {
        return cf_fail(err, CF_E_LIMIT, "%zu keys of older generations are valid still", n_old);
    }
    for (size_t slot = 0; rc == CF_OK && slot < CF_ISSUERS; slot++) {
        rc = add_key(central, dir, (enum cf_issuer_slot)slot, now_s + lead_s + CF_ISSUER_DAYS * CF_DAY_S, &keyset, err);
    }
    if (rc == CF_OK) {
        rc = put_times(central, &keyset, n_old, now_s + lead_s, err);
    }
    if (rc == CF_OK) {
        rc = put_into_force(central, &keyset, root, err);
    }
    if (rc == CF_OK) {
        *ret_version = keyset.version;
    }
    return rc;
}

static bool is_root(const struct cf_central *central, const struct cf_private_key *key)
{
    cf_public_key public_key;
    cf_private_key_public(key, &public_key);
    return memcmp(&public_key, &central->roots[0], sizeof public_key) == 0 ||
           memcmp(&public_key, &central->roots[1], sizeof public_key) == 0;
}

enum cf_rc cf_central_rotate_keys(struct cf_central *central, const char *dir, const struct cf_private_key *root,
                                  int64_t lead_s, uint64_t *ret_version, struct cf_error *err)
{
    uint64_t version = 0;
    if (!is_root(central, root)) {
        return cf_fail(err, CF_E_ARGUMENT, "this is neither of the two root keys");
    }
    if (lead_s < 0 || lead_s > CF_LEAD_DAYS_MAX * CF_DAY_S) {
        return cf_fail(err, CF_E_RANGE, "a lead of 0 to %d days", CF_LEAD_DAYS_MAX);
    }
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, rotate(central, dir, root, lead_s, &version, err), err);
    if (rc == CF_OK) {
        rc = cf_central_ring_new(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_issuers_open(central, dir, err);
    }
    if (rc == CF_OK) {
        *ret_version = version;
    }
    return rc;
}
