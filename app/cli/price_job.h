/*
 * app/cli/price_job.h - one cart of `counterfoil price`: JSON in, what cf_price takes.
 *
 * The format is that of public collections of promotion cases: names of goods and plain words for rewards, where the
 * core has numbers. Words that mean the same are one table (price_words.c). A field that no reader takes is refused by
 * name, never guessed at and never passed over. Not thread-safe.
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
    size_t index[CF_OFFERS_MAX];         /* of the offer in the list of promotions: switched off ones are no offers */
    int64_t budget_minor[CF_OFFERS_MAX]; /* what is left of its budget; -1: it has none */
    size_t n_offers;
    enum cf_tax_mode tax_mode;
    uint32_t tax_bp;
    cf_wall now;
    struct cf_price_facts facts;
    const json_t *held;     /* coupons: a text or a list of them; may be NULL */
    const json_t *uses;     /* how often coupons have been used before, by their names; may be NULL */
    const char *currency;   /* as the context says; may be NULL */
    const json_t *shipping; /* beside the cart or in the context; may be NULL */
    const char *names_of_lines[CF_CART_LINES_MAX];
    struct cf_goods_few untouched; /* goods that no promotion covers */
    const json_t *choose;          /* beside the cart; may be NULL */
    bool choose_best;
    bool best_one; /* and only one of them applies */
};

/* --- an open object: readers take what they know, and what is left at the end is refused ---------------------------
 */

enum price_words {
    PRICE_WORDS_CASE,
    PRICE_WORDS_LINE,
    PRICE_WORDS_SHIPPING,
    PRICE_WORDS_CONTEXT, /* and of the customer in it */
    PRICE_WORDS_TAX,
    PRICE_WORDS_PROMOTION,
    PRICE_WORDS_COUPON, /* under the names that the promotion has for them */
    PRICE_WORDS_BUDGET, /* as those of a coupon */
    PRICE_WORDS_REQUIRED,
    PRICE_WORDS_SLOT,
    PRICE_WORDS_TIER,
};
#define PRICE_WORDS_SETS 11

/*
 * A copy of `object` (NULL: an empty one) with its fields under the names by which readers know them; those that are
 * null are not there. `what` is for errors: "a cart line". CF_E_RANGE if two fields mean the same. The values stay the
 * object's. Free with json_decref.
 */
enum cf_rc price_open(const json_t *object, enum price_words words, const char *what, json_t **ret,
                      struct cf_error *err) CF_MUST_CHECK;
/* CF_E_UNSUPPORTED naming a field that nobody took. */
enum cf_rc price_close(const json_t *open, const char *what, struct cf_error *err) CF_MUST_CHECK;
/* The word of ours for a word of a shop's, such as "dearest" for "most_expensive"; itself if there is none. */
const char *price_word_of(const char *word);

/* NULL if it is not there. Valid as long as both the document and `open`. */
const json_t *price_take(json_t *open, const char *key);
/* Adds the fields of another open object; CF_E_RANGE if one is there already. */
enum cf_rc price_merge(json_t *open, const json_t *other, const char *what, struct cf_error *err) CF_MUST_CHECK;
/* Is it there, and not taken yet? */
bool price_has(const json_t *open, const char *key);
/* --- a field that is absent gives `otherwise` --- */
enum cf_rc price_take_int(json_t *open, const char *key, int64_t otherwise, int64_t *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* A decimal such as 12.5 times `scale`, which must come out whole: 12.5 % are 1250 bp, 0.345 kg are 345 thousandths. */
enum cf_rc price_take_scaled(json_t *open, const char *key, int64_t scale, int64_t otherwise, int64_t *ret,
                             struct cf_error *err) CF_MUST_CHECK;
enum cf_rc price_scaled(const json_t *value, const char *key, int64_t scale, int64_t *ret,
                        struct cf_error *err) CF_MUST_CHECK;
/* NULL if it is not there. */
enum cf_rc price_take_text(json_t *open, const char *key, const char **ret, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc price_take_bool(json_t *open, const char *key, bool otherwise, bool *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* An instant: RFC 3339, a date alone, or one without a zone, which is read as UTC. */
enum cf_rc price_take_instant(json_t *open, const char *key, cf_wall *ret, bool *ret_is_date, bool *ret_present,
                              struct cf_error *err) CF_MUST_CHECK;
/* A text or a list of texts, each numbered by `names`. *n counts on; CF_E_LIMIT beyond max. */
enum cf_rc price_take_names(json_t *open, const char *key, struct price_names *names, uint32_t *ret, size_t max,
                            size_t *n, struct cf_error *err) CF_MUST_CHECK;
/* A way of paying or a list of them, or-ed into *mask. */
enum cf_rc price_take_tenders(json_t *open, uint32_t *mask, struct cf_error *err) CF_MUST_CHECK;

/* Numbers from 1 in order of first use. */
enum cf_rc price_number_of(struct price_names *names, const char *name, uint32_t *ret,
                           struct cf_error *err) CF_MUST_CHECK;
/* 0 if it has none. */
uint32_t price_find_number(const struct price_names *names, const char *name);

/* --- price_cart.c, price_shopper.c, price_promotion.c, price_goods.c, price_terms.c
 * -----------------------------------------------
 */

/* The shopper, the place and the moment. */
enum cf_rc price_read_context(struct price_job *job, const json_t *context, struct cf_error *err) CF_MUST_CHECK;
/* After the context. Goods are numbered by their names, so that ties do not follow the order of scanning. */
enum cf_rc price_read_cart(struct price_job *job, const json_t *lines, struct cf_error *err) CF_MUST_CHECK;
/* One of the list, after the cart; `index` is its position there. */
enum cf_rc price_read_promotion(struct price_job *job, const json_t *item, size_t index,
                                struct cf_error *err) CF_MUST_CHECK;
/* Of an open promotion: the sets of goods that it is about. */
enum cf_rc price_read_goods(struct price_job *job, json_t *open, struct cf_promotion *p,
                            struct cf_error *err) CF_MUST_CHECK;
/* Of an open promotion: when, for whom and beside which others it applies. */
enum cf_rc price_read_terms(struct price_job *job, json_t *open, struct cf_promotion *p,
                            struct cf_error *err) CF_MUST_CHECK;
/* Is it on, and not used up? And what is left of its budget, -1 if it has none. */
enum cf_rc price_read_use(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_offer *offer,
                          bool *ret_usable, int64_t *ret_budget_minor, struct cf_error *err) CF_MUST_CHECK;

#endif
