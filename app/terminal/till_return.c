/*
 * app/terminal/till_return.c - goods of an earlier sale come back: find the sale, have the goods kept for us, commit.
 *
 * This till's own sales are in its journal. Whoever could take the same goods back elsewhere is asked first while there
 * is a link, by a key that is journalled before; what docs/adr/0004 says of coupons holds here: without an answer
 * nothing is taken back, and a record undoes the ask.
 */
#include "app/terminal/till_taking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/store/replica.h"
#include "base/text.h"

/* --- the goods on their way ------------------------------------------------------------------------------------------
 */

static enum cf_rc take_reason(struct till_taking *t, struct cf_error *err)
{
    return till_accept_reason(t->what->reason, t->reason, sizeof t->reason, NULL) == CF_OK
               ? CF_OK
               : cf_fail(err, CF_E_USER_REASON, "at most %d letters", CF_RETURN_REASON_MAX);
}

enum cf_rc till_taking_new(struct cf_till *till, const struct cf_till_return *what, struct till_taking **ret,
                           struct cf_error *err)
{
    struct till_taking *t = calloc(1, sizeof *t);
    if (t == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "a return");
    t->till = till;
    t->what = what;
    enum cf_rc rc = take_reason(t, err);
    if (rc == CF_OK)
        rc = cf_sale_new(&t->sale, err);
    if (rc == CF_OK)
        rc = cf_return_new(&t->back, err);
    if (rc != CF_OK) {
        till_taking_free(t);
        return rc;
    }
    *ret = t;
    return CF_OK;
}

void till_taking_free(struct till_taking *t)
{
    if (t == NULL)
        return;
    cf_sale_free(t->sale);
    cf_return_free(t->back);
    free(t);
}

/* --- which sale ----------------------------------------------------------------------------------------------------
 */

static bool is_number(const char *text, uint64_t *ret)
{
    uint64_t v = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || v > (uint64_t)INT64_MAX / 10 - 1)
            return false;
        v = v * 10 + (uint64_t)(*c - '0');
    }
    *ret = v;
    return v != 0;
}

/* The sale's record; its own number is known once the sale is here. */
static enum cf_rc name_sale(struct till_taking *t, struct cf_error *err)
{
    const struct cf_till *till = t->till;
    struct cf_sale_ref *of = &t->back->of;
    uint64_t sale_no;
    if (!cf_sale_ref_parse(t->what->receipt, of)) {
        if (!is_number(t->what->receipt, &sale_no))
            return cf_fail(err, CF_E_RETURN_SALE, "a receipt's number is TILL-EPOCH-NUMBER, or that of a sale here");
        *of = (struct cf_sale_ref){.terminal = till->terminal, .epoch = till->epoch};
        enum cf_rc rc = cf_journal_find_sale(till->journal, sale_no, &of->seq, err);
        if (rc != CF_OK)
            return rc;
    }
    t->own = of->terminal == till->terminal && of->epoch == till->epoch;
    return t->own ? cf_journal_sale(till->journal, of->seq, t->sale, err) : CF_OK;
}

/* --- asking who else could take them back --------------------------------------------------------------------------
 */

static enum cf_rc exchange(struct till_taking *t, bool hub, cf_bytes request, struct cf_buf *ret_reply,
                           struct cf_error *err)
{
    struct cf_till *till = t->till;
    int status = 0;
    if (hub)
        return till_ask_hub_for_sale(till, request, ret_reply, err);
    struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_SALE, .content_type = "application/cbor", .body = request};
    enum cf_rc rc = till->env->ops->net_exchange(till->env->ctx, &post, &status, ret_reply, err);
    if (rc == CF_OK && status != 200)
        rc = cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    return rc;
}

/* Kept for when nobody can be asked: what is back of each line elsewhere, or that the goods were not to be had. */
static enum cf_rc remember(struct till_taking *t, struct cf_error *err)
{
    struct cf_journal_told *told = &t->told;
    t->by_centre = t->reply.rc == CF_OK;
    if (t->reply.rc != CF_OK && t->reply.rc != CF_E_RETURN_QUANTITY && t->reply.rc != CF_E_RETURN_EMPTY)
        return CF_OK;
    told->of = t->back->of;
    told->refused = t->reply.rc != CF_OK;
    told->n_lines = t->reply.n_before;
    for (size_t i = 0; i < t->reply.n_before; i++) {
        told->lines[i].line_no = t->reply.before[i].line_no;
        told->lines[i].qty_milli = t->reply.before[i].qty_milli;
    }
    return cf_journal_tell(t->till->journal, told, cf_till_clock(t->till).best.us / CF_US_PER_MS, err);
}

/* The centre is out of reach: what it said last counts. */
static enum cf_rc recall_told(struct till_taking *t, struct cf_error *err)
{
    struct cf_journal_told *told = &t->told;
    enum cf_rc rc = t->by_centre ? CF_OK : cf_journal_told(t->till->journal, &t->back->of, told, err);
    if (rc != CF_OK || t->by_centre)
        return rc;
    if (told->refused)
        return cf_fail(err, CF_E_RETURN_QUANTITY,
                       "the centre said before that what was asked for is back; with a link "
                       "it says how much is left");
    for (size_t i = 0; i < told->n_lines; i++) {
        uint32_t line_no = told->lines[i].line_no;
        if (line_no >= 1 && line_no <= t->sale->n_lines && t->elsewhere[line_no - 1] < told->lines[i].qty_milli)
            t->elsewhere[line_no - 1] = told->lines[i].qty_milli;
    }
    return CF_OK;
}

/* One ask: the answer into t->reply. CF_E_LINK_DOWN: surely nothing was sent. */
static enum cf_rc ask_one(struct till_taking *t, bool hub, struct cf_error *err)
{
    struct cf_till *till = t->till;
    const struct cf_return *back = t->back;
    struct cf_sale_ask ask = {.terminal = till->terminal,
                              .epoch = till->epoch,
                              .of = back->of,
                              .all = t->what->n_lines == 0,
                              .n_lines = t->what->n_lines,
                              .lines = t->what->lines};
    memcpy(ask.request_key, back->request_key, sizeof ask.request_key);
    struct cf_buf request CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    cf_buf_init(&request, CF_SALE_ASK_BYTES_MAX);
    cf_buf_init(&reply, CF_SALE_REPLY_BYTES_MAX);
    enum cf_rc rc = cf_sale_ask_encode(&ask, &request, err);
    if (rc == CF_OK)
        rc = exchange(t, hub, cf_buf_bytes(&request), &reply, err);
    if (rc == CF_OK)
        rc = cf_sale_reply_decode(cf_buf_bytes(&reply), &t->reply, err);
    if (rc != CF_OK) {
        if (!hub)
            till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
        return rc == CF_E_TLS || rc == CF_E_CERTIFICATE ? CF_E_LINK_DOWN : rc;
    }
    rc = hub ? CF_OK : remember(t, err);
    if (rc != CF_OK)
        return rc;
    if (t->reply.rc != CF_OK)
        return cf_fail(err, t->reply.rc, "as the %s says", hub ? "hub" : "centre");
    /* The journal's word on its own sale is better than anybody's. */
    return t->own ? CF_OK : cf_sale_decode(t->reply.sale, t->sale, err);
}

/* What two of them know of a line is not the sum: each may have heard of the same returns. */
static enum cf_rc note_elsewhere(struct till_taking *t, struct cf_error *err)
{
    for (size_t i = 0; i < t->reply.n_before; i++) {
        const struct cf_asked_line *line = &t->reply.before[i];
        if (line->line_no > t->sale->n_lines)
            return cf_fail(err, CF_E_PROTOCOL, "the sale has no line %u", line->line_no);
        if (t->elsewhere[line->line_no - 1] < line->qty_milli)
            t->elsewhere[line->line_no - 1] = line->qty_milli;
    }
    return CF_OK;
}

static enum cf_rc journal_ask(struct till_taking *t, struct cf_error *err)
{
    struct cf_till *till = t->till;
    struct cf_step step = {.kind = CF_STEP_ASK};
    cf_env_random(till->env, t->back->request_key, CF_REQUEST_KEY_BYTES);
    memcpy(step.ask.request_key, t->back->request_key, CF_REQUEST_KEY_BYTES);
    enum cf_rc rc = till_settle_ask(till, err);
    return rc == CF_OK ? till_take(till, &step, err) : rc;
}

static bool may_ask(struct cf_till *till, bool hub)
{
    if (!till_may_doubt(till))
        return false;
    return hub ? till_may_ask_hub(till) : till->ask_online && cf_env_mono(till->env).us >= till->ask_again_at.us;
}

/*
 * The hub and the centre, whoever is there, under one key. CF_OK: those who were asked and know the sale keep the goods
 * for us, and the ask stays open (till->sale.asking) until the return is committed. CF_E_LINK_DOWN: nobody is there.
 * CF_E_RETURN_SALE: whoever is there does not know it. Anything else is a no, or no answer; the caller undoes the ask.
 */
static enum cf_rc ask_around(struct till_taking *t, struct cf_error *err)
{
    struct cf_till *till = t->till;
    enum cf_rc all = CF_E_LINK_DOWN;
    bool journalled = false;
    for (int who = 0; who < 2; who++) {
        bool hub = who == 0;
        if (!may_ask(till, hub))
            continue;
        enum cf_rc rc = journalled ? CF_OK : journal_ask(t, err);
        if (rc != CF_OK)
            return rc;
        journalled = true;
        rc = ask_one(t, hub, err);
        if (rc == CF_OK)
            rc = note_elsewhere(t, err);
        if (rc == CF_E_RETURN_SALE)
            all = all == CF_OK ? CF_OK : CF_E_RETURN_SALE;
        else if (rc == CF_OK)
            all = CF_OK;
        else if (rc != CF_E_LINK_DOWN)
            return rc;
    }
    t->back->claimed = all == CF_OK;
    if (!t->back->claimed && journalled) {
        till->sale.asking = false; /* nothing is kept for us */
        (void)!till_forget_asks(till, NULL);
    }
    return all;
}

/* A rule's no; else there was no answer, or no sense in it. */
static bool is_refusal(enum cf_rc rc)
{
    return cf_rc_class(rc) == CF_CLASS_REFUSED && rc != CF_E_RECORD;
}

static enum cf_rc ask_for_sale(struct till_taking *t, struct cf_error *err)
{
    enum cf_rc rc = ask_around(t, err);
    if (rc == CF_OK)
        return rc;
    /* Nobody there, or nobody has heard of it yet: then nobody else has taken anything of it back either. */
    if (t->own && (rc == CF_E_LINK_DOWN || rc == CF_E_RETURN_SALE) && !t->till->sale.asking)
        return CF_OK;
    if (rc == CF_E_LINK_DOWN)
        return cf_fail(err, CF_E_RETURN_ELSEWHERE, "the sale is of till %u", t->back->of.terminal);
    if (is_refusal(rc))
        return rc;
    bool asked = t->till->sale.asking;
    return !asked ? rc
                  : cf_fail(err, CF_E_RETURN_ELSEWHERE,
                            "no answer came, so nobody knows whether the goods are kept for this till; try again after "
                            "the next sync");
}

enum cf_rc till_taking_find(struct till_taking *t, struct cf_error *err)
{
    enum cf_rc rc = name_sale(t, err);
    if (rc == CF_OK)
        rc = ask_for_sale(t, err);
    if (rc == CF_OK)
        rc = recall_told(t, err);
    if (rc == CF_OK && !cf_currency_equal(t->sale->currency, t->till->settings.currency))
        rc = cf_fail(err, CF_E_CURRENCY, "the sale is in %.3s", t->sale->currency.code);
    if (rc == CF_OK)
        t->back->of.sale_no = t->sale->sale_no;
    return rc;
}

/* --- which goods ---------------------------------------------------------------------------------------------------
 */

static enum cf_rc put_before(struct till_taking *t, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_returned(t->till->journal, &t->back->of, t->before, err);
    for (size_t i = 0; rc == CF_OK && i < t->sale->n_lines; i++)
        t->before[i] += t->elsewhere[i]; /* both are bounded */
    return rc;
}

/* A deposit comes back with its goods, as far as it has not come back already: an empty bottle may have been first. */
static void put_deposits(struct till_taking *t)
{
    const struct cf_sale *sale = t->sale;
    for (size_t i = 0; i < sale->n_lines; i++) {
        uint32_t goods = sale->lines[i].extra.deposit_of; /* before it, by sale_check */
        int64_t left = sale->lines[i].qty_milli - t->before[i];
        if (goods != 0 && t->qty[i] == 0 && t->qty[goods - 1] > 0)
            t->qty[i] = t->qty[goods - 1] < left ? t->qty[goods - 1] : left;
    }
}

/* All that is left, but for gift cards, which are no goods that come back: they stay, unless there is nothing else. */
static void put_all(struct till_taking *t)
{
    const struct cf_sale *sale = t->sale;
    bool others = false;
    for (size_t i = 0; i < sale->n_lines; i++) {
        t->qty[i] = sale->lines[i].qty_milli - t->before[i];
        others = others || (t->qty[i] > 0 && sale->lines[i].product != CF_PRODUCT_GIFT_CARD);
    }
    for (size_t i = 0; others && !t->what->is_void && i < sale->n_lines; i++)
        if (sale->lines[i].product == CF_PRODUCT_GIFT_CARD) {
            t->qty[i] = 0;
            t->n_stay++;
        }
}

static enum cf_rc put_quantities(struct till_taking *t, struct cf_error *err)
{
    const struct cf_sale *sale = t->sale;
    const struct cf_till_return *what = t->what;
    memset(t->qty, 0, sizeof t->qty);
    if (what->n_lines == 0)
        put_all(t);
    for (size_t i = 0; i < what->n_lines; i++) {
        size_t at = what->lines[i].line_no - 1;
        if (what->lines[i].line_no == 0 || at >= sale->n_lines)
            return cf_fail(err, CF_E_LINE_NONE, "the sale has %zu lines", sale->n_lines);
        t->qty[at] =
            what->lines[i].qty_milli != 0 ? what->lines[i].qty_milli : sale->lines[at].qty_milli - t->before[at];
    }
    put_deposits(t);
    return CF_OK;
}

/* What a campaign says of returns counts as this till knows it now; of one that it does not know nothing comes back.
 * Nor does a coupon that was void itself by then, since the goods that it was given with are back: it is good nowhere.
 */
static enum cf_rc put_fates(struct till_taking *t, struct cf_error *err)
{
    struct cf_offer_source offers = till_offers(t->till, NULL);
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < t->sale->n_redemptions; i++) {
        const struct cf_redemption *right = &t->sale->redemptions[i];
        const struct cf_campaign *campaign = cf_offer_source_find(&offers, right->campaign);
        bool revoked = false;
        rc = cf_journal_is_revoked(t->till->journal, right->campaign, right->index, &revoked, err);
        t->fates[i] = campaign != NULL && !revoked ? campaign->on_return : CF_ON_RETURN_BURN;
    }
    return rc;
}

static enum cf_rc check_void(const struct till_taking *t, uint32_t today, struct cf_error *err)
{
    if (!t->what->is_void)
        return CF_OK;
    if (t->sale->business_day != today)
        return cf_fail(err, CF_E_RETURN_VOID, "the sale was on %u", t->sale->business_day);
    if (t->what->n_lines != 0)
        return cf_fail(err, CF_E_RETURN_VOID, "a void names no lines");
    for (size_t i = 0; i < t->sale->n_lines; i++)
        if (t->before[i] != 0)
            return cf_fail(err, CF_E_RETURN_VOID, "of line %zu something came back", i + 1);
    return CF_OK;
}

enum cf_rc till_taking_choose(struct till_taking *t, uint32_t today, struct cf_error *err)
{
    enum cf_rc rc = put_before(t, err);
    if (rc == CF_OK)
        rc = check_void(t, today, err);
    return rc == CF_OK ? put_quantities(t, err) : rc;
}

enum cf_rc till_taking_work_out(struct till_taking *t, uint32_t today, int64_t exchange_up_to, struct cf_error *err)
{
    struct cf_till *till = t->till;
    struct cf_return *back = t->back;
    const struct cf_return_goods goods = {.before_milli = t->before,
                                          .qty_milli = t->qty,
                                          .on_return = t->fates,
                                          .cash = cf_store_rules_cash(&till->rules, till->settings.currency),
                                          .exchange_up_to = exchange_up_to,
                                          .as_credit = t->what->as_credit};
    back->business_day = today;
    back->is_void = t->what->is_void;
    memcpy(back->reason, t->reason, sizeof back->reason);
    memcpy(back->cashier, till->cashier, sizeof back->cashier);
    enum cf_rc rc = put_fates(t, err);
    if (rc != CF_OK)
        return rc;
    return cf_return_make(t->sale, &goods, back, err);
}

/* --- the receipt ---------------------------------------------------------------------------------------------------
 */

static void put_names(struct till_taking *t)
{
    struct cf_offer_source offers = till_offers(t->till, NULL);
    cf_wall now = cf_till_clock(t->till).best;
    struct cf_product product;
    for (size_t i = 0; i < t->back->n_lines; i++) {
        const struct cf_return_line *line = &t->back->lines[i];
        bool known = cf_replica_product(t->till->replica, line->product, &product, NULL) == CF_OK;
        if (known)
            snprintf(t->names[i], sizeof t->names[i], "%s", product.name);
        else
            snprintf(t->names[i], sizeof t->names[i], "#%llu", (unsigned long long)line->product);
        t->lines[i] = (struct cf_receipt_line){.name = t->names[i],
                                               .weighed = known ? product.weighed : line->sold_milli % 1000 != 0};
    }
    for (size_t i = 0; i < t->back->n_rights; i++) {
        const struct cf_campaign *campaign = cf_offer_source_find(&offers, t->back->rights[i].campaign);
        t->coupons[i] = campaign != NULL ? campaign->name : NULL;
        t->over[i] = campaign == NULL || campaign->stopped || (campaign->to.us != 0 && now.us >= campaign->to.us);
    }
}

struct cf_return_receipt till_taking_receipt(const struct till_taking *t)
{
    return (struct cf_return_receipt){.back = t->back,
                                      .lines = t->lines,
                                      .coupons = t->coupons,
                                      .over = t->over,
                                      .credit = t->back->has_credit ? &t->credit : NULL,
                                      .n_stay = t->n_stay};
}

static enum cf_rc build_receipt(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                                struct cf_error *err)
{
    const struct till_taking *t = ctx;
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    struct cf_store_info store = till_store_info(t->till, committed->wall);
    struct cf_return_receipt facts = till_taking_receipt(t);
    struct cf_receipt *receipt = NULL;
    facts.store = &store;
    facts.terminal = t->till->terminal;
    facts.epoch = t->till->epoch;
    facts.seq = committed->seq;
    facts.at = committed->wall;
    facts.chain_tag = tag.text;
    enum cf_rc rc = cf_return_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

/* --- what others took, and are asked to give back ------------------------------------------------------------------
 */

/* By whoever took it, if that is known: else the cashier gives it back there. */
static enum cf_rc put_refunds(struct till_taking *t, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; !t->what->by_hand && rc == CF_OK && i < t->back->n_tenders; i++) {
        struct cf_return_tender *tender = &t->back->tenders[i];
        if (!t->sale->tenders.tender[tender->tender_no - 1].has_id)
            continue;
        rc = till_refund_link(t->till, tender->kind, &tender->has_id, err);
        if (rc == CF_OK && tender->has_id)
            cf_env_random(t->till->env, tender->id, sizeof tender->id);
    }
    return rc;
}

/* A step for each, one behind the other; `ret_end`: where each ends. */
static enum cf_rc write_owed(const struct till_taking *t, uint64_t seq, struct cf_buf *ret,
                             size_t ret_end[CF_TENDERS_MAX], size_t *ret_n, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    *ret_n = 0;
    for (size_t i = 0; rc == CF_OK && i < t->back->n_tenders; i++) {
        const struct cf_return_tender *tender = &t->back->tenders[i];
        const struct cf_tender *paid = &t->sale->tenders.tender[tender->tender_no - 1];
        struct cf_step step = {.kind = CF_STEP_REFUND,
                               .refund = {.kind = tender->kind,
                                          .amount_minor = tender->amount_minor,
                                          .return_seq = seq,
                                          .tender_no = tender->tender_no,
                                          .whole = tender->amount_minor == paid->amount_minor}};
        if (!tender->has_id)
            continue;
        memcpy(step.refund.id, tender->id, sizeof step.refund.id);
        memcpy(step.refund.of, paid->id, sizeof step.refund.of);
        memcpy(step.refund.reference, paid->reference, sizeof step.refund.reference);
        rc = cf_step_encode(&step, ret, err);
        ret_end[(*ret_n)++] = ret->n;
    }
    return rc;
}

enum cf_rc till_taking_owed(const struct till_taking *t, uint64_t seq, struct till_owed *ret, struct cf_error *err)
{
    size_t end[CF_TENDERS_MAX];
    cf_buf_init(&ret->bytes, (size_t)CF_TENDERS_MAX * CF_STEP_BYTES_MAX);
    enum cf_rc rc = write_owed(t, seq, &ret->bytes, end, &ret->owed.n, err);
    ret->owed.steps = ret->steps;
    for (size_t i = 0; rc == CF_OK && i < ret->owed.n; i++) {
        size_t from = i > 0 ? end[i - 1] : 0;
        ret->steps[i] = cf_bytes_of(ret->bytes.p + from, end[i] - from);
    }
    return rc;
}

void till_owed_done(struct till_owed *owed)
{
    cf_buf_done(&owed->bytes);
}

/* The record, and what it owes as the first steps of what comes next: both or neither. */
static enum cf_rc journal_return(struct till_taking *t, const struct cf_stamp *stamp, struct cf_committed *ret,
                                 struct cf_error *err)
{
    struct cf_till *till = t->till;
    struct cf_journal_head head;
    struct till_owed owed;
    enum cf_rc rc = cf_journal_head(till->journal, &head, err);
    if (rc != CF_OK)
        return rc;
    rc = till_taking_owed(t, head.seq + 1, &owed, err);
    if (rc == CF_OK)
        rc = cf_journal_commit_return(till->journal, t->back, stamp, &owed.owed, build_receipt, t, ret, err);
    till_owed_done(&owed);
    return rc;
}

/* --- what is put on store credit ------------------------------------------------------------------------------------
 */

static enum cf_rc put_credit(struct till_taking *t, struct cf_error *err)
{
    struct cf_return *back = t->back;
    const int64_t amount_minor = back->credit.amount_minor;
    if (!back->has_credit)
        return CF_OK;
    enum cf_rc rc = till_value_give_out(t->till, CF_GIFT_CREDIT, amount_minor, 0, &back->credit, t->credit_code, err);
    if (rc != CF_OK)
        return rc;
    till_value_caption(&back->credit, back->currency, t->credit_caption);
    t->credit = (struct cf_receipt_coupon){
        .qr_text = t->credit_code, .caption = t->credit_caption, .exp_s = back->credit.exp_s};
    return CF_OK;
}

/* --- coupons of the sale's receipt ----------------------------------------------------------------------------------
 */

/* As far as this till knows. The goods are back all the same: what the coupon gave is the centre's to report. */
static enum cf_rc put_used(struct till_taking *t, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < t->back->n_revoked; i++) {
        struct cf_return_revoked *revoked = &t->back->revoked[i];
        bool here = false, elsewhere = false;
        uint32_t generation;
        rc = cf_journal_is_spent(t->till->journal, revoked->campaign, revoked->index, &here, err);
        if (rc == CF_OK)
            rc = cf_replica_redeemed(t->till->replica, revoked->campaign, revoked->index, &elsewhere, &generation, err);
        revoked->used = here || elsewhere;
    }
    return rc;
}

/* --- the commit ----------------------------------------------------------------------------------------------------
 */

enum cf_rc till_taking_finish(struct till_taking *t, struct cf_error *err)
{
    enum cf_rc rc = cf_journal_next_sale_no(t->till->journal, &t->back->return_no, err);
    if (rc == CF_OK)
        rc = put_refunds(t, err);
    if (rc == CF_OK)
        rc = put_credit(t, err);
    if (rc == CF_OK)
        rc = put_used(t, err);
    if (rc == CF_OK)
        put_names(t);
    return rc;
}

void till_taking_tell(const struct till_taking *t, const struct cf_committed *at, struct cf_till_returned *ret)
{
    const struct cf_return *back = t->back;
    ret->at = *at;
    ret->of = back->of;
    ret->return_no = back->return_no;
    ret->total_minor = back->total_minor;
    ret->points = back->points;
    ret->n_tenders = back->n_tenders;
    memcpy(ret->tenders, back->tenders, sizeof ret->tenders);
    ret->n_rights = back->n_rights;
    memcpy(ret->rights, back->rights, sizeof ret->rights);
    memcpy(ret->over, t->over, sizeof ret->over);
    ret->n_revoked = back->n_revoked;
    memcpy(ret->revoked, back->revoked, sizeof ret->revoked);
    ret->exchange_minor = back->exchange_minor;
    ret->n_stay = t->n_stay;
    ret->has_credit = back->has_credit;
    ret->credit.account = back->credit.account;
    ret->credit.amount_minor = back->credit.amount_minor;
    memcpy(ret->credit.code, t->credit_code, sizeof ret->credit.code);
}

static enum cf_rc commit(struct till_taking *t, struct cf_till_returned *ret, struct cf_error *err)
{
    struct cf_till *till = t->till;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    uint32_t today = cf_wall_date(clock.best, cf_store_offset_min(&till->settings, clock.best));
    enum cf_rc rc = till_taking_choose(t, today, err);
    if (rc == CF_OK)
        rc = till_taking_work_out(t, today, 0, err);
    if (rc == CF_OK)
        rc = till_taking_finish(t, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_act_size size = {.minor = t->back->total_minor};
    rc = till_permit(till, t->what->is_void ? CF_ACT_VOID_SALE : CF_ACT_RETURN, &size, err);
    if (rc != CF_OK)
        return rc;
    cf_fiscal_sign_return(&till->fiscal, t->back, clock.best);
    rc = journal_return(t, &stamp, &at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, at.wall, stamp.time_quality);
    till_taking_tell(t, &at, ret);
    return CF_OK;
}

/* The ask for the goods is kept by the record now; what is owed is what the journal has. */
enum cf_rc till_taking_give_back(struct cf_till *till, struct cf_till_returned *ret, struct cf_error *err)
{
    struct cf_error why = {.rc = CF_OK, .detail = ""};
    enum cf_rc rc = till_replay(till, err);
    if (rc != CF_OK)
        return rc;
    if (till_ask_refunds(till, &why) != CF_OK)
        ret->refund = why;
    return CF_OK;
}

void till_taking_drop(struct till_taking *t)
{
    (void)!till_settle_ask(t->till, NULL);
    (void)!till_forget_asks(t->till, NULL);
}

enum cf_rc till_begin_return(struct cf_till *till, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_RETURN, &facts, &next, err);
    if (rc == CF_OK)
        rc = till_permit(till, CF_ACT_SELL, NULL, err);
    return rc == CF_OK ? till_refresh(till, err) : rc;
}

enum cf_rc cf_till_return(struct cf_till *till, const struct cf_till_return *what, struct cf_till_returned *ret,
                          struct cf_error *err)
{
    enum cf_rc rc = till_begin_return(till, err);
    if (rc != CF_OK)
        return rc;
    struct till_taking *t = NULL;
    struct cf_till_returned returned = {.refund = {.rc = CF_OK, .detail = ""}};
    rc = till_taking_new(till, what, &t, err);
    if (rc == CF_OK) {
        rc = till_taking_find(t, err);
        if (rc == CF_OK)
            rc = commit(t, &returned, err);
        if (rc != CF_OK)
            till_taking_drop(t);
    }
    if (rc == CF_OK)
        rc = till_taking_give_back(till, &returned, err);
    till_taking_free(t);
    if (rc == CF_OK && ret != NULL)
        *ret = returned;
    return rc;
}
