/*
 * app/core/price_list.h - other prices for some goods, for a time, for some members: and which one holds.
 *
 * A list goes down in parts, each with the list's own terms, so that a part can be applied alone. Which of several
 * prices holds is decided by cf_price_resolve alone, on a till when goods are scanned and at the centre when it looks
 * at what was charged. Pure.
 */
#ifndef CF_CORE_PRICE_LIST_H
#define CF_CORE_PRICE_LIST_H

#include "app/core/cart.h"
#include "base/cbor.h"
#include "base/time.h"

#define CF_PRICE_LIST_ITEMS_MAX 256
#define CF_PRICE_LIST_PARTS_MAX 1024
#define CF_PRICE_PRIORITY_MAX 100
#define CF_PRICE_TIERS_ALL 0x3ffu /* a bit for each tier 0..9 */

/* On which terms a list's prices hold. */
struct cf_price_terms {
    uint32_t list; /* 1, 2, ... of the centre */
    uint8_t priority;
    bool reduced;     /* a price of it counts as reduced already: some promotions leave such goods alone */
    uint16_t tiers;   /* or-ed 1 << tier: for members of these tiers only; 0: for everybody */
    cf_wall from, to; /* from <= t < to; to 0: without end */
};
struct cf_price_list {
    struct cf_price_terms terms;
    uint32_t part; /* 0, 1, ...; a part replaces that part of the list, an empty one takes it away */
    size_t n;
    struct {
        uint64_t product;
        int64_t price_minor;
    } items[CF_PRICE_LIST_ITEMS_MAX]; /* by rising product */
};

/* CF_E_RANGE, CF_E_LIMIT with a detail. */
enum cf_rc cf_price_list_check(const struct cf_price_list *list, struct cf_error *err) CF_MUST_CHECK;
#define CF_PRICE_LIST_ITEMS 8
void cf_price_list_write(const struct cf_price_list *list, struct cf_cbor_writer *w);
void cf_price_list_read(struct cf_cbor_reader *r, struct cf_price_list *ret);

/* --- which price holds -------------------------------------------------------------------------------------------- */

struct cf_listed_price {
    struct cf_price_terms terms;
    int64_t price_minor;
};
/* Who asks, and when. */
struct cf_price_question {
    cf_wall at;
    bool has_member;
    uint8_t tier;
};
struct cf_price_answer {
    int64_t price_minor;
    enum cf_price_origin origin; /* CATALOGUE or LIST */
    uint32_t list;
    bool reduced; /* the list's */
};
bool cf_price_terms_hold(const struct cf_price_terms *terms, const struct cf_price_question *question);
/*
 * The price of goods that cost `catalogue_minor` and stand on these lists. Of the lists that hold, the one of the
 * highest priority counts; of those, one for certain tiers before one for everybody; of those, the lowest price; of
 * those, the lowest number. If none holds it is the catalogue's price. The order of the lists given plays no part.
 */
void cf_price_resolve(int64_t catalogue_minor, const struct cf_listed_price *listed, size_t n,
                      const struct cf_price_question *question, struct cf_price_answer *ret);

#endif
