/*
 * app/cli/cmd_health.c - is this machine fit to sell? What decides whether a system that was just started is kept.
 *
 * Each question is put to the real thing: the windows and the sync that run, the journal as it lies, and a till of its
 * own that sells nothing. Nothing of the folder is written.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/counter/training.h"
#include "app/store/replica.h"
#include "app/terminal/alive.h"
#include "base/version.h"

#define TRY_GOODS 64 /* some ask a person for an age, a weight, a price: these are not counted as faults */

struct health {
    const char *dir;
    bool json;
    int worst; /* exit status */
};

static void say(struct health *health, const char *check, enum cf_rc rc, const char *detail)
{
    if (health->json)
        cli_print_json(json_pack("{s:s, s:b, s:s, s:o}", "check", check, "ok", rc == CF_OK, "error", cf_rc_name(rc),
                                 "detail", cli_json_text(cf_bytes_str(detail))));
    else
        printf("%s %s: %s\n", rc == CF_OK ? "ok    " : "FAILED", check, detail);
    if (rc != CF_OK)
        health->worst = CLI_BROKEN;
}

static void check_alive(struct health *health, const char *check, const char *name, const char *good)
{
    switch (cf_alive_look(health->dir, name)) {
    case CF_ALIVE_TOLD:
        say(health, check, CF_OK, good);
        return;
    case CF_ALIVE_STARTING:
        say(health, check, CF_E_BUSY, "it runs, and has not come so far yet");
        return;
    case CF_ALIVE_NOBODY:
        say(health, check, CF_E_NOT_FOUND, "it does not run");
        return;
    }
}

static void check_journal(struct health *health)
{
    struct cf_error err = {0};
    struct cf_journal *journal = NULL;
    struct cf_journal_verdict verdict = {0};
    char good[80];
    enum cf_rc rc = cf_journal_open(health->dir, CF_JOURNAL_READ, cf_env_system(), &journal, &err);
    if (rc == CF_OK)
        rc = cf_journal_verify(journal, &verdict, &err);
    cf_journal_close(journal);
    snprintf(good, sizeof good, "%llu records, all as they were written", (unsigned long long)verdict.n_records);
    say(health, "journal", rc, rc == CF_OK ? good : err.detail);
}

/* A text that a scanner would read off these goods. */
static enum cf_rc scan_one(struct cf_till *till, const struct cf_product *product, char ret[], size_t cap,
                           struct cf_error *err)
{
    struct cf_till_scanned scanned;
    struct cf_till_view view;
    struct cf_error ignored;
    char total[CF_MONEY_TEXT_MAX];
    enum cf_rc rc = product->n_codes > 0 ? cf_till_scan(till, cf_bytes_str(product->codes[0]), &scanned, err)
                                         : cf_fail(err, CF_E_PRODUCT_UNKNOWN, "%s has no code", product->name);
    if (rc != CF_OK)
        return rc;
    cf_till_view(till, &view);
    if (view.priced == NULL || view.priced->n_lines == 0)
        rc = cf_fail(err, CF_E_INTERNAL, "a scan made no line");
    else
        cf_money_format_signed((cf_money){view.priced->total_minor, view.currency}, total);
    if (rc == CF_OK)
        snprintf(ret, cap, "%s is %s", product->name, total);
    enum cf_rc cancelled = cf_till_cancel(till, &ignored);
    return rc == CF_OK && cancelled != CF_OK ? cf_fail(err, cancelled, "%s", ignored.detail) : rc;
}

static enum cf_rc scan_any(struct cf_till *till, const struct cf_product *goods, size_t n, char ret[], size_t cap,
                           struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    snprintf(ret, cap, "no goods have come from the centre yet");
    for (size_t i = 0; i < n; i++) {
        rc = scan_one(till, &goods[i], ret, cap, err);
        if (rc == CF_OK)
            break;
    }
    return rc;
}

static enum cf_rc some_goods(const char *dir, struct cf_product **ret, size_t *ret_n, struct cf_error *err)
{
    static struct cf_product goods[TRY_GOODS];
    struct cf_replica *replica = NULL;
    *ret = goods;
    enum cf_rc rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_OK)
        rc = cf_replica_product_search(replica, "", goods, TRY_GOODS, ret_n, err);
    cf_replica_close(replica);
    return rc;
}

/* A till in a folder of its own, over the replica that is here, with a key that signs nothing. */
static enum cf_rc try_till(const char *dir, const struct cf_identity *identity, char ret[], size_t cap,
                           struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    struct cf_journal_identity who = {
        .terminal = identity->terminal, .epoch = CF_TRAINING_EPOCH, .store = identity->store};
    char trial[CF_TRAINING_PATH_MAX];
    uint8_t sign_key[CF_P256_PRIVATE_BYTES];
    struct cf_product *goods;
    struct cf_till *till = NULL;
    size_t n = 0;
    enum cf_rc rc = some_goods(dir, &goods, &n, err);
    if (rc == CF_OK)
        rc = cf_training_folder(&who, trial, err);
    if (rc != CF_OK)
        return rc;
    cf_private_key_save(identity->sign_key, sign_key);
    struct cf_till_config config = {
        .dir = trial,
        .replica_dir = dir,
        .terminal = who.terminal,
        .epoch = who.epoch,
        .store = who.store,
        .roots = {identity->roots[0], identity->roots[1]},
        .sign_key = sign_key,
        .trial = true,
    };
    rc = cf_till_open(&config, env, &till, err);
    cf_bytes_wipe(sign_key, sizeof sign_key);
    if (rc == CF_OK)
        rc = scan_any(till, goods, n, ret, cap, err);
    cf_till_close(till);
    cf_training_end(trial);
    return rc;
}

static void check_scan(struct health *health, const struct cf_identity *identity)
{
    struct cf_error err = {0};
    char good[160];
    enum cf_rc rc = try_till(health->dir, identity, good, sizeof good, &err);
    if (rc == CF_E_REPLICA_NONE) {
        rc = CF_OK;
        snprintf(good, sizeof good, "nothing has come from the centre yet");
    }
    say(health, "scan", rc, rc == CF_OK ? good : err.detail);
}

/* What an update says of its journal: `counterfoil-central release add` is told it. */
static int tell_format(bool json)
{
    struct cf_error err;
    struct cf_journal_format format;
    if (cf_journal_format(&format, &err) != CF_OK)
        return cli_fail(json, NULL, &err);
    if (json)
        cli_print_json(json_pack("{s:s, s:I, s:I}", "version", CF_VERSION, "schema", (json_int_t)format.schema,
                                 "readable_from", (json_int_t)format.readable_from));
    else
        printf("version %s writes journals of format %u, which programs from format %u on can work with\n", CF_VERSION,
               format.schema, format.readable_from);
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"format", no_argument, NULL, 'f'},
                                            {0}};
    struct health health = {.worst = CLI_DONE};
    bool format = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            health.json = true;
        else if (option == 'd')
            health.dir = optarg;
        else if (option == 'f')
            format = true;
        else
            return cli_usage_option(&cli_health, argv);
    }
    if (format && !health.dir && optind == argc)
        return tell_format(health.json);
    if (!health.dir || optind != argc)
        return cli_usage(&cli_health, "it needs --dir");
    struct cf_error err = {0};
    struct cf_identity identity = {0};
    check_alive(&health, "till", CF_ALIVE_TILL, "its windows are drawn");
    enum cf_rc rc = cf_identity_load(cf_env_system(), health.dir, &identity, &err);
    if (rc == CF_E_NOT_ENROLLED) {
        say(&health, "enrolment", CF_OK, "this machine is nobody's till yet: there is nothing else to look at");
    } else if (rc != CF_OK) {
        say(&health, "enrolment", rc, err.detail);
    } else {
        check_journal(&health);
        check_scan(&health, &identity);
        check_alive(&health, "sync", CF_ALIVE_SYNC, "it has opened what it works on");
    }
    cf_identity_done(&identity);
    return health.worst;
}

const struct cli_command cli_health = {
    .name = "health",
    .summary = "tell whether this machine is fit to sell",
    .help =
        "usage: counterfoil health --dir DIR [--json]\n"
        "       counterfoil health --format [--json]\n\n"
        "One line a check, and exit status 0 if all of them are good, else 3:\n\n"
        "  till     counterfoil-till runs and has drawn its windows\n"
        "  journal  it opens, and every record is as it was written\n"
        "  scan     goods of the catalogue, scanned at a till of its own, come to a priced line; no book is touched\n"
        "  sync     counterfoil-sync runs and has opened what it works on; whether it reaches the centre is\n"
        "           nothing that another system would be better at\n\n"
        "A machine that is not enrolled is well when its windows are drawn. This is what decides whether a system\n"
        "that was just started is kept (docs/updates.md). --format: of which format are the journals\n"
        "that this program writes, for the release that it is part of.\n",
    .run = run,
};
