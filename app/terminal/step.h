/*
 * app/terminal/step.h - one event of the open sale, as it is kept in the journal until the sale is committed.
 *
 * A step carries everything that was looked up or decided (price, name, verdict on a code), so that replaying the steps
 * after a kill needs neither catalogue nor clock and ends in the same sale. Pure.
 *
 *   LINE      [1, product, name, qty_milli, unit_price, tax_bp, weighed, [category ...]], and if there is more to say
 *             null | {as a sale's line has it, sale_extra.h}, null | [product, name, unit_price, tax_bp] its deposit
 *             and of a quotation, last, what that takes off the line
 *   MEMBER    [2, live, sub, counter, tier] or, with what the card claims, [.., visits, first, birthday, [segment ..]],
 *             or, with whose word that is, [.., [source, as_of, heard, said, own, not_first]]
 *   COUPON    [3, campaign, index, exp_s, generation, policy, source, hub_epoch, request_key(16), online]
 *   QUANTITY  [4, line_no, qty_milli]
 *   PRICE     [5, line_no, unit_price], by a cashier; or [.., origin, list, reduced], by a price list
 *   VOID      [6, line_no, 0]
 *   TENDER    [7, kind, amount, reference, priced_at_ms], in foreign cash [.., currency, foreign_minor, rate_e8]
 *             of an account of ours [.., source, account, points, request_key(16), left_minor]
 *   UNTENDER  [8]
 *   ASK       [9, request_key(16), campaign, index]   the centre is about to be asked for this right, or a held coupon
 *             with this key is about to be given back; a COUPON that follows is the answer
 *   REFUSED   [11, as ASK]   whoever was asked with this key said no: there is nothing to give back
 *   UNCOUPON  [15, request_key(16)]   the coupon with this key leaves the sale; nobody holds its right but this till
 *   PAY       [12, id(16), kind, amount, priced_at_ms, mark]   a payment is about to be asked for elsewhere
 *   PAYMENT   [13, id(16), event, reference, mark]   what became of it: app/core/payment.h
 *   ANNOUNCE  [14, kind]   the shopper will pay so; 0: it is not known after all
 *   DISCOUNT  [16, line_no | 0, percent_bp, amount, user, reason]   by hand; neither percentage nor amount, and no
 *             reason: those that stand on the line, or on the sale, are taken back
 *   EXCHANGE  [18, key(16), asked, amount, body]   these goods come back for it, worth so much; `asked`: somebody keeps
 *             them for us under the key. ASK or UNCOUPON with the key takes it off again
 *   OVERRIDE  [20, act, by, amount, percent_bp, reason]   somebody else allowed what comes next, and a record says so
 *   ORDER     [19, [order, generation, source, hub_epoch, request_key(16)]]   somebody stands there to pay that order:
 *             LINEs of its prices follow. An ASK with the key, or a void of all of them, takes it off
 *   QUOTE     [21, [terminal, epoch, seq, number], n_lines, expires_s]   the sale is under that quotation: LINEs of it
 *             follow; an older program's step does not say until when it is good
 *   VALUE     [17, request_key(16), kind, open]   the centre is about to be asked to hold money of an account under it;
 *             a TENDER with the key is the answer. Not open: nothing is held under it
 *   REFUND    [24, id(16), kind, amount, of(16), reference, return_seq, tender_no, whole]   owed by the return of that
 *             record; a PAYMENT with its id says what becomes of it. Again with another id: that before was refused
 *   CHALLENGE [10, nonce(8)]   is about to be shown to a phone; a COUPON with a ticket's key is what came of it
 */
#ifndef CF_TERMINAL_STEP_H
#define CF_TERMINAL_STEP_H

#include "app/core/cart.h"
#include "app/core/payment.h"
#include "app/core/sale.h"
#include "drivers/port/pay_port.h"
#include "sync/wire/redeem.h"

enum cf_step_kind {
    CF_STEP_LINE = 1,
    CF_STEP_MEMBER = 2,
    CF_STEP_COUPON = 3,
    CF_STEP_QUANTITY = 4,
    CF_STEP_PRICE = 5,
    CF_STEP_VOID = 6,
    CF_STEP_TENDER = 7,
    CF_STEP_UNTENDER = 8,
    CF_STEP_ASK = 9,
    CF_STEP_CHALLENGE = 10,
    CF_STEP_REFUSED = 11,
    CF_STEP_PAY = 12,
    CF_STEP_PAYMENT = 13,
    CF_STEP_ANNOUNCE = 14,
    CF_STEP_UNCOUPON = 15,
    CF_STEP_MANUAL_DISCOUNT = 16,
    CF_STEP_VALUE = 17,
    CF_STEP_EXCHANGE = 18,
    CF_STEP_ORDER = 19,
    CF_STEP_OVERRIDE = 20,
    CF_STEP_QUOTE = 21,
    CF_STEP_REFUND = 24,
};

struct cf_step_member {
    bool live;
    cf_sub sub;
    uint64_t counter;
    uint8_t tier;
    /* What promotions may ask; zero: not known. */
    uint32_t visits; /* this is the nth */
    bool first_purchase;
    bool not_first;               /* they bought before, however often */
    struct cf_visits_basis basis; /* source UNKNOWN: nobody said how often they bought */
    uint32_t said;                /* by the source: so often, beside basis.own */
    uint16_t birthday;
    size_t n_segments;
    uint32_t segments[CF_CLAIMS_SEGMENTS_MAX];
};
struct cf_step_coupon {
    struct cf_redemption redemption;
    int64_t exp_s;
    bool online; /* the centre holds this right for us under the request key */
};
struct cf_step_pay {
    uint8_t id[CF_PAYMENT_ID_BYTES];
    enum cf_tender_kind kind;
    int64_t amount_minor;
    int64_t priced_at_ms;
    struct cf_pay_mark mark; /* what whoever takes the money remembered before it was asked */
};
struct cf_step_payment {
    uint8_t id[CF_PAYMENT_ID_BYTES];
    enum cf_payment_event event;
    char reference[CF_REFERENCE_MAX + 1]; /* of YES and SAY_TAKEN */
    struct cf_pay_mark mark;              /* of REVERSE: as above */
};
struct cf_step_refund {
    uint8_t id[CF_PAYMENT_ID_BYTES];
    enum cf_tender_kind kind;
    int64_t amount_minor;
    uint8_t of[CF_PAYMENT_ID_BYTES];      /* the id of the payment */
    char reference[CF_REFERENCE_MAX + 1]; /* of the payment */
    uint64_t return_seq;
    uint32_t tender_no; /* of the sale */
    bool whole;         /* all that the payment took */
};
struct cf_step_exchange {
    uint8_t key[CF_REQUEST_KEY_BYTES];
    bool asked;           /* somebody keeps the goods for us under the key */
    int64_t amount_minor; /* > 0: what the goods that come back are worth */
    cf_bytes body;        /* which goods of which sale: till_exchange.c. A view into what was decoded */
};
#define CF_EXCHANGE_BODY_MAX 8000
struct cf_step_quote {
    struct cf_sale_ref of;
    uint32_t n_lines;  /* that were quoted, deposits among them */
    int64_t expires_s; /* 0: the step is of an older program */
};
struct cf_step {
    enum cf_step_kind kind;
    union {
        struct {
            struct cf_cart_line line; /* line_no and voided are not kept */
            bool has_deposit;
            struct cf_cart_line deposit; /* as much of it as of the goods; its categories are not kept */
        };
        struct cf_step_member member;
        struct cf_step_coupon coupon;
        struct {
            uint32_t line_no;
            int64_t value; /* qty_milli or unit_price_minor; 0 for VOID */
            /* of PRICE; OVERRIDE or CATALOGUE: by a cashier */
            enum cf_price_origin origin;
            uint32_t list;
            bool reduced;
        } change;
        struct {
            struct cf_tender tender;
            int64_t priced_at_ms;
            struct cf_cash_rule cash; /* how cash is rounded; not kept, since a tender that settles is no step */
        } tender;
        struct {
            uint8_t key[CF_VALUE_KEY_BYTES];
            enum cf_tender_kind kind;
            bool open;
        } value;
        struct cf_void_request ask; /* what would undo it; of UNCOUPON the key alone */
        uint8_t nonce[CF_NONCE_BYTES];
        uint32_t announced; /* an enum cf_tender_kind, or 0 */
        struct cf_step_pay pay;
        struct cf_step_payment payment;
        struct cf_step_refund refund;
        struct cf_step_exchange exchange;
        struct cf_sale_override override;
        struct cf_hand_discount by_hand;
        struct cf_order_claim order;
        struct cf_step_quote quote;
    };
};

enum cf_rc cf_step_encode(const struct cf_step *step, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_step_decode(cf_bytes bytes, struct cf_step *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
