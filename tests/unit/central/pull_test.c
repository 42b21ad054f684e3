/*
 * tests/unit/central/pull_test.c - the centre's log comes down whole, in order, and no terminal gets another's.
 */
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* A till's copy of what came down: only how far it is. */
struct replica {
    uint64_t version[CF_TOPICS_MAX + 1];
    struct cf_sha256 digest[CF_TOPICS_MAX + 1];
    uint64_t cursor;
    size_t n_entries, n_pages, n_manifests, n_chunks;
};

/* Follows one page: it must go on exactly from where the replica is. */
static void take_page(struct replica *replica, cf_bytes cose)
{
    cf_bytes payload;
    struct cf_page *page = calloc(1, sizeof *page);
    assert_int_equal(cf_cose_peek(cose, &payload, NULL), CF_OK);
    assert_int_equal(cf_page_decode(payload, page, NULL), CF_OK);
    struct cf_sha256 *digest = &replica->digest[page->topic];
    if (page->from == 0 && (page->topic == CF_TOPIC_LEASES || page->topic == CF_TOPIC_KEYS)) {
        memset(digest, 0, sizeof *digest); /* read again from the start */
        replica->version[page->topic] = 0;
    }
    assert_int_equal(page->from, replica->version[page->topic]);
    assert_memory_equal(page->previous.digest, digest->digest, CF_SHA256_BYTES);
    for (size_t i = 0; i < page->n_entries; i++) {
        struct cf_down_entry *entry = calloc(1, sizeof *entry);
        assert_int_equal(cf_down_decode(page->entries[i], entry, NULL), CF_OK);
        free(entry);
        *digest = cf_down_digest(digest, page->entries[i]);
    }
    assert_memory_equal(page->after.digest, digest->digest, CF_SHA256_BYTES);
    replica->version[page->topic] += page->n_entries;
    replica->n_entries += page->n_entries;
    replica->n_pages++;
    free(page);
}

static enum cf_rc count_entry(void *ctx, cf_bytes entry, struct cf_error *err)
{
    struct replica *replica = ctx;
    struct cf_down_entry *decoded = calloc(1, sizeof *decoded);
    enum cf_rc rc = cf_down_decode(entry, decoded, err);
    replica->n_entries++;
    free(decoded);
    return rc;
}

static void take_manifest(struct centre *centre, const struct till *till, struct replica *replica, cf_bytes cose)
{
    cf_bytes payload;
    struct cf_manifest *manifest = calloc(1, sizeof *manifest);
    assert_int_equal(cf_cose_peek(cose, &payload, NULL), CF_OK);
    assert_int_equal(cf_manifest_decode(payload, manifest, NULL), CF_OK);
    for (size_t i = 0; i < manifest->n_chunks; i++) {
        char path[160], hex[65];
        cf_hex_encode(cf_bytes_of(manifest->chunks[i].digest, CF_SHA256_BYTES), hex);
        (void)snprintf(path, sizeof path, CF_PATH_CHUNK "%d/%s", (int)manifest->topic, hex);
        assert_int_equal(centre_terminal_call(centre, till, "GET", path, (cf_bytes){NULL, 0}), 200);
        cf_bytes chunk = cf_buf_bytes(&centre->response.body);
        assert_true(chunk.n <= CF_CHUNK_BYTES_MAX);
        struct cf_sha256 hash = cf_sha256(chunk);
        assert_memory_equal(hash.digest, manifest->chunks[i].digest, CF_SHA256_BYTES);
        assert_int_equal(cf_chunk_walk(chunk, count_entry, replica, NULL), CF_OK);
        replica->n_chunks++;
    }
    replica->version[manifest->topic] = manifest->version;
    replica->digest[manifest->topic] = manifest->digest;
    replica->n_manifests++;
    free(manifest);
}

/* One pull; gives whether there is more. */
static bool pull(struct centre *centre, const struct till *till, struct replica *replica, uint32_t max_bytes)
{
    struct cf_pull pull = {.terminal = till->terminal, .epoch = till->epoch, .max_bytes = max_bytes};
    struct cf_buf buf, answer;
    struct cf_pulled *pulled = calloc(1, sizeof *pulled);
    for (int topic = CF_TOPIC_KEYS; topic <= CF_TOPICS_MAX; topic++) {
        pull.topics[pull.n_topics].topic = (enum cf_topic)topic;
        pull.topics[pull.n_topics].version = replica->version[topic];
        pull.topics[pull.n_topics++].digest = replica->digest[topic];
    }
    cf_buf_init(&buf, 8192);
    cf_buf_init(&answer, CF_PULL_BYTES_MAX);
    assert_int_equal(cf_pull_encode(&pull, &buf, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, till, "POST", CF_PATH_PULL, cf_buf_bytes(&buf)), 200);
    assert_int_equal(cf_buf_append(&answer, centre->response.body.p, centre->response.body.n, NULL), CF_OK);
    assert_int_equal(cf_pulled_decode(cf_buf_bytes(&answer), pulled, NULL), CF_OK);
    for (size_t i = 0; i < pulled->n_pages; i++) {
        take_page(replica, pulled->pages[i]);
    }
    for (size_t i = 0; i < pulled->n_manifests; i++) {
        take_manifest(centre, till, replica, pulled->manifests[i]);
    }
    bool more = pulled->more;
    assert_true(pulled->cursor >= replica->cursor);
    replica->cursor = pulled->cursor;
    cf_buf_done(&buf);
    cf_buf_done(&answer);
    free(pulled);
    return more;
}

static void pull_all(struct centre *centre, const struct till *till, struct replica *replica, uint32_t max_bytes)
{
    size_t rounds = 0;
    while (pull(centre, till, replica, max_bytes)) {
        assert_true(++rounds < 10000);
    }
}

/* n more products, each with its own code. */
static void add_products(struct centre *centre, uint32_t store, size_t first, size_t n, int64_t price)
{
    struct cf_buf body;
    const char *text;
    cf_buf_init(&body, 8u << 20);
    for (size_t i = first; i < first + n; i++) {
        assert_int_equal(cf_buf_printf(&body, NULL,
                                       "{\"code\":\"P%zu\",\"name\":\"Product %zu\",\"price_minor\":%lld}\n", i, i,
                                       (long long)price),
                         CF_OK);
    }
    assert_int_equal(cf_buf_cstr(&body, &text, NULL), CF_OK);
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/catalogue?store=%lu", (unsigned long)store);
    json_t *json = centre_expect(centre, "POST", path, text, 200);
    assert_int_equal(json_int(json, "products"), (int64_t)n);
    json_decref(json);
    cf_buf_done(&body);
}

static void all_topics_come_down_in_pages(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct replica replica = {.cursor = 0};
    till_enrol(centre, &till, centre->store_id);
    (void)centre_campaign(centre, "leased", 10,
                          ",\"lease_per_terminal\":4,\"issue_in_store\":{\"valid_days\":9,\"range_per_terminal\":4}");
    pull_all(centre, &till, &replica, 1u << 20);
    assert_int_equal(replica.version[CF_TOPIC_KEYS], 1);
    assert_int_equal(replica.version[CF_TOPIC_PRICES], 2); /* the store and its product */
    assert_int_equal(replica.version[CF_TOPIC_CAMPAIGNS], 1);
    assert_int_equal(replica.version[CF_TOPIC_GRANTS], 1);
    assert_int_equal(replica.version[CF_TOPIC_LEASES], 1);
    assert_int_equal(replica.n_manifests, 0);
    uint64_t cursor = replica.cursor;
    assert_false(pull(centre, &till, &replica, 1u << 20)); /* nothing new: nothing comes */
    assert_int_equal(replica.cursor, cursor);
    size_t pages = replica.n_pages;
    json_decref(centre_expect(centre, "PATCH", "/v1/campaigns/1", "{\"stopped\":true}", 200));
    pull_all(centre, &till, &replica, 1u << 20);
    assert_int_equal(replica.version[CF_TOPIC_CAMPAIGNS], 2);
    assert_int_equal(replica.n_pages, pages + 1);
    assert_true(replica.cursor > cursor);
    till_done(&till);
}

static void many_entries_come_in_several_answers(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct replica replica = {.cursor = 0};
    till_enrol(centre, &till, centre->store_id);
    add_products(centre, 1, 0, 3000, 100);
    assert_true(pull(centre, &till, &replica, 4096));
    uint64_t cursor = replica.cursor;
    pull_all(centre, &till, &replica, 4096);
    assert_int_equal(replica.version[CF_TOPIC_PRICES], 3002);
    assert_true(replica.cursor > cursor);
    struct replica again = {.cursor = 0}; /* the signed pages from the cache are the same */
    pull_all(centre, &till, &again, 1u << 20);
    assert_int_equal(again.n_entries, replica.n_entries);
    assert_int_equal(again.cursor, replica.cursor);
    till_done(&till);
}

static void a_terminal_far_behind_gets_a_snapshot_of_the_newest_state(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct replica replica = {.cursor = 0};
    till_enrol(centre, &till, centre->store_id);
    add_products(centre, 1, 0, 6000, 100);
    add_products(centre, 1, 0, 6000, 200); /* new prices: 12,000 entries for 6,000 products */
    json_decref(centre_expect(centre, "POST", "/v1/catalogue?store=1",
                              "{\"code\":\"P7\",\"name\":\"x\",\"price_minor\":1,\"gone\":true}", 200));
    pull_all(centre, &till, &replica, 1u << 20);
    assert_int_equal(replica.n_manifests, 1);
    assert_true(replica.n_chunks >= 1);
    assert_int_equal(replica.version[CF_TOPIC_PRICES], 12003);
    /* The store, its pen, 6,000 products but one; keys: one page; the terminal itself, for a hub of its store. */
    assert_int_equal(replica.n_entries, 1 + 1 + 5999 + 1 + 1);
    add_products(centre, 1, 6000, 10, 100); /* and goes on by pages */
    pull_all(centre, &till, &replica, 1u << 20);
    assert_int_equal(replica.n_manifests, 1);
    assert_int_equal(replica.version[CF_TOPIC_PRICES], 12013);
    till_done(&till);
}

static uint32_t new_store(struct centre *centre, const char *name)
{
    char body[80];
    (void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"currency\":\"CNY\"}", name);
    json_t *json = centre_expect(centre, "POST", "/v1/stores", body, 201);
    uint32_t store = (uint32_t)json_int(json, "store");
    json_decref(json);
    return store;
}

/* Of a chain every store sells the same: all chunks but the first are the same bytes, and so have one hash. */
static void two_stores_with_one_catalogue_both_get_their_snapshot(void **state)
{
    struct centre *centre = *state;
    uint32_t stores[] = {new_store(centre, "East"), new_store(centre, "West")};
    add_products(centre, stores[0], 0, 12000, 100);
    add_products(centre, stores[1], 0, 12000, 100);
    for (size_t i = 0; i < 4; i++) {
        struct till till;
        struct replica replica = {.cursor = 0};
        till_enrol(centre, &till, stores[i % 2]);
        pull_all(centre, &till, &replica, 1u << 20);
        assert_int_equal(replica.n_manifests, 1);
        assert_true(replica.n_chunks >= 2);
        till_done(&till);
    }
}

static void a_digest_that_is_not_ours_brings_a_snapshot_but_leases_start_again(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct replica replica = {.cursor = 0};
    till_enrol(centre, &till, centre->store_id);
    (void)centre_campaign(centre, "leased", 10, ",\"lease_per_terminal\":4");
    pull_all(centre, &till, &replica, 1u << 20);
    for (int topic = CF_TOPIC_KEYS; topic <= CF_TOPICS_MAX; topic++) {
        memset(&replica.digest[topic], 0xff, sizeof replica.digest[topic]);
    }
    struct replica wiped = replica;
    wiped.n_manifests = 0;
    pull_all(centre, &till, &wiped, 1u << 20);
    assert_int_equal(wiped.version[CF_TOPIC_PRICES], 2);
    assert_int_equal(wiped.version[CF_TOPIC_LEASES], 1);
    assert_int_equal(wiped.version[CF_TOPIC_KEYS], 1);
    assert_int_equal(wiped.n_manifests, CF_TOPICS_MAX - 2); /* all but keys and leases */
    till_done(&till);
}

static void a_terminal_gets_its_own_stores_prices_and_its_own_leases(void **state)
{
    struct centre *centre = *state;
    struct till here, there;
    struct replica a = {.cursor = 0}, b = {.cursor = 0};
    json_t *json = centre_expect(centre, "POST", "/v1/stores", "{\"name\":\"Other\",\"currency\":\"CNY\"}", 201);
    uint32_t other_store = (uint32_t)json_int(json, "store");
    json_decref(json);
    till_enrol(centre, &here, centre->store_id);
    till_enrol(centre, &there, other_store);
    (void)centre_campaign(centre, "leased", 10, ",\"lease_per_terminal\":4,\"stores\":[1]");
    pull_all(centre, &here, &a, 1u << 20);
    pull_all(centre, &there, &b, 1u << 20);
    assert_int_equal(a.version[CF_TOPIC_PRICES], 2);
    assert_int_equal(b.version[CF_TOPIC_PRICES], 1);
    assert_int_equal(a.version[CF_TOPIC_LEASES], 1);
    assert_int_equal(b.version[CF_TOPIC_LEASES], 0);
    till_done(&here);
    till_done(&there);
}

static void a_chunk_of_another_store_or_none_is_not_found(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    till_enrol(centre, &till, centre->store_id);
    static const char *const paths[] = {
        CF_PATH_CHUNK "2/0000000000000000000000000000000000000000000000000000000000000000",
        CF_PATH_CHUNK "99/0000000000000000000000000000000000000000000000000000000000000000",
        CF_PATH_CHUNK "2/xyz",
        CF_PATH_CHUNK "../..",
        CF_PATH_CHUNK,
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_int_equal(centre_terminal_call(centre, &till, "GET", paths[i], (cf_bytes){NULL, 0}), 404);
        assert_int_equal(cf_refusal_decode(cf_buf_bytes(&centre->response.body), &refusal, NULL), CF_OK);
        assert_int_equal(refusal.rc, CF_E_NOT_FOUND);
    }
    till_done(&till);
}

static void redeemed_rights_and_results_come_down(void **state)
{
    struct centre *centre = *state;
    struct till till, other;
    struct replica a = {.cursor = 0}, b = {.cursor = 0};
    struct cf_answer answer;
    struct cf_refusal refusal;
    till_enrol(centre, &till, centre->store_id);
    till_enrol(centre, &other, centre->store_id);
    uint32_t campaign = centre_campaign(centre, "leased", 10, ",\"lease_per_terminal\":4");
    struct upload *upload = upload_new(&till);
    struct sold sold = {.n_lines = 1, .has_coupon = true, .campaign = campaign, .policy = CF_POLICY_LEASED};
    upload_sale(centre, &till, upload, &sold);
    sold.index = 1;
    upload_sale(centre, &till, upload, &sold);
    upload_add(centre, &till, upload, CF_RECORD_SALE, cf_bytes_of("\xff", 1));
    assert_int_equal(upload_send(centre, &till, upload, &answer, &refusal), 200);
    upload_free(upload);
    pull_all(centre, &till, &a, 1u << 20);
    pull_all(centre, &other, &b, 1u << 20);
    assert_int_equal(a.version[CF_TOPIC_REDEEMED], 1); /* both of the batch in one entry */
    assert_int_equal(b.version[CF_TOPIC_REDEEMED], 1);
    assert_int_equal(a.version[CF_TOPIC_RESULTS], 1);
    assert_int_equal(b.version[CF_TOPIC_RESULTS], 0);
    till_done(&till);
    till_done(&other);
}

static void a_pull_that_makes_no_sense_is_refused(void **state)
{
    struct centre *centre = *state;
    struct till till;
    struct cf_refusal refusal;
    till_enrol(centre, &till, centre->store_id);
    assert_int_equal(centre_terminal_call(centre, &till, "POST", CF_PATH_PULL, cf_bytes_str("\x80")), 400);
    assert_int_equal(cf_refusal_decode(cf_buf_bytes(&centre->response.body), &refusal, NULL), CF_OK);
    assert_int_equal(refusal.rc, CF_E_PROTOCOL);
    assert_int_equal(centre_terminal_call(centre, &till, "GET", CF_PATH_PULL, (cf_bytes){NULL, 0}), 405);
    struct cf_central_request nobody = {.port = CF_PORT_TERMINALS, .method = "POST", .path = CF_PATH_PULL};
    cf_central_handle(centre->central, &nobody, &centre->response);
    assert_int_equal(centre->response.status, 403);
    till_done(&till);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)
        TEST(all_topics_come_down_in_pages),
        TEST(many_entries_come_in_several_answers),
        TEST(a_terminal_far_behind_gets_a_snapshot_of_the_newest_state),
        TEST(two_stores_with_one_catalogue_both_get_their_snapshot),
        TEST(a_digest_that_is_not_ours_brings_a_snapshot_but_leases_start_again),
        TEST(a_terminal_gets_its_own_stores_prices_and_its_own_leases),
        TEST(a_chunk_of_another_store_or_none_is_not_found),
        TEST(redeemed_rights_and_results_come_down),
        TEST(a_pull_that_makes_no_sense_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
