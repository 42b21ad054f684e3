/*
 * tests/bench/screens_bench.c - what the two windows cost, in the process that draws them; screens_bench.py runs it
 * under a display of its own, and measures `counterfoil-till` itself from outside.
 *
 *   screens_bench frames FOLDER   a scan to the frame that shows it in both windows, at 200 lines and 1024x768
 *   screens_bench sales FOLDER    memory after 500 sales, and after 5,000
 *   screens_bench empty           two empty windows of 1920x1080 until it is killed: the floor of memory and of
 * idleness
 *
 * A scan's time begins where the desk is given the code, with the main loop at rest and both windows drawn, and ends
 * once the frame clocks of both windows have ended painting and the X server has said that it did what they asked. It
 * holds pricing, journal, layout and drawing; it does not hold the way of a key from a scanner to the process, nor that
 * of the picture from the server's memory to a panel. A scan during which the scheduler gave the processor to another
 * process is left out and counted. Floor: an empty window of that size that is drawn anew, waited for in the same way
 * and in turns with it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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
#define ROUNDS 25
#define SERIES 4      /* scans, typed scans, the floor, processor time of scans */
#define REST_US 25000 /* longer than the clocks of GTK keep a frame back after another */
#define SALES 5000
#define SALES_BEFORE 500 /* what is kept of sales, such as codes seen of late, has come by then */
#define LINES_A_SALE 3

struct bench {
    struct world world;
    struct cf_till *till;
    struct cf_desk *desk;
    struct cf_ui ui;
    uint64_t random;
    unsigned n_interrupted;
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
    while (!painting->done[0] || !painting->done[1]) {
        g_main_context_iteration(NULL, TRUE);
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

/* How often the scheduler took the processor from this process. */
static long times_interrupted(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nivcsw;
}

static double ran_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ret_ran_ms: of the processor, of this process alone. */
static double scan_ms(struct bench *bench, double *ret_ran_ms)
{
    struct painting painting;
    GtkWindow *windows[2];
    windows_of(bench, windows);
    rest();
    painting_init(&painting, windows, 2);
    double ran = ran_ms();
    int64_t from = bench_now_ns();
    scan(bench);
    cf_ui_refresh(&bench->ui);
    painting_wait(&painting);
    *ret_ran_ms = ran_ms() - ran;
    return (double)(bench_now_ns() - from) / 1e6;
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
        long before = times_interrupted();
        double ran = 0, ms = scan_ms(bench, &ran);
        bench_samples_add(&samples[3], ran);
        if (times_interrupted() == before) {
            bench_samples_add(&samples[0], ms);
        } else {
            bench->n_interrupted++;
        }
        bench_samples_add(&samples[1], typed_scan_ms(bench));
        bench_samples_add(&samples[2], floor_ms(empty));
    }
    if (lines_of(bench) != LINES + 2 * TIMED) {
        bench_die("the basket has %zu lines", lines_of(bench));
    }
    bench_check(cf_till_cancel(bench->till, &err), &err, "cancelling");
    bench_check(cf_till_rest(bench->till, &err), &err, "resting");
}

static void print_frames(struct bench_samples samples[SERIES], unsigned n_interrupted)
{
    const char *const floor = "an empty window drawn anew";
    double floor_p50 = bench_samples_at(&samples[2], 500), floor_p99 = bench_samples_at(&samples[2], 990);
    double p50 = bench_samples_at(&samples[0], 500), p99 = bench_samples_at(&samples[0], 990);
    bench_print(&(struct bench_figure){.row = "frame",
                                       .what = "scan -> drawn in both windows, 200 lines, p50",
                                       .unit = "ms",
                                       .value = p50,
                                       .floor = floor,
                                       .floor_value = floor_p50,
                                       .ratio = p50 / floor_p50,
                                       .goal = "<= 16 ms",
                                       .met = p50 <= 16});
    bench_print(&(struct bench_figure){.row = "frame",
                                       .what = "scan -> drawn in both windows, 200 lines, p99",
                                       .unit = "ms",
                                       .value = p99,
                                       .floor = floor,
                                       .floor_value = floor_p99,
                                       .ratio = p99 / floor_p99,
                                       .goal = "<= 50 ms",
                                       .met = p99 <= 50});
    bench_print(&(struct bench_figure){.row = "frame",
                                       .what = "13 digits and Enter typed at once -> drawn in both windows, p50",
                                       .unit = "ms",
                                       .value = bench_samples_at(&samples[1], 500),
                                       .floor = floor,
                                       .floor_value = floor_p50});
    bench_print(&(struct bench_figure){.row = "frame",
                                       .what = "processor time of a scan and its frame in this process, p50",
                                       .unit = "ms",
                                       .value = bench_samples_at(&samples[3], 500)});
    bench_print(&(struct bench_figure){
        .row = "frame", .what = "the same, p99", .unit = "ms", .value = bench_samples_at(&samples[3], 990)});
    bench_print(&(struct bench_figure){.row = "frame",
                                       .what = "scans left out, interrupted by another process",
                                       .unit = "",
                                       .value = n_interrupted,
                                       .floor = "scans timed",
                                       .floor_value = ROUNDS * TIMED});
}

static void measure_frames(const char *folder)
{
    static struct bench bench;
    struct bench_samples samples[SERIES];
    bench_open(&bench, folder, 1024, 768);
    GtkWindow *empty = open_empty(1024, 768);
    for (int i = 0; i < SERIES; i++) {
        bench_samples_init(&samples[i], ROUNDS * TIMED);
    }
    rest();
    frames_round(&bench, empty, samples); /* to warm up */
    for (int i = 0; i < SERIES; i++) {
        samples[i].n = 0;
    }
    bench.n_interrupted = 0;
    for (int round = 0; round < ROUNDS; round++) {
        frames_round(&bench, empty, samples);
    }
    print_frames(samples, bench.n_interrupted);
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

static void measure_sales(const char *folder)
{
    static struct bench bench;
    int64_t now_ms = 0;
    double before = 0;
    bench_open(&bench, folder, 1920, 1080);
    for (int i = 0; i < SALES; i++) {
        if (i == SALES_BEFORE) {
            before = pss_mb();
        }
        sell(&bench, &now_ms);
    }
    double after = pss_mb();
    bench_print(&(struct bench_figure){.row = "screens",
                                       .what = "memory (PSS) after 5,000 sales on both windows",
                                       .unit = "MB",
                                       .value = after,
                                       .floor = "after 500",
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

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "frames") == 0) {
        measure_frames(argv[2]);
    } else if (argc == 3 && strcmp(argv[1], "sales") == 0) {
        measure_sales(argv[2]);
    } else if (argc == 2 && strcmp(argv[1], "empty") == 0) {
        stay_empty();
    } else {
        bench_die("usage: screens_bench frames|sales FOLDER | empty");
    }
    return 0;
}
