/*
 * app/terminal/till_goods.c - from a scanned text to a line: which goods, how much, at what price, and may they be
 * sold?
 *
 * What the till has to be told by a person (a price, a serial number, that the shopper is old enough) is asked for by
 * refusing with the error of that name; the view asks and scans the same text again with the answer. Nothing is kept in
 * between.
 */
#include "app/terminal/till_internal.h"

#include <stdio.h>
#include <string.h>

#include "app/core/measure.h"

#define LISTED_MAX 32

/* What one scan has come to. */
struct finding {
    const struct cf_till_answers *answers;
    struct cf_clock_reading clock;
    uint32_t today;
    struct cf_gs1 gs1; /* all zero unless the code is GS1 */
    bool has_label;
    struct cf_measured label;
    struct cf_product product;
    struct cf_step step;
};

/* --- which goods -------------------------------------------------------------------------------------------------- */

static enum cf_rc by_plu(struct cf_till *till, uint32_t plu, struct cf_product *ret, struct cf_error *err)
{
    char code[CF_PRODUCT_CODE_MAX + 1];
    (void)snprintf(code, sizeof code, "#%lu", (unsigned long)plu);
    return cf_replica_product_by_code(till->replica, cf_bytes_str(code), ret, err);
}

static enum cf_rc by_gtin(struct cf_till *till, cf_gtin gtin, struct cf_product *ret, struct cf_error *err)
{
    char code[CF_GTIN_TEXT_MAX];
    cf_gtin_format(gtin, code);
    return cf_replica_product_by_code(till->replica, cf_bytes_str(code), ret, err);
}

/* A number of at most six digits that is no code of the shop's may be a PLU that was typed without '#'. */
static enum cf_rc by_own_code(struct cf_till *till, cf_bytes text, struct cf_product *ret, struct cf_error *err)
{
    uint32_t plu = 0;
    enum cf_rc rc = cf_replica_product_by_code(till->replica, text, ret, err);
    if (rc != CF_E_PRODUCT_UNKNOWN || text.n > 6)
        return rc;
    for (size_t k = 0; k < text.n; k++) {
        if (text.p[k] < '0' || text.p[k] > '9')
            return rc;
        plu = plu * 10 + (uint32_t)(text.p[k] - '0');
    }
    enum cf_rc plu_rc = by_plu(till, plu, ret, NULL);
    return plu_rc == CF_E_PRODUCT_UNKNOWN ? rc : plu_rc;
}

/* A label of the shop's own: its item as a PLU, else as a barcode without price or weight, else the code as it is. */
static enum cf_rc by_label(struct cf_till *till, const struct cf_scan *scan, struct finding *found,
                           struct cf_error *err)
{
    enum cf_rc rc = cf_measure_read(till->rules.measures, till->rules.n_measures, scan->gtin, till->settings.currency,
                                    &found->has_label, &found->label, err);
    if (rc != CF_OK || !found->has_label)
        return rc != CF_OK ? rc : by_gtin(till, scan->gtin, &found->product, err);
    rc = by_plu(till, found->label.item, &found->product, err);
    if (rc == CF_E_PRODUCT_UNKNOWN)
        rc = by_gtin(till, found->label.item_gtin, &found->product, err);
    if (rc == CF_E_PRODUCT_UNKNOWN)
        rc = cf_fail(err, rc, "item %lu of the shop's own labels", (unsigned long)found->label.item);
    return rc;
}

static enum cf_rc look_up(struct cf_till *till, const struct cf_scan *scan, struct finding *found, struct cf_error *err)
{
    if (scan->kind == CF_SCAN_PLU)
        return by_plu(till, scan->plu, &found->product, err);
    if (scan->kind == CF_SCAN_SKU)
        return by_own_code(till, scan->text, &found->product, err);
    if (scan->kind == CF_SCAN_PRODUCT && cf_gtin_is_restricted(scan->gtin))
        return by_label(till, scan, found, err);
    return by_gtin(till, scan->gtin, &found->product, err);
}

/* One damaged row is no reason not to sell the others: the sync fetches it again. */
static enum cf_rc refuse_damaged(enum cf_rc rc, struct cf_error *err)
{
    return rc == CF_E_REPLICA_BROKEN ? cf_fail(err, CF_E_GOODS_DAMAGED, "they cannot be read here until the next sync")
                                     : rc;
}

static enum cf_rc find_product(struct cf_till *till, const struct cf_scan *scan, struct finding *found,
                               struct cf_error *err)
{
    return refuse_damaged(look_up(till, scan, found, err), err);
}

enum cf_rc till_find_product(struct cf_till *till, const struct cf_scan *scan, struct cf_product *ret,
                             struct cf_error *err)
{
    struct finding found;
    memset(&found, 0, sizeof found);
    bool goods = scan->kind == CF_SCAN_PRODUCT || scan->kind == CF_SCAN_SKU || scan->kind == CF_SCAN_PLU ||
                 scan->kind == CF_SCAN_GS1;
    enum cf_rc rc =
        goods ? find_product(till, scan, &found, err) : cf_fail(err, CF_E_PRODUCT_UNKNOWN, "that is no code of goods");
    if (rc == CF_OK)
        *ret = found.product;
    return rc;
}

/* --- may they be sold? -------------------------------------------------------------------------------------------- */

static enum cf_rc refuse_old_and_recalled(const struct cf_till *till, const struct finding *found, struct cf_error *err)
{
    uint32_t day = 0;
    if (cf_product_is_recalled(&found->product, found->gs1.batch))
        return cf_fail(err, CF_E_GOODS_RECALLED, "batch \"%s\" of %s is recalled", found->gs1.batch,
                       found->product.name);
    if (cf_gs1_is_past(&found->gs1, found->today, !till->rules.sells_past_best, &day))
        return cf_fail(err, CF_E_GOODS_EXPIRED, "%s was to be sold by %04lu-%02lu-%02lu", found->product.name,
                       (unsigned long)day / 10000, (unsigned long)day / 100 % 100, (unsigned long)day % 100);
    return CF_OK;
}

/* Years from a date of birth to `today`; somebody born on 29 February is older on 1 March. */
static bool is_old_enough(uint32_t birth, uint32_t today, unsigned years)
{
    return birth + years * 10000 <= today;
}

/* Who was looked at for this sale need not be looked at again for less. */
static const struct cf_line_extra *asked_before(const struct cf_till *till, unsigned min_age)
{
    for (size_t i = 0; till->sale.state != CF_CHECKOUT_IDLE && i < cf_cart_count(till->sale.cart); i++) {
        const struct cf_line_extra *extra = &cf_cart_at(till->sale.cart, i)->extra;
        if (extra->age_check != CF_AGE_UNASKED && extra->min_age >= min_age)
            return extra;
    }
    return NULL;
}

static enum cf_rc check_age(const struct cf_till *till, struct finding *found, struct cf_error *err)
{
    struct cf_line_extra *extra = &found->step.line.extra;
    unsigned years = found->product.min_age;
    uint32_t birth = found->answers->birth_date;
    const struct cf_line_extra *before = asked_before(till, years);
    if (years == 0)
        return CF_OK;
    if (birth != 0) {
        uint32_t month = birth / 100 % 100, day = birth % 100;
        if (birth > found->today || birth < 18500101 || month < 1 || month > 12 || day < 1 || day > 31)
            return cf_fail(err, CF_E_RANGE, "%lu is no date of birth", (unsigned long)birth);
        if (!is_old_enough(birth, found->today, years))
            return cf_fail(err, CF_E_GOODS_YOUNG, "%s is sold from %u years", found->product.name, years);
    } else if (!found->answers->of_age && before == NULL) {
        return cf_fail(err, CF_E_GOODS_AGE, "%s is sold from %u years", found->product.name, years);
    }
    bool as_before = birth == 0 && !found->answers->of_age && before != NULL;
    extra->age_check = birth != 0 ? CF_AGE_BIRTH : as_before ? before->age_check : CF_AGE_SEEN;
    extra->min_age = (uint8_t)years;
    (void)snprintf(extra->asked_by, sizeof extra->asked_by, "%s", as_before ? before->asked_by : till->cashier);
    return CF_OK;
}

static enum cf_rc take_serial(struct finding *found, struct cf_error *err)
{
    char *serial = found->step.line.extra.serial;
    const char *answer = found->answers->serial;
    if (found->gs1.serial[0] != '\0') {
        memcpy(serial, found->gs1.serial, sizeof found->gs1.serial);
    } else if (answer != NULL) {
        size_t n = strlen(answer);
        bool printable = n > 0 && n <= CF_GS1_TEXT_MAX;
        for (size_t k = 0; printable && k < n; k++)
            printable = answer[k] > ' ' && answer[k] < 0x7F;
        if (!printable)
            return cf_fail(err, CF_E_GOODS_SERIAL, "a serial number has 1 to %d letters, digits and signs",
                           CF_GS1_TEXT_MAX);
        memcpy(serial, answer, n + 1);
    }
    if (found->product.serialised && serial[0] == '\0')
        return cf_fail(err, CF_E_GOODS_SERIAL, "%s is sold piece by piece", found->product.name);
    if (found->product.serialised && found->step.line.qty_milli != 1000)
        return cf_fail(err, CF_E_QUANTITY, "a serial number is one piece");
    return CF_OK;
}

/* --- how much, at what price -------------------------------------------------------------------------------------- */

/* What a list or the catalogue says for whoever is known to buy. */
static enum cf_rc resolve(struct cf_till *till, const struct cf_product *product, cf_wall at,
                          struct cf_price_answer *ret, struct cf_error *err)
{
    struct cf_listed_price listed[LISTED_MAX];
    size_t n = 0;
    bool open = till->sale.state != CF_CHECKOUT_IDLE;
    const struct cf_price_question question = {
        .at = at, .has_member = open && till->sale.has_member, .tier = open ? till->sale.member.tier : 0};
    enum cf_rc rc =
        refuse_damaged(cf_replica_listed_prices(till->replica, product->id, listed, LISTED_MAX, &n, err), err);
    if (rc == CF_OK)
        cf_price_resolve(product->price_minor, listed, n, &question, ret);
    return rc;
}

static enum cf_rc price_of_code(const struct cf_till *till, struct finding *found, bool *ret_found,
                                struct cf_error *err)
{
    struct cf_cart_line *line = &found->step.line;
    *ret_found = (found->has_label && found->label.is_price) || found->gs1.has_price;
    if (!*ret_found)
        return CF_OK;
    enum cf_rc rc = CF_OK;
    if (found->has_label)
        line->unit_price_minor = found->label.price_minor;
    else
        rc = cf_gs1_price(&found->gs1, till->settings.currency, &line->unit_price_minor, err);
    /* It is the price of this very piece, however much it weighs. */
    line->qty_milli = 1000;
    line->weighed = false;
    line->extra.origin = CF_PRICE_IN_CODE;
    return rc;
}

static enum cf_rc take_listed_price(struct cf_till *till, struct finding *found, struct cf_error *err)
{
    struct cf_cart_line *line = &found->step.line;
    struct cf_price_answer answer;
    enum cf_rc rc = resolve(till, &found->product, found->clock.best, &answer, err);
    if (rc != CF_OK)
        return rc;
    line->unit_price_minor = answer.price_minor;
    line->extra.origin = answer.origin;
    line->extra.list = answer.list;
    line->reduced = line->reduced || answer.reduced;
    return CF_OK;
}

static enum cf_rc take_price(struct cf_till *till, struct finding *found, struct cf_error *err)
{
    struct cf_cart_line *line = &found->step.line;
    bool in_code = false;
    enum cf_rc rc = price_of_code(till, found, &in_code, err);
    if (rc != CF_OK || in_code)
        return rc;
    if (found->product.open_price) {
        int64_t price = found->answers->price_minor;
        if (!found->answers->has_price)
            return cf_fail(err, CF_E_GOODS_PRICE, "%s has no price of its own", found->product.name);
        if (price < 1 || price > CF_PRICE_MINOR_MAX)
            return cf_fail(err, CF_E_PRICE, "a price of %lld", (long long)price);
        line->unit_price_minor = price;
        line->extra.origin = CF_PRICE_ENTERED;
        return CF_OK;
    }
    return take_listed_price(till, found, err);
}

/* Neither price nor weight is in the code, and somebody or something can weigh: a kilogram is no guess to sell by. */
static enum cf_rc take_weight(const struct cf_till *till, struct finding *found, struct cf_error *err)
{
    int64_t weight_milli = found->answers->weight_milli;
    if (!till->weighs || !found->product.weighed || found->has_label || found->gs1.has_price)
        return CF_OK;
    if (weight_milli == 0)
        return cf_fail(err, CF_E_GOODS_WEIGHT, "%s is sold by weight", found->product.name);
    if (weight_milli < 0 || weight_milli > CF_QTY_MILLI_MAX)
        return cf_fail(err, CF_E_QUANTITY, "a weight of %lld g", (long long)weight_milli);
    found->step.line.qty_milli = weight_milli;
    return CF_OK;
}

static enum cf_rc take_quantity(const struct cf_till *till, const struct cf_scan *scan, struct finding *found,
                                struct cf_error *err)
{
    struct cf_cart_line *line = &found->step.line;
    line->qty_milli = scan->qty_milli > 0 ? scan->qty_milli : 1000;
    if (found->has_label && !found->label.is_price)
        line->qty_milli = found->label.qty_milli;
    if (found->product.weighed && scan->qty_milli > 0 && !found->gs1.is_weight && !found->gs1.has_price)
        return cf_fail(err, CF_E_QUANTITY, "%s is sold by weight, and the code states a count", found->product.name);
    return scan->qty_milli > 0 ? CF_OK : take_weight(till, found, err);
}

static void line_of(const struct cf_product *product, struct cf_cart_line *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->product = product->id;
    memcpy(ret->name, product->name, sizeof ret->name);
    ret->unit_price_minor = product->price_minor;
    ret->tax_bp = product->tax_bp;
    ret->weighed = product->weighed;
    ret->reduced = product->reduced;
    ret->delivery = product->delivery;
    ret->has_member_price = product->has_member_price;
    ret->member_price_minor = product->member_price_minor;
    ret->floor_minor = product->floor_minor;
    ret->n_categories = product->n_categories;
    memcpy(ret->categories, product->categories, sizeof ret->categories);
}

/* A deposit is not for promotions: it is given back whole. */
static enum cf_rc take_deposit(struct cf_till *till, struct finding *found, struct cf_error *err)
{
    struct cf_product product;
    if (found->product.deposit == 0 || found->product.weighed)
        return CF_OK;
    enum cf_rc rc = refuse_damaged(cf_replica_product(till->replica, found->product.deposit, &product, err), err);
    if (rc != CF_OK)
        return rc;
    struct cf_cart_line *deposit = &found->step.deposit;
    line_of(&product, deposit);
    deposit->qty_milli = found->step.line.qty_milli;
    deposit->weighed = false;
    deposit->delivery = true;
    deposit->floor_minor = deposit->unit_price_minor;
    found->step.has_deposit = true;
    return CF_OK;
}

/* --- what all goods begin and end with ---------------------------------------------------------------------------- */

static void begin_finding(struct cf_till *till, const struct cf_till_answers *answers, struct finding *ret)
{
    static const struct cf_till_answers none;
    memset(ret, 0, sizeof *ret);
    ret->answers = answers != NULL ? answers : &none;
    ret->clock = cf_till_clock(till);
    ret->today = cf_wall_date(ret->clock.best, cf_store_offset_min(&till->settings, ret->clock.best));
}

/* Goods that are neither past their date nor recalled, as a line without quantity and price. */
static enum cf_rc begin_line(const struct cf_till *till, struct finding *found, struct cf_error *err)
{
    enum cf_rc rc = refuse_old_and_recalled(till, found, err);
    if (rc == CF_OK) {
        found->step.kind = CF_STEP_LINE;
        line_of(&found->product, &found->step.line);
    }
    return rc;
}

/* What is asked of every line that has its quantity and price. */
static enum cf_rc finish_line(struct cf_till *till, struct finding *found, struct cf_error *err)
{
    enum cf_rc rc = take_serial(found, err);
    if (rc == CF_OK)
        rc = check_age(till, found, err);
    return rc == CF_OK ? take_deposit(till, found, err) : rc;
}

void cf_till_weighs(struct cf_till *till, bool weighs)
{
    till->weighs = weighs;
}

/* --- the scan ----------------------------------------------------------------------------------------------------- */

enum cf_rc till_scan_goods(struct cf_till *till, const struct cf_scan *scan, const struct cf_till_answers *answers,
                           uint32_t *ret_line_no, struct cf_error *err)
{
    struct finding found;
    begin_finding(till, answers, &found);
    if (scan->kind == CF_SCAN_GS1)
        found.gs1 = scan->gs1;
    enum cf_rc rc = find_product(till, scan, &found, err);
    if (rc == CF_OK)
        rc = begin_line(till, &found, err);
    if (rc != CF_OK)
        return rc;
    struct cf_cart_line *line = &found.step.line;
    memcpy(line->extra.batch, found.gs1.batch, sizeof found.gs1.batch);
    line->extra.use_by = found.gs1.use_by != 0 ? cf_gs1_date(found.gs1.use_by, found.today) : 0;
    rc = take_quantity(till, scan, &found, err);
    if (rc == CF_OK)
        rc = take_price(till, &found, err);
    if (rc == CF_OK)
        rc = finish_line(till, &found, err);
    if (rc == CF_OK)
        rc = till_take(till, &found.step, err);
    if (rc == CF_OK)
        *ret_line_no = cf_open_sale_last_line(&till->sale);
    return rc;
}

enum cf_rc till_admit_goods(struct cf_till *till, uint64_t product, const struct cf_till_answers *answers,
                            struct cf_line_extra *ret, struct cf_error *err)
{
    struct finding found;
    begin_finding(till, answers, &found);
    enum cf_rc rc = refuse_damaged(cf_replica_product(till->replica, product, &found.product, err), err);
    if (rc == CF_E_PRODUCT_UNKNOWN)
        return CF_OK;
    if (rc == CF_OK)
        rc = refuse_old_and_recalled(till, &found, err);
    found.step.line.extra = *ret;
    if (rc == CF_OK)
        rc = check_age(till, &found, err);
    if (rc == CF_OK)
        *ret = found.step.line.extra;
    return rc;
}

/* Of what was quoted, what is asked of a code else. */
static enum cf_rc take_quoted(struct cf_till *till, const struct cf_sale_line *quoted, struct finding *found,
                              struct cf_error *err)
{
    struct cf_cart_line *line = &found->step.line;
    const struct cf_line_extra *extra = &quoted->extra;
    if (extra->use_by != 0 && extra->use_by < found->today)
        return cf_fail(err, CF_E_GOODS_EXPIRED, "%s was to be used by %lu", found->product.name,
                       (unsigned long)extra->use_by);
    line->qty_milli = quoted->qty_milli;
    memcpy(line->extra.batch, extra->batch, sizeof line->extra.batch);
    memcpy(line->extra.serial, extra->serial, sizeof line->extra.serial);
    line->extra.use_by = extra->use_by;
    /* What has no price in the catalogue has the one that it was quoted at. */
    if (extra->origin == CF_PRICE_IN_CODE || found->product.open_price) {
        line->unit_price_minor = quoted->unit_price_minor;
        line->extra.origin = extra->origin == CF_PRICE_IN_CODE ? CF_PRICE_IN_CODE : CF_PRICE_ENTERED;
        line->weighed = line->weighed && extra->origin != CF_PRICE_IN_CODE;
        return CF_OK;
    }
    return take_listed_price(till, found, err);
}

enum cf_rc till_quoted_goods(struct cf_till *till, const struct cf_sale_line *quoted,
                             const struct cf_till_answers *answers, struct cf_step *ret, struct cf_error *err)
{
    struct finding found;
    begin_finding(till, answers, &found);
    memcpy(found.gs1.batch, quoted->extra.batch, sizeof found.gs1.batch);
    enum cf_rc rc = refuse_damaged(cf_replica_product(till->replica, quoted->product, &found.product, err), err);
    if (rc == CF_OK)
        rc = begin_line(till, &found, err);
    if (rc == CF_OK)
        rc = take_quoted(till, quoted, &found, err);
    if (rc == CF_OK)
        rc = finish_line(till, &found, err);
    if (rc == CF_OK)
        *ret = found.step;
    return rc;
}

enum cf_rc till_reprice(struct cf_till *till, struct cf_error *err)
{
    cf_wall at = cf_till_clock(till).best;
    for (size_t i = 0; i < cf_cart_count(till->sale.cart); i++) {
        const struct cf_cart_line *line = cf_cart_at(till->sale.cart, i);
        bool listed = line->extra.origin == CF_PRICE_CATALOGUE || line->extra.origin == CF_PRICE_LIST;
        struct cf_product product;
        struct cf_price_answer answer;
        if (line->voided || !listed || line->extra.deposit_of != 0 ||
            cf_replica_product(till->replica, line->product, &product, NULL) != CF_OK)
            continue; /* goods that are gone meanwhile keep the price that was shown */
        enum cf_rc rc = resolve(till, &product, at, &answer, err);
        if (rc != CF_OK)
            return rc;
        /* A catalogue that changed in between does not change what was shown; a list for this member does. */
        if (answer.origin != CF_PRICE_LIST ||
            (answer.list == line->extra.list && answer.price_minor == line->unit_price_minor))
            continue;
        struct cf_step step = {.kind = CF_STEP_PRICE};
        step.change.line_no = line->line_no;
        step.change.value = answer.price_minor;
        step.change.origin = answer.origin;
        step.change.list = answer.list;
        step.change.reduced = product.reduced || answer.reduced;
        rc = till_take(till, &step, err);
        if (rc != CF_OK)
            return rc;
    }
    return CF_OK;
}
