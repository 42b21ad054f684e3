/*
 * app/terminal/till_pay.c - payments that somebody else takes: asked for, asked about, given back, decided about.
 *
 * Each call to a port follows a step in the journal that says so, on the disk before anything is sent; what comes back
 * is a step too. So after a kill the attempt is where it was, at worst unknown, and is asked about. What leaves the
 * sale again though money was or may have been taken is a record, written with the step that says so. The refunds of a
 * committed return go the same way, one after the other.
 */
#include "app/terminal/till_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/plant.h"
#include "base/text.h"

_Static_assert(CF_PAYMENT_ID_BYTES == CF_PAY_ID_BYTES, "an order carries the id of its payment");
_Static_assert(CF_PAY_REFERENCE_MAX == CF_REFERENCE_MAX, "the reference of a payment is that of its tender");

static enum cf_rc port_of(const struct cf_till *till, enum cf_tender_kind kind, const struct cf_pay_port **ret,
                          struct cf_error *err)
{
    const struct cf_pay_port *port = kind == CF_TENDER_CARD ? &till->card : &till->mobile;
    if ((kind != CF_TENDER_CARD && kind != CF_TENDER_MOBILE) || port->ops == NULL) {
        const char *name = cf_tender_kind_name(kind);
        return cf_fail(err, CF_E_PAYMENT_PORT, "nobody takes %s payments", name != NULL ? name : "such");
    }
    *ret = port;
    return CF_OK;
}

static enum cf_rc ask_mark(const struct cf_pay_port *port, struct cf_pay_mark *ret, struct cf_error *err)
{
    struct cf_pay_mark mark = {.n = 0};
    enum cf_rc rc = port->ops->mark != NULL ? port->ops->mark(port->ctx, &mark, err) : CF_OK;
    if (rc == CF_OK)
        *ret = mark;
    return rc;
}

static struct cf_pay_order order_of(const struct cf_till *till, const struct cf_open_payment *payment)
{
    struct cf_pay_order order = {
        .amount_minor = payment->amount_minor,
        .currency = till->settings.currency,
        .code = till->pay_code[0] != '\0' ? till->pay_code : NULL,
        .reference = cf_payment_is_back(payment->state) ? payment->reference : NULL,
        .of = payment->return_seq != 0 ? payment->of : NULL,
        .whole = payment->whole && !payment->asked,
        .mark = payment->mark,
    };
    memcpy(order.id, payment->id, sizeof order.id);
    return order;
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

enum cf_rc till_take_durably(struct cf_till *till, const struct cf_step *step, struct cf_error *err)
{
    enum cf_rc rc = till_try(till, step, err);
    if (rc != CF_OK)
        return rc;
    cf_buf_clear(&till->scratch);
    rc = cf_step_encode(step, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_journal_step_durable(till->journal, cf_buf_bytes(&till->scratch), err);
    if (rc == CF_OK)
        return CF_OK;
    enum cf_rc again = till_replay(till, NULL);
    return again == CF_OK ? rc : cf_fail(err, CF_E_JOURNAL_BROKEN, "the open sale cannot be read back");
}

/* A step and the record that goes with it: both are kept or neither. */
static enum cf_rc take_on_record(struct cf_till *till, const struct cf_step *step,
                                 const struct cf_payment_record *record, struct cf_error *err)
{
    struct cf_buf body;
    struct cf_committed at;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    enum cf_rc rc = till_try(till, step, err);
    if (rc != CF_OK)
        return rc;
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    cf_buf_clear(&till->scratch);
    rc = cf_step_encode(step, &till->scratch, err);
    if (rc == CF_OK)
        rc = cf_payment_record_encode(record, &body, err);
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_IDLE) /* the last refund: nothing is open any more */
        rc = cf_journal_append(till->journal, CF_RECORD_PAYMENT, cf_buf_bytes(&body), true, &stamp, &at, err);
    else if (rc == CF_OK)
        rc = cf_journal_append_step(till->journal, CF_RECORD_PAYMENT, cf_buf_bytes(&body), cf_buf_bytes(&till->scratch),
                                    &stamp, &at, err);
    cf_buf_done(&body);
    if (rc == CF_OK) {
        till_note_time(till, at.wall, stamp.time_quality);
        return CF_OK;
    }
    enum cf_rc again = till_replay(till, NULL);
    return again == CF_OK ? rc : cf_fail(err, CF_E_JOURNAL_BROKEN, "the open sale cannot be read back");
}

static struct cf_payment_record record_of(struct cf_till *till, const struct cf_open_payment *payment,
                                          enum cf_payment_state state)
{
    struct cf_payment_record record = {
        .kind = payment->kind,
        .amount_minor = payment->amount_minor,
        .currency = till->settings.currency,
        .state = state,
        .business_day = till_business_day(till),
        .return_seq = payment->return_seq,
        .tender_no = payment->tender_no,
    };
    memcpy(record.id, payment->id, sizeof record.id);
    memcpy(record.cashier, till->cashier, sizeof record.cashier);
    memcpy(record.reference, payment->reference, sizeof record.reference);
    return record;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* What a payment is known by, if whoever took it gave it no name: its id. */
static void put_reference(struct cf_step_payment *step, const char *given)
{
    if (cf_text_clean(cf_bytes_str(given), step->reference, sizeof step->reference) == 0)
        cf_hex_encode(cf_bytes_of(step->id, sizeof step->id), step->reference);
}

static bool is_unknown(enum cf_payment_state state)
{
    return state == CF_PAYMENT_UNKNOWN || state == CF_PAYMENT_REVERSAL_UNKNOWN || state == CF_PAYMENT_REFUND_UNKNOWN;
}

static enum cf_rc note_answer(struct cf_till *till, const struct cf_open_payment *payment,
                              const struct cf_pay_answer *answer, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_PAYMENT};
    memcpy(step.payment.id, payment->id, sizeof step.payment.id);
    switch (answer->outcome) {
    case CF_PAY_YES:
        step.payment.event = CF_PAYMENT_YES;
        break;
    case CF_PAY_NO:
        step.payment.event = CF_PAYMENT_NO;
        break;
    case CF_PAY_UNKNOWN:
        if (is_unknown(payment->state))
            return CF_OK; /* it was that before */
        step.payment.event = CF_PLANTED(silence_is_no) ? CF_PAYMENT_NO : CF_PAYMENT_NO_ANSWER;
        break;
    }
    bool refund = payment->return_seq != 0;
    if (answer->outcome == CF_PAY_YES && (refund || !cf_payment_is_back(payment->state)))
        put_reference(&step.payment, answer->reference);
    if (answer->outcome == CF_PAY_YES && cf_payment_is_back(payment->state)) {
        struct cf_payment_record record = record_of(till, payment, refund ? CF_PAYMENT_REFUNDED : CF_PAYMENT_REVERSED);
        if (refund) /* its own name, not that of the payment */
            memcpy(record.reference, step.payment.reference, sizeof record.reference);
        return take_on_record(till, &step, &record, err);
    }
    return till_take(till, &step, err);
}

/* The answer as a step, and as what the cashier is told. Does not commit a sale that is paid now. */
static enum cf_rc take_answer(struct cf_till *till, const struct cf_open_payment *open,
                              const struct cf_pay_answer *answer, struct cf_error *err)
{
    struct cf_open_payment payment = *open; /* the step changes or drops it */
    enum cf_rc rc = note_answer(till, &payment, answer, err);
    if (rc != CF_OK)
        return rc;
    const char *text = answer->text[0] != '\0' ? answer->text : "no reason given";
    if (answer->outcome != CF_PAY_UNKNOWN)
        memset(till->pay_code, 0, sizeof till->pay_code);
    switch (answer->outcome) {
    case CF_PAY_YES:
        return CF_OK;
    case CF_PAY_NO:
        return cf_fail(err, cf_payment_is_back(payment.state) ? CF_E_PAYMENT_KEPT : CF_E_PAYMENT_DECLINED, "%s", text);
    case CF_PAY_UNKNOWN:
        return cf_fail(err, CF_E_PAYMENT_UNKNOWN, "%s", text);
    }
    return CF_E_INTERNAL;
}

static enum cf_rc commit_if_paid(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err)
{
    struct cf_till_sold sold = {.committed = false};
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_PAID ? till_commit(till, &sold, err) : CF_OK;
    if (rc == CF_OK && ret != NULL)
        *ret = sold;
    return rc;
}

/* --- refunds ------------------------------------------------------------------------------------------------------ */

/* An id that was refused is used up: whoever said no to it may never say yes. */
static enum cf_rc owe_anew(struct cf_till *till, const struct cf_open_payment *payment, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_REFUND,
                           .refund = {.kind = payment->kind,
                                      .amount_minor = payment->amount_minor,
                                      .return_seq = payment->return_seq,
                                      .tender_no = payment->tender_no,
                                      .whole = payment->whole}};
    cf_env_random(till->env, step.refund.id, sizeof step.refund.id);
    memcpy(step.refund.of, payment->of, sizeof step.refund.of);
    memcpy(step.refund.reference, payment->reference, sizeof step.refund.reference);
    return till_take(till, &step, err);
}

/* The one that is owed next. */
static enum cf_rc ask_refund(struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_payment *payment = cf_open_payments_open(&till->sale.payments);
    const struct cf_pay_port *port = NULL;
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    struct cf_step step = {.kind = CF_STEP_PAYMENT, .payment = {.event = CF_PAYMENT_REVERSE}};
    assert(payment != NULL && payment->state == CF_PAYMENT_OWED);
    enum cf_rc rc = port_of(till, payment->kind, &port, err);
    if (rc == CF_OK)
        rc = ask_mark(port, &step.payment.mark, err);
    if (rc == CF_OK && payment->asked)
        rc = owe_anew(till, payment, err);
    if (rc != CF_OK)
        return rc;
    payment = cf_open_payments_open(&till->sale.payments);
    assert(payment != NULL);
    memcpy(step.payment.id, payment->id, sizeof step.payment.id);
    rc = till_take_durably(till, &step, err);
    if (rc != CF_OK)
        return rc;
    payment = cf_open_payments_open(&till->sale.payments);
    assert(payment != NULL);
    struct cf_pay_order order = order_of(till, payment);
    port->ops->refund(port->ctx, &order, false, &answer);
    return take_answer(till, payment, &answer, err);
}

enum cf_rc till_ask_refunds(struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_payment *payment;
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && (payment = cf_open_payments_open(&till->sale.payments)) != NULL &&
           payment->state == CF_PAYMENT_OWED && !payment->asked)
        rc = ask_refund(till, err);
    return rc;
}

enum cf_rc till_refund_link(struct cf_till *till, enum cf_tender_kind kind, bool *ret_asked, struct cf_error *err)
{
    const struct cf_pay_port *port = NULL;
    struct cf_pay_mark mark;
    *ret_asked = port_of(till, kind, &port, NULL) == CF_OK;
    return *ret_asked ? ask_mark(port, &mark, err) : CF_OK;
}

/* What follows once something became of a payment. */
static enum cf_rc go_on(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err)
{
    enum cf_rc rc = commit_if_paid(till, ret, err);
    return rc == CF_OK ? till_ask_refunds(till, err) : rc;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static enum cf_rc check_pay(struct cf_till *till, const struct cf_till_pay *what, int64_t *ret_amount_minor,
                            struct cf_error *err)
{
    struct cf_till_view view;
    struct cf_checkout_facts facts = {.has_goods = cf_cart_live_count(till->sale.cart) > 0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_PAY, &facts, &next, err);
    /* What is due may depend on how it is paid. */
    if (rc == CF_OK)
        rc = till_check_before_money(till, err);
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_SELLING)
        rc = cf_till_announce(till, what->kind, err);
    else if (rc == CF_OK)
        rc = cf_open_sale_check_kind(&till->sale, (uint32_t)what->kind, err);
    if (rc != CF_OK)
        return rc;
    cf_till_view(till, &view);
    int64_t amount_minor = what->amount_minor != 0 ? what->amount_minor : view.due_minor;
    if (cf_open_payments_misfit(&till->sale.payments))
        return cf_fail(err, CF_E_PAYMENT_PRICE, "a payment does not fit the price");
    if (amount_minor <= 0)
        return cf_fail(err, CF_E_TENDER_ZERO, "a payment of %lld", (long long)amount_minor);
    if (amount_minor > view.due_minor)
        return cf_fail(err, CF_E_TENDER_OVER, "%lld where %lld is due", (long long)amount_minor,
                       (long long)view.due_minor);
    if (till->sale.tenders.n == CF_TENDERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "a sale has at most %d tenders", CF_TENDERS_MAX);
    if (what->kind == CF_TENDER_MOBILE && (what->code == NULL || what->code[0] == '\0'))
        return cf_fail(err, CF_E_ARGUMENT, "scan the code on the shopper's phone");
    *ret_amount_minor = amount_minor;
    return CF_OK;
}

/* Short-lived: it is not kept over a restart, after which the payment is asked about and not tried again. */
static enum cf_rc keep_code(struct cf_till *till, const char *code, struct cf_error *err)
{
    memset(till->pay_code, 0, sizeof till->pay_code);
    return code != NULL ? cf_text_accept(cf_bytes_str(code), till->pay_code, sizeof till->pay_code, err) : CF_OK;
}

enum cf_rc cf_till_pay(struct cf_till *till, const struct cf_till_pay *what, struct cf_till_sold *ret,
                       struct cf_error *err)
{
    const struct cf_pay_port *port = NULL;
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    struct cf_step step = {.kind = CF_STEP_PAY};
    step.pay.kind = what->kind;
    cf_env_random(till->env, step.pay.id, sizeof step.pay.id);
    enum cf_rc rc = port_of(till, what->kind, &port, err);
    if (rc == CF_OK)
        rc = check_pay(till, what, &step.pay.amount_minor, err);
    if (rc == CF_OK)
        rc = till_permit_tender(till, err);
    if (rc == CF_OK)
        rc = keep_code(till, what->code, err);
    if (rc == CF_OK)
        rc = ask_mark(port, &step.pay.mark, err);
    if (rc != CF_OK)
        return rc;
    step.pay.priced_at_ms =
        (till->sale.state == CF_CHECKOUT_SELLING ? cf_till_clock(till).best.us : till->sale.priced_at.us) /
        CF_US_PER_MS;
    rc = till_take_durably(till, &step, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_open_payment *payment = cf_open_payments_open(&till->sale.payments);
    assert(payment != NULL);
    struct cf_pay_order order = order_of(till, payment);
    port->ops->pay(port->ctx, &order, false, &answer);
    rc = take_answer(till, payment, &answer, err);
    return rc == CF_OK ? commit_if_paid(till, ret, err) : rc;
}

/* The payment whose outcome is not known, and who may know it. An attempt that is still "asked" was cut short: by a
 * kill, or because its answer could not be kept. */
static enum cf_rc find_open(struct cf_till *till, const struct cf_open_payment **ret,
                            const struct cf_pay_port **ret_port, struct cf_error *err)
{
    const struct cf_open_payment *payment = cf_open_payments_open(&till->sale.payments);
    if (payment == NULL)
        return cf_fail(err, CF_E_STATE, "no payment is unsettled");
    if (payment->state == CF_PAYMENT_ASKED || payment->state == CF_PAYMENT_REVERSING ||
        payment->state == CF_PAYMENT_REFUNDING) {
        struct cf_pay_answer none = {.outcome = CF_PAY_UNKNOWN};
        enum cf_rc rc = note_answer(till, payment, &none, err);
        if (rc != CF_OK)
            return rc;
        payment = cf_open_payments_open(&till->sale.payments);
        assert(payment != NULL);
    }
    *ret = payment;
    return ret_port != NULL ? port_of(till, payment->kind, ret_port, err) : CF_OK;
}

static enum cf_rc query(struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_payment *payment = NULL;
    const struct cf_pay_port *port = NULL;
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    enum cf_rc rc = find_open(till, &payment, &port, err);
    if (rc != CF_OK)
        return rc;
    if (payment->state == CF_PAYMENT_OWED)
        return cf_fail(err, CF_E_PAYMENT_KEPT, "the refund is owed: ask for it again");
    struct cf_pay_order order = order_of(till, payment);
    if (payment->state == CF_PAYMENT_REFUND_UNKNOWN)
        port->ops->query_refund(port->ctx, &order, &answer);
    else if (payment->state == CF_PAYMENT_REVERSAL_UNKNOWN)
        port->ops->query_reverse(port->ctx, &order, &answer);
    else
        port->ops->query(port->ctx, &order, &answer);
    return take_answer(till, payment, &answer, err);
}

enum cf_rc cf_till_payment_query(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err)
{
    enum cf_rc rc = query(till, err);
    return rc == CF_OK ? go_on(till, ret, err) : rc;
}

enum cf_rc till_settle_payment(struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_payment *payment = cf_open_payments_open(&till->sale.payments);
    if (payment == NULL || payment->state == CF_PAYMENT_OWED) /* that is asked for when the shopper is there */
        return CF_OK;
    enum cf_rc rc = query(till, err);
    return rc != CF_OK && cf_rc_class(rc) == CF_CLASS_REFUSED ? CF_OK : rc; /* the cashier sees it and decides */
}

enum cf_rc cf_till_payment_retry(struct cf_till *till, const char *code, struct cf_till_sold *ret, struct cf_error *err)
{
    const struct cf_open_payment *payment = NULL;
    const struct cf_pay_port *port = NULL;
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    struct cf_step step = {.kind = CF_STEP_PAYMENT};
    enum cf_rc rc = find_open(till, &payment, &port, err);
    if (rc == CF_OK && code != NULL)
        rc = keep_code(till, code, err);
    if (rc != CF_OK)
        return rc;
    if (payment->state == CF_PAYMENT_OWED) {
        rc = ask_refund(till, err);
        return rc == CF_OK ? go_on(till, ret, err) : rc;
    }
    memcpy(step.payment.id, payment->id, sizeof step.payment.id);
    step.payment.event = CF_PAYMENT_RETRY;
    rc = till_take(till, &step, err); /* its id is on the disk */
    if (rc != CF_OK)
        return rc;
    payment = cf_open_payments_open(&till->sale.payments);
    assert(payment != NULL);
    struct cf_pay_order order = order_of(till, payment);
    if (payment->state == CF_PAYMENT_REFUNDING)
        port->ops->refund(port->ctx, &order, true, &answer);
    else if (payment->state == CF_PAYMENT_REVERSING)
        port->ops->reverse(port->ctx, &order, true, &answer);
    else
        port->ops->pay(port->ctx, &order, true, &answer);
    rc = take_answer(till, payment, &answer, err);
    return rc == CF_OK ? go_on(till, ret, err) : rc;
}

/* --- a manager's word --------------------------------------------------------------------------------------------- */

static enum cf_rc find_decided(struct cf_till *till, enum cf_payment_event event, const struct cf_open_payment **ret,
                               struct cf_error *err)
{
    const struct cf_open_payments *payments = &till->sale.payments;
    if (event != CF_PAYMENT_SETTLE_ELSEWHERE || cf_open_payments_open(payments) != NULL || payments->n == 0)
        return find_open(till, ret, NULL, err);
    *ret = &payments->at[payments->n - 1];
    return CF_OK;
}

/* Where the store has users it is whoever may decide: the one who is logged in, or who allowed it just now. Else the
 * name that was given. */
static enum cf_rc name_decider(const struct cf_till *till, const struct cf_till_decision *what,
                               const struct cf_act_size *size, struct cf_payment_record *record, struct cf_error *err)
{
    const struct till_people *people = &till->people;
    if (people->n_users == 0)
        return cf_text_accept(cf_bytes_str(what->by), record->by, sizeof record->by, err);
    bool alone =
        cf_permit_check(people->user.role, CF_ACT_PAYMENT_DECIDE, size, till->settings.currency, NULL) == CF_OK;
    char shown[CF_USER_NAME_MAX + 1];
    cf_user_shown(alone ? &people->user : &people->by, shown); /* not by anybody, if till_permit refuses */
    cf_text_clean(cf_bytes_str(shown), record->by, sizeof record->by);
    return CF_OK;
}

enum cf_rc cf_till_payment_decide(struct cf_till *till, const struct cf_till_decision *what, struct cf_till_sold *ret,
                                  struct cf_error *err)
{
    const struct cf_open_payment *payment = NULL;
    enum cf_payment_state next;
    struct cf_step step = {.kind = CF_STEP_PAYMENT};
    if (!cf_payment_is_decision(what->event) || what->by == NULL || what->by[0] == '\0' || what->reason == NULL ||
        what->reason[0] == '\0')
        return cf_fail(err, CF_E_ARGUMENT, "a decision has a manager and a reason");
    enum cf_rc rc = find_decided(till, what->event, &payment, err);
    if (rc == CF_OK)
        rc = cf_payment_step(payment->state, what->event, &next, err);
    if (rc != CF_OK)
        return rc;
    memcpy(step.payment.id, payment->id, sizeof step.payment.id);
    step.payment.event = what->event;
    struct cf_payment_record record = record_of(till, payment, next);
    const struct cf_act_size size = {.minor = payment->amount_minor};
    rc = name_decider(till, what, &size, &record, err);
    if (rc == CF_OK)
        rc = cf_text_accept(cf_bytes_str(what->reason), record.reason, sizeof record.reason, err);
    if (rc != CF_OK)
        return rc;
    if (what->event == CF_PAYMENT_SAY_TAKEN && payment->state == CF_PAYMENT_UNKNOWN) {
        put_reference(&step.payment, what->reference != NULL ? what->reference : "");
        memcpy(record.reference, step.payment.reference, sizeof record.reference);
    }
    rc = till_permit(till, CF_ACT_PAYMENT_DECIDE, &size, err);
    if (rc == CF_OK)
        rc = take_on_record(till, &step, &record, err);
    return rc == CF_OK ? go_on(till, ret, err) : rc;
}

/* --- giving back -------------------------------------------------------------------------------------------------- */

static enum cf_rc reverse(struct cf_till *till, const struct cf_open_payment *payment, struct cf_error *err)
{
    const struct cf_pay_port *port = NULL;
    struct cf_pay_answer answer = {.outcome = CF_PAY_UNKNOWN};
    struct cf_step step = {.kind = CF_STEP_PAYMENT};
    memcpy(step.payment.id, payment->id, sizeof step.payment.id);
    step.payment.event = CF_PAYMENT_REVERSE;
    enum cf_rc rc = port_of(till, payment->kind, &port, err);
    if (rc == CF_OK)
        rc = ask_mark(port, &step.payment.mark, err);
    if (rc == CF_OK)
        rc = till_take_durably(till, &step, err);
    if (rc != CF_OK)
        return rc;
    payment = cf_open_payments_open(&till->sale.payments);
    assert(payment != NULL);
    struct cf_pay_order order = order_of(till, payment);
    port->ops->reverse(port->ctx, &order, false, &answer);
    return take_answer(till, payment, &answer, err);
}

enum cf_rc cf_till_untender(struct cf_till *till, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_UNTENDER};
    struct cf_checkout_facts facts = {.has_goods = true};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_UNTENDER, &facts, &next, err);
    while (rc == CF_OK && till->sale.payments.n > 0)
        rc = reverse(till, &till->sale.payments.at[till->sale.payments.n - 1], err);
    if (rc == CF_OK && till->sale.state != CF_CHECKOUT_SELLING) /* cash, and what was paid outside of the till */
        rc = till_take(till, &step, err);
    if (rc == CF_OK) /* what the centre held for it */
        rc = till_settle_values(till, err);
    return rc;
}

enum cf_rc cf_till_settle(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err)
{
    if (till->sale.state != CF_CHECKOUT_PAID)
        return cf_fail(err, CF_E_STATE, "the till is %s", cf_checkout_state_name(till->sale.state));
    return commit_if_paid(till, ret, err);
}

enum cf_rc cf_till_card_end_of_day(struct cf_till *till, struct cf_pay_totals *ret, struct cf_error *err)
{
    const struct cf_pay_port *port = NULL;
    struct cf_pay_totals totals = {.known = false};
    struct cf_checkout_facts facts = {.has_goods = false};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_CLOSE_DAY, &facts, &next, err);
    if (rc == CF_OK)
        rc = port_of(till, CF_TENDER_CARD, &port, err);
    if (rc == CF_OK)
        rc = port->ops->end_of_day(port->ctx, &totals, err);
    if (rc == CF_OK)
        *ret = totals;
    return rc;
}
