/* The head of an HTTP answer: found at the same place whatever follows, and read within its bounds. */
#include "sync/client/http.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cf_bytes in = cf_bytes_of(data, size);
    struct cf_http_head head;
    size_t n = cf_http_head_size(in);
    assert(n <= size);
    if (n > 0) {
        assert(cf_http_head_size(cf_bytes_of(data, n)) == n);
        assert(cf_http_head_size(cf_bytes_of(data, n - 1)) == 0);
        if (cf_http_head_read(cf_bytes_of(data, n), &head, NULL) == CF_OK)
            assert(head.status >= 200 && head.status <= 599);
    }
    /* As if it were a head, whatever it is. */
    (void)!cf_http_head_read(in, &head, NULL);
    return 0;
}
