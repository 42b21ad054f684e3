/*
 * app/receipt/escpos.h - a receipt document as the bytes of an ESC/POS printer.
 *
 * A pure function from document to bytes: sending them is drivers/printer. Text comes out by the printer's code pages,
 * in GB18030 (FS & ... FS .; FS . again after each ESC @, since some printers keep the Chinese mode over a reset), in
 * UTF-8 (FS ( C), or as dots (GS v 0), which all printers of this kind know; so does a QR code, where GS ( k has none.
 * Which of these a model has is data.
 */
#ifndef CF_RECEIPT_ESCPOS_H
#define CF_RECEIPT_ESCPOS_H

#include "app/receipt/receipt.h"

#define CF_ESCPOS_BYTES_MAX (16u * 1024u * 1024u)

#define CF_ESCPOS_NAME_MAX 31
#define CF_ESCPOS_CHARSET_MAX 23
#define CF_ESCPOS_PAGES_MAX 16
#define CF_ESCPOS_UTF8_MAX 4
#define CF_ESCPOS_PULSE_BYTES 5

struct cf_escpos_page {
    uint8_t number;                          /* for ESC t */
    char charset[CF_ESCPOS_CHARSET_MAX + 1]; /* as iconv names it: "CP437" */
};
/* In what printers differ (printer_models.h). A character is printed by the first that has it: a page, Chinese, UTF-8,
 * dots; else it is '?'. */
struct cf_escpos_profile {
    char name[CF_ESCPOS_NAME_MAX + 1];
    unsigned columns; /* 24..96, of font A: 48 on 80 mm, 32 on 58 mm */
    unsigned dots;    /* printable width, a multiple of 8: 576, 384 */
    struct cf_escpos_page page[CF_ESCPOS_PAGES_MAX];
    size_t n_pages;
    bool gb18030;                                             /* Chinese mode */
    char utf8[CF_ESCPOS_UTF8_MAX][CF_ESCPOS_CHARSET_MAX + 1]; /* of UTF-8 mode it has the characters of these sets */
    size_t n_utf8;
    bool native_qr, cutter;
    bool raster_text;                       /* a row with a character that it has not is drawn, given a pen */
    bool names_jobs;                        /* GS ( H, function 48: for who asks whether it is printed */
    uint8_t pulse_pin, pulse_on, pulse_off; /* of the drawer's socket: 2, 5 or none, 0; times in 2 ms */
};
struct cf_pen;
struct cf_logo;
struct cf_escpos_extras {
    const struct cf_pen *pen;   /* pen.h; NULL: what the printer has not is '?' */
    const struct cf_logo *logo; /* logo.h, printed first; NULL, or wider than the paper: none */
    bool opens_drawer;          /* first of all */
};

/* CF_E_RANGE: its columns or dots. */
enum cf_rc cf_escpos_profile_check(const struct cf_escpos_profile *profile, struct cf_error *err) CF_MUST_CHECK;
/* The command that opens the drawer; its length, 0: it has no socket. */
size_t cf_escpos_pulse(const struct cf_escpos_profile *profile, uint8_t ret[CF_ESCPOS_PULSE_BYTES]);

/* 80 mm, 48 columns, 576 dots, GB18030, raster QR, cutter. Static. */
const struct cf_escpos_profile *cf_escpos_profile_default(void);

/* Appends the whole job to *ret. CF_E_RANGE for a profile out of range, CF_E_UNSUPPORTED for a character set that iconv
 * does not know, CF_E_LIMIT, CF_E_NO_MEMORY, CF_E_CODE_SIZE for a QR payload that the paper is too narrow for. */
enum cf_rc cf_receipt_escpos(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                             struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_receipt_escpos_with(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                                  const struct cf_escpos_extras *extras, struct cf_buf *ret,
                                  struct cf_error *err) CF_MUST_CHECK;

#endif
