/*
 * drivers/card/card.h - a card terminal that speaks ZVT over TCP, as a port of the till (drivers/port/pay_port.h).
 *
 * ZVT knows no ids of ours. Before each payment, reversal or refund the terminal repeats its last receipt, and that
 * receipt's number is the *mark* which the till journals; afterwards the terminal's newest receipt tells whether
 * anything came after it. That a terminal serves one till is assumed, and checked as far as it shows: what does not fit
 * is unknown. The reference of a payment is "terminal-receipt-trace". Blocks up to its time-outs; one thread.
 */
#ifndef CF_DRIVERS_CARD_CARD_H
#define CF_DRIVERS_CARD_CARD_H

#include "base/time.h"
#include "drivers/port/pay_port.h"

struct cf_card;

struct cf_card_config {
    const char *host;
    uint16_t port;
    const char *password;        /* six digits; NULL: 000000 */
    cf_duration connect_timeout; /* 0: 3 s */
    cf_duration answer_timeout;  /* for what the terminal does by itself; 0: 10 s */
    cf_duration payment_timeout; /* without a word while a shopper looks for a card; 0: 90 s */
};

/* Copies the config; connects when it is used. CF_E_ARGUMENT, CF_E_LIMIT. */
enum cf_rc cf_card_new(const struct cf_card_config *config, struct cf_card **ret, struct cf_error *err) CF_MUST_CHECK;
void cf_card_free(struct cf_card *card);
/* Valid until cf_card_free. */
struct cf_pay_port cf_card_port(struct cf_card *card);

#endif
