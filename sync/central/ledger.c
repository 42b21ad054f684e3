/*
 * sync/central/ledger.c - see ledger.h.
 */
#include "sync/central/ledger.h"

#include "sync/central/coupon_row.h"
#include "sync/central/down_log.h"
#include "sync/central/hub.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LEASES_MAX 1024
#define REDEEMED_MAX 8192

struct right {
    uint32_t campaign;
    uint32_t index;
};
struct cf_ledger {
    size_t n_accounts, next; /* once all places are taken, the next is that of the one read longest ago */
    struct cf_account account[CF_LEDGER_ACCOUNTS_MAX];
    size_t n_leases;
    struct cf_lease lease[LEASES_MAX];
    size_t n_redeemed;
    struct right redeemed[REDEEMED_MAX];
    struct cf_down_entry entry; /* scratch */
};

enum cf_rc cf_ledger_new(struct cf_ledger **ret, struct cf_error *err)
{
    struct cf_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "ledger");
    }
    *ret = ledger;
    return CF_OK;
}

void cf_ledger_free(struct cf_ledger *ledger)
{
    free(ledger);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum cf_rc read_account(struct cf_account *account, const struct cf_value *row, struct cf_error *err)
{
    account->claims_per_member = row[2].i;
    account->lease_per_terminal = row[3].i;
    account->range_per_terminal = row[4].i;
    account->next_index = row[5].i;
    account->budget = row[6].i;
    account->free = row[7].i;
    account->outstanding = row[8].i;
    account->spent = row[9].i;
    account->stranded = row[10].i;
    account->over = row[11].i;
    account->wanted = row[12].i;
    account->charged = row[13].i;
    account->dirty = false;
    return cf_campaign_decode(row[1].b, &account->terms, err);
}

static enum cf_rc write_account(struct cf_central *central, struct cf_account *a, struct cf_error *err)
{
    if (!a->dirty) {
        return CF_OK;
    }
    a->dirty = false;
    return cf_store_run(central->store, CF_Q_CAMPAIGN_FIGURES,
                        CF_ARGS(cf_v_int(a->terms.id), cf_v_int(a->next_index), cf_v_int(a->free),
                                cf_v_int(a->outstanding), cf_v_int(a->spent), cf_v_int(a->stranded), cf_v_int(a->over),
                                cf_v_int(a->wanted), cf_v_int(a->charged)),
                        err);
}

/* The place of the next account: a new one, or that of the one read longest ago, which is written first. */
static enum cf_rc next_place(struct cf_central *central, struct cf_account **ret, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    *ret = &ledger->account[ledger->next];
    return ledger->n_accounts == CF_LEDGER_ACCOUNTS_MAX ? write_account(central, *ret, err) : CF_OK;
}

enum cf_rc cf_ledger_account(struct cf_central *central, uint32_t campaign, struct cf_account **ret,
                             struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    for (size_t i = 0; i < ledger->n_accounts; i++) {
        if (ledger->account[i].terms.id == campaign) {
            *ret = &ledger->account[i];
            return CF_OK;
        }
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_account *account;
    bool found = false;
    enum cf_rc rc = next_place(central, &account, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_CAMPAIGN_GET, CF_ARGS(cf_v_int(campaign)), row, &found, err);
    }
    if (rc == CF_OK && !found) {
        return cf_fail(err, CF_E_CAMPAIGN_UNKNOWN, "campaign %lu", (unsigned long)campaign);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_account(account, row, err);
    if (rc == CF_OK) {
        ledger->next = (ledger->next + 1) % CF_LEDGER_ACCOUNTS_MAX;
        ledger->n_accounts += ledger->n_accounts < CF_LEDGER_ACCOUNTS_MAX;
        *ret = account;
    }
    return rc;
}

enum cf_rc cf_ledger_lease(struct cf_central *central, uint32_t campaign, uint64_t log, struct cf_lease **ret,
                           struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    for (size_t i = 0; i < ledger->n_leases; i++) {
        if (ledger->lease[i].campaign == campaign && ledger->lease[i].log == log) {
            *ret = &ledger->lease[i];
            return CF_OK;
        }
    }
    if (ledger->n_leases == LEASES_MAX) { /* a launch over very many terminals: write what is there and go on */
        enum cf_rc rc = cf_ledger_flush(central, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_LEASE_GET, CF_ARGS(cf_v_int(campaign), cf_v_int((int64_t)log)),
                                 row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_lease *lease = &ledger->lease[ledger->n_leases++];
    *lease = (struct cf_lease){.campaign = campaign, .log = log};
    if (found) {
        lease->granted = row[0].i;
        lease->spent = row[1].i;
        lease->returned = row[2].i;
    }
    *ret = lease;
    return CF_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int by_right(const void *a, const void *b)
{
    const struct right *x = a, *y = b;
    if (x->campaign != y->campaign) {
        return x->campaign < y->campaign ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static enum cf_rc write_redeemed(struct cf_central *central, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    if (ledger->n_redeemed == 0) {
        return CF_OK;
    }
    qsort(ledger->redeemed, ledger->n_redeemed, sizeof *ledger->redeemed, by_right);
    const size_t at_once = sizeof ledger->entry.redeemed.index / sizeof *ledger->entry.redeemed.index;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_redeemed && rc == CF_OK;) {
        struct cf_redeemed *redeemed = &ledger->entry.redeemed;
        ledger->entry.kind = CF_DOWN_REDEEMED;
        redeemed->campaign = ledger->redeemed[i].campaign;
        redeemed->n = 0;
        for (; i < ledger->n_redeemed && ledger->redeemed[i].campaign == redeemed->campaign && redeemed->n < at_once;
             i++) {
            uint32_t index = ledger->redeemed[i].index;
            if (redeemed->n == 0 || redeemed->index[redeemed->n - 1] != index) {
                redeemed->index[redeemed->n++] = index;
            }
        }
        rc = cf_down_append(central, CF_TOPIC_REDEEMED, 0, CF_DOWN_KEY_UNIQUE, &ledger->entry, err);
    }
    ledger->n_redeemed = 0;
    return rc;
}

enum cf_rc cf_ledger_flush(struct cf_central *central, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_accounts && rc == CF_OK; i++) {
        rc = write_account(central, &ledger->account[i], err);
    }
    for (size_t i = 0; i < ledger->n_leases && rc == CF_OK; i++) {
        const struct cf_lease *l = &ledger->lease[i];
        if (l->dirty) {
            rc = cf_store_run(central->store, CF_Q_LEASE_PUT,
                              CF_ARGS(cf_v_int(l->campaign), cf_v_int((int64_t)l->log), cf_v_int(l->granted),
                                      cf_v_int(l->spent), cf_v_int(l->returned)),
                              err);
        }
    }
    ledger->n_leases = 0;
    return rc == CF_OK ? write_redeemed(central, err) : rc;
}

void cf_ledger_forget(struct cf_central *central)
{
    central->ledger->n_accounts = 0;
    central->ledger->next = 0;
    central->ledger->n_leases = 0;
    central->ledger->n_redeemed = 0;
}

/* --- movements ---------------------------------------------------------------------------------------------------- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The normal form: nothing is free while the budget is overdrawn, and duplicates are paid from what nobody else needs.
 */
static void balance(struct cf_account *a)
{
    int64_t n = least(a->over, a->charged);
    a->over -= n;
    a->spent -= n;
    a->charged -= n;
    n = least(a->over, a->free);
    a->over -= n;
    a->free -= n;
    n = least(a->free, a->wanted - a->charged);
    a->free -= n;
    a->spent += n;
    a->charged += n;
    a->dirty = true;
}

static bool move(struct cf_account *account, int64_t *from, int64_t *to, int64_t n)
{
    if (n < 0 || *from < n) {
        return false;
    }
    *from -= n;
    *to += n;
    balance(account);
    return true;
}

bool cf_account_take_free(struct cf_account *account)
{
    return move(account, &account->free, &account->spent, 1);
}

bool cf_account_lend(struct cf_account *account, int64_t n)
{
    return move(account, &account->free, &account->outstanding, n);
}

bool cf_account_reserve(struct cf_account *account)
{
    return move(account, &account->free, &account->outstanding, 1);
}

bool cf_account_release(struct cf_account *account)
{
    return move(account, &account->outstanding, &account->free, 1);
}

bool cf_account_spend_reserved(struct cf_account *account)
{
    return move(account, &account->outstanding, &account->spent, 1);
}

bool cf_account_spend_stranded(struct cf_account *account)
{
    return move(account, &account->stranded, &account->spent, 1);
}

bool cf_account_strand(struct cf_account *account, int64_t n)
{
    return move(account, &account->outstanding, &account->stranded, n);
}

void cf_account_overdraw(struct cf_account *account)
{
    account->over++;
    account->spent++;
    balance(account);
}

void cf_account_want(struct cf_account *account, int n)
{
    account->wanted += n;
    if (account->charged > account->wanted) {
        account->charged--;
        account->spent--;
        account->free++;
    }
    balance(account);
}

void cf_account_give_back(struct cf_account *account, enum cf_source source)
{
    bool moved = true;
    switch (source) {
    case CF_SOURCE_NONE:
    case CF_SOURCE_DUPLICATE:
        return;
    case CF_SOURCE_FREE:
    case CF_SOURCE_LEASE:
    case CF_SOURCE_BEYOND:
        moved = move(account, &account->spent, &account->free, 1);
        break;
    case CF_SOURCE_RESERVE:
        moved = move(account, &account->spent, &account->outstanding, 1);
        break;
    case CF_SOURCE_STRANDED:
        moved = move(account, &account->spent, &account->stranded, 1);
        break;
    }
    assert(moved);
}

static int64_t lease_left(const struct cf_lease *lease)
{
    return lease->granted - lease->spent - lease->returned;
}

enum cf_rc cf_ledger_spend_lease(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                                 enum cf_source *ret_source, struct cf_error *err)
{
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, log->id, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (lease_left(lease) > 0) {
        bool active = log->state == CF_LOG_ACTIVE;
        bool moved = active ? cf_account_spend_reserved(account) : cf_account_spend_stranded(account);
        assert(moved); /* a lease is part of what is outstanding, or stranded with its log */
        lease->spent++;
        lease->dirty = true;
        lease->used = active;
        *ret_source = active ? CF_SOURCE_LEASE : CF_SOURCE_STRANDED;
    } else {
        *ret_source = CF_SOURCE_NONE;
    }
    return CF_OK;
}

enum cf_rc cf_ledger_return_lease(struct cf_central *central, const struct cf_log *log,
                                  const struct cf_lease_return *back, struct cf_error *err)
{
    struct cf_account *account;
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_account(central, back->campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_ledger_lease(central, back->campaign, log->id, &lease, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (back->units <= 0 || back->units > lease_left(lease)) {
        return cf_fail(err, CF_E_RANGE, "returns %lld of a lease that has %lld left", (long long)back->units,
                       (long long)lease_left(lease));
    }
    /* A log that was set apart may have a twin that spent the same units: what it returns stays stranded. */
    if (log->state == CF_LOG_ACTIVE) {
        bool moved = move(account, &account->outstanding, &account->free, back->units);
        assert(moved);
        lease->returned += back->units;
        lease->dirty = true;
    }
    return CF_OK;
}

bool cf_campaign_has_store(const struct cf_campaign *campaign, uint32_t store)
{
    for (size_t i = 0; i < campaign->n_stores; i++) {
        if (campaign->stores[i] == store) {
            return true;
        }
    }
    return campaign->n_stores == 0;
}

enum cf_rc cf_ledger_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                            struct cf_error *err)
{
    if (account->terms.policy != CF_POLICY_LEASED || account->terms.stopped || log->state != CF_LOG_ACTIVE ||
        !cf_campaign_has_store(&account->terms, log->store)) {
        return CF_OK;
    }
    struct cf_lease *lease;
    enum cf_rc rc = cf_ledger_lease(central, account->terms.id, log->id, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    int64_t more = account->lease_per_terminal - lease_left(lease);
    if (more > account->free) {
        more = account->free;
    }
    if (more <= 0) {
        return CF_OK;
    }
    bool moved = move(account, &account->free, &account->outstanding, more);
    assert(moved);
    lease->granted += more;
    lease->dirty = true;
    struct cf_down_entry entry = {.kind = CF_DOWN_LEASE};
    entry.lease.campaign = account->terms.id;
    entry.lease.granted = lease->granted;
    entry.lease.epoch = log->epoch;
    entry.lease.keep = account->lease_per_terminal;
    return cf_down_append(central, CF_TOPIC_LEASES, log->terminal, account->terms.id, &entry, err);
}

enum cf_rc cf_ledger_top_up_used(struct cf_central *central, const struct cf_log *log, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_leases && rc == CF_OK; i++) {
        struct cf_lease *lease = &ledger->lease[i];
        struct cf_account *account;
        if (!lease->used || lease->log != log->id) {
            continue;
        }
        lease->used = false;
        rc = cf_ledger_account(central, lease->campaign, &account, err);
        if (rc == CF_OK && lease_left(lease) <= account->lease_per_terminal / 2) {
            rc = cf_ledger_top_up(central, account, log, err);
        }
    }
    return rc;
}

/* --- stranding ---------------------------------------------------------------------------------------------------- */

struct strand {
    size_t n;
    struct right pinned[REDEEMED_MAX];
};

static enum cf_rc strand_lease(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(ctx, (uint32_t)row[0].i, &account, err);
    if (rc == CF_OK) {
        bool moved = cf_account_strand(account, row[1].i - row[2].i - row[3].i);
        assert(moved);
    }
    return rc;
}

/* As many as there is room for; the others are found again once these are stranded. */
static enum cf_rc collect_pinned(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct strand *strand = ctx;
    (void)err;
    if (strand->n < REDEEMED_MAX) {
        strand->pinned[strand->n++] = (struct right){(uint32_t)row[0].i, (uint32_t)row[1].i};
    }
    return CF_OK;
}

static enum cf_rc strand_pinned(struct cf_central *central, struct right right, struct cf_error *err)
{
    struct cf_coupon_row coupon;
    struct cf_account *account = NULL;
    bool found;
    enum cf_rc rc = cf_coupon_row_get(central, right.campaign, right.index, &coupon, &found, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, right.campaign, &account, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    assert(found && account != NULL);
    bool moved = cf_account_strand(account, 1);
    assert(moved);
    coupon.reserved = false;
    coupon.stranded = true;
    coupon.state = coupon.redemption != 0 ? CF_COUPON_REDEEMED : CF_COUPON_STRANDED;
    coupon.generation++;
    rc = cf_coupon_row_put(central, &coupon, err);
    return rc == CF_OK ? cf_coupon_row_tell_generation(central, &coupon, err) : rc;
}

enum cf_rc cf_ledger_strand_home(struct cf_central *central, uint32_t place, struct cf_error *err)
{
    struct strand *strand = calloc(1, sizeof *strand);
    if (strand == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "stranding");
    }
    enum cf_rc rc = CF_OK;
    do {
        strand->n = 0;
        if (rc == CF_OK) {
            rc = cf_store_each(central->store, CF_Q_COUPON_RESERVED_AT, CF_ARGS(cf_v_int(place)), collect_pinned,
                               strand, err);
        }
        for (size_t i = 0; i < strand->n && rc == CF_OK; i++) {
            rc = strand_pinned(central, strand->pinned[i], err);
        }
    } while (rc == CF_OK && strand->n == REDEEMED_MAX);
    free(strand);
    return rc;
}

enum cf_rc cf_ledger_strand(struct cf_central *central, const struct cf_log *log, struct cf_error *err)
{
    enum cf_rc rc = cf_store_each(central->store, CF_Q_LEASE_OF_LOG, CF_ARGS(cf_v_int((int64_t)log->id)), strand_lease,
                                  central, err);
    if (rc == CF_OK) {
        rc = cf_ledger_strand_home(central, log->terminal, err);
    }
    return rc == CF_OK ? cf_hub_log_ends(central, log, err) : rc;
}

enum cf_rc cf_ledger_redeemed(struct cf_central *central, uint32_t campaign, uint32_t index, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    if (ledger->n_redeemed == REDEEMED_MAX) {
        enum cf_rc rc = write_redeemed(central, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    ledger->redeemed[ledger->n_redeemed++] = (struct right){campaign, index};
    return CF_OK;
}
