/*
 * sync/central/json_in.c - see json_in.h.
 */
#include "sync/central/json_in.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_FIELD_MAX 128

/* Brackets outside strings; good enough for text that is not JSON too, since the parser comes after. */
static enum cf_rc check_depth(cf_bytes text, struct cf_error *err)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (in_string) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CF_JSON_DEPTH_MAX) {
                return cf_fail(err, CF_E_JSON_DEPTH, "more than %d levels at byte %zu", CF_JSON_DEPTH_MAX, i);
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return CF_OK;
}

enum cf_rc cf_json_parse(cf_bytes text, json_t **ret, struct cf_error *err)
{
    enum cf_rc rc = check_depth(text, err);
    if (rc != CF_OK) {
        return rc;
    }
    json_error_t why;
    json_t *value = json_loadb(text.n > 0 ? (const char *)text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
    if (value == NULL) {
        rc = json_error_code(&why) == json_error_numeric_overflow ? CF_E_JSON_RANGE : CF_E_JSON_SYNTAX;
        char clean[JSON_ERROR_TEXT_LENGTH];
        (void)cf_text_clean(cf_bytes_str(why.text), clean, sizeof clean);
        return cf_fail(err, rc, "byte %d: %s", why.position, clean);
    }
    if (!json_is_object(value)) {
        json_decref(value);
        return cf_fail(err, CF_E_JSON_TYPE, "an object is expected");
    }
    *ret = value;
    return CF_OK;
}

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "?";
}

static enum cf_rc wrong_type(const char *where, const char *name, const json_t *value, const char *expected,
                             struct cf_error *err)
{
    return cf_fail(err, CF_E_JSON_TYPE, "%s%s: %s expected, not %s", where, name, expected, type_name(value));
}

static enum cf_rc read_text(const struct cf_json_field *f, const char *where, const json_t *value, struct cf_error *err)
{
    if (!json_is_string(value)) {
        return wrong_type(where, f->name, value, "a text", err);
    }
    cf_bytes text = cf_bytes_of(json_string_value(value), json_string_length(value));
    if (text.n < f->min_bytes || text.n >= f->cap) {
        return cf_fail(err, CF_E_JSON_RANGE, "%s%s: %zu bytes, allowed are %zu to %zu", where, f->name, text.n,
                       f->min_bytes, f->cap - 1);
    }
    if (f->lines != NULL) {
        memcpy(f->lines, text.p, text.n);
        f->lines[text.n] = '\0';
        return CF_OK;
    }
    if (cf_text_accept(text, f->text, f->cap, NULL) != CF_OK) {
        return cf_fail(err, CF_E_ENCODING, "%s%s: a control character", where, f->name);
    }
    return CF_OK;
}

static enum cf_rc read_integer(const struct cf_json_field *f, const char *where, const json_t *value,
                               struct cf_error *err)
{
    if (!json_is_integer(value)) {
        return wrong_type(where, f->name, value, "an integer", err);
    }
    int64_t v = json_integer_value(value);
    if (v < f->min || v > f->max) {
        return cf_fail(err, CF_E_JSON_RANGE, "%s%s: %lld is not in %lld..%lld", where, f->name, (long long)v,
                       (long long)f->min, (long long)f->max);
    }
    *f->integer = v;
    return CF_OK;
}

static enum cf_rc read_hex(const struct cf_json_field *f, const char *where, const json_t *value, struct cf_error *err)
{
    if (!json_is_string(value)) {
        return wrong_type(where, f->name, value, "hexadecimal digits", err);
    }
    uint8_t bytes[HEX_FIELD_MAX];
    if (json_string_length(value) != 2 * f->hex_bytes ||
        cf_hex_decode(json_string_value(value), bytes, f->hex_bytes, NULL) != CF_OK) {
        return cf_fail(err, CF_E_JSON_TYPE, "%s%s: %zu hexadecimal digits expected", where, f->name, 2 * f->hex_bytes);
    }
    memcpy(f->hex, bytes, f->hex_bytes);
    return CF_OK;
}

static enum cf_rc read_array(const struct cf_json_field *f, const char *where, const json_t *value,
                             struct cf_error *err)
{
    if (!json_is_array(value)) {
        return wrong_type(where, f->name, value, "an array", err);
    }
    if (json_array_size(value) > f->items_max) {
        return cf_fail(err, CF_E_JSON_RANGE, "%s%s: more than %zu items", where, f->name, f->items_max);
    }
    *f->array = value;
    return CF_OK;
}

static enum cf_rc read_field(const struct cf_json_field *f, const char *where, const json_t *value,
                             struct cf_error *err)
{
    if (f->integer != NULL) {
        return read_integer(f, where, value, err);
    }
    if (f->text != NULL || f->lines != NULL) {
        return read_text(f, where, value, err);
    }
    if (f->hex != NULL) {
        return read_hex(f, where, value, err);
    }
    if (f->array != NULL) {
        return read_array(f, where, value, err);
    }
    if (f->boolean != NULL) {
        if (!json_is_boolean(value)) {
            return wrong_type(where, f->name, value, "true or false", err);
        }
        *f->boolean = json_is_true(value);
        return CF_OK;
    }
    if (f->instant != NULL) {
        if (!json_is_string(value) || cf_wall_parse(json_string_value(value), f->instant, NULL) != CF_OK) {
            return wrong_type(where, f->name, value, "an instant as 2026-11-22T07:05:09Z", err);
        }
        return CF_OK;
    }
    assert(f->object != NULL); /* a field has one of the types */
    if (!json_is_object(value)) {
        return wrong_type(where, f->name, value, "an object", err);
    }
    *f->object = value;
    return CF_OK;
}

static enum cf_rc refuse_unknown(const json_t *object, const char *where, const struct cf_json_field *fields,
                                 size_t n_fields, struct cf_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < n_fields && !known; i++) {
            known = strcmp(fields[i].name, key) == 0;
        }
        if (!known) {
            char clean[64];
            (void)cf_text_clean(cf_bytes_str(key), clean, sizeof clean);
            return cf_fail(err, CF_E_JSON_TYPE, "%s%s: there is no such field", where, clean);
        }
    }
    return CF_OK;
}

enum cf_rc cf_json_read(const json_t *object, const char *where, const struct cf_json_field *fields, size_t n_fields,
                        struct cf_error *err)
{
    for (size_t i = 0; i < n_fields; i++) {
        const struct cf_json_field *f = &fields[i];
        const json_t *value = json_object_get(object, f->name);
        bool absent = value == NULL || json_is_null(value);
        if (absent && !f->optional) {
            return cf_fail(err, CF_E_JSON_TYPE, "%s%s: missing", where, f->name);
        }
        if (f->present != NULL) {
            *f->present = !absent;
        }
        enum cf_rc rc = absent ? CF_OK : read_field(f, where, value, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    return refuse_unknown(object, where, fields, n_fields, err);
}

enum cf_rc cf_json_item_int(const json_t *array, size_t at, const char *name, int64_t min, int64_t max, int64_t *ret,
                            struct cf_error *err)
{
    char where[64];
    (void)snprintf(where, sizeof where, "%s[%zu]", name, at);
    struct cf_json_field field = {.name = "", .integer = ret, .min = min, .max = max};
    return read_field(&field, where, json_array_get(array, at), err);
}

enum cf_rc cf_json_item_text(const json_t *array, size_t at, const char *name, char *ret, size_t cap,
                             struct cf_error *err)
{
    char where[64];
    (void)snprintf(where, sizeof where, "%s[%zu]", name, at);
    struct cf_json_field field = {.name = "", .text = ret, .cap = cap, .min_bytes = 1};
    return read_field(&field, where, json_array_get(array, at), err);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

void cf_json_set(json_t *object, const char *name, json_t *value)
{
    /* Fails only without memory: the object then lacks the field, which must not pass as an answer. */
    if (json_object_set_new(object, name, value) != 0) {
        abort();
    }
}

void cf_json_set_int(json_t *object, const char *name, int64_t value)
{
    cf_json_set(object, name, json_integer(value));
}

void cf_json_set_text(json_t *object, const char *name, const char *value)
{
    cf_json_set(object, name, json_string(value));
}

void cf_json_set_hex(json_t *object, const char *name, cf_bytes value)
{
    char text[2 * HEX_FIELD_MAX + 1] = "";
    if (value.n <= HEX_FIELD_MAX) {
        cf_hex_encode(value, text);
    }
    cf_json_set_text(object, name, text);
}

void cf_json_set_instant(json_t *object, const char *name, cf_wall value)
{
    char text[CF_WALL_TEXT_MAX];
    cf_wall_format(value, 0, text);
    cf_json_set_text(object, name, text);
}

struct sink {
    struct cf_buf *buf;
    struct cf_error *err;
    enum cf_rc rc;
};

static int dump(const char *p, size_t n, void *ctx)
{
    struct sink *sink = ctx;
    sink->rc = cf_buf_append(sink->buf, p, n, sink->err);
    return sink->rc == CF_OK ? 0 : -1;
}

enum cf_rc cf_json_write(const json_t *value, struct cf_buf *ret, struct cf_error *err)
{
    struct sink sink = {ret, err, CF_OK};
    if (json_dump_callback(value, dump, &sink, JSON_COMPACT) != 0) {
        return sink.rc != CF_OK ? sink.rc : cf_fail(err, CF_E_NO_MEMORY, "answer");
    }
    return CF_OK;
}
