/*
 * tests/unit/core/code_test.c - codes as bytes and as text: round trips, sizes, and the shapes that are refused.
 *
 * Whether a damaged code would still be genuine is asked in keyring_test.c.
 */
#include "tests/unit/core/keys_support.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"

#include "base/base45.h"

/* Characters that a QR symbol of this version and level holds in alphanumeric mode (ISO/IEC 18004, table 7). */
#define V6_M 154
#define V7_M 178
#define V8_M 221
#define V10_L 395
#define V11_M 366

static size_t text_length(const struct cf_code *code)
{
    char text[CF_CODE_TEXT_MAX];
    assert_rc(cf_code_text(code, text, NULL), CF_OK);
    return strlen(text);
}

static void each_kind_survives_text_and_back(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        char text[CF_CODE_TEXT_MAX];
        assert_rc(cf_code_text(&code, text, NULL), CF_OK);
        struct cf_code back;
        assert_rc(cf_code_decode_text(cf_bytes_str(text), &back, NULL), CF_OK);
        assert_int_equal(back.kind, code.kind);
        assert_true(cf_kid_equal(back.kid, KID_ALL));
        assert_int_equal(back.cose_n, code.cose_n);
        assert_memory_equal(back.cose, code.cose, code.cose_n);
    }
}

static void fields_come_back_as_signed(void **state)
{
    (void)state;
    struct cf_code card = test_sample(0);
    assert_true(cf_sub_equal(card.card.sub, test_card().sub));
    assert_int_equal(card.card.exp_s, test_card().exp_s);
    assert_memory_equal(card.card.device_key.point, test_public(DEVICE).point, CF_P256_PUBLIC_BYTES);
    assert_int_equal(card.card.tier, 2);
    assert_int_equal(card.card.home_store, 301);

    struct cf_code member = test_sample(2);
    assert_int_equal(member.member.at_s, TEST_NOW_S);
    assert_int_equal(member.member.counter, 41);
    assert_true(member.member.has_challenge);
    assert_int_equal(member.member.till, 21);
    assert_int_equal(member.member.nonce[0], 9);
    assert_true(cf_sub_equal(member.member.card.sub, test_card().sub));
    assert_false(test_sample(1).member.has_challenge);

    struct cf_code coupon = test_sample(3);
    assert_int_equal(coupon.coupon.campaign, 12);
    assert_int_equal(coupon.coupon.index, 100234);
    assert_int_equal(coupon.coupon.exp_s, test_coupon().exp_s);
    assert_true(coupon.coupon.bound && cf_sub_equal(coupon.coupon.sub, test_card().sub));
    assert_true(coupon.coupon.pinned);
    assert_int_equal(coupon.coupon.home, 21);
    assert_int_equal(coupon.coupon.home_epoch, 1);
    assert_int_equal(coupon.coupon.generation, 1);

    struct cf_code ticket = test_sample(4);
    assert_int_equal(ticket.ticket.till, 21);
    assert_int_equal(ticket.ticket.nonce[7], 8);
    assert_int_equal(ticket.ticket.exp_s, TEST_NOW_S + 300);

    struct cf_code grant = test_sample(5);
    assert_true(cf_kid_equal(grant.grant.grant_id, KID_GRANT));
    assert_int_equal(grant.grant.first, 5000);
    assert_int_equal(grant.grant.last, 5099);
    assert_memory_equal(grant.grant.till_key.point, test_public(TILL).point, CF_P256_PUBLIC_BYTES);
}

/* Every field at the end of its range, hence the longest of each kind; and the least that is worth signing. */
static void sizes_are_those_of_the_design(void **state)
{
    (void)state;
    struct cf_coupon smallest = {.exp_s = TEST_NOW_S};
    struct cf_coupon small = {.campaign = 300, .index = 70000, .exp_s = TEST_NOW_S};
    struct cf_coupon usual = test_coupon();
    struct cf_coupon large = {.campaign = UINT32_MAX,
                              .index = UINT32_MAX,
                              .exp_s = TEST_NOW_S,
                              .bound = true,
                              .pinned = true,
                              .home = UINT32_MAX,
                              .home_epoch = 1,
                              .generation = UINT32_MAX};
    struct cf_coupon again = usual, again_large = large;
    again.home_epoch = 2;
    again_large.home_epoch = UINT32_MAX;
    struct cf_coupon largest = large;
    largest.exp_s = INT64_C(253402300799);
    struct cf_card far = test_card();
    far.home_store = UINT32_MAX;
    struct cf_code far_card = test_sign_card(&far, KID_ALL);
    struct cf_code far_member;
    const uint32_t till = UINT32_MAX;
    const uint8_t nonce[CF_NONCE_BYTES] = {0};
    assert_rc(cf_member_code_sign(&far_card, TEST_NOW_S, UINT32_MAX, &till, nonce, test_key(DEVICE), &far_member, NULL),
              CF_OK);
    struct {
        const char *what;
        struct cf_code code;
        size_t least, most; /* bytes */
        size_t characters;  /* at most: the QR symbol it has to fit */
    } rows[] = {
        {"CP1 that can be no shorter", test_sign_coupon(&smallest, KID_ALL, ISSUER), 91, 91, V6_M},
        {"CP1 bearer, anywhere", test_sign_coupon(&small, KID_ALL, ISSUER), 95, 97, V6_M},
        {"CP1 bound and pinned", test_sign_coupon(&usual, KID_ALL, ISSUER), 95, 112, V7_M},
        {"CP1 with large numbers", test_sign_coupon(&large, KID_ALL, ISSUER), 116, 116, V7_M},
        {"CP1 for a till's 2nd epoch", test_sign_coupon(&again, KID_ALL, ISSUER), 96, 113, V7_M},
        {"CP1 with a large epoch too", test_sign_coupon(&again_large, KID_ALL, ISSUER), 121, 121, V8_M},
        {"CP1 for the year 9999", test_sign_coupon(&largest, KID_ALL, ISSUER), 120, 120, V8_M},
        {"MS1", test_sample(0), 133, 137, V8_M},
        {"MC1", test_sample(1), 220, 234, V10_L},
        {"MC1 with a challenge", test_sample(2), 220, 238, V11_M},
        {"MC1 with large numbers", far_member, 240, 240, V11_M},
        {"CT1", test_sample(4), 112, 120, V8_M},
        {"GR1", test_sample(5), 130, 151, CF_CODE_TEXT_MAX},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        size_t characters = text_length(&rows[k].code);
        print_message("# %-27s %3zu bytes, %3zu characters\n", rows[k].what, rows[k].code.cose_n, characters);
        assert_in_range(rows[k].code.cose_n, rows[k].least, rows[k].most);
        assert_in_range(characters, 1, rows[k].characters);
    }
}

/* What names the first epoch has one form, the shorter: no code of before changes. */
static void a_coupon_says_in_which_epoch_of_its_home_it_is_good(void **state)
{
    (void)state;
    struct cf_coupon coupon = test_coupon();
    struct cf_code first = test_sign_coupon(&coupon, KID_ALL, ISSUER), second, back;
    coupon.home_epoch = 2;
    second = test_sign_coupon(&coupon, KID_ALL, ISSUER);
    assert_int_equal(second.cose_n, first.cose_n + 1);
    char text[CF_CODE_TEXT_MAX];
    assert_rc(cf_code_text(&second, text, NULL), CF_OK);
    assert_rc(cf_code_decode_text(cf_bytes_str(text), &back, NULL), CF_OK);
    assert_int_equal(back.coupon.home, 21);
    assert_int_equal(back.coupon.home_epoch, 2);
    assert_int_equal(back.coupon.generation, coupon.generation);
    static const struct {
        bool pinned;
        uint32_t home_epoch;
        const char *why;
    } rows[] = {
        {true, 0, "a home without an epoch"},
        {false, 1, "an epoch without a home"},
        {false, 2, "a later epoch without a home"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        coupon.pinned = rows[k].pinned;
        coupon.home_epoch = rows[k].home_epoch;
        if (cf_coupon_sign(&coupon, KID_ALL, test_key(ISSUER), &back, NULL) != CF_E_RANGE)
            fail_msg("%s", rows[k].why);
    }
}

static struct cf_card card_with_claims(void)
{
    struct cf_card card = test_card();
    card.has_claims = true;
    card.claims =
        (struct cf_claims){.as_of_day = 20780, .purchases = 41, .birthday = 229, .n_segments = 2, .segments = {7, 300}};
    return card;
}

static void a_card_may_claim_what_promotions_ask(void **state)
{
    (void)state;
    struct cf_card card = card_with_claims();
    struct cf_code code = test_sign_card(&card, KID_ALL), member, back;
    assert_rc(cf_member_code_sign(&code, TEST_NOW_S, 7, NULL, NULL, test_key(DEVICE), &member, NULL), CF_OK);
    print_message("# a card with claims takes %zu bytes, a live code with it %zu\n", code.cose_n, member.cose_n);
    assert_in_range(text_length(&member), 1, V11_M);
    assert_rc(cf_code_decode_bytes(CF_CODE_MEMBER, cf_bytes_of(member.cose, member.cose_n), &back, NULL), CF_OK);
    assert_true(back.member.card.has_claims);
    assert_memory_equal(&back.member.card.claims, &card.claims, sizeof card.claims);
    struct {
        const char *why;
        struct cf_claims claims;
    } rows[] = {
        {"born on 30 February", {.as_of_day = 1, .birthday = 230}},
        {"segments that fall", {.as_of_day = 1, .n_segments = 2, .segments = {7, 7}}},
        {"segment 0", {.as_of_day = 1, .n_segments = 1}},
        {"more than there is room for", {.as_of_day = 1, .n_segments = CF_CLAIMS_SEGMENTS_MAX + 1}},
        {"after the year 9999", {.as_of_day = UINT32_MAX}},
        {"more purchases than a life has", {.purchases = UINT32_MAX}},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        card.claims = rows[k].claims;
        if (cf_card_sign(&card, KID_ALL, test_key(ISSUER), &code, NULL) != CF_E_RANGE)
            fail_msg("%s", rows[k].why);
    }
}

static void fields_out_of_range_are_not_signed(void **state)
{
    (void)state;
    struct cf_code code;
    struct cf_coupon coupon = test_coupon();
    coupon.exp_s = -1;
    assert_rc(cf_coupon_sign(&coupon, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    coupon.exp_s = INT64_C(253402300800); /* the year 10000 */
    assert_rc(cf_coupon_sign(&coupon, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    struct cf_ticket ticket = test_ticket();
    ticket.exp_s = INT64_MIN;
    assert_rc(cf_ticket_sign(&ticket, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    struct cf_card card = test_card();
    card.tier = CF_TIER_MAX + 1;
    assert_rc(cf_card_sign(&card, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    card = test_card();
    card.device_key.point[0] = 4; /* the mark of an uncompressed point */
    assert_rc(cf_card_sign(&card, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    struct cf_grant grant = test_grant();
    grant.last = grant.first - 1;
    assert_rc(cf_grant_sign(&grant, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);

    struct cf_code signed_card = test_sample(0);
    assert_rc(cf_member_code_sign(&signed_card, -1, 1, NULL, NULL, test_key(DEVICE), &code, NULL), CF_E_RANGE);
    assert_rc(cf_member_code_sign(&signed_card, 1, UINT64_MAX, NULL, NULL, test_key(DEVICE), &code, NULL), CF_E_RANGE);
    assert_rc(cf_member_code_sign(&signed_card, 1, 1, NULL, NULL, test_key(STRANGER), &code, NULL), CF_E_ARGUMENT);
    struct cf_code ticket_code = test_sample(4);
    assert_rc(cf_member_code_sign(&ticket_code, 1, 1, NULL, NULL, test_key(DEVICE), &code, NULL), CF_E_ARGUMENT);
}

static void texts_that_are_no_codes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {"", CF_E_CODE_PREFIX, "nothing"},
        {"CP1", CF_E_CODE_PREFIX, "a prefix without its colon"},
        {"cp1:ABC", CF_E_CODE_PREFIX, "a prefix in lower case"},
        {" CP1:ABC", CF_E_CODE_PREFIX, "a space in front: trimming is for scan.c"},
        {"CP2:ABC", CF_E_CODE_PREFIX, "a kind of a later version"},
        {"KS1:ABC", CF_E_CODE_PREFIX, "a key set is no code"},
        {"CP1:", CF_E_CODE_SHAPE, "no bytes at all"},
        {"CP1:A", CF_E_BASE45, "one character left over"},
        {"CP1:ABCD", CF_E_BASE45, "one character left over after a triple"},
        {"CP1:abc", CF_E_BASE45, "lower case"},
        {"CP1:::::", CF_E_BASE45, "a pair beyond 255"},
        {"CP1:GGW", CF_E_BASE45, "65536 in three characters"},
        {"CP1:A,C", CF_E_BASE45, "a foreign character"},
        {"CP1:A\nC", CF_E_BASE45, "a line feed"},
        {"CP1:\xe4\xbd\xa0", CF_E_BASE45, "Chinese"},
        {"CP1:000000", CF_E_CODE_SHAPE, "zeros"},
        {"CP1:FGWFGW", CF_E_CODE_SHAPE, "bytes of 0xff"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct cf_code code;
        enum cf_rc rc = cf_code_decode_text(cf_bytes_str(rows[k].text), &code, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
}

static void texts_of_3_kilobytes_are_refused_by_size(void **state)
{
    (void)state;
    static char text[3001];
    memset(text, 'A', sizeof text - 1);
    memcpy(text, "CP1:", 4);
    struct cf_code code;
    assert_rc(cf_code_decode_text(cf_bytes_str(text), &code, NULL), CF_E_CODE_SIZE);
    /* Few enough characters, but too many bytes for any code. */
    assert_rc(cf_code_decode_text(cf_bytes_of(text, 4 + 486), &code, NULL), CF_E_CODE_SIZE);
    uint8_t bytes[CF_CODE_BYTES_MAX + 1] = {0x84};
    assert_rc(cf_code_decode_bytes(CF_CODE_COUPON, cf_bytes_of(bytes, sizeof bytes), &code, NULL), CF_E_CODE_SIZE);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        char text[CF_CODE_TEXT_MAX];
        assert_rc(cf_code_text(&code, text, NULL), CF_OK);
        struct cf_code back;
        for (size_t n = 0; n < code.cose_n; n++)
            assert_rc(cf_code_decode_bytes(code.kind, cf_bytes_of(code.cose, n), &back, NULL), CF_E_CODE_SHAPE);
        for (size_t n = 0; n < strlen(text); n++) {
            enum cf_rc rc = cf_code_decode_text(cf_bytes_of(text, n), &back, NULL);
            assert_rc(rc, n < 4               ? CF_E_CODE_PREFIX
                          : (n - 4) % 3 == 1  ? CF_E_BASE45
                          : rc == CF_E_BASE45 ? CF_E_BASE45
                                              : CF_E_CODE_SHAPE);
        }
    }
}

static void every_extension_is_refused(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    for (size_t k = 0; k < TEST_SAMPLES; k++) {
        struct cf_code code = test_sample(k);
        struct cf_code back;
        for (unsigned byte = 0; byte < 256; byte++) {
            code.cose[code.cose_n] = (uint8_t)byte;
            assert_rc(cf_code_decode_bytes(code.kind, cf_bytes_of(code.cose, code.cose_n + 1), &back, NULL),
                      CF_E_CODE_SHAPE);
        }
        char text[CF_CODE_TEXT_MAX + 8];
        assert_rc(cf_code_text(&code, text, NULL), CF_OK);
        size_t n = strlen(text);
        for (size_t a = 0; alphabet[a] != '\0'; a++) {
            for (size_t more = 1; more <= 3; more++) {
                memset(text + n, alphabet[a], more);
                assert_int_not_equal(cf_code_decode_text(cf_bytes_of(text, n + more), &back, NULL), CF_OK);
            }
        }
    }
}

/* COSE bytes around a payload, framed as told, with a signature of zeros. */
static size_t frame(const char *head_hex, const char *payload_hex, const char *foot_hex, uint8_t *out)
{
    const char *parts[] = {head_hex, payload_hex, foot_hex};
    size_t n = 0;
    for (size_t k = 0; k < 3; k++) {
        size_t part = strlen(parts[k]) / 2;
        assert_rc(cf_hex_decode(parts[k], out + n, part, NULL), CF_OK);
        n += part;
    }
    memset(out + n, 0, CF_P256_SIGNATURE_BYTES);
    return n + CF_P256_SIGNATURE_BYTES;
}

#define HEAD                                                                                                           \
    "8449a2012604441000000"                                                                                            \
    "1a0"
/* [1, 12, 5000, 1795334400, null, null, 0] */
#define FIELDS "87010c1913881a6b02b900f6f600"

/* The shapes of COSE_Sign1 around good fields. */
static void framing_has_one_shape(void **state)
{
    (void)state;
    static const struct {
        const char *head, *payload, *foot;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {HEAD, "4e" FIELDS, "5840", CF_OK, "as it should be"},
        {"d2" HEAD, "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "tag 18, COSE_Sign1"},
        {"9849a2012604441000000"
         "1a0",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "an array of another length"},
        {"980449a2012604441000000"
         "1a0",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "a length in more bytes than needed"},
        {"9f49a2012604441000000"
         "1a0",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "an indefinite array"},
        {"8449a2012604441000000"
         "1bfff",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "an indefinite map"},
        {"8449a2012604441000000"
         "1a10126",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "an unprotected header"},
        {"8443a10126a0", "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "no kid"},
        {"8449a2013822"
         "0444100000"
         "a0",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "ES384"},
        {"8449a2044410000001"
         "0126"
         "a0",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "kid before the algorithm"},
        {"844aa201260445100000"
         "0100"
         "a0",
         "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "a kid of five bytes"},
        {"8440a0", "4e" FIELDS, "5840", CF_E_CODE_SHAPE, "an empty header"},
        {HEAD, "580e" FIELDS, "5840", CF_E_CODE_SHAPE, "a payload length in more bytes than needed"},
        {HEAD, "5f4e" FIELDS "ff", "5840", CF_E_CODE_SHAPE, "a payload in pieces"},
        {HEAD, "6e" FIELDS, "5840", CF_E_CODE_SHAPE, "a payload that is text"},
        {HEAD, "f6", "5840", CF_E_CODE_SHAPE, "a detached payload"},
        {HEAD, "40", "5840", CF_E_CODE_SHAPE, "an empty payload"},
        {HEAD, "4e" FIELDS, "583f", CF_E_CODE_SHAPE, "a signature of 63 bytes, and one over"},
        {HEAD, "4e" FIELDS, "590040", CF_E_CODE_SHAPE, "a signature length in more bytes than needed"},
        {HEAD, "5affffffff" FIELDS, "5840", CF_E_CODE_SHAPE, "a payload of 4 GB"},
        {HEAD, "5bffffffffffffffff" FIELDS, "5840", CF_E_CODE_SHAPE, "a payload of 16 EB"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        uint8_t bytes[CF_CODE_BYTES_MAX];
        size_t n = frame(rows[k].head, rows[k].payload, rows[k].foot, bytes);
        struct cf_code code;
        enum cf_rc rc = cf_code_decode_bytes(CF_CODE_COUPON, cf_bytes_of(bytes, n), &code, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
}

#define SUB "485375626a65637431"
#define POINT                                                                                                          \
    "582102"                                                                                                           \
    "0000000000000000000000000000000000000000000000000000000000000000"

static void fields_have_one_shape(void **state)
{
    (void)state;
    static const struct {
        enum cf_code_kind kind;
        const char *fields;
        enum cf_rc rc;
        const char *why;
    } rows[] = {
        {CF_CODE_COUPON, FIELDS, CF_OK, "as it should be"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900f6150200", CF_OK, "in the second epoch of its home"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900" SUB "151affffffff00", CF_OK, "in the last epoch there can be"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900f6150100", CF_E_CODE_SHAPE, "the first epoch in the longer form"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900f6150000", CF_E_CODE_SHAPE, "epoch 0"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900f615180200", CF_E_CODE_SHAPE, "epoch 2 in two bytes"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900f6151b000000010000000000", CF_E_CODE_SHAPE, "an epoch of 2^32"},
        {CF_CODE_COUPON, "88020c1913881a6b02b900f6f60200", CF_E_CODE_SHAPE, "an epoch of no home"},
        {CF_CODE_COUPON, "87020c1913881a6b02b900f6f600", CF_E_CODE_SHAPE, "version 2 with the fields of version 1"},
        {CF_CODE_COUPON, "88010c1913881a6b02b900f6150200", CF_E_CODE_SHAPE, "version 1 with the fields of version 2"},
        {CF_CODE_COUPON, "89020c1913881a6b02b900f615020000", CF_E_CODE_SHAPE, "version 2 and one field more"},
        {CF_CODE_COUPON, "87030c1913881a6b02b900f6f600", CF_E_CODE_VERSION, "version 3"},
        {CF_CODE_COUPON, "87000c1913881a6b02b900f6f600", CF_E_CODE_VERSION, "version 0"},
        {CF_CODE_COUPON, "830363666f6f63626172", CF_E_CODE_VERSION, "version 3 with other fields"},
        {CF_CODE_COUPON,
         "81"
         "1bffffffffffffffff",
         CF_E_CODE_VERSION, "the largest version there can be"},
        {CF_CODE_COUPON,
         "87"
         "20"
         "0c1913881a6b02b900f6f600",
         CF_E_CODE_SHAPE, "a negative version"},
        {CF_CODE_COUPON,
         "87"
         "6131"
         "0c1913881a6b02b900f6f600",
         CF_E_CODE_SHAPE, "a version as text"},
        {CF_CODE_COUPON, "80", CF_E_CODE_SHAPE, "no fields"},
        {CF_CODE_COUPON, "8101", CF_E_CODE_SHAPE, "the version alone"},
        {CF_CODE_COUPON, "86010c1913881a6b02b900f6f6", CF_E_CODE_SHAPE, "one field less"},
        {CF_CODE_COUPON, "88010c1913881a6b02b900f6f60000", CF_E_CODE_SHAPE, "one field more"},
        {CF_CODE_COUPON, "9f010c1913881a6b02b900f6f600ff", CF_E_CODE_SHAPE, "an indefinite array"},
        {CF_CODE_COUPON, "a7010c1913881a6b02b900f6f600", CF_E_CODE_SHAPE, "a map"},
        {CF_CODE_COUPON, FIELDS "00", CF_E_CODE_SHAPE, "a byte after the fields"},
        {CF_CODE_COUPON, "8701180c1913881a6b02b900f6f600", CF_E_CODE_SHAPE, "12 in two bytes"},
        {CF_CODE_COUPON, "87010c1a000013881a6b02b900f6f600", CF_E_CODE_SHAPE, "5000 in five bytes"},
        {CF_CODE_COUPON, "87010c1b00000001000000001a6b02b900f6f600", CF_E_CODE_SHAPE, "an index of 2^32"},
        {CF_CODE_COUPON, "87010c1913881b0000003afff44180f6f600", CF_E_CODE_SHAPE, "good until the year 10000"},
        {CF_CODE_COUPON, "87010c19138820f6f600", CF_E_CODE_SHAPE, "expired before 1970"},
        {CF_CODE_COUPON, "87010c191388c11a6b02b900f6f600", CF_E_CODE_SHAPE, "a tag before the expiry"},
        {CF_CODE_COUPON,
         "87010c191388fb41dac0ae4000000000"
         "f6f600",
         CF_E_CODE_SHAPE, "the expiry as a float"},
        {CF_CODE_COUPON, "87010c1913881a6b02b900f7f600", CF_E_CODE_SHAPE, "undefined instead of null"},
        {CF_CODE_COUPON, "87010c1913881a6b02b900f4f600", CF_E_CODE_SHAPE, "false instead of null"},
        {CF_CODE_COUPON, "87010c1913881a6b02b90040f600", CF_E_CODE_SHAPE, "an empty member"},
        {CF_CODE_COUPON, "87010c1913881a6b02b900" SUB "1500", CF_OK, "a member and a home"},
        {CF_CODE_COUPON, "87010c1913881a6b02b900f6f6f6", CF_E_CODE_SHAPE, "no generation"},
        {CF_CODE_TICKET, FIELDS, CF_E_CODE_SHAPE, "a coupon's fields"},
        {CF_CODE_TICKET,
         "87010c191388" SUB "15"
         "480102030405060708"
         "1a6b02b900",
         CF_OK, "a ticket"},
        {CF_CODE_TICKET,
         "87010c191388" SUB "15"
         "4701020304050607"
         "1a6b02b900",
         CF_E_CODE_SHAPE, "a short nonce"},
        {CF_CODE_CARD,
         "8601" SUB "1a6b02b900" POINT "09"
         "19012d",
         CF_OK, "a card of the highest tier"},
        {CF_CODE_CARD,
         "8601" SUB "1a6b02b900" POINT "0a"
         "19012d",
         CF_E_CODE_SHAPE, "a tier beyond the highest"},
        {CF_CODE_CARD,
         "8601" SUB "1a6b02b900"
         "582104"
         "0000000000000000000000000000000000000000000000000000000000000000"
         "02"
         "19012d",
         CF_E_CODE_SHAPE, "a key that is no compressed point"},
        {CF_CODE_GRANT,
         "8801"
         "4420000001"
         "15" POINT "0c"
         "05"
         "05"
         "1a6b02b900",
         CF_OK, "a grant of one"},
        {CF_CODE_GRANT,
         "8801"
         "4420000001"
         "15" POINT "0c"
         "05"
         "04"
         "1a6b02b900",
         CF_E_CODE_SHAPE, "a range upside down"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        uint8_t bytes[CF_CODE_BYTES_MAX];
        char length[5];
        size_t n = strlen(rows[k].fields) / 2;
        (void)snprintf(length, sizeof length, n < 24 ? "%02zx" : "58%02zx", n < 24 ? 0x40 + n : n);
        char payload[2 * CF_CODE_BYTES_MAX];
        (void)snprintf(payload, sizeof payload, "%s%s", length, rows[k].fields);
        n = frame(HEAD, payload, "5840", bytes);
        struct cf_code code;
        enum cf_rc rc = cf_code_decode_bytes(rows[k].kind, cf_bytes_of(bytes, n), &code, NULL);
        if (rc != rows[k].rc)
            fail_msg("%s: %s", rows[k].why, cf_rc_name(rc));
    }
}

/* A member code with the fields before and after its card given as hex. */
static enum cf_rc decode_member(const char *before, const uint8_t *card, size_t card_n, const char *after)
{
    uint8_t bytes[CF_CODE_BYTES_MAX];
    size_t n = 0;
    size_t fields = (strlen(before) + strlen(after)) / 2 + card_n;
    static const uint8_t head[] = {0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0, 0x58};
    memcpy(bytes, head, sizeof head);
    n = sizeof head;
    bytes[n++] = (uint8_t)fields;
    assert_rc(cf_hex_decode(before, bytes + n, strlen(before) / 2, NULL), CF_OK);
    n += strlen(before) / 2;
    memcpy(bytes + n, card, card_n);
    n += card_n;
    assert_rc(cf_hex_decode(after, bytes + n, strlen(after) / 2, NULL), CF_OK);
    n += strlen(after) / 2;
    bytes[n++] = 0x58;
    bytes[n++] = 0x40;
    memset(bytes + n, 0, 64);
    struct cf_code code;
    return cf_code_decode_bytes(CF_CODE_MEMBER, cf_bytes_of(bytes, n + 64), &code, NULL);
}

static void a_member_code_holds_a_whole_card(void **state)
{
    (void)state;
    struct cf_code card = test_sample(0);
    char before[16];
    (void)snprintf(before, sizeof before, "850158%02zx", card.cose_n);
    static const char after[] = "1a6b02b900"
                                "1829"
                                "f6";
    assert_rc(decode_member(before, card.cose, card.cose_n, after), CF_OK);
    assert_rc(decode_member(before, card.cose, card.cose_n,
                            "1a6b02b900"
                            "1829"
                            "8215480102030405060708"),
              CF_OK);
    assert_rc(decode_member(before, card.cose, card.cose_n,
                            "1a6b02b900"
                            "1829"
                            "8115"),
              CF_E_CODE_SHAPE);
    assert_rc(decode_member(before, card.cose, card.cose_n,
                            "1a6b02b900"
                            "1b8000000000000000"
                            "f6"),
              CF_E_CODE_SHAPE);
    assert_rc(decode_member("840158", card.cose, card.cose_n, after), CF_E_CODE_SHAPE);
    card.cose[card.cose_n - 65] ^= 1; /* the length of the card's signature */
    assert_rc(decode_member(before, card.cose, card.cose_n, after), CF_E_CODE_SHAPE);
    card = test_sample(0);
    card.cose[15] = 2; /* the card's version: claims should follow */
    assert_rc(decode_member(before, card.cose, card.cose_n, after), CF_E_CODE_SHAPE);
    card.cose[15] = 3;
    assert_rc(decode_member(before, card.cose, card.cose_n, after), CF_E_CODE_VERSION);
    struct cf_code coupon = test_sample(3);
    (void)snprintf(before, sizeof before, "850158%02zx", coupon.cose_n);
    assert_rc(decode_member(before, coupon.cose, coupon.cose_n, after), CF_E_CODE_SHAPE);
}

static void a_refusal_leaves_the_output_alone(void **state)
{
    (void)state;
    struct cf_code code;
    memset(&code, 0x5a, sizeof code);
    struct cf_code before = code;
    assert_rc(cf_code_decode_text(cf_bytes_str("CP1:000000"), &code, NULL), CF_E_CODE_SHAPE);
    assert_memory_equal(&code, &before, sizeof code);
    struct cf_coupon coupon = test_coupon();
    coupon.exp_s = -1;
    assert_rc(cf_coupon_sign(&coupon, KID_ALL, test_key(ISSUER), &code, NULL), CF_E_RANGE);
    assert_memory_equal(&code, &before, sizeof code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_survives_text_and_back),
        cmocka_unit_test(fields_come_back_as_signed),
        cmocka_unit_test(sizes_are_those_of_the_design),
        cmocka_unit_test(a_coupon_says_in_which_epoch_of_its_home_it_is_good),
        cmocka_unit_test(a_card_may_claim_what_promotions_ask),
        cmocka_unit_test(fields_out_of_range_are_not_signed),
        cmocka_unit_test(texts_that_are_no_codes_are_named),
        cmocka_unit_test(texts_of_3_kilobytes_are_refused_by_size),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_extension_is_refused),
        cmocka_unit_test(framing_has_one_shape),
        cmocka_unit_test(fields_have_one_shape),
        cmocka_unit_test(a_member_code_holds_a_whole_card),
        cmocka_unit_test(a_refusal_leaves_the_output_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_keys_done();
    return failed;
}
