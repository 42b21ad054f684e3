/*
 * sync/central/visits.c - see visits.h.
 */
#include "sync/central/visits.h"

#include "sync/central/adjudicate.h"
#include "sync/central/ledger.h"

#include "app/core/sale_facts.h"

#include <stdio.h>

#define FIRST_OR_NTH ((unsigned)CF_FACT_VISITS | (unsigned)CF_FACT_FIRST)
#define AT_ONCE 64 /* the rest is found in the next round */

/* --- what was given ----------------------------------------------------------------------------------------------- */

static enum cf_rc note(struct cf_central *central, uint64_t id, const struct cf_sale *sale, uint32_t campaign,
                       uint32_t version, int64_t cost_minor, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_campaign terms;
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_CAMPAIGN_VERSION_GET,
                                 CF_ARGS(cf_v_int(campaign), cf_v_int(version)), row, &found, err);
    if (rc != CF_OK || !found || cf_campaign_decode(row[0].b, &terms, NULL) != CF_OK ||
        (cf_promotion_asks(&terms.promotion) & FIRST_OR_NTH) == 0) {
        return rc;
    }
    return cf_store_run(central->store, CF_Q_VISIT_GIVEN_ADD,
                        CF_ARGS(cf_v_int((int64_t)id), cf_v_int(campaign), cf_v_int(cf_sub_number(sale->member)),
                                cf_v_int(terms.promotion.first_purchase ? 1 : sale->facts.visits),
                                cf_v_int(terms.promotion.first_purchase), cf_v_int(cost_minor)),
                        err);
}

static enum cf_rc note_all(struct cf_central *central, uint64_t id, const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < sale->n_discounts && rc == CF_OK; i++) {
        const struct cf_sale_discount *d = &sale->discounts[i];
        rc = note(central, id, sale, d->campaign, d->version, d->amount_minor, err);
    }
    for (size_t i = 0; i < sale->n_effects && rc == CF_OK; i++) {
        rc = note(central, id, sale, sale->effects[i].campaign, sale->effects[i].version, 0, err);
    }
    return rc;
}

/* --- what was given again ----------------------------------------------------------------------------------------- */

struct changed {
    size_t n;
    struct {
        uint64_t record;
        uint32_t campaign;
        bool again;
    } at[AT_ONCE];
};

static enum cf_rc add_changed(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct changed *changed = ctx;
    (void)err;
    if (changed->n < AT_ONCE) {
        changed->at[changed->n].record = (uint64_t)row[0].i;
        changed->at[changed->n].campaign = (uint32_t)row[1].i;
        changed->at[changed->n].again = row[2].i != 0;
        changed->n++;
    }
    return CF_OK;
}

static enum cf_rc report(struct cf_central *central, uint64_t record, uint32_t campaign, cf_sub member,
                         struct cf_error *err)
{
    struct cf_account *account;
    char text[160];
    enum cf_rc rc = cf_ledger_account(central, campaign, &account, err);
    if (rc != CF_OK) {
        return rc;
    }
    const bool flags = account->terms.loser == CF_LOSER_FLAG_MEMBER;
    const struct cf_conflict conflict = {.kind = CF_CONFLICT_AGAIN,
                                         .campaign = campaign,
                                         .record = record,
                                         .loser = account->terms.loser,
                                         .has_member = flags,
                                         .member = member};
    (void)snprintf(text, sizeof text,
                   "campaign %lu gave a member again what each gets once: they had bought before, elsewhere",
                   (unsigned long)campaign);
    rc = cf_conflict_add(central, &conflict, err);
    return rc == CF_OK ? cf_central_alarm_of(central, (struct cf_alarm_cause){CF_CONFLICT_AGAIN, (int64_t)record},
                                             record, CF_E_GIVEN_AGAIN, text, err)
                       : rc;
}

/* It was right after all: an earlier purchase came back whole, or this one did. */
static enum cf_rc withdraw(struct cf_central *central, uint64_t record, uint32_t campaign, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_run(central->store, CF_Q_VISIT_CONFLICT_DROP,
                                 CF_ARGS(cf_v_int((int64_t)record), cf_v_int(campaign)), err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_VISIT_AGAIN_OF_RECORD, CF_ARGS(cf_v_int((int64_t)record)), row, &found,
                          err);
    }
    return rc == CF_OK && !found
               ? cf_central_alarm_over(central, (struct cf_alarm_cause){CF_CONFLICT_AGAIN, (int64_t)record}, err)
               : rc;
}

/* Of each purchase of the member whether it is so now is held against whether it was so before. */
static enum cf_rc settle(struct cf_central *central, cf_sub member, struct cf_error *err)
{
    struct changed changed = {.n = AT_ONCE};
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && changed.n == AT_ONCE) {
        changed.n = 0;
        rc = cf_store_each(central->store, CF_Q_VISIT_CHANGED, CF_ARGS(cf_v_int(cf_sub_number(member))), add_changed,
                           &changed, err);
        for (size_t i = 0; i < changed.n && rc == CF_OK; i++) {
            const uint64_t record = changed.at[i].record;
            const uint32_t campaign = changed.at[i].campaign;
            rc = cf_store_run(central->store, CF_Q_VISIT_AGAIN_PUT,
                              CF_ARGS(cf_v_int((int64_t)record), cf_v_int(campaign), cf_v_int(changed.at[i].again)),
                              err);
            if (rc == CF_OK) {
                rc = changed.at[i].again ? report(central, record, campaign, member, err)
                                         : withdraw(central, record, campaign, err);
            }
            if (rc == CF_OK) {
                rc = cf_conflict_tell(central, record, err);
            }
        }
    }
    return rc;
}

/* --- news --------------------------------------------------------------------------------------------------------- */

enum cf_rc cf_visits_sold(struct cf_central *central, uint64_t id, const struct cf_sale *sale, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (!sale->has_member || cf_sub_number(sale->member) == 0) {
        return CF_OK;
    }
    if ((cf_sale_facts_known(&sale->facts) & FIRST_OR_NTH) != 0) {
        rc = note_all(central, id, sale, err);
    }
    return rc == CF_OK ? settle(central, sale->member, err) : rc;
}

enum cf_rc cf_visits_gone(struct cf_central *central, uint64_t id, const struct cf_sale *sale, struct cf_error *err)
{
    if (!sale->has_member || cf_sub_number(sale->member) == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_store_run(central->store, CF_Q_SALE_GONE, CF_ARGS(cf_v_int((int64_t)id)), err);
    return rc == CF_OK ? settle(central, sale->member, err) : rc;
}
