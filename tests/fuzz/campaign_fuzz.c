/* Campaigns: what is read passes its check, is written with the same bytes, and its promotion can be applied. */
#include "app/core/campaign.h"
#include "app/core/pricing.h"

#include <assert.h>
#include <stdlib.h>

static void price(const struct cf_promotion *promotion)
{
    static struct cf_priced *priced;
    static struct cf_cart *cart;
    struct cf_offer offer = {promotion, true, 0, false};
    if (priced == NULL) {
        static const cf_currency currency = {"CNY"};
        uint32_t line_no;
        if (cf_priced_new(&priced, NULL) != CF_OK || cf_cart_new(currency, &cart, NULL) != CF_OK)
            abort();
        for (uint32_t i = 1; i <= 5; i++) {
            struct cf_cart_line line = {
                .product = i, .qty_milli = 1000 * i, .unit_price_minor = 333 * i, .tax_bp = 1300};
            line.categories[line.n_categories++] = i % 2;
            if (cf_cart_add(cart, &line, &line_no, NULL) != CF_OK)
                abort();
        }
    }
    if (cf_price(cart, &offer, 1, CF_TAX_EXCLUSIVE, promotion->from, NULL, priced, NULL) != CF_OK)
        abort();
    assert(priced->n_applied + priced->n_refused == 1 || priced->n_effects > 0);
    assert(priced->net_minor >= 0 && priced->gross_minor - priced->discount_minor == priced->net_minor);
}

/* An array of 15 opens a campaign of version 1, which is written as version 2. */
static bool is_of_version_1(const uint8_t *data)
{
    return data[0] == 0x8F;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_campaign campaign;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_CAMPAIGN_BYTES_MAX);
    if (cf_campaign_decode(cf_bytes_of(data, size), &campaign, NULL) != CF_OK)
        return 0;
    if (cf_campaign_encode(&campaign, &out, NULL) != CF_OK ||
        (!is_of_version_1(data) && !cf_bytes_equal(cf_buf_bytes(&out), cf_bytes_of(data, size))))
        abort();
    price(&campaign.promotion);
    return 0;
}
