/*
 * app/core/line_extra.h - what a line of a sale says beyond goods, quantity and price.
 *
 * Where its price comes from, which piece it was, whose deposit it is, who looked at the shopper's age. Most lines say
 * nothing of it. Part of the step that makes a line and of the sale's record. No price depends on it but one that was
 * agreed before, which stands: cf_price_is_agreed. Pure.
 */
#ifndef CF_CORE_LINE_EXTRA_H
#define CF_CORE_LINE_EXTRA_H

#include "app/core/gs1.h"
#include "base/cbor.h"

#define CF_ASKED_BY_MAX 32

/* Where the price of a line comes from. Numbers stand in records. */
enum cf_price_origin {
    CF_PRICE_CATALOGUE = 0,
    CF_PRICE_LIST = 1,     /* `list` says which */
    CF_PRICE_IN_CODE = 2,  /* the barcode held it: a scale's label, or GS1 */
    CF_PRICE_ENTERED = 3,  /* goods without a price of their own: a cashier entered it */
    CF_PRICE_OVERRIDE = 4, /* a cashier put another in its place */
    CF_PRICE_ORDER = 5,    /* of an order that is paid here; `list` is the line of the order */
    CF_PRICE_QUOTE = 6,    /* of a quotation that is sold here; `list` is the line of the quotation */
};
/* No cashier changes it. Promotions neither change it nor count its goods, but those of a quotation where they give
 * more than was quoted: pricing.h. */
static inline bool cf_price_is_agreed(enum cf_price_origin origin)
{
    return origin == CF_PRICE_ORDER || origin == CF_PRICE_QUOTE;
}
const char *cf_price_origin_name(enum cf_price_origin origin); /* "catalogue", "list" ... */

/* How somebody saw that a shopper is old enough. */
enum cf_age_check {
    CF_AGE_UNASKED = 0,
    CF_AGE_SEEN = 1,  /* a cashier says so */
    CF_AGE_BIRTH = 2, /* a date of birth was entered and reckoned with; it is not kept */
};

struct cf_line_extra {
    enum cf_price_origin origin;
    uint32_t list;       /* price list of LIST; line of ORDER or QUOTE, from 1; else 0 */
    uint32_t deposit_of; /* in a cart: line_no of its goods; in a record: their line's place + 1. 0: no deposit */
    enum cf_age_check age_check;
    uint8_t min_age;                    /* that was looked for; 0 with UNASKED */
    char asked_by[CF_ASKED_BY_MAX + 1]; /* who looked; "" with UNASKED */
    char batch[CF_GS1_TEXT_MAX + 1];
    char serial[CF_GS1_TEXT_MAX + 1];
    uint32_t use_by;  /* 20261231, the last day that the code stated; 0: none */
    uint32_t account; /* of a gift card: the one that money is put on; 0: a new one. Written by sale_extra.c */
};

/* Does it say anything? */
bool cf_line_extra_is_plain(const struct cf_line_extra *extra);
/* CF_E_RANGE, CF_E_ENCODING: for what comes from outside. */
enum cf_rc cf_line_extra_check(const struct cf_line_extra *extra, struct cf_error *err) CF_MUST_CHECK;
/* How many pairs of a map it takes, and the pairs: keys 1 to CF_LINE_EXTRA_KEYS, rising. */
#define CF_LINE_EXTRA_KEYS 7
size_t cf_line_extra_pairs(const struct cf_line_extra *extra);
void cf_line_extra_write(const struct cf_line_extra *extra, struct cf_cbor_writer *w);
/* The value of one key, into a struct that was zero; refuses what is there and says nothing. */
void cf_line_extra_read(struct cf_cbor_reader *r, uint64_t key, struct cf_line_extra *ret);

#endif
