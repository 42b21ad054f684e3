/*
 * app/terminal/till.h - the use cases of a checkout terminal, without a screen.
 *
 * Views (a command line, windows) call these and show what cf_till_view gives; they decide nothing. Each call that
 * changes the open sale is in the journal before it returns, so whatever was shown is still there after a kill. The
 * order of effects at the end of a sale: commit, then the caller prints (cf_till_receipt, cf_till_printed). One thread.
 */
#ifndef CF_TERMINAL_TILL_H
#define CF_TERMINAL_TILL_H

#include "app/core/challenge.h"
#include "app/core/drawer.h"
#include "app/core/keyring.h"
#include "app/core/order.h"
#include "app/core/order_request.h"
#include "app/core/payment.h"
#include "app/core/permit.h"
#include "app/core/quote.h"
#include "app/core/sale_return.h"
#include "app/core/scan.h"
#include "app/receipt/receipt.h"
#include "app/store/journal.h"
#include "app/store/replica.h"
#include "app/terminal/checkout.h"
#include "app/terminal/clock.h"
#include "app/terminal/fiscal_port.h"
#include "drivers/port/pay_port.h"
#include "sync/wire/sale_ask.h"

#define CF_CASHIER_MAX 32
#define CF_LABEL_MAX 32
#define CF_TILL_IDLE_S 900                    /* a login in which nothing is done for so long has ended */
#define CF_TRAINING_EPOCH UINT32_C(999999999) /* no till comes that far: its receipts are nobody's */
#define CF_TRAINING_MARK "*** TRAINING - NOT A SALE / 培训 ***"

struct cf_till_config {
    const char *dir; /* holds journal.db and replica.db */
    /*
     * Training: dir holds a journal of its own, for epoch CF_TRAINING_EPOCH, and the replica is read from replica_dir.
     * Receipts are marked, no coupons are issued, nobody is asked or paid, so that nothing leaves that folder. NULL: it
     * is in earnest.
     */
    const char *replica_dir;
    uint32_t terminal, epoch, store;
    const char *label;   /* "Till 1", on receipts */
    const char *cashier; /* on records and receipts */
    cf_public_key roots[2];
    const uint8_t *sign_key;     /* CF_P256_PRIVATE_BYTES; copied */
    bool ask_online;             /* env's network may be asked before a lease is spent */
    bool ask_hub;                /* env's network reaches the store's hub under CF_PATH_HUB */
    bool look_only;              /* for cf_till_x_report alone: no start is counted and nothing is written */
    bool trial;                  /* of training: no person works it but a program, so nobody has to log in */
    uint32_t return_window_days; /* how long baskets are kept here once they are acknowledged; 0: as the store has it */
    struct cf_fiscal_port fiscal;    /* what signs records besides the chain; borrowed. Without ops: nothing */
    struct cf_pay_port card, mobile; /* who takes such payments for this till; borrowed. Without ops: nobody */
    int64_t variance_limit_minor;    /* a count that is off by more needs a reason; 0: as the store has it */
    /* Where the incarnation stands outside of dir; borrowed. NULL: the file `<dir>.incarnation`. */
    const struct cf_incarnation_store *incarnation;
};

struct cf_till;

/* Opens journal and replica and takes up the open sale where it was. Free with cf_till_close. Errors of
 * cf_journal_open; CF_E_REPLICA_BROKEN, CF_E_REPLICA_NONE; CF_E_NOT_ENROLLED if the journal is another terminal's. */
enum cf_rc cf_till_open(const struct cf_till_config *config, const struct cf_env *env, struct cf_till **ret,
                        struct cf_error *err) CF_MUST_CHECK;
void cf_till_close(struct cf_till *till);
bool cf_till_is_training(const struct cf_till *till);
/* Why this till spends no rights until it is enrolled again; CF_QUARANTINE_NONE: it is not in quarantine. */
enum cf_quarantine_why cf_till_quarantine(const struct cf_till *till);

/* --- people --------------------------------------------------------------------------------------------------------
 */

struct cf_till_user {
    bool users; /* the store has users; else whoever is there sells, as `cashier` of the config */
    bool is;    /* somebody is logged in */
    uint32_t user;
    enum cf_role role;
    char name[CF_CASHIER_MAX + 1];  /* for colleagues */
    char shown[CF_CASHIER_MAX + 1]; /* on records and receipts */
};
void cf_till_user(const struct cf_till *till, struct cf_till_user *ret);
/*
 * `who` is a user's number, or what a scanner read from a badge. Whoever was logged in is not any more (a fast switch);
 * an open sale stays open. Lasts until the lock, the next boot, or a quarter of an hour without any act.
 *
 *   CF_E_USER_UNKNOWN
 *   CF_E_USER_PIN     on record; after five in a row each costs a wait
 *   CF_E_USER_LOCKED  not looked at: the detail says how long to wait
 */
enum cf_rc cf_till_login(struct cf_till *till, const char *who, const char *pin, struct cf_error *err) CF_MUST_CHECK;
/* How colleagues call whoever is about to log in, for their own eyes. CF_E_USER_UNKNOWN. */
enum cf_rc cf_till_user_name(struct cf_till *till, const char *who, char ret[CF_CASHIER_MAX + 1],
                             struct cf_error *err) CF_MUST_CHECK;
/* CF_E_USER_NONE. */
enum cf_rc cf_till_lock(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/*
 * Somebody else allows the next act that whoever is logged in may not do alone (CF_E_PERMIT), within a minute and as
 * far as they may do it themselves. It is on record once it is used. Errors of cf_till_login; CF_E_USER_NONE,
 * CF_E_USER_REASON; CF_E_PERMIT for oneself.
 */
enum cf_rc cf_till_override(struct cf_till *till, const char *who, const char *pin, const char *reason,
                            struct cf_error *err) CF_MUST_CHECK;

/* --- the open sale -------------------------------------------------------------------------------------------------
 */

struct cf_till_coupon {
    uint32_t campaign, index;
    char name[CF_NAME_MAX + 1]; /* of the campaign */
    enum cf_rc rc;              /* CF_OK: it takes amount_minor off; else why it has no effect (yet) */
    int64_t amount_minor;
    char reason[CF_REASON_MAX + 1]; /* for the cashier and the shopper */
};
/* A payment whose outcome is not known, or a refund that is owed: the till stands still. */
struct cf_till_payment {
    uint8_t id[CF_PAYMENT_ID_BYTES];
    enum cf_tender_kind kind;
    int64_t amount_minor;
    enum cf_payment_state state;
};
/* What there is to see. Views into the till, valid until the next call on it. */
struct cf_till_view {
    enum cf_checkout_state state;
    const struct cf_cart *cart;
    const struct cf_priced *priced; /* of the cart, line by line */
    bool has_member, member_live;
    cf_sub member;
    unsigned tier;
    uint32_t order;            /* that is paid here; 0: none */
    struct cf_quote_use quote; /* under which it is sold; terminal 0: none */
    int64_t points;            /* that this sale will earn */
    size_t n_coupons;
    const struct cf_till_coupon *coupons;
    size_t n_left_out; /* automatic promotions that would give something, had this till enough left of them */
    const struct cf_till_coupon *left_out;
    const struct cf_tenders *tenders;
    bool has_payment;
    struct cf_till_payment payment;
    int64_t due_minor, change_minor; /* due: less what came back in exchange */
    int64_t exchange_minor;          /* what that is worth; 0: nothing came back for this sale */
    cf_currency currency;
    enum cf_tax_mode tax_mode;
};
void cf_till_view(const struct cf_till *till, struct cf_till_view *ret);

/* A gift card that a sale sold, as on its receipt. */
struct cf_till_card {
    uint32_t account;
    int64_t amount_minor;
    char code[CF_CODE_TEXT_MAX];
};
/* Goods that came back. */
struct cf_till_returned {
    struct cf_committed at;
    uint64_t return_no;
    struct cf_sale_ref of;
    int64_t total_minor; /* refunded */
    int64_t points;      /* taken back */
    size_t n_tenders;
    struct cf_return_tender tenders[CF_TENDERS_MAX];
    size_t n_rights;
    struct cf_return_right rights[CF_SALE_COUPONS_MAX];
    bool over[CF_SALE_COUPONS_MAX]; /* as rights: the campaign is over, so one that is given back buys nothing */
    size_t n_revoked; /* coupons of the sale's receipt, all of whose goods are back: good nowhere any more */
    struct cf_return_revoked revoked[CF_SALE_ISSUED_MAX];
    int64_t exchange_minor; /* of it, what paid for the goods of the exchange */
    bool has_credit;        /* of it, what was put on store credit */
    struct cf_till_card credit;
    size_t n_stay;          /* lines that stay although all was asked for: gift cards */
    struct cf_error refund; /* rc: what became of the refunds that were asked for elsewhere, those with an id */
};
struct cf_till_sold {
    bool committed; /* all was paid and the sale is in the journal */
    struct cf_committed at;
    uint64_t sale_no;
    int64_t total_minor, change_minor, points;
    cf_sub member;
    bool has_member;
    size_t n_cards;
    struct cf_till_card cards[CF_SALE_CARDS_MAX];
    bool exchanged; /* with goods that came back: */
    struct cf_till_returned back;
};
struct cf_till_scanned {
    enum cf_scan_kind kind;
    uint32_t line_no;         /* of the line that goods made */
    size_t coupon;            /* position in view.coupons */
    bool in_sale;             /* the order is not paid yet, or it is a quotation: its goods are in the open sale now */
    struct cf_till_sold sold; /* by the code on a shopper's phone, which paid the rest */
};
/*
 * Takes a scanned text of any kind: goods become a line, a member code the sale's member, a coupon is verified, judged
 * and held. CF_OK for a held coupon that has no effect yet: see its rc and reason. A refusal leaves the sale as it was
 * and its detail says what to do. ret may be NULL.
 */
enum cf_rc cf_till_scan(struct cf_till *till, cf_bytes text, struct cf_till_scanned *ret,
                        struct cf_error *err) CF_MUST_CHECK;
/* What a person says of goods that were refused for want of it. */
struct cf_till_answers {
    bool has_price; /* CF_E_GOODS_PRICE: what they cost */
    int64_t price_minor;
    const char *serial;   /* CF_E_GOODS_SERIAL; NULL: not said */
    bool of_age;          /* CF_E_GOODS_AGE: the cashier has seen that the shopper is old enough */
    uint32_t birth_date;  /* or has read this date of birth, 19900131; it is reckoned with and not kept */
    int64_t weight_milli; /* CF_E_GOODS_WEIGHT: thousandths of a kilogram, less the tare; 0: not said */
};
/* There is a scale at this till: goods that are sold by weight, and whose code tells none, ask for theirs. Without one
 * they are a kilogram until somebody types the quantity. */
void cf_till_weighs(struct cf_till *till, bool weighs);
/* The same text again, with answers. What is not asked for is not looked at. */
enum cf_rc cf_till_scan_with(struct cf_till *till, cf_bytes text, const struct cf_till_answers *answers,
                             struct cf_till_scanned *ret, struct cf_error *err) CF_MUST_CHECK;
/*
 * For a coupon that only the centre can honour while there is no link here: opens a challenge that the shopper's phone
 * takes to the centre, and gives its text, to be shown as a QR code. The ticket that comes back is scanned as any code,
 * on this sale. Opens a sale if none is open. CF_E_LIMIT if too many are open; CF_E_QUARANTINED.
 */
enum cf_rc cf_till_challenge(struct cf_till *till, char ret_text[CF_CHALLENGE_TEXT_MAX],
                             struct cf_error *err) CF_MUST_CHECK;
/* line_no 0: the last line that is not void. */
enum cf_rc cf_till_quantity(struct cf_till *till, uint32_t line_no, int64_t qty_milli,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_till_price(struct cf_till *till, uint32_t line_no, int64_t unit_price_minor,
                         struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_till_void(struct cf_till *till, uint32_t line_no, struct cf_error *err) CF_MUST_CHECK;
/*
 * A discount by hand, after all promotions: of a line, or of the whole sale (line_no 0, then `last_line` false); by
 * percentage or by amount. With neither, those that stand there are taken back. It counts towards what whoever is
 * logged in may take off alone together with those before it, when it is given and again at the first payment.
 *
 *   CF_E_DISCOUNT_ROOM  more than can be taken off: the floor price, or zero. The detail says how much can
 *   CF_E_PERMIT, CF_E_USER_REASON, CF_E_RANGE, CF_E_LIMIT, CF_E_NOT_FOUND (nothing to take back), those of a line
 */
struct cf_till_discount {
    uint32_t line_no;
    bool last_line; /* the last line that is not void, whatever line_no says */
    uint32_t percent_bp;
    int64_t amount_minor;
    const char *reason; /* of one that is given */
};
enum cf_rc cf_till_discount(struct cf_till *till, const struct cf_till_discount *what,
                            struct cf_error *err) CF_MUST_CHECK;
/*
 * Takes a coupon off the sale: number coupon_no from 1 in view.coupons, 0 the last one. Its right goes back as cancel
 * gives it back; a ticket's goes back with the end of the sale, and until then may be scanned again. CF_E_NOT_FOUND for
 * no such coupon; CF_E_SALE_TENDERED once something is paid.
 */
enum cf_rc cf_till_untake(struct cf_till *till, uint32_t coupon_no, struct cf_error *err) CF_MUST_CHECK;

/*
 * Takes a payment; the one that settles the sale commits it. A sale of total zero is committed by a cash tender of 0.
 * Cash in other money (foreign_minor and rate.currency) is worth what the store's rate says: CF_E_CURRENCY where there
 * is none. What is left for cash is rounded as the store has it: cf_till_due_in_cash.
 * If the commit fails (CF_E_DISK_FULL, CF_E_COUPON_SPENT ...), nothing is sold, the tenders are given back and the sale
 * is still open.
 */
enum cf_rc cf_till_tender(struct cf_till *till, const struct cf_tender *tender, struct cf_till_sold *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* What cash in this money settles the sale now, rounded to what there are coins for. CF_E_CURRENCY. */
enum cf_rc cf_till_due_in_cash(struct cf_till *till, cf_currency currency, int64_t *ret_minor,
                               struct cf_error *err) CF_MUST_CHECK;
/* Gives all payments back: those that somebody else took are reversed, one after the other. Where one is not, the rest
 * stays as it is: CF_E_PAYMENT_UNKNOWN, CF_E_PAYMENT_KEPT (refused: it is still taken), CF_E_PAYMENT_LINK (not asked).
 */
/* The price of now, before money is taken: offers begin and end while a sale is open. Where one ended unseen, the first
 * payment is refused (CF_E_PRICE_ROSE), and the view then has what is due. CF_OK where nothing is open, or the price
 * stands still. */
enum cf_rc cf_till_total(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* The shopper says how all will be paid, before anything is: the view then has the price for that. Promotions that
 * depend on it hold for the kind that pays first, whatever was announced, and then no other kind may pay the rest
 * (CF_E_TENDER_TERMS). CF_E_SALE_NONE, CF_E_SALE_TENDERED. */
enum cf_rc cf_till_announce(struct cf_till *till, enum cf_tender_kind kind, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_till_untender(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* --- payments that somebody else takes ----------------------------------------------------------------------------
 */

struct cf_till_pay {
    enum cf_tender_kind kind; /* card or mobile */
    int64_t amount_minor;     /* at most what is due, once this kind is announced; 0: all of it */
    const char *code;         /* mobile: what the shopper's phone shows */
};
/*
 * Has a payment taken by a card terminal or a provider; the one that settles the sale commits it. While it is not known
 * whether it was taken, the sale stands still: nothing is sold, cancelled, parked or changed.
 *
 *   CF_E_PAYMENT_PORT      nobody takes such payments here
 *   CF_E_PAYMENT_LINK      nobody answers; nothing was asked, nothing is taken
 *   CF_E_PAYMENT_DECLINED  nothing was taken
 *   CF_E_PAYMENT_UNKNOWN   see view.payment, and the calls below
 *
 * and errors of the commit: then the payment is taken all the same and stays on the sale, which is paid; cf_till_settle
 * tries again, cf_till_untender gives back. So does the next start try again.
 */
enum cf_rc cf_till_pay(struct cf_till *till, const struct cf_till_pay *what, struct cf_till_sold *ret,
                       struct cf_error *err) CF_MUST_CHECK;
/* What became of the payment that is not known, or of its reversal. CF_OK: it was taken (given back). Errors as above.
 */
enum cf_rc cf_till_payment_query(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err) CF_MUST_CHECK;
/* Asks for it again, under the same id, so that it is taken once at most. code: as in cf_till_pay, or NULL for the
 * same. */
enum cf_rc cf_till_payment_retry(struct cf_till *till, const char *code, struct cf_till_sold *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
struct cf_till_decision {
    enum cf_payment_event event; /* SAY_TAKEN, SAY_NOT_TAKEN; SETTLE_ELSEWHERE also for one that is known to be taken */
    const char *by; /* the manager; where the store has users it is whoever is logged in, or allowed it (CF_E_PERMIT) */
    const char *reason;
    const char *reference; /* of what was taken, from its slip; NULL: none */
};
/* A manager says how it is, where nobody else knows: a record. */
enum cf_rc cf_till_payment_decide(struct cf_till *till, const struct cf_till_decision *what, struct cf_till_sold *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* Commits a sale that is paid and could not be committed before. CF_E_STATE. */
enum cf_rc cf_till_settle(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err) CF_MUST_CHECK;
/* Closes the card terminal's day, between sales. */
enum cf_rc cf_till_card_end_of_day(struct cf_till *till, struct cf_pay_totals *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- money on accounts of ours: gift cards, store credit, points ---------------------------------------------------
 */

struct cf_till_value {
    enum cf_tender_kind kind; /* POINTS; or what the card must be, 0: whichever it is */
    cf_bytes code;            /* of the card, as scanned; not of POINTS */
    int64_t amount_minor;     /* exactly this; 0: what there is, at most what is due */
    int64_t points;           /* of POINTS: at most so many */
};
struct cf_till_valued {
    int64_t taken_minor;
    int64_t left_minor; /* as in struct cf_tender_value */
};
/*
 * Pays with a card, or with the points of the sale's member, whose live code was shown. What lies at this terminal
 * alone is spent first; for the rest the centre is asked, by a key that is journalled before. The tender that settles
 * the sale commits it; if that fails, what the centre holds stays on the sale: cf_till_settle, cf_till_untender.
 * ret_valued may be NULL.
 *
 *   CF_E_VALUE_OFFLINE  nobody knows here what is left; or nobody knows whether it was taken: a record undoes that
 *   CF_E_VALUE_UNKNOWN, _EMPTY, _SHORT, _EXPIRED, _BLOCKED, _RATE; CF_E_POINTS; those of a code
 *   CF_E_MEMBER_REQUIRED, CF_E_MEMBER_STATIC, CF_E_QUARANTINED, CF_E_TRAINING
 */
enum cf_rc cf_till_value(struct cf_till *till, const struct cf_till_value *what, struct cf_till_sold *ret,
                         struct cf_till_valued *ret_valued, struct cf_error *err) CF_MUST_CHECK;
/* What is left on a card, as far as it is known here or the centre says. Changes nothing. */
enum cf_rc cf_till_value_left(struct cf_till *till, cf_bytes code, int64_t *ret_minor,
                              struct cf_error *err) CF_MUST_CHECK;
/*
 * Money on a card that there is, or on store credit: a line of the sale, as a card that is sold. It lies here until the
 * centre has the sale. With a link the centre is asked whether there is such a card; without one CF_E_VALUE_OFFLINE but
 * for a card of which money lies here, or lay. CF_E_VALUE_CARD (the amount, with what is on it), _UNKNOWN, _EXPIRED,
 * _BLOCKED; CF_E_CURRENCY; those of a code; CF_E_QUARANTINED, CF_E_TRAINING.
 */
enum cf_rc cf_till_top_up(struct cf_till *till, cf_bytes code, int64_t amount_minor, uint32_t *ret_line_no,
                          struct cf_error *err) CF_MUST_CHECK;
/* A gift card becomes a line of the sale: it gets its number when the sale is paid, and its code is on the receipt.
 * CF_E_VALUE_RANGE, CF_E_VALUE_CARD (the amount), CF_E_LIMIT, CF_E_QUARANTINED, CF_E_TRAINING. */
enum cf_rc cf_till_sell_card(struct cf_till *till, int64_t amount_minor, uint32_t *ret_line_no,
                             struct cf_error *err) CF_MUST_CHECK;

/* Drops the open sale; a record says so. */
enum cf_rc cf_till_cancel(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;
/* Puts the open sale aside at this till, with all that is on it. CF_E_EXISTS, CF_E_LIMIT, CF_E_SALE_TENDERED. */
enum cf_rc cf_till_park(struct cf_till *till, const char *label, struct cf_error *err) CF_MUST_CHECK;
enum cf_till_parked_where {
    CF_TILL_PARKED_HERE = 1,
    CF_TILL_PARKED_AT_HUB = 2,   /* any till of the store may recall it, once */
    CF_TILL_PARKED_IN_DOUBT = 3, /* the hub may have it, and does not answer */
};
struct cf_till_handed {
    enum cf_till_parked_where where;
    enum cf_rc why;   /* not at the hub: CF_E_LINK_DOWN (no hub, or it does not answer), CF_E_LIMIT, CF_E_UNSUPPORTED */
    size_t n_coupons; /* that were taken off and given back: to be scanned again where it is recalled */
};
/*
 * The same, but at the store's hub, if it answers: then any till of the store can recall it. Coupons are taken off
 * first. Where it cannot be handed over it is parked here, and *ret says why. CF_E_EXISTS: the store has one of that
 * name.
 */
enum cf_rc cf_till_park_at_hub(struct cf_till *till, const char *label, struct cf_till_handed *ret,
                               struct cf_error *err) CF_MUST_CHECK;
/*
 * Goes on with a parked sale: of this till, else of the hub.
 *
 *   CF_E_SALE_OPEN
 *   CF_E_PARKED_NONE   neither here nor, as far as it answers, at the hub
 *   CF_E_PARKED_TAKEN  another till was faster
 *   CF_E_PARKED_DOUBT  only the hub knows, and it does not answer: nothing was recalled
 */
enum cf_rc cf_till_recall(struct cf_till *till, const char *label, struct cf_error *err) CF_MUST_CHECK;
#define CF_TILL_PARKED_HERE_MAX 64
#define CF_TILL_PARKED_MAX 264
struct cf_till_parked {
    enum cf_till_parked_where where;
    uint32_t terminal; /* that parked it */
    char label[65];
    char user[CF_CASHIER_MAX + 1]; /* who parked it */
    cf_wall at;                    /* when; 0: not known */
    uint32_t n_lines;
    int64_t total_minor;
    char first_line[CF_NAME_MAX + 1];
};
/* What is parked here and, where it answers, at the hub. *ret_hub: the hub was heard. */
enum cf_rc cf_till_parked(struct cf_till *till, struct cf_till_parked ret[CF_TILL_PARKED_MAX], size_t *ret_n,
                          bool *ret_hub, struct cf_error *err) CF_MUST_CHECK;
/*
 * Gives up a coupon that is pinned to this till, for good up to its generation; a record says so. Between sales.
 *
 *   CF_E_SALE_OPEN, CF_E_QUARANTINED, those of a code
 *   CF_E_COUPON_HOME  it is not pinned to this till
 *   CF_E_COUPON_SPENT, CF_E_COUPON_GENERATION  it was used or given up here
 */
enum cf_rc cf_till_release(struct cf_till *till, cf_bytes text, struct cf_coupon *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* --- orders -------------------------------------------------------------------------------------------------------
 */

/* The order whose code was scanned last (cf_till_scan, kind CF_SCAN_ORDER), as far as it may be handed out here; NULL:
 * none. Valid until the next call. One of kind UNPAID went into the open sale with the scan. */
const struct cf_order *cf_till_order(const struct cf_till *till);
struct cf_till_handed_out {
    struct cf_committed at;
    uint32_t order, generation;
    bool whole;           /* nothing of it is left */
    int64_t amount_minor; /* as it was paid online */
};
/*
 * Hands that order out, or some lines of it (n 0: all), between sales: whoever has to say yes is asked, then it is on
 * record and a slip waits to be printed.
 *
 *   CF_E_ORDER_UNKNOWN   none was scanned
 *   CF_E_ORDER_UNPAID    it is to be paid: cf_till_pay_order
 *   CF_E_SALE_OPEN, CF_E_LINE_NONE, CF_E_ORDER_LINE, those of cf_order_judge
 *   CF_E_ORDER_DONE      handed out already, as our journal, the hub or the centre says
 *   CF_E_ORDER_ASK       whoever has to say yes is not there, or did not answer: nothing was handed out
 */
enum cf_rc cf_till_hand_out(struct cf_till *till, const struct cf_taken_line *lines, size_t n,
                            struct cf_till_handed_out *ret, struct cf_error *err) CF_MUST_CHECK;
/* An order that is to be paid here goes into the open sale by its number, for a shopper who has no code at hand. Errors
 * of cf_till_pay_order. answers may be NULL. */
enum cf_rc cf_till_choose_order(struct cf_till *till, uint32_t number, const struct cf_till_answers *answers,
                                struct cf_error *err) CF_MUST_CHECK;
/*
 * Puts lines of that order, or all that is not there yet (n 0), into the open sale, at the order's prices, which stand:
 * no promotion and no cashier changes them. Whoever has to say yes is asked now. What is void when the sale ends is
 * still ordered; a sale that is cancelled gives all back. One order a sale.
 *
 *   CF_E_ORDER_PAID   it was paid online: cf_till_hand_out
 *   CF_E_ORDER_TWICE, CF_E_GOODS_AGE, CF_E_GOODS_RECALLED, and those of cf_till_hand_out
 */
enum cf_rc cf_till_pay_order(struct cf_till *till, const struct cf_taken_line *lines, size_t n,
                             struct cf_error *err) CF_MUST_CHECK;

/* An order that this store has to hand out, as far as this till has heard. */
struct cf_till_order {
    uint32_t number, generation;
    enum cf_order_kind kind;
    bool here; /* this till may hand it out, or whoever it asks */
    int64_t ready_s, expires_s;
    int64_t total_minor;
    size_t n_lines;
    char first[CF_NAME_MAX + 1]; /* of its goods */
};
#define CF_TILL_PAGE_MAX 50
/* By number, from behind `after` on; fewer than CF_TILL_PAGE_MAX: there are no more. Needs no link. */
enum cf_rc cf_till_orders(struct cf_till *till, uint32_t after, struct cf_till_order ret[CF_TILL_PAGE_MAX],
                          size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;

/* --- goods that the store has not -----------------------------------------------------------------------------------
 */

struct cf_till_asking {
    uint32_t asked;           /* a store that has them; 0: the brand's shop */
    bool there;               /* the shopper fetches them in that store */
    const char *name, *reach; /* who wants them and how to be told; "": the member of the sale */
};
struct cf_till_asked {
    struct cf_committed at;
    size_t n_lines;
    int64_t total_minor; /* by the catalogue, to be paid when the goods are fetched */
};
/*
 * Asks for the goods of the open sale instead of selling them, at the catalogue's prices: it is on record, a slip waits
 * to be printed, and the sale is gone. Needs no link. Nothing is paid.
 *
 *   CF_E_REQUEST_GOODS  something else is in the sale, or part of it is paid; or goods without a price, or by serial
 *                       number
 *   CF_E_REQUEST_WHO    nobody is named
 *   CF_E_SALE_EMPTY, CF_E_TRAINING, CF_E_LIMIT (more than CF_ORDER_LINES_MAX lines), CF_E_ENCODING
 */
enum cf_rc cf_till_ask_goods(struct cf_till *till, const struct cf_till_asking *what, struct cf_till_asked *ret,
                             struct cf_error *err) CF_MUST_CHECK;

/* Goods that this store asked for, or was asked for. */
struct cf_till_request {
    uint32_t number;       /* of the order that it is; 0: the centre has not heard, or this till has not of it */
    struct cf_sale_ref of; /* the slip */
    uint32_t asking, asked, at;
    enum cf_request_state state;
    int64_t asked_s;
    char reason[CF_REQUEST_REASON_MAX + 1]; /* of one that was refused */
    char name[CF_REQUEST_NAME_MAX + 1];     /* who wants them: of slips of this till, as long as it keeps them */
    char reach[CF_REQUEST_NAME_MAX + 1];
    size_t n_lines;
    char first[CF_NAME_MAX + 1];
    unsigned may; /* acts that are this store's to say of it now: bit 1 << act */
};
/* Where a list goes on. All zero: from the start. */
struct cf_till_request_page {
    uint32_t after;   /* number */
    uint64_t waiting; /* seq of a slip; UINT64_MAX: all were given */
};
/* Slips of this till that the centre has not spoken of, the newest first; then by number. *page moves on; fewer than
 * CF_TILL_PAGE_MAX: there are no more. Needs no link. */
enum cf_rc cf_till_requests(struct cf_till *till, struct cf_till_request_page *page,
                            struct cf_till_request ret[CF_TILL_PAGE_MAX], size_t *ret_n,
                            struct cf_error *err) CF_MUST_CHECK;
/* One of them with its goods. CF_E_ORDER_UNKNOWN, CF_E_ORDER_CANCELLED. */
enum cf_rc cf_till_request(struct cf_till *till, uint32_t number, struct cf_request_view *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/*
 * Says something of it, between sales: accept, refuse (with a reason), send, ready, or withdraw. It is on record; what
 * comes of it the centre says. `number` 0: of the slip `of` of this till, which the centre may not have heard of.
 *
 *   CF_E_ORDER_HOME, CF_E_ORDER_STATE  cf_request_step, as far as this till has heard
 *   CF_E_ORDER_UNKNOWN, CF_E_ORDER_CANCELLED, CF_E_USER_REASON, CF_E_SALE_OPEN, CF_E_TRAINING
 */
enum cf_rc cf_till_answer_request(struct cf_till *till, uint32_t number, const struct cf_sale_ref *of,
                                  enum cf_request_act act, const char *reason, struct cf_committed *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
/* --- quotations ---------------------------------------------------------------------------------------------------
 */

struct cf_till_quoted {
    struct cf_committed at;
    uint64_t sale_no;  /* its number, in the row of sales */
    int64_t expires_s; /* the last second it is good */
    int64_t total_minor;
    size_t n_coupons; /* that were taken off before and given back: a quotation has none */
    char code[CF_QUOTE_CODE_MAX];
};
/*
 * Makes a quotation of the open sale, good until the store's day is over that is so many days from today (0: as the
 * default has it), and commits that: nothing is sold, and the sale is closed. Coupons leave the sale first; how the
 * shopper would pay is not part of it. ret may be NULL.
 *
 *   CF_E_SALE_NONE, CF_E_SALE_EMPTY, CF_E_SALE_TENDERED
 *   CF_E_RANGE       more than CF_QUOTE_DAYS_MAX days
 *   CF_E_QUOTE_GOODS  a gift card, an order, an exchange, goods of another quotation
 *   CF_E_PERMIT      what was taken off by hand, as at the first payment
 *
 * and errors of the commit: then nothing is quoted and the sale is still open, without its coupons.
 */
enum cf_rc cf_till_quote(struct cf_till *till, uint32_t days, struct cf_till_quoted *ret,
                         struct cf_error *err) CF_MUST_CHECK;
struct cf_till_unquote {
    const char *name; /* its code, its number as printed ("1001-1-000042"), or its number at this till */
    bool today;       /* its goods at today's prices: the quotation is neither asked for nor used */
    const struct cf_till_answers *answers; /* to what its goods ask; NULL: none */
};
struct cf_till_unquoted {
    struct cf_sale_ref of;
    int64_t expires_s;
    int64_t total_minor;  /* as it was quoted */
    size_t n_lines;       /* that went into the sale */
    size_t n_taxed_anew;  /* of those, the goods whose tax is another today */
    size_t n_cheaper_now; /* and those whose unit price is below what was quoted */
};
/*
 * Puts its goods into a sale that has none yet, at the prices that were quoted. They stand as quoted, together, unless
 * what promotions give today at the quoted unit prices costs the shopper less; once a part of it is void, the unit
 * prices stay, and promotions of today apply. Called again it brings back what was void. This till's own are in its
 * journal; others are asked for at the centre, and with a link it is asked of our own too whether they were used. It is
 * used by the sale's commit. ret may be NULL.
 *
 *   CF_E_QUOTE_UNKNOWN
 *   CF_E_QUOTE_ELSEWHERE  it is another till's, or not here any more, and the centre does not answer
 *   CF_E_QUOTE_EXPIRED, CF_E_QUOTE_USED, CF_E_QUOTE_ALTERED   with `today` its goods can be sold all the same
 *   CF_E_QUOTE_TWICE, CF_E_SALE_TENDERED
 *   CF_E_PRODUCT_UNKNOWN, CF_E_GOODS_RECALLED, CF_E_GOODS_EXPIRED, CF_E_GOODS_AGE: none of it went into the sale
 */
enum cf_rc cf_till_unquote(struct cf_till *till, const struct cf_till_unquote *what, struct cf_till_unquoted *ret,
                           struct cf_error *err) CF_MUST_CHECK;

/* A quotation that was made at this till, as far as its journal knows. */
struct cf_till_quote {
    uint64_t seq, number;
    char code[CF_QUOTE_CODE_MAX];
    cf_wall at;
    int64_t expires_s, total_minor;
    bool used;    /* by a sale of this till; what others sold under it the centre knows */
    bool expired; /* surely */
    size_t n_lines;
    char first[CF_NAME_MAX + 1]; /* of its goods; "" if the till does not know them any more */
};
/* The newest first, those from before `before_seq` (0: all); fewer than CF_TILL_PAGE_MAX: there are no more. Needs no
 * link. */
enum cf_rc cf_till_quotes(struct cf_till *till, uint64_t before_seq, struct cf_till_quote ret[CF_TILL_PAGE_MAX],
                          size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;

/* Call when there is time, between sales: checkpoint of the journal, news of the replica. */
enum cf_rc cf_till_rest(struct cf_till *till, struct cf_error *err) CF_MUST_CHECK;

/* Does cash go into or out of the drawer by this record, or is it opened for it? Of one that cannot be read: no. */
bool cf_till_moves_cash(struct cf_till *till, uint64_t seq);

/* --- the drawer ----------------------------------------------------------------------------------------------------
 */

struct cf_till_drawer {
    struct cf_committed at;
    struct cf_drawer_event event;
    bool sees_expected; /* of a count: whoever is logged in may know what was expected */
};
/* FLOAT, PAID_IN, PAID_OUT, DROP, or NO_SALE (amount 0), between sales. A slip waits to be printed. `reason` may be
 * NULL for FLOAT and DROP. CF_E_SALE_OPEN, CF_E_RANGE, CF_E_USER_REASON, CF_E_PERMIT. */
enum cf_rc cf_till_drawer(struct cf_till *till, enum cf_drawer_kind kind, int64_t amount_minor, const char *reason,
                          struct cf_till_drawer *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_DRAWER_VARIANCE: it is off by more than the limit and no reason is given: nothing is kept, and not told by how
 * much. */
enum cf_rc cf_till_count(struct cf_till *till, const struct cf_drawer_count *count, const char *reason,
                         struct cf_till_drawer *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- goods that come back ------------------------------------------------------------------------------------------
 */

struct cf_till_return {
    /* "1001-1-000042" as a receipt has it, its code, or the number of a sale of this till */
    const char *receipt;
    bool is_void;                      /* of the whole sale, on its own business day */
    size_t n_lines;                    /* 0: all that is left */
    const struct cf_asked_line *lines; /* of the receipt, rising; a quantity of 0: all that is left of the line */
    bool by_hand;       /* whoever took cards and phones is not asked: the cashier gives back at the terminal */
    bool as_credit;     /* nothing is given back in money: it is put on store credit, whose code is on the receipt */
    const char *reason; /* why, on record and on the slip: CF_RETURN_REASON_MAX bytes; NULL: not said */
};
/*
 * Takes goods back and commits that, between sales. A sale of this till and epoch is found in its journal, also without
 * a link; with one, the centre is asked too whether they came back elsewhere. A sale of another till of the store is
 * asked for at the hub, then at the centre.
 *
 * Once it is committed, refunds to cards and phones are asked for where there is a port and the payment came through
 * one. CF_OK whatever becomes of them: ret->refund says it, and as long as one is owed or unknown the till is paying
 * (view.payment), and cf_till_payment_query, _retry and _decide go on as with a payment.
 *
 *   CF_E_SALE_OPEN
 *   CF_E_PAYMENT_LINK      whoever would be asked for a refund is not there
 *   CF_E_RETURN_SALE       no such sale, or it is of another store
 *   CF_E_RETURN_EMPTY, CF_E_RETURN_QUANTITY, CF_E_RETURN_VOID, CF_E_RETURN_ERASED, CF_E_LINE_NONE
 *   CF_E_RETURN_ELSEWHERE  the sale is another till's and nobody answers; or nobody knows whether the answer was yes
 *   CF_E_VALUE_CARD        a gift card is no goods that come back (of all that is left of a sale it stays)
 *   CF_E_USER_REASON       a reason that is too long, or no text
 *   CF_E_VALUE_RANGE       as_credit: this till has no number to give out; CF_E_QUARANTINED, CF_E_TRAINING
 *
 * and errors of the commit. Then nothing was taken back.
 */
enum cf_rc cf_till_return(struct cf_till *till, const struct cf_till_return *what, struct cf_till_returned *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/*
 * The same, in exchange for other goods: opens a sale, or joins the open one before anything is paid. What comes back
 * is worth *ret_worth_minor (may be NULL) and pays first; the sale's commit commits the return too, both or neither,
 * and gives the rest back as a return does (sold.back; as_credit and by_hand are of that rest). Where nothing is due,
 * cash of 0 commits it. cf_till_cancel undoes both; nothing is parked meanwhile (CF_E_EXCHANGE_OPEN).
 *
 *   CF_E_SALE_TENDERED, CF_E_EXCHANGE_OPEN, CF_E_RETURN_VOID (it is no void)
 *   CF_E_RETURN_EMPTY   or what comes back cost nothing
 *   CF_E_LIMIT          so large a sale of another till: take back and sell apart
 *
 * and those of cf_till_return before its commit. CF_E_TENDER_ZERO at the first payment: what goes out costs nothing.
 */
enum cf_rc cf_till_exchange(struct cf_till *till, const struct cf_till_return *what, int64_t *ret_worth_minor,
                            struct cf_error *err) CF_MUST_CHECK;

/* --- goods without a receipt ---------------------------------------------------------------------------------------
 */

struct cf_till_open_goods {
    const char *code; /* as a scanner sends it */
    int64_t qty_milli;
};
struct cf_till_open_return {
    size_t n_goods;
    const struct cf_till_open_goods *goods;
    const char *reason;
    bool as_credit; /* as in struct cf_till_return */
};
struct cf_till_open_returned {
    struct cf_committed at;
    uint64_t return_no;
    int64_t total_minor;
    int64_t cash_minor; /* out of the drawer: rounded to coins */
    bool has_credit;    /* not out of the drawer */
    struct cf_till_card credit;
};
/*
 * Gives back in cash all that is on a gift card or store credit, between sales: what lies here alone, and the rest if
 * the centre can be asked, which holds it first. CF_E_VALUE_OFFLINE: nothing lies here, and nobody can be asked;
 * CF_E_VALUE_EMPTY, _UNKNOWN, _EXPIRED, _BLOCKED; those of a code; CF_E_USER_REASON, CF_E_PERMIT, CF_E_QUARANTINED,
 * CF_E_TRAINING, and errors of the commit. ret may be NULL.
 */
enum cf_rc cf_till_card_back(struct cf_till *till, cf_bytes code, const char *reason, struct cf_till_open_returned *ret,
                             struct cf_error *err) CF_MUST_CHECK;
/*
 * Takes back goods of which nobody can tell when they were sold, between sales: cash or store credit, at the lowest
 * price that the catalogue or any list says. Nothing of points or coupons is touched.
 *
 *   CF_E_SALE_OPEN, CF_E_USER_REASON, CF_E_RETURN_EMPTY, CF_E_QUANTITY, those of goods
 *   CF_E_GOODS_PRICE   goods without a price of their own, or with serial numbers: with their receipt only
 *   CF_E_RETURN_LIMIT  too much in one day
 *   CF_E_PERMIT
 *
 * and errors of the commit. ret may be NULL.
 */
enum cf_rc cf_till_open_return(struct cf_till *till, const struct cf_till_open_return *what,
                               struct cf_till_open_returned *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- receipts ------------------------------------------------------------------------------------------------------
 */

/* The receipt of a committed sale; free with cf_receipt_free. */
enum cf_rc cf_till_receipt(struct cf_till *till, uint64_t seq, struct cf_receipt **ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* Before a copy is printed because somebody asks for one: a record says who. CF_E_NOT_FOUND, CF_E_PERMIT. */
enum cf_rc cf_till_note_reprint(struct cf_till *till, uint64_t seq, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_till_printed(struct cf_till *till, uint64_t seq, enum cf_print_state state,
                           struct cf_error *err) CF_MUST_CHECK;
/* A sale that was committed but perhaps not printed before a restart: offer a marked reprint. CF_E_NOT_FOUND if none.
 */
enum cf_rc cf_till_unprinted(struct cf_till *till, uint64_t *ret_seq, struct cf_error *err) CF_MUST_CHECK;

/* --- reports -------------------------------------------------------------------------------------------------------
 */

struct cf_till_report {
    struct cf_z_report z; /* for X: what a Z would say now */
    cf_currency currency;
    struct cf_journal_head recorded;
    uint64_t sent_seq;
    uint64_t acknowledged_seq;
    struct cf_sha256 acknowledged_head;
    bool heads_agree; /* recorded = acknowledged, with the same head */
    /* What the centre has found about records of this till and nobody has settled, of all days: uses of coupons that
     * were not in order; records that are wrong in themselves. */
    uint64_t conflicts_open, faults_open;
    bool is_z;
    struct cf_committed at; /* of a Z */
    int64_t expected_minor; /* cash that should be in the drawer */
    bool empty;             /* neither sale nor return nor anything in the drawer since the last Z */
    size_t n_parked;        /* sales that are parked here, and stay so */
    struct cf_till_parked parked[CF_TILL_PARKED_HERE_MAX];
};
/* A report needs all records of the open day. They are read once, as it asks for them; whoever may not stand still so
 * long reads them before, by at most max_n a call, until `read` is `all`. */
struct cf_till_reading {
    uint64_t read, all; /* records of the open day */
};
enum cf_rc cf_till_read_day(struct cf_till *till, size_t max_n, struct cf_till_reading *ret,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_till_x_report(struct cf_till *till, struct cf_till_report *ret, struct cf_error *err) CF_MUST_CHECK;
/* The X report on paper: not kept anywhere. Free with cf_receipt_free. */
enum cf_rc cf_till_x_receipt(struct cf_till *till, const struct cf_till_report *report, struct cf_receipt **ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* The days that were closed, the newest first, at most `cap`. */
struct cf_till_closed {
    uint32_t z_no, business_day; /* 20261122 */
    uint64_t n_sales;
    int64_t total_minor;
};
enum cf_rc cf_till_closed_days(struct cf_till *till, struct cf_till_closed *ret, size_t cap, size_t *ret_n,
                               struct cf_error *err) CF_MUST_CHECK;
/* Closes the business day: a record, with a receipt that waits to be printed. CF_E_SALE_OPEN, CF_E_PAYMENT_OPEN;
 * CF_E_DAY_CLOSED if nothing was done since the last one of this day. */
enum cf_rc cf_till_z_report(struct cf_till *till, struct cf_till_report *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- what this till does not understand -----------------------------------------------------------------------------
 */

/* A campaign that a newer centre made in words that are not known here. Its promotion gives nothing at this till and
 * its coupons are refused; the other campaigns go on. */
struct cf_till_ignored {
    uint32_t campaign, version;
    char name[CF_NAME_MAX + 1];
};
/* How many there are; *ret lists them, valid until the till rests or scans. */
size_t cf_till_ignored(const struct cf_till *till, const struct cf_till_ignored **ret);
/* The same for the result of a sale: they are told once, with the first that follows the news of them. */
size_t cf_till_ignored_news(struct cf_till *till, const struct cf_till_ignored **ret);

/* --- for views that show more --------------------------------------------------------------------------------------
 */

/* How far the sync has come, as it left word of it; asks nobody. */
struct cf_till_link {
    uint64_t recorded, sent, acknowledged;
    cf_wall oldest_unsent; /* 0: all is acknowledged */
    cf_wall last_contact;  /* by our own clock; 0: never */
    cf_wall now;           /* by the same clock */
    bool fenced;
    uint64_t prices;                 /* version of the price file */
    struct cf_replica_coming coming; /* a large part of the centre's word, as far as it has come */
};
enum cf_rc cf_till_link(struct cf_till *till, struct cf_till_link *ret, struct cf_error *err) CF_MUST_CHECK;
/* What this till may still spend alone of a campaign. */
struct cf_till_leased {
    uint32_t campaign;
    char name[CF_NAME_MAX + 1];
    bool is_risk;         /* spends `minor` alone: what may be lost */
    int64_t units, minor; /* left; below zero is none */
    int64_t granted_units, granted_minor;
};
enum cf_rc cf_till_leased(struct cf_till *till, struct cf_till_leased *ret, size_t cap, size_t *ret_n,
                          struct cf_error *err) CF_MUST_CHECK;
/* What the centre found about records of this till and nobody has settled, newest first. */
struct cf_till_finding {
    uint64_t seq;
    enum cf_rc rc;
};
enum cf_rc cf_till_findings(struct cf_till *till, struct cf_till_finding *ret, size_t cap, size_t *ret_n,
                            struct cf_error *err) CF_MUST_CHECK;
/* Goods of which a name holds the text, in capitals or not; at most `cap`, in no order that matters. */
enum cf_rc cf_till_search(struct cf_till *till, const char *text, struct cf_product *ret, size_t cap, size_t *ret_n,
                          struct cf_error *err) CF_MUST_CHECK;
/* The lines of a sale of this till, as cf_till_return takes its name; at most `cap`. CF_E_RETURN_SALE: no such sale
 * here, which may be another till's. */
struct cf_till_sold_line {
    uint32_t line_no;
    char name[CF_NAME_MAX + 1];
    int64_t qty_milli, left_milli; /* sold; not taken back yet */
    int64_t amount_minor;          /* what was paid for it */
};
enum cf_rc cf_till_sold_lines(struct cf_till *till, const char *receipt, struct cf_till_sold_line *ret, size_t cap,
                              size_t *ret_n, struct cf_error *err) CF_MUST_CHECK;
/* The last sale of this till, if it is among its last records; *ret_cash_minor: what was handed over in cash for it (0:
 * none was). Of an exchange only the sale. CF_E_NOT_FOUND. */
enum cf_rc cf_till_last_sale(struct cf_till *till, struct cf_till_sold *ret, int64_t *ret_cash_minor,
                             struct cf_error *err) CF_MUST_CHECK;
/* The store's hub as the till knows it; false if there is none. */
bool cf_till_hub(const struct cf_till *till, struct cf_hub_entry *ret);
const struct cf_store_rules *cf_till_rules(const struct cf_till *till);
const struct cf_store_settings *cf_till_store(const struct cf_till *till);
struct cf_clock_reading cf_till_clock(struct cf_till *till);
struct cf_keyring *cf_till_keyring(struct cf_till *till);
struct cf_journal *cf_till_journal(struct cf_till *till);

#endif
