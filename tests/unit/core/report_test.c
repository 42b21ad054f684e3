/*
 * tests/unit/core/report_test.c - totals folded from sales in any order, and the Z report as CBOR.
 */
#include <string.h>

#include "app/core/report.h"
#include "tests/unit/core/core_cmocka.h"
#include "tests/unit/core/core_support.h"

#define SALES 20

static struct cf_sale *sales[SALES];
static struct cf_return *returns[SALES]; /* of a part of every third sale; else NULL */

static struct cf_return *return_of(const struct cf_sale *sale, bool all)
{
    static const int64_t before[8];
    static const enum cf_on_return fates[CF_SALE_COUPONS_MAX];
    int64_t qty[8] = {0};
    struct cf_return *r;
    for (size_t i = 0; i < 8; i += all ? 1 : 3)
        qty[i] = sale->lines[i].qty_milli;
    const struct cf_return_goods goods = {.before_milli = before, .qty_milli = qty, .on_return = fates};
    assert_int_equal(CF_OK, cf_return_new(&r, NULL));
    assert_int_equal(CF_OK, cf_return_make(sale, &goods, r, NULL));
    r->return_no = 1;
    r->business_day = sale->business_day;
    r->is_void = all;
    r->of = (struct cf_sale_ref){1, 1, 1, sale->sale_no};
    return r;
}

static int make_sales(void **state)
{
    (void)state;
    struct cf_priced *priced;
    struct chance chance = {11};
    if (cf_priced_new(&priced, NULL) != CF_OK)
        return -1;
    for (size_t s = 0; s < SALES; s++) {
        struct cf_cart_line lines[8];
        enum cf_tax_mode mode = s % 2 == 0 ? CF_TAX_INCLUSIVE : CF_TAX_EXCLUSIVE;
        struct cf_promotion p = core_promotion(1, CF_REWARD_ORDER_PERCENT, 1000);
        struct cf_offer offer = {&p, true, 0, false};
        for (size_t i = 0; i < 8; i++)
            lines[i] = core_line_by_chance(&chance);
        struct cf_cart *cart = core_cart(lines, 8);
        core_price(cart, &offer, 1, mode, priced);
        if (cf_sale_new(&sales[s], NULL) != CF_OK)
            return -1;
        core_sale(cart, &offer, priced, mode, sales[s]);
        cf_cart_free(cart);
        returns[s] = s % 3 == 0 ? return_of(sales[s], s == 6) : NULL;
    }
    cf_priced_free(priced);
    return 0;
}

static int free_sales(void **state)
{
    (void)state;
    for (size_t s = 0; s < SALES; s++) {
        cf_sale_free(sales[s]);
        cf_return_free(returns[s]);
    }
    return 0;
}

static struct cf_totals fold_all(void)
{
    struct cf_totals totals = {0};
    for (size_t s = 0; s < SALES; s++) {
        assert_int_equal(CF_OK, cf_totals_add(&totals, sales[s], NULL));
        if (returns[s] != NULL)
            assert_int_equal(CF_OK, cf_totals_add_return(&totals, returns[s], NULL));
    }
    return totals;
}

static void totals_do_not_depend_on_the_order_of_sales(void **state)
{
    (void)state;
    struct cf_totals forwards = fold_all(), backwards = {0};
    for (size_t s = SALES; s > 0; s--) {
        assert_int_equal(CF_OK, cf_totals_add(&backwards, sales[s - 1], NULL));
        if (returns[s - 1] != NULL)
            assert_int_equal(CF_OK, cf_totals_add_return(&backwards, returns[s - 1], NULL));
    }
    assert_true(cf_totals_equal(&forwards, &backwards));
    assert_int_equal(SALES, forwards.n_sales);
    assert_int_equal(SALES * 8, forwards.n_lines);
    assert_int_equal(SALES, forwards.n_redemptions);
    backwards.tender_minor[CF_TENDER_CARD]++;
    assert_false(cf_totals_equal(&forwards, &backwards));
    backwards = forwards;
    backwards.rate[1].net_minor++;
    assert_false(cf_totals_equal(&forwards, &backwards));
    backwards = forwards;
    backwards.returned.tender_minor[CF_TENDER_CASH]++;
    assert_false(cf_totals_equal(&forwards, &backwards));
}

static void returns_are_counted_beside_the_sales(void **state)
{
    (void)state;
    struct cf_totals totals = fold_all(), sold = {0};
    int64_t refunds = 0;
    for (size_t s = 0; s < SALES; s++)
        assert_int_equal(CF_OK, cf_totals_add(&sold, sales[s], NULL));
    assert_int_equal(sold.total_minor, totals.total_minor);
    assert_int_equal(7, totals.returned.n_returns);
    assert_int_equal(1, totals.returned.n_voids);
    assert_int_equal(8 + 6 * 3, totals.returned.n_lines);
    assert_int_equal(1, totals.returned.n_given_back);
    for (size_t k = 0; k < 4; k++)
        refunds += totals.returned.tender_minor[k];
    assert_int_equal(totals.returned.total_minor, refunds);
    assert_true(refunds > 0 && refunds < totals.total_minor);
}

static void tenders_less_change_are_the_takings(void **state)
{
    (void)state;
    struct cf_totals totals = fold_all();
    int64_t takings = 0, net = 0;
    for (size_t k = 0; k < 4; k++)
        takings += totals.tender_minor[k];
    for (size_t i = 0; i < totals.n_rates; i++)
        net += totals.rate[i].net_minor;
    assert_int_equal(totals.total_minor, takings);
    assert_int_equal(totals.gross_minor - totals.discount_minor, net);
    assert_int_equal(4, totals.n_rates);
    assert_int_equal(0, totals.rate[0].tax_bp);
    assert_int_equal(1300, totals.rate[3].tax_bp);
}

static void a_sale_that_does_not_fit_leaves_the_totals_alone(void **state)
{
    (void)state;
    struct cf_totals totals = fold_all(), before;
    totals.points = INT64_MAX;
    before = totals;
    sales[0]->points = 1;
    assert_int_equal(CF_E_OVERFLOW, cf_totals_add(&totals, sales[0], NULL));
    sales[0]->points = 0;
    assert_true(cf_totals_equal(&before, &totals));
    totals = (struct cf_totals){.n_rates = CF_REPORT_RATES_MAX};
    for (size_t i = 0; i < CF_REPORT_RATES_MAX; i++)
        totals.rate[i].tax_bp = 2000 + (uint32_t)i;
    before = totals;
    assert_int_equal(CF_E_LIMIT, cf_totals_add(&totals, sales[0], NULL));
    assert_true(cf_totals_equal(&before, &totals));
    totals = before = (struct cf_totals){.returned.total_minor = INT64_MAX};
    assert_int_equal(CF_E_OVERFLOW, cf_totals_add_return(&totals, returns[0], NULL));
    assert_true(cf_totals_equal(&before, &totals));
}

static struct cf_z_report good_report(void)
{
    return (struct cf_z_report){.z_no = 3,
                                .business_day = 20261122,
                                .first_seq = 17,
                                .last_seq = 99,
                                .acknowledged_seq = 90,
                                .totals = fold_all()};
}

static void a_z_report_comes_back_as_it_went(void **state)
{
    (void)state;
    struct cf_z_report report = good_report(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    memset(&back, 0, sizeof back);
    cf_buf_init(&bytes, 4096);
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL));
    assert_int_equal(CF_OK, cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_true(cf_totals_equal(&report.totals, &back.totals));
    assert_int_equal(3, back.z_no);
    assert_int_equal(20261122, back.business_day);
    assert_int_equal(17, back.first_seq);
    assert_int_equal(99, back.last_seq);
    assert_int_equal(90, back.acknowledged_seq);
    for (size_t n = 0; n < bytes.n; n++)
        assert_int_equal(CF_E_RECORD, cf_z_report_decode(cf_bytes_of(bytes.p, n), &back, NULL));
}

/* A till of before counted no changed prices, although they stand on its sales. */
static void a_z_report_of_before_is_not_held_against_prices_that_it_could_not_count(void **state)
{
    (void)state;
    static struct cf_z_report report, back; /* large */
    static struct cf_day day;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, 8192);
    report = good_report();
    report.version = CF_Z_VERSION_DAY;
    report.detail.n_users = 1;
    report.detail.users[0] = (struct cf_day_user){.user = "7", .n_sales = 1, .sales_minor = 100};
    day = (struct cf_day){.totals = report.totals, .detail = report.detail};
    day.detail.users[0].n_priced = 1;
    day.detail.users[0].priced_minor = 7390;
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL));
    assert_int_equal(CF_OK, cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_int_equal(back.version, CF_Z_VERSION_DAY);
    assert_true(cf_z_report_agrees(&back, &day));
    report.version = CF_Z_VERSION_PRICES;
    assert_false(cf_z_report_agrees(&report, &day));
    report.detail = day.detail;
    cf_buf_clear(&bytes);
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL));
    assert_int_equal(CF_OK, cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_int_equal(back.version, CF_Z_VERSION_PRICES);
    assert_true(cf_z_report_agrees(&back, &day));
    report.version = CF_Z_VERSION_DAY;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
}

/* Nor did it say which campaign gave which points. */
static void points_by_campaign_stand_in_a_z_report_and_come_back(void **state)
{
    (void)state;
    static struct cf_z_report report, back; /* large */
    static struct cf_day day;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, 8192);
    report = good_report();
    report.version = CF_Z_VERSION_POINTS;
    struct cf_sale given = {.n_points_by = 2, .points_by = {{31, 40}, {44, 2}}};
    struct cf_return taken = {.n_points_by = 1, .points_by = {{44, 1}}};
    memcpy(given.cashier, "7", 2);
    memcpy(taken.cashier, "7", 2);
    for (int twice = 0; twice < 2; twice++)
        assert_int_equal(CF_OK, cf_day_add_sale(&report.detail, &given, 0, NULL));
    assert_int_equal(CF_OK, cf_day_add_return(&report.detail, &taken, NULL));
    assert_int_equal(report.detail.n_campaigns, 2);
    assert_int_equal(report.detail.campaigns[0].points, 80);
    assert_int_equal(report.detail.campaigns[1].points_back, 1);
    day = (struct cf_day){.totals = report.totals, .detail = report.detail};
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL));
    assert_int_equal(CF_OK, cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_true(cf_z_report_agrees(&back, &day));
    day.detail.campaigns[1].points_back = 2;
    assert_false(cf_z_report_agrees(&back, &day));
    report.version = CF_Z_VERSION_PRICES;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report.detail.campaigns[0].points = report.detail.campaigns[1].points = report.detail.campaigns[1].points_back = 0;
    cf_buf_clear(&bytes);
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL)); /* as tills of before wrote it */
    assert_int_equal(CF_OK, cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_true(cf_z_report_agrees(&back, &day));
}

static void a_day_without_sales_has_a_z_report_too(void **state)
{
    (void)state;
    struct cf_z_report report = {.z_no = 1, .business_day = 20261122}, back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, 4096);
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL));
    assert_int_equal(CF_OK, cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL));
    assert_int_equal(0, back.totals.n_sales);
}

static void a_changed_byte_of_a_z_report_is_refused_or_adds_up(void **state)
{
    (void)state;
    struct cf_z_report report = good_report(), back;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, 4096);
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL));
    for (size_t at = 0; at < bytes.n; at++)
        for (unsigned change = 1; change < 256; change++) {
            bytes.p[at] ^= (uint8_t)change;
            if (cf_z_report_decode(cf_buf_bytes(&bytes), &back, NULL) == CF_OK) {
                struct cf_buf CF_CLEANUP(cf_buf_done) again;
                cf_buf_init(&again, 4096);
                assert_int_equal(CF_OK, cf_z_report_encode(&back, &again, NULL));
                assert_true(cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&again)));
            }
            bytes.p[at] ^= (uint8_t)change;
        }
}

static void a_z_report_that_does_not_add_up_is_not_written(void **state)
{
    (void)state;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, 4096);
    struct cf_z_report report = good_report();
    report.totals.tender_minor[CF_TENDER_CASH]++;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.rate[0].net_minor--;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.rate[1].tax_bp = 0;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.gross_minor = INT64_MIN;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.n_rates = CF_REPORT_RATES_MAX + 1;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.returned.total_minor++;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.returned.n_voids = 8;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.totals.returned.rate[0].net_minor = -1;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report = good_report();
    report.last_seq = 16; /* no records, and yet sales */
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report.totals = (struct cf_totals){.n_sales = 0};
    assert_int_equal(CF_OK, cf_z_report_encode(&report, &bytes, NULL)); /* an empty day */
    cf_buf_clear(&bytes);
    report.last_seq = 15;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    report.last_seq = 16;
    report.z_no = 0;
    assert_int_equal(CF_E_RECORD, cf_z_report_encode(&report, &bytes, NULL));
    assert_int_equal(0, bytes.n);
}

static void a_cancelled_sale_is_read_as_tills_of_any_time_wrote_it_and_in_no_other_way(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        enum cf_rc rc;
        struct cf_cancelled is;
        const char *why;
    } rows[] = {
        {"\x83\x07\x02\x18\x64", 5, CF_OK, {.sale_no = 7, .n_lines = 2, .gross_minor = 100}, "before there were users"},
        {"\x84\x07\x02\x18\x64\x61\x37",
         7,
         CF_OK,
         {.sale_no = 7, .n_lines = 2, .gross_minor = 100, .user = "7"},
         "before voids were counted, and when there are none"},
        {"\x86\x07\x00\x00\x61\x37\x02\x19\x01\xf4",
         10,
         CF_OK,
         {.sale_no = 7, .user = "7", .n_void_lines = 2, .void_lines_minor = 500},
         "all of it was void"},
        {"\x86\x07\x00\x00\x60\x01\x00", 7, CF_OK, {.sale_no = 7, .n_void_lines = 1}, "by nobody in particular"},
        {"\x84\x07\x00\x00\x60", 5, CF_E_CBOR_SHAPE, {.sale_no = 0}, "nobody is said by leaving it out"},
        {"\x86\x07\x00\x00\x61\x37\x00\x00", 8, CF_E_CBOR_SHAPE, {.sale_no = 0}, "so is nothing"},
        {"\x85\x07\x00\x00\x61\x37\x02", 7, CF_E_CBOR_SHAPE, {.sale_no = 0}, "lines, and not what they cost"},
        {"\x86\x07\x00\x00\x61\x37\x02\x20", 8, CF_E_CBOR_SHAPE, {.sale_no = 0}, "below nothing"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cf_cancelled is = {.sale_no = 0};
        struct cf_buf out;
        enum cf_rc rc = cf_cancelled_decode(cf_bytes_of(rows[i].bytes, rows[i].n), &is, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %d", rows[i].why, rc);
        if (rc != CF_OK)
            continue;
        assert_memory_equal(&is, &rows[i].is, sizeof is);
        cf_buf_init(&out, 100);
        assert_int_equal(CF_OK, cf_cancelled_encode(&is, &out, NULL));
        assert_true(cf_bytes_equal(cf_buf_bytes(&out), cf_bytes_of(rows[i].bytes, rows[i].n)));
        cf_buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_z_report_of_before_is_not_held_against_prices_that_it_could_not_count),
        cmocka_unit_test(a_cancelled_sale_is_read_as_tills_of_any_time_wrote_it_and_in_no_other_way),
        cmocka_unit_test(totals_do_not_depend_on_the_order_of_sales),
        cmocka_unit_test(returns_are_counted_beside_the_sales),
        cmocka_unit_test(tenders_less_change_are_the_takings),
        cmocka_unit_test(a_sale_that_does_not_fit_leaves_the_totals_alone),
        cmocka_unit_test(a_z_report_comes_back_as_it_went),
        cmocka_unit_test(points_by_campaign_stand_in_a_z_report_and_come_back),
        cmocka_unit_test(a_day_without_sales_has_a_z_report_too),
        cmocka_unit_test(a_changed_byte_of_a_z_report_is_refused_or_adds_up),
        cmocka_unit_test(a_z_report_that_does_not_add_up_is_not_written),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_sales, free_sales);
}
