/*
 * app/core/report.h - totals of sales and returns: the X report (any time) and the Z report (closes the business day).
 *
 * Totals are folded from sales and returns one by one, at the till from its journal and at the centre from what
 * arrived; the control totals of both must agree. Pure.
 */
#ifndef CF_CORE_REPORT_H
#define CF_CORE_REPORT_H

#include "app/core/day.h"
#include "app/core/sale_return.h"

#define CF_REPORT_RATES_MAX 16
#define CF_REPORT_TENDERS_MAX 15 /* kinds, by number */

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
    int64_t rounding_minor;                          /* refunds less total: what rounding to coins gave */
    int64_t tender_minor[CF_REPORT_TENDERS_MAX + 1]; /* by enum cf_tender_kind */
    int64_t points;
    uint64_t n_given_back, n_burnt; /* rights */
    size_t n_rates;
    struct cf_rate_total rate[CF_REPORT_RATES_MAX];
};
struct cf_totals {
    uint64_t n_sales;
    uint64_t n_lines;
    int64_t gross_minor, discount_minor, tax_minor, total_minor, change_minor;
    int64_t rounding_minor;                          /* tenders less total: what rounding to coins brought */
    int64_t tender_minor[CF_REPORT_TENDERS_MAX + 1]; /* by enum cf_tender_kind; cash with change taken off */
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

/* What one record of the day adds: the same at both ends. */
struct cf_day {
    struct cf_totals totals;
    struct cf_day_detail detail;
};
/* Records that a day has nothing of are passed over, and erased ones. The sale and the return are scratch space. The
 * record's own errors; CF_E_OVERFLOW, CF_E_LIMIT; then *day holds a part of it. */
enum cf_rc cf_day_add_record(struct cf_day *day, const struct cf_record *record, struct cf_sale *sale,
                             struct cf_return *r, struct cf_error *err) CF_MUST_CHECK;

/* Of which version a Z record is: tills wrote 2 before they knew of people and the drawer, 3 before they counted
 * changed prices, which stand on their sales all the same, and 4 before sales said which campaign gave which points. */
#define CF_Z_VERSION_TOTALS 2
#define CF_Z_VERSION_DAY 3
#define CF_Z_VERSION_PRICES 4
#define CF_Z_VERSION_POINTS 5

/* The body of a Z record. */
struct cf_z_report {
    uint32_t version; /* 0 as CF_Z_VERSION_TOTALS */
    uint32_t z_no;    /* 1, 2, ... of this terminal */
    uint32_t business_day;
    uint64_t first_seq, last_seq; /* records it covers */
    uint64_t acknowledged_seq;
    struct cf_totals totals;
    /* From CF_Z_VERSION_DAY on: what the till knew of its log when the day was closed, and the day in detail. */
    uint64_t sent_seq;
    struct cf_sha256 recorded_head; /* of the newest record but for a start that nothing follows: last_seq, or before */
    struct cf_sha256 acknowledged_head;
    struct cf_day_detail detail;
};
/* Does the report say of the day what its records say, as far as its version tells? */
bool cf_z_report_agrees(const struct cf_z_report *report, const struct cf_day *day);
/* Appends; both check that the totals add up: CF_E_RECORD. On an error the output is unchanged. */
enum cf_rc cf_z_report_encode(const struct cf_z_report *report, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_z_report_decode(cf_bytes bytes, struct cf_z_report *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
