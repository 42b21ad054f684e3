/*
 * app/receipt/open_return_receipt.c - see open_return_receipt.h. Amounts stand as they are given: without a sign.
 */
#include "app/receipt/open_return_receipt.h"

#include <stdio.h>

#include "app/core/tax.h"
#include "app/receipt/build.h"

static void build_lines(struct cf_build *b, const struct cf_open_return_receipt *facts)
{
    char amount[CF_BUILD_AMOUNT_MAX], each[CF_BUILD_AMOUNT_MAX], quantity[32];
    for (size_t i = 0; i < facts->back->n_lines; i++) {
        const struct cf_open_return_line *line = &facts->back->lines[i];
        const struct cf_receipt_line *label = &facts->lines[i];
        int64_t gross = 0;
        if (cf_open_return_line_gross(line, &gross, NULL) != CF_OK)
            gross = 0; /* the record has been checked */
        cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, cf_build_or_empty(label->name));
        cf_build_quantity(line->qty_milli, label->weighed, quantity);
        cf_build_columns(b, 0, cf_build_amount(b, gross, amount), "  %s%s x %s", quantity, label->weighed ? " kg" : "",
                         cf_build_amount(b, line->unit_price_minor, each));
    }
    cf_build_rule(b);
}

static void build_sums(struct cf_build *b, const struct cf_open_return *back)
{
    char sum[CF_BUILD_AMOUNT_MAX];
    bool exclusive = !cf_tax_is_inclusive(back->tax_mode);
    if (back->tax_minor > 0)
        cf_build_columns(b, 0, cf_build_amount(b, back->tax_minor, sum), exclusive ? "Tax 税" : "incl. tax 含税");
    cf_money_format_signed((cf_money){.minor = back->total_minor, .currency = back->currency}, sum);
    cf_build_columns(b, CF_STYLE_BOLD | CF_STYLE_TALL | CF_STYLE_WIDE, sum, "REFUND 退款");
    cf_build_columns(b, 0, cf_build_amount(b, back->cash_minor, sum), "%s",
                     cf_build_tender(back->has_credit ? CF_TENDER_STORE_CREDIT : CF_TENDER_CASH));
    cf_build_columns(b, 0, back->reason, "Reason 原因");
}

enum cf_rc cf_open_return_receipt_build(const struct cf_open_return_receipt *facts, struct cf_receipt **ret,
                                        struct cf_error *err)
{
    const struct cf_open_return *back = facts->back;
    struct cf_build b = {.currency = back->currency, .err = err};
    const struct cf_build_head head = {.store = facts->store,
                                       .title = back->has_card ? "CARD TAKEN BACK 礼品卡退款"
                                                               : "RETURN, NO RECEIPT 无小票退货",
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = back->cashier};
    b.rc = cf_receipt_new(&b.receipt, err);
    if (b.rc != CF_OK)
        return b.rc;
    cf_build_head(&b, &head);
    build_lines(&b, facts);
    build_sums(&b, back);
    if (facts->credit != NULL)
        cf_build_code(&b, facts->credit, "Store credit 储值", facts->store->utc_offset_min);
    cf_build_signature(&b);
    cf_build_fiscal(&b, &back->fiscal);
    cf_build_foot(&b, NULL, facts->chain_tag);
    return cf_build_end(&b, ret);
}
