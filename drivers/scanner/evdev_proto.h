/*
 * drivers/scanner/evdev_proto.h - a keyboard's events of the kernel's in, scans out.
 *
 * Documentation/input/event-codes.rst of Linux. Its key codes name keys and not characters, whatever layout is set;
 * they are put into the boot reports that a wedge would have sent, so that both read alike (wedge_proto.h). Pure.
 */
#ifndef CF_DRIVERS_SCANNER_EVDEV_PROTO_H
#define CF_DRIVERS_SCANNER_EVDEV_PROTO_H

#include "drivers/scanner/wedge_proto.h"

struct cf_evdev {
    struct cf_wedge wedge;
    uint8_t report[CF_WEDGE_REPORT_BYTES]; /* what is held now */
    bool lost;                             /* the kernel dropped events: up to its next report nothing counts */
};
void cf_evdev_init(struct cf_evdev *evdev);
/* One event (struct input_event's type, code and value). Bits of enum cf_scanner_result. */
unsigned cf_evdev_take(struct cf_evdev *evdev, uint16_t type, uint16_t code, int32_t value);

#endif
