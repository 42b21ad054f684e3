/* Scanned texts: whatever is read is sorted, the view stays inside the input, and a GTIN has its check digit. */
#include "app/core/scan.h"

#include <assert.h>
#include <string.h>

#include "app/core/cart.h"

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
    assert(scan.gtin.number % 10 == cf_gtin_check_digit(scan.gtin.number / 10));
    assert(scan.qty_milli >= 0 && scan.qty_milli <= CF_QTY_MILLI_MAX);
    assert(scan.kind == CF_SCAN_GS1 || scan.qty_milli == 0);
    return 0;
}
