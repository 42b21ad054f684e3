/*
 * app/receipt/return_receipt.c - lays out a return, from the store's name to the cut.
 *
 * Amounts stand as they are given to the shopper: goods and refunds without a sign, discounts that are not given back
 * with a minus. The right-hand column adds up, as on a sale's receipt.
 */
#include "app/receipt/return_receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/core/tax.h"
#include "app/receipt/build.h"

static void build_lines(struct cf_build *b, const struct cf_return_receipt *facts)
{
    const struct cf_return *back = facts->back;
    char gross[CF_BUILD_AMOUNT_MAX], off[CF_BUILD_AMOUNT_MAX];
    char quantity[32], sold[32];
    for (size_t i = 0; i < back->n_lines; i++) {
        const struct cf_return_line *line = &back->lines[i];
        const struct cf_receipt_line *label = &facts->lines[i];
        const char *unit = label->weighed ? " kg" : "";
        if (line->qty_milli == 0) {
            continue; /* it came back before */
        }
        cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD,
                      label->name != NULL && label->name[0] != '\0' ? label->name : "?");
        cf_build_quantity(line->qty_milli, label->weighed, quantity);
        cf_build_quantity(line->sold_milli, label->weighed, sold);
        cf_build_amount(b, line->gross_minor, gross);
        if (line->discount_minor > 0) {
            cf_build_columns(b, 0, gross, "  %s%s of 共 %s%s  (off 优惠 %s)", quantity, unit, sold, unit,
                             cf_build_amount(b, line->discount_minor, off));
        } else {
            cf_build_columns(b, 0, gross, "  %s%s of 共 %s%s", quantity, unit, sold, unit);
        }
    }
}

static void build_sums(struct cf_build *b, const struct cf_return *back)
{
    char sum[CF_BUILD_AMOUNT_MAX];
    bool exclusive = !cf_tax_is_inclusive(back->tax_mode);
    cf_build_rule(b);
    if (back->discount_minor > 0 || exclusive) {
        cf_build_columns(b, 0, cf_build_amount(b, back->gross_minor, sum), "Subtotal 小计");
    }
    if (back->discount_minor > 0) {
        cf_build_columns(b, 0, cf_build_amount(b, -back->discount_minor, sum), "Discount had 已享优惠");
    }
    if (exclusive && back->tax_minor > 0) {
        cf_build_columns(b, 0, cf_build_amount(b, back->tax_minor, sum), "Tax 税");
    }
    cf_money_format_signed((cf_money){.minor = back->total_minor, .currency = back->currency}, sum);
    cf_build_columns(b, CF_STYLE_BOLD | CF_STYLE_TALL | CF_STYLE_WIDE, sum, "REFUND 退款");
    if (!exclusive && back->tax_minor > 0) {
        cf_build_columns(b, 0, cf_build_amount(b, back->tax_minor, sum), "incl. tax 含税");
    }
    cf_build_rule(b);
    for (size_t i = 0; i < back->n_tenders; i++) {
        const struct cf_return_tender *tender = &back->tenders[i];
        bool elsewhere = tender->kind == CF_TENDER_CARD || tender->kind == CF_TENDER_MOBILE;
        cf_build_columns(b, 0, cf_build_amount(b, tender->amount_minor, sum), "%s%s", cf_build_tender(tender->kind),
                         elsewhere && !tender->has_id ? " (by hand 手工)" : "");
    }
    if (back->exchange_minor > 0) {
        cf_build_columns(b, 0, cf_build_amount(b, back->exchange_minor, sum), "%s",
                         cf_build_tender(CF_TENDER_EXCHANGE));
    }
    if (back->has_credit) {
        cf_build_columns(b, 0, cf_build_amount(b, back->credit.amount_minor, sum), "%s",
                         cf_build_tender(CF_TENDER_STORE_CREDIT));
    }
}

static void build_member(struct cf_build *b, const struct cf_return_receipt *facts)
{
    const struct cf_return *back = facts->back;
    if (!back->has_member && back->n_rights == 0) {
        return;
    }
    cf_build_rule(b);
    if (back->has_member) {
        char masked[16];
        char points[32];
        cf_build_member(back->member, masked);
        (void)snprintf(points, sizeof points, "%s%" PRId64, back->points > 0 ? "-" : "", back->points);
        cf_build_columns(b, 0, masked, "Member 会员");
        cf_build_columns(b, 0, points, "Points taken back 扣回积分");
    }
    for (size_t i = 0; i < back->n_rights; i++) {
        char serial[48];
        if (back->rights[i].index == CF_INDEX_NONE) /* no coupon of the shopper's */
            continue;
        (void)snprintf(serial, sizeof serial, "%" PRIu32 "/%" PRIu32, back->rights[i].campaign, back->rights[i].index);
        const char *fate = back->rights[i].fate != CF_ON_RETURN_GIVE_BACK ? "Coupon used up 券已失效"
                           : facts->over != NULL && facts->over[i] ? "Coupon ended, no refund of it 券活动已结束"
                                                                   : "Coupon given back 已退回券";
        cf_build_columns(b, 0, serial, "%s %s", fate,
                         cf_build_or_empty(facts->coupons != NULL ? facts->coupons[i] : NULL));
    }
}

static void build_original(struct cf_build *b, const struct cf_return *back)
{
    char no[CF_RECEIPT_NO_MAX];
    cf_receipt_no_format(back->of.terminal, back->of.epoch, back->of.seq, no);
    cf_build_columns(b, CF_STYLE_BOLD, no, "Of receipt 原单号");
    if (back->reason[0] != '\0') {
        char why[CF_RETURN_REASON_MAX + 32];
        (void)snprintf(why, sizeof why, "Reason 原因: %s", back->reason);
        cf_build_text(b, CF_ALIGN_LEFT, 0, why);
    }
    cf_build_rule(b);
}

/* What follows from the goods: points and coupons, and what does not come back or is given out. */
static void build_rest(struct cf_build *b, const struct cf_return_receipt *facts)
{
    build_member(b, facts);
    for (size_t i = 0; i < facts->back->n_revoked; i++) {
        const struct cf_return_revoked *revoked = &facts->back->revoked[i];
        char serial[48];
        (void)snprintf(serial, sizeof serial, "%" PRIu32 "/%" PRIu32, revoked->campaign, revoked->index);
        cf_build_columns(b, 0, serial, "%s",
                         revoked->used ? "Coupon given, was used 赠券已用" : "Coupon given, now void 赠券作废");
    }
    if (facts->n_stay > 0) {
        cf_build_text(b, CF_ALIGN_LEFT, 0, "Gift cards stay 礼品卡不退");
    }
    if (facts->credit != NULL) {
        cf_build_code(b, facts->credit, "Store credit 储值", facts->store->utc_offset_min);
    }
}

void cf_build_returned(struct cf_build *b, const struct cf_return_receipt *facts)
{
    build_original(b, facts->back);
    build_lines(b, facts);
    build_sums(b, facts->back);
    build_rest(b, facts);
    cf_build_rule(b);
}

enum cf_rc cf_return_receipt_build(const struct cf_return_receipt *facts, struct cf_receipt **ret, struct cf_error *err)
{
    const struct cf_return *back = facts->back;
    struct cf_build b = {.currency = back->currency, .err = err};
    const struct cf_build_head head = {.store = facts->store,
                                       .title = back->is_void ? "VOID 作废" : "RETURN 退货",
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = back->cashier};
    b.rc = cf_receipt_new(&b.receipt, err);
    if (b.rc != CF_OK) {
        return b.rc;
    }
    cf_build_head(&b, &head);
    build_original(&b, back);
    build_lines(&b, facts);
    build_sums(&b, back);
    build_rest(&b, facts);
    cf_build_signature(&b);
    cf_build_fiscal(&b, &back->fiscal);
    cf_build_foot(&b, NULL, facts->chain_tag);
    return cf_build_end(&b, ret);
}
