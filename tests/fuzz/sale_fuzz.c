/* Sales: what is read adds up, is written with the same bytes, and can be reported and judged. */
#include "app/core/report.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool categories(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    (void)ctx;
    assert(max >= 1);
    ret[0] = (uint32_t)(product % 3);
    *ret_n = 1;
    return product % 7 != 0;
}

/* A campaign for every number: the kind, scope and conditions follow from it. */
static const struct cf_campaign *campaign(void *ctx, uint32_t number, uint32_t version)
{
    static struct cf_campaign c;
    (void)ctx;
    memset(&c, 0, sizeof c);
    c.id = c.promotion.campaign = number;
    c.version = c.promotion.version = version;
    c.promotion.kind = (enum cf_reward_kind)(1 + number % 4);
    c.promotion.percent_bp = 1 + version % 10000;
    c.promotion.amount_minor = 1 + version;
    c.promotion.needs_coupon = number % 2 != 0;
    c.promotion.goods.n_categories = number % 3 == 0;
    c.promotion.max_discount_minor = number % 5 == 0 ? 100 : 0;
    return number % 11 == 0 ? NULL : &c;
}

static void judge(const struct cf_sale *sale)
{
    static const struct cf_sale_lookup lookup = {NULL, categories, campaign};
    static struct cf_priced *priced;
    struct cf_cart *cart;
    if (priced == NULL && cf_priced_new(&priced, NULL) != CF_OK)
        abort();
    if (cf_cart_new(sale->currency, &cart, NULL) != CF_OK)
        abort();
    enum cf_rc rc = cf_sale_rejudge(sale, cf_wall_from_s(sale->business_day), &lookup, cart, priced, NULL);
    assert(rc == CF_OK || rc == CF_E_RECORD);
    cf_cart_free(cart);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_sale *sale;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    struct cf_totals totals = {0};
    cf_buf_init(&out, CF_SALE_BYTES_MAX);
    if (sale == NULL && cf_sale_new(&sale, NULL) != CF_OK)
        abort();
    if (cf_sale_decode(cf_bytes_of(data, size), sale, NULL) != CF_OK)
        return 0;
    if (cf_sale_encode(sale, &out, NULL) != CF_OK || !cf_bytes_equal(cf_buf_bytes(&out), cf_bytes_of(data, size)))
        abort();
    if (cf_totals_add(&totals, sale, NULL) != CF_OK)
        abort();
    judge(sale);
    return 0;
}
