/*
 * sync/hub/records.c - the tills' records as they stand at the hub: kept, and read.
 *
 * A batch is kept as its till signed it, so that the centre takes it from the hub as it would from the till itself. The
 * hub reads in it which rights were used or given up, and which goods came back; what a sale was worth is the centre's
 * to judge.
 */
#include "sync/hub/inside.h"

#include <string.h>

#include "app/core/challenge.h"
#include "app/core/order.h"
#include "sync/wire/redeem.h"

/* --- is it whole, and whose is it --------------------------------------------------------------------------------- */

static enum cf_rc find_verifier(struct cf_hub *hub, const struct cf_hub_caller *caller, struct cf_verifier **ret,
                                struct cf_error *err)
{
    struct cf_hub_verifier *slot = &hub->verifiers[caller->terminal % CF_HUB_VERIFIERS];
    if (slot->verifier == NULL || slot->terminal != caller->terminal || slot->epoch != caller->epoch ||
        memcmp(slot->key.point, caller->sign_key.point, CF_P256_PUBLIC_BYTES) != 0) {
        struct cf_verifier *verifier;
        enum cf_rc rc = cf_verifier_new(&caller->sign_key, &verifier, err);
        if (rc != CF_OK)
            return rc;
        cf_verifier_free(slot->verifier);
        *slot = (struct cf_hub_verifier){caller->terminal, caller->epoch, caller->sign_key, verifier};
    }
    *ret = slot->verifier;
    return CF_OK;
}

static enum cf_rc check_signature(struct cf_hub *hub, const struct cf_hub_caller *caller, struct cf_error *err)
{
    uint8_t signed_bytes[CF_BATCH_SIGNED_BYTES];
    struct cf_verifier *verifier;
    enum cf_rc rc = find_verifier(hub, caller, &verifier, err);
    if (rc != CF_OK)
        return rc;
    cf_batch_signed_bytes(&hub->batch, signed_bytes);
    if (cf_verify(verifier, cf_bytes_of(signed_bytes, sizeof signed_bytes), &hub->batch.signature, NULL) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "the batch's signature is not genuine");
    return CF_OK;
}

/* The head must come out of the records. *ret_at: the head behind record `seq` of the batch, if that is in it. A till
 * that writes records which cannot be read is to bring them to the centre itself. */
static enum cf_rc check_chain(const struct cf_batch *batch, uint64_t seq, struct cf_sha256 *ret_at,
                              struct cf_error *err)
{
    struct cf_sha256 at = batch->previous;
    for (size_t i = 0; i < batch->n_records; i++) {
        const struct cf_record *record = &batch->records[i];
        if (record->type == 0)
            return cf_fail(err, CF_E_PROTOCOL, "record %llu cannot be read", (unsigned long long)record->seq);
        struct cf_sha256 body_hash = record->body.p != NULL ? cf_record_body_hash(record) : batch->erased[i];
        at = cf_record_chain(&at, record, &body_hash);
        if (record->seq == seq)
            *ret_at = at;
    }
    if (memcmp(at.digest, batch->head.digest, CF_SHA256_BYTES) != 0)
        return cf_fail(err, CF_E_PROTOCOL, "the batch's head does not come out of its records");
    return CF_OK;
}

/* --- what is in it ------------------------------------------------------------------------------------------------ */

/* What the till held for it is used up. Another till's hold or use of the same right stays: it is that till's to undo.
 */
static enum cf_rc note_use(struct cf_hub *hub, const struct cf_record *record, const struct cf_redemption *redemption,
                           struct cf_error *err)
{
    struct cf_hub_right right = {.campaign = redemption->campaign,
                                 .index = redemption->index,
                                 .terminal = record->terminal,
                                 .epoch = record->epoch,
                                 .state = CF_HUB_HELD};
    bool held = false;
    if (redemption->index == CF_INDEX_NONE) /* a unit: nobody holds it here, and no other lane could use it */
        return CF_OK;
    memcpy(right.request_key, redemption->request_key, sizeof right.request_key);
    enum cf_rc rc = cf_hub_store_remove_right(hub->store, &right, &held, err);
    right.state = CF_HUB_USED;
    right.seq = record->seq;
    return rc == CF_OK ? cf_hub_store_set_right(hub->store, &right, err) : rc;
}

static enum cf_rc note_handed_out(struct cf_hub *hub, const struct cf_record *record,
                                  const struct cf_order_claim *claim, struct cf_error *err)
{
    struct cf_redemption right = {.campaign = CF_ORDER_SPACE + claim->generation, .index = claim->order};
    memcpy(right.request_key, claim->request_key, sizeof right.request_key);
    return note_use(hub, record, &right, err);
}

/* What the till held here for a ticket that no sale used; a claim for it that comes late takes nothing. */
static enum cf_rc note_challenge(struct cf_hub *hub, const struct cf_record *record,
                                 const uint8_t nonce[CF_NONCE_BYTES], struct cf_error *err)
{
    uint8_t key[CF_REQUEST_KEY_BYTES];
    uint32_t campaign = 0, index = 0;
    bool found = false;
    cf_challenge_key(record->terminal, record->epoch, nonce, key);
    enum cf_rc rc = cf_hub_store_right_of_key(hub->store, key, &campaign, &index, &found, err);
    return rc == CF_OK ? cf_hub_give_up(hub, record->terminal, record->epoch, key, campaign, index, err) : rc;
}

/* --- rights that a return gives back -------------------------------------------------------------------------------
 */

struct fates {
    const struct cf_sale *sale;
    bool gives_back[CF_SALE_COUPONS_MAX];
};

/* A campaign that burns is never changed into one that gives back: what it says now, it said when the sale was made. */
static enum cf_rc read_fate(void *ctx, const struct cf_campaign *campaign, struct cf_error *err)
{
    struct fates *fates = ctx;
    (void)err;
    for (size_t i = 0; i < fates->sale->n_redemptions; i++)
        if (fates->sale->redemptions[i].campaign == campaign->id)
            fates->gives_back[i] = campaign->on_return == CF_ON_RETURN_GIVE_BACK;
    return CF_OK;
}

/* What the sale had given is undone once its goods are back, as far as the records here say. */
static enum cf_rc find_state(struct cf_hub *hub, const struct cf_sale_ref *of, struct cf_return_state *ret,
                             struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < hub->sale->n_lines && rc == CF_OK; i++)
        rc = cf_hub_store_returned(hub->store, of, (uint32_t)(i + 1), &hub->elsewhere[i], err);
    if (rc != CF_OK)
        return rc;
    cf_return_so_far(hub->sale, hub->elsewhere, ret);
    return CF_OK;
}

/* Of a till that was set apart nothing comes back: its twin may have used the same right again. */
static enum cf_rc is_seller_in_order(struct cf_hub *hub, const struct cf_sale_ref *of, bool *ret, struct cf_error *err)
{
    struct cf_hub_till till = {.forked = false};
    struct cf_terminal_entry entry;
    bool found = false, newest = false;
    enum cf_rc rc = cf_hub_store_till(hub->store, of->terminal, of->epoch, &till, &found, err);
    if (rc == CF_OK)
        rc = cf_replica_terminal(hub->replica, of->terminal, of->epoch, &entry, &newest, err);
    *ret = rc == CF_OK && !till.forked && !entry.fenced;
    return rc == CF_E_NOT_FOUND ? CF_OK : rc;
}

static enum cf_rc free_rights(struct cf_hub *hub, const struct cf_sale_ref *of, struct cf_error *err)
{
    struct fates fates = {.sale = hub->sale};
    enum cf_rc rc = cf_replica_campaigns(hub->replica, read_fate, &fates, err);
    for (size_t i = 0; i < hub->sale->n_redemptions && rc == CF_OK; i++) {
        const struct cf_redemption *redemption = &hub->sale->redemptions[i];
        struct cf_hub_right right = {.campaign = redemption->campaign,
                                     .index = redemption->index,
                                     .terminal = of->terminal,
                                     .epoch = of->epoch,
                                     .seq = of->seq,
                                     .state = CF_HUB_USED};
        bool removed = false;
        memcpy(right.request_key, redemption->request_key, sizeof right.request_key);
        if (fates.gives_back[i] && redemption->index != CF_INDEX_NONE)
            rc = cf_hub_store_remove_right(hub->store, &right, &removed, err);
        if (rc == CF_OK && removed) /* the ask for that use, come late, holds nothing any more */
            rc = cf_hub_store_add_released(hub->store, right.request_key, cf_env_wall(hub->config.env), err);
    }
    return rc;
}

/* A coupon of the sale's receipt, now that its goods are back: as used by their return, so that no till holds it here.
 */
static enum cf_rc revoke(struct cf_hub *hub, const struct cf_record *record, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < hub->sale->n_issued && rc == CF_OK; i++) {
        const struct cf_hub_right right = {.campaign = hub->sale->issued[i].campaign,
                                           .index = hub->sale->issued[i].index,
                                           .terminal = record->terminal,
                                           .epoch = record->epoch,
                                           .seq = record->seq,
                                           .state = CF_HUB_USED};
        rc = cf_hub_store_set_right(hub->store, &right, err);
    }
    return rc;
}

/*
 * A right that a return gave back may be used again, as soon as the centre has told of it where it had told of its use.
 * The return is its till's word: it is held against the sale that is here, and against what all returns say is back. Of
 * a sale that is not here nothing is freed.
 */
static enum cf_rc note_return(struct cf_hub *hub, const struct cf_record *record, const struct cf_return *back,
                              struct cf_error *err)
{
    cf_bytes body = {0};
    struct cf_return_state is = {.rights = false};
    bool found = false, in_order = false;
    enum cf_rc rc = cf_hub_find_record(hub, &back->of, &body, &found, err);
    if (rc != CF_OK || !found || cf_return_rejudge(hub->sale, back, NULL) != CF_OK)
        return rc;
    rc = find_state(hub, &back->of, &is, err);
    if (rc == CF_OK && is.issued)
        rc = revoke(hub, record, err);
    if (rc == CF_OK)
        rc = is_seller_in_order(hub, &back->of, &in_order, err);
    return rc == CF_OK && is.rights && in_order ? free_rights(hub, &back->of, err) : rc;
}

/* --- what is in it, by kind --------------------------------------------------------------------------------------- */

/* A log that was set apart may have a twin that sold with what it gives up: then nothing comes back. */
static enum cf_rc note_record(struct cf_hub *hub, const struct cf_record *record, bool may_spend, struct cf_error *err)
{
    struct cf_void_request request;
    struct cf_hub_lease_return given;
    struct cf_pick_up taken;
    uint8_t nonce[CF_NONCE_BYTES];
    enum cf_rc rc = CF_OK;
    if (record->type == CF_RECORD_SALE && cf_sale_decode(record->body, hub->sale, NULL) == CF_OK) {
        for (size_t i = 0; i < hub->sale->n_redemptions && rc == CF_OK; i++)
            rc = note_use(hub, record, &hub->sale->redemptions[i], err);
        if (rc == CF_OK && hub->sale->order.order != 0)
            rc = note_handed_out(hub, record, &hub->sale->order, err);
    } else if (record->type == CF_RECORD_PICK_UP && cf_pick_up_decode(record->body, &taken, NULL) == CF_OK) {
        rc = note_handed_out(hub, record, &taken.claim, err);
    } else if (record->type == CF_RECORD_RETURN && cf_return_decode(record->body, hub->back, NULL) == CF_OK) {
        rc = cf_hub_note_goods(hub, record, hub->back, err); /* a fact, whoever took them */
        if (rc == CF_OK && may_spend)
            rc = note_return(hub, record, hub->back, err);
    } else if (record->type == CF_RECORD_VOID_REQUEST && may_spend &&
               cf_void_request_decode(record->body, &request, NULL) == CF_OK) {
        rc = cf_hub_give_up(hub, record->terminal, record->epoch, request.request_key, request.campaign, request.index,
                            err);
    } else if (record->type == CF_RECORD_CHALLENGE && may_spend &&
               cf_challenge_closed_decode(record->body, nonce, NULL) == CF_OK) {
        rc = note_challenge(hub, record, nonce, err);
    } else if (record->type == CF_RECORD_SUBLEASE_RETURN && may_spend &&
               cf_hub_lease_return_decode(record->body, &given, NULL) == CF_OK) {
        rc = cf_hub_note_sublease_return(hub, record, &given, err);
    }
    return rc;
}

/* --- keeping it --------------------------------------------------------------------------------------------------- */

static enum cf_rc set_apart(struct cf_hub *hub, struct cf_hub_till *till, struct cf_error *err)
{
    hub->refusal = CF_E_FORK;
    if (till->forked)
        return CF_OK;
    till->forked = true;
    enum cf_rc rc = cf_hub_store_set_till(hub->store, till, err);
    return rc == CF_OK
               ? cf_hub_add_step(hub, CF_HUB_STEP_RECORDS, CF_HUB_NUMBERS(till->terminal, till->epoch, till->seq, 1),
                                 cf_bytes_of(hub->batch.head.digest, CF_SHA256_BYTES), err)
               : rc;
}

static enum cf_rc keep(struct cf_hub *hub, struct cf_hub_till *till, bool may_spend, cf_bytes content,
                       struct cf_error *err)
{
    const struct cf_batch *batch = &hub->batch;
    struct cf_hub_batch row = {.terminal = till->terminal,
                               .epoch = till->epoch,
                               .first_seq = batch->first_seq,
                               .last_seq = batch->first_seq + batch->n_records - 1};
    /* First: a return may be of a sale in the same batch. */
    enum cf_rc rc = cf_hub_store_add_batch(hub->store, &row, cf_env_wall(hub->config.env), content, err);
    for (size_t i = 0; i < batch->n_records && rc == CF_OK; i++)
        if (batch->records[i].seq > till->seq)
            rc = note_record(hub, &batch->records[i], may_spend, err);
    till->seq = row.last_seq;
    till->head = batch->head;
    if (rc == CF_OK)
        rc = cf_hub_store_set_till(hub->store, till, err);
    return rc == CF_OK
               ? cf_hub_add_step(hub, CF_HUB_STEP_RECORDS, CF_HUB_NUMBERS(till->terminal, till->epoch, till->seq, 0),
                                 cf_bytes_of(till->head.digest, CF_SHA256_BYTES), err)
               : rc;
}

/*
 * Where the batch goes on from. A till begins behind what the centre has acknowledged, so a batch that leaves a gap
 * behind it is taken: the centre has what is missing. One that overlaps or touches what is here must agree with it.
 */
static enum cf_rc take_in(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes content,
                          struct cf_error *err)
{
    const struct cf_batch *batch = &hub->batch;
    struct cf_hub_till till = {.terminal = caller->terminal, .epoch = caller->epoch};
    struct cf_sha256 at = batch->previous;
    bool found = false;
    enum cf_rc rc = cf_hub_store_till(hub->store, caller->terminal, caller->epoch, &till, &found, err);
    if (rc == CF_OK)
        rc = check_chain(batch, till.seq, &at, err);
    if (rc != CF_OK)
        return rc;
    uint64_t last = batch->first_seq + batch->n_records - 1;
    if (!found) {
        till.seq = batch->first_seq - 1;
        till.head = batch->previous;
        till.acknowledged = batch->first_seq - 1;
    }
    bool meets = batch->first_seq <= till.seq + 1 && last >= till.seq && till.seq > 0;
    if (found && (till.forked || (meets && memcmp(at.digest, till.head.digest, CF_SHA256_BYTES) != 0)))
        return set_apart(hub, &till, err);
    if (batch->n_records > 0 && last > till.seq) {
        if (batch->first_seq > till.seq + 1 && till.acknowledged < batch->first_seq - 1)
            till.acknowledged = batch->first_seq - 1;
        rc = keep(hub, &till, caller->may_spend, content, err);
    } else if (!found) {
        rc = cf_hub_store_set_till(hub->store, &till, err);
    }
    hub->answer.ack_seq = till.seq;
    hub->answer.ack_head = till.head;
    return rc;
}

enum cf_rc cf_hub_take_records(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body,
                               struct cf_buf *ret, struct cf_error *err)
{
    struct cf_batch *batch = &hub->batch;
    struct cf_error why;
    if (cf_batch_decode(body, batch, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    if (batch->terminal != caller->terminal || batch->epoch != caller->epoch)
        return cf_fail(err, CF_E_CERTIFICATE, "the batch is of terminal %u, epoch %u", batch->terminal, batch->epoch);
    hub->answer = (struct cf_answer){.n_results = 0};
    enum cf_rc rc = check_signature(hub, caller, err);
    if (rc == CF_OK)
        rc = take_in(hub, caller, body, err);
    if (rc != CF_OK || hub->refusal != CF_OK)
        return rc;
    if (!caller->may_spend) {
        hub->answer.results[0].seq = 0;
        hub->answer.results[0].rc = CF_E_FENCED;
        hub->answer.n_results = 1;
    }
    return cf_answer_encode(&hub->answer, ret, err);
}
