/*
 * app/core/pricing_hand.c - see pricing_hand.h.
 *
 * Each is reckoned on what stands when its turn comes, is never more than its lines have room for above their floors,
 * and is shared over them as any discount: by what they cost, odd cents by largest remainder.
 */
#include "app/core/pricing_hand.h"

#include <assert.h>

#include "app/core/reason.h"
#include "app/core/share.h"

/* The lines that it is on, into covered_at, weight and room: charges are not of the sale's goods. */
static size_t cover(struct cf_evaluation *e, uint32_t line_no, int64_t *ret_left, int64_t *ret_room)
{
    size_t n = 0;
    *ret_left = *ret_room = 0;
    for (size_t k = 0; k < e->n; k++) {
        const struct cf_cart_line *line = e->line[k];
        bool agreed = cf_price_is_agreed(line->extra.origin); /* of a quotation that yields, too */
        if (line_no != 0 ? line->line_no != line_no : line->delivery || agreed)
            continue;
        e->covered_at[n] = (uint16_t)k;
        e->weight[n] = e->left[k];
        e->room[n] = !agreed && e->left[k] > e->floor[k] ? e->left[k] - e->floor[k] : 0;
        *ret_left += e->left[k]; /* no overflow: the cart's gross total fits */
        *ret_room += e->room[n++];
    }
    return n;
}

static void explain(const struct cf_evaluation *e, const struct cf_hand_discount *asked, int64_t left_minor,
                    bool capped, struct cf_priced_hand *hand)
{
    struct cf_reason reason;
    cf_reason_init(&reason, hand->reason, &e->form);
    cf_reason_text(&reason, "By hand: ");
    cf_reason_money(&reason, -hand->amount_minor);
    cf_reason_text(&reason, " (");
    if (asked->percent_bp != 0) {
        cf_reason_percent(&reason, asked->percent_bp);
        cf_reason_text(&reason, " of ");
        cf_reason_money(&reason, left_minor);
        cf_reason_text(&reason, capped ? ", as far as it goes, " : ", ");
    } else if (capped) {
        cf_reason_money(&reason, asked->asked_minor);
        cf_reason_text(&reason, " as far as it goes, ");
    }
    cf_reason_text(&reason, asked->reason);
    cf_reason_text(&reason, ")");
}

static enum cf_rc take_one(struct cf_evaluation *e, const struct cf_hand_discount *asked, struct cf_priced_hand *hand,
                           struct cf_error *err)
{
    int64_t left, room, amount = asked->asked_minor, bp = asked->percent_bp;
    size_t n = cover(e, asked->line_no, &left, &room);
    enum cf_rc rc = CF_OK;
    if (asked->percent_bp != 0)
        rc = cf_muldiv_round(left, asked->percent_bp, 10000, &amount, err);
    if (rc != CF_OK)
        return rc;
    bool capped = amount > room;
    amount = capped ? room : amount;
    if (asked->percent_bp == 0 && left > 0)
        rc = cf_muldiv_round(amount, 10000, left, &bp, err);
    if (rc == CF_OK)
        rc = cf_share_out(amount, e->weight, e->room, n, CF_SHARE_REMAINDER, CF_TIES_FIRST, e->share, err);
    if (rc != CF_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        assert(e->share[i] >= 0 && e->share[i] <= e->room[i]);
        e->left[e->covered_at[i]] -= e->share[i];
    }
    e->standing.left_minor -= amount;
    hand->amount_minor = amount;
    hand->percent_bp = amount > 0 ? (uint32_t)bp : 0;
    explain(e, asked, left, capped, hand);
    return CF_OK;
}

enum cf_rc cf_evaluation_by_hand(struct cf_evaluation *e, struct cf_error *err)
{
    const struct cf_hand_discount *asked;
    size_t n = cf_cart_discounts(e->cart, &asked);
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < n; i++)
        rc = take_one(e, &asked[i], &e->out->hand[i], err);
    e->out->n_hand = n;
    return rc;
}

struct cf_act_size cf_priced_hand_size(const struct cf_cart *cart, const struct cf_priced *priced)
{
    const struct cf_hand_discount *asked;
    struct cf_act_size size = {0};
    uint32_t of_sale_bp = 0, of_line_bp = 0;
    size_t n = cf_cart_discounts(cart, &asked);
    assert(n == priced->n_hand);
    for (size_t i = 0; i < n; i++) {
        uint32_t line_bp = 0;
        size.minor += priced->hand[i].amount_minor; /* no overflow: the cart's gross total fits */
        for (size_t k = 0; k < n; k++)
            line_bp += asked[k].line_no == asked[i].line_no ? priced->hand[k].percent_bp : 0;
        if (asked[i].line_no == 0)
            of_sale_bp = line_bp;
        else
            of_line_bp = line_bp > of_line_bp ? line_bp : of_line_bp;
    }
    size.percent_bp = of_sale_bp + of_line_bp < 10000 ? of_sale_bp + of_line_bp : 10000;
    return size;
}
