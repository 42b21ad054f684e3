/*
 * app/receipt/layout.h - internal: a document as rows of a fixed number of columns, for every renderer.
 *
 * Wrapping, alignment of amounts, QR captions and the mark of a copy are decided here once. How wide a character is
 * depends on who draws it, so the renderer says.
 */
#ifndef CF_RECEIPT_LAYOUT_H
#define CF_RECEIPT_LAYOUT_H

#include "app/receipt/receipt.h"

#define CF_LAYOUT_COLUMNS_MIN 24
#define CF_LAYOUT_COLUMNS_MAX 200

struct cf_row {
    enum cf_receipt_kind kind; /* TEXT, RULE, QR (without its caption), BLANK or CUT; never COLUMNS */
    enum cf_receipt_align align;
    uint32_t style;
    const char *text; /* of TEXT: fits the columns; of QR: payload. Valid during the visit. */
    unsigned columns; /* what the text takes, before doubling */
};

struct cf_layout {
    unsigned columns; /* of the paper */
    bool wide;        /* CF_STYLE_WIDE doubles: else the style is taken off */
    void *ctx;
    unsigned (*measure)(void *ctx, const char *character); /* columns of one character, NUL-terminated: 0, 1 or 2 */
    /* Called for each row in order; an error ends the walk. */
    enum cf_rc (*row)(void *ctx, const struct cf_row *row, struct cf_error *err);
};

/* CF_E_RANGE for columns out of range; else what `row` returns. */
enum cf_rc cf_layout_walk(const struct cf_layout *layout, const struct cf_receipt *receipt,
                          struct cf_error *err) CF_MUST_CHECK;

/* Copies the character at *at of a NUL-terminated text and moves *at past it. false at the end. */
bool cf_layout_next(const char *text, size_t *at, char ret_character[5]);

#endif
