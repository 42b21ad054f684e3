/*
 * tests/unit/core/both_ends_test.c - till and centre price alike: any basket, any promotions, by what the record says.
 *
 * A till prices with all offers it has; the centre sees those that gave something, through bytes. Seeded.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

#define BASKETS 100000 /* a tenth of them where memory is watched: what differs by chance differs there too */
#define OFFERS 6
#define LINES 6

struct ends {
    struct cf_campaign campaigns[OFFERS];
    struct cf_cart *scratch;
    struct cf_priced *till, *centre;
    struct cf_sale *sale, *read;
    struct cf_buf bytes;
};
static struct ends ends;

static int make_room(void **state)
{
    (void)state;
    cf_buf_init(&ends.bytes, CF_SALE_BYTES_MAX);
    return cf_cart_new(core_cny, &ends.scratch, NULL) == CF_OK && cf_priced_new(&ends.till, NULL) == CF_OK &&
                   cf_priced_new(&ends.centre, NULL) == CF_OK && cf_sale_new(&ends.sale, NULL) == CF_OK &&
                   cf_sale_new(&ends.read, NULL) == CF_OK
               ? 0
               : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_cart_free(ends.scratch);
    cf_priced_free(ends.till);
    cf_priced_free(ends.centre);
    cf_sale_free(ends.sale);
    cf_sale_free(ends.read);
    cf_buf_done(&ends.bytes);
    return 0;
}

static const struct cf_campaign *look_up(void *ctx, uint32_t campaign, uint32_t version)
{
    (void)ctx;
    return campaign >= 1 && campaign <= OFFERS && version == ends.campaigns[campaign - 1].version
               ? &ends.campaigns[campaign - 1]
               : NULL;
}

static bool takes_off(size_t offer)
{
    for (size_t i = 0; i < ends.till->n_applied; i++)
        if (ends.till->applied[i].offer == offer)
            return true;
    return false;
}

static bool has_effect(size_t offer)
{
    for (size_t i = 0; i < ends.till->n_effects; i++)
        if (ends.till->effects[i].offer == offer)
            return true;
    return false;
}

/* What a till writes beside money: see till_commit.c. */
static void record_rest(const struct cf_cart *cart, const struct cf_offer *offers, const struct cf_price_facts *facts)
{
    unsigned asks = 0;
    struct cf_sale *sale = ends.sale;
    for (size_t i = 0; i < OFFERS; i++) {
        if (!takes_off(i) && !has_effect(i))
            continue;
        asks |= cf_promotion_asks(offers[i].promotion);
        if (takes_off(i))
            continue;
        int32_t redemption = -1;
        if (offers[i].coupon_held) {
            redemption = (int32_t)sale->n_redemptions;
            sale->redemptions[sale->n_redemptions++] = (struct cf_redemption){.campaign = offers[i].promotion->campaign,
                                                                              .index = 7,
                                                                              .policy = CF_POLICY_LEASED,
                                                                              .source = CF_RIGHT_LEASE};
        }
        sale->effects[sale->n_effects++] =
            (struct cf_sale_effect){offers[i].promotion->campaign, offers[i].promotion->version, redemption};
    }
    for (size_t i = 0, at = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (!line->voided)
            sale->lines[at++].weighed_whole = line->weighed && line->qty_milli % 1000 == 0;
    }
    sale->has_member = facts->has_member;
    sale->member_tier = facts->tier;
    sale->facts = cf_sale_facts_of(facts, asks);
    if (sale->facts.tenders != 0) /* core_sale pays in cash and by card */
        sale->facts.tenders = 1u << CF_TENDER_CASH | 1u << CF_TENDER_CARD;
}

/* Some baskets have a line void, and some money off by hand. */
static void meddle(struct chance *chance, struct cf_cart *cart)
{
    if (cf_cart_count(cart) > 1 && chance_of(chance, 10))
        assert_int_equal(CF_OK, cf_cart_void(cart, 1, NULL));
    for (size_t i = 0; i < 3 && chance_of(chance, 30); i++) {
        struct cf_hand_discount by_hand = {.line_no = (uint32_t)chance_below(chance, cf_cart_count(cart) + 1),
                                           .reason = "dented"};
        if (chance_of(chance, 50))
            by_hand.percent_bp = 1 + (uint32_t)chance_below(chance, 10000);
        else
            by_hand.asked_minor = 1 + (int64_t)chance_below(chance, 5000);
        (void)!cf_cart_discount(cart, &by_hand, NULL);
    }
}

static void assert_alike(uint64_t seed)
{
    struct chance chance = {seed};
    struct cf_cart_line lines[LINES];
    struct cf_offer offers[OFFERS];
    struct cf_price_facts facts = core_facts();
    struct cf_error err = {0};
    size_t n = 1 + chance_below(&chance, LINES);
    enum cf_tax_mode mode = chance_of(&chance, 50) ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
    facts.has_member = chance_of(&chance, 70);
    facts.tenders = 1u << CF_TENDER_CASH | 1u << CF_TENDER_CARD;
    if (!facts.has_member)
        facts.tier = 0, facts.visits = 0, facts.birthday = 0;
    for (size_t i = 0; i < n; i++) {
        lines[i] = core_any_line_by_chance(&chance);
        if (lines[i].weighed && chance_of(&chance, 30)) /* the scale reads a whole number of units */
            lines[i].qty_milli = (lines[i].qty_milli / 1000 + 1) * 1000;
    }
    for (uint32_t i = 0; i < OFFERS; i++) {
        struct cf_campaign *campaign = &ends.campaigns[i];
        memset(campaign, 0, sizeof *campaign);
        campaign->id = i + 1;
        campaign->promotion = core_any_promotion_by_chance(&chance, i + 1);
        campaign->version = campaign->promotion.version;
        offers[i] = (struct cf_offer){.promotion = &campaign->promotion, .tag = i};
        offers[i].coupon_held = campaign->promotion.needs_coupon && chance_of(&chance, 80);
    }
    struct cf_cart *cart = core_cart(lines, n);
    meddle(&chance, cart);
    if (cf_price(cart, offers, OFFERS, mode, core_now, &facts, ends.till, &err) != CF_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.detail);
    core_sale(cart, offers, ends.till, mode, ends.sale);
    record_rest(cart, offers, &facts);
    cf_buf_clear(&ends.bytes);
    if (cf_sale_encode(ends.sale, &ends.bytes, &err) != CF_OK ||
        cf_sale_decode(cf_buf_bytes(&ends.bytes), ends.read, &err) != CF_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.detail);
    const struct cf_sale_lookup lookup = {NULL, core_categories, look_up};
    if (cf_sale_rejudge(ends.read, core_now, &lookup, ends.scratch, ends.centre, &err) != CF_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.detail);
    assert_int_equal(ends.till->points_net_minor, ends.centre->points_net_minor);
    assert_int_equal(ends.till->points_more, ends.centre->points_more);
    cf_cart_free(cart);
}

static void till_and_centre_come_to_the_same_cent(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    uint64_t baskets = BASKETS / 10;
#else
    uint64_t baskets = BASKETS;
#endif
    uint64_t n_discounts = 0, n_effects = 0, n_by_hand = 0;
    for (uint64_t seed = 1; seed <= baskets; seed++) {
        assert_alike(seed);
        n_discounts += ends.read->n_discounts;
        n_effects += ends.read->n_effects;
        n_by_hand += ends.read->n_by_hand;
    }
    print_message(
        "# %llu baskets with %d promotions on offer each: %llu gave money, %llu something else; %llu discounts "
        "by hand\n",
        (unsigned long long)baskets, OFFERS, (unsigned long long)n_discounts, (unsigned long long)n_effects,
        (unsigned long long)n_by_hand);
    assert_true(n_discounts > baskets / 10 && n_effects > 0 && n_by_hand > baskets / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(till_and_centre_come_to_the_same_cent),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
