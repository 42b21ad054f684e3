/*
 * app/core/evaluation_tax.c - tax by document: once a rate over what its lines cost, then shared over them.
 *
 * Tax by line is tax.c's. Pure; thread-safe.
 */
#include "app/core/evaluation.h"
#include "app/core/tax.h"

/* What the lines of one rate cost together. */
struct rate_sum {
    uint32_t tax_bp;
    int64_t net_minor;
};

/* In the settled order of the first line of each rate. Returns how many. */
static size_t sum_rates(const struct cf_evaluation *e, struct rate_sum ret[CF_CART_LINES_MAX])
{
    size_t n = 0;
    for (size_t k = 0; k < e->n; k++) {
        size_t i = 0;
        while (i < n && ret[i].tax_bp != e->line[k]->tax_bp)
            i++;
        if (i == n)
            ret[n++] = (struct rate_sum){.tax_bp = e->line[k]->tax_bp};
        ret[i].net_minor += e->left[k]; /* no overflow: the cart's gross total fits */
    }
    return n;
}

static enum cf_rc share_tax(struct cf_evaluation *e, uint32_t tax_bp, int64_t tax, struct cf_error *err)
{
    size_t n = 0;
    for (size_t k = 0; k < e->n; k++)
        if (e->line[k]->tax_bp == tax_bp) {
            e->covered_at[n] = (uint16_t)k;
            e->weight[n++] = e->left[k];
        }
    enum cf_rc rc = cf_allocate(tax, e->weight, n, e->share, err);
    for (size_t i = 0; rc == CF_OK && i < n; i++)
        e->priced[e->covered_at[i]]->tax_minor = e->share[i];
    return rc;
}

enum cf_rc cf_evaluation_tax(struct cf_evaluation *e, struct cf_error *err)
{
    struct rate_sum rates[CF_CART_LINES_MAX];
    size_t n = sum_rates(e, rates);
    for (size_t i = 0; i < n; i++) {
        int64_t tax;
        enum cf_rc rc = cf_tax_of(e->tax_mode, rates[i].net_minor, rates[i].tax_bp, &tax, err);
        if (rc == CF_OK && tax != 0)
            rc = share_tax(e, rates[i].tax_bp, tax, err);
        if (rc == CF_OK)
            rc = cf_add_i64(e->out->tax_minor, tax, &e->out->tax_minor, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

enum cf_rc cf_evaluation_total(const struct cf_evaluation *e, int64_t *ret_minor, struct cf_error *err)
{
    struct rate_sum rates[CF_CART_LINES_MAX];
    int64_t total = e->standing.left_minor;
    size_t n = cf_tax_is_inclusive(e->tax_mode) ? 0 : sum_rates(e, rates);
    for (size_t i = 0; i < n; i++) {
        int64_t tax;
        enum cf_rc rc = cf_tax_of(e->tax_mode, rates[i].net_minor, rates[i].tax_bp, &tax, err);
        if (rc == CF_OK)
            rc = cf_add_i64(total, tax, &total, err);
        if (rc != CF_OK)
            return rc;
    }
    *ret_minor = total;
    return CF_OK;
}
