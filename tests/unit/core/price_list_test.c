/*
 * tests/unit/core/price_list_test.c - which of several prices holds.
 */
#include "app/core/price_list.h"

#include <string.h>

#include "tests/unit/core/core_cmocka.h"

#define T(s)                                                                                                           \
    {                                                                                                                  \
        INT64_C(1000000) * (s)                                                                                         \
    }

static void the_price_that_holds_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        struct cf_price_question question;
        size_t n;
        struct cf_listed_price listed[3];
        struct cf_price_answer answer;
    } rows[] = {
        {"no list", {T(100), false, 0}, 0, {{{.list = 0}, 0}}, {500, CF_PRICE_CATALOGUE, 0, false}},
        {"a list without end", {T(100), false, 0}, 1, {{{.list = 1}, 400}}, {400, CF_PRICE_LIST, 1, false}},
        {"dearer than the catalogue", {T(100), false, 0}, 1, {{{.list = 1}, 600}}, {600, CF_PRICE_LIST, 1, false}},
        {"from its first instant",
         {T(100), false, 0},
         1,
         {{{.list = 1, .from = T(100), .to = T(200)}, 400}},
         {400, CF_PRICE_LIST, 1, false}},
        {"to just before its last",
         {T(200), false, 0},
         1,
         {{{.list = 1, .from = T(100), .to = T(200)}, 400}},
         {500, CF_PRICE_CATALOGUE, 0, false}},
        {"not before", {T(99), false, 0}, 1, {{{.list = 1, .from = T(100)}, 400}}, {500, CF_PRICE_CATALOGUE, 0, false}},
        {"not for a stranger",
         {T(1), false, 2},
         1,
         {{{.list = 1, .tiers = 4}, 400}},
         {500, CF_PRICE_CATALOGUE, 0, false}},
        {"for a member of its tier",
         {T(1), true, 2},
         1,
         {{{.list = 1, .tiers = 4}, 400}},
         {400, CF_PRICE_LIST, 1, false}},
        {"not for another tier",
         {T(1), true, 3},
         1,
         {{{.list = 1, .tiers = 4}, 400}},
         {500, CF_PRICE_CATALOGUE, 0, false}},
        {"the highest priority, though dearer",
         {T(1), false, 0},
         3,
         {{{.list = 1, .priority = 1}, 400}, {{.list = 2, .priority = 9}, 450}, {{.list = 3}, 300}},
         {450, CF_PRICE_LIST, 2, false}},
        {"the priority of a list that does not hold is nothing",
         {T(1), false, 0},
         2,
         {{{.list = 1, .priority = 9, .from = T(2)}, 400}, {{.list = 2}, 450}},
         {450, CF_PRICE_LIST, 2, false}},
        {"of equal priority the tier's",
         {T(1), true, 0},
         2,
         {{{.list = 1}, 300}, {{.list = 2, .tiers = 1}, 450}},
         {450, CF_PRICE_LIST, 2, false}},
        {"of those the lowest",
         {T(1), false, 0},
         3,
         {{{.list = 1}, 400}, {{.list = 2}, 300}, {{.list = 3}, 350}},
         {300, CF_PRICE_LIST, 2, false}},
        {"of those the first",
         {T(1), false, 0},
         2,
         {{{.list = 9}, 300}, {{.list = 4, .reduced = true}, 300}},
         {300, CF_PRICE_LIST, 4, true}},
        {"for nothing", {T(1), false, 0}, 1, {{{.list = 1}, 0}}, {0, CF_PRICE_LIST, 1, false}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_listed_price turned[3];
        struct cf_price_answer answer, other;
        for (size_t k = 0; k < rows[i].n; k++)
            turned[k] = rows[i].listed[rows[i].n - 1 - k];
        cf_price_resolve(500, rows[i].listed, rows[i].n, &rows[i].question, &answer);
        cf_price_resolve(500, turned, rows[i].n, &rows[i].question, &other);
        const struct cf_price_answer *want = &rows[i].answer;
        if (answer.price_minor != want->price_minor || answer.origin != want->origin || answer.list != want->list ||
            answer.reduced != want->reduced)
            fail_msg("%s: %lld of list %u", rows[i].why, (long long)answer.price_minor, (unsigned)answer.list);
        assert_true(other.price_minor == answer.price_minor && other.list == answer.list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_price_that_holds_is_found),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
