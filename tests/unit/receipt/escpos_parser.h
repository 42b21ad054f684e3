/*
 * tests/unit/receipt/escpos_parser.h - a printer of paper made of memory: takes a job apart again.
 *
 * It knows the commands that a receipt may hold and no other: anything else, a control byte in text above all, ends the
 * test that called it, with the offset.
 */
#ifndef CF_TESTS_RECEIPT_ESCPOS_PARSER_H
#define CF_TESTS_RECEIPT_ESCPOS_PARSER_H

#include "base/bytes.h"

#include "app/receipt/escpos.h"
#include "drivers/camera/camera.h"

#define PAPER_PICTURES_MAX 64

struct picture {
    unsigned width_bytes, height;
    const uint8_t *bits; /* in the job */
};
struct paper {
    struct cf_buf text;    /* UTF-8, a line a printed line; centred and right-aligned lines stand at the left */
    unsigned columns_most; /* of the widest line, doubled characters counted twice, Chinese ones always two */
    size_t n_pictures;
    struct picture pictures[PAPER_PICTURES_MAX];
    size_t n_native_qr;
    char native_qr[8192];                     /* data of the last one */
    size_t n_cuts, n_resets, n_pages, n_utf8; /* n_pages: times that ESC t was said; n_utf8: that FS ( C chose UTF-8 */
    bool ends_plain;                          /* not bold, not doubled, at the left, Chinese mode off */
};

/* charset: what text that is not Chinese is in, as iconv names it. Free with paper_done. */
void paper_print(cf_bytes job, const char *charset, struct paper *ret);
/* The same, by a printer of that model: a page that it has not is none, nor is a mode. */
void paper_print_as(cf_bytes job, const struct cf_escpos_profile *profile, struct paper *ret);
void paper_done(struct paper *paper);

/* A picture on a white frame, as paper is. Free what is returned. */
uint8_t *paper_photograph(const struct picture *picture, struct cf_frame *ret);
bool paper_reads_code(const struct cf_frame *frame);

#endif
