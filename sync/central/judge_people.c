/*
 * sync/central/judge_people.c - who sold, who allowed what, who changed a price or gave a discount: held against the
 * users that the store ever had and what their roles may do (app/core/permit.h). Rows of judge_sale.c.
 *
 * A store that never had users works as one nameless cashier who may do all. A role that somebody ever had is good: a
 * till may not have heard of the newest.
 */
#include "sync/central/judge.h"
#include "sync/central/price_lists.h"

#include "app/core/user.h"

#include <stdlib.h>

#define ROLES_MAX 8

/* --- the users of the store --------------------------------------------------------------------------------------- */

static enum cf_rc add_role(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    unsigned *roles = ctx;
    (void)err;
    if (entry->kind == CF_DOWN_USER && !entry->user.gone && (unsigned)entry->user.role < ROLES_MAX) {
        *roles |= 1u << entry->user.role;
    }
    return CF_OK;
}

/* The roles that a user ever had, or-ed 1 << role; 0: there never was such a user. */
static enum cf_rc roles_of(const struct cf_judging *j, uint32_t user, unsigned *ret, struct cf_error *err)
{
    *ret = 0;
    return user == 0 ? CF_OK : cf_judge_ever(j, CF_TOPIC_USERS, user, user, add_role, ret, err);
}

static bool may(const struct cf_judging *j, unsigned roles, enum cf_act act, const struct cf_act_size *size)
{
    for (int role = CF_ROLE_CASHIER; role < ROLES_MAX; role++) {
        if ((roles >> role & 1) != 0 &&
            cf_permit_check((enum cf_role)role, act, size, j->settings->currency, NULL) == CF_OK) {
            return true;
        }
    }
    return false;
}

static enum cf_rc has_users(const struct cf_judging *j, bool *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(j->central->store, CF_Q_DOWN_TOPIC_GET,
                                 CF_ARGS(cf_v_int(CF_TOPIC_USERS), cf_v_int(j->log->store)), row, &found, err);
    *ret = rc == CF_OK && found && row[0].i > 0;
    return rc;
}

/* --- who sold ----------------------------------------------------------------------------------------------------- */

struct timeline {
    uint64_t cursor;
    size_t n;
    uint32_t users[CF_USERS_MAX];
    bool without; /* there were no users at the cursor, or at some time since */
};

static void follow(struct timeline *t, const struct cf_user *user)
{
    size_t at = 0;
    while (at < t->n && t->users[at] != user->user) {
        at++;
    }
    if (user->gone && at < t->n) {
        t->users[at] = t->users[--t->n];
    } else if (!user->gone && at == t->n && t->n < CF_USERS_MAX) {
        t->users[t->n++] = user->user;
    }
}

static enum cf_rc step_of_time(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct timeline *t = ctx;
    struct cf_down_entry entry;
    (void)err;
    if ((uint64_t)row[3].i > t->cursor) {
        t->without = t->without || t->n == 0;
    }
    if (cf_down_decode(row[1].b, &entry, NULL) == CF_OK && entry.kind == CF_DOWN_USER) {
        follow(t, &entry.user);
    }
    return CF_OK;
}

/* Nobody was logged in: at a till that had not heard of any user, or when there were none. */
static enum cf_rc judge_nobody(const struct cf_judging *j, bool *ret_may, struct cf_error *err)
{
    struct timeline *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "users");
    }
    t->cursor = j->cursor;
    enum cf_rc rc =
        cf_store_each(j->central->store, CF_Q_DOWN_ENTRY_RANGE,
                      CF_ARGS(cf_v_int(CF_TOPIC_USERS), cf_v_int(j->log->store), cf_v_int(0), cf_v_int(INT32_MAX)),
                      step_of_time, t, err);
    *ret_may = t->without || t->n == 0;
    free(t);
    return rc;
}

enum cf_rc cf_judge_user(const struct cf_judging *j, struct cf_error *err)
{
    static const struct cf_act_size none = {0};
    const struct cf_sale_people *people = &j->sale->people;
    bool users = false, nobody = false;
    unsigned roles = 0;
    enum cf_rc rc = has_users(j, &users, err);
    if (rc == CF_OK && !users && people->user == 0) {
        return CF_OK;
    }
    if (rc == CF_OK && people->user == 0) {
        rc = judge_nobody(j, &nobody, err);
        return rc != CF_OK || nobody ? rc : cf_judge_alarm(j, err, "nobody was logged in, and the till knew of users");
    }
    if (rc == CF_OK) {
        rc = roles_of(j, people->user, &roles, err);
    }
    if (rc != CF_OK || may(j, roles, CF_ACT_SELL, &none)) {
        return rc;
    }
    return cf_judge_alarm(j, err, "user %lu sold: %s", (unsigned long)people->user,
                          roles == 0 ? "there never was such a user" : "and never might");
}

/* --- who allowed -------------------------------------------------------------------------------------------------- */

enum cf_rc cf_judge_overrides(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale_people *people = &j->sale->people;
    for (size_t i = 0; i < people->n_overrides; i++) {
        const struct cf_sale_override *o = &people->overrides[i];
        unsigned roles = 0;
        enum cf_rc rc = roles_of(j, o->by, &roles, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (!may(j, roles, o->act, &o->size)) {
            return cf_judge_alarm(j, err, "override %zu: user %lu allowed %s of %lld, %lu.%02lu %%, %s", i + 1,
                                  (unsigned long)o->by, cf_act_name(o->act), (long long)o->size.minor,
                                  (unsigned long)o->size.percent_bp / 100, (unsigned long)o->size.percent_bp % 100,
                                  roles == 0 ? "and there never was such a user" : "and never might");
        }
    }
    return CF_OK;
}

/* --- who changed a price ------------------------------------------------------------------------------------------ */

static enum cf_rc gross_of(const struct cf_sale_line *line, int64_t unit_minor, int64_t *ret)
{
    return cf_muldiv_round(unit_minor, line->qty_milli, 1000, ret, NULL);
}

/* What was taken off the line: against what the shelf said, as the record tells it. *ret_free: there was no price, and
 * giving goods one is selling. */
static enum cf_rc size_of_change(const struct cf_judging *j, const struct cf_sale_line *line, struct cf_act_size *ret,
                                 bool *ret_free, struct cf_error *err)
{
    int64_t was = 0, now = 0, bp = 0;
    struct cf_goods_said goods;
    bool found = false;
    enum cf_rc rc = CF_OK;
    *ret = (struct cf_act_size){0};
    *ret_free = false;
    if (line->shelf_minor == 0) { /* no price was there, or the till does not say yet what it was */
        rc = cf_price_was_said(j->central, j->log->store, line->product, 0, 0, ret_free, err);
        if (rc == CF_OK && !*ret_free) {
            rc = cf_judge_goods_now(j, line->product, &goods, &found, err);
            *ret_free = found && goods.price_minor == 0;
        }
        return rc;
    }
    if (gross_of(line, line->shelf_minor, &was) != CF_OK || gross_of(line, line->unit_price_minor, &now) != CF_OK ||
        now >= was) {
        return CF_OK;
    }
    if (cf_muldiv_round(was - now, 10000, was, &bp, NULL) == CF_OK) {
        *ret = (struct cf_act_size){.minor = was - now, .percent_bp = (uint32_t)bp};
    }
    return CF_OK;
}

static bool was_allowed(const struct cf_sale_people *people, enum cf_act act, const struct cf_act_size *size)
{
    bool full = people->n_overrides == CF_SALE_OVERRIDES_MAX; /* there may have been more */
    for (size_t i = 0; i < people->n_overrides; i++) {
        const struct cf_sale_override *o = &people->overrides[i];
        if (o->act == act && o->size.minor >= size->minor && o->size.percent_bp >= size->percent_bp) {
            return true;
        }
    }
    return full;
}

struct login_search {
    const struct cf_judging *j;
    enum cf_act act;
    const struct cf_act_size *size;
    bool found;
};

static enum cf_rc look_at_login(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct login_search *search = ctx;
    struct cf_user_event event;
    unsigned roles = 0;
    if (search->found || cf_user_event_decode(row[0].b, &event, NULL) != CF_OK || event.kind != CF_USER_LOGIN) {
        return CF_OK;
    }
    enum cf_rc rc = roles_of(search->j, event.user, &roles, err);
    search->found = may(search->j, roles, search->act, search->size);
    return rc;
}

/* An open sale stays open while somebody else logs in, and its record names who finished it. */
static enum cf_rc was_somebody_here(const struct cf_judging *j, enum cf_act act, const struct cf_act_size *size,
                                    bool *ret, struct cf_error *err)
{
    struct login_search search = {.j = j, .act = act, .size = size};
    enum cf_rc rc = cf_store_each(j->central->store, CF_Q_RECORD_LOGINS,
                                  CF_ARGS(cf_v_int((int64_t)cf_record_id(j->log->id, 0)), cf_v_int((int64_t)j->id)),
                                  look_at_login, &search, err);
    *ret = search.found;
    return rc;
}

enum cf_rc cf_judge_changed_prices(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale_people *people = &j->sale->people;
    unsigned roles = 0;
    bool known = false;
    if (people->user == 0) { /* a store without users; else it is told */
        return CF_OK;
    }
    for (size_t i = 0; i < j->sale->n_lines; i++) {
        const struct cf_sale_line *line = &j->sale->lines[i];
        struct cf_act_size size;
        bool is_free = false, good = false;
        if (line->extra.origin != CF_PRICE_OVERRIDE) {
            continue;
        }
        enum cf_rc rc = known ? CF_OK : roles_of(j, people->user, &roles, err);
        known = true;
        if (rc == CF_OK) {
            rc = size_of_change(j, line, &size, &is_free, err);
        }
        good =
            rc == CF_OK && (is_free || may(j, roles, CF_ACT_PRICE, &size) || was_allowed(people, CF_ACT_PRICE, &size));
        if (rc == CF_OK && !good) {
            rc = was_somebody_here(j, CF_ACT_PRICE, &size, &good, err);
        }
        if (rc != CF_OK) {
            return rc;
        }
        if (!good) {
            return cf_judge_alarm(j, err, "line %zu: the price was changed by %lld, and nobody there might", i + 1,
                                  (long long)size.minor);
        }
    }
    return CF_OK;
}

/* --- who gave a discount ------------------------------------------------------------------------------------------ */

/* All that was taken off by hand is one discount, for which one of those who gave some of it may answer. */
enum cf_rc cf_judge_by_hand(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    unsigned roles = 0;
    if (sale->n_by_hand == 0 || sale->people.user == 0 || !j->is_right) {
        return CF_OK;
    }
    const struct cf_act_size size = cf_priced_hand_size(j->cart, j->priced);
    enum cf_rc rc = roles_of(j, sale->people.user, &roles, err);
    bool good =
        rc == CF_OK && (may(j, roles, CF_ACT_DISCOUNT, &size) || was_allowed(&sale->people, CF_ACT_DISCOUNT, &size));
    for (size_t i = 0; i < sale->n_by_hand && rc == CF_OK; i++) {
        uint32_t user = sale->by_hand[i].asked.user;
        if (user == 0) {
            continue; /* parked before its till had heard of users: who finished the sale has to answer for it */
        }
        rc = roles_of(j, user, &roles, err);
        if (rc == CF_OK && roles == 0) {
            return cf_judge_alarm(j, err, "discount by hand %zu: user %lu, and there never was one", i + 1,
                                  (unsigned long)user);
        }
        good = good || (rc == CF_OK && may(j, roles, CF_ACT_DISCOUNT, &size));
    }
    if (rc == CF_OK && !good) {
        rc = was_somebody_here(j, CF_ACT_DISCOUNT, &size, &good, err);
    }
    if (rc != CF_OK || good) {
        return rc;
    }
    return cf_judge_alarm(j, err, "discounts by hand of %lld, %lu.%02lu %%, and nobody there might",
                          (long long)size.minor, (unsigned long)size.percent_bp / 100,
                          (unsigned long)size.percent_bp % 100);
}
