/* A device's report descriptor, and then reports laid out by it: two bytes of length, the descriptor, reports. */
#include "drivers/scanner/hid_pos_proto.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_hid_report report;
    static struct cf_hid_pos pos;
    struct cf_hid_pos_layout layout;
    if (size < 2)
        return 0;
    size_t n = (size_t)data[0] << 8 | data[1];
    data += 2;
    size -= 2;
    n = n > size ? size : n;
    if (cf_hid_report_parse(cf_bytes_of(data, n), &report, NULL) != CF_OK)
        return 0;
    for (size_t i = 0; i < report.n; i++) {
        const struct cf_hid_field *f = &report.field[i];
        if (f->bits == 0 || f->bits > 32 || f->count == 0 ||
            f->bit_offset + (uint64_t)f->bits * f->count > CF_HID_REPORT_BYTES_MAX * 8u)
            abort();
    }
    if (cf_hid_pos_layout_find(&report, &layout, NULL) != CF_OK)
        return 0;
    cf_hid_pos_init(&pos, &layout);
    data += n;
    size -= n;
    while (size > 0) {
        size_t length = data[0] > size - 1 ? size - 1 : data[0];
        unsigned result = cf_hid_pos_take(&pos, cf_bytes_of(data + 1, length));
        if ((result & CF_SCANNER_SCAN) != 0 && (pos.n == 0 || pos.n > CF_SCANNER_TEXT_MAX))
            abort();
        data += 1 + length;
        size -= 1 + length;
    }
    return 0;
}
