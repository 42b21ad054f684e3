/*
 * app/core/report.c - folding sales and returns into totals, and the Z report as CBOR.
 *
 *   [2, z_no, business_day, first_seq, last_seq, acknowledged_seq, n_sales, n_lines, gross_minor, discount_minor,
 *    tax_minor, total_minor, change_minor, TENDERS, points, n_redemptions, n_issued, RATES,
 *    [n_returns, n_voids, n_lines, gross_minor, discount_minor, tax_minor, total_minor, TENDERS, points,
 *     n_given_back, n_burnt, RATES]]
 *   [3, ... as 2, rounding_minor, rounding_minor of returns, sent_seq, recorded_head(32), acknowledged_head(32), DAY]
 *
 *   RATES    [[tax_bp, net] ...]
 *   TENDERS  in 2 [cash, card, mobile]; in 3 [[kind, minor] ...], kinds rising, without those of which nothing came
 *   DAY      day.h
 *
 * Rates stand in rising order, so that totals are equal whatever the order of the sales. Pure; thread-safe.
 */
#include "app/core/report.h"

#include "app/core/order.h"

#include <assert.h>
#include <string.h>

#include "base/cbor.h"

#define TOTALS_FIELDS 19
#define DAY_FIELDS 25
#define RETURN_FIELDS 12
#define RATE_FIELDS 2
#define KINDS CF_REPORT_TENDERS_MAX /* of tender; kind k is tender_minor[k] */
#define FIRST_KINDS 3               /* that version 2 knows */
static_assert(CF_SALE_RATES_MAX <= CF_REPORT_RATES_MAX, "any single sale can be reported");

static enum cf_rc add_to_rate(struct cf_rate_total rate[CF_REPORT_RATES_MAX], size_t *n_rates, uint32_t tax_bp,
                              int64_t net_minor, struct cf_error *err)
{
    size_t i = 0;
    while (i < *n_rates && rate[i].tax_bp < tax_bp)
        i++;
    if (i == *n_rates || rate[i].tax_bp != tax_bp) {
        if (*n_rates == CF_REPORT_RATES_MAX)
            return cf_fail(err, CF_E_LIMIT, "more than %d tax rates in a report", CF_REPORT_RATES_MAX);
        memmove(&rate[i + 1], &rate[i], (*n_rates - i) * sizeof rate[0]);
        ++*n_rates;
        rate[i] = (struct cf_rate_total){.tax_bp = tax_bp};
    }
    return cf_add_i64(rate[i].net_minor, net_minor, &rate[i].net_minor, err);
}

static enum cf_rc add_lines(struct cf_totals *totals, const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        int64_t net;
        enum cf_rc rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &net, err);
        if (rc == CF_OK)
            rc = cf_sub_i64(net, line->discount_minor, &net, err);
        if (rc == CF_OK)
            rc = add_to_rate(totals->rate, &totals->n_rates, line->tax_bp, net, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

static enum cf_rc add_tenders(struct cf_totals *totals, const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        if (tender->kind < 1 || (int)tender->kind > KINDS)
            return cf_fail(err, CF_E_RANGE, "kind of tender %d", (int)tender->kind);
        int64_t *sum = &totals->tender_minor[tender->kind];
        enum cf_rc rc = cf_add_i64(*sum, tender->amount_minor, sum, err);
        if (rc != CF_OK)
            return rc;
    }
    int64_t *cash = &totals->tender_minor[CF_TENDER_CASH];
    return cf_sub_i64(*cash, sale->change_minor, cash, err);
}

static enum cf_rc tenders_less(const int64_t *tender_minor, int64_t total_minor, int64_t *ret, struct cf_error *err)
{
    int64_t sum = 0;
    enum cf_rc rc = CF_OK;
    for (size_t k = 1; rc == CF_OK && k <= KINDS; k++)
        rc = cf_add_i64(sum, tender_minor[k], &sum, err);
    return rc == CF_OK ? cf_sub_i64(sum, total_minor, ret, err) : rc;
}

enum cf_rc cf_totals_add(struct cf_totals *totals, const struct cf_sale *sale, struct cf_error *err)
{
    struct cf_totals sum = *totals;
    const struct {
        int64_t *into;
        int64_t minor;
    } amounts[] = {
        {&sum.gross_minor, sale->gross_minor},   {&sum.discount_minor, sale->discount_minor},
        {&sum.tax_minor, sale->tax_minor},       {&sum.total_minor, sale->total_minor},
        {&sum.change_minor, sale->change_minor}, {&sum.points, sale->points},
    };
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof amounts / sizeof amounts[0]; i++)
        rc = cf_add_i64(*amounts[i].into, amounts[i].minor, amounts[i].into, err);
    if (rc == CF_OK)
        rc = add_lines(&sum, sale, err);
    if (rc == CF_OK)
        rc = add_tenders(&sum, sale, err);
    if (rc == CF_OK)
        rc = tenders_less(sum.tender_minor, sum.total_minor, &sum.rounding_minor, err);
    if (rc != CF_OK)
        return rc;
    sum.n_sales += 1;
    sum.n_lines += sale->n_lines;
    sum.n_redemptions += sale->n_redemptions;
    sum.n_issued += sale->n_issued;
    *totals = sum;
    return CF_OK;
}

static enum cf_rc add_refunds(struct cf_return_totals *sum, const struct cf_return *r, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < r->n_lines; i++) {
        const struct cf_return_line *line = &r->lines[i];
        if (line->qty_milli == 0)
            continue;
        sum->n_lines++;
        rc = add_to_rate(sum->rate, &sum->n_rates, line->tax_bp, line->gross_minor - line->discount_minor, err);
    }
    struct cf_return_paid paid[CF_RETURN_PAID_MAX];
    size_t n_paid = cf_return_paid(r, paid);
    for (size_t i = 0; rc == CF_OK && i < n_paid; i++) {
        int64_t *into = &sum->tender_minor[paid[i].kind];
        rc = cf_add_i64(*into, paid[i].amount_minor, into, err);
    }
    return rc;
}

static enum cf_rc add_returned(struct cf_totals *totals, const struct cf_return *r, struct cf_error *err)
{
    struct cf_return_totals sum = totals->returned;
    const struct {
        int64_t *into;
        int64_t minor;
    } amounts[] = {
        {&sum.gross_minor, r->gross_minor}, {&sum.discount_minor, r->discount_minor},
        {&sum.tax_minor, r->tax_minor},     {&sum.total_minor, r->total_minor},
        {&sum.points, r->points},
    };
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof amounts / sizeof amounts[0]; i++)
        rc = cf_add_i64(*amounts[i].into, amounts[i].minor, amounts[i].into, err);
    if (rc == CF_OK)
        rc = add_refunds(&sum, r, err);
    if (rc == CF_OK)
        rc = tenders_less(sum.tender_minor, sum.total_minor, &sum.rounding_minor, err);
    if (rc != CF_OK)
        return rc;
    sum.n_returns++;
    sum.n_voids += r->is_void;
    for (size_t i = 0; i < r->n_rights; i++)
        *(r->rights[i].fate == CF_ON_RETURN_GIVE_BACK ? &sum.n_given_back : &sum.n_burnt) += 1;
    totals->returned = sum;
    return CF_OK;
}

enum cf_rc cf_totals_add_return(struct cf_totals *totals, const struct cf_return *r, struct cf_error *err)
{
    enum cf_rc rc = cf_return_check(r, err);
    return rc == CF_OK ? add_returned(totals, r, err) : rc;
}

static bool rates_equal(const struct cf_rate_total *a, const struct cf_rate_total *b, size_t n)
{
    bool equal = true;
    for (size_t i = 0; equal && i < n; i++)
        equal = a[i].tax_bp == b[i].tax_bp && a[i].net_minor == b[i].net_minor;
    return equal;
}

static bool returned_equal(const struct cf_return_totals *a, const struct cf_return_totals *b)
{
    bool equal = a->n_returns == b->n_returns && a->n_voids == b->n_voids && a->n_lines == b->n_lines &&
                 a->gross_minor == b->gross_minor && a->discount_minor == b->discount_minor &&
                 a->tax_minor == b->tax_minor && a->total_minor == b->total_minor && a->points == b->points &&
                 a->n_given_back == b->n_given_back && a->n_burnt == b->n_burnt && a->n_rates == b->n_rates &&
                 a->rounding_minor == b->rounding_minor;
    for (size_t k = 1; equal && k <= KINDS; k++)
        equal = a->tender_minor[k] == b->tender_minor[k];
    return equal && rates_equal(a->rate, b->rate, a->n_rates);
}

bool cf_totals_equal(const struct cf_totals *a, const struct cf_totals *b)
{
    bool equal = a->n_sales == b->n_sales && a->n_lines == b->n_lines && a->gross_minor == b->gross_minor &&
                 a->discount_minor == b->discount_minor && a->tax_minor == b->tax_minor &&
                 a->total_minor == b->total_minor && a->change_minor == b->change_minor && a->points == b->points &&
                 a->n_redemptions == b->n_redemptions && a->n_issued == b->n_issued && a->n_rates == b->n_rates &&
                 a->rounding_minor == b->rounding_minor;
    for (size_t k = 1; equal && k <= KINDS; k++)
        equal = a->tender_minor[k] == b->tender_minor[k];
    return equal && rates_equal(a->rate, b->rate, a->n_rates) && returned_equal(&a->returned, &b->returned);
}

static bool rates_rise(const struct cf_rate_total *rate, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (rate[i - 1].tax_bp >= rate[i].tax_bp)
            return false;
    return true;
}

/* A sum of amounts that are none below zero; false if one is, or they do not fit. */
static bool add_up(const struct cf_rate_total *rate, size_t n_rates, const int64_t *tender_minor, int64_t *ret_rates,
                   int64_t *ret_tenders)
{
    bool good = n_rates <= CF_REPORT_RATES_MAX && rates_rise(rate, n_rates);
    *ret_rates = *ret_tenders = 0;
    for (size_t i = 0; good && i < n_rates; i++)
        good = rate[i].net_minor >= 0 && cf_add_i64(*ret_rates, rate[i].net_minor, ret_rates, NULL) == CF_OK;
    for (size_t k = 1; good && k <= KINDS; k++)
        good = tender_minor[k] >= 0 && cf_add_i64(*ret_tenders, tender_minor[k], ret_tenders, NULL) == CF_OK;
    return good;
}

static enum cf_rc check_returned(const struct cf_return_totals *t, struct cf_error *err)
{
    int64_t rates = 0, tenders = 0, with_tax = 0;
    bool good = t->gross_minor >= 0 && t->discount_minor >= 0 && t->tax_minor >= 0 && t->points >= 0 &&
                t->discount_minor <= t->gross_minor && t->n_voids <= t->n_returns &&
                add_up(t->rate, t->n_rates, t->tender_minor, &rates, &tenders);
    good = good && cf_add_i64(t->gross_minor - t->discount_minor, t->tax_minor, &with_tax, NULL) == CF_OK &&
           rates == t->gross_minor - t->discount_minor &&
           cf_sub_i64(tenders, t->total_minor, &tenders, NULL) == CF_OK && tenders == t->rounding_minor &&
           t->total_minor >= rates && t->total_minor <= with_tax;
    return good ? CF_OK
                : cf_fail(err, CF_E_RECORD, "what the report says of returns does not add up: refunds %lld",
                          (long long)t->total_minor);
}

/* The same relations that hold in each sale hold in their sum. */
static enum cf_rc check_totals(const struct cf_totals *totals, struct cf_error *err)
{
    int64_t rates = 0, tenders = 0, rounding = 0, with_tax;
    bool good = totals->gross_minor >= 0 && totals->discount_minor >= 0 && totals->tax_minor >= 0 &&
                totals->change_minor >= 0 && totals->points >= 0 && totals->discount_minor <= totals->gross_minor &&
                add_up(totals->rate, totals->n_rates, totals->tender_minor, &rates, &tenders);
    if (!good)
        return cf_fail(err, CF_E_RECORD, "a total of the report is out of range");
    int64_t net = totals->gross_minor - totals->discount_minor;
    /* A store may have changed between tax-inclusive and tax-exclusive prices within the day. */
    if (cf_add_i64(net, totals->tax_minor, &with_tax, NULL) != CF_OK || rates != net ||
        cf_sub_i64(tenders, totals->total_minor, &rounding, NULL) != CF_OK || rounding != totals->rounding_minor ||
        totals->total_minor < net || totals->total_minor > with_tax)
        return cf_fail(err, CF_E_RECORD, "the report does not add up: net %lld, by rate %lld, total %lld, tenders %lld",
                       (long long)net, (long long)rates, (long long)totals->total_minor, (long long)tenders);
    return CF_OK;
}

static bool is_day(const struct cf_z_report *report)
{
    return report->version >= CF_Z_VERSION_DAY;
}

static bool counts_prices(const struct cf_z_report *report)
{
    return report->version >= CF_Z_VERSION_PRICES;
}

static bool counts_points(const struct cf_z_report *report)
{
    return report->version >= CF_Z_VERSION_POINTS;
}

static bool fits_totals(const struct cf_totals *totals)
{
    bool fits = totals->rounding_minor == 0 && totals->returned.rounding_minor == 0;
    for (size_t k = FIRST_KINDS + 1; fits && k <= KINDS; k++)
        fits = totals->tender_minor[k] == 0 && totals->returned.tender_minor[k] == 0;
    return fits;
}

static enum cf_rc check_report(const struct cf_z_report *report, struct cf_error *err)
{
    if (report->z_no == 0)
        return cf_fail(err, CF_E_RECORD, "Z report number 0");
    if (!is_day(report) && !fits_totals(&report->totals))
        return cf_fail(err, CF_E_RECORD, "version 2 has no place for all its tenders");
    if (is_day(report) && !counts_prices(report) && cf_day_has_prices(&report->detail))
        return cf_fail(err, CF_E_RECORD, "version 3 has no place for changed prices");
    if (is_day(report) && !counts_points(report) && cf_day_has_points(&report->detail))
        return cf_fail(err, CF_E_RECORD, "version %lu has no place for points by campaign, or for gift cards",
                       (unsigned long)report->version);
    /* A day without records ends before it begins, by one. */
    bool empty = report->first_seq > 0 && report->last_seq == report->first_seq - 1 && report->totals.n_sales == 0 &&
                 report->totals.returned.n_returns == 0;
    if (report->last_seq < report->first_seq && !empty)
        return cf_fail(err, CF_E_RECORD, "records %llu to %llu", (unsigned long long)report->first_seq,
                       (unsigned long long)report->last_seq);
    enum cf_rc rc = check_totals(&report->totals, err);
    return rc == CF_OK ? check_returned(&report->totals.returned, err) : rc;
}

static void write_rates(const struct cf_rate_total *rate, size_t n, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < n; i++) {
        cf_cbor_write_array(w, RATE_FIELDS);
        cf_cbor_write_uint(w, rate[i].tax_bp);
        cf_cbor_write_int(w, rate[i].net_minor);
    }
}

static void write_tenders(const int64_t *tender_minor, bool all_kinds, struct cf_cbor_writer *w)
{
    size_t n = 0;
    if (!all_kinds) {
        cf_cbor_write_array(w, FIRST_KINDS);
        for (size_t k = 1; k <= FIRST_KINDS; k++)
            cf_cbor_write_int(w, tender_minor[k]);
        return;
    }
    for (size_t k = 1; k <= KINDS; k++)
        n += tender_minor[k] != 0;
    cf_cbor_write_array(w, n);
    for (size_t k = 1; k <= KINDS; k++) {
        if (tender_minor[k] == 0)
            continue;
        cf_cbor_write_array(w, 2);
        cf_cbor_write_uint(w, k);
        cf_cbor_write_int(w, tender_minor[k]);
    }
}

static void write_returned(const struct cf_return_totals *t, bool all_kinds, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, RETURN_FIELDS);
    cf_cbor_write_uint(w, t->n_returns);
    cf_cbor_write_uint(w, t->n_voids);
    cf_cbor_write_uint(w, t->n_lines);
    cf_cbor_write_int(w, t->gross_minor);
    cf_cbor_write_int(w, t->discount_minor);
    cf_cbor_write_int(w, t->tax_minor);
    cf_cbor_write_int(w, t->total_minor);
    write_tenders(t->tender_minor, all_kinds, w);
    cf_cbor_write_int(w, t->points);
    cf_cbor_write_uint(w, t->n_given_back);
    cf_cbor_write_uint(w, t->n_burnt);
    write_rates(t->rate, t->n_rates, w);
}

static void write_totals(const struct cf_totals *totals, bool all_kinds, struct cf_cbor_writer *w)
{
    cf_cbor_write_uint(w, totals->n_sales);
    cf_cbor_write_uint(w, totals->n_lines);
    cf_cbor_write_int(w, totals->gross_minor);
    cf_cbor_write_int(w, totals->discount_minor);
    cf_cbor_write_int(w, totals->tax_minor);
    cf_cbor_write_int(w, totals->total_minor);
    cf_cbor_write_int(w, totals->change_minor);
    write_tenders(totals->tender_minor, all_kinds, w);
    cf_cbor_write_int(w, totals->points);
    cf_cbor_write_uint(w, totals->n_redemptions);
    cf_cbor_write_uint(w, totals->n_issued);
    write_rates(totals->rate, totals->n_rates, w);
    write_returned(&totals->returned, all_kinds, w);
}

static void write_day(const struct cf_z_report *report, struct cf_cbor_writer *w)
{
    cf_cbor_write_int(w, report->totals.rounding_minor);
    cf_cbor_write_int(w, report->totals.returned.rounding_minor);
    cf_cbor_write_uint(w, report->sent_seq);
    cf_cbor_write_bytes(w, cf_bytes_of(report->recorded_head.digest, CF_SHA256_BYTES));
    cf_cbor_write_bytes(w, cf_bytes_of(report->acknowledged_head.digest, CF_SHA256_BYTES));
    cf_day_write(&report->detail, w);
}

enum cf_rc cf_z_report_encode(const struct cf_z_report *report, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = check_report(report, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, is_day(report) ? DAY_FIELDS : TOTALS_FIELDS);
    cf_cbor_write_uint(&w, is_day(report) ? report->version : CF_Z_VERSION_TOTALS);
    cf_cbor_write_uint(&w, report->z_no);
    cf_cbor_write_uint(&w, report->business_day);
    cf_cbor_write_uint(&w, report->first_seq);
    cf_cbor_write_uint(&w, report->last_seq);
    cf_cbor_write_uint(&w, report->acknowledged_seq);
    write_totals(&report->totals, is_day(report), &w);
    if (is_day(report))
        write_day(report, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static void read_rates(struct cf_cbor_reader *r, struct cf_rate_total rate[CF_REPORT_RATES_MAX], size_t *ret_n)
{
    (void)cf_cbor_read_array(r, ret_n, CF_REPORT_RATES_MAX);
    for (size_t i = 0; i < *ret_n; i++) {
        (void)cf_cbor_read_array_of(r, RATE_FIELDS);
        rate[i].tax_bp = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &rate[i].net_minor);
    }
}

static void read_tenders(struct cf_cbor_reader *r, bool all_kinds, int64_t *tender_minor)
{
    size_t n = 0;
    uint64_t kind = 0, before = 0;
    if (!all_kinds) {
        (void)cf_cbor_read_array_of(r, FIRST_KINDS);
        for (size_t k = 1; k <= FIRST_KINDS; k++)
            (void)cf_cbor_read_int(r, &tender_minor[k]);
        return;
    }
    (void)cf_cbor_read_array(r, &n, KINDS);
    for (size_t i = 0; i < n; i++) {
        (void)cf_cbor_read_array_of(r, 2);
        if (!cf_cbor_read_uint(r, &kind, KINDS))
            return;
        (void)cf_cbor_read_int(r, &tender_minor[kind]);
        if (kind <= before || tender_minor[kind] == 0) /* not rising, or it says nothing */
            cf_cbor_read_refuse(r);
        before = kind;
    }
}

static void read_returned(struct cf_cbor_reader *r, bool all_kinds, struct cf_return_totals *t)
{
    (void)cf_cbor_read_array_of(r, RETURN_FIELDS);
    (void)cf_cbor_read_uint(r, &t->n_returns, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &t->n_voids, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &t->n_lines, UINT64_MAX);
    (void)cf_cbor_read_int(r, &t->gross_minor);
    (void)cf_cbor_read_int(r, &t->discount_minor);
    (void)cf_cbor_read_int(r, &t->tax_minor);
    (void)cf_cbor_read_int(r, &t->total_minor);
    read_tenders(r, all_kinds, t->tender_minor);
    (void)cf_cbor_read_int(r, &t->points);
    (void)cf_cbor_read_uint(r, &t->n_given_back, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &t->n_burnt, UINT64_MAX);
    read_rates(r, t->rate, &t->n_rates);
}

static void read_totals(struct cf_cbor_reader *r, bool all_kinds, struct cf_totals *totals)
{
    (void)cf_cbor_read_uint(r, &totals->n_sales, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &totals->n_lines, UINT64_MAX);
    (void)cf_cbor_read_int(r, &totals->gross_minor);
    (void)cf_cbor_read_int(r, &totals->discount_minor);
    (void)cf_cbor_read_int(r, &totals->tax_minor);
    (void)cf_cbor_read_int(r, &totals->total_minor);
    (void)cf_cbor_read_int(r, &totals->change_minor);
    read_tenders(r, all_kinds, totals->tender_minor);
    (void)cf_cbor_read_int(r, &totals->points);
    (void)cf_cbor_read_uint(r, &totals->n_redemptions, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &totals->n_issued, UINT64_MAX);
    read_rates(r, totals->rate, &totals->n_rates);
    read_returned(r, all_kinds, &totals->returned);
}

static void read_day(struct cf_cbor_reader *r, struct cf_z_report *report)
{
    (void)cf_cbor_read_int(r, &report->totals.rounding_minor);
    (void)cf_cbor_read_int(r, &report->totals.returned.rounding_minor);
    (void)cf_cbor_read_uint(r, &report->sent_seq, UINT64_MAX);
    (void)cf_cbor_read_bytes_of(r, report->recorded_head.digest, CF_SHA256_BYTES);
    (void)cf_cbor_read_bytes_of(r, report->acknowledged_head.digest, CF_SHA256_BYTES);
    cf_day_read(r, &report->detail);
}

enum cf_rc cf_z_report_decode(cf_bytes bytes, struct cf_z_report *ret, struct cf_error *err)
{
    struct cf_z_report report;
    struct cf_cbor_reader r;
    struct cf_error why;
    uint64_t version = 0;
    size_t n = 0;
    memset(&report, 0, sizeof report);
    cf_cbor_read_init(&r, bytes);
    (void)cf_cbor_read_array(&r, &n, DAY_FIELDS);
    (void)cf_cbor_read_uint(&r, &version, CF_Z_VERSION_POINTS);
    report.version = (uint32_t)version;
    if (version < CF_Z_VERSION_TOTALS || n != (is_day(&report) ? DAY_FIELDS : TOTALS_FIELDS))
        cf_cbor_read_refuse(&r);
    report.z_no = cf_cbor_read_u32(&r);
    report.business_day = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_uint(&r, &report.first_seq, UINT64_MAX);
    (void)cf_cbor_read_uint(&r, &report.last_seq, UINT64_MAX);
    (void)cf_cbor_read_uint(&r, &report.acknowledged_seq, UINT64_MAX);
    read_totals(&r, is_day(&report), &report.totals);
    if (is_day(&report))
        read_day(&r, &report);
    if (cf_cbor_read_end(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    enum cf_rc rc = check_report(&report, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}

/* --- a day ---------------------------------------------------------------------------------------------------------
 */

static enum cf_rc add_sale(struct cf_day *day, const struct cf_record *record, struct cf_sale *sale,
                           struct cf_error *err)
{
    enum cf_rc rc = cf_sale_decode(record->body, sale, err);
    if (rc == CF_OK)
        rc = cf_totals_add(&day->totals, sale, err);
    return rc == CF_OK ? cf_day_add_sale(&day->detail, sale, record->wall_ms, err) : rc;
}

static enum cf_rc add_return(struct cf_day *day, const struct cf_record *record, struct cf_return *r,
                             struct cf_error *err)
{
    enum cf_rc rc = cf_return_decode(record->body, r, err);
    if (rc == CF_OK)
        rc = cf_totals_add_return(&day->totals, r, err);
    return rc == CF_OK ? cf_day_add_return(&day->detail, r, err) : rc;
}

/* Goods without a receipt are goods that came back, and counted for themselves by who took them. */
static enum cf_rc add_open_return(struct cf_day *day, const struct cf_record *record, struct cf_return *r,
                                  struct cf_error *err)
{
    struct cf_open_return open;
    enum cf_rc rc = cf_open_return_decode(record->body, &open, err);
    if (rc == CF_OK)
        rc = cf_open_return_as_return(&open, r, err);
    if (rc == CF_OK)
        rc = add_returned(&day->totals, r, err);
    return rc == CF_OK ? cf_day_add_open_return(&day->detail, &open, err) : rc;
}

static enum cf_rc add_event(struct cf_day_detail *detail, const struct cf_record *record, struct cf_error *err)
{
    struct cf_drawer_event drawer;
    struct cf_user_event user;
    struct cf_cancelled cancelled;
    struct cf_pick_up taken;
    enum cf_rc rc;
    switch ((int)record->type) {
    case CF_RECORD_DRAWER:
        rc = cf_drawer_event_decode(record->body, &drawer, err);
        return rc == CF_OK ? cf_day_add_drawer(detail, &drawer, err) : rc;
    case CF_RECORD_USER:
        rc = cf_user_event_decode(record->body, &user, err);
        return rc == CF_OK ? cf_day_add_user(detail, &user, err) : rc;
    case CF_RECORD_CANCELLED:
        rc = cf_cancelled_decode(record->body, &cancelled, err);
        return rc == CF_OK ? cf_day_add_cancelled(detail, &cancelled, err) : rc;
    case CF_RECORD_PICK_UP:
        rc = cf_pick_up_decode(record->body, &taken, err);
        return rc == CF_OK ? cf_day_add_sum(detail, CF_DAY_PICKED_UP, taken.amount_minor, err) : rc;
    default:
        return CF_OK;
    }
}

enum cf_rc cf_day_add_record(struct cf_day *day, const struct cf_record *record, struct cf_sale *sale,
                             struct cf_return *r, struct cf_error *err)
{
    if (record->body.p == NULL)
        return CF_OK;
    if (record->type == CF_RECORD_SALE)
        return add_sale(day, record, sale, err);
    if (record->type == CF_RECORD_RETURN)
        return add_return(day, record, r, err);
    if (record->type == CF_RECORD_OPEN_RETURN)
        return add_open_return(day, record, r, err);
    return add_event(&day->detail, record, err);
}

bool cf_z_report_agrees(const struct cf_z_report *report, const struct cf_day *day)
{
    const struct cf_day_told told = {.prices = counts_prices(report), .points = counts_points(report)};
    return cf_totals_equal(&report->totals, &day->totals) &&
           (!is_day(report) || cf_day_equal(&report->detail, &day->detail, told));
}
