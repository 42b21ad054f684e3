/*
 * sync/central/genuine.c - see genuine.h.
 */
#include "sync/central/genuine.h"

#include "sync/central/grants.h"

enum cf_rc cf_coupon_code(const char *text, struct cf_code *ret, struct cf_error *err)
{
    struct cf_code code;
    enum cf_rc rc = cf_code_decode_text(cf_bytes_str(text), &code, err);
    if (rc == CF_OK && code.kind != CF_CODE_COUPON) {
        rc = cf_fail(err, CF_E_CODE_PREFIX, "a coupon is expected, this is %s", cf_code_prefix(code.kind));
    }
    if (rc == CF_OK) {
        *ret = code;
    }
    return rc;
}

enum cf_rc cf_value_code(const char *text, struct cf_code *ret, struct cf_error *err)
{
    struct cf_code code;
    enum cf_rc rc = cf_code_decode_text(cf_bytes_str(text), &code, err);
    if (rc == CF_OK && code.kind != CF_CODE_VALUE) {
        rc = cf_fail(err, CF_E_CODE_PREFIX, "a gift card is expected, this is %s", cf_code_prefix(code.kind));
    }
    if (rc == CF_OK) {
        *ret = code;
    }
    return rc;
}

enum cf_rc cf_genuine(struct cf_central *central, const struct cf_code *code, struct cf_error *err)
{
    enum cf_rc rc = cf_grant_load(central, code->kid, err);
    return rc == CF_OK ? cf_keyring_verify(central->ring, code, cf_wall_s(cf_central_now(central)), err) : rc;
}
