/*
 * sync/central/figures.c - what of a campaign is where at this moment, what is set aside for a channel, and whether all
 * figures add up. Reads; the ledger decides.
 */
#include "sync/central/handlers.h"
#include "sync/central/hub.h"
#include "sync/central/ledger.h"
#include "sync/central/places.h"

/* --- the live figures of a campaign --------------------------------------------------------------------------------
 */

static json_t *purse_json(const struct cf_purse *purse)
{
    json_t *json = json_object();
    cf_json_set_int(json, "budget_minor", purse->budget);
    cf_json_set_int(json, "free_minor", purse->free);
    cf_json_set_int(json, "outstanding_minor", purse->outstanding);
    cf_json_set_int(json, "spent_minor", purse->spent);
    cf_json_set_int(json, "stranded_minor", purse->stranded);
    cf_json_set_int(json, "over_minor", purse->over);
    return json;
}

/* Unverified: what tills may have given away that nobody has told of yet. With what was lost it never exceeds the
 * budget. */
static json_t *risk_json(const struct cf_account *a)
{
    json_t *json = json_object();
    cf_json_set_int(json, "budget_minor", a->risk.budget);
    cf_json_set_int(json, "free_minor", a->risk.free);
    cf_json_set_int(json, "outstanding_minor", a->risk.outstanding);
    cf_json_set_int(json, "stranded_minor", a->risk.stranded);
    cf_json_set_int(json, "unverified_minor", a->risk.outstanding + a->risk.stranded);
    cf_json_set_int(json, "lost_minor", a->risk.spent);
    cf_json_set_int(json, "lost_to_duplicates_minor", a->twice_minor);
    cf_json_set_int(json, "lost_beyond_budget_minor", a->risk.spent - a->twice_minor);
    cf_json_set_int(json, "over_minor", a->risk.over);
    return json;
}

json_t *cf_account_units_json(const struct cf_account *a)
{
    json_t *json = json_object();
    cf_json_set_int(json, "budget", a->budget);
    cf_json_set_int(json, "free", a->free);
    cf_json_set_int(json, "outstanding", a->outstanding);
    cf_json_set_int(json, "spent", a->spent);
    cf_json_set_int(json, "stranded", a->stranded);
    cf_json_set_int(json, "over", a->over);
    return json;
}

struct holders {
    json_t *list;
    int64_t held; /* by active holders */
};

static enum cf_rc add_holder(struct holders *holders, const char *kind, uint32_t place, uint32_t epoch, bool active,
                             const struct cf_value *units, json_t **ret, struct cf_error *err)
{
    json_t *json = json_object();
    int64_t left = units[0].i - units[1].i - units[2].i;
    cf_json_set_text(json, "holder", kind);
    cf_json_set_int(json, "place", place);
    cf_json_set_int(json, "epoch", epoch);
    cf_json_set(json, "active", json_boolean(active));
    cf_json_set_int(json, "left", left);
    cf_json_set_int(json, "granted", units[0].i);
    cf_json_set_int(json, "spent", units[1].i);
    cf_json_set_int(json, "returned", units[2].i);
    holders->held += active ? left : 0;
    *ret = json;
    return json_array_append_new(holders->list, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

static enum cf_rc list_terminal(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json;
    enum cf_rc rc = add_holder(ctx, "terminal", (uint32_t)row[0].i, (uint32_t)row[1].i, row[2].i == CF_LOG_ACTIVE,
                               row + 3, &json, err);
    if (rc == CF_OK) {
        cf_json_set_int(json, "left_minor", row[6].i - row[7].i - row[8].i);
        cf_json_set_int(json, "per_day", row[9].i);
        cf_json_set_int(json, "keep", row[10].i);
    }
    return rc;
}

static enum cf_rc list_store(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json;
    enum cf_rc rc = add_holder(ctx, "store", (uint32_t)row[0].i, (uint32_t)row[1].i, row[2].i == CF_HUB_ACTIVE, row + 3,
                               &json, err);
    if (rc == CF_OK) {
        cf_json_set_int(json, "left_minor", row[6].i - row[7].i - row[8].i);
        cf_json_set_int(json, "per_day", row[9].i);
        cf_json_set_int(json, "keep", row[10].i);
    }
    return rc;
}

static enum cf_rc list_channel(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json;
    return add_holder(ctx, "channel", (uint32_t)row[0].i, 0, true, row + 1, &json, err);
}

static enum cf_rc list_version(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "version", row[0].i);
    cf_json_set_int(json, "uses", row[1].i);
    cf_json_set_int(json, "discount_minor", row[2].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

static enum cf_rc list_holders(struct cf_central *central, uint32_t id, struct holders *holders, struct cf_error *err)
{
    struct cf_value campaign = cf_v_int(id);
    enum cf_rc rc =
        cf_store_each(central->store, CF_Q_LEASE_OF_CAMPAIGN, CF_ARGS(campaign), list_terminal, holders, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_STORE_LEASE_OF_CAMPAIGN, CF_ARGS(campaign), list_store, holders, err);
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_CHANNEL_LEASE_OF_CAMPAIGN, CF_ARGS(campaign), list_channel,
                                       holders, err)
                       : rc;
}

/* What it gave members again because tills could not know: visits.h. */
static enum cf_rc put_given_again(struct cf_central *central, uint32_t campaign, json_t *json, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc =
        cf_store_row(central->store, CF_Q_VISIT_AGAIN_OF_CAMPAIGN, CF_ARGS(cf_v_int(campaign)), row, &found, err);
    if (rc == CF_OK) {
        cf_json_set_int(json, "given_again", row[0].i);
        cf_json_set_int(json, "given_again_minor", row[1].i);
    }
    return rc;
}

enum cf_rc cf_handle_campaign_figures(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                      struct cf_error *err)
{
    uint64_t id;
    struct cf_account *account;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &id, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, (uint32_t)id, &account, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    const struct cf_account a = *account; /* a reading outside a transaction: nothing is kept */
    cf_ledger_forget(central);
    struct holders holders = {.list = json_array()};
    json_t *versions = json_array();
    reply->json = json_object();
    cf_json_set_int(reply->json, "campaign", a.terms.id);
    cf_json_set_int(reply->json, "version", a.terms.version);
    cf_json_set(reply->json, "units", cf_account_units_json(&a));
    cf_json_set(reply->json, "money", a.money.budget > 0 ? purse_json(&a.money) : json_null());
    cf_json_set(reply->json, "risk", a.risk.budget > 0 ? risk_json(&a) : json_null());
    cf_json_set_int(reply->json, "shared_per_day", a.day_shared);
    cf_json_set(reply->json, "holders", holders.list);
    cf_json_set(reply->json, "versions", versions);
    rc = put_given_again(central, a.terms.id, reply->json, err);
    if (rc == CF_OK) {
        rc = list_holders(central, a.terms.id, &holders, err);
    }
    /* What no lease holds is held by pinned coupons. */
    cf_json_set_int(reply->json, "pinned", a.outstanding - holders.held);
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_VERSION_SOLD_LIST, CF_ARGS(cf_v_int(a.terms.id)),
                                       list_version, versions, err)
                       : rc;
}

/* --- what is set aside for a channel ------------------------------------------------------------------------------ */

static enum cf_rc set_channel(struct cf_central *central, uint32_t campaign, uint32_t channel, int64_t units,
                              struct cf_error *err)
{
    struct cf_account *account;
    uint32_t store;
    enum cf_rc rc = cf_channel_get(central, channel, &channel, &store, err);
    if (rc == CF_OK) {
        rc = cf_ledger_account(central, campaign, &account, err);
    }
    if (rc == CF_OK && (account->terms.policy == CF_POLICY_AUTOMATIC ||
                        (account->terms.channels & (uint32_t)CF_CHANNEL_ONLINE) == 0)) {
        rc = cf_fail(err, CF_E_STATE, "coupons of campaign %lu do not redeem online", (unsigned long)campaign);
    }
    return rc == CF_OK ? cf_ledger_set_channel(central, account, channel, units, err) : rc;
}

enum cf_rc cf_handle_channel_lease(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    uint64_t id;
    int64_t channel = 0, units = 0;
    const struct cf_json_field fields[] = {
        {.name = "channel", .integer = &channel, .min = 1, .max = UINT32_MAX},
        {.name = "units", .integer = &units, .max = INT64_C(4000000000)},
    };
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &id, err);
    if (rc == CF_OK) {
        rc = CF_CALL_READ(call, fields, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, set_channel(central, (uint32_t)id, (uint32_t)channel, units, err), err);
    return rc == CF_OK ? cf_handle_campaign_figures(central, call, reply, err) : rc;
}

/* --- do all figures add up? --------------------------------------------------------------------------------------- */

static enum cf_rc check_campaign(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    static const char *const names[] = {"sum",       "outstanding",       "stranded",       "spent",
                                        "money",     "money_outstanding", "money_stranded", "money_spent",
                                        "lost_twice"};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && rc == CF_OK; i++) {
        int64_t said = row[1 + 2 * i].i, reckoned = row[2 + 2 * i].i;
        if (said == reckoned) {
            continue;
        }
        json_t *json = json_object();
        cf_json_set_int(json, "campaign", row[0].i);
        cf_json_set_text(json, "figure", names[i]);
        cf_json_set_int(json, "said", said);
        cf_json_set_int(json, "reckoned", reckoned);
        rc = json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return rc;
}

static enum cf_rc check_account(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    static const char *const names[] = {"sum", "homed", "held", "spent"};
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names && rc == CF_OK; i++) {
        if (row[1 + 2 * i].i == row[2 + 2 * i].i) {
            continue;
        }
        json_t *json = json_object();
        cf_json_set_int(json, "account", row[0].i);
        cf_json_set_text(json, "figure", names[i]);
        cf_json_set_int(json, "said", row[1 + 2 * i].i);
        cf_json_set_int(json, "reckoned", row[2 + 2 * i].i);
        rc = json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return rc;
}

enum cf_rc cf_handle_invariants(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    (void)call;
    json_t *broken = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, "broken", broken);
    enum cf_rc rc = cf_store_each(central->store, CF_Q_FIGURES_RECKONED, CF_NO_ARGS, check_campaign, broken, err);
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_VALUE_RECKONED, CF_NO_ARGS, check_account, broken, err)
                       : rc;
}
