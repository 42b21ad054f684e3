/*
 * tests/unit/core/tender_test.c - what pays a sale, what does not, and change.
 */
#include <stdio.h>
#include <string.h>

#include "app/core/tender.h"
#include "tests/unit/core/core_cmocka.h"

static struct cf_tender tender(enum cf_tender_kind kind, int64_t amount, const char *reference)
{
    struct cf_tender t = {.kind = kind, .amount_minor = amount};
    (void)snprintf(t.reference, sizeof t.reference, "%s", reference);
    return t;
}

static void a_tender_is_taken_or_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t total;
        enum cf_tender_kind kind;
        int64_t amount;
        const char *reference;
        enum cf_rc rc;
        int64_t due, change;
    } rows[] = {
        {"exact cash", 1000, CF_TENDER_CASH, 1000, "", CF_OK, 0, 0},
        {"cash with change", 1000, CF_TENDER_CASH, 5000, "", CF_OK, 0, 4000},
        {"part in cash", 1000, CF_TENDER_CASH, 400, "", CF_OK, 600, 0},
        {"part by card", 1000, CF_TENDER_CARD, 400, "R1", CF_OK, 600, 0},
        {"exact by mobile", 1000, CF_TENDER_MOBILE, 1000, "R1", CF_OK, 0, 0},
        {"cards give no change", 1000, CF_TENDER_CARD, 1001, "R1", CF_E_TENDER_OVER, 1000, 0},
        {"nor do phones", 1000, CF_TENDER_MOBILE, INT64_MAX, "R1", CF_E_TENDER_OVER, 1000, 0},
        {"whose money was it?", 1000, CF_TENDER_CARD, 1000, "", CF_E_TENDER_REFERENCE, 1000, 0},
        {"cash has no reference", 1000, CF_TENDER_CASH, 1000, "R1", CF_E_ARGUMENT, 1000, 0},
        {"a control character would reach the receipt", 1000, CF_TENDER_CARD, 1000, "\x1b[2J", CF_E_ENCODING, 1000, 0},
        {"not UTF-8", 1000, CF_TENDER_CARD, 1000, "\xff", CF_E_ENCODING, 1000, 0},
        {"zero", 1000, CF_TENDER_CASH, 0, "", CF_E_TENDER_ZERO, 1000, 0},
        {"below zero", 1000, CF_TENDER_CASH, INT64_MIN, "", CF_E_TENDER_ZERO, 1000, 0},
        {"no such kind", 1000, (enum cf_tender_kind)8, 1000, "R1", CF_E_ARGUMENT, 1000, 0},
        {"no such kind", 1000, (enum cf_tender_kind)0, 1000, "", CF_E_ARGUMENT, 1000, 0},
        {"nothing is due", 0, CF_TENDER_CASH, 100, "", CF_E_STATE, 0, 0},
        {"all the cash there is", INT64_MAX, CF_TENDER_CASH, INT64_MAX, "", CF_OK, 0, 0},
        {"the most change", 1, CF_TENDER_CASH, CF_TENDER_CASH_MAX + 1, "", CF_OK, 0, CF_TENDER_CASH_MAX},
        {"a fen more", 1, CF_TENDER_CASH, CF_TENDER_CASH_MAX + 2, "", CF_E_TENDER_CASH, 1, 0},
        {"a barcode for an amount", 3990, CF_TENDER_CASH, INT64_C(952000001007200), "", CF_E_TENDER_CASH, 3990, 0},
        {"all the cash there is for a penny", 1, CF_TENDER_CASH, INT64_MAX, "", CF_E_TENDER_CASH, 1, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_tenders tenders;
        struct cf_tender t = tender(rows[i].kind, rows[i].amount, rows[i].reference);
        cf_tenders_init(&tenders, rows[i].total);
        enum cf_rc rc = cf_tenders_add(&tenders, &t, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].why, cf_rc_name(rc));
        assert_int_equal(rc == CF_OK, tenders.n);
        assert_int_equal(rows[i].due, cf_tenders_due(&tenders));
        assert_int_equal(rows[i].change, cf_tenders_change(&tenders));
        assert_int_equal(rows[i].due == 0, cf_tenders_settled(&tenders));
    }
}

static void tenders_add_up_and_their_sum_may_not_overflow(void **state)
{
    (void)state;
    struct cf_tenders tenders;
    struct cf_tender card = tender(CF_TENDER_CARD, 300, "R1"), cash = tender(CF_TENDER_CASH, INT64_MAX, "");
    cf_tenders_init(&tenders, 1000);
    assert_int_equal(CF_OK, cf_tenders_add(&tenders, &card, NULL));
    assert_int_equal(CF_E_TENDER_CASH, cf_tenders_add(&tenders, &cash, NULL));
    assert_int_equal(700, cf_tenders_due(&tenders));
    cash.amount_minor = 1000;
    assert_int_equal(CF_OK, cf_tenders_add(&tenders, &cash, NULL));
    assert_int_equal(300, cf_tenders_change(&tenders));
    assert_int_equal(CF_E_STATE, cf_tenders_add(&tenders, &cash, NULL));
}

static void the_17th_tender_is_refused(void **state)
{
    (void)state;
    struct cf_tenders tenders;
    struct cf_tender cash = tender(CF_TENDER_CASH, 1, "");
    cf_tenders_init(&tenders, 1000);
    for (size_t i = 0; i < CF_TENDERS_MAX; i++)
        assert_int_equal(CF_OK, cf_tenders_add(&tenders, &cash, NULL));
    assert_int_equal(CF_E_LIMIT, cf_tenders_add(&tenders, &cash, NULL));
}

static void a_kind_has_one_name(void **state)
{
    (void)state;
    enum cf_tender_kind kind = CF_TENDER_CASH;
    for (int k = CF_TENDER_CASH; k <= CF_TENDER_POINTS; k++) {
        assert_true(cf_tender_kind_parse(cf_tender_kind_name((enum cf_tender_kind)k), &kind));
        assert_int_equal(k, kind);
    }
    assert_false(cf_tender_kind_parse("Cash", &kind));
    assert_false(cf_tender_kind_parse("", &kind));
    assert_null(cf_tender_kind_name((enum cf_tender_kind)9));
}

/* Only what is left for cash is rounded, and only by the cash that settles it. */
static void cash_settles_what_there_are_coins_for(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int64_t total, card, cash, step;
        enum cf_cash_way way;
        int64_t rounding, due, change;
    } rows[] = {
        {"down to the jiao", 1234, 0, 1230, 10, CF_CASH_DOWN, -4, 0, 0},
        {"with change", 1234, 0, 2000, 10, CF_CASH_DOWN, -4, 0, 770},
        {"up", 1238, 0, 1240, 5, CF_CASH_NEAREST, 2, 0, 0},
        {"a part is not rounded", 1234, 0, 1000, 10, CF_CASH_DOWN, 0, 234, 0},
        {"a little less than what there are coins for", 1234, 0, 1229, 10, CF_CASH_DOWN, 0, 5, 0},
        {"the rest after a card is", 1234, 1000, 230, 10, CF_CASH_DOWN, -4, 0, 0},
        {"the exact amount gives the rest back", 1234, 0, 1234, 10, CF_CASH_DOWN, -4, 0, 4},
        {"nothing that needs a coin", 4, 0, 0, 10, CF_CASH_DOWN, -4, 0, 0},
        {"nothing left that needs a coin", 1004, 1000, 0, 10, CF_CASH_DOWN, -4, 0, 0},
        {"no rule", 1234, 0, 1234, 1, CF_CASH_NEAREST, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_tenders tenders;
        struct cf_tender card = tender(CF_TENDER_CARD, rows[i].card, "R1"),
                         cash = tender(CF_TENDER_CASH, rows[i].cash, "");
        cf_tenders_init(&tenders, rows[i].total);
        tenders.cash = (struct cf_cash_rule){rows[i].step, rows[i].way};
        if (rows[i].card > 0)
            assert_int_equal(CF_OK, cf_tenders_add(&tenders, &card, NULL));
        enum cf_rc rc = cf_tenders_add(&tenders, &cash, NULL);
        if (rc != CF_OK || tenders.rounding_minor != rows[i].rounding || cf_tenders_due(&tenders) != rows[i].due ||
            cf_tenders_change(&tenders) != rows[i].change)
            fail_msg("%s: %s, rounding %lld, due %lld, change %lld", rows[i].why, cf_rc_name(rc),
                     (long long)tenders.rounding_minor, (long long)cf_tenders_due(&tenders),
                     (long long)cf_tenders_change(&tenders));
        if (!cf_tenders_settled(&tenders))
            continue;
        assert_true(cf_tenders_follow_rule(&tenders));
        tenders.rounding_minor++;
        assert_false(cf_tenders_follow_rule(&tenders));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tender_is_taken_or_refused_by_name),
        cmocka_unit_test(cash_settles_what_there_are_coins_for),
        cmocka_unit_test(tenders_add_up_and_their_sum_may_not_overflow),
        cmocka_unit_test(the_17th_tender_is_refused),
        cmocka_unit_test(a_kind_has_one_name),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
