/*
 * app/cli/returned.c - see returned.h.
 */
#include "app/cli/returned.h"

#include <stdio.h>
#include <string.h>

#include "app/receipt/sale_receipt.h"

enum cf_rc cli_parse_milli(const char *text, int64_t *ret, struct cf_error *err)
{
    /* Kuwait's currency has three decimals: thousandths, by the one parser of decimals there is. */
    cf_money value;
    cf_currency thousandths = {"KWD"};
    if (cf_money_parse(text, thousandths, &value, NULL) != CF_OK)
        return cf_fail(err, CF_E_QUANTITY, "\"%s\" is not a quantity", text);
    *ret = value.minor;
    return CF_OK;
}

/* What becomes of what others took: one word for all of it. */
static const char *refund_name(const struct cf_till_returned *back)
{
    bool by_hand = false, asked = false;
    for (size_t i = 0; i < back->n_tenders; i++) {
        by_hand = by_hand || (!back->tenders[i].has_id &&
                              (back->tenders[i].kind == CF_TENDER_CARD || back->tenders[i].kind == CF_TENDER_MOBILE));
        asked = asked || back->tenders[i].has_id;
    }
    if (back->refund.rc == CF_E_PAYMENT_UNKNOWN)
        return "unknown";
    if (back->refund.rc != CF_OK)
        return "owed";
    return by_hand ? "by_hand" : asked ? "done" : "none";
}

void cli_print_returned(const struct cf_till_returned *back, cf_currency currency, const char *receipt_no)
{
    char amount[CF_MONEY_TEXT_MAX], of[CF_RECEIPT_NO_MAX];
    cf_receipt_no_format(back->of.terminal, back->of.epoch, back->of.seq, of);
    cf_money_format_signed((cf_money){back->total_minor, currency}, amount);
    printf("returned: %s of %s", amount, of);
    for (size_t i = 0; i < back->n_tenders; i++) {
        cf_money_format_signed((cf_money){back->tenders[i].amount_minor, currency}, amount);
        printf("%s%s %s", i == 0 ? ", refunded by " : ", ", cf_tender_kind_name(back->tenders[i].kind), amount);
    }
    if (back->exchange_minor > 0) {
        cf_money_format_signed((cf_money){back->exchange_minor, currency}, amount);
        printf(", %s into the exchange", amount);
    }
    if (back->has_credit) {
        cf_money_format_signed((cf_money){back->credit.amount_minor, currency}, amount);
        printf(", %s as store credit", amount);
    }
    if (back->n_stay > 0)
        printf(", %zu gift card%s stay%s", back->n_stay, back->n_stay == 1 ? "" : "s", back->n_stay == 1 ? "s" : "");
    if (strcmp(refund_name(back), "by_hand") == 0)
        printf(" (by hand, at the terminal)");
    if (back->refund.rc != CF_OK)
        printf(" — THE REFUND IS %s: %s", back->refund.rc == CF_E_PAYMENT_UNKNOWN ? "NOT KNOWN" : "OWED",
               back->refund.detail);
    if (back->points > 0)
        printf(", %lld points taken back", (long long)back->points);
    for (size_t i = 0; i < back->n_rights; i++)
        if (back->rights[i].index != CF_INDEX_NONE)
            printf(", coupon %u/%u %s", back->rights[i].campaign, back->rights[i].index,
                   back->rights[i].fate == CF_ON_RETURN_GIVE_BACK ? "is good again" : "stays used");
    for (size_t i = 0; i < back->n_revoked; i++)
        printf(", coupon %u/%u of its receipt %s", back->revoked[i].campaign, back->revoked[i].index,
               back->revoked[i].used ? "HAD BEEN USED" : "is void");
    printf(", receipt %s", receipt_no);
}

json_t *cli_index_json(uint32_t index)
{
    return index != CF_INDEX_NONE ? json_integer((json_int_t)index) : json_null();
}

json_t *cli_credit_json(const struct cf_till_card *credit)
{
    return json_pack("{s:I, s:I, s:s}", "account", (json_int_t)credit->account, "amount_minor",
                     (json_int_t)credit->amount_minor, "code", credit->code);
}

json_t *cli_returned_json(const struct cf_till_returned *back, const char *receipt_no)
{
    char of[CF_RECEIPT_NO_MAX];
    json_t *tenders = json_array(), *rights = json_array(), *revoked = json_array();
    cf_receipt_no_format(back->of.terminal, back->of.epoch, back->of.seq, of);
    for (size_t i = 0; i < back->n_tenders; i++)
        json_array_append_new(tenders, json_pack("{s:s, s:I}", "kind", cf_tender_kind_name(back->tenders[i].kind),
                                                 "amount_minor", (json_int_t)back->tenders[i].amount_minor));
    for (size_t i = 0; i < back->n_rights; i++)
        json_array_append_new(rights,
                              json_pack("{s:I, s:o, s:b, s:I, s:b}", "campaign", (json_int_t)back->rights[i].campaign,
                                        "index", cli_index_json(back->rights[i].index), "given_back",
                                        back->rights[i].fate == CF_ON_RETURN_GIVE_BACK, "cost_minor",
                                        (json_int_t)back->rights[i].cost_minor, "campaign_over", back->over[i]));
    for (size_t i = 0; i < back->n_revoked; i++)
        json_array_append_new(revoked,
                              json_pack("{s:I, s:I, s:b}", "campaign", (json_int_t)back->revoked[i].campaign, "index",
                                        (json_int_t)back->revoked[i].index, "was_used", back->revoked[i].used));
    json_t *json = json_pack("{s:I, s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:o, s:o}", "seq", (json_int_t)back->at.seq,
                             "return_no", (json_int_t)back->return_no, "receipt", receipt_no, "of", of, "of_sale_no",
                             (json_int_t)back->of.sale_no, "total_minor", (json_int_t)back->total_minor, "points",
                             (json_int_t)back->points, "refund", refund_name(back), "tenders", tenders, "rights",
                             rights, "revoked", revoked);
    if (back->exchange_minor > 0)
        json_object_set_new(json, "exchange_minor", json_integer(back->exchange_minor));
    if (back->has_credit)
        json_object_set_new(json, "store_credit", cli_credit_json(&back->credit));
    if (back->n_stay > 0)
        json_object_set_new(json, "lines_that_stay", json_integer((json_int_t)back->n_stay));
    return json;
}
