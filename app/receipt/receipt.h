/*
 * app/receipt/receipt.h - a receipt as a document: a list of blocks that no printer command is part of.
 *
 * sale_receipt.h builds one from a sale; escpos.h, text_view.h and png_view.h render it. All text is cleaned on its way
 * in (base/text.h), so no control character can reach paper or screen through any of them. It is kept as CBOR in the
 * journal, so a reprint is what was printed, though prices and names changed since. Not thread-safe.
 */
#ifndef CF_RECEIPT_RECEIPT_H
#define CF_RECEIPT_RECEIPT_H

#include "base/cbor.h"

#define CF_RECEIPT_BLOCKS_MAX 8192           /* a sale of 2,000 lines, each with its quantity and discount */
#define CF_RECEIPT_TEXT_MAX 512              /* bytes of one text, without the NUL; longer is cut at a character */
#define CF_RECEIPT_QR_MAX 2000               /* bytes of a QR payload: printable on 576 dots at 3 dots a module */
#define CF_RECEIPT_BYTES_MAX (1024u * 1024u) /* of the whole document, encoded */
#define CF_RECEIPT_COPY_MARK "COPY / 重印"

enum cf_receipt_kind {
    CF_RECEIPT_TEXT = 1,
    CF_RECEIPT_COLUMNS = 2, /* left wraps, right stays whole and aligned to the right edge */
    CF_RECEIPT_RULE = 3,
    CF_RECEIPT_QR = 4,
    CF_RECEIPT_BLANK = 5,
    CF_RECEIPT_CUT = 6,
};
enum cf_receipt_align { CF_ALIGN_LEFT = 0, CF_ALIGN_CENTRE = 1, CF_ALIGN_RIGHT = 2 };

/* Or-ed. */
enum cf_receipt_style {
    CF_STYLE_BOLD = 1,
    CF_STYLE_TALL = 2, /* double height */
    CF_STYLE_WIDE = 4, /* double width: half the columns */
};
#define CF_STYLE_ALL 7u

struct cf_receipt_block {
    enum cf_receipt_kind kind;
    enum cf_receipt_align align; /* of TEXT */
    uint32_t style;              /* of TEXT and COLUMNS */
    const char *text;            /* TEXT; left of COLUMNS; payload of QR; else "" */
    const char *right;           /* right of COLUMNS; caption of QR; else "" */
};

struct cf_receipt;

/* An empty document. Free with cf_receipt_free, which accepts NULL. CF_E_NO_MEMORY. */
enum cf_rc cf_receipt_new(struct cf_receipt **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_receipt_free(struct cf_receipt *receipt);

/*
 * Each appends a block. Text is copied; control characters and malformed UTF-8 become U+FFFD; NULL is as "".
 *
 *   CF_E_LIMIT     CF_RECEIPT_BLOCKS_MAX blocks, or CF_RECEIPT_BYTES_MAX bytes
 *   CF_E_NO_MEMORY
 *
 * On an error the document is unchanged.
 */
enum cf_rc cf_receipt_add_text(struct cf_receipt *receipt, enum cf_receipt_align align, uint32_t style,
                               const char *text, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_receipt_add_columns(struct cf_receipt *receipt, uint32_t style, const char *left, const char *right,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_receipt_add_rule(struct cf_receipt *receipt, struct cf_error *err) CF_MUST_CHECK;
/* CF_E_CODE_SIZE: the payload is empty or beyond CF_RECEIPT_QR_MAX; CF_E_ENCODING: it is not printable ASCII (a payload
 * is never altered, since it would be another code then). */
enum cf_rc cf_receipt_add_qr(struct cf_receipt *receipt, const char *payload, const char *caption,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_receipt_add_blank(struct cf_receipt *receipt, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_receipt_add_cut(struct cf_receipt *receipt, struct cf_error *err) CF_MUST_CHECK;

/* Every rendering from now on opens and closes with this mark (CF_RECEIPT_COPY_MARK); NULL or "" takes it off. It is
 * not part of the encoded document. */
enum cf_rc cf_receipt_set_copy(struct cf_receipt *receipt, const char *mark, struct cf_error *err) CF_MUST_CHECK;
const char *cf_receipt_copy(const struct cf_receipt *receipt); /* "" for an original */

size_t cf_receipt_count(const struct cf_receipt *receipt);
/* position < count (asserted). Owned by the document; valid until it changes. */
struct cf_receipt_block cf_receipt_at(const struct cf_receipt *receipt, size_t position);

/* Deterministic CBOR [1, [block ...]]; a block is [kind, align, style, text, right], less what its kind does not have:
 * TEXT [1, align, style, text], COLUMNS [2, style, left, right], RULE [3], QR [4, payload, caption], BLANK [5], CUT
 * [6]. Appends to *ret. */
enum cf_rc cf_receipt_encode(const struct cf_receipt *receipt, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* A new document. CF_E_CBOR_SHORT, _SHAPE, _TRAILING, CF_E_LIMIT, CF_E_NO_MEMORY. */
enum cf_rc cf_receipt_decode(cf_bytes bytes, struct cf_receipt **ret, struct cf_error *err) CF_MUST_CHECK;

#endif
