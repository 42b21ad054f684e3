/*
 * app/core/tender_extra.c - see tender_extra.h.
 */
#include "app/core/tender_extra.h"

#include "app/core/cash_rounding.h"

static bool says_something(const struct cf_tender *tender)
{
    return tender->foreign_minor != 0 || tender->has_id;
}

static size_t count(const struct cf_sale *sale)
{
    size_t n = 0;
    for (size_t i = 0; i < sale->tenders.n; i++)
        n += says_something(&sale->tenders.tender[i]) ? 1 : 0;
    return n;
}

bool cf_tender_extra_has(const struct cf_sale *sale)
{
    return sale->tenders.rounding_minor != 0 || count(sale) > 0;
}

static void write_tender(const struct cf_tender *tender, size_t no, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 3);
    cf_cbor_write_uint(w, no);
    if (tender->foreign_minor != 0) {
        cf_cbor_write_array(w, 3);
        cf_cbor_write_text(w, tender->rate.currency.code);
        cf_cbor_write_int(w, tender->foreign_minor);
        cf_cbor_write_int(w, tender->rate.rate_e8);
    } else {
        cf_cbor_write_null(w);
    }
    if (tender->has_id)
        cf_cbor_write_bytes(w, cf_bytes_of(tender->id, sizeof tender->id));
    else
        cf_cbor_write_null(w);
}

void cf_tender_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 2);
    cf_cbor_write_int(w, sale->tenders.rounding_minor);
    cf_cbor_write_array(w, count(sale));
    for (size_t i = 0; i < sale->tenders.n; i++)
        if (says_something(&sale->tenders.tender[i]))
            write_tender(&sale->tenders.tender[i], i + 1, w);
}

static void read_tender(struct cf_cbor_reader *r, struct cf_tender *tender)
{
    if (!cf_cbor_read_null(r)) {
        (void)cf_cbor_read_array_of(r, 3);
        (void)cf_cbor_read_cstr(r, tender->rate.currency.code, sizeof tender->rate.currency.code);
        (void)cf_cbor_read_int(r, &tender->foreign_minor);
        (void)cf_cbor_read_int(r, &tender->rate.rate_e8);
        if (tender->foreign_minor == 0)
            cf_cbor_read_refuse(r);
    }
    tender->has_id = !cf_cbor_read_null(r);
    if (tender->has_id)
        (void)cf_cbor_read_bytes_of(r, tender->id, sizeof tender->id);
    if (!says_something(tender))
        cf_cbor_read_refuse(r);
}

void cf_tender_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    size_t n = 0, last = 0;
    (void)cf_cbor_read_array_of(r, 2);
    (void)cf_cbor_read_int(r, &sale->tenders.rounding_minor);
    if (!cf_cbor_read_array(r, &n, CF_TENDERS_MAX))
        return;
    for (size_t i = 0; i < n && r->rc == CF_OK; i++) {
        uint64_t no = 0;
        (void)cf_cbor_read_array_of(r, 3);
        (void)cf_cbor_read_uint(r, &no, sale->tenders.n);
        if (no <= last) {
            cf_cbor_read_refuse(r);
            return;
        }
        last = (size_t)no;
        read_tender(r, &sale->tenders.tender[last - 1]);
    }
}

static enum cf_rc check_foreign(const struct cf_sale *sale, const struct cf_tender *tender, size_t no,
                                struct cf_error *err)
{
    int64_t worth = 0;
    struct cf_error why;
    if (tender->kind != CF_TENDER_CASH || tender->foreign_minor < 0)
        return cf_fail(err, CF_E_RECORD, "tender %zu: foreign money that is no cash", no);
    if (cf_convert(tender->foreign_minor, &tender->rate, sale->currency, &worth, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "tender %zu: %s", no, why.detail);
    if (worth != tender->amount_minor)
        return cf_fail(err, CF_E_RECORD, "tender %zu: is worth %lld by its rate, and was taken for %lld", no,
                       (long long)worth, (long long)tender->amount_minor);
    return CF_OK;
}

enum cf_rc cf_tender_extra_check(const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sale->tenders.n && rc == CF_OK; i++) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        if (tender->foreign_minor != 0)
            rc = check_foreign(sale, tender, i + 1, err);
        if (rc == CF_OK && tender->has_id && tender->kind == CF_TENDER_CASH)
            rc = cf_fail(err, CF_E_RECORD, "tender %zu: nobody else takes cash", i + 1);
    }
    return rc;
}

/* --- by which rule cash was rounded --------------------------------------------------------------------------------
 */

bool cf_cash_extra_has(const struct cf_sale *sale)
{
    bool cash = sale->tenders.rounding_minor != 0;
    for (size_t i = 0; i < sale->tenders.n; i++)
        cash = cash || sale->tenders.tender[i].kind == CF_TENDER_CASH;
    return cash && sale->tenders.cash.step_minor > 1;
}

void cf_cash_extra_write(const struct cf_sale *sale, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 2);
    cf_cbor_write_int(w, sale->tenders.cash.step_minor);
    cf_cbor_write_uint(w, sale->tenders.cash.way);
}

void cf_cash_extra_read(struct cf_cbor_reader *r, struct cf_sale *sale)
{
    (void)cf_cbor_read_array_of(r, 2);
    (void)cf_cbor_read_int(r, &sale->tenders.cash.step_minor);
    sale->tenders.cash.way = (enum cf_cash_way)cf_cbor_read_u8(r);
}

enum cf_rc cf_cash_extra_check(const struct cf_sale *sale, struct cf_error *err)
{
    const struct cf_cash_rule *rule = &sale->tenders.cash;
    if (!cf_cash_extra_has(sale))
        return CF_OK;
    if (!cf_cash_rule_is_plausible(rule))
        return cf_fail(err, CF_E_RECORD, "cash in steps of %lld", (long long)rule->step_minor);
    return cf_tenders_follow_rule(&sale->tenders)
               ? CF_OK
               : cf_fail(err, CF_E_RECORD, "a rounding of %lld, and cash in steps of %lld %s",
                         (long long)sale->tenders.rounding_minor, (long long)rule->step_minor,
                         cf_cash_way_name(rule->way));
}
