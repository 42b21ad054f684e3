/*
 * app/receipt/build.c - see build.h.
 */
#include "app/receipt/build.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *cf_build_or_empty(const char *content)
{
    return content == NULL ? "" : content;
}

void cf_build_text(struct cf_build *b, enum cf_receipt_align align, uint32_t style, const char *content)
{
    if (b->rc == CF_OK && content != NULL && content[0] != '\0') {
        b->rc = cf_receipt_add_text(b->receipt, align, style, content, b->err);
    }
}

void cf_build_rule(struct cf_build *b)
{
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_rule(b->receipt, b->err);
    }
}

void cf_build_blank(struct cf_build *b)
{
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_blank(b->receipt, b->err);
    }
}

void cf_build_columns(struct cf_build *b, uint32_t style, const char *right, const char *format, ...)
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

void cf_build_qr(struct cf_build *b, const char *payload, const char *caption)
{
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_qr(b->receipt, payload, caption, b->err);
    }
}

const char *cf_build_amount(const struct cf_build *b, int64_t minor, char out[CF_BUILD_AMOUNT_MAX])
{
    cf_money_format((cf_money){.minor = minor, .currency = b->currency}, out);
    return out;
}

void cf_build_quantity(int64_t qty_milli, bool weighed, char out[32])
{
    if (weighed || qty_milli % 1000 != 0) {
        (void)snprintf(out, 32, "%" PRId64 ".%03" PRId64, qty_milli / 1000, qty_milli % 1000);
    } else {
        (void)snprintf(out, 32, "%" PRId64, qty_milli / 1000);
    }
}

void cf_build_member(cf_sub member, char out[16])
{
    const uint8_t *last = member.b + CF_SUB_BYTES - 2;
    (void)snprintf(out, 16, "**** %02x%02x", last[0], last[1]);
}

const char *cf_build_tender(enum cf_tender_kind kind)
{
    switch (kind) {
    case CF_TENDER_CASH:
        return "Cash 现金";
    case CF_TENDER_CARD:
        return "Card 银行卡";
    case CF_TENDER_MOBILE:
        return "Mobile 移动支付";
    case CF_TENDER_GIFT_CARD:
        return "Gift card 礼品卡";
    case CF_TENDER_STORE_CREDIT:
        return "Store credit 储值";
    case CF_TENDER_POINTS:
        return "Points 积分";
    case CF_TENDER_EXCHANGE:
        return "Exchange 换货";
    }
    return "Tender 支付";
}

void cf_build_code(struct cf_build *b, const struct cf_receipt_coupon *coupon, const char *title, int utc_offset_min)
{
    cf_build_rule(b);
    cf_build_text(b, CF_ALIGN_CENTRE, CF_STYLE_BOLD, title);
    cf_build_qr(b, coupon->qr_text, coupon->caption);
    if (coupon->exp_s != 0) {
        char when[CF_WALL_TEXT_MAX];
        char line[64];
        cf_wall_format(cf_wall_from_s(coupon->exp_s), utc_offset_min, when);
        (void)snprintf(line, sizeof line, "Valid until 有效期至 %.10s %.5s", when, when + 11);
        cf_build_text(b, CF_ALIGN_CENTRE, 0, line);
    }
}

void cf_build_head(struct cf_build *b, const struct cf_build_head *head)
{
    const struct cf_store_info *store = head->store;
    cf_build_text(b, CF_ALIGN_CENTRE, CF_STYLE_BOLD | CF_STYLE_TALL | CF_STYLE_WIDE, store->name);
    cf_build_text(b, CF_ALIGN_CENTRE, 0, store->address);
    if (cf_build_or_empty(store->tax_id)[0] != '\0') {
        char line[CF_RECEIPT_TEXT_MAX + 1];
        (void)snprintf(line, sizeof line, "Tax ID 税号 %s", store->tax_id);
        cf_build_text(b, CF_ALIGN_CENTRE, 0, line);
    }
    cf_build_text(b, CF_ALIGN_CENTRE, CF_STYLE_BOLD | CF_STYLE_TALL, head->title);
    cf_build_rule(b);
    char no[CF_RECEIPT_NO_MAX];
    char when[CF_WALL_TEXT_MAX];
    cf_receipt_no_format(head->terminal, head->epoch, head->seq, no);
    cf_wall_format(head->at, store->utc_offset_min, when);
    when[10] = ' '; /* "2026-11-22 15:05:09": nobody in the shop reads a 'T' or an offset */
    when[19] = '\0';
    cf_build_columns(b, 0, no, "Receipt 单号");
    cf_build_columns(b, 0, when, "Date 日期");
    if (cf_build_or_empty(store->terminal_label)[0] != '\0') {
        cf_build_columns(b, 0, store->terminal_label, "Till 收银台");
    }
    if (cf_build_or_empty(head->cashier)[0] != '\0') {
        cf_build_columns(b, 0, head->cashier, "Cashier 收银员");
    }
    cf_build_rule(b);
}

void cf_build_fiscal(struct cf_build *b, const struct cf_fiscal_answer *fiscal)
{
    char counters[64];
    if (!fiscal->is)
        return;
    cf_build_rule(b);
    if (fiscal->signature[0] == '\0') {
        cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, "Signing device out of order 税控设备故障");
        return;
    }
    (void)snprintf(counters, sizeof counters, "%" PRIu64 " / %" PRIu64, fiscal->transaction, fiscal->counter);
    cf_build_columns(b, 0, fiscal->serial, "Device 税控设备");
    cf_build_columns(b, 0, counters, "Transaction / signature 交易 / 签名");
    cf_build_text(b, CF_ALIGN_LEFT, 0, fiscal->signature);
}

void cf_build_foot(struct cf_build *b, const char *thanks, const char *chain_tag)
{
    cf_build_rule(b);
    cf_build_text(b, CF_ALIGN_CENTRE, 0, thanks);
    if (cf_build_or_empty(chain_tag)[0] != '\0') {
        char line[CF_CHAIN_TAG_CHARS + 16];
        (void)snprintf(line, sizeof line, "# %.*s", CF_CHAIN_TAG_CHARS, chain_tag);
        cf_build_text(b, CF_ALIGN_CENTRE, 0, line);
    }
    cf_build_blank(b);
    if (b->rc == CF_OK) {
        b->rc = cf_receipt_add_cut(b->receipt, b->err);
    }
}

void cf_build_signature(struct cf_build *b)
{
    cf_build_rule(b);
    cf_build_text(b, CF_ALIGN_LEFT, 0, "Signature 签名");
    cf_build_blank(b);
}

enum cf_rc cf_build_end(struct cf_build *b, struct cf_receipt **ret)
{
    if (b->rc != CF_OK) {
        cf_receipt_free(b->receipt);
        return b->rc;
    }
    *ret = b->receipt;
    return CF_OK;
}
