/*
 * app/terminal/till_scan.c - from a scanned text to whoever takes it.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

#include "base/text.h"

/* --- anything ----------------------------------------------------------------------------------------------------- */

static enum cf_rc scan_code(struct cf_till *till, const struct cf_scan *scan, const struct cf_till_answers *answers,
                            struct cf_till_scanned *ret, struct cf_error *err)
{
    struct cf_code code;
    enum cf_rc rc = cf_code_decode_text(scan->text, &code, err);
    if (rc != CF_OK)
        return rc;
    if (till->sale.state == CF_CHECKOUT_IDLE && (rc = till_refresh(till, err)) != CF_OK)
        return rc;
    switch (code.kind) {
    case CF_CODE_CARD:
    case CF_CODE_MEMBER:
        return till_scan_member(till, &code, err);
    case CF_CODE_COUPON:
        return till_scan_coupon(till, &code, err);
    case CF_CODE_TICKET:
        return till_scan_ticket(till, &code, err);
    case CF_CODE_ORDER:
        return till_scan_order(till, &code, answers, &ret->in_sale, err);
    case CF_CODE_VALUE: /* it pays: till_value.c */
    case CF_CODE_GRANT:
        break;
    }
    return cf_fail(err, CF_E_UNSUPPORTED, "grants come with the sync");
}

/* The code on a shopper's phone pays what is due. */
static enum cf_rc scan_payment(struct cf_till *till, const struct cf_scan *scan, struct cf_till_sold *ret,
                               struct cf_error *err)
{
    char code[CF_PAY_CODE_MAX + 1];
    if (till->mobile.ops == NULL)
        return cf_fail(err, CF_E_UNSUPPORTED, "take the payment on the payment terminal and enter its reference");
    enum cf_rc rc = cf_text_accept(scan->text, code, sizeof code, err);
    if (rc != CF_OK)
        return rc;
    struct cf_till_pay pay = {.kind = CF_TENDER_MOBILE, .code = code};
    return cf_till_pay(till, &pay, ret, err);
}

/* A card pays what is left on it, at most what is due. */
static enum cf_rc scan_value(struct cf_till *till, const struct cf_scan *scan, struct cf_till_sold *ret,
                             struct cf_error *err)
{
    const struct cf_till_value what = {.code = scan->text};
    return cf_till_value(till, &what, ret, NULL, err);
}

static enum cf_rc scan_quote(struct cf_till *till, const struct cf_scan *scan, const struct cf_till_answers *answers,
                             struct cf_error *err)
{
    char name[CF_QUOTE_CODE_MAX];
    const struct cf_till_unquote what = {.name = name, .answers = answers};
    enum cf_rc rc = cf_text_accept(scan->text, name, sizeof name, err);
    return rc == CF_OK ? cf_till_unquote(till, &what, NULL, err)
                       : cf_fail(err, CF_E_QUOTE_UNKNOWN, "its code is damaged");
}

enum cf_rc cf_till_scan(struct cf_till *till, cf_bytes text, struct cf_till_scanned *ret, struct cf_error *err)
{
    return cf_till_scan_with(till, text, NULL, ret, err);
}

enum cf_rc cf_till_scan_with(struct cf_till *till, cf_bytes text, const struct cf_till_answers *answers,
                             struct cf_till_scanned *ret, struct cf_error *err)
{
    struct cf_scan scan;
    struct cf_till_scanned scanned = {0};
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc != CF_OK)
        return rc;
    cf_scan_classify(text, &scan);
    scanned.kind = scan.kind;
    switch (scan.kind) {
    case CF_SCAN_PRODUCT:
    case CF_SCAN_GS1:
    case CF_SCAN_SKU:
    case CF_SCAN_PLU:
        if (till->sale.state == CF_CHECKOUT_IDLE)
            rc = till_refresh(till, err);
        if (rc == CF_OK)
            rc = till_scan_goods(till, &scan, answers, &scanned.line_no, err);
        break;
    case CF_SCAN_MEMBER_CARD:
    case CF_SCAN_MEMBER_CODE:
    case CF_SCAN_COUPON:
    case CF_SCAN_TICKET:
    case CF_SCAN_ORDER:
        rc = scan_code(till, &scan, answers, &scanned, err);
        scanned.coupon = till->sale.n_coupons ? till->sale.n_coupons - 1 : 0;
        break;
    case CF_SCAN_QUOTE:
        rc = scan_quote(till, &scan, answers, err);
        scanned.in_sale = rc == CF_OK;
        break;
    case CF_SCAN_GS1_COUPON:
        rc = cf_fail(err, CF_E_GS1_COUPON, "a coupon of AI %d", (int)scan.gs1.coupon_kind);
        break;
    case CF_SCAN_PAYMENT:
        rc = scan_payment(till, &scan, &scanned.sold, err);
        break;
    case CF_SCAN_VALUE:
        rc = scan_value(till, &scan, &scanned.sold, err);
        break;
    case CF_SCAN_COMMAND:
        rc = cf_fail(err, CF_E_UNSUPPORTED, "command codes are not taken here");
        break;
    case CF_SCAN_UNKNOWN:
        rc = cf_fail(err, scan.rc, "what was read is of no known kind");
        break;
    }
    if (rc == CF_OK && ret)
        *ret = scanned;
    return rc;
}
