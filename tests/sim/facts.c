/*
 * tests/sim/facts.c - see facts.h.
 */
#include "tests/sim/facts.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/chance.h"
#include "tests/sim/world.h"

#define ON_PERCENT 50

static void say(struct world *world, struct sim_member *member)
{
    char path[80];
    int status = 0;
    (void)snprintf(path, sizeof path, "/v1/members/%s/facts", member->sub_text);
    json_t *json = central_call(world, "POST", path, "{\"birthday\":\"11-23\",\"segments\":[7]}", &status);
    const char *card = json_string_value(json_object_get(json, "card"));
    if (status != 200 || !card || cf_code_decode_text(cf_bytes_str(card), &member->card, NULL) != CF_OK)
        sim_violation(world, "works", "facts of a member: %d", status);
    member->has_facts = true;
    json_decref(json);
}

void facts_begin(struct world *world)
{
    static const char *const conditions[] = {"\"segments\":[7]", "\"segments\":[3,7],\"min_spend_minor\":2000",
                                             "\"birthday\":true,\"birthday_before_days\":1,\"birthday_after_days\":1"};
    char body[300];
    int status = 0;
    uint64_t chance = chance_split(world->seed, 7), before = world->chance;
    if (chance_next(&chance) % 100 >= ON_PERCENT)
        return;
    world->chance = chance;
    for (unsigned k = 1; k < world->n_members; k += 2)
        say(world, &world->member[k]);
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"Some\",\"policy\":\"automatic\",\"channels\":[\"store\"],"
                   "\"promotion\":{\"kind\":\"order_amount\",\"amount_minor\":40,%s}}",
                   conditions[sim_chance(world, sizeof conditions / sizeof *conditions)]);
    json_t *json = central_call(world, "POST", "/v1/campaigns", body, &status);
    world->for_some = (uint32_t)json_integer_value(json_object_get(json, "campaign"));
    if (status != 201)
        sim_violation(world, "works", "a campaign for some members: %d", status);
    json_decref(json);
    world->chance = before;
}

void facts_saw_sale(struct node *node, const struct cf_sale *sale)
{
    struct world *world = node->world;
    bool given = false;
    for (size_t k = 0; k < sale->n_discounts && world->for_some; k++)
        given = given || sale->discounts[k].campaign == world->for_some;
    if (!given)
        return;
    for (unsigned k = 0; k < world->n_members; k++)
        if (sale->has_member && cf_sub_equal(sale->member, world->member[k].sub) && world->member[k].has_facts) {
            world->count.for_some++;
            return;
        }
    sim_violation(world, "15: what is for some is given to them", "till %u gave campaign %u to somebody else",
                  node->number, world->for_some);
}
