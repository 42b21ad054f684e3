/*
 * tests/unit/desk/languages_test.c - the file that says which language whom wanted: kept, replaced, full, and broken.
 */
#include <stdio.h>
#include <string.h>

#include "app/counter/languages.h"
#include "tests/unit/desk/desk_support.h"

static const char *language_of(const struct counter *counter, uint32_t user)
{
    static char language[CF_LANGUAGE_NAME_CAP];
    return cf_languages_find(cf_env_system(), counter->shop.dir, user, language) ? language : "";
}

static void keep(const struct counter *counter, uint32_t user, const char *language)
{
    assert_ok(cf_languages_keep(cf_env_system(), counter->shop.dir, user, language, NULL));
}

static void write_file(const struct counter *counter, const char *content, size_t n)
{
    char path[SHOP_PATH_MAX + 32];
    const struct cf_env *env = cf_env_system();
    snprintf(path, sizeof path, "%s/" CF_LANGUAGES_FILE, counter->shop.dir);
    assert_ok(env->ops->file_replace(env->ctx, path, cf_bytes_of((const uint8_t *)content, n), 0600, NULL));
}

static void the_last_choice_of_each_user_counts(void **state)
{
    struct counter *counter = *state;
    assert_string_equal(language_of(counter, 7), "");
    keep(counter, 7, "zh_CN");
    keep(counter, 0, "de");
    keep(counter, UINT32_MAX, "fr");
    keep(counter, 7, "en");
    assert_string_equal(language_of(counter, 7), "en");
    assert_string_equal(language_of(counter, 0), "de");
    assert_string_equal(language_of(counter, UINT32_MAX), "fr");
}

static void the_first_to_choose_is_forgotten_when_the_file_is_full(void **state)
{
    struct counter *counter = *state;
    for (uint32_t user = 1; user <= CF_LANGUAGES_MAX; user++) {
        keep(counter, user, "zh_CN");
    }
    keep(counter, 1, "en"); /* which is not the first any more */
    keep(counter, CF_LANGUAGES_MAX + 1, "en");
    assert_string_equal(language_of(counter, 2), "");
    assert_string_equal(language_of(counter, 1), "en");
    assert_string_equal(language_of(counter, 3), "zh_CN");
    assert_string_equal(language_of(counter, CF_LANGUAGES_MAX + 1), "en");
}

static void a_broken_file_is_as_if_nobody_had_chosen(void **state)
{
    static const struct {
        const char *why, *content, *of_seven;
    } rows[] = {
        {"nothing in it", "", ""},
        {"no end of the line", "7 zh_CN", ""},
        {"a path", "7 ../../x\n", ""},
        {"a name too long", "7 zh_CN_XX\n", ""},
        {"a number too large", "42949672967 de\n", ""},
        {"no number", " de\nx de\n", ""},
        {"a good one among others", "x\n\n7 de\n8\n7\n", "de"},
        {"two: the later one", "7 de\n7 fr\n", "fr"},
    };
    struct counter *counter = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_file(counter, rows[i].content, strlen(rows[i].content));
        print_message("# %s\n", rows[i].why);
        assert_string_equal(language_of(counter, 7), rows[i].of_seven);
    }
    write_file(counter, "\0\0\0\n7 de\n", 9);
    assert_string_equal(language_of(counter, 7), "de");
    assert_int_equal(cf_languages_keep(cf_env_system(), counter->shop.dir, 7, "../x", NULL), CF_E_ARGUMENT);
    keep(counter, 7, "fr");
    assert_string_equal(language_of(counter, 7), "fr");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COUNTER_TEST(the_last_choice_of_each_user_counts),
        COUNTER_TEST(the_first_to_choose_is_forgotten_when_the_file_is_full),
        COUNTER_TEST(a_broken_file_is_as_if_nobody_had_chosen),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
