/* What scales send: an even first byte: a HID report descriptor (its length is the second byte) and reports by it; an
 * odd one: bytes of a line, with parity or without. */
#include "drivers/scale/hid_scale_proto.h"
#include "drivers/scale/toledo_proto.h"

#include <stdlib.h>

static void check(const struct cf_weight *weight)
{
    bool good = weight->rc == CF_OK;
    if (good != (weight->weight_g > 0) || weight->weight_g > CF_WEIGHT_G_MAX || good != (weight->why == NULL))
        abort();
}

static void report(cf_bytes in)
{
    static struct cf_hid_report parsed;
    struct cf_hid_scale_layout layout;
    struct cf_weight weight;
    size_t n = in.n > 0 && in.p[0] < in.n ? in.p[0] : 0;
    if (in.n == 0 || cf_hid_report_parse(cf_bytes_of(in.p + 1, n), &parsed, NULL) != CF_OK ||
        cf_hid_scale_layout_find(&parsed, &layout, NULL) != CF_OK)
        return;
    in = cf_bytes_of(in.p + 1 + n, in.n - 1 - n);
    while (in.n > 0) {
        size_t part = in.n < layout.report_bytes ? in.n : layout.report_bytes;
        if (cf_hid_scale_take(&layout, cf_bytes_of(in.p, part), &weight))
            check(&weight);
        in = cf_bytes_of(in.p + part, in.n - part);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_toledo toledo;
    struct cf_weight weight;
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0) {
        report(cf_bytes_of(data + 1, size - 1));
        return 0;
    }
    cf_toledo_init(&toledo, data[0] % 4 == 1);
    for (size_t i = 1; i < size; i++)
        if (cf_toledo_take(&toledo, data[i], &weight))
            check(&weight);
    return 0;
}
