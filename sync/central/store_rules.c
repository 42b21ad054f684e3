/*
 * sync/central/store_rules.c - how a store reads its labels and rounds: as JSON, and on its way down.
 */
#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"

#include "base/text.h"

#include <string.h>

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum cf_rc read_measures(const json_t *array, struct cf_store_rules *rules, struct cf_error *err)
{
    for (size_t i = 0; array != NULL && i < json_array_size(array); i++) {
        struct cf_measure *measure = &rules->measures[rules->n_measures++];
        int64_t decimals = 0;
        const struct cf_json_field fields[] = {
            {.name = "pattern", .text = measure->pattern, .cap = sizeof measure->pattern, .min_bytes = 1},
            {.name = "decimals", .integer = &decimals, .max = CF_MEASURE_DECIMALS_MAX},
        };
        struct cf_error why;
        enum cf_rc rc = CF_JSON_READ(json_array_get(array, i), "measures[].", fields, &why);
        measure->decimals = (uint8_t)decimals;
        if (rc != CF_OK) {
            return cf_fail(err, rc, "measures[%zu]: %s", i, why.detail);
        }
    }
    return CF_OK;
}

static enum cf_rc read_rates(const json_t *array, struct cf_store_rules *rules, struct cf_error *err)
{
    for (size_t i = 0; array != NULL && i < json_array_size(array); i++) {
        struct cf_store_rate *rate = &rules->rates[rules->n_rates++];
        char currency[8] = "", text[CF_RATE_TEXT_MAX] = "";
        rate->step_minor = 1;
        const struct cf_json_field fields[] = {
            {.name = "currency", .text = currency, .cap = sizeof currency, .min_bytes = 1},
            {.name = "rate", .text = text, .cap = sizeof text, .min_bytes = 1},
            {.name = "step_minor", .integer = &rate->step_minor, .min = 1, .max = CF_CASH_STEP_MAX, .optional = true},
        };
        struct cf_error why;
        enum cf_rc rc = CF_JSON_READ(json_array_get(array, i), "rates[].", fields, &why);
        if (rc == CF_OK) {
            rc = cf_currency_parse(currency, &rate->rate.currency, &why);
        }
        if (rc == CF_OK && cf_currency_number(rate->rate.currency) == 0) {
            rc = cf_fail(&why, CF_E_CURRENCY, "currency: %s is none of ISO 4217", currency);
        }
        if (rc == CF_OK) {
            rc = cf_rate_parse(text, &rate->rate.rate_e8, &why);
        }
        if (rc != CF_OK) {
            return cf_fail(err, rc, "rates[%zu]: %s", i, why.detail);
        }
    }
    return CF_OK;
}

static enum cf_rc read_cash(const json_t *cash, struct cf_store_rules *rules, struct cf_error *err)
{
    char way[16] = "";
    const struct cf_json_field fields[] = {
        {.name = "step_minor", .integer = &rules->cash.step_minor, .min = 1, .max = CF_CASH_STEP_MAX},
        {.name = "way", .text = way, .cap = sizeof way},
    };
    enum cf_rc rc = CF_JSON_READ(cash, "cash.", fields, err);
    if (rc == CF_OK && !cf_cash_way_parse(way, &rules->cash.way)) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "cash.way: nearest, down or up");
    }
    rules->has_cash = true;
    return rc;
}

static enum cf_rc read_reasons(const json_t *array, struct cf_store_rules *rules, struct cf_error *err)
{
    for (size_t i = 0; array != NULL && i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        char *reason = rules->reasons[rules->n_reasons++];
        if (!json_is_string(item) || cf_text_accept(cf_bytes_of(json_string_value(item), json_string_length(item)),
                                                    reason, sizeof rules->reasons[0], NULL) != CF_OK) {
            return cf_fail(err, CF_E_JSON_RANGE, "return_reasons[%zu]: at most %d bytes of text", i,
                           CF_RETURN_REASON_MAX);
        }
    }
    return CF_OK;
}

static enum cf_rc read_rules(const json_t *json, struct cf_store_rules *rules, struct cf_error *err)
{
    char by[16] = "document";
    const json_t *measures = NULL, *cash = NULL, *rates = NULL, *reasons = NULL;
    int64_t days = CF_RETURN_WINDOW_DAYS;
    cf_store_rules_default(rules);
    const struct cf_json_field fields[] = {
        {.name = "measures", .array = &measures, .items_max = CF_MEASURES_MAX, .optional = true},
        {.name = "tax_rounding", .text = by, .cap = sizeof by, .optional = true},
        {.name = "cash", .object = &cash, .optional = true},
        {.name = "sells_past_best", .boolean = &rules->sells_past_best, .optional = true},
        {.name = "rates", .array = &rates, .items_max = CF_STORE_RATES_MAX, .optional = true},
        {.name = "return_window_days", .integer = &days, .min = 1, .max = CF_RETURN_WINDOW_DAYS_MAX, .optional = true},
        {.name = "variance_limit",
         .integer = &rules->variance_limit_minor,
         .min = 1,
         .max = CF_VARIANCE_LIMIT_MAX,
         .optional = true},
        {.name = "join", .text = rules->join, .cap = sizeof rules->join, .optional = true},
        {.name = "return_reasons", .array = &reasons, .items_max = CF_RETURN_REASONS_MAX, .optional = true},
    };
    enum cf_rc rc = CF_JSON_READ(json, "", fields, err);
    rules->return_window_days = (uint32_t)days;
    if (rc == CF_OK && strcmp(by, "line") == 0) {
        rules->tax_rounding = CF_TAX_BY_LINE;
    } else if (rc == CF_OK && strcmp(by, "document") != 0) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "tax_rounding: document or line");
    }
    if (rc == CF_OK) {
        rc = read_measures(measures, rules, err);
    }
    if (rc == CF_OK && cash != NULL) {
        rc = read_cash(cash, rules, err);
    }
    if (rc == CF_OK) {
        rc = read_rates(rates, rules, err);
    }
    if (rc == CF_OK) {
        rc = read_reasons(reasons, rules, err);
    }
    return rc == CF_OK ? cf_store_rules_check(rules, err) : rc;
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

static json_t *rules_json(uint32_t store, const struct cf_store_rules *rules)
{
    json_t *json = json_object(), *measures = json_array(), *rates = json_array();
    for (size_t i = 0; i < rules->n_measures; i++) {
        json_t *measure = json_object();
        cf_json_set_text(measure, "pattern", rules->measures[i].pattern);
        cf_json_set_int(measure, "decimals", rules->measures[i].decimals);
        (void)json_array_append_new(measures, measure);
    }
    for (size_t i = 0; i < rules->n_rates; i++) {
        json_t *rate = json_object();
        char text[CF_RATE_TEXT_MAX];
        cf_rate_format(rules->rates[i].rate.rate_e8, text);
        cf_json_set_text(rate, "currency", rules->rates[i].rate.currency.code);
        cf_json_set_text(rate, "rate", text);
        cf_json_set_int(rate, "step_minor", rules->rates[i].step_minor);
        (void)json_array_append_new(rates, rate);
    }
    cf_json_set_int(json, "store", store);
    cf_json_set(json, "measures", measures);
    cf_json_set_text(json, "tax_rounding", rules->tax_rounding == CF_TAX_BY_LINE ? "line" : "document");
    if (rules->has_cash) {
        json_t *cash = json_object();
        cf_json_set_int(cash, "step_minor", rules->cash.step_minor);
        cf_json_set_text(cash, "way", cf_cash_way_name(rules->cash.way));
        cf_json_set(json, "cash", cash);
    }
    cf_json_set(json, "sells_past_best", json_boolean(rules->sells_past_best));
    cf_json_set(json, "rates", rates);
    cf_json_set_int(json, "return_window_days", rules->return_window_days);
    if (rules->variance_limit_minor != 0) {
        cf_json_set_int(json, "variance_limit", rules->variance_limit_minor);
    }
    if (rules->join[0] != '\0') {
        cf_json_set_text(json, "join", rules->join);
    }
    if (rules->n_reasons > 0) {
        json_t *reasons = json_array();
        for (size_t i = 0; i < rules->n_reasons; i++) {
            (void)json_array_append_new(reasons, json_string(rules->reasons[i]));
        }
        cf_json_set(json, "return_reasons", reasons);
    }
    return json;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static enum cf_rc put_rules(struct cf_central *central, uint32_t store, const struct cf_store_rules *rules,
                            struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    entry.store_rules = *rules;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    for (size_t i = 0; i < rules->n_rates && rc == CF_OK; i++) {
        if (cf_currency_equal(rules->rates[i].rate.currency, settings.currency)) {
            rc = cf_fail(err, CF_E_CURRENCY, "rates[%zu]: %.3s is the store's own currency", i, settings.currency.code);
        }
    }
    if (rc == CF_OK) {
        rc = cf_down_encode(&entry, &buf, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_STORE_RULES_PUT,
                          CF_ARGS(cf_v_int(store), cf_v_bytes(cf_buf_bytes(&buf))), err);
    }
    if (rc == CF_OK) {
        rc = cf_down_append_bytes(central, CF_TOPIC_RULES, store, 0, cf_buf_bytes(&buf), NULL, err);
    }
    cf_buf_done(&buf);
    return rc;
}

enum cf_rc cf_handle_store_rules_put(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    struct cf_store_rules rules;
    uint64_t store;
    json_t *json;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = cf_call_json(call, &json, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_rules(json, &rules, err);
    json_decref(json);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, put_rules(central, (uint32_t)store, &rules, err), err);
    if (rc == CF_OK) {
        reply->json = rules_json((uint32_t)store, &rules);
    }
    return rc;
}

enum cf_rc cf_handle_store_rules_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_down_entry entry;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    uint64_t store;
    bool found = false;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, (uint32_t)store, &settings, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_STORE_RULES_GET, CF_ARGS(cf_v_int((int64_t)store)), row, &found, err);
    }
    cf_store_rules_default(&entry.store_rules);
    if (rc == CF_OK && found) {
        rc = cf_down_decode(row[0].b, &entry, err);
    }
    if (rc == CF_OK) {
        reply->json = rules_json((uint32_t)store, &entry.store_rules);
    }
    return rc;
}
