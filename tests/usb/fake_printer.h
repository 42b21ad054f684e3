/*
 * tests/usb/fake_printer.h - a receipt printer: keeps what it is to print, and answers what it is asked.
 *
 * It knows how long each command is that a receipt may hold, so that a question in the middle of a picture is part of
 * the picture, as on paper. Whatever carries the bytes calls fake_printer_wrote; any thread.
 */
#ifndef CF_TESTS_FAKE_PRINTER_H
#define CF_TESTS_FAKE_PRINTER_H

#include <pthread.h>
#include <stdio.h>

#include "base/bytes.h"

struct fake_printer {
    pthread_mutex_t lock;
    struct cf_buf paper;   /* all commands but the questions, as they came */
    struct cf_buf pending; /* the beginning of a command */
    bool mute;             /* answers nothing */
    bool confirms_nothing; /* answers everything but GS r */
    bool no_paper, cover_open;
    bool automatic; /* GS a was said since the last ESC @ */
    size_t n_pulses;
};
void fake_printer_init(struct fake_printer *printer);
void fake_printer_done(struct fake_printer *printer);
/* ctx: the printer. Gives the bytes that it answers. */
size_t fake_printer_wrote(void *ctx, cf_bytes in, uint8_t *reply, size_t max);
/* Its state changed: the automatic status that it sends, or none. */
size_t fake_printer_automatic(struct fake_printer *printer, uint8_t reply[4]);
bool fake_printer_printed(struct fake_printer *printer, cf_bytes job); /* exactly that, since it was last asked */
void fake_printer_take(struct fake_printer *printer, FILE *to);        /* what was printed since it was last asked */
size_t fake_printer_paper_bytes(struct fake_printer *printer);

#endif
