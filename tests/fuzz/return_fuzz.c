/* Returns: what is read adds up and is written with the same bytes. With a sale before it (two bytes of length), it is
 * judged against that, and what the sale gives for the same goods is judged right. */
#include "app/core/sale_return.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void judge(const struct cf_sale *sale, struct cf_return *r)
{
    static int64_t before[CF_CART_LINES_MAX], qty[CF_CART_LINES_MAX];
    static const enum cf_on_return fates[CF_SALE_COUPONS_MAX];
    const struct cf_return_goods goods = {.before_milli = before, .qty_milli = qty, .on_return = fates};
    enum cf_rc rc = cf_return_rejudge(sale, r, NULL);
    assert(rc == CF_OK || rc == CF_E_RECORD);
    memset(before, 0, sizeof before);
    memset(qty, 0, sizeof qty);
    for (size_t i = 0; i < r->n_lines; i++) {
        before[r->lines[i].line_no - 1] = r->lines[i].before_milli;
        qty[r->lines[i].line_no - 1] = r->lines[i].qty_milli;
    }
    if (cf_return_make(sale, &goods, r, NULL) != CF_OK)
        return;
    assert(r->total_minor >= 0 && r->total_minor <= sale->total_minor && r->points <= sale->points);
    r->of.sale_no = sale->sale_no;
    r->is_void = false;
    assert(cf_return_rejudge(sale, r, NULL) == CF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_sale *sale;
    static struct cf_return *r;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_RETURN_BYTES_MAX);
    if (sale == NULL && (cf_sale_new(&sale, NULL) != CF_OK || cf_return_new(&r, NULL) != CF_OK))
        abort();
    if (size < 2)
        return 0;
    size_t n_sale = (size_t)data[0] << 8 | data[1];
    if (n_sale > size - 2)
        return 0;
    cf_bytes bytes = cf_bytes_of(data + 2 + n_sale, size - 2 - n_sale);
    if (cf_return_decode(bytes, r, NULL) != CF_OK)
        return 0;
    if (cf_return_encode(r, &out, NULL) != CF_OK || !cf_bytes_equal(cf_buf_bytes(&out), bytes))
        abort();
    if (cf_sale_decode(cf_bytes_of(data + 2, n_sale), sale, NULL) == CF_OK)
        judge(sale, r);
    return 0;
}
