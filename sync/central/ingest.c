/*
 * sync/central/ingest.c - POST /t1/records: a batch of a till's log (docs/protocol.md, "Up").
 *
 * Checks whose it is, that it is whole, and where it goes on from; the records themselves are apply.c's. All of a batch
 * is one transaction, and the answer is made after it is durable.
 */
#include "sync/central/ingest.h"

#include "base/plant.h"

#include "sync/central/apply.h"
#include "sync/central/erase.h"
#include "sync/central/fence.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"

#include "sync/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERIFIERS 256

struct cached_verifier {
    uint64_t log;
    struct cf_verifier *verifier;
};
struct cf_ingest {
    struct cf_batch batch;
    struct cf_answer answer;
    struct cf_sha256 hash[CF_BATCH_RECORDS_MAX];
    bool hash_known[CF_BATCH_RECORDS_MAX];
    struct cf_applier *applier;
    struct cached_verifier verifiers[VERIFIERS];
    struct cf_buf time_payload, time_statement;
};

enum cf_rc cf_ingest_new(struct cf_ingest **ret, struct cf_error *err)
{
    struct cf_ingest *ingest = calloc(1, sizeof *ingest);
    if (ingest == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "records");
    }
    cf_buf_init(&ingest->time_payload, 256);
    cf_buf_init(&ingest->time_statement, 1024);
    enum cf_rc rc = cf_applier_new(&ingest->applier, err);
    if (rc != CF_OK) {
        cf_ingest_free(ingest);
        return rc;
    }
    *ret = ingest;
    return CF_OK;
}

void cf_ingest_free(struct cf_ingest *ingest)
{
    if (ingest == NULL) {
        return;
    }
    for (size_t i = 0; i < VERIFIERS; i++) {
        cf_verifier_free(ingest->verifiers[i].verifier);
    }
    cf_applier_free(ingest->applier);
    cf_buf_done(&ingest->time_payload);
    cf_buf_done(&ingest->time_statement);
    free(ingest);
}

/* --- is it whole, and whose is it --------------------------------------------------------------------------------- */

static enum cf_rc find_verifier(struct cf_ingest *ingest, const struct cf_log_head *head, struct cf_verifier **ret,
                                struct cf_error *err)
{
    struct cached_verifier *slot = &ingest->verifiers[head->log.id % VERIFIERS];
    if (slot->verifier == NULL || slot->log != head->log.id) {
        struct cf_verifier *verifier;
        enum cf_rc rc = cf_verifier_new(&head->sign_key, &verifier, err);
        if (rc != CF_OK) {
            return rc;
        }
        cf_verifier_free(slot->verifier);
        *slot = (struct cached_verifier){head->log.id, verifier};
    }
    *ret = slot->verifier;
    return CF_OK;
}

static enum cf_rc check_signature(struct cf_ingest *ingest, const struct cf_log_head *head, struct cf_error *err)
{
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    struct cf_verifier *verifier;
    enum cf_rc rc = find_verifier(ingest, head, &verifier, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_batch_signed_bytes(&ingest->batch, signed_bytes);
    if (cf_verify(verifier, cf_bytes_of(signed_bytes, sizeof signed_bytes), &ingest->batch.signature, NULL) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "the batch's signature is not genuine");
    }
    return CF_OK;
}

/* The head must come out of the records. Behind a record that cannot be read the chain cannot be followed: there the
 * signature of the head is all there is. */
static enum cf_rc check_chain(struct cf_ingest *ingest, struct cf_error *err)
{
    const struct cf_batch *batch = &ingest->batch;
    struct cf_sha256 at = batch->previous;
    bool known = true;
    for (size_t i = 0; i < batch->n_records; i++) {
        const struct cf_record *record = &batch->records[i];
        known = known && record->type != 0;
        if (known) {
            struct cf_sha256 body_hash = record->body.p != NULL ? cf_record_body_hash(record) : batch->erased[i];
            at = cf_record_chain(&at, record, &body_hash);
        }
        ingest->hash[i] = at;
        ingest->hash_known[i] = known;
    }
    if (!known) { /* the last one's is signed */
        ingest->hash[batch->n_records - 1] = batch->head;
        ingest->hash_known[batch->n_records - 1] = true;
        return CF_OK;
    }
    if (memcmp(at.digest, batch->head.digest, CF_SHA256_BYTES) != 0) {
        return cf_fail(err, CF_E_PROTOCOL, "the batch's head does not come out of its records");
    }
    return CF_OK;
}

static enum cf_rc check_batch(struct cf_central *central, const struct cf_central_request *request,
                              struct cf_log_head *ret_head, struct cf_error *err)
{
    struct cf_ingest *ingest = central->ingest;
    struct cf_batch *batch = &ingest->batch;
    struct cf_error why;
    if (cf_batch_decode(request->body, batch, &why) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    }
    if (batch->terminal != request->terminal || batch->epoch != request->epoch) {
        return cf_fail(err, CF_E_CERTIFICATE, "the batch is of terminal %lu, epoch %lu", (unsigned long)batch->terminal,
                       (unsigned long)batch->epoch);
    }
    if (batch->first_seq == 0 || batch->first_seq > CF_RECORD_SEQ_MAX - CF_BATCH_RECORDS_MAX) {
        return cf_fail(err, CF_E_PROTOCOL, "first seq %llu", (unsigned long long)batch->first_seq);
    }
    enum cf_rc rc = cf_log_get(central, batch->terminal, batch->epoch, ret_head, err);
    if (rc == CF_OK) {
        rc = check_signature(ingest, ret_head, err);
    }
    return rc == CF_OK ? check_chain(ingest, err) : rc;
}

/* --- where it goes on --------------------------------------------------------------------------------------------- */

/* Does the batch agree with what is here? One comparison is enough, since each hash commits to all before it. */
static enum cf_rc check_agrees(struct cf_central *central, const struct cf_log_head *head, bool *ret_agrees,
                               struct cf_error *err)
{
    const struct cf_ingest *ingest = central->ingest;
    const struct cf_batch *batch = &ingest->batch;
    *ret_agrees = true;
    if (CF_PLANTED(dedupe_by_seq)) {
        return CF_OK;
    }
    if (batch->first_seq == head->seq + 1) {
        *ret_agrees = memcmp(batch->previous.digest, head->head.digest, CF_SHA256_BYTES) == 0;
        return CF_OK;
    }
    if (batch->n_records == 0 || batch->first_seq > head->seq) {
        return CF_OK;
    }
    uint64_t last = batch->first_seq + batch->n_records - 1;
    uint64_t seq = last < head->seq ? last : head->seq;
    size_t at = (size_t)(seq - batch->first_seq);
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_RECORD_HASH,
                                 CF_ARGS(cf_v_int((int64_t)cf_record_id(head->log.id, seq))), row, &found, err);
    if (rc == CF_OK && found && row[0].b.n == CF_SHA256_BYTES && ingest->hash_known[at]) {
        *ret_agrees = memcmp(row[0].b.p, ingest->hash[at].digest, CF_SHA256_BYTES) == 0;
    }
    return rc;
}

/* Two histories of one epoch: a copy was made of the till. It is set apart, and what it still held is stranded. */
static enum cf_rc fence(struct cf_central *central, struct cf_log_head *head, struct cf_error *err)
{
    char text[160];
    (void)snprintf(text, sizeof text, "terminal %lu, epoch %lu has two histories: set apart",
                   (unsigned long)head->log.terminal, (unsigned long)head->log.epoch);
    return cf_fence(central, &head->log, cf_record_id(head->log.id, head->seq), CF_E_FORK, text, err);
}

/* Applies the records beyond the watermark and moves it. */
static enum cf_rc apply_new(struct cf_central *central, struct cf_log_head *head, struct cf_error *err)
{
    struct cf_ingest *ingest = central->ingest;
    const struct cf_batch *batch = &ingest->batch;
    uint64_t cursor = 0;
    enum cf_rc rc =
        cf_apply_begin(central, ingest->applier, &head->log, batch->records, batch->n_records, head->seq, err);
    for (size_t i = 0; i < batch->n_records && rc == CF_OK; i++) {
        const struct cf_record *record = &batch->records[i];
        enum cf_rc what = CF_OK;
        if (record->seq <= head->seq) {
            continue;
        }
        rc = cf_fence_by_record(central, &head->log, record, err);
        if (rc != CF_OK) {
            break;
        }
        rc = cf_apply_record(central, ingest->applier, &head->log, record, &ingest->hash[i], ingest->hash_known[i],
                             &what, err);
        if (what != CF_OK) {
            ingest->answer.results[ingest->answer.n_results].seq = record->seq;
            ingest->answer.results[ingest->answer.n_results++].rc = what;
        }
        cursor = record->down_cursor;
    }
    if (rc == CF_OK) {
        rc = cf_apply_end(central, ingest->applier, &head->log, cursor, &head->sign_key, err);
    }
    if (rc == CF_OK && batch->n_records > 0) {
        rc = cf_erase_settle(central, err);
    }
    uint64_t last = batch->first_seq + batch->n_records - 1;
    /* An empty batch is a question: a till that has more than a centre restored from a backup asks it too. */
    if (rc == CF_OK && batch->n_records > 0 && last > head->seq) {
        head->seq = last;
        head->head = batch->head;
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_LOG_ADVANCE,
                          CF_ARGS(cf_v_int((int64_t)head->log.id), cf_v_int((int64_t)head->seq),
                                  cf_v_blob(head->head.digest, CF_SHA256_BYTES), cf_v_int((int64_t)last),
                                  cf_v_int(cf_central_now(central).us), cf_v_int((int64_t)(cursor & INT64_MAX))),
                          err);
    }
    return rc;
}

static enum cf_rc take_in(struct cf_central *central, struct cf_log_head *head, bool *ret_fork, struct cf_error *err)
{
    const struct cf_batch *batch = &central->ingest->batch;
    bool agrees;
    enum cf_rc rc = check_agrees(central, head, &agrees, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!agrees) {
        *ret_fork = true;
        return fence(central, head, err);
    }
    rc = cf_fence_by_batch(central, &head->log, batch, err);
    return rc == CF_OK ? apply_new(central, head, err) : rc;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static enum cf_rc sign_time(struct cf_central *central, cf_bytes *ret, struct cf_error *err)
{
    struct cf_ingest *ingest = central->ingest;
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_PAGE];
    struct cf_signed_time time = {.terminal = ingest->batch.terminal,
                                  .wall_ms = cf_central_now(central).us / CF_US_PER_MS};
    memcpy(time.nonce, ingest->batch.nonce, sizeof time.nonce);
    cf_buf_clear(&ingest->time_payload);
    cf_buf_clear(&ingest->time_statement);
    enum cf_rc rc = cf_signed_time_encode(&time, &ingest->time_payload, err);
    if (rc == CF_OK) {
        rc = cf_statement_sign("TM1", cf_buf_bytes(&ingest->time_payload), issuer->kid, issuer->key,
                               &ingest->time_statement, err);
    }
    if (rc == CF_OK) {
        *ret = cf_buf_bytes(&ingest->time_statement);
    }
    return rc;
}

/* A refusal that tells where to go on from. */
static enum cf_rc refuse(struct cf_reply *reply, const struct cf_log_head *head, uint64_t incarnation,
                         struct cf_error *err)
{
    struct cf_refusal refusal = {
        .rc = err->rc, .ack_seq = head->seq, .ack_head = head->head, .incarnation = incarnation};
    (void)snprintf(refusal.detail, sizeof refusal.detail, "%s", err->detail);
    reply->content_type = "application/cbor";
    if (cf_refusal_encode(&refusal, reply->bytes, NULL) != CF_OK) {
        cf_buf_clear(reply->bytes);
    }
    return err->rc;
}

/* A message of an earlier start than one that was heard: nothing of it is taken before its sender has said that it
 * knows. Only the sender gets the answer; a message that was merely late is one that was sent again meanwhile. */
static enum cf_rc check_late(struct cf_central *central, const struct cf_log_head *head, struct cf_reply *reply,
                             struct cf_error *err)
{
    const struct cf_batch *batch = &central->ingest->batch;
    uint64_t known = 0;
    enum cf_rc rc = cf_fence_known_incarnation(central, &head->log, &known, err);
    if (rc != CF_OK || cf_fence_judge_incarnation(batch, known) != CF_INCARNATION_LATE) {
        return rc;
    }
    (void)cf_fail(err, CF_E_INCARNATION, "of start %llu, and start %llu was heard",
                  (unsigned long long)batch->incarnation, (unsigned long long)known);
    return refuse(reply, head, known, err);
}

enum cf_rc cf_handle_records(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                             struct cf_error *err)
{
    struct cf_ingest *ingest = central->ingest;
    struct cf_batch *batch = &ingest->batch;
    struct cf_answer *answer = &ingest->answer;
    struct cf_log_head head;
    bool fork = false;
    answer->n_results = 0;
    enum cf_rc rc = check_batch(central, call->request, &head, err);
    if (rc != CF_OK) {
        return rc;
    }
    /* A till that was put back asks for itself, too: what its hub brings late is a fact all the same. */
    rc = call->relayed ? CF_OK : check_late(central, &head, reply, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (batch->n_records > 0 && batch->first_seq > head.seq + 1) {
        (void)cf_fail(err, CF_E_GAP, "from %llu, acknowledged is %llu", (unsigned long long)batch->first_seq,
                      (unsigned long long)head.seq);
        return refuse(reply, &head, 0, err);
    }
    rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = cf_central_end(central, take_in(central, &head, &fork, err), err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (fork) {
        (void)cf_fail(err, CF_E_FORK, "at seq %llu", (unsigned long long)batch->first_seq);
        return refuse(reply, &head, 0, err);
    }
    if (head.log.state != CF_LOG_ACTIVE) {
        answer->results[answer->n_results].seq = 0;
        answer->results[answer->n_results++].rc = CF_E_FENCED;
    }
    answer->ack_seq = head.seq;
    answer->ack_head = head.head;
    rc = sign_time(central, &answer->time_statement, err);
    reply->content_type = "application/cbor";
    return rc == CF_OK ? cf_answer_encode(answer, reply->bytes, err) : rc;
}
