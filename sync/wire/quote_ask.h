/*
 * sync/wire/quote_ask.h - a till asks the centre for a quotation that was made elsewhere, or whether its own was used
 * elsewhere: POST /t1/quote. It takes nothing: whoever sells first has used it.
 *
 *   ask    [1, terminal, epoch, [terminal, epoch, seq]]
 *   reply  [1, rc, null | [body, tag(4), used]]      rc 0: the body of its record, and what its code says of it
 */
#ifndef CF_SYNC_QUOTE_ASK_H
#define CF_SYNC_QUOTE_ASK_H

#include "app/core/quote.h"
#include "base/cbor.h"

#define CF_PATH_QUOTE "/t1/quote"
#define CF_QUOTE_ASK_BYTES_MAX 128
#define CF_QUOTE_REPLY_BYTES_MAX (CF_QUOTE_BYTES_MAX + 64)

struct cf_quote_ask {
    uint32_t terminal, epoch;
    struct cf_sale_ref of; /* sale_no is not sent */
};
struct cf_quote_reply {
    enum cf_rc rc;
    cf_bytes body; /* a view into the reply */
    struct cf_quote_tag tag;
    bool used;
};

enum cf_rc cf_quote_ask_encode(const struct cf_quote_ask *ask, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_quote_ask_decode(cf_bytes bytes, struct cf_quote_ask *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_quote_reply_encode(const struct cf_quote_reply *reply, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
/* On an error *ret is unchanged. The body is not looked at. */
enum cf_rc cf_quote_reply_decode(cf_bytes bytes, struct cf_quote_reply *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
