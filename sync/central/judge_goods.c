/*
 * sync/central/judge_goods.c - what a sale's lines claim of their goods, held against all that the catalogue of the
 * store ever said of them: rows of judge_sale.c.
 *
 * What a catalogue said at once, a line claims at once. Only whether the price is reduced may come from a later state
 * of it, or from a price list: a till asks again when a member comes.
 */
#include "sync/central/judge.h"

void cf_goods_said_of(const struct cf_product *product, struct cf_goods_said *ret)
{
    *ret = (struct cf_goods_said){.price_minor = product->price_minor,
                                  .floor_minor = product->floor_minor,
                                  .member_price_minor = product->member_price_minor,
                                  .deposit = product->deposit,
                                  .tax_bp = product->tax_bp,
                                  .has_member_price = product->has_member_price,
                                  .reduced = product->reduced,
                                  .delivery = product->delivery,
                                  .weighed = product->weighed,
                                  .open_price = product->open_price};
}

/* --- a line ------------------------------------------------------------------------------------------------------- */

struct view {
    const struct cf_sale_line *line;
    bool any;                 /* the catalogue ever had it */
    bool fits;                /* ever, but for "reduced" */
    bool fits_whole;          /* with it */
    bool was_plain, was_less; /* a price that is not, or is, reduced */
};

static bool is_weighed(const struct cf_sale_line *line)
{
    return line->weighed_whole || line->qty_milli % 1000 != 0;
}

static bool fits_deposit(const struct cf_sale_line *line)
{
    return line->delivery && line->floor_minor == line->unit_price_minor && !is_weighed(line);
}

static bool fits_goods(const struct cf_sale_line *line, const struct cf_goods_said *goods)
{
    bool entered = line->extra.origin == CF_PRICE_ENTERED, listed = line->extra.origin == CF_PRICE_CATALOGUE;
    return line->delivery == goods->delivery && line->floor_minor == goods->floor_minor &&
           (goods->weighed || !is_weighed(line)) && (goods->open_price ? !listed : !entered);
}

static void look_at(struct view *view, const struct cf_goods_said *goods)
{
    const struct cf_sale_line *line = view->line;
    bool fits = line->tax_bp == goods->tax_bp && line->has_member_price == goods->has_member_price &&
                line->member_price_minor == goods->member_price_minor &&
                (line->extra.deposit_of != 0 ? fits_deposit(line) : fits_goods(line, goods));
    view->any = true;
    view->fits = view->fits || fits;
    view->fits_whole = view->fits_whole || (fits && line->reduced == goods->reduced);
    view->was_plain = view->was_plain || !goods->reduced;
    view->was_less = view->was_less || goods->reduced;
}

static enum cf_rc look_back(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct cf_goods_said goods;
    (void)err;
    if (entry->kind == CF_DOWN_PRODUCT) {
        cf_goods_said_of(&entry->product, &goods);
        look_at(ctx, &goods);
    }
    return CF_OK;
}

/* Of goods that a catalogue has reduced a list does not undo it; of others the list may say so. A price that a cashier
 * changed stays reduced if it was, by a list that the record does not name. */
static enum cf_rc judge_view(const struct cf_judging *j, const struct view *view, bool *ret, struct cf_error *err)
{
    const struct cf_sale_line *line = view->line;
    bool list_plain = false, list_less = false;
    if (line->extra.origin == CF_PRICE_OVERRIDE) {
        *ret = view->fits && (line->reduced || view->was_plain);
        return CF_OK;
    }
    if (line->extra.origin != CF_PRICE_LIST) {
        *ret = view->fits_whole;
        return CF_OK;
    }
    enum cf_rc rc = cf_judge_list_said(j, line->extra.list, &list_plain, &list_less, err);
    if (rc == CF_OK) {
        bool never = !list_plain && !list_less; /* what there was no list for is told of its price */
        bool said = line->reduced ? view->was_less || list_less : view->was_plain && list_plain;
        *ret = view->fits && (never || said);
    }
    return rc;
}

/* By the catalogue of now; and only if that is not it, by all there ever were. */
static enum cf_rc judge_line(const struct cf_judging *j, const struct cf_sale_line *line, bool *ret_ever, bool *ret,
                             struct cf_error *err)
{
    struct view view = {.line = line};
    struct cf_goods_said now;
    bool found = false;
    *ret = false;
    enum cf_rc rc = cf_judge_goods_now(j, line->product, &now, &found, err);
    if (rc == CF_OK && found) {
        look_at(&view, &now);
        rc = judge_view(j, &view, ret, err);
    }
    if (rc == CF_OK && !*ret && line->product <= INT64_MAX) {
        rc = cf_judge_ever(j, CF_TOPIC_PRICES, (int64_t)line->product, (int64_t)line->product, look_back, &view, err);
        if (rc == CF_OK) {
            rc = judge_view(j, &view, ret, err);
        }
    }
    *ret_ever = view.any;
    return rc;
}

/* --- a deposit ---------------------------------------------------------------------------------------------------- */

struct deposit_search {
    uint64_t deposit;
    bool found;
};

static enum cf_rc look_for_deposit(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct deposit_search *search = ctx;
    (void)err;
    search->found = search->found || (entry->kind == CF_DOWN_PRODUCT && entry->product.deposit == search->deposit);
    return CF_OK;
}

/* Was the line's product ever the deposit of the goods that it is on? */
static enum cf_rc judge_deposit(const struct cf_judging *j, const struct cf_sale_line *line, bool *ret,
                                struct cf_error *err)
{
    struct deposit_search search = {.deposit = line->product};
    struct cf_goods_said now;
    bool found = false;
    if (line->extra.deposit_of == 0) {
        *ret = true;
        return CF_OK;
    }
    uint64_t goods = j->sale->lines[line->extra.deposit_of - 1].product;
    enum cf_rc rc = cf_judge_goods_now(j, goods, &now, &found, err);
    search.found = found && now.deposit == line->product;
    if (rc == CF_OK && !search.found) {
        rc = cf_judge_ever(j, CF_TOPIC_PRICES, (int64_t)goods, (int64_t)goods, look_for_deposit, &search, err);
    }
    *ret = search.found;
    return rc;
}

enum cf_rc cf_judge_goods(const struct cf_judging *j, struct cf_error *err)
{
    for (size_t i = 0; i < j->sale->n_lines; i++) {
        const struct cf_sale_line *line = &j->sale->lines[i];
        bool ever = false, good = false;
        if (line->product == CF_PRODUCT_GIFT_CARD) { /* of no catalogue; its record says what a card may look like */
            continue;
        }
        if (cf_price_is_agreed(line->extra.origin)) { /* held against what was agreed: order_book.c */
            continue;
        }
        enum cf_rc rc = judge_line(j, line, &ever, &good, err);
        if (rc != CF_OK) {
            return rc;
        }
        if (!ever) {
            return cf_judge_alarm(j, err, "line %zu: the store never had product %llu", i + 1,
                                  (unsigned long long)line->product);
        }
        bool is_deposit = true;
        rc = good ? judge_deposit(j, line, &is_deposit, err) : CF_OK;
        if (rc != CF_OK) {
            return rc;
        }
        if (!is_deposit) {
            return cf_judge_alarm(j, err, "line %zu: product %llu is no deposit of line %lu", i + 1,
                                  (unsigned long long)line->product, (unsigned long)line->extra.deposit_of);
        }
        if (!good) {
            return cf_judge_alarm(
                j, err, "line %zu: tax %lu, floor %lld, member price %lld%s%s%s: never said so of %llu", i + 1,
                (unsigned long)line->tax_bp, (long long)line->floor_minor, (long long)line->member_price_minor,
                line->reduced ? ", reduced" : "", line->delivery ? ", delivery" : "",
                line->extra.origin == CF_PRICE_ENTERED ? ", price entered" : "", (unsigned long long)line->product);
        }
    }
    return CF_OK;
}
