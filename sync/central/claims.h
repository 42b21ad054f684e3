/*
 * sync/central/claims.h - a coupon comes into being at the centre.
 *
 * Inside a transaction.
 */
#ifndef CF_CENTRAL_CLAIMS_H
#define CF_CENTRAL_CLAIMS_H

#include "sync/central/coupon_row.h"
#include "sync/central/handlers.h"

struct cf_claim {
    int64_t campaign;
    bool has_member;
    cf_sub member;
    int64_t pin_store; /* 0: none */
    int64_t pin_place; /* a terminal, instead of a store; 0: none */
    bool paid;         /* with points: a campaign that has a price gives nothing away */
};

/* Judges the claim by the campaign's rules, counts it, and writes the coupon, pinned where it is asked for. */
enum cf_rc cf_claim_make(struct cf_central *central, const struct cf_claim *claim, struct cf_coupon_row *ret,
                         struct cf_error *err) CF_MUST_CHECK;
/* The coupon as an answer, with its code newly signed. */
enum cf_rc cf_claim_reply(struct cf_central *central, const struct cf_coupon_row *row, struct cf_reply *reply,
                          struct cf_error *err) CF_MUST_CHECK;

#endif
