/*
 * app/terminal/till_taking.h - goods on their way back: from the receipt's number to the record of their return.
 *
 * Shared by a return that is committed at once (till_return.c) and one that waits for the goods of an exchange
 * (till_exchange.c). Private to the till.
 */
#ifndef CF_TERMINAL_TILL_TAKING_H
#define CF_TERMINAL_TILL_TAKING_H

#include "app/receipt/return_receipt.h"
#include "app/terminal/till_internal.h"

struct till_taking {
    struct cf_till *till;
    const struct cf_till_return *what;
    bool own; /* a sale of this journal */
    struct cf_sale *sale;
    struct cf_return *back;
    int64_t elsewhere[CF_CART_LINES_MAX]; /* back elsewhere, or kept for somebody */
    bool by_centre;                       /* the centre has said so just now */
    struct cf_journal_told told;          /* or what it said before */
    int64_t before[CF_CART_LINES_MAX];
    int64_t qty[CF_CART_LINES_MAX];
    enum cf_on_return fates[CF_SALE_COUPONS_MAX];
    size_t n_stay; /* lines that do not come back although all was asked for */
    struct cf_sale_reply reply;
    char reason[CF_RETURN_REASON_MAX + 1]; /* "": not said */
    /* for the receipt */
    char names[CF_CART_LINES_MAX][CF_NAME_MAX + 1];
    struct cf_receipt_line lines[CF_CART_LINES_MAX];
    const char *coupons[CF_SALE_COUPONS_MAX];
    bool over[CF_SALE_COUPONS_MAX]; /* of these the campaign is over, as far as the till knows */
    char credit_code[CF_CODE_TEXT_MAX];
    char credit_caption[CF_NAME_MAX + 1];
    struct cf_receipt_coupon credit;
};
/* What the return owes, as the first steps of what comes next. */
struct till_owed {
    struct cf_buf bytes;
    cf_bytes steps[CF_TENDERS_MAX];
    struct cf_journal_owed owed;
};

/* Free with till_taking_free. `what` is the caller's, and has to live as long. CF_E_USER_REASON. */
enum cf_rc till_taking_new(struct cf_till *till, const struct cf_till_return *what, struct till_taking **ret,
                           struct cf_error *err) CF_MUST_CHECK;
void till_taking_free(struct till_taking *t);
/* The sale; who else could take its goods back has been asked. Errors of cf_till_return. */
enum cf_rc till_taking_find(struct till_taking *t, struct cf_error *err) CF_MUST_CHECK;
/* Which goods, of today. */
enum cf_rc till_taking_choose(struct till_taking *t, uint32_t today, struct cf_error *err) CF_MUST_CHECK;
/* What they come to, from lines and fates; `exchange_up_to` as in cf_return_goods. */
enum cf_rc till_taking_work_out(struct till_taking *t, uint32_t today, int64_t exchange_up_to,
                                struct cf_error *err) CF_MUST_CHECK;
/* What is left to do before the commit: its number, the ids of refunds, store credit, names for the receipt. */
enum cf_rc till_taking_finish(struct till_taking *t, struct cf_error *err) CF_MUST_CHECK;
/* The steps of what it owes, if it becomes record `seq`. till_owed_done in any case. */
enum cf_rc till_taking_owed(const struct till_taking *t, uint64_t seq, struct till_owed *ret,
                            struct cf_error *err) CF_MUST_CHECK;
void till_owed_done(struct till_owed *owed);
/* What to print of it, but for when and where it is committed. Views into *t. */
struct cf_return_receipt till_taking_receipt(const struct till_taking *t);
/* What is told of it once it is committed at `at`. */
void till_taking_tell(const struct till_taking *t, const struct cf_committed *at, struct cf_till_returned *ret);
/* Undoes the ask, whether it arrived or not. If that cannot be kept now it is done at the next start. */
void till_taking_drop(struct till_taking *t);
/* After the commit: asks for what the journal says is owed. ret->refund says what became of it. */
enum cf_rc till_taking_give_back(struct cf_till *till, struct cf_till_returned *ret,
                                 struct cf_error *err) CF_MUST_CHECK;

#endif
