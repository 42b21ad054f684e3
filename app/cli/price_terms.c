/*
 * app/cli/price_terms.c - when, for whom and beside which others a promotion of `counterfoil price` applies, and
 * whether it is used up.
 */
#include <string.h>
#include <strings.h>

#include "app/cli/price_job.h"
#include "app/core/promotion_fields.h"

/* --- when --------------------------------------------------------------------------------------------------------- */

static enum cf_rc read_end(json_t *open, const char *key, cf_wall *to, bool *ret_present, struct cf_error *err)
{
    bool is_date = false, present = false;
    cf_wall end = *to;
    enum cf_rc rc = price_take_instant(open, key, &end, &is_date, &present, err);
    if (rc != CF_OK || !present)
        return rc;
    if (is_date) /* a date alone as the end of a window means the whole of that day */
        end.us += INT64_C(86400) * CF_US_PER_S;
    to->us = end.us < to->us ? end.us : to->us;
    *ret_present = true;
    return CF_OK;
}

static enum cf_rc read_window(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    bool from = false, to = false, is_date;
    p->from.us = INT64_C(-62135596800) * CF_US_PER_S; /* year 1 */
    p->to.us = INT64_C(253402300800) * CF_US_PER_S;   /* year 10000 */
    enum cf_rc rc = price_take_instant(open, "valid_from", &p->from, &is_date, &from, err);
    if (rc == CF_OK)
        rc = read_end(open, "valid_to", &p->to, &to, err);
    if (rc == CF_OK)
        rc = read_end(open, "coupon_valid_to", &p->to, &to, err);
    if (rc == CF_OK && !from && !to)
        p->from.us = p->to.us = 0;
    return rc;
}

static enum cf_rc read_weekdays(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const json_t *value = price_take(open, "weekdays");
    size_t n = json_is_array(value) ? json_array_size(value) : value != NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *day = json_is_array(value) ? json_array_get(value, i) : value;
        int64_t number = json_is_integer(day) ? json_integer_value(day) - 1 : -1;
        for (int k = 0; json_is_string(day) && k < 7; k++)
            if (strncasecmp(json_string_value(day), names[k], 3) == 0)
                number = k;
        if (number < 0 || number > 6)
            return cf_fail(err, CF_E_RANGE, "weekdays are 1 to 7 or their names");
        p->weekdays |= UINT32_C(1) << number;
    }
    return CF_OK;
}

static bool read_clock(const json_t *value, uint16_t *ret_min)
{
    const char *text = json_string_value(value);
    if (!text || strlen(text) != 5 || text[2] != ':')
        return false;
    for (size_t i = 0; i < 5; i++)
        if (i != 2 && (text[i] < '0' || text[i] > '9'))
            return false;
    unsigned minutes =
        (unsigned)((text[0] - '0') * 10 + text[1] - '0') * 60 + (unsigned)((text[3] - '0') * 10 + text[4] - '0');
    *ret_min = (uint16_t)minutes;
    return minutes <= 1440;
}

/* [["17:00", "19:00"], ...] */
static enum cf_rc read_hours(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    size_t i;
    const json_t *window, *list = price_take(open, "hours");
    if (list && !json_is_array(list))
        return cf_fail(err, CF_E_JSON_TYPE, "hours is not a list");
    json_array_foreach(list, i, window)
    {
        if (p->n_hours == CF_HOURS_MAX || json_array_size(window) != 2 ||
            !read_clock(json_array_get(window, 0), &p->hours[p->n_hours].from_min) ||
            !read_clock(json_array_get(window, 1), &p->hours[p->n_hours].to_min))
            return cf_fail(err, CF_E_RANGE, "hours: at most %d pairs such as [\"17:00\", \"19:00\"]", CF_HOURS_MAX);
        p->n_hours++;
    }
    return CF_OK;
}

/* --- for whom and where ------------------------------------------------------------------------------------------- */

static enum cf_rc read_channels(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    uint32_t numbers[32];
    size_t n = 0;
    bool some = price_has(open, "channels");
    enum cf_rc rc = price_take_names(open, "channels", &job->channels, numbers, 32, &n, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++) {
        if (numbers[i] > 32)
            return cf_fail(err, CF_E_LIMIT, "more than 32 channels");
        p->channels |= UINT32_C(1) << (numbers[i] - 1);
    }
    if (rc == CF_OK && some && n == 0) /* in none: a channel that no sale is in */
        p->channels = UINT32_C(1) << 31;
    return rc;
}

static enum cf_rc read_tiers_of_members(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    const json_t *value = price_take(open, "tier");
    size_t n = json_is_array(value) ? json_array_size(value) : value != NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *tier = json_is_array(value) ? json_array_get(value, i) : value;
        if (!json_is_integer(tier) || json_integer_value(tier) < 0 || json_integer_value(tier) > 9)
            return cf_fail(err, CF_E_RANGE, "tier is not in 0..9");
        p->tiers_mask |= UINT32_C(1) << (unsigned)json_integer_value(tier);
    }
    return CF_OK;
}

/* --- on what ------------------------------------------------------------------------------------------------------ */

/* "Discounted" goods are those reduced on the shelf and those that a promotion before took something off. */
static enum cf_rc read_reduced(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    bool excluded = false, included = true, shipping = p->covers == CF_COVERS_BOTH;
    enum cf_rc rc = price_take_bool(open, "exclude_reduced", false, &excluded, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "applies_to_discounted", true, &included, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "apply_to_shipping", shipping, &shipping, err);
    if (rc == CF_OK && shipping && p->covers == CF_COVERS_GOODS)
        p->covers = CF_COVERS_BOTH;
    p->skip_reduced = p->skip_discounted = excluded || !included;
    return rc;
}

static enum cf_rc read_basis_word(const char *basis, struct cf_promotion *p, struct cf_error *err)
{
    static const struct {
        const char *word;
        bool after;
        enum cf_with_tax tax;
    } words[] = {
        {"before_discounts", false, CF_TAX_AS_PRICED},
        {"before", false, CF_TAX_AS_PRICED},
        {"after_discounts", true, CF_TAX_AS_PRICED},
        {"after", true, CF_TAX_AS_PRICED},
        {"with", false, CF_TAX_WITH},
        {"without", false, CF_TAX_WITHOUT},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(price_word_of(basis), words[i].word) == 0) {
            p->min_after = p->min_after || words[i].after;
            p->min_tax = words[i].tax != CF_TAX_AS_PRICED ? words[i].tax : p->min_tax;
            return CF_OK;
        }
    return cf_fail(err, CF_E_UNSUPPORTED, "min_basis \"%s\": before_discounts or after_discounts", basis);
}

/* "min_with_tax": whether the minimum is meant so; or the minimum itself, if it is a number. */
static enum cf_rc read_min_tax(json_t *open, const char *key, enum cf_with_tax is, struct cf_promotion *p,
                               struct cf_error *err)
{
    const json_t *value = price_take(open, key);
    if (!value)
        return CF_OK;
    if (!json_is_boolean(value)) {
        p->min_tax = is;
        return price_has(open, "min_total") ? cf_fail(err, CF_E_RANGE, "min_total and %s", key)
                                            : price_scaled(value, key, 1, &p->min_spend_minor, err);
    }
    if (p->min_spend_minor == 0 && !price_has(open, "min_total"))
        return cf_fail(err, CF_E_UNSUPPORTED, "a promotion with %s, and no minimum", key);
    p->min_tax = json_is_true(value) ? is : is == CF_TAX_WITH ? CF_TAX_WITHOUT : CF_TAX_WITH;
    return CF_OK;
}

/* Other ways to say min_after and min_tax. */
static enum cf_rc read_basis(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    const char *basis = NULL;
    enum cf_rc rc = price_take_text(open, "min_basis", &basis, err);
    if (rc == CF_OK && basis)
        rc = read_basis_word(basis, p, err);
    if (rc == CF_OK)
        rc = read_min_tax(open, "min_with_tax", CF_TAX_WITH, p, err);
    return rc == CF_OK ? read_min_tax(open, "min_without_tax", CF_TAX_WITHOUT, p, err) : rc;
}

/* Is exactly the minimum enough? Amounts are whole, so what must be exceeded is a minimum one higher. */
static enum cf_rc read_strict(json_t *open, int64_t *total, struct cf_error *err)
{
    const char *word = NULL;
    bool strict = false, inclusive = true;
    int64_t above = -1;
    enum cf_rc rc = price_take_bool(open, "min_strict", false, &strict, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "min_above", -1, &above, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "min_inclusive", true, &inclusive, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "min_operator", &word, err);
    if (rc != CF_OK)
        return rc;
    bool gt = word && (strcmp(word, "gt") == 0 || strcmp(word, ">") == 0);
    if (word && !gt && strcmp(word, "gte") != 0 && strcmp(word, ">=") != 0)
        return cf_fail(err, CF_E_UNSUPPORTED, "min_operator \"%s\": gt or gte", word);
    strict = strict || !inclusive || gt;
    if (above < -1 || above >= CF_PRICE_MINOR_MAX || (above >= 0 && *total != 0) || (strict && *total == INT64_MAX))
        return cf_fail(err, CF_E_RANGE, "min_above");
    *total = above >= 0 ? above + 1 : *total + strict;
    return CF_OK;
}

/* Minima are of the covered goods; where those are what is got or given, of all the basket. */
static enum cf_rc read_minima(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    int64_t total = p->min_spend_minor, qty_milli = p->min_qty_milli;
    bool has_total = price_has(open, "min_total") || price_has(open, "min_above"),
         has_qty = price_has(open, "min_quantity"), has = has_total || has_qty;
    if (p->min_over == CF_OVER_BUY && has && qty_milli == 1)
        qty_milli = 0; /* so much of what is required, and not only that it is there */
    if ((has_total && total != 0) || (has_qty && qty_milli != 0))
        return cf_fail(err, CF_E_UNSUPPORTED, "a minimum of the basket and one of required goods");
    enum cf_rc rc = price_take_int(open, "min_total", total, &total, err);
    if (rc == CF_OK)
        rc = price_take_scaled(open, "min_quantity", 1000, qty_milli, &qty_milli, err);
    if (rc == CF_OK)
        rc = read_strict(open, &total, err);
    if (rc == CF_OK && (total < 0 || qty_milli < 0))
        rc = cf_fail(err, CF_E_RANGE, "a minimum below zero");
    if (p->min_over == CF_OVER_COVERED && has && (p->kind == CF_REWARD_BUY_GET || p->covers != CF_COVERS_GOODS))
        p->min_over = CF_OVER_ALL;
    p->min_spend_minor = total;
    p->min_qty_milli = qty_milli;
    return rc == CF_OK ? price_take_int(open, "max_discount", 0, &p->max_discount_minor, err) : rc;
}

/* --- beside which others ------------------------------------------------------------------------------------------ */

static enum cf_rc read_group(struct price_job *job, json_t *open, const char *key, struct cf_promotion *p,
                             struct cf_error *err)
{
    size_t n = 0;
    uint32_t number = 0;
    enum cf_rc rc = price_take_names(open, key, &job->groups, &number, 1, &n, err);
    if (rc == CF_OK && n > 0 && p->group != 0 && p->group != number)
        rc = cf_fail(err, CF_E_UNSUPPORTED, "a promotion in two groups");
    p->group = n > 0 ? number : p->group;
    return rc;
}

/* "Exclusive" takes the sale for itself; what does not stack is only alone if its turn comes. */
static enum cf_rc read_exclusive_how(json_t *open, bool exclusive, struct cf_promotion *p, struct cf_error *err)
{
    const char *how = NULL;
    enum cf_rc rc = price_take_text(open, "exclusive_how", &how, err);
    if (rc != CF_OK)
        return rc;
    if (how && strcmp(how, "over_all") != 0 && strcmp(how, "in_order") != 0)
        return cf_fail(err, CF_E_UNSUPPORTED, "exclusive_how \"%s\": over_all or in_order", how);
    p->exclusive_how = (how ? strcmp(how, "over_all") == 0 : exclusive) ? CF_EXCLUSIVE_OVER_ALL : CF_EXCLUSIVE_IN_ORDER;
    return CF_OK;
}

static enum cf_rc read_combination(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    bool stackable = true, exclusive = false, best = false;
    int64_t priority = 0;
    enum cf_rc rc = price_take_bool(open, "exclusive", false, &exclusive, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "stackable", true, &stackable, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "priority", 0, &priority, err);
    if (rc == CF_OK && (priority < INT32_MIN || priority > INT32_MAX))
        rc = cf_fail(err, CF_E_RANGE, "priority");
    if (rc == CF_OK)
        rc = read_group(job, open, "exclusive_group", p, err);
    if (rc == CF_OK && price_has(open, "best_of")) {
        best = true;
        rc = read_group(job, open, "best_of", p, err);
    }
    if (best || job->choose_best)
        p->choose = CF_CHOOSE_BEST;
    if (rc == CF_OK && job->best_one && p->group == 0)
        rc = price_number_of(&job->groups, "best_of", &p->group, err);
    p->priority = (int32_t)priority;
    p->exclusive = exclusive || !stackable;
    return rc == CF_OK ? read_exclusive_how(open, exclusive, p, err) : rc;
}

enum cf_rc price_read_terms(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = read_window(open, p, err);
    if (rc == CF_OK)
        rc = read_weekdays(open, p, err);
    if (rc == CF_OK)
        rc = read_hours(open, p, err);
    if (rc == CF_OK)
        rc = price_take_names(open, "customer_group", &job->segments, p->segments, CF_PROMOTION_SEGMENTS_MAX,
                              &p->n_segments, err);
    if (rc == CF_OK)
        rc = price_take_names(open, "stores", &job->stores, p->stores, CF_PROMOTION_STORES_MAX, &p->n_stores, err);
    if (rc == CF_OK)
        rc = read_channels(job, open, p, err);
    if (rc == CF_OK)
        rc = read_tiers_of_members(open, p, err);
    if (rc == CF_OK)
        rc = price_take_tenders(open, &p->tenders, err);
    if (rc == CF_OK)
        rc = read_reduced(open, p, err);
    if (rc == CF_OK)
        rc = read_basis(open, p, err);
    if (rc == CF_OK)
        rc = read_minima(open, p, err);
    return rc == CF_OK ? read_combination(job, open, p, err) : rc;
}

/* --- use ---------------------------------------------------------------------------------------------------------- */

static bool is_held(const json_t *held, const char *coupon)
{
    size_t n = json_is_array(held) ? json_array_size(held) : held != NULL;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_is_array(held) ? json_array_get(held, i) : held);
        if (name && strcmp(name, coupon) == 0)
            return true;
    }
    return false;
}

/* What is left of its budget: {"limit", "used", "type": "spend" or "usage"}, or fields. -1: it has none. */
static enum cf_rc read_budget(json_t *open, int64_t *ret_minor, bool *ret_usable, struct cf_error *err)
{
    int64_t budget = -1, spent = 0;
    const char *type = NULL;
    json_t *inner = NULL;
    const json_t *value = price_take(open, "budget");
    enum cf_rc rc = CF_OK;
    if (json_is_object(value)) {
        rc = price_open(value, PRICE_WORDS_BUDGET, "a budget", &inner, err);
        if (rc == CF_OK)
            rc = price_merge(open, inner, "a promotion", err);
        json_decref(inner);
        value = price_take(open, "budget");
    }
    if (rc == CF_OK && value)
        rc = price_scaled(value, "budget", 1, &budget, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "budget_used", 0, &spent, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "budget_type", &type, err);
    if (rc == CF_OK && type && strcmp(type, "usage") != 0 && strcmp(type, "spend") != 0)
        rc = cf_fail(err, CF_E_UNSUPPORTED, "budget_type \"%s\": spend or usage", type);
    bool by_use = type && strcmp(type, "usage") == 0;
    *ret_usable = *ret_usable && (!by_use || budget < 0 || spent < budget);
    *ret_minor = budget < 0 || by_use ? -1 : budget > spent ? budget - spent : 0;
    return rc;
}

/* A promotion that is off or used up is no offer, nor is one in another currency. */
enum cf_rc price_read_use(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_offer *offer,
                          bool *ret_usable, int64_t *ret_budget_minor, struct cf_error *err)
{
    static const struct {
        const char *limit, *used;
        bool of_coupon;
    } limits[] = {
        {"usage_limit", "used", true},
        {"usage_limit_per_customer", "used_by_customer", true},
        {"coupon_usage_limit", "coupon_used", true},
    };
    bool active = true, disabled = false;
    const char *coupon = NULL, *issued = NULL, *currency = NULL;
    enum cf_rc rc = price_take_text(open, "coupon", &coupon, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "active", true, &active, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "disabled", false, &disabled, err);
    const json_t *uses = coupon && json_is_object(job->uses) ? json_object_get(job->uses, coupon) : job->uses;
    *ret_usable = active && !disabled;
    for (size_t i = 0; rc == CF_OK && i < sizeof limits / sizeof *limits; i++) {
        int64_t limit = -1, used = json_is_integer(uses) ? json_integer_value(uses) : 0;
        rc = price_take_int(open, limits[i].limit, -1, &limit, err);
        if (rc == CF_OK)
            rc = price_take_int(open, limits[i].used, used, &used, err);
        *ret_usable = *ret_usable && (limit < 0 || used < limit);
    }
    if (rc == CF_OK)
        rc = read_budget(open, ret_budget_minor, ret_usable, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "currency", &currency, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "issue_coupon", &issued, err);
    if (rc == CF_OK && issued)
        rc = price_number_of(&job->coupons, issued, &p->issue_campaign, err);
    *ret_usable = *ret_usable && (!currency || !job->currency || strcasecmp(currency, job->currency) == 0);
    p->needs_coupon = coupon != NULL;
    offer->coupon_held = coupon && is_held(job->held, coupon);
    return rc;
}
