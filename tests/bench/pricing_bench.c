/*
 * tests/bench/pricing_bench.c - cf_price on baskets drawn by chance: every line, every promotion, every sentence.
 *
 * The promotions are of all kinds, each of some goods or categories as a shop has them, with hours, floors, groups and
 * tiers among them; nothing is kept between two pricings. The floor is what the same basket and promotions cost a loop
 * that only looks whether a promotion names a line and takes a percentage off it: no conditions, order, pieces, sharing
 * of cents, tax or words. A pricing during which the scheduler gave the processor away is left out and counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app/core/pricing.h"
#include "tests/bench/bench.h"

#define BASKETS 64
#define LINES_MAX 300
#define OFFERS_MAX 500
#define CATEGORIES 30

#define START_S INT64_C(1795330800) /* 2026-11-22T07:00:00Z */

struct shop {
    size_t n_offers;
    struct cf_promotion *promotions;
    struct cf_offer offers[OFFERS_MAX];
    struct cf_cart *carts[BASKETS];
    struct cf_priced *priced;
    struct cf_price_facts facts;
    uint64_t random;
};

static unsigned n_interrupted;
static size_t n_applied, n_priced;

static uint64_t draw(struct shop *shop, uint64_t n)
{
    return bench_random(&shop->random) % n;
}

static long times_interrupted(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nivcsw;
}

/* --- a shop's promotions ------------------------------------------------------------------------------------------ */

static void goods_of(struct shop *shop, struct cf_promotion *p, size_t n_products)
{
    if (draw(shop, 3) == 0) {
        p->goods.categories[p->goods.n_categories++] = (uint32_t)(1 + draw(shop, CATEGORIES));
        return;
    }
    for (size_t n = 1 + draw(shop, 8); p->goods.n_products < n;)
        p->goods.products[p->goods.n_products++] = 1 + draw(shop, n_products);
}

static void reward_of(struct shop *shop, struct cf_promotion *p)
{
    p->percent_bp = (uint32_t)(500 + 500 * draw(shop, 8));
    p->amount_minor = (int64_t)(100 + 50 * draw(shop, 10));
    switch (p->kind) {
    case CF_REWARD_GROUP:
        p->group_qty = 3;
        p->get_qty = 1;
        p->percent_bp = 10000;
        break;
    case CF_REWARD_BUY_GET:
        p->buy_qty = 2;
        p->get_qty = 1;
        break;
    case CF_REWARD_TIERED:
        p->n_tiers = 2;
        p->tiers[0] = (struct cf_tier){1000, 500};
        p->tiers[1] = (struct cf_tier){10000, 1000};
        break;
    case CF_REWARD_BUNDLE:
        p->n_slots = 2;
        for (size_t s = 0; s < 2; s++)
            p->slots[s] = (struct cf_slot){.qty = 1, .goods = {.n_categories = 1, .categories = {(uint32_t)(1 + s)}}};
        p->goods = (struct cf_goods){0};
        break;
    case CF_REWARD_ORDER_PERCENT:
    case CF_REWARD_ORDER_AMOUNT:
    case CF_REWARD_LINE_PERCENT:
    case CF_REWARD_UNIT_AMOUNT:
    case CF_REWARD_LINE_AMOUNT:
    case CF_REWARD_UNIT_PRICE:
    case CF_REWARD_MEMBER_PRICE:
    case CF_REWARD_GIFT:
    case CF_REWARD_EFFECT:
        break;
    }
}

static void make_promotion(struct shop *shop, size_t i, size_t n_products)
{
    static const enum cf_reward_kind kinds[] = {
        CF_REWARD_LINE_PERCENT, CF_REWARD_LINE_PERCENT, CF_REWARD_UNIT_AMOUNT,  CF_REWARD_UNIT_PRICE,  CF_REWARD_GROUP,
        CF_REWARD_BUY_GET,      CF_REWARD_TIERED,       CF_REWARD_ORDER_AMOUNT, CF_REWARD_LINE_AMOUNT, CF_REWARD_BUNDLE,
    };
    struct cf_error err;
    struct cf_promotion *p = &shop->promotions[i];
    *p = (struct cf_promotion){.campaign = (uint32_t)i + 1, .version = 1};
    (void)snprintf(p->name, sizeof p->name, "Week %zu of offers", i);
    p->kind = kinds[i % (sizeof kinds / sizeof *kinds)];
    p->priority = (int32_t)draw(shop, 5);
    goods_of(shop, p, n_products);
    reward_of(shop, p);
    if (i % 25 == 7) /* a few for the whole basket */
        p->goods = (struct cf_goods){0};
    if (i % 7 == 3)
        p->min_spend_minor = (int64_t)(1000 * draw(shop, 6));
    if (i % 5 == 1)
        p->weekdays = 0x60;
    if (i % 5 == 2)
        p->hours[p->n_hours++] = (struct cf_hours){420, 1320};
    if (i % 9 == 4)
        p->group = 1 + (uint32_t)draw(shop, 3);
    bench_check(cf_promotion_check(p, &err), &err, "a promotion");
    shop->offers[i] = (struct cf_offer){.promotion = p};
}

static void make_cart(struct shop *shop, size_t basket, size_t n_lines, size_t n_products)
{
    static const cf_currency currency = {"CNY"};
    static const uint32_t rates[] = {1300, 900, 600};
    struct cf_error err;
    uint32_t line_no;
    bench_check(cf_cart_new(currency, &shop->carts[basket], &err), &err, "a cart");
    for (size_t i = 0; i < n_lines; i++) {
        uint64_t product = 1 + draw(shop, n_products);
        struct cf_cart_line line = {
            .product = product,
            .name = "Face mask",
            .qty_milli = (int64_t)(1 + draw(shop, 4)) * 1000,
            .unit_price_minor = (int64_t)(199 + product * 37 % 9000),
            .tax_bp = rates[product % 3],
            .n_categories = 2,
            .categories = {(uint32_t)(1 + product % CATEGORIES), (uint32_t)(100 + product % 7)}};
        if (product % 11 == 0)
            line.floor_minor = line.unit_price_minor * 8 / 10;
        bench_check(cf_cart_add(shop->carts[basket], &line, &line_no, &err), &err, "a line");
    }
}

static void open_shop(struct shop *shop, size_t n_lines, size_t n_offers, uint64_t seed)
{
    struct cf_error err;
    size_t n_products = 20 * n_lines / 3;
    memset(shop, 0, sizeof *shop);
    shop->random = seed;
    shop->n_offers = n_offers;
    shop->promotions = calloc(n_offers, sizeof *shop->promotions);
    if (shop->promotions == NULL)
        bench_die("no memory");
    bench_check(cf_priced_new(&shop->priced, &err), &err, "a priced cart");
    shop->facts = (struct cf_price_facts){
        .channel = 1, .store = 3, .local_date = 20261122, .weekday = 7, .minute = 900, .tenders = 2};
    for (size_t i = 0; i < n_offers; i++)
        make_promotion(shop, i, n_products);
    for (size_t i = 0; i < BASKETS; i++)
        make_cart(shop, i, n_lines, n_products);
}

static void close_shop(struct shop *shop)
{
    for (size_t i = 0; i < BASKETS; i++)
        cf_cart_free(shop->carts[i]);
    cf_priced_free(shop->priced);
    free(shop->promotions);
}

/* --- what is measured --------------------------------------------------------------------------------------------- */

static double price_us(struct shop *shop, size_t basket)
{
    struct cf_error err;
    cf_wall now = cf_wall_from_s(START_S);
    int64_t from = bench_now_ns();
    enum cf_rc rc = cf_price(shop->carts[basket], shop->offers, shop->n_offers, CF_TAX_INCLUSIVE, now, &shop->facts,
                             shop->priced, &err);
    int64_t to = bench_now_ns();
    bench_check(rc, &err, "pricing");
    n_applied += shop->priced->n_applied;
    n_priced++;
    return (double)(to - from) / 1e3;
}

static volatile int64_t sink;

static double naive_us(struct shop *shop, size_t basket)
{
    const struct cf_cart *cart = shop->carts[basket];
    int64_t off = 0, from = bench_now_ns();
    for (size_t i = 0; i < shop->n_offers; i++) {
        const struct cf_promotion *p = &shop->promotions[i];
        for (size_t k = 0; k < cf_cart_count(cart); k++) {
            const struct cf_cart_line *line = cf_cart_at(cart, k);
            if (cf_goods_cover(&p->goods, line))
                off += line->unit_price_minor * (line->qty_milli / 1000) * p->percent_bp / 10000;
        }
    }
    int64_t to = bench_now_ns();
    sink = off;
    return (double)(to - from) / 1e3;
}

struct figures {
    double p50, p99, floor_p50;
};

static struct figures measure(struct shop *shop, size_t rounds)
{
    struct bench_samples us, floor_us;
    struct figures figures;
    bench_samples_init(&us, rounds * BASKETS);
    bench_samples_init(&floor_us, rounds * BASKETS);
    for (size_t round = 0; round < rounds + 1; round++)
        for (size_t basket = 0; basket < BASKETS; basket++) {
            long before = times_interrupted();
            double one = price_us(shop, basket), naive = naive_us(shop, basket);
            if (round == 0) /* cold */
                continue;
            if (times_interrupted() != before) {
                n_interrupted++;
                continue;
            }
            bench_samples_add(&us, one);
            bench_samples_add(&floor_us, naive);
        }
    figures.p50 = bench_samples_at(&us, 500);
    figures.p99 = bench_samples_at(&us, 990);
    figures.floor_p50 = bench_samples_at(&floor_us, 500);
    bench_samples_done(&us);
    bench_samples_done(&floor_us);
    return figures;
}

static void print(const char *what, const char *unit, double value, double floor, const char *goal, bool met)
{
    bench_print(&(struct bench_figure){.row = "pricing",
                                       .what = what,
                                       .unit = unit,
                                       .value = value,
                                       .floor = floor > 0 ? "a loop that only matches and takes percentages" : NULL,
                                       .floor_value = floor,
                                       .ratio = floor > 0 ? value / floor : 0,
                                       .goal = goal,
                                       .met = met});
}

static void usual_basket(struct shop *shop)
{
    open_shop(shop, 20, 50, 4711);
    struct figures f = measure(shop, 150);
    print("20 lines, 50 live promotions, p50", "us", f.p50, f.floor_p50, "<= 25 us", f.p50 <= 25);
    print("20 lines, 50 live promotions, p99", "us", f.p99, 0, "<= 4 times the p50", f.p99 <= 4 * f.p50);
    print("of them applied, on average", "promotions", (double)n_applied / (double)n_priced, 0, NULL, false);
    close_shop(shop);
}

/* Twelve that compete and often bar each other, on the whole basket or half of it. */
static void best_choice(struct shop *shop)
{
    open_shop(shop, 30, 12, 815);
    size_t chosen = 0;
    for (size_t i = 0; i < shop->n_offers; i++) {
        struct cf_promotion *p = &shop->promotions[i];
        p->choose = CF_CHOOSE_BEST;
        p->min_spend_minor = 0;
        p->group = i % 4 == 0 ? 1 : 0;
        p->exclusive = i == 5;
        p->skip_discounted = i % 6 == 2;
        if (p->kind != CF_REWARD_BUNDLE && i % 3 != 0)
            p->goods = (struct cf_goods){0};
    }
    struct figures f = measure(shop, 12);
    for (size_t basket = 0; basket < BASKETS; basket++) {
        price_us(shop, basket);
        chosen += shop->priced->choice.n_chosen;
        if (!shop->priced->choice.exact)
            bench_die("the best choice among twelve is not proven");
    }
    print("best choice among 12 offers, 30 lines, p50", "ms", f.p50 / 1e3, f.floor_p50 / 1e3, NULL, false);
    print("best choice among 12 offers, 30 lines, p99", "ms", f.p99 / 1e3, 0, "<= 5 ms", f.p99 <= 5000);
    print("of them chosen, on average", "offers", (double)chosen / BASKETS, 0, NULL, false);
    close_shop(shop);
}

static void large_basket(struct shop *shop)
{
    open_shop(shop, 300, 500, 1114);
    n_applied = n_priced = 0;
    struct figures f = measure(shop, 8);
    print("300 lines, 500 promotions, p50", "ms", f.p50 / 1e3, f.floor_p50 / 1e3, NULL, false);
    print("300 lines, 500 promotions, p99", "ms", f.p99 / 1e3, 0, "<= 10 ms", f.p99 <= 10000);
    print("of them applied, on average", "promotions", (double)n_applied / (double)n_priced, 0, NULL, false);
    close_shop(shop);
}

int main(void)
{
    static struct shop shop;
    usual_basket(&shop);
    best_choice(&shop);
    large_basket(&shop);
    print("pricings left out, interrupted by another process", "", n_interrupted, 0, NULL, false);
    return 0;
}
