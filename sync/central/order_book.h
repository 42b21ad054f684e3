/*
 * sync/central/order_book.h - orders that stores hand out: kept, sent down to their store, and what tills tell of them.
 *
 * An order has one home at a time (app/core/order.h). It leaves a home only by evidence: a record that was written
 * there after the home had heard that this generation is over. So it is handed out once, whoever is cut off from whom.
 * Inside a transaction.
 */
#ifndef CF_CENTRAL_ORDER_BOOK_H
#define CF_CENTRAL_ORDER_BOOK_H

#include "app/core/order.h"
#include "sync/central/ledger.h"
#include "sync/central/state.h"

#define CF_ORDER_REFERENCE_MAX 64

struct cf_order_row {
    enum cf_order_state state;
    struct cf_order order; /* what may still be handed out, and where */
    bool has_member;
    cf_sub member;
    char reference[CF_ORDER_REFERENCE_MAX + 1]; /* the shop's own name for it; "": none */
    int64_t at_us;
    bool online_only;       /* whoever hands it out asks the centre */
    uint32_t terminal;      /* that was asked to be its home; 0: any */
    uint32_t recall_to;     /* of RECALLED: the store that it goes to; 0: it is cancelled */
    int64_t recall_version; /* of RECALLED: number in the downward log of what tells the home */
};

/* CF_E_NOT_FOUND. */
enum cf_rc cf_order_row_get(struct cf_central *central, uint32_t number, struct cf_order_row *ret,
                            struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_order_row_put(struct cf_central *central, const struct cf_order_row *row,
                            struct cf_error *err) CF_MUST_CHECK;
/* Where the store has its home for orders, into row->order. CF_E_STORE_UNKNOWN; CF_E_NOT_FOUND for a terminal that is
 * none of it; CF_E_STATE if it has no enrolled terminal, or that was set apart. */
enum cf_rc cf_order_choose_home(struct cf_central *central, struct cf_order_row *row,
                                struct cf_error *err) CF_MUST_CHECK;
/* Its goods are there, and kept until then: it may be fetched. CF_E_ORDER_STATE; CF_E_JSON_RANGE: that is over. */
enum cf_rc cf_order_arrive(struct cf_central *central, struct cf_order_row *row, int64_t expires_s,
                           struct cf_error *err) CF_MUST_CHECK;
/* Tells the order's store what it may hand out now. */
enum cf_rc cf_order_tell(struct cf_central *central, const struct cf_order_row *row,
                         struct cf_error *err) CF_MUST_CHECK;
/*
 * To be cancelled (to 0), or to go to another store: at once if no till may hand it out now, else when its home has
 * heard. CF_E_ORDER_STATE.
 */
enum cf_rc cf_order_recall(struct cf_central *central, struct cf_order_row *row, uint32_t to_store,
                           struct cf_error *err) CF_MUST_CHECK;
/* Ends a recall whether or not the home has heard: a person's word, with an alarm. CF_E_ORDER_STATE. */
enum cf_rc cf_order_force(struct cf_central *central, struct cf_order_row *row, const char *by, const char *reason,
                          struct cf_error *err) CF_MUST_CHECK;

/* --- what tills tell ---------------------------------------------------------------------------------------------- */

/* The body of a PICK_UP record. *ret_what: CF_OK, or what is odd about it; a fact all the same. */
enum cf_rc cf_order_apply_pick_up(struct cf_central *central, const struct cf_log *log, uint64_t id, cf_bytes body,
                                  enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err) CF_MUST_CHECK;
/* The same of a sale that paid for an order, if it did. What is odd about that is added to what was before. */
enum cf_rc cf_order_apply_sale(struct cf_central *central, const struct cf_log *log, uint64_t id,
                               const struct cf_sale *sale, enum cf_rc *ret_what, struct cf_error *why,
                               struct cf_error *err) CF_MUST_CHECK;
/* The till gave up what it had asked for. *ret_what: CF_E_RECORD if it had asked for something else under that key. */
enum cf_rc cf_order_void(struct cf_central *central, const struct cf_log *log, const uint8_t key[CF_REQUEST_KEY_BYTES],
                         uint32_t order, uint32_t generation, enum cf_rc *ret_what, struct cf_error *why,
                         struct cf_error *err) CF_MUST_CHECK;
/* The log has heard all up to this entry of the downward log. */
enum cf_rc cf_order_heard(struct cf_central *central, const struct cf_log *log, uint64_t cursor,
                          struct cf_error *err) CF_MUST_CHECK;
/* The hub of the store is another one, or none: what was at home in the store finds a new home by evidence. */
enum cf_rc cf_order_hub_ends(struct cf_central *central, uint32_t store, struct cf_error *err) CF_MUST_CHECK;

#endif
