/*
 * app/core/store_rules.h - how a store reads its own labels, rounds taxes and cash, what foreign money is worth, how
 * long goods come back and why, by how much a drawer may be off, and where shoppers become members.
 *
 * What a store is (name, currency, whether prices contain tax) is cf_store_settings of down.h; these rules come beside
 * it, one entry a store, and a store without them has the defaults. Pure.
 */
#ifndef CF_CORE_STORE_RULES_H
#define CF_CORE_STORE_RULES_H

#include "app/core/cash_rounding.h"
#include "app/core/measure.h"
#include "base/cbor.h"

#define CF_STORE_RATES_MAX 8
#define CF_RETURN_WINDOW_DAYS 30 /* unless the store says otherwise */
#define CF_RETURN_WINDOW_DAYS_MAX 3650
#define CF_VARIANCE_LIMIT_MAX INT64_C(100000000)
#define CF_JOIN_URL_MAX 512
#define CF_RETURN_REASONS_MAX 12
#define CF_RETURN_REASON_MAX 48 /* bytes of why goods came back */

enum cf_tax_rounding {
    CF_TAX_BY_DOCUMENT = 1, /* once a rate over the whole sale, shared over its lines: the default */
    CF_TAX_BY_LINE = 2,     /* each line on its own; the sale's tax is their sum */
};
struct cf_store_rate {
    struct cf_rate rate;
    int64_t step_minor; /* of its own coins and notes that are taken; 1: any amount */
};
struct cf_store_rules {
    size_t n_measures;
    struct cf_measure measures[CF_MEASURES_MAX]; /* the first that fits counts */
    enum cf_tax_rounding tax_rounding;
    bool has_cash; /* else cash is as CLDR has the currency */
    struct cf_cash_rule cash;
    bool sells_past_best;        /* goods past their best-before date (never past use-by or sell-by) are sold */
    uint32_t return_window_days; /* how long baskets are kept where they were sold, and at the store's hub */
    size_t n_rates;
    struct cf_store_rate rates[CF_STORE_RATES_MAX]; /* by rising code */
    int64_t variance_limit_minor;                   /* a count that is off by more needs a reason; 0: not said */
    char join[CF_JOIN_URL_MAX + 1];                 /* shown to shoppers as a code between sales; "": none */
    size_t n_reasons;                               /* to choose from where goods come back; 0: the windows' own */
    char reasons[CF_RETURN_REASONS_MAX][CF_RETURN_REASON_MAX + 1];
};

void cf_store_rules_default(struct cf_store_rules *ret);
/* CF_E_RANGE, CF_E_LIMIT, CF_E_CURRENCY with a detail that names the field. */
enum cf_rc cf_store_rules_check(const struct cf_store_rules *rules, struct cf_error *err) CF_MUST_CHECK;
/* How cash is rounded in a store with this currency. */
struct cf_cash_rule cf_store_rules_cash(const struct cf_store_rules *rules, cf_currency currency);
/* NULL: this money is not taken. */
const struct cf_store_rate *cf_store_rules_rate(const struct cf_store_rules *rules, cf_currency currency);

/* "https://" and printable characters, CF_JOIN_URL_MAX in all. */
bool cf_join_url_is(const char *url);

/* Rules that pass the check, as cf_store_rules_items items of an array: more of them if they say what most do not. */
#define CF_STORE_RULES_ITEMS 6
#define CF_STORE_RULES_ITEMS_MAX 8
size_t cf_store_rules_items(const struct cf_store_rules *rules);
void cf_store_rules_write(const struct cf_store_rules *rules, struct cf_cbor_writer *w);
/* Refuses what does not pass the check, and the longer form of what would be written shorter. */
void cf_store_rules_read(struct cf_cbor_reader *r, size_t items, struct cf_store_rules *ret);

#endif
