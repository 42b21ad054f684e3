/*
 * sync/wire/sale_ask.h - a till that takes goods back asks for their sale, and that they be kept for it: the centre
 * (POST /t1/sale), or its store's hub (POST /h1/sale).
 *
 *   ask    [1, terminal, epoch, request_key(16), [terminal, epoch, seq], null | [line_no, qty_milli ...]]
 *          null: all that is left; a quantity of 0: all that is left of the line
 *   reply  [1, rc, null | sale bytes, [line_no, before_milli ...]]
 *          rc 0: the goods are kept for this key until the return's record, or a VOID_REQUEST of the key, arrives.
 *          before: what is back, or kept for somebody, of each line, without what the asking terminal in this epoch
 * took back itself: that it knows better. Lines of which nothing is back are not named.
 *
 * The key is journalled before the ask is sent. The same key asked again gets the same goods. Without an answer the
 * till takes nothing back and records CF_RECORD_VOID_REQUEST with campaign 0 and index 0, which undoes the key whether
 * it arrived or not.
 */
#ifndef CF_SYNC_SALE_ASK_H
#define CF_SYNC_SALE_ASK_H

#include "app/core/sale_return.h"

#define CF_PATH_SALE "/t1/sale"
#define CF_SALE_ASK_BYTES_MAX 32768
#define CF_SALE_REPLY_BYTES_MAX (CF_SALE_BYTES_MAX + 32768)

struct cf_asked_line {
    uint32_t line_no; /* from 1 */
    int64_t qty_milli;
};
struct cf_sale_ask {
    uint32_t terminal;
    uint32_t epoch;
    uint8_t request_key[CF_REQUEST_KEY_BYTES];
    struct cf_sale_ref of; /* sale_no is not sent */
    bool all;
    size_t n_lines;
    const struct cf_asked_line *lines; /* rising by line_no */
};
struct cf_sale_reply {
    enum cf_rc rc;
    cf_bytes sale; /* a view into the reply */
    size_t n_before;
    struct cf_asked_line before[CF_CART_LINES_MAX];
};

enum cf_rc cf_sale_ask_encode(const struct cf_sale_ask *ask, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* `lines` gets the lines (CF_CART_LINES_MAX of them), and ret->lines points to it. */
enum cf_rc cf_sale_ask_decode(cf_bytes bytes, struct cf_asked_line *lines, struct cf_sale_ask *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sale_reply_encode(const struct cf_sale_reply *reply, struct cf_buf *ret,
                                struct cf_error *err) CF_MUST_CHECK;
/* About 32 KB: keep one. On an error *ret is unchanged. */
enum cf_rc cf_sale_reply_decode(cf_bytes bytes, struct cf_sale_reply *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
