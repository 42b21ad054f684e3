/*
 * app/receipt/request_receipt.c - see request_receipt.h.
 */
#include "app/receipt/request_receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/receipt/build.h"

static void build_lines(struct cf_build *b, const struct cf_order *order)
{
    char quantity[32], amount[CF_BUILD_AMOUNT_MAX], unit[CF_BUILD_AMOUNT_MAX];
    for (size_t i = 0; i < order->n_lines; i++) {
        const struct cf_order_line *line = &order->lines[i];
        cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, line->name);
        cf_build_quantity(line->qty_milli, line->weighed, quantity);
        cf_build_columns(b, 0, cf_build_amount(b, line->amount_minor, amount), "  %s%s × %s", quantity,
                         line->weighed ? " kg" : "", cf_build_amount(b, line->unit_price_minor, unit));
    }
}

static void build_who(struct cf_build *b, const struct cf_request_record *request)
{
    char member[16];
    if (request->is_member) {
        cf_build_member(request->who, member);
        cf_build_columns(b, 0, member, "Member 会员");
    }
    if (request->name[0] != '\0') {
        cf_build_columns(b, 0, request->name, "For 顾客");
    }
    if (request->reach[0] != '\0') {
        cf_build_text(b, CF_ALIGN_RIGHT, 0, request->reach);
    }
}

static void build_where(struct cf_build *b, const struct cf_request_record *request)
{
    char number[32];
    if (request->asked != 0) {
        (void)snprintf(number, sizeof number, "%" PRIu32, request->asked);
        cf_build_columns(b, 0, number, "Asked of store 调货门店");
    }
    (void)snprintf(number, sizeof number, "%" PRIu32, request->at);
    cf_build_columns(b, 0, number, "To be fetched in store 取货门店");
}

enum cf_rc cf_request_receipt_build(const struct cf_request_receipt *facts, struct cf_receipt **ret,
                                    struct cf_error *err)
{
    struct cf_build b = {.currency = facts->currency, .err = err};
    char sum[CF_BUILD_AMOUNT_MAX];
    const struct cf_build_head head = {.store = facts->store,
                                       .title = "GOODS ORDERED 订货",
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = facts->request->cashier};
    struct cf_order *order = malloc(sizeof *order);
    if (order == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a slip");
    }
    b.rc = cf_request_order(facts->request, 0, order, err);
    if (b.rc == CF_OK) {
        b.rc = cf_receipt_new(&b.receipt, err);
    }
    if (b.rc != CF_OK) {
        free(order);
        return b.rc;
    }
    cf_build_head(&b, &head);
    build_where(&b, facts->request);
    build_who(&b, facts->request);
    cf_build_rule(&b);
    build_lines(&b, order);
    cf_build_rule(&b);
    cf_build_columns(&b, CF_STYLE_BOLD, cf_build_amount(&b, order->total_minor, sum),
                     "To be paid when fetched 取货时付");
    cf_build_text(&b, CF_ALIGN_LEFT, 0, "Nothing was paid 未付款");
    cf_build_foot(&b, NULL, facts->chain_tag);
    free(order);
    return cf_build_end(&b, ret);
}
