/*
 * sync/wire/answer.c - what the centre says to a batch, and the signed time. See wire.h. Pure.
 */
#include "sync/wire/fields.h"
#include "sync/wire/wire.h"

#include <assert.h>

#define TIME_STATEMENT_MAX 512
#define RESULTS_MAX (CF_BATCH_RECORDS_MAX + 1)

enum cf_rc cf_answer_encode(const struct cf_answer *answer, struct cf_buf *ret, struct cf_error *err)
{
    assert(answer->n_results <= RESULTS_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, answer->ack_seq);
    wire_write_hash(&w, &answer->ack_head);
    cf_cbor_write_bytes(&w, answer->time_statement);
    cf_cbor_write_array(&w, answer->n_results);
    for (size_t i = 0; i < answer->n_results; i++) {
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_uint(&w, answer->results[i].seq);
        cf_cbor_write_uint(&w, (uint64_t)answer->results[i].rc);
    }
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_answer_decode(cf_bytes bytes, struct cf_answer *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 5);
    wire_read_version(&r);
    cf_cbor_read_uint(&r, &ret->ack_seq, INT64_MAX);
    wire_read_hash(&r, &ret->ack_head);
    cf_cbor_read_bytes(&r, &ret->time_statement, TIME_STATEMENT_MAX);
    cf_cbor_read_array(&r, &ret->n_results, RESULTS_MAX);
    for (size_t i = 0; i < ret->n_results; i++) {
        cf_cbor_read_array_of(&r, 2);
        cf_cbor_read_uint(&r, &ret->results[i].seq, INT64_MAX);
        ret->results[i].rc = wire_read_rc(&r);
    }
    return cf_cbor_read_end(&r, err);
}

enum cf_rc cf_refusal_encode(const struct cf_refusal *refusal, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 6);
    cf_cbor_write_uint(&w, 0); /* no version of an answer: tells a refusal from one */
    cf_cbor_write_uint(&w, (uint64_t)refusal->rc);
    cf_cbor_write_text(&w, refusal->detail);
    cf_cbor_write_uint(&w, refusal->ack_seq);
    wire_write_hash(&w, &refusal->ack_head);
    cf_cbor_write_uint(&w, refusal->incarnation);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_refusal_decode(cf_bytes bytes, struct cf_refusal *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_refusal refusal = {.rc = CF_OK};
    uint64_t zero;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 6);
    cf_cbor_read_uint(&r, &zero, 0);
    refusal.rc = wire_read_rc(&r);
    cf_cbor_read_cstr(&r, refusal.detail, sizeof refusal.detail);
    cf_cbor_read_uint(&r, &refusal.ack_seq, INT64_MAX);
    wire_read_hash(&r, &refusal.ack_head);
    cf_cbor_read_uint(&r, &refusal.incarnation, INT64_MAX);
    if (refusal.rc == CF_OK)
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = refusal;
    return rc;
}

enum cf_rc cf_refusal_tell(const char *what, int status, cf_bytes body, struct cf_error *err)
{
    struct cf_refusal refusal;
    bool said = cf_refusal_decode(body, &refusal, NULL) == CF_OK;
    return cf_fail(err, said ? refusal.rc : CF_E_SERVER, "%s: status %d %s", what, status, said ? refusal.detail : "");
}

enum cf_rc cf_signed_time_encode(const struct cf_signed_time *time, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, time->terminal);
    cf_cbor_write_bytes(&w, cf_bytes_of(time->nonce, CF_NONCE_WIRE_BYTES));
    cf_cbor_write_int(&w, time->wall_ms);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_signed_time_decode(cf_bytes payload, struct cf_signed_time *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_signed_time time;
    cf_cbor_read_init(&r, payload);
    cf_cbor_read_array_of(&r, 4);
    wire_read_version(&r);
    time.terminal = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, time.nonce, CF_NONCE_WIRE_BYTES);
    cf_cbor_read_int(&r, &time.wall_ms);
    /* So that it still fits in microseconds. */
    if (time.wall_ms < 0 || time.wall_ms > INT64_MAX / CF_US_PER_MS)
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = time;
    return rc;
}
