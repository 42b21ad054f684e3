/*
 * app/receipt/receipt.c - the document: blocks in a row, their texts in one buffer.
 */
#include "app/receipt/receipt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ENCODING_VERSION 1
#define COPY_MARK_MAX 64

/* Offsets into `texts`, which moves as it grows. */
struct stored {
    enum cf_receipt_kind kind;
    enum cf_receipt_align align;
    uint32_t style;
    size_t text, right;
};

struct cf_receipt {
    size_t n;
    size_t cap;
    struct stored *blocks;
    struct cf_buf texts; /* NUL-terminated, one after another; offset 0 is "" */
    char copy[COPY_MARK_MAX + 1];
};

enum cf_rc cf_receipt_new(struct cf_receipt **ret, struct cf_error *err)
{
    struct cf_receipt *receipt = calloc(1, sizeof *receipt);
    if (receipt == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "receipt");
    }
    cf_buf_init(&receipt->texts, CF_RECEIPT_BYTES_MAX);
    enum cf_rc rc = cf_buf_append(&receipt->texts, "", 1, err);
    if (rc != CF_OK) {
        cf_receipt_free(receipt);
        return rc;
    }
    *ret = receipt;
    return CF_OK;
}

void cf_receipt_free(struct cf_receipt *receipt)
{
    if (receipt == NULL) {
        return;
    }
    cf_buf_done(&receipt->texts);
    free(receipt->blocks);
    free(receipt);
}

static enum cf_rc grow(struct cf_receipt *receipt, struct cf_error *err)
{
    if (receipt->n == CF_RECEIPT_BLOCKS_MAX) {
        return cf_fail(err, CF_E_LIMIT, "a receipt has at most %d blocks", CF_RECEIPT_BLOCKS_MAX);
    }
    if (receipt->n < receipt->cap) {
        return CF_OK;
    }
    size_t cap = receipt->cap == 0 ? 64 : receipt->cap * 2;
    struct stored *blocks = realloc(receipt->blocks, cap * sizeof *blocks);
    if (blocks == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "receipt of %zu blocks", cap);
    }
    receipt->blocks = blocks;
    receipt->cap = cap;
    return CF_OK;
}

/* Appends a text of at most `max` bytes, cleaned, and gives its offset. */
static enum cf_rc store(struct cf_receipt *receipt, const char *text, size_t max, size_t *ret, struct cf_error *err)
{
    if (text == NULL || text[0] == '\0') {
        *ret = 0;
        return CF_OK;
    }
    char clean[(CF_RECEIPT_QR_MAX > CF_RECEIPT_TEXT_MAX ? CF_RECEIPT_QR_MAX : CF_RECEIPT_TEXT_MAX) + 1];
    assert(max < sizeof clean);
    size_t n = cf_text_clean(cf_bytes_str(text), clean, max + 1);
    size_t at = receipt->texts.n;
    enum cf_rc rc = cf_buf_append(&receipt->texts, clean, n + 1, err);
    if (rc == CF_OK) {
        *ret = at;
    }
    return rc;
}

static enum cf_rc add(struct cf_receipt *receipt, struct cf_receipt_block block, struct cf_error *err)
{
    assert((block.style & ~CF_STYLE_ALL) == 0);
    struct stored stored = {.kind = block.kind, .align = block.align, .style = block.style};
    size_t before = receipt->texts.n;
    size_t text_max = block.kind == CF_RECEIPT_QR ? CF_RECEIPT_QR_MAX : CF_RECEIPT_TEXT_MAX;
    enum cf_rc rc = grow(receipt, err);
    if (rc == CF_OK) {
        rc = store(receipt, block.text, text_max, &stored.text, err);
    }
    if (rc == CF_OK) {
        rc = store(receipt, block.right, CF_RECEIPT_TEXT_MAX, &stored.right, err);
    }
    if (rc != CF_OK) {
        receipt->texts.n = before;
        return rc;
    }
    receipt->blocks[receipt->n++] = stored;
    return CF_OK;
}

enum cf_rc cf_receipt_add_text(struct cf_receipt *receipt, enum cf_receipt_align align, uint32_t style,
                               const char *text, struct cf_error *err)
{
    return add(receipt,
               (struct cf_receipt_block){.kind = CF_RECEIPT_TEXT, .align = align, .style = style, .text = text}, err);
}

enum cf_rc cf_receipt_add_columns(struct cf_receipt *receipt, uint32_t style, const char *left, const char *right,
                                  struct cf_error *err)
{
    return add(receipt,
               (struct cf_receipt_block){.kind = CF_RECEIPT_COLUMNS, .style = style, .text = left, .right = right},
               err);
}

enum cf_rc cf_receipt_add_rule(struct cf_receipt *receipt, struct cf_error *err)
{
    return add(receipt, (struct cf_receipt_block){.kind = CF_RECEIPT_RULE}, err);
}

enum cf_rc cf_receipt_add_qr(struct cf_receipt *receipt, const char *payload, const char *caption, struct cf_error *err)
{
    size_t n = payload == NULL ? 0 : strnlen(payload, CF_RECEIPT_QR_MAX + 1);
    if (n == 0 || n > CF_RECEIPT_QR_MAX) {
        return cf_fail(err, CF_E_CODE_SIZE, "a QR code on a receipt holds 1 to %d bytes", CF_RECEIPT_QR_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        if (payload[i] < ' ' || payload[i] > '~') {
            return cf_fail(err, CF_E_ENCODING, "QR payload: byte %zu is not printable ASCII", i);
        }
    }
    return add(receipt, (struct cf_receipt_block){.kind = CF_RECEIPT_QR, .text = payload, .right = caption}, err);
}

enum cf_rc cf_receipt_add_blank(struct cf_receipt *receipt, struct cf_error *err)
{
    return add(receipt, (struct cf_receipt_block){.kind = CF_RECEIPT_BLANK}, err);
}

enum cf_rc cf_receipt_add_cut(struct cf_receipt *receipt, struct cf_error *err)
{
    return add(receipt, (struct cf_receipt_block){.kind = CF_RECEIPT_CUT}, err);
}

enum cf_rc cf_receipt_set_copy(struct cf_receipt *receipt, const char *mark, struct cf_error *err)
{
    cf_bytes bytes = cf_bytes_str(mark == NULL ? "" : mark);
    if (bytes.n > COPY_MARK_MAX) {
        return cf_fail(err, CF_E_LIMIT, "the mark of a copy has at most %d bytes", COPY_MARK_MAX);
    }
    cf_text_clean(bytes, receipt->copy, sizeof receipt->copy);
    return CF_OK;
}

const char *cf_receipt_copy(const struct cf_receipt *receipt)
{
    return receipt->copy;
}

size_t cf_receipt_count(const struct cf_receipt *receipt)
{
    return receipt->n;
}

struct cf_receipt_block cf_receipt_at(const struct cf_receipt *receipt, size_t position)
{
    assert(position < receipt->n);
    const struct stored *stored = &receipt->blocks[position];
    const char *texts = (const char *)receipt->texts.p;
    return (struct cf_receipt_block){.kind = stored->kind,
                                     .align = stored->align,
                                     .style = stored->style,
                                     .text = texts + stored->text,
                                     .right = texts + stored->right};
}

static void encode_block(const struct cf_receipt_block *block, struct cf_cbor_writer *w)
{
    switch (block->kind) {
    case CF_RECEIPT_TEXT:
        cf_cbor_write_array(w, 4);
        cf_cbor_write_uint(w, CF_RECEIPT_TEXT);
        cf_cbor_write_uint(w, block->align);
        cf_cbor_write_uint(w, block->style);
        cf_cbor_write_text(w, block->text);
        return;
    case CF_RECEIPT_COLUMNS:
        cf_cbor_write_array(w, 4);
        cf_cbor_write_uint(w, CF_RECEIPT_COLUMNS);
        cf_cbor_write_uint(w, block->style);
        cf_cbor_write_text(w, block->text);
        cf_cbor_write_text(w, block->right);
        return;
    case CF_RECEIPT_QR:
        cf_cbor_write_array(w, 3);
        cf_cbor_write_uint(w, CF_RECEIPT_QR);
        cf_cbor_write_text(w, block->text);
        cf_cbor_write_text(w, block->right);
        return;
    case CF_RECEIPT_RULE:
    case CF_RECEIPT_BLANK:
    case CF_RECEIPT_CUT:
        cf_cbor_write_array(w, 1);
        cf_cbor_write_uint(w, block->kind);
        return;
    }
    abort(); /* add() stores no other kind */
}

enum cf_rc cf_receipt_encode(const struct cf_receipt *receipt, struct cf_buf *ret, struct cf_error *err)
{
    size_t before = ret->n;
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, ENCODING_VERSION);
    cf_cbor_write_array(&w, receipt->n);
    for (size_t i = 0; i < receipt->n; i++) {
        struct cf_receipt_block block = cf_receipt_at(receipt, i);
        encode_block(&block, &w);
    }
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK) {
        ret->n = before;
    }
    return rc;
}

/* Reads one block and adds it. A shape error stays in the reader; the rc is that of adding. */
static enum cf_rc decode_block(struct cf_cbor_reader *r, struct cf_receipt *receipt, struct cf_error *err)
{
    size_t count;
    uint64_t kind, align, style;
    char text[CF_RECEIPT_TEXT_MAX + 1];
    char right[CF_RECEIPT_TEXT_MAX + 1];
    char payload[CF_RECEIPT_QR_MAX + 1];
    if (!cf_cbor_read_array(r, &count, 4) || !cf_cbor_read_uint(r, &kind, CF_RECEIPT_CUT)) {
        return CF_OK;
    }
    if (kind == CF_RECEIPT_TEXT && count == 4) {
        if (cf_cbor_read_uint(r, &align, CF_ALIGN_RIGHT) && cf_cbor_read_uint(r, &style, CF_STYLE_ALL) &&
            cf_cbor_read_cstr(r, text, sizeof text)) {
            return cf_receipt_add_text(receipt, (enum cf_receipt_align)align, (uint32_t)style, text, err);
        }
    } else if (kind == CF_RECEIPT_COLUMNS && count == 4) {
        if (cf_cbor_read_uint(r, &style, CF_STYLE_ALL) && cf_cbor_read_cstr(r, text, sizeof text) &&
            cf_cbor_read_cstr(r, right, sizeof right)) {
            return cf_receipt_add_columns(receipt, (uint32_t)style, text, right, err);
        }
    } else if (kind == CF_RECEIPT_QR && count == 3) {
        if (cf_cbor_read_cstr(r, payload, sizeof payload) && cf_cbor_read_cstr(r, text, sizeof text)) {
            return cf_receipt_add_qr(receipt, payload, text, err);
        }
    } else if (kind == CF_RECEIPT_RULE && count == 1) {
        return cf_receipt_add_rule(receipt, err);
    } else if (kind == CF_RECEIPT_BLANK && count == 1) {
        return cf_receipt_add_blank(receipt, err);
    } else if (kind == CF_RECEIPT_CUT && count == 1) {
        return cf_receipt_add_cut(receipt, err);
    } else {
        cf_cbor_read_refuse(r);
    }
    return CF_OK;
}

enum cf_rc cf_receipt_decode(cf_bytes bytes, struct cf_receipt **ret, struct cf_error *err)
{
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_receipt_new(&receipt, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_cbor_reader r;
    uint64_t version = 0;
    size_t count = 0;
    cf_cbor_read_init(&r, bytes);
    if (cf_cbor_read_array_of(&r, 2) && cf_cbor_read_uint(&r, &version, ENCODING_VERSION) &&
        version != ENCODING_VERSION) {
        cf_cbor_read_refuse(&r);
    }
    if (!cf_cbor_read_array(&r, &count, CF_RECEIPT_BLOCKS_MAX)) {
        count = 0;
    }
    for (size_t i = 0; i < count && rc == CF_OK && r.rc == CF_OK; i++) {
        rc = decode_block(&r, receipt, err);
    }
    if (rc == CF_OK) {
        rc = cf_cbor_read_end(&r, err);
    }
    if (rc != CF_OK) {
        cf_receipt_free(receipt);
        return rc;
    }
    *ret = receipt;
    return CF_OK;
}
