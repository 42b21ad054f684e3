/*
 * tests/sim/truth.h - what really happened, told by nobody: every record as it was committed, every use of a right.
 *
 * It sees all journals at once, which no part of the product can, and counts anew; so the budget is held against what
 * was redeemed anywhere at that moment, not against what the centre has heard of.
 */
#ifndef CF_TESTS_SIM_TRUTH_H
#define CF_TESTS_SIM_TRUTH_H

#include "app/core/report.h"
#include "app/core/sale.h"
#include "app/core/sale_return.h"
#include "app/store/journal.h"

struct world;
struct node;

/* The records of one machine in one epoch, as far as they were seen. */
struct history {
    uint32_t terminal, epoch;
    size_t n, cap;
    struct cf_sha256 *hash; /* of record k + 1 */
    struct cf_totals totals;
};
struct use {
    bool used;
    uint32_t campaign, index;
    uint32_t redeemed, issued;
    /* of an optimistic campaign: what its uses at risk took off, the dearest of them, and was it used surely as well */
    int64_t risked_minor, dearest_minor;
    bool certain;
    uint32_t store;                /* where it was used last */
    bool twice;                    /* ever */
    int64_t cost_minor;            /* of its use at a till */
    uint32_t hub_store, hub_epoch; /* whose hub said yes to it; 0: none did */
};
/* A committed sale, and what came back of it. */
struct sold {
    uint32_t terminal, epoch, store;
    uint64_t seq;
    int64_t total_minor;
    int64_t refunded_minor; /* by its own till, which knows of its own returns */
    uint8_t *body;          /* of its record */
    size_t body_n;
    int64_t *returned_milli;                  /* of each line, counted once wherever it was taken back */
    bool returned_twice;                      /* some of it: two tills did not know of each other */
    int64_t points_back;                      /* for what came back */
    int64_t given_back_minor[CF_TENDERS_MAX]; /* of each tender on an account, by all returns */
};
#define TRUTH_STORES_MAX 64
#define TRUTH_DAYS_MAX 64 /* clocks are wrong by years, too */
struct campaign_truth {
    uint32_t id;
    int64_t budget;    /* the highest so far: budgets are only raised */
    int64_t allowance; /* unspent rights at the moments of copying: what copies may spend twice */
    int64_t redeemed;
    bool optimistic;
    int64_t risk_budget_minor; /* the highest so far */
    int64_t lost_minor;        /* by rights that were used more than once */
    uint32_t per_store;        /* 0: no limit */
    uint32_t in_store[TRUTH_STORES_MAX];
    int64_t budget_minor; /* 0: no limit */
    int64_t given_minor;  /* at tills */
    uint32_t per_day;     /* 0: no limit */
    size_t n_days;
    struct {
        uint32_t date, n; /* by leases, and online */
    } day[TRUTH_DAYS_MAX];
};
struct truth {
    size_t n_histories, histories_max; /* of machines now, and of those that are gone */
    struct history *history;
    size_t uses_cap, n_uses; /* an open hash table */
    struct use *use;
    size_t n_campaigns;
    struct campaign_truth campaign[16];
    size_t n_sold, sold_cap;
    struct sold *sold;
    struct cf_sale *sale; /* scratch */
    struct cf_return *back;
    int64_t points[64]; /* of each member, at tills and online */
    uint32_t copies;    /* how many machines were copied: each right may be used that often more */
};

void truth_begin(struct world *world);
struct campaign_truth *truth_campaign(struct world *world, uint32_t campaign);
/* After anything that may have written records: they are there for ever after, and the same. */
void truth_follow(struct node *node);
/* The machine holds another history than before: restored, or of a fresh epoch. */
void truth_moved(struct node *node, uint64_t seq);
/* `twin` begins as a copy of `node`. */
void truth_copy(struct node *twin, const struct node *node, uint64_t seq);
/* Somebody else wrote this as the next record after what this machine has told. */
void truth_forged(const struct node *node, uint64_t seq, const struct cf_sha256 *hash);
/* Before a machine is copied, with all that would tell: what it may then spend once more. One that is put back to an
 * older state knows it, and may nothing. */
void truth_allow_copy(struct node *node);
/* A right was used by the online shop. */
void truth_redeemed_online(struct world *world, uint32_t campaign, uint32_t index);
/* Of a member of ours; of anybody else nothing is counted. */
void truth_points(struct world *world, cf_sub member, int64_t points);
struct use *truth_use(struct world *world, uint32_t campaign, uint32_t index);
struct history *truth_history(struct world *world, const struct node *node);
/* Is this what some machine of this terminal and epoch wrote as its record `seq`? */
bool truth_wrote(const struct world *world, uint32_t terminal, uint32_t epoch, uint64_t seq,
                 const struct cf_sha256 *hash);

#endif
