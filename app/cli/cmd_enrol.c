/*
 * app/cli/cmd_enrol.c - makes this folder a terminal: keys, certificate, journal, and what it needs to sell.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cli/cli.h"
#include "app/store/replica.h"
#include "base/private_files.h"

static bool parse_port(const char *text, uint16_t *ret)
{
    char *end;
    long v = strtol(text, &end, 10);
    if (end == text || *end || v < 1 || v > 65535)
        return false;
    *ret = (uint16_t)v;
    return true;
}

/* Records of an earlier epoch in this folder that the centre does not have: their keys are about to be replaced, so
 * nothing could send them any more. */
static enum cf_rc check_all_sent(const char *dir, struct cf_error *err)
{
    struct cf_journal *journal = NULL;
    struct cf_replica *replica = NULL;
    struct cf_journal_head head = {0};
    struct cf_sync_state state = {0};
    enum cf_rc rc = cf_journal_open(dir, CF_JOURNAL_READ, cf_env_system(), &journal, err);
    if (rc == CF_E_JOURNAL_NONE)
        return CF_OK;
    if (rc == CF_OK)
        rc = cf_journal_head(journal, &head, err);
    if (rc == CF_OK && cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, NULL) == CF_OK &&
        cf_replica_sync_state(replica, &state, NULL) != CF_OK)
        state = (struct cf_sync_state){0};
    cf_replica_close(replica);
    cf_journal_close(journal);
    if (rc == CF_OK && head.seq > state.acknowledged_seq)
        return cf_fail(err, CF_E_STATE,
                       "%llu records here are not at the centre yet: sync first, or say --leave-unsent",
                       (unsigned long long)(head.seq - state.acknowledged_seq));
    if (rc == CF_E_JOURNAL_BROKEN && err)
        return cf_fail(err, rc, "%s; --leave-unsent enrols anew and keeps the damaged file beside", err->detail);
    return rc;
}

/* The new epoch begins without a mark, at the place that it will have. */
static enum cf_rc begin_incarnation(const char *dir, const char *path, struct cf_error *err)
{
    struct cf_incarnation_file *file = NULL;
    enum cf_rc rc = cf_incarnation_file_place(dir, path, cf_env_system(), err);
    if (rc == CF_OK)
        rc = cf_incarnation_file_new(dir, cf_env_system(), &file, err);
    if (rc == CF_OK)
        cf_incarnation_file_forget(file);
    cf_incarnation_file_free(file);
    return rc;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"centre", required_argument, NULL, 'c'},
                                            {"leave-unsent", no_argument, NULL, 'u'},
                                            {"incarnation", required_argument, NULL, 'i'},
                                            {0}};
    bool json = false, leave_unsent = false;
    const char *dir = NULL, *incarnation = NULL;
    char host[CF_HOST_MAX + 1] = "";
    uint16_t port = 0;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        const char *colon;
        switch (option) {
        case 'j':
            json = true;
            break;
        case 'd':
            dir = optarg;
            break;
        case 'i':
            incarnation = optarg;
            break;
        case 'u':
            leave_unsent = true;
            break;
        case 'c':
            colon = strrchr(optarg, ':');
            if (!colon || colon == optarg || (size_t)(colon - optarg) >= sizeof host || !parse_port(colon + 1, &port))
                return cli_usage(&cli_enrol, "--centre is HOST:PORT of the centre's API");
            memcpy(host, optarg, (size_t)(colon - optarg));
            host[colon - optarg] = '\0';
            break;
        default:
            return cli_usage_option(&cli_enrol, argv);
        }
    }
    if (incarnation && incarnation[0] != '/')
        return cli_usage(&cli_enrol, "--incarnation is an absolute path");
    if (!dir || !port || optind + 1 != argc)
        return cli_usage(&cli_enrol, "it needs --dir, --centre and one enrolment code");
    struct cf_error err;
    struct cf_identity identity = {0};
    const struct cf_env *env = cf_env_system();
    /* Keys and sales are nobody else's to read. */
    cf_private_umask(dir);
    mkdir(dir, 0700); /* if it cannot be made, writing into it says so */
    /* Both are held before the code is spent: a till that sells meanwhile would end up with another one's journal. */
    int held[2] = {-1, -1};
    enum cf_rc rc = cf_replica_hold(dir, &held[0], &err);
    if (rc == CF_OK)
        rc = cf_journal_hold(dir, &held[1], &err);
    if (rc == CF_OK && !leave_unsent)
        rc = check_all_sent(dir, &err);
    if (rc == CF_OK)
        rc = cf_enrol(env, host, port, argv[optind], dir, &identity, &err);
    if (rc == CF_OK) {
        struct cf_journal_identity who = {
            .terminal = identity.terminal, .epoch = identity.epoch, .store = identity.store};
        cf_replica_discard(dir);
        rc = cf_journal_create_held(dir, &who, env, &err);
        if (rc == CF_OK)
            rc = begin_incarnation(dir, incarnation, &err);
    }
    for (size_t i = 0; i < 2; i++)
        if (held[i] >= 0)
            close(held[i]);
    if (rc != CF_OK) {
        cf_identity_done(&identity);
        return cli_fail(json, NULL, &err);
    }
    if (json)
        cli_print_json(json_pack("{s:b, s:I, s:I, s:I}", "ok", 1, "terminal", (json_int_t)identity.terminal, "epoch",
                                 (json_int_t)identity.epoch, "store", (json_int_t)identity.store));
    else
        printf("Enrolled as terminal %u of store %u (epoch %u). Next: counterfoil sync now with the same --dir\n",
               identity.terminal, identity.store, identity.epoch);
    cf_identity_done(&identity);
    return CLI_DONE;
}

const struct cli_command cli_enrol = {
    .name = "enrol",
    .summary = "make this folder a terminal",
    .help =
        "usage: counterfoil enrol --dir DIR --centre HOST:PORT [--leave-unsent] [--incarnation FILE] [--json] CODE\n\n"
        "CODE is the one-time code that the centre gave for this terminal. The keys are made here and stay here; "
        "the code\n"
        "also says which centre to trust. A folder that was enrolled before gets a new epoch and a new journal; "
        "the old\n"
        "journal is kept beside it. That is refused while it holds records that the centre does not have, unless\n"
        "--leave-unsent says that they cannot be sent any more; and while sell or counterfoil-sync are at work "
        "there. The number of\n"
        "the till's starts stands in the file DIR.incarnation, or where --incarnation says (an absolute path): "
        "never on what\n"
        "is copied or restored together with DIR.\n",
    .run = run,
};
