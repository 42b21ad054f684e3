/*
 * app/core/user.c - see user.h.
 *
 *   USER record  [1, kind, user, shown, role, badge, by, by_shown, by_role, act, amount_minor, percent_bp, sale_no,
 * reason]
 */
#include "app/core/user.h"

#include <stdio.h>
#include <string.h>

#include "base/cbor.h"
#include "base/text.h"

#define EVENT_VERSION 1
#define EVENT_FIELDS 14
#define WAIT_FROM 5 /* wrong PINs in a row */
#define WAIT_FIRST_S 30
#define WAIT_MOST_S 3600
#define ALL_BP 10000

struct cf_badge_mark cf_badge_mark_of(cf_bytes text)
{
    struct cf_badge_mark mark;
    cf_bytes parts[] = {cf_bytes_str("cf-badge"), text};
    struct cf_sha256 hash = cf_sha256_parts(parts, 2);
    memcpy(mark.b, hash.digest, sizeof mark.b);
    return mark;
}

enum cf_rc cf_user_check(const struct cf_user *user, struct cf_error *err)
{
    bool good = user->store > 0 && user->user > 0 && user->user <= CF_USER_MAX;
    if (good && !user->gone)
        good = user->role >= CF_ROLE_CASHIER && user->role <= CF_ROLE_TECHNICIAN && user->name[0] != '\0' &&
               user->pin.memory_kib >= CF_PIN_MEMORY_KIB_MIN && user->pin.memory_kib <= CF_PIN_MEMORY_KIB_MAX &&
               user->pin.passes >= 1 && user->pin.passes <= CF_PIN_PASSES_MAX;
    return good ? CF_OK : cf_fail(err, CF_E_RANGE, "user %u", user->user);
}

void cf_user_shown(const struct cf_user *user, char ret[CF_USER_NAME_MAX + 1])
{
    if (user->on_receipt[0] != '\0')
        memcpy(ret, user->on_receipt, sizeof user->on_receipt);
    else
        (void)snprintf(ret, CF_USER_NAME_MAX + 1, "%u", user->user);
}

static enum cf_rc check_event(const struct cf_user_event *event, struct cf_error *err)
{
    bool good = event->user <= CF_USER_MAX && event->by <= CF_USER_MAX && event->size.minor >= 0 &&
                event->size.percent_bp <= ALL_BP && event->sale_no <= INT64_MAX;
    switch (event->kind) {
    case CF_USER_LOGIN:
    case CF_USER_WRONG_PIN:
        good = good && event->user > 0;
        break;
    case CF_USER_LOGOUT:
    case CF_USER_LOCK:
        break;
    case CF_USER_REPRINT:
        good = good && event->sale_no > 0;
        break;
    case CF_USER_OVERRIDE:
        good = good && event->by > 0 && event->by != event->user && event->act >= 1 && event->act <= CF_ACTS_MAX &&
               event->reason[0] != '\0';
        break;
    default: /* a number that a file may hold */
        good = false;
        break;
    }
    if (event->kind != CF_USER_OVERRIDE)
        good = good && event->by == 0 && event->by_shown[0] == '\0' && event->act == 0 && event->reason[0] == '\0';
    return good ? CF_OK : cf_fail(err, CF_E_RECORD, "an event of kind %d with user %u", (int)event->kind, event->user);
}

enum cf_rc cf_user_event_encode(const struct cf_user_event *event, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    enum cf_rc rc = check_event(event, err);
    if (rc != CF_OK)
        return rc;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, EVENT_FIELDS);
    cf_cbor_write_uint(&w, EVENT_VERSION);
    cf_cbor_write_uint(&w, event->kind);
    cf_cbor_write_uint(&w, event->user);
    cf_cbor_write_text(&w, event->shown);
    cf_cbor_write_uint(&w, event->role);
    cf_cbor_write_bool(&w, event->badge);
    cf_cbor_write_uint(&w, event->by);
    cf_cbor_write_text(&w, event->by_shown);
    cf_cbor_write_uint(&w, event->by_role);
    cf_cbor_write_uint(&w, event->act);
    cf_cbor_write_int(&w, event->size.minor);
    cf_cbor_write_uint(&w, event->size.percent_bp);
    cf_cbor_write_uint(&w, event->sale_no);
    cf_cbor_write_text(&w, event->reason);
    rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_user_event_decode(cf_bytes bytes, struct cf_user_event *ret, struct cf_error *err)
{
    struct cf_user_event event;
    struct cf_cbor_reader r;
    struct cf_error why;
    uint64_t version = 0;
    memset(&event, 0, sizeof event);
    cf_cbor_read_init(&r, bytes);
    (void)cf_cbor_read_array_of(&r, EVENT_FIELDS);
    if (cf_cbor_read_uint(&r, &version, EVENT_VERSION) && version != EVENT_VERSION)
        cf_cbor_read_refuse(&r);
    event.kind = (enum cf_user_event_kind)cf_cbor_read_u8(&r);
    event.user = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, event.shown, sizeof event.shown);
    event.role = (enum cf_role)cf_cbor_read_u8(&r);
    (void)cf_cbor_read_bool(&r, &event.badge);
    event.by = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_cstr(&r, event.by_shown, sizeof event.by_shown);
    event.by_role = (enum cf_role)cf_cbor_read_u8(&r);
    event.act = (enum cf_act)cf_cbor_read_u8(&r);
    (void)cf_cbor_read_int(&r, &event.size.minor);
    event.size.percent_bp = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_uint(&r, &event.sale_no, INT64_MAX);
    (void)cf_cbor_read_cstr(&r, event.reason, sizeof event.reason);
    if (cf_cbor_read_end(&r, &why) != CF_OK)
        return cf_fail(err, CF_E_RECORD, "%s", why.detail);
    enum cf_rc rc = check_event(&event, err);
    if (rc == CF_OK)
        *ret = event;
    return rc;
}

int64_t cf_user_wait_s(uint32_t n_wrong)
{
    if (n_wrong < WAIT_FROM)
        return 0;
    uint32_t doublings = n_wrong - WAIT_FROM;
    int64_t wait_s = doublings < 8 ? (int64_t)WAIT_FIRST_S << doublings : WAIT_MOST_S;
    return wait_s < WAIT_MOST_S ? wait_s : WAIT_MOST_S;
}
