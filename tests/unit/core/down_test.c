/*
 * tests/unit/core/down_test.c - entries of what the centre sends down.
 */
#include "tests/unit/core/core_cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/down.h"

static struct cf_down_entry store_entry(void)
{
    struct cf_down_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.kind = CF_DOWN_STORE;
    entry.store.store = 3;
    snprintf(entry.store.name, sizeof entry.store.name, "Shop \xe5\xba\x97");
    snprintf(entry.store.address, sizeof entry.store.address, "1 Road");
    snprintf(entry.store.currency.code, sizeof entry.store.currency.code, "CNY");
    entry.store.tax_mode = CF_TAX_INCLUSIVE;
    entry.store.utc_offset_min = -480;
    entry.store.programme.minor_per_point = 100;
    for (int k = 0; k < 10; k++) {
        entry.store.programme.tier_bp[k] = 10000u + 1000u * (unsigned)k;
        entry.store.programme.tier_from_points[k] = k < 3 ? 1000 * k : INT64_MAX;
    }
    return entry;
}

static struct cf_down_entry product_entry(void)
{
    struct cf_down_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.kind = CF_DOWN_PRODUCT;
    entry.product.id = 4711;
    snprintf(entry.product.name, sizeof entry.product.name, "Soap");
    snprintf(entry.product.name_other, sizeof entry.product.name_other, "\xe7\x9a\x82");
    entry.product.price_minor = 1290;
    entry.product.tax_bp = 1300;
    entry.product.weighed = true;
    entry.product.n_categories = 2;
    entry.product.categories[1] = UINT32_MAX;
    entry.product.n_codes = CF_PRODUCT_CODES_MAX;
    for (int k = 0; k < CF_PRODUCT_CODES_MAX; k++)
        snprintf(entry.product.codes[k], sizeof entry.product.codes[k], "0690123456789%d", k);
    return entry;
}

static struct cf_down_entry redeemed_entry(void)
{
    struct cf_down_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.kind = CF_DOWN_REDEEMED;
    entry.redeemed.campaign = 5;
    entry.redeemed.n = 1024;
    for (uint32_t k = 0; k < 1024; k++)
        entry.redeemed.index[k] = k * 4000000;
    return entry;
}

#define NEVER_GIVEN_OUT 25

static struct cf_redeemed_block block_of(bool used)
{
    static const uint32_t serials[] = {7, 9, 10, 100};
    static uint8_t room[CF_RICE_BYTES_MAX];
    struct cf_redeemed_block block = {.campaign = 12, .used = used};
    size_t taken = 0;
    cf_rice_encode(serials, 4, room, &block.serials, &taken);
    assert_int_equal(taken, 4);
    return block;
}

/* Order 7, of store 3 at its hub, paid: one soap. */
static const uint8_t an_order[] = {0x8a, 0x01, 0x07, 0x02, 0x03, 0x03, 0x00, 0x00, 0x1a, 0x6b, 0x2a,
                                   0x2e, 0x00, 0x0a, 0x81, 0x87, 0x05, 0x64, 'S',  'o',  'a',  'p',
                                   0x19, 0x03, 0xe8, 0x0a, 0x0a, 0x19, 0x05, 0x14, 0xf4};

/* Request 7, of store 3 to store 4, fetched in store 3: one soap. */
static const uint8_t a_request[] = {0x8b, 0x07, 0x05, 0x01, 0x09, 0x03, 0x04, 0x03, 0x01, 0x1a, 0x6b, 0x2a, 0x2e, 0x00,
                                    0x60, 0x81, 0x84, 0x05, 0x64, 'S',  'o',  'a',  'p',  0x19, 0x03, 0xe8, 0xf4};

static struct cf_down_entry entry_of(enum cf_down_kind kind)
{
    struct cf_down_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.kind = kind;
    switch (kind) {
    case CF_DOWN_STORE:
        return store_entry();
    case CF_DOWN_PRODUCT:
        return product_entry();
    case CF_DOWN_REDEEMED:
        return redeemed_entry();
    case CF_DOWN_UNREDEEMED:
        entry = redeemed_entry();
        entry.kind = kind;
        break;
    case CF_DOWN_KEYSET:
        entry.keyset = cf_bytes_str("a key set");
        break;
    case CF_DOWN_PRODUCT_GONE:
        entry.product_gone = INT64_MAX;
        break;
    case CF_DOWN_CAMPAIGN:
        entry.campaign.id = 8;
        entry.campaign.version = 1;
        snprintf(entry.campaign.name, sizeof entry.campaign.name, "Spring");
        entry.campaign.policy = CF_POLICY_PINNED;
        entry.campaign.channels = CF_CHANNEL_STORE;
        entry.campaign.promotion.campaign = 8;
        entry.campaign.promotion.version = 1;
        snprintf(entry.campaign.promotion.name, sizeof entry.campaign.promotion.name, "Spring");
        entry.campaign.promotion.kind = CF_REWARD_ORDER_AMOUNT;
        entry.campaign.promotion.amount_minor = 500;
        entry.campaign.promotion.needs_coupon = true;
        break;
    case CF_DOWN_GENERATION:
        entry.generation.campaign = 1;
        entry.generation.index = 2;
        entry.generation.generation = 3;
        break;
    case CF_DOWN_GRANT:
        entry.grant = cf_bytes_str("a grant");
        break;
    case CF_DOWN_LEASE:
        entry.lease.campaign = 1;
        entry.lease.granted = INT64_MAX;
        entry.lease.epoch = 2;
        entry.lease.granted_minor = 5000;
        entry.lease.per_day = 3;
        entry.lease.keep = 10;
        break;
    case CF_DOWN_STORE_LEASE:
        entry.lease = (struct cf_lease_grant){.campaign = 1, .epoch = 4, .granted = 7};
        break;
    case CF_DOWN_HUB:
        entry.hub = (struct cf_hub_entry){3, 4, 5, 6, "10.0.0.5", 8443};
        break;
    case CF_DOWN_REDEEMED_BLOCK:
        entry.redeemed_block = block_of(true);
        break;
    case CF_DOWN_TERMINAL:
        entry.terminal = (struct cf_terminal_entry){.terminal = 5, .epoch = 2, .fenced = true};
        memset(entry.terminal.sign_key.point, 2, sizeof entry.terminal.sign_key.point);
        break;
    case CF_DOWN_GIFT_CARD:
        entry.home = (struct cf_home_value){CF_GIFT_CREDIT, 77, 3, INT64_MAX, 5, 253402300799};
        break;
    case CF_DOWN_ORDER:
        entry.order = cf_bytes_of(an_order, sizeof an_order);
        break;
    case CF_DOWN_ORDER_GONE:
        entry.order_gone = (struct cf_order_gone){.order = 7, .generation = 2, .handed_out = true};
        break;
    case CF_DOWN_REQUEST:
        entry.request = cf_bytes_of(a_request, sizeof a_request);
        break;
    case CF_DOWN_VALUE_BLOCK:
        entry.value_block = (struct cf_value_block){UINT32_MAX, true};
        break;
    case CF_DOWN_REQUEST_GONE:
        entry.request_gone = (struct cf_request_gone){.number = 7, .of = {.terminal = 5, .epoch = 1, .seq = 9}};
        break;
    case CF_DOWN_UPDATE:
        entry.update = (struct cf_update_order){
            .release = {.number = 7,
                        .version = "1.1",
                        .hardware = "counter-x86",
                        .size = CF_BUNDLE_BYTES_MAX,
                        .schema = 18,
                        .readable_from = 17},
            .when = CF_UPDATE_AT_MINUTE,
            .minute = CF_DAY_MINUTES - 1,
            .bytes_per_s = UINT32_MAX,
        };
        break;
    case CF_DOWN_LOGS:
        entry.logs = (struct cf_logs_ask){.number = 5, .until_s = INT64_MAX};
        break;
    case CF_DOWN_ERASE:
        memset(entry.erase.b, 0x5A, sizeof entry.erase.b);
        break;
    case CF_DOWN_STORE_RULES:
        entry.store_rules = (struct cf_store_rules){
            .n_measures = 2,
            .measures = {{"21IIIIIPPPPPC", 2}, {"23IIIIIWWWWWC", 3}},
            .tax_rounding = CF_TAX_BY_LINE,
            .has_cash = true,
            .cash = {10, CF_CASH_DOWN},
            .sells_past_best = true,
            .return_window_days = 90,
            .n_rates = 2,
            .rates = {{{{"HKD"}, 91250000}, 10}, {{{"USD"}, 712340000}, 100}},
        };
        break;
    case CF_DOWN_PRICE_LIST:
        entry.price_list = (struct cf_price_list){
            .terms = {.list = 7, .priority = 50, .reduced = true, .tiers = 6, .from = {1000000}, .to = {2000000}},
            .part = 3,
            .n = 2,
            .items = {{4, 0}, {6901234567892, CF_PRICE_MINOR_MAX}},
        };
        break;
    case CF_DOWN_USER:
        entry.user =
            (struct cf_user){.store = 3, .user = 7, .name = "Anna", .role = CF_ROLE_CASHIER, .has_badge = true};
        entry.user.pin.memory_kib = CF_PIN_MEMORY_KIB;
        entry.user.pin.passes = CF_PIN_PASSES;
        memset(entry.user.badge.b, 0x3C, sizeof entry.user.badge.b);
        break;
    case CF_DOWN_RESULT:
        entry.result = (struct cf_result){7, CF_E_RECORD, "tax differs by 1"};
        break;
    }
    return entry;
}

static void encode(const struct cf_down_entry *entry, struct cf_buf *buf)
{
    struct cf_error err = {0};
    if (cf_down_encode(entry, buf, &err) != CF_OK)
        fail_msg("kind %d: %s", (int)entry->kind, err.detail);
}

static void every_kind_comes_back_as_it_was(void **state)
{
    (void)state;
    for (int kind = CF_DOWN_KEYSET; kind <= CF_DOWN_VALUE_BLOCK; kind++) {
        if (kind == NEVER_GIVEN_OUT)
            continue;
        struct cf_down_entry entry = entry_of((enum cf_down_kind)kind);
        struct cf_down_entry decoded;
        struct cf_buf first;
        struct cf_buf second;
        cf_buf_init(&first, CF_DOWN_ENTRY_MAX);
        cf_buf_init(&second, CF_DOWN_ENTRY_MAX);
        encode(&entry, &first);
        assert_int_equal(cf_down_decode(cf_buf_bytes(&first), &decoded, NULL), CF_OK);
        assert_int_equal(decoded.kind, kind);
        encode(&decoded, &second);
        assert_true(cf_bytes_equal(cf_buf_bytes(&first), cf_buf_bytes(&second)));
        cf_buf_done(&first);
        cf_buf_done(&second);
    }
}

static void a_product_keeps_each_field(void **state)
{
    (void)state;
    struct cf_down_entry entry = product_entry();
    struct cf_down_entry decoded;
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    encode(&entry, &buf);
    assert_int_equal(cf_down_decode(cf_buf_bytes(&buf), &decoded, NULL), CF_OK);
    assert_memory_equal(&decoded.product, &entry.product, sizeof entry.product);
    cf_buf_done(&buf);
}

static void a_product_with_all_that_most_have_not_keeps_it(void **state)
{
    (void)state;
    struct cf_down_entry plain = product_entry(), entry = product_entry(), decoded;
    struct cf_buf buf;
    entry.product.open_price = entry.product.serialised = entry.product.reduced = entry.product.delivery = true;
    entry.product.min_age = 18;
    entry.product.deposit = entry.product.id + 1;
    entry.product.floor_minor = 100;
    entry.product.has_member_price = true;
    entry.product.member_price_minor = 0;
    entry.product.n_recalled = 2;
    (void)snprintf(entry.product.recalled[0], sizeof entry.product.recalled[0], "LOT-7");
    (void)snprintf(entry.product.recalled[1], sizeof entry.product.recalled[1], "12345678901234567890");
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    encode(&entry, &buf);
    assert_int_equal(cf_down_decode(cf_buf_bytes(&buf), &decoded, NULL), CF_OK);
    assert_memory_equal(&decoded.product, &entry.product, sizeof entry.product);
    assert_true(cf_product_is_recalled(&decoded.product, "LOT-7") && !cf_product_is_recalled(&decoded.product, "LOT"));
    assert_false(cf_product_is_recalled(&decoded.product, "")); /* a batch that nobody knows */
    (void)snprintf(entry.product.recalled[0], sizeof entry.product.recalled[0], "*");
    assert_true(cf_product_is_recalled(&entry.product, "")); /* all of them */
    /* An entry of before has nine items, and still has. */
    cf_buf_clear(&buf);
    encode(&plain, &buf);
    assert_int_equal(buf.p[0], 0x89);
    cf_buf_clear(&buf);
    encode(&entry, &buf);
    assert_int_equal(buf.p[0], 0x8a);
    entry.product.deposit = entry.product.id;
    cf_buf_clear(&buf);
    assert_int_not_equal(cf_down_encode(&entry, &buf, NULL), CF_OK); /* a deposit on itself would never end */
    cf_buf_done(&buf);
}

static void a_store_that_limits_no_variance_has_the_bytes_that_it_always_had(void **state)
{
    (void)state;
    struct cf_down_entry entry = entry_of(CF_DOWN_STORE_RULES), decoded;
    struct cf_buf plain, limited;
    cf_buf_init(&plain, CF_DOWN_ENTRY_MAX);
    cf_buf_init(&limited, CF_DOWN_ENTRY_MAX);
    encode(&entry, &plain);
    assert_int_equal(plain.p[0], 0x87);
    assert_int_equal(cf_down_decode(cf_buf_bytes(&plain), &decoded, NULL), CF_OK);
    assert_int_equal(decoded.store_rules.variance_limit_minor, 0);
    entry.store_rules.variance_limit_minor = 5;
    encode(&entry, &limited);
    assert_int_equal(limited.n, plain.n + 1);
    assert_int_equal(limited.p[0], 0x88);
    assert_memory_equal(limited.p + 1, plain.p + 1, plain.n - 1);
    assert_int_equal(cf_down_decode(cf_buf_bytes(&limited), &decoded, NULL), CF_OK);
    assert_int_equal(decoded.store_rules.variance_limit_minor, 5);
    limited.p[limited.n - 1] = 0x00; /* which is said by saying nothing */
    assert_int_not_equal(cf_down_decode(cf_buf_bytes(&limited), &decoded, NULL), CF_OK);
    limited.p[limited.n - 1] = 0x20; /* -1 */
    assert_int_not_equal(cf_down_decode(cf_buf_bytes(&limited), &decoded, NULL), CF_OK);
    entry.store_rules.variance_limit_minor = CF_VARIANCE_LIMIT_MAX + 1;
    cf_buf_clear(&limited);
    assert_int_not_equal(cf_down_encode(&entry, &limited, NULL), CF_OK);
    cf_buf_done(&plain);
    cf_buf_done(&limited);
}

static void rules_of_the_counter_come_behind_the_others(void **state)
{
    (void)state;
    struct cf_down_entry entry = entry_of(CF_DOWN_STORE_RULES), decoded;
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    snprintf(entry.store_rules.join, sizeof entry.store_rules.join, "https://shop.example/join?store=1");
    entry.store_rules.n_reasons = 2;
    snprintf(entry.store_rules.reasons[0], sizeof entry.store_rules.reasons[0], "Faulty");
    snprintf(entry.store_rules.reasons[1], sizeof entry.store_rules.reasons[1], "尺码不合");
    encode(&entry, &buf);
    assert_int_equal(buf.p[0], 0x89);
    assert_int_equal(cf_down_decode(cf_buf_bytes(&buf), &decoded, NULL), CF_OK);
    assert_int_equal(decoded.store_rules.variance_limit_minor, 0);
    assert_string_equal(decoded.store_rules.join, entry.store_rules.join);
    assert_int_equal(decoded.store_rules.n_reasons, 2);
    assert_string_equal(decoded.store_rules.reasons[1], "尺码不合");
    struct cf_down_entry bad[5];
    for (size_t k = 0; k < 5; k++)
        bad[k] = entry;
    bad[0].store_rules.join[0] = 'f'; /* "fttps://" */
    bad[1].store_rules.join[12] = ' ';
    bad[2].store_rules.n_reasons = CF_RETURN_REASONS_MAX + 1;
    bad[3].store_rules.reasons[0][0] = '\0';
    memcpy(bad[4].store_rules.reasons[1], bad[4].store_rules.reasons[0], 7); /* the same twice */
    for (size_t k = 0; k < 5; k++) {
        cf_buf_clear(&buf);
        assert_int_not_equal(cf_down_encode(&bad[k], &buf, NULL), CF_OK);
    }
    cf_buf_done(&buf);
}

static void rules_and_lists_that_mean_nothing_are_not_encoded(void **state)
{
    (void)state;
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    struct cf_down_entry bad[12];
    for (size_t k = 0; k < 6; k++)
        bad[k] = entry_of(CF_DOWN_STORE_RULES);
    for (size_t k = 6; k < 12; k++)
        bad[k] = entry_of(CF_DOWN_PRICE_LIST);
    bad[0].store_rules.n_measures = CF_MEASURES_MAX + 1;
    bad[1].store_rules.measures[0].pattern[0] = '6';
    bad[2].store_rules.tax_rounding = (enum cf_tax_rounding)3;
    bad[3].store_rules.cash.step_minor = 0;
    bad[4].store_rules.rates[0].rate.rate_e8 = 0;
    memcpy(bad[5].store_rules.rates[1].rate.currency.code, "HKD", 4);
    bad[6].price_list.n = CF_PRICE_LIST_ITEMS_MAX + 1;
    bad[7].price_list.items[1].product = 4;
    bad[8].price_list.items[0].price_minor = -1;
    bad[9].price_list.terms.to.us = 500000;
    bad[10].price_list.terms.tiers = CF_PRICE_TIERS_ALL + 1;
    bad[11].price_list.terms.list = 0;
    for (size_t k = 0; k < 12; k++)
        if (cf_down_encode(&bad[k], &buf, NULL) == CF_OK || buf.n != 0)
            fail_msg("entry %zu", k);
    cf_buf_done(&buf);
}

static void an_entry_that_was_cut_or_extended_is_refused(void **state)
{
    (void)state;
    for (int kind = CF_DOWN_KEYSET; kind <= CF_DOWN_VALUE_BLOCK; kind++) {
        if (kind == NEVER_GIVEN_OUT)
            continue;
        struct cf_down_entry entry = entry_of((enum cf_down_kind)kind);
        struct cf_down_entry decoded = {.kind = CF_DOWN_LEASE};
        struct cf_buf buf;
        cf_buf_init(&buf, CF_DOWN_ENTRY_MAX + 1);
        encode(&entry, &buf);
        for (size_t n = 0; n < buf.n; n++)
            assert_int_not_equal(cf_down_decode(cf_bytes_of(buf.p, n), &decoded, NULL), CF_OK);
        assert_int_equal(cf_buf_append(&buf, "", 1, NULL), CF_OK);
        assert_int_equal(cf_down_decode(cf_buf_bytes(&buf), &decoded, NULL), CF_E_CBOR_TRAILING);
        assert_int_equal(decoded.kind, CF_DOWN_LEASE); /* untouched */
        cf_buf_done(&buf);
    }
}

/* Whatever a flipped bit makes of an entry, it is refused or it is one that could have been sent. */
static void a_flipped_bit_gives_no_entry_that_cannot_be_encoded(void **state)
{
    (void)state;
    size_t n_read = 0;
    for (int kind = CF_DOWN_KEYSET; kind <= CF_DOWN_VALUE_BLOCK; kind++) {
        if (kind == CF_DOWN_REDEEMED || kind == NEVER_GIVEN_OUT)
            continue; /* long, and of numbers alone */
        struct cf_down_entry entry = entry_of((enum cf_down_kind)kind);
        struct cf_down_entry decoded;
        struct cf_buf buf;
        struct cf_buf again;
        cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
        cf_buf_init(&again, CF_DOWN_ENTRY_MAX);
        encode(&entry, &buf);
        for (size_t bit = 0; bit < buf.n * 8; bit++) {
            buf.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            if (cf_down_decode(cf_buf_bytes(&buf), &decoded, NULL) == CF_OK) {
                n_read++;
                if (decoded.kind == CF_DOWN_CAMPAIGN && decoded.campaign.unread)
                    decoded = entry; /* by its name alone: for a till to say what it does without */
                cf_buf_clear(&again);
                encode(&decoded, &again);
            }
            buf.p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
        cf_buf_done(&buf);
        cf_buf_done(&again);
    }
    assert_true(n_read > 0);
}

/* What a later version may make of a campaign: a number of its format that is not known, and fields behind. */
static void a_campaign_of_a_newer_centre_is_known_by_its_name(void **state)
{
    (void)state;
    static const uint8_t newer[] = {0x82, 0x05, 0x86, 0x18, 0x63, 0x07, 0x03, 0x65, 'L',
                                    'a',  't',  'e',  'r',  0x81, 0xf5, 0xa1, 0x01, 0x02};
    struct cf_down_entry entry;
    assert_int_equal(CF_OK, cf_down_decode(cf_bytes_of(newer, sizeof newer), &entry, NULL));
    assert_true(entry.campaign.unread && entry.campaign.stopped);
    assert_int_equal(7, entry.campaign.id);
    assert_int_equal(3, entry.campaign.version);
    assert_string_equal("Later", entry.campaign.name);
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    assert_int_equal(CF_E_UNSUPPORTED,
                     cf_campaign_encode(&entry.campaign, &buf, NULL)); /* nobody passes it on as his */
    cf_buf_done(&buf);
    for (size_t n = 0; n < sizeof newer; n++)
        assert_int_not_equal(CF_OK, cf_down_decode(cf_bytes_of(newer, n), &entry, NULL));
}

static void what_a_till_would_refuse_is_not_encoded(void **state)
{
    (void)state;
    struct cf_down_entry rows[16];
    const char *why[16];
    enum cf_rc expected[16];
    size_t n = 0;
#define ROW(entry_, rc_, why_) (rows[n] = (entry_), expected[n] = (rc_), why[n] = (why_), &rows[n++])
    ROW(product_entry(), CF_E_RANGE, "a name with a control character")->product.name[1] = '\n';
    ROW(product_entry(), CF_E_ENCODING, "a name that is no UTF-8")->product.name[1] = '\xff';
    ROW(product_entry(), CF_E_RANGE, "no name")->product.name[0] = '\0';
    ROW(product_entry(), CF_E_RANGE, "a price below zero")->product.price_minor = -1;
    ROW(product_entry(), CF_E_RANGE, "a price beyond all")->product.price_minor = CF_PRICE_MINOR_MAX + 1;
    ROW(product_entry(), CF_E_RANGE, "a tax of more than all")->product.tax_bp = 10001;
    ROW(product_entry(), CF_E_RANGE, "an id that is no row number")->product.id = UINT64_MAX;
    ROW(product_entry(), CF_E_RANGE, "an empty code")->product.codes[2][0] = '\0';
    ROW(product_entry(), CF_E_LIMIT, "too many codes")->product.n_codes = CF_PRODUCT_CODES_MAX + 1;
    ROW(product_entry(), CF_E_LIMIT, "too many categories")->product.n_categories = CF_LINE_CATEGORIES_MAX + 1;
    ROW(store_entry(), CF_E_RANGE, "a currency in small letters")->store.currency.code[0] = 'c';
    ROW(store_entry(), CF_E_RANGE, "points for nothing")->store.programme.minor_per_point = 0;
    ROW(store_entry(), CF_E_RANGE, "tiers that fall")->store.programme.tier_from_points[2] = 1;
    ROW(store_entry(), CF_E_RANGE, "an offset of days")->store.utc_offset_min = 3000;
    ROW(redeemed_entry(), CF_E_RANGE, "serials that do not rise")->redeemed.index[9] = 0;
    ROW(redeemed_entry(), CF_E_LIMIT, "too many serials")->redeemed.n = 1025;
#undef ROW
    struct cf_buf buf;
    cf_buf_init(&buf, CF_DOWN_ENTRY_MAX);
    assert_int_equal(cf_buf_append(&buf, "kept", 4, NULL), CF_OK);
    for (size_t k = 0; k < n; k++) {
        struct cf_error err = {0};
        if (cf_down_encode(&rows[k], &buf, &err) != expected[k])
            fail_msg("%s: %s", why[k], err.detail);
        assert_int_equal(buf.n, 4);
    }
    cf_buf_done(&buf);
}

static void a_result_of_a_newer_centre_is_kept_with_its_text(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x84, 0x0a, 0x01, 0x19, 0x0b, 0xb8, 0x61, 'x'}; /* [10, 1, 3000, "x"] */
    struct cf_down_entry decoded;
    assert_int_equal(cf_down_decode(cf_bytes_of(bytes, sizeof bytes), &decoded, NULL), CF_OK);
    assert_int_equal(decoded.result.rc, CF_E_RECORD);
    assert_string_equal(decoded.result.text, "x");
}

static void digests_chain(void **state)
{
    (void)state;
    struct cf_sha256 zero = {{0}};
    uint8_t both[33] = {0};
    both[32] = 'x';
    struct cf_sha256 expected = cf_sha256(cf_bytes_of(both, sizeof both));
    struct cf_sha256 digest = cf_down_digest(&zero, cf_bytes_str("x"));
    assert_memory_equal(digest.digest, expected.digest, CF_SHA256_BYTES);
}

static void every_topic_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = CF_TOPIC_KEYS; a <= CF_TOPICS_MAX; a++) {
        assert_string_not_equal(cf_topic_name((enum cf_topic)a), "unknown");
        for (int b = CF_TOPIC_KEYS; b < a; b++)
            assert_string_not_equal(cf_topic_name((enum cf_topic)a), cf_topic_name((enum cf_topic)b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_comes_back_as_it_was),
        cmocka_unit_test(a_product_keeps_each_field),
        cmocka_unit_test(a_product_with_all_that_most_have_not_keeps_it),
        cmocka_unit_test(a_store_that_limits_no_variance_has_the_bytes_that_it_always_had),
        cmocka_unit_test(rules_of_the_counter_come_behind_the_others),
        cmocka_unit_test(rules_and_lists_that_mean_nothing_are_not_encoded),
        cmocka_unit_test(an_entry_that_was_cut_or_extended_is_refused),
        cmocka_unit_test(a_flipped_bit_gives_no_entry_that_cannot_be_encoded),
        cmocka_unit_test(a_campaign_of_a_newer_centre_is_known_by_its_name),
        cmocka_unit_test(what_a_till_would_refuse_is_not_encoded),
        cmocka_unit_test(a_result_of_a_newer_centre_is_kept_with_its_text),
        cmocka_unit_test(digests_chain),
        cmocka_unit_test(every_topic_has_a_name_of_its_own),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
