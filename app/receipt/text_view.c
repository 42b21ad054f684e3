/*
 * app/receipt/text_view.c - rows as UTF-8 lines.
 */
#include "app/receipt/text_view.h"

#include <string.h>

#include "app/receipt/layout.h"
#include "app/receipt/qr.h"
#include "base/text.h"

#define QR_MARGIN 2 /* modules around a code: the page is light all around it, and a screen is short */

struct view {
    unsigned columns;
    struct cf_buf *out;
};

static unsigned measure(void *ctx, const char *character)
{
    (void)ctx;
    return cf_text_columns(character);
}

static enum cf_rc put_text(struct view *view, const struct cf_row *row, struct cf_error *err)
{
    size_t n = strlen(row->text);
    while (n > 0 && row->text[n - 1] == ' ') {
        n--;
    }
    unsigned room = view->columns > row->columns ? view->columns - row->columns : 0;
    unsigned indent = row->align == CF_ALIGN_LEFT ? 0 : row->align == CF_ALIGN_RIGHT ? room : room / 2;
    return cf_buf_printf(view->out, err, "%*s%.*s\n", (int)indent, "", (int)n, row->text);
}

static bool is_dark(const struct cf_qr *qr, unsigned x, unsigned y)
{
    unsigned end = QR_MARGIN + qr->side;
    return x >= QR_MARGIN && x < end && y >= QR_MARGIN && y < end &&
           qr->module[(y - QR_MARGIN) * qr->side + x - QR_MARGIN] != 0;
}

/* A character cell is two modules, one above the other. */
static enum cf_rc put_qr(struct view *view, const char *payload, struct cf_error *err)
{
    static const char *const half_blocks[] = {" ", "▀", "▄", "█"};
    struct cf_qr qr;
    enum cf_rc rc = cf_qr_make(cf_bytes_str(payload), CF_QR_M, &qr, err);
    unsigned side = rc == CF_OK ? qr.side + 2 * QR_MARGIN : 0;
    unsigned indent = view->columns > side ? (view->columns - side) / 2 : 0;
    for (unsigned y = 0; y < side && rc == CF_OK; y += 2) {
        unsigned end = side;
        while (end > 0 && !is_dark(&qr, end - 1, y) && !is_dark(&qr, end - 1, y + 1)) {
            end--;
        }
        rc = cf_buf_printf(view->out, err, "%*s", end == 0 ? 0 : (int)indent, "");
        for (unsigned x = 0; x < end && rc == CF_OK; x++) {
            unsigned cell = (is_dark(&qr, x, y) ? 1u : 0u) | (is_dark(&qr, x, y + 1) ? 2u : 0u);
            rc = cf_buf_append_str(view->out, half_blocks[cell], err);
        }
        rc = rc != CF_OK ? rc : cf_buf_append_str(view->out, "\n", err);
    }
    return rc;
}

static enum cf_rc put_rule(struct view *view, struct cf_error *err)
{
    char rule[CF_LAYOUT_COLUMNS_MAX + 2];
    memset(rule, '-', view->columns);
    memcpy(rule + view->columns, "\n", 2);
    return cf_buf_append_str(view->out, rule, err);
}

static enum cf_rc put_row(void *ctx, const struct cf_row *row, struct cf_error *err)
{
    struct view *view = ctx;
    switch (row->kind) {
    case CF_RECEIPT_TEXT:
    case CF_RECEIPT_COLUMNS:
        return put_text(view, row, err);
    case CF_RECEIPT_QR:
        return put_qr(view, row->text, err);
    case CF_RECEIPT_RULE:
        return put_rule(view, err);
    case CF_RECEIPT_BLANK:
        return cf_buf_append_str(view->out, "\n", err);
    case CF_RECEIPT_CUT:
        return CF_OK;
    }
    return CF_OK;
}

enum cf_rc cf_receipt_text(const struct cf_receipt *receipt, unsigned columns, struct cf_buf *ret, struct cf_error *err)
{
    struct view view = {.columns = columns, .out = ret};
    struct cf_layout layout = {.columns = columns, .wide = false, .ctx = &view, .measure = measure, .row = put_row};
    return cf_layout_walk(&layout, receipt, err);
}
