/*
 * app/syncd/main.c - `counterfoil-sync`: keeps a till's link to the centre, all day, beside the till.
 *
 * It may crash or hang for days and no sale waits for it: it only reads the journal, and writes the replica. It looks
 * for new records every few seconds, backs off while the link is down, and ends cleanly on SIGTERM.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/syncd/hub_role.h"
#include "app/syncd/machine_role.h"
#include "app/terminal/alive.h"
#include "app/terminal/sync_session.h"
#include "base/log.h"
#include "base/private_files.h"
#include "base/service_notify.h"

#define LOG_BYTES_MAX (1u << 20)
#define IDLE_DEFAULT_S 5
#define BROKEN_PAUSE_S 30
#define RELAY_AFTER_DEFAULT_S 60

static volatile sig_atomic_t stop;
_Static_assert(sizeof(sig_atomic_t) == sizeof(int), "hub_role.h takes it as an int");

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* Sleeps, but not through a signal to stop. */
static void wait_for(cf_duration duration)
{
    struct timespec left = {.tv_sec = duration.us / CF_US_PER_S, .tv_nsec = duration.us % CF_US_PER_S * 1000};
    if (!stop)
        nanosleep(&left, NULL);
}

/* A fault of the link or of the centre passes; the session goes on, with its own back-off. */
static bool passes(enum cf_rc rc)
{
    switch ((int)rc) {
    case CF_OK:
    case CF_E_LINK_DOWN:
    case CF_E_TIMEOUT:
    case CF_E_TLS:
    case CF_E_SERVER:
    case CF_E_BUSY:
        return true;
    default:
        return false;
    }
}

static void tell(struct cf_log *log, enum cf_rc rc, const struct cf_sync_report *report, const struct cf_error *err)
{
    if (rc != CF_OK) {
        cf_log_write(log, CF_LOG_WARN, "sync", "%s %s", cf_rc_name(rc), err->detail);
        return;
    }
    if (report->pushed || report->entries)
        cf_log_write(log, CF_LOG_INFO, "sync", "sent %llu, acknowledged %llu of %llu, received %llu",
                     (unsigned long long)report->pushed, (unsigned long long)report->acknowledged,
                     (unsigned long long)report->recorded, (unsigned long long)report->entries);
    for (size_t i = 0; i < report->n_results && i < CF_SYNC_RESULTS_MAX; i++)
        cf_log_write(log, CF_LOG_WARN, "sync", "record %llu: %s", (unsigned long long)report->results[i].seq,
                     cf_rc_name(report->results[i].rc));
}

static void tell_ready(struct cf_alive *alive)
{
    cf_alive_tell(alive);
    cf_service_notify("READY=1");
}

/* Until SIGTERM; or once, and then the exit status says how that went. */
static int serve(const char *dir, long idle_s, bool once, struct cf_hub_role *hub, struct cf_machine_role *machine,
                 struct cf_log *log)
{
    struct cf_alive *alive = once ? NULL : cf_alive_hold(dir, CF_ALIVE_SYNC);
    struct cf_sync_session *session = NULL;
    cf_duration idle = {idle_s * CF_US_PER_S};
    int status = 0;
    while (!stop) {
        struct cf_error err = {0};
        struct cf_sync_report report = {0};
        if (session && cf_sync_session_is_stale(session)) {
            cf_sync_session_free(session);
            session = NULL;
        }
        enum cf_rc rc = CF_OK;
        if (!session) {
            rc = cf_sync_session_new(dir, cf_env_system(), &session, &err);
            if (rc == CF_OK && cf_sync_session_rebuilt(session))
                cf_log_write(log, CF_LOG_WARN, "sync", "the replica was damaged and is fetched again");
        }
        if (rc == CF_OK) {
            tell_ready(alive);
            rc = cf_sync_session_cycle(session, &report, &err);
        }
        tell(log, rc, &report, &err);
        if (session && hub)
            cf_hub_role_follow(hub, session, rc == CF_OK);
        bool soon = session && machine && cf_machine_role_follow(machine, session, rc == CF_OK);
        cf_duration pause = session ? cf_sync_session_delay(session, idle) : idle;
        if (!passes(rc)) {
            /* Whatever it was, the next try begins from what is on the disk: a new enrolment, a rebuilt replica. Its
             * back-off begins anew with it, so it must not come at once. */
            cf_sync_session_free(session);
            session = NULL;
            if (pause.us < BROKEN_PAUSE_S * CF_US_PER_S)
                pause.us = BROKEN_PAUSE_S * CF_US_PER_S;
        }
        if (once) {
            status = rc == CF_OK ? 0 : (int)cf_rc_class(rc);
            break;
        }
        wait_for(soon && rc == CF_OK ? (cf_duration){0} : pause);
    }
    cf_sync_session_free(session);
    cf_alive_free(alive);
    return status;
}

static int usage(void)
{
    fputs("usage: counterfoil-sync --dir DIR [--every 1..3600] [--relay-after 0..3600] [--log FILE] [--once]\n"
          "       [--installer PROGRAM] [--restart PROGRAM] [--root FOLDER]\n",
          stderr);
    return 2;
}

static bool parse_seconds(const char *text, long min, long *ret)
{
    char *end;
    long v = strtol(text, &end, 10);
    if (end == text || *end || v < min || v > 3600)
        return false;
    *ret = v;
    return true;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"dir", required_argument, NULL, 'd'},
                                            {"every", required_argument, NULL, 'e'},
                                            {"once", no_argument, NULL, 'o'},
                                            {"log", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"serve-hub", no_argument, NULL, 's'},
                                            {"relay-after", required_argument, NULL, 'r'},
                                            {"installer", required_argument, NULL, 'i'},
                                            {"restart", required_argument, NULL, 'R'},
                                            {"root", required_argument, NULL, 'T'},
                                            {0}};
    const char *dir = NULL, *log_path = NULL;
    long idle_s = IDLE_DEFAULT_S;
    long relay_after_s = RELAY_AFTER_DEFAULT_S;
    struct cf_machine_role_options installs = {.dir = NULL};
    bool once = false, serve_hub = false;
    int option;
    opterr = 0; /* getopt would quote the word as it is */
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'd':
            dir = optarg;
            break;
        case 'e':
            if (!parse_seconds(optarg, 1, &idle_s))
                return usage();
            break;
        case 'r':
            if (!parse_seconds(optarg, 0, &relay_after_s))
                return usage();
            break;
        case 'i':
            installs.installer = optarg;
            break;
        case 'R':
            installs.restart = optarg;
            break;
        case 'T':
            installs.root = optarg;
            break;
        case 's': /* by ourselves: hub_role.c */
            serve_hub = true;
            break;
        case 'o':
            once = true;
            break;
        case 'l':
            log_path = optarg;
            break;
        case 'h':
            puts(
                "usage: counterfoil-sync --dir DIR [--every SECONDS] [--relay-after SECONDS] [--log FILE] [--once]\n"
                "       [--installer PROGRAM] [--restart PROGRAM] [--root FOLDER]\n\n"
                "Sends the till's records to the centre and fetches prices, campaigns and leases, until SIGTERM; with\n"
                "--once a single time, and the exit status (1 refused, 3 broken) says how that went. While the centre "
                "assigns\n"
                "this terminal as the hub of its store it serves the store's tills, too, and brings records that a "
                "till\n"
                "has not brought itself within --relay-after seconds (60). On an appliance it fetches the updates "
                "that the\n"
                "centre announces, has --installer (rauc) install them, and at the close of the day --restart "
                "(reboot) the\n"
                "machine; what it tells of the machine is read below --root (/).");
            return 0;
        default:
            return usage();
        }
    }
    if (!dir || optind != argc)
        return usage();
    cf_private_umask(dir);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct cf_error err;
    struct cf_log *log = NULL;
    if (cf_log_new(cf_env_system(), log_path, LOG_BYTES_MAX, CF_LOG_INFO, &log, &err) != CF_OK) {
        fprintf(stderr, "counterfoil-sync: %s (%s)\n", cf_rc_text(err.rc), err.detail);
        return 3;
    }
    cf_log_echo(log, stderr);
    struct cf_hub_role *hub = NULL;
    struct cf_machine_role *machine = NULL;
    int status = 0;
    installs.dir = dir;
    installs.log = log_path;
    if (!serve_hub && !once)
        machine = cf_machine_role_new(&installs, log);
    if (serve_hub)
        status = cf_hub_role_serve(dir, log, &stop);
    else if (once || cf_hub_role_new(dir, (cf_duration){relay_after_s * CF_US_PER_S}, log, &hub, &err) == CF_OK)
        status = serve(dir, idle_s, once, hub, machine, log);
    else
        status = 3;
    cf_hub_role_free(hub);
    cf_machine_role_free(machine);
    cf_log_free(log);
    return status;
}
