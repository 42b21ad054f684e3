/*
 * app/receipt/escpos.h - a receipt document as the bytes of an ESC/POS printer.
 *
 * A pure function from document to bytes: sending them is drivers/printer. Text comes out in GB18030 (FS & ... FS .; FS
 * . again after each ESC @, since some printers keep the Chinese mode over a reset) or in the printer's code page; what
 * it cannot encode is '?'. A QR code is a raster picture (GS v 0), which all printers of this kind know, or native
 * (GS ( k).
 */
#ifndef CF_RECEIPT_ESCPOS_H
#define CF_RECEIPT_ESCPOS_H

#include "app/receipt/receipt.h"

#define CF_ESCPOS_BYTES_MAX (16u * 1024u * 1024u)

struct cf_escpos_profile {
    const char *name;
    unsigned columns;         /* 24..96, of font A: 48 on 80 mm, 32 on 58 mm */
    unsigned dots;            /* printable width, a multiple of 8: 576, 384 */
    bool gb18030;             /* Chinese mode; else `code_page` */
    uint8_t code_page_number; /* for ESC t */
    const char *code_page;    /* as iconv names it: "CP437" */
    bool native_qr;
    bool cutter;
};

/* 80 mm, 48 columns, 576 dots, GB18030, raster QR, cutter. Static. */
const struct cf_escpos_profile *cf_escpos_profile_default(void);

/* Appends the whole job to *ret. CF_E_RANGE for a profile out of range, CF_E_UNSUPPORTED for a code page that iconv
 * does not know, CF_E_LIMIT, CF_E_NO_MEMORY, CF_E_CODE_SIZE for a QR payload that the paper is too narrow for. */
enum cf_rc cf_receipt_escpos(const struct cf_receipt *receipt, const struct cf_escpos_profile *profile,
                             struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
