/*
 * sync/central/central.h - the member service: what it does with a request, apart from HTTP.
 *
 * One function takes a request and gives an answer; it decides over env (clock, randomness) and the member store alone,
 * so that a simulator calls it directly with its own clock. http_server.h puts it on sockets. Single-threaded: one
 * cf_central, one caller at a time. Memory is bounded: it holds no state that is not in the store, but for caches.
 */
#ifndef CF_CENTRAL_CENTRAL_H
#define CF_CENTRAL_CENTRAL_H

#include "base/env.h"
#include "sync/central/store/member_store.h"

struct cf_central;
struct cf_private_key;

/* --- a new centre ------------------------------------------------------------------------------------------------ */

#define CF_CENTRAL_HOSTS_MAX 16
#define CF_API_KEY_TEXT_MAX 48

struct cf_central_plan {
    const char *brand;
    const char *hosts[CF_CENTRAL_HOSTS_MAX + 1]; /* names and addresses in the server's certificate, NULL-terminated */
};
/*
 * Makes in DIR (which exists): ca.pem, ca.key.pem, server.pem, server.key.pem, keys/<usage>.key.pem, offline-roots/
 * with the two root keys and a note, and in the store the signed key set, version 1. The API key is given once and only
 * its hash kept. CF_E_EXISTS if DIR holds a centre; CF_E_RANGE, CF_E_ENCODING for the plan.
 */
enum cf_rc cf_central_init(const char *dir, struct cf_member_store *store, const struct cf_central_plan *plan,
                           const struct cf_env *env, char ret_api_key[CF_API_KEY_TEXT_MAX],
                           struct cf_error *err) CF_MUST_CHECK;

/* --- a running one ------------------------------------------------------------------------------------------------ */

/* The store and env stay the caller's and outlive the centre. Close with cf_central_close. */
enum cf_rc cf_central_open(const char *dir, struct cf_member_store *store, const struct cf_env *env,
                           struct cf_central **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_central_close(struct cf_central *central);

/*
 * Puts a new key set into force, signed by one of the two root keys: fresh issuer keys, which verify from now on and
 * sign from `lead_s` on, and the older ones, which verify until their own ends. Terminals get it as news of topic keys;
 * the lead is for those that are offline. Any other process that has this centre open goes on signing with the keys it
 * has read. CF_E_ARGUMENT for another key than a root; CF_E_RANGE; CF_E_LIMIT: too many older keys are valid still.
 */
#define CF_LEAD_DAYS_MAX 60
enum cf_rc cf_central_rotate_keys(struct cf_central *central, const char *dir, const struct cf_private_key *root,
                                  int64_t lead_s, uint64_t *ret_version, struct cf_error *err) CF_MUST_CHECK;

/*
 * Keys of the API for a part of it: role is shop, marketing, manager, technician or auditor. Also while another process
 * serves. The key is told once. CF_E_JSON_TYPE for another role; CF_E_RANGE for the name; CF_E_LIMIT; CF_E_NOT_FOUND if
 * no good key has that number.
 */
enum cf_rc cf_central_api_key_add(struct cf_central *central, const char *role, const char *name, int64_t *ret_id,
                                  char ret_key[CF_API_KEY_TEXT_MAX], struct cf_error *err) CF_MUST_CHECK;
/* Appends what GET /v1/keys answers. */
enum cf_rc cf_central_api_key_list(struct cf_central *central, struct cf_buf *json, struct cf_error *err) CF_MUST_CHECK;
enum cf_rc cf_central_api_key_revoke(struct cf_central *central, int64_t id, struct cf_error *err) CF_MUST_CHECK;

/*
 * A release for terminals to be rolled out: the bundle is copied in, its size and hash are found. Also while another
 * process serves. CF_E_RANGE; CF_E_EXISTS: that bundle is one already.
 */
struct cf_release;
enum cf_rc cf_central_release_add(struct cf_central *central, const char *path, struct cf_release *release,
                                  struct cf_error *err) CF_MUST_CHECK;
/* Appends what GET /v1/releases answers. */
enum cf_rc cf_central_release_list(struct cf_central *central, struct cf_buf *json, struct cf_error *err) CF_MUST_CHECK;

/* Told to enrolling terminals. */
void cf_central_set_terminals_port(struct cf_central *central, uint16_t port);

/* What the listener counts, shown by GET /v1/health. Kept by the caller; NULL: none. */
struct cf_listener_counts {
    uint64_t handshakes_full;
    uint64_t handshakes_resumed;
    uint64_t handshakes_failed;
    uint64_t connections; /* open now */
    uint64_t connections_refused;
    uint64_t requests;
    uint64_t closed_slow;
};
void cf_central_set_counts(struct cf_central *central, const struct cf_listener_counts *counts);

#define CF_CENTRAL_BODY_MAX (8u << 20)

enum cf_central_port { CF_PORT_API = 1, CF_PORT_TERMINALS = 2 };

struct cf_central_request {
    enum cf_central_port port;
    const char *method; /* "GET" */
    const char *path;   /* "/v1/members/0011223344556677", without the query */
    const char *query;  /* "store=1", NULL if none */
    cf_bytes body;
    const char *api_key;         /* from "Authorization: Bearer ...", NULL if none */
    const char *range;           /* from "Range: ...", NULL if none */
    const char *idempotency_key; /* from "Idempotency-Key: ...", NULL if none */
    bool has_terminal;           /* who the client certificate names: CN=t<terminal>-e<epoch> */
    uint32_t terminal;
    uint32_t epoch;
};
#define CF_CONTENT_RANGE_MAX 80
/* Initialise with cf_central_response_init, free with _done; may be reused. */
struct cf_central_response {
    int status;
    const char *content_type;
    char content_range[CF_CONTENT_RANGE_MAX]; /* of a part; "": it is whole */
    struct cf_buf body;
};
void cf_central_response_init(struct cf_central_response *response);
void cf_central_response_done(struct cf_central_response *response);

/* Answers every request: errors too are answers. */
void cf_central_handle(struct cf_central *central, const struct cf_central_request *request,
                       struct cf_central_response *response);

/* Parses the common name of a terminal's certificate. */
bool cf_central_parse_terminal(const char *common_name, uint32_t *ret_terminal, uint32_t *ret_epoch);

/* The k-th route ("POST", "/v1/coupons/claim"), false past the end. */
struct cf_route_info {
    enum cf_central_port port;
    const char *method;
    const char *path;
    unsigned
        roles; /* of those whose keys may ask it beside the owner's: bits of enum cf_api_role. 0 if it needs no key */
    bool needs_key;
};
bool cf_central_route(size_t k, struct cf_route_info *ret);
/* The name of a bit of `roles`, "shop"; NULL past the last. 0 is the owner. */
const char *cf_central_role(size_t role);

/* --- bulk --------------------------------------------------------------------------------------------------------- */

struct cf_import_result {
    uint64_t n_read;
    uint64_t n_changed; /* new, or other than before */
    uint64_t version;   /* of the store's prices after it */
};
/* Gives the next line without its line end, false at the end. */
typedef bool (*cf_line_source_fn)(void *ctx, cf_bytes *ret_line);
/* Products as JSON lines into a store's catalogue, one transaction. The error's detail names the line; then nothing
 * changed. CF_E_STORE_UNKNOWN. */
enum cf_rc cf_central_import(struct cf_central *central, uint32_t store, cf_line_source_fn next, void *ctx,
                             struct cf_import_result *ret, struct cf_error *err) CF_MUST_CHECK;
/* Would every line be taken? Changes nothing: so that a large catalogue can be checked whole, and then imported in
 * parts between which others may write. */
enum cf_rc cf_central_import_check(cf_line_source_fn next, void *ctx, struct cf_error *err) CF_MUST_CHECK;

#endif
