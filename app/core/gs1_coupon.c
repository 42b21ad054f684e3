/*
 * app/core/gs1_coupon.c - see gs1_coupon.h.
 *
 *   8110  [prefix] offer(6) [save value] [requirement] code family(3), then optional fields in rising order:
 *         1 rules [requirement] code family(3) [prefix|9]     second purchase
 *         2 [requirement] code family(3) [prefix|9]           third purchase
 *         3 YYMMDD   expires        4 YYMMDD   starts
 *         5 [serial]                6 [retailer]
 *         9 save code, save item, store coupon, no doubling
 *   8112  format [funder] offer(6) [serial]
 *
 * [..] is a digit that gives the length, and the number. Pure.
 */
#include "app/core/gs1_coupon.h"

#include <string.h>

struct reader {
    cf_bytes rest;
    bool is_bad;
};

static cf_bytes take(struct reader *r, size_t n)
{
    if (r->is_bad || n > r->rest.n) {
        r->is_bad = true;
        return cf_bytes_of(r->rest.p, 0);
    }
    cf_bytes front = cf_bytes_of(r->rest.p, n);
    r->rest = cf_bytes_of(r->rest.p + n, r->rest.n - n);
    return front;
}

/* n <= 9 digits. */
static uint32_t take_number(struct reader *r, size_t n)
{
    cf_bytes digits = take(r, n);
    uint32_t value = 0;
    for (size_t k = 0; k < digits.n; k++)
        value = value * 10 + (uint32_t)(digits.p[k] - '0');
    return value;
}

static uint8_t take_digit(struct reader *r, const char *allowed)
{
    cf_bytes digit = take(r, 1);
    if (digit.n == 0 || strchr(allowed, digit.p[0]) == NULL) {
        r->is_bad = true;
        return 0;
    }
    return (uint8_t)(digit.p[0] - '0');
}

/* A number whose length a digit gives, of which 0 is `least` digits. */
static void take_text(struct reader *r, const char *lengths, size_t least, char *ret)
{
    size_t n = least + take_digit(r, lengths);
    cf_bytes digits = take(r, n);
    memcpy(ret, digits.p, digits.n);
    ret[digits.n] = '\0';
}

static uint32_t take_value(struct reader *r)
{
    uint8_t n = take_digit(r, "12345");
    return take_number(r, n);
}

static void take_requirement(struct reader *r, struct cf_gs1_coupon *coupon, bool has_prefix)
{
    struct cf_gs1_requirement *requirement = &coupon->requirements[coupon->n_requirements++];
    requirement->value = take_value(r);
    requirement->code = take_digit(r, "012349");
    requirement->family = (uint16_t)take_number(r, 3);
    if (has_prefix && r->rest.n > 0 && r->rest.p[0] == '9')
        (void)take(r, 1); /* the first company's again */
    else if (has_prefix)
        take_text(r, "0123456", 6, requirement->prefix);
}

static void take_field(struct reader *r, uint8_t field, struct cf_gs1_coupon *coupon)
{
    switch (field) {
    case 1:
        coupon->rules = take_digit(r, "0123");
        take_requirement(r, coupon, true);
        break;
    case 2:
        take_requirement(r, coupon, true);
        break;
    case 3:
        coupon->expires = take_number(r, 6);
        break;
    case 4:
        coupon->starts = take_number(r, 6);
        break;
    case 5:
        take_text(r, "0123456789", 6, coupon->serial);
        break;
    case 6:
        take_text(r, "1234567", 6, coupon->retailer);
        break;
    case 9:
        coupon->save_code = take_digit(r, "01256");
        coupon->save_item = take_digit(r, "012");
        coupon->store_coupon = take_digit(r, "0123456789");
        coupon->no_doubling = take_digit(r, "01") == 1;
        break;
    default:
        r->is_bad = true;
    }
}

static void take_north_american(struct reader *r, struct cf_gs1_coupon *coupon)
{
    uint8_t last = 0;
    take_text(r, "0123456", 6, coupon->funder);
    coupon->offer = take_number(r, 6);
    coupon->save_value = take_value(r);
    take_requirement(r, coupon, false);
    while (!r->is_bad && r->rest.n > 0) {
        uint8_t field = take_digit(r, "1234569");
        if (field <= last)
            r->is_bad = true;
        else
            take_field(r, field, coupon);
        last = field;
    }
}

static bool all_digits(cf_bytes text)
{
    for (size_t k = 0; k < text.n; k++)
        if (text.p[k] < '0' || text.p[k] > '9')
            return false;
    return true;
}

enum cf_rc cf_gs1_coupon_parse(enum cf_gs1_coupon_kind kind, cf_bytes digits, struct cf_gs1_coupon *ret,
                               struct cf_error *err)
{
    struct reader r = {.rest = digits, .is_bad = !all_digits(digits)};
    struct cf_gs1_coupon coupon = {.kind = kind};
    if (kind == CF_GS1_COUPON_NORTH_AMERICA) {
        take_north_american(&r, &coupon);
    } else if (kind == CF_GS1_COUPON_POSITIVE_OFFER) {
        coupon.format = take_digit(&r, "01");
        take_text(&r, "0123456", 6, coupon.funder);
        coupon.offer = take_number(&r, 6);
        take_text(&r, "0123456789", 6, coupon.serial);
    } else {
        r.is_bad = true;
    }
    if (r.is_bad || r.rest.n > 0)
        return cf_fail(err, CF_E_CODE_SHAPE, "digit %zu of a GS1 coupon is not what stands there", digits.n - r.rest.n);
    if ((coupon.starts != 0 && cf_gs1_date(coupon.starts, 20260101) == 0) ||
        (coupon.expires != 0 && cf_gs1_date(coupon.expires, 20260101) == 0))
        return cf_fail(err, CF_E_GS1_DATE, "a GS1 coupon with a date that does not exist");
    *ret = coupon;
    return CF_OK;
}
