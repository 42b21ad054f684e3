/*
 * sync/central/apply.c - see apply.h.
 *
 * Made for a long queue: no allocation a record, and the figures of budgets and leases moved in memory (ledger.h) and
 * written once a batch. Whether a sale is right is judge_sale.h's.
 */
#include "sync/central/apply.h"

#include "sync/central/adjudicate.h"
#include "sync/central/apply_return.h"
#include "sync/central/boots.h"
#include "sync/central/down_log.h"
#include "sync/central/erase.h"
#include "sync/central/exchange.h"
#include "sync/central/grants.h"
#include "sync/central/hub.h"
#include "sync/central/judge_sale.h"
#include "sync/central/members.h"
#include "sync/central/order_book.h"
#include "sync/central/order_requests.h"
#include "sync/central/places.h"
#include "sync/central/points.h"
#include "sync/central/quote.h"
#include "sync/central/redeem.h"
#include "sync/central/relay.h"
#include "sync/central/value.h"
#include "sync/central/visits.h"
#include "sync/central/vouchers.h"

#include "app/core/drawer.h"
#include "app/core/lease_return.h"
#include "app/core/payment.h"
#include "app/core/report.h"
#include "app/core/user.h"
#include "base/text.h"
#include "sync/wire/redeem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_MAX 16
#define POINTS_MAX INT64_C(1000000000000)

/* A range of coupon numbers that this batch issued from. */
struct touched_range {
    cf_kid grant_id;
    bool known; /* a range of this log */
    uint32_t campaign;
    int64_t first, last, issued;
};
struct cf_applier {
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_returns *returns;
    struct cf_judge *judge;
    struct cf_boots *boots;
    struct cf_exchange_promise promise; /* of the record before */
    size_t n_ranges;
    struct touched_range ranges[RANGES_MAX];
};

enum cf_rc cf_applier_new(struct cf_applier **ret, struct cf_error *err)
{
    struct cf_applier *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "records");
    }
    enum cf_rc rc = cf_sale_new(&a->sale, err);
    if (rc == CF_OK) {
        rc = cf_return_new(&a->back, err);
    }
    if (rc == CF_OK) {
        rc = cf_returns_new(&a->returns, err);
    }
    if (rc == CF_OK) {
        rc = cf_judge_new(&a->judge, err);
    }
    if (rc == CF_OK) {
        rc = cf_boots_new(&a->boots, err);
    }
    if (rc != CF_OK) {
        cf_applier_free(a);
        return rc;
    }
    *ret = a;
    return CF_OK;
}

void cf_applier_free(struct cf_applier *applier)
{
    if (applier != NULL) {
        cf_sale_free(applier->sale);
        cf_return_free(applier->back);
        cf_returns_free(applier->returns);
        cf_judge_free(applier->judge);
        cf_boots_free(applier->boots);
        free(applier);
    }
}

/* --- the batch ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_apply_begin(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                          const struct cf_record *records, size_t n, uint64_t after_seq, struct cf_error *err)
{
    a->n_ranges = 0;
    enum cf_rc rc = cf_judge_begin(central, a->judge, log, err);
    if (rc == CF_OK) {
        rc = cf_exchange_read(central, log, after_seq, a->back, &a->promise, err);
    }
    return rc == CF_OK ? cf_boots_read(central, a->boots, log, records, n, after_seq, err) : rc;
}

/* --- the rows of a sale ------------------------------------------------------------------------------------------- */

static enum cf_rc write_sale(struct cf_central *central, uint64_t id, cf_wall at, const struct cf_sale *s,
                             struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_SALE_ADD,
                        CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)s->sale_no), cf_v_int(s->business_day),
                                cf_v_int(at.us), cf_v_text(s->cashier),
                                s->has_member ? cf_v_int(cf_sub_number(s->member)) : cf_v_null(),
                                cf_v_int((int64_t)s->n_lines), cf_v_int(s->gross_minor), cf_v_int(s->discount_minor),
                                cf_v_int(s->tax_minor), cf_v_int(s->total_minor), cf_v_int(s->change_minor),
                                cf_v_int(s->points), cf_v_int(cf_central_now(central).us)),
                        err);
}

static enum cf_rc write_parts(struct cf_central *central, uint64_t id, const struct cf_sale *s, struct cf_error *err)
{
    struct cf_member_store *store = central->store;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < s->n_lines && rc == CF_OK; i++) {
        const struct cf_sale_line *l = &s->lines[i];
        rc = cf_store_run(store, CF_Q_SALE_LINE_ADD,
                          CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)i), cf_v_int((int64_t)l->product),
                                  cf_v_int(l->qty_milli), cf_v_int(l->unit_price_minor), cf_v_int(l->discount_minor),
                                  cf_v_int(l->tax_bp)),
                          err);
    }
    for (size_t i = 0; i < s->tenders.n && rc == CF_OK; i++) {
        const struct cf_tender *t = &s->tenders.tender[i];
        rc = cf_store_run(store, CF_Q_SALE_TENDER_ADD,
                          CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)i), cf_v_int(t->kind),
                                  cf_v_int(t->amount_minor), cf_v_text(t->reference)),
                          err);
    }
    for (size_t i = 0; i < s->n_discounts && rc == CF_OK; i++) {
        const struct cf_sale_discount *d = &s->discounts[i];
        rc = cf_store_run(store, CF_Q_SALE_DISCOUNT_ADD,
                          CF_ARGS(cf_v_int((int64_t)id), cf_v_int((int64_t)i), cf_v_int(d->campaign),
                                  cf_v_int(d->version), cf_v_int(d->redemption), cf_v_int(d->amount_minor)),
                          err);
    }
    return rc;
}

/* --- redemptions -------------------------------------------------------------------------------------------------- */

/* A pinned right is paid from its reserve, or from what was stranded with its home. */
static enum cf_rc cover_pinned(struct cf_central *central, const struct cf_log *log,
                               const struct cf_redemption *redemption, uint32_t day, struct cf_account *account,
                               struct cf_coupon_row *coupon, struct cf_use *use, enum cf_conflict_kind *ret_kind,
                               struct cf_error *err)
{
    const cf_sub *member = coupon->bound ? &coupon->sub : NULL;
    bool by_hub = redemption->source == CF_RIGHT_STORE;
    bool at_home = coupon->pinned && coupon->home == (by_hub ? log->store : log->terminal) &&
                   coupon->home_epoch == (by_hub ? redemption->hub_epoch : log->epoch);
    if (!at_home) {
        *ret_kind = CF_CONFLICT_AWAY;
    } else if (coupon->reserved && redemption->generation == coupon->generation && cf_account_spend_reserved(account)) {
        coupon->reserved = false;
        use->source = CF_SOURCE_RESERVE;
        *ret_kind = 0;
        return cf_ledger_use_pinned(central, account, false, day, member, use->cost_minor, err);
    } else if (coupon->stranded && cf_account_spend_stranded(account)) {
        coupon->stranded = false;
        use->source = CF_SOURCE_STRANDED;
        *ret_kind = CF_CONFLICT_STRANDED;
        return cf_ledger_use_pinned(central, account, true, day, member, use->cost_minor, err);
    }
    return cf_ledger_use_uncovered(central, account, log->store, use->cost_minor, err);
}

/* unpaid: of its cost, what no lease has paid yet. */
static enum cf_rc settle_cover(struct cf_central *central, struct cf_account *account, const struct cf_log *log,
                               const struct cf_use *use, int64_t unpaid_minor, enum cf_conflict_kind *ret_kind,
                               struct cf_error *err)
{
    if (use->source == CF_SOURCE_NONE) {
        return cf_ledger_use_uncovered(central, account, log->store, unpaid_minor, err);
    }
    *ret_kind = 0;
    return CF_OK;
}

/* What the place that reports the use had for it. use->source becomes CF_SOURCE_NONE if that was nothing. *ret_kind:
 * what is odd about it, 0 if nothing is. */
static enum cf_rc cover(struct cf_central *central, const struct cf_log *log, const struct cf_redemption *redemption,
                        uint32_t day, struct cf_account *account, struct cf_coupon_row *coupon, struct cf_use *use,
                        enum cf_conflict_kind *ret_kind, struct cf_error *err)
{
    struct cf_holder holder = cf_holder_of_log(log);
    bool covered = false;
    enum cf_rc rc;
    use->source = CF_SOURCE_NONE;
    *ret_kind = CF_CONFLICT_BEYOND;
    if (redemption->source == CF_RIGHT_SUBLEASE && account->terms.policy == CF_POLICY_LEASED) {
        rc = cf_hub_holder(central, log, redemption->hub_epoch, &holder, &covered, err);
        if (rc == CF_OK && covered) {
            rc = cf_ledger_spend(central, account, &holder, use->cost_minor, &use->source, err);
        }
        return rc == CF_OK ? settle_cover(central, account, log, use, covered ? 0 : use->cost_minor, ret_kind, err)
                           : rc;
    }
    switch (account->terms.policy) {
    case CF_POLICY_PINNED:
        return cover_pinned(central, log, redemption, day, account, coupon, use, ret_kind, err);
    case CF_POLICY_OPTIMISTIC: /* its risk is what covers it; a unit is found when it is put among the others */
        rc = cf_ledger_spend_risk(central, account, &holder, redemption->index, use->cost_minor, &covered, err);
        *ret_kind = covered ? 0 : CF_CONFLICT_BEYOND;
        return rc;
    case CF_POLICY_LEASED:
    case CF_POLICY_ONLINE_ONLY:
    case CF_POLICY_AUTOMATIC:
        break;
    }
    rc = cf_ledger_spend(central, account, &holder, use->cost_minor, &use->source, err);
    return rc == CF_OK ? settle_cover(central, account, log, use, 0, ret_kind, err) : rc;
}

static enum cf_rc alarm_use(struct cf_central *central, uint64_t id, const struct cf_redemption *redemption,
                            const char *what, struct cf_error *err)
{
    char text[160];
    (void)snprintf(text, sizeof text, "coupon %lu of campaign %lu %s", (unsigned long)redemption->index,
                   (unsigned long)redemption->campaign, what);
    return cf_central_alarm(central, id, CF_E_COUPON_BUDGET, text, err);
}

/* What was odd about a use, as a conflict for the manager. */
static enum cf_rc report_use(struct cf_central *central, const struct cf_account *account,
                             const struct cf_redemption *redemption, const struct cf_use *use, int64_t use_id,
                             enum cf_conflict_kind kind, struct cf_error *err)
{
    const struct cf_conflict conflict = {.kind = kind,
                                         .campaign = redemption->campaign,
                                         .index = redemption->index,
                                         .redemption = use_id,
                                         .loser = account->terms.loser};
    enum cf_rc rc = cf_conflict_add(central, &conflict, err);
    return rc == CF_OK ? cf_conflict_tell(central, use->record, err) : rc;
}

static enum cf_rc count_use(struct cf_central *central, const struct cf_log *log,
                            const struct cf_redemption *redemption, uint32_t day, struct cf_account *account,
                            struct cf_use *use, struct cf_error *err)
{
    struct cf_coupon_row coupon;
    enum cf_conflict_kind kind = 0;
    int64_t use_id = 0;
    bool found;
    enum cf_rc rc = cf_coupon_row_get(central, redemption->campaign, redemption->index, &coupon, &found, err);
    if (rc == CF_OK) {
        rc = cover(central, log, redemption, day, account, &coupon, use, &kind, err);
    }
    if (rc == CF_OK) {
        rc = cf_adjudicate_use(central, account, &coupon, use, &use_id, err);
    }
    return rc == CF_OK && kind != 0 ? report_use(central, account, redemption, use, use_id, kind, err) : rc;
}

static enum cf_rc apply_redemption(struct cf_central *central, const struct cf_log *log, uint64_t id,
                                   const struct cf_dated *dated, const struct cf_sale *sale, size_t n,
                                   struct cf_error *err)
{
    const struct cf_redemption *redemption = &sale->redemptions[n];
    struct cf_account *account;
    bool known = false;
    enum cf_rc rc = cf_redeem_confirm(central, log, redemption, cf_sale_redemption_value(sale, n), id, &known, err);
    if (rc != CF_OK || known) {
        return rc;
    }
    rc = cf_ledger_account(central, redemption->campaign, &account, err);
    if (rc == CF_E_CAMPAIGN_UNKNOWN) {
        return alarm_use(central, id, redemption, "was redeemed, but there is no such campaign", err);
    }
    struct cf_use use = {.generation = redemption->generation,
                         .policy = redemption->policy,
                         .at_us = cf_wall_from_ms(dated->time.at_ms).us,
                         .order_ms = dated->time.order_ms,
                         .boot = dated->boot,
                         .cost_minor = cf_sale_redemption_value(sale, n),
                         .place = log->terminal,
                         .epoch = log->epoch,
                         .record = id,
                         .n = (uint32_t)n};
    memcpy(use.request_key, redemption->request_key, CF_REQUEST_KEY_BYTES);
    if (rc == CF_OK) {
        rc = count_use(central, log, redemption, sale->business_day, account, &use, err);
    }
    return rc == CF_OK ? cf_ledger_redeemed(central, redemption->campaign, redemption->index, err) : rc;
}

/* --- issued coupons ----------------------------------------------------------------------------------------------- */

static enum cf_rc touch_range(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                              cf_kid grant_id, struct touched_range **ret, struct cf_error *err)
{
    for (size_t i = 0; i < a->n_ranges; i++) {
        if (cf_kid_equal(a->ranges[i].grant_id, grant_id)) {
            *ret = &a->ranges[i];
            return CF_OK;
        }
    }
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_ISSUE_RANGE_GET, CF_ARGS(cf_v_int(cf_get_be32(grant_id.b))), row,
                                 &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    struct touched_range *range = &a->ranges[a->n_ranges < RANGES_MAX ? a->n_ranges++ : RANGES_MAX - 1];
    *range = (struct touched_range){.grant_id = grant_id};
    if (found && (uint64_t)row[1].i == log->id) {
        range->known = true;
        range->campaign = (uint32_t)row[0].i;
        range->first = row[2].i;
        range->last = row[3].i;
        range->issued = row[5].i;
    }
    *ret = range;
    return CF_OK;
}

static enum cf_rc apply_issued(struct cf_central *central, struct cf_applier *a, const struct cf_log *log, uint64_t id,
                               int64_t at_us, const struct cf_issued *issued, struct cf_error *err)
{
    struct touched_range *range;
    enum cf_rc rc = touch_range(central, a, log, issued->grant_id, &range, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!range->known || issued->campaign != range->campaign || issued->index < range->first ||
        issued->index > range->last) {
        char text[120];
        (void)snprintf(text, sizeof text, "issued coupon %lu of campaign %lu without a grant for it",
                       (unsigned long)issued->index, (unsigned long)issued->campaign);
        return cf_central_alarm(central, id, CF_E_COUPON_RANGE, text, err);
    }
    if (issued->index - range->first + 1 > range->issued) {
        range->issued = issued->index - range->first + 1;
        rc = cf_store_run(central->store, CF_Q_ISSUE_RANGE_ISSUED,
                          CF_ARGS(cf_v_int(cf_get_be32(issued->grant_id.b)), cf_v_int(range->issued)), err);
    }
    if (rc == CF_OK) {
        rc = cf_store_run(
            central->store, CF_Q_COUPON_ISSUED,
            CF_ARGS(cf_v_int(issued->campaign), cf_v_int(issued->index), cf_v_int(issued->exp_s), cf_v_int(at_us)),
            err);
    }
    return rc;
}

/* A till that has used three quarters of a range gets the next one while it is still online. */
static enum cf_rc renew_ranges(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                               const cf_public_key *till_key, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; i < a->n_ranges && rc == CF_OK; i++) {
        struct touched_range *range = &a->ranges[i];
        struct cf_value row[CF_STORE_COLUMNS_MAX];
        struct cf_account *account;
        bool found;
        int64_t size = range->last - range->first + 1;
        if (!range->known || range->issued * 4 < size * 3) {
            continue;
        }
        rc = cf_store_row(central->store, CF_Q_ISSUE_RANGE_NEWER,
                          CF_ARGS(cf_v_int(range->campaign), cf_v_int((int64_t)log->id), cf_v_int(range->first)), row,
                          &found, err);
        if (rc == CF_OK && row[0].i == 0) {
            rc = cf_ledger_account(central, range->campaign, &account, err);
            if (rc == CF_OK) {
                rc = cf_grant_issue(central, account, log, till_key, err);
            }
        }
    }
    return rc;
}

enum cf_rc cf_apply_end(struct cf_central *central, struct cf_applier *a, const struct cf_log *log, uint64_t cursor,
                        const cf_public_key *till_key, struct cf_error *err)
{
    enum cf_rc rc = cf_apply_heard(central, a->returns, log, cursor, err);
    if (rc == CF_OK) {
        rc = cf_order_heard(central, log, cursor, err);
    }
    if (rc == CF_OK) {
        rc = cf_ledger_top_up_used(central, log, err);
    }
    if (rc == CF_OK) {
        rc = cf_value_range(central, log, till_key, err);
    }
    return rc == CF_OK ? renew_ranges(central, a, log, till_key, err) : rc;
}

/* --- records by type ---------------------------------------------------------------------------------------------- */

static enum cf_rc earn(struct cf_central *central, uint64_t id, const struct cf_sale *sale, struct cf_error *err)
{
    bool known;
    if (!sale->has_member) {
        return CF_OK;
    }
    bool erased = false;
    enum cf_rc rc = cf_erase_note_late(central, sale->member, &erased, err);
    if (rc != CF_OK || erased) {
        return rc;
    }
    if (sale->points < 0 || sale->points > POINTS_MAX) {
        return cf_central_alarm(central, id, CF_E_RANGE, "points out of range: not added", err);
    }
    rc = cf_member_earn(central, sale->member, sale->points, sale->member_live ? sale->member_counter : 0, &known, err);
    if (rc == CF_OK && known) {
        rc = cf_points_note(central, sale->member, sale->points, CF_POINTS_SALE, id, err);
    }
    if (rc == CF_OK && !known) {
        rc = cf_central_alarm(central, id, CF_E_MEMBER_UNKNOWN, "points of a member that is not known", err);
    }
    return rc;
}

/* *ret_what: CF_E_RECORD if its money is not right to the cent. It is a sale all the same: everything else applies. */
static enum cf_rc apply_sale(struct cf_central *central, struct cf_applier *a, const struct cf_log *log, uint64_t id,
                             const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                             struct cf_error *err)
{
    struct cf_sale *sale = a->sale;
    *ret_what = cf_sale_decode(record->body, sale, why);
    if (*ret_what == CF_OK && sale->gross_minor > CF_SALE_MINOR_MAX) /* no till of ours sells it; sums would burst */
        *ret_what = cf_fail(why, CF_E_RECORD, "a sale of %lld", (long long)sale->gross_minor);
    if (*ret_what != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    const struct cf_dated dated = cf_boots_date(a->boots, record);
    enum cf_rc rc = write_sale(central, id, cf_wall_from_ms(dated.time.at_ms), sale, err);
    if (rc == CF_OK) {
        rc = write_parts(central, id, sale, err);
    }
    if (rc == CF_OK) {
        rc = cf_judge_sale(central, a->judge, log, id, record, sale, cf_wall_from_ms(dated.time.at_ms), ret_what, why,
                           err);
    }
    struct cf_error of_exchange = {.rc = CF_OK, .detail = ""};
    if (cf_exchange_keep(&a->promise, log, record->seq, sale, &of_exchange) != CF_OK && *ret_what == CF_OK) {
        *why = of_exchange;
        *ret_what = of_exchange.rc;
    }
    for (size_t i = 0; i < sale->n_discounts && rc == CF_OK; i++) {
        const struct cf_sale_discount *d = &sale->discounts[i];
        rc = cf_ledger_sold(central, d->campaign, d->version, d->amount_minor, err);
    }
    for (size_t i = 0; i < sale->n_redemptions && rc == CF_OK; i++) {
        rc = apply_redemption(central, log, id, &dated, sale, i, err);
    }
    for (size_t i = 0; i < sale->n_issued && rc == CF_OK; i++) {
        rc = apply_issued(central, a, log, id, cf_wall_from_ms(dated.time.at_ms).us, &sale->issued[i], err);
    }
    if (rc == CF_OK) {
        rc = cf_value_sale(central, log, id, sale, err);
    }
    if (rc == CF_OK) {
        rc = cf_order_apply_sale(central, log, id, sale, ret_what, why, err);
    }
    if (rc == CF_OK) {
        rc = cf_quote_apply_sale(central, id, cf_wall_from_ms(dated.time.at_ms), sale, ret_what, why, err);
    }
    if (rc == CF_OK) {
        rc = earn(central, id, sale, err);
    }
    if (rc == CF_OK) {
        rc = cf_visits_sold(central, id, sale, err);
    }
    return rc;
}

/* Judged as the sale that it would have been; nothing is booked. One that is odd is none: no other till sells under it.
 */
static enum cf_rc apply_quote(struct cf_central *central, struct cf_applier *a, const struct cf_log *log, uint64_t id,
                              const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                              struct cf_error *err)
{
    int64_t expires_s = 0;
    if (cf_quote_decode(record->body, a->sale, &expires_s, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    const cf_wall at = cf_wall_from_ms(cf_boots_date(a->boots, record).time.at_ms);
    enum cf_rc rc = cf_judge_sale(central, a->judge, log, id, record, a->sale, at, ret_what, why, err);
    return rc == CF_OK && *ret_what == CF_OK
               ? cf_quote_apply(central, log, id, at, a->sale, expires_s, ret_what, why, err)
               : rc;
}

struct day {
    struct cf_applier *applier;
    struct cf_day *sum;
};

static enum cf_rc add_to_day(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    (void)err;
    struct day *day = ctx;
    if (row[3].kind != CF_VALUE_BLOB) {
        return CF_OK;
    }
    const struct cf_record record = {.type = (enum cf_record_type)row[1].i, .wall_ms = row[4].i, .body = row[3].b};
    /* A sum that does not fit, or a record that cannot be read, differs from the till's: to be found out here. */
    (void)!cf_day_add_record(day->sum, &record, day->applier->sale, day->applier->back, NULL);
    return CF_OK;
}

/* Adds up what arrived of a Z report's day. A day begins behind the Z report before it: so each record is read for one
 * report only, whatever a till claims. */
static enum cf_rc add_up_day(struct cf_central *central, const struct cf_log *log, const struct cf_record *record,
                             const struct cf_z_report *report, struct day *day, bool *ret_own_day, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    uint64_t last = report->last_seq < record->seq ? report->last_seq : record->seq - 1;
    uint64_t first = report->first_seq < 1 ? 1 : report->first_seq;
    enum cf_rc rc = cf_store_row(
        central->store, CF_Q_Z_REPORT_LAST,
        CF_ARGS(cf_v_int((int64_t)cf_record_id(log->id, 0)), cf_v_int((int64_t)cf_record_id(log->id, record->seq))),
        row, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    *ret_own_day = row[0].i == 0 || cf_record_id(log->id, first) > (uint64_t)row[0].i;
    if (!*ret_own_day || first > last) {
        return CF_OK;
    }
    return cf_store_each(
        central->store, CF_Q_RECORD_RANGE,
        CF_ARGS(cf_v_int((int64_t)cf_record_id(log->id, first)), cf_v_int((int64_t)cf_record_id(log->id, last))),
        add_to_day, day, err);
}

static void say_difference(const struct cf_z_report *report, const struct cf_day *day, struct cf_error *why)
{
    if (!cf_totals_equal(&report->totals, &day->totals))
        (void)!cf_fail(why, CF_E_RECORD, "Z report %lu: total %lld, the records say %lld", (unsigned long)report->z_no,
                       (long long)report->totals.total_minor, (long long)day->totals.total_minor);
    else
        (void)!cf_fail(why, CF_E_RECORD,
                       "Z report %lu: what it says of people, campaigns, hours or the drawer is not in the records",
                       (unsigned long)report->z_no);
}

/* What the till says of a day against the records that arrived. */
static enum cf_rc judge_z_report(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                                 uint64_t id, const struct cf_record *record, struct cf_day *sum, enum cf_rc *ret_what,
                                 struct cf_error *why, struct cf_error *err)
{
    struct cf_z_report report;
    struct day day = {a, sum};
    bool own_day = false;
    *ret_what = cf_z_report_decode(record->body, &report, why);
    if (*ret_what != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    sum->detail.utc_offset_min = report.detail.utc_offset_min;
    enum cf_rc rc = add_up_day(central, log, record, &report, &day, &own_day, err);
    bool agrees = own_day && cf_z_report_agrees(&report, sum);
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_Z_REPORT_ADD,
                          CF_ARGS(cf_v_int((int64_t)id), cf_v_int(report.z_no), cf_v_int(report.business_day),
                                  cf_v_int((int64_t)(report.first_seq & CF_RECORD_SEQ_MAX)),
                                  cf_v_int((int64_t)(report.last_seq & CF_RECORD_SEQ_MAX)), cf_v_int(agrees)),
                          err);
    }
    if (rc == CF_OK && !own_day) {
        *ret_what =
            cf_fail(why, CF_E_RECORD, "Z report %lu covers records of the one before it", (unsigned long)report.z_no);
    } else if (rc == CF_OK && !agrees) {
        *ret_what = CF_E_RECORD;
        say_difference(&report, sum, why);
    }
    return rc;
}

static enum cf_rc apply_z_report(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                                 uint64_t id, const struct cf_record *record, enum cf_rc *ret_what,
                                 struct cf_error *why, struct cf_error *err)
{
    struct cf_day *sum = calloc(1, sizeof *sum); /* some 20 kB */
    if (sum == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a day");
    }
    enum cf_rc rc = judge_z_report(central, a, log, id, record, sum, ret_what, why, err);
    free(sum);
    return rc;
}

static enum cf_rc apply_lease_return(struct cf_central *central, const struct cf_log *log,
                                     const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                                     struct cf_error *err)
{
    struct cf_lease_return back;
    if (cf_lease_return_decode(record->body, &back, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    struct cf_holder holder = cf_holder_of_log(log);
    enum cf_rc rc = cf_ledger_return(central, &holder, &back, why);
    if (rc == CF_E_RANGE || rc == CF_E_CAMPAIGN_UNKNOWN) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    if (rc != CF_OK && err != NULL) {
        *err = *why;
    }
    return rc;
}

/* What a till gives back to its store's hub is still the store's: the hub lends it to another till. Nothing moves. */
static enum cf_rc apply_sublease_return(const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why)
{
    struct cf_hub_lease_return given;
    if (cf_hub_lease_return_decode(record->body, &given, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
    }
    return CF_OK;
}

static enum cf_rc apply_store_lease_return(struct cf_central *central, const struct cf_log *log,
                                           const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                                           struct cf_error *err)
{
    struct cf_hub_lease_return given;
    if (cf_hub_lease_return_decode(record->body, &given, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    enum cf_rc rc = cf_hub_return(central, log, &given, why);
    if (rc == CF_E_RANGE || rc == CF_E_CAMPAIGN_UNKNOWN) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    if (rc != CF_OK && err != NULL) {
        *err = *why;
    }
    return rc;
}

/* The home of a pinned right gives it up: the evidence that it can be honoured elsewhere, with a new generation. */
static enum cf_rc apply_released(struct cf_central *central, const struct cf_log *log, uint64_t id,
                                 const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                                 struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t campaign, index, generation;
    struct cf_coupon_row coupon;
    struct cf_account *account;
    bool found;
    cf_cbor_read_init(&r, record->body);
    cf_cbor_read_array_of(&r, 3);
    cf_cbor_read_uint(&r, &campaign, UINT32_MAX);
    cf_cbor_read_uint(&r, &index, UINT32_MAX);
    cf_cbor_read_uint(&r, &generation, UINT32_MAX);
    if (cf_cbor_read_end(&r, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    enum cf_rc rc = cf_coupon_row_get(central, (uint32_t)campaign, (uint32_t)index, &coupon, &found, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (!found || !coupon.pinned || coupon.home != log->terminal || coupon.home_epoch != log->epoch ||
        coupon.generation != generation || !coupon.reserved || log->state != CF_LOG_ACTIVE) {
        *ret_what = cf_fail(why, CF_E_RECORD, "releases coupon %llu of campaign %llu, which it does not hold",
                            (unsigned long long)index, (unsigned long long)campaign);
        return CF_OK;
    }
    rc = cf_ledger_account(central, (uint32_t)campaign, &account, err);
    if (rc == CF_OK) {
        rc = cf_ledger_release(central, account, log->store, err);
    }
    coupon.reserved = false;
    coupon.released = (int64_t)generation;
    if (rc == CF_OK) {
        rc = cf_voucher_released(central, &coupon, id, err);
    }
    return rc == CF_OK ? cf_coupon_row_put(central, &coupon, err) : rc;
}

static enum cf_rc apply_void(struct cf_central *central, const struct cf_log *log, const struct cf_record *record,
                             enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_void_request request;
    if (cf_void_request_decode(record->body, &request, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    if (request.campaign == 0 && request.index == 0) { /* goods that were kept for a return */
        return cf_return_claim_void(central, log, request.request_key, err);
    }
    if (cf_is_order_space(request.campaign)) {
        return cf_order_void(central, log, request.request_key, request.index, request.campaign - CF_ORDER_SPACE,
                             ret_what, why, err);
    }
    if (request.campaign == 0) { /* money that was held for a sale: the index is the kind of tender */
        return cf_value_void(central, log, request.request_key, err);
    }
    return cf_redeem_void(central, log, request.request_key, request.campaign, request.index, err);
}

static enum cf_rc apply_challenge(struct cf_central *central, const struct cf_log *log, const struct cf_record *record,
                                  enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    uint8_t nonce[CF_NONCE_BYTES];
    if (cf_challenge_closed_decode(record->body, nonce, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    return cf_relay_closed(central, log, nonce, err);
}

/* Nothing follows from it but that it is on record: the money is not ours to book. A refund is one that is owed. */
static enum cf_rc apply_payment(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                                const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                                struct cf_error *err)
{
    struct cf_payment_record payment;
    if (cf_payment_record_decode(record->body, &payment, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    return payment.return_seq != 0 ? cf_apply_refund(central, a->returns, log, record, &payment, ret_what, why, err)
                                   : CF_OK;
}

/* Kept for the day's report, which is held against them. */
static enum cf_rc apply_drawer(const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why)
{
    struct cf_drawer_event event;
    if (cf_drawer_event_decode(record->body, &event, why) != CF_OK)
        *ret_what = CF_E_RECORD;
    return CF_OK;
}

static enum cf_rc apply_value(struct cf_central *central, const struct cf_log *log, const struct cf_record *record,
                              enum cf_rc *ret_what, struct cf_error *why, struct cf_error *err)
{
    struct cf_value_release release;
    if (cf_value_release_decode(record->body, &release, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    return cf_value_release(central, log, &release, ret_what, why, err);
}

static enum cf_rc apply_user(const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why)
{
    struct cf_user_event event;
    if (cf_user_event_decode(record->body, &event, why) != CF_OK)
        *ret_what = CF_E_RECORD;
    return CF_OK;
}

/* Nothing is undone by it; what it says is judged, and kept for the day's report. */
static enum cf_rc apply_open_return(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                                    uint64_t id, const struct cf_record *record, enum cf_rc *ret_what,
                                    struct cf_error *why, struct cf_error *err)
{
    struct cf_open_return back;
    if (cf_open_return_decode(record->body, &back, why) != CF_OK) {
        *ret_what = CF_E_RECORD;
        return CF_OK;
    }
    enum cf_rc rc = cf_judge_open_return(central, a->judge, log, id, record, &back, err);
    if (rc == CF_OK && back.has_card) {
        rc = cf_value_card_back(central, log, id, &back.card, back.currency, err);
    }
    return rc == CF_OK && back.has_credit ? cf_value_card_out(central, log, id, &back.credit, back.currency, err) : rc;
}

static enum cf_rc apply_by_type(struct cf_central *central, struct cf_applier *a, const struct cf_log *log, uint64_t id,
                                const struct cf_record *record, enum cf_rc *ret_what, struct cf_error *why,
                                struct cf_error *err)
{
    *ret_what = CF_OK;
    if (record->body.p == NULL) {
        *ret_what = cf_fail(why, CF_E_RECORD, "it was erased before it came here");
        return CF_OK;
    }
    switch (record->type) {
    case CF_RECORD_SALE:
        return apply_sale(central, a, log, id, record, ret_what, why, err);
    case CF_RECORD_Z_REPORT:
        return apply_z_report(central, a, log, id, record, ret_what, why, err);
    case CF_RECORD_LEASE_RETURN:
        return apply_lease_return(central, log, record, ret_what, why, err);
    case CF_RECORD_SUBLEASE_RETURN:
        return apply_sublease_return(record, ret_what, why);
    case CF_RECORD_STORE_LEASE_RETURN:
        return apply_store_lease_return(central, log, record, ret_what, why, err);
    case CF_RECORD_RELEASED:
        return apply_released(central, log, id, record, ret_what, why, err);
    case CF_RECORD_VOID_REQUEST:
        return apply_void(central, log, record, ret_what, why, err);
    case CF_RECORD_CHALLENGE:
        return apply_challenge(central, log, record, ret_what, why, err);
    case CF_RECORD_DRAWER:
        return apply_drawer(record, ret_what, why);
    case CF_RECORD_VALUE:
        return apply_value(central, log, record, ret_what, why, err);
    case CF_RECORD_USER:
        return apply_user(record, ret_what, why);
    case CF_RECORD_CANCELLED:
    case CF_RECORD_START:
    case CF_RECORD_QUARANTINE: /* fence.h has seen to it */
        return CF_OK;
    case CF_RECORD_PICK_UP:
        return cf_order_apply_pick_up(central, log, id, record->body, ret_what, why, err);
    case CF_RECORD_ORDER:
        return cf_request_apply(central, log, id, record, ret_what, why, err);
    case CF_RECORD_QUOTE:
        return apply_quote(central, a, log, id, record, ret_what, why, err);
    case CF_RECORD_PAYMENT:
        return apply_payment(central, a, log, record, ret_what, why, err);
    case CF_RECORD_OPEN_RETURN:
        return apply_open_return(central, a, log, id, record, ret_what, why, err);
    case CF_RECORD_RETURN:
        return cf_apply_return(central, a->returns, log, id, record, ret_what, why, err);
    }
    *ret_what = cf_fail(why, CF_E_RECORD, "a record of type %d", (int)record->type);
    return CF_OK;
}

/* --- the record itself -------------------------------------------------------------------------------------------- */

static enum cf_rc write_record(struct cf_central *central, uint64_t id, const struct cf_record *r,
                               const struct cf_sha256 *hash, bool hash_known, struct cf_error *err)
{
    return cf_store_run(central->store, CF_Q_RECORD_ADD,
                        CF_ARGS(cf_v_int((int64_t)id), cf_v_blob(hash->digest, hash_known ? CF_SHA256_BYTES : 0),
                                cf_v_int(r->type), cf_v_int(CF_OK), cf_v_int(r->wall_ms), cf_v_int(r->mono_ms),
                                cf_v_int(r->time_quality), cf_v_int((int64_t)r->down_cursor),
                                cf_v_blob(r->boot_id, CF_BOOT_ID_BYTES),
                                r->body.p != NULL ? cf_v_blob(r->salt, CF_SALT_BYTES) : cf_v_null(),
                                r->body.p != NULL ? cf_v_bytes(r->body) : cf_v_null()),
                        err);
}

static enum cf_rc report(struct cf_central *central, const struct cf_log *log, uint64_t id, uint64_t seq,
                         enum cf_rc what, const struct cf_error *why, struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = CF_DOWN_RESULT};
    entry.result.seq = seq;
    entry.result.rc = what;
    (void)snprintf(entry.result.text, sizeof entry.result.text, "%.120s", why->detail);
    while (!cf_text_is_utf8(cf_bytes_str(entry.result.text))) { /* the cut may have halved a character */
        entry.result.text[strlen(entry.result.text) - 1] = '\0';
    }
    enum cf_rc rc = cf_central_alarm(central, id, what, why->detail, err);
    return rc == CF_OK ? cf_down_append(central, CF_TOPIC_RESULTS, log->terminal, (int64_t)seq, &entry, err) : rc;
}

enum cf_rc cf_apply_record(struct cf_central *central, struct cf_applier *a, const struct cf_log *log,
                           const struct cf_record *record, const struct cf_sha256 *hash, bool hash_known,
                           enum cf_rc *ret_what, struct cf_error *err)
{
    uint64_t id = cf_record_id(log->id, record->seq);
    struct cf_error why = {.rc = CF_OK, .detail = ""};
    enum cf_rc what = CF_OK;
    enum cf_rc rc = write_record(central, id, record, hash, hash_known, err);
    if (rc == CF_OK) {
        rc = apply_by_type(central, a, log, id, record, &what, &why, err);
    }
    if (rc == CF_OK && a->promise.is && record->body.p != NULL) {
        rc = cf_exchange_broken(central, log, &a->promise, err);
    }
    a->promise = cf_exchange_of(record, a->back);
    if (rc == CF_OK && what != CF_OK) {
        rc = cf_store_run(central->store, CF_Q_RECORD_SET_RC, CF_ARGS(cf_v_int((int64_t)id), cf_v_int(what)), err);
    }
    if (rc == CF_OK && what != CF_OK) {
        rc = report(central, log, id, record->seq, what, &why, err);
    }
    if (rc == CF_OK) {
        rc = cf_apply_waiting_returns(central, a->returns, id, err);
    }
    if (rc == CF_OK) {
        *ret_what = what;
    }
    return rc;
}
