/*
 * sync/central/judge.h - what the files that judge a sale share: judge_sale.c has the table, the others its rows.
 */
#ifndef CF_CENTRAL_JUDGE_H
#define CF_CENTRAL_JUDGE_H

#include "sync/central/judge_sale.h"
#include "sync/central/places.h"
#include "sync/central/state.h"

#include "app/core/down.h"

/* A sale that is being judged. */
struct cf_judging {
    struct cf_central *central;
    struct cf_judge *judge;
    const struct cf_log *log;
    uint64_t id;     /* of its record */
    uint64_t cursor; /* what its till had heard of the centre's log */
    const struct cf_store_settings *settings;
    const struct cf_sale *sale;
    const struct cf_cart *cart;     /* its goods */
    const struct cf_priced *priced; /* again; not valid unless it came out right */
    bool is_right;                  /* to the cent */
    cf_wall priced_at;              /* by the till's clock */
    cf_wall sold_at;                /* as the centre dates it */
    enum cf_rc alarm;               /* of the row that judges */
};

/* By the name of the row that judges. */
__attribute__((format(printf, 3, 4))) enum cf_rc cf_judge_alarm(const struct cf_judging *j, struct cf_error *err,
                                                                const char *format, ...) CF_MUST_CHECK;

/* What promotions, taxes and permits see of goods. */
struct cf_goods_said {
    int64_t price_minor, floor_minor, member_price_minor;
    uint64_t deposit;
    uint32_t tax_bp;
    bool has_member_price, reduced, delivery, weighed, open_price;
};
void cf_goods_said_of(const struct cf_product *product, struct cf_goods_said *ret);
/* As the catalogue of the store is now; *ret_found false if it is not in there. */
enum cf_rc cf_judge_goods_now(const struct cf_judging *j, uint64_t product, struct cf_goods_said *ret, bool *ret_found,
                              struct cf_error *err) CF_MUST_CHECK;
/* Was the list ever one of reduced prices, or of others? */
enum cf_rc cf_judge_list_said(const struct cf_judging *j, uint32_t list, bool *ret_plain, bool *ret_reduced,
                              struct cf_error *err) CF_MUST_CHECK;

/* Each entry that ever went down to the store under one of these keys, the newest of a key first. */
typedef enum cf_rc cf_judge_entry_fn(void *ctx, const struct cf_down_entry *entry, struct cf_error *err);
enum cf_rc cf_judge_ever(const struct cf_judging *j, enum cf_topic topic, int64_t first_key, int64_t last_key,
                         cf_judge_entry_fn *look, void *ctx, struct cf_error *err) CF_MUST_CHECK;

/* The rows. Each raises one alarm at most. */
typedef enum cf_rc cf_judge_row_fn(const struct cf_judging *j, struct cf_error *err);
/* facts.c */
cf_judge_row_fn cf_judge_place, cf_judge_clock, cf_judge_tier, cf_judge_first, cf_judge_visits, cf_judge_birthday,
    cf_judge_segments;
/* judge_goods.c */
cf_judge_row_fn cf_judge_goods;
/* judge_money.c */
cf_judge_row_fn cf_judge_tax_mode, cf_judge_rounding, cf_judge_rates;
/* judge_people.c */
cf_judge_row_fn cf_judge_user, cf_judge_overrides, cf_judge_changed_prices, cf_judge_by_hand;
/* price_lists.c */
cf_judge_row_fn cf_judge_prices;

#endif
