/*
 * tests/unit/desk/pages_test.c - the pages around a sale, by keys and scans alone; and input that nobody should send.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "app/core/gtin.h"
#include "app/counter/tones.h"
#include "base/text.h"
#include "tests/unit/desk/desk_support.h"
#include "tests/unit/terminal/returns_support.h"

/* --- every page
 * --------------------------------------------------------------------------------------------------------
 */

static void every_page_has_a_prompt_and_no_key_twice(void **state)
{
    static const enum cf_desk_do ways[] = {
        CF_DO_SEARCH,  CF_DO_MEMBER, CF_DO_QUANTITY, CF_DO_PRICE,  CF_DO_DISCOUNT, CF_DO_COUPONS,
        CF_DO_CASH,    CF_DO_TENDER, CF_DO_MOBILE,   CF_DO_GIFT,   CF_DO_PARK,     CF_DO_CANCEL,
        CF_DO_MANAGER, CF_DO_DAY,    CF_DO_CLOSE,    CF_DO_COUNT,  CF_DO_FLOAT,    CF_DO_USERS,
        CF_DO_DEVICES, CF_DO_SYNC,   CF_DO_RECALL,   CF_DO_RETURN, CF_DO_COMMANDS, CF_DO_OPEN_RETURN};
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        cf_desk_act(counter->desk, ways[i], 0);
        counter_look(counter);
        assert_true(counter->cashier.bar.what[0] != '\0');
        for (size_t k = 0; k < counter->cashier.n_keys; k++) {
            for (size_t other = 0; other < k; other++) {
                const char *hint = counter->cashier.keys[k].hint;
                assert_true(hint[0] == '\0' || strcmp(hint, counter->cashier.keys[other].hint) != 0);
            }
        }
        cf_desk_act(counter->desk, CF_DO_BACK, 0);
        cf_desk_act(counter->desk, CF_DO_BACK, 0);
        assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    }
}

static void a_plain_sale_by_scanner_alone(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    counter_scan(counter, "]Q3CF!cash");
    assert_int_equal(counter_look(counter), CF_PAGE_CASH);
    counter_scan(counter, "CF!note 50.00");
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    assert_int_equal(counter->cashier.n_fields > 2, true);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Change"), "¥40.00");
    counter_scan(counter, SOAP);
    counter_scan(counter, "CF!note"); /* exactly */
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    counter_scan(counter, "CF!dance");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
}

static void a_basket_becomes_a_quotation_and_is_sold_by_its_number(void **state)
{
    struct counter *counter = *state;
    struct cf_journal_head head;
    char number[48];
    counter_scan(counter, SOAP);
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_PARK, 0);
    counter_type(counter, "91"); /* days: too many */
    cf_desk_act(counter->desk, CF_DO_QUOTE, 0);
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(counter->cashier.id, CF_PAGE_PARK);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_type(counter, "14");
    assert_true(cf_desk_press(counter->desk, "F9"));
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_QUOTE));
    assert_int_equal(counter->printed, 1);
    assert_non_null(strstr(counter->cashier.bar.what, "¥35.00"));
    assert_non_null(strstr(counter->cashier.bar.why, "Good until"));
    assert_ok(cf_journal_head(cf_till_journal(counter->shop.till), &head, NULL));
    snprintf(number, sizeof number, "%u-%u-%llu", SHOP_TILL, counter->shop.epoch, (unsigned long long)head.seq);
    cf_desk_act(counter->desk, CF_DO_RECALL, 0);
    counter_enter(counter, "21-1-999999");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_enter(counter, number);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_string_equal(counter->cashier.bar.what, "Quoted: ¥35.00");
    assert_string_equal(counter->cashier.total, "¥35.00");
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_RECALL, 0);
    counter_enter(counter, number); /* once */
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    shop_verify(&counter->shop);
}

static void the_command_codes_can_be_printed(void **state)
{
    struct counter *counter = *state;
    cf_desk_act(counter->desk, CF_DO_COMMANDS, 0);
    counter_look(counter);
    assert_true(counter->cashier.n_choices > 5);
    cf_desk_act(counter->desk, CF_DO_PRINT, 0);
    assert_string_equal(counter->document, "command-codes");
    assert_true(counter->n_blocks > counter->cashier.n_choices);
}

static void a_sale_is_parked_and_recalled_from_the_list(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    counter_scan(counter, SOAP);
    assert_true(cf_desk_press(counter->desk, "F4"));
    assert_true(cf_desk_press(counter->desk, "Enter")); /* without a name it gets a number */
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Parked"), "1");
    assert_true(cf_desk_press(counter->desk, "F5"));
    counter_look(counter);
    assert_int_equal(counter->cashier.n_choices, 1);
    cf_desk_choice(counter->desk, 0, &choice);
    assert_string_equal(choice.value, "¥10.00");
    assert_true(choice.at_hand);
    assert_true(cf_desk_press(counter->desk, "Enter"));
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
}

static void goods_are_found_by_a_part_of_their_name(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    cf_desk_act(counter->desk, CF_DO_SEARCH, 0);
    for (int capitals = 0; capitals < 2; capitals++) {
        counter_enter(counter, capitals ? "OA" : "oa");
        counter_look(counter);
        assert_true(counter->cashier.n_choices >= 1);
        cf_desk_choice(counter->desk, 0, &choice);
        assert_non_null(strstr(choice.title, "oa"));
    }
    assert_true(cf_desk_press(counter->desk, "Enter"));
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    cf_desk_act(counter->desk, CF_DO_SEARCH, 0);
    counter_enter(counter, "zzzzzz");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
}

static void a_line_of_a_receipt_comes_back_in_cash(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "1");
    assert_int_equal(counter_look(counter), CF_PAGE_RETURN_LINES);
    assert_int_equal(counter->cashier.n_choices, 2);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* the first */
    cf_desk_act(counter->desk, CF_DO_TAKE_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0); /* for the first reason */
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_string_equal(counter->cashier.bar.what, "Taken back: ¥10.00");
    assert_string_equal(counter->cashier.bar.why, "Cash ¥10.00");
    assert_true(shop_last_is(&counter->shop, CF_RECORD_RETURN));
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, "77");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
}

static void the_day_is_counted_blind_and_closed_once(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    cf_desk_act(counter->desk, CF_DO_COUNT, 0);
    counter_look(counter);
    assert_string_equal(counter->cashier.entry_label, "Pieces of ¥100.00");
    counter_enter(counter, "3");
    cf_desk_act(counter->desk, CF_DO_COUNT, 0);
    counter_look(counter);
    assert_string_equal(counter->cashier.entry_label, "Reason"); /* it is off, and nobody says by how much */
    assert_null(strstr(counter->cashier.bar.what, "290"));
    counter_enter(counter, "float of yesterday");
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_DRAWER));
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSE);
    assert_int_equal(counter->cashier.n_choices, 6);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSING);
    assert_true(counter->cashier.modal);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    counter_settle(counter);
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSED);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_CLOSED);
    assert_true(shop_last_is(&counter->shop, CF_RECORD_Z_REPORT));
}

static void the_managers_keys_lead_to_their_pages(void **state)
{
    static const struct {
        enum cf_desk_do act;
        enum cf_page_id page;
    } rows[] = {
        {CF_DO_DAY, CF_PAGE_DAY},        {CF_DO_USERS, CF_PAGE_USERS},       {CF_DO_CLOSE, CF_PAGE_CLOSE},
        {CF_DO_COUNT, CF_PAGE_COUNT},    {CF_DO_FLOAT, CF_PAGE_DRAWER},      {CF_DO_DROP, CF_PAGE_DRAWER},
        {CF_DO_PAID_IN, CF_PAGE_DRAWER}, {CF_DO_PAID_OUT, CF_PAGE_DRAWER},   {CF_DO_DEVICES, CF_PAGE_DEVICES},
        {CF_DO_SYNC, CF_PAGE_SYNC},      {CF_DO_COMMANDS, CF_PAGE_COMMANDS},
    };
    struct counter *counter = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cf_desk_act(counter->desk, CF_DO_MANAGER, 0);
        cf_desk_act(counter->desk, rows[i].act, 0);
        assert_int_equal(counter_look(counter), rows[i].page);
    }
}

static void an_open_sale_keeps_the_day_open(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_false(counter_key(counter, CF_DO_CLOSE)->enabled);
    cf_desk_act(counter->desk, CF_DO_CLOSE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CLOSE);
}

static void a_discount_by_hand_asks_why(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_DISCOUNT, 0);
    counter_enter(counter, "10%");
    counter_look(counter);
    assert_string_equal(counter->cashier.entry_label, "Reason");
    counter_enter(counter, "dented");
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_string_equal(counter->cashier.total, "¥9.00");
}

static void keys_of_the_keyboard_may_be_others(void **state)
{
    struct counter *counter = *state;
    struct cf_error err;
    assert_ok(cf_desk_keys(counter->desk, cf_bytes_str("# ours\ncash F2\n\nreprint -\r\n"), NULL));
    counter_scan(counter, SOAP);
    assert_string_equal(counter_key(counter, CF_DO_CASH)->hint, "F2");
    assert_true(cf_desk_press(counter->desk, "F2"));
    assert_int_equal(counter_look(counter), CF_PAGE_CASH);
    assert_false(cf_desk_press(counter->desk, "F11"));
    assert_int_equal(cf_desk_keys(counter->desk, cf_bytes_str("cash F3\ndance F4\n"), &err), CF_E_ARGUMENT);
    assert_string_equal(counter_key(counter, CF_DO_ENTER)->hint, "Enter");
    assert_int_equal(cf_desk_keys(counter->desk, cf_bytes_str("cash F99"), &err), CF_E_ARGUMENT);
}

static void who_signs_on_sees_name_lane_and_day_before_the_pin(void **state)
{
    struct counter *counter = *state;
    counter_send_user(counter, 7, "Anna", CF_ROLE_CASHIER);
    assert_int_equal(counter_look(counter), CF_PAGE_SIGN_ON);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Lane"), "Till 1");
    assert_int_equal(strlen(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Shift")), 10);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Name"), "");
    counter_enter(counter, "7");
    counter_look(counter);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Name"), "Anna");
    counter_enter(counter, COUNTER_PIN);
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_LOCK, 0);
    counter_enter(counter, "999");
    assert_int_equal(counter_look(counter), CF_PAGE_LOCKED);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Name"), "not known");
    assert_int_equal(counter->cashier.n_lines, 0); /* nobody's basket is shown to nobody */
}

static void offline_is_a_state_and_says_what_is_unsent(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    cf_desk_tick(counter->desk, 1000);
    cf_desk_act(counter->desk, CF_DO_SYNC, 0);
    counter_look(counter);
    assert_false(counter->cashier.online);
    assert_true(counter->cashier.unsent > 0);
    assert_true(counter->cashier.bar.kind == CF_BAR_PROMPT);
    assert_true(counter->cashier.n_choices > 0); /* leases */
    assert_int_equal(counter->cashier.progress_percent, -1);
}

/* --- what is heard
 * ------------------------------------------------------------------------------------------------------
 */

/* Whoever hears nothing misses nothing: a refusal is a bar, and what is good changes the page. */
static void a_tone_is_never_alone(void **state)
{
    struct counter *counter = *state;
    counter_look(counter);
    assert_int_equal(counter->cashier.tone, CF_TONE_NONE);
    counter_scan(counter, SOAP);
    counter_look(counter);
    assert_int_equal(counter->cashier.tone, CF_TONE_GOOD);
    assert_int_equal(counter->cashier.n_tones, 1);
    assert_int_equal(counter->cashier.n_lines, 1);
    counter_scan(counter, "4999999999995");
    counter_look(counter);
    assert_int_equal(counter->cashier.tone, CF_TONE_REFUSED);
    assert_int_equal(counter->cashier.n_tones, 2);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_true(counter->cashier.bar.what[0] != '\0');
    counter_scan(counter, SOAP);
    counter_look(counter);
    assert_int_equal(counter->cashier.n_tones, 3); /* the same again is heard again */
    assert_int_equal(counter->good, 2);
    assert_int_equal(counter->bad, 1);
}

/* The program that plays is any: this one writes down what it was told. */
static void a_refusal_is_heard_after_what_still_sounds(void **state)
{
    const struct timespec nap = {.tv_nsec = 1000000};
    struct counter *counter = *state;
    char script[SHOP_PATH_MAX + 16], heard[SHOP_PATH_MAX + 16], text[64] = "";
    struct cf_tones tones = {.program = NULL};
    cf_tones_play(&tones, true); /* nothing is there to play it */
    snprintf(script, sizeof script, "%s/tone", counter->shop.dir);
    snprintf(heard, sizeof heard, "%s/heard", counter->shop.dir);
    FILE *file = fopen(script, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho $1 >>'%s'\n", heard);
    fclose(file);
    assert_int_equal(chmod(script, 0700), 0);
    tones.program = script;
    cf_tones_play(&tones, true);
    cf_tones_play(&tones, true); /* one that sounds already is enough, unless it was over */
    cf_tones_play(&tones, false);
    while (tones.sounds != 0 || tones.refused_next) {
        nanosleep(&nap, NULL);
        cf_tones_look(&tones);
    }
    file = fopen(heard, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(n > 0);
    assert_int_equal(strncmp(text, "good\n", 5), 0);
    assert_non_null(strstr(text, "refused\n"));
    tones.program = "/nonexistent/tone";
    cf_tones_play(&tones, false);
    assert_int_equal(tones.sounds, 0);
}

/* --- input that nobody should send
 * -------------------------------------------------------------------------------------
 */

static void expect_sound_page(struct counter *counter)
{
    counter_look(counter);
    assert_true(cf_text_is_utf8(cf_bytes_str(counter->cashier.bar.what)));
    assert_true(cf_text_is_utf8(cf_bytes_str(counter->cashier.bar.why)));
    for (size_t i = 0; i < counter->cashier.n_lines; i++) {
        struct cf_page_line line;
        cf_desk_line(counter->desk, i, &line);
        assert_true(cf_text_is_utf8(cf_bytes_str(line.name)));
    }
}

static void a_scanner_that_types_four_thousand_characters_is_told_so(void **state)
{
    struct counter *counter = *state;
    for (int i = 0; i < 4000; i++) {
        cf_desk_type(counter->desk, (char)('0' + i % 10));
    }
    expect_sound_page(counter);
    assert_int_equal(strlen(counter->cashier.entry), CF_PAGE_ENTRY_MAX);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    expect_sound_page(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_string_equal(counter->cashier.entry, "");
    counter_enter(counter, SOAP);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
}

static void goods_that_are_scanned_as_money_are_goods(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    counter_enter(counter, TEA);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    assert_int_equal(counter->cashier.n_lines, 2);
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    counter_enter(counter, "99999999");
    assert_int_equal(counter_look(counter), CF_PAGE_CASH);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
}

static void scans_of_rubbish_leave_the_sale_as_it_is(void **state)
{
    static const char *const rubbish[] = {
        "",
        "\x01\x02\x03",
        "\xff\xfe",
        "\342\200\256123", // U+202E. NOLINT(misc-misleading-bidirectional)
        "😀😀😀",
        "MC1:",
        "CP1:AAAA",
        "]C1",
        "CF!",
        "#",
        "-1",
        "%s%s%n",
    };
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    for (size_t i = 0; i < sizeof rubbish / sizeof rubbish[0]; i++) {
        counter_scan(counter, rubbish[i]);
        expect_sound_page(counter);
        assert_int_equal(counter->cashier.id, CF_PAGE_LINES);
        assert_string_equal(counter->cashier.total, "¥10.00");
    }
}

static void many_units_and_twelve_digits_are_whole(void **state)
{
    struct counter *counter = *state;
    struct cf_page_line line;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_PRICE, 0);
    counter_enter(counter, "999999.99");
    cf_desk_act(counter->desk, CF_DO_QUANTITY, 0);
    counter_enter(counter, "9999");
    cf_desk_line(counter->desk, 0, &line);
    assert_string_equal(line.terms, "9999 × ¥999999.99");
    assert_string_equal(line.amount, "¥9998999900.01");
    expect_sound_page(counter);
    assert_string_equal(counter->cashier.total, "¥9998999900.01");
}

static void names_are_cut_at_a_character_and_cleaned(void **state)
{
    struct counter *counter = *state;
    struct cf_down_entry entry = {.kind = CF_DOWN_PRODUCT,
                                  .product = {.id = 4711, .price_minor = 100, .tax_bp = 1300, .n_codes = 1}};
    for (size_t i = 0; i + 4 <= CF_NAME_MAX; i += 4) {
        memcpy(entry.product.name + i, "😀", 4);
    }
    snprintf(entry.product.codes[0], sizeof entry.product.codes[0], "%s", "SKU-99");
    shop_send(&counter->shop, CF_TOPIC_PRICES, &entry);
    cf_desk_tick(counter->desk, 5000); /* the till rests, and hears of them */
    counter_scan(counter, "SKU-99");
    expect_sound_page(counter);
    assert_int_equal(counter->cashier.id, CF_PAGE_LINES);
}

/* Whatever whoever set up the till called it. */
static void what_is_too_long_ends_in_an_ellipsis_and_control_bytes_are_replaced(void **state)
{
    static const struct {
        const char *why, *part, *ends;
    } rows[] = {
        {"500 letters", "a", "a…"},    {"four bytes each", "😀", "😀…"},        {"three bytes each", "中", "中…"},
        {"right to left", "ש", "ש…"},  {"an accent on each", "e\u0301", "…"}, {"control bytes", "\x01\x1b[2J", "…"},
        {"no UTF-8", "\xff\xfe", "…"},
    };
    struct counter *counter = *state;
    const struct cf_desk_ports none = {.ctx = NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[2048] = "";
        struct cf_desk *desk = NULL;
        for (size_t n = 0; n < 500; n++) {
            memcpy(name + n * strlen(rows[i].part) % 2000, rows[i].part, strlen(rows[i].part));
        }
        print_message("# %s\n", rows[i].why);
        assert_ok(cf_desk_new(counter->shop.till, name, &none, &desk, NULL));
        cf_desk_cashier(desk, &counter->cashier);
        const char *place = counter->cashier.place;
        size_t n = strlen(place), n_ends = strlen(rows[i].ends);
        assert_true(cf_text_is_utf8(cf_bytes_str(place)));
        assert_true(n < sizeof counter->cashier.place && n > sizeof counter->cashier.place - 8);
        assert_string_equal(place + n - n_ends, rows[i].ends);
        assert_null(strpbrk(place, "\x01\x1b\x7f"));
        cf_desk_free(desk);
    }
}

static void a_scan_of_four_thousand_characters_is_refused_whole(void **state)
{
    static char text[4001];
    struct counter *counter = *state;
    memset(text, '7', sizeof text - 1);
    counter_scan(counter, SOAP);
    counter_scan(counter, text);
    expect_sound_page(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
    assert_int_equal(counter->cashier.n_lines, 1);
}

static void a_shopper_can_join_between_sales_where_the_shop_says_so(void **state)
{
    static const char *const bad[] = {
        "", "https://", "http://shop.example/join", "javascript:1", "https://a b", "https://a\nb", "https://\xff"};
    static char long_one[CF_DESK_JOIN_MAX + 2] = "https://";
    struct counter *counter = *state;
    counter_look(counter);
    assert_int_equal(counter->shopper.n_qrs, 0);
    memset(long_one + 8, 'a', sizeof long_one - 9);
    assert_int_equal(cf_desk_join(counter->desk, long_one, NULL), CF_E_ARGUMENT);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(cf_desk_join(counter->desk, bad[i], NULL), CF_E_ARGUMENT);
    }
    assert_ok(cf_desk_join(counter->desk, "https://shop.example/join?store=301", NULL));
    counter_look(counter);
    assert_int_equal(counter->shopper.look, CF_SHOPPER_WELCOME);
    assert_int_equal(counter->shopper.n_qrs, 1);
    assert_string_equal(counter->shopper.qrs[0].text, "https://shop.example/join?store=301");
    counter_scan(counter, SOAP);
    counter_look(counter);
    assert_int_equal(counter->shopper.n_qrs, 0);
}

static void send_rules(struct counter *counter, const char *join, const char *reason)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_RULES};
    cf_store_rules_default(&entry.store_rules);
    snprintf(entry.store_rules.join, sizeof entry.store_rules.join, "%s", join);
    snprintf(entry.store_rules.reasons[0], sizeof entry.store_rules.reasons[0], "%s", reason);
    entry.store_rules.n_reasons = reason[0] != '\0' ? 1 : 0;
    shop_send(&counter->shop, CF_TOPIC_RULES, &entry);
    assert_ok(cf_till_rest(counter->shop.till, &counter->shop.err));
}

static void where_a_shopper_joins_is_the_stores_rule(void **state)
{
    struct counter *counter = *state;
    send_rules(counter, "https://shop.example/join?store=1", "");
    counter_look(counter);
    assert_int_equal(counter->shopper.n_qrs, 1);
    assert_string_equal(counter->shopper.qrs[0].text, "https://shop.example/join?store=1");
    assert_ok(cf_desk_join(counter->desk, "https://other.example/", NULL)); /* this till's own */
    counter_look(counter);
    assert_string_equal(counter->shopper.qrs[0].text, "https://other.example/");
}

/* Of the newest record, a return. */
static const char *reason_on_record(struct counter *counter)
{
    struct cf_journal_head head;
    assert_true(shop_last_is(&counter->shop, CF_RECORD_RETURN));
    assert_ok(cf_journal_head(cf_till_journal(counter->shop.till), &head, NULL));
    return returns_reason(&counter->shop, head.seq);
}

static void take_back_soap(struct counter *counter)
{
    char receipt[24];
    struct cf_till_sold sold;
    int64_t cash_minor;
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_ok(cf_till_last_sale(counter->shop.till, &sold, &cash_minor, NULL));
    snprintf(receipt, sizeof receipt, "%llu", (unsigned long long)sold.sale_no);
    cf_desk_act(counter->desk, CF_DO_RETURN, 0);
    counter_enter(counter, receipt);
    cf_desk_act(counter->desk, CF_DO_TAKE_BACK, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_RETURN_WHY);
}

static void why_goods_come_back_is_chosen_or_said(void **state)
{
    struct counter *counter = *state;
    struct cf_page_choice choice;
    take_back_soap(counter);
    assert_int_equal(counter->cashier.n_choices, 5);
    cf_desk_act(counter->desk, CF_DO_NEXT, 0);
    cf_desk_choice(counter->desk, 1, &choice);
    assert_true(choice.at_hand);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_string_equal(reason_on_record(counter), "Does not fit");
    take_back_soap(counter);
    counter_enter(counter, "the lid was open");
    assert_string_equal(reason_on_record(counter), "the lid was open");
    send_rules(counter, "", "Gift not wanted");
    take_back_soap(counter);
    assert_int_equal(counter->cashier.n_choices, 1);
    cf_desk_act(counter->desk, CF_DO_BACK, 0); /* back to the lines, to choose otherwise */
    assert_int_equal(counter_look(counter), CF_PAGE_RETURN_LINES);
    cf_desk_act(counter->desk, CF_DO_VOID, 0);
    counter_enter(counter, "1234567890123456789012345678901234567890123456789");
    counter_look(counter);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED); /* too long: nothing came back */
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_ENTER, 0);
    assert_string_equal(reason_on_record(counter), "Gift not wanted");
    shop_verify(&counter->shop);
}

/* Whoever may not void a sale alone is allowed it by a manager: with the reason that was given. */
static void a_return_that_needs_a_manager_keeps_its_reason(void **state)
{
    struct counter *counter = *state;
    counter_send_user(counter, 7, "Anna", CF_ROLE_CASHIER);
    counter_send_user(counter, 8, "Boris", CF_ROLE_MANAGER);
    counter_sign_on(counter, "7");
    take_back_soap(counter);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_VOID, 0);
    counter_enter(counter, "rung up twice");
    assert_non_null(counter_key(counter, CF_DO_OVERRIDE));
    cf_desk_act(counter->desk, CF_DO_OVERRIDE, 0);
    counter_sign_on(counter, "8");
    counter_enter(counter, "seen it");
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_string_equal(reason_on_record(counter), "rung up twice");
}

static void fifty_scans_in_a_row_are_fifty_pieces(void **state)
{
    struct counter *counter = *state;
    for (int i = 0; i < 50; i++) {
        counter_scan(counter, SOAP);
    }
    counter_look(counter);
    assert_string_equal(counter->cashier.items, "50 items");
    cf_desk_free(counter->desk);
    shop_restart(&counter->shop); /* killed in the middle of it */
    counter_open(counter);
    counter_look(counter);
    assert_string_equal(counter->cashier.items, "50 items");
}

/* --- who was refused
 * --------------------------------------------------------------------------------------------------
 */

static void what_one_was_refused_is_not_done_in_the_name_of_the_next(void **state)
{
    struct counter *counter = *state;
    counter_send_user(counter, 7, "Somebody", CF_ROLE_CASHIER);
    counter_send_user(counter, 8, "Somebody", CF_ROLE_CASHIER);
    counter_sign_on(counter, "7");
    cf_desk_act(counter->desk, CF_DO_NO_SALE, 0);
    counter_enter(counter, "change");
    assert_non_null(counter_key(counter, CF_DO_OVERRIDE));
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_LOCK, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_SIGN_ON);
    assert_null(counter_key(counter, CF_DO_OVERRIDE));
    counter_sign_on(counter, "8");
    assert_int_equal(counter_look(counter), CF_PAGE_IDLE);
    assert_null(counter_key(counter, CF_DO_OVERRIDE));
}

/* Five in a hundred off for whoever pays by card, and no card terminal is connected here. */
static void what_is_due_by_card_is_shown_before_its_slip_is_typed(void **state)
{
    struct counter *counter = *state;
    struct cf_campaign campaign = shop_campaign(40);
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.from = campaign.to = (cf_wall){0};
    campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
    campaign.promotion.amount_minor = 0;
    campaign.promotion.percent_bp = 500;
    campaign.promotion.needs_coupon = false;
    campaign.promotion.tenders = 1u << CF_TENDER_CARD;
    shop_send_campaign(&counter->shop, &campaign);
    counter_restart(counter);
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_SLIP);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Card"), "¥23.75");
    cf_desk_act(counter->desk, CF_DO_BACK, 0); /* they would rather pay cash */
    cf_desk_act(counter->desk, CF_DO_CASH, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_CASH);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Due in cash"), "¥25.00");
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    counter_enter(counter, "0042");
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
}

static void what_a_card_was_to_be_charged_with_is_said_again(void **state)
{
    struct counter *counter = *state;
    counter_scan(counter, SOAP);
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    counter_type(counter, "5");
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_SLIP);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_PROMPT);
    cf_desk_act(counter->desk, CF_DO_BACK, 0); /* perhaps after the terminal took it */
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_SLIP);
    assert_string_equal(counter->cashier.bar.what, "The card was to be charged with ¥5.00 before.");
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    counter_type(counter, "5");
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    counter_look(counter);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Card"), "¥5.00");
    counter_enter(counter, "SLIP 1");
    assert_int_equal(counter_look(counter), CF_PAGE_TENDER);
    cf_desk_act(counter->desk, CF_DO_CARD, 0); /* the rest: nothing is waited for any more */
    assert_int_equal(counter_look(counter), CF_PAGE_SLIP);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_PROMPT);
}

/* Of a promotion that is counted nothing was leased to this till. */
static void what_is_left_out_stands_among_the_coupons_with_its_rule(void **state)
{
    struct counter *counter = *state;
    struct cf_campaign campaign = shop_campaign(41);
    struct cf_page_choice choice;
    campaign.without_coupon = true;
    shop_send_campaign(&counter->shop, &campaign);
    counter_restart(counter);
    counter_scan(counter, TEA);
    cf_desk_act(counter->desk, CF_DO_COUPONS, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_COUPONS);
    assert_int_equal(counter->cashier.n_choices, 1);
    cf_desk_choice(counter->desk, 0, &choice);
    assert_string_equal(choice.title, "Campaign 41");
    assert_string_equal(choice.detail, "nothing is left of it at this till until the next sync");
    assert_false(choice.good);
    assert_false(counter_key(counter, CF_DO_UNTAKE)->enabled); /* there is nothing to take off */
    cf_desk_act(counter->desk, CF_DO_UNTAKE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_COUPONS);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_PROMPT);
}

/* --- what a card was charged before its slip is typed
 * ---------------------------------------------------------------------------------
 */

static void at(struct counter *counter, const char *utc)
{
    cf_wall then;
    assert_ok(cf_wall_parse(utc, &then, &counter->shop.err));
    counter->shop.mono_us += then.us - counter->shop.wall_us;
    counter->shop.wall_us = then.us;
}

/* Ten in a hundred off from 17:00 to 19:00, and a sale of 10.00 on the page for slips. */
static void slip_of_happy_hour(struct counter *counter, const char *utc, const char *asked)
{
    struct cf_campaign campaign = shop_campaign(30);
    campaign.policy = CF_POLICY_AUTOMATIC;
    campaign.from = campaign.to = (cf_wall){0};
    campaign.promotion.kind = CF_REWARD_ORDER_PERCENT;
    campaign.promotion.amount_minor = 0;
    campaign.promotion.percent_bp = 1000;
    campaign.promotion.needs_coupon = false;
    campaign.promotion.n_hours = 1;
    campaign.promotion.hours[0].from_min = 17 * 60;
    campaign.promotion.hours[0].to_min = 19 * 60;
    shop_send_campaign(&counter->shop, &campaign);
    counter_restart(counter);
    at(counter, utc);
    counter_scan(counter, SOAP);
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_SLIP);
    assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Card"), asked);
}

static void a_slip_is_a_part_payment_when_the_price_rose_since(void **state)
{
    struct counter *counter = *state;
    struct cf_till_view view;
    slip_of_happy_hour(counter, "2026-11-22T10:59:50Z", "¥9.00");
    at(counter, "2026-11-22T11:00:20Z");
    counter_enter(counter, "0042");
    assert_int_equal(counter_look(counter), CF_PAGE_TENDER);
    assert_int_equal(counter->cashier.bar.kind, CF_BAR_NEWS);
    assert_string_equal(counter->cashier.bar.what, "The slip is taken: ¥9.00");
    cf_till_view(counter->shop.till, &view);
    assert_int_equal(view.tenders->n, 1);
    assert_int_equal(view.tenders->tender[0].amount_minor, 900);
    assert_string_equal(view.tenders->tender[0].reference, "0042");
    assert_int_equal(view.due_minor, 100);
    cf_desk_act(counter->desk, CF_DO_NOTE, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
}

static void a_slip_over_more_than_is_due_is_never_recorded_as_less(void **state)
{
    struct counter *counter = *state;
    struct cf_till_view view;
    slip_of_happy_hour(counter, "2026-11-22T08:59:50Z", "¥10.00");
    at(counter, "2026-11-22T09:00:20Z");
    for (int i = 0; i < 3; i++) {
        counter_enter(counter, "0042");
        assert_int_equal(counter_look(counter), CF_PAGE_SLIP);
        assert_int_equal(counter->cashier.bar.kind, CF_BAR_REFUSED);
        assert_string_equal(counter->cashier.bar.what, "The slip is over ¥10.00, and ¥9.00 is due.");
        cf_till_view(counter->shop.till, &view);
        assert_int_equal(view.tenders->n, 0);
        if (i == 1) { /* not by way of a new page either */
            cf_desk_act(counter->desk, CF_DO_TENDER, 0);
            cf_desk_act(counter->desk, CF_DO_CARD, 0);
            counter_look(counter);
            assert_string_equal(counter_field(counter->cashier.fields, counter->cashier.n_fields, "Card"), "¥9.00");
        }
    }
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    cf_desk_act(counter->desk, CF_DO_BACK, 0);
    assert_int_equal(counter_look(counter), CF_PAGE_LINES);
    cf_desk_act(counter->desk, CF_DO_TENDER, 0);
    cf_desk_act(counter->desk, CF_DO_CARD, 0);
    counter_enter(counter, "0043"); /* refunded, and charged anew */
    assert_int_equal(counter_look(counter), CF_PAGE_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTER_TEST(what_is_due_by_card_is_shown_before_its_slip_is_typed),
        COUNTER_TEST(what_a_card_was_to_be_charged_with_is_said_again),
        COUNTER_TEST(what_is_left_out_stands_among_the_coupons_with_its_rule),
        COUNTER_TEST(a_slip_is_a_part_payment_when_the_price_rose_since),
        COUNTER_TEST(a_slip_over_more_than_is_due_is_never_recorded_as_less),
        COUNTER_TEST(every_page_has_a_prompt_and_no_key_twice),
        COUNTER_TEST(a_plain_sale_by_scanner_alone),
        COUNTER_TEST(a_basket_becomes_a_quotation_and_is_sold_by_its_number),
        COUNTER_TEST(the_command_codes_can_be_printed),
        COUNTER_TEST(a_sale_is_parked_and_recalled_from_the_list),
        COUNTER_TEST(goods_are_found_by_a_part_of_their_name),
        COUNTER_TEST(a_line_of_a_receipt_comes_back_in_cash),
        COUNTER_TEST(the_day_is_counted_blind_and_closed_once),
        COUNTER_TEST(the_managers_keys_lead_to_their_pages),
        COUNTER_TEST(an_open_sale_keeps_the_day_open),
        COUNTER_TEST(a_discount_by_hand_asks_why),
        COUNTER_TEST(keys_of_the_keyboard_may_be_others),
        COUNTER_TEST(who_signs_on_sees_name_lane_and_day_before_the_pin),
        COUNTER_TEST(offline_is_a_state_and_says_what_is_unsent),
        COUNTER_TEST(a_tone_is_never_alone),
        COUNTER_TEST(a_refusal_is_heard_after_what_still_sounds),
        COUNTER_TEST(a_scanner_that_types_four_thousand_characters_is_told_so),
        COUNTER_TEST(goods_that_are_scanned_as_money_are_goods),
        COUNTER_TEST(scans_of_rubbish_leave_the_sale_as_it_is),
        COUNTER_TEST(many_units_and_twelve_digits_are_whole),
        COUNTER_TEST(names_are_cut_at_a_character_and_cleaned),
        COUNTER_TEST(what_is_too_long_ends_in_an_ellipsis_and_control_bytes_are_replaced),
        COUNTER_TEST(a_scan_of_four_thousand_characters_is_refused_whole),
        COUNTER_TEST(a_shopper_can_join_between_sales_where_the_shop_says_so),
        COUNTER_TEST(where_a_shopper_joins_is_the_stores_rule),
        COUNTER_TEST(why_goods_come_back_is_chosen_or_said),
        COUNTER_TEST(a_return_that_needs_a_manager_keeps_its_reason),
        COUNTER_TEST(fifty_scans_in_a_row_are_fifty_pieces),
        COUNTER_TEST(what_one_was_refused_is_not_done_in_the_name_of_the_next),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
