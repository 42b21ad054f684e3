/*
 * app/cli/price_words.c - what shops call the fields of a case of `counterfoil price`, and what they are called here.
 *
 * One row a field. The fields that name goods are not in the tables: who plays a part (covered, excluded, bought, got,
 * required, given) and what names it (goods or a set of them) are two short tables, and any of the one goes with any of
 * the other: "excluded_products", "buy_category", "contains_taxons".
 */
#include <stdio.h>
#include <string.h>

#include "app/cli/price_job.h"

/* One name of ours, and the words of shops for it, apart by spaces. */
struct word {
    const char *is, *says;
};
/* What begins a field. */
struct part {
    const char *says, *is;
};

/* clang-format off */
static const struct word of_case[] = {
    {"cart", "lines"},
    {"promotions", "promotion offers"},
    {"note", "comment notes description"},
    {"shipping", "delivery"},
};
static const struct word of_line[] = {
    {"qty", "quantity count"},
    {"unit_price", "price"},
    {"tax_rate", "tax tax_percent vat"},
    {"reduced", "discounted on_sale is_discounted already_discounted already_reduced"},
    {"compare_at", "compare_at_price original_price regular_price list_price was_price"},
    {"floor_price", "floor min_price minimum_price min_unit_price price_floor lowest_price"},
    {"delivery", "shipping is_shipping"},
    {"category", "taxon collection facet"},
    {"categories", "taxons collections facets"},
    {"discountable", "promotionable eligible"},
    {"note", "name title"},
};
static const struct word of_shipping[] = {
    {"price", "amount unit_price cost fee"},
    {"tax_rate", "tax"},
};
static const struct word of_context[] = {
    {"now", "date today at"},
    {"coupons", "coupon codes coupon_codes coupon_code code applied_coupons used_coupons"},
    {"customer", "shopper user buyer"},
    {"logged_in", "is_member registered is_logged_in"},
    {"guest", "anonymous is_guest"},
    {"customer_group", "customer_groups group groups segment segments role roles customer_segment "
     "customer_segments"},
    {"first_order", "first_purchase is_first_order"},
    {"orders_placed", "orders order_count previous_orders customer_orders past_orders placed_orders "
     "completed_orders orders_before prior_orders orders_so_far"},
    {"nth_order", "visits order_number visit order_index nth_purchase this_order"},
    {"payment", "payment_method tender tenders"},
    {"channel", "sales_channel"},
    {"uses", "used usage coupon_uses coupon_usage coupon_used usages"},
    {"shipping", "delivery shipping_cost shipping_price shipping_fee"},
    {"tier", "member_tier loyalty_tier"},
    {"note", "name email id comment"},
};
static const struct word of_tax[] = {
    {"inclusive", "included prices_include_tax price_includes_tax"},
    {"rate", "percent tax_rate"},
};
static const struct word of_promotion[] = {
    {"note", "name title text description comment id"},
    {"coupon", "code coupon_code promo_code requires_coupon voucher_code"},
    {"percent", "percentage percent_off discount_percent discount_percentage group_percent "
     "bundle_percent set_percent get_percent off_percent"},
    {"amount", "amount_off discount_amount fixed fixed_amount group_amount group_fixed "
     "bundle_amount bundle_fixed set_amount get_amount amount_per_unit "
     "group_amount_off group_discount"},
    {"price", "group_price bundle_price set_price package_price fixed_price new_price "
     "for_price get_price total_price"},
    {"unit_price", "group_unit_price price_each each_price price_per_unit unit_price_each"},
    {"value", "figure"},
    {"additional_amount", "additional_item additional additional_item_amount next_amount"},
    {"first_amount", "first_item first first_item_amount"},
    {"buy_quantity", "buy_qty buy_count buy_min_quantity buy_units buy"},
    {"buy_amount", "buy_total buy_spend spend for_each_spent"},
    {"get_quantity", "get_qty get_count gift_quantity gift_qty reward_quantity target_quantity "
     "apply_to_quantity get_units get pick_quantity discounted_units "
     "units_discounted discount_units"},
    {"group_size", "group_qty group_quantity group_count set_size package_size size every n take "
     "units_per_group"},
    {"pay", "m pay_quantity pay_for"},
    {"free_quantity", "free free_units"},
    {"position", "pick_nth apply_to pick_position nth_of_group nth_in_group unit_in_group "
     "apply_to_nth discounted_position pick_index group_nth nth_unit item_position "
     "rank apply_to_unit get_nth"},
    {"picker", "picking_mode picker_mode pick_strategy picking pick_mode pick_method pick_by picker_key distribution"},
    {"max_applications", "max_times times applications application_limit max_uses max_usage "
     "maximum_usage usage_max max_sets max_bundles max_per_order "
     "max_applications_per_order uses_per_order limit_per_order"},
    {"max_groups", "groups_max"},
    {"max_quantity", "max_items max_units max_qty discount_qty max_discounted_quantity "
     "max_discounted_units quantity_limit max_get_quantity apply_max_quantity "
     "apply_quantity_max"},
    {"max_quantity_per_line", "max_units_per_line max_quantity_per_item max_items_per_line"},
    {"step", "quantity_step discount_step qty_step unit_step"},
    {"max_total", "max_order_total max_spend max_cart_total maximum_total max_subtotal "
     "max_order_amount"},
    {"max_order_quantity", "max_total_quantity max_cart_quantity max_item_count"},
    {"price_min", "min_price min_unit_price unit_price_min price_from item_price_min "
     "min_item_price price_at_least"},
    {"price_max", "max_price max_unit_price unit_price_max price_to item_price_max "
     "max_item_price price_at_most"},
    {"price_range", "unit_price_range price_between"},
    {"min_total", "min_spend min_order_total min_subtotal minimum_total min_items_total "
     "items_total_min min_order_amount minimum_order_amount min_cart_total "
     "minimum_amount min_amount min_purchase min_item_total item_total items_total "
     "spend_min min_order minimum_spend"},
    {"min_quantity", "min_qty min_items min_item_count minimum_quantity min_units "
     "min_cart_quantity min_order_quantity cart_quantity cart_quantity_min "
     "min_count min_items_quantity min_total_quantity"},
    {"requires", "required contains condition if_contains cart_contains order_contains when "
     "if_cart_contains"},
    {"requires_total", "required_total requires_min_total min_category_total category_min_total "
     "category_total min_total_of_category min_required_total taxon_total "
     "min_taxon_total contains_total condition_total required_amount "
     "requires_amount min_matching_total"},
    {"requires_quantity", "required_quantity requires_min_quantity min_category_quantity "
     "category_min_quantity min_required_quantity contains_quantity contains_min "
     "contains_minimum condition_quantity min_matching_quantity "
     "required_min_quantity"},
    {"max_discount", "cap max_amount discount_cap max_discount_amount maximum_discount "
     "discount_max max_off"},
    {"valid_from", "starts_at start from start_date date_from starts valid_since begins"},
    {"valid_to", "ends_at end to end_date date_to ends valid_until until expires expires_at "
     "expiry"},
    {"coupon_valid_to", "coupon_expires coupon_expires_at coupon_valid_until coupon_expiry"},
    {"stackable", "combinable cumulative can_combine combine combines"},
    {"exclusive_group", "stack_group exclusion_group conflict_group exclusivity_group"},
    {"stop", "stop_further stop_processing stop_rules_processing stop_further_rules "
     "discard_subsequent_rules stops_further last"},
    {"active", "enabled is_active"},
    {"usage_limit", "total_usage_limit usage_limit_total max_total_uses"},
    {"used", "usage used_count times_used usage_count uses"},
    {"usage_limit_per_customer", "per_customer_limit per_customer_usage_limit limit_per_customer "
     "customer_usage_limit max_uses_per_customer coupon_usage_limit_per_customer "
     "coupon_per_customer_limit coupon_limit_per_customer"},
    {"used_by_customer", "customer_used customer_usage used_per_customer usage_by_customer "
     "times_used_by_customer customer_uses coupon_used_by_customer"},
    {"coupon_usage_limit", "coupon_limit coupon_max_uses"},
    {"coupon_used", "coupon_usage coupon_times_used coupon_uses"},
    {"budget_used", "budget_spent spent"},
    {"budget", "spend_budget campaign_budget budget_limit"},
    {"channels", "channel sales_channels sales_channel"},
    {"stores", "store"},
    {"customer_group", "customer_groups segments segment groups roles role user_role user_roles "
     "customer_segment"},
    {"tier", "member_tiers member_tier loyalty_tier"},
    {"payment", "tenders tender payment_method payment_methods"},
    {"weekdays", "days days_of_week weekday"},
    {"hours", "hour_windows time_windows"},
    {"members_only", "logged_in logged_in_only customers_only registered_only"},
    {"guests_only", "guest_only"},
    {"first_order", "first_purchase first_order_only"},
    {"nth_order", "nth_visit on_nth_order order_number nth_purchase"},
    {"points_more", "points_bonus bonus_points"},
    {"items", "slots parts components"},
    {"free_delivery", "free_shipping"},
    {"on_original", "on_gross of_original on_original_price of_original_price"},
    {"per_line", "by_line within_line same_line"},
    {"partial", "partial_groups allow_partial partial_get partial_application "
     "allow_partial_get"},
    {"across_groups", "horizontal pick_across across"},
    {"min_after", "min_total_after_discount min_total_after after_discounts on_discounted_total min_after_discounts minimum_after_discounts min_total_after_discounts"},
    {"exclude_reduced", "exclude_discounted not_on_discounted only_non_discounted skip_discounted "
     "skip_reduced exclude_discounted_products exclude_sale_items exclude_on_sale"},
    {"applies_to_discounted", "applies_to_discounted_products apply_to_discounted include_discounted"},
    {"gather", "group_order group_by packager group_sort group_sorting"},
    {"rounding", "round"},
    {"round_to", "rounding_mode"},
    {"allocation", "share distribute odd_cents"},
    {"rank_tax", "pick_tax"},
    {"min_tax", "min_total_tax minimum_tax min_tax_mode minimum_amount_tax_mode"},
    {"ties", "tie tie_break"},
    {"tier_by", "tiers_by tier_basis by"},
    {"tier_by_line", "tier_per_line tiers_by_line"},
    {"base_percent", "base"},
    {"base_amount", "base_fixed"},
    {"covers", "applies_on"},
    {"apply_to_shipping", "including_shipping include_shipping"},
    {"max_units_by_line", "max_quantity_by_line"},
    {"points_multiplier", "points_times"},
    {"pick", "unit_pick item_pick discount_pick pick_sort pick_order sort sorting sorter apply_pick target_pick which which_unit"},
    {"min_with_tax", "min_total_with_tax min_total_includes_tax min_tax_included min_total_tax_included min_includes_tax"},
    {"min_basis", "min_total_basis minimum_basis min_judged min_on"},
};
static const struct word of_coupon[] = {
    {"coupon", "code name text"},
    {"coupon_valid_to", "valid_to expires expires_at valid_until expiry until"},
    {"coupon_usage_limit", "usage_limit limit max_uses"},
    {"coupon_used", "used uses usage times_used"},
    {"usage_limit_per_customer", "per_customer_limit limit_per_customer per_customer_usage_limit"},
    {"used_by_customer", "customer_used customer_uses"},
};
static const struct word of_required[] = {
    {"total", "min_total amount min_amount min minimum value min_spend"},
    {"quantity", "min_quantity qty count min_qty minimum_quantity"},
};
static const struct word of_slot[] = {
    {"qty", "quantity count"},
};
static const struct word of_tier[] = {
    {"from", "min min_total min_quantity quantity threshold min_amount at qty bound"},
    {"value", "percent amount price discount"},
};
/* Words that are values. */
static const struct word of_values[] = {
    {"dearest", "most_expensive expensive highest price_desc dear desc dearest_first "
     "highest_price most_expensive_first"},
    {"cheapest", "least_expensive lowest price_asc cheap asc cheapest_first lowest_price"},
    {"nearest", "half_up half_away_from_zero round_half_up commercial"},
    {"down", "floor truncate"},
    {"up", "ceil ceiling"},
    {"remainder", "largest_remainder proportional"},
    {"spend", "total amount order_total items_total"},
    {"quantity", "qty count items units item_quantity eligible_quantity eligible_item_quantity"},
    {"with", "gross incl inclusive included tax_included with_tax including_tax"},
    {"without", "net excl exclusive excluded tax_excluded without_tax excluding_tax"},
    {"delivery", "shipping"},
    {"goods", "items_only"},
    {"unit", "item per_unit per_item"},
    {"line", "per_line each_line"},
    {"order", "cart total_order per_order once in_priority"},
    {"all", "order_all everything"},
    {"covered", "matching matching_goods"},
};

/* Who is meant: the longest that begins the field. */
static const struct part parts[] = {
    {"", ""}, {"matching_", ""}, {"target_", ""}, {"applies_to_", ""},
    {"exclude_", "exclude_"}, {"excluded_", "exclude_"}, {"except_", "exclude_"}, {"not_", "exclude_"},
    {"buy_", "buy_"}, {"bought_", "buy_"}, {"trigger_", "buy_"},
    {"get_", "get_"}, {"reward_", "get_"}, {"got_", "get_"},
    {"requires_", "requires_"}, {"required_", "requires_"}, {"require_", "requires_"}, {"requires_any_", "requires_"},
    {"contains_", "requires_"}, {"contains_any_", "requires_"}, {"cart_contains_", "requires_"}, {"order_contains_", "requires_"},
    {"if_contains_", "requires_"}, {"condition_", "requires_"}, {"if_", "requires_"}, {"needs_", "requires_"}, {"with_", "requires_"},
    {"min_", "requires_"}, {"min_total_", "requires_"}, {"min_quantity_", "requires_"}, {"rule_", "requires_"},
    {"gift_", "gift_"}, {"free_", "gift_"},
};
static const struct word kinds_of_name[] = {
    {"skus", "sku skus item line lines"},
    {"products", "product products product_id product_ids variant variants"},
    {"categories", "category categories taxon taxons collection collections tag tags brand "
     "brands facet facets product_type product_types product_category"},
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct {
    const struct word *words;
    size_t n;
    bool names_goods;
} sets[PRICE_WORDS_SETS] = {
    [PRICE_WORDS_CASE] = {of_case, COUNT(of_case), false},
    [PRICE_WORDS_LINE] = {of_line, COUNT(of_line), false},
    [PRICE_WORDS_SHIPPING] = {of_shipping, COUNT(of_shipping), false},
    [PRICE_WORDS_CONTEXT] = {of_context, COUNT(of_context), false},
    [PRICE_WORDS_TAX] = {of_tax, COUNT(of_tax), false},
    [PRICE_WORDS_PROMOTION] = {of_promotion, COUNT(of_promotion), true},
    [PRICE_WORDS_COUPON] = {of_coupon, COUNT(of_coupon), false},
    [PRICE_WORDS_REQUIRED] = {of_required, COUNT(of_required), true},
    [PRICE_WORDS_SLOT] = {of_slot, COUNT(of_slot), true},
    [PRICE_WORDS_TIER] = {of_tier, COUNT(of_tier), false},
};

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (n > 0 && strncmp(at, word, n) == 0 && (at[n] == ' ' || at[n] == '\0'))
            return true;
    }
    return false;
}

static const char *find(const struct word *words, size_t n, const char *says)
{
    for (size_t i = 0; i < n; i++)
        if (has_word(words[i].says, says))
            return words[i].is;
    return NULL;
}

const char *price_word_of(const char *word)
{
    const char *is = find(of_values, COUNT(of_values), word);
    return is ? is : word;
}

/* "excluded_products" as "exclude_products"; NULL if it does not name goods. */
static const char *find_goods(const char *says, char *room, size_t n_room)
{
    for (size_t i = COUNT(parts); i-- > 0;) {
        size_t n = strlen(parts[i].says);
        const char *kind =
            strncmp(says, parts[i].says, n) == 0 ? find(kinds_of_name, COUNT(kinds_of_name), says + n) : NULL;
        if (!kind)
            continue;
        (void)snprintf(room, n_room, "%s%s", parts[i].is, kind);
        return room;
    }
    return NULL;
}

/* Goods may be named in several fields; remarks may be several; else one field says it. */
static bool join(json_t *fields, const char *is, json_t *value, bool are_goods)
{
    json_t *before = json_object_get(fields, is);
    if (!before || strcmp(is, "note") == 0)
        return json_object_set(fields, is, value) == 0;
    if (!are_goods)
        return false;
    json_t *both = json_array();
    const json_t *const values[] = {before, value};
    for (size_t i = 0; i < 2; i++) {
        size_t n = json_is_array(values[i]) ? json_array_size(values[i]) : 1;
        for (size_t k = 0; k < n; k++)
            json_array_append(both, json_is_array(values[i]) ? json_array_get(values[i], k) : (json_t *)values[i]);
    }
    return json_object_set_new(fields, is, both) == 0;
}

enum cf_rc price_open(const json_t *object, enum price_words words, const char *what, json_t **ret,
                      struct cf_error *err)
{
    char room[48];
    const char *key;
    json_t *value;
    if (object && !json_is_object(object))
        return cf_fail(err, CF_E_JSON_TYPE, "%s is not an object", what);
    json_t *open = json_pack("[{}, {}]"), *fields = json_array_get(open, 0); /* what is there, and what was taken */
    if (!fields)
        return cf_fail(err, CF_E_NO_MEMORY, "no memory for %s", what);
    json_object_foreach((json_t *)object, key, value)
    {
        const char *is = find(sets[words].words, sets[words].n, key);
        const char *goods = !is && sets[words].names_goods ? find_goods(key, room, sizeof room) : NULL;
        is = is ? is : key;
        if (json_is_null(value) || join(fields, goods ? goods : is, value, goods))
            continue;
        json_decref(open);
        return cf_fail(err, CF_E_RANGE, "%s with \"%s\" and another field that means the same", what, key);
    }
    *ret = open;
    return CF_OK;
}

enum cf_rc price_close(const json_t *open, const char *what, struct cf_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(json_array_get(open, 0), key, value)
    {
        return cf_fail(err, CF_E_UNSUPPORTED, "%s with \"%s\"", what, key);
    }
    return CF_OK;
}
