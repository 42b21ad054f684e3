/*
 * app/terminal/till_release.c - a pinned coupon leaves its home: the evidence that lets it be honoured elsewhere.
 *
 * The record says that it was not spent here and, up to this generation, never will be. The centre then frees what it
 * held for this place, and gives the coupon a new home or none (POST /v1/coupons/pin).
 */
#include "app/terminal/till_internal.h"

#include "base/cbor.h"

static enum cf_rc check_ours(struct cf_till *till, const struct cf_coupon *coupon, struct cf_error *err)
{
    bool spent = false, was_released = false;
    uint32_t released = 0;
    if (!coupon->pinned || coupon->home != till->terminal || coupon->home_epoch != till->epoch)
        return cf_fail(err, CF_E_COUPON_HOME, "only the place that a coupon is reserved for can give it up");
    enum cf_rc rc = cf_journal_is_spent(till->journal, coupon->campaign, coupon->index, &spent, err);
    if (rc == CF_OK)
        rc = cf_journal_released(till->journal, coupon->campaign, coupon->index, &was_released, &released, err);
    if (rc == CF_OK && spent)
        rc = cf_fail(err, CF_E_COUPON_SPENT, "coupon %u of campaign %u", coupon->index, coupon->campaign);
    if (rc == CF_OK && was_released && coupon->generation <= released)
        rc = cf_fail(err, CF_E_COUPON_GENERATION, "generation %u was given up already", coupon->generation);
    return rc;
}

static enum cf_rc append_released(struct cf_till *till, const struct cf_coupon *coupon, struct cf_error *err)
{
    struct cf_clock_reading clock = cf_till_clock(till);
    struct cf_stamp stamp = till_stamp(till, &clock);
    struct cf_committed at;
    struct cf_cbor_writer w;
    cf_buf_clear(&till->scratch);
    cf_cbor_write_init(&w, &till->scratch);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, coupon->campaign);
    cf_cbor_write_uint(&w, coupon->index);
    cf_cbor_write_uint(&w, coupon->generation);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc == CF_OK)
        rc =
            cf_journal_append(till->journal, CF_RECORD_RELEASED, cf_buf_bytes(&till->scratch), false, &stamp, &at, err);
    if (rc == CF_OK)
        till_note_time(till, at.wall, stamp.time_quality);
    return rc;
}

enum cf_rc cf_till_release(struct cf_till *till, cf_bytes text, struct cf_coupon *ret, struct cf_error *err)
{
    struct cf_code code;
    if (till->sale.state != CF_CHECKOUT_IDLE)
        return cf_fail(err, CF_E_SALE_OPEN, "a coupon is given up between sales");
    /* What is not known to be the newest history is no evidence. */
    if (till_is_quarantined(till))
        return cf_fail(err, CF_E_QUARANTINED, "%s", cf_quarantine_text(cf_till_quarantine(till)));
    enum cf_rc rc = cf_code_decode_text(text, &code, err);
    if (rc == CF_OK && code.kind != CF_CODE_COUPON)
        rc = cf_fail(err, CF_E_CODE_PREFIX, "that is no coupon");
    if (rc == CF_OK)
        rc = cf_keyring_verify(till->keyring, &code, cf_wall_s(cf_till_clock(till).best), err);
    if (rc == CF_OK)
        rc = check_ours(till, &code.coupon, err);
    if (rc == CF_OK)
        rc = append_released(till, &code.coupon, err);
    if (rc == CF_OK)
        *ret = code.coupon;
    return rc;
}
