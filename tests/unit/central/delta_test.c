/*
 * tests/unit/central/delta_test.c - redeemed rights come down in pages, deltas and snapshots, and come to the same.
 */
#include "tests/unit/central/centre.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sync/central/down_log.h"

#define CAMPAIGNS 3
#define SERIALS 20000

static uint64_t chance = 7;

static uint32_t below(uint32_t n) /* SplitMix64 */
{
    chance += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = chance;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) % n);
}

struct rights {
    bool used[CAMPAIGNS][SERIALS];
    uint32_t generation;
};
/* What a till has of the topic. */
struct reader {
    uint64_t version;
    struct cf_sha256 digest;
    struct rights rights;
    size_t pages, deltas, snapshots, bytes;
};

/* --- the centre's log --------------------------------------------------------------------------------------------- */

static struct rights truth;

static void append(struct centre *centre, struct cf_down_entry *entry, size_t n, bool used)
{
    uint32_t campaign = below(CAMPAIGNS);
    entry->kind = used ? CF_DOWN_REDEEMED : CF_DOWN_UNREDEEMED;
    entry->redeemed.campaign = campaign + 1;
    entry->redeemed.n = 0;
    for (uint32_t at = below(SERIALS); at < SERIALS && entry->redeemed.n < n; at += 1 + below(40)) {
        entry->redeemed.index[entry->redeemed.n++] = at;
        truth.used[campaign][at] = used;
    }
    assert_int_equal(cf_down_append(centre->central, CF_TOPIC_REDEEMED, 0, CF_DOWN_KEY_UNIQUE, entry, NULL), CF_OK);
}

/* `n` entries of up to 30 rights; one in six gives back. */
static void redeem(struct centre *centre, size_t n)
{
    struct cf_down_entry *entry = calloc(1, sizeof *entry);
    assert_non_null(entry);
    assert_int_equal(cf_central_begin(centre->central, NULL), CF_OK);
    for (size_t i = 0; i < n; i++)
        append(centre, entry, 1 + below(30), below(6) > 0);
    entry->kind = CF_DOWN_GENERATION;
    entry->generation.campaign = 1;
    entry->generation.index = 5;
    entry->generation.generation = ++truth.generation;
    assert_int_equal(cf_down_append(centre->central, CF_TOPIC_REDEEMED, 0, 5, entry, NULL), CF_OK);
    assert_int_equal(cf_central_end(centre->central, CF_OK, NULL), CF_OK);
    free(entry);
}

/* --- a till ------------------------------------------------------------------------------------------------------- */

static enum cf_rc take_entry(void *ctx, cf_bytes bytes, struct cf_error *err)
{
    struct rights *rights = ctx;
    struct cf_down_entry *entry = calloc(1, sizeof *entry);
    struct cf_rice_reader serials;
    uint32_t serial;
    assert_int_equal(cf_down_decode(bytes, entry, err), CF_OK);
    if (entry->kind == CF_DOWN_REDEEMED_BLOCK) {
        cf_rice_begin(&entry->redeemed_block.serials, &serials);
        while (cf_rice_next(&serials, &serial))
            rights->used[entry->redeemed_block.campaign - 1][serial] = entry->redeemed_block.used;
    } else if (entry->kind == CF_DOWN_GENERATION) {
        rights->generation = entry->generation.generation;
    } else {
        for (size_t i = 0; i < entry->redeemed.n; i++)
            rights->used[entry->redeemed.campaign - 1][entry->redeemed.index[i]] = entry->kind == CF_DOWN_REDEEMED;
    }
    free(entry);
    return CF_OK;
}

static void take_page(struct reader *reader, cf_bytes cose)
{
    cf_bytes payload;
    struct cf_page *page = calloc(1, sizeof *page);
    assert_int_equal(cf_cose_peek(cose, &payload, NULL), CF_OK);
    assert_int_equal(cf_page_decode(payload, page, NULL), CF_OK);
    assert_int_equal(page->from, reader->version);
    for (size_t i = 0; i < page->n_entries; i++)
        assert_int_equal(take_entry(&reader->rights, page->entries[i], NULL), CF_OK);
    reader->version += page->n_entries;
    reader->digest = page->after;
    reader->pages++;
    reader->bytes += cose.n;
    free(page);
}

static void take_manifest(struct centre *centre, const struct till *till, struct reader *reader, cf_bytes cose)
{
    cf_bytes payload;
    struct cf_manifest *manifest = calloc(1, sizeof *manifest);
    assert_int_equal(cf_cose_peek(cose, &payload, NULL), CF_OK);
    assert_int_equal(cf_manifest_decode(payload, manifest, NULL), CF_OK);
    if (manifest->base == 0) {
        memset(&reader->rights, 0, sizeof reader->rights);
        reader->snapshots++;
    } else {
        assert_int_equal(manifest->base, reader->version);
        assert_memory_equal(manifest->base_digest.digest, reader->digest.digest, CF_SHA256_BYTES);
        reader->deltas++;
    }
    for (size_t i = 0; i < manifest->n_chunks; i++) {
        char path[160], hex[65];
        cf_hex_encode(cf_bytes_of(manifest->chunks[i].digest, CF_SHA256_BYTES), hex);
        (void)snprintf(path, sizeof path, CF_PATH_CHUNK "%d/%s", (int)manifest->topic, hex);
        assert_int_equal(centre_terminal_call(centre, till, "GET", path, (cf_bytes){NULL, 0}), 200);
        cf_bytes chunk = cf_buf_bytes(&centre->response.body);
        struct cf_sha256 hash = cf_sha256(chunk);
        assert_memory_equal(hash.digest, manifest->chunks[i].digest, CF_SHA256_BYTES);
        assert_int_equal(cf_chunk_walk(chunk, take_entry, &reader->rights, NULL), CF_OK);
        reader->bytes += chunk.n;
    }
    reader->version = manifest->version;
    reader->digest = manifest->digest;
    reader->bytes += cose.n;
    free(manifest);
}

static bool pull(struct centre *centre, const struct till *till, struct reader *reader)
{
    struct cf_pull ask = {.terminal = till->terminal, .epoch = till->epoch, .n_topics = 1, .max_bytes = 1u << 20};
    struct cf_buf buf, answer;
    struct cf_pulled *pulled = calloc(1, sizeof *pulled);
    ask.topics[0].topic = CF_TOPIC_REDEEMED;
    ask.topics[0].version = reader->version;
    ask.topics[0].digest = reader->digest;
    cf_buf_init(&buf, 8192);
    cf_buf_init(&answer, CF_PULL_BYTES_MAX);
    assert_int_equal(cf_pull_encode(&ask, &buf, NULL), CF_OK);
    assert_int_equal(centre_terminal_call(centre, till, "POST", CF_PATH_PULL, cf_buf_bytes(&buf)), 200);
    assert_int_equal(cf_buf_append(&answer, centre->response.body.p, centre->response.body.n, NULL), CF_OK);
    assert_int_equal(cf_pulled_decode(cf_buf_bytes(&answer), pulled, NULL), CF_OK);
    for (size_t i = 0; i < pulled->n_pages; i++)
        take_page(reader, pulled->pages[i]);
    for (size_t i = 0; i < pulled->n_manifests; i++)
        take_manifest(centre, till, reader, pulled->manifests[i]);
    bool more = pulled->more;
    cf_buf_done(&buf);
    cf_buf_done(&answer);
    free(pulled);
    return more;
}

static void pull_all(struct centre *centre, const struct till *till, struct reader *reader)
{
    size_t rounds = 0;
    while (pull(centre, till, reader))
        assert_true(++rounds < 1000);
}

static void assert_same(const struct reader *reader)
{
    assert_int_equal(reader->rights.generation, truth.generation);
    for (size_t c = 0; c < CAMPAIGNS; c++)
        for (size_t s = 0; s < SERIALS; s++)
            if (reader->rights.used[c][s] != truth.used[c][s])
                fail_msg("campaign %zu, coupon %zu: %d, but %d is true", c + 1, s, reader->rights.used[c][s],
                         truth.used[c][s]);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void however_far_behind_a_till_is_it_comes_to_the_same(void **state)
{
    struct centre *centre = *state;
    struct till till;
    static struct reader reader, fresh;
    memset(&reader, 0, sizeof reader);
    memset(&fresh, 0, sizeof fresh);
    memset(&truth, 0, sizeof truth);
    till_enrol(centre, &till, centre->store_id);
    static const size_t behind[] = {1, 10, 60, 70, 500, 3, 2000, 9000, 64, 65, 1};
    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        redeem(centre, behind[i]);
        pull_all(centre, &till, &reader);
        assert_same(&reader);
    }
    assert_true(reader.pages >= 4 && reader.deltas >= 5);
    assert_int_equal(reader.snapshots, 0); /* a log that is known needs none, even 9,000 entries later */
    pull_all(centre, &till, &fresh);
    assert_same(&fresh);
    assert_int_equal(fresh.snapshots, 1);
    till_done(&till);
}

static void tills_of_the_same_version_share_a_delta_and_late_chunks_are_found(void **state)
{
    struct centre *centre = *state;
    struct till till;
    static struct reader a, b;
    memset(&a, 0, sizeof a);
    memset(&truth, 0, sizeof truth);
    till_enrol(centre, &till, centre->store_id);
    redeem(centre, 20);
    pull_all(centre, &till, &a);
    b = a;
    redeem(centre, 300);
    pull_all(centre, &till, &a);
    redeem(centre, 3); /* b's delta ends before these: pages bring them */
    pull_all(centre, &till, &b);
    assert_same(&b);
    assert_int_equal(b.deltas, 1);
    assert_true(b.pages > a.pages);
    till_done(&till);
}

static void a_till_with_another_history_gets_a_snapshot_not_a_delta(void **state)
{
    struct centre *centre = *state;
    struct till till;
    static struct reader reader;
    memset(&reader, 0, sizeof reader);
    memset(&truth, 0, sizeof truth);
    till_enrol(centre, &till, centre->store_id);
    redeem(centre, 200);
    reader.version = 100;
    memset(reader.digest.digest, 0xAB, CF_SHA256_BYTES);
    memset(reader.rights.used, 1, sizeof reader.rights.used);
    pull_all(centre, &till, &reader);
    assert_same(&reader);
    assert_int_equal(reader.snapshots, 1);
    assert_int_equal(reader.deltas, 0);
    till_done(&till);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, centre_start, centre_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(however_far_behind_a_till_is_it_comes_to_the_same),
        TEST(tills_of_the_same_version_share_a_delta_and_late_chunks_are_found),
        TEST(a_till_with_another_history_gets_a_snapshot_not_a_delta),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
