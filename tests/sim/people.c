/*
 * tests/sim/people.c - see people.h.
 */
#include "tests/sim/people.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto/crypto.h"
#include "tests/sim/actors.h"
#include "tests/sim/chance.h"
#include "tests/sim/node.h"

#define ON_PERCENT 80 /* of the wide seeds */
#define USERS 5
#define MANAGER 1 /* who stays */
#define STRANGER 9

static const char *const roles[] = {"cashier", "cashier", "supervisor", "manager", "technician"};

/* A PIN is hashed with much memory, so that guessing it is dear: here nobody guesses. Called by the linker's --wrap. */
int __wrap_argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes, const void *pin, size_t pin_n,
                             const void *salt, size_t salt_n, void *hash, size_t hash_n);
int __wrap_argon2id_hash_raw(uint32_t passes, uint32_t memory_kib, uint32_t lanes, const void *pin, size_t pin_n,
                             const void *salt, size_t salt_n, void *hash, size_t hash_n)
{
    uint8_t both[64] = {0};
    (void)passes;
    (void)memory_kib;
    (void)lanes;
    if (pin_n + salt_n > sizeof both || hash_n != CF_SHA256_BYTES)
        return -1;
    memcpy(both, salt, salt_n);
    memcpy(both + salt_n, pin, pin_n);
    struct cf_sha256 digest = cf_sha256(cf_bytes_of(both, salt_n + pin_n));
    memcpy(hash, digest.digest, hash_n);
    return 0; /* ARGON2_OK */
}

static void pin_of(unsigned user, char ret[8])
{
    (void)snprintf(ret, 8, "48%u159", user);
}

static void put(struct world *world, uint32_t store, unsigned user, const char *role)
{
    char path[64], body[120], pin[8];
    int status = 0;
    pin_of(user, pin);
    (void)snprintf(path, sizeof path, "/v1/stores/%u/users", store);
    (void)snprintf(body, sizeof body, "{\"user\":%u,\"name\":\"U%u\",\"role\":\"%s\",\"pin\":\"%s\"}", user, user, role,
                   pin);
    json_decref(central_call(world, "POST", path, body, &status));
    sim_log(world, "user %u of store %u is a %s: %d", user, store, role, status);
}

static void staff(struct world *world, uint32_t store)
{
    put(world, store, MANAGER, "manager");
    for (unsigned user = MANAGER + 1; user <= USERS; user++)
        if (sim_percent(world, 70))
            put(world, store, user, roles[sim_chance(world, 5)]);
}

void people_begin(struct world *world)
{
    uint64_t chance = chance_split(world->seed, 9), before = world->chance;
    world->has_people = chance_next(&chance) % 100 < ON_PERCENT && plan_is_wide(world->seed);
    world->chance = chance;
    for (unsigned k = 0; world->has_people && k < world->scale.stores; k++)
        if (sim_percent(world, 50))
            staff(world, world->store_id[k]);
    world->chance = before;
}

void people_change(struct world *world)
{
    char path[64];
    int status = 0;
    uint32_t store = world->store_id[sim_chance(world, world->scale.stores)];
    unsigned user = MANAGER + 1 + (unsigned)sim_chance(world, USERS - MANAGER);
    if (!world->has_people)
        return;
    put(world, store, MANAGER, "manager");
    if (sim_percent(world, 60)) {
        put(world, store, user, roles[sim_chance(world, 5)]);
        return;
    }
    (void)snprintf(path, sizeof path, "/v1/stores/%u/users/%u", store, user);
    json_decref(central_call(world, "DELETE", path, NULL, &status));
    sim_log(world, "user %u of store %u is gone: %d", user, store, status);
}

static void login(struct node *node, unsigned user)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    char number[8], pin[8];
    (void)snprintf(number, sizeof number, "%u", user);
    pin_of(user, pin);
    if (!world->healing && sim_percent(world, 4))
        pin[0] = '5';
    enum cf_rc rc = cf_till_login(node->till, number, pin, &err);
    sim_log(world, "till %u: user %u logs in: %s", node->number, user, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) != CF_CLASS_REFUSED)
        sim_violation(world, "refusals are of the business", "till %u: login: %s: %s", node->number, cf_rc_name(rc),
                      err.detail);
}

void people_come(struct node *node)
{
    struct world *world = node->world;
    struct cf_till_user user;
    if (!world->has_people)
        return;
    cf_till_user(node->till, &user);
    if (world->healing && user.users) {
        login(node, MANAGER);
    } else if (user.users && (!user.is || sim_percent(world, 20))) {
        login(node, sim_percent(world, 3) ? STRANGER : MANAGER + (unsigned)sim_chance(world, USERS));
    }
}

bool people_allow(struct node *node, enum cf_rc refusal)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    char number[8], pin[8];
    unsigned user = MANAGER + (unsigned)sim_chance(world, USERS);
    if (!world->has_people || refusal != CF_E_PERMIT || sim_percent(world, 30))
        return false;
    (void)snprintf(number, sizeof number, "%u", user);
    pin_of(user, pin);
    enum cf_rc rc = cf_till_override(node->till, number, pin, "they asked", &err);
    sim_log(world, "till %u: user %u allows it: %s", node->number, user, cf_rc_name(rc));
    return rc == CF_OK;
}

static enum cf_rc try_act(struct node *node, unsigned which, struct cf_error *err)
{
    struct world *world = node->world;
    const struct cf_till_discount discount = {
        .last_line = which == 1, .percent_bp = sim_percent(world, 50) ? 400 : 1500, .reason = "dented"};
    switch (which) {
    case 0:
        return cf_till_price(node->till, 0, 300 + (int64_t)sim_chance(world, 2000), err);
    case 1:
    case 2:
        return cf_till_discount(node->till, &discount, err);
    default:
        return cf_till_void(node->till, 0, err);
    }
}

void people_act(struct node *node)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
    if (!world->has_people || !sim_percent(world, 30))
        return;
    unsigned which = (unsigned)sim_chance(world, 4);
    enum cf_rc rc = try_act(node, which, &err);
    if (people_allow(node, rc))
        rc = try_act(node, which, &err);
    sim_log(world, "till %u: price, discount or void (%u): %s", node->number, which, cf_rc_name(rc));
    if (rc != CF_OK && cf_rc_class(rc) != CF_CLASS_REFUSED)
        sim_violation(world, "refusals are of the business", "till %u: act %u: %s: %s", node->number, which,
                      cf_rc_name(rc), err.detail);
    world->count.acts += rc == CF_OK;
}
