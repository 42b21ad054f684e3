/* Scanned texts: whatever is read is sorted, the view stays inside the input, and a GTIN has its check digit. */
#include "app/core/scan.h"

#include <assert.h>
#include <string.h>

#include "app/core/cart.h"
#include "app/core/gs1_coupon.h"
#include "app/core/measure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_scan scan;
    cf_scan_classify(cf_bytes_of(data, size), &scan);
    assert((scan.kind == CF_SCAN_UNKNOWN) == (scan.rc != CF_OK));
    assert(strlen(cf_scan_kind_name(scan.kind)) > 0 && strlen(cf_rc_name(scan.rc)) > 0);
    assert(strlen(scan.aim) == 0 || strlen(scan.aim) == 2);
    assert(scan.text.n == 0 || (scan.text.p >= data && scan.text.p + scan.text.n <= data + size));
    bool goods = scan.kind == CF_SCAN_PRODUCT || scan.kind == CF_SCAN_GS1;
    assert(goods == (scan.gtin.number != 0));
    assert(scan.gs1.coupon_kind == CF_GS1_COUPON_NONE ||
           (scan.gs1.coupon.p >= data && scan.gs1.coupon.p + scan.gs1.coupon.n <= data + size));
    assert((scan.kind == CF_SCAN_PLU) == (scan.plu != 0) || scan.kind == CF_SCAN_UNKNOWN);
    struct cf_gs1_coupon coupon;
    if (scan.kind == CF_SCAN_GS1_COUPON &&
        cf_gs1_coupon_parse(scan.gs1.coupon_kind, scan.gs1.coupon, &coupon, NULL) == CF_OK)
        assert(strlen(coupon.funder) >= 6 && coupon.n_requirements <= 3);
    const struct cf_measure measures[] = {{"02IIIIIVPPPPC", 2}, {"20IIIIVPPPPPC", 2}, {"2IIIIIIWWWWWC", 3}};
    const cf_currency cny = {"CNY"};
    struct cf_measured measured;
    bool found = false;
    if (goods && cf_measure_read(measures, 3, scan.gtin, cny, &found, &measured, NULL) == CF_OK && found)
        assert(measured.is_price ? measured.price_minor > 0 : measured.qty_milli > 0);
    int64_t minor = 0;
    uint32_t day = 0;
    if (cf_gs1_price(&scan.gs1, cny, &minor, NULL) == CF_OK)
        assert(minor > 0 && minor <= CF_PRICE_MINOR_MAX);
    if (cf_gs1_is_past(&scan.gs1, 20261122, true, &day))
        assert(day < 20261122);
    assert(scan.gtin.number % 10 == cf_gtin_check_digit(scan.gtin.number / 10));
    assert(scan.qty_milli >= 0 && scan.qty_milli <= CF_QTY_MILLI_MAX);
    assert(scan.kind == CF_SCAN_GS1 || scan.qty_milli == 0);
    return 0;
}
