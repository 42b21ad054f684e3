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
#define WORD_DAYS 2 /* one that it is good for, and one that a sale may stay open */

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

/* How often the member bought, beside this sale. */
struct visits {
    uint32_t all;
    uint32_t heard_before; /* when whoever said it began to count: of which something is left */
    uint32_t heard_by;     /* when they ended */
    uint32_t here;         /* earlier in this log: of which something is left */
    uint32_t least, most;  /* of these, what the till had to add of its own, and what it may have added */
};

static enum cf_rc read_visits(const struct cf_judging *j, struct visits *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    const struct cf_visits_basis *basis = &j->sale->visits;
    const bool by_card = basis->source == CF_VISITS_CARD;
    const int64_t us = by_card ? DAY_US : CF_US_PER_S;
    const uint64_t heard = basis->heard_seq < CF_RECORD_SEQ_MAX ? basis->heard_seq : CF_RECORD_SEQ_MAX;
    bool found = false;
    enum cf_rc rc =
        cf_store_row(j->central->store, CF_Q_MEMBER_VISITS,
                     CF_ARGS(cf_v_int(cf_sub_number(j->sale->member)), cf_v_int((int64_t)j->id),
                             cf_v_int((int64_t)cf_record_id(j->log->id, 0)), cf_v_int(basis->as_of * us),
                             cf_v_int((basis->as_of + 1) * us), cf_v_int((int64_t)cf_record_id(j->log->id, heard)),
                             cf_v_int(by_card ? (basis->as_of + 1) * (DAY_US / CF_US_PER_MS) : -1)),
                     row, &found, err);
    if (rc == CF_OK) {
        *ret = (struct visits){(uint32_t)row[0].i, (uint32_t)row[1].i, (uint32_t)row[2].i,
                               (uint32_t)row[3].i, (uint32_t)row[4].i, (uint32_t)row[5].i};
    }
    return rc;
}

/* A till of before did not say whose word it went by. A card says how often its member bought as the centre knew it
 * when it was signed, on the day of the sale or the day before: what was heard of before that day it must know. */
static int64_t known_before(cf_wall sold_at)
{
    int64_t day = sold_at.us / DAY_US - (sold_at.us % DAY_US < 0);
    return (day - 1) * DAY_US;
}

static enum cf_rc judge_first_of_before(const struct cf_judging *j, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(j->central->store, CF_Q_MEMBER_SALE_BEFORE,
                                 CF_ARGS(cf_v_int(cf_sub_number(j->sale->member)), cf_v_int(j->sold_at.us),
                                         cf_v_int((int64_t)j->id), cf_v_int(known_before(j->sold_at))),
                                 row, &found, err);
    return rc == CF_OK && found && row[0].i != 0
               ? cf_judge_alarm(j, err, "fact first purchase: the member bought before")
               : rc;
}

/* The word itself: could a card of that day, or the centre at that second, say so? */
static enum cf_rc judge_word(const struct cf_judging *j, const struct visits *v, struct cf_error *err)
{
    const struct cf_visits_basis *basis = &j->sale->visits;
    const uint32_t said = cf_visits_said(basis, &j->sale->facts);
    const int64_t us = basis->source == CF_VISITS_CARD ? DAY_US : CF_US_PER_S;
    const char *who = basis->source == CF_VISITS_CARD ? "a card" : "the centre";
    if (basis->as_of > cf_central_now(j->central).us / us) {
        return cf_judge_alarm(j, err, "fact visits: %s said so on a day that is to come", who);
    }
    if (j->priced_at.us / DAY_US - basis->as_of * us / DAY_US > WORD_DAYS) {
        return cf_judge_alarm(j, err, "fact visits: %s said so too long before", who);
    }
    if (said < v->heard_before || said > v->heard_by) {
        return cf_judge_alarm(j, err, "fact visits: %s cannot have said %lu purchases, %lu to %lu were known", who,
                              (unsigned long)said, (unsigned long)v->heard_before, (unsigned long)v->heard_by);
    }
    return CF_OK;
}

/* What the till could know, and no more: what another till sold meanwhile is visits.c's. */
enum cf_rc cf_judge_first(const struct cf_judging *j, struct cf_error *err)
{
    struct cf_member_known member;
    struct visits v;
    if (!says(j, CF_FACT_FIRST)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_facts_get(j->central, j->sale->member, &member, err);
    if (rc == CF_OK && member.is_known) {
        rc = read_visits(j, &v, err);
    }
    if (rc != CF_OK || !member.is_known) {
        return rc;
    }
    if (v.here > 0) {
        return cf_judge_alarm(j, err, "fact first purchase: the till itself had sold to the member before, %lu times",
                              (unsigned long)v.here);
    }
    return j->sale->visits.source == CF_VISITS_UNKNOWN ? judge_first_of_before(j, err) : judge_word(j, &v, err);
}

enum cf_rc cf_judge_visits(const struct cf_judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    struct cf_member_known member;
    struct visits v;
    if (!says(j, CF_FACT_VISITS)) {
        return CF_OK;
    }
    enum cf_rc rc = cf_member_facts_get(j->central, sale->member, &member, err);
    if (rc == CF_OK && member.is_known) {
        rc = read_visits(j, &v, err);
    }
    if (rc != CF_OK || !member.is_known) {
        return rc;
    }
    if (sale->visits.source == CF_VISITS_UNKNOWN) {
        return sale->facts.visits <= v.all + 1
                   ? CF_OK
                   : cf_judge_alarm(j, err, "fact visits: the %luth, and %lu are known",
                                    (unsigned long)sale->facts.visits, (unsigned long)v.all + 1);
    }
    if (sale->visits.own < v.least || sale->visits.own > v.most) {
        return cf_judge_alarm(j, err, "fact visits: the till adds %lu purchases of its own, its log has %lu to %lu",
                              (unsigned long)sale->visits.own, (unsigned long)v.least, (unsigned long)v.most);
    }
    return says(j, CF_FACT_FIRST) ? CF_OK : judge_word(j, &v, err); /* that of the first purchase was judged */
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
