/*
 * app/core/price_facts.h - what a promotion may ask about the shopper and the moment, beside the goods.
 *
 * Gathered by the caller, judged by cf_price, and recorded with the sale as far as a promotion on it looked at them
 * (docs/promotions.md), so that the centre judges by what the till saw. What is not known is no fact: a condition on it
 * is not met. Data, with its CBOR. Pure.
 */
#ifndef CF_CORE_PRICE_FACTS_H
#define CF_CORE_PRICE_FACTS_H

#include "base/cbor.h"
#include "base/zone.h"

#define CF_SEGMENTS_MAX 8
#define CF_VISITS_MAX UINT32_C(1000000000)

/* Or-ed: which fields of cf_price_facts say something. */
enum cf_fact {
    CF_FACT_MEMBER = 1,   /* has_member, tier */
    CF_FACT_SEGMENTS = 2, /* segments, n_segments: none is known too */
    CF_FACT_VISITS = 4,   /* visits */
    CF_FACT_FIRST = 8,    /* first_purchase */
    CF_FACT_BIRTHDAY = 16,
    CF_FACT_PLACE = 32, /* channel, store */
    CF_FACT_CLOCK = 64, /* local: what clock and calendar of the store show */
    CF_FACT_TENDERS = 128,
};
#define CF_FACTS_ALL 255u
/* A member's own: erased with the member. */
#define CF_FACTS_OF_MEMBER                                                                                             \
    ((unsigned)CF_FACT_SEGMENTS | (unsigned)CF_FACT_VISITS | (unsigned)CF_FACT_FIRST | (unsigned)CF_FACT_BIRTHDAY)

/* Zero where it is not known, so that equal facts are equal bytes. */
struct cf_price_facts {
    uint32_t known; /* of enum cf_fact */
    bool has_member;
    uint8_t tier; /* of the member; else 0 */
    size_t n_segments;
    uint32_t segments[CF_SEGMENTS_MAX]; /* numbers that marketing gave them, rising, none 0 */
    uint32_t visits;                    /* purchases before this one */
    bool first_purchase;
    uint16_t birthday; /* month * 100 + day; no year is ever known */
    uint8_t channel;   /* enum cf_channel */
    uint32_t store;    /* 0 online */
    struct cf_civil_time local;
    uint32_t tenders; /* 1 << enum cf_tender_kind of each kind that will pay */
};

/* CF_E_RANGE with a detail that names the fact. */
enum cf_rc cf_price_facts_check(const struct cf_price_facts *facts, struct cf_error *err) CF_MUST_CHECK;
/* Only those of `mask`. */
struct cf_price_facts cf_price_facts_of(const struct cf_price_facts *facts, uint32_t mask);
/* Facts that pass the check, of which something is known. */
void cf_price_facts_write(const struct cf_price_facts *facts, struct cf_cbor_writer *w);
/* Shape only: whoever reads checks next. *ret is zeroed first. */
void cf_price_facts_read(struct cf_cbor_reader *r, struct cf_price_facts *ret);

#endif
