/*
 * app/terminal/sync_session.c - see sync_session.h.
 */
#include "app/terminal/sync_session.h"

#include <stdlib.h>

#include "app/terminal/link.h"
#include "sync/client/enrol.h"

struct cf_sync_session {
    struct cf_identity identity;
    struct cf_tls_net *net;
    struct cf_keyring *ring;
    struct cf_link *link;
    struct cf_sync *sync;
    bool rebuilt;
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
    cf_sync_free(session->sync);
    cf_link_free(session->link);
    cf_keyring_free(session->ring);
    cf_tls_net_free(session->net);
    cf_identity_done(&session->identity);
    free(session);
}

enum cf_rc cf_sync_session_cycle(struct cf_sync_session *session, struct cf_sync_report *ret, struct cf_error *err)
{
    return cf_sync_cycle(session->sync, ret, err);
}

cf_duration cf_sync_session_delay(struct cf_sync_session *session, cf_duration idle)
{
    return cf_sync_delay(session->sync, idle);
}

bool cf_sync_session_rebuilt(const struct cf_sync_session *session)
{
    return session->rebuilt;
}

void cf_sync_session_stats(const struct cf_sync_session *session, struct cf_tls_net_stats *ret)
{
    cf_tls_net_stats(session->net, ret);
}
