/*
 * firmware/appliance/notice_main.c - `counterfoil-notice`: the screen of a machine that cannot sell, and what to do
 * about it.
 *
 * Shows the text of the error whose number stands in the first line of FILE, the detail on the next one for the
 * technician. It asks nothing and takes no key. It has the name of the cashier's window, so that weston gives it that
 * screen.
 */
#include <gtk/gtk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static char detail[200];
static const char *text = "This till cannot start. Call the technician.";
static char number[32] = "";

static void read_trouble(const char *path)
{
    FILE *file = fopen(path, "re");
    char line[16];
    if (file == NULL)
        return;
    if (fgets(line, sizeof line, file) != NULL) {
        long rc = strtol(line, NULL, 10);
        if (rc > 0 && rc < 1000) {
            text = cf_rc_text((enum cf_rc)rc);
            snprintf(number, sizeof number, "E%ld", rc);
        }
        if (fgets(detail, sizeof detail, file) != NULL)
            detail[strcspn(detail, "\n")] = '\0';
    }
    fclose(file);
}

static void add_line(GtkWidget *box, const char *line, const char *style)
{
    GtkWidget *label = gtk_label_new(line);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 40);
    gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
    gtk_widget_add_css_class(label, style);
    gtk_box_append(GTK_BOX(box), label);
}

static void show(GtkApplication *application, gpointer unused)
{
    (void)unused;
    GtkCssProvider *look = gtk_css_provider_new();
    gtk_css_provider_load_from_data(look,
                                    "window { background: #7a1f1f; color: white; }"
                                    ".what { font-size: 34px; font-weight: bold; } .number { font-size: 20px; }",
                                    -1);
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(look),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    GtkWidget *window = gtk_application_window_new(application);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 24);
    gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
    gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
    add_line(box, text, "what");
    add_line(box, number, "number");
    add_line(box, detail, "number");
    gtk_window_set_child(GTK_WINDOW(window), box);
    gtk_window_fullscreen(GTK_WINDOW(window));
    gtk_window_present(GTK_WINDOW(window));
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: counterfoil-notice FILE\n", stderr);
        return CF_CLASS_USAGE;
    }
    read_trouble(argv[1]);
    GtkApplication *application = gtk_application_new("counterfoil.cashier", G_APPLICATION_NON_UNIQUE);
    g_signal_connect(application, "activate", G_CALLBACK(show), NULL);
    int status = g_application_run(G_APPLICATION(application), 0, NULL);
    g_object_unref(application);
    return status;
}
