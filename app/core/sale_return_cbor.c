/*
 * app/core/sale_return_cbor.c - a return as CBOR, and back, and the arithmetic that every return must satisfy.
 *
 *   [1, return_no, business_day, cashier, is_void, terminal, epoch, seq, sale_no,     the last four: the sale
 *    null | request_key(16), currency, tax_mode, null | member(8),
 *    [line_no, product, tax_bp, sold_milli, before_milli, qty_milli, gross, discount, tax ...]   nine items a line
 *    [[tender_no, kind, amount_minor] ...],
 *    [[campaign, index, fate, cost_minor] ...],
 *    gross_minor, discount_minor, tax_minor, total_minor, points,
 *    {..}]                                                          only if it says something: sale_return_extra.h
 *
 * Whether the sale is there, and whether these are its shares, is cf_return_rejudge. Pure; thread-safe.
 */
#include "app/core/sale_return.h"
#include "app/core/sale_return_extra.h"
#include "app/core/tax.h"

#include <string.h>

#include "base/cbor.h"
#include "base/text.h"

#define RETURN_VERSION 1
#define RETURN_FIELDS 21
#define LINE_FIELDS 9
#define TENDER_FIELDS 3
#define RIGHT_FIELDS 4

/* --- does it add up? -----------------------------------------------------------------------------------------------
 */

static enum cf_rc check_head(const struct cf_return *r, struct cf_error *err)
{
    cf_currency currency;
    char cashier[sizeof r->cashier + 1];
    uint32_t month = r->business_day / 100 % 100, day = r->business_day % 100;
    size_t n = strnlen(r->cashier, sizeof r->cashier);
    if (r->return_no == 0 || r->return_no > INT64_MAX || r->of.sale_no == 0 || r->of.sale_no > INT64_MAX)
        return cf_fail(err, CF_E_RECORD, "return number %llu of sale number %llu", (unsigned long long)r->return_no,
                       (unsigned long long)r->of.sale_no);
    if (r->of.terminal == 0 || r->of.epoch == 0 || r->of.seq == 0 || r->of.seq > INT64_MAX)
        return cf_fail(err, CF_E_RECORD, "a return of no sale");
    if (r->business_day > 99991231 || month < 1 || month > 12 || day < 1 || day > 31)
        return cf_fail(err, CF_E_RECORD, "business day %lu", (unsigned long)r->business_day);
    if (n == sizeof r->cashier || cf_text_accept(cf_bytes_of(r->cashier, n), cashier, sizeof cashier, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "cashier is not UTF-8 without control characters");
    if (r->currency.code[3] != '\0' || cf_currency_parse(r->currency.code, &currency, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "currency is not three capital letters");
    if (!cf_tax_mode_is_known(r->tax_mode))
        return cf_fail(err, CF_E_RECORD, "tax mode %d", (int)r->tax_mode);
    if (r->points < 0 || (r->points > 0 && !r->has_member))
        return cf_fail(err, CF_E_RECORD, "%lld points", (long long)r->points);
    return CF_OK;
}

static enum cf_rc check_line(const struct cf_return *r, size_t i, struct cf_error *err)
{
    const struct cf_return_line *l = &r->lines[i];
    bool rising = i == 0 ? l->line_no >= 1 : l->line_no > r->lines[i - 1].line_no;
    if (!rising || l->line_no > CF_CART_LINES_MAX || l->tax_bp > CF_TAX_BP_MAX)
        return cf_fail(err, CF_E_RECORD, "line %zu: number %lu, tax rate %lu", i + 1, (unsigned long)l->line_no,
                       (unsigned long)l->tax_bp);
    if (l->sold_milli < 1 || l->sold_milli > CF_QTY_MILLI_MAX || l->before_milli < 0 || l->qty_milli < 0 ||
        l->before_milli > l->sold_milli || l->qty_milli > l->sold_milli - l->before_milli ||
        (l->qty_milli == 0 && l->before_milli == 0))
        return cf_fail(err, CF_E_RECORD, "line %lu: quantity %lld of %lld, %lld before", (unsigned long)l->line_no,
                       (long long)l->qty_milli, (long long)l->sold_milli, (long long)l->before_milli);
    if (l->tax_minor < 0 || l->discount_minor < 0 || l->discount_minor > l->gross_minor)
        return cf_fail(err, CF_E_RECORD, "line %lu: an amount is out of range", (unsigned long)l->line_no);
    if (l->qty_milli == 0 && (l->gross_minor != 0 || l->discount_minor != 0 || l->tax_minor != 0))
        return cf_fail(err, CF_E_RECORD, "line %lu: an amount for nothing", (unsigned long)l->line_no);
    if (r->is_void && (l->before_milli != 0 || l->qty_milli != l->sold_milli))
        return cf_fail(err, CF_E_RECORD, "line %lu: a void takes back all of it", (unsigned long)l->line_no);
    return CF_OK;
}

static enum cf_rc check_lines(const struct cf_return *r, struct cf_error *err)
{
    int64_t gross = 0, discount = 0, tax = 0;
    bool any = false;
    if (r->n_lines < 1 || r->n_lines > CF_CART_LINES_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu lines", r->n_lines);
    for (size_t i = 0; i < r->n_lines; i++) {
        enum cf_rc rc = check_line(r, i, err);
        if (rc != CF_OK)
            return rc;
        if (cf_add_i64(gross, r->lines[i].gross_minor, &gross, NULL) != CF_OK ||
            cf_add_i64(tax, r->lines[i].tax_minor, &tax, NULL) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "line %lu: the sum does not fit", (unsigned long)r->lines[i].line_no);
        discount += r->lines[i].discount_minor; /* at most the gross sum */
        any = any || r->lines[i].qty_milli > 0;
    }
    int64_t total = gross - discount;
    if (!cf_tax_is_inclusive(r->tax_mode) && cf_add_i64(total, tax, &total, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "the refund does not fit");
    if (!any)
        return cf_fail(err, CF_E_RECORD, "nothing comes back");
    if (gross != r->gross_minor || discount != r->discount_minor || tax != r->tax_minor || total != r->total_minor)
        return cf_fail(err, CF_E_RECORD, "the return does not add up: total %lld, by line %lld",
                       (long long)r->total_minor, (long long)total);
    return CF_OK;
}

static enum cf_rc check_tenders(const struct cf_return *r, struct cf_error *err)
{
    int64_t sum = 0;
    if (r->n_tenders > CF_TENDERS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu refunds", r->n_tenders);
    for (size_t i = 0; i < r->n_tenders; i++) {
        const struct cf_return_tender *t = &r->tenders[i];
        if (t->tender_no < 1 || t->tender_no > CF_TENDERS_MAX || cf_tender_kind_name(t->kind) == NULL ||
            t->amount_minor < 1 || cf_add_i64(sum, t->amount_minor, &sum, NULL) != CF_OK)
            return cf_fail(err, CF_E_RECORD, "refund %zu: %lld", i + 1, (long long)t->amount_minor);
        for (size_t k = 0; k < i; k++)
            if (r->tenders[k].tender_no == t->tender_no)
                return cf_fail(err, CF_E_RECORD, "refund %zu: to the same tender twice", i + 1);
    }
    int64_t refund = 0;
    if (r->exchange_minor < 0 || cf_add_i64(sum, r->exchange_minor, &sum, NULL) != CF_OK ||
        cf_add_i64(sum, r->has_credit ? r->credit.amount_minor : 0, &sum, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "refunds that do not fit");
    if (r->rounding_minor <= -CF_CASH_STEP_MAX || r->rounding_minor >= CF_CASH_STEP_MAX ||
        cf_add_i64(r->total_minor, r->rounding_minor, &refund, NULL) != CF_OK || sum != refund)
        return cf_fail(err, CF_E_RECORD, "%lld is refunded of %lld", (long long)sum, (long long)r->total_minor);
    return CF_OK;
}

static enum cf_rc check_rights(const struct cf_return *r, struct cf_error *err)
{
    if (r->n_rights > CF_SALE_COUPONS_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu rights", r->n_rights);
    for (size_t i = 0; i < r->n_rights; i++) {
        const struct cf_return_right *right = &r->rights[i];
        if (right->fate > CF_ON_RETURN_BURN || right->cost_minor < 0)
            return cf_fail(err, CF_E_RECORD, "right %zu: fate %d, cost %lld", i + 1, (int)right->fate,
                           (long long)right->cost_minor);
        for (size_t k = 0; k < i; k++)
            if (r->rights[k].campaign == right->campaign && r->rights[k].index == right->index)
                return cf_fail(err, CF_E_RECORD, "right %zu is named twice", i + 1);
    }
    return CF_OK;
}

enum cf_rc cf_return_check(const struct cf_return *r, struct cf_error *err)
{
    enum cf_rc rc = check_head(r, err);
    if (rc == CF_OK)
        rc = check_lines(r, err);
    if (rc == CF_OK)
        rc = check_tenders(r, err);
    if (rc == CF_OK)
        rc = check_rights(r, err);
    if (rc == CF_OK)
        rc = cf_return_extra_check(r, err);
    return rc;
}

/* --- writing -------------------------------------------------------------------------------------------------------
 */

static void write_head(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, RETURN_FIELDS + (cf_return_has_extra(r) ? 1 : 0));
    cf_cbor_write_uint(w, RETURN_VERSION);
    cf_cbor_write_uint(w, r->return_no);
    cf_cbor_write_uint(w, r->business_day);
    cf_cbor_write_text(w, r->cashier);
    cf_cbor_write_bool(w, r->is_void);
    cf_cbor_write_uint(w, r->of.terminal);
    cf_cbor_write_uint(w, r->of.epoch);
    cf_cbor_write_uint(w, r->of.seq);
    cf_cbor_write_uint(w, r->of.sale_no);
    if (r->claimed)
        cf_cbor_write_bytes(w, cf_bytes_of(r->request_key, CF_REQUEST_KEY_BYTES));
    else
        cf_cbor_write_null(w);
    cf_cbor_write_text(w, r->currency.code);
    cf_cbor_write_uint(w, r->tax_mode);
    if (r->has_member)
        cf_cbor_write_bytes(w, cf_bytes_of(r->member.b, CF_SUB_BYTES));
    else
        cf_cbor_write_null(w);
}

static void write_body(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, r->n_lines * LINE_FIELDS);
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct cf_return_line *l = &r->lines[i];
        cf_cbor_write_uint(w, l->line_no);
        cf_cbor_write_uint(w, l->product);
        cf_cbor_write_uint(w, l->tax_bp);
        cf_cbor_write_int(w, l->sold_milli);
        cf_cbor_write_int(w, l->before_milli);
        cf_cbor_write_int(w, l->qty_milli);
        cf_cbor_write_int(w, l->gross_minor);
        cf_cbor_write_int(w, l->discount_minor);
        cf_cbor_write_int(w, l->tax_minor);
    }
    cf_cbor_write_array(w, r->n_tenders);
    for (size_t i = 0; i < r->n_tenders; i++) {
        cf_cbor_write_array(w, TENDER_FIELDS);
        cf_cbor_write_uint(w, r->tenders[i].tender_no);
        cf_cbor_write_uint(w, r->tenders[i].kind);
        cf_cbor_write_int(w, r->tenders[i].amount_minor);
    }
    cf_cbor_write_array(w, r->n_rights);
    for (size_t i = 0; i < r->n_rights; i++) {
        cf_cbor_write_array(w, RIGHT_FIELDS);
        cf_cbor_write_uint(w, r->rights[i].campaign);
        cf_cbor_write_uint(w, r->rights[i].index);
        cf_cbor_write_uint(w, r->rights[i].fate);
        cf_cbor_write_int(w, r->rights[i].cost_minor);
    }
    cf_cbor_write_int(w, r->gross_minor);
    cf_cbor_write_int(w, r->discount_minor);
    cf_cbor_write_int(w, r->tax_minor);
    cf_cbor_write_int(w, r->total_minor);
    cf_cbor_write_int(w, r->points);
    if (cf_return_has_extra(r))
        cf_return_extra_write(r, w);
}

enum cf_rc cf_return_encode(const struct cf_return *r, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = cf_return_check(r, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    write_head(r, &w);
    write_body(r, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

/* --- reading -------------------------------------------------------------------------------------------------------
 */

static void read_head(struct cf_cbor_reader *in, struct cf_return *r, bool *ret_extra)
{
    uint64_t version;
    size_t n = 0;
    if (cf_cbor_read_array(in, &n, RETURN_FIELDS + 1) && n < RETURN_FIELDS)
        cf_cbor_read_refuse(in);
    *ret_extra = n == RETURN_FIELDS + 1;
    if (cf_cbor_read_uint(in, &version, RETURN_VERSION) && version != RETURN_VERSION)
        cf_cbor_read_refuse(in);
    (void)cf_cbor_read_uint(in, &r->return_no, UINT64_MAX);
    r->business_day = cf_cbor_read_u32(in);
    (void)cf_cbor_read_cstr(in, r->cashier, sizeof r->cashier);
    (void)cf_cbor_read_bool(in, &r->is_void);
    r->of.terminal = cf_cbor_read_u32(in);
    r->of.epoch = cf_cbor_read_u32(in);
    (void)cf_cbor_read_uint(in, &r->of.seq, UINT64_MAX);
    (void)cf_cbor_read_uint(in, &r->of.sale_no, UINT64_MAX);
    r->claimed = !cf_cbor_read_null(in);
    if (r->claimed)
        (void)cf_cbor_read_bytes_of(in, r->request_key, CF_REQUEST_KEY_BYTES);
    (void)cf_cbor_read_cstr(in, r->currency.code, sizeof r->currency.code);
    r->tax_mode = (enum cf_tax_mode)cf_cbor_read_u8(in);
    r->has_member = !cf_cbor_read_null(in);
    if (r->has_member)
        (void)cf_cbor_read_bytes_of(in, r->member.b, CF_SUB_BYTES);
}

static void read_lines(struct cf_cbor_reader *in, struct cf_return *r)
{
    size_t n_items;
    if (!cf_cbor_read_array(in, &n_items, (size_t)CF_CART_LINES_MAX * LINE_FIELDS))
        return;
    if (n_items % LINE_FIELDS != 0)
        cf_cbor_read_refuse(in);
    r->n_lines = n_items / LINE_FIELDS;
    for (size_t i = 0; i < r->n_lines && in->rc == CF_OK; i++) {
        struct cf_return_line *l = &r->lines[i];
        *l = (struct cf_return_line){.line_no = cf_cbor_read_u32(in)};
        (void)cf_cbor_read_uint(in, &l->product, UINT64_MAX);
        l->tax_bp = cf_cbor_read_u32(in);
        (void)cf_cbor_read_int(in, &l->sold_milli);
        (void)cf_cbor_read_int(in, &l->before_milli);
        (void)cf_cbor_read_int(in, &l->qty_milli);
        (void)cf_cbor_read_int(in, &l->gross_minor);
        (void)cf_cbor_read_int(in, &l->discount_minor);
        (void)cf_cbor_read_int(in, &l->tax_minor);
    }
}

static void read_rest(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_array(in, &r->n_tenders, CF_TENDERS_MAX);
    for (size_t i = 0; i < r->n_tenders; i++) {
        struct cf_return_tender *t = &r->tenders[i];
        (void)cf_cbor_read_array_of(in, TENDER_FIELDS);
        t->tender_no = cf_cbor_read_u32(in);
        t->kind = (enum cf_tender_kind)cf_cbor_read_u8(in);
        (void)cf_cbor_read_int(in, &t->amount_minor);
    }
    (void)cf_cbor_read_array(in, &r->n_rights, CF_SALE_COUPONS_MAX);
    for (size_t i = 0; i < r->n_rights; i++) {
        struct cf_return_right *right = &r->rights[i];
        (void)cf_cbor_read_array_of(in, RIGHT_FIELDS);
        right->campaign = cf_cbor_read_u32(in);
        right->index = cf_cbor_read_u32(in);
        right->fate = (enum cf_on_return)cf_cbor_read_u8(in);
        (void)cf_cbor_read_int(in, &right->cost_minor);
    }
    (void)cf_cbor_read_int(in, &r->gross_minor);
    (void)cf_cbor_read_int(in, &r->discount_minor);
    (void)cf_cbor_read_int(in, &r->tax_minor);
    (void)cf_cbor_read_int(in, &r->total_minor);
    (void)cf_cbor_read_int(in, &r->points);
}

enum cf_rc cf_return_decode(cf_bytes bytes, struct cf_return *ret, struct cf_error *err)
{
    /* Read aside and copied when all is well, so that a damaged record leaves *ret as it was. */
    struct cf_return_line lines[CF_CART_LINES_MAX];
    struct cf_return r = {.lines = lines};
    struct cf_cbor_reader in;
    struct cf_error why;
    if (bytes.n > CF_RETURN_BYTES_MAX)
        return cf_fail(err, CF_E_RECORD, "a return of %zu bytes", bytes.n);
    cf_cbor_read_init(&in, bytes);
    bool extra = false;
    read_head(&in, &r, &extra);
    read_lines(&in, &r);
    read_rest(&in, &r);
    if (extra)
        cf_return_extra_read(&in, &r);
    if (cf_cbor_read_end(&in, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    if (cf_return_check(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    memcpy(ret->lines, lines, r.n_lines * sizeof lines[0]);
    r.lines = ret->lines;
    *ret = r;
    return CF_OK;
}
