/*
 * app/core/line_extra.c - see line_extra.h.
 *
 *   1 origin, 2 list, 3 deposit_of, 4 [age_check, min_age, asked_by], 5 batch, 6 serial, 7 use_by
 */
#include "app/core/line_extra.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

enum key { ORIGIN = 1, LIST = 2, DEPOSIT_OF = 3, AGE = 4, BATCH = 5, SERIAL = 6, USE_BY = 7 };

#define DAY_MAX 99991231u
#define AGE_MAX 99u

const char *cf_price_origin_name(enum cf_price_origin origin)
{
    switch (origin) {
    case CF_PRICE_CATALOGUE:
        return "catalogue";
    case CF_PRICE_LIST:
        return "list";
    case CF_PRICE_IN_CODE:
        return "code";
    case CF_PRICE_ENTERED:
        return "entered";
    case CF_PRICE_OVERRIDE:
        return "override";
    case CF_PRICE_ORDER:
        return "order";
    case CF_PRICE_QUOTE:
        return "quote";
    }
    assert(false && "an origin without a name");
    return "";
}

static bool says(const struct cf_line_extra *extra, enum key key)
{
    switch (key) {
    case ORIGIN:
        return extra->origin != CF_PRICE_CATALOGUE;
    case LIST:
        return extra->list != 0;
    case DEPOSIT_OF:
        return extra->deposit_of != 0;
    case AGE:
        return extra->age_check != CF_AGE_UNASKED;
    case BATCH:
        return extra->batch[0] != '\0';
    case SERIAL:
        return extra->serial[0] != '\0';
    case USE_BY:
        return extra->use_by != 0;
    }
    return false;
}

size_t cf_line_extra_pairs(const struct cf_line_extra *extra)
{
    size_t n = 0;
    for (int key = ORIGIN; key <= USE_BY; key++)
        n += says(extra, (enum key)key) ? 1 : 0;
    return n;
}

bool cf_line_extra_is_plain(const struct cf_line_extra *extra)
{
    return cf_line_extra_pairs(extra) == 0;
}

static bool is_text(const char *text, size_t cap)
{
    char copy[CF_ASKED_BY_MAX + 1];
    size_t n = strnlen(text, cap);
    return n < cap && cf_text_accept(cf_bytes_of(text, n), copy, sizeof copy, NULL) == CF_OK;
}

enum cf_rc cf_line_extra_check(const struct cf_line_extra *extra, struct cf_error *err)
{
    bool asked = extra->age_check != CF_AGE_UNASKED;
    bool numbered = extra->origin == CF_PRICE_LIST || cf_price_is_agreed(extra->origin);
    if (extra->origin > CF_PRICE_QUOTE || (extra->list != 0) != numbered)
        return cf_fail(err, CF_E_RANGE, "origin %d of a price, with list %lu", (int)extra->origin,
                       (unsigned long)extra->list);
    if (extra->age_check > CF_AGE_BIRTH || extra->min_age > AGE_MAX || asked != (extra->min_age != 0) ||
        (!asked && extra->asked_by[0] != '\0'))
        return cf_fail(err, CF_E_RANGE, "an age of %u, looked at in way %d", (unsigned)extra->min_age,
                       (int)extra->age_check);
    if (!is_text(extra->asked_by, sizeof extra->asked_by) || !is_text(extra->batch, sizeof extra->batch) ||
        !is_text(extra->serial, sizeof extra->serial))
        return cf_fail(err, CF_E_ENCODING, "a name, batch or serial number with control characters");
    if (extra->use_by > DAY_MAX)
        return cf_fail(err, CF_E_RANGE, "to be used by %lu", (unsigned long)extra->use_by);
    return CF_OK;
}

void cf_line_extra_write(const struct cf_line_extra *extra, struct cf_cbor_writer *w)
{
    for (int i = ORIGIN; i <= USE_BY; i++) {
        enum key key = (enum key)i;
        if (!says(extra, key))
            continue;
        cf_cbor_write_uint(w, key);
        switch (key) {
        case ORIGIN:
            cf_cbor_write_uint(w, extra->origin);
            break;
        case LIST:
            cf_cbor_write_uint(w, extra->list);
            break;
        case DEPOSIT_OF:
            cf_cbor_write_uint(w, extra->deposit_of);
            break;
        case AGE:
            cf_cbor_write_array(w, 3);
            cf_cbor_write_uint(w, extra->age_check);
            cf_cbor_write_uint(w, extra->min_age);
            cf_cbor_write_text(w, extra->asked_by);
            break;
        case BATCH:
            cf_cbor_write_text(w, extra->batch);
            break;
        case SERIAL:
            cf_cbor_write_text(w, extra->serial);
            break;
        case USE_BY:
            cf_cbor_write_uint(w, extra->use_by);
            break;
        }
    }
}

void cf_line_extra_read(struct cf_cbor_reader *r, uint64_t key, struct cf_line_extra *ret)
{
    if (key < ORIGIN || key > USE_BY) {
        cf_cbor_read_refuse(r);
        return;
    }
    switch ((enum key)key) {
    case ORIGIN:
        ret->origin = (enum cf_price_origin)cf_cbor_read_u8(r);
        break;
    case LIST:
        ret->list = cf_cbor_read_u32(r);
        break;
    case DEPOSIT_OF:
        ret->deposit_of = cf_cbor_read_u32(r);
        break;
    case AGE:
        (void)cf_cbor_read_array_of(r, 3);
        ret->age_check = (enum cf_age_check)cf_cbor_read_u8(r);
        ret->min_age = cf_cbor_read_u8(r);
        (void)cf_cbor_read_cstr(r, ret->asked_by, sizeof ret->asked_by);
        break;
    case BATCH:
        (void)cf_cbor_read_cstr(r, ret->batch, sizeof ret->batch);
        break;
    case SERIAL:
        (void)cf_cbor_read_cstr(r, ret->serial, sizeof ret->serial);
        break;
    case USE_BY:
        ret->use_by = cf_cbor_read_u32(r);
        break;
    }
    if (!says(ret, (enum key)key))
        cf_cbor_read_refuse(r);
}
