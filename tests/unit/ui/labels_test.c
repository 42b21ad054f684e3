/*
 * tests/unit/ui/labels_test.c - texts from outside that no label should choke on.
 */
#include <stdio.h>
#include <string.h>

#include "app/ui/labels.h"
#include "tests/unit/terminal/terminal_cmocka.h"
#include "tests/unit/ui/display_support.h"

static void a_label_says_what_can_be_said(void **state)
{
    static const struct {
        const char *text, *says, *why;
    } rows[] = {
        {"Cream", "Cream", "as most are"},
        {"Tea\x07\x1b[2J\x7f\tgreen", "Tea  [2J  green", "would clear a terminal"},
        {"two\nlines\r\n", "two lines  ", "would make the row higher"},
        {"caf\xc3", "caf", "was cut in the middle of a letter"},
        {"\xff\xfe whatever", "", "is no UTF-8 at all"},
        {"a <b>bold</b> &amp; cream", "a <b>bold</b> &amp; cream", "is no markup"},
        {"شامبو", "شامبو", "reads from the right"},
        {"👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", "is one picture of seven characters"},
    };
    (void)state;
    GtkWidget *box = g_object_ref_sink(gtk_box_new(GTK_ORIENTATION_VERTICAL, 0)), *label = cf_label_add(box, "name", 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cf_label_say(label, rows[i].text);
        if (strcmp(gtk_label_get_text(GTK_LABEL(label)), rows[i].says) != 0) {
            printf("# %s: \"%s\"\n", rows[i].why, gtk_label_get_text(GTK_LABEL(label)));
        }
        assert_string_equal(gtk_label_get_text(GTK_LABEL(label)), rows[i].says);
    }
    g_object_unref(box);
}

static void a_label_that_is_told_a_book_says_its_beginning(void **state)
{
    char book[20000];
    (void)state;
    GtkWidget *box = g_object_ref_sink(gtk_box_new(GTK_ORIENTATION_VERTICAL, 0)), *label = cf_label_add(box, "name", 0);
    for (size_t shift = 0; shift < 4; shift++) { /* a letter of three bytes is cut at each place */
        for (size_t i = 0; i + 3 < sizeof book; i += 3) {
            memcpy(book + i, "面", 3);
        }
        memset(book, 'x', shift);
        book[shift] = ' ';
        book[sizeof book - 1] = '\0';
        cf_label_say(label, book + shift);
        assert_true(strlen(gtk_label_get_text(GTK_LABEL(label))) < 1024);
        assert_true(g_utf8_validate(gtk_label_get_text(GTK_LABEL(label)), -1, NULL));
    }
    g_object_unref(box);
}

static void a_long_amount_is_in_smaller_type(void **state)
{
    (void)state;
    GtkWidget *box = g_object_ref_sink(gtk_box_new(GTK_ORIENTATION_VERTICAL, 0)),
              *label = cf_label_add(box, "total", 1);
    cf_label_say_figure(label, "¥123,456.78");
    assert_false(gtk_widget_has_css_class(label, "long") || gtk_widget_has_css_class(label, "longer"));
    cf_label_say_figure(label, "¥1,234,567.89");
    assert_true(gtk_widget_has_css_class(label, "long"));
    cf_label_say_figure(label, "¥123,456,789,012.34");
    assert_true(gtk_widget_has_css_class(label, "longer") && !gtk_widget_has_css_class(label, "long"));
    g_object_unref(box);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_says_what_can_be_said),
        cmocka_unit_test(a_label_that_is_told_a_book_says_its_beginning),
        cmocka_unit_test(a_long_amount_is_in_smaller_type),
    };
    (void)argc;
    if (!display_open(argv, "labels")) {
        return 0;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
