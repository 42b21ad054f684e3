/*
 * app/core/drawer.c - see drawer.h.
 *
 *   DRAWER record  [1, kind, user, business_day, amount_minor, reason, expected_minor, [[value_minor, pieces] ...]]
 */
#include "app/core/drawer.h"

#include <assert.h>
#include <string.h>

#include "base/cbor.h"

#define EVENT_VERSION 1
#define EVENT_FIELDS 8
#define VALUE_MINOR_MAX INT64_C(1000000000000)
#define AMOUNT_MINOR_MAX (VALUE_MINOR_MAX * 1000)

static const struct {
    char code[4];
    int64_t minor[CF_DENOMINATIONS_MAX]; /* falling, 0 ends it */
} listed[] = {
    {"CNY", {10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1}},
    {"EUR", {50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1}},
    {"USD", {10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1}},
    {"GBP", {5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1}},
    {"JPY", {10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 1}},
    {"HKD", {100000, 50000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10}},
    {"CHF", {100000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5}},
    {"KRW", {50000, 10000, 5000, 1000, 500, 100, 50, 10}},
    {"SEK", {100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100}},
    {"KWD", {20000, 10000, 5000, 1000, 500, 250, 100, 50, 20, 10, 5}},
};

const char *cf_drawer_kind_name(enum cf_drawer_kind kind)
{
    switch (kind) {
    case CF_DRAWER_FLOAT:
        return "float";
    case CF_DRAWER_PAID_IN:
        return "paid in";
    case CF_DRAWER_PAID_OUT:
        return "paid out";
    case CF_DRAWER_DROP:
        return "drop";
    case CF_DRAWER_NO_SALE:
        return "no sale";
    case CF_DRAWER_COUNT:
        return "count";
    }
    return "unknown";
}

size_t cf_denominations(cf_currency currency, int64_t ret_minor[CF_DENOMINATIONS_MAX])
{
    static const int64_t any[CF_DENOMINATIONS_MAX] = {100000, 50000, 20000, 10000, 5000, 2000, 1000, 500,
                                                      200,    100,   50,    20,    10,   5,    2,    1};
    const int64_t *from = any;
    for (size_t i = 0; i < sizeof listed / sizeof listed[0]; i++)
        if (strcmp(listed[i].code, currency.code) == 0)
            from = listed[i].minor;
    size_t n = 0;
    while (n < CF_DENOMINATIONS_MAX && from[n] != 0) {
        ret_minor[n] = from[n];
        n++;
    }
    return n;
}

/* --- a count ------------------------------------------------------------------------------------------------------ */

enum cf_rc cf_drawer_count_add(struct cf_drawer_count *count, cf_currency currency, int64_t value_minor, uint32_t n,
                               struct cf_error *err)
{
    int64_t known[CF_DENOMINATIONS_MAX];
    size_t n_known = cf_denominations(currency, known), at = 0;
    bool found = false;
    for (size_t i = 0; i < n_known; i++)
        found = found || known[i] == value_minor;
    if (!found)
        return cf_fail(err, CF_E_DRAWER_COUNT, "%lld in minor units of %.3s", (long long)value_minor, currency.code);
    if (n > CF_PIECES_MAX)
        return cf_fail(err, CF_E_RANGE, "%u pieces", n);
    while (at < count->n && count->pieces[at].value_minor > value_minor)
        at++;
    if (at < count->n && count->pieces[at].value_minor == value_minor)
        return cf_fail(err, CF_E_DRAWER_COUNT, "%lld was counted already", (long long)value_minor);
    assert(count->n < CF_DENOMINATIONS_MAX); /* each value once, and there are no more */
    memmove(&count->pieces[at + 1], &count->pieces[at], (count->n - at) * sizeof count->pieces[0]);
    count->pieces[at] = (struct cf_drawer_pieces){value_minor, n};
    count->n++;
    return CF_OK;
}

int64_t cf_drawer_count_total(const struct cf_drawer_count *count)
{
    int64_t total = 0;
    for (size_t i = 0; i < count->n; i++)
        total += count->pieces[i].value_minor * (int64_t)count->pieces[i].n;
    return total;
}

/* --- the record --------------------------------------------------------------------------------------------------- */

static bool count_is_good(const struct cf_drawer_count *count)
{
    bool good = count->n <= CF_DENOMINATIONS_MAX;
    for (size_t i = 0; good && i < count->n; i++)
        good = count->pieces[i].value_minor > 0 && count->pieces[i].value_minor <= VALUE_MINOR_MAX / CF_PIECES_MAX &&
               count->pieces[i].n <= CF_PIECES_MAX &&
               (i == 0 || count->pieces[i].value_minor < count->pieces[i - 1].value_minor);
    return good;
}

bool cf_drawer_moves_cash(enum cf_drawer_kind kind)
{
    return kind >= CF_DRAWER_FLOAT && kind <= CF_DRAWER_DROP;
}

enum cf_rc cf_drawer_event_check(const struct cf_drawer_event *event, struct cf_error *err)
{
    bool good = event->amount_minor >= 0 && event->amount_minor <= AMOUNT_MINOR_MAX && count_is_good(&event->count);
    switch (event->kind) {
    case CF_DRAWER_FLOAT:
    case CF_DRAWER_DROP:
        good = good && event->amount_minor > 0;
        break;
    case CF_DRAWER_PAID_IN:
    case CF_DRAWER_PAID_OUT:
        good = good && event->amount_minor > 0 && event->reason[0] != '\0';
        break;
    case CF_DRAWER_NO_SALE:
        good = good && event->amount_minor == 0 && event->reason[0] != '\0';
        break;
    case CF_DRAWER_COUNT:
        good = good && event->amount_minor == cf_drawer_count_total(&event->count);
        break;
    default: /* a number that a file may hold */
        good = false;
        break;
    }
    if (event->kind != CF_DRAWER_COUNT)
        good = good && event->expected_minor == 0 && event->count.n == 0;
    good = good && (!event->fiscal.is || cf_drawer_moves_cash(event->kind));
    return good ? cf_fiscal_answer_check(&event->fiscal, err)
                : cf_fail(err, CF_E_RECORD, "%s of %lld, reason \"%s\"", cf_drawer_kind_name(event->kind),
                          (long long)event->amount_minor, event->reason);
}

enum cf_rc cf_drawer_event_encode(const struct cf_drawer_event *event, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = cf_drawer_event_check(event, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, EVENT_FIELDS + (event->fiscal.is ? 1 : 0));
    cf_cbor_write_uint(&w, EVENT_VERSION);
    cf_cbor_write_uint(&w, event->kind);
    cf_cbor_write_text(&w, event->user);
    cf_cbor_write_uint(&w, event->business_day);
    cf_cbor_write_int(&w, event->amount_minor);
    cf_cbor_write_text(&w, event->reason);
    cf_cbor_write_int(&w, event->expected_minor);
    cf_cbor_write_array(&w, event->count.n);
    for (size_t i = 0; i < event->count.n; i++) {
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_int(&w, event->count.pieces[i].value_minor);
        cf_cbor_write_uint(&w, event->count.pieces[i].n);
    }
    if (event->fiscal.is)
        cf_fiscal_answer_write_map(&event->fiscal, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_drawer_event_decode(cf_bytes bytes, struct cf_drawer_event *ret, struct cf_error *err)
{
    struct cf_drawer_event event;
    struct cf_cbor_reader r;
    struct cf_error why;
    uint64_t version = 0;
    size_t n = 0;
    memset(&event, 0, sizeof event);
    cf_cbor_read_init(&r, bytes);
    if (cf_cbor_read_array(&r, &n, EVENT_FIELDS + 1) && n < EVENT_FIELDS)
        cf_cbor_read_refuse(&r);
    if (cf_cbor_read_uint(&r, &version, EVENT_VERSION) && version != EVENT_VERSION)
        cf_cbor_read_refuse(&r);
    event.kind = (enum cf_drawer_kind)cf_cbor_read_u8(&r);
    (void)cf_cbor_read_cstr(&r, event.user, sizeof event.user);
    event.business_day = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_int(&r, &event.amount_minor);
    (void)cf_cbor_read_cstr(&r, event.reason, sizeof event.reason);
    (void)cf_cbor_read_int(&r, &event.expected_minor);
    (void)cf_cbor_read_array(&r, &event.count.n, CF_DENOMINATIONS_MAX);
    for (size_t i = 0; i < event.count.n; i++) {
        (void)cf_cbor_read_array_of(&r, 2);
        (void)cf_cbor_read_int(&r, &event.count.pieces[i].value_minor);
        event.count.pieces[i].n = cf_cbor_read_u32(&r);
    }
    if (n > EVENT_FIELDS)
        cf_fiscal_answer_read_map(&r, &event.fiscal);
    if (cf_cbor_read_end(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    enum cf_rc rc = cf_drawer_event_check(&event, err);
    if (rc == CF_OK)
        *ret = event;
    return rc;
}

/* --- a day -------------------------------------------------------------------------------------------------------- */

enum cf_rc cf_drawer_add(struct cf_drawer_totals *totals, const struct cf_drawer_event *event, struct cf_error *err)
{
    int64_t *into = NULL;
    switch (event->kind) {
    case CF_DRAWER_FLOAT:
        into = &totals->float_minor;
        break;
    case CF_DRAWER_PAID_IN:
        into = &totals->paid_in_minor;
        break;
    case CF_DRAWER_PAID_OUT:
        into = &totals->paid_out_minor;
        break;
    case CF_DRAWER_DROP:
        into = &totals->drop_minor;
        break;
    case CF_DRAWER_NO_SALE:
        totals->n_no_sale++;
        break;
    case CF_DRAWER_COUNT:
        totals->n_counts++;
        totals->counted_minor = event->amount_minor;
        totals->expected_minor = event->expected_minor;
        break;
    }
    return into != NULL ? cf_add_i64(*into, event->amount_minor, into, err) : CF_OK;
}

bool cf_drawer_totals_equal(const struct cf_drawer_totals *a, const struct cf_drawer_totals *b)
{
    return a->float_minor == b->float_minor && a->paid_in_minor == b->paid_in_minor &&
           a->paid_out_minor == b->paid_out_minor && a->drop_minor == b->drop_minor && a->n_no_sale == b->n_no_sale &&
           a->n_counts == b->n_counts && a->counted_minor == b->counted_minor && a->expected_minor == b->expected_minor;
}

enum cf_rc cf_drawer_expected(const struct cf_drawer_totals *totals, int64_t cash_minor, int64_t refunded_minor,
                              int64_t *ret_minor, struct cf_error *err)
{
    int64_t sum = totals->float_minor;
    enum cf_rc rc = cf_add_i64(sum, cash_minor, &sum, err);
    if (rc == CF_OK)
        rc = cf_add_i64(sum, totals->paid_in_minor, &sum, err);
    if (rc == CF_OK)
        rc = cf_sub_i64(sum, refunded_minor, &sum, err);
    if (rc == CF_OK)
        rc = cf_sub_i64(sum, totals->paid_out_minor, &sum, err);
    if (rc == CF_OK)
        rc = cf_sub_i64(sum, totals->drop_minor, &sum, err);
    if (rc == CF_OK)
        *ret_minor = sum;
    return rc;
}
