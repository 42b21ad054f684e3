/*
 * app/core/promotion_fields.h - the single numbers of a promotion as a table: name, range, and number in CBOR.
 *
 * What checks, encodes, or reads a promotion from JSON walks it, so that a new number is one row. Only fields whose
 * zero is the default; lists and the first sixteen fields have code of their own. Data only.
 */
#ifndef CF_CORE_PROMOTION_FIELDS_H
#define CF_CORE_PROMOTION_FIELDS_H

#include "app/core/promotion.h"

enum cf_promotion_type {
    CF_FIELD_BOOL,
    CF_FIELD_U32,
    CF_FIELD_I64,
    CF_FIELD_WORD, /* an enum: one of `words`, 0 the first */
};
#define CF_FIELD_WORDS_MAX 5
struct cf_promotion_field {
    uint8_t key; /* in the CBOR map of a promotion, ascending; never reused */
    const char *name;
    enum cf_promotion_type type;
    size_t offset; /* in struct cf_promotion */
    int64_t max;   /* 0..max */
    const char *words[CF_FIELD_WORDS_MAX];
};
extern const struct cf_promotion_field cf_promotion_fields[];
extern const size_t cf_promotion_n_fields;
/* NULL if there is none. */
const struct cf_promotion_field *cf_promotion_field_named(const char *name);

/* A field's value; a bool is 0 or 1. */
int64_t cf_promotion_get(const struct cf_promotion *promotion, const struct cf_promotion_field *field);
/* value in 0..max (asserted). */
void cf_promotion_set(struct cf_promotion *promotion, const struct cf_promotion_field *field, int64_t value);

/* --- which figures mean something for a kind: a document that gives another is refused -----------------------------
 */

struct cf_promotion_figure {
    const char *name;
    unsigned kinds;      /* 1 << enum cf_reward_kind, or-ed */
    const char *instead; /* what other kinds take */
};
extern const struct cf_promotion_figure cf_promotion_figures[];
extern const size_t cf_promotion_n_figures;

#endif
