/*
 * tests/unit/wire/messages_test.c - every message comes out as it went in, and nothing else is taken for one.
 */
#include "base/cbor.h"
#include "sync/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- a batch ------------------------------------------------------------------------------------------------------ */

static struct cf_batch a, b; /* too large for the stack of a test under ASan's redzones */

static void make_batch(size_t n)
{
    memset(&a, 0, sizeof a);
    a.terminal = 7;
    a.epoch = 3;
    memcpy(a.nonce, "nonce678", 8);
    a.incarnation = 11;
    a.told = 12;
    a.first_seq = 1000;
    memset(a.previous.digest, 0x11, 32);
    a.n_records = n;
    for (size_t i = 0; i < n; i++) {
        a.records[i] = (struct cf_record){.terminal = 7,
                                          .epoch = 3,
                                          .seq = 1000 + i,
                                          .mono_ms = (int64_t)i * 1000,
                                          .wall_ms = i == 0 ? -5 : 1790000000000 + (int64_t)i,
                                          .time_quality = CF_TIME_HELD,
                                          .down_cursor = 99,
                                          .type = CF_RECORD_SALE,
                                          .body = cf_bytes_str("\x81\x01")};
        memset(a.records[i].boot_id, (int)(i % 3), CF_BOOT_ID_BYTES);
        memset(a.records[i].salt, (int)i, CF_SALT_BYTES);
        if (i % 5 == 4) { /* one that was erased: of its body only the hash is left */
            a.records[i].body = (cf_bytes){NULL, 0};
            memset(a.records[i].salt, 0, CF_SALT_BYTES);
            memset(a.erased[i].digest, (int)i, CF_SHA256_BYTES);
        }
    }
    memset(a.head.digest, 0x22, 32);
    memset(a.signature.rs, 0x33, 64);
}

static void encode_batch(struct cf_buf *buf)
{
    cf_buf_init(buf, CF_BATCH_BYTES_MAX);
    assert_int_equal(cf_batch_encode(&a, buf, NULL), CF_OK);
}

static void assert_same_record(const struct cf_record *x, const struct cf_record *y)
{
    assert_int_equal(x->terminal, y->terminal);
    assert_int_equal(x->epoch, y->epoch);
    assert_int_equal(x->seq, y->seq);
    assert_memory_equal(x->boot_id, y->boot_id, CF_BOOT_ID_BYTES);
    assert_int_equal(x->mono_ms, y->mono_ms);
    assert_int_equal(x->wall_ms, y->wall_ms);
    assert_int_equal(x->time_quality, y->time_quality);
    assert_int_equal(x->down_cursor, y->down_cursor);
    assert_int_equal(x->type, y->type);
    assert_memory_equal(x->salt, y->salt, CF_SALT_BYTES);
    assert_true(cf_bytes_equal(x->body, y->body));
}

static void a_batch_of_any_size_comes_out_as_it_went_in(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 2, CF_BATCH_RECORDS_MAX};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        struct cf_buf buf;
        make_batch(sizes[k]);
        encode_batch(&buf);
        assert_int_equal(cf_batch_decode(cf_buf_bytes(&buf), &b, NULL), CF_OK);
        assert_int_equal(b.n_records, sizes[k]);
        assert_int_equal(b.first_seq, 1000);
        assert_int_equal(b.incarnation, 11);
        assert_int_equal(b.told, 12);
        assert_memory_equal(b.previous.digest, a.previous.digest, 32);
        assert_memory_equal(b.head.digest, a.head.digest, 32);
        assert_memory_equal(b.signature.rs, a.signature.rs, 64);
        for (size_t i = 0; i < sizes[k]; i++) {
            assert_same_record(&a.records[i], &b.records[i]);
            assert_int_equal(a.records[i].body.p == NULL, b.records[i].body.p == NULL);
            if (a.records[i].body.p == NULL)
                assert_memory_equal(a.erased[i].digest, b.erased[i].digest, CF_SHA256_BYTES);
        }
        uint8_t x[CF_BATCH_SIGNED_BYTES], y[CF_BATCH_SIGNED_BYTES];
        cf_batch_signed_bytes(&a, x);
        cf_batch_signed_bytes(&b, y);
        assert_memory_equal(x, y, sizeof x);
        cf_buf_done(&buf);
    }
}

static void the_signed_bytes_are_those_of_the_protocol(void **state)
{
    (void)state;
    make_batch(2);
    uint8_t got[CF_BATCH_SIGNED_BYTES], want[CF_BATCH_SIGNED_BYTES];
    cf_batch_signed_bytes(&a, got);
    memcpy(want,
           "cf-batch\0\0\0\x07\0\0\0\x03"
           "nonce678\0\0\0\0\0\0\0\x0b\0\0\0\0\0\0\0\x0c\0\0\0\0\0\0\x03\xe9",
           48);
    memset(want + 48, 0x22, 32);
    assert_memory_equal(got, want, sizeof want);
    make_batch(0);
    cf_batch_signed_bytes(&a, got);
    assert_int_equal(cf_get_be64(got + 40), 999); /* of an empty batch: the seq before */
}

static void a_batch_has_at_most_sixteen_boots(void **state)
{
    (void)state;
    make_batch(17);
    for (size_t i = 0; i < 17; i++)
        memset(a.records[i].boot_id, (int)i, CF_BOOT_ID_BYTES);
    struct cf_buf buf;
    cf_buf_init(&buf, CF_BATCH_BYTES_MAX);
    assert_int_equal(cf_batch_encode(&a, &buf, NULL), CF_E_LIMIT);
    a.n_records = 16;
    cf_buf_clear(&buf);
    assert_int_equal(cf_batch_encode(&a, &buf, NULL), CF_OK);
    cf_buf_done(&buf);
}

static void a_batch_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    struct cf_buf buf;
    make_batch(3);
    encode_batch(&buf);
    for (size_t n = 0; n < buf.n; n++) {
        /* A copy of exactly n bytes, so that ASan sees a read beyond them. */
        uint8_t *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, buf.p, n);
        copy = realloc(copy, n == 0 ? 1 : n);
        assert_int_not_equal(cf_batch_decode(cf_bytes_of(copy, n), &b, NULL), CF_OK);
        free(copy);
    }
    assert_int_equal(cf_buf_append(&buf, "", 1, NULL), CF_OK);
    assert_int_equal(cf_batch_decode(cf_buf_bytes(&buf), &b, NULL), CF_E_CBOR_TRAILING);
    cf_buf_done(&buf);
}

/* Writes a batch whose one record is the given CBOR. */
static void batch_with_record(struct cf_buf *buf, cf_bytes record)
{
    struct cf_cbor_writer w;
    uint8_t zeros[64] = {0};
    cf_buf_init(buf, CF_BATCH_BYTES_MAX);
    cf_cbor_write_init(&w, buf);
    cf_cbor_write_array(&w, 12);
    cf_cbor_write_uint(&w, 1);
    cf_cbor_write_uint(&w, 7);
    cf_cbor_write_uint(&w, 3);
    cf_cbor_write_bytes(&w, cf_bytes_of(zeros, 8));
    cf_cbor_write_uint(&w, 0);
    cf_cbor_write_uint(&w, 0);
    cf_cbor_write_uint(&w, 5);
    cf_cbor_write_bytes(&w, cf_bytes_of(zeros, 32));
    cf_cbor_write_array(&w, 0);
    cf_cbor_write_array(&w, 1);
    cf_cbor_write_raw(&w, record);
    cf_cbor_write_bytes(&w, cf_bytes_of(zeros, 32));
    cf_cbor_write_bytes(&w, cf_bytes_of(zeros, 64));
    assert_int_equal(cf_cbor_write_end(&w, NULL), CF_OK);
}

static void a_record_of_another_shape_does_not_spoil_its_batch(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint8_t cbor[40];
        size_t n;
    } rows[] = {
        {"an empty array", {0x80}, 1},
        {"a number", {0x05}, 1},
        {"text where a number belongs", {0x88, 0x61, 'x', 0, 0, 0, 0, 0, 0x40, 0x40}, 10},
        {"a boot that is not in the list",
         {0x88, 0, 0, 0, 0, 0, 1, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40},
         25},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_buf buf;
        batch_with_record(&buf, cf_bytes_of(rows[i].cbor, rows[i].n));
        if (cf_batch_decode(cf_buf_bytes(&buf), &b, NULL) != CF_OK)
            fail_msg("%s", rows[i].why);
        assert_int_equal(b.n_records, 1);
        assert_int_equal(b.records[0].type, 0);
        assert_int_equal(b.records[0].seq, 5);
        assert_true(cf_bytes_equal(b.records[0].body, cf_bytes_of(rows[i].cbor, rows[i].n)));
        cf_buf_done(&buf);
    }
}

static void a_record_that_is_no_cbor_spoils_its_batch(void **state)
{
    (void)state;
    struct cf_buf buf;
    batch_with_record(&buf, cf_bytes_of("\xff", 1));
    assert_int_equal(cf_batch_decode(cf_buf_bytes(&buf), &b, NULL), CF_E_CBOR_SHAPE);
    cf_buf_done(&buf);
}

static void a_ten_line_sale_takes_less_than_four_hundred_bytes(void **state)
{
    (void)state;
    uint8_t body[330] = {0}; /* about what cf_sale_encode gives for 10 lines, 2 tenders, 1 coupon */
    struct cf_buf buf;
    make_batch(256);
    for (size_t i = 0; i < 256; i++)
        a.records[i].body = cf_bytes_of(body, sizeof body);
    encode_batch(&buf);
    assert_true(buf.n / 256 - sizeof body < 60);
    cf_buf_done(&buf);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void an_answer_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct cf_answer x = {.ack_seq = 12345, .time_statement = cf_bytes_str("statement"), .n_results = 2}, y;
    memset(x.ack_head.digest, 9, 32);
    x.results[0].seq = 12;
    x.results[0].rc = CF_E_RECORD;
    x.results[1].seq = 0;
    x.results[1].rc = CF_E_FENCED;
    struct cf_buf buf;
    cf_buf_init(&buf, CF_ANSWER_BYTES_MAX);
    assert_int_equal(cf_answer_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_answer_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.ack_seq, 12345);
    assert_memory_equal(y.ack_head.digest, x.ack_head.digest, 32);
    assert_true(cf_bytes_equal(y.time_statement, x.time_statement));
    assert_int_equal(y.n_results, 2);
    assert_int_equal(y.results[0].seq, 12);
    assert_int_equal(y.results[0].rc, CF_E_RECORD);
    assert_int_equal(y.results[1].rc, CF_E_FENCED);
    struct cf_refusal refusal;
    assert_int_not_equal(cf_refusal_decode(cf_buf_bytes(&buf), &refusal, NULL), CF_OK);
    cf_buf_done(&buf);
}

static void a_full_answer_fits_its_limit(void **state)
{
    (void)state;
    uint8_t statement[512] = {0};
    static struct cf_answer x;
    x.ack_seq = INT64_MAX;
    x.time_statement = cf_bytes_of(statement, sizeof statement);
    x.n_results = CF_BATCH_RECORDS_MAX + 1;
    for (size_t i = 0; i < x.n_results; i++) {
        x.results[i].seq = INT64_MAX;
        x.results[i].rc = CF_E_RECORD;
    }
    struct cf_buf buf;
    cf_buf_init(&buf, CF_ANSWER_BYTES_MAX);
    assert_int_equal(cf_answer_encode(&x, &buf, NULL), CF_OK);
    cf_buf_done(&buf);
}

static void a_refusal_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct cf_refusal x = {.rc = CF_E_GAP, .detail = "from 12 on", .ack_seq = 11, .incarnation = 6}, y;
    memset(x.ack_head.digest, 9, 32);
    struct cf_buf buf;
    cf_buf_init(&buf, CF_ANSWER_BYTES_MAX);
    assert_int_equal(cf_refusal_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_refusal_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.rc, CF_E_GAP);
    assert_string_equal(y.detail, "from 12 on");
    assert_int_equal(y.ack_seq, 11);
    assert_int_equal(y.incarnation, 6);
    assert_memory_equal(y.ack_head.digest, x.ack_head.digest, 32);
    struct cf_answer answer;
    assert_int_not_equal(cf_answer_decode(cf_buf_bytes(&buf), &answer, NULL), CF_OK);
    cf_buf_done(&buf);
}

static void a_refusal_for_an_unknown_reason_is_a_fault_of_the_server(void **state)
{
    (void)state;
    struct cf_refusal x = {.rc = (enum cf_rc)64999}, y;
    struct cf_buf buf;
    cf_buf_init(&buf, CF_ANSWER_BYTES_MAX);
    assert_int_equal(cf_refusal_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_refusal_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.rc, CF_E_SERVER);
    cf_buf_clear(&buf);
    x.rc = CF_OK;
    assert_int_equal(cf_refusal_encode(&x, &buf, NULL), CF_OK);
    assert_int_not_equal(cf_refusal_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK); /* no refusal says "OK" */
    cf_buf_done(&buf);
}

static void the_signed_time_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct cf_signed_time x = {.terminal = 4, .nonce = {1, 2, 3}, .wall_ms = 1790000000123}, y;
    struct cf_buf buf;
    cf_buf_init(&buf, 100);
    assert_int_equal(cf_signed_time_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_signed_time_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.wall_ms, x.wall_ms);
    assert_memory_equal(x.nonce, y.nonce, 8);
    /* A time that would overflow in microseconds. */
    x.wall_ms = INT64_MAX;
    cf_buf_clear(&buf);
    assert_int_equal(cf_signed_time_encode(&x, &buf, NULL), CF_OK);
    assert_int_not_equal(cf_signed_time_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    cf_buf_done(&buf);
}

/* --- down --------------------------------------------------------------------------------------------------------- */

static void a_pull_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct cf_pull x = {.terminal = 1, .epoch = 2, .n_topics = 2, .max_bytes = 1000}, y;
    x.topics[0].topic = CF_TOPIC_KEYS;
    x.topics[1].topic = CF_TOPIC_LEASES;
    x.topics[1].version = 77;
    memset(x.topics[1].digest.digest, 0xff, 32);
    struct cf_buf buf;
    cf_buf_init(&buf, 4096);
    assert_int_equal(cf_pull_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_pull_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.n_topics, 2);
    assert_int_equal(y.topics[1].topic, CF_TOPIC_LEASES);
    assert_int_equal(y.topics[1].version, 77);
    assert_memory_equal(y.topics[1].digest.digest, x.topics[1].digest.digest, 32);
    assert_int_equal(y.max_bytes, 1000);
    cf_buf_clear(&buf);
    x.topics[0].topic = CF_TOPIC_LEASES; /* the same topic twice */
    assert_int_equal(cf_pull_encode(&x, &buf, NULL), CF_OK);
    assert_int_not_equal(cf_pull_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    cf_buf_done(&buf);
}

static void what_was_pulled_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static struct cf_pulled x, y;
    x = (struct cf_pulled){.cursor = 9, .more = true, .n_pages = 2, .n_manifests = 1};
    x.pages[0] = cf_bytes_str("page one");
    x.pages[1] = cf_bytes_str("page two");
    x.manifests[0] = cf_bytes_str("manifest");
    struct cf_buf buf;
    cf_buf_init(&buf, 4096);
    assert_int_equal(cf_pulled_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_pulled_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.cursor, 9);
    assert_true(y.more);
    assert_int_equal(y.n_pages, 2);
    assert_true(cf_bytes_equal(y.pages[1], x.pages[1]));
    assert_int_equal(y.n_manifests, 1);
    assert_true(cf_bytes_equal(y.manifests[0], x.manifests[0]));
    cf_buf_done(&buf);
}

static void a_page_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static struct cf_page x, y;
    x = (struct cf_page){.topic = CF_TOPIC_PRICES, .scope = 3, .from = 10, .n_entries = CF_PAGE_ENTRIES_MAX};
    for (size_t i = 0; i < CF_PAGE_ENTRIES_MAX; i++)
        x.entries[i] = i % 2 == 0 ? cf_bytes_of("\x81\x01", 2) : cf_bytes_of("\x82\x02\x61x", 4);
    struct cf_buf buf;
    cf_buf_init(&buf, CF_PULL_BYTES_MAX);
    assert_int_equal(cf_page_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_page_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.topic, CF_TOPIC_PRICES);
    assert_int_equal(y.scope, 3);
    assert_int_equal(y.from, 10);
    assert_int_equal(y.n_entries, CF_PAGE_ENTRIES_MAX);
    for (size_t i = 0; i < CF_PAGE_ENTRIES_MAX; i++)
        assert_true(cf_bytes_equal(x.entries[i], y.entries[i]));
    cf_buf_done(&buf);
}

static void a_topic_that_does_not_exist_is_refused(void **state)
{
    (void)state;
    static struct cf_page x, y;
    const unsigned topics[] = {0, CF_TOPICS_MAX + 1, 1000};
    for (size_t i = 0; i < 3; i++) {
        x = (struct cf_page){.topic = (enum cf_topic)topics[i]};
        struct cf_buf buf;
        cf_buf_init(&buf, 4096);
        assert_int_equal(cf_page_encode(&x, &buf, NULL), CF_OK);
        assert_int_not_equal(cf_page_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
        cf_buf_done(&buf);
    }
}

static void a_manifest_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static struct cf_manifest x, y;
    x = (struct cf_manifest){.topic = CF_TOPIC_REDEEMED, .version = 5, .n_chunks = CF_MANIFEST_CHUNKS_MAX};
    for (size_t i = 0; i < CF_MANIFEST_CHUNKS_MAX; i++)
        cf_put_be64(x.chunks[i].digest, i);
    struct cf_buf buf;
    cf_buf_init(&buf, CF_PULL_BYTES_MAX);
    assert_int_equal(cf_manifest_encode(&x, &buf, NULL), CF_OK);
    assert_int_equal(cf_manifest_decode(cf_buf_bytes(&buf), &y, NULL), CF_OK);
    assert_int_equal(y.n_chunks, CF_MANIFEST_CHUNKS_MAX);
    assert_memory_equal(x.chunks, y.chunks, sizeof x.chunks);
    cf_buf_done(&buf);
}

static enum cf_rc count_entry(void *ctx, cf_bytes entry, struct cf_error *err)
{
    size_t *count = ctx;
    if (entry.n != 2)
        return cf_fail(err, CF_E_STATE, "not what was written");
    return ++*count > 3 ? cf_fail(err, CF_E_LIMIT, "enough") : CF_OK;
}

static void a_chunk_is_walked_entry_by_entry(void **state)
{
    (void)state;
    cf_bytes entries[4];
    for (size_t i = 0; i < 4; i++)
        entries[i] = cf_bytes_of("\x81\x07", 2);
    struct cf_buf buf;
    size_t count = 0;
    cf_buf_init(&buf, CF_CHUNK_BYTES_MAX);
    assert_int_equal(cf_chunk_encode(entries, 3, &buf, NULL), CF_OK);
    assert_int_equal(cf_chunk_walk(cf_buf_bytes(&buf), count_entry, &count, NULL), CF_OK);
    assert_int_equal(count, 3);
    cf_buf_clear(&buf);
    count = 0;
    assert_int_equal(cf_chunk_encode(entries, 4, &buf, NULL), CF_OK);
    assert_int_equal(cf_chunk_walk(cf_buf_bytes(&buf), count_entry, &count, NULL), CF_E_LIMIT); /* the callback's */
    assert_int_not_equal(cf_chunk_walk(cf_bytes_of(buf.p, buf.n - 1), count_entry, &count, NULL), CF_OK);
    cf_buf_done(&buf);
}

static void the_payload_of_a_statement_can_be_peeked(void **state)
{
    (void)state;
    struct cf_buf buf;
    struct cf_cbor_writer w;
    uint8_t zeros[64] = {0};
    cf_bytes payload;
    cf_buf_init(&buf, 4096);
    cf_cbor_write_init(&w, &buf);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_bytes(&w, cf_bytes_of(zeros, 10));
    cf_cbor_write_map(&w, 0);
    cf_cbor_write_bytes(&w, cf_bytes_str("payload"));
    cf_cbor_write_bytes(&w, cf_bytes_of(zeros, 64));
    assert_int_equal(cf_cbor_write_end(&w, NULL), CF_OK);
    assert_int_equal(cf_cose_peek(cf_buf_bytes(&buf), &payload, NULL), CF_OK);
    assert_true(cf_bytes_equal(payload, cf_bytes_str("payload")));
    assert_int_not_equal(cf_cose_peek(cf_bytes_of(buf.p, buf.n - 1), &payload, NULL), CF_OK);
    cf_buf_done(&buf);
}

/* --- hostile input ------------------------------------------------------------------------------------------------ */

static void any_flipped_bit_is_refused_or_decoded_within_bounds(void **state)
{
    (void)state;
    struct cf_buf buf;
    make_batch(2);
    encode_batch(&buf);
    for (size_t bit = 0; bit < buf.n * 8; bit++) {
        buf.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (cf_batch_decode(cf_buf_bytes(&buf), &b, NULL) == CF_OK)
            assert_true(b.n_records <= 2);
        buf.p[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cf_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_of_any_size_comes_out_as_it_went_in),
        cmocka_unit_test(the_signed_bytes_are_those_of_the_protocol),
        cmocka_unit_test(a_batch_has_at_most_sixteen_boots),
        cmocka_unit_test(a_batch_cut_short_anywhere_is_refused),
        cmocka_unit_test(a_record_of_another_shape_does_not_spoil_its_batch),
        cmocka_unit_test(a_record_that_is_no_cbor_spoils_its_batch),
        cmocka_unit_test(a_ten_line_sale_takes_less_than_four_hundred_bytes),
        cmocka_unit_test(an_answer_comes_out_as_it_went_in),
        cmocka_unit_test(a_full_answer_fits_its_limit),
        cmocka_unit_test(a_refusal_comes_out_as_it_went_in),
        cmocka_unit_test(a_refusal_for_an_unknown_reason_is_a_fault_of_the_server),
        cmocka_unit_test(the_signed_time_comes_out_as_it_went_in),
        cmocka_unit_test(a_pull_comes_out_as_it_went_in),
        cmocka_unit_test(what_was_pulled_comes_out_as_it_went_in),
        cmocka_unit_test(a_page_comes_out_as_it_went_in),
        cmocka_unit_test(a_topic_that_does_not_exist_is_refused),
        cmocka_unit_test(a_manifest_comes_out_as_it_went_in),
        cmocka_unit_test(a_chunk_is_walked_entry_by_entry),
        cmocka_unit_test(the_payload_of_a_statement_can_be_peeked),
        cmocka_unit_test(any_flipped_bit_is_refused_or_decoded_within_bounds),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
