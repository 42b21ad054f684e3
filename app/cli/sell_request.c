/*
 * app/cli/sell_request.c - see sell_request.h.
 */
#include "app/cli/sell_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/receipt/sale_receipt.h"

/* --- words -------------------------------------------------------------------------------------------------------- */

static bool take(const char *from, size_t n, char *ret, size_t size)
{
    while (n > 0 && *from == ' ') {
        from++;
        n--;
    }
    while (n > 0 && from[n - 1] == ' ')
        n--;
    if (n >= size)
        return false;
    memcpy(ret, from, n);
    ret[n] = '\0';
    return true;
}

enum cf_rc sell_who_parse(const char *text, struct sell_who *ret, struct cf_error *err)
{
    const char *comma = strchr(text, ',');
    size_t n = comma != NULL ? (size_t)(comma - text) : strlen(text);
    *ret = (struct sell_who){.name = ""};
    if (!take(text, n, ret->name, sizeof ret->name) ||
        (comma != NULL && !take(comma + 1, strlen(comma + 1), ret->reach, sizeof ret->reach)))
        return cf_fail(err, CF_E_ARGUMENT, "a name and how to be told are at most %d bytes each, as: NAME, PHONE",
                       CF_REQUEST_NAME_MAX);
    return CF_OK;
}

static bool is_number(const char *text, uint32_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' || number == 0 || number > UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

enum cf_rc sell_request_parse(const char *text, uint32_t *ret_number, struct cf_sale_ref *ret_of, struct cf_error *err)
{
    *ret_number = 0;
    if (is_number(text, ret_number) || cf_sale_ref_parse(text, ret_of))
        return CF_OK;
    return cf_fail(err, CF_E_ARGUMENT, "\"%s\" is neither the number of an order nor of a slip", text);
}

enum cf_rc sell_store_parse(const char *text, uint32_t *ret, struct cf_error *err)
{
    return is_number(text, ret) ? CF_OK : cf_fail(err, CF_E_ARGUMENT, "\"%s\" is no number of a store", text);
}

/* --- what was asked ----------------------------------------------------------------------------------------------- */

json_t *sell_asked_json(const struct cf_till_asked *asked, const char *receipt_no)
{
    return json_pack("{s:I, s:s, s:I, s:I}", "seq", (json_int_t)asked->at.seq, "receipt", receipt_no, "lines",
                     (json_int_t)asked->n_lines, "total_minor", (json_int_t)asked->total_minor);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

typedef void (*request_fn)(void *ctx, const struct cf_till_request *request);

static enum cf_rc each_request(struct cf_till *till, request_fn each, void *ctx, struct cf_error *err)
{
    struct cf_till_request_page page = {0};
    struct cf_till_request *list = calloc(CF_TILL_PAGE_MAX, sizeof *list);
    size_t n = CF_TILL_PAGE_MAX;
    enum cf_rc rc = list != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a list");
    while (rc == CF_OK && n == CF_TILL_PAGE_MAX) {
        rc = cf_till_requests(till, &page, list, &n, err);
        for (size_t i = 0; rc == CF_OK && i < n; i++)
            each(ctx, &list[i]);
    }
    free(list);
    return rc;
}

static void append_request(void *ctx, const struct cf_till_request *request)
{
    char slip[CF_RECEIPT_NO_MAX], at[CF_WALL_TEXT_MAX];
    json_t *may = json_array();
    for (int act = CF_REQUEST_WITHDRAW; act <= CF_REQUEST_ACT_LAST; act++)
        if ((request->may & 1u << act) != 0)
            json_array_append_new(may, json_string(cf_request_act_name((enum cf_request_act)act)));
    cf_receipt_no_format(request->of.terminal, request->of.epoch, request->of.seq, slip);
    cf_wall_format(cf_wall_from_s(request->asked_s), 0, at);
    json_t *json =
        json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:s, s:s, s:o}", "order", (json_int_t)request->number,
                  "slip", slip, "state", cf_request_state_name(request->state), "asking", (json_int_t)request->asking,
                  "asked", (json_int_t)request->asked, "fetched_in", (json_int_t)request->at, "asked_at", at, "lines",
                  (json_int_t)request->n_lines, "first_line", request->first, "reason", request->reason, "may", may);
    if (request->name[0] != '\0')
        json_object_set_new(json, "name", cli_json_text(cf_bytes_str(request->name)));
    if (request->reach[0] != '\0')
        json_object_set_new(json, "reach", cli_json_text(cf_bytes_str(request->reach)));
    json_array_append_new(ctx, json);
}

enum cf_rc sell_requests_json(struct cf_till *till, json_t **ret, struct cf_error *err)
{
    json_t *list = json_array();
    enum cf_rc rc = each_request(till, append_request, list, err);
    if (rc == CF_OK)
        *ret = list;
    else
        json_decref(list);
    return rc;
}

static void print_request(void *ctx, const struct cf_till_request *request)
{
    char slip[CF_RECEIPT_NO_MAX];
    (void)ctx;
    cf_receipt_no_format(request->of.terminal, request->of.epoch, request->of.seq, slip);
    printf("          ");
    if (request->number != 0)
        printf("order %lu, ", (unsigned long)request->number);
    printf("slip %s: %s", slip, request->first);
    if (request->n_lines > 1)
        printf(" and %zu more", request->n_lines - 1);
    printf("; %s", request->number != 0 ? cf_request_state_name(request->state) : "not heard of yet");
    if (request->reason[0] != '\0')
        printf(": %s", request->reason);
    if (request->asked != 0)
        printf("; asked of store %lu by %lu", (unsigned long)request->asked, (unsigned long)request->asking);
    printf("; fetched in store %lu", (unsigned long)request->at);
    if (request->name[0] != '\0')
        printf("; for %s%s%s", request->name, request->reach[0] != '\0' ? ", " : "", request->reach);
    putchar('\n');
}

enum cf_rc sell_requests_print(struct cf_till *till, struct cf_error *err)
{
    return each_request(till, print_request, NULL, err);
}

typedef void (*order_fn)(void *ctx, const struct cf_till_order *order, cf_currency currency);

static enum cf_rc each_order(struct cf_till *till, order_fn each, void *ctx, struct cf_error *err)
{
    struct cf_till_order *list = calloc(CF_TILL_PAGE_MAX, sizeof *list);
    size_t n = CF_TILL_PAGE_MAX;
    uint32_t after = 0;
    enum cf_rc rc = list != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a list");
    while (rc == CF_OK && n == CF_TILL_PAGE_MAX) {
        rc = cf_till_orders(till, after, list, &n, err);
        for (size_t i = 0; rc == CF_OK && i < n; i++) {
            after = list[i].number;
            each(ctx, &list[i], cf_till_store(till)->currency);
        }
    }
    free(list);
    return rc;
}

static void append_order(void *ctx, const struct cf_till_order *order, cf_currency currency)
{
    char ready[CF_WALL_TEXT_MAX], expires[CF_WALL_TEXT_MAX];
    (void)currency;
    cf_wall_format(cf_wall_from_s(order->ready_s), 0, ready);
    cf_wall_format(cf_wall_from_s(order->expires_s), 0, expires);
    json_array_append_new(ctx, json_pack("{s:I, s:I, s:s, s:b, s:s, s:s, s:I, s:I, s:s}", "order",
                                         (json_int_t)order->number, "generation", (json_int_t)order->generation, "kind",
                                         cf_order_kind_name(order->kind), "here", order->here, "ready_from", ready,
                                         "expires", expires, "total_minor", (json_int_t)order->total_minor, "lines",
                                         (json_int_t)order->n_lines, "first_line", order->first));
}

enum cf_rc sell_orders_json(struct cf_till *till, json_t **ret, struct cf_error *err)
{
    json_t *list = json_array();
    enum cf_rc rc = each_order(till, append_order, list, err);
    if (rc == CF_OK)
        *ret = list;
    else
        json_decref(list);
    return rc;
}

static void print_order(void *ctx, const struct cf_till_order *order, cf_currency currency)
{
    char amount[CF_MONEY_TEXT_MAX], until[CF_WALL_TEXT_MAX];
    (void)ctx;
    cf_money_format_signed((cf_money){order->total_minor, currency}, amount);
    cf_wall_format(cf_wall_from_s(order->expires_s), 0, until);
    printf("          order %lu: %s", (unsigned long)order->number, order->first);
    if (order->n_lines > 1)
        printf(" and %zu more", order->n_lines - 1);
    printf("; %s %s; until %s%s\n", amount, order->kind == CF_ORDER_UNPAID ? "to be paid here" : "paid online", until,
           order->here ? "" : "; at another till");
}

enum cf_rc sell_orders_print(struct cf_till *till, struct cf_error *err)
{
    return each_order(till, print_order, NULL, err);
}
