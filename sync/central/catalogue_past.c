/*
 * sync/central/catalogue_past.c - see catalogue_past.h.
 */
#include "sync/central/catalogue_past.h"

#include "app/core/down.h"

#include <stdlib.h>
#include <string.h>

#define PAST_MAX 256        /* earlier entries of the goods of one sale */
#define LOOKUPS_MAX 4096    /* of a batch: a till whose every sale is wrong gets no more */
#define TRIES_MAX 64        /* of a sale */
#define STATE_NOW INT64_MAX /* the catalogue as it is */

/* What a product was, for a catalogue that ends before entry `until` of the log that goes down. */
struct past_entry {
    uint64_t product;
    int64_t until;
    size_t n;
    uint32_t category[CF_LINE_CATEGORIES_MAX];
};
struct cf_catalogue_past {
    uint32_t store;
    size_t lookups; /* in this batch */
    size_t n;
    struct past_entry entry[PAST_MAX]; /* of this sale; of one product the newest first */
    size_t n_states;
    int64_t state[PAST_MAX + 1]; /* that its goods have been through, the newest first; each the last entry it has */
};

enum cf_rc cf_catalogue_past_new(struct cf_catalogue_past **ret, struct cf_error *err)
{
    struct cf_catalogue_past *past = calloc(1, sizeof *past);
    if (past == NULL) {
        return cf_fail(err, CF_E_NO_MEMORY, "catalogue");
    }
    *ret = past;
    return CF_OK;
}

void cf_catalogue_past_free(struct cf_catalogue_past *past)
{
    free(past);
}

void cf_catalogue_past_begin(struct cf_catalogue_past *past, uint32_t store)
{
    past->store = store;
    past->lookups = 0;
}

/* --- what the goods were ------------------------------------------------------------------------------------------ */

struct collecting {
    struct cf_catalogue_past *past;
    uint64_t product;
};

static enum cf_rc collect(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct collecting *collecting = ctx;
    struct cf_catalogue_past *past = collecting->past;
    struct cf_down_entry entry;
    (void)err;
    if (past->n == PAST_MAX || cf_down_decode(row[1].b, &entry, NULL) != CF_OK || entry.kind != CF_DOWN_PRODUCT) {
        return CF_OK;
    }
    struct past_entry *e = &past->entry[past->n++];
    *e = (struct past_entry){.product = collecting->product, .until = row[0].i, .n = entry.product.n_categories};
    memcpy(e->category, entry.product.categories, sizeof e->category);
    return CF_OK;
}

static bool is_collected(const struct cf_sale *sale, size_t line)
{
    for (size_t i = 0; i < line; i++) {
        if (sale->lines[i].product == sale->lines[line].product) {
            return true;
        }
    }
    return false;
}

static int newest_first(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

static enum cf_rc read_past(struct cf_central *central, struct cf_catalogue_past *past, const struct cf_sale *sale,
                            struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    past->n = 0;
    for (size_t i = 0; i < sale->n_lines && past->lookups < LOOKUPS_MAX && rc == CF_OK; i++) {
        if (is_collected(sale, i)) {
            continue;
        }
        struct collecting collecting = {past, sale->lines[i].product};
        past->lookups++;
        rc = cf_store_each(central->store, CF_Q_PRODUCT_WAS,
                           CF_ARGS(cf_v_int(past->store), cf_v_int((int64_t)collecting.product)), collect, &collecting,
                           err);
    }
    past->n_states = 0;
    past->state[past->n_states++] = STATE_NOW;
    for (size_t i = 0; i < past->n; i++) {
        past->state[past->n_states++] = past->entry[i].until - 1;
    }
    qsort(past->state, past->n_states, sizeof *past->state, newest_first);
    size_t n = 1;
    for (size_t i = 1; i < past->n_states; i++) {
        if (past->state[i] != past->state[n - 1]) {
            past->state[n++] = past->state[i];
        }
    }
    past->n_states = n;
    return rc;
}

/* --- trying ------------------------------------------------------------------------------------------------------- */

/* The goods of a sale in scan order: the first lines by one state of the catalogue, the rest by the next newer one. */
struct reading {
    const struct cf_catalogue_past *past;
    const struct cf_sale_lookup *now;
    size_t line; /* that is asked for next: a sale is priced again in the order of its lines */
    size_t first_lines;
    int64_t first, rest;
};

static bool categories_then(void *ctx, uint64_t product, uint32_t *ret, size_t max, size_t *ret_n)
{
    struct reading *reading = ctx;
    int64_t state = reading->line++ < reading->first_lines ? reading->first : reading->rest;
    const struct past_entry *found = NULL;
    for (size_t i = 0; i < reading->past->n; i++) {
        const struct past_entry *e = &reading->past->entry[i];
        if (e->product == product && e->until > state && (found == NULL || e->until < found->until)) {
            found = e;
        }
    }
    if (found == NULL) {
        return reading->now->categories(reading->now->ctx, product, ret, max, ret_n);
    }
    *ret_n = found->n < max ? found->n : max;
    memcpy(ret, found->category, *ret_n * sizeof *ret);
    return true;
}

static const struct cf_campaign *campaign_then(void *ctx, uint32_t campaign, uint32_t version)
{
    const struct reading *reading = ctx;
    return reading->now->campaign(reading->now->ctx, campaign, version);
}

enum cf_rc cf_catalogue_past_rejudge(struct cf_central *central, struct cf_catalogue_past *past,
                                     const struct cf_sale *sale, cf_wall at, const struct cf_sale_lookup *now,
                                     struct cf_cart *cart, struct cf_priced *priced, enum cf_rc *ret_what,
                                     struct cf_error *err)
{
    enum cf_rc rc = read_past(central, past, sale, err);
    size_t tries = 0;
    if (rc != CF_OK) {
        return rc;
    }
    /* First each state for all lines, then a catalogue that moved on in the middle of the sale. */
    for (size_t moved = 0; moved < 2; moved++) {
        for (size_t i = 1; i < past->n_states; i++) {
            for (size_t k = moved == 0 ? sale->n_lines : 1; k + moved <= sale->n_lines; k++) {
                struct reading reading = {
                    .past = past, .now = now, .first_lines = k, .first = past->state[i], .rest = past->state[i - 1]};
                const struct cf_sale_lookup lookup = {&reading, categories_then, campaign_then};
                if (++tries > TRIES_MAX) {
                    return CF_OK;
                }
                if (cf_sale_rejudge(sale, at, &lookup, cart, priced, NULL) == CF_OK) {
                    *ret_what = CF_OK;
                    return CF_OK;
                }
            }
        }
    }
    return CF_OK;
}
