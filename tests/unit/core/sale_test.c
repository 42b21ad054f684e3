/*
 * tests/unit/core/sale_test.c - a sale as CBOR and back, and what is refused on the way.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

struct room {
    struct cf_sale *sale, *back;
    struct cf_priced *priced;
    struct cf_buf bytes;
};
static struct room room;

static int make_room(void **state)
{
    (void)state;
    cf_buf_init(&room.bytes, CF_SALE_BYTES_MAX);
    return cf_sale_new(&room.sale, NULL) == CF_OK && cf_sale_new(&room.back, NULL) == CF_OK &&
                   cf_priced_new(&room.priced, NULL) == CF_OK
               ? 0
               : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_sale_free(room.sale);
    cf_sale_free(room.back);
    cf_priced_free(room.priced);
    cf_buf_done(&room.bytes);
    return 0;
}

/* Ten lines of EAN-13 numbers, two tenders, one redemption, one discount. */
static void make_ten_line_sale(void)
{
    struct cf_cart_line lines[10];
    for (size_t i = 0; i < 10; i++)
        lines[i] = core_line(6901234000000 + 137 * i, i == 4 ? 345 : 1000 + 1000 * (int64_t)(i % 3),
                             1990 + 555 * (int64_t)i, i % 4 == 0 ? 900 : 1300);
    struct cf_promotion p = core_promotion(1042, CF_REWARD_ORDER_PERCENT, 1000);
    p.needs_coupon = true;
    struct cf_offer offer = {&p, true, 0, false};
    struct cf_cart *cart = core_cart(lines, 10);
    core_price(cart, &offer, 1, CF_TAX_INCLUSIVE, room.priced);
    core_sale(cart, &offer, room.priced, CF_TAX_INCLUSIVE, room.sale);
    cf_cart_free(cart);
}

static void add_member_and_issued(struct cf_sale *sale)
{
    sale->has_member = true;
    sale->member_live = true;
    memset(sale->member.b, 0x5C, CF_SUB_BYTES);
    sale->member_counter = 1795330800;
    sale->member_tier = 3;
    sale->points = 431;
    sale->n_issued = 1;
    sale->issued[0] = (struct cf_issued){{{1, 2, 3, 4}}, 1043, 20017, 1797922800};
}

/* Everything that a promotion can ask. */
static void add_facts(struct cf_sale *sale)
{
    sale->facts = (struct cf_price_facts){.n_segments = 2,
                                          .segments = {7, 70000},
                                          .visits = 4,
                                          .first_purchase = true,
                                          .birthday = 229,
                                          .channel = CF_CHANNEL_STORE,
                                          .store = 17,
                                          .local_date = 20261122,
                                          .weekday = 7,
                                          .minute = 1439,
                                          .tenders = 1u << CF_TENDER_CARD | 1u << CF_TENDER_CASH,
                                          .n_coupons = 2,
                                          .coupons = {1042, 1043}};
    sale->n_effects = 2;
    sale->effects[0] = (struct cf_sale_effect){2001, 1, -1};
    sale->effects[1] = (struct cf_sale_effect){2002, 7, -1};
    sale->n_points_by = 2;
    sale->points_by[0] = (struct cf_points_given){2001, 400};
    sale->points_by[1] = (struct cf_points_given){2002, 31};
}

static void encode(const struct cf_sale *sale)
{
    struct cf_error err = {0};
    cf_buf_clear(&room.bytes);
    if (cf_sale_encode(sale, &room.bytes, &err) != CF_OK)
        fail_msg("cf_sale_encode: %s", err.detail);
}

static void assert_same_sale(const struct cf_sale *a, const struct cf_sale *b)
{
    struct cf_sale copy = *b;
    assert_ptr_not_equal(a->lines, b->lines);
    assert_int_equal(a->n_lines, b->n_lines);
    for (size_t i = 0; i < a->n_lines; i++) {
        const struct cf_sale_line *x = &a->lines[i], *y = &b->lines[i];
        assert_true(x->product == y->product && x->qty_milli == y->qty_milli &&
                    x->unit_price_minor == y->unit_price_minor && x->discount_minor == y->discount_minor &&
                    x->tax_bp == y->tax_bp);
    }
    copy.lines = a->lines;
    assert_memory_equal(a, &copy, sizeof copy);
}

static void ten_lines_two_tenders_and_a_coupon_take_at_most_300_bytes(void **state)
{
    (void)state;
    make_ten_line_sale();
    encode(room.sale);
    print_message("# a 10-line sale takes %zu bytes\n", room.bytes.n);
    assert_true(room.bytes.n <= 300);
    add_member_and_issued(room.sale);
    encode(room.sale);
    print_message("# with a member and an issued coupon %zu bytes\n", room.bytes.n);
}

static void a_sale_comes_back_as_it_went(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        struct chance chance = {seed};
        struct cf_cart_line lines[30];
        struct cf_promotion promotions[5];
        struct cf_offer offers[5];
        size_t n = 1 + chance_below(&chance, 30);
        enum cf_tax_mode mode = chance_of(&chance, 50) ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
        for (size_t i = 0; i < n; i++)
            lines[i] = core_line_by_chance(&chance);
        for (size_t i = 0; i < 5; i++) {
            promotions[i] = core_promotion_by_chance(&chance, (uint32_t)(1 + i));
            offers[i] = (struct cf_offer){&promotions[i], promotions[i].needs_coupon, 0, false};
        }
        struct cf_cart *cart = core_cart(lines, n);
        core_price(cart, offers, 5, mode, room.priced);
        core_sale(cart, offers, room.priced, mode, room.sale);
        if (chance_of(&chance, 50)) {
            add_member_and_issued(room.sale);
            add_facts(room.sale);
            room.sale->facts = cf_sale_facts_of(&room.sale->facts, (unsigned)chance_below(&chance, 256));
            room.sale->n_effects = (size_t)chance_below(&chance, 3);
            memset(&room.sale->effects[room.sale->n_effects], 0,
                   (2 - room.sale->n_effects) * sizeof room.sale->effects[0]);
            room.sale->n_points_by = room.sale->n_effects;
            memset(&room.sale->points_by[room.sale->n_effects], 0,
                   (2 - room.sale->n_effects) * sizeof room.sale->points_by[0]);
        }
        encode(room.sale);
        struct cf_error err = {0};
        if (cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, &err) != CF_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, err.detail);
        assert_same_sale(room.sale, room.back);
        cf_cart_free(cart);
    }
}

static void the_longest_sale_fits_a_record(void **state)
{
    (void)state;
    struct cf_cart *cart = core_cart(NULL, 0);
    uint32_t line_no;
    for (uint64_t i = 0; i < CF_CART_LINES_MAX; i++) {
        struct cf_cart_line line = core_line(UINT64_MAX - i, CF_QTY_MILLI_MAX - 1, 1000000000 + (int64_t)i, 1300);
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
    }
    core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, room.priced);
    core_sale(cart, NULL, room.priced, CF_TAX_INCLUSIVE, room.sale);
    encode(room.sale);
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, NULL));
    assert_same_sale(room.sale, room.back);
    cf_cart_free(cart);
}

/* Puts `value` in place of one field of a good sale, or of its fourth line. */
struct spoil {
    const char *why;
    bool of_line;
    size_t offset, size;
    int64_t value;
};
#define OF_SALE(field) false, offsetof(struct cf_sale, field), sizeof(((struct cf_sale *)NULL)->field)
#define OF_LINE(field) true, offsetof(struct cf_sale_line, field), sizeof(((struct cf_sale_line *)NULL)->field)

static const struct spoil spoils[] = {
    {"sales are numbered from 1", OF_SALE(sale_no), 0},
    {"there is no 13th month", OF_SALE(business_day), 20261322},
    {"there is no day 0", OF_SALE(business_day), 20261200},
    {"a control character in a name", OF_SALE(cashier[1]), '\n'},
    {"a name that is not UTF-8", OF_SALE(cashier[1]), '\xff'},
    {"priced after it was paid", OF_SALE(priced_before_ms), -1},
    {"the caller subtracts this from a clock", OF_SALE(priced_before_ms), INT64_MAX},
    {"a currency in lower case", OF_SALE(currency.code[0]), 'c'},
    {"a currency of two letters", OF_SALE(currency.code[2]), 0},
    {"a currency without end", OF_SALE(currency.code[3]), 'X'},
    {"no such tax mode", OF_SALE(tax_mode), 3},
    {"no such tier", OF_SALE(member_tier), 10},
    {"points below zero", OF_SALE(points), -1},
    {"points for nobody", OF_SALE(has_member), 0},
    {"nothing sold", OF_SALE(n_lines), 0},
    {"more lines than there is room for", OF_SALE(n_lines), CF_CART_LINES_MAX + 1},
    {"a line short", OF_SALE(n_lines), 9},
    {"a quantity of nothing", OF_LINE(qty_milli), 0},
    {"more than a cart takes", OF_LINE(qty_milli), CF_QTY_MILLI_MAX + 1},
    {"another quantity", OF_LINE(qty_milli), 7000},
    {"a price below zero", OF_LINE(unit_price_minor), -1},
    {"another price", OF_LINE(unit_price_minor), 1},
    {"a surcharge as a discount", OF_LINE(discount_minor), -1},
    {"more off than the line costs", OF_LINE(discount_minor), 1000000},
    {"another discount", OF_LINE(discount_minor), 1},
    {"a tax of more than 1,000%", OF_LINE(tax_bp), CF_TAX_BP_MAX + 1},
    {"a tax rate that the tax does not show", OF_LINE(tax_bp), CF_TAX_BP_MAX},
    {"another gross", OF_SALE(gross_minor), 1},
    {"int64 edge", OF_SALE(gross_minor), INT64_MIN},
    {"another discount", OF_SALE(discount_minor), 1},
    {"no tax", OF_SALE(tax_minor), 0},
    {"a tax below zero", OF_SALE(tax_minor), -1},
    {"int64 edge", OF_SALE(tax_minor), INT64_MAX},
    {"another total", OF_SALE(total_minor), 1},
    {"a total below zero", OF_SALE(total_minor), INT64_MIN},
    {"no change", OF_SALE(change_minor), 0},
    {"another amount of a discount", OF_SALE(discounts[0].amount_minor), 1},
    {"a discount of nothing", OF_SALE(discounts[0].amount_minor), 0},
    {"through a coupon that is not there", OF_SALE(discounts[0].redemption), 1},
    {"int32 edge", OF_SALE(discounts[0].redemption), INT32_MIN},
    {"through a coupon of another campaign", OF_SALE(discounts[0].campaign), 1},
    {"no discount for the lines' discounts", OF_SALE(n_discounts), 0},
    {"more discounts than there is room for", OF_SALE(n_discounts), CF_OFFERS_MAX + 1},
    {"a plain promotion is no right", OF_SALE(redemptions[0].policy), CF_POLICY_AUTOMATIC},
    {"no such policy", OF_SALE(redemptions[0].policy), 5},
    {"by no right", OF_SALE(redemptions[0].source), 0},
    {"no such source", OF_SALE(redemptions[0].source), 8},
    {"a hub spoke where none is asked", OF_SALE(redemptions[0].hub_epoch), 1},
    {"a sub-lease of no hub", OF_SALE(redemptions[0].source), CF_RIGHT_SUBLEASE},
    {"more redemptions than there is room for", OF_SALE(n_redemptions), CF_SALE_COUPONS_MAX + 1},
    {"expired before there was time", OF_SALE(issued[0].exp_s), -1},
    {"expires after 9999", OF_SALE(issued[0].exp_s), INT64_MAX},
    {"more coupons than there is room for", OF_SALE(n_issued), CF_SALE_ISSUED_MAX + 1},
    {"not paid whole", OF_SALE(tenders.tender[1].amount_minor), 1},
    {"cash beyond int64", OF_SALE(tenders.tender[1].amount_minor), INT64_MAX},
    {"a card without a reference", OF_SALE(tenders.tender[0].reference[0]), 0},
    {"no such kind of tender", OF_SALE(tenders.tender[0].kind), 4},
    {"the card alone", OF_SALE(tenders.n), 1},
    {"more tenders than there is room for", OF_SALE(tenders.n), CF_TENDERS_MAX + 1},
    {"tenders for another total", OF_SALE(tenders.total_minor), 1},
    {"the sale itself says that it has a member", OF_SALE(facts.has_member), 1},
    {"the sale itself says of which tier", OF_SALE(facts.tier), 3},
    {"more segments than there is room for", OF_SALE(facts.n_segments), CF_FACT_SEGMENTS_MAX + 1},
    {"segments that do not rise", OF_SALE(facts.segments[1]), 7},
    {"segment 0", OF_SALE(facts.segments[0]), 0},
    {"more visits than a life has", OF_SALE(facts.visits), -1},
    {"born on 30 February", OF_SALE(facts.birthday), 230},
    {"a month without a day", OF_SALE(facts.birthday), 200},
    {"sold nowhere, in store 17", OF_SALE(facts.channel), 0},
    {"no such channel", OF_SALE(facts.channel), 3},
    {"no such date", OF_SALE(facts.local_date), 20260229},
    {"a time of no day", OF_SALE(facts.local_date), 0},
    {"before there was time", OF_SALE(facts.local_date), 1},
    {"22 November 2026 is a Sunday", OF_SALE(facts.weekday), 6},
    {"a day has 1440 minutes", OF_SALE(facts.minute), 1440},
    {"kinds of tender that cannot be", OF_SALE(facts.tenders), 0x10006},
    {"paid otherwise than was said", OF_SALE(facts.tenders), 1 << CF_TENDER_CARD},
    {"more effects than there is room for", OF_SALE(n_effects), CF_EFFECTS_MAX + 1},
    {"an effect through a coupon that is not there", OF_SALE(effects[0].redemption), 1},
    {"an effect through a coupon of another campaign", OF_SALE(effects[0].redemption), 0},
    {"no source of an effect", OF_SALE(effects[0].redemption), -2},
    {"an effect twice", OF_SALE(effects[1].campaign), 2001},
    {"points of a campaign that is not on the sale", OF_SALE(points_by[1].campaign), 2003},
    {"points that do not rise by campaign", OF_SALE(points_by[1].campaign), 2001},
    {"a campaign that gave none", OF_SALE(points_by[1].points), 0},
    {"a campaign that took some", OF_SALE(points_by[1].points), -1},
    {"more of campaigns than the sale has", OF_SALE(points_by[0].points), 401},
    {"more of campaigns than can be counted", OF_SALE(points_by[0].points), INT64_MAX},
    {"points of more campaigns than there is room for", OF_SALE(n_points_by), CF_EFFECTS_MAX + 1},
    {"more coupons than a sale holds", OF_SALE(facts.n_coupons), CF_FACT_COUPONS_MAX + 1},
    {"coupons that do not rise", OF_SALE(facts.coupons[1]), 1042},
};

static void make_full_sale(void)
{
    make_ten_line_sale();
    add_member_and_issued(room.sale);
    add_facts(room.sale);
    assert_int_equal(CF_OK, cf_sale_check(room.sale, NULL));
}

static void assert_not_written(const char *why)
{
    struct cf_error err = {0};
    cf_buf_clear(&room.bytes);
    assert_int_equal(CF_OK, cf_buf_append_str(&room.bytes, "before", NULL));
    enum cf_rc rc = cf_sale_encode(room.sale, &room.bytes, &err);
    if (rc != CF_E_RECORD)
        fail_msg("%s: %s", why, cf_rc_name(rc));
    assert_int_equal(6, room.bytes.n);
    assert_true(err.detail[0] != '\0');
}

static void a_sale_that_does_not_add_up_is_not_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        make_full_sale();
        uint8_t *base = spoils[i].of_line ? (uint8_t *)&room.sale->lines[3] : (uint8_t *)room.sale;
        memcpy(base + spoils[i].offset, &spoils[i].value, spoils[i].size); /* little-endian, as all tills are */
        assert_not_written(spoils[i].why);
    }
}

static void nothing_is_redeemed_issued_or_given_twice_in_a_sale(void **state)
{
    (void)state;
    make_full_sale();
    room.sale->redemptions[1] = room.sale->redemptions[0];
    room.sale->n_redemptions = 2;
    assert_not_written("one coupon twice");
    make_full_sale();
    room.sale->issued[1] = room.sale->issued[0];
    room.sale->n_issued = 2;
    assert_not_written("one number twice");
    make_full_sale();
    room.sale->discounts[1] = room.sale->discounts[0];
    room.sale->discounts[0].amount_minor--;
    room.sale->discounts[1].amount_minor = 1;
    room.sale->n_discounts = 2;
    assert_not_written("two discounts through one coupon");
}

static void a_17th_tax_rate_is_refused_before_the_sale_is_recorded(void **state)
{
    (void)state;
    struct cf_cart *cart = core_cart(NULL, 0);
    uint32_t line_no;
    for (uint32_t i = 0; i < CF_SALE_RATES_MAX + 1; i++) {
        struct cf_cart_line line = core_line(1, 1000, 1000, i);
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
        if (i + 1 < CF_SALE_RATES_MAX)
            continue;
        core_price(cart, NULL, 0, CF_TAX_INCLUSIVE, room.priced);
        core_sale(cart, NULL, room.priced, CF_TAX_INCLUSIVE, room.sale);
        assert_int_equal(i < CF_SALE_RATES_MAX ? CF_OK : CF_E_LIMIT, cf_sale_check(room.sale, NULL));
    }
    cf_cart_free(cart);
}

static void every_cut_is_refused_and_leaves_the_output_alone(void **state)
{
    (void)state;
    make_ten_line_sale();
    add_member_and_issued(room.sale);
    encode(room.sale);
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, NULL));
    for (size_t n = 0; n < room.bytes.n; n++)
        assert_int_equal(CF_E_RECORD, cf_sale_decode(cf_bytes_of(room.bytes.p, n), room.back, NULL));
    assert_int_equal(CF_OK, cf_buf_append(&room.bytes, "", 1, NULL));
    assert_int_equal(CF_E_RECORD, cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, NULL));
    assert_same_sale(room.sale, room.back);
}

/* The record of today's sales ends behind the points; what was learnt since is a map behind them. */
static void a_sale_without_facts_keeps_the_bytes_that_it_had(void **state)
{
    (void)state;
    struct cf_buf before;
    cf_buf_init(&before, CF_SALE_BYTES_MAX);
    make_ten_line_sale();
    add_member_and_issued(room.sale);
    encode(room.sale);
    assert_int_equal(0x94, room.bytes.p[0]); /* an array of 20 */
    assert_int_equal(CF_OK, cf_buf_append(&before, room.bytes.p, room.bytes.n, NULL));
    add_facts(room.sale);
    encode(room.sale);
    assert_int_equal(0x95, room.bytes.p[0]);
    assert_memory_equal(before.p + 1, room.bytes.p + 1, before.n - 1);
    print_message("# all facts take %zu bytes\n", room.bytes.n - before.n);
    cf_buf_done(&before);
}

/* What follows a sale of 20 fields, whose first byte says 21. */
static void a_map_of_extras_has_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *bytes;
        size_t n;
        bool good;
    } rows[] = {
        {"a fourth visit", "\xa1\x01\xa1\x01\x04", 5, true},
        {"a place alone", "\xa1\x01\xa1\x05\x82\x01\x11", 7, true},
        {"the fourth by a card's word, two of the till's own", "\xa2\x01\xa1\x01\x04\x0e\x84\x01\x19\x51\x14\x00\x02",
         13, true},
        {"the first by the centre's word", "\xa2\x01\xa1\x02\xf5\x0e\x84\x02\x1a\x6b\x02\xa1\x00\x18\x29\x00", 16,
         true},
        {"nobody's word", "\xa2\x01\xa1\x01\x04\x0e\x84\x00\x00\x00\x00", 11, false},
        {"a word of a newer till", "\xa2\x01\xa1\x01\x04\x0e\x84\x03\x00\x00\x00", 11, false},
        {"a word, and nothing that was said", "\xa1\x0e\x84\x01\x00\x00\x00", 7, false},
        {"a card that heard of records", "\xa2\x01\xa1\x01\x04\x0e\x84\x01\x00\x05\x00", 11, false},
        {"all four visits of the till's own", "\xa2\x01\xa1\x01\x04\x0e\x84\x01\x00\x00\x04", 11, false},
        {"the first, and one of the till's own", "\xa2\x01\xa1\x02\xf5\x0e\x84\x01\x00\x00\x01", 11, false},
        {"before there was time", "\xa2\x01\xa1\x01\x04\x0e\x84\x01\x20\x00\x00", 11, false},
        {"an empty map says nothing", "\xa0", 1, false},
        {"empty facts say nothing", "\xa1\x01\xa0", 3, false},
        {"no visit says nothing", "\xa1\x01\xa1\x01\x00", 5, false},
        {"not the first purchase says nothing", "\xa1\x01\xa1\x02\xf4", 5, false},
        {"no segments say nothing", "\xa1\x01\xa1\x04\x80", 5, false},
        {"a key of a newer till", "\xa1\x18\x63\x00", 4, false},
        {"key 0", "\xa1\x00\xa1\x01\x04", 5, false},
        {"a key twice", "\xa2\x01\xa1\x01\x04\x01\xa1\x01\x04", 9, false},
        {"facts that fall", "\xa1\x01\xa2\x02\xf5\x01\x04", 7, false},
        {"a fact twice", "\xa1\x01\xa2\x01\x04\x01\x04", 7, false},
        {"a fact of a newer till", "\xa1\x01\xa1\x09\x04", 5, false},
        {"a date before there was time", "\xa1\x01\xa1\x06\x82\x01\x00", 7, false},
        {"tenders say nothing", "\xa1\x03\x82\x00\x80", 5, false},
        {"a tender says nothing", "\xa1\x03\x82\x00\x81\x83\x01\xf6\xf6", 9, false},
        {"a tender that is not there", "\xa1\x03\x82\x00\x81\x83\x09\xf6\xf6", 9, false},
        {"no map at all", "\x01", 1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_error err = {0};
        make_ten_line_sale();
        add_member_and_issued(room.sale);
        encode(room.sale);
        room.bytes.p[0]++;
        assert_int_equal(CF_OK, cf_buf_append(&room.bytes, rows[i].bytes, rows[i].n, NULL));
        enum cf_rc rc = cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, &err);
        if (rc != (rows[i].good ? CF_OK : CF_E_RECORD))
            fail_msg("%s: %s: %s", rows[i].why, cf_rc_name(rc), err.detail);
    }
}

/* A card payment with its id, and dollars for the rest. */
static void pay_in_two_ways(struct cf_sale *sale)
{
    struct cf_tender card = {.kind = CF_TENDER_CARD, .amount_minor = 100, .reference = "R1", .has_id = true};
    struct cf_tender dollars = {.kind = CF_TENDER_CASH, .foreign_minor = 1000000, .rate = {{"USD"}, 712340000}};
    memset(card.id, 0xAB, sizeof card.id);
    assert_int_equal(CF_OK, cf_convert(1000000, &dollars.rate, sale->currency, &dollars.amount_minor, NULL));
    cf_tenders_init(&sale->tenders, sale->total_minor);
    assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &card, NULL));
    assert_int_equal(CF_OK, cf_tenders_add(&sale->tenders, &dollars, NULL));
    sale->change_minor = cf_tenders_change(&sale->tenders);
}

static void what_tenders_say_comes_back(void **state)
{
    (void)state;
    make_ten_line_sale();
    pay_in_two_ways(room.sale);
    encode(room.sale);
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, NULL));
    assert_same_sale(room.sale, room.back);
    room.sale->tenders.tender[1].rate.rate_e8 += 1000000;
    assert_int_equal(CF_E_RECORD, cf_sale_check(room.sale, NULL)); /* worth something else */
    pay_in_two_ways(room.sale);
    room.sale->tenders.tender[0].foreign_minor = 1;
    assert_int_equal(CF_E_RECORD, cf_sale_check(room.sale, NULL)); /* by card */
    pay_in_two_ways(room.sale);
    room.sale->tenders.tender[1].has_id = true;
    assert_int_equal(CF_E_RECORD, cf_sale_check(room.sale, NULL)); /* nobody else takes cash */
    pay_in_two_ways(room.sale);
    room.sale->tenders.rounding_minor = -3;
    room.sale->change_minor += 3;
    assert_int_equal(CF_OK, cf_sale_check(room.sale, NULL)); /* 3 less were to be paid, so 3 more are change */
    encode(room.sale);
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, NULL));
    assert_same_sale(room.sale, room.back);
    room.sale->tenders.rounding_minor = CF_CASH_STEP_MAX;
    assert_int_equal(CF_E_RECORD, cf_sale_check(room.sale, NULL));
}

/* What was rounded follows from the rule that the record names; one of before that names none is as it was. */
static void the_rule_of_cash_comes_back_and_holds_what_was_rounded(void **state)
{
    (void)state;
    struct cf_sale *sale = room.sale;
    make_ten_line_sale();
    sale->tenders.rounding_minor = -(sale->total_minor % 10);
    sale->tenders.tender[0] =
        (struct cf_tender){.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor + sale->tenders.rounding_minor};
    sale->tenders.n = 1;
    sale->change_minor = 0;
    assert_int_not_equal(0, sale->tenders.rounding_minor);
    assert_int_equal(CF_OK, cf_sale_check(sale, NULL));
    sale->tenders.cash = (struct cf_cash_rule){10, CF_CASH_DOWN};
    encode(sale);
    assert_int_equal(CF_OK, cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, NULL));
    assert_int_equal(10, room.back->tenders.cash.step_minor);
    assert_int_equal(CF_CASH_DOWN, room.back->tenders.cash.way);
    static const struct {
        const char *why;
        struct cf_cash_rule rule;
    } bad[] = {
        {"the other way", {10, CF_CASH_UP}},
        {"another coin", {100, CF_CASH_UP}},
        {"no way", {10, (enum cf_cash_way)4}},
        {"no coin", {CF_CASH_STEP_MAX + 1, CF_CASH_DOWN}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sale->tenders.cash = bad[i].rule;
        if (cf_sale_check(sale, NULL) != CF_E_RECORD)
            fail_msg("%s", bad[i].why);
    }
}

static void every_changed_byte_is_refused_or_gives_a_sale_that_adds_up(void **state)
{
    (void)state;
    size_t n_refused = 0, n_taken = 0;
    make_ten_line_sale();
    add_member_and_issued(room.sale);
    encode(room.sale);
    for (size_t at = 0; at < room.bytes.n; at++) {
        uint8_t right = room.bytes.p[at];
        for (unsigned change = 1; change < 256; change++) {
            struct cf_error err = {0};
            room.bytes.p[at] = (uint8_t)(right ^ change);
            if (cf_sale_decode(cf_buf_bytes(&room.bytes), room.back, &err) != CF_OK) {
                assert_int_equal(CF_E_RECORD, err.rc);
                n_refused++;
                continue;
            }
            n_taken++;
            assert_int_equal(CF_OK, cf_sale_check(room.back, NULL));
            /* One encoding a sale: what was read is written with the same bytes. */
            struct cf_buf again;
            cf_buf_init(&again, CF_SALE_BYTES_MAX);
            assert_int_equal(CF_OK, cf_sale_encode(room.back, &again, NULL));
            assert_true(cf_bytes_equal(cf_buf_bytes(&again), cf_buf_bytes(&room.bytes)));
            cf_buf_done(&again);
        }
        room.bytes.p[at] = right;
    }
    print_message("# %zu changes refused, %zu taken (numbers, names, keys)\n", n_refused, n_taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_lines_two_tenders_and_a_coupon_take_at_most_300_bytes),
        cmocka_unit_test(a_sale_comes_back_as_it_went),
        cmocka_unit_test(the_longest_sale_fits_a_record),
        cmocka_unit_test(a_sale_that_does_not_add_up_is_not_written),
        cmocka_unit_test(nothing_is_redeemed_issued_or_given_twice_in_a_sale),
        cmocka_unit_test(a_17th_tax_rate_is_refused_before_the_sale_is_recorded),
        cmocka_unit_test(every_cut_is_refused_and_leaves_the_output_alone),
        cmocka_unit_test(a_sale_without_facts_keeps_the_bytes_that_it_had),
        cmocka_unit_test(a_map_of_extras_has_one_form),
        cmocka_unit_test(what_tenders_say_comes_back),
        cmocka_unit_test(the_rule_of_cash_comes_back_and_holds_what_was_rounded),
        cmocka_unit_test(every_changed_byte_is_refused_or_gives_a_sale_that_adds_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
