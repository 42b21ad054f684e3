/*
 * tests/unit/ui/display_support.c - see display_support.h.
 */
#include "tests/unit/ui/display_support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/unit/terminal/terminal_cmocka.h"

#define PATIENCE_US (300 * G_USEC_PER_SEC) /* of a build with sanitizers beside ten others at work */
#define OURS "CF_TEST_DISPLAY_IS_OURS"

/* The number of a display that nobody else has, chosen by Xvfb; -1 without one. */
static int start_server(void)
{
    int ready[2];
    char said[16] = "", fd[16];
    assert_int_equal(pipe(ready), 0);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(0);
        }
        close(ready[0]);
        snprintf(fd, sizeof fd, "%d", ready[1]);
        int null = open("/dev/null", O_RDWR);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execlp("Xvfb", "Xvfb", "-displayfd", fd, "-screen", "0", "3840x1200x24", "-nolisten", "tcp", "-noreset", NULL);
        _exit(127);
    }
    close(ready[1]);
    size_t n = 0;
    ssize_t got;
    while (n + 1 < sizeof said && (got = read(ready[0], said + n, sizeof said - 1 - n)) != 0) {
        if (got < 0 && errno != EINTR) {
            break;
        }
        n += got > 0 ? (size_t)got : 0;
        if (n > 0 && said[n - 1] == '\n') {
            break;
        }
    }
    close(ready[0]);
    return n > 0 ? (int)strtol(said, NULL, 10) : -1;
}

static void set_environment(const char *display)
{
    static const char *const settings[][2] = {
        {"GDK_BACKEND", "x11"},
        {"GSK_RENDERER", "cairo"},
        {"GDK_DEBUG", "gl-disable"},
        {"GTK_A11Y", "none"},
        {"GSETTINGS_BACKEND", "memory"},
        {"DBUS_SESSION_BUS_ADDRESS", "disabled:"},
        {"LC_ALL", "C.UTF-8"},
        {"LSAN_OPTIONS", "print_suppressions=0:suppressions=" CF_SOURCE_DIR "/tests/ui/lsan.supp"},
        {OURS, "1"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        setenv(settings[i][0], settings[i][1], 1);
    }
    setenv("DISPLAY", display, 1);
    unsetenv("WAYLAND_DISPLAY");
}

bool display_open(char **argv, const char *name)
{
    const char *given = getenv("CF_TEST_DISPLAY");
    char display[32];
    if (getenv(OURS) == NULL) {
        if (given != NULL) {
            snprintf(display, sizeof display, "%s", given);
        } else {
            int number = start_server();
            if (number < 0) {
                printf("1..1\nok 1 - %s # SKIP Xvfb is not installed\n", name);
                return false;
            }
            snprintf(display, sizeof display, ":%d", number);
        }
        set_environment(display);
        execv("/proc/self/exe", argv);
        abort();
    }
    if (!gtk_init_check()) {
        printf("1..1\nnot ok 1 - %s: GTK does not open the display %s\n", name, getenv("DISPLAY"));
        return false;
    }
    return true;
}

void display_until(bool (*is)(void *ctx), void *ctx)
{
    gint64 end = g_get_monotonic_time() + PATIENCE_US;
    while (!is(ctx)) {
        assert_true(g_get_monotonic_time() < end);
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(500);
        }
    }
}

/* --- drawn ----------------------------------------------------------------------------------------------------------
 */

struct drawn {
    GtkWindow *windows[2];
    unsigned frames[2];
};

static void painted(GdkFrameClock *clock, unsigned *frames)
{
    (void)clock;
    (*frames)++;
}

/* Two frames: a row that came into sight is laid out once more. */
static bool are_drawn(void *ctx)
{
    struct drawn *drawn = ctx;
    bool all = true;
    for (int i = 0; i < 2; i++) {
        if (gtk_widget_get_visible(GTK_WIDGET(drawn->windows[i])) && drawn->frames[i] < 2) {
            gtk_widget_queue_draw(GTK_WIDGET(drawn->windows[i]));
            all = false;
        }
    }
    return all;
}

void display_drawn(struct cf_ui *ui)
{
    struct drawn drawn = {.windows = {cf_cashier_window_widget(ui->cashier), cf_shopper_window_widget(ui->shopper)}};
    gulong handlers[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(drawn.windows[i]));
        if (clock != NULL) {
            handlers[i] = g_signal_connect(clock, "after-paint", G_CALLBACK(painted), &drawn.frames[i]);
        }
    }
    display_until(are_drawn, &drawn);
    for (int i = 0; i < 2; i++) {
        if (handlers[i] != 0) {
            g_signal_handler_disconnect(gtk_widget_get_frame_clock(GTK_WIDGET(drawn.windows[i])), handlers[i]);
        }
    }
}

GdkTexture *display_picture(GtkWindow *window)
{
    g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(GTK_WIDGET(window));
    int width = gdk_paintable_get_intrinsic_width(paintable), height = gdk_paintable_get_intrinsic_height(paintable);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(paintable, snapshot, width, height);
    g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(snapshot);
    graphene_rect_t all = GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height);
    return gsk_renderer_render_texture(gtk_native_get_renderer(GTK_NATIVE(window)), node, &all);
}
