/*
 * sync/client/inside.h - what the files of the client share. Inside sync/client only.
 */
#ifndef CF_SYNC_CLIENT_INSIDE_H
#define CF_SYNC_CLIENT_INSIDE_H

#include "sync/client/client.h"
#include "sync/client/machine.h"

/* A batch read, signed and encoded. */
struct cf_sync_batch {
    bool ready;
    uint64_t first_seq;
    uint64_t last_seq; /* first_seq - 1: empty */
    struct cf_sha256 previous;
    struct cf_sha256 head;
    uint8_t nonce[CF_NONCE_WIRE_BYTES];
    struct cf_buf bodies; /* of the records, one after the other */
    struct cf_buf encoded;
};

struct cf_sync {
    struct cf_sync_config config;
    struct cf_sync_machine machine;
    struct cf_sync_progress progress;
    struct cf_sync_report *report; /* of the call under way */
    unsigned failures;             /* runs in a row that failed */

    /* push.c */
    struct cf_sync_batch under_way; /* being sent */
    struct cf_sync_batch ahead;     /* perhaps the next */
    struct cf_batch scratch;        /* of the batch being made */
    struct cf_answer answer;
    struct cf_buf received; /* the answer of the exchange under way */
    uint64_t incarnation;   /* ours, as of the last look */
    uint64_t told;          /* the highest that the centre told of ours */

    /* A signed time that waits for the key that verifies it, with our clocks when it came. */
    bool time_waits;
    bool time_tried; /* in this run */
    struct cf_buf time_statement;
    uint8_t time_nonce[CF_NONCE_WIRE_BYTES];
    cf_wall time_wall;
    cf_mono time_mono;

    /* pull.c */
    struct cf_buf request;
    struct cf_buf pulled_bytes;
    struct cf_pulled pulled; /* views into pulled_bytes */
    struct cf_page page;
    struct cf_manifest manifest; /* of the snapshot under way */
    struct cf_buf chunk;
    struct cf_down_entry entry;
};

/* Sends; the answer's body is in `ret_body` (cleared first), *ret_status its status. Counts bytes and contact. */
enum cf_rc cf_sync_exchange(struct cf_sync *sync, const struct cf_net_request *request, int *ret_status,
                            struct cf_buf *ret_body, struct cf_error *err) CF_MUST_CHECK;
/* The reason of an answer that is not 200, from its body, else from its status. Never CF_OK. */
enum cf_rc cf_sync_refusal(int status, cf_bytes body, struct cf_refusal *ret, struct cf_error *err);
enum cf_rc cf_sync_keep_progress(struct cf_sync *sync, struct cf_error *err) CF_MUST_CHECK;
/* By what is known of the true time, else by our own clock. */
int64_t cf_sync_now_s(struct cf_sync *sync);

/* Each carries out one action; *ret_event is its outcome. An error is the outcome FAILED. */
enum cf_rc cf_sync_look(struct cf_sync *sync, struct cf_sync_event *ret_event, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_send(struct cf_sync *sync, uint64_t from_seq, bool empty, struct cf_sync_event *ret_event,
                        struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_ask_for(struct cf_sync *sync, const struct cf_sync_action *action, struct cf_sync_event *ret_event,
                           struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_store_page(struct cf_sync *sync, size_t index, struct cf_sync_event *ret_event,
                              struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_begin_snapshot(struct cf_sync *sync, size_t index, struct cf_sync_event *ret_event,
                                  struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_fetch_chunk(struct cf_sync *sync, size_t index, struct cf_sync_event *ret_event,
                               struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_sync_swap(struct cf_sync *sync, struct cf_sync_event *ret_event, struct cf_error *err) CF_MUST_CHECK;

/* Keeps a statement to be verified, and verifies it if there is a key. */
void cf_sync_take_time(struct cf_sync *sync, cf_bytes statement, const uint8_t nonce[CF_NONCE_WIRE_BYTES], cf_wall wall,
                       cf_mono mono);
/* Tries again a statement that waits for its key. */
void cf_sync_try_time(struct cf_sync *sync);

#endif
