/*
 * app/core/tender.h - how a sale is paid: tenders, what is still due, and change.
 *
 * Only cash may exceed what is due. Card and mobile are external: they carry the reference of whoever took the money.
 * Gift cards, store credit and points are accounts of ours: they carry which one, and by whose word (value.h).
 * What an exchange pays is no money that anybody hands over: the refund of the return that the sale names.
 * Pure; a small value owned by the caller.
 */
#ifndef CF_CORE_TENDER_H
#define CF_CORE_TENDER_H

#include "app/core/cash_rounding.h"

#define CF_TENDERS_MAX 16
#define CF_REFERENCE_MAX 64
#define CF_TENDER_ID_BYTES 16
/* More change than that, or other money, is a code that was typed for an amount; sums over days of it would not fit. */
#define CF_TENDER_CASH_MAX INT64_C(10000000000000)

enum cf_tender_kind {
    CF_TENDER_CASH = 1,
    CF_TENDER_CARD = 2,
    CF_TENDER_MOBILE = 3,
    CF_TENDER_GIFT_CARD = 4,
    CF_TENDER_STORE_CREDIT = 5,
    CF_TENDER_POINTS = 6,
    CF_TENDER_EXCHANGE = 7, /* goods that came back in the same exchange: the sale names their return */
};
/* Of the kinds that take from an account of ours: who let this place spend it. */
enum cf_value_source {
    CF_VALUE_CENTRE = 1, /* the centre holds it for this sale, by the request key */
    CF_VALUE_HOME = 2,   /* it lies at this terminal alone */
};
#define CF_VALUE_KEY_BYTES 16
#define CF_VALUE_LEFT_UNKNOWN (-1)
struct cf_tender_value {
    enum cf_value_source source;
    uint32_t account;                /* 0: points of the sale's member */
    int64_t points;                  /* of POINTS: how many */
    uint8_t key[CF_VALUE_KEY_BYTES]; /* of CENTRE */
    int64_t left_minor; /* on the account, as far as whoever said yes knew; points left, of POINTS; for the receipt */
};

struct cf_tender {
    enum cf_tender_kind kind;
    int64_t amount_minor;                 /* > 0; cash: as handed over, change not taken off */
    char reference[CF_REFERENCE_MAX + 1]; /* "" for cash */
    int64_t foreign_minor;                /* cash in other money, worth amount_minor by the rate; 0: it is in ours */
    struct cf_rate rate;
    bool has_id; /* a payment that somebody else took under this id (payment.h) */
    uint8_t id[CF_TENDER_ID_BYTES];
    struct cf_tender_value value; /* of kinds 4, 5 and 6 */
};
struct cf_tenders {
    int64_t total_minor;    /* to be paid, >= 0 */
    int64_t rounding_minor; /* added to it, since what was left for cash cannot be paid in coins; known once settled */
    struct cf_cash_rule cash; /* of what is taken now; a step of 0 or 1: nothing is rounded */
    size_t n;
    struct cf_tender tender[CF_TENDERS_MAX];
};

void cf_tenders_init(struct cf_tenders *tenders, int64_t total_minor);
/* CF_E_TENDER_ZERO, _TENDER_OVER, _TENDER_CASH, _TENDER_REFERENCE, CF_E_LIMIT, CF_E_OVERFLOW; CF_E_STATE when nothing
 * is due. */
enum cf_rc cf_tenders_add(struct cf_tenders *tenders, const struct cf_tender *tender,
                          struct cf_error *err) CF_MUST_CHECK;
/* Takes one off again: its money went back. */
void cf_tenders_remove(struct cf_tenders *tenders, size_t i);
int64_t cf_tenders_due(const struct cf_tenders *tenders); /* >= 0 */
/* The same if cash settles it: rounded to what there are coins for. */
int64_t cf_tenders_due_in_cash(const struct cf_tenders *tenders);
int64_t cf_tenders_change(const struct cf_tenders *tenders); /* >= 0; from cash only */
bool cf_tenders_settled(const struct cf_tenders *tenders);
/* Were they rounded by `cash`, as if it had been the rule from the first of them on? Not where a store's rule changed
 * between two tenders of a sale. */
bool cf_tenders_follow_rule(const struct cf_tenders *tenders);
const char *cf_tender_kind_name(enum cf_tender_kind kind); /* "cash", "card", "mobile", "gift_card" ... */
/* Does it take from an account that the centre keeps? */
bool cf_tender_is_value(enum cf_tender_kind kind);
bool cf_tender_kind_parse(const char *name, enum cf_tender_kind *ret);

#endif
