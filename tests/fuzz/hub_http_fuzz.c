/* Request heads as a hub takes them: whatever is taken lies within its bounds. */
#include "sync/hub/http_in.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_hub_head head;
    size_t n = cf_hub_head_size(cf_bytes_of(data, size));
    assert(n <= size && (n == 0 || n >= 4));
    if (n > 0 && cf_hub_head_read(cf_bytes_of(data, n), &head, NULL) == CF_OK)
        assert(strlen(head.method) < sizeof head.method && strlen(head.path) <= CF_HUB_PATH_MAX &&
               head.content_length < UINT64_C(1000000000000));
    return 0;
}
