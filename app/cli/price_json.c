/*
 * app/cli/price_json.c - the small readers of price_job.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/price_job.h"

enum cf_rc price_get_int(const json_t *object, const char *key, int64_t otherwise, int64_t *ret, struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = otherwise;
        return CF_OK;
    }
    if (!json_is_integer(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not an integer", key);
    *ret = json_integer_value(value);
    return CF_OK;
}

enum cf_rc price_get_scaled(const json_t *object, const char *key, int64_t scale, int64_t otherwise, int64_t *ret,
                            struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = otherwise;
        return CF_OK;
    }
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

enum cf_rc price_get_text(const json_t *object, const char *key, const char **ret, struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = NULL;
        return CF_OK;
    }
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not a text", key);
    *ret = json_string_value(value);
    return CF_OK;
}

enum cf_rc price_get_bool(const json_t *object, const char *key, bool otherwise, bool *ret, struct cf_error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value)) {
        *ret = otherwise;
        return CF_OK;
    }
    if (!json_is_boolean(value))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not true or false", key);
    *ret = json_is_true(value);
    return CF_OK;
}

enum cf_rc price_get_instant(const json_t *object, const char *key, cf_wall *ret, bool *ret_is_date, bool *ret_present,
                             struct cf_error *err)
{
    const char *text = NULL;
    char whole[CF_WALL_TEXT_MAX];
    enum cf_rc rc = price_get_text(object, key, &text, err);
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

enum cf_rc price_number_of(struct price_names *names, const char *name, uint32_t *ret, struct cf_error *err)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0) {
            *ret = (uint32_t)i + 1;
            return CF_OK;
        }
    if (names->n == PRICE_NAMES_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d different names", PRICE_NAMES_MAX);
    names->name[names->n++] = name;
    *ret = (uint32_t)names->n;
    return CF_OK;
}

enum cf_rc price_check_keys(const json_t *object, const char *what, const char *const *known, struct cf_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        size_t k = 0;
        while (known[k] && strcmp(known[k], key) != 0)
            k++;
        if (!known[k])
            return cf_fail(err, CF_E_UNSUPPORTED, "%s with \"%s\"", what, key);
    }
    return CF_OK;
}
