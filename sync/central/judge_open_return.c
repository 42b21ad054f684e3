/*
 * sync/central/judge_open_return.c - goods that came back without a receipt, held against what the centre ever said: by
 * the rows that judge sales, since goods have prices and people may do things there as well. The record's own sums, and
 * what the roles that it names may give, have been checked by open_return.h.
 */
#include "sync/central/judge.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_OF_GOODS 2

struct shown {
    struct cf_store_settings settings;
    struct cf_sale sale;
    struct cf_sale_line lines[CF_OPEN_RETURN_LINES_MAX];
};

/* As much of a sale as the rows look at. */
static void show_as_sale(const struct cf_open_return *back, struct shown *shown)
{
    struct cf_sale *sale = &shown->sale;
    sale->lines = shown->lines;
    sale->n_lines = back->n_lines;
    sale->currency = back->currency;
    sale->tax_mode = back->tax_mode;
    for (size_t i = 0; i < back->n_lines; i++) {
        struct cf_sale_line *line = &shown->lines[i];
        line->product = back->lines[i].product;
        line->qty_milli = back->lines[i].qty_milli;
        line->unit_price_minor = back->lines[i].unit_price_minor;
        line->tax_bp = back->lines[i].tax_bp;
        line->extra.origin = back->lines[i].list != 0 ? CF_PRICE_LIST : CF_PRICE_CATALOGUE;
        line->extra.list = back->lines[i].list;
    }
    sale->people.user = back->user;
    if (back->user != 0) { /* allowed by somebody else, or by themselves */
        sale->people.n_overrides = 1;
        sale->people.overrides[0] = (struct cf_sale_override){.act = cf_open_return_act(back),
                                                              .by = back->by != 0 ? back->by : back->user,
                                                              .size = {.minor = back->total_minor}};
    }
}

struct members_price {
    int64_t price_minor;
    bool said;
};

static enum cf_rc look_for_members_price(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct members_price *search = ctx;
    (void)err;
    search->said = search->said || (entry->kind == CF_DOWN_PRODUCT && entry->product.has_member_price &&
                                    entry->product.member_price_minor == search->price_minor);
    return CF_OK;
}

/* The lowest price may be that of members, which no sale's line has as its own: such a line has a price that was said.
 */
static enum cf_rc find_members_prices(const struct cf_judging *j, struct shown *shown, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < shown->sale.n_lines; i++) {
        struct cf_sale_line *line = &shown->lines[i];
        struct members_price search = {.price_minor = line->unit_price_minor};
        if (line->extra.origin != CF_PRICE_CATALOGUE || line->product > INT64_MAX) {
            continue;
        }
        rc = cf_judge_ever(j, CF_TOPIC_PRICES, (int64_t)line->product, (int64_t)line->product, look_for_members_price,
                           &search, err);
        if (search.said) {
            line->extra.origin = CF_PRICE_IN_CODE; /* not to be looked for among the prices for all */
        }
    }
    return rc;
}

struct taxed {
    uint32_t tax_bp;
    bool any, said; /* there were such goods; at this rate */
};

static enum cf_rc look_for_tax(void *ctx, const struct cf_down_entry *entry, struct cf_error *err)
{
    struct taxed *search = ctx;
    (void)err;
    search->any = search->any || entry->kind == CF_DOWN_PRODUCT;
    search->said = search->said || (entry->kind == CF_DOWN_PRODUCT && entry->product.tax_bp == search->tax_bp);
    return CF_OK;
}

/* Goods that there never were are told of by their price; of others the catalogue has, or once had, this rate. */
static enum cf_rc judge_taxes(const struct cf_judging *j, struct cf_error *err)
{
    for (size_t i = 0; i < j->sale->n_lines; i++) {
        const struct cf_sale_line *line = &j->sale->lines[i];
        struct taxed search = {.tax_bp = line->tax_bp};
        struct cf_goods_said now;
        bool found = false;
        enum cf_rc rc = cf_judge_goods_now(j, line->product, &now, &found, err);
        search.said = found && now.tax_bp == line->tax_bp;
        if (rc == CF_OK && !search.said && line->product <= INT64_MAX) {
            rc = cf_judge_ever(j, CF_TOPIC_PRICES, (int64_t)line->product, (int64_t)line->product, look_for_tax,
                               &search, err);
        }
        if (rc != CF_OK) {
            return rc;
        }
        if (!search.said && (found || search.any)) {
            return cf_judge_alarm(j, err, "line %zu: taxed at %lu of 10,000, which no catalogue ever said", i + 1,
                                  (unsigned long)line->tax_bp);
        }
    }
    return CF_OK;
}

static enum cf_rc judge_coin(const struct cf_judging *j, const struct cf_open_return *back, struct cf_error *err)
{
    int64_t step = 0;
    enum cf_rc rc = cf_judge_coin(j->central, j->log, back->currency, &step, err);
    if (rc != CF_OK || back->cash.step_minor <= step) {
        return rc;
    }
    return cf_judge_alarm(j, err, "a refund in cash was rounded to %lld, and the store's smallest coin is %lld",
                          (long long)back->cash.step_minor, (long long)step);
}

/* A till keeps to its own limit, and knows of no other's. One alarm, by the return with which the store goes beyond it.
 */
static enum cf_rc judge_day(const struct cf_judging *j, const struct cf_open_return *back, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(j->central->store, CF_Q_OPEN_RETURN_DAY_ADD,
                                 CF_ARGS(cf_v_int(j->log->store), cf_v_int(back->business_day),
                                         cf_v_text(back->currency.code), cf_v_int(back->total_minor)),
                                 row, &found, err);
    if (rc != CF_OK || row[0].i <= CF_OPEN_RETURNS_A_DAY_MINOR ||
        row[0].i - back->total_minor > CF_OPEN_RETURNS_A_DAY_MINOR) {
        return rc;
    }
    return cf_judge_alarm(j, err,
                          "store %lu took back goods without a receipt for %lld on %lu, and a till may for %lld",
                          (unsigned long)j->log->store, (long long)row[0].i, (unsigned long)back->business_day,
                          (long long)CF_OPEN_RETURNS_A_DAY_MINOR);
}

enum cf_rc cf_judge_open_return(struct cf_central *central, struct cf_judge *judge, const struct cf_log *log,
                                uint64_t id, const struct cf_record *record, const struct cf_open_return *back,
                                struct cf_error *err)
{
    static const struct {
        cf_judge_row_fn *judge;
        enum cf_rc alarm;
    } rows[] = {{cf_judge_prices, CF_E_PRICE},
                {judge_taxes, CF_E_FACT},
                {cf_judge_user, CF_E_PERMIT},
                {cf_judge_overrides, CF_E_PERMIT}};
    struct shown *shown = calloc(1, sizeof *shown);
    if (shown == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "a return");
    }
    show_as_sale(back, shown);
    struct cf_judging j = {.central = central,
                           .judge = judge,
                           .log = log,
                           .id = id,
                           .cursor = record->down_cursor,
                           .settings = &shown->settings,
                           .sale = &shown->sale};
    enum cf_rc rc = cf_store_settings_get(central, log->store, &shown->settings, err);
    if (rc == CF_OK && !back->has_card) {
        rc = find_members_prices(&j, shown, err);
    }
    size_t first =
        back->has_card ? ROWS_OF_GOODS : 0; /* a card is in no catalogue; its record says what it looks like */
    for (size_t i = first; rc == CF_OK && i < sizeof rows / sizeof rows[0]; i++) {
        j.alarm = rows[i].alarm;
        rc = rows[i].judge(&j, err);
    }
    j.alarm = CF_E_FACT;
    if (rc == CF_OK) {
        rc = judge_coin(&j, back, err);
    }
    j.alarm = CF_E_RETURN_LIMIT;
    if (rc == CF_OK && !back->has_card) {
        rc = judge_day(&j, back, err);
    }
    free(shown);
    return rc;
}
