/*
 * sync/central/json_in.h - strict JSON: exactly the fields that are asked for, of the types and ranges stated.
 *
 * Nesting is bounded before anything is parsed, so that the parser's recursion is too. Errors name the field:
 * CF_E_JSON_SYNTAX, _DEPTH, _RANGE (an integer beyond int64 or out of the field's range), _TYPE (missing, unknown,
 * of another type), CF_E_ENCODING (text with control characters).
 */
#ifndef CF_CENTRAL_JSON_IN_H
#define CF_CENTRAL_JSON_IN_H

#include "base/bytes.h"
#include "base/time.h"

#include <jansson.h>

#define CF_JSON_DEPTH_MAX 16

/* An object. Free with json_decref. */
enum cf_rc cf_json_parse(cf_bytes text, json_t **ret, struct cf_error *err) CF_MUST_CHECK;

/* One field: exactly one of the pointers says its type and where it goes. An optional field that is absent or null
 * leaves its output unchanged; `present` (nullable) tells. */
struct cf_json_field {
    const char *name;
    bool optional;
    bool *present;
    int64_t *integer;
    int64_t min, max; /* of integer */
    char *text;       /* NUL-terminated, at least min_bytes and fewer than cap bytes, no control characters */
    size_t cap;
    size_t min_bytes;
    char *lines; /* text that may hold line ends, as PEM does */
    bool *boolean;
    uint8_t *hex; /* exactly hex_bytes */
    size_t hex_bytes;
    cf_wall *instant; /* RFC 3339 */
    const json_t **object;
    const json_t **array;
    size_t items_max; /* of array */
};
/* Fields that the table does not name are refused. `where` prefixes names in details: "promotion." or "". */
enum cf_rc cf_json_read(const json_t *object, const char *where, const struct cf_json_field *fields, size_t n_fields,
                        struct cf_error *err) CF_MUST_CHECK;
#define CF_JSON_READ(object, where, fields, err)                                                                       \
    cf_json_read(object, where, fields, sizeof(fields) / sizeof *(fields), err)
/* Element `at` of an array as an integer in [min, max]. */
enum cf_rc cf_json_item_int(const json_t *array, size_t at, const char *name, int64_t min, int64_t max, int64_t *ret,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_json_item_text(const json_t *array, size_t at, const char *name, char *ret, size_t cap,
                             struct cf_error *err) CF_MUST_CHECK;

/* Puts a value into an object being made and takes it over. Without memory it aborts: a restart loses nothing. */
void cf_json_set(json_t *object, const char *name, json_t *value);
void cf_json_set_int(json_t *object, const char *name, int64_t value);
void cf_json_set_text(json_t *object, const char *name, const char *value);
void cf_json_set_hex(json_t *object, const char *name, cf_bytes value);
void cf_json_set_instant(json_t *object, const char *name, cf_wall value);
/* Compact JSON of an object or array. */
enum cf_rc cf_json_write(const json_t *value, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
