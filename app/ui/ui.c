/*
 * app/ui/ui.c - see ui.h.
 */
#include "app/ui/ui.h"

#define DPI 96
#define WIDTH 1024 /* what sizes are made for, at 100 percent */
#define HEIGHT 768

void cf_ui_style(void)
{
    g_autoptr(GtkCssProvider) style = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(style, "/counterfoil/ui/style.css");
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    /* The desktop's own taste (contrast, dark, animations) is not asked: a till looks the same everywhere. */
    g_object_set(gtk_settings_get_default(), "gtk-theme-name", "Default", "gtk-application-prefer-dark-theme", FALSE,
                 "gtk-font-name", "Inter 12", "gtk-enable-animations", FALSE, NULL);
    cf_ui_scale(100);
}

void cf_ui_scale(unsigned percent)
{
    g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", (int)(DPI * 1024 * percent / 100), NULL);
}

unsigned cf_ui_scale_for(int width, int height)
{
    return (unsigned)MIN(width * 100 / WIDTH, height * 100 / HEIGHT);
}

void cf_ui_refresh(struct cf_ui *ui)
{
    cf_cashier_window_refresh(ui->cashier);
    cf_shopper_window_refresh(ui->shopper);
}

static void changed(gpointer ctx)
{
    cf_ui_refresh(ctx);
}

/* The shopper's window may get the focus, by a touch or by the order of starting: keys are the cashier's all the same.
 */
static gboolean forward(GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType modifiers,
                        gpointer ctx)
{
    struct cf_ui *ui = ctx;
    (void)controller;
    (void)keycode;
    return cf_cashier_window_key(ui->cashier, keyval, modifiers);
}

void cf_ui_open(struct cf_ui *ui, struct cf_desk *desk, int width, int height)
{
    ui->desk = desk;
    ui->cashier = cf_cashier_window_new(desk, changed, ui);
    ui->shopper = cf_shopper_window_new(desk);
    GtkWindow *windows[] = {cf_shopper_window_widget(ui->shopper), cf_cashier_window_widget(ui->cashier)};
    GtkEventController *keyboard = gtk_event_controller_key_new();
    g_signal_connect(keyboard, "key-pressed", G_CALLBACK(forward), ui);
    gtk_widget_add_controller(GTK_WIDGET(windows[0]), keyboard);
    for (gsize i = 0; i < G_N_ELEMENTS(windows); i++) {
        gtk_window_set_default_size(windows[i], width, height);
        gtk_window_set_decorated(windows[i], FALSE);
        gtk_window_present(windows[i]);
    }
}

void cf_ui_close(struct cf_ui *ui)
{
    gtk_window_destroy(cf_cashier_window_widget(ui->cashier));
    gtk_window_destroy(cf_shopper_window_widget(ui->shopper));
}
