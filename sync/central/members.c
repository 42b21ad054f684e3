/*
 * sync/central/members.c - members: joining, their card, points and tier.
 */
#include "sync/central/members.h"

#include "sync/central/coupon_row.h"
#include "sync/central/handlers.h"
#include "sync/central/masked_name.h"

#include <stdio.h>
#include <string.h>

#define DAY_S INT64_C(86400)
#define CARD_DAYS 730
#define SEGMENT_BYTES 4

struct member {
    cf_sub sub;
    char name[CF_NAME_MAX + 1];
    cf_public_key device_key;
    int64_t home_store;
    int64_t card_exp_s;
    int64_t points, points_ever;
    int64_t tier;
};

/* --- what promotions may know ------------------------------------------------------------------------------------ */

static uint32_t segment_at(cf_bytes packed, size_t i)
{
    const uint8_t *p = packed.p + i * SEGMENT_BYTES;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

enum cf_rc cf_member_facts_get(struct cf_central *central, cf_sub sub, struct cf_member_known *ret,
                               struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_member_known known = {.agreed = false};
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MEMBER_FACTS_GET, CF_ARGS(cf_v_int(cf_sub_number(sub))), row, &found, err);
    if (rc == CF_OK && found) {
        known.is_known = true;
        known.agreed = row[0].i != 0;
        known.claims.birthday = (uint16_t)row[1].i;
        known.claims.n_segments = row[2].kind == CF_VALUE_BLOB ? row[2].b.n / SEGMENT_BYTES : 0;
        known.claims.purchases = (uint32_t)(row[3].i < CF_VISITS_MAX ? row[3].i : CF_VISITS_MAX);
        known.claims.as_of_day = (uint32_t)(cf_wall_s(cf_central_now(central)) / DAY_S);
        if (known.claims.n_segments > CF_CLAIMS_SEGMENTS_MAX) {
            return cf_fail(err, CF_E_INTERNAL, "a member's segments");
        }
        for (size_t i = 0; i < known.claims.n_segments; i++) {
            known.claims.segments[i] = segment_at(row[2].b, i);
        }
    }
    if (rc == CF_OK) {
        *ret = known;
    }
    return rc;
}

static enum cf_rc put_facts(struct cf_central *central, cf_sub sub, const struct cf_claims *claims,
                            struct cf_error *err)
{
    uint8_t packed[CF_CLAIMS_SEGMENTS_MAX * SEGMENT_BYTES];
    for (size_t i = 0; i < claims->n_segments; i++) {
        for (size_t k = 0; k < SEGMENT_BYTES; k++) {
            packed[i * SEGMENT_BYTES + k] = (uint8_t)(claims->segments[i] >> (8 * (SEGMENT_BYTES - 1 - k)));
        }
    }
    return cf_store_run(central->store, CF_Q_MEMBER_FACTS_PUT,
                        CF_ARGS(cf_v_int(cf_sub_number(sub)), cf_v_int(1), cf_v_int(claims->birthday),
                                cf_v_blob(packed, claims->n_segments * SEGMENT_BYTES)),
                        err);
}

/* Cards that claim it are about, and tills that read them may be offline. */
static enum cf_rc note_facts(struct cf_central *central, cf_sub sub, struct cf_error *err)
{
    struct cf_member_known was;
    struct cf_value member = cf_v_int(cf_sub_number(sub));
    enum cf_rc rc = cf_member_facts_get(central, sub, &was, err);
    if (rc == CF_OK && was.claims.birthday != 0) {
        rc = cf_store_run(central->store, CF_Q_MEMBER_SAID_ADD,
                          CF_ARGS(member, cf_v_int(CF_SAID_BIRTHDAY), cf_v_int(was.claims.birthday)), err);
    }
    for (size_t i = 0; i < was.claims.n_segments && rc == CF_OK; i++) {
        rc = cf_store_run(central->store, CF_Q_MEMBER_SAID_ADD,
                          CF_ARGS(member, cf_v_int(CF_SAID_SEGMENT), cf_v_int(was.claims.segments[i])), err);
    }
    return rc;
}

enum cf_rc cf_member_was_said(struct cf_central *central, cf_sub sub, enum cf_member_said what, uint32_t value,
                              bool *ret_said, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MEMBER_SAID_GET,
                     CF_ARGS(cf_v_int(cf_sub_number(sub)), cf_v_int(what), cf_v_int(value)), row, &found, err);
    if (rc == CF_OK) {
        *ret_said = found && row[0].i != 0;
    }
    return rc;
}

/* "02-29", or "" for none. */
static enum cf_rc read_birthday(const char *text, uint16_t *ret, struct cf_error *err)
{
    char date[16];
    cf_wall day;
    if (text[0] == '\0') {
        *ret = 0;
        return CF_OK;
    }
    (void)snprintf(date, sizeof date, "2024-%s", text); /* a leap year */
    if (strlen(text) != 5 || cf_wall_parse(date, &day, NULL) != CF_OK) {
        return cf_fail(err, CF_E_JSON_RANGE, "birthday: a month and a day such as 02-29 expected");
    }
    *ret = (uint16_t)(cf_wall_date(day, 0) % 10000);
    return CF_OK;
}

static enum cf_rc read_segments(const json_t *list, struct cf_claims *claims, struct cf_error *err)
{
    int64_t v = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; list != NULL && rc == CF_OK && i < json_array_size(list); i++) {
        rc = cf_json_item_int(list, i, "segments", 1, UINT32_MAX, &v, err);
        if (rc == CF_OK && i > 0 && v <= claims->segments[i - 1]) {
            rc = cf_fail(err, CF_E_JSON_RANGE, "segments[%zu]: they must rise", i);
        }
        claims->segments[i] = (uint32_t)v;
    }
    claims->n_segments = list != NULL ? json_array_size(list) : 0;
    return rc;
}

static enum cf_rc sign_card(struct cf_central *central, const struct member *member, char text[CF_CODE_TEXT_MAX],
                            struct cf_error *err)
{
    struct cf_card card = {.sub = member->sub,
                           .exp_s = member->card_exp_s,
                           .device_key = member->device_key,
                           .tier = (uint8_t)member->tier,
                           .home_store = (uint32_t)member->home_store};
    struct cf_code code;
    struct cf_member_known known;
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_CARD];
    enum cf_rc rc = cf_member_facts_get(central, member->sub, &known, err);
    if (rc != CF_OK) {
        return rc;
    }
    card.has_claims = known.agreed;
    if (known.agreed) {
        card.claims = known.claims;
    }
    rc = cf_card_sign(&card, issuer->kid, issuer->key, &code, err);
    return rc == CF_OK ? cf_code_text(&code, text, err) : rc;
}

static enum cf_rc member_json(struct cf_central *central, const struct member *member, json_t **ret,
                              struct cf_error *err)
{
    char card[CF_CODE_TEXT_MAX];
    enum cf_rc rc = sign_card(central, member, card, err);
    if (rc != CF_OK) {
        return rc;
    }
    json_t *json = json_object();
    cf_json_set_hex(json, "member", cf_bytes_of(member->sub.b, CF_SUB_BYTES));
    cf_json_set_text(json, "name", member->name);
    cf_json_set_text(json, "card", card);
    cf_json_set_instant(json, "card_expires", cf_wall_from_s(member->card_exp_s));
    cf_json_set_int(json, "tier", member->tier);
    cf_json_set_int(json, "points", member->points);
    cf_json_set_int(json, "points_ever", member->points_ever);
    *ret = json;
    return CF_OK;
}

static enum cf_rc add_member(struct cf_central *central, const struct member *m, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_MEMBER_ADD,
                        CF_ARGS(cf_v_int(cf_sub_number(m->sub)), cf_v_text(m->name),
                                cf_v_blob(m->device_key.point, CF_P256_PUBLIC_BYTES), cf_v_int(m->home_store),
                                cf_v_int(cf_central_now(central).us), cf_v_int(m->card_exp_s)),
                        err);
}

enum cf_rc cf_handle_member_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct member member = {.home_store = 0};
    const struct cf_json_field fields[] = {
        {.name = "name", .text = member.name, .cap = sizeof member.name, .min_bytes = 1},
        {.name = "device_key", .hex = member.device_key.point, .hex_bytes = CF_P256_PUBLIC_BYTES},
        {.name = "home_store", .integer = &member.home_store, .max = UINT32_MAX, .optional = true},
    };
    uint8_t point[65];
    enum cf_rc rc = CF_CALL_READ(call, fields, err);
    if (rc == CF_OK && cf_point_decompress(&member.device_key, point, NULL) != CF_OK) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "device_key: no point of P-256");
    }
    if (rc != CF_OK) {
        return rc;
    }
    do {
        cf_env_random(central->env, member.sub.b, CF_SUB_BYTES);
    } while (cf_sub_number(member.sub) == 0);
    member.card_exp_s = cf_wall_s(cf_central_now(central)) + CARD_DAYS * DAY_S;
    rc = member_json(central, &member, &reply->json, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_end(central, add_member(central, &member, err), err);
    }
    reply->status = 201;
    return rc;
}

static enum cf_rc get_member(struct cf_central *central, cf_sub sub, struct member *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MEMBER_GET, CF_ARGS(cf_v_int(cf_sub_number(sub))), row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found) {
        char text[2 * CF_SUB_BYTES + 1];
        cf_hex_encode(cf_bytes_of(sub.b, CF_SUB_BYTES), text);
        return cf_fail(err, CF_E_MEMBER_UNKNOWN, "member %s", text);
    }
    if (row[0].b.n > CF_NAME_MAX || row[1].b.n != CF_P256_PUBLIC_BYTES) {
        return cf_fail(err, CF_E_INTERNAL, "a member's row");
    }
    *ret = (struct member){.sub = sub,
                           .home_store = row[2].i,
                           .card_exp_s = row[4].i,
                           .points = row[5].i,
                           .points_ever = row[6].i,
                           .tier = row[7].i};
    memcpy(ret->name, row[0].b.p, row[0].b.n);
    memcpy(ret->device_key.point, row[1].b.p, CF_P256_PUBLIC_BYTES);
    return CF_OK;
}

enum cf_rc cf_member_check(struct cf_central *central, cf_sub sub, unsigned *ret_tier, struct cf_error *err)
{
    struct member member;
    enum cf_rc rc = get_member(central, sub, &member, err);
    if (rc == CF_OK) {
        *ret_tier = (unsigned)member.tier;
    }
    return rc;
}

enum cf_rc cf_member_see(struct cf_central *central, cf_sub sub, struct cf_member_seen *ret, struct cf_error *err)
{
    struct member member;
    enum cf_rc rc = get_member(central, sub, &member, err);
    if (rc == CF_OK) {
        *ret = (struct cf_member_seen){.tier = (unsigned)member.tier, .points = member.points};
        cf_masked_name(cf_bytes_str(member.name), ret->masked, sizeof ret->masked);
    }
    return rc;
}

static const char *coupon_state(int64_t state)
{
    return state == CF_COUPON_LIVE       ? "live"
           : state == CF_COUPON_REDEEMED ? "redeemed"
           : state == CF_COUPON_REFUNDED ? "refunded"
           : state == CF_COUPON_REVOKED  ? "revoked"
                                         : "stranded";
}

static enum cf_rc list_coupon(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "campaign", row[0].i);
    cf_json_set_int(json, "index", row[1].i);
    cf_json_set_instant(json, "expires", cf_wall_from_s(row[2].i));
    cf_json_set(json, "home", row[3].kind == CF_VALUE_INT ? json_integer(row[3].i) : json_null());
    cf_json_set_int(json, "generation", row[4].i);
    cf_json_set_text(json, "state", coupon_state(row[5].i));
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

enum cf_rc cf_member_of_path(const struct cf_call *call, cf_sub *ret, struct cf_error *err)
{
    if (strlen(call->param[0]) != 2 * CF_SUB_BYTES ||
        cf_hex_decode(call->param[0], ret->b, CF_SUB_BYTES, NULL) != CF_OK) {
        return cf_fail(err, CF_E_MEMBER_UNKNOWN, "a member has %d hexadecimal digits", 2 * CF_SUB_BYTES);
    }
    return CF_OK;
}

enum cf_rc cf_handle_member_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    cf_sub sub;
    struct member member;
    struct cf_value reserved[CF_STORE_COLUMNS_MAX], flags[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_member_of_path(call, &sub, err);
    if (rc == CF_OK) {
        rc = get_member(central, sub, &member, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_MEMBER_POINTS_RESERVED, CF_ARGS(cf_v_int(cf_sub_number(sub))), reserved,
                          &found, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_MEMBER_FLAGS, CF_ARGS(cf_v_int(cf_sub_number(sub))), flags, &found, err);
    }
    if (rc == CF_OK) {
        rc = member_json(central, &member, &reply->json, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    json_t *list = json_array();
    cf_json_set_int(reply->json, "points_in_vouchers", reserved[0].i);
    cf_json_set_int(reply->json, "flags", flags[0].i);
    cf_json_set(reply->json, "coupons", list);
    return cf_store_each(central->store, CF_Q_MEMBER_COUPONS, CF_ARGS(cf_v_int(cf_sub_number(sub))), list_coupon, list,
                         err);
}

enum cf_rc cf_handle_member_facts(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    cf_sub sub;
    struct member member;
    char birthday[8] = "";
    const json_t *segments = NULL;
    struct cf_claims claims = {.n_segments = 0};
    const struct cf_json_field fields[] = {
        {.name = "birthday", .text = birthday, .cap = sizeof birthday, .optional = true},
        {.name = "segments", .array = &segments, .items_max = CF_CLAIMS_SEGMENTS_MAX, .optional = true},
    };
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = CF_JSON_READ(json, "", fields, err);
    if (rc == CF_OK) {
        rc = read_birthday(birthday, &claims.birthday, err);
    }
    if (rc == CF_OK) {
        rc = read_segments(segments, &claims, err);
    }
    json_decref(json);
    if (rc == CF_OK) {
        rc = cf_member_of_path(call, &sub, err);
    }
    if (rc == CF_OK) {
        rc = get_member(central, sub, &member, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc == CF_OK) {
        rc = note_facts(central, sub, err);
        rc = cf_central_end(central, rc == CF_OK ? put_facts(central, sub, &claims, err) : rc, err);
    }
    return rc == CF_OK ? member_json(central, &member, &reply->json, err) : rc;
}

enum cf_rc cf_member_earn(struct cf_central *central, cf_sub sub, int64_t points, uint64_t counter, bool *ret_known,
                          struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    int64_t sub_number = cf_sub_number(sub);
    int64_t kept = counter > INT64_MAX ? INT64_MAX : (int64_t)counter;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_MEMBER_EARN,
                                 CF_ARGS(cf_v_int(sub_number), cf_v_int(points), cf_v_int(kept)), row, ret_known, err);
    if (rc != CF_OK || !*ret_known) {
        return rc;
    }
    unsigned tier = cf_tier_of_points(&central->programme, row[0].i);
    if ((int64_t)tier <= row[1].i) { /* a tier is kept once it is reached */
        return CF_OK;
    }
    return cf_store_run(central->store, CF_Q_MEMBER_SET_TIER, CF_ARGS(cf_v_int(sub_number), cf_v_int(tier)), err);
}
