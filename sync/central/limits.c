/*
 * sync/central/limits.c - a use that the centre commits, or a coupon that it pins, takes all that limits it at once: a
 * unit of the budget, room of the store, of the day and of the member's day, and money. See ledger.h.
 *
 * Offline the same limits are kept by shares that were taken before: a store's room and a day's share go into leases, a
 * member's day into the coupons that are pinned. Everything is looked at before anything moves.
 */
#include "sync/central/ledger_private.h"

#include "sync/central/places.h"

#include <assert.h>

/* --- a store's uses ----------------------------------------------------------------------------------------------- */

enum cf_rc cf_ledger_count_store(struct cf_central *central, const struct cf_account *account, uint32_t store,
                                 int64_t n, struct cf_error *err)
{
    if (store == 0 || n == 0 || account->terms.policy == CF_POLICY_AUTOMATIC) {
        return CF_OK;
    }
    /* Counted whether there is a limit now or not: one may be set later. */
    return cf_store_run(central->store, CF_Q_STORE_COUNT_ADD,
                        CF_ARGS(cf_v_int(account->terms.id), cf_v_int(store), cf_v_int(n)), err);
}

enum cf_rc cf_limits_store_room(struct cf_central *central, const struct cf_account *account, uint32_t store,
                                int64_t *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    *ret = INT64_MAX;
    if (store == 0 || account->terms.per_store == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_store_row(central->store, CF_Q_STORE_COUNT_GET,
                                 CF_ARGS(cf_v_int(account->terms.id), cf_v_int(store)), row, &found, err);
    if (rc == CF_OK) {
        *ret = (int64_t)account->terms.per_store - (found ? row[0].i : 0);
        *ret = *ret > 0 ? *ret : 0;
    }
    return rc;
}

/* --- days --------------------------------------------------------------------------------------------------------- */

/* Today, by the calendar of the store, or of the store by whose catalogue the channel sells. */
static enum cf_rc today(struct cf_central *central, const struct cf_bill *bill, uint32_t *ret, struct cf_error *err)
{
    struct cf_store_settings settings;
    uint32_t store = bill->store, channel = bill->channel;
    enum cf_rc rc = CF_OK;
    if (store == 0) {
        rc = cf_channel_get(central, bill->channel, &channel, &store, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, store, &settings, err);
    }
    if (rc == CF_OK) {
        cf_wall now = cf_central_now(central);
        *ret = cf_wall_date(now, cf_store_offset_min(&settings, now));
    }
    return rc;
}

static enum cf_rc check_day(struct cf_central *central, const struct cf_account *account, uint32_t day,
                            struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_DAY_COUNT_GET,
                                 CF_ARGS(cf_v_int(account->terms.id), cf_v_int(day)), row, &found, err);
    int64_t used = rc == CF_OK && found ? row[0].i : 0;
    if (rc == CF_OK && used + account->day_shared >= (int64_t)account->terms.per_day) {
        rc =
            cf_fail(err, CF_E_COUPON_LIMIT, "campaign %lu: %lu a day; %lld used online today, %lld shared out to tills",
                    (unsigned long)account->terms.id, (unsigned long)account->terms.per_day, (long long)used,
                    (long long)account->day_shared);
    }
    return rc;
}

/*
 * What the member has used today or (by a clock that runs ahead) later, and what it may still use at the homes of its
 * pinned coupons. Whichever of these is used last on some day was pinned when all the others were counted: so no day
 * ever sees more than the limit.
 */
static enum cf_rc check_member_day(struct cf_central *central, const struct cf_account *account,
                                   const struct cf_bill *bill, uint32_t day, int64_t own, struct cf_error *err)
{
    struct cf_value used[CF_STORE_COLUMNS_MAX], held[CF_STORE_COLUMNS_MAX];
    bool found;
    if (!bill->has_member) {
        return cf_fail(err, CF_E_MEMBER_REQUIRED, "campaign %lu counts by member and day",
                       (unsigned long)account->terms.id);
    }
    struct cf_value id = cf_v_int(account->terms.id), sub = cf_v_int(cf_sub_number(bill->member));
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_MEMBER_DAY_FROM, CF_ARGS(id, sub, cf_v_int(day)), used, &found, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_COUPON_RESERVED_FOR, CF_ARGS(id, sub), held, &found, err);
    }
    if (rc == CF_OK && used[0].i + held[0].i - own >= (int64_t)account->terms.per_member_day) {
        rc = cf_fail(err, CF_E_COUPON_LIMIT, "campaign %lu: %lu a member a day", (unsigned long)account->terms.id,
                     (unsigned long)account->terms.per_member_day);
    }
    return rc;
}

/* --- one use ------------------------------------------------------------------------------------------------------ */

/* What has to be taken, found out before anything is. */
struct taking {
    uint32_t day; /* 0: no limit asks for it */
    bool member_day;
    int64_t cost_minor; /* known, or held */
};

/* own: coupons reserved for the member that the use itself is about to use up. */
static enum cf_rc check(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                        bool reserved, bool days, struct taking *ret, struct cf_error *err)
{
    const struct cf_campaign *terms = &account->terms;
    int64_t room = INT64_MAX;
    *ret = (struct taking){.cost_minor = bill->cost_known ? bill->cost_minor : account->hold_minor};
    enum cf_rc rc = reserved ? CF_OK : cf_limits_store_room(central, account, bill->store, &room, err);
    if (rc == CF_OK && room < 1) {
        rc = cf_fail(err, CF_E_COUPON_LIMIT, "campaign %lu: %lu in store %lu", (unsigned long)terms->id,
                     (unsigned long)terms->per_store, (unsigned long)bill->store);
    }
    if (rc == CF_OK && (terms->per_day != 0 || terms->per_member_day != 0)) {
        rc = today(central, bill, &ret->day, err);
    }
    if (rc == CF_OK && terms->per_day != 0 && days) {
        rc = check_day(central, account, ret->day, err);
    }
    if (rc == CF_OK && terms->per_member_day != 0) {
        ret->member_day = true;
        rc = check_member_day(central, account, bill, ret->day, reserved, err);
    }
    if (rc == CF_OK && cf_account_has_money(account) && !reserved && account->money.free < ret->cost_minor) {
        rc = cf_fail(err, CF_E_COUPON_BUDGET, "campaign %lu: a use costs up to %lld, %lld is free",
                     (unsigned long)terms->id, (long long)ret->cost_minor, (long long)account->money.free);
    }
    return rc;
}

/* For the channel first what is set aside for it. */
static enum cf_rc take_unit(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                            bool reserved, enum cf_source *ret_source, struct cf_error *err)
{
    if (reserved) {
        *ret_source = CF_SOURCE_RESERVE;
        return cf_account_spend_reserved(account) ? CF_OK
                                                  : cf_fail(err, CF_E_INTERNAL, "campaign %lu: nothing is outstanding",
                                                            (unsigned long)account->terms.id);
    }
    if (bill->channel != 0) {
        struct cf_holder holder = cf_holder_of_channel(bill->channel);
        struct cf_lease *lease;
        enum cf_rc rc = cf_ledger_lease(central, account->terms.id, &holder, &lease, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (cf_lease_units_left(lease) > 0) {
            bool moved = cf_account_spend_reserved(account);
            assert(moved);
            lease->spent++;
            lease->dirty = true;
            *ret_source = CF_SOURCE_LEASE;
            return CF_OK;
        }
    }
    *ret_source = CF_SOURCE_FREE;
    return cf_account_take_free(account)
               ? CF_OK
               : cf_fail(err, CF_E_COUPON_BUDGET, "campaign %lu", (unsigned long)account->terms.id);
}

static void take_money(struct cf_account *account, const struct cf_bill *bill, bool reserved,
                       const struct taking *taking)
{
    struct cf_purse *money = &account->money;
    bool moved = true;
    if (!cf_account_has_money(account)) {
        return;
    }
    if (reserved && bill->cost_known) { /* what was held for it: the rest is free again */
        moved = cf_purse_move(account, money, &money->outstanding, &money->free, account->hold_minor);
    }
    if (bill->cost_known) {
        cf_purse_spend(account, money, taking->cost_minor);
    } else if (!reserved) {
        moved = cf_purse_move(account, money, &money->free, &money->outstanding, taking->cost_minor);
    }
    assert(moved);
}

static enum cf_rc count_days(struct cf_central *central, const struct cf_account *account, uint32_t day,
                             const cf_sub *member, int64_t n, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (account->terms.per_day != 0 && day != 0) {
        rc = cf_store_run(central->store, CF_Q_DAY_COUNT_ADD,
                          CF_ARGS(cf_v_int(account->terms.id), cf_v_int(day), cf_v_int(n)), err);
    }
    if (rc == CF_OK && member != NULL && day != 0) {
        rc = cf_store_run(
            central->store, CF_Q_MEMBER_DAY_ADD,
            CF_ARGS(cf_v_int(account->terms.id), cf_v_int(cf_sub_number(*member)), cf_v_int(day), cf_v_int(n)), err);
    }
    return rc;
}

enum cf_rc cf_ledger_may_take(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                              bool reserved, struct cf_error *err)
{
    struct taking taking;
    struct cf_holder holder = cf_holder_of_channel(bill->channel);
    struct cf_lease *lease = NULL;
    enum cf_rc rc = check(central, account, bill, reserved, true, &taking, err);
    if (rc == CF_OK && bill->channel != 0) {
        rc = cf_ledger_lease(central, account->terms.id, &holder, &lease, err);
    }
    bool set_aside = lease != NULL && cf_lease_units_left(lease) > 0;
    if (rc == CF_OK && !reserved && !set_aside && account->free <= 0) {
        rc = cf_fail(err, CF_E_COUPON_BUDGET, "campaign %lu", (unsigned long)account->terms.id);
    }
    return rc;
}

enum cf_rc cf_ledger_take(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                          bool reserved, enum cf_source *ret_source, struct cf_error *err)
{
    struct taking taking;
    enum cf_rc rc = check(central, account, bill, reserved, true, &taking, err);
    if (rc == CF_OK) {
        rc = take_unit(central, account, bill, reserved, ret_source, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    take_money(account, bill, reserved, &taking);
    rc = count_days(central, account, taking.day, taking.member_day ? &bill->member : NULL, 1, err);
    return rc == CF_OK && !reserved ? cf_ledger_count_store(central, account, bill->store, 1, err) : rc;
}

/* --- a use that a till asked for ---------------------------------------------------------------------------------- */

enum cf_rc cf_ledger_taken(struct cf_central *central, const struct cf_account *account, const struct cf_bill *bill,
                           int64_t redemption, struct cf_error *err)
{
    const struct cf_campaign *terms = &account->terms;
    uint32_t day = 0;
    enum cf_rc rc = CF_OK;
    if (terms->per_day != 0 || terms->per_member_day != 0) {
        rc = today(central, bill, &day, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    return cf_store_run(central->store, CF_Q_TAKEN_ADD,
                        CF_ARGS(cf_v_int(redemption), cf_v_int(bill->store), cf_v_int(day),
                                terms->per_member_day != 0 ? cf_v_int(cf_sub_number(bill->member)) : cf_v_null(),
                                cf_v_int(cf_account_has_money(account) && !bill->cost_known ? account->hold_minor : 0)),
                        err);
}

struct taken {
    bool found, has_member, stranded;
    uint32_t store, day;
    cf_sub member;
    int64_t hold_minor;
};

static enum cf_rc pop_taken(struct cf_central *central, int64_t redemption, struct taken *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct taken taken = {.found = false};
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TAKEN_GET, CF_ARGS(cf_v_int(redemption)), row, &taken.found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (taken.found) {
        taken.store = (uint32_t)row[0].i;
        taken.day = (uint32_t)row[1].i;
        taken.has_member = row[2].kind == CF_VALUE_INT;
        taken.member = cf_sub_from_number(row[2].i);
        taken.hold_minor = row[3].i;
        taken.stranded = row[4].i != 0;
    }
    *ret = taken;
    return cf_store_run(central->store, CF_Q_TAKEN_DROP, CF_ARGS(cf_v_int(redemption)), err);
}

/* Where what is held lies: with the epoch that asked, which may have been set apart since. */
static int64_t *held_in(struct cf_purse *money, const struct taken *taken)
{
    return taken->stranded ? &money->stranded : &money->outstanding;
}

enum cf_rc cf_ledger_confirm(struct cf_central *central, struct cf_account *account, int64_t redemption,
                             int64_t cost_minor, struct cf_error *err)
{
    struct taken taken;
    struct cf_purse *money = &account->money;
    enum cf_rc rc = pop_taken(central, redemption, &taken, err);
    if (rc != CF_OK || !cf_account_has_money(account)) {
        return rc;
    }
    if (!cf_purse_move(account, money, held_in(money, &taken), &money->free, taken.hold_minor)) {
        return cf_fail(err, CF_E_INTERNAL, "campaign %lu: what was held is not there",
                       (unsigned long)account->terms.id);
    }
    cf_purse_spend(account, money, cost_minor);
    return CF_OK;
}

enum cf_rc cf_ledger_undo(struct cf_central *central, struct cf_account *account, int64_t redemption,
                          enum cf_source source, struct cf_error *err)
{
    struct taken taken;
    struct cf_purse *money = &account->money;
    enum cf_rc rc = pop_taken(central, redemption, &taken, err);
    if (rc != CF_OK || !taken.found) {
        return rc;
    }
    /* What a pinned coupon holds it holds again. */
    int64_t *to = source == CF_SOURCE_RESERVE ? &money->outstanding : &money->free;
    if (!cf_purse_move(account, money, held_in(money, &taken), to, taken.hold_minor)) {
        return cf_fail(err, CF_E_INTERNAL, "campaign %lu: what was held is not there",
                       (unsigned long)account->terms.id);
    }
    rc = count_days(central, account, taken.day, taken.has_member ? &taken.member : NULL, -1, err);
    return rc == CF_OK && source != CF_SOURCE_RESERVE ? cf_ledger_count_store(central, account, taken.store, -1, err)
                                                      : rc;
}

/* --- pinned coupons ----------------------------------------------------------------------------------------------- */

enum cf_rc cf_ledger_reserve(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                             struct cf_error *err)
{
    struct taking taking;
    struct cf_purse *money = &account->money;
    enum cf_rc rc = check(central, account, bill, false, false, &taking, err);
    if (rc == CF_OK && !cf_account_reserve(account)) {
        rc = cf_fail(err, CF_E_COUPON_BUDGET, "campaign %lu", (unsigned long)account->terms.id);
    }
    if (rc == CF_OK && cf_account_has_money(account)) {
        bool moved = cf_purse_move(account, money, &money->free, &money->outstanding, account->hold_minor);
        assert(moved);
    }
    return rc == CF_OK ? cf_ledger_count_store(central, account, bill->store, 1, err) : rc;
}

enum cf_rc cf_ledger_release(struct cf_central *central, struct cf_account *account, uint32_t store,
                             struct cf_error *err)
{
    struct cf_purse *money = &account->money;
    if (!cf_account_release(account) || !cf_purse_move(account, money, &money->outstanding, &money->free,
                                                       cf_account_has_money(account) ? account->hold_minor : 0)) {
        return cf_fail(err, CF_E_INTERNAL, "campaign %lu: what was reserved is not outstanding",
                       (unsigned long)account->terms.id);
    }
    return cf_ledger_count_store(central, account, store, -1, err);
}

enum cf_rc cf_ledger_drop_hold(struct cf_account *account, struct cf_error *err)
{
    struct cf_purse *money = &account->money;
    int64_t held = cf_account_has_money(account) ? account->hold_minor : 0;
    return cf_purse_move(account, money, &money->outstanding, &money->free, held)
               ? CF_OK
               : cf_fail(err, CF_E_INTERNAL, "campaign %lu: what was held is not outstanding",
                         (unsigned long)account->terms.id);
}

enum cf_rc cf_ledger_use_pinned(struct cf_central *central, struct cf_account *account, bool stranded, uint32_t day,
                                const cf_sub *member, int64_t cost_minor, struct cf_error *err)
{
    struct cf_purse *money = &account->money;
    if (cf_account_has_money(account)) {
        if (!cf_purse_move(account, money, stranded ? &money->stranded : &money->outstanding, &money->free,
                           account->hold_minor)) {
            return cf_fail(err, CF_E_INTERNAL, "campaign %lu: what was held is not outstanding",
                           (unsigned long)account->terms.id);
        }
        cf_purse_spend(account, money, cost_minor);
    }
    return account->terms.per_member_day != 0 ? count_days(central, account, day, member, 1, err) : CF_OK;
}

enum cf_rc cf_ledger_use_uncovered(struct cf_central *central, struct cf_account *account, uint32_t store,
                                   int64_t cost_minor, struct cf_error *err)
{
    if (cf_account_has_money(account)) {
        cf_purse_spend(account, &account->money, cost_minor);
    }
    return cf_ledger_count_store(central, account, store, 1, err);
}

enum cf_rc cf_ledger_unuse(struct cf_central *central, struct cf_account *account, uint32_t store, int64_t cost_minor,
                           bool stays_pinned, bool *ret_held, struct cf_error *err)
{
    struct cf_purse *money = &account->money;
    bool has_money = cf_account_has_money(account), held = stays_pinned;
    if (has_money && !cf_purse_move(account, money, &money->spent, &money->free, cost_minor)) {
        return cf_fail(err, CF_E_INTERNAL, "campaign %lu: %lld were not spent", (unsigned long)account->terms.id,
                       (long long)cost_minor);
    }
    if (held && has_money) {
        held = cf_purse_move(account, money, &money->free, &money->outstanding, account->hold_minor);
    }
    *ret_held = held;
    return held ? CF_OK : cf_ledger_count_store(central, account, store, -1, err);
}
