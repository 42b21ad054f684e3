/*
 * drivers/scanner/wedge_proto.h - a keyboard wedge's boot reports in, scans out.
 *
 * USB HID 1.11, appendix B.1 (boot keyboard) and HID Usage Tables, 10 (Keyboard/Keypad Page). Keys are told by usage
 * and read as the keyboard of the United States that scanners are made to be, whatever layout the till's own keyboard
 * has. A scan ends with Enter or Tab, or when nothing is typed any more. Pure.
 */
#ifndef CF_DRIVERS_SCANNER_WEDGE_PROTO_H
#define CF_DRIVERS_SCANNER_WEDGE_PROTO_H

#include "drivers/scanner/scanner.h"

#define CF_WEDGE_REPORT_BYTES 8

struct cf_wedge {
    uint8_t held[6]; /* usages of the report before: a key counts when it goes down */
    bool damaged;    /* a key that no scanner types, or more keys at once than can be told */
    bool too_long, ended;
    bool next_damaged; /* what comes after the end began in the same report as the end: whose it is cannot be told */
    size_t n;
    uint8_t text[CF_SCANNER_TEXT_MAX];
};
void cf_wedge_init(struct cf_wedge *wedge);
/* Has anything been typed that no end has followed? Then cf_wedge_gap is due some time after the last report. */
bool cf_wedge_is_open(const struct cf_wedge *wedge);
unsigned cf_wedge_take(struct cf_wedge *wedge, cf_bytes report); /* bits of enum cf_scanner_result */
unsigned cf_wedge_gap(struct cf_wedge *wedge);
static inline cf_bytes cf_wedge_text(const struct cf_wedge *wedge)
{
    return cf_bytes_of(wedge->text, wedge->n);
}

#endif
