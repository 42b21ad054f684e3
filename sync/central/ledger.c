/*
 * sync/central/ledger.c - see ledger.h.
 */
#include "sync/central/ledger_private.h"

#include "base/money.h"
#include "sync/central/down_log.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    account->told_over = account->over > 0;
    return cf_campaign_decode(row[1].b, &account->terms, err);
}

static void read_purse(struct cf_purse *purse, const struct cf_value *row)
{
    *purse = (struct cf_purse){row[0].i, row[1].i, row[2].i, row[3].i, row[4].i, row[5].i};
}

static enum cf_rc read_money(struct cf_central *central, uint32_t campaign, struct cf_account *account,
                             struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_CAMPAIGN_MONEY_GET, CF_ARGS(cf_v_int(campaign)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_INTERNAL, "the money of campaign %lu", (unsigned long)campaign);
    }
    if (rc != CF_OK) {
        return rc;
    }
    account->reserve_bp = row[0].i;
    account->risk_per_terminal = row[1].i;
    account->hold_minor = row[2].i;
    account->day_shared = row[3].i;
    account->twice_minor = row[4].i;
    account->rebalanced_us = row[5].i;
    read_purse(&account->money, row + 6);
    read_purse(&account->risk, row + 12);
    account->money_dirty = false;
    account->wanting = false;
    return CF_OK;
}

enum cf_rc cf_account_put_money(struct cf_central *central, const struct cf_account *a, struct cf_error *err)
{
    const struct cf_purse *m = &a->money, *r = &a->risk;
    return cf_store_run(central->store, CF_Q_CAMPAIGN_MONEY_PUT,
                        CF_ARGS(cf_v_int(a->terms.id), cf_v_int(a->reserve_bp), cf_v_int(a->risk_per_terminal),
                                cf_v_int(a->hold_minor), cf_v_int(a->day_shared), cf_v_int(a->twice_minor),
                                cf_v_int(a->rebalanced_us), cf_v_int(m->budget), cf_v_int(m->free),
                                cf_v_int(m->outstanding), cf_v_int(m->spent), cf_v_int(m->stranded), cf_v_int(m->over),
                                cf_v_int(r->budget), cf_v_int(r->free), cf_v_int(r->outstanding), cf_v_int(r->spent),
                                cf_v_int(r->stranded), cf_v_int(r->over)),
                        err);
}

/* Which of the uses is one too many depends on who is heard first: that there is one is all to be said. */
static enum cf_rc tell_over(struct cf_central *central, struct cf_account *a, struct cf_error *err)
{
    const struct cf_alarm_cause cause = {CF_ALARM_BUDGET, a->terms.id};
    bool over = a->over > 0;
    char text[80];
    if (over == a->told_over) {
        return CF_OK;
    }
    a->told_over = over;
    (void)snprintf(text, sizeof text, "campaign %lu was used beyond its budget", (unsigned long)a->terms.id);
    return over ? cf_central_alarm_of(central, cause, 0, CF_E_COUPON_BUDGET, text, err)
                : cf_central_alarm_over(central, cause, err);
}

static enum cf_rc write_account(struct cf_central *central, struct cf_account *a, struct cf_error *err)
{
    enum cf_rc rc = cf_ledger_settle_risk(central, a, err);
    if (rc == CF_OK) {
        rc = tell_over(central, a, err);
    }
    if (rc == CF_OK && a->money_dirty) {
        a->money_dirty = false;
        rc = cf_account_put_money(central, a, err);
    }
    if (rc != CF_OK || !a->dirty) {
        return rc;
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
        rc = read_money(central, campaign, account, err);
    }
    if (rc == CF_OK) {
        ledger->next = (ledger->next + 1) % CF_LEDGER_ACCOUNTS_MAX;
        ledger->n_accounts += ledger->n_accounts < CF_LEDGER_ACCOUNTS_MAX;
        *ret = account;
    }
    return rc;
}

struct cf_holder cf_holder_of_log(const struct cf_log *log)
{
    return (struct cf_holder){.log = log->id,
                              .terminal = log->terminal,
                              .epoch = log->epoch,
                              .store = log->store,
                              .active = log->state == CF_LOG_ACTIVE};
}

struct cf_holder cf_holder_of_channel(uint32_t channel)
{
    return (struct cf_holder){.channel = channel, .active = true};
}

static enum cf_rc read_lease(struct cf_central *central, uint32_t campaign, const struct cf_holder *holder,
                             struct cf_value *row, bool *ret_found, struct cf_error *err)
{
    if (holder->log != 0) {
        return cf_store_row(central->store, CF_Q_LEASE_GET, CF_ARGS(cf_v_int(campaign), cf_v_int((int64_t)holder->log)),
                            row, ret_found, err);
    }
    if (holder->hub != 0) {
        return cf_store_row(central->store, CF_Q_STORE_LEASE_GET,
                            CF_ARGS(cf_v_int(campaign), cf_v_int((int64_t)holder->hub)), row, ret_found, err);
    }
    return cf_store_row(central->store, CF_Q_CHANNEL_LEASE_GET, CF_ARGS(cf_v_int(campaign), cf_v_int(holder->channel)),
                        row, ret_found, err);
}

enum cf_rc cf_ledger_lease(struct cf_central *central, uint32_t campaign, const struct cf_holder *holder,
                           struct cf_lease **ret, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    for (size_t i = 0; i < ledger->n_leases; i++) {
        if (ledger->lease[i].campaign == campaign && ledger->lease[i].holder.log == holder->log &&
            ledger->lease[i].holder.channel == holder->channel && ledger->lease[i].holder.hub == holder->hub) {
            *ret = &ledger->lease[i];
            (*ret)->holder = *holder; /* it may have been set apart meanwhile */
            return CF_OK;
        }
    }
    if (ledger->n_leases == CF_LEDGER_LEASES_MAX) { /* a launch over very many terminals: write these and go on */
        enum cf_rc rc = cf_ledger_flush(central, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = read_lease(central, campaign, holder, row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_lease *lease = &ledger->lease[ledger->n_leases++];
    *lease = (struct cf_lease){.campaign = campaign, .holder = *holder};
    int64_t *const figures[] = {&lease->granted,      &lease->spent,          &lease->returned, &lease->granted_minor,
                                &lease->spent_minor,  &lease->returned_minor, &lease->per_day,  &lease->keep,
                                &lease->demand_milli, &lease->demand_minor,   &lease->demand_us};
    const size_t n = holder->channel == 0 ? sizeof figures / sizeof *figures : 3; /* a channel's counts units alone */
    for (size_t i = 0; found && i < n; i++) {
        *figures[i] = row[i].i;
    }
    *ret = lease;
    return CF_OK;
}

static enum cf_rc write_lease(struct cf_central *central, const struct cf_lease *l, struct cf_error *err)
{
    const struct cf_holder *h = &l->holder;
    if (h->channel == 0) {
        return cf_store_run(central->store, h->log != 0 ? CF_Q_LEASE_PUT : CF_Q_STORE_LEASE_PUT,
                            CF_ARGS(cf_v_int(l->campaign), cf_v_int((int64_t)(h->log != 0 ? h->log : h->hub)),
                                    cf_v_int(l->granted), cf_v_int(l->spent), cf_v_int(l->returned),
                                    cf_v_int(l->granted_minor), cf_v_int(l->spent_minor), cf_v_int(l->returned_minor),
                                    cf_v_int(l->per_day), cf_v_int(l->keep), cf_v_int(l->demand_milli),
                                    cf_v_int(l->demand_minor), cf_v_int(l->demand_us)),
                            err);
    }
    return cf_store_run(central->store, CF_Q_CHANNEL_LEASE_PUT,
                        CF_ARGS(cf_v_int(l->campaign), cf_v_int(h->channel), cf_v_int(l->granted), cf_v_int(l->spent),
                                cf_v_int(l->returned)),
                        err);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int by_right(const void *a, const void *b)
{
    const struct cf_right *x = a, *y = b;
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

static enum cf_rc write_sold(struct cf_central *central, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_sold && rc == CF_OK; i++) {
        const struct cf_version_sold *sold = &ledger->sold[i];
        rc = cf_store_run(central->store, CF_Q_VERSION_SOLD_ADD,
                          CF_ARGS(cf_v_int(sold->campaign), cf_v_int(sold->version), cf_v_int(sold->n),
                                  cf_v_int(sold->discount_minor)),
                          err);
    }
    ledger->n_sold = 0;
    return rc;
}

enum cf_rc cf_ledger_sold(struct cf_central *central, uint32_t campaign, uint32_t version, int64_t discount_minor,
                          struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_sold; i++) {
        struct cf_version_sold *sold = &ledger->sold[i];
        if (sold->campaign == campaign && sold->version == version) {
            sold->n++;
            return cf_add_i64(sold->discount_minor, discount_minor, &sold->discount_minor, err);
        }
    }
    if (ledger->n_sold == CF_LEDGER_SOLD_MAX) {
        rc = write_sold(central, err);
    }
    if (rc == CF_OK) {
        ledger->sold[ledger->n_sold++] = (struct cf_version_sold){campaign, version, 1, discount_minor};
    }
    return rc;
}

enum cf_rc cf_ledger_flush_leases(struct cf_central *central, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_leases && rc == CF_OK; i++) {
        if (ledger->lease[i].dirty) {
            ledger->lease[i].dirty = false;
            rc = write_lease(central, &ledger->lease[i], err);
        }
    }
    return rc;
}

enum cf_rc cf_ledger_flush(struct cf_central *central, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < ledger->n_accounts && rc == CF_OK; i++) {
        rc = write_account(central, &ledger->account[i], err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_flush_leases(central, err);
    }
    ledger->n_leases = 0;
    if (rc == CF_OK) {
        rc = write_sold(central, err);
    }
    return rc == CF_OK ? write_redeemed(central, err) : rc;
}

void cf_ledger_forget(struct cf_central *central)
{
    central->ledger->n_accounts = 0;
    central->ledger->next = 0;
    central->ledger->n_leases = 0;
    central->ledger->n_used = 0;
    central->ledger->n_redeemed = 0;
    central->ledger->n_sold = 0;
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

void cf_account_settle(struct cf_account *account)
{
    balance(account);
}

bool cf_account_move(struct cf_account *account, int64_t *from, int64_t *to, int64_t n)
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
    return cf_account_move(account, &account->free, &account->spent, 1);
}

bool cf_account_lend(struct cf_account *account, int64_t n)
{
    return cf_account_move(account, &account->free, &account->outstanding, n);
}

bool cf_account_reserve(struct cf_account *account)
{
    return cf_account_move(account, &account->free, &account->outstanding, 1);
}

bool cf_account_release(struct cf_account *account)
{
    return cf_account_move(account, &account->outstanding, &account->free, 1);
}

bool cf_account_spend_reserved(struct cf_account *account)
{
    return cf_account_move(account, &account->outstanding, &account->spent, 1);
}

bool cf_account_spend_stranded(struct cf_account *account)
{
    return cf_account_move(account, &account->stranded, &account->spent, 1);
}

bool cf_account_strand(struct cf_account *account, int64_t n)
{
    return cf_account_move(account, &account->outstanding, &account->stranded, n);
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
    case CF_SOURCE_STRANDED: /* its lease has it as spent for good, as any other lease */
    case CF_SOURCE_BEYOND:
        moved = cf_account_move(account, &account->spent, &account->free, 1);
        break;
    case CF_SOURCE_RESERVE:
        moved = cf_account_move(account, &account->spent, &account->outstanding, 1);
        break;
    }
    assert(moved);
}

bool cf_purse_move(struct cf_account *account, struct cf_purse *purse, int64_t *from, int64_t *to, int64_t minor)
{
    if (minor < 0 || *from < minor) {
        return false;
    }
    *from -= minor;
    *to += minor; /* no overflow: all figures together are the budget and what is over it */
    int64_t n = least(purse->over, purse->free);
    purse->over -= n;
    purse->free -= n;
    account->money_dirty = true;
    return true;
}

void cf_purse_spend(struct cf_account *account, struct cf_purse *purse, int64_t minor)
{
    int64_t there = least(purse->free, minor);
    purse->free -= there;
    purse->spent += minor;
    purse->over += minor - there;
    account->money_dirty = true;
}

enum cf_rc cf_ledger_redeemed(struct cf_central *central, uint32_t campaign, uint32_t index, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    if (index == CF_INDEX_NONE) {
        return CF_OK;
    }
    if (ledger->n_redeemed == CF_LEDGER_REDEEMED_MAX) {
        enum cf_rc rc = write_redeemed(central, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    ledger->redeemed[ledger->n_redeemed++] = (struct cf_right){campaign, index};
    return CF_OK;
}

enum cf_rc cf_ledger_unredeemed(struct cf_central *central, uint32_t campaign, uint32_t index, struct cf_error *err)
{
    struct cf_ledger *ledger = central->ledger;
    if (index == CF_INDEX_NONE) {
        return CF_OK;
    }
    enum cf_rc rc = write_redeemed(central, err);
    ledger->entry.kind = CF_DOWN_UNREDEEMED;
    ledger->entry.redeemed.campaign = campaign;
    ledger->entry.redeemed.n = 1;
    ledger->entry.redeemed.index[0] = index;
    return rc == CF_OK ? cf_down_append(central, CF_TOPIC_REDEEMED, 0, CF_DOWN_KEY_UNIQUE, &ledger->entry, err) : rc;
}
