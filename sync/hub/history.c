/*
 * sync/hub/history.c - the hub's own history: its steps, its incarnations, and whether a witness of it agrees.
 *
 * A hub that was copied, or whose disk was put back, goes on from a point that it has passed before. Three things tell:
 * the incarnation, which is also kept in a file outside of what is backed up; the tills, which keep the newest signed
 * head that they saw and show it with each ask; and the centre, which is told by all of them.
 */
#include "sync/hub/inside.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct cf_sha256 cf_hub_history_start(uint32_t store, uint32_t hub_epoch)
{
    uint8_t bytes[6 + 4 + 4] = {'c', 'f', '-', 'h', 'u', 'b'};
    cf_put_be32(bytes + 6, store);
    cf_put_be32(bytes + 10, hub_epoch);
    return cf_sha256(cf_bytes_of(bytes, sizeof bytes));
}

enum cf_rc cf_hub_add_step(struct cf_hub *hub, enum cf_hub_step kind, const uint64_t *numbers, size_t n, cf_bytes bytes,
                           struct cf_error *err)
{
    uint8_t fixed[1 + 8 * CF_HUB_STEP_NUMBERS_MAX];
    assert(n <= CF_HUB_STEP_NUMBERS_MAX);
    fixed[0] = (uint8_t)kind;
    for (size_t i = 0; i < n; i++)
        cf_put_be64(fixed + 1 + 8 * i, numbers[i]);
    struct cf_hub_state *state = &hub->state;
    const cf_bytes parts[] = {cf_bytes_of(state->head.digest, CF_SHA256_BYTES), cf_bytes_of(fixed, 1 + 8 * n), bytes};
    state->head = cf_sha256_parts(parts, 3);
    state->seq++;
    enum cf_rc rc = cf_hub_store_add_step(hub->store, state->seq, &state->head, err);
    return rc == CF_OK ? cf_hub_store_set_state(hub->store, state, err) : rc;
}

/* --- witnesses ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_agrees(struct cf_hub_store *store, const struct cf_hub_state *state,
                         const struct cf_hub_witness *witness, bool *ret, struct cf_error *err)
{
    struct cf_sha256 hash;
    bool found = false;
    if (witness->incarnation > state->incarnation || witness->seq > state->seq) {
        *ret = false;
        return CF_OK;
    }
    enum cf_rc rc = cf_hub_store_step(store, witness->seq, &hash, &found, err);
    if (rc == CF_OK)
        *ret = !found || memcmp(hash.digest, witness->head.digest, CF_SHA256_BYTES) == 0;
    return rc;
}

bool cf_hub_witness_is_genuine(const struct cf_hub_witness *witness, uint32_t store, uint32_t hub_epoch,
                               const struct cf_private_key *sign_key)
{
    uint8_t signed_bytes[CF_HUB_WITNESS_SIGNED_BYTES];
    cf_public_key key;
    struct cf_verifier *verifier = NULL;
    cf_private_key_public(sign_key, &key);
    cf_hub_witness_signed_bytes(witness, store, hub_epoch, signed_bytes);
    bool genuine =
        cf_verifier_new(&key, &verifier, NULL) == CF_OK &&
        cf_verify(verifier, cf_bytes_of(signed_bytes, sizeof signed_bytes), &witness->signature, NULL) == CF_OK;
    cf_verifier_free(verifier);
    return genuine;
}

enum cf_rc cf_hub_sign_witness(const struct cf_hub_state *state, const struct cf_private_key *sign_key,
                               struct cf_hub_witness *ret, struct cf_error *err)
{
    uint8_t signed_bytes[CF_HUB_WITNESS_SIGNED_BYTES];
    struct cf_hub_witness witness = {.incarnation = state->incarnation, .seq = state->seq, .head = state->head};
    cf_hub_witness_signed_bytes(&witness, state->store, state->hub_epoch, signed_bytes);
    enum cf_rc rc = cf_sign(sign_key, cf_bytes_of(signed_bytes, sizeof signed_bytes), &witness.signature, err);
    if (rc == CF_OK)
        *ret = witness;
    return rc;
}

enum cf_rc cf_hub_fence(struct cf_hub_store *store, struct cf_hub_state *state, const char *why, struct cf_error *err)
{
    state->fenced = true;
    (void)snprintf(state->why, sizeof state->why, "%s", why);
    enum cf_rc rc = cf_hub_store_begin(store, err);
    if (rc == CF_OK)
        rc = cf_hub_store_end(store, cf_hub_store_set_state(store, state, err), err);
    return rc == CF_OK ? cf_fail(err, CF_E_HUB_FENCED, "%s", why) : rc;
}
