/*
 * app/counter/payers.h - who takes payments for a till, as its command line names them: a card terminal, a provider.
 */
#ifndef CF_COUNTER_PAYERS_H
#define CF_COUNTER_PAYERS_H

#include "app/counter/counter.h"

struct cf_card;
struct cf_psp;
struct cf_tls_net;

struct cf_payer_options {
    const char *card;          /* HOST:PORT of a terminal that speaks ZVT; NULL: none */
    const char *card_password; /* NULL: 000000 */
    const char *psp;           /* HOST:PORT of a provider; NULL: none */
    const char *psp_ca;        /* files: the certificate of the provider's CA, and what it knows the shop by */
    const char *psp_key;
};
struct cf_payers {
    struct cf_card *card;
    struct cf_psp *psp;
    struct cf_tls_net *net;
};

/* The options of a command that has ports, for getopt_long, and what each of them is; false: it is none of them. None
 * is a letter: those are the commands' own. */
#define CF_PAYER_OPTIONS                                                                                               \
    {"card", required_argument, NULL, 0x320}, {"card-password", required_argument, NULL, 0x321},                       \
        {"psp", required_argument, NULL, 0x322}, {"psp-ca", required_argument, NULL, 0x323},                           \
    {                                                                                                                  \
        "psp-key", required_argument, NULL, 0x324                                                                      \
    }
bool cf_payer_option(int option, const char *value, struct cf_payer_options *options);
/* Connects to nobody yet. Close with cf_payers_close. CF_E_ARGUMENT, and errors of the files. */
enum cf_rc cf_payers_open(const struct cf_payer_options *options, struct cf_payers *ret,
                          struct cf_error *err) CF_MUST_CHECK;
void cf_payers_close(struct cf_payers *payers);
/* The ports, into what a till is opened with. */
void cf_payers_put(const struct cf_payers *payers, struct cf_counter_options *options);

#endif
