/*
 * tests/unit/terminal/park_support.c - see park_support.h.
 */
#include "tests/unit/terminal/park_support.h"

#include <stdlib.h>
#include <string.h>

static struct park_row *find(struct park_hub *hub, const uint8_t *key)
{
    for (size_t i = 0; i < hub->n; i++)
        if (memcmp(hub->rows[i].key, key, CF_REQUEST_KEY_BYTES) == 0)
            return &hub->rows[i];
    return NULL;
}

static struct park_row *add(struct park_hub *hub, const uint8_t *key, int state)
{
    assert_true(hub->n < PARK_ROWS);
    struct park_row *row = &hub->rows[hub->n++];
    memset(row, 0, sizeof *row);
    memcpy(row->key, key, CF_REQUEST_KEY_BYTES);
    row->state = state;
    return row;
}

static enum cf_rc park(struct park_hub *hub, cf_bytes body, struct cf_buf *ret)
{
    struct cf_hub_park ask;
    assert_ok(cf_hub_park_decode(body, &ask, NULL));
    struct park_row *row = find(hub, ask.sale.key);
    if (row != NULL)
        return cf_hub_verdict_encode(row->state == 4 || row->by == ask.terminal ? CF_E_PARKED_NONE : CF_OK, ret, NULL);
    for (size_t i = 0; i < hub->n; i++)
        if (hub->rows[i].state == 1 && strcmp(hub->rows[i].sale.label, ask.sale.label) == 0)
            return cf_hub_verdict_encode(CF_E_EXISTS, ret, NULL);
    row = add(hub, ask.sale.key, 1);
    row->sale = ask.sale;
    assert_true(ask.sale.steps.n <= sizeof row->steps);
    memcpy(row->steps, ask.sale.steps.p, ask.sale.steps.n);
    row->sale.steps = cf_bytes_of(row->steps, ask.sale.steps.n);
    return cf_hub_verdict_encode(CF_OK, ret, NULL);
}

static enum cf_rc take(struct park_hub *hub, struct park_row *row, uint32_t by)
{
    (void)hub;
    if (row->state == 3 || (row->state == 2 && row->by != by))
        return CF_E_PARKED_TAKEN;
    row->state = 2;
    row->by = by;
    return CF_OK;
}

static enum cf_rc recall(struct park_hub *hub, cf_bytes body, struct cf_buf *ret)
{
    struct cf_hub_recall ask;
    struct cf_hub_recalled answer = {.rc = CF_E_PARKED_NONE};
    assert_ok(cf_hub_recall_decode(body, &ask, NULL));
    struct park_row *row = find(hub, ask.key);
    if (ask.what == CF_HUB_RECALL_DONE) {
        if (row != NULL && row->state == 2 && row->by == ask.terminal)
            row->state = 3;
    } else if (ask.what == CF_HUB_RECALL_BACK) {
        if (row != NULL && row->state == 2 && row->by == ask.terminal)
            row->state = 1;
    } else if (row == NULL) {
        (void)add(hub, ask.key, 4);
    } else if (row->state != 4) {
        answer.rc = take(hub, row, ask.terminal);
        answer.has_sale = answer.rc == CF_OK;
        answer.sale = row->sale;
    }
    return cf_hub_recalled_encode(&answer, ret, NULL);
}

static enum cf_rc list(const struct park_hub *hub, struct cf_buf *ret)
{
    static struct cf_hub_parked_list all;
    all.n = 0;
    for (size_t i = 0; i < hub->n; i++)
        if (hub->rows[i].state == 1) {
            all.sales[all.n] = hub->rows[i].sale;
            all.sales[all.n++].steps = (cf_bytes){NULL, 0};
        }
    return cf_hub_parked_list_encode(&all, ret, NULL);
}

static enum cf_rc answer_more(struct shop *shop, const char *path, cf_bytes body, struct cf_buf *ret)
{
    struct park_hub *hub = shop->lan_ctx;
    hub->asked++;
    if (strcmp(path, CF_PATH_HUB_PARK) == 0)
        return park(hub, body, ret);
    if (strcmp(path, CF_PATH_HUB_RECALL) == 0)
        return recall(hub, body, ret);
    assert_string_equal(path, CF_PATH_HUB_PARKED);
    return list(hub, ret);
}

struct park_hub *park_begin(struct shop *shop)
{
    struct park_hub *hub = calloc(1, sizeof *hub);
    assert_non_null(hub);
    shop->lan_ctx = hub;
    shop->lan_more = answer_more;
    shop_send_hub(shop, shop->hub_epoch + 1);
    shop_restart(shop);
    return hub;
}

void park_done(struct shop *shop)
{
    free(shop->lan_ctx);
    shop->lan_ctx = NULL;
    shop->lan_more = NULL;
}

size_t park_waiting(const struct park_hub *hub)
{
    size_t n = 0;
    for (size_t i = 0; i < hub->n; i++)
        n += hub->rows[i].state == 1;
    return n;
}

enum cf_rc park_other_takes(struct park_hub *hub, const char *label)
{
    for (size_t i = 0; i < hub->n; i++)
        if (strcmp(hub->rows[i].sale.label, label) == 0 && hub->rows[i].state <= 2)
            return take(hub, &hub->rows[i], PARK_OTHER);
    return CF_E_PARKED_NONE;
}
