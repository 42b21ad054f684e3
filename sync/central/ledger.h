/*
 * sync/central/ledger.h - the budgets of campaigns and how they are divided: free + outstanding + spent + stranded.
 *
 * Inside a transaction only (state.h). Accounts and leases are read once a transaction, changed in memory by the
 * movements below, and written at its end; the schema's CHECK holds the sum on every write. Rights return by evidence
 * alone: nothing here looks at a clock.
 *
 * Each movement leaves an account in its normal form, so that its figures do not depend on the order of movements: if
 * the budget is overdrawn nothing is free, and no duplicate is paid for; what becomes free pays these first.
 */
#ifndef CF_CENTRAL_LEDGER_H
#define CF_CENTRAL_LEDGER_H

#include "app/core/campaign.h"
#include "app/core/lease_return.h"
#include "sync/central/state.h"

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
};
/* What one log holds of a campaign: granted - spent - returned is outstanding while the log is active, else stranded.
 */
struct cf_lease {
    uint32_t campaign;
    uint64_t log;
    int64_t granted, spent, returned;
    bool dirty;
    bool used; /* in this transaction: a top-up is due */
};
/* A terminal in one epoch. */
struct cf_log {
    uint64_t id;
    uint32_t terminal;
    uint32_t epoch;
    uint32_t store;
    enum cf_log_state state;
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
enum cf_rc cf_ledger_lease(struct cf_central *central, uint32_t campaign, uint64_t log, struct cf_lease **ret,
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
/* Undoes a spending by where it came from; a lease's unit becomes free. */
void cf_account_give_back(struct cf_account *account, enum cf_source source);

/* A use that a till reports: from its lease. *ret_source is CF_SOURCE_NONE if nothing is left of it. */
enum cf_rc cf_ledger_spend_lease(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                                 enum cf_source *ret_source, struct cf_error *err) CF_MUST_CHECK;
/* A till gave back from its lease. CF_E_RANGE if it has not that much: nothing moved. */
enum cf_rc cf_ledger_return_lease(struct cf_central *central, const struct cf_log *log,
                                  const struct cf_lease_return *back, struct cf_error *err) CF_MUST_CHECK;
/* Brings the log's lease up to lease_per_terminal, as far as free allows, and tells the terminal. No-op for a campaign
 * that is not leased, stopped, or not for the log's store. */
enum cf_rc cf_ledger_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                            struct cf_error *err) CF_MUST_CHECK;
/* Tops up each lease that was used in this transaction and is at or below half. */
enum cf_rc cf_ledger_top_up_used(struct cf_central *central, const struct cf_log *log,
                                 struct cf_error *err) CF_MUST_CHECK;
/* What a log holds and has not accounted for is stranded: its leases, and the coupons pinned to its terminal, which
 * also get a new generation that nobody holds. The caller changes the log's state. */
enum cf_rc cf_ledger_strand(struct cf_central *central, const struct cf_log *log, struct cf_error *err) CF_MUST_CHECK;

/* The part of it that is about coupons, for any place. */
enum cf_rc cf_ledger_strand_home(struct cf_central *central, uint32_t place, struct cf_error *err) CF_MUST_CHECK;

/* Tells all terminals, with the end of the transaction, that this right was redeemed. */
enum cf_rc cf_ledger_redeemed(struct cf_central *central, uint32_t campaign, uint32_t index,
                              struct cf_error *err) CF_MUST_CHECK;

bool cf_campaign_has_store(const struct cf_campaign *campaign, uint32_t store);

enum cf_rc cf_ledger_flush(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;
void cf_ledger_forget(struct cf_central *central);

#endif
