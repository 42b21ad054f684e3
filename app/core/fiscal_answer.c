/*
 * app/core/fiscal_answer.c - see fiscal_answer.h.
 */
#include "app/core/fiscal_answer.h"

#include "base/text.h"

#define FIELDS 4
#define FIELDS_WITH_TIMES 6
#define TIME_S_MAX INT64_C(253402300799) /* the end of the year 9999 */

static bool has_times(const struct cf_fiscal_answer *answer)
{
    return answer->start_s != 0 || answer->end_s != 0;
}

static bool are_times_good(const struct cf_fiscal_answer *answer)
{
    return !has_times(answer) || (answer->signature[0] != '\0' && answer->start_s > 0 &&
                                  answer->end_s >= answer->start_s && answer->end_s <= TIME_S_MAX);
}

enum cf_rc cf_fiscal_answer_check(const struct cf_fiscal_answer *answer, struct cf_error *err)
{
    char text[CF_FISCAL_SIGNATURE_MAX + 1];
    if (!answer->is)
        return CF_OK;
    bool good = answer->transaction <= INT64_MAX && answer->counter <= INT64_MAX &&
                cf_text_accept(cf_bytes_str(answer->serial), text, sizeof text, NULL) == CF_OK &&
                cf_text_accept(cf_bytes_str(answer->signature), text, sizeof text, NULL) == CF_OK &&
                are_times_good(answer) &&
                (answer->signature[0] != '\0' || (answer->serial[0] == '\0' && answer->counter == 0));
    return good ? CF_OK : cf_fail(err, CF_E_RECORD, "what it says of its signing device");
}

void cf_fiscal_answer_write(const struct cf_fiscal_answer *answer, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, has_times(answer) ? FIELDS_WITH_TIMES : FIELDS);
    cf_cbor_write_text(w, answer->serial);
    cf_cbor_write_uint(w, answer->transaction);
    cf_cbor_write_uint(w, answer->counter);
    cf_cbor_write_text(w, answer->signature);
    if (has_times(answer)) {
        cf_cbor_write_int(w, answer->start_s);
        cf_cbor_write_int(w, answer->end_s);
    }
}

void cf_fiscal_answer_read(struct cf_cbor_reader *in, struct cf_fiscal_answer *ret)
{
    size_t n = 0;
    ret->is = true;
    if (cf_cbor_read_array(in, &n, FIELDS_WITH_TIMES) && n != FIELDS && n != FIELDS_WITH_TIMES)
        cf_cbor_read_refuse(in);
    (void)cf_cbor_read_cstr(in, ret->serial, sizeof ret->serial);
    (void)cf_cbor_read_uint(in, &ret->transaction, INT64_MAX);
    (void)cf_cbor_read_uint(in, &ret->counter, INT64_MAX);
    (void)cf_cbor_read_cstr(in, ret->signature, sizeof ret->signature);
    ret->start_s = ret->end_s = 0;
    if (n != FIELDS_WITH_TIMES)
        return;
    (void)cf_cbor_read_int(in, &ret->start_s);
    (void)cf_cbor_read_int(in, &ret->end_s);
    if (in->rc == CF_OK && !has_times(ret)) /* there is one encoding of an answer */
        cf_cbor_read_refuse(in);
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
