/*
 * drivers/printer/receipt_printer.h - receipt printers that speak ESC/POS, as a driver over a port.
 *
 * Over the USB's printer class or a byte stream (TCP port 9100, a serial line). Jobs are printed one after the other;
 * each is a whole number of commands. After it the printer is asked whether it has worked everything off: only that
 * answer is CF_DEVICE_PRINTED with CF_OK. Models that have it answer with the job's own name (GS ( H); of the others
 * (GS r) all answers look alike, so on a line, which may still bring old ones, none counts before a question of this
 * opening was answered and nothing came after it, and none any more once an answer came that nobody asked for. A job
 * that was begun and not confirmed is CF_E_PRINT_UNKNOWN and is never sent again by itself; one that was not begun says
 * why. Every job that was taken is told of, once.
 *
 * Nothing is asked in the middle of a job, where it would be data: a printer that stops reading is asked by the port
 * (GET_PORT_STATUS), where there is such a thing.
 */
#ifndef CF_DRIVERS_PRINTER_RECEIPT_PRINTER_H
#define CF_DRIVERS_PRINTER_RECEIPT_PRINTER_H

#include "drivers/port/port.h"

#define CF_RECEIPT_PRINTER_JOBS_MAX 8 /* that wait, the one under way too */

/* Opens the drawer at the printer: ESC p, pin 2, on for 50 ms and off for half a second. A whole command, 5 bytes. */
#define CF_RECEIPT_PRINTER_PULSE "\x1bp\0\x19\xfa"
#define CF_RECEIPT_PRINTER_PULSE_BYTES 5

/* "escpos". Any interface of the printer class fits: offer it only where somebody said that there is such a printer.
 * One that names only the languages of office printers is declined. */
extern const struct cf_driver cf_receipt_printer;
/* The same for models with GS ( H, function 48: what it answers names the job. */
extern const struct cf_driver cf_receipt_printer_naming;

#endif
