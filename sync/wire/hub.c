/*
 * sync/wire/hub.c - see hub.h.
 */
#include "sync/wire/hub.h"

#include "sync/wire/fields.h"

#include <assert.h>

/* --- the witness -------------------------------------------------------------------------------------------------- */

void cf_hub_witness_signed_bytes(const struct cf_hub_witness *witness, uint32_t store, uint32_t hub_epoch,
                                 uint8_t ret[CF_HUB_WITNESS_SIGNED_BYTES])
{
    memcpy(ret, "cf-hub-w", 8);
    cf_put_be32(ret + 8, store);
    cf_put_be32(ret + 12, hub_epoch);
    cf_put_be64(ret + 16, witness->incarnation);
    cf_put_be64(ret + 24, witness->seq);
    memcpy(ret + 32, witness->head.digest, CF_SHA256_BYTES);
}

bool cf_hub_witness_is_later(const struct cf_hub_witness *a, const struct cf_hub_witness *b)
{
    return a->incarnation != b->incarnation ? a->incarnation > b->incarnation : a->seq > b->seq;
}

static void write_witness(struct cf_cbor_writer *w, const struct cf_hub_witness *witness)
{
    cf_cbor_write_array(w, 4);
    cf_cbor_write_uint(w, witness->incarnation);
    cf_cbor_write_uint(w, witness->seq);
    wire_write_hash(w, &witness->head);
    cf_cbor_write_bytes(w, cf_bytes_of(witness->signature.rs, CF_P256_SIGNATURE_BYTES));
}

static void write_witness_or_null(struct cf_cbor_writer *w, bool has, const struct cf_hub_witness *witness)
{
    if (has)
        write_witness(w, witness);
    else
        cf_cbor_write_null(w);
}

static void read_witness(struct cf_cbor_reader *r, struct cf_hub_witness *ret)
{
    cf_cbor_read_array_of(r, 4);
    cf_cbor_read_uint(r, &ret->incarnation, INT64_MAX);
    cf_cbor_read_uint(r, &ret->seq, INT64_MAX);
    wire_read_hash(r, &ret->head);
    cf_cbor_read_bytes_of(r, ret->signature.rs, CF_P256_SIGNATURE_BYTES);
}

static void read_witness_or_null(struct cf_cbor_reader *r, bool *ret_has, struct cf_hub_witness *ret)
{
    *ret_has = !cf_cbor_read_null(r);
    if (*ret_has)
        read_witness(r, ret);
}

enum cf_rc cf_hub_witness_encode(uint32_t hub_epoch, const struct cf_hub_witness *witness, struct cf_buf *ret,
                                 struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, hub_epoch);
    write_witness(&w, witness);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_witness_decode(cf_bytes bytes, uint32_t *ret_hub_epoch, struct cf_hub_witness *ret,
                                 struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_witness witness = {0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    wire_read_version(&r);
    uint32_t hub_epoch = cf_cbor_read_u32(&r);
    read_witness(&r, &witness);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK) {
        *ret_hub_epoch = hub_epoch;
        *ret = witness;
    }
    return rc;
}

/* --- the frame ---------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_frame_encode(const struct cf_hub_frame *frame, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, frame->hub_epoch);
    write_witness_or_null(&w, frame->has_witness, &frame->witness);
    cf_cbor_write_uint(&w, frame->acknowledged);
    cf_cbor_write_bytes(&w, frame->body);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_frame_decode(cf_bytes bytes, struct cf_hub_frame *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_frame frame = {0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 5);
    wire_read_version(&r);
    frame.hub_epoch = cf_cbor_read_u32(&r);
    read_witness_or_null(&r, &frame.has_witness, &frame.witness);
    cf_cbor_read_uint(&r, &frame.acknowledged, INT64_MAX);
    cf_cbor_read_bytes(&r, &frame.body, CF_HUB_BODY_MAX);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = frame;
    return rc;
}

/* --- claim, release, verdict -------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_claim_encode(const struct cf_hub_claim *claim, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 8, claim->terminal, claim->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(claim->request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(&w, claim->campaign);
    cf_cbor_write_uint(&w, claim->index);
    cf_cbor_write_uint(&w, claim->generation);
    cf_cbor_write_bool(&w, claim->at_home);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_claim_decode(cf_bytes bytes, struct cf_hub_claim *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_claim claim = {0};
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 8, &claim.terminal, &claim.epoch);
    cf_cbor_read_bytes_of(&r, claim.request_key, CF_REQUEST_KEY_BYTES);
    claim.campaign = cf_cbor_read_u32(&r);
    claim.index = cf_cbor_read_u32(&r);
    claim.generation = cf_cbor_read_u32(&r);
    cf_cbor_read_bool(&r, &claim.at_home);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = claim;
    return rc;
}

enum cf_rc cf_hub_release_encode(const struct cf_hub_release *release, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 6, release->terminal, release->epoch);
    cf_cbor_write_bytes(&w, cf_bytes_of(release->request_key, CF_REQUEST_KEY_BYTES));
    cf_cbor_write_uint(&w, release->campaign);
    cf_cbor_write_uint(&w, release->index);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_release_decode(cf_bytes bytes, struct cf_hub_release *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_release release = {0};
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 6, &release.terminal, &release.epoch);
    cf_cbor_read_bytes_of(&r, release.request_key, CF_REQUEST_KEY_BYTES);
    release.campaign = cf_cbor_read_u32(&r);
    release.index = cf_cbor_read_u32(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = release;
    return rc;
}

enum cf_rc cf_hub_verdict_encode(enum cf_rc verdict, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, (uint64_t)verdict);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_verdict_decode(cf_bytes bytes, enum cf_rc *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 2);
    wire_read_version(&r);
    enum cf_rc verdict = wire_read_rc(&r);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = verdict;
    return rc;
}

/* --- sub-leases --------------------------------------------------------------------------------------------------- */

/* A list in rising order of campaigns, hence each once. */
static void read_campaign(struct cf_cbor_reader *r, uint32_t *previous, bool first, uint32_t *ret)
{
    *ret = cf_cbor_read_u32(r);
    if (!first && *ret <= *previous)
        cf_cbor_read_refuse(r);
    *previous = *ret;
}

static int64_t read_amount(struct cf_cbor_reader *r, uint64_t max)
{
    uint64_t v = 0;
    cf_cbor_read_uint(r, &v, max);
    return (int64_t)v;
}

/* One of two forms, the second of which says more. */
static bool read_form(struct cf_cbor_reader *r, size_t n_short, size_t n_long)
{
    size_t n = 0;
    cf_cbor_read_array(r, &n, n_long);
    if (n != n_short && n != n_long)
        cf_cbor_read_refuse(r);
    return n == n_long;
}

static void read_day(struct cf_cbor_reader *r, uint32_t *ret)
{
    *ret = cf_cbor_read_u32(r);
    if (*ret == 0)
        cf_cbor_read_refuse(r);
}

enum cf_rc cf_hub_sublease_ask_encode(const struct cf_hub_sublease_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    assert(ask->n <= CF_HUB_SUBLEASES_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 4, ask->terminal, ask->epoch);
    cf_cbor_write_array(&w, ask->n);
    for (size_t i = 0; i < ask->n; i++) {
        const struct cf_hub_sublease_asked *item = &ask->items[i];
        cf_cbor_write_array(&w, item->day != 0 ? 8 : 4);
        cf_cbor_write_uint(&w, item->campaign);
        cf_cbor_write_uint(&w, (uint64_t)item->left);
        cf_cbor_write_uint(&w, (uint64_t)item->want);
        cf_cbor_write_uint(&w, (uint64_t)item->spent);
        if (item->day == 0)
            continue;
        cf_cbor_write_uint(&w, (uint64_t)item->left_minor);
        cf_cbor_write_uint(&w, (uint64_t)item->spent_minor);
        cf_cbor_write_uint(&w, item->day);
        cf_cbor_write_uint(&w, (uint64_t)item->day_left);
    }
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_sublease_ask_decode(cf_bytes bytes, struct cf_hub_sublease_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint32_t previous = 0;
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 4, &ret->terminal, &ret->epoch);
    cf_cbor_read_array(&r, &ret->n, CF_HUB_SUBLEASES_MAX);
    for (size_t i = 0; i < ret->n; i++) {
        struct cf_hub_sublease_asked *item = &ret->items[i];
        *item = (struct cf_hub_sublease_asked){0};
        bool counted = read_form(&r, 4, 8);
        read_campaign(&r, &previous, i == 0, &item->campaign);
        item->left = read_amount(&r, INT64_MAX);
        item->want = read_amount(&r, CF_HUB_SUBLEASE_WANT_MAX);
        item->spent = read_amount(&r, INT64_MAX);
        if (!counted)
            continue;
        item->left_minor = read_amount(&r, INT64_MAX);
        item->spent_minor = read_amount(&r, INT64_MAX);
        read_day(&r, &item->day);
        item->day_left = read_amount(&r, UINT32_MAX);
    }
    return cf_cbor_read_end(&r, err);
}

enum cf_rc cf_hub_subleases_encode(const struct cf_hub_subleases *subleases, struct cf_buf *ret, struct cf_error *err)
{
    assert(subleases->n <= CF_HUB_SUBLEASES_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_array(&w, subleases->n);
    for (size_t i = 0; i < subleases->n; i++) {
        const struct cf_hub_subleased *item = &subleases->items[i];
        cf_cbor_write_array(&w, item->day != 0 ? 6 : 3);
        cf_cbor_write_uint(&w, item->campaign);
        cf_cbor_write_uint(&w, (uint64_t)item->granted);
        cf_cbor_write_uint(&w, (uint64_t)item->keep);
        if (item->day == 0)
            continue;
        cf_cbor_write_uint(&w, (uint64_t)item->granted_minor);
        cf_cbor_write_uint(&w, item->day);
        cf_cbor_write_uint(&w, (uint64_t)item->day_granted);
    }
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_subleases_decode(cf_bytes bytes, struct cf_hub_subleases *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint32_t previous = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 2);
    wire_read_version(&r);
    cf_cbor_read_array(&r, &ret->n, CF_HUB_SUBLEASES_MAX);
    for (size_t i = 0; i < ret->n; i++) {
        struct cf_hub_subleased *item = &ret->items[i];
        *item = (struct cf_hub_subleased){0};
        bool counted = read_form(&r, 3, 6);
        read_campaign(&r, &previous, i == 0, &item->campaign);
        item->granted = read_amount(&r, INT64_MAX);
        item->keep = read_amount(&r, CF_HUB_SUBLEASE_WANT_MAX);
        if (!counted)
            continue;
        item->granted_minor = read_amount(&r, INT64_MAX);
        read_day(&r, &item->day);
        item->day_granted = read_amount(&r, UINT32_MAX);
    }
    return cf_cbor_read_end(&r, err);
}

/* --- what the store was leased, given back ------------------------------------------------------------------------ */

enum cf_rc cf_hub_giveback_ask_encode(const struct cf_hub_giveback_ask *ask, struct cf_buf *ret, struct cf_error *err)
{
    assert(ask->n <= CF_HUB_SUBLEASES_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    wire_write_opening(&w, 4, ask->terminal, ask->epoch);
    cf_cbor_write_array(&w, ask->n);
    for (size_t i = 0; i < ask->n; i++) {
        cf_cbor_write_array(&w, 2);
        cf_cbor_write_uint(&w, ask->items[i].campaign);
        cf_cbor_write_uint(&w, (uint64_t)ask->items[i].keep);
    }
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_giveback_ask_decode(cf_bytes bytes, struct cf_hub_giveback_ask *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint32_t previous = 0;
    cf_cbor_read_init(&r, bytes);
    wire_read_opening(&r, 4, &ret->terminal, &ret->epoch);
    cf_cbor_read_array(&r, &ret->n, CF_HUB_SUBLEASES_MAX);
    for (size_t i = 0; i < ret->n; i++) {
        cf_cbor_read_array_of(&r, 2);
        read_campaign(&r, &previous, i == 0, &ret->items[i].campaign);
        ret->items[i].keep = read_amount(&r, INT64_MAX);
    }
    return cf_cbor_read_end(&r, err);
}

enum cf_rc cf_hub_givebacks_encode(const struct cf_hub_givebacks *givebacks, struct cf_buf *ret, struct cf_error *err)
{
    assert(givebacks->n <= CF_HUB_SUBLEASES_MAX);
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 2);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_array(&w, givebacks->n);
    for (size_t i = 0; i < givebacks->n; i++) {
        bool money = givebacks->items[i].returned_minor != 0;
        cf_cbor_write_array(&w, money ? 3 : 2);
        cf_cbor_write_uint(&w, givebacks->items[i].campaign);
        cf_cbor_write_uint(&w, (uint64_t)givebacks->items[i].returned);
        if (money)
            cf_cbor_write_uint(&w, (uint64_t)givebacks->items[i].returned_minor);
    }
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_givebacks_decode(cf_bytes bytes, struct cf_hub_givebacks *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    uint32_t previous = 0;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 2);
    wire_read_version(&r);
    cf_cbor_read_array(&r, &ret->n, CF_HUB_SUBLEASES_MAX);
    for (size_t i = 0; i < ret->n; i++) {
        bool money = read_form(&r, 2, 3);
        read_campaign(&r, &previous, i == 0, &ret->items[i].campaign);
        ret->items[i].returned = read_amount(&r, INT64_MAX);
        ret->items[i].returned_minor = money ? read_amount(&r, INT64_MAX) : 0;
        if (money && ret->items[i].returned_minor == 0)
            cf_cbor_read_refuse(&r); /* the short form says that */
    }
    return cf_cbor_read_end(&r, err);
}

/* --- to the centre ------------------------------------------------------------------------------------------------ */

enum cf_rc cf_hub_report_encode(const struct cf_hub_report *report, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 5);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, report->store);
    cf_cbor_write_uint(&w, report->hub_epoch);
    write_witness_or_null(&w, report->has_witness, &report->witness);
    write_witness_or_null(&w, report->has_proof, &report->proof);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_report_decode(cf_bytes bytes, struct cf_hub_report *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_report report = {0};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 5);
    wire_read_version(&r);
    report.store = cf_cbor_read_u32(&r);
    report.hub_epoch = cf_cbor_read_u32(&r);
    read_witness_or_null(&r, &report.has_witness, &report.witness);
    read_witness_or_null(&r, &report.has_proof, &report.proof);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = report;
    return rc;
}

enum cf_rc cf_hub_report_reply_encode(const struct cf_hub_report_reply *reply, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_cbor_writer w;
    cf_cbor_write_init(&w, ret);
    cf_cbor_write_array(&w, 3);
    cf_cbor_write_uint(&w, WIRE_VERSION);
    cf_cbor_write_uint(&w, (uint64_t)reply->rc);
    write_witness_or_null(&w, reply->has_witness, &reply->witness);
    return cf_cbor_write_end(&w, err);
}

enum cf_rc cf_hub_report_reply_decode(cf_bytes bytes, struct cf_hub_report_reply *ret, struct cf_error *err)
{
    struct cf_cbor_reader r;
    struct cf_hub_report_reply reply = {.rc = CF_OK};
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array_of(&r, 3);
    wire_read_version(&r);
    reply.rc = wire_read_rc(&r);
    read_witness_or_null(&r, &reply.has_witness, &reply.witness);
    enum cf_rc rc = cf_cbor_read_end(&r, err);
    if (rc == CF_OK)
        *ret = reply;
    return rc;
}
