/*
 * app/terminal/fiscal_port.h - where a country's signing device (a TSE), or its chain law, plugs in.
 *
 * At the commit of a sale, of goods that come back and of cash besides them the till starts a transaction and finishes
 * it with what is owed by tax rate and how it was paid; what comes back is on the record and its receipt. A device that
 * fails never stops anything: record and receipt say that it failed. Nothing stands in the journal before the device
 * has finished: a crash in between leaves its transaction open, and what is done again starts one of its own. Without a
 * device the hash of the chain is what signs: its tag is on each receipt. Calls block up to a time-out of the
 * implementation's own, which is short: a shopper waits. One thread.
 */
#ifndef CF_TERMINAL_FISCAL_PORT_H
#define CF_TERMINAL_FISCAL_PORT_H

#include "app/core/drawer.h"
#include "app/core/open_return.h"
#include "app/core/order.h"

enum cf_fiscal_kind {
    CF_FISCAL_SALE = 1,
    CF_FISCAL_RETURN = 2,
    CF_FISCAL_VOID = 3,
    CF_FISCAL_OPEN_RETURN = 4, /* without a receipt */
    CF_FISCAL_DRAWER = 5,      /* cash that is no sale: float, paid in, paid out, drop */
    CF_FISCAL_PICK_UP = 6,     /* goods that were paid online are handed out: neither money nor tax here */
};
struct cf_fiscal_rate {
    uint32_t tax_bp;
    int64_t due_minor; /* of its goods after discounts, as the store states prices */
};
/* Amounts are below zero where the till gives: goods that come back, cash that leaves the drawer. */
struct cf_fiscal_facts {
    enum cf_fiscal_kind kind;
    uint64_t number; /* of sales and returns, in one row; an order's; 0: what happens to the drawer has none */
    enum cf_drawer_kind drawer; /* of CF_FISCAL_DRAWER, which has neither rates nor tax; else 0 */
    cf_wall at;
    cf_currency currency;
    enum cf_tax_mode tax_mode;
    int64_t total_minor, tax_minor;
    int64_t cash_minor, other_minor; /* change taken off */
    size_t n_rates;
    struct cf_fiscal_rate rates[CF_SALE_RATES_MAX];
};
struct cf_fiscal_ops {
    /* *ret_transaction: the device's own number. CF_E_FISCAL. */
    enum cf_rc (*start)(void *ctx, enum cf_fiscal_kind kind, uint64_t number, uint64_t *ret_transaction,
                        struct cf_error *err);
    /* Fills serial, counter and signature, and start_s and end_s if the device tells them. CF_E_FISCAL: nobody knows
     * whether the device has finished it. */
    enum cf_rc (*finish)(void *ctx, uint64_t transaction, const struct cf_fiscal_facts *facts,
                         struct cf_fiscal_answer *ret, struct cf_error *err);
};
struct cf_fiscal_port {
    const struct cf_fiscal_ops *ops; /* NULL: no device, the chain alone */
    void *ctx;
};

/* Ask the device; whatever comes of it becomes the record's `fiscal`, which says nothing if there is no device. What is
 * signed has passed its check and is committed next. */
void cf_fiscal_sign_sale(const struct cf_fiscal_port *port, struct cf_sale *sale, cf_wall at);
void cf_fiscal_sign_return(const struct cf_fiscal_port *port, struct cf_return *back, cf_wall at);
void cf_fiscal_sign_open_return(const struct cf_fiscal_port *port, struct cf_open_return *back, cf_wall at);
void cf_fiscal_sign_pick_up(const struct cf_fiscal_port *port, struct cf_pick_up *taken, cf_currency currency,
                            cf_wall at);
/* Of a no-sale or a count, which move no cash, it asks nothing. */
void cf_fiscal_sign_drawer(const struct cf_fiscal_port *port, struct cf_drawer_event *event, cf_currency currency,
                           cf_wall at);

#endif
