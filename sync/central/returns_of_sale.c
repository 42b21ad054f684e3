/*
 * sync/central/returns_of_sale.c - see returns_of_sale.h.
 */
#include "sync/central/returns_of_sale.h"

#include <string.h>

struct reading {
    const struct cf_sale *sale;
    struct cf_returns_of_sale *of;
};

static enum cf_rc take_line(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct reading *reading = ctx;
    struct cf_returns_of_sale *of = reading->of;
    uint64_t id = (uint64_t)row[0].i;
    (void)err;
    if (of->n == 0 || of->row[of->n - 1].id != id) {
        if (of->n == CF_RETURNS_OF_SALE_MAX) {
            return CF_OK; /* the statement's limit comes first */
        }
        of->row[of->n++] = (struct cf_return_row){.id = id, .was_excess = row[1].i != 0};
    }
    int64_t line = row[2].i;
    if (line < 1 || line > (int64_t)reading->sale->n_lines) {
        return CF_OK;
    }
    int64_t *back = &of->back_milli[line - 1];
    int64_t sold = reading->sale->lines[line - 1].qty_milli;
    if (row[3].i > sold - *back) {
        of->row[of->n - 1].excess = true;
        *back = sold;
    } else {
        *back += row[3].i;
    }
    return CF_OK;
}

enum cf_rc cf_returns_read(struct cf_central *central, uint64_t sale_id, const struct cf_sale *sale,
                           struct cf_returns_of_sale *ret, struct cf_error *err)
{
    struct reading reading = {sale, ret};
    ret->n = 0;
    memset(ret->back_milli, 0, sizeof ret->back_milli);
    return cf_store_each(central->store, CF_Q_RETURNS_OF_SALE, CF_ARGS(cf_v_int((int64_t)sale_id)), take_line, &reading,
                         err);
}
