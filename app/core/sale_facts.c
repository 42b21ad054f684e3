/*
 * app/core/sale_facts.c - the facts as CBOR: a map, of which a key is there if the fact is known.
 *
 *   {1: visits, 2: true if the first purchase, 3: birthday, 4: [segment ...], 5: [channel, store], 6: [date, minute],
 *    7: tenders, 8: [campaign ...] of which a coupon is held}
 *
 * The weekday follows from the date. Lists rise. Pure; thread-safe.
 */
#include "app/core/sale_facts.h"

#include <string.h>

#include "base/zone.h"

#define KEYS 8
#define CHANNEL_MAX 2
#define TENDERS_MAX 0xFFFFu
#define MINUTES_OF_A_DAY 1440
#define DAY_S 86400
#define SECONDS_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

unsigned cf_promotion_asks(const struct cf_promotion *p)
{
    unsigned asks = 0;
    asks |= p->visit_nth != 0 ? (unsigned)CF_FACT_VISITS : 0;
    asks |= p->first_purchase ? (unsigned)CF_FACT_FIRST : 0;
    asks |= p->birthday ? (unsigned)CF_FACT_BIRTHDAY | (unsigned)CF_FACT_CLOCK : 0;
    asks |= p->n_segments != 0 ? (unsigned)CF_FACT_SEGMENTS : 0;
    asks |= p->channels != 0 || p->n_stores != 0 ? (unsigned)CF_FACT_PLACE : 0;
    asks |= p->weekdays != 0 || p->n_hours != 0 ? (unsigned)CF_FACT_CLOCK : 0;
    asks |= p->tenders != 0 ? (unsigned)CF_FACT_TENDERS : 0;
    asks |= p->with_campaign != 0 ? (unsigned)CF_FACT_COUPONS : 0;
    return asks;
}

struct cf_price_facts cf_sale_facts_of(const struct cf_price_facts *facts, unsigned mask)
{
    struct cf_price_facts some;
    memset(&some, 0, sizeof some);
    if ((mask & CF_FACT_VISITS) != 0)
        some.visits = facts->visits;
    if ((mask & CF_FACT_FIRST) != 0)
        some.first_purchase = facts->first_purchase;
    if ((mask & CF_FACT_BIRTHDAY) != 0)
        some.birthday = facts->birthday;
    if ((mask & CF_FACT_SEGMENTS) != 0) {
        some.n_segments = facts->n_segments;
        memcpy(some.segments, facts->segments, facts->n_segments * sizeof facts->segments[0]);
    }
    if ((mask & CF_FACT_PLACE) != 0) {
        some.channel = facts->channel;
        some.store = facts->store;
    }
    if ((mask & CF_FACT_CLOCK) != 0) {
        some.local_date = facts->local_date;
        some.weekday = facts->weekday;
        some.minute = facts->minute;
    }
    if ((mask & CF_FACT_TENDERS) != 0)
        some.tenders = facts->tenders;
    if ((mask & CF_FACT_COUPONS) != 0) {
        some.n_coupons = facts->n_coupons;
        memcpy(some.coupons, facts->coupons, facts->n_coupons * sizeof facts->coupons[0]);
    }
    return some;
}

unsigned cf_sale_facts_known(const struct cf_price_facts *facts)
{
    unsigned known = 0;
    known |= facts->visits != 0 ? (unsigned)CF_FACT_VISITS : 0;
    known |= facts->first_purchase ? (unsigned)CF_FACT_FIRST : 0;
    known |= facts->birthday != 0 ? (unsigned)CF_FACT_BIRTHDAY : 0;
    known |= facts->n_segments != 0 ? (unsigned)CF_FACT_SEGMENTS : 0;
    known |= facts->channel != 0 ? (unsigned)CF_FACT_PLACE : 0;
    known |= facts->local_date != 0 ? (unsigned)CF_FACT_CLOCK : 0;
    known |= facts->tenders != 0 ? (unsigned)CF_FACT_TENDERS : 0;
    known |= facts->n_coupons != 0 ? (unsigned)CF_FACT_COUPONS : 0;
    return known;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static enum cf_rc check_rising(const char *what, const uint32_t *numbers, size_t n, size_t max, struct cf_error *err)
{
    if (n > max)
        return cf_fail(err, CF_E_RANGE, "%zu %s, at most %zu", n, what, max);
    for (size_t i = 0; i < n; i++)
        if (numbers[i] <= (i == 0 ? 0 : numbers[i - 1]))
            return cf_fail(err, CF_E_RANGE, "%s do not rise", what);
    return CF_OK;
}

/* 1970-01-01 was a Thursday. */
static uint8_t weekday_of(int64_t days)
{
    return (uint8_t)((days + 3) % 7 + 1);
}

static bool is_date(uint32_t date, int64_t *ret_days)
{
    return date >= 19700101 && cf_date_days(date, ret_days);
}

static enum cf_rc check_moment(const struct cf_price_facts *facts, struct cf_error *err)
{
    int64_t days;
    if (facts->birthday != 0 && !is_date(20240000u + facts->birthday, &days)) /* a leap year */
        return cf_fail(err, CF_E_RANGE, "birthday %u is no month * 100 + day", (unsigned)facts->birthday);
    if (facts->local_date == 0 && (facts->weekday != 0 || facts->minute != 0))
        return cf_fail(err, CF_E_RANGE, "a time of day without a date");
    if (facts->local_date != 0 && (!is_date(facts->local_date, &days) || facts->weekday != weekday_of(days)))
        return cf_fail(err, CF_E_RANGE, "date %lu, weekday %u", (unsigned long)facts->local_date,
                       (unsigned)facts->weekday);
    if (facts->minute >= MINUTES_OF_A_DAY)
        return cf_fail(err, CF_E_RANGE, "minute %u of a day", (unsigned)facts->minute);
    return CF_OK;
}

enum cf_rc cf_sale_facts_check(const struct cf_price_facts *facts, struct cf_error *err)
{
    if (facts->has_member || facts->tier != 0)
        return cf_fail(err, CF_E_RANGE, "the sale itself says who its member is");
    if (facts->visits > CF_VISITS_MAX)
        return cf_fail(err, CF_E_RANGE, "visits %lu", (unsigned long)facts->visits);
    if (facts->channel > CHANNEL_MAX || (facts->channel == 0 && facts->store != 0))
        return cf_fail(err, CF_E_RANGE, "channel %lu", (unsigned long)facts->channel);
    if (facts->tenders > TENDERS_MAX)
        return cf_fail(err, CF_E_RANGE, "tenders %lu", (unsigned long)facts->tenders);
    enum cf_rc rc = check_rising("segments", facts->segments, facts->n_segments, CF_FACT_SEGMENTS_MAX, err);
    if (rc == CF_OK)
        rc = check_rising("coupons", facts->coupons, facts->n_coupons, CF_FACT_COUPONS_MAX, err);
    return rc == CF_OK ? check_moment(facts, err) : rc;
}

enum cf_rc cf_visits_basis_check(const struct cf_visits_basis *basis, const struct cf_price_facts *facts,
                                 struct cf_error *err)
{
    const int64_t last = basis->source == CF_VISITS_CARD ? SECONDS_MAX / DAY_S : SECONDS_MAX;
    if (basis->source == CF_VISITS_UNKNOWN)
        return CF_OK;
    if (!facts->first_purchase && facts->visits == 0)
        return cf_fail(err, CF_E_RANGE, "whose word it is, and nothing that was said");
    if (basis->as_of < 0 || basis->as_of > last || basis->heard_seq > INT64_MAX ||
        (basis->source == CF_VISITS_CARD && basis->heard_seq != 0))
        return cf_fail(err, CF_E_RANGE, "visits as of %lld", (long long)basis->as_of);
    if ((facts->first_purchase && (basis->own != 0 || facts->visits > 1)) ||
        (facts->visits != 0 && basis->own >= facts->visits))
        return cf_fail(err, CF_E_RANGE, "visit %lu, and %lu purchases of its own", (unsigned long)facts->visits,
                       (unsigned long)basis->own);
    return CF_OK;
}

uint32_t cf_visits_said(const struct cf_visits_basis *basis, const struct cf_price_facts *facts)
{
    return facts->visits > basis->own ? facts->visits - 1 - basis->own : 0;
}

/* --- CBOR --------------------------------------------------------------------------------------------------------- */

static void write_list(const uint32_t *numbers, size_t n, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < n; i++)
        cf_cbor_write_uint(w, numbers[i]);
}

static void write_pair(uint32_t first, uint32_t second, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 2);
    cf_cbor_write_uint(w, first);
    cf_cbor_write_uint(w, second);
}

static void write_fact(const struct cf_price_facts *facts, enum cf_fact fact, struct cf_cbor_writer *w)
{
    switch (fact) {
    case CF_FACT_VISITS:
        cf_cbor_write_uint(w, facts->visits);
        break;
    case CF_FACT_FIRST:
        cf_cbor_write_bool(w, true);
        break;
    case CF_FACT_BIRTHDAY:
        cf_cbor_write_uint(w, facts->birthday);
        break;
    case CF_FACT_SEGMENTS:
        write_list(facts->segments, facts->n_segments, w);
        break;
    case CF_FACT_PLACE:
        write_pair(facts->channel, facts->store, w);
        break;
    case CF_FACT_CLOCK:
        write_pair(facts->local_date, facts->minute, w);
        break;
    case CF_FACT_TENDERS:
        cf_cbor_write_uint(w, facts->tenders);
        break;
    case CF_FACT_COUPONS:
        write_list(facts->coupons, facts->n_coupons, w);
        break;
    }
}

void cf_sale_facts_write(const struct cf_price_facts *facts, struct cf_cbor_writer *w)
{
    unsigned known = cf_sale_facts_known(facts);
    cf_cbor_write_map(w, (size_t)__builtin_popcount(known));
    for (unsigned key = 1; key <= KEYS; key++)
        if ((known & 1u << (key - 1)) != 0) {
            cf_cbor_write_uint(w, key);
            write_fact(facts, (enum cf_fact)(1u << (key - 1)), w);
        }
}

static void read_list(struct cf_cbor_reader *r, uint32_t *numbers, size_t *ret_n, size_t max)
{
    if (cf_cbor_read_array(r, ret_n, max))
        for (size_t i = 0; i < *ret_n; i++)
            numbers[i] = cf_cbor_read_u32(r);
}

static uint16_t read_u16(struct cf_cbor_reader *r)
{
    uint64_t v;
    return cf_cbor_read_uint(r, &v, UINT16_MAX) ? (uint16_t)v : 0;
}

static void read_clock(struct cf_cbor_reader *r, struct cf_price_facts *facts)
{
    int64_t days;
    (void)cf_cbor_read_array_of(r, 2);
    facts->local_date = cf_cbor_read_u32(r);
    facts->minute = read_u16(r);
    if (r->rc == CF_OK && is_date(facts->local_date, &days))
        facts->weekday = weekday_of(days);
}

static void read_fact(struct cf_cbor_reader *r, enum cf_fact fact, struct cf_price_facts *facts)
{
    switch (fact) {
    case CF_FACT_VISITS:
        facts->visits = cf_cbor_read_u32(r);
        break;
    case CF_FACT_FIRST:
        (void)cf_cbor_read_bool(r, &facts->first_purchase);
        break;
    case CF_FACT_BIRTHDAY:
        facts->birthday = read_u16(r);
        break;
    case CF_FACT_SEGMENTS:
        read_list(r, facts->segments, &facts->n_segments, CF_FACT_SEGMENTS_MAX);
        break;
    case CF_FACT_PLACE:
        (void)cf_cbor_read_array_of(r, 2);
        facts->channel = cf_cbor_read_u32(r);
        facts->store = cf_cbor_read_u32(r);
        break;
    case CF_FACT_CLOCK:
        read_clock(r, facts);
        break;
    case CF_FACT_TENDERS:
        facts->tenders = cf_cbor_read_u32(r);
        break;
    case CF_FACT_COUPONS:
        read_list(r, facts->coupons, &facts->n_coupons, CF_FACT_COUPONS_MAX);
        break;
    }
    if ((cf_sale_facts_known(facts) & (unsigned)fact) == 0) /* it says nothing: there is one encoding of the facts */
        cf_cbor_read_refuse(r);
}

void cf_sale_facts_read(struct cf_cbor_reader *r, struct cf_price_facts *ret)
{
    size_t n;
    uint64_t key, last = 0;
    memset(ret, 0, sizeof *ret);
    if (!cf_cbor_read_map(r, &n, KEYS))
        return;
    for (size_t i = 0; i < n && r->rc == CF_OK; i++, last = key) {
        if (!cf_cbor_read_uint(r, &key, KEYS))
            return;
        if (key <= last) {
            cf_cbor_read_refuse(r);
            return;
        }
        read_fact(r, (enum cf_fact)(1u << (key - 1)), ret);
    }
}
