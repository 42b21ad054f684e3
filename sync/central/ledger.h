/*
 * sync/central/ledger.h - the budgets of campaigns and how they are divided: free + outstanding + spent + stranded.
 *
 * Inside a transaction only (state.h). Accounts and leases are read once a transaction, changed in memory by the
 * movements below, and written at its end; the schema's CHECK holds the sum on every write. Rights return by evidence
 * alone: no clock gives anything back. A clock is looked at for how much to lease (the demand of a holder), and for the
 * day of a use that the centre commits.
 *
 * Each movement leaves an account in its normal form, so that its figures do not depend on the order of movements: if
 * the budget is overdrawn nothing is free, and no duplicate is paid for; what becomes free pays these first.
 */
#ifndef CF_CENTRAL_LEDGER_H
#define CF_CENTRAL_LEDGER_H

#include "app/core/campaign.h"
#include "app/core/lease_return.h"
#include "sync/central/state.h"

/* An amount of money that is divided as the budget in units is. Of a risk budget `spent` is what was lost,
 * `outstanding` and `stranded` are what tills may have given away unverified. */
struct cf_purse {
    int64_t budget; /* 0: there is none */
    int64_t free, outstanding, spent, stranded, over;
};
struct cf_account {
    struct cf_campaign terms;  /* the current version */
    int64_t claims_per_member; /* 0: no limit */
    int64_t lease_per_terminal;
    int64_t range_per_terminal;
    int64_t next_index;
    int64_t budget, free, outstanding, spent, stranded, over;
    /* Duplicates that nothing covered and that the campaign is to pay for; how many of them it pays: part of spent. */
    int64_t wanted, charged;
    bool dirty;
    bool told_over;            /* that it is overdrawn, as an alarm */
    int64_t reserve_bp;        /* of what is not spent, this much stays free of terminals' and stores' leases */
    int64_t risk_per_terminal; /* minor units, before anything is known of a terminal's demand */
    int64_t hold_minor;        /* what one use may cost at most; of a campaign with a budget in money */
    int64_t day_shared;        /* of per_day: given out as shares in leases, ever */
    int64_t twice_minor;       /* of what was lost: by rights that were used more than once */
    int64_t rebalanced_us;     /* when holders were last asked to give back */
    struct cf_purse money;     /* the budget in money */
    struct cf_purse risk;      /* of an optimistic campaign */
    bool money_dirty;
    bool wanting; /* in this transaction: a holder got less than it should have */
};
/* A terminal in one epoch. */
struct cf_log {
    uint64_t id;
    uint32_t terminal;
    uint32_t epoch;
    uint32_t store;
    enum cf_log_state state;
};
/* Who holds a lease: a log, an online channel, or a store through its hub (hub.h). The others are 0. */
struct cf_holder {
    uint64_t log;
    uint32_t channel;
    uint64_t hub;
    uint32_t terminal; /* who hears of it, in its epoch; of a store its hub's, in the hub's epoch */
    uint32_t epoch;
    uint32_t store; /* where it spends; 0: online */
    bool active;    /* what it holds is outstanding; else stranded */
};
struct cf_holder cf_holder_of_log(const struct cf_log *log);
struct cf_holder cf_holder_of_channel(uint32_t channel);

/* granted - spent - returned is outstanding while the holder is active, else stranded; the same in money. */
struct cf_lease {
    uint32_t campaign;
    struct cf_holder holder;
    int64_t granted, spent, returned;
    int64_t granted_minor, spent_minor, returned_minor;
    int64_t per_day; /* its share of each day */
    int64_t keep;    /* units, of an optimistic campaign minor units: what it was told to keep */
    int64_t demand_milli, demand_minor, demand_us; /* uses and their cost, halved every two days since */
    bool dirty;
    bool used; /* in this transaction, and noted as such: a top-up may be due */
};
/* What a use was paid from. */
enum cf_source {
    CF_SOURCE_NONE = 0, /* given back */
    CF_SOURCE_FREE = 1, /* the centre committed first */
    CF_SOURCE_LEASE = 2,
    CF_SOURCE_RESERVE = 3,
    CF_SOURCE_STRANDED = 4,
    CF_SOURCE_BEYOND = 5,    /* nothing covered it: from what is free, or else the budget is overdrawn; with an alarm */
    CF_SOURCE_DUPLICATE = 6, /* nothing covered it, and it was not the first of its right: adjudicate.h */
};

enum cf_rc cf_ledger_new(struct cf_ledger **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_ledger_free(struct cf_ledger *ledger);

/* Valid until the transaction ends or CF_LEDGER_ACCOUNTS_MAX other accounts were read. CF_E_CAMPAIGN_UNKNOWN. */
#define CF_LEDGER_ACCOUNTS_MAX 256
enum cf_rc cf_ledger_account(struct cf_central *central, uint32_t campaign, struct cf_account **ret,
                             struct cf_error *err) CF_MUST_CHECK;
/* What a lease has left. */
int64_t cf_lease_units_left(const struct cf_lease *lease);
int64_t cf_lease_minor_left(const struct cf_lease *lease);
/* Valid until the transaction ends or very many other leases were read. One that is not there is all zero. */
enum cf_rc cf_ledger_lease(struct cf_central *central, uint32_t campaign, const struct cf_holder *holder,
                           struct cf_lease **ret, struct cf_error *err) CF_MUST_CHECK;

/* The money of an account as its row: for a launch or a change. Others leave it to the flush. */
enum cf_rc cf_account_put_money(struct cf_central *central, const struct cf_account *account,
                                struct cf_error *err) CF_MUST_CHECK;

/* Movements of one unit or more; false if there is not that much, and then nothing moved. */
bool cf_account_take_free(struct cf_account *account);         /* free -> spent */
bool cf_account_lend(struct cf_account *account, int64_t n);   /* free -> outstanding */
bool cf_account_reserve(struct cf_account *account);           /* free -> outstanding */
bool cf_account_release(struct cf_account *account);           /* outstanding -> free */
bool cf_account_spend_reserved(struct cf_account *account);    /* outstanding -> spent */
bool cf_account_spend_stranded(struct cf_account *account);    /* stranded -> spent */
bool cf_account_strand(struct cf_account *account, int64_t n); /* outstanding -> stranded */
void cf_account_overdraw(struct cf_account *account);          /* free or, if nothing is, over -> spent */
void cf_account_want(struct cf_account *account, int n);       /* +1 or -1: a duplicate is to be paid for if possible */
void cf_account_settle(struct cf_account *account);            /* brings it to its normal form */
/* Undoes a spending by where it came from; a lease's unit becomes free. */
void cf_account_give_back(struct cf_account *account, enum cf_source source);

/* --- leases: leases.c ----------------------------------------------------------------------------------------------
 */

/*
 * A use that its holder reports, with what it took off: from its lease, in units and in money. *ret_source is
 * CF_SOURCE_NONE if no unit is left of it; the money counts all the same, from the lease as far as it goes.
 */
enum cf_rc cf_ledger_spend(struct cf_central *central, struct cf_account *account, const struct cf_holder *holder,
                           int64_t cost_minor, enum cf_source *ret_source, struct cf_error *err) CF_MUST_CHECK;
/* A holder gave back from its lease. CF_E_RANGE if it has not that much: nothing moved. */
enum cf_rc cf_ledger_return(struct cf_central *central, const struct cf_holder *holder,
                            const struct cf_lease_return *back, struct cf_error *err) CF_MUST_CHECK;
/*
 * Brings a terminal's lease up to what it is likely to need: the campaign's base, or as its measured demand says, as
 * far as free allows beyond the reserve; and tells the terminal if anything changed. `sharers`: how many have yet to be
 * served, with this one. No-op for a campaign that leases nothing, is over, or is not for the terminal's store.
 */
enum cf_rc cf_ledger_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                            int64_t sharers, struct cf_error *err) CF_MUST_CHECK;
/* The same for a store with a hub, which lends it to its tills in parts. */
enum cf_rc cf_ledger_top_up_store(struct cf_central *central, struct cf_account *account,
                                  const struct cf_holder *holder, int64_t sharers, struct cf_error *err) CF_MUST_CHECK;
/* What of free may be leased: a part of what is left is not. */
int64_t cf_account_leasable(const struct cf_account *account);
/* The limit a day was lowered from `before`: shares fall with it, from the holders' next pages on. */
enum cf_rc cf_ledger_cut_shares(struct cf_central *central, struct cf_account *account, uint32_t before,
                                struct cf_error *err) CF_MUST_CHECK;
/* Would it get one? */
bool cf_ledger_may_hold(struct cf_central *central, const struct cf_account *account, const struct cf_holder *holder);
/* Tops up each lease of the log that was used in this transaction and is at or below its low-water mark; where that
 * could not be had, asks holders who do not need theirs to give back. */
enum cf_rc cf_ledger_top_up_used(struct cf_central *central, const struct cf_log *log,
                                 struct cf_error *err) CF_MUST_CHECK;
/* Sets what is set aside for an online channel to `units` beyond what it has used. CF_E_COUPON_BUDGET if free has not
 * that much; what is more than `units` becomes free again: the centre is the one who spends it. */
enum cf_rc cf_ledger_set_channel(struct cf_central *central, struct cf_account *account, uint32_t channel,
                                 int64_t units, struct cf_error *err) CF_MUST_CHECK;
/* What a log holds and has not accounted for is stranded: its leases, and the coupons pinned to its terminal, which
 * also get a new generation that nobody holds. The caller changes the log's state. */
enum cf_rc cf_ledger_strand(struct cf_central *central, const struct cf_log *log, struct cf_error *err) CF_MUST_CHECK;
/* The part of it that is about the leases of a store through its hub. */
enum cf_rc cf_ledger_strand_store(struct cf_central *central, uint64_t hub, struct cf_error *err) CF_MUST_CHECK;
/* The part of it that is about coupons, for any place. */
enum cf_rc cf_ledger_strand_home(struct cf_central *central, uint32_t place, struct cf_error *err) CF_MUST_CHECK;

/* --- optimistic campaigns: risk.c -----------------------------------------------------------------------------------
 */

/*
 * A use at risk is told of: its value is unverified no more. It becomes free, and what of it is lost is found out by
 * cf_ledger_settle_risk: of each right what was given beyond its dearest use, or all if the centre committed a use of
 * it as well; and the cheapest rights of those beyond the budget in units. That is a property of the uses, not of who
 * told them first. *ret_covered: the holder's risk lease had that much.
 */
enum cf_rc cf_ledger_spend_risk(struct cf_central *central, struct cf_account *account, const struct cf_holder *holder,
                                uint32_t index, int64_t cost_minor, bool *ret_covered,
                                struct cf_error *err) CF_MUST_CHECK;
/* The centre committed a use of a right (sign +1), or it was undone (-1). No-op unless the campaign is optimistic. */
enum cf_rc cf_ledger_risk_certain(struct cf_central *central, struct cf_account *account, uint32_t index, int sign,
                                  struct cf_error *err) CF_MUST_CHECK;
/* A use at risk came back with its goods and was undone: the right's others are reckoned anew. */
enum cf_rc cf_ledger_risk_recount(struct cf_central *central, struct cf_account *account, uint32_t index,
                                  struct cf_error *err) CF_MUST_CHECK;
/* Moves between free and lost what has to move. Done by the flush; before anything is granted it is done as well. */
enum cf_rc cf_ledger_settle_risk(struct cf_central *central, struct cf_account *account,
                                 struct cf_error *err) CF_MUST_CHECK;

/* --- all limits at once: limits.c -----------------------------------------------------------------------------------
 */

/* One use as the limits see it. */
struct cf_bill {
    uint32_t store;   /* 0: online */
    uint32_t channel; /* 0: not online */
    bool has_member;  /* whose day it is */
    cf_sub member;
    bool cost_known; /* else what one use may cost at most is held until the sale is here */
    int64_t cost_minor;
};
/* The centre commits a use: budget, store, day, member's day and money together, or none of them. CF_E_COUPON_BUDGET,
 * CF_E_COUPON_LIMIT, CF_E_MEMBER_REQUIRED; *ret_source says where the unit came from. `reserved`: it is the unit that a
 * pinned coupon holds at this place. */
enum cf_rc cf_ledger_take(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                          bool reserved, enum cf_source *ret_source, struct cf_error *err) CF_MUST_CHECK;
/* Would it, without effect. */
enum cf_rc cf_ledger_may_take(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                              bool reserved, struct cf_error *err) CF_MUST_CHECK;
/* Remembers what a use that a till asked for has taken, by its redemption: for the two below. */
enum cf_rc cf_ledger_taken(struct cf_central *central, const struct cf_account *account, const struct cf_bill *bill,
                           int64_t redemption, struct cf_error *err) CF_MUST_CHECK;
/* The sale is here and says what it cost. */
enum cf_rc cf_ledger_confirm(struct cf_central *central, struct cf_account *account, int64_t redemption,
                             int64_t cost_minor, struct cf_error *err) CF_MUST_CHECK;
/* It was undone. The unit is given back by cf_account_give_back. */
enum cf_rc cf_ledger_undo(struct cf_central *central, struct cf_account *account, int64_t redemption,
                          enum cf_source source, struct cf_error *err) CF_MUST_CHECK;
/* Pinning: a unit, the store's room, the member's day and the money of one use are reserved; CF_E_COUPON_BUDGET,
 * _LIMIT, CF_E_MEMBER_REQUIRED. Or they are free again. */
enum cf_rc cf_ledger_reserve(struct cf_central *central, struct cf_account *account, const struct cf_bill *bill,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_ledger_release(struct cf_central *central, struct cf_account *account, uint32_t store,
                             struct cf_error *err) CF_MUST_CHECK;
/* What was held in money for a pinned coupon is free again, and nothing else. */
enum cf_rc cf_ledger_drop_hold(struct cf_account *account, struct cf_error *err) CF_MUST_CHECK;
/* A pinned coupon was used at its home on that business day: what was reserved, or stranded with the home, is spent.
 * Units are the caller's. member: NULL if it is bound to nobody. */
enum cf_rc cf_ledger_use_pinned(struct cf_central *central, struct cf_account *account, bool stranded, uint32_t day,
                                const cf_sub *member, int64_t cost_minor, struct cf_error *err) CF_MUST_CHECK;
/* A till's use that nothing covered: it counts against the store's limit and costs money all the same. */
enum cf_rc cf_ledger_use_uncovered(struct cf_central *central, struct cf_account *account, uint32_t store,
                                   int64_t cost_minor, struct cf_error *err) CF_MUST_CHECK;
/* A return undid a use: what it had cost is free again, and so is the store's room. A coupon that stays pinned holds
 * what one use may cost at most, as before its use; *ret_held false: there is not that much any more. Units are the
 * caller's; days stay used. */
enum cf_rc cf_ledger_unuse(struct cf_central *central, struct cf_account *account, uint32_t store, int64_t cost_minor,
                           bool stays_pinned, bool *ret_held, struct cf_error *err) CF_MUST_CHECK;
/* +n or -n units of what a store holds and has used: leases to its terminals and its hub, pins, uses. */
enum cf_rc cf_ledger_count_store(struct cf_central *central, const struct cf_account *account, uint32_t store,
                                 int64_t n, struct cf_error *err) CF_MUST_CHECK;
/* Something was sold by a campaign, under that version. */
enum cf_rc cf_ledger_sold(struct cf_central *central, uint32_t campaign, uint32_t version, int64_t discount_minor,
                          struct cf_error *err) CF_MUST_CHECK;

/* Tells all terminals, with the end of the transaction, that this right was redeemed. A unit without a coupon is
 * nothing that they could be shown: of CF_INDEX_NONE nobody is told. */
enum cf_rc cf_ledger_redeemed(struct cf_central *central, uint32_t campaign, uint32_t index,
                              struct cf_error *err) CF_MUST_CHECK;

/* The same of one that a return gave back: behind all that was redeemed until now. */
enum cf_rc cf_ledger_unredeemed(struct cf_central *central, uint32_t campaign, uint32_t index,
                                struct cf_error *err) CF_MUST_CHECK;

enum cf_rc cf_ledger_flush(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;
void cf_ledger_forget(struct cf_central *central);

#endif
