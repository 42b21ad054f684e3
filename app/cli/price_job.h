/*
 * app/cli/price_job.h - one cart of `counterfoil price`: JSON in, what cf_price takes.
 *
 * The format is that of public collections of promotion cases: names of goods and plain words for rewards, where the
 * core has numbers. A field that is not known here is refused by name, never guessed at. Not thread-safe.
 */
#ifndef CF_CLI_PRICE_JOB_H
#define CF_CLI_PRICE_JOB_H

#include <jansson.h>

#include "app/core/pricing.h"

#define PRICE_NAMES_MAX 4096

/* Names of goods, categories, groups of customers and so on as numbers, since the core knows no other. */
struct price_names {
    size_t n;
    const char *name[PRICE_NAMES_MAX]; /* of the JSON document */
};

struct price_job {
    struct cf_cart *cart;
    struct cf_priced *priced;
    struct price_names products, categories, segments, groups, channels, coupons, stores;
    struct cf_promotion promotions[CF_OFFERS_MAX];
    struct cf_offer offers[CF_OFFERS_MAX];
    size_t index[CF_OFFERS_MAX]; /* of the offer in the list of promotions: switched off ones are no offers */
    size_t n_offers;
    enum cf_tax_mode tax_mode;
    uint32_t tax_bp;
    cf_wall now;
    struct cf_price_facts facts;
    const json_t *context;
    const char *names_of_lines[CF_CART_LINES_MAX];
    bool choose_best;
};

/* --- reading: a field that is absent or null gives `otherwise` -----------------------------------------------------
 */

enum cf_rc price_get_int(const json_t *object, const char *key, int64_t otherwise, int64_t *ret,
                         struct cf_error *err) CF_MUST_CHECK;
/* A decimal such as 12.5 times `scale`, which must come out whole: 12.5 % are 1250 bp, 0.345 kg are 345 thousandths. */
enum cf_rc price_get_scaled(const json_t *object, const char *key, int64_t scale, int64_t otherwise, int64_t *ret,
                            struct cf_error *err) CF_MUST_CHECK;
/* NULL if it is not there. */
enum cf_rc price_get_text(const json_t *object, const char *key, const char **ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc price_get_bool(const json_t *object, const char *key, bool otherwise, bool *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* An instant: RFC 3339, a date alone, or one without a zone, which is read as UTC. */
enum cf_rc price_get_instant(const json_t *object, const char *key, cf_wall *ret, bool *ret_is_date, bool *ret_present,
                             struct cf_error *err) CF_MUST_CHECK;
/* Numbers from 1 in order of first use. */
enum cf_rc price_number_of(struct price_names *names, const char *name, uint32_t *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* Every key must be in `known`, a NULL-terminated list, else CF_E_UNSUPPORTED naming it. */
enum cf_rc price_check_keys(const json_t *object, const char *what, const char *const *known,
                            struct cf_error *err) CF_MUST_CHECK;

/* --- price_cart.c, price_promotion.c -------------------------------------------------------------------------------
 */

/* The cart, the shopper and the moment. */
enum cf_rc price_read_context(struct price_job *job, const json_t *root, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc price_read_cart(struct price_job *job, const json_t *root, struct cf_error *err) CF_MUST_CHECK;
/* One of the list; `index` is its position there. */
enum cf_rc price_read_promotion(struct price_job *job, const json_t *item, size_t index,
                                struct cf_error *err) CF_MUST_CHECK;

#endif
