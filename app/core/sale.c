/*
 * app/core/sale.c - a sale as CBOR, and back.
 *
 *   [1, sale_no, business_day, cashier, priced_before_ms, currency, tax_mode,
 *    null | [member_live, member(8), member_counter, member_tier],
 *    [tax_bp ...],                                                   each rate once, in order of first use
 *    [product, quantity, unit_price_minor, discount_minor, rate ...] five items a line; rate: place in the list above
 *    [[campaign, version, redemption, amount_minor] ...],            discounts
 *    [[campaign, index, generation, policy, source, hub_epoch, request_key(16)] ...],   redemptions
 *    [[grant_id(4), campaign, index, exp_s] ...],                    coupons issued
 *    [[kind, amount_minor, reference] ...],                          tenders
 *    gross_minor, discount_minor, tax_minor, total_minor, change_minor, points,
 *    {...}]                                                          only if it says something: see sale_extra.h
 *
 * quantity: whole units as they are, else minus the thousandths (2 is 2.000, -345 is 0.345). Each sale has one
 * encoding. The sums are not needed to rebuild it; they are there so that a record that was damaged before it was
 * hashed is seen. Pure but for the allocation of _new; thread-safe for distinct sales.
 */
#include "app/core/sale.h"

#include <stdlib.h>
#include <string.h>

#include "app/core/sale_extra.h"
#include "base/cbor.h"

#define SALE_VERSION 1
#define SALE_FIELDS 20
#define MEMBER_FIELDS 4
#define LINE_FIELDS 5
#define DISCOUNT_FIELDS 4
#define REDEMPTION_FIELDS 7
#define ISSUED_FIELDS 4
#define TENDER_FIELDS 3

struct rates {
    size_t n;
    uint32_t tax_bp[CF_SALE_RATES_MAX];
};

enum cf_rc cf_sale_new(struct cf_sale **ret, struct cf_error *err)
{
    struct cf_sale *sale = calloc(1, sizeof *sale);
    struct cf_sale_line *lines = calloc(CF_CART_LINES_MAX, sizeof *lines);
    if (sale == NULL || lines == NULL) {
        free(sale);
        free(lines);
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a sale");
    }
    sale->lines = lines;
    *ret = sale;
    return CF_OK;
}

void cf_sale_free(struct cf_sale *sale)
{
    if (sale == NULL)
        return;
    free(sale->lines);
    free(sale);
}

/* The place of a rate in the list; its end if it is not there. */
static size_t find_rate(const struct rates *rates, uint32_t tax_bp)
{
    size_t i = 0;
    while (i < rates->n && rates->tax_bp[i] != tax_bp)
        i++;
    return i;
}

static void write_lines(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    struct rates rates = {0};
    for (size_t i = 0; i < sale->n_lines; i++)
        if (find_rate(&rates, sale->lines[i].tax_bp) == rates.n)
            rates.tax_bp[rates.n++] = sale->lines[i].tax_bp; /* cf_sale_check saw that they fit */
    cf_cbor_write_array(w, rates.n);
    for (size_t i = 0; i < rates.n; i++)
        cf_cbor_write_uint(w, rates.tax_bp[i]);

    cf_cbor_write_array(w, sale->n_lines * LINE_FIELDS);
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        bool whole = line->qty_milli % 1000 == 0;
        cf_cbor_write_uint(w, line->product);
        cf_cbor_write_int(w, whole ? line->qty_milli / 1000 : -line->qty_milli);
        cf_cbor_write_int(w, line->unit_price_minor);
        cf_cbor_write_int(w, line->discount_minor);
        cf_cbor_write_uint(w, find_rate(&rates, line->tax_bp));
    }
}

static void write_rights(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, sale->n_discounts);
    for (size_t i = 0; i < sale->n_discounts; i++) {
        const struct cf_sale_discount *discount = &sale->discounts[i];
        cf_cbor_write_array(w, DISCOUNT_FIELDS);
        cf_cbor_write_uint(w, discount->campaign);
        cf_cbor_write_uint(w, discount->version);
        cf_cbor_write_int(w, discount->redemption);
        cf_cbor_write_int(w, discount->amount_minor);
    }
    cf_cbor_write_array(w, sale->n_redemptions);
    for (size_t i = 0; i < sale->n_redemptions; i++) {
        const struct cf_redemption *redemption = &sale->redemptions[i];
        cf_cbor_write_array(w, REDEMPTION_FIELDS);
        cf_cbor_write_uint(w, redemption->campaign);
        cf_cbor_write_uint(w, redemption->index);
        cf_cbor_write_uint(w, redemption->generation);
        cf_cbor_write_uint(w, redemption->policy);
        cf_cbor_write_uint(w, redemption->source);
        cf_cbor_write_uint(w, redemption->hub_epoch);
        cf_cbor_write_bytes(w, cf_bytes_of(redemption->request_key, CF_REQUEST_KEY_BYTES));
    }
    cf_cbor_write_array(w, sale->n_issued);
    for (size_t i = 0; i < sale->n_issued; i++) {
        const struct cf_issued *issued = &sale->issued[i];
        cf_cbor_write_array(w, ISSUED_FIELDS);
        cf_cbor_write_bytes(w, cf_bytes_of(issued->grant_id.b, CF_KID_BYTES));
        cf_cbor_write_uint(w, issued->campaign);
        cf_cbor_write_uint(w, issued->index);
        cf_cbor_write_int(w, issued->exp_s);
    }
}

static void write_sale(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    bool has_extra = cf_sale_has_extra(sale);
    cf_cbor_write_array(w, SALE_FIELDS + (has_extra ? 1 : 0));
    cf_cbor_write_uint(w, SALE_VERSION);
    cf_cbor_write_uint(w, sale->sale_no);
    cf_cbor_write_uint(w, sale->business_day);
    cf_cbor_write_text(w, sale->cashier);
    cf_cbor_write_int(w, sale->priced_before_ms);
    cf_cbor_write_text(w, sale->currency.code);
    cf_cbor_write_uint(w, sale->tax_mode);
    if (sale->has_member) {
        cf_cbor_write_array(w, MEMBER_FIELDS);
        cf_cbor_write_bool(w, sale->member_live);
        cf_cbor_write_bytes(w, cf_bytes_of(sale->member.b, CF_SUB_BYTES));
        cf_cbor_write_uint(w, sale->member_counter);
        cf_cbor_write_uint(w, sale->member_tier);
    } else {
        cf_cbor_write_null(w);
    }
    write_lines(sale, w);
    write_rights(sale, w);
    cf_cbor_write_array(w, sale->tenders.n);
    for (size_t i = 0; i < sale->tenders.n; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        cf_cbor_write_array(w, TENDER_FIELDS);
        cf_cbor_write_uint(w, tender->kind);
        cf_cbor_write_int(w, tender->amount_minor);
        cf_cbor_write_text(w, tender->reference);
    }
    cf_cbor_write_int(w, sale->gross_minor);
    cf_cbor_write_int(w, sale->discount_minor);
    cf_cbor_write_int(w, sale->tax_minor);
    cf_cbor_write_int(w, sale->total_minor);
    cf_cbor_write_int(w, sale->change_minor);
    cf_cbor_write_int(w, sale->points);
    if (has_extra)
        cf_sale_extra_write(sale, w);
}

enum cf_rc cf_sale_encode(const struct cf_sale *sale, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = cf_sale_check(sale, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    write_sale(sale, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static void read_head(struct cf_cbor_reader *r, struct cf_sale *sale, bool *ret_has_extra)
{
    uint64_t version;
    size_t n;
    *ret_has_extra = cf_cbor_read_array(r, &n, SALE_FIELDS + 1) && n == SALE_FIELDS + 1;
    if (n < SALE_FIELDS)
        cf_cbor_read_refuse(r);
    if (cf_cbor_read_uint(r, &version, SALE_VERSION) && version != SALE_VERSION)
        cf_cbor_read_refuse(r);
    (void)cf_cbor_read_uint(r, &sale->sale_no, UINT64_MAX);
    sale->business_day = cf_cbor_read_u32(r);
    (void)cf_cbor_read_cstr(r, sale->cashier, sizeof sale->cashier);
    (void)cf_cbor_read_int(r, &sale->priced_before_ms);
    (void)cf_cbor_read_cstr(r, sale->currency.code, sizeof sale->currency.code);
    sale->tax_mode = (enum cf_tax_mode)cf_cbor_read_u8(r);
    sale->has_member = !cf_cbor_read_null(r);
    if (sale->has_member) {
        (void)cf_cbor_read_array_of(r, MEMBER_FIELDS);
        (void)cf_cbor_read_bool(r, &sale->member_live);
        (void)cf_cbor_read_bytes_of(r, sale->member.b, CF_SUB_BYTES);
        (void)cf_cbor_read_uint(r, &sale->member_counter, UINT64_MAX);
        sale->member_tier = cf_cbor_read_u8(r);
    }
}

static int64_t read_quantity(struct cf_cbor_reader *r)
{
    int64_t v;
    if (!cf_cbor_read_int(r, &v))
        return 0;
    if (v > CF_QTY_MILLI_MAX / 1000 || v < -CF_QTY_MILLI_MAX || (v <= 0 && v % 1000 == 0)) {
        cf_cbor_read_refuse(r);
        return 0;
    }
    return v > 0 ? v * 1000 : -v;
}

static void read_rates(struct cf_cbor_reader *r, struct rates *rates)
{
    size_t n;
    if (!cf_cbor_read_array(r, &n, CF_SALE_RATES_MAX))
        return;
    for (size_t i = 0; i < n; i++) {
        uint32_t tax_bp = cf_cbor_read_u32(r);
        if (find_rate(rates, tax_bp) < rates->n)
            cf_cbor_read_refuse(r);
        rates->tax_bp[rates->n++] = tax_bp;
    }
}

static void read_lines(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    struct rates rates = {0};
    size_t n_items, n_rates_used = 0;
    read_rates(r, &rates);
    if (!cf_cbor_read_array(r, &n_items, (size_t)CF_CART_LINES_MAX * LINE_FIELDS))
        return;
    if (n_items % LINE_FIELDS != 0)
        cf_cbor_read_refuse(r);
    sale->n_lines = n_items / LINE_FIELDS;
    for (size_t i = 0; i < sale->n_lines && r->rc == CF_OK; i++) {
        struct cf_sale_line *line = &sale->lines[i];
        uint64_t rate;
        memset(line, 0, sizeof *line);
        (void)cf_cbor_read_uint(r, &line->product, UINT64_MAX);
        line->qty_milli = read_quantity(r);
        (void)cf_cbor_read_int(r, &line->unit_price_minor);
        (void)cf_cbor_read_int(r, &line->discount_minor);
        if (!cf_cbor_read_uint(r, &rate, CF_SALE_RATES_MAX))
            return;
        /* In order of first use: the next new one or one seen before. */
        if (rate > n_rates_used || rate >= rates.n) {
            cf_cbor_read_refuse(r);
            return;
        }
        if (rate == n_rates_used)
            n_rates_used++;
        line->tax_bp = rates.tax_bp[rate];
    }
    if (n_rates_used != rates.n)
        cf_cbor_read_refuse(r);
}

static int32_t read_redemption_no(struct cf_cbor_reader *r)
{
    int64_t v;
    if (!cf_cbor_read_int(r, &v))
        return 0;
    if (v < -1 || v >= CF_SALE_COUPONS_MAX) {
        cf_cbor_read_refuse(r);
        return 0;
    }
    return (int32_t)v;
}

static void read_rights(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array(r, &sale->n_discounts, CF_OFFERS_MAX);
    for (size_t i = 0; i < sale->n_discounts; i++) {
        struct cf_sale_discount *discount = &sale->discounts[i];
        (void)cf_cbor_read_array_of(r, DISCOUNT_FIELDS);
        discount->campaign = cf_cbor_read_u32(r);
        discount->version = cf_cbor_read_u32(r);
        discount->redemption = read_redemption_no(r);
        (void)cf_cbor_read_int(r, &discount->amount_minor);
    }
    (void)cf_cbor_read_array(r, &sale->n_redemptions, CF_SALE_COUPONS_MAX);
    for (size_t i = 0; i < sale->n_redemptions; i++) {
        struct cf_redemption *redemption = &sale->redemptions[i];
        (void)cf_cbor_read_array_of(r, REDEMPTION_FIELDS);
        redemption->campaign = cf_cbor_read_u32(r);
        redemption->index = cf_cbor_read_u32(r);
        redemption->generation = cf_cbor_read_u32(r);
        redemption->policy = (enum cf_policy)cf_cbor_read_u8(r);
        redemption->source = (enum cf_right_source)cf_cbor_read_u8(r);
        redemption->hub_epoch = cf_cbor_read_u32(r);
        (void)cf_cbor_read_bytes_of(r, redemption->request_key, CF_REQUEST_KEY_BYTES);
    }
    (void)cf_cbor_read_array(r, &sale->n_issued, CF_SALE_ISSUED_MAX);
    for (size_t i = 0; i < sale->n_issued; i++) {
        struct cf_issued *issued = &sale->issued[i];
        (void)cf_cbor_read_array_of(r, ISSUED_FIELDS);
        (void)cf_cbor_read_bytes_of(r, issued->grant_id.b, CF_KID_BYTES);
        issued->campaign = cf_cbor_read_u32(r);
        issued->index = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &issued->exp_s);
    }
}

static void read_payment(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array(r, &sale->tenders.n, CF_TENDERS_MAX);
    for (size_t i = 0; i < sale->tenders.n; i++) {
        struct cf_tender *tender = &sale->tenders.tender[i];
        (void)cf_cbor_read_array_of(r, TENDER_FIELDS);
        tender->kind = (enum cf_tender_kind)cf_cbor_read_u8(r);
        (void)cf_cbor_read_int(r, &tender->amount_minor);
        (void)cf_cbor_read_cstr(r, tender->reference, sizeof tender->reference);
    }
    (void)cf_cbor_read_int(r, &sale->gross_minor);
    (void)cf_cbor_read_int(r, &sale->discount_minor);
    (void)cf_cbor_read_int(r, &sale->tax_minor);
    (void)cf_cbor_read_int(r, &sale->total_minor);
    (void)cf_cbor_read_int(r, &sale->change_minor);
    (void)cf_cbor_read_int(r, &sale->points);
    sale->tenders.total_minor = sale->total_minor;
}

enum cf_rc cf_sale_decode(cf_bytes bytes, struct cf_sale *ret, struct cf_error *err)
{
    /* Read aside and copied when all is well, so that a damaged record leaves *ret as it was. */
    struct cf_sale_line lines[CF_CART_LINES_MAX];
    struct cf_sale sale;
    struct cf_cbor_reader r;
    struct cf_error why;
    bool has_extra = false;
    if (bytes.n > CF_SALE_BYTES_MAX)
        return cf_fail(err, CF_E_RECORD, "a sale of %zu bytes", bytes.n);
    memset(&sale, 0, sizeof sale);
    sale.lines = lines;
    cf_cbor_read_init(&r, bytes);
    read_head(&r, &sale, &has_extra);
    read_lines(&r, &sale);
    read_rights(&r, &sale);
    read_payment(&r, &sale);
    if (has_extra)
        cf_sale_extra_read(&r, &sale);
    if (cf_cbor_read_end(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    if (cf_sale_check(&sale, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);

    memcpy(ret->lines, lines, sale.n_lines * sizeof lines[0]);
    sale.lines = ret->lines;
    *ret = sale;
    return CF_OK;
}

int64_t cf_sale_redemption_value(const struct cf_sale *sale, size_t redemption)
{
    int64_t value_minor = 0;
    for (size_t i = 0; i < sale->n_discounts; i++) {
        if (sale->discounts[i].redemption == (int32_t)redemption)
            value_minor += sale->discounts[i].amount_minor; /* no overflow: cf_sale_check has added all of them up */
    }
    return value_minor;
}

int64_t cf_sale_by_hand(const struct cf_sale *sale)
{
    int64_t minor = 0;
    for (size_t i = 0; i < sale->n_by_hand; i++)
        minor += sale->by_hand[i].amount_minor; /* as above */
    return minor;
}

int64_t cf_sale_quoted_off(const struct cf_sale *sale)
{
    int64_t minor = 0;
    for (size_t i = 0; i < sale->n_lines && sale->quote.stands; i++)
        if (sale->lines[i].extra.origin == CF_PRICE_QUOTE)
            minor += sale->lines[i].discount_minor; /* as above: part of the sum of the lines' discounts */
    return minor;
}

uint32_t cf_sale_redemption_version(const struct cf_sale *sale, size_t redemption)
{
    for (size_t i = 0; i < sale->n_discounts; i++) {
        if (sale->discounts[i].redemption == (int32_t)redemption)
            return sale->discounts[i].version;
    }
    for (size_t i = 0; i < sale->n_effects; i++)
        if (sale->effects[i].redemption == (int32_t)redemption)
            return sale->effects[i].version;
    return 0;
}
