/*
 * app/terminal/till_commit.c - the end of a sale: one record, with everything that follows from it, and its receipt.
 */
#include "app/terminal/till_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/tax.h"
#include "app/receipt/sale_receipt.h"

/* A coupon that this sale issues, signed and named before the commit. */
struct issued_coupon {
    char text[CF_CODE_TEXT_MAX];
    char caption[CF_NAME_MAX + 1];
};

/* Everything that the receipt needs while the transaction is open. */
struct commit {
    struct cf_till *till;
    struct cf_sale *sale;
    struct cf_receipt_line lines[CF_CART_LINES_MAX];
    const char *reasons[CF_OFFERS_MAX];
    const char *by_hand[CF_HAND_DISCOUNTS_MAX];
    const char *used[CF_SALE_COUPONS_MAX];
    struct issued_coupon issued[CF_SALE_ISSUED_MAX];
    struct issued_coupon cards[CF_SALE_CARDS_MAX]; /* that it sells */
    struct till_exchange *exchange;                /* goods that come back with it; NULL: none */
    struct cf_offer_source source;                 /* what counted promotions are taken from */
};

/* --- the sale's record -------------------------------------------------------------------------------------------- */

/* Does a promotion that gave something look at more than money and quantities? */
static bool has_wide_promotion(const struct cf_open_sale *open)
{
    for (size_t i = 0; i < open->n_offers; i++)
        if (cf_open_sale_gives(open, i) && !cf_promotion_is_plain(open->offers[i].promotion))
            return true;
    return false;
}

static void put_lines(struct commit *commit)
{
    const struct cf_open_sale *open = &commit->till->sale;
    struct cf_sale *sale = commit->sale;
    bool counts_pieces = has_wide_promotion(open);
    for (size_t i = 0; i < cf_cart_count(open->cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(open->cart, i);
        if (line->voided)
            continue;
        commit->lines[sale->n_lines] = (struct cf_receipt_line){.name = line->name, .weighed = line->weighed};
        sale->lines[sale->n_lines++] = (struct cf_sale_line){
            .product = line->product,
            .qty_milli = line->qty_milli,
            .unit_price_minor = line->unit_price_minor,
            .discount_minor = open->priced->lines[i].discount_minor,
            .tax_bp = line->tax_bp,
            .weighed_whole = counts_pieces && line->weighed && line->qty_milli % 1000 == 0,
            .reduced = line->reduced,
            .delivery = line->delivery,
            .has_member_price = line->has_member_price,
            .member_price_minor = line->member_price_minor,
            .floor_minor = line->floor_minor,
            .shelf_minor = line->shelf_minor,
            .extra = line->extra,
        };
        /* A deposit stands right behind its goods, and both are void or neither. */
        if (line->extra.deposit_of != 0)
            sale->lines[sale->n_lines - 1].extra.deposit_of = (uint32_t)sale->n_lines - 1;
    }
}

/* The order that is paid here, if any of its lines is still on the sale. */
static void put_order(struct commit *commit)
{
    for (size_t i = 0; i < commit->sale->n_lines; i++)
        if (commit->sale->lines[i].extra.origin == CF_PRICE_ORDER)
            commit->sale->order = commit->till->sale.order;
}

/* The quotation, if any of its lines is still on the sale. */
static void put_quote(struct commit *commit)
{
    const struct cf_open_sale *open = &commit->till->sale;
    struct cf_sale *sale = commit->sale;
    for (size_t i = 0; i < sale->n_lines; i++)
        if (sale->lines[i].extra.origin == CF_PRICE_QUOTE)
            sale->quote = (struct cf_quote_use){open->quote.of, !cf_cart_quote_yields(open->cart)};
}

/* A unit of an automatic promotion's budget, of what it was found to fit in. */
static void put_unit(const struct commit *commit, const struct cf_promotion *promotion, struct cf_redemption *ret)
{
    const struct cf_own_left *left = cf_offer_source_unit(&commit->source, promotion->campaign);
    *ret = (struct cf_redemption){.campaign = promotion->campaign,
                                  .index = CF_INDEX_NONE,
                                  .policy = CF_POLICY_LEASED,
                                  .source = left != NULL ? left->source : CF_RIGHT_LEASE,
                                  .hub_epoch = left != NULL ? left->hub_epoch : 0};
    cf_env_random(commit->till->env, ret->request_key, sizeof ret->request_key);
}

/* The right that the offer consumes; -1: none. */
static int32_t put_redemption(struct commit *commit, const struct cf_offer *offer)
{
    const struct cf_open_sale *open = &commit->till->sale;
    struct cf_sale *sale = commit->sale;
    if (!offer->coupon_held)
        return -1;
    if (cf_open_sale_is_unit(open, (size_t)(offer - open->offers))) {
        put_unit(commit, offer->promotion, &sale->redemptions[sale->n_redemptions]);
        return (int32_t)sale->n_redemptions++;
    }
    commit->used[sale->n_redemptions] = open->shown[offer->tag].name;
    sale->redemptions[sale->n_redemptions] = open->coupons[offer->tag].redemption;
    return (int32_t)sale->n_redemptions++;
}

static bool takes_off(const struct cf_priced *priced, size_t offer)
{
    for (size_t i = 0; i < priced->n_applied; i++)
        if (priced->applied[i].offer == offer)
            return true;
    return false;
}

/* Discounts that were given, what was given beside money, the facts that these promotions asked for; and of the held
 * coupons those that gave one: a coupon without effect is not used. */
static void put_discounts(struct commit *commit)
{
    const struct cf_open_sale *open = &commit->till->sale;
    struct cf_sale *sale = commit->sale;
    unsigned asks = 0;
    for (size_t i = 0; i < open->priced->n_applied; i++) {
        const struct cf_applied *applied = &open->priced->applied[i];
        const struct cf_offer *offer = &open->offers[applied->offer];
        int32_t redemption = put_redemption(commit, offer);
        commit->reasons[sale->n_discounts] = applied->reason;
        asks |= cf_promotion_asks(offer->promotion);
        sale->discounts[sale->n_discounts++] = (struct cf_sale_discount){
            .campaign = offer->promotion->campaign,
            .version = offer->promotion->version,
            .redemption = redemption,
            .amount_minor = applied->amount_minor,
        };
    }
    for (size_t i = 0; i < open->n_offers; i++) {
        const struct cf_offer *offer = &open->offers[i];
        bool along = cf_open_sale_goes_along(open, i);
        if (takes_off(open->priced, i) || !(along || cf_open_sale_gives(open, i)))
            continue;
        asks |= cf_promotion_asks(offer->promotion);
        sale->effects[sale->n_effects++] = (struct cf_sale_effect){
            .campaign = offer->promotion->campaign,
            .version = offer->promotion->version,
            .redemption = put_redemption(commit, offer),
        };
    }
    sale->facts = cf_sale_facts_of(&open->facts, asks);
    if ((cf_sale_facts_known(&sale->facts) & ((unsigned)CF_FACT_VISITS | (unsigned)CF_FACT_FIRST)) != 0)
        sale->visits = open->member.basis;
}

/* A line's place on the record: voided ones are not there. */
static uint32_t place_of(const struct cf_cart *cart, uint32_t line_no)
{
    uint32_t place = 0;
    for (size_t i = 0; i < line_no; i++)
        place += cf_cart_at(cart, i)->voided ? 0 : 1;
    return place;
}

/* Those that came to something; what was on a line that is void did not. */
static void put_by_hand(struct commit *commit)
{
    const struct cf_open_sale *open = &commit->till->sale;
    struct cf_sale *sale = commit->sale;
    const struct cf_hand_discount *asked;
    size_t n = cf_cart_discounts(open->cart, &asked);
    for (size_t i = 0; i < n; i++) {
        const struct cf_priced_hand *hand = &open->priced->hand[i];
        if (hand->amount_minor == 0)
            continue;
        commit->by_hand[sale->n_by_hand] = hand->reason;
        struct cf_hand_given *given = &sale->by_hand[sale->n_by_hand++];
        *given = (struct cf_hand_given){.asked = asked[i], .amount_minor = hand->amount_minor};
        given->asked.line_no = place_of(open->cart, asked[i].line_no);
    }
}

/* A sale of a store without users on which nothing was voided says nothing of people, as ever. */
static void put_people(struct commit *commit)
{
    const struct cf_till *till = commit->till;
    const struct cf_open_voids voids = cf_open_sale_voids(&till->sale);
    struct cf_sale_people *people = &commit->sale->people;
    people->user = till->people.is ? till->people.user.user : 0;
    people->n_void_lines = voids.n;
    people->void_lines_minor = voids.minor;
    people->n_overrides = till->sale.n_overrides;
    memcpy(people->overrides, till->sale.overrides, till->sale.n_overrides * sizeof people->overrides[0]);
}

static enum cf_rc put_figures(struct commit *commit, cf_wall now, struct cf_error *err)
{
    struct cf_till *till = commit->till;
    const struct cf_open_sale *open = &till->sale;
    struct cf_sale *sale = commit->sale;
    enum cf_rc rc = cf_journal_next_sale_no(till->journal, &sale->sale_no, err);
    if (rc != CF_OK)
        return rc;
    sale->business_day = cf_wall_date(now, cf_store_offset_min(&till->settings, now));
    memcpy(sale->cashier, till->cashier, sizeof sale->cashier);
    put_people(commit);
    sale->priced_before_ms = (now.us - open->priced_at.us) / CF_US_PER_MS;
    if (sale->priced_before_ms < 0)
        sale->priced_before_ms = 0;
    sale->currency = till->settings.currency;
    sale->tax_mode = cf_tax_mode_of(till->settings.tax_mode, till->rules.tax_rounding);
    sale->has_member = open->has_member;
    sale->member_live = open->has_member && open->member.live;
    sale->member = open->member.sub;
    sale->member_counter = open->member.counter;
    sale->member_tier = open->member.tier;
    sale->tenders = open->tenders;
    if (!cf_tenders_follow_rule(&sale->tenders)) /* the store's changed between two of them, over a restart */
        sale->tenders.cash = (struct cf_cash_rule){0, CF_CASH_NEAREST};
    sale->gross_minor = open->priced->gross_minor;
    sale->discount_minor = open->priced->discount_minor;
    sale->tax_minor = open->priced->tax_minor;
    sale->total_minor = open->priced->total_minor;
    sale->change_minor = cf_tenders_change(&open->tenders);
    if (sale->has_member)
        rc = cf_points_of(&till->settings.programme, sale->member_tier, open->priced, &sale->points, err);
    if (rc == CF_OK && sale->has_member)
        rc = cf_points_by_campaign(&till->settings.programme, sale->member_tier, open->priced, sale->points_by,
                                   &sale->n_points_by, err);
    return rc;
}

/* --- coupons issued on the receipt -------------------------------------------------------------------------------- */

int64_t till_end_of_day_s(cf_wall now, int utc_offset_min, uint32_t days)
{
    int64_t local_s = cf_wall_s(now) + (int64_t)utc_offset_min * 60;
    int64_t day = local_s / 86400 + (int64_t)days;
    return (day + 1) * 86400 - 1 - (int64_t)utc_offset_min * 60;
}

static bool may_issue(const struct cf_campaign *campaign, cf_wall now)
{
    return campaign->issue_in_store && !campaign->stopped && (campaign->to.us == 0 || now.us < campaign->to.us);
}

static bool issues_now(const struct cf_campaign *campaign, const struct cf_sale *sale, cf_wall now)
{
    return may_issue(campaign, now) && campaign->issue_min_minor != CF_ISSUE_BY_PROMOTION &&
           sale->total_minor >= campaign->issue_min_minor;
}

static const struct cf_campaign *find_campaign(const struct cf_till *till, uint64_t id)
{
    for (size_t i = 0; i < till->n_campaigns; i++)
        if (till->campaigns[i]->id == id)
            return till->campaigns[i];
    return NULL;
}

/* The next serial under a grant of ours for this campaign; CF_E_NOT_FOUND when there is none left. */
static enum cf_rc next_serial(struct cf_till *till, uint32_t campaign, cf_wall now, struct cf_issued *ret,
                              struct cf_error *err)
{
    const struct cf_grant *grant;
    for (size_t k = 0; (grant = cf_keyring_grant_at(till->keyring, k)); k++) {
        uint32_t count = 0;
        cf_public_key own;
        cf_private_key_public(till->sign_key, &own);
        if (grant->campaign != campaign || grant->till != till->terminal || grant->exp_s <= cf_wall_s(now) ||
            memcmp(own.point, grant->till_key.point, sizeof own.point) != 0)
            continue;
        enum cf_rc rc = cf_journal_issued(till->journal, grant->grant_id, &count, err);
        if (rc != CF_OK)
            return rc;
        if (count > grant->last - grant->first)
            continue;
        *ret = (struct cf_issued){
            .grant_id = grant->grant_id, .campaign = campaign, .index = grant->first + count, .exp_s = grant->exp_s};
        return CF_OK;
    }
    return cf_fail(err, CF_E_NOT_FOUND, "no grant left for campaign %u", campaign);
}

static enum cf_rc issue_one(struct commit *commit, const struct cf_campaign *campaign, cf_wall now,
                            struct cf_error *err)
{
    struct cf_till *till = commit->till;
    struct cf_sale *sale = commit->sale;
    struct cf_issued issued;
    enum cf_rc rc = next_serial(till, campaign->id, now, &issued, err);
    if (rc == CF_E_NOT_FOUND)
        return CF_OK; /* the range is used up: the sale goes on without a gift */
    if (rc != CF_OK)
        return rc;
    int64_t exp_s = till_end_of_day_s(now, cf_store_offset_min(&till->settings, now), campaign->issue_valid_days);
    if (exp_s < issued.exp_s)
        issued.exp_s = exp_s;
    struct cf_coupon coupon = {.campaign = issued.campaign, .index = issued.index, .exp_s = issued.exp_s};
    struct cf_code code;
    struct issued_coupon *out = &commit->issued[sale->n_issued];
    rc = cf_coupon_sign(&coupon, issued.grant_id, till->sign_key, &code, err);
    if (rc == CF_OK)
        rc = cf_code_text(&code, out->text, err);
    if (rc != CF_OK)
        return rc;
    snprintf(out->caption, sizeof out->caption, "%s",
             campaign->promotion.name[0] ? campaign->promotion.name : campaign->name);
    sale->issued[sale->n_issued++] = issued;
    return CF_OK;
}

static enum cf_rc put_issued(struct commit *commit, cf_wall now, struct cf_error *err)
{
    struct cf_till *till = commit->till;
    enum cf_rc rc = CF_OK;
    if (till_is_quarantined(till) || till->training)
        return CF_OK; /* sells, but gives out no rights */
    for (size_t i = 0; rc == CF_OK && i < till->n_campaigns && commit->sale->n_issued < CF_SALE_ISSUED_MAX; i++)
        if (issues_now(till->campaigns[i], commit->sale, now))
            rc = issue_one(commit, till->campaigns[i], now, err);
    const struct cf_priced *priced = till->sale.priced;
    for (size_t i = 0; rc == CF_OK && i < priced->n_effects && commit->sale->n_issued < CF_SALE_ISSUED_MAX; i++) {
        const struct cf_campaign *campaign =
            priced->effects[i].kind == CF_EFFECT_COUPON ? find_campaign(till, priced->effects[i].number) : NULL;
        if (campaign && may_issue(campaign, now))
            rc = issue_one(commit, campaign, now, err);
    }
    return rc;
}

/* --- gift cards that are sold --- */

static enum cf_rc put_cards(struct commit *commit, struct cf_error *err)
{
    struct cf_sale *sale = commit->sale;
    size_t before = commit->exchange != NULL && commit->exchange->t->back->has_credit; /* given out by the return */
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sale->n_lines; i++) {
        if (sale->lines[i].product != CF_PRODUCT_GIFT_CARD || cf_sale_line_tops_up(&sale->lines[i]))
            continue;
        if (sale->n_cards == CF_SALE_CARDS_MAX)
            return cf_fail(err, CF_E_LIMIT, "a sale has at most %d gift cards", CF_SALE_CARDS_MAX);
        struct cf_sold_card *sold = &sale->cards[sale->n_cards];
        struct issued_coupon *out = &commit->cards[sale->n_cards];
        sold->line_no = (uint32_t)i + 1;
        rc = till_value_give_out(commit->till, CF_GIFT_CARD, sale->lines[i].unit_price_minor, before + sale->n_cards,
                                 &sold->card, out->text, err);
        if (rc != CF_OK)
            return rc;
        till_value_caption(&sold->card, sale->currency, out->caption);
        sale->n_cards++;
    }
    return rc;
}

/* --- goods that come back for it --- */

static enum cf_rc put_exchange(struct commit *commit, struct cf_error *err)
{
    struct cf_till *till = commit->till;
    struct cf_sale *sale = commit->sale;
    struct cf_journal_head head;
    if (!till->sale.exchange.is)
        return CF_OK;
    if (sale->tenders.n == 0 || sale->tenders.tender[0].kind != CF_TENDER_EXCHANGE)
        return cf_fail(err, CF_E_STATE, "the goods that came back paid for nothing");
    enum cf_rc rc =
        till_exchange_new(till, sale->tenders.tender[0].amount_minor, sale->business_day, &commit->exchange, err);
    if (rc == CF_OK)
        rc = cf_journal_head(till->journal, &head, err);
    if (rc != CF_OK)
        return rc;
    sale->sale_no = commit->exchange->t->back->return_no + 1;
    sale->has_exchange = true;
    sale->exchange = (struct cf_sale_ref){.terminal = till->terminal, .epoch = till->epoch, .seq = head.seq + 1};
    return CF_OK;
}

/* --- the receipt -------------------------------------------------------------------------------------------------- */

struct cf_store_info till_store_info(const struct cf_till *till, cf_wall at)
{
    return (struct cf_store_info){.name = till->settings.name,
                                  .address = till->settings.address,
                                  .terminal_label = till->label,
                                  .tax_id = till->settings.tax_id,
                                  .utc_offset_min = cf_store_offset_min(&till->settings, at)};
}

struct till_chain_tag till_chain_tag(const struct cf_sha256 *hash)
{
    struct till_chain_tag tag;
    char hex[2 * CF_SHA256_BYTES + 1];
    cf_hex_encode(cf_bytes_of(hash->digest, CF_SHA256_BYTES), hex);
    memcpy(tag.text, hex, CF_CHAIN_TAG_CHARS);
    tag.text[CF_CHAIN_TAG_CHARS] = '\0';
    return tag;
}

enum cf_rc till_receipt_bytes(enum cf_rc built, struct cf_receipt *receipt, struct cf_buf *ret, struct cf_error *err)
{
    enum cf_rc rc = built == CF_OK ? cf_receipt_encode(receipt, ret, err) : built;
    cf_receipt_free(receipt);
    return rc;
}

static enum cf_rc build_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                                struct cf_error *err)
{
    const struct commit *commit = ctx;
    const struct cf_till *till = commit->till;
    struct cf_receipt_coupon coupons[CF_SALE_ISSUED_MAX], cards[CF_SALE_CARDS_MAX];
    for (size_t i = 0; i < commit->sale->n_cards; i++)
        cards[i] = (struct cf_receipt_coupon){.qr_text = commit->cards[i].text,
                                              .caption = commit->cards[i].caption,
                                              .exp_s = commit->sale->cards[i].card.exp_s};
    for (size_t i = 0; i < commit->sale->n_issued; i++)
        coupons[i] = (struct cf_receipt_coupon){.qr_text = commit->issued[i].text,
                                                .caption = commit->issued[i].caption,
                                                .exp_s = commit->sale->issued[i].exp_s};
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    struct cf_store_info store = till_store_info(till, committed->wall);
    struct cf_return_receipt back;
    if (commit->exchange != NULL) {
        back = till_taking_receipt(commit->exchange->t);
        back.store = &store;
    }
    struct cf_sale_receipt facts = {
        .store = &store,
        .back = commit->exchange != NULL ? &back : NULL,
        .sale = commit->sale,
        .lines = commit->lines,
        .discount_reasons = commit->reasons,
        .by_hand_reasons = commit->by_hand,
        .coupons_used = commit->used,
        .coupons_issued = coupons,
        .n_coupons_issued = commit->sale->n_issued,
        .cards = cards,
        .n_cards = commit->sale->n_cards,
        .terminal = till->terminal,
        .epoch = till->epoch,
        .seq = committed->seq,
        .at = committed->wall,
        .chain_tag = tag.text,
    };
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_sale_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

/* --- the commit --------------------------------------------------------------------------------------------------- */

static enum cf_rc assemble(struct commit *commit, cf_wall now, struct cf_error *err)
{
    enum cf_rc rc = till_settle_ask(commit->till, err);
    if (rc == CF_OK)
        rc = till_check_coupons(commit->till, err);
    if (rc == CF_OK)
        rc = till_check_values(commit->till, err);
    if (rc == CF_OK)
        rc = till_check_order(commit->till, err);
    if (rc == CF_OK)
        rc = till_check_quote(commit->till, err);
    if (rc != CF_OK)
        return rc;
    commit->source = till_offers(commit->till, NULL);
    put_lines(commit);
    put_order(commit);
    put_quote(commit);
    put_discounts(commit);
    put_by_hand(commit);
    rc = put_figures(commit, now, err);
    if (rc == CF_OK)
        rc = put_exchange(commit, err);
    if (rc == CF_OK)
        rc = put_issued(commit, now, err);
    return rc == CF_OK ? put_cards(commit, err) : rc;
}

/* Money that the centre holds for this sale stays with it until the cashier says so, as what a terminal took. */
static bool holds_values(const struct cf_open_sale *sale)
{
    for (size_t i = 0; i < sale->tenders.n; i++)
        if (sale->tenders.tender[i].value.source == CF_VALUE_CENTRE)
            return true;
    return false;
}

static enum cf_rc journal(struct commit *commit, const struct cf_stamp *stamp, struct cf_till_sold *sold,
                          struct cf_error *err)
{
    struct cf_journal *journal = commit->till->journal;
    const struct till_exchange *exchange = commit->exchange;
    struct cf_committed back;
    if (exchange == NULL)
        return cf_journal_commit_sale(journal, commit->sale, stamp, build_receipt, commit, &sold->at, err);
    enum cf_rc rc = cf_journal_commit_exchange(journal, exchange->t->back, commit->sale, stamp, &exchange->owed.owed,
                                               build_receipt, commit, &back, &sold->at, err);
    sold->exchanged = rc == CF_OK;
    if (rc == CF_OK)
        till_taking_tell(exchange->t, &back, &sold->back);
    return rc;
}

static enum cf_rc commit_now(struct cf_till *till, struct commit *commit, struct cf_till_sold *ret,
                             struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_till_sold sold = {.committed = true};
    enum cf_rc rc = assemble(commit, clock.best, err);
    if (rc == CF_OK && commit->exchange != NULL)
        cf_fiscal_sign_return(&till->fiscal, commit->exchange->t->back, clock.best);
    if (rc == CF_OK)
        cf_fiscal_sign_sale(&till->fiscal, commit->sale, clock.best);
    if (rc == CF_OK)
        rc = journal(commit, &stamp, &sold, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, sold.at.wall, stamp.time_quality);
    sold.sale_no = commit->sale->sale_no;
    sold.total_minor = commit->sale->total_minor;
    sold.change_minor = commit->sale->change_minor;
    sold.points = commit->sale->points;
    sold.has_member = commit->sale->has_member;
    sold.member = commit->sale->member;
    sold.n_cards = commit->sale->n_cards;
    for (size_t i = 0; i < sold.n_cards; i++) {
        sold.cards[i].account = commit->sale->cards[i].card.account;
        sold.cards[i].amount_minor = commit->sale->cards[i].card.amount_minor;
        memcpy(sold.cards[i].code, commit->cards[i].text, sizeof sold.cards[i].code);
    }
    *ret = sold;
    return CF_OK;
}

/* Rights that the centre took for coupons that in the end had no effect. The sale stands whatever happens here. */
static void give_back_unused(struct cf_till *till)
{
    for (size_t i = 0; i < till->sale.n_coupons; i++) {
        const struct cf_step_coupon *coupon = &till->sale.coupons[i];
        if (!coupon->online || till->sale.shown[i].rc == CF_OK)
            continue;
        struct cf_void_request request = {.campaign = coupon->redemption.campaign, .index = coupon->redemption.index};
        memcpy(request.request_key, coupon->redemption.request_key, sizeof request.request_key);
        till_note_holder(till, coupon);
        if (till_void_request(till, &request, NULL) != CF_OK)
            return; /* it stays taken at the centre: too strict, never too lax */
    }
}

enum cf_rc till_commit(struct cf_till *till, struct cf_till_sold *ret, struct cf_error *err)
{
    struct commit *commit = calloc(1, sizeof *commit);
    if (!commit)
        return cf_fail(err, CF_E_NO_MEMORY, "commit");
    commit->till = till;
    enum cf_rc rc = cf_sale_new(&commit->sale, err);
    if (rc == CF_OK)
        rc = commit_now(till, commit, ret, err);
    if (rc == CF_OK) {
        give_back_unused(till);
        if (commit->sale->order.order == 0)
            till_drop_order(till);
        cf_open_sale_clear(&till->sale);
        (void)!till_close_challenges(till, NULL); /* else at the next rest or start */
        if (ret->exchanged)
            rc = till_taking_give_back(till, &ret->back, err);
    } else {
        /* Nothing was sold: the payments go back, so that the cashier can put right what is wrong and try again. If the
         * disk takes not even that, parts that were paid before stay, in memory as in the journal. Money that somebody
         * else took stays where it is until the cashier says so. */
        struct cf_step step = {.kind = CF_STEP_UNTENDER};
        if (till_replay(till, NULL) != CF_OK)
            rc = cf_fail(err, CF_E_JOURNAL_BROKEN, "the open sale cannot be read back");
        else if (till->sale.state != CF_CHECKOUT_SELLING && till->sale.payments.n == 0 && !holds_values(&till->sale))
            (void)!till_take(till, &step, NULL);
    }
    till_exchange_free(commit->exchange);
    cf_sale_free(commit->sale);
    free(commit);
    return rc;
}

/* --- nobody pays: a quotation ------------------------------------------------------------------------------------- */

static enum cf_rc lay_out(struct commit *commit, cf_wall now, struct till_unpaid *ret, struct cf_error *err)
{
    put_lines(commit);
    put_order(commit);
    put_quote(commit);
    put_discounts(commit);
    put_by_hand(commit);
    enum cf_rc rc = put_figures(commit, now, err);
    if (rc != CF_OK)
        return rc;
    memcpy(ret->lines, commit->lines, sizeof ret->lines);
    memcpy(ret->reasons, commit->reasons, sizeof ret->reasons);
    memcpy(ret->by_hand, commit->by_hand, sizeof ret->by_hand);
    ret->sale = commit->sale;
    commit->sale = NULL;
    return CF_OK;
}

enum cf_rc till_unpaid_new(struct cf_till *till, cf_wall now, struct till_unpaid **ret, struct cf_error *err)
{
    struct commit *commit = calloc(1, sizeof *commit);
    struct till_unpaid *unpaid = calloc(1, sizeof *unpaid);
    enum cf_rc rc = commit != NULL && unpaid != NULL ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "a quotation");
    if (rc == CF_OK) {
        commit->till = till;
        rc = cf_sale_new(&commit->sale, err);
    }
    if (rc == CF_OK)
        rc = lay_out(commit, now, unpaid, err);
    if (commit != NULL)
        cf_sale_free(commit->sale);
    free(commit);
    if (rc == CF_OK)
        *ret = unpaid;
    else
        till_unpaid_free(unpaid);
    return rc;
}

void till_unpaid_free(struct till_unpaid *unpaid)
{
    if (unpaid == NULL)
        return;
    cf_sale_free(unpaid->sale);
    free(unpaid);
}

/* --- receipts of committed sales ---------------------------------------------------------------------------------- */

enum cf_rc cf_till_receipt(struct cf_till *till, uint64_t seq, struct cf_receipt **ret, struct cf_error *err)
{
    struct cf_buf bytes;
    struct cf_receipt *receipt = NULL;
    cf_buf_init(&bytes, CF_RECEIPT_BYTES_MAX);
    enum cf_rc rc = cf_journal_receipt(till->journal, seq, &bytes, err);
    if (rc == CF_OK)
        rc = cf_receipt_decode(cf_buf_bytes(&bytes), &receipt, err);
    if (rc == CF_OK && till->training)
        rc = cf_receipt_set_copy(receipt, CF_TRAINING_MARK, err);
    cf_buf_done(&bytes);
    if (rc != CF_OK) {
        cf_receipt_free(receipt);
        return rc;
    }
    *ret = receipt;
    return CF_OK;
}

enum cf_rc cf_till_printed(struct cf_till *till, uint64_t seq, enum cf_print_state state, struct cf_error *err)
{
    return cf_journal_print_mark(till->journal, seq, state, err);
}

enum cf_rc cf_till_unprinted(struct cf_till *till, uint64_t *ret_seq, struct cf_error *err)
{
    return cf_journal_print_waiting(till->journal, ret_seq, err);
}
