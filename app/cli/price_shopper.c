/*
 * app/cli/price_shopper.c - the context of a case of `counterfoil price`: the shopper, the place and the moment.
 */
#include <string.h>
#include <strings.h>

#include "app/cli/price_job.h"
#include "app/core/campaign.h"

/* --- the shopper: in the context itself, or in its customer ------------------------------------------------------- */

static enum cf_rc read_visits(struct price_job *job, json_t *open, struct cf_error *err)
{
    struct cf_price_facts *f = &job->facts;
    int64_t before = -1, visits = 0;
    bool first = false;
    enum cf_rc rc = price_take_int(open, "orders_placed", -1, &before, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "nth_order", before >= 0 ? before + 1 : 0, &visits, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "first_order", false, &first, err);
    if (rc != CF_OK)
        return rc;
    if (before < -1 || visits < 0 || visits > UINT32_MAX || (before >= 0 && visits != before + 1))
        return cf_fail(err, CF_E_RANGE, "orders_placed and nth_order");
    if (first && visits == 0)
        visits = 1;
    f->visits = visits > 0 ? (uint32_t)visits : f->visits;
    f->first_purchase = f->first_purchase || first || visits == 1;
    f->has_member = f->has_member || visits > 0;
    return CF_OK;
}

/* "1980-11-22" or "11-22". */
static enum cf_rc read_birthday(struct price_job *job, json_t *open, struct cf_error *err)
{
    const char *text = NULL;
    enum cf_rc rc = price_take_text(open, "birthday", &text, err);
    if (rc != CF_OK || !text)
        return rc;
    size_t n = strlen(text);
    const char *p = n == 10 ? text + 5 : text;
    unsigned digits[4], at[] = {0, 1, 3, 4};
    bool good = (n == 10 || n == 5) && p[2] == '-';
    for (size_t i = 0; good && i < 4; i++) {
        digits[i] = (unsigned)(p[at[i]] - '0');
        good = digits[i] <= 9;
    }
    if (!good)
        return cf_fail(err, CF_E_RANGE, "birthday is year-month-day or month-day");
    job->facts.birthday = (uint16_t)(digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]);
    job->facts.has_member = true;
    return CF_OK;
}

static enum cf_rc read_shopper(struct price_job *job, json_t *open, struct cf_error *err)
{
    struct cf_price_facts *f = &job->facts;
    bool member = false, logged_in = false, guest = false;
    int64_t tier = -1;
    size_t n_before = f->n_segments;
    enum cf_rc rc = price_take_bool(open, "member", false, &member, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "logged_in", false, &logged_in, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "guest", false, &guest, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "tier", -1, &tier, err);
    if (rc == CF_OK && (tier < -1 || tier > 9))
        rc = cf_fail(err, CF_E_RANGE, "tier is not in 0..9");
    if (rc == CF_OK)
        rc = price_take_names(open, "customer_group", &job->segments, f->segments, CF_FACT_SEGMENTS_MAX, &f->n_segments,
                              err);
    if (rc != CF_OK)
        return rc;
    f->has_member = f->has_member || member || logged_in || tier >= 0 || f->n_segments > n_before;
    f->tier = tier >= 0 ? (uint8_t)tier : f->tier;
    rc = read_visits(job, open, err);
    if (rc == CF_OK)
        rc = read_birthday(job, open, err);
    (void)price_take(open, "note");
    if (rc == CF_OK && guest && f->has_member)
        rc = cf_fail(err, CF_E_RANGE, "a guest who is a customer");
    return rc;
}

static enum cf_rc read_customer(struct price_job *job, const json_t *customer, struct cf_error *err)
{
    json_t *open = NULL;
    if (!customer)
        return CF_OK;
    if (json_is_string(customer)) { /* by name: somebody whom we know */
        job->facts.has_member = strcmp(json_string_value(customer), "guest") != 0;
        if (!job->facts.has_member || job->facts.n_segments == CF_FACT_SEGMENTS_MAX)
            return CF_OK;
        return price_number_of(&job->segments, json_string_value(customer),
                               &job->facts.segments[job->facts.n_segments++], err);
    }
    job->facts.has_member = !json_is_true(json_object_get(customer, "guest"));
    enum cf_rc rc = price_open(customer, PRICE_WORDS_CONTEXT, "a customer", &open, err);
    if (rc == CF_OK)
        rc = read_shopper(job, open, err);
    if (rc == CF_OK)
        rc = price_close(open, "a customer", err);
    json_decref(open);
    return rc;
}

/* --- moment, place and money -------------------------------------------------------------------------------------- */

static enum cf_rc read_weekday(json_t *open, uint8_t *ret, struct cf_error *err)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const json_t *value = price_take(open, "weekday");
    int64_t number = json_is_integer(value) ? json_integer_value(value) : 0;
    for (int k = 0; json_is_string(value) && k < 7; k++)
        if (strncasecmp(json_string_value(value), names[k], 3) == 0)
            number = k + 1;
    if (value && (number < 1 || number > 7))
        return cf_fail(err, CF_E_RANGE, "a weekday is 1 to 7 or its name");
    *ret = value ? (uint8_t)number : *ret;
    return CF_OK;
}

static enum cf_rc read_moment(struct price_job *job, json_t *open, struct cf_error *err)
{
    int64_t offset_min = 0;
    bool is_date = false, present = false;
    enum cf_rc rc = price_take_instant(open, "now", &job->now, &is_date, &present, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "utc_offset_min", 0, &offset_min, err);
    if (rc == CF_OK && (offset_min <= -1440 || offset_min >= 1440))
        rc = cf_fail(err, CF_E_RANGE, "utc_offset_min");
    if (rc != CF_OK)
        return rc;
    int64_t local_s = cf_wall_s(job->now) + offset_min * 60;
    int64_t day = local_s / 86400 - (local_s % 86400 < 0);
    job->facts.local_date = cf_wall_date(job->now, (int)offset_min);
    job->facts.weekday = (uint8_t)(((day + 3) % 7 + 7) % 7 + 1); /* 1970-01-01 was a Thursday */
    job->facts.minute = (uint16_t)((local_s - day * 86400) / 60);
    return read_weekday(open, &job->facts.weekday, err);
}

static enum cf_rc read_place(struct price_job *job, json_t *open, struct cf_error *err)
{
    const char *channel = NULL, *store = NULL;
    uint32_t number = 0;
    enum cf_rc rc = price_take_text(open, "channel", &channel, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "store", &store, err);
    if (rc == CF_OK && channel) {
        rc = price_number_of(&job->channels, channel, &number, err);
        if (rc == CF_OK && number > 32)
            rc = cf_fail(err, CF_E_LIMIT, "more than 32 channels");
        job->facts.channel = rc == CF_OK ? UINT32_C(1) << (number - 1) : 0;
    }
    if (rc == CF_OK && store)
        rc = price_number_of(&job->stores, store, &job->facts.store, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "currency", &job->currency, err);
    return rc == CF_OK ? price_take_tenders(open, &job->facts.tenders, err) : rc;
}

static enum cf_rc read_open_tax(struct price_job *job, json_t *open, struct cf_error *err)
{
    const char *mode = NULL, *rounding = NULL;
    int64_t rate_bp = 0;
    bool inclusive = true, said = true;
    enum cf_rc rc = price_take_text(open, "mode", &mode, err);
    if (rc == CF_OK && mode)
        inclusive = strcmp(price_word_of(mode), "with") == 0;
    if (rc == CF_OK && mode && strcmp(mode, "none") == 0)
        inclusive = true; /* no rate, no tax */
    else if (rc == CF_OK && mode && !inclusive && strcmp(price_word_of(mode), "without") != 0)
        rc = cf_fail(err, CF_E_RANGE, "tax.mode is inclusive or exclusive");
    if (rc == CF_OK)
        rc = price_take_bool(open, "inclusive", inclusive, &said, err);
    if (rc == CF_OK && mode && said != inclusive)
        rc = cf_fail(err, CF_E_RANGE, "tax.mode and tax.inclusive contradict each other");
    inclusive = said;
    if (rc == CF_OK)
        rc = price_take_scaled(open, "rate", 100, 0, &rate_bp, err);
    if (rc == CF_OK && (rate_bp < 0 || rate_bp > CF_TAX_BP_MAX))
        rc = cf_fail(err, CF_E_RANGE, "tax.rate is not in 0..1000");
    if (rc == CF_OK)
        rc = price_take_text(open, "rounding", &rounding, err);
    bool by_line = rounding && strcmp(price_word_of(rounding), "line") == 0;
    if (rc == CF_OK && rounding && !by_line && strcmp(rounding, "document") != 0)
        rc = cf_fail(err, CF_E_UNSUPPORTED, "tax.rounding \"%s\": line or document", rounding);
    job->tax_mode = inclusive ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
    if (by_line)
        job->tax_mode = inclusive ? CF_TAX_INCLUSIVE_BY_LINE : CF_TAX_EXCLUSIVE_BY_LINE;
    job->tax_bp = (uint32_t)rate_bp;
    return rc == CF_OK ? price_close(open, "tax", err) : rc;
}

static enum cf_rc read_tax(struct price_job *job, const json_t *tax, struct cf_error *err)
{
    json_t *open = NULL;
    enum cf_rc rc = price_open(tax, PRICE_WORDS_TAX, "tax", &open, err);
    if (rc == CF_OK)
        rc = read_open_tax(job, open, err);
    json_decref(open);
    return rc;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* Beside the cart or in the context: in order, the best choice of them, or the best one of them. */
static enum cf_rc set_choice(struct price_job *job, const char *choose, struct cf_error *err)
{
    const char *word = price_word_of(choose);
    job->best_one = strcmp(word, "best_of") == 0;
    job->choose_best = job->best_one || strcmp(word, "best") == 0;
    return job->choose_best || strcmp(word, "order") == 0
               ? CF_OK
               : cf_fail(err, CF_E_UNSUPPORTED, "choose \"%s\": order, best or best_of", choose);
}

static enum cf_rc read_choice(struct price_job *job, json_t *open, struct cf_error *err)
{
    const char *choose = NULL;
    bool best = false, best_of = false;
    enum cf_rc rc = price_take_text(open, "choose", &choose, err);
    if (rc == CF_OK && choose)
        rc = set_choice(job, choose, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "best", false, &best, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "best_of", false, &best_of, err);
    job->best_one = job->best_one || best_of;
    job->choose_best = job->choose_best || best || best_of;
    return rc;
}

static enum cf_rc read_open(struct price_job *job, json_t *open, struct cf_error *err)
{
    const json_t *shipping = price_take(open, "shipping");
    job->held = price_take(open, "coupons");
    job->uses = price_take(open, "uses");
    job->shipping = job->shipping ? job->shipping : shipping;
    if (job->uses && !json_is_object(job->uses) && !json_is_integer(job->uses))
        return cf_fail(err, CF_E_JSON_TYPE, "uses is how often, or an object of coupons and how often");
    enum cf_rc rc = read_moment(job, open, err);
    if (rc == CF_OK)
        rc = read_tax(job, price_take(open, "tax"), err);
    if (rc == CF_OK)
        rc = read_place(job, open, err);
    if (rc == CF_OK)
        rc = read_customer(job, price_take(open, "customer"), err);
    if (rc == CF_OK)
        rc = read_shopper(job, open, err);
    if (rc == CF_OK)
        rc = read_choice(job, open, err);
    if (rc == CF_OK)
        rc = price_close(open, "a context", err);
    return rc == CF_OK ? cf_price_facts_check(&job->facts, err) : rc;
}

enum cf_rc price_read_context(struct price_job *job, const json_t *context, struct cf_error *err)
{
    json_t *open = NULL;
    job->facts = (struct cf_price_facts){0};
    job->choose_best = job->best_one = false;
    job->currency = NULL;
    enum cf_rc rc = price_open(context, PRICE_WORDS_CONTEXT, "a context", &open, err);
    if (rc == CF_OK && job->choose && !json_is_string(job->choose))
        rc = cf_fail(err, CF_E_JSON_TYPE, "choose is not a text");
    else if (rc == CF_OK && job->choose)
        rc = set_choice(job, json_string_value(job->choose), err);
    if (rc == CF_OK)
        rc = read_open(job, open, err);
    json_decref(open);
    return rc;
}
