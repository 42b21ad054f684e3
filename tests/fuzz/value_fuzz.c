/*
 * Cards: 'C' and a card's bytes, 'T' and its text, 'R' and the body of a record that gives money up. What is read is
 * written again as it was; nothing is genuine for a ring without keys.
 */
#include "app/core/keyring.h"
#include "app/core/value.h"

#include <assert.h>
#include <string.h>

static void check_card(const struct cf_code *code)
{
    char text[CF_CODE_TEXT_MAX];
    struct cf_code back;
    assert(code->value.account != 0 && code->value.exp_s >= 0);
    enum cf_rc rc = cf_code_text(code, text, NULL);
    assert(rc == CF_OK);
    rc = cf_code_decode_text(cf_bytes_str(text), &back, NULL);
    assert(rc == CF_OK && back.kind == CF_CODE_VALUE && back.value.account == code->value.account);
}

static void check_release(cf_bytes body)
{
    struct cf_value_release release;
    struct cf_buf buf CF_CLEANUP(cf_buf_done);
    cf_buf_init(&buf, 64);
    if (cf_value_release_decode(body, &release, NULL) != CF_OK)
        return;
    enum cf_rc rc = cf_value_release_encode(&release, &buf, NULL);
    assert(rc == CF_OK && cf_bytes_equal(body, cf_buf_bytes(&buf)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_code code;
    if (size == 0)
        return 0;
    cf_bytes rest = cf_bytes_of(data + 1, size - 1);
    if (data[0] == 'C' && cf_code_decode_bytes(CF_CODE_VALUE, rest, &code, NULL) == CF_OK)
        check_card(&code);
    if (data[0] == 'T' && cf_code_decode_text(rest, &code, NULL) == CF_OK && code.kind == CF_CODE_VALUE)
        check_card(&code);
    if (data[0] == 'R')
        check_release(rest);
    return 0;
}
