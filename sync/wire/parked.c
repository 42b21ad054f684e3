/*
 * sync/wire/parked.c - see parked.h.
 */
#include "sync/wire/parked.h"

#include "sync/wire/fields.h"

#include <assert.h>

#define SALE_FIELDS 9

static void write_sale(struct cf_cbor_writer *w, const struct cf_parked *sale)
{
    cf_cbor_write_array(w, SALE_FIELDS);
    cf_cbor_write_bytes(w, cf_bytes_of(sale->key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(w, sale->terminal);
    cf_cbor_write_text(w, sale->label);
    cf_cbor_write_text(w, sale->user);
    cf_cbor_write_int(w, sale->at_ms);
    cf_cbor_write_uint(w, sale->n_lines);
    cf_cbor_write_int(w, sale->total_minor);
    cf_cbor_write_text(w, sale->first_line);
    cf_cbor_write_bytes(w, sale->steps);
}

static void read_sale(struct cf_cbor_reader *r, struct cf_parked *ret)
{
    uint64_t n_lines = 0;
    cf_cbor_read_array_of(r, SALE_FIELDS);
    cf_cbor_read_bytes_of(r, ret->key, CF_REQUEST_KEY_BYTES);
    ret->terminal = cf_cbor_read_u32(r);
    if (cf_cbor_read_cstr(r, ret->label, sizeof ret->label) && ret->label[0] == '\0')
        cf_cbor_read_refuse(r);
    cf_cbor_read_cstr(r, ret->user, sizeof ret->user);
    cf_cbor_read_int(r, &ret->at_ms);
    cf_cbor_read_uint(r, &n_lines, CF_CART_LINES_MAX);
    ret->n_lines = (uint32_t)n_lines;
    if (cf_cbor_read_int(r, &ret->total_minor) && ret->total_minor < 0)
        cf_cbor_read_refuse(r);
    cf_cbor_read_cstr(r, ret->first_line, sizeof ret->first_line);
    cf_cbor_read_bytes(r, &ret->steps, CF_PARKED_BYTES_MAX);
}

enum cf_rc cf_hub_park_encode(const struct cf_hub_park *park, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 4, park->terminal, park->epoch);
    write_sale(&w, &park->sale);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_park_decode(cf_bytes bytes, struct cf_hub_park *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_park park = {0};
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 4, &park.terminal, &park.epoch);
    read_sale(&r, &park.sale);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = park;
    return rc;
}

enum cf_rc cf_hub_recall_encode(const struct cf_hub_recall *recall, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 5, recall->terminal, recall->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(recall->key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(&w, recall->what);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_recall_decode(cf_bytes bytes, struct cf_hub_recall *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_recall recall = {0};
    uint64_t what = 0;
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 5, &recall.terminal, &recall.epoch);
    cf_cbor_read_bytes_of(&r, recall.key, CF_REQUEST_KEY_BYTES);
    if (cf_cbor_read_uint(&r, &what, CF_HUB_RECALL_BACK) && what < CF_HUB_RECALL_TAKE)
        cf_cbor_read_refuse(&r);
    recall.what = (enum cf_hub_recall_what)what;
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = recall;
    return rc;
}

enum cf_rc cf_hub_recalled_encode(const struct cf_hub_recalled *recalled, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, (uint64_t)recalled->rc);
    if (recalled->has_sale)
        write_sale(&w, &recalled->sale);
    else
        cf_cbor_write_null(&w);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_recalled_decode(cf_bytes bytes, struct cf_hub_recalled *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_recalled recalled = {.rc = CF_OK};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    wire_read_version(&r);
    recalled.rc = wire_read_rc(&r);
    recalled.has_sale = !cf_cbor_read_null(&r);
    if (recalled.has_sale)
        read_sale(&r, &recalled.sale);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = recalled;
    return rc;
}

enum cf_rc cf_hub_parked_ask_encode(const struct cf_hub_parked_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 3, ask->terminal, ask->epoch);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_parked_ask_decode(cf_bytes bytes, struct cf_hub_parked_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_parked_ask ask = {0};
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 3, &ask.terminal, &ask.epoch);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = ask;
    return rc;
}

enum cf_rc cf_hub_parked_list_encode(const struct cf_hub_parked_list *list, struct cf_buf *ret, struct cf_error *err)
{
    assert(list->n <= CF_PARKED_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_array(&w, list->n);
    for (size_t i = 0; i < list->n; i++)
        write_sale(&w, &list->sales[i]);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_parked_list_decode(cf_bytes bytes, struct cf_hub_parked_list *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 2);
    wire_read_version(&r);
    ret->n = 0;
    cf_cbor_read_array(&r, &ret->n, CF_PARKED_MAX);
    for (size_t i = 0; i < ret->n; i++)
        read_sale(&r, &ret->sales[i]);
    return cf_cbor_read_end(&r, err);
}
