/*
 * drivers/port/hid_report.h - a HID report descriptor as a table of fields.
 *
 * USB HID 1.11, 6.2.2 (items) and 8 (report protocol). It says where in a report each usage stands; what a usage means
 * is the driver's. Descriptors come from devices and may be anything: nothing is trusted. Pure.
 */
#ifndef CF_DRIVERS_PORT_HID_REPORT_H
#define CF_DRIVERS_PORT_HID_REPORT_H

#include "base/bytes.h"

#define CF_HID_FIELDS_MAX 160
#define CF_HID_REPORT_BYTES_MAX 4096

#define CF_HID_USAGE(page, id) ((uint32_t)(page) << 16 | (uint32_t)(id))

enum cf_hid_kind {
    CF_HID_INPUT = 1,
    CF_HID_OUTPUT,
    CF_HID_FEATURE,
};
struct cf_hid_field {
    enum cf_hid_kind kind;
    uint8_t report_id;    /* 0: the device has no report ids */
    uint32_t application; /* usage of the outermost collection; 0: none */
    uint32_t usage;       /* of a variable field; of an array: the first that it may hold; 0: padding */
    bool is_array, is_constant;
    int32_t logical_min; /* of an array: the number that stands for `usage` */
    uint32_t bit_offset; /* from the start of the report, of which the id is the first byte if there is one */
    uint32_t bits;       /* of one element, 1..32 */
    uint32_t count;      /* elements side by side, >= 1 */
};
struct cf_hid_report {
    size_t n;
    struct cf_hid_field field[CF_HID_FIELDS_MAX];
};

/* CF_E_DEVICE_FORMAT: not a descriptor, or one whose reports are longer than CF_HID_REPORT_BYTES_MAX; CF_E_LIMIT: more
 * fields than CF_HID_FIELDS_MAX. Fields without bits are left out, and so is padding. */
enum cf_rc cf_hid_report_parse(cf_bytes descriptor, struct cf_hid_report *ret, struct cf_error *err) CF_MUST_CHECK;
/* The first field of that kind and usage, or NULL. */
const struct cf_hid_field *cf_hid_report_find(const struct cf_hid_report *report, enum cf_hid_kind kind,
                                              uint32_t usage);
/* Does any field stand in an application collection of this usage? */
bool cf_hid_report_has_application(const struct cf_hid_report *report, uint32_t usage);

#endif
