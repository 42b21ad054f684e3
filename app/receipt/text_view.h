/*
 * app/receipt/text_view.h - a receipt document as UTF-8 text of fixed pitch; QR codes in half blocks.
 */
#ifndef CF_RECEIPT_TEXT_VIEW_H
#define CF_RECEIPT_TEXT_VIEW_H

#include "app/receipt/receipt.h"

#define CF_TEXT_VIEW_COLUMNS 48
#define CF_TEXT_VIEW_BYTES_MAX (8u * 1024u * 1024u)

/* Appends lines that end in "\n", none wider than `columns` (24..200, else CF_E_RANGE) but QR codes, which take what
 * they need. Rows have no trailing spaces. CF_E_LIMIT, CF_E_NO_MEMORY, CF_E_CODE_SIZE. */
enum cf_rc cf_receipt_text(const struct cf_receipt *receipt, unsigned columns, struct cf_buf *ret,
                           struct cf_error *err) CF_MUST_CHECK;

#endif
