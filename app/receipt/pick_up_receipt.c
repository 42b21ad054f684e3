/*
 * app/receipt/pick_up_receipt.c - see pick_up_receipt.h.
 */
#include "app/receipt/pick_up_receipt.h"

#include <inttypes.h>
#include <stdio.h>

#include "app/receipt/build.h"

static void build_lines(struct cf_build *b, const struct cf_order *order, const struct cf_pick_up *taken)
{
    char quantity[32], ordered[32], amount[CF_BUILD_AMOUNT_MAX];
    for (size_t i = 0; i < taken->n_lines; i++) {
        const struct cf_order_line *line = &order->lines[taken->lines[i].line_no - 1];
        const char *unit = line->weighed ? " kg" : "";
        int64_t part = 0;
        if (cf_muldiv_round(line->amount_minor, taken->lines[i].qty_milli, line->qty_milli, &part, NULL) != CF_OK) {
            part = line->amount_minor;
        }
        cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, line->name);
        cf_build_quantity(taken->lines[i].qty_milli, line->weighed, quantity);
        cf_build_quantity(line->qty_milli, line->weighed, ordered);
        cf_build_columns(b, 0, cf_build_amount(b, part, amount), "  %s%s of 共 %s%s", quantity, unit, ordered, unit);
    }
}

static void build_rest(struct cf_build *b, const struct cf_order *rest)
{
    char quantity[32];
    cf_build_rule(b);
    cf_build_text(b, CF_ALIGN_LEFT, CF_STYLE_BOLD, "Still to be picked up 待取");
    for (size_t i = 0; i < rest->n_lines; i++) {
        cf_build_quantity(rest->lines[i].qty_milli, rest->lines[i].weighed, quantity);
        cf_build_columns(b, 0, quantity, "%s", rest->lines[i].name);
    }
}

enum cf_rc cf_pick_up_receipt_build(const struct cf_pick_up_receipt *facts, struct cf_receipt **ret,
                                    struct cf_error *err)
{
    const struct cf_pick_up *taken = facts->taken;
    struct cf_order rest = *facts->order;
    struct cf_build b = {.currency = facts->currency, .err = err};
    char number[32], sum[CF_BUILD_AMOUNT_MAX];
    const struct cf_build_head head = {.store = facts->store,
                                       .title = "PICK-UP 取货",
                                       .terminal = facts->terminal,
                                       .epoch = facts->epoch,
                                       .seq = facts->seq,
                                       .at = facts->at,
                                       .cashier = taken->cashier};
    b.rc = cf_order_rest(&rest, taken->lines, taken->n_lines, err);
    if (b.rc == CF_OK) {
        b.rc = cf_receipt_new(&b.receipt, err);
    }
    if (b.rc != CF_OK) {
        return b.rc;
    }
    cf_build_head(&b, &head);
    (void)snprintf(number, sizeof number, "%" PRIu32, taken->claim.order);
    cf_build_columns(&b, CF_STYLE_BOLD, number, "Order 订单");
    cf_build_rule(&b);
    build_lines(&b, facts->order, taken);
    cf_build_rule(&b);
    cf_money_format_signed((cf_money){taken->amount_minor, facts->currency}, sum);
    cf_build_columns(&b, CF_STYLE_BOLD, sum, "Paid online 线上已付");
    if (rest.n_lines > 0) {
        build_rest(&b, &rest);
    }
    cf_build_signature(&b);
    cf_build_fiscal(&b, &taken->fiscal);
    cf_build_foot(&b, NULL, facts->chain_tag);
    return cf_build_end(&b, ret);
}
