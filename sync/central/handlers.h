/*
 * sync/central/handlers.h - the shape of a request's handler, and the list of them. handle.c routes to them.
 *
 * A handler either returns CF_OK with a reply, or an error, which handle.c renders. It runs outside a transaction and
 * opens its own.
 */
#ifndef CF_CENTRAL_HANDLERS_H
#define CF_CENTRAL_HANDLERS_H

#include "sync/central/json_in.h"
#include "sync/central/state.h"

#define CF_CALL_PARAMS_MAX 2
#define CF_CALL_PARAM_MAX 79

struct cf_call {
    const struct cf_central_request *request;
    bool relayed; /* a batch that another terminal brings: it may be of an earlier start than one that was heard */
    char param[CF_CALL_PARAMS_MAX][CF_CALL_PARAM_MAX + 1]; /* what stood for {...} in the route's path */
};
struct cf_reply {
    int status;                               /* 200 unless changed */
    json_t *json;                             /* owned; if NULL the bytes are the answer */
    const char *content_type;                 /* of the bytes */
    char content_range[CF_CONTENT_RANGE_MAX]; /* of a part: status 206 */
    struct cf_buf *bytes;                     /* empty at first */
};
typedef enum cf_rc (*cf_handler_fn)(struct cf_central *central, const struct cf_call *call, struct cf_reply *reply,
                                    struct cf_error *err);

/* The k-th parameter as a number in [1, max]; CF_E_NOT_FOUND if it is none. */
enum cf_rc cf_call_number(const struct cf_call *call, size_t k, uint64_t max, uint64_t *ret,
                          struct cf_error *err) CF_MUST_CHECK;
/* "name=123" of the query. *ret is unchanged if it is not there. CF_E_ARGUMENT. */
enum cf_rc cf_call_query(const struct cf_call *call, const char *name, uint64_t *ret, bool *ret_present,
                         struct cf_error *err) CF_MUST_CHECK;
/* The rows of a statement that takes the query's `what` (0 if it is not there), each as `each` appends it to its
 * context, a JSON array; reply->json becomes {"name": [...]}. CF_E_ARGUMENT. */
enum cf_rc cf_call_list(struct cf_central *central, const struct cf_call *call, const char *what,
                        enum cf_statement statement, cf_store_row_fn each, const char *name, struct cf_reply *reply,
                        struct cf_error *err) CF_MUST_CHECK;
/* The body as a JSON object; free with json_decref. */
enum cf_rc cf_call_json(const struct cf_call *call, json_t **ret, struct cf_error *err) CF_MUST_CHECK;
/* The body into variables, for a request whose fields are all flat. */
enum cf_rc cf_call_read(const struct cf_call *call, const struct cf_json_field *fields, size_t n_fields,
                        struct cf_error *err) CF_MUST_CHECK;
#define CF_CALL_READ(call, fields, err) cf_call_read(call, fields, sizeof(fields) / sizeof *(fields), err)

/* api_keys.c */
enum cf_rc cf_handle_api_key_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_api_key_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_api_key_revoke(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* places.c */
enum cf_rc cf_handle_store_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_store_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_channel_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_channel_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_terminal_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_terminal_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* users.c */
enum cf_rc cf_handle_user_put(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_user_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_user_remove(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* enrol.c */
enum cf_rc cf_handle_ca(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_enrol(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* catalogue.c */
enum cf_rc cf_handle_catalogue_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_catalogue_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* store_rules.c */
enum cf_rc cf_handle_store_rules_put(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_store_rules_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* price_lists.c */
enum cf_rc cf_handle_price_list_put(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_price_list_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* members.c */
enum cf_rc cf_handle_member_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_member_erase(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_erasures(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_member_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_member_facts(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* member_ask.c */
enum cf_rc cf_handle_till_member(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* conflicts.c */
enum cf_rc cf_handle_conflicts(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_conflict_settle(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_member_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* return_reasons.c */
enum cf_rc cf_handle_return_reasons(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* lag.c */
enum cf_rc cf_handle_lag(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* campaigns.c */
enum cf_rc cf_handle_campaign_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_campaign_change(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_campaign_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_campaign_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* figures.c */
struct cf_account;
/* What of a campaign's units is where; a new reference. */
json_t *cf_account_units_json(const struct cf_account *a);
enum cf_rc cf_handle_campaign_figures(struct cf_central *, const struct cf_call *, struct cf_reply *,
                                      struct cf_error *);
enum cf_rc cf_handle_channel_lease(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_invariants(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* claims.c */
enum cf_rc cf_handle_claim(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_pin(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* baskets.c */
enum cf_rc cf_handle_basket_price(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_basket_buy(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* redeem.c */
enum cf_rc cf_handle_redeem(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_verify(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_till_redeem(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* value_api.c */
enum cf_rc cf_handle_gift_card_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_gift_card_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_gift_card_verify(struct cf_central *, const struct cf_call *, struct cf_reply *,
                                      struct cf_error *);
enum cf_rc cf_handle_gift_card_spend(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_gift_card_undo(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_gift_card_home(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_gift_card_recall(struct cf_central *, const struct cf_call *, struct cf_reply *,
                                      struct cf_error *);
enum cf_rc cf_handle_gift_card_block(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_value_terms_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_value_terms_put(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_value_report(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* value_till.c */
enum cf_rc cf_handle_till_value(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* vouchers.c */
enum cf_rc cf_handle_voucher(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* relay.c */
enum cf_rc cf_handle_relay(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* hub_api.c */
enum cf_rc cf_handle_hub_assign(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_hub_remove(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_hub_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_hub_relay(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_hub_report(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* order_book.c */
enum cf_rc cf_handle_till_order(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* quote.c */
enum cf_rc cf_handle_till_quote(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_quote_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_quote_use(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* orders_api.c */
enum cf_rc cf_handle_order_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_get(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_ready(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_answer(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_forget(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_cancel(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_move(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_order_force(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* rollouts_api.c */
enum cf_rc cf_handle_release_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_rollout_add(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_rollout_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_rollout_change(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_bundle(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* machines.c */
enum cf_rc cf_handle_machine_report(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_machine_list(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_machine_logs_ask(struct cf_central *, const struct cf_call *, struct cf_reply *,
                                      struct cf_error *);
enum cf_rc cf_handle_machine_logs_get(struct cf_central *, const struct cf_call *, struct cf_reply *,
                                      struct cf_error *);
enum cf_rc cf_handle_machine_logs(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* return_claims.c */
enum cf_rc cf_handle_till_sale(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* ingest.c */
enum cf_rc cf_handle_records(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* pull.c */
enum cf_rc cf_handle_pull(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_chunk(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
/* reports.c */
enum cf_rc cf_handle_grants(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_sales(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_terminal_report(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_alarms(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);
enum cf_rc cf_handle_health(struct cf_central *, const struct cf_call *, struct cf_reply *, struct cf_error *);

#endif
