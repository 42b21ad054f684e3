/*
 * app/core/open_return.h - goods that come back without a receipt: the fact of it, as it stands in the journal.
 *
 * There is no sale to hold it against, so it undoes nothing: no points, no coupon. What is given is cash, or store
 * credit, at the lowest price that the till knew of. All figures follow from the lines, and who may give so much from
 * permit.h, so that both ends work it out again. Pure.
 *
 *   [1, return_no, business_day, cashier, user, role, by, by_role, reason, currency, tax_mode,
 *    [product, qty_milli, unit_price, tax_bp, list ...],                              five items a line
 *    step_minor, way, gross_minor, tax_minor, total_minor, cash_minor,
 *    {6: fiscal_answer.h, 14: a card of value.h, 15: CARD}]   only what there is: a device was asked, it is store
 * credit, it is no goods but a card CARD   [kind, account, lay_here_minor, held_minor, null | key(16)]
 *
 * A gift card or store credit that is taken back is a return of one line (CF_PRODUCT_GIFT_CARD, without tax, at what is
 * given back of it), in cash: what lay at this terminal alone, and what the centre held for it under a key.
 */
#ifndef CF_CORE_OPEN_RETURN_H
#define CF_CORE_OPEN_RETURN_H

#include "app/core/sale_return.h"

#define CF_OPEN_RETURN_LINES_MAX 64
#define CF_OPEN_RETURN_REASON_MAX 80

struct cf_open_return_line {
    uint64_t product;
    int64_t qty_milli;
    int64_t unit_price_minor;
    uint32_t tax_bp;
    uint32_t list; /* that said the price; 0: the catalogue */
};
struct cf_card_back {
    enum cf_gift_kind kind;
    uint32_t account;
    int64_t home_minor; /* that lay here */
    int64_t held_minor; /* by the centre, under: */
    uint8_t key[CF_VALUE_KEY_BYTES];
};
/* 1000.00: of a till, since its last Z report; of a store, a business day. */
#define CF_OPEN_RETURNS_A_DAY_MINOR INT64_C(100000)
struct cf_open_return {
    uint64_t return_no; /* in one row with the sale numbers of this terminal */
    uint32_t business_day;
    char cashier[33];
    uint32_t user; /* who took the goods back; 0: the store has no users */
    enum cf_role role;
    uint32_t by; /* who allowed it; 0: nobody had to */
    enum cf_role by_role;
    char reason[CF_OPEN_RETURN_REASON_MAX + 1]; /* never "" */
    cf_currency currency;
    enum cf_tax_mode tax_mode;
    size_t n_lines;
    struct cf_open_return_line lines[CF_OPEN_RETURN_LINES_MAX];
    struct cf_cash_rule cash;
    int64_t gross_minor, tax_minor, total_minor;
    int64_t cash_minor; /* total_minor, rounded to coins: what the drawer gives; of store credit what is put on it */
    struct cf_fiscal_answer fiscal;
    bool has_credit; /* store credit in the place of cash */
    struct cf_value_card credit;
    bool has_card; /* no goods: what was on a card */
    struct cf_card_back card;
};

/* What whoever does it has to be allowed. */
enum cf_act cf_open_return_act(const struct cf_open_return *r);
/* What a line comes to. CF_E_OVERFLOW. */
enum cf_rc cf_open_return_line_gross(const struct cf_open_return_line *line, int64_t *ret,
                                     struct cf_error *err) CF_MUST_CHECK;
/* Works out the sums from lines, tax mode and cash rule. CF_E_RETURN_EMPTY: it comes to nothing; CF_E_OVERFLOW. */
enum cf_rc cf_open_return_add_up(struct cf_open_return *r, struct cf_error *err) CF_MUST_CHECK;
/* Ranges, sums, and whether who did or allowed it may give so much. CF_E_RECORD. */
enum cf_rc cf_open_return_check(const struct cf_open_return *r, struct cf_error *err) CF_MUST_CHECK;
/* Appends; refuses what _decode would refuse. On an error `ret` is unchanged. */
enum cf_rc cf_open_return_encode(const struct cf_open_return *r, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
/* CF_E_RECORD. */
enum cf_rc cf_open_return_decode(cf_bytes bytes, struct cf_open_return *ret, struct cf_error *err) CF_MUST_CHECK;
/* As a return of no sale, for what adds up returns: lines, sums and the refund in cash. It passes no cf_return_check.
 */
enum cf_rc cf_open_return_as_return(const struct cf_open_return *r, struct cf_return *ret,
                                    struct cf_error *err) CF_MUST_CHECK;

#endif
