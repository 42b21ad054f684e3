/*
 * app/terminal/till_special.c - goods that the store has not (docs/orders.md): asked for at this till, of the brand's
 * shop or of another store; what others ask of this store; and which orders it has to hand out.
 *
 * All of it works without a link. What is said here is a record; what is true of a request comes down from the centre,
 * so nothing in memory follows from saying it. Whoever wants the goods stands in the record and on the slip of this
 * till only.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

#include "app/receipt/request_receipt.h"
#include "base/text.h"

#define WAITING_MAX 200 /* of its newest records that are looked at */

/* --- asking ------------------------------------------------------------------------------------------------------- */

struct asking {
    struct cf_till *till;
    struct cf_request_record record;
    int64_t total_minor;
};

static enum cf_rc check_sale(const struct cf_till *till, struct cf_error *err)
{
    const struct cf_open_sale *sale = &till->sale;
    const struct cf_checkout_facts facts = {.has_goods = cf_open_sale_last_line(sale) != 0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(sale->state, CF_EVENT_PARK, &facts, &next, err);
    if (rc != CF_OK)
        return rc;
    if (till->training)
        return cf_fail(err, CF_E_TRAINING, "somebody would wait for them");
    if (sale->n_coupons > 0 || sale->has_order || sale->exchange.is || sale->tenders.n > 0 || sale->payments.n > 0 ||
        sale->n_owed > 0)
        return cf_fail(err, CF_E_REQUEST_GOODS, "a coupon, an order, goods that come back, or a payment");
    return CF_OK;
}

static enum cf_rc put_line(struct asking *a, const struct cf_cart_line *from, struct cf_error *err)
{
    struct cf_request_record *record = &a->record;
    struct cf_product product;
    if (record->n_lines == CF_ORDER_LINES_MAX)
        return cf_fail(err, CF_E_LIMIT, "an order has at most %d lines", CF_ORDER_LINES_MAX);
    if (from->product == CF_PRODUCT_GIFT_CARD)
        return cf_fail(err, CF_E_REQUEST_GOODS, "a gift card");
    enum cf_rc rc = cf_replica_product(a->till->replica, from->product, &product, err);
    if (rc == CF_OK && (product.open_price || product.serialised))
        rc = cf_fail(err, CF_E_REQUEST_GOODS, "%s has no price of its own, or is sold by serial number", product.name);
    if (rc != CF_OK)
        return rc;
    struct cf_request_line *line = &record->lines[record->n_lines++];
    line->product = product.id;
    memcpy(line->name, product.name, sizeof line->name);
    line->qty_milli = from->qty_milli;
    line->unit_price_minor = product.price_minor;
    line->tax_bp = product.tax_bp;
    line->weighed = product.weighed;
    return CF_OK;
}

/* Deposits are not ordered: they are paid with the goods that they are on, if those still have one. */
static enum cf_rc put_lines(struct asking *a, struct cf_error *err)
{
    const struct cf_cart *cart = a->till->sale.cart;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < cf_cart_count(cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(cart, i);
        if (!line->voided && line->extra.deposit_of == 0)
            rc = put_line(a, line, err);
    }
    if (rc == CF_OK && a->record.n_lines == 0)
        rc = cf_fail(err, CF_E_SALE_EMPTY, "all of it is void");
    return rc;
}

static enum cf_rc put_who(struct asking *a, const struct cf_till_asking *what, struct cf_error *err)
{
    struct cf_request_record *record = &a->record;
    const struct cf_open_sale *sale = &a->till->sale;
    enum cf_rc rc = CF_OK;
    if (what->name != NULL && what->name[0] != '\0')
        rc = cf_text_accept(cf_bytes_str(what->name), record->name, sizeof record->name, err);
    if (rc == CF_OK && what->reach != NULL && what->reach[0] != '\0')
        rc = cf_text_accept(cf_bytes_str(what->reach), record->reach, sizeof record->reach, err);
    if (rc != CF_OK)
        return rc;
    record->is_member = sale->has_member;
    if (sale->has_member) {
        record->who = sale->member.sub;
        return CF_OK;
    }
    if (record->name[0] == '\0' || record->reach[0] == '\0')
        return cf_fail(err, CF_E_REQUEST_WHO, "no member, and no name or no way to tell them");
    cf_env_random(a->till->env, record->who.b, sizeof record->who.b);
    return CF_OK;
}

static enum cf_rc build_slip(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                             struct cf_error *err)
{
    const struct asking *a = ctx;
    struct cf_store_info store = till_store_info(a->till, committed->wall);
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    const struct cf_request_receipt facts = {.store = &store,
                                             .request = &a->record,
                                             .currency = a->till->settings.currency,
                                             .terminal = a->till->terminal,
                                             .epoch = a->till->epoch,
                                             .seq = committed->seq,
                                             .at = committed->wall,
                                             .chain_tag = tag.text};
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_request_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

static enum cf_rc commit(struct asking *a, struct cf_till_asked *ret, struct cf_error *err)
{
    struct cf_till *till = a->till;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_till_asked done = {.n_lines = a->record.n_lines, .total_minor = a->total_minor};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_REQUEST_BYTES_MAX);
    enum cf_rc rc = cf_request_record_encode(&a->record, &body, err);
    if (rc == CF_OK)
        rc = cf_journal_commit_request(till->journal, cf_buf_bytes(&body), &stamp, build_slip, a, &done.at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, done.at.wall, stamp.time_quality);
    cf_open_sale_clear(&till->sale);
    (void)!till_close_challenges(till, NULL); /* else at the next rest or start */
    if (ret != NULL)
        *ret = done;
    return CF_OK;
}

static enum cf_rc ask_goods(struct asking *a, const struct cf_till_asking *what, struct cf_till_asked *ret,
                            struct cf_error *err)
{
    struct cf_till *till = a->till;
    struct cf_order *order = calloc(1, sizeof *order);
    if (order == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an order");
    a->record.act = CF_REQUEST_ASK;
    a->record.business_day = till_business_day(till);
    memcpy(a->record.cashier, till->cashier, sizeof a->record.cashier);
    a->record.asked = what->asked;
    a->record.at = what->there ? what->asked : till->store;
    enum cf_rc rc = CF_OK;
    if (what->asked == till->store || (what->there && what->asked == 0))
        rc = cf_fail(err, CF_E_ARGUMENT, "goods are asked of another store, or of the shop");
    if (rc == CF_OK)
        rc = till_settle_ask(till, err);
    if (rc == CF_OK)
        rc = put_who(a, what, err);
    if (rc == CF_OK)
        rc = put_lines(a, err);
    if (rc == CF_OK)
        rc = cf_request_order(&a->record, 0, order, err);
    a->total_minor = order->total_minor;
    free(order);
    return rc == CF_OK ? commit(a, ret, err) : rc;
}

enum cf_rc cf_till_ask_goods(struct cf_till *till, const struct cf_till_asking *what, struct cf_till_asked *ret,
                             struct cf_error *err)
{
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK)
        rc = check_sale(till, err);
    if (rc != CF_OK)
        return rc;
    struct asking *a = calloc(1, sizeof *a);
    if (a == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an order");
    a->till = till;
    rc = ask_goods(a, what, ret, err);
    free(a);
    return rc;
}

/* --- what others say ---------------------------------------------------------------------------------------------- */

static enum cf_rc may_say(const struct cf_till *till, const struct cf_request_view *view, enum cf_request_act act,
                          struct cf_error *err)
{
    enum cf_request_state next;
    unsigned parties = cf_request_parties(till->store, view->asking, view->asked, view->at);
    enum cf_rc rc = cf_request_step(view->state, act, parties, &next, err);
    if (rc == CF_OK && next == view->state)
        rc = cf_fail(err, CF_E_ORDER_STATE, "it is %s", cf_request_state_name(view->state));
    return rc;
}

static bool is_of_this_till(const struct cf_till *till, const struct cf_sale_ref *of)
{
    return of->terminal == till->terminal && of->epoch == till->epoch;
}

/* The slip of this till that the centre has not spoken of. */
struct slip {
    uint64_t seq;
    bool found;
    struct cf_request_view view;
};

static void view_of_slip(const struct cf_till *till, uint64_t seq, cf_wall at, const struct cf_request_record *record,
                         struct cf_request_view *ret)
{
    *ret = (struct cf_request_view){.of = {.terminal = till->terminal, .epoch = till->epoch, .seq = seq},
                                    .asking = till->store,
                                    .asked = record->asked,
                                    .at = record->at,
                                    .state = CF_REQUEST_ASKED,
                                    .asked_s = cf_wall_s(at),
                                    .n_lines = record->n_lines};
    for (size_t i = 0; i < record->n_lines; i++) {
        ret->lines[i].product = record->lines[i].product;
        memcpy(ret->lines[i].name, record->lines[i].name, sizeof ret->lines[i].name);
        ret->lines[i].qty_milli = record->lines[i].qty_milli;
        ret->lines[i].weighed = record->lines[i].weighed;
    }
}

struct finding {
    const struct cf_till *till;
    struct slip *slip;
};

static enum cf_rc find_slip(void *ctx, uint64_t seq, cf_wall at, const struct cf_request_record *record,
                            struct cf_error *err)
{
    const struct finding *finding = ctx;
    (void)err;
    if (seq == finding->slip->seq) {
        finding->slip->found = true;
        view_of_slip(finding->till, seq, at, record, &finding->slip->view);
    }
    return CF_OK;
}

/* By its number, or by the slip; where the centre has spoken of that, what it said. */
static enum cf_rc look_up(struct cf_till *till, uint32_t number, const struct cf_sale_ref *of, struct slip *ret,
                          struct cf_error *err)
{
    struct finding finding = {till, ret};
    enum cf_rc rc = CF_OK;
    if (number == 0 && of == NULL)
        return cf_fail(err, CF_E_ARGUMENT, "neither a number nor a slip");
    if (number == 0)
        rc = cf_replica_request_of(till->replica, of, &number, err);
    if (rc == CF_OK && number != 0)
        return cf_replica_request(till->replica, number, &ret->view, err);
    if (rc == CF_OK && is_of_this_till(till, of)) {
        ret->seq = of->seq;
        rc = cf_journal_requests(till->journal, WAITING_MAX, find_slip, &finding, err);
    }
    return rc == CF_OK && !ret->found ? cf_fail(err, CF_E_ORDER_UNKNOWN, "no goods were asked for by it") : rc;
}

static enum cf_rc answer(struct cf_till *till, const struct cf_request_view *view, struct cf_request_record *record,
                         const char *reason, struct cf_committed *ret, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_REQUEST_BYTES_MAX);
    enum cf_rc rc = till_accept_reason(reason, record->reason, sizeof record->reason, err);
    if (rc == CF_OK && record->act == CF_REQUEST_REFUSE && record->reason[0] == '\0')
        rc = cf_fail(err, CF_E_USER_REASON, "whoever waits for the goods is told why not");
    if (rc == CF_OK)
        rc = may_say(till, view, record->act, err);
    record->business_day = till_business_day(till);
    memcpy(record->cashier, till->cashier, sizeof record->cashier);
    record->of = view->of;
    if (rc == CF_OK)
        rc = cf_request_record_encode(record, &body, err);
    if (rc == CF_OK)
        rc = cf_journal_append(till->journal, CF_RECORD_ORDER, cf_buf_bytes(&body), false, &stamp, &at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, at.wall, stamp.time_quality);
    if (ret != NULL)
        *ret = at;
    return CF_OK;
}

enum cf_rc cf_till_answer_request(struct cf_till *till, uint32_t number, const struct cf_sale_ref *of,
                                  enum cf_request_act act, const char *reason, struct cf_committed *ret,
                                  struct cf_error *err)
{
    const struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_RETURN, &facts, &next, err); /* between sales too */
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK && till->training)
        rc = cf_fail(err, CF_E_TRAINING, "somebody waits for the goods");
    if (rc == CF_OK)
        rc = till_refresh(till, err);
    if (rc != CF_OK)
        return rc;
    struct slip *slip = calloc(1, sizeof *slip);
    struct cf_request_record *record = calloc(1, sizeof *record);
    if (slip == NULL || record == NULL) {
        rc = cf_fail(err, CF_E_NO_MEMORY, "an order");
    } else {
        record->act = act;
        rc = look_up(till, number, of, slip, err);
        if (rc == CF_OK)
            rc = answer(till, &slip->view, record, reason, ret, err);
    }
    free(record);
    free(slip);
    return rc;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

struct listing {
    struct cf_till *till;
    struct cf_till_order *orders;
    struct cf_till_request *requests;
    size_t n;
    uint64_t below; /* slips before this one */
};

static enum cf_rc list_order(void *ctx, const struct cf_order *order, struct cf_error *err)
{
    struct listing *list = ctx;
    const struct cf_till *till = list->till;
    struct cf_till_order *to = &list->orders[list->n++];
    (void)err;
    *to = (struct cf_till_order){.number = order->number,
                                 .generation = order->generation,
                                 .kind = order->kind,
                                 .here = order->home == 0 || order->home == order->store ||
                                         (order->home == till->terminal && order->home_epoch == till->epoch),
                                 .ready_s = order->ready_s,
                                 .expires_s = order->expires_s,
                                 .total_minor = order->total_minor,
                                 .n_lines = order->n_lines};
    memcpy(to->first, order->lines[0].name, sizeof to->first);
    return CF_OK;
}

enum cf_rc cf_till_orders(struct cf_till *till, uint32_t after, struct cf_till_order ret[CF_TILL_PAGE_MAX],
                          size_t *ret_n, struct cf_error *err)
{
    struct listing list = {.till = till, .orders = ret};
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_IDLE ? till_refresh(till, err) : CF_OK;
    if (rc == CF_OK)
        rc = cf_replica_orders(till->replica, after, CF_TILL_PAGE_MAX, list_order, &list, err);
    if (rc == CF_OK)
        *ret_n = list.n;
    return rc;
}

static void put_request(struct listing *list, const struct cf_request_view *view)
{
    struct cf_till_request *to = &list->requests[list->n++];
    *to = (struct cf_till_request){.number = view->number,
                                   .of = view->of,
                                   .asking = view->asking,
                                   .asked = view->asked,
                                   .at = view->at,
                                   .state = view->state,
                                   .asked_s = view->asked_s,
                                   .n_lines = view->n_lines};
    memcpy(to->reason, view->reason, sizeof to->reason);
    memcpy(to->first, view->lines[0].name, sizeof to->first);
    for (int act = CF_REQUEST_WITHDRAW; act <= CF_REQUEST_ACT_LAST; act++)
        to->may |= may_say(list->till, view, (enum cf_request_act)act, NULL) == CF_OK ? 1u << act : 0;
}

static enum cf_rc list_waiting(void *ctx, uint64_t seq, cf_wall at, const struct cf_request_record *record,
                               struct cf_error *err)
{
    struct listing *list = ctx;
    const struct cf_till *till = list->till;
    const struct cf_sale_ref of = {.terminal = till->terminal, .epoch = till->epoch, .seq = seq};
    uint32_t number = 0;
    if (list->n == CF_TILL_PAGE_MAX || seq >= list->below)
        return CF_OK;
    enum cf_rc rc = cf_replica_request_of(till->replica, &of, &number, err);
    if (rc != CF_OK || number != 0)
        return rc;
    struct cf_request_view *view = malloc(sizeof *view);
    if (view == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a list");
    view_of_slip(till, seq, at, record, view);
    put_request(list, view);
    memcpy(list->requests[list->n - 1].name, record->name, sizeof record->name);
    memcpy(list->requests[list->n - 1].reach, record->reach, sizeof record->reach);
    free(view);
    return CF_OK;
}

static enum cf_rc list_request(void *ctx, const struct cf_request_view *view, struct cf_error *err)
{
    (void)err;
    put_request(ctx, view);
    return CF_OK;
}

static enum cf_rc put_name(void *ctx, uint64_t seq, cf_wall at, const struct cf_request_record *record,
                           struct cf_error *err)
{
    struct listing *list = ctx;
    (void)at;
    (void)err;
    for (size_t i = 0; i < list->n; i++) {
        struct cf_till_request *to = &list->requests[i];
        if (to->of.seq == seq && is_of_this_till(list->till, &to->of)) {
            memcpy(to->name, record->name, sizeof to->name);
            memcpy(to->reach, record->reach, sizeof to->reach);
        }
    }
    return CF_OK;
}

enum cf_rc cf_till_requests(struct cf_till *till, struct cf_till_request_page *page,
                            struct cf_till_request ret[CF_TILL_PAGE_MAX], size_t *ret_n, struct cf_error *err)
{
    struct listing list = {.till = till, .requests = ret, .below = page->waiting == 0 ? UINT64_MAX : page->waiting};
    enum cf_rc rc = till->sale.state == CF_CHECKOUT_IDLE ? till_refresh(till, err) : CF_OK;
    if (rc == CF_OK && page->waiting != UINT64_MAX)
        rc = cf_journal_requests(till->journal, WAITING_MAX, list_waiting, &list, err);
    size_t n_waiting = list.n;
    if (rc == CF_OK && list.n < CF_TILL_PAGE_MAX)
        rc = cf_replica_requests(till->replica, page->after, CF_TILL_PAGE_MAX - list.n, list_request, &list, err);
    if (rc == CF_OK && list.n > n_waiting)
        rc = cf_journal_requests(till->journal, WAITING_MAX, put_name, &list, err);
    if (rc != CF_OK)
        return rc;
    page->waiting = n_waiting == CF_TILL_PAGE_MAX ? ret[n_waiting - 1].of.seq : UINT64_MAX;
    page->after = list.n > n_waiting ? ret[list.n - 1].number : page->after;
    *ret_n = list.n;
    return CF_OK;
}

enum cf_rc cf_till_request(struct cf_till *till, uint32_t number, struct cf_request_view *ret, struct cf_error *err)
{
    return cf_replica_request(till->replica, number, ret, err);
}
