/*
 * app/core/report.c - folding sales into totals, and the Z report as CBOR.
 *
 *   [1, z_no, business_day, first_seq, last_seq, acknowledged_seq, n_sales, n_lines, gross_minor, discount_minor,
 *    tax_minor, total_minor, change_minor, [cash, card, mobile], points, n_redemptions, n_issued, [[tax_bp, net] ...]]
 *
 * Rates stand in rising order, so that totals are equal whatever the order of the sales. Pure; thread-safe.
 */
#include "app/core/report.h"

#include <assert.h>
#include <string.h>

#include "base/cbor.h"

#define REPORT_VERSION 1
#define REPORT_FIELDS 18
#define RATE_FIELDS 2
#define KINDS 3 /* of tender; kind k is tender_minor[k] */
static_assert(CF_TENDER_MOBILE == KINDS, "tender_minor has a place for each kind");
static_assert(CF_SALE_RATES_MAX <= CF_REPORT_RATES_MAX, "any single sale can be reported");

static enum cf_rc add_to_rate(struct cf_totals *totals, uint32_t tax_bp, int64_t net_minor, struct cf_error *err)
{
    size_t i = 0;
    while (i < totals->n_rates && totals->rate[i].tax_bp < tax_bp)
        i++;
    if (i == totals->n_rates || totals->rate[i].tax_bp != tax_bp) {
        if (totals->n_rates == CF_REPORT_RATES_MAX)
            return cf_fail(err, CF_E_LIMIT, "more than %d tax rates in a report", CF_REPORT_RATES_MAX);
        memmove(&totals->rate[i + 1], &totals->rate[i], (totals->n_rates - i) * sizeof totals->rate[0]);
        totals->n_rates++;
        totals->rate[i].tax_bp = tax_bp;
        totals->rate[i].net_minor = 0;
    }
    return cf_add_i64(totals->rate[i].net_minor, net_minor, &totals->rate[i].net_minor, err);
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
            rc = add_to_rate(totals, line->tax_bp, net, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

static enum cf_rc add_tenders(struct cf_totals *totals, const struct cf_sale *sale, struct cf_error *err)
{
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        if (tender->kind < 1 || tender->kind > KINDS)
            return cf_fail(err, CF_E_RANGE, "kind of tender %d", (int)tender->kind);
        int64_t *sum = &totals->tender_minor[tender->kind];
        enum cf_rc rc = cf_add_i64(*sum, tender->amount_minor, sum, err);
        if (rc != CF_OK)
            return rc;
    }
    int64_t *cash = &totals->tender_minor[CF_TENDER_CASH];
    return cf_sub_i64(*cash, sale->change_minor, cash, err);
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
    if (rc != CF_OK)
        return rc;
    sum.n_sales += 1;
    sum.n_lines += sale->n_lines;
    sum.n_redemptions += sale->n_redemptions;
    sum.n_issued += sale->n_issued;
    *totals = sum;
    return CF_OK;
}

bool cf_totals_equal(const struct cf_totals *a, const struct cf_totals *b)
{
    bool equal = a->n_sales == b->n_sales && a->n_lines == b->n_lines && a->gross_minor == b->gross_minor &&
                 a->discount_minor == b->discount_minor && a->tax_minor == b->tax_minor &&
                 a->total_minor == b->total_minor && a->change_minor == b->change_minor && a->points == b->points &&
                 a->n_redemptions == b->n_redemptions && a->n_issued == b->n_issued && a->n_rates == b->n_rates;
    for (size_t k = 1; equal && k <= KINDS; k++)
        equal = a->tender_minor[k] == b->tender_minor[k];
    for (size_t i = 0; equal && i < a->n_rates; i++)
        equal = a->rate[i].tax_bp == b->rate[i].tax_bp && a->rate[i].net_minor == b->rate[i].net_minor;
    return equal;
}

static bool rates_rise(const struct cf_totals *totals)
{
    for (size_t i = 1; i < totals->n_rates; i++)
        if (totals->rate[i - 1].tax_bp >= totals->rate[i].tax_bp)
            return false;
    return true;
}

/* The same relations that hold in each sale hold in their sum. */
static enum cf_rc check_totals(const struct cf_totals *totals, struct cf_error *err)
{
    int64_t rates = 0, tenders = 0, with_tax;
    bool good = totals->gross_minor >= 0 && totals->discount_minor >= 0 && totals->tax_minor >= 0 &&
                totals->change_minor >= 0 && totals->points >= 0 && totals->discount_minor <= totals->gross_minor &&
                totals->n_rates <= CF_REPORT_RATES_MAX && rates_rise(totals);
    for (size_t i = 0; good && i < totals->n_rates; i++)
        good = totals->rate[i].net_minor >= 0 && cf_add_i64(rates, totals->rate[i].net_minor, &rates, NULL) == CF_OK;
    for (size_t k = 1; good && k <= KINDS; k++)
        good = totals->tender_minor[k] >= 0 && cf_add_i64(tenders, totals->tender_minor[k], &tenders, NULL) == CF_OK;
    if (!good)
        return cf_fail(err, CF_E_RECORD, "a total of the report is out of range");
    int64_t net = totals->gross_minor - totals->discount_minor;
    /* A store may have changed between tax-inclusive and tax-exclusive prices within the day. */
    if (cf_add_i64(net, totals->tax_minor, &with_tax, NULL) != CF_OK || rates != net ||
        tenders != totals->total_minor || totals->total_minor < net || totals->total_minor > with_tax)
        return cf_fail(err, CF_E_RECORD, "the report does not add up: net %lld, by rate %lld, total %lld, tenders %lld",
                       (long long)net, (long long)rates, (long long)totals->total_minor, (long long)tenders);
    return CF_OK;
}

static enum cf_rc check_report(const struct cf_z_report *report, struct cf_error *err)
{
    if (report->z_no == 0)
        return cf_fail(err, CF_E_RECORD, "Z report number 0");
    /* A day without records ends before it begins, by one. */
    bool empty = report->first_seq > 0 && report->last_seq == report->first_seq - 1 && report->totals.n_sales == 0;
    if (report->last_seq < report->first_seq && !empty)
        return cf_fail(err, CF_E_RECORD, "records %llu to %llu", (unsigned long long)report->first_seq,
                       (unsigned long long)report->last_seq);
    return check_totals(&report->totals, err);
}

static void write_totals(const struct cf_totals *totals, struct cf_cbor_writer *w)
{
    cf_cbor_write_uint(w, totals->n_sales);
    cf_cbor_write_uint(w, totals->n_lines);
    cf_cbor_write_int(w, totals->gross_minor);
    cf_cbor_write_int(w, totals->discount_minor);
    cf_cbor_write_int(w, totals->tax_minor);
    cf_cbor_write_int(w, totals->total_minor);
    cf_cbor_write_int(w, totals->change_minor);
    cf_cbor_write_array(w, KINDS);
    for (size_t k = 1; k <= KINDS; k++)
        cf_cbor_write_int(w, totals->tender_minor[k]);
    cf_cbor_write_int(w, totals->points);
    cf_cbor_write_uint(w, totals->n_redemptions);
    cf_cbor_write_uint(w, totals->n_issued);
    cf_cbor_write_array(w, totals->n_rates);
    for (size_t i = 0; i < totals->n_rates; i++) {
        cf_cbor_write_array(w, RATE_FIELDS);
        cf_cbor_write_uint(w, totals->rate[i].tax_bp);
        cf_cbor_write_int(w, totals->rate[i].net_minor);
    }
}

enum cf_rc cf_z_report_encode(const struct cf_z_report *report, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = check_report(report, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, REPORT_FIELDS);
    cf_cbor_write_uint(&w, REPORT_VERSION);
    cf_cbor_write_uint(&w, report->z_no);
    cf_cbor_write_uint(&w, report->business_day);
    cf_cbor_write_uint(&w, report->first_seq);
    cf_cbor_write_uint(&w, report->last_seq);
    cf_cbor_write_uint(&w, report->acknowledged_seq);
    write_totals(&report->totals, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static void read_totals(struct cf_cbor_reader *r, struct cf_totals *totals)
{
    (void)cf_cbor_read_uint(r, &totals->n_sales, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &totals->n_lines, UINT64_MAX);
    (void)cf_cbor_read_int(r, &totals->gross_minor);
    (void)cf_cbor_read_int(r, &totals->discount_minor);
    (void)cf_cbor_read_int(r, &totals->tax_minor);
    (void)cf_cbor_read_int(r, &totals->total_minor);
    (void)cf_cbor_read_int(r, &totals->change_minor);
    (void)cf_cbor_read_array_of(r, KINDS);
    for (size_t k = 1; k <= KINDS; k++)
        (void)cf_cbor_read_int(r, &totals->tender_minor[k]);
    (void)cf_cbor_read_int(r, &totals->points);
    (void)cf_cbor_read_uint(r, &totals->n_redemptions, UINT64_MAX);
    (void)cf_cbor_read_uint(r, &totals->n_issued, UINT64_MAX);
    (void)cf_cbor_read_array(r, &totals->n_rates, CF_REPORT_RATES_MAX);
    for (size_t i = 0; i < totals->n_rates; i++) {
        (void)cf_cbor_read_array_of(r, RATE_FIELDS);
        totals->rate[i].tax_bp = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &totals->rate[i].net_minor);
    }
}

enum cf_rc cf_z_report_decode(cf_bytes bytes, struct cf_z_report *ret, struct cf_error *err)
{
    struct cf_z_report report;
    struct cf_cbor_reader r;
    struct cf_error why;
    uint64_t version;
    memset(&report, 0, sizeof report);
    cf_cbor_read_init(&r, bytes);
    (void)cf_cbor_read_array_of(&r, REPORT_FIELDS);
    if (cf_cbor_read_uint(&r, &version, REPORT_VERSION) && version != REPORT_VERSION)
        cf_cbor_read_refuse(&r);
    report.z_no = cf_cbor_read_u32(&r);
    report.business_day = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_uint(&r, &report.first_seq, UINT64_MAX);
    (void)cf_cbor_read_uint(&r, &report.last_seq, UINT64_MAX);
    (void)cf_cbor_read_uint(&r, &report.acknowledged_seq, UINT64_MAX);
    read_totals(&r, &report.totals);
    if (cf_cbor_read_end(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    enum cf_rc rc = check_report(&report, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}
