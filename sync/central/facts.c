/*
 * sync/central/facts.c - what a till's sale says of its shopper and its moment, held against what the centre knows:
 * rows of judge_sale.c.
 *
 * Facts are what promotions judged by. The money was judged by them already; here is whether they can be true.
 * Only what can never be true is told: a card of yesterday may claim less than the centre knows today, never more. What
 * another till sold before and has not told yet cannot be held against this one.
 */
#include "sync/central/judge.h"

#include "sync/central/members.h"

#define DAY_US (86400 * CF_US_PER_S)

static bool says(const struct cf_judging *j, enum cf_fact fact)
{
    return (cf_sale_facts_known(&j->sale->facts) & (unsigned)fact) != 0;
}

/* --- the place and the moment ------------------------------------------------------------------------------------- */

enum cf_rc cf_judge_place(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_price_facts *facts = &j->sale->facts;
    if (!says(j, CF_FACT_PLACE)) {
        return CF_OK;
    }
    if (facts->channel == CF_CHANNEL_STORE && facts->store == j->log->store) {
        return CF_OK;
    }
    return cf_judge_alarm(j, err, "fact place: channel %lu, store %lu, and the till is of store %lu",
                          (unsigned long)facts->channel, (unsigned long)facts->store, (unsigned long)j->log->store);
}

enum cf_rc cf_judge_clock(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_price_facts *facts = &j->sale->facts;
    struct cf_civil_time local = cf_civil_at(j->priced_at, cf_store_offset_min(j->settings, j->priced_at));
    if (!says(j, CF_FACT_CLOCK)) {
        return CF_OK;
    }
    if (facts->local_date == local.date && facts->minute == local.minute) {
        return CF_OK;
    }
    return cf_judge_alarm(j, err, "fact local time: %lu %02u:%02u, and its record says %lu %02u:%02u",
                          (unsigned long)facts->local_date, facts->minute / 60u, facts->minute % 60u,
                          (unsigned long)local.date, local.minute / 60u, local.minute % 60u);
}

/* --- the member --------------------------------------------------------------------------------------------------- */

enum cf_rc cf_judge_tier(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    unsigned tier = 0;
    if (!sale->has_member || sale->member_tier == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_check(j->central, sale->member, &tier, err);
    if (rc == CF_E_MEMBER_UNKNOWN) {
        return CF_OK; /* their points are an alarm of their own */
    }
    if (rc != CF_OK || sale->member_tier <= tier) {
        return rc;
    }
    return cf_judge_alarm(j, err, "fact tier: %u, and the member's is %u", (unsigned)sale->member_tier, tier);
}

/* A card says how often its member bought as the centre knew it when it was signed: on the day of the sale or the day
 * before. What was heard of before that day it must know. */
static int64_t known_before(cf_wall sold_at)
{
    int64_t day = sold_at.us / DAY_US - (sold_at.us % DAY_US < 0);
    return (day - 1) * DAY_US;
}

enum cf_rc cf_judge_first(const struct cf_judging *j, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_member_known member;
    bool found = false;
    if (!says(j, CF_FACT_FIRST)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_facts_get(j->central, j->sale->member, &member, err);
    if (rc == CF_OK && member.is_known) {
        rc = cf_store_row(j->central->store, CF_Q_MEMBER_SALE_BEFORE,
                          CF_ARGS(cf_v_int(cf_sub_number(j->sale->member)), cf_v_int(j->sold_at.us),
                                  cf_v_int((int64_t)j->id), cf_v_int(known_before(j->sold_at))),
                          row, &found, err);
    }
    if (rc != CF_OK || !found || row[0].i == 0) {
        return rc;
    }
    return cf_judge_alarm(j, err, "fact first purchase: the member bought before");
}

enum cf_rc cf_judge_visits(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    struct cf_member_known member;
    if (!says(j, CF_FACT_VISITS)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_facts_get(j->central, sale->member, &member, err);
    if (rc != CF_OK || !member.is_known || sale->facts.visits <= member.claims.purchases) {
        return rc; /* this sale is counted among them */
    }
    return cf_judge_alarm(j, err, "fact visits: the %luth, and %lu are known", (unsigned long)sale->facts.visits,
                          (unsigned long)member.claims.purchases);
}

enum cf_rc cf_judge_birthday(const struct cf_judging *j, struct cf_error *err)
{
    struct cf_member_known member;
    if (!says(j, CF_FACT_BIRTHDAY)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_facts_get(j->central, j->sale->member, &member, err);
    bool said = j->sale->facts.birthday == member.claims.birthday;
    if (rc == CF_OK && member.is_known && !said) {
        rc = cf_member_was_said(j->central, j->sale->member, CF_SAID_BIRTHDAY, j->sale->facts.birthday, &said, err);
    }
    if (rc != CF_OK || !member.is_known || said) {
        return rc;
    }
    return cf_judge_alarm(j, err, "fact birthday: it never was the member's");
}

static bool claims_segment(const struct cf_claims *claims, uint32_t segment)
{
    for (size_t i = 0; i < claims->n_segments; i++) {
        if (claims->segments[i] == segment) {
            return true;
        }
    }
    return false;
}

enum cf_rc cf_judge_segments(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_price_facts *facts = &j->sale->facts;
    struct cf_member_known member;
    if (!says(j, CF_FACT_SEGMENTS)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_facts_get(j->central, j->sale->member, &member, err);
    for (size_t i = 0; i < facts->n_segments && rc == CF_OK && member.is_known; i++) {
        bool said = claims_segment(&member.claims, facts->segments[i]);
        if (!said) {
            rc = cf_member_was_said(j->central, j->sale->member, CF_SAID_SEGMENT, facts->segments[i], &said, err);
        }
        if (rc == CF_OK && !said) {
            return cf_judge_alarm(j, err, "fact segment: the member never was in %lu",
                                  (unsigned long)facts->segments[i]);
        }
    }
    return rc;
}
