/*
 * drivers/printer/status_proto.h - what a receipt printer says: status bytes, and the text by which it names itself.
 *
 * ESC/POS ("ESC/POS Command Reference": DLE EOT, GS a, GS r, GS ( H) sends four kinds of bytes over one line, told
 * apart by bits that are fixed: an answer to DLE EOT (0xx1xx10), four bytes of automatic status (0xx1xx00, then three
 * of 0xx0xxxx), one of 0xx0xxxx that answers GS r, and the process ID that GS ( H asked for (0x37 0x22, four printable
 * bytes, NUL). The last two are answered after all before them was worked off. IEEE 1284-2000, 7.6: the device ID.
 * Pure.
 */
#ifndef CF_DRIVERS_PRINTER_STATUS_PROTO_H
#define CF_DRIVERS_PRINTER_STATUS_PROTO_H

#include "base/bytes.h"

#define CF_PRINTER_ASKED_MAX 4
#define CF_PRINTER_ID_MAX 1024
#define CF_PRINTER_MODEL_MAX 63
#define CF_PRINTER_PROCESS_BYTES 4

struct cf_printer_status {
    bool off_line, cover_open, paper_near_end, paper_end, cutter, fault;
    bool has_drawer; /* it has said how that is */
    bool drawer_pin; /* pin 3 of the drawer's socket; which level means open is the drawer's */
};
/* CF_OK, or what keeps it from printing; *ret_why: in plain words, of CF_OK too if there is anything to say, else "".
 */
enum cf_rc cf_printer_status_rc(const struct cf_printer_status *status, const char **ret_why);

enum cf_printer_heard {
    CF_PRINTER_HEARD_NOTHING = 0,
    CF_PRINTER_HEARD_STATUS = 1,  /* `status` is news, or was confirmed */
    CF_PRINTER_HEARD_ANSWER = 2,  /* to GS r */
    CF_PRINTER_HEARD_PROCESS = 3, /* to GS ( H: `process` says which */
};
struct cf_printer_ear {
    struct cf_printer_status status;
    uint8_t asked[CF_PRINTER_ASKED_MAX]; /* by DLE EOT, in order, and not answered yet */
    size_t n_asked;
    uint8_t automatic[4];
    size_t n_automatic;
    bool tells; /* it has told of itself by itself, ever */
    uint8_t process[CF_PRINTER_PROCESS_BYTES];
    size_t n_process; /* of its answer, as far as it came; 0: none is under way */
};
void cf_printer_ear_init(struct cf_printer_ear *ear);
/* What was asked and is not answered by now never will be. */
void cf_printer_ear_forget(struct cf_printer_ear *ear);
/* DLE EOT `number`, 1..4, was sent. Beyond CF_PRINTER_ASKED_MAX the oldest is taken to be lost. */
void cf_printer_ear_asked(struct cf_printer_ear *ear, uint8_t number);
enum cf_printer_heard cf_printer_ear_take(struct cf_printer_ear *ear, uint8_t byte);

struct cf_printer_id {
    char model[CF_PRINTER_MODEL_MAX + 1]; /* "EPSON TM-T88V", printable ASCII; "" if it does not say */
    bool prints_pages;                    /* it names languages, and those are of office printers */
};
/* As GET_DEVICE_ID gives it: two bytes of length, then "MFG:...;MDL:...;CMD:...;". */
void cf_printer_id_read(cf_bytes id, struct cf_printer_id *ret);

#endif
