/*
 * app/syncd/hub_role.c - see hub_role.h.
 */
#include "app/syncd/hub_role.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/store/replica.h"
#include "sync/hub/server.h"
#include "sync/hub/upward.h"

#define PATH_MAX_BYTES 4096
#define POLL_US (500 * CF_US_PER_MS)
#define RESTART_PAUSE_US (5 * CF_US_PER_S)

extern char **environ;

struct cf_hub_role {
    const char *dir;
    cf_duration relay_after;
    struct cf_log *log;
    pid_t child;      /* 0: none */
    uint32_t served;  /* hub epoch that the child serves, or served */
    bool over;        /* that one does not come back */
    cf_mono again_at; /* not before this, after it fell */
    struct cf_hub_store *store;
};

enum cf_rc cf_hub_role_new(const char *dir, cf_duration relay_after, struct cf_log *log, struct cf_hub_role **ret,
                           struct cf_error *err)
{
    struct cf_hub_role *role = calloc(1, sizeof *role);
    if (!role)
        return cf_fail(err, CF_E_NO_MEMORY, "hub");
    role->dir = dir;
    role->relay_after = relay_after;
    role->log = log;
    *ret = role;
    return CF_OK;
}

/* --- the child ---------------------------------------------------------------------------------------------------- */

static void reap(struct cf_hub_role *role)
{
    int status = 0;
    if (role->child == 0 || waitpid(role->child, &status, WNOHANG) != role->child)
        return;
    role->child = 0;
    role->over = WIFEXITED(status) && WEXITSTATUS(status) == CF_HUB_ROLE_OVER;
    role->again_at.us = cf_env_mono(cf_env_system()).us + RESTART_PAUSE_US;
    cf_log_write(role->log, CF_LOG_WARN, "hub", "the hub of epoch %u ended (status %d)%s", role->served, status,
                 role->over ? ": it was set apart" : "");
}

static void end_child(struct cf_hub_role *role)
{
    int status = 0;
    if (role->child == 0)
        return;
    (void)kill(role->child, SIGTERM);
    while (waitpid(role->child, &status, 0) < 0 && errno == EINTR)
        ;
    role->child = 0;
}

static void start_child(struct cf_hub_role *role, uint32_t hub_epoch)
{
    char *const argv[] = {"counterfoil-sync", "--dir", (char *)(uintptr_t)role->dir, "--serve-hub", NULL};
    pid_t child;
    int errnum = posix_spawn(&child, "/proc/self/exe", NULL, NULL, argv, environ);
    role->served = hub_epoch;
    role->over = false;
    role->again_at.us = cf_env_mono(cf_env_system()).us + RESTART_PAUSE_US;
    if (errnum != 0) {
        cf_log_write(role->log, CF_LOG_WARN, "hub", "cannot be started: %s", strerror(errnum));
        return;
    }
    role->child = child;
    cf_log_write(role->log, CF_LOG_INFO, "hub", "this terminal is the hub of its store, epoch %u", hub_epoch);
}

/* --- what this process does for it -------------------------------------------------------------------------------- */

/* In any case, whatever the centre said of the records: what it has is known. */
static void forget_for(struct cf_hub_role *role, const struct cf_env *env, bool heard)
{
    struct cf_error err = {.rc = CF_OK};
    struct cf_replica *replica = NULL;
    uint64_t n = 0;
    enum cf_rc rc = cf_replica_open(role->dir, CF_REPLICA_READ, &replica, NULL, &err);
    if (rc == CF_OK)
        rc = cf_hub_tidy(role->store, replica, env, heard, &err);
    if (rc == CF_OK)
        rc = cf_hub_forget(role->store, replica, &n, &err);
    cf_replica_close(replica);
    if (n > 0)
        cf_log_write(role->log, CF_LOG_INFO, "hub", "erased %llu records of members who are forgotten",
                     (unsigned long long)n);
    if (rc != CF_OK)
        cf_log_write(role->log, CF_LOG_WARN, "hub", "forgetting: %s %s", cf_rc_name(rc), err.detail);
}

/* heard: the hub epoch under which this round with the centre began; 0: none. */
static void work_for(struct cf_hub_role *role, struct cf_sync_session *session, uint32_t heard)
{
    struct cf_error err = {.rc = CF_OK};
    struct cf_hub_relayed relayed = {0};
    const struct cf_env *env = cf_sync_session_env(session);
    enum cf_rc rc = CF_OK;
    if (role->store == NULL && cf_hub_store_exists(role->dir))
        rc = cf_hub_store_open(role->dir, &role->store, &err);
    if (rc == CF_OK && role->store == NULL)
        return;
    if (rc == CF_OK && heard != 0)
        rc = cf_hub_store_set_heard(role->store, heard, &err);
    if (rc == CF_OK)
        rc = cf_hub_relay(role->store, env, (cf_wall){cf_env_wall(env).us - role->relay_after.us}, &relayed, &err);
    if (relayed.batches > 0 || relayed.refused > 0)
        cf_log_write(role->log, CF_LOG_INFO, "hub", "brought %llu batches of other tills, %llu refused",
                     (unsigned long long)relayed.batches, (unsigned long long)relayed.refused);
    if (rc == CF_E_SERVER) { /* at a batch of another till: the hub is heard all the same */
        cf_log_write(role->log, CF_LOG_WARN, "hub", "%s %s", cf_rc_name(rc), err.detail);
        rc = CF_OK;
    }
    if (role->store != NULL)
        forget_for(role, env, heard != 0);
    if (rc == CF_OK)
        rc = cf_hub_tell_centre(role->store, env, cf_sync_session_identity(session)->sign_key, &err);
    if (rc != CF_OK)
        cf_log_write(role->log, CF_LOG_WARN, "hub", "%s %s", cf_rc_name(rc), err.detail);
}

static void tell(struct cf_hub_role *role, const struct cf_hub_sync_report *report, enum cf_rc rc, const char *detail)
{
    if (report->has_hub && rc != CF_OK)
        cf_log_write(role->log, CF_LOG_WARN, "hub", "%s %s", cf_rc_name(rc), detail);
    if (report->pushed || report->entries)
        cf_log_write(role->log, CF_LOG_INFO, "hub", "sent %llu, received %llu", (unsigned long long)report->pushed,
                     (unsigned long long)report->entries);
}

void cf_hub_role_follow(struct cf_hub_role *role, struct cf_sync_session *session, bool centre)
{
    struct cf_hub_entry hub;
    struct cf_hub_sync_report report;
    enum cf_rc rc;
    const char *detail;
    const struct cf_identity *identity = cf_sync_session_identity(session);
    cf_sync_session_hub(session, &hub, &report, &rc, &detail);
    tell(role, &report, rc, detail);
    reap(role);
    bool ours = hub.terminal == identity->terminal && hub.terminal_epoch == identity->epoch;
    if (role->child != 0 && (!ours || role->served != hub.hub_epoch))
        end_child(role);
    bool began_as_hub = ours && role->served == hub.hub_epoch;
    bool again = role->served != hub.hub_epoch || (!role->over && cf_env_mono(cf_env_system()).us >= role->again_at.us);
    if (ours && role->child == 0 && again)
        start_child(role, hub.hub_epoch);
    cf_sync_session_keep_pages(session, ours ? role->store : NULL);
    if (centre)
        work_for(role, session,
                 began_as_hub ? hub.hub_epoch
                              : 0); /* also what is left of an assignment that is over: facts are brought in any case */
}

void cf_hub_role_free(struct cf_hub_role *role)
{
    if (!role)
        return;
    end_child(role);
    cf_hub_store_close(role->store);
    free(role);
}

/* --- in the child ------------------------------------------------------------------------------------------------- */

static enum cf_rc find_assignment(const char *dir, const struct cf_identity *identity, struct cf_hub_entry *ret,
                                  struct cf_error *err)
{
    struct cf_replica *replica = NULL;
    enum cf_rc rc = cf_replica_open(dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_OK)
        rc = cf_replica_hub(replica, ret, err);
    cf_replica_close(replica);
    if (rc == CF_OK && (ret->terminal != identity->terminal || ret->terminal_epoch != identity->epoch))
        rc = cf_fail(err, CF_E_HUB_EPOCH, "this terminal is not the hub of its store");
    return rc;
}

static enum cf_rc serve(const char *dir, const struct cf_identity *identity, struct cf_log *log,
                        const volatile int *stop, struct cf_error *err)
{
    struct cf_hub_entry assignment;
    struct cf_hub *hub = NULL;
    struct cf_hub_server *server = NULL;
    char incarnation[PATH_MAX_BYTES];
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    (void)snprintf(incarnation, sizeof incarnation, "%.*s.hub-incarnation", (int)n, dir);
    enum cf_rc rc = find_assignment(dir, identity, &assignment, err);
    if (rc != CF_OK)
        return rc;
    struct cf_hub_config config = {.env = cf_env_system(),
                                   .dir = dir,
                                   .incarnation_path = incarnation,
                                   .store = identity->store,
                                   .terminal = identity->terminal,
                                   .epoch = identity->epoch,
                                   .hub_epoch = assignment.hub_epoch,
                                   .sign_key = identity->sign_key};
    rc = cf_hub_open(&config, &hub, err);
    struct cf_hub_server_config listening = {.env = cf_env_system(),
                                             .hub = hub,
                                             .port = assignment.port,
                                             .ca_pem = identity->ca_pem,
                                             .cert_pem = identity->cert_pem,
                                             .key_pem = identity->tls_key_pem};
    if (rc == CF_OK)
        rc = cf_hub_server_new(&listening, &server, err);
    if (rc == CF_OK)
        cf_log_write(log, CF_LOG_INFO, "hub", "serves store %u on port %u", identity->store,
                     cf_hub_server_port(server));
    while (rc == CF_OK && !*stop)
        rc = cf_hub_server_run(server, (cf_duration){POLL_US}, err);
    cf_hub_server_free(server);
    cf_hub_close(hub);
    return rc;
}

int cf_hub_role_serve(const char *dir, struct cf_log *log, const volatile int *stop)
{
    struct cf_error err = {.rc = CF_OK};
    struct cf_identity identity = {.terminal = 0};
    /* With the service that started it the hub ends, however that came to its end. */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    enum cf_rc rc = cf_identity_load(cf_env_system(), dir, &identity, &err);
    if (rc == CF_OK)
        rc = serve(dir, &identity, log, stop, &err);
    cf_identity_done(&identity);
    if (rc == CF_OK)
        return 0;
    cf_log_write(log, CF_LOG_WARN, "hub", "%s %s", cf_rc_name(rc), err.detail);
    return rc == CF_E_HUB_FENCED ? CF_HUB_ROLE_OVER : (int)cf_rc_class(rc);
}
