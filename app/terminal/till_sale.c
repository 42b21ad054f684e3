/*
 * app/terminal/till_sale.c - what a cashier does to the open sale besides scanning.
 */
#include "app/terminal/till_internal.h"

#include <string.h>

#include "base/text.h"

static enum cf_rc change_line(struct cf_till *till, enum cf_step_kind kind, uint32_t line_no, int64_t value,
                              struct cf_error *err)
{
    struct cf_step step = {.kind = kind};
    step.change.line_no = line_no ? line_no : cf_open_sale_last_line(&till->sale);
    step.change.value = value;
    if (till->sale.state == CF_CHECKOUT_IDLE)
        return cf_fail(err, CF_E_SALE_NONE, "there is nothing to change");
    if (step.change.line_no == 0)
        return cf_fail(err, CF_E_LINE_NONE, "the sale has no line that is not void");
    enum cf_rc rc = till_permit_change(till, kind, step.change.line_no, value, err);
    return rc == CF_OK ? till_take(till, &step, err) : rc;
}

enum cf_rc cf_till_quantity(struct cf_till *till, uint32_t line_no, int64_t qty_milli, struct cf_error *err)
{
    return change_line(till, CF_STEP_QUANTITY, line_no, qty_milli, err);
}

enum cf_rc cf_till_price(struct cf_till *till, uint32_t line_no, int64_t unit_price_minor, struct cf_error *err)
{
    uint32_t which = line_no ? line_no : cf_open_sale_last_line(&till->sale);
    bool is_line = till->sale.state != CF_CHECKOUT_IDLE && which > 0 && which <= cf_cart_count(till->sale.cart);
    if (is_line && cf_cart_at(till->sale.cart, which - 1)->product == CF_PRODUCT_GIFT_CARD)
        return cf_fail(err, CF_E_VALUE_CARD, "void it, and sell another card");
    return change_line(till, CF_STEP_PRICE, line_no, unit_price_minor, err);
}

enum cf_rc cf_till_void(struct cf_till *till, uint32_t line_no, struct cf_error *err)
{
    enum cf_rc rc = change_line(till, CF_STEP_VOID, line_no, 0, err);
    return rc == CF_OK ? till_leave_order(till, err) : rc;
}

/* The step of it, with its line and a clean reason. */
static enum cf_rc discount_step(struct cf_till *till, const struct cf_till_discount *what, struct cf_step *step,
                                struct cf_error *err)
{
    struct cf_hand_discount *by_hand = &step->by_hand;
    bool back = what->percent_bp == 0 && what->amount_minor == 0;
    *step = (struct cf_step){.kind = CF_STEP_MANUAL_DISCOUNT};
    by_hand->line_no = what->last_line ? cf_open_sale_last_line(&till->sale) : what->line_no;
    by_hand->percent_bp = what->percent_bp;
    by_hand->asked_minor = what->amount_minor;
    by_hand->user = till->people.is && !back ? till->people.user.user : 0;
    if (till->sale.state == CF_CHECKOUT_IDLE)
        return cf_fail(err, CF_E_SALE_NONE, "there is nothing to take it off");
    if (what->last_line && by_hand->line_no == 0)
        return cf_fail(err, CF_E_LINE_NONE, "the sale has no line that is not void");
    return back ? CF_OK : till_accept_reason(what->reason, by_hand->reason, sizeof by_hand->reason, err);
}

/* What was just given has to be there to be taken off, and by whoever is logged in. */
static enum cf_rc judge_discount(struct cf_till *till, const struct cf_hand_discount *asked, struct cf_error *err)
{
    const struct cf_priced *priced = till->sale.priced;
    const struct cf_priced_hand *hand = &priced->hand[priced->n_hand - 1];
    const struct cf_act_size size = cf_priced_hand_size(till->sale.cart, priced);
    char room[CF_MONEY_TEXT_MAX];
    cf_money_format_signed((cf_money){hand->amount_minor, till->settings.currency}, room);
    if (hand->amount_minor == 0 || hand->amount_minor < asked->asked_minor)
        return cf_fail(err, CF_E_DISCOUNT_ROOM, "at most %s can be taken off", room);
    return till_permit(till, CF_ACT_DISCOUNT, &size, err);
}

enum cf_rc cf_till_discount(struct cf_till *till, const struct cf_till_discount *what, struct cf_error *err)
{
    struct cf_step step;
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK)
        rc = discount_step(till, what, &step, err);
    if (rc == CF_OK)
        rc = till_try(till, &step, err);
    if (rc == CF_OK && step.by_hand.reason[0] != '\0') {
        rc = judge_discount(till, &step.by_hand, err);
        if (rc != CF_OK) { /* as it was */
            struct cf_offer_source offers = till_offers(till, NULL);
            cf_cart_drop_discount(till->sale.cart);
            if (cf_open_sale_price(&till->sale, &offers, cf_till_clock(till).best, NULL) != CF_OK)
                return cf_fail(err, CF_E_INTERNAL, "what had a price has none");
        }
    }
    return rc == CF_OK ? till_keep(till, &step, err) : rc;
}

/* What other money is worth, by the store's rate of now. */
static enum cf_rc convert(struct cf_till *till, struct cf_tender *tender, struct cf_error *err)
{
    const struct cf_store_rate *rate = cf_store_rules_rate(&till->rules, tender->rate.currency);
    if (tender->kind != CF_TENDER_CASH || rate == NULL)
        return cf_fail(err, CF_E_CURRENCY, "%.3s is not taken here", tender->rate.currency.code);
    if (tender->foreign_minor <= 0 || tender->foreign_minor % rate->step_minor != 0)
        return cf_fail(err, CF_E_RANGE, "%.3s is taken in steps of %lld", tender->rate.currency.code,
                       (long long)rate->step_minor);
    tender->rate = rate->rate;
    return cf_convert(tender->foreign_minor, &tender->rate, till->settings.currency, &tender->amount_minor, err);
}

enum cf_rc cf_till_total(struct cf_till *till, struct cf_error *err)
{
    struct cf_offer_source offers = till_offers(till, NULL);
    if (till->sale.state != CF_CHECKOUT_SELLING) /* nothing is open, or the price stands still */
        return CF_OK;
    enum cf_rc rc = cf_open_sale_price(&till->sale, &offers, cf_till_clock(till).best, err);
    return rc != CF_OK && till_replay(till, NULL) != CF_OK ? CF_E_INTERNAL : rc;
}

/* What the commit would refuse is refused before money is taken for it. */
static enum cf_rc check_rights(struct cf_till *till, struct cf_error *err)
{
    enum cf_rc rc = till_check_coupons(till, err);
    if (rc == CF_OK)
        rc = till_check_order(till, err);
    if (rc == CF_OK)
        rc = till_check_quote(till, err);
    bool unpaid = till->sale.state == CF_CHECKOUT_SELLING;
    return rc == CF_OK && unpaid ? till_check_quote_end(till, err) : rc;
}

enum cf_rc till_check_before_money(struct cf_till *till, struct cf_error *err)
{
    int64_t shown_minor = cf_open_sale_due(&till->sale);
    char was[CF_MONEY_TEXT_MAX], is[CF_MONEY_TEXT_MAX];
    enum cf_rc rc = check_rights(till, err);
    if (rc == CF_OK)
        rc = cf_till_total(till, err);
    int64_t due_minor = cf_open_sale_due(&till->sale);
    if (rc != CF_OK || due_minor <= shown_minor)
        return rc;
    cf_money_format_signed((cf_money){shown_minor, till->settings.currency}, was);
    cf_money_format_signed((cf_money){due_minor, till->settings.currency}, is);
    return cf_fail(err, CF_E_PRICE_ROSE, "it was %s, and is %s", was, is);
}

enum cf_rc cf_till_tender(struct cf_till *till, const struct cf_tender *tender, struct cf_till_sold *ret,
                          struct cf_error *err)
{
    struct cf_till_sold sold = {0};
    struct cf_step step = {.kind = CF_STEP_TENDER};
    if (tender->kind == CF_TENDER_EXCHANGE)
        return cf_fail(err, CF_E_ARGUMENT, "goods that come back pay by their receipt");
    if (cf_tender_is_value(tender->kind))
        return cf_fail(err, CF_E_ARGUMENT, "%s pays by its code or its member", cf_tender_kind_name(tender->kind));
    step.tender.tender = *tender;
    step.tender.cash = cf_store_rules_cash(&till->rules, till->settings.currency);
    enum cf_rc rc = tender->foreign_minor != 0 ? convert(till, &step.tender.tender, err) : CF_OK;
    if (rc != CF_OK)
        return rc;
    rc = till_check_before_money(till, err);
    if (rc != CF_OK)
        return rc;
    step.tender.priced_at_ms = till->sale.priced_at.us / CF_US_PER_MS;
    /* The tender that settles the sale is kept by the sale's record or not at all: else a commit that failed on a full
     * disk would come to pass at the next start, behind the back of a cashier who was told that nothing was sold. */
    rc = till_permit_tender(till, err);
    if (rc == CF_OK)
        rc = till_try(till, &step, err);
    if (rc == CF_OK)
        rc = till->sale.state == CF_CHECKOUT_PAID ? till_commit(till, &sold, err) : till_keep(till, &step, err);
    if (rc == CF_OK && ret)
        *ret = sold;
    return rc;
}

enum cf_rc cf_till_announce(struct cf_till *till, enum cf_tender_kind kind, struct cf_error *err)
{
    struct cf_step step = {.kind = CF_STEP_ANNOUNCE, .announced = (uint32_t)kind};
    if (till->sale.state == CF_CHECKOUT_IDLE)
        return cf_fail(err, CF_E_SALE_NONE, "there is nothing to pay");
    if (till->sale.state == CF_CHECKOUT_SELLING && till->sale.announced == (uint32_t)kind)
        return cf_till_total(till, err);
    return till_take(till, &step, err);
}

enum cf_rc cf_till_due_in_cash(struct cf_till *till, cf_currency currency, int64_t *ret_minor, struct cf_error *err)
{
    struct cf_till_view view;
    const struct cf_cash_rule cash = cf_store_rules_cash(&till->rules, till->settings.currency);
    int64_t rounding = 0;
    cf_till_view(till, &view);
    enum cf_rc rc = cf_cash_rounding(view.due_minor, &cash, &rounding, err);
    if (rc != CF_OK)
        return rc;
    if (cf_currency_equal(currency, view.currency)) {
        *ret_minor = view.due_minor + rounding;
        return CF_OK;
    }
    const struct cf_store_rate *rate = cf_store_rules_rate(&till->rules, currency);
    if (rate == NULL)
        return cf_fail(err, CF_E_CURRENCY, "%.3s is not taken here", currency.code);
    return cf_convert_due(view.due_minor + rounding, &rate->rate, view.currency, rate->step_minor, ret_minor, err);
}

static enum cf_rc encode_cancelled(struct cf_till *till, uint64_t sale_no, struct cf_error *err)
{
    const struct cf_open_voids voids = cf_open_sale_voids(&till->sale);
    struct cf_cancelled cancelled = {.sale_no = sale_no,
                                     .n_lines = (uint32_t)cf_cart_live_count(till->sale.cart),
                                     .gross_minor = till->sale.priced->gross_minor,
                                     .n_void_lines = voids.n,
                                     .void_lines_minor = voids.minor};
    memcpy(cancelled.user, till->cashier, sizeof cancelled.user);
    cf_buf_clear(&till->scratch);
    return cf_cancelled_encode(&cancelled, &till->scratch, err);
}

/*
 * Takes a coupon off the sale. A right that the centre or the hub holds for it goes back first. A kill in between
 * leaves the sale open without the coupon: were it still held, a sale could follow that spends what was given back.
 */
static enum cf_rc take_off(struct cf_till *till, size_t i, struct cf_error *err)
{
    const struct cf_step_coupon *coupon = &till->sale.coupons[i];
    struct cf_step step = {.kind = coupon->online ? CF_STEP_ASK : CF_STEP_UNCOUPON};
    step.ask.campaign = coupon->redemption.campaign;
    step.ask.index = coupon->redemption.index;
    memcpy(step.ask.request_key, coupon->redemption.request_key, sizeof step.ask.request_key);
    if (!coupon->online)
        return till_take(till, &step, err);
    till_note_holder(till, coupon);
    enum cf_rc rc = till_take(till, &step, err);
    return rc == CF_OK ? till_settle_ask(till, err) : rc;
}

enum cf_rc cf_till_untake(struct cf_till *till, uint32_t coupon_no, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    size_t n = till->sale.n_coupons;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_CHANGE_LINE, &facts, &next, err);
    if (rc == CF_OK && (n == 0 || coupon_no > n))
        rc = cf_fail(err, CF_E_NOT_FOUND, "the sale has %zu coupons", n);
    if (rc == CF_OK)
        rc = till_settle_ask(till, err);
    return rc == CF_OK ? take_off(till, (coupon_no != 0 ? coupon_no : n) - 1, err) : rc;
}

enum cf_rc till_give_back_coupons(struct cf_till *till, bool all, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < till->sale.n_coupons;) {
        if (all || till->sale.coupons[i].online)
            rc = take_off(till, i, err);
        else
            i++;
    }
    return rc;
}

enum cf_rc cf_till_cancel(struct cf_till *till, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    uint64_t sale_no = 0;
    struct cf_committed at;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_CANCEL, &facts, &next, err);
    const struct cf_act_size size = {.minor = till->sale.priced->gross_minor};
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_CANCEL_SALE, &size, err);
    if (rc == CF_OK)
        rc = till_settle_ask(till, err);
    if (rc == CF_OK)
        rc = till_give_back_coupons(till, false, err);
    if (rc == CF_OK)
        rc = till_give_back_order(till, err);
    if (rc == CF_OK)
        rc = till_drop_exchange(till, err);
    if (rc == CF_OK)
        rc = cf_journal_next_sale_no(till->journal, &sale_no, err);
    if (rc == CF_OK)
        rc = encode_cancelled(till, sale_no, err);
    if (rc != CF_OK)
        return rc;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    rc = cf_journal_append(till->journal, CF_RECORD_CANCELLED, cf_buf_bytes(&till->scratch), true, &stamp, &at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, at.wall, stamp.time_quality);
    cf_open_sale_clear(&till->sale);
    (void)!till_close_challenges(till, NULL); /* else at the next rest or start */
    return CF_OK;
}
