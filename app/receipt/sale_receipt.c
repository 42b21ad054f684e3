/*
 * app/receipt/sale_receipt.c - lays out a sale, from the store's name to the cut.
 *
 * The right-hand column adds up: lines before discount, then discounts, tax if it comes on top, and the total. What is
 * not part of that sum (tax that prices contain) stands below the total.
 */
#include "app/receipt/sale_receipt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/core/sale_return.h"
#include "app/core/tax.h"
#include "app/receipt/build.h"

#define AMOUNT_MAX CF_BUILD_AMOUNT_MAX

struct build {
    struct cf_build to;
    const struct cf_sale_receipt *facts;
    const struct cf_sale *sale;
};

void cf_receipt_no_format(uint32_t terminal, uint32_t epoch, uint64_t seq, char out[CF_RECEIPT_NO_MAX])
{
    (void)snprintf(out, CF_RECEIPT_NO_MAX, "%" PRIu32 "-%" PRIu32 "-%06" PRIu64, terminal, epoch, seq);
}

static void build_line(struct build *b, const struct cf_sale_line *line, const struct cf_receipt_line *label)
{
    char unit[AMOUNT_MAX], gross_text[AMOUNT_MAX], off[AMOUNT_MAX];
    char quantity[32];
    int64_t gross;
    if (b->to.rc == CF_OK) {
        b->to.rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &gross, b->to.err);
    }
    if (b->to.rc != CF_OK) {
        return;
    }
    const char *name = cf_build_or_empty(label->name);
    cf_build_text(&b->to, CF_ALIGN_LEFT, CF_STYLE_BOLD, name[0] != '\0' ? name : "?");
    cf_build_quantity(line->qty_milli, label->weighed, quantity);
    if (line->discount_minor > 0) {
        cf_build_columns(&b->to, 0, cf_build_amount(&b->to, gross, gross_text), "  %s%s x %s  (off 优惠 %s)", quantity,
                         label->weighed ? " kg" : "", cf_build_amount(&b->to, line->unit_price_minor, unit),
                         cf_build_amount(&b->to, line->discount_minor, off));
    } else {
        cf_build_columns(&b->to, 0, cf_build_amount(&b->to, gross, gross_text), "  %s%s x %s", quantity,
                         label->weighed ? " kg" : "", cf_build_amount(&b->to, line->unit_price_minor, unit));
    }
}

/* What the shopper may need of a line later, or may ask about now. */
static void build_extra(struct build *b, const struct cf_sale_line *line)
{
    const struct cf_line_extra *extra = &line->extra;
    if (extra->deposit_of != 0) {
        cf_build_text(&b->to, CF_ALIGN_LEFT, 0, "  Deposit 押金");
    }
    if (extra->origin == CF_PRICE_LIST && line->reduced) {
        cf_build_text(&b->to, CF_ALIGN_LEFT, 0, "  Special price 特价");
    }
    if (extra->origin == CF_PRICE_QUOTE) {
        cf_build_text(&b->to, CF_ALIGN_LEFT, 0, "  As quoted 报价商品");
    }
    if (extra->origin == CF_PRICE_ORDER) {
        cf_build_text(&b->to, CF_ALIGN_LEFT, 0, "  Ordered 订单商品");
    }
    if (extra->serial[0] != '\0') {
        cf_build_columns(&b->to, 0, "", "  S/N 序列号 %s", extra->serial);
    }
    if (extra->batch[0] != '\0') {
        cf_build_columns(&b->to, 0, "", "  Batch 批号 %s", extra->batch);
    }
    if (extra->age_check != CF_AGE_UNASKED) {
        cf_build_columns(&b->to, 0, "", "  Age checked 已验年龄 %u+", (unsigned)extra->min_age);
    }
}

/* A reason as pricing.h writes it holds the amount, which has its own column here: of "Skin care week: -¥19.50 (20% of
 * ¥97.50)" this finds what stands before and after ": -¥19.50". */
static void split_reason(const struct build *b, const char *reason, int64_t amount_minor, size_t *ret_before,
                         const char **ret_after)
{
    char middle[AMOUNT_MAX];
    char signed_text[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){.minor = -amount_minor, .currency = b->sale->currency}, signed_text);
    (void)snprintf(middle, sizeof middle, ": %s", signed_text);
    const char *found = strstr(reason, middle);
    const char *after = found != NULL ? found + strlen(middle) : "";
    bool is_whole = found != NULL && (*after == ' ' || *after == '\0'); /* not the front of a longer amount */
    *ret_before = is_whole ? (size_t)(found - reason) : strlen(reason);
    *ret_after = is_whole ? after : "";
}

static void build_discounts(struct build *b)
{
    char off[AMOUNT_MAX];
    for (size_t i = 0; i < b->sale->n_discounts; i++) {
        const struct cf_sale_discount *discount = &b->sale->discounts[i];
        const char *reason =
            cf_build_or_empty(b->facts->discount_reasons != NULL ? b->facts->discount_reasons[i] : NULL);
        cf_build_amount(&b->to, -discount->amount_minor, off);
        if (reason[0] != '\0') {
            size_t n_before;
            const char *after;
            split_reason(b, reason, discount->amount_minor, &n_before, &after);
            cf_build_columns(&b->to, 0, off, "%.*s%s", (int)n_before, reason, after);
        } else {
            cf_build_columns(&b->to, 0, off, "Offer 优惠 %" PRIu32, discount->campaign);
        }
    }
}

/* "By hand 手工优惠 (5% of ¥100.00, dented)" */
static void build_by_hand(struct build *b)
{
    char off[AMOUNT_MAX];
    for (size_t i = 0; i < b->sale->n_by_hand; i++) {
        const struct cf_hand_given *given = &b->sale->by_hand[i];
        const char *reason = cf_build_or_empty(b->facts->by_hand_reasons != NULL ? b->facts->by_hand_reasons[i] : NULL);
        size_t n_before;
        const char *after;
        cf_build_amount(&b->to, -given->amount_minor, off);
        split_reason(b, reason, given->amount_minor, &n_before, &after);
        if (after[0] != '\0') {
            cf_build_columns(&b->to, 0, off, "%.*s 手工优惠%s", (int)n_before, reason, after);
        } else {
            cf_build_columns(&b->to, 0, off, "By hand 手工优惠 (%s)", given->asked.reason);
        }
    }
}

/* What stands from the quotation that it is sold under. */
static void build_quoted(struct build *b)
{
    char off[AMOUNT_MAX];
    int64_t minor = cf_sale_quoted_off(b->sale);
    if (minor > 0) {
        cf_build_columns(&b->to, 0, cf_build_amount(&b->to, -minor, off), "As quoted 按报价优惠");
    }
}

struct tax_rate {
    uint32_t tax_bp;
    int64_t net_minor; /* of its lines, after discount; contains the tax in inclusive mode */
    int64_t tax_minor;
};

static enum cf_rc add_to_rate(enum cf_tax_mode mode, struct tax_rate rates[CF_SALE_RATES_MAX], size_t *n,
                              const struct cf_sale_line *line, struct cf_error *err)
{
    size_t i = 0;
    while (i < *n && rates[i].tax_bp != line->tax_bp) {
        i++;
    }
    if (i == CF_SALE_RATES_MAX) {
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d tax rates", CF_SALE_RATES_MAX);
    }
    if (i == *n) {
        rates[i] = (struct tax_rate){.tax_bp = line->tax_bp};
        ++*n;
    }
    int64_t net, tax = 0;
    enum cf_rc rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &net, err);
    rc = rc != CF_OK ? rc : cf_sub_i64(net, line->discount_minor, &net, err);
    if (rc == CF_OK && cf_tax_is_by_line(mode)) {
        rc = cf_tax_of(mode, net, line->tax_bp, &tax, err);
        rc = rc != CF_OK ? rc : cf_add_i64(rates[i].tax_minor, tax, &rates[i].tax_minor, err);
    }
    return rc != CF_OK ? rc : cf_add_i64(rates[i].net_minor, net, &rates[i].net_minor, err);
}

static enum cf_rc derive_taxes(const struct cf_sale *sale, struct tax_rate rates[CF_SALE_RATES_MAX], size_t *ret_n,
                               struct cf_error *err)
{
    size_t n = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sale->n_lines && rc == CF_OK; i++) {
        rc = add_to_rate(sale->tax_mode, rates, &n, &sale->lines[i], err);
    }
    for (size_t i = 0; i < n && rc == CF_OK && !cf_tax_is_by_line(sale->tax_mode); i++) {
        rc = cf_tax_of(sale->tax_mode, rates[i].net_minor, rates[i].tax_bp, &rates[i].tax_minor, err);
    }
    if (rc == CF_OK) {
        *ret_n = n;
    }
    return rc;
}

static void build_taxes(struct build *b)
{
    struct tax_rate rates[CF_SALE_RATES_MAX];
    size_t n = 0;
    bool inclusive = cf_tax_is_inclusive(b->sale->tax_mode);
    if (b->to.rc == CF_OK) {
        b->to.rc = derive_taxes(b->sale, rates, &n, b->to.err);
    }
    for (size_t i = 0; i < n && b->to.rc == CF_OK; i++) {
        char tax[AMOUNT_MAX], net[AMOUNT_MAX];
        if (rates[i].tax_bp == 0) {
            continue;
        }
        cf_build_amount(&b->to, rates[i].tax_minor, tax);
        cf_build_amount(&b->to, rates[i].net_minor, net);
        uint32_t hundredths = rates[i].tax_bp % 100;
        if (hundredths == 0) {
            cf_build_columns(&b->to, 0, tax, "%s %" PRIu32 "%% (%s)", inclusive ? "incl. tax 含税" : "Tax 税",
                             rates[i].tax_bp / 100, net);
        } else {
            cf_build_columns(&b->to, 0, tax, "%s %" PRIu32 ".%02" PRIu32 "%% (%s)",
                             inclusive ? "incl. tax 含税" : "Tax 税", rates[i].tax_bp / 100, hundredths, net);
        }
    }
}

static void build_sums(struct build *b)
{
    const struct cf_sale *sale = b->sale;
    char sum[AMOUNT_MAX];
    bool exclusive = !cf_tax_is_inclusive(sale->tax_mode);
    cf_build_rule(&b->to);
    if (sale->n_discounts > 0 || sale->n_by_hand > 0 || cf_sale_quoted_off(sale) > 0 || exclusive) {
        cf_build_columns(&b->to, 0, cf_build_amount(&b->to, sale->gross_minor, sum), "Subtotal 小计");
        build_discounts(b);
        build_by_hand(b);
        build_quoted(b);
    }
    if (exclusive) {
        build_taxes(b);
    }
    cf_money_format_signed((cf_money){.minor = sale->total_minor, .currency = sale->currency}, sum);
    cf_build_columns(&b->to, CF_STYLE_BOLD | CF_STYLE_TALL | CF_STYLE_WIDE, sum, "TOTAL 合计");
    if (!exclusive) {
        build_taxes(b);
    }
    cf_build_rule(&b->to);
}

/* Which account, masked, and what is left on it as far as whoever said yes knew. */
static void build_account(struct build *b, const struct cf_tender *tender)
{
    const struct cf_tender_value *value = &tender->value;
    char account[CF_VALUE_MASK_MAX], left[AMOUNT_MAX];
    if (tender->kind == CF_TENDER_POINTS) {
        cf_build_columns(&b->to, 0, "", "  %lld points 积分", (long long)value->points);
        if (value->left_minor >= 0) {
            cf_build_columns(&b->to, 0, "", "  left 余额 %lld", (long long)value->left_minor);
        }
        return;
    }
    cf_value_mask(value->account, account);
    cf_build_columns(&b->to, 0, "", "  no 卡号 %s", account);
    if (value->left_minor >= 0) {
        cf_build_columns(&b->to, 0, "", "  left 余额 %s", cf_build_amount(&b->to, value->left_minor, left));
    }
}

static void build_tenders(struct build *b)
{
    char sum[AMOUNT_MAX];
    if (b->sale->tenders.rounding_minor != 0) {
        cf_build_columns(&b->to, 0, cf_build_amount(&b->to, b->sale->tenders.rounding_minor, sum), "Rounding 抹零");
    }
    for (size_t i = 0; i < b->sale->tenders.n; i++) {
        const struct cf_tender *tender = &b->sale->tenders.tender[i];
        cf_build_columns(&b->to, 0, cf_build_amount(&b->to, tender->amount_minor, sum), "%s",
                         cf_build_tender(tender->kind));
        if (tender->foreign_minor != 0) {
            char foreign[CF_MONEY_TEXT_MAX], rate[CF_RATE_TEXT_MAX];
            cf_money_format_signed((cf_money){tender->foreign_minor, tender->rate.currency}, foreign);
            cf_rate_format(tender->rate.rate_e8, rate);
            cf_build_columns(&b->to, 0, "", "  %s × %s", foreign, rate);
        }
        if (cf_tender_is_value(tender->kind)) {
            build_account(b, tender);
        }
        if (tender->reference[0] != '\0') {
            cf_build_columns(&b->to, 0, "", "  ref 参考号 %s", tender->reference);
        }
    }
    if (b->sale->change_minor > 0) {
        cf_build_columns(&b->to, CF_STYLE_BOLD, cf_build_amount(&b->to, b->sale->change_minor, sum), "Change 找零");
    }
}

static void build_member(struct build *b)
{
    const struct cf_sale *sale = b->sale;
    if (!sale->has_member && sale->n_redemptions == 0) {
        return;
    }
    cf_build_rule(&b->to);
    if (sale->has_member) {
        char masked[16];
        char points[32];
        cf_build_member(sale->member, masked);
        (void)snprintf(points, sizeof points, "+%" PRId64, sale->points);
        cf_build_columns(&b->to, 0, masked, "Member 会员");
        cf_build_columns(&b->to, 0, points, "Points earned 本次积分");
        for (size_t i = 0; i < sale->n_points_by; i++) {
            (void)snprintf(points, sizeof points, "+%" PRId64, sale->points_by[i].points);
            cf_build_columns(&b->to, 0, points, "  of it by campaign 其中活动 %" PRIu32, sale->points_by[i].campaign);
        }
    }
    for (size_t i = 0; i < sale->n_redemptions; i++) {
        const char *name = b->facts->coupons_used != NULL ? b->facts->coupons_used[i] : NULL;
        char serial[48];
        if (sale->redemptions[i].index == CF_INDEX_NONE) /* no coupon of the shopper's: its discount stands above */
            continue;
        (void)snprintf(serial, sizeof serial, "%" PRIu32 "/%" PRIu32, sale->redemptions[i].campaign,
                       sale->redemptions[i].index);
        cf_build_columns(&b->to, 0, serial, "Coupon used 已用券 %s", cf_build_or_empty(name));
    }
}

static void build_issued(struct build *b)
{
    for (size_t i = 0; i < b->facts->n_coupons_issued && b->to.rc == CF_OK; i++) {
        cf_build_code(&b->to, &b->facts->coupons_issued[i], "Your coupon 您的优惠券", b->facts->store->utc_offset_min);
    }
    for (size_t i = 0; i < b->facts->n_cards && b->to.rc == CF_OK; i++) {
        cf_build_code(&b->to, &b->facts->cards[i], "Gift card 礼品卡", b->facts->store->utc_offset_min);
    }
}

/* The sale's name as a code: whoever takes goods back scans it. */
static void build_name(struct build *b)
{
    char code[CF_SALE_REF_MAX];
    const struct cf_sale_ref ref = {b->facts->terminal, b->facts->epoch, b->facts->seq, 0};
    cf_sale_ref_code(&ref, code);
    cf_build_qr(&b->to, code, "Returns 退换货");
}

static void build_paid(struct build *b)
{
    build_tenders(b);
    build_member(b);
    build_issued(b);
    build_name(b);
    cf_build_fiscal(&b->to, &b->sale->fiscal);
}

/* Whoever finds it must not take it for a receipt. */
static void build_quote(struct build *b)
{
    char masked[16];
    cf_build_text(&b->to, CF_ALIGN_LEFT, CF_STYLE_BOLD, "NOT A RECEIPT - nothing was sold 非销售凭证");
    if (b->sale->has_member) {
        cf_build_member(b->sale->member, masked);
        cf_build_columns(&b->to, 0, masked, "For member 会员");
    }
    cf_build_text(&b->to, CF_ALIGN_LEFT, 0, "Without coupons 不含优惠券");
    cf_build_code(&b->to, b->facts->quote, "Good for one sale 一次有效", b->facts->store->utc_offset_min);
}

enum cf_rc cf_sale_receipt_build(const struct cf_sale_receipt *facts, struct cf_receipt **ret, struct cf_error *err)
{
    assert(facts->n_coupons_issued <= CF_SALE_ISSUED_MAX);
    struct build b = {.to = {.currency = facts->sale->currency, .err = err}, .facts = facts, .sale = facts->sale};
    const struct cf_build_head head = {.store = facts->store,
                                       .title = facts->quote != NULL  ? "QUOTATION 报价单"
                                                : facts->back != NULL ? "EXCHANGE 换货"
                                                                      : NULL,
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = facts->sale->cashier};
    b.to.rc = cf_receipt_new(&b.to.receipt, err);
    if (b.to.rc != CF_OK) {
        return b.to.rc;
    }
    cf_build_head(&b.to, &head);
    if (facts->back != NULL) {
        cf_build_returned(&b.to, facts->back);
        cf_build_text(&b.to, CF_ALIGN_LEFT, CF_STYLE_BOLD, "In exchange 换取");
    }
    for (size_t i = 0; i < b.sale->n_lines; i++) {
        build_line(&b, &b.sale->lines[i], &facts->lines[i]);
        build_extra(&b, &b.sale->lines[i]);
    }
    if (b.sale->order.order != 0) {
        char number[32];
        (void)snprintf(number, sizeof number, "%" PRIu32, b.sale->order.order);
        cf_build_columns(&b.to, CF_STYLE_BOLD, number, "Order 订单");
    }
    build_sums(&b);
    if (facts->quote != NULL) {
        build_quote(&b);
    } else {
        build_paid(&b);
    }
    cf_build_foot(&b.to, "Thank you 谢谢惠顾", facts->chain_tag);
    return cf_build_end(&b.to, ret);
}
