/*
 * sync/hub/hub.c - opening a hub, and from a message to its answer. See hub.h.
 */
#include "sync/hub/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- open --------------------------------------------------------------------------------------------------------- */

static bool is_of_assignment(const struct cf_hub_config *config, uint32_t terminal, uint32_t epoch, uint32_t hub_epoch)
{
    return terminal == config->terminal && epoch == config->epoch && hub_epoch == config->hub_epoch;
}

/* The state of an assignment that hub.db knows nothing of. What the tills sold, and who holds what, stays. */
static enum cf_rc begin_assignment(struct cf_hub *hub, struct cf_error *err)
{
    const struct cf_hub_config *config = &hub->config;
    hub->state = (struct cf_hub_state){
        .store = config->store,
        .terminal = config->terminal,
        .epoch = config->epoch,
        .hub_epoch = config->hub_epoch,
        .head = cf_hub_history_start(config->store, config->hub_epoch),
    };
    return cf_hub_store_clear_steps(hub->store, err);
}

static enum cf_rc write_start(struct cf_hub *hub, bool anew, uint64_t number, struct cf_error *err)
{
    enum cf_rc rc = anew ? begin_assignment(hub, err) : CF_OK;
    hub->state.incarnation = number;
    return rc == CF_OK ? cf_hub_add_step(hub, CF_HUB_STEP_START, CF_HUB_NUMBERS(number), cf_bytes_of(NULL, 0), err)
                       : rc;
}

/* Does hub.db go on from where the mark left it? */
static enum cf_rc judge_mark(struct cf_hub *hub, const struct cf_hub_mark *mark, bool anew, bool *ret_in_order,
                             struct cf_error *err)
{
    const struct cf_hub_state *state = &hub->state;
    uint64_t kept = anew ? 0 : state->incarnation;
    bool holds = true;
    enum cf_rc rc = CF_OK;
    if (mark->incarnation > 0 && !anew) {
        const struct cf_hub_witness marked = {.incarnation = kept, .seq = mark->seq, .head = mark->head};
        rc = cf_hub_agrees(hub->store, state, &marked, &holds, err);
    }
    /* An intent at kept + 1 is a start that was cut short before it was in hub.db. */
    *ret_in_order = holds && (mark->incarnation == kept || (!mark->settled && mark->incarnation == kept + 1));
    return rc;
}

static enum cf_rc refuse_start(struct cf_hub *hub, const struct cf_hub_mark *mark, bool anew, struct cf_error *err)
{
    struct cf_hub_state *state = &hub->state;
    char why[CF_HUB_WHY_MAX + 1];
    (void)snprintf(why, sizeof why, "hub.db is at start %llu, step %llu; it was at %llu, %llu: a copy, or an old disk",
                   (unsigned long long)(anew ? 0 : state->incarnation), (unsigned long long)(anew ? 0 : state->seq),
                   (unsigned long long)mark->incarnation, (unsigned long long)mark->seq);
    if (anew)
        (void)!begin_assignment(hub, NULL);
    return cf_hub_fence(hub->store, state, why, err);
}

static enum cf_rc begin_incarnation(struct cf_hub *hub, struct cf_error *err)
{
    const struct cf_hub_config *config = &hub->config;
    struct cf_hub_state *state = &hub->state;
    struct cf_hub_mark mark;
    bool in_order = false;
    enum cf_rc rc = cf_hub_store_state(hub->store, state, err);
    if (rc == CF_OK)
        rc = cf_hub_mark_read(config, &mark, err);
    if (rc != CF_OK)
        return rc;
    bool anew = !is_of_assignment(config, state->terminal, state->epoch, state->hub_epoch);
    if (!anew && state->fenced)
        return cf_fail(err, CF_E_HUB_FENCED, "%s", state->why);
    if (state->hub_epoch > config->hub_epoch && state->store == config->store)
        return cf_fail(err, CF_E_HUB_EPOCH, "hub epoch %u comes after %u", state->hub_epoch, config->hub_epoch);
    if (!is_of_assignment(config, mark.terminal, mark.epoch, mark.hub_epoch))
        mark = (struct cf_hub_mark){.incarnation = 0};
    rc = judge_mark(hub, &mark, anew, &in_order, err);
    if (rc != CF_OK)
        return rc;
    if (!in_order)
        return refuse_start(hub, &mark, anew, err);
    uint64_t number = (anew ? 0 : state->incarnation) + 1;
    rc = cf_hub_mark_intend(hub, number, anew, err);
    if (rc == CF_OK)
        rc = cf_hub_store_begin(hub->store, err);
    if (rc == CF_OK)
        rc = cf_hub_store_end(hub->store, write_start(hub, anew, number, err), err);
    return rc == CF_OK ? cf_hub_mark_start(hub, err) : rc;
}

static void init_buffers(struct cf_hub *hub)
{
    cf_buf_init(&hub->body, CF_HUB_BODY_MAX);
    cf_buf_init(&hub->pages, CF_HUB_BODY_MAX);
    cf_buf_init(&hub->manifests, CF_PULL_BYTES_MAX);
    cf_buf_init(&hub->stored, CF_BATCH_BYTES_MAX + (64u << 10));
}

enum cf_rc cf_hub_open(const struct cf_hub_config *config, struct cf_hub **ret, struct cf_error *err)
{
    struct cf_hub *hub = calloc(1, sizeof *hub);
    if (hub == NULL)
        return cf_fail(err, CF_E_NO_MEMORY, "hub");
    hub->config = *config;
    hub->mark_fd = -1;
    init_buffers(hub);
    hub->dir = strdup(config->dir);
    enum cf_rc rc = hub->dir != NULL ? cf_sale_new(&hub->sale, err) : cf_fail(err, CF_E_NO_MEMORY, "hub");
    if (rc == CF_OK)
        rc = cf_return_new(&hub->back, err);
    if (rc == CF_OK)
        rc = cf_replica_open(hub->dir, CF_REPLICA_READ, &hub->replica, NULL, err);
    if (rc == CF_OK)
        rc = cf_hub_store_open(hub->dir, &hub->store, err);
    if (rc == CF_OK)
        rc = begin_incarnation(hub, err);
    if (rc != CF_OK) {
        cf_hub_close(hub);
        return rc;
    }
    *ret = hub;
    return CF_OK;
}

void cf_hub_close(struct cf_hub *hub)
{
    if (hub == NULL)
        return;
    for (size_t i = 0; i < CF_HUB_VERIFIERS; i++)
        cf_verifier_free(hub->verifiers[i].verifier);
    cf_hub_mark_close(hub);
    cf_hub_store_close(hub->store);
    cf_replica_close(hub->replica);
    cf_sale_free(hub->sale);
    cf_return_free(hub->back);
    cf_buf_done(&hub->body);
    cf_buf_done(&hub->pages);
    cf_buf_done(&hub->manifests);
    cf_buf_done(&hub->stored);
    free(hub->dir);
    free(hub);
}

void cf_hub_response_init(struct cf_hub_response *response)
{
    *response = (struct cf_hub_response){.status = 0, .content_type = ""};
    cf_buf_init(&response->body, CF_HUB_BODY_MAX + CF_HUB_FRAME_OVERHEAD_MAX);
}

void cf_hub_response_done(struct cf_hub_response *response)
{
    cf_buf_done(&response->body);
}

/* --- who asks, and of which hub ----------------------------------------------------------------------------------- */

static const struct route {
    const char *path;
    cf_hub_message_fn message;
    bool any_epoch; /* does no harm between tills and hubs of different assignments */
    bool gives;     /* something that may be given once: not before the hub heard what became of the one before it */
} routes[] = {
    {CF_PATH_HUB_CLAIM, cf_hub_claim_right, false, true},
    {CF_PATH_HUB_RELEASE, cf_hub_release_right, false, false},
    {CF_PATH_HUB_SUBLEASE, cf_hub_sublease, false, true},
    {CF_PATH_HUB_SALE, cf_hub_find_sale, false, true},
    {CF_PATH_HUB_RECORDS, cf_hub_take_records, true, false},
    {CF_PATH_HUB_PULL, cf_hub_give_pages, true, false},
    {CF_PATH_HUB_GIVEBACK, cf_hub_give_lease_back, false, true},
    {CF_PATH_HUB_PARK, cf_hub_park_sale, false, false},
    {CF_PATH_HUB_RECALL, cf_hub_recall_sale, false, false},
    {CF_PATH_HUB_PARKED, cf_hub_list_parked, false, false},
};

static enum cf_rc refresh_replica(struct cf_hub *hub, struct cf_error *err)
{
    bool replaced = false, changed = false;
    enum cf_rc rc = cf_replica_changed(hub->replica, &replaced, &changed, err);
    if (rc == CF_OK && replaced) {
        struct cf_replica *fresh = NULL;
        rc = cf_replica_open(hub->dir, CF_REPLICA_READ, &fresh, NULL, err);
        if (rc == CF_OK) {
            cf_replica_close(hub->replica);
            hub->replica = fresh;
        }
    }
    return rc;
}

static enum cf_rc know_caller(struct cf_hub *hub, const struct cf_hub_request *request, struct cf_hub_caller *ret,
                              struct cf_error *err)
{
    struct cf_terminal_entry entry;
    bool newest = false;
    enum cf_rc rc = cf_replica_terminal(hub->replica, request->terminal, request->epoch, &entry, &newest, err);
    if (rc == CF_E_NOT_FOUND)
        return cf_fail(err, CF_E_CERTIFICATE, "terminal %u, epoch %u is none of store %u", request->terminal,
                       request->epoch, hub->config.store);
    if (rc == CF_OK)
        *ret = (struct cf_hub_caller){.terminal = request->terminal,
                                      .epoch = request->epoch,
                                      .sign_key = entry.sign_key,
                                      .may_spend = newest && !entry.fenced};
    return rc;
}

/* A witness of our own that is not in our history: this hub is a copy, or stands on an old disk. */
static enum cf_rc judge_witness(struct cf_hub *hub, const struct cf_hub_witness *witness, struct cf_error *err)
{
    bool agrees = true;
    enum cf_rc rc = cf_hub_agrees(hub->store, &hub->state, witness, &agrees, err);
    if (rc != CF_OK || agrees)
        return rc;
    if (!cf_hub_witness_is_genuine(witness, hub->config.store, hub->config.hub_epoch, hub->config.sign_key))
        return cf_fail(err, CF_E_PROTOCOL, "a witness that this hub never signed");
    char why[CF_HUB_WHY_MAX + 1];
    (void)snprintf(why, sizeof why, "a till has seen incarnation %llu, step %llu of it, which is not in its history",
                   (unsigned long long)witness->incarnation, (unsigned long long)witness->seq);
    return cf_hub_fence(hub->store, &hub->state, why, err);
}

static enum cf_rc check_heard(struct cf_hub *hub, struct cf_error *err)
{
    enum cf_rc rc = hub->heard ? CF_OK : cf_hub_store_heard(hub->store, hub->config.hub_epoch, &hub->heard, err);
    return rc == CF_OK && !hub->heard
               ? cf_fail(err, CF_E_HUB_NEW, "the centre was not heard under hub epoch %u yet", hub->config.hub_epoch)
               : rc;
}

static enum cf_rc judge_frame(struct cf_hub *hub, const struct route *route, const struct cf_hub_frame *frame,
                              struct cf_error *err)
{
    enum cf_rc rc = cf_hub_store_state(hub->store, &hub->state, err);
    if (rc != CF_OK)
        return rc;
    /* Another process of this terminal took the database over for a later assignment. */
    if (!is_of_assignment(&hub->config, hub->state.terminal, hub->state.epoch, hub->state.hub_epoch))
        return cf_fail(err, CF_E_HUB_EPOCH, "this hub's assignment is over");
    if (hub->state.fenced)
        return cf_fail(err, CF_E_HUB_FENCED, "%s", hub->state.why);
    if (frame->hub_epoch != hub->config.hub_epoch)
        return route->any_epoch ? CF_OK
                                : cf_fail(err, CF_E_HUB_EPOCH, "this is hub epoch %u, asked was %u",
                                          hub->config.hub_epoch, frame->hub_epoch);
    rc = frame->has_witness ? judge_witness(hub, &frame->witness, err) : CF_OK;
    return rc == CF_OK && route->gives ? check_heard(hub, err) : rc;
}

/* --- from a message to its answer --------------------------------------------------------------------------------- */

/* The till says what the centre has of its log: that much need not be brought there. */
static enum cf_rc note_acknowledged(struct cf_hub *hub, const struct cf_hub_caller *caller, uint64_t acknowledged,
                                    struct cf_error *err)
{
    struct cf_hub_till till;
    bool found = false;
    enum cf_rc rc = cf_hub_store_till(hub->store, caller->terminal, caller->epoch, &till, &found, err);
    if (rc != CF_OK || !found || acknowledged <= till.acknowledged)
        return rc;
    till.acknowledged = acknowledged;
    return cf_hub_store_set_till(hub->store, &till, err);
}

static enum cf_rc run_message(struct cf_hub *hub, const struct route *route, const struct cf_hub_caller *caller,
                              const struct cf_hub_frame *frame, struct cf_error *err)
{
    cf_buf_clear(&hub->body);
    hub->refusal = CF_OK;
    hub->mark_durably = false;
    enum cf_rc rc = cf_hub_store_begin(hub->store, err);
    if (rc != CF_OK)
        return rc;
    rc = cf_hub_store_state(hub->store, &hub->state, err); /* again: now nobody else can change it */
    if (rc == CF_OK)
        rc = route->message(hub, caller, frame->body, &hub->body, err);
    if (rc == CF_OK)
        rc = note_acknowledged(hub, caller, frame->acknowledged, err);
    rc = cf_hub_store_end(hub->store, rc, err);
    if (rc == CF_OK)
        cf_hub_mark_step(hub); /* behind hub.db: a kill between the two leaves a mark that is true */
    if (rc == CF_OK && hub->mark_durably)
        rc = cf_hub_mark_sync(hub, err);
    return rc == CF_OK && hub->refusal != CF_OK
               ? cf_fail(err, hub->refusal, "terminal %u, epoch %u", caller->terminal, caller->epoch)
               : rc;
}

static enum cf_rc make_answer(struct cf_hub *hub, struct cf_buf *ret, struct cf_error *err)
{
    struct cf_hub_witness *witness = &hub->witness;
    enum cf_rc rc = CF_OK;
    if (witness->seq != hub->state.seq || witness->incarnation != hub->state.incarnation)
        rc = cf_hub_sign_witness(&hub->state, hub->config.sign_key, witness, err);
    struct cf_hub_frame frame = {
        .hub_epoch = hub->config.hub_epoch, .has_witness = true, .witness = *witness, .body = cf_buf_bytes(&hub->body)};
    return rc == CF_OK ? cf_hub_frame_encode(&frame, ret, err) : rc;
}

static enum cf_rc post(struct cf_hub *hub, const struct route *route, const struct cf_hub_request *request,
                       struct cf_buf *ret, struct cf_error *err)
{
    struct cf_hub_frame frame;
    struct cf_hub_caller caller;
    struct cf_error why;
    if (cf_hub_frame_decode(request->body, &frame, &why) != CF_OK)
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    enum cf_rc rc = know_caller(hub, request, &caller, err);
    if (rc == CF_OK)
        rc = judge_frame(hub, route, &frame, err);
    if (rc == CF_OK)
        rc = run_message(hub, route, &caller, &frame, err);
    return rc == CF_OK ? make_answer(hub, ret, err) : rc;
}

static enum cf_rc dispatch(struct cf_hub *hub, const struct cf_hub_request *request, struct cf_buf *ret,
                           struct cf_error *err)
{
    struct cf_hub_caller caller;
    enum cf_rc rc = refresh_replica(hub, err);
    if (rc != CF_OK)
        return rc;
    const size_t chunk_n = sizeof CF_PATH_HUB_CHUNK - 1;
    if (strncmp(request->path, CF_PATH_HUB_CHUNK, chunk_n) == 0 && strcmp(request->method, "GET") == 0) {
        rc = know_caller(hub, request, &caller, err);
        return rc == CF_OK ? cf_hub_give_chunk(hub, request->path + chunk_n, ret, err) : rc;
    }
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (strcmp(routes[i].path, request->path) != 0)
            continue;
        if (strcmp(request->method, "POST") != 0)
            return cf_fail(err, CF_E_METHOD, "%s", request->method);
        return post(hub, &routes[i], request, ret, err);
    }
    return cf_fail(err, CF_E_NOT_FOUND, "no such address");
}

void cf_hub_handle(struct cf_hub *hub, const struct cf_hub_request *request, struct cf_hub_response *response)
{
    struct cf_error err = {.rc = CF_OK};
    cf_buf_clear(&response->body);
    enum cf_rc rc = dispatch(hub, request, &response->body, &err);
    response->content_type = "application/cbor";
    response->status = cf_rc_http_status(rc);
    if (rc == CF_OK)
        return;
    struct cf_refusal refusal = {.rc = rc};
    (void)snprintf(refusal.detail, sizeof refusal.detail, "%s", err.detail);
    cf_buf_clear(&response->body);
    if (cf_refusal_encode(&refusal, &response->body, NULL) != CF_OK)
        cf_buf_clear(&response->body);
}
