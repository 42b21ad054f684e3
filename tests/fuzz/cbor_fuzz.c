/* CBOR: the bytes of an item that is read are the only ones that say it, and typed readers agree with read_any. */
#include "base/cbor.h"

#include <assert.h>

/* Copies one scalar from reader to writer; false if none of the typed readers takes it. */
static bool copy_scalar(cf_bytes in, struct cf_cbor_writer *w)
{
    struct cf_cbor_reader r;
    int64_t number;
    uint64_t positive;
    bool flag;
    cf_bytes string;
    cf_cbor_read_init(&r, in);
    if (cf_cbor_read_null(&r))
        return cf_cbor_write_null(w), true;
    if (cf_cbor_read_int(&r, &number))
        return cf_cbor_write_int(w, number), true;
    cf_cbor_read_init(&r, in);
    if (cf_cbor_read_uint(&r, &positive, UINT64_MAX))
        return cf_cbor_write_uint(w, positive), true;
    cf_cbor_read_init(&r, in);
    if (cf_cbor_read_bool(&r, &flag))
        return cf_cbor_write_bool(w, flag), true;
    cf_cbor_read_init(&r, in);
    if (cf_cbor_read_bytes(&r, &string, SIZE_MAX))
        return cf_cbor_write_bytes(w, string), true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_cbor_reader r;
    cf_bytes item;
    cf_cbor_read_init(&r, cf_bytes_of(data, size));
    while (cf_cbor_read_any(&r, &item)) {
        struct cf_buf CF_CLEANUP(cf_buf_done) out;
        struct cf_cbor_writer w;
        cf_buf_init(&out, size);
        cf_cbor_write_init(&w, &out);
        assert(item.n > 0 && item.p + item.n == data + r.at);
        if (copy_scalar(item, &w)) {
            assert(w.rc == CF_OK);
            assert(cf_bytes_equal(item, cf_buf_bytes(&out)));
        }
    }
    struct cf_error err;
    enum cf_rc rc = cf_cbor_read_end(&r, &err);
    assert(rc == CF_E_CBOR_SHORT || rc == CF_E_CBOR_SHAPE);
    return 0;
}
