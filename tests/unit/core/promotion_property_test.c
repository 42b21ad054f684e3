/*
 * tests/unit/core/promotion_property_test.c - what must hold for promotions of any kind, tried on seeded ones.
 *
 * pricing_property_test.c is the same for the first four kinds; here are all of them with every house rule, and the
 * best choice against every choice there is.
 */
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

#define LINES 24
#define OFFERS 12
#define MANY 48

struct scene {
    size_t n_lines, n_offers;
    struct cf_cart_line lines[LINES];
    struct cf_promotion promotions[MANY];
    struct cf_offer offers[MANY];
    enum cf_tax_mode mode;
};

static struct scene scene;
static struct cf_priced *first, *second;

static int make_room(void **state)
{
    (void)state;
    return cf_priced_new(&first, NULL) == CF_OK && cf_priced_new(&second, NULL) == CF_OK ? 0 : -1;
}

static int free_room(void **state)
{
    (void)state;
    cf_priced_free(first);
    cf_priced_free(second);
    return 0;
}

static struct chance set_scene(uint64_t seed, size_t lines_max, size_t n_offers, unsigned percent_best)
{
    struct chance chance = {seed};
    memset(&scene, 0, sizeof scene);
    scene.n_lines = 1 + chance_below(&chance, lines_max);
    for (size_t i = 0; i < scene.n_lines; i++)
        scene.lines[i] = core_any_line_by_chance(&chance);
    scene.n_offers = n_offers;
    for (size_t i = 0; i < scene.n_offers; i++) {
        struct cf_promotion *p = &scene.promotions[i];
        *p = core_any_promotion_by_chance(&chance, (uint32_t)(1 + i));
        p->choose = chance_of(&chance, percent_best) ? CF_CHOOSE_BEST : CF_CHOOSE_ORDER;
        scene.offers[i] = (struct cf_offer){.promotion = p, .coupon_held = p->needs_coupon && chance_of(&chance, 90)};
    }
    scene.mode = chance_of(&chance, 60) ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
    return chance;
}

static void price(uint64_t seed, const struct cf_cart *cart, const struct cf_offer *offers, size_t n,
                  struct cf_priced *ret)
{
    struct cf_price_facts facts = core_facts();
    struct cf_error err = {0};
    if (cf_price(cart, offers, n, scene.mode, core_now, &facts, ret, &err) != CF_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, err.detail);
}

static void assert_floors_hold(const struct cf_cart *cart, const struct cf_priced *priced)
{
    for (size_t i = 0; i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        int64_t floor;
        if (line->voided)
            continue;
        assert_int_equal(CF_OK, cf_muldiv_round(line->floor_minor, line->qty_milli, 1000, &floor, NULL));
        int64_t least = floor < priced->lines[i].gross_minor ? floor : priced->lines[i].gross_minor;
        assert_true(priced->lines[i].net_minor >= least);
    }
}

static void assert_combined_rightly(const struct cf_priced *priced)
{
    for (size_t i = 0; i < priced->n_applied; i++) {
        const struct cf_promotion *p = scene.offers[priced->applied[i].offer].promotion;
        assert_true(p->max_discount_minor == 0 || priced->applied[i].amount_minor <= p->max_discount_minor);
        assert_true(!p->exclusive || priced->n_applied == 1);
        assert_true(!p->last || i + 1 == priced->n_applied);
        for (size_t k = 0; k < i && p->group != 0; k++)
            assert_true(scene.offers[priced->applied[k].offer].promotion->group != p->group);
    }
}

static void parts_sum_to_the_whole_and_nothing_is_below_zero_or_its_floor(void **state)
{
    (void)state;
    unsigned n_given[CF_REWARD_KINDS + 1] = {0};
    for (uint64_t seed = 1; seed <= 6000; seed++) {
        struct chance chance = set_scene(seed, LINES, seed % (OFFERS + 1), 20);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        if (chance_of(&chance, 30))
            (void)!cf_cart_void(cart, (uint32_t)(1 + chance_below(&chance, scene.n_lines)), NULL);
        price(seed, cart, scene.offers, scene.n_offers, first);
        core_assert_consistent(cart, first, scene.mode);
        assert_floors_hold(cart, first);
        assert_combined_rightly(first);
        for (size_t i = 0; i < first->n_applied; i++)
            n_given[scene.offers[first->applied[i].offer].promotion->kind]++;
        for (size_t i = 0; i < first->n_refused; i++)
            assert_true(first->refused[i].reason[0] != '\0' && first->refused[i].shortfall_minor >= 0);
        cf_cart_free(cart);
    }
    for (size_t kind = 1; kind <= CF_REWARD_KINDS; kind++)
        if (kind != CF_REWARD_EFFECT && n_given[kind] < 20)
            fail_msg("kind %zu gave something %u times only: the scenes do not try it", kind, n_given[kind]);
}

static void assert_same(uint64_t seed, const struct cf_priced *a, const struct cf_priced *b)
{
    if (a->net_minor != b->net_minor || a->tax_minor != b->tax_minor || a->total_minor != b->total_minor ||
        a->n_applied != b->n_applied || a->n_refused != b->n_refused || a->points_net_minor != b->points_net_minor)
        fail_msg("seed %llu: %lld and %lld", (unsigned long long)seed, (long long)a->total_minor,
                 (long long)b->total_minor);
    for (size_t i = 0; i < a->n_applied; i++)
        assert_int_equal(a->applied[i].amount_minor, b->applied[i].amount_minor);
}

static void the_order_of_scanning_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct chance chance = set_scene(seed, LINES, seed % (OFFERS + 1), 20);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        price(seed, cart, scene.offers, scene.n_offers, first);
        for (size_t i = scene.n_lines; i > 1; i--) {
            size_t k = (size_t)chance_below(&chance, i);
            struct cf_cart_line swapped = scene.lines[i - 1];
            scene.lines[i - 1] = scene.lines[k];
            scene.lines[k] = swapped;
        }
        struct cf_cart *other = core_cart(scene.lines, scene.n_lines);
        price(seed, other, scene.offers, scene.n_offers, second);
        assert_same(seed, first, second);
        cf_cart_free(cart);
        cf_cart_free(other);
    }
}

static void the_order_of_the_offers_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct chance chance = set_scene(seed, LINES, seed % (OFFERS + 1), 20);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        price(seed, cart, scene.offers, scene.n_offers, first);
        for (size_t i = scene.n_offers; i > 1; i--) {
            size_t k = (size_t)chance_below(&chance, i);
            struct cf_offer swapped = scene.offers[i - 1];
            scene.offers[i - 1] = scene.offers[k];
            scene.offers[k] = swapped;
        }
        price(seed, cart, scene.offers, scene.n_offers, second);
        assert_same(seed, first, second);
        assert_memory_equal(first->lines, second->lines, scene.n_lines * sizeof first->lines[0]);
        cf_cart_free(cart);
    }
}

static void voiding_what_was_added_restores_every_figure(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct chance chance = set_scene(seed, LINES, seed % (OFFERS + 1), 20);
        uint32_t line_no;
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        price(seed, cart, scene.offers, scene.n_offers, first);
        struct cf_cart_line more = core_any_line_by_chance(&chance);
        assert_int_equal(CF_OK, cf_cart_add(cart, &more, &line_no, NULL));
        assert_int_equal(CF_OK, cf_cart_void(cart, line_no, NULL));
        price(seed, cart, scene.offers, scene.n_offers, second);
        assert_same(seed, first, second);
        assert_memory_equal(first->lines, second->lines, scene.n_lines * sizeof first->lines[0]);
        cf_cart_free(cart);
    }
}

/* Every choice that there is, each priced as if it had been chosen. */
static int64_t cheapest_of_all(uint64_t seed, const struct cf_cart *cart)
{
    size_t competing[OFFERS], n = 0;
    int64_t best = INT64_MAX;
    for (size_t i = 0; i < scene.n_offers; i++)
        if (scene.promotions[i].choose == CF_CHOOSE_BEST)
            competing[n++] = i;
    for (uint32_t choice = 0; choice < UINT32_C(1) << n; choice++) {
        struct cf_offer offers[OFFERS];
        size_t kept = 0;
        for (size_t i = 0; i < scene.n_offers; i++) {
            size_t c = 0;
            while (c < n && competing[c] != i)
                c++;
            if (c < n && (choice >> c & 1) == 0)
                continue;
            offers[kept] = scene.offers[i];
            offers[kept++].chosen = true;
        }
        price(seed, cart, offers, kept, second);
        best = second->total_minor < best ? second->total_minor : best;
    }
    return best;
}

static void assert_best(uint64_t seed, const struct cf_cart *cart)
{
    price(seed, cart, scene.offers, scene.n_offers, first);
    int64_t best = cheapest_of_all(seed, cart);
    if (first->total_minor != best)
        fail_msg("seed %llu: chose %lld, and %lld can be had", (unsigned long long)seed, (long long)first->total_minor,
                 (long long)best);
    assert_true(first->choice.exact && first->choice.bound_minor == 0);
}

static void the_best_choice_is_the_best_of_all_choices(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        (void)set_scene(seed, 8, 1 + seed % 6, 90);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        assert_best(seed, cart);
        cf_cart_free(cart);
    }
    for (uint64_t seed = 1; seed <= 12; seed++) {
        (void)set_scene(seed * 1000003, LINES, OFFERS, 100);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        assert_best(seed, cart);
        cf_cart_free(cart);
    }
}

static void another_offer_to_choose_from_never_raises_the_price(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1500; seed++) {
        (void)set_scene(seed, 10, 1 + seed % 10, 100);
        for (size_t i = 0; i < scene.n_offers; i++) /* whoever takes the sale for itself does not compete */
            scene.promotions[i].exclusive_how = CF_EXCLUSIVE_IN_ORDER;
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        int64_t before = INT64_MAX;
        for (size_t n = 0; n <= scene.n_offers; n++) {
            price(seed, cart, scene.offers, n, first);
            if (first->total_minor > before)
                fail_msg("seed %llu: offer %zu raises %lld to %lld", (unsigned long long)seed, n, (long long)before,
                         (long long)first->total_minor);
            before = first->total_minor;
        }
        cf_cart_free(cart);
    }
}

/* Offers of which one is often in the way of another: by groups, minima after discounts, and rules for what was
 * reduced. */
static void set_rivals(uint64_t seed, size_t n_offers)
{
    struct chance chance = set_scene(seed, 8, n_offers, 100);
    for (size_t i = 0; i < n_offers; i++) {
        struct cf_promotion *p = &scene.promotions[i];
        enum cf_reward_kind kind = chance_of(&chance, 50) ? CF_REWARD_ORDER_PERCENT : CF_REWARD_ORDER_AMOUNT;
        *p = core_promotion((uint32_t)(1 + i), kind, 1 + (int64_t)chance_below(&chance, 1500));
        p->choose = CF_CHOOSE_BEST;
        p->min_after = chance_of(&chance, 40);
        p->min_spend_minor = (int64_t)chance_below(&chance, 20000);
        p->priority = (int32_t)chance_below(&chance, 3);
        p->skip_discounted = chance_of(&chance, 20);
        p->last = chance_of(&chance, 15);
        p->exclusive = chance_of(&chance, 10);
        p->group = (uint32_t)chance_below(&chance, 6);
        scene.offers[i] = (struct cf_offer){.promotion = p};
    }
}

/* Campaigns come one after the other, from below the limit to beyond it. */
static void beyond_the_limit_too_a_newer_campaign_never_raises_the_price(void **state)
{
    (void)state;
    unsigned n_beyond = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        set_rivals(seed, 30);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        int64_t before = INT64_MAX;
        for (size_t n = 18; n <= scene.n_offers; n++) {
            price(seed, cart, scene.offers, n, first);
            n_beyond += !first->choice.exact;
            if (first->total_minor > before)
                fail_msg("seed %llu: campaign %zu raises %lld to %lld", (unsigned long long)seed, n, (long long)before,
                         (long long)first->total_minor);
            before = first->total_minor;
        }
        cf_cart_free(cart);
    }
    assert_true(n_beyond >= 400);
}

/* Beyond what is searched to the end: no choice by chance is cheaper by more than the bound says. */
static void beyond_the_limit_the_bound_holds(void **state)
{
    (void)state;
    unsigned n_beyond = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct chance chance = set_scene(seed, 8, MANY, 100);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        price(seed, cart, scene.offers, scene.n_offers, first);
        assert_true(first->choice.bound_minor >= 0);
        n_beyond += !first->choice.exact;
        for (unsigned trial = 0; trial < 200; trial++) {
            struct cf_offer offers[MANY];
            size_t kept = 0;
            for (size_t i = 0; i < scene.n_offers; i++)
                if (chance_of(&chance, trial % 90 + 5)) {
                    offers[kept] = scene.offers[i];
                    offers[kept++].chosen = true;
                }
            price(seed, cart, offers, kept, second);
            if (second->total_minor < first->total_minor - first->choice.bound_minor)
                fail_msg("seed %llu: chose %lld, bound %lld, and %lld can be had", (unsigned long long)seed,
                         (long long)first->total_minor, (long long)first->choice.bound_minor,
                         (long long)second->total_minor);
        }
        cf_cart_free(cart);
    }
    assert_true(n_beyond >= 5);
}

/* What was chosen, priced again as a record names it, comes to the same. */
static void a_choice_once_made_stands(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        (void)set_scene(seed, LINES, seed % (OFFERS + 1), 60);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        struct cf_offer again[OFFERS];
        size_t n = 0;
        price(seed, cart, scene.offers, scene.n_offers, first);
        for (size_t i = 0; i < scene.n_offers; i++)
            for (size_t k = 0; k < first->n_applied; k++)
                if (first->applied[k].offer == i) {
                    again[n] = scene.offers[i];
                    again[n++].chosen = true;
                }
        bool effects = first->n_effects > 0;
        price(seed, cart, again, n, second);
        if (!effects && first->total_minor != second->total_minor)
            fail_msg("seed %llu: %lld, again %lld", (unsigned long long)seed, (long long)first->total_minor,
                     (long long)second->total_minor);
        cf_cart_free(cart);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_sum_to_the_whole_and_nothing_is_below_zero_or_its_floor),
        cmocka_unit_test(the_order_of_scanning_changes_nothing),
        cmocka_unit_test(the_order_of_the_offers_changes_nothing),
        cmocka_unit_test(voiding_what_was_added_restores_every_figure),
        cmocka_unit_test(the_best_choice_is_the_best_of_all_choices),
        cmocka_unit_test(beyond_the_limit_too_a_newer_campaign_never_raises_the_price),
        cmocka_unit_test(another_offer_to_choose_from_never_raises_the_price),
        cmocka_unit_test(beyond_the_limit_the_bound_holds),
        cmocka_unit_test(a_choice_once_made_stands),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
