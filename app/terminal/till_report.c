/*
 * app/terminal/till_report.c - the X report (any time) and the Z report (closes the business day).
 */
#include "app/terminal/till_internal.h"

#include <string.h>

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

static enum cf_rc gather(struct cf_till *till, struct cf_till_report *report, struct cf_error *err)
{
    struct cf_journal_day day;
    memset(report, 0, sizeof *report);
    /* Campaigns change between sales only: a report in the middle of one must not move its price. */
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_IDLE ? till_refresh(till, err) : CF_OK;
    if (rc == CF_OK)
        rc = till_hear_sync(till, err);
    if (rc == CF_OK)
        rc = cf_journal_day(till->journal, &day, err);
    if (rc == CF_OK)
        rc = cf_journal_head(till->journal, &report->recorded, err);
    if (rc == CF_OK && till->replica)
        rc = cf_replica_results(till->replica, 0, count_result, report, err);
    if (rc != CF_OK)
        return rc;
    report->currency = till->settings.currency;
    report->sent_seq = till->sync.sent_seq;
    report->acknowledged_seq = till->sync.acknowledged_seq;
    report->acknowledged_head = till->sync.acknowledged_head;
    report->heads_agree = report->recorded.seq == report->acknowledged_seq &&
                          memcmp(report->recorded.hash.digest, report->acknowledged_head.digest, CF_SHA256_BYTES) == 0;
    report->z = (struct cf_z_report){
        .z_no = day.z_no,
        .business_day = till_business_day(till),
        .first_seq = day.first_seq,
        .last_seq = day.last_seq,
        .acknowledged_seq = till->sync.acknowledged_seq,
        .totals = day.totals,
    };
    return CF_OK;
}

enum cf_rc cf_till_x_report(struct cf_till *till, struct cf_till_report *ret, struct cf_error *err)
{
    struct cf_till_report report;
    enum cf_rc rc = gather(till, &report, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}

enum cf_rc cf_till_z_report(struct cf_till *till, struct cf_till_report *ret, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    struct cf_till_report report;
    struct cf_committed at;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_CLOSE_DAY, &facts, &next, err);
    if (rc == CF_OK)
        rc = till_refresh(till, err);
    if (rc == CF_OK)
        rc = till_return_leases(till, true, err);
    if (rc == CF_OK)
        rc = gather(till, &report, err);
    if (rc != CF_OK)
        return rc;
    struct cf_buf body;
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    rc = cf_z_report_encode(&report.z, &body, err);
    if (rc == CF_OK)
        rc = cf_journal_append(till->journal, CF_RECORD_Z_REPORT, cf_buf_bytes(&body), false, &stamp, &at, err);
    cf_buf_done(&body);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, at.wall, stamp.time_quality);
    report.is_z = true;
    *ret = report;
    return CF_OK;
}
