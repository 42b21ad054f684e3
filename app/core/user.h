/*
 * app/core/user.h - a user of a store's tills as the centre sends them down, and the record of what people did at a
 * till.
 *
 * A till holds a number, a short name, a role and what verifies a PIN: nothing else of a person. Pure.
 */
#ifndef CF_CORE_USER_H
#define CF_CORE_USER_H

#include "app/core/permit.h"
#include "base/crypto/crypto.h"
#include "base/crypto/pin.h"

#define CF_USER_MAX CF_USER_NUMBER_MAX
#define CF_USER_NAME_MAX 32
#define CF_USERS_MAX 1000 /* of a store */
#define CF_BADGE_MARK_BYTES 16
#define CF_BADGE_TEXT_MAX 64
#define CF_USER_REASON_MAX 80

/* A badge is known by a hash of its text: what is on a till's disk makes no badge. */
struct cf_badge_mark {
    uint8_t b[CF_BADGE_MARK_BYTES];
};
struct cf_badge_mark cf_badge_mark_of(cf_bytes text);

struct cf_user {
    uint32_t store;
    uint32_t user;                         /* 1 to CF_USER_MAX, of this store */
    bool gone;                             /* and of all that follows nothing is left */
    char name[CF_USER_NAME_MAX + 1];       /* for colleagues */
    char on_receipt[CF_USER_NAME_MAX + 1]; /* what shoppers read; "": the number */
    enum cf_role role;
    bool has_badge;
    struct cf_badge_mark badge;
    struct cf_pin_verifier pin;
};
/* CF_E_RANGE: a number, role or name that a till would not take. */
enum cf_rc cf_user_check(const struct cf_user *user, struct cf_error *err) CF_MUST_CHECK;
/* As it stands on records and receipts: on_receipt, or the number. */
void cf_user_shown(const struct cf_user *user, char ret[CF_USER_NAME_MAX + 1]);

/* What people did at a till: the body of CF_RECORD_USER. Numbers stand in records: append. */
enum cf_user_event_kind {
    CF_USER_LOGIN = 1,
    CF_USER_LOGOUT = 2,
    CF_USER_LOCK = 3,      /* the same user or another one has to log in before anything else */
    CF_USER_WRONG_PIN = 4, /* so that guessing is on record, and a restart does not forgive it */
    CF_USER_OVERRIDE = 5,  /* `by` allowed `user` to do `act` */
    CF_USER_REPRINT = 6,   /* a copy of the receipt of record `sale_no` was printed */
};
struct cf_user_event {
    enum cf_user_event_kind kind;
    uint32_t user;                    /* OVERRIDE: who was logged in. 0: nobody */
    char shown[CF_USER_NAME_MAX + 1]; /* the user as on a sale's record */
    enum cf_role role;
    bool badge; /* LOGIN: the user was named by a badge */
    /* OVERRIDE; else 0 */
    uint32_t by;
    char by_shown[CF_USER_NAME_MAX + 1];
    enum cf_role by_role;
    enum cf_act act;
    struct cf_act_size size;
    uint64_t sale_no; /* of the open sale, as it would be numbered; 0: between sales. REPRINT: the receipt's record */
    char reason[CF_USER_REASON_MAX + 1];
};
/* Appends. CF_E_RECORD for what would not be read again; then `ret` is unchanged. */
enum cf_rc cf_user_event_encode(const struct cf_user_event *event, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_user_event_decode(cf_bytes bytes, struct cf_user_event *ret, struct cf_error *err) CF_MUST_CHECK;

/*
 * How long after the n-th wrong PIN in a row another is not even looked at: nothing for the first four, then 30 s, and
 * twice as long each time, up to an hour. A million PINs then take a century at the till.
 */
int64_t cf_user_wait_s(uint32_t n_wrong);

#endif
