/*
 * sync/central/campaigns.c - campaigns: launching one, changing it, and its live figures.
 *
 * A change is a new version; tills judge by the newest they have, and the centre re-judges a sale by the version that
 * the sale names. Launching divides the budget: leases and issuing ranges for every terminal of the campaign's stores.
 */
#include "sync/central/adjudicate.h"
#include "sync/central/down_log.h"
#include "sync/central/grants.h"
#include "sync/central/handlers.h"
#include "sync/central/hub.h"
#include "sync/central/places.h"
#include "sync/central/promotion_json.h"

#include <stdlib.h>
#include <string.h>

#define BUDGET_MAX INT64_C(4000000000)
#define LEASE_MAX INT64_C(1000000)

static const struct {
    const char *name;
    enum cf_policy policy;
} policies[] = {
    {"automatic", CF_POLICY_AUTOMATIC}, {"online_only", CF_POLICY_ONLINE_ONLY}, {"leased", CF_POLICY_LEASED},
    {"pinned", CF_POLICY_PINNED},       {"optimistic", CF_POLICY_OPTIMISTIC},
};
static const struct {
    const char *name;
    enum cf_loser loser;
} losers[] = {{"absorb", CF_LOSER_ABSORB}, {"charge", CF_LOSER_CHARGE}, {"flag_member", CF_LOSER_FLAG_MEMBER}};

/* What marketing says of a campaign: a launch fills it, a change starts from what is there. */
struct draft {
    struct cf_campaign terms;
    int64_t budget;
    int64_t budget_minor; /* 0: none */
    int64_t risk_budget_minor;
    int64_t claims_per_member;
    int64_t lease_per_terminal;
    int64_t risk_per_terminal;
    int64_t reserve_percent;
    int64_t range_per_terminal;
};
#define RESERVE_PERCENT 25
#define UNIT_LEASE 20 /* of a terminal, of an automatic promotion that is counted, unless the launch says more */
#define BUDGET_MINOR_MAX INT64_C(1000000000000000)

/* --- reading ------------------------------------------------------------------------------------------------------ */

static enum cf_rc read_channels(const json_t *channels, struct cf_campaign *terms, struct cf_error *err)
{
    char name[16];
    terms->channels = 0;
    for (size_t i = 0; i < json_array_size(channels); i++) {
        enum cf_rc rc = cf_json_item_text(channels, i, "channels", name, sizeof name, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (strcmp(name, "store") == 0) {
            terms->channels |= CF_CHANNEL_STORE;
        } else if (strcmp(name, "online") == 0) {
            terms->channels |= CF_CHANNEL_ONLINE;
        } else {
            return cf_fail(err, CF_E_JSON_TYPE, "channels[%zu]: store or online expected", i);
        }
    }
    return terms->channels != 0 ? CF_OK : cf_fail(err, CF_E_JSON_RANGE, "channels: none");
}

static enum cf_rc read_stores(const json_t *stores, struct cf_campaign *terms, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    int64_t store = 0;
    terms->n_stores = 0;
    for (size_t i = 0; i < json_array_size(stores) && rc == CF_OK; i++) {
        rc = cf_json_item_int(stores, i, "stores", 1, UINT32_MAX, &store, err);
        terms->stores[terms->n_stores++] = (uint32_t)store;
    }
    return rc;
}

static enum cf_rc read_issue(const json_t *json, struct draft *draft, struct cf_error *err)
{
    int64_t days = draft->terms.issue_valid_days;
    bool by_promotion = false;
    const struct cf_json_field fields[] = {
        {.name = "by_promotion", .boolean = &by_promotion, .optional = true},
        {.name = "min_spend_minor",
         .integer = &draft->terms.issue_min_minor,
         .max = CF_PRICE_MINOR_MAX,
         .optional = true},
        {.name = "valid_days", .integer = &days, .min = 1, .max = 3650},
        {.name = "range_per_terminal", .integer = &draft->range_per_terminal, .min = 1, .max = LEASE_MAX},
    };
    enum cf_rc rc = CF_JSON_READ(json, "issue_in_store.", fields, err);
    draft->terms.issue_in_store = true;
    if (by_promotion) {
        draft->terms.issue_min_minor = CF_ISSUE_BY_PROMOTION;
    }
    draft->terms.issue_valid_days = (uint32_t)days;
    return rc;
}

static enum cf_rc read_policy(const char *name, struct cf_campaign *terms, struct cf_error *err)
{
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        if (strcmp(policies[i].name, name) == 0) {
            terms->policy = policies[i].policy;
            return CF_OK;
        }
    }
    return cf_fail(err, CF_E_JSON_TYPE, "policy: automatic, online_only, leased, pinned or optimistic expected");
}

static enum cf_rc read_loser(const char *name, struct cf_campaign *terms, struct cf_error *err)
{
    for (size_t i = 0; i < sizeof losers / sizeof *losers; i++) {
        if (strcmp(losers[i].name, name) == 0) {
            terms->loser = losers[i].loser;
            return CF_OK;
        }
    }
    return cf_fail(err, CF_E_JSON_TYPE, "loser: absorb, charge or flag_member expected");
}

static enum cf_rc read_on_return(const char *name, struct cf_campaign *terms, struct cf_error *err)
{
    bool burns = strcmp(name, "burn") == 0;
    if (!burns && strcmp(name, "give_back") != 0) {
        return cf_fail(err, CF_E_JSON_TYPE, "on_return: give_back or burn expected");
    }
    terms->on_return = burns ? CF_ON_RETURN_BURN : CF_ON_RETURN_GIVE_BACK;
    return CF_OK;
}

/* The limits beside the budget, of what read_draft has read. */
struct limits {
    int64_t per_store, per_day, per_member_day;
    char loser[16], on_return[16];
};

static enum cf_rc take_limits(const struct limits *limits, struct draft *draft, struct cf_error *err)
{
    struct cf_campaign *terms = &draft->terms;
    enum cf_rc rc = CF_OK;
    terms->per_store = (uint32_t)limits->per_store;
    terms->per_day = (uint32_t)limits->per_day;
    terms->per_member_day = (uint32_t)limits->per_member_day;
    terms->per_member = (uint32_t)draft->claims_per_member;
    if (limits->loser[0] != '\0') {
        rc = read_loser(limits->loser, terms, err);
    }
    return rc == CF_OK && limits->on_return[0] != '\0' ? read_on_return(limits->on_return, terms, err) : rc;
}

/* Everything that a body may hold; `launch` says which fields must be there. */
static enum cf_rc read_draft(struct cf_central *central, const json_t *json, bool launch, struct draft *draft,
                             struct cf_error *err)
{
    char policy[32] = "";
    const json_t *channels = NULL, *stores = NULL, *promotion = NULL, *issue = NULL;
    struct cf_campaign *terms = &draft->terms;
    struct limits limits = {
        .per_store = terms->per_store, .per_day = terms->per_day, .per_member_day = terms->per_member_day};
    const struct cf_json_field fields[] = {
        {.name = "name", .text = terms->name, .cap = sizeof terms->name, .min_bytes = 1, .optional = !launch},
        {.name = "policy", .text = policy, .cap = sizeof policy, .optional = !launch},
        {.name = "budget", .integer = &draft->budget, .min = 1, .max = BUDGET_MAX, .optional = true},
        {.name = "per_member_claims", .integer = &draft->claims_per_member, .max = UINT32_MAX, .optional = true},
        {.name = "lease_per_terminal", .integer = &draft->lease_per_terminal, .max = LEASE_MAX, .optional = true},
        {.name = "budget_minor", .integer = &draft->budget_minor, .max = BUDGET_MINOR_MAX, .optional = true},
        {.name = "risk_budget_minor", .integer = &draft->risk_budget_minor, .max = BUDGET_MINOR_MAX, .optional = true},
        {.name = "risk_per_terminal_minor",
         .integer = &draft->risk_per_terminal,
         .max = BUDGET_MINOR_MAX,
         .optional = true},
        {.name = "lease_reserve_percent", .integer = &draft->reserve_percent, .max = 100, .optional = true},
        {.name = "per_store", .integer = &limits.per_store, .max = UINT32_MAX, .optional = true},
        {.name = "per_day", .integer = &limits.per_day, .max = UINT32_MAX, .optional = true},
        {.name = "per_member_day", .integer = &limits.per_member_day, .max = UINT32_MAX, .optional = true},
        {.name = "loser", .text = limits.loser, .cap = sizeof limits.loser, .optional = true},
        {.name = "on_return", .text = limits.on_return, .cap = sizeof limits.on_return, .optional = true},
        {.name = "channels", .array = &channels, .items_max = 2, .optional = true},
        {.name = "stores", .array = &stores, .items_max = CF_CAMPAIGN_STORES_MAX, .optional = true},
        {.name = "from", .instant = &terms->from, .optional = true},
        {.name = "to", .instant = &terms->to, .optional = true},
        {.name = "accept_in_doubt", .boolean = &terms->accept_in_doubt, .optional = true},
        {.name = "stopped", .boolean = &terms->stopped, .optional = true},
        {.name = "points_price", .integer = &terms->points_price, .max = INT64_MAX, .optional = true},
        {.name = "promotion", .object = &promotion, .optional = !launch},
        {.name = "issue_in_store", .object = &issue, .optional = true},
    };
    enum cf_rc rc = CF_JSON_READ(json, "", fields, err);
    if (rc == CF_OK) {
        rc = take_limits(&limits, draft, err);
    }
    if (rc == CF_OK && policy[0] != '\0') {
        if (!launch) {
            return cf_fail(err, CF_E_JSON_TYPE, "policy: it cannot be changed; launch another campaign");
        }
        rc = read_policy(policy, terms, err);
    }
    if (rc == CF_OK && channels != NULL) {
        rc = read_channels(channels, terms, err);
    }
    if (rc == CF_OK && stores != NULL) {
        rc = read_stores(stores, terms, err);
    }
    if (rc == CF_OK && promotion != NULL) {
        const struct cf_promotion_goods in = {central, terms};
        rc = cf_promotion_json_read(&in, promotion, &terms->promotion, err);
    }
    return rc == CF_OK && issue != NULL ? read_issue(issue, draft, err) : rc;
}

static enum cf_rc complete_money(struct draft *draft, struct cf_error *err)
{
    struct cf_campaign *terms = &draft->terms;
    bool optimistic = terms->policy == CF_POLICY_OPTIMISTIC;
    if (optimistic != (draft->risk_budget_minor > 0)) {
        return cf_fail(err, CF_E_JSON_TYPE,
                       optimistic ? "risk_budget_minor: missing"
                                  : "risk_budget_minor: only an optimistic campaign has one");
    }
    if (optimistic && draft->budget_minor > 0) {
        return cf_fail(
            err, CF_E_UNSUPPORTED,
            "budget_minor: tills apart cannot count what all of them give; the risk budget bounds what may be "
            "lost, or lease instead");
    }
    if (draft->budget_minor > 0 && cf_promotion_most_minor(&terms->promotion) == INT64_MAX) {
        return cf_fail(
            err, CF_E_JSON_TYPE,
            "promotion.max_discount_minor: missing; a budget in money holds what a use may cost at most until "
            "its sale is known");
    }
    terms->money_limited = optimistic || draft->budget_minor > 0;
    return CF_OK;
}

/* A coupon on the receipt is one of a campaign that has them to give. */
static enum cf_rc check_effects(struct cf_central *central, const struct cf_campaign *terms, struct cf_error *err)
{
    struct cf_account *account;
    const uint32_t issued = terms->promotion.issue_campaign, held = terms->promotion.with_campaign;
    if (issued != 0 &&
        (cf_ledger_account(central, issued, &account, NULL) != CF_OK || !account->terms.issue_in_store)) {
        return cf_fail(err, CF_E_JSON_RANGE,
                       "promotion.issue_campaign: campaign %lu has no coupons that tills issue (issue_in_store)",
                       (unsigned long)issued);
    }
    if (held != 0 && (cf_ledger_account(central, held, &account, NULL) != CF_OK ||
                      account->terms.policy == CF_POLICY_AUTOMATIC || account->terms.without_coupon)) {
        return cf_fail(err, CF_E_JSON_RANGE, "promotion.with_campaign: campaign %lu has no coupons",
                       (unsigned long)held);
    }
    return CF_OK;
}

static enum cf_rc check_stores(struct cf_central *central, const struct cf_promotion *p, struct cf_error *err)
{
    for (size_t i = 0; i < p->n_stores; i++) {
        struct cf_store_settings settings;
        struct cf_error why;
        enum cf_rc rc = cf_store_settings_get(central, p->stores[i], &settings, &why);
        if (rc != CF_OK) {
            return cf_fail(err, rc, "promotion.stores[%zu]: %s", i, why.detail);
        }
    }
    return CF_OK;
}

/* An automatic promotion with a budget is counted as coupons are, by leases, though nobody holds one: docs/rights.md.
 */
static void count_units(struct draft *draft)
{
    struct cf_campaign *terms = &draft->terms;
    if (terms->policy == CF_POLICY_AUTOMATIC && draft->budget > 0) {
        terms->policy = CF_POLICY_LEASED;
        terms->without_coupon = true;
        draft->lease_per_terminal = draft->lease_per_terminal > 0 ? draft->lease_per_terminal : UNIT_LEASE;
    }
    if (draft->reserve_percent < 0) { /* nobody asks the centre for one use: a reserve is for the online shop alone */
        bool asked = !terms->without_coupon || (terms->channels & (uint32_t)CF_CHANNEL_ONLINE) != 0;
        draft->reserve_percent = asked ? RESERVE_PERCENT : 0;
    }
}

static enum cf_rc check_budget(const struct draft *draft, struct cf_error *err)
{
    const struct cf_campaign *terms = &draft->terms;
    const struct {
        const char *name;
        bool is;
    } limits[] = {
        {"budget_minor", draft->budget_minor > 0},
        {"per_store", terms->per_store > 0},
        {"per_day", terms->per_day > 0},
    };
    if (draft->claims_per_member > 0 && (terms->policy == CF_POLICY_AUTOMATIC || terms->without_coupon)) {
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "per_member_claims: two tills apart cannot count what a member had of a promotion without a "
                       "coupon; give members a coupon");
    }
    if (terms->policy != CF_POLICY_AUTOMATIC) {
        return draft->budget > 0 ? CF_OK : cf_fail(err, CF_E_JSON_TYPE, "budget: missing");
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        if (limits[i].is) {
            return cf_fail(
                err, CF_E_JSON_TYPE,
                "budget: missing; what is limited (%s) is counted in uses, which are divided among the tills",
                limits[i].name);
        }
    }
    return CF_OK;
}

/* What follows from other fields, and what contradicts them. */
static enum cf_rc complete(struct cf_central *central, struct draft *draft, struct cf_error *err)
{
    struct cf_campaign *terms = &draft->terms;
    struct cf_promotion *p = &terms->promotion;
    bool has_coupons = terms->policy != CF_POLICY_AUTOMATIC && !terms->without_coupon;
    enum cf_rc limits = check_budget(draft, err);
    if (limits == CF_OK) {
        limits = complete_money(draft, err);
    }
    if (limits != CF_OK) {
        return limits;
    }
    if (!has_coupons && terms->issue_in_store) {
        return cf_fail(err, CF_E_JSON_TYPE, "issue_in_store: an automatic promotion has no coupons");
    }
    if (terms->policy == CF_POLICY_PINNED && terms->issue_in_store) {
        return cf_fail(err, CF_E_UNSUPPORTED, "issue_in_store: a till cannot pin what it issues");
    }
    if ((terms->to.us != 0 || terms->from.us != 0) && terms->to.us <= terms->from.us) {
        return cf_fail(err, CF_E_JSON_RANGE, "to: not after from");
    }
    for (size_t i = 0; i < terms->n_stores; i++) {
        struct cf_store_settings settings;
        enum cf_rc rc = cf_store_settings_get(central, terms->stores[i], &settings, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    p->campaign = terms->id;
    p->version = terms->version;
    p->needs_coupon = terms->policy != CF_POLICY_AUTOMATIC; /* or a unit that stands for one */
    p->from = terms->from;
    p->to = terms->to;
    memcpy(p->name, terms->name, sizeof p->name);
    enum cf_rc rc = cf_promotion_json_judge(p, err);
    if (rc == CF_OK) {
        rc = check_effects(central, terms, err);
    }
    if (rc == CF_OK) {
        rc = check_stores(central, p, err);
    }
    return rc == CF_OK ? cf_campaign_check(terms, err) : rc;
}

/* --- launching and changing --------------------------------------------------------------------------------------- */

struct share {
    struct cf_central *central;
    struct cf_account *account;
    int64_t sharers; /* who have yet to be served */
};

static struct cf_log log_of_row(const struct cf_value *row)
{
    return (struct cf_log){.id = (uint64_t)row[0].i,
                           .terminal = (uint32_t)row[1].i,
                           .epoch = (uint32_t)row[2].i,
                           .store = (uint32_t)row[3].i,
                           .state = CF_LOG_ACTIVE};
}

static enum cf_rc count_sharer(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct share *share = ctx;
    struct cf_log log = log_of_row(row);
    struct cf_holder holder = cf_holder_of_log(&log);
    bool store = false;
    enum cf_rc rc = cf_hub_may_hold(share->central, share->account, &log, &store, err);
    share->sharers += cf_ledger_may_hold(share->central, share->account, &holder);
    share->sharers += store;
    return rc;
}

/* Has the terminal a range of the campaign's coupons to issue from? */
static enum cf_rc has_range(const struct share *share, const struct cf_log *log, bool *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(share->central->store, CF_Q_ISSUE_RANGE_NEWER,
                                 CF_ARGS(cf_v_int(share->account->terms.id), cf_v_int((int64_t)log->id), cf_v_int(-1)),
                                 row, &found, err);
    *ret = rc == CF_OK && row[0].i > 0;
    return rc;
}

static enum cf_rc share_with_log(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct share *share = ctx;
    struct cf_log log = log_of_row(row);
    cf_public_key till_key;
    if (row[4].b.n != sizeof till_key.point) {
        return cf_fail(err, CF_E_INTERNAL, "key of terminal %lu", (unsigned long)log.terminal);
    }
    memcpy(till_key.point, row[4].b.p, sizeof till_key.point);
    struct cf_holder holder = cf_holder_of_log(&log);
    bool issues = false, store = false;
    enum cf_rc rc = cf_ledger_top_up(share->central, share->account, &log, share->sharers, err);
    share->sharers -= cf_ledger_may_hold(share->central, share->account, &holder);
    if (rc == CF_OK) {
        rc = cf_hub_may_hold(share->central, share->account, &log, &store, err);
    }
    if (rc == CF_OK && store) {
        rc = cf_hub_top_up(share->central, share->account, &log, share->sharers, err);
        share->sharers--;
    }
    if (rc == CF_OK) {
        rc = has_range(share, &log, &issues, err);
    }
    if (rc == CF_OK && !issues) {
        rc = cf_grant_issue(share->central, share->account, &log, &till_key, err);
    }
    return rc;
}

/* Leases and ranges for every terminal of the campaign's stores. What there is to lease is shared out evenly. */
static enum cf_rc share_out(struct cf_central *central, uint32_t campaign, struct cf_error *err)
{
    struct share share = {.central = central};
    enum cf_rc rc = cf_ledger_account(central, campaign, &share.account, err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_LOG_ACTIVE, CF_NO_ARGS, count_sharer, &share, err);
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_LOG_ACTIVE, CF_NO_ARGS, share_with_log, &share, err) : rc;
}

static enum cf_rc tell(struct cf_central *central, const struct cf_campaign *terms, cf_bytes encoded,
                       struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_CAMPAIGN, .campaign = *terms};
    enum cf_rc rc = cf_store_run(central->store, CF_Q_CAMPAIGN_VERSION_ADD,
                                 CF_ARGS(cf_v_int(terms->id), cf_v_int(terms->version), cf_v_bytes(encoded)), err);
    return rc == CF_OK ? cf_down_append(central, CF_TOPIC_CAMPAIGNS, 0, terms->id, &entry, err) : rc;
}

static enum cf_rc launch(struct cf_central *central, struct draft *draft, struct cf_buf *encoded, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_CAMPAIGN_NEXT_ID, CF_NO_ARGS, row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    draft->terms.id = (uint32_t)row[0].i;
    draft->terms.version = 1;
    count_units(draft);
    rc = complete(central, draft, err);
    if (rc == CF_OK) {
        rc = cf_campaign_encode(&draft->terms, encoded, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_CAMPAIGN_ADD,
                          CF_ARGS(cf_v_int(draft->terms.id), cf_v_int(1), cf_v_bytes(cf_buf_bytes(encoded)),
                                  cf_v_int(draft->claims_per_member), cf_v_int(draft->lease_per_terminal),
                                  cf_v_int(draft->range_per_terminal), cf_v_int(draft->budget)),
                          err);
    }
    const struct cf_account money = {.terms.id = draft->terms.id,
                                     .reserve_bp = draft->reserve_percent * 100,
                                     .risk_per_terminal = draft->risk_per_terminal,
                                     .hold_minor =
                                         draft->budget_minor > 0 ? cf_promotion_most_minor(&draft->terms.promotion) : 0,
                                     .money = {.budget = draft->budget_minor, .free = draft->budget_minor},
                                     .risk = {.budget = draft->risk_budget_minor, .free = draft->risk_budget_minor}};
    if (rc == CF_OK) {
        rc = cf_account_put_money(central, &money, err);
    }
    if (rc == CF_OK) {
        rc = tell(central, &draft->terms, cf_buf_bytes(encoded), err);
    }
    return rc == CF_OK ? share_out(central, draft->terms.id, err) : rc;
}

/* Money budgets can be raised, and what one use may cost cannot: it is what is held for each that is on its way. */
static enum cf_rc change_money(struct cf_central *central, const struct cf_account *account, const struct draft *draft,
                               struct cf_error *err)
{
    struct cf_account money = *account;
    int64_t more = draft->budget_minor - account->money.budget,
            more_risk = draft->risk_budget_minor - account->risk.budget;
    if (more < 0 || more_risk < 0) {
        return cf_fail(err, CF_E_RANGE, "%s: it was %lld and can only be raised",
                       more < 0 ? "budget_minor" : "risk_budget_minor",
                       (long long)(more < 0 ? account->money.budget : account->risk.budget));
    }
    if (account->money.budget == 0 && more > 0) {
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "budget_minor: launch another campaign; this one has given without counting");
    }
    if (account->money.budget > 0 && cf_promotion_most_minor(&draft->terms.promotion) > account->hold_minor) {
        return cf_fail(err, CF_E_RANGE, "promotion: a use may cost %lld at most, as at the launch",
                       (long long)account->hold_minor);
    }
    money.reserve_bp = draft->reserve_percent * 100;
    money.risk_per_terminal = draft->risk_per_terminal;
    money.money.budget += more;
    money.money.free += more;
    money.risk.budget += more_risk;
    money.risk.free += more_risk;
    return cf_account_put_money(central, &money, err);
}

/*
 * Shares of a day fall with the limit, and no evidence of it is waited for: a till that has not heard still sells by
 * the share that it had. Within the limit of its own version that is right; but what was cut must never be shared out
 * again.
 */
static enum cf_rc check_day(struct cf_central *central, const struct cf_account *account, uint32_t per_day,
                            struct cf_error *err)
{
    const struct cf_campaign *terms = &account->terms;
    if (terms->policy != CF_POLICY_LEASED) {
        return CF_OK;
    }
    if (terms->per_day == 0 && per_day != 0) {
        return cf_fail(err, CF_E_UNSUPPORTED,
                       "per_day: launch another campaign; what stores hold of this one has no day");
    }
    enum cf_rc rc = CF_OK;
    for (uint32_t version = 1; per_day > terms->per_day && version < terms->version && rc == CF_OK; version++) {
        struct cf_value row[CF_STORE_COLUMNS_MAX];
        struct cf_campaign before;
        bool found;
        rc = cf_store_row(central->store, CF_Q_CAMPAIGN_VERSION_GET, CF_ARGS(cf_v_int(terms->id), cf_v_int(version)),
                          row, &found, err);
        if (rc == CF_OK && found) {
            rc = cf_campaign_decode(row[0].b, &before, err);
        }
        if (rc == CF_OK && found && before.per_day > terms->per_day) {
            rc = cf_fail(err, CF_E_UNSUPPORTED,
                         "per_day: launch another campaign; tills may hold shares of %lu a day that this one had",
                         (unsigned long)before.per_day);
        }
    }
    return rc;
}

static enum cf_rc change(struct cf_central *central, uint32_t id, const json_t *json, struct draft *draft,
                         struct cf_buf *encoded, struct cf_error *err)
{
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(central, id, &account, err);
    if (rc != CF_OK) {
        return rc;
    }
    *draft = (struct draft){.terms = account->terms,
                            .budget = account->budget,
                            .budget_minor = account->money.budget,
                            .risk_budget_minor = account->risk.budget,
                            .claims_per_member = account->claims_per_member,
                            .lease_per_terminal = account->lease_per_terminal,
                            .risk_per_terminal = account->risk_per_terminal,
                            .reserve_percent = account->reserve_bp / 100,
                            .range_per_terminal = account->range_per_terminal};
    rc = read_draft(central, json, false, draft, err);
    if (rc == CF_OK && draft->budget < account->budget) {
        rc = cf_fail(err, CF_E_RANGE, "budget: it was %lld and can only be raised", (long long)account->budget);
    }
    if (rc == CF_OK && account->terms.policy == CF_POLICY_AUTOMATIC && draft->budget > 0) {
        rc = cf_fail(err, CF_E_UNSUPPORTED, "budget: launch another campaign; this one has given without counting");
    }
    if (rc == CF_OK && draft->terms.issue_in_store != account->terms.issue_in_store) {
        rc = cf_fail(err, CF_E_UNSUPPORTED, "issue_in_store: launch another campaign");
    }
    const uint32_t per_day = account->terms.per_day;
    if (rc == CF_OK && account->terms.on_return == CF_ON_RETURN_BURN &&
        draft->terms.on_return != CF_ON_RETURN_BURN) { /* a till goes by what it knows when the goods come back */
        rc = cf_fail(err, CF_E_UNSUPPORTED,
                     "on_return: launch another campaign; what was sold under this one stays burnt when it comes back");
    }
    if (rc == CF_OK) {
        rc = check_day(central, account, draft->terms.per_day, err);
    }
    draft->terms.version++;
    if (rc == CF_OK) {
        rc = complete(central, draft, err);
    }
    if (rc == CF_OK) {
        rc = cf_campaign_encode(&draft->terms, encoded, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_CAMPAIGN_VERSION_PUT,
                          CF_ARGS(cf_v_int(id), cf_v_int(draft->terms.version), cf_v_bytes(cf_buf_bytes(encoded)),
                                  cf_v_int(draft->claims_per_member), cf_v_int(draft->lease_per_terminal),
                                  cf_v_int(draft->terms.stopped)),
                          err);
    }
    if (rc == CF_OK) {
        rc = change_money(central, account, draft, err);
    }
    if (rc == CF_OK && draft->budget > account->budget) {
        rc = cf_store_run(central->store, CF_Q_CAMPAIGN_BUDGET_ADD,
                          CF_ARGS(cf_v_int(id), cf_v_int(draft->budget - account->budget)), err);
    }
    if (rc == CF_OK) {
        rc = tell(central, &draft->terms, cf_buf_bytes(encoded), err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    cf_ledger_forget(central); /* the row was changed beneath it, and nothing of it is dirty */
    rc = cf_ledger_account(central, id, &account, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_account_settle(account); /* a budget that was raised pays first what was beyond it */
    if (draft->terms.per_day != 0 && draft->terms.per_day < per_day) {
        rc = cf_ledger_cut_shares(central, account, per_day, err);
        if (rc != CF_OK) {
            return rc;
        }
    }
    return share_out(central, id, err);
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void set_span(json_t *json, const struct cf_campaign *terms)
{
    bool always = terms->from.us == 0 && terms->to.us == 0;
    if (always) {
        cf_json_set(json, "from", json_null());
        cf_json_set(json, "to", json_null());
    } else {
        cf_json_set_instant(json, "from", terms->from);
        cf_json_set_instant(json, "to", terms->to);
    }
}

static json_t *campaign_json(const struct cf_account *a)
{
    const struct cf_campaign *terms = &a->terms;
    json_t *json = json_object(), *channels = json_array(), *stores = json_array();
    cf_json_set_int(json, "campaign", terms->id);
    cf_json_set_int(json, "version", terms->version);
    cf_json_set_text(json, "name", terms->name);
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        if (policies[i].policy == (terms->without_coupon ? CF_POLICY_AUTOMATIC : terms->policy)) {
            cf_json_set_text(json, "policy", policies[i].name);
        }
    }
    if ((terms->channels & CF_CHANNEL_STORE) != 0) {
        json_array_append_new(channels, json_string("store"));
    }
    if ((terms->channels & CF_CHANNEL_ONLINE) != 0) {
        json_array_append_new(channels, json_string("online"));
    }
    for (size_t i = 0; i < terms->n_stores; i++) {
        json_array_append_new(stores, json_integer(terms->stores[i]));
    }
    cf_json_set(json, "channels", channels);
    cf_json_set(json, "stores", stores);
    set_span(json, terms);
    cf_json_set(json, "accept_in_doubt", json_boolean(terms->accept_in_doubt));
    cf_json_set(json, "stopped", json_boolean(terms->stopped));
    cf_json_set_int(json, "per_member_claims", a->claims_per_member);
    cf_json_set_int(json, "lease_per_terminal", a->lease_per_terminal);
    cf_json_set_int(json, "lease_reserve_percent", a->reserve_bp / 100);
    cf_json_set_int(json, "budget_minor", a->money.budget);
    cf_json_set_int(json, "risk_budget_minor", a->risk.budget);
    cf_json_set_int(json, "risk_per_terminal_minor", a->risk_per_terminal);
    cf_json_set_int(json, "per_store", terms->per_store);
    cf_json_set_int(json, "per_day", terms->per_day);
    cf_json_set_int(json, "per_member_day", terms->per_member_day);
    cf_json_set_text(json, "loser", cf_loser_name(terms->loser));
    cf_json_set_text(json, "on_return", terms->on_return == CF_ON_RETURN_BURN ? "burn" : "give_back");
    if (terms->points_price > 0) {
        cf_json_set_int(json, "points_price", terms->points_price);
    }
    cf_json_set(json, "promotion", cf_promotion_json_write(&terms->promotion));
    if (terms->issue_in_store) {
        json_t *issue = json_object();
        if (terms->issue_min_minor == CF_ISSUE_BY_PROMOTION) {
            cf_json_set(issue, "by_promotion", json_true());
        } else {
            cf_json_set_int(issue, "min_spend_minor", terms->issue_min_minor);
        }
        cf_json_set_int(issue, "valid_days", terms->issue_valid_days);
        cf_json_set_int(issue, "range_per_terminal", a->range_per_terminal);
        cf_json_set(json, "issue_in_store", issue);
    }
    cf_json_set(json, "figures", cf_account_units_json(a));
    return json;
}

static enum cf_rc list_lease(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "terminal", row[0].i);
    cf_json_set_int(json, "epoch", row[1].i);
    cf_json_set(json, "active", json_boolean(row[2].i == CF_LOG_ACTIVE));
    cf_json_set_int(json, "granted", row[3].i);
    cf_json_set_int(json, "spent", row[4].i);
    cf_json_set_int(json, "returned", row[5].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

/* A reading of the ledger outside a transaction: nothing is dirty, and nothing is kept. */
static enum cf_rc show(struct cf_central *central, uint32_t id, json_t **ret, struct cf_error *err)
{
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(central, id, &account, err);
    if (rc == CF_OK) {
        *ret = campaign_json(account);
    }
    cf_ledger_forget(central);
    return rc;
}

enum cf_rc cf_handle_campaign_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    json_t *json;
    struct draft draft = {.terms = {.channels = CF_CHANNEL_STORE | CF_CHANNEL_ONLINE}, .reserve_percent = -1};
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = read_draft(central, json, true, &draft, err);
    json_decref(json);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_buf encoded;
    cf_buf_init(&encoded, CF_CAMPAIGN_BYTES_MAX);
    rc = cf_central_end(central, launch(central, &draft, &encoded, err), err);
    cf_buf_done(&encoded);
    reply->status = 201;
    return rc == CF_OK ? show(central, draft.terms.id, &reply->json, err) : rc;
}

enum cf_rc cf_handle_campaign_change(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                     struct cf_error *err)
{
    uint64_t id;
    json_t *json;
    struct draft draft;
    struct cf_buf encoded;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &id, err);
    if (rc == CF_OK) {
        rc = cf_call_json(call, &json, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    cf_buf_init(&encoded, CF_CAMPAIGN_BYTES_MAX);
    rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = cf_central_end(central, change(central, (uint32_t)id, json, &draft, &encoded, err), err);
    }
    json_decref(json);
    cf_buf_done(&encoded);
    return rc == CF_OK ? show(central, (uint32_t)id, &reply->json, err) : rc;
}

enum cf_rc cf_handle_campaign_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                  struct cf_error *err)
{
    uint64_t id;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &id, err);
    if (rc == CF_OK) {
        rc = show(central, (uint32_t)id, &reply->json, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    json_t *leases = json_array();
    cf_json_set(reply->json, "leases", leases);
    return cf_store_each(central->store, CF_Q_LEASE_OF_CAMPAIGN, CF_ARGS(cf_v_int((int64_t)id)), list_lease, leases,
                         err);
}

struct campaign_list {
    struct cf_central *central;
    json_t *list;
};

static enum cf_rc list_campaign(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct campaign_list *list = ctx;
    json_t *json;
    enum cf_rc rc = show(list->central, (uint32_t)row[0].i, &json, err);
    if (rc == CF_OK && json_array_append_new(list->list, json) != 0) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return rc;
}

enum cf_rc cf_handle_campaign_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    (void)call;
    struct campaign_list list = {central, json_array()};
    reply->json = json_object();
    cf_json_set(reply->json, "campaigns", list.list);
    return cf_store_each(central->store, CF_Q_CAMPAIGN_LIST, CF_NO_ARGS, list_campaign, &list, err);
}
