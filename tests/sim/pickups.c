/*
 * tests/sim/pickups.c - see pickups.h.
 */
#include "tests/sim/pickups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/actors.h"
#include "tests/sim/chance.h"
#include "tests/sim/check.h"

#define ON_PERCENT 60
#define ASKS_MAX 8
#define RECENT 12 /* orders that somebody still comes for */

static const char *const goods[] = {"6901234567892", "4006381333931", "5901234123457"};

void pickups_begin(struct world *world)
{
    uint64_t chance = chance_split(world->seed, 5);
    world->pickups.on = chance_next(&chance) % 100 < ON_PERCENT;
}

/* --- the online shop ---------------------------------------------------------------------------------------------- */

static void place(struct world *world)
{
    char body[600], home[80] = "";
    int status = 0;
    int64_t milli[PICKUP_LINES] = {1000 + 1000 * (int64_t)sim_chance(world, 3),
                                   1000 + 1000 * (int64_t)sim_chance(world, 2)};
    const struct node *node = &world->node[sim_chance(world, world->scale.tills)];
    bool ready = sim_percent(world, 80);
    if (sim_percent(world, 20))
        (void)snprintf(home, sizeof home, ",\"online_only\":true");
    else if (sim_percent(world, 40))
        (void)snprintf(home, sizeof home, ",\"terminal\":%u", node->terminal);
    (void)snprintf(
        body, sizeof body,
        "{\"request_id\":\"pick-up-%llx\",\"pick_up\":{\"store\":%u%s%s,\"expires\":\"2099-01-01T00:00:00Z\"},"
        "\"lines\":[{\"code\":\"%s\",\"qty_milli\":%lld},{\"code\":\"%s\",\"qty_milli\":%lld}]}",
        (unsigned long long)sim_chance(world, UINT64_MAX), node->store, home,
        ready ? ",\"ready_from\":\"2026-01-01T00:00:00Z\"" : "", goods[sim_chance(world, 3)], (long long)milli[0],
        goods[sim_chance(world, 3)], (long long)milli[1]);
    json_t *json = NULL;
    for (int n = 0; n < ASKS_MAX && (status == 0 || sim_percent(world, 15)); n++) {
        json_decref(json);
        json = shoppers_ask(world, "POST", "/v1/orders", body, &status);
    }
    struct pickups *pickups = &world->pickups;
    if (pickups->n == pickups->cap) {
        pickups->cap = pickups->cap ? 2 * pickups->cap : 64;
        pickups->pickup = realloc(pickups->pickup, pickups->cap * sizeof *pickups->pickup);
        if (!pickups->pickup)
            abort();
    }
    if (status == 201) {
        struct pickup *made = &pickups->pickup[pickups->n++];
        *made = (struct pickup){.number = (uint32_t)json_integer_value(json_object_get(json, "order")),
                                .store = node->store,
                                .home = (uint32_t)json_integer_value(json_object_get(json, "home")),
                                .ordered_milli = {milli[0], milli[1]}};
        const char *code = json_string_value(json_object_get(json, "code"));
        (void)snprintf(made->text, sizeof made->text, "%s", code ? code : "");
        sim_log(world, "order %u is to be picked up in store %u%s", made->number, made->store, home);
    } else if (status / 100 != 4 && status != 0) {
        sim_violation(world, "refusals are of the business", "placing an order: %d", status);
    }
    json_decref(json);
}

/* Ready, cancelled, or moved; the newest code is what the shopper has on the phone. */
static void change(struct world *world, struct pickup *of)
{
    static const char *const what[] = {"ready", "ready", "cancel", "move"};
    char path[80], body[60] = "{}";
    int status = 0;
    unsigned k = (unsigned)sim_chance(world, sizeof what / sizeof *what);
    if (k == 3)
        (void)snprintf(body, sizeof body, "{\"store\":%u}", world->store_id[sim_chance(world, world->scale.stores)]);
    (void)snprintf(path, sizeof path, "/v1/orders/%u/%s", of->number, what[k]);
    json_t *json = NULL;
    for (int n = 0; n < ASKS_MAX && status == 0; n++) {
        json_decref(json);
        json = shoppers_ask(world, "POST", path, body, &status);
    }
    const char *code = json_string_value(json_object_get(json, "code"));
    sim_log(world, "order %u: %s: %d", of->number, what[k], status);
    if (code && sim_percent(world, 50))
        (void)snprintf(of->text, sizeof of->text, "%s", code);
    if (status / 100 == 5)
        sim_violation(world, "refusals are of the business", "%s was answered %d", path, status);
    json_decref(json);
}

static struct pickup *any(struct world *world)
{
    size_t n = world->pickups.n, recent = RECENT < n ? RECENT : n;
    return n > 0 ? &world->pickups.pickup[n - 1 - sim_chance(world, recent)] : NULL;
}

void pickups_shop(struct world *world)
{
    struct pickup *of = world->pickups.on ? any(world) : NULL;
    if (!world->pickups.on)
        return;
    if (!of || sim_percent(world, 60))
        place(world);
    else
        change(world, of);
}

/* --- a shopper ---------------------------------------------------------------------------------------------------- */

static void hand_out(struct node *node, void *ctx)
{
    struct world *world = node->world;
    const struct pickup *of = ctx;
    struct cf_error err = {.rc = CF_OK};
    struct cf_taken_line part = {.line_no = 1, .qty_milli = 1000};
    bool all = sim_percent(world, 65);
    struct cf_till_handed_out out;
    enum cf_rc rc = cf_till_scan(node->till, cf_bytes_str(of->text), NULL, &err);
    if (rc == CF_OK)
        rc = cf_till_hand_out(node->till, all ? NULL : &part, all ? 0 : 1, &out, &err);
    sim_log(world, "till %u hands out %sorder %u: %s", node->number, all ? "" : "a part of ", of->number,
            cf_rc_name(rc));
    if (rc == CF_OK)
        sim_must(world, cf_till_printed(node->till, out.at.seq, CF_PRINT_DONE, &sim_err));
    else if (cf_rc_class(rc) == CF_CLASS_BROKEN)
        sim_violation(world, "refusals are of the business", "till %u: order %u: %s: %s", node->number, of->number,
                      cf_rc_name(rc), err.detail);
    world->count.handed_out += rc == CF_OK;
}

/* Most read what they were sent, and go where the goods are. */
static struct node *right_place(struct node *node, const struct pickup *of)
{
    struct world *world = node->world;
    struct node *found = node;
    for (unsigned k = 0; k < world->scale.tills; k++)
        if (world->node[k].terminal == of->home)
            return &world->node[k];
    for (unsigned k = 0, n = 1; k < world->scale.tills; k++)
        if (world->node[k].store == of->store && sim_chance(world, n++) == 0)
            found = &world->node[k];
    return found;
}

void pickups_fetch(struct node *node)
{
    struct world *world = node->world;
    const struct pickup *found = world->pickups.on ? any(world) : NULL;
    if (!found || !found->text[0])
        return;
    struct pickup of = *found;
    if (sim_percent(world, 70))
        node = right_place(node, &of);
    unsigned tries = 1 + (unsigned)sim_chance(world, 3);
    for (unsigned n = 0; n < tries && !world->failed; n++) {
        (void)node_run(node, NODE_TILL, hand_out, &of);
        truth_follow(node);
        node = &world->node[sim_chance(world, world->n_nodes)];
    }
}

/* --- what committed records say ----------------------------------------------------------------------------------- */

/* Nobody waits for a till of a hub's store that was enrolled again before it told what it had handed out
 * (docs/orders.md, What remains). */
static bool may_be_twice(const struct world *world)
{
    return world->truth.copies > 0 || (world->count.hubs > 0 && world->count.enrolled > 0);
}

void pickups_saw(struct node *node, const struct cf_pick_up *taken)
{
    struct world *world = node->world;
    struct pickup *of = NULL;
    for (size_t k = 0; k < world->pickups.n; k++)
        if (world->pickups.pickup[k].number == taken->claim.order)
            of = &world->pickups.pickup[k];
    if (!of) { /* whose answer was lost for good */
        sim_violation(world, "13: an order is handed out once", "till %u handed out order %u, which nobody placed",
                      node->number, taken->claim.order);
        return;
    }
    if (of->n_taken > 0 && taken->claim.generation <= of->last_one && !may_be_twice(world))
        sim_violation(world, "13: an order is handed out once", "till %u handed out generation %u of order %u again",
                      node->number, taken->claim.generation, of->number);
    of->last_one = taken->claim.generation;
    of->n_taken++;
    /* A later generation has the lines that were left, in their order. */
    size_t at[PICKUP_LINES], n = 0;
    for (size_t k = 0; k < PICKUP_LINES; k++)
        if (of->taken_milli[k] < of->ordered_milli[k])
            at[n++] = k;
    for (size_t k = 0; k < taken->n_lines; k++) {
        size_t line = taken->lines[k].line_no - 1;
        if (line >= n || of->taken_milli[at[line]] + taken->lines[k].qty_milli > of->ordered_milli[at[line]]) {
            if (!may_be_twice(world))
                sim_violation(world, "13: never more than was ordered", "till %u handed out too much of order %u",
                              node->number, of->number);
            return;
        }
        of->taken_milli[at[line]] += taken->lines[k].qty_milli;
    }
}

void pickups_check(struct world *world)
{
    bool all_told = world->truth.copies == 0 && world->count.restores == 0 && world->count.enrolled == 0;
    for (size_t k = 0; k < world->pickups.n && all_told && !world->failed; k++) {
        const struct pickup *of = &world->pickups.pickup[k];
        bool whole = true;
        for (size_t i = 0; i < PICKUP_LINES; i++)
            whole = whole && of->taken_milli[i] == of->ordered_milli[i];
        check_order(world, of->number, of->n_taken, whole);
    }
}
