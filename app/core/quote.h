/*
 * app/core/quote.h - a quotation: a priced basket that nobody has paid, good until a day is over.
 *
 * It is the sale as it would have been sold, so that what judges sales judges it; paid by a card of which nothing is
 * said, since somebody has to settle a sale and a card rounds nothing. Nothing is earned, redeemed or booked by it, and
 * coupons have no part in it. Sold later, its goods are lines of CF_PRICE_QUOTE, and the sale names it (struct
 * cf_quote_use). Pure.
 *
 *   QUOTE   [1, expires_s, sale]      the body of its record; the sale as in sale.h, as bytes
 *   code    CQ1:terminal-epoch-seq-tag     what the slip shows. It proves nothing: what was quoted stands in the
 *                                          record, and the tag says that it is that record
 */
#ifndef CF_CORE_QUOTE_H
#define CF_CORE_QUOTE_H

#include "app/core/sale.h"
#include "base/crypto/crypto.h"
#include "base/env.h"

#define CF_QUOTE_DAYS_MAX 90
#define CF_QUOTE_DAYS_DEFAULT 30
#define CF_QUOTE_BYTES_MAX CF_SALE_BYTES_MAX
#define CF_QUOTE_CODE_PREFIX "CQ1:"
#define CF_QUOTE_CODE_MAX 64

/* Takes off the sale what a quotation has not: member's counter, tenders. Its points are those that it would earn. */
void cf_quote_make(struct cf_sale *sale);
/* Could this sale be a quotation? CF_E_QUOTE_GOODS: it holds what none can; CF_E_RECORD. */
enum cf_rc cf_quote_check(const struct cf_sale *sale, int64_t expires_s, struct cf_error *err) CF_MUST_CHECK;
/* Appends; refuses what _decode would refuse. On an error `ret` is unchanged. */
enum cf_rc cf_quote_encode(const struct cf_sale *sale, int64_t expires_s, struct cf_buf *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* Into a sale made by cf_sale_new. CF_E_RECORD. On an error neither is changed. */
enum cf_rc cf_quote_decode(cf_bytes bytes, struct cf_sale *ret_sale, int64_t *ret_expires_s,
                           struct cf_error *err) CF_MUST_CHECK;

/* --- its code ----------------------------------------------------------------------------------------------------- */

/* The first bytes of the hash of its record: a slip of a record that is not that one has another. */
struct cf_quote_tag {
    uint8_t b[4];
};
struct cf_quote_tag cf_quote_tag_of(const struct cf_sha256 *hash);
void cf_quote_code(const struct cf_sale_ref *ref, struct cf_quote_tag tag, char text[CF_QUOTE_CODE_MAX]);
/* Its code, or its number TILL-EPOCH-NUMBER as printed, which has no tag. sale_no is not told. */
bool cf_quote_code_parse(const char *text, struct cf_sale_ref *ret, bool *ret_has_tag, struct cf_quote_tag *ret_tag);

/* --- may it be sold? ---------------------------------------------------------------------------------------------- */

struct cf_quote_facts {
    struct cf_time_interval now;
    cf_currency currency; /* of the store that sells */
    enum cf_tax_mode tax_mode;
    bool used;      /* as far as it is known */
    bool other_tag; /* the code was that of another record */
};
/* CF_OK, or the first of CF_E_QUOTE_ALTERED, CF_E_QUOTE_USED, CF_E_QUOTE_EXPIRED (where the clock is in doubt the
 * shopper has the benefit of it). The detail says the figures. */
enum cf_rc cf_quote_judge(const struct cf_sale *quoted, int64_t expires_s, const struct cf_quote_facts *facts,
                          struct cf_error *err) CF_MUST_CHECK;
/*
 * Did the sale's lines under the quotation cost what was quoted? Goods, quantities and unit prices of each; where it
 * stands, all of them and what was taken off each. CF_E_QUOTE_ALTERED: the detail says which not.
 */
enum cf_rc cf_quote_judge_sale(const struct cf_sale *quoted, const struct cf_sale *sale,
                               struct cf_error *err) CF_MUST_CHECK;

#endif
