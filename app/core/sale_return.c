/*
 * app/core/sale_return.c - what a return gives back, by cumulative shares.
 *
 * A share is the sale's figure times returned over sold, rounded once, half away from zero; what a return gives is the
 * share after it less the share before it. Such shares never fall, begin at nothing and end at the whole. The bytes of
 * a return are sale_return_cbor.c. Pure but for the allocation of _new; thread-safe for distinct returns.
 */
#include "app/core/sale_return.h"

#include "app/core/points_extra.h"
#include "app/core/tax.h"
#include "app/core/value.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum cf_rc cf_return_new(struct cf_return **ret, struct cf_error *err)
{
    struct cf_return *r = calloc(1, sizeof *r);
    struct cf_return_line *lines = calloc(CF_CART_LINES_MAX, sizeof *lines);
    if (r == NULL || lines == NULL) {
        free(r);
        free(lines);
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for a return");
    }
    r->lines = lines;
    *ret = r;
    return CF_OK;
}

void cf_return_free(struct cf_return *r)
{
    if (r == NULL)
        return;
    free(r->lines);
    free(r);
}

/* --- what the lines of the sale cost -------------------------------------------------------------------------------
 */

struct whole {
    int64_t net_minor; /* after discount; contains the tax in inclusive mode */
    int64_t discount_minor;
    int64_t tax_minor;
};
struct wholes {
    struct whole line[CF_CART_LINES_MAX];
    /* of the rate in hand */
    size_t n;
    size_t at[CF_CART_LINES_MAX];
    int64_t weight[CF_CART_LINES_MAX];
    int64_t share[CF_CART_LINES_MAX];
};
struct rate {
    uint32_t tax_bp;
    int64_t net_minor;
    int64_t tax_minor;
};

/* Shares an amount over n parts; where no part weighs anything, the first takes it all. */
static void share_out(int64_t amount, const int64_t *weight, size_t n, int64_t *ret_share)
{
    memset(ret_share, 0, n * sizeof *ret_share);
    if (amount == 0 || n == 0)
        return;
    if (cf_allocate(amount, weight, n, ret_share, NULL) != CF_OK) {
        memset(ret_share, 0, n * sizeof *ret_share);
        ret_share[0] = amount;
    }
}

static size_t sum_rates(const struct cf_sale *sale, const struct wholes *w, struct rate rates[CF_SALE_RATES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < sale->n_lines; i++) {
        size_t k = 0;
        while (k < n && rates[k].tax_bp != sale->lines[i].tax_bp)
            k++;
        assert(k < CF_SALE_RATES_MAX); /* cf_sale_check */
        if (k == n)
            rates[n++] = (struct rate){.tax_bp = sale->lines[i].tax_bp};
        rates[k].net_minor += w->line[i].net_minor; /* at most the gross total, which fits */
    }
    return n;
}

/* The sale states its tax in all. Rate by rate it follows from the rounding of pricing.h; the sale's word is kept even
 * where it differs by the odd cents that cf_sale_check lets pass. */
static void share_tax_over_rates(const struct cf_sale *sale, struct rate *rates, size_t n)
{
    int64_t weight[CF_SALE_RATES_MAX], share[CF_SALE_RATES_MAX], sum = 0;
    for (size_t k = 0; k < n; k++) {
        if (cf_tax_of(sale->tax_mode, rates[k].net_minor, rates[k].tax_bp, &weight[k], NULL) != CF_OK)
            weight[k] = 0; /* cf_sale_check refuses a tax that does not fit */
        sum += weight[k];
    }
    if (sum == sale->tax_minor)
        memcpy(share, weight, n * sizeof *share);
    else
        share_out(sale->tax_minor, weight, n, share);
    for (size_t k = 0; k < n; k++)
        rates[k].tax_minor = share[k];
}

/* Of a sale whose tax is by line. False if that is not what it states. */
static bool tax_lines(const struct cf_sale *sale, struct wholes *w)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sale->n_lines; i++) {
        struct whole *line = &w->line[i];
        if (cf_tax_of(sale->tax_mode, line->net_minor, sale->lines[i].tax_bp, &line->tax_minor, NULL) != CF_OK ||
            cf_add_i64(sum, line->tax_minor, &sum, NULL) != CF_OK)
            return false;
    }
    return sum == sale->tax_minor;
}

static void find_wholes(const struct cf_sale *sale, struct wholes *w)
{
    struct rate rates[CF_SALE_RATES_MAX];
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *line = &sale->lines[i];
        int64_t gross = 0;
        enum cf_rc rc = cf_muldiv_round(line->unit_price_minor, line->qty_milli, 1000, &gross, NULL);
        assert(rc == CF_OK && gross >= line->discount_minor); /* cf_sale_check */
        w->line[i] = (struct whole){gross - line->discount_minor, line->discount_minor, 0};
    }
    if (cf_tax_is_by_line(sale->tax_mode) && tax_lines(sale, w))
        return;
    size_t n_rates = sum_rates(sale, w, rates);
    share_tax_over_rates(sale, rates, n_rates);
    for (size_t k = 0; k < n_rates; k++) {
        w->n = 0;
        for (size_t i = 0; i < sale->n_lines; i++)
            if (sale->lines[i].tax_bp == rates[k].tax_bp) {
                w->weight[w->n] = w->line[i].net_minor;
                w->at[w->n++] = i;
            }
        share_out(rates[k].tax_minor, w->weight, w->n, w->share);
        for (size_t j = 0; j < w->n; j++)
            w->line[w->at[j]].tax_minor = w->share[j];
    }
}

/* --- cumulative shares ---------------------------------------------------------------------------------------------
 */

static int64_t part(int64_t whole, int64_t returned, int64_t sold)
{
    int64_t share = 0;
    enum cf_rc rc = sold == 0 ? CF_OK : cf_muldiv_round(whole, returned, sold, &share, NULL);
    assert(rc == CF_OK); /* returned <= sold */
    return share;
}

static struct whole part_of_line(const struct whole *whole, int64_t returned, int64_t sold)
{
    return (struct whole){part(whole->net_minor, returned, sold), part(whole->discount_minor, returned, sold),
                          part(whole->tax_minor, returned, sold)};
}

static int64_t paid_for(const struct cf_sale *sale, const struct whole *part)
{
    return part->net_minor + (cf_tax_is_inclusive(sale->tax_mode) ? 0 : part->tax_minor); /* within total_minor */
}

/* What an exchange paid is no money that anybody took: it comes back as cash does. */
static bool is_cash(enum cf_tender_kind kind)
{
    return kind == CF_TENDER_CASH || kind == CF_TENDER_EXCHANGE;
}

static int64_t at_most(int64_t v, int64_t max)
{
    return v < max ? v : max;
}

/* Of what a coupon gave beside money every line has its part. */
static bool has_effect_of_a_right(const struct cf_sale *sale)
{
    bool has = false;
    for (size_t i = 0; i < sale->n_effects; i++)
        has = has || sale->effects[i].redemption >= 0;
    return has;
}

/* What the points of a sale were earned with: all but its gift cards, which earn none and do not come back. */
static int64_t earned_with(const struct cf_sale *sale)
{
    int64_t minor = sale->total_minor;
    for (size_t i = 0; i < sale->n_lines; i++)
        if (sale->lines[i].product == CF_PRODUCT_GIFT_CARD)
            minor -= sale->lines[i].unit_price_minor;
    return minor > 0 ? minor : 0;
}

/* Of the points that a campaign gave, those that are back with so much of the money: rounded down, so that campaigns
 * together never give back more than the sale does. All of them with the last of the goods. */
static int64_t part_of_given(int64_t points, int64_t refunded_minor, int64_t earned_minor, bool all)
{
    __extension__ typedef __int128 wide;
    if (earned_minor <= 0)
        return all ? points : 0;
    return (int64_t)((wide)points * at_most(refunded_minor, earned_minor) / earned_minor);
}

/* What is undone once `returned` of each line is back; a line of which more came back than was sold is back. */
static void sum_up(const struct cf_sale *sale, const struct wholes *w, const int64_t *first, const int64_t *second,
                   struct cf_return_state *ret)
{
    bool all = true, all_goods = true, all_discounted = true, any_discounted = false;
    int64_t refunded = 0, earned = earned_with(sale);
    for (size_t i = 0; i < sale->n_lines; i++) {
        int64_t sold = sale->lines[i].qty_milli;
        int64_t back = at_most(first[i], sold);
        if (second != NULL)
            back = at_most(back + at_most(second[i], sold), sold);
        struct whole line = part_of_line(&w->line[i], back, sold);
        refunded += paid_for(sale, &line);
        all = all && back == sold;
        all_goods = all_goods && (back == sold || sale->lines[i].product == CF_PRODUCT_GIFT_CARD);
        if (sale->lines[i].discount_minor > 0) {
            any_discounted = true;
            all_discounted = all_discounted && back == sold;
        }
    }
    ret->refunded_minor = refunded;
    ret->all = all;
    /* Goods that cost nothing earned nothing, unless the record says so: then all of it goes with the last of them. */
    ret->points = earned > 0 ? part(sale->points, at_most(refunded, earned), earned) : all ? sale->points : 0;
    ret->rights = any_discounted && !has_effect_of_a_right(sale) ? all_discounted : all;
    ret->issued = all_goods;
}

void cf_return_so_far(const struct cf_sale *sale, const int64_t *returned_milli, struct cf_return_state *ret)
{
    struct wholes w;
    find_wholes(sale, &w);
    sum_up(sale, &w, returned_milli, NULL, ret);
}

/* --- the return ----------------------------------------------------------------------------------------------------
 */

static enum cf_rc check_goods(const struct cf_sale *sale, const struct cf_return_goods *goods, struct cf_error *err)
{
    bool any = false;
    for (size_t i = 0; i < sale->n_lines; i++) {
        int64_t sold = sale->lines[i].qty_milli, before = goods->before_milli[i], qty = goods->qty_milli[i];
        if (before < 0 || qty < 0 || before > sold || qty > sold - before)
            return cf_fail(err, CF_E_RETURN_QUANTITY,
                           "line %zu: %" PRId64 ".%03" PRId64 " were sold and %" PRId64 ".%03" PRId64 " are back",
                           i + 1, sold / 1000, sold % 1000, before / 1000, (before < 0 ? 0 : before) % 1000);
        if (sold % 1000 == 0 && qty % 1000 != 0)
            return cf_fail(err, CF_E_RETURN_QUANTITY, "line %zu: a part of a piece", i + 1);
        if (qty > 0 && sale->lines[i].product == CF_PRODUCT_GIFT_CARD) /* whoever kept its code has the money */
            return cf_fail(err, CF_E_VALUE_CARD, "line %zu", i + 1);
        any = any || qty > 0;
    }
    return any ? CF_OK : cf_fail(err, CF_E_RETURN_EMPTY, "no quantity comes back");
}

static void put_lines(const struct cf_sale *sale, const struct cf_return_goods *goods, const struct wholes *w,
                      struct cf_return *ret)
{
    ret->n_lines = 0;
    ret->gross_minor = ret->discount_minor = ret->tax_minor = ret->total_minor = 0;
    for (size_t i = 0; i < sale->n_lines; i++) {
        const struct cf_sale_line *sold = &sale->lines[i];
        int64_t before = goods->before_milli[i], qty = goods->qty_milli[i];
        if (before == 0 && qty == 0)
            continue;
        struct whole was = part_of_line(&w->line[i], before, sold->qty_milli);
        struct whole is = part_of_line(&w->line[i], before + qty, sold->qty_milli);
        struct whole now = {is.net_minor - was.net_minor, is.discount_minor - was.discount_minor,
                            is.tax_minor - was.tax_minor};
        ret->lines[ret->n_lines++] = (struct cf_return_line){
            .line_no = (uint32_t)(i + 1),
            .product = sold->product,
            .tax_bp = sold->tax_bp,
            .sold_milli = sold->qty_milli,
            .before_milli = before,
            .qty_milli = qty,
            .gross_minor = now.net_minor + now.discount_minor,
            .discount_minor = now.discount_minor,
            .tax_minor = now.tax_minor,
        };
        ret->gross_minor += now.net_minor + now.discount_minor;
        ret->discount_minor += now.discount_minor;
        ret->tax_minor += now.tax_minor;
        ret->total_minor += paid_for(sale, &now);
    }
}

/* What each tender took: change was given out of the last cash. */
static void find_taken(const struct cf_sale *sale, int64_t taken[CF_TENDERS_MAX])
{
    int64_t change = sale->change_minor;
    for (size_t i = sale->tenders.n; i-- > 0;) {
        const struct cf_tender *tender = &sale->tenders.tender[i];
        int64_t back = tender->kind == CF_TENDER_CASH ? at_most(change, tender->amount_minor) : 0;
        taken[i] = tender->amount_minor - back;
        change -= back;
    }
}

/* What is paid back of so much: a share of what was paid, which rounding to coins made a little more or less. */
static int64_t paid_back(const struct cf_sale *sale, int64_t refunded_minor)
{
    if (sale->tenders.rounding_minor == 0 || sale->total_minor == 0)
        return refunded_minor;
    return part(sale->total_minor + sale->tenders.rounding_minor, refunded_minor, sale->total_minor);
}

/* What the tenders have given back in all for so much: the others first, then cash, in coins but for the last of it. It
 * never falls, and ends at what was paid. */
static int64_t given_back(const struct cf_sale *sale, const int64_t taken[CF_TENDERS_MAX],
                          const struct cf_cash_rule *rule, int64_t refunded_minor)
{
    int64_t all = 0, others = 0, rounding = 0, paid = paid_back(sale, refunded_minor);
    for (size_t i = 0; i < sale->tenders.n; i++) {
        all += taken[i];
        others += is_cash(sale->tenders.tender[i].kind) ? 0 : taken[i];
    }
    if (rule->step_minor <= 1 || paid <= others || paid >= all ||
        cf_cash_rounding(paid - others, rule, &rounding, NULL) != CF_OK)
        return paid;
    return at_most(paid + rounding, all);
}

/* Refunds fill the tenders one after the other, from where those before have left off. */
static void fill_tenders(const struct cf_sale *sale, const struct cf_cash_rule *rule, int64_t refunded_before,
                         struct cf_return *ret)
{
    int64_t taken[CF_TENDERS_MAX];
    find_taken(sale, taken);
    int64_t skip = given_back(sale, taken, rule, refunded_before);
    int64_t left = given_back(sale, taken, rule, refunded_before + ret->total_minor) - skip;
    ret->n_tenders = 0;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sale->tenders.n && left > 0; i++) {
            const struct cf_tender *tender = &sale->tenders.tender[i];
            if (is_cash(tender->kind) != (round == 1))
                continue;
            int64_t gone = at_most(skip, taken[i]);
            int64_t amount = at_most(left, taken[i] - gone);
            skip -= gone;
            left -= amount;
            if (amount > 0)
                ret->tenders[ret->n_tenders++] =
                    (struct cf_return_tender){.tender_no = (uint32_t)(i + 1),
                                              .kind = is_cash(tender->kind) ? CF_TENDER_CASH : tender->kind,
                                              .amount_minor = amount};
        }
    }
    assert(left == 0); /* the tenders took the total, and no more than it is refunded */
}

/* Takes up to so much off the refunds, the last first; what it took. */
static int64_t take_last(struct cf_return *ret, int64_t up_to)
{
    int64_t taken = 0;
    while (ret->n_tenders > 0 && taken < up_to) {
        struct cf_return_tender *last = &ret->tenders[ret->n_tenders - 1];
        int64_t amount = at_most(last->amount_minor, up_to - taken);
        last->amount_minor -= amount;
        taken += amount;
        if (last->amount_minor == 0)
            ret->n_tenders--;
    }
    return taken;
}

/* What accounts of ours had paid goes back there; all else is credit now. */
static void put_credit(struct cf_return *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < ret->n_tenders; i++) {
        if (cf_tender_is_value(ret->tenders[i].kind))
            ret->tenders[kept++] = ret->tenders[i];
        else
            ret->credit.amount_minor += ret->tenders[i].amount_minor;
    }
    ret->n_tenders = kept;
}

/* The rest of an exchange, as far as it is cash, in coins. */
static void round_rest(struct cf_return *ret)
{
    int64_t cash = 0, rounding = 0;
    size_t first = ret->n_tenders;
    while (first > 0 && ret->tenders[first - 1].kind == CF_TENDER_CASH)
        cash += ret->tenders[--first].amount_minor;
    if (cash == 0 || ret->cash.step_minor <= 1 || cf_cash_rounding(cash, &ret->cash, &rounding, NULL) != CF_OK)
        return;
    if (rounding < 0)
        (void)take_last(ret, -rounding); /* at most all of the cash: it rounds to nothing at the least */
    else
        ret->tenders[ret->n_tenders - 1].amount_minor += rounding;
}

static void put_tenders(const struct cf_sale *sale, const struct cf_return_goods *goods, int64_t refunded_before,
                        struct cf_return *ret)
{
    static const struct cf_cash_rule exact = {0, CF_CASH_NEAREST};
    bool all_in_money = goods->exchange_up_to == 0 && !goods->as_credit;
    ret->exchange_minor = 0;
    ret->credit = (struct cf_value_card){.amount_minor = 0};
    fill_tenders(sale, all_in_money ? &ret->cash : &exact, refunded_before, ret);
    ret->exchange_minor = take_last(ret, goods->exchange_up_to);
    if (goods->as_credit)
        put_credit(ret);
    else if (!all_in_money)
        round_rest(ret);
    ret->has_credit = ret->credit.amount_minor > 0;
    int64_t given = ret->exchange_minor + ret->credit.amount_minor;
    for (size_t i = 0; i < ret->n_tenders; i++)
        given += ret->tenders[i].amount_minor;
    ret->rounding_minor = given - ret->total_minor;
}

static void put_rights(const struct cf_sale *sale, const enum cf_on_return *on_return, struct cf_return *ret)
{
    ret->n_rights = 0;
    for (size_t k = 0; k < sale->n_redemptions; k++)
        ret->rights[ret->n_rights++] = (struct cf_return_right){
            sale->redemptions[k].campaign, sale->redemptions[k].index, on_return[k], cf_sale_redemption_value(sale, k)};
}

static void put_revoked(const struct cf_sale *sale, struct cf_return *ret)
{
    for (size_t k = 0; k < sale->n_issued; k++)
        ret->revoked[ret->n_revoked++] =
            (struct cf_return_revoked){sale->issued[k].campaign, sale->issued[k].index, false};
}

static void put_points(const struct cf_sale *sale, const struct cf_return_state *was, const struct cf_return_state *is,
                       struct cf_return *ret)
{
    int64_t earned = earned_with(sale);
    ret->points = is->points - was->points;
    ret->n_points_by = 0;
    for (size_t i = 0; i < sale->n_points_by; i++) {
        const struct cf_points_given *given = &sale->points_by[i];
        int64_t points = part_of_given(given->points, is->refunded_minor, earned, is->all) -
                         part_of_given(given->points, was->refunded_minor, earned, was->all);
        if (points > 0)
            ret->points_by[ret->n_points_by++] = (struct cf_points_given){given->campaign, points};
    }
}

enum cf_rc cf_return_make(const struct cf_sale *sale, const struct cf_return_goods *goods, struct cf_return *ret,
                          struct cf_error *err)
{
    struct wholes w;
    struct cf_return_state was, is;
    enum cf_rc rc = check_goods(sale, goods, err);
    if (rc != CF_OK)
        return rc;
    find_wholes(sale, &w);
    sum_up(sale, &w, goods->before_milli, NULL, &was);
    sum_up(sale, &w, goods->before_milli, goods->qty_milli, &is);
    ret->currency = sale->currency;
    ret->tax_mode = sale->tax_mode;
    ret->has_member = sale->has_member;
    ret->member = sale->has_member ? sale->member : (cf_sub){{0}};
    ret->cash = goods->cash.step_minor > 1 ? goods->cash : (struct cf_cash_rule){0, CF_CASH_NEAREST};
    put_lines(sale, goods, &w, ret);
    put_tenders(sale, goods, was.refunded_minor, ret);
    ret->n_rights = 0;
    if (is.rights && !was.rights)
        put_rights(sale, goods->on_return, ret);
    ret->n_revoked = 0;
    if (is.issued && !was.issued)
        put_revoked(sale, ret);
    put_points(sale, &was, &is, ret);
    ret->all = sale->has_member && is.all && !was.all;
    return CF_OK;
}

size_t cf_return_paid(const struct cf_return *r, struct cf_return_paid ret[CF_RETURN_PAID_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_tenders; i++)
        ret[n++] = (struct cf_return_paid){r->tenders[i].kind, r->tenders[i].amount_minor};
    if (r->exchange_minor > 0)
        ret[n++] = (struct cf_return_paid){CF_TENDER_EXCHANGE, r->exchange_minor};
    if (r->has_credit)
        ret[n++] = (struct cf_return_paid){CF_TENDER_STORE_CREDIT, r->credit.amount_minor};
    return n;
}

/* --- a record against its sale -------------------------------------------------------------------------------------
 */

struct claimed {
    int64_t before_milli[CF_CART_LINES_MAX];
    int64_t qty_milli[CF_CART_LINES_MAX];
    enum cf_on_return on_return[CF_SALE_COUPONS_MAX];
    struct cf_return_line lines[CF_CART_LINES_MAX];
};

/* The goods that the record says came back, if the sale has them. */
static enum cf_rc read_claimed(const struct cf_sale *sale, const struct cf_return *r, struct claimed *ret,
                               struct cf_error *err)
{
    memset(ret->before_milli, 0, sale->n_lines * sizeof *ret->before_milli);
    memset(ret->qty_milli, 0, sale->n_lines * sizeof *ret->qty_milli);
    if (r->of.sale_no != sale->sale_no)
        return cf_fail(err, CF_E_RECORD, "returns sale number %" PRIu64 ", the sale is number %" PRIu64, r->of.sale_no,
                       sale->sale_no);
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct cf_return_line *line = &r->lines[i];
        size_t at = line->line_no - 1;
        if (line->line_no == 0 || at >= sale->n_lines || line->product != sale->lines[at].product ||
            line->sold_milli != sale->lines[at].qty_milli || line->tax_bp != sale->lines[at].tax_bp)
            return cf_fail(err, CF_E_RECORD, "the sale has no such line %" PRIu32, line->line_no);
        ret->before_milli[at] = line->before_milli;
        ret->qty_milli[at] = line->qty_milli;
    }
    for (size_t k = 0; k < CF_SALE_COUPONS_MAX; k++)
        ret->on_return[k] = k < r->n_rights ? r->rights[k].fate : CF_ON_RETURN_BURN;
    if (r->is_void && (r->business_day != sale->business_day || r->n_lines != sale->n_lines))
        return cf_fail(err, CF_E_RECORD, "a void of a part of a sale, or of another day's");
    return CF_OK;
}

static enum cf_rc differs(struct cf_error *err, const char *what, int64_t recorded, int64_t made)
{
    return cf_fail(err, CF_E_RECORD, "%s is %" PRId64 " in the record of the return and comes to %" PRId64, what,
                   recorded, made);
}

static enum cf_rc compare_lines(const struct cf_return *r, const struct cf_return *made, struct cf_error *err)
{
    char what[48];
    if (r->n_lines != made->n_lines)
        return differs(err, "the number of lines", (int64_t)r->n_lines, (int64_t)made->n_lines);
    for (size_t i = 0; i < r->n_lines; i++) {
        const struct cf_return_line *a = &r->lines[i], *b = &made->lines[i];
        (void)snprintf(what, sizeof what, "line %" PRIu32, a->line_no);
        if (a->gross_minor != b->gross_minor)
            return differs(err, what, a->gross_minor, b->gross_minor);
        if (a->discount_minor != b->discount_minor)
            return differs(err, what, a->discount_minor, b->discount_minor);
        if (a->tax_minor != b->tax_minor)
            return differs(err, what, a->tax_minor, b->tax_minor);
    }
    return CF_OK;
}

/* A till of before did not say what it revoked; the centre goes by what is back, and not by this. */
static enum cf_rc compare_revoked(const struct cf_return *r, const struct cf_return *made, struct cf_error *err)
{
    if (r->n_revoked == 0)
        return CF_OK;
    if (r->n_revoked != made->n_revoked)
        return differs(err, "the number of coupons revoked", (int64_t)r->n_revoked, (int64_t)made->n_revoked);
    for (size_t i = 0; i < r->n_revoked; i++)
        if (r->revoked[i].campaign != made->revoked[i].campaign || r->revoked[i].index != made->revoked[i].index)
            return differs(err, "a coupon revoked", r->revoked[i].index, made->revoked[i].index);
    return CF_OK;
}

static enum cf_rc compare_parts(const struct cf_return *r, const struct cf_return *made, struct cf_error *err)
{
    if (r->rounding_minor != made->rounding_minor)
        return differs(err, "the rounding", r->rounding_minor, made->rounding_minor);
    if (r->n_tenders != made->n_tenders)
        return differs(err, "the number of refunds", (int64_t)r->n_tenders, (int64_t)made->n_tenders);
    for (size_t i = 0; i < r->n_tenders; i++)
        if (r->tenders[i].tender_no != made->tenders[i].tender_no || r->tenders[i].kind != made->tenders[i].kind ||
            r->tenders[i].amount_minor != made->tenders[i].amount_minor)
            return differs(err, "a refund", r->tenders[i].amount_minor, made->tenders[i].amount_minor);
    if (r->exchange_minor != made->exchange_minor)
        return differs(err, "what went into the exchange", r->exchange_minor, made->exchange_minor);
    if (r->has_credit != made->has_credit || (r->has_credit && r->credit.amount_minor != made->credit.amount_minor))
        return differs(err, "the store credit", r->has_credit ? r->credit.amount_minor : 0, made->credit.amount_minor);
    if (r->n_rights != made->n_rights)
        return differs(err, "the number of rights", (int64_t)r->n_rights, (int64_t)made->n_rights);
    for (size_t i = 0; i < r->n_rights; i++)
        if (r->rights[i].campaign != made->rights[i].campaign || r->rights[i].index != made->rights[i].index ||
            r->rights[i].cost_minor != made->rights[i].cost_minor)
            return differs(err, "a right", r->rights[i].index, made->rights[i].index);
    if (r->has_member != made->has_member || memcmp(r->member.b, made->member.b, CF_SUB_BYTES) != 0)
        return cf_fail(err, CF_E_RECORD, "the return names another member than the sale");
    if (!cf_currency_equal(r->currency, made->currency) || r->tax_mode != made->tax_mode)
        return cf_fail(err, CF_E_RECORD, "the return is in other money or another tax mode than the sale");
    return CF_OK;
}

enum cf_rc cf_return_rejudge(const struct cf_sale *sale, const struct cf_return *r, struct cf_error *err)
{
    struct claimed claimed;
    struct cf_return made = {.lines = claimed.lines};
    struct cf_error why;
    enum cf_rc rc = read_claimed(sale, r, &claimed, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_return_goods goods = {.before_milli = claimed.before_milli,
                                          .qty_milli = claimed.qty_milli,
                                          .on_return = claimed.on_return,
                                          .cash = r->cash,
                                          .exchange_up_to = r->exchange_minor,
                                          .as_credit = r->has_credit};
    if (cf_return_make(sale, &goods, &made, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    rc = compare_lines(r, &made, err);
    if (rc == CF_OK)
        rc = compare_parts(r, &made, err);
    if (rc == CF_OK)
        rc = compare_revoked(r, &made, err);
    if (rc == CF_OK && r->total_minor != made.total_minor)
        rc = differs(err, "the refund", r->total_minor, made.total_minor);
    if (rc == CF_OK && r->points != made.points)
        rc = differs(err, "points", r->points, made.points);
    if (rc == CF_OK && r->all && !made.all) /* a till of before did not say so */
        rc = cf_fail(err, CF_E_RECORD, "the return says that nothing of the sale is left");
    if (rc == CF_OK && r->n_points_by > 0) /* a till of before did not say which campaign had given them */
        rc = cf_points_given_compare(r->points_by, r->n_points_by, made.points_by, made.n_points_by, err);
    return rc;
}

/* --- the sale's name -----------------------------------------------------------------------------------------------
 */

static bool read_number(const char **at, uint64_t max, uint64_t *ret)
{
    uint64_t v = 0;
    const char *p = *at;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (p == *at || v == 0)
        return false;
    *at = p;
    *ret = v;
    return true;
}

bool cf_sale_ref_parse(const char *text, struct cf_sale_ref *ret)
{
    uint64_t terminal, epoch, seq;
    size_t prefix = strlen(CF_SALE_REF_PREFIX);
    const char *at = strncmp(text, CF_SALE_REF_PREFIX, prefix) == 0 ? text + prefix : text;
    if (!read_number(&at, UINT32_MAX, &terminal) || *at++ != '-' || !read_number(&at, UINT32_MAX, &epoch) ||
        *at++ != '-' || !read_number(&at, INT64_MAX, &seq) || *at != '\0')
        return false;
    *ret = (struct cf_sale_ref){(uint32_t)terminal, (uint32_t)epoch, seq, 0};
    return true;
}

void cf_sale_ref_code(const struct cf_sale_ref *ref, char text[CF_SALE_REF_MAX])
{
    (void)snprintf(text, CF_SALE_REF_MAX, CF_SALE_REF_PREFIX "%" PRIu32 "-%" PRIu32 "-%" PRIu64, ref->terminal,
                   ref->epoch, ref->seq);
}
