/*
 * base/crypto/sec1.c - from any SEC 1 point form (section 2.3.3) to the compressed one.
 *
 * The curve arithmetic is the implementation's cf_point_decompress; hybrid forms (06, 07) and infinity (00) are
 * refused. Thread-safe.
 */
#include "base/crypto/crypto.h"

#include <string.h>

enum cf_rc cf_point_compress(cf_bytes sec1, cf_public_key *ret, struct cf_error *err)
{
    cf_public_key key;
    uint8_t full[65];
    if (sec1.n == sizeof key.point) {
        memcpy(key.point, sec1.p, sizeof key.point);
    } else if (sec1.n == sizeof full && sec1.p[0] == 0x04) {
        key.point[0] = 0x02 | (sec1.p[64] & 1);
        memcpy(key.point + 1, sec1.p + 1, 32);
    } else {
        return cf_fail(err, CF_E_CODE_KEY, "a public key of %zu bytes is in no known form", sec1.n);
    }
    enum cf_rc rc = cf_point_decompress(&key, full, err);
    if (rc != CF_OK) {
        return rc;
    }
    if (sec1.n == sizeof full && !cf_bytes_equal(sec1, cf_bytes_of(full, sizeof full))) {
        return cf_fail(err, CF_E_CODE_KEY, "the public key is not on the curve");
    }
    *ret = key;
    return CF_OK;
}
