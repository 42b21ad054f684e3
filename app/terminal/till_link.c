/*
 * app/terminal/till_link.c - what a till may tell of its link: how far the sync has come, what may be spent without it,
 * and what the centre found. Nobody is asked: it stands in the journal and in the replica.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

static enum cf_rc take_wall(void *ctx, const struct cf_record *record, const struct cf_sha256 *body_hash,
                            const struct cf_sha256 *hash, struct cf_error *err)
{
    cf_wall *wall = ctx;
    (void)body_hash;
    (void)hash;
    (void)err;
    *wall = (cf_wall){record->wall_ms * CF_US_PER_MS};
    return CF_OK;
}

enum cf_rc cf_till_link(struct cf_till *till, struct cf_till_link *ret, struct cf_error *err)
{
    struct cf_till_link link = {.now = cf_env_wall(till->env)};
    struct cf_journal_head head;
    struct cf_topic_state prices;
    enum cf_rc rc = cf_journal_head(till->journal, &head, err);
    if (rc == CF_OK)
        rc = till_hear_sync(till, err);
    if (rc == CF_OK)
        rc = cf_replica_topic(till->replica, CF_TOPIC_PRICES, &prices, err);
    if (rc == CF_OK)
        rc = cf_replica_coming(till->replica, &link.coming, err);
    if (rc == CF_OK && till->sync.acknowledged_seq < head.seq)
        rc = cf_journal_read(till->journal, till->sync.acknowledged_seq + 1, 1, take_wall, &link.oldest_unsent, err);
    if (rc != CF_OK)
        return rc;
    link.recorded = head.seq;
    link.sent = till->sync.sent_seq;
    link.acknowledged = till->sync.acknowledged_seq;
    link.last_contact = till->sync.last_contact;
    link.fenced = till->sync.fenced;
    link.prices = prices.version;
    *ret = link;
    return CF_OK;
}

enum cf_rc cf_till_leased(struct cf_till *till, struct cf_till_leased *ret, size_t cap, size_t *ret_n,
                          struct cf_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < till->n_campaigns && n < cap; i++) {
        const struct cf_campaign *campaign = till->campaigns[i];
        struct till_lease lease;
        enum cf_rc rc = till_own_lease(till, campaign->id, &lease, err);
        if (rc != CF_OK)
            return rc;
        if (lease.grant.granted == 0 && lease.grant.granted_minor == 0)
            continue;
        ret[n] = (struct cf_till_leased){
            .campaign = campaign->id,
            .is_risk = campaign->policy == CF_POLICY_OPTIMISTIC,
            .units = lease.units,
            .minor = lease.minor,
            .granted_units = lease.grant.granted,
            .granted_minor = lease.grant.granted_minor,
        };
        memcpy(ret[n].name, campaign->name, sizeof ret[n].name);
        n++;
    }
    *ret_n = n;
    return CF_OK;
}

struct findings {
    struct cf_till_finding *at;
    size_t cap, n;
};

/* They come oldest first: the newest ones stay. */
static enum cf_rc take_finding(void *ctx, const struct cf_result *result, struct cf_error *err)
{
    struct findings *findings = ctx;
    (void)err;
    if (result->rc == CF_OK || findings->cap == 0)
        return CF_OK;
    if (findings->n == findings->cap)
        findings->n--;
    memmove(&findings->at[1], &findings->at[0], findings->n * sizeof *findings->at);
    findings->at[0] = (struct cf_till_finding){.seq = result->seq, .rc = result->rc};
    findings->n++;
    return CF_OK;
}

enum cf_rc cf_till_findings(struct cf_till *till, struct cf_till_finding *ret, size_t cap, size_t *ret_n,
                            struct cf_error *err)
{
    struct findings findings = {.at = ret, .cap = cap};
    enum cf_rc rc = cf_replica_results(till->replica, 0, take_finding, &findings, err);
    if (rc == CF_OK)
        *ret_n = findings.n;
    return rc;
}
