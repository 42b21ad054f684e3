/*
 * sync/client/client.h - the deciding part of a terminal's sync: push, pull, snapshots, back-off.
 *
 * It asks nothing of the world but through `env` (clock, chance, network), the outbox and the sink, and all its
 * decisions are made by the pure machine of step.h, so the simulator runs this code as it is. It never blocks but in
 * those calls. An answer that is lost after the centre took the batch is harmless: the batch is sent again and skipped
 * there. No TLS here: see tls_net.h. One thread.
 */
#ifndef CF_SYNC_CLIENT_CLIENT_H
#define CF_SYNC_CLIENT_CLIENT_H

#include "app/core/keyring.h"
#include "sync/client/ports.h"
#include "sync/wire/wire.h"

#define CF_SYNC_RESULTS_MAX 64

struct cf_sync;

/* All borrowed: they outlive the cf_sync. The keyring is told the newest key set by the sync as it arrives; load it
 * from the replica before (it may be empty: then the keys come first). */
struct cf_sync_config {
    const struct cf_env *env; /* with a net_exchange that reaches the centre's port for terminals */
    uint32_t terminal;
    uint32_t epoch;
    uint32_t store;
    const struct cf_private_key *sign_key;
    struct cf_keyring *keyring;
    struct cf_outbox outbox;
    struct cf_sink sink;
};

/* What one call did, also when it ended early. */
struct cf_sync_report {
    uint64_t recorded;     /* seq of the outbox's newest record when last looked at */
    uint64_t acknowledged; /* seq that the centre holds */
    uint64_t pushed;       /* records sent by this call and acknowledged */
    uint64_t batches;
    uint64_t n_results; /* records that the centre set aside or flagged; the first ones are in `results` */
    struct {
        uint64_t seq;
        enum cf_rc rc;
    } results[CF_SYNC_RESULTS_MAX];
    uint64_t pages;
    uint64_t pages_refused; /* not genuine or not in order */
    uint64_t entries;
    uint64_t snapshots; /* swapped in */
    uint64_t chunks;    /* fetched; those kept from before a restart do not count */
    bool fenced;        /* the centre set this epoch apart, now or earlier */
    bool time_verified; /* the centre's signed time, by this call */
    enum cf_rc time_rc; /* why it was not believed; CF_OK too if none came or its key is not known yet */
    uint64_t bytes_up;  /* bodies */
    uint64_t bytes_down;
};

enum cf_rc cf_sync_new(const struct cf_sync_config *config, struct cf_sync **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_sync_free(struct cf_sync *sync);

/*
 * Push: sends batches until all that was recorded is acknowledged; with nothing to send it asks for watermark and time.
 * Pull: all topics until the centre has no more, snapshots included. Cycle: push, pull, push (what was recorded
 * meanwhile). *ret is always written.
 *
 *   CF_OK                   recorded = acknowledged, and (pull) nothing more to fetch
 *   CF_E_LINK_DOWN, CF_E_TIMEOUT, CF_E_TLS, CF_E_SERVER, CF_E_BUSY   try again after cf_sync_delay
 *   CF_E_CERTIFICATE        the centre does not know this terminal
 *   CF_E_FORK, CF_E_FENCED  set apart: nothing more is pushed by this call (a cycle still pulls); ret->fenced
 *   CF_E_GAP                the centre has less than this terminal's journal still holds, or asks for what is not there
 *   CF_E_PROTOCOL, CF_E_PAGE  the centre's answers make no sense, also when asked again
 *   others                  of the outbox or the sink, as they are
 */
enum cf_rc cf_sync_push(struct cf_sync *sync, struct cf_sync_report *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_pull(struct cf_sync *sync, struct cf_sync_report *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_cycle(struct cf_sync *sync, struct cf_sync_report *ret, struct cf_error *err) CF_MUST_CHECK;

/* How long to wait before the next call: after failures 1 s, 2 s, 4 s ... 5 min, each with jitter (half to whole) from
 * env's randomness; after a success `idle`. Draws anew at each call. */
cf_duration cf_sync_delay(struct cf_sync *sync, cf_duration idle);

/* The true time as the centre's signed time of this boot and the monotonic clock give it; false if none was seen in
 * this boot. For tls_net.h, which judges certificates' dates by it. `ctx` is the cf_sync. */
bool cf_sync_true_time(void *ctx, cf_wall *ret);

/* Reads and signs the next batch ahead of its turn, on the guess that the one under way will be acknowledged: give it
 * to cf_tls_net_on_wait, so that it runs while the centre commits. Harmless at any time. `ctx` is the cf_sync. */
void cf_sync_read_ahead(void *ctx);

#endif
