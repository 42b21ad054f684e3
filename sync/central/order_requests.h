/*
 * sync/central/order_requests.h - goods that a store had not: asked for by a till's record, answered by tills of others
 * or by the shop, until they are an order that may be fetched.
 *
 * Each is an order of the book from the first (order_book.h), PLACED until its goods are there. Who wants it is known
 * here alone, and not longer than until it is over; the record of the till is kept without. Inside a transaction.
 */
#ifndef CF_CENTRAL_ORDER_REQUESTS_H
#define CF_CENTRAL_ORDER_REQUESTS_H

#include "app/core/order_request.h"
#include "app/core/record.h"
#include "sync/central/order_book.h"

/* Requests of one store that are not handed out or over by the shop's word: more are not taken. */
#define CF_REQUESTS_OF_STORE_MAX 2000

struct cf_request_row {
    uint32_t number;
    uint64_t record; /* that asked */
    struct cf_sale_ref of;
    uint32_t asking, asked;
    enum cf_request_state state;
    bool is_member, has_who;
    cf_sub who;
    char name[CF_REQUEST_NAME_MAX + 1];
    char reach[CF_REQUEST_NAME_MAX + 1];
    char reason[CF_REQUEST_REASON_MAX + 1];
    int64_t at_us;
};
enum cf_rc cf_request_row_get(struct cf_central *central, uint32_t number, struct cf_request_row *ret, bool *ret_found,
                              struct cf_error *err) CF_MUST_CHECK;

/* The body of an ORDER record. *ret_what: CF_OK, or what is odd about it: then nothing follows from it. */
enum cf_rc cf_request_apply(struct cf_central *central, const struct cf_log *log, uint64_t id,
                            const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                            struct cf_error *err) CF_MUST_CHECK;
/* The shop says it; the order's row follows. expires_s: of ARRIVE, until when it is kept; 0: as long as usual.
 * CF_E_ORDER_STATE. */
enum cf_rc cf_request_shop_says(struct cf_central *central, struct cf_order_row *row, struct cf_request_row *request,
                                enum cf_request_act act, const char *reason, int64_t expires_s,
                                struct cf_error *err) CF_MUST_CHECK;
/* The order is over: so is what was asked for, and nobody needs to know for whom it was. */
enum cf_rc cf_request_follow(struct cf_central *central, uint32_t number, struct cf_error *err) CF_MUST_CHECK;
/* Whoever wants it is forgotten, here and at every till. */
enum cf_rc cf_request_forget_who(struct cf_central *central, struct cf_request_row *request,
                                 struct cf_error *err) CF_MUST_CHECK;

#endif
