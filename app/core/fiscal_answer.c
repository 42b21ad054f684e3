/*
 * app/core/fiscal_answer.c - see fiscal_answer.h.
 */
#include "app/core/fiscal_answer.h"

#include "base/text.h"

enum cf_rc cf_fiscal_answer_check(const struct cf_fiscal_answer *answer, struct cf_error *err)
{
    char text[CF_FISCAL_SIGNATURE_MAX + 1];
    if (!answer->is)
        return CF_OK;
    bool good = answer->transaction <= INT64_MAX && answer->counter <= INT64_MAX &&
                cf_text_accept(cf_bytes_str(answer->serial), text, sizeof text, NULL) == CF_OK &&
                cf_text_accept(cf_bytes_str(answer->signature), text, sizeof text, NULL) == CF_OK &&
                (answer->signature[0] != '\0' || (answer->serial[0] == '\0' && answer->counter == 0));
    return good ? CF_OK : cf_fail(err, CF_E_RECORD, "what it says of its signing device");
}

void cf_fiscal_answer_write(const struct cf_fiscal_answer *answer, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 4);
    cf_cbor_write_text(w, answer->serial);
    cf_cbor_write_uint(w, answer->transaction);
    cf_cbor_write_uint(w, answer->counter);
    cf_cbor_write_text(w, answer->signature);
}

void cf_fiscal_answer_read(struct cf_cbor_reader *in, struct cf_fiscal_answer *ret)
{
    ret->is = true;
    (void)cf_cbor_read_array_of(in, 4);
    (void)cf_cbor_read_cstr(in, ret->serial, sizeof ret->serial);
    (void)cf_cbor_read_uint(in, &ret->transaction, INT64_MAX);
    (void)cf_cbor_read_uint(in, &ret->counter, INT64_MAX);
    (void)cf_cbor_read_cstr(in, ret->signature, sizeof ret->signature);
}

void cf_fiscal_answer_write_map(const struct cf_fiscal_answer *answer, struct cf_cbor_writer *w)
{
    cf_cbor_write_map(w, 1);
    cf_cbor_write_uint(w, CF_FISCAL_KEY);
    cf_fiscal_answer_write(answer, w);
}

void cf_fiscal_answer_read_map(struct cf_cbor_reader *in, struct cf_fiscal_answer *ret)
{
    uint64_t key = 0;
    (void)cf_cbor_read_map_of(in, 1);
    if (cf_cbor_read_uint(in, &key, UINT32_MAX) && key != CF_FISCAL_KEY)
        cf_cbor_read_refuse(in);
    cf_fiscal_answer_read(in, ret);
}
