/*
 * Quotations: 'Q' and the body of a QUOTE record, 'C' and the text of a code, 'A' and a till's ask, 'R' and its reply.
 * What is decoded is encoded to the same bytes again.
 */
#include "sync/wire/quote_ask.h"

#include <assert.h>
#include <string.h>

static void check_body(cf_bytes bytes)
{
    struct cf_sale *sale = NULL;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    int64_t expires_s = 0;
    cf_buf_init(&out, CF_QUOTE_BYTES_MAX);
    enum cf_rc rc = cf_sale_new(&sale, NULL);
    assert(rc == CF_OK);
    if (cf_quote_decode(bytes, sale, &expires_s, NULL) == CF_OK) {
        rc = cf_quote_encode(sale, expires_s, &out, NULL);
        assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
    }
    cf_sale_free(sale);
}

static void check_code(cf_bytes bytes)
{
    char text[256], again[CF_QUOTE_CODE_MAX];
    struct cf_sale_ref ref, same;
    struct cf_quote_tag tag, same_tag;
    bool has_tag = false;
    if (bytes.n >= sizeof text || memchr(bytes.p, 0, bytes.n) != NULL)
        return;
    memcpy(text, bytes.p, bytes.n);
    text[bytes.n] = '\0';
    if (!cf_quote_code_parse(text, &ref, &has_tag, &tag) || !has_tag)
        return;
    cf_quote_code(&ref, tag, again);
    bool read = cf_quote_code_parse(again, &same, &has_tag, &same_tag);
    assert(read && has_tag && same.seq == ref.seq && memcmp(&tag, &same_tag, sizeof tag) == 0);
}

static void check_ask(cf_bytes bytes)
{
    struct cf_quote_ask ask;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_QUOTE_ASK_BYTES_MAX);
    if (cf_quote_ask_decode(bytes, &ask, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_quote_ask_encode(&ask, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_reply(cf_bytes bytes)
{
    struct cf_quote_reply reply;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_QUOTE_REPLY_BYTES_MAX);
    if (cf_quote_reply_decode(bytes, &reply, NULL) != CF_OK || reply.rc != CF_OK)
        return; /* a refusal of a newer centre is told in another number */
    enum cf_rc rc = cf_quote_reply_encode(&reply, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    if (data[0] == 'Q')
        check_body(rest);
    else if (data[0] == 'C')
        check_code(rest);
    else if (data[0] == 'A')
        check_ask(rest);
    else if (data[0] == 'R')
        check_reply(rest);
    return 0;
}
