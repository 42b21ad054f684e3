/*
 * sync/wire/page.c - pages, snapshot manifests and chunks: the payloads of what the centre signs. See wire.h. Pure.
 */
#include "sync/wire/fields.h"
#include "sync/wire/wire.h"

#include <assert.h>

#define COSE_PROTECTED_MAX 64

/* What pages and manifests begin with. */
static void write_opening(struct cf_cbor_writer *w, size_t fields, enum cf_topic topic, uint32_t scope)
{
    cf_cbor_write_array(w, fields);
    cf_cbor_write_uint(w, WIRE_VERSION);
    cf_cbor_write_uint(w, (uint64_t)topic);
    cf_cbor_write_uint(w, scope);
}

static void read_opening(struct cf_cbor_reader *r, size_t fields, enum cf_topic *ret_topic, uint32_t *ret_scope)
{
    uint64_t topic = 0;
    cf_cbor_read_array_of(r, fields);
    wire_read_version(r);
    if (cf_cbor_read_uint(r, &topic, CF_TOPICS_MAX) && topic == 0)
        cf_cbor_read_refuse(r);
    *ret_topic = (enum cf_topic)topic;
    *ret_scope = cf_cbor_read_u32(r);
}

enum cf_rc cf_page_encode(const struct cf_page *page, struct cf_buf *ret, struct cf_error *err)
{
    assert(page->n_entries <= CF_PAGE_ENTRIES_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    write_opening(&w, 7, page->topic, page->scope);
    cf_cbor_write_uint(&w, page->from);
    wire_write_hash(&w, &page->previous);
    wire_write_hash(&w, &page->after);
    cf_cbor_write_array(&w, page->n_entries);
    for (size_t i = 0; i < page->n_entries; i++)
        cf_cbor_write_raw(&w, page->entries[i]);
    return cf_cbor_write_end(&w, err);
}

static void read_entry(struct cf_cbor_reader *r, cf_bytes *ret)
{
    if (cf_cbor_read_any(r, ret) && ret->n > CF_DOWN_ENTRY_MAX)
        cf_cbor_read_refuse(r);
}

enum cf_rc cf_page_decode(cf_bytes payload, struct cf_page *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, payload);
    read_opening(&r, 7, &ret->topic, &ret->scope);
    cf_cbor_read_uint(&r, &ret->from, INT64_MAX - CF_PAGE_ENTRIES_MAX);
    wire_read_hash(&r, &ret->previous);
    wire_read_hash(&r, &ret->after);
    cf_cbor_read_array(&r, &ret->n_entries, CF_PAGE_ENTRIES_MAX);
    for (size_t i = 0; i < ret->n_entries; i++)
        read_entry(&r, &ret->entries[i]);
    return cf_cbor_read_end(&r, err);
}

enum cf_rc cf_manifest_encode(const struct cf_manifest *manifest, struct cf_buf *ret, struct cf_error *err)
{
    assert(manifest->n_chunks <= CF_MANIFEST_CHUNKS_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    write_opening(&w, 8, manifest->topic, manifest->scope);
    cf_cbor_write_uint(&w, manifest->base);
    wire_write_hash(&w, &manifest->base_digest);
    cf_cbor_write_uint(&w, manifest->version);
    wire_write_hash(&w, &manifest->digest);
    cf_cbor_write_array(&w, manifest->n_chunks);
    for (size_t i = 0; i < manifest->n_chunks; i++)
        wire_write_hash(&w, &manifest->chunks[i]);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_manifest_decode(cf_bytes payload, struct cf_manifest *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, payload);
    read_opening(&r, 8, &ret->topic, &ret->scope);
    cf_cbor_read_uint(&r, &ret->base, INT64_MAX);
    wire_read_hash(&r, &ret->base_digest);
    cf_cbor_read_uint(&r, &ret->version, INT64_MAX);
    wire_read_hash(&r, &ret->digest);
    if (ret->base > ret->version)
        cf_cbor_read_refuse(&r);
    cf_cbor_read_array(&r, &ret->n_chunks, CF_MANIFEST_CHUNKS_MAX);
    for (size_t i = 0; i < ret->n_chunks; i++)
        wire_read_hash(&r, &ret->chunks[i]);
    return cf_cbor_read_end(&r, err);
}

enum cf_rc cf_chunk_encode(const cf_bytes *entries, size_t n, struct cf_buf *ret, struct cf_error *err)
{
    size_t before = ret->n;
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, n);
    for (size_t i = 0; i < n; i++)
        cf_cbor_write_raw(&w, entries[i]);
    enum cf_rc rc = cf_cbor_write_end(&w, err);
    if (rc == CF_OK && ret->n - before > CF_CHUNK_BYTES_MAX)
        return cf_fail(err, CF_E_LIMIT, "a chunk of %zu bytes", ret->n - before);
    return rc;
}

enum cf_rc cf_chunk_walk(cf_bytes chunk, cf_chunk_entry_fn each, void *ctx, struct cf_error *err)
{
    if (chunk.n > CF_CHUNK_BYTES_MAX)
        return cf_fail(err, CF_E_LIMIT, "a chunk of %zu bytes", chunk.n);
    struct cf_cbor_reader r;
    size_t n;
    cf_cbor_read_init(&r, chunk);
    cf_cbor_read_array(&r, &n, CF_CHUNK_BYTES_MAX);
    for (size_t i = 0; i < n; i++) {
        cf_bytes entry;
        read_entry(&r, &entry);
        if (r.rc != CF_OK)
            break;
        enum cf_rc rc = each(ctx, entry, err);
        if (rc != CF_OK)
            return rc;
    }
    return cf_cbor_read_end(&r, err);
}

enum cf_rc cf_cose_peek(cf_bytes cose, cf_bytes *ret_payload, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_bytes protected_header, payload, signature;
    cf_cbor_read_init(&r, cose);
    cf_cbor_read_array_of(&r, 4);
    cf_cbor_read_bytes(&r, &protected_header, COSE_PROTECTED_MAX);
    cf_cbor_read_map_of(&r, 0);
    cf_cbor_read_bytes(&r, &payload, CF_PULL_BYTES_MAX);
    cf_cbor_read_bytes(&r, &signature, CF_P256_SIGNATURE_BYTES);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret_payload = payload;
    return rc;
}
