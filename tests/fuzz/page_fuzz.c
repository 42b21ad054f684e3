/* Pages, manifests, chunks and pulls: what decodes encodes to the same bytes. */
#include "sync/wire/wire.h"

#include <assert.h>
#include <string.h>

static void assert_same(const struct cf_buf *out, cf_bytes in)
{
    assert(cf_bytes_equal(cf_buf_bytes(out), in));
}

static enum cf_rc collect(void *ctx, cf_bytes entry, struct cf_error *err)
{
    (void)err;
    size_t *bytes = ctx;
    assert(entry.n > 0 && entry.n <= CF_DOWN_ENTRY_MAX);
    *bytes += entry.n;
    return CF_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cf_page page;
    static struct cf_manifest manifest;
    static struct cf_pulled pulled;
    struct cf_pull pull;
    struct cf_buf out;
    cf_bytes in = cf_bytes_of(data, size), payload;
    size_t entry_bytes = 0;
    enum cf_rc rc = CF_OK;
    cf_buf_init(&out, size + 64);
    if (cf_page_decode(in, &page, NULL) == CF_OK) {
        rc = cf_page_encode(&page, &out, NULL);
        assert_same(&out, in);
    }
    cf_buf_clear(&out);
    if (cf_manifest_decode(in, &manifest, NULL) == CF_OK) {
        rc = cf_manifest_encode(&manifest, &out, NULL);
        assert_same(&out, in);
    }
    cf_buf_clear(&out);
    if (cf_pulled_decode(in, &pulled, NULL) == CF_OK) {
        rc = cf_pulled_encode(&pulled, &out, NULL);
        assert_same(&out, in);
    }
    cf_buf_clear(&out);
    if (cf_pull_decode(in, &pull, NULL) == CF_OK) {
        rc = cf_pull_encode(&pull, &out, NULL);
        assert_same(&out, in);
    }
    if (cf_chunk_walk(in, collect, &entry_bytes, NULL) == CF_OK)
        assert(entry_bytes < size);
    if (cf_cose_peek(in, &payload, NULL) == CF_OK)
        assert(payload.p >= data && payload.p + payload.n <= data + size);
    assert(rc == CF_OK);
    cf_buf_done(&out);
    return 0;
}
