/*
 * tests/sim/world.c - see world.h.
 */
#include "tests/sim/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/plant.h"
#include "sync/central/store/sqlite/member_store_sqlite.h"
#include "tests/sim/chance.h"
#include "tests/sim/check.h"
#include "tests/sim/facts.h"
#include "tests/sim/network.h"
#include "tests/sim/people.h"
#include "tests/sim/plan.h"

#define CENTRE_FILE SIM_CENTRE_DIR "/member.db"

struct cf_error sim_err;

/* --- chance and log ----------------------------------------------------------------------------------------------- */

uint64_t sim_chance(struct world *world, uint64_t below)
{
    return chance_next(&world->chance) % below;
}

bool sim_percent(struct world *world, unsigned percent)
{
    return sim_chance(world, 100) < percent;
}

void sim_log(struct world *world, const char *format, ...)
{
    char *line = world->lines[world->n_log++ % SIM_LOG_LINES];
    int64_t s = (world->now_us - SIM_START_US) / SIM_S + 7 * 3600;
    int n = snprintf(line, SIM_LINE_MAX, "%lldd %02lld:%02lld:%02lld ", (long long)(s / 86400),
                     (long long)(s / 3600 % 24), (long long)(s / 60 % 60), (long long)(s % 60));
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line + n, (size_t)(SIM_LINE_MAX - n), format, args);
    va_end(args);
    for (const char *at = line; *at; at++)
        world->log_hash = (world->log_hash ^ (uint8_t)*at) * UINT64_C(0x100000001B3); /* FNV-1a */
    if (world->print_log)
        printf("# %s\n", line);
}

void sim_violation(struct world *world, const char *invariant, const char *format, ...)
{
    if (world->failed)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(world->violation, sizeof world->violation, format, args);
    va_end(args);
    (void)snprintf(world->invariant, sizeof world->invariant, "%s", invariant);
    world->failed = true;
    if (world->quiet)
        return;
    uint64_t first = world->n_log > SIM_LOG_LINES ? world->n_log - SIM_LOG_LINES : 0;
    for (uint64_t k = first; k < world->n_log && !world->print_log; k++)
        printf("# %s\n", world->lines[k % SIM_LOG_LINES]);
    printf("# VIOLATION of \"%s\": %s\n", invariant, world->violation);
    (void)fflush(stdout);
}

void world_pass(struct world *world, int64_t us)
{
    world->now_us += us;
}

/* --- the centre --------------------------------------------------------------------------------------------------- */

static cf_wall central_wall(void *ctx)
{
    return (cf_wall){((struct world *)ctx)->now_us};
}

static cf_mono central_mono(void *ctx)
{
    return (cf_mono){((struct world *)ctx)->now_us - SIM_START_US + SIM_DAY};
}

static void central_boot(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    (void)ctx;
    memset(ret_id, 0xce, CF_BOOT_ID_BYTES);
}

static void central_random(void *ctx, void *p, size_t n)
{
    struct world *world = ctx;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)(chance_next(&world->chance) >> 32);
}

static const struct cf_env_ops central_ops = {
    .wall_now = central_wall,
    .mono_now = central_mono,
    .boot_id = central_boot,
    .random = central_random,
    .file_read = files_read,
    .file_replace = files_replace,
};

static void central_open(struct world *world, bool create)
{
    uint32_t before = files_run_as(SIM_CENTRE_PROCESS);
    world->central_env = (struct cf_env){&central_ops, world};
    sim_must(world, cf_member_store_sqlite_open(CENTRE_FILE, create, &world->store, &sim_err));
    if (create && !world->failed) {
        struct cf_central_plan plan = {.brand = "Lotus", .hosts = {"localhost", NULL}};
        sim_must(world,
                 cf_central_init(SIM_CENTRE_DIR, world->store, &plan, &world->central_env, world->api_key, &sim_err));
    }
    if (!world->failed)
        sim_must(world, cf_central_open(SIM_CENTRE_DIR, world->store, &world->central_env, &world->central, &sim_err));
    files_run_as(before);
    if (world->failed && create)
        abort();
}

void central_restart(struct world *world, bool power_cut)
{
    check_forget_centre();
    files_kill(SIM_CENTRE_PROCESS);
    if (!world->centre_armed) { /* else it died in the middle of a call, and its handles are left as they are */
        cf_central_close(world->central);
        cf_store_close(world->store);
    }
    world->centre_armed = false;
    if (power_cut)
        files_cut(SIM_CENTRE_DIR "/", &world->chance);
    world->central = NULL;
    world->store = NULL;
    central_open(world, false);
    sim_log(world, "the centre restarts%s", power_cut ? " after a power cut" : "");
}

bool central_handle(struct world *world, const struct cf_central_request *request)
{
    uint32_t before = files_run_as(SIM_CENTRE_PROCESS);
    if (setjmp(world->centre_death) != 0) {
        files_run_as(0);
        world->in_centre = false;
        world->centre_armed = true;
        central_restart(world, sim_percent(world, 60));
        files_run_as(before);
        return false;
    }
    world->centre_asked = world->in_centre = true;
    cf_central_handle(world->central, request, &world->response);
    world->in_centre = false;
    world->centre_armed = false;
    files_run_as(before);
    return true;
}

static struct cf_private_key *read_root(struct world *world)
{
    char pem[CF_PEM_MAX], path[64];
    struct cf_private_key *root = NULL;
    struct cf_buf buf CF_CLEANUP(cf_buf_done);
    cf_buf_init(&buf, sizeof pem - 1);
    (void)snprintf(path, sizeof path, SIM_CENTRE_DIR "/offline-roots/root-%u.key.pem",
                   1 + (unsigned)sim_chance(world, 2));
    if (files_read(NULL, path, &buf, NULL) != CF_OK)
        abort();
    memcpy(pem, buf.p, buf.n);
    pem[buf.n] = '\0';
    if (cf_private_key_from_pem(pem, &root, NULL) != CF_OK)
        abort();
    return root;
}

void central_rotate(struct world *world, int64_t lead_s)
{
    uint64_t version = 0;
    struct cf_private_key *root = read_root(world);
    world->centre_armed = sim_chance(world, 300) < world->deaths_per_1000;
    world->centre_dies_in = (unsigned)sim_chance(world, 20);
    uint32_t before = files_run_as(SIM_CENTRE_PROCESS);
    if (setjmp(world->centre_death) != 0) {
        files_run_as(0);
        world->in_centre = false;
        world->centre_armed = true;
        central_restart(world, sim_percent(world, 60));
        files_run_as(before);
        check_keyset(world);
        return;
    }
    world->in_centre = true;
    sim_must(world, cf_central_rotate_keys(world->central, SIM_CENTRE_DIR, root, lead_s, &version, &sim_err));
    world->in_centre = world->centre_armed = false;
    files_run_as(before);
    cf_private_key_free(root);
    world->count.rotations++;
    check_keyset(world);
    sim_log(world, "fresh keys: set %llu, they sign in %lld h", (unsigned long long)world->keyset,
            (long long)lead_s / 3600);
}

json_t *central_call(struct world *world, const char *method, const char *path, const char *body, int *ret_status)
{
    char copy[256];
    (void)snprintf(copy, sizeof copy, "%s", path);
    char *query = strchr(copy, '?');
    if (query)
        *query++ = '\0';
    struct cf_central_request request = {
        .port = CF_PORT_API,
        .method = method,
        .path = copy,
        .query = query,
        .body = cf_bytes_str(body ? body : ""),
        .api_key = world->api_key,
    };
    if (!central_handle(world, &request)) {
        *ret_status = 0;
        return NULL;
    }
    *ret_status = world->response.status;
    return json_loadb((const char *)world->response.body.p, world->response.body.n, 0, NULL);
}

static json_t *expect(struct world *world, const char *method, const char *path, const char *body, int status)
{
    int got = 0;
    json_t *json = central_call(world, method, path, body, &got);
    if (got != status) {
        printf("# %s %s: %d %.*s\n", method, path, got, (int)world->response.body.n,
               (const char *)world->response.body.p);
        (void)fflush(stdout);
        abort();
    }
    return json;
}

static uint32_t number_of(json_t *json, const char *name)
{
    uint32_t v = (uint32_t)json_integer_value(json_object_get(json, name));
    json_decref(json);
    return v;
}

static void make_key(uint32_t a, uint32_t b, uint8_t what, struct cf_private_key **ret)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    memset(scalar, what, sizeof scalar);
    cf_put_be32(scalar + 8, a);
    cf_put_be32(scalar + 12, b);
    if (cf_private_key_load(scalar, ret, NULL) != CF_OK)
        abort();
}

/* Without TLS, which is not simulated: the same request, the same answer. */
void central_enrol(struct world *world, struct node *node)
{
    char body[2 * CF_PEM_MAX], csr[CF_PEM_MAX], key_hex[2 * CF_P256_PUBLIC_BYTES + 1], secret_hex[32],
        proof_hex[2 * CF_P256_SIGNATURE_BYTES + 1];
    struct cf_private_key *tls = NULL;
    struct cf_enrol_code code;
    struct cf_buf message;
    cf_signature proof;
    cf_public_key public_key;
    if (node->terminal)
        (void)snprintf(body, sizeof body, "{\"label\":\"Till\",\"terminal\":%u}", node->terminal);
    else
        (void)snprintf(body, sizeof body, "{\"store\":%u,\"label\":\"Till\"}", node->store);
    json_t *json = expect(world, "POST", "/v1/terminals", body, 201);
    if (cf_enrol_code_parse(json_string_value(json_object_get(json, "enrol_code")), &code, NULL) != CF_OK)
        abort();
    json_decref(json);
    make_key(node->number, CF_PLANTED(reenrol_same_epoch) ? 1 : node->epoch + 1, 0x31, &node->key);
    make_key(node->number, node->epoch + 1, 0x41, &tls);
    cf_buf_init(&message, 2 * CF_PEM_MAX);
    cf_private_key_public(node->key, &public_key);
    bool good = cf_x509_request(tls, "till", csr, NULL) == CF_OK &&
                cf_buf_append_str(&message, "cf-enrol", NULL) == CF_OK &&
                cf_buf_append(&message, code.secret, sizeof code.secret, NULL) == CF_OK &&
                cf_buf_append_str(&message, csr, NULL) == CF_OK &&
                cf_sign(node->key, cf_buf_bytes(&message), &proof, NULL) == CF_OK;
    if (!good)
        abort();
    cf_hex_encode(cf_bytes_of(public_key.point, sizeof public_key.point), key_hex);
    cf_hex_encode(cf_bytes_of(code.secret, sizeof code.secret), secret_hex);
    cf_hex_encode(cf_bytes_of(proof.rs, sizeof proof.rs), proof_hex);
    json_t *ask =
        json_pack("{s:s,s:s,s:s,s:s}", "secret", secret_hex, "csr", csr, "sign_key", key_hex, "proof", proof_hex);
    char *text = json_dumps(ask, JSON_COMPACT);
    json = expect(world, "POST", "/v1/enrol", text, 200);
    free(text);
    json_decref(ask);
    cf_buf_done(&message);
    cf_private_key_free(tls);
    node->terminal = (uint32_t)json_integer_value(json_object_get(json, "terminal"));
    node->epoch = (uint32_t)json_integer_value(json_object_get(json, "epoch"));
    for (size_t k = 0; k < 2; k++) {
        const char *root = json_string_value(json_array_get(json_object_get(json, "roots"), k));
        if (!root || cf_hex_decode(root, world->roots[k].point, CF_P256_PUBLIC_BYTES, NULL) != CF_OK)
            abort();
    }
    json_decref(json);
}

/* --- the origin --------------------------------------------------------------------------------------------------- */

static void make_goods(struct world *world, uint32_t store)
{
    char path[64], body[1200];
    (void)snprintf(path, sizeof path, "/v1/catalogue?store=%u", store);
    (void)snprintf(body, sizeof body,
                   "{\"id\":1,\"codes\":[\"6901234567892\"],\"name\":\"Cream\",\"price_minor\":3990,\"tax_bp\":1300,"
                   "\"categories\":[7]}\n"
                   "{\"id\":2,\"codes\":[\"4006381333931\"],\"name\":\"Soap\",\"price_minor\":1000,\"tax_bp\":1300,"
                   "\"categories\":[8]}\n"
                   "{\"id\":3,\"codes\":[\"5901234123457\"],\"name\":\"Tea\",\"price_minor\":2500,\"tax_bp\":900,"
                   "\"categories\":[9]}\n"
                   "{\"id\":4,\"codes\":[\"SKU-7\"],\"name\":\"Apples\",\"price_minor\":1280,\"tax_bp\":900,"
                   "\"categories\":[9],\"weighed\":true}\n");
    json_decref(expect(world, "POST", path, body, 200));
}

static void make_member(struct world *world, struct sim_member *member, unsigned k)
{
    char body[200], hex[2 * CF_P256_PUBLIC_BYTES + 1];
    cf_public_key device;
    make_key(k, 0, 0x21, &member->device);
    cf_private_key_public(member->device, &device);
    cf_hex_encode(cf_bytes_of(device.point, sizeof device.point), hex);
    (void)snprintf(body, sizeof body, "{\"name\":\"Member %u\",\"device_key\":\"%s\"}", k, hex);
    json_t *json = expect(world, "POST", "/v1/members", body, 201);
    (void)snprintf(member->sub_text, sizeof member->sub_text, "%s", json_string_value(json_object_get(json, "member")));
    const char *card = json_string_value(json_object_get(json, "card"));
    if (cf_hex_decode(member->sub_text, member->sub.b, CF_SUB_BYTES, NULL) != CF_OK ||
        cf_code_decode_text(cf_bytes_str(card), &member->card, NULL) != CF_OK)
        abort();
    json_decref(json);
}

static void make_node(struct world *world, unsigned number)
{
    struct node *node = &world->node[number];
    struct cf_sync_report report;
    *node = (struct node){.world = world, .number = number, .boot = 1, .booted_us = SIM_START_US - SIM_HOUR};
    node->store = world->store_id[number % world->scale.stores];
    node->machine = world->n_machines++;
    (void)snprintf(node->machine_dir, sizeof node->machine_dir, SIM_ROOT "m%u/", number);
    (void)snprintf(node->dir, sizeof node->dir, SIM_ROOT "m%u/till", number);
    central_enrol(world, node);
    truth_moved(node, 0);
    struct cf_journal_identity identity = {.terminal = node->terminal, .epoch = node->epoch, .store = node->store};
    node_open(node); /* sets its env */
    sim_must(world, cf_journal_create(node->dir, &identity, &node->env, &sim_err));
    node_open(node);
    /* The first sync brings keys and goods; the till opens after it. */
    uint32_t before = files_run_as(node_process(node, NODE_SYNC));
    for (int k = 0; k < 2 && !world->failed; k++)
        sim_must(world, cf_sync_cycle(node->sync, &report, &sim_err));
    files_run_as(before);
    node_open(node);
    if (!node->till || world->failed)
        abort();
}

void world_make(struct world *world, struct sim_scale scale)
{
    memset(world, 0, sizeof *world);
    files_begin();
    world->scale = scale;
    world->chance = 1;
    world->now_us = SIM_START_US;
    world->nodes_max = scale.tills + scale.tills / 4 + 4;
    world->node = calloc(world->nodes_max, sizeof *world->node);
    world->store_id = calloc(scale.stores, sizeof *world->store_id);
    world->coupon = calloc(SIM_COUPONS_MAX, sizeof *world->coupon);
    world->order = calloc(SIM_ORDERS_MAX, sizeof *world->order);
    if (!world->node || !world->store_id || !world->coupon || !world->order)
        abort();
    cf_central_response_init(&world->response);
    cf_hub_response_init(&world->hub_response);
    central_open(world, true);
    for (size_t k = 0; k < scale.stores; k++) {
        world->store_id[k] =
            number_of(expect(world, "POST", "/v1/stores", "{\"name\":\"Shop\",\"currency\":\"CNY\"}", 201), "store");
        make_goods(world, world->store_id[k]);
    }
    char body[64];
    (void)snprintf(body, sizeof body, "{\"name\":\"Web\",\"store\":%u}", world->store_id[0]);
    world->channel = number_of(expect(world, "POST", "/v1/channels", body, 201), "channel");
    world->n_members = 3 + scale.tills / 5 < SIM_MEMBERS_MAX ? 3 + scale.tills / 5 : SIM_MEMBERS_MAX;
    for (unsigned k = 0; k < world->n_members; k++)
        make_member(world, &world->member[k], k);
    truth_begin(world);
    check_keyset(world);
    for (unsigned k = 0; k < scale.tills; k++) {
        world->n_nodes++;
        make_node(world, k);
    }
}

/* --- one history -------------------------------------------------------------------------------------------------- */

/* Goods 1 (Cream, 39.90), 2 (Soap, 10.00), 3 (Tea, 25.00) and 4 (Apples, 12.80 a kilogram); see docs/promotions.md. */
static const char *const promotions[] = {
    "\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1,\"percent_bp\":10000,\"scope\":{\"products\":[2]}",
    "\"kind\":\"buy_get\",\"buy\":{\"products\":[1]},\"buy_qty\":1,\"get_qty\":1,\"percent_bp\":5000,"
    "\"scope\":{\"products\":[3]},\"partial\":true",
    "\"kind\":\"line_percent\",\"percent_bp\":1500,\"scope\":{\"categories\":[9]},\"min_spend_minor\":5000,"
    "\"min_over\":\"all\",\"rounding\":\"unit\"",
    "\"kind\":\"tiered\",\"off\":\"amount\",\"tiers\":[{\"from\":5000,\"value\":500},{\"from\":10000,\"value\":1500}]",
    "\"kind\":\"bundle\",\"slots\":[{\"qty\":1,\"products\":[1]},{\"qty\":1,\"products\":[3]}],\"off\":\"price\","
    "\"amount_minor\":5990",
    "\"kind\":\"group\",\"group_qty\":3,\"get_qty\":1,\"percent_bp\":5000,\"scope\":{\"products\":[1,2,3]},"
    "\"pick_across\":true",
    "\"kind\":\"order_percent\",\"percent_bp\":700,\"members_only\":true,\"last\":true,\"share\":\"last\"",
    "\"kind\":\"unit_amount\",\"amount_minor\":100,\"scope\":{\"products\":[3]},"
    "\"hours\":[{\"from\":\"10:00\",\"to\":\"15:00\"}]",
    "\"kind\":\"order_percent\",\"percent_bp\":500,\"weekdays\":[\"sunday\",\"tuesday\"],\"choose\":\"best\"",
    "\"kind\":\"order_amount\",\"amount_minor\":200,\"tenders\":[\"cash\"],\"min_spend_minor\":3000",
    "\"kind\":\"order_percent\",\"percent_bp\":300,\"tenders\":[\"card\"],\"exclusive\":true,\"priority\":5",
    "\"kind\":\"effect\",\"points_bp\":20000,\"points_more\":7,\"members_only\":true",
    "\"kind\":\"gift\",\"buy_minor\":8000,\"get_qty\":1,\"scope\":{\"products\":[2]},\"max_times\":1",
    "\"kind\":\"line_amount\",\"amount_minor\":333,\"guests_only\":true,\"skip_discounted\":true,\"group\":1",
};

void world_any_promotion(struct world *world, char ret[SIM_PROMOTION_MAX])
{
    size_t n = sizeof promotions / sizeof *promotions, k = sim_chance(world, n + 2);
    if (k < n)
        (void)snprintf(ret, SIM_PROMOTION_MAX, "{%s}", promotions[k]);
    else if (k == n) /* the coupons of another campaign earn something here */
        (void)snprintf(ret, SIM_PROMOTION_MAX, "{\"kind\":\"order_amount\",\"amount_minor\":150,\"with_campaign\":%u}",
                       world->campaign[SIM_LEASED]);
    else
        (void)snprintf(ret, SIM_PROMOTION_MAX,
                       "{\"kind\":\"effect\",\"issue_campaign\":%u,\"min_spend_minor\":4000,\"group\":1}",
                       world->campaign[SIM_ISSUED]);
}

static void launch_rich(struct world *world, enum sim_campaign which)
{
    char body[SIM_PROMOTION_MAX + 100], promotion[SIM_PROMOTION_MAX];
    int status = 0;
    world_any_promotion(world, promotion);
    (void)snprintf(
        body, sizeof body,
        "{\"name\":\"Rich %d\",\"policy\":\"automatic\",\"channels\":[\"store\",\"online\"],\"promotion\":%s}",
        (int)which, promotion);
    json_t *json = central_call(world, "POST", "/v1/campaigns", body, &status);
    if (status != 201)
        sim_violation(world, "works", "launching %s: %d %.*s", body, status, (int)world->response.body.n,
                      (const char *)world->response.body.p);
    world->campaign[which] = number_of(json, "campaign");
    sim_log(world, "campaign %u: %s", world->campaign[which], promotion);
}

static void launch(struct world *world, enum sim_campaign which, const char *policy, int64_t budget, const char *more)
{
    char body[700], sum[32] = "";
    if (budget > 0)
        (void)snprintf(sum, sizeof sum, ",\"budget\":%lld", (long long)budget);
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"%s %d\",\"policy\":\"%s\"%s,\"accept_in_doubt\":%s,\"channels\":[\"store\",\"online\"],"
                   "\"promotion\":{\"kind\":\"%s\",\"%s\":%d%s}%s}",
                   policy, (int)which, policy, sum, sim_percent(world, 50) ? "true" : "false",
                   which == SIM_AUTOMATIC ? "order_percent" : "order_amount",
                   which == SIM_AUTOMATIC ? "percent_bp" : "amount_minor", which == SIM_AUTOMATIC ? 1000 : 300,
                   which == SIM_AUTOMATIC ? ",\"scope\":{\"categories\":[7]}" : "", more);
    int status = 0;
    json_t *json = central_call(world, "POST", "/v1/campaigns", body, &status);
    if (status != 201 && which != SIM_OPTIMISTIC)
        sim_violation(world, "works", "launching %s: %d %.*s", policy, status, (int)world->response.body.n,
                      (const char *)world->response.body.p);
    world->campaign[which] = number_of(json, "campaign");
    if (status == 201)
        truth_campaign(world, world->campaign[which])->budget = budget;
}

struct limits {
    uint32_t per_day;
    int64_t budget_minor;
};

/* In some seeds. */
static struct limits add_limits(struct world *world, bool days, char *more, size_t n)
{
    struct limits limits = {.per_day = 0};
    unsigned tills = world->scale.tills;
    int used = 0;
    if (days && sim_percent(world, 30)) {
        limits.per_day = 1 + (uint32_t)sim_chance(world, tills);
        used = snprintf(more, n, ",\"per_day\":%u", limits.per_day);
    }
    if (sim_percent(world, 30)) {
        limits.budget_minor = 300 * (2 + (int64_t)sim_chance(world, 2 * tills));
        (void)snprintf(more + used, n - (size_t)used, ",\"budget_minor\":%lld", (long long)limits.budget_minor);
    }
    return limits;
}

static void keep_limits(struct world *world, enum sim_campaign which, struct limits limits)
{
    struct campaign_truth *truth = truth_campaign(world, world->campaign[which]);
    truth->per_day = limits.per_day;
    truth->budget_minor = limits.budget_minor;
}

/* In a quarter of the seeds, by a chance of its own: the others are as they were without it. */
static void launch_counted(struct world *world)
{
    uint64_t chance = chance_split(world->seed, 12);
    const int64_t tills = world->scale.tills, budget = 1 + tills + (int64_t)(chance >> 8 & 7);
    const int64_t budget_minor = (chance & 4) != 0 ? 150 * (2 + (int64_t)(chance >> 16 & 7)) : 0;
    const uint32_t per_day = (chance & 8) != 0 ? 1 + (uint32_t)(chance >> 24 & 7) : 0;
    const uint32_t per_store = (chance & 16) != 0 ? 1 + (uint32_t)(chance >> 32 & 7) : 0;
    char body[400];
    int status = 0;
    world->campaign[SIM_COUNTED] = 0;
    if ((chance & 3) != 0)
        return;
    (void)snprintf(
        body, sizeof body,
        "{\"name\":\"Counted\",\"policy\":\"automatic\",\"budget\":%lld,\"budget_minor\":%lld,\"per_day\":%u,"
        "\"per_store\":%u,\"lease_per_terminal\":%u,\"channels\":[\"store\"],\"promotion\":{\"kind\":"
        "\"order_amount\",\"amount_minor\":150}}",
        (long long)budget, (long long)budget_minor, per_day, per_store, 1 + (unsigned)(chance >> 40 & 3));
    json_t *json = central_call(world, "POST", "/v1/campaigns", body, &status);
    if (status != 201) {
        sim_violation(world, "works", "launching what is counted: %d %.*s", status, (int)world->response.body.n,
                      (const char *)world->response.body.p);
        json_decref(json);
        return;
    }
    world->campaign[SIM_COUNTED] = number_of(json, "campaign");
    sim_log(world, "campaign %u is counted: %lld in all, %lld in money, %u a day, %u a store",
            world->campaign[SIM_COUNTED], (long long)budget, (long long)budget_minor, per_day, per_store);
    struct campaign_truth *truth = truth_campaign(world, world->campaign[SIM_COUNTED]);
    truth->budget = budget;
    truth->budget_minor = budget_minor;
    truth->per_day = per_day;
    truth->per_store = per_store;
}

void world_begin(struct world *world, uint64_t seed)
{
    char more[200];
    unsigned tills = world->scale.tills;
    world->seed = seed;
    world->chance = chance_split(seed, 0);
    world->log_hash = UINT64_C(0xCBF29CE484222325);
    world->n_log = 0;
    memset(&world->count, 0, sizeof world->count);
    uint32_t per_store = sim_percent(world, 30) ? 1 + (uint32_t)sim_chance(world, 4) : 0;
    int n = snprintf(more, sizeof more, ",\"lease_per_terminal\":%d,\"per_store\":%u", 1 + (int)sim_chance(world, 3),
                     per_store);
    struct limits limits = add_limits(world, true, more + n, sizeof more - (size_t)n);
    launch(world, SIM_LEASED, "leased", 1 + tills + (int64_t)sim_chance(world, 2 + 2 * tills), more);
    truth_campaign(world, world->campaign[SIM_LEASED])->per_store = per_store;
    keep_limits(world, SIM_LEASED, limits);
    more[0] = '\0';
    limits = add_limits(world, false, more, sizeof more);
    launch(world, SIM_PINNED, "pinned", tills + (int64_t)sim_chance(world, 2 * tills), more);
    keep_limits(world, SIM_PINNED, limits);
    world->claims_max = sim_percent(world, 30) ? 1 + (uint32_t)sim_chance(world, 2) : 0;
    n = snprintf(more, sizeof more, ",\"per_member_claims\":%u", world->claims_max);
    limits = add_limits(world, true, more + n, sizeof more - (size_t)n);
    launch(world, SIM_ONLINE_ONLY, "online_only", 2 + tills / 2 + (int64_t)sim_chance(world, 2 + tills), more);
    keep_limits(world, SIM_ONLINE_ONLY, limits);
    int64_t risk_minor = 600 + (int64_t)sim_chance(world, 600 * tills);
    (void)snprintf(more, sizeof more, ",\"risk_budget_minor\":%lld,\"risk_per_terminal_minor\":%d",
                   (long long)risk_minor, 300 * (1 + (int)sim_chance(world, 3)));
    launch(world, SIM_OPTIMISTIC, "optimistic", 2 + tills + (int64_t)sim_chance(world, 2 * tills), more);
    if (world->campaign[SIM_OPTIMISTIC]) {
        struct campaign_truth *truth = truth_campaign(world, world->campaign[SIM_OPTIMISTIC]);
        truth->optimistic = true;
        truth->risk_budget_minor = risk_minor;
    }
    (void)snprintf(more, sizeof more,
                   ",\"lease_per_terminal\":2,\"issue_in_store\":{\"min_spend_minor\":2000,\"valid_days\":30,"
                   "\"range_per_terminal\":%d}",
                   4 + (int)sim_chance(world, 8));
    launch(world, SIM_ISSUED, "leased", 1 + tills + (int64_t)sim_chance(world, 2 + 2 * tills), more);
    world->points_price = 10 + (int64_t)sim_chance(world, 40);
    (void)snprintf(more, sizeof more, ",\"points_price\":%lld", (long long)world->points_price);
    launch(world, SIM_VOUCHERS, "pinned", 1 + tills / 2 + (int64_t)sim_chance(world, tills), more);
    launch(world, SIM_AUTOMATIC, "automatic", 0, "");
    for (unsigned k = SIM_RICH; k < SIM_COUNTED; k++)
        if (sim_percent(world, 40))
            launch_rich(world, (enum sim_campaign)k);
    launch_counted(world);
    world->has_bank = sim_percent(world, 60);
    world->loss_percent = (unsigned)sim_chance(world, 4) * 8;
    for (unsigned k = 0; k < tills; k++)
        world->node[k].clock_off_us = ((int64_t)sim_chance(world, 600) - 300) * SIM_S;
    sim_log(world, "begin: loss %u%%", world->loss_percent);
    values_begin(world);
    pickups_begin(world);
    parking_begin(world);
    facts_begin(world);
    people_begin(world);
    world->by_phone = world->has_bank && chance_split(seed, 8) % 2 == 0;
    world->exchanges = plan_is_wide(seed);
}
