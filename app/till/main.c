/*
 * app/till/main.c - `counterfoil-till`: a till in two windows.
 *
 * It opens the till as `counterfoil sell` does, puts a desk on it and shows the desk's pages until the cashier's window
 * is closed. Sending records is counterfoil-sync's, beside it. One thread, but for those that wait for a device.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/counter/beside.h"
#include "app/counter/counter.h"
#include "app/counter/devices.h"
#include "app/counter/exporting.h"
#include "app/counter/languages.h"
#include "app/counter/member_asker.h"
#include "app/counter/pay_worker.h"
#include "app/counter/payers.h"
#include "app/counter/printing.h"
#include "app/counter/showing.h"
#include "app/counter/tones.h"
#include "app/desk/desk.h"
#include "app/desk/language.h"
#include "app/terminal/alive.h"
#include "app/ui/run.h"
#include "base/service_notify.h"

_Static_assert(CF_DESK_LANGUAGE_CAP == CF_LANGUAGE_NAME_CAP, "what is kept is what is spoken");
_Static_assert(CF_DESK_MEMBER_COUPONS_MAX >= CF_MEMBER_COUPONS_MAX, "what is told has room");

#define TICK_MS 200
#define LOOK_MS 1000 /* between two looks at the first sync */
#define KEYS_FILE_MAX 65536
#define WINDOW_MIN 400
#define WINDOW_MAX 8000

enum { DONE = 0, USAGE = 2, BROKEN = 3 };

struct program {
    struct cf_counter counter;
    struct cf_payers payers;
    struct cf_pay_worker *card, *mobile;
    struct cf_member_asker *members; /* NULL in training: nobody is asked */
    struct cf_printing printing;
    bool no_paper; /* the last print failed */
    struct cf_tones tones;
    struct cf_showing showing;
    const char *dir;
    pid_t sender; /* counterfoil-sync, once, because somebody touched "send now"; 0: none */
    struct cf_desk *desk;
    struct cf_devices *devices;
    bool scans;
    struct cf_alive *alive; /* NULL: in training, or its file cannot be written */
    cf_duration watchdog_every;
    cf_mono watchdog_at, faults_at;
    struct cf_sha256 faults; /* of what was told last */
    struct cf_exporting exporting;
    struct cf_first_sync first; /* as it was last looked at, before there is a till */
    int64_t look_ms;
};

struct options {
    struct cf_counter_options where;
    struct cf_payer_options pay;
    struct cf_printing printing;
    struct cf_ui_run windows;
    struct cf_devices_options devices;
    const char *language, *texts, *keys, *tones, *join, *exports;
    bool receipts_asked; /* printed for who asks for one */
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* --- what the desk has done -----------------------------------------------------------------------------------------
 */

static enum cf_rc print(void *ctx, uint64_t seq, bool copy, struct cf_error *err)
{
    struct program *program = ctx;
    char name[CF_RECEIPT_NO_MAX];
    enum cf_rc rc = cf_print_or_skip(&program->printing, seq, copy, name, err);
    program->no_paper = rc != CF_OK;
    return rc;
}

static enum cf_rc ask_receipt(void *ctx, uint64_t seq, struct cf_error *err)
{
    struct program *program = ctx;
    return cf_printing_open_drawer(&program->printing, seq, err);
}

static enum cf_rc skip_receipt(void *ctx, uint64_t seq, struct cf_error *err)
{
    const struct program *program = ctx;
    return cf_till_printed(program->counter.till, seq, CF_PRINT_SKIPPED, err);
}

static enum cf_rc print_document(void *ctx, const struct cf_receipt *document, const char *name, struct cf_error *err)
{
    struct program *program = ctx;
    if (!cf_printing_is_on(&program->printing))
        return cf_fail(err, CF_E_UNSUPPORTED, "there is no printer");
    enum cf_rc rc = cf_print_document(&program->printing, document, name, err);
    program->no_paper = rc != CF_OK;
    return rc;
}

static enum cf_desk_payer_state payer_state(void *ctx)
{
    switch (cf_pay_worker_state(ctx)) {
    case CF_PAY_WORKER_IDLE:
        return CF_DESK_PAYER_IDLE;
    case CF_PAY_WORKER_BUSY:
        return CF_DESK_PAYER_BUSY;
    case CF_PAY_WORKER_ANSWERED:
        return CF_DESK_PAYER_ANSWERED;
    }
    return CF_DESK_PAYER_IDLE;
}

static void payer_stop(void *ctx)
{
    cf_pay_worker_stop(ctx);
}

static struct cf_desk_payer payer_of(struct cf_pay_worker *worker)
{
    struct cf_desk_payer none = {.is = false};
    return worker != NULL ? (struct cf_desk_payer){.is = true, .ctx = worker, .state = payer_state, .stop = payer_stop}
                          : none;
}

/* The sync that runs all day does it too, by and by; this is for whoever cannot wait. */
static enum cf_rc send_now(void *ctx, struct cf_error *err)
{
    struct program *program = ctx;
    char *argv[] = {NULL, (char *)"--dir", (char *)program->dir, (char *)"--once", NULL};
    if (program->sender != 0)
        return cf_fail(err, CF_E_BUSY, "the records are being sent");
    return cf_beside_start("counterfoil-sync", argv, -1, &program->sender, err);
}

static bool sending(void *ctx)
{
    struct program *program = ctx;
    if (program->sender != 0 && waitpid(program->sender, NULL, WNOHANG) != 0)
        program->sender = 0;
    return program->sender != 0;
}

static enum cf_rc export_day(void *ctx, enum cf_desk_form form, uint32_t z_no, struct cf_error *err)
{
    struct program *program = ctx;
    static const char *const forms[] = {[CF_FORM_CSV] = "csv", [CF_FORM_JSON] = "json", [CF_FORM_AUDIT] = "audit"};
    return cf_exporting_start(&program->exporting, forms[form], z_no, err);
}

static bool exporting(void *ctx, struct cf_desk_exporting *ret)
{
    struct program *program = ctx;
    bool goes_on = cf_exporting_look(&program->exporting);
    *ret = (struct cf_desk_exporting){
        .done = program->exporting.done, .all = program->exporting.all, .rc = program->exporting.rc};
    snprintf(ret->name, sizeof ret->name, "%s", program->exporting.name);
    return goes_on;
}

/* A scanner's own name, and what is wrong with it if anything is. */
static size_t scanners(const struct program *program, struct cf_desk_device *ret, size_t max)
{
    struct cf_device_seen seen[CF_DEVICES_SEEN_MAX];
    enum cf_rc no_usb = cf_devices_no_usb(program->devices);
    size_t n = 0, n_seen = cf_devices_seen(program->devices, seen);
    for (; n < n_seen && n < max; n++) {
        ret[n] = (struct cf_desk_device){.good = seen[n].rc == CF_OK};
        snprintf(ret[n].name, sizeof ret[n].name, "%.*s", (int)sizeof ret[n].name - 1,
                 seen[n].name[0] != '\0' ? seen[n].name : N_("Scanner"));
        snprintf(ret[n].state, sizeof ret[n].state, "%s", ret[n].good ? N_("connected") : cf_rc_text(seen[n].rc));
    }
    if (n_seen == 0 && max > 0) {
        ret[n] = (struct cf_desk_device){.name = N_("Scanner"), .good = false};
        snprintf(ret[n].state, sizeof ret[n].state, "%s", no_usb != CF_OK ? cf_rc_text(no_usb) : N_("not connected"));
        n++;
    }
    return n;
}

static void look_at_printer(const struct program *program, struct cf_desk_device *ret)
{
    enum cf_rc printer = cf_devices_printer(program->devices);
    if (program->printing.devices != NULL) {
        ret->good = printer == CF_OK;
        snprintf(ret->state, sizeof ret->state, "%s", ret->good ? N_("connected") : cf_rc_text(printer));
    } else if (program->printing.dir != NULL && program->no_paper) {
        snprintf(ret->state, sizeof ret->state, "%s", N_("does not print: look at paper and cable"));
    }
}

/* That nothing lies on it, or that it moves, is no fault. */
static size_t scale_state(const struct program *program, struct cf_desk_device *ret)
{
    int32_t weight_g;
    enum cf_rc rc = cf_devices_scale(program->devices, &weight_g, NULL);
    if (rc == CF_E_NOT_FOUND)
        return 0;
    *ret = (struct cf_desk_device){.name = N_("Scale"), .good = rc != CF_E_SCALE_OFF && rc != CF_E_SCALE_FAULT};
    snprintf(ret->state, sizeof ret->state, "%s", ret->good ? N_("connected") : cf_rc_text(rc));
    return 1;
}

static size_t devices(void *ctx, struct cf_desk_device ret[CF_DESK_DEVICES_MAX])
{
    struct program *program = ctx;
    struct cf_hub_entry hub;
    const struct cf_desk_device all[] = {
        {N_("Receipt printer"), {0}, program->printing.dir != NULL && !program->no_paper},
        {N_("Card terminal"), {0}, program->card != NULL},
        {N_("Mobile payments"), {0}, program->mobile != NULL},
        {N_("The store's hub"), {0}, cf_till_hub(program->counter.till, &hub)},
    };
    size_t n = sizeof all / sizeof all[0];
    memcpy(ret, all, sizeof all);
    for (size_t i = 0; i < n; i++)
        snprintf(ret[i].state, sizeof ret[i].state, "%s", ret[i].good ? N_("connected") : N_("not connected"));
    look_at_printer(program, &ret[0]);
    n += scale_state(program, &ret[n]);
    return n + (program->scans ? scanners(program, ret + n, CF_DESK_DEVICES_MAX - n) : 0);
}

static void scanned(void *ctx, cf_bytes text)
{
    struct program *program = ctx;
    cf_desk_scan(program->desk, text);
}

static void device_told(void *ctx, const char *name, const struct cf_error *err)
{
    struct program *program = ctx;
    (void)name;
    if (err->rc != CF_OK)
        cf_desk_trouble(program->desk, err);
}

static void printed(void *ctx, uint64_t id, const struct cf_error *how)
{
    struct program *program = ctx;
    struct cf_error err;
    enum cf_rc marked = cf_printing_ended(&program->printing, id, how->rc, &err);
    program->no_paper = how->rc != CF_OK;
    cf_desk_printed(program->desk, id, how->rc == CF_OK && marked != CF_OK ? &err : how);
}

static bool is_printing(void *ctx, uint64_t seq)
{
    const struct program *program = ctx;
    return cf_devices_prints(program->devices, seq);
}

static enum cf_rc scale(void *ctx, int32_t *ret_g, struct cf_error *err)
{
    const struct program *program = ctx;
    return cf_devices_scale(program->devices, ret_g, err);
}

static enum cf_rc weigh(void *ctx, int32_t tare_g, int32_t *ret_g, struct cf_error *err)
{
    const struct program *program = ctx;
    return cf_devices_weigh(program->devices, tare_g, ret_g, err);
}

static void watch(void *ctx)
{
    struct program *program = ctx;
    cf_devices_dispatch(program->devices);
}

static void tone(void *ctx, bool good)
{
    struct program *program = ctx;
    cf_tones_play(&program->tones, good);
}

static bool language_of(void *ctx, uint32_t user, char ret[CF_DESK_LANGUAGE_CAP])
{
    const struct program *program = ctx;
    return cf_languages_find(cf_env_system(), program->dir, user, ret);
}

static enum cf_rc keep_language(void *ctx, uint32_t user, const char *language, struct cf_error *err)
{
    const struct program *program = ctx;
    return cf_languages_keep(cf_env_system(), program->dir, user, language, err);
}

static void ask_member(void *ctx, cf_sub member)
{
    const struct program *program = ctx;
    cf_member_asker_ask(program->members, member);
}

static void forget_member(void *ctx)
{
    const struct program *program = ctx;
    cf_member_asker_forget(program->members);
}

static enum cf_desk_heard look_at_member(void *ctx, struct cf_desk_member *ret)
{
    const struct program *program = ctx;
    struct cf_member_reply told;
    switch (cf_member_asker_look(program->members, &told)) {
    case CF_MEMBER_ASKER_IDLE:
    case CF_MEMBER_ASKER_BUSY:
        return CF_DESK_HEARD_NOTHING;
    case CF_MEMBER_ASKER_FAILED:
        return CF_DESK_HEARD_FAILED;
    case CF_MEMBER_ASKER_TOLD:
        break;
    }
    *ret = (struct cf_desk_member){.points = told.points, .n_usable = told.usable, .n_coupons = told.n_coupons};
    snprintf(ret->shown, sizeof ret->shown, "%s", told.shown);
    for (size_t i = 0; i < told.n_coupons; i++) {
        snprintf(ret->coupons[i].name, sizeof ret->coupons[i].name, "%s", told.coupons[i].name);
        ret->coupons[i].n = told.coupons[i].n;
    }
    enum cf_rc rc = told.rc;
    explicit_bzero(&told, sizeof told);
    return rc == CF_OK ? CF_DESK_HEARD : CF_DESK_HEARD_NOBODY;
}

#define FAULTS_MAX 1024
#define FAULTS_EVERY_S 5

static void add_fault(struct cf_buf *faults, const char *name, enum cf_rc rc)
{
    (void)!cf_buf_printf(faults, NULL, "%s: %s\n", name, cf_rc_name(rc)); /* too many to tell all: the first ones */
}

/* What is wrong with devices that this till was given: for the sync, which tells the centre (docs/updates.md). */
static void find_faults(const struct program *program, struct cf_buf *ret)
{
    int32_t weight_g;
    struct cf_device_seen seen[CF_DEVICES_SEEN_MAX];
    size_t n_seen = program->scans ? cf_devices_seen(program->devices, seen) : 0;
    enum cf_rc printer = program->printing.devices != NULL ? cf_devices_printer(program->devices) : CF_OK;
    enum cf_rc scale = cf_devices_scale(program->devices, &weight_g, NULL);
    if (printer != CF_OK)
        add_fault(ret, "Receipt printer", printer);
    if (scale == CF_E_SCALE_OFF || scale == CF_E_SCALE_FAULT)
        add_fault(ret, "Scale", scale);
    for (size_t i = 0; i < n_seen; i++)
        if (seen[i].rc != CF_OK)
            add_fault(ret, seen[i].name[0] != '\0' ? seen[i].name : "Scanner", seen[i].rc);
}

static void tell_faults(struct program *program)
{
    const struct cf_env *env = cf_env_system();
    cf_mono now = cf_env_mono(env);
    if (program->alive == NULL || now.us < program->faults_at.us)
        return;
    program->faults_at.us = now.us + FAULTS_EVERY_S * CF_US_PER_S;
    char path[1024];
    int n = snprintf(path, sizeof path, "%s/faults", program->dir);
    if (n <= 0 || (size_t)n >= sizeof path)
        return;
    struct cf_buf CF_CLEANUP(cf_buf_done) faults;
    cf_buf_init(&faults, FAULTS_MAX);
    find_faults(program, &faults);
    struct cf_sha256 hash = cf_sha256(cf_buf_bytes(&faults));
    if (memcmp(hash.digest, program->faults.digest, sizeof hash.digest) != 0 &&
        env->ops->file_replace(env->ctx, path, cf_buf_bytes(&faults), 0600, NULL) == CF_OK)
        program->faults = hash; /* written when they change, not every few seconds: it wears the disk */
}

/* Whoever started us may ask whether we hang: as long as pages are drawn and keys taken, we do not. */
static void tell_watchdog(struct program *program)
{
    cf_mono now = cf_env_mono(cf_env_system());
    if (program->watchdog_every.us > 0 && now.us >= program->watchdog_at.us) {
        cf_service_notify("WATCHDOG=1");
        program->watchdog_at.us = now.us + program->watchdog_every.us / 2;
    }
}

static void drawn(void *ctx)
{
    struct program *program = ctx;
    cf_alive_tell(program->alive);
    cf_service_notify("READY=1");
}

static bool tick(void *ctx)
{
    struct program *program = ctx;
    tell_watchdog(program);
    tell_faults(program);
    if (stop) {
        cf_ui_end();
        return false;
    }
    cf_tones_look(&program->tones);
    cf_showing_look(&program->showing, program->counter.till);
    return cf_desk_tick(program->desk, cf_env_mono(cf_env_system()).us / CF_US_PER_MS);
}

/* --- start and end --------------------------------------------------------------------------------------------------
 */

static void report(const struct cf_error *err)
{
    fprintf(stderr, "counterfoil-till: %s (%s)\n", cf_rc_text(err->rc), err->detail);
}

/* A till sells without its logo: what is wrong with it is said, and it stands neither on the window nor on receipts. */
static void read_logo(struct options *options)
{
    struct cf_error err;
    if (options->printing.logo != NULL && cf_ui_logo(options->printing.logo, &err) != CF_OK) {
        report(&err);
        options->printing.logo = NULL;
    }
}

static enum cf_rc load_keys(struct cf_desk *desk, const char *path, struct cf_error *err)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) text;
    cf_buf_init(&text, KEYS_FILE_MAX);
    enum cf_rc rc = cf_env_system()->ops->file_read(cf_env_system()->ctx, path, &text, err);
    return rc == CF_OK ? cf_desk_keys(desk, cf_buf_bytes(&text), err) : rc;
}

static enum cf_rc open_devices(struct program *program, struct options *options, struct cf_error *err)
{
    struct cf_devices_options *all = &options->devices;
    all->ctx = program;
    all->scan = scanned;
    all->told = device_told;
    all->printed = printed;
    all->printer_names_jobs = cf_printing_names_jobs(options->printing.model);
    program->scans = !all->no_scanners || all->scanner != NULL;
    enum cf_rc rc = cf_devices_new(all, &program->devices, err);
    if (rc != CF_OK)
        return rc;
    if (all->printer != NULL)
        program->printing.devices = program->devices;
    if (all->display != NULL)
        program->showing = (struct cf_showing){.devices = program->devices,
                                               .chinese = all->display_model.gb18030,
                                               .greeting = cf_till_store(program->counter.till)->name};
    cf_till_weighs(program->counter.till, all->scale != NULL);
    options->windows.watch_fd = cf_devices_fd(program->devices);
    options->windows.watch = watch;
    return CF_OK;
}

static enum cf_rc open_all(struct program *program, struct options *options, struct cf_error *err)
{
    char place[CF_LABEL_MAX + 1];
    struct cf_pay_port card = {.ops = NULL}, mobile = {.ops = NULL};
    program->printing = options->printing;
    program->dir = options->where.dir;
    program->tones.program = options->tones;
    program->exporting = (struct cf_exporting){.dir = program->dir, .folder = options->exports};
    enum cf_rc rc = cf_printing_check(&program->printing, err);
    if (rc == CF_OK)
        rc = cf_payers_open(&options->pay, &program->payers, err);
    cf_payers_put(&program->payers, &options->where);
    card = options->where.card_port;
    mobile = options->where.mobile_port;
    if (rc == CF_OK && card.ops != NULL)
        rc = cf_pay_worker_new(&card, &program->card, err);
    if (rc == CF_OK && mobile.ops != NULL)
        rc = cf_pay_worker_new(&mobile, &program->mobile, err);
    if (program->card != NULL)
        options->where.card_port = cf_pay_worker_port(program->card);
    if (program->mobile != NULL)
        options->where.mobile_port = cf_pay_worker_port(program->mobile);
    if (rc == CF_OK)
        rc = cf_counter_open(&options->where, &program->counter, err);
    if (rc == CF_OK && !options->where.training)
        program->alive = cf_alive_hold(program->dir, CF_ALIVE_TILL);
    if (rc == CF_OK)
        rc = cf_printing_open(&program->printing, &program->counter, err);
    if (rc == CF_OK && !options->where.training)
        rc = cf_member_asker_new(&program->counter.identity, &program->members, err);
    if (rc == CF_OK)
        rc = open_devices(program, options, err);
    if (rc != CF_OK)
        return rc;
    struct cf_desk_ports ports = {
        .ctx = program,
        .print = print,
        .printing = is_printing,
        .print_document = print_document,
        .card = payer_of(program->card),
        .mobile = payer_of(program->mobile),
        .send = send_now,
        .sending = sending,
        .devices = devices,
        .scale = options->devices.scale != NULL ? scale : NULL,
        .weigh = weigh,
        .tone = tone,
        .language_of = language_of,
        .keep_language = keep_language,
    };
    if (options->receipts_asked && cf_printing_is_on(&program->printing)) {
        ports.ask = ask_receipt;
        ports.skip = skip_receipt;
    }
    if (options->exports != NULL && !options->where.training) {
        ports.export_day = export_day;
        ports.exporting = exporting;
    }
    if (program->members != NULL)
        ports.members = (struct cf_desk_members){ask_member, look_at_member, forget_member};
    snprintf(place, sizeof place, "Till %u", (unsigned)program->counter.identity.terminal);
    rc = cf_desk_new(program->counter.till, options->where.label != NULL ? options->where.label : place, &ports,
                     &program->desk, err);
    if (rc == CF_OK && options->keys != NULL)
        rc = load_keys(program->desk, options->keys, err);
    if (rc == CF_OK && options->join != NULL)
        rc = cf_desk_join(program->desk, options->join, err);
    if (rc == CF_OK)
        cf_desk_language(program->desk, options->language != NULL ? options->language : "en");
    return rc;
}

static void close_all(struct program *program)
{
    cf_devices_free(program->devices); /* tells of jobs: the desk is still there */
    cf_desk_free(program->desk);
    cf_exporting_leave(&program->exporting);
    cf_member_asker_free(program->members);
    cf_printing_close(&program->printing);
    cf_counter_close(&program->counter);
    cf_pay_worker_free(program->card);
    cf_pay_worker_free(program->mobile);
    cf_payers_close(&program->payers);
    cf_alive_free(program->alive);
}

/* --- before the first sync ------------------------------------------------------------------------------------------
 */

static bool tick_first(void *ctx)
{
    struct program *program = ctx;
    struct cf_error err;
    int64_t now_ms = cf_env_mono(cf_env_system()).us / CF_US_PER_MS;
    tell_watchdog(program);
    if (now_ms >= program->look_ms) {
        program->look_ms = now_ms + LOOK_MS;
        if (cf_first_sync_look(program->dir, &program->first, &err) != CF_OK)
            cf_desk_trouble(program->desk, &err);
        cf_desk_first(program->desk, &program->first);
    }
    cf_tones_look(&program->tones);
    bool changed = cf_desk_tick(program->desk, now_ms);
    if (stop || (program->first.whole && !sending(program)))
        cf_ui_end();
    return changed;
}

/* A till without prices cannot be opened: until they have come its windows say how far they are. They are closed then,
 * and opened anew over the till. */
static enum cf_rc wait_for_prices(const struct options *options, bool *ret_goes_on, struct cf_error *err)
{
    struct program program = {
        .dir = options->where.dir, .tones = {.program = options->tones}, .watchdog_every = cf_service_watchdog_every()};
    struct cf_ui_run windows = options->windows;
    const struct cf_desk_ports ports = {.ctx = &program, .send = send_now, .sending = sending, .tone = tone};
    *ret_goes_on = true;
    enum cf_rc rc = cf_first_sync_look(program.dir, &program.first, err);
    if (rc != CF_OK || program.first.opens || options->where.training)
        return CF_OK; /* whatever is wrong with it, the till says */
    rc = cf_desk_new(NULL, options->where.label != NULL ? options->where.label : "", &ports, &program.desk, err);
    if (rc != CF_OK)
        return rc;
    cf_desk_language(program.desk, options->language != NULL ? options->language : "en");
    cf_desk_first(program.desk, &program.first);
    windows.tick = tick_first;
    windows.watch = NULL;
    windows.panel = NULL;
    windows.ctx = &program;
    cf_ui_run(program.desk, &windows);
    *ret_goes_on = program.first.whole && !stop;
    cf_desk_free(program.desk);
    return CF_OK;
}

/* --- the command line -----------------------------------------------------------------------------------------------
 */

static int usage(FILE *to, int status)
{
    fputs(
        "usage: counterfoil-till --dir DIR [--print FOLDER | --printer PLACE] [--receipts always|asked] [--label "
        "TEXT]\n"
        "       [--cashier NAME] [--online] [--training]\n"
        "       [--card HOST:PORT [--card-password DIGITS]] [--psp HOST:PORT --psp-ca FILE --psp-key FILE]\n"
        "       [--size WIDTHxHEIGHT | --kiosk] [--language en|zh_CN] [--texts FOLDER] [--keys FILE]\n       "
        "[--one-window]\n"
        "       [--tones PROGRAM] [--join URL] [--exports FOLDER] [--panel FILE] [--no-scanners | --use "
        "VENDOR:PRODUCT=DRIVER...] "
        "[--scanner PLACE] [--scale PLACE] [--camera DEVICE] [--logo FILE]\n\n"
        "A window for the cashier and one for the shopper. DIR as `counterfoil enrol` left it; counterfoil-sync runs\n"
        "beside it. Scanners on the USB are used as they come; --use as for `counterfoil devices`. Exit status: 0 "
        "closed, 2 usage, 3 broken.\n",
        to);
    return status;
}

static bool parse_size(const char *text, struct cf_ui_run *ret)
{
    char *end = NULL;
    long width = strtol(text, &end, 10);
    if (*end != 'x')
        return false;
    long height = strtol(end + 1, &end, 10);
    if (*end != '\0' || width < WINDOW_MIN || width > WINDOW_MAX || height < WINDOW_MIN || height > WINDOW_MAX)
        return false;
    ret->width = (int)width;
    ret->height = (int)height;
    return true;
}

static bool take_option(int option, struct options *options)
{
    switch (option) {
    case 'd':
        options->where.dir = optarg;
        return true;
    case 'p':
        options->printing.dir = optarg;
        return true;
    case 'v':
        options->printing.views = true;
        return true;
    case 'l':
        options->where.label = optarg;
        return true;
    case 'c':
        options->where.cashier = optarg;
        return true;
    case 'o':
        options->where.ask_online = true;
        return true;
    case 'T':
        options->where.training = true;
        return true;
    case 's':
        return parse_size(optarg, &options->windows);
    case 'L':
        options->language = optarg;
        return true;
    case 't':
        options->texts = optarg;
        return true;
    case 'J':
        options->join = optarg;
        return true;
    case 'B':
        options->tones = optarg;
        return true;
    case 'X':
        options->exports = optarg;
        return true;
    case 'y':
        options->keys = optarg;
        return true;
    case 'R':
        options->receipts_asked = strcmp(optarg, "asked") == 0;
        return options->receipts_asked || strcmp(optarg, "always") == 0;
    case '1':
        options->windows.one_window = true;
        return true;
    case 'k':
        options->windows.kiosk = true;
        return true;
    case 'x':
        options->windows.panel = optarg;
        return true;
    case 'u':
        return cf_devices_rule(optarg, &options->devices);
    case 'S':
        options->devices.no_scanners = true;
        return true;
    case 'r':
        options->devices.printer = optarg;
        return true;
    case 'E':
        options->devices.camera = optarg;
        return true;
    case 'n':
        options->devices.scanner = optarg;
        return true;
    case 'w':
        options->devices.scale = optarg;
        return true;
    default:
        return cf_printing_option(option, optarg, &options->printing) ||
               cf_devices_option(option, optarg, &options->devices) || cf_payer_option(option, optarg, &options->pay);
    }
}

static bool parse(int argc, char **argv, struct options *ret)
{
    static const struct option options[] = {
        {"dir", required_argument, NULL, 'd'},
        {"print", required_argument, NULL, 'p'},
        {"views", no_argument, NULL, 'v'},
        {"label", required_argument, NULL, 'l'},
        {"cashier", required_argument, NULL, 'c'},
        {"training", no_argument, NULL, 'T'},
        {"online", no_argument, NULL, 'o'},
        {"size", required_argument, NULL, 's'},
        {"language", required_argument, NULL, 'L'},
        {"texts", required_argument, NULL, 't'},
        {"keys", required_argument, NULL, 'y'},
        {"join", required_argument, NULL, 'J'},
        {"exports", required_argument, NULL, 'X'},
        {"receipts", required_argument, NULL, 'R'},
        {"tones", required_argument, NULL, 'B'},
        {"one-window", no_argument, NULL, '1'},
        {"kiosk", no_argument, NULL, 'k'},
        {"panel", required_argument, NULL, 'x'},
        {"use", required_argument, NULL, 'u'},
        {"no-scanners", no_argument, NULL, 'S'},
        {"printer", required_argument, NULL, 'r'},
        CF_PRINTING_OPTIONS,
        CF_DEVICES_OPTIONS,
        {"camera", required_argument, NULL, 'E'},
        {"scanner", required_argument, NULL, 'n'},
        {"scale", required_argument, NULL, 'w'},
        CF_PAYER_OPTIONS,
        {0},
    };
    int option;
    opterr = 0; /* getopt would quote the word as it is */
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take_option(option, ret))
            return false;
    return ret->where.dir != NULL && optind == argc && (ret->printing.dir == NULL || ret->devices.printer == NULL);
}

/* Beside the program where it was built, else where the package put them: both as seen from the program. */
static const char *texts_of(const struct options *options)
{
    static const char *const from_program[] = {"../locale", "../share/locale"};
    static char path[1024];
    char *program = options->texts == NULL ? realpath("/proc/self/exe", NULL) : NULL;
    if (program == NULL)
        return options->texts != NULL ? options->texts : "/usr/share/locale";
    *strrchr(program, '/') = '\0';
    for (size_t i = 0; i < sizeof from_program / sizeof from_program[0]; i++) {
        snprintf(path, sizeof path, "%.*s/%s", (int)sizeof path - 32, program, from_program[i]);
        if (access(path, R_OK) == 0)
            break;
    }
    free(program);
    return path;
}

int main(int argc, char **argv)
{
    struct options options = {.windows = {.width = 1024, .height = 768, .tick_ms = TICK_MS}};
    struct program program = {.desk = NULL};
    struct sigaction action = {.sa_handler = on_signal};
    struct cf_error err;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout, DONE);
    if (!parse(argc, argv, &options))
        return usage(stderr, USAGE);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    cf_language_init(texts_of(&options));
    cf_language_use(options.language != NULL ? options.language : "en");
    program.watchdog_every = cf_service_watchdog_every();
    options.windows.tick = tick;
    options.windows.drawn = drawn;
    options.windows.ctx = &program;
    bool goes_on = false;
    enum cf_rc rc = cf_ui_begin(&err);
    if (rc == CF_OK)
        rc = wait_for_prices(&options, &goes_on, &err);
    if (rc == CF_OK && !goes_on)
        return DONE;
    if (rc == CF_OK)
        read_logo(&options);
    if (rc == CF_OK)
        rc = open_all(&program, &options, &err);
    if (rc == CF_OK)
        cf_ui_run(program.desk, &options.windows);
    else
        report(&err);
    close_all(&program);
    return rc == CF_OK ? DONE : BROKEN;
}
