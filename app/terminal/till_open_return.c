/*
 * app/terminal/till_open_return.c - goods come back without a receipt: what they cost at the least, who may give it,
 * and the commit.
 *
 * Nobody can tell whether they were ever sold here, so it is the lowest price that this till knows of, from the
 * catalogue or any price list; cash or store credit; with a reason, a permission, and a limit a day.
 */
#include "app/terminal/till_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/open_return.h"
#include "app/core/tax.h"
#include "app/receipt/open_return_receipt.h"
#include "app/store/replica.h"
#include "base/text.h"

struct taking {
    struct cf_till *till;
    struct cf_open_return back;
    char names[CF_OPEN_RETURN_LINES_MAX][CF_NAME_MAX + 1];
    struct cf_receipt_line lines[CF_OPEN_RETURN_LINES_MAX];
    char credit_code[CF_CODE_TEXT_MAX];
    char credit_caption[CF_NAME_MAX + 1];
    struct cf_receipt_coupon credit;
};

/* --- goods ----------------------------------------------------------------------------------------------------------
 */

/* The catalogue's price, for members or all, or the lowest of any list, whomever and whenever it holds for. */
static enum cf_rc find_lowest(struct cf_till *till, const struct cf_product *product, struct cf_open_return_line *line,
                              struct cf_error *err)
{
    struct cf_listed_price listed;
    bool found = false;
    enum cf_rc rc = cf_replica_lowest_listed_price(till->replica, product->id, &listed, &found, err);
    line->unit_price_minor = product->price_minor;
    if (product->has_member_price && product->member_price_minor < line->unit_price_minor)
        line->unit_price_minor = product->member_price_minor;
    line->list = 0;
    if (rc == CF_OK && found && listed.price_minor < line->unit_price_minor) {
        line->unit_price_minor = listed.price_minor;
        line->list = listed.terms.list;
    }
    return rc;
}

static enum cf_rc take_goods(struct taking *t, const struct cf_till_open_goods *goods, struct cf_error *err)
{
    struct cf_open_return *back = &t->back;
    struct cf_product product;
    struct cf_scan scan;
    cf_scan_classify(cf_bytes_str(goods->code), &scan);
    enum cf_rc rc = till_find_product(t->till, &scan, &product, err);
    if (rc != CF_OK)
        return rc;
    if (product.open_price || product.serialised)
        return cf_fail(err, CF_E_GOODS_PRICE, "%s comes back with its receipt only", product.name);
    if (goods->qty_milli <= 0 || goods->qty_milli > CF_QTY_MILLI_MAX ||
        (!product.weighed && goods->qty_milli % 1000 != 0))
        return cf_fail(err, CF_E_QUANTITY, "%s: not so much of it", product.name);
    struct cf_open_return_line *line = &back->lines[back->n_lines];
    *line =
        (struct cf_open_return_line){.product = product.id, .qty_milli = goods->qty_milli, .tax_bp = product.tax_bp};
    rc = find_lowest(t->till, &product, line, err);
    if (rc != CF_OK)
        return rc;
    (void)snprintf(t->names[back->n_lines], sizeof t->names[0], "%s", product.name);
    t->lines[back->n_lines] = (struct cf_receipt_line){.name = t->names[back->n_lines], .weighed = product.weighed};
    back->n_lines++;
    return CF_OK;
}

/* --- who, and how much ----------------------------------------------------------------------------------------------
 */

static enum cf_rc check_day(struct cf_till *till, int64_t total_minor, struct cf_error *err)
{
    const struct cf_journal_day *day = NULL;
    int64_t sum = total_minor;
    enum cf_rc rc = till_day(till, &day, err);
    for (size_t i = 0; rc == CF_OK && i < day->day.detail.n_users; i++)
        rc = cf_add_i64(sum, day->day.detail.users[i].open_returned_minor, &sum, err);
    if (rc == CF_OK && sum > CF_OPEN_RETURNS_A_DAY_MINOR)
        rc = cf_fail(err, CF_E_RETURN_LIMIT, "%lld a day without receipt, and it would be %lld",
                     (long long)CF_OPEN_RETURNS_A_DAY_MINOR, (long long)sum);
    return rc;
}

static enum cf_rc permit(struct taking *t, struct cf_error *err)
{
    struct cf_till *till = t->till;
    enum cf_act act = cf_open_return_act(&t->back);
    const struct till_people *people = &till->people;
    const struct cf_act_size size = {.minor = t->back.total_minor};
    bool users = people->n_users > 0;
    struct cf_user by = people->by; /* used up by the permission */
    bool alone = !users || cf_permit_check(people->user.role, act, &size, till->settings.currency, NULL) == CF_OK;
    enum cf_rc rc = till_permit(till, act, &size, err);
    if (rc != CF_OK || !users)
        return rc;
    t->back.user = people->user.user;
    t->back.role = people->user.role;
    if (!alone) {
        t->back.by = by.user;
        t->back.by_role = by.role;
    }
    return CF_OK;
}

/* --- the commit -----------------------------------------------------------------------------------------------------
 */

static enum cf_rc build_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                                struct cf_error *err)
{
    const struct taking *t = ctx;
    struct cf_store_info store = till_store_info(t->till, committed->wall);
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    const struct cf_open_return_receipt facts = {.store = &store,
                                                 .back = &t->back,
                                                 .lines = t->lines,
                                                 .credit = t->back.has_credit ? &t->credit : NULL,
                                                 .terminal = t->till->terminal,
                                                 .epoch = t->till->epoch,
                                                 .seq = committed->seq,
                                                 .at = committed->wall,
                                                 .chain_tag = tag.text};
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_open_return_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

static enum cf_rc commit(struct taking *t, struct cf_till_open_returned *ret, struct cf_error *err)
{
    struct cf_till *till = t->till;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_till_open_returned done = {.total_minor = t->back.total_minor, .cash_minor = t->back.cash_minor};
    struct cf_buf body CF_CLEANUP(cf_buf_done);
    cf_buf_init(&body, CF_RECORD_BODY_MAX);
    enum cf_rc rc = cf_journal_next_sale_no(till->journal, &t->back.return_no, err);
    if (rc == CF_OK)
        rc = cf_open_return_check(&t->back, err);
    if (rc == CF_OK)
        cf_fiscal_sign_open_return(&till->fiscal, &t->back, clock.best);
    if (rc == CF_OK)
        rc = cf_open_return_encode(&t->back, &body, err);
    if (rc == CF_OK && t->back.has_card)
        rc = cf_journal_commit_card_back(till->journal, cf_buf_bytes(&body), &stamp, build_receipt, t, &done.at, err);
    else if (rc == CF_OK)
        rc = cf_journal_append_printed(till->journal, CF_RECORD_OPEN_RETURN, cf_buf_bytes(&body), &stamp, build_receipt,
                                       t, &done.at, err);
    if (rc != CF_OK)
        return rc;
    if (t->back.has_card)
        cf_open_sale_clear(&till->sale); /* the ask is kept by the record now */
    till_note_time(till, done.at.wall, stamp.time_quality);
    done.return_no = t->back.return_no;
    done.has_credit = t->back.has_credit;
    done.credit.account = t->back.credit.account;
    done.credit.amount_minor = t->back.credit.amount_minor;
    memcpy(done.credit.code, t->credit_code, sizeof done.credit.code);
    if (ret != NULL)
        *ret = done;
    return CF_OK;
}

static enum cf_rc put_credit(struct taking *t, struct cf_error *err)
{
    struct cf_open_return *back = &t->back;
    if (!back->has_credit)
        return CF_OK;
    enum cf_rc rc =
        till_value_give_out(t->till, CF_GIFT_CREDIT, back->cash_minor, 0, &back->credit, t->credit_code, err);
    if (rc != CF_OK)
        return rc;
    till_value_caption(&back->credit, back->currency, t->credit_caption);
    t->credit = (struct cf_receipt_coupon){
        .qr_text = t->credit_code, .caption = t->credit_caption, .exp_s = back->credit.exp_s};
    return CF_OK;
}

static enum cf_rc take_reason(struct taking *t, const char *reason, struct cf_error *err)
{
    struct cf_open_return *back = &t->back;
    enum cf_rc rc = till_accept_reason(reason, back->reason, sizeof back->reason, err);
    return rc == CF_OK && back->reason[0] == '\0' ? cf_fail(err, CF_E_USER_REASON, "no receipt tells of it") : rc;
}

static enum cf_rc add_up(struct taking *t, struct cf_error *err)
{
    struct cf_till *till = t->till;
    struct cf_open_return *back = &t->back;
    back->business_day = till_business_day(till);
    back->currency = till->settings.currency;
    back->tax_mode = cf_tax_mode_of(till->settings.tax_mode, till->rules.tax_rounding);
    back->cash = cf_store_rules_cash(&till->rules, back->currency);
    memcpy(back->cashier, till->cashier, sizeof back->cashier);
    return cf_open_return_add_up(back, err);
}

static enum cf_rc take_back(struct taking *t, const struct cf_till_open_return *what, struct cf_till_open_returned *ret,
                            struct cf_error *err)
{
    enum cf_rc rc = take_reason(t, what->reason, err);
    if (rc == CF_OK && (what->n_goods < 1 || what->n_goods > CF_OPEN_RETURN_LINES_MAX))
        rc = cf_fail(err, CF_E_RETURN_EMPTY, "1 to %d goods", CF_OPEN_RETURN_LINES_MAX);
    for (size_t i = 0; rc == CF_OK && i < what->n_goods; i++)
        rc = take_goods(t, &what->goods[i], err);
    t->back.has_credit = what->as_credit;
    if (rc == CF_OK)
        rc = add_up(t, err);
    if (rc == CF_OK)
        rc = check_day(t->till, t->back.total_minor, err);
    if (rc == CF_OK)
        rc = put_credit(t, err);
    if (rc == CF_OK)
        rc = permit(t, err);
    return rc == CF_OK ? commit(t, ret, err) : rc;
}

enum cf_rc cf_till_open_return(struct cf_till *till, const struct cf_till_open_return *what,
                               struct cf_till_open_returned *ret, struct cf_error *err)
{
    enum cf_rc rc = till_begin_return(till, err);
    if (rc != CF_OK)
        return rc;
    struct taking *t = calloc(1, sizeof *t);
    if (t == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a return");
    t->till = till;
    rc = take_back(t, what, ret, err);
    free(t);
    return rc;
}

/* --- a card --------------------------------------------------------------------------------------------------------
 */

/* What was taken of it is given back, or the centre is told that it is not. */
static enum cf_rc give_back(struct taking *t, struct cf_till_open_returned *ret, struct cf_error *err)
{
    struct cf_open_return *back = &t->back;
    char mask[CF_VALUE_MASK_MAX];
    cf_value_mask(back->card.account, mask);
    back->has_card = true;
    back->n_lines = 1;
    back->lines[0] = (struct cf_open_return_line){.product = CF_PRODUCT_GIFT_CARD,
                                                  .qty_milli = 1000,
                                                  .unit_price_minor = back->card.home_minor + back->card.held_minor};
    (void)snprintf(t->names[0], sizeof t->names[0], "%s %s",
                   back->card.kind == CF_GIFT_CREDIT ? "Store credit 储值" : "Gift card 礼品卡", mask);
    t->lines[0] = (struct cf_receipt_line){.name = t->names[0]};
    enum cf_rc rc = add_up(t, err);
    if (rc == CF_OK)
        rc = permit(t, err);
    return rc == CF_OK ? commit(t, ret, err) : rc;
}

enum cf_rc cf_till_card_back(struct cf_till *till, cf_bytes code, const char *reason, struct cf_till_open_returned *ret,
                             struct cf_error *err)
{
    enum cf_rc rc = till_begin_return(till, err);
    if (rc != CF_OK)
        return rc;
    struct taking *t = calloc(1, sizeof *t);
    if (t == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a card");
    t->till = till;
    rc = take_reason(t, reason, err);
    if (rc == CF_OK)
        rc = till_value_take_all(till, code, &t->back.card, err);
    if (rc == CF_OK) {
        rc = give_back(t, ret, err);
        if (rc != CF_OK)
            (void)!till_settle_values(till, NULL); /* or it stays owed: the next start settles it */
    }
    free(t);
    return rc;
}
