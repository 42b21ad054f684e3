/*
 * app/core/payment.h - one attempt to take money elsewhere: at a card terminal, or from a payment provider.
 *
 * An attempt has an id of its own, which is in the journal before anything is sent, and a state. **Unknown** is a state
 * like any other: nobody may take it for paid or unpaid; whoever took the money is asked, the same id is tried again,
 * or a manager says how it is, and that is a record. Pure: step(state, event) -> state. What the record of an attempt
 * that ended without a sale looks like is at the end.
 */
#ifndef CF_CORE_PAYMENT_H
#define CF_CORE_PAYMENT_H

#include "app/core/tender.h"
#include "base/bytes.h"

#define CF_PAYMENT_ID_BYTES 16

/* Numbers stand in records: append. */
enum cf_payment_state {
    CF_PAYMENT_ASKED = 1,            /* it is in the journal, and sent or about to be */
    CF_PAYMENT_UNKNOWN = 2,          /* no answer came, or one without sense: the money was taken, or not */
    CF_PAYMENT_APPROVED = 3,         /* taken */
    CF_PAYMENT_DECLINED = 4,         /* surely not taken: over */
    CF_PAYMENT_REVERSING = 5,        /* taken, and asked to be given back */
    CF_PAYMENT_REVERSAL_UNKNOWN = 6, /* the same, and no answer came */
    CF_PAYMENT_REVERSED = 7,         /* taken and given back: over */
    CF_PAYMENT_GIVEN_UP = 8,         /* unknown, and a manager said that it was not taken: over, but named */
    CF_PAYMENT_ELSEWHERE = 9,        /* taken; a manager said that it is given back in another way: over, but named */
    /* A refund: part or all of what was taken for an earlier sale, given back for its goods under an id of its own. */
    CF_PAYMENT_OWED = 10,           /* its return is committed; not asked for yet, or refused */
    CF_PAYMENT_REFUNDING = 11,      /* asked for */
    CF_PAYMENT_REFUND_UNKNOWN = 12, /* the same, and no answer came */
    CF_PAYMENT_REFUNDED = 13,       /* given back: over */
};
/* Numbers stand in steps: append. */
enum cf_payment_event {
    CF_PAYMENT_YES = 1,              /* the answer: it is taken; or, of a reversal or refund, given back */
    CF_PAYMENT_NO = 2,               /* the answer: it is not, and never will be under this id */
    CF_PAYMENT_NO_ANSWER = 3,        /* or none with sense, or the till was killed before it came */
    CF_PAYMENT_RETRY = 4,            /* asked again, with the same id */
    CF_PAYMENT_REVERSE = 5,          /* to be given back */
    CF_PAYMENT_SAY_TAKEN = 6,        /* a manager's word, where nobody knows */
    CF_PAYMENT_SAY_NOT_TAKEN = 7,    /* the same */
    CF_PAYMENT_SETTLE_ELSEWHERE = 8, /* a manager gives back in another way what cannot be reversed */
};

/* CF_OK and *ret_next; CF_E_PAYMENT_OPEN if the outcome has to be known first; CF_E_STATE for what makes no sense. */
enum cf_rc cf_payment_step(enum cf_payment_state state, enum cf_payment_event event, enum cf_payment_state *ret_next,
                           struct cf_error *err) CF_MUST_CHECK;
/* Asked and not answered, or a refund that is owed: the till stands still. */
bool cf_payment_is_open(enum cf_payment_state state);
/* Nothing will happen to it any more. What is neither open nor over is CF_PAYMENT_APPROVED. */
bool cf_payment_is_over(enum cf_payment_state state);
/* Is money to be given back, or was it? */
bool cf_payment_is_back(enum cf_payment_state state);
/* One of the states of a refund that is not over. */
bool cf_payment_is_refund(enum cf_payment_state state);
/* Is the event a manager's, who is on record with a reason? */
bool cf_payment_is_decision(enum cf_payment_event event);
const char *cf_payment_state_name(enum cf_payment_state state); /* "unknown", ...; NULL: none */

/*
 * The body of a CF_RECORD_PAYMENT: an attempt that ended without its sale though money was or may have been taken, or a
 * manager's decision about one. An attempt that was declined leaves no record; one that was approved is a tender of its
 * sale. And what became of a refund, which names its return: by its record in the same log, and by the tender.
 *
 *   [1, id(16), kind, amount_minor, currency, state, business_day, cashier, by, reason, reference]
 *   [.., return_seq, tender_no]                                                     of a refund
 */
struct cf_payment_record {
    uint8_t id[CF_PAYMENT_ID_BYTES];
    enum cf_tender_kind kind;
    int64_t amount_minor; /* > 0 */
    cf_currency currency;
    enum cf_payment_state state; /* REVERSED, GIVEN_UP, ELSEWHERE, REFUNDED; APPROVED, OWED: a manager says so */
    uint32_t business_day;
    char cashier[33];
    char by[33];     /* the manager; "": nobody had to decide */
    char reason[65]; /* theirs; "" only if there is no manager */
    char reference[CF_REFERENCE_MAX + 1];
    uint64_t return_seq; /* 0: it is no refund */
    uint32_t tender_no;  /* of the sale that was returned, from 1 */
};
/* Appends. CF_E_RECORD for what cf_payment_record_decode would refuse; on an error `ret` is unchanged. */
enum cf_rc cf_payment_record_encode(const struct cf_payment_record *record, struct cf_buf *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
/* CF_E_RECORD with a detail. */
enum cf_rc cf_payment_record_decode(cf_bytes bytes, struct cf_payment_record *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
