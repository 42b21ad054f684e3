/*
 * app/terminal/till_quote.c - quotations: the open sale as an offer that stands for some days, and later sold
 * (docs/quotes.md).
 *
 * A quotation is a record of its own, with a number in the row of sales, a slip, and no effect. It is found in our own
 * journal, or at the centre; the sale that is made under it uses it up.
 */
#include "app/terminal/till_internal.h"

#include <stdlib.h>
#include <string.h>

#include "sync/wire/quote_ask.h"

/* --- making one --------------------------------------------------------------------------------------------------- */

struct quoting {
    struct cf_till *till;
    struct till_unpaid *unpaid;
    int64_t expires_s;
    char *code; /* CF_QUOTE_CODE_MAX */
};

static enum cf_rc build_slip(void *ctx, const struct cf_committed *committed, struct cf_buf *ret_receipt,
                             struct cf_error *err)
{
    const struct quoting *q = ctx;
    const struct cf_till *till = q->till;
    const struct cf_sale_ref ref = {.terminal = till->terminal, .epoch = till->epoch, .seq = committed->seq};
    struct cf_store_info store = till_store_info(till, committed->wall);
    struct till_chain_tag tag = till_chain_tag(&committed->hash);
    cf_quote_code(&ref, cf_quote_tag_of(&committed->hash), q->code);
    const struct cf_receipt_coupon code = {.qr_text = q->code, .caption = "", .exp_s = q->expires_s};
    const struct cf_sale_receipt facts = {.store = &store,
                                          .sale = q->unpaid->sale,
                                          .lines = q->unpaid->lines,
                                          .discount_reasons = q->unpaid->reasons,
                                          .by_hand_reasons = q->unpaid->by_hand,
                                          .quote = &code,
                                          .terminal = till->terminal,
                                          .epoch = till->epoch,
                                          .seq = committed->seq,
                                          .at = committed->wall,
                                          .chain_tag = tag.text};
    struct cf_receipt *receipt = NULL;
    enum cf_rc rc = cf_sale_receipt_build(&facts, &receipt, err);
    return till_receipt_bytes(rc, receipt, ret_receipt, err);
}

/* May the open sale become one? */
static enum cf_rc begin_quote(struct cf_till *till, uint32_t days, struct cf_error *err)
{
    struct cf_checkout_facts facts = {0};
    enum cf_checkout_state next;
    const struct cf_open_sale *sale = &till->sale;
    enum cf_rc rc = cf_checkout_step(sale->state, CF_EVENT_PARK, &facts, &next, err);
    if (rc == CF_OK && cf_cart_live_count(sale->cart) == 0)
        rc = cf_fail(err, CF_E_SALE_EMPTY, "there is nothing to quote");
    if (rc == CF_OK && days > CF_QUOTE_DAYS_MAX)
        rc = cf_fail(err, CF_E_RANGE, "a quotation is good for at most %d days", CF_QUOTE_DAYS_MAX);
    if (rc == CF_OK && (sale->exchange.is || sale->has_order))
        rc = cf_fail(err, CF_E_QUOTE_GOODS, "%s", sale->exchange.is ? "goods came back for it" : "an order is in it");
    for (size_t i = 0; rc == CF_OK && i < cf_cart_count(sale->cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(sale->cart, i);
        if (!line->voided && (line->product == CF_PRODUCT_GIFT_CARD || cf_price_is_agreed(line->extra.origin)))
            rc = cf_fail(err, CF_E_QUOTE_GOODS, "line %u", line->line_no);
    }
    return rc == CF_OK ? till_permit_tender(till, err) : rc;
}

/* What is no part of it leaves the sale: coupons, and how it would be paid. */
static enum cf_rc strip(struct cf_till *till, struct cf_error *err)
{
    const struct cf_step any_way = {.kind = CF_STEP_ANNOUNCE};
    enum cf_rc rc = till_settle_ask(till, err);
    if (rc == CF_OK)
        rc = till_give_back_coupons(till, true, err);
    if (rc == CF_OK)
        rc = till_settle_ask(till, err);
    if (rc == CF_OK && till->sale.announced != 0)
        rc = till_take(till, &any_way, err);
    return rc;
}

/* The open sale as it would be sold to somebody of whom it is not known whether it is their first purchase, or which
 * visit: else many quotations would have what a member gets once. */
static enum cf_rc price_unpaid(struct quoting *q, cf_wall now, struct cf_error *err)
{
    struct cf_till *till = q->till;
    struct cf_step_member *member = &till->sale.member;
    const struct cf_step_member whole = *member;
    struct cf_offer_source offers = till_offers(till, NULL);
    offers.n_units = 0; /* nothing is taken for a quotation, so what is counted is not promised either */
    member->first_purchase = false;
    member->visits = 0;
    enum cf_rc rc = cf_open_sale_price(&till->sale, &offers, now, err);
    if (rc == CF_OK)
        rc = till_unpaid_new(till, now, &q->unpaid, err);
    *member = whole; /* should it stay open */
    return rc;
}

static enum cf_rc commit(struct quoting *q, uint32_t days, struct cf_till_quoted *quoted, struct cf_error *err)
{
    struct cf_till *till = q->till;
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    enum cf_rc rc = price_unpaid(q, clock.best, err);
    if (rc != CF_OK)
        return rc;
    cf_quote_make(q->unpaid->sale);
    q->expires_s = till_end_of_day_s(clock.best, cf_store_offset_min(&till->settings, clock.best),
                                     days != 0 ? days : CF_QUOTE_DAYS_DEFAULT);
    rc = cf_journal_commit_quote(till->journal, q->unpaid->sale, q->expires_s, &stamp, build_slip, q, &quoted->at, err);
    if (rc != CF_OK)
        return rc;
    till_note_time(till, quoted->at.wall, stamp.time_quality);
    quoted->sale_no = q->unpaid->sale->sale_no;
    quoted->total_minor = q->unpaid->sale->total_minor;
    quoted->expires_s = q->expires_s;
    return CF_OK;
}

enum cf_rc cf_till_quote(struct cf_till *till, uint32_t days, struct cf_till_quoted *ret, struct cf_error *err)
{
    struct cf_till_quoted quoted = {.n_coupons = till->sale.n_coupons};
    struct quoting q = {.till = till, .code = quoted.code};
    enum cf_rc rc = begin_quote(till, days, err);
    if (rc == CF_OK)
        rc = strip(till, err);
    if (rc == CF_OK)
        rc = commit(&q, days, &quoted, err);
    till_unpaid_free(q.unpaid);
    if (rc != CF_OK)
        return rc;
    cf_open_sale_clear(&till->sale);
    (void)!till_close_challenges(till, NULL); /* else at the next rest or start */
    if (ret != NULL)
        *ret = quoted;
    return CF_OK;
}

/* --- finding one -------------------------------------------------------------------------------------------------- */

/* A quotation that somebody wants to buy by. */
struct found {
    struct cf_sale_ref of;
    bool has_tag;
    struct cf_quote_tag asked, tag; /* of the code; of the record */
    bool used;
    int64_t expires_s;
    struct cf_sale *sale; /* owned */
};

static bool is_number(const char *text, uint64_t *ret)
{
    uint64_t v = 0;
    size_t n = 0;
    for (; text[n] >= '0' && text[n] <= '9' && n < 18; n++)
        v = v * 10 + (uint64_t)(text[n] - '0');
    *ret = v;
    return n > 0 && text[n] == '\0' && v != 0;
}

static enum cf_rc read_name(struct cf_till *till, const char *name, struct found *f, struct cf_error *err)
{
    uint64_t number = 0;
    if (cf_quote_code_parse(name, &f->of, &f->has_tag, &f->asked))
        return CF_OK;
    if (!is_number(name, &number))
        return cf_fail(err, CF_E_QUOTE_UNKNOWN, "scan its code, or say its number: TILL-EPOCH-NUMBER");
    f->of = (struct cf_sale_ref){.terminal = till->terminal, .epoch = till->epoch};
    return cf_journal_find_quote(till->journal, number, &f->of.seq, err);
}

static enum cf_rc exchange(struct cf_till *till, const struct found *f, struct cf_buf *ret_reply, struct cf_error *err)
{
    const struct cf_quote_ask ask = {.terminal = till->terminal, .epoch = till->epoch, .of = f->of};
    struct cf_buf request CF_CLEANUP(cf_buf_done);
    int status = 0;
    cf_buf_init(&request, CF_QUOTE_ASK_BYTES_MAX);
    enum cf_rc rc = cf_quote_ask_encode(&ask, &request, err);
    if (rc != CF_OK)
        return rc;
    struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_QUOTE, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    rc = till->env->ops->net_exchange(till->env->ctx, &post, &status, ret_reply, err);
    if (rc == CF_OK && status != 200)
        rc = cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    return rc;
}

/* The centre's word on it. CF_E_QUOTE_ELSEWHERE: there is none; CF_E_QUOTE_UNKNOWN. With `own`, what it says of the
 * goods is not read: our journal knows. */
static enum cf_rc ask_centre(struct cf_till *till, bool own, struct found *f, struct cf_error *err)
{
    struct cf_quote_reply reply;
    struct cf_buf bytes CF_CLEANUP(cf_buf_done);
    cf_buf_init(&bytes, CF_QUOTE_REPLY_BYTES_MAX);
    if (!till->ask_online || cf_env_mono(till->env).us < till->ask_again_at.us)
        return cf_fail(err, CF_E_QUOTE_ELSEWHERE, "there is no link to the centre");
    enum cf_rc rc = exchange(till, f, &bytes, err);
    if (rc == CF_OK)
        rc = cf_quote_reply_decode(cf_buf_bytes(&bytes), &reply, err);
    if (rc != CF_OK) {
        till->ask_again_at.us = cf_env_mono(till->env).us + TILL_ASK_PAUSE_S * CF_US_PER_S;
        return cf_fail(err, CF_E_QUOTE_ELSEWHERE, "the centre does not answer");
    }
    if (reply.rc != CF_OK)
        return cf_fail(err, reply.rc, "as the centre says");
    f->used = f->used || reply.used;
    if (own)
        return CF_OK;
    f->tag = reply.tag;
    rc = cf_quote_decode(reply.body, f->sale, &f->expires_s, err);
    return rc == CF_OK ? CF_OK : cf_fail(err, CF_E_PROTOCOL, "what the centre sent is no quotation");
}

static enum cf_rc find(struct cf_till *till, const char *name, struct found *f, struct cf_error *err)
{
    struct cf_sha256 hash;
    enum cf_rc rc = read_name(till, name, f, err);
    if (rc == CF_OK)
        rc = cf_journal_quote_used(till->journal, &f->of, &f->used, err);
    if (rc != CF_OK)
        return rc;
    bool own = f->of.terminal == till->terminal && f->of.epoch == till->epoch;
    rc = own ? cf_journal_quote(till->journal, f->of.seq, f->sale, &f->expires_s, &hash, err) : CF_E_QUOTE_UNKNOWN;
    if (rc == CF_OK)
        f->tag = cf_quote_tag_of(&hash);
    if (rc == CF_OK && !f->used)
        (void)!ask_centre(till, true, f, NULL); /* its silence does not keep us from our own */
    if (rc == CF_E_QUOTE_UNKNOWN)               /* another till's, or erased here since */
        rc = ask_centre(till, false, f, err);
    if (rc == CF_OK)
        f->of.sale_no = f->sale->sale_no;
    return rc;
}

static enum cf_rc judge(struct cf_till *till, const struct found *f, struct cf_error *err)
{
    const struct cf_quote_facts facts = {
        .now = cf_till_clock(till).now,
        .currency = till->settings.currency,
        .tax_mode = till->settings.tax_mode,
        .used = f->used,
        .other_tag = f->has_tag && memcmp(f->asked.b, f->tag.b, sizeof f->tag.b) != 0,
    };
    return cf_quote_judge(f->sale, f->expires_s, &facts, err);
}

/* --- into the sale ------------------------------------------------------------------------------------------------ */

/* The step of one line of it; its deposit, which stands behind it, goes with it. */
static enum cf_rc line_step(struct cf_till *till, const struct found *f, size_t i, const struct cf_till_unquote *what,
                            struct cf_step *ret, struct cf_till_unquoted *told, struct cf_error *err)
{
    const struct cf_sale *quoted = f->sale;
    const struct cf_sale_line *line = &quoted->lines[i];
    bool deposit = i + 1 < quoted->n_lines && quoted->lines[i + 1].extra.deposit_of == i + 1;
    enum cf_rc rc = till_quoted_goods(till, line, what->answers, ret, err);
    if (rc == CF_OK && !ret->line.weighed && line->qty_milli % 1000 != 0)
        rc = cf_fail(err, CF_E_QUOTE_ALTERED, "%s is not sold by weight any more", ret->line.name);
    if (rc != CF_OK || what->today)
        return rc;
    told->n_taxed_anew += ret->line.tax_bp != line->tax_bp;
    told->n_cheaper_now += ret->line.unit_price_minor < line->unit_price_minor;
    ret->line.unit_price_minor = line->unit_price_minor;
    ret->line.quoted_off_minor = line->discount_minor;
    ret->line.reduced = ret->line.reduced || line->reduced;
    ret->line.extra.origin = CF_PRICE_QUOTE;
    ret->line.extra.list = (uint32_t)i + 1;
    if (deposit && !ret->has_deposit)
        return cf_fail(err, CF_E_QUOTE_ALTERED, "%s has no deposit any more", ret->line.name);
    ret->has_deposit = deposit;
    if (deposit) {
        ret->deposit.unit_price_minor = ret->deposit.floor_minor = quoted->lines[i + 1].unit_price_minor;
        rc = ret->deposit.product == quoted->lines[i + 1].product && quoted->lines[i + 1].discount_minor == 0
                 ? CF_OK
                 : cf_fail(err, CF_E_QUOTE_ALTERED, "%s has another deposit now", ret->line.name);
    }
    return rc;
}

static bool is_there(const struct cf_till *till, size_t i, const struct cf_till_unquote *what)
{
    return !what->today && cf_open_sale_quoted_line(&till->sale, (uint32_t)i + 1) != 0;
}

/* Looked at all together before any goes into the sale. */
static enum cf_rc put_lines(struct cf_till *till, const struct found *f, const struct cf_till_unquote *what,
                            struct cf_till_unquoted *told, struct cf_error *err)
{
    const struct cf_sale *quoted = f->sale;
    struct cf_till_unquoted again = *told;
    struct cf_step step;
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < quoted->n_lines; i++)
        if (quoted->lines[i].extra.deposit_of == 0 && !is_there(till, i, what))
            rc = line_step(till, f, i, what, &step, told, err);
    if (rc == CF_OK && cf_cart_count(till->sale.cart) + quoted->n_lines > CF_CART_LINES_MAX)
        rc = cf_fail(err, CF_E_LIMIT, "a sale has at most %d lines", CF_CART_LINES_MAX);
    if (rc == CF_OK && !what->today) {
        step = (struct cf_step){.kind = CF_STEP_QUOTE};
        step.quote =
            (struct cf_step_quote){.of = f->of, .n_lines = (uint32_t)quoted->n_lines, .expires_s = f->expires_s};
        rc = till_take(till, &step, err);
    }
    for (size_t i = 0; rc == CF_OK && i < quoted->n_lines; i++) {
        if (quoted->lines[i].extra.deposit_of != 0 || is_there(till, i, what))
            continue;
        rc = line_step(till, f, i, what, &step, &again, err);
        if (rc == CF_OK)
            rc = till_take(till, &step, err);
        told->n_lines += rc == CF_OK;
    }
    return rc;
}

/* Into a sale without goods, or back into the one that it is in. */
static enum cf_rc begin_unquote(struct cf_till *till, const struct found *f, const struct cf_till_unquote *what,
                                struct cf_error *err)
{
    const struct cf_checkout_facts facts = {0};
    const struct cf_sale_ref *in_sale = &till->sale.quote.of;
    enum cf_checkout_state next;
    bool same = in_sale->terminal == f->of.terminal && in_sale->epoch == f->of.epoch && in_sale->seq == f->of.seq;
    enum cf_rc rc = cf_checkout_step(till->sale.state, CF_EVENT_GOODS, &facts, &next, err);
    if (rc == CF_OK && till->sale.state != CF_CHECKOUT_IDLE && cf_cart_live_count(till->sale.cart) != 0 &&
        (what->today || !same))
        rc = cf_fail(err, CF_E_QUOTE_TWICE, "there are goods in the sale");
    if (rc == CF_OK && till->sale.state == CF_CHECKOUT_IDLE)
        rc = till_refresh(till, err);
    return rc;
}

enum cf_rc cf_till_unquote(struct cf_till *till, const struct cf_till_unquote *what, struct cf_till_unquoted *ret,
                           struct cf_error *err)
{
    struct found f = {.used = false};
    struct cf_till_unquoted told = {.n_lines = 0};
    enum cf_rc rc = till_permit(till, CF_ACT_SELL, NULL, err);
    if (rc == CF_OK)
        rc = cf_sale_new(&f.sale, err);
    if (rc == CF_OK)
        rc = find(till, what->name, &f, err);
    if (rc == CF_OK)
        rc = begin_unquote(till, &f, what, err);
    if (rc == CF_OK && !what->today)
        rc = judge(till, &f, err);
    if (rc == CF_OK)
        rc = put_lines(till, &f, what, &told, err);
    if (rc == CF_OK && ret != NULL) {
        told.of = f.of;
        told.expires_s = f.expires_s;
        told.total_minor = f.sale->total_minor;
        *ret = told;
    }
    cf_sale_free(f.sale);
    return rc;
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

struct listing {
    struct cf_till *till;
    struct cf_till_quote *ret;
    size_t n;
};

static enum cf_rc list_one(void *ctx, const struct cf_journal_quote *quote, struct cf_error *err)
{
    struct listing *listing = ctx;
    struct cf_till_quote *one = &listing->ret[listing->n++];
    const struct cf_till *till = listing->till;
    const struct cf_sale_ref ref = {.terminal = till->terminal, .epoch = till->epoch, .seq = quote->seq};
    *one = (struct cf_till_quote){.seq = quote->seq,
                                  .number = quote->sale->sale_no,
                                  .at = quote->at,
                                  .expires_s = quote->expires_s,
                                  .total_minor = quote->sale->total_minor,
                                  .n_lines = quote->sale->n_lines};
    (void)err;
    cf_quote_code(&ref, cf_quote_tag_of(&quote->hash), one->code);
    struct cf_product product;
    if (cf_replica_product(till->replica, quote->sale->lines[0].product, &product, NULL) == CF_OK)
        memcpy(one->first, product.name, sizeof one->first);
    return CF_OK;
}

enum cf_rc cf_till_quotes(struct cf_till *till, uint64_t before_seq, struct cf_till_quote ret[CF_TILL_PAGE_MAX],
                          size_t *ret_n, struct cf_error *err)
{
    struct listing listing = {.till = till, .ret = ret};
    int64_t surely_s = cf_wall_s(cf_till_clock(till).now.lo);
    enum cf_rc rc = cf_journal_quotes(till->journal, before_seq, CF_TILL_PAGE_MAX, list_one, &listing, err);
    for (size_t i = 0; rc == CF_OK && i < listing.n; i++) {
        const struct cf_sale_ref ref = {.terminal = till->terminal, .epoch = till->epoch, .seq = ret[i].seq};
        ret[i].expired = surely_s > ret[i].expires_s;
        rc = cf_journal_quote_used(till->journal, &ref, &ret[i].used, err);
    }
    if (rc == CF_OK)
        *ret_n = listing.n;
    return rc;
}

/* --- may it still be sold? ---------------------------------------------------------------------------------------- */

/* Are goods of its quotation on the sale? */
static bool is_under_quote(const struct cf_till *till)
{
    for (size_t i = 0; till->sale.quote.of.terminal != 0 && i < cf_cart_count(till->sale.cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(till->sale.cart, i);
        if (!line->voided && line->extra.origin == CF_PRICE_QUOTE)
            return true;
    }
    return false;
}

enum cf_rc till_check_quote(struct cf_till *till, struct cf_error *err)
{
    const struct cf_sale_ref *of = &till->sale.quote.of;
    bool used = false;
    if (!is_under_quote(till))
        return CF_OK;
    /* By a sale that was parked meanwhile, say. The journal would refuse it too. */
    enum cf_rc rc = cf_journal_quote_used(till->journal, of, &used, err);
    return rc == CF_OK && used ? cf_fail(err, CF_E_QUOTE_USED, "number %llu", (unsigned long long)of->sale_no) : rc;
}

enum cf_rc till_check_quote_end(struct cf_till *till, struct cf_error *err)
{
    const struct cf_step_quote *quote = &till->sale.quote;
    if (quote->expires_s == 0 || cf_wall_s(cf_till_clock(till).now.lo) <= quote->expires_s || !is_under_quote(till))
        return CF_OK;
    return cf_fail(err, CF_E_QUOTE_EXPIRED, "void its goods, and sell %lu-%lu-%llu at today's prices",
                   (unsigned long)quote->of.terminal, (unsigned long)quote->of.epoch,
                   (unsigned long long)quote->of.seq);
}
