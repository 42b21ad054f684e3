/*
 * drivers/scanner/hid_pos_proto.h - reports of a HID point-of-sale scanner in, scans out.
 *
 * USB HID Point of Sale Usage Tables 1.02, 3 (Bar Code Scanner Page, 0x8C). Where each part of a report stands is read
 * from the report descriptor, since makers differ: Honeywell and Access-IS put the three bytes of an AIM identifier
 * before the data, Quio has none and ends with a byte of its own for the symbology, Microscan declares all of it within
 * a collection of the vendor's. Data beyond one report goes on in the next while usage 0xFF ("data continued") is set.
 * Pure.
 */
#ifndef CF_DRIVERS_SCANNER_HID_POS_PROTO_H
#define CF_DRIVERS_SCANNER_HID_POS_PROTO_H

#include "drivers/port/hid_report.h"
#include "drivers/scanner/scanner.h"

struct cf_hid_pos_layout {
    uint8_t report_id;            /* 0: reports have no id in front */
    uint32_t data_at, data_bytes; /* all offsets are bytes from the start of the report */
    bool has_length, has_aim, has_more;
    uint32_t length_at, aim_at;
    uint32_t more_bit; /* a bit from the start of the report */
};
/* CF_E_NOT_FOUND: this is no scanner's descriptor; CF_E_DEVICE_FORMAT: one, but not made of bytes. */
enum cf_rc cf_hid_pos_layout_find(const struct cf_hid_report *report, struct cf_hid_pos_layout *ret,
                                  struct cf_error *err) CF_MUST_CHECK;

struct cf_hid_pos {
    struct cf_hid_pos_layout layout;
    size_t n, n_aim;
    bool partial;  /* a report said that more is to come */
    bool dropping; /* what is to come belongs to a scan that is given up */
    uint8_t text[CF_SCANNER_TEXT_MAX];
};
void cf_hid_pos_init(struct cf_hid_pos *pos, const struct cf_hid_pos_layout *layout);
/* One report as it came. Bits of enum cf_scanner_result. */
unsigned cf_hid_pos_take(struct cf_hid_pos *pos, cf_bytes report);
/* Nothing came for long enough: what is not whole by now will never be. */
unsigned cf_hid_pos_gap(struct cf_hid_pos *pos);
static inline cf_bytes cf_hid_pos_text(const struct cf_hid_pos *pos)
{
    return cf_bytes_of(pos->text, pos->n);
}

#endif
