/*
 * app/terminal/step.c - see step.h.
 */
#include "app/terminal/step.h"

#include <string.h>

#include "app/core/order.h"
#include "app/core/sale_extra.h"
#include "app/core/value_extra.h"
#include "base/cbor.h"

#define MEMBER_FACTS_ITEMS 9
#define MEMBER_WORD_ITEMS 10
#define WORD_ITEMS 6
#define TENDER_FOREIGN_ITEMS 8
#define TENDER_VALUE_ITEMS 10
#define REFUND_ITEMS 9
#define ORDER_ITEMS 2
#define QUOTE_ITEMS 4
#define QUOTE_OLD_ITEMS 3 /* without its end */
#define LINE_MORE_ITEMS 10
#define LINE_QUOTED_ITEMS 11

static struct cf_sale_line extra_of(const struct cf_cart_line *line)
{
    return (struct cf_sale_line){
        .reduced = line->reduced,
        .delivery = line->delivery,
        .has_member_price = line->has_member_price,
        .member_price_minor = line->member_price_minor,
        .floor_minor = line->floor_minor,
        .extra = line->extra,
    };
}

static void put_extra(const struct cf_sale_line *extra, struct cf_cart_line *line)
{
    line->reduced = extra->reduced;
    line->delivery = extra->delivery;
    line->has_member_price = extra->has_member_price;
    line->member_price_minor = extra->member_price_minor;
    line->floor_minor = extra->floor_minor;
    line->extra = extra->extra;
}

static void encode_deposit(const struct cf_cart_line *deposit, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 4);
    cf_cbor_write_uint(w, deposit->product);
    cf_cbor_write_text(w, deposit->name);
    cf_cbor_write_int(w, deposit->unit_price_minor);
    cf_cbor_write_uint(w, deposit->tax_bp);
}

static void encode_line(const struct cf_step *step, struct cf_cbor_writer *w)
{
    const struct cf_cart_line *line = &step->line;
    const struct cf_sale_line extra = extra_of(line);
    bool more = step->has_deposit || cf_sale_line_has_extra(&extra);
    bool quoted = line->extra.origin == CF_PRICE_QUOTE;
    cf_cbor_write_array(w, quoted ? LINE_QUOTED_ITEMS : more ? LINE_MORE_ITEMS : 8);
    cf_cbor_write_uint(w, CF_STEP_LINE);
    cf_cbor_write_uint(w, line->product);
    cf_cbor_write_text(w, line->name);
    cf_cbor_write_int(w, line->qty_milli);
    cf_cbor_write_int(w, line->unit_price_minor);
    cf_cbor_write_uint(w, line->tax_bp);
    cf_cbor_write_bool(w, line->weighed);
    cf_cbor_write_array(w, line->n_categories);
    for (size_t i = 0; i < line->n_categories; i++)
        cf_cbor_write_uint(w, line->categories[i]);
    if (!more)
        return;
    if (cf_sale_line_has_extra(&extra))
        cf_sale_line_extra_write(&extra, w);
    else
        cf_cbor_write_null(w);
    if (step->has_deposit)
        encode_deposit(&step->deposit, w);
    else
        cf_cbor_write_null(w);
    if (quoted)
        cf_cbor_write_int(w, line->quoted_off_minor);
}

static void encode_change(const struct cf_step *step, struct cf_cbor_writer *w)
{
    bool listed = step->kind == CF_STEP_PRICE && step->change.origin == CF_PRICE_LIST;
    cf_cbor_write_array(w, listed ? 6 : 3);
    cf_cbor_write_uint(w, step->kind);
    cf_cbor_write_uint(w, step->change.line_no);
    cf_cbor_write_int(w, step->change.value);
    if (listed) {
        cf_cbor_write_uint(w, step->change.origin);
        cf_cbor_write_uint(w, step->change.list);
        cf_cbor_write_bool(w, step->change.reduced);
    }
}

static void encode_coupon(const struct cf_step_coupon *coupon, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, 10);
    cf_cbor_write_uint(w, CF_STEP_COUPON);
    cf_cbor_write_uint(w, coupon->redemption.campaign);
    cf_cbor_write_uint(w, coupon->redemption.index);
    cf_cbor_write_int(w, coupon->exp_s);
    cf_cbor_write_uint(w, coupon->redemption.generation);
    cf_cbor_write_uint(w, coupon->redemption.policy);
    cf_cbor_write_uint(w, coupon->redemption.source);
    cf_cbor_write_uint(w, coupon->redemption.hub_epoch);
    cf_cbor_write_bytes(w, cf_bytes_of(coupon->redemption.request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_bool(w, coupon->online);
}

static bool has_facts(const struct cf_step_member *member)
{
    return member->visits != 0 || member->first_purchase || member->birthday != 0 || member->n_segments != 0;
}

static bool has_word(const struct cf_step_member *member)
{
    return member->basis.source != CF_VISITS_UNKNOWN || member->not_first;
}

static void encode_member(const struct cf_step_member *member, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, has_word(member) ? MEMBER_WORD_ITEMS : has_facts(member) ? MEMBER_FACTS_ITEMS : 5);
    cf_cbor_write_uint(w, CF_STEP_MEMBER);
    cf_cbor_write_bool(w, member->live);
    cf_cbor_write_bytes(w, cf_bytes_of(member->sub.b, CF_SUB_BYTES));
    cf_cbor_write_uint(w, member->counter);
    cf_cbor_write_uint(w, member->tier);
    if (!has_facts(member) && !has_word(member))
        return;
    cf_cbor_write_uint(w, member->visits);
    cf_cbor_write_bool(w, member->first_purchase);
    cf_cbor_write_uint(w, member->birthday);
    cf_cbor_write_array(w, member->n_segments);
    for (size_t i = 0; i < member->n_segments; i++)
        cf_cbor_write_uint(w, member->segments[i]);
    if (!has_word(member))
        return;
    cf_cbor_write_array(w, WORD_ITEMS);
    cf_cbor_write_uint(w, member->basis.source);
    cf_cbor_write_int(w, member->basis.as_of);
    cf_cbor_write_uint(w, member->basis.heard_seq);
    cf_cbor_write_uint(w, member->said);
    cf_cbor_write_uint(w, member->basis.own);
    cf_cbor_write_bool(w, member->not_first);
}

static void encode_tender(const struct cf_tender *tender, int64_t priced_at_ms, struct cf_cbor_writer *w)
{
    bool value = cf_tender_is_value(tender->kind), foreign = tender->foreign_minor != 0 && !value;
    cf_cbor_write_array(w, value ? TENDER_VALUE_ITEMS : foreign ? TENDER_FOREIGN_ITEMS : 5);
    cf_cbor_write_uint(w, CF_STEP_TENDER);
    cf_cbor_write_uint(w, tender->kind);
    cf_cbor_write_int(w, tender->amount_minor);
    cf_cbor_write_text(w, tender->reference);
    cf_cbor_write_int(w, priced_at_ms);
    if (foreign) {
        cf_cbor_write_text(w, tender->rate.currency.code);
        cf_cbor_write_int(w, tender->foreign_minor);
        cf_cbor_write_int(w, tender->rate.rate_e8);
    }
    if (value) {
        cf_cbor_write_uint(w, (uint64_t)tender->value.source);
        cf_cbor_write_uint(w, tender->value.account);
        cf_cbor_write_int(w, tender->value.points);
        cf_cbor_write_bytes(w, cf_bytes_of(tender->value.key, sizeof tender->value.key));
        cf_cbor_write_int(w, tender->value.left_minor);
    }
}

static void encode_refund(const struct cf_step_refund *refund, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, REFUND_ITEMS);
    cf_cbor_write_uint(w, CF_STEP_REFUND);
    cf_cbor_write_bytes(w, cf_bytes_of(refund->id, CF_PAYMENT_ID_BYTES));
    cf_cbor_write_uint(w, refund->kind);
    cf_cbor_write_int(w, refund->amount_minor);
    cf_cbor_write_bytes(w, cf_bytes_of(refund->of, CF_PAYMENT_ID_BYTES));
    cf_cbor_write_text(w, refund->reference);
    cf_cbor_write_uint(w, refund->return_seq);
    cf_cbor_write_uint(w, refund->tender_no);
    cf_cbor_write_bool(w, refund->whole);
}

enum cf_rc cf_step_encode(const struct cf_step *step, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    switch (step->kind) {
    case CF_STEP_LINE:
        encode_line(step, &w);
        break;
    case CF_STEP_MEMBER:
        encode_member(&step->member, &w);
        break;
    case CF_STEP_COUPON:
        encode_coupon(&step->coupon, &w);
        break;
    case CF_STEP_QUANTITY:
    case CF_STEP_PRICE:
    case CF_STEP_VOID:
        encode_change(step, &w);
        break;
    case CF_STEP_TENDER:
        encode_tender(&step->tender.tender, step->tender.priced_at_ms, &w);
        break;
    case CF_STEP_UNTENDER:
        cf_cbor_write_array(&w, 1);
        cf_cbor_write_uint(&w, CF_STEP_UNTENDER);
        break;
    case CF_STEP_ASK:
    case CF_STEP_REFUSED:
        cf_cbor_write_array(&w, 4);
        cf_cbor_write_uint(&w, (uint64_t)step->kind);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->ask.request_key, CF_REQUEST_KEY_BYTES));
        cf_cbor_write_uint(&w, step->ask.campaign);
        cf_cbor_write_uint(&w, step->ask.index);
        break;
    case CF_STEP_UNCOUPON:
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_uint(&w, CF_STEP_UNCOUPON);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->ask.request_key, CF_REQUEST_KEY_BYTES));
        break;
    case CF_STEP_VALUE:
        cf_cbor_write_array(&w, 4);
        cf_cbor_write_uint(&w, CF_STEP_VALUE);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->value.key, sizeof step->value.key));
        cf_cbor_write_uint(&w, step->value.kind);
        cf_cbor_write_bool(&w, step->value.open);
        break;
    case CF_STEP_ORDER:
        cf_cbor_write_array(&w, ORDER_ITEMS);
        cf_cbor_write_uint(&w, CF_STEP_ORDER);
        cf_order_claim_write(&step->order, &w);
        break;
    case CF_STEP_CHALLENGE:
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_uint(&w, CF_STEP_CHALLENGE);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->nonce, CF_NONCE_BYTES));
        break;
    case CF_STEP_ANNOUNCE:
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_uint(&w, CF_STEP_ANNOUNCE);
        cf_cbor_write_uint(&w, step->announced);
        break;
    case CF_STEP_PAY:
        cf_cbor_write_array(&w, 6);
        cf_cbor_write_uint(&w, CF_STEP_PAY);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->pay.id, CF_PAYMENT_ID_BYTES));
        cf_cbor_write_uint(&w, step->pay.kind);
        cf_cbor_write_int(&w, step->pay.amount_minor);
        cf_cbor_write_int(&w, step->pay.priced_at_ms);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->pay.mark.b, step->pay.mark.n));
        break;
    case CF_STEP_EXCHANGE:
        cf_cbor_write_array(&w, 5);
        cf_cbor_write_uint(&w, CF_STEP_EXCHANGE);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->exchange.key, sizeof step->exchange.key));
        cf_cbor_write_bool(&w, step->exchange.asked);
        cf_cbor_write_int(&w, step->exchange.amount_minor);
        cf_cbor_write_bytes(&w, step->exchange.body);
        break;
    case CF_STEP_OVERRIDE:
        cf_cbor_write_array(&w, 6);
        cf_cbor_write_uint(&w, CF_STEP_OVERRIDE);
        cf_cbor_write_uint(&w, step->override.act);
        cf_cbor_write_uint(&w, step->override.by);
        cf_cbor_write_int(&w, step->override.size.minor);
        cf_cbor_write_uint(&w, step->override.size.percent_bp);
        cf_cbor_write_text(&w, step->override.reason);
        break;
    case CF_STEP_MANUAL_DISCOUNT:
        cf_cbor_write_array(&w, 6);
        cf_cbor_write_uint(&w, CF_STEP_MANUAL_DISCOUNT);
        cf_cbor_write_uint(&w, step->by_hand.line_no);
        cf_cbor_write_uint(&w, step->by_hand.percent_bp);
        cf_cbor_write_int(&w, step->by_hand.asked_minor);
        cf_cbor_write_uint(&w, step->by_hand.user);
        cf_cbor_write_text(&w, step->by_hand.reason);
        break;
    case CF_STEP_QUOTE:
        cf_cbor_write_array(&w, QUOTE_ITEMS);
        cf_cbor_write_uint(&w, CF_STEP_QUOTE);
        cf_cbor_write_array(&w, 4);
        cf_cbor_write_uint(&w, step->quote.of.terminal);
        cf_cbor_write_uint(&w, step->quote.of.epoch);
        cf_cbor_write_uint(&w, step->quote.of.seq);
        cf_cbor_write_uint(&w, step->quote.of.sale_no);
        cf_cbor_write_uint(&w, step->quote.n_lines);
        cf_cbor_write_int(&w, step->quote.expires_s);
        break;
    case CF_STEP_REFUND:
        encode_refund(&step->refund, &w);
        break;
    case CF_STEP_PAYMENT:
        cf_cbor_write_array(&w, 5);
        cf_cbor_write_uint(&w, CF_STEP_PAYMENT);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->payment.id, CF_PAYMENT_ID_BYTES));
        cf_cbor_write_uint(&w, step->payment.event);
        cf_cbor_write_text(&w, step->payment.reference);
        cf_cbor_write_bytes(&w, cf_bytes_of(step->payment.mark.b, step->payment.mark.n));
        break;
    }
    return cf_cbor_write_end(&w, err);
}

/* As much of it as of its goods, and not for promotions. */
static void decode_deposit(struct cf_cbor_reader *r, struct cf_step *step)
{
    struct cf_cart_line *deposit = &step->deposit;
    (void)cf_cbor_read_array_of(r, 4);
    cf_cbor_read_uint(r, &deposit->product, UINT64_MAX);
    cf_cbor_read_cstr(r, deposit->name, sizeof deposit->name);
    cf_cbor_read_int(r, &deposit->unit_price_minor);
    deposit->tax_bp = cf_cbor_read_u32(r);
    deposit->qty_milli = step->line.qty_milli;
    deposit->delivery = true;
    deposit->floor_minor = deposit->unit_price_minor;
}

static void decode_more(struct cf_cbor_reader *r, bool quoted, struct cf_step *step)
{
    struct cf_sale_line extra;
    memset(&extra, 0, sizeof extra);
    bool has_extra = !cf_cbor_read_null(r);
    if (has_extra)
        cf_sale_line_extra_read(r, &extra);
    if (cf_sale_line_extra_check(&extra, NULL) != CF_OK || extra.weighed_whole) /* the step says "weighed" itself */
        cf_cbor_read_refuse(r);
    put_extra(&extra, &step->line);
    step->has_deposit = !cf_cbor_read_null(r);
    if (step->has_deposit)
        decode_deposit(r, step);
    if (!has_extra && !step->has_deposit)
        cf_cbor_read_refuse(r);
    if (quoted != (step->line.extra.origin == CF_PRICE_QUOTE))
        cf_cbor_read_refuse(r);
    if (quoted)
        (void)cf_cbor_read_int(r, &step->line.quoted_off_minor);
}

static void decode_quote(struct cf_cbor_reader *r, bool has_end, struct cf_step_quote *quote)
{
    (void)cf_cbor_read_array_of(r, 4);
    quote->of.terminal = cf_cbor_read_u32(r);
    quote->of.epoch = cf_cbor_read_u32(r);
    (void)cf_cbor_read_uint(r, &quote->of.seq, INT64_MAX);
    (void)cf_cbor_read_uint(r, &quote->of.sale_no, INT64_MAX);
    quote->n_lines = cf_cbor_read_u32(r);
    if (has_end && cf_cbor_read_int(r, &quote->expires_s) && quote->expires_s <= 0)
        cf_cbor_read_refuse(r);
    if (quote->of.terminal == 0 || quote->of.epoch == 0 || quote->of.seq == 0 || quote->of.sale_no == 0 ||
        quote->n_lines == 0 || quote->n_lines > CF_CART_LINES_MAX)
        cf_cbor_read_refuse(r);
}

static void decode_change(struct cf_cbor_reader *r, bool listed, struct cf_step *step)
{
    step->change.line_no = cf_cbor_read_u32(r);
    cf_cbor_read_int(r, &step->change.value);
    if (!listed)
        return;
    step->change.origin = (enum cf_price_origin)cf_cbor_read_u8(r);
    step->change.list = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &step->change.reduced);
    if (step->change.origin != CF_PRICE_LIST)
        cf_cbor_read_refuse(r);
}

static void decode_line(struct cf_cbor_reader *r, struct cf_cart_line *line)
{
    size_t n = 0;
    cf_cbor_read_uint(r, &line->product, UINT64_MAX);
    cf_cbor_read_cstr(r, line->name, sizeof line->name);
    cf_cbor_read_int(r, &line->qty_milli);
    cf_cbor_read_int(r, &line->unit_price_minor);
    line->tax_bp = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &line->weighed);
    if (cf_cbor_read_array(r, &n, CF_LINE_CATEGORIES_MAX))
        line->n_categories = n;
    for (size_t i = 0; i < n; i++)
        line->categories[i] = cf_cbor_read_u32(r);
}

static void decode_member(struct cf_cbor_reader *r, size_t n, struct cf_step_member *member)
{
    uint64_t tier = 0, birthday = 0, source = 0;
    cf_cbor_read_bool(r, &member->live);
    cf_cbor_read_bytes_of(r, member->sub.b, CF_SUB_BYTES);
    cf_cbor_read_uint(r, &member->counter, UINT64_MAX);
    cf_cbor_read_uint(r, &tier, CF_TIER_MAX);
    member->tier = (uint8_t)tier;
    if (n < MEMBER_FACTS_ITEMS)
        return;
    member->visits = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &member->first_purchase);
    cf_cbor_read_uint(r, &birthday, 1231);
    member->birthday = (uint16_t)birthday;
    cf_cbor_read_array(r, &member->n_segments, CF_CLAIMS_SEGMENTS_MAX);
    for (size_t i = 0; i < member->n_segments; i++)
        member->segments[i] = cf_cbor_read_u32(r);
    if (n < MEMBER_WORD_ITEMS)
        return;
    cf_cbor_read_array_of(r, WORD_ITEMS);
    cf_cbor_read_uint(r, &source, CF_VISITS_CENTRE);
    member->basis.source = (enum cf_visits_source)source;
    cf_cbor_read_int(r, &member->basis.as_of);
    cf_cbor_read_uint(r, &member->basis.heard_seq, INT64_MAX);
    member->said = cf_cbor_read_u32(r);
    member->basis.own = cf_cbor_read_u32(r);
    cf_cbor_read_bool(r, &member->not_first);
}

static void decode_coupon(struct cf_cbor_reader *r, struct cf_step_coupon *coupon)
{
    uint64_t policy = 0;
    coupon->redemption.campaign = cf_cbor_read_u32(r);
    coupon->redemption.index = cf_cbor_read_u32(r);
    cf_cbor_read_int(r, &coupon->exp_s);
    coupon->redemption.generation = cf_cbor_read_u32(r);
    cf_cbor_read_uint(r, &policy, CF_POLICY_OPTIMISTIC);
    coupon->redemption.policy = (enum cf_policy)policy;
    coupon->redemption.source = (enum cf_right_source)cf_cbor_read_u8(r);
    coupon->redemption.hub_epoch = cf_cbor_read_u32(r);
    cf_cbor_read_bytes_of(r, coupon->redemption.request_key, CF_REQUEST_KEY_BYTES);
    cf_cbor_read_bool(r, &coupon->online);
}

static void decode_value(struct cf_cbor_reader *r, struct cf_tender *tender)
{
    struct cf_tender_value *value = &tender->value;
    value->source = (enum cf_value_source)cf_cbor_read_u8(r);
    value->account = cf_cbor_read_u32(r);
    cf_cbor_read_int(r, &value->points);
    cf_cbor_read_bytes_of(r, value->key, sizeof value->key);
    cf_cbor_read_int(r, &value->left_minor);
    if (r->rc == CF_OK && (!cf_tender_is_value(tender->kind) || cf_tender_value_check(tender, NULL) != CF_OK))
        cf_cbor_read_refuse(r);
}

static void decode_tender(struct cf_cbor_reader *r, size_t items, struct cf_step *step)
{
    uint64_t kind = 0;
    uint64_t most = items == TENDER_VALUE_ITEMS ? CF_TENDER_POINTS : CF_TENDER_MOBILE;
    if (cf_cbor_read_uint(r, &kind, most) && kind < CF_TENDER_CASH)
        cf_cbor_read_refuse(r);
    step->tender.tender.kind = (enum cf_tender_kind)kind;
    cf_cbor_read_int(r, &step->tender.tender.amount_minor);
    cf_cbor_read_cstr(r, step->tender.tender.reference, sizeof step->tender.tender.reference);
    cf_cbor_read_int(r, &step->tender.priced_at_ms);
    if (items == TENDER_VALUE_ITEMS)
        decode_value(r, &step->tender.tender);
    if (items != TENDER_FOREIGN_ITEMS)
        return;
    cf_cbor_read_cstr(r, step->tender.tender.rate.currency.code, sizeof step->tender.tender.rate.currency.code);
    if (cf_cbor_read_int(r, &step->tender.tender.foreign_minor) && step->tender.tender.foreign_minor == 0)
        cf_cbor_read_refuse(r);
    cf_cbor_read_int(r, &step->tender.tender.rate.rate_e8);
}

static void decode_mark(struct cf_cbor_reader *r, struct cf_pay_mark *mark)
{
    cf_bytes bytes = {NULL, 0};
    if (!cf_cbor_read_bytes(r, &bytes, CF_PAY_MARK_MAX))
        return;
    mark->n = bytes.n;
    if (bytes.n > 0)
        memcpy(mark->b, bytes.p, bytes.n);
}

/* Of money that somebody else takes: its kind, and how much. */
static void decode_asked(struct cf_cbor_reader *r, enum cf_tender_kind *ret_kind, int64_t *ret_amount_minor)
{
    uint64_t kind = 0;
    if (cf_cbor_read_uint(r, &kind, CF_TENDER_MOBILE) && kind != CF_TENDER_CARD && kind != CF_TENDER_MOBILE)
        cf_cbor_read_refuse(r);
    *ret_kind = (enum cf_tender_kind)kind;
    if (cf_cbor_read_int(r, ret_amount_minor) && *ret_amount_minor <= 0)
        cf_cbor_read_refuse(r);
}

static void decode_refund(struct cf_cbor_reader *r, struct cf_step_refund *refund)
{
    cf_cbor_read_bytes_of(r, refund->id, CF_PAYMENT_ID_BYTES);
    decode_asked(r, &refund->kind, &refund->amount_minor);
    cf_cbor_read_bytes_of(r, refund->of, CF_PAYMENT_ID_BYTES);
    cf_cbor_read_cstr(r, refund->reference, sizeof refund->reference);
    if (cf_cbor_read_uint(r, &refund->return_seq, INT64_MAX) && refund->return_seq == 0)
        cf_cbor_read_refuse(r);
    refund->tender_no = cf_cbor_read_u32(r);
    if (refund->tender_no < 1 || refund->tender_no > CF_TENDERS_MAX)
        cf_cbor_read_refuse(r);
    cf_cbor_read_bool(r, &refund->whole);
}

static void decode_pay(struct cf_cbor_reader *r, struct cf_step_pay *pay)
{
    cf_cbor_read_bytes_of(r, pay->id, CF_PAYMENT_ID_BYTES);
    decode_asked(r, &pay->kind, &pay->amount_minor);
    cf_cbor_read_int(r, &pay->priced_at_ms);
    decode_mark(r, &pay->mark);
}

static void decode_payment(struct cf_cbor_reader *r, struct cf_step_payment *payment)
{
    uint64_t event = 0;
    cf_cbor_read_bytes_of(r, payment->id, CF_PAYMENT_ID_BYTES);
    if (cf_cbor_read_uint(r, &event, CF_PAYMENT_SETTLE_ELSEWHERE) && event < CF_PAYMENT_YES)
        cf_cbor_read_refuse(r);
    payment->event = (enum cf_payment_event)event;
    cf_cbor_read_cstr(r, payment->reference, sizeof payment->reference);
    decode_mark(r, &payment->mark);
}

static void decode_by_hand(struct cf_cbor_reader *r, struct cf_hand_discount *discount)
{
    discount->line_no = cf_cbor_read_u32(r);
    discount->percent_bp = cf_cbor_read_u32(r);
    cf_cbor_read_int(r, &discount->asked_minor);
    discount->user = cf_cbor_read_u32(r);
    cf_cbor_read_cstr(r, discount->reason, sizeof discount->reason);
    bool back = discount->percent_bp == 0 && discount->asked_minor == 0 && discount->reason[0] == '\0';
    if (r->rc == CF_OK && !back && cf_hand_discount_check(discount, NULL) != CF_OK)
        cf_cbor_read_refuse(r);
}

/* How many items the array of a kind has; 0 for a kind that does not exist. */
static size_t items_of(uint64_t kind)
{
    static const size_t items[CF_STEP_REFUND + 1] = {0,
                                                     8,
                                                     5,
                                                     10,
                                                     3,
                                                     3,
                                                     3,
                                                     5,
                                                     1,
                                                     4,
                                                     2,
                                                     4,
                                                     6,
                                                     5,
                                                     2,
                                                     2,
                                                     6,
                                                     [CF_STEP_VALUE] = 4,
                                                     [CF_STEP_EXCHANGE] = 5,
                                                     [CF_STEP_ORDER] = ORDER_ITEMS,
                                                     [CF_STEP_OVERRIDE] = 6,
                                                     [CF_STEP_QUOTE] = QUOTE_ITEMS,
                                                     [CF_STEP_REFUND] = REFUND_ITEMS};
    return kind < sizeof items / sizeof *items ? items[kind] : 0;
}

enum cf_rc cf_step_decode(cf_bytes bytes, struct cf_step *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_step step = {0};
    size_t n = 0;
    uint64_t kind = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array(&r, &n, LINE_QUOTED_ITEMS);
    cf_cbor_read_uint(&r, &kind, CF_STEP_REFUND);
    bool quoted = kind == CF_STEP_LINE && n == LINE_QUOTED_ITEMS;
    bool more = quoted || (kind == CF_STEP_LINE && n == LINE_MORE_ITEMS) || (kind == CF_STEP_PRICE && n == 6);
    bool long_member = kind == CF_STEP_MEMBER && (n == MEMBER_FACTS_ITEMS || n == MEMBER_WORD_ITEMS);
    bool foreign = kind == CF_STEP_TENDER && (n == TENDER_FOREIGN_ITEMS || n == TENDER_VALUE_ITEMS);
    bool old_quote = kind == CF_STEP_QUOTE && n == QUOTE_OLD_ITEMS;
    if (n == 0 || (items_of(kind) != n && !long_member && !more && !foreign && !old_quote))
        cf_cbor_read_refuse(&r);
    else {
        step.kind = (enum cf_step_kind)kind;
        switch (step.kind) {
        case CF_STEP_LINE:
            decode_line(&r, &step.line);
            if (more)
                decode_more(&r, quoted, &step);
            break;
        case CF_STEP_MEMBER:
            decode_member(&r, n, &step.member);
            break;
        case CF_STEP_COUPON:
            decode_coupon(&r, &step.coupon);
            break;
        case CF_STEP_QUANTITY:
        case CF_STEP_PRICE:
        case CF_STEP_VOID:
            decode_change(&r, more, &step);
            break;
        case CF_STEP_TENDER:
            decode_tender(&r, n, &step);
            break;
        case CF_STEP_UNTENDER:
            break;
        case CF_STEP_ASK:
        case CF_STEP_REFUSED:
            cf_cbor_read_bytes_of(&r, step.ask.request_key, CF_REQUEST_KEY_BYTES);
            step.ask.campaign = cf_cbor_read_u32(&r);
            step.ask.index = cf_cbor_read_u32(&r);
            break;
        case CF_STEP_UNCOUPON:
            cf_cbor_read_bytes_of(&r, step.ask.request_key, CF_REQUEST_KEY_BYTES);
            break;
        case CF_STEP_VALUE:
            cf_cbor_read_bytes_of(&r, step.value.key, sizeof step.value.key);
            step.value.kind = (enum cf_tender_kind)cf_cbor_read_u8(&r);
            cf_cbor_read_bool(&r, &step.value.open);
            if (!cf_tender_is_value(step.value.kind))
                cf_cbor_read_refuse(&r);
            break;
        case CF_STEP_ORDER:
            cf_order_claim_read(&r, &step.order);
            break;
        case CF_STEP_QUOTE:
            decode_quote(&r, n == QUOTE_ITEMS, &step.quote);
            break;
        case CF_STEP_CHALLENGE:
            cf_cbor_read_bytes_of(&r, step.nonce, CF_NONCE_BYTES);
            break;
        case CF_STEP_ANNOUNCE:
            step.announced = cf_cbor_read_u32(&r);
            if (step.announced != 0 && cf_tender_kind_name((enum cf_tender_kind)step.announced) == NULL)
                cf_cbor_read_refuse(&r);
            break;
        case CF_STEP_PAY:
            decode_pay(&r, &step.pay);
            break;
        case CF_STEP_PAYMENT:
            decode_payment(&r, &step.payment);
            break;
        case CF_STEP_REFUND:
            decode_refund(&r, &step.refund);
            break;
        case CF_STEP_EXCHANGE:
            cf_cbor_read_bytes_of(&r, step.exchange.key, sizeof step.exchange.key);
            cf_cbor_read_bool(&r, &step.exchange.asked);
            if (cf_cbor_read_int(&r, &step.exchange.amount_minor) && step.exchange.amount_minor <= 0)
                cf_cbor_read_refuse(&r);
            (void)cf_cbor_read_bytes(&r, &step.exchange.body, CF_EXCHANGE_BODY_MAX);
            break;
        case CF_STEP_OVERRIDE:
            step.override.act = (enum cf_act)cf_cbor_read_u8(&r);
            step.override.by = cf_cbor_read_u32(&r);
            cf_cbor_read_int(&r, &step.override.size.minor);
            step.override.size.percent_bp = cf_cbor_read_u32(&r);
            cf_cbor_read_cstr(&r, step.override.reason, sizeof step.override.reason);
            break;
        case CF_STEP_MANUAL_DISCOUNT:
            decode_by_hand(&r, &step.by_hand);
            break;
        }
    }
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = step;
    return rc;
}
