/*
 * app/desk/desk_wait.c - payments that somebody else takes: waiting for them, and what there is to do when nobody knows
 * whether they were taken.
 *
 * A payer answers "unknown" at once and says at a tick when there is more to be heard (struct cf_desk_payer). So the
 * till's journal says "unknown" for as long as it is so, and a kill in between finds it that way. Before the first call
 * a payer may have to be asked whether it is there; then the call is refused for want of a link while the payer is
 * busy, and is made again when it has answered.
 */
#include "app/desk/desk_private.h"

#include <stdio.h>
#include <string.h>

#define COUNTDOWN_MS 90000 /* as long as a card terminal waits for a card */
#define ASK_AGAIN_MS 2000  /* a provider whose shopper has to confirm */

static const struct cf_desk_payer *payer_of(const struct cf_desk *desk, enum cf_tender_kind kind)
{
    return kind == CF_TENDER_CARD ? &desk->ports.card : &desk->ports.mobile;
}

static enum cf_desk_payer_state state_of(const struct cf_desk *desk, enum cf_tender_kind kind)
{
    const struct cf_desk_payer *payer = payer_of(desk, kind);
    return payer->state != NULL ? payer->state(payer->ctx) : CF_DESK_PAYER_IDLE;
}

enum cf_tender_kind desk_busy_kind(const struct cf_desk *desk)
{
    bool mobile =
        state_of(desk, CF_TENDER_CARD) == CF_DESK_PAYER_IDLE && state_of(desk, CF_TENDER_MOBILE) != CF_DESK_PAYER_IDLE;
    return mobile ? CF_TENDER_MOBILE : CF_TENDER_CARD;
}

static void end_waiting(struct cf_desk *desk)
{
    explicit_bzero(&desk->wait, sizeof desk->wait);
}

static void begin_waiting(struct cf_desk *desk, enum cf_tender_kind kind, enum cf_desk_do then, bool begins)
{
    if (!desk->wait.is) {
        desk->wait.until_ms = desk->now_ms + COUNTDOWN_MS;
        desk->wait.stopped = false;
    }
    desk->wait.is = true;
    desk->wait.kind = kind;
    desk->wait.then = then;
    desk->wait.begins = begins;
    desk->wait.ask_ms = 0;
    desk_leave(desk);
    desk_say_nothing(desk);
}

/* --- outcomes
 * ---------------------------------------------------------------------------------------------------------
 */

void desk_paid(struct cf_desk *desk, enum cf_rc rc, const struct cf_till_sold *sold, enum cf_tender_kind kind,
               enum cf_desk_do then, const struct cf_error *err)
{
    bool busy = (kind == CF_TENDER_CARD || kind == CF_TENDER_MOBILE) && state_of(desk, kind) != CF_DESK_PAYER_IDLE;
    if (busy && (rc == CF_E_PAYMENT_LINK || rc == CF_E_PAYMENT_UNKNOWN)) {
        begin_waiting(desk, kind, then, rc == CF_E_PAYMENT_LINK);
        return;
    }
    end_waiting(desk);
    if (rc == CF_OK && sold != NULL && sold->committed) {
        desk_sold(desk, sold, 0);
        return;
    }
    desk_outcome(desk, rc, err, then, 0);
    if (rc == CF_OK) {
        desk_tone(desk, true);
    } else if (rc != CF_E_PERMIT) {
        desk_leave(desk); /* the page is the state's: still to pay, or unknown */
    }
}

void desk_pay(struct cf_desk *desk, enum cf_tender_kind kind, int64_t amount_minor, const char *code)
{
    struct cf_till_sold sold = {.committed = false};
    struct cf_error err;
    char copy[CF_PAY_CODE_MAX + 1] = "";
    if (code != NULL) { /* which may stand in desk->wait */
        snprintf(copy, sizeof copy, "%s", code);
    }
    const struct cf_till_pay what = {.kind = kind, .amount_minor = amount_minor, .code = code != NULL ? copy : NULL};
    enum cf_rc rc = cf_till_pay(desk->till, &what, &sold, &err);
    desk_paid(desk, rc, &sold, kind, CF_DO_NOTHING, &err);
    if (desk->wait.is) {
        desk->wait.amount_minor = amount_minor;
        memcpy(desk->wait.code, copy, sizeof copy);
    }
    explicit_bzero(copy, sizeof copy);
}

/* --- a tick
 * -----------------------------------------------------------------------------------------------------------
 */

/* The call that was refused while the payer was asked whether it is there, once more. */
static void begin_again(struct cf_desk *desk)
{
    struct desk_wait wait = desk->wait;
    struct cf_till_sold sold = {.committed = false};
    struct cf_error err;
    enum cf_rc rc;
    switch ((int)wait.then) {
    case CF_DO_UNTENDER:
        rc = cf_till_untender(desk->till, &err);
        desk_paid(desk, rc, NULL, wait.kind, wait.then, &err);
        return;
    case CF_DO_RETRY:
        rc = cf_till_payment_retry(desk->till, NULL, &sold, &err);
        desk_paid(desk, rc, &sold, wait.kind, wait.then, &err);
        return;
    case CF_DO_TAKE_BACK:
        desk_take_back(desk);
        return;
    case CF_DO_NOTE:
        end_waiting(desk);
        desk_pay_cash(desk, wait.amount_minor);
        return;
    default:
        desk_pay(desk, wait.kind, wait.amount_minor, wait.code[0] != '\0' ? wait.code : NULL);
        return;
    }
}

static void hear(struct cf_desk *desk)
{
    struct desk_wait wait = desk->wait;
    struct cf_till_sold sold = {.committed = false};
    struct cf_till_view view;
    struct cf_error err;
    enum cf_rc rc = cf_till_payment_query(desk->till, &sold, &err);
    bool pending = rc == CF_E_PAYMENT_UNKNOWN && wait.kind == CF_TENDER_MOBILE && desk->now_ms < wait.until_ms;
    if (pending && state_of(desk, wait.kind) == CF_DESK_PAYER_IDLE) { /* the shopper has not confirmed it yet */
        desk->wait.ask_ms = desk->now_ms + ASK_AGAIN_MS;
        return;
    }
    desk_paid(desk, rc, &sold, wait.kind, wait.then, &err);
    cf_till_view(desk->till, &view);
    if (rc == CF_OK && wait.then == CF_DO_UNTENDER && view.state != CF_CHECKOUT_SELLING) {
        cf_desk_act(desk, CF_DO_UNTENDER, 0); /* one is given back; the others are */
    } else if (rc == CF_OK && wait.then == CF_DO_TAKE_BACK && !desk->wait.is) {
        desk_say(desk, _("The refund was made"), "");
    }
}

static int64_t left_s(const struct cf_desk *desk)
{
    int64_t left_ms = desk->wait.until_ms - desk->now_ms;
    return left_ms > 0 ? (left_ms + 999) / 1000 : 0;
}

bool desk_wait_look(struct cf_desk *desk)
{
    if (!desk->wait.is) {
        return false;
    }
    enum cf_desk_payer_state state = state_of(desk, desk->wait.kind);
    if (state == CF_DESK_PAYER_BUSY) {
        bool later = left_s(desk) != desk->wait.shown_s;
        desk->wait.shown_s = left_s(desk);
        return later;
    }
    if (desk->wait.ask_ms > desk->now_ms) {
        return false;
    }
    if (desk->wait.begins && desk->wait.stopped) { /* nothing was asked for yet, nor will it be */
        end_waiting(desk);
        desk_say(desk, _("Stopped before anything was asked for"), "");
    } else if (desk->wait.begins) {
        begin_again(desk);
    } else {
        hear(desk);
    }
    return true;
}

void desk_wait_resume(struct cf_desk *desk)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    if (view.has_payment && state_of(desk, view.payment.kind) != CF_DESK_PAYER_IDLE) {
        begin_waiting(desk, view.payment.kind, CF_DO_NOTHING, false);
    }
}

/* --- waiting
 * ----------------------------------------------------------------------------------------------------------
 */

static const char *prompt_wait(const struct cf_desk *desk)
{
    return desk->wait.stopped                  ? _("Being stopped: wait for how it ended")
           : desk->wait.begins                 ? _("Calling ...")
           : desk->wait.kind == CF_TENDER_CARD ? _("The shopper pays at the card terminal")
                                               : _("The shopper confirms the payment on the phone");
}

static void fill_wait(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    char text[CF_PAGE_AMOUNT_MAX];
    int64_t amount_minor = view->has_payment              ? view->payment.amount_minor
                           : desk->wait.amount_minor != 0 ? desk->wait.amount_minor
                                                          : view->due_minor;
    desk_money_field(desk, page->fields, &page->n_fields, desk_tender_name(desk->wait.kind), amount_minor, true);
    desk_put(text, sizeof text, cf_text_of_n("%lu second", "%lu seconds", (unsigned long)left_s(desk)),
             (unsigned long)left_s(desk));
    desk_field(page->fields, &page->n_fields, _("Time left"), text, false);
    desk_key(desk, page, CF_DO_STOP, _("Stop"), CF_KEY_DESTRUCTIVE, !desk->wait.stopped);
}

/* Nothing else may be done meanwhile: the money is on its way, and whoever sells is who the sale is recorded of. */
static bool act_wait(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    const struct cf_desk_payer *payer = payer_of(desk, desk->wait.kind);
    (void)arg;
    if (act == CF_DO_STOP && !desk->wait.stopped && payer->stop != NULL) {
        payer->stop(payer->ctx);
        desk->wait.stopped = true;
        desk->wait.ask_ms = 0;
        desk->wait.until_ms = desk->now_ms; /* one more answer, and then it is as it is */
    } else if (act == CF_DO_LOCK) {
        desk_say_no(desk, _("First the payment has to end."), "");
    }
    return true;
}

static void scan_nothing(struct cf_desk *desk, cf_bytes text)
{
    (void)text;
    desk_say_no(desk, _("First the payment has to end."), "");
}

const struct desk_page desk_page_wait = {
    .prompt = prompt_wait, .fill = fill_wait, .scan = scan_nothing, .act = act_wait};

/* --- nobody knows
 * -----------------------------------------------------------------------------------------------------
 */

static const char *state_text(enum cf_payment_state state)
{
    switch ((int)state) {
    case CF_PAYMENT_REVERSAL_UNKNOWN:
        return _("taken; whether it was given back is not known");
    case CF_PAYMENT_OWED:
        return _("a refund that is still owed");
    case CF_PAYMENT_REFUND_UNKNOWN:
        return _("whether it was refunded is not known");
    default:
        return _("whether it was paid is not known");
    }
}

static const char *prompt_unknown(const struct cf_desk *desk)
{
    struct cf_till_view view;
    cf_till_view(desk->till, &view);
    return !view.has_payment                       ? _("Paid, and not recorded yet: try again")
           : view.payment.state == CF_PAYMENT_OWED ? _("The refund is owed: ask for it again, or a manager decides")
                                                   : _("Ask what became of it. Do not let the shopper pay again");
}

static void fill_unknown(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    if (!view->has_payment) {
        desk_tender_fields(desk, view, page->fields, &page->n_fields);
        desk_key(desk, page, CF_DO_SETTLE, _("Try again"), CF_KEY_CONFIRM, true);
        desk_key(desk, page, CF_DO_UNTENDER, _("Give back"), CF_KEY_DESTRUCTIVE, true);
        return;
    }
    desk_money_field(desk, page->fields, &page->n_fields, desk_tender_name(view->payment.kind),
                     view->payment.amount_minor, true);
    desk_field(page->fields, &page->n_fields, _("What is known"), state_text(view->payment.state), false);
    bool owed = view->payment.state == CF_PAYMENT_OWED;
    desk_key(desk, page, CF_DO_QUERY, _("Ask again"), CF_KEY_CONFIRM, !owed);
    desk_key(desk, page, CF_DO_RETRY, _("Try again"), CF_KEY_PLAIN, true);
    desk_key(desk, page, CF_DO_DECIDE, _("Manager decides"), CF_KEY_DESTRUCTIVE, true);
}

static bool act_unknown(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    struct cf_till_sold sold = {.committed = false};
    struct cf_till_view view;
    struct cf_error err;
    enum cf_rc rc;
    (void)arg;
    cf_till_view(desk->till, &view);
    enum cf_tender_kind kind = view.has_payment ? view.payment.kind : CF_TENDER_CASH;
    switch ((int)act) {
    case CF_DO_QUERY:
        rc = cf_till_payment_query(desk->till, &sold, &err);
        desk_paid(desk, rc, &sold, kind, CF_DO_QUERY, &err);
        return true;
    case CF_DO_RETRY:
        rc = cf_till_payment_retry(desk->till, NULL, &sold, &err);
        desk_paid(desk, rc, &sold, kind, CF_DO_RETRY, &err);
        return true;
    case CF_DO_SETTLE:
        rc = cf_till_settle(desk->till, &sold, &err);
        desk_paid(desk, rc, &sold, kind, CF_DO_SETTLE, &err);
        return true;
    case CF_DO_DECIDE:
        desk_enter(desk, CF_PAGE_DECIDE);
        desk->decision = CF_DO_NOTHING;
        return true;
    default:
        return false;
    }
}

const struct desk_page desk_page_unknown = {
    .prompt = prompt_unknown, .fill = fill_unknown, .scan = scan_nothing, .act = act_unknown};

/* --- a manager's word
 * -------------------------------------------------------------------------------------------------
 */

static const char *prompt_decide(const struct cf_desk *desk)
{
    return desk->decision == CF_DO_NOTHING ? _("Look at the slip or ask the bank. How is it?")
                                           : _("Why? It stays on record");
}

static const char *asks_decide(const struct cf_desk *desk)
{
    return desk->decision == CF_DO_NOTHING ? "" : _("Reason");
}

static void fill_decide(struct cf_desk *desk, const struct cf_till_view *view, struct cf_cashier_page *page)
{
    bool asks = desk->decision == CF_DO_NOTHING;
    bool back = view->has_payment && cf_payment_is_back(view->payment.state);
    page->modal = true;
    if (view->has_payment) {
        desk_money_field(desk, page->fields, &page->n_fields, desk_tender_name(view->payment.kind),
                         view->payment.amount_minor, true);
    }
    desk_key(desk, page, CF_DO_TAKEN, back ? _("It was given back") : _("It was taken"), CF_KEY_CONFIRM, asks);
    desk_key(desk, page, CF_DO_NOT_TAKEN, back ? _("It was not given back") : _("It was not taken"), CF_KEY_DESTRUCTIVE,
             asks);
    desk_key(desk, page, CF_DO_ELSEWHERE, _("Settled in another way"), CF_KEY_PLAIN, asks);
    desk_key(desk, page, CF_DO_ENTER, _("Confirm"), CF_KEY_CONFIRM, !asks && desk->n_entry > 0);
    desk_back_key(desk, page);
}

static void enter_decide(struct cf_desk *desk)
{
    struct cf_till_sold sold = {.committed = false};
    struct cf_till_view view;
    struct cf_till_user user;
    struct cf_error err;
    if (desk->decision == CF_DO_NOTHING) {
        return;
    }
    cf_till_view(desk->till, &view);
    cf_till_user(desk->till, &user);
    const struct cf_till_decision what = {
        .event = desk->decision == CF_DO_TAKEN       ? CF_PAYMENT_SAY_TAKEN
                 : desk->decision == CF_DO_NOT_TAKEN ? CF_PAYMENT_SAY_NOT_TAKEN
                                                     : CF_PAYMENT_SETTLE_ELSEWHERE,
        .by = user.is ? user.shown : desk->place,
        .reason = desk->entry,
    };
    enum cf_rc rc = cf_till_payment_decide(desk->till, &what, &sold, &err);
    if (rc == CF_E_PERMIT) {
        desk_outcome(desk, rc, &err, CF_DO_ENTER, 0);
    } else {
        desk_paid(desk, rc, &sold, view.payment.kind, CF_DO_DECIDE, &err);
    }
}

static bool act_decide(struct cf_desk *desk, enum cf_desk_do act, int64_t arg)
{
    (void)arg;
    if (act == CF_DO_TAKEN || act == CF_DO_NOT_TAKEN || act == CF_DO_ELSEWHERE) {
        desk->decision = act;
        return true;
    }
    return false;
}

const struct desk_page desk_page_decide = {.prompt = prompt_decide,
                                           .asks = asks_decide,
                                           .fill = fill_decide,
                                           .enter = enter_decide,
                                           .scan = scan_nothing,
                                           .act = act_decide};
