/*
 * Challenges of a till and what ends them: 'T' and a text, 'R' and the body of a record, 'C' and a ticket's bytes. What
 * is read is written again as it was; a ticket becomes a coupon that is judged like any.
 */
#include "app/core/challenge.h"

#include <assert.h>
#include <string.h>

static void check_text(cf_bytes text)
{
    struct cf_challenge challenge;
    char again[CF_CHALLENGE_TEXT_MAX];
    if (cf_challenge_decode_text(text, &challenge, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_challenge_text(&challenge, again, NULL);
    assert(rc == CF_OK && cf_bytes_equal(text, cf_bytes_str(again)));
}

static void check_record(cf_bytes body)
{
    uint8_t nonce[CF_NONCE_BYTES];
    uint8_t bytes[CF_CHALLENGE_BYTES_MAX + 1];
    struct cf_buf buf;
    if (cf_challenge_closed_decode(body, nonce, NULL) != CF_OK)
        return;
    cf_buf_init_fixed(&buf, bytes, CF_CHALLENGE_BYTES_MAX);
    enum cf_rc rc = cf_challenge_closed_encode(nonce, &buf, NULL);
    assert(rc == CF_OK && cf_bytes_equal(body, cf_buf_bytes(&buf)));
}

static void check_ticket(cf_bytes cose)
{
    struct cf_code code;
    if (cf_code_decode_bytes(CF_CODE_TICKET, cose, &code, NULL) != CF_OK)
        return;
    struct cf_ticket_facts facts = {.now = {cf_wall_from_s(1795334400), cf_wall_from_s(1795334400)}, .till = 21};
    facts.awaited = code.ticket.nonce[0] % 2 != 0;
    enum cf_rc rc = cf_ticket_judge(&code.ticket, &facts, NULL);
    assert(rc != CF_OK || (code.ticket.till == 21 && facts.awaited));
    struct cf_coupon coupon = cf_ticket_coupon(&code.ticket, 0);
    assert(!coupon.pinned && coupon.exp_s == code.ticket.exp_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    if (data[0] == 'T')
        check_text(rest);
    else if (data[0] == 'R')
        check_record(rest);
    else if (data[0] == 'C')
        check_ticket(rest);
    return 0;
}
