/*
 * tests/sim/network.c - see network.h. The harness's own bugs (enum sim_bug) that concern the centre are made here, in
 * front of it.
 */
#include "tests/sim/network.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/wire/redeem.h"
#include "sync/wire/wire.h"

static void handle(struct node *node, const char *method, const char *path, cf_bytes body)
{
    struct world *world = node->world;
    struct cf_central_request request = {
        .port = CF_PORT_TERMINALS,
        .method = method,
        .path = path,
        .body = body,
        .has_terminal = true, /* what the client certificate says */
        .terminal = node->terminal,
        .epoch = node->epoch,
    };
    cf_central_handle(world->central, &request, &world->response);
}

/* --- bugs of a centre that we do not have
 * -----------------------------------------------------------------------------
 */

/* Takes the batch, answers, and then the disk has none of it. */
static void handle_and_lose(struct node *node, const struct cf_net_request *request)
{
    struct world *world = node->world;
    char centre[SIM_PATH_MAX + 16], before[SIM_PATH_MAX + 16];
    (void)snprintf(centre, sizeof centre, "%s/centre", world->dir);
    (void)snprintf(before, sizeof before, "%s/before", world->dir);
    central_stop(world); /* then all of it is in its files */
    sim_copy_folder(centre, before);
    central_start(world);
    handle(node, request->method, request->path, request->body);
    struct cf_buf answer = world->response.body;
    int status = world->response.status;
    cf_central_response_init(&world->response);
    central_stop(world);
    sim_remove_folder(centre);
    if (rename(before, centre) != 0)
        abort();
    central_start(world);
    cf_buf_done(&world->response.body);
    world->response.body = answer;
    world->response.status = status;
}

static struct cf_batch batch; /* too large for a stack */

/* Says "got it" to whatever it has a record of that number of. */
static bool answer_by_seq(struct node *node, const struct cf_net_request *request)
{
    struct world *world = node->world;
    if (cf_batch_decode(request->body, &batch, NULL) != CF_OK || batch.n_records == 0)
        return false;
    struct cf_answer answer = {.ack_seq = batch.first_seq + batch.n_records - 1, .ack_head = batch.head};
    uint64_t watermark = 0;
    sqlite3_stmt *get = NULL;
    sqlite3 *db = NULL;
    char path[SIM_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/centre/member.db", world->dir);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT seq FROM log WHERE terminal = ?1", -1, &get, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(get, 1, node->terminal);
        if (sqlite3_step(get) == SQLITE_ROW)
            watermark = (uint64_t)sqlite3_column_int64(get, 0);
    }
    sqlite3_finalize(get);
    sqlite3_close(db);
    if (answer.ack_seq > watermark)
        return false;
    uint8_t no_time[1] = {0x80};
    answer.time_statement = cf_bytes_of(no_time, 1);
    cf_buf_clear(&world->response.body);
    if (cf_answer_encode(&answer, &world->response.body, NULL) != CF_OK)
        abort();
    world->response.status = 200;
    return true;
}

/* Adds the points of a batch's sales, known records or not. */
static void add_points_again(struct node *node, const struct cf_net_request *request)
{
    struct world *world = node->world;
    struct cf_sale *sale = NULL;
    sqlite3_stmt *add = NULL;
    sqlite3 *db = NULL;
    char path[SIM_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/centre/member.db", world->dir);
    if (cf_batch_decode(request->body, &batch, NULL) != CF_OK || cf_sale_new(&sale, NULL) != CF_OK)
        return;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "UPDATE member SET points = points + ?1 WHERE sub = ?2", -1, &add, NULL) == SQLITE_OK)
        for (size_t i = 0; i < batch.n_records; i++)
            if (batch.records[i].type == CF_RECORD_SALE && cf_sale_decode(batch.records[i].body, sale, NULL) == CF_OK &&
                sale->has_member) {
                sqlite3_bind_int64(add, 1, sale->points);
                sqlite3_bind_int64(add, 2, (int64_t)cf_get_be64(sale->member.b));
                (void)sqlite3_step(add);
                (void)sqlite3_reset(add);
            }
    sqlite3_finalize(add);
    sqlite3_close(db);
    cf_sale_free(sale);
}

static void deliver(struct node *node, const struct cf_net_request *request)
{
    struct world *world = node->world;
    bool records = strcmp(request->path, CF_PATH_RECORDS) == 0;
    bool again = records && sim_percent(world, 30);
    if (world->bug == SIM_BUG_NOT_DURABLE && again) {
        handle_and_lose(node, request);
        return;
    }
    if (world->bug == SIM_BUG_SEQ_ONLY && records && answer_by_seq(node, request))
        return;
    if (world->bug == SIM_BUG_POINTS_TWICE && again)
        add_points_again(node, request);
    handle(node, request->method, request->path, request->body);
}

/* --- late and twice
 * ---------------------------------------------------------------------------------------------------
 */

static void keep_late(struct node *node, const struct cf_net_request *request, int64_t after_us)
{
    struct world *world = node->world;
    if (world->n_late == SIM_LATE_MAX)
        return;
    struct sim_late *late = &world->late[world->n_late++];
    *late = (struct sim_late){.at_us = world->now_us + after_us, .node = node->number, .body_n = request->body.n};
    (void)snprintf(late->method, sizeof late->method, "%s", request->method);
    (void)snprintf(late->path, sizeof late->path, "%s", request->path);
    late->body = malloc(request->body.n + 1);
    if (!late->body)
        abort();
    if (request->body.n)
        memcpy(late->body, request->body.p, request->body.n);
    world->count.late++;
}

void world_deliver(struct world *world, bool all)
{
    for (size_t i = 0; i < world->n_late;) {
        struct sim_late late = world->late[i];
        if (!all && late.at_us > world->now_us) {
            i++;
            continue;
        }
        world->late[i] = world->late[--world->n_late];
        struct node *node = &world->node[late.node];
        handle(node, late.method, late.path, cf_bytes_of(late.body, late.body_n));
        sim_log(world, "late: %s %s of till %u: %d", late.method, late.path[4] == 'c' ? "chunk" : late.path, late.node,
                world->response.status);
        free(late.body);
    }
}

/* --- one exchange
 * ------------------------------------------------------------------------------------------------------
 */

static int64_t some_time(struct world *world)
{
    return (int64_t)sim_chance(world, 3) == 0 ? (int64_t)sim_chance(world, 3600) * SIM_S * 6
                                              : (int64_t)sim_chance(world, 60) * SIM_S;
}

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
    world_pass(world, (int64_t)(5 + sim_chance(world, 200)) * CF_US_PER_MS);
    if (world->now_us < node->cut_until_us)
        return cf_fail(err, CF_E_LINK_DOWN, "the link is cut");
    if (sim_percent(world, world->loss_percent)) {
        if (sim_percent(world, 40)) /* it is only slow: the sender gives up before it arrives */
            keep_late(node, request, some_time(world));
        return lost(node, err);
    }
    deliver(node, request);
    if (sim_percent(world, world->loss_percent / 2))
        keep_late(node, request, some_time(world)); /* and arrives once more */
    if (sim_percent(world, world->loss_percent))
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
