/*
 * app/core/challenge.c - see challenge.h.
 */
#include "app/core/challenge.h"

#include <string.h>

#include "base/base45.h"
#include "base/cbor.h"

#define CHALLENGE_VERSION 1
#define PREFIX_CHARACTERS 4

enum cf_rc cf_challenge_text(const struct cf_challenge *challenge, char ret[CF_CHALLENGE_TEXT_MAX],
                             struct cf_error *err)
{
    uint8_t bytes[CF_CHALLENGE_BYTES_MAX + 1];
    struct cf_buf buf;
    struct cf_cbor_writer w;
    cf_buf_init_fixed(&buf, bytes, CF_CHALLENGE_BYTES_MAX);
    cf_cbor_write_init(&w, &buf);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, CHALLENGE_VERSION);
    cf_cbor_write_uint(&w, challenge->till);
    cf_cbor_write_uint(&w, challenge->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(challenge->nonce, CF_NONCE_BYTES));
    cf_cbor_write_uint(&w, challenge->store);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        return rc;
    memcpy(ret, CF_CHALLENGE_PREFIX, PREFIX_CHARACTERS);
    return cf_base45_encode(cf_buf_bytes(&buf), ret + PREFIX_CHARACTERS, CF_CHALLENGE_TEXT_MAX - PREFIX_CHARACTERS,
                            err);
}

static enum cf_rc decode_bytes(cf_bytes bytes, struct cf_challenge *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_challenge challenge;
    size_t count;
    uint64_t version;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array(&r, &count, 16);
    if (!cf_cbor_read_uint(&r, &version, UINT64_MAX))
        return cf_fail(err, CF_E_CODE_SHAPE, "the fields do not begin with a version");
    if (version != CHALLENGE_VERSION)
        return cf_fail(err, CF_E_CODE_VERSION, "version %llu, where %d is known", (unsigned long long)version,
                       CHALLENGE_VERSION);
    challenge.till = cf_cbor_read_u32(&r);
    challenge.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, challenge.nonce, CF_NONCE_BYTES);
    challenge.store = cf_cbor_read_u32(&r);
    if (count != 5 || cf_cbor_read_end(&r, NULL) != CF_OK)
        return cf_fail(err, CF_E_CODE_SHAPE, "the fields are not those of a challenge");
    *ret = challenge;
    return CF_OK;
}

enum cf_rc cf_challenge_decode_text(cf_bytes text, struct cf_challenge *ret, struct cf_error *err)
{
    if (text.n < PREFIX_CHARACTERS || memcmp(text.p, CF_CHALLENGE_PREFIX, PREFIX_CHARACTERS) != 0)
        return cf_fail(err, CF_E_CODE_PREFIX, "the text is no challenge of a till");
    uint8_t bytes[CF_CHALLENGE_BYTES_MAX];
    size_t n;
    cf_bytes body = cf_bytes_of(text.p + PREFIX_CHARACTERS, text.n - PREFIX_CHARACTERS);
    enum cf_rc rc = cf_base45_decode(body, bytes, sizeof bytes, &n, err);
    if (rc == CF_E_LIMIT)
        return cf_fail(err, CF_E_CODE_SIZE, "%zu characters are too many for a challenge", text.n);
    return rc == CF_OK ? decode_bytes(cf_bytes_of(bytes, n), ret, err) : rc;
}

void cf_challenge_key(uint32_t till, uint32_t epoch, const uint8_t nonce[CF_NONCE_BYTES],
                      uint8_t ret[CF_REQUEST_KEY_BYTES])
{
    memcpy(ret, nonce, CF_NONCE_BYTES);
    cf_put_be32(ret + CF_NONCE_BYTES, till);
    cf_put_be32(ret + CF_NONCE_BYTES + 4, epoch);
}

enum cf_rc cf_challenge_closed_encode(const uint8_t nonce[CF_NONCE_BYTES], struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 1);
    cf_cbor_write_bytes(&w, cf_bytes_of(nonce, CF_NONCE_BYTES));
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_challenge_closed_decode(cf_bytes bytes, uint8_t ret_nonce[CF_NONCE_BYTES], struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint8_t nonce[CF_NONCE_BYTES];
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 1);
    cf_cbor_read_bytes_of(&r, nonce, CF_NONCE_BYTES);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        memcpy(ret_nonce, nonce, CF_NONCE_BYTES);
    return rc;
}

enum cf_rc cf_ticket_judge(const struct cf_ticket *ticket, const struct cf_ticket_facts *facts, struct cf_error *err)
{
    if (ticket->till != facts->till)
        return cf_fail(err, CF_E_TICKET_TILL, "made for till %u, this is %u", (unsigned)ticket->till,
                       (unsigned)facts->till);
    if (!facts->awaited)
        return cf_fail(err, CF_E_TICKET_CHALLENGE, "this sale does not wait for it");
    if (cf_wall_s(facts->now.lo) > ticket->exp_s) {
        char text[CF_WALL_TEXT_MAX];
        cf_wall_format(cf_wall_from_s(ticket->exp_s), 0, text);
        return cf_fail(err, CF_E_TICKET_EXPIRED, "expired %s", text);
    }
    return CF_OK;
}

struct cf_coupon cf_ticket_coupon(const struct cf_ticket *ticket, uint32_t generation)
{
    static const cf_sub nobody;
    return (struct cf_coupon){
        .campaign = ticket->campaign,
        .index = ticket->index,
        .exp_s = ticket->exp_s,
        .bound = !cf_sub_equal(ticket->sub, nobody),
        .sub = ticket->sub,
        .generation = generation,
    };
}
