/*
 * app/core/order_request.h - goods that a store has not: asked for at its till, of the brand's shop or of another
 * store.
 *
 * A request is the record of the till that asked (its reference); what others say of it are records of their own, or
 * the shop's word at the centre. Once the goods are there it is an order like any other (order.h), which is paid and
 * handed out where the shopper wanted it. Who the shopper is stands in the first record only: 8 bytes that are the
 * member's, or made up for this request, by which they can be forgotten; and a name and how to be reached. Neither goes
 * down to any till. Pure.
 *
 *   ORDER    [1, 1 ASK, business_day, cashier, asked, at, is_member, who(8), name, reach,       the body of its record
 *            [[product, name, qty_milli, unit_price_minor, tax_bp, weighed] ...]]
 *            [1, act, business_day, cashier, terminal, epoch, seq, reason]                       any other act
 *   request  [number, terminal, epoch, seq, asking, asked, at, state, asked_s, reason, [[product, name, qty_milli,
 *            weighed] ...]]                                                                      as it goes down
 */
#ifndef CF_CORE_ORDER_REQUEST_H
#define CF_CORE_ORDER_REQUEST_H

#include "app/core/order.h"

#define CF_REQUEST_NAME_MAX 64 /* bytes, of a person or how to be reached */
#define CF_REQUEST_REASON_MAX 120
#define CF_REQUEST_BYTES_MAX 12288

/* What a record, or the shop, says of it. Numbers stand in records. */
enum cf_request_act {
    CF_REQUEST_ASK = 1,
    CF_REQUEST_WITHDRAW = 2, /* nobody wants it any more; of one that was refused: it was seen */
    CF_REQUEST_ACCEPT = 3,
    CF_REQUEST_REFUSE = 4, /* with a reason */
    CF_REQUEST_SEND = 5,   /* the goods are on their way to the store where they are fetched */
    CF_REQUEST_ARRIVE = 6, /* they are there: it may be fetched */
    CF_REQUEST_ACT_LAST = 6
};
const char *cf_request_act_name(enum cf_request_act act); /* "ask" ... */
/* CF_E_ARGUMENT. */
enum cf_rc cf_request_act_parse(const char *name, enum cf_request_act *ret, struct cf_error *err) CF_MUST_CHECK;

/* Numbers stand in the database and go down. */
enum cf_request_state {
    CF_REQUEST_ASKED = 1,
    CF_REQUEST_ACCEPTED = 2,
    CF_REQUEST_SENT = 3,
    CF_REQUEST_READY = 4,
    CF_REQUEST_REFUSED = 5,
    CF_REQUEST_WITHDRAWN = 6,
    CF_REQUEST_OVER = 7, /* its order is: handed out, cancelled, or nobody came */
    CF_REQUEST_STATE_LAST = 7
};
const char *cf_request_state_name(enum cf_request_state state); /* "asked" ... */
/* Is there anything to do about it for anybody? */
bool cf_request_is_open(enum cf_request_state state);

/* Who speaks, as bits: a store may be more than one of them. */
enum cf_request_party {
    CF_PARTY_NONE = 0,
    CF_PARTY_ASKING = 1,  /* the store where the shopper asked */
    CF_PARTY_ASKED = 2,   /* the store that has the goods */
    CF_PARTY_KEEPING = 4, /* the store where they are fetched: one of these two */
    CF_PARTY_SHOP = 8,    /* the brand's shop at the centre, which may say it all */
};
/* asked 0: the brand's shop was. */
unsigned cf_request_parties(uint32_t store, uint32_t asking, uint32_t asked, uint32_t at);

/*
 * What follows from an act of somebody. What two tills of a store say of the same request, or two stores at the same
 * time, may come in any order: a word that came too late changes nothing and is no error.
 *
 *   CF_E_ORDER_HOME    it is not theirs to say
 *   CF_E_ORDER_STATE   nobody who keeps the rules says it now: refused when the goods are there, withdrawn when they
 *                      were handed out, sent where they are
 */
enum cf_rc cf_request_step(enum cf_request_state state, enum cf_request_act act, unsigned parties,
                           enum cf_request_state *ret, struct cf_error *err) CF_MUST_CHECK;

/* --- the record --------------------------------------------------------------------------------------------------- */

struct cf_request_line {
    uint64_t product;
    char name[CF_NAME_MAX + 1];
    int64_t qty_milli;
    int64_t unit_price_minor; /* of the asking store's catalogue: what is paid when it is fetched */
    uint32_t tax_bp;
    bool weighed;
};
struct cf_request_record {
    enum cf_request_act act;
    uint32_t business_day;
    char cashier[33];
    /* of an ASK */
    uint32_t asked; /* a store, or 0: the brand's shop */
    uint32_t at;    /* where the shopper fetches it */
    bool is_member;
    cf_sub who; /* zeros: nobody, since they were forgotten */
    char name[CF_REQUEST_NAME_MAX + 1];
    char reach[CF_REQUEST_NAME_MAX + 1];
    size_t n_lines;
    struct cf_request_line lines[CF_ORDER_LINES_MAX];
    /* of any other */
    struct cf_sale_ref of; /* the record that asked; its sale_no is not kept */
    char reason[CF_REQUEST_REASON_MAX + 1];
};
/* Appends; refuses what _decode would refuse: CF_E_RECORD. On an error `ret` is unchanged. */
enum cf_rc cf_request_record_encode(const struct cf_request_record *record, struct cf_buf *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_request_record_decode(cf_bytes bytes, struct cf_request_record *ret, struct cf_error *err) CF_MUST_CHECK;
/* Takes out who the shopper is. False if nobody was in it. */
bool cf_request_forget(struct cf_request_record *record);
/* The order that it becomes: of kind UNPAID, generation 1, at `at`, to be fetched until then; without number, home and
 * time to be ready. CF_E_RANGE if its lines come to no amount. */
enum cf_rc cf_request_order(const struct cf_request_record *record, int64_t expires_s, struct cf_order *ret,
                            struct cf_error *err) CF_MUST_CHECK;

/* --- what goes down ----------------------------------------------------------------------------------------------- */

struct cf_request_view {
    uint32_t number; /* of the order; 0: the centre has not said one */
    struct cf_sale_ref of;
    uint32_t asking, asked, at;
    enum cf_request_state state;
    int64_t asked_s;
    char reason[CF_REQUEST_REASON_MAX + 1];
    size_t n_lines;
    struct {
        uint64_t product;
        char name[CF_NAME_MAX + 1];
        int64_t qty_milli;
        bool weighed;
    } lines[CF_ORDER_LINES_MAX];
};
/* Appends; CF_E_RANGE for what _decode would refuse. */
enum cf_rc cf_request_view_encode(const struct cf_request_view *view, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_request_view_decode(cf_bytes bytes, struct cf_request_view *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
