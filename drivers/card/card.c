/*
 * drivers/card/card.c - see card.h.
 */
#include "drivers/card/card.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/card/wire.h"
#include "drivers/card/zvt.h"

#define HOST_MAX 255
#define SLICE_MS 200 /* between two looks at whether somebody gave up waiting */

struct cf_card {
    char host[HOST_MAX + 1];
    uint16_t port;
    char password[CF_ZVT_PASSWORD_DIGITS + 1];
    cf_duration connect_timeout, answer_timeout, payment_timeout;
    int fd;              /* -1: not connected; a connection is registered */
    atomic_bool stopped; /* by another thread; of the call that goes on, since each begins without it */
    struct cf_buf in, out;
};

/* What stands in a mark: the newest receipt, or that there is none. */
struct newest {
    bool has;
    uint32_t tid, receipt, trace;
    struct cf_zvt_status status; /* not in a mark */
};

/* --- the line -------------------------------------------------------------------------------------------------------
 */

static void hang_up(struct cf_card *card)
{
    if (card->fd >= 0)
        close(card->fd);
    card->fd = -1;
    cf_buf_clear(&card->in);
    cf_buf_clear(&card->out);
}

static cf_duration or_default(cf_duration given, int64_t default_s)
{
    return given.us > 0 ? given : (cf_duration){default_s * CF_US_PER_S};
}

enum cf_rc cf_card_new(const struct cf_card_config *config, struct cf_card **ret, struct cf_error *err)
{
    const char *password = config->password != NULL ? config->password : "000000";
    if (strlen(config->host) > HOST_MAX)
        return cf_fail(err, CF_E_LIMIT, "a name of %zu characters", strlen(config->host));
    if (strspn(password, "0123456789") != CF_ZVT_PASSWORD_DIGITS || password[CF_ZVT_PASSWORD_DIGITS] != '\0')
        return cf_fail(err, CF_E_ARGUMENT, "a terminal's password has six digits");
    struct cf_card *card = calloc(1, sizeof *card);
    if (card == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a card terminal");
    (void)snprintf(card->host, sizeof card->host, "%s", config->host);
    (void)snprintf(card->password, sizeof card->password, "%s", password);
    card->port = config->port;
    card->connect_timeout = or_default(config->connect_timeout, 3);
    card->answer_timeout = or_default(config->answer_timeout, 10);
    card->payment_timeout = or_default(config->payment_timeout, 90);
    card->fd = -1;
    cf_buf_init(&card->in, (size_t)2 * CF_ZVT_APDU_MAX);
    cf_buf_init(&card->out, CF_ZVT_APDU_MAX);
    *ret = card;
    return CF_OK;
}

void cf_card_free(struct cf_card *card)
{
    if (card == NULL)
        return;
    hang_up(card);
    cf_buf_done(&card->in);
    cf_buf_done(&card->out);
    free(card);
}

/* --- one command and all that follows ------------------------------------------------------------------------------
 */

static void drop_read(struct cf_buf *buf, size_t n)
{
    memmove(buf->p, buf->p + n, buf->n - n);
    buf->n -= n;
}

/* Like cf_wire_receive, but not longer than anybody waits for it. */
static enum cf_rc receive(struct cf_card *card, cf_duration timeout, struct cf_error *err)
{
    for (int64_t left_us = timeout.us;; left_us -= SLICE_MS * CF_US_PER_MS) {
        int64_t slice_us = left_us < SLICE_MS * CF_US_PER_MS ? left_us : SLICE_MS * CF_US_PER_MS;
        enum cf_rc rc = cf_wire_receive(card->fd, (cf_duration){slice_us}, &card->in, err);
        if (rc != CF_E_TIMEOUT || slice_us == left_us || atomic_exchange(&card->stopped, false))
            return rc;
    }
}

static enum cf_rc listen_to(struct cf_card *card, cf_duration timeout, struct cf_zvt_dialogue *dialogue,
                            struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    while (rc == CF_OK && !cf_zvt_dialogue_over(dialogue)) {
        struct cf_zvt_apdu apdu;
        size_t used = 0;
        cf_zvt_apdu_next(cf_buf_bytes(&card->in), &apdu, &used);
        if (used == 0) {
            rc = receive(card, timeout, err);
            continue;
        }
        cf_buf_clear(&card->out);
        rc = cf_zvt_dialogue_take(dialogue, &apdu, &card->out, err);
        drop_read(&card->in, used);
        /* The last acknowledgement may find the line cut: what it acknowledges is known all the same. */
        if (rc == CF_OK && card->out.n > 0) {
            enum cf_rc sent = cf_wire_send(card->fd, cf_buf_bytes(&card->out), card->answer_timeout, err);
            rc = cf_zvt_dialogue_over(dialogue) ? CF_OK : sent;
        }
    }
    return rc;
}

/* card->out is the command. Without a whole conversation the line is given up: nobody could tell what comes next. */
static enum cf_rc converse(struct cf_card *card, cf_duration timeout, struct cf_zvt_dialogue *ret, struct cf_error *err)
{
    struct cf_zvt_dialogue dialogue = {.stage = CF_ZVT_SENT};
    enum cf_rc rc = cf_wire_send(card->fd, cf_buf_bytes(&card->out), card->answer_timeout, err);
    if (rc == CF_OK)
        rc = listen_to(card, timeout, &dialogue, err);
    if (rc != CF_OK)
        hang_up(card);
    *ret = dialogue;
    return rc;
}

/* A new line, and a terminal that has nothing else to do. CF_E_PAYMENT_LINK. */
static enum cf_rc be_connected(struct cf_card *card, struct cf_error *err)
{
    struct cf_zvt_dialogue dialogue;
    struct cf_error why;
    if (card->fd >= 0)
        return CF_OK;
    enum cf_rc rc = cf_wire_connect(card->host, card->port, card->connect_timeout, &card->fd, err);
    if (rc != CF_OK)
        return rc;
    cf_buf_clear(&card->in);
    cf_buf_clear(&card->out);
    rc = cf_zvt_write_registration(card->password, &card->out, &why);
    if (rc == CF_OK)
        rc = converse(card, card->answer_timeout, &dialogue, &why);
    if (rc == CF_OK && dialogue.stage == CF_ZVT_COMPLETED)
        return CF_OK;
    hang_up(card);
    return cf_fail(err, CF_E_PAYMENT_LINK, "%s", rc != CF_OK ? why.detail : cf_zvt_result_text(dialogue.code));
}

/* --- the newest receipt --------------------------------------------------------------------------------------------
 */

static enum cf_rc ask_newest(struct cf_card *card, struct newest *ret, struct cf_error *err)
{
    struct cf_zvt_dialogue dialogue;
    enum cf_rc rc = be_connected(card, err);
    if (rc != CF_OK)
        return rc;
    cf_buf_clear(&card->out);
    rc = cf_zvt_write_repeat_receipt(card->password, &card->out, err);
    if (rc == CF_OK)
        rc = converse(card, card->answer_timeout, &dialogue, err);
    if (rc != CF_OK)
        return rc;
    *ret = (struct newest){.has = dialogue.has_status && dialogue.status.has_receipt && dialogue.status.receipt != 0};
    if (ret->has) {
        ret->status = dialogue.status;
        ret->tid = dialogue.status.tid;
        ret->receipt = dialogue.status.receipt;
        ret->trace = dialogue.status.trace;
        return CF_OK;
    }
    if (dialogue.stage == CF_ZVT_REFUSED && dialogue.code == 0x9c)
        return cf_fail(err, CF_E_PAYMENT_LINK, "the terminal is busy");
    return CF_OK; /* it has nothing to repeat */
}

#define MARK_BYTES 14

static void write_mark(const struct newest *newest, struct cf_pay_mark *ret)
{
    *ret = (struct cf_pay_mark){.n = MARK_BYTES};
    ret->b[0] = 1;
    ret->b[1] = newest->has;
    cf_put_be32(ret->b + 2, newest->tid);
    cf_put_be32(ret->b + 6, newest->receipt);
    cf_put_be32(ret->b + 10, newest->trace);
}

static bool read_mark(const struct cf_pay_mark *mark, struct newest *ret)
{
    if (mark->n != MARK_BYTES || mark->b[0] != 1 || mark->b[1] > 1)
        return false;
    *ret = (struct newest){.has = mark->b[1] == 1,
                           .tid = cf_get_be32(mark->b + 2),
                           .receipt = cf_get_be32(mark->b + 6),
                           .trace = cf_get_be32(mark->b + 10)};
    return true;
}

static uint32_t receipt_after(const struct newest *mark)
{
    return mark->receipt + 1 < CF_ZVT_RECEIPTS ? mark->receipt + 1 : 1;
}

/* --- answers --------------------------------------------------------------------------------------------------------
 */

static void say(struct cf_pay_answer *ret, enum cf_pay_outcome outcome, const char *text)
{
    ret->outcome = outcome;
    (void)snprintf(ret->text, sizeof ret->text, "%.*s", CF_PAY_TEXT_MAX, text);
}

static void say_yes(struct cf_pay_answer *ret, const struct cf_zvt_status *status)
{
    say(ret, CF_PAY_YES, status->card);
    (void)snprintf(ret->reference, sizeof ret->reference, "%08" PRIu32 "-%04" PRIu32 "-%06" PRIu32, status->tid,
                   status->receipt, status->trace);
}

struct reference {
    uint32_t tid, receipt, trace;
};

static bool read_reference(const char *text, struct reference *ret)
{
    char *end = NULL;
    unsigned long part[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        if (text[0] < '0' || text[0] > '9')
            return false;
        part[i] = strtoul(text, &end, 10);
        if (part[i] > 99999999 || (*end != '-') != (i == 2) || (i == 2 && *end != '\0'))
            return false;
        text = end + 1;
    }
    *ret = (struct reference){(uint32_t)part[0], (uint32_t)part[1], (uint32_t)part[2]};
    return ret->receipt > 0 && ret->receipt < CF_ZVT_RECEIPTS;
}

/* Is it what was asked for? */
static bool is_of(const struct cf_zvt_status *status, const struct cf_pay_order *order)
{
    return status->has_amount && status->amount_minor == order->amount_minor &&
           (!status->has_currency || status->currency == cf_zvt_currency(order->currency.code));
}

/* The end of a payment or reversal that was heard whole. */
static void judge_end(const struct cf_zvt_dialogue *dialogue, const struct cf_pay_order *order,
                      struct cf_pay_answer *ret)
{
    bool good = dialogue->has_status && dialogue->status.has_result && dialogue->status.result == 0;
    bool bad = dialogue->has_status && dialogue->status.has_result && dialogue->status.result != 0;
    if (dialogue->stage == CF_ZVT_REFUSED)
        say(ret, CF_PAY_NO, cf_zvt_result_text(dialogue->code));
    else if (bad)
        say(ret, CF_PAY_NO, cf_zvt_result_text(dialogue->status.result));
    else if (dialogue->stage == CF_ZVT_ABORTED && !good)
        say(ret, CF_PAY_NO, cf_zvt_result_text(dialogue->code));
    else if (dialogue->stage == CF_ZVT_ABORTED)
        say(ret, CF_PAY_UNKNOWN, "the terminal said yes, and then broke off");
    else if (!good)
        say(ret, CF_PAY_UNKNOWN, "the terminal came to an end and did not say how");
    else if (!is_of(&dialogue->status, order))
        say(ret, CF_PAY_UNKNOWN, "the terminal took another amount: look at its slip");
    else if (!dialogue->status.has_receipt)
        say(ret, CF_PAY_UNKNOWN, "the terminal gave no receipt number");
    else
        say_yes(ret, &dialogue->status);
}

/* What the newest receipt says of an order that was given when `mark` was the newest. `reversed`: the order was to
 * reverse that payment; NULL: to pay or refund, which name none. */
static void judge_newest(const struct newest *newest, const struct newest *mark, const struct cf_pay_order *order,
                         const struct reference *reversed, struct cf_pay_answer *ret)
{
    if (newest->has && mark->has && newest->tid != mark->tid)
        say(ret, CF_PAY_UNKNOWN, "this is another terminal");
    else if (newest->has == mark->has && newest->receipt == mark->receipt && newest->trace == mark->trace)
        say(ret, CF_PAY_NO, "the terminal has no receipt of it");
    else if (!newest->has)
        say(ret, CF_PAY_UNKNOWN, "the terminal has forgotten its receipts: look at the slips");
    else if (mark->has && newest->receipt != receipt_after(mark))
        say(ret, CF_PAY_UNKNOWN, "the terminal was used for something else meanwhile: look at its slips");
    else if (newest->status.has_result && newest->status.result != 0)
        say(ret, CF_PAY_NO, cf_zvt_result_text(newest->status.result));
    else if (!is_of(&newest->status, order) || newest->status.has_original != (reversed != NULL) ||
             (reversed != NULL && newest->status.original != reversed->trace))
        say(ret, CF_PAY_UNKNOWN, "the terminal's newest receipt is of something else: look at its slips");
    else
        say_yes(ret, &newest->status);
}

/* Returns whether the terminal has done nothing since the mark. */
static bool look(struct cf_card *card, const struct cf_pay_order *order, const struct reference *reversed,
                 struct cf_pay_answer *ret)
{
    struct newest newest = {.has = false}, mark = {.has = false};
    struct cf_error why;
    hang_up(card); /* a fresh line: what was on the old one is over */
    if (!read_mark(&order->mark, &mark))
        say(ret, CF_PAY_UNKNOWN, "this payment was asked of another kind of terminal");
    else if (ask_newest(card, &newest, &why) != CF_OK)
        say(ret, CF_PAY_UNKNOWN, why.detail);
    else
        judge_newest(&newest, &mark, order, reversed, ret);
    return ret->outcome == CF_PAY_NO && newest.receipt == mark.receipt && newest.trace == mark.trace;
}

/* Does the newest receipt still stand as marked? What somebody did at the terminal since then, by hand or from another
 * till, could be taken for what we ask now: then it is not asked. A mark of another kind is nobody's. */
static bool is_as_marked(struct cf_card *card, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct newest newest, mark;
    struct cf_error why;
    if (!read_mark(&order->mark, &mark))
        return true;
    if (ask_newest(card, &newest, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail);
        return false;
    }
    if (newest.has == mark.has && newest.tid == mark.tid && newest.receipt == mark.receipt &&
        newest.trace == mark.trace)
        return true;
    hang_up(card);
    say(ret, CF_PAY_NO, "the terminal was used for something else just now: try again");
    return false;
}

/* --- the port -------------------------------------------------------------------------------------------------------
 */

static void begin(struct cf_card *card)
{
    atomic_store(&card->stopped, false); /* whatever was stopped was something else */
}

static enum cf_rc mark(void *ctx, struct cf_pay_mark *ret, struct cf_error *err)
{
    struct cf_card *card = ctx;
    struct newest newest;
    struct cf_error why;
    begin(card);
    hang_up(card); /* a line that stood for an hour may be dead, which a fresh one is not */
    if (ask_newest(card, &newest, &why) != CF_OK)
        return cf_fail(err, CF_E_PAYMENT_LINK, "%s", why.detail);
    write_mark(&newest, ret);
    return CF_OK;
}

/* The command stands in card->out. A shopper who takes too long is sent away by the till, and the terminal says how
 * that ended; if it does not, nobody knows. */
static void carry_out(struct cf_card *card, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct cf_zvt_dialogue dialogue = {.stage = CF_ZVT_SENT};
    struct cf_error why;
    if (atomic_load(&card->stopped)) { /* while the line was made: nothing was asked for yet */
        hang_up(card);
        say(ret, CF_PAY_NO, "stopped before it was asked for");
        return;
    }
    enum cf_rc rc = cf_wire_send(card->fd, cf_buf_bytes(&card->out), card->answer_timeout, &why);
    if (rc == CF_OK)
        rc = listen_to(card, card->payment_timeout, &dialogue, &why);
    if (rc == CF_E_TIMEOUT) {
        cf_buf_clear(&card->out);
        rc = cf_zvt_write_abort(&card->out, &why);
        if (rc == CF_OK)
            rc = cf_wire_send(card->fd, cf_buf_bytes(&card->out), card->answer_timeout, &why);
        if (rc == CF_OK)
            rc = listen_to(card, card->answer_timeout, &dialogue, &why);
    }
    hang_up(card);
    if (rc == CF_OK)
        judge_end(&dialogue, order, ret);
    else
        say(ret, CF_PAY_UNKNOWN, why.detail);
}

static void pay(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct cf_card *card = ctx;
    struct cf_error why;
    uint32_t currency = cf_zvt_currency(order->currency.code);
    begin(card);
    if (currency == 0) {
        say(ret, CF_PAY_NO, "card terminals take no money of this currency");
        return;
    }
    if (again) {
        if (!look(card, order, NULL, ret))
            return;
        *ret = (struct cf_pay_answer){.outcome = CF_PAY_UNKNOWN};
    }
    if (be_connected(card, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail); /* nothing was sent */
        return;
    }
    if (!again && !is_as_marked(card, order, ret))
        return;
    cf_buf_clear(&card->out);
    if (cf_zvt_write_authorisation(order->amount_minor, currency, &card->out, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail);
        return;
    }
    carry_out(card, order, ret);
}

static void query(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    begin(ctx);
    (void)look(ctx, order, NULL, ret);
    hang_up(ctx);
}

static void take_reversal(struct cf_card *card, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct reference of;
    struct cf_error why;
    if (!read_reference(order->reference, &of)) {
        say(ret, CF_PAY_NO, "this payment was not taken by this terminal");
        return;
    }
    if (again) {
        if (!look(card, order, &of, ret))
            return;
        *ret = (struct cf_pay_answer){.outcome = CF_PAY_UNKNOWN};
    }
    if (be_connected(card, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail);
        return;
    }
    cf_buf_clear(&card->out);
    if (cf_zvt_write_reversal(card->password, of.receipt, &card->out, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail);
        return;
    }
    carry_out(card, order, ret);
}

static void reverse(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    begin(ctx);
    take_reversal(ctx, order, again, ret);
}

static void query_reverse(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct reference of;
    begin(ctx);
    if (read_reference(order->reference, &of))
        (void)look(ctx, order, &of, ret);
    else
        say(ret, CF_PAY_NO, "this payment was not taken by this terminal");
    hang_up(ctx);
}

/* A refund of all of a payment of this terminal is a reversal, which needs no card and cannot be done twice; one that
 * is refused (its day is closed, say) is tried as a refund to a card that is shown, as is any part. */
static bool is_reversal(const struct cf_pay_order *order, struct reference *ret_of)
{
    struct newest mark;
    return order->whole && order->reference != NULL && read_reference(order->reference, ret_of) &&
           read_mark(&order->mark, &mark) && mark.has && mark.tid == ret_of->tid;
}

static void refund(void *ctx, const struct cf_pay_order *order, bool again, struct cf_pay_answer *ret)
{
    struct cf_card *card = ctx;
    struct reference of;
    struct cf_error why;
    uint32_t currency = cf_zvt_currency(order->currency.code);
    begin(card);
    if (is_reversal(order, &of)) {
        take_reversal(card, order, again, ret);
        return;
    }
    if (currency == 0) {
        say(ret, CF_PAY_NO, "card terminals give no money of this currency");
        return;
    }
    if (again) {
        if (!look(card, order, NULL, ret))
            return;
        *ret = (struct cf_pay_answer){.outcome = CF_PAY_UNKNOWN};
    }
    if (be_connected(card, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail); /* nothing was sent */
        return;
    }
    if (!again && !is_as_marked(card, order, ret))
        return;
    cf_buf_clear(&card->out);
    if (cf_zvt_write_refund(card->password, order->amount_minor, currency, &card->out, &why) != CF_OK) {
        say(ret, CF_PAY_NO, why.detail);
        return;
    }
    carry_out(card, order, ret);
}

static void query_refund(void *ctx, const struct cf_pay_order *order, struct cf_pay_answer *ret)
{
    struct reference of;
    if (is_reversal(order, &of))
        query_reverse(ctx, order, ret);
    else
        query(ctx, order, ret);
}

static enum cf_rc end_of_day(void *ctx, struct cf_pay_totals *ret, struct cf_error *err)
{
    struct cf_card *card = ctx;
    struct cf_zvt_dialogue dialogue;
    begin(card);
    hang_up(card);
    enum cf_rc rc = be_connected(card, err);
    if (rc != CF_OK)
        return rc;
    cf_buf_clear(&card->out);
    rc = cf_zvt_write_end_of_day(card->password, &card->out, err);
    if (rc == CF_OK)
        rc = converse(card, card->payment_timeout, &dialogue, err);
    hang_up(card);
    if (rc != CF_OK)
        return rc;
    if (dialogue.stage != CF_ZVT_COMPLETED)
        return cf_fail(err, CF_E_STATE, "%s", cf_zvt_result_text(dialogue.code));
    *ret = (struct cf_pay_totals){.known = dialogue.has_status && dialogue.status.has_amount,
                                  .total_minor = dialogue.status.amount_minor};
    return CF_OK;
}

static void stop(void *ctx)
{
    struct cf_card *card = ctx;
    atomic_store(&card->stopped, true);
}

struct cf_pay_port cf_card_port(struct cf_card *card)
{
    static const struct cf_pay_ops ops = {mark,   pay,          query,      reverse, query_reverse,
                                          refund, query_refund, end_of_day, stop};
    return (struct cf_pay_port){&ops, card};
}
