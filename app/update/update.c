/*
 * app/update/update.c - see update.h.
 *
 *   [1, state, [as cf_update_order_write] | null, fetched, rc, tries, boot_id(16)]
 */
#include "app/update/update.h"

#include <string.h>

#define STATE_VERSION 1
#define STATE_FIELDS 7

static bool is_same(const struct cf_release *a, const struct cf_release *b)
{
    return a->number == b->number && memcmp(a->hash.digest, b->hash.digest, CF_SHA256_BYTES) == 0;
}

static struct cf_update failed(const struct cf_update *update, enum cf_rc rc)
{
    struct cf_update next = *update;
    next.state = CF_UPDATE_FAILED;
    next.rc = rc;
    next.fetched = 0;
    next.tries = 0;
    return next;
}

static struct cf_update began(const struct cf_update_order *order, const struct cf_machine_facts *facts)
{
    struct cf_update next = {.state = CF_UPDATE_FETCHING, .order = *order};
    struct cf_error why = {.rc = CF_OK};
    if (cf_release_runs_on(&order->release, facts)) {
        next.state = CF_UPDATE_ACTIVATED;
        return next;
    }
    enum cf_rc rc = cf_release_suits(&order->release, facts, &why);
    return rc == CF_OK ? next : failed(&next, rc);
}

static struct cf_update ordered(const struct cf_update *update, const struct cf_update_event *event)
{
    struct cf_update next = *update;
    if (update->state == CF_UPDATE_ACTIVATING) {
        return next; /* the machine restarts: what it is then will be asked again */
    }
    if (event->order->none) {
        bool under_way = update->state != CF_UPDATE_ACTIVATED && update->state != CF_UPDATE_FAILED;
        return under_way ? (struct cf_update){.state = CF_UPDATE_IDLE, .order = {.none = true}} : next;
    }
    if (update->order.none || !is_same(&update->order.release, &event->order->release)) {
        return began(event->order, event->facts);
    }
    next.order = *event->order; /* the hour and the rate may have changed */
    return next;
}

/* After a restart: is it what was meant to run? */
static struct cf_update started(const struct cf_update *update, const struct cf_update_event *event)
{
    bool same_boot = memcmp(update->boot_id, event->boot_id, CF_BOOT_ID_BYTES) == 0;
    if (update->state != CF_UPDATE_ACTIVATING || same_boot ||
        cf_release_runs_on(&update->order.release, event->facts)) {
        return *update;
    }
    return failed(update, CF_E_UPDATE_INSTALL);
}

static struct cf_update got(const struct cf_update *update, uint64_t fetched)
{
    struct cf_update next = *update;
    if (update->state == CF_UPDATE_FETCHING && fetched <= update->order.release.size) {
        next.fetched = fetched;
    }
    return next;
}

static struct cf_update altered(const struct cf_update *update)
{
    struct cf_update next = *update;
    if (update->state != CF_UPDATE_FETCHING) {
        return next;
    }
    next.fetched = 0;
    next.tries++;
    return next.tries < CF_UPDATE_FETCHES_MAX ? next : failed(update, CF_E_UPDATE_ALTERED);
}

static struct cf_update not_placed(const struct cf_update *update)
{
    struct cf_update next = *update;
    if (update->state != CF_UPDATE_INSTALLING) {
        return next;
    }
    next.state = CF_UPDATE_VERIFIED;
    next.tries++;
    return next.tries < CF_UPDATE_INSTALLS_MAX ? next : failed(update, CF_E_UPDATE_INSTALL);
}

/* From one state to the next; in any other the event means nothing. */
static struct cf_update moved(const struct cf_update *update, enum cf_update_state from, enum cf_update_state to)
{
    struct cf_update next = *update;
    if (update->state == from) {
        next.state = to;
        next.tries = to == CF_UPDATE_INSTALLING ? update->tries : 0;
    }
    return next;
}

struct cf_update cf_update_step(const struct cf_update *update, const struct cf_update_event *event)
{
    struct cf_update next = *update;
    switch (event->kind) {
    case CF_UPDATE_ORDERED:
        return ordered(update, event);
    case CF_UPDATE_STARTED:
        return started(update, event);
    case CF_UPDATE_GOT:
        return got(update, event->fetched);
    case CF_UPDATE_NO_ROOM:
        return update->state == CF_UPDATE_FETCHING ? failed(update, CF_E_UPDATE_SPACE) : next;
    case CF_UPDATE_GENUINE:
        return update->fetched == update->order.release.size ? moved(update, CF_UPDATE_FETCHING, CF_UPDATE_VERIFIED)
                                                             : next;
    case CF_UPDATE_ALTERED:
        return altered(update);
    case CF_UPDATE_BEGUN:
        return moved(update, CF_UPDATE_VERIFIED, CF_UPDATE_INSTALLING);
    case CF_UPDATE_IN_PLACE:
        return moved(update, CF_UPDATE_INSTALLING, CF_UPDATE_INSTALLED);
    case CF_UPDATE_NOT_PLACED:
        return not_placed(update);
    case CF_UPDATE_NOW:
        next = moved(update, CF_UPDATE_INSTALLED, CF_UPDATE_ACTIVATING);
        if (next.state != update->state) {
            memcpy(next.boot_id, event->boot_id, sizeof next.boot_id);
        }
        return next;
    case CF_UPDATE_NOT_NOW:
        return update->state == CF_UPDATE_ACTIVATING ? failed(update, CF_E_UPDATE_INSTALL) : next;
    case CF_UPDATE_HEALTHY:
        return moved(update, CF_UPDATE_ACTIVATING, CF_UPDATE_ACTIVATED);
    }
    return next;
}

enum cf_update_action cf_update_next(const struct cf_update *update, const struct cf_machine_facts *facts)
{
    switch (update->state) {
    case CF_UPDATE_IDLE:
    case CF_UPDATE_ACTIVATED:
    case CF_UPDATE_FAILED:
        return CF_UPDATE_REST;
    case CF_UPDATE_FETCHING:
        return update->fetched == update->order.release.size ? CF_UPDATE_VERIFY : CF_UPDATE_FETCH;
    case CF_UPDATE_VERIFIED:
    case CF_UPDATE_INSTALLING:
        return CF_UPDATE_INSTALL;
    case CF_UPDATE_INSTALLED:
        return CF_UPDATE_AWAIT;
    case CF_UPDATE_ACTIVATING:
        return cf_release_runs_on(&update->order.release, facts) ? CF_UPDATE_LOOK : CF_UPDATE_RESTART;
    }
    return CF_UPDATE_REST;
}

/* --- written down ------------------------------------------------------------------------------------------------- */

enum cf_rc cf_update_encode(const struct cf_update *update, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, STATE_FIELDS);
    cf_cbor_write_uint(&w, STATE_VERSION);
    cf_cbor_write_uint(&w, update->state);
    cf_cbor_write_array(&w, update->order.none ? 1 : CF_UPDATE_ORDER_ITEMS);
    cf_update_order_write(&update->order, &w);
    cf_cbor_write_uint(&w, update->fetched);
    cf_cbor_write_uint(&w, (uint64_t)update->rc);
    cf_cbor_write_uint(&w, update->tries);
    cf_cbor_write_bytes(&w, cf_bytes_of(update->boot_id, CF_BOOT_ID_BYTES));
    return cf_cbor_write_end(&w, err);
}

static bool is_possible(const struct cf_update *update)
{
    bool idle = update->state == CF_UPDATE_IDLE;
    bool whole = update->state >= CF_UPDATE_VERIFIED && update->state <= CF_UPDATE_ACTIVATING;
    return update->order.none == idle &&
           (idle ? update->fetched == 0 : update->fetched <= update->order.release.size) &&
           (!whole || update->fetched == update->order.release.size) &&
           (update->rc != CF_OK) == (update->state == CF_UPDATE_FAILED) && update->tries < CF_UPDATE_FETCHES_MAX;
}

enum cf_rc cf_update_decode(cf_bytes bytes, struct cf_update *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_update update;
    uint64_t version = 0, state = 0, number = 0, tries = 0;
    size_t items = 0;
    memset(&update, 0, sizeof update);
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, STATE_FIELDS);
    cf_cbor_read_uint(&r, &version, STATE_VERSION);
    cf_cbor_read_uint(&r, &state, CF_UPDATE_FAILED);
    cf_cbor_read_array(&r, &items, CF_UPDATE_ORDER_ITEMS);
    if (version != STATE_VERSION || (items != 1 && items != CF_UPDATE_ORDER_ITEMS)) {
        cf_cbor_read_refuse(&r);
    }
    cf_update_order_read(&r, items, &update.order);
    cf_cbor_read_uint(&r, &update.fetched, CF_BUNDLE_BYTES_MAX);
    cf_cbor_read_uint(&r, &number, UINT16_MAX);
    cf_cbor_read_uint(&r, &tries, UINT32_MAX);
    cf_cbor_read_bytes_of(&r, update.boot_id, CF_BOOT_ID_BYTES);
    if (number != 0 && !cf_rc_from_number((int64_t)number, &update.rc)) {
        update.rc = CF_E_SERVER;
    }
    update.state = (enum cf_update_state)state;
    update.tries = (uint32_t)tries;
    if (r.rc == CF_OK && !is_possible(&update)) {
        cf_cbor_read_refuse(&r);
    }
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK) {
        memcpy(ret, &update, sizeof *ret);
    }
    return rc;
}
