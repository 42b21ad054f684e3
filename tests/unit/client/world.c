/*
 * tests/unit/client/world.c - see world.h.
 */
#include "tests/unit/client/world.h"

#include "base/cbor.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_WALL_MS INT64_C(1790000000000)

static void must(enum cf_rc rc)
{
    if (rc == CF_OK)
        return;
    fprintf(stderr, "the test's world: %s\n", cf_rc_name(rc));
    abort();
}

static cf_bytes keep(cf_bytes bytes)
{
    uint8_t *copy = malloc(bytes.n == 0 ? 1 : bytes.n);
    assert(copy != NULL);
    if (bytes.n > 0)
        memcpy(copy, bytes.p, bytes.n);
    return cf_bytes_of(copy, bytes.n);
}

static void log_append(struct log *log, cf_bytes entry)
{
    assert(log->n < WORLD_ENTRIES_MAX);
    log->entries[log->n] = keep(entry);
    log->digests[log->n + 1] = cf_down_digest(&log->digests[log->n], entry);
    log->n++;
}

static void log_clear(struct log *log)
{
    for (size_t i = 0; i < log->n; i++)
        free((void *)(uintptr_t)log->entries[i].p);
    log->n = 0;
}

static bool same_hash(const struct cf_sha256 *a, const struct cf_sha256 *b)
{
    return memcmp(a->digest, b->digest, CF_SHA256_BYTES) == 0;
}

/* --- the till's env ----------------------------------------------------------------------------------------------- */

static cf_wall env_wall_now(void *ctx)
{
    return (cf_wall){((struct world *)ctx)->wall_us};
}

static cf_mono env_mono_now(void *ctx)
{
    return (cf_mono){((struct world *)ctx)->mono_us};
}

static void env_boot_id(void *ctx, uint8_t ret_id[CF_BOOT_ID_BYTES])
{
    memset(ret_id, ((struct world *)ctx)->boot, CF_BOOT_ID_BYTES);
}

static void env_random(void *ctx, void *p, size_t n)
{
    struct world *world = ctx;
    for (size_t i = 0; i < n; i++) {
        world->chance = world->chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)p)[i] = (uint8_t)(world->chance >> 56);
    }
}

/* --- the outbox --------------------------------------------------------------------------------------------------- */

static enum cf_rc outbox_head(void *ctx, struct cf_outbox_head *ret, struct cf_error *err)
{
    (void)err;
    struct world *world = ctx;
    *ret = (struct cf_outbox_head){
        .seq = world->n_records, .hash = world->hashes[world->n_records], .incarnation = world->incarnation};
    if (world->incarnation_later != 0)
        world->incarnation = world->incarnation_later;
    return CF_OK;
}

static enum cf_rc outbox_read(void *ctx, uint64_t from_seq, size_t max_n, cf_outbox_record_fn each, void *each_ctx,
                              struct cf_error *err)
{
    struct world *world = ctx;
    world->outbox_reads++;
    for (uint64_t seq = from_seq; seq <= world->n_records && seq < from_seq + max_n; seq++) {
        /* A copy of the body that is gone afterwards, as SQLite's is. */
        struct cf_record record = world->records[seq - 1];
        cf_bytes body = keep(record.body);
        record.body = body;
        struct cf_sha256 body_hash = cf_record_body_hash(&record);
        if (seq == world->erased_seq)
            record.body = (cf_bytes){NULL, 0};
        enum cf_rc rc = each(each_ctx, &record, &body_hash, &world->hashes[seq], err);
        free((void *)(uintptr_t)body.p);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}

static const struct cf_outbox_ops OUTBOX_OPS = {.head = outbox_head, .read = outbox_read};

void world_record_of(struct world *world, size_t body_n, uint8_t boot)
{
    assert(world->n_records < WORLD_RECORDS_MAX);
    struct cf_record *record = &world->records[world->n_records];
    uint8_t *body = malloc(body_n);
    assert(body != NULL);
    memset(body, (int)world->n_records, body_n);
    *record = (struct cf_record){.terminal = WORLD_TERMINAL,
                                 .epoch = WORLD_EPOCH,
                                 .seq = world->n_records + 1,
                                 .mono_ms = world->mono_us / 1000,
                                 .wall_ms = world->wall_us / 1000,
                                 .type = CF_RECORD_SALE,
                                 .body = cf_bytes_of(body, body_n)};
    memset(record->boot_id, boot, CF_BOOT_ID_BYTES);
    env_random(world, record->salt, CF_SALT_BYTES);
    struct cf_sha256 body_hash = cf_record_body_hash(record);
    world->hashes[world->n_records + 1] = cf_record_chain(&world->hashes[world->n_records], record, &body_hash);
    world->n_records++;
}

void world_record(struct world *world, size_t n)
{
    for (size_t i = 0; i < n; i++)
        world_record_of(world, 20 + world->n_records % 50, world->boot);
}

/* --- the sink ----------------------------------------------------------------------------------------------------- */

static enum cf_rc sink_topic(void *ctx, enum cf_topic topic, struct cf_sync_topic *ret, struct cf_error *err)
{
    (void)err;
    const struct log *log = &((struct world *)ctx)->here[topic];
    *ret = (struct cf_sync_topic){.version = log->n, .digest = log->digests[log->n]};
    return CF_OK;
}

static enum cf_rc sink_apply(void *ctx, enum cf_topic topic, uint64_t from, const cf_bytes *entries, size_t n,
                             const struct cf_sha256 *digest_after, struct cf_error *err)
{
    struct world *world = ctx;
    struct log *log = &world->here[topic];
    if (world->sink_rc != CF_OK)
        return cf_fail(err, world->sink_rc, "the sink was told to fail");
    struct cf_sha256 digest = log->digests[log->n];
    for (size_t i = 0; i < n; i++)
        digest = cf_down_digest(&digest, entries[i]);
    if (from != log->n || !same_hash(&digest, digest_after))
        return cf_fail(err, CF_E_PAGE, "the page does not follow on");
    for (size_t i = 0; i < n; i++)
        log_append(log, entries[i]);
    return CF_OK;
}

static enum cf_rc sink_snapshot_begin(void *ctx, enum cf_topic topic, const struct cf_sha256 *manifest,
                                      uint32_t *ret_chunks_done, struct cf_error *err)
{
    (void)err;
    struct world *world = ctx;
    if (!world->staged[topic].begun || !same_hash(&world->staged[topic].manifest, manifest)) {
        log_clear(&world->staged[topic].log);
        world->staged[topic].begun = true;
        world->staged[topic].manifest = *manifest;
        world->staged[topic].chunks = 0;
    }
    *ret_chunks_done = world->staged[topic].chunks;
    return CF_OK;
}

static void sink_announce(void *ctx, enum cf_topic topic, uint32_t n_chunks)
{
    struct world *world = ctx;
    assert(world->staged[topic].begun);
    world->staged[topic].announced = n_chunks;
}

static enum cf_rc stage_entry(void *ctx, cf_bytes entry, struct cf_error *err)
{
    (void)err;
    log_append(ctx, entry);
    return CF_OK;
}

static enum cf_rc sink_snapshot_chunk(void *ctx, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                                      struct cf_error *err)
{
    struct world *world = ctx;
    if (world->sink_rc != CF_OK)
        return cf_fail(err, world->sink_rc, "the sink was told to fail");
    assert(world->staged[topic].begun && chunk == world->staged[topic].chunks);
    must(cf_chunk_walk(content, stage_entry, &world->staged[topic].log, NULL));
    world->staged[topic].chunks++;
    return CF_OK;
}

static enum cf_rc sink_snapshot_swap(void *ctx, enum cf_topic topic, uint32_t n_chunks,
                                     const struct cf_sync_topic *base, const struct cf_sync_topic *state,
                                     struct cf_error *err)
{
    struct world *world = ctx;
    struct log *log = &world->here[topic];
    if (world->sink_rc != CF_OK)
        return cf_fail(err, world->sink_rc, "the sink was told to fail");
    assert(world->staged[topic].begun && n_chunks == world->staged[topic].chunks);
    assert(!base || (log->n == base->version && same_hash(&log->digests[log->n], &base->digest)));
    if (!base)
        log_clear(log);
    for (size_t i = 0; i < world->staged[topic].log.n; i++)
        log_append(log, world->staged[topic].log.entries[i]);
    assert(log->n == state->version && same_hash(&log->digests[log->n], &state->digest));
    log_clear(&world->staged[topic].log);
    world->staged[topic].begun = false;
    return CF_OK;
}

static enum cf_rc sink_progress(void *ctx, struct cf_sync_progress *ret, struct cf_error *err)
{
    (void)err;
    *ret = ((struct world *)ctx)->progress;
    return CF_OK;
}

static enum cf_rc sink_set_progress(void *ctx, const struct cf_sync_progress *progress, struct cf_error *err)
{
    struct world *world = ctx;
    if (world->sink_rc != CF_OK)
        return cf_fail(err, world->sink_rc, "the sink was told to fail");
    world->progress = *progress;
    return CF_OK;
}

static const struct cf_sink_ops SINK_OPS = {
    .topic = sink_topic,
    .apply = sink_apply,
    .snapshot_begin = sink_snapshot_begin,
    .announce = sink_announce,
    .snapshot_chunk = sink_snapshot_chunk,
    .snapshot_swap = sink_snapshot_swap,
    .progress = sink_progress,
    .set_progress = sink_set_progress,
};

/* --- the centre: records ------------------------------------------------------------------------------------------ */

static void sign_statement(struct world *world, const char *aad, cf_bytes payload, bool genuine, struct cf_buf *ret)
{
    const struct cf_private_key *key = world->sign_with_next ? world->next_page_key : world->page_key;
    cf_kid kid = world->sign_with_next ? world->next_kid : world->page_kid;
    must(cf_statement_sign(aad, payload, kid, genuine ? key : world->root, ret, NULL));
}

static void sign_time(struct world *world, const uint8_t nonce[CF_NONCE_WIRE_BYTES], struct cf_buf *ret)
{
    struct cf_signed_time time = {.terminal = WORLD_TERMINAL, .wall_ms = world->centre_wall_ms};
    struct cf_buf payload;
    memcpy(time.nonce, nonce, CF_NONCE_WIRE_BYTES);
    time.nonce[0] ^= world->forget_nonce;
    cf_buf_init(&payload, 256);
    must(cf_signed_time_encode(&time, &payload, NULL));
    sign_statement(world, "TM1", cf_buf_bytes(&payload), true, ret);
    cf_buf_done(&payload);
}

static int refuse(struct world *world, enum cf_rc rc, uint64_t ack_seq, struct cf_buf *ret)
{
    struct cf_refusal refusal = {.rc = rc, .detail = "as the test wants it", .ack_seq = ack_seq};
    refusal.ack_head = world->centre_hashes[ack_seq];
    refusal.incarnation = world->known_incarnation;
    must(cf_refusal_encode(&refusal, ret, NULL));
    return cf_rc_http_status(rc);
}

static bool is_signed(struct world *world, const struct cf_batch *batch)
{
    uint8_t bytes[CF_BATCH_SIGNED_BYTES];
    cf_batch_signed_bytes(batch, bytes);
    return cf_verify(world->till_verifier, cf_bytes_of(bytes, sizeof bytes), &batch->signature, NULL) == CF_OK;
}

static int take_batch(struct world *world, cf_bytes body, struct cf_buf *ret)
{
    static struct cf_batch batch;
    static struct cf_sha256 chain[CF_BATCH_RECORDS_MAX + 1];
    static struct cf_answer answer;
    must(cf_batch_decode(body, &batch, NULL));
    assert(batch.terminal == WORLD_TERMINAL && batch.epoch == WORLD_EPOCH);
    chain[0] = batch.previous;
    for (size_t i = 0; i < batch.n_records; i++) {
        bool erased = batch.records[i].body.p == NULL;
        struct cf_sha256 body_hash = erased ? batch.erased[i] : cf_record_body_hash(&batch.records[i]);
        world->erased_seen = erased ? batch.records[i].seq : world->erased_seen;
        chain[i + 1] = cf_record_chain(&chain[i], &batch.records[i], &body_hash);
    }
    if (!is_signed(world, &batch) || !same_hash(&chain[batch.n_records], &batch.head))
        return refuse(world, CF_E_PROTOCOL, 0, ret);
    if (batch.incarnation < world->known_incarnation && batch.told <= batch.incarnation)
        return refuse(world, CF_E_INCARNATION, world->watermark, ret);
    world->fenced = world->fenced || batch.incarnation < world->known_incarnation;
    if (batch.incarnation > world->known_incarnation)
        world->known_incarnation = batch.incarnation;
    if (batch.first_seq > world->watermark + 1)
        return refuse(world, CF_E_GAP, world->watermark, ret);
    for (size_t i = 0; i <= batch.n_records; i++)
        if (batch.first_seq + i - 1 <= world->watermark &&
            !same_hash(&chain[i], &world->centre_hashes[batch.first_seq + i - 1]))
            return refuse(world, CF_E_FORK, world->watermark, ret);
    answer = (struct cf_answer){.n_results = 0};
    for (size_t i = 0; i < batch.n_records; i++) {
        uint64_t seq = batch.first_seq + i;
        if (seq <= world->watermark || world->never_advance)
            continue;
        world->watermark = seq;
        world->centre_hashes[seq] = chain[i + 1];
        world->applied++;
        if (seq == world->bad_seq) {
            answer.results[answer.n_results].seq = seq;
            answer.results[answer.n_results++].rc = CF_E_RECORD;
        }
    }
    if (world->fenced) {
        answer.results[answer.n_results].seq = 0;
        answer.results[answer.n_results++].rc = CF_E_FENCED;
    }
    struct cf_buf time;
    cf_buf_init(&time, 512);
    sign_time(world, batch.nonce, &time);
    answer.ack_seq = world->watermark;
    answer.ack_head = world->centre_hashes[world->watermark];
    answer.time_statement = cf_buf_bytes(&time);
    must(cf_answer_encode(&answer, ret, NULL));
    cf_buf_done(&time);
    return 200;
}

/* --- the centre: what it sends down ------------------------------------------------------------------------------- */

static uint32_t scope_of(const struct world *world, enum cf_topic topic)
{
    return cf_topic_scope(topic, WORLD_STORE, WORLD_TERMINAL) + world->page_scope_shift;
}

static cf_bytes make_page(struct world *world, enum cf_topic topic, size_t from, size_t n)
{
    static struct cf_page page;
    const struct log *log = &world->log[topic];
    struct cf_buf payload, cose;
    page.topic = topic;
    page.scope = scope_of(world, topic);
    page.from = from;
    page.previous = log->digests[from];
    page.after = log->digests[from + n];
    page.n_entries = n;
    memcpy(page.entries, log->entries + from, n * sizeof page.entries[0]);
    cf_buf_init(&payload, 1u << 20);
    cf_buf_init(&cose, 1u << 20);
    must(cf_page_encode(&page, &payload, NULL));
    sign_statement(world, "PG1", cf_buf_bytes(&payload), (world->bad_page_topics & 1U << topic) == 0, &cose);
    cf_buf_done(&payload);
    return cf_buf_bytes(&cose);
}

static size_t chunks_of(const struct world *world, enum cf_topic topic)
{
    return (world->log[topic].n + world->chunk_entries - 1) / world->chunk_entries;
}

static void make_chunk(const struct world *world, enum cf_topic topic, size_t k, struct cf_buf *ret)
{
    const struct log *log = &world->log[topic];
    size_t from = k * world->chunk_entries;
    size_t n = log->n - from < world->chunk_entries ? log->n - from : world->chunk_entries;
    must(cf_chunk_encode(log->entries + from, n, ret, NULL));
}

static cf_bytes make_manifest(struct world *world, enum cf_topic topic)
{
    static struct cf_manifest manifest;
    struct cf_buf payload, cose;
    manifest.topic = topic;
    manifest.scope = scope_of(world, topic);
    manifest.version = world->log[topic].n;
    manifest.digest = world->log[topic].digests[world->log[topic].n];
    manifest.n_chunks = chunks_of(world, topic);
    for (size_t k = 0; k < manifest.n_chunks; k++) {
        struct cf_buf chunk;
        cf_buf_init(&chunk, CF_CHUNK_BYTES_MAX);
        make_chunk(world, topic, k, &chunk);
        manifest.chunks[k] = cf_sha256(cf_buf_bytes(&chunk));
        cf_buf_done(&chunk);
    }
    cf_buf_init(&payload, 1u << 20);
    cf_buf_init(&cose, 1u << 20);
    must(cf_manifest_encode(&manifest, &payload, NULL));
    sign_statement(world, "SN1", cf_buf_bytes(&payload), true, &cose);
    cf_buf_done(&payload);
    return cf_buf_bytes(&cose);
}

static void add_pages(struct world *world, enum cf_topic topic, size_t from, struct cf_pulled *pulled)
{
    const struct log *log = &world->log[topic];
    bool gap = (world->gap_page_topics & 1U << topic) != 0;
    if (gap && from + 1 < log->n)
        from++;
    while (from < log->n && pulled->n_pages < world->pages_an_answer) {
        size_t n = log->n - from < world->page_entries ? log->n - from : world->page_entries;
        pulled->pages[pulled->n_pages++] = make_page(world, topic, from, n);
        from += n;
    }
    pulled->more = pulled->more || from < log->n;
}

static int answer_pull(struct world *world, cf_bytes body, struct cf_buf *ret)
{
    static struct cf_pulled pulled;
    struct cf_pull pull;
    must(cf_pull_decode(body, &pull, NULL));
    pulled = (struct cf_pulled){.cursor = 0};
    for (enum cf_topic topic = CF_TOPIC_KEYS; topic <= CF_TOPICS_MAX; topic++)
        pulled.cursor += world->log[topic].n;
    for (size_t i = 0; i < pull.n_topics; i++) {
        enum cf_topic topic = pull.topics[i].topic;
        const struct log *log = &world->log[topic];
        uint64_t version = pull.topics[i].version;
        bool known = version <= log->n && same_hash(&pull.topics[i].digest, &log->digests[version]);
        bool paged = topic == CF_TOPIC_KEYS || topic == CF_TOPIC_LEASES;
        bool offered = (world->snapshots_offered & 1U << topic) != 0 && version < log->n;
        if (paged || (known && !offered))
            add_pages(world, topic, known ? (size_t)version : 0, &pulled);
        else
            pulled.manifests[pulled.n_manifests++] = make_manifest(world, topic);
    }
    must(cf_pulled_encode(&pulled, ret, NULL));
    for (size_t i = 0; i < pulled.n_pages; i++)
        free((void *)(uintptr_t)pulled.pages[i].p);
    for (size_t i = 0; i < pulled.n_manifests; i++)
        free((void *)(uintptr_t)pulled.manifests[i].p);
    return 200;
}

static int answer_chunk(struct world *world, const char *path, struct cf_buf *ret)
{
    enum cf_topic topic = (enum cf_topic)(path[0] - '0');
    struct cf_sha256 wanted;
    must(cf_hex_decode(path + 2, wanted.digest, CF_SHA256_BYTES, NULL));
    for (size_t k = 0; k < chunks_of(world, topic); k++) {
        cf_buf_clear(ret);
        make_chunk(world, topic, k, ret);
        struct cf_sha256 digest = cf_sha256(cf_buf_bytes(ret));
        if (same_hash(&digest, &wanted))
            return 200;
    }
    cf_buf_clear(ret);
    return refuse(world, CF_E_NOT_FOUND, 0, ret);
}

/* --- the network -------------------------------------------------------------------------------------------------- */

static int serve(struct world *world, const struct cf_net_request *request, struct cf_buf *ret)
{
    static const char CHUNK[] = CF_PATH_CHUNK;
    if (strcmp(request->path, CF_PATH_RECORDS) == 0) {
        world->record_requests++;
        return take_batch(world, request->body, ret);
    }
    if (strcmp(request->path, CF_PATH_PULL) == 0) {
        world->pull_requests++;
        return answer_pull(world, request->body, ret);
    }
    assert(strncmp(request->path, CHUNK, sizeof CHUNK - 1) == 0);
    world->chunk_requests++;
    return answer_chunk(world, request->path + sizeof CHUNK - 1, ret);
}

/* What the till is given instead of the answer. */
static int bend(struct world *world, enum fault fault, struct cf_buf *answer, int status)
{
    struct cf_buf old = world->last_answer;
    switch (fault) {
    case FAULT_OLD_ANSWER:
        world->last_answer = *answer;
        *answer = old;
        return 200;
    case FAULT_GARBAGE:
        for (size_t i = 0; i < answer->n; i++)
            answer->p[i] = (uint8_t)(i * 151);
        break;
    case FAULT_CUT:
        answer->n /= 2;
        break;
    case FAULT_BIT:
        answer->p[answer->n / 2] ^= 4;
        break;
    case FAULT_STATUS:
        cf_buf_clear(answer);
        must(cf_buf_append_str(answer, "<html>no</html>", NULL));
        return world->fault_status;
    case FAULT_REFUSED:
        cf_buf_clear(answer);
        return refuse(world, world->fault_rc, world->fault_ack, answer);
    case FAULT_NONE:
    case FAULT_REQUEST_LOST:
    case FAULT_ANSWER_LOST:
    case FAULT_TIMEOUT:
        break;
    }
    return status;
}

static enum cf_rc env_net_exchange(void *ctx, const struct cf_net_request *request, int *ret_status,
                                   struct cf_buf *ret_body, struct cf_error *err)
{
    struct world *world = ctx;
    unsigned number = world->exchanges++;
    enum fault fault = world->fault == NULL ? FAULT_NONE : world->fault(world, number, request->path);
    world->mono_us += world->round_trip_us / 2;
    world->wall_us += world->round_trip_us / 2;
    if (fault == FAULT_REQUEST_LOST)
        return cf_fail(err, CF_E_LINK_DOWN, "the request was lost");
    struct cf_buf answer;
    cf_buf_init(&answer, CF_PULL_BYTES_MAX);
    int status = serve(world, request, &answer);
    if (world->during != NULL)
        world->during(world);
    world->mono_us += world->round_trip_us - world->round_trip_us / 2;
    world->wall_us += world->round_trip_us - world->round_trip_us / 2;
    status = bend(world, fault, &answer, status);
    enum cf_rc rc = CF_OK;
    if (fault == FAULT_ANSWER_LOST || fault == FAULT_TIMEOUT)
        rc = cf_fail(err, CF_E_TIMEOUT, "the answer was lost");
    if (rc == CF_OK)
        rc = cf_buf_append(ret_body, answer.p, answer.n, err);
    if (rc == CF_OK)
        *ret_status = status;
    if (fault == FAULT_OLD_ANSWER) {
        cf_buf_done(&answer);
    } else {
        cf_buf_done(&world->last_answer);
        world->last_answer = answer;
    }
    return rc;
}

static const struct cf_env_ops ENV_OPS = {
    .wall_now = env_wall_now,
    .mono_now = env_mono_now,
    .boot_id = env_boot_id,
    .random = env_random,
    .net_exchange = env_net_exchange,
};

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static cf_public_key public_of(const struct cf_private_key *key)
{
    cf_public_key public;
    cf_private_key_public(key, &public);
    return public;
}

static void make_keys(struct world *world)
{
    struct cf_private_key **keys[] = {&world->sign_key, &world->root, &world->other_root, &world->page_key,
                                      &world->next_page_key};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        must(cf_private_key_generate(keys[i], NULL));
    world->page_kid = (cf_kid){{1, 1, 1, 1}};
    world->next_kid = (cf_kid){{2, 2, 2, 2}};
    cf_public_key till = public_of(world->sign_key);
    must(cf_verifier_new(&till, &world->till_verifier, NULL));
}

void world_publish_keys(struct world *world, bool with_next)
{
    struct cf_keyset keyset = {.version = ++world->keyset_version, .n_keys = with_next ? 2 : 1};
    int64_t now_s = world->centre_wall_ms / 1000;
    keyset.keys[0] = (struct cf_keyset_key){.kid = world->page_kid,
                                            .key = public_of(world->page_key),
                                            .usage = CF_USAGE_PAGE,
                                            .not_before_s = now_s - 86400,
                                            .not_after_s = now_s + 90 * 86400};
    keyset.keys[1] = keyset.keys[0];
    keyset.keys[1].kid = world->next_kid;
    keyset.keys[1].key = public_of(world->next_page_key);
    struct cf_buf cose, entry;
    cf_buf_init(&cose, CF_KEYSET_BYTES_MAX);
    cf_buf_init(&entry, CF_DOWN_ENTRY_MAX);
    must(cf_keyset_sign(&keyset, world->root, &cose, NULL));
    struct cf_down_entry down = {.kind = CF_DOWN_KEYSET, .keyset = cf_buf_bytes(&cose)};
    must(cf_down_encode(&down, &entry, NULL));
    log_append(&world->log[CF_TOPIC_KEYS], cf_buf_bytes(&entry));
    cf_buf_done(&cose);
    cf_buf_done(&entry);
}

void world_give_keys(struct world *world)
{
    struct log *here = &world->here[CF_TOPIC_KEYS];
    const struct log *there = &world->log[CF_TOPIC_KEYS];
    struct cf_down_entry entry;
    while (here->n < there->n)
        log_append(here, there->entries[here->n]);
    must(cf_down_decode(there->entries[there->n - 1], &entry, NULL));
    must(cf_keyring_load_keyset(world->keyring, entry.keyset, NULL));
}

void world_publish(struct world *world, enum cf_topic topic, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct cf_down_entry down = {.kind = CF_DOWN_PRODUCT_GONE, .product_gone = world->log[topic].n + 1};
        struct cf_buf entry;
        cf_buf_init(&entry, CF_DOWN_ENTRY_MAX);
        must(cf_down_encode(&down, &entry, NULL));
        log_append(&world->log[topic], cf_buf_bytes(&entry));
        cf_buf_done(&entry);
    }
}

void world_init(struct world *world)
{
    memset(world, 0, sizeof *world);
    world->env = (struct cf_env){.ops = &ENV_OPS, .ctx = world};
    world->chance = 42;
    world->boot = 1;
    world->centre_wall_ms = START_WALL_MS;
    world->wall_us = START_WALL_MS * 1000;
    world->mono_us = 1000000;
    world->round_trip_us = 20000;
    world->page_entries = 4;
    world->pages_an_answer = 3;
    world->chunk_entries = 5;
    cf_buf_init(&world->last_answer, CF_PULL_BYTES_MAX);
    make_keys(world);
    world->hashes[0] = cf_record_chain_start(WORLD_TERMINAL, WORLD_EPOCH);
    world->centre_hashes[0] = world->hashes[0];
    cf_public_key roots[2] = {public_of(world->root), public_of(world->other_root)};
    must(cf_keyring_new(roots, &world->keyring, NULL));
    world_publish_keys(world, false);
}

void world_start(struct world *world)
{
    world_stop(world);
    const struct cf_sync_config config = {.env = &world->env,
                                          .terminal = WORLD_TERMINAL,
                                          .epoch = WORLD_EPOCH,
                                          .store = WORLD_STORE,
                                          .sign_key = world->sign_key,
                                          .keyring = world->keyring,
                                          .outbox = {.ops = &OUTBOX_OPS, .ctx = world},
                                          .sink = {.ops = &SINK_OPS, .ctx = world}};
    must(cf_sync_new(&config, &world->sync, NULL));
}

void world_stop(struct world *world)
{
    cf_sync_free(world->sync);
    world->sync = NULL;
}

void world_done(struct world *world)
{
    world_stop(world);
    for (size_t i = 0; i < world->n_records; i++)
        free((void *)(uintptr_t)world->records[i].body.p);
    for (size_t topic = 0; topic <= CF_TOPICS_MAX; topic++) {
        log_clear(&world->log[topic]);
        log_clear(&world->here[topic]);
        log_clear(&world->staged[topic].log);
    }
    cf_buf_done(&world->last_answer);
    cf_keyring_free(world->keyring);
    cf_verifier_free(world->till_verifier);
    cf_private_key_free(world->sign_key);
    cf_private_key_free(world->root);
    cf_private_key_free(world->other_root);
    cf_private_key_free(world->page_key);
    cf_private_key_free(world->next_page_key);
}

void world_forget(struct world *world, enum cf_topic topic)
{
    log_clear(&world->here[topic]);
}

bool world_topic_is_same(const struct world *world, enum cf_topic topic)
{
    const struct log *a = &world->here[topic], *b = &world->log[topic];
    return a->n == b->n && same_hash(&a->digests[a->n], &b->digests[b->n]);
}

bool world_is_drained(const struct world *world)
{
    return world->watermark == world->n_records && world->applied == world->n_records &&
           same_hash(&world->centre_hashes[world->watermark], &world->hashes[world->n_records]) &&
           world->progress.acknowledged_seq == world->n_records && world->progress.sent_seq == world->n_records;
}
