/*
 * sync/client/push.c - records on their way up: batches read, signed, sent; the centre's word on them. One thread.
 */
#include "sync/client/inside.h"

#include <assert.h>
#include <string.h>

/* What a record takes beside its body, at most; and what a batch takes beside its records. */
#define RECORD_OVERHEAD_MAX 80
#define BATCH_OVERHEAD_MAX 1024

/* The middle of a longer round trip says too little of when the centre spoke (app/terminal/clock.h takes 2 s). */
#define ROUND_TRIP_MAX_US (4 * CF_US_PER_S)

/* --- our own history ---------------------------------------------------------------------------------------------- */

struct hash_at {
    bool found;
    uint64_t seq;
    struct cf_sha256 hash;
};

static enum cf_rc take_hash(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    (void)body_hash;
    (void)err;
    struct hash_at *at = ctx;
    if (record->seq == at->seq) {
        at->found = true;
        at->hash = *hash;
    }
    return CF_OK;
}

/* Is (seq > 0, head) a point of the outbox's history? */
static enum cf_rc is_ours(struct cf_sync *sync, uint64_t seq, const struct cf_sha256 *head, bool *ret,
                          struct cf_error *err)
{
    struct hash_at at = {.seq = seq};
    enum cf_rc rc = sync->config.outbox.ops->read(sync->config.outbox.ctx, seq, 1, take_hash, &at, err);
    if (rc != CF_OK)
        return rc;
    *ret = at.found && memcmp(at.hash.digest, head->digest, CF_SHA256_BYTES) == 0;
    return CF_OK;
}

enum cf_rc cf_sync_look(struct cf_sync *sync, struct cf_sync_event *ret_event, struct cf_error *err)
{
    struct cf_outbox_head head;
    enum cf_rc rc = sync->config.outbox.ops->head(sync->config.outbox.ctx, &head, err);
    if (rc != CF_OK)
        return rc;
    struct cf_sync_progress *progress = &sync->progress;
    bool ours = false;
    if (progress->acknowledged_seq == head.seq && head.seq > 0)
        ours = memcmp(progress->acknowledged_head.digest, head.hash.digest, CF_SHA256_BYTES) == 0;
    else if (progress->acknowledged_seq > 0 && progress->acknowledged_seq < head.seq)
        rc = is_ours(sync, progress->acknowledged_seq, &progress->acknowledged_head, &ours, err);
    if (rc != CF_OK)
        return rc;
    if (!ours) {
        /* A fresh replica, or that of an epoch before: the centre will tell its watermark. Then that all has come down
         * was told to another history than ours, which may have spent what ours knows nothing of. */
        struct cf_sha256 start = cf_record_chain_start(sync->config.terminal, sync->config.epoch);
        if (progress->acknowledged_seq > 0 ||
            memcmp(progress->acknowledged_head.digest, start.digest, CF_SHA256_BYTES) != 0)
            progress->down_cursor = 0;
        progress->acknowledged_seq = 0;
        progress->acknowledged_head = start;
        progress->sent_seq = 0;
    }
    sync->report->recorded = head.seq;
    sync->incarnation = head.incarnation;
    *ret_event = (struct cf_sync_event){
        .kind = CF_SYNC_LOOKED, .recorded = head.seq, .acknowledged = progress->acknowledged_seq};
    return CF_OK;
}

/* --- making a batch ----------------------------------------------------------------------------------------------- */

struct making {
    struct cf_sync *sync;
    struct cf_sync_batch *batch;
    size_t n_boots;
    uint8_t boots[CF_BATCH_BOOTS_MAX][CF_BOOT_ID_BYTES];
    size_t bytes;
    bool full;
};

/* False if the batch has as many boots as it may. Searches backwards: the newest is nearly always the one. */
static bool note_boot(struct making *making, const uint8_t boot_id[CF_BOOT_ID_BYTES])
{
    for (size_t i = making->n_boots; i > 0; i--)
        if (memcmp(making->boots[i - 1], boot_id, CF_BOOT_ID_BYTES) == 0)
            return true;
    if (making->n_boots == CF_BATCH_BOOTS_MAX)
        return false;
    memcpy(making->boots[making->n_boots++], boot_id, CF_BOOT_ID_BYTES);
    return true;
}

static enum cf_rc take_record(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                              const struct cf_sha256 *hash, struct cf_error *err)
{
    struct making *making = ctx;
    struct cf_batch *scratch = &making->sync->scratch;
    if (record->seq != making->batch->last_seq + 1 || record->terminal != scratch->terminal ||
        record->epoch != scratch->epoch)
        return cf_fail(err, CF_E_STATE, "the outbox gave record %llu of t%u-e%u where %llu of t%u-e%u was due",
                       (unsigned long long)record->seq, record->terminal, record->epoch,
                       (unsigned long long)making->batch->last_seq + 1, scratch->terminal, scratch->epoch);
    size_t more = record->body.n + RECORD_OVERHEAD_MAX;
    if (making->bytes + more > CF_BATCH_BYTES_MAX - BATCH_OVERHEAD_MAX || !note_boot(making, record->boot_id)) {
        making->full = true;
        return cf_fail(err, CF_E_LIMIT, "the batch is full");
    }
    enum cf_rc rc = cf_buf_append(&making->batch->bodies, record->body.p, record->body.n, err);
    if (rc != CF_OK)
        return rc;
    making->bytes += more;
    /* Erased after a centre that has lost it since had acknowledged it: what is left of it keeps the chain whole. */
    scratch->erased[scratch->n_records] = *body_hash;
    scratch->records[scratch->n_records++] = *record;
    making->batch->last_seq++;
    making->batch->head = *hash;
    return CF_OK;
}

/* The bodies were copied to a buffer that may have moved while it grew. */
static void point_to_bodies(struct cf_batch *scratch, const struct cf_buf *bodies)
{
    size_t at = 0;
    for (size_t i = 0; i < scratch->n_records; i++) {
        if (scratch->records[i].body.p == NULL)
            continue;
        scratch->records[i].body.p = bodies->p != NULL ? bodies->p + at : (const uint8_t *)"";
        at += scratch->records[i].body.n;
    }
}

static enum cf_rc sign_and_encode(struct cf_sync *sync, struct cf_sync_batch *batch, struct cf_error *err)
{
    struct cf_batch *scratch = &sync->scratch;
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    scratch->head = batch->head;
    cf_batch_signed_bytes(scratch, signed_bytes);
    enum cf_rc rc =
        cf_sign(sync->config.sign_key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &scratch->signature, err);
    if (rc != CF_OK)
        return rc;
    return cf_batch_encode(scratch, &batch->encoded, err);
}

/* Up to CF_BATCH_RECORDS_MAX records from first_seq on, which follow on `previous`. */
static enum cf_rc make_batch(struct cf_sync *sync, struct cf_sync_batch *batch, uint64_t first_seq,
                             const struct cf_sha256 *previous, size_t max_n, struct cf_error *err)
{
    struct cf_batch *scratch = &sync->scratch;
    struct making making = {.sync = sync, .batch = batch};
    batch->ready = false;
    batch->first_seq = first_seq;
    batch->last_seq = first_seq - 1;
    batch->previous = *previous;
    batch->head = *previous;
    cf_buf_clear(&batch->bodies);
    cf_buf_clear(&batch->encoded);
    cf_env_random(sync->config.env, batch->nonce, sizeof batch->nonce);
    scratch->terminal = sync->config.terminal;
    scratch->epoch = sync->config.epoch;
    memcpy(scratch->nonce, batch->nonce, sizeof batch->nonce);
    scratch->incarnation = sync->incarnation;
    scratch->told = sync->told;
    scratch->first_seq = first_seq;
    scratch->previous = *previous;
    scratch->n_records = 0;
    if (max_n > 0) {
        struct cf_error why = {.rc = CF_OK};
        enum cf_rc rc =
            sync->config.outbox.ops->read(sync->config.outbox.ctx, first_seq, max_n, take_record, &making, &why);
        if (rc != CF_OK && !making.full)
            return cf_fail(err, rc, "%s", why.detail);
        if (scratch->n_records == 0)
            return cf_fail(err, CF_E_GAP, "record %llu is no longer in the outbox", (unsigned long long)first_seq);
    }
    point_to_bodies(scratch, &batch->bodies);
    enum cf_rc rc = sign_and_encode(sync, batch, err);
    batch->ready = rc == CF_OK;
    return rc;
}

void cf_sync_read_ahead(void *ctx)
{
    struct cf_sync *sync = ctx;
    const struct cf_sync_batch *now = &sync->under_way;
    if (sync->machine.phase != CF_SYNC_SENDING || sync->ahead.ready || now->last_seq >= sync->machine.recorded)
        return;
    /* What goes wrong here will go wrong again, and be told, when it is this batch's turn. */
    (void)make_batch(sync, &sync->ahead, now->last_seq + 1, &now->head, CF_BATCH_RECORDS_MAX, NULL);
}

/* The batch from first_seq on in under_way: the one read ahead, if it is that. */
static enum cf_rc ready_batch(struct cf_sync *sync, uint64_t first_seq, bool empty, struct cf_error *err)
{
    const struct cf_sha256 *previous = &sync->progress.acknowledged_head;
    struct cf_sync_batch *ahead = &sync->ahead;
    if (!empty && ahead->ready && ahead->first_seq == first_seq &&
        memcmp(ahead->previous.digest, previous->digest, CF_SHA256_BYTES) == 0) {
        struct cf_sync_batch swap = sync->under_way;
        sync->under_way = *ahead;
        *ahead = swap;
        ahead->ready = false;
        return CF_OK;
    }
    ahead->ready = false;
    return make_batch(sync, &sync->under_way, first_seq, previous, empty ? 0 : CF_BATCH_RECORDS_MAX, err);
}

/* --- the centre's word -------------------------------------------------------------------------------------------- */

static enum cf_rc set_apart(struct cf_sync *sync, enum cf_rc why, struct cf_sync_event *ret_event, struct cf_error *err)
{
    *ret_event = (struct cf_sync_event){.kind = CF_SYNC_SET_APART, .rc = why};
    sync->progress.fenced = true;
    return cf_sync_keep_progress(sync, err);
}

/* The centre says it holds our records up to (seq, head). */
static enum cf_rc take_watermark(struct cf_sync *sync, uint64_t seq, const struct cf_sha256 *head,
                                 enum cf_sync_event_kind kind, struct cf_sync_event *ret_event, struct cf_error *err)
{
    const struct cf_sync_batch *batch = &sync->under_way;
    bool ours = seq == 0; /* nothing is the beginning of every history */
    enum cf_rc rc = CF_OK;
    if (seq > 0 && seq == batch->last_seq)
        ours = memcmp(head->digest, batch->head.digest, CF_SHA256_BYTES) == 0;
    else if (seq > 0)
        rc = is_ours(sync, seq, head, &ours, err);
    if (rc != CF_OK)
        return rc;
    if (!ours) {
        /* It holds what this terminal never wrote, or no longer knows: a copy sold on, or this one is restored. */
        (void)cf_fail(err, CF_E_FORK, "the centre's record %llu is not in this terminal's history",
                      (unsigned long long)seq);
        return set_apart(sync, CF_E_FORK, ret_event, err);
    }
    uint64_t taken = seq < batch->last_seq ? seq : batch->last_seq;
    if (kind == CF_SYNC_ACKNOWLEDGED && taken >= batch->first_seq)
        sync->report->pushed += taken - batch->first_seq + 1;
    sync->progress.acknowledged_seq = seq;
    sync->progress.acknowledged_head =
        seq > 0 ? *head : cf_record_chain_start(sync->config.terminal, sync->config.epoch);
    if (sync->progress.sent_seq < seq)
        sync->progress.sent_seq = seq;
    *ret_event = (struct cf_sync_event){.kind = kind, .acknowledged = seq};
    return cf_sync_keep_progress(sync, err);
}

static void take_results(struct cf_sync *sync)
{
    const struct cf_answer *answer = &sync->answer;
    struct cf_sync_report *report = sync->report;
    /* The centre alone fences; a terminal that was enrolled again finds itself free here. */
    sync->progress.fenced = false;
    for (size_t i = 0; i < answer->n_results; i++) {
        if (answer->results[i].seq == 0) {
            sync->progress.fenced = sync->progress.fenced || answer->results[i].rc == CF_E_FENCED;
            continue;
        }
        if (report->n_results < CF_SYNC_RESULTS_MAX) {
            report->results[report->n_results].seq = answer->results[i].seq;
            report->results[report->n_results].rc = answer->results[i].rc;
        }
        report->n_results++;
    }
}

static enum cf_rc refused(struct cf_sync *sync, int status, struct cf_sync_event *ret_event, struct cf_error *err)
{
    struct cf_refusal refusal;
    enum cf_rc rc = cf_sync_refusal(status, cf_buf_bytes(&sync->received), &refusal, err);
    if (rc == CF_E_GAP)
        return take_watermark(sync, refusal.ack_seq, &refusal.ack_head, CF_SYNC_GAP, ret_event, err);
    if (rc == CF_E_FORK || rc == CF_E_FENCED)
        return set_apart(sync, rc, ret_event, err);
    if (rc == CF_E_INCARNATION)
        sync->told = refusal.incarnation;
    return rc;
}

/*
 * The centre heard from a later start of ours than the batch was of. Has the till been started since we looked? Then
 * the batch is made again and all is well. Else it is us who are behind, a copy or put back: we are set apart, and say
 * what we were told, which a message of an earlier start that was merely late could not.
 */
static enum cf_rc take_incarnation(struct cf_sync *sync, struct cf_error *err)
{
    struct cf_outbox_head head;
    enum cf_rc rc = sync->config.outbox.ops->head(sync->config.outbox.ctx, &head, err);
    if (rc != CF_OK)
        return rc;
    sync->incarnation = head.incarnation;
    if (sync->told <= sync->incarnation)
        return CF_OK;
    sync->progress.fenced = true;
    return cf_sync_keep_progress(sync, err);
}

/* One exchange: the batch that is under way, and the centre's word on it. */
static enum cf_rc send_batch(struct cf_sync *sync, struct cf_sync_event *ret_event, struct cf_error *err)
{
    const struct cf_env *env = sync->config.env;
    const struct cf_sync_batch *batch = &sync->under_way;
    const struct cf_net_request request = {.method = "POST",
                                           .path = CF_PATH_RECORDS,
                                           .content_type = "application/cbor",
                                           .body = cf_buf_bytes(&batch->encoded)};
    cf_wall wall = cf_env_wall(env);
    cf_mono mono = cf_env_mono(env);
    int status = 0;
    sync->report->batches++;
    enum cf_rc rc = cf_sync_exchange(sync, &request, &status, &sync->received, err);
    if (rc != CF_OK)
        return rc;
    if (status != 200)
        return refused(sync, status, ret_event, err);
    if (cf_answer_decode(cf_buf_bytes(&sync->received), &sync->answer, err) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "the centre's answer to a batch cannot be read");
    int64_t round_trip_us = cf_mono_since(cf_env_mono(env), mono).us;
    if (!sync->time_tried && round_trip_us <= ROUND_TRIP_MAX_US)
        cf_sync_take_time(sync, sync->answer.time_statement, batch->nonce, (cf_wall){wall.us + round_trip_us / 2},
                          (cf_mono){mono.us + round_trip_us / 2});
    take_results(sync);
    return take_watermark(sync, sync->answer.ack_seq, &sync->answer.ack_head, CF_SYNC_ACKNOWLEDGED, ret_event, err);
}

enum cf_rc cf_sync_send(struct cf_sync *sync, uint64_t from_seq, bool empty, struct cf_sync_event *ret_event,
                        struct cf_error *err)
{
    enum cf_rc rc = ready_batch(sync, from_seq, empty, err);
    if (rc != CF_OK)
        return rc;
    if (sync->under_way.last_seq > sync->progress.sent_seq) {
        /* Before it is sent: what was perhaps sent is never called unsent. */
        sync->progress.sent_seq = sync->under_way.last_seq;
        rc = cf_sync_keep_progress(sync, err);
        if (rc != CF_OK)
            return rc;
    }
    rc = send_batch(sync, ret_event, err);
    if (rc != CF_E_INCARNATION)
        return rc;
    rc = take_incarnation(sync, err);
    sync->ahead.ready = false;
    if (rc == CF_OK)
        rc = ready_batch(sync, from_seq, empty, err);
    return rc == CF_OK ? send_batch(sync, ret_event, err) : rc;
}

/* --- signed time -------------------------------------------------------------------------------------------------- */

/* Only one statement a run: a verification costs as much as sending fifty records. */
void cf_sync_take_time(struct cf_sync *sync, cf_bytes statement, const uint8_t nonce[CF_NONCE_WIRE_BYTES], cf_wall wall,
                       cf_mono mono)
{
    cf_buf_clear(&sync->time_statement);
    if (cf_buf_append(&sync->time_statement, statement.p, statement.n, NULL) != CF_OK)
        return;
    sync->time_tried = true;
    sync->time_waits = true;
    memcpy(sync->time_nonce, nonce, CF_NONCE_WIRE_BYTES);
    sync->time_wall = wall;
    sync->time_mono = mono;
    cf_sync_try_time(sync);
}

static enum cf_rc open_time(struct cf_sync *sync, struct cf_signed_time *ret, struct cf_error *err)
{
    cf_bytes statement = cf_buf_bytes(&sync->time_statement);
    cf_bytes payload;
    struct cf_signed_time claimed;
    enum cf_rc rc = cf_cose_peek(statement, &payload, err);
    if (rc == CF_OK)
        rc = cf_signed_time_decode(payload, &claimed, err);
    if (rc != CF_OK)
        return rc;
    if (claimed.terminal != sync->config.terminal || memcmp(claimed.nonce, sync->time_nonce, CF_NONCE_WIRE_BYTES) != 0)
        return cf_fail(err, CF_E_PAGE, "the signed time is not an answer to this terminal's question");
    /* The key must have been valid at the time that it tells: our own clock may be years off, and the nonce shows that
     * the statement is of now. */
    rc = cf_keyring_open(sync->config.keyring, "TM1", CF_USAGE_PAGE, statement, claimed.wall_ms / 1000, &payload, err);
    if (rc == CF_OK)
        *ret = claimed;
    return rc;
}

void cf_sync_try_time(struct cf_sync *sync)
{
    struct cf_signed_time time = {0};
    if (!sync->time_waits || cf_keyring_version(sync->config.keyring) == 0)
        return;
    sync->report->time_rc = open_time(sync, &time, NULL);
    sync->time_waits = sync->report->time_rc == CF_E_CODE_KEY; /* for a newer set, which the pull may bring */
    if (sync->report->time_rc != CF_OK)
        return;
    const struct cf_env *env = sync->config.env;
    struct cf_sync_progress *progress = &sync->progress;
    progress->has_time = true;
    progress->centre_wall = (cf_wall){time.wall_ms * CF_US_PER_MS};
    progress->local_wall = sync->time_wall;
    progress->local_mono = sync->time_mono;
    env->ops->boot_id(env->ctx, progress->boot_id);
    sync->report->time_verified = true;
}
