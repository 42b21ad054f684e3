/*
 * app/cli/cmd_devices.c - the devices on the counter: which there are, what they send, recorded and replayed.
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/cli/devices_at.h"
#include "app/counter/devices.h"
#include "drivers/port/replay.h"
#include "drivers/display/pole_display.h"
#include "drivers/printer/receipt_printer.h"
#include "drivers/scale/scale.h"
#include "drivers/scanner/scanner.h"

#define SETTLE_MS 3000 /* by then every device that was plugged in is decided */
#define SECONDS_MAX 86400u
#define FILM_MS 10000 /* of a camera, where nothing is said: 27 MB a second */

#define DRIVERS_MAX (CF_SCANNER_DRIVERS + 5)

struct devices {
    bool json, printers;           /* printers are used, too */
    uint32_t seconds;              /* 0: until interrupted */
    struct cf_devices_options use; /* its rules, and the places that were named */
    FILE *tape;
    bool taped, tape_failed;
    unsigned undecided, seen;
    int64_t end_ms; /* of the loop */
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
    if (event->kind == CF_DEVICE_WEIGHT && event->rc == CF_OK)
        json_object_set_new(line, "weight_g", json_integer(event->weight_g));
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
    } else if (event->kind == CF_DEVICE_WEIGHT && event->rc == CF_OK) {
        printf(" %ld g", (long)event->weight_g);
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

/* A camera, or a serial port, which has no name. */
static void print_place(void *ctx, const char *path, const char *name)
{
    struct devices *devices = ctx;
    devices->seen++;
    if (devices->json)
        cli_print_json(json_pack("{s:b, s:s, s:s, s:s, s:s?}", "ok", 1, "device", path, "path", path, "name",
                                 name != NULL ? name : "serial port", "driver", name != NULL ? "camera" : NULL));
    else
        printf("%s\t%s\t%s\n", path, name != NULL ? "camera" : "say what it is",
               name != NULL ? name : "serial port: --scanner, --scale, --printer or --display");
}

/* ---- the loop ---- */

/* Of scanners and scales, and last of printers, which any printer fits. */
static size_t drivers_of(bool printers, const struct cf_driver *ret[DRIVERS_MAX])
{
    size_t n = 0;
    for (; n < CF_SCANNER_DRIVERS; n++)
        ret[n] = cf_scanner_drivers[n];
    ret[n++] = &cf_scale_hid;
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

static bool over(void *ctx)
{
    const struct devices *devices = ctx;
    return interrupted || devices->tape_failed || now_ms() >= devices->end_ms;
}

/* Those that were named by their places, and no others. */
static int use_places(struct devices *devices)
{
    const struct cf_device_sink sink = {tell, devices};
    struct devices_at at;
    struct cf_error err;
    enum cf_rc rc = devices_at_open(&at, &devices->use, &sink, devices->tape != NULL ? record : NULL, devices, &err);
    if (rc != CF_OK)
        return cli_fail(devices->json, NULL, &err);
    while (!over(devices)) {
        struct pollfd p[DEVICES_AT_MAX];
        (void)poll(p, devices_at_poll(&at, p), 100);
        devices_at_dispatch(&at);
    }
    devices_at_close(&at);
    return devices->tape_failed ? CLI_BROKEN : CLI_DONE;
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
    struct cf_usb *usb;
    struct cf_error err;
    if (cf_usb_new(&options, &usb, &err) != CF_OK)
        return cli_fail(devices->json, NULL, &err);
    while (!over(devices)) {
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
    cf_usb_free(usb);
    return devices->tape_failed ? CLI_BROKEN : CLI_DONE;
}

/* Of a machine without a USB what else it has. */
static int list(struct devices *devices)
{
    devices->end_ms = now_ms() + SETTLE_MS;
    int status = use_usb(devices, true);
    devices_at_each(print_place, devices);
    if (status == CLI_DONE && devices->seen == 0 && !devices->json)
        printf("no device that could be of use\n");
    return status;
}

/* Until that time, or until it is interrupted. */
static void begin(struct devices *devices, int64_t most_ms)
{
    struct sigaction stop = {.sa_handler = on_signal};
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    devices->end_ms = devices->seconds > 0 ? now_ms() + devices->seconds * 1000LL : most_ms;
}

static int test(struct devices *devices)
{
    begin(devices, INT64_MAX);
    return devices_at_named(&devices->use) ? use_places(devices) : use_usb(devices, false);
}

/* A camera's recording is a clip. */
static int film(struct devices *devices)
{
    struct cf_error err;
    begin(devices, now_ms() + FILM_MS);
    enum cf_rc rc = devices_at_film(devices->use.camera, devices->tape, over, devices, &err);
    return rc == CF_OK ? CLI_DONE : cli_fail(devices->json, devices->use.camera, &err);
}

static int record_to(struct devices *devices, const char *path)
{
    struct cf_error err;
    devices->tape = fopen(path, "wxe"); /* it holds what was scanned: never over something that is there */
    if (devices->tape == NULL) {
        (void)cf_fail(&err, CF_E_IO, "it is there already, or cannot be written");
        return cli_fail(devices->json, path, &err);
    }
    int status = devices->use.camera != NULL ? film(devices) : test(devices);
    bool failed = fclose(devices->tape) != 0 || devices->tape_failed;
    if (!failed)
        return status;
    (void)cf_fail(&err, CF_E_IO, "the recording could not be written");
    return cli_fail(devices->json, path, &err);
}

static size_t all_drivers(const struct cf_driver *ret[DRIVERS_MAX])
{
    size_t n = drivers_of(true, ret);
    ret[n++] = &cf_scanner_evdev;
    ret[n++] = &cf_scale_toledo;
    ret[n++] = &cf_pole_display;
    return n;
}

static int replay_from(struct devices *devices, const char *path)
{
    const struct cf_device_sink sink = {tell, devices};
    struct cf_buf CF_CLEANUP(cf_buf_done) recording;
    const struct cf_driver *drivers[DRIVERS_MAX];
    const struct cf_env *env = cf_env_system();
    struct cf_error err;
    cf_buf_init(&recording, CF_REPLAY_BYTES_MAX);
    enum cf_rc rc = devices_at_play(path, &sink, &err); /* a clip, or pictures of another kind */
    if (rc != CF_E_IMAGE_FORMAT)
        return rc == CF_OK ? CLI_DONE : cli_fail(devices->json, path, &err);
    rc = env->ops->file_read(env->ctx, path, &recording, &err);
    if (rc == CF_OK)
        rc = cf_replay(cf_buf_bytes(&recording), drivers, all_drivers(drivers), &sink, &err);
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
                                            {"scanner", required_argument, NULL, 'n'},
                                            {"printer", required_argument, NULL, 'P'},
                                            {"scale", required_argument, NULL, 'w'},
                                            {"camera", required_argument, NULL, 'E'},
                                            CF_DEVICES_OPTIONS,
                                            {0}};
    struct devices devices = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            devices.json = true;
        else if (option == 'p')
            devices.printers = true;
        else if (option == 'n')
            devices.use.scanner = optarg;
        else if (option == 'P')
            devices.use.printer = optarg;
        else if (option == 'w')
            devices.use.scale = optarg;
        else if (option == 'E')
            devices.use.camera = optarg;
        else if (option == 's' && !parse_seconds(optarg, &devices.seconds))
            return cli_usage(&cli_devices, "--seconds is 1 to %u", SECONDS_MAX);
        else if (option == 'u' && !cf_devices_rule(optarg, &devices.use))
            return cli_usage(&cli_devices, "--use is VENDOR:PRODUCT=DRIVER, at most %d times", CF_DEVICES_RULES_MAX);
        else if (option == '?' || (option >= 0x310 && !cf_devices_option(option, optarg, &devices.use)))
            return cli_usage_option(&cli_devices, argv);
    }
    const char *word = optind < argc ? argv[optind] : "list";
    int n_more = optind < argc ? argc - optind - 1 : 0;
    if (strcmp(word, "list") == 0 && n_more == 0)
        return list(&devices);
    if (strcmp(word, "test") == 0 && n_more == 0)
        return test(&devices);
    if (strcmp(word, "record") == 0 && n_more == 1)
        return record_to(&devices, argv[optind + 1]);
    if (strcmp(word, "replay") == 0 && n_more == 1)
        return replay_from(&devices, argv[optind + 1]);
    return cli_usage(&cli_devices, "list, test, record FILE or replay FILE");
}

const struct cli_command cli_devices = {
    .name = "devices",
    .summary = "the devices on the counter: list, test, record, replay",
    .help =
        "usage: counterfoil devices [--json] [list]\n"
        "       counterfoil devices [--json] [--seconds N] [WHICH]... test\n"
        "       counterfoil devices [--json] [--seconds N] [WHICH]... record FILE\n"
        "       counterfoil devices [--json] replay FILE\n\n"
        "list shows what could be a scanner, a scale, a receipt printer or a camera, and which driver would use it.\n"
        "It claims nothing. Of serial ports nobody knows what hangs on them: they are listed, and you say it.\n"
        "test uses devices and tells what they send, until interrupted or for N seconds. Without WHICH those are the\n"
        "scanners and scales on the USB, with --printers its receipt printers, too; nothing is printed. WHICH is\n"
        "  --scanner PLACE, --scale PLACE, --printer PLACE   on a serial port, at an address, or /dev/input/...\n"
        "  --display PLACE,escpos|cd5220[,gb18030]           gets a text of two rows to show\n"
        "  --camera DEVICE [--camera-lamp]                   what it reads\n"
        "  --use VENDOR:PRODUCT=DRIVER                       on the USB: hid-pos, serial, wedge; none leaves it alone\n"
        "and where places are named only those are used. record writes all that the first of them does to a new file,\n"
        "codes too; of a camera its pictures, as YUV4MPEG2 (10 s without N). replay plays such a file to the driver,\n"
        "and says if it acts otherwise, or to the camera's decoder.\n",
    .run = run,
};
