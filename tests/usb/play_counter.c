/* A counter whose devices are played: "plug", "scan CODE" and "unplug" of a scanner,
 * "scale", "weigh STATUS GRAMS" (statuses of tests/drivers/scale/scales.h) and "no scale" of a HID scale,
 * "printer", "paper FILE" (writes what was printed since, less what was asked) and "no printer" are lines on its input,
 * until that ends. First it writes LD_PRELOAD and UMOCKDEV_DIR, a space between, of whoever shall be at this counter.
 * 77: umockdev does not start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/drivers/scanner/descriptors.h"
#include "tests/drivers/scale/scales.h"
#include "tests/usb/fake_printer.h"
#include "tests/usb/fake_usb.h"

#define IN 0x81
#define CANNOT 77

static struct fake_usb *scanner, *printer, *scale;
static struct fake_printer paper;

static void plug(void)
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
    scanner = fake_usb_plug(&model, 1);
}

static void plug_printer(void)
{
    const struct fake_model model = {.vendor = 0x04b8,
                                     .product = 0x0202,
                                     .serial = "SN1",
                                     .name = "TM-T88V",
                                     .n_interfaces = 1,
                                     .interface = {{.class_code = 7,
                                                    .subclass = 1,
                                                    .protocol = 2,
                                                    .in = 0x82,
                                                    .out = 0x01,
                                                    .in_bytes = 64,
                                                    .bulk = true,
                                                    .kernel_driver = "usblp"}},
                                     .device_id = cf_bytes_str("xxMFG:GENERIC;CMD:ESC/POS;MDL:P80;"),
                                     .wrote = fake_printer_wrote,
                                     .ctx = &paper};
    printer = fake_usb_plug(&model, 2);
}

static void plug_scale(void)
{
    const struct fake_model model = {
        .vendor = 0x0922,
        .product = 0x8003,
        .name = "Counter scale",
        .n_interfaces = 1,
        .interface =
            {{.class_code = 3, .in = 0x82, .in_bytes = 8, .report = scale_descriptor(), .kernel_driver = "usbhid"}},
        .gives_report = true};
    scale = fake_usb_plug(&model, 3);
}

static void weigh(const char *how)
{
    uint8_t report[SCALE_REPORT_BYTES];
    char *rest = NULL;
    unsigned status = (unsigned)strtoul(how, &rest, 10), grams = (unsigned)strtoul(rest, NULL, 10);
    scale_report(report, status, SCALE_G, 0, grams);
    fake_usb_send(scale, 0x82, report, sizeof report);
}

static void write_paper(const char *path)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        abort();
    fake_printer_take(&paper, file);
    if (fclose(file) != 0)
        abort();
    (void)printf("written\n");
    (void)fflush(stdout);
}

/* As its scanner does: more than a report holds goes on in the next. */
static void scan(const char *code)
{
    uint8_t report[POS_REPORT_BYTES];
    size_t n = strlen(code);
    bool is_ean = n == 13 && strspn(code, "0123456789") == n;
    for (size_t at = 0; at < n || at == 0;) {
        size_t part = n - at < POS_DATA_BYTES ? n - at : POS_DATA_BYTES;
        report_honeywell(report, is_ean ? "]E0" : "]Q1", code + at, part, at + part < n);
        fake_usb_send(scanner, IN, report, sizeof report);
        at += part > 0 ? part : 1;
    }
}

static void obey(FILE *orders)
{
    char line[8192];
    while (fgets(line, sizeof line, orders) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "plug") == 0)
            plug();
        else if (strcmp(line, "unplug") == 0)
            fake_usb_unplug(scanner);
        else if (strncmp(line, "scan ", 5) == 0)
            scan(line + 5);
        else if (strcmp(line, "scale") == 0)
            plug_scale();
        else if (strncmp(line, "weigh ", 6) == 0)
            weigh(line + 6);
        else if (strcmp(line, "no scale") == 0)
            fake_usb_unplug(scale);
        else if (strcmp(line, "printer") == 0)
            plug_printer();
        else if (strcmp(line, "no printer") == 0)
            fake_usb_unplug(printer);
        else if (strncmp(line, "paper ", 6) == 0)
            write_paper(line + 6);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    if (!fake_usb_begin(argv))
        return CANNOT;
    (void)printf("%s %s\n", getenv("LD_PRELOAD"), getenv("UMOCKDEV_DIR"));
    (void)fflush(stdout);
    fake_printer_init(&paper);
    obey(stdin);
    fake_usb_end();
    fake_printer_done(&paper);
    return 0;
}
