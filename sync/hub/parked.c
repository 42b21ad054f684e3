/*
 * sync/hub/parked.c - sales that tills park here, so that any till of the store can go on with them, once.
 *
 * A sale is named by a key that its till made and journalled before it asked. It waits here until a till takes it; who
 * took it may ask again until it says that its own journal has it. A key stays known when all else of it is gone, so
 * that a message that comes late or twice neither brings a sale back nor takes one away. What a sale holds is not
 * looked at: whoever takes it judges that.
 */
#include "sync/hub/inside.h"

#include <string.h>

static struct cf_parked parked_of(const struct cf_hub_parked_row *row, cf_bytes steps)
{
    struct cf_parked sale = {.terminal = row->terminal,
                             .at_ms = row->at_ms,
                             .n_lines = row->n_lines,
                             .total_minor = row->total_minor,
                             .steps = steps};
    memcpy(sale.key, row->key, sizeof sale.key);
    memcpy(sale.label, row->label, sizeof sale.label);
    memcpy(sale.user, row->user, sizeof sale.user);
    memcpy(sale.first_line, row->first_line, sizeof sale.first_line);
    return sale;
}

static struct cf_hub_parked_row row_of(const struct cf_hub_park *park)
{
    const struct cf_parked *sale = &park->sale;
    struct cf_hub_parked_row row = {.state = CF_HUB_PARKED,
                                    .terminal = park->terminal,
                                    .epoch = park->epoch,
                                    .at_ms = sale->at_ms,
                                    .n_lines = sale->n_lines,
                                    .total_minor = sale->total_minor};
    memcpy(row.key, sale->key, sizeof row.key);
    memcpy(row.label, sale->label, sizeof row.label);
    memcpy(row.user, sale->user, sizeof row.user);
    memcpy(row.first_line, sale->first_line, sizeof row.first_line);
    return row;
}

/* Writes a row with or without its steps, as a step of the history. */
static enum cf_rc put(struct cf_hub *hub, const struct cf_hub_caller *caller, const struct cf_hub_parked_row *row,
                      cf_bytes steps, enum cf_hub_step step, struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_set_parked(hub->store, row, steps, cf_env_wall(hub->config.env), err);
    return rc == CF_OK ? cf_hub_add_step(hub, step, CF_HUB_NUMBERS(caller->terminal, caller->epoch, row->state),
                                         cf_bytes_of(row->key, CF_REQUEST_KEY_BYTES), err)
                       : rc;
}

static enum cf_rc judge_park(struct cf_hub *hub, const struct cf_hub_caller *caller, const struct cf_hub_park *park,
                             enum cf_rc *ret_verdict, struct cf_error *err)
{
    struct cf_hub_parked_row row;
    bool found = false;
    int64_t n_all = 0, n_of_label = 0;
    cf_buf_clear(&hub->stored);
    enum cf_rc rc = cf_hub_store_parked(hub->store, park->sale.key, &row, &hub->stored, &found, err);
    if (rc != CF_OK)
        return rc;
    *ret_verdict = CF_OK;
    if (found) { /* the same again: it is here, or another till has it; unless it went back to whoever parked it */
        bool own = row.terminal == caller->terminal && row.epoch == caller->epoch;
        bool back = row.by_terminal == row.terminal && row.by_epoch == row.epoch;
        *ret_verdict = own && !back && row.state != CF_HUB_PARKED_GIVEN_UP ? CF_OK : CF_E_PARKED_NONE;
        return CF_OK;
    }
    rc = cf_hub_store_count_parked(hub->store, park->sale.label, &n_all, &n_of_label, err);
    if (rc != CF_OK || n_of_label > 0 || n_all >= CF_PARKED_MAX) {
        *ret_verdict = n_of_label > 0 ? CF_E_EXISTS : CF_E_LIMIT;
        return rc;
    }
    row = row_of(park);
    return put(hub, caller, &row, park->sale.steps, CF_HUB_STEP_PARK, err);
}

enum cf_rc cf_hub_park_sale(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                            struct cf_error *err)
{
    struct cf_hub_park park;
    struct cf_error why;
    enum cf_rc verdict = CF_OK;
    if (cf_hub_park_decode(body, &park, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, park.terminal, park.epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    if (rc == CF_OK)
        rc = judge_park(hub, caller, &park, &verdict, err);
    return rc == CF_OK ? cf_hub_verdict_encode(verdict, ret, err) : rc;
}

/* A key that never came: if its message comes yet, it takes nothing from the till that asks now. */
static enum cf_rc give_up(struct cf_hub *hub, const struct cf_hub_caller *caller,
                          const uint8_t key[CF_REQUEST_KEY_BYTES], struct cf_error *err)
{
    struct cf_hub_parked_row row = {
        .state = CF_HUB_PARKED_GIVEN_UP, .terminal = caller->terminal, .epoch = caller->epoch};
    memcpy(row.key, key, sizeof row.key);
    return put(hub, caller, &row, (cf_bytes){NULL, 0}, CF_HUB_STEP_RECALL, err);
}

static enum cf_rc take(struct cf_hub *hub, const struct cf_hub_caller *caller, struct cf_hub_parked_row *row,
                       struct cf_hub_recalled *recalled, struct cf_error *err)
{
    enum cf_rc rc = CF_OK;
    if (row->state == CF_HUB_PARKED) {
        row->state = CF_HUB_PARKED_TAKEN;
        row->by_terminal = caller->terminal;
        row->by_epoch = caller->epoch;
        rc = put(hub, caller, row, cf_buf_bytes(&hub->stored), CF_HUB_STEP_RECALL, err);
    }
    recalled->has_sale = rc == CF_OK;
    recalled->sale = parked_of(row, cf_buf_bytes(&hub->stored));
    return rc;
}

static enum cf_rc judge_recall(struct cf_hub *hub, const struct cf_hub_caller *caller,
                               const struct cf_hub_recall *recall, struct cf_hub_recalled *recalled,
                               struct cf_error *err)
{
    struct cf_hub_parked_row row;
    bool found = false;
    cf_buf_clear(&hub->stored);
    enum cf_rc rc = cf_hub_store_parked(hub->store, recall->key, &row, &hub->stored, &found, err);
    if (rc != CF_OK)
        return rc;
    bool takes = recall->what == CF_HUB_RECALL_TAKE, done = recall->what == CF_HUB_RECALL_DONE;
    if (!found || row.state == CF_HUB_PARKED_GIVEN_UP) {
        recalled->rc = CF_E_PARKED_NONE;
        return found || !takes ? CF_OK : give_up(hub, caller, recall->key, err);
    }
    bool by_caller = row.by_terminal == caller->terminal && row.by_epoch == caller->epoch;
    if (row.state == CF_HUB_PARKED_OVER || (row.state == CF_HUB_PARKED_TAKEN && !by_caller)) {
        recalled->rc = done && by_caller ? CF_OK : CF_E_PARKED_TAKEN;
        return CF_OK;
    }
    if (takes)
        return take(hub, caller, &row, recalled, err);
    if (row.state != CF_HUB_PARKED_TAKEN) {
        recalled->rc = CF_E_PARKED_NONE; /* nobody took it */
        return CF_OK;
    }
    if (!done) {
        row.state = CF_HUB_PARKED;
        row.by_terminal = row.by_epoch = 0;
        return put(hub, caller, &row, cf_buf_bytes(&hub->stored), CF_HUB_STEP_RECALL, err);
    }
    row.state = CF_HUB_PARKED_OVER;
    row.label[0] = row.user[0] = row.first_line[0] = '\0';
    return put(hub, caller, &row, (cf_bytes){NULL, 0}, CF_HUB_STEP_RECALL, err);
}

enum cf_rc cf_hub_recall_sale(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                              struct cf_error *err)
{
    struct cf_hub_recall recall;
    struct cf_hub_recalled recalled = {.rc = CF_OK};
    struct cf_error why;
    if (cf_hub_recall_decode(body, &recall, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = cf_hub_check_caller(caller, recall.terminal, recall.epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_check_spends(hub, caller, err);
    if (rc == CF_OK)
        rc = judge_recall(hub, caller, &recall, &recalled, err);
    return rc == CF_OK ? cf_hub_recalled_encode(&recalled, ret, err) : rc;
}

static enum cf_rc list_one(void *ctx, const struct cf_hub_parked_row *row, struct cf_error *err)
{
    struct cf_hub_parked_list *list = ctx;
    (void)err;
    if (list->n < CF_PARKED_MAX)
        list->sales[list->n++] = parked_of(row, (cf_bytes){NULL, 0});
    return CF_OK;
}

enum cf_rc cf_hub_list_parked(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                              struct cf_error *err)
{
    struct cf_hub_parked_ask ask;
    struct cf_error why;
    if (cf_hub_parked_ask_decode(body, &ask, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    hub->parked.n = 0;
    enum cf_rc rc = cf_hub_check_caller(caller, ask.terminal, ask.epoch, err);
    if (rc == CF_OK)
        rc = cf_hub_store_each_parked(hub->store, list_one, &hub->parked, err);
    return rc == CF_OK ? cf_hub_parked_list_encode(&hub->parked, ret, err) : rc;
}
