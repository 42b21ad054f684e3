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
#include <sys/stat.h>

#include "app/counter/counter.h"
#include "app/counter/payers.h"
#include "app/counter/printing.h"
#include "app/desk/desk.h"
#include "app/desk/language.h"
#include "app/ui/run.h"

#define TICK_MS 200
#define WINDOW_MIN 400
#define WINDOW_MAX 8000

enum { DONE = 0, USAGE = 2, BROKEN = 3 };

struct program {
    struct cf_counter counter;
    struct cf_payers payers;
    struct cf_printing printing;
    struct cf_desk *desk;
};

struct options {
    struct cf_counter_options where;
    struct cf_payer_options pay;
    struct cf_printing printing;
    struct cf_ui_run windows;
    const char *language, *texts;
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
    return cf_print_or_skip(&program->printing, seq, copy, name, err);
}

static bool tick(void *ctx)
{
    struct program *program = ctx;
    if (stop) {
        cf_ui_end();
        return false;
    }
    return cf_desk_tick(program->desk, cf_env_mono(cf_env_system()).us / CF_US_PER_MS);
}

/* --- start and end --------------------------------------------------------------------------------------------------
 */

static void report(const struct cf_error *err)
{
    fprintf(stderr, "counterfoil-till: %s (%s)\n", cf_rc_text(err->rc), err->detail);
}

static enum cf_rc open_all(struct program *program, struct options *options, struct cf_error *err)
{
    char place[CF_LABEL_MAX + 1];
    const struct cf_desk_ports ports = {.ctx = program, .print = print};
    program->printing = options->printing;
    enum cf_rc rc = cf_printing_check(&program->printing, err);
    if (rc == CF_OK)
        rc = cf_payers_open(&options->pay, &program->payers, err);
    cf_payers_put(&program->payers, &options->where);
    if (rc == CF_OK)
        rc = cf_counter_open(&options->where, &program->counter, err);
    if (rc == CF_OK)
        rc = cf_printing_open(&program->printing, &program->counter, err);
    if (rc != CF_OK)
        return rc;
    snprintf(place, sizeof place, "Till %u", (unsigned)program->counter.identity.terminal);
    return cf_desk_new(program->counter.till, options->where.label != NULL ? options->where.label : place, &ports,
                       &program->desk, err);
}

static void close_all(struct program *program)
{
    cf_desk_free(program->desk);
    cf_printing_close(&program->printing);
    cf_counter_close(&program->counter);
    cf_payers_close(&program->payers);
}

/* --- the command line -----------------------------------------------------------------------------------------------
 */

static int usage(FILE *to, int status)
{
    fputs(
        "usage: counterfoil-till --dir DIR [--print FOLDER] [--label TEXT] [--cashier NAME] [--online] [--training]\n"
        "       [--card HOST:PORT [--card-password DIGITS]] [--psp HOST:PORT --psp-ca FILE --psp-key FILE]\n"
        "       [--size WIDTHxHEIGHT | --kiosk] [--language en|zh_CN] [--texts FOLDER] [--one-window]\n"
        "       [--panel FILE]\n\n"
        "A window for the cashier and one for the shopper. DIR as `counterfoil enrol` left it; counterfoil-sync runs\n"
        "beside it. Exit status: 0 closed, 2 usage, 3 broken.\n",
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
    case '1':
        options->windows.one_window = true;
        return true;
    case 'k':
        options->windows.kiosk = true;
        return true;
    case 'x':
        options->windows.panel = optarg;
        return true;
    default:
        return cf_payer_option(option, optarg, &options->pay);
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
        {"one-window", no_argument, NULL, '1'},
        {"kiosk", no_argument, NULL, 'k'},
        {"panel", required_argument, NULL, 'x'},
        CF_PAYER_OPTIONS,
        {0},
    };
    int option;
    opterr = 0; /* getopt would quote the word as it is */
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take_option(option, ret))
            return false;
    return ret->where.dir != NULL && optind == argc;
}

/* Beside the program where it was built, else where the package put them. */
static const char *texts_of(const struct options *options)
{
    static char beside[1024];
    char *slash = realpath("/proc/self/exe", NULL);
    if (options->texts != NULL || slash == NULL) {
        free(slash);
        return options->texts != NULL ? options->texts : "/usr/share/locale";
    }
    *strrchr(slash, '/') = '\0';
    snprintf(beside, sizeof beside, "%.*s/../locale", (int)sizeof beside - 16, slash);
    free(slash);
    return beside;
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
    umask(077);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    cf_language_init(texts_of(&options));
    cf_language_use(options.language != NULL ? options.language : "en");
    options.windows.tick = tick;
    options.windows.ctx = &program;
    enum cf_rc rc = cf_ui_begin(&err);
    if (rc == CF_OK)
        rc = open_all(&program, &options, &err);
    if (rc == CF_OK)
        cf_ui_run(program.desk, &options.windows);
    else
        report(&err);
    close_all(&program);
    return rc == CF_OK ? DONE : BROKEN;
}
