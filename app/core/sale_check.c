/*
 * app/core/sale_check.c - the arithmetic that every sale must satisfy, whoever wrote it.
 *
 * Knows no campaign and no catalogue: whether the till charged what it should is sale_rejudge.c. Pure; thread-safe.
 */
#include <string.h>

#include "app/core/sale.h"
#include "app/core/tax.h"
#include "app/core/sale_extra.h"
#include "base/text.h"

#define PRICED_BEFORE_MS_MAX (INT64_C(100) * 366 * 86400 * 1000)
#define EXP_S_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

struct rate_sum {
    uint32_t tax_bp;
    int64_t net_minor;
};
struct sums {
    int64_t gross_minor, discount_minor;
    size_t n_rates;
    struct rate_sum rates[CF_SALE_RATES_MAX];
};

static bool is_text(const char *text, size_t cap)
{
    char copy[256];
    size_t n = strnlen(text, cap);
    return n < cap && cf_text_accept(cf_bytes_of(text, n), copy, sizeof copy, NULL) == CF_OK;
}

static enum cf_rc check_head(const struct cf_sale *sale, struct cf_error *err)
{
    cf_currency currency;
    uint32_t month = sale->business_day / 100 % 100, day = sale->business_day % 100;
    if (sale->sale_no == 0)
        return cf_fail(err, CF_E_RECORD, "sale number 0");
    if (sale->business_day > 99991231 || month < 1 || month > 12 || day < 1 || day > 31)
        return cf_fail(err, CF_E_RECORD, "business day %lu", (unsigned long)sale->business_day);
    if (!is_text(sale->cashier, sizeof sale->cashier))
        return cf_fail(err, CF_E_RECORD, "cashier is not UTF-8 without control characters");
    if (sale->priced_before_ms < 0 || sale->priced_before_ms > PRICED_BEFORE_MS_MAX)
        return cf_fail(err, CF_E_RECORD, "priced %lld ms before", (long long)sale->priced_before_ms);
    if (sale->currency.code[3] != '\0' || cf_currency_parse(sale->currency.code, &currency, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "currency is not three capital letters");
    if (!cf_tax_mode_is_known(sale->tax_mode))
        return cf_fail(err, CF_E_RECORD, "tax mode %d", (int)sale->tax_mode);
    if (sale->has_member && sale->member_tier > CF_TIER_MAX)
        return cf_fail(err, CF_E_RECORD, "tier %u", (unsigned)sale->member_tier);
    if (sale->points < 0 || (sale->points > 0 && !sale->has_member))
        return cf_fail(err, CF_E_RECORD, "%lld points %s", (long long)sale->points,
                       sale->has_member ? "for a member" : "without a member");
    return CF_OK;
}

static enum cf_rc add_to_rate(struct sums *sums, uint32_t tax_bp, int64_t net_minor, struct cf_error *err)
{
    size_t i = 0;
    while (i < sums->n_rates && sums->rates[i].tax_bp != tax_bp)
        i++;
    if (i == CF_SALE_RATES_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d tax rates on a sale", CF_SALE_RATES_MAX);
    if (i == sums->n_rates)
        sums->rates[sums->n_rates++] = (struct rate_sum){tax_bp, 0};
    sums->rates[i].net_minor += net_minor; /* at most the gross total, which fits */
    return CF_OK;
}

static enum cf_rc sum_line(const struct cf_sale_line *line, size_t line_no, struct sums *sums, struct cf_error *err)
{
    int64_t gross;
    if (line->qty_milli < 1 || line->qty_milli > CF_QTY_MILLI_MAX)
        return cf_fail(err, CF_E_RECORD, "line %zu: quantity %lld", line_no, (long long)line->qty_milli);
    if (line->unit_price_minor < 0 || line->unit_price_minor > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_RECORD, "line %zu: price %lld", line_no, (long long)line->unit_price_minor);
    if (line->tax_bp > CF_TAX_BP_MAX)
        return cf_fail(err, CF_E_RECORD, "line %zu: tax rate %lu", line_no, (unsigned long)line->tax_bp);
    if (cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &gross, NULL) != CF_OK ||
        cf_add_i64(sums->gross_minor, gross, &sums->gross_minor, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "line %zu: the gross total does not fit", line_no);
    if (line->discount_minor < 0 || line->discount_minor > gross)
        return cf_fail(err, CF_E_RECORD, "line %zu: discount %lld of %lld", line_no, (long long)line->discount_minor,
                       (long long)gross);
    sums->discount_minor += line->discount_minor; /* at most the gross total, which fits */
    return add_to_rate(sums, line->tax_bp, gross - line->discount_minor, err);
}

static enum cf_rc check_equal(const char *what, int64_t stated, int64_t summed, struct cf_error *err)
{
    if (stated != summed)
        return cf_fail(err, CF_E_RECORD, "%s is stated as %lld and sums to %lld", what, (long long)stated,
                       (long long)summed);
    return CF_OK;
}

/* Any way of rounding, by rate or by line, stays within one minor unit a line. */
static enum cf_rc check_tax(const struct cf_sale *sale, const struct sums *sums, struct cf_error *err)
{
    int64_t tax = 0, part, slack = (int64_t)sale->n_lines;
    for (size_t i = 0; i < sums->n_rates; i++) {
        if (cf_tax_of(sale->tax_mode, sums->rates[i].net_minor, sums->rates[i].tax_bp, &part, NULL) != CF_OK ||
            cf_add_i64(tax, part, &tax, NULL) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "the tax does not fit");
    }
    int64_t low = tax > slack ? tax - slack : 0;
    if (sale->tax_minor < low || sale->tax_minor - low > tax - low + slack)
        return cf_fail(err, CF_E_RECORD, "tax is stated as %lld and comes to about %lld", (long long)sale->tax_minor,
                       (long long)tax);
    return CF_OK;
}

static enum cf_rc check_sums(const struct cf_sale *sale, struct cf_error *err)
{
    struct sums sums = {0};
    if (sale->n_lines < 1 || sale->n_lines > CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu lines", sale->n_lines);
    for (size_t i = 0; i < sale->n_lines; i++) {
        enum cf_rc rc = sum_line(&sale->lines[i], i + 1, &sums, err);
        if (rc != CF_OK)
            return rc;
    }
    enum cf_rc rc = check_equal("gross", sale->gross_minor, sums.gross_minor, err);
    if (rc == CF_OK)
        rc = check_equal("discount", sale->discount_minor, sums.discount_minor, err);
    if (rc == CF_OK)
        rc = check_tax(sale, &sums, err);
    if (rc != CF_OK)
        return rc;
    int64_t total = sums.gross_minor - sums.discount_minor;
    if (!cf_tax_is_inclusive(sale->tax_mode) && cf_add_i64(total, sale->tax_minor, &total, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "the total does not fit");
    return check_equal("total", sale->total_minor, total, err);
}

static enum cf_rc check_redemptions(const struct cf_sale *sale, struct cf_error *err)
{
    if (sale->n_redemptions > CF_SALE_COUPONS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu redemptions", sale->n_redemptions);
    for (size_t i = 0; i < sale->n_redemptions; i++) {
        const struct cf_redemption *r = &sale->redemptions[i];
        if (r->policy < CF_POLICY_ONLINE_ONLY || r->policy > CF_POLICY_OPTIMISTIC)
            return cf_fail(err, CF_E_RECORD, "redemption %zu: policy %d", i + 1, (int)r->policy);
        if (r->source < CF_RIGHT_CENTRE || r->source > CF_RIGHT_TICKET)
            return cf_fail(err, CF_E_RECORD, "redemption %zu: source %d", i + 1, (int)r->source);
        if ((r->hub_epoch != 0) != (r->source == CF_RIGHT_SUBLEASE || r->source == CF_RIGHT_STORE))
            return cf_fail(err, CF_E_RECORD, "redemption %zu: source %d with hub epoch %lu", i + 1, (int)r->source,
                           (unsigned long)r->hub_epoch);
        for (size_t k = 0; k < i; k++)
            if (sale->redemptions[k].campaign == r->campaign && sale->redemptions[k].index == r->index)
                return cf_fail(err, CF_E_RECORD, "coupon %lu of campaign %lu is redeemed twice",
                               (unsigned long)r->index, (unsigned long)r->campaign);
    }
    return CF_OK;
}

/* A coupon gives one discount, and so does an automatic promotion. */
static bool same_source(const struct cf_sale_discount *a, const struct cf_sale_discount *b)
{
    return a->redemption == b->redemption && (a->redemption >= 0 || a->campaign == b->campaign);
}

static enum cf_rc check_discounts(const struct cf_sale *sale, struct cf_error *err)
{
    int64_t sum = 0;
    if (sale->n_discounts > CF_OFFERS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu discounts", sale->n_discounts);
    for (size_t i = 0; i < sale->n_discounts; i++) {
        const struct cf_sale_discount *d = &sale->discounts[i];
        if (d->amount_minor < 1 || cf_add_i64(sum, d->amount_minor, &sum, NULL) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "discount %zu: amount %lld", i + 1, (long long)d->amount_minor);
        if (d->redemption < -1 || (d->redemption >= 0 && (size_t)d->redemption >= sale->n_redemptions))
            return cf_fail(err, CF_E_RECORD, "discount %zu: there is no redemption %ld", i + 1, (long)d->redemption);
        if (d->redemption >= 0 && sale->redemptions[d->redemption].campaign != d->campaign)
            return cf_fail(err, CF_E_RECORD, "discount %zu: its coupon is of another campaign", i + 1);
        for (size_t k = 0; k < i; k++)
            if (same_source(d, &sale->discounts[k]))
                return cf_fail(err, CF_E_RECORD, "discount %zu: campaign %lu gives twice", i + 1,
                               (unsigned long)d->campaign);
    }
    for (size_t i = 0; i < sale->n_by_hand && i < CF_HAND_DISCOUNTS_MAX; i++)
        if (sale->by_hand[i].amount_minor < 1 || cf_add_i64(sum, sale->by_hand[i].amount_minor, &sum, NULL) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "discount by hand %zu: amount %lld", i + 1,
                           (long long)sale->by_hand[i].amount_minor);
    if (cf_add_i64(sum, cf_sale_quoted_off(sale), &sum, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "the discounts do not fit");
    return check_equal("discount", sale->discount_minor, sum, err);
}

static enum cf_rc check_issued(const struct cf_sale *sale, struct cf_error *err)
{
    if (sale->n_issued > CF_SALE_ISSUED_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu coupons issued", sale->n_issued);
    for (size_t i = 0; i < sale->n_issued; i++) {
        const struct cf_issued *issued = &sale->issued[i];
        if (issued->exp_s < 0 || issued->exp_s > EXP_S_MAX)
            return cf_fail(err, CF_E_RECORD, "issued coupon %zu: expires at %lld", i + 1, (long long)issued->exp_s);
        for (size_t k = 0; k < i; k++)
            if (sale->issued[k].campaign == issued->campaign && sale->issued[k].index == issued->index)
                return cf_fail(err, CF_E_RECORD, "issued coupon %zu: its number is given twice", i + 1);
    }
    return CF_OK;
}

static enum cf_rc check_tenders(const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_tenders replayed;
    struct cf_error why;
    if (sale->tenders.n > CF_TENDERS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu tenders", sale->tenders.n);
    /* What was rounded is the rest that cash settled, or nothing that needed a coin. */
    int64_t rounding = sale->tenders.rounding_minor, to_pay = 0;
    bool by_cash = sale->tenders.n == 0 || sale->tenders.tender[sale->tenders.n - 1].kind == CF_TENDER_CASH;
    if (rounding <= -CF_CASH_STEP_MAX || rounding >= CF_CASH_STEP_MAX || (rounding != 0 && !by_cash) ||
        cf_add_i64(sale->total_minor, rounding, &to_pay, NULL) != CF_OK || to_pay < 0 ||
        (rounding != 0 && sale->tenders.n == 0 && to_pay != 0))
        return cf_fail(err, CF_E_RECORD, "a rounding of %lld", (long long)rounding);
    cf_tenders_init(&replayed, to_pay);
    for (size_t i = 0; i < sale->tenders.n; i++)
        if (cf_tenders_add(&replayed, &sale->tenders.tender[i], &why) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "tender %zu: %s", i + 1, why.detail);
    if (!cf_tenders_settled(&replayed))
        return cf_fail(err, CF_E_RECORD, "%lld of %lld is not paid", (long long)cf_tenders_due(&replayed),
                       (long long)sale->total_minor);
    enum cf_rc rc = check_equal("the tenders' total", sale->tenders.total_minor, sale->total_minor, err);
    if (rc == CF_OK)
        rc = check_equal("change", sale->change_minor, cf_tenders_change(&replayed), err);
    return rc;
}

enum cf_rc cf_sale_check(const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = check_head(sale, err);
    if (rc == CF_OK)
        rc = check_sums(sale, err);
    if (rc == CF_OK)
        rc = check_redemptions(sale, err);
    if (rc == CF_OK)
        rc = check_discounts(sale, err);
    if (rc == CF_OK)
        rc = check_issued(sale, err);
    if (rc == CF_OK)
        rc = check_tenders(sale, err);
    if (rc == CF_OK)
        rc = cf_sale_extra_check(sale, err);
    return rc;
}
