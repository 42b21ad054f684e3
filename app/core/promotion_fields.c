/*
 * app/core/promotion_fields.c - see promotion_fields.h. Pure; thread-safe.
 */
#include "app/core/promotion_fields.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define AT(field) offsetof(struct cf_promotion, field)
#define U32 CF_FIELD_U32
#define I64 CF_FIELD_I64
#define BOOL CF_FIELD_BOOL
#define WORD CF_FIELD_WORD

/* Keys 1 to 9 are the lists': see promotion.c. */
const struct cf_promotion_field cf_promotion_fields[] = {
    {10, "off", WORD, AT(off), 2, {"percent", "amount", "price"}},
    {11, "covers", WORD, AT(covers), 2, {"goods", "delivery", "both"}},
    {12, "buy_qty", U32, AT(buy_qty), CF_GROUP_QTY_MAX, {0}},
    {13, "buy_minor", I64, AT(buy_minor), CF_PRICE_MINOR_MAX, {0}},
    {14, "get_qty", U32, AT(get_qty), CF_GROUP_QTY_MAX, {0}},
    {15, "group_qty", U32, AT(group_qty), CF_GROUP_QTY_MAX, {0}},
    {16, "max_times", U32, AT(max_times), UINT32_MAX, {0}},
    {17, "max_units", U32, AT(max_units), UINT32_MAX, {0}},
    {18, "max_units_by_line", BOOL, AT(max_units_by_line), 1, {0}},
    {19, "unit_step", U32, AT(unit_step), CF_GROUP_QTY_MAX, {0}},
    {20, "first_minor", I64, AT(first_minor), CF_PRICE_MINOR_MAX, {0}},
    {21, "tier_by", WORD, AT(tier_by), 1, {"spend", "quantity"}},
    {22, "tier_by_line", BOOL, AT(tier_by_line), 1, {0}},
    {23, "on_gross", BOOL, AT(on_gross), 1, {0}},
    {24, "points_bp", U32, AT(points_bp), 1000000, {0}},
    {25, "points_more", U32, AT(points_more), 1000000000, {0}},
    {26, "issue_campaign", U32, AT(issue_campaign), UINT32_MAX, {0}},
    {27, "free_delivery", BOOL, AT(free_delivery), 1, {0}},
    {28, "unit_min_minor", I64, AT(unit_min_minor), CF_PRICE_MINOR_MAX, {0}},
    {29, "unit_max_minor", I64, AT(unit_max_minor), CF_PRICE_MINOR_MAX, {0}},
    {30, "get_nth", U32, AT(get_nth), CF_GROUP_QTY_MAX, {0}},
    {31, "skip_units", U32, AT(skip_units), CF_GROUP_QTY_MAX, {0}},

    {40, "min_over", WORD, AT(min_over), 2, {"covered", "all", "buy"}},
    {41, "min_after", BOOL, AT(min_after), 1, {0}},
    {42, "min_tax", WORD, AT(min_tax), 2, {"as_priced", "with", "without"}},
    {43, "max_spend_minor", I64, AT(max_spend_minor), CF_PRICE_MINOR_MAX, {0}},
    {44, "max_qty_milli", I64, AT(max_qty_milli), CF_QTY_MILLI_MAX, {0}},
    {45, "tiers_mask", U32, AT(tiers_mask), 0x3FF, {0}},
    {46, "members_only", BOOL, AT(members_only), 1, {0}},
    {47, "guests_only", BOOL, AT(guests_only), 1, {0}},
    {48, "first_purchase", BOOL, AT(first_purchase), 1, {0}},
    {49, "visit_nth", U32, AT(visit_nth), 1000000, {0}},
    {50, "visit_every", BOOL, AT(visit_every), 1, {0}},
    {51, "birthday", BOOL, AT(birthday), 1, {0}},
    {52, "birthday_before_days", U32, AT(birthday_before_days), 180, {0}},
    {53, "birthday_after_days", U32, AT(birthday_after_days), 180, {0}},
    {54, "weekdays", U32, AT(weekdays), 0x7F, {0}},
    {55, "channels", U32, AT(channels), UINT32_MAX, {0}},
    {56, "tenders", U32, AT(tenders), UINT32_MAX, {0}},
    {57, "with_campaign", U32, AT(with_campaign), UINT32_MAX, {0}},
    {58, "skip_reduced", BOOL, AT(skip_reduced), 1, {0}},
    {59, "skip_discounted", BOOL, AT(skip_discounted), 1, {0}},
    {60, "buy_each", BOOL, AT(buy_each), 1, {0}},

    {70, "choose", WORD, AT(choose), 1, {"order", "best"}},
    {71, "group", U32, AT(group), UINT32_MAX, {0}},
    {72, "last", BOOL, AT(last), 1, {0}},
    {73, "exclusive_how", WORD, AT(exclusive_how), 1, {"in_order", "over_all"}},

    {80, "rounding", WORD, AT(rounding), 3, {"kind", "unit", "line", "order"}},
    {81, "round_to", WORD, AT(round_to), 2, {"nearest", "down", "up"}},
    {82, "share", WORD, AT(share), 2, {"remainder", "last", "first"}},
    {83, "rank_tax", WORD, AT(rank_tax), 2, {"as_priced", "with", "without"}},
    {84, "pick", WORD, AT(pick), 1, {"cheapest", "dearest"}},
    {85, "gather", WORD, AT(gather), 1, {"dearest", "cheapest"}},
    {86, "pick_across", BOOL, AT(pick_across), 1, {0}},
    {87, "by_line", BOOL, AT(by_line), 1, {0}},
    {88, "partial", BOOL, AT(partial), 1, {0}},
    {89, "ties", WORD, AT(ties), 1, {"first", "last"}},
    {90, "claims", BOOL, AT(claims), 1, {0}},
};
const size_t cf_promotion_n_fields = sizeof cf_promotion_fields / sizeof *cf_promotion_fields;

static_assert(sizeof(enum cf_off) == sizeof(uint32_t), "an enum is stored as a number of 32 bits");

const struct cf_promotion_field *cf_promotion_field_named(const char *name)
{
    for (size_t i = 0; i < cf_promotion_n_fields; i++)
        if (strcmp(cf_promotion_fields[i].name, name) == 0)
            return &cf_promotion_fields[i];
    return NULL;
}

int64_t cf_promotion_get(const struct cf_promotion *promotion, const struct cf_promotion_field *field)
{
    const uint8_t *at = (const uint8_t *)promotion + field->offset;
    uint32_t u32;
    int64_t i64;
    bool b;
    switch (field->type) {
    case CF_FIELD_BOOL:
        memcpy(&b, at, sizeof b);
        return b;
    case CF_FIELD_I64:
        memcpy(&i64, at, sizeof i64);
        return i64;
    case CF_FIELD_U32:
    case CF_FIELD_WORD:
        break;
    }
    memcpy(&u32, at, sizeof u32);
    return u32;
}

void cf_promotion_set(struct cf_promotion *promotion, const struct cf_promotion_field *field, int64_t value)
{
    uint8_t *at = (uint8_t *)promotion + field->offset;
    assert(value >= 0 && value <= field->max);
    uint32_t u32 = (uint32_t)value;
    bool b = value != 0;
    switch (field->type) {
    case CF_FIELD_BOOL:
        memcpy(at, &b, sizeof b);
        return;
    case CF_FIELD_I64:
        memcpy(at, &value, sizeof value);
        return;
    case CF_FIELD_U32:
    case CF_FIELD_WORD:
        memcpy(at, &u32, sizeof u32);
        return;
    }
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

#define KIND(kind) (1u << CF_REWARD_##kind)
#define BY_UNITS (KIND(LINE_PERCENT) | KIND(UNIT_AMOUNT) | KIND(UNIT_PRICE))
#define BY_UNITS_INSTEAD "another kind: line_percent, unit_amount or unit_price"
const struct cf_promotion_figure cf_promotion_figures[] = {
    {"percent_bp", KIND(ORDER_PERCENT) | KIND(LINE_PERCENT) | KIND(BUY_GET) | KIND(GROUP) | KIND(BUNDLE), "an amount"},
    {"amount_minor",
     KIND(ORDER_AMOUNT) | KIND(UNIT_AMOUNT) | KIND(LINE_AMOUNT) | KIND(UNIT_PRICE) | KIND(BUY_GET) | KIND(GROUP) |
         KIND(BUNDLE),
     "a percentage"},
    {"off", KIND(BUY_GET) | KIND(GROUP) | KIND(BUNDLE) | KIND(TIERED) | KIND(ORDER_AMOUNT), "its own figure"},
    {"buy_qty", KIND(BUY_GET) | KIND(GIFT), "another kind: buy_get or gift"},
    {"buy_minor", KIND(BUY_GET) | KIND(GIFT), "another kind: buy_get or gift"},
    {"get_qty", KIND(BUY_GET) | KIND(GROUP) | KIND(GIFT), "another kind: buy_get, group or gift"},
    {"group_qty", KIND(GROUP), "another kind: group"},
    {"get_nth", KIND(GROUP), "another kind: group"},
    {"slots", KIND(BUNDLE), "another kind: bundle"},
    {"tiers", KIND(TIERED), "another kind: tiered"},
    {"tier_by", KIND(TIERED), "another kind: tiered"},
    {"tier_by_line", KIND(TIERED), "another kind: tiered"},
    {"first_minor", KIND(UNIT_AMOUNT), "another kind: unit_amount"},
    {"skip_units", KIND(UNIT_AMOUNT), "another kind: unit_amount"},
    {"max_units", BY_UNITS | KIND(GROUP), BY_UNITS_INSTEAD},
    {"max_units_by_line", BY_UNITS, BY_UNITS_INSTEAD},
    {"unit_step", BY_UNITS, BY_UNITS_INSTEAD},
    {"max_times", KIND(BUY_GET) | KIND(GROUP) | KIND(BUNDLE) | KIND(GIFT), "max_discount_minor"},
};
const size_t cf_promotion_n_figures = sizeof cf_promotion_figures / sizeof *cf_promotion_figures;
