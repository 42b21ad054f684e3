/*
 * tests/torture/shop.c - see shop.h.
 */
#include "tests/torture/shop.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sync/central/store/sqlite/member_store_sqlite.h"
#include "sync/wire/wire.h"
#include "tests/torture/book.h"

#define START_US (INT64_C(1795334400) * CF_US_PER_S) /* 2026-11-22T08:00:00Z */

struct cf_error shop_err;

const char *torture_fault_name(enum torture_fault fault)
{
    static const char *const names[TORTURE_FAULTS] = {
        "none",
        "a journal that commits with synchronous=NORMAL",
        "a journal that commits with synchronous=OFF",
        "a centre that commits with synchronous=NORMAL",
        "a centre that commits with synchronous=OFF",
        "a disk that lies about its syncs",
        "printing before the commit",
        "a second original of a receipt",
        "answering before the commit",
    };
    return names[fault];
}

/* --- chance and log ----------------------------------------------------------------------------------------------- */

static uint64_t next_chance(struct shop *shop)
{
    shop->chance += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = shop->chance;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t shop_chance(struct shop *shop, uint64_t below)
{
    return next_chance(shop) % below;
}

bool shop_percent(struct shop *shop, unsigned percent)
{
    return shop_chance(shop, 100) < percent;
}

void shop_log(struct shop *shop, const char *format, ...)
{
    char *line = shop->lines[shop->n_events++ % TORTURE_LINES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, TORTURE_LINE_MAX, format, args);
    va_end(args);
    if (shop->print_log)
        printf("# %s\n", line);
}

void shop_violation(struct shop *shop, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (shop->failed)
        return;
    shop->failed = true;
    if (shop->quiet)
        return;
    uint64_t first = shop->n_events > TORTURE_LINES ? shop->n_events - TORTURE_LINES : 0;
    for (uint64_t k = first; k < shop->n_events && !shop->print_log; k++)
        printf("# %s\n", shop->lines[k % TORTURE_LINES]);
    printf("# VIOLATION with seed %llu: %s\n", (unsigned long long)shop->seed, text);
    (void)fflush(stdout);
}

/* --- faults that are planted in SQLite's settings ------------------------------------------------------------------
 */

static struct {
    const char *file, *setting;
} planted;

static int refuse_synchronous(void *ctx, int action, const char *pragma, const char *value, const char *database,
                              const char *trigger)
{
    (void)ctx;
    (void)value;
    (void)database;
    (void)trigger;
    bool is_it = action == SQLITE_PRAGMA && pragma && sqlite3_stricmp(pragma, "synchronous") == 0;
    return is_it ? SQLITE_IGNORE : SQLITE_OK;
}

/* Of every database that is opened: the file that a fault is about is set so, whatever is asked for later. */
static int plant(sqlite3 *db, char **ret_error, const void *routines)
{
    const char *path = sqlite3_db_filename(db, "main");
    (void)ret_error;
    (void)routines;
    if (!planted.file || !path || !strstr(path, planted.file))
        return SQLITE_OK;
    (void)sqlite3_exec(db, planted.setting, NULL, NULL, NULL);
    (void)sqlite3_set_authorizer(db, refuse_synchronous, NULL);
    return SQLITE_OK;
}

static void plant_fault(struct shop *shop)
{
    static bool registered;
    bool journal = shop->fault == TORTURE_JOURNAL_NORMAL || shop->fault == TORTURE_JOURNAL_OFF;
    bool centre = shop->fault == TORTURE_CENTRE_NORMAL || shop->fault == TORTURE_CENTRE_OFF;
    bool off = shop->fault == TORTURE_JOURNAL_OFF || shop->fault == TORTURE_CENTRE_OFF;
    if (!registered)
        (void)sqlite3_auto_extension((void (*)(void))plant);
    registered = true;
    planted.file = journal ? "journal.db" : centre ? "member.db" : NULL;
    planted.setting = off ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL";
    struct cf_disk_rules rules = {.write_back_per_1000 = 30, .sync_lies = shop->fault == TORTURE_TILL_DISK_LIES};
    cf_disk_set_rules(shop->till_disk, &rules);
}

/* --- the machines' clocks and chance -------------------------------------------------------------------------------
 */

static cf_wall wall(void *ctx)
{
    return (cf_wall){((struct shop *)ctx)->now_us};
}

static cf_mono mono_centre(void *ctx)
{
    return (cf_mono){((struct shop *)ctx)->now_us - START_US + CF_US_PER_S};
}

static cf_mono mono_till(void *ctx)
{
    const struct shop *shop = ctx;
    return (cf_mono){shop->now_us - shop->booted_us + CF_US_PER_S};
}

static void boot_centre(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    (void)ctx;
    memset(ret_id, 0xce, CF_BOOT_ID_BYTES);
}

static void boot_till(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    memset(ret_id, 0x17, CF_BOOT_ID_BYTES);
    cf_put_be32(ret_id, ((struct shop *)ctx)->boot);
}

static void random_bytes(void *ctx, void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)p)[i] = (uint8_t)(next_chance(ctx) >> 32);
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    (void)ctx;
    return cf_env_system()->ops->file_read(cf_env_system()->ctx, path, ret, err);
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *err)
{
    (void)ctx;
    return cf_env_system()->ops->file_replace(cf_env_system()->ctx, path, content, mode, err);
}

bool shop_till_is_on(const struct shop *shop)
{
    return !cf_disk_is_off(shop->till_disk);
}

bool shop_centre_is_on(const struct shop *shop)
{
    return shop->central && !cf_disk_is_off(shop->centre_disk);
}

/* --- the network -------------------------------------------------------------------------------------------------- */

static enum cf_rc copy_answer(struct shop *shop, const char *path, int *ret_status, struct cf_buf *ret_body,
                              struct cf_error *err)
{
    static struct cf_answer answer; /* too large for a stack */
    cf_bytes body = cf_buf_bytes(&shop->response.body);
    cf_buf_clear(ret_body);
    enum cf_rc rc = cf_buf_append(ret_body, body.p, body.n, err);
    if (rc != CF_OK)
        return rc;
    *ret_status = shop->response.status;
    if (*ret_status == 200 && strcmp(path, CF_PATH_RECORDS) == 0 && cf_answer_decode(body, &answer, NULL) == CF_OK)
        book_acknowledged(shop, answer.ack_seq, &answer.ack_head);
    return CF_OK;
}

static void handle(struct shop *shop, const struct cf_net_request *request)
{
    struct cf_central_request asked = {
        .port = CF_PORT_TERMINALS,
        .method = request->method,
        .path = request->path,
        .body = request->body,
        .has_terminal = true, /* what the client certificate says */
        .terminal = shop->terminal,
        .epoch = shop->epoch,
    };
    cf_central_handle(shop->central, &asked, &shop->response);
}

/* "I have it", whether it does or not. */
static void answer_unseen(struct shop *shop, cf_bytes body)
{
    static struct cf_batch batch; /* too large for a stack */
    static const uint8_t no_time[] = {0x80};
    if (cf_batch_decode(body, &batch, NULL) != CF_OK)
        abort();
    static struct cf_answer answer;
    answer = (struct cf_answer){.ack_seq = batch.first_seq + batch.n_records - 1, .ack_head = batch.head};
    answer.time_statement = cf_bytes_of(no_time, sizeof no_time);
    cf_buf_clear(&shop->response.body);
    if (cf_answer_encode(&answer, &shop->response.body, NULL) != CF_OK)
        abort();
    shop->response.status = 200;
}

static enum cf_rc exchange(void *ctx, const struct cf_net_request *request, int *ret_status, struct cf_buf *ret_body,
                           struct cf_error *err)
{
    struct shop *shop = ctx;
    if (!shop_till_is_on(shop) || !shop_centre_is_on(shop) || shop_percent(shop, shop->loss_percent))
        return cf_fail(err, CF_E_LINK_DOWN, "no link");
    handle(shop, request);
    bool answered = shop_centre_is_on(shop);
    if (!answered && shop->fault == TORTURE_ANSWER_FIRST && strcmp(request->path, CF_PATH_RECORDS) == 0) {
        answer_unseen(shop, request->body);
        answered = true;
    }
    if (!answered || shop_percent(shop, shop->loss_percent))
        return cf_fail(err, CF_E_TIMEOUT, "no answer");
    return copy_answer(shop, request->path, ret_status, ret_body, err);
}

json_t *shop_call(struct shop *shop, const char *method, const char *path, const char *body, int *ret_status)
{
    char copy[128];
    if (!shop_centre_is_on(shop))
        return NULL;
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
        .api_key = shop->api_key,
    };
    cf_central_handle(shop->central, &request, &shop->response);
    if (!shop_centre_is_on(shop))
        return NULL;
    *ret_status = shop->response.status;
    return json_loadb((const char *)shop->response.body.p, shop->response.body.n, 0, NULL);
}

static const struct cf_env_ops centre_ops = {
    .wall_now = wall,
    .mono_now = mono_centre,
    .boot_id = boot_centre,
    .random = random_bytes,
    .file_read = file_read,
    .file_replace = file_replace,
};
static const struct cf_env_ops till_ops = {
    .wall_now = wall,
    .mono_now = mono_till,
    .boot_id = boot_till,
    .random = random_bytes,
    .net_exchange = exchange,
    .file_read = file_read,
    .file_replace = file_replace,
};

/* --- opening and closing -------------------------------------------------------------------------------------------
 */

const char *shop_till_dir(const struct shop *shop)
{
    static char path[CF_DISK_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/till", cf_disk_path(shop->till_disk));
    return path;
}

const char *shop_centre_path(const struct shop *shop, const char *name)
{
    static char path[CF_DISK_PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/centre%s%s", cf_disk_path(shop->centre_disk), *name ? "/" : "", name);
    return path;
}

enum cf_rc shop_open_centre(struct shop *shop, struct cf_error *err)
{
    shop->centre_env = (struct cf_env){&centre_ops, shop};
    enum cf_rc rc = cf_member_store_sqlite_open(shop_centre_path(shop, "member.db"), false, &shop->store, err);
    if (rc == CF_OK)
        rc = cf_central_open(shop_centre_path(shop, ""), shop->store, &shop->centre_env, &shop->central, err);
    if (rc != CF_OK)
        shop_close_centre(shop);
    return rc;
}

void shop_close_centre(struct shop *shop)
{
    cf_central_close(shop->central);
    cf_store_close(shop->store);
    shop->central = NULL;
    shop->store = NULL;
}

static enum cf_rc open_sync(struct shop *shop, struct cf_error *err)
{
    bool rebuilt = false;
    cf_disk_as(shop->till_disk, 1);
    enum cf_rc rc = cf_keyring_new(shop->roots, &shop->ring, err);
    if (rc == CF_OK)
        rc = cf_link_new(shop_till_dir(shop), &shop->till_env, &shop->link, &rebuilt, err);
    shop->count.rebuilt += rc == CF_OK && rebuilt;
    if (rc == CF_OK)
        rc = cf_link_load_keys(shop->link, shop->ring, err);
    if (rc != CF_OK)
        return rc;
    struct cf_sync_config sync = {
        .env = &shop->till_env,
        .terminal = shop->terminal,
        .epoch = shop->epoch,
        .store = shop->store_id,
        .sign_key = shop->key,
        .keyring = shop->ring,
        .outbox = cf_link_outbox(shop->link),
        .sink = cf_link_sink(shop->link),
    };
    return cf_sync_new(&sync, &shop->sync, err);
}

enum cf_rc shop_open_till(struct shop *shop, struct cf_error *err)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    cf_private_key_save(shop->key, scalar);
    shop->till_env = (struct cf_env){&till_ops, shop};
    struct cf_till_config config = {
        .dir = shop_till_dir(shop),
        .terminal = shop->terminal,
        .epoch = shop->epoch,
        .store = shop->store_id,
        .label = "Till",
        .cashier = "Li Na",
        .roots = {shop->roots[0], shop->roots[1]},
        .sign_key = scalar,
        .ask_online = true,
    };
    enum cf_rc rc = open_sync(shop, err);
    cf_disk_as(shop->till_disk, 0);
    if (rc == CF_OK)
        rc = cf_till_open(&config, &shop->till_env, &shop->till, err);
    if (rc != CF_OK)
        shop_close_till(shop);
    return rc;
}

void shop_close_till(struct shop *shop)
{
    cf_sync_free(shop->sync);
    cf_link_free(shop->link);
    cf_keyring_free(shop->ring);
    cf_till_close(shop->till);
    shop->sync = NULL;
    shop->link = NULL;
    shop->ring = NULL;
    shop->till = NULL;
}

/* --- the origin --------------------------------------------------------------------------------------------------- */

static json_t *expect(struct shop *shop, const char *method, const char *path, const char *body, int status)
{
    int got = 0;
    json_t *json = shop_call(shop, method, path, body, &got);
    if (got != status) {
        printf("# %s %s: %d %.*s\n", method, path, got, (int)shop->response.body.n,
               (const char *)shop->response.body.p);
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

static void make_key(uint8_t fill, struct cf_private_key **ret)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES];
    memset(scalar, fill, sizeof scalar);
    if (cf_private_key_load(scalar, ret, NULL) != CF_OK)
        abort();
}

static void make_centre(struct shop *shop)
{
    struct cf_central_plan plan = {.brand = "Lotus", .hosts = {"localhost", NULL}};
    shop->centre_env = (struct cf_env){&centre_ops, shop};
    bool good =
        mkdir(shop_centre_path(shop, ""), 0700) == 0 &&
        cf_member_store_sqlite_open(shop_centre_path(shop, "member.db"), true, &shop->store, &shop_err) == CF_OK &&
        cf_central_init(shop_centre_path(shop, ""), shop->store, &plan, &shop->centre_env, shop->api_key, &shop_err) ==
            CF_OK &&
        cf_central_open(shop_centre_path(shop, ""), shop->store, &shop->centre_env, &shop->central, &shop_err) == CF_OK;
    if (!good)
        abort();
}

static void stock(struct shop *shop)
{
    char hex[2 * CF_P256_PUBLIC_BYTES + 1], body[256];
    struct cf_private_key *phone = NULL;
    cf_public_key device;
    shop->store_id =
        number_of(expect(shop, "POST", "/v1/stores", "{\"name\":\"Shop\",\"currency\":\"CNY\"}", 201), "store");
    shop->channel = number_of(expect(shop, "POST", "/v1/channels", "{\"name\":\"Web\",\"store\":1}", 201), "channel");
    json_decref(
        expect(shop, "POST", "/v1/catalogue?store=1",
               "{\"id\":1,\"codes\":[\"6901234567892\"],\"name\":\"Cream\",\"price_minor\":3990,\"tax_bp\":1300}\n"
               "{\"id\":2,\"codes\":[\"4006381333931\"],\"name\":\"Soap\",\"price_minor\":1000,\"tax_bp\":1300}\n"
               "{\"id\":3,\"codes\":[\"5901234123457\"],\"name\":\"Tea\",\"price_minor\":2500,\"tax_bp\":900}\n",
               200));
    for (int k = 0; k < TORTURE_CAMPAIGNS; k++) {
        shop->budget[k] = 60;
        (void)snprintf(
            body, sizeof body,
            "{\"name\":\"Campaign %d\",\"policy\":\"%s\",\"budget\":60%s,\"channels\":[\"store\",\"online\"],"
            "\"promotion\":{\"kind\":\"order_amount\",\"amount_minor\":300}}",
            k, k == TORTURE_LEASED ? "leased" : "online_only", k == TORTURE_LEASED ? ",\"lease_per_terminal\":20" : "");
        shop->campaign[k] = number_of(expect(shop, "POST", "/v1/campaigns", body, 201), "campaign");
    }
    make_key(0x21, &phone);
    cf_private_key_public(phone, &device);
    cf_private_key_free(phone);
    cf_hex_encode(cf_bytes_of(device.point, sizeof device.point), hex);
    (void)snprintf(body, sizeof body, "{\"name\":\"Lin Mei\",\"device_key\":\"%s\"}", hex);
    json_t *json = expect(shop, "POST", "/v1/members", body, 201);
    (void)snprintf(shop->member, sizeof shop->member, "%s", json_string_value(json_object_get(json, "member")));
    (void)snprintf(shop->card, sizeof shop->card, "%s", json_string_value(json_object_get(json, "card")));
    json_decref(json);
}

/* Enrols without TLS, which is not part of this: the same request, the same answer. */
static void enrol(struct shop *shop)
{
    char body[2 * CF_PEM_MAX], csr[CF_PEM_MAX], key_hex[2 * CF_P256_PUBLIC_BYTES + 1], secret_hex[32],
        proof_hex[2 * CF_P256_SIGNATURE_BYTES + 1];
    struct cf_private_key *tls = NULL;
    struct cf_enrol_code code;
    struct cf_buf message;
    cf_signature proof;
    cf_public_key public_key;
    json_t *json = expect(shop, "POST", "/v1/terminals", "{\"store\":1,\"label\":\"Till\"}", 201);
    if (cf_enrol_code_parse(json_string_value(json_object_get(json, "enrol_code")), &code, NULL) != CF_OK)
        abort();
    json_decref(json);
    make_key(0x31, &shop->key);
    make_key(0x41, &tls);
    cf_buf_init(&message, 2 * CF_PEM_MAX);
    cf_private_key_public(shop->key, &public_key);
    bool good = cf_x509_request(tls, "till", csr, NULL) == CF_OK &&
                cf_buf_append_str(&message, "cf-enrol", NULL) == CF_OK &&
                cf_buf_append(&message, code.secret, sizeof code.secret, NULL) == CF_OK &&
                cf_buf_append_str(&message, csr, NULL) == CF_OK &&
                cf_sign(shop->key, cf_buf_bytes(&message), &proof, NULL) == CF_OK;
    if (!good)
        abort();
    cf_hex_encode(cf_bytes_of(public_key.point, sizeof public_key.point), key_hex);
    cf_hex_encode(cf_bytes_of(code.secret, sizeof code.secret), secret_hex);
    cf_hex_encode(cf_bytes_of(proof.rs, sizeof proof.rs), proof_hex);
    json_t *ask =
        json_pack("{s:s,s:s,s:s,s:s}", "secret", secret_hex, "csr", csr, "sign_key", key_hex, "proof", proof_hex);
    char *text = json_dumps(ask, JSON_COMPACT);
    (void)snprintf(body, sizeof body, "%s", text);
    free(text);
    json_decref(ask);
    json = expect(shop, "POST", "/v1/enrol", body, 200);
    cf_buf_done(&message);
    cf_private_key_free(tls);
    shop->terminal = (uint32_t)json_integer_value(json_object_get(json, "terminal"));
    shop->epoch = (uint32_t)json_integer_value(json_object_get(json, "epoch"));
    for (size_t k = 0; k < 2; k++)
        if (cf_hex_decode(json_string_value(json_array_get(json_object_get(json, "roots"), k)), shop->roots[k].point,
                          CF_P256_PUBLIC_BYTES, NULL) != CF_OK)
            abort();
    json_decref(json);
}

static void first_sync(struct shop *shop)
{
    struct cf_sync_report report;
    struct cf_journal_identity identity = {.terminal = shop->terminal, .epoch = shop->epoch, .store = shop->store_id};
    shop->till_env = (struct cf_env){&till_ops, shop};
    bool good = mkdir(shop_till_dir(shop), 0700) == 0 &&
                cf_journal_create(shop_till_dir(shop), &identity, &shop->till_env, &shop_err) == CF_OK &&
                open_sync(shop, &shop_err) == CF_OK && cf_sync_cycle(shop->sync, &report, &shop_err) == CF_OK &&
                cf_sync_cycle(shop->sync, &report, &shop_err) == CF_OK;
    if (!good) {
        printf("# %s: %s\n", cf_rc_name(shop_err.rc), shop_err.detail);
        abort();
    }
    shop_close_till(shop);
}

void shop_origin_make(struct shop *origin)
{
    memset(origin, 0, sizeof *origin);
    origin->chance = 1;
    origin->now_us = START_US;
    origin->boot = 1;
    origin->booted_us = START_US - CF_US_PER_S;
    origin->centre_disk = cf_disk_new(1);
    origin->till_disk = cf_disk_new(2);
    cf_central_response_init(&origin->response);
    make_centre(origin);
    stock(origin);
    enrol(origin);
    first_sync(origin);
    shop_close_centre(origin);
    cf_central_response_done(&origin->response);
    origin->book.acknowledged_seq = 0;
}

void shop_origin_done(struct shop *origin)
{
    cf_private_key_free(origin->key);
    cf_disk_free(origin->centre_disk);
    cf_disk_free(origin->till_disk);
}

void shop_begin(struct shop *shop, const struct shop *origin, uint64_t seed, enum torture_fault fault)
{
    *shop = *origin;
    shop->seed = seed;
    shop->chance = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    shop->fault = fault;
    shop->centre_disk = cf_disk_copy(origin->centre_disk, shop_chance(shop, UINT64_MAX));
    shop->till_disk = cf_disk_copy(origin->till_disk, shop_chance(shop, UINT64_MAX));
    cf_disk_seed_sqlite(seed);
    cf_central_response_init(&shop->response);
    plant_fault(shop);
    shop->loss_percent = (unsigned)shop_chance(shop, 3) * 7;
    shop->book.n_states = 1; /* no open sale */
    if (shop_open_centre(shop, &shop_err) != CF_OK || shop_open_till(shop, &shop_err) != CF_OK)
        shop_violation(shop, "it does not open: %s: %s", cf_rc_name(shop_err.rc), shop_err.detail);
}

void shop_end(struct shop *shop)
{
    shop_close_till(shop);
    shop_close_centre(shop);
    for (size_t k = 0; k < shop->book.n_orders; k++)
        cf_buf_done(&shop->book.order[k].answer);
    cf_central_response_done(&shop->response);
    cf_disk_free(shop->centre_disk);
    cf_disk_free(shop->till_disk);
}
