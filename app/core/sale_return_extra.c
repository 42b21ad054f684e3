/*
 * app/core/sale_return_extra.c - see sale_return_extra.h. One row of the table is one key; order is that of the keys.
 */
#include "app/core/sale_return_extra.h"

#include <string.h>

#include "base/text.h"

#include "app/core/points_extra.h"

/* --- 3: what the tenders give back beside the total; its range is held where the tenders are ---------------------- */

static bool has_rounding(const struct cf_return *r)
{
    return r->rounding_minor != 0;
}

static void write_rounding(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_int(w, r->rounding_minor);
}

static void read_rounding(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_int(in, &r->rounding_minor);
}

static enum cf_rc check_nothing(const struct cf_return *r, struct cf_error *err)
{
    (void)r;
    (void)err;
    return CF_OK;
}

/* --- 4: how parts in cash are rounded, [step_minor, way] ------------------------------------------------------------
 */

static bool has_cash(const struct cf_return *r)
{
    return r->cash.step_minor > 1;
}

static void write_cash(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 2);
    cf_cbor_write_int(w, r->cash.step_minor);
    cf_cbor_write_uint(w, r->cash.way);
}

static void read_cash(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_array_of(in, 2);
    (void)cf_cbor_read_int(in, &r->cash.step_minor);
    r->cash.way = (enum cf_cash_way)cf_cbor_read_u8(in);
}

static enum cf_rc check_cash(const struct cf_return *r, struct cf_error *err)
{
    return !has_cash(r) || cf_cash_rule_is_plausible(&r->cash)
               ? CF_OK
               : cf_fail(err, CF_E_RECORD, "cash in steps of %lld", (long long)r->cash.step_minor);
}

/* --- 6: fiscal ------------------------------------------------------------------------------------------------------
 */

static bool has_fiscal(const struct cf_return *r)
{
    return r->fiscal.is;
}

static void write_fiscal(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_fiscal_answer_write(&r->fiscal, w);
}

static void read_fiscal(struct cf_cbor_reader *in, struct cf_return *r)
{
    cf_fiscal_answer_read(in, &r->fiscal);
}

static enum cf_rc check_fiscal(const struct cf_return *r, struct cf_error *err)
{
    return cf_fiscal_answer_check(&r->fiscal, err);
}

/* --- 11: refunds that the till asks for itself ---------------------------------------------------------------------
 */

static size_t count_refunds(const struct cf_return *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_tenders; i++)
        n += r->tenders[i].has_id;
    return n;
}

static bool has_refunds(const struct cf_return *r)
{
    return count_refunds(r) > 0;
}

static void write_refunds(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, count_refunds(r));
    for (size_t i = 0; i < r->n_tenders; i++) {
        if (!r->tenders[i].has_id)
            continue;
        cf_cbor_write_array(w, 2);
        cf_cbor_write_uint(w, r->tenders[i].tender_no);
        cf_cbor_write_bytes(w, cf_bytes_of(r->tenders[i].id, CF_TENDER_ID_BYTES));
    }
}

/* In the order of the tenders. */
static void read_refunds(struct cf_cbor_reader *in, struct cf_return *r)
{
    size_t n = 0, next = 0;
    (void)cf_cbor_read_array(in, &n, CF_TENDERS_MAX);
    for (size_t i = 0; i < n && in->rc == CF_OK; i++) {
        (void)cf_cbor_read_array_of(in, 2);
        uint32_t tender_no = cf_cbor_read_u32(in);
        while (next < r->n_tenders && r->tenders[next].tender_no != tender_no)
            next++;
        if (next == r->n_tenders) {
            cf_cbor_read_refuse(in);
            return;
        }
        (void)cf_cbor_read_bytes_of(in, r->tenders[next].id, CF_TENDER_ID_BYTES);
        r->tenders[next++].has_id = true;
    }
}

static enum cf_rc check_refunds(const struct cf_return *r, struct cf_error *err)
{
    for (size_t i = 0; i < r->n_tenders; i++) {
        const struct cf_return_tender *tender = &r->tenders[i];
        if (!tender->has_id)
            continue;
        if (tender->kind != CF_TENDER_CARD && tender->kind != CF_TENDER_MOBILE)
            return cf_fail(err, CF_E_RECORD, "refund %zu: nobody can be asked for %s", i + 1,
                           cf_tender_kind_name(tender->kind));
        for (size_t k = 0; k < i; k++)
            if (r->tenders[k].has_id && memcmp(r->tenders[k].id, tender->id, sizeof tender->id) == 0)
                return cf_fail(err, CF_E_RECORD, "refund %zu: an id that is not its own", i + 1);
    }
    return CF_OK;
}

/* --- 12: what went into an exchange --------------------------------------------------------------------------------
 */

static bool has_exchange(const struct cf_return *r)
{
    return r->exchange_minor != 0;
}

static void write_exchange(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_int(w, r->exchange_minor);
}

static void read_exchange(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_int(in, &r->exchange_minor);
}

static enum cf_rc check_exchange(const struct cf_return *r, struct cf_error *err)
{
    return r->exchange_minor >= 0 && !(r->is_void && has_exchange(r))
               ? CF_OK
               : cf_fail(err, CF_E_RECORD, "an exchange of %lld", (long long)r->exchange_minor);
}

/* --- 13: why they came back ----------------------------------------------------------------------------------------
 */

static bool has_reason(const struct cf_return *r)
{
    return r->reason[0] != '\0';
}

static void write_reason(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_text(w, r->reason);
}

static void read_reason(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_cstr(in, r->reason, sizeof r->reason);
}

static enum cf_rc check_reason(const struct cf_return *r, struct cf_error *err)
{
    char reason[sizeof r->reason + 1];
    size_t n = strnlen(r->reason, sizeof r->reason);
    return n < sizeof r->reason && cf_text_accept(cf_bytes_of(r->reason, n), reason, sizeof reason, NULL) == CF_OK
               ? CF_OK
               : cf_fail(err, CF_E_RECORD, "the reason is not UTF-8 without control characters");
}

/* --- 14: store credit ----------------------------------------------------------------------------------------------
 */

static bool has_credit(const struct cf_return *r)
{
    return r->has_credit;
}

static void write_credit(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_value_card_write(&r->credit, w);
}

static void read_credit(struct cf_cbor_reader *in, struct cf_return *r)
{
    r->has_credit = true;
    cf_value_card_read(in, &r->credit);
}

static enum cf_rc check_credit(const struct cf_return *r, struct cf_error *err)
{
    return r->has_credit ? cf_value_credit_check(&r->credit, err) : CF_OK;
}

/* --- 15: coupons of the sale's receipt ------------------------------------------------------------------------------
 */

static bool has_revoked(const struct cf_return *r)
{
    return r->n_revoked > 0;
}

static void write_revoked(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, r->n_revoked);
    for (size_t i = 0; i < r->n_revoked; i++) {
        cf_cbor_write_array(w, 3);
        cf_cbor_write_uint(w, r->revoked[i].campaign);
        cf_cbor_write_uint(w, r->revoked[i].index);
        cf_cbor_write_bool(w, r->revoked[i].used);
    }
}

static void read_revoked(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_array(in, &r->n_revoked, CF_SALE_ISSUED_MAX);
    for (size_t i = 0; i < r->n_revoked && in->rc == CF_OK; i++) {
        (void)cf_cbor_read_array_of(in, 3);
        r->revoked[i].campaign = cf_cbor_read_u32(in);
        r->revoked[i].index = cf_cbor_read_u32(in);
        (void)cf_cbor_read_bool(in, &r->revoked[i].used);
    }
}

static enum cf_rc check_revoked(const struct cf_return *r, struct cf_error *err)
{
    if (r->n_revoked > CF_SALE_ISSUED_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu coupons revoked", r->n_revoked);
    for (size_t i = 0; i < r->n_revoked; i++)
        for (size_t k = 0; k < i; k++)
            if (r->revoked[k].campaign == r->revoked[i].campaign && r->revoked[k].index == r->revoked[i].index)
                return cf_fail(err, CF_E_RECORD, "revoked coupon %zu: it is there twice", i + 1);
    return CF_OK;
}

/* --- 16: points by campaign, as points_extra.h. Each is rounded by itself, so on one return they may be a point more
 * than it takes in all; on all returns of a sale together they never are.
 * -------------------------------------------------
 */

static bool has_points(const struct cf_return *r)
{
    return r->n_points_by > 0;
}

static void write_points(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_points_given_write(r->points_by, r->n_points_by, w);
}

static void read_points(struct cf_cbor_reader *in, struct cf_return *r)
{
    cf_points_given_read(in, r->points_by, &r->n_points_by);
}

static enum cf_rc check_points(const struct cf_return *r, struct cf_error *err)
{
    if (has_points(r) && !r->has_member)
        return cf_fail(err, CF_E_RECORD, "points taken back without a member");
    return cf_points_given_check(r->points_by, r->n_points_by, INT64_MAX, err);
}

/* --- 17: nothing of the sale is left: true --------------------------------------------------------------------------
 */

static bool has_all(const struct cf_return *r)
{
    return r->all;
}

static void write_all(const struct cf_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_bool(w, r->all);
}

static void read_all(struct cf_cbor_reader *in, struct cf_return *r)
{
    (void)cf_cbor_read_bool(in, &r->all);
}

static enum cf_rc check_all(const struct cf_return *r, struct cf_error *err)
{
    return r->all && !r->has_member ? cf_fail(err, CF_E_RECORD, "a purchase that is gone, and nobody's") : CF_OK;
}

/* --- the table ------------------------------------------------------------------------------------------------------
 */

static const struct extra {
    uint64_t key;
    bool (*has)(const struct cf_return *r);
    void (*write)(const struct cf_return *r, struct cf_cbor_writer *w);
    void (*read)(struct cf_cbor_reader *in, struct cf_return *r);
    enum cf_rc (*check)(const struct cf_return *r, struct cf_error *err);
} extras[] = {
    {3, has_rounding, write_rounding, read_rounding, check_nothing},
    {4, has_cash, write_cash, read_cash, check_cash},
    {CF_FISCAL_KEY, has_fiscal, write_fiscal, read_fiscal, check_fiscal},
    {11, has_refunds, write_refunds, read_refunds, check_refunds},
    {12, has_exchange, write_exchange, read_exchange, check_exchange},
    {13, has_reason, write_reason, read_reason, check_reason},
    {14, has_credit, write_credit, read_credit, check_credit},
    {15, has_revoked, write_revoked, read_revoked, check_revoked},
    {16, has_points, write_points, read_points, check_points},
    {17, has_all, write_all, read_all, check_all},
};
#define EXTRAS (sizeof extras / sizeof extras[0])

bool cf_return_has_extra(const struct cf_return *r)
{
    for (size_t i = 0; i < EXTRAS; i++)
        if (extras[i].has(r))
            return true;
    return false;
}

void cf_return_extra_write(const struct cf_return *r, struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (size_t i = 0; i < EXTRAS; i++)
        n += extras[i].has(r);
    cf_cbor_write_map(w, n);
    for (size_t i = 0; i < EXTRAS; i++)
        if (extras[i].has(r)) {
            cf_cbor_write_uint(w, extras[i].key);
            extras[i].write(r, w);
        }
}

void cf_return_extra_read(struct cf_cbor_reader *in, struct cf_return *r)
{
    size_t n = 0, next = 0;
    if (!cf_cbor_read_map(in, &n, EXTRAS))
        return;
    if (n == 0)
        cf_cbor_read_refuse(in);
    for (size_t i = 0; i < n && in->rc == CF_OK; i++) {
        uint64_t key;
        if (!cf_cbor_read_uint(in, &key, UINT32_MAX))
            return;
        while (next < EXTRAS && extras[next].key < key)
            next++;
        if (next == EXTRAS || extras[next].key != key) { /* unknown, or not rising */
            cf_cbor_read_refuse(in);
            return;
        }
        extras[next].read(in, r);
        if (in->rc == CF_OK && !extras[next].has(r)) /* it says nothing: there is one encoding a return */
            cf_cbor_read_refuse(in);
        next++;
    }
}

enum cf_rc cf_return_extra_check(const struct cf_return *r, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < EXTRAS && rc == CF_OK; i++)
        rc = extras[i].check(r, err);
    return rc;
}
