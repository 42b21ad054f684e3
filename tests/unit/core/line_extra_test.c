/*
 * tests/unit/core/line_extra_test.c - what lines say beyond their price, in the record of a sale: there and back, and
 * wrong.
 */
#include "app/core/line_extra.h"

#include <stdio.h>
#include <string.h>

#include "app/core/sale.h"
#include "tests/unit/core/core_cmocka.h"

/* Goods at 20.00 with a deposit of 0.25, and a piece at 10.00. */
static struct cf_sale *a_sale(void)
{
    static const int64_t prices[] = {2000, 25, 1000};
    struct cf_sale *sale;
    assert_int_equal(cf_sale_new(&sale, NULL), CF_OK);
    sale->sale_no = 1;
    sale->business_day = 20261122;
    memcpy(sale->currency.code, "CNY", 4);
    sale->tax_mode = CF_TAX_INCLUSIVE;
    for (size_t i = 0; i < 3; i++)
        sale->lines[sale->n_lines++] =
            (struct cf_sale_line){.product = i + 1, .qty_milli = 1000, .unit_price_minor = prices[i]};
    sale->gross_minor = sale->total_minor = 3025;
    cf_tenders_init(&sale->tenders, 3025);
    const struct cf_tender cash = {.kind = CF_TENDER_CASH, .amount_minor = 3025};
    assert_int_equal(cf_tenders_add(&sale->tenders, &cash, NULL), CF_OK);
    return sale;
}

static void say_all(struct cf_sale *sale)
{
    struct cf_sale_line *beer = &sale->lines[0], *bottle = &sale->lines[1], *phone = &sale->lines[2];
    beer->reduced = beer->has_member_price = true;
    beer->extra = (struct cf_line_extra){.origin = CF_PRICE_LIST,
                                         .list = 7,
                                         .age_check = CF_AGE_BIRTH,
                                         .min_age = 18,
                                         .asked_by = "\xe6\x9d\x8e",
                                         .batch = "LOT-7",
                                         .use_by = 20261231};
    bottle->delivery = true;
    bottle->floor_minor = 25;
    bottle->extra.deposit_of = 1;
    memcpy(phone->extra.serial, "12345678901234567890", 21);
    phone->extra.origin = CF_PRICE_OVERRIDE;
}

static void what_lines_say_comes_back_as_it_was(void **state)
{
    (void)state;
    struct cf_sale *sale = a_sale(), *back;
    struct cf_buf plain, buf;
    cf_buf_init(&plain, CF_SALE_BYTES_MAX);
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    assert_int_equal(cf_sale_new(&back, NULL), CF_OK);
    assert_int_equal(cf_sale_encode(sale, &plain, NULL), CF_OK);
    assert_int_equal(plain.p[0], 0x94); /* as ever: 20 items */
    say_all(sale);
    assert_int_equal(cf_sale_encode(sale, &buf, NULL), CF_OK);
    assert_int_equal(buf.p[0], 0x95);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&buf), back, NULL), CF_OK);
    assert_memory_equal(back->lines, sale->lines, sale->n_lines * sizeof *sale->lines);
    assert_int_equal(cf_sale_decode(cf_buf_bytes(&plain), back, NULL), CF_OK); /* and nothing is left of it */
    assert_true(cf_line_extra_is_plain(&back->lines[0].extra) && !back->lines[1].delivery);
    cf_buf_done(&plain);
    cf_buf_done(&buf);
    cf_sale_free(back);
    cf_sale_free(sale);
}

static void a_line_that_contradicts_itself_is_not_recorded(void **state)
{
    (void)state;
    struct cf_buf buf;
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    for (int row = 0; row < 16; row++) {
        struct cf_sale *sale = a_sale();
        say_all(sale);
        struct cf_sale_line *beer = &sale->lines[0], *bottle = &sale->lines[1], *phone = &sale->lines[2];
        const char *why = "";
        switch (row) {
        case 0:
            why = "a list without a price of it";
            beer->extra.origin = CF_PRICE_CATALOGUE;
            break;
        case 1:
            why = "a price of no list";
            beer->extra.list = 0;
            break;
        case 2:
            why = "no such origin";
            phone->extra.origin = (enum cf_price_origin)9;
            break;
        case 3:
            why = "an age that nobody looked at";
            beer->extra.age_check = CF_AGE_UNASKED;
            break;
        case 4:
            why = "a look at no age";
            beer->extra.min_age = 0;
            break;
        case 5:
            why = "a hundred years";
            beer->extra.min_age = 100;
            break;
        case 6:
            why = "a control character";
            beer->extra.asked_by[0] = '\x1b';
            break;
        case 7:
            why = "no UTF-8";
            beer->extra.batch[0] = '\xff';
            break;
        case 8:
            why = "a serial number without its end";
            memset(phone->extra.serial, '1', 21);
            break;
        case 9:
            why = "a deposit before its goods";
            bottle->extra.deposit_of = 3;
            break;
        case 10:
            why = "a deposit on itself";
            bottle->extra.deposit_of = 2;
            break;
        case 11:
            why = "a deposit on a deposit";
            phone->extra.deposit_of = 2;
            break;
        case 12:
            why = "a floor below zero";
            bottle->floor_minor = -1;
            break;
        case 13:
            why = "a member price beyond any";
            beer->member_price_minor = INT64_MAX;
            break;
        case 14:
            why = "a day beyond the calendar";
            beer->extra.use_by = 99991232;
            break;
        default:
            why = "one piece twice";
            bottle->extra.deposit_of = 0;
            bottle->product = phone->product;
            memcpy(bottle->extra.serial, phone->extra.serial, sizeof bottle->extra.serial);
        }
        if (cf_sale_encode(sale, &buf, NULL) == CF_OK || buf.n != 0)
            fail_msg("%s", why);
        cf_sale_free(sale);
    }
    cf_buf_done(&buf);
}

static void a_deposit_of_another_quantity_is_refused(void **state)
{
    (void)state;
    struct cf_sale *sale = a_sale();
    struct cf_buf buf;
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    sale->lines[1].extra.deposit_of = 1;
    sale->lines[1].qty_milli = 2000;
    sale->lines[1].unit_price_minor = 12;
    sale->gross_minor = sale->total_minor = 3024;
    sale->change_minor = 1;
    assert_int_not_equal(cf_sale_encode(sale, &buf, NULL), CF_OK);
    cf_buf_done(&buf);
    cf_sale_free(sale);
}

/* Whatever a flipped bit makes of a record, it is refused or it has just this one encoding. */
static void a_flipped_bit_is_refused_or_another_record(void **state)
{
    (void)state;
    struct cf_sale *sale = a_sale(), *back;
    struct cf_buf buf, again;
    cf_buf_init(&buf, CF_SALE_BYTES_MAX);
    cf_buf_init(&again, CF_SALE_BYTES_MAX);
    assert_int_equal(cf_sale_new(&back, NULL), CF_OK);
    say_all(sale);
    assert_int_equal(cf_sale_encode(sale, &buf, NULL), CF_OK);
    for (size_t bit = 0; bit < buf.n * 8; bit++) {
        buf.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (cf_sale_decode(cf_buf_bytes(&buf), back, NULL) == CF_OK) {
            cf_buf_clear(&again);
            assert_int_equal(cf_sale_encode(back, &again, NULL), CF_OK);
            assert_true(cf_bytes_equal(cf_buf_bytes(&buf), cf_buf_bytes(&again)));
        }
        buf.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cf_buf_done(&buf);
    cf_buf_done(&again);
    cf_sale_free(back);
    cf_sale_free(sale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lines_say_comes_back_as_it_was),
        cmocka_unit_test(a_line_that_contradicts_itself_is_not_recorded),
        cmocka_unit_test(a_deposit_of_another_quantity_is_refused),
        cmocka_unit_test(a_flipped_bit_is_refused_or_another_record),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
