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
    int64_t weight_milli; /* 0: not stated */
    int64_t count_milli;
    bool has_amount, has_item_price; /* 390n and 391n; 392n and 393n, which go before them */
    size_t n_elements;
    struct cf_gs1 is;
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

static uint64_t number_of(cf_bytes digits)
{
    uint64_t value = 0;
    for (size_t k = 0; k < digits.n; k++)
        value = value * 10 + (uint64_t)(digits.p[k] - '0');
    return value;
}

static int64_t ten_to(unsigned n)
{
    int64_t power = 1;
    while (n-- > 0)
        power *= 10;
    return power;
}

/* A value of at most 8 digits as thousandths. `point` digits stand after the decimal point. */
static int64_t to_milli(cf_bytes digits, unsigned point)
{
    int64_t scale = ten_to(point);
    return ((int64_t)number_of(digits) * 1000 + scale / 2) / scale;
}

/* Six digits of pounds as grams: a pound is 0.45359237 kg by definition. */
static int64_t pounds_to_milli(cf_bytes digits, unsigned point)
{
    int64_t scale = ten_to(point) * 100000;
    return ((int64_t)number_of(digits) * 45359237 + scale / 2) / scale;
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

/* GS1 General Specifications, figure 7.11-1: the 82 characters of batch and serial numbers. */
static bool is_text(cf_bytes text)
{
    for (size_t k = 0; k < text.n; k++) {
        uint8_t c = text.p[k];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c);
        if (!letter && (c == '\0' || strchr("!\"%&'()*+,-./_:;<=>?", c) == NULL))
            return false;
    }
    return true;
}

static enum cf_rc note_text(char kept[CF_GS1_TEXT_MAX + 1], cf_bytes value, struct cf_error *err)
{
    if (value.n == 0 || value.n > CF_GS1_TEXT_MAX || !is_text(value))
        return not_gs1(err, "a batch or serial number of the wrong form");
    if (kept[0] != '\0' && (strlen(kept) != value.n || memcmp(kept, value.p, value.n) != 0))
        return not_gs1(err, "two different batch or serial numbers in one code");
    memcpy(kept, value.p, value.n);
    kept[value.n] = '\0';
    return CF_OK;
}

static enum cf_rc note_date(uint32_t *kept, cf_bytes value, struct cf_error *err)
{
    uint32_t date = (uint32_t)number_of(value);
    if (cf_gs1_date(date, 20260101) == 0)
        return cf_fail(err, CF_E_GS1_DATE, "%06lu is no date", (unsigned long)date);
    if (*kept != 0 && *kept != date)
        return not_gs1(err, "two different dates in one code");
    *kept = date;
    return CF_OK;
}

/* 390n to 393n: with a currency in front if the third digit is odd. */
static enum cf_rc note_price(struct gs1_item *item, cf_bytes ai, cf_bytes value, struct cf_error *err)
{
    bool of_item = ai.p[2] >= '2', with_currency = ai.p[2] == '1' || ai.p[2] == '3';
    size_t skip = with_currency ? 3 : 0;
    if (value.n <= skip || value.n - skip > 15)
        return not_gs1(err, "a GS1 price of the wrong length");
    struct cf_gs1 priced = {.price = (int64_t)number_of(cf_bytes_of(value.p + skip, value.n - skip)),
                            .price_decimals = (uint8_t)(ai.p[3] - '0'),
                            .price_currency = (uint16_t)number_of(cf_bytes_of(value.p, skip))};
    struct cf_gs1 *is = &item->is;
    bool same = is->price == priced.price && is->price_decimals == priced.price_decimals &&
                is->price_currency == priced.price_currency;
    if ((of_item ? item->has_item_price : item->has_amount && !item->has_item_price) && !same)
        return not_gs1(err, "two different prices in one code");
    item->has_amount = item->has_amount || !of_item;
    if (of_item || !item->has_item_price) {
        is->has_price = true;
        is->price = priced.price;
        is->price_decimals = priced.price_decimals;
        is->price_currency = priced.price_currency;
    }
    item->has_item_price = item->has_item_price || of_item;
    return CF_OK;
}

static enum cf_rc note_gtin(struct gs1_item *item, cf_bytes value, struct cf_error *err)
{
    cf_gtin gtin;
    enum cf_rc rc = cf_gtin_parse(value, &gtin, err);
    if (rc != CF_OK)
        return rc;
    if (item->has_gtin && item->is.gtin.number != gtin.number)
        return not_gs1(err, "two different GTINs in one code");
    item->has_gtin = true;
    item->is.gtin = gtin;
    return CF_OK;
}

static enum cf_rc note_coupon(struct gs1_item *item, cf_bytes ai, cf_bytes value, struct cf_error *err)
{
    if (item->is.coupon_kind != CF_GS1_COUPON_NONE)
        return not_gs1(err, "two coupons in one code");
    item->is.coupon_kind = ai.p[3] == '0' ? CF_GS1_COUPON_NORTH_AMERICA : CF_GS1_COUPON_POSITIVE_OFFER;
    item->is.coupon = value;
    return CF_OK;
}

static bool is_ai(cf_bytes ai, const char *front)
{
    size_t n = strlen(front);
    return ai.n >= n && memcmp(ai.p, front, n) == 0;
}

/* Keeps what counts of an element that is well formed by the table. */
static enum cf_rc keep_element(struct gs1_item *item, cf_bytes ai, cf_bytes value, struct cf_error *err)
{
    if (is_ai(ai, "01"))
        return note_gtin(item, value, err);
    if (is_ai(ai, "10"))
        return note_text(item->is.batch, value, err);
    if (is_ai(ai, "21"))
        return note_text(item->is.serial, value, err);
    if (is_ai(ai, "15"))
        return note_date(&item->is.best_before, value, err);
    if (is_ai(ai, "16"))
        return note_date(&item->is.sell_by, value, err);
    if (is_ai(ai, "17"))
        return note_date(&item->is.use_by, value, err);
    if (is_ai(ai, "30") || is_ai(ai, "37"))
        return note_quantity(&item->count_milli, to_milli(value, 0), err);
    if (is_ai(ai, "310") || is_ai(ai, "320")) {
        if (ai.p[3] > '5')
            return not_gs1(err, "AI 310n and 320n have n from 0 to 5");
        unsigned point = (unsigned)(ai.p[3] - '0');
        return note_quantity(&item->weight_milli,
                             ai.p[1] == '1' ? to_milli(value, point) : pounds_to_milli(value, point), err);
    }
    if (is_ai(ai, "39") && ai.p[2] <= '3')
        return note_price(item, ai, value, err);
    if (is_ai(ai, "8110") || is_ai(ai, "8112"))
        return note_coupon(item, ai, value, err);
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
    return keep_element(item, ai, value, err);
}

static enum cf_rc finish(const struct gs1_item *item, struct cf_gs1 *ret, struct cf_error *err)
{
    if (!item->has_gtin && item->is.coupon_kind == CF_GS1_COUPON_NONE)
        return not_gs1(err, "a GS1 code without a GTIN (AI 01)");
    *ret = item->is;
    /* Goods sold by weight may also state a count of pieces: the price goes by the weight. */
    ret->is_weight = item->weight_milli != 0;
    ret->qty_milli = (int32_t)(ret->is_weight ? item->weight_milli : item->count_milli);
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

/* The last pair "/01/<12 to 14 digits>" of a path, and what follows it: a site may have folders of its own before. */
static bool link_gtin(cf_bytes path, cf_bytes *ret_digits, cf_bytes *ret_rest)
{
    bool found = false;
    cf_bytes key = cut(&path, '/');
    while (path.n != 0) {
        cf_bytes value = cut(&path, '/');
        if (key.n == 2 && memcmp(key.p, "01", 2) == 0 && value.n >= 12 && value.n <= 14 && all_digits(value)) {
            *ret_digits = value;
            *ret_rest = path;
            found = true;
        }
        key = value;
    }
    return found;
}

static int hex_digit(uint8_t c)
{
    if (is_digit(c))
        return c - '0';
    uint8_t lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Takes "%2F" for '/' (RFC 3986 2.1). False if it is malformed or too long. */
static bool unescape(cf_bytes text, uint8_t out[CF_GS1_TEXT_MAX + 1], size_t *ret_n)
{
    size_t n = 0;
    for (size_t k = 0; k < text.n; k++) {
        uint8_t c = text.p[k];
        if (n > CF_GS1_TEXT_MAX)
            return false;
        if (c == '%') {
            if (text.n - k < 3 || hex_digit(text.p[k + 1]) < 0 || hex_digit(text.p[k + 2]) < 0)
                return false;
            c = (uint8_t)(hex_digit(text.p[k + 1]) * 16 + hex_digit(text.p[k + 2]));
            k += 2;
        }
        out[n++] = c;
    }
    *ret_n = n;
    return n <= CF_GS1_TEXT_MAX;
}

/* The qualifiers of a GTIN in the path: "/22/<variant>/10/<batch>/21/<serial>". Whatever else follows is the site's. */
static enum cf_rc link_qualifiers(cf_bytes path, struct gs1_item *item, struct cf_error *err)
{
    while (path.n != 0) {
        uint8_t text[CF_GS1_TEXT_MAX + 1];
        size_t n;
        cf_bytes key = cut(&path, '/');
        cf_bytes value = cut(&path, '/');
        bool kept = key.n == 2 && (memcmp(key.p, "10", 2) == 0 || memcmp(key.p, "21", 2) == 0);
        if (!kept && !(key.n == 2 && memcmp(key.p, "22", 2) == 0))
            break;
        if (!kept || value.n == 0)
            continue;
        if (!unescape(value, text, &n))
            return not_gs1(err, "a batch or serial number of the wrong form");
        enum cf_rc rc = note_element(item, key, cf_bytes_of(text, n), err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

/* Of a query only what measures, prices and dates the goods counts; whatever else a site hangs on its address
 * ("utm_source=") is its own affair. */
static bool counts_in_query(cf_bytes key)
{
    static const char *const fronts[] = {"15", "16", "17", "30", "37", "310", "320", "390", "391", "392", "393"};
    for (size_t k = 0; k < sizeof fronts / sizeof fronts[0]; k++) {
        size_t n = strlen(fronts[k]);
        if (key.n == (n == 2 ? 2 : 4) && memcmp(key.p, fronts[k], n) == 0 && all_digits(key))
            return true;
    }
    return false;
}

enum cf_rc cf_gs1_parse_link(cf_bytes text, struct cf_gs1 *ret, struct cf_error *err)
{
    size_t scheme_n = scheme_length(text);
    cf_bytes rest = cf_bytes_of(text.p + scheme_n, text.n - scheme_n);
    rest = cut(&rest, '#');
    cf_bytes path = cut(&rest, '?');
    cf_bytes host = cut(&path, '/');
    cf_bytes digits, qualifiers;
    if (scheme_n == 0 || host.n == 0 || !link_gtin(path, &digits, &qualifiers))
        return not_gs1(err, "an address that is no GS1 Digital Link");
    struct gs1_item item = {0};
    enum cf_rc rc = note_gtin(&item, digits, err);
    if (rc == CF_OK)
        rc = link_qualifiers(qualifiers, &item, err);
    while (rc == CF_OK && rest.n != 0) {
        cf_bytes value = cut(&rest, '&');
        cf_bytes key = cut(&value, '=');
        if (counts_in_query(key))
            rc = note_element(&item, key, value, err);
    }
    return rc == CF_OK ? finish(&item, ret, err) : rc;
}

/* --- what the parts mean ------------------------------------------------------------------------------------------ */

static uint32_t days_in_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

uint32_t cf_gs1_date(uint32_t yymmdd, uint32_t today)
{
    uint32_t year = yymmdd / 10000, month = yymmdd / 100 % 100, day = yymmdd % 100;
    uint32_t now = today / 10000;
    if (year > 99 || month < 1 || month > 12)
        return 0;
    int ahead = (int)year - (int)(now % 100);
    uint32_t century = now / 100;
    if (ahead >= 51)
        century--;
    else if (ahead <= -50)
        century++;
    year += century * 100;
    uint32_t last = days_in_month(year, month);
    if (day > last)
        return 0;
    return year * 10000 + month * 100 + (day == 0 ? last : day);
}

bool cf_gs1_is_past(const struct cf_gs1 *gs1, uint32_t today, bool best_before_counts, uint32_t *ret_day)
{
    const uint32_t dates[] = {gs1->use_by, gs1->sell_by, best_before_counts ? gs1->best_before : 0};
    uint32_t last = UINT32_MAX;
    for (size_t k = 0; k < sizeof dates / sizeof dates[0]; k++) {
        uint32_t day = dates[k] != 0 ? cf_gs1_date(dates[k], today) : UINT32_MAX;
        last = day < last ? day : last;
    }
    if (last >= today)
        return false;
    *ret_day = last;
    return true;
}

enum cf_rc cf_gs1_price(const struct cf_gs1 *gs1, cf_currency currency, int64_t *ret_minor, struct cf_error *err)
{
    unsigned digits = cf_currency_digits(currency), decimals = gs1->price_decimals;
    int64_t minor = gs1->price;
    if (!gs1->has_price)
        return cf_fail(err, CF_E_PRICE, "the code states no price");
    if (gs1->price_currency != 0 && gs1->price_currency != cf_currency_number(currency))
        return cf_fail(err, CF_E_CURRENCY, "a price in currency %03u, not in %.3s", (unsigned)gs1->price_currency,
                       currency.code);
    for (; decimals > digits && minor % 10 == 0; decimals--)
        minor /= 10;
    if (decimals > digits)
        return cf_fail(err, CF_E_PRICE, "a price with %u digits after the point", (unsigned)gs1->price_decimals);
    enum cf_rc rc = cf_muldiv_round(minor, ten_to(digits - decimals), 1, &minor, err);
    if (rc == CF_OK && (minor < 1 || minor > CF_PRICE_MINOR_MAX))
        rc = cf_fail(err, CF_E_PRICE, "a price of %lld", (long long)minor);
    if (rc == CF_OK)
        *ret_minor = minor;
    return rc;
}
