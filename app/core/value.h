/*
 * app/core/value.h - money on accounts of ours: gift cards, store credit, and points as money.
 *
 * An account lies at the centre; who spends of it asks there, or holds an amount of it alone (its home). What a till
 * says of cards in its records is here: a card that came into being, and an amount that its home gives up. Balances and
 * who may spend are the centre's and the till's. Pure.
 */
#ifndef CF_CORE_VALUE_H
#define CF_CORE_VALUE_H

#include "app/core/code.h"
#include "app/core/tender.h"
#include "base/cbor.h"

/* The goods of a line that is a gift card: no product of any catalogue. Such a line bears no tax, and no promotion
 * touches it: it is neither goods nor below its price (`delivery`, floor). */
#define CF_PRODUCT_GIFT_CARD UINT64_C(9223372036854775807)
#define CF_VALUE_MINOR_MAX INT64_C(100000000) /* on one card, when it is given out */
#define CF_VALUE_MASK_MAX 16

/* An account that a terminal gave out by a range of numbers that it was granted: sold, or store credit for a return. */
struct cf_value_card {
    enum cf_gift_kind kind;
    cf_kid grant_id;
    uint32_t account;
    int64_t amount_minor; /* 1..CF_VALUE_MINOR_MAX */
    int64_t exp_s;
    bool homed; /* the terminal may spend it alone until it gives that up; else the centre may from the record on */
};
/* As an array of six; the reader's errors are sticky and it refuses what _check would. */
void cf_value_card_write(const struct cf_value_card *card, struct cf_cbor_writer *w);
void cf_value_card_read(struct cf_cbor_reader *r, struct cf_value_card *ret);
/* CF_E_RECORD. */
enum cf_rc cf_value_card_check(const struct cf_value_card *card, struct cf_error *err) CF_MUST_CHECK;
/* The same, of store credit that takes the place of money: CF_E_RECORD if it is a gift card, or lies not at home. */
enum cf_rc cf_value_credit_check(const struct cf_value_card *card, struct cf_error *err) CF_MUST_CHECK;
/* The code of such a card, signed with the terminal's own key: for its receipt. */
enum cf_rc cf_value_card_sign(const struct cf_value_card *card, const struct cf_private_key *till_key,
                              struct cf_code *ret, struct cf_error *err) CF_MUST_CHECK;

/* A card on a sale: which of its lines it is. */
struct cf_sold_card {
    uint32_t line_no; /* from 1 */
    struct cf_value_card card;
};

/* The body of CF_RECORD_VALUE: [1, account, amount_minor]. This terminal spends no more of that, which lay at it alone.
 */
struct cf_value_release {
    uint32_t account;
    int64_t amount_minor; /* > 0 */
};
enum cf_rc cf_value_release_encode(const struct cf_value_release *release, struct cf_buf *ret,
                                   struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_value_release_decode(cf_bytes bytes, struct cf_value_release *ret, struct cf_error *err) CF_MUST_CHECK;

/* "**** 0042", for people: the whole number is on no receipt. */
void cf_value_mask(uint32_t account, char out[CF_VALUE_MASK_MAX]);

/* What points are worth: `points` of them are `minor`. Zero: they are not taken as money. */
struct cf_points_rate {
    int64_t points, minor;
};
/*
 * At most `points` for at most `due_minor`: the amount, and the fewest points that are worth it. Rounded so that nobody
 * gets a part of a minor unit. CF_E_VALUE_RATE without a rate; CF_E_TENDER_ZERO if it comes to nothing.
 */
enum cf_rc cf_points_worth(const struct cf_points_rate *rate, int64_t points, int64_t due_minor,
                           int64_t *ret_amount_minor, int64_t *ret_points, struct cf_error *err) CF_MUST_CHECK;

#endif
