/*
 * drivers/scanner/serial_proto.c - see serial_proto.h.
 */
#include "drivers/scanner/serial_proto.h"

#include <string.h>

#define STX 0x02
#define ETX 0x03

void cf_serial_scan_init(struct cf_serial_scan *scan)
{
    memset(scan, 0, sizeof *scan);
}

bool cf_serial_scan_is_open(const struct cf_serial_scan *scan)
{
    return !scan->ended && (scan->n > 0 || scan->too_long || scan->damaged);
}

static void begin(struct cf_serial_scan *scan)
{
    scan->n = 0;
    scan->too_long = scan->damaged = scan->ended = false;
}

enum cf_scanner_result cf_serial_scan_gap(struct cf_serial_scan *scan)
{
    if (!cf_serial_scan_is_open(scan))
        return CF_SCANNER_NONE;
    scan->ended = true; /* the text stays until the next byte */
    return scan->damaged ? CF_SCANNER_LOST : scan->too_long ? CF_SCANNER_TOO_LONG : CF_SCANNER_SCAN;
}

void cf_serial_scan_damage(struct cf_serial_scan *scan)
{
    if (scan->ended)
        begin(scan);
    scan->damaged = true;
}

enum cf_scanner_result cf_serial_scan_take(struct cf_serial_scan *scan, cf_bytes in, size_t *ret_used)
{
    for (size_t i = 0; i < in.n; i++) {
        uint8_t c = in.p[i];
        if (scan->ended)
            begin(scan);
        if (c == '\r' || c == '\n' || c == ETX) {
            enum cf_scanner_result result = cf_serial_scan_gap(scan);
            if (result != CF_SCANNER_NONE) {
                *ret_used = i + 1;
                return result;
            }
        } else if (c == STX || c == '\0') {
            continue;
        } else if (scan->n == sizeof scan->text) {
            scan->too_long = true;
        } else {
            scan->text[scan->n++] = c;
        }
    }
    *ret_used = in.n;
    return CF_SCANNER_NONE;
}
