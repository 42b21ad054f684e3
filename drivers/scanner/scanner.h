/*
 * drivers/scanner/scanner.h - the scanners that this till can drive, as drivers over a port.
 *
 * A scan comes as CF_DEVICE_SCAN with the text of app/core's scans: the AIM symbology identifier in front if the
 * scanner told one (ISO/IEC 15424: "]E0"), then the data as in the symbol, without the line end that scanners are often
 * set to add. What arrived only in part is never a scan: it is CF_DEVICE_TROUBLE with CF_E_DEVICE_LOST.
 */
#ifndef CF_DRIVERS_SCANNER_SCANNER_H
#define CF_DRIVERS_SCANNER_SCANNER_H

#include "drivers/port/port.h"

#define CF_SCANNER_AIM_BYTES 3
#define CF_SCANNER_DATA_MAX 7089 /* the largest QR symbol: 40-L, digits (ISO/IEC 18004) */
#define CF_SCANNER_TEXT_MAX (CF_SCANNER_AIM_BYTES + CF_SCANNER_DATA_MAX)

extern const struct cf_driver cf_scanner_hid_pos; /* "hid-pos": HID point of sale, usage page 0x8C */
extern const struct cf_driver cf_scanner_wedge;   /* "wedge": types what it reads, as a boot keyboard */
extern const struct cf_driver cf_scanner_serial;  /* "serial": sends lines, over CDC-ACM or a serial port */
extern const struct cf_driver cf_scanner_evdev;   /* "evdev": types what it reads, by the kernel's keyboard driver */

/* Those of the USB and of lines, in the order in which a new device is offered to them. */
#define CF_SCANNER_DRIVERS 3
extern const struct cf_driver *const cf_scanner_drivers[CF_SCANNER_DRIVERS];

/* Does this maker sell nothing but scanners, so that what looks like its keyboard or modem is one? */
bool cf_scanner_is_makers(uint16_t vendor);

/* An AIM identifier: ']', a letter, and a digit or letter. */
bool cf_scanner_is_aim(const uint8_t *three);

/* What becomes of the bytes that a proto takes; bits, for a report may end one scan and begin another. */
enum cf_scanner_result {
    CF_SCANNER_NONE = 0,
    CF_SCANNER_SCAN = 1,     /* the proto's text is a whole scan, until its next call */
    CF_SCANNER_LOST = 2,     /* part of a scan was lost, and so the rest of it is thrown away */
    CF_SCANNER_TOO_LONG = 4, /* longer than CF_SCANNER_TEXT_MAX: thrown away up to its end; said once */
};

/* What every driver here has and does alike; the first member of its own struct, which it allocates and frees. */
struct cf_scanner {
    const struct cf_port_info *info;
    struct cf_port port;
    struct cf_device_sink sink;
    unsigned n_errors; /* since something last arrived whole */
};
void cf_scanner_init(struct cf_scanner *scanner, const struct cf_port_info *info, const struct cf_port *port,
                     const struct cf_device_sink *sink);
/* It works from now on. */
void cf_scanner_listen(struct cf_scanner *scanner, cf_mono at);
/* Tells what the bits of enum cf_scanner_result say; `text` is the scan's, `lost` why a part of one is missing. */
void cf_scanner_say(const struct cf_scanner *scanner, unsigned result, cf_bytes text, const char *lost, cf_mono at);
/* Something arrived, whole or not. True: too much in a row did not, and the device is given up for `why`. */
bool cf_scanner_fails(struct cf_scanner *scanner, bool whole, const char *why);

#endif
