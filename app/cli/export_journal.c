/*
 * app/cli/export_journal.c - an entry from any record of a day; see export.h.
 *
 * Says what happened, when, by whom and about what; of what has amounts by line, bons say the rest. Nothing of a
 * shopper goes into it.
 */
#include "app/cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void of_bon(const struct bon *bon, struct entry *ret)
{
    ret->what = bon_kind_name(bon);
    ret->no = bon->no;
    ret->amount_minor = bon->total_minor;
    ret->n_void_lines = bon->n_void_lines;
    ret->void_lines_minor = bon->void_lines_minor;
    memcpy(ret->user, bon->user, sizeof ret->user);
    memcpy(ret->by, bon->by, sizeof ret->by);
    memcpy(ret->reason, bon->reason, sizeof ret->reason);
    (void)snprintf(ret->concerns, sizeof ret->concerns, "%s", bon->of);
}

static const char *user_event_name(enum cf_user_event_kind kind)
{
    switch (kind) {
    case CF_USER_LOGIN:
        return "login";
    case CF_USER_LOGOUT:
        return "logout";
    case CF_USER_LOCK:
        return "lock";
    case CF_USER_WRONG_PIN:
        return "wrong pin";
    case CF_USER_OVERRIDE:
        return "override";
    case CF_USER_REPRINT:
        return "reprint";
    }
    return "?";
}

static enum cf_rc of_user(const struct cf_record *record, struct entry *ret, struct cf_error *err)
{
    struct cf_user_event event;
    enum cf_rc rc = cf_user_event_decode(record->body, &event, err);
    if (rc != CF_OK)
        return rc;
    ret->what = user_event_name(event.kind);
    ret->amount_minor = event.size.minor;
    memcpy(ret->user, event.shown, sizeof ret->user);
    memcpy(ret->by, event.by_shown, sizeof ret->by);
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", event.reason);
    if (event.kind == CF_USER_REPRINT) {
        cf_receipt_no_format(record->terminal, record->epoch, event.sale_no, ret->concerns);
    } else if (event.kind == CF_USER_OVERRIDE) {
        ret->no = event.sale_no;
        (void)snprintf(ret->concerns, sizeof ret->concerns, "%s", cf_act_name(event.act));
    }
    return CF_OK;
}

static enum cf_rc of_payment(const struct cf_record *record, struct entry *ret, struct cf_error *err)
{
    struct cf_payment_record payment;
    enum cf_rc rc = cf_payment_record_decode(record->body, &payment, err);
    if (rc != CF_OK)
        return rc;
    const char *state = cf_payment_state_name(payment.state);
    ret->what = state ? state : "?";
    ret->amount_minor = payment.amount_minor;
    memcpy(ret->user, payment.cashier, sizeof ret->user);
    memcpy(ret->by, payment.by, sizeof ret->by);
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", payment.reason);
    (void)snprintf(ret->concerns, sizeof ret->concerns, "%s", cf_tender_kind_name(payment.kind));
    return CF_OK;
}

static enum cf_rc of_pick_up(const struct cf_record *record, struct entry *ret, struct cf_error *err)
{
    struct cf_pick_up taken;
    enum cf_rc rc = cf_pick_up_decode(record->body, &taken, err);
    if (rc != CF_OK)
        return rc;
    ret->amount_minor = taken.amount_minor;
    memcpy(ret->user, taken.cashier, sizeof ret->user);
    (void)snprintf(ret->concerns, sizeof ret->concerns, "order %" PRIu32, taken.claim.order);
    return CF_OK;
}

/* What was said of goods that were asked for. */
static enum cf_rc of_request(const struct cf_record *record, struct entry *ret, struct cf_error *err)
{
    struct cf_request_record request;
    enum cf_rc rc = cf_request_record_decode(record->body, &request, err);
    if (rc != CF_OK)
        return rc;
    ret->what = cf_request_act_name(request.act);
    memcpy(ret->user, request.cashier, sizeof ret->user);
    (void)snprintf(ret->reason, sizeof ret->reason, "%s", request.reason);
    cf_receipt_no_format(request.of.terminal, request.of.epoch, request.of.seq, ret->concerns);
    return CF_OK;
}

static enum cf_rc of_value(const struct cf_record *record, struct entry *ret, struct cf_error *err)
{
    struct cf_value_release release;
    enum cf_rc rc = cf_value_release_decode(record->body, &release, err);
    if (rc == CF_OK)
        ret->amount_minor = release.amount_minor;
    return rc;
}

static enum cf_rc of_z(const struct cf_record *record, struct entry *ret, struct cf_error *err)
{
    static struct cf_z_report z; /* large */
    enum cf_rc rc = cf_z_report_decode(record->body, &z, err);
    if (rc == CF_OK) {
        ret->no = z.z_no;
        ret->amount_minor = z.totals.total_minor;
    }
    return rc;
}

enum cf_rc entry_of(const struct cf_record *record, const struct bon *bon, struct entry *ret, struct cf_error *err)
{
    *ret = (struct entry){
        .seq = record->seq, .type = cli_record_type(record->type), .what = "", .at = {record->wall_ms * CF_US_PER_MS}};
    if (record->body.p == NULL) {
        ret->what = "erased";
        return CF_OK;
    }
    if (bon != NULL) {
        of_bon(bon, ret);
        return CF_OK;
    }
    switch ((int)record->type) {
    case CF_RECORD_USER:
        return of_user(record, ret, err);
    case CF_RECORD_PAYMENT:
        return of_payment(record, ret, err);
    case CF_RECORD_PICK_UP:
        return of_pick_up(record, ret, err);
    case CF_RECORD_ORDER:
        return of_request(record, ret, err);
    case CF_RECORD_VALUE:
        return of_value(record, ret, err);
    case CF_RECORD_Z_REPORT:
        return of_z(record, ret, err);
    default:
        return CF_OK; /* rights and the machine: their type says it */
    }
}
