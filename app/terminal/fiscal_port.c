/*
 * app/terminal/fiscal_port.c - see fiscal_port.h.
 */
#include "app/terminal/fiscal_port.h"

#include <string.h>

/* --- what is told ---------------------------------------------------------------------------------------------------
 */

static enum cf_rc add_due(struct cf_fiscal_facts *facts, uint32_t tax_bp, int64_t due_minor, struct cf_error *err)
{
    size_t i = 0;
    while (i < facts->n_rates && facts->rates[i].tax_bp != tax_bp)
        i++;
    if (i == CF_SALE_RATES_MAX)
        return cf_fail(err, CF_E_RANGE, "more than %d tax rates", CF_SALE_RATES_MAX);
    if (i == facts->n_rates)
        facts->rates[facts->n_rates++] = (struct cf_fiscal_rate){.tax_bp = tax_bp};
    return cf_add_i64(facts->rates[i].due_minor, due_minor, &facts->rates[i].due_minor, err);
}

static enum cf_rc add_paid(struct cf_fiscal_facts *facts, enum cf_tender_kind kind, int64_t amount_minor,
                           struct cf_error *err)
{
    int64_t *into = kind == CF_TENDER_CASH ? &facts->cash_minor : &facts->other_minor;
    return cf_add_i64(*into, amount_minor, into, err);
}

static enum cf_rc add_sale(const struct cf_sale *sale, struct cf_fiscal_facts *facts, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    facts->total_minor = sale->total_minor;
    facts->tax_minor = sale->tax_minor;
    facts->cash_minor = -sale->change_minor;
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        int64_t due = 0;
        rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &due, err);
        if (rc == CF_OK)
            rc = cf_sub_i64(due, line->discount_minor, &due, err);
        if (rc == CF_OK)
            rc = add_due(facts, line->tax_bp, due, err);
    }
    for (size_t i = 0; rc == CF_OK && i < sale->tenders.n; i++)
        rc = add_paid(facts, sale->tenders.tender[i].kind, sale->tenders.tender[i].amount_minor, err);
    return rc;
}

/* Amounts of returns are never below zero, so that each has a negative. */
static enum cf_rc add_return(const struct cf_return *back, struct cf_fiscal_facts *facts, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    facts->total_minor = -back->total_minor;
    facts->tax_minor = -back->tax_minor;
    for (size_t i = 0; rc == CF_OK && i < back->n_lines; i++) {
        const struct cf_return_line *line = &back->lines[i];
        if (line->qty_milli > 0) /* else it came back before */
            rc = add_due(facts, line->tax_bp, line->discount_minor - line->gross_minor, err);
    }
    struct cf_return_paid paid[CF_RETURN_PAID_MAX];
    size_t n_paid = cf_return_paid(back, paid);
    for (size_t i = 0; rc == CF_OK && i < n_paid; i++)
        rc = add_paid(facts, paid[i].kind, -paid[i].amount_minor, err);
    return rc;
}

static enum cf_rc add_open_return(const struct cf_open_return *back, struct cf_fiscal_facts *facts,
                                  struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    facts->total_minor = -back->total_minor;
    facts->tax_minor = -back->tax_minor;
    *(back->has_credit ? &facts->other_minor : &facts->cash_minor) = -back->cash_minor;
    for (size_t i = 0; rc == CF_OK && i < back->n_lines; i++) {
        int64_t gross = 0;
        rc = cf_open_return_line_gross(&back->lines[i], &gross, err);
        if (rc == CF_OK)
            rc = add_due(facts, back->lines[i].tax_bp, -gross, err);
    }
    return rc;
}

/* --- asking ---------------------------------------------------------------------------------------------------------
 */

static bool is_asked(const struct cf_fiscal_port *port, struct cf_fiscal_answer *ret)
{
    memset(ret, 0, sizeof *ret);
    return port->ops != NULL;
}

/* `told`: CF_OK, else the facts cannot be told: then no transaction is started, and the record says that it failed. */
static void ask(const struct cf_fiscal_port *port, const struct cf_fiscal_facts *facts, enum cf_rc told,
                struct cf_fiscal_answer *ret)
{
    struct cf_fiscal_answer answer = {.is = true};
    uint64_t transaction = 0;
    enum cf_rc rc = told;
    if (rc == CF_OK)
        rc = port->ops->start(port->ctx, facts->kind, facts->number, &transaction, NULL);
    if (rc == CF_OK)
        rc = port->ops->finish(port->ctx, transaction, facts, &answer, NULL);
    answer.is = true;
    answer.transaction = transaction & INT64_MAX;
    answer.counter &= INT64_MAX;
    answer.serial[sizeof answer.serial - 1] = answer.signature[sizeof answer.signature - 1] = '\0';
    if (cf_fiscal_answer_check(&answer, NULL) != CF_OK) /* a clock that is wrong makes no signature void */
        answer.start_s = answer.end_s = 0;
    if (rc != CF_OK || answer.signature[0] == '\0' || cf_fiscal_answer_check(&answer, NULL) != CF_OK)
        answer = (struct cf_fiscal_answer){.is = true, .transaction = transaction & INT64_MAX};
    *ret = answer;
}

void cf_fiscal_sign_sale(const struct cf_fiscal_port *port, struct cf_sale *sale, cf_wall at)
{
    struct cf_fiscal_facts facts = {.kind = CF_FISCAL_SALE,
                                    .number = sale->sale_no,
                                    .at = at,
                                    .currency = sale->currency,
                                    .tax_mode = sale->tax_mode};
    if (is_asked(port, &sale->fiscal))
        ask(port, &facts, add_sale(sale, &facts, NULL), &sale->fiscal);
}

void cf_fiscal_sign_return(const struct cf_fiscal_port *port, struct cf_return *back, cf_wall at)
{
    struct cf_fiscal_facts facts = {.kind = back->is_void ? CF_FISCAL_VOID : CF_FISCAL_RETURN,
                                    .number = back->return_no,
                                    .at = at,
                                    .currency = back->currency,
                                    .tax_mode = back->tax_mode};
    if (is_asked(port, &back->fiscal))
        ask(port, &facts, add_return(back, &facts, NULL), &back->fiscal);
}

void cf_fiscal_sign_open_return(const struct cf_fiscal_port *port, struct cf_open_return *back, cf_wall at)
{
    struct cf_fiscal_facts facts = {.kind = CF_FISCAL_OPEN_RETURN,
                                    .number = back->return_no,
                                    .at = at,
                                    .currency = back->currency,
                                    .tax_mode = back->tax_mode};
    if (is_asked(port, &back->fiscal))
        ask(port, &facts, add_open_return(back, &facts, NULL), &back->fiscal);
}

/* It was paid elsewhere, and its tax is the online shop's: the goods leave under their order's number. */
void cf_fiscal_sign_pick_up(const struct cf_fiscal_port *port, struct cf_pick_up *taken, cf_currency currency,
                            cf_wall at)
{
    const struct cf_fiscal_facts facts = {.kind = CF_FISCAL_PICK_UP,
                                          .number = taken->claim.order,
                                          .at = at,
                                          .currency = currency,
                                          .tax_mode = CF_TAX_INCLUSIVE};
    if (is_asked(port, &taken->fiscal))
        ask(port, &facts, CF_OK, &taken->fiscal);
}

void cf_fiscal_sign_drawer(const struct cf_fiscal_port *port, struct cf_drawer_event *event, cf_currency currency,
                           cf_wall at)
{
    bool out = event->kind == CF_DRAWER_PAID_OUT || event->kind == CF_DRAWER_DROP;
    int64_t moved = out ? -event->amount_minor : event->amount_minor;
    const struct cf_fiscal_facts facts = {.kind = CF_FISCAL_DRAWER,
                                          .drawer = event->kind,
                                          .at = at,
                                          .currency = currency,
                                          .tax_mode = CF_TAX_INCLUSIVE,
                                          .total_minor = moved,
                                          .cash_minor = moved};
    if (is_asked(port, &event->fiscal) && cf_drawer_moves_cash(event->kind))
        ask(port, &facts, CF_OK, &event->fiscal);
}
