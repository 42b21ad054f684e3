/*
 * app/terminal/fiscal_port.h - where a country's signing device (a TSE), or its chain law, plugs in.
 *
 * At the commit of a sale the till starts a transaction and finishes it with what is owed by tax rate and how it was
 * paid; what comes back is on the sale's record and its receipt. A device that fails never stops a sale: the record and
 * the receipt say that it failed. Without a device the hash of the chain is what signs: its tag is on each receipt.
 * Calls block up to a time-out of the implementation's own, which is short: a shopper waits. One thread.
 */
#ifndef CF_TERMINAL_FISCAL_PORT_H
#define CF_TERMINAL_FISCAL_PORT_H

#include "app/core/sale.h"

struct cf_fiscal_rate {
    uint32_t tax_bp;
    int64_t due_minor; /* of its goods after discounts, as the store states prices */
};
struct cf_fiscal_facts {
    uint64_t sale_no;
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
    enum cf_rc (*start)(void *ctx, uint64_t sale_no, uint64_t *ret_transaction, struct cf_error *err);
    /* Fills serial, counter and signature. CF_E_FISCAL: nobody knows whether the device has finished it. */
    enum cf_rc (*finish)(void *ctx, uint64_t transaction, const struct cf_fiscal_facts *facts,
                         struct cf_sale_fiscal *ret, struct cf_error *err);
};
struct cf_fiscal_port {
    const struct cf_fiscal_ops *ops; /* NULL: no device, the chain alone */
    void *ctx;
};

/* CF_E_RANGE: more rates than a sale has. */
enum cf_rc cf_fiscal_facts_of(const struct cf_sale *sale, cf_wall at, struct cf_fiscal_facts *ret,
                              struct cf_error *err) CF_MUST_CHECK;
/* Asks the device; whatever comes of it is in *ret, which says nothing if there is no device. */
void cf_fiscal_sign(const struct cf_fiscal_port *port, const struct cf_sale *sale, cf_wall at,
                    struct cf_sale_fiscal *ret);

#endif
