/*
 * drivers/display/pole_display.h - a shopper's display on a line of bytes, as a driver over a port: a serial port, TCP,
 * or USB's CDC.
 *
 * It knows no commands (display_proto.h does) and asks nothing: most displays have no way to answer. What is given to
 * show is a whole frame; while one is on its way only the newest of those that follow is kept, since nobody reads what
 * was. Each is PRINTED once: with CF_OK when it has gone out, or was overtaken.
 */
#ifndef CF_DRIVERS_POLE_DISPLAY_H
#define CF_DRIVERS_POLE_DISPLAY_H

#include "drivers/port/port.h"

#define CF_POLE_DISPLAY_FRAME_MAX 4096

/* "display". On the USB only where a rule says that it is one. */
extern const struct cf_driver cf_pole_display;

#endif
