/*
 * drivers/psp/psp.h - a payment provider that takes the codes which shoppers' phones show, as a port of the till.
 *
 * The provider's API is our own small definition (docs/payments.md): JSON by POST, each request idempotent by the id of
 * the payment. A gateway to a provider's real API is a program of its own that speaks this. The network is env's, so
 * TLS and time-outs are whose made it. One thread.
 */
#ifndef CF_DRIVERS_PSP_PSP_H
#define CF_DRIVERS_PSP_PSP_H

#include "base/env.h"
#include "drivers/port/pay_port.h"

#define CF_PSP_KEY_MAX 128

struct cf_psp;

/* `net` is borrowed; key is copied: what the provider knows this shop by. CF_E_ARGUMENT for a key that is empty, too
 * long or not printable ASCII. */
enum cf_rc cf_psp_new(const struct cf_env *net, const char *key, struct cf_psp **ret,
                      struct cf_error *err) CF_MUST_CHECK;
void cf_psp_free(struct cf_psp *psp);
struct cf_pay_port cf_psp_port(struct cf_psp *psp);

/* What an answer of the provider says. Pure; for psp.c and its tests. */
enum cf_psp_request { CF_PSP_PAY, CF_PSP_QUERY, CF_PSP_CLOSE, CF_PSP_REVERSE, CF_PSP_REFUND };
enum cf_psp_state {
    CF_PSP_UNKNOWN, /* no sense, or about something else */
    CF_PSP_PENDING, /* the shopper has to confirm it on the phone */
    CF_PSP_PAID,
    CF_PSP_DECLINED, /* or closed: it will never be paid */
    CF_PSP_REVERSED,
    CF_PSP_REFUNDED, /* of a refund's id */
    CF_PSP_NONE,     /* the provider never heard of this id */
    CF_PSP_REFUSED,  /* 400, 401, 403, 404 with an "error": this request was not carried out */
};
/* `status` is the HTTP status. *ret gets reference and text; its outcome is not written. */
enum cf_psp_state cf_psp_read(int status, cf_bytes body, const struct cf_pay_order *order, struct cf_pay_answer *ret);

#endif
