/*
 * app/terminal/till_drawer.c - cash that goes in and out of the drawer besides sales, and counting it.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

#include "app/receipt/drawer_receipt.h"
#include "base/text.h"

#define VARIANCE_LIMIT_MINOR 1000 /* where neither the till's configuration nor the store's rules say */

static enum cf_act act_of(enum cf_drawer_kind kind)
{
    switch (kind) {
    case CF_DRAWER_FLOAT:
        return CF_ACT_FLOAT;
    case CF_DRAWER_PAID_IN:
        return CF_ACT_PAID_IN;
    case CF_DRAWER_PAID_OUT:
        return CF_ACT_PAID_OUT;
    case CF_DRAWER_DROP:
        return CF_ACT_DROP;
    case CF_DRAWER_NO_SALE:
        return CF_ACT_NO_SALE;
    case CF_DRAWER_COUNT:
        break;
    }
    return CF_ACT_COUNT;
}

enum cf_rc till_expected_cash(struct cf_till *till, int64_t *ret_minor, struct cf_error *err)
{
    const struct cf_journal_day *day = NULL;
    enum cf_rc rc = till_day(till, &day, err);
    if (rc == CF_OK)
        rc = cf_drawer_expected(&day->day.detail.drawer, day->day.totals.tender_minor[CF_TENDER_CASH],
                                day->day.totals.returned.tender_minor[CF_TENDER_CASH], ret_minor, err);
    return rc;
}

struct slip {
    const struct cf_till *till;
    const struct cf_drawer_event *event;
};

static enum cf_rc build_slip(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                             struct cf_error *err)
{
    const struct slip *slip = ctx;
    struct cf_store_info store = till_store_info(slip->till, committed->wall);
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    const struct cf_drawer_receipt facts = {.store = &store,
                                            .event = slip->event,
                                            .currency = slip->till->settings.currency,
                                            .terminal = slip->till->terminal,
                                            .epoch = slip->till->epoch,
                                            .seq = committed->seq,
                                            .at = committed->wall,
                                            .chain_tag = tag.text};
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_drawer_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

/* Between sales, so that what is expected stands still. */
static enum cf_rc commit(struct cf_till *till, struct cf_drawer_event *event, struct cf_till_drawer *ret,
                         struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_till_drawer done = {.event = *event};
    struct slip slip = {till, &done.event};
    done.event.business_day = cf_wall_date(clock.best, cf_store_offset_min(&till->settings, clock.best));
    memcpy(done.event.user, till->cashier, sizeof done.event.user);
    cf_buf_clear(&till->scratch);
    enum cf_rc rc = cf_drawer_event_check(&done.event, err);
    if (rc == CF_OK)
        cf_fiscal_sign_drawer(&till->fiscal, &done.event, till->settings.currency, clock.best);
    if (rc == CF_OK)
        rc = cf_drawer_event_encode(&done.event, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_append_printed(till->journal, CF_RECORD_DRAWER, cf_buf_bytes(&till->scratch), &stamp,
                                       build_slip, &slip, &done.at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, done.at.wall, stamp.time_quality);
    if (ret)
        *ret = done;
    return CF_OK;
}

static enum cf_rc check_idle(const struct cf_till *till, struct cf_error *err)
{
    return till->sale.state == CF_CHECKOUT_IDLE ? CF_OK
                                                : cf_fail(err, CF_E_SALE_OPEN, "the drawer is seen to between sales");
}

static enum cf_rc take_reason(const char *reason, bool needed, char ret[CF_DRAWER_REASON_MAX + 1], struct cf_error *err)
{
    enum cf_rc rc = till_accept_reason(reason, ret, CF_DRAWER_REASON_MAX + 1, err);
    return rc == CF_OK && needed && ret[0] == '\0' ? cf_fail(err, CF_E_USER_REASON, "it is written down") : rc;
}

/* More than is expected in the drawer goes into the safe only as cash that is paid out does. Not by how much: who drops
 * is not to count towards it. */
static enum cf_rc permit_drop(struct cf_till *till, int64_t amount_minor, struct cf_error *err)
{
    int64_t expected_minor = 0, beyond_minor = 0;
    enum cf_rc rc = till_expected_cash(till, &expected_minor, err);
    if (rc == CF_OK)
        rc = cf_sub_i64(amount_minor, expected_minor, &beyond_minor, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_act_size size = {.minor = beyond_minor > 0 ? beyond_minor : amount_minor};
    return till_permit(till, beyond_minor > 0 ? CF_ACT_PAID_OUT : act_of(CF_DRAWER_DROP), &size, err);
}

enum cf_rc cf_till_drawer(struct cf_till *till, enum cf_drawer_kind kind, int64_t amount_minor, const char *reason,
                          struct cf_till_drawer *ret, struct cf_error *err)
{
    struct cf_drawer_event event = {.kind = kind, .amount_minor = amount_minor};
    const struct cf_act_size size = {.minor = amount_minor};
    bool no_sale = kind == CF_DRAWER_NO_SALE;
    enum cf_rc rc = check_idle(till, err);
    if (rc == CF_OK && (kind == CF_DRAWER_COUNT || (no_sale ? amount_minor != 0 : amount_minor <= 0)))
        rc = cf_fail(err, CF_E_RANGE, "%s of %lld", cf_drawer_kind_name(kind), (long long)amount_minor);
    if (rc == CF_OK)
        rc = take_reason(reason, kind != CF_DRAWER_FLOAT && kind != CF_DRAWER_DROP, event.reason, err);
    if (rc == CF_OK) /* one permit, since one override serves one */
        rc =
            kind == CF_DRAWER_DROP ? permit_drop(till, amount_minor, err) : till_permit(till, act_of(kind), &size, err);
    return rc == CF_OK ? commit(till, &event, ret, err) : rc;
}

static bool is_beyond(int64_t counted, int64_t expected, int64_t limit)
{
    int64_t variance = 0;
    return cf_sub_i64(counted, expected, &variance, NULL) != CF_OK || variance > limit || variance < -limit;
}

static int64_t variance_limit(const struct cf_till *till)
{
    if (till->variance_limit_minor > 0)
        return till->variance_limit_minor;
    return till->rules.variance_limit_minor > 0 ? till->rules.variance_limit_minor : VARIANCE_LIMIT_MINOR;
}

enum cf_rc cf_till_count(struct cf_till *till, const struct cf_drawer_count *count, const char *reason,
                         struct cf_till_drawer *ret, struct cf_error *err)
{
    struct cf_drawer_event event = {.kind = CF_DRAWER_COUNT, .count = *count};
    struct cf_till_drawer done;
    event.amount_minor = cf_drawer_count_total(count);
    enum cf_rc rc = check_idle(till, err);
    if (rc == CF_OK)
        rc = take_reason(reason, false, event.reason, err);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_COUNT, NULL, err);
    if (rc == CF_OK)
        rc = till_expected_cash(till, &event.expected_minor, err);
    /* Not by how much: who counts is not to count towards it. */
    if (rc == CF_OK && event.reason[0] == '\0' &&
        is_beyond(event.amount_minor, event.expected_minor, variance_limit(till)))
        rc = cf_fail(err, CF_E_DRAWER_VARIANCE, "no count is kept without a reason");
    if (rc == CF_OK)
        rc = commit(till, &event, &done, err);
    if (rc != CF_OK)
        return rc;
    struct cf_act_size none = {0};
    enum cf_role role = till->people.n_users > 0 ? till->people.user.role : CF_ROLE_NONE;
    done.sees_expected = cf_permit_check(role, CF_ACT_SEE_VARIANCE, &none, till->settings.currency, NULL) == CF_OK;
    if (ret)
        *ret = done;
    return CF_OK;
}
