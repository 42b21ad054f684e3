/*
 * sync/central/coupon_row.h - what the centre knows of one coupon, and of each use of it.
 */
#ifndef CF_CENTRAL_COUPON_ROW_H
#define CF_CENTRAL_COUPON_ROW_H

#include "app/core/sale.h"
#include "sync/central/ledger.h"

enum cf_coupon_state {
    CF_COUPON_LIVE = 1,
    CF_COUPON_REDEEMED = 2,
    CF_COUPON_STRANDED = 3,
    CF_COUPON_REFUNDED = 4,
    CF_COUPON_REVOKED = 5, /* issued with goods that are all back (revoked.h), and used by nobody */
};
enum cf_coupon_origin { CF_COUPON_SEEN = 0, CF_COUPON_CLAIMED = 1, CF_COUPON_ISSUED = 2 };

struct cf_coupon_row {
    uint32_t campaign;
    uint32_t index;
    bool bound;
    cf_sub sub;
    int64_t exp_s;
    bool pinned;
    uint32_t home;
    uint32_t home_epoch; /* of that terminal, or of that store's hub */
    uint32_t generation;
    int64_t released; /* the generation that its home gave up, -1 if none */
    bool reserved;
    bool stranded; /* the unit that was reserved for its home is stranded with it */
    enum cf_coupon_state state;
    enum cf_coupon_origin origin;
    int64_t redemption; /* the first use, as adjudicated; 0 if none */
    int64_t at_us;
};

/* If it is not there, *ret is a live one that was only seen (origin CF_COUPON_SEEN), and *ret_found false. */
enum cf_rc cf_coupon_row_get(struct cf_central *central, uint32_t campaign, uint32_t index, struct cf_coupon_row *ret,
                             bool *ret_found, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_coupon_row_put(struct cf_central *central, const struct cf_coupon_row *coupon,
                             struct cf_error *err) CF_MUST_CHECK;
/* Its generation goes down to all terminals, so that codes of earlier ones are refused. */
enum cf_rc cf_coupon_row_tell_generation(struct cf_central *central, const struct cf_coupon_row *coupon,
                                         struct cf_error *err) CF_MUST_CHECK;

/* One use of a right, as a fact. */
struct cf_use {
    uint32_t generation;
    enum cf_policy policy;
    int64_t at_us;      /* the best guess */
    int64_t order_ms;   /* what it is put in order by: app/core/adjudication.h */
    int64_t boot;       /* whose row tells when it was; 0: at_us is certain */
    int64_t cost_minor; /* what it took off */
    uint32_t place;
    uint32_t epoch;  /* of the terminal; 0: online */
    uint64_t record; /* 0: online */
    uint32_t n;      /* of the record's redemptions, from 0 */
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    enum cf_source source;
};
/* Writes the use down, and nothing else. */
enum cf_rc cf_use_add(struct cf_central *central, uint32_t campaign, uint32_t index, const struct cf_use *use,
                      int64_t *ret_redemption, struct cf_error *err) CF_MUST_CHECK;
/* Writes the use and, if it is the first that is heard of, marks the coupon. For adjudicate.c. */
enum cf_rc cf_coupon_row_use(struct cf_central *central, struct cf_coupon_row *coupon, const struct cf_use *use,
                             int64_t *ret_redemption, struct cf_error *err) CF_MUST_CHECK;

#endif
