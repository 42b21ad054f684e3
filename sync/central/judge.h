/*
 * sync/central/judge.h - what the files that judge a sale share: judge_sale.c has the table, the others its rows.
 */
#ifndef CF_CENTRAL_JUDGE_H
#define CF_CENTRAL_JUDGE_H

#include "sync/central/judge_sale.h"
#include "sync/central/places.h"
#include "sync/central/state.h"

/* A sale that is being judged. */
struct cf_judging {
    struct cf_central *central;
    struct cf_judge *judge;
    const struct cf_log *log;
    uint64_t id;     /* of its record */
    uint64_t cursor; /* what its till had heard of the centre's log */
    const struct cf_store_settings *settings;
    const struct cf_sale *sale;
    const struct cf_priced *priced; /* again; not valid unless it came out right */
    bool is_right;                  /* to the cent */
    cf_wall priced_at;              /* by the till's clock */
    cf_wall sold_at;                /* as the centre dates it */
    enum cf_rc alarm;               /* of the row that judges */
};

/* By the name of the row that judges. */
__attribute__((format(printf, 3, 4))) enum cf_rc cf_judge_alarm(const struct cf_judging *j, struct cf_error *err,
                                                                const char *format, ...) CF_MUST_CHECK;

/* The rows. Each raises one alarm at most. */
typedef enum cf_rc cf_judge_row_fn(const struct cf_judging *j, struct cf_error *err);
/* facts.c */
cf_judge_row_fn cf_judge_place, cf_judge_clock, cf_judge_rounding, cf_judge_tier, cf_judge_first, cf_judge_visits,
    cf_judge_birthday;
/* price_lists.c */
cf_judge_row_fn cf_judge_prices;

#endif
