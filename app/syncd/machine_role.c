/*
 * app/syncd/machine_role.c - see machine_role.h.
 */
#include "app/syncd/machine_role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/update/fleet.h"
#include "app/update/updater.h"

#define INSTALLER "/usr/bin/rauc"
#define RESTART "/usr/sbin/reboot"
#define PATH_CAP 4096

struct cf_machine_role {
    struct cf_machine_role_options options;
    struct cf_log *log;
    struct cf_updater *updater;
    struct cf_fleet *fleet; /* of one enrolment */
    uint32_t terminal, epoch;
    enum cf_rc said; /* the error that was logged last: the same is not said again and again */
    enum cf_update_state state;
    char health[PATH_CAP];
};

/* `counterfoil` stands beside this program, built or installed. */
static bool find_health(char ret[PATH_CAP])
{
    char *self = realpath("/proc/self/exe", NULL);
    int n = -1;
    if (self != NULL) {
        *strrchr(self, '/') = '\0';
        n = snprintf(ret, PATH_CAP, "%s/counterfoil", self);
    }
    free(self);
    return n > 0 && n < PATH_CAP;
}

static void say(struct cf_machine_role *role, enum cf_rc rc, const struct cf_error *err)
{
    if (rc != CF_OK && rc != role->said)
        cf_log_write(role->log, CF_LOG_WARN, "machine", "%s %s", cf_rc_name(rc), err->detail);
    role->said = rc;
    const struct cf_update *update = cf_updater_state(role->updater);
    if (update->state != role->state)
        cf_log_write(role->log, CF_LOG_INFO, "machine", "update %s: %s%s%s", update->order.release.version,
                     cf_update_state_name(update->state), update->rc != CF_OK ? ", " : "",
                     update->rc != CF_OK ? cf_rc_name(update->rc) : "");
    role->state = update->state;
}

struct cf_machine_role *cf_machine_role_new(const struct cf_machine_role_options *options, struct cf_log *log)
{
    struct cf_error err = {0};
    struct cf_machine_facts facts;
    struct cf_machine_role *role = calloc(1, sizeof *role);
    if (role == NULL)
        return NULL;
    role->options = *options;
    role->options.root = options->root != NULL ? options->root : "";
    role->log = log;
    struct cf_updater_config config = {
        .dir = options->dir,
        .installer = options->installer != NULL ? options->installer : INSTALLER,
        .restart = options->restart != NULL ? options->restart : RESTART,
        .health = role->health,
    };
    enum cf_rc rc = find_health(role->health) ? CF_OK : cf_fail(&err, CF_E_IO, "/proc/self/exe");
    if (rc == CF_OK)
        rc = cf_fleet_facts(role->options.root, cf_env_system(), &facts, &err);
    if (rc == CF_OK)
        rc = cf_updater_new(&config, &facts, cf_env_system(), &role->updater, &err);
    if (rc != CF_OK) {
        cf_log_write(log, CF_LOG_WARN, "machine", "%s %s", cf_rc_name(rc), err.detail);
        cf_machine_role_free(role);
        return NULL;
    }
    return role;
}

void cf_machine_role_free(struct cf_machine_role *role)
{
    if (role == NULL)
        return;
    cf_updater_free(role->updater);
    cf_fleet_free(role->fleet);
    free(role);
}

/* Another enrolment of this folder is another terminal to the centre. */
static enum cf_rc follow_enrolment(struct cf_machine_role *role, const struct cf_identity *identity,
                                   struct cf_error *err)
{
    if (role->fleet != NULL && role->terminal == identity->terminal && role->epoch == identity->epoch)
        return CF_OK;
    const struct cf_fleet_config config = {
        .dir = role->options.dir,
        .root = role->options.root,
        .log = role->options.log,
        .terminal = identity->terminal,
        .epoch = identity->epoch,
    };
    cf_fleet_free(role->fleet);
    role->fleet = NULL;
    role->terminal = identity->terminal;
    role->epoch = identity->epoch;
    return cf_fleet_new(&config, cf_env_system(), &role->fleet, err);
}

bool cf_machine_role_follow(struct cf_machine_role *role, struct cf_sync_session *session, bool linked)
{
    struct cf_error err = {0};
    bool soon = false;
    struct cf_link *link = cf_sync_session_link(session);
    const struct cf_env *env = cf_sync_session_env(session);
    enum cf_rc rc = follow_enrolment(role, cf_sync_session_identity(session), &err);
    if (rc == CF_OK)
        rc = cf_updater_work(role->updater, env, cf_link_replica(link), cf_link_journal(link), &soon, &err);
    if (rc == CF_OK && linked)
        rc = cf_fleet_work(role->fleet, env, cf_link_replica(link), cf_link_journal(link),
                           cf_updater_state(role->updater), &err);
    say(role, rc, &err);
    return soon;
}
