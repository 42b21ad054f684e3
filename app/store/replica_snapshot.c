/*
 * app/store/replica_snapshot.c - a topic as a whole: its chunks are kept until all are there, then swapped in.
 *
 * A chunk is a CBOR array of whole entries. Chunks come in order; one that is here already changes nothing.
 */
#include "app/store/replica_private.h"

#include <string.h>

#include "base/cbor.h"

static enum cf_rc load_snapshot(struct cf_replica *replica, enum cf_topic topic, bool *ret_begun,
                                struct cf_sha256 *ret_manifest, uint32_t *ret_chunks, struct cf_error *err)
{
    bool row = false;
    sqlite3_stmt *get = replica->q[CF_RQ_SNAPSHOT];
    cf_bind_i64(get, 1, topic);
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    if (rc != CF_OK || !row) {
        *ret_begun = false;
        return rc;
    }
    bool good = cf_column_bytes_of(get, 0, ret_manifest->digest, CF_SHA256_BYTES) && cf_column_u32(get, 1, ret_chunks);
    sqlite3_reset(get);
    *ret_begun = true;
    return good ? CF_OK : cf_db_broken(&replica->db, err, "a snapshot on its way is damaged");
}

static enum cf_rc save_snapshot(struct cf_replica *replica, enum cf_topic topic, const struct cf_sha256 *manifest,
                                uint32_t chunks, struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_SNAPSHOT_SET];
    cf_bind_i64(set, 1, topic);
    cf_bind_bytes(set, 2, cf_bytes_of(manifest->digest, CF_SHA256_BYTES));
    cf_bind_i64(set, 3, chunks);
    return cf_db_run(&replica->db, set, err);
}

static enum cf_rc drop_snapshot(struct cf_replica *replica, enum cf_topic topic, struct cf_error *err)
{
    sqlite3_stmt *chunks = replica->q[CF_RQ_SNAPSHOT_CHUNK_REMOVE];
    cf_bind_i64(chunks, 1, topic);
    enum cf_rc rc = cf_db_run(&replica->db, chunks, err);
    if (rc == CF_OK) {
        sqlite3_stmt *remove = replica->q[CF_RQ_SNAPSHOT_REMOVE];
        cf_bind_i64(remove, 1, topic);
        rc = cf_db_run(&replica->db, remove, err);
    }
    return rc;
}

/* --- begin -------------------------------------------------------------------------------------------------------- */

static enum cf_rc begin_within(struct cf_replica *replica, enum cf_topic topic, const struct cf_sha256 *manifest,
                               uint32_t *ret_chunks, struct cf_error *err)
{
    bool begun = false;
    struct cf_sha256 old;
    uint32_t chunks = 0;
    enum cf_rc rc = load_snapshot(replica, topic, &begun, &old, &chunks, err);
    if (rc == CF_OK && begun && memcmp(old.digest, manifest->digest, CF_SHA256_BYTES) == 0) {
        *ret_chunks = chunks;
        return CF_OK;
    }
    if (rc == CF_OK) {
        rc = drop_snapshot(replica, topic, err);
    }
    if (rc == CF_OK) {
        rc = save_snapshot(replica, topic, manifest, 0, err);
    }
    if (rc == CF_OK) {
        *ret_chunks = 0;
    }
    return rc;
}

enum cf_rc cf_replica_snapshot_begin(struct cf_replica *replica, enum cf_topic topic, const struct cf_sha256 *manifest,
                                     uint32_t *ret_chunks_done, struct cf_error *err)
{
    static const struct cf_sha256 no_manifest;
    bool anew = memcmp(manifest->digest, no_manifest.digest, CF_SHA256_BYTES) == 0;
    if (topic == CF_TOPIC_LEASES && !anew) {
        return cf_fail(err, CF_E_PAGE, "leases are never in a snapshot");
    }
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    uint32_t chunks = 0;
    rc = cf_replica_end(replica, begin_within(replica, topic, manifest, &chunks, err), err);
    if (rc == CF_OK) {
        *ret_chunks_done = chunks;
    }
    return rc;
}

enum cf_rc cf_replica_snapshot_announce(struct cf_replica *replica, enum cf_topic topic, uint32_t n_chunks,
                                        struct cf_error *err)
{
    sqlite3_stmt *set = replica->q[CF_RQ_SNAPSHOT_ANNOUNCE];
    enum cf_rc rc = cf_replica_begin(replica, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_bind_i64(set, 1, topic);
    cf_bind_i64(set, 2, n_chunks);
    return cf_replica_end(replica, cf_db_run(&replica->db, set, err), err);
}

enum cf_rc cf_replica_coming(struct cf_replica *replica, struct cf_replica_coming *ret, struct cf_error *err)
{
    bool row = false, good = true;
    uint32_t topic = 0;
    struct cf_replica_coming coming = {.is = false};
    sqlite3_stmt *get = replica->q[CF_RQ_SNAPSHOT_COMING];
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (row) {
        good = cf_column_u32(get, 0, &topic) && cf_column_u32(get, 1, &coming.chunks) &&
               cf_column_u32(get, 2, &coming.all) && topic > 0 && topic <= CF_TOPICS_MAX;
        coming.is = true;
        coming.topic = (enum cf_topic)topic;
    }
    sqlite3_reset(get);
    if (!good) {
        return cf_db_broken(&replica->db, err, "a snapshot on its way is damaged");
    }
    *ret = coming;
    return CF_OK;
}

/* --- chunks ------------------------------------------------------------------------------------------------------- */

typedef enum cf_rc (*entry_fn)(struct cf_replica *replica, enum cf_topic topic, cf_bytes entry, struct cf_error *err);

static enum cf_rc each_entry(struct cf_replica *replica, enum cf_topic topic, cf_bytes content, entry_fn each,
                             struct cf_error *err)
{
    struct cf_cbor_reader r;
    size_t n = 0;
    cf_cbor_read_init(&r, content);
    cf_cbor_read_array(&r, &n, content.n);
    for (size_t k = 0; k < n; k++) {
        cf_bytes entry;
        if (!cf_cbor_read_any(&r, &entry)) {
            break;
        }
        enum cf_rc rc = each(replica, topic, entry, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    return cf_cbor_read_end(&r, err) == CF_OK
               ? CF_OK
               : cf_fail(err, CF_E_PAGE, "%s: a chunk that is no list of entries", cf_topic_name(topic));
}

static enum cf_rc check_entry(struct cf_replica *replica, enum cf_topic topic, cf_bytes entry, struct cf_error *err)
{
    (void)replica;
    struct cf_down_entry decoded;
    return cf_replica_entry_decode(topic, entry, &decoded, err);
}

static enum cf_rc chunk_within(struct cf_replica *replica, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                               struct cf_error *err)
{
    bool begun = false;
    struct cf_sha256 manifest;
    uint32_t chunks = 0;
    enum cf_rc rc = load_snapshot(replica, topic, &begun, &manifest, &chunks, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!begun || chunk > chunks) {
        return cf_fail(err, CF_E_PAGE, "%s: chunk %u does not follow on", cf_topic_name(topic), chunk);
    }
    if (chunk < chunks) {
        return CF_OK;
    }
    rc = each_entry(replica, topic, content, check_entry, err);
    if (rc != CF_OK) {
        return rc;
    }
    sqlite3_stmt *add = replica->q[CF_RQ_SNAPSHOT_CHUNK_ADD];
    cf_bind_i64(add, 1, topic);
    cf_bind_i64(add, 2, chunk);
    cf_bind_bytes(add, 3, content);
    rc = cf_db_run(&replica->db, add, err);
    return rc != CF_OK ? rc : save_snapshot(replica, topic, &manifest, chunks + 1, err);
}

enum cf_rc cf_replica_snapshot_chunk(struct cf_replica *replica, enum cf_topic topic, uint32_t chunk, cf_bytes content,
                                     struct cf_error *err)
{
    enum cf_rc rc = cf_replica_begin(replica, err);
    return rc != CF_OK ? rc : cf_replica_end(replica, chunk_within(replica, topic, chunk, content, err), err);
}

/* --- swap --------------------------------------------------------------------------------------------------------- */

static enum cf_rc apply_chunk(struct cf_replica *replica, enum cf_topic topic, uint32_t chunk, struct cf_error *err)
{
    bool row = false;
    sqlite3_stmt *get = replica->q[CF_RQ_SNAPSHOT_CHUNK];
    cf_bind_i64(get, 1, topic);
    cf_bind_i64(get, 2, chunk);
    enum cf_rc rc = cf_db_step(&replica->db, get, &row, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!row) {
        return cf_db_broken(&replica->db, err, "a chunk of a snapshot is missing");
    }
    rc = each_entry(replica, topic, cf_column_bytes(get, 0), cf_replica_apply_entry, err);
    sqlite3_reset(get);
    return rc;
}

static bool is_at(const struct cf_topic_state *now, const struct cf_topic_state *base)
{
    return now->version == base->version && memcmp(now->digest.digest, base->digest.digest, CF_SHA256_BYTES) == 0;
}

static enum cf_rc clear_or_check(struct cf_replica *replica, enum cf_topic topic, const struct cf_topic_state *base,
                                 struct cf_error *err)
{
    struct cf_topic_state now;
    if (base == NULL) {
        return cf_replica_topic_clear(replica, topic, err);
    }
    enum cf_rc rc = cf_replica_topic(replica, topic, &now, err);
    if (rc == CF_OK && !is_at(&now, base)) {
        rc = cf_fail(err, CF_E_PAGE, "%s: changes since entry %llu, but %llu are here", cf_topic_name(topic),
                     (unsigned long long)base->version, (unsigned long long)now.version);
    }
    return rc;
}

static enum cf_rc swap_within(struct cf_replica *replica, enum cf_topic topic, uint32_t n_chunks,
                              const struct cf_topic_state *base, const struct cf_topic_state *state,
                              struct cf_error *err)
{
    bool begun = false;
    struct cf_sha256 manifest;
    uint32_t chunks = 0;
    enum cf_rc rc = load_snapshot(replica, topic, &begun, &manifest, &chunks, err);
    if (rc == CF_OK && (!begun || chunks != n_chunks)) {
        rc = cf_fail(err, CF_E_PAGE, "%s: %u of %u chunks are here", cf_topic_name(topic), chunks, n_chunks);
    }
    if (rc == CF_OK) {
        rc = cf_replica_apply_begin(replica, err);
    }
    if (rc == CF_OK) {
        rc = clear_or_check(replica, topic, base, err);
    }
    for (uint32_t k = 0; rc == CF_OK && k < n_chunks; k++) {
        rc = apply_chunk(replica, topic, k, err);
    }
    if (rc == CF_OK) {
        rc = cf_replica_apply_end(replica, err);
    }
    if (rc == CF_OK) {
        rc = cf_replica_topic_set(replica, topic, state, err);
    }
    return rc != CF_OK ? rc : drop_snapshot(replica, topic, err);
}

enum cf_rc cf_replica_snapshot_swap(struct cf_replica *replica, enum cf_topic topic, uint32_t n_chunks,
                                    const struct cf_topic_state *base, const struct cf_topic_state *state,
                                    struct cf_error *err)
{
    enum cf_rc rc = cf_replica_begin(replica, err);
    return rc != CF_OK ? rc : cf_replica_end(replica, swap_within(replica, topic, n_chunks, base, state, err), err);
}
