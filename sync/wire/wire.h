/*
 * sync/wire/wire.h - the messages between a terminal and the centre, and their limits. docs/protocol.md tells the
 * story.
 *
 * Deterministic CBOR arrays (base/cbor.h) in HTTP bodies, content type application/cbor. Decoding makes views into the
 * input and allocates nothing. The large structs (batch, answer, pulled, page, manifest) are filled as they are read:
 * after an error their contents mean nothing. Encoding appends. Pure.
 *
 *   batch    [1, terminal, epoch, nonce(8), incarnation, told, first_seq, previous(32), [boot_id(16) ...],
 *            [record ...], head(32), signature(64)]
 *   record   [boot (index), mono_ms, wall_ms, time_quality, down_cursor, type, salt(16), body]
 *   erased   [boot (index), mono_ms, wall_ms, time_quality, down_cursor, type, body_hash(32)]   in a record's place
 *   answer   [1, ack_seq, ack_head(32), time statement (COSE "TM1"), [[seq, rc] ...]]
 *   refusal  [0, rc, detail, ack_seq, ack_head(32), incarnation]   every answer whose HTTP status is not 200
 *   time     [1, terminal, nonce(8), wall_ms]
 *   pull     [1, terminal, epoch, [[topic, version, digest(32)] ...], max_bytes]
 *   pulled   [1, cursor, more, [page (COSE "PG1") ...], [manifest (COSE "SN1") ...]]
 *   page     [1, topic, scope, from, previous(32), after(32), [entry ...]]      entries from+1 .. from+n
 *   manifest [1, topic, scope, base, base digest(32), version, digest(32), [chunk sha256(32) ...]]
 *   chunk    [entry ...]                              at most CF_CHUNK_BYTES_MAX
 *
 * The signature of a batch covers "cf-batch" || terminal BE32 || epoch BE32 || nonce || incarnation BE64 || told BE64
 * || last seq BE64 || head, by the terminal's signing key; of an empty batch (which asks only for the watermark and the
 * time) last seq = first_seq - 1 and head = previous.
 */
#ifndef CF_SYNC_WIRE_H
#define CF_SYNC_WIRE_H

#include "app/core/down.h"
#include "app/core/record.h"

#define CF_BATCH_RECORDS_MAX 256
#define CF_BATCH_BOOTS_MAX 16
#define CF_BATCH_BYTES_MAX (4u << 20) /* a batch ends early rather than exceed this */
#define CF_ANSWER_BYTES_MAX (64u << 10)
#define CF_PULL_BYTES_MAX (4u << 20)
#define CF_PULL_PAGES_MAX 64
#define CF_CHUNK_BYTES_MAX (1u << 20)
#define CF_MANIFEST_CHUNKS_MAX 4096
#define CF_NONCE_WIRE_BYTES 8

#define CF_PATH_RECORDS "/t1/records"
#define CF_PATH_PULL "/t1/pull"
#define CF_PATH_CHUNK "/t1/chunk/" /* + topic number + "/" + 64 hex digits of its SHA-256 */

struct cf_batch {
    uint32_t terminal;
    uint32_t epoch;
    uint8_t nonce[CF_NONCE_WIRE_BYTES];
    uint64_t incarnation; /* of the terminal when it made this batch (app/core/incarnation.h) */
    uint64_t told;        /* the highest incarnation of it that a refusal told of; 0: none. Above its own incarnation,
                             it proves that the terminal is not the one that spoke last. */
    uint64_t first_seq;
    struct cf_sha256 previous;
    size_t n_records;
    struct cf_record records[CF_BATCH_RECORDS_MAX]; /* terminal, epoch and seq filled in when decoded */
    struct cf_sha256 erased[CF_BATCH_RECORDS_MAX];  /* where the record's body.p is NULL: its body_hash */
    struct cf_sha256 head;
    cf_signature signature;
};
/* Signs nothing: head and signature are given (cf_batch_signed_bytes tells what to sign). More than CF_BATCH_BOOTS_MAX
 * different boot ids: CF_E_LIMIT (end the batch earlier). */
enum cf_rc cf_batch_encode(const struct cf_batch *batch, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
/* Checks shape only, not chain nor signature. A record whose own array is well-formed CBOR but not of this shape does
 * not spoil the batch: it comes as type 0 with the raw item as its body (the centre quarantines it). */
enum cf_rc cf_batch_decode(cf_bytes bytes, struct cf_batch *ret, struct cf_error *err) CF_MUST_CHECK;
#define CF_BATCH_SIGNED_BYTES (8 + 4 + 4 + 8 + 8 + 8 + 8 + 32)
void cf_batch_signed_bytes(const struct cf_batch *batch, uint8_t ret[CF_BATCH_SIGNED_BYTES]);

struct cf_answer {
    uint64_t ack_seq;
    struct cf_sha256 ack_head;
    cf_bytes time_statement;
    /* Records set aside or flagged; seq 0 with CF_E_FENCED: this epoch is fenced (its records still count as facts). */
    size_t n_results;
    struct {
        uint64_t seq;
        enum cf_rc rc;
    } results[CF_BATCH_RECORDS_MAX + 1];
};
enum cf_rc cf_answer_encode(const struct cf_answer *answer, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_answer_decode(cf_bytes bytes, struct cf_answer *ret, struct cf_error *err) CF_MUST_CHECK;

/* The body of any answer on the terminals' port that is not 200. For a GAP the watermark to go on from stands in
 * ack_seq and ack_head, for INCARNATION the highest that the centre heard of stands in incarnation; elsewhere they may
 * be zero. An rc that this version does not know is decoded as CF_E_SERVER. */
#define CF_REFUSAL_DETAIL_MAX CF_ERROR_DETAIL_MAX
struct cf_refusal {
    enum cf_rc rc;
    char detail[CF_REFUSAL_DETAIL_MAX + 1];
    uint64_t ack_seq;
    struct cf_sha256 ack_head;
    uint64_t incarnation;
};
enum cf_rc cf_refusal_encode(const struct cf_refusal *refusal, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_refusal_decode(cf_bytes bytes, struct cf_refusal *ret, struct cf_error *err) CF_MUST_CHECK;
/* Fails as an answer that is no good says: with its refusal, or CF_E_SERVER where it holds none. */
enum cf_rc cf_refusal_tell(const char *what, int status, cf_bytes body, struct cf_error *err);

struct cf_signed_time {
    uint32_t terminal;
    uint8_t nonce[CF_NONCE_WIRE_BYTES];
    int64_t wall_ms;
};
enum cf_rc cf_signed_time_encode(const struct cf_signed_time *time, struct cf_buf *ret,
                                 struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_signed_time_decode(cf_bytes payload, struct cf_signed_time *ret, struct cf_error *err) CF_MUST_CHECK;

struct cf_pull {
    uint32_t terminal;
    uint32_t epoch;
    size_t n_topics;
    struct {
        enum cf_topic topic;
        uint64_t version;
        struct cf_sha256 digest;
    } topics[CF_TOPICS_MAX];
    uint32_t max_bytes;
};
enum cf_rc cf_pull_encode(const struct cf_pull *pull, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_pull_decode(cf_bytes bytes, struct cf_pull *ret, struct cf_error *err) CF_MUST_CHECK;

struct cf_pulled {
    uint64_t cursor;
    bool more; /* ask again at once */
    size_t n_pages;
    cf_bytes pages[CF_PULL_PAGES_MAX]; /* COSE */
    size_t n_manifests;
    cf_bytes manifests[CF_TOPICS_MAX]; /* COSE */
};
enum cf_rc cf_pulled_encode(const struct cf_pulled *pulled, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_pulled_decode(cf_bytes bytes, struct cf_pulled *ret, struct cf_error *err) CF_MUST_CHECK;

#define CF_PAGE_ENTRIES_MAX 4096
struct cf_page {
    enum cf_topic topic;
    uint32_t scope; /* place id of a store or terminal; 0: all */
    uint64_t from;
    struct cf_sha256 previous, after;
    size_t n_entries;
    cf_bytes entries[CF_PAGE_ENTRIES_MAX];
};
enum cf_rc cf_page_encode(const struct cf_page *page, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_page_decode(cf_bytes payload, struct cf_page *ret, struct cf_error *err) CF_MUST_CHECK;

/* base 0: the whole topic as it is at `version`. Else what changed since `base`, to be put onto just that state. */
struct cf_manifest {
    enum cf_topic topic;
    uint32_t scope;
    uint64_t base;
    struct cf_sha256 base_digest; /* of entry `base`; zero for base 0 */
    uint64_t version;
    struct cf_sha256 digest;
    size_t n_chunks;
    struct cf_sha256 chunks[CF_MANIFEST_CHUNKS_MAX];
};
enum cf_rc cf_manifest_encode(const struct cf_manifest *manifest, struct cf_buf *ret,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_manifest_decode(cf_bytes payload, struct cf_manifest *ret, struct cf_error *err) CF_MUST_CHECK;

/* Writes a chunk from entries encoded before; walks one: `each` gets every entry in order. CF_E_CBOR_*, CF_E_LIMIT. */
enum cf_rc cf_chunk_encode(const cf_bytes *entries, size_t n, struct cf_buf *ret, struct cf_error *err) CF_MUST_CHECK;
typedef enum cf_rc (*cf_chunk_entry_fn)(void *ctx, cf_bytes entry, struct cf_error *err);
enum cf_rc cf_chunk_walk(cf_bytes chunk, cf_chunk_entry_fn each, void *ctx, struct cf_error *err) CF_MUST_CHECK;

/* The payload of COSE_Sign1 bytes, unverified: only to find the key set that will verify it. CF_E_CBOR_*. */
enum cf_rc cf_cose_peek(cf_bytes cose, cf_bytes *ret_payload, struct cf_error *err) CF_MUST_CHECK;

/* --- enrolment (JSON on the public port; see docs/protocol.md) ---------------------------------------------------- */

/* What a technician types: 26 characters of Crockford base32 in groups of five, over secret(8) || first 8 bytes of the
 * SHA-256 of the centre's CA certificate (DER), so that the code also pins whom to trust. */
#define CF_ENROL_SECRET_BYTES 8
#define CF_ENROL_TEXT_MAX 40
struct cf_enrol_code {
    uint8_t secret[CF_ENROL_SECRET_BYTES];
    uint8_t ca_fingerprint[8];
};
void cf_enrol_code_format(const struct cf_enrol_code *code, char text[CF_ENROL_TEXT_MAX]);
/* Either case; spaces and hyphens skipped; I, L read as 1, O as 0. CF_E_ENROL_CODE. */
enum cf_rc cf_enrol_code_parse(const char *text, struct cf_enrol_code *ret, struct cf_error *err) CF_MUST_CHECK;

#endif
