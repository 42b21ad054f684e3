/* The record of goods that came back without a receipt: one encoding, sums that add up, and a return that adds up. */
#include "app/core/open_return.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_return *r;
    struct cf_open_return open;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_RETURN_BYTES_MAX);
    if (r == NULL && cf_return_new(&r, NULL) != CF_OK)
        abort();
    if (cf_open_return_decode(cf_bytes_of(data, size), &open, NULL) != CF_OK)
        return 0;
    if (cf_open_return_encode(&open, &out, NULL) != CF_OK ||
        !cf_bytes_equal(cf_buf_bytes(&out), cf_bytes_of(data, size)))
        abort();
    if (cf_open_return_as_return(&open, r, NULL) != CF_OK || open.cash_minor <= 0 || r->total_minor != open.total_minor)
        abort();
    return 0;
}
