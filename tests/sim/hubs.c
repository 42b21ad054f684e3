/*
 * tests/sim/hubs.c - see hubs.h.
 */
#include "tests/sim/hubs.h"

#include <stdio.h>
#include <string.h>

#include "app/store/replica.h"
#include "sync/hub/hub.h"
#include "sync/hub/upward.h"
#include "sync/wire/hub.h"
#include "tests/sim/chance.h"
#include "tests/sim/check.h"

/* Not on the disk that is backed up and restored; a copied machine has a copy of it. */
static void incarnation_path(const struct node *node, char ret[SIM_PATH_MAX])
{
    (void)snprintf(ret, SIM_PATH_MAX, SIM_ROOT "m%u/hub.incarnation", node->machine);
}

void hubs_assign(struct world *world)
{
    char path[64], body[100];
    int status = 0;
    uint32_t store = world->store_id[sim_chance(world, world->scale.stores)];
    const struct node *node = &world->node[sim_chance(world, world->scale.tills)];
    (void)snprintf(path, sizeof path, "/v1/stores/%u/hub", store);
    if (node->store != store) {
        if (!sim_percent(world, 15))
            return;
        json_decref(central_call(world, "DELETE", path, NULL, &status));
        sim_log(world, "store %u has no hub any more: %d", store, status);
    } else {
        (void)snprintf(body, sizeof body, "{\"terminal\":%u,\"host\":\"10.0.0.%u\",\"port\":7443}", node->terminal,
                       1 + node->number % 250);
        json_decref(central_call(world, "POST", path, body, &status));
        sim_log(world, "till %u becomes the hub of store %u: %d", node->number, store, status);
    }
    world->count.hubs++;
}

void hubs_end(struct node *node, bool in_call)
{
    uint32_t before = files_run_as(0);
    if (!in_call)
        cf_hub_close(node->hub);
    node->hub = NULL;
    files_run_as(before);
}

static void begin(struct node *node, uint32_t hub_epoch)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    char incarnation[SIM_PATH_MAX];
    incarnation_path(node, incarnation);
    struct cf_hub_config config = {
        .env = &node->env,
        .dir = node->dir,
        .incarnation_path = incarnation,
        .store = node->store,
        .terminal = node->terminal,
        .epoch = node->epoch,
        .hub_epoch = hub_epoch,
        .sign_key = node->key,
    };
    uint32_t before = files_run_as(node_process(node, NODE_HUB));
    enum cf_rc rc = cf_hub_open(&config, &node->hub, &err);
    files_run_as(before);
    node->hub_epoch = hub_epoch;
    sim_log(world, "till %u: hub %u begins: %s", node->number, hub_epoch, cf_rc_name(rc));
    /* A power cut may take the newest page of the replica, so that it names an assignment that hub.db knows is over:
     * the hub stays down until the next sync. */
    bool is_behind = rc == CF_E_HUB_EPOCH;
    if (rc != CF_OK && rc != CF_E_HUB_FENCED && rc != CF_E_REPLICA_NONE && !is_behind)
        sim_violation(world, "a hub opens", "till %u: %s: %s", node->number, cf_rc_name(rc), err.detail);
    if (rc == CF_E_HUB_FENCED && !node->copied && !node->replaced) /* whose epoch is over ends its role, too */
        check_hub_is_over(node, hub_epoch);
}

static enum cf_rc tidy(struct node *node, struct cf_hub_store *store, struct cf_error *err)
{
    struct cf_replica *replica = NULL;
    enum cf_rc rc = cf_replica_open(node->dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_OK)
        rc = cf_hub_tidy(store, replica, &node->env, true, err);
    cf_replica_close(replica);
    return rc;
}

/* Of members who are to be forgotten. */
static enum cf_rc forget(struct node *node, struct cf_hub_store *store, struct cf_error *err)
{
    struct cf_replica *replica = NULL;
    uint64_t n = 0;
    enum cf_rc rc = cf_replica_open(node->dir, CF_REPLICA_READ, &replica, NULL, err);
    if (rc == CF_OK)
        rc = cf_hub_forget(store, replica, &n, err);
    cf_replica_close(replica);
    return rc;
}

static void bring_up(struct node *node, void *ctx)
{
    struct world *world = node->world;
    struct cf_hub_store *store = NULL;
    struct cf_hub_relayed relayed = {0};
    struct cf_error err = {.rc = CF_OK};
    (void)ctx;
    enum cf_rc rc = cf_hub_store_open(node->dir, &store, &err);
    if (rc == CF_OK)
        rc = cf_hub_relay(store, &node->env, (cf_wall){INT64_MAX}, &relayed, &err);
    if (rc == CF_OK)
        rc = forget(node, store, &err);
    if (rc == CF_OK)
        rc = cf_hub_tell_centre(store, &node->env, node->key, &err);
    cf_hub_store_close(store);
    sim_log(world, "till %u: its hub brings %llu batches up: %s", node->number, (unsigned long long)relayed.batches,
            cf_rc_name(rc));
    world->count.relayed += (unsigned)relayed.batches;
    bool link = rc == CF_E_LINK_DOWN || rc == CF_E_TIMEOUT || rc == CF_E_FENCED || rc == CF_E_FORK;
    if (rc != CF_OK && !link && !(rc == CF_E_HUB_FENCED))
        sim_violation(world, "a hub's sync works", "till %u: %s: %s", node->number, cf_rc_name(rc), err.detail);
    if (rc == CF_E_HUB_FENCED)
        hubs_end(node, false);
}

static void note_heard(struct node *node, void *ctx)
{
    struct cf_hub_store *store = NULL;
    struct cf_error err = {.rc = CF_OK};
    (void)ctx;
    enum cf_rc rc = cf_hub_store_open(node->dir, &store, &err);
    if (rc == CF_OK)
        rc = cf_hub_store_set_heard(store, node->hub_epoch, &err);
    if (rc == CF_OK)
        rc = tidy(node, store, &err);
    cf_hub_store_close(store);
    if (rc != CF_OK)
        sim_violation(node->world, "a hub's sync works", "till %u: %s: %s", node->number, cf_rc_name(rc), err.detail);
}

struct hub_cycle {
    bool centre;
    enum cf_rc rc;
};

/* Refusals, silence and being set apart are the business of it; anything broken is not. */
static void cycle(struct node *node, void *ctx)
{
    struct world *world = node->world;
    const struct hub_cycle *how = ctx;
    struct cf_hub_sync_report report;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_hub_sync_session_cycle(node->hub_sync, how->centre, &report, &err);
    if (!report.has_hub && rc == CF_OK)
        return;
    sim_log(world, "till %u syncs with its hub: %s, pushed %llu, took %llu, %llu sub-leases", node->number,
            cf_rc_name(rc), (unsigned long long)report.pushed, (unsigned long long)report.entries,
            (unsigned long long)report.granted);
    world->count.hub_pushed += (unsigned)report.pushed;
    world->count.subleases += (unsigned)report.granted;
    /* A till that is wrong about the time, or lacks the newest keys, doubts what a hub has kept for it. */
    bool link = rc == CF_E_LINK_DOWN || rc == CF_E_TIMEOUT || rc == CF_E_PAGE;
    if (rc != CF_OK && !link && cf_rc_class(rc) == CF_CLASS_BROKEN && !node->copied && !node->replaced)
        sim_violation(world, "a till's sync with its hub works", "till %u: %s: %s", node->number, cf_rc_name(rc),
                      err.detail);
}

void hubs_sync(struct node *node, bool centre)
{
    struct hub_cycle how = {.centre = centre};
    if (node->sync && node->world->count.hubs > 0)
        (void)node_run(node, NODE_SYNC, cycle, &how);
}

void hubs_heard(struct node *node)
{
    (void)node_run(node, NODE_SYNC, note_heard, NULL);
}

static void keep_pages(struct node *node)
{
    struct cf_error err = {.rc = CF_OK};
    uint32_t before = files_run_as(node_process(node, NODE_SYNC));
    if (node->hub && !node->hub_pages && cf_hub_store_open(node->dir, &node->hub_pages, &err) != CF_OK)
        sim_violation(node->world, "a hub's sync works", "till %u: %s: %s", node->number, cf_rc_name(err.rc),
                      err.detail);
    files_run_as(before);
    cf_link_keep_pages(node->link, node->hub ? node->hub_pages : NULL);
}

void hubs_tick(struct node *node)
{
    struct world *world = node->world;
    struct cf_hub_entry entry = {.terminal = 0};
    struct cf_error err = {.rc = CF_OK};
    if (world->failed || !node->sync)
        return;
    uint32_t before = files_run_as(node_process(node, NODE_SYNC));
    enum cf_rc rc = cf_replica_hub(cf_link_replica(node->link), &entry, &err); /* as app/syncd asks its session */
    files_run_as(before);
    bool mine = rc == CF_OK && entry.terminal == node->terminal && entry.terminal_epoch == node->epoch;
    if (node->hub && (!mine || node->hub_epoch != entry.hub_epoch))
        hubs_end(node, false);
    if (mine && !node->hub && !(node->hub_over && node->hub_epoch == entry.hub_epoch)) {
        begin(node, entry.hub_epoch);
        node->hub_over = !node->hub;
    }
    if (node->hub)
        (void)node_run(node, NODE_SYNC, bring_up, NULL);
    if (node->sync)
        keep_pages(node);
}

/* --- the store's network ------------------------------------------------------------------------------------------ */

/* Whom the till reaches: one whose certificate is that of the hub of this epoch, by chance if a copy of it runs too. */
static struct node *find_hub(struct node *node, uint32_t hub_epoch)
{
    struct world *world = node->world;
    struct node *found = NULL;
    for (unsigned k = 0; k < world->n_nodes; k++) {
        struct node *other = &world->node[k];
        if (!other->hub || other->store != node->store || (hub_epoch && other->hub_epoch != hub_epoch))
            continue;
        if (!found || sim_percent(world, 50))
            found = other;
    }
    return found;
}

static bool handle(struct node *hub, const struct node *from, const struct cf_net_request *request)
{
    struct world *world = hub->world;
    struct cf_hub_request ask = {.method = request->method,
                                 .path = request->path,
                                 .body = request->body,
                                 .terminal = from->terminal,
                                 .epoch = from->epoch};
    uint32_t before = files_run_as(node_process(hub, NODE_HUB));
    bool was_armed = hub->armed;
    hub->armed = false; /* if it is the asking machine: its processes do not die of what the hub does */
    struct node *was_serving = world->serving;
    world->serving = hub;
    world->hub_armed = sim_chance(world, 2000) < world->deaths_per_1000;
    world->hub_dies_in = (unsigned)sim_chance(world, 12);
    if (setjmp(world->hub_death) != 0) {
        files_kill(node_process(hub, NODE_HUB));
        hubs_end(hub, true);
        world->serving = was_serving;
        hub->armed = was_armed;
        files_run_as(before);
        sim_log(world, "till %u: its hub is killed", hub->number);
        return false;
    }
    cf_hub_handle(hub->hub, &ask, &world->hub_response);
    world->serving = was_serving;
    world->hub_armed = false;
    hub->armed = was_armed;
    files_run_as(before);
    return true;
}

static enum cf_rc lost(struct node *node, struct cf_error *err)
{
    world_pass(node->world, 5 * SIM_S);
    node->world->count.lost++;
    return cf_fail(err, CF_E_TIMEOUT, "the hub does not answer");
}

enum cf_rc hubs_exchange(struct node *node, const struct cf_net_request *request, int *ret_status,
                         struct cf_buf *ret_body, struct cf_error *err)
{
    struct world *world = node->world;
    struct cf_hub_frame frame = {.hub_epoch = 0};
    (void)!cf_hub_frame_decode(request->body, &frame, NULL);
    struct node *hub = find_hub(node, frame.hub_epoch);
    world_pass(world, (int64_t)(1 + sim_chance(world, 20)) * CF_US_PER_MS);
    if (!hub || world->now_us < node->lan_cut_until_us || world->now_us < hub->lan_cut_until_us)
        return cf_fail(err, CF_E_LINK_DOWN, "the hub is not there");
    if (sim_percent(world, world->loss_percent / 2))
        return lost(node, err);
    world->count.hub_asks++;
    if (!handle(hub, node, request) || sim_percent(world, world->loss_percent / 2))
        return lost(node, err);
    if (hub->hub && sim_percent(world, world->loss_percent / 4)) { /* and arrives once more */
        struct cf_hub_response first = world->hub_response;
        cf_hub_response_init(&world->hub_response);
        (void)handle(hub, node, request);
        cf_hub_response_done(&world->hub_response);
        world->hub_response = first;
    }
    *ret_status = world->hub_response.status;
    return cf_buf_append(ret_body, world->hub_response.body.p, world->hub_response.body.n, err);
}
