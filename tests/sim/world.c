/*
 * tests/sim/world.c - see world.h.
 */
#include "tests/sim/world.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/central/store/sqlite/member_store_sqlite.h"
#include "tests/sim/network.h"

#define START_US (INT64_C(1795334400) * CF_US_PER_S) /* 2026-11-22T08:00:00Z */

struct cf_error sim_err;

const char *sim_bug_name(enum sim_bug bug)
{
    static const char *const names[SIM_BUGS] = {"none", "no lease", "not durable", "seq only", "points twice"};
    return names[bug];
}

/* --- chance and log ----------------------------------------------------------------------------------------------- */

static uint64_t next_chance(struct world *world)
{
    world->chance += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = world->chance;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t sim_chance(struct world *world, uint64_t below)
{
    return next_chance(world) % below;
}

bool sim_percent(struct world *world, unsigned percent)
{
    return sim_chance(world, 100) < percent;
}

void sim_log(struct world *world, const char *format, ...)
{
    char *line = world->lines[world->n_events++ % SIM_LOG_LINES];
    int64_t s = (world->now_us - START_US) / SIM_S;
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

void sim_violation(struct world *world, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (world->failed)
        return;
    world->failed = true;
    if (world->quiet)
        return;
    uint64_t first = world->n_events > SIM_LOG_LINES ? world->n_events - SIM_LOG_LINES : 0;
    for (uint64_t k = first; k < world->n_events && !world->print_log; k++)
        printf("# %s\n", world->lines[k % SIM_LOG_LINES]);
    printf("# VIOLATION: %s\n", text);
    (void)fflush(stdout);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
    static uint8_t block[1 << 18];
    size_t n;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out)
        abort();
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        if (fwrite(block, 1, n, out) != n)
            abort();
    if (fclose(in) != 0 || fclose(out) != 0)
        abort();
}

/* Folders below `from` too, one level at a time; a database's -shm is made anew by whoever opens it. */
void sim_copy_folder(const char *from, const char *to)
{
    DIR *entries = opendir(from);
    if (!entries || mkdir(to, 0700) != 0)
        abort();
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char source[2 * SIM_PATH_MAX], target[2 * SIM_PATH_MAX];
        size_t n = strlen(entry->d_name);
        struct stat what;
        if (entry->d_name[0] == '.' || (n > 4 && strcmp(entry->d_name + n - 4, "-shm") == 0))
            continue;
        (void)snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        (void)snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        if (stat(source, &what) != 0)
            abort();
        if (S_ISDIR(what.st_mode))
            sim_copy_folder(source, target);
        else
            copy_file(source, target);
    }
    closedir(entries);
}

void sim_remove_folder(const char *dir)
{
    DIR *entries = opendir(dir);
    if (!entries)
        return;
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        char path[2 * SIM_PATH_MAX];
        struct stat what;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (stat(path, &what) == 0 && S_ISDIR(what.st_mode))
            sim_remove_folder(path);
        else
            (void)remove(path);
    }
    closedir(entries);
    (void)rmdir(dir);
}

/* --- the centre --------------------------------------------------------------------------------------------------- */

static cf_wall central_wall(void *ctx)
{
    return (cf_wall){((struct world *)ctx)->now_us};
}

static cf_mono central_mono(void *ctx)
{
    return (cf_mono){((struct world *)ctx)->now_us - START_US + SIM_DAY};
}

static void central_boot(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    (void)ctx;
    memset(ret_id, 0xce, CF_BOOT_ID_BYTES);
}

static void central_random(void *ctx, void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)(next_chance(ctx) >> 32);
}

static enum cf_rc real_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    (void)ctx;
    return cf_env_system()->ops->file_read(cf_env_system()->ctx, path, ret, err);
}

static enum cf_rc real_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    (void)ctx;
    return cf_env_system()->ops->file_replace(cf_env_system()->ctx, path, content, mode, err);
}

static const struct cf_env_ops central_ops = {
    .wall_now = central_wall,
    .mono_now = central_mono,
    .boot_id = central_boot,
    .random = central_random,
    .file_read = real_read,
    .file_replace = real_replace,
};

static void central_path(const struct world *world, const char *name, char path[2 * SIM_PATH_MAX])
{
    (void)snprintf(path, 2 * SIM_PATH_MAX, "%s/centre%s%s", world->dir, *name ? "/" : "", name);
}

static void central_make(struct world *world, bool create)
{
    char path[2 * SIM_PATH_MAX], dir[2 * SIM_PATH_MAX];
    central_path(world, "member.db", path);
    central_path(world, "", dir);
    world->central_env = (struct cf_env){&central_ops, world};
    sim_must(world, cf_member_store_sqlite_open(path, create, &world->store, &sim_err));
    if (create) {
        struct cf_central_plan plan = {.brand = "Lotus", .hosts = {"localhost", NULL}};
        sim_must(world, cf_central_init(dir, world->store, &plan, &world->central_env, world->api_key, &sim_err));
    }
    sim_must(world, cf_central_open(dir, world->store, &world->central_env, &world->central, &sim_err));
    if (world->failed)
        abort();
}

void central_stop(struct world *world)
{
    cf_central_close(world->central);
    cf_store_close(world->store);
    world->central = NULL;
    world->store = NULL;
}

void central_start(struct world *world)
{
    central_make(world, false);
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
    cf_central_handle(world->central, &request, &world->response);
    *ret_status = world->response.status;
    return json_loadb((const char *)world->response.body.p, world->response.body.n, 0, NULL);
}

/* --- a node ------------------------------------------------------------------------------------------------------- */

/* Every look at the world is a place where the process may die. */
static void look(struct node *node)
{
    if (node->armed && node->crash_in-- == 0) {
        node->armed = false;
        longjmp(node->death, 1);
    }
}

static cf_wall node_wall(void *ctx)
{
    struct node *node = ctx;
    look(node);
    return (cf_wall){node->world->now_us + node->clock_off_us};
}

static cf_mono node_mono(void *ctx)
{
    struct node *node = ctx;
    look(node);
    return (cf_mono){node->world->now_us - node->booted_us + 20 * SIM_S};
}

static void node_boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    struct node *node = ctx;
    memset(ret_id, (int)node->number, CF_BOOT_ID_BYTES);
    cf_put_be32(ret_id, node->boot);
}

static void node_random(void *ctx, void *p, size_t n)
{
    struct node *node = ctx;
    look(node);
    central_random(node->world, p, n);
}

static enum cf_rc node_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                                struct cf_buf *ret_body, struct cf_error *err)
{
    struct node *node = ctx;
    look(node);
    enum cf_rc rc = network_exchange(node, request, ret_status, ret_body, err);
    look(node);
    return rc;
}

static const struct cf_env_ops node_ops = {
    .wall_now = node_wall,
    .mono_now = node_mono,
    .boot_id = node_boot_id,
    .random = node_random,
    .net_exchange = node_exchange,
    .file_read = real_read,
    .file_replace = real_replace,
};

void node_open_till(struct node *node)
{
    struct world *world = node->world;
    struct cf_error err = {.rc = CF_OK};
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
    };
    enum cf_rc rc = cf_till_open(&till, &node->env, &node->till, &err);
    if (rc == CF_E_REPLICA_NONE)
        sim_log(world, "till %u waits for its goods", node->number);
    else if (rc != CF_OK)
        sim_violation(world, "till %u does not open: %s: %s", node->number, cf_rc_name(rc), err.detail);
}

/* The sync's process and the till's. */
void node_open(struct node *node)
{
    struct world *world = node->world;
    node->env = (struct cf_env){&node_ops, node};
    sim_must(world, cf_keyring_new(world->roots, &node->ring, &sim_err));
    if (!world->failed)
        sim_must(world, cf_link_new(node->dir, &node->env, &node->link, NULL, &sim_err));
    if (world->failed)
        return;
    sim_must(world, cf_link_load_keys(node->link, node->ring, &sim_err));
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
    if (!world->failed)
        node_open_till(node);
}

static void node_close(struct node *node)
{
    cf_sync_free(node->sync);
    cf_link_free(node->link);
    cf_keyring_free(node->ring);
    cf_till_close(node->till);
    node->sync = NULL;
    node->link = NULL;
    node->ring = NULL;
    node->till = NULL;
}

/* The replica is what the centre can send again: its loss costs time, nothing else. */
static void lose_replica(const struct node *node)
{
    static const char *const names[] = {"replica.db", "replica.db-wal", "replica.db-shm"};
    for (size_t k = 0; k < 3; k++) {
        char path[2 * SIM_PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", node->dir, names[k]);
        (void)remove(path);
    }
    sim_log(node->world, "till %u lost its replica", node->number);
}

void node_crash(struct node *node, bool reboot)
{
    struct world *world = node->world;
    char next[SIM_PATH_MAX];
    (void)snprintf(next, sizeof next, "%.200s/till-%u-%u", world->dir, node->number, ++node->lives);
    /* The dead process's handles are left as they are: what counts is what its files hold. */
    sim_copy_folder(node->dir, next);
    (void)snprintf(node->dir, sizeof node->dir, "%s", next);
    node->till = NULL;
    node->ring = NULL;
    node->link = NULL;
    node->sync = NULL;
    node->in_sync = false;
    world->count.crashes++;
    if (reboot) {
        static const int64_t years[] = {0, 0, 0, -10, 70, 1, -1};
        node->boot++;
        node->booted_us = world->now_us;
        int64_t off = years[sim_chance(world, sizeof years / sizeof *years)] * 365 * SIM_DAY;
        node->clock_off_us = off + ((int64_t)sim_chance(world, 120) - 60) * SIM_S;
        world->count.reboots++;
        sim_log(world, "till %u reboots, its clock is %lld s off", node->number,
                (long long)(node->clock_off_us / SIM_S));
    } else {
        sim_log(world, "till %u crashed", node->number);
    }
    if (sim_percent(world, 4))
        lose_replica(node);
    node_open(node);
}

bool node_run(struct node *node, node_fn fn, void *ctx, unsigned crash_percent)
{
    if (node->world->failed || !node->sync)
        return false;
    if (sim_percent(node->world, crash_percent)) {
        node->crash_in = (unsigned)sim_chance(node->world, sim_percent(node->world, 50) ? 6 : 40);
        node->armed = true;
    }
    if (setjmp(node->death) != 0) {
        node_crash(node, sim_percent(node->world, 25));
        return false;
    }
    fn(node, ctx);
    node->armed = false;
    return true;
}

/* --- time --------------------------------------------------------------------------------------------------------- */

void world_pass(struct world *world, int64_t us)
{
    world->now_us += us;
}

/* --- the origin --------------------------------------------------------------------------------------------------- */

static json_t *expect(struct world *world, const char *method, const char *path, const char *body, int status)
{
    int got = 0;
    json_t *json = central_call(world, method, path, body, &got);
    if (got != status) {
        printf("# %s %s: %d %.*s\n", method, path, got, (int)world->response.body.n,
               (const char *)world->response.body.p);
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

static void make_key(uint8_t fill, struct cf_private_key **ret)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    memset(scalar, fill, sizeof scalar);
    if (cf_private_key_load(scalar, ret, NULL) != CF_OK)
        abort();
}

static void make_member(struct world *world, struct sim_member *member, uint8_t fill)
{
    char body[200], hex[2 * CF_P256_PUBLIC_BYTES + 1];
    cf_public_key device;
    make_key(fill, &member->device);
    cf_private_key_public(member->device, &device);
    cf_hex_encode(cf_bytes_of(device.point, sizeof device.point), hex);
    (void)snprintf(body, sizeof body, "{\"name\":\"Member %u\",\"device_key\":\"%s\"}", fill, hex);
    json_t *json = expect(world, "POST", "/v1/members", body, 201);
    (void)snprintf(member->sub_text, sizeof member->sub_text, "%s", json_string_value(json_object_get(json, "member")));
    const char *card = json_string_value(json_object_get(json, "card"));
    if (cf_hex_decode(member->sub_text, member->sub.b, CF_SUB_BYTES, NULL) != CF_OK ||
        cf_code_decode_text(cf_bytes_str(card), &member->card, NULL) != CF_OK)
        abort();
    json_decref(json);
}

/* Enrols without TLS, which is not simulated: the same request, the same answer. */
static void enrol(struct world *world, struct node *node, uint32_t store)
{
    char body[2 * CF_PEM_MAX], csr[CF_PEM_MAX], key_hex[2 * CF_P256_PUBLIC_BYTES + 1], secret_hex[32],
        proof_hex[2 * CF_P256_SIGNATURE_BYTES + 1];
    struct cf_private_key *tls = NULL;
    struct cf_enrol_code code;
    struct cf_buf message;
    cf_signature proof;
    cf_public_key public_key;
    (void)snprintf(body, sizeof body, "{\"store\":%u,\"label\":\"Till\"}", store);
    json_t *json = expect(world, "POST", "/v1/terminals", body, 201);
    if (cf_enrol_code_parse(json_string_value(json_object_get(json, "enrol_code")), &code, NULL) != CF_OK)
        abort();
    json_decref(json);
    make_key((uint8_t)(0x31 + node->number), &node->key);
    make_key((uint8_t)(0x41 + node->number), &tls);
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
    node->store = (uint32_t)json_integer_value(json_object_get(json, "store"));
    for (size_t k = 0; k < 2; k++)
        if (cf_hex_decode(json_string_value(json_array_get(json_object_get(json, "roots"), k)), world->roots[k].point,
                          CF_P256_PUBLIC_BYTES, NULL) != CF_OK)
            abort();
    json_decref(json);
}

static void prepare_node(struct world *world, unsigned number)
{
    struct node *node = &world->node[number];
    node->world = world;
    node->number = number;
    node->boot = 1;
    node->booted_us = START_US - SIM_HOUR;
    enrol(world, node, world->store_id[number / 2]);
    (void)snprintf(node->dir, sizeof node->dir, "%.200s/till-%u-0", world->dir, number);
    if (mkdir(node->dir, 0700) != 0)
        abort();
    struct cf_journal_identity identity = {.terminal = node->terminal, .epoch = node->epoch, .store = node->store};
    node->env = (struct cf_env){&node_ops, node};
    sim_must(world, cf_journal_create(node->dir, &identity, &node->env, &sim_err));
    /* The first sync brings keys and goods; the till opens after it. */
    sim_must(world, cf_keyring_new(world->roots, &node->ring, &sim_err));
    sim_must(world, cf_link_new(node->dir, &node->env, &node->link, NULL, &sim_err));
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
    struct cf_sync_report report;
    sim_must(world, cf_sync_new(&sync, &node->sync, &sim_err));
    sim_must(world, cf_sync_cycle(node->sync, &report, &sim_err));
    sim_must(world, cf_sync_cycle(node->sync, &report, &sim_err));
    node_close(node);
}

void sim_origin_make(struct sim_origin *origin)
{
    struct world *world = &origin->world;
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    char path[2 * SIM_PATH_MAX];
    memset(origin, 0, sizeof *origin);
    (void)snprintf(origin->dir, sizeof origin->dir, "%.100s/cf-sim-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(origin->dir))
        abort();
    (void)snprintf(world->dir, sizeof world->dir, "%.200s/origin", origin->dir);
    central_path(world, "", path);
    if (mkdir(world->dir, 0700) != 0 || mkdir(path, 0700) != 0)
        abort();
    world->chance = 1;
    world->now_us = START_US;
    cf_central_response_init(&world->response);
    central_make(world, true);
    for (size_t k = 0; k < 2; k++) {
        world->store_id[k] =
            number_of(expect(world, "POST", "/v1/stores", "{\"name\":\"Shop\",\"currency\":\"CNY\"}", 201), "store");
        make_goods(world, world->store_id[k]);
    }
    world->channel = number_of(expect(world, "POST", "/v1/channels", "{\"name\":\"Web\",\"store\":1}", 201), "channel");
    for (uint8_t k = 0; k < SIM_MEMBERS; k++)
        make_member(world, &world->member[k], (uint8_t)(0x21 + k));
    for (unsigned k = 0; k < SIM_NODES; k++)
        prepare_node(world, k);
    if (world->failed)
        abort();
    central_stop(world);
    cf_central_response_done(&world->response);
}

void sim_origin_remove(const struct sim_origin *origin)
{
    sim_remove_folder(origin->dir);
}

/* --- one history -------------------------------------------------------------------------------------------------- */

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
    world->campaign[which] = number_of(expect(world, "POST", "/v1/campaigns", body, 201), "campaign");
    world->budget[which] = budget;
}

void world_begin(struct world *world, const struct sim_origin *origin, uint64_t seed, enum sim_bug bug)
{
    char more[160];
    *world = origin->world;
    world->bug = bug;
    world->chance = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    world->log_hash = UINT64_C(0xCBF29CE484222325);
    world->n_events = 0;
    (void)snprintf(world->dir, sizeof world->dir, "%.180s/%llu-%d", origin->dir, (unsigned long long)seed,
                   (int)getpid());
    sim_copy_folder(origin->world.dir, world->dir);
    cf_central_response_init(&world->response);
    central_make(world, false);
    (void)snprintf(more, sizeof more, ",\"lease_per_terminal\":%d", 1 + (int)sim_chance(world, 3));
    launch(world, SIM_LEASED, "leased", 4 + (int64_t)sim_chance(world, 8), more);
    launch(world, SIM_PINNED, "pinned", 3 + (int64_t)sim_chance(world, 6), "");
    launch(world, SIM_ONLINE_ONLY, "online_only", 2 + (int64_t)sim_chance(world, 5), "");
    (void)snprintf(more, sizeof more,
                   ",\"lease_per_terminal\":2,\"issue_in_store\":{\"min_spend_minor\":2000,\"valid_days\":30,"
                   "\"range_per_terminal\":%d}",
                   4 + (int)sim_chance(world, 8));
    launch(world, SIM_ISSUED, "leased", 5 + (int64_t)sim_chance(world, 8), more);
    launch(world, SIM_AUTOMATIC, "automatic", 0, "");
    world->loss_percent = (unsigned)sim_chance(world, 4) * 8;
    for (unsigned k = 0; k < SIM_NODES; k++) {
        struct node *node = &world->node[k];
        node->world = world;
        (void)snprintf(node->dir, sizeof node->dir, "%.220s/till-%u-0", world->dir, k);
        node->clock_off_us = ((int64_t)sim_chance(world, 600) - 300) * SIM_S;
        node_open(node);
    }
    sim_log(world, "begin: budgets %lld %lld %lld %lld, loss %u%%", (long long)world->budget[0],
            (long long)world->budget[1], (long long)world->budget[2], (long long)world->budget[3], world->loss_percent);
}

void world_end(struct world *world)
{
    for (unsigned k = 0; k < SIM_NODES; k++)
        node_close(&world->node[k]);
    central_stop(world);
    sim_remove_folder(world->dir);
}
