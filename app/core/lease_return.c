/*
 * app/core/lease_return.c - see lease_return.h.
 */
#include "app/core/lease_return.h"

#include "base/cbor.h"

enum cf_rc cf_lease_return_encode(const struct cf_lease_return *back, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, back->campaign);
    cf_cbor_write_int(&w, back->units);
    cf_cbor_write_int(&w, back->minor);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_lease_return_decode(cf_bytes bytes, struct cf_lease_return *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t units = 0, minor = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    uint32_t campaign = cf_cbor_read_u32(&r);
    cf_cbor_read_uint(&r, &units, INT64_MAX);
    cf_cbor_read_uint(&r, &minor, INT64_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = (struct cf_lease_return){campaign, (int64_t)units, (int64_t)minor};
    return rc;
}

enum cf_rc cf_hub_lease_return_encode(const struct cf_hub_lease_return *back, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    size_t before = ret->n;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 4);
    cf_cbor_write_uint(&w, back->hub_epoch);
    cf_cbor_write_uint(&w, back->back.campaign);
    cf_cbor_write_int(&w, back->back.units);
    cf_cbor_write_int(&w, back->back.minor);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc != CF_OK)
        ret->n = before;
    return rc;
}

enum cf_rc cf_hub_lease_return_decode(cf_bytes bytes, struct cf_hub_lease_return *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint64_t units = 0, minor = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 4);
    uint32_t hub_epoch = cf_cbor_read_u32(&r);
    uint32_t campaign = cf_cbor_read_u32(&r);
    cf_cbor_read_uint(&r, &units, CF_HUB_LEASE_RETURN_MAX);
    cf_cbor_read_uint(&r, &minor, CF_HUB_LEASE_RETURN_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = (struct cf_hub_lease_return){hub_epoch, {campaign, (int64_t)units, (int64_t)minor}};
    return rc;
}
