/*
 * Who a member is: 'A' and a till's ask, 'R' and its reply, 'N' and a name that is masked. What is decoded is encoded
 * to the same bytes again; of a name that is masked a letter a word is left, in UTF-8.
 */
#include "base/text.h"
#include "sync/central/masked_name.h"
#include "sync/wire/member_ask.h"

#include <assert.h>
#include <string.h>

static void check_ask(cf_bytes bytes)
{
    struct cf_member_ask ask;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_MEMBER_ASK_BYTES_MAX);
    if (cf_member_ask_decode(bytes, &ask, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_member_ask_encode(&ask, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_reply(cf_bytes bytes)
{
    struct cf_member_reply reply;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_MEMBER_REPLY_BYTES_MAX);
    if (cf_member_reply_decode(bytes, &reply, NULL) != CF_OK || reply.rc != CF_OK)
        return; /* a refusal of a newer centre is told in another number */
    enum cf_rc rc = cf_member_reply_encode(&reply, &out, NULL);
    assert(rc == CF_OK && cf_bytes_equal(bytes, cf_buf_bytes(&out)));
}

static void check_name(cf_bytes bytes)
{
    char shown[CF_MEMBER_SHOWN_MAX + 1];
    cf_masked_name(bytes, shown, sizeof shown);
    assert(cf_text_is_utf8(cf_bytes_str(shown)));
    assert(strlen(shown) <= CF_MASKED_WORDS_MAX * 6 + CF_MASKED_WORDS_MAX - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    if (data[0] == 'A')
        check_ask(rest);
    else if (data[0] == 'R')
        check_reply(rest);
    else if (data[0] == 'N')
        check_name(rest);
    return 0;
}
