/*
 * app/ui/ui.c - see ui.h.
 */
#include "app/ui/ui.h"

#include <gdk/wayland/gdkwayland.h>

#define DPI 96
#define WIDTH 1024 /* what sizes are made for, at 100 percent */
#define HEIGHT 768
#define PERCENT_MIN 50
#define PERCENT_MAX 400

/* --- style and scale ------------------------------------------------------------------------------------------------
 */

void cf_ui_style(void)
{
    g_autoptr(GtkCssProvider) style = gtk_css_provider_new();
    gtk_css_provider_load_from_resource(style, "/counterfoil/ui/style.css");
    gtk_style_context_add_provider_for_display(gdk_display_get_default(), GTK_STYLE_PROVIDER(style),
                                               GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    /* The desktop's own taste (contrast, dark, animations) is not asked: a till looks the same everywhere. */
    g_object_set(gtk_settings_get_default(), "gtk-theme-name", "Default", "gtk-application-prefer-dark-theme", FALSE,
                 "gtk-font-name", "Inter 12", "gtk-enable-animations", FALSE, NULL);
}

unsigned cf_ui_scale_for(int width, int height)
{
    return (unsigned)CLAMP(MIN(width * 100 / WIDTH, height * 100 / HEIGHT), PERCENT_MIN, PERCENT_MAX);
}

static void set_scale(struct cf_ui *ui, unsigned percent)
{
    if (ui->percent != percent) {
        ui->percent = percent;
        g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", (int)(DPI * 1024 * percent / 100), NULL);
    }
}

static void windows_of(struct cf_ui *ui, GtkWindow *ret[2])
{
    ret[0] = cf_cashier_window_widget(ui->cashier);
    ret[1] = cf_shopper_window_widget(ui->shopper);
}

/* One number for the process, as GTK has it: what fits the smaller of the two. */
static gboolean rescale(gpointer ctx)
{
    struct cf_ui *ui = ctx;
    GtkWindow *windows[2];
    unsigned percent = PERCENT_MAX;
    ui->rescale = 0;
    windows_of(ui, windows);
    for (int i = 0; i < 2; i++) {
        GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(windows[i]));
        if (surface != NULL && gdk_surface_get_mapped(surface)) {
            unsigned fits = cf_ui_scale_for(gdk_surface_get_width(surface), gdk_surface_get_height(surface));
            percent = MIN(percent, fits);
        }
    }
    set_scale(ui, percent);
    return G_SOURCE_REMOVE;
}

/* Not at once: a new scale asks for a layout, and this is one. */
static void laid_out(GdkSurface *surface, int width, int height, struct cf_ui *ui)
{
    (void)surface;
    (void)width;
    (void)height;
    if (ui->rescale == 0) {
        ui->rescale = g_idle_add_full(G_PRIORITY_HIGH, rescale, ui, NULL);
    }
}

/* --- outputs --------------------------------------------------------------------------------------------------------
 */

/* On realize the toplevel has no role yet, and the name would be lost. */
static void mapped(GtkWidget *window, const char *app_id)
{
    GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(window));
    if (GDK_IS_WAYLAND_TOPLEVEL(surface)) {
        gdk_wayland_toplevel_set_application_id(GDK_WAYLAND_TOPLEVEL(surface), app_id);
    }
}

/* Which window is on which output is the compositor's to say, by app-id; where it does not (X11), by their order. */
static void place(struct cf_ui *ui)
{
    GListModel *monitors = gdk_display_get_monitors(gdk_display_get_default());
    guint n = g_list_model_get_n_items(monitors);
    GtkWindow *windows[2];
    windows_of(ui, windows);
    gtk_widget_set_visible(GTK_WIDGET(windows[1]), n > 1);
    for (guint i = 0; i < 2 && i < n; i++) {
        g_autoptr(GdkMonitor) monitor = g_list_model_get_item(monitors, i);
        if (GDK_IS_WAYLAND_DISPLAY(gdk_display_get_default())) {
            gtk_window_fullscreen(windows[i]);
        } else {
            gtk_window_fullscreen_on_monitor(windows[i], monitor);
        }
    }
    gtk_window_present(windows[0]);
}

static void outputs_changed(GListModel *monitors, guint at, guint gone, guint come, struct cf_ui *ui)
{
    (void)monitors;
    (void)at;
    (void)gone;
    (void)come;
    place(ui);
}

/* --------------------------------------------------------------------------------------------------------------------
 */

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

static void open_one(struct cf_ui *ui, GtkWindow *window, const char *app_id, int width, int height)
{
    g_signal_connect(window, "map", G_CALLBACK(mapped), (gpointer)app_id);
    gtk_window_set_default_size(window, width, height);
    gtk_window_set_decorated(window, !ui->kiosk);
    gtk_widget_realize(GTK_WIDGET(window));
    g_signal_connect(gtk_native_get_surface(GTK_NATIVE(window)), "layout", G_CALLBACK(laid_out), ui);
}

void cf_ui_open(struct cf_ui *ui, struct cf_desk *desk, int width, int height, bool kiosk)
{
    *ui = (struct cf_ui){.desk = desk, .kiosk = kiosk};
    set_scale(ui, cf_ui_scale_for(width, height));
    ui->cashier = cf_cashier_window_new(desk, changed, ui);
    ui->shopper = cf_shopper_window_new(desk);
    GtkWindow *windows[2];
    windows_of(ui, windows);
    GtkEventController *keyboard = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(keyboard, GTK_PHASE_CAPTURE);
    g_signal_connect(keyboard, "key-pressed", G_CALLBACK(forward), ui);
    gtk_widget_add_controller(GTK_WIDGET(windows[1]), keyboard);
    open_one(ui, windows[0], CF_UI_CASHIER_APP_ID, width, height);
    open_one(ui, windows[1], CF_UI_SHOPPER_APP_ID, width, height);
    if (kiosk) {
        ui->monitors = g_signal_connect(gdk_display_get_monitors(gdk_display_get_default()), "items-changed",
                                        G_CALLBACK(outputs_changed), ui);
        place(ui);
    } else {
        gtk_window_present(windows[1]);
        gtk_window_present(windows[0]);
    }
}

void cf_ui_close(struct cf_ui *ui)
{
    if (ui->monitors != 0) {
        g_signal_handler_disconnect(gdk_display_get_monitors(gdk_display_get_default()), ui->monitors);
    }
    gtk_window_destroy(cf_cashier_window_widget(ui->cashier));
    gtk_window_destroy(cf_shopper_window_widget(ui->shopper));
    if (ui->rescale != 0) {
        g_source_remove(ui->rescale);
    }
}
