/*
 * app/core/sale_facts.h - what the promotions on a sale asked about the shopper and the moment, as the sale records it.
 *
 * A till gathers facts, cf_price judges by them, and those that a promotion on the sale asked for are recorded, so that
 * the centre judges by what the till saw, and nothing is kept that nobody asked for. Zero is "not known". Whether there
 * is a member, and its tier, the sale says itself. Data, with its CBOR. Pure.
 */
#ifndef CF_CORE_SALE_FACTS_H
#define CF_CORE_SALE_FACTS_H

#include "base/cbor.h"
#include "base/zone.h"

#define CF_SALE_SEGMENTS_MAX 32
#define CF_SALE_HELD_MAX 16
#define CF_VISITS_MAX UINT32_C(1000000000)

/* Unused members of arrays are zero, so that equal facts are equal bytes. */
struct cf_sale_facts {
    bool has_member, first_purchase; /* has_member and tier: never recorded */
    uint8_t tier;
    uint32_t visits;   /* this is the member's nth: 1 is the first */
    uint16_t birthday; /* month * 100 + day; no year is ever known */
    size_t n_segments; /* that the member is in */
    uint32_t segments[CF_SALE_SEGMENTS_MAX];
    uint32_t channel; /* one of enum cf_channel */
    uint32_t store;
    uint32_t local_date; /* 20261122, in the store's time zone */
    uint8_t weekday;     /* 1 Monday ... 7 Sunday */
    uint16_t minute;     /* of the local day */
    uint32_t tenders;    /* kinds chosen, or-ed: 1 << enum cf_tender_kind */
    size_t n_coupons;    /* campaigns of which the sale holds a coupon */
    uint32_t coupons[CF_SALE_HELD_MAX];
};

/* Or-ed: groups of facts that a promotion asks for together. */
enum cf_fact {
    CF_FACT_VISITS = 1,
    CF_FACT_FIRST = 2,
    CF_FACT_BIRTHDAY = 4,
    CF_FACT_SEGMENTS = 8,
    CF_FACT_PLACE = 16,
    CF_FACT_CLOCK = 32,
    CF_FACT_TENDERS = 64,
    CF_FACT_COUPONS = 128,
};
#define CF_FACTS_ALL 255u
/* A member's own: they go when the member is forgotten. */
#define CF_FACTS_OF_MEMBER                                                                                             \
    ((unsigned)CF_FACT_VISITS | (unsigned)CF_FACT_FIRST | (unsigned)CF_FACT_BIRTHDAY | (unsigned)CF_FACT_SEGMENTS)

/* Those of the mask; without member and tier. */
struct cf_sale_facts cf_sale_facts_of(const struct cf_sale_facts *facts, unsigned mask);
/* Which groups say something. */
unsigned cf_sale_facts_known(const struct cf_sale_facts *facts);
/* As a record may have them. CF_E_RANGE with a detail that names the fact. */
enum cf_rc cf_sale_facts_check(const struct cf_sale_facts *facts, struct cf_error *err) CF_MUST_CHECK;
/* Facts that pass the check, of which some are known. */
void cf_sale_facts_write(const struct cf_sale_facts *facts, struct cf_cbor_writer *w);
/* Shape only: whoever reads checks next. *ret is zeroed first. */
void cf_sale_facts_read(struct cf_cbor_reader *r, struct cf_sale_facts *ret);

#endif
