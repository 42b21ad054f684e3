/*
 * app/core/open_return.c - see open_return.h.
 */
#include "app/core/open_return.h"

#include <string.h>

#include "app/core/tax.h"
#include "base/cbor.h"
#include "base/text.h"

#define VERSION 1
#define FIELDS 18
#define LINE_FIELDS 5
#define CREDIT_KEY 14
#define CARD_KEY 15
#define CARD_FIELDS 5

/* --- sums -----------------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_open_return_line_gross(const struct cf_open_return_line *line, int64_t *ret, struct cf_error *err)
{
    return cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, ret, err);
}

static enum cf_rc add_line(struct cf_open_return *r, const struct cf_open_return_line *line, struct cf_error *err)
{
    int64_t gross = 0, tax = 0;
    enum cf_rc rc = cf_open_return_line_gross(line, &gross, err);
    if (rc == CF_OK)
        rc = cf_tax_of(r->tax_mode, gross, line->tax_bp, &tax, err);
    if (rc == CF_OK)
        rc = cf_add_i64(r->gross_minor, gross, &r->gross_minor, err);
    return rc == CF_OK ? cf_add_i64(r->tax_minor, tax, &r->tax_minor, err) : rc;
}

enum cf_rc cf_open_return_add_up(struct cf_open_return *r, struct cf_error *err)
{
    int64_t rounding = 0;
    enum cf_rc rc = CF_OK;
    r->gross_minor = r->tax_minor = 0;
    for (size_t i = 0; rc == CF_OK && i < r->n_lines; i++)
        rc = add_line(r, &r->lines[i], err);
    if (rc == CF_OK)
        rc = cf_add_i64(r->gross_minor, cf_tax_is_inclusive(r->tax_mode) ? 0 : r->tax_minor, &r->total_minor, err);
    if (rc == CF_OK && !r->has_credit)
        rc = cf_cash_rounding(r->total_minor, &r->cash, &rounding, err);
    if (rc == CF_OK && r->total_minor + rounding <= 0)
        rc = cf_fail(err, CF_E_RETURN_EMPTY, "the goods come to nothing");
    if (rc == CF_OK)
        r->cash_minor = r->total_minor + rounding; /* cf_cash_rounding has seen that it fits */
    return rc;
}

/* --- does it make sense? -------------------------------------------------------------------------------------------
 */

static bool is_text(const char *text, size_t cap, bool needed)
{
    char clean[CF_OPEN_RETURN_REASON_MAX + 2];
    size_t n = strnlen(text, cap);
    return n < cap && n < sizeof clean && (n > 0 || !needed) &&
           cf_text_accept(cf_bytes_of(text, n), clean, sizeof clean, NULL) == CF_OK;
}

static enum cf_rc check_head(const struct cf_open_return *r, struct cf_error *err)
{
    uint32_t month = r->business_day / 100 % 100, day = r->business_day % 100;
    cf_currency currency;
    if (r->return_no == 0 || r->return_no > INT64_MAX || r->business_day > 99991231 || month < 1 || month > 12 ||
        day < 1 || day > 31)
        return cf_fail(err, CF_E_RECORD, "return number %llu on %lu", (unsigned long long)r->return_no,
                       (unsigned long)r->business_day);
    if (!is_text(r->cashier, sizeof r->cashier, false) || !is_text(r->reason, sizeof r->reason, true))
        return cf_fail(err, CF_E_RECORD, "a cashier or reason that cannot be read, or no reason");
    if (r->currency.code[3] != '\0' || cf_currency_parse(r->currency.code, &currency, NULL) != CF_OK ||
        !cf_tax_mode_is_known(r->tax_mode) || !cf_cash_rule_is_plausible(&r->cash))
        return cf_fail(err, CF_E_RECORD, "currency, tax mode or cash rule");
    if (r->n_lines < 1 || r->n_lines > CF_OPEN_RETURN_LINES_MAX)
        return cf_fail(err, CF_E_RECORD, "%zu lines", r->n_lines);
    return CF_OK;
}

enum cf_act cf_open_return_act(const struct cf_open_return *r)
{
    return r->has_card ? CF_ACT_CARD_BACK : CF_ACT_RETURN_BLIND;
}

static enum cf_rc check_people(const struct cf_open_return *r, struct cf_error *err)
{
    const struct cf_act_size size = {.minor = r->total_minor};
    struct cf_error why;
    bool nobody = r->user == 0;
    if (r->user > CF_USER_NUMBER_MAX || r->by > CF_USER_NUMBER_MAX || nobody != (r->role == CF_ROLE_NONE) ||
        (r->by == 0) != (r->by_role == CF_ROLE_NONE) || (nobody && r->by != 0) || (r->by != 0 && r->by == r->user))
        return cf_fail(err, CF_E_RECORD, "user %lu, allowed by %lu", (unsigned long)r->user, (unsigned long)r->by);
    if (cf_permit_check(r->by != 0 ? r->by_role : r->role, cf_open_return_act(r), &size, r->currency, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    return CF_OK;
}

static enum cf_rc check_lines(const struct cf_open_return *r, struct cf_error *err)
{
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct cf_open_return_line *line = &r->lines[i];
        if (line->product == 0 || line->qty_milli < 1 || line->qty_milli > CF_QTY_MILLI_MAX ||
            line->unit_price_minor < 0 || line->unit_price_minor > CF_PRICE_MINOR_MAX || line->tax_bp > CF_TAX_BP_MAX)
            return cf_fail(err, CF_E_RECORD, "line %zu: quantity %lld at %lld", i + 1, (long long)line->qty_milli,
                           (long long)line->unit_price_minor);
    }
    struct cf_open_return sums = *r;
    struct cf_error why;
    if (cf_open_return_add_up(&sums, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    if (sums.gross_minor != r->gross_minor || sums.tax_minor != r->tax_minor || sums.total_minor != r->total_minor ||
        sums.cash_minor != r->cash_minor)
        return cf_fail(err, CF_E_RECORD, "it says %lld in cash, and its lines come to %lld", (long long)r->cash_minor,
                       (long long)sums.cash_minor);
    return CF_OK;
}

static enum cf_rc check_credit(const struct cf_open_return *r, struct cf_error *err)
{
    if (!r->has_credit)
        return CF_OK;
    enum cf_rc rc = cf_value_credit_check(&r->credit, err);
    return rc == CF_OK && r->credit.amount_minor != r->cash_minor
               ? cf_fail(err, CF_E_RECORD, "store credit of %lld for %lld", (long long)r->credit.amount_minor,
                         (long long)r->cash_minor)
               : rc;
}

/* A card is the one line, at what is given back of it; and no such line is there without. */
static enum cf_rc check_card(const struct cf_open_return *r, struct cf_error *err)
{
    const struct cf_card_back *card = &r->card;
    const struct cf_open_return_line *line = &r->lines[0];
    for (size_t i = 0; i < r->n_lines; i++)
        if ((r->lines[i].product == CF_PRODUCT_GIFT_CARD) != r->has_card)
            return cf_fail(err, CF_E_RECORD, "line %zu: a card that is not named, or none that is", i + 1);
    if (!r->has_card)
        return CF_OK;
    if ((card->kind != CF_GIFT_CARD && card->kind != CF_GIFT_CREDIT) || card->account == 0 || card->home_minor < 0 ||
        card->home_minor > CF_VALUE_MINOR_MAX || card->held_minor < 0 || card->held_minor > CF_VALUE_MINOR_MAX)
        return cf_fail(err, CF_E_RECORD, "card %lu, %lld here and %lld held", (unsigned long)card->account,
                       (long long)card->home_minor, (long long)card->held_minor);
    if (r->n_lines != 1 || r->has_credit || line->qty_milli != 1000 || line->tax_bp != 0 || line->list != 0 ||
        line->unit_price_minor != card->home_minor + card->held_minor)
        return cf_fail(err, CF_E_RECORD, "a card does not come back so");
    return CF_OK;
}

enum cf_rc cf_open_return_check(const struct cf_open_return *r, struct cf_error *err)
{
    enum cf_rc rc = check_head(r, err);
    if (rc == CF_OK)
        rc = check_lines(r, err);
    if (rc == CF_OK)
        rc = check_people(r, err);
    if (rc == CF_OK)
        rc = check_credit(r, err);
    if (rc == CF_OK)
        rc = check_card(r, err);
    return rc == CF_OK ? cf_fiscal_answer_check(&r->fiscal, err) : rc;
}

/* --- bytes ----------------------------------------------------------------------------------------------------------
 */

static size_t count_extra(const struct cf_open_return *r)
{
    return (r->fiscal.is ? 1u : 0u) + (r->has_credit ? 1u : 0u) + (r->has_card ? 1u : 0u);
}

static void write_card(const struct cf_card_back *card, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, CARD_FIELDS);
    cf_cbor_write_uint(w, (uint64_t)card->kind);
    cf_cbor_write_uint(w, card->account);
    cf_cbor_write_int(w, card->home_minor);
    cf_cbor_write_int(w, card->held_minor);
    if (card->held_minor > 0)
        cf_cbor_write_bytes(w, cf_bytes_of(card->key, sizeof card->key));
    else
        cf_cbor_write_null(w);
}

static void read_card(struct cf_cbor_reader *in, struct cf_card_back *ret)
{
    (void)cf_cbor_read_array_of(in, CARD_FIELDS);
    ret->kind = (enum cf_gift_kind)cf_cbor_read_u8(in);
    ret->account = cf_cbor_read_u32(in);
    (void)cf_cbor_read_int(in, &ret->home_minor);
    (void)cf_cbor_read_int(in, &ret->held_minor);
    bool keyed = !cf_cbor_read_null(in);
    if (keyed)
        (void)cf_cbor_read_bytes_of(in, ret->key, sizeof ret->key);
    if (in->rc == CF_OK && keyed != (ret->held_minor > 0))
        cf_cbor_read_refuse(in);
}

static void write_extra(const struct cf_open_return *r, struct cf_cbor_writer *w)
{
    cf_cbor_write_map(w, count_extra(r));
    if (r->fiscal.is) {
        cf_cbor_write_uint(w, CF_FISCAL_KEY);
        cf_fiscal_answer_write(&r->fiscal, w);
    }
    if (r->has_credit) {
        cf_cbor_write_uint(w, CREDIT_KEY);
        cf_value_card_write(&r->credit, w);
    }
    if (r->has_card) {
        cf_cbor_write_uint(w, CARD_KEY);
        write_card(&r->card, w);
    }
}

static void read_extra(struct cf_cbor_reader *in, struct cf_open_return *r)
{
    size_t n = 0;
    uint64_t key = 0, last = 0;
    if (cf_cbor_read_map(in, &n, 3) && n == 0)
        cf_cbor_read_refuse(in);
    for (size_t i = 0; i < n && in->rc == CF_OK; i++, last = key) {
        if (!cf_cbor_read_uint(in, &key, UINT32_MAX))
            return;
        if (key == CF_FISCAL_KEY && last == 0) {
            cf_fiscal_answer_read(in, &r->fiscal);
        } else if (key == CREDIT_KEY && last < CREDIT_KEY) {
            r->has_credit = true;
            cf_value_card_read(in, &r->credit);
        } else if (key == CARD_KEY && last < CARD_KEY) {
            r->has_card = true;
            read_card(in, &r->card);
        } else { /* unknown, or not rising */
            cf_cbor_read_refuse(in);
        }
    }
}

enum cf_rc cf_open_return_encode(const struct cf_open_return *r, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = cf_open_return_check(r, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, FIELDS + (count_extra(r) > 0 ? 1 : 0));
    cf_cbor_write_uint(&w, VERSION);
    cf_cbor_write_uint(&w, r->return_no);
    cf_cbor_write_uint(&w, r->business_day);
    cf_cbor_write_text(&w, r->cashier);
    cf_cbor_write_uint(&w, r->user);
    cf_cbor_write_uint(&w, r->role);
    cf_cbor_write_uint(&w, r->by);
    cf_cbor_write_uint(&w, r->by_role);
    cf_cbor_write_text(&w, r->reason);
    cf_cbor_write_text(&w, r->currency.code);
    cf_cbor_write_uint(&w, r->tax_mode);
    cf_cbor_write_array(&w, r->n_lines * LINE_FIELDS);
    for (size_t i = 0; i < r->n_lines; i++) {
        cf_cbor_write_uint(&w, r->lines[i].product);
        cf_cbor_write_int(&w, r->lines[i].qty_milli);
        cf_cbor_write_int(&w, r->lines[i].unit_price_minor);
        cf_cbor_write_uint(&w, r->lines[i].tax_bp);
        cf_cbor_write_uint(&w, r->lines[i].list);
    }
    cf_cbor_write_int(&w, r->cash.step_minor);
    cf_cbor_write_uint(&w, r->cash.way);
    cf_cbor_write_int(&w, r->gross_minor);
    cf_cbor_write_int(&w, r->tax_minor);
    cf_cbor_write_int(&w, r->total_minor);
    cf_cbor_write_int(&w, r->cash_minor);
    if (count_extra(r) > 0)
        write_extra(r, &w);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

static void read_lines(struct cf_cbor_reader *in, struct cf_open_return *r)
{
    size_t n = 0;
    if (!cf_cbor_read_array(in, &n, (size_t)CF_OPEN_RETURN_LINES_MAX * LINE_FIELDS))
        return;
    if (n % LINE_FIELDS != 0)
        cf_cbor_read_refuse(in);
    r->n_lines = n / LINE_FIELDS;
    for (size_t i = 0; i < r->n_lines && in->rc == CF_OK; i++) {
        (void)cf_cbor_read_uint(in, &r->lines[i].product, UINT64_MAX);
        (void)cf_cbor_read_int(in, &r->lines[i].qty_milli);
        (void)cf_cbor_read_int(in, &r->lines[i].unit_price_minor);
        r->lines[i].tax_bp = cf_cbor_read_u32(in);
        r->lines[i].list = cf_cbor_read_u32(in);
    }
}

enum cf_rc cf_open_return_decode(cf_bytes bytes, struct cf_open_return *ret, struct cf_error *err)
{
    struct cf_cbor_reader in;
    struct cf_open_return r = {.n_lines = 0};
    struct cf_error why;
    uint64_t version = 0;
    size_t n = 0;
    cf_cbor_read_init(&in, bytes);
    if (cf_cbor_read_array(&in, &n, FIELDS + 1) && n < FIELDS)
        cf_cbor_read_refuse(&in);
    if (cf_cbor_read_uint(&in, &version, VERSION) && version != VERSION)
        cf_cbor_read_refuse(&in);
    (void)cf_cbor_read_uint(&in, &r.return_no, UINT64_MAX);
    r.business_day = cf_cbor_read_u32(&in);
    (void)cf_cbor_read_cstr(&in, r.cashier, sizeof r.cashier);
    r.user = cf_cbor_read_u32(&in);
    r.role = (enum cf_role)cf_cbor_read_u8(&in);
    r.by = cf_cbor_read_u32(&in);
    r.by_role = (enum cf_role)cf_cbor_read_u8(&in);
    (void)cf_cbor_read_cstr(&in, r.reason, sizeof r.reason);
    (void)cf_cbor_read_cstr(&in, r.currency.code, sizeof r.currency.code);
    r.tax_mode = (enum cf_tax_mode)cf_cbor_read_u8(&in);
    read_lines(&in, &r);
    (void)cf_cbor_read_int(&in, &r.cash.step_minor);
    r.cash.way = (enum cf_cash_way)cf_cbor_read_u8(&in);
    (void)cf_cbor_read_int(&in, &r.gross_minor);
    (void)cf_cbor_read_int(&in, &r.tax_minor);
    (void)cf_cbor_read_int(&in, &r.total_minor);
    (void)cf_cbor_read_int(&in, &r.cash_minor);
    if (n > FIELDS)
        read_extra(&in, &r);
    if (cf_cbor_read_end(&in, &why) != CF_OK || cf_open_return_check(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    *ret = r;
    return CF_OK;
}

/* --- as a return ----------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_open_return_as_return(const struct cf_open_return *r, struct cf_return *ret, struct cf_error *err)
{
    struct cf_return_line *lines = ret->lines;
    enum cf_rc rc = CF_OK;
    *ret = (struct cf_return){.return_no = r->return_no,
                              .business_day = r->business_day,
                              .currency = r->currency,
                              .tax_mode = r->tax_mode,
                              .n_lines = r->n_lines,
                              .lines = lines,
                              .n_tenders = r->has_credit ? 0 : 1,
                              .tenders = {{.tender_no = 1, .kind = CF_TENDER_CASH, .amount_minor = r->cash_minor}},
                              .has_credit = r->has_credit,
                              .credit = r->credit,
                              .gross_minor = r->gross_minor,
                              .tax_minor = r->tax_minor,
                              .total_minor = r->total_minor,
                              .rounding_minor = r->cash_minor - r->total_minor};
    memcpy(ret->cashier, r->cashier, sizeof ret->cashier);
    for (size_t i = 0; rc == CF_OK && i < r->n_lines; i++) {
        const struct cf_open_return_line *from = &r->lines[i];
        struct cf_return_line *line = &lines[i];
        *line = (struct cf_return_line){.line_no = (uint32_t)(i + 1),
                                        .product = from->product,
                                        .tax_bp = from->tax_bp,
                                        .sold_milli = from->qty_milli,
                                        .qty_milli = from->qty_milli};
        rc = cf_open_return_line_gross(from, &line->gross_minor, err);
        if (rc == CF_OK)
            rc = cf_tax_of(r->tax_mode, line->gross_minor, from->tax_bp, &line->tax_minor, err);
    }
    return rc;
}
