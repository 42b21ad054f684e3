/*
 * drivers/scale/hid_scale_proto.h - reports of a HID scale in, weights out.
 *
 * USB HID Point of Sale Usage Tables 1.02, 4 (Scale Page, 0x8D): a report holds a status, a unit, a power of ten and
 * the weight; where each stands, and which number means which status, is read from the report descriptor. Pure.
 */
#ifndef CF_DRIVERS_SCALE_HID_SCALE_PROTO_H
#define CF_DRIVERS_SCALE_HID_SCALE_PROTO_H

#include "drivers/port/hid_report.h"
#include "drivers/scale/scale.h"

struct cf_hid_scale_part {
    uint32_t bit_offset, bits;
    uint32_t first_usage; /* of status and unit: what the least number stands for */
    int32_t least;        /* below 0: the number has a sign */
};
struct cf_hid_scale_layout {
    uint8_t report_id; /* 0: reports have no id in front */
    struct cf_hid_scale_part status, unit, scaling, weight;
    uint32_t report_bytes; /* at least; to be asked for */
};
/* CF_E_NOT_FOUND: this is no scale's descriptor; CF_E_DEVICE_FORMAT: one, but a part of its weight is not declared. */
enum cf_rc cf_hid_scale_layout_find(const struct cf_hid_report *report, struct cf_hid_scale_layout *ret,
                                    struct cf_error *err) CF_MUST_CHECK;
/* One report as it came. False: it is another report than the one with the weight. */
bool cf_hid_scale_take(const struct cf_hid_scale_layout *layout, cf_bytes report, struct cf_weight *ret);

#endif
