/*
 * tests/sim/node.c - see node.h.
 */
#include "tests/sim/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/store/hub_store.h"
#include "app/store/replica.h"
#include "base/plant.h"
#include "tests/sim/chance.h"
#include "sync/wire/hub.h"
#include "tests/sim/hubs.h"
#include "tests/sim/network.h"
#include "tests/sim/world.h"

uint32_t node_process(const struct node *node, enum node_part part)
{
    return SIM_CENTRE_PROCESS + 1 + NODE_PARTS * node->number + (uint32_t)part;
}

/* --- its look at the world ---------------------------------------------------------------------------------------- */

void node_look(struct node *node)
{
    if (node->armed && node->dies_in-- == 0) {
        node->armed = false;
        longjmp(node->death, 1);
    }
}

static cf_wall node_wall(void *ctx)
{
    struct node *node = ctx;
    node_look(node);
    return (cf_wall){node->world->now_us + node->clock_off_us};
}

static cf_mono node_mono(void *ctx)
{
    struct node *node = ctx;
    node_look(node);
    return (cf_mono){node->world->now_us - node->booted_us + 20 * SIM_S};
}

static void node_boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    struct node *node = ctx;
    memset(ret_id, (int)(node->number & 0xff), CF_BOOT_ID_BYTES);
    cf_put_be32(ret_id, node->boot);
    cf_put_be32(ret_id + 4, node->number);
}

static void node_random(void *ctx, void *p, size_t n)
{
    struct node *node = ctx;
    node_look(node);
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)(chance_next(&node->world->chance) >> 32);
}

static enum cf_rc node_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                                struct cf_buf *ret_body, struct cf_error *err)
{
    struct node *node = ctx;
    node_look(node);
    bool lan = strncmp(request->path, CF_PATH_HUB, strlen(CF_PATH_HUB)) == 0;
    enum cf_rc rc = lan ? hubs_exchange(node, request, ret_status, ret_body, err)
                        : network_exchange(node, request, ret_status, ret_body, err);
    node_look(node);
    return rc;
}

static const struct cf_env_ops node_ops = {
    .wall_now = node_wall,
    .mono_now = node_mono,
    .boot_id = node_boot_id,
    .random = node_random,
    .net_exchange = node_exchange,
    .file_read = files_read,
    .file_replace = files_replace,
};

/* --- processes ---------------------------------------------------------------------------------------------------- */

static enum cf_rc open_till(struct node *node, struct cf_error *err)
{
    struct world *world = node->world;
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(node->key, scalar);
    struct cf_till_config till = {
        .dir = node->dir,
        .terminal = node->terminal,
        .epoch = node->epoch,
        .store = node->store,
        .label = "Till",
        .cashier = "Li Na",
        .roots = {world->roots[0], world->roots[1]},
        .sign_key = scalar,
        .ask_online = true,
        .ask_hub = true,
        .card = bank_port(node),
        .mobile = bank_port(node),
    };
    uint32_t before = files_run_as(node_process(node, NODE_TILL));
    enum cf_rc rc = cf_till_open(&till, &node->env, &node->till, err);
    files_run_as(before);
    return rc;
}

void node_open_till(struct node *node)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    if (node->till || world->failed)
        return;
    enum cf_rc rc = open_till(node, &err);
    world->count.opened++;
    node->waits_for_goods = rc == CF_E_REPLICA_NONE;
    if (rc == CF_E_REPLICA_NONE)
        sim_log(world, "till %u waits for its goods", node->number);
    else if (rc != CF_OK)
        sim_violation(world, "a till opens", "till %u: %s: %s", node->number, cf_rc_name(rc), err.detail);
    if (node->till && !node->copied && !node->replaced && cf_till_quarantine(node->till) != CF_QUARANTINE_NONE)
        sim_violation(world, "only copies are in quarantine", "till %u: %s", node->number,
                      cf_quarantine_text(cf_till_quarantine(node->till)));
    node->keyset = 0; /* it may be older than what is there by now */
    if (!node->till)
        return;
    truth_follow(node); /* a record may be of the moment of its death */
    node->starts++;
    node->mark_unsure = false;
}

static void open_sync(struct node *node)
{
    struct world *world = node->world;
    uint32_t before = files_run_as(node_process(node, NODE_SYNC));
    sim_must(world, cf_keyring_new(world->roots, &node->ring, &sim_err));
    if (!world->failed)
        sim_must(world, cf_link_new(node->dir, &node->env, &node->link, NULL, &sim_err));
    if (!world->failed)
        sim_must(world, cf_link_load_keys(node->link, node->ring, &sim_err));
    if (!world->failed) {
        struct cf_sync_config sync = {
            .env = &node->env,
            .terminal = node->terminal,
            .epoch = node->epoch,
            .store = node->store,
            .sign_key = node->key,
            .keyring = node->ring,
            .outbox = cf_link_outbox(node->link),
            .sink = cf_link_sink(node->link),
        };
        sim_must(world, cf_sync_new(&sync, &node->sync, &sim_err));
    }
    if (!world->failed) {
        node->identity = (struct cf_identity){.terminal = node->terminal,
                                              .epoch = node->epoch,
                                              .store = node->store,
                                              .roots = {world->roots[0], world->roots[1]},
                                              .sign_key = node->key};
        struct cf_hub_sync_config hub = {
            .env = &node->env, .dir = node->dir, .identity = &node->identity, .ring = node->ring, .link = node->link};
        sim_must(world, cf_hub_sync_session_new(&hub, &node->hub_sync, &sim_err));
    }
    files_run_as(before);
}

/* The till first: only it brings a journal of an older program, or one that a power cut left, up to date. */
void node_open(struct node *node)
{
    char journal[SIM_PATH_MAX + 16];
    node->env = (struct cf_env){&node_ops, node};
    (void)snprintf(journal, sizeof journal, "%s/journal.db", node->dir);
    if (!files_exists(journal))
        return;
    node_open_till(node);
    if (!node->sync && !node->world->failed)
        open_sync(node);
    if (!node->till && !node->waits_for_goods)
        node_open_till(node);
}

static void forget_till(struct node *node, bool close)
{
    uint32_t before = files_run_as(0);
    if (close)
        cf_till_close(node->till);
    node->till = NULL;
    files_run_as(before);
}

static void forget_sync(struct node *node, bool close)
{
    uint32_t before = files_run_as(0);
    if (close) {
        cf_hub_store_close(node->hub_pages);
        cf_hub_sync_session_free(node->hub_sync);
        cf_sync_free(node->sync);
        cf_link_free(node->link);
        cf_keyring_free(node->ring);
    }
    node->hub_pages = NULL;
    node->hub_sync = NULL;
    node->sync = NULL;
    node->link = NULL;
    node->ring = NULL;
    files_run_as(before);
}

void node_close(struct node *node)
{
    forget_till(node, true);
    forget_sync(node, true);
    hubs_end(node, false);
}

void node_set_clock(struct node *node, int64_t off_us)
{
    node->clock_off_us = off_us;
    node->clock_was_off |= off_us > SIM_DAY || off_us < -SIM_DAY;
}

/* `in_call`: it died in the middle of something, so its handles are left as they are. */
static void end(struct node *node, enum node_end how, bool in_call)
{
    static const char *const names[] = {"its till is killed", "its sync is killed", "its hub is killed", "reboots",
                                        "loses power"};
    struct world *world = node->world;
    bool till_called = in_call && node->in_till, sync_called = in_call && node->in_sync;
    if (till_called && how == NODE_KILL_SYNC)
        how = NODE_KILL_TILL;
    if (sync_called && how == NODE_KILL_TILL)
        how = NODE_KILL_SYNC;
    bool both = how == NODE_REBOOT || how == NODE_POWER_CUT || (till_called && sync_called);
    node->armed = node->in_till = node->in_sync = false;
    if (both || how == NODE_KILL_TILL) {
        files_kill(node_process(node, NODE_TILL));
        forget_till(node, !till_called);
    }
    if (both || how == NODE_KILL_SYNC) {
        files_kill(node_process(node, NODE_SYNC));
        forget_sync(node, !sync_called);
    }
    if (both || how == NODE_KILL_HUB) {
        files_kill(node_process(node, NODE_HUB));
        hubs_end(node, false);
    }
    world->count.crashes++;
    if (how == NODE_POWER_CUT) {
        files_cut(node->machine_dir, &world->chance);
        node->mark_unsure = true;
        world->count.cuts++;
    }
    if (how == NODE_REBOOT || how == NODE_POWER_CUT) {
        static const int64_t years[] = {0, 0, 0, 0, -10, 70, 10, 1, -1};
        node->boot++;
        node->booted_us = world->now_us;
        int64_t off = years[sim_chance(world, sizeof years / sizeof *years)] * 365 * SIM_DAY;
        node_set_clock(node, off + ((int64_t)sim_chance(world, 120) - 60) * SIM_S);
        world->count.reboots++;
    }
    sim_log(world, "till %u: %s, its clock is %lld s off", node->number, names[how],
            (long long)(node->clock_off_us / SIM_S));
}

void node_lose_replica(struct node *node)
{
    static const char *const names[] = {"replica.db", "replica.db-wal", "replica.db-shm"};
    for (size_t k = 0; k < 3; k++) {
        char path[2 * SIM_PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", node->dir, names[k]);
        files_remove(path);
    }
    sim_log(node->world, "till %u lost its replica", node->number);
}

void node_doubt_replica(struct node *node)
{
    char path[SIM_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/replica.suspect", node->dir);
    sim_must(node->world, files_replace(NULL, path, cf_bytes_str("row\n"), 0600, &sim_err));
    sim_log(node->world, "till %u met a row of its replica that is damaged", node->number);
}

void node_renew_sync(struct node *node)
{
    bool replaced = false, changed = false;
    if (!node->sync || node->world->failed)
        return;
    uint32_t before = files_run_as(node_process(node, NODE_SYNC));
    bool known = cf_replica_changed(cf_link_replica(node->link), &replaced, &changed, NULL) == CF_OK;
    files_run_as(before);
    if (!known || !replaced)
        return;
    forget_sync(node, true);
    open_sync(node);
}

void node_end(struct node *node, enum node_end how)
{
    end(node, how, false);
    node_open(node);
}

static void look_at_running(void *ctx)
{
    struct world *world = ctx;
    struct node *node = world->running;
    if (world->in_centre) {
        if (world->centre_armed && world->centre_dies_in-- == 0)
            longjmp(world->centre_death, 1);
    } else if (world->serving) {
        if (world->hub_armed && world->hub_dies_in-- == 0)
            longjmp(world->hub_death, 1);
    } else if (node) {
        node_look(node);
    }
}

bool node_run(struct node *node, enum node_part part, node_fn fn, void *ctx)
{
    struct world *world = node->world;
    if (world->failed || (part == NODE_SYNC ? !node->sync : !node->till))
        return false;
    if (!world->healing && sim_chance(world, 1000) < world->deaths_per_1000) {
        node->dies_in = (unsigned)sim_chance(world, sim_percent(world, 50) ? 8 : 60);
        node->armed = true;
    }
    files_watch(look_at_running, world);
    world->running = node;
    node->exchanges = 0;
    node->in_till = part == NODE_TILL;
    node->in_sync = part == NODE_SYNC;
    if (setjmp(node->death) != 0) {
        files_run_as(0);
        world->running = NULL;
        static const enum node_end how[] = {NODE_KILL_TILL, NODE_KILL_SYNC, NODE_REBOOT, NODE_POWER_CUT,
                                            NODE_POWER_CUT};
        end(node, how[sim_chance(world, 5)], true);
        node_open(node);
        return false;
    }
    files_run_as(node_process(node, part));
    fn(node, ctx);
    files_run_as(0);
    world->running = NULL;
    node->armed = node->in_till = node->in_sync = false;
    return true;
}

void node_interleave(struct node *node, node_fn fn)
{
    if (node->in_till || !node->till)
        return;
    node->in_till = true; /* once a cycle: it stays */
    uint32_t before = files_run_as(node_process(node, NODE_TILL));
    fn(node, NULL);
    files_run_as(before);
}

/* --- the disk ----------------------------------------------------------------------------------------------------- */

static void backup_dir(const struct node *node, char ret[SIM_PATH_MAX])
{
    (void)snprintf(ret, SIM_PATH_MAX, SIM_ROOT "backup%u/till", node->number);
}

void node_backup(struct node *node)
{
    char dir[SIM_PATH_MAX];
    backup_dir(node, dir);
    files_remove(dir);
    files_copy(node->dir, dir);
    node->has_backup = true;
    node->backup_seq = truth_history(node->world, node)->n;
    node->backup_epoch = node->epoch;
    node->backup_starts = node->starts;
    sim_log(node->world, "till %u is backed up at record %llu", node->number, (unsigned long long)node->backup_seq);
}

void node_restore(struct node *node)
{
    struct world *world = node->world;
    char dir[SIM_PATH_MAX];
    if (!node->has_backup || node->backup_epoch != node->epoch)
        return;
    if (node->mark_unsure && node->backup_starts == node->starts)
        return; /* nothing but the centre can tell it from the till that lost power: a gap that docs/store.md names */
    backup_dir(node, dir);
    end(node, NODE_REBOOT, false);
    files_remove(node->dir);
    files_copy(dir, node->dir);
    node->copied = true;
    node->parked = 0xf;
    truth_moved(node, node->backup_seq);
    world->count.restores++;
    sim_log(world, "till %u is restored to record %llu", node->number, (unsigned long long)node->backup_seq);
    node_open(node);
}

static void name_machine(struct node *node)
{
    node->machine = node->world->n_machines++;
    (void)snprintf(node->machine_dir, sizeof node->machine_dir, SIM_ROOT "m%u/", node->machine);
    (void)snprintf(node->dir, sizeof node->dir, SIM_ROOT "m%u/till", node->machine);
}

struct node *node_copy(struct node *node)
{
    struct world *world = node->world;
    if (world->n_nodes == world->nodes_max)
        return NULL;
    uint64_t seq = truth_history(world, node)->n;
    truth_allow_copy(node);
    struct node *twin = &world->node[world->n_nodes];
    *twin = (struct node){
        .world = world,
        .number = world->n_nodes,
        .terminal = node->terminal,
        .epoch = node->epoch,
        .store = node->store,
        .boot = 1,
        .booted_us = world->now_us,
        .clock_off_us = node->clock_off_us,
        .clock_was_off = node->clock_was_off,
        .parked = node->parked,
        .copied = true,
    };
    world->n_nodes++;
    name_machine(twin);
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(node->key, scalar);
    sim_must(world, cf_private_key_load(scalar, &twin->key, &sim_err));
    char machine[2][SIM_PATH_MAX]; /* all of it, with what stands outside of the till's folder */
    (void)snprintf(machine[0], SIM_PATH_MAX, SIM_ROOT "m%u", node->machine);
    (void)snprintf(machine[1], SIM_PATH_MAX, SIM_ROOT "m%u", twin->machine);
    files_copy(machine[0], machine[1]);
    node->copied = true;
    truth_copy(twin, node, seq);
    world->count.copies++;
    sim_log(world, "till %u is copied: till %u", node->number, twin->number);
    node_open(twin);
    return twin;
}

void node_replace(struct node *node)
{
    struct world *world = node->world;
    if (world->n_nodes == world->nodes_max)
        return;
    end(node, NODE_REBOOT, false);
    struct node *old = &world->node[world->n_nodes];
    *old = *node;
    old->number = world->n_nodes++;
    old->replaced = true;
    old->has_backup = false;
    name_machine(node);
    node->has_backup = node->copied = node->stolen = false;
    node->parked = 0;
    node->cut_until_us = node->deaf_until_us = 0;
    sim_log(world, "till %u is given up for lost (till %u)", node->number, old->number);
    node_enrol_again(node);
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(old->key, scalar);
    sim_must(world, cf_private_key_load(scalar, &old->key, &sim_err));
    node_open(old);
}

void node_enrol_again(struct node *node)
{
    struct world *world = node->world;
    bool new_disk = sim_percent(world, 40) || CF_PLANTED(reenrol_same_epoch);
    end(node, NODE_REBOOT, false);
    if (new_disk)
        files_remove(node->dir);
    central_enrol(world, node);
    struct cf_journal_identity identity = {.terminal = node->terminal, .epoch = node->epoch, .store = node->store};
    cf_replica_discard(node->dir);
    sim_must(world, cf_journal_create(node->dir, &identity, &node->env, &sim_err));
    struct cf_incarnation_file *mark = NULL;
    sim_must(world, cf_incarnation_file_new(node->dir, &node->env, &mark, &sim_err));
    if (mark)
        cf_incarnation_file_forget(mark);
    cf_incarnation_file_free(mark);
    node->copied = node->stolen = false;
    node->parked = 0;
    truth_moved(node, 0);
    world->count.enrolled++;
    sim_log(world, "till %u is enrolled again, epoch %u%s", node->number, node->epoch,
            new_disk ? ", on a new disk" : "");
    node_open(node);
}
