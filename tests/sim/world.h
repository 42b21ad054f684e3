/*
 * tests/sim/world.h - a simulated world: one centre, an online channel, tills in stores, a network between them, disks
 * and time. Everything that decides in it is the shipped code; this makes clocks, chance, loss, crashes and power cuts.
 *
 * One seed makes one plan (plan.h), one plan makes one history. There is one world a process: it is made once (the
 * origin), and each history runs in a fork of it, so that what died in the middle of a call may simply be abandoned.
 * Single-threaded.
 */
#ifndef CF_TESTS_SIM_WORLD_H
#define CF_TESTS_SIM_WORLD_H

#include <jansson.h>
#include <setjmp.h>

#include "app/core/code.h"
#include "sync/central/central.h"
#include "sync/hub/hub.h"
#include "tests/sim/bank.h"
#include "tests/sim/node.h"
#include "tests/sim/parking.h"
#include "tests/sim/pickups.h"
#include "tests/sim/truth.h"
#include "tests/sim/values.h"

#define SIM_COUPONS_MAX 65536
#define SIM_LATE_MAX 256
#define SIM_CAPTURED_MAX 64
#define SIM_ORDERS_MAX 16384
#define SIM_TICKETS 8
#define SIM_MEMBERS_MAX 64
#define SIM_LOG_LINES 60
#define SIM_LINE_MAX 200

#define SIM_S CF_US_PER_S
#define SIM_MIN (60 * SIM_S)
#define SIM_HOUR (60 * SIM_MIN)
#define SIM_DAY (24 * SIM_HOUR)
#define SIM_START_US (INT64_C(1795330800) * CF_US_PER_S) /* 2026-11-22T07:00:00Z */

#define SIM_CENTRE_PROCESS 1
#define SIM_CENTRE_DIR SIM_ROOT "centre"

struct sim_scale {
    unsigned tills, stores, days;
};

/* A campaign of each kind; small budgets, so that they run out. */
enum sim_campaign {
    SIM_LEASED,
    SIM_PINNED,
    SIM_ONLINE_ONLY,
    SIM_OPTIMISTIC,
    SIM_ISSUED,
    SIM_VOUCHERS,
    SIM_AUTOMATIC,
    SIM_RICH,                   /* and those after it: promotions of many kinds, with conditions; in some seeds */
    SIM_COUNTED = SIM_RICH + 3, /* an automatic promotion with limits; in some seeds, and marketing leaves it alone */
    SIM_CAMPAIGNS
};

struct sim_coupon {
    uint32_t campaign, index;
    int member;      /* -1: bearer */
    uint64_t keyset; /* in force when it was made */
    char text[CF_CODE_TEXT_MAX];
};
struct sim_member {
    cf_sub sub;
    char sub_text[2 * CF_SUB_BYTES + 1];
    struct cf_code card;
    struct cf_private_key *device;
    uint64_t counter;
    bool erased;
    bool has_facts;                   /* and a card that says so */
    uint32_t claims;                  /* of the campaign that allows only so many */
    char last_code[CF_CODE_TEXT_MAX]; /* what her phone showed last: a thief has a picture of it */
};
/* A request that the network delivers late, or once more. */
struct sim_late {
    int64_t at_us;
    uint32_t terminal, epoch;
    unsigned node;
    char method[8];
    char path[CF_NET_PATH_MAX + 1];
    uint8_t *body;
    size_t body_n;
};
struct sim_order {
    uint32_t campaign, index;
    char *body;
    cf_bytes answer; /* the same request gets the same */
};

struct world {
    struct sim_scale scale;
    uint64_t seed;
    uint64_t chance; /* of the event that happens now */
    int64_t now_us;  /* true time */

    struct cf_env central_env;
    struct cf_member_store *store;
    struct cf_central *central;
    struct cf_central_response response;
    char api_key[CF_API_KEY_TEXT_MAX];
    bool centre_armed; /* it dies at the centre_dies_in'th write or sync */
    unsigned centre_dies_in;
    jmp_buf centre_death;
    struct node *serving; /* whose hub is at work */
    bool hub_armed;       /* it dies at the hub_dies_in'th write or sync */
    unsigned hub_dies_in;
    jmp_buf hub_death;
    struct cf_hub_response hub_response;
    bool in_centre; /* the centre is at work */
    struct node *running;
    uint64_t keyset;   /* in force */
    bool centre_asked; /* since the last check of its figures */

    cf_public_key roots[2];
    bool has_bank; /* there are card terminals; else the cashier types what a terminal of its own says */
    struct bank bank;
    bool by_phone;     /* it takes payments by phone, too */
    bool has_people;   /* stores have users, or will */
    bool exchanges;    /* goods are exchanged, and coupons taken off a sale again */
    uint32_t for_some; /* a campaign for members of whom something is known; 0: there is none */
    uint32_t *store_id, channel;
    uint32_t claims_max;      /* of a member, in the online campaign; 0: any number */
    int64_t points_price;     /* of a voucher */
    unsigned deaths_per_1000; /* see plan.h */
    unsigned loss_percent;    /* of requests, and again of answers */
    bool healing;
    unsigned n_machines;         /* disks that were ever named */
    unsigned n_nodes, nodes_max; /* machines: the tills, and then copies of tills */
    struct node *node;
    unsigned n_members;
    unsigned n_blocked; /* how often a card was blocked */
    struct sim_member member[SIM_MEMBERS_MAX];
    uint32_t campaign[SIM_CAMPAIGNS];
    size_t n_coupons;
    struct sim_coupon *coupon;
    size_t n_late;
    struct sim_late late[SIM_LATE_MAX];
    size_t n_captured; /* what a thief has seen of the tills' requests */
    struct sim_late captured[SIM_CAPTURED_MAX];
    size_t n_orders;
    struct sim_order *order;
    char ticket[SIM_TICKETS][CF_CODE_TEXT_MAX]; /* on somebody's phone, shown or not */
    struct truth truth;
    struct values values;
    struct pickups pickups;
    struct parking parking;

    bool failed;
    char violation[400];
    char invariant[64]; /* the violation's name: what stays the same while a history shrinks */
    bool quiet;
    bool print_log;
    uint64_t log_hash, n_log;
    char lines[SIM_LOG_LINES][SIM_LINE_MAX];
    struct {
        unsigned sales, redeemed, refused, crashes, reboots, cuts, cycles, cycles_failed, lost, late, orders, opened;
        unsigned z_reports, copies, restores, enrolled, forks, hubs, hub_asks, hub_uses, returns, rotations, rebuilt,
            hub_pushed, subleases, relayed, vouchers, erased, values, handed_out, parked, for_some, by_phone, acts,
            moves, exchanged;
    } count;
};

/* Chance; everything random comes from the event's seed. */
uint64_t sim_chance(struct world *world, uint64_t below);
bool sim_percent(struct world *world, unsigned percent);

/* One line of the history; its text must not hold what a seed does not decide. */
void sim_log(struct world *world, const char *format, ...) CF_PRINTF(2, 3);
/* An invariant does not hold. Only the first is told. */
void sim_violation(struct world *world, const char *invariant, const char *format, ...) CF_PRINTF(3, 4);

/* The world before any history: a centre with stores, goods, members, and enrolled tills that have synced and are open.
 * Once a process; aborts on failure. */
void world_make(struct world *world, struct sim_scale scale);
/* Begins a history: campaigns and what else differs from seed to seed. */
void world_begin(struct world *world, uint64_t seed);
void world_pass(struct world *world, int64_t us);
/* A promotion with conditions, as JSON. */
#define SIM_PROMOTION_MAX 300
void world_any_promotion(struct world *world, char ret[SIM_PROMOTION_MAX]);

/* --- the centre --------------------------------------------------------------------------------------------------- */

/* A request of the API; NULL body for none. The answer is the caller's to json_decref. */
json_t *central_call(struct world *world, const char *method, const char *path, const char *body, int *ret_status);
/* Any request; false if the centre died over it: then it runs again, and there is no answer. */
bool central_handle(struct world *world, const struct cf_central_request *request);
void central_restart(struct world *world, bool power_cut);
/* Somebody brings a root key, and fresh keys sign after so long. The centre may die over it. */
void central_rotate(struct world *world, int64_t lead_s);
/* A new epoch for a terminal of ours, or the first one; the machine's files are the caller's matter. */
void central_enrol(struct world *world, struct node *node);

/* For calls that must succeed here; their error is &sim_err. */
extern struct cf_error sim_err;
#define sim_must(world, call)                                                                                          \
    do {                                                                                                               \
        enum cf_rc sim_rc_ = (call);                                                                                   \
        if (sim_rc_ != CF_OK)                                                                                          \
            sim_violation(world, "works", "%s: %s: %s", #call, cf_rc_name(sim_rc_), sim_err.detail);                   \
    } while (0)

#endif
