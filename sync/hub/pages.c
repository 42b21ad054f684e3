/*
 * sync/hub/pages.c - signed pages and snapshots for a till that reaches only the hub.
 *
 * The hub gives what its own sync took from the centre, as it came. It cannot sign: a till whose place lies between two
 * pages of the hub's gets nothing of that topic, and waits for the centre.
 */
#include "sync/hub/inside.h"

#include <string.h>

/* What is for one terminal alone does not come by way of another. */
static bool is_shared(enum cf_topic topic)
{
    return topic != CF_TOPIC_LEASES && topic != CF_TOPIC_RESULTS;
}

/* Follows the pages from where the till stands. */
static enum cf_rc add_pages(struct cf_hub *hub, size_t k, size_t max_bytes, size_t *at, struct cf_error *err)
{
    struct cf_pulled *pulled = &hub->pulled;
    enum cf_topic topic = hub->pull.topics[k].topic;
    uint64_t version = hub->pull.topics[k].version;
    struct cf_sha256 digest = hub->pull.topics[k].digest;
    for (;;) {
        bool found = false;
        uint64_t after = 0;
        size_t before = hub->pages.n;
        cf_bytes payload;
        if (pulled->n_pages == CF_PULL_PAGES_MAX || (pulled->n_pages > 0 && before >= max_bytes)) {
            pulled->more = true;
            return CF_OK;
        }
        enum cf_rc rc = cf_hub_store_page(hub->store, topic, version, &digest, &after, &hub->pages, &found, err);
        if (rc != CF_OK || !found)
            return rc;
        rc = cf_cose_peek(cf_bytes_of(hub->pages.p + before, hub->pages.n - before), &payload, err);
        if (rc == CF_OK)
            rc = cf_page_decode(payload, &hub->page, err);
        if (rc != CF_OK || after <= version)
            return cf_fail(err, CF_E_HUB_BROKEN, "a kept page of %s", cf_topic_name(topic));
        at[++pulled->n_pages] = hub->pages.n;
        version = after;
        digest = hub->page.after;
    }
}

static enum cf_rc add_manifest(struct cf_hub *hub, size_t k, size_t *at, struct cf_error *err)
{
    struct cf_pulled *pulled = &hub->pulled;
    uint64_t version = 0;
    size_t before = hub->manifests.n;
    bool found = false;
    enum cf_rc rc =
        cf_hub_store_manifest(hub->store, hub->pull.topics[k].topic, &version, &hub->manifests, &found, err);
    if (rc != CF_OK || !found)
        return rc;
    if (version <= hub->pull.topics[k].version) { /* it would throw the till back */
        hub->manifests.n = before;
        return CF_OK;
    }
    at[++pulled->n_manifests] = hub->manifests.n;
    return CF_OK;
}

enum cf_rc cf_hub_give_pages(struct cf_hub *hub, const struct cf_hub_caller *caller, cf_bytes body, struct cf_buf *ret,
                             struct cf_error *err)
{
    struct cf_pulled *pulled = &hub->pulled;
    size_t page_at[CF_PULL_PAGES_MAX + 1] = {0}, manifest_at[CF_TOPICS_MAX + 1] = {0};
    struct cf_error why;
    if (cf_pull_decode(body, &hub->pull, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    if (hub->pull.terminal != caller->terminal || hub->pull.epoch != caller->epoch)
        return cf_fail(err, CF_E_CERTIFICATE, "it is of another terminal or epoch");
    size_t max_bytes = hub->pull.max_bytes < CF_PULL_BYTES_MAX / 2 ? hub->pull.max_bytes : CF_PULL_BYTES_MAX / 2;
    *pulled = (struct cf_pulled){.cursor = 0};
    cf_buf_clear(&hub->pages);
    cf_buf_clear(&hub->manifests);
    enum cf_rc rc = CF_OK;
    for (size_t k = 0; k < hub->pull.n_topics && rc == CF_OK; k++) {
        size_t before = pulled->n_pages;
        if (!is_shared(hub->pull.topics[k].topic))
            continue;
        rc = add_pages(hub, k, max_bytes, page_at, err);
        if (rc == CF_OK && pulled->n_pages == before && !pulled->more)
            rc = add_manifest(hub, k, manifest_at, err);
    }
    for (size_t i = 0; i < pulled->n_pages; i++)
        pulled->pages[i] = cf_bytes_of(hub->pages.p + page_at[i], page_at[i + 1] - page_at[i]);
    for (size_t i = 0; i < pulled->n_manifests; i++)
        pulled->manifests[i] = cf_bytes_of(hub->manifests.p + manifest_at[i], manifest_at[i + 1] - manifest_at[i]);
    return rc == CF_OK ? cf_pulled_encode(pulled, ret, err) : rc;
}

enum cf_rc cf_hub_give_chunk(struct cf_hub *hub, const char *path, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_sha256 hash;
    bool found = false;
    const char *slash = strchr(path, '/');
    unsigned topic = path[0] >= '1' && path[0] <= '9' && slash == path + 1 ? (unsigned)(path[0] - '0') : 0;
    if (topic == 0 || strlen(slash + 1) != 2 * CF_SHA256_BYTES ||
        cf_hex_decode(slash + 1, hash.digest, CF_SHA256_BYTES, NULL) != CF_OK)
        return cf_fail(err, CF_E_NOT_FOUND, "a chunk is named by its topic and %d hexadecimal digits",
                       2 * CF_SHA256_BYTES);
    enum cf_rc rc = cf_hub_store_chunk(hub->store, (enum cf_topic)topic, &hash, ret, &found, err);
    return rc == CF_OK && !found ? cf_fail(err, CF_E_NOT_FOUND, "that chunk is not here") : rc;
}
