/*
 * sync/central/facts.c - see facts.h.
 *
 * Only what can never be true is told: a card of yesterday may claim less than the centre knows today, never more. What
 * another till sold before and has not told yet cannot be held against this one.
 */
#include "sync/central/facts.h"

#include "sync/central/members.h"

#include <stdarg.h>
#include <stdio.h>

struct judging {
    struct cf_central *central;
    uint64_t id;
    const struct cf_sale *sale;
};

__attribute__((format(printf, 3, 4))) static enum cf_rc alarm(const struct judging *j, struct cf_error *err,
                                                              const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return cf_central_alarm(j->central, j->id, CF_E_FACT, text, err);
}

static enum cf_rc judge_place(const struct judging *j, const struct cf_log *log, struct cf_error *err)
{
    const struct cf_price_facts *facts = &j->sale->facts;
    if (facts->channel == CF_CHANNEL_STORE && facts->store == log->store) {
        return CF_OK;
    }
    return alarm(j, err, "fact place: channel %lu, store %lu, and the till is of store %lu",
                 (unsigned long)facts->channel, (unsigned long)facts->store, (unsigned long)log->store);
}

static enum cf_rc judge_clock(const struct judging *j, const struct cf_store_settings *settings, cf_wall priced_at,
                              struct cf_error *err)
{
    const struct cf_price_facts *facts = &j->sale->facts;
    struct cf_civil_time local = cf_civil_at(priced_at, cf_store_offset_min(settings, priced_at));
    if (facts->local_date == local.date && facts->minute == local.minute) {
        return CF_OK;
    }
    return alarm(j, err, "fact local time: %lu %02u:%02u, and its record says %lu %02u:%02u",
                 (unsigned long)facts->local_date, facts->minute / 60u, facts->minute % 60u, (unsigned long)local.date,
                 local.minute / 60u, local.minute % 60u);
}

/* The rest of a sale is rounded by less than a coin: of those that the store or its currency has. */
static enum cf_rc judge_rounding(const struct judging *j, const struct cf_store_settings *settings,
                                 struct cf_error *err)
{
    int64_t rounding = j->sale->tenders.rounding_minor;
    int64_t step = cf_cash_rule_of(settings->currency).step_minor;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_down_entry entry;
    bool found = false;
    enum cf_rc rc = cf_store_row(j->central->store, CF_Q_STORE_RULES_GET, CF_ARGS(cf_v_int((int64_t)settings->store)),
                                 row, &found, err);
    if (rc == CF_OK && found) {
        rc = cf_down_decode(row[0].b, &entry, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (found && entry.store_rules.has_cash && entry.store_rules.cash.step_minor > step) {
        step = entry.store_rules.cash.step_minor;
    }
    if (rounding < step && rounding > -step) {
        return CF_OK;
    }
    return alarm(j, err, "cash was rounded by %lld, and the store's smallest coin is %lld", (long long)rounding,
                 (long long)step);
}

static enum cf_rc judge_first(const struct judging *j, cf_wall sold_at, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(j->central->store, CF_Q_MEMBER_SALE_BEFORE,
                     CF_ARGS(cf_v_int(cf_sub_number(j->sale->member)), cf_v_int(sold_at.us), cf_v_int((int64_t)j->id)),
                     row, &found, err);
    if (rc != CF_OK || !found || row[0].i == 0) {
        return rc;
    }
    return alarm(j, err, "fact first purchase: the member bought before");
}

static enum cf_rc judge_tier(const struct judging *j, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    unsigned tier = 0;
    enum cf_rc rc = cf_member_check(j->central, sale->member, &tier, err);
    if (rc == CF_E_MEMBER_UNKNOWN) {
        return CF_OK; /* their points are an alarm of their own */
    }
    if (rc != CF_OK || sale->member_tier <= tier) {
        return rc;
    }
    return alarm(j, err, "fact tier: %u, and the member's is %u", (unsigned)sale->member_tier, tier);
}

static enum cf_rc judge_claims(const struct judging *j, unsigned known, cf_wall sold_at, struct cf_error *err)
{
    const struct cf_sale *sale = j->sale;
    struct cf_member_known member;
    enum cf_rc rc = cf_member_facts_get(j->central, sale->member, &member, err);
    if (rc != CF_OK || !member.is_known) {
        return rc;
    }
    if ((known & (unsigned)CF_FACT_FIRST) != 0) {
        rc = judge_first(j, sold_at, err);
    }
    if (rc == CF_OK && sale->facts.visits > member.claims.purchases) { /* this sale is counted among them */
        rc = alarm(j, err, "fact visits: the %luth, and %lu are known", (unsigned long)sale->facts.visits,
                   (unsigned long)member.claims.purchases);
    }
    if (rc == CF_OK && (known & (unsigned)CF_FACT_BIRTHDAY) != 0 && sale->facts.birthday != member.claims.birthday) {
        rc = alarm(j, err, "fact birthday: it is not the member's");
    }
    return rc;
}

enum cf_rc cf_facts_judge(struct cf_central *central, const struct cf_log *log, uint64_t id,
                          const struct cf_store_settings *settings, const struct cf_sale *sale, cf_wall priced_at,
                          cf_wall sold_at, struct cf_error *err)
{
    const struct judging j = {central, id, sale};
    unsigned known = cf_sale_facts_known(&sale->facts);
    enum cf_rc rc = CF_OK;
    if ((known & (unsigned)CF_FACT_PLACE) != 0) {
        rc = judge_place(&j, log, err);
    }
    if (rc == CF_OK && (known & (unsigned)CF_FACT_CLOCK) != 0) {
        rc = judge_clock(&j, settings, priced_at, err);
    }
    if (rc == CF_OK && sale->tenders.rounding_minor != 0) {
        rc = judge_rounding(&j, settings, err);
    }
    if (rc == CF_OK && sale->has_member && sale->member_tier > 0) {
        rc = judge_tier(&j, err);
    }
    if (rc == CF_OK && (known & CF_FACTS_OF_MEMBER) != 0) {
        rc = judge_claims(&j, known, sold_at, err);
    }
    return rc;
}
