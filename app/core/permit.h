/*
 * app/core/permit.h - what a user of a till may do alone, by role, and up to what amount.
 *
 * One table for every till. Whoever may not do something may have it allowed by another user who may (an override, with
 * both and the reason on record: user.h). A store without users works as one nameless cashier who may do all that can
 * be done: CF_ROLE_NONE. Pure.
 */
#ifndef CF_CORE_PERMIT_H
#define CF_CORE_PERMIT_H

#include "base/money.h"

enum cf_role {
    CF_ROLE_NONE = 0, /* the store has no users */
    CF_ROLE_CASHIER = 1,
    CF_ROLE_SUPERVISOR = 2,
    CF_ROLE_MANAGER = 3,
    CF_ROLE_TECHNICIAN = 4, /* looks after the machine, and touches neither goods nor money */
};
/* Numbers stand in records: append. */
enum cf_act {
    CF_ACT_SELL = 1,
    CF_ACT_VOID_LINE = 2,     /* amount: the line's price */
    CF_ACT_CANCEL_SALE = 3,   /* an open sale with goods; amount: what they come to */
    CF_ACT_VOID_SALE = 4,     /* a committed sale of today */
    CF_ACT_PRICE = 5,         /* another price than the catalogue's; amount and percent: what is taken off */
    CF_ACT_DISCOUNT = 6,      /* by hand; amount and percent: what is taken off */
    CF_ACT_RETURN = 7,        /* with a receipt */
    CF_ACT_RETURN_BLIND = 8,  /* without one */
    CF_ACT_NO_SALE = 9,       /* opens the drawer */
    CF_ACT_FLOAT = 10,        /* puts the day's change into the drawer */
    CF_ACT_PAID_IN = 11,      /* cash into the drawer that is no sale */
    CF_ACT_PAID_OUT = 12,     /* cash out of the drawer that is no refund */
    CF_ACT_DROP = 13,         /* cash from the drawer to the safe */
    CF_ACT_COUNT = 14,        /* counts the drawer, without seeing what is expected */
    CF_ACT_SEE_VARIANCE = 15, /* sees what is expected beside what was counted */
    CF_ACT_X_REPORT = 16,
    CF_ACT_Z_REPORT = 17,
    CF_ACT_REPRINT = 18,
    CF_ACT_PAYMENT_DECIDE = 19, /* says of a payment whose outcome is unknown whether it was made */
    CF_ACT_CREDIT = 20,         /* gives out a gift card or store credit without taking money */
    CF_ACT_TRAINING = 21,       /* training mode */
    CF_ACT_SETTINGS = 22,       /* of the machine */
    CF_ACT_EXPORT = 23,         /* the journal as files */
    CF_ACT_AGE = 24,            /* says that a shopper is old enough */
    CF_ACT_VOIDS = 25,          /* one more void line; amount: all that they voided on the business day, with it */
    CF_ACT_CARD_BACK = 26,      /* gives back in cash what is on a gift card or store credit */
    CF_ACT_LOGS = 27,           /* lets the centre see the machine's logs of the last hour */
    CF_ACT_RESET = 28,          /* factory reset of a machine whose records are not all at the centre */
};
#define CF_ACTS_MAX 28
#define CF_USER_NUMBER_MAX 999999 /* of whoever does or allows it; as it is typed at a till */

struct cf_permit {
    bool may;
    int64_t
        up_to_minor;   /* INT64_MAX: no limit. In hundredths of the currency's unit, or its units if it has no parts */
    uint32_t up_to_bp; /* of what it is taken off; 10000: no limit */
};
/* Of what is being done: 0 where it does not apply. */
struct cf_act_size {
    int64_t minor;
    uint32_t percent_bp;
};

/* An act or role that is not known may not be done, or do anything. */
struct cf_permit cf_permit_of(enum cf_role role, enum cf_act act);
/* CF_E_PERMIT: the detail says what it is about, and up to which amount the role may do it alone. */
enum cf_rc cf_permit_check(enum cf_role role, enum cf_act act, const struct cf_act_size *size, cf_currency currency,
                           struct cf_error *err) CF_MUST_CHECK;

const char *cf_role_name(enum cf_role role); /* "cashier" ...; "none" */
bool cf_role_parse(const char *name, enum cf_role *ret);
const char *cf_act_name(enum cf_act act); /* "void line" ...; "unknown" */

#endif
