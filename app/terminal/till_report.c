/*
 * app/terminal/till_report.c - the X report (any time) and the Z report (closes the business day).
 *
 * The business day of a Z is the civil date on which the first of what it covers was done, so that a shop which sells
 * past midnight closes the day that it opened; a day on which nothing was done has the date of its Z. A sale's own
 * business day is the date at its commit: it counts for what a campaign allows a day.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

#include "app/receipt/day_receipt.h"

static enum cf_rc count_result(void *ctx, const struct cf_result *result, struct cf_error *err)
{
    struct cf_till_report *report = ctx;
    (void)err;
    if (cf_result_is_conflict(result->rc))
        report->conflicts_open++;
    else if (result->rc != CF_OK)
        report->faults_open++;
    return CF_OK;
}

/* --- the open day --------------------------------------------------------------------------------------------------
 */

static enum cf_rc read_day(struct cf_till *till, size_t max_n, uint64_t *ret_left, struct cf_error *err)
{
    if (!till->day)
        till->day = calloc(1, sizeof *till->day);
    if (!till->day)
        return cf_fail(err, CF_E_NO_MEMORY, "the day");
    int32_t offset_min = cf_store_offset_min(&till->settings, cf_till_clock(till).best);
    return cf_journal_day_on(till->journal, offset_min, max_n, till->day, ret_left, err);
}

enum cf_rc till_day(struct cf_till *till, const struct cf_journal_day **ret, struct cf_error *err)
{
    uint64_t left;
    enum cf_rc rc = read_day(till, SIZE_MAX, &left, err);
    if (rc == CF_OK)
        *ret = till->day;
    return rc;
}

enum cf_rc cf_till_read_day(struct cf_till *till, size_t max_n, struct cf_till_reading *ret, struct cf_error *err)
{
    uint64_t left = 0;
    enum cf_rc rc = read_day(till, max_n, &left, err);
    if (rc != CF_OK)
        return rc;
    ret->read = till->day->last_seq + 1 - till->day->first_seq;
    ret->all = ret->read + left;
    return CF_OK;
}

static enum cf_rc put_day(struct cf_till *till, struct cf_till_report *report, struct cf_error *err)
{
    const struct cf_journal_day *day = NULL;
    enum cf_rc rc = till_day(till, &day, err);
    if (rc != CF_OK)
        return rc;
    cf_wall at = day->has_first ? (cf_wall){day->first_wall_ms * CF_US_PER_MS} : cf_till_clock(till).best;
    report->z = (struct cf_z_report){
        .version = CF_Z_VERSION_POINTS,
        .z_no = day->z_no,
        .business_day = cf_wall_date(at, cf_store_offset_min(&till->settings, at)),
        .first_seq = day->first_seq,
        .last_seq = day->last_seq,
        .totals = day->day.totals,
        .detail = day->day.detail,
    };
    report->empty = !day->has_first;
    return CF_OK;
}

/* A start that nothing followed yet is no news to be sent: it is there because somebody asks. Else no report of a till
 * that was started for it would ever find all acknowledged. */
static enum cf_rc pass_over_start(struct cf_till *till, struct cf_till_report *report, struct cf_error *err)
{
    bool holds = false;
    if (till->start_seq == 0 || report->recorded.seq != till->start_seq ||
        till->sync.acknowledged_seq != till->start_seq - 1 || till->sync.acknowledged_seq == 0)
        return CF_OK;
    enum cf_rc rc =
        cf_journal_holds(till->journal, till->sync.acknowledged_seq, &till->sync.acknowledged_head, &holds, err);
    if (rc == CF_OK && holds)
        report->recorded = (struct cf_journal_head){till->sync.acknowledged_seq, till->sync.acknowledged_head};
    return rc;
}

static enum cf_rc gather(struct cf_till *till, struct cf_till_report *report, struct cf_error *err)
{
    memset(report, 0, sizeof *report);
    /* Campaigns change between sales only: a report in the middle of one must not move its price. */
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_IDLE ? till_refresh(till, err) : CF_OK;
    if (rc == CF_OK)
        rc = till_hear_sync(till, err);
    if (rc == CF_OK)
        rc = put_day(till, report, err);
    if (rc == CF_OK)
        rc = cf_journal_head(till->journal, &report->recorded, err);
    if (rc == CF_OK)
        rc = pass_over_start(till, report, err);
    if (rc == CF_OK)
        rc = till_parked_here(till, report->parked, &report->n_parked, err);
    if (rc == CF_OK && till->replica)
        rc = cf_replica_results(till->replica, 0, count_result, report, err);
    if (rc == CF_OK)
        rc = cf_drawer_expected(&report->z.detail.drawer, report->z.totals.tender_minor[CF_TENDER_CASH],
                                report->z.totals.returned.tender_minor[CF_TENDER_CASH], &report->expected_minor, err);
    if (rc != CF_OK)
        return rc;
    report->currency = till->settings.currency;
    report->sent_seq = till->sync.sent_seq;
    report->acknowledged_seq = till->sync.acknowledged_seq;
    report->acknowledged_head = till->sync.acknowledged_head;
    report->heads_agree = report->recorded.seq == report->acknowledged_seq &&
                          memcmp(report->recorded.hash.digest, report->acknowledged_head.digest, CF_SHA256_BYTES) == 0;
    report->z.acknowledged_seq = report->acknowledged_seq;
    report->z.sent_seq = report->sent_seq;
    report->z.recorded_head = report->recorded.hash;
    report->z.acknowledged_head = report->acknowledged_head;
    return CF_OK;
}

enum cf_rc cf_till_x_report(struct cf_till *till, struct cf_till_report *ret, struct cf_error *err)
{
    struct cf_till_report report;
    enum cf_rc rc = till_permit(till, CF_ACT_X_REPORT, NULL, err);
    if (rc == CF_OK)
        rc = gather(till, &report, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}

/* A day is closed once: with nothing done since, and no other date, there is nothing to be closed. */
static enum cf_rc check_not_closed(struct cf_till *till, const struct cf_till_report *report, struct cf_error *err)
{
    struct cf_z_report *last = malloc(sizeof *last);
    if (!last)
        return cf_fail(err, CF_E_NO_MEMORY, "a report");
    enum cf_rc rc = cf_journal_last_z(till->journal, last, err);
    if (rc == CF_OK && report->empty && last->z_no > 0 && report->z.business_day <= last->business_day)
        rc = cf_fail(err, CF_E_DAY_CLOSED, "%u by Z report %u, and nothing was done since", last->business_day,
                     last->z_no);
    free(last);
    return rc;
}

struct closing {
    const struct cf_till *till;
    const struct cf_till_report *report;
};

static enum cf_rc build_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                                struct cf_error *err)
{
    const struct closing *closing = ctx;
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = till_day_receipt(closing->till, closing->report, committed, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

enum cf_rc till_day_receipt(const struct cf_till *till, const struct cf_till_report *report,
                            const struct cf_committed *at, struct cf_receipt **ret, struct cf_error *err)
{
    struct cf_store_info store = till_store_info(till, at->wall);
    struct till_chain_tag tag = till_chain_tag(&at->hash);
    struct cf_day_parked parked[CF_TILL_PARKED_HERE_MAX];
    for (size_t i = 0; i < report->n_parked; i++)
        parked[i] = (struct cf_day_parked){report->parked[i].label, report->parked[i].user, report->parked[i].at,
                                           report->parked[i].total_minor};
    const struct cf_day_receipt facts = {
        .parked = parked,
        .n_parked = report->n_parked,
        .store = &store,
        .z = &report->z,
        .is_z = report->is_z,
        .heads_agree = report->heads_agree,
        .recorded_seq = report->recorded.seq,
        .expected_minor = report->expected_minor,
        .currency = report->currency,
        .cashier = till->cashier,
        .terminal = till->terminal,
        .epoch = till->epoch,
        .seq = at->seq,
        .at = at->wall,
        .chain_tag = report->is_z ? tag.text : NULL,
    };
    return cf_day_receipt_build(&facts, ret, err);
}

enum cf_rc cf_till_x_receipt(struct cf_till *till, const struct cf_till_report *report, struct cf_receipt **ret,
                             struct cf_error *err)
{
    const struct cf_committed now = {.seq = report->recorded.seq, .wall = cf_till_clock(till).best};
    return till_day_receipt(till, report, &now, ret, err);
}

static enum cf_rc commit_z(struct cf_till *till, struct cf_till_report *report, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct closing closing = {till, report};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    report->is_z = true;
    enum cf_rc rc = cf_z_report_encode(&report->z, &body, err);
    if (rc == CF_OK)
        rc = cf_journal_append_printed(till->journal, CF_RECORD_Z_REPORT, cf_buf_bytes(&body), &stamp, build_receipt,
                                       &closing, &report->at, err);
    if (rc == CF_OK)
        till_note_time(till, report->at.wall, stamp.time_quality);
    return rc;
}

enum cf_rc cf_till_z_report(struct cf_till *till, struct cf_till_report *ret, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    struct cf_till_report report;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_CLOSE_DAY, &facts, &next, err);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_Z_REPORT, NULL, err);
    if (rc == CF_OK)
        rc = till_refresh(till, err);
    if (rc == CF_OK)
        rc = till_return_leases(till, true, err);
    if (rc == CF_OK)
        rc = gather(till, &report, err);
    if (rc == CF_OK)
        rc = check_not_closed(till, &report, err);
    if (rc == CF_OK)
        rc = commit_z(till, &report, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}

enum cf_rc cf_till_closed_days(struct cf_till *till, struct cf_till_closed *ret, size_t cap, size_t *ret_n,
                               struct cf_error *err)
{
    struct cf_z_report *z = malloc(sizeof *z);
    uint64_t seq = 0, first_seq = 0;
    cf_wall at;
    size_t n = 0;
    if (!z)
        return cf_fail(err, CF_E_NO_MEMORY, "closed days");
    enum cf_rc rc = cf_journal_z_before(till->journal, first_seq, z, &seq, &at, err);
    while (rc == CF_OK && z->z_no > 0 && n < cap) {
        ret[n++] = (struct cf_till_closed){.z_no = z->z_no,
                                           .business_day = z->business_day,
                                           .n_sales = z->totals.n_sales,
                                           .total_minor = z->totals.total_minor};
        first_seq = z->first_seq;
        if (first_seq <= 1)
            break;
        rc = cf_journal_z_before(till->journal, first_seq, z, &seq, &at, err);
    }
    free(z);
    if (rc == CF_OK)
        *ret_n = n;
    return rc;
}
