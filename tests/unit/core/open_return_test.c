/*
 * tests/unit/core/open_return_test.c - goods without a receipt: sums, who may give how much, and the bytes.
 */
#include "app/core/open_return.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/core/core_cmocka.h"

static struct cf_open_return sample(void)
{
    struct cf_open_return r = {.return_no = 12,
                               .business_day = 20261122,
                               .cashier = "Anna",
                               .user = 7,
                               .role = CF_ROLE_CASHIER,
                               .by = 90,
                               .by_role = CF_ROLE_MANAGER,
                               .reason = "a gift, no receipt",
                               .currency = {"CNY"},
                               .tax_mode = CF_TAX_INCLUSIVE,
                               .n_lines = 2,
                               .lines = {{1, 2000, 1999, 1300, 0}, {2, 345, 2990, 900, 7}},
                               .cash = {10, CF_CASH_NEAREST}};
    assert_int_equal(CF_OK, cf_open_return_add_up(&r, NULL));
    return r;
}

static enum cf_rc encode(const struct cf_open_return *r, struct cf_buf *ret)
{
    cf_buf_init(ret, 8192);
    return cf_open_return_encode(r, ret, NULL);
}

static void sums_follow_from_the_lines(void **state)
{
    (void)state;
    struct cf_open_return r = sample();
    assert_int_equal(3998 + 1032, r.gross_minor); /* 0.345 of 29.90 */
    assert_int_equal(r.gross_minor, r.total_minor);
    assert_int_equal(5030, r.cash_minor);
    r.lines[0].unit_price_minor = 1997;
    assert_int_equal(CF_OK, cf_open_return_add_up(&r, NULL));
    assert_int_equal(5026, r.total_minor);
    assert_int_equal(5030, r.cash_minor); /* in coins */
    r.tax_mode = CF_TAX_EXCLUSIVE;
    assert_int_equal(CF_OK, cf_open_return_add_up(&r, NULL));
    assert_int_equal(r.gross_minor + r.tax_minor, r.total_minor);
    r.n_lines = 1;
    r.lines[0].unit_price_minor = 0;
    assert_int_equal(CF_E_RETURN_EMPTY, cf_open_return_add_up(&r, NULL)); /* for nothing nothing is given */
    r.lines[0].unit_price_minor = INT64_MAX;
    r.lines[0].qty_milli = CF_QTY_MILLI_MAX;
    assert_int_equal(CF_E_OVERFLOW, cf_open_return_add_up(&r, NULL));
}

static void check_bytes(struct cf_open_return r)
{
    struct cf_open_return read;
    struct cf_buf bytes, again;
    assert_int_equal(CF_OK, encode(&r, &bytes));
    assert_int_equal(CF_OK, cf_open_return_decode(cf_buf_bytes(&bytes), &read, NULL));
    assert_int_equal(CF_OK, encode(&read, &again));
    assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
    assert_string_equal(r.reason, read.reason);
    assert_true(r.fiscal.is == read.fiscal.is && r.fiscal.transaction == read.fiscal.transaction);
    assert_string_equal(r.fiscal.signature, read.fiscal.signature);
    assert_int_equal(7, read.lines[1].list);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(CF_E_RECORD, cf_open_return_decode(cf_bytes_of(bytes.p, n), &read, NULL));
    for (size_t bit = 0; bit < bytes.n * 8; bit++) {
        bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (cf_open_return_decode(cf_buf_bytes(&bytes), &read, NULL) == CF_OK) {
            cf_buf_done(&again);
            assert_int_equal(CF_OK, encode(&read, &again));
            assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
        }
        bytes.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    const char *seed = getenv("CF_SEED_WRITE"); /* a seed for tests/fuzz/corpus/open_return */
    if (seed != NULL) {
        FILE *file = fopen(seed, "we");
        assert_non_null(file);
        assert_int_equal(1, fwrite(bytes.p, bytes.n, 1, file));
        assert_int_equal(0, fclose(file));
    }
    cf_buf_done(&bytes);
    cf_buf_done(&again);
}

static void it_comes_back_from_its_bytes_and_from_no_others(void **state)
{
    (void)state;
    struct cf_open_return r = sample();
    check_bytes(r);
    r.fiscal = (struct cf_fiscal_answer){true, "TSE-0042", 17, 34, "c2ln", 1795377598, 1795377600};
    check_bytes(r);
    r.fiscal = (struct cf_fiscal_answer){.is = true, .transaction = 17}; /* it failed */
    check_bytes(r);
}

static struct cf_open_return card_back(void)
{
    struct cf_open_return r = sample();
    r.n_lines = 1;
    r.lines[0] = (struct cf_open_return_line){CF_PRODUCT_GIFT_CARD, 1000, 5000, 0, 0};
    r.has_card = true;
    r.card = (struct cf_card_back){CF_GIFT_CARD, 4711, 2000, 3000, {1, 2, 3}};
    assert_int_equal(CF_OK, cf_open_return_add_up(&r, NULL));
    return r;
}

static void a_card_comes_back_as_what_was_on_it_and_as_nothing_else(void **state)
{
    (void)state;
    struct cf_open_return r = card_back(), read;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    assert_int_equal(CF_OK, encode(&r, &bytes));
    assert_int_equal(CF_OK, cf_open_return_decode(cf_buf_bytes(&bytes), &read, NULL));
    assert_memory_equal(&r.card, &read.card, sizeof r.card);
    assert_int_equal(read.cash_minor, 5000);
    for (unsigned i = 0; i < 9; i++) {
        r = card_back();
        struct cf_open_return_line *line = &r.lines[0];
        switch (i) {
        case 0: /* more than was taken of it */
            line->unit_price_minor = 5010;
            break;
        case 1: /* two of it */
            line->qty_milli = 2000;
            break;
        case 2: /* taxed */
            line->tax_bp = 1300;
            break;
        case 3: /* goods under the name of a card */
            line->product = 1;
            break;
        case 4: /* a card that nobody named */
            r.has_card = false;
            break;
        case 5: /* none */
            r.card.account = 0;
            break;
        case 6: /* more than any card has */
            r.card.home_minor = CF_VALUE_MINOR_MAX + 1;
            line->unit_price_minor = CF_VALUE_MINOR_MAX + 3001;
            break;
        case 7: /* less than nothing from here */
            r.card.home_minor = -1000;
            line->unit_price_minor = 2000;
            break;
        case 8: /* by somebody who may not give so much back */
            r.by_role = CF_ROLE_SUPERVISOR;
            r.card.home_minor = 20000;
            line->unit_price_minor = 23000;
            break;
        }
        (void)!cf_open_return_add_up(&r, NULL);
        cf_buf_clear(&bytes);
        print_message("# %u\n", i);
        assert_int_equal(CF_E_RECORD, cf_open_return_encode(&r, &bytes, NULL));
    }
}

static void spoil_cash(struct cf_open_return *r)
{
    r->cash_minor += 10;
}
static void spoil_total(struct cf_open_return *r)
{
    r->total_minor++;
}
static void spoil_tax(struct cf_open_return *r)
{
    r->tax_minor--;
}
static void spoil_reason(struct cf_open_return *r)
{
    r->reason[0] = '\0';
}
static void spoil_quantity(struct cf_open_return *r)
{
    r->lines[0].qty_milli = -1000;
}
static void spoil_product(struct cf_open_return *r)
{
    r->lines[0].product = 0;
}
static void spoil_lines(struct cf_open_return *r)
{
    r->n_lines = 0;
}
static void spoil_by(struct cf_open_return *r)
{
    r->by = r->user;
}
static void spoil_role(struct cf_open_return *r)
{
    r->by_role = CF_ROLE_CASHIER;
}
static void spoil_nobody(struct cf_open_return *r)
{
    r->user = 0;
}
static void spoil_fiscal(struct cf_open_return *r)
{
    r->fiscal = (struct cf_fiscal_answer){.is = true, .counter = 1};
}
static void spoil_step(struct cf_open_return *r)
{
    r->cash.step_minor = 0;
}
static const struct {
    const char *why;
    void (*spoil)(struct cf_open_return *r);
} spoils[] = {
    {"more cash than the goods come to", spoil_cash},
    {"a total that is no sum", spoil_total},
    {"a tax that is not theirs", spoil_tax},
    {"no reason", spoil_reason},
    {"less than nothing", spoil_quantity},
    {"no goods", spoil_product},
    {"nothing at all", spoil_lines},
    {"allowed by oneself", spoil_by},
    {"allowed by who may not", spoil_role},
    {"nobody, and somebody allowed it", spoil_nobody},
    {"no coins", spoil_step},
    {"a device that counted and did not sign", spoil_fiscal},
};

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        struct cf_open_return r = sample();
        struct cf_buf bytes;
        spoils[i].spoil(&r);
        if (encode(&r, &bytes) != CF_E_RECORD)
            fail_msg("%s was taken", spoils[i].why);
        cf_buf_done(&bytes);
    }
}

static void a_role_gives_as_much_as_it_may(void **state)
{
    (void)state;
    static const struct {
        enum cf_role role;
        int64_t most; /* 0: nothing */
    } rows[] = {
        {CF_ROLE_CASHIER, 0}, {CF_ROLE_SUPERVISOR, 20000}, {CF_ROLE_MANAGER, INT64_MAX}, {CF_ROLE_TECHNICIAN, 0}};
    static const int64_t totals[] = {100, 20000, 20001, 99999999};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < sizeof totals / sizeof totals[0]; k++) {
            struct cf_open_return r = sample();
            r.by = 0;
            r.by_role = CF_ROLE_NONE;
            r.role = rows[i].role;
            r.n_lines = 1;
            r.cash.step_minor = 1;
            r.lines[0] = (struct cf_open_return_line){1, 1000, totals[k], 0, 0};
            assert_int_equal(CF_OK, cf_open_return_add_up(&r, NULL));
            assert_int_equal(totals[k] <= rows[i].most ? CF_OK : CF_E_RECORD, cf_open_return_check(&r, NULL));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_follow_from_the_lines),
        cmocka_unit_test(a_card_comes_back_as_what_was_on_it_and_as_nothing_else),
        cmocka_unit_test(it_comes_back_from_its_bytes_and_from_no_others),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_role_gives_as_much_as_it_may),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
