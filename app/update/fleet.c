/*
 * app/update/fleet.c - see fleet.h.
 */
#include "app/update/fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/store/folder.h"
#include "app/store/machine_flags.h"
#include "app/update/vitals.h"
#include "sync/wire/wire.h"

#define REPORT_EVERY_S 300
#define LOGS_OF_S 3600
#define COUNT_BYTES (CF_BOOT_ID_BYTES + 4)

struct cf_fleet {
    struct cf_fleet_config config;
    struct cf_machine_facts facts;
    uint32_t watchdog_boots;
    bool told;
    cf_mono told_at;
    struct cf_machine_report last; /* as told */
    uint32_t logs_sent;            /* number of the ask that was answered */
    struct cf_buf request, answer, logs;
};

/* --- boots by the watchdog ---------------------------------------------------------------------------------------- */

/* DIR/update/watchdog: the boot that was counted last, and how many the watchdog caused. */
static uint32_t count_watchdog_boots(const struct cf_fleet_config *config, const struct cf_env *env)
{
    char path[CF_FOLDER_PATH_MAX];
    uint8_t record[COUNT_BYTES] = {0}, boot_id[CF_BOOT_ID_BYTES];
    struct cf_buf CF_CLEANUP(cf_buf_done) held;
    cf_buf_init(&held, COUNT_BYTES);
    env->ops->boot_id(env->ctx, boot_id);
    if (cf_folder_path(config->dir, "update/watchdog", path, NULL) != CF_OK) {
        return 0;
    }
    if (env->ops->file_read(env->ctx, path, &held, NULL) == CF_OK && held.n == COUNT_BYTES) {
        memcpy(record, held.p, COUNT_BYTES);
    }
    uint32_t n = cf_get_be32(record + CF_BOOT_ID_BYTES);
    if (memcmp(record, boot_id, CF_BOOT_ID_BYTES) != 0 && n < UINT32_MAX) {
        n += cf_vitals_watchdog_bit(env, config->root);
        memcpy(record, boot_id, CF_BOOT_ID_BYTES);
        cf_put_be32(record + CF_BOOT_ID_BYTES, n);
        if (env->ops->file_replace(env->ctx, path, cf_bytes_of(record, COUNT_BYTES), 0600, NULL) != CF_OK) {
            return n; /* it is counted again at the next start */
        }
    }
    return n;
}

enum cf_rc cf_fleet_facts(const char *root, const struct cf_env *env, struct cf_machine_facts *ret,
                          struct cf_error *err)
{
    struct cf_journal_format format = {0};
    enum cf_rc rc = cf_journal_format(&format, err);
    if (rc == CF_OK) {
        cf_vitals_facts(env, root, ret);
        ret->schema = format.schema;
    }
    return rc;
}

enum cf_rc cf_fleet_new(const struct cf_fleet_config *config, const struct cf_env *env, struct cf_fleet **ret,
                        struct cf_error *err)
{
    struct cf_fleet *fleet = calloc(1, sizeof *fleet);
    if (fleet == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "fleet");
    }
    fleet->config = *config;
    cf_buf_init(&fleet->request, CF_LOGS_BYTES_MAX);
    cf_buf_init(&fleet->answer, CF_MACHINE_BYTES_MAX);
    cf_buf_init(&fleet->logs, CF_LOGS_TEXT_MAX);
    enum cf_rc rc = cf_fleet_facts(config->root, env, &fleet->facts, err);
    if (rc != CF_OK) {
        cf_fleet_free(fleet);
        return rc;
    }
    fleet->watchdog_boots = count_watchdog_boots(config, env);
    *ret = fleet;
    return CF_OK;
}

void cf_fleet_free(struct cf_fleet *fleet)
{
    if (fleet != NULL) {
        cf_buf_done(&fleet->request);
        cf_buf_done(&fleet->answer);
        cf_buf_done(&fleet->logs);
        free(fleet);
    }
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static enum cf_rc exchange(struct cf_fleet *fleet, const struct cf_env *env, const char *path, struct cf_error *err)
{
    int status = 0;
    const struct cf_net_request request = {
        .method = "POST", .path = path, .content_type = "application/cbor", .body = cf_buf_bytes(&fleet->request)};
    cf_buf_clear(&fleet->answer);
    enum cf_rc rc = env->ops->net_exchange(env->ctx, &request, &status, &fleet->answer, err);
    if (rc == CF_OK && status != 200) {
        return cf_refusal_tell(path, status, cf_buf_bytes(&fleet->answer), err);
    }
    return rc == CF_OK ? cf_machine_heard_decode(cf_buf_bytes(&fleet->answer), err) : rc;
}

static enum cf_rc fill_report(const struct cf_fleet *fleet, const struct cf_env *env, struct cf_replica *replica,
                              struct cf_journal *journal, const struct cf_update *update, struct cf_machine_report *ret,
                              struct cf_error *err)
{
    struct cf_journal_head head;
    struct cf_sync_state sync;
    *ret = (struct cf_machine_report){
        .terminal = fleet->config.terminal,
        .epoch = fleet->config.epoch,
        .facts = fleet->facts,
        .watchdog_boots = fleet->watchdog_boots,
        .release = update->order.none ? 0 : update->order.release.number,
        .state = update->state,
        .rc = update->rc,
        .fetched = update->fetched,
        .logs_until_s = cf_logs_consent(env, fleet->config.dir),
    };
    cf_vitals_read(env, fleet->config.root, fleet->config.dir, ret);
    enum cf_rc rc = cf_journal_head(journal, &head, err);
    if (rc == CF_OK) {
        rc = cf_replica_sync_state(replica, &sync, err);
    }
    if (rc == CF_OK) {
        ret->queue = head.seq > sync.acknowledged_seq ? head.seq - sync.acknowledged_seq : 0;
    }
    return rc;
}

static bool is_news(const struct cf_machine_report *a, const struct cf_machine_report *b)
{
    return a->state != b->state || a->release != b->release || a->rc != b->rc || a->n_faults != b->n_faults ||
           memcmp(a->faults, b->faults, sizeof a->faults) != 0 || (a->logs_until_s != 0) != (b->logs_until_s != 0);
}

static enum cf_rc report(struct cf_fleet *fleet, const struct cf_env *env, struct cf_replica *replica,
                         struct cf_journal *journal, const struct cf_update *update, struct cf_error *err)
{
    struct cf_machine_report now;
    enum cf_rc rc = fill_report(fleet, env, replica, journal, update, &now, err);
    int64_t since_us = cf_env_mono(env).us - fleet->told_at.us;
    if (rc != CF_OK || (fleet->told && since_us < REPORT_EVERY_S * CF_US_PER_S && !is_news(&now, &fleet->last))) {
        return rc;
    }
    cf_buf_clear(&fleet->request);
    rc = cf_machine_report_encode(&now, &fleet->request, err);
    if (rc == CF_OK) {
        rc = exchange(fleet, env, CF_PATH_MACHINE, err);
    }
    if (rc == CF_OK) {
        fleet->told = true;
        fleet->told_at = cf_env_mono(env);
        fleet->last = now;
    }
    return rc;
}

/* --- logs --------------------------------------------------------------------------------------------------------- */

/* The end of a log that is no longer than what is sent. */
static enum cf_rc read_end(const char *path, struct cf_buf *ret, struct cf_error *err)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &about) != 0) {
        enum cf_rc rc = cf_fail_errno(err, errno, "%s", path);
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    enum cf_rc rc = CF_OK;
    uint8_t piece[4096];
    off_t at = about.st_size > CF_LOGS_TEXT_MAX ? about.st_size - CF_LOGS_TEXT_MAX : 0;
    for (ssize_t n = 1; rc == CF_OK && n > 0 && at < about.st_size; at += n) {
        off_t left = about.st_size - at;
        n = pread(fd, piece, left < (off_t)sizeof piece ? (size_t)left : sizeof piece, at);
        rc = n > 0 ? cf_buf_append(ret, piece, (size_t)n, err) : CF_OK;
    }
    close(fd);
    return rc;
}

/* From the first line of the last hour on: lines begin with their instant, which sorts as text does (log.h). */
static cf_bytes of_last_hour(cf_bytes log, cf_wall now)
{
    char from[CF_WALL_TEXT_MAX];
    cf_wall_format((cf_wall){now.us - LOGS_OF_S * CF_US_PER_S}, 0, from);
    size_t n_from = strlen(from);
    for (size_t at = 0; at < log.n;) {
        const uint8_t *end = memchr(log.p + at, '\n', log.n - at);
        size_t n = end != NULL ? (size_t)(end - log.p) - at : log.n - at;
        if (n >= n_from && memcmp(log.p + at, from, n_from) >= 0) {
            return cf_bytes_of(log.p + at, log.n - at);
        }
        at += n + 1;
    }
    return cf_bytes_of(log.p, 0);
}

static enum cf_rc send_logs(struct cf_fleet *fleet, const struct cf_env *env, uint32_t number, struct cf_error *err)
{
    struct cf_logs_sent sent = {.terminal = fleet->config.terminal, .epoch = fleet->config.epoch, .number = number};
    cf_buf_clear(&fleet->logs);
    enum cf_rc rc = fleet->config.log != NULL ? read_end(fleet->config.log, &fleet->logs, err) : CF_OK;
    if (rc == CF_OK) {
        sent.text = of_last_hour(cf_buf_bytes(&fleet->logs), cf_env_wall(env));
        cf_buf_clear(&fleet->request);
        rc = cf_logs_sent_encode(&sent, &fleet->request, err);
    }
    if (rc == CF_OK) {
        rc = exchange(fleet, env, CF_PATH_LOGS, err);
    }
    if (rc == CF_OK || rc == CF_E_NOT_FOUND) { /* nobody waits for them any more */
        fleet->logs_sent = number;
        return CF_OK;
    }
    return rc;
}

enum cf_rc cf_fleet_work(struct cf_fleet *fleet, const struct cf_env *env, struct cf_replica *replica,
                         struct cf_journal *journal, const struct cf_update *update, struct cf_error *err)
{
    struct cf_logs_ask ask = {.number = 0};
    enum cf_rc rc = report(fleet, env, replica, journal, update, err);
    if (rc == CF_OK) {
        rc = cf_replica_logs_ask(replica, &ask, err);
    }
    bool open = rc == CF_OK && ask.number != 0 && ask.number != fleet->logs_sent &&
                ask.until_s > cf_env_wall(env).us / CF_US_PER_S;
    return open && cf_logs_consent(env, fleet->config.dir) > 0 ? send_logs(fleet, env, ask.number, err) : rc;
}
