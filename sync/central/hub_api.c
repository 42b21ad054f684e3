/*
 * sync/central/hub_api.c - assigning hubs, what they bring of others' records, and what is told of them.
 */
#include "sync/central/handlers.h"
#include "sync/central/hub.h"

#include "sync/central/down_log.h"
#include "sync/central/places.h"

#include "sync/wire/hub.h"

#include <string.h>

/* --- assigning ---------------------------------------------------------------------------------------------------- */

struct assignment {
    int64_t terminal, port;
    char host[CF_HUB_HOST_MAX + 1];
};

static enum cf_rc tell_terminal(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    struct cf_central *central = ctx;
    struct cf_log_head head;
    enum cf_rc rc = cf_log_get(central, (uint32_t)row[0].i, (uint32_t)row[1].i, &head, err);
    return rc == CF_OK ? cf_hub_tell_terminal(central, &head.log, &head.sign_key, head.log.state == CF_LOG_FORKED, err)
                       : rc;
}

struct leasing {
    struct cf_central *central;
    const struct cf_log *log;
};

static enum cf_rc lease_campaign(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    const struct leasing *leasing = ctx;
    struct cf_account *account;
    enum cf_rc rc = cf_ledger_account(leasing->central, (uint32_t)row[0].i, &account, err);
    return rc == CF_OK ? cf_hub_top_up(leasing->central, account, leasing->log, 1, err) : rc;
}

/* The terminal, in its newest epoch, which must be at work. */
static enum cf_rc find_terminal(struct cf_central *central, uint32_t store, uint32_t terminal, struct cf_log_head *ret,
                                struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_TERMINAL_GET, CF_ARGS(cf_v_int(terminal)), row, &found, err);
    if (rc == CF_OK && (!found || (uint32_t)row[0].i != store)) {
        return cf_fail(err, CF_E_NOT_FOUND, "store %lu has no terminal %lu", (unsigned long)store,
                       (unsigned long)terminal);
    }
    if (rc == CF_OK && row[2].i == 0) {
        return cf_fail(err, CF_E_STATE, "terminal %lu is not enrolled yet", (unsigned long)terminal);
    }
    if (rc == CF_OK) {
        rc = cf_log_get_active(central, terminal, (uint32_t)row[2].i, ret, err);
    }
    return rc;
}

static enum cf_rc end_active(struct cf_central *central, uint32_t store, bool *ret_found, struct cf_error *err)
{
    struct cf_hub_row hub;
    enum cf_rc rc = cf_hub_active(central, store, &hub, ret_found, err);
    return rc == CF_OK && *ret_found ? cf_hub_end(central, &hub, CF_HUB_REPLACED, "", err) : rc;
}

static enum cf_rc assign(struct cf_central *central, uint32_t store, const struct assignment *assignment,
                         struct cf_hub_entry *ret, struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    struct cf_store_settings settings;
    struct cf_log_head head;
    bool found = false;
    enum cf_rc rc = cf_store_settings_get(central, store, &settings, err);
    if (rc == CF_OK) {
        rc = find_terminal(central, store, (uint32_t)assignment->terminal, &head, err);
    }
    if (rc == CF_OK) {
        rc = end_active(central, store, &found, err);
    }
    if (rc == CF_OK) {
        rc = cf_store_row(central->store, CF_Q_HUB_NEWEST, CF_ARGS(cf_v_int(store)), row, &found, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    struct cf_down_entry entry = {.kind = CF_DOWN_HUB};
    entry.hub = (struct cf_hub_entry){.store = store,
                                      .hub_epoch = (uint32_t)row[0].i + 1,
                                      .terminal = head.log.terminal,
                                      .terminal_epoch = head.log.epoch,
                                      .port = (uint16_t)assignment->port};
    memcpy(entry.hub.host, assignment->host, sizeof entry.hub.host);
    rc =
        cf_store_run(central->store, CF_Q_HUB_ADD,
                     CF_ARGS(cf_v_int(store), cf_v_int(entry.hub.hub_epoch), cf_v_int((int64_t)head.log.id),
                             cf_v_text(entry.hub.host), cf_v_int(entry.hub.port), cf_v_int(cf_central_now(central).us)),
                     err);
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_LOG_OF_STORE, CF_ARGS(cf_v_int(store)), tell_terminal, central, err);
    }
    struct leasing leasing = {central, &head.log};
    if (rc == CF_OK) {
        rc = cf_store_each(central->store, CF_Q_CAMPAIGN_RUNNING, CF_NO_ARGS, lease_campaign, &leasing, err);
    }
    if (rc == CF_OK) {
        rc = cf_down_append(central, CF_TOPIC_HUB, store, 0, &entry, err);
    }
    if (rc == CF_OK) {
        *ret = entry.hub;
    }
    return rc;
}

enum cf_rc cf_handle_hub_assign(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct assignment assignment = {.terminal = 0};
    struct cf_hub_entry hub;
    uint64_t store;
    const struct cf_json_field fields[] = {
        {.name = "terminal", .integer = &assignment.terminal, .min = 1, .max = UINT32_MAX},
        {.name = "host", .text = assignment.host, .cap = sizeof assignment.host, .min_bytes = 1},
        {.name = "port", .integer = &assignment.port, .min = 1, .max = UINT16_MAX},
    };
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = CF_CALL_READ(call, fields, err);
    }
    if (rc == CF_OK && !cf_hub_host_is_plausible(assignment.host)) {
        rc = cf_fail(err, CF_E_RANGE, "host is a name or an address on the store's network");
    }
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_central_end(central, assign(central, (uint32_t)store, &assignment, &hub, err), err);
    if (rc == CF_OK) {
        reply->status = 201;
        reply->json = json_object();
        cf_json_set_int(reply->json, "store", hub.store);
        cf_json_set_int(reply->json, "hub_epoch", hub.hub_epoch);
        cf_json_set_int(reply->json, "terminal", hub.terminal);
        cf_json_set_int(reply->json, "terminal_epoch", hub.terminal_epoch);
        cf_json_set_text(reply->json, "host", hub.host);
        cf_json_set_int(reply->json, "port", hub.port);
    }
    return rc;
}

static enum cf_rc take_away(struct cf_central *central, uint32_t store, struct cf_error *err)
{
    bool found = false;
    enum cf_rc rc = end_active(central, store, &found, err);
    return rc == CF_OK && !found ? cf_fail(err, CF_E_NOT_FOUND, "store %lu has no hub", (unsigned long)store) : rc;
}

enum cf_rc cf_handle_hub_remove(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    uint64_t store;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = cf_central_begin(central, err);
    }
    if (rc == CF_OK) {
        rc = cf_central_end(central, take_away(central, (uint32_t)store, err), err);
    }
    reply->json = json_object();
    return rc;
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

static const char *state_name(int64_t state)
{
    switch ((enum cf_hub_end)state) {
    case CF_HUB_ACTIVE:
        return "active";
    case CF_HUB_REPLACED:
        return "replaced";
    case CF_HUB_FENCED:
        return "fenced";
    }
    return "?";
}

static enum cf_rc list_lease(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    json_t *json = json_object();
    cf_json_set_int(json, "campaign", row[0].i);
    cf_json_set_int(json, "granted", row[1].i);
    cf_json_set_int(json, "spent", row[2].i);
    cf_json_set_int(json, "returned", row[3].i);
    cf_json_set_int(json, "granted_minor", row[4].i);
    cf_json_set_int(json, "spent_minor", row[5].i);
    cf_json_set_int(json, "returned_minor", row[6].i);
    cf_json_set_int(json, "per_day", row[7].i);
    return json_array_append_new(ctx, json) == 0 ? CF_OK : cf_fail(err, CF_E_NO_MEMORY, "list");
}

struct listing {
    struct cf_central *central;
    json_t *list;
};

static enum cf_rc list_hub(void *ctx, const struct cf_value *row, struct cf_error *err)
{
    const struct listing *listing = ctx;
    json_t *json = json_object(), *leases = json_array();
    cf_json_set_int(json, "hub_epoch", row[1].i);
    cf_json_set_int(json, "terminal", row[2].i);
    cf_json_set_int(json, "terminal_epoch", row[3].i);
    cf_json_set(json, "host", json_stringn((const char *)row[4].b.p, row[4].b.n));
    cf_json_set_int(json, "port", row[5].i);
    cf_json_set_text(json, "state", state_name(row[6].i));
    cf_json_set_instant(json, "assigned", (cf_wall){row[7].i});
    cf_json_set(json, "leases", leases);
    if (json_array_append_new(listing->list, json) != 0) {
        return cf_fail(err, CF_E_NO_MEMORY, "list");
    }
    return cf_store_each(listing->central->store, CF_Q_STORE_LEASE_OF_HUB, CF_ARGS(cf_v_int(row[0].i)), list_lease,
                         leases, err);
}

enum cf_rc cf_handle_hub_list(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                              struct cf_error *err)
{
    struct listing listing = {central, json_array()};
    uint64_t store = 0;
    reply->json = json_object();
    cf_json_set(reply->json, "hubs", listing.list);
    struct cf_store_settings settings;
    enum cf_rc rc = cf_call_number(call, 0, UINT32_MAX, &store, err);
    if (rc == CF_OK) {
        rc = cf_store_settings_get(central, (uint32_t)store, &settings, err);
    }
    return rc == CF_OK ? cf_store_each(central->store, CF_Q_HUB_LIST, CF_ARGS(cf_v_int((int64_t)store)), list_hub,
                                       &listing, err)
                       : rc;
}

/* --- a till's records, brought by a terminal of its store --------------------------------------------------------- */

/* Whose the batch says it is. */
static bool peek_batch(cf_bytes bytes, uint32_t *ret_terminal, uint32_t *ret_epoch)
{
    struct cf_cbor_reader r;
    size_t n;
    uint64_t version;
    cf_cbor_read_init(&r, bytes);
    cf_cbor_read_array(&r, &n, 16);
    cf_cbor_read_uint(&r, &version, UINT64_MAX);
    *ret_terminal = cf_cbor_read_u32(&r);
    *ret_epoch = cf_cbor_read_u32(&r);
    return r.rc == CF_OK;
}

/* What its till signed is as good by way of another: it is taken in as if the till had brought it itself. */
enum cf_rc cf_handle_hub_relay(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                               struct cf_error *err)
{
    struct cf_central_request request = *call->request;
    struct cf_call own = *call;
    struct cf_log_head bearer, owner;
    if (!peek_batch(request.body, &request.terminal, &request.epoch)) {
        return cf_fail(err, CF_E_PROTOCOL, "it is no batch");
    }
    enum cf_rc rc = cf_log_get(central, call->request->terminal, call->request->epoch, &bearer, err);
    if (rc == CF_OK) {
        rc = cf_log_get(central, request.terminal, request.epoch, &owner, err);
    }
    if (rc == CF_OK && bearer.log.store != owner.log.store) {
        rc = cf_fail(err, CF_E_CERTIFICATE, "the batch is of another store");
    }
    own.request = &request;
    own.relayed = true;
    return rc == CF_OK ? cf_handle_records(central, &own, reply, err) : rc;
}

/* --- what is told of a hub ---------------------------------------------------------------------------------------- */

struct told {
    struct cf_hub_row hub;
    enum cf_hub_end state;
    uint32_t terminal_epoch;
    cf_public_key sign_key;
    bool has_newest;
    struct cf_hub_witness newest;
};

static enum cf_rc find_hub(struct cf_central *central, const struct cf_hub_report *report, struct told *ret,
                           struct cf_error *err)
{
    struct cf_value row[CF_STORE_COLUMNS_MAX];
    uint32_t epoch;
    bool found = false;
    enum cf_rc rc = cf_store_row(central->store, CF_Q_HUB_GET,
                                 CF_ARGS(cf_v_int(report->store), cf_v_int(report->hub_epoch)), row, &found, err);
    if (rc == CF_OK && !found) {
        rc = cf_fail(err, CF_E_NOT_FOUND, "store %lu has no hub epoch %lu", (unsigned long)report->store,
                     (unsigned long)report->hub_epoch);
    }
    if (rc != CF_OK) {
        return rc;
    }
    *ret = (struct told){.hub = {.id = (uint64_t)row[0].i,
                                 .store = report->store,
                                 .epoch = report->hub_epoch,
                                 .terminal = (uint32_t)row[4].i,
                                 .log = (uint64_t)row[1].i},
                         .state = (enum cf_hub_end)row[2].i,
                         .terminal_epoch = (uint32_t)row[5].i};
    ret->has_newest = row[3].b.n > 0 && cf_hub_witness_decode(row[3].b, &epoch, &ret->newest, NULL) == CF_OK;
    if (row[6].b.n != sizeof ret->sign_key.point) {
        return cf_fail(err, CF_E_INTERNAL, "key of terminal %lu", (unsigned long)ret->hub.terminal);
    }
    memcpy(ret->sign_key.point, row[6].b.p, sizeof ret->sign_key.point);
    return CF_OK;
}

static bool is_genuine(const struct told *told, const struct cf_hub_witness *witness)
{
    uint8_t signed_bytes[CF_HUB_WITNESS_SIGNED_BYTES];
    struct cf_verifier *verifier = NULL;
    cf_hub_witness_signed_bytes(witness, told->hub.store, told->hub.epoch, signed_bytes);
    bool genuine =
        cf_verifier_new(&told->sign_key, &verifier, NULL) == CF_OK &&
        cf_verify(verifier, cf_bytes_of(signed_bytes, sizeof signed_bytes), &witness->signature, NULL) == CF_OK;
    cf_verifier_free(verifier);
    return genuine;
}

/* Two heads at one step, both signed by the hub: it exists twice. */
static bool is_fork(const struct cf_hub_witness *a, const struct cf_hub_witness *b)
{
    return a->seq == b->seq && memcmp(a->head.digest, b->head.digest, CF_SHA256_BYTES) != 0;
}

static enum cf_rc keep_newest(struct cf_central *central, struct told *told, const struct cf_hub_witness *witness,
                              struct cf_error *err)
{
    uint8_t bytes[CF_HUB_WITNESS_BYTES_MAX + 1];
    struct cf_buf buf;
    cf_buf_init_fixed(&buf, bytes, CF_HUB_WITNESS_BYTES_MAX);
    enum cf_rc rc = cf_hub_witness_encode(told->hub.epoch, witness, &buf, err);
    if (rc == CF_OK) {
        rc = cf_store_run(central->store, CF_Q_HUB_SET_WITNESS,
                          CF_ARGS(cf_v_int((int64_t)told->hub.id), cf_v_bytes(cf_buf_bytes(&buf))), err);
    }
    told->newest = *witness;
    told->has_newest = true;
    return rc;
}

static enum cf_rc take_witness(struct cf_central *central, struct told *told, const struct cf_hub_witness *witness,
                               struct cf_error *err)
{
    if (told->has_newest && memcmp(&told->newest, witness, sizeof *witness) == 0) {
        return CF_OK;
    }
    bool later = !told->has_newest || cf_hub_witness_is_later(witness, &told->newest);
    bool fork = told->has_newest && is_fork(witness, &told->newest);
    if (!later && !fork) {
        return CF_OK;
    }
    if (!is_genuine(told, witness)) {
        return cf_fail(err, CF_E_PROTOCOL, "the hub never signed that witness");
    }
    if (fork) {
        told->state = CF_HUB_FENCED;
        return cf_hub_end(central, &told->hub, CF_HUB_FENCED, "two of it go different ways", err);
    }
    return keep_newest(central, told, witness, err);
}

static enum cf_rc hear(struct cf_central *central, const struct cf_central_request *request,
                       const struct cf_hub_report *report, struct cf_hub_report_reply *ret, struct cf_error *err)
{
    struct cf_log_head caller;
    struct told told;
    enum cf_rc rc = cf_log_get(central, request->terminal, request->epoch, &caller, err);
    if (rc == CF_OK && caller.log.store != report->store) {
        rc = cf_fail(err, CF_E_CERTIFICATE, "it is of another store");
    }
    if (rc == CF_OK) {
        rc = find_hub(central, report, &told, err);
    }
    bool is_hub = rc == CF_OK && request->terminal == told.hub.terminal && request->epoch == told.terminal_epoch;
    if (rc == CF_OK && told.state == CF_HUB_ACTIVE && is_hub && report->has_proof) {
        if (!is_genuine(&told, &report->proof)) {
            return cf_fail(err, CF_E_PROTOCOL, "the hub never signed that proof");
        }
        told.state = CF_HUB_FENCED;
        rc = cf_hub_end(central, &told.hub, CF_HUB_FENCED, "it was seen at steps that are not in its history", err);
    }
    if (rc == CF_OK && told.state == CF_HUB_ACTIVE && report->has_witness) {
        rc = take_witness(central, &told, &report->witness, err);
    }
    if (rc == CF_OK) {
        *ret = (struct cf_hub_report_reply){.rc = told.state == CF_HUB_ACTIVE ? CF_OK : CF_E_FENCED,
                                            .has_witness = told.has_newest,
                                            .witness = told.newest};
    }
    return rc;
}

enum cf_rc cf_handle_hub_report(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                struct cf_error *err)
{
    struct cf_hub_report report;
    struct cf_hub_report_reply answer = {.rc = CF_OK};
    struct cf_error why;
    if (cf_hub_report_decode(call->request->body, &report, &why) != CF_OK) {
        return cf_fail(err, CF_E_PROTOCOL, "%s", why.detail);
    }
    enum cf_rc rc = cf_central_begin(central, err);
    if (rc == CF_OK) {
        rc = cf_central_end(central, hear(central, call->request, &report, &answer, err), err);
    }
    reply->content_type = "application/cbor";
    return rc == CF_OK ? cf_hub_report_reply_encode(&answer, reply->bytes, err) : rc;
}
