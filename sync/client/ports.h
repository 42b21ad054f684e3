/*
 * sync/client/ports.h - what the client needs of its host: the records to send, and a place for what comes down.
 *
 * app/terminal connects these to app/store's journal and replica, one call to one call; the simulator connects them to
 * its own. The structs stand here in the client's own terms, since sync/client may not know app/store. Calls are made
 * from the thread that calls cf_sync_*. A callee's error ends the cycle and is reported as it is.
 */
#ifndef CF_SYNC_CLIENT_PORTS_H
#define CF_SYNC_CLIENT_PORTS_H

#include "app/core/down.h"
#include "app/core/record.h"

/* --- the outbox: this terminal's records of its current epoch --------------------------------------------------- */

struct cf_outbox_head {
    uint64_t seq; /* 0: no record yet */
    struct cf_sha256 hash;
    uint64_t incarnation; /* of the newest start in it; 0: none */
};
/* record->body is valid during the call. An erased record has body.p NULL. */
typedef enum cf_rc (*cf_outbox_record_fn)(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                                          const struct cf_sha256 *hash, struct cf_error *err);
struct cf_outbox_ops {
    enum cf_rc (*head)(void *ctx, struct cf_outbox_head *ret, struct cf_error *err);
    /* Records from_seq, from_seq + 1, ... at most max_n, in order; an error of `each` ends the walk and is returned. */
    enum cf_rc (*read)(void *ctx, uint64_t from_seq, size_t max_n, cf_outbox_record_fn each, void *each_ctx,
                       struct cf_error *err);
};
struct cf_outbox {
    const struct cf_outbox_ops *ops;
    void *ctx;
};

/* --- the sink: the centre's log, as far as it has come ----------------------------------------------------------- */

struct cf_sync_topic {
    uint64_t version; /* entries applied */
    struct cf_sha256 digest;
};
/* How far the sync has come with this terminal's log, and what it learned of time. All zero before the first. */
struct cf_sync_progress {
    uint64_t sent_seq; /* highest seq ever handed to the network */
    uint64_t acknowledged_seq;
    struct cf_sha256 acknowledged_head; /* of the chain's start while acknowledged_seq is 0 */
    uint64_t down_cursor;
    bool fenced;
    bool has_time; /* the centre's signed time, and our clocks when it arrived */
    cf_wall centre_wall;
    cf_wall local_wall;
    cf_mono local_mono;
    uint8_t boot_id[CF_BOOT_ID_BYTES];
    cf_wall last_contact; /* by our own clock */
};
struct cf_sink_ops {
    enum cf_rc (*topic)(void *ctx, enum cf_topic topic, struct cf_sync_topic *ret, struct cf_error *err);
    /* Applies entries from + 1 .. from + n in one transaction; the signature was checked. CF_E_PAGE if `from` is not
     * the topic's version, digest_after does not come out, or an entry cannot be decoded: nothing changed. */
    enum cf_rc (*apply)(void *ctx, enum cf_topic topic, uint64_t from, const cf_bytes *entries, size_t n,
                        const struct cf_sha256 *digest_after, struct cf_error *err);
    /* A snapshot: begun once for each manifest (the same one goes on, over a restart too, after *ret_chunks_done
     * chunks; another one starts anew), filled, swapped in with one transaction. With no chunks it empties the topic.
     * base NULL: in place of all there is. Else what changed since just that state; CF_E_PAGE at another.
     */
    enum cf_rc (*snapshot_begin)(void *ctx, enum cf_topic topic, const struct cf_sha256 *manifest,
                                 uint32_t *ret_chunks_done, struct cf_error *err);
    enum cf_rc (*snapshot_chunk)(void *ctx, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                                 struct cf_error *err);
    enum cf_rc (*snapshot_swap)(void *ctx, enum cf_topic topic, uint32_t n_chunks, const struct cf_sync_topic *base,
                                const struct cf_sync_topic *state, struct cf_error *err);
    /* How many chunks the snapshot that was begun has: for who looks on. NULL: nobody does. */
    void (*announce)(void *ctx, enum cf_topic topic, uint32_t n_chunks);
    /* What was just stored, as the centre signed it, for others who reach only this terminal. NULL: nobody keeps it. */
    void (*keep_page)(void *ctx, enum cf_topic topic, uint64_t from, uint64_t after, const struct cf_sha256 *previous,
                      cf_bytes cose);
    void (*keep_manifest)(void *ctx, enum cf_topic topic, uint64_t version, cf_bytes cose);
    void (*keep_chunk)(void *ctx, enum cf_topic topic, cf_bytes content);
    enum cf_rc (*progress)(void *ctx, struct cf_sync_progress *ret, struct cf_error *err);
    enum cf_rc (*set_progress)(void *ctx, const struct cf_sync_progress *progress, struct cf_error *err);
};
struct cf_sink {
    const struct cf_sink_ops *ops;
    void *ctx;
};

#endif
