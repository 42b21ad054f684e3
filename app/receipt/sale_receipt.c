/*
 * app/receipt/sale_receipt.c - lays out a sale, from the store's name to the cut.
 *
 * The right-hand column adds up: lines before discount, then discounts, tax if it comes on top, and the total. What is
 * not part of that sum (tax that prices contain) stands below the total.
 */
#include "app/receipt/sale_receipt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define AMOUNT_MAX (CF_MONEY_TEXT_MAX + 8)

/* Errors are sticky: build through, check once. */
struct build {
    const struct cf_sale_receipt *facts;
    const struct cf_sale *sale;
    struct cf_receipt *receipt;
    enum cf_rc rc;
    struct cf_error *err;
};

static void text(struct build *b, enum cf_receipt_align align, uint32_t style, const char *content)
{
    if (b->rc == CF_OK && content != NULL && content[0] != '\0') {
        b->rc = cf_receipt_add_text(b->receipt, align, style, content, b->err);
    }
}

static void rule(struct build *b)
{
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_rule(b->receipt, b->err);
    }
}

static void blank(struct build *b)
{
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_blank(b->receipt, b->err);
    }
}

static void columns(struct build *b, uint32_t style, const char *right, const char *format, ...) CF_PRINTF(4, 5);
static void columns(struct build *b, uint32_t style, const char *right, const char *format, ...)
{
    if (b->rc != CF_OK) {
        return;
    }
    char left[CF_RECEIPT_TEXT_MAX + 1];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(left, sizeof left, format, args); /* what does not fit is cut, as the document would */
    va_end(args);
    b->rc = cf_receipt_add_columns(b->receipt, style, left, right, b->err);
}

/* "-12.50", in the sale's currency. */
static const char *amount(const struct build *b, int64_t minor, char out[AMOUNT_MAX])
{
    cf_money_format((cf_money){.minor = minor, .currency = b->sale->currency}, out);
    return out;
}

static const char *or_empty(const char *content)
{
    return content == NULL ? "" : content;
}

void cf_receipt_no_format(uint32_t terminal, uint32_t epoch, uint64_t seq, char out[CF_RECEIPT_NO_MAX])
{
    (void)snprintf(out, CF_RECEIPT_NO_MAX, "%" PRIu32 "-%" PRIu32 "-%06" PRIu64, terminal, epoch, seq);
}

static void build_head(struct build *b)
{
    const struct cf_store_info *store = b->facts->store;
    text(b, CF_ALIGN_CENTRE, CF_STYLE_BOLD | CF_STYLE_TALL | CF_STYLE_WIDE, store->name);
    text(b, CF_ALIGN_CENTRE, 0, store->address);
    if (or_empty(store->tax_id)[0] != '\0') {
        char line[CF_RECEIPT_TEXT_MAX + 1];
        (void)snprintf(line, sizeof line, "Tax ID 税号 %s", store->tax_id);
        text(b, CF_ALIGN_CENTRE, 0, line);
    }
    rule(b);
    char no[CF_RECEIPT_NO_MAX];
    char when[CF_WALL_TEXT_MAX];
    cf_receipt_no_format(b->facts->terminal, b->facts->epoch, b->facts->seq, no);
    cf_wall_format(b->facts->at, store->utc_offset_min, when);
    when[10] = ' '; /* "2026-11-22 15:05:09": nobody in the shop reads a 'T' or an offset */
    when[19] = '\0';
    columns(b, 0, no, "Receipt 单号");
    columns(b, 0, when, "Date 日期");
    if (or_empty(store->terminal_label)[0] != '\0') {
        columns(b, 0, store->terminal_label, "Till 收银台");
    }
    if (b->sale->cashier[0] != '\0') {
        columns(b, 0, b->sale->cashier, "Cashier 收银员");
    }
    rule(b);
}

/* "2", or "0.345" of what is weighed. */
static void format_quantity(int64_t qty_milli, bool weighed, char out[32])
{
    if (weighed || qty_milli % 1000 != 0) {
        (void)snprintf(out, 32, "%" PRId64 ".%03" PRId64, qty_milli / 1000, qty_milli % 1000);
    } else {
        (void)snprintf(out, 32, "%" PRId64, qty_milli / 1000);
    }
}

static void build_line(struct build *b, const struct cf_sale_line *line, const struct cf_receipt_line *label)
{
    char unit[AMOUNT_MAX], gross_text[AMOUNT_MAX], off[AMOUNT_MAX];
    char quantity[32];
    int64_t gross;
    if (b->rc == CF_OK) {
        b->rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &gross, b->err);
    }
    if (b->rc != CF_OK) {
        return;
    }
    const char *name = or_empty(label->name);
    text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, name[0] != '\0' ? name : "?");
    format_quantity(line->qty_milli, label->weighed, quantity);
    if (line->discount_minor > 0) {
        columns(b, 0, amount(b, gross, gross_text), "  %s%s x %s  (off 优惠 %s)", quantity, label->weighed ? " kg" : "",
                amount(b, line->unit_price_minor, unit), amount(b, line->discount_minor, off));
    } else {
        columns(b, 0, amount(b, gross, gross_text), "  %s%s x %s", quantity, label->weighed ? " kg" : "",
                amount(b, line->unit_price_minor, unit));
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
        const char *reason = b->facts->discount_reasons != NULL ? b->facts->discount_reasons[i] : NULL;
        amount(b, -discount->amount_minor, off);
        if (or_empty(reason)[0] != '\0') {
            size_t n_before;
            const char *after;
            split_reason(b, reason, discount->amount_minor, &n_before, &after);
            columns(b, 0, off, "%.*s%s", (int)n_before, reason, after);
        } else {
            columns(b, 0, off, "Offer 优惠 %" PRIu32, discount->campaign);
        }
    }
}

struct tax_rate {
    uint32_t tax_bp;
    int64_t net_minor; /* of its lines, after discount; contains the tax in inclusive mode */
    int64_t tax_minor;
};

static enum cf_rc add_to_rate(struct tax_rate rates[CF_SALE_RATES_MAX], size_t *n, const struct cf_sale_line *line,
                              struct cf_error *err)
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
    int64_t net;
    enum cf_rc rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &net, err);
    rc = rc != CF_OK ? rc : cf_sub_i64(net, line->discount_minor, &net, err);
    return rc != CF_OK ? rc : cf_add_i64(rates[i].net_minor, net, &rates[i].net_minor, err);
}

static enum cf_rc derive_taxes(const struct cf_sale *sale, struct tax_rate rates[CF_SALE_RATES_MAX], size_t *ret_n,
                               struct cf_error *err)
{
    size_t n = 0;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sale->n_lines && rc == CF_OK; i++) {
        rc = add_to_rate(rates, &n, &sale->lines[i], err);
    }
    for (size_t i = 0; i < n && rc == CF_OK; i++) {
        int64_t whole = sale->tax_mode == CF_TAX_INCLUSIVE ? 10000 + (int64_t)rates[i].tax_bp : 10000;
        rc = cf_muldiv_round(rates[i].net_minor, rates[i].tax_bp, whole, &rates[i].tax_minor, err);
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
    bool inclusive = b->sale->tax_mode == CF_TAX_INCLUSIVE;
    if (b->rc == CF_OK) {
        b->rc = derive_taxes(b->sale, rates, &n, b->err);
    }
    for (size_t i = 0; i < n && b->rc == CF_OK; i++) {
        char tax[AMOUNT_MAX], net[AMOUNT_MAX];
        if (rates[i].tax_bp == 0) {
            continue;
        }
        amount(b, rates[i].tax_minor, tax);
        amount(b, rates[i].net_minor, net);
        uint32_t hundredths = rates[i].tax_bp % 100;
        if (hundredths == 0) {
            columns(b, 0, tax, "%s %" PRIu32 "%% (%s)", inclusive ? "incl. tax 含税" : "Tax 税", rates[i].tax_bp / 100,
                    net);
        } else {
            columns(b, 0, tax, "%s %" PRIu32 ".%02" PRIu32 "%% (%s)", inclusive ? "incl. tax 含税" : "Tax 税",
                    rates[i].tax_bp / 100, hundredths, net);
        }
    }
}

static void build_sums(struct build *b)
{
    const struct cf_sale *sale = b->sale;
    char sum[AMOUNT_MAX];
    bool exclusive = sale->tax_mode == CF_TAX_EXCLUSIVE;
    rule(b);
    if (sale->n_discounts > 0 || exclusive) {
        columns(b, 0, amount(b, sale->gross_minor, sum), "Subtotal 小计");
        build_discounts(b);
    }
    if (exclusive) {
        build_taxes(b);
    }
    cf_money_format_signed((cf_money){.minor = sale->total_minor, .currency = sale->currency}, sum);
    columns(b, CF_STYLE_BOLD | CF_STYLE_TALL | CF_STYLE_WIDE, sum, "TOTAL 合计");
    if (!exclusive) {
        build_taxes(b);
    }
    rule(b);
}

static const char *tender_label(enum cf_tender_kind kind)
{
    switch (kind) {
    case CF_TENDER_CASH:
        return "Cash 现金";
    case CF_TENDER_CARD:
        return "Card 银行卡";
    case CF_TENDER_MOBILE:
        return "Mobile 移动支付";
    }
    return "Tender 支付";
}

static void build_tenders(struct build *b)
{
    char sum[AMOUNT_MAX];
    for (size_t i = 0; i < b->sale->tenders.n; i++) {
        const struct cf_tender *tender = &b->sale->tenders.tender[i];
        columns(b, 0, amount(b, tender->amount_minor, sum), "%s", tender_label(tender->kind));
        if (tender->reference[0] != '\0') {
            columns(b, 0, "", "  ref 参考号 %s", tender->reference);
        }
    }
    if (b->sale->change_minor > 0) {
        columns(b, CF_STYLE_BOLD, amount(b, b->sale->change_minor, sum), "Change 找零");
    }
}

static void build_member(struct build *b)
{
    const struct cf_sale *sale = b->sale;
    if (!sale->has_member && sale->n_redemptions == 0) {
        return;
    }
    rule(b);
    if (sale->has_member) {
        char masked[16];
        char points[32];
        const uint8_t *last = sale->member.b + CF_SUB_BYTES - 2;
        (void)snprintf(masked, sizeof masked, "**** %02x%02x", last[0], last[1]);
        (void)snprintf(points, sizeof points, "+%" PRId64, sale->points);
        columns(b, 0, masked, "Member 会员");
        columns(b, 0, points, "Points earned 本次积分");
    }
    for (size_t i = 0; i < sale->n_redemptions; i++) {
        const char *name = b->facts->coupons_used != NULL ? b->facts->coupons_used[i] : NULL;
        char serial[48];
        (void)snprintf(serial, sizeof serial, "%" PRIu32 "/%" PRIu32, sale->redemptions[i].campaign,
                       sale->redemptions[i].index);
        columns(b, 0, serial, "Coupon used 已用券 %s", or_empty(name));
    }
}

static void build_issued(struct build *b)
{
    for (size_t i = 0; i < b->facts->n_coupons_issued && b->rc == CF_OK; i++) {
        const struct cf_receipt_coupon *coupon = &b->facts->coupons_issued[i];
        rule(b);
        text(b, CF_ALIGN_CENTRE, CF_STYLE_BOLD, "Your coupon 您的优惠券");
        if (b->rc == CF_OK) {
            b->rc = cf_receipt_add_qr(b->receipt, coupon->qr_text, coupon->caption, b->err);
        }
        if (coupon->exp_s != 0) {
            char when[CF_WALL_TEXT_MAX];
            char line[64];
            cf_wall_format(cf_wall_from_s(coupon->exp_s), b->facts->store->utc_offset_min, when);
            (void)snprintf(line, sizeof line, "Valid until 有效期至 %.10s %.5s", when, when + 11);
            text(b, CF_ALIGN_CENTRE, 0, line);
        }
    }
}

static void build_foot(struct build *b)
{
    rule(b);
    text(b, CF_ALIGN_CENTRE, 0, "Thank you 谢谢惠顾");
    if (or_empty(b->facts->chain_tag)[0] != '\0') {
        char line[CF_CHAIN_TAG_CHARS + 16];
        (void)snprintf(line, sizeof line, "# %.*s", CF_CHAIN_TAG_CHARS, b->facts->chain_tag);
        text(b, CF_ALIGN_CENTRE, 0, line);
    }
    blank(b);
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_cut(b->receipt, b->err);
    }
}

enum cf_rc cf_sale_receipt_build(const struct cf_sale_receipt *facts, struct cf_receipt **ret, struct cf_error *err)
{
    assert(facts->n_coupons_issued <= CF_SALE_ISSUED_MAX);
    struct build b = {.facts = facts, .sale = facts->sale, .err = err};
    b.rc = cf_receipt_new(&b.receipt, err);
    if (b.rc != CF_OK) {
        return b.rc;
    }
    build_head(&b);
    for (size_t i = 0; i < b.sale->n_lines; i++) {
        build_line(&b, &b.sale->lines[i], &facts->lines[i]);
    }
    build_sums(&b);
    build_tenders(&b);
    build_member(&b);
    build_issued(&b);
    build_foot(&b);
    if (b.rc != CF_OK) {
        cf_receipt_free(b.receipt);
        return b.rc;
    }
    *ret = b.receipt;
    return CF_OK;
}
