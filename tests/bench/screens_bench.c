/*
 * tests/bench/screens_bench.c - what the two windows cost, in the process that draws them; screens_bench.py runs it
 * under a display of its own, and measures `counterfoil-till` itself from outside.
 *
 *   screens_bench frames FOLDER ROUNDS  20 times in each round, a scan to the frame that shows it in both windows, at
 *                                       200 lines and 1024x768
 *   screens_bench sales FOLDER SALES    memory after a tenth of so many sales, and after all
 *   screens_bench empty                 two empty windows of 1920x1080 until it is killed: the floor of memory and of
 *                                       idleness
 *
 * A scan's time begins where the desk is given the code, with the main loop at rest and both windows drawn, and ends
 * once the frame clocks of both windows have ended painting and the X server has said that it did what they asked. It
 * holds pricing, journal, layout and drawing; it does not hold the way of a key from a scanner to the process, nor that
 * of the picture from the server's memory to a panel. Every scan counts. What others at work on the machine add to it
 * is told apart: the processor time of this process, and how long it was ready to run and had no processor (which the X
 * server, woken by what was drawn, takes from it too). Floor: an empty window of that size that is drawn anew, waited
 * for in the same way and in turns with it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gtk/gtk.h>

#include "app/desk/desk.h"
#include "app/ui/ui.h"
#include "tests/bench/bench.h"
#include "tests/bench/world.h"

#define PRODUCTS 20000
#define LINES 200
#define TIMED 20
#define ROUNDS_MAX 1000
#define REST_US 25000     /* longer than the clocks of GTK keep a frame back after another */
#define PATIENCE_S 120    /* for a frame */
#define SALES_MAX 1000000 /* what is kept of sales, such as codes seen of late, has come after a tenth of them */
#define LINES_A_SALE 3

enum series { SCANS, TYPED, FLOOR, RAN, WAITED, SERIES };

struct bench {
    struct world world;
    struct cf_till *till;
    struct cf_desk *desk;
    struct cf_ui ui;
    uint64_t random;
};

/* --- frames ---------------------------------------------------------------------------------------------------------
 */

struct painting {
    gboolean done[2];
    GdkFrameClock *clocks[2];
    gulong handlers[2];
};

static void painted(GdkFrameClock *clock, gboolean *done)
{
    (void)clock;
    *done = TRUE;
}

static void painting_init(struct painting *painting, GtkWindow **windows, int n)
{
    *painting = (struct painting){.done = {TRUE, TRUE}};
    for (int i = 0; i < n; i++) {
        painting->done[i] = FALSE;
        painting->clocks[i] = gtk_widget_get_frame_clock(GTK_WIDGET(windows[i]));
        painting->handlers[i] =
            g_signal_connect(painting->clocks[i], "after-paint", G_CALLBACK(painted), &painting->done[i]);
    }
}

/* Until all are painted, and the X server agrees. */
static void painting_wait(struct painting *painting)
{
    gint64 end = g_get_monotonic_time() + (gint64)PATIENCE_S * G_USEC_PER_SEC;
    while (!painting->done[0] || !painting->done[1]) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(50);
        }
        if (g_get_monotonic_time() > end) {
            bench_die("window %d was not drawn within %d s", painting->done[0] ? 1 : 0, PATIENCE_S);
        }
    }
    gdk_display_sync(gdk_display_get_default());
    for (int i = 0; i < 2; i++) {
        if (painting->handlers[i] != 0) {
            g_signal_handler_disconnect(painting->clocks[i], painting->handlers[i]);
        }
    }
}

/* Until nothing has happened for so long. */
static void rest(void)
{
    gint64 last = g_get_monotonic_time();
    while (g_get_monotonic_time() < last + REST_US) {
        if (g_main_context_iteration(NULL, FALSE)) {
            last = g_get_monotonic_time();
        } else {
            g_usleep(500);
        }
    }
}

static void windows_of(struct bench *bench, GtkWindow *ret[2])
{
    ret[0] = cf_cashier_window_widget(bench->ui.cashier);
    ret[1] = cf_shopper_window_widget(bench->ui.shopper);
}

/* --- what a cashier does --------------------------------------------------------------------------------------------
 */

static void next_barcode(struct bench *bench, char text[14])
{
    world_barcode(1 + bench_random(&bench->random) % PRODUCTS, text);
}

static void scan(struct bench *bench)
{
    char barcode[14];
    next_barcode(bench, barcode);
    cf_desk_scan(bench->desk, cf_bytes_str(barcode));
}

static double ran_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* How long this thread was ready to run and had no processor; 0 of a kernel that does not say. */
static double waited_ms(void)
{
    char text[128] = "", *end = text;
    int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    if (n > 0) {
        strtoull(text, &end, 10);
    }
    return (double)strtoull(end, NULL, 10) / 1e6;
}

static void time_scan(struct bench *bench, struct bench_samples samples[SERIES])
{
    struct painting painting;
    GtkWindow *windows[2];
    windows_of(bench, windows);
    rest();
    painting_init(&painting, windows, 2);
    double waited = waited_ms(), ran = ran_ms();
    int64_t from = bench_now_ns();
    scan(bench);
    cf_ui_refresh(&bench->ui);
    painting_wait(&painting);
    bench_samples_add(&samples[SCANS], (double)(bench_now_ns() - from) / 1e6);
    bench_samples_add(&samples[RAN], ran_ms() - ran);
    bench_samples_add(&samples[WAITED], waited_ms() - waited);
}

/* The same by a scanner that types: each character is a key, and shown. */
static double typed_scan_ms(struct bench *bench)
{
    struct painting painting;
    GtkWindow *windows[2];
    char barcode[14];
    windows_of(bench, windows);
    next_barcode(bench, barcode);
    rest();
    painting_init(&painting, windows, 2);
    int64_t from = bench_now_ns();
    for (const char *c = barcode; *c != '\0'; c++) {
        cf_cashier_window_key(bench->ui.cashier, (guint)*c, 0);
    }
    painting.done[0] = painting.done[1] = FALSE;
    cf_cashier_window_key(bench->ui.cashier, GDK_KEY_Return, 0);
    painting_wait(&painting);
    return (double)(bench_now_ns() - from) / 1e6;
}

static double floor_ms(GtkWindow *empty)
{
    struct painting painting;
    rest();
    painting_init(&painting, &empty, 1);
    int64_t from = bench_now_ns();
    gtk_widget_queue_draw(GTK_WIDGET(empty));
    painting_wait(&painting);
    return (double)(bench_now_ns() - from) / 1e6;
}

static size_t lines_of(struct bench *bench)
{
    static struct cf_cashier_page page;
    cf_desk_cashier(bench->desk, &page);
    return page.n_lines;
}

/* --- set up ---------------------------------------------------------------------------------------------------------
 */

static GtkWindow *open_empty(int width, int height)
{
    GtkWindow *window = GTK_WINDOW(gtk_window_new());
    gtk_window_set_default_size(window, width, height);
    gtk_window_set_decorated(window, FALSE);
    gtk_window_present(window);
    return window;
}

static void begin_gtk(void)
{
    g_setenv("GSK_RENDERER", "cairo", FALSE);
    g_setenv("GDK_DEBUG", "gl-disable", FALSE);
    if (!gtk_init_check()) {
        bench_die("there is no display");
    }
    cf_ui_style();
}

static void bench_open(struct bench *bench, const char *folder, int width, int height)
{
    const struct cf_desk_ports ports = {.ctx = NULL};
    struct cf_error err;
    begin_gtk();
    world_init(&bench->world, folder, PRODUCTS);
    bench->till = world_open(&bench->world);
    bench->random = 7;
    bench_check(cf_desk_new(bench->till, "Till 1", &ports, &bench->desk, &err), &err, "desk");
    cf_ui_open(&bench->ui, bench->desk, width, height, false);
    rest();
}

static void bench_close(struct bench *bench)
{
    cf_ui_close(&bench->ui);
    cf_desk_free(bench->desk);
    cf_till_close(bench->till);
    world_done(&bench->world);
}

/* --- a scan to its frame --------------------------------------------------------------------------------------------
 */

static void frames_round(struct bench *bench, GtkWindow *empty, struct bench_samples samples[SERIES])
{
    struct cf_error err;
    for (int i = 0; i < LINES; i++) {
        scan(bench);
    }
    cf_ui_refresh(&bench->ui);
    for (int i = 0; i < TIMED; i++) {
        time_scan(bench, samples);
        bench_samples_add(&samples[TYPED], typed_scan_ms(bench));
        bench_samples_add(&samples[FLOOR], floor_ms(empty));
    }
    if (lines_of(bench) != LINES + 2 * TIMED) {
        bench_die("the basket has %zu lines", lines_of(bench));
    }
    bench_check(cf_till_cancel(bench->till, &err), &err, "cancelling");
    bench_check(cf_till_rest(bench->till, &err), &err, "resting");
}

static void print_frame(struct bench_samples samples[SERIES], const char *what, enum series of, unsigned permille,
                        double goal_ms)
{
    struct bench_figure figure = {
        .row = "frame", .what = what, .unit = "ms", .value = bench_samples_at(&samples[of], permille)};
    char goal[32];
    if (goal_ms > 0) {
        snprintf(goal, sizeof goal, "<= %g ms", goal_ms);
        figure.floor = "an empty window drawn anew";
        figure.floor_value = bench_samples_at(&samples[FLOOR], permille);
        figure.ratio = figure.value / figure.floor_value;
        figure.goal = goal;
        figure.met = figure.value <= goal_ms;
    }
    bench_print(&figure);
}

static void print_frames(struct bench_samples samples[SERIES])
{
    print_frame(samples, "scan -> drawn in both windows, 200 lines, p50", SCANS, 500, 16);
    print_frame(samples, "scan -> drawn in both windows, 200 lines, p99", SCANS, 990, 50);
    print_frame(samples, "of this, processor time of this process, p50", RAN, 500, 0);
    print_frame(samples, "of this, processor time of this process, p99", RAN, 990, 0);
    print_frame(samples, "of this, ready to run while others ran, p50", WAITED, 500, 0);
    print_frame(samples, "of this, ready to run while others ran, p99", WAITED, 990, 0);
    print_frame(samples, "13 digits and Enter typed at once -> drawn in both windows, p50", TYPED, 500, 0);
}

static void measure_frames(const char *folder, int rounds)
{
    static struct bench bench;
    struct bench_samples samples[SERIES];
    bench_open(&bench, folder, 1024, 768);
    GtkWindow *empty = open_empty(1024, 768);
    for (int i = 0; i < SERIES; i++) {
        bench_samples_init(&samples[i], (size_t)rounds * TIMED);
    }
    rest();
    frames_round(&bench, empty, samples); /* to warm up */
    for (int i = 0; i < SERIES; i++) {
        samples[i].n = 0;
    }
    for (int round = 0; round < rounds; round++) {
        frames_round(&bench, empty, samples);
    }
    print_frames(samples);
    for (int i = 0; i < SERIES; i++) {
        bench_samples_done(&samples[i]);
    }
    gtk_window_destroy(empty);
    bench_close(&bench);
}

/* --- memory over a week of sales ------------------------------------------------------------------------------------
 */

static double pss_mb(void)
{
    char text[2048] = "";
    int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    const char *pss = n > 0 ? strstr(text, "\nPss:") : NULL;
    if (fd >= 0) {
        close(fd);
    }
    if (pss == NULL) {
        bench_die("the kernel does not say how much memory this is");
    }
    return (double)strtol(pss + 5, NULL, 10) * 1024 / 1e6;
}

/* As drawn as there is time for: a frame after each scan would be eight minutes of frames. */
static void draw(struct bench *bench)
{
    cf_ui_refresh(&bench->ui);
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

static void sell(struct bench *bench, int64_t *now_ms)
{
    static struct cf_cashier_page page;
    for (int i = 0; i < LINES_A_SALE; i++) {
        scan(bench);
        draw(bench);
    }
    cf_desk_act(bench->desk, CF_DO_NOTE, 100000);
    draw(bench);
    cf_desk_cashier(bench->desk, &page);
    if (page.id != CF_PAGE_DONE) {
        bench_die("the sale is not done: %s %s", page.bar.what, page.bar.why);
    }
    *now_ms += 30000; /* the thanks are over, and the till rests */
    cf_desk_tick(bench->desk, *now_ms);
    draw(bench);
}

static void measure_sales(const char *folder, int sales)
{
    static struct bench bench;
    char what[64], floor[32];
    int64_t now_ms = 0;
    double before = 0;
    bench_open(&bench, folder, 1920, 1080);
    for (int i = 0; i < sales; i++) {
        if (i == sales / 10) {
            before = pss_mb();
        }
        sell(&bench, &now_ms);
    }
    double after = pss_mb();
    snprintf(what, sizeof what, "memory (PSS) after %d sales on both windows", sales);
    snprintf(floor, sizeof floor, "after %d", sales / 10);
    bench_print(&(struct bench_figure){.row = "screens",
                                       .what = what,
                                       .unit = "MB",
                                       .value = after,
                                       .floor = floor,
                                       .floor_value = before,
                                       .ratio = after / before,
                                       .goal = "flat: ratio <= 1.05",
                                       .met = after <= before * 1.05});
    bench_close(&bench);
}

/* --------------------------------------------------------------------------------------------------------------------
 */

static void stay_empty(void)
{
    begin_gtk();
    open_empty(1920, 1080);
    open_empty(1920, 1080);
    for (;;) {
        g_main_context_iteration(NULL, TRUE);
    }
}

static int count_of(const char *text, int max)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (*end != '\0' || n < 1 || n > max) {
        bench_die("%s is no number from 1 to %d", text, max);
    }
    return (int)n;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "frames") == 0) {
        measure_frames(argv[2], count_of(argv[3], ROUNDS_MAX));
    } else if (argc == 4 && strcmp(argv[1], "sales") == 0) {
        measure_sales(argv[2], count_of(argv[3], SALES_MAX));
    } else if (argc == 2 && strcmp(argv[1], "empty") == 0) {
        stay_empty();
    } else {
        bench_die("usage: screens_bench frames FOLDER ROUNDS | sales FOLDER SALES | empty");
    }
    return 0;
}
