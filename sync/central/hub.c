/*
 * sync/central/hub.c - see hub.h.
 */
#include "sync/central/hub.h"

#include "sync/central/down_log.h"
#include "sync/central/places.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Entries of a terminal's leases are keyed by campaign; the store's leases beside them. */
#define STORE_LEASE_KEY (INT64_C(1) << 40)

struct store_lease {
    uint32_t campaign;
    uint64_t hub;
    int64_t granted, spent;
};

static enum cf_rc get_lease(struct cf_central *central, uint32_t campaign, uint64_t hub, struct store_lease *ret,
                            struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_STORE_LEASE_GET,
                                 CF_ARGS(cf_v_int(campaign), cf_v_int((int64_t)hub)), row, &found, err);
    if (rc == CF_OK) {
        *ret = (struct store_lease){campaign, hub, found ? row[0].i : 0, found ? row[1].i : 0};
    }
    return rc;
}

static enum cf_rc put_lease(struct cf_central *central, const struct store_lease *lease, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_STORE_LEASE_PUT,
                        CF_ARGS(cf_v_int(lease->campaign), cf_v_int((int64_t)lease->hub), cf_v_int(lease->granted),
                                cf_v_int(lease->spent)),
                        err);
}

enum cf_rc cf_hub_active(struct cf_central *central, uint32_t store, struct cf_hub_row *ret, bool *ret_found,
                         struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    *ret_found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_HUB_ACTIVE, CF_ARGS(cf_v_int(store)), row, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    struct cf_hub_row hub = {
        .id = (uint64_t)row[0].i, .store = store, .epoch = (uint32_t)row[1].i, .log = (uint64_t)row[2].i};
    rc = cf_store_row(central->store, CF_Q_HUB_GET, CF_ARGS(cf_v_int(store), cf_v_int(hub.epoch)), row, &found, err);
    if (rc == CF_OK) {
        hub.terminal = (uint32_t)row[4].i;
        *ret = hub;
        *ret_found = true;
    }
    return rc;
}

/* --- what the store is leased ------------------------------------------------------------------------------------- */

/* A limit in money, a day or a store cannot be divided among tills that the centre does not see. */
static bool is_for_stores(const struct cf_campaign *terms, uint32_t store)
{
    return terms->policy == CF_POLICY_LEASED && !terms->stopped && !terms->money_limited && terms->per_store == 0 &&
           terms->per_day == 0 && cf_campaign_has_store(terms, store);
}

static enum cf_rc lend(struct cf_central *central, struct cf_account *account, const struct cf_hub_row *hub,
                       struct store_lease *lease, struct cf_error *err)
{
    int64_t more = account->lease_per_terminal - (lease->granted - lease->spent), there = cf_account_leasable(account);
    if (more > there) {
        more = there;
    }
    if (more <= 0) {
        return CF_OK;
    }
    bool moved = cf_account_lend(account, more);
    assert(moved);
    lease->granted += more;
    enum cf_rc rc = cf_ledger_count_store(central, account, hub->store, more, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_STORE_LEASE};
    entry.lease = (struct cf_lease_grant){.campaign = lease->campaign,
                                          .epoch = hub->epoch,
                                          .granted = lease->granted,
                                          .keep = account->lease_per_terminal};
    return cf_down_append(central, CF_TOPIC_LEASES, hub->terminal, STORE_LEASE_KEY + lease->campaign, &entry, err);
}

static enum cf_rc top_up(struct cf_central *central, struct cf_account *account, const struct cf_hub_row *hub,
                         struct cf_error *err)
{
    struct store_lease lease;
    if (!is_for_stores(&account->terms, hub->store)) {
        return CF_OK;
    }
    enum cf_rc rc = get_lease(central, account->terms.id, hub->id, &lease, err);
    int64_t granted = lease.granted;
    if (rc == CF_OK) {
        rc = lend(central, account, hub, &lease, err);
    }
    return rc == CF_OK && lease.granted != granted ? put_lease(central, &lease, err) : rc;
}

/* The active hub that this log's terminal is. */
static enum cf_rc hub_of_log(struct cf_central *central, const struct cf_log *log, struct cf_hub_row *ret,
                             bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_HUB_OF_LOG, CF_ARGS(cf_v_int((int64_t)log->id)), row, ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = (struct cf_hub_row){.id = (uint64_t)row[0].i,
                                   .store = (uint32_t)row[1].i,
                                   .epoch = (uint32_t)row[2].i,
                                   .terminal = log->terminal,
                                   .log = log->id};
    }
    return rc;
}

enum cf_rc cf_hub_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                         struct cf_error *err)
{
    struct cf_hub_row hub;
    bool found = false;
    enum cf_rc rc = hub_of_log(central, log, &hub, &found, err);
    return rc == CF_OK && found ? top_up(central, account, &hub, err) : rc;
}

enum cf_rc cf_hub_spend(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                        uint32_t hub_epoch, enum cf_source *ret_source, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct store_lease lease;
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_HUB_GET, CF_ARGS(cf_v_int(log->store), cf_v_int(hub_epoch)), row,
                                 &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret_source = CF_SOURCE_NONE;
    if (!found) {
        return CF_OK;
    }
    struct cf_hub_row hub = {.id = (uint64_t)row[0].i,
                             .store = log->store,
                             .epoch = hub_epoch,
                             .terminal = (uint32_t)row[4].i,
                             .log = (uint64_t)row[1].i};
    bool active = row[2].i == CF_HUB_ACTIVE;
    rc = get_lease(central, account->terms.id, hub.id, &lease, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (lease.granted <= lease.spent) {
        return CF_OK;
    }
    bool moved = active ? cf_account_spend_reserved(account) : cf_account_spend_stranded(account);
    assert(moved); /* a store's lease is part of what is outstanding, or stranded with its hub */
    lease.spent++;
    *ret_source = active ? CF_SOURCE_LEASE : CF_SOURCE_STRANDED;
    if (active && lease.granted - lease.spent <= account->lease_per_terminal / 2 &&
        is_for_stores(&account->terms, hub.store)) {
        rc = lend(central, account, &hub, &lease, err);
    }
    return rc == CF_OK ? put_lease(central, &lease, err) : rc;
}

/* --- its end ------------------------------------------------------------------------------------------------------ */

static enum cf_rc strand_lease(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_central *central = ctx;
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(central, (uint32_t)row[0].i, &account, err);
    if (rc == CF_OK) {
        bool moved = cf_account_strand(account, row[1].i - row[2].i);
        assert(moved);
    }
    return rc;
}

enum cf_rc cf_hub_end(struct cf_central *central, const struct cf_hub_row *hub, enum cf_hub_end how, const char *why,
                      struct cf_error *err)
{
    enum cf_rc rc = cf_store_each(central->store, CF_Q_STORE_LEASE_OF_HUB, CF_ARGS(cf_v_int((int64_t)hub->id)),
                                  strand_lease, central, err);
    if (rc == CF_OK) {
        rc = cf_ledger_strand_home(central, hub->store, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_HUB_SET_STATE, CF_ARGS(cf_v_int((int64_t)hub->id), cf_v_int(how)), err);
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_HUB};
    entry.hub = (struct cf_hub_entry){.store = hub->store, .hub_epoch = hub->epoch};
    if (rc == CF_OK) {
        rc = cf_down_append(central, CF_TOPIC_HUB, hub->store, 0, &entry, err);
    }
    if (rc == CF_OK && how == CF_HUB_FENCED) {
        char text[200];
        (void)snprintf(text, sizeof text, "terminal %lu, hub %lu of store %lu, was set apart: %s",
                       (unsigned long)hub->terminal, (unsigned long)hub->epoch, (unsigned long)hub->store, why);
        rc = cf_central_alarm(central, 0, CF_E_HUB_FENCED, text, err);
    }
    return rc;
}

enum cf_rc cf_hub_tell_terminal(struct cf_central *central, const struct cf_log *log, const cf_public_key *sign_key,
                                bool fenced, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_TERMINAL};
    entry.terminal = (struct cf_terminal_entry){log->terminal, log->epoch, fenced, *sign_key};
    return cf_down_append(central, CF_TOPIC_HUB, log->store, log->terminal, &entry, err);
}

enum cf_rc cf_hub_log_ends(struct cf_central *central, const struct cf_log *log, struct cf_error *err)
{
    struct cf_hub_row hub;
    struct cf_log_head head;
    bool found = false;
    enum cf_rc rc = cf_log_get(central, log->terminal, log->epoch, &head, err);
    if (rc == CF_OK) {
        rc = cf_hub_tell_terminal(central, &head.log, &head.sign_key, true, err);
    }
    if (rc == CF_OK) {
        rc = hub_of_log(central, log, &hub, &found, err);
    }
    if (rc != CF_OK || !found) {
        return rc;
    }
    return cf_hub_end(central, &hub, CF_HUB_FENCED, "its terminal's epoch is over", err);
}
