/*
 * app/core/value.c - see value.h.
 */
#include "app/core/value.h"

#include <inttypes.h>
#include <stdio.h>

#define CARD_FIELDS 6
#define EXP_S_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define RELEASE_VERSION 1

void cf_value_card_write(const struct cf_value_card *card, struct cf_cbor_writer *w)
{
    cf_cbor_write_array(w, CARD_FIELDS);
    cf_cbor_write_uint(w, (uint64_t)card->kind);
    cf_cbor_write_bytes(w, cf_bytes_of(card->grant_id.b, sizeof card->grant_id.b));
    cf_cbor_write_uint(w, card->account);
    cf_cbor_write_int(w, card->amount_minor);
    cf_cbor_write_int(w, card->exp_s);
    cf_cbor_write_bool(w, card->homed);
}

enum cf_rc cf_value_card_check(const struct cf_value_card *card, struct cf_error *err)
{
    if (card->kind != CF_GIFT_CARD && card->kind != CF_GIFT_CREDIT)
        return cf_fail(err, CF_E_RECORD, "a card of kind %d", (int)card->kind);
    if (card->account == 0 || card->amount_minor < 1 || card->amount_minor > CF_VALUE_MINOR_MAX || card->exp_s < 0 ||
        card->exp_s > EXP_S_MAX)
        return cf_fail(err, CF_E_RECORD, "card %" PRIu32 " of %" PRId64, card->account, card->amount_minor);
    return CF_OK;
}

enum cf_rc cf_value_credit_check(const struct cf_value_card *card, struct cf_error *err)
{
    enum cf_rc rc = cf_value_card_check(card, err);
    return rc == CF_OK && (card->kind != CF_GIFT_CREDIT || !card->homed)
               ? cf_fail(err, CF_E_RECORD, "store credit of kind %d", (int)card->kind)
               : rc;
}

void cf_value_card_read(struct cf_cbor_reader *r, struct cf_value_card *ret)
{
    struct cf_value_card card = {.account = 0};
    (void)cf_cbor_read_array_of(r, CARD_FIELDS);
    card.kind = (enum cf_gift_kind)cf_cbor_read_u8(r);
    (void)cf_cbor_read_bytes_of(r, card.grant_id.b, sizeof card.grant_id.b);
    card.account = cf_cbor_read_u32(r);
    (void)cf_cbor_read_int(r, &card.amount_minor);
    (void)cf_cbor_read_int(r, &card.exp_s);
    (void)cf_cbor_read_bool(r, &card.homed);
    if (r->rc == CF_OK && cf_value_card_check(&card, NULL) != CF_OK)
        cf_cbor_read_refuse(r);
    *ret = card;
}

enum cf_rc cf_value_release_encode(const struct cf_value_release *release, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    if (release->account == 0 || release->amount_minor < 1)
        return cf_fail(err, CF_E_RANGE, "%lld of card %lu", (long long)release->amount_minor,
                       (unsigned long)release->account);
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, RELEASE_VERSION);
    cf_cbor_write_uint(&w, release->account);
    cf_cbor_write_int(&w, release->amount_minor);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_value_release_decode(cf_bytes bytes, struct cf_value_release *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t version = 0;
    struct cf_value_release release = {.account = 0};
    cf_cbor_read_init(&r, bytes);
    (void)cf_cbor_read_array_of(&r, 3);
    if (cf_cbor_read_uint(&r, &version, RELEASE_VERSION) && version != RELEASE_VERSION)
        cf_cbor_read_refuse(&r);
    release.account = cf_cbor_read_u32(&r);
    (void)cf_cbor_read_int(&r, &release.amount_minor);
    if (r.rc == CF_OK && (release.account == 0 || release.amount_minor < 1))
        cf_cbor_read_refuse(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = release;
    return rc;
}

void cf_value_mask(uint32_t account, char out[CF_VALUE_MASK_MAX])
{
    (void)snprintf(out, CF_VALUE_MASK_MAX, "**** %04u", (unsigned)(account % 10000));
}

enum cf_rc cf_points_worth(const struct cf_points_rate *rate, int64_t points, int64_t due_minor,
                           int64_t *ret_amount_minor, int64_t *ret_points, struct cf_error *err)
{
    if (rate->points < 1 || rate->minor < 1)
        return cf_fail(err, CF_E_VALUE_RATE, "there is no rate");
    if (points < 1 || due_minor < 1)
        return cf_fail(err, CF_E_TENDER_ZERO, "%lld points for %lld", (long long)points, (long long)due_minor);
    __extension__ typedef __int128 wide; /* two int64 never overflow it */
    wide worth = (wide)points * rate->minor / rate->points;
    int64_t amount = worth < due_minor ? (int64_t)worth : due_minor;
    if (amount == 0)
        return cf_fail(err, CF_E_TENDER_ZERO, "%lld points are worth nothing", (long long)points);
    *ret_amount_minor = amount;
    *ret_points = (int64_t)(((wide)amount * rate->points + rate->minor - 1) / rate->minor); /* at most `points` */
    return CF_OK;
}
