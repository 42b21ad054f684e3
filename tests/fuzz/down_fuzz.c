/* Downward entries: what is decoded is encoded to the same bytes again, but for a result of a number not known here,
 * and for a campaign of the first version, which is written as one of the second. */
#include "app/core/down.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_down_entry entry;
    cf_bytes bytes = cf_bytes_of(data, size);
    if (cf_down_decode(bytes, &entry, NULL) != CF_OK)
        return 0;
    struct cf_buf CF_CLEANUP(cf_buf_done) out;
    cf_buf_init(&out, CF_DOWN_ENTRY_MAX);
    if (entry.kind == CF_DOWN_CAMPAIGN && entry.campaign.unread)
        return 0;
    assert(cf_down_encode(&entry, &out, NULL) == CF_OK);
    bool first_version = entry.kind == CF_DOWN_CAMPAIGN && size > 3 && data[3] == 1;
    assert(cf_bytes_equal(bytes, cf_buf_bytes(&out)) || entry.kind == CF_DOWN_RESULT || first_version);
    return 0;
}
