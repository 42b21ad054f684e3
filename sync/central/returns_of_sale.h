/*
 * sync/central/returns_of_sale.h - all returns of one sale together: how much is back, and which of them went too far.
 */
#ifndef CF_CENTRAL_RETURNS_OF_SALE_H
#define CF_CENTRAL_RETURNS_OF_SALE_H

#include "app/core/sale_return.h"
#include "sync/central/state.h"

enum cf_return_state_kind { CF_RETURN_WAITING = 1, CF_RETURN_APPLIED = 2, CF_RETURN_SET_ASIDE = 3 };

/* More returns of one sale than this, by time, are counted and not looked at one by one. */
#define CF_RETURNS_OF_SALE_MAX 256

struct cf_return_row {
    uint64_t id; /* its record */
    bool was_excess;
    bool excess; /* with those before it, it takes back more of a line than was sold */
};
struct cf_returns_of_sale {
    size_t n;
    struct cf_return_row row[CF_RETURNS_OF_SALE_MAX]; /* by time, then by record */
    int64_t back_milli[CF_CART_LINES_MAX];            /* of each line, at most what was sold */
};

/* Those that are applied. */
enum cf_rc cf_returns_read(struct cf_central *central, uint64_t sale_id, const struct cf_sale *sale,
                           struct cf_returns_of_sale *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
