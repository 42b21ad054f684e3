/*
 * tests/unit/ui/rows_test.c - a list of rows alone in a window: what is in sight, what is not, and what costs nothing.
 */
#include <stdio.h>
#include <string.h>

#include "app/ui/rows.h"
#include "tests/unit/terminal/terminal_cmocka.h"
#include "tests/unit/ui/display_support.h"

#define HEIGHT 640
#define LINES 200

/* What a desk would say: row i is called "row i", and one of them is at hand. */
static struct {
    size_t hand, reads, long_one;
    guint touched;
} says;

static void read_row(struct cf_desk *desk, size_t i, struct cf_row *ret)
{
    (void)desk;
    says.reads++;
    memset(ret, 0, sizeof *ret);
    g_snprintf(ret->name, sizeof ret->name, "row %zu", i);
    g_strlcpy(ret->terms, "1 × 9.90", sizeof ret->terms);
    if (i == says.long_one) {
        memset(ret->terms, 'w', sizeof ret->terms - 1);
    }
    ret->at_hand = i == says.hand;
}

static void touch(gpointer ctx, guint i)
{
    (void)ctx;
    says.touched = i;
}

struct list {
    GtkWidget *window, *scrolled;
    CfRows *rows;
    size_t wanted;
};

static void list_open(struct list *list)
{
    memset(&says, 0, sizeof says);
    says.long_one = SIZE_MAX;
    list->rows = cf_rows_new(NULL, read_row, touch, NULL);
    list->scrolled = cf_rows_scrolled(list->rows);
    list->window = gtk_window_new();
    gtk_window_set_default_size(GTK_WINDOW(list->window), 480, HEIGHT);
    gtk_window_set_decorated(GTK_WINDOW(list->window), FALSE);
    gtk_window_set_child(GTK_WINDOW(list->window), list->scrolled);
    gtk_window_present(GTK_WINDOW(list->window));
}

/* The label of row i, if all of it is in sight. */
static bool is_whole(const struct list *list, size_t i)
{
    char name[32];
    g_snprintf(name, sizeof name, "row %zu", i);
    GtkWidget *view = GTK_WIDGET(list->rows);
    for (GtkWidget *line = gtk_widget_get_first_child(view); line != NULL; line = gtk_widget_get_next_sibling(line)) {
        graphene_rect_t box;
        const char *text = gtk_label_get_text(GTK_LABEL(gtk_widget_get_first_child(gtk_widget_get_first_child(line))));
        if (gtk_widget_get_visible(line) && strcmp(text, name) == 0 && gtk_widget_compute_bounds(line, view, &box)) {
            return box.origin.y >= 0 && box.origin.y + box.size.height <= (float)gtk_widget_get_height(view);
        }
    }
    return false;
}

static bool is_wanted_whole(void *ctx)
{
    const struct list *list = ctx;
    return is_whole(list, list->wanted);
}

/* Its next frame, or the one after, has row i in sight; a row that never comes fails the test. */
static void comes_into_sight(struct list *list, size_t i)
{
    list->wanted = i;
    display_until(is_wanted_whole, list);
}

static size_t widgets_of(const struct list *list)
{
    size_t n = 0;
    GtkWidget *line = gtk_widget_get_first_child(GTK_WIDGET(list->rows));
    for (; line != NULL; line = gtk_widget_get_next_sibling(line)) {
        n++;
    }
    return n;
}

static void the_row_at_hand_is_in_sight_wherever_it_is(void **state)
{
    static const size_t hands[] = {LINES - 1, 0, 100, 101, 90, 150, 1, LINES - 2};
    struct list list;
    (void)state;
    list_open(&list);
    for (size_t i = 0; i < sizeof hands / sizeof hands[0]; i++) {
        says.hand = hands[i];
        cf_rows_refresh(list.rows, LINES);
        comes_into_sight(&list, hands[i]);
    }
    says.long_one = says.hand = 120; /* two lines of terms: a higher row than all that were seen */
    cf_rows_refresh(list.rows, LINES);
    comes_into_sight(&list, 120);
    gtk_window_destroy(GTK_WINDOW(list.window));
}

static void a_basket_costs_what_is_in_sight_of_it(void **state)
{
    struct list list;
    (void)state;
    list_open(&list);
    for (size_t n = 1; n <= LINES; n++) {
        says.hand = n - 1;
        cf_rows_refresh(list.rows, n);
    }
    comes_into_sight(&list, LINES - 1);
    assert_in_range(widgets_of(&list), 3, 20);
    says.reads = 0;
    cf_rows_refresh(list.rows, LINES);
    assert_in_range(says.reads, 3, 20);
    gtk_window_destroy(GTK_WINDOW(list.window));
}

static void what_is_scrolled_to_says_what_the_desk_says_now(void **state)
{
    struct list list;
    (void)state;
    list_open(&list);
    says.hand = LINES - 1;
    cf_rows_refresh(list.rows, LINES);
    comes_into_sight(&list, LINES - 1);
    assert_false(is_whole(&list, 0));
    gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(list.scrolled)), 0);
    comes_into_sight(&list, 0);
    cf_rows_refresh(list.rows, LINES); /* nothing new: who looks at the beginning is left there */
    assert_true(is_whole(&list, 0));
    says.hand = 1;
    cf_rows_refresh(list.rows, 2);
    comes_into_sight(&list, 1);
    assert_true(is_whole(&list, 0) && !is_whole(&list, 2));
    cf_rows_refresh(list.rows, 0);
    assert_false(is_whole(&list, 0)); /* at once: nobody's basket is read out to nobody */
    gtk_window_destroy(GTK_WINDOW(list.window));
}

static void a_touch_tells_which_row_was_touched(void **state)
{
    struct list list;
    (void)state;
    list_open(&list);
    says.hand = LINES - 1;
    cf_rows_refresh(list.rows, LINES);
    comes_into_sight(&list, LINES - 1);
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(GTK_WIDGET(list.rows));
    g_autoptr(GtkEventController) click = g_list_model_get_item(controllers, 0);
    double end = gtk_widget_get_height(GTK_WIDGET(list.rows));
    g_signal_emit_by_name(click, "released", 1, 10.0, end - 3);
    assert_int_equal(says.touched, LINES - 1);
    cf_rows_refresh(list.rows, 1);
    comes_into_sight(&list, 0);
    says.touched = 7;
    g_signal_emit_by_name(click, "released", 1, 10.0, end - 3);
    assert_int_equal(says.touched, 7); /* below the last row there is none */
    g_signal_emit_by_name(click, "released", 1, 10.0, 3.0);
    assert_int_equal(says.touched, 0);
    gtk_window_destroy(GTK_WINDOW(list.window));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_at_hand_is_in_sight_wherever_it_is),
        cmocka_unit_test(a_basket_costs_what_is_in_sight_of_it),
        cmocka_unit_test(what_is_scrolled_to_says_what_the_desk_says_now),
        cmocka_unit_test(a_touch_tells_which_row_was_touched),
    };
    (void)argc;
    if (!display_open(argv, "rows")) {
        return 0;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
