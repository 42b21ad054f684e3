/*
 * sync/central/judge_money.c - taxes, coins and foreign money as a sale has them, held against all that the store's
 * settings ever were: rows of judge_sale.c.
 */
#include "sync/central/judge.h"

#include "app/core/tax.h"

#define RULES_KEY 0

/* --- taxes -------------------------------------------------------------------------------------------------------- */

static enum cf_rc find_by_line(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    bool *by_line = ctx;
    (void)err;
    *by_line = *by_line || (entry->kind == CF_DOWN_STORE_RULES && entry->store_rules.tax_rounding == CF_TAX_BY_LINE);
    return CF_OK;
}

enum cf_rc cf_judge_tax_mode(const struct cf_judging *j, struct cf_error *err)
{
    enum cf_tax_mode mode = j->sale->tax_mode, store = j->settings->tax_mode;
    bool said = false;
    if (mode == cf_tax_mode_of(store, CF_TAX_BY_DOCUMENT)) { /* as every store has it until it says otherwise */
        return CF_OK;
    }
    enum cf_rc rc = CF_OK;
    if (mode == cf_tax_mode_of(store, CF_TAX_BY_LINE)) {
        rc = cf_judge_ever(j, CF_TOPIC_RULES, RULES_KEY, RULES_KEY, find_by_line, &said, err);
    }
    if (rc != CF_OK || said) {
        return rc;
    }
    return cf_judge_alarm(j, err, "taxes by mode %d, and the store never had it so", (int)mode);
}

/* --- cash --------------------------------------------------------------------------------------------------------- */

static enum cf_rc find_step(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    int64_t *step = ctx;
    (void)err;
    if (entry->kind == CF_DOWN_STORE_RULES && entry->store_rules.has_cash &&
        entry->store_rules.cash.step_minor > *step) {
        *step = entry->store_rules.cash.step_minor;
    }
    return CF_OK;
}

enum cf_rc cf_judge_coin(struct cf_central *central, const struct cf_log *log, cf_currency currency,
                         int64_t *ret_step_minor, struct cf_error *err)
{
    const struct cf_judging j = {.central = central, .log = log};
    int64_t step = cf_cash_rule_of(currency).step_minor;
    enum cf_rc rc = cf_judge_ever(&j, CF_TOPIC_RULES, RULES_KEY, RULES_KEY, find_step, &step, err);
    if (rc == CF_OK) {
        *ret_step_minor = step;
    }
    return rc;
}

struct rule_search {
    const struct cf_cash_rule *rule;
    bool found;
};

static bool is_same_rule(const struct cf_cash_rule *a, const struct cf_cash_rule *b)
{
    return a->step_minor == b->step_minor && a->way == b->way;
}

static enum cf_rc find_rule(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct rule_search *search = ctx;
    (void)err;
    search->found = search->found || (entry->kind == CF_DOWN_STORE_RULES && entry->store_rules.has_cash &&
                                      is_same_rule(&entry->store_rules.cash, search->rule));
    return CF_OK;
}

/* What follows from the rule was reckoned when the record was read; here is whether it ever was the store's. */
static enum cf_rc judge_rule(const struct cf_judging *j, const struct cf_cash_rule *rule, struct cf_error *err)
{
    const struct cf_cash_rule usual = cf_cash_rule_of(j->settings->currency);
    struct rule_search search = {rule, is_same_rule(rule, &usual)};
    enum cf_rc rc =
        search.found ? CF_OK : cf_judge_ever(j, CF_TOPIC_RULES, RULES_KEY, RULES_KEY, find_rule, &search, err);
    if (rc != CF_OK || search.found) {
        return rc;
    }
    return cf_judge_alarm(j, err, "cash was rounded in steps of %lld %s, which never was the store's rule",
                          (long long)rule->step_minor, cf_cash_way_name(rule->way));
}

/* By the rule that the record names. One without, as they all were once: the rest is rounded by less than a coin, of
 * those that the store or its currency ever had. */
enum cf_rc cf_judge_rounding(const struct cf_judging *j, struct cf_error *err)
{
    int64_t rounding = j->sale->tenders.rounding_minor, step = 0;
    if (j->sale->tenders.cash.step_minor > 1) {
        return judge_rule(j, &j->sale->tenders.cash, err);
    }
    if (rounding == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_judge_coin(j->central, j->log, j->settings->currency, &step, err);
    if (rc != CF_OK || (rounding < step && rounding > -step)) {
        return rc;
    }
    return cf_judge_alarm(j, err, "cash was rounded by %lld, and the store's smallest coin is %lld",
                          (long long)rounding, (long long)step);
}

struct rate_search {
    const struct cf_rate *rate;
    bool found;
};

static enum cf_rc find_rate(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct rate_search *search = ctx;
    (void)err;
    if (entry->kind == CF_DOWN_STORE_RULES) {
        const struct cf_store_rate *said = cf_store_rules_rate(&entry->store_rules, search->rate->currency);
        search->found = search->found || (said != NULL && said->rate.rate_e8 == search->rate->rate_e8);
    }
    return CF_OK;
}

/* What foreign cash is worth by its rate is reckoned when the record is read; here is whether the rate was the store's.
 */
enum cf_rc cf_judge_rates(const struct cf_judging *j, struct cf_error *err)
{
    for (size_t i = 0; i < j->sale->tenders.n; i++) {
        const struct cf_tender *tender = &j->sale->tenders.tender[i];
        struct rate_search search = {.rate = &tender->rate};
        char rate[CF_RATE_TEXT_MAX];
        if (tender->foreign_minor == 0) {
            continue;
        }
        enum cf_rc rc = cf_judge_ever(j, CF_TOPIC_RULES, RULES_KEY, RULES_KEY, find_rate, &search, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (!search.found) {
            cf_rate_format(tender->rate.rate_e8, rate);
            return cf_judge_alarm(j, err, "tender %zu: %.3s at %s, which never was a rate of the store", i + 1,
                                  tender->rate.currency.code, rate);
        }
    }
    return CF_OK;
}
