/*
 * tests/sim/parking.c - see parking.h.
 */
#include "tests/sim/parking.h"

#include <stdio.h>

#include "tests/sim/actors.h"
#include "tests/sim/chance.h"

#define ON_PERCENT 70
#define APPLES 4
#define LIGHTEST INT64_C(10000) /* milli; nobody buys so many apples */
#define RECENT 6

void parking_begin(struct world *world)
{
    uint64_t chance = chance_split(world->seed, 6);
    world->parking.on = chance_next(&chance) % 100 < ON_PERCENT;
}

static bool may_be_twice(const struct world *world)
{
    return world->truth.copies > 0 || world->count.restores > 0;
}

static void must_be_business(struct node *node, const char *what, enum cf_rc rc, const struct cf_error *err)
{
    if (rc != CF_OK && cf_rc_class(rc) == CF_CLASS_BROKEN)
        sim_violation(node->world, "refusals are of the business", "till %u: %s: %s: %s", node->number, what,
                      cf_rc_name(rc), err->detail);
}

/* Which one the open sale is; NULL: none that was ever parked at a hub. */
static struct parked_sale *open_sale(struct node *node)
{
    struct cf_till_view view;
    cf_till_view(node->till, &view);
    for (size_t k = 0; k < cf_cart_count(view.cart); k++) {
        const struct cf_cart_line *line = cf_cart_at(view.cart, k);
        if (!line->voided && line->product == APPLES && line->qty_milli >= LIGHTEST)
            return &node->world->parking.sale[line->qty_milli - LIGHTEST];
    }
    return NULL;
}

static struct parked_sale *mark_open_sale(struct node *node)
{
    struct parking *parking = &node->world->parking;
    struct parked_sale *sale = open_sale(node);
    if (sale || parking->n == PARKING_MAX || cf_till_scan(node->till, cf_bytes_str("SKU-7"), NULL, &sim_err) != CF_OK ||
        cf_till_quantity(node->till, 0, LIGHTEST + parking->n, &sim_err) != CF_OK)
        return sale;
    return &parking->sale[parking->n++];
}

bool parking_park(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_handed handed = {.where = CF_TILL_PARKED_HERE};
    struct cf_error err = {.rc = CF_OK};
    char label[16];
    struct cf_till_view view;
    cf_till_view(node->till, &view);
    struct parked_sale *sale = view.state == CF_CHECKOUT_SELLING ? mark_open_sale(node) : NULL;
    if (!sale)
        return false;
    sale->label = world->parking.n_labels++;
    sale->where = PARKED_ANYWHERE; /* if it dies over it */
    (void)snprintf(label, sizeof label, "h%u", sale->label);
    enum cf_rc rc = cf_till_park_at_hub(node->till, label, &handed, &err);
    sim_log(world, "till %u parks %s at the hub: %s, %s", node->number, label, cf_rc_name(rc),
            handed.where == CF_TILL_PARKED_HERE     ? "it is here"
            : handed.where == CF_TILL_PARKED_AT_HUB ? "it is there"
                                                    : "in doubt");
    must_be_business(node, "parking at the hub", rc, &err);
    if (rc == CF_OK && handed.where == CF_TILL_PARKED_AT_HUB)
        sale->where = PARKED_AT_HUB;
    else if (rc != CF_OK || handed.where == CF_TILL_PARKED_HERE)
        *sale = (struct parked_sale){PARKED_AT_TILL, node->machine, sale->label};
    world->count.parked += rc == CF_OK && handed.where == CF_TILL_PARKED_AT_HUB;
    return true;
}

static enum cf_rc recall(struct node *node, const char *label)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    enum cf_rc rc = cf_till_recall(node->till, label, &err);
    sim_log(world, "till %u recalls %s: %s", node->number, label, cf_rc_name(rc));
    must_be_business(node, "recalling", rc, &err);
    struct parked_sale *sale = rc == CF_OK ? open_sale(node) : NULL;
    if (!sale)
        return rc;
    bool elsewhere = sale->where == PARKED_AT_TILL && sale->machine != node->machine;
    if ((elsewhere || sale->where == PARKED_SOLD) && !may_be_twice(world))
        sim_violation(world, "14: a parked sale is in one place", "till %u goes on with %s, which %s", node->number,
                      label, elsewhere ? "another till has" : "was sold");
    if (sale->where != PARKED_SOLD)
        *sale = (struct parked_sale){PARKED_AT_TILL, node->machine, sale->label};
    return rc;
}

void parking_recall(struct node *node)
{
    struct parking *parking = &node->world->parking;
    struct cf_till_view view;
    char label[16];
    cf_till_view(node->till, &view);
    if (parking->n == 0 || view.state != CF_CHECKOUT_IDLE)
        return;
    unsigned recent = parking->n < RECENT ? parking->n : RECENT;
    const struct parked_sale *sale = &parking->sale[parking->n - 1 - sim_chance(node->world, recent)];
    if (sale->where == PARKED_SOLD && sim_percent(node->world, 80))
        return;
    (void)snprintf(label, sizeof label, "h%u", sale->label);
    (void)recall(node, label);
}

void parking_finish(struct node *node)
{
    struct world *world = node->world;
    static struct cf_till_parked parked[CF_TILL_PARKED_MAX]; /* too large for a stack */
    size_t n = 0;
    bool hub = false;
    if (!world->parking.on || world->parking.n == 0)
        return;
    sim_must(world, cf_till_parked(node->till, parked, &n, &hub, &sim_err));
    for (size_t k = 0; k < n && !world->failed; k++)
        if (recall(node, parked[k].label) == CF_OK)
            sim_must(world, cf_till_cancel(node->till, &sim_err));
}

void parking_saw_sale(struct node *node, const struct cf_sale *sale)
{
    struct world *world = node->world;
    for (size_t k = 0; k < sale->n_lines; k++) {
        if (sale->lines[k].product != APPLES || sale->lines[k].qty_milli < LIGHTEST)
            continue;
        struct parked_sale *was = &world->parking.sale[sale->lines[k].qty_milli - LIGHTEST];
        bool elsewhere = was->where == PARKED_AT_TILL && was->machine != node->machine;
        if ((elsewhere || was->where == PARKED_SOLD) && !may_be_twice(world))
            sim_violation(world, "14: a parked sale is sold once", "till %u sold h%u, which %s", node->number,
                          was->label, elsewhere ? "another till has" : "was sold before");
        was->where = PARKED_SOLD;
    }
}
