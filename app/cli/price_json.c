/*
 * app/cli/price_json.c - the small readers of price_job.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/price_job.h"
#include "app/core/tender.h"

const json_t *price_take(json_t *open, const char *key)
{
    json_t *fields = json_array_get(open, 0), *taken = json_array_get(open, 1);
    json_t *value = json_object_get(fields, key);
    if (!value || json_object_set(taken, key, value) != 0)
        return NULL;
    json_object_del(fields, key);
    return value;
}

enum cf_rc price_merge(json_t *open, const json_t *other, const char *what, struct cf_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(json_array_get(other, 0), key, value)
    {
        if (price_has(open, key))
            return cf_fail(err, CF_E_RANGE, "%s with \"%s\" in two places", what, key);
        json_object_set(json_array_get(open, 0), key, value);
    }
    return CF_OK;
}

bool price_has(const json_t *open, const char *key)
{
    return json_object_get(json_array_get(open, 0), key) != NULL;
}

enum cf_rc price_take_int(json_t *open, const char *key, int64_t otherwise, int64_t *ret, struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    if (value && !json_is_integer(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not an integer", key);
    *ret = value ? json_integer_value(value) : otherwise;
    return CF_OK;
}

enum cf_rc price_scaled(const json_t *value, const char *key, int64_t scale, int64_t *ret, struct cf_error *err)
{
    if (!json_is_number(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not a number", key);
    double scaled = json_number_value(value) * (double)scale;
    if (!(fabs(scaled) < 9e15))
        return cf_fail(err, CF_E_JSON_RANGE, "%s", key);
    int64_t whole = llround(scaled);
    if (fabs(scaled - (double)whole) > 1e-6)
        return cf_fail(err, CF_E_RANGE, "%s has too many decimals", key);
    *ret = whole;
    return CF_OK;
}

enum cf_rc price_take_scaled(json_t *open, const char *key, int64_t scale, int64_t otherwise, int64_t *ret,
                             struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    if (value)
        return price_scaled(value, key, scale, ret, err);
    *ret = otherwise;
    return CF_OK;
}

/* No NUL inside: the names go on as C texts. */
static bool is_text(const json_t *value)
{
    return json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value);
}

enum cf_rc price_take_text(json_t *open, const char *key, const char **ret, struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    if (value && !is_text(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not a text", key);
    *ret = value ? json_string_value(value) : NULL;
    return CF_OK;
}

enum cf_rc price_take_bool(json_t *open, const char *key, bool otherwise, bool *ret, struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    if (value && !json_is_boolean(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not true or false", key);
    *ret = value ? json_is_true(value) : otherwise;
    return CF_OK;
}

enum cf_rc price_take_instant(json_t *open, const char *key, cf_wall *ret, bool *ret_is_date, bool *ret_present,
                              struct cf_error *err)
{
    const char *text = NULL;
    char whole[CF_WALL_TEXT_MAX];
    enum cf_rc rc = price_take_text(open, key, &text, err);
    *ret_present = rc == CF_OK && text;
    if (rc != CF_OK || !text)
        return rc;
    size_t n = strlen(text);
    *ret_is_date = n == 10;
    bool no_zone = n >= 16 && n + 4 < sizeof whole && !strpbrk(text + 11, "Zz+-");
    if (!no_zone)
        return cf_wall_parse(text, ret, err);
    (void)snprintf(whole, sizeof whole, "%s%sZ", text, n == 16 ? ":00" : "");
    if (whole[10] == ' ')
        whole[10] = 'T';
    return cf_wall_parse(whole, ret, err);
}

enum cf_rc price_take_names(json_t *open, const char *key, struct price_names *names, uint32_t *ret, size_t max,
                            size_t *n, struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    size_t count = json_is_array(value) ? json_array_size(value) : value != NULL;
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_is_array(value) ? json_array_get(value, i) : value;
        if (!is_text(name))
            return cf_fail(err, CF_E_JSON_TYPE, "%s is not a text or a list of texts", key);
        if (*n == max)
            return cf_fail(err, CF_E_LIMIT, "%s: more than %zu", key, max);
        enum cf_rc rc = price_number_of(names, json_string_value(name), &ret[(*n)++], err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

enum cf_rc price_take_tenders(json_t *open, uint32_t *mask, struct cf_error *err)
{
    const json_t *value = price_take(open, "payment");
    size_t n = json_is_array(value) ? json_array_size(value) : value != NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_is_array(value) ? json_array_get(value, i) : value;
        enum cf_tender_kind kind;
        if (!json_is_string(name) || !cf_tender_kind_parse(json_string_value(name), &kind))
            return cf_fail(err, CF_E_JSON_RANGE, "payment: no such tender");
        *mask |= UINT32_C(1) << (unsigned)kind;
    }
    return CF_OK;
}

uint32_t price_find_number(const struct price_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return (uint32_t)i + 1;
    return 0;
}

enum cf_rc price_number_of(struct price_names *names, const char *name, uint32_t *ret, struct cf_error *err)
{
    *ret = price_find_number(names, name);
    if (*ret != 0)
        return CF_OK;
    if (names->n == PRICE_NAMES_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d different names", PRICE_NAMES_MAX);
    names->name[names->n++] = name;
    *ret = (uint32_t)names->n;
    return CF_OK;
}
