/*
 * drivers/scanner/serial_proto.h - what a scanner sends over a line in, scans out.
 *
 * There is no standard: scanners send the data and end it with CR, LF, ETX or nothing, as they are set. So a scan ends
 * at any of these, or when nothing comes any more. STX before it is left out. Pure.
 */
#ifndef CF_DRIVERS_SCANNER_SERIAL_PROTO_H
#define CF_DRIVERS_SCANNER_SERIAL_PROTO_H

#include "drivers/scanner/scanner.h"

struct cf_serial_scan {
    size_t n;
    bool too_long, damaged, ended;
    uint8_t text[CF_SCANNER_TEXT_MAX];
};
void cf_serial_scan_init(struct cf_serial_scan *scan);
bool cf_serial_scan_is_open(const struct cf_serial_scan *scan);
/* Takes up to the first end. *ret_used tells how much that was: call again with the rest until it is all. */
enum cf_scanner_result cf_serial_scan_take(struct cf_serial_scan *scan, cf_bytes in, size_t *ret_used);
enum cf_scanner_result cf_serial_scan_gap(struct cf_serial_scan *scan);
/* Bytes were lost by the line itself: what it belongs to is no scan. */
void cf_serial_scan_damage(struct cf_serial_scan *scan);
static inline cf_bytes cf_serial_scan_text(const struct cf_serial_scan *scan)
{
    return cf_bytes_of(scan->text, scan->n);
}

#endif
