/*
 * tests/sim/world.h - a simulated world: one centre, an online channel, three tills in two stores, a network between
 * them, and time. Everything that decides in it is the shipped code; this makes clocks, chance, loss and crashes.
 *
 * One seed makes one history. A world lives in a process of its own (sim_test.c forks one a seed), so that a crashed
 * till may simply be abandoned. Single-threaded.
 */
#ifndef CF_TESTS_SIM_WORLD_H
#define CF_TESTS_SIM_WORLD_H

#include <jansson.h>
#include <setjmp.h>

#include "app/terminal/link.h"
#include "app/terminal/till.h"
#include "sync/central/central.h"
#include "sync/client/client.h"

#define SIM_NODES 3
#define SIM_MEMBERS 3
#define SIM_PATH_MAX 256
#define SIM_COUPONS_MAX 96
#define SIM_LATE_MAX 64
#define SIM_ORDERS_MAX 128
#define SIM_LOG_LINES 60
#define SIM_LINE_MAX 200

#define SIM_S CF_US_PER_S
#define SIM_MIN (60 * SIM_S)
#define SIM_HOUR (60 * SIM_MIN)
#define SIM_DAY (24 * SIM_HOUR)

/* Faults of the harness, not of the shipped code, that the checks must catch: each is a mistake of a draft design. */
enum sim_bug {
    SIM_BUG_NONE,
    SIM_BUG_NO_LEASE,     /* a till sells coupons without a lease */
    SIM_BUG_NOT_DURABLE,  /* the centre acknowledges, then loses what it took */
    SIM_BUG_SEQ_ONLY,     /* a till is restored from a copy, and the centre skips what it has by number alone */
    SIM_BUG_POINTS_TWICE, /* the centre adds the points of a batch that is sent again */
    SIM_BUGS
};
const char *sim_bug_name(enum sim_bug bug);

struct world;

/* --- a till ------------------------------------------------------------------------------------------------------- */

struct node {
    struct world *world;
    unsigned number; /* 0 .. SIM_NODES - 1 */
    uint32_t terminal, epoch, store;
    char dir[SIM_PATH_MAX];
    unsigned lives; /* how often it was copied */
    struct cf_private_key *key;
    struct cf_till *till;
    struct cf_keyring *ring;
    struct cf_link *link;
    struct cf_sync *sync;
    struct cf_env env;

    int64_t booted_us; /* true time */
    int64_t clock_off_us;
    uint32_t boot;
    int64_t cut_until_us; /* no link before this */

    bool armed; /* the process dies at the crash_in'th look at the world */
    unsigned crash_in;
    jmp_buf death;
    bool in_sync; /* the till sells while the sync waits for an answer */

    /* what must never be lost again */
    uint64_t known_seq;
    struct cf_sha256 known_hash;
    unsigned parked; /* bit k: a sale is parked as "k" */
};

/* --- the rest ----------------------------------------------------------------------------------------------------- */

enum sim_campaign { SIM_LEASED, SIM_PINNED, SIM_ONLINE_ONLY, SIM_ISSUED, SIM_AUTOMATIC, SIM_CAMPAIGNS };

struct sim_coupon {
    uint32_t campaign, index;
    int member; /* -1: bearer */
    char text[CF_CODE_TEXT_MAX];
};
struct sim_member {
    cf_sub sub;
    char sub_text[2 * CF_SUB_BYTES + 1];
    struct cf_code card;
    struct cf_private_key *device;
    uint64_t counter;
    int64_t points; /* earned online */
};
/* A request that the network delivers late, or once more. */
struct sim_late {
    int64_t at_us;
    unsigned node;
    char method[8];
    char path[CF_NET_PATH_MAX + 1];
    uint8_t *body;
    size_t body_n;
};
struct sim_order {
    uint32_t campaign, index;
    unsigned coupon;
    char body[CF_CODE_TEXT_MAX + 256];
    struct cf_buf answer; /* the same request gets the same */
};

struct world {
    uint64_t chance;
    enum sim_bug bug;
    int64_t now_us; /* true time */
    char dir[SIM_PATH_MAX];
    struct cf_env central_env;
    struct cf_member_store *store;
    struct cf_central *central;
    struct cf_central_response response;
    char api_key[CF_API_KEY_TEXT_MAX];
    cf_public_key roots[2];
    uint32_t store_id[2], channel;
    unsigned loss_percent; /* of requests, and again of answers */
    bool healing;
    struct node node[SIM_NODES];
    struct sim_member member[SIM_MEMBERS];
    uint32_t campaign[SIM_CAMPAIGNS];
    int64_t budget[SIM_CAMPAIGNS];
    size_t n_coupons;
    struct sim_coupon coupon[SIM_COUPONS_MAX];
    size_t n_late;
    struct sim_late late[SIM_LATE_MAX];
    size_t n_orders;
    struct sim_order order[SIM_ORDERS_MAX];

    bool failed;
    bool quiet;
    bool print_log;
    uint64_t log_hash, n_events;
    char lines[SIM_LOG_LINES][SIM_LINE_MAX];
    struct {
        unsigned sales, redeemed, refused, crashes, reboots, cycles, cycles_failed, lost, late, orders;
    } count;
};

/* Chance; everything random comes from the seed. */
uint64_t sim_chance(struct world *world, uint64_t below);
bool sim_percent(struct world *world, unsigned percent);

/* One line of the history; its text must not hold what a seed does not decide (keys, signatures, paths). */
void sim_log(struct world *world, const char *format, ...) CF_PRINTF(2, 3);
/* An invariant does not hold: prints the seed's tail of the history. Only the first is told. */
void sim_violation(struct world *world, const char *format, ...) CF_PRINTF(2, 3);

/* The world before any history: a centre with stores, goods, members and enrolled tills that have synced once. Made
 * once a process; copied by world_begin. Aborts on failure. */
struct sim_origin {
    char dir[SIM_PATH_MAX];
    struct world world; /* closed: no handles */
};
void sim_origin_make(struct sim_origin *origin);
void sim_origin_remove(const struct sim_origin *origin);

void world_begin(struct world *world, const struct sim_origin *origin, uint64_t seed, enum sim_bug bug);
void world_end(struct world *world); /* closes what is open and removes the folder */

void central_stop(struct world *world);
void central_start(struct world *world);
/* A call of the API; NULL body for none. The answer is the caller's to json_decref. */
json_t *central_call(struct world *world, const char *method, const char *path, const char *body, int *ret_status);
/* What the network delivers late and is due; all of it at the end. */
void world_deliver(struct world *world, bool all);
void world_pass(struct world *world, int64_t us);

void node_open(struct node *node);
/* With a replica that holds nothing yet there is no till before the next sync: node->till stays NULL. */
void node_open_till(struct node *node);
/* The process ends at once and starts again, from what is in its files. */
void node_crash(struct node *node, bool reboot);
/* Runs fn, which may die in the middle: false then, and the node was restarted. */
typedef void (*node_fn)(struct node *node, void *ctx);
bool node_run(struct node *node, node_fn fn, void *ctx, unsigned crash_percent);
/* Hook of actors.c: what the till does while its sync waits. */
void actors_interleave(struct node *node);

/* Files. */
void sim_copy_folder(const char *from, const char *to);
void sim_remove_folder(const char *dir);

/* For calls that must succeed here; their error is &sim_err. */
extern struct cf_error sim_err;
#define sim_must(world, call)                                                                                          \
    do {                                                                                                               \
        enum cf_rc sim_rc_ = (call);                                                                                   \
        if (sim_rc_ != CF_OK)                                                                                          \
            sim_violation(world, "%s: %s: %s", #call, cf_rc_name(sim_rc_), sim_err.detail);                            \
    } while (0)

#endif
