/*
 * sync/client/machine.h - what a sync does next: a pure machine of phases, events and actions.
 *
 * client.c carries the actions out and tells what came of each as the next event; nothing is decided outside. A run is
 * a plan of legs (push, pull, push). Every loop is bounded: a centre whose answers lead nowhere ends the run.
 */
#ifndef CF_SYNC_CLIENT_MACHINE_H
#define CF_SYNC_CLIENT_MACHINE_H

#include "app/core/down.h"

/* How many answers in a row may bring nothing new before the run ends. */
#define CF_SYNC_STALLS_MAX 3

enum cf_sync_leg {
    CF_SYNC_LEG_PUSH = 1, /* asks for watermark and time even if there is nothing to send */
    CF_SYNC_LEG_PULL = 2,
    CF_SYNC_LEG_PUSH_AFTER = 4, /* only what was recorded meanwhile */
};

enum cf_sync_phase {
    CF_SYNC_IDLE,
    CF_SYNC_LOOKING,
    CF_SYNC_ASKING,
    CF_SYNC_SENDING,
    CF_SYNC_PULLING,
    CF_SYNC_STORING,
    CF_SYNC_BEGINNING,
    CF_SYNC_FETCHING,
    CF_SYNC_SWAPPING,
    CF_SYNC_COMPLETING,
    CF_SYNC_STOPPED,
};

struct cf_sync_machine {
    enum cf_sync_phase phase;
    unsigned legs;   /* of enum cf_sync_leg: this one and those to come */
    bool has_keys;   /* without a key set only the topic of keys is asked for */
    bool asked;      /* the centre has told its watermark in this run */
    enum cf_rc rc;   /* what the run will say if nothing worse comes */
    unsigned stalls; /* answers in a row that brought nothing */
    unsigned gaps;   /* in the whole run */
    uint64_t recorded;
    uint64_t acknowledged;
    /* of the answer to a pull that is being worked through */
    size_t page, n_pages;
    size_t manifest, n_manifests;
    uint32_t chunk, n_chunks;
    bool keys_only; /* nothing else was asked for */
    bool more;
    bool progressed; /* something of it was taken */
    /* by topic: bit 1 << topic */
    unsigned refused;    /* in this answer */
    unsigned doubted;    /* a page was not genuine: asked for once more */
    unsigned disordered; /* a page did not follow on: asked for as a snapshot */
    unsigned given_up;   /* not asked for again in this run */
};

enum cf_sync_event_kind {
    CF_SYNC_START,           /* legs, has_keys */
    CF_SYNC_LOOKED,          /* recorded; acknowledged: our watermark, 0 if it is not in our history */
    CF_SYNC_ACKNOWLEDGED,    /* acknowledged: the centre's watermark, which is in our history */
    CF_SYNC_GAP,             /* the same, in a refusal */
    CF_SYNC_SET_APART,       /* rc: FORK or FENCED */
    CF_SYNC_PULLED,          /* n_pages, n_manifests, more */
    CF_SYNC_PAGE_STORED,     /* topic, n_entries, has_keys */
    CF_SYNC_PAGE_DOUBTED,    /* topic (0: not even that is known): not genuine */
    CF_SYNC_PAGE_DISORDERED, /* topic: genuine, but does not follow on */
    CF_SYNC_BEGUN,           /* a snapshot; chunk: how many are there already; n_chunks */
    CF_SYNC_CHUNK_STORED,
    CF_SYNC_CHUNK_GONE, /* the centre has it no longer, or it is not what the manifest says */
    CF_SYNC_SWAPPED,    /* topic */
    CF_SYNC_COMPLETED,
    CF_SYNC_FAILED, /* rc */
};
struct cf_sync_event {
    enum cf_sync_event_kind kind;
    enum cf_rc rc;
    unsigned legs;
    bool has_keys;
    bool more;
    uint64_t recorded;
    uint64_t acknowledged;
    size_t n_pages, n_manifests, n_entries;
    uint32_t chunk, n_chunks;
    enum cf_topic topic;
};

enum cf_sync_action_kind {
    CF_SYNC_DO_LOOK,     /* at the outbox's head, and whether our watermark is in its history */
    CF_SYNC_DO_ASK,      /* an empty batch */
    CF_SYNC_DO_SEND,     /* a batch of records from `seq` on */
    CF_SYNC_DO_PULL,     /* `topics`, of which `snapshots` as such */
    CF_SYNC_DO_STORE,    /* page number `index` */
    CF_SYNC_DO_BEGIN,    /* manifest number `index` */
    CF_SYNC_DO_FETCH,    /* chunk number `index` */
    CF_SYNC_DO_SWAP,     /* in what was fetched */
    CF_SYNC_DO_COMPLETE, /* all that the centre had was taken: its cursor holds */
    CF_SYNC_DO_STOP,     /* and say rc */
};
struct cf_sync_action {
    enum cf_sync_action_kind kind;
    enum cf_rc rc;
    uint64_t seq;
    size_t index;
    unsigned topics, snapshots; /* bits 1 << topic */
};

/* Asserts that the event belongs to the phase: the driver is ours. */
struct cf_sync_action cf_sync_step(struct cf_sync_machine *machine, const struct cf_sync_event *event);

#endif
