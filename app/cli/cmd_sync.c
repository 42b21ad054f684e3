/*
 * app/cli/cmd_sync.c - one sync now, or how far the last one came. The service that does this all day is app/syncd.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "app/cli/cli.h"
#include "app/terminal/sync_session.h"
#include "base/private_files.h"

static json_t *results_json(const struct cf_sync_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->n_results && i < CF_SYNC_RESULTS_MAX; i++)
        json_array_append_new(list, json_pack("{s:I, s:s}", "seq", (json_int_t)report->results[i].seq, "result",
                                              cf_rc_name(report->results[i].rc)));
    return list;
}

static int now(bool json, const char *dir)
{
    struct cf_error err = {0};
    struct cf_sync_session *session = NULL;
    struct cf_sync_report report = {0};
    cf_private_umask(dir); /* the replica may be made anew here */
    enum cf_rc rc = cf_sync_session_new(dir, cf_env_system(), &session, &err);
    if (rc == CF_OK)
        rc = cf_sync_session_cycle(session, &report, &err);
    struct cf_tls_net_stats wire = {0};
    bool rebuilt = session && cf_sync_session_rebuilt(session);
    if (session)
        cf_sync_session_stats(session, &wire);
    cf_sync_session_free(session);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    if (json)
        cli_print_json(json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:I, s:I, s:o}", "ok", 1,
                                 "recorded", (json_int_t)report.recorded, "acknowledged",
                                 (json_int_t)report.acknowledged, "pushed", (json_int_t)report.pushed, "pages",
                                 (json_int_t)report.pages, "entries", (json_int_t)report.entries, "chunks",
                                 (json_int_t)report.chunks, "snapshots", (json_int_t)report.snapshots, "fenced",
                                 report.fenced, "rebuilt", rebuilt, "wire_bytes_up", (json_int_t)wire.bytes_up,
                                 "wire_bytes_down", (json_int_t)wire.bytes_down, "results", results_json(&report)));
    else
        printf("Sent %llu records; recorded %llu, acknowledged %llu. Received %llu changes.%s%s\n",
               (unsigned long long)report.pushed, (unsigned long long)report.recorded,
               (unsigned long long)report.acknowledged, (unsigned long long)report.entries,
               report.fenced ? " This till was set apart: enrol it again." : "",
               rebuilt ? " The copy of prices and campaigns was damaged and has been fetched again." : "");
    return CLI_DONE;
}

static int status(bool json, const char *dir)
{
    struct cf_error err;
    struct cf_journal *journal = NULL;
    struct cf_replica *replica = NULL;
    struct cf_journal_head head = {0};
    struct cf_sync_state state = {0};
    char contact[CF_WALL_TEXT_MAX] = "never";
    enum cf_rc rc = cf_journal_open(dir, CF_JOURNAL_READ, cf_env_system(), &journal, &err);
    if (rc == CF_OK)
        rc = cf_journal_head(journal, &head, &err);
    if (rc == CF_OK)
        rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, &err);
    if (rc == CF_OK)
        rc = cf_replica_sync_state(replica, &state, &err);
    else if (rc == CF_E_REPLICA_NONE)
        rc = CF_OK; /* never synced: all zero */
    cf_replica_close(replica);
    cf_journal_close(journal);
    if (rc != CF_OK)
        return cli_fail(json, NULL, &err);
    bool same = head.seq == state.acknowledged_seq &&
                (head.seq == 0 || memcmp(head.hash.digest, state.acknowledged_head.digest, CF_SHA256_BYTES) == 0);
    if (state.last_contact.us)
        cf_wall_format(state.last_contact, 0, contact);
    if (json)
        cli_print_json(json_pack("{s:b, s:I, s:I, s:I, s:b, s:b, s:s, s:I, s:o, s:o}", "ok", 1, "recorded",
                                 (json_int_t)head.seq, "sent", (json_int_t)state.sent_seq, "acknowledged",
                                 (json_int_t)state.acknowledged_seq, "equal", same, "fenced", state.fenced,
                                 "last_contact", contact, "down_cursor", (json_int_t)state.down_cursor, "recorded_head",
                                 cli_json_hex(head.hash.digest, CF_SHA256_BYTES), "acknowledged_head",
                                 cli_json_hex(state.acknowledged_head.digest, CF_SHA256_BYTES)));
    else
        printf("recorded %llu, sent %llu, acknowledged %llu%s; last contact %s%s\n", (unsigned long long)head.seq,
               (unsigned long long)state.sent_seq, (unsigned long long)state.acknowledged_seq,
               same ? " (all equal)" : "", contact, state.fenced ? "; set apart by the centre" : "");
    return CLI_DONE;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"dir", required_argument, NULL, 'd'}, {0}};
    bool json = false;
    const char *dir = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else
            return cli_usage_option(&cli_sync, argv);
    }
    if (!dir || optind + 1 != argc)
        return cli_usage(&cli_sync, "it needs --dir and one of: now, status");
    if (strcmp(argv[optind], "now") == 0)
        return now(json, dir);
    if (strcmp(argv[optind], "status") == 0)
        return status(json, dir);
    return cli_usage(&cli_sync, "no such verb: %s", argv[optind]);
}

const struct cli_command cli_sync = {
    .name = "sync",
    .summary = "exchange with the centre now, or tell how far it came",
    .help =
        "usage: counterfoil sync now --dir DIR [--json]\n"
        "       counterfoil sync status --dir DIR [--json]\n\n"
        "now sends what was recorded and fetches prices, campaigns, leases and results. A damaged copy of these is\n"
        "thrown away and fetched again. Selling goes on meanwhile. status says recorded, sent and acknowledged.\n",
    .run = run,
};
