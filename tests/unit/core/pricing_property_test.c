/*
 * tests/unit/core/pricing_property_test.c - what must hold for any cart and any offers, tried on seeded ones.
 */
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

#define LINES 40
#define OFFERS 8

/* A cart and offers by chance; the cart is the caller's to free. */
struct scene {
    size_t n_lines, n_offers;
    struct cf_cart_line lines[LINES];
    struct cf_promotion promotions[OFFERS];
    struct cf_offer offers[OFFERS];
    enum cf_tax_mode mode;
};

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

static struct scene scene_by_chance(uint64_t seed)
{
    struct chance chance = {seed};
    struct scene scene = {0};
    scene.n_lines = 1 + chance_below(&chance, LINES);
    for (size_t i = 0; i < scene.n_lines; i++)
        scene.lines[i] = core_line_by_chance(&chance);
    scene.n_offers = chance_below(&chance, OFFERS + 1);
    for (size_t i = 0; i < scene.n_offers; i++)
        scene.promotions[i] = core_promotion_by_chance(&chance, (uint32_t)(1 + i));
    scene.mode = chance_of(&chance, 50) ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
    return scene;
}

/* Not by scene_by_chance: the struct points into itself. */
static void point_offers(struct scene *scene, struct chance *chance)
{
    for (size_t i = 0; i < scene->n_offers; i++)
        scene->offers[i] = (struct cf_offer){&scene->promotions[i],
                                             scene->promotions[i].needs_coupon || chance_of(chance, 30), 0, false};
}

static void parts_sum_to_the_whole_and_nothing_is_below_zero(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct scene scene = scene_by_chance(seed);
        struct chance chance = {seed * 31};
        point_offers(&scene, &chance);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        if (chance_of(&chance, 30))
            (void)!cf_cart_void(cart, (uint32_t)(1 + chance_below(&chance, scene.n_lines)), NULL);
        core_price(cart, scene.offers, scene.n_offers, scene.mode, first);
        core_assert_consistent(cart, first, scene.mode);
        for (size_t i = 0; i < first->n_refused; i++) {
            assert_true(first->refused[i].reason[0] != '\0');
            assert_true(scene.offers[first->refused[i].offer].coupon_held);
            assert_true(first->refused[i].shortfall_minor >= 0);
        }
        for (size_t i = 0; i < first->n_applied; i++) {
            const struct cf_promotion *p = scene.offers[first->applied[i].offer].promotion;
            assert_true(p->max_discount_minor == 0 || first->applied[i].amount_minor <= p->max_discount_minor);
            assert_true(!p->exclusive || first->n_applied == 1);
        }
        cf_cart_free(cart);
    }
}

static void shuffle(struct chance *chance, size_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t k = (size_t)chance_below(chance, i);
        size_t swapped = order[i - 1];
        order[i - 1] = order[k];
        order[k] = swapped;
    }
}

static void assert_same_totals(uint64_t seed, const struct cf_priced *a, const struct cf_priced *b)
{
    if (a->gross_minor != b->gross_minor || a->discount_minor != b->discount_minor || a->net_minor != b->net_minor ||
        a->tax_minor != b->tax_minor || a->total_minor != b->total_minor || a->n_applied != b->n_applied ||
        a->n_refused != b->n_refused)
        fail_msg("seed %llu: %lld and %lld", (unsigned long long)seed, (long long)a->total_minor,
                 (long long)b->total_minor);
    for (size_t i = 0; i < a->n_applied; i++)
        assert_int_equal(a->applied[i].amount_minor, b->applied[i].amount_minor);
}

static void neither_the_order_of_scanning_nor_that_of_offers_changes_a_total(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct scene scene = scene_by_chance(seed), shuffled;
        struct chance chance = {seed * 17};
        size_t line_order[LINES], offer_order[OFFERS];
        point_offers(&scene, &chance);
        shuffled = scene;
        shuffle(&chance, line_order, scene.n_lines);
        for (size_t i = 0; i < scene.n_lines; i++)
            shuffled.lines[i] = scene.lines[line_order[i]];
        shuffle(&chance, offer_order, scene.n_offers);
        for (size_t i = 0; i < scene.n_offers; i++)
            shuffled.offers[i] = scene.offers[offer_order[i]];

        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        struct cf_cart *other = core_cart(shuffled.lines, scene.n_lines);
        core_price(cart, scene.offers, scene.n_offers, scene.mode, first);
        core_price(other, shuffled.offers, scene.n_offers, scene.mode, second);
        assert_same_totals(seed, first, second);
        cf_cart_free(cart);
        cf_cart_free(other);
    }
}

static void a_voided_line_leaves_no_trace_in_the_totals(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct scene scene = scene_by_chance(seed);
        struct chance chance = {seed * 7};
        uint32_t line_no;
        point_offers(&scene, &chance);
        struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
        core_price(cart, scene.offers, scene.n_offers, scene.mode, first);
        struct cf_cart_line more = core_line_by_chance(&chance);
        assert_int_equal(CF_OK, cf_cart_add(cart, &more, &line_no, NULL));
        assert_int_equal(CF_OK, cf_cart_set_price(cart, line_no, 12345, NULL));
        assert_int_equal(CF_OK, cf_cart_set_quantity(cart, line_no, 7000, NULL));
        assert_int_equal(CF_OK, cf_cart_void(cart, line_no, NULL));
        core_price(cart, scene.offers, scene.n_offers, scene.mode, second);
        assert_same_totals(seed, first, second);
        assert_memory_equal(first->lines, second->lines, scene.n_lines * sizeof first->lines[0]);
        cf_cart_free(cart);
    }
}

static void pricing_twice_gives_every_byte_again(void **state)
{
    (void)state;
    struct scene scene = scene_by_chance(5);
    struct chance chance = {99};
    point_offers(&scene, &chance);
    struct cf_cart *cart = core_cart(scene.lines, scene.n_lines);
    memset(first, 0, sizeof *first);
    core_price(cart, scene.offers, scene.n_offers, scene.mode, first);
    memcpy(second, first, sizeof *second);
    core_price(cart, scene.offers, scene.n_offers, scene.mode, first);
    assert_memory_equal(first, second, sizeof *first);
    cf_cart_free(cart);
}

/* The longest receipt of the public retail data has 1,114 lines. */
static void a_cart_of_1114_lines_adds_up(void **state)
{
    (void)state;
    struct chance chance = {2026};
    struct cf_cart *cart = core_cart(NULL, 0);
    struct cf_promotion promotions[OFFERS];
    struct cf_offer offers[OFFERS];
    uint32_t line_no;
    for (int i = 0; i < 1114; i++) {
        struct cf_cart_line line = core_line_by_chance(&chance);
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
    }
    for (size_t i = 0; i < OFFERS; i++) {
        promotions[i] = core_promotion_by_chance(&chance, (uint32_t)(1 + i));
        promotions[i].exclusive = false;
        offers[i] = (struct cf_offer){&promotions[i], true, 0, false};
    }
    core_price(cart, offers, OFFERS, CF_TAX_INCLUSIVE, first);
    core_assert_consistent(cart, first, CF_TAX_INCLUSIVE);
    assert_true(first->n_applied > 0);
    cf_cart_free(cart);
}

static void a_cart_of_as_many_rates_as_lines_adds_up(void **state)
{
    (void)state;
    struct cf_cart *cart = core_cart(NULL, 0);
    uint32_t line_no;
    for (uint32_t i = 0; i < CF_CART_LINES_MAX; i++) {
        struct cf_cart_line line = core_line(1 + i % 50, 1000, 100 + i, i);
        assert_int_equal(CF_OK, cf_cart_add(cart, &line, &line_no, NULL));
    }
    core_price(cart, NULL, 0, CF_TAX_EXCLUSIVE, first);
    core_assert_consistent(cart, first, CF_TAX_EXCLUSIVE);
    cf_cart_free(cart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_sum_to_the_whole_and_nothing_is_below_zero),
        cmocka_unit_test(neither_the_order_of_scanning_nor_that_of_offers_changes_a_total),
        cmocka_unit_test(a_voided_line_leaves_no_trace_in_the_totals),
        cmocka_unit_test(pricing_twice_gives_every_byte_again),
        cmocka_unit_test(a_cart_of_1114_lines_adds_up),
        cmocka_unit_test(a_cart_of_as_many_rates_as_lines_adds_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_room, free_room);
}
