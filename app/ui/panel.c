/*
 * app/ui/panel.c - see panel.h.
 */
#include "app/ui/panel.h"

#include <string.h>

#include "app/desk/language.h"
#include "app/ui/labels.h"

#define SAMPLES_MAX 64
#define COLUMNS 2

struct panel {
    struct cf_desk *desk;
    char *path;
    cf_ui_changed *changed;
    gpointer ctx;
};

static void free_panel(gpointer data)
{
    struct panel *panel = data;
    g_free(panel->path);
    g_free(panel);
}

/* The lines of the file; NULL if it cannot be read. */
static char **read_samples(const struct panel *panel)
{
    g_autofree char *text = NULL;
    return g_file_get_contents(panel->path, &text, NULL, NULL) ? g_strsplit(g_strchomp(text), "\n", SAMPLES_MAX) : NULL;
}

static void touched(GtkButton *button, struct panel *panel)
{
    const char *wanted = g_object_get_data(G_OBJECT(button), "label");
    g_auto(GStrv) lines = read_samples(panel);
    for (char **line = lines; line != NULL && *line != NULL; line++) {
        char *tab = strchr(*line, '\t');
        if (tab != NULL && strncmp(*line, wanted, (size_t)(tab - *line)) == 0 && wanted[tab - *line] == '\0') {
            cf_desk_scan(panel->desk, cf_bytes_str(tab + 1));
            panel->changed(panel->ctx);
            return;
        }
    }
}

static GtkWidget *new_key(struct panel *panel, const char *label)
{
    GtkWidget *button = gtk_button_new_with_label(label);
    gtk_widget_set_focus_on_click(button, FALSE);
    gtk_widget_set_hexpand(button, TRUE);
    g_object_set_data_full(G_OBJECT(button), "label", g_strdup(label), g_free);
    g_signal_connect(button, "clicked", G_CALLBACK(touched), panel);
    return button;
}

GtkWindow *cf_panel_new(struct cf_desk *desk, const char *path, cf_ui_changed *changed, gpointer ctx)
{
    struct panel *panel = g_new0(struct panel, 1);
    *panel = (struct panel){.desk = desk, .path = g_strdup(path), .changed = changed, .ctx = ctx};
    g_auto(GStrv) lines = read_samples(panel);
    if (lines == NULL) {
        free_panel(panel);
        return NULL;
    }
    GtkWidget *window = gtk_window_new(), *all = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0), *grid = gtk_grid_new();
    gtk_window_set_title(GTK_WINDOW(window), _("Devices"));
    gtk_widget_add_css_class(window, "devices");
    gtk_widget_add_css_class(all, "body");
    gtk_widget_add_css_class(grid, "keys");
    GtkWidget *hint = cf_label_add(all, "row-terms", 0);
    gtk_label_set_wrap(GTK_LABEL(hint), TRUE);
    cf_label_say(hint, _("Touch one, and the till's scanner reads it"));
    for (int i = 0; lines[i] != NULL; i++) {
        char *tab = strchr(lines[i], '\t');
        if (tab != NULL) {
            *tab = '\0';
            gtk_grid_attach(GTK_GRID(grid), new_key(panel, lines[i]), i % COLUMNS, i / COLUMNS, 1, 1);
        }
    }
    gtk_box_append(GTK_BOX(all), grid);
    gtk_window_set_child(GTK_WINDOW(window), all);
    g_object_set_data_full(G_OBJECT(window), "panel", panel, free_panel);
    return GTK_WINDOW(window);
}
