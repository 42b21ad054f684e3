/*
 * app/core/gs1.c - see gs1.h.
 */
#include "app/core/gs1.h"

#include <string.h>
#include <strings.h>

#include "app/core/cart.h"

/* GS1 General Specifications, figure 7.8.5-2 (predefined lengths) and section 3.2 (AIs in numerical order): the two
 * first digits tell how many digits the AI has and, if fixed, how long its value is. 04, 14, 18 and 19 are predefined
 * but not given out. */
static const struct ai_rule {
    char first_two[3];
    uint8_t ai_digits;
    uint8_t value_max;
    bool fixed;  /* value_max is the exact length, and no separator is needed */
    bool digits; /* the value holds digits only */
} ai_rules[] = {
    {"00", 2, 18, true, true},   {"01", 2, 14, true, true},   {"02", 2, 14, true, true},   {"03", 2, 14, true, true},
    {"04", 2, 16, true, true},   {"10", 2, 20, false, false}, {"11", 2, 6, true, true},    {"12", 2, 6, true, true},
    {"13", 2, 6, true, true},    {"14", 2, 6, true, true},    {"15", 2, 6, true, true},    {"16", 2, 6, true, true},
    {"17", 2, 6, true, true},    {"18", 2, 6, true, true},    {"19", 2, 6, true, true},    {"20", 2, 2, true, true},
    {"21", 2, 20, false, false}, {"22", 2, 20, false, false}, {"23", 3, 28, false, false}, {"24", 3, 30, false, false},
    {"25", 3, 30, false, false}, {"30", 2, 8, false, true},   {"31", 4, 6, true, true},    {"32", 4, 6, true, true},
    {"33", 4, 6, true, true},    {"34", 4, 6, true, true},    {"35", 4, 6, true, true},    {"36", 4, 6, true, true},
    {"37", 2, 8, false, true},   {"39", 4, 18, false, true},  {"40", 3, 30, false, false}, {"41", 3, 13, true, true},
    {"42", 3, 20, false, false}, {"43", 4, 70, false, false}, {"70", 4, 30, false, false}, {"71", 3, 20, false, false},
    {"72", 4, 90, false, false}, {"80", 4, 90, false, false}, {"81", 4, 70, false, false}, {"82", 4, 70, false, false},
    {"90", 2, 30, false, false}, {"91", 2, 90, false, false}, {"92", 2, 90, false, false}, {"93", 2, 90, false, false},
    {"94", 2, 90, false, false}, {"95", 2, 90, false, false}, {"96", 2, 90, false, false}, {"97", 2, 90, false, false},
    {"98", 2, 90, false, false}, {"99", 2, 90, false, false},
};

/* What the elements said so far. */
struct gs1_item {
    bool has_gtin;
    cf_gtin gtin;
    int64_t weight_milli; /* 0: not stated */
    int64_t count_milli;
    size_t n_elements;
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(cf_bytes text)
{
    for (size_t k = 0; k < text.n; k++)
        if (!is_digit(text.p[k]))
            return false;
    return true;
}

static const struct ai_rule *find_rule(const uint8_t first_two[2])
{
    for (size_t k = 0; k < sizeof ai_rules / sizeof ai_rules[0]; k++)
        if (memcmp(first_two, ai_rules[k].first_two, 2) == 0)
            return &ai_rules[k];
    return NULL;
}

unsigned cf_gs1_ai_digits(const uint8_t first_two[2], unsigned *ret_fixed)
{
    const struct ai_rule *rule = find_rule(first_two);
    *ret_fixed = rule != NULL && rule->fixed ? rule->value_max : 0;
    return rule != NULL ? rule->ai_digits : 0;
}

static enum cf_rc not_gs1(struct cf_error *err, const char *why)
{
    return cf_fail(err, CF_E_CODE_PREFIX, "%s", why);
}

/* A value of at most 8 digits as thousandths. `point` digits stand after the decimal point. */
static int64_t to_milli(cf_bytes digits, unsigned point)
{
    int64_t value = 0;
    for (size_t k = 0; k < digits.n; k++)
        value = value * 10 + (digits.p[k] - '0');
    value *= 1000;
    int64_t scale = 1;
    while (point-- > 0)
        scale *= 10;
    return (value + scale / 2) / scale;
}

static enum cf_rc note_quantity(int64_t *kept_milli, int64_t qty_milli, struct cf_error *err)
{
    if (qty_milli < 1 || qty_milli > CF_QTY_MILLI_MAX)
        return cf_fail(err, CF_E_QUANTITY, "a quantity of %lld thousandths", (long long)qty_milli);
    if (*kept_milli != 0 && *kept_milli != qty_milli)
        return cf_fail(err, CF_E_QUANTITY, "two different quantities in one code");
    *kept_milli = qty_milli;
    return CF_OK;
}

/* One element whose value length is known. */
static enum cf_rc note_element(struct gs1_item *item, cf_bytes ai, cf_bytes value, struct cf_error *err)
{
    if (ai.n < 2 || !all_digits(ai))
        return not_gs1(err, "an application identifier has 2 to 4 digits");
    const struct ai_rule *rule = find_rule(ai.p);
    if (rule == NULL || ai.n != rule->ai_digits)
        return not_gs1(err, "an unknown GS1 application identifier");
    if (value.n == 0 || value.n > rule->value_max || (rule->fixed && value.n != rule->value_max) ||
        (rule->digits && !all_digits(value)))
        return not_gs1(err, "a GS1 value of the wrong form");
    if (++item->n_elements > CF_GS1_ELEMENTS_MAX)
        return not_gs1(err, "too many GS1 elements");
    if (memcmp(ai.p, "01", 2) == 0) {
        cf_gtin gtin;
        enum cf_rc rc = cf_gtin_parse(value, &gtin, err);
        if (rc != CF_OK)
            return rc;
        if (item->has_gtin && item->gtin.number != gtin.number)
            return not_gs1(err, "two different GTINs in one code");
        item->has_gtin = true;
        item->gtin = gtin;
    } else if (memcmp(ai.p, "30", 2) == 0 || memcmp(ai.p, "37", 2) == 0) {
        return note_quantity(&item->count_milli, to_milli(value, 0), err);
    } else if (memcmp(ai.p, "310", 3) == 0) {
        if (ai.p[3] > '5')
            return not_gs1(err, "AI 310n has n from 0 to 5");
        return note_quantity(&item->weight_milli, to_milli(value, (unsigned)(ai.p[3] - '0')), err);
    }
    return CF_OK;
}

static enum cf_rc finish(const struct gs1_item *item, struct cf_gs1 *ret, struct cf_error *err)
{
    if (!item->has_gtin)
        return not_gs1(err, "a GS1 code without a GTIN (AI 01)");
    ret->gtin = item->gtin;
    /* Goods sold by weight may also state a count of pieces: the price goes by the weight. */
    ret->qty_milli = (int32_t)(item->weight_milli != 0 ? item->weight_milli : item->count_milli);
    return CF_OK;
}

enum cf_rc cf_gs1_parse_elements(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err)
{
    struct gs1_item item = {0};
    size_t at = 0;
    while (at < text.n) {
        if (text.p[at] == CF_GS1_SEPARATOR) {
            at++; /* receivers tolerate one after a value of predefined length, and in front */
            continue;
        }
        const struct ai_rule *rule = text.n - at >= 2 ? find_rule(text.p + at) : NULL;
        if (rule == NULL || text.n - at <= rule->ai_digits)
            return not_gs1(err, "an unknown GS1 application identifier");
        cf_bytes ai = cf_bytes_of(text.p + at, rule->ai_digits);
        at += rule->ai_digits;
        size_t n = text.n - at;
        if (rule->fixed) {
            n = n < rule->value_max ? n : rule->value_max;
        } else {
            const uint8_t *separator = memchr(text.p + at, CF_GS1_SEPARATOR, n);
            n = separator != NULL ? (size_t)(separator - (text.p + at)) : n;
        }
        enum cf_rc rc = note_element(&item, ai, cf_bytes_of(text.p + at, n), err);
        if (rc != CF_OK)
            return rc;
        at += n;
    }
    return finish(&item, ret, err);
}

/* Is there "(dd)" to "(dddd)" here? A value may hold brackets, but hardly such ones. */
static size_t bracket_at(cf_bytes text, size_t at)
{
    if (at >= text.n || text.p[at] != '(')
        return 0;
    size_t n = 0;
    while (n < 4 && at + 1 + n < text.n && is_digit(text.p[at + 1 + n]))
        n++;
    return n >= 2 && at + 1 + n < text.n && text.p[at + 1 + n] == ')' ? n : 0;
}

enum cf_rc cf_gs1_parse_brackets(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err)
{
    struct gs1_item item = {0};
    size_t at = 0;
    while (at < text.n) {
        size_t ai_n = bracket_at(text, at);
        if (ai_n == 0)
            return not_gs1(err, "no application identifier in brackets");
        size_t from = at + ai_n + 2;
        size_t to = from;
        while (to < text.n && bracket_at(text, to) == 0)
            to++;
        enum cf_rc rc =
            note_element(&item, cf_bytes_of(text.p + at + 1, ai_n), cf_bytes_of(text.p + from, to - from), err);
        if (rc != CF_OK)
            return rc;
        at = to;
    }
    return finish(&item, ret, err);
}

static size_t scheme_length(cf_bytes text)
{
    if (text.n > 8 && strncasecmp((const char *)text.p, "https://", 8) == 0)
        return 8;
    return text.n > 7 && strncasecmp((const char *)text.p, "http://", 7) == 0 ? 7 : 0;
}

bool cf_gs1_is_link(cf_bytes text)
{
    return scheme_length(text) != 0;
}

/* Cuts what lies before `mark` off the front of *rest, and the mark too. All of it if there is no mark. */
static cf_bytes cut(cf_bytes *rest, uint8_t mark)
{
    const uint8_t *found = rest->n != 0 ? memchr(rest->p, mark, rest->n) : NULL;
    size_t n = found != NULL ? (size_t)(found - rest->p) : rest->n;
    cf_bytes front = cf_bytes_of(rest->p, n);
    size_t skip = found != NULL ? n + 1 : n;
    *rest = cf_bytes_of(rest->p + skip, rest->n - skip);
    return front;
}

/* The last pair "/01/<12 to 14 digits>" of a path: a site may have folders of its own before it. */
static bool link_gtin(cf_bytes path, cf_bytes *ret_digits)
{
    bool found = false;
    cf_bytes key = cut(&path, '/');
    while (path.n != 0) {
        cf_bytes value = cut(&path, '/');
        if (key.n == 2 && memcmp(key.p, "01", 2) == 0 && value.n >= 12 && value.n <= 14 && all_digits(value)) {
            *ret_digits = value;
            found = true;
        }
        key = value;
    }
    return found;
}

enum cf_rc cf_gs1_parse_link(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err)
{
    size_t scheme_n = scheme_length(text);
    cf_bytes rest = cf_bytes_of(text.p + scheme_n, text.n - scheme_n);
    rest = cut(&rest, '#');
    cf_bytes path = cut(&rest, '?');
    cf_bytes host = cut(&path, '/');
    cf_bytes digits;
    if (scheme_n == 0 || host.n == 0 || !link_gtin(path, &digits))
        return not_gs1(err, "an address that is no GS1 Digital Link");
    struct gs1_item item = {.has_gtin = true};
    enum cf_rc rc = cf_gtin_parse(digits, &item.gtin, err);
    if (rc != CF_OK)
        return rc;
    while (rest.n != 0) {
        cf_bytes value = cut(&rest, '&');
        cf_bytes key = cut(&value, '=');
        /* Only the measures count; whatever else a site hangs on its address ("utm_source=") is its own affair. */
        bool measure =
            all_digits(key) && ((key.n == 2 && (memcmp(key.p, "30", 2) == 0 || memcmp(key.p, "37", 2) == 0)) ||
                                (key.n == 4 && memcmp(key.p, "310", 3) == 0));
        if (measure) {
            rc = note_element(&item, key, value, err);
            if (rc != CF_OK)
                return rc;
        }
    }
    return finish(&item, ret, err);
}
