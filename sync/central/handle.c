/*
 * sync/central/handle.c - from a request to its handler, and from an error to an answer.
 *
 * The table below is every route there is; docs/openapi.json describes those of the API, and a test holds the two
 * together.
 */
#include "sync/central/handlers.h"

#include "sync/central/api_keys.h"
#include "sync/central/issuers.h"
#include "sync/wire/hub.h"
#include "sync/wire/machine.h"
#include "sync/wire/member_ask.h"
#include "sync/wire/order_ask.h"
#include "sync/wire/redeem.h"
#include "sync/wire/quote_ask.h"
#include "sync/wire/sale_ask.h"
#include "sync/wire/value.h"
#include "sync/wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum access { OPEN, KEY, CERTIFICATE };

/* Whose keys may ask it, beside the owner's, who may ask all. */
#define SHOP (1u << CF_API_SHOP)
#define MARKETING (1u << CF_API_MARKETING)
#define MANAGER (1u << CF_API_MANAGER)
#define TECHNICIAN (1u << CF_API_TECHNICIAN)
#define AUDITOR (1u << CF_API_AUDITOR)
#define ALL (SHOP | MARKETING | MANAGER | TECHNICIAN | AUDITOR)

static const struct route {
    enum cf_central_port port;
    enum access access;
    unsigned roles;
    const char *method;
    const char *path;
    cf_handler_fn handler;
} routes[] = {
    {CF_PORT_API, OPEN, 0, "GET", "/v1/ca", cf_handle_ca},
    {CF_PORT_API, OPEN, 0, "POST", "/v1/enrol", cf_handle_enrol},
    {CF_PORT_API, KEY, 0, "POST", "/v1/keys", cf_handle_api_key_add},
    {CF_PORT_API, KEY, 0, "GET", "/v1/keys", cf_handle_api_key_list},
    {CF_PORT_API, KEY, 0, "DELETE", "/v1/keys/{key}", cf_handle_api_key_revoke},
    {CF_PORT_API, KEY, TECHNICIAN | AUDITOR, "GET", "/v1/health", cf_handle_health},
    {CF_PORT_API, KEY, 0, "POST", "/v1/stores", cf_handle_store_add},
    {CF_PORT_API, KEY, ALL, "GET", "/v1/stores", cf_handle_store_list},
    {CF_PORT_API, KEY, TECHNICIAN, "POST", "/v1/stores/{store}/hub", cf_handle_hub_assign},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/stores/{store}/hub", cf_handle_hub_list},
    {CF_PORT_API, KEY, TECHNICIAN, "DELETE", "/v1/stores/{store}/hub", cf_handle_hub_remove},
    {CF_PORT_API, KEY, MANAGER, "PUT", "/v1/stores/{store}/settings", cf_handle_store_rules_put},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/stores/{store}/settings", cf_handle_store_rules_get},
    {CF_PORT_API, KEY, MANAGER, "PUT", "/v1/price-lists/{list}", cf_handle_price_list_put},
    {CF_PORT_API, KEY, SHOP | MANAGER | AUDITOR, "GET", "/v1/price-lists", cf_handle_price_list_list},
    {CF_PORT_API, KEY, MANAGER, "POST", "/v1/stores/{store}/users", cf_handle_user_put},
    {CF_PORT_API, KEY, MANAGER | AUDITOR, "GET", "/v1/stores/{store}/users", cf_handle_user_list},
    {CF_PORT_API, KEY, MANAGER, "DELETE", "/v1/stores/{store}/users/{user}", cf_handle_user_remove},
    {CF_PORT_API, KEY, 0, "POST", "/v1/channels", cf_handle_channel_add},
    {CF_PORT_API, KEY, ALL, "GET", "/v1/channels", cf_handle_channel_list},
    {CF_PORT_API, KEY, TECHNICIAN, "POST", "/v1/terminals", cf_handle_terminal_add},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/terminals", cf_handle_terminal_list},
    {CF_PORT_API, KEY, MANAGER, "POST", "/v1/catalogue", cf_handle_catalogue_add},
    {CF_PORT_API, KEY, ALL, "GET", "/v1/catalogue", cf_handle_catalogue_get},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/members", cf_handle_member_add},
    {CF_PORT_API, KEY, SHOP | MARKETING | MANAGER, "GET", "/v1/members", cf_handle_member_list},
    {CF_PORT_API, KEY, SHOP | MANAGER, "GET", "/v1/members/{member}", cf_handle_member_get},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/members/{member}/facts", cf_handle_member_facts},
    {CF_PORT_API, KEY, SHOP | MARKETING, "POST", "/v1/members/{member}/vouchers", cf_handle_voucher},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/members/{member}/erase", cf_handle_member_erase},
    {CF_PORT_API, KEY, SHOP | MANAGER | AUDITOR, "GET", "/v1/reports/erasures", cf_handle_erasures},
    {CF_PORT_API, KEY, MARKETING, "POST", "/v1/campaigns", cf_handle_campaign_add},
    {CF_PORT_API, KEY, SHOP | MARKETING | MANAGER | AUDITOR, "GET", "/v1/campaigns", cf_handle_campaign_list},
    {CF_PORT_API, KEY, SHOP | MARKETING | MANAGER | AUDITOR, "GET", "/v1/campaigns/{campaign}", cf_handle_campaign_get},
    {CF_PORT_API, KEY, MARKETING, "PATCH", "/v1/campaigns/{campaign}", cf_handle_campaign_change},
    {CF_PORT_API, KEY, MARKETING | MANAGER | AUDITOR, "GET", "/v1/campaigns/{campaign}/figures",
     cf_handle_campaign_figures},
    {CF_PORT_API, KEY, MARKETING, "POST", "/v1/campaigns/{campaign}/channel-leases", cf_handle_channel_lease},
    {CF_PORT_API, KEY, TECHNICIAN | AUDITOR, "GET", "/v1/reports/invariants", cf_handle_invariants},
    {CF_PORT_API, KEY, SHOP | MARKETING, "POST", "/v1/coupons/claim", cf_handle_claim},
    {CF_PORT_API, KEY, SHOP | MARKETING, "POST", "/v1/coupons/pin", cf_handle_pin},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/coupons/redeem", cf_handle_redeem},
    {CF_PORT_API, KEY, SHOP | MARKETING | MANAGER, "POST", "/v1/coupons/verify", cf_handle_verify},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/coupons/relay", cf_handle_relay},
    {CF_PORT_API, KEY, SHOP | MARKETING | MANAGER, "POST", "/v1/baskets/price", cf_handle_basket_price},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/baskets", cf_handle_basket_buy},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/orders", cf_handle_order_add},
    {CF_PORT_API, KEY, SHOP | MANAGER, "GET", "/v1/orders", cf_handle_order_list},
    {CF_PORT_API, KEY, SHOP | MANAGER, "GET", "/v1/orders/{order}", cf_handle_order_get},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/orders/{order}/ready", cf_handle_order_ready},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/orders/{order}/answer", cf_handle_order_answer},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/orders/{order}/forget", cf_handle_order_forget},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/orders/{order}/cancel", cf_handle_order_cancel},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/orders/{order}/move", cf_handle_order_move},
    {CF_PORT_API, KEY, MANAGER, "POST", "/v1/orders/{order}/force", cf_handle_order_force},
    {CF_PORT_API, KEY, SHOP | MANAGER, "GET", "/v1/quotes/{quote}", cf_handle_quote_get},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/quotes/{quote}/use", cf_handle_quote_use},
    {CF_PORT_API, KEY, MARKETING | TECHNICIAN | AUDITOR, "GET", "/v1/grants", cf_handle_grants},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/gift-cards", cf_handle_gift_card_add},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/gift-cards/verify", cf_handle_gift_card_verify},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/gift-cards/spend", cf_handle_gift_card_spend},
    {CF_PORT_API, KEY, SHOP, "POST", "/v1/gift-cards/spend/{payment}/undo", cf_handle_gift_card_undo},
    {CF_PORT_API, KEY, SHOP | MANAGER, "GET", "/v1/gift-cards/{account}", cf_handle_gift_card_get},
    {CF_PORT_API, KEY, MANAGER, "POST", "/v1/gift-cards/{account}/home", cf_handle_gift_card_home},
    {CF_PORT_API, KEY, MANAGER, "POST", "/v1/gift-cards/{account}/recall", cf_handle_gift_card_recall},
    {CF_PORT_API, KEY, SHOP | MANAGER, "POST", "/v1/gift-cards/{account}/block", cf_handle_gift_card_block},
    {CF_PORT_API, KEY, SHOP | MANAGER | AUDITOR, "GET", "/v1/value-terms", cf_handle_value_terms_get},
    {CF_PORT_API, KEY, 0, "PUT", "/v1/value-terms", cf_handle_value_terms_put},
    {CF_PORT_API, KEY, MANAGER | AUDITOR, "GET", "/v1/reports/value", cf_handle_value_report},
    {CF_PORT_API, KEY, MANAGER | AUDITOR, "GET", "/v1/reports/returns", cf_handle_return_reasons},
    {CF_PORT_API, KEY, MANAGER | AUDITOR, "GET", "/v1/sales", cf_handle_sales},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/reports/terminals/{terminal}",
     cf_handle_terminal_report},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/reports/lag", cf_handle_lag},
    {CF_PORT_API, KEY, MARKETING | MANAGER | AUDITOR, "GET", "/v1/conflicts", cf_handle_conflicts},
    {CF_PORT_API, KEY, MANAGER, "POST", "/v1/conflicts/{conflict}/settle", cf_handle_conflict_settle},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/alarms", cf_handle_alarms},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/releases", cf_handle_release_list},
    {CF_PORT_API, KEY, TECHNICIAN, "POST", "/v1/rollouts", cf_handle_rollout_add},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/rollouts", cf_handle_rollout_list},
    {CF_PORT_API, KEY, TECHNICIAN, "PATCH", "/v1/rollouts/{rollout}", cf_handle_rollout_change},
    {CF_PORT_API, KEY, MANAGER | TECHNICIAN | AUDITOR, "GET", "/v1/machines", cf_handle_machine_list},
    {CF_PORT_API, KEY, TECHNICIAN, "POST", "/v1/machines/{terminal}/logs", cf_handle_machine_logs_ask},
    {CF_PORT_API, KEY, TECHNICIAN, "GET", "/v1/machines/{terminal}/logs", cf_handle_machine_logs_get},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_MACHINE, cf_handle_machine_report},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_LOGS, cf_handle_machine_logs},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "GET", CF_PATH_BUNDLE "{hash}", cf_handle_bundle},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_RECORDS, cf_handle_records},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_PULL, cf_handle_pull},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "GET", CF_PATH_CHUNK "{topic}/{hash}", cf_handle_chunk},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_REDEEM, cf_handle_till_redeem},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_SALE, cf_handle_till_sale},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_ORDER, cf_handle_till_order},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_QUOTE, cf_handle_till_quote},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_VALUE, cf_handle_till_value},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_MEMBER, cf_handle_till_member},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_RELAY, cf_handle_hub_relay},
    {CF_PORT_TERMINALS, CERTIFICATE, 0, "POST", CF_PATH_HUB_REPORT, cf_handle_hub_report},
};
#define N_ROUTES (sizeof routes / sizeof *routes)

bool cf_central_route(size_t k, struct cf_route_info *ret)
{
    if (k >= N_ROUTES) {
        return false;
    }
    *ret = (struct cf_route_info){routes[k].port, routes[k].method, routes[k].path, routes[k].roles,
                                  routes[k].access == KEY};
    return true;
}

/* --- what a handler asks of its call ------------------------------------------------------------------------------ */

static bool parse_number(const char *text, size_t n, uint64_t *ret)
{
    uint64_t v = 0;
    if (n == 0 || n > 19) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        v = v * 10 + (uint64_t)(text[i] - '0');
    }
    *ret = v;
    return true;
}

enum cf_rc cf_call_number(const struct cf_call *call, size_t k, uint64_t max, uint64_t *ret, struct cf_error *err)
{
    uint64_t v;
    if (!parse_number(call->param[k], strlen(call->param[k]), &v) || v == 0 || v > max) {
        return cf_fail(err, CF_E_NOT_FOUND, "\"%s\" is no number of one", call->param[k]);
    }
    *ret = v;
    return CF_OK;
}

enum cf_rc cf_call_query(const struct cf_call *call, const char *name, uint64_t *ret, bool *ret_present,
                         struct cf_error *err)
{
    *ret_present = false;
    size_t n = strlen(name);
    for (const char *at = call->request->query; at != NULL && *at != '\0';) {
        const char *end = strchr(at, '&');
        size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
        if (length > n && strncmp(at, name, n) == 0 && at[n] == '=') {
            if (!parse_number(at + n + 1, length - n - 1, ret) || *ret > INT64_MAX) {
                return cf_fail(err, CF_E_ARGUMENT, "%s in the query is no number", name);
            }
            *ret_present = true;
        }
        at = end != NULL ? end + 1 : NULL;
    }
    return CF_OK;
}

enum cf_rc cf_call_list(struct cf_central *central, const struct cf_call *call, const char *what,
                        enum cf_statement statement, cf_store_row_fn each, const char *name, struct cf_reply *reply,
                        struct cf_error *err)
{
    uint64_t value = 0;
    bool present;
    enum cf_rc rc = cf_call_query(call, what, &value, &present, err);
    if (rc != CF_OK) {
        return rc;
    }
    json_t *list = json_array();
    reply->json = json_object();
    cf_json_set(reply->json, name, list);
    return cf_store_each(central->store, statement, CF_ARGS(cf_v_int((int64_t)value)), each, list, err);
}

enum cf_rc cf_call_json(const struct cf_call *call, json_t **ret, struct cf_error *err)
{
    return cf_json_parse(call->request->body, ret, err);
}

enum cf_rc cf_call_read(const struct cf_call *call, const struct cf_json_field *fields, size_t n_fields,
                        struct cf_error *err)
{
    json_t *json;
    enum cf_rc rc = cf_call_json(call, &json, err);
    if (rc != CF_OK) {
        return rc;
    }
    rc = cf_json_read(json, "", fields, n_fields, err);
    json_decref(json);
    return rc;
}

/* --- routing ------------------------------------------------------------------------------------------------------ */

/* Matches "/v1/members/{member}" segment by segment and copies what stands for {...}. */
static bool match(const char *pattern, const char *path, struct cf_call *call)
{
    size_t params = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            size_t n = strcspn(path, "/");
            if (n == 0 || n > CF_CALL_PARAM_MAX || params == CF_CALL_PARAMS_MAX) {
                return false;
            }
            memcpy(call->param[params], path, n);
            call->param[params++][n] = '\0';
            path += n;
            pattern += strcspn(pattern, "}") + 1;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

/* NULL if there is none: *err says whether it is the address or the method. */
static const struct route *find_route(const struct cf_central_request *request, struct cf_call *call,
                                      struct cf_error *err)
{
    bool path_known = false;
    for (size_t i = 0; i < N_ROUTES; i++) {
        if (routes[i].port == request->port && match(routes[i].path, request->path, call)) {
            path_known = true;
            if (strcmp(routes[i].method, request->method) == 0) {
                return &routes[i];
            }
        }
    }
    (void)(path_known ? cf_fail(err, CF_E_METHOD, "%s", request->method)
                      : cf_fail(err, CF_E_NOT_FOUND, "no such address"));
    return NULL;
}

static enum cf_rc check_access(struct cf_central *central, const struct route *route,
                               const struct cf_central_request *request, struct cf_error *err)
{
    enum cf_api_role role = CF_API_AUDITOR;
    if (route->access == OPEN) {
        return CF_OK;
    }
    if (route->access == CERTIFICATE) {
        return request->has_terminal ? CF_OK : cf_fail(err, CF_E_CERTIFICATE, "it names no terminal");
    }
    enum cf_rc rc = cf_api_key_role(central, request->api_key, &role, err);
    if (rc == CF_OK && role != CF_API_OWNER && (route->roles >> role & 1) == 0) {
        rc = cf_fail(err, CF_E_KEY_ROLE, "a key of role %s", cf_api_role_name(role));
    }
    return rc;
}

static enum cf_rc dispatch(struct cf_central *central, const struct cf_central_request *request, struct cf_reply *reply,
                           struct cf_error *err)
{
    struct cf_call call = {.request = request};
    const struct route *route = find_route(request, &call, err);
    if (route == NULL) {
        return err->rc;
    }
    enum cf_rc rc = check_access(central, route, request, err);
    if (rc == CF_OK && request->body.n > CF_CENTRAL_BODY_MAX) {
        rc = cf_fail(err, CF_E_BODY_SIZE, "%zu bytes, at most %u are taken", request->body.n, CF_CENTRAL_BODY_MAX);
    }
    return rc == CF_OK ? route->handler(central, &call, reply, err) : rc;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static json_t *error_json(const struct cf_error *err)
{
    json_t *inner = json_object(), *outer = json_object();
    if (inner == NULL || outer == NULL) {
        abort();
    }
    cf_json_set_text(inner, "name", cf_rc_name(err->rc));
    cf_json_set_int(inner, "number", err->rc);
    cf_json_set_text(inner, "text", cf_rc_text(err->rc));
    cf_json_set_text(inner, "detail", err->detail);
    cf_json_set(inner, "retry", json_boolean(cf_rc_retry(err->rc)));
    cf_json_set(outer, "error", inner);
    return outer;
}

/* A terminal gets the refusal of wire.h, unless its handler wrote one with the watermark. */
static void refuse_terminal(const struct cf_error *err, struct cf_central_response *response)
{
    struct cf_refusal refusal = {.rc = err->rc};
    response->content_type = "application/cbor";
    if (response->body.n > 0) {
        return;
    }
    (void)snprintf(refusal.detail, sizeof refusal.detail, "%s", err->detail);
    if (cf_refusal_encode(&refusal, &response->body, NULL) != CF_OK) {
        cf_buf_clear(&response->body);
    }
}

static void refuse_channel(const struct cf_error *err, struct cf_central_response *response)
{
    json_t *json = error_json(err);
    response->content_type = "application/json";
    cf_buf_clear(&response->body);
    if (cf_json_write(json, &response->body, NULL) != CF_OK) {
        cf_buf_clear(&response->body);
    }
    json_decref(json);
}

static void refuse(enum cf_central_port port, const struct cf_error *err, struct cf_central_response *response)
{
    response->status = cf_rc_http_status(err->rc);
    if (port == CF_PORT_TERMINALS) {
        refuse_terminal(err, response);
    } else {
        refuse_channel(err, response);
    }
}

void cf_central_handle(struct cf_central *central, const struct cf_central_request *request,
                       struct cf_central_response *response)
{
    struct cf_reply reply = {.status = 200, .content_type = "application/json", .bytes = &response->body};
    struct cf_error err = {.rc = CF_OK};
    cf_buf_clear(&response->body);
    cf_issuers_turn(central);
    enum cf_rc rc = dispatch(central, request, &reply, &err);
    if (rc == CF_OK && reply.json != NULL) {
        rc = cf_json_write(reply.json, &response->body, &err);
    }
    json_decref(reply.json);
    response->status = reply.status;
    response->content_type = reply.content_type;
    memcpy(response->content_range, reply.content_range, sizeof response->content_range);
    if (rc != CF_OK) {
        err.rc = rc;
        response->content_range[0] = '\0';
        refuse(request->port, &err, response);
    }
}

void cf_central_response_init(struct cf_central_response *response)
{
    *response = (struct cf_central_response){.status = 0, .content_type = ""};
    cf_buf_init(&response->body, 64u << 20);
}

void cf_central_response_done(struct cf_central_response *response)
{
    cf_buf_done(&response->body);
}
