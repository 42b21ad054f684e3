/*
 * app/terminal/fiscal_port.c - see fiscal_port.h.
 */
#include "app/terminal/fiscal_port.h"

#include <string.h>

static enum cf_rc add_line(const struct cf_sale_line *line, struct cf_fiscal_facts *facts, struct cf_error *err)
{
    int64_t due = 0;
    size_t i = 0;
    while (i < facts->n_rates && facts->rates[i].tax_bp != line->tax_bp)
        i++;
    if (i == CF_SALE_RATES_MAX)
        return cf_fail(err, CF_E_RANGE, "more than %d tax rates", CF_SALE_RATES_MAX);
    if (i == facts->n_rates)
        facts->rates[facts->n_rates++] = (struct cf_fiscal_rate){.tax_bp = line->tax_bp};
    enum cf_rc rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &due, err);
    if (rc == CF_OK)
        rc = cf_sub_i64(due, line->discount_minor, &due, err);
    return rc == CF_OK ? cf_add_i64(facts->rates[i].due_minor, due, &facts->rates[i].due_minor, err) : rc;
}

enum cf_rc cf_fiscal_facts_of(const struct cf_sale *sale, cf_wall at, struct cf_fiscal_facts *ret, struct cf_error *err)
{
    struct cf_fiscal_facts facts = {.sale_no = sale->sale_no,
                                    .at = at,
                                    .currency = sale->currency,
                                    .tax_mode = sale->tax_mode,
                                    .total_minor = sale->total_minor,
                                    .tax_minor = sale->tax_minor,
                                    .cash_minor = -sale->change_minor};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines; i++)
        rc = add_line(&sale->lines[i], &facts, err);
    for (size_t i = 0; rc == CF_OK && i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        int64_t *into = tender->kind == CF_TENDER_CASH ? &facts.cash_minor : &facts.other_minor;
        rc = cf_add_i64(*into, tender->amount_minor, into, err);
    }
    if (rc == CF_OK)
        *ret = facts;
    return rc;
}

void cf_fiscal_sign(const struct cf_fiscal_port *port, const struct cf_sale *sale, cf_wall at,
                    struct cf_sale_fiscal *ret)
{
    struct cf_sale_fiscal signature = {.is = true};
    struct cf_fiscal_facts facts;
    uint64_t transaction = 0;
    memset(ret, 0, sizeof *ret);
    if (!port->ops)
        return;
    enum cf_rc rc = port->ops->start(port->ctx, sale->sale_no, &transaction, NULL);
    if (rc == CF_OK)
        rc = cf_fiscal_facts_of(sale, at, &facts, NULL);
    if (rc == CF_OK)
        rc = port->ops->finish(port->ctx, transaction, &facts, &signature, NULL);
    signature.is = true;
    signature.transaction = transaction & INT64_MAX;
    signature.counter &= INT64_MAX;
    signature.serial[sizeof signature.serial - 1] = signature.signature[sizeof signature.signature - 1] = '\0';
    if (rc != CF_OK || signature.signature[0] == '\0' || cf_sale_fiscal_check(&signature, NULL) != CF_OK)
        signature = (struct cf_sale_fiscal){.is = true, .transaction = transaction & INT64_MAX};
    *ret = signature;
}
