/*
 * app/core/conditions.c - may this promotion apply: by the clock, the shopper, the place, the goods, the others?
 *
 * Reads the facts that the caller gave; a condition on what is not known does not hold. Pure; thread-safe.
 */
#include "app/core/evaluation.h"

#include "base/plant.h"
#include "base/zone.h"

/* --- facts -------------------------------------------------------------------------------------------------------- */

static enum cf_rc refuse_text(struct cf_evaluation *e, size_t offer, enum cf_rc rc, bool tell, const char *text)
{
    struct cf_reason reason;
    if (tell && cf_evaluation_refuse(e, offer, rc, &reason) != NULL)
        cf_reason_text(&reason, text);
    return rc;
}

static enum cf_rc judge_time(struct cf_evaluation *e, size_t offer, bool tell)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_reason reason;
    if ((p->from.us == 0 && p->to.us == 0) || (e->now.us >= p->from.us && e->now.us < p->to.us))
        return CF_OK;
    bool early = e->now.us < p->from.us;
    enum cf_rc rc = early ? CF_E_COUPON_EARLY : CF_E_COUPON_ENDED;
    if (tell && cf_evaluation_refuse(e, offer, rc, &reason) != NULL) {
        cf_reason_text(&reason, early ? "valid from " : "ended ");
        cf_reason_date(&reason, early ? p->from : p->to);
    }
    return rc;
}

static bool has_u32(const uint32_t *list, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == number)
            return true;
    return false;
}

/* The day of that year; of the 29th of February the 28th in years without it. */
static int64_t birthday_in(unsigned year, unsigned birthday)
{
    int64_t days = 0;
    if (!cf_date_days(year * 10000 + birthday, &days))
        (void)cf_date_days(year * 10000 + 228, &days);
    return days;
}

/* Within so many days before and after, across the turn of the year. */
static bool is_birthday(const struct cf_promotion *p, const struct cf_price_facts *f)
{
    int64_t today;
    if (f->birthday == 0 || !cf_date_days(f->local_date, &today))
        return false;
    const unsigned year = f->local_date / 10000;
    for (unsigned y = year - 1; y <= year + 1; y++) {
        int64_t day = birthday_in(y, f->birthday);
        if (day - (int64_t)p->birthday_before_days <= today && today <= day + (int64_t)p->birthday_after_days)
            return true;
    }
    return false;
}

/* What to do where nobody said how often the shopper bought. */
#define SHOW_PHONE "show the member code on the phone"

static const char *missing_of_member(const struct cf_promotion *p, const struct cf_price_facts *f)
{
    bool needs_member = p->members_only || p->tiers_mask != 0 || p->n_segments != 0 || p->birthday ||
                        p->visit_nth != 0 || p->first_purchase || p->kind == CF_REWARD_MEMBER_PRICE;
    if (p->guests_only && f->has_member)
        return "not for members";
    if (!needs_member)
        return NULL;
    if (!f->has_member)
        return "for members";
    if (p->tiers_mask != 0 && (p->tiers_mask >> f->tier & 1) == 0)
        return "for members of another tier";
    if (p->first_purchase && !f->first_purchase)
        return f->not_first || f->visits != 0 ? "for a first purchase"
                                              : "for a first purchase, which is not known here: " SHOW_PHONE;
    if (p->visit_nth != 0 && f->visits == 0)
        return "for another visit, and which this is is not known here: " SHOW_PHONE;
    if (p->visit_nth != 0 && (p->visit_every ? f->visits % p->visit_nth != 0 : f->visits != p->visit_nth))
        return "for another visit";
    if (p->birthday && !is_birthday(p, f))
        return "for the birthday";
    bool in_segment = p->n_segments == 0 || CF_PLANTED(segment_ignored);
    for (size_t i = 0; i < p->n_segments; i++)
        in_segment = in_segment || has_u32(f->segments, f->n_segments, p->segments[i]);
    return in_segment ? NULL : "for other members";
}

static bool is_day(const struct cf_promotion *p, unsigned weekday)
{
    return p->weekdays == 0 || (p->weekdays >> (weekday - 1) & 1) != 0;
}

/* A window over midnight is of the day on which it begins: Friday 22:00 to 02:00 ends on Saturday. */
static bool is_hour(const struct cf_promotion *p, const struct cf_price_facts *f)
{
    unsigned before = f->weekday == 1 ? 7 : f->weekday - 1;
    for (size_t i = 0; i < p->n_hours; i++) {
        unsigned from = p->hours[i].from_min, to = p->hours[i].to_min;
        bool over = from >= to;
        if (f->minute >= from && (over || f->minute < to) && is_day(p, f->weekday))
            return true;
        if (over && f->minute < to && is_day(p, before))
            return true;
    }
    return false;
}

static const char *missing_of_place(const struct cf_promotion *p, const struct cf_price_facts *f)
{
    if (p->channels != 0 && (p->channels & f->channel) == 0)
        return "for another channel";
    if (p->n_stores != 0 && !has_u32(p->stores, p->n_stores, f->store))
        return "for another store";
    if (f->weekday == 0 && (p->weekdays != 0 || p->n_hours != 0))
        return p->weekdays != 0 ? "for another day of the week" : "for another hour";
    if (p->n_hours != 0 && !is_hour(p, f))
        return is_day(p, f->weekday) ? "for another hour" : "for another day of the week";
    if (p->n_hours == 0 && f->weekday != 0 && !is_day(p, f->weekday))
        return "for another day of the week";
    if (p->tenders != 0 && (f->tenders == 0 || (f->tenders & ~p->tenders) != 0))
        return "for another way to pay";
    if (p->with_campaign != 0 && !has_u32(f->coupons, f->n_coupons, p->with_campaign))
        return "needs another coupon beside it";
    return NULL;
}

enum cf_rc cf_conditions_of_facts(struct cf_evaluation *e, size_t offer, bool tell)
{
    static const struct cf_price_facts nothing;
    const struct cf_promotion *p = e->offers[offer].promotion;
    const struct cf_price_facts *f = e->facts != NULL ? e->facts : &nothing;
    enum cf_rc rc = judge_time(e, offer, tell);
    if (rc != CF_OK)
        return rc;
    const char *missing = missing_of_member(p, f);
    if (missing == NULL)
        missing = missing_of_place(p, f);
    return missing == NULL ? CF_OK : refuse_text(e, offer, CF_E_COUPON_TERMS, tell, missing);
}

/* --- goods -------------------------------------------------------------------------------------------------------- */

static void explain_goods(struct cf_reason *reason, const struct cf_promotion *p)
{
    bool all = p->goods.n_products == 0 && p->goods.n_categories == 0;
    bool covered = p->min_over == CF_OVER_COVERED && !all && p->kind != CF_REWARD_GIFT && p->kind != CF_REWARD_EFFECT;
    if (p->min_over == CF_OVER_BUY || covered) {
        const char *name = covered ? p->goods_name : p->buy_name;
        const char *nameless = covered ? "covered goods" : "the goods to buy";
        cf_reason_text(reason, !covered && p->buy_each ? " of each of " : " of ");
        cf_reason_text(reason, name[0] != '\0' ? name : nameless);
    }
    cf_reason_text(reason, ", basket has ");
}

static enum cf_rc below_minimum(struct cf_evaluation *e, size_t offer, bool by_spend, int64_t needs, int64_t has,
                                bool tell)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    struct cf_reason reason;
    struct cf_refused *refused = tell ? cf_evaluation_refuse(e, offer, CF_E_COUPON_MINIMUM, &reason) : NULL;
    if (refused == NULL)
        return CF_E_COUPON_MINIMUM;
    cf_reason_text(&reason, "needs ");
    if (by_spend) {
        refused->shortfall_minor = needs - has;
        cf_reason_money(&reason, needs);
        explain_goods(&reason, p);
        cf_reason_money(&reason, has);
    } else {
        refused->shortfall_milli = needs - has;
        cf_reason_quantity(&reason, needs);
        explain_goods(&reason, p);
        cf_reason_quantity(&reason, has);
    }
    return CF_E_COUPON_MINIMUM;
}

enum cf_rc cf_conditions_of_goods(struct cf_evaluation *e, size_t offer, bool tell)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    const struct cf_covered *c = &e->covered;
    struct cf_reason reason;
    if (c->measure_minor < p->min_spend_minor)
        return below_minimum(e, offer, true, p->min_spend_minor, c->measure_minor, tell);
    if (c->measure_milli < p->min_qty_milli)
        return below_minimum(e, offer, false, p->min_qty_milli, c->measure_milli, tell);
    bool over_spend = p->max_spend_minor > 0 && c->measure_minor > p->max_spend_minor;
    bool over_qty = p->max_qty_milli > 0 && c->measure_milli > p->max_qty_milli;
    if (!over_spend && !over_qty)
        return CF_OK;
    if (tell && cf_evaluation_refuse(e, offer, CF_E_COUPON_TERMS, &reason) != NULL) {
        cf_reason_text(&reason, "for at most ");
        if (over_spend)
            cf_reason_money(&reason, p->max_spend_minor);
        else
            cf_reason_quantity(&reason, p->max_qty_milli);
        explain_goods(&reason, p);
        if (over_spend)
            cf_reason_money(&reason, c->measure_minor);
        else
            cf_reason_quantity(&reason, c->measure_milli);
    }
    return CF_E_COUPON_TERMS;
}

/* --- the others --------------------------------------------------------------------------------------------------- */

static enum cf_rc barred_by(struct cf_evaluation *e, size_t offer, size_t other, bool tell)
{
    struct cf_reason reason;
    const struct cf_promotion *beside = e->offers[other].promotion;
    if (tell && cf_evaluation_refuse(e, offer, CF_E_COUPON_COMBINE, &reason) != NULL) {
        cf_reason_text(&reason, "cannot be combined with ");
        cf_reason_text(&reason, beside->name[0] != '\0' ? beside->name : "another promotion");
    }
    return CF_E_COUPON_COMBINE;
}

enum cf_rc cf_conditions_of_company(struct cf_evaluation *e, size_t offer, bool tell)
{
    const struct cf_promotion *p = e->offers[offer].promotion;
    const struct cf_standing *s = &e->standing;
    if (e->has_alone && e->alone != offer)
        return barred_by(e, offer, e->alone, tell);
    if (s->n_applied > 0 && (s->has_exclusive || p->exclusive))
        return barred_by(e, offer, s->first_offer, tell);
    if (s->has_last)
        return barred_by(e, offer, s->last_offer, tell);
    if (p->group != 0)
        for (size_t i = 0; i < e->n_offers; i++)
            if (e->applied[i] && e->offers[i].promotion->group == p->group)
                return barred_by(e, offer, i, tell);
    if (e->not_chosen[offer])
        return refuse_text(e, offer, CF_E_COUPON_COMBINE, tell, "other offers together are cheaper");
    return CF_OK;
}
