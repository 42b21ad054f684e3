/* base45: what decodes is exactly what encoding gives back. */
#include "base/base45.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[4096];
    static char text[CF_BASE45_ENCODED_MAX(sizeof bytes) + 1];
    size_t n = 0;
    struct cf_error err;
    enum cf_rc rc = cf_base45_decode(cf_bytes_of(data, size), bytes, sizeof bytes, &n, &err);
    if (rc != CF_OK) {
        assert(rc == CF_E_BASE45 || rc == CF_E_LIMIT);
        return 0;
    }
    rc = cf_base45_encode(cf_bytes_of(bytes, n), text, sizeof text, &err);
    assert(rc == CF_OK && strlen(text) == size && memcmp(text, data, size) == 0);
    return 0;
}
