/*
 * app/update/updater.c - see updater.h.
 */
#include "app/update/updater.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/store/machine_flags.h"
#include "app/update/runner.h"
#include "base/private_files.h"
#include "sync/wire/wire.h"

#define PATH_CAP 4096
#define PIECES_AT_ONCE 8
#define PIECE_LEAST 16384              /* a slow line is asked for so much at a time */
#define KEEP_FREE (UINT64_C(32) << 20) /* for sales, whatever an update needs */
#define HASH_BYTES 65536
#define LOOK_EVERY_S 5
#define GOES_DOWN_WITHIN_S 120
#define HOUR_MINUTES 60 /* from the hour that was set on */

struct cf_updater {
    struct cf_updater_config config;
    struct cf_machine_facts facts;
    const struct cf_env *env; /* clock and files */
    struct cf_update update;
    char bundle[PATH_CAP], state[PATH_CAP], folder[PATH_CAP];
    struct cf_buf piece;
    cf_mono fetched_at; /* the last piece came */
    struct cf_runner runner;
    enum { IDLE, INSTALLING, SWITCHING, RESTARTING, LOOKING } running; /* what the runner is about */
    bool flagged;
    cf_mono look_at, goes_down_by;
};

/* --- the state ---------------------------------------------------------------------------------------------------- */

static enum cf_rc keep(struct cf_updater *updater, const struct cf_update_event *event, struct cf_error *err)
{
    const struct cf_env *env = updater->env;
    struct cf_update next = cf_update_step(&updater->update, event);
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes, before;
    cf_buf_init(&bytes, CF_UPDATE_STATE_BYTES_MAX);
    cf_buf_init(&before, CF_UPDATE_STATE_BYTES_MAX);
    enum cf_rc rc = cf_update_encode(&next, &bytes, err);
    if (rc == CF_OK) {
        rc = cf_update_encode(&updater->update, &before, err);
    }
    if (rc == CF_OK && !cf_bytes_equal(cf_buf_bytes(&bytes), cf_buf_bytes(&before))) {
        rc = env->ops->file_replace(env->ctx, updater->state, cf_buf_bytes(&bytes), 0600, err);
    }
    if (rc == CF_OK) {
        updater->update = next;
    }
    return rc;
}

static enum cf_rc keep_kind(struct cf_updater *updater, enum cf_update_event_kind kind, struct cf_error *err)
{
    struct cf_update_event event = {.kind = kind, .facts = &updater->facts, .fetched = updater->update.fetched};
    updater->env->ops->boot_id(updater->env->ctx, event.boot_id);
    return keep(updater, &event, err);
}

static void read_state(struct cf_updater *updater)
{
    const struct cf_env *env = updater->env;
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_UPDATE_STATE_BYTES_MAX);
    if (env->ops->file_read(env->ctx, updater->state, &bytes, NULL) != CF_OK ||
        cf_update_decode(cf_buf_bytes(&bytes), &updater->update, NULL) != CF_OK) {
        updater->update = (struct cf_update){.state = CF_UPDATE_IDLE, .order = {.none = true}};
    }
}

static bool name_paths(struct cf_updater *updater, const char *dir)
{
    int n = snprintf(updater->folder, PATH_CAP, "%s/update", dir);
    int m = snprintf(updater->bundle, PATH_CAP, "%s/update/bundle", dir);
    int k = snprintf(updater->state, PATH_CAP, "%s/update/state", dir);
    return n > 0 && m > 0 && k > 0 && n < PATH_CAP && m < PATH_CAP && k < PATH_CAP;
}

enum cf_rc cf_updater_new(const struct cf_updater_config *config, const struct cf_machine_facts *facts,
                          const struct cf_env *env, struct cf_updater **ret, struct cf_error *err)
{
    struct cf_updater *updater = calloc(1, sizeof *updater);
    if (updater == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "updates");
    }
    updater->config = *config;
    updater->facts = *facts;
    updater->env = env;
    cf_buf_init(&updater->piece, CF_BUNDLE_PIECE_MAX + CF_ERROR_DETAIL_MAX + 256);
    enum cf_rc rc =
        name_paths(updater, config->dir) ? CF_OK : cf_fail(err, CF_E_LIMIT, "the folder's name is too long");
    if (rc == CF_OK && mkdir(updater->folder, 0770) != 0 && errno != EEXIST) {
        rc = cf_fail_errno(err, errno, "%s", updater->folder);
    }
    if (rc == CF_OK) {
        read_state(updater);
        rc = keep_kind(updater, CF_UPDATE_STARTED, err);
    }
    if (rc == CF_OK && (updater->update.state != CF_UPDATE_ACTIVATING || !cf_restart_flag_is_set(env, config->dir))) {
        cf_restart_flag_clear(config->dir); /* of an earlier boot, or of a process that ended before it came so far */
    }
    if (rc != CF_OK) {
        cf_updater_free(updater);
        return rc;
    }
    *ret = updater;
    return CF_OK;
}

void cf_updater_free(struct cf_updater *updater)
{
    if (updater == NULL) {
        return;
    }
    cf_runner_stop(&updater->runner);
    if (updater->flagged && updater->running != RESTARTING) {
        cf_restart_flag_clear(updater->config.dir);
    }
    cf_buf_done(&updater->piece);
    free(updater);
}

const struct cf_update *cf_updater_state(const struct cf_updater *updater)
{
    return &updater->update;
}

/* --- fetching ----------------------------------------------------------------------------------------------------- */

static bool has_room(const struct cf_updater *updater)
{
    struct statvfs fs;
    uint64_t missing = updater->update.order.release.size - updater->update.fetched;
    return statvfs(updater->folder, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize >= missing + KEEP_FREE;
}

/* How much of it the rate allows now; 0: later. */
static uint64_t may_fetch(const struct cf_updater *updater)
{
    const struct cf_update *update = &updater->update;
    uint64_t left = update->order.release.size - update->fetched, most = CF_BUNDLE_PIECE_MAX;
    if (update->order.bytes_per_s > 0) {
        int64_t since_us = cf_env_mono(updater->env).us - updater->fetched_at.us;
        uint64_t ms = since_us > 0 ? (uint64_t)since_us / CF_US_PER_MS : 0;
        uint64_t earned = ms > 3600000 ? most : update->order.bytes_per_s * ms / 1000;
        uint64_t least = left < PIECE_LEAST ? left : PIECE_LEAST;
        most = earned < least ? 0 : earned < most ? earned : most;
    }
    return left < most ? left : most;
}

static enum cf_rc ask(struct cf_updater *updater, const struct cf_env *env, uint64_t n, struct cf_error *err)
{
    char path[CF_NET_PATH_MAX + 1] = CF_PATH_BUNDLE;
    int status = 0;
    cf_hex_encode(cf_bytes_of(updater->update.order.release.hash.digest, CF_SHA256_BYTES),
                  path + sizeof CF_PATH_BUNDLE - 1);
    const struct cf_net_request request = {
        .method = "GET", .path = path, .range_from = updater->update.fetched, .range_n = n};
    cf_buf_clear(&updater->piece);
    enum cf_rc rc = env->ops->net_exchange(env->ctx, &request, &status, &updater->piece, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (status != 206) {
        return cf_refusal_tell("a part of the update", status, cf_buf_bytes(&updater->piece), err);
    }
    return updater->piece.n > 0 && updater->piece.n <= n ? CF_OK
                                                         : cf_fail(err, CF_E_PROTOCOL, "a part of another length");
}

/* On the disk for good: what is told as fetched is there after a power cut. */
static enum cf_rc write_piece(struct cf_updater *updater, struct cf_error *err)
{
    const struct cf_buf *piece = &updater->piece;
    int fd = open(updater->bundle, O_WRONLY | O_CREAT | O_CLOEXEC, cf_private_mode(updater->bundle, 0600));
    if (fd < 0) {
        return cf_fail_errno(err, errno, "%s", updater->bundle);
    }
    enum cf_rc rc = CF_OK;
    for (size_t done = 0; done < piece->n && rc == CF_OK;) {
        ssize_t n = pwrite(fd, piece->p + done, piece->n - done, (off_t)(updater->update.fetched + done));
        if (n <= 0) {
            rc = cf_fail_errno(err, errno, "%s", updater->bundle);
        } else {
            done += (size_t)n;
        }
    }
    if (rc == CF_OK && fdatasync(fd) != 0) {
        rc = cf_fail_errno(err, errno, "%s", updater->bundle);
    }
    close(fd);
    return rc;
}

static enum cf_rc fetch(struct cf_updater *updater, const struct cf_env *env, bool *ret_soon, struct cf_error *err)
{
    if (!has_room(updater)) {
        return keep_kind(updater, CF_UPDATE_NO_ROOM, err);
    }
    enum cf_rc rc = CF_OK;
    for (int i = 0; i < PIECES_AT_ONCE && rc == CF_OK; i++) {
        uint64_t n = may_fetch(updater);
        if (n == 0) {
            break;
        }
        cf_mono asked_at = cf_env_mono(updater->env);
        rc = ask(updater, env, n, err);
        if (rc == CF_OK) {
            rc = write_piece(updater, err);
        }
        if (rc == CF_E_DISK_FULL) {
            return keep_kind(updater, CF_UPDATE_NO_ROOM, err);
        }
        if (rc == CF_OK) {
            updater->fetched_at = asked_at;
            struct cf_update_event event = {.kind = CF_UPDATE_GOT,
                                            .fetched = updater->update.fetched + updater->piece.n};
            rc = keep(updater, &event, err);
        }
    }
    *ret_soon = rc == CF_OK && (updater->update.order.bytes_per_s == 0 ||
                                updater->update.fetched == updater->update.order.release.size);
    return rc;
}

/* --- verifying ---------------------------------------------------------------------------------------------------- */

struct hashing {
    int fd;
    uint64_t left;
    bool failed;
    uint8_t piece[HASH_BYTES];
};

static bool next_piece(void *ctx, cf_bytes *ret)
{
    struct hashing *hashing = ctx;
    size_t most = hashing->left < HASH_BYTES ? (size_t)hashing->left : HASH_BYTES;
    ssize_t n = most > 0 ? read(hashing->fd, hashing->piece, most) : 0;
    hashing->failed = hashing->left > 0 && n <= 0;
    if (n <= 0) {
        return false;
    }
    hashing->left -= (uint64_t)n;
    *ret = cf_bytes_of(hashing->piece, (size_t)n);
    return true;
}

static enum cf_rc verify(struct cf_updater *updater, struct cf_error *err)
{
    const struct cf_release *release = &updater->update.order.release;
    struct hashing hashing = {.fd = open(updater->bundle, O_RDONLY | O_CLOEXEC), .left = release->size};
    if (hashing.fd < 0) {
        return keep_kind(updater, CF_UPDATE_ALTERED, err);
    }
    struct cf_sha256 hash = cf_sha256_stream(next_piece, &hashing);
    close(hashing.fd);
    bool genuine = !hashing.failed && memcmp(hash.digest, release->hash.digest, CF_SHA256_BYTES) == 0;
    /* What an earlier bundle left behind its end is no part of this one. */
    if (genuine && truncate(updater->bundle, (off_t)release->size) != 0) {
        return cf_fail_errno(err, errno, "%s", updater->bundle);
    }
    return keep_kind(updater, genuine ? CF_UPDATE_GENUINE : CF_UPDATE_ALTERED, err);
}

/* --- installing, and the hour ------------------------------------------------------------------------------------- */

static enum cf_rc install(struct cf_updater *updater, struct cf_error *err)
{
    const char *const argv[] = {updater->config.installer, "install", updater->bundle, NULL};
    enum cf_rc rc = keep_kind(updater, CF_UPDATE_BEGUN, err);
    if (rc == CF_OK) {
        rc = cf_runner_start(&updater->runner, argv, err);
        updater->running = rc == CF_OK ? INSTALLING : IDLE;
    }
    if (rc != CF_OK && keep_kind(updater, CF_UPDATE_NOT_PLACED, NULL) != CF_OK) {
        return rc; /* then it stands as being installed, and is tried again */
    }
    return rc;
}

static enum cf_rc count_step(void *ctx, cf_bytes step, struct cf_error *err)
{
    (void)step;
    (void)err;
    *(bool *)ctx = true;
    return CF_OK;
}

static enum cf_rc somebody_sells(struct cf_journal *journal, bool *ret, struct cf_error *err)
{
    *ret = false;
    return cf_journal_steps(journal, count_step, ret, err);
}

/* What of a business day came last: its close, or anything that a close covers. */
struct last_business {
    bool is, closed;
};

static enum cf_rc look_at_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                                 const struct cf_sha256 *hash, struct cf_error *err)
{
    struct last_business *last = ctx;
    (void)body_hash;
    (void)hash;
    (void)err;
    switch ((int)record->type) {
    case CF_RECORD_Z_REPORT:
        *last = (struct last_business){.is = true, .closed = true};
        break;
    case CF_RECORD_SALE:
    case CF_RECORD_RETURN:
    case CF_RECORD_OPEN_RETURN:
    case CF_RECORD_PICK_UP:
    case CF_RECORD_DRAWER:
        *last = (struct last_business){.is = true, .closed = false};
        break;
    default:
        break;
    }
    return CF_OK;
}

#define LOOK_BACK 256

/* Nothing was sold since the business day was closed; of a till that has sold nothing yet as well. */
static enum cf_rc day_is_closed(struct cf_journal *journal, bool *ret, struct cf_error *err)
{
    struct cf_journal_head head;
    struct last_business last = {.is = false};
    enum cf_rc rc = cf_journal_head(journal, &head, err);
    for (uint64_t to = head.seq; rc == CF_OK && to > 0 && !last.is;) {
        uint64_t from = to > LOOK_BACK ? to - LOOK_BACK + 1 : 1;
        rc = cf_journal_read(journal, from, (size_t)(to - from + 1), look_at_record, &last, err);
        to = from - 1;
    }
    *ret = rc == CF_OK && (!last.is || last.closed);
    return rc;
}

static enum cf_rc hour_has_come(const struct cf_updater *updater, struct cf_replica *replica, bool *ret,
                                struct cf_error *err)
{
    struct cf_store_settings settings;
    cf_wall now = cf_env_wall(updater->env);
    enum cf_rc rc = cf_replica_store(replica, &settings, err);
    if (rc == CF_OK) {
        int64_t minutes = now.us / CF_US_PER_S / 60 + cf_store_offset_min(&settings, now);
        int64_t since = (minutes % CF_DAY_MINUTES - updater->update.order.minute + 2 * CF_DAY_MINUTES) % CF_DAY_MINUTES;
        *ret = since < HOUR_MINUTES;
    }
    return rc;
}

/* The flag first, then the look: machine_flags.h. The look comes with the next call. */
static enum cf_rc await(struct cf_updater *updater, struct cf_replica *replica, struct cf_journal *journal,
                        bool *ret_soon, struct cf_error *err)
{
    bool sells = false, now = false;
    enum cf_rc rc = updater->update.order.when == CF_UPDATE_AT_CLOSE ? day_is_closed(journal, &now, err)
                                                                     : hour_has_come(updater, replica, &now, err);
    if (rc == CF_OK) {
        rc = somebody_sells(journal, &sells, err);
    }
    if (rc != CF_OK || !now || sells) {
        cf_restart_flag_clear(updater->config.dir);
        updater->flagged = false;
        return rc;
    }
    *ret_soon = true;
    if (!updater->flagged) {
        rc = cf_restart_flag_set(updater->env, updater->config.dir, err);
        updater->flagged = rc == CF_OK;
        return rc;
    }
    return keep_kind(updater, CF_UPDATE_NOW, err);
}

/* --- restarting, and after it ------------------------------------------------------------------------------------- */

static enum cf_rc switch_slots(struct cf_updater *updater, struct cf_error *err)
{
    const char *const argv[] = {updater->config.installer, "status", "mark-active", "other", NULL};
    enum cf_rc rc = cf_runner_start(&updater->runner, argv, err);
    updater->running = rc == CF_OK ? SWITCHING : IDLE;
    return rc;
}

static enum cf_rc restart(struct cf_updater *updater, struct cf_error *err)
{
    const char *const argv[] = {updater->config.restart, NULL};
    enum cf_rc rc = cf_runner_start(&updater->runner, argv, err);
    updater->running = rc == CF_OK ? RESTARTING : IDLE;
    updater->goes_down_by.us = cf_env_mono(updater->env).us + GOES_DOWN_WITHIN_S * CF_US_PER_S;
    return rc;
}

/* It runs what it ran: the shop goes on selling, and the centre is told. */
static enum cf_rc give_up_restart(struct cf_updater *updater, struct cf_error *err)
{
    updater->running = IDLE;
    updater->flagged = false;
    cf_restart_flag_clear(updater->config.dir);
    return keep_kind(updater, CF_UPDATE_NOT_NOW, err);
}

static enum cf_rc look(struct cf_updater *updater, struct cf_error *err)
{
    const char *const argv[] = {updater->config.health, "health", "--dir", updater->config.dir, NULL};
    if (cf_env_mono(updater->env).us < updater->look_at.us) {
        return CF_OK;
    }
    updater->look_at.us = cf_env_mono(updater->env).us + LOOK_EVERY_S * CF_US_PER_S;
    enum cf_rc rc = cf_runner_start(&updater->runner, argv, err);
    updater->running = rc == CF_OK ? LOOKING : IDLE;
    return rc;
}

/* What the program that was started came to. */
static enum cf_rc ended(struct cf_updater *updater, bool good, struct cf_error *err)
{
    switch (updater->running) {
    case IDLE:
        return CF_OK;
    case INSTALLING:
        updater->running = IDLE;
        return keep_kind(updater, good ? CF_UPDATE_IN_PLACE : CF_UPDATE_NOT_PLACED, err);
    case SWITCHING:
        return good ? restart(updater, err) : give_up_restart(updater, err);
    case RESTARTING:
        return good ? CF_OK : give_up_restart(updater, err);
    case LOOKING:
        updater->running = IDLE;
        return good ? keep_kind(updater, CF_UPDATE_HEALTHY, err) : CF_OK;
    }
    return CF_OK;
}

/* --- one piece of work -------------------------------------------------------------------------------------------- */

static enum cf_rc act(struct cf_updater *updater, const struct cf_env *env, struct cf_replica *replica,
                      struct cf_journal *journal, bool *ret_soon, struct cf_error *err)
{
    switch (cf_update_next(&updater->update, &updater->facts)) {
    case CF_UPDATE_REST:
        (void)unlink(updater->bundle);
        return CF_OK;
    case CF_UPDATE_FETCH:
        return fetch(updater, env, ret_soon, err);
    case CF_UPDATE_VERIFY:
        *ret_soon = true;
        return verify(updater, err);
    case CF_UPDATE_INSTALL:
        return install(updater, err);
    case CF_UPDATE_AWAIT:
        return await(updater, replica, journal, ret_soon, err);
    case CF_UPDATE_RESTART:
        return switch_slots(updater, err);
    case CF_UPDATE_LOOK:
        return look(updater, err);
    }
    return CF_OK;
}

enum cf_rc cf_updater_work(struct cf_updater *updater, const struct cf_env *env, struct cf_replica *replica,
                           struct cf_journal *journal, bool *ret_soon, struct cf_error *err)
{
    struct cf_update_event ordered = {.kind = CF_UPDATE_ORDERED, .facts = &updater->facts};
    struct cf_update_order order;
    *ret_soon = false;
    enum cf_runner_state runner = cf_runner_look(&updater->runner);
    if (runner == CF_RUNNER_RUNS) {
        return CF_OK;
    }
    enum cf_rc rc = runner == CF_RUNNER_NONE ? CF_OK : ended(updater, runner == CF_RUNNER_GOOD, err);
    if (rc == CF_OK && updater->running == RESTARTING) { /* it was told to go down, and goes, or never will */
        bool late = cf_env_mono(updater->env).us >= updater->goes_down_by.us;
        return late ? give_up_restart(updater, err) : CF_OK;
    }
    if (rc == CF_OK && updater->running != IDLE) {
        return CF_OK;
    }
    if (rc == CF_OK) {
        rc = cf_replica_update_order(replica, &order, err);
        ordered.order = &order;
    }
    if (rc == CF_OK) {
        rc = keep(updater, &ordered, err);
    }
    return rc == CF_OK ? act(updater, env, replica, journal, ret_soon, err) : rc;
}
