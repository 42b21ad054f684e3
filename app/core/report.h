/*
 * app/core/report.h - totals of sales and returns: the X report (any time) and the Z report (closes the business day).
 *
 * Totals are folded from sales and returns one by one, at the till from its journal and at the centre from what
 * arrived; the control totals of both must agree. Pure.
 */
#ifndef CF_CORE_REPORT_H
#define CF_CORE_REPORT_H

#include "app/core/sale_return.h"

#define CF_REPORT_RATES_MAX 16

struct cf_rate_total {
    uint32_t tax_bp;
    int64_t net_minor; /* of lines, after discount */
};
/* What was taken back, all of it above zero and none of it taken off the sales: the drawer holds tender_minor less
 * what was refunded of it. */
struct cf_return_totals {
    uint64_t n_returns; /* voids among them */
    uint64_t n_voids;
    uint64_t n_lines;
    int64_t gross_minor, discount_minor, tax_minor, total_minor;
    int64_t tender_minor[4]; /* by enum cf_tender_kind */
    int64_t points;
    uint64_t n_given_back, n_burnt; /* rights */
    size_t n_rates;
    struct cf_rate_total rate[CF_REPORT_RATES_MAX];
};
struct cf_totals {
    uint64_t n_sales;
    uint64_t n_lines;
    int64_t gross_minor, discount_minor, tax_minor, total_minor, change_minor;
    int64_t tender_minor[4]; /* by enum cf_tender_kind; cash with change taken off */
    int64_t points;
    uint64_t n_redemptions;
    uint64_t n_issued;
    size_t n_rates;
    struct cf_rate_total rate[CF_REPORT_RATES_MAX];
    struct cf_return_totals returned;
};

/* CF_E_OVERFLOW, CF_E_LIMIT; then *totals is unchanged. */
enum cf_rc cf_totals_add(struct cf_totals *totals, const struct cf_sale *sale, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_totals_add_return(struct cf_totals *totals, const struct cf_return *r,
                                struct cf_error *err) CF_MUST_CHECK;
bool cf_totals_equal(const struct cf_totals *a, const struct cf_totals *b);

/* The body of a Z record. */
struct cf_z_report {
    uint32_t z_no; /* 1, 2, ... of this terminal */
    uint32_t business_day;
    uint64_t first_seq, last_seq; /* records it covers */
    uint64_t acknowledged_seq;
    struct cf_totals totals;
};
/* Appends; both check that the totals add up: CF_E_RECORD. On an error the output is unchanged. */
enum cf_rc cf_z_report_encode(const struct cf_z_report *report, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_z_report_decode(cf_bytes bytes, struct cf_z_report *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
