/*
 * app/cli/cmd_machine.c - the machine beside its till: how far an update is, whether the centre may see logs, and a
 * factory reset.
 *
 * None of it opens the till: it runs beside the windows. Who may do it is asked of the till's own session.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli/cli.h"
#include "app/counter/session.h"
#include "app/store/folder.h"
#include "app/store/machine_flags.h"
#include "app/store/replica.h"
#include "app/update/update.h"

/* --- how far it is ------------------------------------------------------------------------------------------------ */

/* None was ever announced: idle. */
static enum cf_rc read_update(const char *dir, struct cf_update *ret, struct cf_error *err)
{
    const struct cf_env *env = cf_env_system();
    char path[CF_FOLDER_PATH_MAX];
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_UPDATE_STATE_BYTES_MAX);
    *ret = (struct cf_update){.order = {.none = true}};
    enum cf_rc rc = cf_folder_path(dir, "update/state", path, err);
    if (rc == CF_OK)
        rc = env->ops->file_read(env->ctx, path, &bytes, err);
    if (rc == CF_E_NOT_FOUND)
        return CF_OK;
    return rc == CF_OK ? cf_update_decode(cf_buf_bytes(&bytes), ret, err) : rc;
}

static int status(bool json, const char *dir)
{
    struct cf_error err;
    struct cf_update update;
    char until[CF_WALL_TEXT_MAX] = "";
    if (read_update(dir, &update, &err) != CF_OK)
        return cli_fail(json, NULL, &err);
    int64_t until_s = cf_logs_consent(cf_env_system(), dir);
    if (until_s > 0)
        cf_wall_format((cf_wall){until_s * CF_US_PER_S}, 0, until);
    const struct cf_release *release = &update.order.release;
    if (json)
        cli_print_json(json_pack("{s:b, s:s, s:s, s:I, s:I, s:s, s:s}", "ok", 1, "update",
                                 cf_update_state_name(update.state), "version", release->version, "fetched",
                                 (json_int_t)update.fetched, "size", (json_int_t)release->size, "error",
                                 update.rc == CF_OK ? "" : cf_rc_name(update.rc), "logs_until", until));
    else
        printf("update: %s %s%s%s; logs: %s%s\n", cf_update_state_name(update.state), release->version,
               update.rc == CF_OK ? "" : ", ", update.rc == CF_OK ? "" : cf_rc_text(update.rc),
               until_s > 0 ? "shown to the centre until " : "shown to nobody", until);
    return CLI_DONE;
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

static int set_consent(bool json, const char *dir, bool agrees)
{
    struct cf_error err = {0};
    const struct cf_env *env = cf_env_system();
    int64_t until_s = agrees ? cf_env_wall(env).us / CF_US_PER_S + CF_LOGS_CONSENT_S : 0;
    enum cf_rc rc = cf_counter_check_session(dir, CF_ACT_LOGS, CF_TILL_IDLE_S, &err);
    if (rc == CF_OK)
        rc = cf_logs_consent_set(env, dir, until_s, &err);
    return rc == CF_OK ? status(json, dir) : cli_fail(json, NULL, &err);
}

/* --- factory reset ------------------------------------------------------------------------------------------------ */

/* What a sale, a right or a record could still be needed of: nothing, if the centre has all of the journal. */
static enum cf_rc check_acknowledged(const char *dir, struct cf_error *err)
{
    struct cf_journal *journal = NULL;
    struct cf_replica *replica = NULL;
    struct cf_journal_head head = {0};
    struct cf_sync_state sync = {0};
    enum cf_rc rc = cf_journal_open(dir, CF_JOURNAL_READ, cf_env_system(), &journal, err);
    if (rc == CF_E_JOURNAL_NONE)
        return CF_OK;
    if (rc == CF_OK)
        rc = cf_journal_head(journal, &head, err);
    if (rc == CF_OK)
        rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_E_REPLICA_NONE)
        rc = CF_OK; /* never synced: all of it is unsent */
    else if (rc == CF_OK)
        rc = cf_replica_sync_state(replica, &sync, err);
    cf_replica_close(replica);
    cf_journal_close(journal);
    if (rc == CF_OK && head.seq > sync.acknowledged_seq)
        rc = cf_fail(err, CF_E_STATE, "%llu records here are not at the centre yet: sync first, or say --leave-unsent",
                     (unsigned long long)(head.seq - sync.acknowledged_seq));
    return rc;
}

/* The identity goes first: whatever is cut off behind that, this is nobody's till, and is enrolled anew. The files of
 * the locks stay, since they are held; the number of starts stands outside of the folder and is the next enrolment's.
 */
static void clear_folder(const char *dir)
{
    static const char *const names[] = {
        "identity.cbor",  "sign.key",       "tls.key.pem",    "tls.cert.pem",  "ca.pem",
        "journal.db",     "journal.db-wal", "journal.db-shm", "replica.db",    "replica.db-wal",
        "replica.db-shm", "hub.db",         "hub.db-wal",     "hub.db-shm",    "logs.consent",
        "faults",         "restarting",     "update/state",   "update/bundle",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cf_folder_remove(dir, names[i]);
    sync();
}

static int reset(bool json, const char *dir, bool leave_unsent)
{
    struct cf_error err = {0};
    int held[2] = {-1, -1};
    /* Both are held from before the look: nothing is sold or received in between. */
    enum cf_rc rc = cf_replica_hold(dir, &held[0], &err);
    if (rc == CF_OK)
        rc = cf_journal_hold(dir, &held[1], &err);
    if (rc == CF_OK && !leave_unsent)
        rc = check_acknowledged(dir, &err);
    if (rc == CF_OK)
        rc = cf_counter_check_session(dir, leave_unsent ? CF_ACT_RESET : CF_ACT_SETTINGS, CF_TILL_IDLE_S, &err);
    if (rc == CF_OK)
        clear_folder(dir);
    for (size_t i = 0; i < 2; i++)
        if (held[i] >= 0)
            close(held[i]);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    if (json)
        cli_print_json(json_pack("{s:b}", "ok", 1));
    else
        puts("This machine is nobody's till now. Next: counterfoil enrol");
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"dir", required_argument, NULL, 'd'},
                                            {"leave-unsent", no_argument, NULL, 'u'},
                                            {0}};
    bool json = false, leave_unsent = false;
    const char *dir = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else if (option == 'u')
            leave_unsent = true;
        else
            return cli_usage_option(&cli_machine, argv);
    }
    if (!dir || optind + 1 != argc || (leave_unsent && strcmp(argv[optind], "reset") != 0))
        return cli_usage(&cli_machine, "it needs --dir and one of: status, show-logs, hide-logs, reset");
    if (strcmp(argv[optind], "status") == 0)
        return status(json, dir);
    if (strcmp(argv[optind], "show-logs") == 0)
        return set_consent(json, dir, true);
    if (strcmp(argv[optind], "hide-logs") == 0)
        return set_consent(json, dir, false);
    if (strcmp(argv[optind], "reset") == 0)
        return reset(json, dir, leave_unsent);
    return cli_usage(&cli_machine, "no such verb: %s", argv[optind]);
}

const struct cli_command cli_machine = {
    .name = "machine",
    .summary = "updates, logs for the centre, factory reset",
    .help = "usage: counterfoil machine status|show-logs|hide-logs --dir DIR [--json]\n"
            "       counterfoil machine reset --dir DIR [--leave-unsent] [--json]\n\n"
            "status     how far an update is, and whether the centre may see the logs of the last hour\n"
            "show-logs  it may, for an hour: a manager is logged in at the till\n"
            "hide-logs  it may not any more\n"
            "reset      forgets whose till this is, with its sales, keys and prices: only once the centre has every\n"
            "           record, while neither the till nor counterfoil-sync runs, and if whoever is logged in at the\n"
            "           till may change settings. --leave-unsent: a manager is logged in there, and what is\n"
            "           not sent is lost\n",
    .run = run,
};
