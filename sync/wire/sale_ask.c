/*
 * sync/wire/sale_ask.c - see sale_ask.h.
 */
#include "sync/wire/sale_ask.h"

#include "sync/wire/fields.h"

static void write_lines(struct cf_cbor_writer *w, const struct cf_asked_line *lines, size_t n)
{
    cf_cbor_write_array(w, 2 * n);
    for (size_t i = 0; i < n; i++) {
        cf_cbor_write_uint(w, lines[i].line_no);
        cf_cbor_write_int(w, lines[i].qty_milli);
    }
}

/* Rising, so that each list has one encoding; none below `least`. */
static size_t read_lines(struct cf_cbor_reader *r, struct cf_asked_line *lines, int64_t least)
{
    size_t n_items;
    uint32_t last = 0;
    if (!cf_cbor_read_array(r, &n_items, (size_t)CF_CART_LINES_MAX * 2))
        return 0;
    if (n_items % 2 != 0)
        cf_cbor_read_refuse(r);
    for (size_t i = 0; i < n_items / 2 && r->rc == CF_OK; i++) {
        lines[i].line_no = cf_cbor_read_u32(r);
        (void)cf_cbor_read_int(r, &lines[i].qty_milli);
        if (lines[i].line_no <= last || lines[i].line_no > CF_CART_LINES_MAX || lines[i].qty_milli < least ||
            lines[i].qty_milli > CF_QTY_MILLI_MAX)
            cf_cbor_read_refuse(r);
        last = lines[i].line_no;
    }
    return n_items / 2;
}

enum cf_rc cf_sale_ask_encode(const struct cf_sale_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 6);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, ask->terminal);
    cf_cbor_write_uint(&w, ask->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(ask->request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, ask->of.terminal);
    cf_cbor_write_uint(&w, ask->of.epoch);
    cf_cbor_write_uint(&w, ask->of.seq);
    if (ask->all)
        cf_cbor_write_null(&w);
    else
        write_lines(&w, ask->lines, ask->n_lines);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_sale_ask_decode(cf_bytes bytes, struct cf_asked_line *lines, struct cf_sale_ask *ret,
                              struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_sale_ask ask = {.lines = lines};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 6);
    wire_read_version(&r);
    ask.terminal = cf_cbor_read_u32(&r);
    ask.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, ask.request_key, CF_REQUEST_KEY_BYTES);
    cf_cbor_read_array_of(&r, 3);
    ask.of.terminal = cf_cbor_read_u32(&r);
    ask.of.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_uint(&r, &ask.of.seq, INT64_MAX);
    ask.all = cf_cbor_read_null(&r);
    if (!ask.all)
        ask.n_lines = read_lines(&r, lines, 0);
    if (!ask.all && ask.n_lines == 0)
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

enum cf_rc cf_sale_reply_encode(const struct cf_sale_reply *reply, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, (uint64_t)reply->rc);
    if (reply->rc == CF_OK)
        cf_cbor_write_bytes(&w, reply->sale);
    else
        cf_cbor_write_null(&w);
    write_lines(&w, reply->before, reply->rc == CF_OK ? reply->n_before : 0);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_sale_reply_decode(cf_bytes bytes, struct cf_sale_reply *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_sale_reply reply;
    memset(&reply, 0, sizeof reply);
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 4);
    wire_read_version(&r);
    reply.rc = wire_read_rc(&r);
    bool has_sale = !cf_cbor_read_null(&r);
    if (has_sale)
        cf_cbor_read_bytes(&r, &reply.sale, CF_SALE_BYTES_MAX);
    if (has_sale != (reply.rc == CF_OK))
        cf_cbor_read_refuse(&r);
    reply.n_before = read_lines(&r, reply.before, 1);
    if (!has_sale && reply.n_before != 0)
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = reply;
    return rc;
}
