/*
 * app/core/drawer.h - the cash drawer: what goes in and out besides sales, and what was found in it.
 *
 *   expected = floats + cash of sales - change - cash refunds + paid in - paid out - drops     (of one business day)
 *
 * A count is blind: who counts gives the pieces of each denomination and is not told what is expected; the record keeps
 * both. Pure.
 */
#ifndef CF_CORE_DRAWER_H
#define CF_CORE_DRAWER_H

#include "app/core/fiscal_answer.h"
#include "base/bytes.h"
#include "base/money.h"

#define CF_DRAWER_USER_MAX 32
#define CF_DRAWER_REASON_MAX 80
#define CF_DENOMINATIONS_MAX 24
#define CF_PIECES_MAX 1000000

/* Numbers stand in records: append. */
enum cf_drawer_kind {
    CF_DRAWER_FLOAT = 1,
    CF_DRAWER_PAID_IN = 2,
    CF_DRAWER_PAID_OUT = 3,
    CF_DRAWER_DROP = 4,
    CF_DRAWER_NO_SALE = 5,
    CF_DRAWER_COUNT = 6,
};
const char *cf_drawer_kind_name(enum cf_drawer_kind kind); /* "float", "paid in" ...; "unknown" */

/* Notes and coins of a currency that a drawer may hold, the largest first. Of a currency that is not listed: 1, 2 and 5
 * of every power of ten. Returns how many. */
size_t cf_denominations(cf_currency currency, int64_t ret_minor[CF_DENOMINATIONS_MAX]);

struct cf_drawer_pieces {
    int64_t value_minor;
    uint32_t n;
};
struct cf_drawer_count {
    size_t n;
    struct cf_drawer_pieces pieces[CF_DENOMINATIONS_MAX]; /* falling values, each once */
};
/* Adds pieces of one value. CF_E_DRAWER_COUNT: no such note or coin, or it was counted already; CF_E_RANGE. */
enum cf_rc cf_drawer_count_add(struct cf_drawer_count *count, cf_currency currency, int64_t value_minor, uint32_t n,
                               struct cf_error *err) CF_MUST_CHECK;
/* What they come to. Bounded, so that it cannot overflow. */
int64_t cf_drawer_count_total(const struct cf_drawer_count *count);

/* The body of CF_RECORD_DRAWER. */
struct cf_drawer_event {
    enum cf_drawer_kind kind;
    char user[CF_DRAWER_USER_MAX + 1]; /* as on a sale: who did it */
    uint32_t business_day;
    int64_t amount_minor; /* > 0; NO_SALE: 0; COUNT: what was counted, >= 0 */
    char reason[CF_DRAWER_REASON_MAX + 1];
    int64_t expected_minor; /* COUNT; else 0. Below zero: more went out than was ever put in */
    struct cf_drawer_count count;
    struct cf_fiscal_answer fiscal; /* where money goes in or out: neither NO_SALE nor COUNT */
};
bool cf_drawer_moves_cash(enum cf_drawer_kind kind);
/* CF_E_RECORD for what would not be read again. */
enum cf_rc cf_drawer_event_check(const struct cf_drawer_event *event, struct cf_error *err) CF_MUST_CHECK;
/* Appends. CF_E_RECORD as _check; then `ret` is unchanged. */
enum cf_rc cf_drawer_event_encode(const struct cf_drawer_event *event, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_drawer_event_decode(cf_bytes bytes, struct cf_drawer_event *ret, struct cf_error *err) CF_MUST_CHECK;

/* Of one business day. */
struct cf_drawer_totals {
    int64_t float_minor, paid_in_minor, paid_out_minor, drop_minor; /* >= 0 */
    uint64_t n_no_sale, n_counts;
    int64_t counted_minor, expected_minor; /* of the last count */
};
/* CF_E_OVERFLOW; then *totals is unchanged. */
enum cf_rc cf_drawer_add(struct cf_drawer_totals *totals, const struct cf_drawer_event *event,
                         struct cf_error *err) CF_MUST_CHECK;
bool cf_drawer_totals_equal(const struct cf_drawer_totals *a, const struct cf_drawer_totals *b);
/* cash_minor: of sales, with change taken off; refunded_minor: in cash. CF_E_OVERFLOW. */
enum cf_rc cf_drawer_expected(const struct cf_drawer_totals *totals, int64_t cash_minor, int64_t refunded_minor,
                              int64_t *ret_minor, struct cf_error *err) CF_MUST_CHECK;

#endif
