/*
 * Orders: 'O' and the bytes of one, 'P' and the body of a PICK_UP record, 'A' and a till's ask, 'R' and the body of an
 * ORDER record, 'V' and a request as it goes down. What is decoded is
 * encoded to the same bytes again; what is taken off an order leaves the rest of it.
 */
#include "app/core/order_request.h"
#include "sync/wire/order_ask.h"

#include <assert.h>
#include <string.h>

static void check_rest(const struct cf_order *order)
{
    static struct cf_order rest;
    struct cf_taken_line one = {.line_no = 1, .qty_milli = order->lines[0].weighed ? 1 : 1000};
    struct cf_pick_up taken;
    rest = *order;
    if (cf_pick_up_make(order, &one, 1, &taken, NULL) != CF_OK || cf_order_rest(&rest, &one, 1, NULL) != CF_OK)
        return;
    if (order->kind == CF_ORDER_PICK_UP) /* what was paid is shared; what is to be paid is by quantity */
        assert(rest.total_minor + taken.amount_minor == order->total_minor);
    assert(rest.generation == order->generation + 1);
}

static void check_order(cf_bytes bytes)
{
    static struct cf_order order;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_ORDER_BYTES_MAX);
    if (bytes.n > CF_ORDER_BYTES_MAX || cf_order_decode(bytes, &order, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_order_encode(&order, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
    check_rest(&order);
}

static void check_pick_up(cf_bytes bytes)
{
    struct cf_pick_up taken;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_PICK_UP_BYTES_MAX);
    if (cf_pick_up_decode(bytes, &taken, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_pick_up_encode(&taken, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_ask(cf_bytes bytes)
{
    struct cf_order_ask ask;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_REDEEM_BYTES_MAX);
    if (cf_order_ask_decode(bytes, &ask, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_order_ask_encode(&ask, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_request(cf_bytes bytes)
{
    static struct cf_request_record record;
    static struct cf_order order;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_REQUEST_BYTES_MAX);
    if (bytes.n > CF_REQUEST_BYTES_MAX || cf_request_record_decode(bytes, &record, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_request_record_encode(&record, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
    if (record.act == CF_REQUEST_ASK && cf_request_order(&record, 1, &order, NULL) == CF_OK) {
        order.number = 1;
        assert(cf_order_check(&order, NULL) == CF_OK);
    }
    if (cf_request_forget(&record)) { /* nobody's is still one */
        cf_buf_clear(&out);
        rc = cf_request_record_encode(&record, &out, NULL);
        assert(rc == CF_OK);
    }
}

static void check_view(cf_bytes bytes)
{
    static struct cf_request_view view;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_REQUEST_BYTES_MAX);
    if (bytes.n > CF_REQUEST_BYTES_MAX || cf_request_view_decode(bytes, &view, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_request_view_encode(&view, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    if (data[0] == 'O')
        check_order(rest);
    else if (data[0] == 'P')
        check_pick_up(rest);
    else if (data[0] == 'A')
        check_ask(rest);
    else if (data[0] == 'R')
        check_request(rest);
    else if (data[0] == 'V')
        check_view(rest);
    return 0;
}
