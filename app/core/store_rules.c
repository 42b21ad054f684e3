/*
 * app/core/store_rules.c - see store_rules.h.
 *
 *   [[pattern, decimals] ...], tax_rounding, null | [step_minor, way], sells_past_best, [[currency, rate_e8, step]
 * ...], return_window_days, variance_limit_minor, [join, [reason ...]]
 *
 * The last two only if they are said: the variance limit also, as 0, where what comes behind it is.
 */
#include "app/core/store_rules.h"

#include <string.h>

#include "base/text.h"

void cf_store_rules_default(struct cf_store_rules *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->tax_rounding = CF_TAX_BY_DOCUMENT;
    ret->return_window_days = CF_RETURN_WINDOW_DAYS;
}

static enum cf_rc check_rates(const struct cf_store_rules *rules, struct cf_error *err)
{
    cf_currency currency;
    for (size_t i = 0; i < rules->n_rates; i++) {
        const struct cf_store_rate *rate = &rules->rates[i];
        if (rate->rate.currency.code[3] != '\0' ||
            cf_currency_parse(rate->rate.currency.code, &currency, NULL) != CF_OK)
            return cf_fail(err, CF_E_CURRENCY, "rates[%zu]: a currency is three capital letters", i);
        if (rate->rate.rate_e8 < 1 || rate->rate.rate_e8 > CF_RATE_MAX || rate->step_minor < 1 ||
            rate->step_minor > CF_CASH_STEP_MAX)
            return cf_fail(err, CF_E_RANGE, "rates[%zu]: out of range", i);
        if (i > 0 && memcmp(rules->rates[i - 1].rate.currency.code, rate->rate.currency.code, 3) >= 0)
            return cf_fail(err, CF_E_RANGE, "rates[%zu]: currencies rise, each once", i);
    }
    return CF_OK;
}

bool cf_join_url_is(const char *url)
{
    static const char https[] = "https://";
    size_t n = strnlen(url, CF_JOIN_URL_MAX + 1);
    bool good = n > sizeof https - 1 && n <= CF_JOIN_URL_MAX && strncmp(url, https, sizeof https - 1) == 0;
    for (size_t i = 0; good && i < n; i++)
        good = url[i] > ' ' && url[i] <= '~';
    return good;
}

static enum cf_rc check_reasons(const struct cf_store_rules *rules, struct cf_error *err)
{
    char clean[CF_RETURN_REASON_MAX + 1];
    if (rules->n_reasons > CF_RETURN_REASONS_MAX)
        return cf_fail(err, CF_E_LIMIT, "at most %d reasons", CF_RETURN_REASONS_MAX);
    for (size_t i = 0; i < rules->n_reasons; i++) {
        const char *reason = rules->reasons[i];
        size_t n = strnlen(reason, sizeof rules->reasons[i]);
        if (n == 0 || cf_text_accept(cf_bytes_of(reason, n), clean, sizeof clean, NULL) != CF_OK)
            return cf_fail(err, CF_E_RANGE, "return_reasons[%zu]: 1 to %d bytes of text", i, CF_RETURN_REASON_MAX);
        for (size_t k = 0; k < i; k++)
            if (strcmp(rules->reasons[k], reason) == 0)
                return cf_fail(err, CF_E_RANGE, "return_reasons[%zu]: it is there twice", i);
    }
    return CF_OK;
}

enum cf_rc cf_store_rules_check(const struct cf_store_rules *rules, struct cf_error *err)
{
    if (rules->n_measures > CF_MEASURES_MAX || rules->n_rates > CF_STORE_RATES_MAX)
        return cf_fail(err, CF_E_LIMIT, "at most %d templates and %d rates", CF_MEASURES_MAX, CF_STORE_RATES_MAX);
    for (size_t i = 0; i < rules->n_measures; i++) {
        struct cf_error why;
        if (cf_measure_check(&rules->measures[i], &why) != CF_OK)
            return cf_fail(err, CF_E_RANGE, "measures[%zu]: %s", i, why.detail);
    }
    if (rules->tax_rounding != CF_TAX_BY_DOCUMENT && rules->tax_rounding != CF_TAX_BY_LINE)
        return cf_fail(err, CF_E_RANGE, "tax_rounding %d", (int)rules->tax_rounding);
    if (rules->has_cash && !cf_cash_rule_is_plausible(&rules->cash))
        return cf_fail(err, CF_E_RANGE, "cash: steps of 1 to %lld", (long long)CF_CASH_STEP_MAX);
    if (rules->return_window_days < 1 || rules->return_window_days > CF_RETURN_WINDOW_DAYS_MAX)
        return cf_fail(err, CF_E_RANGE, "return_window_days: 1 to %d", CF_RETURN_WINDOW_DAYS_MAX);
    if (rules->variance_limit_minor < 0 || rules->variance_limit_minor > CF_VARIANCE_LIMIT_MAX)
        return cf_fail(err, CF_E_RANGE, "variance_limit: 1 to %lld", (long long)CF_VARIANCE_LIMIT_MAX);
    if (rules->join[0] != '\0' && !cf_join_url_is(rules->join))
        return cf_fail(err, CF_E_RANGE, "join: https:// and printable characters, at most %d", CF_JOIN_URL_MAX);
    enum cf_rc rc = check_reasons(rules, err);
    return rc == CF_OK ? check_rates(rules, err) : rc;
}

struct cf_cash_rule cf_store_rules_cash(const struct cf_store_rules *rules, cf_currency currency)
{
    return rules->has_cash ? rules->cash : cf_cash_rule_of(currency);
}

const struct cf_store_rate *cf_store_rules_rate(const struct cf_store_rules *rules, cf_currency currency)
{
    for (size_t i = 0; i < rules->n_rates; i++)
        if (cf_currency_equal(rules->rates[i].rate.currency, currency))
            return &rules->rates[i];
    return NULL;
}

static bool says_counter(const struct cf_store_rules *rules)
{
    return rules->join[0] != '\0' || rules->n_reasons > 0;
}

size_t cf_store_rules_items(const struct cf_store_rules *rules)
{
    return says_counter(rules)                ? CF_STORE_RULES_ITEMS_MAX
           : rules->variance_limit_minor != 0 ? CF_STORE_RULES_ITEMS + 1
                                              : CF_STORE_RULES_ITEMS;
}

void cf_store_rules_write(const struct cf_store_rules *rules, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, rules->n_measures);
    for (size_t i = 0; i < rules->n_measures; i++) {
        cf_cbor_write_array(w, 2);
        cf_cbor_write_text(w, rules->measures[i].pattern);
        cf_cbor_write_uint(w, rules->measures[i].decimals);
    }
    cf_cbor_write_uint(w, rules->tax_rounding);
    if (rules->has_cash) {
        cf_cbor_write_array(w, 2);
        cf_cbor_write_int(w, rules->cash.step_minor);
        cf_cbor_write_uint(w, rules->cash.way);
    } else {
        cf_cbor_write_null(w);
    }
    cf_cbor_write_bool(w, rules->sells_past_best);
    cf_cbor_write_array(w, rules->n_rates);
    for (size_t i = 0; i < rules->n_rates; i++) {
        cf_cbor_write_array(w, 3);
        cf_cbor_write_text(w, rules->rates[i].rate.currency.code);
        cf_cbor_write_int(w, rules->rates[i].rate.rate_e8);
        cf_cbor_write_int(w, rules->rates[i].step_minor);
    }
    cf_cbor_write_uint(w, rules->return_window_days);
    if (cf_store_rules_items(rules) > CF_STORE_RULES_ITEMS)
        cf_cbor_write_int(w, rules->variance_limit_minor);
    if (says_counter(rules)) {
        cf_cbor_write_array(w, 2);
        cf_cbor_write_text(w, rules->join);
        cf_cbor_write_array(w, rules->n_reasons);
        for (size_t i = 0; i < rules->n_reasons; i++)
            cf_cbor_write_text(w, rules->reasons[i]);
    }
}

void cf_store_rules_read(struct cf_cbor_reader *r, size_t items, struct cf_store_rules *ret)
{
    memset(ret, 0, sizeof *ret);
    (void)cf_cbor_read_array(r, &ret->n_measures, CF_MEASURES_MAX);
    for (size_t i = 0; i < ret->n_measures; i++) {
        (void)cf_cbor_read_array_of(r, 2);
        (void)cf_cbor_read_cstr(r, ret->measures[i].pattern, sizeof ret->measures[i].pattern);
        ret->measures[i].decimals = cf_cbor_read_u8(r);
    }
    ret->tax_rounding = (enum cf_tax_rounding)cf_cbor_read_u8(r);
    ret->has_cash = !cf_cbor_read_null(r);
    if (ret->has_cash) {
        (void)cf_cbor_read_array_of(r, 2);
        (void)cf_cbor_read_int(r, &ret->cash.step_minor);
        ret->cash.way = (enum cf_cash_way)cf_cbor_read_u8(r);
    }
    (void)cf_cbor_read_bool(r, &ret->sells_past_best);
    (void)cf_cbor_read_array(r, &ret->n_rates, CF_STORE_RATES_MAX);
    for (size_t i = 0; i < ret->n_rates; i++) {
        struct cf_store_rate *rate = &ret->rates[i];
        (void)cf_cbor_read_array_of(r, 3);
        (void)cf_cbor_read_cstr(r, rate->rate.currency.code, sizeof rate->rate.currency.code);
        (void)cf_cbor_read_int(r, &rate->rate.rate_e8);
        (void)cf_cbor_read_int(r, &rate->step_minor);
    }
    ret->return_window_days = cf_cbor_read_u32(r);
    if (items > CF_STORE_RULES_ITEMS)
        (void)cf_cbor_read_int(r, &ret->variance_limit_minor);
    if (items == CF_STORE_RULES_ITEMS_MAX) {
        (void)cf_cbor_read_array_of(r, 2);
        (void)cf_cbor_read_cstr(r, ret->join, sizeof ret->join);
        (void)cf_cbor_read_array(r, &ret->n_reasons, CF_RETURN_REASONS_MAX);
        for (size_t i = 0; i < ret->n_reasons && r->rc == CF_OK; i++)
            (void)cf_cbor_read_cstr(r, ret->reasons[i], sizeof ret->reasons[i]);
    }
    if (cf_store_rules_check(ret, NULL) != CF_OK || cf_store_rules_items(ret) != items)
        cf_cbor_read_refuse(r);
}
