/* A till's ask for a sale, and the reply: what is read is written with the same bytes. */
#include "sync/wire/sale_ask.h"

#include <stdlib.h>

static void asks(cf_bytes bytes)
{
    static struct cf_asked_line lines[CF_CART_LINES_MAX];
    struct cf_sale_ask ask;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_SALE_ASK_BYTES_MAX);
    if (cf_sale_ask_decode(bytes, lines, &ask, NULL) != CF_OK)
        return;
    if (cf_sale_ask_encode(&ask, &out, NULL) != CF_OK || !cf_bytes_equal(cf_buf_bytes(&out), bytes))
        abort();
}

static void replies(cf_bytes bytes)
{
    static struct cf_sale_reply reply, back;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_SALE_REPLY_BYTES_MAX);
    if (cf_sale_reply_decode(bytes, &reply, NULL) != CF_OK)
        return;
    /* A reason of a newer centre is read as a fault of the server, and so written. */
    if (cf_sale_reply_encode(&reply, &out, NULL) != CF_OK ||
        cf_sale_reply_decode(cf_buf_bytes(&out), &back, NULL) != CF_OK || back.rc != reply.rc ||
        back.n_before != reply.n_before || !cf_bytes_equal(back.sale, reply.sale))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > CF_SALE_ASK_BYTES_MAX)
        return 0;
    asks(cf_bytes_of(data, size));
    replies(cf_bytes_of(data, size));
    return 0;
}
