/*
 * app/receipt/qr.h - QR codes (ISO/IEC 18004): modules, and a PNG for a phone or a page. Hides libqrencode.
 *
 * Text of digits, upper case and " $%*+-./:" alone, as all of ours is (prefix and base45), is encoded in alphanumeric
 * mode, 5.5 bits a character. Pure.
 */
#ifndef CF_RECEIPT_QR_H
#define CF_RECEIPT_QR_H

#include "base/bytes.h"

#define CF_QR_SIDE_MAX 177 /* modules of version 40 */
#define CF_QR_QUIET_ZONE 4 /* modules, section 9.1 */
#define CF_QR_SCALE_MAX 64
#define CF_QR_PNG_SIDE_MAX 4096 /* dots */
#define CF_QR_PNG_BYTES_MAX (4u * 1024u * 1024u)

/* Error correction: about 7, 15, 25, 30 % of the code words. */
enum cf_qr_level { CF_QR_L = 0, CF_QR_M = 1, CF_QR_Q = 2, CF_QR_H = 3 };

/* 31 kB: the caller owns it. */
struct cf_qr {
    unsigned version;                                /* 1..40 */
    unsigned side;                                   /* modules: 17 + 4 * version */
    uint8_t module[CF_QR_SIDE_MAX * CF_QR_SIDE_MAX]; /* row * side + column: 1 is dark */
};

/* Is every character of QR's alphanumeric set? */
bool cf_qr_is_alphanumeric(cf_bytes text);

/* The smallest version that holds the text at this level. CF_E_CODE_SIZE: empty, or too long for version 40. */
enum cf_rc cf_qr_make(cf_bytes text, enum cf_qr_level level, struct cf_qr *ret, struct cf_error *err) CF_MUST_CHECK;

/* Appends a PNG of `scale` dots a module with the quiet zone around it. CF_E_RANGE: scale is not 1..CF_QR_SCALE_MAX, or
 * the picture would be beyond CF_QR_PNG_SIDE_MAX. */
enum cf_rc cf_qr_png(cf_bytes text, enum cf_qr_level level, unsigned scale, struct cf_buf *ret,
                     struct cf_error *err) CF_MUST_CHECK;

#endif
