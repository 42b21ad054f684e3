/*
 * app/core/price_facts.c - the facts as CBOR: a map, of which a key is there if the fact is known.
 *
 *   {1: 0 (nobody) | 1 + tier, 2: [segment ...], 3: visits, 4: first purchase, 5: birthday, 6: [channel, store],
 *    7: [date, minute], 8: tenders}
 *
 * The weekday follows from the date. Pure; thread-safe.
 */
#include "app/core/price_facts.h"

#include <string.h>

#define KEYS 8
#define TIER_MAX 9
#define CHANNEL_MAX 2
#define TENDERS_MAX 0xFFFFu
#define MINUTES_OF_A_DAY 1440

static bool knows(const struct cf_price_facts *facts, enum cf_fact fact)
{
    return (facts->known & (uint32_t)fact) != 0;
}

struct cf_price_facts cf_price_facts_of(const struct cf_price_facts *facts, uint32_t mask)
{
    struct cf_price_facts some;
    memset(&some, 0, sizeof some);
    some.known = facts->known & mask;
    if (knows(&some, CF_FACT_MEMBER)) {
        some.has_member = facts->has_member;
        some.tier = facts->tier;
    }
    if (knows(&some, CF_FACT_SEGMENTS)) {
        some.n_segments = facts->n_segments;
        memcpy(some.segments, facts->segments, facts->n_segments * sizeof facts->segments[0]);
    }
    if (knows(&some, CF_FACT_VISITS))
        some.visits = facts->visits;
    if (knows(&some, CF_FACT_FIRST))
        some.first_purchase = facts->first_purchase;
    if (knows(&some, CF_FACT_BIRTHDAY))
        some.birthday = facts->birthday;
    if (knows(&some, CF_FACT_PLACE)) {
        some.channel = facts->channel;
        some.store = facts->store;
    }
    if (knows(&some, CF_FACT_CLOCK)) {
        some.local.date = facts->local.date;
        some.local.weekday = facts->local.weekday;
        some.local.minute = facts->local.minute;
    }
    if (knows(&some, CF_FACT_TENDERS))
        some.tenders = facts->tenders;
    return some;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static uint8_t weekday_of(int64_t days)
{
    return (uint8_t)((days + 3) % 7 + 1); /* 1970-01-01 was a Thursday; dates before it have days below 0 */
}

static enum cf_rc check_segments(const struct cf_price_facts *facts, struct cf_error *err)
{
    if (facts->n_segments > CF_SEGMENTS_MAX)
        return cf_fail(err, CF_E_RANGE, "%zu segments, at most %d", facts->n_segments, CF_SEGMENTS_MAX);
    for (size_t i = 0; i < facts->n_segments; i++)
        if (facts->segments[i] <= (i == 0 ? 0 : facts->segments[i - 1]))
            return cf_fail(err, CF_E_RANGE, "segments do not rise");
    return CF_OK;
}

static enum cf_rc check_birthday(uint16_t birthday, struct cf_error *err)
{
    int64_t days;
    if (!cf_date_days(20240000u + birthday, &days)) /* a leap year */
        return cf_fail(err, CF_E_RANGE, "birthday %u is no month * 100 + day", (unsigned)birthday);
    return CF_OK;
}

static enum cf_rc check_local(const struct cf_civil_time *local, struct cf_error *err)
{
    int64_t days;
    if (local->date < 19700101 || !cf_date_days(local->date, &days) || local->weekday != weekday_of(days))
        return cf_fail(err, CF_E_RANGE, "date %lu, weekday %u", (unsigned long)local->date, (unsigned)local->weekday);
    if (local->minute >= MINUTES_OF_A_DAY)
        return cf_fail(err, CF_E_RANGE, "minute %u of a day", (unsigned)local->minute);
    return CF_OK;
}

/* Is a field set of which it is not known what it says? Its segments fit. */
static bool says_more(const struct cf_price_facts *facts)
{
    struct cf_price_facts only = cf_price_facts_of(facts, CF_FACTS_ALL);
    return facts->has_member != only.has_member || facts->tier != only.tier || facts->n_segments != only.n_segments ||
           facts->visits != only.visits || facts->first_purchase != only.first_purchase ||
           facts->birthday != only.birthday || facts->channel != only.channel || facts->store != only.store ||
           facts->local.date != only.local.date || facts->local.minute != only.local.minute ||
           facts->local.weekday != only.local.weekday || facts->tenders != only.tenders;
}

enum cf_rc cf_price_facts_check(const struct cf_price_facts *facts, struct cf_error *err)
{
    if ((facts->known & ~CF_FACTS_ALL) != 0)
        return cf_fail(err, CF_E_RANGE, "facts %lu", (unsigned long)facts->known);
    enum cf_rc rc = check_segments(facts, err);
    if (rc == CF_OK && says_more(facts))
        rc = cf_fail(err, CF_E_RANGE, "a fact that is not known");
    if (rc == CF_OK && (facts->tier > TIER_MAX || (!facts->has_member && facts->tier != 0)))
        rc = cf_fail(err, CF_E_RANGE, "tier %u", (unsigned)facts->tier);
    if (rc == CF_OK && knows(facts, CF_FACT_MEMBER) && !facts->has_member && (facts->known & CF_FACTS_OF_MEMBER) != 0)
        rc = cf_fail(err, CF_E_RANGE, "facts of a member without a member");
    if (rc == CF_OK && facts->visits > CF_VISITS_MAX)
        rc = cf_fail(err, CF_E_RANGE, "visits %lu", (unsigned long)facts->visits);
    if (rc == CF_OK && knows(facts, CF_FACT_BIRTHDAY))
        rc = check_birthday(facts->birthday, err);
    if (rc == CF_OK && knows(facts, CF_FACT_PLACE) && (facts->channel < 1 || facts->channel > CHANNEL_MAX))
        rc = cf_fail(err, CF_E_RANGE, "channel %u", (unsigned)facts->channel);
    if (rc == CF_OK && knows(facts, CF_FACT_CLOCK))
        rc = check_local(&facts->local, err);
    if (rc == CF_OK && facts->tenders > TENDERS_MAX)
        rc = cf_fail(err, CF_E_RANGE, "tenders %lu", (unsigned long)facts->tenders);
    return rc;
}

/* --- CBOR --------------------------------------------------------------------------------------------------------- */

void cf_price_facts_write(const struct cf_price_facts *facts, struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (uint32_t bit = 1; bit <= CF_FACTS_ALL; bit <<= 1)
        n += (facts->known & bit) != 0;
    cf_cbor_write_map(w, n);
    for (uint64_t key = 1; key <= KEYS; key++) {
        enum cf_fact fact = (enum cf_fact)(1u << (key - 1));
        if (!knows(facts, fact))
            continue;
        cf_cbor_write_uint(w, key);
        switch (fact) {
        case CF_FACT_MEMBER:
            cf_cbor_write_uint(w, facts->has_member ? UINT64_C(1) + facts->tier : 0);
            break;
        case CF_FACT_SEGMENTS:
            cf_cbor_write_array(w, facts->n_segments);
            for (size_t i = 0; i < facts->n_segments; i++)
                cf_cbor_write_uint(w, facts->segments[i]);
            break;
        case CF_FACT_VISITS:
            cf_cbor_write_uint(w, facts->visits);
            break;
        case CF_FACT_FIRST:
            cf_cbor_write_bool(w, facts->first_purchase);
            break;
        case CF_FACT_BIRTHDAY:
            cf_cbor_write_uint(w, facts->birthday);
            break;
        case CF_FACT_PLACE:
            cf_cbor_write_array(w, 2);
            cf_cbor_write_uint(w, facts->channel);
            cf_cbor_write_uint(w, facts->store);
            break;
        case CF_FACT_CLOCK:
            cf_cbor_write_array(w, 2);
            cf_cbor_write_uint(w, facts->local.date);
            cf_cbor_write_uint(w, facts->local.minute);
            break;
        case CF_FACT_TENDERS:
            cf_cbor_write_uint(w, facts->tenders);
            break;
        }
    }
}

static void read_member(struct cf_cbor_reader *r, struct cf_price_facts *facts)
{
    uint64_t v;
    if (cf_cbor_read_uint(r, &v, 1 + TIER_MAX) && v > 0) {
        facts->has_member = true;
        facts->tier = (uint8_t)(v - 1);
    }
}

static void read_clock(struct cf_cbor_reader *r, struct cf_civil_time *local)
{
    uint64_t minute;
    int64_t days;
    (void)cf_cbor_read_array_of(r, 2);
    local->date = cf_cbor_read_u32(r);
    (void)cf_cbor_read_uint(r, &minute, MINUTES_OF_A_DAY - 1);
    local->minute = (uint16_t)minute;
    if (r->rc == CF_OK && (local->date < 19700101 || !cf_date_days(local->date, &days)))
        cf_cbor_read_refuse(r);
    else if (r->rc == CF_OK)
        local->weekday = weekday_of(days);
}

static void read_fact(struct cf_cbor_reader *r, enum cf_fact fact, struct cf_price_facts *facts)
{
    uint64_t v;
    switch (fact) {
    case CF_FACT_MEMBER:
        read_member(r, facts);
        break;
    case CF_FACT_SEGMENTS:
        if (cf_cbor_read_array(r, &facts->n_segments, CF_SEGMENTS_MAX))
            for (size_t i = 0; i < facts->n_segments; i++)
                facts->segments[i] = cf_cbor_read_u32(r);
        break;
    case CF_FACT_VISITS:
        facts->visits = cf_cbor_read_u32(r);
        break;
    case CF_FACT_FIRST:
        (void)cf_cbor_read_bool(r, &facts->first_purchase);
        break;
    case CF_FACT_BIRTHDAY:
        (void)cf_cbor_read_uint(r, &v, 1231);
        facts->birthday = (uint16_t)v;
        break;
    case CF_FACT_PLACE:
        (void)cf_cbor_read_array_of(r, 2);
        facts->channel = cf_cbor_read_u8(r);
        facts->store = cf_cbor_read_u32(r);
        break;
    case CF_FACT_CLOCK:
        read_clock(r, &facts->local);
        break;
    case CF_FACT_TENDERS:
        facts->tenders = cf_cbor_read_u32(r);
        break;
    }
}

void cf_price_facts_read(struct cf_cbor_reader *r, struct cf_price_facts *ret)
{
    size_t n;
    uint64_t key, last = 0;
    memset(ret, 0, sizeof *ret);
    if (!cf_cbor_read_map(r, &n, KEYS))
        return;
    if (n == 0)
        cf_cbor_read_refuse(r);
    for (size_t i = 0; i < n && r->rc == CF_OK; i++, last = key) {
        if (!cf_cbor_read_uint(r, &key, KEYS))
            return;
        if (key <= last) {
            cf_cbor_read_refuse(r);
            return;
        }
        enum cf_fact fact = (enum cf_fact)(1u << (key - 1));
        ret->known |= (uint32_t)fact;
        read_fact(r, fact, ret);
    }
}
