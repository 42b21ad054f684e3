/*
 * sync/central/risk.c - optimistic campaigns: what was lost of the risk budget. See ledger.h.
 *
 * A right that was used once was meant to be. Of one that was used twice, the campaign meant to give the dearest use at
 * most; what was given beyond that is lost. Of the rights that were used when the budget in units was spent, the
 * cheapest are lost whole. Each sum depends on the uses alone, and no use adds more to it than it cost: so what is lost
 * can always be taken from what that use had at risk, and exposure and loss together never exceed the risk budget, by
 * not a cent.
 */
#include "sync/central/ledger_private.h"

#include "base/money.h"

struct risk_right {
    int64_t sum_minor, dearest_minor;
    bool certain;
};

static enum cf_rc get(struct cf_central *central, uint32_t campaign, uint32_t index, struct risk_right *ret,
                      struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RISK_RIGHT_GET, CF_ARGS(cf_v_int(campaign), cf_v_int(index)), row,
                                 &found, err);
    *ret = (struct risk_right){0};
    if (rc == CF_OK && found) {
        *ret = (struct risk_right){row[0].i, row[1].i, row[2].i > 0};
    }
    return rc;
}

static enum cf_rc put(struct cf_central *central, uint32_t campaign, uint32_t index, const struct risk_right *right,
                      struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_RISK_RIGHT_PUT,
                        CF_ARGS(cf_v_int(campaign), cf_v_int(index), cf_v_int(right->sum_minor),
                                cf_v_int(right->dearest_minor), cf_v_int(right->certain)),
                        err);
}

/* What was given of a right beyond what the campaign meant to give. */
static int64_t given_twice(const struct risk_right *right)
{
    return right->certain ? right->sum_minor : right->sum_minor - right->dearest_minor;
}

enum cf_rc cf_risk_count(struct cf_central *central, struct cf_account *account, uint32_t index, int64_t cost_minor,
                         struct cf_error *err)
{
    struct risk_right right;
    enum cf_rc rc = get(central, account->terms.id, index, &right, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t before = given_twice(&right);
    rc = cf_add_i64(right.sum_minor, cost_minor, &right.sum_minor, err);
    if (rc != CF_OK) {
        return rc;
    }
    right.dearest_minor = cost_minor > right.dearest_minor ? cost_minor : right.dearest_minor;
    account->twice_minor += given_twice(&right) - before;
    account->money_dirty = true;
    return put(central, account->terms.id, index, &right, err);
}

enum cf_rc cf_ledger_risk_certain(struct cf_central *central, struct cf_account *account, uint32_t index, int sign,
                                  struct cf_error *err)
{
    struct risk_right right;
    if (account->terms.policy != CF_POLICY_OPTIMISTIC) {
        return CF_OK;
    }
    enum cf_rc rc = get(central, account->terms.id, index, &right, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t before = given_twice(&right);
    right.certain = sign > 0;
    account->twice_minor += given_twice(&right) - before;
    account->money_dirty = true;
    return put(central, account->terms.id, index, &right, err);
}

enum cf_rc cf_ledger_risk_recount(struct cf_central *central, struct cf_account *account, uint32_t index,
                                  struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct risk_right right;
    bool found;
    if (account->terms.policy != CF_POLICY_OPTIMISTIC) {
        return CF_OK;
    }
    enum cf_rc rc = get(central, account->terms.id, index, &right, err);
    int64_t before = given_twice(&right);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_RISK_RIGHT_USES, CF_ARGS(cf_v_int(account->terms.id), cf_v_int(index)),
                          row, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    right.sum_minor = row[0].i;
    right.dearest_minor = row[1].i;
    account->twice_minor += given_twice(&right) - before;
    account->money_dirty = true;
    return put(central, account->terms.id, index, &right, err);
}

enum cf_rc cf_ledger_settle_risk(struct cf_central *central, struct cf_account *account, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_purse *risk = &account->risk;
    bool found;
    int64_t beyond_minor = 0;
    if (account->terms.policy != CF_POLICY_OPTIMISTIC || !(account->dirty || account->money_dirty)) {
        return CF_OK;
    }
    if (account->over > 0) {
        enum cf_rc rc = cf_store_row(central->store, CF_Q_RISK_BEYOND,
                                     CF_ARGS(cf_v_int(account->terms.id), cf_v_int(account->over)), row, &found, err);
        if (rc != CF_OK) {
            return rc;
        }
        beyond_minor = row[0].i;
    }
    int64_t more = account->twice_minor + beyond_minor - risk->spent;
    if (more > 0) {
        cf_purse_spend(account, risk, more);
    } else if (more < 0 && !cf_purse_move(account, risk, &risk->spent, &risk->free, -more)) {
        return cf_fail(err, CF_E_INTERNAL, "the risk of campaign %lu", (unsigned long)account->terms.id);
    }
    return CF_OK;
}
