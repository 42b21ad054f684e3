/*
 * app/cli/price_promotion.c - one promotion of a case of `counterfoil price`: words of shops into the core's fields.
 *
 * The types are a table, and so are the fields that go straight into a field of the core. What a type does not take is
 * refused by name. Which goods it is about is price_goods.c's, when and for whom it
 * applies price_terms.c's.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/cli/price_job.h"
#include "app/core/promotion_fields.h"
#include "base/text.h"

#define KIND(kind) (1u << CF_REWARD_##kind)
#define BY_UNITS (KIND(LINE_PERCENT) | KIND(UNIT_AMOUNT) | KIND(UNIT_PRICE))
#define PICKS (KIND(BUY_GET) | KIND(GROUP) | KIND(GIFT) | BY_UNITS)
#define GATHERS (KIND(GROUP) | KIND(BUNDLE))
#define TIMES (KIND(BUY_GET) | KIND(GROUP) | KIND(BUNDLE) | KIND(GIFT))
#define GROUPS (KIND(GROUP) | KIND(BUY_GET))

/* --- types -------------------------------------------------------------------------------------------------------- */

/* What a type stands for, before its other fields. */
struct price_type {
    const char *name;
    enum cf_reward_kind kind;
    enum cf_off off;
    enum cf_covers covers;
    uint32_t percent_bp; /* if the type says it all */
    uint32_t max_units;
    uint32_t get_qty;
    bool dearest;
    bool to_percent; /* "percent" is what is paid */
    bool by_line;    /* tiers and limits are of each line */
    bool catalog;    /* what it takes off is off the shelf price */
    enum cf_tier_by tier_by;
    enum cf_rounding rounding;
};

#define ORDER_PERCENT .kind = CF_REWARD_ORDER_PERCENT
#define ORDER_AMOUNT .kind = CF_REWARD_ORDER_AMOUNT
#define LINE_PERCENT .kind = CF_REWARD_LINE_PERCENT
#define UNIT_PERCENT .kind = CF_REWARD_LINE_PERCENT, .rounding = CF_ROUNDING_UNIT
#define LINE_AMOUNT .kind = CF_REWARD_LINE_AMOUNT
#define UNIT_AMOUNT .kind = CF_REWARD_UNIT_AMOUNT
#define UNIT_PRICE .kind = CF_REWARD_UNIT_PRICE
#define BUY_GET .kind = CF_REWARD_BUY_GET
#define GROUP .kind = CF_REWARD_GROUP
#define BUNDLE .kind = CF_REWARD_BUNDLE
#define TIERED .kind = CF_REWARD_TIERED
#define AMOUNT .off = CF_OFF_AMOUNT
#define PRICE .off = CF_OFF_PRICE
#define FREE .percent_bp = 10000
#define DELIVERY .covers = CF_COVERS_DELIVERY
#define BY_QTY .tier_by = CF_TIER_BY_QTY
static const struct price_type types[] = {
    {"order_fixed", ORDER_AMOUNT},
    {"order_amount", ORDER_AMOUNT},
    {"cart_fixed", ORDER_AMOUNT},
    {"order_percent", ORDER_PERCENT},
    {"order_percentage", ORDER_PERCENT},
    {"cart_percent", ORDER_PERCENT},
    {"order_free", ORDER_PERCENT, FREE},
    {"order_percent_capped", ORDER_PERCENT},
    {"percent_with_cap", ORDER_PERCENT},
    {"order_flat", ORDER_AMOUNT},
    {"free_order", ORDER_PERCENT, FREE},
    {"order_price", ORDER_AMOUNT, PRICE},
    {"order_fixed_price", ORDER_AMOUNT, PRICE},
    {"cart_fixed_price", ORDER_AMOUNT, PRICE},
    {"cart_price", ORDER_AMOUNT, PRICE},
    {"order_total", ORDER_AMOUNT, PRICE},
    {"order_fixed_total", ORDER_AMOUNT, PRICE},
    {"line_percent", LINE_PERCENT},
    {"line_percentage", LINE_PERCENT},
    {"product_percent", LINE_PERCENT},
    {"item_percent", LINE_PERCENT},
    {"category_percent", LINE_PERCENT},
    {"line_free", LINE_PERCENT, FREE},
    {"line_to_percent", LINE_PERCENT, .to_percent = true},
    {"to_percent", LINE_PERCENT, .to_percent = true},
    {"unit_percent", UNIT_PERCENT},
    {"line_percent_per_unit", UNIT_PERCENT},
    {"line_fixed", LINE_AMOUNT},
    {"line_amount", LINE_AMOUNT},
    {"line_fixed_per_line", LINE_AMOUNT},
    {"line_flat", LINE_AMOUNT},
    {"line_fixed_per_unit", UNIT_AMOUNT},
    {"line_amount_per_unit", UNIT_AMOUNT},
    {"product_fixed", UNIT_AMOUNT},
    {"item_fixed", UNIT_AMOUNT},
    {"unit_fixed", UNIT_AMOUNT},
    {"unit_amount", UNIT_AMOUNT},
    {"flexi_rate", UNIT_AMOUNT, .by_line = true},
    {"flexi", UNIT_AMOUNT, .by_line = true},
    {"line_flexi", UNIT_AMOUNT, .by_line = true},
    {"line_flexi_rate", UNIT_AMOUNT, .by_line = true},
    {"fixed_price", UNIT_PRICE},
    {"unit_price", UNIT_PRICE},
    {"to_fixed", UNIT_PRICE},
    {"line_fixed_price", UNIT_PRICE},
    {"line_price", UNIT_PRICE},
    {"line_unit_price", UNIT_PRICE},
    {"unit_fixed_price", UNIT_PRICE},
    {"line_set_price", UNIT_PRICE},
    {"fixed_unit_price", UNIT_PRICE},
    {"line_fixed_unit_price", UNIT_PRICE},
    {"buy_x_get_y", BUY_GET},
    {"buy_x_get_x", BUY_GET},
    {"buy_get", BUY_GET},
    {"buyget", BUY_GET},
    {"group", GROUP},
    {"group_price", GROUP, PRICE},
    {"group_percent", GROUP},
    {"group_fixed", GROUP, AMOUNT},
    {"group_nth", GROUP, .get_qty = 1},
    {"group_pick", GROUP, .get_qty = 1},
    {"group_nth_percent", GROUP, .get_qty = 1},
    {"nth_of_group", GROUP, .get_qty = 1},
    {"n_for_m", GROUP, FREE},
    {"x_for_y", GROUP, FREE},
    {"n_for_price", GROUP, PRICE},
    {"nth", GROUP, .get_qty = 1},
    {"nth_unit", GROUP, .get_qty = 1},
    {"nth_percent", GROUP, .get_qty = 1},
    {"nth_unit_percent", GROUP, .get_qty = 1},
    {"nth_fixed", GROUP, AMOUNT, .get_qty = 1},
    {"nth_price", GROUP, PRICE, .get_qty = 1},
    {"nth_free", GROUP, FREE, .get_qty = 1},
    {"bundle", BUNDLE},
    {"bundle_price", BUNDLE, PRICE},
    {"mix_and_match", BUNDLE},
    {"tier_percent", TIERED},
    {"tiered_percent", TIERED},
    {"order_tier_percent", TIERED},
    {"tier_percent_by_quantity", TIERED, BY_QTY},
    {"tier_percent_quantity", TIERED, BY_QTY},
    {"tier_quantity_percent", TIERED, BY_QTY},
    {"quantity_tier_percent", TIERED, BY_QTY},
    {"tier_percent_on_quantity", TIERED, BY_QTY},
    {"line_tier_percent", TIERED, .by_line = true},
    {"tier_percent_by_line", TIERED, .by_line = true},
    {"tier_quantity", TIERED, BY_QTY},
    {"tier_fixed", TIERED, AMOUNT},
    {"tier_amount", TIERED, AMOUNT},
    {"tier_flat", TIERED, AMOUNT},
    {"tiered_fixed", TIERED, AMOUNT},
    {"tiered_flat", TIERED, AMOUNT},
    {"tier_flat_rate", TIERED, AMOUNT},
    {"tier_order_fixed", TIERED, AMOUNT},
    {"tier_price", TIERED, PRICE, BY_QTY, .by_line = true},
    {"quantity_price", TIERED, PRICE, BY_QTY, .by_line = true},
    {"cheapest_percent", LINE_PERCENT, .max_units = 1},
    {"cheapest_free", LINE_PERCENT, FREE, .max_units = 1},
    {"cheapest_fixed", UNIT_AMOUNT, .max_units = 1},
    {"cheapest_unit_percent", LINE_PERCENT, .max_units = 1},
    {"cheapest_line_percent", LINE_PERCENT, .max_units = 1},
    {"cheapest_item_percent", LINE_PERCENT, .max_units = 1},
    {"cheapest_unit_fixed", UNIT_AMOUNT, .max_units = 1},
    {"cheapest_unit_free", LINE_PERCENT, FREE, .max_units = 1},
    {"dearest_percent", LINE_PERCENT, .max_units = 1, .dearest = true},
    {"dearest_free", LINE_PERCENT, FREE, .max_units = 1, .dearest = true},
    {"dearest_fixed", UNIT_AMOUNT, .max_units = 1, .dearest = true},
    {"shipping_percent", ORDER_PERCENT, DELIVERY},
    {"shipping_fixed", ORDER_AMOUNT, DELIVERY},
    {"shipping_price", ORDER_AMOUNT, PRICE, DELIVERY},
    {"shipping_fixed_price", ORDER_AMOUNT, PRICE, DELIVERY},
    {"free_shipping", ORDER_PERCENT, DELIVERY, FREE},
    {"shipping_free", ORDER_PERCENT, DELIVERY, FREE},
    {"delivery_percent", ORDER_PERCENT, DELIVERY},
    {"delivery_fixed", ORDER_AMOUNT, DELIVERY},
    {"delivery_price", ORDER_AMOUNT, PRICE, DELIVERY},
    {"free_delivery", ORDER_PERCENT, DELIVERY, FREE},
    {"free_gift", .kind = CF_REWARD_GIFT},
    {"gift", .kind = CF_REWARD_GIFT},
    {"free_product", .kind = CF_REWARD_GIFT},
    {"member_price", .kind = CF_REWARD_MEMBER_PRICE},
    {"points", .kind = CF_REWARD_EFFECT},
    {"effect", .kind = CF_REWARD_EFFECT},
    {"line_to_fixed", UNIT_PRICE},
    {"line_to_price", UNIT_PRICE},
    {"by_fixed", UNIT_AMOUNT},
    {"by_percent", LINE_PERCENT},
    {"buy_x_get_y_free", BUY_GET},
    {"buy_x_get_y_percent", BUY_GET},
    {"bogo", BUY_GET},
    {"set", GROUP},
    {"set_group", GROUP},
    {"set_percent", GROUP},
    {"set_fixed", GROUP, AMOUNT},
    {"set_price", GROUP, PRICE},
    {"package", GROUP},
    {"package_price", GROUP, PRICE},
    {"group_fixed_price", GROUP, PRICE},
    {"group_unit_price", GROUP, PRICE},
    {"group_nth_free", GROUP, FREE, .get_qty = 1},
    {"group_free", GROUP, FREE},
    {"fixed_total", ORDER_AMOUNT, PRICE},
    {"order_total_price", ORDER_AMOUNT, PRICE},
    {"order_tier_fixed", TIERED, AMOUNT},
    {"tier_percent_qty", TIERED, BY_QTY},
    {"tier_fixed_by_quantity", TIERED, AMOUNT, BY_QTY},
    {"line_fixed_flexi", UNIT_AMOUNT, .by_line = true},
    {"line_fixed_flexible", UNIT_AMOUNT, .by_line = true},
    {"first_and_additional", UNIT_AMOUNT, .by_line = true},
    {"line_fixed_first_additional", UNIT_AMOUNT, .by_line = true},
    {"line_percent_cheapest", LINE_PERCENT, .max_units = 1},
    {"order_cheapest_percent", LINE_PERCENT, .max_units = 1},
    {"free_item", .kind = CF_REWARD_GIFT},
    {"free_unit", .kind = CF_REWARD_GIFT},
    {"points_multiplier", .kind = CF_REWARD_EFFECT},
    {"catalog_percent", LINE_PERCENT, .catalog = true},
    {"catalog_fixed", UNIT_AMOUNT, .catalog = true},
};

static enum cf_rc read_type(json_t *open, struct cf_promotion *p, const struct price_type **ret, struct cf_error *err)
{
    const char *name = NULL;
    enum cf_rc rc = price_take_text(open, "type", &name, err);
    if (rc == CF_OK && !name)
        rc = cf_fail(err, CF_E_JSON_TYPE, "a promotion has no type");
    if (rc != CF_OK)
        return rc;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const struct price_type *t = &types[i];
        if (strcmp(t->name, name) != 0)
            continue;
        p->kind = t->kind;
        p->off = t->off;
        p->covers = t->covers;
        p->percent_bp = t->percent_bp;
        p->max_units = t->max_units;
        p->get_qty = t->get_qty;
        p->pick = t->dearest ? CF_PICK_DEAREST : CF_PICK_CHEAPEST;
        p->tier_by = t->tier_by;
        p->tier_by_line = t->by_line && t->kind == CF_REWARD_TIERED;
        p->max_units_by_line = t->by_line && t->kind == CF_REWARD_UNIT_AMOUNT;
        p->rounding = t->rounding;
        *ret = t;
        return CF_OK;
    }
    return cf_fail(err, CF_E_UNSUPPORTED, "promotions of type %s", name);
}

/* --- fields that are a row ---------------------------------------------------------------------------------------- */

static const struct {
    const char *key, *field;
    int64_t scale; /* of what JSON says: 1000 for quantities in thousandths */
} numbers[] = {
    {"buy_quantity", "buy_qty", 1},
    {"buy_amount", "buy_minor", 1},
    {"get_quantity", "get_qty", 1},
    {"group_size", "group_qty", 1},
    {"position", "get_nth", 1},
    {"max_groups", "max_times", 1},
    {"max_quantity", "max_units", 1},
    {"step", "unit_step", 1},
    {"first_amount", "first_minor", 1},
    {"price_min", "unit_min_minor", 1},
    {"price_max", "unit_max_minor", 1},
    {"max_total", "max_spend_minor", 1},
    {"max_order_quantity", "max_qty_milli", 1000},
    {"nth_order", "visit_nth", 1},
    {"birthday_before_days", "birthday_before_days", 1},
    {"birthday_after_days", "birthday_after_days", 1},
    {"points_more", "points_more", 1},
    {"points_multiplier", "points_bp", 10000},
};
static const struct {
    const char *key, *field;
} flags[] = {
    {"max_units_by_line", "max_units_by_line"},
    {"on_original", "on_gross"},
    {"tier_by_line", "tier_by_line"},
    {"per_line", "by_line"},
    {"across_groups", "pick_across"},
    {"partial", "partial"},
    {"claims", "claims"},
    {"min_after", "min_after"},
    {"stop", "last"},
    {"first_order", "first_purchase"},
    {"every_nth", "visit_every"},
    {"birthday", "birthday"},
    {"members_only", "members_only"},
    {"guests_only", "guests_only"},
    {"free_delivery", "free_delivery"},
};
/* One of the field's words, or another word for it. */
static const struct {
    const char *key, *field;
} words[] = {
    {"pick", "pick"},         {"gather", "gather"},   {"rounding", "rounding"}, {"round_to", "round_to"},
    {"rank_tax", "rank_tax"}, {"min_tax", "min_tax"}, {"min_over", "min_over"}, {"ties", "ties"},
    {"tier_by", "tier_by"},   {"covers", "covers"},   {"choose", "choose"},
};

static enum cf_rc set_word(struct cf_promotion *p, const char *key, const char *field, const char *word,
                           struct cf_error *err)
{
    const struct cf_promotion_field *f = cf_promotion_field_named(field);
    const char *const either[] = {word, price_word_of(word)};
    for (unsigned pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i <= f->max; i++)
            if (strcmp(f->words[i], either[pass]) == 0) {
                cf_promotion_set(p, f, i);
                return CF_OK;
            }
    return cf_fail(err, CF_E_UNSUPPORTED, "a promotion with \"%s\": \"%s\"", key, word);
}

static bool is_all(const json_t *value)
{
    return json_is_string(value) && strcasecmp(json_string_value(value), "all") == 0;
}

/* A number, or one that is written as a text: Shopware's keys are. */
static enum cf_rc read_number(const json_t *value, const char *key, int64_t scale, int64_t *ret, struct cf_error *err)
{
    const char *text = json_string_value(value);
    if (!text)
        return price_scaled(value, key, scale, ret, err);
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 9 || text[n] != '\0')
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not a number", key);
    *ret = strtoll(text, NULL, 10) * scale;
    return CF_OK;
}

static enum cf_rc read_numbers(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; rc == CF_OK && i < sizeof numbers / sizeof *numbers; i++) {
        const struct cf_promotion_field *f = cf_promotion_field_named(numbers[i].field);
        const json_t *number = price_take(open, numbers[i].key);
        int64_t value = 0;
        if (!number || is_all(number))
            continue;
        rc = read_number(number, numbers[i].key, numbers[i].scale, &value, err);
        if (rc == CF_OK && (value < 0 || value > f->max))
            rc = cf_fail(err, CF_E_RANGE, "%s is not in 0..%lld", numbers[i].key,
                         (long long)(f->max / numbers[i].scale));
        if (rc == CF_OK)
            cf_promotion_set(p, f, value);
    }
    return rc;
}

static enum cf_rc read_rows(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    enum cf_rc rc = read_numbers(open, p, err);
    for (size_t i = 0; rc == CF_OK && i < sizeof flags / sizeof *flags; i++) {
        const struct cf_promotion_field *f = cf_promotion_field_named(flags[i].field);
        bool value = cf_promotion_get(p, f) != 0;
        rc = price_take_bool(open, flags[i].key, value, &value, err);
        if (rc == CF_OK)
            cf_promotion_set(p, f, value);
    }
    for (size_t i = 0; rc == CF_OK && i < sizeof words / sizeof *words; i++) {
        const char *word = NULL;
        rc = price_take_text(open, words[i].key, &word, err);
        if (rc == CF_OK && word)
            rc = set_word(p, words[i].key, words[i].field, word, err);
        if (rc != CF_OK && word && strcmp(words[i].key, "rounding") == 0) /* "half_up" is to which side */
            rc = set_word(p, words[i].key, "round_to", word, err);
    }
    return rc;
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

static enum cf_rc read_percent(const json_t *value, const char *key, const struct price_type *type,
                               struct cf_promotion *p, struct cf_error *err)
{
    int64_t bp = 0;
    enum cf_rc rc = price_scaled(value, key, 100, &bp, err);
    if (rc == CF_OK && (bp < 0 || bp > 10000))
        rc = cf_fail(err, CF_E_RANGE, "%s is not in 0..100", key);
    p->percent_bp = (uint32_t)(type->to_percent ? 10000 - bp : bp);
    return rc;
}

/* What a type's plain "value" is. */
static const char *figure_of(const struct cf_promotion *p)
{
    if (p->kind == CF_REWARD_ORDER_PERCENT || p->kind == CF_REWARD_LINE_PERCENT)
        return "percent";
    if (p->kind == CF_REWARD_UNIT_PRICE || p->off == CF_OFF_PRICE)
        return "price";
    bool open = p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GROUP || p->kind == CF_REWARD_BUNDLE;
    return open && p->off == CF_OFF_PERCENT ? "percent" : "amount";
}

/* The figure of a kind that takes a percentage, an amount or a price: whichever is there says which. */
static enum cf_rc read_off(json_t *open, const struct price_type *type, struct cf_promotion *p, struct cf_error *err)
{
    static const struct {
        const char *key;
        enum cf_off off;
        bool each;
    } keys[] = {
        {"percent", CF_OFF_PERCENT, false},
        {"amount", CF_OFF_AMOUNT, false},
        {"price", CF_OFF_PRICE, false},
        {"unit_price", CF_OFF_PRICE, true},
        {"additional_amount", CF_OFF_AMOUNT, false},
    };
    bool is_open = p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GROUP || p->kind == CF_REWARD_BUNDLE;
    bool by_price = p->kind == CF_REWARD_UNIT_PRICE || p->off == CF_OFF_PRICE;
    const json_t *plain = price_take(open, "value");
    const char *found = NULL;
    enum cf_rc rc = CF_OK;
    if (p->kind == CF_REWARD_UNIT_AMOUNT && price_has(open, "amount") && price_has(open, "additional_amount"))
        rc = price_take_int(open, "amount", 0, &p->first_minor, err); /* then it is of the first piece */
    if (rc == CF_OK && p->first_minor < 0)
        rc = cf_fail(err, CF_E_RANGE, "amount is below zero");
    for (size_t i = 0; rc == CF_OK && i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = price_take(open, keys[i].key);
        if (!value && plain && strcmp(figure_of(p), keys[i].key) == 0)
            value = plain;
        if (!value)
            continue;
        if (found)
            return cf_fail(err, CF_E_RANGE, "%s and %s", found, keys[i].key);
        found = keys[i].key;
        if (!is_open && !by_price && keys[i].off == CF_OFF_PRICE)
            return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with \"%s\"", type->name, found);
        if (keys[i].off == CF_OFF_PERCENT)
            rc = read_percent(value, found, type, p, err);
        else
            rc = price_scaled(value, found, 1, &p->amount_minor, err);
        p->off = is_open ? keys[i].off : p->off;
        if (is_open && keys[i].off != CF_OFF_PERCENT)
            p->percent_bp = 0;
        if (keys[i].each && p->kind == CF_REWARD_GROUP && p->get_qty == 0)
            p->amount_minor *= p->group_qty;
    }
    return rc == CF_OK && plain && !found ? cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with \"value\"", type->name)
                                          : rc;
}

/* "take 3, pay 2", or so many of a group free. "nth" is the size of a group, or the place in it if that is given. */
static enum cf_rc read_group(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    const char *picker = NULL, *order = NULL;
    int64_t pay = -1, free_qty = -1, nth = 0;
    enum cf_rc rc = price_take_int(open, "pay", -1, &pay, err);
    if (rc == CF_OK)
        rc = price_take_int(open, "free_quantity", -1, &free_qty, err);
    const json_t *place = price_take(open, "nth");
    if (rc == CF_OK && place && !is_all(place))
        rc = read_number(place, "nth", 1, &nth, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "picker", &picker, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "group_pick", &order, err);
    if (rc != CF_OK)
        return rc;
    bool is_size = nth > 0 && p->group_qty == 0;
    int64_t n = is_size ? nth : p->group_qty;
    if (nth < 0 || n > CF_GROUP_QTY_MAX || nth > n || pay > n || free_qty > n)
        return cf_fail(err, CF_E_RANGE, "the size of a group");
    p->group_qty = (uint32_t)n;
    p->get_nth = nth > 0 && !is_size ? (uint32_t)nth : p->get_nth;
    if (pay >= 0)
        p->get_qty = (uint32_t)(n - pay);
    if (free_qty >= 0)
        p->get_qty = (uint32_t)free_qty;
    if (pay >= 0 || free_qty >= 0)
        p->percent_bp = 10000;
    if (order) /* which units make up the groups first, and, unless that is said apart, of a group which get it */
        rc = set_word(p, "group_pick", "gather", order, err);
    if (rc == CF_OK && order && !price_has(open, "pick"))
        rc = set_word(p, "group_pick", "pick", order, err);
    if (rc != CF_OK || !picker)
        return rc;
    p->pick_across = strcasecmp(price_word_of(picker), "horizontal") == 0;
    if (!p->pick_across && strcasecmp(price_word_of(picker), "vertical") != 0)
        return cf_fail(err, CF_E_UNSUPPORTED, "picker \"%s\": vertical or horizontal", picker);
    return CF_OK;
}

/*
 * Who gets it: as Medusa says it, an amount for each piece (at most so many of a line), over all of them together, or
 * for so many of the cheapest; else who takes odd cents.
 */
static enum cf_rc read_allocation(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    const char *word = NULL;
    enum cf_rc rc = price_take_text(open, "allocation", &word, err);
    if (rc != CF_OK || !word)
        return rc;
    bool each = strcasecmp(word, "each") == 0, once = strcasecmp(word, "once") == 0;
    if (strcasecmp(word, "across") == 0) {
        if (p->kind == CF_REWARD_LINE_AMOUNT || p->kind == CF_REWARD_UNIT_AMOUNT)
            p->kind = CF_REWARD_ORDER_AMOUNT;
        return CF_OK;
    }
    if (!each && !once)
        return set_word(p, "allocation", "share", word, err);
    if (p->kind == CF_REWARD_ORDER_PERCENT)
        p->kind = CF_REWARD_LINE_PERCENT;
    if (p->kind == CF_REWARD_ORDER_AMOUNT || p->kind == CF_REWARD_LINE_AMOUNT)
        p->kind = CF_REWARD_UNIT_AMOUNT;
    if (each)
        p->max_units_by_line = price_has(open, "max_quantity") && (BY_UNITS >> p->kind & 1) != 0;
    else if (!price_has(open, "max_quantity"))
        p->max_units = 1;
    return CF_OK;
}

/* Once on a sale: of what pieces get, one piece, the cheapest; of what is applied, one application. */
static enum cf_rc read_once(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    bool once = false, repeat = true;
    const char *target = NULL;
    enum cf_rc rc = price_take_bool(open, "once", false, &once, err);
    if (rc == CF_OK)
        rc = price_take_bool(open, "repeat", true, &repeat, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "target", &target, err);
    if (rc == CF_OK && target)
        rc = set_word(p, "target", "pick", target, err);
    if (rc != CF_OK || (!once && repeat && !target))
        return rc;
    if (p->kind == CF_REWARD_LINE_AMOUNT)
        p->kind = CF_REWARD_UNIT_AMOUNT;
    if ((BY_UNITS >> p->kind & 1) != 0)
        p->max_units = 1;
    else if ((TIMES >> p->kind & 1) != 0 && !target)
        p->max_times = 1;
    else
        return cf_fail(err, CF_E_UNSUPPORTED, "a promotion of this type with %s", target ? "target" : "once");
    return CF_OK;
}

/* How often it applies on a sale; of a group of which the nth pieces get it, to how many. */
static enum cf_rc read_times(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    const json_t *value = price_take(open, "max_applications");
    int64_t times = 0;
    enum cf_rc rc = value && !is_all(value) ? read_number(value, "max_applications", 1, &times, err) : CF_OK;
    if (rc != CF_OK || times == 0)
        return rc;
    if (times < 0 || times > UINT32_MAX / CF_GROUP_QTY_MAX)
        return cf_fail(err, CF_E_RANGE, "max_applications");
    if (p->kind == CF_REWARD_GROUP && p->pick_across && p->get_qty > 0)
        p->max_units = (uint32_t)times * p->get_qty;
    else
        p->max_times = (uint32_t)times;
    return CF_OK;
}

static enum cf_rc read_tier(const json_t *tier, const struct cf_promotion *p, struct cf_tier *ret, struct cf_error *err)
{
    int64_t from_scale = p->tier_by == CF_TIER_BY_QTY ? 1000 : 1, value_scale = p->off == CF_OFF_PERCENT ? 100 : 1;
    json_t *pair = NULL, *open = NULL;
    if (json_is_array(tier) && json_array_size(tier) == 2) {
        pair = json_pack("{s:O, s:O}", "from", json_array_get(tier, 0), "value", json_array_get(tier, 1));
        tier = pair;
    }
    enum cf_rc rc = price_open(tier, PRICE_WORDS_TIER, "a tier", &open, err);
    if (rc == CF_OK)
        rc = price_take_scaled(open, "from", from_scale, 0, &ret->from, err);
    if (rc == CF_OK)
        rc = price_take_scaled(open, "value", value_scale, 0, &ret->value, err);
    if (rc == CF_OK)
        rc = price_close(open, "a tier", err);
    json_decref(open);
    json_decref(pair);
    return rc;
}

/* {"2000": 15}: the bound is a field. */
static enum cf_rc read_bound(const char *bound, json_t *value, const struct cf_promotion *p, struct cf_tier *ret,
                             struct cf_error *err)
{
    char *end;
    long long from = strtoll(bound, &end, 10);
    if (end == bound || *end != '\0' || from < 0 || from > CF_PRICE_MINOR_MAX)
        return cf_fail(err, CF_E_RANGE, "tiers: \"%s\" is no bound", bound);
    json_t *pair = json_pack("[I, O]", (json_int_t)from, value);
    enum cf_rc rc = read_tier(pair, p, ret, err);
    json_decref(pair);
    return rc;
}

static enum cf_rc add_tier(struct cf_promotion *p, struct cf_tier one, struct cf_error *err)
{
    if (p->n_tiers == CF_TIERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "tiers: at most %d", CF_TIERS_MAX);
    size_t at = p->n_tiers++;
    for (; at > 0 && p->tiers[at - 1].from > one.from; at--) /* in any order */
        p->tiers[at] = p->tiers[at - 1];
    p->tiers[at] = one;
    return CF_OK;
}

/* Pairs of a bound that is included and what comes off from it on; by quantity if tier_by says so. */
static enum cf_rc read_tiers(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    size_t i;
    const json_t *tier, *list = price_take(open, "tiers");
    const char *bound;
    json_t *value;
    struct cf_tier base = {0};
    bool by_percent = p->off == CF_OFF_PERCENT;
    if (!json_is_array(list) && !json_is_object(list))
        return cf_fail(err, CF_E_JSON_TYPE, "tiers is not a list");
    enum cf_rc rc =
        price_take_scaled(open, by_percent ? "base_percent" : "base_amount", by_percent ? 100 : 1, 0, &base.value, err);
    if (rc == CF_OK && base.value != 0)
        rc = add_tier(p, base, err);
    json_object_foreach((json_t *)list, bound, value)
    {
        struct cf_tier one = {0};
        if (rc == CF_OK)
            rc = read_bound(bound, value, p, &one, err);
        if (rc == CF_OK)
            rc = add_tier(p, one, err);
    }
    json_array_foreach(list, i, tier)
    {
        struct cf_tier one = {0};
        if (rc == CF_OK)
            rc = read_tier(tier, p, &one, err);
        if (rc == CF_OK)
            rc = add_tier(p, one, err);
    }
    return rc;
}

/* So many pieces got are so many applications. */
static enum cf_rc limit_got(struct cf_promotion *p, struct cf_error *err)
{
    uint32_t get = p->get_qty > 0 ? p->get_qty : 1, times = p->max_units / get;
    if (p->kind != CF_REWARD_BUY_GET || p->max_units == 0)
        return CF_OK;
    if (p->max_units % get != 0)
        return cf_fail(err, CF_E_UNSUPPORTED, "max_quantity that is no multiple of get_quantity");
    p->max_units = 0;
    p->max_times = p->max_times == 0 || times < p->max_times ? times : p->max_times;
    return CF_OK;
}

/* An amount off the first piece of a line and another off the rest: either may be none. */
static void read_flexi(struct cf_promotion *p)
{
    if (p->first_minor == 0) {
        p->skip_units = 1;
    } else if (p->amount_minor == 0) {
        p->amount_minor = p->first_minor;
        p->first_minor = 0;
        p->max_units = 1;
    }
}

static enum cf_rc read_limits(json_t *open, struct cf_promotion *p, struct cf_error *err)
{
    int64_t per_line = 0;
    const json_t *range = price_take(open, "price_range"), *least, *most;
    enum cf_rc rc = price_take_int(open, "max_quantity_per_line", 0, &per_line, err);
    if (rc == CF_OK && (per_line < 0 || per_line > UINT32_MAX))
        rc = cf_fail(err, CF_E_RANGE, "max_quantity_per_line");
    if (rc == CF_OK && per_line > 0) {
        p->max_units = (uint32_t)per_line;
        p->max_units_by_line = true;
    }
    if (rc == CF_OK)
        rc = limit_got(p, err);
    if (rc != CF_OK || !range)
        return rc;
    least = json_is_object(range) ? json_object_get(range, "min") : json_array_get(range, 0);
    most = json_is_object(range) ? json_object_get(range, "max") : json_array_get(range, 1);
    if (json_is_object(range) ? json_object_size(range) != (size_t)(least != NULL) + (most != NULL)
                              : json_array_size(range) != 2)
        return cf_fail(err, CF_E_JSON_TYPE, "price_range is a pair");
    if (least && !json_is_null(least))
        rc = price_scaled(least, "price_range", 1, &p->unit_min_minor, err);
    return rc == CF_OK && most && !json_is_null(most) ? price_scaled(most, "price_range", 1, &p->unit_max_minor, err)
                                                      : rc;
}

/* Who says which pieces get it, of a reward that all get, would not be heard. */
static enum cf_rc check_picks(const json_t *open, const struct price_type *type, const struct cf_promotion *p,
                              struct cf_error *err)
{
    static const char *const limits[] = {"max_quantity", "max_quantity_per_line"};
    bool by_units = (BY_UNITS >> p->kind & 1) != 0, limited = p->max_units > 0;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        limited = limited || price_has(open, limits[i]);
    if (price_has(open, "pick") && ((PICKS >> p->kind & 1) == 0 || (by_units && !limited)))
        return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with pick%s", type->name,
                       by_units ? ", and no max_quantity" : "");
    if (price_has(open, "gather") && (GATHERS >> p->kind & 1) == 0)
        return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with gather", type->name);
    return CF_OK;
}

static enum cf_rc read_figures(json_t *open, const struct price_type *type, struct cf_promotion *p,
                               struct cf_error *err)
{
    bool claims = price_has(open, "claims"), picks = price_has(open, "pick");
    enum cf_rc rc = read_allocation(open, p, err);
    if (rc == CF_OK)
        rc = check_picks(open, type, p, err);
    if (rc == CF_OK)
        rc = read_rows(open, p, err);
    if (rc == CF_OK)
        rc = read_once(open, p, err);
    if (rc == CF_OK && p->kind == CF_REWARD_GROUP)
        rc = read_group(open, p, err);
    if (rc == CF_OK && p->kind == CF_REWARD_GROUP && p->get_qty == 0 && (picks || p->get_nth > 0))
        p->get_qty = 1; /* who says which piece means one */
    if (rc == CF_OK)
        rc = read_off(open, type, p, err);
    if (rc == CF_OK)
        rc = read_times(open, p, err);
    if (rc == CF_OK)
        rc = read_limits(open, p, err);
    if (rc == CF_OK && p->kind == CF_REWARD_UNIT_AMOUNT && type->by_line)
        read_flexi(p);
    if (rc == CF_OK && p->kind == CF_REWARD_TIERED)
        rc = read_tiers(open, p, err);
    if ((p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GIFT) && p->get_qty == 0)
        p->get_qty = 1;
    if (p->kind == CF_REWARD_BUY_GET && p->off == CF_OFF_PERCENT && p->percent_bp == 0)
        p->percent_bp = 10000; /* "get" alone is free */
    if (p->kind == CF_REWARD_BUY_GET && !claims)
        p->claims = true; /* a piece is bought once */
    return rc;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* House rules that only some kinds look at: elsewhere they would be passed over. */
static const struct {
    const char *name;
    unsigned kinds;
} rules[] = {{"pick", PICKS}, {"gather", GATHERS}, {"pick_across", GROUPS}, {"by_line", GROUPS}, {"partial", GROUPS}};

static enum cf_rc check_suits(const struct price_type *type, const struct cf_promotion *p, struct cf_error *err)
{
    for (size_t i = 0; i < cf_promotion_n_figures; i++) {
        const struct cf_promotion_field *f = cf_promotion_field_named(cf_promotion_figures[i].name);
        if (f && (cf_promotion_figures[i].kinds >> p->kind & 1) == 0 && cf_promotion_get(p, f) != 0)
            return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with %s", type->name, f->name);
    }
    bool buys = p->kind == CF_REWARD_BUY_GET || p->kind == CF_REWARD_GIFT || p->min_over == CF_OVER_BUY;
    if (!buys && !cf_goods_few_is_empty(&p->buy))
        return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with goods to buy", type->name);
    if (p->kind >= CF_REWARD_TIERED && (p->percent_bp != 0 || p->amount_minor != 0))
        return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with a figure of its own", type->name);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if ((rules[i].kinds >> p->kind & 1) == 0 && cf_promotion_get(p, cf_promotion_field_named(rules[i].name)) != 0)
            return cf_fail(err, CF_E_UNSUPPORTED, "a %s promotion with %s", type->name, rules[i].name);
    return CF_OK;
}

/* A reduction of the shelf price comes before all that is promised at the till. */
static enum cf_rc read_catalog(json_t *open, const struct price_type *type, struct cf_promotion *p,
                               struct cf_error *err)
{
    enum { AHEAD = 1 << 24 };
    bool catalog = type->catalog;
    enum cf_rc rc = price_take_bool(open, "catalog", catalog, &catalog, err);
    if (rc == CF_OK && catalog)
        p->priority = p->priority < INT32_MAX - AHEAD ? p->priority + AHEAD : INT32_MAX;
    return rc;
}

static enum cf_rc read_open(struct price_job *job, json_t *open, struct cf_promotion *p, struct cf_offer *offer,
                            bool *ret_usable, int64_t *ret_budget_minor, struct cf_error *err)
{
    const struct price_type *type = NULL;
    const char *plain = NULL;
    enum cf_rc rc = read_type(open, p, &type, err);
    if (rc == CF_OK)
        rc = price_take_text(open, "plain", &plain, err);
    if (rc == CF_OK)
        rc = read_figures(open, type, p, err);
    if (rc == CF_OK)
        rc = price_read_goods(job, open, p, err);
    if (rc == CF_OK)
        rc = price_read_terms(job, open, p, err);
    if (rc == CF_OK)
        rc = read_catalog(open, type, p, err);
    if (rc == CF_OK)
        rc = price_read_use(job, open, p, offer, ret_usable, ret_budget_minor, err);
    (void)price_take(open, "note");
    if (rc == CF_OK)
        rc = price_close(open, "a promotion", err);
    if (rc == CF_OK)
        rc = check_suits(type, p, err);
    cf_text_clean(cf_bytes_str(plain ? plain : "promotion"), p->name, sizeof p->name);
    return rc == CF_OK ? cf_promotion_check(p, err) : rc;
}

/* "coupon": {"code", "expires", "usage_limit", "used"}: as if these were fields of the promotion. */
static enum cf_rc open_coupon(json_t *open, struct cf_error *err)
{
    json_t *inner = NULL;
    const json_t *coupon = json_object_get(json_array_get(open, 0), "coupon");
    if (!json_is_object(coupon))
        return CF_OK;
    coupon = price_take(open, "coupon");
    enum cf_rc rc = price_open(coupon, PRICE_WORDS_COUPON, "a coupon", &inner, err);
    if (rc == CF_OK && !price_has(inner, "coupon"))
        rc = cf_fail(err, CF_E_JSON_TYPE, "a coupon has no code");
    if (rc == CF_OK)
        rc = price_merge(open, inner, "a promotion", err);
    json_decref(inner);
    return rc;
}

enum cf_rc price_read_promotion(struct price_job *job, const json_t *item, size_t index, struct cf_error *err)
{
    if (job->n_offers == CF_OFFERS_MAX)
        return cf_fail(err, CF_E_LIMIT, "more than %d promotions", CF_OFFERS_MAX);
    size_t at = job->n_offers;
    struct cf_promotion *p = &job->promotions[at];
    bool usable = true;
    json_t *open = NULL;
    *p = (struct cf_promotion){.campaign = (uint32_t)index + 1, .version = 1};
    job->offers[at] = (struct cf_offer){.promotion = p};
    job->index[at] = index;
    enum cf_rc rc = price_open(item, PRICE_WORDS_PROMOTION, "a promotion", &open, err);
    if (rc == CF_OK)
        rc = open_coupon(open, err);
    if (rc == CF_OK)
        rc = read_open(job, open, p, &job->offers[at], &usable, &job->budget_minor[at], err);
    job->n_offers += rc == CF_OK && usable;
    json_decref(open);
    return rc;
}
