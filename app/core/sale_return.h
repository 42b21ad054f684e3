/*
 * app/core/sale_return.h - the fact of a return: which goods of which sale came back, and what was given for them.
 *
 * Everything follows from the sale and two numbers a line: how much of it had come back before, and how much comes back
 * now. Amounts are cumulative shares: what all returns of a line have refunded is the share of the quantity returned so
 * far, rounded once, so that the parts sum to the whole whatever they are and however often, and never to more. Goods
 * that stay are not priced again: a discount that they alone would not have earned stays as it was shared out. A void
 * of a committed sale is a return of all of it on its own business day. Pure, but for the allocation of _new.
 */
#ifndef CF_CORE_SALE_RETURN_H
#define CF_CORE_SALE_RETURN_H

#include "app/core/sale.h"
#include "app/core/store_rules.h"

#define CF_RETURN_BYTES_MAX 131072

struct cf_return_line {
    uint32_t line_no; /* of the sale's record, from 1 */
    uint64_t product;
    uint32_t tax_bp;
    int64_t sold_milli;
    int64_t before_milli;                           /* had come back before, as far as the till could know */
    int64_t qty_milli;                              /* comes back now; 0 only where before_milli is not */
    int64_t gross_minor, discount_minor, tax_minor; /* of what comes back now */
};
struct cf_return_tender {
    uint32_t tender_no; /* of the sale's tenders, from 1 */
    enum cf_tender_kind kind;
    int64_t amount_minor; /* > 0 */
    bool has_id;          /* the till asks whoever took it to give it back, under this id (payment.h) */
    uint8_t id[CF_TENDER_ID_BYTES];
};
/* A right that the sale had consumed, now that all it was given for is back. */
struct cf_return_right {
    uint32_t campaign;
    uint32_t index;
    enum cf_on_return fate;
    int64_t cost_minor; /* the discount that it gave */
};
/* A coupon that the sale had issued on its receipt, now that all its goods are back: it is good nowhere any more. */
struct cf_return_revoked {
    uint32_t campaign;
    uint32_t index;
    bool used; /* the till knew that it had been used before: the goods are back all the same */
};
struct cf_return {
    uint64_t return_no; /* in one row with the sale numbers of this terminal */
    uint32_t business_day;
    char cashier[33];
    bool is_void;
    struct cf_sale_ref of;
    bool claimed; /* the centre or the hub was asked, and keeps these goods for this return, by the key */
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    cf_currency currency;
    enum cf_tax_mode tax_mode;
    bool has_member;
    cf_sub member;
    size_t n_lines;               /* each line that comes back now or did before, in rising order */
    struct cf_return_line *lines; /* owned; CF_CART_LINES_MAX allocated by _new */
    size_t n_tenders;             /* in the order in which the money goes back */
    struct cf_return_tender tenders[CF_TENDERS_MAX];
    size_t n_rights;
    struct cf_return_right rights[CF_SALE_COUPONS_MAX];
    int64_t gross_minor, discount_minor, tax_minor, total_minor; /* total: what is refunded */
    int64_t
        rounding_minor; /* what the tenders give back is total_minor and this: what coins and the sale's rounding do */
    struct cf_cash_rule cash; /* how parts in cash are rounded; a step of 0 or 1: they are not */
    int64_t points;           /* taken back */
    size_t n_points_by;       /* of these, what campaigns had given, as on the sale; none if that does not say */
    struct cf_points_given points_by[CF_EFFECTS_MAX];
    char reason[CF_RETURN_REASON_MAX + 1]; /* why, as whoever took them back said; "": not said */
    struct cf_fiscal_answer fiscal;
    /* Of the refund, what no tender gives back: */
    int64_t exchange_minor; /* pays for the goods of the sale that stands right behind this record in the same log */
    bool has_credit;        /* is put on store credit that the till gives out, */
    struct cf_value_card credit;
    bool all;         /* of a member's sale: nothing of it is left, as far as the till could know */
    size_t n_revoked; /* each coupon that the sale issued, or none; none in records from before they were revoked */
    struct cf_return_revoked revoked[CF_SALE_ISSUED_MAX];
};

/* Zeroed, with room for lines. Free with cf_return_free. */
enum cf_rc cf_return_new(struct cf_return **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_return_free(struct cf_return *r);

/* What comes back: by line of the sale (sale->n_lines of each), and what the campaigns say of the rights (by
 * redemption). */
struct cf_return_goods {
    const int64_t *before_milli;
    const int64_t *qty_milli;
    const enum cf_on_return *on_return;
    struct cf_cash_rule cash; /* how a part in cash is rounded; a step of 0 or 1: it is not */
    int64_t exchange_up_to;   /* so much of the refund pays for other goods; 0: it is no exchange */
    bool as_credit;           /* what would be given back in money is put on store credit */
};
/*
 * Works out lines, tenders, rights, sums and points of the return of these goods, and takes currency, tax mode and
 * member from the sale, which has passed cf_sale_check; the rest of *ret is the caller's. Money goes back to card and
 * mobile first, in the order in which they paid, then to cash, to none more than it took (change taken off). What all
 * returns so far have given back in cash is a whole number of coins, and what was paid once all is back. What an
 * exchange had paid comes back as cash does. A right is unwound by the return that makes every discounted line of the
 * sale whole again. A coupon that the sale issued is revoked by the return that brings back the last of its goods (gift
 * cards are none); whether it had been used is the caller's to say.
 *
 * An exchange takes what would be given back last, cash before cards, so that no card is paid out in cash; store credit
 * takes what is left, but for what accounts had paid. Then the rest in cash is rounded, and nothing else. Of
 * ret->credit the amount is worked out here; the card itself is the caller's.
 *
 *   CF_E_RETURN_EMPTY     nothing comes back
 *   CF_E_RETURN_QUANTITY  more of a line than was sold and is not back yet, or a part of a piece
 *
 * On an error *ret is unchanged.
 */
enum cf_rc cf_return_make(const struct cf_sale *sale, const struct cf_return_goods *goods, struct cf_return *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* By what the refund is paid: tenders, and what no tender gives back. `ret` has room for CF_RETURN_PAID_MAX. */
#define CF_RETURN_PAID_MAX (CF_TENDERS_MAX + 2)
struct cf_return_paid {
    enum cf_tender_kind kind;
    int64_t amount_minor;
};
size_t cf_return_paid(const struct cf_return *r, struct cf_return_paid ret[CF_RETURN_PAID_MAX]);
/* What all returns together have undone of a sale, once so much of each line is back: the most of it that is ever owed.
 * returned_milli is taken as at most what was sold. */
struct cf_return_state {
    int64_t refunded_minor;
    int64_t points;
    bool rights; /* each right of the sale is to be unwound */
    bool issued; /* each coupon that it issued is to be revoked */
    bool all;    /* nothing is left of it */
};
void cf_return_so_far(const struct cf_sale *sale, const int64_t *returned_milli, struct cf_return_state *ret);
/* Is this record what cf_return_make gives for the sale and the goods that it names? CF_E_RECORD: the detail says which
 * figure differs. */
enum cf_rc cf_return_rejudge(const struct cf_sale *sale, const struct cf_return *r, struct cf_error *err) CF_MUST_CHECK;

/* Ranges and sums, without the sale. CF_E_RECORD. */
enum cf_rc cf_return_check(const struct cf_return *r, struct cf_error *err) CF_MUST_CHECK;
/* Appends; refuses what _decode would refuse. On an error `ret` is unchanged. */
enum cf_rc cf_return_encode(const struct cf_return *r, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* Into one made by cf_return_new. CF_E_RECORD. */
enum cf_rc cf_return_decode(cf_bytes bytes, struct cf_return *ret, struct cf_error *err) CF_MUST_CHECK;

/* "1001-1-000042", with or without the zeros and the prefix of the code on a receipt. sale_no becomes 0. False if it is
 * no such text. */
#define CF_SALE_REF_PREFIX "CR1:"
#define CF_SALE_REF_MAX 48
bool cf_sale_ref_parse(const char *text, struct cf_sale_ref *ret);
void cf_sale_ref_code(const struct cf_sale_ref *ref, char text[CF_SALE_REF_MAX]);

#endif
