/* Devices on a counter that umockdev plays: how soon a scan is an event, a device is of use and a receipt is bytes; and
 * what a scanner costs that nobody uses. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app/receipt/escpos.h"
#include "app/receipt/logo.h"
#include "app/receipt/png_write.h"
#include "drivers/scanner/scanner.h"
#include "drivers/usb/usb.h"
#include "tests/bench/bench.h"
#include "tests/drivers/scanner/descriptors.h"
#include "tests/usb/fake_usb.h"

#define IN 0x81
#define SCANS 400
#define PLUGS 40
#define RECEIPTS 200
#define LINES 40
#define IDLE_S 10
#define PATIENCE_NS INT64_C(60000000000)

static struct cf_usb *usb;
static unsigned n_up, n_down, n_scans;

static void hear(void *ctx, const struct cf_device_event *event)
{
    (void)ctx;
    n_up += event->kind == CF_DEVICE_UP;
    n_down += event->kind == CF_DEVICE_DOWN;
    n_scans += event->kind == CF_DEVICE_SCAN;
}

static void until(const unsigned *count, unsigned n)
{
    int64_t end_ns = bench_now_ns() + PATIENCE_NS;
    while (*count < n) {
        struct pollfd p = {.fd = cf_usb_fd(usb), .events = POLLIN};
        (void)poll(&p, 1, 1000);
        cf_usb_dispatch(usb);
        if (bench_now_ns() > end_ns)
            bench_die("the device does not answer");
    }
}

static struct fake_usb *plug(void)
{
    const struct fake_model model = {.vendor = 0x0c2e,
                                     .product = 0x0a07,
                                     .serial = "SN0001",
                                     .name = "HID POS Scanner",
                                     .n_interfaces = 1,
                                     .interface = {{.class_code = 3,
                                                    .in = IN,
                                                    .in_bytes = POS_REPORT_BYTES,
                                                    .report = descriptor_honeywell(),
                                                    .kernel_driver = "usbhid"}}};
    return fake_usb_plug(&model, 1);
}

static double cpu_ms(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

static double since_ms(int64_t from_ns)
{
    return (double)(bench_now_ns() - from_ns) / 1e6;
}

static void measure_scans(struct fake_usb *scanner)
{
    uint8_t report[POS_REPORT_BYTES];
    struct bench_samples ms;
    bench_samples_init(&ms, SCANS);
    report_honeywell(report, "]E0", "5901234123457", 13, 0);
    for (unsigned i = 0; i < SCANS; i++) {
        unsigned n = n_scans;
        int64_t from_ns = bench_now_ns();
        fake_usb_send(scanner, IN, report, sizeof report);
        until(&n_scans, n + 1);
        bench_samples_add(&ms, since_ms(from_ns));
    }
    double median = bench_samples_at(&ms, 500);
    bench_print(&(struct bench_figure){.row = "devices",
                                       .what = "last report of a scan -> event, p50",
                                       .unit = "ms",
                                       .value = median,
                                       .goal = "<= 1 ms",
                                       .met = median <= 1});
    bench_samples_done(&ms);
}

static void measure_plugs(void)
{
    struct bench_samples ms;
    bench_samples_init(&ms, PLUGS);
    for (unsigned i = 0; i < PLUGS; i++) {
        unsigned up = n_up, down = n_down;
        int64_t from_ns = bench_now_ns();
        struct fake_usb *scanner = plug();
        until(&n_up, up + 1);
        bench_samples_add(&ms, since_ms(from_ns));
        fake_usb_unplug(scanner);
        until(&n_down, down + 1);
    }
    double most = bench_samples_at(&ms, 1000);
    bench_print(&(struct bench_figure){.row = "devices",
                                       .what = "plug -> usable, with umockdev's own part, the longest",
                                       .unit = "ms",
                                       .value = most,
                                       .goal = "<= 300 ms",
                                       .met = most <= 300});
    bench_samples_done(&ms);
}

static void measure_idle(void)
{
    int64_t end_ns = bench_now_ns() + IDLE_S * INT64_C(1000000000);
    double before = cpu_ms();
    while (bench_now_ns() < end_ns) {
        struct pollfd p = {.fd = cf_usb_fd(usb), .events = POLLIN};
        if (poll(&p, 1, (int)((end_ns - bench_now_ns()) / 1000000) + 1) > 0)
            cf_usb_dispatch(usb);
    }
    double a_minute = (cpu_ms() - before) * 60 / IDLE_S;
    bench_print(&(struct bench_figure){.row = "devices",
                                       .what = "CPU of a minute with a scanner that nobody uses",
                                       .unit = "ms",
                                       .value = a_minute,
                                       .goal = "<= 10 ms",
                                       .met = a_minute <= 10});
}

static struct cf_receipt *receipt_of_40_lines(void)
{
    struct cf_receipt *receipt;
    struct cf_error err;
    bench_check(cf_receipt_new(&receipt, &err), &err, "a receipt");
    for (int i = 0; i < LINES; i++)
        bench_check(cf_receipt_add_columns(receipt, 0, "Hydrating Face Cream 50 ml 保湿面霜", "￥357.24", &err), &err,
                    "a line");
    bench_check(cf_receipt_add_qr(receipt, "https://shop.example/r/1001-1-000042-3F9A7C21D0", "", &err), &err,
                "a code");
    bench_check(cf_receipt_add_cut(receipt, &err), &err, "a cut");
    return receipt;
}

/* A logo of 400 x 150 dots, grey, as a shop's might be. */
static struct cf_logo logo_of_a_shop(void)
{
    struct cf_buf png;
    struct cf_logo logo;
    struct cf_error err;
    uint8_t *grey = malloc(400 * 150);
    for (unsigned i = 0; grey != NULL && i < 400 * 150; i++)
        grey[i] = (uint8_t)(i * 7 % 256);
    cf_buf_init(&png, 1u << 20);
    bench_check(grey == NULL ? cf_fail(&err, CF_E_NO_MEMORY, "logo") : cf_png_write(grey, 400, 150, &png, &err), &err,
                "a picture");
    bench_check(cf_logo_from_png(cf_buf_bytes(&png), 576, &logo, &err), &err, "a logo");
    cf_buf_done(&png);
    free(grey);
    return logo;
}

static void measure_receipts(void)
{
    struct cf_logo logo = logo_of_a_shop();
    const struct cf_escpos_extras extras = {.logo = &logo};
    struct cf_receipt *receipt = receipt_of_40_lines();
    struct bench_samples ms;
    struct cf_error err;
    bench_samples_init(&ms, RECEIPTS);
    for (int i = 0; i < RECEIPTS; i++) {
        struct cf_buf job;
        cf_buf_init(&job, CF_ESCPOS_BYTES_MAX);
        int64_t from_ns = bench_now_ns();
        bench_check(cf_receipt_escpos_with(receipt, cf_escpos_profile_default(), &extras, &job, &err), &err, "a job");
        bench_samples_add(&ms, since_ms(from_ns));
        cf_buf_done(&job);
    }
    double median = bench_samples_at(&ms, 500);
    bench_print(&(struct bench_figure){.row = "devices",
                                       .what = "receipt of 40 lines with logo and QR code -> bytes, p50",
                                       .unit = "ms",
                                       .value = median,
                                       .goal = "<= 5 ms",
                                       .met = median <= 5});
    bench_samples_done(&ms);
    cf_receipt_free(receipt);
    cf_logo_done(&logo);
}

int main(int argc, char **argv)
{
    const struct cf_usb_options options = {
        .env = cf_env_system(), .drivers = cf_scanner_drivers, .n_drivers = CF_SCANNER_DRIVERS, .sink = {hear, NULL}};
    struct cf_error err;
    (void)argc;
    if (!fake_usb_begin(argv)) {
        puts("# umockdev does not start here: nothing is measured");
        return 0;
    }
    bench_check(cf_usb_new(&options, &usb, &err), &err, "the USB");
    measure_plugs();
    struct fake_usb *scanner = plug();
    until(&n_up, n_up + 1);
    measure_scans(scanner);
    measure_idle();
    fake_usb_unplug(scanner);
    cf_usb_free(usb);
    fake_usb_end();
    measure_receipts();
    return 0;
}
