/*
 * tests/unit/core/conditions_test.c - what is known of a shopper, and what is not: birthdays by the calendar, and what
 * a refused coupon says of visits.
 */
#include <string.h>

#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

/* Is it given on one piece, by these facts? *ret_reason: what the refused coupon says. */
static bool is_given(const struct cf_promotion *promotion, const struct cf_price_facts *facts,
                     char ret_reason[CF_REASON_MAX + 1])
{
    const struct cf_cart_line line = core_line(1, 1000, 1000, 1300);
    const struct cf_offer offer = {.promotion = promotion, .coupon_held = true};
    struct cf_cart *cart = core_cart(&line, 1);
    struct cf_priced *priced = NULL;
    assert_int_equal(CF_OK, cf_priced_new(&priced, NULL));
    assert_int_equal(CF_OK, cf_price(cart, &offer, 1, CF_TAX_INCLUSIVE, core_now, facts, priced, NULL));
    bool given = priced->n_applied == 1;
    assert_int_equal(priced->n_refused, given ? 0 : 1);
    memcpy(ret_reason, priced->refused[0].reason, CF_REASON_MAX + 1);
    cf_priced_free(priced);
    cf_cart_free(cart);
    return given;
}

static void a_birthday_is_counted_by_the_calendar(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        uint16_t birthday;
        uint32_t today;
        uint32_t before, after;
        bool given;
    } rows[] = {
        {"the day", 1122, 20261122, 0, 0, true},
        {"the day before", 1122, 20261121, 0, 0, false},
        {"the day after", 1122, 20261123, 0, 0, false},
        {"29 February where there is one", 229, 20280229, 0, 0, true},
        {"the 28th where there is one", 229, 20280228, 0, 0, false},
        {"the 28th where there is none", 229, 20260228, 0, 0, true},
        {"1 March where there is none", 229, 20260301, 0, 0, false},
        {"a day after the 28th where there is none", 229, 20260301, 0, 1, true},
        {"1 March is one day after 28 February", 228, 20260301, 0, 1, true},
        {"and two in a leap year", 228, 20280301, 0, 1, false},
        {"a week before, over February", 304, 20260225, 7, 0, true},
        {"eight days before", 304, 20260224, 7, 0, false},
        {"before the turn of the year", 101, 20261230, 2, 0, true},
        {"three days before it", 101, 20261229, 2, 0, false},
        {"after the turn of the year", 1231, 20260103, 0, 3, true},
        {"four days after it", 1231, 20260104, 0, 3, false},
        {"nobody's", 0, 20261122, 180, 180, false},
    };
    struct cf_promotion promotion = core_promotion(7, CF_REWARD_ORDER_PERCENT, 1000);
    char reason[CF_REASON_MAX + 1];
    promotion.birthday = true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_price_facts facts = core_facts();
        facts.birthday = rows[i].birthday;
        facts.local_date = rows[i].today;
        promotion.birthday_before_days = rows[i].before;
        promotion.birthday_after_days = rows[i].after;
        print_message("# %s\n", rows[i].why);
        assert_int_equal(is_given(&promotion, &facts, reason), rows[i].given);
    }
}

static void who_is_not_known_is_told_what_to_show(void **state)
{
    (void)state;
    static const char show[] = "show the member code on the phone";
    static const struct {
        const char *why;
        uint32_t visits;
        bool first, not_first;
        bool first_given, third_given, first_shows, third_shows;
    } rows[] = {
        {"the first", 1, true, false, true, false, false, false},
        {"the third", 3, false, true, false, true, false, false},
        {"the fourth", 4, false, true, false, false, false, false},
        {"nobody said", 0, false, false, false, false, true, true},
        {"not the first, and nobody said which", 0, false, true, false, false, false, true},
    };
    struct cf_promotion first = core_promotion(7, CF_REWARD_ORDER_PERCENT, 1000), third = first;
    char reason[CF_REASON_MAX + 1];
    first.first_purchase = true;
    third.visit_nth = 3;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_price_facts facts = core_facts();
        facts.visits = rows[i].visits;
        facts.first_purchase = rows[i].first;
        facts.not_first = rows[i].not_first;
        print_message("# %s\n", rows[i].why);
        assert_int_equal(is_given(&first, &facts, reason), rows[i].first_given);
        assert_int_equal(!rows[i].first_given && strstr(reason, show) != NULL, rows[i].first_shows);
        assert_int_equal(is_given(&third, &facts, reason), rows[i].third_given);
        assert_int_equal(!rows[i].third_given && strstr(reason, show) != NULL, rows[i].third_shows);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_birthday_is_counted_by_the_calendar),
        cmocka_unit_test(who_is_not_known_is_told_what_to_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
