/*
 * tests/unit/client/world.h - a till, a centre and a faulty network between them, all in one thread and one memory.
 *
 * The centre is a small honest one of the test's own, so that what the client is told can be bent at will.
 */
#ifndef CF_TESTS_UNIT_CLIENT_WORLD_H
#define CF_TESTS_UNIT_CLIENT_WORLD_H

#include "sync/client/client.h"

#define WORLD_RECORDS_MAX 4096
#define WORLD_ENTRIES_MAX 512
#define WORLD_TERMINAL 7
#define WORLD_EPOCH 3
#define WORLD_STORE 2

enum fault {
    FAULT_NONE,
    FAULT_REQUEST_LOST,
    FAULT_ANSWER_LOST,
    FAULT_TIMEOUT,
    FAULT_GARBAGE,    /* the answer is noise */
    FAULT_CUT,        /* the answer ends in the middle */
    FAULT_OLD_ANSWER, /* the answer before this one comes again */
    FAULT_STATUS,     /* `fault_status` with a page of HTML */
    FAULT_REFUSED,    /* a refusal `fault_rc` */
    FAULT_BIT,        /* one bit of the answer is flipped */
};

struct log { /* of a topic */
    size_t n;
    cf_bytes entries[WORLD_ENTRIES_MAX];
    struct cf_sha256 digests[WORLD_ENTRIES_MAX + 1];
};
struct world {
    struct cf_env env;
    int64_t wall_us, mono_us; /* of the till */
    uint8_t boot;
    uint64_t chance;

    /* the till */
    size_t n_records;
    struct cf_record records[WORLD_RECORDS_MAX];
    struct cf_sha256 hashes[WORLD_RECORDS_MAX + 1];
    unsigned outbox_reads;
    uint64_t incarnation;       /* as the journal says it */
    uint64_t incarnation_later; /* not 0: it is started after it was looked at, and then says this */
    uint64_t erased_seq;        /* this record has no body any more */
    struct cf_private_key *sign_key;
    struct cf_keyring *keyring;
    struct log here[CF_TOPICS_MAX + 1];
    struct {
        bool begun;
        struct cf_sha256 manifest;
        uint32_t chunks, announced;
        struct log log;
    } staged[CF_TOPICS_MAX + 1];
    struct cf_sync_progress progress;
    enum cf_rc sink_rc; /* what storing answers, if not CF_OK */
    struct cf_sync *sync;

    /* the centre */
    size_t watermark;
    struct cf_sha256 centre_hashes[WORLD_RECORDS_MAX + 1];
    uint64_t applied; /* records, each time one is */
    bool fenced;
    uint64_t known_incarnation;
    uint64_t erased_seen; /* a record that came without its body */
    uint64_t bad_seq;     /* set aside */
    int64_t centre_wall_ms;
    struct cf_private_key *root, *other_root, *page_key, *next_page_key;
    cf_kid page_kid, next_kid;
    bool sign_with_next;
    bool forget_nonce;         /* signed time with a nonce of its own */
    uint32_t page_scope_shift; /* pages are made for another place */
    struct cf_verifier *till_verifier;
    struct log log[CF_TOPICS_MAX + 1];
    uint64_t keyset_version;
    size_t page_entries, pages_an_answer, chunk_entries;
    unsigned snapshots_offered; /* topics always offered as a snapshot, by bit */
    unsigned bad_page_topics;   /* by bit: pages are signed by nobody */
    unsigned gap_page_topics;   /* by bit: pages begin one entry too late, unless asked for with ff */
    bool never_advance;

    /* the network */
    unsigned exchanges, chunk_requests, record_requests, pull_requests;
    enum fault (*fault)(struct world *world, unsigned exchange, const char *path);
    int fault_status;
    enum cf_rc fault_rc;
    uint64_t fault_ack; /* of a refusal: the watermark it names */
    int64_t round_trip_us;
    void (*during)(struct world *world); /* while an exchange is under way */
    struct cf_buf last_answer;
};

void world_init(struct world *world);
void world_done(struct world *world);
/* (Re)starts the client, as a process does: only progress, topics and staged snapshots are kept. */
void world_start(struct world *world);
void world_stop(struct world *world);
/* The keys that the till has from its replica when it starts. Without it the till is fresh. */
void world_give_keys(struct world *world);
void world_record(struct world *world, size_t n);
void world_record_of(struct world *world, size_t body_n, uint8_t boot);
void world_publish(struct world *world, enum cf_topic topic, size_t n);
/* A key set that also has the next page key. */
void world_publish_keys(struct world *world, bool with_next);
/* The till's replica of a topic is empty again. */
void world_forget(struct world *world, enum cf_topic topic);
bool world_topic_is_same(const struct world *world, enum cf_topic topic);
bool world_is_drained(const struct world *world);

#endif
