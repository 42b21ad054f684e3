/*
 * app/ui/run.c - see run.h.
 */
#include "app/ui/run.h"

#include <glib-unix.h>

#include "app/ui/logo.h"
#include "app/ui/panel.h"
#include "app/ui/ui.h"

struct running {
    struct cf_ui ui;
    const struct cf_ui_run *how;
    unsigned n_unpainted; /* windows that are shown */
    bool steps;           /* long work goes on with each frame */
};

static GMainLoop *loop;
static GdkTexture *logo; /* NULL: none */

static void look(struct running *running)
{
    if (running->how->tick(running->how->ctx)) {
        cf_ui_refresh(&running->ui);
    }
}

/* A step of long work a frame, before it is drawn: so each step is seen. */
static gboolean step(GtkWidget *window, GdkFrameClock *clock, gpointer ctx)
{
    struct running *running = ctx;
    (void)window;
    (void)clock;
    look(running);
    running->steps = cf_desk_is_busy(running->ui.desk);
    return running->steps ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean tick(gpointer ctx)
{
    struct running *running = ctx;
    look(running);
    if (!running->steps && cf_desk_is_busy(running->ui.desk)) {
        running->steps = true;
        gtk_widget_add_tick_callback(GTK_WIDGET(cf_cashier_window_widget(running->ui.cashier)), step, running, NULL);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean watch(gint fd, GIOCondition condition, gpointer ctx)
{
    struct running *running = ctx;
    (void)fd;
    (void)condition;
    running->how->watch(running->how->ctx);
    cf_ui_refresh(&running->ui);
    return G_SOURCE_CONTINUE;
}

static void changed(gpointer ctx)
{
    struct running *running = ctx;
    cf_ui_refresh(&running->ui);
}

static gboolean closed(GtkWindow *window, gpointer ctx)
{
    (void)window;
    (void)ctx;
    cf_ui_end();
    return TRUE; /* cf_ui_close destroys it */
}

static void painted(GdkFrameClock *clock, gpointer ctx)
{
    struct running *running = ctx;
    g_signal_handlers_disconnect_by_func(clock, G_CALLBACK(painted), ctx);
    if (--running->n_unpainted == 0) {
        running->how->drawn(running->how->ctx);
    }
}

static void tell_when_drawn(struct running *running)
{
    GtkWindow *const windows[] = {cf_cashier_window_widget(running->ui.cashier),
                                  cf_shopper_window_widget(running->ui.shopper)};
    for (size_t i = 0; i < G_N_ELEMENTS(windows) && running->how->drawn != NULL; i++) {
        if (gtk_widget_get_visible(GTK_WIDGET(windows[i]))) {
            running->n_unpainted++;
            g_signal_connect(gtk_widget_get_frame_clock(GTK_WIDGET(windows[i])), "after-paint", G_CALLBACK(painted),
                             running);
        }
    }
}

/* Without any font GTK draws nothing, takes rubbish for heights and is killed by the X server. */
static bool has_font(void)
{
    GtkWidget *label = g_object_ref_sink(gtk_label_new("8"));
    bool has = pango_layout_get_unknown_glyphs_count(gtk_label_get_layout(GTK_LABEL(label))) == 0;
    g_object_unref(label);
    return has;
}

enum cf_rc cf_ui_begin(struct cf_error *err)
{
    /* Two flat pages need no graphics card, nor a third of a second to start one; and a till has no session bus. */
    g_setenv("GSK_RENDERER", "cairo", FALSE);
    g_setenv("GDK_DEBUG", "gl-disable", FALSE);
    if (g_getenv("DBUS_SESSION_BUS_ADDRESS") == NULL) {
        g_setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
        g_setenv("GTK_A11Y", "none", FALSE); /* it would only say that there is no bus */
    }
    gtk_disable_setlocale(); /* the desk has chosen the language */
    if (!gtk_init_check()) {
        return cf_fail(err, CF_E_UNSUPPORTED, "there is no display to show windows on");
    }
    return has_font() ? CF_OK : cf_fail(err, CF_E_UNSUPPORTED, "there is no font: install fonts-inter");
}

enum cf_rc cf_ui_logo(const char *path, struct cf_error *err)
{
    GdkTexture *read = NULL;
    enum cf_rc rc = cf_logo_read(path, &read, err);
    if (rc == CF_OK) {
        g_clear_object(&logo);
        logo = read;
    }
    return rc;
}

void cf_ui_run(struct cf_desk *desk, const struct cf_ui_run *how)
{
    struct running running = {.how = how};
    cf_ui_style();
    cf_ui_open(&running.ui, desk, how->width, how->height, how->kiosk);
    if (logo != NULL) {
        cf_shopper_window_logo(running.ui.shopper, logo);
    }
    if (how->one_window) {
        gtk_widget_set_visible(GTK_WIDGET(cf_shopper_window_widget(running.ui.shopper)), FALSE);
    }
    tell_when_drawn(&running);
    GtkWindow *panel = how->panel != NULL ? cf_panel_new(desk, how->panel, changed, &running) : NULL;
    if (panel != NULL) {
        gtk_window_present(panel);
    }
    g_signal_connect(cf_cashier_window_widget(running.ui.cashier), "close-request", G_CALLBACK(closed), NULL);
    loop = g_main_loop_new(NULL, FALSE);
    guint source = g_timeout_add(how->tick_ms, tick, &running);
    guint watched = how->watch != NULL ? g_unix_fd_add(how->watch_fd, G_IO_IN, watch, &running) : 0;
    g_main_loop_run(loop);
    g_source_remove(source);
    if (watched != 0) {
        g_source_remove(watched);
    }
    g_main_loop_unref(loop);
    loop = NULL;
    if (panel != NULL) {
        gtk_window_destroy(panel);
    }
    cf_ui_close(&running.ui);
    g_clear_object(&logo);
}

void cf_ui_end(void)
{
    if (loop != NULL) {
        g_main_loop_quit(loop);
    }
}
