/*
 * sync/central/ledger_private.h - what ledger.c, leases.c, limits.c and risk.c share. Not for others.
 */
#ifndef CF_CENTRAL_LEDGER_PRIVATE_H
#define CF_CENTRAL_LEDGER_PRIVATE_H

#include "app/core/down.h"
#include "sync/central/ledger.h"

#define CF_LEDGER_LEASES_MAX 1024
#define CF_LEDGER_REDEEMED_MAX 8192
#define CF_LEDGER_SOLD_MAX 64
#define CF_LEDGER_USED_MAX 4096 /* as many as one batch can spend from */

struct cf_right {
    uint32_t campaign;
    uint32_t index;
};
struct cf_version_sold {
    uint32_t campaign, version;
    int64_t n, discount_minor;
};
/* A lease that was spent from in this transaction, by an active holder: it is remembered longer than the lease is kept.
 */
struct cf_used_lease {
    struct cf_holder holder;
    uint32_t campaign;
};
struct cf_ledger {
    size_t n_accounts, next; /* once all places are taken, the next is that of the one read longest ago */
    struct cf_account account[CF_LEDGER_ACCOUNTS_MAX];
    size_t n_leases;
    struct cf_lease lease[CF_LEDGER_LEASES_MAX];
    size_t n_used;
    struct cf_used_lease used[CF_LEDGER_USED_MAX];
    size_t n_redeemed;
    struct cf_right redeemed[CF_LEDGER_REDEEMED_MAX];
    size_t n_sold;
    struct cf_version_sold sold[CF_LEDGER_SOLD_MAX];
    struct cf_down_entry entry; /* scratch */
};

/* Units: `from` and `to` are two figures of the account. False if there is not that much; the normal form is kept. */
bool cf_account_move(struct cf_account *account, int64_t *from, int64_t *to, int64_t n);
/* Money, of account->money or account->risk. */
bool cf_purse_move(struct cf_account *account, struct cf_purse *purse, int64_t *from, int64_t *to, int64_t minor);
/* Spends from what is free; what is not there overdraws. */
void cf_purse_spend(struct cf_account *account, struct cf_purse *purse, int64_t minor);

/* Is the campaign limited in money? Then a use costs it something. */
static inline bool cf_account_has_money(const struct cf_account *account)
{
    return account->money.budget > 0;
}
/* What a store may still get or use; INT64_MAX without a limit. */
enum cf_rc cf_limits_store_room(struct cf_central *central, const struct cf_account *account, uint32_t store,
                                int64_t *ret, struct cf_error *err) CF_MUST_CHECK;

/* A use at risk among those of its right. */
enum cf_rc cf_risk_count(struct cf_central *central, struct cf_account *account, uint32_t index, int64_t cost_minor,
                         struct cf_error *err) CF_MUST_CHECK;
/* Writes the leases that changed, and keeps them. */
enum cf_rc cf_ledger_flush_leases(struct cf_central *central, struct cf_error *err) CF_MUST_CHECK;

#endif
