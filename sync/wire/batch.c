/*
 * sync/wire/batch.c - records on their way up. See wire.h. Pure; thread-safe for distinct structs.
 */
#include "sync/wire/fields.h"
#include "sync/wire/wire.h"

#include <assert.h>

#define BATCH_FIELDS 12
#define RECORD_FIELDS 8
#define ERASED_FIELDS 7

/* --- encoding ----------------------------------------------------------------------------------------------------- */

/* The boot ids of a batch, each once, in order of first use: a till boots once a day and writes thousands of records.
 */
struct boots {
    size_t n;
    const uint8_t *id[CF_BATCH_BOOTS_MAX];
    uint8_t of_record[CF_BATCH_RECORDS_MAX];
};

static bool boots_collect(struct boots *boots, const struct cf_batch *batch)
{
    boots->n = 0;
    for (size_t i = 0; i < batch->n_records; i++) {
        const uint8_t *id = batch->records[i].boot_id;
        size_t k = boots->n;
        while (k > 0 && memcmp(boots->id[k - 1], id, CF_BOOT_ID_BYTES) != 0)
            k--;
        if (k == 0) {
            if (boots->n == CF_BATCH_BOOTS_MAX)
                return false;
            boots->id[boots->n++] = id;
            k = boots->n;
        }
        boots->of_record[i] = (uint8_t)(k - 1);
    }
    return true;
}

static void write_record(struct cf_cbor_writer *w, const struct cf_record *record, const struct cf_sha256 *erased,
                         size_t boot)
{
    cf_cbor_write_array(w, record->body.p != NULL ? RECORD_FIELDS : ERASED_FIELDS);
    cf_cbor_write_uint(w, boot);
    cf_cbor_write_int(w, record->mono_ms);
    cf_cbor_write_int(w, record->wall_ms);
    cf_cbor_write_uint(w, (uint64_t)record->time_quality);
    cf_cbor_write_uint(w, record->down_cursor);
    cf_cbor_write_uint(w, (uint64_t)record->type);
    if (record->body.p == NULL) {
        wire_write_hash(w, erased);
        return;
    }
    cf_cbor_write_bytes(w, cf_bytes_of(record->salt, CF_SALT_BYTES));
    cf_cbor_write_bytes(w, record->body);
}

enum cf_rc cf_batch_encode(const struct cf_batch *batch, struct cf_buf *ret, struct cf_error *err)
{
    assert(batch->n_records <= CF_BATCH_RECORDS_MAX);
    struct boots boots;
    if (!boots_collect(&boots, batch))
        return cf_fail(err, CF_E_LIMIT, "a batch with more than %d boots", CF_BATCH_BOOTS_MAX);

    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, BATCH_FIELDS);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, batch->terminal);
    cf_cbor_write_uint(&w, batch->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(batch->nonce, CF_NONCE_WIRE_BYTES));
    cf_cbor_write_uint(&w, batch->incarnation);
    cf_cbor_write_uint(&w, batch->told);
    cf_cbor_write_uint(&w, batch->first_seq);
    wire_write_hash(&w, &batch->previous);
    cf_cbor_write_array(&w, boots.n);
    for (size_t i = 0; i < boots.n; i++)
        cf_cbor_write_bytes(&w, cf_bytes_of(boots.id[i], CF_BOOT_ID_BYTES));
    cf_cbor_write_array(&w, batch->n_records);
    for (size_t i = 0; i < batch->n_records; i++)
        write_record(&w, &batch->records[i], &batch->erased[i], boots.of_record[i]);
    wire_write_hash(&w, &batch->head);
    cf_cbor_write_bytes(&w, cf_bytes_of(batch->signature.rs, CF_P256_SIGNATURE_BYTES));
    return cf_cbor_write_end(&w, err);
}

/* --- decoding ----------------------------------------------------------------------------------------------------- */

struct decoded_boots {
    size_t n;
    uint8_t id[CF_BATCH_BOOTS_MAX][CF_BOOT_ID_BYTES];
};

/* Types and time qualities of a later version are read as they are: the chain covers them. */
static bool read_record(cf_bytes item, const struct decoded_boots *boots, struct cf_record *ret,
                        struct cf_sha256 *ret_erased)
{
    struct cf_cbor_reader r;
    uint64_t boot, quality, type;
    size_t n_fields = 0;
    cf_cbor_read_init(&r, item);
    cf_cbor_read_array(&r, &n_fields, RECORD_FIELDS);
    cf_cbor_read_uint(&r, &boot, CF_BATCH_BOOTS_MAX - 1);
    cf_cbor_read_int(&r, &ret->mono_ms);
    cf_cbor_read_int(&r, &ret->wall_ms);
    cf_cbor_read_uint(&r, &quality, UINT8_MAX);
    cf_cbor_read_uint(&r, &ret->down_cursor, INT64_MAX);
    cf_cbor_read_uint(&r, &type, UINT16_MAX);
    if (n_fields == ERASED_FIELDS) {
        wire_read_hash(&r, ret_erased);
    } else {
        cf_cbor_read_bytes_of(&r, ret->salt, CF_SALT_BYTES);
        cf_cbor_read_bytes(&r, &ret->body, CF_RECORD_BODY_MAX);
    }
    if (cf_cbor_read_end(&r, NULL) != CF_OK || boot >= boots->n || type == 0)
        return false;
    ret->time_quality = (enum cf_time_quality)quality;
    ret->type = (enum cf_record_type)type;
    memcpy(ret->boot_id, boots->id[boot], CF_BOOT_ID_BYTES);
    return true;
}

static void read_records(struct cf_cbor_reader *r, const struct decoded_boots *boots, struct cf_batch *batch)
{
    if (!cf_cbor_read_array(r, &batch->n_records, CF_BATCH_RECORDS_MAX))
        return;
    for (size_t i = 0; i < batch->n_records; i++) {
        struct cf_record *record = &batch->records[i];
        cf_bytes item;
        *record = (struct cf_record){0};
        if (!cf_cbor_read_any(r, &item))
            return;
        if (!read_record(item, boots, record, &batch->erased[i]))
            *record = (struct cf_record){.body = item};
        record->terminal = batch->terminal;
        record->epoch = batch->epoch;
        record->seq = batch->first_seq + i;
    }
}

enum cf_rc cf_batch_decode(cf_bytes bytes, struct cf_batch *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct decoded_boots boots = {0};
    cf_cbor_read_init(&r, bytes);
    ret->n_records = 0;
    cf_cbor_read_array_of(&r, BATCH_FIELDS);
    wire_read_version(&r);
    ret->terminal = cf_cbor_read_u32(&r);
    ret->epoch = cf_cbor_read_u32(&r);
    cf_cbor_read_bytes_of(&r, ret->nonce, CF_NONCE_WIRE_BYTES);
    cf_cbor_read_uint(&r, &ret->incarnation, INT64_MAX);
    cf_cbor_read_uint(&r, &ret->told, INT64_MAX);
    /* Room for a whole batch above it: sums of seq cannot wrap, and SQLite's integers hold them. */
    if (cf_cbor_read_uint(&r, &ret->first_seq, INT64_MAX - CF_BATCH_RECORDS_MAX) && ret->first_seq == 0)
        cf_cbor_read_refuse(&r);
    wire_read_hash(&r, &ret->previous);
    cf_cbor_read_array(&r, &boots.n, CF_BATCH_BOOTS_MAX);
    for (size_t i = 0; i < boots.n; i++)
        cf_cbor_read_bytes_of(&r, boots.id[i], CF_BOOT_ID_BYTES);
    read_records(&r, &boots, ret);
    wire_read_hash(&r, &ret->head);
    cf_cbor_read_bytes_of(&r, ret->signature.rs, CF_P256_SIGNATURE_BYTES);
    return cf_cbor_read_end(&r, err);
}

void cf_batch_signed_bytes(const struct cf_batch *batch, uint8_t ret[CF_BATCH_SIGNED_BYTES])
{
    uint8_t *at = ret;
    memcpy(at, "cf-batch", 8);
    at += 8;
    cf_put_be32(at, batch->terminal);
    at += 4;
    cf_put_be32(at, batch->epoch);
    at += 4;
    memcpy(at, batch->nonce, CF_NONCE_WIRE_BYTES);
    at += CF_NONCE_WIRE_BYTES;
    cf_put_be64(at, batch->incarnation);
    at += 8;
    cf_put_be64(at, batch->told);
    at += 8;
    cf_put_be64(at, batch->first_seq + batch->n_records - 1);
    at += 8;
    memcpy(at, batch->head.digest, CF_SHA256_BYTES);
}
