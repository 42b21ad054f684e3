/*
 * app/cli/sell_quote.c - see sell_quote.h.
 */
#include "app/cli/sell_quote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *sell_quoted_json(const struct cf_till_quoted *quoted, const char *receipt_no)
{
    return json_pack("{s:I, s:I, s:s, s:s, s:I, s:I, s:I}", "seq", (json_int_t)quoted->at.seq, "number",
                     (json_int_t)quoted->sale_no, "receipt", receipt_no, "code", quoted->code, "total_minor",
                     (json_int_t)quoted->total_minor, "expires_s", (json_int_t)quoted->expires_s, "coupons_left_out",
                     (json_int_t)quoted->n_coupons);
}

void sell_quoted_print(const struct cf_till_quoted *quoted, const char *receipt_no, cf_currency currency,
                       int32_t utc_offset_min)
{
    char amount[CF_MONEY_TEXT_MAX];
    uint32_t day = cf_wall_date((cf_wall){quoted->expires_s * CF_US_PER_S}, utc_offset_min);
    cf_money_format_signed((cf_money){quoted->total_minor, currency}, amount);
    printf("quotation %s, %s until %04u-%02u-%02u, code %s%s\n", receipt_no, amount, day / 10000, day / 100 % 100,
           day % 100, quoted->code, quoted->n_coupons != 0 ? " (coupons are not part of it)" : "");
}

json_t *sell_unquoted_json(const struct cf_till_unquoted *unquoted)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "terminal", (json_int_t)unquoted->of.terminal, "epoch",
                     (json_int_t)unquoted->of.epoch, "seq", (json_int_t)unquoted->of.seq, "number",
                     (json_int_t)unquoted->of.sale_no, "total_minor", (json_int_t)unquoted->total_minor, "lines",
                     (json_int_t)unquoted->n_lines, "taxed_anew", (json_int_t)unquoted->n_taxed_anew, "cheaper_now",
                     (json_int_t)unquoted->n_cheaper_now);
}

void sell_unquoted_print(const struct cf_till_unquoted *unquoted, cf_currency currency)
{
    char amount[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){unquoted->total_minor, currency}, amount);
    printf("quotation %u-%u-%06llu of %s: %zu lines\n", unquoted->of.terminal, unquoted->of.epoch,
           (unsigned long long)unquoted->of.seq, amount, unquoted->n_lines);
    if (unquoted->n_taxed_anew != 0)
        printf("          tax changed since on %zu of them\n", unquoted->n_taxed_anew);
    if (unquoted->n_cheaper_now != 0)
        printf("          %zu of them cost less today: cancel, and unquote NAME today\n", unquoted->n_cheaper_now);
}

enum cf_rc sell_unquote_words(const char *const *word, size_t n, struct cf_till_answers *answers,
                              struct cf_till_unquote *ret, struct cf_error *err)
{
    *answers = (struct cf_till_answers){.of_age = false};
    *ret = (struct cf_till_unquote){.name = word[0], .answers = answers};
    for (size_t i = 1; i < n; i++) {
        if (strcmp(word[i], "today") == 0)
            ret->today = true;
        else if (strcmp(word[i], "seen") == 0)
            answers->of_age = true;
        else
            return cf_fail(err, CF_E_ARGUMENT, "it takes: unquote CODE|NUMBER [today] [seen]");
    }
    return CF_OK;
}

enum cf_rc sell_quote_days(const char *text, uint32_t *ret, struct cf_error *err)
{
    char *end;
    unsigned long days = strtoul(text, &end, 10);
    if (text[0] == '\0') {
        *ret = 0;
        return CF_OK;
    }
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || days < 1 || days > CF_QUOTE_DAYS_MAX)
        return cf_fail(err, CF_E_ARGUMENT, "\"%s\": 1 to %d days", text, CF_QUOTE_DAYS_MAX);
    *ret = (uint32_t)days;
    return CF_OK;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

typedef void (*quote_fn)(void *ctx, const struct cf_till_quote *quote, const struct cf_store_settings *store);

static enum cf_rc each_quote(struct cf_till *till, quote_fn each, void *ctx, struct cf_error *err)
{
    struct cf_till_quote *list = calloc(CF_TILL_PAGE_MAX, sizeof *list);
    size_t n = CF_TILL_PAGE_MAX;
    uint64_t before = 0;
    enum cf_rc rc = list != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a list");
    while (rc == CF_OK && n == CF_TILL_PAGE_MAX) {
        rc = cf_till_quotes(till, before, list, &n, err);
        for (size_t i = 0; rc == CF_OK && i < n; i++) {
            before = list[i].seq;
            each(ctx, &list[i], cf_till_store(till));
        }
    }
    free(list);
    return rc;
}

static void append_quote(void *ctx, const struct cf_till_quote *quote, const struct cf_store_settings *store)
{
    char at[CF_WALL_TEXT_MAX];
    (void)store;
    cf_wall_format(quote->at, 0, at);
    json_array_append_new(
        ctx, json_pack("{s:I, s:I, s:s, s:s, s:I, s:I, s:b, s:b, s:I, s:s}", "seq", (json_int_t)quote->seq, "number",
                       (json_int_t)quote->number, "code", quote->code, "at", at, "expires_s",
                       (json_int_t)quote->expires_s, "total_minor", (json_int_t)quote->total_minor, "used", quote->used,
                       "expired", quote->expired, "lines", (json_int_t)quote->n_lines, "first_line", quote->first));
}

enum cf_rc sell_quotes_json(struct cf_till *till, json_t **ret, struct cf_error *err)
{
    json_t *list = json_array();
    enum cf_rc rc = each_quote(till, append_quote, list, err);
    if (rc == CF_OK)
        *ret = list;
    else
        json_decref(list);
    return rc;
}

static void print_quote(void *ctx, const struct cf_till_quote *quote, const struct cf_store_settings *store)
{
    char amount[CF_MONEY_TEXT_MAX], until[CF_WALL_TEXT_MAX];
    cf_wall end = cf_wall_from_s(quote->expires_s);
    (void)ctx;
    cf_money_format_signed((cf_money){quote->total_minor, store->currency}, amount);
    cf_wall_format(end, cf_store_offset_min(store, end), until);
    printf("          quotation %llu: %s", (unsigned long long)quote->number, quote->first);
    if (quote->n_lines > 1)
        printf(" and %zu more", quote->n_lines - 1);
    printf("; %s; until %s%s; %s\n", amount, until,
           quote->used      ? "; sold"
           : quote->expired ? "; over"
                            : "",
           quote->code);
}

enum cf_rc sell_quotes_print(struct cf_till *till, struct cf_error *err)
{
    return each_quote(till, print_quote, NULL, err);
}
