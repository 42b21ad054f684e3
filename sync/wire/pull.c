/*
 * sync/wire/pull.c - asking for what is new, and the answer. See wire.h. Pure.
 */
#include "sync/wire/fields.h"
#include "sync/wire/wire.h"

#include <assert.h>

static enum cf_topic read_topic(struct cf_cbor_reader *r)
{
    uint64_t topic = 0;
    if (cf_cbor_read_uint(r, &topic, CF_TOPICS_MAX) && topic == 0)
        cf_cbor_read_refuse(r);
    return (enum cf_topic)topic;
}

enum cf_rc cf_pull_encode(const struct cf_pull *pull, struct cf_buf *ret, struct cf_error *err)
{
    assert(pull->n_topics <= CF_TOPICS_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, pull->terminal);
    cf_cbor_write_uint(&w, pull->epoch);
    cf_cbor_write_array(&w, pull->n_topics);
    for (size_t i = 0; i < pull->n_topics; i++) {
        cf_cbor_write_array(&w, 3);
        cf_cbor_write_uint(&w, (uint64_t)pull->topics[i].topic);
        cf_cbor_write_uint(&w, pull->topics[i].version);
        wire_write_hash(&w, &pull->topics[i].digest);
    }
    cf_cbor_write_uint(&w, pull->max_bytes);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_pull_decode(cf_bytes bytes, struct cf_pull *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_pull pull = {0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 5);
    wire_read_version(&r);
    pull.terminal = cf_cbor_read_u32(&r);
    pull.epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_array(&r, &pull.n_topics, CF_TOPICS_MAX);
    for (size_t i = 0; i < pull.n_topics; i++) {
        cf_cbor_read_array_of(&r, 3);
        pull.topics[i].topic = read_topic(&r);
        cf_cbor_read_uint(&r, &pull.topics[i].version, INT64_MAX);
        wire_read_hash(&r, &pull.topics[i].digest);
        /* In rising order, hence each once. */
        if (i > 0 && pull.topics[i].topic <= pull.topics[i - 1].topic)
            cf_cbor_read_refuse(&r);
    }
    pull.max_bytes = cf_cbor_read_u32(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = pull;
    return rc;
}

static void write_list(struct cf_cbor_writer *w, const cf_bytes *items, size_t n)
{
    cf_cbor_write_array(w, n);
    for (size_t i = 0; i < n; i++)
        cf_cbor_write_bytes(w, items[i]);
}

static void read_list(struct cf_cbor_reader *r, cf_bytes *items, size_t *ret_n, size_t max)
{
    cf_cbor_read_array(r, ret_n, max);
    for (size_t i = 0; i < *ret_n; i++)
        cf_cbor_read_bytes(r, &items[i], CF_PULL_BYTES_MAX);
}

enum cf_rc cf_pulled_encode(const struct cf_pulled *pulled, struct cf_buf *ret, struct cf_error *err)
{
    assert(pulled->n_pages <= CF_PULL_PAGES_MAX && pulled->n_manifests <= CF_TOPICS_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, pulled->cursor);
    cf_cbor_write_bool(&w, pulled->more);
    write_list(&w, pulled->pages, pulled->n_pages);
    write_list(&w, pulled->manifests, pulled->n_manifests);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_pulled_decode(cf_bytes bytes, struct cf_pulled *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 5);
    wire_read_version(&r);
    cf_cbor_read_uint(&r, &ret->cursor, INT64_MAX);
    cf_cbor_read_bool(&r, &ret->more);
    read_list(&r, ret->pages, &ret->n_pages, CF_PULL_PAGES_MAX);
    read_list(&r, ret->manifests, &ret->n_manifests, CF_TOPICS_MAX);
    return cf_cbor_read_end(&r, err);
}
