/*
 * sync/central/hub.c - see hub.h.
 */
#include "sync/central/hub.h"

#include "sync/central/down_log.h"
#include "sync/central/places.h"
#include "sync/central/order_book.h"

#include <stdio.h>
#include <string.h>

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

struct cf_holder cf_holder_of_hub(const struct cf_hub_row *hub, bool active)
{
    return (struct cf_holder){
        .hub = hub->id, .terminal = hub->terminal, .epoch = hub->epoch, .store = hub->store, .active = active};
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

enum cf_rc cf_hub_may_hold(struct cf_central *central, const struct cf_account *account, const struct cf_log *log,
                           bool *ret, struct cf_error *err)
{
    struct cf_hub_row hub;
    bool found = false;
    enum cf_rc rc = hub_of_log(central, log, &hub, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_holder holder = found ? cf_holder_of_hub(&hub, true) : (struct cf_holder){0};
    *ret = found && cf_ledger_may_hold(central, account, &holder);
    return CF_OK;
}

enum cf_rc cf_hub_top_up(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                         int64_t sharers, struct cf_error *err)
{
    struct cf_hub_row hub;
    bool found = false;
    enum cf_rc rc = hub_of_log(central, log, &hub, &found, err);
    if (rc != CF_OK || !found) {
        return rc;
    }
    struct cf_holder holder = cf_holder_of_hub(&hub, true);
    return cf_ledger_top_up_store(central, account, &holder, sharers, err);
}

static enum cf_rc find_hub(struct cf_central *central, uint32_t store, uint32_t hub_epoch, struct cf_hub_row *ret,
                           bool *ret_active, bool *ret_found, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_HUB_GET, CF_ARGS(cf_v_int(store), cf_v_int(hub_epoch)), row, ret_found, err);
    if (rc != CF_OK || !*ret_found) {
        return rc;
    }
    *ret = (struct cf_hub_row){.id = (uint64_t)row[0].i,
                               .store = store,
                               .epoch = hub_epoch,
                               .terminal = (uint32_t)row[4].i,
                               .log = (uint64_t)row[1].i};
    *ret_active = row[2].i == CF_HUB_ACTIVE;
    return CF_OK;
}

enum cf_rc cf_hub_holder(struct cf_central *central, const struct cf_log *log, uint32_t hub_epoch,
                         struct cf_holder *ret, bool *ret_found, struct cf_error *err)
{
    struct cf_hub_row hub;
    bool active = false;
    enum cf_rc rc = find_hub(central, log->store, hub_epoch, &hub, &active, ret_found, err);
    if (rc == CF_OK && *ret_found) {
        *ret = cf_holder_of_hub(&hub, active);
    }
    return rc;
}

/* A hub gives back what it lent to nobody, or lent and had back. If there is not that much, tills of the store spent
 * what it had not lent to them, or copies of them did: the hub is not to blame. */
static enum cf_rc give_back(struct cf_central *central, const struct cf_holder *holder,
                            const struct cf_hub_lease_return *given, struct cf_error *err)
{
    struct cf_lease_return back = given->back;
    struct cf_lease *lease;
    char text[160];
    enum cf_rc rc = cf_ledger_lease(central, back.campaign, holder, &lease, err);
    int64_t units = rc == CF_OK ? cf_lease_units_left(lease) : 0, minor = rc == CF_OK ? cf_lease_minor_left(lease) : 0;
    if (rc == CF_OK && (back.units > units || back.minor > minor)) {
        back.units = back.units < units ? back.units : units;
        back.minor = back.minor < minor ? back.minor : minor;
        (void)snprintf(text, sizeof text, "tills of store %lu spent more of campaign %lu than hub %lu lent to them",
                       (unsigned long)holder->store, (unsigned long)back.campaign, (unsigned long)holder->epoch);
        rc = cf_central_alarm(central, 0, CF_E_COUPON_LEASE, text, err);
    }
    if (rc != CF_OK || ((back.units == 0 && back.minor == 0) && (given->back.units > 0 || given->back.minor > 0))) {
        return rc;
    }
    return cf_ledger_return(central, holder, &back, err);
}

enum cf_rc cf_hub_return(struct cf_central *central, const struct cf_log *log, const struct cf_hub_lease_return *given,
                         struct cf_error *err)
{
    struct cf_hub_row hub;
    bool active = false, found = false;
    enum cf_rc rc = find_hub(central, log->store, given->hub_epoch, &hub, &active, &found, err);
    if (rc == CF_OK && (!found || hub.log != log->id)) {
        rc = cf_fail(err, CF_E_RANGE, "it is not hub %lu of store %lu", (unsigned long)given->hub_epoch,
                     (unsigned long)log->store);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_holder holder = cf_holder_of_hub(&hub, active && log->state == CF_LOG_ACTIVE);
    return give_back(central, &holder, given, err);
}

/* --- its end ------------------------------------------------------------------------------------------------------ */

enum cf_rc cf_hub_end(struct cf_central *central, const struct cf_hub_row *hub, enum cf_hub_end how, const char *why,
                      struct cf_error *err)
{
    enum cf_rc rc = cf_ledger_strand_store(central, hub->id, err);
    if (rc == CF_OK) {
        rc = cf_ledger_strand_home(central, hub->store, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_hub_ends(central, hub->store, err);
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
