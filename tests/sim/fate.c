/*
 * tests/sim/fate.c - what happens to machines and links; see actors.h.
 */
#include "tests/sim/actors.h"

static void cut(struct node *node, int64_t hours, bool one_way)
{
    struct world *world = node->world;
    int64_t until_us = world->now_us + hours * SIM_HOUR + SIM_MIN;
    if (one_way)
        node->deaf_until_us = until_us;
    else
        node->cut_until_us = until_us;
}

void fate_cut(struct world *world, struct node *node)
{
    if (world->now_us < node->cut_until_us && sim_percent(world, 40)) {
        node->cut_until_us = node->deaf_until_us = 0;
        sim_log(world, "till %u has a link again", node->number);
        return;
    }
    int64_t hours = (int64_t)sim_chance(world, sim_percent(world, 20) ? 72 : 8);
    bool one_way = sim_percent(world, 20), store = sim_percent(world, 30);
    for (unsigned k = 0; k < world->n_nodes; k++)
        if (k == node->number || (store && world->node[k].store == node->store))
            cut(&world->node[k], hours, one_way);
    sim_log(world, "%s %u is cut off for %lld h%s", store ? "store of till" : "till", node->number, (long long)hours,
            one_way ? ", answers only" : "");
}

/* Of one machine, or of whoever is the hub: then all of the store lose it. */
void fate_cut_lan(struct world *world, struct node *node)
{
    int64_t minutes = 1 + (int64_t)sim_chance(world, 600);
    node->lan_cut_until_us = world->now_us + minutes * SIM_MIN;
    sim_log(world, "till %u is cut off from its store's network for %lld min", node->number, (long long)minutes);
}

void fate_end(struct world *world, struct node *node)
{
    static const enum node_end how[] = {NODE_KILL_TILL, NODE_KILL_SYNC, NODE_KILL_HUB,
                                        NODE_REBOOT,    NODE_POWER_CUT, NODE_POWER_CUT};
    node_end(node, how[sim_chance(world, sizeof how / sizeof *how)]);
}

/* Somebody sets the clock of a running machine: the boot stays the same, the monotonic clock goes on. */
void fate_clock(struct node *node)
{
    struct world *world = node->world;
    int64_t s = (int64_t)sim_chance(world, 10) == 0
                    ? (int64_t)sim_chance(world, 20 * 365) * 86400 - 3650 * INT64_C(86400)
                    : (int64_t)sim_chance(world, 7200) - 3600;
    node_set_clock(node, node->clock_off_us + s * SIM_S);
    sim_log(world, "till %u: somebody sets its clock by %lld s", node->number, (long long)s);
}

void fate_centre(struct world *world)
{
    central_restart(world, sim_percent(world, 50));
}

/* Fresh keys, which sign at once, or when most tills have them, or never in this history. */
void fate_rotate(struct world *world)
{
    central_rotate(world, (int64_t)sim_chance(world, sim_percent(world, 30) ? 2 : 72) * 3600);
}

/* A technician enrols the terminal anew, after all was sent, or although it was not. */
void fate_enrol(struct node *node)
{
    struct world *world = node->world;
    if (node->number >= world->scale.tills)
        return; /* nobody knows that it is there */
    if (sim_percent(world, 40)) {
        node_replace(node);
        return;
    }
    if (sim_percent(world, 70))
        cashier_sync(node);
    if (!world->failed)
        node_enrol_again(node);
}
