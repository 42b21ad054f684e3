/*
 * sync/hub/forget.c - the hub forgets members who are to be forgotten. See upward.h.
 *
 * A till's batch is kept as it was signed. Of a record that the centre has, salt and body may go: in their place stands
 * the hash over which the chain goes on, so the batch is still what the till signed, and can be brought to the centre
 * and read here. A batch of which the centre has a part is treated so far, and again when it has more.
 */
#include "sync/hub/inside.h"
#include "sync/hub/upward.h"

#include <stdlib.h>
#include <string.h>

#include "app/core/erasure.h"
#include "app/core/order_request.h"

struct forgetting {
    struct cf_hub_store *store;
    struct cf_erase_marks marks;
    struct cf_sale *sale;
    struct cf_return *back;
    struct cf_batch batch;
    struct cf_buf content, left;
    uint64_t n_erased;
};

/* --- who ---------------------------------------------------------------------------------------------------------- */

static enum cf_rc take_mark(void *ctx, const struct cf_erase_mark *mark, struct cf_error *err)
{
    struct forgetting *f = ctx;
    return cf_erase_marks_add(&f->marks, mark, err);
}

static bool is_marked(const struct forgetting *f, cf_sub member)
{
    return cf_erase_marked(f->marks.at, f->marks.n, member);
}

static bool is_of_marked(struct forgetting *f, const struct cf_record *record)
{
    if (record->body.p == NULL)
        return false;
    if (record->type == CF_RECORD_SALE && cf_sale_decode(record->body, f->sale, NULL) == CF_OK)
        return f->sale->has_member && is_marked(f, f->sale->member);
    if (record->type == CF_RECORD_RETURN && cf_return_decode(record->body, f->back, NULL) == CF_OK)
        return f->back->has_member && is_marked(f, f->back->member);
    struct cf_request_record request;
    if (record->type == CF_RECORD_ORDER && cf_request_record_decode(record->body, &request, NULL) == CF_OK)
        return request.act == CF_REQUEST_ASK && is_marked(f, request.who);
    return false;
}

/* --- what --------------------------------------------------------------------------------------------------------- */

static size_t erase_records(struct forgetting *f, uint64_t acknowledged)
{
    struct cf_batch *batch = &f->batch;
    size_t n = 0;
    for (size_t i = 0; i < batch->n_records; i++) {
        struct cf_record *record = &batch->records[i];
        if (record->seq > acknowledged || !is_of_marked(f, record))
            continue;
        batch->erased[i] = cf_record_body_hash(record);
        memset(record->salt, 0, sizeof record->salt);
        record->body = (cf_bytes){NULL, 0};
        n++;
    }
    return n;
}

static enum cf_rc forget_in(struct forgetting *f, const struct cf_hub_batch *batch, uint64_t acknowledged,
                            struct cf_error *err)
{
    struct cf_error why;
    if (cf_batch_decode(cf_buf_bytes(&f->content), &f->batch, &why) != CF_OK)
        return cf_fail(err, CF_E_HUB_BROKEN, "a batch of terminal %u: %s", batch->terminal, why.detail);
    size_t n = erase_records(f, acknowledged);
    cf_bytes left = {NULL, 0};
    enum cf_rc rc = CF_OK;
    if (n > 0) {
        cf_buf_clear(&f->left);
        rc = cf_batch_encode(&f->batch, &f->left, err);
        left = cf_buf_bytes(&f->left);
    }
    uint64_t seq = acknowledged < batch->last_seq ? acknowledged : batch->last_seq;
    if (rc == CF_OK)
        rc = cf_hub_store_set_forgotten(f->store, batch->id, f->marks.n, seq, left, err);
    if (rc == CF_OK)
        f->n_erased += n;
    return rc;
}

static enum cf_rc forget_all(struct forgetting *f, struct cf_error *err)
{
    struct cf_hub_batch batch = {.id = 0};
    struct cf_error broken = {.rc = CF_OK};
    bool found = f->marks.n > 0;
    while (found) {
        uint64_t acknowledged = 0;
        cf_buf_clear(&f->content);
        enum cf_rc rc = cf_hub_store_next_forgettable(f->store, batch.id, f->marks.n, &batch, &acknowledged,
                                                      &f->content, &found, err);
        if (rc != CF_OK || !found)
            return rc != CF_OK ? rc : broken.rc != CF_OK ? cf_fail(err, broken.rc, "%s", broken.detail) : CF_OK;
        rc = forget_in(f, &batch, acknowledged, &broken);
        if (rc != CF_OK && rc != CF_E_HUB_BROKEN)
            return cf_fail(err, rc, "%s", broken.detail);
    }
    return CF_OK;
}

/* --- together ----------------------------------------------------------------------------------------------------- */

enum cf_rc cf_hub_forget(struct cf_hub_store *store, struct cf_replica *replica, uint64_t *ret_erased,
                         struct cf_error *err)
{
    struct forgetting *f = calloc(1, sizeof *f);
    if (f == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "erasures");
    f->store = store;
    cf_buf_init(&f->content, CF_BATCH_BYTES_MAX + (64u << 10));
    cf_buf_init(&f->left, CF_BATCH_BYTES_MAX + (64u << 10));
    enum cf_rc rc = cf_replica_erasures(replica, take_mark, f, err);
    if (rc == CF_OK)
        rc = cf_sale_new(&f->sale, err);
    if (rc == CF_OK)
        rc = cf_return_new(&f->back, err);
    if (rc == CF_OK)
        rc = forget_all(f, err);
    cf_hub_store_empty_log(store); /* also of what was erased before an error */
    *ret_erased = f->n_erased;
    cf_sale_free(f->sale);
    cf_return_free(f->back);
    cf_buf_done(&f->content);
    cf_buf_done(&f->left);
    cf_erase_marks_done(&f->marks);
    free(f);
    return rc;
}
