/*
 * app/core/order.h - an order that a store hands out: what was ordered, what was paid, where it may be picked up; and
 * the facts that tills tell of it.
 *
 * An order is handed out once. Whoever may say so is its home, exactly one place: a terminal in one epoch, a store
 * through its hub, or the centre (home 0). What is handed out is a generation of the order, a right of the reserved
 * space below, spent once in a journal, at a hub, at the centre; what is left of an order after a part of it was handed
 * out is the next generation, once the centre has heard. No member is named here: a till needs none to hand out goods.
 * An order that was not paid online is paid where it is picked up: the record of that sale names it and hands it out.
 * Pure.
 *
 *   order       [kind, number, generation, store, home, home_epoch, ready_s, expires_s, total_minor,
 *               [[product, name, qty_milli, unit_price_minor, amount_minor, tax_bp, weighed] ...]]
 *   claim       [order, generation, source, hub_epoch, request_key(16)]
 *   PICK_UP     [1, claim, business_day, cashier, amount_minor, [[line_no, qty_milli] ...]]      the body of its record
 *               [.., {6: fiscal_answer.h}]                                    if a signing device was asked
 */
#ifndef CF_CORE_ORDER_H
#define CF_CORE_ORDER_H

#include "app/core/cart.h"
#include "app/core/coupon.h"
#include "app/core/sale.h"
#include "base/cbor.h"

#define CF_ORDER_LINES_MAX 64
#define CF_ORDER_GENERATION_MAX 0xFFFFu
#define CF_ORDER_BYTES_MAX 12288
#define CF_PICK_UP_BYTES_MAX 4096

/* Generation g of order n is the right (CF_ORDER_SPACE + g, n): no campaign has such a number. */
#define CF_ORDER_SPACE UINT32_C(0xFFFF0000)
static inline bool cf_is_order_space(uint32_t campaign)
{
    return campaign >= CF_ORDER_SPACE;
}

enum cf_order_kind {
    CF_ORDER_PICK_UP = 1, /* paid online, and kept for the shopper */
    CF_ORDER_UNPAID = 2,  /* kept for the shopper, who pays when it is picked up: a line is what its quantity costs */
};
const char *cf_order_kind_name(enum cf_order_kind kind); /* "pick_up" ... */

struct cf_order_line {
    uint64_t product;
    char name[CF_NAME_MAX + 1];
    int64_t qty_milli;
    int64_t unit_price_minor; /* for 1.000 of it */
    int64_t amount_minor;     /* what was paid for the line, or is to be */
    uint32_t tax_bp;
    bool weighed;
};
struct cf_order {
    enum cf_order_kind kind;
    uint32_t number;
    uint32_t generation; /* 1, 2, ... */
    uint32_t store;
    uint32_t home;       /* a terminal, the store (its hub), or 0: the centre */
    uint32_t home_epoch; /* of a terminal that is home; else 0 */
    int64_t ready_s, expires_s;
    int64_t total_minor; /* the sum of the lines */
    size_t n_lines;
    struct cf_order_line lines[CF_ORDER_LINES_MAX];
};

/* Ranges and sums. CF_E_RANGE, CF_E_LIMIT, CF_E_ENCODING. */
enum cf_rc cf_order_check(const struct cf_order *order, struct cf_error *err) CF_MUST_CHECK;
/* Appends; refuses what _decode would refuse. On an error `ret` is unchanged. */
enum cf_rc cf_order_encode(const struct cf_order *order, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CBOR_*: shapes, and what cf_order_check refuses. */
enum cf_rc cf_order_decode(cf_bytes bytes, struct cf_order *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- may it be handed out? ---------------------------------------------------------------------------------------- */

/* Who has to say yes before anything is handed out. */
enum cf_order_asks { CF_ORDER_ASKS_NOBODY, CF_ORDER_ASKS_HUB, CF_ORDER_ASKS_CENTRE };
struct cf_order_facts {
    struct cf_time_interval now;
    uint32_t store, terminal, epoch; /* ours */
    uint32_t code_generation;        /* of the code that was shown */
    bool done;                       /* this generation was handed out here */
    bool quarantined;
};
/*
 * CF_OK and who is to be asked, or the first of: CF_E_ORDER_DONE, CF_E_ORDER_HOME, CF_E_ORDER_GENERATION (the code is
 * newer than what this till has heard), CF_E_ORDER_EARLY, CF_E_ORDER_EXPIRED (where the clock is in doubt the shopper
 * has the benefit of it), CF_E_QUARANTINED. The detail says the figures.
 */
enum cf_rc cf_order_judge(const struct cf_order *order, const struct cf_order_facts *facts,
                          enum cf_order_asks *ret_asks, struct cf_error *err) CF_MUST_CHECK;

/* --- what becomes of it at the centre ----------------------------------------------------------------------------- */

/* Numbers stand in the database. */
enum cf_order_state {
    CF_ORDER_PLACED = 1,     /* the goods are not there yet; no till has heard of it */
    CF_ORDER_READY = 2,      /* may be picked up */
    CF_ORDER_PARTLY = 3,     /* a part was handed out; the rest may be picked up */
    CF_ORDER_RECALLED = 4,   /* to be cancelled or moved, once its home has heard */
    CF_ORDER_HANDED_OUT = 5, /* all of it */
    CF_ORDER_CANCELLED = 6,
    CF_ORDER_EXPIRED = 7, /* cancelled since nobody came in time */
};
#define CF_ORDER_STATE_LAST CF_ORDER_EXPIRED
const char *cf_order_state_name(enum cf_order_state state); /* "placed" ... */
/* May anything be handed out, now or once somebody has heard? Else it is over. */
bool cf_order_is_open(enum cf_order_state state);

enum cf_order_event {
    CF_ORDER_ARRIVE = 1, /* the goods are there */
    CF_ORDER_RECALL,     /* it is to be cancelled or moved */
    CF_ORDER_HEARD_CANCEL,
    CF_ORDER_HEARD_EXPIRE,
    CF_ORDER_HEARD_MOVE,
    CF_ORDER_TAKE_ALL, /* a till's record: a fact */
    CF_ORDER_TAKE_PART,
};
#define CF_ORDER_EVENT_LAST CF_ORDER_TAKE_PART
/*
 * What follows. Facts are never refused: *ret_odd (nullable) says that goods left the store that should not have.
 * CF_E_ORDER_STATE for anything else that cannot be.
 */
enum cf_rc cf_order_step(enum cf_order_state state, enum cf_order_event event, enum cf_order_state *ret, bool *ret_odd,
                         struct cf_error *err) CF_MUST_CHECK;

/* --- the record --------------------------------------------------------------------------------------------------- */

struct cf_taken_line {
    uint32_t line_no; /* of the order, from 1 */
    int64_t qty_milli;
};
struct cf_pick_up {
    struct cf_order_claim claim;
    uint32_t business_day;
    char cashier[33];
    int64_t amount_minor; /* of what was handed out, as it was paid online; no revenue of the till */
    size_t n_lines;
    struct cf_taken_line lines[CF_ORDER_LINES_MAX]; /* rising */
    struct cf_fiscal_answer fiscal;                 /* if a signing device was asked */
};
/*
 * What these lines of the order come to: a line's amount in proportion to its quantity, rounded once. Does not look at
 * whether it is the whole order: see cf_pick_up_is_whole.
 *
 *   CF_E_LINE_NONE      no such line
 *   CF_E_ORDER_LINE     more than was ordered, nothing, or a part of a piece
 *   CF_E_LIMIT
 */
enum cf_rc cf_pick_up_make(const struct cf_order *order, const struct cf_taken_line *lines, size_t n,
                           struct cf_pick_up *ret, struct cf_error *err) CF_MUST_CHECK;
bool cf_pick_up_is_whole(const struct cf_order *order, const struct cf_taken_line *lines, size_t n);
/* Takes what was handed out off the order: its lines and amounts are those of the rest, at the next generation. The
 * parts sum to the whole. CF_E_ORDER_LINE; CF_E_LIMIT beyond the last generation. */
enum cf_rc cf_order_rest(struct cf_order *order, const struct cf_taken_line *lines, size_t n,
                         struct cf_error *err) CF_MUST_CHECK;
/* Appends. On an error `ret` is unchanged. CF_E_RECORD. */
enum cf_rc cf_pick_up_encode(const struct cf_pick_up *taken, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_pick_up_decode(cf_bytes bytes, struct cf_pick_up *ret, struct cf_error *err) CF_MUST_CHECK;

/*
 * What a sale hands out of the order that it names: its lines of CF_PRICE_ORDER, rising, and what they came to. False
 * if it names none.
 */
bool cf_pick_up_of_sale(const struct cf_sale *sale, struct cf_pick_up *ret);
/* Did the sale's lines cost what the order says? CF_E_ORDER_LINE: the detail says which did not. */
enum cf_rc cf_order_judge_sale(const struct cf_order *order, const struct cf_sale *sale,
                               struct cf_error *err) CF_MUST_CHECK;

/* As a part of a record. Reading refuses what no till writes. */
void cf_order_claim_write(const struct cf_order_claim *claim, struct cf_cbor_writer *w);
void cf_order_claim_read(struct cf_cbor_reader *r, struct cf_order_claim *ret);
bool cf_order_claim_is_valid(const struct cf_order_claim *claim);

#endif
