/*
 * tests/sim/network.c - see network.h.
 */
#include "tests/sim/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/wire/hub.h"
#include "sync/wire/redeem.h"
#include "sync/wire/wire.h"
#include "tests/sim/actors.h"
#include "tests/sim/check.h"

#define EXCHANGES_MAX 5000 /* of one run of a process */

/* As the client certificate says who it is. False: the centre died over it. */
static bool handle(struct world *world, uint32_t terminal, uint32_t epoch, const char *method, const char *path,
                   cf_bytes body)
{
    struct cf_central_request request = {
        .port = CF_PORT_TERMINALS,
        .method = method,
        .path = path,
        .body = body,
        .has_terminal = true,
        .terminal = terminal,
        .epoch = epoch,
    };
    if (!central_handle(world, &request))
        return false;
    struct cf_refusal refusal;
    if (world->response.status != 200 &&
        cf_refusal_decode(cf_buf_bytes(&world->response.body), &refusal, NULL) == CF_OK && refusal.rc == CF_E_FORK) {
        static struct cf_batch relayed; /* too large for a stack */
        if (strcmp(path, CF_PATH_RELAY) == 0 && cf_batch_decode(body, &relayed, NULL) == CF_OK) {
            terminal = relayed.terminal;
            epoch = relayed.epoch;
        }
        check_fork_is_fenced(world, terminal, epoch);
    }
    return true;
}

/* --- late and twice ----------------------------------------------------------------------------------------------- */

static struct sim_late copy_of(const struct node *node, const struct cf_net_request *request)
{
    struct sim_late copy = {.terminal = node->terminal,
                            .epoch = node->epoch,
                            .node = node->number,
                            .body = malloc(request->body.n + 1),
                            .body_n = request->body.n};
    if (!copy.body)
        abort();
    (void)snprintf(copy.method, sizeof copy.method, "%s", request->method);
    (void)snprintf(copy.path, sizeof copy.path, "%s", request->path);
    if (request->body.n)
        memcpy(copy.body, request->body.p, request->body.n);
    return copy;
}

static void capture(struct node *node, const struct cf_net_request *request)
{
    struct world *world = node->world;
    size_t k = world->n_captured < SIM_CAPTURED_MAX ? world->n_captured++ : sim_chance(world, SIM_CAPTURED_MAX);
    free(world->captured[k].body);
    world->captured[k] = copy_of(node, request);
}

void network_replay(struct world *world)
{
    if (world->n_captured == 0)
        return;
    const struct sim_late *sent = &world->captured[sim_chance(world, world->n_captured)];
    const struct node *other = &world->node[sim_chance(world, world->n_nodes)];
    bool as_other = sim_percent(world, 40);
    bool answered = handle(world, as_other ? other->terminal : sent->terminal, as_other ? other->epoch : sent->epoch,
                           sent->method, sent->path, cf_bytes_of(sent->body, sent->body_n));
    sim_log(world, "a thief sends %s of till %u again, as till %u: %d", sent->path[4] == 'c' ? "a chunk" : sent->path,
            sent->node, as_other ? other->number : sent->node, answered ? world->response.status : 0);
}

static void keep_late(struct node *node, const struct cf_net_request *request)
{
    struct world *world = node->world;
    int64_t after_us = sim_chance(world, 3) == 0 ? (int64_t)sim_chance(world, 3600) * SIM_S * 6
                                                 : (int64_t)sim_chance(world, 60) * SIM_S;
    if (world->n_late == SIM_LATE_MAX)
        return;
    world->late[world->n_late] = copy_of(node, request);
    world->late[world->n_late++].at_us = world->now_us + after_us;
    world->count.late++;
}

void network_deliver_late(struct world *world, bool all)
{
    for (size_t i = 0; i < world->n_late;) {
        struct sim_late late = world->late[i];
        if (!all && late.at_us > world->now_us) {
            i++;
            continue;
        }
        world->late[i] = world->late[--world->n_late];
        bool answered =
            handle(world, late.terminal, late.epoch, late.method, late.path, cf_bytes_of(late.body, late.body_n));
        sim_log(world, "late: %s %s of till %u: %d", late.method, late.path[4] == 'c' ? "chunk" : late.path, late.node,
                answered ? world->response.status : 0);
        free(late.body);
    }
}

/* --- one exchange ------------------------------------------------------------------------------------------------- */

static enum cf_rc lost(struct node *node, struct cf_error *err)
{
    world_pass(node->world, 30 * SIM_S);
    node->world->count.lost++;
    return cf_fail(err, CF_E_TIMEOUT, "no answer");
}

enum cf_rc network_exchange(struct node *node, const struct cf_net_request *request, int *ret_status,
                            struct cf_buf *ret_body, struct cf_error *err)
{
    struct world *world = node->world;
    if (++node->exchanges > EXCHANGES_MAX) {
        sim_violation(world, "9: a sync ends", "till %u asks without end: %s", node->number, request->path);
        return cf_fail(err, CF_E_LINK_DOWN, "no end");
    }
    world_pass(world, (int64_t)(5 + sim_chance(world, 200)) * CF_US_PER_MS);
    if (world->now_us < node->cut_until_us)
        return cf_fail(err, CF_E_LINK_DOWN, "the link is cut");
    if (sim_percent(world, world->loss_percent)) {
        if (sim_percent(world, 40)) /* it is only slow: the sender gives up before it arrives */
            keep_late(node, request);
        return lost(node, err);
    }
    if (sim_percent(world, 5))
        capture(node, request);
    if (!handle(world, node->terminal, node->epoch, request->method, request->path, request->body))
        return lost(node, err);
    if (sim_percent(world, world->loss_percent / 2))
        keep_late(node, request); /* and arrives once more */
    if (sim_percent(world, world->loss_percent) || world->now_us < node->deaf_until_us)
        return lost(node, err);
    int status = world->response.status;
    enum cf_rc rc = cf_buf_append(ret_body, world->response.body.p, world->response.body.n, err);
    if (rc != CF_OK)
        return rc;
    *ret_status = status;
    if (strcmp(request->path, CF_PATH_REDEEM) != 0)
        actors_interleave(node);
    return CF_OK;
}
