/*
 * app/counter/member_asker.c - see member_asker.h. Functions named `work_*` run in the asker's thread, without the lock
 * while they talk to the centre; all others run in the counter's.
 */
#include "app/counter/member_asker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sync/client/tls_net.h"

struct cf_member_asker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t asked;
    struct cf_tls_net *net; /* the thread's alone */
    uint32_t terminal, epoch;
    bool ends, wanted; /* wanted: `member` is to be asked about, and the thread has not begun */
    uint64_t turn;     /* of the newest question; an answer to another is dropped */
    cf_sub member;
    enum cf_member_asker_state state;
    struct cf_member_reply reply;
};

/* --- the asker's thread -------------------------------------------------------------------------------------------
 */

static enum cf_rc work_ask(struct cf_member_asker *asker, const struct cf_member_ask *ask, struct cf_member_reply *ret,
                           struct cf_error *err)
{
    struct cf_buf CF_CLEANUP(cf_buf_done) request, reply;
    int status = 0;
    cf_buf_init(&request, CF_MEMBER_ASK_BYTES_MAX);
    cf_buf_init(&reply, CF_MEMBER_REPLY_BYTES_MAX);
    enum cf_rc rc = cf_member_ask_encode(ask, &request, err);
    if (rc != CF_OK)
        return rc;
    const struct cf_net_request post = {
        .method = "POST", .path = CF_PATH_MEMBER, .content_type = "application/cbor", .body = cf_buf_bytes(&request)};
    rc = cf_tls_net_exchange(asker->net, &post, &status, &reply, err);
    if (rc == CF_OK && status != 200)
        rc = cf_fail(err, CF_E_SERVER, "the centre answered with status %d", status);
    if (rc == CF_OK)
        rc = cf_member_reply_decode(cf_buf_bytes(&reply), ret, err);
    if (reply.n > 0)
        explicit_bzero(reply.p, reply.n);
    cf_tls_net_close(asker->net); /* the next member may come in an hour */
    return rc;
}

static void *work(void *ctx)
{
    struct cf_member_asker *asker = ctx;
    struct cf_member_reply reply;
    pthread_mutex_lock(&asker->lock);
    while (true) {
        while (!asker->ends && !asker->wanted)
            pthread_cond_wait(&asker->asked, &asker->lock);
        if (asker->ends)
            break;
        asker->wanted = false;
        uint64_t turn = asker->turn;
        const struct cf_member_ask ask = {.terminal = asker->terminal, .epoch = asker->epoch, .member = asker->member};
        pthread_mutex_unlock(&asker->lock);
        enum cf_rc rc = work_ask(asker, &ask, &reply, NULL);
        pthread_mutex_lock(&asker->lock);
        if (asker->turn == turn && asker->state == CF_MEMBER_ASKER_BUSY) {
            asker->state = rc == CF_OK ? CF_MEMBER_ASKER_TOLD : CF_MEMBER_ASKER_FAILED;
            if (rc == CF_OK)
                asker->reply = reply;
        }
        explicit_bzero(&reply, sizeof reply);
    }
    pthread_mutex_unlock(&asker->lock);
    return NULL;
}

/* --- questions and answers ------------------------------------------------------------------------------------------
 */

void cf_member_asker_ask(struct cf_member_asker *asker, cf_sub member)
{
    pthread_mutex_lock(&asker->lock);
    explicit_bzero(&asker->reply, sizeof asker->reply);
    asker->member = member;
    asker->wanted = true;
    asker->turn++;
    asker->state = CF_MEMBER_ASKER_BUSY;
    pthread_cond_signal(&asker->asked);
    pthread_mutex_unlock(&asker->lock);
}

void cf_member_asker_forget(struct cf_member_asker *asker)
{
    pthread_mutex_lock(&asker->lock);
    explicit_bzero(&asker->reply, sizeof asker->reply);
    explicit_bzero(&asker->member, sizeof asker->member);
    asker->wanted = false;
    asker->turn++;
    asker->state = CF_MEMBER_ASKER_IDLE;
    pthread_mutex_unlock(&asker->lock);
}

enum cf_member_asker_state cf_member_asker_look(struct cf_member_asker *asker, struct cf_member_reply *ret)
{
    pthread_mutex_lock(&asker->lock);
    enum cf_member_asker_state state = asker->state;
    if (state == CF_MEMBER_ASKER_TOLD)
        *ret = asker->reply;
    pthread_mutex_unlock(&asker->lock);
    return state;
}

/* --- making one -----------------------------------------------------------------------------------------------------
 */

enum cf_rc cf_member_asker_new(const struct cf_identity *identity, struct cf_member_asker **ret, struct cf_error *err)
{
    const struct cf_tls_net_config config = {
        .host = identity->host,
        .port = identity->terminals_port,
        .ca_pem = identity->ca_pem,
        .cert_pem = identity->cert_pem,
        .key_pem = identity->tls_key_pem,
        /* Nobody waits for it, but a till that is closed waits for its end. */
        .connect_timeout = {2 * CF_US_PER_S},
        .idle_timeout = {2 * CF_US_PER_S},
        .total_timeout = {3 * CF_US_PER_S},
    };
    struct cf_member_asker *asker = calloc(1, sizeof *asker);
    if (asker == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "an asker for members");
    asker->terminal = identity->terminal;
    asker->epoch = identity->epoch;
    pthread_mutex_init(&asker->lock, NULL);
    pthread_cond_init(&asker->asked, NULL);
    enum cf_rc rc = cf_tls_net_new(cf_env_system(), &config, &asker->net, err);
    if (rc == CF_OK && pthread_create(&asker->thread, NULL, work, asker) != 0)
        rc = cf_fail(err, CF_E_NO_MEMORY, "a thread for members");
    if (rc != CF_OK) {
        cf_tls_net_free(asker->net);
        pthread_mutex_destroy(&asker->lock);
        pthread_cond_destroy(&asker->asked);
        free(asker);
        return rc;
    }
    *ret = asker;
    return CF_OK;
}

void cf_member_asker_free(struct cf_member_asker *asker)
{
    if (asker == NULL)
        return;
    pthread_mutex_lock(&asker->lock);
    asker->ends = true;
    pthread_cond_signal(&asker->asked);
    pthread_mutex_unlock(&asker->lock);
    pthread_join(asker->thread, NULL);
    cf_tls_net_free(asker->net);
    pthread_mutex_destroy(&asker->lock);
    pthread_cond_destroy(&asker->asked);
    explicit_bzero(asker, sizeof *asker);
    free(asker);
}
