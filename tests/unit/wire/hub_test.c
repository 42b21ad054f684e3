/*
 * tests/unit/wire/hub_test.c - every message between tills, hub and centre comes out as it went in, and nothing else is
 * taken for one.
 */
#include "sync/wire/hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct cf_buf buf;

static int setup(void **state)
{
    (void)state;
    cf_buf_init(&buf, CF_HUB_BODY_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cf_buf_done(&buf);
    return 0;
}

static struct cf_hub_witness a_witness(uint64_t incarnation, uint64_t seq)
{
    struct cf_hub_witness witness = {.incarnation = incarnation, .seq = seq};
    memset(witness.head.digest, 0x5a, CF_SHA256_BYTES);
    memset(witness.signature.rs, 0xa5, CF_P256_SIGNATURE_BYTES);
    return witness;
}

/* What a decoder takes it takes whole: each shorter input, and one with a byte more, is refused. */
#define ASSERT_EXACT(decode)                                                                                           \
    do {                                                                                                               \
        for (size_t n = 0; n < buf.n; n++)                                                                             \
            assert_int_not_equal(decode(cf_bytes_of(buf.p, n)), CF_OK);                                                \
        assert_int_equal(decode(cf_buf_bytes(&buf)), CF_OK);                                                           \
        assert_int_equal(cf_buf_append(&buf, "", 1, NULL), CF_OK);                                                     \
        assert_int_not_equal(decode(cf_buf_bytes(&buf)), CF_OK);                                                       \
    } while (0)

static struct cf_hub_frame frame;
static enum cf_rc decode_frame(cf_bytes b)
{
    return cf_hub_frame_decode(b, &frame, NULL);
}

static void a_frame_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct cf_hub_frame in = {.hub_epoch = 4, .acknowledged = 77, .body = cf_bytes_str("what is asked")};
    for (int with = 0; with < 2; with++) {
        cf_buf_clear(&buf);
        in.has_witness = with;
        in.witness = a_witness(INT64_MAX, 12);
        assert_int_equal(cf_hub_frame_encode(&in, &buf, NULL), CF_OK);
        assert_true(buf.n <= in.body.n + CF_HUB_FRAME_OVERHEAD_MAX);
        assert_int_equal(cf_hub_frame_decode(cf_buf_bytes(&buf), &frame, NULL), CF_OK);
        assert_int_equal(frame.hub_epoch, 4);
        assert_int_equal(frame.acknowledged, 77);
        assert_int_equal(frame.has_witness, with);
        assert_true(cf_bytes_equal(frame.body, in.body));
        if (with)
            assert_memory_equal(&frame.witness, &in.witness, sizeof in.witness);
        ASSERT_EXACT(decode_frame);
    }
}

static struct cf_hub_claim claim;
static enum cf_rc decode_claim(cf_bytes b)
{
    return cf_hub_claim_decode(b, &claim, NULL);
}
static struct cf_hub_release release;
static enum cf_rc decode_release(cf_bytes b)
{
    return cf_hub_release_decode(b, &release, NULL);
}
static enum cf_rc verdict;
static enum cf_rc decode_verdict(cf_bytes b)
{
    return cf_hub_verdict_decode(b, &verdict, NULL);
}

static void claims_releases_and_verdicts_come_out_as_they_went_in(void **state)
{
    (void)state;
    struct cf_hub_claim in = {
        .terminal = 7, .epoch = 2, .campaign = 9, .index = UINT32_MAX, .generation = 3, .at_home = true};
    struct cf_hub_release out = {.terminal = 7, .epoch = 2, .campaign = 9, .index = 5};
    memset(in.request_key, 0x11, sizeof in.request_key);
    memset(out.request_key, 0x22, sizeof out.request_key);
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_claim_encode(&in, &buf, NULL), CF_OK);
    ASSERT_EXACT(decode_claim);
    assert_int_equal(claim.index, UINT32_MAX);
    assert_int_equal(claim.generation, 3);
    assert_true(claim.at_home);
    assert_memory_equal(claim.request_key, in.request_key, sizeof in.request_key);
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_release_encode(&out, &buf, NULL), CF_OK);
    ASSERT_EXACT(decode_release);
    assert_int_equal(release.index, 5);
    assert_memory_equal(release.request_key, out.request_key, sizeof out.request_key);
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_verdict_encode(CF_E_COUPON_SPENT, &buf, NULL), CF_OK);
    ASSERT_EXACT(decode_verdict);
    assert_int_equal(verdict, CF_E_COUPON_SPENT);
    /* A reason that only a newer hub knows is still a no. */
    assert_int_equal(cf_hub_verdict_decode(cf_bytes_of("\x82\x01\x19\xff\xff", 5), &verdict, NULL), CF_OK);
    assert_int_equal(verdict, CF_E_SERVER);
}

static struct cf_hub_sublease_ask ask;
static enum cf_rc decode_ask(cf_bytes b)
{
    return cf_hub_sublease_ask_decode(b, &ask, NULL);
}
static struct cf_hub_subleases subleases;
static enum cf_rc decode_subleases(cf_bytes b)
{
    return cf_hub_subleases_decode(b, &subleases, NULL);
}

static void sub_leases_come_out_as_they_went_in(void **state)
{
    (void)state;
    static struct cf_hub_sublease_ask in;
    static struct cf_hub_subleases out;
    in = (struct cf_hub_sublease_ask){.terminal = 7, .epoch = 2, .n = CF_HUB_SUBLEASES_MAX};
    out.n = CF_HUB_SUBLEASES_MAX;
    for (uint32_t i = 0; i < CF_HUB_SUBLEASES_MAX; i++) {
        in.items[i].campaign = out.items[i].campaign = i * 3 + 1;
        in.items[i].left = in.items[i].spent = INT64_MAX - i;
        out.items[i].keep = CF_HUB_SUBLEASE_WANT_MAX;
        in.items[i].want = CF_HUB_SUBLEASE_WANT_MAX;
        out.items[i].granted = INT64_MAX - i;
    }
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_sublease_ask_encode(&in, &buf, NULL), CF_OK);
    assert_true(buf.n <= CF_HUB_MESSAGE_MAX);
    ASSERT_EXACT(decode_ask);
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_subleases_encode(&out, &buf, NULL), CF_OK);
    assert_true(buf.n <= CF_HUB_MESSAGE_MAX);
    ASSERT_EXACT(decode_subleases);
    (void)decode_ask;
    assert_int_equal(subleases.items[255].granted, INT64_MAX - 255);
    /* A campaign twice, or out of order, is no list of ours. */
    out.n = 2;
    out.items[1].campaign = out.items[0].campaign;
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_subleases_encode(&out, &buf, NULL), CF_OK);
    assert_int_not_equal(decode_subleases(cf_buf_bytes(&buf)), CF_OK);
    in.n = 1;
    in.items[0].want = CF_HUB_SUBLEASE_WANT_MAX + 1;
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_sublease_ask_encode(&in, &buf, NULL), CF_OK);
    assert_int_not_equal(decode_ask(cf_buf_bytes(&buf)), CF_OK);
}

static struct cf_hub_giveback_ask give;
static enum cf_rc decode_give(cf_bytes b)
{
    return cf_hub_giveback_ask_decode(b, &give, NULL);
}
static struct cf_hub_givebacks given;
static enum cf_rc decode_given(cf_bytes b)
{
    return cf_hub_givebacks_decode(b, &given, NULL);
}

static void what_is_given_back_comes_out_as_it_went_in(void **state)
{
    (void)state;
    static struct cf_hub_giveback_ask in;
    static struct cf_hub_givebacks out;
    in = (struct cf_hub_giveback_ask){.terminal = 7, .epoch = 2, .n = CF_HUB_SUBLEASES_MAX};
    out.n = CF_HUB_SUBLEASES_MAX;
    for (uint32_t i = 0; i < CF_HUB_SUBLEASES_MAX; i++) {
        in.items[i].campaign = out.items[i].campaign = UINT32_MAX - CF_HUB_SUBLEASES_MAX + i;
        in.items[i].keep = out.items[i].returned = INT64_MAX - i;
    }
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_giveback_ask_encode(&in, &buf, NULL), CF_OK);
    assert_true(buf.n <= CF_HUB_MESSAGE_MAX);
    ASSERT_EXACT(decode_give);
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_givebacks_encode(&out, &buf, NULL), CF_OK);
    assert_true(buf.n <= CF_HUB_MESSAGE_MAX);
    ASSERT_EXACT(decode_given);
}

static struct cf_hub_report report;
static enum cf_rc decode_report(cf_bytes b)
{
    return cf_hub_report_decode(b, &report, NULL);
}
static struct cf_hub_report_reply reply;
static enum cf_rc decode_reply(cf_bytes b)
{
    return cf_hub_report_reply_decode(b, &reply, NULL);
}
static uint32_t hub_epoch;
static struct cf_hub_witness kept;
static enum cf_rc decode_kept(cf_bytes b)
{
    return cf_hub_witness_decode(b, &hub_epoch, &kept, NULL);
}

static void reports_and_witnesses_come_out_as_they_went_in(void **state)
{
    (void)state;
    for (unsigned with = 0; with < 4; with++) {
        struct cf_hub_report in = {.store = 3,
                                   .hub_epoch = 4,
                                   .has_witness = with & 1,
                                   .has_proof = with & 2,
                                   .witness = a_witness(1, 2),
                                   .proof = a_witness(3, 4)};
        struct cf_hub_report_reply out = {
            .rc = with & 2 ? CF_E_FENCED : CF_OK, .has_witness = with & 1, .witness = a_witness(1, 2)};
        cf_buf_clear(&buf);
        assert_int_equal(cf_hub_report_encode(&in, &buf, NULL), CF_OK);
        ASSERT_EXACT(decode_report);
        assert_int_equal(report.has_proof, in.has_proof);
        if (report.has_proof)
            assert_memory_equal(&report.proof, &in.proof, sizeof in.proof);
        cf_buf_clear(&buf);
        assert_int_equal(cf_hub_report_reply_encode(&out, &buf, NULL), CF_OK);
        ASSERT_EXACT(decode_reply);
        assert_int_equal(reply.rc, out.rc);
    }
    struct cf_hub_witness witness = a_witness(9, 8);
    cf_buf_clear(&buf);
    assert_int_equal(cf_hub_witness_encode(6, &witness, &buf, NULL), CF_OK);
    assert_true(buf.n <= CF_HUB_WITNESS_BYTES_MAX);
    ASSERT_EXACT(decode_kept);
    assert_int_equal(hub_epoch, 6);
    assert_memory_equal(&kept, &witness, sizeof kept);
}

static void a_witness_is_later_by_incarnation_then_by_step(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint64_t a[2], b[2];
        bool later;
    } rows[] = {
        {"the same is not later", {1, 5}, {1, 5}, false},
        {"a step further", {1, 6}, {1, 5}, true},
        {"a step back", {1, 4}, {1, 5}, false},
        {"after a restart", {2, 6}, {1, 5}, true},
        {"an incarnation back, though further on: a copy", {1, 9}, {2, 5}, false},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct cf_hub_witness a = a_witness(rows[k].a[0], rows[k].a[1]), b = a_witness(rows[k].b[0], rows[k].b[1]);
        if (cf_hub_witness_is_later(&a, &b) != rows[k].later)
            fail_msg("%s", rows[k].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_out_as_it_went_in),
        cmocka_unit_test(claims_releases_and_verdicts_come_out_as_they_went_in),
        cmocka_unit_test(sub_leases_come_out_as_they_went_in),
        cmocka_unit_test(what_is_given_back_comes_out_as_it_went_in),
        cmocka_unit_test(reports_and_witnesses_come_out_as_they_went_in),
        cmocka_unit_test(a_witness_is_later_by_incarnation_then_by_step),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hub messages", tests, setup, teardown);
}
