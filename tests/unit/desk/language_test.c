/*
 * tests/unit/desk/language_test.c - the desk in other languages: whole sentences of the core, by their forms; and a
 * desk that speaks Chinese from one act to the next.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/counter/languages.h"
#include "tests/unit/desk/desk_support.h"

static bool has_chinese(void)
{
    return access(CF_BINARY_DIR "/locale/zh_CN/LC_MESSAGES/counterfoil.mo", R_OK) == 0;
}

static int use_chinese(void **state)
{
    (void)state;
    cf_language_init(CF_BINARY_DIR "/locale");
    cf_language_use("zh_CN");
    return 0;
}

static int use_english(void **state)
{
    (void)state;
    cf_language_use("en");
    return 0;
}

static void need_chinese(void)
{
    if (!has_chinese()) {
        print_message("# no catalogue was built: gettext is not installed\n");
        skip();
    }
}

static void sentences_of_the_core_are_whole(void **state)
{
    static const struct {
        const char *english, *chinese;
    } rows[] = {
        {"needs ¥200.00 of covered goods, basket has ¥109.80", "适用商品需满 ¥200.00，目前 ¥109.80"},
        {"needs ¥200.00 of skin care, basket has ¥109.80", "skin care 需满 ¥200.00，目前 ¥109.80"},
        {"Skin care week: -¥19.50 (20% of ¥97.50)", "Skin care week：-¥19.50（¥97.50 的 20%）"},
        {"cannot be combined with Tea time", "不能与“Tea time”同用"},
        {"By hand: -¥5.00 (5% of ¥100.00, dented)", "手动折扣：-¥5.00（¥100.00 的 5%，dented）"},
        {"discount: not by a cashier alone", "折扣：收银员 不能独自操作"},
        {"a sentence of which nobody has heard", "a sentence of which nobody has heard"},
    };
    char text[CF_PAGE_TEXT_MAX];
    (void)state;
    need_chinese();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_string_equal(cf_text_of_form(rows[i].english, text, sizeof text), rows[i].chinese);
    }
}

static void a_form_of_any_length_never_overruns(void **state)
{
    char english[2048], text[16];
    (void)state;
    memset(english, 'x', sizeof english - 1);
    english[sizeof english - 1] = '\0';
    memcpy(english, "needs ", 6);
    memcpy(english + 1500, ", basket has ", 13);
    (void)cf_text_of_form(english, text, sizeof text);
    for (size_t n = 0; n < sizeof text; n++) {
        char small[16];
        const char *got = cf_text_of_form("needs 1, basket has 2", small, n + 1);
        assert_true(got != small || strlen(got) <= n);
    }
}

static void english_is_what_stands_in_the_source(void **state)
{
    char text[CF_PAGE_TEXT_MAX];
    (void)state;
    cf_language_use("en");
    assert_string_equal(cf_text_of_form("needs 1, basket has 2", text, sizeof text), "needs 1, basket has 2");
    assert_string_equal(_("Welcome"), "Welcome");
}

static void a_whole_sale_in_chinese_and_back(void **state)
{
    struct counter *counter = *state;
    need_chinese();
    cf_desk_act(counter->desk, CF_DO_LANGUAGE, 0);
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "欢迎光临");
    counter_scan(counter, SOAP);
    counter_scan(counter, shop_coupon(LEASED, 1));
    counter_look(counter);
    assert_string_equal(counter->cashier.items, "1 件");
    assert_string_equal(counter->cashier.bar.what, "优惠券已保留：暂时不生效");
    assert_non_null(strstr(counter->cashier.bar.why, "需满"));
    counter_scan(counter, "4999999999995");
    counter_look(counter);
    assert_non_null(strstr(counter->cashier.bar.what, "条码"));
    cf_desk_act(counter->desk, CF_DO_LANGUAGE, 0);
    counter_look(counter);
    assert_string_equal(counter->cashier.items, "1 item");
}

/* Chosen once by each: after a change of user, a lock and a restart it is theirs again. */
static void a_language_is_its_users_until_they_choose_another(void **state)
{
    struct counter *counter = *state;
    need_chinese();
    counter_send_user(counter, 7, "Anna", CF_ROLE_CASHIER);
    counter_send_user(counter, 8, "Li", CF_ROLE_CASHIER);
    counter_sign_on(counter, "8");
    cf_desk_act(counter->desk, CF_DO_LANGUAGE, 0);
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "欢迎光临");
    cf_desk_act(counter->desk, CF_DO_LOCK, 0);
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "This lane is closed");
    counter_sign_on(counter, "7");
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "Welcome");
    cf_desk_free(counter->desk);
    shop_restart(&counter->shop);
    counter_open(counter);
    cf_desk_act(counter->desk, CF_DO_LOCK, 0);
    counter_sign_on(counter, "8");
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "欢迎光临");
    cf_desk_act(counter->desk, CF_DO_LANGUAGE, 0);
    cf_desk_act(counter->desk, CF_DO_LOCK, 0);
    counter_sign_on(counter, "8");
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "Welcome");
}

/* A login that ends by itself takes its language along. */
static void a_language_chosen_before_signing_on_is_kept_for_nobody(void **state)
{
    struct counter *counter = *state;
    char language[CF_LANGUAGE_NAME_CAP] = "";
    need_chinese();
    counter_send_user(counter, 7, "Anna", CF_ROLE_CASHIER);
    cf_desk_act(counter->desk, CF_DO_LANGUAGE, 0);
    counter_sign_on(counter, "7");
    counter_look(counter);
    assert_string_equal(counter->shopper.title, "欢迎光临");
    assert_false(cf_languages_find(cf_env_system(), counter->shop.dir, 7, language));
    counter->shop.mono_us += (CF_TILL_IDLE_S + 1) * CF_US_PER_S;
    cf_desk_tick(counter->desk, 1000);
    counter_look(counter);
    assert_int_equal(counter->cashier.id, CF_PAGE_SIGN_ON);
    assert_string_equal(counter->shopper.title, "This lane is closed");
}

/* For texts_test.py, which makes a language that nobody speaks. */
static void whatever_catalogue_there_is_is_spoken(void **state)
{
    const char *dir = getenv("CF_TEXTS"), *language = getenv("CF_TEXTS_LANGUAGE");
    (void)state;
    if (dir != NULL && language != NULL) {
        cf_language_init(dir);
        cf_language_use(language);
        print_message("# %s\n", _("Welcome"));
        cf_language_use("en");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sentences_of_the_core_are_whole, use_chinese, use_english),
        cmocka_unit_test_setup_teardown(a_form_of_any_length_never_overruns, use_chinese, use_english),
        cmocka_unit_test(english_is_what_stands_in_the_source),
        COUNTER_TEST(a_whole_sale_in_chinese_and_back),
        COUNTER_TEST(a_language_is_its_users_until_they_choose_another),
        COUNTER_TEST(a_language_chosen_before_signing_on_is_kept_for_nobody),
        cmocka_unit_test(whatever_catalogue_there_is_is_spoken),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
