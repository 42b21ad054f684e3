/*
 * app/terminal/till_search.c - what a view lists for somebody to choose from: goods by their name, the lines of a sale;
 * and what was sold last.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

/* --- goods
 * ------------------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_till_search(struct cf_till *till, const char *text, struct cf_product *ret, size_t cap, size_t *ret_n,
                          struct cf_error *err)
{
    size_t n = strlen(text);
    if (n < 2 || n > CF_NAME_MAX)
        return cf_fail(err, CF_E_RANGE, "a search takes 2 to %d characters", CF_NAME_MAX);
    return cf_replica_product_search(till->replica, text, ret, cap, ret_n, err);
}

/* --- the lines of a sale
 * ----------------------------------------------------------------------------------------------
 */

static enum cf_rc find_sale(struct cf_till *till, const char *receipt, struct cf_sale_ref *ret, struct cf_error *err)
{
    size_t n = strlen(receipt);
    if (!cf_sale_ref_parse(receipt, ret)) {
        if (n == 0 || n > 18 || strspn(receipt, "0123456789") != n)
            return cf_fail(err, CF_E_RETURN_SALE, "a receipt's number is TILL-EPOCH-NUMBER, or that of a sale here");
        *ret = (struct cf_sale_ref){.terminal = till->terminal, .epoch = till->epoch};
        return cf_journal_find_sale(till->journal, strtoull(receipt, NULL, 10), &ret->seq, err);
    }
    if (ret->terminal != till->terminal || ret->epoch != till->epoch)
        return cf_fail(err, CF_E_RETURN_SALE, "a sale of till %u", ret->terminal);
    return CF_OK;
}

static void fill_sold_line(struct cf_till *till, const struct cf_sale_line *line, uint32_t line_no, int64_t back_milli,
                           struct cf_till_sold_line *ret)
{
    struct cf_product product;
    *ret = (struct cf_till_sold_line){
        .line_no = line_no, .qty_milli = line->qty_milli, .left_milli = line->qty_milli - back_milli};
    int64_t gross_minor = 0;
    if (cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &gross_minor, NULL) == CF_OK)
        ret->amount_minor = gross_minor - line->discount_minor;
    if (cf_replica_product(till->replica, line->product, &product, NULL) == CF_OK)
        memcpy(ret->name, product.name, sizeof ret->name);
}

enum cf_rc cf_till_sold_lines(struct cf_till *till, const char *receipt, struct cf_till_sold_line *ret, size_t cap,
                              size_t *ret_n, struct cf_error *err)
{
    struct cf_sale *sale = NULL;
    struct cf_sale_ref of;
    int64_t *back = calloc(CF_CART_LINES_MAX, sizeof *back);
    enum cf_rc rc = back != NULL ? cf_sale_new(&sale, err) : cf_fail(err, CF_E_NO_MEMORY, "a sale");
    if (rc == CF_OK)
        rc = find_sale(till, receipt, &of, err);
    if (rc == CF_OK)
        rc = cf_journal_sale(till->journal, of.seq, sale, err);
    if (rc == CF_OK) {
        of.sale_no = sale->sale_no;
        rc = cf_journal_returned(till->journal, &of, back, err);
    }
    size_t n = 0;
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines && n < cap; i++)
        fill_sold_line(till, &sale->lines[i], (uint32_t)i + 1, back[i], &ret[n++]);
    if (rc == CF_OK)
        *ret_n = n;
    cf_sale_free(sale);
    free(back);
    return rc;
}

/* --- what was sold last
 * -----------------------------------------------------------------------------------------------
 */

#define LAST_MAX 32 /* records that a sale may lie back and still be the last: logins, prints, the drawer */

struct last {
    struct cf_sale *sale;
    struct cf_committed at;
    bool is;
};

static enum cf_rc take_sale(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    struct last *last = ctx;
    (void)body_hash;
    if (record->type != CF_RECORD_SALE || record->body.p == NULL)
        return CF_OK;
    enum cf_rc rc = cf_sale_decode(record->body, last->sale, err);
    last->is = rc == CF_OK;
    last->at = (struct cf_committed){.seq = record->seq, .hash = *hash, .wall = {.us = record->wall_ms * CF_US_PER_MS}};
    return rc;
}

static void tell_last(const struct last *last, struct cf_till_sold *ret, int64_t *ret_cash_minor)
{
    const struct cf_sale *sale = last->sale;
    *ret = (struct cf_till_sold){.committed = true,
                                 .at = last->at,
                                 .sale_no = sale->sale_no,
                                 .total_minor = sale->tenders.total_minor,
                                 .change_minor = cf_tenders_change(&sale->tenders)};
    *ret_cash_minor = 0;
    for (size_t i = 0; i < sale->tenders.n; i++)
        if (sale->tenders.tender[i].kind == CF_TENDER_CASH)
            *ret_cash_minor += sale->tenders.tender[i].amount_minor;
}

enum cf_rc cf_till_last_sale(struct cf_till *till, struct cf_till_sold *ret, int64_t *ret_cash_minor,
                             struct cf_error *err)
{
    struct cf_journal_head head;
    struct last last = {.sale = NULL};
    enum cf_rc rc = cf_sale_new(&last.sale, err);
    if (rc == CF_OK)
        rc = cf_journal_head(till->journal, &head, err);
    for (uint64_t back = 0; rc == CF_OK && !last.is && back < LAST_MAX && back < head.seq; back++)
        rc = cf_journal_read(till->journal, head.seq - back, 1, take_sale, &last, err);
    if (rc == CF_OK && !last.is)
        rc = cf_fail(err, CF_E_NOT_FOUND, "no sale among the last records");
    if (rc == CF_OK)
        tell_last(&last, ret, ret_cash_minor);
    cf_sale_free(last.sale);
    return rc;
}
