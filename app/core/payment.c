/*
 * app/core/payment.c - see payment.h. One function a state that something can happen in; every event stands in each.
 */
#include "app/core/payment.h"

#include "base/cbor.h"

#define RECORD_VERSION 1
#define RECORD_FIELDS 11
#define REFUND_FIELDS 13

const char *cf_payment_state_name(enum cf_payment_state state)
{
    switch (state) {
    case CF_PAYMENT_ASKED:
        return "asked";
    case CF_PAYMENT_UNKNOWN:
        return "unknown";
    case CF_PAYMENT_APPROVED:
        return "approved";
    case CF_PAYMENT_DECLINED:
        return "declined";
    case CF_PAYMENT_REVERSING:
        return "reversing";
    case CF_PAYMENT_REVERSAL_UNKNOWN:
        return "reversal_unknown";
    case CF_PAYMENT_REVERSED:
        return "reversed";
    case CF_PAYMENT_GIVEN_UP:
        return "given_up";
    case CF_PAYMENT_ELSEWHERE:
        return "elsewhere";
    case CF_PAYMENT_OWED:
        return "owed";
    case CF_PAYMENT_REFUNDING:
        return "refunding";
    case CF_PAYMENT_REFUND_UNKNOWN:
        return "refund_unknown";
    case CF_PAYMENT_REFUNDED:
        return "refunded";
    }
    return NULL;
}

bool cf_payment_is_open(enum cf_payment_state state)
{
    return state == CF_PAYMENT_ASKED || state == CF_PAYMENT_UNKNOWN || state == CF_PAYMENT_REVERSING ||
           state == CF_PAYMENT_REVERSAL_UNKNOWN || cf_payment_is_refund(state);
}

bool cf_payment_is_refund(enum cf_payment_state state)
{
    return state == CF_PAYMENT_OWED || state == CF_PAYMENT_REFUNDING || state == CF_PAYMENT_REFUND_UNKNOWN;
}

bool cf_payment_is_back(enum cf_payment_state state)
{
    return state == CF_PAYMENT_REVERSING || state == CF_PAYMENT_REVERSAL_UNKNOWN || state == CF_PAYMENT_REVERSED ||
           cf_payment_is_refund(state) || state == CF_PAYMENT_REFUNDED;
}

bool cf_payment_is_over(enum cf_payment_state state)
{
    return !cf_payment_is_open(state) && state != CF_PAYMENT_APPROVED;
}

bool cf_payment_is_decision(enum cf_payment_event event)
{
    return event == CF_PAYMENT_SAY_TAKEN || event == CF_PAYMENT_SAY_NOT_TAKEN || event == CF_PAYMENT_SETTLE_ELSEWHERE;
}

/* --- the states --------------------------------------------------------------------------------------------------- */

static enum cf_rc when_asked(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_YES:
        *ret_next = CF_PAYMENT_APPROVED;
        return CF_OK;
    case CF_PAYMENT_NO:
        *ret_next = CF_PAYMENT_DECLINED;
        return CF_OK;
    case CF_PAYMENT_NO_ANSWER:
        *ret_next = CF_PAYMENT_UNKNOWN;
        return CF_OK;
    case CF_PAYMENT_RETRY:
    case CF_PAYMENT_REVERSE:
    case CF_PAYMENT_SAY_TAKEN:
    case CF_PAYMENT_SAY_NOT_TAKEN:
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        return CF_E_PAYMENT_OPEN;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_unknown(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_YES:
    case CF_PAYMENT_SAY_TAKEN:
        *ret_next = CF_PAYMENT_APPROVED;
        return CF_OK;
    case CF_PAYMENT_NO:
        *ret_next = CF_PAYMENT_DECLINED;
        return CF_OK;
    case CF_PAYMENT_NO_ANSWER:
        *ret_next = CF_PAYMENT_UNKNOWN;
        return CF_OK;
    case CF_PAYMENT_RETRY:
        *ret_next = CF_PAYMENT_ASKED;
        return CF_OK;
    case CF_PAYMENT_SAY_NOT_TAKEN:
        *ret_next = CF_PAYMENT_GIVEN_UP;
        return CF_OK;
    case CF_PAYMENT_REVERSE: /* of what nobody knows to be there */
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        return CF_E_PAYMENT_OPEN;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_approved(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_REVERSE:
        *ret_next = CF_PAYMENT_REVERSING;
        return CF_OK;
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        *ret_next = CF_PAYMENT_ELSEWHERE;
        return CF_OK;
    case CF_PAYMENT_YES:
    case CF_PAYMENT_NO:
    case CF_PAYMENT_NO_ANSWER:
    case CF_PAYMENT_RETRY:
    case CF_PAYMENT_SAY_TAKEN:
    case CF_PAYMENT_SAY_NOT_TAKEN:
        return CF_E_STATE;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_reversing(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_YES:
        *ret_next = CF_PAYMENT_REVERSED;
        return CF_OK;
    case CF_PAYMENT_NO: /* it was not given back, so it is still taken */
        *ret_next = CF_PAYMENT_APPROVED;
        return CF_OK;
    case CF_PAYMENT_NO_ANSWER:
        *ret_next = CF_PAYMENT_REVERSAL_UNKNOWN;
        return CF_OK;
    case CF_PAYMENT_RETRY:
    case CF_PAYMENT_REVERSE:
    case CF_PAYMENT_SAY_TAKEN:
    case CF_PAYMENT_SAY_NOT_TAKEN:
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        return CF_E_PAYMENT_OPEN;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_reversal_unknown(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_YES:
    case CF_PAYMENT_SAY_NOT_TAKEN:
        *ret_next = CF_PAYMENT_REVERSED;
        return CF_OK;
    case CF_PAYMENT_NO:
    case CF_PAYMENT_SAY_TAKEN:
        *ret_next = CF_PAYMENT_APPROVED;
        return CF_OK;
    case CF_PAYMENT_NO_ANSWER:
        *ret_next = CF_PAYMENT_REVERSAL_UNKNOWN;
        return CF_OK;
    case CF_PAYMENT_RETRY:
        *ret_next = CF_PAYMENT_REVERSING;
        return CF_OK;
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        *ret_next = CF_PAYMENT_ELSEWHERE;
        return CF_OK;
    case CF_PAYMENT_REVERSE:
        return CF_E_PAYMENT_OPEN;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_owed(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_REVERSE:
        *ret_next = CF_PAYMENT_REFUNDING;
        return CF_OK;
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        *ret_next = CF_PAYMENT_ELSEWHERE;
        return CF_OK;
    case CF_PAYMENT_YES:
    case CF_PAYMENT_NO:
    case CF_PAYMENT_NO_ANSWER:
    case CF_PAYMENT_RETRY:
    case CF_PAYMENT_SAY_TAKEN:
    case CF_PAYMENT_SAY_NOT_TAKEN:
        return CF_E_STATE;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_refunding(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_YES:
        *ret_next = CF_PAYMENT_REFUNDED;
        return CF_OK;
    case CF_PAYMENT_NO: /* still owed */
        *ret_next = CF_PAYMENT_OWED;
        return CF_OK;
    case CF_PAYMENT_NO_ANSWER:
        *ret_next = CF_PAYMENT_REFUND_UNKNOWN;
        return CF_OK;
    case CF_PAYMENT_RETRY:
    case CF_PAYMENT_REVERSE:
    case CF_PAYMENT_SAY_TAKEN:
    case CF_PAYMENT_SAY_NOT_TAKEN:
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        return CF_E_PAYMENT_OPEN;
    }
    return CF_E_INTERNAL;
}

static enum cf_rc when_refund_unknown(enum cf_payment_event event, enum cf_payment_state *ret_next)
{
    switch (event) {
    case CF_PAYMENT_YES:
    case CF_PAYMENT_SAY_NOT_TAKEN: /* the shop does not have it any more */
        *ret_next = CF_PAYMENT_REFUNDED;
        return CF_OK;
    case CF_PAYMENT_NO:
    case CF_PAYMENT_SAY_TAKEN:
        *ret_next = CF_PAYMENT_OWED;
        return CF_OK;
    case CF_PAYMENT_NO_ANSWER:
        *ret_next = CF_PAYMENT_REFUND_UNKNOWN;
        return CF_OK;
    case CF_PAYMENT_RETRY:
        *ret_next = CF_PAYMENT_REFUNDING;
        return CF_OK;
    case CF_PAYMENT_SETTLE_ELSEWHERE:
        *ret_next = CF_PAYMENT_ELSEWHERE;
        return CF_OK;
    case CF_PAYMENT_REVERSE:
        return CF_E_PAYMENT_OPEN;
    }
    return CF_E_INTERNAL;
}

enum cf_rc cf_payment_step(enum cf_payment_state state, enum cf_payment_event event, enum cf_payment_state *ret_next,
                           struct cf_error *err)
{
    enum cf_payment_state next = state;
    enum cf_rc rc = CF_E_INTERNAL;
    switch (state) {
    case CF_PAYMENT_ASKED:
        rc = when_asked(event, &next);
        break;
    case CF_PAYMENT_UNKNOWN:
        rc = when_unknown(event, &next);
        break;
    case CF_PAYMENT_APPROVED:
        rc = when_approved(event, &next);
        break;
    case CF_PAYMENT_REVERSING:
        rc = when_reversing(event, &next);
        break;
    case CF_PAYMENT_REVERSAL_UNKNOWN:
        rc = when_reversal_unknown(event, &next);
        break;
    case CF_PAYMENT_OWED:
        rc = when_owed(event, &next);
        break;
    case CF_PAYMENT_REFUNDING:
        rc = when_refunding(event, &next);
        break;
    case CF_PAYMENT_REFUND_UNKNOWN:
        rc = when_refund_unknown(event, &next);
        break;
    case CF_PAYMENT_DECLINED: /* over */
    case CF_PAYMENT_REVERSED:
    case CF_PAYMENT_GIVEN_UP:
    case CF_PAYMENT_ELSEWHERE:
    case CF_PAYMENT_REFUNDED:
        rc = CF_E_STATE;
        break;
    }
    if (rc != CF_OK) {
        const char *name = cf_payment_state_name(state);
        return cf_fail(err, rc, "the payment is %s", name != NULL ? name : "in no state");
    }
    *ret_next = next;
    return CF_OK;
}

/* --- the record --------------------------------------------------------------------------------------------------- */

static bool is_recorded(const struct cf_payment_record *record)
{
    bool decided = record->by[0] != '\0', refund = record->return_seq != 0;
    switch (record->state) {
    case CF_PAYMENT_REVERSED:
        return !refund;
    case CF_PAYMENT_REFUNDED:
        return refund;
    case CF_PAYMENT_APPROVED:
    case CF_PAYMENT_GIVEN_UP:
        return decided && !refund;
    case CF_PAYMENT_OWED:
        return decided && refund;
    case CF_PAYMENT_ELSEWHERE:
        return decided;
    case CF_PAYMENT_ASKED:
    case CF_PAYMENT_UNKNOWN:
    case CF_PAYMENT_DECLINED:
    case CF_PAYMENT_REVERSING:
    case CF_PAYMENT_REVERSAL_UNKNOWN:
    case CF_PAYMENT_REFUNDING:
    case CF_PAYMENT_REFUND_UNKNOWN:
        return false;
    }
    return false;
}

static enum cf_rc check_record(const struct cf_payment_record *record, struct cf_error *err)
{
    if (!is_recorded(record))
        return cf_fail(err, CF_E_RECORD, "a payment in state %d%s", (int)record->state,
                       record->by[0] != '\0' ? "" : " that nobody decided");
    if (record->kind == CF_TENDER_CASH || cf_tender_kind_name(record->kind) == NULL)
        return cf_fail(err, CF_E_RECORD, "a payment by tender %d", (int)record->kind);
    if (record->return_seq > INT64_MAX || record->tender_no > CF_TENDERS_MAX ||
        (record->return_seq != 0) != (record->tender_no != 0))
        return cf_fail(err, CF_E_RECORD, "a refund of tender %u", (unsigned)record->tender_no);
    cf_currency currency;
    if (cf_currency_parse(record->currency.code, &currency, NULL) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "a payment in no currency");
    if (record->amount_minor <= 0)
        return cf_fail(err, CF_E_RECORD, "a payment of %lld", (long long)record->amount_minor);
    if ((record->by[0] != '\0') != (record->reason[0] != '\0'))
        return cf_fail(err, CF_E_RECORD, "a decision has somebody who decided, and a reason");
    return CF_OK;
}

enum cf_rc cf_payment_record_encode(const struct cf_payment_record *record, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = check_record(record, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, record->return_seq != 0 ? REFUND_FIELDS : RECORD_FIELDS);
    cf_cbor_write_uint(&w, RECORD_VERSION);
    cf_cbor_write_bytes(&w, cf_bytes_of(record->id, sizeof record->id));
    cf_cbor_write_uint(&w, (uint64_t)record->kind);
    cf_cbor_write_int(&w, record->amount_minor);
    cf_cbor_write_text(&w, record->currency.code);
    cf_cbor_write_uint(&w, (uint64_t)record->state);
    cf_cbor_write_uint(&w, record->business_day);
    cf_cbor_write_text(&w, record->cashier);
    cf_cbor_write_text(&w, record->by);
    cf_cbor_write_text(&w, record->reason);
    cf_cbor_write_text(&w, record->reference);
    if (record->return_seq != 0) {
        cf_cbor_write_uint(&w, record->return_seq);
        cf_cbor_write_uint(&w, record->tender_no);
    }
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_payment_record_decode(cf_bytes bytes, struct cf_payment_record *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_payment_record record = {.amount_minor = 0};
    struct cf_error why;
    uint64_t version = 0;
    size_t n = 0;
    cf_cbor_read_init(&r, bytes);
    if (cf_cbor_read_array(&r, &n, REFUND_FIELDS) && n != RECORD_FIELDS && n != REFUND_FIELDS)
        cf_cbor_read_refuse(&r);
    if (cf_cbor_read_uint(&r, &version, RECORD_VERSION) && version != RECORD_VERSION)
        cf_cbor_read_refuse(&r);
    (void)cf_cbor_read_bytes_of(&r, record.id, sizeof record.id);
    record.kind = (enum cf_tender_kind)cf_cbor_read_u8(&r);
    (void)cf_cbor_read_int(&r, &record.amount_minor);
    (void)cf_cbor_read_cstr(&r, record.currency.code, sizeof record.currency.code);
    record.state = (enum cf_payment_state)cf_cbor_read_u8(&r);
    record.business_day = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, record.cashier, sizeof record.cashier);
    (void)cf_cbor_read_cstr(&r, record.by, sizeof record.by);
    (void)cf_cbor_read_cstr(&r, record.reason, sizeof record.reason);
    (void)cf_cbor_read_cstr(&r, record.reference, sizeof record.reference);
    if (n == REFUND_FIELDS) {
        if (cf_cbor_read_uint(&r, &record.return_seq, INT64_MAX) && record.return_seq == 0)
            cf_cbor_read_refuse(&r);
        record.tender_no = cf_cbor_read_u32(&r);
    }
    if (cf_cbor_read_end(&r, &why) != CF_OK || check_record(&record, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    *ret = record;
    return CF_OK;
}
