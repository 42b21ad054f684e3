/*
 * sync/central/grants.c - see grants.h.
 */
#include "sync/central/grants.h"

#include "base/plant.h"
#include "sync/central/down_log.h"
#include "sync/central/issuers.h"
#include "sync/central/value.h"

#define DAY_S INT64_C(86400)
#define OPEN_ENDED_DAYS 365

static int64_t grant_expiry_s(const struct cf_central *central, const struct cf_campaign *terms)
{
    int64_t valid_s = (int64_t)terms->issue_valid_days * DAY_S;
    if (terms->from.us == 0 && terms->to.us == 0) {
        return cf_wall_s(cf_central_now(central)) + OPEN_ENDED_DAYS * DAY_S + valid_s;
    }
    return cf_wall_s(terms->to) + valid_s;
}

/* An id that no key of the set and no grant has. */
static enum cf_rc new_grant_id(struct cf_central *central, cf_kid *ret, struct cf_error *err)
{
    for (;;) {
        cf_kid kid;
        struct cf_value row[CF_STORE_COLUMNS_MAX];
        bool taken = false;
        cf_env_random(central->env, kid.b, sizeof kid.b);
        if (cf_issuers_has(central->issuers, kid)) {
            taken = true;
        } else {
            enum cf_rc rc = cf_store_row(central->store, CF_Q_ISSUE_RANGE_GET, CF_ARGS(cf_v_int(cf_get_be32(kid.b))),
                                         row, &taken, err);
            if (rc != CF_OK) {
                return rc;
            }
        }
        if (!taken) {
            *ret = kid;
            return CF_OK;
        }
    }
}

static enum cf_rc write_grant(struct cf_central *central, const struct cf_grant *grant, const struct cf_log *log,
                              struct cf_error *err)
{
    struct cf_code code;
    const struct cf_issuer *issuer = &central->issuer[CF_ISSUER_GRANT];
    enum cf_rc rc = cf_grant_sign(grant, issuer->kid, issuer->key, &code, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_bytes cose = cf_bytes_of(code.cose, code.cose_n);
    uint32_t id = cf_get_be32(grant->grant_id.b);
    rc = cf_store_run(central->store, CF_Q_ISSUE_RANGE_ADD,
                      CF_ARGS(cf_v_int(id), cf_v_int(grant->campaign), cf_v_int((int64_t)log->id),
                              cf_v_int(grant->first), cf_v_int(grant->last), cf_v_int(grant->exp_s), cf_v_bytes(cose)),
                      err);
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_GRANT, .grant = cose};
    return cf_down_append(central, CF_TOPIC_GRANTS, 0, id, &entry, err);
}

enum cf_rc cf_grant_issue(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                          const cf_public_key *till_key, struct cf_error *err)
{
    const struct cf_campaign *terms = &account->terms;
    if (!terms->issue_in_store || terms->stopped || log->state != CF_LOG_ACTIVE || account->range_per_terminal == 0 ||
        !cf_campaign_has_store(terms, log->store)) {
        return CF_OK;
    }
    /* No numbers left: it issues no more, but enrols and sends its records all the same. */
    if (account->next_index + account->range_per_terminal > UINT32_MAX) {
        return CF_OK;
    }
    struct cf_grant grant = {.till = log->terminal,
                             .till_key = *till_key,
                             .campaign = terms->id,
                             .first = (uint32_t)account->next_index,
                             .last = (uint32_t)(account->next_index + account->range_per_terminal - 1),
                             .exp_s = grant_expiry_s(central, terms)};
    enum cf_rc rc = new_grant_id(central, &grant.grant_id, err);
    if (rc == CF_OK) {
        rc = write_grant(central, &grant, log, err);
    }
    if (rc == CF_OK) {
        account->next_index +=
            CF_PLANTED(ranges_overlap) ? account->range_per_terminal / 2 : account->range_per_terminal;
        account->dirty = true;
    }
    return rc;
}

enum cf_rc cf_grant_load(struct cf_central *central, cf_kid grant_id, struct cf_error *err)
{
    if (cf_keyring_grant(central->ring, grant_id) != NULL) {
        return CF_OK;
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ISSUE_RANGE_COSE, CF_ARGS(cf_v_int(cf_get_be32(grant_id.b))), row,
                                 &found, err);
    cf_bytes cose = rc == CF_OK && found ? row[0].b : cf_bytes_of(NULL, 0);
    if (rc == CF_OK && !found) {
        rc = cf_value_range_cose(central, grant_id, &cose, &found, err);
    }
    if (rc != CF_OK || !found) {
        return rc;
    }
    rc = cf_keyring_add_grant(central->ring, cose, err);
    if (rc == CF_E_LIMIT) { /* the ring holds as many as it can: start a fresh one with this grant */
        rc = cf_central_ring_new(central, err);
        if (rc == CF_OK) {
            rc = cf_keyring_add_grant(central->ring, cose, err);
        }
    }
    return rc;
}
