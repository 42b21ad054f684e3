/*
 * app/terminal/hub_link.c - see hub_link.h.
 */
#include "app/terminal/hub_link.h"

#include <stdio.h>
#include <string.h>

#define WITNESS_PATH_MAX 4200

static bool witness_path(const struct cf_hub_link *link, char path[WITNESS_PATH_MAX])
{
    int n = snprintf(path, WITNESS_PATH_MAX, "%s/hub.witness", link->dir);
    return n > 0 && n < WITNESS_PATH_MAX;
}

void cf_hub_link_witness(const struct cf_hub_link *link, struct cf_hub_witness *ret, bool *ret_found)
{
    uint8_t bytes[CF_HUB_WITNESS_BYTES_MAX + 1];
    struct cf_buf buf;
    char path[WITNESS_PATH_MAX];
    uint32_t hub_epoch = 0;
    cf_buf_init_fixed(&buf, bytes, CF_HUB_WITNESS_BYTES_MAX);
    *ret_found = witness_path(link, path) && link->env->ops->file_read(link->env->ctx, path, &buf, NULL) == CF_OK &&
                 cf_hub_witness_decode(cf_buf_bytes(&buf), &hub_epoch, ret, NULL) == CF_OK &&
                 hub_epoch == link->hub.hub_epoch;
}

/* Best effort: what cannot be kept now is learned again with the next answer. */
static void keep_witness(const struct cf_hub_link *link, const struct cf_hub_witness *witness)
{
    uint8_t bytes[CF_HUB_WITNESS_BYTES_MAX + 1];
    struct cf_buf buf;
    char path[WITNESS_PATH_MAX];
    struct cf_hub_witness kept;
    bool found;
    cf_hub_link_witness(link, &kept, &found);
    if (found && !cf_hub_witness_is_later(witness, &kept))
        return;
    cf_buf_init_fixed(&buf, bytes, CF_HUB_WITNESS_BYTES_MAX);
    if (witness_path(link, path) && cf_hub_witness_encode(link->hub.hub_epoch, witness, &buf, NULL) == CF_OK)
        (void)!link->env->ops->file_replace(link->env->ctx, path, cf_buf_bytes(&buf), 0600, NULL);
}

/* An answer that is not 200. What the hub says of itself, or of us, took nothing. */
static enum cf_rc refused(int status, cf_bytes body, struct cf_error *err)
{
    struct cf_refusal refusal;
    if (cf_refusal_decode(body, &refusal, NULL) != CF_OK)
        return cf_fail(err, CF_E_SERVER, "the hub answered with status %d", status);
    switch ((int)refusal.rc) {
    case CF_E_HUB_FENCED:
    case CF_E_HUB_EPOCH:
    case CF_E_HUB_NEW:
    case CF_E_CERTIFICATE:
    case CF_E_NOT_FOUND:
    case CF_E_METHOD:
        return cf_fail(err, CF_E_LINK_DOWN, "the hub: %s: %s", cf_rc_name(refusal.rc), refusal.detail);
    default:
        return cf_fail(err, refusal.rc, "the hub: %s", refusal.detail);
    }
}

static enum cf_rc read_answer(const struct cf_hub_link *link, cf_bytes bytes, const struct cf_hub_frame *shown,
                              struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_hub_frame answer;
    if (cf_hub_frame_decode(bytes, &answer, err) != CF_OK || !answer.has_witness)
        return cf_fail(err, CF_E_PROTOCOL, "the hub's answer cannot be read");
    bool other = answer.hub_epoch != link->hub.hub_epoch;
    if (!other && shown->has_witness && cf_hub_witness_is_later(&shown->witness, &answer.witness))
        return cf_fail(err, CF_E_HUB_FENCED, "the hub is at step %llu, and was at %llu before",
                       (unsigned long long)answer.witness.seq, (unsigned long long)shown->witness.seq);
    if (!other)
        keep_witness(link, &answer.witness);
    return cf_buf_append(ret_body, answer.body.p, answer.body.n, err);
}

enum cf_rc cf_hub_link_ask(const struct cf_hub_link *link, const char *path, cf_bytes body, uint64_t acknowledged,
                           struct cf_buf *ret_body, struct cf_error *err)
{
    struct cf_hub_frame frame = {.hub_epoch = link->hub.hub_epoch, .acknowledged = acknowledged, .body = body};
    struct cf_buf request CF_CLEANUP(cf_buf_done), reply CF_CLEANUP(cf_buf_done);
    int status = 0;
    cf_buf_init(&request, CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX);
    cf_buf_init(&reply, CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX);
    if (link->hub.terminal == 0)
        return cf_fail(err, CF_E_LINK_DOWN, "the store has no hub");
    cf_hub_link_witness(link, &frame.witness, &frame.has_witness);
    enum cf_rc rc = cf_hub_frame_encode(&frame, &request, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_net_request post = {
        .method = "POST", .path = path, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    struct cf_error why = {.rc = CF_OK};
    rc = link->env->ops->net_exchange(link->env->ctx, &post, &status, &reply, &why);
    if (rc == CF_E_LINK_DOWN || rc == CF_E_TLS || rc == CF_E_CERTIFICATE) /* base/env.h: surely not sent */
        return cf_fail(err, CF_E_LINK_DOWN, "%s", why.detail);
    if (rc != CF_OK)
        return cf_fail(err, rc, "%s", why.detail);
    return status == 200 ? read_answer(link, cf_buf_bytes(&reply), &frame, ret_body, err)
                         : refused(status, cf_buf_bytes(&reply), err);
}
