/*
 * sync/central/catalogue.c - see catalogue.h; and the import of products as JSON lines.
 *
 * A product's id comes from its first code, so that an import needs no look-up and a second one changes only what
 * changed: the number of a GTIN, or for a shop's own code a number beyond all GTINs made from its SHA-256.
 */
#include "sync/central/catalogue.h"

#include "sync/central/down_log.h"
#include "sync/central/handlers.h"
#include "sync/central/places.h"
#include "sync/central/price_lists.h"

#include "app/core/gtin.h"
#include "app/core/scan.h"

#include <stdio.h>
#include <string.h>

#define LINE_BYTES_MAX 65536
#define PRODUCTS_MAX 100000
#define OWN_CODE_BIT (UINT64_C(1) << 62)

/* --- a product as JSON -------------------------------------------------------------------------------------------- */

/* 14 digits for a GTIN; a shop's own code as it is. */
static enum cf_rc normal_code(const char *text, char ret[CF_PRODUCT_CODE_MAX + 1], uint64_t *ret_gtin,
                              struct cf_error *err)
{
    cf_bytes bytes = cf_bytes_str(text);
    cf_gtin gtin;
    bool digits = bytes.n > 0 && strspn(text, "0123456789") == bytes.n;
    bool length = bytes.n == 8 || (bytes.n >= 12 && bytes.n <= 14);
    if (digits && length) {
        enum cf_rc rc = cf_gtin_parse(bytes, &gtin, err);
        if (rc == CF_OK) {
            cf_gtin_format(gtin, ret);
            *ret_gtin = gtin.number;
        }
        return rc;
    }
    if (bytes.n == 0 || bytes.n > CF_PRODUCT_CODE_MAX) {
        return cf_fail(err, CF_E_JSON_RANGE, "a code has 1 to %d characters", CF_PRODUCT_CODE_MAX);
    }
    /* What a till would not take for a shop's own code could never be sold by it. */
    struct cf_scan scan;
    cf_scan_classify(bytes, &scan);
    if (scan.kind == CF_SCAN_PLU) {
        (void)snprintf(ret, CF_PRODUCT_CODE_MAX + 1, "#%lu", (unsigned long)scan.plu);
        *ret_gtin = 0;
        return CF_OK;
    }
    if (scan.kind != CF_SCAN_SKU || !cf_bytes_equal(scan.text, bytes)) {
        return cf_fail(err, CF_E_JSON_RANGE, "code: \"%s\" is neither a GTIN nor letters, digits, space and ._-/",
                       text);
    }
    memcpy(ret, text, bytes.n + 1);
    *ret_gtin = 0;
    return CF_OK;
}

static uint64_t own_code_id(const char *code)
{
    struct cf_sha256 hash = cf_sha256(cf_bytes_str(code));
    return OWN_CODE_BIT | cf_get_be64(hash.digest) >> 2;
}

static enum cf_rc add_code(struct cf_product *product, const char *text, struct cf_error *err)
{
    uint64_t gtin;
    if (product->n_codes == CF_PRODUCT_CODES_MAX) {
        return cf_fail(err, CF_E_JSON_RANGE, "codes: more than %d", CF_PRODUCT_CODES_MAX);
    }
    char *code = product->codes[product->n_codes];
    enum cf_rc rc = normal_code(text, code, &gtin, err);
    if (rc == CF_OK && product->n_codes++ == 0 && product->id == 0) {
        product->id = gtin != 0 ? gtin : own_code_id(code);
    }
    return rc;
}

static enum cf_rc read_codes(const json_t *codes, struct cf_product *product, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    char code[CF_PRODUCT_CODE_MAX + 1];
    for (size_t i = 0; i < json_array_size(codes) && rc == CF_OK; i++) {
        rc = cf_json_item_text(codes, i, "codes", code, sizeof code, err);
        if (rc == CF_OK) {
            rc = add_code(product, code, err);
        }
    }
    return rc;
}

static enum cf_rc read_categories(const json_t *categories, struct cf_product *product, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; categories != NULL && i < json_array_size(categories) && rc == CF_OK; i++) {
        int64_t category = 0;
        rc = cf_json_item_int(categories, i, "categories", 1, UINT32_MAX, &category, err);
        product->categories[product->n_categories++] = (uint32_t)category;
    }
    return rc;
}

static enum cf_rc read_batches(const json_t *recalled, struct cf_product *product, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    for (size_t i = 0; recalled != NULL && i < json_array_size(recalled) && rc == CF_OK; i++) {
        char *batch = product->recalled[product->n_recalled++];
        rc = cf_json_item_text(recalled, i, "recalled", batch, sizeof product->recalled[0], err);
        if (rc == CF_OK && batch[0] == '\0') {
            rc = cf_fail(err, CF_E_JSON_RANGE, "recalled[%zu]: empty", i);
        }
    }
    return rc;
}

/* What most goods have not. */
struct extras_in {
    int64_t plu, min_age;
    char deposit[CF_PRODUCT_CODE_MAX + 1];
    const json_t *recalled;
};

static enum cf_rc take_extras(const struct extras_in *in, struct cf_product *product, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    char code[CF_PRODUCT_CODE_MAX + 1];
    uint64_t gtin;
    product->min_age = (uint8_t)in->min_age;
    if (in->plu != 0) {
        (void)snprintf(code, sizeof code, "#%lld", (long long)in->plu);
        rc = add_code(product, code, err);
    }
    if (rc == CF_OK && in->deposit[0] != '\0') {
        rc = normal_code(in->deposit, code, &gtin, err);
        product->deposit = gtin != 0 ? gtin : own_code_id(code);
    }
    if (rc == CF_OK && product->deposit == product->id && product->id != 0) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "deposit: a product is not its own deposit");
    }
    if (rc == CF_OK && product->floor_minor > product->price_minor && !product->open_price) {
        rc = cf_fail(err, CF_E_JSON_RANGE, "floor_minor: above the price");
    }
    return rc == CF_OK ? read_batches(in->recalled, product, err) : rc;
}

static enum cf_rc read_product(const json_t *json, struct cf_product *product, bool *ret_gone, struct cf_error *err)
{
    char code[CF_PRODUCT_CODE_MAX + 1];
    bool has_code;
    int64_t id = 0, tax_bp = 0;
    struct extras_in in = {.plu = 0};
    const json_t *codes = NULL, *categories = NULL;
    *product = (struct cf_product){0};
    *ret_gone = false;
    const struct cf_json_field fields[] = {
        {.name = "id", .integer = &id, .min = 1, .max = INT64_MAX, .optional = true},
        {.name = "code", .text = code, .cap = sizeof code, .min_bytes = 1, .present = &has_code, .optional = true},
        {.name = "codes", .array = &codes, .items_max = CF_PRODUCT_CODES_MAX, .optional = true},
        {.name = "name", .text = product->name, .cap = sizeof product->name, .min_bytes = 1},
        {.name = "name_other", .text = product->name_other, .cap = sizeof product->name_other, .optional = true},
        {.name = "price_minor", .integer = &product->price_minor, .max = CF_PRICE_MINOR_MAX},
        {.name = "tax_bp", .integer = &tax_bp, .max = 10000, .optional = true},
        {.name = "categories", .array = &categories, .items_max = CF_LINE_CATEGORIES_MAX, .optional = true},
        {.name = "weighed", .boolean = &product->weighed, .optional = true},
        {.name = "gone", .boolean = ret_gone, .optional = true},
        {.name = "plu", .integer = &in.plu, .min = 1, .max = CF_PLU_MAX, .optional = true},
        {.name = "open_price", .boolean = &product->open_price, .optional = true},
        {.name = "serialised", .boolean = &product->serialised, .optional = true},
        {.name = "reduced", .boolean = &product->reduced, .optional = true},
        {.name = "delivery", .boolean = &product->delivery, .optional = true},
        {.name = "min_age", .integer = &in.min_age, .max = CF_PRODUCT_AGE_MAX, .optional = true},
        {.name = "deposit", .text = in.deposit, .cap = sizeof in.deposit, .optional = true},
        {.name = "floor_minor", .integer = &product->floor_minor, .max = CF_PRICE_MINOR_MAX, .optional = true},
        {.name = "member_price_minor",
         .integer = &product->member_price_minor,
         .max = CF_PRICE_MINOR_MAX,
         .present = &product->has_member_price,
         .optional = true},
        {.name = "recalled", .array = &in.recalled, .items_max = CF_PRODUCT_BATCHES_MAX, .optional = true},
    };
    enum cf_rc rc = CF_JSON_READ(json, "", fields, err);
    product->id = (uint64_t)id;
    product->tax_bp = (uint32_t)tax_bp;
    if (rc == CF_OK && has_code) {
        rc = add_code(product, code, err);
    }
    if (rc == CF_OK && codes != NULL) {
        rc = read_codes(codes, product, err);
    }
    if (rc == CF_OK) {
        rc = read_categories(categories, product, err);
    }
    if (rc == CF_OK) {
        rc = take_extras(&in, product, err);
    }
    return rc == CF_OK && product->n_codes == 0 ? cf_fail(err, CF_E_JSON_TYPE, "code: missing") : rc;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

struct import {
    struct cf_central *central;
    uint32_t store;
    struct cf_buf entry;
    struct cf_import_result result;
};

static enum cf_rc drop_old(struct import *import, cf_bytes old_entry, struct cf_error *err)
{
    struct cf_down_entry old;
    enum cf_rc rc = cf_down_decode(old_entry, &old, err);
    if (rc != CF_OK || old.kind != CF_DOWN_PRODUCT) {
        return rc;
    }
    /* Of a catalogue that was there before prices were noted. */
    rc = cf_price_note(import->central, import->store, old.product.id, 0, old.product.price_minor, err);
    for (size_t i = 0; i < old.product.n_codes && rc == CF_OK; i++) {
        rc = cf_store_run(
            import->central->store, CF_Q_PRODUCT_CODE_DROP,
            CF_ARGS(cf_v_int(import->store), cf_v_text(old.product.codes[i]), cf_v_int((int64_t)old.product.id)), err);
    }
    return rc;
}

static enum cf_rc write_product(struct import *import, const struct cf_product *product, bool gone,
                                struct cf_error *err)
{
    uint64_t version;
    struct cf_member_store *store = import->central->store;
    enum cf_rc rc = cf_down_append_bytes(import->central, CF_TOPIC_PRICES, import->store, (int64_t)product->id,
                                         cf_buf_bytes(&import->entry), &version, err);
    if (rc == CF_OK) {
        rc = cf_store_run(store, CF_Q_PRODUCT_PUT,
                          CF_ARGS(cf_v_int(import->store), cf_v_int((int64_t)product->id), cf_v_int((int64_t)version),
                                  cf_v_int(gone)),
                          err);
    }
    for (size_t i = 0; !gone && i < product->n_codes && rc == CF_OK; i++) {
        rc = cf_store_run(
            store, CF_Q_PRODUCT_CODE_PUT,
            CF_ARGS(cf_v_int(import->store), cf_v_text(product->codes[i]), cf_v_int((int64_t)product->id)), err);
    }
    if (!gone && rc == CF_OK) {
        rc = cf_price_note(import->central, import->store, product->id, 0, product->price_minor, err);
    }
    import->result.n_changed++;
    import->result.version = version;
    return rc;
}

/* Sales that tills priced by the old categories may still be in their queues. */
static bool changes_categories(cf_bytes old_entry, const struct cf_product *product, bool gone)
{
    struct cf_down_entry old;
    if (cf_down_decode(old_entry, &old, NULL) != CF_OK || old.kind != CF_DOWN_PRODUCT) {
        return false;
    }
    return gone || old.product.n_categories != product->n_categories ||
           memcmp(old.product.categories, product->categories, product->n_categories * sizeof *product->categories) !=
               0;
}

/* Writes it if it is new or other than before. */
static enum cf_rc import_product(struct import *import, const struct cf_product *product, bool gone,
                                 struct cf_error *err)
{
    struct cf_down_entry entry = {.kind = gone ? CF_DOWN_PRODUCT_GONE : CF_DOWN_PRODUCT};
    if (gone) {
        entry.product_gone = product->id;
    } else {
        entry.product = *product;
    }
    cf_buf_clear(&import->entry);
    enum cf_rc rc = cf_down_encode(&entry, &import->entry, err);
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    if (rc == CF_OK) {
        rc = cf_store_row(import->central->store, CF_Q_PRODUCT_GET,
                          CF_ARGS(cf_v_int(import->store), cf_v_int((int64_t)product->id)), row, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    if (found ? cf_bytes_equal(row[1].b, cf_buf_bytes(&import->entry)) : gone) {
        return CF_OK;
    }
    if (found && changes_categories(row[1].b, product, gone)) {
        rc = cf_store_run(import->central->store, CF_Q_PRODUCT_WAS_ADD,
                          CF_ARGS(cf_v_int(import->store), cf_v_int((int64_t)product->id)), err);
    }
    if (rc == CF_OK && found) {
        rc = drop_old(import, row[1].b, err);
    }
    return rc == CF_OK ? write_product(import, product, gone, err) : rc;
}

/* A code that leads to no product would let the goods go without their deposit, at every till and unseen. */
static enum cf_rc find_deposit(struct import *import, const json_t *json, struct cf_product *product,
                               struct cf_error *err)
{
    struct cf_product deposit;
    struct cf_error why;
    if (product->deposit == 0) {
        return CF_OK;
    }
    enum cf_rc rc = cf_catalogue_by_code(import->central, import->store,
                                         json_string_value(json_object_get(json, "deposit")), &deposit, &why);
    if (rc != CF_OK) {
        return cf_fail(err, rc, "deposit: %s", why.detail);
    }
    if (deposit.id == product->id) {
        return cf_fail(err, CF_E_JSON_RANGE, "deposit: a product is not its own deposit");
    }
    product->deposit = deposit.id;
    return CF_OK;
}

static enum cf_rc import_json(struct import *import, const json_t *json, struct cf_error *err)
{
    struct cf_product product;
    bool gone;
    enum cf_rc rc = read_product(json, &product, &gone, err);
    if (rc == CF_OK && !gone) {
        rc = find_deposit(import, json, &product, err);
    }
    if (rc == CF_OK) {
        rc = import_product(import, &product, gone, err);
    }
    import->result.n_read += rc == CF_OK;
    return rc;
}

static enum cf_rc parse_line(cf_bytes line, json_t **ret, struct cf_error *err)
{
    return line.n <= LINE_BYTES_MAX ? cf_json_parse(line, ret, err) : cf_fail(err, CF_E_LIMIT, "%zu bytes", line.n);
}

static enum cf_rc import_line(struct import *import, cf_bytes line, struct cf_error *err)
{
    json_t *json;
    enum cf_rc rc = parse_line(line, &json, err);
    if (rc == CF_OK) {
        rc = import_json(import, json, err);
        json_decref(json);
    }
    return rc;
}

static enum cf_rc check_line(cf_bytes line, struct cf_error *err)
{
    json_t *json;
    struct cf_product product;
    bool gone;
    enum cf_rc rc = parse_line(line, &json, err);
    if (rc == CF_OK) {
        rc = read_product(json, &product, &gone, err);
        json_decref(json);
    }
    return rc;
}

static bool is_blank(cf_bytes line)
{
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r') {
            return false;
        }
    }
    return true;
}

static enum cf_rc import_lines(struct import *import, cf_line_source_fn next, void *ctx, struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_error why;
    cf_bytes line;
    uint64_t line_no = 0;
    enum cf_rc rc = cf_store_settings_get(import->central, import->store, &settings, err);
    while (rc == CF_OK && next(ctx, &line)) {
        line_no++;
        if (is_blank(line)) {
            continue;
        }
        rc = import_line(import, line, &why);
        if (rc != CF_OK) {
            return cf_fail(err, rc, "line %llu: %s", (unsigned long long)line_no, why.detail);
        }
    }
    return rc;
}

enum cf_rc cf_central_import_check(cf_line_source_fn next, void *ctx, struct cf_error *err)
{
    struct cf_error why;
    cf_bytes line;
    for (uint64_t line_no = 1; next(ctx, &line); line_no++) {
        enum cf_rc rc = is_blank(line) ? CF_OK : check_line(line, &why);
        if (rc != CF_OK) {
            return cf_fail(err, rc, "line %llu: %s", (unsigned long long)line_no, why.detail);
        }
    }
    return CF_OK;
}

enum cf_rc cf_central_import(struct cf_central *central, uint32_t store, cf_line_source_fn next, void *ctx,
                             struct cf_import_result *ret, struct cf_error *err)
{
    struct import import = {.central = central, .store = store};
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc != CF_OK) {
        return rc;
    }
    cf_buf_init(&import.entry, CF_DOWN_ENTRY_MAX);
    rc = cf_central_end(central, import_lines(&import, next, ctx, err), err);
    cf_buf_done(&import.entry);
    if (rc == CF_OK) {
        *ret = import.result;
    }
    return rc;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

struct body_lines {
    cf_bytes rest;
};

static bool next_line(void *ctx, cf_bytes *ret_line)
{
    struct body_lines *lines = ctx;
    if (lines->rest.n == 0) {
        return false;
    }
    const uint8_t *end = memchr(lines->rest.p, '\n', lines->rest.n);
    size_t n = end != NULL ? (size_t)(end - lines->rest.p) : lines->rest.n;
    size_t used = end != NULL ? n + 1 : n;
    *ret_line = cf_bytes_of(lines->rest.p, n);
    lines->rest.p += used;
    lines->rest.n -= used;
    return true;
}

static enum cf_rc asked_store(const struct cf_call *call, bool required, uint32_t *ret, struct cf_error *err)
{
    uint64_t store = 0;
    bool present;
    enum cf_rc rc = cf_call_query(call, "store", &store, &present, err);
    if (rc == CF_OK && (present || required) && (store == 0 || store > UINT32_MAX)) {
        rc = cf_fail(err, CF_E_ARGUMENT, "say which store: ?store=ID");
    }
    if (rc == CF_OK) {
        *ret = (uint32_t)store;
    }
    return rc;
}

static enum cf_rc import_array(struct import *import, const json_t *products, struct cf_error *err)
{
    struct cf_store_settings settings;
    struct cf_error why;
    enum cf_rc rc = cf_store_settings_get(import->central, import->store, &settings, err);
    for (size_t i = 0; i < json_array_size(products) && rc == CF_OK; i++) {
        const json_t *item = json_array_get(products, i);
        rc = json_is_object(item) ? import_json(import, item, &why)
                                  : cf_fail(&why, CF_E_JSON_TYPE, "an object is expected");
        if (rc != CF_OK) {
            return cf_fail(err, rc, "products[%zu]: %s", i, why.detail);
        }
    }
    return rc;
}

/* {"store": ID, "products": [...]}: the same in one object, for a few products. */
static enum cf_rc import_object(struct cf_central *central, const struct cf_call *call, uint32_t *ret_store,
                                struct cf_import_result *ret, struct cf_error *err)
{
    struct import import = {.central = central};
    int64_t store = 0;
    const json_t *products = NULL;
    const struct cf_json_field fields[] = {
        {.name = "store", .integer = &store, .min = 1, .max = UINT32_MAX},
        {.name = "products", .array = &products, .items_max = PRODUCTS_MAX},
    };
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = CF_JSON_READ(json, "", fields, err);
    import.store = (uint32_t)store;
    cf_buf_init(&import.entry, CF_DOWN_ENTRY_MAX);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_end(central, import_array(&import, products, err), err);
    }
    cf_buf_done(&import.entry);
    json_decref(json);
    if (rc == CF_OK) {
        *ret_store = import.store;
        *ret = import.result;
    }
    return rc;
}

/* With ?store=ID the body is JSON lines. */
enum cf_rc cf_handle_catalogue_add(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    uint32_t store = 0;
    struct body_lines lines = {call->request->body};
    struct cf_import_result result;
    enum cf_rc rc = asked_store(call, false, &store, err);
    if (rc == CF_OK) {
        rc = store != 0 ? cf_central_import(central, store, next_line, &lines, &result, err)
                        : import_object(central, call, &store, &result, err);
    }
    if (rc == CF_OK) {
        reply->json = json_object();
        cf_json_set_int(reply->json, "store", store);
        cf_json_set_int(reply->json, "products", (int64_t)result.n_read);
        cf_json_set_int(reply->json, "changed", (int64_t)result.n_changed);
    }
    return rc;
}

/* How many products a store has. */
enum cf_rc cf_handle_catalogue_get(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                   struct cf_error *err)
{
    uint32_t store;
    struct cf_store_settings settings;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = asked_store(call, true, &store, err);
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, store, &settings, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_PRODUCT_COUNT, CF_ARGS(cf_v_int(store)), row, &found, err);
    }
    if (rc == CF_OK) {
        reply->json = json_object();
        cf_json_set_int(reply->json, "store", store);
        cf_json_set_int(reply->json, "products", row[0].i);
    }
    return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum cf_rc cf_catalogue_product(struct cf_central *central, uint32_t store, uint64_t id, struct cf_product *ret,
                                struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_down_entry entry;
    bool found;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_PRODUCT_GET, CF_ARGS(cf_v_int(store), cf_v_int((int64_t)id)), row,
                                 &found, err);
    if (rc == CF_OK && (!found || row[0].i != 0)) {
        rc = cf_fail(err, CF_E_PRODUCT_UNKNOWN, "product %llu", (unsigned long long)id);
    }
    if (rc == CF_OK) {
        rc = cf_down_decode(row[1].b, &entry, err);
    }
    if (rc == CF_OK) {
        *ret = entry.product;
    }
    return rc;
}

enum cf_rc cf_catalogue_by_code(struct cf_central *central, uint32_t store, const char *code, struct cf_product *ret,
                                struct cf_error *err)
{
    char normal[CF_PRODUCT_CODE_MAX + 1];
    uint64_t gtin;
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found;
    enum cf_rc rc = normal_code(code, normal, &gtin, err);
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_PRODUCT_BY_CODE, CF_ARGS(cf_v_int(store), cf_v_text(normal)), row,
                          &found, err);
    }
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_PRODUCT_UNKNOWN, "code %s", normal);
    }
    return rc == CF_OK ? cf_catalogue_product(central, store, (uint64_t)row[0].i, ret, err) : rc;
}
