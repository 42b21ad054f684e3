/*
 * tests/sim/node.h - a till's machine: its disk, its clock, and two processes, the till and its sync.
 */
#ifndef CF_TESTS_SIM_NODE_H
#define CF_TESTS_SIM_NODE_H

#include <setjmp.h>

#include "app/terminal/hub_sync.h"
#include "app/terminal/link.h"
#include "app/terminal/till.h"
#include "sync/client/client.h"
#include "tests/sim/files.h"

#define SIM_PATH_MAX 64

struct world;

/* How a machine or a part of it stops. */
enum node_end {
    NODE_KILL_TILL, /* kill -9 */
    NODE_KILL_SYNC,
    NODE_KILL_HUB,
    NODE_REBOOT,    /* both, a new boot id, and what the hardware clock says then */
    NODE_POWER_CUT, /* the same, and what was not synced may be gone */
};

struct node {
    struct world *world;
    unsigned number;
    unsigned machine; /* whose disk it has */
    uint32_t terminal, epoch, store;
    char machine_dir[SIM_PATH_MAX], dir[SIM_PATH_MAX];
    struct cf_private_key *key;
    struct cf_till *till; /* NULL: not running, or waiting for its goods */
    struct cf_keyring *ring;
    struct cf_link *link; /* NULL: the sync does not run */
    struct cf_sync *sync;
    struct cf_identity identity; /* as its sync knows it */
    struct cf_hub_sync_session *hub_sync;
    struct cf_hub *hub;             /* NULL: it is none */
    struct cf_hub_store *hub_pages; /* where its sync keeps pages for the store; NULL: nowhere */
    uint32_t hub_epoch;             /* of the hub, now or last */
    bool hub_over;                  /* that one cannot be opened any more */
    int64_t lan_cut_until_us;
    struct cf_env env;
    bool waits_for_goods;

    uint64_t keyset; /* that the till has read: when it started, or between two sales */

    int64_t booted_us; /* true time */
    int64_t clock_off_us;
    bool clock_was_off; /* by more than a day, once: it may believe that still */
    uint32_t boot;
    int64_t cut_until_us;  /* no link before this */
    int64_t deaf_until_us; /* requests get through, answers do not */

    bool armed; /* a process dies at the dies_in'th look at the world, write or sync */
    unsigned dies_in;
    unsigned exchanges; /* of this run */
    jmp_buf death;
    bool in_sync, in_till; /* who is at work; both: the till sells while the sync waits for an answer */

    size_t history;  /* in truth.h */
    unsigned parked; /* bit k: a sale is parked as "k" */
    bool replaced;   /* its epoch is over, and it does not know */
    bool copied;     /* it, or another machine of its epoch, was copied or restored: there may be two histories */
    bool stolen;     /* its key is in other hands */
    bool has_backup;
    uint64_t backup_seq;
    uint32_t backup_epoch;
    unsigned starts, backup_starts; /* that came to their end; of the moment of the backup */
    bool mark_unsure; /* since its last start it lost power, and with it what the mark had noted without a sync */
};

/* The sync's process and the till's, as far as they do not run. */
void node_open(struct node *node);
/* With a replica that holds nothing yet there is no till before the next sync. */
void node_open_till(struct node *node);
void node_close(struct node *node);
void node_end(struct node *node, enum node_end how);
void node_set_clock(struct node *node, int64_t off_us);
void node_lose_replica(struct node *node);
/* Somebody met a row of the replica that cannot be read: the sync fills another beside it. */
void node_doubt_replica(struct node *node);
/* Ends the sync and starts it, if its replica is to be opened again; between two cycles, as app/syncd. */
void node_renew_sync(struct node *node);

/* Runs fn as the till or the sync of this machine; false if it died over it (then it runs again). */
enum node_part { NODE_TILL, NODE_SYNC, NODE_HUB, NODE_PARTS };
typedef void (*node_fn)(struct node *node, void *ctx);
bool node_run(struct node *node, enum node_part part, node_fn fn, void *ctx);
/* Within node_run of the sync: the till does something meanwhile. */
void node_interleave(struct node *node, node_fn fn);
/* Every look at the world is a place where the process may die. */
void node_look(struct node *node);

/* The disk. */
void node_backup(struct node *node);
/* The till's folder is put back to the backup. */
void node_restore(struct node *node);
/* Another machine with the same disk, the same keys and the same clock. NULL if there is no room for it. */
struct node *node_copy(struct node *node);
/* Given up for lost, and another machine takes its place at the till, enrolled as the same terminal: this struct is the
 * new machine afterwards. The old one is not lost: it goes on, as a node of its own. */
void node_replace(struct node *node);
/* Enrolled anew: a fresh epoch, key and journal. */
void node_enrol_again(struct node *node);

uint32_t node_process(const struct node *node, enum node_part part);

#endif
