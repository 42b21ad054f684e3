/*
 * tests/unit/central/centre.c - see centre.h.
 */
#include "tests/unit/central/centre.h"

#include "sync/central/store/sqlite/member_store_sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* --- a world ------------------------------------------------------------------------------------------------------ */

static cf_wall fake_wall(void *ctx)
{
    return ((struct centre *)ctx)->now;
}

static cf_mono fake_mono(void *ctx)
{
    return (cf_mono){((struct centre *)ctx)->now.us};
}

static void fake_boot_id(void *ctx, uint8_t id[CF_BOOT_ID_BYTES])
{
    (void)ctx;
    memset(id, 7, CF_BOOT_ID_BYTES);
}

static uint64_t next_chance(struct centre *centre)
{
    centre->chance += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = centre->chance;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void fake_random(void *ctx, void *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)p)[i] = (uint8_t)next_chance(ctx);
    }
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

static const struct cf_env_ops fake_ops = {
    .wall_now = fake_wall,
    .mono_now = fake_mono,
    .boot_id = fake_boot_id,
    .random = fake_random,
    .file_read = real_read,
    .file_replace = real_replace,
};

uint32_t centre_chance(struct centre *centre, uint32_t n)
{
    return (uint32_t)(next_chance(centre) % n);
}

/* --- the centre --------------------------------------------------------------------------------------------------- */

static void store_path(const struct centre *centre, char path[300])
{
    (void)snprintf(path, 300, "%s/member.db", centre->dir);
}

int centre_start(void **state)
{
    struct centre *centre = calloc(1, sizeof *centre);
    struct cf_central_plan plan = {.brand = "Test", .hosts = {"localhost", NULL}};
    struct cf_error err;
    char path[300];
    const char *tmp = getenv("TMPDIR");
    (void)snprintf(centre->dir, sizeof centre->dir, "%s/cf-centre-XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(centre->dir));
    centre->env = (struct cf_env){&fake_ops, centre};
    centre->now = cf_wall_from_s(CENTRE_START_S);
    centre->chance = 1;
    store_path(centre, path);
    assert_int_equal(cf_member_store_sqlite_open(path, true, &centre->store, &err), CF_OK);
    assert_int_equal(cf_central_init(centre->dir, centre->store, &plan, &centre->env, centre->api_key, &err), CF_OK);
    assert_int_equal(cf_central_open(centre->dir, centre->store, &centre->env, &centre->central, &err), CF_OK);
    cf_central_response_init(&centre->response);
    assert_int_equal(cf_sale_new(&centre->sale, &err), CF_OK);
    json_t *json = centre_expect(centre, "POST", "/v1/stores", "{\"name\":\"Shop\",\"currency\":\"CNY\"}", 201);
    centre->store_id = (uint32_t)json_int(json, "store");
    json_decref(json);
    json = centre_expect(centre, "POST", "/v1/channels", "{\"name\":\"Web\",\"store\":1}", 201);
    centre->channel_id = (uint32_t)json_int(json, "channel");
    json_decref(json);
    json_decref(centre_expect(centre, "POST", "/v1/catalogue?store=1",
                              "{\"code\":\"" PRODUCT_CODE "\",\"name\":\"Pen\",\"price_minor\":1000,\"tax_bp\":1300,"
                              "\"categories\":[3]}\n",
                              200));
    *state = centre;
    return 0;
}

void centre_restart(struct centre *centre)
{
    struct cf_error err;
    char path[300];
    cf_central_close(centre->central);
    cf_store_close(centre->store);
    store_path(centre, path);
    assert_int_equal(cf_member_store_sqlite_open(path, false, &centre->store, &err), CF_OK);
    assert_int_equal(cf_central_open(centre->dir, centre->store, &centre->env, &centre->central, &err), CF_OK);
}

int centre_stop(void **state)
{
    struct centre *centre = *state;
    char command[300];
    cf_central_close(centre->central);
    cf_store_close(centre->store);
    cf_central_response_done(&centre->response);
    cf_sale_free(centre->sale);
    static const char *const names[] = {"member.db",
                                        "member.db-wal",
                                        "member.db-shm",
                                        "ca.pem",
                                        "ca.key.pem",
                                        "server.pem",
                                        "server.key.pem",
                                        "keys/card.key.pem",
                                        "keys/coupon.key.pem",
                                        "keys/ticket.key.pem",
                                        "keys/grant.key.pem",
                                        "keys/page.key.pem",
                                        "keys",
                                        "offline-roots/root-1.key.pem",
                                        "offline-roots/root-2.key.pem",
                                        "offline-roots/MOVE-THESE-AWAY.txt",
                                        "offline-roots",
                                        ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(command, sizeof command, "%s/%s", centre->dir, names[i]);
        (void)remove(command);
    }
    free(centre);
    return 0;
}

json_t *centre_call_as(struct centre *centre, const char *method, const char *path, const char *body,
                       const char *idempotency_key, int *ret_status)
{
    char copy[512];
    (void)snprintf(copy, sizeof copy, "%s", path);
    char *query = strchr(copy, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    struct cf_central_request request = {.port = CF_PORT_API,
                                         .method = method,
                                         .path = copy,
                                         .query = query,
                                         .body = body != NULL ? cf_bytes_str(body) : (cf_bytes){NULL, 0},
                                         .api_key = centre->api_key,
                                         .idempotency_key = idempotency_key};
    cf_central_handle(centre->central, &request, &centre->response);
    *ret_status = centre->response.status;
    return json_loadb((const char *)centre->response.body.p, centre->response.body.n, 0, NULL);
}

json_t *centre_call(struct centre *centre, const char *method, const char *path, const char *body, int *ret_status)
{
    return centre_call_as(centre, method, path, body, NULL, ret_status);
}

json_t *centre_expect(struct centre *centre, const char *method, const char *path, const char *body, int status)
{
    int got;
    json_t *json = centre_call(centre, method, path, body, &got);
    if (got != status) {
        print_message("# %s %s: %d %.*s\n", method, path, got, (int)centre->response.body.n,
                      (const char *)centre->response.body.p);
    }
    assert_int_equal(got, status);
    return json;
}

void centre_refuses(struct centre *centre, const char *method, const char *path, const char *body, const char *name)
{
    int status;
    json_t *json = centre_call(centre, method, path, body, &status);
    const json_t *error = json_object_get(json, "error");
    if (error == NULL || strcmp(json_text(error, "name"), name) != 0) {
        print_message("# %s %s %.200s: %d %.*s\n", method, path, body != NULL ? body : "", status,
                      (int)centre->response.body.n, (const char *)centre->response.body.p);
    }
    assert_non_null(error);
    assert_string_equal(json_text(error, "name"), name);
    enum cf_rc rc;
    assert_true(cf_rc_from_number(json_int(error, "number"), &rc));
    assert_string_equal(cf_rc_name(rc), name);
    assert_int_equal(status, cf_rc_http_status(rc));
    assert_string_equal(json_text(error, "text"), cf_rc_text(rc));
    assert_non_null(json_object_get(error, "detail"));
    assert_int_equal(json_is_true(json_object_get(error, "retry")), cf_rc_retry(rc));
    json_decref(json);
}

int64_t json_int(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

const char *json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    assert_non_null(text);
    return text;
}

uint32_t centre_campaign(struct centre *centre, const char *policy, int64_t budget, const char *extra)
{
    char body[1024];
    char money[64] = "";
    if (budget > 0) {
        (void)snprintf(money, sizeof money, ",\"budget\":%lld", (long long)budget);
    }
    (void)snprintf(body, sizeof body,
                   "{\"name\":\"Ten off\",\"policy\":\"%s\"%s,\"promotion\":{\"kind\":\"order_percent\","
                   "\"percent_bp\":1000}%s}",
                   policy, money, extra);
    json_t *json = centre_expect(centre, "POST", "/v1/campaigns", body, 201);
    uint32_t id = (uint32_t)json_int(json, "campaign");
    json_decref(json);
    return id;
}

struct figures centre_figures(struct centre *centre, uint32_t campaign)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/campaigns/%lu", (unsigned long)campaign);
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    const json_t *f = json_object_get(json, "figures");
    struct figures figures = {json_int(f, "budget"), json_int(f, "free"),     json_int(f, "outstanding"),
                              json_int(f, "spent"),  json_int(f, "stranded"), json_int(f, "over")};
    json_decref(json);
    return figures;
}

void centre_adds_up(struct centre *centre, uint32_t campaign)
{
    struct figures f = centre_figures(centre, campaign);
    assert_int_equal(f.free + f.outstanding + f.spent + f.stranded, f.budget + f.over);
    assert_true(f.free >= 0 && f.outstanding >= 0 && f.spent >= 0 && f.stranded >= 0 && f.over >= 0);
    json_t *json = centre_expect(centre, "GET", "/v1/health", NULL, 200);
    assert_int_equal(json_int(json, "budgets_that_do_not_add_up"), 0);
    json_decref(json);
}

json_t *centre_alarms(struct centre *centre)
{
    json_t *set = json_object(), *json = centre_expect(centre, "GET", "/v1/alarms", NULL, 200);
    const json_t *list = json_object_get(json, "alarms");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *alarm = json_array_get(list, i);
        char key[400];
        (void)snprintf(key, sizeof key, "%lld.%lld.%lld %s %s",
                       (long long)json_integer_value(json_object_get(alarm, "terminal")),
                       (long long)json_integer_value(json_object_get(alarm, "epoch")),
                       (long long)json_integer_value(json_object_get(alarm, "seq")), json_text(alarm, "name"),
                       json_text(alarm, "text"));
        json_object_set_new(set, key, json_integer(json_integer_value(json_object_get(set, key)) + 1));
    }
    json_decref(json);
    return set;
}

int64_t centre_count(struct centre *centre, const char *path, const char *list)
{
    json_t *json = centre_expect(centre, "GET", path, NULL, 200);
    int64_t n = (int64_t)json_array_size(json_object_get(json, list));
    json_decref(json);
    return n;
}

/* --- tills -------------------------------------------------------------------------------------------------------- */

/* body: {"store": ...} or {"terminal": ...} */
static void enrol(struct centre *centre, struct till *till, const char *body)
{
    struct cf_enrol_code code;
    struct cf_private_key *tls_key;
    struct cf_error err;
    char csr[CF_PEM_MAX];
    json_t *made = centre_expect(centre, "POST", "/v1/terminals", body, 201);
    assert_int_equal(cf_enrol_code_parse(json_text(made, "enrol_code"), &code, &err), CF_OK);
    json_decref(made);
    assert_int_equal(cf_private_key_generate(&tls_key, &err), CF_OK);
    assert_int_equal(cf_private_key_generate(&till->sign_key, &err), CF_OK);
    assert_int_equal(cf_x509_request(tls_key, "terminal", csr, &err), CF_OK);
    cf_private_key_free(tls_key);
    struct cf_buf message;
    cf_buf_init(&message, 8192);
    assert_int_equal(cf_buf_append_str(&message, "cf-enrol", &err), CF_OK);
    assert_int_equal(cf_buf_append(&message, code.secret, sizeof code.secret, &err), CF_OK);
    assert_int_equal(cf_buf_append_str(&message, csr, &err), CF_OK);
    cf_signature proof;
    cf_public_key public_key;
    assert_int_equal(cf_sign(till->sign_key, cf_buf_bytes(&message), &proof, &err), CF_OK);
    cf_buf_done(&message);
    cf_private_key_public(till->sign_key, &public_key);
    char secret[17], key[67], signature[129];
    cf_hex_encode(cf_bytes_of(code.secret, 8), secret);
    cf_hex_encode(cf_bytes_of(public_key.point, 33), key);
    cf_hex_encode(cf_bytes_of(proof.rs, 64), signature);
    json_t *request = json_pack("{s:s,s:s,s:s,s:s}", "secret", secret, "csr", csr, "sign_key", key, "proof", signature);
    char *text = json_dumps(request, 0);
    json_t *answer = centre_expect(centre, "POST", "/v1/enrol", text, 200);
    till->terminal = (uint32_t)json_int(answer, "terminal");
    till->epoch = (uint32_t)json_int(answer, "epoch");
    till->clock = NULL;
    till->seq = 0;
    till->sale_no = 0;
    till->head = cf_record_chain_start(till->terminal, till->epoch);
    json_decref(answer);
    json_decref(request);
    free(text);
}

void till_enrol(struct centre *centre, struct till *till, uint32_t store)
{
    char body[80];
    (void)snprintf(body, sizeof body, "{\"store\":%lu,\"label\":\"Lane\"}", (unsigned long)store);
    enrol(centre, till, body);
}

void till_enrol_again(struct centre *centre, struct till *till)
{
    char body[80];
    (void)snprintf(body, sizeof body, "{\"terminal\":%lu}", (unsigned long)till->terminal);
    cf_private_key_free(till->sign_key);
    enrol(centre, till, body);
}

void till_done(struct till *till)
{
    cf_private_key_free(till->sign_key);
    till->sign_key = NULL;
}

/* --- sales -------------------------------------------------------------------------------------------------------- */

static void price(const struct sold *sold, struct cf_priced *priced)
{
    struct cf_cart *cart;
    struct cf_error err;
    struct cf_promotion promotion = {.campaign = sold->campaign,
                                     .version = 1,
                                     .kind = CF_REWARD_ORDER_PERCENT,
                                     .percent_bp = 1000,
                                     .needs_coupon = true};
    if (sold->n_of_category > 0) {
        promotion.goods.n_categories = 1;
        promotion.goods.categories[0] = 3;
    }
    struct cf_offer offer = {&promotion, true, 0, false};
    uint32_t line_no;
    cf_currency cny;
    assert_int_equal(cf_currency_parse("CNY", &cny, &err), CF_OK);
    assert_int_equal(cf_cart_new(cny, &cart, &err), CF_OK);
    for (size_t i = 0; i < sold->n_lines; i++) {
        struct cf_cart_line line = {
            .product = PRODUCT_ID, .qty_milli = 1000, .unit_price_minor = PRODUCT_PRICE, .tax_bp = PRODUCT_TAX_BP};
        line.n_categories = 1;
        line.categories[0] = i < sold->n_of_category ? 3 : 4;
        assert_int_equal(cf_cart_add(cart, &line, &line_no, &err), CF_OK);
    }
    assert_int_equal(
        cf_price(cart, &offer, sold->has_coupon, CF_TAX_INCLUSIVE, cf_wall_from_s(CENTRE_START_S), NULL, priced, &err),
        CF_OK);
    cf_cart_free(cart);
}

static void fill_rights(struct cf_sale *sale, const struct sold *sold)
{
    if (sold->has_coupon) {
        struct cf_redemption *r = &sale->redemptions[0];
        sale->n_redemptions = 1;
        *r = (struct cf_redemption){
            .campaign = sold->campaign,
            .index = sold->index,
            .generation = sold->generation,
            .policy = sold->policy,
            .source = sold->source != 0                  ? sold->source
                      : sold->policy == CF_POLICY_LEASED ? CF_RIGHT_LEASE
                      : sold->policy == CF_POLICY_PINNED ? CF_RIGHT_HOME
                                                         : CF_RIGHT_CENTRE,
            .hub_epoch = sold->hub_epoch,
        };
        memcpy(r->request_key, sold->request_key, sizeof r->request_key);
        sale->n_discounts = 1;
        sale->discounts[0] = (struct cf_sale_discount){sold->campaign, 1, 0, sale->discount_minor};
    }
    if (sold->issues) {
        sale->n_issued = 1;
        sale->issued[0] = sold->issued;
    }
    sale->has_member = sold->has_member;
    sale->member_live = sold->has_member;
    sale->member = sold->member;
    sale->points = sold->has_member ? sale->total_minor / 100 : 0;
}

void till_sale(struct centre *centre, struct till *till, const struct sold *sold, struct cf_buf *ret_body)
{
    struct cf_sale *sale = centre->sale;
    struct cf_sale_line *lines = sale->lines;
    struct cf_priced *priced;
    struct cf_error err;
    assert_int_equal(cf_priced_new(&priced, &err), CF_OK);
    price(sold, priced);
    *sale = (struct cf_sale){.lines = lines, .sale_no = ++till->sale_no, .business_day = 20261118};
    memcpy(sale->cashier, "Wang", 5);
    memcpy(sale->currency.code, "CNY", 4);
    sale->tax_mode = CF_TAX_INCLUSIVE;
    sale->n_lines = sold->n_lines;
    for (size_t i = 0; i < sold->n_lines; i++) {
        lines[i] = (struct cf_sale_line){.product = PRODUCT_ID,
                                         .qty_milli = 1000,
                                         .unit_price_minor = PRODUCT_PRICE,
                                         .discount_minor = priced->lines[i].discount_minor,
                                         .tax_bp = PRODUCT_TAX_BP};
    }
    sale->gross_minor = priced->gross_minor;
    sale->discount_minor = priced->discount_minor;
    sale->tax_minor = priced->tax_minor;
    sale->total_minor = priced->total_minor;
    if (sold->cents_off != 0) { /* in a way whose sums still add up */
        lines[0].discount_minor += sold->cents_off;
        sale->discount_minor += sold->cents_off;
        sale->total_minor -= sold->cents_off;
    }
    fill_rights(sale, sold);
    sale->tenders.total_minor = sale->total_minor;
    if (sale->total_minor > 0) {
        sale->tenders.n = 1;
        sale->tenders.tender[0] =
            (struct cf_tender){.kind = CF_TENDER_CASH, .amount_minor = sale->total_minor + sold->rounding_minor};
        sale->tenders.rounding_minor = sold->rounding_minor;
    }
    if (sold->forge != NULL) {
        sold->forge(sale);
    }
    enum cf_rc rc = cf_sale_encode(sale, ret_body, &err);
    if (rc != CF_OK) {
        print_message("# sale: %s\n", err.detail);
    }
    assert_int_equal(rc, CF_OK);
    cf_priced_free(priced);
}

/* --- uploads ------------------------------------------------------------------------------------------------------ */

struct upload *upload_new(const struct till *till)
{
    struct upload *upload = calloc(1, sizeof *upload);
    assert_non_null(upload);
    upload->batch.terminal = till->terminal;
    upload->batch.epoch = till->epoch;
    upload->batch.first_seq = till->seq + 1;
    upload->batch.previous = till->head;
    upload->batch.head = till->head;
    memset(upload->batch.nonce, 5, sizeof upload->batch.nonce);
    return upload;
}

void upload_free(struct upload *upload)
{
    for (size_t i = 0; i < upload->batch.n_records; i++) {
        cf_buf_done(&upload->bodies[i]);
    }
    free(upload);
}

void upload_add(struct centre *centre, struct till *till, struct upload *upload, enum cf_record_type type,
                cf_bytes body)
{
    struct cf_batch *batch = &upload->batch;
    size_t at = batch->n_records++;
    struct cf_buf *copy = &upload->bodies[at];
    cf_buf_init(copy, CF_RECORD_BODY_MAX);
    assert_int_equal(cf_buf_append(copy, body.p, body.n, NULL), CF_OK);
    struct cf_record *record = &batch->records[at];
    *record = (struct cf_record){.terminal = till->terminal,
                                 .epoch = till->epoch,
                                 .seq = ++till->seq,
                                 .mono_ms = (int64_t)till->seq,
                                 .wall_ms = centre->now.us / CF_US_PER_MS,
                                 .time_quality = CF_TIME_SYNCED,
                                 .type = type,
                                 .body = cf_buf_bytes(copy)};
    if (record->body.p == NULL) /* nothing, but not erased */
        record->body.p = (const uint8_t *)"";
    memset(record->boot_id, 7, sizeof record->boot_id);
    if (till->clock != NULL) {
        const struct till_clock *clock = till->clock;
        memset(record->boot_id, clock->boot, sizeof record->boot_id);
        record->mono_ms = clock->mono_ms;
        record->wall_ms = clock->wall_ms;
        record->time_quality = clock->quality;
        record->down_cursor = clock->down_cursor;
    }
    memset(record->salt, (int)(till->seq & 0x7f), sizeof record->salt);
    struct cf_sha256 body_hash = cf_record_body_hash(record);
    till->head = cf_record_chain(&till->head, record, &body_hash);
    batch->head = till->head;
}

void upload_sale(struct centre *centre, struct till *till, struct upload *upload, const struct sold *sold)
{
    struct cf_buf body;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    till_sale(centre, till, sold, &body);
    upload_add(centre, till, upload, CF_RECORD_SALE, cf_buf_bytes(&body));
    cf_buf_done(&body);
}

int centre_terminal_call(struct centre *centre, const struct till *till, const char *method, const char *path,
                         cf_bytes body)
{
    struct cf_central_request request = {.port = CF_PORT_TERMINALS,
                                         .method = method,
                                         .path = path,
                                         .body = body,
                                         .has_terminal = true,
                                         .terminal = till->terminal,
                                         .epoch = till->epoch};
    cf_central_handle(centre->central, &request, &centre->response);
    return centre->response.status;
}

int upload_send(struct centre *centre, const struct till *till, struct upload *upload, struct cf_answer *ret,
                struct cf_refusal *ret_refusal)
{
    uint8_t bytes[CF_BATCH_SIGNED_BYTES];
    struct cf_buf buf;
    struct cf_error err;
    cf_batch_signed_bytes(&upload->batch, bytes);
    assert_int_equal(cf_sign(till->sign_key, cf_bytes_of(bytes, sizeof bytes), &upload->batch.signature, &err), CF_OK);
    cf_buf_init(&buf, CF_BATCH_BYTES_MAX);
    assert_int_equal(cf_batch_encode(&upload->batch, &buf, &err), CF_OK);
    int status = centre_terminal_call(centre, till, "POST", CF_PATH_RECORDS, cf_buf_bytes(&buf));
    cf_buf_done(&buf);
    if (status == 200) {
        assert_int_equal(cf_answer_decode(cf_buf_bytes(&centre->response.body), ret, &err), CF_OK);
    } else {
        assert_int_equal(cf_refusal_decode(cf_buf_bytes(&centre->response.body), ret_refusal, &err), CF_OK);
        assert_int_equal(status, cf_rc_http_status(ret_refusal->rc));
    }
    return status;
}

void till_sells(struct centre *centre, struct till *till, const struct sold *sold)
{
    struct cf_answer answer;
    struct cf_refusal refusal = {.rc = CF_OK, .detail = ""};
    struct upload *upload = upload_new(till);
    upload_sale(centre, till, upload, sold);
    int status = upload_send(centre, till, upload, &answer, &refusal);
    if (status != 200) {
        print_message("# upload: %s %s\n", cf_rc_name(refusal.rc), refusal.detail);
    }
    assert_int_equal(status, 200);
    assert_int_equal(answer.ack_seq, till->seq);
    assert_int_equal(answer.n_results, 0);
    upload_free(upload);
}

size_t centre_pulled(struct centre *centre, const struct till *till, enum cf_topic topic, struct cf_down_entry *ret,
                     size_t max)
{
    struct cf_pull pull = {.terminal = till->terminal, .epoch = till->epoch, .n_topics = 1, .max_bytes = 1 << 20};
    struct cf_pulled *pulled = calloc(1, sizeof *pulled);
    struct cf_page *page = calloc(1, sizeof *page);
    struct cf_buf body;
    size_t n = 0;
    pull.topics[0].topic = topic;
    cf_buf_init(&body, 4096);
    assert_int_equal(cf_pull_encode(&pull, &body, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, till, "POST", CF_PATH_PULL, cf_buf_bytes(&body)), 200);
    assert_int_equal(cf_pulled_decode(cf_buf_bytes(&centre->response.body), pulled, NULL), CF_OK);
    for (size_t p = 0; p < pulled->n_pages; p++) {
        cf_bytes payload;
        assert_int_equal(cf_cose_peek(pulled->pages[p], &payload, NULL), CF_OK);
        assert_int_equal(cf_page_decode(payload, page, NULL), CF_OK);
        for (size_t i = 0; i < page->n_entries && n < max; i++) {
            assert_int_equal(cf_down_decode(page->entries[i], &ret[n++], NULL), CF_OK);
        }
    }
    cf_buf_done(&body);
    free(page);
    free(pulled);
    return n;
}
