/*
 * tests/unit/terminal/step_test.c - steps of the open sale as bytes: there and back, and damaged in every way.
 */
#include "app/terminal/step.h"

#include <stdlib.h>
#include <string.h>

#include "app/store/journal.h"
#include "base/cbor.h"
#include "tests/unit/terminal/terminal_cmocka.h"

#define N_SAMPLES 24

/* One of each kind at least, with values at their ends. */
static void sample(size_t k, struct cf_step *step)
{
    memset(step, 0, sizeof *step);
    switch (k) {
    case 0:
        step->kind = CF_STEP_LINE;
        step->line = (struct cf_cart_line){.product = 7,
                                           .name = "Hand cream \xe6\x8a\xa4\xe6\x89\x8b\xe9\x9c\x9c",
                                           .qty_milli = 2000,
                                           .unit_price_minor = 1999,
                                           .tax_bp = 1300,
                                           .n_categories = 2,
                                           .categories = {1, UINT32_MAX}};
        break;
    case 1:
        step->kind = CF_STEP_LINE;
        step->line = (struct cf_cart_line){.product = UINT64_MAX,
                                           .qty_milli = CF_QTY_MILLI_MAX,
                                           .unit_price_minor = CF_PRICE_MINOR_MAX,
                                           .tax_bp = CF_TAX_BP_MAX,
                                           .weighed = true,
                                           .n_categories = CF_LINE_CATEGORIES_MAX};
        memset(step->line.name, 'W', CF_NAME_MAX);
        break;
    case 2:
        step->kind = CF_STEP_LINE; /* free, and without a name */
        step->line.qty_milli = 1;
        break;
    case 3:
    case 4:
        step->kind = CF_STEP_MEMBER;
        step->member.live = k == 3;
        memset(step->member.sub.b, 0xa5, CF_SUB_BYTES);
        step->member.counter = k == 3 ? UINT64_MAX : 0;
        step->member.tier = k == 3 ? CF_TIER_MAX : 0;
        step->member.not_first = k == 3;
        step->member.said = k == 3 ? UINT32_MAX : 0;
        if (k == 3)
            step->member.basis = (struct cf_visits_basis){CF_VISITS_CENTRE, INT64_MAX, INT64_MAX, UINT32_MAX};
        break;
    case 5:
    case 6:
        step->kind = CF_STEP_COUPON;
        step->coupon.redemption = (struct cf_redemption){.campaign = 12,
                                                         .index = UINT32_MAX,
                                                         .generation = 3,
                                                         .policy = k == 5 ? CF_POLICY_LEASED : CF_POLICY_PINNED};
        memset(step->coupon.redemption.request_key, 0x5a, CF_REQUEST_KEY_BYTES);
        step->coupon.exp_s = k == 5 ? INT64_MAX : -1;
        step->coupon.online = k == 5;
        break;
    case 7:
    case 8:
    case 9:
        step->kind = (enum cf_step_kind)(CF_STEP_QUANTITY + (int)k - 7);
        step->change.line_no = UINT32_MAX;
        step->change.value = k == 9 ? 0 : INT64_MIN;
        break;
    case 10:
    case 11:
        step->kind = CF_STEP_TENDER;
        step->tender.tender.kind = k == 10 ? CF_TENDER_CASH : CF_TENDER_MOBILE;
        step->tender.tender.amount_minor = k == 10 ? 0 : INT64_MAX;
        if (k == 11)
            memset(step->tender.tender.reference, '9', CF_REFERENCE_MAX);
        step->tender.priced_at_ms = k == 10 ? INT64_MIN : 1795334400123;
        break;
    case 12:
        step->kind = CF_STEP_UNTENDER;
        break;
    case 13:
        step->kind = CF_STEP_CHALLENGE;
        memset(step->nonce, 0xa5, sizeof step->nonce);
        break;
    case 14:
        step->kind = CF_STEP_PAY;
        memset(step->pay.id, 0x11, sizeof step->pay.id);
        step->pay.kind = CF_TENDER_MOBILE;
        step->pay.amount_minor = INT64_MAX;
        step->pay.priced_at_ms = INT64_MIN;
        step->pay.mark.n = CF_PAY_MARK_MAX;
        memset(step->pay.mark.b, 0x77, sizeof step->pay.mark.b);
        break;
    case 15:
        step->kind = CF_STEP_PAYMENT;
        memset(step->payment.id, 0xff, sizeof step->payment.id);
        step->payment.event = CF_PAYMENT_SETTLE_ELSEWHERE;
        memset(step->payment.reference, 'x', CF_REFERENCE_MAX);
        break;
    case 16:
        step->kind = CF_STEP_LINE; /* with all that a line can say, and a deposit */
        step->line = (struct cf_cart_line){.product = 7,
                                           .qty_milli = 1000,
                                           .reduced = true,
                                           .delivery = true,
                                           .has_member_price = true,
                                           .floor_minor = CF_PRICE_MINOR_MAX,
                                           .extra = {.origin = CF_PRICE_LIST,
                                                     .list = UINT32_MAX,
                                                     .age_check = CF_AGE_BIRTH,
                                                     .min_age = 99,
                                                     .asked_by = "Lin Mei",
                                                     .batch = "12345678901234567890",
                                                     .serial = "S/1",
                                                     .use_by = 20261231}};
        step->has_deposit = true;
        step->deposit = (struct cf_cart_line){.product = 8,
                                              .name = "Deposit",
                                              .qty_milli = 1000,
                                              .unit_price_minor = 25,
                                              .tax_bp = 1300,
                                              .delivery = true,
                                              .floor_minor = 25};
        break;
    case 17:
        step->kind = CF_STEP_LINE; /* a deposit alone */
        step->line.qty_milli = 3000;
        step->has_deposit = true;
        step->deposit = (struct cf_cart_line){.product = 8, .qty_milli = 3000, .delivery = true};
        break;
    case 18:
        step->kind = CF_STEP_PRICE;
        step->change.line_no = 1;
        step->change.value = 5;
        step->change.origin = CF_PRICE_LIST;
        step->change.list = 7;
        step->change.reduced = true;
        break;
    case 19:
        step->kind = CF_STEP_UNCOUPON;
        memset(step->ask.request_key, 0x3c, CF_REQUEST_KEY_BYTES);
        break;
    case 20:
        step->kind = CF_STEP_TENDER;
        step->tender.tender.kind = CF_TENDER_CASH;
        step->tender.tender.amount_minor = 35617;
        step->tender.tender.foreign_minor = 5000;
        step->tender.tender.rate = (struct cf_rate){{"USD"}, 712340000};
        break;
    case 21:
        step->kind = CF_STEP_REFUND;
        step->refund = (struct cf_step_refund){.kind = CF_TENDER_MOBILE,
                                               .amount_minor = INT64_MAX,
                                               .reference = "52500038-0001-000501",
                                               .return_seq = INT64_MAX,
                                               .tender_no = CF_TENDERS_MAX,
                                               .whole = true};
        memset(step->refund.id, 0x11, sizeof step->refund.id);
        memset(step->refund.of, 0x22, sizeof step->refund.of);
        break;
    case 22:
        step->kind = CF_STEP_ORDER;
        step->order = (struct cf_order_claim){
            .order = UINT32_MAX, .generation = 0xFFFF, .source = CF_RIGHT_STORE, .hub_epoch = UINT32_MAX};
        memset(step->order.request_key, 0x5a, CF_REQUEST_KEY_BYTES);
        break;
    default:
        step->kind = CF_STEP_ASK;
        memset(step->ask.request_key, 0xff, CF_REQUEST_KEY_BYTES);
        step->ask.campaign = UINT32_MAX;
        step->ask.index = 1;
        break;
    }
}

static void encode(size_t k, struct cf_buf *ret)
{
    struct cf_step step;
    sample(k, &step);
    cf_buf_init(ret, CF_STEP_BYTES_MAX);
    assert_ok(cf_step_encode(&step, ret, NULL));
}

static void a_step_comes_back_as_it_was(void **state)
{
    (void)state;
    bool kinds[CF_STEP_REFUND + 1] = {false};
    for (size_t k = 0; k < N_SAMPLES; k++) {
        struct cf_step step, back;
        struct cf_buf buf;
        sample(k, &step);
        encode(k, &buf);
        memset(&back, 0xee, sizeof back);
        assert_ok(cf_step_decode(cf_buf_bytes(&buf), &back, NULL));
        /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c): both were zeroed whole */
        if (memcmp(&step, &back, sizeof step) != 0)
            fail_msg("sample %zu came back otherwise", k);
        kinds[step.kind] = true;
        cf_buf_done(&buf);
    }
    for (int kind = CF_STEP_LINE; kind <= CF_STEP_CHALLENGE; kind++)
        assert_true(kinds[kind]);
}

/* Not one of the samples: its goods are a view into what was decoded. */
static void an_exchange_comes_back_with_its_goods(void **state)
{
    (void)state;
    struct cf_step step = {.kind = CF_STEP_EXCHANGE}, back;
    struct cf_buf CF_CLEANUP(cf_buf_done) buf;
    memset(step.exchange.key, 0x5a, sizeof step.exchange.key);
    step.exchange.asked = true;
    step.exchange.amount_minor = 1999;
    step.exchange.body = cf_bytes_str("which goods");
    cf_buf_init(&buf, CF_STEP_BYTES_MAX);
    assert_ok(cf_step_encode(&step, &buf, NULL));
    assert_ok(cf_step_decode(cf_buf_bytes(&buf), &back, NULL));
    assert_int_equal(back.kind, CF_STEP_EXCHANGE);
    assert_memory_equal(back.exchange.key, step.exchange.key, sizeof step.exchange.key);
    assert_true(back.exchange.asked);
    assert_int_equal(back.exchange.amount_minor, 1999);
    assert_true(cf_bytes_equal(back.exchange.body, step.exchange.body));
    for (size_t n = 0; n < buf.n; n++)
        if (cf_step_decode(cf_bytes_of(buf.p, n), &back, NULL) == CF_OK)
            fail_msg("cut to %zu bytes it was taken", n);
}

/* Copied to a block of its own size, so that a read past the end is seen. */
static enum cf_rc decode_copy(const uint8_t *p, size_t n)
{
    struct cf_step back;
    uint8_t *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    if (n)
        memcpy(copy, p, n);
    enum cf_rc rc = cf_step_decode(cf_bytes_of(copy, n), &back, NULL);
    free(copy);
    return rc;
}

static void a_step_cut_or_extended_is_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_SAMPLES; k++) {
        struct cf_buf buf;
        encode(k, &buf);
        for (size_t n = 0; n < buf.n; n++)
            if (decode_copy(buf.p, n) == CF_OK)
                fail_msg("sample %zu cut to %zu bytes was taken", k, n);
        assert_ok(cf_buf_append(&buf, "\0", 1, NULL));
        assert_rc(decode_copy(buf.p, buf.n), CF_E_CBOR_TRAILING);
        cf_buf_done(&buf);
    }
}

/* A flipped bit is refused or means another step that is itself in order; never a crash, never other bytes. */
static void a_flipped_bit_never_makes_a_step_that_encodes_otherwise(void **state)
{
    (void)state;
    for (size_t k = 0; k < N_SAMPLES; k++) {
        struct cf_buf buf;
        encode(k, &buf);
        for (size_t bit = 0; bit < buf.n * 8; bit++) {
            struct cf_step back;
            buf.p[bit / 8] = (uint8_t)(buf.p[bit / 8] ^ 1u << bit % 8);
            if (cf_step_decode(cf_buf_bytes(&buf), &back, NULL) == CF_OK) {
                struct cf_buf again;
                cf_buf_init(&again, CF_STEP_BYTES_MAX);
                assert_ok(cf_step_encode(&back, &again, NULL));
                assert_true(cf_bytes_equal(cf_buf_bytes(&again), cf_buf_bytes(&buf)));
                cf_buf_done(&again);
            }
            buf.p[bit / 8] = (uint8_t)(buf.p[bit / 8] ^ 1u << bit % 8);
        }
        cf_buf_done(&buf);
    }
}

static void other_shapes_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *why;
    } rows[] = {
        {"80", "an empty array"},
        {"8100", "kind 0"},
        {"810a", "kind 10"},
        {"8108f6", "more after the end"},
        {"820800", "UNTENDER with an item too many"},
        {"8106", "VOID without its line"},
        {"84070005f6f6", "TENDER of four"},
        {"8507000061610a", "a tender of kind 0"},
        {"8507040061610a", "a tender of kind 4"},
        {"a0", "a map"},
        {"9f08ff", "an indefinite array"},
        {"981a08", "a length in its longer form"},
        {"1800", "no array"},
        {"83061b00000001000000000000", "a line number beyond 32 bits"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[32];
        size_t n = strlen(rows[i].hex) / 2;
        assert_ok(cf_hex_decode(rows[i].hex, bytes, n, NULL));
        if (decode_copy(bytes, n) == CF_OK)
            fail_msg("%s was taken", rows[i].why);
    }
}

static void a_step_that_is_refused_leaves_the_output_alone(void **state)
{
    (void)state;
    struct cf_step back, before;
    memset(&back, 0x77, sizeof back);
    before = back;
    assert_rc(cf_step_decode(cf_bytes_of("\x81", 1), &back, NULL), CF_E_CBOR_SHORT);
    assert_memory_equal(&back, &before, sizeof back);
}

static void the_longest_step_fits_the_journal(void **state)
{
    (void)state;
    struct cf_buf buf;
    encode(1, &buf);
    assert_true(buf.n < CF_STEP_BYTES_MAX / 2);
    cf_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_comes_back_as_it_was),
        cmocka_unit_test(an_exchange_comes_back_with_its_goods),
        cmocka_unit_test(a_step_cut_or_extended_is_refused),
        cmocka_unit_test(a_flipped_bit_never_makes_a_step_that_encodes_otherwise),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(a_step_that_is_refused_leaves_the_output_alone),
        cmocka_unit_test(the_longest_step_fits_the_journal),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
