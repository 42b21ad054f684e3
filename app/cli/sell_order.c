/*
 * app/cli/sell_order.c - see sell_order.h.
 */
#include "app/cli/sell_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/cli/returned.h"

json_t *sell_order_json(const struct cf_order *order)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < order->n_lines; i++) {
        const struct cf_order_line *line = &order->lines[i];
        json_array_append_new(lines, json_pack("{s:I, s:s, s:I, s:I}", "line", (json_int_t)i + 1, "name", line->name,
                                               "qty_milli", (json_int_t)line->qty_milli, "amount_minor",
                                               (json_int_t)line->amount_minor));
    }
    return json_pack("{s:I, s:I, s:s, s:I, s:o}", "order", (json_int_t)order->number, "generation",
                     (json_int_t)order->generation, "kind", cf_order_kind_name(order->kind), "total_minor",
                     (json_int_t)order->total_minor, "lines", lines);
}

void sell_order_print(const struct cf_order *order, cf_currency currency)
{
    char amount[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){order->total_minor, currency}, amount);
    printf("order %lu, %s %s:", (unsigned long)order->number, amount,
           order->kind == CF_ORDER_UNPAID ? "to be paid here" : "paid online");
    for (size_t i = 0; i < order->n_lines; i++)
        printf("%s %lld.%03lld × %s", i == 0 ? "" : ",", (long long)(order->lines[i].qty_milli / 1000),
               (long long)(order->lines[i].qty_milli % 1000), order->lines[i].name);
    putchar('\n');
}

json_t *sell_handed_out_json(const struct cf_till_handed_out *out, const char *receipt_no)
{
    return json_pack("{s:I, s:I, s:I, s:s, s:b, s:I}", "seq", (json_int_t)out->at.seq, "order", (json_int_t)out->order,
                     "generation", (json_int_t)out->generation, "receipt", receipt_no, "whole", out->whole,
                     "amount_minor", (json_int_t)out->amount_minor);
}

enum cf_rc sell_order_lines(const char *text, struct cf_taken_line ret[CF_ORDER_LINES_MAX], size_t *ret_n,
                            struct cf_error *err)
{
    size_t n = 0;
    while (*text != '\0') {
        char quantity[16], *end;
        unsigned long line = strtoul(text, &end, 10);
        if (end == text || line == 0 || line > CF_ORDER_LINES_MAX || n == CF_ORDER_LINES_MAX)
            return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is no line of an order", text);
        ret[n] = (struct cf_taken_line){.line_no = (uint32_t)line};
        if (*end == '=') {
            size_t length = strcspn(end + 1, ",");
            if (length >= sizeof quantity)
                return cf_fail(err, CF_E_QUANTITY, "\"%s\"", end + 1);
            memcpy(quantity, end + 1, length);
            quantity[length] = '\0';
            enum cf_rc rc = cli_parse_milli(quantity, &ret[n].qty_milli, err);
            if (rc == CF_OK && ret[n].qty_milli <= 0)
                rc = cf_fail(err, CF_E_QUANTITY, "\"%s\"", quantity);
            if (rc != CF_OK)
                return rc;
            end += 1 + length;
        }
        n++;
        if (*end != '\0' && *end != ',')
            return cf_fail(err, CF_E_ARGUMENT, "\"%s\": lines are named 1=2,3", end);
        text = *end == ',' ? end + 1 : end;
    }
    *ret_n = n;
    return CF_OK;
}
