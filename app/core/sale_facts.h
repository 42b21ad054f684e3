/*
 * app/core/sale_facts.h - what the promotions on a sale asked about the shopper and the moment, as the sale records it.
 *
 * A till gathers facts, cf_price judges by them, and those that a promotion on the sale asked for are recorded, so that
 * the centre judges by what the till saw, and nothing is kept that nobody asked for. Whether there is a member, and its
 * tier, the sale says itself. Unused members of arrays are zero, so that equal facts are equal bytes. Data, with its
 * CBOR. Pure.
 */
#ifndef CF_CORE_SALE_FACTS_H
#define CF_CORE_SALE_FACTS_H

#include "app/core/pricing.h"
#include "base/cbor.h"

#define CF_VISITS_MAX UINT32_C(1000000000)

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

/* Whose word it is how often a member bought before, of a sale that says which visit it is, or that it is the first. */
enum cf_visits_source {
    CF_VISITS_UNKNOWN = 0, /* nobody's, or a till's of before */
    CF_VISITS_CARD = 1,    /* what the phone's card claims: as of a day, at the centre */
    CF_VISITS_CENTRE = 2,  /* what the centre said when it was asked: as of a second there */
};
struct cf_visits_basis {
    enum cf_visits_source source;
    int64_t as_of;      /* CARD: days since 1970-01-01; CENTRE: Unix seconds */
    uint64_t heard_seq; /* CENTRE: the last record of this log that it had heard of; CARD: 0 */
    uint32_t own;       /* purchases that the till added from its own book */
};
/* Does that word go with those facts? CF_E_RANGE. */
enum cf_rc cf_visits_basis_check(const struct cf_visits_basis *basis, const struct cf_price_facts *facts,
                                 struct cf_error *err) CF_MUST_CHECK;
/* How often the source had said that the member bought. */
uint32_t cf_visits_said(const struct cf_visits_basis *basis, const struct cf_price_facts *facts);

/* What the promotion asks for, beside the member and its tier. */
unsigned cf_promotion_asks(const struct cf_promotion *promotion);
/* Those of the mask; without member and tier. */
struct cf_price_facts cf_sale_facts_of(const struct cf_price_facts *facts, unsigned mask);
/* Which groups say something. */
unsigned cf_sale_facts_known(const struct cf_price_facts *facts);
/* As a record may have them. CF_E_RANGE with a detail that names the fact. */
enum cf_rc cf_sale_facts_check(const struct cf_price_facts *facts, struct cf_error *err) CF_MUST_CHECK;
/* Facts that pass the check, of which some are known. */
void cf_sale_facts_write(const struct cf_price_facts *facts, struct cf_cbor_writer *w);
/* Shape only: whoever reads checks next. *ret is zeroed first. */
void cf_sale_facts_read(struct cf_cbor_reader *r, struct cf_price_facts *ret);

#endif
