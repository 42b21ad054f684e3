/*
 * app/terminal/sync_session.c - see sync_session.h.
 */
#include "app/terminal/sync_session.h"

#include <stdlib.h>
#include <string.h>

#include "app/terminal/hub_net.h"
#include "app/terminal/link.h"
#include "sync/client/enrol.h"

struct cf_sync_session {
    struct cf_identity identity;
    struct cf_tls_net *net;
    struct cf_keyring *ring;
    struct cf_link *link;
    struct cf_sync *sync;
    bool rebuilt;
    struct cf_hub_net *hub_net;
    struct cf_hub_sync_session *hub;
    struct cf_hub_sync_report hub_report; /* of the last cycle */
    struct cf_error hub_err;
    char *dir;
};

static enum cf_rc open_net(struct cf_sync_session *session, const struct cf_env *env, struct cf_error *err)
{
    struct cf_tls_net_config config = {
        .host = session->identity.host,
        .port = session->identity.terminals_port,
        .ca_pem = session->identity.ca_pem,
        .cert_pem = session->identity.cert_pem,
        .key_pem = session->identity.tls_key_pem,
    };
    return cf_tls_net_new(env, &config, &session->net, err);
}

static enum cf_rc open_sync(struct cf_sync_session *session, struct cf_error *err)
{
    struct cf_sync_config config = {
        .env = cf_tls_net_env(session->net),
        .terminal = session->identity.terminal,
        .epoch = session->identity.epoch,
        .store = session->identity.store,
        .sign_key = session->identity.sign_key,
        .keyring = session->ring,
        .outbox = cf_link_outbox(session->link),
        .sink = cf_link_sink(session->link),
    };
    enum cf_rc rc = cf_sync_new(&config, &session->sync, err);
    if (rc == CF_OK) {
        /* A till whose clock was reset judges the centre's certificate by the centre's signed time, once it has heard
         * it. */
        cf_tls_net_true_time(session->net, cf_sync_true_time, session->sync);
        cf_tls_net_on_wait(session->net, cf_sync_read_ahead, session->sync);
    }
    return rc;
}

static bool find_hub(void *ctx, struct cf_hub_entry *ret)
{
    struct cf_sync_session *session = ctx;
    return cf_replica_hub(cf_link_replica(session->link), ret, NULL) == CF_OK;
}

static enum cf_rc open_hub(struct cf_sync_session *session, struct cf_error *err)
{
    enum cf_rc rc = cf_hub_net_new(cf_tls_net_env(session->net), &session->identity, &session->hub_net, err);
    if (rc != CF_OK)
        return rc;
    cf_hub_net_find(session->hub_net, find_hub, session);
    struct cf_hub_sync_config config = {
        .env = cf_hub_net_env(session->hub_net),
        .dir = session->dir,
        .identity = &session->identity,
        .ring = session->ring,
        .link = session->link,
    };
    return cf_hub_sync_session_new(&config, &session->hub, err);
}

enum cf_rc cf_sync_session_new(const char *dir, const struct cf_env *env, struct cf_sync_session **ret,
                               struct cf_error *err)
{
    struct cf_sync_session *session = calloc(1, sizeof *session);
    if (!session)
        return cf_fail(err, CF_E_NO_MEMORY, "sync");
    enum cf_rc rc = cf_identity_load(env, dir, &session->identity, err);
    if (rc == CF_OK)
        rc = open_net(session, env, err);
    if (rc == CF_OK)
        rc = cf_keyring_new(session->identity.roots, &session->ring, err);
    if (rc == CF_OK)
        rc = cf_link_new(dir, env, &session->link, &session->rebuilt, err);
    if (rc == CF_OK)
        rc = cf_link_load_keys(session->link, session->ring, err);
    if (rc == CF_OK)
        rc = open_sync(session, err);
    session->dir = strdup(dir);
    if (rc == CF_OK && !session->dir)
        rc = cf_fail(err, CF_E_NO_MEMORY, "sync");
    if (rc == CF_OK)
        rc = open_hub(session, err);
    if (rc != CF_OK) {
        cf_sync_session_free(session);
        return rc;
    }
    *ret = session;
    return CF_OK;
}

void cf_sync_session_free(struct cf_sync_session *session)
{
    if (!session)
        return;
    cf_hub_sync_session_free(session->hub);
    cf_hub_net_free(session->hub_net);
    free(session->dir);
    cf_sync_free(session->sync);
    cf_link_free(session->link);
    cf_keyring_free(session->ring);
    cf_tls_net_free(session->net);
    cf_identity_done(&session->identity);
    free(session);
}

enum cf_rc cf_sync_session_cycle(struct cf_sync_session *session, struct cf_sync_report *ret, struct cf_error *err)
{
    enum cf_rc rc = cf_sync_cycle(session->sync, ret, err);
    if (rc == CF_OK)
        rc = cf_replica_publish(cf_link_replica(session->link), err);
    /* Whatever becomes of it, how the cycle with the centre went is what counts. */
    session->hub_err = (struct cf_error){.rc = CF_OK};
    session->hub_err.rc = cf_hub_sync_session_cycle(session->hub, rc == CF_OK, &session->hub_report, &session->hub_err);
    return rc;
}

cf_duration cf_sync_session_delay(struct cf_sync_session *session, cf_duration idle)
{
    return cf_sync_delay(session->sync, idle);
}

bool cf_sync_session_is_stale(const struct cf_sync_session *session)
{
    bool replaced = false, changed = false;
    return cf_replica_changed(cf_link_replica(session->link), &replaced, &changed, NULL) == CF_OK && replaced;
}

bool cf_sync_session_rebuilt(const struct cf_sync_session *session)
{
    return session->rebuilt;
}

void cf_sync_session_stats(const struct cf_sync_session *session, struct cf_tls_net_stats *ret)
{
    cf_tls_net_stats(session->net, ret);
}

void cf_sync_session_hub(struct cf_sync_session *session, struct cf_hub_entry *ret_hub,
                         struct cf_hub_sync_report *ret_report, enum cf_rc *ret_rc, const char **ret_detail)
{
    *ret_hub = (struct cf_hub_entry){.terminal = 0};
    (void)!cf_replica_hub(cf_link_replica(session->link), ret_hub, NULL);
    *ret_report = session->hub_report;
    *ret_rc = session->hub_err.rc;
    *ret_detail = session->hub_err.detail;
}

struct cf_link *cf_sync_session_link(struct cf_sync_session *session)
{
    return session->link;
}

const struct cf_identity *cf_sync_session_identity(const struct cf_sync_session *session)
{
    return &session->identity;
}

const struct cf_env *cf_sync_session_env(struct cf_sync_session *session)
{
    return cf_tls_net_env(session->net);
}

void cf_sync_session_keep_pages(struct cf_sync_session *session, struct cf_hub_store *store)
{
    cf_link_keep_pages(session->link, store);
}
