/* Batches and the other messages that go up: what decodes encodes to the same bytes. */
#include "sync/wire/wire.h"

#include <assert.h>
#include <string.h>

static void check_batch(cf_bytes in)
{
    static struct cf_batch batch, again;
    struct cf_buf out;
    if (cf_batch_decode(in, &batch, NULL) != CF_OK)
        return;
    assert(batch.n_records <= CF_BATCH_RECORDS_MAX);
    for (size_t i = 0; i < batch.n_records; i++) {
        assert(batch.records[i].seq == batch.first_seq + i);
        if (batch.records[i].type == 0)
            return; /* a record of another shape: kept as it is, not encoded again */
    }
    cf_buf_init(&out, CF_BATCH_BYTES_MAX);
    /* Boot ids that no record uses, or one twice, are dropped: compare what is read, not the bytes. */
    enum cf_rc rc = cf_batch_encode(&batch, &out, NULL);
    assert(rc == CF_OK || rc == CF_E_LIMIT);
    if (rc == CF_OK) {
        rc = cf_batch_decode(cf_buf_bytes(&out), &again, NULL);
        assert(rc == CF_OK && again.n_records == batch.n_records);
        for (size_t i = 0; i < batch.n_records; i++)
            assert(memcmp(again.records[i].boot_id, batch.records[i].boot_id, CF_BOOT_ID_BYTES) == 0 &&
                   cf_bytes_equal(again.records[i].body, batch.records[i].body));
    }
    cf_buf_done(&out);
}

static void check_answers(cf_bytes in)
{
    static struct cf_answer answer;
    struct cf_refusal refusal;
    struct cf_signed_time time;
    struct cf_enrol_code code;
    char text[64];
    (void)!cf_answer_decode(in, &answer, NULL);
    if (cf_refusal_decode(in, &refusal, NULL) == CF_OK)
        assert(refusal.rc != CF_OK && strlen(refusal.detail) <= CF_REFUSAL_DETAIL_MAX);
    if (cf_signed_time_decode(in, &time, NULL) == CF_OK)
        assert(time.wall_ms >= 0);
    if (in.n < sizeof text) {
        memcpy(text, in.p, in.n);
        text[in.n] = '\0';
        if (cf_enrol_code_parse(text, &code, NULL) == CF_OK) {
            struct cf_enrol_code same;
            char canonical[CF_ENROL_TEXT_MAX];
            cf_enrol_code_format(&code, canonical);
            enum cf_rc rc = cf_enrol_code_parse(canonical, &same, NULL);
            assert(rc == CF_OK && memcmp(&same, &code, sizeof code) == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_batch(cf_bytes_of(data, size));
    check_answers(cf_bytes_of(data, size));
    return 0;
}
