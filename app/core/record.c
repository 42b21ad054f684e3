/*
 * app/core/record.c - see record.h.
 */
#include "app/core/record.h"

#include <assert.h>
#include <string.h>

#include "base/cbor.h"

/* Nine fields: an array head, heads of at most 9 bytes, and the 16 bytes of boot_id. */
#define HEADER_MAX (1 + 9 * 9 + CF_BOOT_ID_BYTES)

struct cf_sha256 cf_record_chain_start(uint32_t terminal, uint32_t epoch)
{
    uint8_t ids[8];
    cf_put_be32(ids, terminal);
    cf_put_be32(ids + 4, epoch);
    cf_bytes parts[] = {cf_bytes_str("cf-chain"), cf_bytes_of(ids, sizeof ids)};
    return cf_sha256_parts(parts, 2);
}

struct cf_sha256 cf_record_body_hash(const struct cf_record *record)
{
    cf_bytes parts[] = {cf_bytes_of(record->salt, sizeof record->salt), record->body};
    return cf_sha256_parts(parts, 2);
}

struct cf_sha256 cf_record_chain(const struct cf_sha256 *previous, const struct cf_record *record,
                                 const struct cf_sha256 *body_hash)
{
    uint8_t header[HEADER_MAX + 1];
    struct cf_buf buf;
    struct cf_cbor_writer w;
    cf_buf_init_fixed(&buf, header, HEADER_MAX);
    cf_cbor_write_init(&w, &buf);
    cf_cbor_write_array(&w, 9);
    cf_cbor_write_uint(&w, record->terminal);
    cf_cbor_write_uint(&w, record->epoch);
    cf_cbor_write_uint(&w, record->seq);
    cf_cbor_write_bytes(&w, cf_bytes_of(record->boot_id, sizeof record->boot_id));
    cf_cbor_write_int(&w, record->mono_ms);
    cf_cbor_write_int(&w, record->wall_ms);
    cf_cbor_write_uint(&w, (uint64_t)record->time_quality);
    cf_cbor_write_uint(&w, record->down_cursor);
    cf_cbor_write_uint(&w, (uint64_t)record->type);
    enum cf_rc rc = cf_cbor_write_end(&w, NULL);
    assert(rc == CF_OK); /* HEADER_MAX holds every header */
    (void)rc;

    cf_bytes parts[] = {
        cf_bytes_of(previous->digest, sizeof previous->digest),
        cf_buf_bytes(&buf),
        cf_bytes_of(body_hash->digest, sizeof body_hash->digest),
    };
    return cf_sha256_parts(parts, 3);
}
