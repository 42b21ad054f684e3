/*
 * app/cli/price_words.c - what shops call the fields of a case of `counterfoil price`, and what they are called here.
 *
 * One row a field. The fields that name goods are not in the tables: who plays a part (covered, excluded, bought, got,
 * required, given) and what names it (goods or a set of them) are two short tables, and any of the one goes with any of
 * the other: "excluded_products", "buy_category", "contains_taxons".
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

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
    {"shipping", "delivery shipping_fee shipping_total shipping_price shipping_cost shipping_amount"},
    {"choose", "combination stacking strategy combine"},
};
static const struct word of_line[] = {
    {"qty", "quantity count"},
    {"unit_price", "price"},
    {"tax_rate", "tax tax_percent vat"},
    {"reduced", "discounted on_sale is_discounted already_discounted already_reduced catalog_discounted "
     "has_catalog_promotion catalog_promotion"},
    {"compare_at", "compare_at_price original_price regular_price list_price was_price original_unit_price base_price "
     "price_before_catalog unit_price_before price_before_discount catalog_original_price"},
    {"floor_price", "floor min_price minimum_price min_unit_price price_floor lowest_price minimum"},
    {"delivery", "shipping is_shipping"},
    {"category", "taxon collection facet"},
    {"categories", "taxons collections facets"},
    {"discountable", "promotionable eligible"},
    {"note", "name title"},
    {"kind", "type line_type"},
};
static const struct word of_shipping[] = {
    {"price", "amount unit_price cost fee"},
    {"tax_rate", "tax"},
};
static const struct word of_context[] = {
    {"now", "date today at"},
    {"coupons", "coupon codes coupon_codes coupon_code code applied_coupons used_coupons entered_coupons held_coupons"},
    {"customer", "shopper user buyer"},
    {"logged_in", "is_member registered is_logged_in"},
    {"guest", "anonymous is_guest"},
    {"customer_group", "customer_groups group groups segment segments role roles customer_segment "
     "customer_segments user_role user_roles customer_role"},
    {"first_order", "first_purchase is_first_order"},
    {"orders_placed", "orders order_count previous_orders customer_orders past_orders placed_orders completed_orders "
     "orders_before prior_orders orders_so_far customer_orders_placed customer_placed_orders "
     "customer_order_count previous_order_count orders_count order_history"},
    {"nth_order", "visits order_number visit order_index nth_purchase this_order"},
    {"payment", "payment_method tender tenders"},
    {"channel", "sales_channel"},
    {"uses", "used usage coupon_uses coupon_usage coupon_used usages usage_counts coupon_use_count promotion_uses "
     "uses_by_customer customer_uses customer_coupon_uses used_by_customer times_used"},
    {"shipping", "delivery shipping_cost shipping_price shipping_fee shipping_total shipping_amount"},
    {"tier", "member_tier loyalty_tier"},
    {"note", "name email id comment"},
    {"store", "country shipping_country ship_to ship_to_country destination region"},
    {"choose", "combine combination strategy stacking"},
    {"best", "best_choice"},
    {"best_of", "best_single best_one only_best"},
};
static const struct word of_tax[] = {
    {"inclusive", "included prices_include_tax price_includes_tax"},
    {"rate", "percent tax_rate rate_percent"},
};
static const struct word of_promotion[] = {
    {"note", "name title text description comment id automatic is_automatic"},
    {"coupon", "code coupon_code promo_code requires_coupon voucher_code"},
    {"percent", "percentage percent_off discount_percent discount_percentage group_percent bundle_percent set_percent "
     "get_percent off_percent group_discount_percent discount_pct pct"},
    {"amount", "amount_off discount_amount fixed fixed_amount group_amount group_fixed bundle_amount bundle_fixed "
     "set_amount get_amount amount_per_unit group_amount_off group_discount group_off group_fixed_off "
     "group_discount_amount"},
    {"price", "group_price bundle_price set_price package_price fixed_price new_price for_price get_price total_price "
     "group_fixed_price set_fixed_price"},
    {"unit_price", "group_unit_price price_each each_price price_per_unit unit_price_each group_price_each "
     "group_price_per_unit unit_fixed_price"},
    {"value", "figure"},
    {"additional_amount", "additional_item additional additional_item_amount next_amount rest others other "
     "additional_units other_units next amount_additional then_amount rest_amount other_amount additional_unit"},
    {"first_amount", "first_item first first_item_amount first_unit amount_first first_unit_amount"},
    {"buy_quantity", "buy_qty buy_count buy_min_quantity buy_units buy"},
    {"buy_amount", "buy_total buy_spend spend for_each_spent buy_min_total buy_min_amount"},
    {"get_quantity", "get_qty get_count gift_quantity gift_qty reward_quantity target_quantity "
     "apply_to_quantity get_units get pick_quantity discounted_units units_discounted discount_units"},
    {"group_size", "group_qty group_quantity group_count set_size package_size size every n take units_per_group"},
    {"pay", "m pay_quantity pay_for"},
    {"free_quantity", "free free_units"},
    {"position", "pick_nth apply_to pick_position nth_of_group nth_in_group unit_in_group apply_to_nth "
     "discounted_position pick_index group_nth nth_unit item_position rank apply_to_unit get_nth applier "
     "applier_key discount_position item_index discount_nth nth_item applies_to_nth discounted_item "
     "unit_position apply_nth group_position discount_items"},
    {"picker", "picking_mode picker_mode pick_strategy picking pick_mode pick_method pick_by picker_key distribution "
     "direction group_picker pick_direction"},
    {"max_applications", "max_times times applications application_limit max_uses max_usage maximum_usage "
     "usage_max max_sets max_bundles max_per_order max_applications_per_order uses_per_order limit_per_order "
     "group_limit usage_limit_per_cart max_repeats"},
    {"max_groups", "groups_max"},
    {"max_quantity", "max_items max_units max_qty discount_qty max_discounted_quantity max_discounted_units "
     "quantity_limit max_get_quantity apply_max_quantity apply_quantity_max quantity_cap limit_quantity "
     "max_applied_quantity max_item_quantity units_max max_discounted_qty max_discount_quantity max_discount_qty "
     "discounted_quantity_max"},
    {"max_quantity_per_line", "max_units_per_line max_quantity_per_item max_items_per_line max_per_line "
     "max_quantity_each"},
    {"step", "quantity_step discount_step qty_step unit_step per_quantity per_units every_quantity"},
    {"max_total", "max_order_total max_spend max_cart_total maximum_total max_subtotal max_order_amount"},
    {"max_order_quantity", "max_total_quantity max_cart_quantity max_item_count"},
    {"price_min", "min_price min_unit_price unit_price_min price_from item_price_min min_item_price price_at_least "
     "filter_price_min price_gte unit_price_from price_filter_min filter_min_price"},
    {"price_max", "max_price max_unit_price unit_price_max price_to item_price_max max_item_price price_at_most "
     "filter_price_max price_lte unit_price_to price_filter_max filter_max_price"},
    {"price_range", "unit_price_range price_between price_filter"},
    {"min_total", "min_spend min_order_total min_subtotal minimum_total min_items_total items_total_min "
     "min_order_amount minimum_order_amount min_cart_total minimum_amount min_amount min_purchase min_item_total "
     "item_total items_total spend_min min_order minimum_spend min_spent minimum_order min_order_value min_value "
     "min_basket min_checkout_total minimum_order_value order_min min_cart min_items_price threshold"},
    {"min_quantity", "min_qty min_items min_item_count minimum_quantity min_units min_cart_quantity min_order_quantity "
     "cart_quantity cart_quantity_min min_count min_items_quantity min_total_quantity min_item_quantity "
     "min_checkout_items_quantity minimum_items minimum_item_quantity min_cart_items min_product_quantity "
     "min_total_items"},
    {"requires", "required contains condition if_contains cart_contains order_contains when requires_any "
     "requires_any_of contains_any contains_any_of must_contain min_contains when_contains conditions has any_of"},
    {"requires_total", "required_total requires_min_total min_category_total category_min_total category_total "
     "min_total_of_category min_required_total taxon_total min_taxon_total contains_total condition_total "
     "required_amount requires_amount min_matching_total condition_min_total min_total_in category_amount"},
    {"requires_quantity", "required_quantity requires_min_quantity min_category_quantity category_min_quantity "
     "min_required_quantity contains_quantity contains_min contains_minimum condition_quantity "
     "min_matching_quantity required_min_quantity contains_min_quantity min_contains_quantity requires_qty "
     "contains_qty contains_count condition_min_quantity has_quantity requires_count requires_min_qty"},
    {"max_discount", "cap max_amount discount_cap max_discount_amount maximum_discount discount_max max_off max_value"},
    {"valid_from", "starts_at start from start_date date_from starts valid_since begins active_from"},
    {"valid_to", "ends_at end to end_date date_to ends valid_until until expires expires_at expiry active_to "
     "active_until"},
    {"coupon_valid_to", "coupon_expires coupon_expires_at coupon_valid_until coupon_expiry coupon_expired_at "
     "coupon_end coupon_ends_at"},
    {"stackable", "combinable cumulative can_combine combine combines"},
    {"exclusive_group", "stack_group exclusion_group conflict_group exclusivity_group"},
    {"stop", "stop_further stop_processing stop_rules_processing stop_further_rules discard_subsequent_rules "
     "stops_further last final stop_rules"},
    {"active", "enabled is_active"},
    {"usage_limit", "total_usage_limit usage_limit_total max_total_uses limit total_limit limit_total max_redemptions "
     "max_usages campaign_usage_limit"},
    {"used", "usage used_count times_used usage_count uses usages already_used current_usage redeemed used_times "
     "used_total"},
    {"usage_limit_per_customer", "per_customer_limit per_customer_usage_limit limit_per_customer customer_usage_limit "
     "max_uses_per_customer coupon_usage_limit_per_customer coupon_per_customer_limit "
     "coupon_limit_per_customer per_customer customer_limit max_per_customer"},
    {"used_by_customer", "customer_used customer_usage used_per_customer usage_by_customer "
     "times_used_by_customer customer_uses coupon_used_by_customer used_by_this_customer"},
    {"coupon_usage_limit", "coupon_limit coupon_max_uses"},
    {"coupon_used", "coupon_usage coupon_times_used coupon_uses"},
    {"budget_used", "budget_spent spent campaign_used"},
    {"budget", "spend_budget campaign_budget budget_limit spend_limit budget_total budget_amount budget_remaining "
     "remaining_budget budget_left"},
    {"channels", "channel sales_channels sales_channel"},
    {"stores", "store country countries shipping_country shipping_countries ship_to ship_to_country region regions"},
    {"customer_group", "customer_groups segments segment groups roles role user_role user_roles "
     "customer_segment customer customers user users"},
    {"tier", "member_tiers member_tier loyalty_tier"},
    {"payment", "tenders tender payment_method payment_methods"},
    {"weekdays", "days days_of_week weekday"},
    {"hours", "hour_windows time_windows"},
    {"members_only", "logged_in logged_in_only customers_only registered_only requires_login login_required"},
    {"guests_only", "guest_only"},
    {"first_order", "first_purchase first_order_only"},
    {"nth_order", "nth_visit on_nth_order order_number nth_purchase order_nth customer_nth_order"},
    {"points_more", "points_bonus bonus_points"},
    {"items", "slots parts components"},
    {"free_delivery", "free_shipping"},
    {"on_original", "on_gross of_original on_original_price of_original_price"},
    {"per_line", "by_line within_line same_line"},
    {"partial", "partial_groups allow_partial partial_get partial_application allow_partial_get partial_ok"},
    {"across_groups", "horizontal pick_across across"},
    {"min_after", "min_total_after_discount min_total_after after_discounts on_discounted_total min_after_discounts "
     "minimum_after_discounts min_total_after_discounts"},
    {"exclude_reduced", "exclude_discounted not_on_discounted only_non_discounted skip_discounted skip_reduced "
     "exclude_discounted_products exclude_sale_items exclude_on_sale exclude_discounted_items "
     "exclude_already_discounted exclude_discounted_lines only_undiscounted ignore_discounted "
     "excludes_discounted exclude_catalog_discounted"},
    {"applies_to_discounted", "applies_to_discounted_products apply_to_discounted include_discounted "
     "also_discounted on_discounted discounted_items apply_on_discounted applies_on_discounted"},
    {"gather", "group_order group_by packager group_sort group_sorting"},
    {"rounding", "round"},
    {"round_to", "rounding_mode"},
    {"allocation", "share distribute odd_cents"},
    {"rank_tax", "pick_tax"},
    {"min_tax", "min_total_tax minimum_tax min_tax_mode minimum_amount_tax_mode"},
    {"ties", "tie tie_break"},
    {"tier_by", "tiers_by tier_basis by basis tier_on tiers_on tier_unit"},
    {"tier_by_line", "tier_per_line tiers_by_line"},
    {"base_percent", "base"},
    {"base_amount", "base_fixed"},
    {"covers", "applies_on"},
    {"apply_to_shipping", "including_shipping include_shipping"},
    {"max_units_by_line", "max_quantity_by_line"},
    {"points_multiplier", "points_times"},
    {"pick", "unit_pick item_pick discount_pick pick_sort pick_order sort sorting sorter apply_pick target_pick which "
     "which_unit sort_by order"},
    {"min_with_tax", "min_total_with_tax min_total_includes_tax min_tax_included min_total_tax_included "
     "min_includes_tax min_total_incl_tax min_spend_with_tax min_total_including_tax min_total_gross "
     "min_total_includes_taxes min_tax_inclusive min_total_tax_inclusive tax_inclusive"},
    {"min_basis", "min_total_basis minimum_basis min_judged min_on"},
    {"requires_all", "contains_all requires_all_of contains_all_of requires_each all_of must_contain_all match_all"},
    {"match", "match_policy requires_match contains_match"},
    {"min_without_tax", "min_total_net min_total_without_tax min_total_excl_tax min_total_excluding_tax "
     "min_spend_without_tax"},
    {"min_strict", "min_total_exclusive min_total_strict strictly_more strict strict_minimum"},
    {"min_inclusive", "min_total_inclusive inclusive_minimum"},
    {"min_operator", "operator min_total_operator min_total_op min_total_comparison comparison"},
    {"min_above", "above_total total_above more_than_total min_total_above total_greater_than min_total_gt "
     "total_more_than spend_above"},
    {"once", "once_per_order apply_once_per_order cheapest_only only_cheapest on_cheapest apply_once"},
    {"repeat", "repeats repeatable"},
    {"gift_skus", "gift free_item"},
    {"catalog", "is_catalog catalog_promotion"},
};
static const struct word of_coupon[] = {
    {"coupon", "code name text"},
    {"coupon_valid_to", "valid_to expires expires_at valid_until expiry until"},
    {"coupon_usage_limit", "usage_limit limit max_uses"},
    {"coupon_used", "used uses usage times_used"},
    {"usage_limit_per_customer", "per_customer_limit limit_per_customer per_customer_usage_limit"},
    {"used_by_customer", "customer_used customer_uses"},
};
static const struct word of_budget[] = {
    {"budget", "limit total amount"},
    {"budget_used", "used spent"},
    {"budget_type", "type"},
};
static const struct word of_required[] = {
    {"total", "min_total amount min_amount min minimum value min_spend minimum_total"},
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
    {"dearest", "most_expensive expensive highest price_desc dear desc dearest_first highest_price "
     "most_expensive_first"},
    {"cheapest", "least_expensive lowest price_asc cheap asc cheapest_first lowest_price"},
    {"nearest", "half_up half_away_from_zero round_half_up commercial"},
    {"down", "floor truncate"},
    {"up", "ceil ceiling"},
    {"remainder", "largest_remainder proportional"},
    {"spend", "total amount order_total items_total"},
    {"quantity", "qty count items units item_quantity eligible_quantity eligible_item_quantity eligible_items"},
    {"with", "gross incl inclusive included tax_included with_tax including_tax with_taxes"},
    {"without", "net excl exclusive excluded tax_excluded without_tax excluding_tax"},
    {"delivery", "shipping"},
    {"goods", "items_only"},
    {"unit", "item per_unit per_item"},
    {"line", "per_line each_line"},
    {"order", "cart total_order per_order once in_priority"},
    {"all", "order_all everything"},
    {"covered", "matching matching_goods"},
    {"best", "best_choice best_combination best_deal cheapest_total"},
    {"best_of", "best_single best_one only_best"},
    {"vertical", "per_group"},
    {"horizontal", "across"},
};

/* Who is meant: the longest that begins the field. */
static const struct part parts[] = {
    {"", ""}, {"matching_", ""}, {"target_", ""}, {"applies_to_", ""}, {"in_", ""}, {"eligible_", ""}, {"on_", ""},
    {"exclude_", "exclude_"}, {"excluded_", "exclude_"}, {"except_", "exclude_"}, {"not_", "exclude_"},
    {"all_", "all_"}, {"requires_all_", "all_"}, {"requires_all_of_", "all_"}, {"contains_all_", "all_"}, {"must_contain_all_", "all_"},
    {"not_contains_", "none_"}, {"contains_no_", "none_"}, {"contains_none_", "none_"}, {"forbidden_", "none_"}, {"forbids_", "none_"}, {"without_", "none_"},
    {"buy_", "buy_"}, {"bought_", "buy_"}, {"trigger_", "buy_"},
    {"get_", "get_"}, {"reward_", "get_"}, {"got_", "get_"},
    {"requires_", "requires_"}, {"required_", "requires_"}, {"require_", "requires_"}, {"requires_any_", "requires_"},
    {"contains_", "requires_"}, {"contains_any_", "requires_"}, {"cart_contains_", "requires_"}, {"order_contains_", "requires_"},
    {"if_contains_", "requires_"}, {"condition_", "requires_"}, {"if_", "requires_"}, {"needs_", "requires_"}, {"with_", "requires_"},
    {"has_", "requires_"}, {"has_any_", "requires_"}, {"cart_has_", "requires_"}, {"order_has_", "requires_"}, {"cart_", "requires_"},
    {"must_contain_", "requires_"}, {"any_", "requires_"}, {"any_of_", "requires_"}, {"min_total_in_", "requires_"}, {"min_total_of_", "requires_"},
    {"min_total_from_", "requires_"}, {"min_total_over_", "requires_"}, {"min_quantity_of_", "requires_"}, {"min_quantity_in_", "requires_"},
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
    [PRICE_WORDS_BUDGET] = {of_budget, COUNT(of_budget), false},
    [PRICE_WORDS_REQUIRED] = {of_required, COUNT(of_required), true},
    [PRICE_WORDS_SLOT] = {of_slot, COUNT(of_slot), true},
    [PRICE_WORDS_TIER] = {of_tier, COUNT(of_tier), false},
};

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (n > 0 && strncasecmp(at, word, n) == 0 && (at[n] == ' ' || at[n] == '\0'))
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
