/*
 * app/terminal/till_exchange.c - goods back and goods out in one: the return waits for the sale, and both are committed
 * together or neither.
 *
 * The step says which goods of which sale come back, so that after a kill nobody has to be asked again. What they are
 * worth pays first; how the rest goes back is worked out at the commit, when it is known how much that is.
 *
 *   body of the step: [terminal, epoch, seq, sale_no, by_hand, as_credit, n_stay, [line_no, before, qty ...],
 *                      null | the sale's record, if it is another till's, reason]   the last only if it is said
 */
#include "app/terminal/till_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/cbor.h"

#define BODY_FIELDS 9
#define LINE_FIELDS 3

/* --- the body of the step ------------------------------------------------------------------------------------------
 */

static bool is_named(const struct till_taking *t, size_t line)
{
    return t->before[line] > 0 || t->qty[line] > 0;
}

static void write_lines(const struct till_taking *t, struct cf_cbor_writer *w)
{
    size_t n = 0;
    for (size_t i = 0; i < t->sale->n_lines; i++)
        n += is_named(t, i) ? LINE_FIELDS : 0;
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < t->sale->n_lines; i++) {
        if (!is_named(t, i))
            continue;
        cf_cbor_write_uint(w, i + 1);
        cf_cbor_write_int(w, t->before[i]);
        cf_cbor_write_int(w, t->qty[i]);
    }
}

static enum cf_rc write_body(const struct till_taking *t, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    struct cf_buf sale CF_CLEANUP(cf_buf_done);
    cf_buf_init(&sale, CF_SALE_BYTES_MAX);
    enum cf_rc rc = t->own ? CF_OK : cf_sale_encode(t->sale, &sale, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    bool says_why = t->reason[0] != '\0';
    cf_cbor_write_array(&w, BODY_FIELDS + (says_why ? 1 : 0));
    cf_cbor_write_uint(&w, t->back->of.terminal);
    cf_cbor_write_uint(&w, t->back->of.epoch);
    cf_cbor_write_uint(&w, t->back->of.seq);
    cf_cbor_write_uint(&w, t->back->of.sale_no);
    cf_cbor_write_bool(&w, t->what->by_hand);
    cf_cbor_write_bool(&w, t->what->as_credit);
    cf_cbor_write_uint(&w, t->n_stay);
    write_lines(t, &w);
    if (t->own)
        cf_cbor_write_null(&w);
    else
        cf_cbor_write_bytes(&w, cf_buf_bytes(&sale));
    if (says_why)
        cf_cbor_write_text(&w, t->reason);
    rc = cf_cbor_write_end(&w, err);
    return rc == CF_OK ? rc : cf_fail(err, CF_E_LIMIT, "so large a sale of another till: take back and sell apart");
}

static void read_lines(struct cf_cbor_reader *r, struct till_taking *t)
{
    size_t n = 0;
    (void)cf_cbor_read_array(r, &n, (size_t)CF_CART_LINES_MAX * LINE_FIELDS);
    for (size_t i = 0; i + LINE_FIELDS <= n && r->rc == CF_OK; i += LINE_FIELDS) {
        uint64_t line_no = 0;
        if (cf_cbor_read_uint(r, &line_no, CF_CART_LINES_MAX) && line_no > 0) {
            (void)cf_cbor_read_int(r, &t->before[line_no - 1]);
            (void)cf_cbor_read_int(r, &t->qty[line_no - 1]);
        }
    }
}

/* Into a fresh one: which goods, and their sale. The till wrote it itself, and its row has a sum. */
static enum cf_rc read_body(cf_bytes body, struct cf_till_return *what, struct till_taking *t, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_sale_ref *of = &t->back->of;
    cf_bytes sale = {NULL, 0};
    uint64_t n_stay = 0;
    size_t n_fields = 0;
    cf_cbor_read_init(&r, body);
    if (cf_cbor_read_array(&r, &n_fields, BODY_FIELDS + 1) && n_fields < BODY_FIELDS)
        cf_cbor_read_refuse(&r);
    of->terminal = cf_cbor_read_u32(&r);
    of->epoch = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_uint(&r, &of->seq, INT64_MAX);
    (void)cf_cbor_read_uint(&r, &of->sale_no, INT64_MAX);
    (void)cf_cbor_read_bool(&r, &what->by_hand);
    (void)cf_cbor_read_bool(&r, &what->as_credit);
    (void)cf_cbor_read_uint(&r, &n_stay, CF_CART_LINES_MAX);
    t->n_stay = (size_t)n_stay;
    read_lines(&r, t);
    t->own = cf_cbor_read_null(&r);
    if (!t->own)
        (void)cf_cbor_read_bytes(&r, &sale, CF_EXCHANGE_BODY_MAX);
    if (n_fields > BODY_FIELDS)
        (void)cf_cbor_read_cstr(&r, t->reason, sizeof t->reason);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc != CF_OK)
        return rc;
    return t->own ? cf_journal_sale(t->till->journal, of->seq, t->sale, err) : cf_sale_decode(sale, t->sale, err);
}

/* --- goods come back for the open sale ------------------------------------------------------------------------------
 */

static enum cf_rc may_begin(struct cf_till *till, const struct cf_till_return *what, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_MEMBER, &facts, &next, err);
    if (rc == CF_OK && till->sale.exchange.is)
        rc = cf_fail(err, CF_E_EXCHANGE_OPEN, "goods came back for this sale already");
    if (rc == CF_OK && what->is_void)
        rc = cf_fail(err, CF_E_RETURN_VOID, "a void is no exchange");
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    return rc == CF_OK && till->sale.state == CF_CHECKOUT_IDLE ? till_refresh(till, err) : rc;
}

static enum cf_rc take_step(struct till_taking *t, struct cf_error *err)
{
    static const uint8_t none[CF_REQUEST_KEY_BYTES];
    struct cf_step step = {.kind = CF_STEP_EXCHANGE};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_EXCHANGE_BODY_MAX);
    enum cf_rc rc = write_body(t, &body, err);
    if (rc != CF_OK)
        return rc;
    if (memcmp(t->back->request_key, none, sizeof none) == 0) /* nobody was asked: it is its name on the sale */
        cf_env_random(t->till->env, t->back->request_key, CF_REQUEST_KEY_BYTES);
    memcpy(step.exchange.key, t->back->request_key, sizeof step.exchange.key);
    step.exchange.asked = t->back->claimed;
    step.exchange.amount_minor = t->back->exchange_minor;
    step.exchange.body = cf_buf_bytes(&body);
    return till_take(t->till, &step, err);
}

static bool is_revoked(const struct cf_return *back, uint32_t campaign, uint32_t index)
{
    bool is = false;
    for (size_t i = 0; i < back->n_revoked; i++)
        is = is || (back->revoked[i].campaign == campaign && back->revoked[i].index == index);
    return is;
}

/* A coupon that was given with these goods does not pay for those that go out for them. */
static enum cf_rc check_coupons(const struct till_taking *t, struct cf_error *err)
{
    const struct cf_open_sale *sale = &t->till->sale;
    for (size_t i = 0; i < sale->n_coupons; i++)
        if (is_revoked(t->back, sale->coupons[i].redemption.campaign, sale->coupons[i].redemption.index))
            return cf_fail(err, CF_E_COUPON_REVOKED, "coupon %u of campaign %u is on this sale: take it off first",
                           sale->coupons[i].redemption.index, sale->coupons[i].redemption.campaign);
    return CF_OK;
}

static enum cf_rc begin(struct till_taking *t, struct cf_error *err)
{
    uint32_t today = till_business_day(t->till);
    enum cf_rc rc = till_taking_find(t, err);
    if (rc == CF_OK)
        rc = till_taking_choose(t, today, err);
    if (rc == CF_OK)
        rc = till_taking_work_out(t, today, INT64_MAX, err);
    if (rc == CF_OK && t->back->exchange_minor == 0)
        rc = cf_fail(err, CF_E_RETURN_EMPTY, "what comes back cost nothing");
    if (rc == CF_OK)
        rc = check_coupons(t, err);
    const struct cf_act_size size = {.minor = t->back->total_minor};
    if (rc == CF_OK)
        rc = till_permit(t->till, CF_ACT_RETURN, &size, err);
    return rc == CF_OK ? take_step(t, err) : rc;
}

enum cf_rc cf_till_exchange(struct cf_till *till, const struct cf_till_return *what, int64_t *ret_worth_minor,
                            struct cf_error *err)
{
    struct till_taking *t = NULL;
    enum cf_rc rc = may_begin(till, what, err);
    if (rc == CF_OK)
        rc = till_taking_new(till, what, &t, err);
    if (rc != CF_OK)
        return rc;
    rc = begin(t, err);
    if (rc != CF_OK)
        till_taking_drop(t);
    else if (ret_worth_minor != NULL)
        *ret_worth_minor = t->back->exchange_minor;
    till_taking_free(t);
    return rc;
}

enum cf_rc till_exchange_revokes(struct cf_till *till, uint32_t campaign, uint32_t index, bool *ret,
                                 struct cf_error *err)
{
    const struct cf_open_exchange *open = &till->sale.exchange;
    struct cf_till_return what = {0};
    struct till_taking *t = NULL;
    if (!open->is)
        return CF_OK;
    enum cf_rc rc = till_taking_new(till, &what, &t, err);
    if (rc != CF_OK)
        return rc;
    rc = read_body(cf_bytes_of(open->body, open->n), &what, t, err);
    if (rc == CF_OK)
        rc = till_taking_work_out(t, till_business_day(till), INT64_MAX, err);
    if (rc == CF_OK)
        *ret = is_revoked(t->back, campaign, index);
    till_taking_free(t);
    return rc;
}

/* As a coupon that somebody holds leaves a sale: a kill in between leaves the sale open without it. */
enum cf_rc till_drop_exchange(struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_exchange *exchange = &till->sale.exchange;
    struct cf_step step = {.kind = exchange->asked ? CF_STEP_ASK : CF_STEP_UNCOUPON};
    if (!exchange->is)
        return CF_OK;
    memcpy(step.ask.request_key, exchange->key, sizeof step.ask.request_key);
    enum cf_rc rc = till_take(till, &step, err);
    return rc == CF_OK ? till_settle_ask(till, err) : rc;
}

/* --- at the commit --------------------------------------------------------------------------------------------------
 */

static enum cf_rc make(struct till_exchange *exchange, int64_t exchange_minor, uint32_t today, struct cf_error *err)
{
    struct till_taking *t = exchange->t;
    const struct cf_open_exchange *open = &t->till->sale.exchange;
    struct cf_journal_head head;
    enum cf_rc rc = read_body(cf_bytes_of(open->body, open->n), &exchange->what, t, err);
    t->back->claimed = open->asked;
    memcpy(t->back->request_key, open->key, sizeof t->back->request_key);
    if (rc == CF_OK)
        rc = till_taking_work_out(t, today, exchange_minor, err);
    if (rc == CF_OK && t->back->exchange_minor != exchange_minor)
        rc = cf_fail(err, CF_E_STATE, "the goods that come back are worth %lld", (long long)t->back->exchange_minor);
    if (rc == CF_OK)
        rc = till_taking_finish(t, err);
    if (rc == CF_OK)
        rc = cf_journal_head(t->till->journal, &head, err);
    return rc == CF_OK ? till_taking_owed(t, head.seq + 1, &exchange->owed, err) : rc;
}

enum cf_rc till_exchange_new(struct cf_till *till, int64_t exchange_minor, uint32_t today, struct till_exchange **ret,
                             struct cf_error *err)
{
    struct till_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an exchange");
    enum cf_rc rc = till_taking_new(till, &exchange->what, &exchange->t, err);
    if (rc == CF_OK)
        rc = make(exchange, exchange_minor, today, err);
    if (rc != CF_OK) {
        till_exchange_free(exchange);
        return rc;
    }
    *ret = exchange;
    return CF_OK;
}

void till_exchange_free(struct till_exchange *exchange)
{
    if (exchange == NULL)
        return;
    till_owed_done(&exchange->owed);
    till_taking_free(exchange->t);
    free(exchange);
}
