/*
 * tests/unit/hub/hub_world.c - see hub_world.h.
 */
#include "tests/unit/hub/hub_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/core/erasure.h"
#include "app/core/sale_return.h"
#include "app/store/replica.h"
#include "sync/wire/redeem.h"

struct cf_answer hub_answer;

/* --- the world ---------------------------------------------------------------------------------------------------- */

static enum cf_rc net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                               struct cf_buf *ret_body, struct cf_error *error)
{
    struct hub_world *world = ctx;
    world->net_calls++;
    cf_buf_clear(&world->net_asked);
    assert_int_equal(cf_buf_append(&world->net_asked, request->body.p, request->body.n, NULL), CF_OK);
    if (world->net_fn != NULL)
        world->net_fn(world, request);
    if (world->net_rc != CF_OK)
        return cf_fail(error, world->net_rc, "as the test says");
    *ret_status = world->net_status;
    return cf_buf_append(ret_body, world->net_answer.p, world->net_answer.n, error);
}

static enum cf_rc file_read(void *ctx, const char *path, struct cf_buf *ret, struct cf_error *error)
{
    (void)ctx;
    return cf_env_system()->ops->file_read(NULL, path, ret, error);
}

static enum cf_rc file_replace(void *ctx, const char *path, cf_bytes content, unsigned mode, struct cf_error *error)
{
    (void)ctx;
    return cf_env_system()->ops->file_replace(NULL, path, content, mode, error);
}

static void apply(struct hub_world *world, enum cf_topic topic, uint64_t *n, struct cf_sha256 *digest,
                  const struct cf_down_entry *entry)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) bytes;
    cf_buf_init(&bytes, CF_DOWN_ENTRY_MAX);
    assert_ok(cf_down_encode(entry, &bytes, &err));
    cf_bytes one = cf_buf_bytes(&bytes);
    struct cf_sha256 after = cf_down_digest(digest, one);
    assert_ok(cf_replica_apply(world->replica, topic, *n, &one, 1, &after, &err));
    (*n)++;
    *digest = after;
}

void down_terminal(struct hub_world *world, uint32_t terminal, uint32_t epoch, bool fenced,
                   const struct cf_private_key *key)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_TERMINAL};
    entry.terminal.terminal = terminal;
    entry.terminal.epoch = epoch;
    entry.terminal.fenced = fenced;
    cf_private_key_public(key, &entry.terminal.sign_key);
    apply(world, CF_TOPIC_HUB, &world->hub_entries, &world->hub_digest, &entry);
}

void down_store_lease(struct hub_world *world, uint32_t campaign, uint32_t hub_epoch, int64_t granted)
{
    const struct cf_lease_grant grant = {.campaign = campaign, .epoch = hub_epoch, .granted = granted};
    down_store_grant(world, &grant);
}

void down_store_grant(struct hub_world *world, const struct cf_lease_grant *grant)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_LEASE, .lease = *grant};
    apply(world, CF_TOPIC_LEASES, &world->lease_entries, &world->lease_digest, &entry);
}

static void down_terms(struct hub_world *world, const struct cf_campaign *terms)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_CAMPAIGN, .campaign = *terms};
    apply(world, CF_TOPIC_CAMPAIGNS, &world->campaign_entries, &world->campaign_digest, &entry);
}

static struct cf_campaign terms_of(uint32_t campaign, enum cf_on_return on_return)
{
    return (struct cf_campaign){.id = campaign,
                                .version = 1,
                                .name = "Spring",
                                .policy = CF_POLICY_LEASED,
                                .channels = CF_CHANNEL_STORE,
                                .on_return = on_return,
                                .promotion = {.campaign = campaign,
                                              .version = 1,
                                              .name = "Spring",
                                              .kind = CF_REWARD_ORDER_PERCENT,
                                              .percent_bp = 2000,
                                              .needs_coupon = true}};
}

void down_campaign(struct hub_world *world, uint32_t campaign, enum cf_on_return on_return)
{
    const struct cf_campaign terms = terms_of(campaign, on_return);
    down_terms(world, &terms);
}

void down_counted_campaign(struct hub_world *world, uint32_t campaign, bool money_limited, int64_t most_minor,
                           uint32_t per_day)
{
    struct cf_campaign terms = terms_of(campaign, CF_ON_RETURN_BURN);
    terms.money_limited = money_limited;
    terms.per_day = per_day;
    terms.promotion.max_discount_minor = most_minor;
    down_terms(world, &terms);
}

void down_erase(struct hub_world *world, cf_sub member)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_ERASE};
    entry.erase = cf_erase_mark_of(member);
    apply(world, CF_TOPIC_ERASURES, &world->erasure_entries, &world->erasure_digest, &entry);
}

void down_redeemed(struct hub_world *world, uint32_t campaign, uint32_t index)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_REDEEMED};
    entry.redeemed = (struct cf_redeemed){.campaign = campaign, .n = 1, .index = {index}};
    apply(world, CF_TOPIC_REDEEMED, &world->redeemed_entries, &world->redeemed_digest, &entry);
}

static void make_till(struct hub_till *till, uint32_t terminal)
{
    uint8_t scalar[CF_P256_PRIVATE_BYTES] = {0};
    scalar[31] = (uint8_t)terminal;
    *till = (struct hub_till){.terminal = terminal, .epoch = 1, .head = cf_record_chain_start(terminal, 1)};
    assert_ok(cf_private_key_load(scalar, &till->key, &err));
}

struct cf_hub_config hub_config(struct hub_world *world)
{
    return (struct cf_hub_config){.env = &world->env,
                                  .dir = world->folder,
                                  .incarnation_path = world->incarnation_path,
                                  .store = HUB_STORE,
                                  .terminal = HUB_TERMINAL,
                                  .epoch = 1,
                                  .hub_epoch = world->hub_epoch,
                                  .sign_key = world->till[0].key};
}

struct hub_world *hub_world_in(char *folder)
{
    struct hub_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->folder = folder;
    assert_true(asprintf(&world->incarnation_path, "%s.hub-incarnation", world->folder) > 0);
    world->ops = *test_env()->ops;
    world->ops.net_exchange = net_exchange;
    world->ops.file_read = file_read;
    world->ops.file_replace = file_replace;
    world->env = (struct cf_env){&world->ops, world};
    world->hub_epoch = 1;
    cf_buf_init(&world->net_answer, 1 << 20);
    cf_buf_init(&world->net_asked, 8 << 20);
    cf_hub_response_init(&world->response);
    assert_ok(cf_replica_open(world->folder, CF_REPLICA_SYNC, &world->replica, NULL, &err));
    for (uint32_t i = 0; i < HUB_TILLS; i++) {
        make_till(&world->till[i], HUB_TERMINAL + i);
        down_terminal(world, HUB_TERMINAL + i, 1, false, world->till[i].key);
    }
    assert_ok(hub_reopen(world));
    return world;
}

int hub_setup(void **state)
{
    void *folder = NULL;
    assert_int_equal(folder_setup(&folder), 0);
    *state = hub_world_in(folder);
    return 0;
}

int hub_teardown(void **state)
{
    struct hub_world *world = *state;
    void *folder = world->folder;
    hub_world_free(world);
    return folder_teardown(&folder);
}

void hub_world_free(struct hub_world *world)
{
    hub_shut(world);
    for (size_t i = 0; i < HUB_TILLS; i++)
        cf_private_key_free(world->till[i].key);
    cf_replica_close(world->replica);
    cf_hub_response_done(&world->response);
    cf_buf_done(&world->net_answer);
    cf_buf_done(&world->net_asked);
    unlink(world->incarnation_path);
    free(world->incarnation_path);
    free(world);
}

enum cf_rc hub_reopen(struct hub_world *world)
{
    struct cf_hub_config config = hub_config(world);
    hub_shut(world);
    enum cf_rc rc = cf_hub_open(&config, &world->hub, &err);
    if (rc == CF_OK && !world->is_new)
        hub_hears(world);
    return rc;
}

void hub_hears(struct hub_world *world)
{
    struct cf_hub_store *store = NULL;
    assert_ok(cf_hub_store_open(world->folder, &store, &err));
    assert_ok(cf_hub_store_set_heard(store, world->hub_epoch, &err));
    cf_hub_store_close(store);
}

void hub_shut(struct hub_world *world)
{
    cf_hub_close(world->hub);
    world->hub = NULL;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

enum cf_rc hub_ask(struct hub_world *world, struct hub_till *till, const char *path, cf_bytes body)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) frame;
    cf_buf_init(&frame, CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX);
    struct cf_hub_frame ask = {
        .hub_epoch = world->hub_epoch, .has_witness = till->has_witness, .witness = till->witness, .body = body};
    assert_ok(cf_hub_frame_encode(&ask, &frame, &err));
    struct cf_hub_request request = {
        .method = "POST", .path = path, .body = cf_buf_bytes(&frame), .terminal = till->terminal, .epoch = till->epoch};
    cf_hub_handle(world->hub, &request, &world->response);
    if (world->response.status != 200) {
        struct cf_refusal refusal;
        assert_ok(cf_refusal_decode(cf_buf_bytes(&world->response.body), &refusal, &err));
        snprintf(err.detail, sizeof err.detail, "%s", refusal.detail);
        return refusal.rc;
    }
    assert_ok(cf_hub_frame_decode(cf_buf_bytes(&world->response.body), &world->frame, &err));
    assert_true(world->frame.has_witness);
    till->has_witness = true;
    till->witness = world->frame.witness;
    return CF_OK;
}

static enum cf_rc verdict_of(struct hub_world *world, enum cf_rc rc)
{
    enum cf_rc verdict = CF_OK;
    if (rc != CF_OK)
        return rc;
    assert_ok(cf_hub_verdict_decode(world->frame.body, &verdict, &err));
    return verdict;
}

enum cf_rc hub_claim(struct hub_world *world, struct hub_till *till, uint8_t key, uint32_t campaign, uint32_t index)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_hub_claim claim = {
        .terminal = till->terminal, .epoch = till->epoch, .campaign = campaign, .index = index};
    memset(claim.request_key, key, sizeof claim.request_key);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_ok(cf_hub_claim_encode(&claim, &body, &err));
    return verdict_of(world, hub_ask(world, till, CF_PATH_HUB_CLAIM, cf_buf_bytes(&body)));
}

enum cf_rc hub_release(struct hub_world *world, struct hub_till *till, uint8_t key, uint32_t campaign, uint32_t index)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_hub_release release = {
        .terminal = till->terminal, .epoch = till->epoch, .campaign = campaign, .index = index};
    memset(release.request_key, key, sizeof release.request_key);
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_ok(cf_hub_release_encode(&release, &body, &err));
    return verdict_of(world, hub_ask(world, till, CF_PATH_HUB_RELEASE, cf_buf_bytes(&body)));
}

int64_t hub_sublease(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t left, int64_t want)
{
    int64_t keep;
    return hub_sublease_spent(world, till, campaign, left, want, 0, &keep);
}

int64_t hub_giveback(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t keep)
{
    int64_t minor;
    return hub_giveback_money(world, till, campaign, keep, &minor);
}

int64_t hub_giveback_money(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t keep,
                           int64_t *ret_minor)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    static struct cf_hub_giveback_ask ask;
    static struct cf_hub_givebacks got;
    ask = (struct cf_hub_giveback_ask){.terminal = till->terminal, .epoch = till->epoch, .n = 1};
    ask.items[0].campaign = campaign;
    ask.items[0].keep = keep;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_ok(cf_hub_giveback_ask_encode(&ask, &body, &err));
    if (hub_ask(world, till, CF_PATH_HUB_GIVEBACK, cf_buf_bytes(&body)) != CF_OK)
        return -1;
    assert_ok(cf_hub_givebacks_decode(world->frame.body, &got, &err));
    assert_int_equal(got.n, 1);
    assert_int_equal(got.items[0].campaign, campaign);
    *ret_minor = got.items[0].returned_minor;
    return got.items[0].returned;
}

int64_t hub_sublease_spent(struct hub_world *world, struct hub_till *till, uint32_t campaign, int64_t left,
                           int64_t want, int64_t spent, int64_t *ret_keep)
{
    const struct cf_hub_sublease_asked asked = {.campaign = campaign, .left = left, .want = want, .spent = spent};
    struct cf_hub_subleased lent = hub_lend(world, till, asked);
    *ret_keep = lent.keep;
    return lent.granted;
}

struct cf_hub_subleased hub_lend(struct hub_world *world, struct hub_till *till, struct cf_hub_sublease_asked asked)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    static struct cf_hub_sublease_ask ask;
    static struct cf_hub_subleases got;
    ask = (struct cf_hub_sublease_ask){.terminal = till->terminal, .epoch = till->epoch, .n = 1};
    ask.items[0] = asked;
    cf_buf_init(&body, CF_HUB_MESSAGE_MAX);
    assert_ok(cf_hub_sublease_ask_encode(&ask, &body, &err));
    if (hub_ask(world, till, CF_PATH_HUB_SUBLEASE, cf_buf_bytes(&body)) != CF_OK)
        return (struct cf_hub_subleased){.granted = -1};
    assert_ok(cf_hub_subleases_decode(world->frame.body, &got, &err));
    assert_int_equal(got.n, 1);
    assert_int_equal(got.items[0].campaign, asked.campaign);
    assert_int_equal(got.items[0].day, asked.day);
    return got.items[0];
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static uint8_t bodies[CF_BATCH_RECORDS_MAX][2048]; /* of the batch being made */

static void add_record(struct hub_till *till, struct cf_batch *batch, enum cf_record_type type, cf_bytes body)
{
    struct cf_record *record = &batch->records[batch->n_records];
    assert_true(body.n <= sizeof bodies[0]);
    memcpy(bodies[batch->n_records], body.p, body.n);
    *record = (struct cf_record){.terminal = till->terminal,
                                 .epoch = till->epoch,
                                 .seq = batch->first_seq + batch->n_records,
                                 .wall_ms = 1795331108000,
                                 .time_quality = CF_TIME_SYNCED,
                                 .type = type,
                                 .body = cf_bytes_of(bodies[batch->n_records], body.n)};
    batch->n_records++;
}

void batch_begin(struct hub_till *till, struct cf_batch *batch)
{
    memset(batch, 0, sizeof *batch);
    batch->terminal = till->terminal;
    batch->epoch = till->epoch;
    batch->first_seq = till->seq + 1;
    batch->previous = till->head;
}

void make_sale(struct hub_till *till, struct cf_batch *batch, uint32_t campaign, uint32_t index, uint8_t key)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_sale *sale = NULL;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, batch->first_seq + batch->n_records, 2, campaign, index);
    if (campaign != 0)
        memset(sale->redemptions[0].request_key, key, CF_REQUEST_KEY_BYTES);
    assert_ok(cf_sale_encode(sale, &body, &err));
    cf_sale_free(sale);
    add_record(till, batch, CF_RECORD_SALE, cf_buf_bytes(&body));
}

void make_issuing_sale(struct hub_till *till, struct cf_batch *batch, uint32_t campaign, uint32_t index)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_sale *sale = NULL;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, batch->first_seq + batch->n_records, 2, 0, 0);
    sale->n_issued = 1;
    sale->issued[0] = (struct cf_issued){.campaign = campaign, .index = index};
    assert_ok(cf_sale_encode(sale, &body, &err));
    cf_sale_free(sale);
    add_record(till, batch, CF_RECORD_SALE, cf_buf_bytes(&body));
}

void make_member_sale(struct hub_till *till, struct cf_batch *batch, cf_sub member)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_sale *sale = NULL;
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    assert_ok(cf_sale_new(&sale, &err));
    fill_sale(sale, batch->first_seq + batch->n_records, 2, 0, 0);
    sale->has_member = sale->member_live = true;
    sale->member = member;
    sale->member_counter = batch->first_seq + batch->n_records;
    assert_ok(cf_sale_encode(sale, &body, &err));
    cf_sale_free(sale);
    add_record(till, batch, CF_RECORD_SALE, cf_buf_bytes(&body));
}

void make_void(struct hub_till *till, struct cf_batch *batch, uint32_t campaign, uint32_t index, uint8_t key)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_void_request request = {.campaign = campaign, .index = index};
    memset(request.request_key, key, sizeof request.request_key);
    cf_buf_init(&body, 256);
    assert_ok(cf_void_request_encode(&request, &body, &err));
    add_record(till, batch, CF_RECORD_VOID_REQUEST, cf_buf_bytes(&body));
}

void make_pick_up(struct hub_till *till, struct cf_batch *batch, uint32_t order, uint32_t generation, uint8_t key)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_pick_up taken = {
        .claim = {.order = order, .generation = generation, .source = CF_RIGHT_STORE, .hub_epoch = 1},
        .business_day = 20261122,
        .n_lines = 1,
        .lines = {{1, 1000}}};
    memset(taken.claim.request_key, key, sizeof taken.claim.request_key);
    cf_buf_init(&body, CF_PICK_UP_BYTES_MAX);
    assert_ok(cf_pick_up_encode(&taken, &body, &err));
    add_record(till, batch, CF_RECORD_PICK_UP, cf_buf_bytes(&body));
}

void make_sublease_return(struct hub_till *till, struct cf_batch *batch, const struct cf_hub_lease_return *given)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    cf_buf_init(&body, 256);
    assert_ok(cf_hub_lease_return_encode(given, &body, &err));
    add_record(till, batch, CF_RECORD_SUBLEASE_RETURN, cf_buf_bytes(&body));
}

void make_closed(struct hub_till *till, struct cf_batch *batch, const uint8_t nonce[CF_NONCE_BYTES])
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    cf_buf_init(&body, 256);
    assert_ok(cf_challenge_closed_encode(nonce, &body, &err));
    add_record(till, batch, CF_RECORD_CHALLENGE, cf_buf_bytes(&body));
}

static void add_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                       uint32_t campaign, uint32_t index, int64_t before_milli, uint8_t key)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    struct cf_sale *sale = NULL;
    struct cf_return *back = NULL;
    const int64_t before[2] = {before_milli, 0}, now[2] = {1000 - before_milli, 1000};
    const enum cf_on_return fate[1] = {CF_ON_RETURN_GIVE_BACK};
    const struct cf_return_goods goods = {.before_milli = before, .qty_milli = now, .on_return = fate};
    cf_buf_init(&body, CF_SALE_BYTES_MAX);
    assert_ok(cf_sale_new(&sale, &err));
    assert_ok(cf_return_new(&back, &err));
    fill_sale(sale, seq, 2, campaign, index);
    back->return_no = batch->first_seq + batch->n_records;
    back->business_day = 20261122;
    memcpy(back->cashier, "Li", 3);
    back->of = (struct cf_sale_ref){.terminal = seller->terminal, .epoch = seller->epoch, .seq = seq, .sale_no = seq};
    back->claimed = key != 0;
    memset(back->request_key, key, sizeof back->request_key);
    assert_ok(cf_return_make(sale, &goods, back, &err));
    assert_int_equal(back->n_rights, campaign != 0 && before_milli == 0);
    assert_ok(cf_return_encode(back, &body, &err));
    cf_return_free(back);
    cf_sale_free(sale);
    add_record(till, batch, CF_RECORD_RETURN, cf_buf_bytes(&body));
}

void make_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                 uint32_t campaign, uint32_t index)
{
    add_return(till, batch, seller, seq, campaign, index, 0, 0);
}

void make_false_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                       uint32_t campaign, uint32_t index, int64_t before_milli)
{
    add_return(till, batch, seller, seq, campaign, index, before_milli, 0);
}

void make_plain_return(struct hub_till *till, struct cf_batch *batch, const struct hub_till *seller, uint64_t seq,
                       uint8_t key)
{
    add_return(till, batch, seller, seq, 0, 0, 0, key);
}

void batch_sign(struct hub_till *till, struct cf_batch *batch, struct cf_buf *ret)
{
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    batch->head = batch->previous;
    for (size_t i = 0; i < batch->n_records; i++) {
        struct cf_sha256 body_hash = cf_record_body_hash(&batch->records[i]);
        batch->head = cf_record_chain(&batch->head, &batch->records[i], &body_hash);
    }
    cf_batch_signed_bytes(batch, signed_bytes);
    assert_ok(cf_sign(till->key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &batch->signature, &err));
    cf_buf_clear(ret);
    assert_ok(cf_batch_encode(batch, ret, &err));
    till->seq = batch->first_seq + batch->n_records - 1;
    till->head = batch->head;
}

enum cf_rc hub_push(struct hub_world *world, struct hub_till *till, const struct cf_batch *batch)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) body;
    cf_buf_init(&body, CF_BATCH_BYTES_MAX);
    assert_ok(cf_batch_encode(batch, &body, &err));
    enum cf_rc rc = hub_ask(world, till, CF_PATH_HUB_RECORDS, cf_buf_bytes(&body));
    if (rc == CF_OK)
        assert_ok(cf_answer_decode(world->frame.body, &hub_answer, &err));
    return rc;
}
