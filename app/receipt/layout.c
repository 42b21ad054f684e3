/*
 * app/receipt/layout.c - wraps and aligns.
 *
 * Rows break after a space in their second half, else beside a character of two columns (Chinese is written without
 * spaces), else after an earlier space, else wherever the row is full. Rows after the first keep the indent of the
 * first.
 */
#include "app/receipt/layout.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define ROW_BYTES_MAX (2 * CF_RECEIPT_TEXT_MAX + CF_LAYOUT_COLUMNS_MAX + 1)
#define LEFT_COLUMNS_MIN 8 /* with less room beside it, the right part gets a row of its own */

bool cf_layout_next(const char *text, size_t *at, char ret_character[5])
{
    if (text[*at] == '\0') {
        return false;
    }
    cf_bytes rest = cf_bytes_of(text + *at, strnlen(text + *at, 4));
    size_t n = 0;
    cf_text_next(rest, &n);
    memcpy(ret_character, rest.p, n);
    ret_character[n] = '\0';
    *at += n;
    return true;
}

static unsigned measure(const struct cf_layout *layout, const char *text)
{
    unsigned columns = 0;
    char character[5];
    for (size_t at = 0; cf_layout_next(text, &at, character);) {
        columns += layout->measure(layout->ctx, character);
    }
    return columns;
}

/* A piece of text on its way into rows. */
struct wrap {
    const char *rest;
    unsigned width;
    unsigned indent; /* of all rows; spaces */
};

static void wrap_init(struct wrap *wrap, const char *text, unsigned width)
{
    size_t spaces = strspn(text, " ");
    wrap->indent = spaces < width / 2 ? (unsigned)spaces : 0;
    wrap->rest = text + spaces;
    wrap->width = width;
}

/* The next row, indented; false when nothing is left. Takes at least one character, so it ends. */
static bool wrap_next(struct wrap *wrap, const struct cf_layout *layout, char row[ROW_BYTES_MAX])
{
    if (wrap->rest[0] == '\0') {
        return false;
    }
    unsigned room = wrap->width - wrap->indent;
    unsigned used = 0;
    size_t at = 0, end = 0, space_break = 0, wide_break = 0;
    bool after_wide = false, is_space_late = false;
    char character[5];
    while (used <= room && cf_layout_next(wrap->rest, &at, character)) {
        unsigned columns = layout->measure(layout->ctx, character);
        if (end > 0 && columns > 0 && (after_wide || columns == 2)) {
            wide_break = end;
        }
        if (character[0] == ' ') {
            space_break = at; /* a space that does not fit may hang over: it is trimmed */
            is_space_late = used >= room / 2;
        } else if (used + columns > room && end > 0) {
            break;
        }
        used += columns;
        end = at;
        after_wide = columns == 2 || (columns == 0 && after_wide); /* a mark stays with what it marks */
    }
    size_t best_break = is_space_late || wide_break == 0 ? space_break : wide_break;
    bool all = wrap->rest[end] == '\0' && used <= room;
    size_t take = all || best_break == 0 ? end : best_break;
    size_t keep = take;
    while (keep > 0 && wrap->rest[keep - 1] == ' ') {
        keep--;
    }
    memset(row, ' ', wrap->indent);
    memcpy(row + wrap->indent, wrap->rest, keep);
    row[wrap->indent + keep] = '\0';
    wrap->rest += take;
    wrap->rest += strspn(wrap->rest, " ");
    return true;
}

static enum cf_rc put(const struct cf_layout *layout, enum cf_receipt_align align, uint32_t style, const char *text,
                      struct cf_error *err)
{
    struct cf_row row = {
        .kind = CF_RECEIPT_TEXT, .align = align, .style = style, .text = text, .columns = measure(layout, text)};
    return layout->row(layout->ctx, &row, err);
}

static unsigned width_of(const struct cf_layout *layout, uint32_t style)
{
    return (style & CF_STYLE_WIDE) != 0 ? layout->columns / 2 : layout->columns;
}

static enum cf_rc walk_text(const struct cf_layout *layout, enum cf_receipt_align align, uint32_t style,
                            const char *text, struct cf_error *err)
{
    struct wrap wrap;
    char row[ROW_BYTES_MAX];
    wrap_init(&wrap, text, width_of(layout, style));
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && wrap_next(&wrap, layout, row)) {
        rc = put(layout, align, style, row, err);
    }
    return rc;
}

static enum cf_rc walk_columns(const struct cf_layout *layout, const struct cf_receipt_block *block, uint32_t style,
                               struct cf_error *err)
{
    unsigned width = width_of(layout, style);
    unsigned right_columns = measure(layout, block->right);
    if (right_columns == 0 || right_columns + 1 + LEFT_COLUMNS_MIN > width) {
        enum cf_rc rc = walk_text(layout, CF_ALIGN_LEFT, style, block->text, err);
        return rc != CF_OK ? rc : walk_text(layout, CF_ALIGN_RIGHT, style, block->right, err);
    }
    struct wrap wrap;
    char row[ROW_BYTES_MAX] = "";
    wrap_init(&wrap, block->text, width - right_columns - 1);
    bool got = wrap_next(&wrap, layout, row);
    while (got && wrap.rest[0] != '\0') {
        enum cf_rc rc = put(layout, CF_ALIGN_LEFT, style, row, err);
        if (rc != CF_OK) {
            return rc;
        }
        got = wrap_next(&wrap, layout, row);
    }
    size_t left_bytes = strlen(row);
    unsigned gap = width - right_columns - measure(layout, row);
    memset(row + left_bytes, ' ', gap);
    memcpy(row + left_bytes + gap, block->right, strlen(block->right) + 1);
    return put(layout, CF_ALIGN_LEFT, style, row, err);
}

static enum cf_rc walk_block(const struct cf_layout *layout, const struct cf_receipt_block *block, struct cf_error *err)
{
    uint32_t style = layout->wide ? block->style : block->style & ~(uint32_t)CF_STYLE_WIDE;
    enum cf_rc rc;
    switch (block->kind) {
    case CF_RECEIPT_TEXT:
        return walk_text(layout, block->align, style, block->text, err);
    case CF_RECEIPT_COLUMNS:
        return walk_columns(layout, block, style, err);
    case CF_RECEIPT_QR:
        rc = layout->row(layout->ctx, &(struct cf_row){.kind = CF_RECEIPT_QR, .text = block->text}, err);
        return rc != CF_OK ? rc : walk_text(layout, CF_ALIGN_CENTRE, 0, block->right, err);
    case CF_RECEIPT_RULE:
    case CF_RECEIPT_BLANK:
    case CF_RECEIPT_CUT:
        return layout->row(layout->ctx, &(struct cf_row){.kind = block->kind, .text = ""}, err);
    }
    assert(false);
    return CF_E_INTERNAL;
}

/* The mark stands apart, a rule between it and the receipt. */
static enum cf_rc walk_copy_mark(const struct cf_layout *layout, const struct cf_receipt *receipt, bool is_last,
                                 struct cf_error *err)
{
    const char *mark = cf_receipt_copy(receipt);
    if (mark[0] == '\0') {
        return CF_OK;
    }
    const struct cf_row rule = {.kind = CF_RECEIPT_RULE, .text = ""};
    uint32_t style = CF_STYLE_BOLD | CF_STYLE_TALL | (layout->wide ? (uint32_t)CF_STYLE_WIDE : 0);
    enum cf_rc rc = is_last ? layout->row(layout->ctx, &rule, err) : CF_OK;
    rc = rc != CF_OK ? rc : walk_text(layout, CF_ALIGN_CENTRE, style, mark, err);
    return rc != CF_OK || is_last ? rc : layout->row(layout->ctx, &rule, err);
}

enum cf_rc cf_layout_walk(const struct cf_layout *layout, const struct cf_receipt *receipt, struct cf_error *err)
{
    if (layout->columns < CF_LAYOUT_COLUMNS_MIN || layout->columns > CF_LAYOUT_COLUMNS_MAX) {
        return cf_fail(err, CF_E_RANGE, "%u columns, not %d to %d", layout->columns, CF_LAYOUT_COLUMNS_MIN,
                       CF_LAYOUT_COLUMNS_MAX);
    }
    size_t n = cf_receipt_count(receipt);
    bool ends_in_cut = n > 0 && cf_receipt_at(receipt, n - 1).kind == CF_RECEIPT_CUT;
    enum cf_rc rc = walk_copy_mark(layout, receipt, false, err);
    for (size_t i = 0; i < n && rc == CF_OK; i++) {
        if (i == n - 1 && ends_in_cut) {
            rc = walk_copy_mark(layout, receipt, true, err);
        }
        if (rc == CF_OK) {
            struct cf_receipt_block block = cf_receipt_at(receipt, i);
            rc = walk_block(layout, &block, err);
        }
    }
    return rc != CF_OK || ends_in_cut ? rc : walk_copy_mark(layout, receipt, true, err);
}
