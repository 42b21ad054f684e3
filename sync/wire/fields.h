/*
 * sync/wire/fields.h - the fields that several messages have, read and written. Inside sync/wire only.
 */
#ifndef CF_SYNC_WIRE_FIELDS_H
#define CF_SYNC_WIRE_FIELDS_H

#include "base/cbor.h"
#include "base/crypto/crypto.h"

#include <string.h>

#define WIRE_VERSION 1

static inline uint64_t wire_read_u64(struct cf_cbor_reader *r)
{
    uint64_t v = 0;
    cf_cbor_read_uint(r, &v, UINT64_MAX);
    return v;
}

/* The first element of every message, so that a later version can be told apart. */
static inline void wire_read_version(struct cf_cbor_reader *r)
{
    uint64_t version = 0;
    if (cf_cbor_read_uint(r, &version, UINT64_MAX) && version != WIRE_VERSION)
        cf_cbor_read_refuse(r);
}

/* What most messages of a store's network begin with: who writes. */
static inline void wire_write_opening(struct cf_cbor_writer *w, size_t fields, uint32_t terminal, uint32_t epoch)
{
    cf_cbor_write_array(w, fields);
    cf_cbor_write_uint(w, WIRE_VERSION);
    cf_cbor_write_uint(w, terminal);
    cf_cbor_write_uint(w, epoch);
}

static inline void wire_read_opening(struct cf_cbor_reader *r, size_t fields, uint32_t *ret_terminal,
                                     uint32_t *ret_epoch)
{
    cf_cbor_read_array_of(r, fields);
    wire_read_version(r);
    *ret_terminal = cf_cbor_read_u32(r);
    *ret_epoch = cf_cbor_read_u32(r);
}

static inline void wire_read_hash(struct cf_cbor_reader *r, struct cf_sha256 *ret)
{
    cf_cbor_read_bytes_of(r, ret->digest, CF_SHA256_BYTES);
}

static inline void wire_write_hash(struct cf_cbor_writer *w, const struct cf_sha256 *hash)
{
    cf_cbor_write_bytes(w, cf_bytes_of(hash->digest, CF_SHA256_BYTES));
}

/* A number of the error registry, or 0; one that this version does not know is still an error. */
static inline enum cf_rc wire_read_rc(struct cf_cbor_reader *r)
{
    uint64_t number = 0;
    enum cf_rc rc = CF_OK;
    cf_cbor_read_uint(r, &number, UINT16_MAX);
    if (number != 0 && !cf_rc_from_number((int64_t)number, &rc))
        rc = CF_E_SERVER;
    return rc;
}

#endif
