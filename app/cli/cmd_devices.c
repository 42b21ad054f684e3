/*
 * app/cli/cmd_devices.c - the devices on the counter: which there are, what they send, recorded and replayed.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/counter/devices.h"
#include "drivers/port/replay.h"
#include "drivers/printer/receipt_printer.h"
#include "drivers/scanner/scanner.h"

#define SETTLE_MS 3000 /* by then every device that was plugged in is decided */
#define SECONDS_MAX 86400u

#define DRIVERS_MAX (CF_SCANNER_DRIVERS + 1)

struct devices {
    bool json, printers;           /* printers are used, too */
    uint32_t seconds;              /* 0: until interrupted */
    struct cf_devices_options use; /* its rules */
    FILE *tape;
    bool taped, tape_failed;
    unsigned undecided, seen;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static json_t *device_json(const struct cf_port_info *info, const char *driver)
{
    char identity[CF_PORT_IDENTITY_MAX + 1];
    cf_port_identity(info, identity);
    return json_pack("{s:b, s:s, s:s, s:s, s:s?}", "ok", 1, "device", identity, "path", info->path, "name", info->name,
                     "driver", driver);
}

static const char *event_name(enum cf_device_event_kind kind)
{
    switch (kind) {
    case CF_DEVICE_UP:
        return "up";
    case CF_DEVICE_SCAN:
        return "scan";
    case CF_DEVICE_TROUBLE:
        return "trouble";
    case CF_DEVICE_DOWN:
        return "down";
    case CF_DEVICE_STATUS:
        return "status";
    case CF_DEVICE_PRINTED:
        return "printed";
    case CF_DEVICE_WEIGHT:
        return "weight";
    }
    return "";
}

static void tell_json(const struct cf_device_event *event)
{
    json_t *line = device_json(event->info, event->driver);
    json_object_set_new(line, "event", json_string(event_name(event->kind)));
    if (event->kind == CF_DEVICE_SCAN)
        json_object_set_new(line, "text", cli_json_exact(event->text));
    if (event->rc != CF_OK) {
        json_object_set_new(line, "error", json_string(cf_rc_name(event->rc)));
        json_object_set_new(line, "why", json_string(event->why));
    }
    cli_print_json_ascii(line);
}

static void tell(void *ctx, const struct cf_device_event *event)
{
    const struct devices *devices = ctx;
    char identity[CF_PORT_IDENTITY_MAX + 1];
    if (devices->json) {
        tell_json(event);
        (void)fflush(stdout);
        return;
    }
    cf_port_identity(event->info, identity);
    printf("%-7s %s (%s)", event_name(event->kind), identity, event->driver);
    if (event->kind == CF_DEVICE_SCAN) {
        json_t *clean = cli_json_text(event->text);
        printf(" %s", json_string_value(clean));
        json_decref(clean);
    } else if (event->kind == CF_DEVICE_UP) {
        printf(" %s", event->info->name);
    }
    if (event->rc != CF_OK)
        printf(" %s (%s)", cf_rc_text(event->rc), event->why);
    printf("\n");
    (void)fflush(stdout);
}

/* ---- list ---- */

static void see(void *ctx, const struct cf_usb_seen *seen)
{
    struct devices *devices = ctx;
    if (seen->use == CF_USB_LOOKED_AT)
        devices->undecided++;
}

static void print_seen(void *ctx, const struct cf_usb_seen *seen)
{
    struct devices *devices = ctx;
    char identity[CF_PORT_IDENTITY_MAX + 1];
    devices->seen++;
    if (devices->json) {
        cli_print_json(device_json(seen->info, seen->driver));
        return;
    }
    cf_port_identity(seen->info, identity);
    printf("%s\t%s\t%s\n", identity, seen->driver != NULL ? seen->driver : "not ours", seen->info->name);
}

/* ---- the loop ---- */

/* Of scanners, and last of printers, which any printer fits. */
static size_t drivers_of(bool printers, const struct cf_driver *ret[DRIVERS_MAX])
{
    size_t n = 0;
    for (; n < CF_SCANNER_DRIVERS; n++)
        ret[n] = cf_scanner_drivers[n];
    if (printers)
        ret[n++] = &cf_receipt_printer;
    return n;
}

static bool keep(void *ctx, cf_bytes lines)
{
    struct devices *devices = ctx;
    devices->tape_failed = fwrite(lines.p, 1, lines.n, devices->tape) != lines.n || fflush(devices->tape) != 0;
    return !devices->tape_failed;
}

/* The first device that comes up, once: a recording is of one device. */
static bool record(void *ctx, const struct cf_port_info *info, struct cf_recording_sink *ret)
{
    struct devices *devices = ctx;
    (void)info;
    if (devices->tape == NULL || devices->taped)
        return false;
    devices->taped = true;
    *ret = (struct cf_recording_sink){keep, devices};
    return true;
}

static int64_t now_ms(void)
{
    return cf_env_mono(cf_env_system()).us / CF_US_PER_MS;
}

static int use_usb(struct devices *devices, bool list)
{
    const struct cf_driver *drivers[DRIVERS_MAX];
    struct cf_usb_options options = {.env = cf_env_system(),
                                     .drivers = drivers,
                                     .n_drivers = drivers_of(list || devices->printers, drivers),
                                     .rules = devices->use.rule,
                                     .n_rules = devices->use.n_rules,
                                     .sink = {tell, devices},
                                     .look_only = list,
                                     .record = record,
                                     .record_ctx = devices};
    struct sigaction stop = {.sa_handler = on_signal};
    struct cf_usb *usb;
    struct cf_error err;
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    if (cf_usb_new(&options, &usb, &err) != CF_OK)
        return cli_fail(devices->json, NULL, &err);
    int64_t end_ms = list                   ? now_ms() + SETTLE_MS
                     : devices->seconds > 0 ? now_ms() + devices->seconds * 1000LL
                                            : INT64_MAX;
    while (!interrupted && !devices->tape_failed && now_ms() < end_ms) {
        struct pollfd p = {.fd = cf_usb_fd(usb), .events = POLLIN};
        (void)poll(&p, 1, 100);
        cf_usb_dispatch(usb);
        devices->undecided = 0;
        cf_usb_each(usb, see, devices);
        if (list && devices->undecided == 0)
            break;
    }
    if (list)
        cf_usb_each(usb, print_seen, devices);
    if (list && devices->seen == 0 && !devices->json)
        printf("no device that could be a scanner or a printer\n");
    cf_usb_free(usb);
    return devices->tape_failed ? CLI_BROKEN : CLI_DONE;
}

static int record_to(struct devices *devices, const char *path)
{
    struct cf_error err;
    devices->tape = fopen(path, "wxe"); /* it holds what was scanned: never over something that is there */
    if (devices->tape == NULL) {
        (void)cf_fail(&err, CF_E_IO, "it is there already, or cannot be written");
        return cli_fail(devices->json, path, &err);
    }
    int status = use_usb(devices, false);
    bool failed = fclose(devices->tape) != 0 || devices->tape_failed;
    if (!failed)
        return status;
    (void)cf_fail(&err, CF_E_IO, "the recording could not be written");
    return cli_fail(devices->json, path, &err);
}

static int replay_from(struct devices *devices, const char *path)
{
    const struct cf_device_sink sink = {tell, devices};
    struct cf_buf CF_CLEANUP(cf_buf_done) recording;
    const struct cf_driver *drivers[DRIVERS_MAX];
    const struct cf_env *env = cf_env_system();
    struct cf_error err;
    cf_buf_init(&recording, CF_REPLAY_BYTES_MAX);
    enum cf_rc rc = env->ops->file_read(env->ctx, path, &recording, &err);
    if (rc == CF_OK)
        rc = cf_replay(cf_buf_bytes(&recording), drivers, drivers_of(true, drivers), &sink, &err);
    return rc == CF_OK ? CLI_DONE : cli_fail(devices->json, path, &err);
}

/* ---- how it is called ---- */

static bool parse_seconds(const char *text, uint32_t *ret)
{
    uint32_t v = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || v > SECONDS_MAX)
            return false;
        v = v * 10 + (uint32_t)(*text - '0');
    }
    *ret = v;
    return v > 0 && v <= SECONDS_MAX;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"use", required_argument, NULL, 'u'},
                                            {"printers", no_argument, NULL, 'p'},
                                            {0}};
    struct devices devices = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            devices.json = true;
        else if (option == 'p')
            devices.printers = true;
        else if (option == 's' && !parse_seconds(optarg, &devices.seconds))
            return cli_usage(&cli_devices, "--seconds is 1 to %u", SECONDS_MAX);
        else if (option == 'u' && !cf_devices_rule(optarg, &devices.use))
            return cli_usage(&cli_devices, "--use is VENDOR:PRODUCT=DRIVER, at most %d times", CF_DEVICES_RULES_MAX);
        else if (option == '?')
            return cli_usage_option(&cli_devices, argv);
    }
    const char *word = optind < argc ? argv[optind] : "list";
    int n_more = optind < argc ? argc - optind - 1 : 0;
    if (strcmp(word, "list") == 0 && n_more == 0)
        return use_usb(&devices, true);
    if (strcmp(word, "test") == 0 && n_more == 0)
        return use_usb(&devices, false);
    if (strcmp(word, "record") == 0 && n_more == 1)
        return record_to(&devices, argv[optind + 1]);
    if (strcmp(word, "replay") == 0 && n_more == 1)
        return replay_from(&devices, argv[optind + 1]);
    return cli_usage(&cli_devices, "list, test, record FILE or replay FILE");
}

const struct cli_command cli_devices = {
    .name = "devices",
    .summary = "the scanners and printers on the counter: list, test, record, replay",
    .help =
        "usage: counterfoil devices [--json] [list]\n"
        "       counterfoil devices [--json] [--seconds N] [--use VENDOR:PRODUCT=DRIVER]... test\n"
        "       counterfoil devices [--json] [--seconds N] [--use VENDOR:PRODUCT=DRIVER]... record FILE\n"
        "       counterfoil devices [--json] replay FILE\n\n"
        "With --printers test and record use receipt printers, too, and tell how they are; nothing is printed.\n"
        "list shows what is plugged in that could be a scanner or a receipt printer, and which driver would use it; it "
        "claims nothing. "
        "test\n"
        "uses the scanners and tells what they send, until interrupted or for N seconds. record writes all that the\n"
        "first of them does to a new file, codes too; replay plays such a file to the driver and says if it acts\n"
        "otherwise. Drivers are hid-pos, serial and wedge; none leaves a model alone.\n",
    .run = run,
};
